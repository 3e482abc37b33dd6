"""However another program types its columns, the records are read as from any other file."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import pyarrow as pa
from hypothesis import given, settings

from dunning.columns.arrow import batch_of, tables_of
from dunning.columns.packing import pack, unpack
from dunning.columns.typed import as_it_was, typed
from dunning.model.account import Account
from portfolios import portfolios

PLAIN: dict[str, list[Any]] = {
    "int64": [lambda values: _yuan(values), None],
    "date32[day]": [lambda values: values.cast(pa.timestamp("ns")), lambda values: values.cast(pa.string()), None],
    "bool": [lambda values: values.cast(pa.int8()), lambda values: values.cast(pa.string()), None],
    "timestamp[us, tz=Asia/Shanghai]": [lambda values: values.cast(pa.timestamp("ns", "UTC")), None],
    "dictionary<values=string, indices=int32, ordered=0>": [lambda values: values.cast(pa.large_string()), None],
    "string": [lambda values: values.dictionary_encode(), lambda values: values.cast(pa.large_string()), None],
}


def _yuan(values: pa.Array) -> pa.Array:
    yuan = [None if each is None else Decimal(each).scaleb(-2) for each in values.to_pylist()]
    return pa.array(yuan, pa.decimal128(18, 2))


@settings(max_examples=40)
@given(portfolios(most=2), st.data())
def test_other_types_say_the_same(accounts: list[Account], data: st.DataObject) -> None:
    accounts = [replace(account, unit=account.id) for account in accounts]  # the short form of none
    tables = {}
    for name, table in tables_of(pack(accounts)).items():
        columns = {}
        for field, column in zip(table.schema, table.columns, strict=True):
            turn = data.draw(st.sampled_from(PLAIN.get(str(field.type), [None])))
            values = column.combine_chunks()
            columns[field.name] = values if turn is None else turn(values)
        found = typed(name, columns, len(table))
        assert not found.bad.any(), [as_it_was(name, columns, row) for row in found.bad.nonzero()[0].tolist()]
        tables[name] = found.table
    batch = batch_of(tables)
    assert [unpack(batch, row) for row in range(len(batch))] == accounts
