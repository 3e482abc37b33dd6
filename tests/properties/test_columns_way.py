"""Columns give what `assess` gives: every table and row, to the fen and to the key, whatever the rules and records."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dunning
from dunning.columns.answer import IN_COLUMNS, books_of, columns
from dunning.columns.packing import pack
from dunning.columns.schema import Tables, shape_of
from dunning.columns.way import InColumns
from dunning.intake.samples.sample import ON
from dunning.intake.samples.sample import make_portfolio as make_sample
from dunning.lang.library import shipped
from dunning.testing.making import from_random
from portfolios_alike import make_portfolio
from rule_edits import edited, small_book

PACKS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((shipped() / "packs").glob("*.yaml"))}
PACKS["whole"] = (Path(__file__).parents[1] / "books" / "whole.yaml").read_text(encoding="utf-8")


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


def compared(accounts: list[dunning.Account], rules: Any, on: date) -> Counter[str]:
    """Which way the accounts went, once both ways came to the same, for all at once and by twos."""
    batch, shape, way = pack(accounts), shape_of(books_of(rules)), InColumns()
    wanted = columns(batch, rules, on=on, shape=shape).tables
    found = columns(batch, rules, on=on, shape=shape, way=way)
    same(found.tables, wanted)
    same(columns(batch, rules, on=on, shape=shape, way=way).tables, wanted)  # now every kind is known
    return found.paths


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_columns_are_assess(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    pick = from_random(Random(seed))
    name = pick.one(sorted(PACKS))
    text = PACKS[name] if pick.chance(40) else small_book(pick) if pick.chance(30) else edited(pick, PACKS[name])
    path = tmp_path_factory.mktemp("rules") / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        book = dunning.load(path)
    except dunning.RulesError:
        return
    for _ in range(4):
        accounts, on = make_portfolio(pick, book)
        compared(accounts, book, on)


def test_columns_are_assess_on_a_portfolio_with_the_shipped_rules() -> None:
    accounts = [dunning.read_account(record) for record in make_sample(700, seed=12) if _read(record)]
    ways = compared(accounts, dunning.load_folder(shipped()), ON)
    assert ways[IN_COLUMNS] > 400


def _read(record: Any) -> bool:
    try:
        dunning.read_account(record)
    except dunning.AccountError:
        return False
    return True
