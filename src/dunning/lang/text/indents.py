"""How deep a line was meant to stand, where its blanks do not say: from the lines around it, or not at all.

A line moved to the wrong level is a rule with another meaning, so what is not certain is left to its author.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import NamedTuple

from dunning.basis.finding import Text
from dunning.lang.text.layout import Draft

STEP = 2
TAB_STOPS = (2, 4, 8)
_SHAPE = re.compile(r"(?P<blanks>[ \t]*)(?P<dashes>(?:- +)*)(?P<key>\"[^\"]*\"|'[^']*'|[^\s\"'\[\]{}#:,|][^#:]*)?")


class Shape(NamedTuple):
    """What a line is to its neighbours: its blanks, whether it begins an item of a list, where what follows the dashes
    stands, its key (or nothing), and whether it only opens what stands below it.
    """

    blanks: int
    item: bool
    inner: int
    key: str
    opens: bool
    tabbed: bool


@dataclass(frozen=True, slots=True)
class Indent:
    """The blanks a line is most likely meant to have. `others`: what it may have as well, where it is
    not `sure`."""

    blanks: int
    others: tuple[int, ...] = ()
    sure: bool = True

    def told(self) -> Text:
        """`2 seems meant`, or that it is not certain, and between which levels."""
        if self.sure:
            return Text(f"看来应是 {self.blanks} 格", f"{self.blanks} seems meant")
        zh, en = (word.join(map(str, sorted((self.blanks, *self.others)))) for word in (" 格还是 ", " or "))
        return Text(f"应是 {zh} 格, 要看它属于哪一层", f"it may be {en}: it has to be seen what it belongs to")


def shape(line: str) -> Shape:
    """The shape of a line of code."""
    found = _SHAPE.match(line)
    assert found is not None  # every part of it may be empty
    code = line.split(" #")[0].rstrip()
    key = found["key"] if found["key"] and re.match(r"\s*:(?:\s|$)", code[found.end("key") :]) else ""
    blanks = len(found["blanks"])
    opens = (bool(key) and code.endswith(":")) or (bool(found["dashes"]) and code.endswith("-"))
    return Shape(blanks, bool(found["dashes"]), blanks + len(found["dashes"]), key, opens, "\t" in found["blanks"])


def widths(blanks: str) -> frozenset[int]:
    """How wide the start of a line may have looked to who wrote it: tabs have one width in one editor, another in the
    next.
    """
    return frozenset(len(blanks.expandtabs(stop)) for stop in TAB_STOPS)


def meant_indent(draft: Draft, number: int, written: str, wide: frozenset[int]) -> Indent:
    """The blanks that line `number` is meant to have: it says `written`, and looks as if it had one of `wide` (of tabs
    there are several).

    Sure if the lines above and below leave one level, or the width is nearer to one than to all others.
    """
    here, below, above = shape(written), _below(draft, number), _Above.of(draft, number)
    levels = above.levels(here, below, wide)
    fitting = [level for level in levels if above.fits(level, here, below)]
    if not fitting and len(wide) == 1 and _moves_along(here, below):
        fitting = list(levels)
    alike = above.tabbed.get((_blanks_of(written), here.item))
    if alike in fitting:
        return Indent(alike)
    near = sorted(fitting or levels or {0}, key=lambda level: (min(abs(level - width) for width in wide), -level))
    if fitting and (len(near) == 1 or _decided(near, wide)):
        return Indent(near[0])
    return Indent(near[0], tuple(near[1:3]), sure=False)


def block_indent(draft: Draft, number: int) -> int | None:
    """The blanks of the text that line `number` goes on with, where a block stands above it; None if it does not.

    The line itself does not tell, for its own blanks are what is wrong with it.
    """
    texts = [above for above in range(number - 1, 0, -1) if draft.line(above).strip()]
    if not texts or texts[0] not in draft.texts:
        return None
    first = next((above for above in texts if above - 1 not in draft.texts), texts[0])
    head, here, below = shape(draft.line(first - 1)), shape(draft.line(number)), _below(draft, number)
    goes_on = below is not None and below.blanks > head.inner and not here.opens
    if goes_on or ("|" in draft.line(number) and "|" in draft.line(texts[0])) or not (here.key or here.item):
        return len(draft.line(first)) - len(draft.line(first).lstrip(" "))
    return None


def _decided(levels: list[int], wide: frozenset[int]) -> bool:
    """Whether the width decides: it is nearer to the first of the levels than to any other, however wide a tab is."""
    first, *others = levels
    return all(abs(first - width) < abs(other - width) for width in wide for other in others)


def _blanks_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _moves_along(here: Shape, below: Shape | None) -> bool:
    """Whether the line below stands to this one as it should, wherever both are put."""
    return below is not None and (below.blanks > here.blanks if here.opens else below.blanks == here.blanks)


def is_odd(draft: Draft, number: int, after: int) -> bool:
    """Whether line `number`, the first of a level, is the one that stands wrong, and not line `after` below it.

    It is if the next one stands as that does.
    """
    here, below, above = shape(draft.line(number)), shape(draft.line(after)), _Above.of(draft, number)
    rest = (shape(line) for line in draft.lines[after:] if line.strip() and not line.lstrip().startswith("#"))
    beside = next((line for line in rest if line.blanks <= below.blanks), None)
    first = here.blanks not in above.items if here.item else above.opened is not None and not here.opens
    depth = here.blanks if here.item and below.item else here.inner
    outside = -1 if above.opened is None else above.opened.inner
    if beside is None or not first or below.blanks <= outside:
        return False
    return depth != below.blanks == beside.blanks and beside.item == below.item


def _below(draft: Draft, number: int) -> Shape | None:
    """The next line whose own blanks can be read; None if there is none to go by."""
    for line in draft.lines[number:]:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = shape(line)
        if not found.tabbed:
            return found
        if found.opens or found.item:
            return None
    return None


@dataclass(slots=True)
class _Above:
    """What is open above a line: levels of keys, with the keys that stand there, and of items; and the last line, if it
    is a key without a value. `tabbed` are the levels of lines that begin with tabs, by what they begin with and whether
    they are items, for one editor wrote them all.
    """

    keys: dict[int, set[str]]
    items: set[int]
    opened: Shape | None
    tabbed: dict[tuple[str, bool], int]

    @classmethod
    def of(cls, draft: Draft, number: int) -> _Above:
        keys: dict[int, set[str]] = {}
        items: set[int] = set()
        tabbed: dict[tuple[str, bool], int] = {}
        opened, last, floor = None, True, sys.maxsize
        for earlier in range(number - 1, 0, -1):
            text = draft.line(earlier)
            if not text.strip() or text.lstrip().startswith("#"):
                continue
            line = shape(text)
            if last and line.opens:
                opened = line
            last = False
            if earlier in draft.texts or earlier in draft.goes_on:
                continue
            written = _blanks_of(draft.original(earlier))
            if "\t" in written and line.blanks <= floor and earlier not in draft.guessed:
                tabbed.setdefault((written, line.item), line.blanks)
            if line.key and line.inner <= floor:
                keys.setdefault(line.inner, set()).add(line.key)
                floor = line.inner
            if line.item and (line.blanks < floor or line.blanks in items):
                items.add(line.blanks)
                floor = line.blanks
            if line.key and line.blanks == 0:
                break
        return cls(keys, items, opened, tabbed)

    def levels(self, here: Shape, below: Shape | None, wide: frozenset[int]) -> set[int]:
        """Where such a line can stand as far as the lines above go."""
        found = {level for level, keys in self.keys.items() if here.key not in keys} if not here.item else set()
        found |= self.items if here.item or not here.key else set()
        if self.opened is None:
            return found
        inner = self.opened.inner
        under = {inner + STEP}
        if below is not None and below.item == here.item and below.blanks > inner:
            under.add(below.blanks)
        return under if min(wide) > inner else found | under

    def fits(self, level: int, here: Shape, below: Shape | None) -> bool:
        """Whether the line below, where it stands, can follow a line at this level."""
        if below is None:
            return True
        inner = level + here.inner - here.blanks
        if here.opens:
            between = any(inner < other < below.blanks for other in self.keys)
            return (below.blanks > inner and not between) or (below.item and below.blanks == inner)
        if below.item == here.item and below.blanks == level:
            return True
        if here.item and here.key and not below.item and below.blanks == inner:
            return True
        return below.blanks <= level and below.blanks in (self.items if below.item else self.keys)
