"""Money runs down lists of charges, of many households at once: who is settled with what, and what is left.

A pour is one list of charges a household, side by side: what stands before a charge in its list takes first.
"""

from __future__ import annotations

import numpy as np

from dunning.columns.fees import Tabs
from dunning.columns.order import by_key
from dunning.columns.pro_rata import by_law
from dunning.columns.rows import Bools, Ints, Rows
from dunning.columns.shares import DAYS, Shares, Wanted, expanded, starts, within
from dunning.model.rulebook import Payments


class Till:
    """Settles charges: those a payment names, or those due by a day in the book's order."""

    def __init__(self, tabs: Tabs, charges: Rows, rules: Payments) -> None:
        self.tabs = tabs
        self.principal_first = rules.within_charge[0] == "principal"
        self.statutory = rules.across_charges == "statutory"
        of = tabs.of
        # 民法典561 puts the costs of getting paid before all else; then balances carried over without a due date.
        key = of.owner << 2 | np.where(of.costs, 0, 2) | (of.due >= 0)
        self._charges = charges
        self._key = key << DAYS | of.fell
        self._order: Ints | None = None
        self._head = charges.start[:-1].copy()
        self._due_days: Ints | None = None
        self._next = np.zeros(0, np.int64)
        self._first = np.zeros(len(of.owner), np.int64)
        self._marked = np.zeros(len(of.owner), np.bool_)
        self.open = of.known & ~of.other_debtor  # may be settled by the book's order

    @property
    def order(self) -> Ints:
        """The charges of each account in the order they are settled in."""
        if self._order is None:
            self._order = by_key(self._key, self._charges.texts("id"))
        return self._order

    def next_due(self, households: Ints, day: Ints) -> Ints:
        """The first day after `day` on which something falls due that the book's order settles; -1 for none.

        A household's days must come in order.
        """
        of = self.tabs.of
        if self._due_days is None:
            some = of.known & ~of.other_debtor
            self._due_days = np.append(np.sort(of.owner[some] << DAYS | of.payable[some]), np.int64(2**62))
            self._next = starts(of.owner[some], len(self._charges.start) - 1)[:-1]
        after = households << DAYS | day
        behind = np.arange(len(households))
        while len(behind):
            passed = self._due_days[self._next[households[behind]]] <= after[behind]
            behind = behind[passed]
            self._next[households[behind]] += 1
        found = self._due_days[self._next[households]]
        return np.where(found >> DAYS == households, found & ((1 << DAYS) - 1), -1)

    def among(self, rows: Ints, others: Ints) -> Bools:
        """Which of these rows are among the others."""
        self._marked[others] = True
        marked = self._marked[rows]
        self._marked[others] = False
        return marked

    def once(self, rows: Ints, of: Ints) -> tuple[Ints, Ints]:
        """Lists without what already stands before in them."""
        places = np.arange(len(rows))
        self._first[rows[::-1]] = places[::-1]
        first = self._first[rows] == places
        return (rows, of) if first.all() else (rows[first], of[first])

    def due(self, households: Ints, money: Ints, day: Ints) -> Ints:
        """Settle what is due by each household's day, in the book's order; returns what is left."""
        rows, of = self.due_rows(households, day)
        return self._settle(self.by_order(rows, of, money, day), money, day)

    def by_order(self, rows: Ints, of: Ints, money: Ints, day: Ints) -> Shares:
        """Who of the charges that are due would get how much in the book's order."""
        if not self.statutory:
            return self.shares(rows, of, money, day)
        return by_law(self.tabs, rows, of, money, day, principal_first=self.principal_first)

    def due_rows(self, households: Ints, day: Ints) -> tuple[Ints, Ints]:
        """The charges that are due by each household's day and still open, in the book's order, and whose they are."""
        order = self.order
        start, end = self._head[households], self._charges.start[households + 1]
        shut = np.flatnonzero(start < end)
        while len(shut):  # what is settled for good at the head of a list is passed once
            shut = shut.compress(~self.open[order[start[shut]]])
            start[shut] += 1
            shut = shut.compress(start[shut] < end[shut])
        self._head[households] = start
        places, of = expanded(start, end - start)
        rows = order[places]
        some = self.open[rows] & (self.tabs.of.payable[rows] <= day[of])
        return rows.compress(some), of.compress(some)

    def pour(self, rows: Ints, of: Ints, money: Ints, day: Ints, payment: Ints) -> Ints:
        """Let payments run down lists of charges (`of`: whose list, ascending); returns what is left of their money."""
        return self._settle(self.shares(rows, of, money, day), money, day, payment)

    def shares(self, rows: Ints, of: Ints, money: Ints, day: Ints) -> Shares:
        """Who of these lists would get how much."""
        tabs = self.tabs
        if len(rows) > len(money):  # principal alone tells most of what money does not reach
            before, _ = within(tabs.unpaid[rows], of, len(money))
            near = before < money[of]
            rows, of = rows.compress(near), of.compress(near)
        want = Wanted(tabs.unpaid[rows], tabs.payable(rows, day[of]), principal_first=self.principal_first)
        before, _ = within(want.all, of, len(money))
        return want.shared(rows, of, np.minimum(np.maximum(money[of] - before, 0), want.all))

    def _settle(self, share: Shares, money: Ints, day: Ints, payment: Ints | None = None) -> Ints:
        rows, of = share.rows, share.of
        self.tabs.pay(rows, share.principal, share.fee, day[of], None if payment is None else payment[of])
        # Nothing can come any more: a fee runs on what is unpaid, and that of the days before is met.
        self.open[rows.compress(share.left == 0)] = False
        _, spent = within(share.principal + share.fee, of, len(money))
        return money - spent
