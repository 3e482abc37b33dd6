"""The digest of a meaning: what a signature and a decision record hold on to.

Over canonical JSON of the typed records: comments, layout, the language of keys, the spelling of a test (超过1万元 or
`> 10000`) and places in the file leave it as it is; any change of what the rules say changes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from datetime import date, time
from fractions import Fraction
from hashlib import sha256
from typing import Any

from dunning.basis.finding import Text
from dunning.model.condition import All, Anything, Check, Contains, Nothing, OneOf, Range
from dunning.model.condition import Any as AnyOf
from dunning.model.law import LawPack
from dunning.model.rulebook import RuleBook

_APART = frozenset({
    "at", "action_at", "file", "findings", "origins", "pack", "digest", "meaning", "law_digest", "calendar", "laws",
    "reviewed", "lacking", "number",
})  # fmt: skip
"""Fields that say where or by whom something was written, not what; law and calendar have digests of their own."""


def digest_of_book(book: RuleBook) -> str:
    """The digest of what the book itself says."""
    return digest(book)


def digest_of_pack(pack: LawPack) -> str:
    """The digest of what a law pack says."""
    return digest(pack)


def digest(meaning: Any) -> str:
    """SHA-256 over canonical JSON of a record, `sha256:...`."""
    text = json.dumps(canonical(meaning), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return "sha256:" + sha256(text.encode()).hexdigest()


def canonical(value: Any) -> Any:
    """A record as plain lists and maps. Fields at their default are left out: a new one changes no old digest."""
    reader = _READERS.get(type(value))
    if reader is not None:
        return reader(value)
    names = _fields(type(value))
    if names is not None:
        return {name: canonical(part) for name, part in said(value).items()}
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return value


def said(record: Any) -> dict[str, Any]:
    """What of a record carries meaning, by field: fields apart, and those at their default, are left out."""
    names = _fields(type(record)) or ()
    return {name: value for name, usual in names if (value := getattr(record, name)) != usual}


_KNOWN: dict[type, tuple[tuple[str, Any], ...] | None] = {}


def _fields(kind: type) -> tuple[tuple[str, Any], ...] | None:
    """The fields of a record that carry meaning, with their defaults; None if it is no record."""
    if kind not in _KNOWN:
        record = hasattr(kind, "__dataclass_fields__")
        carry = [(field.name, _usual(field)) for field in fields(kind) if field.name not in _APART] if record else []
        _KNOWN[kind] = tuple(carry) if record else None
    return _KNOWN[kind]


def _usual(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _mapping(value: Mapping[Any, Any]) -> list[Any]:
    """Records by id in the order of ids; words with titles in the order written, for that is their rank."""
    entries = [[key, canonical(part)] for key, part in value.items()]
    by_id = any(_fields(type(part)) is not None for part in value.values() if not isinstance(part, Text))
    return sorted(entries, key=lambda entry: str(entry[0])) if by_id else entries


def _test(check: Check) -> Any:
    """A test as closed ints and sets: how it was written is left out."""
    match check.test:
        case Range() as test:
            return [check.fact, "in", test.lowest, test.highest]
        case OneOf(values, _, negated) | Contains(values, negated):
            kind = "one" if isinstance(check.test, OneOf) else "has"
            return [check.fact, kind, sorted(values, key=str), negated]
        case Nothing(negated):
            return [check.fact, "none", negated]
        case Anything():
            return [check.fact, "any"]


def _sorted(parts: tuple[Any, ...]) -> list[Any]:
    """Parts of an all or any: their order is no meaning."""
    return sorted((canonical(part) for part in parts), key=repr)


def _all(condition: All) -> Any:
    """What always holds is said by nothing at all; tests of 任意 hold always."""
    parts = tuple(part for part in condition.parts if not (isinstance(part, Check) and isinstance(part.test, Anything)))
    return canonical(parts[0]) if len(parts) == 1 else {"all": _sorted(parts)}


_READERS: dict[type, Any] = {
    str: lambda value: value,
    int: lambda value: value,
    bool: lambda value: value,
    type(None): lambda value: value,
    Fraction: lambda value: f"{value.numerator}/{value.denominator}",
    date: date.isoformat,
    time: time.isoformat,
    Check: _test,
    All: _all,
    AnyOf: lambda value: {"any": _sorted(value.parts)},
}
