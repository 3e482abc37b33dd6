"""The governor and what stops the ladder: windows, caps, quotas, promises, pauses; targets, own actions, declined.

Numbers of contacts are per person and stretch of days; which channel counts where is fixed in `model.steps`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Span
from dunning.lang.readers.read_steps import Stand, days_or_hours
from dunning.lang.readers.read_when import Names, read_when
from dunning.lang.text import positions as yaml
from dunning.lang.text.positions import Node, Scalar
from dunning.lang.words import words
from dunning.lang.words.desk import Desk, Fields, lookup
from dunning.lang.words.terms import read_clock_range, read_count, read_duration, read_share, read_window
from dunning.model.action import ACTIONS, SANCTIONS, Action
from dunning.model.anchor import ClockRange, Duration
from dunning.model.steps import A_MONTH, Contact, Declined, Limit, Pause, Promises, Stop, Target

CONTACT = ("windows", "caps", "quotas", "fresh_data", "covers")
CAP = ("at_most", "of", "per", "when", "title", "source")
QUOTA = ("at_least", "of", "per", "when", "lacks", "title", "source")
PROMISES = ("longest", "in_a_row")
PAUSE = ("while", "stops", "until", "answer_within", "source")
TARGET = ("measure", "at_least", "by", "title", "source", "covers")
ACTION = ("title", "effects", "receiver")
DECLINED = ("item", "says", "because")
CLASSES = tuple(words.CLASSES)
DAYS = tuple(words.DAYS)

_TONE = re.compile(r"(?:tone|口径)\s+(?P<tone>\S+)")
_HINTS_OF_SANCTIONS = ("停水", "停电", "断水", "断电", "停暖", "停气", "门禁", "电梯", "曝光", "黑名单", "押金", "征信")


# The governor


def read_contact(desk: Desk, node: Node | None, names: Names) -> Contact | None:
    if node is None:
        return None
    fields = desk.open(node, CONTACT, Text("联系", "`contact`"))
    return Contact(
        windows=_windows(desk, fields),
        caps=tuple(cap for item in fields.items("caps") if (cap := _limit(desk, item, names, CAP, "at_most"))),
        quotas=tuple(cap for item in fields.items("quotas") if (cap := _limit(desk, item, names, QUOTA, "at_least"))),
        fresh_data=fields.term("fresh_data", days_or_hours),
        covers=fields.texts("covers"),
        at=fields.span,
    )


def _windows(desk: Desk, fields: Fields) -> dict[Any, Mapping[Any, tuple[ClockRange, ...]]]:
    node = fields.node("windows")
    if node is None:
        return {}
    classes = desk.open(node, CLASSES, fields.named("windows"))
    return {name: _days(desk, value, classes.named(name)) for name, (_, value) in classes.entries.items()}


def _days(desk: Desk, node: Node, what: Text) -> dict[Any, tuple[ClockRange, ...]]:
    days = desk.open(node, DAYS, what, DAYS)
    return {kind: _hours(desk, days, kind) for kind in days.entries}


def _hours(desk: Desk, fields: Fields, kind: str) -> tuple[ClockRange, ...]:
    """Stretches of a day, earliest first, apart from each other."""
    found: list[ClockRange] = []
    for item in fields.items(kind):
        hours = desk.term(item, fields.named(kind), read_clock_range)
        if hours is None:
            continue
        if found and (found[-1].until is None or hours.since < found[-1].until):
            desk.report("R607", item.span)
        found.append(hours)
    return tuple(found)


def _limit(desk: Desk, node: Node, names: Names, keys: tuple[str, ...], bound: str) -> Limit | None:
    what = Text("次数上限", "a cap") if bound == "at_most" else Text("次数下限", "a quota")
    fields = desk.open(node, keys, what, (bound, "of", "per"))
    count = fields.term(bound, read_count)
    of = fields.maybe_word("of", words.LIMITED)
    per = fields.term("per", _days_or_months)
    if per is not None and per.count < 1:
        desk.report("R110", fields.at("per"), what=fields.named("per"), text=fields.text("per"))
    when = read_when(desk, fields.node("when"), names)
    fields.word("lacks", words.LACKS, "report")
    if count is None or of is None or per is None:
        return None
    return Limit(
        count=count,
        of=of,
        per=per,
        when=when,
        title=fields.text("title"),
        source=fields.text("source"),
        at=fields.span,
    )


def _days_or_months(text: str, at: Span) -> tuple[Duration | None, list[Finding]]:
    return read_duration(text, at, units=("d", "mo"))


def read_promises(desk: Desk, node: Node | None) -> Promises | None:
    if node is None:
        return None
    fields = desk.open(node, PROMISES, Text("承诺", "`promises`"))
    longest = fields.term("longest", read_duration)
    return Promises(longest or A_MONTH, fields.count("in_a_row") or 2)


# Pauses


def read_pauses(desk: Desk, node: Node | None, stand: Stand) -> tuple[Pause, ...] | None:
    """What stops the ladder, and until when."""
    if node is None:
        return None
    read = (_pause(desk, item, stand) for item in desk.items(node, Text("暂停", "`pauses`")))
    return tuple(pause for pause in read if pause is not None)


def _pause(desk: Desk, node: Node, stand: Stand) -> Pause | None:
    fields = desk.open(node, PAUSE, Text("一项暂停", "a pause"), ("while", "stops"))
    while_ = read_when(desk, fields.node("while"), stand.names)
    stops = fields.node("stops")
    nodes = stops.items if isinstance(stops, yaml.Sequence) else [stops] if stops is not None else []
    read = [_stop(desk, item, stand) for item in nodes]
    if fields.node("while") is None:
        return None
    return Pause(
        while_=while_,
        stops=tuple(stop for stop in read if stop is not None),
        until=fields.maybe_word("until", words.UNTIL),
        answer_within=fields.term("answer_within", read_duration),
        source=fields.text("source"),
        at=fields.span,
    )


def _stop(desk: Desk, node: Node, stand: Stand) -> Stop | None:
    text = desk.text(node, Text("停下", "`stops`"))
    if text is None:
        return None
    if (what := lookup(text, words.STOPS)) is not None:
        return Stop(what)
    if found := _TONE.fullmatch(text):
        tone = lookup(found["tone"], words.TONES)
        if tone is not None:
            return Stop("tone", tone)
        desk.unknown_word(found["tone"], node.span, words.TONES, Text("口径", "a tone"))
        return None
    if text in stand.steps:
        return Stop("step", text)
    guess = desk.nearest(text, [*words.STOPS, *stand.steps])
    desk.report("R608", node.span, name=text, fix=guess or "")
    return None


# Targets, actions, what was declined


def read_targets(desk: Desk, node: Node | None) -> tuple[Target, ...] | None:
    """Shares that are reported and never acted on."""
    if node is None:
        return None
    targets = []
    for item in desk.items(node, Text("目标", "`targets`")):
        fields = desk.open(item, TARGET, Text("一项目标", "a target"), ("measure", "at_least"))
        measure = fields.maybe_word("measure", words.MEASURES)
        share = fields.term("at_least", read_share)
        by = fields.term("by", read_window)
        if measure is not None and share is not None:
            targets.append(
                Target(
                    measure=measure,
                    at_least=share,
                    by=by,
                    title=fields.text("title"),
                    source=fields.text("source"),
                    covers=fields.texts("covers"),
                    at=fields.span,
                )
            )
    return tuple(targets)


def read_actions(desk: Desk, node: Node | None) -> dict[str, Action]:
    """Actions of the book's own. Effects have to be written, even none: law forbids by effect."""
    actions: dict[str, Action] = {}
    if node is None:
        return actions
    for key, value in desk.named(node, Text("动作表", "`actions`")):
        if key.text in ACTIONS:
            desk.report("R609", key.span, name=key.text, title=ACTIONS[key.text].title)
            continue
        fields = desk.open(value, ACTION, Text(f"动作“{key.text}”", f"the action `{key.text}`"), ("title", "effects"))
        effects = fields.words("effects", words.EFFECTS, code="N208")
        title = fields.title(default=key.text)
        told = next((hint for hint in _HINTS_OF_SANCTIONS if hint in title.zh), None)
        if told is not None and not effects:
            meant = next((action for action in SANCTIONS.values() if told in action.title.zh), None)
            fix = f"effects: [{', '.join(meant.effects)}]" if meant else ""
            desk.report("R610", fields.at("effects"), name=key.text, title=title, word=told, fix=fix)
        actions[key.text] = Action(key.text, title, effects, fields.maybe_word("receiver", words.RECEIVERS), key.span)
    return actions


def read_declined(desk: Desk, node: Node | None) -> tuple[Declined, ...] | None:
    if node is None:
        return None
    declined = []
    for item in desk.items(node, Text("不采用", "`declined`")):
        fields = desk.open(item, DECLINED, Text("一项不采用", "a declined item"), DECLINED)
        if all(key in fields for key in DECLINED):
            at = item.span
            declined.append(Declined(fields.text("item"), fields.text("says"), fields.text("because"), at))
    return tuple(declined)


def retired_names(desk: Desk, node: Node | None, what: Text) -> list[tuple[Scalar, str, Span]]:
    """`dropped: {name: reason}` and `renamed: {old: new}`: the name, what is said of it, and where."""
    found = []
    for key, value in desk.named(node, what) if node is not None else ():
        said = desk.text(value, what)
        if not said:
            desk.report("R303", key.span, name=key.text)
            continue
        found.append((key, said, value.span))
    return found
