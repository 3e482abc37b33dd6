"""A book's own facts, from the attributes an ERP hands over: typed on the way in, and never guessed.

An attribute that does not fit the type the book gives it is unknown, with a finding that says what would fit.
"""

from __future__ import annotations

import re
from decimal import Decimal

from dunning.basis.calendar import parse_date
from dunning.basis.errors import CalendarError, MoneyError
from dunning.basis.finding import Finding, Text
from dunning.basis.money import parse_yuan
from dunning.basis.span import Entry
from dunning.model.account import Account
from dunning.model.condition import FactKind, Type, Unknown, Value
from dunning.model.rulebook import OwnFact

Raw = str | int | bool

_TRUTHS = {"true": True, "false": False, "是": True, "否": False, "yes": True, "no": False, "1": True, "0": False}
_WANTED: dict[FactKind, Text] = {
    "money": Text("金额, 如 1592.25", "an amount like 1592.25"),
    "integer": Text("整数, 如 82", "a whole number like 82"),
    "days": Text("天数, 如 30", "a number of days like 30"),
    "months": Text("整月数, 如 3", "a whole number of months like 3"),
    "percent": Text("百分比, 如 85%", "a percentage like 85%"),
    "number": Text("数, 最多两位小数, 如 90.5", "a number with at most two decimals like 90.5"),
    "date": Text("日期, 如 2026-01-15", "a date like 2026-01-15"),
    "boolean": Text("是或否", "true or false"),
    "set": Text("词, 用顿号或逗号分开", "words, separated by commas"),
    "text": Text("文字", "text"),
}
_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(\.[0-9]{1,10})?")
_SEPARATORS = re.compile(r"[,，、;；|]")


def own_value(fact: OwnFact, account: Account) -> tuple[Value | Unknown, Finding | None]:
    """The fact's canonical value; its default, or unknown, where the attribute is absent or null.

    An attribute that does not fit the type is unknown, and the finding says so.
    """
    raw = None if _not_supplied(fact.key, account.unknown) else account.attributes.get(fact.key)
    if raw is None or raw == "":
        return (fact.default if fact.has_default else Unknown((f"attributes.{fact.key}",))), None
    value = _converted(raw, fact.type)
    if value is not None:
        return value, None
    return Unknown((f"attributes.{fact.key}",)), _misfit(fact, account, raw)


def _not_supplied(key: str, unknown: tuple[str, ...]) -> bool:
    return "attributes" in unknown or f"attributes.{key}" in unknown


def _misfit(fact: OwnFact, account: Account, raw: Raw) -> Finding:
    wanted = _one_of(fact.type) if fact.type.kind == "choice" else _WANTED[fact.type.kind]
    args = {"key": fact.key, "value": str(raw), "title": fact.title, "wanted": wanted}
    related = ((fact.at, Text("规则书这样定义", "the rule book defines it so")),) if fact.at else ()
    return Finding("A601", Entry(account.company, account.id, "attributes", fact.key), args, related=related)


def _one_of(type_: Type) -> Text:
    words = type_.values or {}
    return Text(
        "其中一个: " + "、".join(title.zh or word for word, title in words.items()),
        "one of " + ", ".join(words),
    )


def _converted(raw: Raw, type_: Type) -> Value:
    """The canonical value, or None where it does not fit. A true or false is never taken for a number."""
    if type_.kind == "boolean":
        return raw if isinstance(raw, bool) else _TRUTHS.get(str(raw).strip().casefold())
    if isinstance(raw, bool):
        return None
    match type_.kind:
        case "money":
            return _fen(raw)
        case "integer" | "days":
            return _scaled(raw, 1)
        case "months":
            months = _scaled(raw, 1)
            return None if months is None else 2 * months
        case "number":
            return _scaled(raw, 100)
        case "percent":
            return _ppm(raw)
        case "date":
            return _ordinal(raw)
        case "choice":
            return _word(str(raw).strip(), type_)
        case "set":
            return _words(str(raw), type_)
        case _:
            return str(raw)


def _fen(raw: Raw) -> int | None:
    try:
        return parse_yuan(raw)
    except MoneyError:
        return None


def _scaled(raw: Raw, scale: int) -> int | None:
    """A decimal number times `scale`, if that is whole."""
    text = str(raw).strip()
    if not _NUMBER.fullmatch(text):
        return None
    scaled = Decimal(text) * scale
    return int(scaled) if scaled == scaled.to_integral_value() else None


def _ppm(raw: Raw) -> int | None:
    """A percentage says so: 85% or 850‰. A bare 85 might be 85% or 85 times the whole."""
    text = str(raw).strip()
    scale = {"%": 10_000, "‰": 1_000}.get(text[-1:])
    return None if scale is None else _scaled(text[:-1], scale)


def _ordinal(raw: Raw) -> int | None:
    try:
        return parse_date(str(raw)).toordinal()
    except CalendarError:
        return None


def _word(text: str, type_: Type) -> str | None:
    """A word of the choice, by itself or by its title."""
    words = type_.values or {}
    if text in words:
        return text
    return next((word for word, title in words.items() if text in title), None)


def _words(text: str, type_: Type) -> frozenset[str] | None:
    """Words apart by commas; each one of the set's own, where the set is closed."""
    parts = [part.strip() for part in _SEPARATORS.split(text)]
    if not type_.values:
        return frozenset(part for part in parts if part)
    known = [_word(part, type_) for part in parts if part]
    return frozenset(word for word in known if word is not None) if None not in known else None
