"""The order records stand in: by a key, then by id. Charges by due date, those nobody knows the due date of first."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from dunning.columns.rows import Batch, Ints, Texts
from dunning.columns.shares import DAYS


def by_key(keys: Ints, ids: Texts) -> Ints:
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


def in_order(batch: Batch, rows: Ints, due: Ints, fell: Ints) -> Ints:
    """These rows of charges, account by account in the order of the ledger.

    `due` is -1 where nobody knows it, `fell` the day it fell due all the same; both by row of the batch.
    """
    key = (batch.charges.owner[rows] << 1 | (due[rows] >= 0)) << DAYS | fell[rows]
    return rows[by_key(key, Texts(batch.charges.texts("id").values.take(rows)))]
