"""Two records of one kind field by field: which say something else now, in words.

Every field of a record is looked at, whatever the record: a key that the language gets tomorrow is compared the day it
is there. What is only for people to read is told apart from what decides.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date
from difflib import unified_diff
from typing import Any, NamedTuple, TypeVar

from dunning.basis.finding import Text
from dunning.compare.difference import Part
from dunning.lang.words.meaning import canonical
from dunning.model.rulebook import Dated
from dunning.output.phrases import NOTHING, Phrases, label

T = TypeVar("T")

APART = frozenset({"at", "action_at", "file", "findings", "origins", "pack", "digest", "reviewed"})
"""Where and by whom something was written."""
READ_ONLY = frozenset({"title", "source", "covers", "cite", "owner"})
"""What people read and nothing is decided by."""


class Sides(NamedTuple):
    """How the old book speaks, and the new one."""

    old: Phrases
    new: Phrases


def meaning(value: Any) -> Hashable:
    """Something equal for what means the same."""
    return json.dumps(canonical(value), ensure_ascii=False, sort_keys=True)


def parts(old: Any, new: Any, sides: Sides, *, leave: Collection[str] = ()) -> tuple[list[Part], list[Part]]:
    """What differs in meaning, and what only reads otherwise; fields to `leave` are somebody else's."""
    meant: list[Part] = []
    read: list[Part] = []
    for name in (field.name for field in fields(old)):
        if name not in APART and name not in leave and meaning(getattr(old, name)) != meaning(getattr(new, name)):
            (read if name in READ_ONLY else meant).extend(_of_field(old, new, name, sides))
    return meant, read


def _of_field(old: Any, new: Any, name: str, sides: Sides) -> Iterator[Part]:
    before, after = getattr(old, name), getattr(new, name)
    if isinstance(before, Dated) and isinstance(after, Dated):
        yield from dated(label(name), name, before, after, sides)
    elif name == "text" and isinstance(before, str):
        yield from _lines(label(name), before, after)
    else:
        yield Part(label(name), sides.old.value(old, name), sides.new.value(new, name))


def dated(what: Text, name: str, old: Dated[Any], new: Dated[Any], sides: Sides) -> Iterator[Part]:
    """A dated value stretch by stretch: from which day on what was, and what is."""
    days = sorted({day for values in (old, new) for day, _ in values.steps})
    last: tuple[Hashable, Hashable] | None = None
    for day in days:
        before, after = old.on(day), new.on(day)
        pair = (meaning(before), meaning(after))
        if pair[0] != pair[1] and pair != last:
            since = Text(f" (自 {day} 起)", f" (from {day})") if day != date.min or len(days) > 1 else NOTHING
            told = [
                NOTHING if values.steps[0][0] > day else side.say(name, value)
                for side, values, value in zip(sides, (old, new), (before, after), strict=True)
            ]
            yield Part(what.joined(since) if day != date.min else what, *told)
        last = pair


def _lines(what: Text, old: str, new: str) -> Iterator[Part]:
    """A text by the lines that are gone and those that are new."""
    changed = list(unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm=""))[2:]
    gone = "\n".join(line[1:] for line in changed if line.startswith("-"))
    fresh = "\n".join(line[1:] for line in changed if line.startswith("+"))
    yield Part(what, Text(gone, gone), Text(fresh, fresh))


# Lists of records


class Pairing(NamedTuple):
    """A record with the one that took its place; None where it is new, or gone."""

    old: Any
    new: Any


def paired(old: Iterable[T], new: Iterable[T], *keys: Callable[[T], Hashable]) -> list[Pairing]:
    """Records of two lists that differ: those that share a key, the first key first, then those left over."""
    gone, fresh = _without_equals(list(old), list(new))
    found: list[Pairing] = []
    for key in keys:
        for one in list(gone):
            other = next((each for each in fresh if key(each) == key(one)), None)
            if other is not None:
                found.append(Pairing(one, other))
                gone.remove(one)
                fresh.remove(other)
    return [*found, *(Pairing(one, None) for one in gone), *(Pairing(None, one) for one in fresh)]


def _without_equals(old: Sequence[T], new: Sequence[T]) -> tuple[list[T], list[T]]:
    left = [(meaning(one), one) for one in new]
    gone = []
    for one in old:
        place = next((place for place, (said, _) in enumerate(left) if said == meaning(one)), None)
        if place is None:
            gone.append(one)
        else:
            left.pop(place)
    return gone, [one for _, one in left]


def of_list(
    what: Text, name: str, old: Iterable[Any], new: Iterable[Any], sides: Sides, *keys: Callable[[Any], Hashable]
) -> tuple[list[Part], list[Part]]:
    """A list of nameless records (caps, rows of discounts): each that is gone, new, or says something else now."""
    meant: list[Part] = []
    read: list[Part] = []
    for one, other in paired(old, new, *keys):
        if one is not None and other is not None and not parts(one, other, sides)[0]:
            read += parts(one, other, sides)[1]
        else:
            meant.append(Part(what, *(_said(side, name, each) for side, each in zip(sides, (one, other), strict=True))))
    return meant, read


def _said(phrases: Phrases, name: str, record: Any) -> Text:
    return NOTHING if record is None else phrases.say(name, record)


def only(record: Any, phrases: Phrases, *, leave: Collection[str] = ()) -> list[Part]:
    """All that a record says, of one that is new; `flipped` for one that is gone."""
    names = [field.name for field in fields(record) if field.name not in APART | READ_ONLY | {"id", "number", *leave}]
    said = canonical(record)
    return [Part(label(name), NOTHING, phrases.value(record, name)) for name in names if name in said]


def flipped(found: Iterable[Part]) -> list[Part]:
    """What is new as if it were gone."""
    return [Part(part.what, part.new, part.old) for part in found]
