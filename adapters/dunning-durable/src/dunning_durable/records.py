"""News of an account laid over its records: a record more, a record changed, a field given anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from dunning import Account
from dunning_durable.watches import Sign

LISTS = frozenset(
    each.name for each in fields(Account) if each.default == () and each.name != "unknown"
)  # contracts, charges, payments ...
_ITS_OWN = ("company", "id")


def merged(records: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """The records with the news: a record replaces the one with its id, else it is added; attributes are added.

    ValueError for what cannot change while it is the same account.
    """
    whole = dict(records)
    for name, value in news.items():
        if name in _ITS_OWN or (name == "debtor" and _debtor(records) != _debtor(news)):
            raise ValueError(f"another {name} is another account: open it, and `gone` this one")
        if name in LISTS:
            whole[name] = _laid_over(records.get(name) or (), _several(value))
        elif name == "attributes":
            whole[name] = {**(records.get(name) or {}), **value}
        else:
            whole[name] = value
    return whole


def _debtor(records: Mapping[str, Any]) -> object:
    return (records.get("debtor") or {}).get("id", records.get("id"))


def _several(value: Any) -> list[Any]:
    return [value] if isinstance(value, Mapping) else list(value)


def _laid_over(records: Iterable[Any], news: Iterable[Any]) -> list[Any]:
    whole = list(records)
    places = {
        record["id"]: place for place, record in enumerate(whole) if isinstance(record, Mapping) and "id" in record
    }
    for record in news:
        place = places.get(record.get("id")) if isinstance(record, Mapping) else None
        if place is None:
            whole.append(record)
        else:
            whole[place] = record
    return whole


def signs_of(news: Mapping[str, Any], on: date) -> list[Sign]:
    """One for each record of the news: `name` its step, kind or item, `now` its outcome or decision."""
    return [
        Sign(on, what, _first(record, "step", "kind", "item", "of"), "", _first(record, "outcome", "decision"))
        for what, value in news.items()
        if what in LISTS
        for record in _several(value)
    ]


def _first(record: Mapping[str, Any], *names: str) -> str:
    return next((str(record[name]) for name in names if record.get(name)), "")
