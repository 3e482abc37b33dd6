"""Some of the accounts of a batch, as a batch of their own: those under one book, or those still to be done."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from dunning.columns.rows import Batch, Bools, Coded, Column, Ints, Numbers, Rows, Texts

_LINKS = {"charge_row": "charges", "payment_row": "payments"}


class Selected(NamedTuple):
    """The accounts selected, and where each of their charges stands in the batch they were taken from."""

    batch: Batch
    charges: Ints


def select(batch: Batch, accounts: Ints) -> Selected:
    """The accounts in these rows, ascending. Accounts that are no arrays stay out of them: they mean nothing here."""
    rows: dict[str, Ints] = {}
    starts: dict[str, Ints] = {}
    for name, each in sorted(batch.lists.items()):  # a list before the lists within its records
        outer, _, inner = name.partition(".")
        rows[name], starts[name] = _rows_of(each.start, rows[outer] if inner else accounts)
    lists = {
        name: Rows(
            starts[name],
            {
                column: _linked(column, _taken(values, rows[name]), batch, rows)
                for column, values in each.columns.items()
            },
            None if each.absent is None else each.absent[rows[name.partition(".")[0]]],
        )
        for name, each in batch.lists.items()
    }
    columns = {name: _taken(column, accounts) for name, column in batch.accounts.items()}
    _, debtor = np.unique(batch.debtor[accounts], return_inverse=True)
    return Selected(Batch(columns, lists, debtor.astype(np.int64)), rows["charges"])


def _rows_of(start: Ints, parents: Ints) -> tuple[Ints, Ints]:
    """The rows of some parents, one after another, and where those of each begin."""
    counts = start[parents + 1] - start[parents]
    starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
    rows = np.arange(starts[-1], dtype=np.int64) + np.repeat(start[parents] - starts[:-1], counts)
    return rows, starts


def _taken(column: Column, rows: Ints) -> Column:
    if isinstance(column, Texts):
        return Texts(column.values.take(pa.array(rows)))
    if isinstance(column, Coded):
        return Coded(column.codes[rows], column.words)
    return Numbers(column.values[rows], _some(column.missing, rows))


def _some(missing: Bools | None, rows: Ints) -> Bools | None:
    found = None if missing is None else missing[rows]
    return found if found is not None and found.any() else None


def _linked(name: str, column: Column, batch: Batch, rows: dict[str, Ints]) -> Column:
    """A reference to another record, as its row here."""
    target = _LINKS.get(name)
    if target is None or not isinstance(column, Numbers):
        return column
    places = np.full(len(batch.lists[target]) + 1, -1, np.int64)
    places[rows[target]] = np.arange(len(rows[target]))
    return Numbers(places[column.values])
