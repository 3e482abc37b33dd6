"""One charge while its account is replayed: what is unpaid, what fee stands against it on a day, what has settled it.

The definition's "as asked on that day" lives here: a payment meets the fee that was known on its own day.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from dunning.basis.money import Fen
from dunning.engine.owed.fees import Accrual, FeeState, Rests, Runs, Schedule, exact_sum, merged, owes
from dunning.model.account import Adjustment, AdjustmentKind, Charge, Contract, Item, Part
from dunning.model.rulebook import LateFee


class Applied(NamedTuple):
    """Money of one payment that settled one part of a charge, on the day it did: credit settles later than it came."""

    payment: str
    on: date
    part: Part
    amount: Fen


class Forgiven(NamedTuple):
    """Principal that a relief or write-off took off, as far as there was any. It counts from the day after `on`."""

    adjustment: str
    on: date
    kind: AdjustmentKind
    amount: Fen


class Excess(NamedTuple):
    """An adjustment of more than there was to adjust, by so many fen."""

    adjustment: Adjustment
    amount: Fen


class ChargeState(NamedTuple):
    """One charge on the day asked about. Amounts in fen; `principal` = unpaid + paid + relief + written_off.

    `contract` is the one in force on the due date; `terms` what the book says of its item (None: bears no late fee).
    `due` is the rolled due date (None: an opening balance without one), `provisional` where the calendar had to guess.
    `principal` is the amount less the credit notes known; `settled_on` the day the last of it went (None: still open;
    what credit notes took whole: the due date, or the day asked about while that lies ahead).
    `other_debtor`: its period lies outside this debtor's time, or the unit was not yet sold or delivered; such a charge
    is not `chased`, and only a payment made for it by name settles it. `chased` is the item's, whatever is unpaid.
    """

    charge: Charge
    contract: Contract | None
    terms: LateFee | None
    due: date | None
    provisional: bool
    principal: Fen
    unpaid: Fen
    paid: Fen
    relief: Fen
    written_off: Fen
    settled_on: date | None
    other_debtor: bool
    chased: bool
    applied: tuple[Applied, ...]
    forgiven: tuple[Forgiven, ...]
    fee: FeeState

    def unpaid_on(self, day: date) -> Fen:
        """Principal unpaid at the end of that day, as known on the day asked about (whether due by then or not)."""
        if not self.applied and not self.forgiven:
            return self.principal
        paid = sum([entry.amount for entry in self.applied if entry.part == "principal" and entry.on <= day])
        return self.principal - paid - sum([entry.amount for entry in self.forgiven if entry.on <= day])


OPEN = date.max.toordinal() + 1
"""The day on which what is still open was settled: after all others."""


class Tab:
    """Days are ordinals, amounts fen.

    `why` says why no late fee runs ("" = one does, "clause_unknown" = nobody knows); then `runs` is empty and the fee
    is `fixed`. `schedule` None with runs = the terms begin only after the due date.
    """

    contract: Contract | None = None
    terms: LateFee | None = None
    provisional = False
    other_debtor = False
    why = ""
    schedule: Schedule | None = None
    gate = 0  # D' + grace: settled by then, or asked by then: nothing (step 4)
    first = 0  # the first day that may accrue
    counted = True
    known = 0  # the day an opening balance is of: before it, nothing settles it
    lapses = False  # what is left of the fee lapses with the day on which the principal is settled
    fixed: Fen = 0  # a fee that was carried over
    runs: Runs = ()
    rests: Rests = ()
    fragile: tuple[tuple[int, int], ...] = ()  # rests lost when a plan broke: first day, day it broke
    fee_paid: Fen = 0
    waived: Fen = 0  # by records
    ruled: Fen = 0  # by plans completed
    settled = OPEN
    closed = False  # settled, fee and all, and nothing can change it
    released = 0  # the day of the last credit note
    applied: tuple[Applied, ...] = ()
    forgiven: tuple[Forgiven, ...] = ()
    _overdue: Fen | None = None

    def __init__(self, charge: Charge, due: int, rolled: date | None, principal: Fen) -> None:
        self.charge = charge
        self.id = charge.id
        self.item = charge.item
        self.due = due
        self.rolled = rolled
        self.principal = principal
        self.unpaid = principal

    def bear(self, schedule: Schedule | None) -> None:
        """From now on a fee runs under these terms (steps 2 and 4); None: they begin only after the due date."""
        self.runs = ((0, self.principal),)
        self.schedule = schedule
        self.gate = self.due + (schedule.grace if schedule is not None else 0)
        self.first = self.due + (schedule.first if schedule is not None else 1)

    def reduce(self, day: int, *, forgiven: bool = False) -> None:
        """Principal went down on `day`, to `unpaid`. For the balance (step 3) that counts from the next day on.

        A payment counts on its day already where its day is not counted.
        """
        runs = self.runs
        if runs:
            since = day + 1 if forgiven or self.counted else day
            self.runs = (*runs, (since, self.unpaid))  # twice on one day: the first lasts no day
        if not self.unpaid:
            self.settled = day

    def rests_on(self, asked: int) -> Rests:
        """The days that do not count, as known at the end of a day: a broken plan counts as kept until it broke."""
        return merged([*self.rests, *((first, broken) for first, broken in self.fragile if asked < broken)])

    def limit(self) -> Fen | None:
        """floor(C) of P, or of the principal that no payment had settled at the end of D' (step 7); None = no cap."""
        schedule = self.schedule
        if schedule is None or not schedule.cap_bottom:
            return None
        base = self.principal
        if schedule.cap_of_overdue:
            if self._overdue is None:
                paid = [
                    each.amount for each in self.applied if each.part == "principal" and each.on.toordinal() <= self.due
                ]
                self._overdue = base - sum(paid)
            base = self._overdue
        return base * schedule.cap_top // schedule.cap_bottom

    def total(self, asked: int, last: int) -> int | None:
        """The exact sum over the accrual days up to `last`, as known at the end of the day `asked`, times the bottom.

        None = undetermined: there are accrual days, and no rate to go by.
        """
        if asked <= self.gate or self.settled <= self.gate:
            return 0
        rests = self.rests_on(asked) if self.fragile else self.rests
        if self.why or self.schedule is None:
            return None if owes(self.runs, rests, self.first, last) else 0
        return exact_sum(self.runs, self.schedule, rests, self.first, last)

    def assessed(self, asked: int, last: int) -> Fen | None:
        """The assessed fee, likewise: rounded once, and at most the cap."""
        if not self.runs:
            return self.fixed
        total = self.total(asked, last)
        if not total or self.schedule is None:
            return total
        fee = self.schedule.rounded(total)
        limit = self.limit()
        return fee if limit is None else min(fee, limit)

    def payable(self, day: int) -> Fen:
        """The fee a payment of that day meets: of accrual days <= day, or < day where it is not counted."""
        past = self.settled < day
        if past and self.lapses:
            self.closed = True
            return 0
        fee = self.assessed(day, day if self.counted else day - 1) or 0
        owed = fee - self.fee_paid - self.waived - self.ruled
        if owed > 0:
            return owed
        if past and not self.fragile:
            self.closed = True
        return 0

    def outstanding(self, day: int) -> Fen:
        """The fee outstanding at the end of that day (an undetermined one counts as none)."""
        if day < self.known or (self.lapses and self.settled < day):
            return 0
        return max(0, (self.assessed(day, day) or 0) - self.fee_paid - self.waived - self.ruled)

    def accruing(self, day: int) -> bool:
        """Whether the fee is still growing that day: past grace, not resting, at a rate above 0, and below its cap."""
        schedule = self.schedule
        if self.why or schedule is None or not self.unpaid or day <= self.gate:
            return False
        if not schedule.rate_on(day) or any(first <= day <= last for first, last in self.rests_on(day)):
            return False
        fee, limit = self.assessed(day, day if self.counted else day - 1), self.limit()
        return fee is not None and (limit is None or fee < limit)

    def state(self, chased: frozenset[Item], on: int, booked: Fen, promised: Fen) -> ChargeState:
        """The charge at the end of the day asked about."""
        relief = written_off = 0
        for each in self.forgiven:
            if each.kind == "relief":
                relief += each.amount
            else:
                written_off += each.amount
        return ChargeState(
            self.charge,
            self.contract,
            self.terms,
            self.rolled,
            self.provisional,
            self.principal,
            self.unpaid,
            self.principal - self.unpaid - relief - written_off,
            relief,
            written_off,
            date.fromordinal(min(self.settled, on)) if self.settled != OPEN else None,
            self.other_debtor,
            self.item in chased and not self.other_debtor,
            self.applied,
            self.forgiven,
            self.fee_state(on, booked, promised),
        )

    def fee_state(self, on: int, booked: Fen, promised: Fen) -> FeeState:
        """The fee at the end of the day asked about. `promised`: what kept plans will waive when they are completed."""
        why, capped, accrual, fee = self.why, False, None, self.fixed
        if self.runs:
            total, schedule = self.total(on, on), self.schedule
            if total is None:
                return FeeState(
                    assessed=None, paid=self.fee_paid, waived=self.waived + self.ruled, outstanding=None,
                    booked=booked, to_book=None, why=why or "no_rate_before",
                )  # fmt: skip
            why = ""
            if not total:
                why = self._why_nothing(on)
            elif schedule is not None:
                fee, limit = schedule.rounded(total), self.limit()
                if limit is not None and fee >= limit:
                    fee, capped = limit, True
                rests = self.rests_on(on) if self.fragile else self.rests
                accrual = Accrual(self.runs, schedule, rests, self.first, on)
        if not fee and not booked and accrual is None:
            return _NOTHING[why]
        waived, ruled = self.waived, self.ruled
        left = max(0, fee - self.fee_paid - waived - ruled)
        if self.lapses and self.settled <= on:
            ruled += left
            left = 0
        return FeeState(
            fee,
            self.fee_paid,
            waived + ruled,
            promised if promised < left else left,
            left,
            booked,
            fee - ruled - booked,
            capped,
            why,
            accrual,
        )

    def _why_nothing(self, on: int) -> str:
        if on <= self.due:
            return "not_due"
        settled_in_grace = self.due < self.settled <= self.gate
        return "grace" if settled_in_grace or (self.unpaid and on <= self.gate) else ""


# Most fees are none, for one of a few reasons; an account needs no new record for that.
_NOTHING = {why: FeeState(why=why) for why in ("", "not_due", "grace", "no_clause", "item_bears_none", "opening")}
