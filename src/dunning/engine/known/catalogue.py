"""The fact catalogue: every fact a rule may test, with its type, unit and titles, and what it is made from.

One list serves the language (names), the engine (evaluation), the analysis (types) and the reference for reviewers.
What each fact means at its edges stands in `facts.toml` beside this module.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

from dunning.basis.finding import Text
from dunning.model.condition import FactKind, Type


@dataclass(frozen=True, slots=True)
class FactDef:
    """One fact. `reads` are the records and fields it is made from: where the source has not got one, it is unknown.

    `of` charge: known once per charge, and readable only in charge tables and steps. `person`: counted over all the
    person's accounts in the company. `either`: true where any one of its sources says so, though others are missing.
    """

    id: str
    type: Type
    title: Text
    reads: tuple[str, ...]
    of: Literal["account", "charge"] = "account"
    person: bool = False
    either: bool = False

    @property
    def definition(self) -> Text:
        """What it means, in one sentence with its edge cases."""
        return _definitions()[self.id]


def facts() -> tuple[FactDef, ...]:
    """Every fact a rule may test, in the order of docs/reference/facts.md."""
    return tuple(CATALOGUE.values())


@cache
def _definitions() -> Mapping[str, Text]:
    entries = tomllib.loads((files("dunning.engine.known") / "facts.toml").read_text(encoding="utf-8"))
    return {fact: Text(entry["zh"], entry["en"]) for fact, entry in entries.items()}


def _words(**titles: tuple[str, str]) -> Mapping[str, Text]:
    return MappingProxyType({word: Text(*title) for word, title in titles.items()})


USES = _words(
    residential=("住宅", "residential"),
    commercial=("商业", "commercial"),
    office=("写字楼", "office"),
    parking=("车位", "parking"),
    other=("其他", "other"),
)
OCCUPANCIES = _words(
    occupied=("已入住", "occupied"),
    vacant=("空置", "vacant"),
    unsold=("未售", "unsold"),
    undelivered=("未交付", "undelivered"),
)
DEBTOR_KINDS = _words(
    person=("个人", "person"),
    sole_trader=("个体户", "sole trader"),
    company=("企业", "company"),
    government=("机关单位", "government body"),
    developer=("开发商", "developer"),
)
DEBTOR_ROLES = _words(
    owner=("业主", "owner"),
    joint_owner=("共有人", "joint owner"),
    tenant=("承租人", "tenant"),
    occupant=("使用人", "occupant"),
    developer=("建设单位", "developer"),
    heir=("继承人", "heir"),
    guarantor=("保证人", "guarantor"),
)
CONTRACT_KINDS = _words(
    preliminary=("前期合同", "preliminary contract"),
    committee=("业委会合同", "contract of the owners' committee"),
    individual=("单独合同", "individual contract"),
    indefinite=("不定期合同", "contract without a term"),
    holdover=("交接前继续服务", "service until hand-over"),
)
ITEMS = _words(
    property_fee=("物业费", "property fee"),
    parking=("停车费", "parking"),
    heating=("取暖费", "heating"),
    rent=("租金", "rent"),
    shared_utility=("公摊水电", "shared utilities"),
    utility=("代收水电", "utilities"),
    repair=("维修费", "repair"),
    deposit=("押金", "deposit"),
    costs=("费用", "costs"),
    other=("其他", "other"),
)
DISPUTE_KINDS = _words(
    service_quality=("服务质量", "service quality"),
    price=("收费标准", "price"),
    hardship=("经济困难", "hardship"),
    not_used=("未居住使用", "not used"),
    contract=("合同争议", "contract"),
    policy=("政策争议", "policy"),
    billing_error=("账单错误", "billing error"),
    not_debtor=("不是欠费人", "not the debtor"),
    already_paid=("已经缴费", "already paid"),
    invoice=("发票问题", "invoice"),
)
HABITS = _words(
    month_start=("月初", "start of the month"),
    mid_month=("月中", "middle of the month"),
    month_end=("月末", "end of the month"),
    irregular=("不固定", "irregular"),
)
PLAN_STATES = _words(
    kept=("履行中", "kept"),
    broken=("已违约", "broken"),
    completed=("已完成", "completed"),
)


def _count(zh: str, en: str) -> Type:
    return Type("integer", unit=Text(zh, en))


def _word(words: Mapping[str, Text], kind: FactKind = "choice") -> Type:
    return Type(kind, words)


MONEY = Type("money", unit=Text("元", "yuan"))
DAYS = Type("days", unit=Text("天", "days"))
MONTHS = Type("months", unit=Text("个月", "months"))
PERIODS = _count("期", "periods")
TIMES = _count("次", "times")
PERCENT = Type("percent", unit=Text("%", "%"))
NUMBER = Type("number", unit=Text("㎡", "m²"))
DATE = Type("date")
TRUTH = Type("boolean")
TEXT = Type("text")
SET = Type("set")

# What the facts are made from. Arrears need what was charged, paid and corrected; a fee also what stops or waives it.
_PAID = ("payments.on", "payments.amount", "payments.reversed_on")
_OWED = ("charges.amount", "charges.due", *_PAID, "adjustments.kind", "adjustments.on", "adjustments.amount")
_PERIOD = (*_OWED, "charges.period", "contracts.cycle")
_MONTHLY = ("contracts.tariff", "area")
_FEE = (*_OWED, "contracts.late_fee_clause", "contracts.late_fee_rate", "contracts.late_fee_cap", "holds", "plans")
_SAID = (*_OWED, "contacts.at", "contacts.outcome")
_PROMISED = (*_OWED, "contacts.at", "contacts.promise")
_DEMANDED = (*_OWED, "contacts.at", "contacts.step", "contacts.outcome", "contacts.proof", "contacts.charges")
_TRIED = ("contacts.at", "contacts.outcome")
_COUNTED = (*_TRIED, "contacts.channel")
_HARD = ("debtor.tags", "disputes.kind", "disputes.closed", "contacts.reason")


def _fact(fact: str, type_: Type, zh: str, en: str, reads: tuple[str, ...]) -> FactDef:
    return FactDef(fact, type_, Text(zh, en), reads)


def _of_person(fact: str, type_: Type, zh: str, en: str, reads: tuple[str, ...]) -> FactDef:
    return FactDef(fact, type_, Text(zh, en), reads, person=True)


def _of_charge(fact: str, type_: Type, zh: str, en: str, reads: tuple[str, ...]) -> FactDef:
    return FactDef(fact, type_, Text(zh, en), reads, of="charge")


_FACTS = (
    # What is owed
    _fact("arrears", MONEY, "欠费金额", "arrears", _OWED),
    _fact("principal_not_due", MONEY, "未到期本金", "principal not yet due", _OWED),
    _fact("late_fee", MONEY, "违约金", "late fee", _FEE),
    _fact("balance", MONEY, "应付余额", "balance", _FEE),
    _fact("credit", MONEY, "预存余额", "credit", _FEE),
    _fact("disputed_amount", MONEY, "争议金额", "disputed amount", (*_OWED, "disputes")),
    _fact("oldest_due", DATE, "最早欠费到期日", "oldest due date", _OWED),
    _fact("overdue_days", DAYS, "逾期天数", "days overdue", _OWED),
    _fact("overdue_periods", PERIODS, "欠费期数", "periods overdue", _PERIOD),
    _fact("consecutive_overdue_periods", PERIODS, "连续欠费期数", "consecutive periods overdue", _PERIOD),
    _fact("overdue_quarters", _count("个季度", "quarters"), "欠费季度数", "quarters overdue", _PERIOD),
    _fact("months_owed", MONTHS, "欠费月数", "months owed", (*_OWED, *_MONTHLY)),
    _fact("first_arrears", TRUTH, "首次欠费", "first arrears", _OWED),
    _fact("monthly_fee", MONEY, "月物业费", "monthly fee", _MONTHLY),
    _fact("late_fee_capped", TRUTH, "违约金到顶", "late fee capped", _FEE),
    # How it was paid
    _fact("last_payment_on", DATE, "最近缴费日", "last payment", _PAID),
    _fact("days_since_payment", DAYS, "距上次缴费天数", "days since payment", _PAID),
    _fact("paid_12m", MONEY, "近12个月缴费", "paid in 12 months", (*_PAID, "adjustments")),
    _fact("late_payments_12m", TIMES, "近12个月迟缴次数", "late payments in 12 months", _OWED),
    _fact("on_time_ratio_12m", PERCENT, "近12个月按期率", "on-time ratio in 12 months", _OWED),
    _fact("average_days_late", DAYS, "平均迟缴天数", "average days late", _OWED),
    _fact("payment_habit", _word(HABITS), "缴费习惯", "payment habit", _PAID),
    _fact("paid_ahead", MONTHS, "提前缴费", "paid ahead", _OWED),
    _fact("covers_months", _count("个月", "months"), "预缴月数", "months covered ahead", _PERIOD),
    _fact("plan_state", _word(PLAN_STATES), "分期协议状态", "plan state", ("plans", *_PAID)),
    # What the debtor said
    _fact("broken_promises", TIMES, "失约次数", "broken promises", _PROMISED),
    _fact("promise_open", TRUTH, "有未到期承诺", "promise open", _PROMISED),
    _fact("promise_on", DATE, "承诺付款日", "promised day", _PROMISED),
    _fact("open_disputes", _count("件", "disputes"), "未结争议数", "open disputes", ("disputes.closed",)),
    _fact("open_dispute_kinds", _word(DISPUTE_KINDS, "set"), "未结争议类型", "kinds of open disputes",
          ("disputes.kind", "disputes.closed")),
    FactDef("hardship", TRUTH, Text("困难", "hardship"), _HARD, either=True),
    _fact("refused", TRUTH, "拒绝缴费", "refused", _SAID),
    _fact("willing", TRUTH, "愿意缴费", "willing", _SAID),
    _fact("away", TRUTH, "外出异地", "away", (*_SAID, "contacts.reason")),
    # How the debtor was contacted
    _of_person("last_contact_on", DATE, "最近联系日", "last contact", _TRIED),
    _of_person("contacts_7d", TIMES, "近7天联系次数", "contacts in 7 days", _COUNTED),
    _of_person("contacts_30d", TIMES, "近30天联系次数", "contacts in 30 days", _COUNTED),
    _of_person("unreachable_streak", TIMES, "连续联系不上次数", "unreachable in a row", _TRIED),
    _fact("demand_delivered", TRUTH, "书面催告已送达", "demand delivered", _DEMANDED),
    _fact("demand_expired", TRUTH, "书面催告已期满", "demand expired", _DEMANDED),
    # Who and what
    _fact("handover_days", DAYS, "交付天数", "days since handover", ("handed_over",)),
    _fact("use", _word(USES), "用途", "use", ("use",)),
    _fact("occupancy", _word(OCCUPANCIES), "入住状态", "occupancy", ("occupancy",)),
    _fact("area", NUMBER, "面积", "area", ("area",)),
    _fact("community", TEXT, "小区", "community", ("community",)),
    _fact("place", SET, "行政区划", "place", ("place",)),
    _fact("debtor_kind", _word(DEBTOR_KINDS), "欠费人类型", "kind of debtor", ("debtor.kind",)),
    _fact("debtor_role", _word(DEBTOR_ROLES), "欠费人身份", "role of debtor", ("debtor.role",)),
    _fact("tags", SET, "标签", "tags", ("debtor.tags",)),
    _fact("contract_kind", _word(CONTRACT_KINDS), "合同类型", "kind of contract", ("contracts.kind",)),
    # Of one charge
    _of_charge("charge_age", MONTHS, "账龄", "age of the charge", ("charges.due",)),
    _of_charge("charge_overdue_days", DAYS, "该笔逾期天数", "charge days overdue", _OWED),
    _of_charge("charge_item", _word(ITEMS), "费目", "item", ("charges.item",)),
    _of_charge("charge_unpaid", MONEY, "该笔未付本金", "charge unpaid", _OWED),
    _of_charge("charge_fee_capped", TRUTH, "该笔违约金到顶", "charge fee capped", _FEE),
    _of_charge("charge_demand_delivered", TRUTH, "该笔催告已送达", "charge demand delivered", _DEMANDED),
    _of_charge("charge_demand_expired", TRUTH, "该笔催告已期满", "charge demand expired", _DEMANDED),
)  # fmt: skip

CATALOGUE: Mapping[str, FactDef] = MappingProxyType({fact.id: fact for fact in _FACTS})


def _misnomers(**wrong: str) -> Mapping[str, str]:
    return MappingProxyType({word: fact for fact, words in wrong.items() for word in words.split()})


MISNOMERS = _misnomers(
    arrears="欠款 欠款金额 欠费 欠费额 拖欠金额 逾期金额 欠缴金额 欠费本金 debt owed amount_due amount_owed",
    late_fee="滞纳金 罚息 逾期违约金 逾期利息 penalty fine interest late_charge",
    balance="余额 应缴金额 应付金额 total total_due",
    credit="预存 预存款 预收款 预缴金额 prepaid prepayment",
    overdue_days="欠费天数 拖欠天数 欠缴天数 超期天数 逾期日数 逾期 days_overdue overdue days_late",
    overdue_periods="逾期期数 拖欠期数 欠缴期数 periods_overdue",
    overdue_quarters="逾期季度数 欠费季度 欠费季数 quarters_overdue",
    months_owed="逾期月数 拖欠月数 欠费月份 months_overdue",
    last_payment_on="最后缴费日 上次缴费日 最近付款日 last_paid",
    broken_promises="失信次数 违约次数 爽约次数 promises_broken",
    promise_on="承诺日 承诺缴费日 promise_date",
    contacts_30d="联系次数 催缴次数 contacts",
    unreachable_streak="失联次数 unreachable",
    refused="拒缴 拒付 拒交",
    hardship="困难户 特困 低保",
    use="业态 房屋用途 物业类型 property_type",
    occupancy="空置 空置状态 入住情况 vacant vacancy",
    area="建筑面积 房屋面积",
    community="项目 小区名称 project",
    place="城市 地区 所在地 city",
    debtor_kind="客户类型 业主类型 customer_type",
    handover_days="交房天数 交房时间",
    charge_age="欠费账龄 账单账龄",
    charge_overdue_days="账单逾期天数 该笔欠费天数",
    charge_unpaid="账单欠费 该笔欠费 该笔欠款",
)
"""What people call a fact that has another name here, with the fact they mean: proposed, never read."""


def meant_by(word: str) -> FactDef | None:
    """The fact that a common wrong name means; None for any other word."""
    return CATALOGUE[MISNOMERS[word]] if word in MISNOMERS else None
