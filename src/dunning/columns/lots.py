"""Which payments settled a charge, of many households at once: the names that `engine.owed.allocation` keeps of money.

Arrays let money run without names. What it did is on record in its order, and so are the payments: side by side they
tell whose money each was.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dunning.columns.fees import Given
from dunning.columns.ledgers import Ledgers
from dunning.columns.order import by_key
from dunning.columns.replayed import replays
from dunning.columns.rows import Batch, Bools, Ints, Texts
from dunning.columns.shares import DAYS, expanded, starts, turns
from dunning.model.rulebook import RuleBook


class Paid(NamedTuple):
    """Charges and the payments that settled some of them, principal or late fee; in no order, a pair perhaps twice."""

    charge: Ints
    payment: Ints


def paid_by(batch: Batch, money: Ledgers, book: RuleBook, charges: Bools) -> Paid:
    """The payments that settled some of each of the charges that are marked.

    Of accounts where more than the order of payments decides, `replay` tells.
    """
    owner, given = batch.charges.owner, money.given
    wanted = np.zeros(len(batch), np.bool_)
    wanted[owner[charges & (money.charges.principal > money.unpaid)]] = True
    wanted[owner[charges & (money.fees.paid > 0)]] = True
    wanted &= money.exact
    odd = wanted & _odd(batch, money)
    some = wanted & ~odd
    given = Given(*[column.compress(some[owner[given.charge]]) for column in _columns(given)])
    named = given.payment >= 0
    oldest = np.flatnonzero(~named)
    oldest = oldest[np.argsort(owner[given.charge[oldest]], kind="stable")]
    lots, left = _lots(batch, money, given, some, book.payments.source_split == "follow")
    at, lot = _overlaps(owner[given.charge[oldest]], given.amount[oldest], batch.lists["payments"].owner[lots], left)
    at = oldest[at]
    if book.payments.across_charges == "statutory":
        unsure = _unsure(given.round, owner[given.charge], at, lots[lot])
        odd[unsure] = True
        some[unsure] = False
    charge = np.concatenate((given.charge[named], given.charge[at]))
    payment = np.concatenate((given.payment[named], lots[lot]))
    mine = charges[charge] & some[owner[charge]]
    by_hand = _replayed(batch, money, book, np.flatnonzero(odd))
    theirs = charges[by_hand.charge]
    return Paid(
        np.concatenate((charge.compress(mine), by_hand.charge.compress(theirs))),
        np.concatenate((payment.compress(mine), by_hand.payment.compress(theirs))),
    )


def _columns(given: Given) -> tuple[Ints, Ints, Ints, Ints]:
    return given.charge, given.amount, given.payment, given.round


def _odd(batch: Batch, money: Ledgers) -> Bools:
    """Accounts that `replay` did, that took several payments as one, or gave money back: out of which payment?"""
    found = np.zeros(len(batch), np.bool_)
    found[list(money.replayed)] = True
    found[money.joined] = True
    adjustments = batch.lists["adjustments"]
    back = adjustments.coded("kind").equals("refund") & (adjustments.numbers("on").values <= money.on)
    found[adjustments.owner[back]] = True
    return found


def _lots(batch: Batch, money: Ledgers, given: Given, some: Bools, follow: bool) -> tuple[Ints, Ints]:
    """The payments of these accounts in the order their money goes, and what there is of each for whatever is due.

    The payments of a day go by id, but those first that say what they are for.
    """
    payments = batch.lists["payments"]
    rows = np.flatnonzero(some[payments.owner] & money.standing)
    used = np.zeros(len(payments), np.int64)
    named = given.payment >= 0
    np.add.at(used, given.payment[named], given.amount[named])
    apart = batch.lists["payments.for"].counts[rows] > 0
    if follow:
        apart |= batch.lists["payments.settles"].counts[rows] > 0
    key = (payments.owner[rows] << DAYS | payments.numbers("on").values[rows]) << 1 | ~apart
    rows = rows[by_key(key, Texts(payments.texts("id").values.take(rows)))]
    left = payments.numbers("amount").values[rows] - used[rows]
    return rows.compress(left > 0), left.compress(left > 0)


def _overlaps(of: Ints, amounts: Ints, owner: Ints, lots: Ints) -> tuple[Ints, Ints]:
    """Amounts are taken from lots, the first of an owner from his first (`of` and `owner` ascending): which meet which.

    Both as stretches on one line, on which an owner's amounts begin where his lots do.
    """
    number = 1 + int(max(of.max(initial=-1), owner.max(initial=-1)))
    ends = np.cumsum(lots)
    begins = np.concatenate(([0], ends))[starts(owner, number)[:-1]]
    running = np.cumsum(amounts)
    before = np.concatenate(([0], running))[starts(of, number)[:-1]]
    until = running - before[of] + begins[of]
    first = np.searchsorted(ends, until - amounts, side="right")
    last = np.searchsorted(ends, until, side="left")
    lot, at = expanded(first, last - first + 1)
    return at, lot


def _unsure(rounds: Ints, household: Ints, at: Ints, payment: Ints) -> Ints:
    """The households in one of whose rounds money of several payments met several charges.

    Which met which hangs on the turn in which charges of one rank share (民法典560).
    """
    order = np.lexsort((rounds[at], household[at]))
    at, payment = at[order], payment[order]
    begins = turns(household[at]) | turns(rounds[at])
    which = np.cumsum(begins) - 1
    first = np.flatnonzero(begins)[which]
    number = int(begins.sum())
    of_several = np.bincount(which, payment != payment[first], minlength=number) > 0
    to_several = np.bincount(which, at != at[first], minlength=number) > 0
    return household[at[begins]][of_several & to_several]


def _replayed(batch: Batch, money: Ledgers, book: RuleBook, households: Ints) -> Paid:
    """The same, of some accounts, from their ledgers."""
    charges, payments = batch.charges, batch.lists["payments"]
    found: list[tuple[int, int]] = []
    for place, ledger in replays(batch, book, money.on, households) if len(households) else ():
        of_charge, of_payment = (
            _places(charges.start, charges.texts("id"), place),
            _places(payments.start, payments.texts("id"), place),
        )
        found += [
            (of_charge[state.charge.id], of_payment[each.payment]) for state in ledger.charges for each in state.applied
        ]
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return Paid(pairs[:, 0], pairs[:, 1])


def _places(start: Ints, ids: Texts, place: int) -> dict[str, int]:
    """The rows of an account's records by their ids."""
    first, end = int(start[place]), int(start[place + 1])
    return {name: first + nth for nth, name in enumerate(ids.values.slice(first, end - first).to_pylist())}
