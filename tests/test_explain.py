"""The answer in words: every figure with its sum, every grade with its row and what kept the earlier ones out."""

from __future__ import annotations

import dunning
from dunning.basis.finding import Finding
from dunning.basis.span import Cell
from dunning.intake.records import Rejected
from test_assess import assessed


def test_money_is_shown_with_its_sum() -> None:
    text = dunning.explain(assessed(), "zh")
    assert "应付 775.00元 = 到期本金 700.00 + 违约金 75.00 - 预存 0.00" in text
    assert "2026-01-15 到期, 已过 311 天" in text
    assert "2026-01-16 至 2026-03-01  1500.00 × 0.5‰ × 45天 = 33.75" in text
    assert "2026-03-02 至 2026-11-22  700.00 × 0.5‰ × 266天 = 93.1" in text
    assert "合计 126.85, 超过上限, 取上限 75.00 (5% × 本金 1500.00)" in text
    assert "滞纳金" not in text


def test_a_grade_tells_the_first_cell_that_kept_each_earlier_row_out() -> None:
    text = dunning.explain(assessed(), "zh")
    grade = text[text.index("分级催收:") :]
    assert grade.startswith("分级催收: B 常规")
    assert "第8行命中 (residential:" in grade
    lines = grade.splitlines()[1:8]
    assert all("不中: 要" in line for line in lines)
    assert "欠费金额超过1万元 [欠费金额=700.00元]" in lines[2]


def test_english_says_the_same() -> None:
    text = dunning.explain(assessed(), "en")
    assert "to pay 775.00 yuan = principal due 700.00 + late fee 75.00 - credit 0.00" in text
    assert "126.85 in all, more than the cap: the cap 75.00 (5% × principal 1500.00)" in text
    assert "account_grade: B" in text
    head, _, _ = text.partition("Facts")
    assert "违约金" not in head


def test_law_that_no_lawyer_has_reviewed_is_named_once_in_both_languages() -> None:
    for lang, said in (("zh", "未经律师审签的法规文件: "), ("en", "law files reviewed by no lawyer: ")):
        everywhere = dunning.explain(assessed(place="CN"), lang)  # type: ignore[arg-type]
        (line,) = [line for line in everywhere.splitlines() if said in line]
        here = dunning.explain(assessed(place="CN-3301"), lang)  # type: ignore[arg-type]
        assert said in here
        assert line not in here.splitlines()  # Hangzhou has law of its own


def test_undetermined_names_what_is_missing() -> None:
    text = dunning.explain(assessed(unknown=["debtor.tags"]), "zh")
    assert "分级催收: 无法确定: 不知道" in text
    assert "违约金无法确定: 不知道合同有没有违约金条款" in dunning.explain(
        assessed(contract={"kind": "committee"}), "zh"
    )


def test_reasons_for_no_fee() -> None:
    assert "(合同没有违约金条款)" in dunning.explain(
        assessed(contract={"kind": "committee", "late_fee_clause": False}), "zh"
    )
    assert "还没有逾期" in dunning.explain(assessed("2026-01-10"), "zh")


def test_settled_charges_are_one_line() -> None:
    paid = assessed(payments=[{"id": "P1", "on": "2026-01-10", "amount": "1500.00", "for": ["2026Q1"]}])
    assert "已清的账单 1 张: 2026Q1" in dunning.explain(paid, "zh")


def test_no_book_and_rejected_say_so() -> None:
    assert "没有适用的规则书" in dunning.explain(assessed(use=None), "zh")
    assert "[A701]" in dunning.explain(assessed(use=None), "en")
    finding = Finding("A210", Cell("accounts.csv", 7), {"id": "X", "first": Cell("accounts.csv", 3)})
    text = dunning.explain(Rejected("main", "X", "O", (finding,), Cell("accounts.csv", 7)), "zh")
    assert "户 X 没有结果" in text
    assert "accounts.csv:7" in text
