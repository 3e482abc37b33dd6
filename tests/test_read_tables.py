"""Tables: rows and grids to typed rows, what they answer, and the order they can be evaluated in."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from dunning.model.anchor import Duration
from dunning.model.condition import ALWAYS, All, Check, Contains
from dunning.model.rulebook import Table
from rule_files import book, codes, findings

TODAY = date(2026, 11, 22)


def table(text: str) -> Table:
    rules = book("tables:\n  t:\n" + "".join(f"    {line}\n" for line in text.strip().split("\n")))
    return rules.tables["t"]


def answers(found: Table, on: date = TODAY) -> list[object]:
    return [row.then.on(on) for row in found.rows]


# --- outputs and answers -----------------------------------------------------------------------------------------


def test_words_may_have_titles_and_keep_their_order() -> None:
    found = table("output: {S: 大额高危, A: 重点}\nrows: [{else: S}]")

    assert {word: title.zh for word, title in found.output.words.items()} == {"S": "大额高危", "A": "重点"}
    assert list(found.output.words) == ["S", "A"]


def test_answers_are_typed_by_the_output() -> None:
    assert answers(table("output: integer\nrows: [{else: 30}]")) == [30]
    assert answers(table("output: percent\nrows: [{else: 15%}]")) == [Fraction(15, 100)]
    assert answers(table("output: money\nrows: [{else: 1.5万元}]")) == [1_500_000]
    assert answers(table("output: duration\nrows: [{else: 10wd}]")) == [Duration(10, "wd")]
    assert answers(table("output: role\nrows: [{else: 法务}]")) == ["legal"]
    assert answers(table("output: boolean\nrows: [{else: 是}]")) == [True]


def test_a_word_may_be_answered_by_its_title_and_none_always() -> None:
    found = table("output: {S: 大额高危}\nrows: [{when: {arrears: 超过1万元}, then: 大额高危}, {else: none}]")

    assert answers(found) == ["S", "none"]


def test_a_few_words_may_stand_beside_a_type() -> None:
    found = table(
        "output: {type: percent, or: [individual]}\nrows: [{when: {arrears: 0元}, then: 0%}, {else: individual}]"
    )

    assert answers(found) == [Fraction(0), "individual"]


def test_an_answer_may_change_by_date() -> None:
    found = table("output: percent\nrows: [{else: {2021-01-01: 15%, 2026-01-01: 20%}}]")

    assert answers(found, date(2020, 12, 31)) == [None]
    assert answers(found, date(2025, 12, 31)) == [Fraction(15, 100)]
    assert answers(found) == [Fraction(20, 100)]


def test_an_answer_outside_the_output_is_found_with_the_nearest() -> None:
    (found,) = findings("tables: {t: {output: [friendly, legal], rows: [{else: freindly}]}}\n")

    assert (found.code, found.fix) == ("R214", "friendly")


def test_money_percent_and_integer_answers_are_checked() -> None:
    assert codes("tables: {t: {output: integer, rows: [{else: 三十多}]}}\n") != []
    assert codes("tables: {t: {output: percent, rows: [{else: 150元}]}}\n") != []


# --- rows --------------------------------------------------------------------------------------------------------


def test_rows_have_numbers_from_one_titles_and_ids() -> None:
    found = table(
        "output: [A, B]\nrows:\n  - {id: big, title: 大额, when: {arrears: 超过1万元}, then: A}\n  - {else: B}"
    )

    assert [(row.number, row.id, row.title, row.otherwise) for row in found.rows] == [
        (1, "big", "大额", False),
        (2, "", "", True),
    ]


def test_head_of_a_table_is_read() -> None:
    found = table(
        "title: 分级\nof: charge\nhit: first\nsource: 制度 2.3\ncovers: [C.2, N.1]\noutput: [A]\nrows: [{else: A}]"
    )

    assert (found.title.zh, found.of, found.hit, found.source, found.covers) == (
        "分级",
        "charge",
        "first",
        "制度 2.3",
        ("C.2", "N.1"),
    )


def test_unique_is_the_hit_policy_if_none_is_written() -> None:
    assert table("output: [A]\nrows: [{else: A}]").hit == "unique"


# --- grids -------------------------------------------------------------------------------------------------------

GRID = """
title: 分级催收
output: {S: 大额高危, A: 重点, B: 常规, C: 绿色通道, none: 不分级}
hit: first
grid: |
  标签   | 欠费金额      | overdue_periods | => 分级 | 说明            | 编号
  含 vip |               |                 | C       | VIP             | vip
         | 超过1万元     | 超过3期         | S       | 大额高危        |
         | 5000元至1万元 |                 | 重点    | 两端都含        |
         |               |                 | none    |
"""


def test_a_grid_reads_as_its_rows_would() -> None:
    found = table(GRID)

    assert answers(found) == ["C", "S", "A", "none"]
    assert [row.title for row in found.rows] == ["VIP", "大额高危", "两端都含", ""]
    assert found.rows[0].id == "vip"
    assert isinstance(found.rows[0].when, Check)
    assert found.rows[0].when.test == Contains(("vip",))
    assert isinstance(found.rows[1].when, All)
    assert found.rows[3].when == ALWAYS


def test_every_cell_of_a_grid_has_its_place() -> None:
    found = table(GRID)
    both = found.rows[1].when

    assert isinstance(both, All)
    places = [(part.at.line, part.at.column) for part in both.parts if isinstance(part, Check) and part.at]
    assert places == [(11, 16), (11, 28)]
    assert found.rows[1].at is not None
    assert (found.rows[1].at.line, found.rows[1].at.column) == (11, 7)


def test_a_misspelt_head_and_a_wrong_cell_are_both_found_at_their_place() -> None:
    found = findings("""
        tables:
          t:
            output: [A, B]
            grid: |
              欠费金额  | 逾期天 | => 级
              1000O元   | 3天    | A
                        |        | B
        """)

    assert {(each.code, each.at.line, each.at.column) for each in found if hasattr(each.at, "line")} == {
        ("N201", 8, 15),
        ("T203", 9, 7),
    }


@pytest.mark.parametrize(
    ("word", "fix"),
    [
        ("欠费天数", "逾期天数"),
        ("滞纳金", "违约金"),
        ("欠款", "欠费金额"),
        ("penalty", "late_fee"),
        ("overdue_day", "overdue_days"),
    ],
)
def test_a_common_wrong_name_of_a_fact_proposes_the_one_that_is_meant(word: str, fix: str) -> None:
    (found,) = findings(f"tables: {{t: {{output: [A], rows: [{{when: {{{word}: 任意}}, then: A}}]}}}}")
    assert (found.code, found.fix) == ("N201", fix)


def test_the_rest_may_be_said_in_a_grid() -> None:
    found = table("output: [A, B]\ngrid: |\n  欠费金额  | => 级\n  超过1万元 | A\n  否则      | B")

    assert found.rows[1].otherwise


# --- order -------------------------------------------------------------------------------------------------------


def test_tables_stand_after_those_they_read_and_otherwise_as_written() -> None:
    rules = book("""
        tables:
          band: {output: [low, high], rows: [{when: {points: 不满10}, then: low}, {else: high}]}
          other: {output: [A], rows: [{else: A}]}
          points: {output: integer, hit: sum, rows: [{when: {refused: 是}, then: 10}]}
        """)

    assert list(rules.tables) == ["other", "points", "band"]


def test_worst_of_a_charge_table_is_a_fact_of_the_household() -> None:
    rules = book("""
        tables:
          grade: {output: [A, B], rows: [{when: {worst(provision): 30%以上}, then: A}, {else: B}]}
          provision: {of: charge, output: percent, rows: [{when: {charge_age: 不满3个月}, then: 0%}, {else: 30%}]}
        """)

    assert list(rules.tables) == ["provision", "grade"]
    when = rules.tables["grade"].rows[0].when
    assert isinstance(when, Check)
    assert when.fact == "worst(provision)"


def test_charge_tables_read_facts_of_the_charge_and_of_the_household() -> None:
    found = table(
        "of: charge\noutput: [A, B]\nrows: [{when: {charge_age: 满3个月, use: residential}, then: A}, {else: B}]"
    )

    assert found.of == "charge"


def test_a_circle_of_three_is_told_with_its_path() -> None:
    (found,) = findings("""
        tables:
          a: {output: [x], rows: [{when: {b: x}, then: x}]}
          b: {output: [x], rows: [{when: {c: x}, then: x}]}
          c: {output: [x], rows: [{when: {a: x}, then: x}]}
        """)

    assert found.code == "R220"
    path = found.args["path"].split(" → ")
    assert path[0] == path[-1]
    assert set(path) == {"a", "b", "c"}


def test_a_thousand_tables_in_a_row_are_put_in_order() -> None:
    chain = "".join(f"  t{n}: {{output: [x], rows: [{{when: {{t{n + 1}: x}}, then: x}}]}}\n" for n in range(1000))
    rules = book("tables:\n" + chain + "  t1000: {output: [x], rows: [{else: x}]}\n")

    assert next(iter(rules.tables)) == "t1000"
