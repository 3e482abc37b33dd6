"""Which column holds which field of the records, and how: read off the model, so that no field is known twice."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from functools import cache
from typing import Any, Literal, NamedTuple, get_args, get_origin

from dunning.intake.headers import LISTS, Amount, Share, columns, hints, is_closed, without_none
from dunning.model.account import Instalment, Settled

Kind = Literal["amount", "day", "moment", "truth", "rate", "number", "word", "label", "text", "words", "rows"]
"""What a column holds. Numbers: amount, day, moment, truth. Coded: rate, number (fractions), word (of a closed set),
label (text that repeats), words (a tuple of them). Texts: text. Rows of their own: rows.
"""

LISTED = tuple(name for name in LISTS if name != "accounts")
"""The lists of an account, in the order of the records."""

LABELS = frozenset({"company", "community", "place", "currency", "step", "by", "role", "of", "channel", "prepared_by"})
"""Texts that repeat from household to household."""

ATTRIBUTE = "attributes."


class Field(NamedTuple):
    """A column: its name in files and batches (`debtor.id`, `period.since`), what it holds, and its type."""

    name: str
    kind: Kind
    hint: Any
    optional: bool = False

    @property
    def nested(self) -> tuple[str, str]:
        """`period.since` -> period, since; `due` -> due and nothing."""
        outer, _, inner = self.name.partition(".")
        return outer, inner


@cache
def fields_of(name: str) -> tuple[Field, ...]:
    """The columns of a list, `accounts` among them, without the key of the account and the short form of contracts."""
    found = []
    for column in columns(name):
        if column.field in ("company", "account") and name != "accounts":
            continue
        if column.field.startswith("contract."):
            continue
        field = "account" if column.field == "other_account" else column.field
        hint = without_none(column.hint)
        found.append(Field(field, _kind(field, hint), hint, hint is not column.hint))
    return tuple(found)


REFERENCES = ("for", "charges")
"""Lists of ids of charges, wherever a record has one."""


@cache
def rows_of(field: str) -> tuple[Field, ...]:
    """The columns of a list within a record, like the lines of `settles`; ids of charges are rows too."""
    if field in REFERENCES:
        return (Field("charge", "text", str),)
    record = Settled if field == "settles" else Instalment
    return tuple(Field(name, _kind(name, hint), hint) for name, hint in hints(record).items())


def _kind(name: str, hint: Any) -> Kind:
    simple: dict[Any, Kind] = {
        Amount: "amount", Share: "rate", Fraction: "number", date: "day", datetime: "moment", bool: "truth",
    }  # fmt: skip
    if hint in simple:
        return simple[hint]
    if is_closed(hint):
        return "word"
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        return "rows" if item in (Settled, Instalment) or name in REFERENCES else "words"
    return "label" if name.rpartition(".")[2] in LABELS else "text"
