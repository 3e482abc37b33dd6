"""A book's steps made ready once: names they have had, conditions as functions, channels, and what they read.

Apart from the steps themselves, so that each account costs only what differs between accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from dunning.basis.calendar import Calendar
from dunning.basis.finding import Text
from dunning.engine import clocks
from dunning.engine.candidates import Kind
from dunning.engine.compile import is_charge_fact, worst_of
from dunning.engine.logic import Read, Truth, holds
from dunning.engine.tables import Program, program
from dunning.model.account import Channel
from dunning.model.action import ACTIONS, Action
from dunning.model.anchor import AnchorWindow, Event
from dunning.model.condition import (
    ALWAYS,
    All,
    Any,
    Anything,
    Check,
    Condition,
    Contains,
    Not,
    Range,
    Unknown,
    facts_of,
)
from dunning.model.rulebook import RuleBook
from dunning.model.steps import NO_TIME, Channels, Pause, Step

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


class Rung:
    """A step with what follows from it and its book.

    `names` are all it has had, `oldest` the first of them: keys are made of that, so that a new name delivers nothing
    twice. `on_due`: tied to the due date; `early`: it begins on or before it. `legal`: its tone is always legal.
    `asks`: it asks for money. `narrowed`: a list of ways to reach somebody rules out the other channels.
    """

    __slots__ = (
        "action", "asks", "channels", "early", "kind", "ladder", "legal", "names", "narrowed", "oldest", "on_due",
        "per_charge", "rank", "step", "until", "when",
    )  # fmt: skip

    def __init__(self, step: Step, rank: int, book: RuleBook, *, ladder: bool) -> None:
        self.step = step
        self.rank = rank
        self.ladder = ladder
        event, offset = None, NO_TIME
        if isinstance(step.window, AnchorWindow):
            event, offset = step.window.first.event, step.window.first.offset
        self.kind: Kind = "ladder" if ladder else "promise" if event == "promise" else "reminder"
        self.on_due = step.window is None or event == "due"
        self.early = event == "due" and offset.count <= 0
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


@dataclass(frozen=True, eq=False)
class Ready:
    """A book's reminders and ladder, ready. `steps`: by every name a step has or had; `demands`: the formal demands.

    `reads` are the facts of the account that conditions of steps and pauses read, tables apart.
    """

    book: RuleBook
    calendar: Calendar
    program: Program
    reminders: tuple[Rung, ...]
    ladder: tuple[Rung, ...]
    steps: Mapping[str, Step]
    demands: tuple[str, ...]
    pauses: tuple[tuple[Pause, Holds], ...]
    reads: tuple[str, ...]


@lru_cache(maxsize=64)
def made_ready(book: RuleBook) -> Ready:
    """What a book's steps come to; made once for a book."""
    reminders = tuple(Rung(step, rank, book, ladder=False) for rank, step in enumerate(book.reminders))
    ladder = tuple(
        Rung(step, rank, book, ladder=True) for rank, step in enumerate(book.ladder.steps, start=len(reminders))
    )
    steps = {name: rung.step for rung in (*reminders, *ladder) for name in rung.names}
    pauses = tuple((pause, ready(pause.while_)) for pause in book.pauses)
    demands = tuple(rung.step.id for rung in ladder if rung.step.action == clocks.DEMAND)
    reads = _reads(book, (*reminders, *ladder))
    return Ready(book, book.calendar, program(book), reminders, ladder, steps, demands, pauses, reads)


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
