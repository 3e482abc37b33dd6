"""The closed sets of words the language knows, each with its Chinese title, which may be written in its place.

One list for the reader, the JSON Schema and the reference, so that what an editor proposes is what loading accepts.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from dunning.basis.finding import Text
from dunning.engine.known import catalogue
from dunning.model import action


def _set(*lines: str) -> Mapping[Any, Text]:
    """`id 中文` a line; the English title is the id with blanks."""
    pairs = (line.split(maxsplit=1) for line in lines)
    return MappingProxyType({name: Text(title, name.replace("_", " ")) for name, title in pairs})


# Known elsewhere, and typed by their literals there
ITEMS: Mapping[Any, Text] = catalogue.ITEMS
EFFECTS: Mapping[Any, Text] = action.EFFECTS
RECEIVERS: Mapping[Any, Text] = action.RECEIVERS
ROLES: Mapping[Any, Text] = action.ROLES

# Money
DATED_BY = _set("day 按日", "due 按到期日")
PAYMENT_DAY = _set("counted 计入", "not_counted 不计入")
AFTER_GRACE = _set("from_due 从到期日起", "from_grace_end 从宽限期满起")
AFTER_PRINCIPAL = _set("keep 保留", "waive 免除")
ROUNDING = _set("half_up 四舍五入", "floor 舍去")
REST_DAY_DUE = _set("roll_forward 顺延", "as_written 不顺延")
ACROSS_CHARGES = _set("earliest_due 先到期先付", "statutory 法定次序")
PARTS = _set("principal 本金", "late_fee 违约金")
SOURCE_SPLIT = _set("follow 沿用", "ignore 不沿用")

# Tables
HITS = _set(
    "unique 唯一",
    "first 首个",
    "collect 汇总",
    "sum 求和",
    "any 任一",
    "min 最小",
    "max 最大",
    "priority 优先",
)
OF = _set("account 户", "charge 账单")
KINDS = _set("integer 整数", "percent 百分比", "money 金额", "duration 时长", "role 岗位", "boolean 是否")
FACT_TYPES = _set(
    "money 金额",
    "integer 整数",
    "days 天数",
    "percent 百分比",
    "number 小数",
    "date 日期",
    "boolean 是否",
    "text 文字",
)

# Contacts and steps
CLASSES = _set("phone 电话", "visit 上门", "message 消息")
CHANNELS = _set(
    "sms 短信",
    "wechat 微信",
    "app 应用推送",
    "phone 电话",
    "ai_voice 智能语音",
    "visit 上门",
    "letter 信函",
    "ems 邮政快递",
    "email 邮件",
    "notice 公告",
)
LIMITED: Mapping[Any, Text] = MappingProxyType({
    **_set("any 全部", "phone 电话", "visit 上门", "message 消息", "post 信函类"),
    **{name: title for name, title in CHANNELS.items() if name not in ("phone", "visit")},
})  # fmt: skip
DAYS = _set("workday 工作日", "rest_day 休息日", "festival 节日")
LACKS = _set("report 报告")
TONES = _set("friendly 友好", "service_value 讲服务", "firm 坚定", "legal 法律")
LANGUAGES = _set("zh 中文", "en 英文")
RECORDED = _set("reason 原因", "content 内容", "outcome 结果", "party 对象", "promise 承诺", "proof 凭证")
NEEDS = _set(
    "two_persons 两人同行",
    "badge 佩戴工牌",
    "recorder_notice 告知录像",
    "written 书面",
    "contract 合同",
    "proof_of_debt 欠费凭证",
    "dunning_record 催缴记录",
    "service_record 服务记录",
    "demand_proof 催告送达凭证",
    "ledger 台账",
    "sealed_envelope 密封信封",
    "ai_disclosed 告知是机器",
    "human_option 可转人工",
    "price_posted 已公示价目",
    "consent 本人同意",
    "within_limits 在规定的时段和次数之内",
    "no_entry_or_filming 未经同意不进入、不拍摄住宅",
    "least_data 只给必需的最少资料",
    "own_debt_only 只谈对方自己的欠费",
    "truthful 如实说明, 只说依法可以做的",
    "arbitration_agreement 书面仲裁协议",
    "certain_sum 数额确定、没有对待给付、能够送达",
    "security 按法院要求提供担保",
    "proof_of_means 有能力而不履行的证据",
)
RECIPIENTS: Mapping[Any, Text] = MappingProxyType({
    name: title
    for name, title in RECEIVERS.items()
    if name in ("debtor", "business_contact", "headquarters", "committee", "developer")
})  # fmt: skip
PROOFS = _set("A 签收或送达回证", "B 送达回执", "C 仅发出", "D 无证据")
LATE = _set("keep 补做", "drop 作罢")
OCCASIONS = _set("month 每月", "quarter 每季", "half_year 每半年", "year 每年", "episode 每次欠费", "charge 每笔")
CATCH_UP = _set("only_highest 只做最高一步", "lowest_first 从最低一步做起", "all 全部合并")
GIVEN_FROM = _set("delivered 送达", "sent 发出")
OUTCOMES = _set(
    "sent 已发出",
    "delivered 已送达",
    "undeliverable 无法送达",
    "no_answer 无人接听",
    "reached 已联系上",
    "willing 愿意缴纳",
    "promised 已承诺",
    "away 外出",
    "refused 拒绝",
    "disputed 有异议",
    "paid 已缴",
)
UNTIL = _set("answered 已答复", "closed 已了结")
STOPS = _set("ladder 阶梯", "reminders 提醒", "all 全部")

# Offers and targets
OFFERS = _set("instalments 分期", "deferral 缓缴", "waiver 免违约金", "reduction 减免本金")
ACCRUAL = _set("none 不计", "normal 照计")
ON_BREAK = _set("resume 恢复计算", "retroactive 追溯计算")
SHARE_OF = _set("late_fee 违约金", "principal 本金")
STACKING = _set("best 取最优", "sum 相加", "first 取第一条")
MEASURES = _set(
    "notice_coverage 通知覆盖率",
    "collection_rate 收缴率",
    "first_payment 首次缴费率",
    "answered_in_time 按时答复率",
    "promises_kept 承诺履行率",
)

# Law
LAYERS = _set(
    "statute 法律",
    "regulation 行政法规",
    "interpretation 司法解释",
    "local 地方性法规",
    "rule 部门规章",
    "contract 合同",
    "standard 行业标准",
    "policy 公司政策",
)
SOURCES = _set("copy 看过原文", "secondary 二手资料", "memory 凭记忆")
VERDICTS = _set("conditional 有条件", "review 须律师决定", "prohibited_by_analogy 类推禁止", "prohibited 禁止")
LIMITS = _set(
    "prepayment 预收",
    "deposit 押金",
    "contact_hours 联系时间",
    "reasonable_period 合理期限",
    "late_fee_rate 违约金费率",
    "late_fee_cap 违约金上限",
    "answer 答复",
    "calls 电话",
    "visits 上门",
    "messages 消息",
    "contacts 联系",
)
CLOCKS = _set(
    "limitation 诉讼时效",
    "enforcement 申请执行",
    "mediation_confirmation 司法确认",
    "payment_order_notice 支付令受理通知",
    "payment_order_issue 支付令发出",
    "payment_order_objection 支付令异议",
    "payment_order_service 支付令送达",
    "answer 答复",
)
CLOCK_STARTS = _set(
    "due 到期",
    "performance_end 履行期满",
    "judgment 判决",
    "delivered 送达",
    "filed 提出",
    "accepted 受理",
    "issued 发出",
    "served 收到",
    "agreed 达成协议",
    "dispute 提出异议",
    "plan 签订计划",
    "paid 付款",
)
RESTARTS = _set(
    "formal_demand 书面催告",
    "part_payment 部分付款",
    "promise 承诺",
    "plan 分期协议",
    "suit 起诉",
    "arbitration 仲裁",
    "mediation 调解",
    "payment_order 支付令",
)
BEFORE = _set("judgment 判决")
OWERS = _set("owner 业主", "tenant 承租人", "developer 建设单位", "occupant 使用人")

# What an ERP fills in
FILLED_IN = _set(
    "name 称呼",
    "company 物业公司",
    "community 小区",
    "unit 房号",
    "period 账期",
    "charges 账单明细",
    "due 到期日",
    "overdue_days 逾期天数",
    "principal 本金",
    "late_fee 违约金",
    "total 应缴合计",
    "as_of 计算到哪天",
    "pay_by 限期",
    "pay_how 缴费方式",
    "account_no 收款账户",
    "phone 联系电话",
    "hours 服务时间",
    "counter 收费处",
    "objections 异议渠道",
    "staff 经办人",
    "date 日期",
    "contract 合同",
    "tariff 收费标准",
    "promise_on 承诺日",
    "promise 承诺金额",
    "paid_on 缴费日",
    "paid 实缴金额",
    "receipt 收据",
    "complaint 反映的问题",
    "answer 处理结果",
    "demand_on 催告送达日",
    "mediator 调解组织",
    "court 法院",
    "case_no 案号",
    "handover_on 交付日",
    "survey 问卷",
)
"""The fields of a template (`{{ total }}`); a template may name further ones of its own in its head."""
