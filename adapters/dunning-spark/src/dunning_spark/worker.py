"""What runs in the Python workers of the executors: batches of rows in, batches of answers out.

A worker holds one stretch of whole debtors at a time, whatever the size of the partition, and keeps the rules from one
partition to the next.
"""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import dunning
from dunning.adapter import AdapterError
from dunning.adapter.tables import Assessor
from dunning_spark.kinds import plain

KEY = ("company", "account")
"""The columns that say whose a row of any table is."""

COMPANY, DEBTOR = "_company", "_debtor"
"""The columns whose rows belong together. Rows come sorted by them."""

OWN = "_own"
"""A record of the columns of an account that are no lists."""

STRETCH = 20_000
"""Accounts that are assessed at a time: what is worked out of them fits a processor's cache."""

ROWS = 10_000
"""Rows of a batch that goes back."""

Batches = Iterator[pa.RecordBatch]


@dataclass(frozen=True, slots=True)
class Job:
    """What every worker needs to know. `assessor` is an Assessor, pickled by this `version` of dunning."""

    version: str
    assessor: bytes
    tables: tuple[str, ...]


def job_of(assessor: Assessor, tables: Sequence[str]) -> Job:
    return Job(dunning.__version__, pickle.dumps(assessor), tuple(tables))


def work_of(job: Job) -> Callable[[Batches], Batches]:
    """The function that Spark sends to the executors, once to each, with the rules in it."""

    def work(batches: Batches) -> Batches:
        assessor = _assessor(job)
        for rows in stretches(batches):
            found = {name: plain(table) for name, table in assessor.assess(rows).items()}
            (only, *others) = job.tables
            table = nested(found, job.tables) if others else found[only]
            yield from table.combine_chunks().to_batches(ROWS)

    return work


@lru_cache(maxsize=1)
def _assessor(job: Job) -> Assessor:
    """Loaded once a worker."""
    if job.version != dunning.__version__:
        raise AdapterError(
            dunning.Text(
                f"驱动端的 dunning 是 {job.version}, 这个执行器上是 {dunning.__version__}; 装同一版",
                f"the driver has dunning {job.version}, this executor {dunning.__version__}; install the same",
            )
        )
    found: Assessor = pickle.loads(job.assessor)
    gc.freeze()  # rules and modules stay; or the collector would walk them again for every few hundred households
    return found


def stretches(batches: Batches, size: int = STRETCH) -> Iterator[pa.Table]:
    """The rows in stretches of about `size`, no debtor cut in two, as an Assessor takes them."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        held.append(batch)
        count += len(batch)
        if count >= size:
            table = pa.Table.from_batches(held)
            cut = _last_turn(table)
            if cut:
                yield _opened(table.slice(0, cut))
                table = table.slice(cut)
            held, count = table.to_batches(), len(table)
    if count:
        yield _opened(pa.Table.from_batches(held))


def _last_turn(table: pa.Table) -> int:
    """Where the last debtor begins: there may be more of his accounts to come."""
    turns = np.zeros(len(table) - 1, np.bool_)
    for name in (COMPANY, DEBTOR):
        column = table.column(name)
        turns |= pc.not_equal(column[1:], column[:-1]).to_numpy()
    found = np.flatnonzero(turns)
    return int(found[-1]) + 1 if len(found) else 0


def _opened(rows: pa.Table) -> pa.Table:
    own = pa.Table.from_struct_array(rows.column(OWN))
    for name in rows.column_names:
        if name not in (COMPANY, DEBTOR, OWN):
            own = own.append_column(name, rows.column(name))
    return own


# The answers of an account in one row


def nested(tables: dict[str, pa.Table], names: Sequence[str]) -> pa.Table:
    """A row an account: its key, its row of the assessments as a record, its rows of the other tables as lists."""
    accounts = tables["assessments"]
    keys = _keys(accounts)
    columns = {name: accounts.column(name) for name in KEY}
    for name in names:
        table = tables[name]
        records = table.drop_columns(list(KEY)).to_struct_array()
        records = records.combine_chunks() if isinstance(records, pa.ChunkedArray) else records
        if name != "assessments":
            owners = pc.index_in(_keys(table), value_set=keys).to_numpy(zero_copy_only=False).astype(np.int64)
            starts = np.concatenate(([0], np.cumsum(np.bincount(owners, minlength=len(accounts)))))
            records = pa.ListArray.from_arrays(pa.array(starts, pa.int32()), records)
        columns[name] = records
    return pa.table(columns)


def _keys(table: pa.Table) -> pa.Array:
    company, account = (table.column(name).combine_chunks().fill_null("") for name in KEY)
    return pc.binary_join_element_wise(company, account, "\0")
