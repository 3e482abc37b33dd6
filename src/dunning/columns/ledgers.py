"""What was owed on each day, of many accounts at once: the replay of `engine.owed.ledger`, the k-th day of every one.

Equal to `replay` in every figure. The few with what arrays do not do (REPLAYED) are replayed as objects and put in
their places; whoever does not fit 64 bits, or is no account for `replay` either, is handed back with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from dunning.basis.finding import Finding
from dunning.columns.fees import OPEN, Fees, Given, Moves, Tabs
from dunning.columns.happenings import Happenings, happenings
from dunning.columns.opened import REASONS, Opened, opened
from dunning.columns.replayed import PLAN_STATES, moves_of, plan_state, put_charges, put_moves, replays
from dunning.columns.rows import Batch, Bools, Coded, Ints
from dunning.columns.shares import either, expanded, within
from dunning.columns.terms import FAR
from dunning.columns.waterfall import Till
from dunning.model.rulebook import RuleBook

__all__ = ["PLAN_STATES", "REASONS", "Ledgers", "ledgers"]

REPLAYED = ("only", "plan", "refund", "credit_note")
"""What is left to `replay`: payments for some items only, instalment plans, refunds that credit does not cover, and
fees booked beyond what a credit note left.
"""

ROOM = 2**62
"""No sum may come to this."""


@dataclass(frozen=True, slots=True)
class Ledgers:
    """What the accounts of a batch owe at the end of a day, as `Ledger` and `ChargeState` have it.

    By account: `exact` (False: it has to be assessed as an object, and its rows here mean nothing), `reason` (why, or
    why `replay` made its ledger: a place in REASONS), `told` (False: the ledger has no findings), `unsaid`
    (it has some, perhaps, that are not for `doubts.findings_of` to tell), `credit`, `refunded` and `plan` (the state of
    the last plan in PLAN_STATES, -1 none). By charge, in the batch's order:
    `charges` as they were opened, what is `unpaid`, `paid`, `relief`, `written_off`, `settled_on` (-1: still open), and
    its `fees`. `moves`: how the principal went; `given`: what money did, of accounts that arrays replayed, and `joined`
    those of them where it took several payments as one. `standing`, by payment: it is known and not reversed. Charges
    with `charges.known` False are not in the ledger. `elsewhere`: payments that the source booked against the payer's
    word or the book's order, and how much of each; `replayed`: the accounts that `replay` did, with the findings of
    each.
    """

    on: int
    exact: Bools
    reason: Ints
    told: Bools
    unsaid: Bools
    credit: Ints
    refunded: Ints
    plan: Ints
    charges: Opened
    unpaid: Ints
    paid: Ints
    relief: Ints
    written_off: Ints
    settled_on: Ints
    fees: Fees
    moves: Moves
    given: Given
    joined: Ints
    standing: Bools
    elsewhere: tuple[Ints, Ints]
    replayed: Mapping[int, tuple[Finding, ...]]


def ledgers(batch: Batch, book: RuleBook, on: date) -> Ledgers:
    """The ledgers of all accounts of a batch under a book, at the end of the day `on`."""
    day = on.toordinal()
    charges = opened(batch, book, day)
    days = happenings(batch, day, follow=book.payments.source_split == "follow")
    booked = _booked(batch, day)
    _hand_back(batch, charges, days, booked, day)
    replay = _Replay(batch, book, charges, days, day)
    replay.run()
    tabs = replay.tabs
    fees = tabs.fees(day, booked)
    _tell(charges, fees)
    made = Ledgers(
        on=day,
        exact=charges.reason == 0,
        reason=charges.reason,
        told=charges.told,
        unsaid=charges.unsaid,
        credit=replay.credit,
        refunded=replay.refunded,
        plan=np.full(len(batch), -1, np.int64),
        charges=charges,
        unpaid=tabs.unpaid,
        paid=charges.principal - tabs.unpaid - tabs.relief - tabs.written_off,
        relief=tabs.relief,
        written_off=tabs.written_off,
        settled_on=either(tabs.settled == OPEN, -1, np.minimum(tabs.settled, day)),
        fees=fees,
        moves=tabs.moves,
        given=tabs.given,
        joined=_joined(batch, days),
        standing=days.standing,
        elsewhere=replay.elsewhere,
        replayed={},
    )
    by_hand = np.flatnonzero(np.array([reason in REPLAYED for reason in REASONS])[charges.reason])
    return _with_replayed(made, batch, book, by_hand) if len(by_hand) else made


def _with_replayed(made: Ledgers, batch: Batch, book: RuleBook, households: Ints) -> Ledgers:
    """The same with what `replay` says of some households."""
    found = replays(batch, book, made.on, households)
    columns = made.unpaid, made.paid, made.relief, made.written_off, made.settled_on
    put_charges(batch, found, made.fees, columns)
    for place, ledger in found:
        made.credit[place], made.refunded[place] = ledger.credit, ledger.refunded
        made.plan[place] = plan_state(ledger)
        made.told[place], made.unsaid[place] = bool(ledger.findings), False
    made.exact[households] = True
    theirs = np.zeros(len(batch), np.bool_)
    theirs[households] = True
    moves = put_moves(made.moves, theirs[made.charges.owner], moves_of(batch, found))
    return replace(made, moves=moves, replayed={place: ledger.findings for place, ledger in found})


def _joined(batch: Batch, days: Happenings) -> Ints:
    """The accounts of payments of one day with one designation, which were taken as one."""
    payments, groups = batch.lists["payments"], days.groups
    several = groups.money != payments.numbers("amount").values[groups.payment]
    return np.asarray(payments.owner[groups.payment[several]])


def _booked(batch: Batch, on: int) -> Ints:
    """What the source booked as late fees, by charge."""
    found = np.zeros(len(batch.charges), np.int64)
    rows = batch.lists["late_fees"]
    of = rows.numbers("charge_row").values
    some = np.flatnonzero((rows.numbers("on").values <= on) & (of >= 0)) if len(rows) else np.zeros(0, np.int64)
    if len(some):
        np.add.at(found, of[some], rows.numbers("amount").values[some])
    return found


def _hand_back(batch: Batch, charges: Opened, days: Happenings, booked: Ints, on: int) -> None:
    """Give a reason to each account that arrays cannot replay."""

    def back(accounts: Ints, reason: str) -> None:
        charges.reason[accounts[charges.reason[accounts] == 0]] = REASONS.index(reason)

    back(np.flatnonzero(_too_large(batch, charges, booked, on)), "too_large")
    payments, plans = batch.lists["payments"], batch.lists["plans"]
    only = payments.coded("only")
    limited = days.standing & only.where([bool(word) for word in only.words])
    back(payments.owner[limited], "only")
    back(plans.owner[plans.numbers("signed").values <= on], "plan")


def _too_large(batch: Batch, charges: Opened, booked: Ints, on: int) -> Bools:
    """Accounts with a sum that might not fit: principal x rate x days of a charge, all amounts of an account.

    Sums run through all accounts of the batch, so that each may have its part of the room. Reckoned in floats, which
    err by far less than the half of the room that is left free.
    """
    table, terms = charges.table, charges.terms
    principal = charges.principal.astype(np.float64)
    names = ("payments", "adjustments", "payments.settles")
    amounts = {name: np.abs(batch.lists[name].numbers("amount").values) for name in names}
    carried = (charges.fixed + booked).astype(np.float64)
    if len(principal):  # nearly always all is small, and nobody needs to be looked at
        dear = 2.0 * table.dearest.max() * (on - float(charges.fell.min()) + 2) + table.bottom.max()
        most = dear * principal.sum() + carried.sum() + sum(each.sum(dtype=np.float64) for each in amounts.values())
        if most + principal.max() * table.cap_top.max() < ROOM / 8:
            return np.zeros(len(batch), np.bool_)
    days = np.maximum(0.0, float(on) - charges.fell) + 2
    bottom = table.bottom[terms]
    exact = 2 * principal * table.dearest[terms] * days + bottom
    fee = principal * table.dearest[terms] * days / bottom + 1
    large = (exact >= ROOM / 2) | (principal * table.cap_top[terms] >= ROOM / 2)
    total = np.zeros(len(batch))
    total += np.bincount(charges.owner, principal + fee + carried, minlength=len(batch))
    for name, each in amounts.items():
        total += np.bincount(_owner(batch, name), each, minlength=len(batch))
    found = total >= ROOM / 4 / max(1, len(batch))
    found[charges.owner[large]] = True
    return np.asarray(found)


def _owner(batch: Batch, name: str) -> Ints:
    """The account of each row of a list, or of a list within a list."""
    outer, _, inner = name.partition(".")
    owner = batch.lists[outer].owner
    return owner[batch.lists[name].owner] if inner else owner


def _tell(charges: Opened, fees: Fees) -> None:
    """Note the accounts with a late fee booked beyond what is assessed."""
    over = charges.known & ~fees.undetermined & (fees.to_book < 0)
    charges.told[charges.owner[over]] = True


class _Replay:
    """All accounts, played the next day of each at a time."""

    def __init__(self, batch: Batch, book: RuleBook, charges: Opened, days: Happenings, on: int) -> None:
        self.batch = batch
        self.on = on
        self.charges = charges
        self.days = days
        self.tabs = Tabs(charges)
        self.till = Till(self.tabs, batch.charges, book.payments)
        self.follow = book.payments.source_split == "follow"
        self.credit = np.zeros(len(batch), np.int64)
        self.refunded = np.zeros(len(batch), np.int64)
        self._elsewhere: list[tuple[Ints, Ints]] = []
        if not self.follow:  # whether bookings went another way is for `replay` to say
            booked = batch.lists["payments.settles"].counts > 0
            self._unsaid(batch.lists["payments"].owner[booked & days.standing])

    @property
    def elsewhere(self) -> tuple[Ints, Ints]:
        """The payments booked where they would not have gone, in the order they came, and how much of each."""
        parts = self._elsewhere or [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
        rows, amounts = (np.concatenate([part[place] for part in parts]) for place in range(2))
        return rows, amounts

    def run(self) -> None:
        days = self.days
        at, end = days.start[:-1].copy(), days.start[1:]
        past = np.zeros(len(self.batch), np.int64)
        live = np.flatnonzero((at < end) & (self.charges.reason == 0))
        while len(live):
            place = at[live]
            more = place < end[live]
            day = np.full(len(live), FAR, np.int64)
            day[more] = days.day[place[more]]
            # Credit settles what falls due before that, each on its own day.
            rich = np.flatnonzero(self.credit[live] > 0)
            if len(rich):
                due = self.till.next_due(live[rich], past[live[rich]])
                before = (due >= 0) & (due < day[rich])
                day[rich[before]] = due[before]
                more[rich[before]] = False
            some = day <= self.on
            live, day, place, more = live[some], day[some], place[some], more[some]
            self._play(live, day, np.where(more, place, -1))
            at[live[more]] += 1
            past[live] = day
            live = live[((at[live] < end[live]) | (self.credit[live] > 0)) & (self.charges.reason[live] == 0)]

    def _play(self, households: Ints, day: Ints, place: Ints) -> None:
        """One day of each household: credit, payments, adjustments. `place`: its row of happenings, -1 none."""
        days = self.days
        money = np.where(place >= 0, days.plain[place], 0)
        first, last = days.groups_from[place], days.groups_from[place + 1]
        groups = np.where(place >= 0, last - first, 0)
        most = int(groups.max(initial=0))
        if most or self.till.statutory:
            self._settle(households, day)
        left: list[tuple[Ints, Ints]] = []
        for nth in range(most):
            at = np.flatnonzero(groups > nth)
            left.append((at, self._group(first[at] + nth, day[at])))
        # By due date it does not matter whose money comes first; in shares it does.
        for at, over in left:
            if self.till.statutory:
                self._receive(households[at], over, day[at])
            else:
                money[at] += over
        self._receive(households, money, day)
        self._adjust(households, day, place)

    def _settle(self, households: Ints, day: Ints) -> None:
        """Credit settles what is due."""
        self._receive(households, np.zeros(len(households), np.int64), day)

    def _receive(self, households: Ints, money: Ints, day: Ints) -> None:
        """Money for whatever is due, with the credit there is; what is left is credit."""
        money = money + self.credit[households]
        some = np.flatnonzero(money)
        self.credit[households[some]] = self.till.due(households[some], money[some], day[some])

    # Payments that say what they are for

    def _group(self, groups: Ints, day: Ints) -> Ints:
        """A group of payments of each of some households; returns what its charges leave over."""
        group = self.days.groups
        money, payment = group.money[groups].copy(), group.payment[groups]
        followed = np.flatnonzero(group.followed[groups])
        if len(followed):
            money[followed] = self._follow(payment[followed], money[followed], day[followed])
        some = np.flatnonzero(money)
        rows, of = self._named(payment[some], day[some])
        money[some] = self.till.pour(rows, of, money[some], day[some], payment[some])
        return money

    def _named(self, payment: Ints, day: Ints) -> tuple[Ints, Ints]:
        """The charges that payments name, in the payer's order, and the place of the payment of each."""
        named = self.batch.lists["payments.for"]
        places, of = expanded(named.start[payment], named.start[payment + 1] - named.start[payment])
        rows = named.numbers("charge_row").values[places]
        there = rows >= 0
        rows, of = rows[there], of[there]
        there = self.charges.known[rows] & (self.charges.since[rows] <= day[of])
        return self.till.once(rows[there], of[there])

    def _follow(self, payment: Ints, money: Ints, day: Ints) -> Ints:
        """Settle as the source booked it, line by line; returns what was not there to be settled."""
        lines = self.batch.lists["payments.settles"]
        start, counts = lines.start[payment], lines.start[payment + 1] - lines.start[payment]
        self._compare(payment, money, day)
        of, amount = lines.numbers("charge_row").values, lines.numbers("amount").values
        principal = lines.coded("part").equals("principal")
        charges, left = self.charges, money.copy()
        for nth in range(int(counts.max(initial=0))):
            at = np.flatnonzero((counts > nth) & (left > 0))
            at = at[of[start[at] + nth] >= 0]  # there may be no charge at all
            row = of[start[at] + nth]
            fit = charges.known[row] & (charges.since[row] <= day[at])
            at, row = at[fit], row[fit]
            line = start[at] + nth
            asked = np.minimum(amount[line], left[at])
            to_principal = np.where(principal[line], np.minimum(asked, self.tabs.unpaid[row]), 0)
            to_fee = np.where(principal[line], 0, np.minimum(asked, self.tabs.payable(row, day[at])))
            self.tabs.pay(row, to_principal, to_fee, day[at], payment[at])
            left[at] -= to_principal + to_fee
            freed = ~principal[line] & (to_fee < asked) & (charges.released[row] > day[at])
            self._give_up(charges.owner[row[freed]], "credit_note")
        return left

    def _compare(self, payment: Ints, money: Ints, day: Ints) -> None:
        """Note the accounts whose source booked a payment where it would not have gone."""
        rows, of = self._named(payment, day)
        named = self.till.shares(rows, of, money, day)
        _, spent = within(named.principal + named.fee, named.of, len(money))
        households = self.batch.lists["payments"].owner[payment]
        due, of_due = self.till.due_rows(households, day)
        others = ~self.till.among(due, rows)  # where money is left, those named are paid
        share = self.till.by_order(due[others], of_due[others], money - spent, day)
        ours = np.zeros((2, len(self.charges.owner) + 1), np.int64)
        for each in (named, share):
            ours[0, each.rows] += each.principal
            ours[1, each.rows] += each.fee
        lines = self.batch.lists["payments.settles"]
        places, at = expanded(lines.start[payment], lines.start[payment + 1] - lines.start[payment])
        row = lines.numbers("charge_row").values[places]
        part = np.where(lines.coded("part").equals("principal")[places], 0, 1)
        amount = lines.numbers("amount").values[places]
        elsewhere = np.zeros(len(payment), np.int64)
        np.add.at(elsewhere, at[row < 0], amount[row < 0])
        np.subtract.at(ours, (part, row), amount)
        over = np.flatnonzero((row >= 0) & (ours[part, row] < 0))
        if len(over):  # once for each charge and part
            once = over[np.unique(row[over] << 1 | part[over], return_index=True)[1]]
            np.add.at(elsewhere, at[once], -ours[part[once], row[once]])
        some = np.flatnonzero(elsewhere)
        self.charges.told[households[some]] = True
        self._elsewhere.append((payment[some], elsewhere[some]))

    def _unsaid(self, households: Ints) -> None:
        """Note accounts of whom `replay` may have to tell something."""
        self.charges.told[households] = self.charges.unsaid[households] = True

    def _give_up(self, households: Ints, reason: str) -> None:
        self.charges.reason[households] = REASONS.index(reason)

    # Adjustments

    def _adjust(self, households: Ints, day: Ints, place: Ints) -> None:
        """The adjustments of the day, at its end."""
        first, last = self.days.adjusted_from[place], self.days.adjusted_from[place + 1]
        counts = np.where(place >= 0, last - first, 0)
        adjustments = self.batch.lists["adjustments"]
        for nth in range(int(counts.max(initial=0))):
            at = np.flatnonzero(counts > nth)
            row = self.days.adjusted[first[at] + nth]
            kind, amount = adjustments.coded("kind"), adjustments.numbers("amount").values[row]
            charge = adjustments.numbers("charge_row").values[row]
            refund = _is(kind, row, "refund")
            self._refund(households[at[refund]], amount[refund])
            of = (charge >= 0) & np.append(self.charges.known, np.False_)[charge] & ~refund
            waiver = of & _is(kind, row, "late_fee_waiver")
            self._waive(charge[waiver], amount[waiver], day[at[waiver]])
            for name, taken in (("relief", self.tabs.relief), ("write_off", self.tabs.written_off)):
                some = of & _is(kind, row, name)
                self._forgive(charge[some], amount[some], day[at[some]], taken)

    def _refund(self, households: Ints, amount: Ints) -> None:
        """Money given back comes from credit; what credit does not cover is for `replay` to take back."""
        covered = np.minimum(amount, self.credit[households])
        self.credit[households] -= covered
        self.refunded[households] += covered
        self._give_up(households[covered < amount], "refund")

    def _waive(self, rows: Ints, amount: Ints, day: Ints) -> None:
        waived = np.minimum(amount, self.tabs.outstanding(rows, day))
        self.tabs.waived[rows] += waived
        self._unsaid(self.charges.owner[rows[waived < amount]])

    def _forgive(self, rows: Ints, amount: Ints, day: Ints, taken: Ints) -> None:
        forgiven = np.where(self.charges.since[rows] <= day, np.minimum(amount, self.tabs.unpaid[rows]), 0)
        self.tabs.forgive(rows, forgiven, day)
        taken[rows] += forgiven
        self._unsaid(self.charges.owner[rows[forgiven < amount]])


def _is(kind: Coded, rows: Ints, word: str) -> Bools:
    return np.asarray(kind.codes[rows] == kind.code(word))
