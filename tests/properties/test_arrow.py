"""Batches become tables and come back, through a file or not."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given

from dunning.columns.arrow import batch_of, schema_of, tables_of
from dunning.columns.packing import pack, unpack
from dunning.model.account import Account
from portfolios import portfolios


def through_a_file(table: pa.Table) -> pa.Table:
    file = io.BytesIO()
    pq.write_table(table, file)
    return pq.read_table(file)


@given(portfolios())
def test_accounts_come_back_from_tables(accounts: list[Account]) -> None:
    tables = tables_of(pack(accounts))
    assert {name: table.schema for name, table in tables.items()} == {name: schema_of(name) for name in tables}
    batch = batch_of({name: through_a_file(table) for name, table in tables.items()})
    assert [unpack(batch, row) for row in range(len(batch))] == accounts
    assert batch.debtor.tolist() == pack(accounts).debtor.tolist()


@given(portfolios())
def test_rows_of_lists_may_stand_in_any_order_of_accounts(accounts: list[Account]) -> None:
    tables = tables_of(pack(accounts))
    lists = {name: table.take(_turned(table)) for name, table in tables.items() if name != "accounts"}
    batch = batch_of({"accounts": tables["accounts"], **lists})
    assert [unpack(batch, row) for row in range(len(batch))] == accounts


def _turned(table: pa.Table) -> pa.Array:
    """The accounts from the last to the first, the rows of each as they were."""
    keys = table.select(["company", "account"]).to_pylist()
    places = {str(key): -place for place, key in enumerate(keys)}
    return pa.array(sorted(range(len(keys)), key=lambda row: places[str(keys[row])]), pa.int64())
