"""How often a person was sought, counted against the caps and quotas of books, law and policy.

Caps are a person's: every attempt on any of their accounts counts, whoever made it and whatever came of it, but not
what could not be delivered, and never what came from them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from dunning.basis.calendar import Calendar, add_months
from dunning.basis.span import Span
from dunning.engine.contacts import Talk, attempted, known
from dunning.engine.hours import Ways
from dunning.engine.ready import Holds, ready
from dunning.model.account import Account, Channel
from dunning.model.anchor import Duration
from dunning.model.condition import ALWAYS, Condition
from dunning.model.law import Limited
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import Statutes, in_hours
from dunning.model.steps import CLASS_OF


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


class Numbered(NamedTuple):
    """So many contacts `of` a class, a channel or `any` in a stretch of days: a cap, or a quota.

    `concerns`: the accounts it is for (None: all). `articles`: where law or policy sets it.
    """

    times: int
    of: str
    per: Duration
    calendar: Calendar
    concerns: Holds | None = None
    condition: Condition = ALWAYS
    articles: tuple[str, ...] = ()
    title: str = ""
    at: Span | None = None

    @property
    def name(self) -> str:
        """As a rule file says it: `3 phone per 7d`."""
        return f"{self.times} {self.of} per {self.per.count}{self.per.unit}"

    def counts(self, ways: Ways) -> bool:
        return not COUNTED[self.of].isdisjoint(ways)

    def first_day(self, on: date) -> date:
        """The first day that counts on a day: "n per kd" is the days on-k+1 .. on."""
        length = self.per
        match length.unit:
            case "d":
                return _day(on.toordinal() - length.count + 1)
            case "h":
                return _day(on.toordinal() + -length.count // 24)  # the day it reaches back into counts whole
            case "wd":
                return _day(self.calendar.add_working_days(on, -length.count).day.toordinal() + 1)
            case "mo" | "y":
                back = add_months(on, -length.count * (12 if length.unit == "y" else 1))
                return _day(back.toordinal() + 1)

    def leaves(self, counted: date, on: date) -> date:
        """The first day after `on` on which a contact of the day `counted` counts no longer."""
        least = in_hours(self.per)[0] // 24
        day = max(on.toordinal() + 1, counted.toordinal() + least)
        while self.first_day(_day(day)) <= counted:
            day += 1
        return _day(day)


def _day(ordinal: int) -> date:
    return date.fromordinal(max(1, ordinal))


@lru_cache(maxsize=64)
def caps_of(book: RuleBook) -> tuple[Numbered, ...]:
    """The caps of a book."""
    return tuple(
        Numbered(each.count, each.of, each.per, book.calendar, _concerns(each.when), each.when, (), each.title, each.at)
        for each in book.contact.caps
    )


@lru_cache(maxsize=64)
def quotas_of(book: RuleBook) -> tuple[Numbered, ...]:
    """The quotas of a book."""
    return tuple(
        Numbered(each.count, each.of, each.per, book.calendar, _concerns(each.when), each.when, (), each.title, each.at)
        for each in book.contact.quotas
    )


_LIMITED: Mapping[Limited, str] = {"calls": "phone", "visits": "visit", "messages": "message", "contacts": "any"}


@lru_cache(maxsize=256)
def lawful_caps(statutes: Statutes, calendar: Calendar) -> tuple[Numbered, ...]:
    """The caps law and policy set on a day at a place."""
    return tuple(
        Numbered(
            limit.at_most,
            _LIMITED[limit.of],
            limit.per,
            calendar,
            _concerns(limit.for_),
            limit.for_,
            limit.articles,
            at=limit.at,
        )
        for limit in statutes.limits
        if limit.of in _LIMITED and isinstance(limit.at_most, int) and limit.per is not None
    )


def _concerns(condition: Condition) -> Holds | None:
    return None if condition == ALWAYS else ready(condition)


# What was done


class Attempt(NamedTuple):
    """One contact we sought, as all the records tell of it that have one id or one key."""

    talks: tuple[Talk, ...]

    @property
    def ways(self) -> Ways:
        """The channels it went by; None among them: one that nobody wrote down."""
        return frozenset(talk.contact.channel for talk in self.talks)

    def last(self, counted: Ways) -> date | None:
        """The last day it went by one of these channels; None if it did not."""
        return max((talk.day for talk in self.talks if talk.contact.channel in counted), default=None)


def attempts(accounts: Iterable[Account], on: date) -> list[Attempt]:
    """Every time a person was sought up to a day, over all their accounts, each once.

    A message that went by two channels under one key is one contact, with both.
    """
    told = [contact for account in accounts for contact in account.contacts]
    if not told:
        return []
    found: dict[int, list[Talk]] = {}
    groups: dict[tuple[str, str], int] = {}
    for number, talk in enumerate(known(told, on)):
        names = [("id", talk.id)] if talk.contact.key is None else [("id", talk.id), ("key", talk.contact.key)]
        group = next((groups[name] for name in names if name in groups), number)
        for name in names:
            groups.setdefault(name, group)
        if attempted(talk.contact):
            found.setdefault(group, []).append(talk)
    return [Attempt(tuple(talks)) for talks in found.values()]


class Tally:
    """The attempts of a person up to a day, and the contacts planned for that day, counted."""

    __slots__ = ("_days", "_planned", "attempts", "on")

    def __init__(self, made: Sequence[Attempt], on: date) -> None:
        self.attempts = made
        self.on = on
        self._days: dict[str, list[date]] = {}
        self._planned: list[Ways] = []

    def plan(self, ways: Ways) -> None:
        """One more contact today, by these channels together."""
        self._planned.append(ways)

    def clear(self) -> None:
        """Nothing is planned any more."""
        self._planned.clear()

    def days(self, of: str) -> list[date]:
        """The days of all that counts, in order; what is planned last."""
        counted = COUNTED[of]
        made = self._days.get(of)
        if made is None:
            days = (attempt.last(counted) for attempt in self.attempts)
            made = self._days[of] = sorted(day for day in days if day is not None)
        return made + [self.on for ways in self._planned if not counted.isdisjoint(ways)]

    def used(self, number: Numbered) -> int:
        """How many contacts count today."""
        days = self.days(number.of)
        return len(days) - bisect_left(days, number.first_day(self.on)) if days else 0

    def frees(self, cap: Numbered) -> date | None:
        """The first day after today with room under a cap that is used up, if nothing more is done; None: never."""
        if cap.times == 0:
            return None
        return cap.leaves(self.days(cap.of)[-cap.times], self.on)

    def records(self, cap: Numbered) -> list[str]:
        """The ids of the contacts that count under a cap today."""
        counted, first = COUNTED[cap.of], cap.first_day(self.on)
        talks = (talk for attempt in self.attempts for talk in attempt.talks if talk.contact.channel in counted)
        return list(dict.fromkeys(talk.id for talk in talks if talk.day >= first))
