"""What cases notice: on a small book with one table and one step, where every threshold can be counted by hand."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from dunning.check.cases import run_cases
from dunning.check.noticed import count, reached, unnoticed
from dunning.output.junit import junit_xml
from rule_files import write

BOOK = """
rulebook: home
title: 住宅
language: 1
version: "1"
applies: {use: residential}
law: cn
tables:
  grade:
    title: 分级
    output: {A: 重点, B: 常规}
    hit: first
    rows:
      - {when: {arrears: 超过5000元}, then: A, title: 大额}
      - {else: B, title: 其余}
reminders:
  - step: notice
    title: 通知
    at: due - 7d .. due - 5d
    of: charge
    action: send_notice
    channels: {first_of: [sms]}
"""

CASES = """
rulebook: home
accounts:
  户: {use: residential, charges: [{id: Q1, amount: 5000.01, due: 2026-01-15}]}
cases:
"""
BIG = "  - {case: 大额, date: 2026-03-01, like: 户, expect: {grades: {grade: A}}}\n"
JUST = """
  - case: 恰好
    date: 2026-03-01
    like: 户
    but: {charges: [{id: Q1, amount: 5000.00, due: 2026-01-15}]}
    expect: {grades: {grade: B}}
"""
DAYS = "".join(
    f"  - {{case: {day} 日, date: 2026-01-{day}, like: 户, expect: {{steps: {{notice: {said}}}}}}}\n"
    for day, said in (("07", "{no: not_yet}"), ("08", "now"), ("10", "now"), ("11", "{only: missed}"))
)


def files(folder: Path, *cases: str) -> list[Path]:
    write(folder, {"packs/home.yaml": BOOK, "cases/home.yaml": CASES + "".join(cases)})
    return [folder / "cases" / "home.yaml"]


def test_rows_and_steps_that_no_case_comes_to_are_told(tmp_path: Path) -> None:
    found = reached(files(tmp_path, BIG))

    assert (found.rows, found.of_rows, found.steps, found.of_steps) == (1, 2, 0, 1)
    assert [(finding.code, finding.at.line) for finding in found.missed] == [("M201", 15), ("M202", 17)]


def test_a_case_on_either_side_of_a_limit_notices_that_it_moves(tmp_path: Path) -> None:
    far = [finding.code for finding in unnoticed(files(tmp_path, BIG))]
    near = [finding.code for finding in unnoticed(files(tmp_path, BIG, JUST))]

    assert "M203" in far
    assert "M203" not in near


def test_cases_on_the_first_and_last_day_of_a_step_notice_that_its_days_move(tmp_path: Path) -> None:
    assert [finding.code for finding in unnoticed(files(tmp_path, BIG, JUST, DAYS))] == []
    assert [finding.code for finding in unnoticed(files(tmp_path, BIG, JUST))] == ["M204"]


def test_every_limit_is_tried_both_ways(tmp_path: Path) -> None:
    book = files(tmp_path, BIG, JUST, DAYS)
    tried = []

    assert list(unnoticed(book, tick=lambda: tried.append(1))) == []
    assert len(tried) == count(book) == 2 + 4  # an amount up and down; two ends of a window, later and earlier


@pytest.mark.parametrize(
    ("said", "told"),
    [("now", "期望 now, 得到 not_yet"), ("{only: missed}", "期望 only missed, 得到 not_yet")],
)
def test_a_step_that_stands_otherwise_is_told_with_its_codes(tmp_path: Path, said: str, told: str) -> None:
    case = f"  - {{case: 早, date: 2026-01-02, like: 户, expect: {{steps: {{notice: {said}}}}}}}\n"
    (result,) = run_cases(files(tmp_path, case)).results

    assert told in result.differences[0].told("zh")


def test_junit_has_a_failure_for_each_case_that_fails(tmp_path: Path) -> None:
    wrong = "  - {case: 错, date: 2026-03-01, like: 户, expect: {grades: {grade: B}}}\n"
    root = Xml.fromstring(junit_xml(run_cases(files(tmp_path, BIG, wrong))))

    (suite,) = root
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert "期望 B, 得到 A" in root.find("testsuite/testcase/failure").get("message")
