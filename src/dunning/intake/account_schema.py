"""The JSON Schema of an account, for programs that send one: made from the type hints that the door reads by.

It is the plain part of the contract (docs/reference/records.md): one way of writing each value, amounts as text. What
it lets through is read; whether the records contradict each other no schema can say.
"""

from __future__ import annotations

import inspect
from dataclasses import MISSING, Field, fields
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from typing import Any, get_args, get_origin

from dunning.intake.headers import LISTS, Amount, Share, hints, is_closed, label, outside, without_none
from dunning.model.account import Account, Party

JsonSchema = dict[str, Any]

_LONG = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
_SHORT = "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
_FEBRUARY = "02-(?:0[1-9]|1[0-9]|2[0-8])"
_CENTURY = "(?:19|2[01])"  # the years of `schema.YEARS`
_LEAP = f"(?:{_CENTURY}(?:0[48]|[2468][048]|[13579][26])|2000)"
_DAY = f"(?:{_CENTURY}[0-9]{{2}}-(?:{_LONG}|{_SHORT}|{_FEBRUARY})|{_LEAP}-02-29)"
"""Every day there is and no other: a 30 February cannot be sent."""
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
_OFFSET = "(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?"

_FIGURES = r"[0-9]{1,3}(?:\.[0-9]{1,9})?"
_NUMERALS = "[零一二三四五六七八九](?:点[零一二三四五六七八九]+)?|[一二三四五六七八九]?十[一二三四五六七八九]?"
_SHARE = rf"(?:0(?:\.[0-9]{{1,12}})?|1(?:\.0{{1,12}})?|{_FIGURES}[%‰]|[百千万]分之(?:{_FIGURES}|{_NUMERALS}))"

VALUES: dict[Any, tuple[str, JsonSchema]] = {
    Amount: ("Amount", {
        "type": "string", "pattern": r"^[0-9]{1,16}(?:\.[0-9]{1,2}0*)?$", "examples": ["1592.25"],
        "description": "Yuan as text, two decimals at most. 金额, 单位元, 写成文字",
    }),
    Share: ("Share", {
        "type": "string", "pattern": f"^{_SHARE}(?: per (?:day|year))?$", "examples": ["0.5‰", "5%", "3.9% per year"],
        "description": "A rate or a share. 比例",
    }),
    Fraction: ("Number", {
        "type": "string", "pattern": r"^[0-9]{1,12}(?:\.[0-9]{1,12})?$", "examples": ["96.50"],
        "description": "A number as text, digits and a point. 数, 写成文字",
    }),
    date: ("Day", {
        "type": "string", "format": "date", "pattern": f"^{_DAY}$", "examples": ["2026-01-15"],
        "description": "A day. 日期",
    }),
    datetime: ("Time", {
        "type": "string", "pattern": f"^{_DAY}[T ]{_CLOCK}{_OFFSET}$",
        "examples": ["2026-02-01T10:15:00+08:00"],
        "description": "A time; without an offset it is Asia/Shanghai's. 时间, 不写时区就是北京时间",
    }),
}  # fmt: skip
"""The kinds of value by their type hint: the name of each, and how it is written."""

_OWN_WORDS: dict[str, JsonSchema] = {
    "place": {"pattern": r"^CN(?:-[0-9]{2}(?:[0-9]{2}(?:[0-9]{2})?)?)?$", "examples": ["CN-3301"]},
    "currency": {"enum": ["CNY"]},
}
_WHOLE = 10**18
_ATTRIBUTE: JsonSchema = {
    "anyOf": [
        {"type": "string"},
        {"type": "boolean"},
        {"type": "integer", "minimum": -_WHOLE, "maximum": _WHOLE},
        {"type": "null"},
    ]
}


def account_shapes() -> dict[str, JsonSchema]:
    """The shape of an account and of all it is made of, by name, each naming the others as `#/$defs/NAME`."""
    return dict(_shapes())


@cache
def _shapes() -> dict[str, JsonSchema]:
    found = dict(VALUES.values())
    _add(found, Account, "accounts")
    found["Debtor"] = _debtor()
    account = found["Account"]["properties"]
    account["debtor"] = _or_null(_named("Debtor"), title=label("accounts", "debtor").zh)
    account["contract"] = _or_null(_named("Contract"), title=label("accounts", "contract").zh)
    return dict(sorted(found.items()))


def _add(found: dict[str, JsonSchema], record: type, owner: str) -> None:
    """The shape of a record, and of the records in it. `owner`: the list whose Chinese labels its fields have."""
    found[record.__name__] = {}  # its place is taken: a record may stand in two lists
    found[record.__name__] = _record(found, record, owner)


def _record(found: dict[str, JsonSchema], record: type, owner: str) -> JsonSchema:
    properties = {}
    for field, (name, hint) in zip(fields(record), hints(record).items(), strict=True):
        shape = _shape(found, hint, name if name in LISTS or owner != "accounts" else owner)
        if hint is str:
            shape = _text(field)
        if owner == "accounts":
            shape = shape | _OWN_WORDS.get(name, {})
        title = label(owner, name).zh
        properties[name] = shape | {"title": title} if _required(field) else _or_null(shape, title=title)
    return {
        "type": "object",
        "description": described(record),
        "properties": properties,
        "required": [outside(field.name) for field in fields(record) if _required(field)],
        "additionalProperties": False,
    }


def _shape(found: dict[str, JsonSchema], hint: Any, owner: str) -> JsonSchema:
    hint = without_none(hint)
    if hint in VALUES:
        return _named(VALUES[hint][0])
    if is_closed(hint):
        return {"type": "string", "enum": list(get_args(hint))}
    args = get_args(hint)
    if get_origin(hint) is tuple:
        several: JsonSchema = {"type": "array", "items": _shape(found, args[0], owner)}
        return several if args[-1] is Ellipsis else several | {"minItems": len(args), "maxItems": len(args)}
    if get_origin(hint) is dict:
        return {"type": "object", "additionalProperties": _ATTRIBUTE}
    if hint in (str, bool):
        return {"type": "string" if hint is str else "boolean"}
    if hint.__name__ not in found:
        _add(found, hint, owner)
    return _named(hint.__name__)


def _debtor() -> JsonSchema:
    """A party whose id may be left out: it is then the account's."""
    found: dict[str, JsonSchema] = {}
    shape = _record(found, Party, "parties")
    shape["properties"]["id"] = _or_null({"type": "string", "minLength": 1}, title=label("parties", "id").zh)
    return shape | {"required": [], "description": "The debtor; without an id it is the account's."}


def described(record: type) -> str:
    """The first paragraph of a record's docstring; empty where a dataclass has only its signature."""
    words = inspect.getdoc(record) or ""
    return "" if words.startswith(f"{record.__name__}(") else " ".join(words.split("\n\n")[0].split())


def _text(field: Field[Any]) -> JsonSchema:
    return {"type": "string"} if field.default == "" else {"type": "string", "minLength": 1}


def _required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _named(name: str) -> JsonSchema:
    return {"$ref": f"#/$defs/{name}"}


def _or_null(shape: JsonSchema, *, title: str) -> JsonSchema:
    """Absent and null are the same."""
    if "type" not in shape:
        return {"anyOf": [shape, {"type": "null"}], "title": title}
    words = {"enum": [*shape["enum"], None]} if "enum" in shape else {}
    return shape | {"type": [shape["type"], "null"], **words, "title": title}
