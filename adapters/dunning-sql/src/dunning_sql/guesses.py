"""Which table is which list, and which column which field: the likeliest of each, no column used for two things.

A table is known by its name, its comment and by what it holds: bills have an amount and a day it is due.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dunning.adapter.fields import Field, fields_of
from dunning_sql.convert import plain
from dunning_sql.looks import Looks, Table
from dunning_sql.mapping import PERIOD, fields_in
from dunning_sql.names import SECTIONS, best, common_names, field_names, table_likeness
from dunning_sql.wording import day_option, money_unit, period_option

_UNSAID = {"unknown", "data_as_of", "contract.id", "settles", "instalments"}
_TOGETHER = {("accounts", "unit"), ("accounts", "id")}
"""Fields that may be read from a column another field has."""

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "charges": ("amount", "due"),
    "payments": ("on", "amount"),
    "people": ("name",),
}
_TELLING: Mapping[str, int] = {"charges": 170, "payments": 170}
"""How surely the needed fields must be named for a table whose own name says nothing."""

GOOD = 50
_TRUTHS = frozenset({"0", "1", "是", "否", "y", "n", "true", "false"})


@dataclass(frozen=True, slots=True)
class Guess:
    """A list's table, and the column of each field that was found in it."""

    section: str
    table: Table
    columns: Mapping[str, str]


def fields(section: str) -> Mapping[str, Field]:
    """The fields of a list; of `people` those a sender needs."""
    if section == "people":
        return {name: Field(name, "text") for name in field_names("people")}
    return fields_in(section)


def guessed(looks: Looks) -> dict[str, Guess]:
    """The likeliest table of each list: every table is used once, the surest first."""
    scored = []
    for table in looks.tables:
        for section in ("accounts", *SECTIONS, "people"):
            columns, sure = columns_of(looks, section, table)
            score = _score(section, table, columns, sure)
            if score > 0:
                scored.append((score, section, table.name, Guess(section, table, columns)))
    found: dict[str, Guess] = {}
    used: set[str] = set()
    for _, section, name, guess in sorted(scored, key=lambda one: (-one[0], one[1], one[2])):
        if section not in found and name not in used:
            found[section] = guess
            used.add(name)
    if "accounts" not in found and "people" in found:  # a row for each owner, who has one room
        people = found["people"]
        columns, _ = columns_of(looks, "accounts", people.table)
        if "unit" in columns or "id" in columns:
            found["accounts"] = Guess("accounts", people.table, columns)
    return found


def _score(section: str, table: Table, columns: Mapping[str, str], sure: Mapping[str, int]) -> int:
    """How like a list a table is; 0 if it is not."""
    called = table_likeness(section, table.named)
    needed = _NEEDED.get(section) or [name for name, one in fields(section).items() if one.required and name != "id"]
    lacking = [name for name in needed if name not in columns]
    if called < GOOD:
        telling = _TELLING.get(section)
        if telling is None or lacking or sum(sure[name] for name in needed) < telling:
            return 0
    if section == "people" and not {"sms", "email"} & columns.keys():
        return 0
    if section == "accounts" and not {"unit", "id", "area"} & columns.keys():
        return 0
    return max(0, 2 * called + 12 * len(columns) - 50 * len(lacking))


def columns_of(looks: Looks, section: str, table: Table) -> tuple[dict[str, str], dict[str, int]]:
    """The column of each field, and how surely it is called so."""
    known = fields(section)
    scored = []
    for order, (name, wanted) in enumerate(field_names(section).items()):
        if name in _UNSAID or known[name].kind == "record":
            continue
        scored += [(score, -order, name, head.name) for score, head in best(table.heads, wanted)]
    found: dict[str, str] = {}
    sure: dict[str, int] = {}
    used: set[str] = set()
    for score, _, name, column in sorted(scored, reverse=True):
        taken = column in used and (section, name) not in _TOGETHER
        if name not in found and not taken and fits(looks, known[name], table, column):
            found[name], sure[name] = column, score
            if (section, name) not in _TOGETHER:
                used.add(column)
    days = {"period.since", "period.until"} & found.keys()
    for name in (PERIOD.name,) if len(days) == 2 else days if PERIOD.name in found else ():
        found.pop(name, None)
    if "id" in known and section != "accounts" and len(table.key) == 1:
        found["id"] = table.key[0]
    return found, sure


def fits(looks: Looks, field: Field, table: Table, column: str) -> bool:
    """Whether a column holds what such a field does: by its type, and by its first rows where the type says little."""
    if field == PERIOD:
        return period_option(table.kind(column), looks.cells(table.name, column)) is not None
    kind, whole = table.kind(column), isinstance(table.kind(column), sa.types.Integer | sa.types.Numeric)
    match field.kind:
        case "money":
            cells = [] if whole else looks.cells(table.name, column)
            return column not in table.key and money_unit(column, kind, "", cells) is not None
        case "number" | "rate":
            return column not in table.key and (whole or _numbers(looks, table, column))
        case "day" | "time":
            return day_option(kind, _cells(looks, table, column)) is not None
        case "truth":
            return {text.lower() for text in looks.words(table.name, column)} <= _TRUTHS
        case "word":
            return looks.are_words(table.name, column) or looks.empty(table.name)
        case _:
            if field.name == "place":
                return all(plain(cell).startswith("CN-") for cell in _cells(looks, table, column))
            if field.name == "unit" and whole:  # a number that names the row, and no room
                return False
            return not isinstance(kind, sa.types.Date | sa.types.DateTime | sa.types.Float)


def _numbers(looks: Looks, table: Table, column: str) -> bool:
    texts = [plain(cell) for cell in looks.cells(table.name, column)]
    return bool(texts) and all(text.replace(".", "", 1).isdigit() for text in texts)


def _cells(looks: Looks, table: Table, column: str) -> list[Any]:
    typed = isinstance(table.kind(column), sa.types.Date | sa.types.DateTime)
    return [] if typed else looks.cells(table.name, column)


def owed(looks: Looks, table: Table) -> str | None:
    """The column of a bill's unpaid rest: what is open, where there are no payments to be read."""
    field = fields_of("charges")["amount"]
    found: Iterator[str] = (head.name for _, head in best(table.heads, common_names("owed")))
    return next((column for column in found if fits(looks, field, table, column)), None)
