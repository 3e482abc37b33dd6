"""What other sections write beside conditions: amounts, rates, lengths of time, anchors, hours, counts, shares.

Each reader answers the typed value or None, with its findings, and never raises: sections read on past a wrong line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from fractions import Fraction
from typing import TypeVar, get_args

from dunning.basis.errors import MoneyError
from dunning.basis.finding import Finding, Text
from dunning.basis.money import Fen, Rate, parse_rate
from dunning.basis.span import Span
from dunning.lang.text.names import nearest
from dunning.lang.words.literals import (
    DURATION_UNITS,
    WEEKS,
    MisreadError,
    Number,
    date_in,
    misread,
    narrow,
    read_number,
    read_value,
)
from dunning.model.anchor import (
    Anchor,
    AnchorWindow,
    CalendarPeriod,
    CalendarWindow,
    ClockRange,
    CountRange,
    Duration,
    Event,
    ShareRange,
    Unit,
    Window,
)
from dunning.model.condition import Type
from dunning.model.rulebook import Cap

T = TypeVar("T")
Answered = tuple[T | None, list[Finding]]

_MONEY, _INTEGER, _DAYS = Type("money"), Type("integer"), Type("days")
ALL_UNITS: tuple[Unit, ...] = get_args(Unit)


def read_money(text: str, span: Span) -> Answered[Fen]:
    """`1元`, `1.5万元`, `10000`: fen."""
    return _answered(lambda plain: read_value(plain, _MONEY).value, text, span)


def read_count(text: str, span: Span) -> Answered[int]:
    """`3`, 3次, 三: a whole number."""
    return _answered(lambda plain: read_value(plain, _INTEGER).value, text, span)


def read_rate(text: str, span: Span) -> Answered[Rate]:
    """`0.5‰ per day`, `3.9% per year`, 每日万分之五: a fraction a day."""
    return _answered(_rate, text, span)


def read_share(text: str, span: Span) -> Answered[Fraction]:
    """`5%`, 百分之五, `0`: a fraction, from nothing to the whole."""
    return _answered(_share, text, span)


def read_duration(text: str, span: Span, *, units: tuple[Unit, ...] = ALL_UNITS) -> Answered[Duration]:
    """`90d`, 10个工作日, `3mo`, 1年, `24h`; `units` are those allowed here."""
    return _answered(lambda plain: _duration(plain, units), text, span)


def read_date(text: str, span: Span) -> Answered[date]:
    """`2026-01-01`, 2026年1月1日."""
    return _answered(date_in, text, span)


def read_anchor(text: str, span: Span) -> Answered[Anchor]:
    """`due - 15d`, `done(due_notice) + 3d`, 到期后3天."""
    return _answered(_anchor, text, span)


def read_window(text: str, span: Span) -> Answered[Window]:
    """`due - 15d .. due - 7d`, `day 1..3 of month`, `quarter_end`, 到期前15天至到期前7天, 每月1日至3日."""
    return _answered(_window, text, span)


def read_clock_range(text: str, span: Span) -> Answered[ClockRange]:
    """`10:00-12:00`, up to but not including the end; `24:00` is midnight at the end."""
    return _answered(_clock_range, text, span)


def read_count_range(text: str, span: Span) -> Answered[CountRange]:
    """`3..12`, 3至12, `6`."""
    return _answered(_count_range, text, span)


def read_share_range(text: str, span: Span) -> Answered[ShareRange]:
    """`50%..100% of late_fee`, `5%`, 50%至100%."""
    return _answered(_share_range, text, span)


def read_cap(text: str, span: Span) -> Answered[Cap]:
    """`5% of charge`, `5% of overdue`, 账单的5%, 欠费的5%."""
    return _answered(_cap, text, span)


def _answered(reader: Callable[[str], T], text: str, span: Span) -> Answered[T]:
    try:
        return reader(narrow(text).strip()), []
    except MisreadError as wrong:
        found = misread(wrong, text, span, {"title": Text("这里", "this")})
        return None, [found if _reads(reader, found.fix) else replace(found, fix="")]


def _reads(reader: Callable[[str], T], text: str) -> bool:
    try:
        reader(text)
    except MisreadError:
        return False
    return True


# Rates, shares, caps


def _rate(plain: str) -> Rate:
    try:
        return parse_rate(plain)
    except MoneyError as wrong:
        raise MisreadError("T231", {"because": wrong.why}, plain, wrong.fix) from None


def _share(plain: str) -> Fraction:
    if "per" in plain or re.search(r"[日天月年]", plain):
        raise MisreadError("T232", {}, plain)
    try:
        share = parse_rate(plain)
    except MoneyError:
        raise MisreadError("T232", {}, plain, _in_percent(plain)) from None
    if share > 1:
        raise MisreadError("T232", {}, plain, _in_percent(plain))
    return share


def _in_percent(plain: str) -> str:
    """The share a bare number may have meant: 5 is 5%."""
    return f"{plain}%" if re.fullmatch(r"[0-9]{1,2}(?:[.][0-9]+)?", plain) and Fraction(plain) > 1 else ""


_CAPPED = {
    "charge": "charge", "账单": "charge", "应缴": "charge",
    "overdue": "overdue", "欠费": "overdue", "逾期": "overdue",
}  # fmt: skip


def _cap(plain: str) -> Cap:
    found = re.fullmatch(r"(.+?)\s+of\s+(\w+)", plain)
    share, of = (found[1], found[2]) if found else ("", "")
    if not found and (chinese := re.fullmatch(r"(账单|应缴|欠费|逾期)(?:金额|费用)?的\s*(.+)", plain)):
        of, share = chinese[1], chinese[2]
    if of not in _CAPPED:
        guess = nearest(of, ["charge", "overdue"]) or "charge"
        told = share or (plain if re.fullmatch(r"[0-9.]+\s*[%‰]", plain) else "")
        raise MisreadError("T233", {}, plain, f"{told} of {guess}" if told else "")
    return Cap(_share(share), "charge" if _CAPPED[of] == "charge" else "overdue")


def _share_range(plain: str) -> ShareRange:
    found = re.fullmatch(r"(.+?)(?:\s*(?:\.\.|至|到)\s*(.+?))?(?:\s+of\s+(\w+))?", plain)
    if found is None:
        raise MisreadError("T232", {}, plain)
    least = _share(found[1])
    most = _share(found[2]) if found[2] else least
    if least > most:
        raise MisreadError("T207", {}, plain)
    return ShareRange(least, most, found[3] or "")


def _count_range(plain: str) -> CountRange:
    parts = re.split(r"\.\.|至|到", plain)
    if len(parts) > 2:
        raise MisreadError("T234", {}, plain)
    if dash := re.fullmatch(r"([0-9]+)\s*[-~—–]\s*([0-9]+)", plain):
        raise MisreadError("T234", {}, plain, f"{dash[1]}..{dash[2]}")
    least, most = (read_value(part, _INTEGER).value for part in (parts[0], parts[-1]))
    if least > most:
        raise MisreadError("T207", {}, plain)
    return CountRange(least, most)


# Lengths of time


def _duration(plain: str, units: tuple[Unit, ...] = ALL_UNITS) -> Duration:
    number = _length(plain)
    unit = DURATION_UNITS.get(number.unit)
    shown = "、".join(_UNIT_NAMES[unit] for unit in units)
    if unit is None:
        raise MisreadError("T235", {"units": shown}, plain, _in_days(number, units))
    if number.value.denominator != 1 or number.value < 0:
        raise MisreadError("T235", {"units": shown}, plain)
    if unit not in units:
        raise MisreadError("T236", {"units": shown}, plain)
    if number.value > _CENTURY[unit]:
        raise MisreadError("T227", {}, plain)
    return Duration(int(number.value), unit)


_CENTURY: dict[Unit, int] = {"d": 36_525, "wd": 36_525, "mo": 1_200, "y": 100, "h": 876_600}
"""The longest that may be written in each unit: no claim lives as long, and no day leaves the calendar by it."""

_UNIT_NAMES: dict[Unit, str] = {"d": "d (天)", "wd": "wd (工作日)", "mo": "mo (个月)", "y": "y (年)", "h": "h (小时)"}


def _length(plain: str) -> Number:
    try:
        return read_number(plain, _DAYS)
    except MisreadError as wrong:
        if wrong.code == "T201":
            raise MisreadError("T235", {"units": "、".join(_UNIT_NAMES.values())}, plain) from None
        raise


def _in_days(number: Number, units: tuple[Unit, ...]) -> str:
    """What was meant by a length without a unit, or in weeks."""
    if not number.unit and units:
        return f"{number.figures}{units[0]}"
    if number.unit in WEEKS and "d" in units and number.value.denominator == 1:
        return f"{int(number.value) * 7}d"
    return f"{number.figures}mo" if number.unit in ("月", "m") and "mo" in units else ""


# Anchors

_EVENTS: tuple[Event, ...] = get_args(Event)
_IN_BRACKETS: frozenset[Event] = frozenset({"contact", "done", "delivered", "failed", "expired"})
_CHINESE_EVENTS: dict[str, Event] = {
    "到期": "due", "账期开始": "period_start", "账期结束": "period_end", "交付": "handover", "承诺": "promise",
    "计划": "plan", "异议": "dispute", "缴费": "paid", "结清": "settled", "判决": "judgment",
    "履行期满": "performance_end", "联系": "contact", "完成": "done",
    "送达": "delivered", "未送达": "failed", "期满": "expired",
}  # fmt: skip
_ANCHOR = re.compile(
    r"(?P<event>[^\s()+-]+?)\s*(?:\(\s*(?P<of>[^()]*?)\s*\))?\s*"
    r"(?:(?P<sign>[-+前后])\s*(?P<length>[0-9零一二两三四五六七八九十].*))?"
)


def _anchor(plain: str) -> Anchor:
    found = _ANCHOR.fullmatch(plain)
    if found is None:
        raise MisreadError("T237", {}, plain)
    event = _event(found["event"])
    of = found["of"] or ""
    if (event in _IN_BRACKETS) != bool(of):
        raise MisreadError("T238" if event in _IN_BRACKETS else "T239", {"event": event}, plain)
    if not found["length"]:
        return Anchor(event, of)
    offset = _duration(found["length"].strip(), ("d", "wd", "mo", "y"))
    return Anchor(event, of, Duration(-offset.count if found["sign"] in "-前" else offset.count, offset.unit))


def _event(word: str) -> Event:
    if word in _CHINESE_EVENTS:
        return _CHINESE_EVENTS[word]
    if word in _EVENTS:
        return word
    raise MisreadError("T240", {"known": "、".join(_EVENTS)}, word, nearest(word, [*_EVENTS, *_CHINESE_EVENTS]) or "")


def _window(plain: str) -> Window:
    if (on_days := _calendar_window(plain)) is not None:
        return on_days
    parts = re.split(r"\.\.|至", plain)
    if len(parts) > 2 or not all(part.strip() for part in parts):
        raise MisreadError("T237", {}, plain)
    if joined := re.fullmatch(r"(.+?)(?:\s+(?:to|-)\s+|\s*[~—–]+\s*|\s*到\s*)(?=[a-z到])(.+)", plain):
        raise MisreadError("T237", {}, plain, f"{joined[1]} .. {joined[2]}")
    first = _anchor(parts[0].strip())
    if len(parts) == 1:
        return AnchorWindow(first)
    last = _anchor(_completed(parts[1].strip(), parts[0].strip()))
    same = (first.event, first.of, first.offset.unit) == (last.event, last.of, last.offset.unit)
    if same and first.offset.count > last.offset.count:
        raise MisreadError("T207", {}, plain)
    return AnchorWindow(first, last)


def _completed(last: str, first: str) -> str:
    """到期后3天至5天: the second day counts from the same event, on the same side."""
    head = re.match(r"([^0-9]*[前后])\s*[0-9]", first)
    if head and re.match(r"[前后]?\s*[0-9]", last):
        return (head[1][:-1] if last[0] in "前后" else head[1]) + last
    return last


_PERIODS: dict[str, CalendarPeriod] = {
    "month": "month", "quarter": "quarter", "half_year": "half_year", "year": "year",
    "月": "month", "季度": "quarter", "季": "quarter", "半年": "half_year", "年": "year",
}  # fmt: skip
_LENGTHS: dict[CalendarPeriod, int] = {"month": 31, "quarter": 92, "half_year": 184, "year": 366}
_DAY_OF = re.compile(r"day\s+(?P<first>\d+)(?:\s*\.\.\s*(?P<last>\d+))?\s+of\s+(?P<period>\w+)", re.ASCII)
_CHINESE_DAY_OF = re.compile(
    r"每个?(?P<period>月|季度|季|半年|年)第?(?P<first>[0-9]+)[日天号]?(?:(?:至|到)第?(?P<last>[0-9]+))?[日天号]"
)
_END_OF = re.compile(r"(?P<period>month|quarter|half_year|year)_end\s*(?:(?P<sign>[-+])\s*(?P<length>.+))?")
_BEFORE_END = re.compile(
    r"(?P<period>month|quarter|half_year|year)_end\s*-\s*(?P<days>[0-9]{1,3})d\s*\.\.\s*(?P=period)_end"
)
_CHINESE_ENDS = {"月末": "month_end", "季末": "quarter_end", "半年末": "half_year_end", "年末": "year_end"}


def _calendar_window(plain: str) -> CalendarWindow | None:
    before = _BEFORE_END.fullmatch(plain)
    if before and int(before["days"]) < _LENGTHS[_PERIODS[before["period"]]] - 3:
        return CalendarWindow(_PERIODS[before["period"]], -1 - int(before["days"]), -1)
    end = _END_OF.fullmatch(_CHINESE_ENDS.get(plain, plain))
    if end:
        offset = _duration(end["length"].strip(), ("d", "wd")) if end["length"] else Duration(0, "d")
        signed = Duration(-offset.count if end["sign"] == "-" else offset.count, offset.unit)
        return CalendarWindow(_PERIODS[end["period"]], -1, -1, signed)
    found = _DAY_OF.fullmatch(plain) or _CHINESE_DAY_OF.fullmatch(plain)
    if found is None:
        if re.match(r"day\s|每", plain):
            raise MisreadError("T241", {}, plain)
        return None
    period = _PERIODS.get(found["period"])
    first, last = (int(day) if len(day) < 4 else 0 for day in (found["first"], found["last"] or found["first"]))
    if period is None or not 1 <= first <= last <= _LENGTHS[period]:
        raise MisreadError("T241", {}, plain)
    return CalendarWindow(period, first, last)


# Hours

_CLOCKS = re.compile(r"([0-9]{1,2})[:.点]([0-9]{2})\s*(-|~|—|–|至|到|\.\.)\s*([0-9]{1,2})[:.点]([0-9]{2})")


def _clock_range(plain: str) -> ClockRange:
    found = _CLOCKS.fullmatch(plain)
    if found is None:
        bare = re.fullmatch(r"([0-9]{1,2})\s*[点时]?\s*(?:-|~|至|到)\s*([0-9]{1,2})\s*[点时]?", plain)
        raise MisreadError("T242", {}, plain, f"{int(bare[1]):02}:00-{int(bare[2]):02}:00" if bare else "")
    hour, minute, until_hour, until_minute = (int(found[part]) for part in (1, 2, 4, 5))
    proper = f"{hour:02}:{minute:02}-{until_hour:02}:{until_minute:02}"
    midnight = (until_hour, until_minute) == (24, 0)
    if hour > 23 or minute > 59 or until_minute > 59 or (until_hour > 23 and not midnight):
        raise MisreadError("T243", {}, plain)
    if plain != proper and found[3] != "至":
        raise MisreadError("T242", {}, plain, proper)
    since, until = time(hour, minute), None if midnight else time(until_hour, until_minute)
    if until is not None and until <= since:
        raise MisreadError("T243", {}, plain)
    return ClockRange(since, until)
