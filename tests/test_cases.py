"""Cases reviewers write: what passes, what a failing one says, and what is wrong with a file of cases itself."""

from __future__ import annotations

from pathlib import Path

import pytest

import dunning
from dunning.basis.errors import UsageError
from dunning.check.cases import CaseReport, cases_of, run_cases
from dunning.lang.library import shipped

HEAD = """\
rulebook: residential
accounts:
  home:
    use: residential
    contract: {kind: committee, cycle: quarter, late_fee_clause: true}
    charges: [{id: Q1, amount: 1592.25, due: 2026-01-15}]
cases:
  - case: forty-five days
    date: 2026-03-01
    like: home
"""


def ran(tmp_path: Path, rest: str, *, head: str = HEAD) -> CaseReport:
    file = tmp_path / "cases.yaml"
    file.write_text(head + rest, encoding="utf-8")
    return run_cases([file])


def differences(report: CaseReport) -> list[tuple[str, str, str]]:
    return [(each.what.en, each.expected, each.got.en) for result in report.results for each in result.differences]


@pytest.mark.parametrize(
    "expect",
    [
        "late_fee: 35.83",
        "{late_fee: 35.83, principal: 1592.25, total: 1628.08, credit: 0, not_due: 0.00}",
        "facts: {overdue_days: 45天, arrears: 1000元以上不满2000元, use: residential, tags: 无}",
        "{facts: {逾期天数: 45天, 满意度: 任意}, grades: {分级催收: B}}",
        "grades: {account_grade: B, risk_points: 10, risk_kind: []}",
        "grades: {account_grade: {is: B, row: 首次欠费或不足5000元}}",
        "charges: {Q1: {late_fee: 35.83, principal: 1592.25, grades: {provision_rate: 0%}}}",
        "{status: assessed, findings: []}",
    ],
)
def test_what_is_so_passes(tmp_path: Path, expect: str) -> None:
    report = ran(tmp_path, f"    expect: {expect}\n" if "{" in expect[0] else f"    expect:\n      {expect}\n")
    assert report.findings == []
    assert report.passed
    assert differences(report) == []


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ("late_fee: 35.84", ("late fee", "35.84", "35.83")),
        ("facts: {overdue_days: 44天}", ("days overdue", "44天", "45 days")),
        ("grades: {account_grade: A}", ("account_grade", "A", "B 常规")),
        ("grades: {account_grade: {is: B, row: 大额高危}}", ("account_grade", "大额高危", "首次欠费或不足5000元")),
        ("charges: {Q1: {late_fee: 1.00}}", ("Q1 late fee", "1.00", "35.83")),
        ("status: rejected", ("status", "rejected", "assessed")),
        ("findings: [A301]", ("findings", "A301", "-")),
    ],
)
def test_what_is_not_so_says_expected_and_got(tmp_path: Path, expect: str, told: tuple[str, str, str]) -> None:
    report = ran(tmp_path, f"    expect:\n      {expect}\n")
    ((what, expected, got),) = differences(report)
    assert (expected, got) == told[1:]
    assert what in (told[0], "分级催收")
    assert not report.passed


IN_CHINESE = """\
规则书: residential
账户:
  标准住户:
    use: residential
    contract: {kind: committee, cycle: quarter, late_fee_clause: true}
    charges: [{id: Q1, amount: 1592.25, due: 2026-01-15}]
用例:
  - 例: 逾期45天
    日期: 2026-03-01
    照抄: 标准住户
    改成: {charges: [{id: Q1, amount: 1000.00, due: 2026-01-15}]}
    地点: CN
    期望:
      违约金: 22.50
      本金: 1000.00
      合计: 1022.50
      未到期本金: 0
      预存: 0
      争议金额: 0
      应由他人缴纳: 0
      状态: assessed
      数据问题: []
      事实: {逾期天数: 45天}
      分级: {分级催收: {是: B, 命中行: 首次欠费或不足5000元}}
      各笔账单: {Q1: {本金: 1000.00, 违约金: 22.50}}
      可否: {停水: {是: prohibited, 条文: [CC-944.3]}}
      不可做: {停电: CC-944.3}
  - 例: 没有照抄
    日期: 2026-03-01
    本户: {use: residential}
    期望: {合计: 0}
"""


def test_every_key_may_be_chinese(tmp_path: Path) -> None:
    report = ran(tmp_path, "", head=IN_CHINESE)
    assert report.findings == []
    assert differences(report) == []
    assert len(report.results) == 2


def test_a_mistyped_chinese_key_is_found_with_the_nearest(tmp_path: Path) -> None:
    (found,) = ran(tmp_path, "", head=IN_CHINESE.replace("争议金额:", "争议的金额:")).findings
    assert (found.code, found.fix) == ("R101", "争议金额")


def test_both_languages_of_keys_in_one_file_are_a_finding(tmp_path: Path) -> None:
    (found,) = ran(tmp_path, "", head=IN_CHINESE.replace("    期望: {合计", "    expect: {合计")).findings
    assert (found.code, found.fix) == ("R105", "期望")


def test_a_book_that_is_not_there_is_found_with_the_nearest(tmp_path: Path) -> None:
    (found,) = ran(tmp_path, "", head=HEAD.replace("residential", "residental", 1) + "    expect: {total: 1}").findings
    assert found.code == "N209"
    assert "residential" in found.message("zh")


def test_a_wrong_grade_says_which_row_gave_it(tmp_path: Path) -> None:
    report = ran(tmp_path, "    expect: {grades: {account_grade: A}}\n")
    (difference,) = report.results[0].differences
    assert difference.because.zh.startswith("因为")
    assert "行“首次欠费或不足5000元”" in difference.because.zh
    assert difference.at is not None
    assert difference.at.line == 11


def test_but_changes_the_account_and_only_that_case(tmp_path: Path) -> None:
    rest = """\
    but: {contract: {kind: committee, late_fee_clause: false}}
    expect: {late_fee: 0}
  - case: the next one is as it was
    date: 2026-03-01
    like: home
    expect: {late_fee: 35.83}
"""
    assert ran(tmp_path, rest).passed


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        ("    expect: {late_fe: 1}\n", "R101"),
        ("    expect: {grades: {acount_grade: A}}\n", "M103"),
        ("    expect: {grades: {account_grade: {is: B, row: 大额}}}\n", "M103"),
        ("    expect: {facts: {overdue_day: 1天}}\n", "M103"),
        ("    expect: {facts: {overdue_days: 1个月}}\n", "T205"),
        ("    expect: {charges: {Q9: {late_fee: 1}}}\n", "M103"),
        ("    but: {charges: [{id: Q1, amount: -1, due: 2026-01-15}]}\n    expect: {late_fee: 1}\n", "M101"),
        ("", "M104"),
    ],
)
def test_a_mistake_in_a_case_is_a_finding(tmp_path: Path, rest: str, code: str) -> None:
    report = ran(tmp_path, rest)
    assert [finding.code for finding in report.findings] == [code]
    assert not report.passed


def test_a_fact_by_a_common_wrong_name(tmp_path: Path) -> None:
    (finding,) = ran(tmp_path, "    expect: {facts: {欠费天数: 45天}}\n").findings
    assert "是想写 overdue_days (逾期天数) 吗" in finding.message("zh")


def test_an_account_that_is_not_there(tmp_path: Path) -> None:
    report = ran(tmp_path, "    expect: {late_fee: 1}\n", head=HEAD.replace("like: home", "like: hone"))
    (finding,) = report.findings
    assert finding.code == "M102"
    assert "home" in finding.message("en")


def test_a_book_that_does_not_load_runs_nothing(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    (tmp_path / "cases").mkdir()
    (tmp_path / "packs/residential.yaml").write_text(
        "rulebook: residential\nlate_fee: {rate: soon}\n", encoding="utf-8"
    )
    (tmp_path / "cases/residential.yaml").write_text(HEAD + "    expect: {late_fee: 35.83}\n", encoding="utf-8")
    report = run_cases(cases_of(str(tmp_path)))
    assert [finding.code for finding in report.findings] == ["M105"]
    assert report.results == []


def test_the_files_meant() -> None:
    assert [path.name for path in cases_of("residential")] == ["residential.yaml"]
    assert "residential.yaml" in {path.name for path in cases_of("rules")}
    assert [path.parent.name for path in cases_of(str(shipped() / "packs/residential.yaml"))] == ["cases"]
    with pytest.raises(dunning.UsageError):
        cases_of("common")


def test_a_rule_file_is_never_taken_for_cases(tmp_path: Path) -> None:
    """A book may lie anywhere: its cases are those beside it, and without any that is told."""
    book = tmp_path / "shop.yaml"
    book.write_text("rulebook: shop\ntitle: 商铺\n", encoding="utf-8")
    with pytest.raises(UsageError):
        cases_of(str(book))
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "shop.yaml").write_text("rulebook: shop\ncases: []\n", encoding="utf-8")
    assert cases_of(str(book)) == [tmp_path / "cases" / "shop.yaml"]


def test_a_late_fee_that_differs_says_how_it_comes_to_its_sum(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    (tmp_path / "cases").mkdir()
    (tmp_path / "packs" / "shop.yaml").write_text(
        "rulebook: shop\ntitle: 商铺\napplies: {use: commercial}\n"
        "late_fee: {rate: 0.5‰ per day, cap: 5% of charge, items: [property_fee]}\n",
        encoding="utf-8",
    )
    (tmp_path / "cases" / "shop.yaml").write_text(
        "rulebook: shop\ncases:\n"
        "  - case: 十天\n    date: 2026-01-25\n"
        "    account:\n      use: commercial\n      contract: {kind: individual, late_fee_clause: true}\n"
        "      charges: [{id: Q1, amount: 1000.00, due: 2026-01-15}]\n"
        "    expect: {late_fee: 4.00, charges: {Q1: {late_fee: 4.00}}}\n",
        encoding="utf-8",
    )
    (failed,) = run_cases(cases_of(str(tmp_path))).results
    assert [each.told("zh") for each in failed.differences] == [
        "9: 违约金: 期望 4.00, 得到 5.00, 因为 Q1: 1000.00 × 0.5‰ × 10天",
        "9: Q1 违约金: 期望 4.00, 得到 5.00, 因为 Q1: 1000.00 × 0.5‰ × 10天",
    ]
    assert failed.differences[0].told("en").endswith("because of Q1: 1000.00 × 0.5‰ × 10 days")
