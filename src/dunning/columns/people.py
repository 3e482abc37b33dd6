"""The persons behind accounts: how each was contacted over all their accounts, and what the sources of these lack."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from dunning.columns.arrears import NEVER
from dunning.columns.packing import coded
from dunning.columns.rows import Batch, Coded, Ints
from dunning.columns.talks import talks_of
from dunning.model.steps import CLASS_OF

_POST = frozenset(channel for channel, kind in CLASS_OF.items() if kind == "post")


class People(NamedTuple):
    """By account, of the debtor: what the sources of all accounts lack, the day we last sought the person (NEVER), how
    often in the last 7 and 30 days, and how many of the last contacts in a row failed.
    """

    lacking: Coded
    last: Ints
    in_7_days: Ints
    in_30_days: Ints
    unreached: Ints

    def take(self, accounts: Ints) -> People:
        """The same of some accounts."""
        lacking = Coded(self.lacking.codes[accounts], self.lacking.words)
        return People(lacking, *(column[accounts] for column in self[1:]))


def people_of(batch: Batch, on: date) -> People:
    """The persons behind the accounts of a batch, in which all accounts of each have to be."""
    talks = talks_of(batch, on)
    said = talks.of_person
    rows = said.rows
    sought, day = talks.attempted[rows], np.append(talks.day[rows], NEVER)
    counted = sought & ~talks.contacts.coded("channel").among(_POST)[rows]
    ended = said.last(talks.inbound[rows] | talks.spoke[rows])
    failed = talks.failed[rows] & (np.arange(len(rows)) > ended[said.owner])
    of_debtors = (
        day[said.last(sought)],
        *(_times(said.owner[counted & (day[:-1] > talks.on - days)], len(ended)) for days in (7, 30)),
        _times(said.owner[failed], len(ended)),
    )
    return People(lacked_of_person(batch), *(column[batch.debtor] for column in of_debtors))


def _times(owner: Ints, number: int) -> Ints:
    return np.bincount(owner, minlength=number)


def lacked_of_person(batch: Batch) -> Coded:
    """What the sources of all of a debtor's accounts lack, by account."""
    unknown, starts = batch.coded("unknown"), batch.groups
    if len(unknown.words) < 2:
        return unknown
    codes, most = (find.reduceat(unknown.codes, starts[:-1]) for find in (np.minimum, np.maximum))
    sets = [_together([word]) for word in unknown.words]
    for debtor in np.flatnonzero(codes != most).tolist():  # few have accounts of several sources
        theirs = set(unknown.codes[starts[debtor] : starts[debtor + 1]].tolist())
        codes[debtor] = len(sets)
        sets.append(_together([unknown.words[code] for code in theirs]))
    found = coded(sets)
    return Coded(found.codes[codes][batch.debtor], found.words)


def _together(unknown: Sequence[object]) -> tuple[str, ...]:
    """What stands in any of some tuples of words."""
    return tuple(sorted({name for names in unknown for name in names}))  # type: ignore[attr-defined]
