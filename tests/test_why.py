"""What is done today and why everything else is not, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

import dunning
from dunning.engine.result import Assessment, Withheld
from dunning.engine.steps.candidates import CODES as IN_ORDER
from dunning.engine.steps.candidates import Reason
from dunning.model.account import SHANGHAI, Account, Contact
from dunning.output.why import CODES
from escalation import approved, did, pack
from households import charge, day, demand, dispute, household, promised

Q1 = charge("2026-01-15", "6000.00", period="2026-01-01..2026-03-31", name="Q1")


def owner(*contacts: Contact, **more: Any) -> Account:
    return household(Q1, contacts=contacts, use="residential", place="CN-3301", **more)


def assessed(account: Account, on: str) -> Assessment:
    fresh = datetime.combine(day(on), datetime.max.time(), SHANGHAI)
    return dunning.assess(dunning.Account(**{**_fields(account), "data_as_of": fresh}), pack(), on=day(on))


def _fields(account: Account) -> dict[str, Any]:
    return {name: getattr(account, name) for name in account.__slots__}


def line(account: Account, on: str, step: str, lang: str = "zh") -> str:
    """The line that tells of a step."""
    text = dunning.explain(assessed(account, on), lang)  # type: ignore[arg-type]
    return next(each.strip() for each in text.splitlines() if f"({step})" in each.partition(":")[0])


def test_every_code_has_words() -> None:
    assert tuple(CODES) == IN_ORDER


def test_what_is_due_is_told_with_hours_channels_role_and_what_it_asks_for() -> None:
    text = dunning.explain(assessed(owner(), "2026-03-02"), "zh")
    told = text[text.index("今天要做的") : text.index("今天不做的")]
    assert "上门走访 (home_visit): 上门走访; 15:00-18:00; 上门; 催收专员; 讲服务" in told
    assert "请缴 6138.00元 = 本金 6000.00 + 违约金 138.00 (Q1)" in told
    assert "须 两人同行、佩戴工牌、告知录像" in told


@pytest.mark.parametrize(
    ("account", "on", "step", "expected"),
    [
        (owner(), "2026-01-16", "second_reminder", "还没有到时候, 2026-01-18 起"),
        (owner(), "2026-03-01", "due_notice", "已经过了时间, 不补, 最晚 2026-01-08"),
        (owner(), "2026-03-01", "routine_round", "由别的步骤代替 (上门走访 (home_visit))"),
        (
            owner(),
            "2026-03-01",
            "mediation",
            "条件不符 (要愿意缴费为是; 愿意缴费=否); 要等前面的步骤 (书面催告 (formal_demand) 期满)",
        ),
        (owner(), "2026-03-01", "formal_demand", "还缺审批 (个人信息保护法第二十四条; 有效审批数; 法务; 项目经理)"),
        (
            owner(did("2026-02-27", "home_visit", channel="visit")),
            "2026-03-01",
            "home_visit",
            "已经做过, 到 2026-03-05 为止",
        ),
        (
            owner(promised("2026-02-25", "2026-03-05", id="C")),
            "2026-03-01",
            "routine_round",
            "有承诺, 等到那天, 到 2026-03-05 为止 (contacts/C 2026-03-05; 有未到期承诺=是)",
        ),
        (
            owner(disputes=[dispute("2026-02-25", "contract", id="D")]),
            "2026-03-01",
            "routine_round",
            "有争议, 先答复, 到 2026-03-10 为止",
        ),
        (
            owner(demand("2026-02-20", proof="B")),
            "2026-03-01",
            "routine_round",
            "更高一步给的期限还没有到, 到 2026-03-09 为止",
        ),
        (owner(demand("2026-02-20", proof="C")), "2026-06-01", "mediation", "做过, 但证据不够"),
        (owner(unknown=("debtor.tags",)), "2026-03-01", "home_visit", "资料不全, 判断不了"),
        (
            owner(approvals=[approved("2026-02-20", "formal_demand", "legal", "u1")]),
            "2026-03-01",
            "formal_demand",
            "还缺审批 (项目经理)",
        ),
    ],
)
def test_why_not_has_an_answer(account: Account, on: str, step: str, expected: str) -> None:
    assert expected in line(account, on, step)


def test_english_says_the_same() -> None:
    assert line(owner(), "2026-01-16", "second_reminder", "en").endswith("not yet, from 2026-01-18")
    assert "it wants willing is true; willing=no" in line(owner(), "2026-03-01", "mediation", "en")
    assert "To do today" in dunning.explain(assessed(owner(), "2026-03-01"), "en")


def test_a_day_with_nothing_to_do_says_so() -> None:
    paid_up = household(use="residential", place="CN-3301")
    text = dunning.explain(assessed(paid_up, "2026-03-01"), "zh")
    assert "今天没有要做的" in text
    assert "还没有到时候" in text


def test_deadlines_are_told_with_their_articles() -> None:
    text = dunning.explain(assessed(owner(), "2026-03-01"), "zh")
    assert "2029-01-15 诉讼时效届满 Q1, 还有 1051 天 (民法典第一百八十八条" in text


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        (
            Reason("cap", "limit", "1 phone per 1d", date(2026, 11, 22)),
            "1天内电话最多1次, 到 2026-11-22 为止",
            "at most 1 contact (phone) in 1 day, until 2026-11-22",
        ),
        (Reason("min_gap", "limit", "min_gap 4d"), "两次联系至少隔4天", "at least 4 days between contacts"),
        (
            Reason("cap", "day", "next 10:00-12:00", date(2026, 11, 23)),
            "最早 2026-11-23 10:00-12:00",
            "at the earliest on 2026-11-23, 10:00-12:00",
        ),
        (
            Reason("window", "day", "rest_day", date(2026, 11, 22)),
            "2026-11-22 是休息日",
            "2026-11-22 is a rest day",
        ),
        (Reason("window", "day", "due(Q1)", date(2026, 1, 15)), "Q1 到期 2026-01-15", "Q1 due 2026-01-15"),
    ],
)
def test_limits_and_days_are_told_in_words(reason: Reason, zh: str, en: str) -> None:
    withheld = Withheld("home_visit", None, (reason.code,), None, (reason,))  # type: ignore[arg-type]
    result = assessed(owner(), "2026-03-01")
    for lang, said in (("zh", zh), ("en", en)):
        assert f"({said})" in dunning.explain(replace(result, withheld=(withheld,)), lang)  # type: ignore[arg-type]
