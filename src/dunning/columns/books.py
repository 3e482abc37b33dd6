"""Which book each account of a batch stands under: asked once for all accounts that agree on what decides it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from dunning.columns.fields import ATTRIBUTE
from dunning.columns.kinds import alike
from dunning.columns.packing import unpack
from dunning.columns.rows import Batch, Coded, Ints, Numbers
from dunning.engine.assess import Rules, book_of
from dunning.model.condition import facts_of
from dunning.model.rulebook import RuleBook

_FIELDS = {
    "use": "use", "community": "community", "place": "place", "occupancy": "occupancy", "area": "area",
    "debtor_kind": "debtor.kind", "debtor_role": "debtor.role", "tags": "debtor.tags", "handover_days": "handed_over",
}  # fmt: skip


class Chosen(NamedTuple):
    """The books in use, and the number of each account's: -1 where there is none, or it takes an object to tell."""

    books: tuple[RuleBook, ...]
    numbers: Ints


def choose(batch: Batch, rules: Rules, on: date) -> Chosen:
    """The book of each account on a day."""
    books = (rules,) if isinstance(rules, RuleBook) else tuple(rules.books)
    wanted = _fields(books)
    if wanted is None:
        return Chosen(books, np.full(len(batch), -1, np.int64))
    columns = [_codes(batch, field) for field in wanted]
    codes, samples = alike([batch.as_objects.astype(np.int64), *columns])
    places = {id(book): place for place, book in enumerate(books)}
    found = []
    for sample in samples.tolist():
        book = None if batch.as_objects[sample] else book_of(unpack(batch, sample), rules, on)
        found.append(places[id(book)] if isinstance(book, RuleBook) else -1)
    return Chosen(books, np.array(found, np.int64)[codes])


def _fields(books: Sequence[RuleBook]) -> tuple[str, ...] | None:
    """The columns that decide which book applies; None where something decides that is no column of the account."""
    found = {"unknown": None, "community": None}
    for book in books:
        for fact in facts_of(book.applies) if book.applies is not None else ():
            field = f"{ATTRIBUTE}{book.facts[fact].key}" if fact in book.facts else _FIELDS.get(fact)
            if field is None:
                return None
            found[field] = None
        if book.track is not None:
            found["handed_over"] = None
    return tuple(found)


def _codes(batch: Batch, field: str) -> Ints:
    column = batch.accounts.get(field)
    if column is None:  # an attribute nobody has
        return np.zeros(len(batch), np.int64)
    if isinstance(column, Coded):
        return column.codes.astype(np.int64)
    assert isinstance(column, Numbers)
    return column.filled(-1)
