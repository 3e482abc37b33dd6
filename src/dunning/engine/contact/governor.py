"""Whether a person may be contacted today, by which channels and when: hours and caps over all their accounts.

One account cannot keep a person's caps, so the governor sees all of them; where their books differ the strictest of
both hours and caps holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from dunning.engine.contact.caps import Numbered, Numbers, Tally, attempts, numbers
from dunning.engine.contact.hours import WHOLE_DAY, Hours, Ways, ever, hours, meet, timed
from dunning.engine.known.contacts import Person
from dunning.engine.known.logic import Read
from dunning.engine.known.material import covers
from dunning.engine.law.guard import law_of
from dunning.engine.steps.candidates import Code, Reason
from dunning.model.condition import Unknown
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import Statutes

_DAY = timedelta(days=1)
FAR = 366
"""So many days ahead the next permitted one is looked for: every kind of day comes up within a year."""


class Ground(NamedTuple):
    """A book at a place, the law of the day there, and how to read the facts of each of the person's accounts there."""

    book: RuleBook
    place: str | None
    law: Statutes
    numbers: Numbers
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

    __slots__ = ("_caps", "_hours", "_opens", "blind", "grounds", "on", "tally")

    def __init__(self, person: Person, standing: Iterable[tuple[RuleBook, str | None, Read]]) -> None:
        self.on = person.on
        self.grounds = _grounds(standing, person.on)
        self._caps: list[Numbered] | None = None
        reach = max((ground.numbers.reach for ground in self.grounds), default=1)
        self.tally = Tally(attempts(person.accounts, person.on, reach), person.on)
        self.blind = bool(person.unknown) and any(covers(name, "contacts.at") for name in person.unknown)
        self._hours: dict[tuple[Ways, date], Hours] = {}
        self._opens: dict[tuple[Ways, date], date | None] = {}

    # Today

    def refusals(self, ways: Ways) -> list[Refusal]:
        """Everything that keeps one contact by these channels, together, from being made today; empty: it may be."""
        found = []
        if self.blind and not all(cap.counted.isdisjoint(ways) for cap in self.caps):
            lacking = Reason("unknown", "fact", "contacts", Unknown(("contacts",)))
            found.append(Refusal("unknown", None, (lacking,)))
        full = self._full(ways)
        if full:
            found.append(self._capped(full))
        if not self.hours(ways, self.on):
            found.append(self._closed(ways))
        return found

    def room(self, ways: Ways) -> bool:
        """Whether the caps allow one more contact by these channels today."""
        return not self._full(ways)

    def _full(self, ways: Ways) -> list[Numbered]:
        """The caps such a contact would count under that are used up."""
        if self.tally.idle and not self.capped_at_none:
            return []  # nobody was sought, and nothing is forbidden outright
        return [cap for cap in self.caps if not cap.counted.isdisjoint(ways) and self.tally.used(cap) >= cap.times]

    @property
    def capped_at_none(self) -> bool:
        """Whether some cap lets no contact through at all."""
        return any(ground.numbers.none_at_all for ground in self.grounds)

    @property
    def caps(self) -> list[Numbered]:
        """The caps that hold of the person: those that concern, or may concern, one of their accounts."""
        if self._caps is None:
            self._caps = [
                cap
                for ground in self.grounds
                for cap in ground.numbers.caps
                if cap.concerns is None or any(cap.concerns(read) is not False for read in ground.reads)
            ]
        return self._caps

    def hours(self, ways: Ways, day: date) -> Hours:
        """When a contact may be made on a day, under all the person's books; the whole day for paper."""
        found = self._hours.get((ways, day))
        if found is None:
            found = WHOLE_DAY
            for ground in self.grounds:
                law = ground.law if day == self.on else law_of(ground.book).on(day, ground.place)
                found = meet(found, hours(ground.book, law, ways, day, ground.reads))
            self._hours[ways, day] = found
        return found

    # Later

    def next_day(self, ways: Ways, since: date = date.min) -> date | None:
        """The first day after today, and from `since` on, on which hours and caps allow a contact.

        That is if none is made until then. None: there is no such day within a year.
        """
        day = max(since, self.on + _DAY)
        for cap in self._full(ways):
            free = self.tally.frees(cap)
            if free is None:
                return None
            day = max(day, free)
        return self._open_from(ways, day)

    def _open_from(self, ways: Ways, day: date) -> date | None:
        if (ways, day) not in self._opens:
            self._opens[ways, day] = self._searched(ways, day)
        return self._opens[ways, day]

    def _searched(self, ways: Ways, day: date) -> date | None:
        if not all(ever(ground.book, ground.law, timed(ways)) for ground in self.grounds):
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


def _grounds(standing: Iterable[tuple[RuleBook, str | None, Read]], on: date) -> list[Ground]:
    """Each book at each place once."""
    found: dict[tuple[RuleBook, str | None], Ground] = {}
    for book, place, read in standing:
        ground = found.get((book, place))
        if ground is None:
            law = law_of(book).on(on, place)
            ground = found[book, place] = Ground(book, place, law, numbers(book, law), [])
        ground.reads.append(read)
    return list(found.values())
