"""Which charge a record means: ids of charges and payments, found among those of the same account.

A reference is worth a look-up once; after it everybody adds up by row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.columns.rows import Ints, Numbers, Rows, Texts

TO_CHARGES = (
    "payments.for", "payments.settles", "adjustments", "late_fees", "contacts.charges", "disputes", "plans.charges",
    "proceedings.charges",
)  # fmt: skip
"""Rows with a column `charge`."""


def linked(lists: Mapping[str, Rows]) -> dict[str, Rows]:
    """The lists with the columns `charge_row` and `payment_row` where a record names a charge or a payment.

    The first of two records with one id is meant: such an account is rejected, but its arrays must not trip anybody.
    """
    found = dict(lists)
    for name in TO_CHARGES:
        found[name] = _with(found[name], "charge", _owners(found, name), found["charges"])
    found["adjustments"] = _with(found["adjustments"], "payment", found["adjustments"].owner, found["payments"])
    return found


def _owners(lists: Mapping[str, Rows], name: str) -> Ints:
    """The account of each row."""
    outer, _, inner = name.partition(".")
    return lists[outer].owner[lists[name].owner] if inner else lists[name].owner


def _with(rows: Rows, field: str, owners: Ints, targets: Rows) -> Rows:
    found = rows_called(rows.texts(field).values, owners, targets.texts("id"), targets.owner)
    return replace(rows, columns={**rows.columns, f"{field}_row": Numbers(found)})


def rows_called(ids: pa.StringArray, owners: Ints, targets: Texts, target_owners: Ints) -> Ints:
    """The row of the target with that id and that owner, for each id; -1 where there is none, or no id."""
    found = np.full(len(ids), -1, np.int64)
    if not len(ids) or not len(targets) or ids.null_count == len(ids):
        return found
    known = targets.values.dictionary_encode()
    width = np.int64(len(known.dictionary))
    keys = target_owners * width + known.indices.to_numpy().astype(np.int64)
    codes = pc.index_in(ids, value_set=known.dictionary, skip_nulls=True).fill_null(-1).to_numpy(zero_copy_only=False)
    asked = np.flatnonzero(codes >= 0)
    wanted = owners[asked] * width + codes[asked]
    order = np.argsort(keys, kind="stable")
    at = np.searchsorted(keys, wanted, sorter=order)
    at[at == len(keys)] = 0
    rows = order[at]
    hit = keys[rows] == wanted
    found[asked[hit]] = rows[hit]
    return found
