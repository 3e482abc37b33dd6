"""The order charges stand in: by due date, then by id; those whose due date nobody knows before all others."""

from __future__ import annotations

import numpy as np

from dunning.columns.rows import Batch, Ints


def in_order(batch: Batch, rows: Ints, due: Ints, fell: Ints) -> Ints:
    """These rows of charges, account by account in the order of the ledger.

    `due` is -1 where nobody knows it, `fell` the day it fell due all the same; both by row of the batch.
    """
    owner = batch.charges.owner
    rows = rows[np.lexsort((fell[rows], due[rows] >= 0, owner[rows]))]
    of, on, dated = owner[rows], fell[rows], due[rows] >= 0
    tied = (of[1:] == of[:-1]) & (on[1:] == on[:-1]) & (dated[1:] == dated[:-1])
    if tied.any():
        ids = batch.charges.texts("id")
        starts = np.searchsorted(of, of[1:][tied])
        for start in np.unique(starts).tolist():
            end = int(np.searchsorted(of, of[start], side="right"))
            theirs = rows[start:end].tolist()
            theirs.sort(key=lambda row: (due[row] >= 0, fell[row], ids.text(row) or ""))
            rows[start:end] = theirs
    return rows
