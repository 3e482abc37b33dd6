"""Everything in a book but its tables and steps, clause by clause: money, facts, limits, pauses, offers, wording.

A clause is what a reviewer would point at, with the name it has everywhere (`late_fee`, `contact`, `relief.hardship`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from dunning.basis.finding import Text
from dunning.basis.span import Span
from dunning.compare.difference import Change, How, Move, Part
from dunning.compare.occasions import of_governor, of_ladder
from dunning.compare.parts import Sides, flipped, meaning, of_list, only, paired, parts
from dunning.compare.witnesses import Trial, of_money
from dunning.engine.known.catalogue import ITEMS
from dunning.lang.words import words
from dunning.model.account import Item
from dunning.model.condition import Type
from dunning.model.rulebook import LateFee, OwnFact, RuleBook
from dunning.model.steps import ContactClass, DayKind, Limit
from dunning.output.phrases import NOTHING, Phrases, joined, label

Found = tuple[Change, bool]
"""A change, and whether it is one of meaning."""


def head(old: RuleBook, new: RuleBook, sides: Sides) -> Iterator[Found]:
    """When and for whom the book is; its names."""
    yield from _fields("in_force", ("since", "until"), old, new, sides)
    yield from _fields("applies", ("applies", "track"), old, new, sides)
    names = ("title", "version", "owner", "name", "community", "based_on", "law")
    yield from _fields("rulebook", names, old, new, sides, read=names)


def money(trial: Trial, old: RuleBook, new: RuleBook, sides: Sides) -> Iterator[Found]:
    """The terms of the late fee, how payments are booked, and which items are chased."""
    for one, other in paired(old.late_fees, new.late_fees, lambda terms: frozenset(terms.items), lambda _: ""):
        yield from _terms(trial, one, other, sides)
    bearing = tuple(dict.fromkeys(item for book in (old, new) for terms in book.late_fees for item in terms.items))
    meant, read = parts(old.payments, new.payments, sides)
    if meant or read:
        moves = tuple(of_money(trial, bearing or ("property_fee",))) if meant and _same_fees(old, new) else ()
        yield (
            Change(clause="payments", title=label("payments"), how="changed", parts=(*meant, *read), moves=moves),
            bool(meant),
        )
    if set(old.chased) != set(new.chased):
        part = Part(label("chased"), sides.old.say("items", old.chased), sides.new.say("items", new.chased))
        yield Change(clause="items", title=label("items"), how="changed", parts=(part,)), True


def _same_fees(old: RuleBook, new: RuleBook) -> bool:
    return meaning(old.late_fees) == meaning(new.late_fees)


def _terms(trial: Trial, old: LateFee | None, new: LateFee | None, sides: Sides) -> Iterator[Found]:
    terms = new or old
    assert terms is not None  # one of a pair
    items = joined(ITEMS[item] for item in terms.items)
    title = Text(f"违约金 ({items.zh})", f"late fee ({items.en})")
    both: tuple[Item, ...] = tuple(dict.fromkeys((*(old.items if old else ()), *(new.items if new else ()))))
    meant, read, how = _of_pair(old, new, sides)
    moves = tuple(of_money(trial, both)) if meant else ()
    at = (None if old is None else old.at, None if new is None else new.at)
    yield (
        Change(clause="late_fee", title=title, how=how, parts=(*meant, *read), moves=moves, old_at=at[0], new_at=at[1]),
        bool(meant),
    )


def _of_pair(old: Any, new: Any, sides: Sides) -> tuple[list[Part], list[Part], How]:
    """What is said of a record that changed, or all that one says which is new or gone."""
    if old is None:
        return only(new, sides.new), [], "added"
    if new is None:
        return flipped(only(old, sides.old)), [], "removed"
    return *parts(old, new, sides), "changed"


def _fields(
    clause: str, names: Iterable[str], old: Any, new: Any, sides: Sides, *, read: Iterable[str] = ()
) -> Iterator[Found]:
    """Some fields of the book itself."""
    changed = [name for name in names if meaning(getattr(old, name)) != meaning(getattr(new, name))]
    told = [Part(label(name), sides.old.value(old, name), sides.new.value(new, name)) for name in changed]
    if told:
        yield (
            Change(clause=clause, title=label(clause), how="changed", parts=tuple(told)),
            not set(changed) <= set(read),
        )


# Things with a name


def named(
    section: str, old: Mapping[str, Any], new: Mapping[str, Any], sides: Sides, names: Mapping[str, str] | None = None
) -> Iterator[Found]:
    """Records by id: facts, actions, offers, templates."""
    before = {(names or {}).get(name, name): record for name, record in old.items()}
    for name in [*new, *(name for name in before if name not in new)]:
        one, other = before.get(name), new.get(name)
        if one is not None and other is not None and meaning(one) == meaning(other):
            continue
        meant, read, how = _of_pair(one, other, sides)
        if meant or read or how != "changed":
            yield Change(
                clause=f"{section}.{name}", title=_named(section, name, other or one), how=how,
                parts=(*meant, *read), old_at=getattr(one, "at", None), new_at=getattr(other, "at", None),
            ), bool(meant) or how != "changed"  # fmt: skip


def _named(section: str, name: str, record: Any) -> Text:
    kind, title = _SECTIONS.get(section, label(section)), getattr(record, "title", "")
    told = title if isinstance(title, Text) else Text(title, "")
    zh = f"{kind.zh}“{told.zh}” ({name})" if told.zh not in ("", name) else f"{kind.zh} {name}"
    return Text(zh, f"{kind.en} {name}")


_SECTIONS: Mapping[str, Text] = {
    "facts": Text("事实", "fact"),
    "actions": Text("动作", "action"),
    "relief": Text("减免", "relief"),
    "templates": Text("模板", "template"),
}


def facts(old: RuleBook, new: RuleBook, sides: Sides) -> Iterator[Found]:
    """The book's own facts; new titles of their words are read and not meant."""
    for change, meant in named("facts", old.facts, new.facts, sides):
        name = change.clause.partition(".")[2]
        pair = (old.facts.get(name), new.facts.get(name))
        if meant and pair[0] is not None and pair[1] is not None:
            meant = meaning(_untitled(pair[0])) != meaning(_untitled(pair[1]))
        yield change, meant


def _untitled(fact: OwnFact) -> OwnFact:
    values = None if fact.type.values is None else dict.fromkeys(fact.type.values, NOTHING)
    return replace(fact, title=NOTHING, type=Type(fact.type.kind, values, fact.type.unit))


# Lists of things without a name


def limits(trial: Trial, old: RuleBook, new: RuleBook, sides: Sides) -> Iterator[Found]:
    """The governor: hours, caps, quotas, how fresh the data must be."""
    one, other = old.contact, new.contact
    meant, read = parts(one, other, sides, leave=("windows", "caps", "quotas"))
    meant += _hours(old, new, sides)
    for name in ("caps", "quotas"):
        more = of_list(label(name), name, getattr(one, name), getattr(other, name), sides, _of_per_when, _of_per)
        meant += more[0]
        read += more[1]
    moves = of_governor(trial, one) if meant else ()
    yield from _told("contact", meant, read, one.at, other.at, moves=moves)


def _of_per_when(limit: Limit) -> Hashable:
    return limit.of, limit.per, meaning(limit.when)


def _of_per(limit: Limit) -> Hashable:
    return limit.of, limit.per


def _hours(old: RuleBook, new: RuleBook, sides: Sides) -> Iterator[Part]:
    windows = (old.contact.windows, new.contact.windows)
    kinds: list[ContactClass] = list(dict.fromkeys(kind for each in windows for kind in each))
    days: tuple[DayKind, ...] = ("workday", "rest_day", "festival")
    for kind in kinds:
        hours = [each.get(kind) for each in windows]
        for day in days:
            said = [None if each is None else each.get(day, ()) for each in hours]
            if said[0] != said[1]:
                what = Text(
                    f"{words.CLASSES[kind].zh}时段 ({words.DAYS[day].zh})", f"hours of {kind} ({words.DAYS[day].en})"
                )
                yield Part(what, *(_of_day(phrases, each) for phrases, each in zip(sides, said, strict=True)))


def _of_day(phrases: Phrases, hours: Any) -> Text:
    if hours is None:
        return Text("没有规定", "not limited")
    return phrases.say("windows", hours) if hours else Text("不联系", "none")


def _told(
    clause: str,
    meant: list[Part],
    read: list[Part],
    old_at: Span | None = None,
    new_at: Span | None = None,
    *,
    moves: Iterable[Move] = (),
) -> Iterator[Found]:
    if meant or read:
        yield (
            Change(
                clause=clause,
                title=label(clause),
                how="changed",
                parts=(*meant, *read),
                moves=tuple(moves),
                old_at=old_at,
                new_at=new_at,
            ),
            bool(meant),
        )


def lists(old: RuleBook, new: RuleBook, sides: Sides) -> Iterator[Found]:
    """Pauses, discounts, targets, what is declined, what was retired, and who cannot exist."""
    keys: Mapping[str, tuple[Callable[[Any], Hashable], ...]] = {
        "pauses": (lambda pause: meaning(pause.while_), lambda pause: meaning(pause.stops)),
        "targets": (lambda target: target.measure,),
        "declined": (lambda one: (one.item, one.says), lambda one: one.item),
        "retired": (lambda one: one.name,),
        "impossible": (),
    }
    for name, by in keys.items():
        yield from _told(
            "dropped" if name == "retired" else name,
            *of_list(label(name), name, getattr(old, name), getattr(new, name), sides, *by),
        )
    meant, read = parts(old.incentives, new.incentives, sides, leave=("rows",))
    rows = of_list(label("rows"), "rows", old.incentives.rows, new.incentives.rows, sides, lambda row: row.title)
    yield from _told("incentives", [*meant, *rows[0]], [*read, *rows[1]])
    yield from _told("promises", *parts(old.promises, new.promises, sides))


def ladder(trial: Trial, old: RuleBook, new: RuleBook, sides: Sides) -> Iterator[Found]:
    """What holds for the whole ladder: catching up, the gap between contacts, what follows the last rung."""
    one, other = old.ladder, new.ladder
    meant, read = parts(one, other, sides, leave=("steps",))
    moves = of_ladder(trial, one) if meant else ()
    yield from _told("ladder", meant, read, one.at, other.at, moves=moves)


def relief(old: RuleBook, new: RuleBook, sides: Sides) -> Iterator[Found]:
    """What may be offered: each offer, and their order."""
    by_id = [{offer.id: offer for offer in book.relief} for book in (old, new)]
    yield from named("relief", by_id[0], by_id[1], sides)
    order = [[name for name in names if name in by_id[0] and name in by_id[1]] for names in by_id]
    if order[0] != order[1]:
        told = [joined((Text(name, name) for name in names), Text(" → ", " → ")) for names in order]
        yield (
            Change(clause="relief", title=label("relief"), how="moved", parts=(Part(Text("次序", "order"), *told),)),
            True,
        )
