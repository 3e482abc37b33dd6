"""Which book each account of a batch stands under: asked once for all accounts that agree on what decides it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from dunning.columns.fields import ATTRIBUTE
from dunning.columns.kinds import alike
from dunning.columns.rows import Batch, Coded, Ints, Numbers
from dunning.engine.assess import Rules, book_of
from dunning.engine.steps.tracks import on_track
from dunning.model.account import Account, Party
from dunning.model.condition import facts_of
from dunning.model.rulebook import RuleBook

_FIELDS = {
    "use": "use", "community": "community", "place": "place", "occupancy": "occupancy", "area": "area",
    "debtor_kind": "debtor.kind", "debtor_role": "debtor.role", "tags": "debtor.tags",
}  # fmt: skip
"""Facts that `applies` may read, by the column that alone decides them beside what the source lacks."""


class Chosen(NamedTuple):
    """The books in use, and the number of each account's: -1 where there is none, or it takes an object to tell."""

    books: tuple[RuleBook, ...]
    numbers: Ints


def choose(batch: Batch, rules: Rules, on: date) -> Chosen:
    """The book of each account on a day."""
    books = (rules,) if isinstance(rules, RuleBook) else tuple(rules.books)
    fields = _fields(books)
    if fields is None:
        return Chosen(books, np.full(len(batch), -1, np.int64))
    words = {field: batch.coded(field) for field in fields if field in batch.accounts}
    codes, samples = alike(
        [
            batch.as_objects.astype(np.int64),
            *[column.codes.astype(np.int64) for column in words.values()],
            *_on_tracks(batch, books, on),
        ]
    )
    places = {id(book): place for place, book in enumerate(books)}
    found = []
    for sample in samples.tolist():
        book = None if batch.as_objects[sample] else book_of(_account(batch, sample, words), rules, on)
        found.append(places[id(book)] if isinstance(book, RuleBook) else -1)
    return Chosen(books, np.array(found, np.int64)[codes])


def _fields(books: Sequence[RuleBook]) -> tuple[str, ...] | None:
    """The columns of words that decide which book applies; None where something else does, too."""
    found = {"unknown": None, "community": None}
    for book in books:
        for fact in facts_of(book.applies) if book.applies is not None else ():
            field = f"{ATTRIBUTE}{book.facts[fact].key}" if fact in book.facts else _FIELDS.get(fact)
            if field is None:
                return None
            found[field] = None
    return tuple(found)


def _account(batch: Batch, row: int, words: dict[str, Coded]) -> Account:
    """An account that has these fields as the one in that row."""
    values: dict[str, Any] = {"handed_over": _day(batch.numbers("handed_over"), row)}
    debtor: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    for field, column in words.items():
        code = int(column.codes[row])
        if code < 0:
            continue
        if field.startswith(ATTRIBUTE):
            attributes[field.removeprefix(ATTRIBUTE)] = column.words[code]
        elif field.startswith("debtor."):
            debtor[field.removeprefix("debtor.")] = column.words[code]
        else:
            values[field] = column.words[code]
    return Account(id="", debtor=Party(id="", **debtor), attributes=attributes, **values)


def _day(column: Numbers, row: int) -> date | None:
    return None if column.absent[row] else date.fromordinal(int(column.values[row]))


def _on_tracks(batch: Batch, books: Sequence[RuleBook], on: date) -> Iterator[Ints]:
    """For each book that takes the place of another for a time: whether that is now, by the day of handover."""
    tracks = [(book.track, book.calendar) for book in books if book.track is not None]
    if not tracks:
        return
    days, at = np.unique(batch.numbers("handed_over").filled(0), return_inverse=True)
    accounts = [Account(id="", handed_over=date.fromordinal(day) if day else None) for day in days.tolist()]
    for track, calendar in tracks:
        yield np.array([on_track(track, account, on, calendar) for account in accounts], np.int64)[at]
