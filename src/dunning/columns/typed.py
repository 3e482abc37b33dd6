"""Columns of a Parquet file that another program wrote, as our tables have them, and the rows whose values say nothing.

What lies in our types already is taken as it is; anything else is read value by value by the door of the records, but
each different value once. A row with a value that cannot be read is marked, and kept as it was for the door to refuse.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.columns.arrow import ATTRIBUTES, KEY, WORD, column_of, schema_of, type_of, word_lists, write_column
from dunning.columns.fields import ATTRIBUTE, Field, fields_of, rows_of
from dunning.columns.packing import column_of_values
from dunning.columns.rows import Bools, Ints
from dunning.intake.files.cells import attribute, place, reader, unknowns
from dunning.intake.headers import is_closed, record_of
from dunning.intake.schema import YEARS, reader_of
from dunning.model.account import Contract, Part, Party

MOST = 10**18
"""Amounts stay below it, as they do in every other file."""

FIRST, LAST = (date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31))


class Typed(NamedTuple):
    """Rows of a list as `schema_of` has them, and those that have a value nobody can read."""

    table: pa.Table
    bad: Bools


def typed(name: str, columns: Mapping[str, pa.Array], size: int) -> Typed:
    """`columns` are those of the file by the field they hold (`column_of`, `attributes.NAME`), in one piece each."""
    bad = np.zeros(size, np.bool_)
    found: dict[str, pa.Array] = {}
    if name != "accounts":
        for key in KEY:
            found[key] = _typed(_KEY_FIELDS[key], columns.get(key), size, bad)
        bad |= _empty(found["account"])
    for field in fields_of(name):
        column = column_of(name, field)
        values = _typed(field, columns.get(column), size, bad)
        default = _default(name, field)
        if default is not None and values.null_count:
            values = _filled(field, values, default)
        elif default is None and not field.optional and not field.nested[1] and field.name != "unit":
            bad |= _empty(values)
        found[column] = values
    if name == "accounts":
        _short_forms(found)
        found[ATTRIBUTES] = _attributes(columns, size, bad)
    else:
        if name == "charges":
            fee = found["opening.late_fee"]
            found["opening.late_fee"] = pc.if_else(found["opening.on"].is_valid(), fee.fill_null(0), fee)
        bad |= _halves(name, found)
    schema = schema_of(name)
    return Typed(pa.table([found[column] for column in schema.names], schema=schema), bad)


_KEY_FIELDS = {"company": Field("company", "label", str, optional=True), "account": Field("account", "label", str)}


def _empty(values: pa.Array) -> Bools:
    """Where something must stand and nothing does."""
    missing = values.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_string(values.type):
        missing = missing | pc.equal(values, "").fill_null(False).to_numpy(zero_copy_only=False)  # noqa: FBT003
    return np.asarray(missing, np.bool_)


@cache
def _default(name: str, field: Field) -> Any:
    """What stands for a value that is not given; None: it is unknown, or has to be given."""
    outer, inner = field.nested
    record = record_of(name)
    if outer == "debtor":
        record, outer = Party, inner
    elif inner or outer == "unit":
        return None
    if field.optional or (outer == "id" and record is not Contract):
        return None
    own = next(each for each in fields(record) if each.name in (outer, f"{outer}_"))
    return None if own.default is MISSING else own.default


def _filled(field: Field, values: pa.Array, default: Any) -> pa.Array:
    if field.kind in ("words", "rows"):
        return values  # read as no words at all
    if pa.types.is_dictionary(values.type):
        return pc.fill_null(values.cast(pa.string()), default).dictionary_encode().cast(WORD)
    return pc.fill_null(values, pa.scalar(default, values.type))


def _short_forms(found: dict[str, pa.Array]) -> None:
    """The account's id for a unit or a debtor without one."""
    for column in ("unit", "debtor.id"):
        given = found[column]
        said = (
            pc.and_(given.is_valid(), pc.not_equal(given.fill_null(""), "")) if column == "unit" else given.is_valid()
        )
        found[column] = pc.if_else(said, given, found["id"])


def _halves(name: str, found: Mapping[str, pa.Array]) -> Bools:
    """Half a period, an opening or a promise without its day."""
    size = len(next(iter(found.values())))
    odd = np.zeros(size, np.bool_)
    if name == "charges":
        odd |= _only(found["period.since"], found["period.until"]) | _only(found["period.until"], found["period.since"])
        odd |= _only(found["opening.late_fee"], found["opening.on"])
    elif name == "contacts":
        odd |= _only(found["promise.amount"], found["promise.on"])
    return odd


def _only(one: pa.Array, other: pa.Array) -> Bools:
    return np.asarray(pc.and_(one.is_valid(), other.is_null()).to_numpy(zero_copy_only=False), np.bool_)


# One column


def _typed(field: Field, values: pa.Array | None, size: int, bad: Bools) -> pa.Array:
    type_ = type_of(field)
    if values is None or pa.types.is_null(values.type):
        return pa.nulls(size, type_)
    if pa.types.is_timestamp(values.type) and values.type.unit == "ns":
        values = values.cast(pa.timestamp("us", values.type.tz), safe=False)  # no record knows nanoseconds
    found = _as_it_is(field, values, bad)
    return _read(field, values, bad) if found is None else found


def _as_it_is(field: Field, values: pa.Array, bad: Bools) -> pa.Array | None:
    """The column, where its type is one that needs no reading; None where it does."""
    type_ = type_of(field)
    own = values.type
    match field.kind:
        case "amount" if pa.types.is_integer(own) and not pa.types.is_uint64(own):
            return _within(values.cast(type_), 0, MOST - 1, bad)
        case "amount" if pa.types.is_decimal(own) and own.scale <= 2 and own.precision <= 18:
            fen = pc.multiply(values.cast(pa.decimal128(20, 2)), pa.scalar(Decimal(100), pa.decimal128(3, 0)))
            return _within(fen.cast(type_), 0, MOST - 1, bad)
        case "day" if pa.types.is_date32(own):
            return _within(values, FIRST, LAST, bad)
        case "truth" if pa.types.is_boolean(own):
            return values
        case "text" if pa.types.is_string(own):
            return values
        case "text" if pa.types.is_large_string(own) or own in (WORD, pa.string_view()):
            return values.cast(pa.string())
        case "label" if field.name != "place" and _is_text(own):
            plain = values.cast(pa.string())
            if field.name != "account":  # an id is an id, to the last blank
                plain = pc.utf8_trim_whitespace(plain)
            return pc.if_else(pc.equal(plain, ""), pa.scalar(None, pa.string()), plain).dictionary_encode().cast(WORD)
        case "moment" if pa.types.is_timestamp(own):
            zoned = (
                values.cast(type_) if own.tz else pc.assume_timezone(values.cast(pa.timestamp("us")), "Asia/Shanghai")
            )
            return _within(zoned.cast(type_), datetime.combine(FIRST, time()), datetime.combine(LAST, time()), bad)
        case "rows" if own == type_ and not _flawed(values):
            return values
        case "words" if own == type_ and field.name.endswith("tags") and not values.flatten().null_count:
            return values
    return None


def _is_text(type_: pa.DataType) -> bool:
    own = type_.value_type if pa.types.is_dictionary(type_) else type_
    return bool(pa.types.is_string(own) or pa.types.is_large_string(own))


def _flawed(values: pa.Array) -> bool:
    """Whether a line within a record may be wrong: then all are read one by one."""
    flat = values.flatten()
    if not pa.types.is_struct(flat.type):
        return bool(flat.null_count)
    bad = np.zeros(len(flat), np.bool_)
    bad |= flat.is_null().to_numpy(zero_copy_only=False)
    for number, each in enumerate(flat.type):
        part = flat.field(number)
        bad |= part.is_null().to_numpy(zero_copy_only=False)
        if each.name == "amount":
            _within(part, 0, MOST - 1, bad)
        elif each.name == "due":
            _within(part, FIRST, LAST, bad)
        elif each.name == "part":
            bad |= ~pc.is_in(part, pa.array(get_args(Part))).to_numpy(zero_copy_only=False)
    return bool(bad.any())


def _within(values: pa.Array, least: Any, most: Any, bad: Bools) -> pa.Array:
    """The values; those beyond the limits are bad."""
    low, high = pa.scalar(least, values.type), pa.scalar(most, values.type)
    outside = pc.or_(pc.less(values, low), pc.greater(values, high)).fill_null(False)  # noqa: FBT003
    bad |= outside.to_numpy(zero_copy_only=False)
    return values


def _read(field: Field, values: pa.Array, bad: Bools) -> pa.Array:
    """Each different value through the door."""
    given, codes = _different(field, values)
    read = _reader(field)
    found: list[Any] = []
    refused = np.zeros(len(given), np.bool_)
    for number, value in enumerate(given):
        said = told(field, value)
        try:
            found.append(None if said is None else read(said))
        except ValueError:
            refused[number] = True
            found.append(None)
    bad |= refused[codes]
    column = column_of_values(field, found) if field.kind != "rows" else None
    array = _lines(field, found) if column is None else write_column(field, column)
    return array.take(pa.array(codes)) if len(codes) else pa.array([], type_of(field))


def _different(field: Field, values: pa.Array) -> tuple[list[Any], Ints]:
    """The different values, the last of them none, and which each is; records within records are not compared."""
    if field.kind == "words" and values.type == pa.list_(pa.string()) and not values.flatten().null_count:
        lists = word_lists(values, nulls=True)
        return [*lists.words, None], np.where(lists.codes < 0, len(lists.words), lists.codes).astype(np.int64)
    if pa.types.is_nested(values.type):
        return values.to_pylist(), np.arange(len(values))
    encoded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    given = [*encoded.dictionary.to_pylist(), None]
    codes = encoded.indices.fill_null(len(given) - 1).to_numpy(zero_copy_only=False)
    return given, np.asarray(codes, np.int64)


def _lines(field: Field, found: Sequence[Any]) -> pa.Array:
    """Lines of a record, as read."""
    plain = [None if lines is None else [_line(line) for line in lines] for lines in found]
    return pa.array(plain, type_of(field))


def _line(line: Any) -> Any:
    return line if isinstance(line, str) else {each.name: getattr(line, each.name) for each in fields(line)}


@cache
def _reader(field: Field) -> Callable[[Any], Any]:
    return reader_of(field.hint)


@cache
def _cell_reader(field: Field) -> Callable[[str], Any] | None:
    if field.name == "place":
        return place
    return unknowns if field.name == "unknown" else reader(field.hint)


def told(field: Field, value: Any) -> Any:
    """A value of a Parquet file as JSON would say it, for the door; None for nothing.

    Whole numbers of an amount are fen, decimals yuan; a float is the shortest decimal that gives it, as in workbooks.
    """
    if isinstance(value, str):
        if field.kind == "text":
            return value
        convert = _cell_reader(field)
        stripped = value.strip()
        return None if not stripped else convert(stripped) if convert else stripped
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return _whole(field, value)
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f") if value == value and abs(value) < MOST else str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.date().isoformat() if field.kind == "day" and value.time() == time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: told(_line_field(field, key), each) for key, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [told(_item(field), each) for each in value]
    return str(value)


def _whole(field: Field, value: int) -> Any:
    if field.kind == "amount":
        return format(Decimal(value).scaleb(-2), "f")
    if field.kind == "truth" and value in (0, 1):
        return bool(value)
    return value if field.name.startswith(ATTRIBUTE) else str(value)


@cache
def _item(field: Field) -> Field:
    """One of several words, or lines."""
    (item, *_) = get_args(field.hint) or (str,)
    return Field(field.name, "word" if is_closed(item) else "rows" if is_dataclass(item) else "text", item)


@cache
def _line_field(field: Field, key: str) -> Field:
    """The field of a line within a record."""
    known = {each.name: each for each in rows_of(field.name)} if field.kind == "rows" else {}
    return known.get(key, Field(key, "text", str))


# Attributes, and rows as they were


def _attributes(columns: Mapping[str, pa.Array], size: int, bad: Bools) -> pa.Array:
    """All attributes of a row as one JSON: the column `attributes`, and one column an attribute."""
    own = columns.get(ATTRIBUTES)
    named = {name.removeprefix(ATTRIBUTE): each for name, each in columns.items() if name.startswith(ATTRIBUTE)}
    if own is None and not named:
        return pa.nulls(size, WORD)
    if not named and own is not None and pa.types.is_dictionary(own.type):
        return own.cast(WORD)
    said: list[dict[str, Any]] = [{} for _ in range(size)]
    for row, text in enumerate(own.to_pylist() if own is not None else ()):
        if text is not None:
            found = _json(text)
            bad[row] |= found is None
            said[row].update(found or {})
    for name, values in named.items():
        for row, value in enumerate(values.to_pylist()):
            if value is not None:
                said[row][name] = attribute(value) if isinstance(value, str) else told(_ATTRIBUTE, value)
    texts = [json.dumps(each, ensure_ascii=False, separators=(",", ":")) if each else None for each in said]
    return pa.array(texts, WORD)


_ATTRIBUTE = Field(ATTRIBUTE, "label", str)


def _json(text: object) -> dict[str, Any] | None:
    try:
        found = json.loads(str(text))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def as_it_was(name: str, columns: Mapping[str, pa.Array], row: int) -> str:
    """A row as a record for the door, as JSON: what a CSV file of the same rows would have said."""
    record: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    by_column = {column_of(name, field): field for field in fields_of(name)}
    for column, values in columns.items():
        value = values[row].as_py()
        if value is None or (name != "accounts" and column in KEY):
            continue
        if column == ATTRIBUTES:
            attributes.update(_json(value) or {"": value})
        elif column.startswith(ATTRIBUTE):
            said = attribute(value) if isinstance(value, str) else told(_ATTRIBUTE, value)
            attributes[column.removeprefix(ATTRIBUTE)] = said
        elif (said := told(by_column[column], value)) is not None:
            outer, inner = by_column[column].nested
            if inner:
                record.setdefault(outer, {})[inner] = said
            else:
                record[outer] = said
    if "period" in record:
        record["period"] = [record["period"][end] for end in ("since", "until") if end in record["period"]]
    if attributes:
        record["attributes"] = attributes
    return json.dumps(record, ensure_ascii=False)
