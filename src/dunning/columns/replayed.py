"""Ledgers of the few households that arrays cannot replay, from `replay` itself, put in their places.

So a household with an instalment plan or a refund out of a payment keeps its place in all that follows; it is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from dunning.columns.fees import Fees, Moves
from dunning.columns.opened import WHY
from dunning.columns.packing import unpack_all
from dunning.columns.rows import Batch, Bools, Ints
from dunning.engine.owed.ledger import ChargeState, Ledger, replay
from dunning.model.rulebook import RuleBook

PLAN_STATES = ("kept", "broken", "completed")

Move = tuple[int, int, int, bool]
"""Charge, day, fen, whether it was forgiven."""


def replays(batch: Batch, book: RuleBook, on: int, households: Ints) -> list[tuple[int, Ledger]]:
    """The ledgers of some accounts of the batch (ascending), each with its place."""
    day = date.fromordinal(on)
    accounts = unpack_all(batch, households)
    return [(place, replay(each, book, day)) for place, each in zip(households.tolist(), accounts, strict=True)]


def moves_of(batch: Batch, replayed: Sequence[tuple[int, Ledger]]) -> list[Move]:
    """How the principal of some accounts went."""
    found: list[Move] = []
    for row, state in _states(batch, replayed):
        found += [(row, each.on.toordinal(), each.amount, False) for each in state.applied if each.part == "principal"]
        found += [(row, each.on.toordinal(), each.amount, True) for each in state.forgiven]
    return found


def _states(batch: Batch, replayed: Sequence[tuple[int, Ledger]]) -> list[tuple[int, ChargeState]]:
    """The charges of some ledgers, each with its row."""
    start, ids = batch.charges.start, batch.charges.texts("id").values
    found = []
    for place, ledger in replayed:
        first, end = int(start[place]), int(start[place + 1])
        rows = {name: first + nth for nth, name in enumerate(ids.slice(first, end - first).to_pylist())}
        found += [(rows[state.charge.id], state) for state in ledger.charges]
    return found


def plan_state(ledger: Ledger) -> int:
    """The state of the plan signed last, as a place in PLAN_STATES; -1: there is none."""
    if not ledger.plans:
        return -1
    return PLAN_STATES.index(max(ledger.plans, key=lambda known: (known.plan.signed, known.plan.id)).state)


def put_charges(
    batch: Batch, replayed: Sequence[tuple[int, Ledger]], fees: Fees, columns: tuple[Ints, Ints, Ints, Ints, Ints]
) -> None:
    """Write charges into their rows: `columns` are unpaid, paid, relief, written_off and settled_on."""
    unpaid, paid, relief, written_off, settled_on = columns
    for row, state in _states(batch, replayed):
        unpaid[row], paid[row] = state.unpaid, state.paid
        relief[row], written_off[row] = state.relief, state.written_off
        settled_on[row] = -1 if state.settled_on is None else state.settled_on.toordinal()
        fee = state.fee
        fees.undetermined[row] = fee.assessed is None
        fees.assessed[row], fees.paid[row], fees.waived[row] = fee.assessed or 0, fee.paid, fee.waived
        fees.contingent[row], fees.outstanding[row] = fee.contingent, fee.outstanding or 0
        fees.booked[row], fees.to_book[row] = fee.booked, fee.to_book or 0
        fees.capped[row], fees.why[row] = fee.capped, WHY.index(fee.why)


def put_moves(moves: Moves, replayed: Bools, more: Sequence[Move]) -> Moves:
    """The moves with those of the charges of replayed accounts as they are. `replayed`: by charge."""
    kept = ~replayed[moves.charge]
    columns = [np.array(column, np.int64) for column in zip(*more, strict=True)] or [np.zeros(0, np.int64)] * 4
    return Moves(
        np.concatenate((moves.charge.compress(kept), columns[0])),
        np.concatenate((moves.day.compress(kept), columns[1])),
        np.concatenate((moves.amount.compress(kept), columns[2])),
        np.concatenate((moves.forgiven.compress(kept), columns[3].astype(np.bool_))),
    )
