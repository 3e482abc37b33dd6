"""Cells of tables: the notation for what is more than one value, and how Chinese words and Excel's forms are read.

A cell is text. What a cell says is turned into what JSON would say, and the schema judges that: one set of refusals for
every format. Where a cell says nothing that can be read, it is passed on as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, get_args, get_origin

from dunning.intake.headers import FALSE, TRUE, is_closed, list_named, without_none, words
from dunning.model.account import Instalment, Part, Settled


class Fault(NamedTuple):
    """What is wrong with a row or one of its cells: a finding code, the column from 0 (-1: the row), what it needs."""

    code: str
    column: int
    args: dict[str, Any]


class Row(NamedTuple):
    """A row of a table: `number` as an editor or spreadsheet counts it, its cells stripped."""

    number: int
    cells: list[str]
    faults: tuple[Fault, ...] = ()


Convert = Callable[[str], Any]

NONE = "[]"  # a list that is there and has nothing in it, as against one that is not there

_SEPARATOR = re.compile(r"[;；]")
_ESCAPED = re.compile(r"\\(.)|[;；]", re.DOTALL)
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:([T ])(.+))?", re.DOTALL)
_SHORT_HOUR = re.compile(r"[0-9]:[0-9]{2}")
_MIDNIGHT = re.compile(r"0?0:00(:00(\.0+)?)?")
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")


def reader(hint: Any) -> Convert | None:
    """What turns a cell of a column of that type into a value of JSON; None where the text is the value already."""
    hint = without_none(hint)
    if hint is bool:
        return truth
    if hint is date:
        return day
    if hint is datetime:
        return moment
    if is_closed(hint):
        return _word(hint)
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        if item is Settled:
            return settles
        if item is Instalment:
            return instalments
        inner = reader(item)
        return parts if inner is None else lambda cell: [inner(part) for part in parts(cell)]
    return None


# Reading


def truth(cell: str) -> bool | str:
    """是, true, 1 ... and 否, false, 0 ...; other words stay."""
    word = cell.lower()
    return True if word in TRUE else False if word in FALSE else cell


@lru_cache(1 << 14)
def day(cell: str) -> str:
    """2026/1/15 and 2026年1月15日, as Excel and ERPs write days, are the ISO day; so is a time at midnight."""
    found = _YEAR_FIRST.fullmatch(cell)
    if found is None:
        return cell
    year, month, in_month, _, time = found.groups()
    return cell if time and not _MIDNIGHT.fullmatch(time) else f"{year}-{month:>02}-{in_month:>02}"


def moment(cell: str) -> str:
    """The same for times: 2026/2/1 9:05 is 2026-02-01T09:05."""
    found = _YEAR_FIRST.fullmatch(cell)
    if found is None or not found[5]:
        return cell
    year, month, in_month, _, time = found.groups()
    time = f"0{time}" if _SHORT_HOUR.match(time) else time
    return f"{year}-{month:>02}-{in_month:>02}T{time}"


def _word(hint: Any) -> Convert:
    known: Mapping[str, str] = words(hint)
    return lambda cell: known.get(cell.lower(), cell)


def parts(cell: str) -> list[str]:
    """The items of `a;b`; a backslash keeps the semicolon (or backslash) after it part of the item."""
    if cell == NONE:
        return []
    if "\\" not in cell:
        found = _SEPARATOR.split(cell)
    else:
        found, last = [""], 0
        for each in _ESCAPED.finditer(cell):
            found[-1] += cell[last : each.start()]
            last = each.end()
            if each[1] is None:
                found.append("")
            else:
                found[-1] += each[1]
        found[-1] += cell[last:]
    return [item for item in map(str.strip, found) if item]


def settles(cell: str) -> list[Any]:
    """`charge:part:amount;...`, the part in either language."""
    lines: list[Any] = []
    for part in parts(cell):
        fields = part.rsplit(":", 2)
        known: Any = part
        if len(fields) == 3:
            kind = words(Part).get(fields[1].strip().lower(), fields[1].strip())
            known = {"charge": fields[0].strip(), "part": kind, "amount": fields[2].strip()}
        lines.append(known)
    return lines


def instalments(cell: str) -> list[Any]:
    """`date:amount;...`."""
    lines: list[Any] = []
    for part in parts(cell):
        due, colon, amount = part.partition(":")
        lines.append({"due": day(due.strip()), "amount": amount.strip()} if colon else part)
    return lines


def attribute(cell: str) -> str | int | bool:
    """A whole number, true, false (是, 否), or the text as it stands."""
    if _WHOLE.fullmatch(cell) and cell != "-0":
        return int(cell)
    return {"true": True, "是": True, "false": False, "否": False}.get(cell.lower(), cell)


def unknowns(cell: str) -> list[str]:
    """Names of lists, in either language, and of fields."""
    return [list_named(part) or part for part in parts(cell)]


def place(cell: str) -> str:
    """330106, as ERPs have it, is CN-330106."""
    return f"CN-{cell}" if cell.isascii() and cell.isdigit() and len(cell) in (2, 4, 6) else cell


# Writing


def joined(items: Sequence[str]) -> str:
    """`a;b`, the inverse of `parts`."""
    if not items:
        return NONE
    cell = ";".join(re.sub(r"([\\;；])", r"\\\1", item) for item in items)
    return "\\[]" if cell == NONE else cell
