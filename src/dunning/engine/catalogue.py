"""The fact catalogue: every fact a rule may test, with its type, its unit, its titles and what it means at the edges.

One list serves the language (names), the engine (evaluation), the analysis (types) and the reference for reviewers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from dunning.basis.finding import Text
from dunning.model.condition import FactKind, Type


@dataclass(frozen=True, slots=True)
class FactDef:
    """One fact. `reads` are the records and fields it is made from: where the source has not got them it is unknown.

    `of` charge: known once per charge, and readable only in charge tables and steps. `person`: counted over all the
    person's accounts in the company.
    """

    id: str
    type: Type
    title: Text
    definition: Text
    of: Literal["account", "charge"] = "account"
    reads: tuple[str, ...] = ()
    person: bool = False


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

_YUAN = Text("元", "yuan")
_DAYS = Text("天", "days")
_MONTHS = Text("个月", "months")
_PERIODS = Text("期", "periods")
_TIMES = Text("次", "times")

MONEY = Type("money", unit=_YUAN)
DAYS = Type("days", unit=_DAYS)
MONTHS = Type("months", unit=_MONTHS)
PERCENT = Type("percent", unit=Text("%", "%"))
DATE = Type("date")
TRUTH = Type("boolean")
TEXT = Type("text")


def _count(unit: Text) -> Type:
    return Type("integer", unit=unit)


def _choice(words: Mapping[str, Text], kind: FactKind = "choice") -> Type:
    return Type(kind, words)


# What the facts are made from. Arrears need what was charged, paid and corrected; a fee also what stops or waives it.
_OWED = ("charges.amount", "charges.due", "payments", "adjustments")
_FEE = (*_OWED, "contracts.late_fee_clause", "contracts.late_fee_rate", "contracts.late_fee_cap", "holds", "plans")
_TALKS = (*_OWED, "contacts.outcome", "contacts.at")
_PROMISES = (*_OWED, "contacts.promise", "contacts.at")
_DEMANDS = (*_OWED, "contacts.step", "contacts.proof", "contacts.outcome", "contacts.at", "contacts.charges")

_FACTS = (
    # -- what is owed ---------------------------------------------------------------------------------------------
    FactDef(
        "arrears",
        MONEY,
        Text("欠费金额", "arrears"),
        Text(
            "逾期未付的本金: 只计要催的费目, 从到期日(遇休息日顺延)的次日起算; 低于起催金额的费用、他人名下的费用不计; "
            "期初余额从结转日的次日起计; 不含违约金.",
            "Principal overdue and unpaid, on chased items only, from the day after the (rolled) due date; charges below the "
            "amount chased from and charges of another debtor are left out, opening balances count from the day after "
            "they were carried over; no late fee.",
        ),
        reads=_OWED,
    ),
    FactDef(
        "principal_not_due",
        MONEY,
        Text("未到期本金", "principal not yet due"),
        Text(
            "到期日还没有到的未付本金, 含一切费目, 不含他人名下的费用; 当天到期的既不算未到期, 也不算欠费.",
            "Unpaid principal whose due date lies ahead, on every item, other debtors' charges left out; what falls due today "
            "is neither this nor arrears.",
        ),
        reads=_OWED,
    ),
    FactDef(
        "late_fee",
        MONEY,
        Text("违约金", "late fee"),
        Text(
            "已计算、未付也未减免的违约金合计, 不含他人名下的费用; 任何一笔算不出(如不知道合同有无违约金条款)时未知.",
            "Late fee assessed and neither paid nor waived, other debtors' charges left out; unknown where that of any "
            "charge is (for instance whether the contract has a late-fee clause).",
        ),
        reads=_FEE,
    ),
    FactDef(
        "balance",
        MONEY,
        Text("应付余额", "balance"),
        Text(
            "到期本金(含当天到期, 一切费目)加违约金减余额; 预存多于应付时为负; 不含他人名下的费用.",
            "Principal due (today's included, every item) plus late fee less credit; negative where credit is more; other "
            "debtors' charges left out.",
        ),
        reads=_FEE,
    ),
    FactDef(
        "credit",
        MONEY,
        Text("预存余额", "credit"),
        Text(
            "已收而没有用去的钱: 预存款和多付款; 没有则为 0.",
            "Money received and not yet used: prepaid or overpaid; 0 where there is none.",
        ),
        reads=_FEE,
    ),
    FactDef(
        "disputed_amount",
        MONEY,
        Text("争议金额", "disputed amount"),
        Text(
            "到期未付本金中有未结争议的部分: 争议写明金额的按金额, 没写的按该笔(没写哪一笔的按全部)未付本金, 不超过未付本金.",
            "The part of unpaid due principal under an open dispute: the amount it names, else all that is unpaid of the "
            "charge it names, or of every charge where it names none; never more than is unpaid.",
        ),
        reads=(*_OWED, "disputes"),
    ),
    FactDef(
        "oldest_due",
        DATE,
        Text("最早欠费到期日", "oldest due date"),
        Text(
            "计入欠费金额的费用中最早的到期日(已顺延); 没有逾期则为无; 期初余额没有到期日, 其未付时未知.",
            "The earliest (rolled) due date among what counts as arrears; none where nothing is overdue; unknown while an "
            "opening balance without a due date is unpaid.",
        ),
        reads=_OWED,
    ),
    FactDef(
        "overdue_days",
        DAYS,
        Text("逾期天数", "days overdue"),
        Text(
            "最早欠费到期日至今的天数, 到期日次日为 1 天; 没有逾期为 0; 期初余额未付时未知.",
            "Days since the oldest due date, 1 on the day after it; 0 where nothing is overdue; unknown while an opening "
            "balance without a due date is unpaid.",
        ),
        reads=_OWED,
    ),
    FactDef(
        "overdue_periods",
        _count(_PERIODS),
        Text("欠费期数", "periods overdue"),
        Text(
            "计入欠费金额的费用共有几个计费周期: 一期是合同缴费周期(月、季、半年、年, 按日历)的一段, 同一段内的几笔算一期, "
            "跨几段的一笔算几期; 费用没写账期的按到期日归段; 合同没写周期的按账单自己的账期, 两者都没有而不止一笔时未知; "
            "期初余额未付时未知.",
            "How many billing periods the arrears lie in: a period is one stretch of the contract's cycle (month, quarter, "
            "half year, year of the calendar), several charges in one stretch are one, a charge over several stretches is "
            "several; a charge without a period is placed by its due date; without a cycle the charges' own periods "
            "count, and with neither, more than one charge is unknown; unknown while an opening balance is unpaid.",
        ),
        reads=(*_OWED, "charges.period", "contracts.cycle"),
    ),
    FactDef(
        "consecutive_overdue_periods",
        _count(_PERIODS),
        Text("连续欠费期数", "consecutive periods overdue"),
        Text(
            "欠费期数中前后相接、中间不缺的最长一串有几期(不论新旧, 多欠一期不会使它变小); 没有逾期为 0; 何时未知同欠费期数.",
            "The longest run of overdue periods that follow one another without a gap, wherever it lies, so that owing one "
            "more never lowers it; 0 where nothing is overdue; unknown as for periods overdue.",
        ),
        reads=(*_OWED, "charges.period", "contracts.cycle"),
    ),
    FactDef(
        "overdue_quarters",
        _count(Text("个季度", "quarters")),
        Text("欠费季度数", "quarters overdue"),
        Text(
            "计入欠费金额的费用的账期共涉及几个日历季度, 年付一笔涉及四个; 没写账期的按到期日和合同周期归入; 何时未知同欠费期数.",
            "How many calendar quarters the periods of the arrears touch, four for one yearly charge; a charge without a "
            "period is placed by its due date and the contract's cycle; unknown as for periods overdue.",
        ),
        reads=(*_OWED, "charges.period", "contracts.cycle"),
    ),
    FactDef(
        "months_owed",
        MONTHS,
        Text("欠费月数", "months owed"),
        Text(
            "欠费金额相当于几个月的月物业费: 两个月多一分钱即超过2个月; 月物业费未知或为零时未知.",
            "How many monthly fees the arrears come to: a fen beyond two of them is more than 2 months; unknown where the "
            "monthly fee is unknown or zero.",
        ),
        reads=(*_OWED, "contracts.tariff", "area"),
    ),
    FactDef(
        "first_arrears",
        TRUTH,
        Text("首次欠费", "first arrears"),
        Text(
            "现在有逾期, 逾期的费用同一天到期, 且此前到期的每一笔要催的费用都在到期日前付清; 没有逾期为否; 有期初余额而其余都符合时未知.",
            "Something is overdue, all of it fell due on one day, and every chased charge before it was paid by its due "
            "date; false where nothing is overdue; unknown where all that holds but there was an opening balance.",
        ),
        reads=_OWED,
    ),
    FactDef(
        "monthly_fee",
        MONEY,
        Text("月物业费", "monthly fee"),
        Text(
            "当天有效合同的单价乘面积, 四舍五入到分; 单价或面积不知道, 或没有有效合同时未知.",
            "Tariff of the contract in force today times the area, rounded half up to the fen; unknown where either is, or "
            "no contract is in force.",
        ),
        reads=("contracts.tariff", "area"),
    ),
    FactDef(
        "late_fee_capped",
        TRUTH,
        Text("违约金到顶", "late fee capped"),
        Text(
            "至少有一笔本金或违约金未付清的费用, 违约金已到上限; 他人名下的费用不计; 都没到顶而有算不出的时未知.",
            "At least one charge with principal or fee still unpaid has its late fee at the cap; other debtors' charges left "
            "out; unknown where none is known to be and one cannot be assessed.",
        ),
        reads=_FEE,
    ),
    # -- how it was paid ------------------------------------------------------------------------------------------
    FactDef(
        "last_payment_on",
        DATE,
        Text("最近缴费日", "last payment"),
        Text(
            "最近一次没有冲回的缴费的日期, 不论缴哪一项; 从未缴费为无.",
            "The day of the last payment that was not reversed, whatever it paid; none where nobody ever paid.",
        ),
        reads=("payments",),
    ),
    FactDef(
        "days_since_payment",
        DAYS,
        Text("距上次缴费天数", "days since payment"),
        Text(
            "最近缴费日至今的天数, 当天为 0; 从未缴费为无, 不会满足任何天数条件.",
            "Days since the last payment, 0 on its day; none where nobody ever paid, which no number of days matches.",
        ),
        reads=("payments",),
    ),
    FactDef(
        "paid_12m",
        MONEY,
        Text("近12个月缴费", "paid in 12 months"),
        Text(
            "近12个月(去年同日的次日至今)没有冲回的缴费合计, 减去其中已退还的.",
            "Payments of the last 12 months (from the day after this day a year ago) that were not reversed, less what of "
            "them was refunded.",
        ),
        reads=("payments", "adjustments"),
    ),
    FactDef(
        "late_payments_12m",
        _count(_TIMES),
        Text("近12个月迟缴次数", "late payments in 12 months"),
        Text(
            "近12个月已过的到期日中, 有几个到期日没有按期付清, 后来付了的和至今没付的都算, 同一天到期的几笔算一次; "
            "只计要催的费目, 尾款低于起催金额视为付清.",
            "How many of the due dates passed in the last 12 months were missed, paid later or not at all; several charges "
            "due on one day are one; chased items only, and a rest below the amount chased from is as good as paid.",
        ),
        reads=_OWED,
    ),
    FactDef(
        "on_time_ratio_12m",
        PERCENT,
        Text("近12个月按期率", "on-time ratio in 12 months"),
        Text(
            "近12个月已过的到期日中按期付清的占比, 向下取到百万分之一; 没有到期日为无.",
            "The share of the due dates passed in the last 12 months that were met, rounded down to a millionth; none where "
            "there was no due date.",
        ),
        reads=_OWED,
    ),
    FactDef(
        "average_days_late",
        DAYS,
        Text("平均迟缴天数", "average days late"),
        Text(
            "近12个月已过的到期日平均迟了几天, 按期为 0 天, 没付清的算到今天, 向下取整; 没有到期日为无.",
            "How many days late the due dates passed in the last 12 months were met on average: 0 where on time, up to today "
            "where still unpaid, rounded down; none where there was no due date.",
        ),
        reads=_OWED,
    ),
    FactDef(
        "payment_habit",
        _choice(HABITS),
        Text("缴费习惯", "payment habit"),
        Text(
            "近12个月缴费日(同一天几笔算一日)的三分之二以上落在月初(1至3日)、月中(10至15日)或月末(25日起), 否则不固定; "
            "不足两个缴费日为无.",
            "Where at least two thirds of the days with a payment in the last 12 months fall: days 1-3, 10-15, or from the "
            "25th on, else irregular; none with fewer than two such days.",
        ),
        reads=("payments",),
    ),
    FactDef(
        "paid_ahead",
        MONTHS,
        Text("提前缴费", "paid ahead"),
        Text(
            "还没到期就已付清的要催的费用中, 最先到期的一笔从付清日到到期日的月数; 没有则为 0 个月; 没有指明缴哪一笔的预存款不算.",
            "Of the chased charges paid in full and not yet due, the months from the day the first to fall due was settled to "
            "its due date; 0 where there is none; credit meant for no charge does not count.",
        ),
        reads=_OWED,
    ),
    FactDef(
        "covers_months",
        _count(_MONTHS),
        Text("预缴月数", "months covered ahead"),
        Text(
            "还没到期就已付清的要催的费用共涵盖几个整月, 同一月几笔算一个月; 没有则为 0; 没写账期的按合同周期, 周期也没有时未知.",
            "How many whole months the chased charges paid in full and not yet due cover, a month once; 0 where there is "
            "none; a charge without a period covers the contract's cycle, and without a cycle it is unknown.",
        ),
        reads=(*_OWED, "charges.period", "contracts.cycle"),
    ),
    FactDef(
        "plan_state",
        _choice(PLAN_STATES),
        Text("分期协议状态", "plan state"),
        Text(
            "最近签订的分期协议的状态; 没有协议为无.",
            "The state of the plan signed last; none where there is no plan.",
        ),
        reads=("plans", "payments"),
    ),
    # -- what the debtor said -------------------------------------------------------------------------------------
    FactDef(
        "broken_promises",
        _count(_TIMES),
        Text("失约次数", "broken promises"),
        Text(
            "承诺日已过, 而从承诺当天到承诺日的缴费没有达到承诺金额(没写金额的为当时全部逾期本金)的次数; 同一承诺日的几次承诺算一次.",
            "Promises whose day has passed without payments, from the day of the promise to its date, reaching its amount "
            "(where none is given, all principal overdue then); promises for one day are one.",
        ),
        reads=_PROMISES,
    ),
    FactDef(
        "promise_open",
        TRUTH,
        Text("有未到期承诺", "promise open"),
        Text(
            "有一个承诺, 承诺日是今天或以后, 且从承诺当天起的缴费还没有达到承诺金额.",
            "There is a promise for today or later whose amount has not been reached by payments since the day it was made.",
        ),
        reads=_PROMISES,
    ),
    FactDef(
        "promise_on",
        DATE,
        Text("承诺付款日", "promised day"),
        Text(
            "未到期承诺的付款日, 有几个时取最后作出的; 没有则为无.",
            "The day of the open promise, of the one made last where there are several; none where there is none.",
        ),
        reads=_PROMISES,
    ),
    FactDef(
        "open_disputes",
        _count(Text("件", "disputes")),
        Text("未结争议数", "open disputes"),
        Text(
            "已提出而没有了结的争议有几件; 已答复未了结的仍算, 了结当天起不算.",
            "Disputes opened and not closed; answered ones count until closed, and no longer on the day they are closed.",
        ),
        reads=("disputes",),
    ),
    FactDef(
        "open_dispute_kinds",
        _choice(DISPUTE_KINDS, "set"),
        Text("未结争议类型", "kinds of open disputes"),
        Text("未结争议的类型; 没有则为空.", "The kinds of the open disputes; empty where there is none."),
        reads=("disputes",),
    ),
    FactDef(
        "hardship",
        TRUTH,
        Text("困难", "hardship"),
        Text(
            "欠费人带有困难标签(hardship 或 困难), 或有未结的经济困难争议, 或本次欠费以来的联系记有经济困难的原因; 都不成立而有一项不知道时未知.",
            "The debtor carries the tag hardship (or 困难), or a hardship dispute is open, or a contact of this episode "
            "gives hardship as the reason; unknown where none holds and one is not known.",
        ),
        reads=("debtor.tags", "disputes", "contacts.reason"),
    ),
    FactDef(
        "refused",
        TRUTH,
        Text("拒绝缴费", "refused"),
        Text(
            "本次欠费以来最后一次有态度的联系(愿付、承诺、外出、拒绝、争议、已付)结果是拒绝; 没有逾期或没有这样的联系为否.",
            "The last contact of this episode that shows an attitude (willing, promised, away, refused, disputed, paid) was "
            "a refusal; false where nothing is overdue or there is no such contact.",
        ),
        reads=_TALKS,
    ),
    FactDef(
        "willing",
        TRUTH,
        Text("愿意缴费", "willing"),
        Text(
            "本次欠费以来最后一次有态度的联系结果是愿付或承诺; 没有逾期或没有这样的联系为否.",
            "The last contact of this episode that shows an attitude was willing or promised; false where nothing is overdue "
            "or there is no such contact.",
        ),
        reads=_TALKS,
    ),
    FactDef(
        "away",
        TRUTH,
        Text("外出异地", "away"),
        Text(
            "本次欠费以来最后一次有态度的联系结果或原因是外出; 没有逾期或没有这样的联系为否.",
            "The last contact of this episode that shows an attitude says, as outcome or reason, that the debtor is away; "
            "false where nothing is overdue or there is no such contact.",
        ),
        reads=(*_TALKS, "contacts.reason"),
    ),
    # -- how the debtor was contacted -----------------------------------------------------------------------------
    FactDef(
        "last_contact_on",
        DATE,
        Text("最近联系日", "last contact"),
        Text(
            "最近一次主动联系此人的日期, 不论哪一户、哪种渠道; 未能送达的和对方来电不算; 从未联系为无.",
            "The day this person was last contacted by us, on any account and channel; undeliverable and inbound ones do not "
            "count; none where there was no contact.",
        ),
        reads=("contacts.at", "contacts.outcome"),
        person=True,
    ),
    FactDef(
        "contacts_7d",
        _count(_TIMES),
        Text("近7天联系次数", "contacts in 7 days"),
        Text(
            "今天和前6天主动联系此人的次数: 电话、上门、短信微信等消息, 各户合计, 同一编号算一次; 信函公告、未能送达的和对方来电不算.",
            "Contacts with this person today and on the 6 days before: phone, visit and message, on all accounts together, "
            "one id or key once; letters and notices, undeliverable and inbound ones do not count.",
        ),
        reads=("contacts.at", "contacts.outcome", "contacts.channel"),
        person=True,
    ),
    FactDef(
        "contacts_30d",
        _count(_TIMES),
        Text("近30天联系次数", "contacts in 30 days"),
        Text(
            "今天和前29天主动联系此人的次数, 算法同近7天联系次数.",
            "Contacts with this person today and on the 29 days before, counted as for 7 days.",
        ),
        reads=("contacts.at", "contacts.outcome", "contacts.channel"),
        person=True,
    ),
    FactDef(
        "unreachable_streak",
        _count(_TIMES),
        Text("连续联系不上次数", "unreachable in a row"),
        Text(
            "从最近一次往前数, 连续几次无人接听或未能送达; 联系到本人或本人来电即断, 只知发出或送达的不算也不断.",
            "Counting back from the newest, contacts in a row that were not answered or not deliverable; reaching the person, "
            "or an inbound contact, ends the row; merely sent or delivered ones neither count nor end it.",
        ),
        reads=("contacts.at", "contacts.outcome"),
        person=True,
    ),
    FactDef(
        "demand_delivered",
        TRUTH,
        Text("书面催告已送达", "demand delivered"),
        Text(
            "现在逾期的费用至少有一笔已有书面催告送达(凭证 A 或 B); 没写凭证时未知, 没有逾期为否.",
            "A formal demand with proof A or B has reached the debtor for at least one charge now overdue; unknown where the "
            "proof is not given, false where nothing is overdue.",
        ),
        reads=_DEMANDS,
    ),
    FactDef(
        "demand_expired",
        TRUTH,
        Text("书面催告已期满", "demand expired"),
        Text(
            "现在逾期的费用至少有一笔, 已送达的书面催告期限已过: 送达次日起15天与10个工作日的较晚者(末日遇休息日顺延), 期限最后一天还没有期满.",
            "For at least one charge now overdue the deadline of a delivered demand has passed: the later of 15 days and 10 "
            "working days from the day after delivery, rolled off a rest day; not yet on the deadline's last day.",
        ),
        reads=_DEMANDS,
    ),
    # -- who and what ---------------------------------------------------------------------------------------------
    FactDef(
        "handover_days",
        DAYS,
        Text("交付天数", "days since handover"),
        Text(
            "交付日至今的天数, 当天为 0, 交付前为负; 交付日没写则未知.",
            "Days since the unit was handed over, 0 on the day, negative before it; unknown where the day is not given.",
        ),
        reads=("handed_over",),
    ),
    FactDef(
        "use",
        _choice(USES),
        Text("用途", "use"),
        Text("房屋用途; 没写则未知.", "What the unit is used for; unknown where not given."),
        reads=("use",),
    ),
    FactDef(
        "occupancy",
        _choice(OCCUPANCIES),
        Text("入住状态", "occupancy"),
        Text("入住状态; 没写则未知.", "Whether the unit is lived in; unknown where not given."),
        reads=("occupancy",),
    ),
    FactDef(
        "area",
        Type("number", unit=Text("㎡", "m²")),
        Text("面积", "area"),
        Text(
            "计费面积, 四舍五入到两位小数; 没写则未知.",
            "The area billed, rounded half up to two decimals; unknown where not given.",
        ),
        reads=("area",),
    ),
    FactDef(
        "community",
        TEXT,
        Text("小区", "community"),
        Text("小区编号; 没写则未知.", "The community's id; unknown where not given."),
        reads=("community",),
    ),
    FactDef(
        "place",
        TEXT,
        Text("行政区划", "place"),
        Text(
            "行政区划(CN- 加 2、4 或 6 位代码), 按全文比较; 没写则未知.",
            "The place (CN- and 2, 4 or 6 digits), compared as a whole; unknown where not given.",
        ),
        reads=("place",),
    ),
    FactDef(
        "debtor_kind",
        _choice(DEBTOR_KINDS),
        Text("欠费人类型", "kind of debtor"),
        Text("欠费人是个人、企业等; 没写则未知.", "Person, company and so on; unknown where not given."),
        reads=("debtor.kind",),
    ),
    FactDef(
        "debtor_role",
        _choice(DEBTOR_ROLES),
        Text("欠费人身份", "role of debtor"),
        Text("欠费人是业主、承租人等; 没写则未知.", "Owner, tenant and so on; unknown where not given."),
        reads=("debtor.role",),
    ),
    FactDef(
        "tags",
        Type("set"),
        Text("标签", "tags"),
        Text("欠费人的标签; 没有则为空.", "The debtor's tags; empty where there are none."),
        reads=("debtor.tags",),
    ),
    FactDef(
        "contract_kind",
        _choice(CONTRACT_KINDS),
        Text("合同类型", "kind of contract"),
        Text(
            "当天有效合同的类型; 没写或没有有效合同时未知.",
            "The kind of the contract in force today; unknown where not given or none is in force.",
        ),
        reads=("contracts.kind",),
    ),
    # -- of one charge --------------------------------------------------------------------------------------------
    FactDef(
        "charge_age",
        MONTHS,
        Text("账龄", "age of the charge"),
        Text(
            "该笔从到期日(已顺延)至今的月数, 按日期比较: 到期日加 n 个月当天为满 n 个月; 未到期为负; 期初余额没有到期日, 未知.",
            "Months since the charge's (rolled) due date, by comparing dates: n months are full on the due date plus n months; "
            "negative before it; unknown for an opening balance without a due date.",
        ),
        of="charge",
        reads=("charges.due",),
    ),
    FactDef(
        "charge_overdue_days",
        DAYS,
        Text("该笔逾期天数", "charge days overdue"),
        Text(
            "该笔到期日至今的天数; 未到期、不计入欠费金额的为 0; 未付的期初余额未知.",
            "Days since the charge's due date; 0 before it and for a charge that is not part of the arrears; unknown for an "
            "unpaid opening balance without a due date.",
        ),
        of="charge",
        reads=_OWED,
    ),
    FactDef(
        "charge_item",
        _choice(ITEMS),
        Text("费目", "item"),
        Text("该笔是什么费.", "What the charge is for."),
        of="charge",
        reads=("charges.item",),
    ),
    FactDef(
        "charge_unpaid",
        MONEY,
        Text("该笔未付本金", "charge unpaid"),
        Text(
            "该笔还没有付的本金, 不论到期与否, 低于起催金额的也计.",
            "What is unpaid of the charge's principal, due or not, however little.",
        ),
        of="charge",
        reads=_OWED,
    ),
    FactDef(
        "charge_fee_capped",
        TRUTH,
        Text("该笔违约金到顶", "charge fee capped"),
        Text("该笔违约金已到上限; 算不出时未知.", "The charge's late fee is at its cap; unknown where it cannot be assessed."),
        of="charge",
        reads=_FEE,
    ),
    FactDef(
        "charge_demand_delivered",
        TRUTH,
        Text("该笔催告已送达", "charge demand delivered"),
        Text(
            "已有书面催告(凭证 A 或 B)就该笔送达; 催告没写哪几笔的, 指当天已逾期的各笔; 没写凭证时未知.",
            "A formal demand with proof A or B has been delivered for this charge; one that names no charge speaks of all "
            "overdue that day; unknown where the proof is not given.",
        ),
        of="charge",
        reads=_DEMANDS,
    ),
    FactDef(
        "charge_demand_expired",
        TRUTH,
        Text("该笔催告已期满", "charge demand expired"),
        Text(
            "就该笔送达的书面催告期限已过, 算法同书面催告已期满.",
            "The deadline of a demand delivered for this charge has passed, reckoned as for demand expired.",
        ),
        of="charge",
        reads=_DEMANDS,
    ),
)

CATALOGUE: Mapping[str, FactDef] = MappingProxyType({fact.id: fact for fact in _FACTS})
