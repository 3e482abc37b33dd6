"""A realistic portfolio through tables: every kind of record it has comes back."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dunning.columns.arrow import batch_of, tables_of
from dunning.columns.packing import pack, unpack
from dunning.intake.records import Read, read
from dunning.intake.samples.sample import make_portfolio
from dunning.model.account import Account


def test_a_sample_comes_back(tmp_path: Path) -> None:
    found = (read(record) for record in make_portfolio(400, seed=3))
    accounts = [one.account for one in found if isinstance(one, Read)]
    packed = pack(accounts)
    tables = {}
    for name, table in tables_of(packed).items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
        tables[name] = pq.read_table(tmp_path / f"{name}.parquet")
        assert isinstance(tables[name], pa.Table)
    batch = batch_of(tables)
    ordered = [unpack(packed, row) for row in range(len(packed))]
    assert sorted(ordered, key=lambda one: (one.company, one.id)) == sorted(
        accounts, key=lambda one: (one.company, one.id)
    )
    assert [unpack(batch, row) for row in range(len(batch))] == ordered


def test_where_there_is_no_list_nothing_is_in_it() -> None:
    """But of `reachable`, where none is every channel."""
    table = tables_of(pack([Account(id="A-1")]))["accounts"]
    names = ("debtor.tags", "debtor.reachable", "unknown")
    for name in names:
        table = table.set_column(table.column_names.index(name), name, pa.nulls(1, pa.list_(pa.string())))
    account = unpack(batch_of({"accounts": table}), 0)
    assert (account.debtor.tags, account.debtor.reachable, account.unknown) == ((), None, ())
