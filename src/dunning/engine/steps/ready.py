"""A book's steps made ready once: names they have had, conditions as functions, channels, and what they read.

Apart from the steps themselves, so that each account costs only what differs between accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from dunning.basis.calendar import Calendar
from dunning.basis.finding import Text
from dunning.engine.known import clocks
from dunning.engine.known.clocks import fell_due
from dunning.engine.known.compile import is_charge_fact, worst_of
from dunning.engine.known.logic import Read, Truth, holds
from dunning.engine.known.tables import Program, program
from dunning.engine.owed.ledger import ChargeState
from dunning.engine.steps.anchors import Moment, Occurrence, calendar_occurrences, day_before, moved
from dunning.engine.steps.candidates import Kind, Reason, Withheld
from dunning.model.account import Channel
from dunning.model.action import ACTIONS, Action
from dunning.model.anchor import AnchorWindow, CalendarWindow, Event
from dunning.model.condition import (
    ALWAYS,
    All,
    Any,
    Anything,
    Check,
    Condition,
    Contains,
    Not,
    OneOf,
    Range,
    Unknown,
    Value,
    facts_of,
)
from dunning.model.rulebook import RuleBook
from dunning.model.steps import By, Channels, Pause, Step

Holds = Callable[[Read], Truth]
"""A condition made ready: whether it holds of the facts a reader gives."""

USUAL_CHANNELS: Mapping[str, Channels] = {
    "call": Channels("first_of", ("phone",)),
    "ai_call": Channels("first_of", ("ai_voice",)),
    "visit": Channels("first_of", ("visit",)),
    "send_notice": Channels("first_of", ("sms", "wechat", "app")),
    "send_message": Channels("first_of", ("sms", "wechat", "app")),
    "send_receipt": Channels("first_of", ("sms", "wechat", "app")),
    "survey": Channels("first_of", ("wechat", "sms", "app")),
    "deliver_letter": Channels("first_of", ("letter",)),
    "formal_demand": Channels("first_of", ("ems",)),
    "post_notice": Channels("first_of", ("notice",)),
}
"""How an action goes out where its step does not say: caps and hours apply to it all the same."""

ON_THE_SPOT: frozenset[Channel] = frozenset({"visit", "letter", "notice"})
"""Channels that need no more than the unit itself; used by custom, no list of ways to reach somebody rules them out."""

PAYING: frozenset[Event] = frozenset({"paid", "settled", "handover"})
"""Anchors of steps that ask for nothing: a receipt, thanks, a welcome."""


RECORDS: Mapping[Event, str] = {
    "promise": "contacts", "contact": "contacts", "done": "contacts", "delivered": "contacts", "failed": "contacts",
    "expired": "contacts", "paid": "payments", "settled": "payments", "plan": "plans", "dispute": "disputes",
    "judgment": "proceedings", "performance_end": "proceedings",
}  # fmt: skip
"""The records an event hangs on: an account without any of them has never seen it."""


class Days(NamedTuple):
    """The window a day opens (`last` None: no end), and what there is to say of the step before and after it."""

    first: date
    last: date | None
    guessed: bool
    ahead: Withheld
    behind: Withheld


class Season(NamedTuple):
    """The calendar days around a day: all, those of today, and what there is to say before the next."""

    days: list[Occurrence]
    live: list[Occurrence]
    waiting: Withheld


class Rung:
    """A step with what follows from it and its book.

    `names` are all it has had, `oldest` the first of them: keys are made of that, so that a new name delivers nothing
    twice. `on_due`: tied to the due date, and to nothing else (`fixed`); `dated`: so that there must be one (without
    `at` it is enough that something is overdue); `early`: it begins on or before it; `on_payment`: tied to a payment
    alone. `source`: the records its anchor hangs on; `never`: what there is to say of it while it has none. `alike`:
    without such records it stands the same for all who owe since one day. `legal`: its tone is always legal. `asks`:
    it asks for money. `tables`: those that say how it goes (template, role, tone). `narrowed`: a list of ways to reach
    somebody rules out the other channels.
    """

    __slots__ = (
        "_paid", "_today", "action", "alike", "asks", "calendar", "channels", "dated", "early", "fixed", "kind",
        "ladder", "legal", "names", "narrowed", "never", "oldest", "on_due", "on_payment", "per_charge", "rank",
        "source", "step", "tables", "until", "when",
    )  # fmt: skip

    def __init__(self, step: Step, rank: int, book: RuleBook, *, ladder: bool) -> None:
        self.step = step
        self.rank = rank
        self.ladder = ladder
        self.calendar = book.calendar
        window = step.window
        first = window.first if isinstance(window, AnchorWindow) else None
        event = first.event if first is not None else None
        self.kind: Kind = "ladder" if ladder else "promise" if event == "promise" else "reminder"
        self.on_due = window is None or event == "due"
        ends_on_due = not isinstance(window, AnchorWindow) or window.last is None or window.last.event == "due"
        self.fixed = self.on_due and ends_on_due
        self.dated = event == "due"
        self.early = first is not None and event == "due" and first.offset.count <= 0
        self.source = RECORDS.get(event, "") if event is not None else ""
        known = book.actions.get(step.action) or ACTIONS.get(step.action)
        self.action = known or Action(step.action, Text(step.action, step.action), ())
        self.names = names_of(step.id, book)
        self.oldest = self.names[-1]
        self.when = None if step.when == ALWAYS else ready(step.when)
        repeat = step.repeat
        self.until = None if repeat is None or repeat.until is None else ready(repeat.until)
        self.legal = step.action == clocks.DEMAND or "court_filing" in self.action.effects
        self.channels = step.channels or USUAL_CHANNELS.get(step.action)
        self.narrowed = step.channels is not None or (
            self.channels is not None and ON_THE_SPOT.isdisjoint(self.channels.channels)
        )
        self.per_charge = step.of == "charge"
        self.asks = event not in PAYING
        on_record = self.source not in ("", "payments")
        ends = first, window.last if isinstance(window, AnchorWindow) else None
        self.on_payment = all(each is not None and each.event == "paid" for each in ends)
        self.alike = on_record or (not self.per_charge and (self.fixed or isinstance(window, CalendarWindow)))
        self.never = Withheld(step.id, None, ("not_yet",))
        self._paid: dict[date, Days] = {}
        self.tables = tuple([said.table for said in (step.template, step.role, step.tone) if isinstance(said, By)])
        self._today: tuple[date, Season] = (date.min, Season([], [], self.never))

    def not_yet(self, before: date) -> Withheld:
        """The step while its day lies ahead; `before` is the last day of that."""
        return Withheld(self.step.id, None, ("not_yet",), before)

    def missed(self, kind: str, last: date | None) -> Withheld:
        """The step once its window has closed, `last` being the last day of it."""
        return Withheld(self.step.id, None, ("missed",), None, (Reason("missed", "day", kind, last),))

    def opened(self, moment: Moment) -> Days:
        """The window an event opens; without `at` it opens as soon as something is overdue."""
        window = self.step.window
        if not isinstance(window, AnchorWindow):
            first = date.fromordinal(moment.day.toordinal() + 1)
            return Days(first, None, moment.provisional, self.not_yet(moment.day), self.never)
        first, guessed = moved(moment, window.first.offset, self.calendar)
        last = None
        if window.last is not None:
            last, guessed_end = moved(moment, window.last.offset, self.calendar)
            guessed = guessed or guessed_end
        return Days(first, last, guessed, self.not_yet(day_before(first)), self.missed(window.first.event, last))

    def paid(self, day: date) -> Days:
        """The window a payment opens; many come on one day."""
        found = self._paid.get(day)
        if found is None:
            if len(self._paid) >= MOST_DAYS:
                self._paid.clear()
            found = self._paid[day] = self.opened(Moment(day, ""))
        return found

    def season(self, window: CalendarWindow, on: date) -> Season:
        """The calendar days around a day; a portfolio asks for one day over and over."""
        if self._today[0] != on:
            days = list(calendar_occurrences(window, on, self.calendar))
            live = [each for each in days if each.first <= on and (each.last is None or on <= each.last)]
            ahead = min((each.first for each in days if each.first > on), default=None)
            self._today = on, Season(days, live, self.never if ahead is None else self.not_yet(day_before(ahead)))
        return self._today[1]


MOST_DAYS = 20_000
"""Due dates remembered for one book: enough for any portfolio, and an end to it."""


class Resting(NamedTuple):
    """A pause of the book, with its condition ready and the facts that reads."""

    pause: Pause
    holds: Holds
    reads: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Ready:
    """A book's reminders and ladder, ready. `steps`: by every name a step has or had; `demands`: the formal demands.

    `reads` are the facts of the account that conditions of steps and pauses read, tables apart. `early`: some rung
    begins on or before the due date; `idle`: the ladder of who owes nothing. `rungs`: all steps by rank.
    """

    book: RuleBook
    calendar: Calendar
    program: Program
    rungs: tuple[Rung, ...]
    reminders: tuple[Rung, ...]
    ladder: tuple[Rung, ...]
    steps: Mapping[str, Step]
    demands: tuple[str, ...]
    pauses: tuple[Resting, ...]
    reads: tuple[str, ...]
    early: bool
    idle: tuple[Withheld, ...]
    _days: dict[tuple[date | None, date | None, bool], tuple[Days | None, ...]] = field(default_factory=dict)

    def days(self, state: ChargeState) -> tuple[Days | None, ...]:
        """The windows the due date of a charge opens, by rank; None for steps that are tied to anything else."""
        key = state.due, state.charge.due, state.provisional
        found = self._days.get(key)
        if found is None:
            moment = Moment(fell_due(state), state.charge.id, None, state.provisional, state.charge.due)
            found = tuple([rung.opened(moment) if rung.fixed else None for rung in self.rungs])
            if state.due is not None:
                if len(self._days) >= MOST_DAYS:
                    self._days.clear()
                self._days[key] = found
        return found


@lru_cache(maxsize=64)
def made_ready(book: RuleBook) -> Ready:
    """What a book's steps come to; made once for a book."""
    reminders = tuple(Rung(step, rank, book, ladder=False) for rank, step in enumerate(book.reminders))
    ladder = tuple(
        Rung(step, rank, book, ladder=True) for rank, step in enumerate(book.ladder.steps, start=len(reminders))
    )
    rungs = (*reminders, *ladder)
    steps = {name: rung.step for rung in rungs for name in rung.names}
    pauses = tuple(Resting(pause, ready(pause.while_), facts_of(pause.while_)) for pause in book.pauses)
    demands = tuple(rung.step.id for rung in ladder if rung.step.action == clocks.DEMAND)
    reads = _reads(book, rungs)
    early = any(rung.early for rung in ladder)
    idle = tuple(rung.never for rung in ladder)
    return Ready(
        book, book.calendar, program(book), rungs, reminders, ladder, steps, demands, pauses, reads, early, idle
    )


def names_of(step: str, book: RuleBook) -> tuple[str, ...]:
    """A step's name and those it had before, the oldest last; where two became one, the first written is older."""
    names = [step]
    for name in names:  # grows as older names are found
        names += [old.name for old in reversed(book.retired) if old.now == name and old.name not in names]
    return tuple(names)


def _reads(book: RuleBook, rungs: Iterable[Rung]) -> tuple[str, ...]:
    conditions = [pause.while_ for pause in book.pauses]
    for rung in rungs:
        conditions.append(rung.step.when)
        if rung.step.repeat is not None and rung.step.repeat.until is not None:
            conditions.append(rung.step.repeat.until)
    named = dict.fromkeys(fact for condition in conditions for fact in facts_of(condition))
    return tuple(
        fact for fact in named if fact not in book.tables and not is_charge_fact(fact, book) and worst_of(fact) is None
    )


# Conditions as functions: what `logic.truth` says, without walking the tree each time.


def ready(condition: Condition) -> Holds:
    """The condition as a function of a reader, three-valued; a property test holds it to `logic.truth`."""
    match condition:
        case Check(test=Anything()):
            return lambda _: True
        case Check(fact, Range() as test):
            return _range(fact, test)
        case Check(fact, Contains(words, negated)):
            return _contains(fact, frozenset(words), negated=negated)
        case Check(fact, OneOf(values, _, negated)):
            return _one_of(fact, frozenset((value.__class__, value) for value in values), negated=negated)
        case Check(fact, test):
            return lambda read: holds(test, read(fact))
        case All((part,)) | Any((part,)):
            return ready(part)
        case All(parts):
            return _every(tuple(ready(part) for part in parts), stop=False)
        case Any(parts):
            return _every(tuple(ready(part) for part in parts), stop=True)
        case Not(part):
            return _opposite(ready(part))


def _range(fact: str, test: Range) -> Holds:
    low = test.lowest if test.lowest is not None else float("-inf")
    high = test.highest if test.highest is not None else float("inf")

    def within(read: Read) -> Truth:
        value = read(fact)
        if value.__class__ is int:
            return low <= value <= high
        return None if isinstance(value, Unknown) else False

    return within


def _one_of(fact: str, values: frozenset[tuple[type, Value]], *, negated: bool) -> Holds:
    """Equal and of one type: to Python, True is 1."""

    def one_of(read: Read) -> Truth:
        value = read(fact)
        if (value.__class__, value) in values:
            return not negated
        if value is None:
            return False
        return None if value.__class__ is Unknown else negated

    return one_of


def _contains(fact: str, words: frozenset[str], *, negated: bool) -> Holds:
    def contains(read: Read) -> Truth:
        value = read(fact)
        if isinstance(value, frozenset):
            return words.isdisjoint(value) is negated
        return None if isinstance(value, Unknown) else negated

    return contains


def _every(parts: tuple[Holds, ...], *, stop: bool) -> Holds:
    """All of them (`stop` False), or any (`stop` True): the first part that settles it ends the search."""

    def every(read: Read) -> Truth:
        outcome: Truth = not stop
        for part in parts:
            found = part(read)
            if found is stop:
                return stop
            if found is None:
                outcome = None
        return outcome

    return every


def _opposite(part: Holds) -> Holds:
    def opposite(read: Read) -> Truth:
        found = part(read)
        return None if found is None else not found

    return opposite
