"""Whether a person may be contacted today, by which channels and when: hours and caps over all their accounts.

One account cannot keep a person's caps, so the governor sees all of them; where their books differ the strictest of
both hours and caps holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from dunning.engine.candidates import Code, Reason
from dunning.engine.caps import Numbered, Tally, attempts, caps_of, lawful_caps
from dunning.engine.contacts import Person
from dunning.engine.guard import law_of
from dunning.engine.hours import WHOLE_DAY, Classes, Hours, Ways, ever, hours, meet, timed
from dunning.engine.logic import Read
from dunning.engine.material import covers
from dunning.model.condition import Unknown
from dunning.model.rulebook import RuleBook

_DAY = timedelta(days=1)
FAR = 366
"""So many days ahead the next permitted one is looked for: every kind of day comes up within a year."""


class Ground(NamedTuple):
    """A book at a place, and how to read the facts of each account of the person that stands there."""

    book: RuleBook
    place: str | None
    reads: list[Read]


class Refusal(NamedTuple):
    """Why a contact may not be made today. `last`: the last day that holds, None where nobody can tell."""

    code: Code
    last: date | None
    reasons: tuple[Reason, ...]


class Governor:
    """The hours and caps of one person on one day, and what is planned for that day so far.

    `blind`: a source cannot say what contacts there were, so no cap can be kept.
    """

    __slots__ = ("_opens", "blind", "caps", "grounds", "on", "tally")

    def __init__(self, person: Person, standing: Iterable[tuple[RuleBook, str | None, Read]]) -> None:
        self.on = person.on
        self.grounds = _grounds(standing)
        self.caps = _caps(self.grounds, person.on)
        self.tally = Tally(attempts(person.accounts, person.on), person.on)
        self.blind = any(covers(name, "contacts.at") for name in person.unknown)
        self._opens: dict[tuple[Classes, date], date | None] = {}

    # Today

    def refusals(self, ways: Ways) -> list[Refusal]:
        """Everything that keeps one contact by these channels, together, from being made today; empty: it may be."""
        found = []
        caps = [cap for cap in self.caps if cap.counts(ways)]
        if self.blind and caps:
            lacking = Reason("unknown", "fact", "contacts", Unknown(("contacts",)))
            found.append(Refusal("unknown", None, (lacking,)))
        full = [cap for cap in caps if self.tally.used(cap) >= cap.times]
        if full:
            found.append(self._capped(full))
        if not self.hours(ways, self.on):
            found.append(self._closed(ways))
        return found

    def room(self, ways: Ways) -> bool:
        """Whether the caps allow one more contact by these channels today."""
        return all(self.tally.used(cap) < cap.times for cap in self.caps if cap.counts(ways))

    def hours(self, ways: Ways, day: date) -> Hours:
        """When a contact may be made on a day, under all the person's books; the whole day for paper."""
        classes = timed(ways)
        found = WHOLE_DAY
        if classes:
            for ground in self.grounds:
                found = meet(found, hours(ground.book, ground.place, classes, day, ground.reads))
        return found

    # Later

    def next_day(self, ways: Ways, since: date = date.min) -> date | None:
        """The first day after today, and from `since` on, on which hours and caps allow a contact.

        That is if none is made until then. None: there is no such day within a year.
        """
        day = max(since, self.on + _DAY)
        for cap in self.caps:
            if cap.counts(ways) and self.tally.used(cap) >= cap.times:
                free = self.tally.frees(cap)
                if free is None:
                    return None
                day = max(day, free)
        return self._open_from(ways, day)

    def _open_from(self, ways: Ways, day: date) -> date | None:
        key = timed(ways), day
        if key not in self._opens:
            self._opens[key] = self._searched(ways, day)
        return self._opens[key]

    def _searched(self, ways: Ways, day: date) -> date | None:
        if not all(ever(ground.book, ground.place, timed(ways), day) for ground in self.grounds):
            return None
        ahead = (day + _DAY * number for number in range(FAR))
        return next((each for each in ahead if self.hours(ways, each)), None)

    # Why not

    def _capped(self, full: Sequence[Numbered]) -> Refusal:
        """Which caps are used up, by what, and the last day on which one of them still is."""
        ends = [self.tally.frees(cap) for cap in full]
        reasons: list[Reason] = []
        for cap, free in zip(full, ends, strict=True):
            reasons.append(Reason("cap", "limit", cap.name, None if free is None else free - _DAY, cap.at))
            reasons += [Reason("cap", "article", article) for article in cap.articles]
            reasons += [Reason("cap", "record", f"contacts/{name}") for name in self.tally.records(cap)]
        known = [free for free in ends if free is not None]
        last = max(known) - _DAY if len(known) == len(ends) else None
        return Refusal("cap", last, tuple(dict.fromkeys(reasons)))

    def _closed(self, ways: Ways) -> Refusal:
        """The kind of day it is, the channels that have no hours on it, and the last day of that."""
        opens = self._open_from(ways, self.on + _DAY)
        last = None if opens is None else opens - _DAY
        kinds = {ground.book.calendar.kind(self.on): None for ground in self.grounds}
        shut = sorted(way for way in ways if way is not None and not self.hours(frozenset((way,)), self.on))
        at = self.grounds[0].book.contact.at
        reasons = [Reason("window", "day", kind, self.on) for kind in kinds]
        reasons += [Reason("window", "channel", way, last, at) for way in shut]
        return Refusal("window", last, tuple(reasons))


def _grounds(standing: Iterable[tuple[RuleBook, str | None, Read]]) -> list[Ground]:
    """Each book at each place once."""
    found: dict[tuple[RuleBook, str | None], Ground] = {}
    for book, place, read in standing:
        ground = found.get((book, place))
        if ground is None:
            ground = found[book, place] = Ground(book, place, [])
        ground.reads.append(read)
    return list(found.values())


def _caps(grounds: Sequence[Ground], on: date) -> list[Numbered]:
    """The caps that hold of the person: those that concern, or may concern, one of their accounts."""
    found = []
    for ground in grounds:
        law = law_of(ground.book).on(on, ground.place)
        for cap in (*caps_of(ground.book), *lawful_caps(law, ground.book.calendar)):
            concerns = cap.concerns
            if concerns is None or any(concerns(read) is not False for read in ground.reads):
                found.append(cap)
    return found
