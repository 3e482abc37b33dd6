"""A period that one column tells: `2026-01`, `202601`, `2026年1月`, `2026-Q1`, `2026上半年`, `202601-202603`.

Most bills of property fees say the month they are for and no days; the days are its first and its last.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

Days = tuple[date, date]

MONTHS: Mapping[str, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
"""What a period is that a day tells, by how many months it has."""

_NUMERALS = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}
_YEAR = r"((?:19|20|21)\d{2})"
# After a point both digits are wanted: 2026.10 that went through a spreadsheet is 2026.1.
_MONTH = re.compile(rf"{_YEAR}(?:[-/年](\d{{1,2}})|\.?(\d{{2}}))(?:月(?:份|度)?)?")
_QUARTER = re.compile(rf"{_YEAR}[-/.年]?(?:Q([1-4])|第?([1-4一二三四])季度?)", re.IGNORECASE)
_HALF = re.compile(rf"{_YEAR}[-/.年]?(?:H([12])|([上下])半年)", re.IGNORECASE)
_WHOLE = re.compile(rf"{_YEAR}(?:年度?)?")
_DAY = re.compile(rf"{_YEAR}(?:[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})日?|(\d{{2}})(\d{{2}}))")
_WITHIN_A_YEAR = re.compile(rf"{_YEAR}年(\d{{1,2}})月?[-~—–至到](\d{{1,2}})月(?:份)?")
_BETWEEN = re.compile(r"[-~—–至到]+")


def period_of(text: str) -> Days | None:
    """The first and the last day of the period a text tells; None if it tells none, or might tell another."""
    text = "".join(unicodedata.normalize("NFKC", text).split())
    if _DAY.fullmatch(text):
        return None
    found = _one(text) or _within_a_year(text)
    if found is not None:
        return found
    ranges = {(start[0], end[1]) for start, end in _ranges(text) if start[0] <= end[1]}
    return ranges.pop() if len(ranges) == 1 else None


def around(day: date, length: str) -> Days:
    """The month, quarter, half-year or year a day is in."""
    months = MONTHS[length]
    return _of(day.year, (day.month - 1) // months * months + 1, months)


def _of(year: int, month: int, months: int) -> Days:
    """So many months from the first of one on."""
    after = year * 12 + month - 1 + months
    return date(year, month, 1), date(after // 12, after % 12 + 1, 1) - timedelta(days=1)


def _one(text: str) -> Days | None:
    """A month, a quarter, half a year or a year."""
    if (found := _MONTH.fullmatch(text)) is not None:
        month = int(found[2] or found[3])
        return _of(int(found[1]), month, 1) if 1 <= month <= 12 else None
    for pattern, months in ((_QUARTER, 3), (_HALF, 6)):
        if (found := pattern.fullmatch(text)) is not None:
            said = found[2] or found[3]
            return _of(int(found[1]), (_NUMERALS.get(said) or int(said)) * months - months + 1, months)
    found = _WHOLE.fullmatch(text)
    return None if found is None else _of(int(found[1]), 1, 12)


def _within_a_year(text: str) -> Days | None:
    """2026年1-3月."""
    found = _WITHIN_A_YEAR.fullmatch(text)
    if found is None:
        return None
    year, first, last = map(int, found.groups())
    return _of(year, first, last - first + 1) if 1 <= first <= last <= 12 else None


def _ranges(text: str) -> Iterator[tuple[Days, Days]]:
    """Two periods or two days, with a dash or the like between them."""
    for cut in _BETWEEN.finditer(text):
        for read in (_one, _day):
            start, end = read(text[: cut.start()]), read(text[cut.end() :])
            if start is not None and end is not None:
                yield start, end


def _day(text: str) -> Days | None:
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    try:
        day = date(int(found[1]), int(found[2] or found[4]), int(found[3] or found[5]))
    except ValueError:
        return None
    return day, day
