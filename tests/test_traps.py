"""YAML's own traps (style/screens.md), each once in a good book: told where it stands, with a line to copy.

What YAML would read as something else, or as nothing, is either told or read as it was meant; never silently wrong.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

import dunning
from dunning import Finding
from dunning.basis.finding import has_errors
from dunning.model.condition import Bound, Check, Range, checks

BOOK = """\
rulebook: traps
title: 样例
version: "1"
applies: {use: residential}
law: cn
late_fee:
  rate: {2021-01-01: 0.5‰ per day}
  items: [property_fee]
tables:
  grade:
    title: 分级
    output: {S: 高, A: 低, none: 无}
    hit: first
    source: 制度
    rows:
      - {when: {arrears: 超过1元}, then: S}
      - {else: A}
  handled:
    title: 经办
    output: [lead, staff]
    hit: first
    source: 制度第三条
    rows:
      - when:
          grade: S
          overdue_days: 超过90天
        then: lead
      - {else: staff}
"""


class Trap(NamedTuple):
    """A line as it should be, as somebody writes it, what tells of it, and the line to copy."""

    good: str
    bad: str
    code: str
    copy: str


USE = "applies: {use: residential}"
RATE = "  rate: {2021-01-01: 0.5‰ per day}"
DAYS = "          overdue_days: 超过90天"
SOURCE = "    source: 制度"
TITLE = "title: 样例"
ROW = "      - {when: {arrears: 超过1元}, then: S}"
LAW = "law: cn"

TRAPS = (
    Trap(USE, "applies: {use: in (commercial, office)}", "Y104", "applies: {use: [commercial, office]}"),
    Trap(USE, "applies: {use: not(parking, office)}", "Y104", "applies: {use: 非 parking、office}"),
    Trap(USE, "applies: {use: commercial, office}", "Y104", "applies: {use: [commercial, office]}"),
    Trap(RATE, "  rate: {2021-01-01:0.5‰ per day}", "Y105", RATE.strip()),
    Trap(TITLE, "title:分级", "Y105", "title: 分级"),
    Trap(SOURCE, "    source: 制度#2.3 #附件", "Y106", 'source: "制度#2.3 #附件"'),
    Trap(DAYS, "          overdue_days:\u00a0超过90天", "Y107", DAYS.strip()),
    Trap(LAW, "\u3000law: cn", "Y107", LAW.strip()),
    Trap(TITLE, "title: 制度 2.3: 催收", "Y111", 'title: "制度 2.3: 催收"'),
    Trap(TITLE, "title: [重要] 催告", "Y109", 'title: "[重要] 催告"'),
    Trap(TITLE, "title：x", "Y108", "title: x"),
    Trap(USE, "applies: ｛use: residential｝", "Y108", USE.strip()),
    Trap(ROW, "      - {when: {arrears: 超过1元}，then: S}", "Y108", ROW.strip()),
    Trap(DAYS, "          overdue_days: > 5", "Y101", "overdue_days: 超过5"),
    Trap(DAYS, "          overdue_days: != 5", "Y102", "overdue_days: 非 5"),
    Trap(SOURCE, "    source: %5", "Y102", 'source: "%5"'),
    Trap(SOURCE, "    source: `a`", "Y102", 'source: "`a`"'),
    Trap(DAYS, "          months_owed: [3mo..6mo)", "Y103", 'months_owed: "[3mo..6mo)"'),
    Trap(DAYS, "          overdue_days: -", "Y102", "overdue_days: 任意"),
    Trap(DAYS, "\toverdue_days: 超过90天", "Y114", DAYS.strip()),
    Trap(SOURCE, "   source: 制度", "Y115", SOURCE.strip()),
)  # fmt: skip


def checked(tmp_path: Path, text: str) -> list[Finding]:
    path = tmp_path / "traps.yaml"
    path.write_text(text, encoding="utf-8")
    return dunning.check(path)


def with_line(good: str, line: str) -> str:
    assert BOOK.count(f"{good}\n") == 1
    return BOOK.replace(f"{good}\n", f"{line}\n")


def test_the_book_is_good(tmp_path: Path) -> None:
    assert [found for found in checked(tmp_path, BOOK) if found.severity != "note"] == []


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.bad.strip())
def test_trap_is_told_and_its_line_mends_it(trap: Trap, tmp_path: Path) -> None:
    text = with_line(trap.good, trap.bad)
    there = [found for found in checked(tmp_path, text) if found.code == trap.code]
    line = text.split("\n").index(trap.bad) + 1

    assert [found.at.line for found in there] == [line]
    assert there[0].fix.strip() == trap.copy

    depth = trap.good[: len(trap.good) - len(trap.good.lstrip())]
    assert not has_errors(checked(tmp_path, with_line(trap.good, depth + trap.copy)))


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.code)
def test_kind_of_trap_has_its_screens(trap: Trap) -> None:
    assert (Path(__file__).parent / "findings" / trap.code / "expected.txt").is_file()


# What is read as it was meant


def only_check(tmp_path: Path, line: str, fact: str) -> Check:
    assert not has_errors(checked(tmp_path, with_line(DAYS, line)))
    table = dunning.load(tmp_path / "traps.yaml").tables["handled"]
    return next(one for row in table.rows for one in checks(row.when) if one.fact == fact)


def test_curly_quotes_are_quotes(tmp_path: Path) -> None:
    test = only_check(tmp_path, "          overdue_days: “> 5”", "overdue_days").test

    assert isinstance(test, Range)
    assert isinstance(test.low, Bound)
    assert (test.low.value, test.low.included, test.high) == (5, False, None)


def test_a_range_in_brackets_is_no_list_of_one(tmp_path: Path) -> None:
    test = only_check(tmp_path, "          overdue_days: [30d..90d]", "overdue_days").test

    assert isinstance(test, Range)
    assert (test.lowest, test.highest) == (30, 90)


def test_what_other_tools_take_for_a_number_is_text_here(tmp_path: Path) -> None:
    assert not has_errors(checked(tmp_path, with_line('version: "1"', "version: 2026.10")))

    assert dunning.load(tmp_path / "traps.yaml").version == "2026.10"
