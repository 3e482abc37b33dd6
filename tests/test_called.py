"""What records, fields and values are called where people read of them."""

from __future__ import annotations

import pytest

from dunning.basis.finding import Text
from dunning.model.condition import Type, Unknown
from dunning.output import called

TITLES = {"overdue_days": Text("逾期天数", "days overdue")}


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("contacts/C1", "联系记录 C1", "contact C1"),
        ("plans/PL1", "分期计划 PL1", "plan PL1"),
        ("contacts", "联系记录", "contacts"),
        ("charges.due", "账单的应缴日期", "charges.due"),
        ("debtor.tags", "欠费人的标签", "debtor.tags"),
        ("handed_over", "交付日期", "handed_over"),
        ("attributes.satisfaction", "属性 satisfaction", "attribute satisfaction"),
        ("late_fee.rate", "规则书的违约金费率", "the rule book's late-fee rate"),
        ("proceedings.performance_end", "法律程序的履行期满日", "the end of the performance period"),
        ("somewhere/else", "somewhere/else", "somewhere/else"),
        ("contacts.nothing", "contacts.nothing", "contacts.nothing"),
    ],
)
def test_a_record_or_a_field_goes_by_the_word_of_the_contract(name: str, zh: str, en: str) -> None:
    assert called.record(name) == Text(zh, en)


def test_an_unknown_value_says_what_is_missing() -> None:
    days = Type("days", unit=Text("天", "days"))
    assert called.value(311, days, TITLES.get, "zh") == "311天"
    assert called.value(Unknown(("charges.due",)), days, TITLES.get, "zh") == "未知 (缺 账单的应缴日期)"
    both = Unknown(("overdue_days", "area", "area"))
    assert called.value(both, days, TITLES.get, "zh") == "未知 (缺 逾期天数、面积)"
    assert called.value(both, days, TITLES.get, "en") == "unknown (days overdue, area is missing)"
    assert called.value(Unknown(), days, TITLES.get, "en") == "unknown"


@pytest.mark.parametrize(
    ("count", "zh"),
    [(1, "Q1"), (4, "Q1、Q2、Q3、Q4"), (5, "5 张账单: Q1、Q2 … Q5")],
)
def test_a_long_list_of_charges_has_its_number_its_beginning_and_its_end(count: int, zh: str) -> None:
    assert called.charges([f"Q{number + 1}" for number in range(count)], "zh") == zh
