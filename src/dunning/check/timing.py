"""Time: quotas against caps, windows without an hour, steps that wait for what cannot happen, facts nobody supplies.

Each is a step somebody relies on and that would never be taken, which a run of the rules shows only as silence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from itertools import combinations, pairwise
from math import inf

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Place
from dunning.check.clauses import tests_of
from dunning.engine.contact.hours import ever, timed
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.law.guard import law_of
from dunning.engine.law.refusal import pointing_at
from dunning.engine.steps.ready import RECORDS, USUAL_CHANNELS, made_ready
from dunning.intake.headers import LISTS
from dunning.model.anchor import AnchorWindow, CalendarWindow
from dunning.model.condition import ALWAYS, Check, checks, facts_of
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import in_hours
from dunning.model.steps import CLASS_OF, Limit, Step


def timing(book: RuleBook) -> Iterator[Finding]:
    """What in a book's steps, caps and quotas can never come about."""
    yield from _quotas(book)
    for step in own_steps(book):
        yield from hourless(book, step)
    yield from _circles(book)
    yield from _gap(book)
    yield from _twice(book)
    yield from _too_early(book)
    if book.ladder.steps and book.ladder.at_end is None and is_own(book, book.ladder.steps[-1]):
        last = book.ladder.steps[-1]
        yield Finding("Q508", last.at, {"step": last.title})


def own_steps(book: RuleBook) -> Iterator[Step]:
    return (step for step in (*book.reminders, *book.ladder.steps) if is_own(book, step))


def is_own(book: RuleBook, step: Step) -> bool:
    return step.at is not None and step.at.file == book.file


# Quotas and caps


def _quotas(book: RuleBook) -> Iterator[Finding]:
    """A quota above the cap of the same kind of contact, over the same stretch."""
    for quota in book.contact.quotas:
        for cap in book.contact.caps:
            most = _most(cap, quota)
            if most is not None and quota.count > most and quota.at is not None and quota.at.file == book.file:
                args = {"least": quota.count, "most": most, "days": in_hours(quota.per)[0] // 24}
                related = pointing_at(cap.at, Text("上限在这里", "the cap"))
                yield Finding("Q501", quota.at, args, related=related)
                break


def _most(cap: Limit, quota: Limit) -> int | None:
    """How many contacts a cap leaves for a quota's stretch; None where it does not speak of them."""
    if cap.of not in (quota.of, "any") and _class(quota.of) != cap.of:
        return None
    ours, theirs = in_hours(quota.per)[0], in_hours(cap.per)[0]
    return cap.count * max(1, -(-ours // theirs))


def _class(of: str) -> str:
    return CLASS_OF.get(of, of)  # type: ignore[call-overload, no-any-return]  # `of` may be a class already


# Hours


def hourless(book: RuleBook, step: Step) -> Iterator[Finding]:
    """A step none of whose channels has an hour on any kind of day."""
    channels = step.channels or USUAL_CHANNELS.get(step.action)
    if channels is None:
        return
    law = law_of(book).on(book.until or date.max)
    ways = (
        [frozenset(channels.channels)]
        if channels.mode == "all_of"
        else [frozenset({channel}) for channel in channels.channels]
    )
    if not any(ever(book, law, timed(way)) for way in ways):
        names = "、".join(channels.channels)
        yield Finding("Q503", step.at, {"step": step.title, "channels": names}, related=_windows(book))


def _windows(book: RuleBook) -> tuple[tuple[Place, Text], ...]:
    return pointing_at(book.contact.at, Text("时段在这里", "the hours"))


# Waiting


def _circles(book: RuleBook) -> Iterator[Finding]:
    """Steps that wait for each other: none of them can be the first."""
    waits = {step.id: waits_for(step) for step in (*book.reminders, *book.ladder.steps)}
    told: set[str] = set()
    for step in own_steps(book):
        circle = circle_from(step.id, waits)
        if circle and not told.intersection(circle):
            told.update(circle)
            titles = {one.id: one.title for one in (*book.reminders, *book.ladder.steps)}
            zh = " → ".join(titles[name].zh for name in circle)
            en = " → ".join(titles[name].en for name in circle)
            yield Finding("Q505", step.at, {"circle": Text(zh, en)})


def waits_for(step: Step) -> frozenset[str]:
    """The steps that must have been done before this one: those it names in `after`, and its anchor."""
    anchors = [*step.after]
    if isinstance(step.window, AnchorWindow):
        anchors.append(step.window.first)
    return frozenset(anchor.of for anchor in anchors if anchor.event in OF_STEPS)


OF_STEPS = frozenset({"done", "delivered", "failed", "expired"})
"""What may become of a step that another waits for."""


def circle_from(start: str, waits: dict[str, frozenset[str]]) -> tuple[str, ...]:
    """The way from a step back to itself, if there is one; it ends where it began."""
    paths: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while paths:
        path = paths.pop()
        for name in sorted(waits.get(path[-1], ())):
            if name == start:
                return (*path, start)
            if name not in seen:
                seen.add(name)
                paths.append((*path, name))
    return ()


def _gap(book: RuleBook) -> Iterator[Finding]:
    """Rungs nearer to each other than `min_gap`: the later one is always late."""
    if book.ladder.min_gap.unit != "d":
        return
    due = [(step, days) for step in book.ladder.steps if (days := _days_after_due(step)) is not None]
    for (one, first), (other, second) in pairwise(due):
        if 0 <= second - first < book.ladder.min_gap.count and is_own(book, other):
            args = {"step": other.title, "before": one.title, "days": second - first, "gap": book.ladder.min_gap.count}
            related = pointing_at(one.at, Text("前一步在这里", "the step before"))
            yield Finding("Q507", other.at, args, related=related)


def _days_after_due(step: Step) -> int | None:
    """From the due date to the first day of a step; None where it hangs on something else."""
    window = step.window
    if isinstance(window, AnchorWindow) and window.first.event == "due" and window.first.offset.unit == "d":
        return window.first.offset.count
    return None


def _twice(book: RuleBook) -> Iterator[Finding]:
    """Two reminders that do the same to the same people on the same days, one of them to everybody."""
    for one, other in combinations(book.reminders, 2):
        same = (one.action, one.of, one.to) == (other.action, other.of, other.to)
        if same and ALWAYS in (one.when, other.when) and is_own(book, other) and _meet(one, other):
            related = pointing_at(one.at, Text("另一步在这里", "the other step"))
            yield Finding("Q509", other.at, {"step": other.title, "other": one.title}, related=related)


def _meet(one: Step, other: Step) -> bool:
    """Whether their days overlap: days of one event, or a round without end and the days of a calendar."""
    if isinstance(one.window, AnchorWindow) and isinstance(other.window, AnchorWindow):
        mine, theirs = one.window.first, other.window.first
        days, others = _days(one), _days(other)
        if days is None or others is None or (mine.event, mine.of) != (theirs.event, theirs.of):
            return False
        return days[0] <= others[1] and others[0] <= days[1]
    rounds = [step for step in (one, other) if step.repeat is not None and step.repeat.times is None]
    return bool(rounds) and isinstance((other if rounds[0] is one else one).window, CalendarWindow)


def _days(step: Step) -> tuple[float, float] | None:
    """The first and the last day of a step after its event; None where they are not counted in days."""
    window = step.window
    if not isinstance(window, AnchorWindow) or window.first.offset.unit != "d":
        return None
    first = window.first.offset.count
    if step.repeat is not None:
        every, times = step.repeat.every, step.repeat.times
        return (first, inf) if times is None or every.unit != "d" else (first, first + every.count * (times - 1))
    if window.last is None:
        return first, first
    ends = window.last.offset.unit == "d" and window.last.event == window.first.event
    return (first, window.last.offset.count) if ends else None


CHASING = frozenset({"call", "visit", "deliver_letter", "formal_demand", "negotiate"})
"""What is done about a debt, not to tell of a bill."""
OWED = frozenset({"arrears", "principal_not_due", "balance", "overdue_days", "overdue_periods", "charge_overdue_days"})
"""Facts that tell who owes: a step that asks for one knows whom it chases."""


def _too_early(book: RuleBook) -> Iterator[Finding]:
    """A follow-up of a notice that comes before the due date, whoever has paid and whoever has not."""
    steps = {step.id: step for step in (*book.reminders, *book.ladder.steps)}
    for step in own_steps(book):
        if step.action not in CHASING or OWED & set(facts_of(step.when)):
            continue
        days = _earliest(step, steps)
        if days is not None and days < 0:
            yield Finding("Q510", step.at, {"step": step.title, "days": -days})


def _earliest(step: Step, steps: dict[str, Step]) -> int | None:
    """The first day of a step counted from the due date, through a step it follows; None if it hangs elsewhere."""
    if (days := _days_after_due(step)) is not None:
        return days
    window = step.window
    if not isinstance(window, AnchorWindow) or window.first.event not in ("done", "delivered"):
        return None
    before = _days_after_due(steps[window.first.of]) if window.first.of in steps else None
    offset = window.first.offset
    return before + offset.count if before is not None and offset.unit == "d" else None


# What a source supplies


def unsupplied(book: RuleBook, lists: Collection[str]) -> Iterator[Finding]:
    """Tests on facts that hang on a list a source does not supply, and steps that do: the one is unknown for every
    account of it, the other never due.

    `lists`: what the source has (`Capabilities.lists`, docs/reference/records.md).
    """
    absent = LISTS.keys() - {*lists, "accounts"}
    told: set[str] = set()
    for test in _all_tests(book):
        fact = CATALOGUE.get(test.fact)
        if fact is None or test.fact in told:
            continue
        lacking = {source.partition(".")[0] for source in fact.reads} & absent
        if lacking and not (fact.either and len(lacking) < len(fact.reads)):
            told.add(test.fact)
            yield Finding("Q506", test.at, {"title": fact.title, "lists": "、".join(sorted(lacking))})
    for rung in made_ready(book).rungs:
        needed = {rung.source, *(RECORDS.get(anchor.event, "") for anchor in rung.step.after)}
        if rung.step.approval is not None:
            needed.add("approvals")
        if is_own(book, rung.step) and needed & absent:
            yield Finding("Q515", rung.step.at, {"step": rung.step.title, "lists": "、".join(sorted(needed & absent))})


def _all_tests(book: RuleBook) -> Iterator[Check]:
    """Every test of the book's own: of its clauses, and of the pauses, quotas and discounts beside them."""
    yield from tests_of(book)
    parts = [(pause.at, pause.while_) for pause in book.pauses]
    parts += [(quota.at, quota.when) for quota in book.contact.quotas]
    parts += [(row.at, row.when) for row in book.incentives.rows]
    for at, condition in parts:
        if at is not None and at.file == book.file:
            yield from checks(condition)
