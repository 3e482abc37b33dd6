"""Formal demands that may have arrived, and the charges they are about: `clocks.demands` in arrays."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np

from dunning.columns.arrears import Arrears
from dunning.columns.kinds import alike
from dunning.columns.rows import Bools, Ints
from dunning.columns.shares import expanded, starts
from dunning.columns.talks import Named, Talks
from dunning.engine.known.clocks import deadline, demand_steps


class Covered(NamedTuple):
    """Which demands are about which charges: a place among the demands and a row of the charges each."""

    demand: Ints
    row: Ints


class Demands:
    """Demands, those of account i from `start[i]` up to `start[i + 1]`, oldest first.

    `owner` is the account, `talk` the contact row, `day` the day of delivery, `until` the last day of the time it gives
    (`provisional`: it hangs on a year the calendar does not know); `proven` False: proof is not given. `named` are the
    charges it names.
    """

    def __init__(self, of: Arrears, talks: Talks) -> None:
        contacts, said = talks.contacts, talks.of_steps
        steps = demand_steps(of.book)
        step, rows = contacts.coded("step"), said.rows
        holds = step.among(frozenset(steps))[rows] & ~talks.inbound[rows] & ~talks.failed[rows]
        holds &= ~contacts.coded("proof").among(("C", "D"))[rows]
        places = np.flatnonzero(holds)
        self.of = of
        self.owner, self.talk = said.owner[places], said.rows[places]
        self.start = starts(self.owner, of.size)
        self.day = talks.day[self.talk]
        self.proven = contacts.coded("proof").codes[self.talk] >= 0
        self.named = _named(talks.charges_of_steps, places)
        codes, samples = alike([step.codes[self.talk].astype(np.int64), self.day])
        ends = [
            deadline(of.book.calendar, steps[str(step.words[int(code)])], date.fromordinal(day))
            for code, day in zip(step.codes[self.talk[samples]], self.day[samples].tolist(), strict=True)
        ]
        self.until: Ints = np.array([end.day.toordinal() for end in ends], np.int64)[codes]
        self.provisional: Bools = np.array([end.provisional for end in ends], np.bool_)[codes]

    def covered(self, rows: Ints) -> Covered:
        """Those of some charges of the ledger (ascending) that each demand is about, now and then twice: those that it
        names, or all chased that were overdue that day.
        """
        of, opened = self.of, self.of.money.charges
        if not len(self.owner):
            return Covered(self.owner, self.owner)
        begin = starts(of.owner[rows], of.size)
        every = np.flatnonzero(self.named.absent)
        places, whose = expanded(begin[self.owner[every]], np.diff(begin)[self.owner[every]])
        demand, row = every[whose], rows[places]
        at = np.flatnonzero(opened.chased[row] & (opened.fell[row] < self.day[demand]))
        demand, row = demand[at], row[at]
        enough = of.money.unpaid[row] >= of.least  # then it was as much before
        less = np.flatnonzero(~enough)
        enough[less] = of.unpaid_before(row[less], self.day[demand[less]]) >= of.least
        naming = np.repeat(np.arange(len(self.owner)), np.diff(self.named.start))
        wanted = np.zeros(len(of.owner) + 1, np.bool_)  # the last one is of those not there
        wanted[rows] = True
        asked = wanted[self.named.rows]
        return Covered(
            np.concatenate((demand[enough], naming[asked])), np.concatenate((row[enough], self.named.rows[asked]))
        )


def demands_of(of: Arrears, talks: Talks) -> Demands:
    """The demands among the contacts about each account, but those that failed or of which there is no proof that they
    arrived (C, D).
    """
    return Demands(of, talks)


def _named(named: Named, places: Ints) -> Named:
    """What some of the contacts name."""
    at, of = expanded(named.start[places], np.diff(named.start)[places])
    return Named(starts(of, len(places)), named.rows[at], named.absent[places])
