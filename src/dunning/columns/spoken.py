"""The facts of what was said: attitude, promises, formal demands, and how the person was contacted.

`engine.known.facts` in arrays, as `facts` is for money and time; what each one means is in the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property

import numpy as np

from dunning.columns.arrears import NEVER, Arrears
from dunning.columns.demands import Demands, demands_of
from dunning.columns.known import Codes, Known, Ordered, Worded
from dunning.columns.people import People
from dunning.columns.promises import BROKEN, OPEN, Promises, promises_of
from dunning.columns.rows import Bools, Ints
from dunning.columns.talks import Talks, talks_of
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.facts import HARDSHIP_TAGS
from dunning.engine.known.material import covers
from dunning.model.condition import Unknown

_TRUTHS = (False, True, Unknown(("contacts.proof",)))
_YES, _UNPROVEN = 1, 2


class Spoken:
    """What was said to the debtors of accounts and by them; `people` are the persons behind these accounts."""

    def __init__(self, owed: Arrears, people: People) -> None:
        self.owed = owed
        self.people = people

    @cached_property
    def talks(self) -> Talks:
        return talks_of(self.owed.batch, date.fromordinal(self.owed.on))

    @cached_property
    def promises(self) -> Promises:
        return promises_of(self.owed, self.talks)

    @cached_property
    def demands(self) -> Demands:
        return demands_of(self.owed, self.talks)

    @cached_property
    def attitude(self) -> Ints:
        """The contact row of the last contact of the present episode that shows how the debtor stands; -1: none."""
        talks, said, since = self.talks, self.talks.once, self.owed.episode
        last = said.last(talks.stance[said.rows])
        rows, day = np.append(said.rows, -1)[last], np.append(talks.day[said.rows], NEVER)[last]
        return np.where((since != NEVER) & (day >= since), rows, -1)

    def shows(self, column: str, *words: str) -> Bools:
        """Where that contact has one of these words in a column."""
        return np.append(self.talks.contacts.coded(column).among(words), np.False_)[self.attitude]

    # Demands

    def proven(self, rows: Ints, which: Bools) -> Codes:
        """Whether one of these demands reached the debtor for each of some charges (ascending): a place in _TRUTHS."""
        covered = self.demands.covered(rows)
        some = which[covered.demand]
        proven, row = self.demands.proven[covered.demand[some]], covered.row[some]
        found = np.zeros(len(self.owed.owner), np.int32)
        found[row] = _UNPROVEN
        found[row[proven]] = _YES
        return found[rows]

    @cached_property
    def delivered(self) -> Bools:
        return np.ones(len(self.demands.owner), np.bool_)

    @cached_property
    def expired(self) -> Bools:
        return np.asarray(self.demands.until < self.owed.on)


def _told(truths: Bools) -> Known:
    return Worded(truths.astype(np.int32), (False, True))


# What the debtor said


def _of_promises(of: Spoken, state: int) -> Ints:
    return np.bincount(of.promises.owner[of.promises.state == state], minlength=of.owed.size)


def _broken_promises(of: Spoken) -> Known:
    return Ordered(_of_promises(of, BROKEN))


def _promise_open(of: Spoken) -> Known:
    return _told(_of_promises(of, OPEN) > 0)


def _promise_on(of: Spoken) -> Known:
    found = np.zeros(of.owed.size, np.int64)
    still_open = of.promises.state == OPEN
    found[of.promises.owner[still_open]] = of.promises.on[still_open]  # the one made last is written last
    return Ordered(found, None, found == 0)


def _refused(of: Spoken) -> Known:
    return _told(of.shows("outcome", "refused"))


def _willing(of: Spoken) -> Known:
    return _told(of.shows("outcome", "willing", "promised"))


def _away(of: Spoken) -> Known:
    return _told(of.shows("outcome", "away") | of.shows("reason", "away"))


def _hardship(of: Spoken) -> Known:
    """True where one source says so; unknown where none does and one is missing."""
    unknown = of.owed.batch.coded("unknown")
    holds = np.zeros(of.owed.size, np.bool_)
    for source, says in (
        ("debtor.tags", _tagged(of)), ("disputes.kind", _disputes_hardship(of)), ("contacts.reason", _pleads(of)),
    ):  # fmt: skip
        holds |= says & ~unknown.where([_lacks(names, source) for names in unknown.words])
    because = [missing("hardship", names) for names in unknown.words]
    otherwise = np.array([*(place + 2 if names else 0 for place, names in enumerate(because)), 0], np.int32)
    return Worded(
        np.where(holds, np.int32(_YES), otherwise[unknown.codes]), (False, True, *(Unknown(each) for each in because))
    )


def missing(fact: str, unknown: object) -> tuple[str, ...]:
    """The records and fields among `unknown` (a tuple of them) that a fact is made from."""
    assert isinstance(unknown, tuple)
    return tuple(name for name in unknown if any(covers(name, source) for source in CATALOGUE[fact].reads))


def _lacks(unknown: object, source: str) -> bool:
    assert isinstance(unknown, tuple)
    return any(covers(name, source) for name in unknown)


def _tagged(of: Spoken) -> Bools:
    tags = of.owed.batch.coded("debtor.tags")
    return tags.where([not HARDSHIP_TAGS.isdisjoint(each) for each in tags.words])  # type: ignore[arg-type]


def _disputes_hardship(of: Spoken) -> Bools:
    disputes, still_open = of.owed.batch.lists["disputes"], of.owed.disputes
    found = np.zeros(of.owed.size, np.bool_)
    found[disputes.owner[still_open[disputes.coded("kind").equals("hardship")[still_open]]]] = True
    return found


def _pleads(of: Spoken) -> Bools:
    talks, said = of.talks, of.talks.once
    since = of.owed.episode[said.owner]
    pleads = talks.contacts.coded("reason").equals("hardship")[said.rows]
    found = np.zeros(of.owed.size, np.bool_)
    found[said.owner[pleads & (since != NEVER) & (talks.day[said.rows] >= since)]] = True
    return found


# How the debtor was contacted


def _demand_delivered(of: Spoken) -> Known:
    return _for_one_overdue(of, of.delivered)


def _demand_expired(of: Spoken) -> Known:
    return _for_one_overdue(of, of.expired)


def _for_one_overdue(of: Spoken, which: Bools) -> Known:
    """True where it is of one overdue charge; else unknown where it is of one; else false."""
    rows = of.owed.overdue
    told = of.proven(rows, which)
    found: Codes = np.zeros(of.owed.size, np.int32)
    for truth in (_UNPROVEN, _YES):
        found[of.owed.owner[rows[told == truth]]] = truth
    return Worded(found, _TRUTHS)


OF_ACCOUNT: Mapping[str, Callable[[Spoken], Known]] = {
    "broken_promises": _broken_promises,
    "promise_open": _promise_open,
    "promise_on": _promise_on,
    "hardship": _hardship,
    "refused": _refused,
    "willing": _willing,
    "away": _away,
    "last_contact_on": lambda of: Ordered(of.people.last, None, of.people.last == NEVER),
    "contacts_7d": lambda of: Ordered(of.people.in_7_days),
    "contacts_30d": lambda of: Ordered(of.people.in_30_days),
    "unreachable_streak": lambda of: Ordered(of.people.unreached),
    "demand_delivered": _demand_delivered,
    "demand_expired": _demand_expired,
}
"""How each fact of an account is made that hangs on what was said."""

OF_CHARGE: Mapping[str, Callable[[Spoken, Ints], Known]] = {
    "charge_demand_delivered": lambda of, rows: Worded(of.proven(rows, of.delivered), _TRUTHS),
    "charge_demand_expired": lambda of, rows: Worded(of.proven(rows, of.expired), _TRUTHS),
}
"""Likewise of some charges."""
