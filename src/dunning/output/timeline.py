"""A timeline as text, as data, and as a plain SVG: what would be done when, so that people see a rule book at work.

The drawing has no scripts, styles or fonts of its own: it opens anywhere and prints.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from dunning.basis.calendar import add_months
from dunning.basis.finding import Lang, Text
from dunning.basis.money import yuan
from dunning.engine.timeline import Event, Timeline
from dunning.model.account import Channel

CHANNELS: Mapping[Channel, Text] = {
    "sms": Text("短信", "sms"), "wechat": Text("微信", "WeChat"), "app": Text("App", "app"),
    "phone": Text("电话", "phone"), "ai_voice": Text("智能语音", "AI voice"), "visit": Text("上门", "visit"),
    "letter": Text("信函", "letter"), "ems": Text("EMS", "EMS"), "email": Text("邮件", "e-mail"),
    "notice": Text("公告", "notice"),
}  # fmt: skip
TONES: Mapping[str, Text] = {
    "friendly": Text("友好", "friendly"),
    "service_value": Text("讲服务", "service value"),
    "firm": Text("坚定", "firm"),
    "legal": Text("法律", "legal"),
}
_COLOURS: Mapping[str, str] = {"friendly": "#2e8b57", "service_value": "#2a6fb0", "firm": "#c77700", "legal": "#b03030"}
SCENARIOS: Mapping[str, Text] = {
    "silent": Text("一直不缴, 每一步当天做完并送达", "nothing is paid; each step is done on its day and arrives"),
    "pays_on": Text("到那一天全部缴清", "all is paid on that day"),
    "promises_and_breaks": Text("每次说好一周内缴, 都没有兑现", "promises to pay within a week, and never does"),
}
_ASSUMED: Mapping[str, Text] = {
    "approval": Text("审批", "approvals"),
    "evidence": Text("送达凭证", "evidence of delivery"),
    "freshness": Text("数据新鲜", "fresh data"),
}


# Text


def timeline_text(played: Timeline, *, lang: Lang = "zh") -> str:
    """One line an event: the day, what it is, and for what comes round again how often and until when."""
    lines = [_headline(played, lang), _scenario(played, lang)]
    if played.book is None:
        lines.append(Text("没有适用的规则书", "no rule book applies").to(lang))
    lines += [_line(event, lang) for event in played.events]
    assumed = _assumed(played.events)
    if assumed:
        told = "、".join(_ASSUMED[each].zh for each in assumed), ", ".join(_ASSUMED[each].en for each in assumed)
        lines.append(Text(f"* 假定的: {told[0]}", f"* assumed: {told[1]}").to(lang))
    return "\n".join(lines)


def _headline(played: Timeline, lang: Lang) -> str:
    book = "" if played.book is None else f"{played.book.name} {played.book.version}"
    name = f"{played.account.company}/{played.account.id}"
    return Text(
        f"户 {name}  {played.since} 至 {played.until}  规则书 {book}",
        f"account {name}  {played.since} to {played.until}  rule book {book}",
    ).to(lang)


def _scenario(played: Timeline, lang: Lang) -> str:
    name = played.scenario
    return Text("演法", "scenario").to(lang) + f" {name}: {SCENARIOS[name.partition(':')[0]].to(lang)}"


def _line(event: Event, lang: Lang) -> str:
    parts = [f"{event.on}  {event.title.to(lang)}"]
    if event.charge is not None and event.kind != "due":
        parts.append(f"({event.charge})")
    if event.channels:
        parts.append("+".join(CHANNELS[each].to(lang) for each in event.channels))
    if event.kind == "action" and event.tone:
        parts.append(TONES[event.tone].to(lang))
    if event.amount is not None:
        parts.append(Text(f"{yuan(event.amount)}元", f"{yuan(event.amount)} yuan").to(lang))
    if event.until is not None and event.times == 1:
        parts.append(Text(f"到 {event.until} 止", f"until {event.until}").to(lang))
    if event.times > 1:
        parts.append(Text(f"共{event.times}次, 到 {event.last}", f"{event.times} times, to {event.last}").to(lang))
    if {"approval", "evidence"} & set(event.assumed):
        parts.append("*")
    return "  ".join(parts)


def _assumed(events: Iterable[Event]) -> tuple[str, ...]:
    found = {each for event in events for each in event.assumed}
    return tuple(name for name in _ASSUMED if name in found)


# Data


def timeline_json(played: Timeline) -> str:
    """`timeline_dict` as indented JSON."""
    return json.dumps(timeline_dict(played), ensure_ascii=False, indent=2) + "\n"


def timeline_dict(played: Timeline, *, lang: Lang = "zh") -> dict[str, Any]:
    """The same as plain data: amounts as decimal yuan, dates ISO, in the order of the days; titles in `lang`."""
    book = played.book
    return {
        "company": played.account.company,
        "account": played.account.id,
        "since": f"{played.since}",
        "until": f"{played.until}",
        "scenario": played.scenario,
        "rulebook": None if book is None else {"name": book.name, "version": book.version, "digest": book.digest},
        "events": [
            {
                "on": f"{event.on}",
                "kind": event.kind,
                "name": event.name,
                "title": event.title.to(lang),
                "charge": event.charge,
                "tone": event.tone or None,
                "channels": list(event.channels),
                "amount": None if event.amount is None else yuan(event.amount),
                "until": None if event.until is None else f"{event.until}",
                "times": event.times,
                "days": [f"{day}" for day in event.days or (event.on,)],
                "assumed": list(event.assumed),
            }
            for event in played.events
        ],
        "reviews": [f"{day}" for day in played.reviews],
    }


# Drawing

_WIDTH, _LEFT, _RIGHT, _TOP, _LANE, _FOOT = 1080, 170, 30, 84, 30, 62
_LONGEST = 11  # signs of a lane's title: so many Chinese ones fit before the lane
_FONT = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif"
_GREY, _FAINT, _INK = "#7a7a7a", "#e4e4e4", "#222222"
_PAID, _SAID, _ENDED = _COLOURS["friendly"], _COLOURS["service_value"], _COLOURS["legal"]


class _Lane(NamedTuple):
    """One line of the drawing: what stands before it, and its events."""

    title: str
    events: tuple[Event, ...]


def timeline_svg(played: Timeline, *, lang: Lang = "zh") -> str:
    """The timeline as one plain SVG: a line for the charges, one for each step, promises, payments and deadlines.

    A dot is one day's step in the colour of its tone, a bar with ticks one that comes round again, with its count.
    """
    return "\n".join(_Drawing(played, lang).svg()) + "\n"


class _Drawing:
    def __init__(self, played: Timeline, lang: Lang) -> None:
        self.played = played
        self.lang = lang
        self.lanes = _lanes(played, lang)
        self.days = max(1, (played.until - played.since).days)
        self.bottom = _TOP + _LANE * len(self.lanes)

    def x(self, day: date) -> float:
        """Where a day stands; what lies beyond an end is drawn at it."""
        share = min(max((day - self.played.since).days / self.days, 0), 1)
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)

    def svg(self) -> Iterator[str]:
        height = self.bottom + _FOOT
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}"'
            f' viewBox="0 0 {_WIDTH} {height}" font-family="{_FONT}" font-size="13">'
        )
        yield f"<title>{escape(_headline(self.played, self.lang))}</title>"
        yield f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
        yield _text(16, 26, _headline(self.played, self.lang), size=16)
        yield _text(16, 48, _scenario(self.played, self.lang), colour=_GREY)
        yield from self._months()
        for number, lane in enumerate(self.lanes):
            yield from self._lane(lane, _TOP + _LANE * number)
        yield from self._legend(self.bottom + 34)
        yield "</svg>"

    def _months(self) -> Iterator[str]:
        """A line at the first of each month, named where there is room."""
        first = self.played.since.replace(day=1)
        months = (self.played.until.year - first.year) * 12 + self.played.until.month - first.month + 1
        every = next(step for step in (1, 2, 3, 6, 12, 24) if months <= 18 * step or step == 24)
        named = False
        for number in range(months + 1):
            day = add_months(first, number)
            if not self.played.since <= day <= self.played.until:
                continue
            x = self.x(day)
            yield f'<line x1="{x}" y1="{_TOP - 6}" x2="{x}" y2="{self.bottom}" stroke="{_FAINT}"/>'
            if (day.month - 1) % every == 0 and x < _WIDTH - 60:
                with_year = day.month == 1 or not named
                named = True
                month = Text(f"{day.month}月", f"{day.month:02}")
                year = Text(f"{day.year}年", f"{day.year}-")
                told = (year.joined(month) if with_year else month).to(self.lang)
                yield _text(x + 3, _TOP - 10, told, size=11, colour=_GREY)

    def _lane(self, lane: _Lane, top: int) -> Iterator[str]:
        middle = top + _LANE // 2
        yield f'<line x1="16" y1="{top + _LANE}" x2="{_WIDTH - 16}" y2="{top + _LANE}" stroke="{_FAINT}"/>'
        title = lane.title if len(lane.title) <= _LONGEST else lane.title[: _LONGEST - 1] + "…"
        yield _text(_LEFT - 12, middle + 4, title, anchor="end")
        for event in lane.events:
            yield from self._event(event, middle)

    def _event(self, event: Event, y: int) -> Iterator[str]:
        x, colour = self.x(event.on), _COLOURS.get(event.tone, _INK)
        tip = f"<title>{escape(_line(event, self.lang))}</title>"
        match event.kind:
            case "due":
                yield f'<g><path d="M{x - 5} {y - 9}h10l-5 9z" fill="{_INK}"/>{tip}</g>'
                yield _text(x, y + 12, event.name, size=10, anchor="middle", colour=_GREY)
            case "paid":
                yield f'<g><circle cx="{x}" cy="{y}" r="7" fill="#ffffff" stroke="{_PAID}" stroke-width="3"/>{tip}</g>'
                yield from self._beside(x, x, y, yuan(event.amount or 0))
            case "promise":
                yield from self._promises(event, y)
            case "broken":
                for day in event.days:
                    at = self.x(day)
                    yield f'<path d="M{at - 3} {y - 3}l6 6m0-6l-6 6" stroke="{_ENDED}" stroke-width="2" fill="none"/>'
            case "deadline" | "ended":
                yield f'<g><path d="M{x} {y - 9}v18" stroke="{_ENDED}" stroke-width="3"/>{tip}</g>'
                yield from self._beside(x, x, y, event.title.to(self.lang))
            case "action":
                yield from self._action(event, x, y, colour, tip)

    def _action(self, event: Event, x: float, y: int, colour: str, tip: str) -> Iterator[str]:
        end = self.x(event.last)
        if event.times > 1:
            width = round(end - x + 10, 1)
            ticks = "".join(f"M{self.x(day)} {y - 5}v10" for day in event.days)
            yield f'<g><rect x="{round(x - 5, 1)}" y="{y - 6}" width="{width}" height="12" rx="6" fill="{colour}"'
            yield f'  opacity="0.3"/>{tip}</g>'
            yield f'<path d="{ticks}" stroke="{colour}" stroke-width="2"/>'
            yield from _count(event.times, (x + end) / 2, y)
            return
        if event.until is not None:
            end = self.x(event.until)
            yield _bar(x, end, y, 12, colour, 0.2)
            told = Text(f"期限至 {event.until}", f"until {event.until}")
            yield from self._beside(x, end, y, told.to(self.lang))
        yield f'<g><circle cx="{x}" cy="{y}" r="6" fill="{colour}"/>{tip}</g>'

    def _promises(self, event: Event, y: int) -> Iterator[str]:
        """Each promise from the day it was made to the day it was for."""
        length = event.until - event.on if event.until is not None else timedelta()
        for day in event.days:
            yield _bar(self.x(day), self.x(day + length), y, 8, _SAID, 0.45)
        if event.times > 1:
            yield from self._beside(self.x(event.on), self.x(event.last + length), y, f"×{event.times}")

    def _beside(self, start: float, end: float, y: int, told: str) -> Iterator[str]:
        """Some words after a mark, or before it where there is no room."""
        room = _WIDTH - _RIGHT - end
        if room > 12 + 8 * len(told):
            yield _text(end + 11, y + 4, told, size=11)
        else:
            yield _text(start - 11, y + 4, told, size=11, anchor="end")

    def _legend(self, y: int) -> Iterator[str]:
        x = _LEFT
        used = {event.tone for event in self.played.events if event.kind == "action"}
        for tone, title in TONES.items():
            if tone in used:
                yield f'<circle cx="{x}" cy="{y - 4}" r="6" fill="{_COLOURS[tone]}"/>'
                yield _text(x + 12, y, title.to(self.lang), size=12)
                x += 40 + (14 if self.lang == "zh" else 7) * len(title.to(self.lang))
        assumed = _assumed(self.played.events)
        if assumed:
            zh, en = "、".join(_ASSUMED[each].zh for each in assumed), ", ".join(_ASSUMED[each].en for each in assumed)
            yield _text(
                _WIDTH - _RIGHT,
                y,
                Text(f"假定: {zh}", f"assumed: {en}").to(self.lang),
                size=12,
                anchor="end",
                colour=_GREY,
            )


def _lanes(played: Timeline, lang: Lang) -> list[_Lane]:
    """Charges first, then payments and promises, each step in the order of the book, deadlines last."""
    by_kind = {kind: tuple(event for event in played.events if event.kind == kind) for kind in ("due", "paid")}
    lanes = [_Lane(Text("账单到期", "charges due").to(lang), by_kind["due"])]
    if by_kind["paid"]:
        lanes.append(_Lane(Text("缴费", "payments").to(lang), by_kind["paid"]))
    steps: dict[str, list[Event]] = {}
    for event in played.events:
        if event.kind == "action":
            steps.setdefault(event.name, []).append(event)
    places = _places(played)
    in_order = sorted(steps, key=lambda name: (places.get(name, len(places)), name))
    lanes += [_Lane(steps[name][0].title.to(lang), tuple(steps[name])) for name in in_order]
    said = tuple(event for event in played.events if event.kind in ("promise", "broken"))
    if said:
        lanes.append(_Lane(Text("承诺", "promises").to(lang), said))
    ends = tuple(event for event in played.events if event.kind in ("deadline", "ended"))
    if ends:
        lanes.append(_Lane(Text("期限", "deadlines").to(lang), ends))
    return lanes


def _places(played: Timeline) -> dict[str, int]:
    """Where each step stands in its book."""
    book = played.book
    steps = () if book is None else (*book.reminders, *book.ladder.steps)
    return {step.id: place for place, step in enumerate(steps)}


def _count(times: int, middle: float, y: int) -> Iterator[str]:
    """How often, on the middle of a bar."""
    told = f"×{times}"
    width = 8 + 7 * len(told)
    x = round(middle - width / 2, 1)
    yield f'<rect x="{x}" y="{y - 8}" width="{width}" height="16" rx="8" fill="#ffffff" stroke="{_FAINT}"/>'
    yield _text(round(middle, 1), y + 4, told, size=11, anchor="middle")


def _bar(x: float, end: float, y: int, height: int, colour: str, opacity: float) -> str:
    width = round(max(end - x, 2), 1)
    return (
        f'<rect x="{x}" y="{y - height // 2}" width="{width}" height="{height}" fill="{colour}" opacity="{opacity}"/>'
    )


def _text(x: float, y: float, told: str, *, size: int = 13, anchor: str = "start", colour: str = _INK) -> str:
    at = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}"{at}>{escape(told)}</text>'
