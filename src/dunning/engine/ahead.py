"""The days ahead on which something about an account can change though nobody adds a record: all of them, and few more.

So that the next review is found by looking at tens of days, not at every day of five years. A day too many costs one
look; a day too few would be a household nobody looks at again, so where it is in doubt the day is among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from dunning.basis.calendar import Calendar, add_months
from dunning.basis.errors import CalendarError
from dunning.engine.contact.caps import numbers
from dunning.engine.deadlines import alerts_of, deadlines
from dunning.engine.known import material
from dunning.engine.known.clocks import fell_due
from dunning.engine.known.contacts import attempted
from dunning.engine.known.facts import Facts
from dunning.engine.ladder import pauses
from dunning.engine.law.guard import law_of
from dunning.engine.owed.ledger import ChargeState
from dunning.engine.owed.plans import plan_rules
from dunning.engine.steps import approvals
from dunning.engine.steps.anchors import (
    RECORDED_WITHIN,
    Anchors,
    calendar_occurrences,
    moved,
    open_charges,
    running_until,
    shifted,
)
from dunning.engine.steps.ready import Ready, Rung, made_ready
from dunning.model.anchor import AnchorWindow, CalendarWindow
from dunning.model.condition import Check, OneOf, Range
from dunning.model.rulebook import Dated, RuleBook
from dunning.model.steps import A_MONTH, Occasion, Step

_DAY = timedelta(days=1)
YEARS = 5
"""So far ahead a next review is looked for."""

KINDS = 3
"""Workday, rest day, festival."""

GROWING = ("late_fee", "balance", "late_fee_capped", "average_days_late", "charge_fee_capped")
"""Facts that move from day to day by themselves, and not by a date that stands in a record."""

_YEARLY = frozenset(
    {"paid_12m", "late_payments_12m", "on_time_ratio_12m", "average_days_late", "payment_habit"}
)  # fmt: skip
_COUNTED: Mapping[str, int] = {"contacts_7d": 7, "contacts_30d": 30}
_OCCASIONS: Mapping[Occasion, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


class Days(NamedTuple):
    """Days to be looked at. After one of `turns` others may follow from what is known by then: those are to be asked
    for again."""

    tried: frozenset[date]
    turns: frozenset[date]


def horizon(on: date) -> date:
    """The last day a next review is looked for."""
    return add_months(on, 12 * YEARS) if on.year + YEARS <= date.max.year else date.max


def days_ahead(facts: Facts, *, until: date, pending: bool) -> Days:
    """The days after that of the facts, up to `until`, on which their account's answer can differ from the day before.

    `pending`: a step is due, or waits for hours, caps, the gap or the day's message, so that these count too.
    """
    turns = _between(facts.on, until, _events(facts))
    days: set[date | None] = set(_of_thresholds(facts))
    days.update(_of_steps(facts))
    days.update(_of_deadlines(facts))
    days.update(_calendar_days(facts.book, facts.on.year))
    if pending:
        days.update(_of_contacts(facts))
    return Days(turns | _between(facts.on, until, days), turns)


def days_of_books(books: Iterable[RuleBook], handed_over: date | None) -> Iterator[date]:
    """The days on which another book, another law or another answer of a row comes into force."""
    for book in books:
        yield from marks(book).turns
        if book.since is not None:
            yield book.since
        if book.until is not None:
            yield _after(book.until)
        if book.track is not None and handed_over is not None:
            for anchor in (book.track.since, book.track.until):
                if anchor is not None:
                    day = shifted(handed_over, anchor.offset, book.calendar)[0]
                    yield day
                    yield _after(day)


def _between(on: date, until: date, days: Iterable[date | None]) -> frozenset[date]:
    return frozenset(day for day in days if day is not None and on < day <= until)


def _after(day: date) -> date:
    return day + _DAY if day < date.max else day


def _and_after(day: date | None) -> Iterator[date]:
    """A day and the one after it."""
    if day is not None:
        yield day
        yield _after(day)


# What a book looks at, found once


@dataclass(frozen=True, slots=True)
class Marks:
    """The thresholds of each fact that anything in a book or its law reads, and its own days in the calendar.

    A threshold is a value from which on a test answers otherwise than below it. `turns`: days written in book or law.
    """

    thresholds: Mapping[str, tuple[int, ...]]
    turns: frozenset[date]
    windows: tuple[CalendarWindow, ...]
    months: frozenset[int]

    @property
    def growing(self) -> tuple[str, ...]:
        return tuple(fact for fact in GROWING if fact in self.thresholds)


@lru_cache(maxsize=64)
def marks(book: RuleBook) -> Marks:
    """What a book looks at."""
    thresholds: dict[str, set[int]] = {}
    turns: set[date] = set()
    told = (book.applies, book.tables, book.contact, book.reminders, book.ladder, book.pauses, book.laws)
    for each in _parts(told):
        if isinstance(each, Check):
            thresholds.setdefault(each.fact, set()).update(_thresholds(each))
        elif isinstance(each, Dated):
            turns.update(day for day, _ in each.steps)
    for pack in book.laws:
        for article in pack.articles:
            turns.update(day for day in (article.since,) if day is not None)
            turns.update(_after(day) for day in (article.until,) if day is not None)
    steps = (*book.reminders, *book.ladder.steps)
    return Marks(
        {fact: tuple(sorted(values)) for fact, values in thresholds.items()},
        frozenset(turns),
        tuple(dict.fromkeys(step.window for step in steps if isinstance(step.window, CalendarWindow))),
        frozenset(
            _OCCASIONS[step.once_per] for step in steps if step.once_per is not None and step.once_per in _OCCASIONS
        ),
    )


def _parts(thing: object) -> Iterator[object]:
    """Every record inside some records, itself included."""
    if isinstance(thing, Mapping):
        for value in thing.values():
            yield from _parts(value)
    elif isinstance(thing, tuple | list | frozenset):
        for value in thing:
            yield from _parts(value)
    elif is_dataclass(thing):
        yield thing
        for field in fields(thing):
            yield from _parts(getattr(thing, field.name))


def _thresholds(check: Check) -> Iterator[int]:
    match check.test:
        case Range() as test:
            if test.lowest is not None:
                yield test.lowest
            if test.highest is not None:
                yield test.highest + 1
        case OneOf(values):
            for value in values:
                if isinstance(value, int) and not isinstance(value, bool):
                    yield value
                    yield value + 1


# Days that stand in the records, or follow from one of them alone


def _events(facts: Facts) -> Iterator[date | None]:
    """The days on which a record becomes known, begins, ends, or is judged otherwise."""
    account, book = facts.account, facts.book
    calendar = book.calendar
    yield from days_of_books((book,), account.handed_over)
    for state in facts.ledger.charges:
        yield from _and_after(fell_due(state) if state.due or state.charge.opening else None)
        yield state.charge.due
    for charge in account.charges:
        yield from _and_after(charge.opening.on if charge.opening is not None else None)
    for payment in account.payments:
        yield payment.on
        yield payment.reversed_on
    for adjustment in account.adjustments:
        yield from _and_after(adjustment.on)
    for contract in account.contracts:
        yield contract.since
        yield _ends(contract.until)
    for party in (account.debtor, *account.parties):
        yield party.since
        yield _ends(party.until)
    for consent in account.consents:
        yield consent.since
        yield _ends(consent.until)
    for hold in account.holds:
        yield hold.since
        yield _ends(hold.until)
    for proceeding in account.proceedings:
        yield proceeding.on
    yield from _of_talks(facts)
    rules = plan_rules(book) if account.plans else None
    for plan in account.plans if rules is not None else ():
        yield plan.signed
        for instalment in plan.instalments:
            yield from _and_after(rules.deadline(instalment.due) if rules is not None else None)
    for dispute in account.disputes:
        yield dispute.opened
        yield dispute.answered
        yield dispute.closed
        yield _after(pauses.answer_due(dispute, book.pauses, calendar))
        yield _after(pauses.last_rest(dispute, calendar))
    if account.approvals:
        valid = {step.approval.valid for step in _steps(book) if step.approval is not None}
        for approval in account.approvals:
            yield approvals.day_of(approval)
            for length in valid | {A_MONTH}:
                yield _after(approvals.lasts(approval, length, calendar))


def _steps(book: RuleBook) -> tuple[Step, ...]:
    return (*book.reminders, *book.ladder.steps)


def _ends(last: date | None) -> date | None:
    return None if last is None else _after(last)


def _of_talks(facts: Facts) -> Iterator[date]:
    """Contacts still to come, promised days, and the ends of what demands give."""
    past = facts.on - _DAY
    for account in facts.person.accounts:
        for contact in account.contacts:
            day = contact.at.date()
            if day >= past:
                yield from _and_after(day)  # the day in China may be the next
            if contact.promise is not None and contact.promise.on >= past:
                yield from _and_after(contact.promise.on)
    for demand in facts.part(material.demands) if facts.account.contacts else ():
        yield _after(demand.until.day)


# Thresholds of facts that count days


def _of_thresholds(facts: Facts) -> Iterator[date]:
    """The days on which a fact that counts days or months reaches a threshold."""
    thresholds = marks(facts.book).thresholds
    open_dues = [fell_due(state) for state in facts.ledger.charges if state.unpaid and state.due is not None]
    counted = {
        "overdue_days": open_dues,
        "charge_overdue_days": open_dues,
        "days_since_payment": [payment.on for payment in facts.ledger.payments[-1:]],
        "handover_days": [day for day in (facts.account.handed_over,) if day is not None],
    }
    for fact, since in counted.items():
        for value in thresholds.get(fact, ()):
            yield from (_later(day, value) for day in since)
    for value in thresholds.get("charge_age", ()):
        for due in open_dues:
            yield from _aged(due, value)
    if not _YEARLY.isdisjoint(thresholds):
        for day in (*(payment.on for payment in facts.ledger.payments), *_dues(facts)):
            yield from _and_after(_months_on(day, 12))
    for fact, length in _COUNTED.items():
        if fact in thresholds:
            yield from (_later(talk.day, length) for talk in facts.person.talks)


def _dues(facts: Facts) -> Iterator[date]:
    return (state.due for state in facts.ledger.charges if state.due is not None)


def _later(day: date, count: int) -> date:
    return date.fromordinal(min(max(1, day.toordinal() + count), date.max.toordinal()))


def _months_on(day: date, months: int) -> date | None:
    try:
        return add_months(day, months)
    except CalendarError:
        return None


def _aged(due: date, age: int) -> Iterator[date]:
    """The day on which an age of 2m+e half months is reached."""
    day = _months_on(due, age // 2)
    if day is not None:
        yield _later(day, age % 2)


# Steps


def _of_steps(facts: Facts) -> Iterator[date | None]:
    """The first day of each window, the day after its last, and what conditions of time hang on."""
    ready = made_ready(facts.book)
    anchors = Anchors(facts, ready.steps)
    account = facts.account
    states = open_charges(facts)
    for rung in ready.rungs:
        if not rung.source or account.unknown or getattr(account, rung.source):
            yield from _of_windows(facts, ready, anchors, rung, states)
        if account.contacts:
            yield from _of_done(anchors, rung, facts.book)
        for anchor in rung.step.after:
            for state in (None, *states):
                for moment in anchors.moments(anchor, state).known:
                    yield moved(moment, anchor.offset, facts.book.calendar)[0]


def _of_windows(
    facts: Facts, ready: Ready, anchors: Anchors, rung: Rung, states: Sequence[ChargeState]
) -> Iterator[date | None]:
    window = rung.step.window
    if not isinstance(window, AnchorWindow):
        return
    if rung.fixed:
        for state in states:
            found = ready.days(state)[rung.rank]
            if found is not None and (state.due is not None or not rung.dated):
                yield found.first
                yield _ends(found.last)
        return
    about: Sequence[ChargeState | None] = (None,)
    if rung.per_charge:
        about = [state for state in facts.ledger.charges if state.applied] if rung.source == "payments" else states
    for state_or_none in about:
        for occurrence in anchors.occurrences(window, state_or_none)[0]:
            yield occurrence.first
            yield _ends(occurrence.last)


def _of_done(anchors: Anchors, rung: Rung, book: RuleBook) -> Iterator[date]:
    """When a step may be repeated, its deadline is over, its result awaited no more, and the ladder's gap after it."""
    step, calendar, on = rung.step, book.calendar, anchors.of.on
    talks = anchors.talks_of(step.id)
    lengths = [step.repeat.every] if step.repeat is not None else []
    if step.record:
        lengths.append(RECORDED_WITHIN)
    if rung.ladder and book.ladder.min_gap.count:
        lengths.append(book.ladder.min_gap)
    for length in lengths:
        for talk in reversed(talks):
            day = shifted(talk.day, length, calendar)[0]
            yield from _and_after(day)
            if _after(day) <= on:
                break  # so are those of the talks before it
    for talk in talks if step.gives is not None else ():
        end = running_until(calendar, step.gives, talk, step) if step.gives is not None else None
        if end is not None:
            yield _after(end[0])


# Deadlines


def _of_deadlines(facts: Facts) -> Iterator[date]:
    """The day each alert comes, and the day after the deadline."""
    law = law_of(facts.book).on(facts.on, facts.account.place)
    for each in deadlines(facts):
        yield _after(each.on)
        for days in alerts_of(law, each.kind):
            yield _later(each.on, -days)


# The calendar


@lru_cache(maxsize=1024)
def _calendar_days(book: RuleBook, year: int) -> frozenset[date]:
    """The days on which windows of the calendar open and have closed, and periods of `once_per` begin, for a review on
    any day of a year.
    """
    found: set[date] = set()
    known, on = marks(book), date(year, 1, 1)
    for month in range(-12, 12 * YEARS + 24, 3) if known.windows else ():
        middle = _months_on(on, month)
        for window in known.windows if middle is not None else ():
            for each in calendar_occurrences(window, middle, book.calendar) if middle is not None else ():
                found.add(each.first)
                found.update(day for day in (_ends(each.last),) if day is not None)
    for months in known.months:
        found.update(
            day for turn in range(12 * (YEARS + 1) // months + 2) if (day := _months_on(on, turn * months)) is not None
        )
    return frozenset(found)


def days_of_other_kinds(calendar: Calendar, on: date, days: Sequence[date], until: date) -> Iterator[date]:
    """Where other hours may hold: between two of these days nothing but the kind of day changes, so of each stretch the
    first day of each kind is enough."""
    for start, end in pairwise((on, *days, until + _DAY if until < date.max else until)):
        seen = {calendar.kind(start)}
        for ordinal in range(start.toordinal() + 1, end.toordinal()):
            day = date.fromordinal(ordinal)
            kind = calendar.kind(day)
            if kind not in seen:
                seen.add(kind)
                yield day
                if len(seen) == KINDS:
                    break


def _of_contacts(facts: Facts) -> Iterator[date]:
    """The days on which contacts made so far count no longer towards a cap."""
    caps = numbers(facts.book, law_of(facts.book).on(facts.on, facts.account.place))
    first = facts.on.toordinal() - caps.reach - 1
    days = {talk.day for talk in facts.person.talks if talk.at.toordinal() >= first and attempted(talk.contact)}
    for day in days:
        yield from (cap.leaves(day, facts.on) for cap in caps.caps)
