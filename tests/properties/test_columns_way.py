"""Columns give what `assess` gives: every table and row, to the fen and to the key, whatever the rules and records."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dunning
from books_of_steps import book_of_steps
from both_ways import compared
from dunning.columns.answer import IN_COLUMNS, books_of
from dunning.engine.assess import Rules
from dunning.intake.samples.sample import ON
from dunning.intake.samples.sample import make_portfolio as make_sample
from dunning.lang.library import shipped
from dunning.testing.making import Pick, from_random
from portfolios_alike import make_portfolio
from rule_edits import edited, small_book

PACKS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((shipped() / "packs").glob("*.yaml"))}
PACKS["whole"] = (Path(__file__).parents[1] / "books" / "whole.yaml").read_text(encoding="utf-8")

CASES = int(os.environ.get("DUNNING_WAY_CASES", "25"))


@settings(max_examples=CASES)
@given(st.integers(0, 2**32))
def test_columns_are_assess(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """Four portfolios under rules at random, so many times. `DUNNING_WAY_CASES=2000 pytest` looks for longer."""
    pick = from_random(Random(seed))
    try:
        rules = some_rules(pick, tmp_path_factory.mktemp("rules"))
    except dunning.RulesError:
        return
    for _ in range(4):
        accounts, on = make_portfolio(pick, *books_of(rules))
        compared(accounts, rules, on)


def some_rules(pick: Pick, path: Path) -> Rules:
    """A book of steps, one of the shipped ones as it is or after some changes, any small one, or two side by side."""
    name = pick.one([each for each in sorted(PACKS) if each != "common"])  # which applies to nobody
    match pick.number(0, 9):
        case 0:
            some, others = ("residential, parking", "commercial, office")
            (path / "some.yaml").write_text(book_of_steps(pick, "some", some), encoding="utf-8")
            (path / "others.yaml").write_text(book_of_steps(pick, "others", others), encoding="utf-8")
            return dunning.load_folder(path)
        case 1:
            text = PACKS[name]
        case 2:
            text = small_book(pick)
        case 3 | 4:
            text = edited(pick, PACKS[name])
        case _:
            text = book_of_steps(pick)
    (path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return dunning.load(path / f"{name}.yaml")


def test_columns_are_assess_on_a_portfolio_with_the_shipped_rules() -> None:
    accounts = [dunning.read_account(record) for record in make_sample(700, seed=12) if _read(record)]
    ways = compared(accounts, dunning.load_folder(shipped()), ON).paths
    assert ways[IN_COLUMNS] > 400


def _read(record: Any) -> bool:
    try:
        dunning.read_account(record)
    except dunning.AccountError:
        return False
    return True
