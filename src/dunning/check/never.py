"""Steps nobody ever gets to: no household meets what they ask, their day cannot come, or another step goes before them.

Whether there is such a household is asked of the boxes, so that what is told here is so of all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Place, Span
from dunning.check.asked import Subject
from dunning.check.chart import Chart, View
from dunning.check.coming import is_rung, parts, span
from dunning.check.coverage import trial_day
from dunning.check.examples import Speech
from dunning.check.tables import fewest
from dunning.check.timing import OF_STEPS, circle_from, hourless, is_own, waits_for
from dunning.engine.contact.caps import numbers
from dunning.engine.contact.hours import Ways, hours
from dunning.engine.law.guard import as_done, find_action, law_of, rules_for, speaks_of
from dunning.engine.law.refusal import pointing_at
from dunning.engine.steps.anchors import calendar_occurrences
from dunning.engine.steps.ready import USUAL_CHANNELS, Rung, made_ready
from dunning.model.anchor import Anchor, AnchorWindow, CalendarWindow
from dunning.model.boxes import UndecidedError
from dunning.model.condition import ALWAYS, All, Bound, Check, Condition, Range, checks
from dunning.model.rulebook import RuleBook
from dunning.model.steps import By, Step

YEARS = 7
"""Years ahead a day with hours is looked for: by then every date has fallen on every day of the week."""
_DONE = frozenset({"done", "delivered", "expired"})


class Why(NamedTuple):
    """What keeps a step from ever coming; nothing to say where that is told already."""

    text: Text | None
    related: tuple[tuple[Place, Text], ...] = ()


def never(book: RuleBook) -> Iterator[Finding]:
    """The steps of a book that never come, and the rungs that another always goes before."""
    try:
        looked = examined(book)
        for step in (*book.reminders, *book.ladder.steps):
            why = looked.dead.get(step.id)
            if why is None:
                yield from _overtaken(book, looked, step)
            elif why.text is not None:
                yield Finding("Q512", _place(book, step), {"step": step.title, "why": why.text}, related=why.related)
    except UndecidedError:
        yield Finding("Q514", book.at, {})


class Examined(NamedTuple):
    """The steps of a book on a chart: what each asks, by id, and those that never come."""

    view: View
    asked: Mapping[str, Sequence[Condition]]
    dead: Mapping[str, Why]


@lru_cache(maxsize=8)
def examined(book: RuleBook) -> Examined:
    """The steps of a book looked at once. UndecidedError where that is too much."""
    asked = {step.id: parts(step, book) for step in (*book.reminders, *book.ladder.steps)}
    subject = Subject(book, (), tuple(All(each) for each in asked.values()))
    view = Chart(subject, on=trial_day(book)).views[0]
    return Examined(view, asked, _dead(book, view, asked))


def _place(book: RuleBook, step: Step) -> Span | None:
    """Where it is told: at the step, or at the book that takes it from its base."""
    return step.at if is_own(book, step) else book.at


# Steps that never come


def _dead(book: RuleBook, view: View, asked: Mapping[str, Sequence[Condition]]) -> dict[str, Why]:
    """By id, the steps that never come, with what keeps them from it; those that wait for them last."""
    steps = {step.id: step for step in (*book.reminders, *book.ladder.steps)}
    found = {step.id: why for step in steps.values() if (why := _alone(book, view, step, asked[step.id])) is not None}
    alive: set[str] = set()
    for _ in steps:  # each round finds those that wait for what was found alive before
        alive |= {name for name, step in steps.items() if name not in found and waits_for(step) & steps.keys() <= alive}
    waits = {name: waits_for(step) for name, step in steps.items()}
    for name in steps:
        if name not in found and name not in alive:
            if circle_from(name, waits):
                found[name] = Why(None)
                continue
            other = next(steps[each] for each in sorted(waits[name]) if each in steps and each not in alive)
            found[name] = Why(
                Text(f"要等的“{other.title.zh}”永远轮不到", f"`{other.title.en}`, which it waits for, never comes"),
                pointing_at(other.at, Text("它等的步骤在这里", "the step it waits for")),
            )
    return found


def _alone(book: RuleBook, view: View, step: Step, asked: Sequence[Condition]) -> Why | None:
    """What of a step itself keeps it from ever coming."""
    if any(hourless(book, step)):
        return Why(None)
    anchors = [*step.after, *([step.window.first] if isinstance(step.window, AnchorWindow) else [])]
    if is_own(book, step) and any(anchor.event == "performance_end" for anchor in anchors):
        return Why(_NO_RECORD)
    known = made_ready(book).steps
    gone = next((each for each in anchors if each.event in OF_STEPS and each.of not in known), None)
    if gone is not None:
        return Why(
            Text(f"它等的步骤“{gone.of}”不在本规则书里", f"the step it waits for, `{gone.of}`, is not in the book")
        )
    return _left_behind(book, step, anchors) or _outvoted(book, step) or _closed(book, step) or _nobody(view, asked)


_NO_RECORD = Text(
    "记录里没有履行期最后一日 (performance_end), 谁也不知道它哪天起算",
    "no record has the last day of the performance period (performance_end), so nobody knows its day",
)


def _left_behind(book: RuleBook, step: Step, anchors: Sequence[Anchor]) -> Why | None:
    """A rung that waits until a higher one is done, by which time that one has overtaken it."""
    rungs = book.ladder.steps
    if book.ladder.catch_up != "only_highest" or not is_rung(step, book):
        return None
    place = rungs.index(step)
    for anchor in anchors:
        higher = next((rung for rung in rungs[place + 1 :] if rung.id == anchor.of), None)
        if higher is None or anchor.event not in _DONE or (higher.record and anchor.event != "done"):
            continue
        if higher.window is None or (isinstance(higher.window, AnchorWindow) and higher.window.first.event == "due"):
            zh = f"它等“{higher.title.zh}”, 那一级却排在它后面: 做了那一级, 前面的就都作罢"
            en = f"it waits for `{higher.title.en}`, a higher rung; once that is done, all below it are passed over"
            return Why(Text(zh, en), pointing_at(higher.at, Text("那一级在这里", "the higher rung")))
    return None


def _outvoted(book: RuleBook, step: Step) -> Why | None:
    """The law wants more people to agree than the step asks: each role agrees once, and no other role counts."""
    if step.approval is None:
        return None
    roles = len(step.approval.roles)
    for gate in rules_for(law_of(book).on(trial_day(book)), as_done(find_action(step.action, book), step)).gates:
        for part in gate.requires.parts if isinstance(gate.requires, All) else (gate.requires,):
            wanted = part.test if isinstance(part, Check) and part.fact == "approvals" else None
            least = wanted.lowest if isinstance(wanted, Range) else None
            if gate.for_ == ALWAYS and least is not None and least > roles:
                zh = f"法律要 {least} 个人同意, 这一步的审批只有 {roles} 个岗位, 一个岗位算一个人"
                en = f"the law wants {least} people to agree, and only {roles} roles are asked, one person each"
                return Why(Text(zh, en), pointing_at(gate.at, Text("要求在这里", "what asks for it")))
    return None


def _closed(book: RuleBook, step: Step) -> Why | None:
    """Caps that let none of its contacts through, or days of the calendar none of which has hours."""
    channels = step.channels or USUAL_CHANNELS.get(step.action)
    if channels is None:
        return None
    each: list[Ways] = [frozenset((channel,)) for channel in channels.channels]
    ways = [frozenset(channels.channels)] if channels.mode == "all_of" else each
    law = law_of(book).on(trial_day(book))
    nought = [cap for cap in numbers(book, law).caps if not cap.times and cap.concerns is None]
    if nought and all(any(not way.isdisjoint(cap.counted) for cap in nought) for way in ways):
        there = tuple(place for cap in nought for place in pointing_at(cap.at, Text("上限在这里", "the cap")))
        return Why(Text("它用的渠道上限是 0 次", "the cap of its channels is none at all"), there)
    if isinstance(step.window, CalendarWindow) and step.late == "drop" and not _open_day(book, step.window, ways):
        there = pointing_at(book.contact.at, Text("时段在这里", "the hours"))
        return Why(Text("它的日子没有一天有可以联系的时段", "none of its days has an hour for it"), there)
    return None


def _open_day(book: RuleBook, window: CalendarWindow, ways: Sequence[Ways]) -> bool:
    """Whether one of the days has hours in the years to come."""
    start = trial_day(book)
    seen: set[date] = set()
    for year in range(start.year, min(start.year + YEARS, date.max.year)):
        for month in range(1, 13):
            for each in calendar_occurrences(window, date(year, month, 1), book.calendar):
                last = each.last or each.first
                for ordinal in range(each.first.toordinal(), last.toordinal() + 1):
                    day = date.fromordinal(ordinal)
                    if day not in seen:
                        seen.add(day)
                        law = law_of(book).on(day)
                        if any(hours(book, law, way, day, ()) for way in ways):
                            return True
    return False


def _nobody(view: View, asked: Sequence[Condition]) -> Why | None:
    """That no household meets all a step asks; with the fewest of these that never go together."""
    space, chart = view.chart.space, view.chart

    def apart(some: Sequence[Condition]) -> Sequence[Condition] | None:
        return None if space.has(view.region(All(tuple(some)))) else some

    wanted = [each for each in asked if each != ALWAYS]
    if apart(wanted) is None:
        return None
    core = fewest(wanted, apart)
    where = view.region(All(tuple(core)))
    if space.has(where, despite=chart.not_for):
        because = Text(" (本规则书不用于这样的户)", " (the book is not for such households)")
    elif space.has(where, despite=chart.not_for | chart.declared):
        because = Text(" (规则书写着没有这样的户)", " (the book says there are none)")
    else:
        because = Text("", "")
    told = Speech(view).condition(All(tuple(core)))
    return Why(Text(f"没有一户会是: {told.zh}", f"no household is like this: {told.en}").joined(because))


# Rungs that another always goes before


def _overtaken(book: RuleBook, looked: Examined, step: Step) -> Iterator[Finding]:
    """A rung for which, whenever it may go, a higher one may go as well, or was done before."""
    if book.ladder.catch_up != "only_highest" or step.of != "account" or not is_rung(step, book):
        return
    view, space = looked.view, looked.view.chart.space
    ready = made_ready(book)
    rungs = {rung.step.id: rung for rung in ready.ladder}
    mine = rungs[step.id]
    higher = [rung for rung in ready.ladder if rung.rank > mine.rank and _goes_unhindered(book, view, rung, mine)]
    boxes = {rung.step.id: space.bits_of(view.boxes(_reached(rung.step))) for rung in higher}
    where = view.boxes(All(tuple(looked.asked[step.id])))

    def ahead(some: Sequence[Rung]) -> Sequence[Rung] | None:
        without = 0
        for rung in some:
            without |= boxes[rung.step.id]
        return None if space.has(space.inside(where, without)) else some

    if higher and ahead(higher) is not None:
        by = [rung.step for rung in fewest(higher, ahead)]
        zh = "、".join(f"“{each.title.zh}”" for each in by)
        en = ", ".join(f"`{each.title.en}`" for each in by)
        there = tuple(place for each in by for place in pointing_at(each.at, Text("那一级在这里", "the higher rung")))
        yield Finding("Q513", _place(book, step), {"step": step.title, "others": Text(zh, en)}, related=there)


def _reached(step: Step) -> Condition:
    """Of which households a rung has been reached and is open, or was done: just those it is for."""
    arrears = Check("arrears", Range(Bound(0, included=False, written="0元"), None), "")
    if not isinstance(step.window, AnchorWindow):
        return All((step.when, arrears))
    low = max(1, span(step)[0])
    since = Check("overdue_days", Range(Bound(low, included=True, written=f"{low}天"), None), "")
    return All((step.when, arrears, since))


def _goes_unhindered(book: RuleBook, view: View, rung: Rung, lower: Rung) -> bool:
    """Whether nothing but its day and its condition can keep a rung back, but what keeps the lower one back too."""
    step, other = rung.step, lower.step
    window = step.window
    if isinstance(window, AnchorWindow):
        due = window.first.event == "due" and window.first.offset.unit == "d"
        if not due or (window.last is not None and step.late == "drop"):
            return False
    elif window is not None:
        return False
    if step.of != "account" or step.approval is not None or not set(step.after) <= set(other.after):
        return False
    if not _charted(view, step) or rung.legal or not _same_tone(book, rung, lower):
        return False
    if any(stop.what == "step" and stop.name in rung.names for pause in book.pauses for stop in pause.stops):
        return False
    return _is_free(book, step) and _reached_like(rung, lower)


def _charted(view: View, step: Step) -> bool:
    """Whether all its condition and the tables it takes words from can be told of every household."""
    said = (step.template, step.role, step.tone)
    tables = {check.fact for check in checks(step.when)} | {each.table for each in said if isinstance(each, By)}
    known = view.book.tables.keys() & tables
    return known <= view.names and not any(axis.undetermined for table in known for axis in view.axes(table))


def _same_tone(book: RuleBook, rung: Rung, lower: Rung) -> bool:
    """Whether no pause for one tone lets the higher rung rest and not the lower one."""
    if rung.step.tone is not None or isinstance(rung.step.template, By):
        return (rung.step.tone, rung.step.template) == (lower.step.tone, lower.step.template)
    template = book.templates.get(rung.step.template or "")
    tone = "friendly" if template is None else template.tone
    stopped = {stop.name for pause in book.pauses for stop in pause.stops if stop.what == "tone"}
    return tone not in {"legal", *stopped}


def _is_free(book: RuleBook, step: Step) -> bool:
    """Whether no law anywhere may forbid it or ask for something first."""
    action = as_done(find_action(step.action, book), step)
    packs = law_of(book).packs
    if any(speaks_of(rule, action) for pack in packs for rule in pack.prohibitions):
        return False
    return not any(speaks_of(gate, action) and gate.requires != ALWAYS for pack in packs for gate in pack.gates)


def _reached_like(rung: Rung, lower: Rung) -> bool:
    """Whether whoever can be reached for the lower rung can be for this one."""
    if rung.channels is None or not rung.narrowed or rung.step.to != "debtor":
        return True
    if lower.channels is None or not lower.narrowed or lower.step.to != "debtor":
        return False
    return set(lower.channels.channels) <= set(rung.channels.channels)
