"""The shape of an account as a pydantic-core schema, made from the type hints of the model's frozen dataclasses.

The model is the only declaration of the fields: none can be known there and not here. Amounts, rates and dates are read
by the one door for each (`parse_yuan`, `parse_rate`, `parse_date`); refusals carry our finding codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import MISSING, fields
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, get_args, get_origin

from pydantic_core import PydanticCustomError, SchemaValidator, core_schema
from pydantic_core.core_schema import CoreSchema

from dunning.basis.calendar import parse_date
from dunning.basis.errors import CalendarError, MoneyError
from dunning.basis.finding import Text
from dunning.basis.money import Fen, parse_rate, parse_yuan
from dunning.intake.headers import Amount, Share, hints, is_closed, outside, without_none
from dunning.model.account import SHANGHAI, Account

# Values


def _money(value: Any) -> Fen:
    """Text, int of yuan, Decimal. A negative amount is never right: what it might mean has a record of its own."""
    try:
        fen = _fen(value) if value.__class__ is str else parse_yuan(value)
    except MoneyError as error:
        raise PydanticCustomError("A110", "not an amount", {"why": error.why, "fix": error.fix}) from None
    if fen < 0:
        raise PydanticCustomError("A111", "negative")
    return fen


def _rate(value: Any) -> Fraction:
    try:
        return _fraction_of_rate(value) if value.__class__ is str else parse_rate(value)
    except MoneyError as error:
        raise PydanticCustomError("A112", "not a rate", {"why": error.why, "fix": error.fix}) from None


def _number(value: Any) -> Fraction:
    """A plain decimal, like an area in square metres."""
    if value.__class__ is str:
        found = _fraction(value)
    elif value.__class__ is int or isinstance(value, Decimal):
        found = _fraction(format(value, "f"))
    else:
        found = None
    if found is None:
        raise PydanticCustomError("A113", "not a number")
    return found


YEARS = range(1900, 2200)
"""The years a record may be of. Systems that know no empty date write 0001, 1000 or 9999 instead."""
_NO_YEAR = Text(
    f"年份要在 {YEARS[0]} 到 {YEARS[-1]} 之间; 没有日期就留空",
    f"years go from {YEARS[0]} to {YEARS[-1]}; where there is no date leave it empty",
)


def _day(value: Any) -> date:
    if value.__class__ is str:
        try:
            return _date(value)
        except CalendarError as error:
            raise PydanticCustomError("A120", "not a date", {"why": error.why, "fix": error.fix}) from None
    if value.__class__ is not date:
        raise PydanticCustomError("A120", "not a date", {"why": Text("要写成文字", "dates are text"), "fix": ""})
    if value.year not in YEARS:
        raise PydanticCustomError("A120", "not a date", {"why": _NO_YEAR, "fix": ""})
    day: date = value
    return day


def _moment(value: object) -> datetime:
    """A time in Shanghai's zone, whatever offset it was written with; without one it is Shanghai's already."""
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("A121", "not a time") from None
    if not isinstance(value, datetime) or value.year not in YEARS:
        raise PydanticCustomError("A121", "not a time")
    try:
        return value.replace(tzinfo=SHANGHAI) if value.tzinfo is None else value.astimezone(SHANGHAI)
    except OverflowError:
        raise PydanticCustomError("A121", "not a time") from None


_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


@lru_cache(1 << 15)
def _fraction(text: str) -> Fraction | None:
    return Fraction(text) if _DECIMAL.fullmatch(text) else None


# The same few thousand days and amounts come again and again; a look in the cache is a fifth of reading them.
_fen = lru_cache(1 << 15)(parse_yuan)


@lru_cache(1 << 14)
def _date(text: str) -> date:
    day = parse_date(text)
    if day.year not in YEARS:
        raise CalendarError(_NO_YEAR.en, text=text, why=_NO_YEAR)
    return day


_fraction_of_rate = lru_cache(1 << 10)(parse_rate)


def _reads(function: Callable[[Any], object]) -> CoreSchema:
    return core_schema.no_info_plain_validator_function(function)


# Schemas


def _schema(hint: Any) -> CoreSchema:
    """The schema of a type hint of the model."""
    inner = without_none(hint)
    if inner is not hint:
        return core_schema.nullable_schema(_schema(inner))
    if hint in _READERS:
        return _READERS[hint]
    if is_closed(hint):
        return core_schema.literal_schema(list(get_args(hint)))
    args = get_args(hint)
    if get_origin(hint) is tuple:
        if args[-1] is Ellipsis:
            return core_schema.tuple_variable_schema(_schema(args[0]))
        return core_schema.tuple_positional_schema([_schema(arg) for arg in args])
    if get_origin(hint) is dict:
        return core_schema.dict_schema(_TEXT_SCHEMA, _ATTRIBUTE)
    return _record_schema(hint)


def _record_schema(record: type) -> CoreSchema:
    args = [
        core_schema.dataclass_field(
            field.name,
            _with_default(hint, field.default, field.default_factory),
            kw_only=True,
            validation_alias=outside(field.name),
        )
        for field, hint in zip(fields(record), hints(record).values(), strict=True)
    ]
    return core_schema.dataclass_schema(
        record,
        core_schema.dataclass_args_schema(record.__name__, args),
        [field.name for field in fields(record)],
        slots=True,
        frozen=True,
        config=core_schema.CoreConfig(extra_fields_behavior="forbid"),
    )


def _with_default(hint: Any, default: object, factory: Any) -> CoreSchema:
    schema = _schema(hint)
    if hint is str and default != "":
        schema = core_schema.str_schema(strict=True, min_length=1)
    if default is not MISSING:
        return core_schema.with_default_schema(schema, default=default)
    if factory is not MISSING:
        return core_schema.with_default_schema(schema, default_factory=factory)
    return schema


# The limit makes pydantic-core look at the text at all, and so refuse a lone surrogate, which no file can hold.
_TEXT_SCHEMA = core_schema.str_schema(strict=True, max_length=1_000_000)
_ATTRIBUTE = core_schema.union_schema(
    [
        _TEXT_SCHEMA,
        core_schema.bool_schema(strict=True),
        core_schema.int_schema(strict=True, ge=-(10**18), le=10**18),
        core_schema.none_schema(),
    ],
    mode="left_to_right",
)
_READERS: dict[Any, CoreSchema] = {
    Amount: _reads(_money),
    Share: _reads(_rate),
    Fraction: _reads(_number),
    date: _reads(_day),
    datetime: _reads(_moment),
    str: _TEXT_SCHEMA,
    bool: core_schema.bool_schema(strict=True),
}
ACCOUNT = SchemaValidator(_record_schema(Account))


@lru_cache(1 << 8)
def reader_of(hint: Any) -> Callable[[Any], Any]:
    """Reads one value of a field of that type (see `headers.hints`); ValueError for what the door refuses."""
    return SchemaValidator(_schema(hint)).validate_python
