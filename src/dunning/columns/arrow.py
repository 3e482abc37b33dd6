"""Batches as Arrow tables and back: the record lists as they lie in a Parquet folder, column by column.

A table has the columns of the list's file (docs/reference/records.md): amounts int64 fen, days date32, moments with
their zone, words dictionary-encoded, several words a list. `company` and `account` say whose row it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.basis.money import decimal_text
from dunning.columns.fields import ATTRIBUTE, LISTED, Field, fields_of, rows_of
from dunning.columns.kinds import told_apart
from dunning.columns.links import linked, rows_called
from dunning.columns.packing import coded
from dunning.columns.rows import Batch, Coded, Column, Ints, Numbers, Rows, Texts

WORD = pa.dictionary(pa.int32(), pa.string())
MOMENT = pa.timestamp("us", "Asia/Shanghai")
EPOCH_DAY = 719163
"""1970-01-01 as an ordinal: Arrow counts days from there."""

TYPES: Mapping[str, pa.DataType] = {
    "amount": pa.int64(), "day": pa.date32(), "moment": MOMENT, "truth": pa.bool_(), "rate": WORD, "number": WORD,
    "word": WORD, "label": WORD, "text": pa.string(), "words": pa.list_(pa.string()),
}  # fmt: skip
"""How each kind of field lies in a file. Rates and numbers are text, for they are exact: `0.0005`, `1/3`."""

Tables = Mapping[str, pa.Table]
"""The lists of a portfolio, or of a part of it, by name, `accounts` among them."""

KEY = ("company", "account")
ATTRIBUTES = "attributes"


# Schemas


def column_of(name: str, field: Field) -> str:
    """What the column of a field is called in the list's file."""
    return "other_account" if (name, field.name) == ("contacts", "account") else field.name


@cache
def schema_of(name: str) -> pa.Schema:
    """The columns of a list's table, in the order of the records."""
    columns = [] if name == "accounts" else [pa.field(key, WORD) for key in KEY]
    columns += [_arrow_field(column_of(name, field), type_of(field), field.kind) for field in fields_of(name)]
    if name == "accounts":
        columns.append(pa.field(ATTRIBUTES, WORD))  # as JSON: each has a type of its own
    return pa.schema(columns)


def _arrow_field(column: str, type_: pa.DataType, kind: str) -> pa.Field:
    return pa.field(column, type_, metadata={"unit": "fen"} if kind == "amount" else None)


@cache
def type_of(field: Field) -> pa.DataType:
    """The Arrow type of a field."""
    if field.kind != "rows":
        return TYPES[field.kind]
    inner = rows_of(field.name)
    if len(inner) == 1:
        return pa.list_(pa.string())
    plain = [
        _arrow_field(each.name, pa.string() if each.kind == "word" else type_of(each), each.kind) for each in inner
    ]
    return pa.list_(pa.struct(plain))


# Tables -> batch


def batch_of(tables: Tables) -> Batch:
    """The batch of whole accounts: the tables as `schema_of` has them, the rows of a debtor's accounts side by side.

    Rows of lists may stand in any order of accounts; within an account their order stays. A row whose account is not
    there is left out: whoever brings the tables together has looked for it.
    """
    accounts = tables["accounts"]
    columns = {field.name: read_column(field, _whole(accounts, field.name)) for field in fields_of("accounts")}
    columns |= _attributes(_whole(accounts, ATTRIBUTES))
    lists: dict[str, Rows] = {}
    for name in LISTED:
        _read_list(name, tables.get(name), columns, lists)
    return Batch(columns, linked(lists), _debtors(columns))


def _debtors(columns: Mapping[str, Column]) -> Ints:
    """The debtors numbered in the order of their accounts."""
    company, debtor = columns["company"], columns["debtor.id"]
    assert isinstance(company, Coded)
    assert isinstance(debtor, Texts)
    if not len(debtor):
        return np.zeros(0, np.int64)
    turns = np.asarray(pc.not_equal(debtor.values[1:], debtor.values[:-1]).to_numpy(zero_copy_only=False), np.bool_)
    turns |= np.diff(company.codes) != 0
    return np.concatenate(([0], np.cumsum(turns))).astype(np.int64)


def _whole(table: pa.Table, name: str) -> pa.Array:
    """A column in one piece."""
    column = table.column(name)
    if column.num_chunks == 1:
        return column.chunk(0)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return column.combine_chunks() if column.num_chunks else pa.array([], column.type)


def _read_list(name: str, table: pa.Table | None, accounts: Mapping[str, Column], lists: dict[str, Rows]) -> None:
    fields = fields_of(name)
    count = len(accounts["company"])
    if table is None or not len(table):
        table = schema_of(name).empty_table()
        start = np.zeros(count + 1, np.int64)
    else:
        owners = owners_of(table, accounts)
        if (owners < 0).any() or (np.diff(owners) < 0).any():
            order = np.argsort(owners, kind="stable")
            order = order[np.count_nonzero(owners < 0) :]
            table, owners = table.take(pa.array(order)), owners[order]
        start = np.concatenate(([0], np.cumsum(np.bincount(owners, minlength=count)))).astype(np.int64)
    columns: dict[str, Column] = {}
    for field in fields:
        values = _whole(table, column_of(name, field))
        if field.kind == "rows":
            lists[f"{name}.{field.name}"] = _inner(field, values)
        else:
            columns[field.name] = read_column(field, values)
    lists[name] = Rows(start, columns)


def owners_of(table: pa.Table, accounts: Mapping[str, Column]) -> Ints:
    """The account of each row of a list; -1 where it is not there."""
    company, ids = accounts["company"], accounts["id"]
    assert isinstance(company, Coded)
    assert isinstance(ids, Texts)
    own = _coded_text(_whole(table, "company"))
    account = _whole(table, "account")
    if len(company.words) == 1 and own.words == company.words:
        found = pc.index_in(account.dictionary, value_set=ids.values).fill_null(-1).to_numpy(zero_copy_only=False)
        rows: Ints = np.asarray(found, np.int64)[account.indices.to_numpy(zero_copy_only=False)]
        return rows
    places = np.array([*(company.code(word) for word in own.words), -1], np.int64)
    return rows_called(account.cast(pa.string()), places[own.codes], ids, company.codes.astype(np.int64))


def read_column(field: Field, values: pa.Array) -> Column:
    """A column of a file as the batch has it."""
    return word_lists(values, nulls=field.optional) if field.kind == "words" else _READ[field.kind](values)


def _numbers(values: pa.Array, type_: pa.DataType, offset: int = 0) -> Numbers:
    plain = values.view(type_) if type_ != values.type else values
    if not values.null_count:
        found = plain.to_numpy().astype(np.int64, copy=False)
        return Numbers(found + offset if offset else found)
    missing = values.is_null().to_numpy(zero_copy_only=False)
    found = plain.fill_null(0).to_numpy().astype(np.int64, copy=False)
    return Numbers(np.where(missing, 0, found + offset) if offset else found, missing)


def _truths(values: pa.Array) -> Numbers:
    missing = values.is_null().to_numpy(zero_copy_only=False) if values.null_count else None
    found = pc.fill_null(values, fill_value=pa.scalar(False, pa.bool_())) if values.null_count else values  # noqa: FBT003
    return Numbers(found.to_numpy(zero_copy_only=False).astype(np.int64), missing)


def _fractions(values: pa.Array) -> Coded:
    """Two texts may be one number: `0.5` and `0.50`."""
    texts = _coded_text(values)
    found = list(map(_fraction, texts.words))
    places: dict[tuple[int, int], int] = {}
    own = [places.setdefault((each.numerator, each.denominator), len(places)) for each in found]
    if len(places) == len(found):
        return Coded(texts.codes, tuple(found))
    known = tuple(Fraction(*each) for each in places)
    return Coded(np.array([*own, -1], np.int32)[texts.codes], known)


@lru_cache(1 << 17)
def _fraction(text: object) -> Fraction:
    """The same areas and rates come again in every stretch, and reading one takes longer than anything else here."""
    return Fraction(str(text))


def _coded_text(values: pa.Array) -> Coded:
    """Words by the codes of the dictionary."""
    indices = values.indices
    codes = (indices.fill_null(-1) if indices.null_count else indices).to_numpy(zero_copy_only=False)
    return Coded(codes.astype(np.int32, copy=False), tuple(values.dictionary.to_pylist()))


def _texts(values: pa.Array) -> Texts:
    return Texts(values)


def word_lists(values: pa.Array, *, nulls: bool) -> Coded:
    """Lists of few different words: each as a number in the base of the words there are, and every number once. Unless
    `nulls` say something, no list is an empty one.
    """
    counts = pc.list_value_length(values).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    words = values.flatten().dictionary_encode()
    base = len(words.dictionary) + 1
    if base ** int(counts.max(initial=0)) >= _ROOM:
        return coded([None if each is None and nulls else tuple(each or ()) for each in values.to_pylist()])
    start = np.concatenate(([0], np.cumsum(counts)))
    places = np.arange(len(words)) - np.repeat(start[:-1], counts)
    powers = np.int64(base) ** np.arange(int(counts.max(initial=0)) + 1, dtype=np.int64)
    digits = (words.indices.to_numpy(zero_copy_only=False).astype(np.int64) + 1) * powers[places]
    sums = np.concatenate(([0], np.cumsum(digits)))  # may wrap, and the differences come out right all the same
    codes, samples = told_apart(sums[start[1:]] - sums[start[:-1]])
    if nulls and values.null_count:
        codes[values.is_null().to_numpy(zero_copy_only=False)] = -1
    return Coded(codes, tuple([tuple(values[place].as_py() or ()) for place in samples.tolist()]))


_ROOM = 2**62

_READ: Mapping[str, Callable[[pa.Array], Column]] = {
    "amount": lambda values: _numbers(values, pa.int64()),
    "day": lambda values: _numbers(values, pa.int32(), EPOCH_DAY),
    "moment": lambda values: _numbers(values, pa.int64()),
    "truth": _truths,
    "rate": _fractions,
    "number": _fractions,
    "word": _coded_text,
    "label": _coded_text,
    "text": _texts,
}


def _inner(field: Field, values: pa.Array) -> Rows:
    """The lines of a list within a record."""
    counts = pc.list_value_length(values).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    start = np.concatenate(([0], np.cumsum(counts)))
    flat = values.flatten()
    absent = values.is_null().to_numpy(zero_copy_only=False) if field.optional else None
    inner = rows_of(field.name)
    if len(inner) == 1:
        return Rows(start, {inner[0].name: Texts(flat)}, absent)
    columns = {}
    for each in inner:
        part = flat.field(each.name)
        columns[each.name] = read_column(each, part.dictionary_encode() if each.kind == "word" else part)
    return Rows(start, columns, absent)


def _attributes(values: pa.Array) -> dict[str, Column]:
    """A column an attribute: each JSON that occurs is read once."""
    texts = _coded_text(values)
    known = [json.loads(str(word)) for word in texts.words]
    found: dict[str, Column] = {}
    for name in sorted({name for each in known for name in each}):
        of_word = coded([each.get(name, _NONE) for each in known], _NONE)
        found[ATTRIBUTE + name] = Coded(np.append(of_word.codes, np.int32(-1))[texts.codes], of_word.words)
    return found


_NONE = object()


# Batch -> tables


def tables_of(batch: Batch) -> dict[str, pa.Table]:
    """The batch as tables; those kept as objects and those rejected are not in them. Lists without a row are left out.

    `batch_of` gives the arrays back.
    """
    company, ids = batch.coded("company"), batch.texts("id")
    left_out = [*batch.kept, *batch.rejected]
    found = {}
    for name in ("accounts", *LISTED):
        source = batch.accounts if name == "accounts" else batch.lists[name].columns
        columns = []
        owners = np.arange(len(batch)) if name == "accounts" else batch.lists[name].owner
        if not len(owners) and name != "accounts":
            continue
        if name != "accounts":
            columns.append(_words(company.codes[owners], company.words))
            columns.append(pa.DictionaryArray.from_arrays(pa.array(owners, pa.int32()), ids.values))
        for field in fields_of(name):
            if field.kind == "rows":
                columns.append(_lists(field, batch.lists[f"{name}.{field.name}"]))
            else:
                columns.append(write_column(field, source[field.name]))
        if name == "accounts":
            columns.append(_attributes_written(batch))
        table = pa.table(columns, schema=schema_of(name))
        found[name] = table.filter(pa.array(~np.isin(owners, left_out))) if left_out else table
    return found


def write_column(field: Field, column: Column) -> pa.Array:
    """A column of the batch as it lies in a file."""
    if isinstance(column, Texts):
        return column.values
    if isinstance(column, Numbers):
        values = column.values - EPOCH_DAY if field.kind == "day" else column.values
        type_ = TYPES[field.kind]
        if field.kind == "truth":
            return pa.array(values.astype(np.bool_), type_, mask=column.missing)
        bare = pa.array(values, pa.int32() if field.kind == "day" else pa.int64(), mask=column.missing)
        return bare if bare.type == type_ else bare.view(type_)
    if field.kind == "words":
        words = pa.array([list(word) for word in column.words if isinstance(word, tuple)], TYPES["words"])
        return words.take(pa.array(column.codes, mask=column.codes < 0))
    words_as_text = [decimal_text(word) if isinstance(word, Fraction) else word for word in column.words]
    return _words(column.codes, words_as_text)


def _words(codes: Ints | np.ndarray[Any, np.dtype[np.int32]], words: Sequence[object]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=codes < 0), pa.array(words, pa.string()))


def _lists(field: Field, rows: Rows) -> pa.ListArray:
    inner = rows_of(field.name)
    if len(inner) == 1:
        flat = rows.texts(inner[0].name).values
    else:
        parts = [write_column(each, rows.columns[each.name]) for each in inner]
        plain = [part.cast(pa.string()) if pa.types.is_dictionary(part.type) else part for part in parts]
        flat = pa.StructArray.from_arrays(plain, fields=list(type_of(field).value_type))
    mask = None if rows.absent is None else pa.array(rows.absent)
    return pa.ListArray.from_arrays(pa.array(rows.start, pa.int32()), flat, type=type_of(field), mask=mask)


def _attributes_written(batch: Batch) -> pa.Array:
    columns = {
        name.removeprefix(ATTRIBUTE): column for name, column in batch.accounts.items() if name.startswith(ATTRIBUTE)
    }
    found: list[dict[str, object]] = [{} for _ in range(len(batch))]
    for name, column in columns.items():
        assert isinstance(column, Coded)
        for row in np.flatnonzero(column.codes >= 0).tolist():
            found[row][name] = column.words[int(column.codes[row])]
    texts = [json.dumps(each, ensure_ascii=False, separators=(",", ":")) if each else None for each in found]
    return pa.array(texts, WORD)
