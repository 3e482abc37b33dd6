"""A value of a rule file by its path (`late_fee.cap`, `tables.account_grade.5.欠费金额`), and what to try instead.

The value is changed in the text of the file and nowhere else, so that a variant is read and checked like any rule file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.engine.known.catalogue import CATALOGUE
from dunning.lang.text import positions as yaml
from dunning.lang.text.edit import Edit
from dunning.lang.text.keys import english
from dunning.lang.text.names import did_you_mean, nearest
from dunning.lang.words.grids import read_grid

STEPS = 6
"""Values between two ends, both counted, if it is not said how many."""

MOST = 60
"""Values of one parameter: a drawing has no room for more."""

_AMOUNT = re.compile(
    r"(?<![A-Za-z0-9_.:])(\d{1,2}:\d{2}|\d+(?:\.\d+)?)\s*(‰|%|亿元|万元|元|万|个月|小时|工作日|天|日|周|月|年|期|次|户|件|wd|mo|[dhwy])?"
)
_NTH = re.compile(r"(.*)\[(\d+)\]")
_NAMED_BY = ("id", "step", "offer", "title")
"""What an item of a list is called by."""


@dataclass(frozen=True, slots=True)
class Param:
    """What to change and what to try. `book`: the book's name, where several have the value; `nth`: which number of
    it, from 1, where it has several.
    """

    book: str
    path: tuple[str, ...]
    nth: int
    values: tuple[str, ...]
    written: str

    @property
    def name(self) -> str:
        return ".".join(self.path)


class Spot(NamedTuple):
    """Where a value stands: the file, the characters, and what is written there now."""

    file: Path
    line: int
    column: int
    end: int
    now: str

    def edit(self, value: str) -> Edit:
        """What makes it another value; one without a unit keeps the unit that is there."""
        return Edit(self.line, self.column, self.end, with_unit(value, self.now))


def with_unit(value: str, now: str) -> str:
    """A value with the unit of another one, unless it has its own."""
    unit = amount(now)[1]
    return value if amount(value)[1] or not unit else value + now.removeprefix(amount(now)[0])


def param(text: str, steps: int | None = None) -> Param:
    """`late_fee.cap=3%..8%`, `residential:tables.account_grade.5.欠费金额=5000元,8000元`; UsageError for neither."""
    path, equals, said = text.partition("=")
    if not equals or not path.strip() or not said.strip():
        raise UsageError(
            Text(
                f"--param {text}: 写成 路径=从..到, 如 late_fee.cap=3%..8%, 或 路径=值,值,值",
                f"--param {text}: write PATH=FROM..TO, as in late_fee.cap=3%..8%, or PATH=VALUE,VALUE",
            )
        )
    book, colon, rest = path.strip().rpartition(":")
    nth = 0
    if found := _NTH.fullmatch(rest):
        rest, nth = found[1], int(found[2])
    return Param(book if colon else "", tuple(rest.split(".")), nth, tuple(_values(said.strip(), text, steps)), text)


def _values(said: str, text: str, steps: int | None) -> Iterator[str]:
    first, dots, last = said.partition("..")
    if not dots:
        yield from (each.strip() for each in re.split(r"[,、]", said) if each.strip())
        return
    low, unit = amount(first.strip() + ("" if amount(first)[1] else amount(last)[1]))
    high, other = amount(last.strip())
    if not low or not high or unit != other or ":" in low + high:
        zh, en = f"--param {text}: 两头要是同一单位的数", f"--param {text}: both ends must be numbers of one unit"
        raise UsageError(Text(zh, en))
    yield from _between(low, high, unit, text, steps)


def _between(low: str, high: str, unit: str, text: str, steps: int | None) -> Iterator[str]:
    """So many values evenly apart; whole numbers stay whole where they count something, and shares where they can."""
    count = min(steps or STEPS, MOST)
    if count < 2 or Fraction(low) == Fraction(high):
        zh, en = f"--param {text}: 至少两个不同的值", f"--param {text}: two different values at least"
        raise UsageError(Text(zh, en))
    digits = max(len(each.partition(".")[2]) for each in (low, high))
    finer = digits + 2 if unit in ("%", "‰") or digits else 0
    seen: set[str] = set()
    for place in range(count):
        value = Fraction(low) + (Fraction(high) - Fraction(low)) * Fraction(place, count - 1)
        shown = f"{Decimal(value.numerator) / Decimal(value.denominator):.{finer}f}"
        shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
        if shown not in seen:
            seen.add(shown)
            yield f"{shown}{unit}"


def amount(text: str) -> tuple[str, str]:
    """Number and unit of a value; nothing where it is no number."""
    found = _AMOUNT.fullmatch(text.strip())
    return ("", "") if found is None else (found[1], found[2] or "")


# Where it stands


def spot(wanted: Param, root: yaml.Node, lines: Sequence[str], file: Path, on: date) -> Spot | None:
    """Where the value stands in a file; None if the file says nothing of it. UsageError if it is not one number.

    Of a value with dates the one in force on the day is meant.
    """
    node = _at(root, list(wanted.path), on)
    if node is None:
        return None
    if not isinstance(node, yaml.Scalar):
        zh = f"--param {wanted.written}: {file.name} 里这一处有好几个值; 路径再写细一些{_inside(node).zh}"
        en = f"--param {wanted.written}: several values stand there in {file.name}; say which{_inside(node).en}"
        raise UsageError(Text(zh, en))
    at = node.span
    line = lines[at.line - 1]
    found = list(_AMOUNT.finditer(line, at.column - 1, max(at.end - 1, at.column - 1) or len(line)))
    if not found and node.text and all(amount(value) == ("", "") for value in wanted.values):
        return Spot(file, at.line, at.column, at.end, line[at.column - 1 : at.end - 1])
    if not found:
        zh, en = f"“{node.text}”里没有数" if node.text else "这一处是空的", f"`{node.text}` is no number"
        if "\n" in node.text:
            zh, en = "这一处是整张表" + _CELL.zh, "a whole table stands there" + _CELL.en
        raise UsageError(Text(f"--param {wanted.written}: {zh}", f"--param {wanted.written}: {en}"))
    if not 0 <= wanted.nth <= len(found) or (len(found) > 1 and not wanted.nth):
        several = "、".join(each[0].strip() for each in found)
        zh = (
            f"--param {wanted.written}: “{node.text}”里有 {len(found)} 个数 ({several}); 写 {wanted.name}[1] 表示第一个"
        )
        en = f"--param {wanted.written}: `{node.text}` has {len(found)} numbers; write {wanted.name}[1] for the first"
        raise UsageError(Text(zh, en))
    hit = found[max(wanted.nth, 1) - 1]
    return Spot(file, at.line, hit.start() + 1, hit.start() + len(hit[0].rstrip()) + 1, hit[0].rstrip())


def unknown(wanted: Param, roots: Sequence[yaml.Node], on: date) -> UsageError:
    """Nobody has such a value; the nearest name where the path ends to be known."""
    depth, node = max(((_known(root, wanted.path, on), root) for root in roots), key=lambda each: each[0][0])[0]
    names = _names(node)
    hint = did_you_mean(nearest(wanted.path[min(depth, len(wanted.path) - 1)], names))
    if "grid" in names or "rows" in names:
        hint = _CELL
    there = f"; 那里有 {'、'.join(names[:8])}" if names and not hint.zh else ""
    there_en = f"; there is {', '.join(names[:8])}" if names and not hint.en else ""
    return UsageError(
        Text(
            f"--param {wanted.written}: 规则里没有 {wanted.name}{there}",
            f"--param {wanted.written}: the rules have no {wanted.name}{there_en}",
        ).joined(hint)
    )


_CELL = Text("; 表里的一格写 tables.表名.行号.列名", "; a cell of a table is written tables.TABLE.ROW.COLUMN")


def _known(root: yaml.Node, path: Sequence[str], on: date) -> tuple[int, yaml.Node]:
    """How many names of a path are known, and the node they lead to."""
    for count in range(len(path), 0, -1):
        node = _at(root, list(path[:count]), on)
        if node is not None:
            return count, node
    return 0, root


def _inside(node: yaml.Node) -> Text:
    names = _names(node)[:8]
    return Text(f": {'、'.join(names)}", f": {', '.join(names)}") if names else Text("", "")


def _names(node: yaml.Node) -> list[str]:
    match node:
        case yaml.Mapping():
            return [name.text for name, _ in node.entries]
        case yaml.Sequence():
            return [str(number) for number in range(1, len(node.items) + 1)]
    return []


def _at(node: yaml.Node, path: list[str], on: date) -> yaml.Node | None:
    """The node a path leads to."""
    if not path:
        return _in_force(node, on)
    name, rest = path[0], path[1:]
    match node:
        case yaml.Mapping():
            inner = next((value for key, value in node.entries if _same(key.text, name)), None)
            if inner is None:
                inner = next((value for _, value in node.entries if _called(value, name)), None)
            if inner is not None:
                return _at(inner, rest, on)
            if name.isdigit():
                return _row(node, int(name), rest, on)
            when = node.get("when") or node.get("条件")
            return None if when is None else _at(when, path, on)
        case yaml.Sequence():
            if name.isdigit() and 0 < int(name) <= len(node.items):
                return _at(node.items[int(name) - 1], rest, on)
            inner = next((item for item in node.items if _called(item, name)), None)
            return None if inner is None else _at(inner, rest, on)
    return None


def _row(table: yaml.Mapping, number: int, rest: list[str], on: date) -> yaml.Node | None:
    """A row of a table by its number, whether it is written as a list or drawn as a grid."""
    rows = table.get("rows") or table.get("行")
    if rows is not None:
        return _at(rows, [str(number), *rest], on)
    block = table.get("grid") or table.get("表格")
    grid = read_grid(block) if isinstance(block, yaml.Scalar) else None
    if grid is None or not 0 < number <= len(grid.rows) or len(rest) != 1:
        return None
    for head, cell in zip(grid.heads, grid.rows[number - 1], strict=False):
        if _same(head.text.removeprefix("=>").strip(), rest[0]):
            return yaml.Scalar(cell.text, cell.at)
    return None


def _in_force(node: yaml.Node, on: date) -> yaml.Node:
    """Of a value with dates the one of the day, before the first of them that one."""
    if isinstance(node, yaml.Mapping) and node.entries:
        dated = [(_day(key.text), value) for key, value in node.entries]
        days = [(day, value) for day, value in dated if day is not None]
        if len(days) == len(dated):
            return max(((day, value) for day, value in days if day <= on), default=days[0], key=lambda each: each[0])[1]
    return node


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _called(node: yaml.Node, name: str) -> bool:
    """Whether an item has that id, step, offer or title."""
    if not isinstance(node, yaml.Mapping):
        return False
    named = [value for key, value in node.entries if english(key.text)[0] in _NAMED_BY]
    return any(isinstance(value, yaml.Scalar) and value.text == name for value in named)


def _same(key: str, name: str) -> bool:
    return key == name or english(key)[0] == english(name)[0] or _fact(key) == _fact(name)


def _fact(word: str) -> str:
    return next((fact for fact, known in CATALOGUE.items() if word in (fact, known.title.zh)), word)
