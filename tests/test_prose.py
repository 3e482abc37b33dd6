"""Conditions as sentences: from the written form, in both languages, nested as they are nested."""

from __future__ import annotations

import pytest

from dunning.basis.finding import Text
from dunning.basis.numerals import chinese_number, in_chinese
from dunning.basis.span import Span
from dunning.lang.words.grammar import read_test
from dunning.model.condition import ALWAYS, All, Any, Check, Condition, Not, Type
from dunning.model.prose import prose, prose_test

TITLES = {
    "arrears": Text("欠费金额", "arrears"),
    "overdue_periods": Text("欠费期数", "overdue periods"),
    "overdue_days": Text("逾期天数", "days overdue"),
    "charge_age": Text("账龄", "age"),
    "hardship": Text("困难", "hardship"),
    "tags": Text("标签", "tags"),
    "grade": Text("分级", "grade"),
    "last_payment_on": Text("最近缴费日", "last payment"),
    "ratio": Text("按期率", "on-time ratio"),
    "area": Text("面积", "area"),
}
GRADES = {"S": Text("大额高危", "high risk"), "A": Text("重点", "focus")}
TYPES = {
    "arrears": Type("money"),
    "overdue_periods": Type("integer", unit=Text("期", "periods")),
    "overdue_days": Type("days"),
    "charge_age": Type("months"),
    "hardship": Type("boolean"),
    "tags": Type("set"),
    "grade": Type("choice", GRADES),
    "last_payment_on": Type("date"),
    "ratio": Type("percent"),
    "area": Type("number", unit=Text("平方米", "m²")),
}
WORDS = {"grade": GRADES}


def check(fact: str, text: str | list[str]) -> Check:
    test, findings = read_test(text, TYPES[fact], Span("f.yaml", 1, 1), fact, TITLES[fact])
    assert findings == []
    assert test is not None
    return Check(fact, test, text if isinstance(text, str) else "、".join(text))


@pytest.mark.parametrize(
    ("fact", "text", "chinese", "english"),
    [
        ("arrears", "超过1万元", "欠费金额超过1万元", "arrears more than 10,000 yuan"),
        ("arrears", "> 10000", "欠费金额超过10000元", "arrears more than 10,000 yuan"),
        ("arrears", ">= 1.5万", "欠费金额1.5万元以上", "arrears at least 15,000 yuan"),
        ("arrears", "[5000..10000]", "欠费金额5000元至10000元", "arrears from 5,000 yuan to 10,000 yuan"),
        (
            "arrears",
            "5千元以上不满1万元",
            "欠费金额5千元以上不满1万元",
            "arrears at least 5,000 yuan and less than 10,000 yuan",
        ),
        ("arrears", "0.5", "欠费金额等于0.5元", "arrears is 0.5 yuan"),
        ("arrears", "非0元", "欠费金额不等于0元", "arrears is not 0 yuan"),
        ("overdue_periods", "超过3期", "欠费期数超过3期", "overdue periods more than 3"),
        ("overdue_periods", "三期以上", "欠费期数三期以上", "overdue periods at least 3"),
        ("overdue_periods", "1期、2期", "欠费期数等于1期、2期", "overdue periods is 1 or 2"),
        ("overdue_days", "<= 30", "逾期天数不超过30天", "days overdue at most 30 days"),
        (
            "overdue_days",
            "(30d..90d]",
            "逾期天数超过30天不超过90天",
            "days overdue more than 30 days and at most 90 days",
        ),
        ("overdue_days", "1天", "逾期天数等于1天", "days overdue is 1 day"),
        ("charge_age", "[3mo..6mo)", "账龄满3个月不满6个月", "age at least 3 months and less than 6 months"),
        ("charge_age", "满1年", "账龄满1年", "age at least 1 year"),
        ("hardship", "是", "困难为是", "hardship is true"),
        ("hardship", "not(true)", "困难为否", "hardship is false"),
        ("tags", "含 vip、老人", "标签含 vip、老人", "tags contains vip or 老人"),
        ("tags", "不含 vip", "标签不含 vip", "tags does not contain vip"),
        ("tags", "无", "标签为无", "tags has no value"),
        ("grade", ["S", "重点"], "分级为 大额高危、重点", "grade is high risk or focus"),
        ("grade", "非 S", "分级不是 大额高危", "grade is not high risk"),
        ("last_payment_on", "非无", "最近缴费日不为无", "last payment has a value"),
        ("last_payment_on", "2026-01-01起", "最近缴费日不早于2026-01-01", "last payment on or after 2026-01-01"),
        (
            "last_payment_on",
            "(2025年12月31日..2026-03-01)",
            "最近缴费日晚于2025年12月31日且早于2026-03-01",
            "last payment after 2025-12-31 and before 2026-03-01",
        ),
        ("ratio", "不满万分之五", "按期率不满万分之五", "on-time ratio less than 5‱"),
        ("ratio", ">= 95%", "按期率95%以上", "on-time ratio at least 95%"),
        ("area", "超过90.5平方米", "面积超过90.5平方米", "area more than 90.5 m²"),
        ("arrears", "任意", "欠费金额任意", "arrears is anything"),
    ],
)
def test_one_test(fact: str, text: str | list[str], chinese: str, english: str) -> None:
    condition = check(fact, text)

    assert prose(condition, TITLES, "zh", WORDS) == chinese
    assert prose(condition, TITLES, "en", WORDS) == english


LARGE, LONG, HARD = check("arrears", "超过1万元"), check("overdue_periods", "超过3期"), check("hardship", "是")


@pytest.mark.parametrize(
    ("condition", "chinese", "english"),
    [
        (
            All((LARGE, LONG)),
            "欠费金额超过1万元, 且欠费期数超过3期",
            "arrears more than 10,000 yuan and overdue periods more than 3",
        ),
        (
            Any((LARGE, LONG)),
            "欠费金额超过1万元, 或欠费期数超过3期",
            "arrears more than 10,000 yuan or overdue periods more than 3",
        ),
        (
            All((HARD, Any((LARGE, LONG)))),
            "困难为是, 且(欠费金额超过1万元, 或欠费期数超过3期)",
            "hardship is true and (arrears more than 10,000 yuan or overdue periods more than 3)",
        ),
        (Not(LARGE), "并非(欠费金额超过1万元)", "not (arrears more than 10,000 yuan)"),
        (
            Not(All((LARGE, LONG))),
            "并非(欠费金额超过1万元, 且欠费期数超过3期)",
            "not (arrears more than 10,000 yuan and overdue periods more than 3)",
        ),
        (
            All((All((LARGE,)), Any((HARD,)))),
            "欠费金额超过1万元, 且困难为是",
            "arrears more than 10,000 yuan and hardship is true",
        ),
        (All((check("tags", "任意"), LARGE)), "欠费金额超过1万元", "arrears more than 10,000 yuan"),
        (ALWAYS, "任何情况", "always"),
        (Any(()), "从不", "never"),
    ],
)
def test_nested(condition: Condition, chinese: str, english: str) -> None:
    assert prose(condition, TITLES, "zh") == chinese
    assert prose(condition, TITLES, "en") == english


def test_fact_without_a_title_is_called_by_its_id() -> None:
    assert prose(LARGE, {}, "zh") == "arrears超过1万元"
    assert prose(check("overdue_days", "满30天"), {}, "zh") == "overdue_days 满30天"
    assert prose(LARGE, {"arrears": Text("欠费金额", "")}, "en") == "arrears more than 10,000 yuan"


def test_test_alone_has_no_fact() -> None:
    assert prose_test(LARGE.test, "zh") == "超过1万元"
    assert prose_test(LARGE.test, "en") == "more than 10,000 yuan"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三", 3), ("十", 10), ("十二", 12), ("一十二", 12), ("二十", 20), ("一百零五", 105), ("两百", 200),
        ("一百一十", 110), ("五千", 5000), ("一万二千", 12_000), ("一万零五", 10_005), ("十万", 100_000),
        ("两亿", 200_000_000), ("零", 0),
    ],
)  # fmt: skip
def test_numerals(text: str, value: int) -> None:
    assert chinese_number(text) == value


@pytest.mark.parametrize("text", ["", "一二", "万二", "十十", "一百百", "百五", "二零", "三x", "一万万", "零五"])
def test_what_is_plainly_no_numeral(text: str) -> None:
    assert chinese_number(text) is None


def test_numerals_both_ways() -> None:
    for value in [*range(2000), *range(9_990, 12_000, 7), *range(99_990, 120_000, 101), 10**8 + 5, 10**12 - 1]:
        assert chinese_number(in_chinese(value)) == value
