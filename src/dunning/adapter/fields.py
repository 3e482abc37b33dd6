"""What an account's lists may be filled with, field by field, for adapters that let people map an ERP onto them.

The records of the model say it all; here it is told in kinds that a program can choose a conversion by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from typing import Any, Literal, NamedTuple, get_args, get_origin

from dunning.intake.headers import (
    FIELDS,
    LISTS,
    Amount,
    Share,
    columns,
    hints,
    is_closed,
    outside,
    record_of,
    without_none,
    words,
)
from dunning.model.account import Account

__all__ = ["RECORD_LISTS", "Field", "Kind", "fields_of", "list_titles"]

Kind = Literal["text", "money", "rate", "number", "day", "time", "truth", "word", "record"]

RECORD_LISTS = tuple(name for name in LISTS if name != "accounts")
"""The lists of an account: `charges`, `payments` ... in the order of the record."""


class Field(NamedTuple):
    """A field of a list by its dotted name (`debtor.id`, `period.since`).

    `many`: a list of them. `words`: of a closed set, each value with its Chinese words. `titles`: Chinese names, ours
    first. `required`: a record without it is rejected.
    """

    name: str
    kind: Kind
    many: bool = False
    words: Mapping[str, tuple[str, ...]] = {}
    titles: tuple[str, ...] = ()
    required: bool = False


@cache
def fields_of(name: str) -> Mapping[str, Field]:
    """The fields of a list, of `accounts` (its scalars, `debtor.*`, `contract.*`), or of a list inside records:
    `payments.settles`, `plans.instalments`. KeyError if there is no such list.
    """
    outer, _, inner = name.partition(".")
    if inner:
        record = get_args(without_none(hints(record_of(outer))[inner]))[0]
        if not (isinstance(record, type) and is_dataclass(record)):
            raise KeyError(name)
        return {each: _field(each, hint, FIELDS[inner][each], record) for each, hint in hints(record).items()}
    if name not in LISTS:
        raise KeyError(name)
    record = record_of(name)
    own = [column for column in columns(name) if name == "accounts" or column.field not in ("company", "account")]
    return {column.field: _field(column.field, column.hint, column.labels, record) for column in own}


def list_titles(name: str) -> tuple[str, ...]:
    """The Chinese names of a list, ours first."""
    return LISTS[name]


def _field(name: str, hint: Any, titles: tuple[str, ...], record: type) -> Field:
    inner = without_none(hint)
    many = get_origin(inner) is tuple
    if many:
        inner = get_args(inner)[0]
    chosen: dict[str, list[str]] = {}
    if is_closed(inner):
        chosen = {value: [] for value in get_args(inner)}
        for word, value in words(inner).items():
            if word != value:
                chosen[value].append(word)
    required = {
        outside(each.name)
        for each in fields(record)
        if each.default is MISSING and each.default_factory is MISSING and record is not Account
    } | ({"id"} if record is Account else set())
    told = {value: tuple(each) for value, each in chosen.items()}
    return Field(name, _kind(inner), many, told, titles, name in required)


_KINDS: Mapping[Any, Kind] = {
    Amount: "money",
    Share: "rate",
    Fraction: "number",
    date: "day",
    datetime: "time",
    bool: "truth",
    str: "text",
}


def _kind(hint: Any) -> Kind:
    return "word" if is_closed(hint) else _KINDS.get(hint, "record")
