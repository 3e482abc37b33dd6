"""The order of 民法典560 for many households: the heavier burden first, then the earlier due, then pro rata.

Charges of one rank share by unpaid principal, whole fen, the largest remainders first; who is owed less than a share is
paid in full, and the others share the rest anew.
"""

from __future__ import annotations

import numpy as np

from dunning.columns.fees import Tabs
from dunning.columns.opened import REASONS
from dunning.columns.rows import Bools, Ints
from dunning.columns.shares import DAYS, Shares, Wanted, within

ROOM = 2.0**61
"""No product of money and principal may come near 2^62."""


def by_law(tabs: Tabs, rows: Ints, of: Ints, money: Ints, day: Ints, *, principal_first: bool) -> Shares:
    """What each of the charges that are due gets (`of`: whose, ascending; within one, charges of a rank by id).

    A household whose amounts are too large to be shared in 64 bits is handed back.
    """
    unpaid, owed = tabs.unpaid[rows], tabs.payable(rows, day[of])
    some = np.flatnonzero(unpaid + owed)
    rows, of, unpaid, owed = rows[some], of[some], unpaid[some], owed[some]
    charges = tabs.of
    rank = of << 3 | np.where(charges.costs[rows], 0, 4) | np.where(charges.due[rows] >= 0, 2, 0)
    rank = (rank + np.where(tabs.accruing(rows, day[of]), 0, 1)) << DAYS | charges.fell[rows]
    order = np.argsort(rank, kind="stable")
    rows, of, rank = rows[order], of[order], rank[order]
    want = Wanted(unpaid[order], owed[order], principal_first=principal_first)
    begins = np.ones(len(rows), np.bool_)
    begins[1:] = rank[1:] != rank[:-1]
    shared = np.zeros(len(money), np.bool_)  # where charges of one rank stand side by side
    shared[of[~begins]] = True
    before, _ = within(want.all, of, len(money))
    take = np.minimum(np.maximum(money[of] - before, 0), want.all)
    at = np.flatnonzero(shared[of])
    if len(at):
        large = money[of[at]] * want.unpaid[at].astype(np.float64) >= ROOM
        charges.reason[charges.owner[rows[at[large]]]] = REASONS.index("too_large")
        shared[of[at[large]]] = False
        at = at[shared[of[at]]]
        take[at] = _ranked(want, of, begins, at, money)
    return want.shared(rows, of, take)


def _ranked(want: Wanted, of: Ints, begins: Bools, at: Ints, money: Ints) -> Ints:
    """What the charges at some places get, rank after rank."""
    left = money.copy()
    whose, starts = of[at], begins[at]
    # The number of each rank within its list.
    number = np.cumsum(starts, dtype=np.int64)
    first = np.ones(len(at), np.bool_)
    first[1:] = whose[1:] != whose[:-1]
    number -= np.maximum.accumulate(np.where(first, number, 0))
    take = np.zeros(len(at), np.int64)
    for nth in range(int(number.max(initial=-1)) + 1):
        some = np.flatnonzero((number == nth) & (left[whose] > 0))
        if len(some):
            take[some] = _pro_rata(want.unpaid[at[some]], want.all[at[some]], whose[some], left)
    return take


def _pro_rata(weight: Ints, most: Ints, of: Ints, left: Ints) -> Ints:
    """What each gets of its list's money by weight and at most so much; `left` is lowered by it."""
    take = np.zeros(len(of), np.int64)
    open_ = weight > 0
    while True:
        _, total = within(np.where(open_, weight, 0), of, len(left))
        at = np.flatnonzero(open_ & (left[of] > 0))
        if not len(at):
            break
        share = _shares(weight[at], of[at], left, total)
        full = share > most[at]
        again = np.zeros(len(left), np.bool_)
        again[of[at[full]]] = True
        done = full | ~again[of[at]]
        take[at[done]] = np.minimum(share, most[at])[done]
        open_[at[done]] = False
        _, spent = within(np.where(done, take[at], 0), of[at], len(left))
        left -= spent
    rest = np.flatnonzero((weight == 0) & (left[of] > 0))  # a fee with no principal to it comes last
    before, _ = within(most[rest], of[rest], len(left))
    take[rest] = np.minimum(np.maximum(left[of[rest]] - before, 0), most[rest])
    _, spent = within(take[rest], of[rest], len(left))
    left -= spent
    return take


def _shares(weight: Ints, of: Ints, money: Ints, total: Ints) -> Ints:
    """Money in proportion to weights, whole fen, to the largest remainders first; among equal ones by place."""
    parts = money[of] * weight
    share, remainder = parts // total[of], parts % total[of]
    _, given = within(share, of, len(money))
    order = np.lexsort((-remainder, of))
    place, _ = within(np.ones(len(of), np.int64), of, len(money))
    more = place < (money - given)[of]  # `of` is ascending in either order
    share[order[more]] += 1
    return share
