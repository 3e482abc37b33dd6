"""Lengths of time, days, hours and numbers of contacts in words: 到期前20天至前16天, the last 16 days of each quarter.

The rule language writes them short (`due - 20d .. due - 16d`, `3 phone per 7d`); people are told them in full.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from dunning.basis.finding import Text
from dunning.lang.words import words
from dunning.model.anchor import Anchor, AnchorWindow, CalendarWindow, ClockRange, Duration, Window
from dunning.model.steps import Limit

Name = Callable[[str], Text]
"""What people call a step."""

_UNITS: Mapping[str, tuple[str, str]] = {
    "d": ("天", "day"),
    "wd": ("个工作日", "working day"),
    "mo": ("个月", "month"),
    "y": ("年", "year"),
    "h": ("小时", "hour"),
}
_EVENTS: Mapping[str, Text] = {
    "due": Text("到期", "the due date"),
    "period_start": Text("账期开始", "the start of the period"),
    "period_end": Text("账期结束", "the end of the period"),
    "handover": Text("交付", "handover"),
    "promise": Text("承诺日", "the promised day"),
    "plan": Text("分期款到期", "the due date of an instalment"),
    "dispute": Text("提出异议", "the dispute"),
    "paid": Text("缴费", "payment"),
    "settled": Text("结清", "settlement"),
    "judgment": Text("判决", "the judgment"),
    "performance_end": Text("履行期满", "the end of performance"),
}
_OF_STEP: Mapping[str, Text] = {
    "done": Text("完成 {of} ", "{of} is done"),
    "delivered": Text("{of} 送达", "{of} is delivered"),
    "failed": Text("{of} 未送达", "{of} fails to be delivered"),
    "expired": Text("{of} 期满", "the time given by {of} ends"),
}
_LIMIT = re.compile(r"(?P<count>\d+) (?P<of>\w+) per (?P<per>\d+)(?P<unit>\w+)", re.ASCII)
_STRETCH = re.compile(r"(?P<count>\d+)(?P<unit>\w+)", re.ASCII)
_GAP = re.compile(r"min_gap (?P<count>\d+)(?P<unit>\w+)", re.ASCII)


def length(span: Duration) -> Text:
    """7天, 1 day: without its sign."""
    count, (zh, en) = abs(span.count), _UNITS[span.unit]
    return Text(f"{count}{zh}", f"{count} {en}" if count == 1 else f"{count} {en}s")


# Windows


def window(of: Window, name: Name) -> Text:
    """The days of a step: tied to an event, or of every month, quarter, half year or year."""
    return _anchored(of, name) if isinstance(of, AnchorWindow) else _of_calendar(of)


def until(of: Window, name: Name) -> Text:
    """The last day of a window, or the one day it names: by when a target is to be reached."""
    return anchor(of.last or of.first, name) if isinstance(of, AnchorWindow) else _of_calendar(of)


def anchor(of: Anchor, name: Name) -> Text:
    """One anchored day: 到期后3天, 3 days after the due date."""
    event = _event(of, name)
    if not of.offset.count:
        return Text(f"{event.zh.rstrip()}当天", f"the day {event.en}" if of.event in _OF_STEP else event.en)
    far, (zh, en) = length(of.offset), _side(of.offset)
    return Text(f"{event.zh}{zh}{far.zh}", f"{far.en} {en} {event.en}")


def _anchored(of: AnchorWindow, name: Name) -> Text:
    first, last = of.first, of.last
    if last is None:
        told = anchor(first, name)
        return Text(f"{told.zh}起", f"from {told.en} on")
    if first == last:
        return anchor(first, name)
    if (first.event, first.of) != (last.event, last.of):
        one, other = anchor(first, name), anchor(last, name)
        return Text(f"{one.zh}至{other.zh}", f"from {one.en} to {other.en}")
    return _about_one_event(first, last, _event(first, name))


def _about_one_event(first: Anchor, last: Anchor, event: Text) -> Text:
    """Both ends on one side with one unit say it once: 后3至5天, 3 to 5 days after."""
    one, other = first.offset, last.offset
    zh = f"{event.zh}{_from_event(one)}至{_from_event(other)}"
    if one.count * other.count > 0 and one.unit == other.unit:
        _, side = _side(one)
        if one.count > 0:
            zh = f"{event.zh}后{one.count}至{length(other).zh}"
        return Text(zh, f"{abs(one.count)} to {length(other).en} {side} {event.en}")
    ends = [f"{length(each).en} {_side(each)[1]}" if each.count else "the day of" for each in (one, other)]
    if not other.count:
        return Text(zh, f"from {ends[0]} {event.en} to that day")
    return Text(zh, f"from {ends[0]} {event.en} to {ends[1]} it" if one.count else f"from {event.en} to {ends[1]} it")


def _from_event(offset: Duration) -> str:
    return f"{_side(offset)[0]}{length(offset).zh}" if offset.count else "当天"


def _side(offset: Duration) -> tuple[str, str]:
    return ("前", "before") if offset.count < 0 else ("后", "after")


def _event(of: Anchor, name: Name) -> Text:
    if of.event == "contact":
        outcome = words.OUTCOMES.get(of.of, Text(of.of, of.of))
        return Text(f"联系 ({outcome.zh})", f"a contact ({outcome.en})")
    if of.event in _OF_STEP:
        step = name(of.of)
        return Text(*(said.format(of=called) for said, called in zip(_OF_STEP[of.event], step, strict=True)))
    return _EVENTS[of.event]


def _of_calendar(of: CalendarWindow) -> Text:
    period = words.OCCASIONS[of.period]
    told = _days_of(of.first, of.last, period.zh, period.en)
    if not of.offset.count:
        return told
    far, (zh, en) = length(of.offset), _side(of.offset)
    return Text(f"{told.zh}{zh}{far.zh}", f"{far.en} {en} {told.en}")


def _days_of(first: int, last: int, zh: str, en: str) -> Text:
    if first < 0 and last == -1:
        days = "day" if first == -1 else f"{-first} days"
        return Text(f"{zh}最后{-first}天", f"the last {days} of each {en}")
    if first < 0:
        if first == last:
            return Text(f"{zh}倒数第{-first}天", f"day {-first} from the end of each {en}")
        return Text(f"{zh}倒数第{-first}至第{-last}天", f"days {-first} to {-last} from the end of each {en}")
    if last < 0:
        end = Text("最后一天", "the last") if last == -1 else Text(f"倒数第{-last}天", f"day {-last} from the end")
        return Text(f"{zh}第{first}天至{end.zh}", f"day {first} to {end.en} of each {en}")
    if first == last:
        return Text(f"{zh}第{first}天", f"day {first} of each {en}")
    return Text(f"{zh}第{first}至{last}天", f"days {first} to {last} of each {en}")


def hours(of: ClockRange) -> str:
    return f"{of.since:%H:%M}-{of.until:%H:%M}" if of.until else f"{of.since:%H:%M}-24:00"


# Numbers of contacts


def at_most(limit: Limit) -> Text:
    """A cap: 7天内电话最多3次, at most 3 contacts (phone) in 7 days."""
    return _at_most(limit.count, limit.of, limit.per)


def at_least(limit: Limit) -> Text:
    """A quota."""
    return _at_least(limit.count, limit.of, limit.per)


def wanted(count: int, of: str, per: str) -> Text:
    """The same of a quota as an answer names it: 4, `any`, `30d`."""
    stretch = _STRETCH.fullmatch(per)
    if stretch is None or stretch["unit"] not in _UNITS or of not in words.LIMITED:
        return Text(f"{count} {of} per {per}", f"{count} {of} per {per}")
    return _at_least(count, of, _duration(stretch["count"], stretch["unit"]))


def limited(name: str) -> Text:
    """The name of a limit that withheld a step, `3 phone per 7d` or `min_gap 4d`, in words; another as it is."""
    if cap := _LIMIT.fullmatch(name):
        if cap["of"] in words.LIMITED and cap["unit"] in _UNITS:
            return _at_most(int(cap["count"]), cap["of"], _duration(cap["per"], cap["unit"]))
    elif (gap := _GAP.fullmatch(name)) and gap["unit"] in _UNITS:
        told = length(_duration(gap["count"], gap["unit"]))
        return Text(f"两次联系至少隔{told.zh}", f"at least {told.en} between contacts")
    return Text(name, name)


def _at_least(count: int, of: str, per: Duration) -> Text:
    what, told = words.LIMITED[of], length(per)
    return Text(
        f"{told.zh}内{_contacts(what.zh, of)}至少{count}次", f"at least {_times(count)} ({what.en}) in {told.en}"
    )


def _at_most(count: int, of: str, per: Duration) -> Text:
    what, told = words.LIMITED[of], length(per)
    return Text(
        f"{told.zh}内{_contacts(what.zh, of)}最多{count}次", f"at most {_times(count)} ({what.en}) in {told.en}"
    )


def _contacts(title: str, of: str) -> str:
    return "各种联系合计" if of == "any" else title


def _times(count: int) -> str:
    return f"{count} contact" if count == 1 else f"{count} contacts"


def _duration(count: str, unit: str) -> Duration:
    return Duration(int(count), unit)  # type: ignore[arg-type]  # one of _UNITS
