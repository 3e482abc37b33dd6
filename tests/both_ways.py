"""What a few households come to in columns, once `assess` has come to the same in every table and row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from dunning.columns.answer import IN_COLUMNS, Answer, books_of, columns
from dunning.columns.packing import pack
from dunning.columns.schema import Tables, shape_of
from dunning.columns.way import InColumns
from dunning.engine.assess import Rules
from dunning.model.account import Account
from dunning.model.condition import ALWAYS
from dunning.model.rulebook import RuleBook
from households import day

DUE = "due"


def same(found: Tables, wanted: Tables) -> None:
    """Every row of every table; the first that differs is told."""
    for name, one, other in zip(Tables._fields, found, wanted, strict=True):
        assert one.schema == other.schema
        if one.equals(other):
            continue
        for row, (a, b) in enumerate(zip(one.to_pylist(), other.to_pylist(), strict=False)):
            assert a == b, (
                f"row {row} of {name}: {[(column, a[column], b[column]) for column in a if a[column] != b[column]]}"
            )
        assert len(one) == len(other), name


def compared(accounts: Sequence[Account], rules: Rules, on: date) -> Answer:
    """What the accounts come to, once both ways came to the same: at first, and once every kind is known."""
    batch, shape, way = pack(accounts), shape_of(books_of(rules)), InColumns()
    wanted = columns(batch, rules, on=on, shape=shape).tables
    found = columns(batch, rules, on=on, shape=shape, way=way)
    same(found.tables, wanted)
    same(columns(batch, rules, on=on, shape=shape, way=way).tables, wanted)
    return found


# Told briefly


def for_all(book: RuleBook) -> RuleBook:
    """The book, for every account on every day."""
    return replace(book, applies=ALWAYS, since=None, until=None, track=None)


def ways(on: str, book: RuleBook, *accounts: Account) -> Counter[str]:
    """How many accounts went which way."""
    return compared(accounts, for_all(book), day(on)).paths


def left(on: str, book: RuleBook, *accounts: Account) -> int:
    """How many accounts were left to the engine."""
    return sum(count for way, count in ways(on, book, *accounts).items() if way != IN_COLUMNS)


def in_columns(on: str, book: RuleBook, *accounts: Account) -> Tables:
    """The tables of accounts of which none was left to the engine."""
    found = compared(accounts, for_all(book), day(on))
    assert found.paths == {IN_COLUMNS: len(accounts)}
    return found.tables


def codes(on: str, book: RuleBook, *accounts: Account) -> dict[str, str]:
    """By step (`step/charge` for a step of a charge) why the first account's is withheld, or that it is due."""
    return {name: said for name, (said, _) in _steps(on, book, accounts).items()}


def until(on: str, book: RuleBook, *accounts: Account) -> dict[str, str | None]:
    """Until which day each step of the first account is withheld; None where nobody can tell."""
    return {name: last for name, (said, last) in _steps(on, book, accounts).items() if said != DUE}


def actions(on: str, book: RuleBook, *accounts: Account) -> list[dict[str, object]]:
    """The rows of what goes out."""
    return list(in_columns(on, book, *accounts).actions.to_pylist())


def _steps(on: str, book: RuleBook, accounts: Sequence[Account]) -> dict[str, tuple[str, str | None]]:
    tables, first = in_columns(on, book, *accounts), accounts[0].id
    found: dict[str, tuple[str, str | None]] = {}
    for row in tables.withheld.to_pylist():
        if row["account"] == first:
            found[_name(row)] = row["codes"], row["until"] and str(row["until"])
    return found | {_name(row): (DUE, None) for row in tables.actions.to_pylist() if row["account"] == first}


def _name(row: dict[str, str | None]) -> str:
    return str(row["step"]) if row["charge"] is None else f"{row['step']}/{row['charge']}"
