"""Columns that many tables have: whose row it is, days, words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from dunning.columns.rows import Batch, Coded, Ints

EPOCH = date(1970, 1, 1).toordinal()


def keys(batch: Batch, rows: Ints) -> dict[str, pa.Array]:
    """The columns `company` and `account` of rows about accounts; all accounts are the dictionary of the second."""
    return {
        "company": words(batch.coded("company"), rows),
        "account": pa.DictionaryArray.from_arrays(rows.astype(np.int32), batch.texts("id").values),
    }


def days(ordinals: Ints) -> pa.Array:
    """Days as dates; below 0 there is none."""
    return pa.array((ordinals - EPOCH).astype(np.int32), mask=ordinals < 0).cast(pa.date32())


def words(column: Coded, rows: Ints) -> pa.Array:
    """The words of a column in these rows; null where there is none."""
    codes = column.codes[rows]
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(column.words, pa.string()))


def same(word: str, size: int) -> pa.Array:
    """One word in every row."""
    return pa.DictionaryArray.from_arrays(np.zeros(size, np.int32), pa.array([word], pa.string()))


def places(codes: Any, rows: Ints) -> pa.Array:
    """Places among words, of these rows; null where there is no row (-1), or no word."""
    found = np.append(codes, -1)[rows]
    return pa.array(found, mask=found < 0)


def by_account(tables: Sequence[pa.Table]) -> pa.Table:
    """Rows of several tables, account by account; each names accounts by their place among all of the batch."""
    tables = [each for each in tables if len(each)] or list(tables[:1])
    if len(tables) == 1:
        return tables[0]
    accounts = [each.column("account").combine_chunks() for each in tables]
    rows = np.concatenate([each.indices.to_numpy() for each in accounts])
    order = np.argsort(rows, kind="stable")
    whole = pa.concat_tables(tables).unify_dictionaries().combine_chunks().take(pa.array(order))
    place = whole.schema.get_field_index("account")
    # As one dictionary they would have lost the places of ids that stand twice: those of accounts no array holds.
    named = pa.DictionaryArray.from_arrays(rows[order], accounts[0].dictionary)
    return whole.set_column(place, whole.schema.field(place), named)
