"""Money meets charges: who is settled first on a day, what stays credit, and what each payment did.

Within a day nothing depends on the order of the records in a file; between days nothing looks ahead.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from dunning.basis.money import Fen
from dunning.engine.owed.tab import Applied, Tab
from dunning.model.account import Item, Part, Payment
from dunning.model.rulebook import Payments


class Lot:
    """Money of one payment that settles nothing yet."""

    __slots__ = ("amount", "came", "payment")

    def __init__(self, payment: str, came: int, amount: Fen) -> None:
        self.payment = payment
        self.came = came
        self.amount = amount


Only = tuple[Item, ...]
Entry = tuple[Tab, Part, Fen]


class Group:
    """Payments of one day with one designation: one payment (`lots` by id). `money` is what is left of it."""

    __slots__ = ("booked", "designation", "entries", "followed", "lots", "money", "only")

    def __init__(self, designation: tuple[str, ...], only: Only, *, followed: bool = False) -> None:
        self.designation = designation
        self.only = only
        self.followed = followed
        self.lots: list[Lot] = []
        self.money = 0
        self.entries: list[Entry] = []
        self.booked: list[Payment] = []

    def add(self, payment: Payment, day: int, amount: Fen) -> None:
        self.lots.append(Lot(payment.id, day, amount))
        self.money += amount
        if payment.settles:
            self.booked.append(payment)


class Difference(NamedTuple):
    """A source's booking against the payer's word or the book's order: so many fen of it went elsewhere."""

    payment: str
    amount: Fen


class Till:
    """Settles charges day by day. Days must come in order; `tabs` are by (D', id), opening balances first."""

    def __init__(self, tabs: list[Tab], rules: Payments) -> None:
        self.by_id: dict[str | None, Tab] = {tab.id: tab for tab in tabs}
        # 民法典561 puts the costs of getting paid before all else.
        costs = [tab for tab in tabs if tab.item == "costs"]
        if costs:
            tabs = costs + [tab for tab in tabs if tab.item != "costs"]
        self.order = [tab for tab in tabs if not tab.other_debtor]
        self.statutory = rules.across_charges == "statutory"
        self.principal_first = rules.within_charge[0] == "principal"
        self.follow = rules.source_split == "follow"
        self.credit: dict[Only, list[Lot]] = {}
        self.later: dict[int, list[tuple[Only, Lot]]] = {}  # by day: what becomes credit then
        self.differences: list[Difference] = []
        self._due_days: list[int] | None = None

    # One charge

    def _pay(self, tab: Tab, day: int, money: Fen, entries: list[Entry]) -> Fen:
        """Settle one charge in the order of its parts; returns what is left."""
        if self.principal_first:
            money = self._pay_principal(tab, money, entries)
            return self._pay_fee(tab, day, money, entries) if money else 0
        money = self._pay_fee(tab, day, money, entries)
        return self._pay_principal(tab, money, entries) if money else 0

    def _pay_principal(self, tab: Tab, money: Fen, entries: list[Entry]) -> Fen:
        unpaid = tab.unpaid
        if not unpaid:
            return money
        amount = min(money, unpaid)
        tab.unpaid = unpaid - amount
        entries.append((tab, "principal", amount))
        return money - amount

    def _pay_fee(self, tab: Tab, day: int, money: Fen, entries: list[Entry]) -> Fen:
        owed = tab.payable(day)
        if not owed:
            return money
        amount = min(money, owed)
        tab.fee_paid += amount
        entries.append((tab, "late_fee", amount))
        return money - amount

    # Many charges

    def _pay_named(self, group: Group, day: int) -> None:
        """The charges the payer named, in the payer's order, due or not."""
        for name in group.designation:
            tab = self.by_id.get(name)
            if group.money and tab is not None and tab.known <= day and (not group.only or tab.item in group.only):
                group.money = self._pay(tab, day, group.money, group.entries)

    def _pay_due(self, day: int, money: Fen, entries: list[Entry], only: Only = ()) -> Fen:
        """Charges that are due by that day, in the book's order; returns what is left."""
        if self.statutory:
            return self._pay_by_law(day, money, entries, only)
        for tab in self.order:
            if tab.due <= day and tab.known <= day and not tab.closed and (not only or tab.item in only):
                money = self._pay(tab, day, money, entries)
                if not money:
                    return 0
        return money

    def _pay_by_law(self, day: int, money: Fen, entries: list[Entry], only: Only) -> Fen:
        """民法典560: the heavier burden first (a fee still running), then the earlier due, then pro rata."""
        ranks: dict[tuple[bool, bool, bool, int], list[Tab]] = {}
        for tab in self.order:
            if tab.due <= day and tab.known <= day and not tab.closed and (not only or tab.item in only):
                rank = (tab.item != "costs", tab.rolled is not None, not tab.accruing(day), tab.due)
                ranks.setdefault(rank, []).append(tab)
        for rank in sorted(ranks):
            money = self._pay_pro_rata(ranks[rank], day, money, entries)
        return money

    def _pay_pro_rata(self, tabs: list[Tab], day: int, money: Fen, entries: list[Entry]) -> Fen:
        """Shares by unpaid principal; who is owed less than a share is paid in full, the others share the rest anew."""
        weights = {tab: tab.unpaid for tab in tabs}
        while money and sum(weights.values()):
            shares = _shares(money, weights)
            full = [tab for tab, share in shares.items() if share > tab.unpaid + tab.payable(day)]
            for tab in full or shares:
                if shares[tab]:
                    money += self._pay(tab, day, shares[tab], entries) - shares[tab]
                del weights[tab]
            if not full:
                return money
        for tab in weights:
            if money:
                money = self._pay(tab, day, money, entries)
        return money

    def _follow(self, group: Group, day: int) -> None:
        """Settle as the source booked it; what was not there to be settled is left over.

        A fee booked beyond what is assessed because of a later credit note is credit from the day of that note.
        """
        (payment,) = group.booked
        trial = Group(group.designation, group.only)
        trial.money = group.money
        self._pay_named(trial, day)
        if trial.money:
            self._pay_due(day, trial.money, trial.entries, trial.only)
        for tab, part, amount in trial.entries:
            if part == "principal":
                tab.unpaid += amount
            else:
                tab.fee_paid -= amount
        self._compare([payment], trial.entries)
        for line in payment.settles or ():
            charge = self.by_id.get(line.charge)
            amount = min(line.amount, group.money)
            if charge is None or charge.known > day or (group.only and charge.item not in group.only) or not amount:
                continue
            if line.part == "principal":
                group.money += self._pay_principal(charge, amount, group.entries) - amount
                continue
            over = self._pay_fee(charge, day, amount, group.entries)
            group.money += over - amount
            if over and charge.released > day:
                group.money -= over
                group.lots[0].amount -= over
                self.later.setdefault(charge.released, []).append((group.only, Lot(payment.id, day, over)))

    def _compare(self, booked: Iterable[Payment], entries: list[Entry]) -> None:
        """Note how much of the source's bookings went where these entries would not have gone."""
        ours = {(tab.id, part): amount for tab, part, amount in entries}
        for payment in booked:
            elsewhere = 0
            for line in payment.settles or ():
                here = min(line.amount, ours.get((line.charge, line.part), 0))
                elsewhere += line.amount - here
                if here:
                    ours[line.charge, line.part] -= here
            if elsewhere:
                self.differences.append(Difference(payment.id, elsewhere))

    # One day

    def receive(self, day: int, on: date, payments: list[tuple[Payment, Fen]]) -> None:
        """The payments of a day, by id, each with the fen it counts for."""
        payment, amount = payments[0]
        if len(payments) == 1 and not (payment.for_ or payment.settles or payment.only):
            if amount:
                self._receive_one(day, on, payment, amount)
            return
        groups = self._groups(day, payments)
        groups.sort(key=_turn)
        for group in groups:
            if group.followed:
                self._follow(group, day)
            if group.designation:
                self._pay_named(group, day)
        for group in groups:
            if group.money:
                group.money = self._pay_due(day, group.money, group.entries, group.only)
            if group.booked and not group.followed:
                self._compare(group.booked, group.entries)
        for group in groups:
            self._commit(day, on, group.entries, group.lots)
            if group.money:
                self._keep(group.only, group.lots)

    def _receive_one(self, day: int, on: date, payment: Payment, amount: Fen) -> None:
        """The only payment of a day, for whatever is due: as nearly all are."""
        entries: list[Entry] = []
        left = self._pay_due(day, amount, entries)
        for tab, part, fen in entries:
            if part == "principal":
                tab.reduce(day)
            tab.applied += (Applied(payment.id, on, part, fen),)
        if left:
            self._keep((), [Lot(payment.id, day, left)])

    def _groups(self, day: int, payments: list[tuple[Payment, Fen]]) -> list[Group]:
        groups: dict[object, Group] = {}
        for payment, amount in payments:
            if not amount:
                continue
            only = tuple(sorted(set(payment.only)))
            followed = bool(self.follow and payment.settles)
            key = payment.id if followed else (payment.for_, only)
            group = groups.get(key)
            if group is None:
                group = groups[key] = Group(payment.for_, only, followed=followed)
            group.add(payment, day, amount)
        return list(groups.values())

    def _commit(self, day: int, on: date, entries: list[Entry], lots: list[Lot]) -> None:
        """Write entries down, in the name of the payments whose money it was, the first id first."""
        at = 0
        for tab, part, amount in entries:
            if part == "principal":
                tab.reduce(day)
            while amount:
                lot = lots[at]
                taken = min(amount, lot.amount)
                lot.amount -= taken
                amount -= taken
                if taken:
                    tab.applied += (Applied(lot.payment, on, part, taken),)
                if not lot.amount:
                    at += 1

    def _keep(self, only: Only, lots: Iterable[Lot]) -> None:
        self.credit.setdefault(only, []).extend(lot for lot in lots if lot.amount)

    # Credit

    def advance(self, since: int, day: int) -> None:
        """Let credit settle what falls due after `since`, on its own day, up to and including `day`."""
        if self._due_days is None:
            self._due_days = sorted({max(tab.due, tab.known) for tab in self.order})
        for due in self._due_days:
            if since < due <= day and self.credit:
                self.settle(due)

    def settle(self, day: int) -> None:
        """Let credit settle what is due on that day; what may pay some items only goes first."""
        for only, lot in self.later.pop(day, ()):
            self._keep(only, [lot])
        on = date.fromordinal(day)
        for only in sorted(self.credit, key=lambda only: (not only, only)):
            lots = self.credit[only]
            entries: list[Entry] = []
            left = self._pay_due(day, sum(lot.amount for lot in lots), entries, only)
            if entries:
                self._commit(day, on, entries, lots)
                self.credit[only] = [lot for lot in lots if lot.amount]
            if not left:
                del self.credit[only]

    def give_back(self, payment: str | None, amount: Fen) -> Fen:
        """Take a refund from credit, from its own payment's first, then the oldest; returns what credit covered."""
        wanted = amount
        lots = [lot for lots in self.credit.values() for lot in lots]
        for lot in sorted(lots, key=lambda lot: (lot.payment != payment, lot.came, lot.payment)):
            taken = min(wanted, lot.amount)
            lot.amount -= taken
            wanted -= taken
        self.credit = {
            only: [lot for lot in lots if lot.amount]
            for only, lots in self.credit.items()
            if any(lot.amount for lot in lots)
        }
        return amount - wanted

    @property
    def left(self) -> Fen:
        """All credit, in fen."""
        return sum(lot.amount for lots in self.credit.values() for lot in lots)


def _turn(group: Group) -> int:
    """The payer's word comes first; next what may pay some items only, for all others could take its place."""
    if group.designation or group.followed:
        return 0
    return 1 if group.only else 2


def _shares(money: Fen, weights: dict[Tab, Fen]) -> dict[Tab, Fen]:
    """Money in proportion to weights, whole fen, to the largest remainders first; among equal ones by place."""
    total = sum(weights.values())
    shares = {tab: money * weight // total for tab, weight in weights.items()}
    remainders = sorted(weights, key=lambda tab: -(money * weights[tab] % total))
    for tab in remainders[: money - sum(shares.values())]:
        shares[tab] += 1
    return shares
