"""A number for each debtor of a batch that is another when anything in the records of one of his accounts is.

Of 64 bits: that a change goes unnoticed has a chance of one in 10^19. When data was drawn is no part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dunning.columns.rows import Batch, Coded, Column, Numbers, Rows
from dunning.columns.spool import hashes, mixed, together

Keys = NDArray[np.uint64]

_DRAWN = "data_as_of"
_LINKS = frozenset({"charge_row", "payment_row"})
"""Columns that are worked out from others."""


def digests(batch: Batch) -> Keys:
    """By debtor; equal from night to night, from process to process, and in whatever batch the debtor stands."""
    with np.errstate(over="ignore"):
        return _of_debtors(batch)


def keys_of(batch: Batch) -> Keys:
    """By debtor, a number for company and id."""
    first = batch.groups[:-1]
    company = np.array([*map(_of_word, batch.coded("company").words), 0], np.uint64)[batch.coded("company").codes]
    return together(company[first], hashes(batch.texts("debtor.id").values)[first])


def _of_debtors(batch: Batch) -> Keys:
    own = _fields({name: column for name, column in batch.accounts.items() if name != _DRAWN}, len(batch))
    for name, rows in batch.lists.items():
        if "." not in name:
            own += _listed(name, rows, batch)
    for row, account in batch.kept.items():
        own[row] = _of_text(repr(account))
    for row, rejected in batch.rejected.items():
        own[row] = _of_text(repr([finding.as_data() for finding in rejected.findings]))
    found = np.zeros(len(batch.groups) - 1, np.uint64)
    np.add.at(found, batch.debtor, mixed(own))
    return found


def _listed(name: str, rows: Rows, batch: Batch) -> Keys:
    """By account, the records of a list, those within them included; their order counts."""
    keys = _fields({column: values for column, values in rows.columns.items() if column not in _LINKS}, len(rows))
    for inner, more in batch.lists.items():
        if inner.startswith(f"{name}."):
            keys += _listed(inner, more, batch)
    place = (np.arange(len(rows)) - np.repeat(rows.start[:-1], rows.counts)).astype(np.uint64)
    found = np.zeros(len(rows.start) - 1, np.uint64)
    np.add.at(found, rows.owner, together(keys, place + _of_text(name)))
    if rows.absent is not None:
        found[rows.absent] += _of_text(f"{name} absent")
    return found


def _fields(columns: Mapping[str, Column], size: int) -> Keys:
    """By row, all its fields; what is missing counts as nothing, whether or not there is a column for it."""
    found = np.zeros(size, np.uint64)
    for name, column in columns.items():
        keys, there = _keys(column)
        found += np.where(there, together(keys, np.full(size, _of_text(name))), np.uint64(0))
    return found


def _keys(column: Column) -> tuple[Keys, NDArray[np.bool_]]:
    if isinstance(column, Numbers):
        return mixed(column.values.astype(np.uint64)), ~column.absent
    if isinstance(column, Coded):
        words = np.array([*map(_of_word, column.words), 0], np.uint64)
        return words[column.codes], column.codes >= 0
    values: pa.StringArray = column.values
    return hashes(values), values.is_valid().to_numpy(zero_copy_only=False).astype(np.bool_)


def _of_word(word: object) -> int:
    return int(_of_text(f"{type(word).__name__} {word!r}"))


def _of_text(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big"))
