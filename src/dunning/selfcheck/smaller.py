"""The least of a household that still shows a difference: records are left out as long as it stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, replace
from typing import Any

from dunning.model.account import Account
from dunning.selfcheck.opinions import Debtor

TRIES = 250
"""How often it is tried: a household of hundreds of records is left half large."""


def smallest(debtor: Debtor, differs: Callable[[Debtor], bool]) -> Debtor:
    """The debtor with as few accounts and records as still differ; `differs` is true of it as it is."""
    tries = TRIES
    found = debtor
    shorter = True
    while shorter and tries > 0:
        shorter = False
        for less in _with_less(found):
            tries -= 1
            if differs(less):
                found, shorter = less, True
                break
            if not tries:
                break
    return found


def _with_less(debtor: Debtor) -> Iterator[Debtor]:
    """The debtor without an account, without a whole list, without half of one, without a record, without a field."""
    for place in range(len(debtor) if len(debtor) > 1 else 0):
        yield (*debtor[:place], *debtor[place + 1 :])
    if debtor[0].company != _DEFAULTS["company"]:
        yield tuple(replace(account, company=_DEFAULTS["company"]) for account in debtor)
    for place, account in enumerate(debtor):
        for less in _less(account):
            yield (*debtor[:place], less, *debtor[place + 1 :])


def _less(account: Account) -> Iterator[Account]:
    lists = {each.name: getattr(account, each.name) for each in fields(account)}
    records = {name: value for name, value in lists.items() if isinstance(value, tuple) and value}
    for name in records:
        yield _with(account, name, ())
    for name, value in records.items():
        size = len(value) // 2
        while size:
            for first in range(0, len(value), size):
                yield _with(account, name, (*value[:first], *value[first + size :]))
            size //= 2
    for name, nothing in _DEFAULTS.items():
        if name != "company" and getattr(account, name) != nothing:
            yield _with(account, name, nothing)


def _with(account: Account, name: str, value: object) -> Account:
    changed: dict[str, Any] = {name: value}
    return replace(account, **changed)


_DEFAULTS: dict[str, Any] = {
    **{each.name: each.default for each in fields(Account) if each.default is not MISSING and each.default != ()},
    "attributes": {},
}
"""What an account's fields are where nothing is said of them; its lists apart."""
