"""Canonical values on their way out: with units and titles for people, plain for JSON."""

from __future__ import annotations

from fractions import Fraction

import pytest

from dunning.basis.finding import Text
from dunning.engine.known.catalogue import CATALOGUE
from dunning.model.condition import Unknown, Value
from dunning.model.rulebook import Answer, Duration, Output
from dunning.model.shown import answer_shown, answer_text, plain, shown


@pytest.mark.parametrize(
    ("fact", "value", "zh", "en", "json"),
    [
        ("arrears", 70_000, "700.00元", "700.00 yuan", "700.00"),
        ("balance", -5, "-0.05元", "-0.05 yuan", "-0.05"),
        ("overdue_days", 311, "311天", "311 days", 311),
        ("overdue_days", 1, "1天", "1 day", 1),
        ("overdue_periods", 3, "3期", "3 periods", 3),
        ("charge_age", 20, "10个月", "10 months", "10mo"),
        ("charge_age", 21, "10个月多", "over 10 months", "10mo+"),
        ("charge_age", 2, "1个月", "1 month", "1mo"),
        ("charge_age", 1, "不到1个月", "less than 1 month", "0mo+"),
        ("charge_age", 0, "0个月", "0 months", "0mo"),
        ("charge_age", -1, "还差不到1个月", "less than 1 month to go", "-1mo+"),
        ("charge_age", -4, "还差2个月", "2 months to go", "-2mo"),
        ("on_time_ratio_12m", 857_142, "85.7142%", "85.7142%", "85.7142%"),
        ("on_time_ratio_12m", 1_000_000, "100%", "100%", "100%"),
        ("area", 9650, "96.5㎡", "96.5 m²", "96.5"),
        ("oldest_due", 739_266, "2025-01-15", "2025-01-15", "2025-01-15"),
        ("hardship", True, "是", "yes", True),
        ("hardship", False, "否", "no", False),
        ("use", "office", "写字楼", "office", "office"),
        ("place", "CN-3301", "CN-3301", "CN-3301", "CN-3301"),
        ("tags", frozenset({"vip", "old"}), "old、vip", "old, vip", ["old", "vip"]),
        (
            "open_dispute_kinds",
            frozenset({"invoice", "price"}),
            "收费标准、发票问题",
            "price, invoice",
            ["invoice", "price"],
        ),
        ("tags", frozenset(), "无", "none", []),
        ("last_payment_on", None, "无", "none", None),
    ],
)
def test_a_facts_value(fact: str, value: Value, zh: str, en: str, json: object) -> None:
    type_ = CATALOGUE[fact].type
    assert (shown(value, type_, "zh"), shown(value, type_, "en"), plain(value, type_)) == (zh, en, json)


def test_what_is_not_known_says_what_is_missing() -> None:
    type_ = CATALOGUE["arrears"].type
    assert shown(Unknown(("contacts", "debtor.tags")), type_, "zh") == "未知 (contacts、debtor.tags)"
    assert shown(Unknown(), type_, "en") == "unknown"


GRADES = {"S": Text("大额高危", "large and risky"), "C": Text("C", "C"), "none": Text("不分级", "not graded")}


@pytest.mark.parametrize(
    ("kind", "answer", "zh", "en", "json"),
    [
        ("choice", "S", "S 大额高危", "S large and risky", "S"),
        ("choice", "C", "C", "C", "C"),
        ("choice", "none", "不分级", "not graded", "none"),
        ("role", "legal", "legal", "legal", "legal"),
        ("percent", Fraction(3, 10), "30%", "30%", "30%"),
        ("percent", Fraction(1, 3), "100/3%", "100/3%", "100/3%"),
        ("integer", 75, "75", "75", 75),
        ("money", 75_00, "75.00元", "75.00 yuan", "75.00"),
        ("boolean", True, "是", "yes", True),
        ("duration", Duration(10, "wd"), "10个工作日", "10 working days", "10wd"),
        ("duration", Duration(1, "mo"), "1个月", "1 month", "1mo"),
        ("choice", ("S", "C"), "S 大额高危、C", "S large and risky, C", ["S", "C"]),
        ("choice", (), "无", "none", []),
    ],
)
def test_a_tables_answer(kind: str, answer: Answer | tuple[Answer, ...], zh: str, en: str, json: object) -> None:
    output = Output(kind=kind, words=GRADES if kind == "choice" else {})
    assert answer_shown(answer, output, "zh") == zh
    assert answer_shown(answer, output, "en") == en
    assert answer_text(answer, output) == json


def test_our_own_none_has_words_without_the_books() -> None:
    assert answer_shown("none", Output(kind="choice"), "zh") == "无"
