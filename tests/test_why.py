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
from dunning.model.anchor import Duration
from dunning.model.steps import Limit
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
            "有承诺, 等到那天, 到 2026-03-05 为止 (联系记录 C 2026-03-05; 有未到期承诺=是)",
        ),
        (
            owner(disputes=[dispute("2026-02-25", "contract", id="D")]),
            "2026-03-01",
            "routine_round",
            "有争议, 先答复, 到 2026-03-10 为止 (异议 D 合同争议)",
        ),
        (
            owner(demand("2026-02-20", proof="B")),
            "2026-03-01",
            "routine_round",
            "更高一步给的期限还没有到, 到 2026-03-09 为止",
        ),
        (
            owner(demand("2026-02-20", proof="C", id="C7")),
            "2026-06-01",
            "mediation",
            "做过, 但证据不够 (联系记录 C7 书面催告 (formal_demand) 期满)",
        ),
        (owner(unknown=("debtor.tags",)), "2026-03-01", "home_visit", "资料不全, 判断不了 (要分级催收为"),
        (
            owner(unknown=("contacts",)),
            "2026-03-01",
            "routine_round",
            "资料不全, 判断不了 (缺 联系记录的时间; 缺 联系记录的步骤; 有未到期承诺=未知)",
        ),
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


def test_what_is_still_to_be_recorded_of_a_contact_is_told_by_name() -> None:
    rungs = tuple(replace(one, record=("reason", "outcome")) for one in pack().ladder.steps)
    rules = replace(pack(), ladder=replace(pack().ladder, steps=rungs))
    called = owner(did("2026-02-27", "routine_round", "sent"))
    fresh = replace(called, data_as_of=datetime.combine(day("2026-02-27"), datetime.max.time(), SHANGHAI))
    told = dunning.explain(dunning.assess(fresh, rules, on=day("2026-02-27")), "zh")
    assert (
        "已经联系, 等登记结果, 到 2026-03-03 为止 (联系记录 routine_round@2026-02-27 已发出, 还缺: 原因、结果)" in told
    )
    told = dunning.explain(dunning.assess(fresh, rules, on=day("2026-02-27")), "en")
    assert "contact routine_round@2026-02-27 was made; still to be recorded: reason, outcome" in told


def test_what_many_charges_miss_alike_is_one_line_with_their_number() -> None:
    dues = ["2025-08-15", "2025-09-15", "2025-10-15", "2025-11-14", "2025-12-15"]
    old = household(*(charge(due, "300.00", name=due[:7]) for due in dues), use="residential", place="CN-3301")
    result = assessed(old, "2026-03-02")
    text = dunning.explain(result, "zh")
    (told,) = [each.strip() for each in text.splitlines() if "(due_notice)" in each]
    assert told == (
        "缴费通知 (due_notice) [5 张账单: 2025-08、2025-09 … 2025-12]: "
        "已经过了时间, 不补, 最晚 2025-08-08 至 2025-12-08"
    )
    assert "[5 charges: 2025-08, 2025-09 … 2025-12]" in dunning.explain(result, "en")
    assert "(5 张账单: 2025-08、2025-09 … 2025-12)" in text  # what is asked for
    assert sum(each["step"] == "due_notice" for each in dunning.to_dict(result)["withheld"]) == 5


def test_charges_that_miss_it_for_other_reasons_have_their_own_lines() -> None:
    two = household(Q1, charge("2026-03-25", "300.00", name="Q2"), use="residential", place="CN-3301")
    text = dunning.explain(assessed(two, "2026-03-02"), "zh")
    assert "(due_notice) [Q1]: 已经过了时间, 不补, 最晚 2026-01-08" in text
    assert "(due_notice) [Q2]: 还没有到时候, 2026-03-10 起" in text


def test_a_quota_is_told_in_words() -> None:
    quota = Limit(count=2, of="any", per=Duration(7, "d"))
    rules = replace(pack(), contact=replace(pack().contact, quotas=(quota,)))
    for account, zh, en in (
        (owner(), "7天内各种联系合计至少2次, 只有 0 次", "at least 2 contacts (any) in 7 days are wanted, 0 made"),
        (
            owner(unknown=("contacts",)),
            "不知道做到没有 (缺 联系记录)",
            "whether they were made is unknown (contacts is missing)",
        ),
    ):
        result = dunning.assess(account, rules, on=day("2026-03-01"))
        assert zh in dunning.explain(result, "zh")
        assert en in dunning.explain(result, "en")


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
