"""When the claims for many charges are barred, and what starts each afresh: `engine.limitation` in arrays.

Plans and proceedings are left out: whoever has any goes through the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from dunning.columns.arrears import Arrears
from dunning.columns.demands import Demands
from dunning.columns.lots import paid_by
from dunning.columns.order import by_key
from dunning.columns.rows import Batch, Bools, Ints, Texts
from dunning.columns.shares import DAYS, expanded, starts
from dunning.columns.talks import Talks
from dunning.columns.terms import places_of
from dunning.engine.law.guard import law_of
from dunning.engine.limitation import AGREED, later
from dunning.model.anchor import Duration
from dunning.model.law import Clock, Restart
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import Statutes

BY: tuple[Restart, ...] = ("formal_demand", "promise", "part_payment")
"""What starts limitation afresh here, in the order that decides between what happened on one day."""

PART_PAYMENT = BY.index("part_payment")
_IN_PAYMENTS = 1  # their records come after `contacts` by name


class Laws(NamedTuple):
    """The law in force at the places of accounts: `of`, by account, is a place in `each`."""

    of: Ints
    each: tuple[Statutes, ...]

    def where(self, holds: Sequence[bool]) -> Bools:
        """The accounts of whose law something holds."""
        return np.array(holds, np.bool_)[self.of]


def laws_of(batch: Batch, book: RuleBook, on: date) -> Laws:
    """The law of each account's place on the day, asked once for each different place."""
    places, law = batch.coded("place"), law_of(book)
    found = [law.on(on, None if place is None else str(place)) for place in (*places.words, None)]
    each = list(dict.fromkeys(found))
    number = np.array([each.index(one) for one in found], np.int64)
    return Laws(number[places.codes], tuple(each))  # -1, no place, is the last one


class Limitations(NamedTuple):
    """The last day `on` of the limitation of some charges; `by` is a place in BY, -1 where it runs from the due date.

    `record` is the row of the contact or payment that started it afresh.
    """

    charge: Ints
    on: Ints
    by: Ints
    record: Ints


class _Restarts(NamedTuple):
    """What starts limitation afresh: of which charge (a place among some), on which day, by what, and its record."""

    of: Ints
    day: Ints
    by: Ints
    record: Ints


def limitations(of: Arrears, laws: Laws, rows: Ints, talks: Talks, demands: Demands) -> Limitations:
    """The limitation of some charges with due dates (ascending), as far as the law of their place speaks of it."""
    clocks = [law.clocks.get("limitation") for law in laws.each]
    rows = rows[laws.where([clock is not None for clock in clocks])[of.owner[rows]]]
    law = laws.of[of.owner[rows]]
    ends = _Ends(clocks, law)
    every = np.arange(len(rows))
    last, by, record = ends.since(every, of.money.charges.due[rows]), np.full(len(rows), -1), np.full(len(rows), -1)
    found = _wanted(clocks, law, _in_order(of, _restarts(of, clocks, law, rows, talks, demands)))
    end = ends.since(found.of, found.day)
    agreed = np.array([each in AGREED for each in BY])[found.by]
    start = starts(found.of, len(rows))
    counts = np.diff(start)
    for nth in range(int(counts.max(initial=0))):
        at = np.flatnonzero(counts > nth)
        which = start[at] + nth
        later_on = ((found.day[which] <= last[at]) | agreed[which]) & (end[which] > last[at])
        at, which = at[later_on], which[later_on]
        last[at], by[at], record[at] = end[which], found.by[which], found.record[which]
    return Limitations(rows, last, by, record)


class _Ends:
    """The last days of limitation, under the clocks of the places of charges (`law`)."""

    def __init__(self, clocks: Sequence[Clock | None], law: Ints) -> None:
        self.lengths = list(dict.fromkeys(clock.lasts for clock in clocks if clock is not None))
        lasts = [-1 if clock is None else self.lengths.index(clock.lasts) for clock in clocks]
        self.lasts = np.array(lasts, np.int64)[law]

    def since(self, places: Ints, days: Ints) -> Ints:
        """The end of what runs from each of some days, of charges in some places."""
        if len(self.lengths) == 1:
            return all_later(days, self.lengths[0])
        found = np.zeros(len(days), np.int64)
        for number, length in enumerate(self.lengths):
            at = np.flatnonzero(self.lasts[places] == number)
            found[at] = all_later(days[at], length)
        return found


def all_later(days: Ints, length: Duration) -> Ints:
    """So much later than each day, asked once for each different one."""
    each, at = places_of(days)
    found = np.array([later(date.fromordinal(day), length).toordinal() for day in each.tolist()], np.int64)
    return found[at]


def _wanted(clocks: Sequence[Clock | None], law: Ints, found: _Restarts) -> _Restarts:
    """Those that start limitation afresh where the charge is."""
    said = [[clock is not None and by in clock.restarts for by in BY] for clock in clocks]
    wanted = np.array(said, np.bool_).reshape(-1, len(BY))[law[found.of], found.by]
    return _Restarts(*[column.compress(wanted) for column in found])


def _in_order(of: Arrears, found: _Restarts) -> _Restarts:
    """By charge and day; of one day by the name of the record."""
    by_payment = found.by == PART_PAYMENT
    key = (found.of << DAYS | found.day) << 1 | by_payment * _IN_PAYMENTS
    payments, contacts = (of.batch.lists[name].texts("id").values for name in ("payments", "contacts"))
    ids = pa.chunked_array([contacts, payments]).take(pa.array(found.record + by_payment * len(contacts)))
    order = by_key(key, Texts(ids.combine_chunks()))
    return _Restarts(*[column[order] for column in found])


# What starts it afresh


def _restarts(
    of: Arrears, clocks: Sequence[Clock | None], law: Ints, rows: Ints, talks: Talks, demands: Demands
) -> _Restarts:
    """All that may start the limitation of these charges afresh, contacts first."""
    parts = [_demanded(rows, demands), _promised(of, clocks, law, rows, talks), _paid(of, rows)]
    return _Restarts(*[np.concatenate(column) for column in zip(*parts, strict=True)])


def _made(name: Restart, of: Ints, day: Ints, record: Ints) -> _Restarts:
    return _Restarts(of, day, np.full(len(of), BY.index(name), np.int64), record)


def _demanded(rows: Ints, demands: Demands) -> _Restarts:
    """Demands of whose arrival there is proof."""
    found = demands.covered(rows)
    which = found.demand[demands.proven[found.demand]]
    of = np.searchsorted(rows, found.row[demands.proven[found.demand]])
    return _made("formal_demand", of, demands.day[which], demands.talk[which])


def _promised(of: Arrears, clocks: Sequence[Clock | None], law: Ints, rows: Ints, talks: Talks) -> _Restarts:
    """Promises of which there is evidence: for the charges they name, else for all overdue when they were made."""
    contacts, opened = talks.contacts, of.money.charges
    said = talks.once.only(~contacts.numbers("promise.on").absent[talks.once.rows])
    named = talks.charges(said)
    place = np.full(len(of.owner) + 1, -1, np.int64)  # the last one is of those not there
    place[rows] = np.arange(len(rows))
    naming = np.repeat(np.arange(len(said.rows)), np.diff(named.start))
    start = starts(of.owner[rows], of.size)
    every = np.flatnonzero(named.absent)
    places, whose = expanded(start[said.owner[every]], np.diff(start)[said.owner[every]])
    which = every[whose]
    # What is open now was open then: money given back is as if it had never been paid.
    overdue = opened.chased[rows[places]] & (opened.fell[rows[places]] < talks.day[said.rows[which]])
    at = np.concatenate((place[named.rows], places[overdue]))
    which = np.concatenate((naming, which[overdue]))
    at, which = at[at >= 0], which[at >= 0]
    proof = contacts.coded("proof")
    enough = np.array([[_proves(word, clock) for word in (*proof.words, None)] for clock in clocks], np.bool_)
    some = enough.reshape(len(clocks), -1)[law[at], proof.codes[said.rows[which]]]
    at, record = at[some], said.rows[which[some]]
    return _made("promise", at, talks.day[record], record)


def _proves(proof: object, clock: Clock | None) -> bool:
    """Whether evidence is enough for a clock; A is the best."""
    return clock is None or clock.proof is None or (proof is not None and str(proof) <= clock.proof)


def _paid(of: Arrears, rows: Ints) -> _Restarts:
    """Payments after the due date that settled some of a charge: on the day they were made, the debtor's act."""
    wanted = np.zeros(len(of.owner), np.bool_)
    wanted[rows] = True
    charge, payment = paid_by(of.batch, of.money, of.book, wanted)
    day = of.batch.lists["payments"].numbers("on").values[payment]
    late = day > of.money.charges.fell[charge]
    return _made("part_payment", np.searchsorted(rows, charge[late]), day[late], payment[late])
