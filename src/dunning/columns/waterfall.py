"""Money runs down lists of charges, of many households at once: who is settled with what, and what is left.

A pour is one list of charges a household, side by side: what stands before a charge in its list takes first.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc

from dunning.columns.fees import Tabs
from dunning.columns.rows import Ints, Rows, Texts

DAYS = 22  # bits that hold any day


def expanded(start: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Stretches as lists: the places of all of them, one after another, and which stretch each is of."""
    ends = np.cumsum(counts)
    of = np.repeat(np.arange(len(counts)), counts)
    return np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(start - (ends - counts), counts), of


def within(amounts: Ints, of: Ints, number: int) -> tuple[Ints, Ints]:
    """What stands before each amount in its list, and the sum of each of so many lists (`of` ascending)."""
    running = np.cumsum(amounts)
    counts = np.bincount(of, minlength=number)
    ends = np.cumsum(counts)
    upto = np.concatenate(([0], running))[ends]
    began = np.concatenate(([0], upto[:-1]))
    return running - amounts - began[of], upto - began


def in_order(keys: Ints, ids: Texts) -> Ints:
    """The order of rows by key, of those with one key by id."""
    order = np.arange(len(keys)) if (keys[1:] >= keys[:-1]).all() else np.argsort(keys, kind="stable")
    found = keys[order]
    same = np.flatnonzero(found[1:] == found[:-1])
    if len(same):
        order = order.copy()
    turn = 0
    quiet = 0
    while len(same) and quiet < 2:  # neighbours that stand wrong change places, every other pair at a time
        pairs = same[(same & 1) == turn]
        left, right = order[pairs], order[pairs + 1]
        wrong = pc.greater(ids.values.take(left), ids.values.take(right)).to_numpy(zero_copy_only=False)
        swap = pairs[wrong.astype(np.bool_)]
        order[swap], order[swap + 1] = order[swap + 1], order[swap]
        quiet = 0 if len(swap) else quiet + 1
        turn = 1 - turn
    return order


class Shares(NamedTuple):
    """The charges that money reaches, whose they are, what principal and fee of each get, and what of both is left."""

    rows: Ints
    of: Ints
    principal: Ints
    fee: Ints
    left: Ints


class Till:
    """Settles charges: those a payment names, or those due by a day in the book's order."""

    def __init__(self, tabs: Tabs, charges: Rows, *, principal_first: bool) -> None:
        self.tabs = tabs
        self.principal_first = principal_first
        of = tabs.of
        # 民法典561 puts the costs of getting paid before all else; then balances carried over without a due date.
        key = of.owner << 2 | np.where(of.costs, 0, 2) | (of.due >= 0)
        self._charges = charges
        self._key = key << DAYS | of.fell
        self._order: Ints | None = None
        self._due_days: Ints | None = None
        self.open = of.known & ~of.other_debtor  # may be settled by the book's order

    @property
    def order(self) -> Ints:
        """The charges of each account in the order they are settled in."""
        if self._order is None:
            self._order = in_order(self._key, self._charges.texts("id"))
        return self._order

    def next_due(self, households: Ints, day: Ints) -> Ints:
        """The first day after `day` on which something falls due that the book's order settles; -1 for none."""
        of = self.tabs.of
        if self._due_days is None:
            some = of.known & ~of.other_debtor
            self._due_days = np.append(np.sort(of.owner[some] << DAYS | of.payable[some]), np.int64(2**62))
        found = self._due_days[np.searchsorted(self._due_days, (households << DAYS | day) + 1)]
        return np.where(found >> DAYS == households, found & ((1 << DAYS) - 1), -1)

    def due(self, households: Ints, money: Ints, day: Ints) -> Ints:
        """Settle what is due by each household's day, in the book's order; returns what is left."""
        rows, of = self._due_rows(households, day)
        return self.pour(rows, of, money, day)

    def _due_rows(self, households: Ints, day: Ints) -> tuple[Ints, Ints]:
        start = self._charges.start[households]
        places, of = expanded(start, self._charges.start[households + 1] - start)
        rows = self.order[places]
        some = self.open[rows] & (self.tabs.of.payable[rows] <= day[of])
        return rows[some], of[some]

    def pour(self, rows: Ints, of: Ints, money: Ints, day: Ints) -> Ints:
        """Let money run down lists of charges (`of`: whose list, ascending); returns what is left of it."""
        share = self.shares(rows, of, money, day)
        rows, of = share.rows, share.of
        over = self.tabs.pay(rows, share.principal, share.fee, day[of])
        self.open[rows[over & (share.left == 0)]] = False
        _, spent = within(share.principal + share.fee, of, len(money))
        return money - spent

    def shares(self, rows: Ints, of: Ints, money: Ints, day: Ints) -> Shares:
        """Who of these lists would get how much."""
        tabs = self.tabs
        unpaid = tabs.unpaid[rows]
        if len(rows) > len(money):  # principal alone tells most of what money does not reach
            before, _ = within(unpaid, of, len(money))
            near = before < money[of]
            rows, of, unpaid = rows[near], of[near], unpaid[near]
        owed = tabs.payable(rows, day[of])
        want = unpaid + owed
        before, _ = within(want, of, len(money))
        take = np.clip(money[of] - before, 0, want)
        first = np.minimum(take, unpaid if self.principal_first else owed)
        rest = take - first
        principal, fee = (first, rest) if self.principal_first else (rest, first)
        return Shares(rows, of, principal, fee, want - take)
