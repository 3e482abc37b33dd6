"""The hours of a day in which somebody may be contacted: what a book says, inside what law and house policy leave.

No statute names hours. The floor under all of them is policy, and stands here as well, so that no pack can widen it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from dunning.basis.calendar import DayKind
from dunning.engine.known.logic import Read
from dunning.engine.steps.ready import Holds, ready
from dunning.model.account import Channel
from dunning.model.anchor import ClockRange
from dunning.model.condition import ALWAYS
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import Statutes
from dunning.model.steps import CLASS_OF, ContactClass

Hours = tuple[tuple[int, int], ...]
"""Stretches of one day in Asia/Shanghai, in minutes from midnight, in order; the end is not part of a stretch."""

WHOLE_DAY: Hours = ((0, 24 * 60),)
FLOOR: Hours = ((8 * 60, 22 * 60),)
"""Nobody is contacted from 22:00 to 08:00: house policy, not law (law.md section 6). A pack may only be stricter."""

Ways = frozenset[Channel | None]
"""The channels of one contact, together. None: one that nobody named."""

Classes = frozenset[ContactClass | None]
"""The classes of a contact that have hours; paper has none. None: no channel is named, and only the floor holds."""


@lru_cache(maxsize=1024)
def timed(ways: Ways) -> Classes:
    """The classes that decide the hours of a contact; empty for paper alone."""
    classes = {None if way is None else CLASS_OF[way] for way in ways}
    return frozenset(classes - {"post"})


def hours(book: RuleBook, law: Statutes, ways: Ways, day: date, reads: Iterable[Read]) -> Hours:
    """When one contact by these channels may be made on a day, to accounts under a book and the law of that day.

    `reads` give the facts of each account; a limit for some accounts holds unless it is known to be for none of them.
    """
    found = _for_everybody(book, law, ways, day)
    if not timed(ways):
        return found
    for concerns, stretch in _for_some(law):
        if any(concerns(read) is not False for read in reads):
            found = meet(found, stretch)
    return found


@lru_cache(maxsize=4096)
def _for_everybody(book: RuleBook, law: Statutes, ways: Ways, day: date) -> Hours:
    classes = timed(ways)
    return _hours(book, law, classes, book.calendar.kind(day)) if classes else WHOLE_DAY


def ever(book: RuleBook, law: Statutes, classes: Classes) -> bool:
    """Whether some kind of day has hours for such a contact under this law."""
    kinds: tuple[DayKind, ...] = ("workday", "rest_day", "festival")
    return not classes or any(_hours(book, law, classes, kind) for kind in kinds)


@lru_cache(maxsize=4096)
def _hours(book: RuleBook, law: Statutes, classes: Classes, kind: DayKind) -> Hours:
    found = meet(FLOOR, _for_all(law))
    for each in classes:
        windows = None if each is None else book.contact.windows.get(each)
        if windows is not None:
            found = meet(found, _stretches(windows, kind))
    return found


def _stretches(windows: Mapping[DayKind, tuple[ClockRange, ...]], kind: DayKind) -> Hours:
    """A class's own hours; a kind of day that is left out has none."""
    return tuple(_minutes(stretch) for stretch in windows.get(kind, ()))


def _minutes(stretch: ClockRange) -> tuple[int, int]:
    since, until = stretch.since, stretch.until
    return since.hour * 60 + since.minute, 24 * 60 if until is None else until.hour * 60 + until.minute


@lru_cache(maxsize=256)
def _for_all(law: Statutes) -> Hours:
    """What law and policy leave of a day for everybody."""
    found = WHOLE_DAY
    for limit in law.limits:
        if limit.of == "contact_hours" and limit.between is not None and limit.for_ == ALWAYS:
            found = meet(found, (_minutes(limit.between),))
    return found


@lru_cache(maxsize=256)
def _for_some(law: Statutes) -> tuple[tuple[Holds, Hours], ...]:
    """The hours that hold of some accounts only, with whom they concern."""
    return tuple(
        (ready(limit.for_), (_minutes(limit.between),))
        for limit in law.limits
        if limit.of == "contact_hours" and limit.between is not None and limit.for_ != ALWAYS
    )


def meet(some: Hours, others: Hours) -> Hours:
    """The hours that lie in both."""
    if some is WHOLE_DAY:
        return others
    both = [(max(since, other), min(until, end)) for since, until in some for other, end in others]
    return tuple([stretch for stretch in both if stretch[0] < stretch[1]])
