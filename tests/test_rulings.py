"""What a case may expect of the guard, and how a difference reads."""

from __future__ import annotations

from pathlib import Path

from dunning.check.cases import CaseReport, run_cases
from rule_files import write

HEAD = "rulebook: residential\ncases:\n  - case: 一户\n    date: 2026-11-22\n"


def run(folder: Path, text: str) -> CaseReport:
    return run_cases([write(folder, {"cases.yaml": HEAD + text}) / "cases.yaml"])


def test_a_verdict_is_expected_with_some_of_its_articles(tmp_path: Path) -> None:
    expect = "    expect: {may: {cut_water: {is: prohibited, articles: [CC-944.3]}, visit: conditional, thank: 可以}}\n"

    assert run(tmp_path, "    place: CN-3301\n" + expect).passed


def test_refused_is_prohibited_by_the_letter_or_by_analogy(tmp_path: Path) -> None:
    assert run(tmp_path, "    expect: {refused: {cut_water: CC-944.3, restrict_lift: [CC-271, CC-944.3]}}\n").passed


def test_a_difference_says_what_was_answered_and_why(tmp_path: Path) -> None:
    report = run(tmp_path, "    expect: {may: {cut_water: allowed}, refused: {visit: CC-1033, cut_gas: CC-271}}\n")

    told = [(each.what.zh, each.expected, each.got.zh) for result in report.results for each in result.differences]
    assert told == [
        ("停水", "allowed", "prohibited CC-944.3"),
        ("上门走访", "prohibited CC-1033", "conditional CC-1032 CC-1033 PIPL-13"),
        ("停气", "prohibited CC-271", "prohibited CC-944.3"),
    ]
    assert "民法典第九百四十四条第三款" in report.results[0].differences[0].because.zh


def test_an_account_is_asked_about_only_where_one_is_described(tmp_path: Path) -> None:
    expect = "    expect: {may: {apply_enforcement: conditional, charge_late_fee: %s}}\n"
    owed = "    account: {use: residential, contract: {late_fee_clause: true, clause_shown: true}}\n"

    assert run(tmp_path, expect % "conditional").passed
    assert run(tmp_path, owed + expect % "allowed").passed


def test_names_and_places_that_are_none_are_findings(tmp_path: Path) -> None:
    report = run(tmp_path, "    place: 杭州\n    expect: {may: {cut_watr: prohibited, cut_water: verboten}}\n")

    assert sorted(finding.code for finding in report.findings) == ["L103", "M103", "R104"]
    assert not report.passed
