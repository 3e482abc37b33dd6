"""A sample before everybody who can be asked: all agree; where one is broken, its report is small and has no names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dunning.check.cases import run_cases
from dunning.cli.main import app
from dunning.columns import way
from dunning.columns.ledgers import Ledgers, ledgers
from dunning.columns.rows import Batch
from dunning.intake.files.tables import open_portfolio
from dunning.intake.files.writers import write_jsonl
from dunning.intake.groups import Portfolio
from dunning.intake.samples.sample import make_portfolio
from dunning.lang.folder import load
from dunning.model.rulebook import RuleBook, Table
from dunning.output.record.batch import read_rules
from dunning.selfcheck import opinions
from dunning.selfcheck.rete import Told
from dunning.selfcheck.run import selfcheck
from dunning.selfcheck.sampled import sampled
from dunning.selfcheck.told import LETTER

ON = "2026-11-22"
DAY = date(2026, 11, 22)
ASKED = ["--on", ON, "--jobs", "1", "--lang", "en"]


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("selfcheck") / "p.jsonl"
    write_jsonl(path, make_portfolio(30, seed=4))
    return path


@pytest.fixture
def opened(portfolio: Path) -> Iterator[Portfolio]:
    with open_portfolio(portfolio) as groups:
        yield groups


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["selfcheck", *words, *ASKED])
    assert result.exit_code == code, result.output
    return result.output


def test_all_agree_and_it_is_told_how_much_was_compared(portfolio: Path, tmp_path: Path) -> None:
    told = run(str(portfolio), "--sample", "10", "--out", str(tmp_path / "out"))
    assert told.count("all agree") == 3
    assert not (tmp_path / "out").exists()


def test_two_processes_say_the_same(opened: Portfolio) -> None:
    groups = list(sampled(opened, 8, seed=2))
    one, two = (selfcheck(groups, partial(read_rules, None), on=DAY, jobs=jobs) for jobs in (1, 2))
    assert one == two
    assert one


def test_the_same_seed_draws_the_same_households(opened: Portfolio) -> None:
    drawn = [[raw.read().debtor for raw in sampled(opened, 12, seed=seed)] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    everybody = [raw.read().debtor for raw in opened.raw()]
    assert [raw.read().debtor for raw in sampled(opened, 0, seed=1)] == everybody
    assert set(drawn[0]) < set(everybody)


def test_of_a_portfolio_of_unknown_size_so_many_are_drawn(opened: Portfolio) -> None:
    opened.count = None
    assert len(list(sampled(opened, 12, seed=1))) == 12


# Each of those asked is seen to fail


def a_fen_more(batch: Batch, book: RuleBook, on: date) -> Ledgers:
    """The late fee of every settled charge a fen too high."""
    money = ledgers(batch, book, on)
    money.fees.assessed[(money.fees.assessed > 0) & (money.unpaid == 0)] += 1
    return money


def test_a_broken_engine_is_reported_with_a_case_of_few_records_and_no_names(
    portfolio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(way, "ledgers", a_fen_more)
    out = tmp_path / "out"
    told = run(str(portfolio), "--sample", "0", "--out", str(out), code=1)
    assert "debtors differ" in told
    assert told.count("all agree") == 2
    letter = (out / LETTER).read_text(encoding="utf-8")
    assert "late_fee_assessed: assess" in letter
    assert "## What to send, and where" in letter
    household = json.loads((out / "household-1.jsonl").read_text(encoding="utf-8"))
    assert len(household["charges"]) == len(household["payments"]) == 1
    assert (household["id"], household["charges"][0]["id"]) == ("accounts1", "charges1")
    assert not {"unit", "community", "company", "attributes"} & set(household)
    assert run_cases([out / "case-1.yaml"]).results[0].passed
    again = run(str(out / "household-1.jsonl"), "--sample", "0", "--out", str(tmp_path / "again"), code=1)
    assert "1 debtors differ" in again


def test_an_engine_that_breaks_off_is_told_by_its_error(
    portfolio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(batch: Batch, book: RuleBook, on: date) -> Ledgers:
        if len(batch.lists["parties"]):
            raise ZeroDivisionError("no days")
        return ledgers(batch, book, on)

    monkeypatch.setattr(way, "ledgers", breaks)
    run(str(portfolio), "--sample", "0", "--out", str(tmp_path), code=1)
    assert "ZeroDivisionError !! no days" in (tmp_path / LETTER).read_text(encoding="utf-8")
    household = json.loads((tmp_path / "household-1.jsonl").read_text(encoding="utf-8"))
    assert len(household["parties"]) == 1
    assert "charges" not in household


def test_a_table_that_another_engine_reads_otherwise_is_told(
    opened: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(cases: Iterator[tuple[Table, list[opinions.Facts]]], on: date) -> list[list[Told]]:  # noqa: ARG001
        return [[("A", (1,)) for _ in households] for _, households in cases]

    monkeypatch.setattr(opinions, "answered", other)
    checked = selfcheck(sampled(opened, 10, seed=1), partial(load, "residential"), on=DAY)
    assert checked.differing["durable-rules"]
    assert checked.apart[0].by == "durable-rules"
    assert "durable-rules A (1)" in checked.apart[0].what[0]


def test_what_is_not_installed_is_not_asked_and_told(portfolio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opinions, "find_spec", lambda name: None if name == "durable" else name)
    told = run(str(portfolio), "--sample", "5")
    assert "not asked; pip install 'dunning[selfcheck]'" in told
    assert told.count("all agree") == 2
