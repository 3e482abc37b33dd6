"""What facts of money and time are made from, made once for all accounts of a batch: `engine.known.material` in arrays.

What a fact is by account lies in arrays by account; rows are those of the batch's charges.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np

from dunning.basis.calendar import CYCLE_MONTHS, add_months
from dunning.columns.ledgers import Ledgers
from dunning.columns.months import counted, cycles, in_month, whole_months
from dunning.columns.opened import REASONS, WHY, in_force
from dunning.columns.order import by_key
from dunning.columns.rows import Batch, Bools, Coded, Ints, Texts
from dunning.columns.shares import DAYS, either
from dunning.model.rulebook import RuleBook

NEVER = -1
EVER = 0
"""The day before all days."""
FIRST = 1
"""The first of all days."""
LATER = (1 << DAYS) - 1
"""A day after all days."""


class Dues(NamedTuple):
    """Due dates of the last 12 months, each of one account, with the days each was met late."""

    of: Ints
    late: Ints


class Periods(NamedTuple):
    """How many billing periods are owed by each account, how many in a row, and where nobody can tell."""

    owed: Ints
    in_a_row: Ints
    unknown: Bools


class Fee(NamedTuple):
    """A late fee by account; where nobody can tell, `unrated` says that a rate is missing and not a clause."""

    total: Ints
    unknown: Bools
    unrated: Bools


class Running:
    """Amounts on days, each of a charge or an account (`of`), added up day by day."""

    def __init__(self, of: Ints, day: Ints, amount: Ints) -> None:
        key = of << DAYS | day
        order = np.argsort(key, kind="stable")
        self._keys = key[order]
        self._sums = np.concatenate(([0], np.cumsum(amount[order])))

    def before(self, of: Ints, day: Ints) -> Ints:
        """What there was of some of them on the days before others."""
        first, end = np.searchsorted(self._keys, of << DAYS), np.searchsorted(self._keys, of << DAYS | day)
        return np.asarray(self._sums[end] - self._sums[first])


class Arrears:
    """The accounts of a batch with their ledgers under a book."""

    def __init__(self, batch: Batch, money: Ledgers, book: RuleBook, on: date) -> None:
        self.batch = batch
        self.money = money
        self.book = book
        self.on = on.toordinal()
        self.least = max(1, book.payments.chase_from)
        self.since = add_months(on, -12).toordinal() if on.year > 1 else 1  # 12 months back reach to the day after
        self.size = len(batch)

    def by_account(self, rows: Ints, amounts: Ints) -> Ints:
        """Amounts of some charges, added up by account."""
        found = np.zeros(self.size, np.int64)
        np.add.at(found, self.owner[rows], amounts)
        return found

    def marked(self, rows: Ints) -> Bools:
        """The accounts of some charges."""
        found = np.zeros(self.size, np.bool_)
        found[self.owner[rows]] = True
        return found

    def first_in_order(self, rows: Ints) -> Ints:
        """The first of each account's charges among some, by due date and id as the ledger has them; -1 for none."""
        opened = self.money.charges
        owner = self.owner[rows]
        found = np.full(self.size, -1, np.int64)
        if (owner[1:] != owner[:-1]).all():
            found[owner] = rows
            return found
        key = (owner << 1 | (opened.due[rows] >= 0)) << 22 | opened.fell[rows]
        order = by_key(key, Texts(self.batch.charges.texts("id").values.take(rows)))[::-1]
        found[owner[order]] = rows[order]
        return found

    # Charges

    @cached_property
    def owner(self) -> Ints:
        return self.money.charges.owner

    @cached_property
    def counts(self) -> Bools:
        """Whether a charge is part of the arrears."""
        opened, money = self.money.charges, self.money
        return opened.known & opened.chased & (money.unpaid >= self.least) & (opened.fell < self.on)

    @cached_property
    def overdue(self) -> Ints:
        """The charges that count as arrears."""
        return np.flatnonzero(self.counts)

    @cached_property
    def own(self) -> Bools:
        """The debtor's own charges."""
        return self.money.charges.known & ~self.money.charges.other_debtor

    @cached_property
    def cycle(self) -> Ints:
        """The months of the cycle of each charge's contract; 0 where there is none."""
        cycles = self.batch.lists["contracts"].coded("cycle")
        months = np.array([*(CYCLE_MONTHS[word] for word in cycles.words), 0], np.int64)  # type: ignore[index]
        return np.append(months[cycles.codes], 0)[self.money.charges.contract]

    @cached_property
    def written(self) -> Ints:
        """The due date as written; -1 where there is none."""
        return self.batch.charges.numbers("due").filled(-1)

    def periods(self, rows: Ints) -> tuple[Ints, Ints]:
        """The month in which the period of each of some charges begins, and its months; 0 where nobody can tell.

        Without a period it is the contract's cycle in which its due date, as written, lies.
        """
        charges = self.batch.charges
        first, last = charges.numbers("period.since").filled(-1)[rows], charges.numbers("period.until").filled(-1)[rows]
        begins, length = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
        some = np.flatnonzero(first > 0)
        if len(some) == len(rows):
            return whole_months(first, last)
        begins[some], length[some] = whole_months(first[some], last[some])
        cycle, due = self.cycle[rows], self.written[rows]
        some = np.flatnonzero((first <= 0) & (cycle > 0) & (due > 0))
        begins[some] = in_month(due[some]).month // cycle[some] * cycle[some]
        length[some] = cycle[some]
        return begins, length

    @cached_property
    def cleared(self) -> Ints:
        """The day on which less than the least amount chased was left of each charge; NEVER while as much is.

        EVER: credit notes left so little from the start.
        """
        money, opened = self.money, self.money.charges
        if self.least == 1:
            return money.settled_on
        moves = money.moves
        found = np.full(len(opened.owner), EVER, np.int64)
        times = np.bincount(moves.charge, minlength=len(opened.owner))
        single = times[moves.charge] == 1
        found[moves.charge[single]] = moves.day[single]
        several = np.flatnonzero(~single)
        if len(several):
            several = several[np.lexsort((moves.day[several], moves.charge[several]))]
            charge = moves.charge[several]
            begins = np.ones(len(charge), np.bool_)
            begins[1:] = charge[1:] != charge[:-1]
            gone = np.cumsum(moves.amount[several])
            before = np.maximum.accumulate(np.where(begins, gone - moves.amount[several], 0))
            rest = opened.principal[charge] - (gone - before)
            enough = np.flatnonzero(rest < self.least)[::-1]  # the first of a charge is written last
            found[charge[enough]] = moves.day[several[enough]]
        found[money.unpaid >= self.least] = NEVER
        return found

    @cached_property
    def episode(self) -> Ints:
        """The first day of the episode of arrears that lasts, by account; NEVER where nothing is overdue.

        The first of all days, if it began with an opening balance of which nobody knows how old it is.
        """
        opened, money = self.money.charges, self.money
        rows = np.flatnonzero(
            opened.known & opened.chased & (money.charges.principal >= self.least) & (opened.fell < self.on)
        )
        due = np.maximum(opened.due[rows], FIRST)
        order = np.argsort(self.owner[rows] << DAYS | due, kind="stable")
        rows, due = rows[order], due[order]
        owner, cleared = self.owner[rows], self.cleared[rows]
        until = np.maximum.accumulate(owner << DAYS | either(cleared == NEVER, LATER, cleared))
        begins = np.ones(len(rows), np.bool_)
        begins[1:] = until[:-1] <= (owner << DAYS | due)[1:]
        found = np.full(self.size, NEVER, np.int64)
        found[owner[begins]] = (due + (opened.due[rows] >= 0))[begins]  # the last one is written last
        return np.asarray(either(self.marked(self.overdue), found, np.full(self.size, NEVER, np.int64)))

    # Money

    def unpaid_before(self, rows: Ints, days: Ints) -> Ints:
        """Principal of some charges unpaid at the end of the day before others."""
        return np.asarray(self.money.charges.principal[rows] - self._gone.before(rows, days))

    @cached_property
    def _gone(self) -> Running:
        moves = self.money.moves
        return Running(moves.charge, moves.day, moves.amount)

    @cached_property
    def received(self) -> Running:
        """The payments that stand, by account."""
        payments = self.batch.lists["payments"]
        rows = np.flatnonzero(self.money.standing)
        return Running(
            payments.owner[rows], payments.numbers("on").values[rows], payments.numbers("amount").values[rows]
        )

    @cached_property
    def arrears(self) -> Ints:
        return self.by_account(self.overdue, self.money.unpaid[self.overdue])

    @cached_property
    def fee(self) -> Fee:
        """The late fee outstanding of the debtor's own charges."""
        fees = self.money.fees
        rows = np.flatnonzero(self.own & (fees.undetermined | (fees.outstanding > 0)))
        unknown = rows[fees.undetermined[rows]]
        total = self.by_account(rows, fees.outstanding[rows])
        unrated = np.zeros(self.size, np.bool_)
        if len(unknown):
            unrated = self.unrated(self.first_in_order(unknown))
        return Fee(total, self.marked(unknown), unrated)

    def unrated(self, rows: Ints) -> Bools:
        """Of charges whose fee nobody can tell: whether a rate is missing, and not a clause (-1: no charge)."""
        return np.append(self.money.fees.why == WHY.index("no_rate_before"), np.False_)[rows]

    @cached_property
    def due_principal(self) -> Ints:
        """The principal due by the end of the day, of every item."""
        rows = np.flatnonzero(self.own & (self.money.charges.fell <= self.on) & (self.money.unpaid > 0))
        return self.by_account(rows, self.money.unpaid[rows])

    @cached_property
    def contract(self) -> Ints:
        """The row of the contract in force today, by account; -1 where there is none."""
        return in_force(self.batch, np.arange(self.size), np.full(self.size, self.on), self.on)

    @cached_property
    def monthly_fee(self) -> tuple[Ints, Bools, Bools]:
        """Tariff times area, and where either is not given."""
        tariffs, area = self.batch.lists["contracts"].numbers("tariff"), self.batch.coded("area")
        tariff = np.append(tariffs.values, 0)[self.contract]
        no_tariff = np.append(tariffs.absent, np.True_)[self.contract]
        return self._product(np.where(no_tariff, 0, tariff), area), no_tariff, area.codes < 0

    def _product(self, tariff: Ints, area: Coded) -> Ints:
        """Fen times a fraction, half up."""
        tops = [int(word.numerator) for word in area.words]  # type: ignore[attr-defined]
        bottoms = [int(word.denominator) for word in area.words]  # type: ignore[attr-defined]
        most = int(tariff.max(initial=0))
        if 2 * max(tops, default=0) * most + max(bottoms, default=1) < 2**62:
            top, bottom = np.array([*tops, 0], np.int64)[area.codes], np.array([*bottoms, 1], np.int64)[area.codes]
            return np.asarray((2 * tariff * top + bottom) // (2 * bottom))
        found = np.zeros(self.size, np.int64)
        for place in np.flatnonzero(area.codes >= 0).tolist():
            top, bottom = tops[area.codes[place]], bottoms[area.codes[place]]
            exact = (2 * int(tariff[place]) * top + bottom) // (2 * bottom)
            if exact < 2**62:
                found[place] = exact
            else:
                self.money.exact[place], self.money.reason[place] = False, REASONS.index("too_large")
        return found

    # Time

    @cached_property
    def oldest(self) -> tuple[Ints, Bools]:
        """The oldest due date of the arrears (NEVER: nothing is overdue), and where an opening balance hides it."""
        opened, rows = self.money.charges, self.overdue
        undated = opened.due[rows] < 0
        far = np.int64(2**40)
        found = np.full(self.size, far)
        np.minimum.at(found, self.owner[rows], np.where(undated, far, opened.due[rows]))
        return np.where(found == far, NEVER, found), self.marked(rows[undated])

    @cached_property
    def owed_periods(self) -> Periods:
        """The billing periods of the arrears: a stretch of the contract's cycle in the calendar is one."""
        rows, owner = self.overdue, self.owner[self.overdue]
        first, length = self.periods(rows)
        some = length > 0
        at = slice(None) if some.all() else some
        owed, in_a_row = counted(cycles(owner[at], first[at], length[at], self.cycle[rows[at]]), self.size)
        aimless = self.marked(rows[~some & (self.money.charges.due[rows] >= 0)])
        single = np.bincount(owner, minlength=self.size) == 1  # one bill is one period, however long
        owed, in_a_row = np.where(aimless & single, 1, owed), np.where(aimless & single, 1, in_a_row)
        return Periods(owed, in_a_row, aimless & ~single)

    @cached_property
    def dues(self) -> Dues:
        """The due dates of the last 12 months, today's left out."""
        opened, money = self.money.charges, self.money
        rows = np.flatnonzero(
            opened.known & (opened.due > self.since) & (opened.due < self.on) & opened.chased
            & (opened.principal >= self.least)
        )  # fmt: skip
        cleared = self.cleared[rows]
        due = opened.due[rows]
        late = np.maximum(0, np.where(cleared == NEVER, money.on, cleared) - due)
        key = self.owner[rows] << 22 | due
        if not (key[1:] >= key[:-1]).all():
            order = np.argsort(key, kind="stable")
            key, late = key[order], late[order]
        begins = np.ones(len(key), np.bool_)
        begins[1:] = key[1:] != key[:-1]
        first = np.flatnonzero(begins)
        return Dues(key[first] >> 22, np.maximum.reduceat(late, first) if len(first) else late)

    @cached_property
    def paid_ahead(self) -> Ints:
        """The chased charges that money has settled and that are not due yet."""
        opened, money = self.money.charges, self.money
        return np.flatnonzero(
            opened.known & (opened.due > self.on) & opened.chased & (money.unpaid == 0) & (money.paid > 0)
        )

    @cached_property
    def disputes(self) -> Ints:
        """The disputes open at the end of the day."""
        disputes = self.batch.lists["disputes"]
        closed = disputes.numbers("closed")
        return np.flatnonzero(
            (disputes.numbers("opened").values <= self.on) & (closed.absent | (closed.values > self.on))
        )

    @cached_property
    def paid(self) -> Ints:
        """The payments of the last 12 months that stand."""
        on = self.batch.lists["payments"].numbers("on").values
        return np.flatnonzero(self.money.standing & (on > self.since))
