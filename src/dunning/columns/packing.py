"""Accounts into arrays and out again: what is packed comes back equal, for whoever has only one of the two.

Packing is for tests, for programs that hold accounts, and for households that fall back; files are read into arrays
without any account being made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, get_args

import numpy as np
import pyarrow as pa

from dunning.columns.fields import ATTRIBUTE, LISTED, Field, fields_of, rows_of
from dunning.columns.links import linked
from dunning.columns.rows import Batch, Bools, Coded, Column, Ints, Numbers, Rows, Texts
from dunning.columns.selecting import select
from dunning.intake.headers import record_of
from dunning.model.account import SHANGHAI, Account, Opening, Party, Promise

EPOCH = datetime(1970, 1, 1, 8, tzinfo=SHANGHAI)
MICROSECOND = timedelta(microseconds=1)
TOO_MUCH = 2**62
"""Amounts an int64 holds with room for one sum; an account with more is kept as an object."""


def pack(accounts: Iterable[Account]) -> Batch:
    """The accounts as arrays, in the order given but for this: those of a debtor stand where his first one stands.

    `unpack` gives each of them back, equal. An account that no array holds (an amount of 2^62 fen, a moment of another
    zone, a text that is no UTF-8) is kept as it is.
    """
    groups: dict[tuple[str, str], list[Account]] = {}
    for account in accounts:
        groups.setdefault((account.company, account.debtor.id), []).append(account)
    ordered = [account for group in groups.values() for account in group]
    kept = {place: account for place, account in enumerate(ordered) if not _fits(account)}
    held = [_STUB if place in kept else account for place, account in enumerate(ordered)]
    lists: dict[str, Rows] = {}
    for name in LISTED:
        _pack_list(name, [getattr(account, name) for account in held], lists)
    debtor = np.repeat(np.arange(len(groups)), [len(group) for group in groups.values()]).astype(np.int64)
    columns = {
        field.name: column_of_values(field, [_get(field)(account) for account in held])
        for field in fields_of("accounts")
    }
    return Batch({**columns, **_attributes(held)}, linked(lists), debtor, kept)


_STUB = Account(id="")
"""Stands in the arrays for an account that is kept as an object."""


# What fits


def _fits(account: Account) -> bool:
    return all(_fit(getattr(account, field.name)) for field in fields(account))


def _fit(value: Any) -> bool:
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, int):
        return abs(value) < TOO_MUCH
    if isinstance(value, tuple):
        return all(_fit(each) for each in value)
    if isinstance(value, dict):
        return all(_fit(each) for item in value.items() for each in item)
    if isinstance(value, datetime):
        return value.tzinfo is SHANGHAI or value.tzinfo == SHANGHAI
    if hasattr(value, "__dataclass_fields__"):
        return all(_fit(getattr(value, name)) for name in value.__dataclass_fields__)
    return True


# Packing


@cache
def _get(field: Field) -> Callable[[Any], Any]:
    """How a record tells the value of a column."""
    outer, inner = field.nested
    if not inner:
        name = "for_" if outer == "for" else outer
        return lambda record: getattr(record, name)
    if outer == "period":
        end = 0 if inner == "since" else 1
        return lambda record: None if record.period is None else record.period[end]

    def within(record: Any) -> Any:
        part = getattr(record, outer)
        return None if part is None else getattr(part, inner)

    return within


def _pack_list(name: str, groups: Sequence[Sequence[Any]], lists: dict[str, Rows]) -> None:
    """The rows of one list, and of the lists within its records."""
    records = [record for group in groups for record in group]
    columns: dict[str, Column] = {}
    for field in fields_of(name):
        values = list(map(_get(field), records))
        if field.kind == "rows":
            lists[f"{name}.{field.name}"] = _inner_rows(field, values)
        else:
            columns[field.name] = column_of_values(field, values)
    lists[name] = Rows(_starts(groups), columns)


def _inner_rows(field: Field, values: Sequence[Sequence[Any] | None]) -> Rows:
    given = [() if value is None else value for value in values]
    flat = [each for value in given for each in value]
    inner = rows_of(field.name)
    texts = inner[0].name == "charge" and len(inner) == 1
    columns = {each.name: column_of_values(each, flat if texts else list(map(_get(each), flat))) for each in inner}
    return Rows(_starts(given), columns, _nulls(values) if field.optional else None)


def _starts(groups: Sequence[Sequence[Any]]) -> Ints:
    return np.concatenate(([0], np.cumsum([len(group) for group in groups], dtype=np.int64))).astype(np.int64)


def _nulls(values: Sequence[Any]) -> Bools:
    return np.fromiter((value is None for value in values), np.bool_, len(values))


def column_of_values(field: Field, values: Sequence[Any]) -> Column:
    if field.kind == "text":
        return Texts(pa.array(values, pa.string()))
    if field.kind in _TO_NUMBER:
        return _numbers(values, _TO_NUMBER[field.kind])
    return coded(values)


def _numbers(values: Sequence[Any], convert: Callable[[Any], int]) -> Numbers:
    missing = _nulls(values)
    found = np.fromiter((0 if value is None else convert(value) for value in values), np.int64, len(values))
    return Numbers(found, missing if missing.any() else None)


_NONE = object()


def coded(values: Sequence[Any], missing: object = None) -> Coded:
    """Values by their places among those that are different; 1 and True are different. `missing` has the code -1."""
    places: dict[tuple[type, Any], int] = {}
    codes = [-1 if value is missing else places.setdefault((value.__class__, value), len(places)) for value in values]
    return Coded(np.array(codes, np.int32), tuple(value for _, value in places))


def _attributes(accounts: Sequence[Account]) -> dict[str, Column]:
    names = sorted({name for account in accounts for name in account.attributes})
    return {
        ATTRIBUTE + name: coded([account.attributes.get(name, _NONE) for account in accounts], _NONE) for name in names
    }


def micros(moment: datetime) -> int:
    """Microseconds since the epoch, UTC."""
    return (moment - EPOCH) // MICROSECOND


def moment(number: int) -> datetime:
    """The moment in Shanghai's zone."""
    return EPOCH + timedelta(microseconds=number)


_TO_NUMBER: Mapping[str, Callable[[Any], int]] = {
    "amount": int, "day": date.toordinal, "moment": micros, "truth": int,
}  # fmt: skip
_OF_NUMBER: Mapping[str, Callable[[int], Any]] = {
    "amount": int, "day": date.fromordinal, "moment": moment, "truth": bool,
}  # fmt: skip


# Unpacking


def unpack(batch: Batch, row: int) -> Account:
    """The account in a row of the batch, as it was packed or as the reader would have read it. KeyError if rejected."""
    if row in batch.kept:
        return batch.kept[row]
    if row in batch.rejected:
        raise KeyError(row)
    values: dict[str, Any] = {}
    debtor: dict[str, Any] = {}
    for field in fields_of("accounts"):
        (value,) = _values(field, batch.accounts[field.name], row, row + 1)
        outer, inner = field.nested
        if inner:
            debtor[inner] = value
        else:
            values[outer] = value
    for name in LISTED:
        values[name] = _records(batch, name, int(batch.lists[name].start[row]), int(batch.lists[name].start[row + 1]))
    return Account(debtor=Party(**debtor), attributes=_attributes_of(batch, row), **values)


def unpack_all(batch: Batch, rows: Ints) -> list[Account]:
    """The accounts in some rows (ascending), as `unpack` gives them; many at once take a fifth of the time."""
    part = batch if len(rows) == len(batch) else select(batch, rows).batch
    size = len(rows)
    values: dict[str, Sequence[Any]] = {"attributes": [_attributes_of(part, row) for row in range(size)]}
    debtor: dict[str, Sequence[Any]] = {}
    for field in fields_of("accounts"):
        outer, inner = field.nested
        column = _values(field, part.accounts[field.name], 0, size)
        if inner:
            debtor[inner] = column
        else:
            values[outer] = column
    for name in LISTED:
        start = part.lists[name].start.tolist()
        records = _records(part, name, 0, start[-1])
        values[name] = [records[first:end] for first, end in pairwise(start)]
    persons = [Party(**dict(zip(debtor, each, strict=True))) for each in zip(*debtor.values(), strict=True)]
    found = [
        Account(debtor=person, **dict(zip(values, each, strict=True)))
        for person, each in zip(persons, zip(*values.values(), strict=True), strict=True)
    ]
    for place, row in enumerate(rows.tolist()):
        if row in batch.rejected:
            raise KeyError(row)
        if row in batch.kept:
            found[place] = batch.kept[row]
    return found


def _attributes_of(batch: Batch, row: int) -> dict[str, Any]:
    found = {}
    for name, column in batch.accounts.items():
        if name.startswith(ATTRIBUTE):
            assert isinstance(column, Coded)
            code = int(column.codes[row])
            if code >= 0:
                found[name.removeprefix(ATTRIBUTE)] = column.words[code]
    return found


def _records(batch: Batch, name: str, first: int, end: int) -> tuple[Any, ...]:
    """The records of a stretch of a list."""
    if first == end:
        return ()
    rows = batch.lists[name]
    parts: dict[str, list[Any]] = {}
    for field in fields_of(name):
        if field.kind == "rows":
            parts[field.name] = _inner_records(batch.lists[f"{name}.{field.name}"], field, first, end)
        else:
            parts[field.name] = _values(field, rows.columns[field.name], first, end)
    names, columns = _whole(name, parts)
    record = record_of(name)
    return tuple([record(**dict(zip(names, values, strict=True))) for values in zip(*columns, strict=True)])


def _whole(name: str, parts: dict[str, list[Any]]) -> tuple[list[str], list[list[Any]]]:
    """Parts put together that are one field: a period, an opening, a promise. Without its day there is none."""
    if name == "charges":
        since, until = parts.pop("period.since"), parts.pop("period.until")
        parts["period"] = [None if a is None else (a, b) for a, b in zip(since, until, strict=True)]
        on, fee = parts.pop("opening.on"), parts.pop("opening.late_fee")
        parts["opening"] = [None if a is None else Opening(on=a, late_fee=b) for a, b in zip(on, fee, strict=True)]
    elif name == "contacts":
        on, amount = parts.pop("promise.on"), parts.pop("promise.amount")
        parts["promise"] = [None if a is None else Promise(on=a, amount=b) for a, b in zip(on, amount, strict=True)]
    elif name == "payments":
        parts["for_"] = parts.pop("for")
    return list(parts), list(parts.values())


def _inner_records(rows: Rows, field: Field, first: int, end: int) -> list[Any]:
    start = rows.start[first : end + 1].tolist()
    inner = rows_of(field.name)
    columns = [_values(each, rows.columns[each.name], start[0], start[-1]) for each in inner]
    if field.name in ("settles", "instalments"):
        record = get_args(field.hint)[0]
        names = [each.name for each in inner]
        flat = [record(**dict(zip(names, values, strict=True))) for values in zip(*columns, strict=True)]
    else:
        flat = columns[0]
    absent = [False] * (end - first) if rows.absent is None else rows.absent[first:end].tolist()
    return [
        None if null else tuple(flat[a - start[0] : b - start[0]])
        for null, a, b in zip(absent, start[:-1], start[1:], strict=True)
    ]


def _values(field: Field, column: Column, first: int, end: int) -> list[Any]:
    """The values of a stretch of a column, as the records have them."""
    if isinstance(column, Texts):
        found: list[Any] = column.values.slice(first, end - first).to_pylist()
        return found
    if isinstance(column, Coded):
        words = column.words
        return [None if code < 0 else words[code] for code in column.codes[first:end].tolist()]
    convert = _OF_NUMBER[field.kind]
    values = column.values[first:end].tolist()
    if column.missing is None:
        return [convert(value) for value in values]
    missing = column.missing[first:end].tolist()
    return [None if null else convert(value) for value, null in zip(values, missing, strict=True)]
