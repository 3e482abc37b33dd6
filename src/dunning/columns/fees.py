"""The late fee (违约金) of many charges at once: exact sums in whole numbers that grow as days and payments go by.

What the definition in docs/design/fee-math.md says of one charge, of all; its steps are the numbers in comments. Every
sum was bounded before (`ledgers`), so that nothing here can wrap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dunning.columns.opened import ACCRUES, CLAUSE_UNKNOWN, WHY, Opened
from dunning.columns.rows import Bools, Ints
from dunning.columns.shares import either
from dunning.columns.terms import FAR

NO_LIMIT = np.int64(2**61)
"""More than any fee comes to."""
OPEN = FAR
"""The day on which what is still open was settled: after all others."""


@dataclass(frozen=True, slots=True)
class Fees:
    """The late fee of each charge on the day asked about, as FeeState has it; `undetermined` where it has None.

    Then `assessed`, `outstanding` and `to_book` mean nothing. `why` is a place in WHY.
    """

    assessed: Ints
    undetermined: Bools
    paid: Ints
    waived: Ints
    contingent: Ints
    outstanding: Ints
    booked: Ints
    to_book: Ints
    capped: Bools
    why: Ints


@dataclass(frozen=True, slots=True)
class Moves:
    """Principal that went, in the order it did: of which charge, when, how much, and whether it was forgiven."""

    charge: Ints
    day: Ints
    amount: Ints
    forgiven: Bools


@dataclass(frozen=True, slots=True)
class Given:
    """Money that settled charges, in the order it did: of which charge, how much (principal and fee), and which payment
    it was where a payment says what it is for; -1: the oldest money that was there. Of one `round` is what one day's
    money settled at once.
    """

    charge: Ints
    amount: Ints
    payment: Ints
    round: Ints


class Tabs:
    """What stands against each charge while its account is replayed. Methods take rows of charges, each at most once.

    `summed` is the exact sum times the bottom of the rate over the days before `since`, the first day of the present
    balance `unpaid`; `unrated`: a day that counts had no rate.
    """

    def __init__(self, charges: Opened) -> None:
        number = len(charges.owner)
        self.of = charges
        self.unpaid = charges.principal.copy()
        self.since = np.zeros(number, np.int64)
        self.summed = np.zeros(number, np.int64)
        self.unrated = np.zeros(number, np.bool_)
        self.settled = np.where(self.unpaid == 0, charges.payable, OPEN)
        self.early = np.zeros(number, np.int64)  # paid by the end of the due date
        self.fee_paid = np.zeros(number, np.int64)
        self.waived = np.zeros(number, np.int64)  # by records
        self.relief = np.zeros(number, np.int64)
        self.written_off = np.zeros(number, np.int64)
        self._top: Ints = charges.table.top[0][charges.terms]
        self._simple = charges.table.simple
        self._rated = bool((charges.rate_from <= 1).all())
        self._lapsing = bool(charges.lapses.any())
        self._of_overdue = bool(charges.table.cap_of_overdue.any())
        self._resting = bool(len(charges.rests.first))
        self._deep = int(np.diff(charges.rests.start).max(initial=0))
        self._moves: list[tuple[Ints, Ints, Ints, bool]] = []
        self._given: list[tuple[Ints, Ints, Ints | None]] = []

    # Steps 2 to 6

    def _weight(self, rows: Ints, first: Ints, last: Ints) -> Ints:
        """The sum of the rates' tops over the days that count from `first` to `last`."""
        weight = self._rates(rows, first, last)
        for at, since, until in self._overlaps(rows, first, last):
            weight[at] -= self._rates(rows[at], since, until)
        return weight

    def _rates(self, rows: Ints, first: Ints, last: Ints) -> Ints:
        if self._simple:
            return np.asarray(np.maximum(0, last - first + 1) * self._top[rows])
        table, terms = self.of.table, self.of.terms[rows]
        weight = np.zeros(len(rows), np.int64)
        for step, since in enumerate(table.since):
            until = table.since[step + 1][terms] - 1 if step + 1 < len(table.since) else last
            days = np.minimum(last, until) - np.maximum(first, since[terms]) + 1
            weight += np.maximum(0, days) * table.top[step][terms]
        return weight

    def _overlaps(self, rows: Ints, first: Ints, last: Ints) -> list[tuple[Ints, Ints, Ints]]:
        """The days that do not count of each stretch: which of them, their first and last day, one rest at a time."""
        if not self._resting:
            return []
        rests, rest = self.of.rests, self.of.rest[rows]
        at = np.flatnonzero((rest >= 0) & (first <= last))
        if not len(at):
            return []
        begin, end = rests.start[rest[at]], rests.start[rest[at] + 1]
        found = []
        for nth in range(self._deep):
            some = np.flatnonzero(begin + nth < end)
            if not len(some):
                break
            place, row = at[some], begin[some] + nth
            since, until = np.maximum(first[place], rests.first[row]), np.minimum(last[place], rests.last[row])
            hit = since <= until
            found.append((place[hit], since[hit], until[hit]))
        return found

    def _unrated(self, rows: Ints, first: Ints, last: Ints) -> Bools:
        """Where a day from `first` to `last` counts and has no rate yet."""
        last = np.minimum(last, self.of.rate_from[rows] - 1)
        days = np.maximum(0, last - first + 1)
        for at, since, until in self._overlaps(rows, first, last):
            days[at] -= until - since + 1
        return np.asarray(days > 0)

    def _sum(self, rows: Ints, last: Ints) -> tuple[Ints, Bools]:
        """The exact sum to the end of `last` times its bottom, and where a day of it had no rate."""
        unpaid = self.unpaid[rows]
        first = np.maximum(self.of.first[rows], self.since[rows])
        total = self.summed[rows] + unpaid * self._weight(rows, first, last)
        unrated = self.unrated[rows]
        if not self._rated:
            unrated |= (unpaid > 0) & self._unrated(rows, first, last)
        return total, unrated

    # Step 7

    def _rounded(self, rows: Ints, total: Ints) -> tuple[Ints, Bools]:
        """The sum as fen, rounded once and at most the cap, and where it has reached that."""
        table, terms = self.of.table, self.of.terms[rows]
        bottom, half = table.bottom[terms], table.half_up[terms]
        if half.all():
            fee = (2 * total + bottom) // (2 * bottom)
        else:
            fee = either(half, (2 * total + bottom) // (2 * bottom), total // bottom)
        share = table.cap_bottom[terms]
        base = self.of.principal[rows]
        if self._of_overdue:
            base = base - self.early[rows] * table.cap_of_overdue[terms]
        limit = base * table.cap_top[terms] // np.maximum(share, 1)
        limit += NO_LIMIT * (share == 0)
        return np.minimum(fee, limit), fee >= limit

    def _assessed(self, rows: Ints, day: Ints, last: Ints) -> Ints:
        """The fee as known at the end of `day` over the days to `last`; nothing where it is undetermined."""
        of = self.of
        fee = of.fixed[rows]
        at = np.flatnonzero(of.bears[rows] & (day > of.gate[rows]) & (self.settled[rows] > of.gate[rows]))
        if len(at):
            total, unrated = self._sum(rows[at], last[at])
            found, _ = self._rounded(rows[at], total)
            fee[at] = found * ~unrated
        return fee

    def payable(self, rows: Ints, day: Ints) -> Ints:
        """The fee a payment of that day meets: of accrual days <= day, or < day where it is not counted."""
        of = self.of
        fee = self._assessed(rows, day, day - 1 + of.counted[rows])
        owed = np.maximum(0, fee - self.fee_paid[rows] - self.waived[rows])
        return np.asarray(owed * ~self._lapsed(rows, day) if self._lapsing else owed)

    def outstanding(self, rows: Ints, day: Ints) -> Ints:
        """The fee outstanding at the end of that day (an undetermined one counts as none)."""
        of = self.of
        left = np.maximum(0, self._assessed(rows, day, day) - self.fee_paid[rows] - self.waived[rows])
        return np.asarray(left * ~((day < of.since[rows]) | self._lapsed(rows, day)))

    def _lapsed(self, rows: Ints, day: Ints) -> Bools:
        """Where what was left of the fee has lapsed with the principal, on a day before."""
        return np.asarray(self.of.lapses[rows] & (self.settled[rows] < day))

    def accruing(self, rows: Ints, day: Ints) -> Bools:
        """Whether the fee is still growing that day: past grace, not resting, at a rate above 0, and below its cap."""
        of = self.of
        growing: Bools = (of.why[rows] == ACCRUES) & (self.unpaid[rows] > 0) & (day > of.gate[rows])
        at = np.flatnonzero(growing)
        some = rows[at]
        total, unrated = self._sum(some, day[at] - 1 + of.counted[some])
        _, capped = self._rounded(some, total)
        growing[at] = (self._weight(some, day[at], day[at]) > 0) & ~unrated & ~capped
        return growing

    # What happens

    def pay(self, rows: Ints, principal: Ints, fee: Ints, day: Ints, payment: Ints | None = None) -> None:
        """Money settles so much of each: that of one payment each, or the oldest there is."""
        of = self.of
        self.fee_paid[rows] += fee
        self._given.append((rows, principal + fee, payment))
        at = np.flatnonzero(principal)
        if len(at):
            some, on = rows[at], day[at]
            if self._of_overdue:
                self.early[some] += principal[at] * (on <= of.fell[some])
            self._reduce(some, principal[at], on, on + of.counted[some], forgiven=False)

    def forgive(self, rows: Ints, amount: Ints, day: Ints) -> None:
        """Relief or write-off: for the balance it counts from the next day on (step 3)."""
        at = np.flatnonzero(amount)
        if len(at):
            self._reduce(rows[at], amount[at], day[at], day[at] + 1, forgiven=True)

    def _reduce(self, rows: Ints, amount: Ints, day: Ints, since: Ints, *, forgiven: bool) -> None:
        late = np.flatnonzero(since > self.of.first[rows])
        if len(late):
            some = rows[late]
            self.summed[some], self.unrated[some] = self._sum(some, since[late] - 1)
        self.since[rows] = since
        left = self.unpaid[rows] - amount
        self.unpaid[rows] = left
        gone = left == 0
        self.settled[rows.compress(gone)] = day.compress(gone)
        self._moves.append((rows, day, amount, forgiven))

    @property
    def moves(self) -> Moves:
        """All principal that went, in the order it did."""
        parts = self._moves
        if not parts:
            none = np.zeros(0, np.int64)
            return Moves(none, none, none, none.astype(np.bool_))
        rows, days, amounts = (np.concatenate([part[place] for part in parts]) for place in range(3))
        forgiven = np.repeat([part[3] for part in parts], [len(part[0]) for part in parts])
        return Moves(rows, days, amounts, forgiven)

    @property
    def given(self) -> Given:
        """All money that settled charges, in the order it did."""
        none = np.zeros(0, np.int64)
        parts = self._given or [(none, none, None)]
        sizes = [len(part[0]) for part in parts]
        payments = [np.full(len(rows), -1, np.int64) if payment is None else payment for rows, _, payment in parts]
        rows, amounts = (np.concatenate([part[place] for part in parts]) for place in range(2))
        some = amounts > 0
        rounds = np.repeat(np.arange(len(parts)), sizes)
        return Given(*[column.compress(some) for column in (rows, amounts, np.concatenate(payments), rounds)])

    # Step 8

    def fees(self, on: int, booked: Ints) -> Fees:
        """The fees at the end of the day asked about."""
        of, number = self.of, len(self.unpaid)
        assessed, why = of.fixed.copy(), of.why.copy()
        capped, undetermined = np.zeros(number, np.bool_), np.zeros(number, np.bool_)
        bears = of.bears
        why += bears * (self._nothing(on) - why)
        rows = np.flatnonzero(bears & of.known & (on > of.gate) & (self.settled > of.gate))
        if len(rows):
            total, unrated = self._sum(rows, np.full(len(rows), on))
            fee, reached = self._rounded(rows, total)
            some = (total > 0) & ~unrated
            assessed[rows] = fee * some
            capped[rows] = reached & some
            undetermined[rows] = unrated
            why[rows.compress(some)] = WHY.index("")
            if unrated.any():
                unsure = rows.compress(unrated)
                no_clause = of.why[unsure] == CLAUSE_UNKNOWN
                why[unsure] = np.where(no_clause, CLAUSE_UNKNOWN, WHY.index("no_rate_before"))
        left = np.maximum(0, assessed - self.fee_paid - self.waived)
        ruled = left * (of.lapses & (self.settled <= on) & ~undetermined)
        left -= ruled
        return Fees(
            assessed=assessed,
            undetermined=undetermined,
            paid=self.fee_paid,
            waived=self.waived + ruled,
            contingent=np.zeros(number, np.int64),
            outstanding=left,
            booked=booked,
            to_book=assessed - ruled - booked,
            capped=capped,
            why=why,
        )

    def _nothing(self, on: int) -> Ints:
        """Why a charge that could bear a fee has none."""
        of = self.of
        in_grace = ((self.settled > of.fell) & (self.settled <= of.gate)) | ((self.unpaid > 0) & (on <= of.gate))
        ahead = on <= of.fell
        return WHY.index("not_due") * ahead + WHY.index("grace") * (in_grace & ~ahead)
