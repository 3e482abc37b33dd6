"""What `check` tells of tables: where, with which household, in whose words, and what to write."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dunning.basis.finding import Finding
from dunning.check import coverage as module
from dunning.check.coverage import coverage, editions, trial_day
from dunning.check.run import check
from dunning.lang.folder import load
from dunning.model.boxes import Space
from dunning.model.rulebook import RuleBook
from rule_files import base_book, book, write


def told(text: str, base: RuleBook | None = None) -> list[Finding]:
    return list(coverage(book(text, base)))


def codes(text: str, base: RuleBook | None = None) -> list[str]:
    return [found.code for found in told(text, base)]


def table(*rows: str, head: str = "hit: first", output: str = "[A, B]", name: str = "t") -> str:
    lines = "".join(f"\n      - {row}" for row in rows)
    return f"tables:\n  {name}:\n    title: 表\n    output: {output}\n    {head}\n    rows:{lines}\n"


GAP = table(
    "{when: {arrears: 超过5000元}, then: A, title: 大额}", "{when: {overdue_days: 超过30天}, then: B, title: 久欠}"
)


def test_the_tables_of_the_source_documents_leave_out_what_the_packs_fill_in() -> None:
    """C.2 and D.9 (N.9) as they were written down: over 10,000 yuan but up to 3 periods; under 3 months; 6 months."""
    grades = table(
        "{when: {arrears: 超过1万元, overdue_periods: 超过3期}, then: S}",
        "{when: {any: [{arrears: 5000元至1万元}, {consecutive_overdue_periods: 2期以上}]}, then: A}",
        "{when: {arrears: 不满5000元, first_arrears: 是}, then: B}",
        output="[S, A, B]",
    )
    (gap, *_) = told(grades)
    assert gap.code == "C301"
    assert "欠费金额超过1万元, 且欠费期数不超过3期, 且连续欠费期数不满2期" in gap.args["region"].zh

    provision = table(
        "{when: {charge_age: 3个月至6个月}, then: 15%}",
        "{when: {charge_age: 6个月至12个月}, then: 30%}",
        "{when: {charge_age: 12个月至24个月}, then: 50%}",
        "{when: {charge_age: 24个月以上}, then: 80%}",
        head="of: charge",
        output="percent",
    )
    gap, *overlaps = told(provision)
    assert gap.args["region"].zh == "账龄不满3个月"
    assert {each.code for each in overlaps} == {"C302"}
    assert [each.args["sample"].zh.split(" (")[0] for each in overlaps] == ["账龄 6个月", "账龄 12个月", "账龄 24个月"]


def test_the_shipped_packs_leave_nothing_out() -> None:
    for name in ("common", "residential", "commercial", "parking", "handover"):
        assert list(coverage(load(name))) == []


def test_a_gap_is_told_with_a_household_that_was_run() -> None:
    (found,) = told(GAP)

    assert found.code == "C301"
    assert found.args["region"].zh == "欠费金额不超过5000元, 且逾期天数不超过30天"
    assert found.args["region"].en == "arrears at most 5,000 yuan and days overdue at most 30 days"
    assert found.args["sample"].zh == "欠费金额 0.00元, 逾期天数 0天 (2026-06-30 试算: 一行也不中)"
    assert found.args["sample"].en == "arrears 0.00 yuan, days overdue 0 days (run on 2026-06-30: no row is true)"
    assert "加一行  - {when: {arrears: 不超过5000元, overdue_days: 不超过30天}, then: B}" in found.help("zh")
    assert found.help("zh").endswith("末行加  - {else: none}")


def test_rows_to_copy_are_in_the_language_of_the_files_keys(tmp_path: Path) -> None:
    head = "规则书: a\n表:\n  t:\n    输出: [A, B]\n    命中: first\n    行:\n"
    write(tmp_path, {"a.yaml": head + "      - {条件: {欠费金额: 超过1元}, 结果: A}\n"})

    (found,) = check(tmp_path / "a.yaml")

    assert "- {条件: {arrears: 不超过1元}, 结果: A}" in found.help("zh")
    assert "- {否则: none}" in found.help("zh")


def test_several_gaps_are_told_at_once() -> None:
    days = [f"{{when: {{overdue_days: {low}天至{low + 4}天, use: office}}, then: A}}" for low in (0, 10)]
    (found,) = told(table(*days))

    assert found.args["region"].zh.split("\n") == [
        "逾期天数超过4天不满10天, 或逾期天数超过14天",
        "用途不是 写字楼",
    ]


def test_no_household_owes_for_periods_without_owing_money() -> None:
    """The row for arrears leaves no gap, for nobody owes three periods and no money."""
    assert codes(table("{when: {arrears: 超过0元}, then: A}", "{when: {overdue_periods: 0期}, then: B}")) == []


def test_what_the_book_says_is_impossible_is_left_out() -> None:
    rows = table("{when: {satisfaction: 60以上}, then: A}", "{when: {satisfaction: 不满60, vip: 是}, then: B}")
    facts = (
        "facts:\n  satisfaction: {type: integer, title: 满意度, from: attributes.satisfaction}\n"
        "  vip: {type: boolean, title: 贵宾, from: attributes.vip}\n"
    )
    assert codes(rows + facts) == ["C301"]
    assert codes(rows + facts + "impossible: [{satisfaction: 不满60, vip: 否}]\n") == []


def test_tables_that_read_tables_are_seen_through() -> None:
    tables = table("{when: {arrears: 超过5000元}, then: A}", "{else: B}") + (
        "  u:\n    title: 另一张\n    output: [x, y]\n    hit: first\n    rows:\n"
        "      - {when: {t: A, arrears: 不超过5000元}, then: x}\n"
        "      - {when: {t: none}, then: x}\n"
        "      - {when: {t: [A, B]}, then: y}\n"
    )
    found = told(tables)

    assert [(each.code, each.args["row"].zh) for each in found] == [("C303", "第1行"), ("C303", "第2行")]
    assert found[1].why("zh") == "“表”从不给出这个结果"


def test_a_scorecard_is_seen_through_to_its_totals() -> None:
    points = table(
        "{when: {late_payments_12m: 3次以上}, then: 30}",
        "{when: {open_disputes: 1件以上}, then: 20}",
        head="hit: sum",
        output="integer",
    )
    band = (
        "  band:\n    title: 档\n    output: [low, high]\n    rows:\n"
        "      - {when: {t: 不满30}, then: low}\n"
        "      - {when: {t: 31至49}, then: high}\n"
        "      - {when: {t: 50以上}, then: high}\n"
    )
    found = told(points + band)

    assert [each.code for each in found] == ["C301", "C303"]
    assert found[0].args["sample"].zh == "表 30 (2026-06-30 试算: 一行也不中)"


def test_charge_tables_are_tried_on_a_charge() -> None:
    rows = table("{when: {charge_age: 满3个月, charge_unpaid: 超过1000元}, then: A}", head="of: charge")
    (found,) = told(rows + "items: {chased: [property_fee]}\n")

    assert found.code == "C301"
    assert "试算: 一行也不中" in found.args["sample"].zh


def test_what_cannot_be_drawn_up_is_said_to_be_facts_only() -> None:
    """No draft brings about a table of one charge and what the worst of all charges is."""
    tables = table("{when: {charge_age: 满3个月}, then: A}", "{else: B}", head="of: charge") + (
        "  u:\n    title: 户\n    output: [x, y]\n    rows:\n"
        "      - {when: {worst(t): A, open_disputes: 0件}, then: x}\n"
        "      - {when: {worst(t): B}, then: x}\n"
        "      - {when: {worst(t): A, open_disputes: 1件以上, tags: vip}, then: y}\n"
    )
    (found,) = told(tables)

    assert found.code == "C301"
    assert "没有造出有这些事实的户, 只按事实推算" in found.args["sample"].zh
    assert "no household with these facts was found: facts only" in found.args["sample"].en


def test_overlaps_are_told_at_the_later_row_with_all_the_others() -> None:
    (found,) = told(
        table(
            "{when: {overdue_days: 10天以内}, then: A}",
            "{when: {overdue_days: 11天至20天}, then: A}",
            "{when: {overdue_days: 5天以上}, then: B}",
            head="hit: unique",
        )
    )

    assert (found.code, found.args["others"].zh, found.args["row"].zh) == ("C302", "第1行、第2行", "第3行")
    assert [place.line for place, _ in found.related] == [found.at.line - 2, found.at.line - 1]  # type: ignore[union-attr]
    assert found.args["sample"].zh.endswith("试算: 几行都中, 定不下来)")
    assert found.help("zh").startswith("第3行改成  when: {overdue_days: 超过20天}\n或者")


def test_rows_that_agree_may_overlap_where_any_will_do() -> None:
    rows = ("{when: {overdue_days: 超过10天}, then: A}", "{when: {arrears: 超过10元}, then: A}", "{else: B}")

    assert codes(table(*rows, head="hit: any")) == []
    assert codes(table(rows[0], rows[1].replace("A}", "B}"), rows[2], head="hit: any")) == ["C302"]


def test_a_hidden_row_names_the_fewest_that_hide_it() -> None:
    found = told(
        table(
            "{when: {use: residential}, then: A, title: 无关}",
            "{when: {arrears: 超过5000元}, then: A, title: 大额}",
            "{when: {arrears: 不超过5000元}, then: A, title: 小额}",
            "{when: {overdue_days: 超过90天}, then: B, title: 久欠}",
        )
    )

    hidden = next(each for each in found if each.code == "C304")
    assert hidden.args["others"].zh == "第2行“大额”、第3行“小额”"
    assert hidden.help("zh") == "把第4行“久欠”移到第2行“大额”前面, 或者删去"


def test_of_two_rows_alike_only_the_later_one_is_told() -> None:
    row = "{when: {arrears: 超过5000元}, then: A}"
    (found,) = told(table(row, row, "{else: B}"))

    assert (found.code, found.args["row"].zh) == ("C304", "第2行")
    assert found.help("zh") == "结果也相同, 删去这一行"


def test_rows_that_can_go_together_are_told_together() -> None:
    found = told(
        table(
            "{when: {arrears: 超过5000元}, then: A}",
            "{when: {arrears: 超过2000元}, then: A}",
            "{when: {arrears: 超过0元}, then: A}",
            "{else: B}",
        )
    )

    assert [(each.code, each.args["row"].zh) for each in found] == [("C305", "第1行"), ("C305", "第2行")]


def test_a_column_whose_rows_are_told_already_is_not_told_again() -> None:
    rows = table("{when: {arrears: 超过0元}, then: A}", "{when: {arrears: 超过0元, tags: vip}, then: B}", "{else: B}")

    assert codes(rows) == ["C304"]


def test_order_matters_silently_only_without_a_title() -> None:
    rows = ["{when: {hardship: 是}, then: A}", "{when: {overdue_days: 超过180天}, then: B}", "{else: B}"]
    (found, *_) = told(table(rows[0], rows[1], "{when: {tags: vip}, then: A}", "{else: B}"))

    assert (found.code, found.severity) == ("C307", "note")
    assert "C307" not in codes(table(rows[0].replace("then: A", "then: A, title: 先谈分期"), *rows[1:]))
    inside = "{when: {hardship: 是, overdue_days: 超过180天}, then: A}"  # an exception before its rule
    assert "C307" not in codes(table(inside, *rows[1:]))


def test_a_table_is_told_in_the_book_that_writes_it() -> None:
    base = base_book(GAP)

    assert [found.code for found in coverage(base)] == ["C301"]
    assert codes("based_on: base\n", base) == []
    changed = "based_on: base\n" + table("{when: {use: office}, then: A}", "{else: B}", name="u")
    assert codes(changed, base) == []


def test_a_bases_table_is_told_anew_where_a_table_it_reads_is_replaced() -> None:
    reads = "  u:\n    output: [x]\n    rows:\n      - {when: {t: A}, then: x}\n      - {when: {t: B}, then: x}\n"
    base = base_book(table("{when: {arrears: 超过5000元}, then: A}", "{else: B}") + reads)
    own = table("{when: {arrears: 超过5000元}, then: A}", "{else: C}", output="[A, B, C]")

    assert "C301" not in [found.code for found in coverage(base)]
    assert "C301" in codes("based_on: base\n" + own, base)


def test_answers_that_change_are_looked_at_on_each_of_their_days() -> None:
    dated = table("{when: {arrears: 超过5000元}, then: {2021-01-01: A, 2027-01-01: B}}", "{else: B}") + (
        "  u:\n    title: 另一张\n    output: [x, y]\n    hit: first\n    rows:\n"
        "      - {when: {t: A}, then: x}\n      - {else: y}\n"
    )
    only_a = dated.replace("      - {else: y}\n", "      - {when: {t: B}, then: y}\n").replace(
        "- {else: B}", "- {else: A}"
    )
    since = "in_force: {since: 2021-01-01}\n"
    both = book(since + dated)

    assert editions(both, both.tables["u"]) == [date(2026, 6, 30), date(2027, 1, 1)]
    assert codes(since + dated) == []  # from 2027 on nobody is A, but until then some are
    assert codes(since + only_a) == []


@pytest.mark.parametrize(
    ("in_force", "day"),
    [
        ("", "2026-06-30"),
        ("{since: 2027-01-01}", "2027-01-01"),
        ("{since: 2020-01-01, until: 2020-12-31}", "2020-12-31"),
    ],
)
def test_examples_are_run_while_the_book_is_in_force(in_force: str, day: str) -> None:
    assert str(trial_day(book(f"in_force: {in_force}\n" if in_force else ""))) == day


def test_a_table_that_cannot_be_searched_through_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    chart = module.Chart
    monkeypatch.setattr(module, "Chart", lambda *subjects, on: chart(*subjects, on=on, space=Space(patience=3)))

    assert codes(GAP) == ["C309"]


def test_a_scorecard_of_too_many_totals_is_given_up() -> None:
    rows = [f"{{when: {{f{n}: 1以上}}, then: {2**n}}}" for n in range(13)]
    facts = "facts:\n" + "".join(
        f"  f{n}: {{type: integer, title: 事实{n}, from: attributes.f{n}}}\n" for n in range(13)
    )
    band = (
        "  u:\n    output: [x]\n    hit: first\n    rows:\n      - {when: {t: 1以上}, then: x}\n      - {else: none}\n"
    )

    assert codes(table(*rows, head="hit: sum", output="integer") + band + facts) == ["C309"]


def test_the_worst_of_a_scorecard_may_be_any_of_its_totals() -> None:
    points = table(
        "{when: {charge_age: 满3个月}, then: 30}",
        "{when: {charge_unpaid: 超过1000元}, then: 20}",
        head="of: charge\n    hit: sum",
        output="integer",
    )
    band = (
        "  u:\n    output: [low, high]\n    hit: first\n    rows:\n"
        "      - {when: {worst(t): 50以上}, then: high}\n      - {else: low}\n"
    )
    assert codes(points + band) == []
