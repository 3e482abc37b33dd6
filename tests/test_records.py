"""Records at the door: every field of the contract is read, every contradiction told in words, no float let in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

import dunning
from dunning.basis.errors import AccountError
from dunning.basis.finding import catalogue
from dunning.basis.span import Cell, Entry
from dunning.intake import headers
from dunning.intake.records import Read, Rejected, read, read_account
from dunning.model import account as model
from dunning.model.account import SHANGHAI, Account, Instalment, Promise, Settled

# The example of the contract (docs/reference/records.md), every list in it.
FULL: dict[str, Any] = {
    "company": "wy-01", "id": "XH-1-0502/O-77", "unit": "XH-1-0502", "community": "xinghe", "place": "CN-3301",
    "currency": "CNY", "use": "residential", "area": "96.50", "occupancy": "occupied", "handed_over": "2021-06-30",
    "debtor": {"id": "O-77", "kind": "person", "role": "owner", "since": "2021-06-30", "until": None, "tags": [],
               "reachable": ["sms", "wechat", "phone", "ems"]},
    "parties": [{"id": "O-78", "kind": "person", "role": "joint_owner", "liable": True, "since": "2021-06-30",
                 "until": None, "reachable": ["sms", "ems"]}],
    "contracts": [{"id": "K1", "since": "2021-06-30", "until": None, "kind": "committee", "tariff": "5.50",
                   "cycle": "quarter", "late_fee_clause": True, "clause_shown": True, "late_fee_rate": None,
                   "late_fee_cap": None}],
    "charges": [{"id": "2026Q1", "item": "property_fee", "period": ["2026-01-01", "2026-03-31"], "amount": "1592.25",
                 "due": "2026-01-15"}],
    "payments": [{"id": "P1", "on": "2026-03-01", "amount": "800.00", "channel": "wechat", "ref": "wx42",
                  "for": ["2026Q1"], "settles": None, "only": [], "reversed_on": None}],
    "adjustments": [{"id": "A1", "on": "2026-03-02", "kind": "credit_note", "charge": "2026Q1", "amount": "92.25",
                     "by": "finance"}],
    "late_fees": [{"id": "L1", "charge": "2026Q1", "on": "2026-03-01", "amount": "35.83", "key": None}],
    "contacts": [{"id": "C1", "at": "2026-02-01T10:15:00+08:00", "step": "second_reminder", "channel": "phone",
                  "party": "O-77", "outcome": "promised", "reason": "forgot", "content": None,
                  "promise": {"on": "2026-02-10", "amount": "1592.25"}, "charges": None, "proof": "B", "by": "cs-07",
                  "key": None, "account": None}],
    "disputes": [{"id": "D1", "kind": "service_quality", "opened": "2026-02-03", "answered": None, "closed": None,
                  "charge": "2026Q1", "amount": "300.00"}],
    "holds": [{"id": "H1", "kind": "accrual", "since": "2026-02-01", "until": "2026-04-30", "reason": "disaster"}],
    "plans": [{"id": "PL1", "signed": "2026-05-01", "charges": ["2026Q1"], "waive_late_fee": "50%", "written": True,
               "instalments": [{"due": "2026-06-01", "amount": "265.38"}]}],
    "proceedings": [{"id": "S1", "kind": "suit", "on": "2026-09-01", "charges": ["2026Q1"], "ref": "(2026)1"}],
    "approvals": [{"id": "AP1", "of": "formal_demand", "decision": "approved", "by": "u-12", "role": "legal",
                   "prepared_by": "cs-07", "at": "2026-07-16T09:00:00+08:00"}],
    "consents": [{"party": "O-77", "kind": "commercial_messages", "since": "2024-01-01", "until": None}],
    "attributes": {"satisfaction": 82}, "unknown": [], "data_as_of": "2026-11-21T23:00:00+08:00",
}  # fmt: skip

Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> dict[str, Any]:
    data = deepcopy(FULL)
    change(data)
    return data


def found(change: Change) -> list[tuple[str, str, str]]:
    """What is said of the full account once changed: code and both messages."""
    result = read(changed(change))
    return [(each.code, each.message("zh"), each.message("en")) for each in result.findings]


def rejected(data: object) -> set[str]:
    result = read(data)
    assert isinstance(result, Rejected)
    return {each.code for each in result.findings}


# What is read


def test_the_example_of_the_contract_is_read() -> None:
    account = read_account(FULL)

    assert account.area == Fraction(193, 2)
    assert account.charges[0].amount == 159_225
    assert account.charges[0].period == (date(2026, 1, 1), date(2026, 3, 31))
    assert account.debtor.reachable == ("sms", "wechat", "phone", "ems")
    assert account.contacts[0].promise == Promise(on=date(2026, 2, 10), amount=159_225)
    assert account.contacts[0].at == datetime(2026, 2, 1, 10, 15, tzinfo=SHANGHAI)
    assert account.plans[0].waive_late_fee == Fraction(1, 2)
    assert account.plans[0].instalments == (Instalment(due=date(2026, 6, 1), amount=26_538),)
    assert account.payments[0].for_ == ("2026Q1",)
    assert account.payments[0].settles is None
    assert account.attributes == {"satisfaction": 82}
    assert read(FULL) == Read(account)


def test_short_forms() -> None:
    account = read_account(
        {"id": "A-1", "contract": {"tariff": "2.40"}, "charges": [{"id": "1", "amount": 30, "due": "2026-01-15"}]}
    )

    assert (account.company, account.unit, account.debtor.id, account.currency) == ("main", "A-1", "A-1", "CNY")
    assert account.contracts[0].tariff == 240
    assert (account.charges[0].item, account.charges[0].amount) == ("property_fee", 3000)
    assert account.payments == ()


def test_a_debtor_without_an_id_is_the_account() -> None:
    assert read_account({"id": "A-1", "debtor": {"kind": "company"}}).debtor.id == "A-1"


def test_null_is_absent() -> None:
    account = read_account({"id": "A-1", "company": None, "unit": None, "charges": None, "debtor": None, "use": None})

    assert account == read_account({"id": "A-1"})


def test_null_among_attributes_is_a_value() -> None:
    assert read_account({"id": "A-1", "use": None, "charges": None, "attributes": {"x": None}}).attributes == {
        "x": None
    }


@pytest.mark.parametrize("amount", ["530.75", "530.7500", "0530.75", Decimal("530.75"), Decimal("530.7500")])
def test_amounts_are_exact(amount: object) -> None:
    account = read_account(changed(lambda data: data["charges"][0].update(amount=amount)))

    assert account.charges[0].amount == 53_075


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-02-01T10:15:00+08:00", "2026-02-01T10:15:00+08:00"),
        ("2026-02-01T10:15:00", "2026-02-01T10:15:00+08:00"),
        ("2026-02-01 10:15", "2026-02-01T10:15:00+08:00"),
        ("2026-02-01T18:15:00Z", "2026-02-02T02:15:00+08:00"),
    ],
)
def test_times_are_shanghai(written: str, instant: str) -> None:
    account = read_account(changed(lambda data: data["contacts"][0].update(at=written)))

    assert account.contacts[0].at.isoformat() == instant
    assert account.contacts[0].at.utcoffset() == timedelta(hours=8)


def test_python_values_are_read_too() -> None:
    account = read_account(
        {
            "id": "A-1",
            "charges": [{"id": "1", "amount": Decimal("3.50"), "due": date(2026, 1, 15)}],
            "area": Decimal("90.5"),
        }
    )

    assert account.charges[0].due == date(2026, 1, 15)
    assert account.area == Fraction(181, 2)


def test_an_opening_balance_may_lack_a_due_date() -> None:
    opening = {
        "id": "OPEN",
        "period": None,
        "due": None,
        "amount": "3184.50",
        "opening": {"on": "2024-01-01", "late_fee": "96.00"},
    }
    account = read_account(changed(lambda data: data["charges"].append(opening)))

    assert account.charges[1].opening == model.Opening(on=date(2024, 1, 1), late_fee=9600)
    assert account.charges[1].due is None


def test_settles_says_part_and_amount() -> None:
    lines = [{"charge": "2026Q1", "amount": "700.00"}, {"charge": "2026Q1", "part": "late_fee", "amount": "100.00"}]
    account = read_account(changed(lambda data: data["payments"][0].update(settles=lines)))

    assert account.payments[0].settles == (
        Settled(charge="2026Q1", amount=70_000),
        Settled(charge="2026Q1", amount=10_000, part="late_fee"),
    )


def test_a_contact_given_twice_word_for_word_is_one() -> None:
    account = read_account(changed(lambda data: data["contacts"].append(dict(data["contacts"][0]))))

    assert len(account.contacts) == 1


def test_a_contact_that_did_for_several_steps_has_a_record_for_each_of_them() -> None:
    def again(**more: object) -> Change:
        return changed(lambda data: data["contacts"].append({**data["contacts"][0], **more}))

    first, second = read_account(again(step="home_visit", charges=["2026Q1"])).contacts
    assert (first.id, first.at) == (second.id, second.at)
    assert (first.step, second.step) == ("second_reminder", "home_visit")
    for other in (
        {"step": "home_visit", "outcome": "refused"},
        {"step": "home_visit", "at": "2026-02-02T09:00:00+08:00"},
    ):
        assert rejected(again(**other)) == {"A202"}


@pytest.mark.parametrize("clause", [None, False, True])
def test_a_clause_may_be_unknown(clause: bool | None) -> None:
    account = read_account(changed(lambda data: data["contracts"][0].update(late_fee_clause=clause)))

    assert account.contracts[0].late_fee_clause is clause


def test_what_the_source_cannot_supply_is_kept() -> None:
    names = ["contacts", "debtor.tags", "area", "contracts.late_fee_clause", "attributes.conduct"]

    assert read_account({"id": "A-1", "unknown": names}).unknown == tuple(names)


# What is refused, in words


WRONG: dict[str, tuple[Change, str, str]] = {
    "A101": (
        lambda data: data["charges"][0].pop("amount"),
        "缺少账单[2026Q1]的金额",
        "charges[2026Q1].amount is missing",
    ),
    "A102": (
        lambda data: data["charges"][0].update(ammount="1.00"),
        "没有“ammount”这个字段; 是想写 amount 吗?",
        "there is no field `ammount`; did you mean `amount`?",
    ),
    "A103": (
        lambda data: data["debtor"].update(tags="vip"),
        "欠费人的标签“vip”应是列表 [...]",
        "debtor.tags: `vip` should be a list [...]",
    ),
    "A104": (
        lambda data: data.update(occupancy="空置"),
        (
            "入住状态没有“空置”这个值; "
            "可用的是: occupied (已入住)、vacant (空置)、unsold (未售)、undelivered (未交付); 是想写 vacant 吗?"
        ),
        "occupancy has no value `空置`; it may be: occupied | vacant | unsold | undelivered; did you mean `vacant`?",
    ),
    "A110": (
        lambda data: data["charges"][0].update(amount="1592.2O"),
        "账单[2026Q1]的金额“1592.2O”不是金额: 第7个字符是字母 O, 不是数字 0",
        "charges[2026Q1].amount: `1592.2O` is not an amount: character 7 is the letter O, not the digit 0",
    ),
    "A111": (
        lambda data: data["payments"][0].update(amount="-5"),
        "收款[P1]的金额“-5”是负数",
        "payments[P1].amount: `-5` is negative",
    ),
    "A112": (
        lambda data: data["contracts"][0].update(late_fee_rate="5"),
        "合同[K1]的违约金日利率“5”不是比例: 没有单位: 是 % 还是 ‰?",
        "contracts[K1].late_fee_rate: `5` is not a rate: the unit is missing: % or ‰?",
    ),
    "A113": (
        lambda data: data.update(area="96.5㎡"),
        "面积“96.5㎡”不是数: 只写数字和小数点, 不能为负",
        "area: `96.5㎡` is not a number: digits and a point only, not negative",
    ),
    "A120": (
        lambda data: data["charges"][0].update(due="2026-02-30"),
        "账单[2026Q1]的应缴日期“2026-02-30”不是日期: 2026年2月只有28天",
        "charges[2026Q1].due: `2026-02-30` is not a date: month 2 of 2026 has 28 days",
    ),
    "A121": (
        lambda data: data["contacts"][0].update(at="2026-02-01"),
        "联系记录[C1]的时间“2026-02-01”不是时间",
        "contacts[C1].at: `2026-02-01` is not a time",
    ),
    "A201": (
        lambda data: data["charges"][0].update(period=["2026-03-31", "2026-01-01"]),
        "账单[2026Q1]的账期在 2026-01-01 结束, 却在 2026-03-31 才开始",
        "charges[2026Q1].period ends on 2026-01-01, before it begins on 2026-03-31",
    ),
    "A202": (
        lambda data: data["payments"].append(dict(data["payments"][0], amount="1.00")),
        "收款里有两条编号都是“P1”",
        "two records of payments have the id `P1`",
    ),
    "A203": (
        lambda data: data.update(currency="USD"),
        "币种是 USD; 这里只算人民币 CNY",
        "the currency is USD; only CNY is reckoned here",
    ),
    "A204": (
        lambda data: data["charges"][0].update(item="滞纳金"),
        "账单[2026Q1]的费用项目“滞纳金”: 违约金不是本金, 请放到 late_fees (已记违约金) 里",
        "charges[2026Q1].item: `滞纳金` is a late fee and never principal; put it in late_fees",
    ),
    "A205": (
        lambda data: data["charges"][0].update(due=None),
        "账单[2026Q1]没有应缴日期; 只有期初余额 (有 opening 的账单) 可以没有",
        "charges[2026Q1] has no due date; only an opening balance (a charge with `opening`) may lack one",
    ),
    "A206": (
        lambda data: data["adjustments"][0].update(kind="refund"),
        "调整[A1]没有写是对哪一笔收款号的",
        "adjustments[A1] does not say which payment it is for",
    ),
    "A207": (
        lambda data: data.update(place="330106"),
        "行政区划“330106”不是行政区划",
        "place: `330106` is not a place",
    ),
    "A208": (
        lambda data: data.update(contract={}),
        "contract 和 contracts 都写了",
        "both `contract` and `contracts` are given",
    ),
    "A209": (
        lambda data: data.update(unknown=["contact"]),
        "unknown 里的“contact”不是字段; 是想写 contacts 吗?",
        "`contact` in `unknown` is not a field; did you mean `contacts`?",
    ),
}  # fmt: skip

DOUBTFUL: dict[str, tuple[Change, str, str]] = {
    "A301": (
        lambda data: data["payments"][0].update({"for": ["2026Q9"]}),
        "收款[P1]的指定账单是“2026Q9”, 但没有这张账单",
        "payments[P1].for is `2026Q9`, but there is no such charge",
    ),
    "A302": (
        lambda data: data["disputes"][0].update(charge="2026Q9"),
        "异议[D1]的账单号是“2026Q9”, 但没有这张账单",
        "disputes[D1].charge is `2026Q9`, but there is no such charge",
    ),
    "A303": (
        lambda data: data["adjustments"][0].update(kind="refund", payment="P9", charge=None),
        "调整[A1]的收款号是“P9”, 但没有这笔收款",
        "adjustments[A1].payment is `P9`, but there is no such payment",
    ),
    "A304": (
        lambda data: data["parties"][0].update(id="330106199001011234"),
        "第1个相关人的编号“330***34”像是身份证号",
        "the id of party 1: `330***34` looks like an identity card number",
    ),
    "A305": (
        lambda data: data.update(unknown=["contacts"]),
        "unknown 说来源给不出“contacts”, 却又给了 1 条",
        "`unknown` says the source cannot supply `contacts`, yet 1 are given",
    ),
    "A306": (
        lambda data: data["contracts"].append({"id": "K2", "since": "2025-01-01"}),
        "合同“K1”和“K2”在 2025-01-01 同时有效",
        "the contracts `K1` and `K2` are both in force on 2025-01-01",
    ),
    "A307": (
        lambda data: data["consents"][0].update(party="O-99"),
        "授权同意[#1]的对象是“O-99”, 但相关人里没有此人",
        "consents[#1].party is `O-99`, but no party has that id",
    ),
    "A308": (
        lambda data: data["payments"][0].update(reversed_on="2026-02-28"),
        "收款[P1]的冲正日期 2026-02-28 早于收款日期 2026-03-01",
        "payments[P1].reversed_on 2026-02-28 is earlier than on 2026-03-01",
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", WRONG)
def test_what_is_wrong_is_said_and_rejects(code: str) -> None:
    change, zh, en = WRONG[code]

    assert found(change) == [(code, zh, en)]
    assert isinstance(read(changed(change)), Rejected)


@pytest.mark.parametrize("code", DOUBTFUL)
def test_what_is_doubtful_is_said_and_assessed(code: str) -> None:
    change, zh, en = DOUBTFUL[code]

    assert found(change) == [(code, zh, en)]
    assert isinstance(read(changed(change)), Read)


def test_every_code_of_the_records_is_seen() -> None:
    codes = {kind.code for kind in catalogue() if kind.code < "A4"}
    in_files = {"A105", "A210", "A211"}  # a key or an account twice: tests/test_tables_in.py, tests/test_nested.py

    assert codes == set(WRONG) | set(DOUBTFUL) | in_files


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda data: data["charges"][0].update(amount=0.1), "A110"),
        (lambda data: data["charges"][0].update(amount=True), "A110"),
        (lambda data: data["charges"][0].update(amount="1,592.25"), "A110"),
        (lambda data: data["charges"][0].update(amount="1.234"), "A110"),
        (lambda data: data["charges"][0].update(amount="9" * 5000), "A110"),
        (lambda data: data["charges"][0].update(amount=[]), "A110"),
        (lambda data: data["charges"][0].update(amount=None), "A101"),
        (lambda data: data["charges"][0].update(id=""), "A101"),
        (lambda data: data["charges"][0].update(id=7), "A103"),
        (lambda data: data["charges"][0].update(id="\ud800"), "A103"),
        (lambda data: data["charges"][0].update(period=["2026-01-01"]), "A103"),
        (lambda data: data["charges"][0].update(period="2026Q1"), "A103"),
        (lambda data: data["charges"][0].update(due="2026/1/15"), "A120"),
        (lambda data: data["charges"][0].update(due=20260115), "A120"),
        (lambda data: data["charges"][0].update(item="late_fee"), "A204"),
        (lambda data: data["charges"][0].update(item="物业"), "A104"),
        (lambda data: data.update(charges={"id": "1"}), "A103"),
        (lambda data: data.update(charges=["2026Q1"]), "A103"),
        (lambda data: data.update(debtor="O-77"), "A103"),
        (lambda data: data.update(attributes={"a": 1.5}), "A103"),
        (lambda data: data.update(attributes={"a": {"b": 1}}), "A103"),
        (lambda data: data.update(attributes=[]), "A103"),
        (lambda data: data.update(area=-1), "A113"),
        (lambda data: data.update(area=96.5), "A113"),
        (lambda data: data.update(户号="1"), "A102"),
        (lambda data: data["contracts"][0].update(late_fee_clause="是"), "A103"),
        (lambda data: data["contracts"][0].update(late_fee_rate=0.0005), "A112"),
        (lambda data: data["contracts"][0].update(until="2020-01-01"), "A201"),
        (lambda data: data["debtor"].update(until="2020-01-01"), "A201"),
        (lambda data: data["holds"][0].update(until="2020-01-01"), "A201"),
        (lambda data: data["disputes"][0].update(closed="2020-01-01"), "A201"),
        (lambda data: data["adjustments"][0].update(charge=None), "A206"),
        (lambda data: data["contacts"].append(dict(data["contacts"][0], outcome="paid")), "A202"),
        (lambda data: data["contacts"][0].update(at="2026-02-01T25:00"), "A121"),
        (lambda data: data["payments"][0].update(settles=["2026Q1"]), "A103"),
    ],
)  # fmt: skip
def test_each_of_these_rejects(change: Change, code: str) -> None:
    assert rejected(changed(change)) == {code}


@pytest.mark.parametrize("data", [None, [], "x", 7, {}, {"id": None}, {"id": ["x"]}])
def test_what_is_no_account_is_rejected(data: object) -> None:
    assert rejected(data) <= {"A101", "A103"}


def test_the_first_error_does_not_hide_the_second() -> None:
    def spoil(data: dict[str, Any]) -> None:
        data["charges"][0]["amount"] = "1O.00"
        data["charges"].append({"id": "X", "amount": "1.00"})
        data["payments"].append(dict(data["payments"][0]))
        data["currency"] = "USD"
        data["ues"] = "residential"

    assert {code for code, _, _ in found(spoil)} == {"A110", "A205", "A202", "A203", "A102"}


def test_places_lead_back_to_the_record_past_those_left_out() -> None:
    def spoil(data: dict[str, Any]) -> None:
        data["charges"].insert(0, {"id": "bad", "amount": "x", "due": "2026-01-15"})
        data["charges"].append({"id": "X", "amount": "1.00"})

    result = read(changed(spoil), where=Cell("p.jsonl", 3))

    assert [(each.code, str(each.at)) for each in result.findings] == [
        ("A110", "p.jsonl:3:charges[0].amount"),
        ("A205", "p.jsonl:3:charges[2].due"),
    ]


def test_a_late_fee_item_says_where_it_belongs() -> None:
    result = read(changed(lambda data: data["charges"][0].update(item="违约金")))

    assert "put it in late_fees" in result.findings[0].message("en")


def test_an_amount_nearly_right_comes_with_the_line_to_copy() -> None:
    result = read(changed(lambda data: data["charges"][0].update(amount="￥1,592.25")))

    assert result.findings[0].help("zh") == "1592.25"


def test_personal_numbers_are_not_spread_by_the_finding() -> None:
    result = read(changed(lambda data: data["debtor"].update(id="13812345678")))

    assert [each.code for each in result.findings if each.code == "A304"] == ["A304"]
    assert all("13812345678" not in each.message(lang) for each in result.findings for lang in ("zh", "en"))


@pytest.mark.parametrize("id_", ["O-77", "20210630001", "XH-1-0502", "1381234567", "138123456789"])
def test_ordinary_ids_are_not_suspected(id_: str) -> None:
    result = read({"id": "A-1", "debtor": {"id": id_}})

    assert result.findings == ()


def test_findings_name_the_record_unless_told_the_place() -> None:
    result = read(changed(lambda data: data["payments"][0].update({"for": ["?"]})))

    assert result.findings[0].at == Entry("wy-01", "XH-1-0502/O-77", "payments", "P1")


def test_read_hands_over_what_is_doubtful_with_the_account() -> None:
    data = changed(lambda data: data["payments"][0].update({"for": ["Q9"]}))

    match dunning.read(data):
        case dunning.Read(account, findings):
            assert account == read_account(data)
            assert [finding.code for finding in findings] == ["A301"]
        case dunning.Rejected(findings=reasons):
            pytest.fail(str(reasons))


def test_read_account_raises_with_every_finding() -> None:
    with pytest.raises(AccountError) as raised:
        read_account({"id": "A-1", "currency": "USD", "charges": [{"id": "1", "amount": "1.00"}]})

    assert [each.code for each in raised.value.findings] == ["A203", "A205"]
    assert "only CNY" in str(raised.value)


def test_a_rejected_account_keeps_what_could_be_read_of_its_name() -> None:
    result = read(changed(lambda data: data.update(use="villa")))

    assert isinstance(result, Rejected)
    assert (result.company, result.id, result.debtor) == ("wy-01", "XH-1-0502/O-77", "O-77")


def test_what_is_read_is_not_touched() -> None:
    data = {"id": "A-1", "contract": {"tariff": "2.40"}, "debtor": {"kind": "person"}}
    before = deepcopy(data)
    read_account(data)

    assert data == before


# One declaration of every field


def records_of(record: type) -> set[type]:
    """The record and every record in it."""
    inner = {part for hint in headers.hints(record).values() for part in parts_of(hint) if is_dataclass(part)}
    return {record}.union(*(records_of(each) for each in inner if isinstance(each, type)))


def parts_of(hint: object) -> list[Any]:
    return [hint, *(part for arg in get_args(hint) for part in parts_of(arg))]


def test_every_field_has_a_chinese_label() -> None:
    for name in headers.LISTS:
        for column in headers.columns(name):
            assert column.labels, f"{name}.{column.field}"
            assert all(any(char >= "\u4e00" for char in label) for label in column.labels)


@pytest.mark.parametrize("name", headers.LISTS)
def test_no_head_means_two_columns(name: str) -> None:
    heads = [head.lower() for column in headers.columns(name) for head in (column.field, *column.labels)]

    assert len(heads) == len(set(heads))


def test_every_closed_set_has_chinese_words_for_each_value() -> None:
    sets = {name: value for name, value in vars(model).items() if get_origin(value) is Literal}

    for name, closed in sets.items():
        assert tuple(headers.WORDS[name]) == get_args(closed), name
        spoken = [word.lower() for value, words in headers.WORDS[name].items() for word in (*words, value)]
        assert len(spoken) == len(set(spoken)), name
        for value, words in headers.WORDS[name].items():
            assert all(headers.words(closed)[word.lower()] == value for word in words)


def test_every_list_of_the_account_has_a_file() -> None:
    lists = {
        field.name for field in fields(Account)
        if get_origin(headers.hints(Account)[field.name]) is tuple and field.name != "unknown"
    }  # fmt: skip

    assert lists | {"accounts"} == set(headers.LISTS)
    assert {record.__name__ for record in records_of(Account)} >= {
        "Party",
        "Settled",
        "Promise",
        "Opening",
        "Instalment",
    }


# The contract as it is published


PAGE = (Path(__file__).parent.parent / "docs" / "reference" / "records.md").read_text(encoding="utf-8")


def test_the_published_example_is_the_one_read_here() -> None:
    example = PAGE.split("```json\n")[1].split("```")[0]

    assert json.loads(example) == FULL


def test_the_published_contract_names_every_field() -> None:
    names = {name for record in records_of(Account) for name in headers.hints(record)}

    assert sorted(name for name in names if not re.search(rf'[`".]{name}[`".]', PAGE)) == []


@pytest.mark.parametrize("day", ["0001-01-01", "1000-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_a_day_that_stands_for_no_day_is_refused_with_what_to_write(day: str) -> None:
    """Systems without an empty date write such days; taken for real they are a debt of a thousand years."""
    found = read({"id": "x", "charges": [{"id": "Q1", "amount": "1.00", "due": day}]})

    assert isinstance(found, Rejected)
    assert [(finding.code, "留空" in finding.message("zh")) for finding in found.findings] == [("A120", True)]
