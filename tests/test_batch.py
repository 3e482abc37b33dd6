"""A portfolio from file to files: one bad row costs nobody else, and the number of workers changes no byte."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any, get_args

import openpyxl
import pytest

import dunning
from dunning import UsageError
from dunning.intake.files.tables import open_portfolio
from dunning.output.record.batch import CHUNK, Job, assess_portfolio
from dunning.output.record.leftovers import RESULTS, leftovers
from dunning.output.report import Summary
from dunning.output.sheets import Format, format_named
from test_assess import HOME

ON = date(2026, 11, 22)


def write(path: Path, accounts: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(account) + "\n" for account in accounts), encoding="utf-8")
    return path


def run(source: Path, out: Path, *, shape: Format = "jsonl", jobs: int = 1, rules: str | None = None) -> Summary:
    with open_portfolio(source) as portfolio:
        return assess_portfolio(portfolio, Job(rules, ON, "zh", shape), out, jobs=jobs)


def homes(number: int) -> list[dict[str, Any]]:
    return [{**HOME, "id": f"H{n}", "debtor": {"id": f"O{n % 50}", "kind": "person"}} for n in range(number)]


def test_one_bad_row_costs_nobody_else(tmp_path: Path) -> None:
    bad = {**HOME, "id": "BAD", "charges": [{"id": "Q1", "amount": "1.00", "due": "2026-02-30"}]}
    alone = run(write(tmp_path / "good.jsonl", homes(3)), tmp_path / "good")
    mixed = run(write(tmp_path / "mixed.jsonl", [*homes(2), bad, homes(3)[2]]), tmp_path / "mixed")
    assert (tmp_path / "good/assessments.jsonl").read_bytes() == (tmp_path / "mixed/assessments.jsonl").read_bytes()
    assert (alone.households, mixed.households, mixed.statuses["rejected"]) == (3, 4, 1)
    (rejected,) = map(json.loads, (tmp_path / "mixed/rejected.jsonl").read_text(encoding="utf-8").splitlines())
    assert (rejected["account"], rejected["status"], rejected["findings"][0]["code"]) == ("BAD", "rejected", "A120")
    assert rejected["where"].endswith("mixed.jsonl:3")


def test_workers_change_no_byte(tmp_path: Path) -> None:
    source = write(tmp_path / "many.jsonl", homes(CHUNK * 2 + 7))
    one, two = run(source, tmp_path / "one"), run(source, tmp_path / "two", jobs=2)
    assert one.to_dict() == two.to_dict()
    for name in ("assessments.jsonl", "rejected.jsonl", "summary.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_what_the_reader_doubts_is_with_the_answer(tmp_path: Path) -> None:
    stray = {**HOME, "payments": [{"id": "P1", "on": "2026-03-01", "amount": "800.00", "for": ["2099Q1"]}]}
    run(write(tmp_path / "p.jsonl", [stray]), tmp_path / "out")
    told = json.loads((tmp_path / "out/assessments.jsonl").read_text(encoding="utf-8"))
    assert "A301" in {finding["code"] for finding in told["findings"]}


def test_sheets_have_a_row_an_account_and_a_row_a_charge(tmp_path: Path) -> None:
    source = write(tmp_path / "p.jsonl", [*homes(2), {**HOME, "id": "S-1", "use": "commercial"}])
    run(source, tmp_path / "csv", shape="csv")
    with (tmp_path / "csv/assessments.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["户号"] for row in rows] == ["H0", "H1", "S-1"]
    assert (rows[0]["合计"], rows[0]["分级催收"], rows[0]["三级预警"]) == ("775.00", "B 常规", "")
    assert (rows[2]["规则书"], rows[2]["三级预警"], rows[2]["分级催收"]) == ("commercial", "red 三级", "")
    with (tmp_path / "csv/charges.csv").open(encoding="utf-8-sig", newline="") as file:
        charges = list(csv.DictReader(file))
    assert [(row["未缴本金"], row["违约金"], row["封顶"]) for row in charges] == [("700.00", "75.00", "是")] * 3
    run(source, tmp_path / "xlsx", shape="xlsx")
    book = openpyxl.load_workbook(tmp_path / "xlsx/assessments.xlsx")
    assert book.sheetnames == ["户", "账单", "今日待办"]
    heads, first, *_ = book["户"].iter_rows(values_only=True)
    assert dict(zip(heads, first, strict=True))["合计"] == 775


def test_the_worklist_says_who_what_how_when_and_why(tmp_path: Path) -> None:
    fresh = {**HOME, "data_as_of": "2026-11-23T08:00:00+08:00"}
    with open_portfolio(write(tmp_path / "p.jsonl", [fresh])) as portfolio:
        summary = assess_portfolio(portfolio, Job(None, date(2026, 11, 23), "zh", "jsonl"), tmp_path / "out")
    with (tmp_path / "out/worklist.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = list(csv.DictReader(file))
    (action,) = json.loads((tmp_path / "out/assessments.jsonl").read_text(encoding="utf-8"))["actions"]
    assert (row["户号"], row["键"], row["对象"]) == (HOME["id"], action["key"], "O-77")
    assert (row["不早于"], row["不晚于"]) == ("2026-11-23 10:00", "2026-11-23 12:00")
    assert (row["应缴本金"], row["违约金"], row["合计"]) == ("700.00", "75.00", "775.00")
    assert "2026Q1" in row["说明"]
    assert summary.to_dict()["actions"] == {f"residential.{action['step']}": 1}
    assert sum(summary.withheld.values()) > 10


def test_a_text_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    run(write(tmp_path / "p.jsonl", [{**HOME, "id": "=1+1"}]), tmp_path / "out", shape="xlsx")
    cell = openpyxl.load_workbook(tmp_path / "out/assessments.xlsx")["户"].cell(row=2, column=2)
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_wrong_rules_leave_nothing_behind(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("rulebook: bad\nlate_fee: {rate: soon}\n", encoding="utf-8")
    with pytest.raises(dunning.RulesError):
        run(write(tmp_path / "p.jsonl", homes(1)), tmp_path / "out", rules=str(bad))
    assert not (tmp_path / "out").exists()


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_what_an_older_run_left_goes_and_nothing_else_does(tmp_path: Path) -> None:
    source, out = write(tmp_path / "p.jsonl", homes(2)), tmp_path / "out"
    run(source, out, shape="csv")
    assert names(out) == {"assessments.csv", "charges.csv", "worklist.csv", "rejected.jsonl", "summary.json"}
    for name in ("receipts.jsonl", "notes.csv", "deliveries.jsonl", "charges.csv.part"):
        (out / name).write_text("", encoding="utf-8")

    old = leftovers(out, Job(None, ON, "zh", "xlsx").writes)
    run(source, out, shape="xlsx")

    assert names(out) == {"assessments.xlsx", "rejected.jsonl", "summary.json", "receipts.jsonl", "notes.csv"}
    told = old.told()
    assert told is not None
    assert told.en == (
        "removed, of the run before (2026-11-22): assessments.csv, charges.csv, deliveries.jsonl, worklist.csv"
    )


def test_what_no_run_wrote_is_not_touched(tmp_path: Path) -> None:
    source, out = write(tmp_path / "p.jsonl", homes(1)), tmp_path / "out"
    out.mkdir()
    (out / "worklist.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"worklist\.csv"):
        run(source, out, shape="xlsx")
    (out / "summary.json").write_text('{"on": "2026-11-22"}', encoding="utf-8")  # somebody else's
    with pytest.raises(UsageError, match=r"worklist\.csv"):
        run(source, out, shape="xlsx")

    assert (out / "worklist.csv").read_text(encoding="utf-8") == "mine"
    assert not list(out.glob("assessments*"))


def test_a_run_that_fails_leaves_the_older_results(tmp_path: Path) -> None:
    source, out = write(tmp_path / "p.jsonl", homes(1)), tmp_path / "out"
    run(source, out, shape="csv")
    with pytest.raises(OSError, match="full"), open_portfolio(source) as portfolio:
        assess_portfolio(portfolio, Job(None, ON, "zh", "jsonl"), out, tick=full)

    assert "worklist.csv" in names(out)


def full(_: int) -> None:
    raise OSError("full")


@pytest.mark.parametrize("shape", get_args(Format))
def test_the_files_of_a_run_are_known_before_it(shape: Format, tmp_path: Path) -> None:
    run(write(tmp_path / "p.jsonl", homes(1)), tmp_path / "out", shape=shape)

    assert names(tmp_path / "out") == {*Job(None, ON, "zh", shape).writes, "summary.json"}
    assert Job(None, ON, "zh", shape).writes <= RESULTS


def test_an_unknown_format_lists_what_there_is() -> None:
    with pytest.raises(dunning.UsageError, match=r"jsonl \| csv \| xlsx"):
        format_named("ods")
