"""How often a person was sought, counted against the caps and quotas of books, law and policy.

Caps are a person's: every attempt on any of their accounts counts, whoever made it and whatever came of it, but not
what could not be delivered, and never what came from them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from dunning.basis.calendar import Calendar, add_months
from dunning.basis.span import Span
from dunning.engine.contact.hours import Ways
from dunning.engine.known.contacts import Talk, attempted, known
from dunning.engine.steps.ready import Holds, ready
from dunning.model.account import Account, Channel
from dunning.model.anchor import Duration
from dunning.model.condition import ALWAYS, Condition
from dunning.model.law import Limited
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import Statutes, in_hours
from dunning.model.steps import CLASS_OF, Limit


def _counted() -> Mapping[str, Ways]:
    """What counts under each name. A contact of which nobody wrote down the channel may have been any but paper."""
    found: dict[str, set[Channel | None]] = {"any": {None}}
    for channel, kind in CLASS_OF.items():
        unnamed = set() if kind == "post" else {None}
        found.setdefault(kind, set(unnamed)).add(channel)
        if channel != kind:
            found[channel] = {channel, *unnamed}
        if kind != "post":
            found["any"].add(channel)
    return MappingProxyType({name: frozenset(ways) for name, ways in found.items()})


COUNTED = _counted()
"""The channels a cap or quota speaks of: `any` = phone, visit and message; a class; or one channel."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """So many contacts `of` a class, a channel or `any` in a stretch of days: a cap, or a quota.

    `concerns`: the accounts it is for (None: all). `articles`: where law or policy sets it.
    """

    times: int
    of: str
    per: Duration
    calendar: Calendar
    condition: Condition = ALWAYS
    articles: tuple[str, ...] = ()
    title: str = ""
    at: Span | None = None
    counted: Ways = field(init=False, repr=False)
    concerns: Holds | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "counted", COUNTED[self.of])
        object.__setattr__(self, "concerns", None if self.condition == ALWAYS else ready(self.condition))

    @property
    def name(self) -> str:
        """As a rule file says it: `3 phone per 7d`."""
        return f"{self.times} {self.of} per {self.per.count}{self.per.unit}"

    def first_day(self, on: date) -> date:
        """The first day that counts on a day: "n per kd" is the days on-k+1 .. on."""
        length = self.per
        match length.unit:
            case "d":
                return _day(on.toordinal() - length.count + 1)
            case "h":
                return _day(on.toordinal() + -length.count // 24)  # the day it reaches back into counts whole
            case "wd":
                return self.calendar.add_working_days(on, -length.count).day + _A_DAY
            case "mo" | "y":
                return add_months(on, -length.count * (12 if length.unit == "y" else 1)) + _A_DAY

    def leaves(self, counted: date, on: date) -> date:
        """The first day after `on` on which a contact of the day `counted` counts no longer."""
        least = in_hours(self.per)[0] // 24
        day = max(on.toordinal() + 1, counted.toordinal() + least)
        while self.first_day(_day(day)) <= counted:
            day += 1
        return _day(day)


_A_DAY = timedelta(days=1)


def _day(ordinal: int) -> date:
    return date.fromordinal(max(1, ordinal))


class Numbers(NamedTuple):
    """The caps that hold under a book on a day at a place, law's and policy's among them.

    `reach`: how many days back the longest of them and of the book's quotas counts, at the most. `none_at_all`: one of
    them lets no contact through.
    """

    caps: tuple[Numbered, ...]
    reach: int
    none_at_all: bool


_LIMITED: Mapping[Limited, str] = {"calls": "phone", "visits": "visit", "messages": "message", "contacts": "any"}


@lru_cache(maxsize=1024)
def numbers(book: RuleBook, law: Statutes) -> Numbers:
    """What is counted of contacts to accounts under a book and the law of a day at a place."""
    caps = [_of_book(each, book) for each in book.contact.caps]
    caps += [
        Numbered(limit.at_most, _LIMITED[limit.of], limit.per, book.calendar, limit.for_, limit.articles, at=limit.at)
        for limit in law.limits
        if limit.of in _LIMITED and isinstance(limit.at_most, int) and limit.per is not None
    ]
    lengths = [each.per for each in (*caps, *quotas_of(book))]
    reach = max((in_hours(length)[1] // 24 + 1 for length in lengths), default=1)
    return Numbers(tuple(caps), reach, any(not cap.times for cap in caps))


@lru_cache(maxsize=64)
def quotas_of(book: RuleBook) -> tuple[Numbered, ...]:
    """The quotas of a book."""
    return tuple(_of_book(each, book) for each in book.contact.quotas)


def _of_book(limit: Limit, book: RuleBook) -> Numbered:
    return Numbered(limit.count, limit.of, limit.per, book.calendar, limit.when, (), limit.title, limit.at)


# What was done


class Attempt(NamedTuple):
    """One contact we sought, as all the records tell of it that have one id or one key."""

    talks: tuple[Talk, ...]

    @property
    def ways(self) -> Ways:
        """The channels it went by; None among them: one that nobody wrote down."""
        return frozenset(talk.contact.channel for talk in self.talks)

    def last(self, counted: Ways) -> int:
        """The last day (as an ordinal) it went by one of these channels; 0 if it did not."""
        if len(self.talks) == 1:
            (talk,) = self.talks
            return talk.at.toordinal() if talk.contact.channel in counted else 0
        return max([talk.at.toordinal() for talk in self.talks if talk.contact.channel in counted], default=0)


def attempts(accounts: Iterable[Account], on: date, reach: int) -> list[Attempt]:
    """Every time a person was sought on so many days up to a day, over all their accounts, each once.

    A message that went by two channels under one key is one contact, with both.
    """
    first = on.toordinal() - reach - 1  # a day more, for clocks that are not China's
    told = [
        contact
        for account in accounts
        for contact in account.contacts
        if contact.at.toordinal() >= first and attempted(contact)
    ]
    if not told:
        return []
    found: dict[int, list[Talk]] = {}
    groups: dict[tuple[str, str], int] = {}
    for number, talk in enumerate(known(told, on)):
        names = [("id", talk.id)] if talk.contact.key is None else [("id", talk.id), ("key", talk.contact.key)]
        group = next((groups[name] for name in names if name in groups), number)
        for name in names:
            groups.setdefault(name, group)
        found.setdefault(group, []).append(talk)
    return [Attempt(tuple(talks)) for talks in found.values()]


class Tally:
    """The attempts of a person up to a day, and the contacts planned for that day, counted."""

    __slots__ = ("_days", "_planned", "attempts", "on")

    def __init__(self, made: Sequence[Attempt], on: date) -> None:
        self.attempts = made
        self.on = on
        self._days: dict[Ways, list[int]] = {}
        self._planned: list[Ways] = []

    def plan(self, ways: Ways) -> None:
        """One more contact today, by these channels together."""
        self._planned.append(ways)
        for counted, days in self._days.items():
            if not counted.isdisjoint(ways):
                days.append(self.on.toordinal())

    def clear(self) -> None:
        """Nothing is planned any more."""
        if self._planned:
            self._planned.clear()
            self._days.clear()

    def used(self, number: Numbered) -> int:
        """How many contacts count today."""
        if self.idle:
            return 0
        days = self._of(number)
        return len(days) - bisect_left(days, number.first_day(self.on).toordinal()) if days else 0

    @property
    def idle(self) -> bool:
        """Whether nothing was made, nor is planned."""
        return not self.attempts and not self._planned

    def frees(self, cap: Numbered) -> date | None:
        """The first day after today with room under a cap that is used up, if nothing more is done; None: never."""
        if cap.times == 0:
            return None
        return cap.leaves(date.fromordinal(self._of(cap)[-cap.times]), self.on)

    def records(self, cap: Numbered) -> list[str]:
        """The ids of the contacts that count under a cap today."""
        first = cap.first_day(self.on)
        talks = (talk for attempt in self.attempts for talk in attempt.talks if talk.contact.channel in cap.counted)
        return list(dict.fromkeys(talk.id for talk in talks if talk.day >= first))

    def _of(self, number: Numbered) -> list[int]:
        """The days (as ordinals) of all that counts, in order; what is planned last."""
        counted = number.counted
        days = self._days.get(counted)
        if days is None:
            days = sorted([day for attempt in self.attempts if (day := attempt.last(counted))])
            days += [self.on.toordinal() for ways in self._planned if not counted.isdisjoint(ways)]
            self._days[counted] = days
        return days
