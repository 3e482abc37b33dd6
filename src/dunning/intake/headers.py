"""What the columns, lists and words of the records are called in Chinese: one table, for reading and for the docs.

ERP exports carry the names people use; those are read, the field names too, and nothing that only looks like them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from dunning.basis.finding import Text
from dunning.model import account as model
from dunning.model.account import Account


class Amount:
    """Stands for Fen in the hints read here: a plain alias of int, it could not be told from a number."""


class Share:
    """Stands for Rate, as against the plain fraction of an area."""


@cache
def hints(record: type) -> Mapping[str, Any]:
    """The type of each field of a record of the model, by its name outside; amounts and rates are marked."""
    found = get_type_hints(record, {**vars(model), "Fen": Amount, "Rate": Share})
    return {outside(field.name): found[field.name] for field in fields(record)}


def outside(name: str) -> str:
    """A field's name in files: `for_` is `for`."""
    return name.rstrip("_")


def without_none(hint: Any) -> Any:
    """`X` of `X | None`; other hints as they are."""
    options = [option for option in get_args(hint) if option is not type(None)]
    return options[0] if len(options) == 1 and type(None) in get_args(hint) else hint


# The lists of an account. The first name is the one we write.
LISTS: Mapping[str, tuple[str, ...]] = {
    "accounts": ("账户", "户", "账户表"),
    "parties": ("相关人", "共有人", "共同债务人"),
    "contracts": ("合同", "物业合同", "物业服务合同"),
    "charges": ("账单", "应收", "应收账单", "费用"),
    "payments": ("收款", "实收", "缴费记录", "收款记录"),
    "adjustments": ("调整", "账单调整", "减免"),
    "late_fees": ("已记违约金", "已计违约金", "违约金"),
    "contacts": ("联系记录", "催缴记录", "催收记录"),
    "disputes": ("异议", "争议", "投诉异议"),
    "holds": ("暂停", "暂缓"),
    "plans": ("分期计划", "分期"),
    "proceedings": ("法律程序", "程序", "诉讼"),
    "approvals": ("审批", "审批记录"),
    "consents": ("授权同意", "同意", "授权"),
}

# Field by field, by the list it stands in. `x.y` is field y of the record x in the row.
FIELDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "accounts": {
        "company": ("公司", "物业公司", "公司编号"),
        "id": ("户号", "账户编号", "账户号"),
        "unit": ("房号", "房屋编号", "单元房号"),
        "community": ("小区", "项目", "楼盘"),
        "place": ("行政区划", "行政区划代码", "区划"),
        "currency": ("币种",),
        "use": ("用途", "房屋用途", "物业类型"),
        "area": ("面积", "建筑面积", "收费面积", "计费面积"),
        "occupancy": ("入住状态", "入住情况"),
        "handed_over": ("交付日期", "交房日期"),
        "debtor": ("欠费人", "业主", "客户"),
        "contract": ("合同",),
        "attributes": ("属性",),
        "unknown": ("未提供", "未知项"),
        "data_as_of": ("数据时间", "数据截至"),
    },
    "parties": {
        "id": ("编号", "人员编号"),
        "kind": ("类型", "主体类型"),
        "role": ("身份", "关系"),
        "liable": ("是否担责", "担责"),
        "since": ("起始日期", "开始日期", "起"),
        "until": ("截止日期", "结束日期", "止"),
        "tags": ("标签",),
        "reachable": ("可用渠道", "可联系渠道"),
    },
    "contracts": {
        "id": ("合同号", "合同编号"),
        "since": ("起始日期", "开始日期", "起"),
        "until": ("截止日期", "结束日期", "止"),
        "kind": ("合同类型", "类型"),
        "tariff": ("单价", "收费标准", "物业费单价"),
        "cycle": ("缴费周期", "收费周期"),
        "late_fee_clause": ("约定违约金", "有违约金条款", "是否约定违约金"),
        "clause_shown": ("条款已提示", "违约金条款已提示"),
        "late_fee_rate": ("违约金日利率", "违约金比例", "违约金日比例"),
        "late_fee_cap": ("违约金上限", "违约金封顶"),
    },
    "charges": {
        "id": ("账单号", "账单编号", "费用编号"),
        "amount": ("金额", "应收金额", "账单金额"),
        "item": ("费用项目", "费项", "收费项目"),
        "period": ("账期", "费用"),
        "due": ("应缴日期", "应缴日", "到期日", "到期日期"),
        "opening": ("期初",),
    },
    "period": {"since": ("起", "开始", "开始日期"), "until": ("止", "结束", "结束日期")},
    "opening": {"on": ("日期", "基准日"), "late_fee": ("违约金",)},
    "payments": {
        "id": ("收款号", "收款编号", "流水号"),
        "on": ("收款日期", "到账日期", "缴费日期"),
        "amount": ("金额", "实收金额", "收款金额"),
        "channel": ("收款方式", "缴费方式", "支付方式"),
        "ref": ("收据号", "票据号", "凭证号"),
        "for": ("指定账单", "缴纳账单"),
        "settles": ("销账明细", "核销明细"),
        "only": ("限定费项", "限缴费项"),
        "reversed_on": ("冲正日期", "退票日期"),
    },
    "adjustments": {
        "id": ("调整号", "调整编号"),
        "on": ("日期", "调整日期"),
        "kind": ("类型", "调整类型"),
        "amount": ("金额", "调整金额"),
        "charge": ("账单号", "账单编号"),
        "payment": ("收款号", "收款编号"),
        "by": ("经办人", "经办"),
    },
    "late_fees": {
        "id": ("记录号", "违约金编号"),
        "charge": ("账单号", "账单编号"),
        "on": ("日期", "计提日期"),
        "amount": ("金额", "违约金金额"),
        "key": ("标识", "幂等键"),
    },
    "contacts": {
        "id": ("联系号", "联系编号", "记录号"),
        "at": ("时间", "联系时间"),
        "step": ("步骤", "催缴步骤"),
        "channel": ("渠道", "联系渠道", "联系方式"),
        "party": ("对象", "联系对象"),
        "outcome": ("结果", "联系结果"),
        "reason": ("欠费原因", "原因"),
        "content": ("内容", "沟通内容"),
        "promise": ("承诺",),
        "charges": ("账单号", "涉及账单"),
        "proof": ("证明等级", "送达证明"),
        "by": ("经办人", "联系人员"),
        "key": ("标识", "幂等键"),
        "account": ("另一户号", "联系户号"),
        "inbound": ("业主来电", "对方来电", "来电"),
    },
    "promise": {"on": ("日期", "缴费日期"), "amount": ("金额", "缴费金额")},
    "disputes": {
        "id": ("异议号", "异议编号"),
        "kind": ("类型", "异议类型"),
        "opened": ("提出日期",),
        "answered": ("答复日期",),
        "closed": ("结案日期", "办结日期"),
        "charge": ("账单号", "账单编号"),
        "amount": ("金额", "争议金额"),
    },
    "holds": {
        "id": ("暂停号", "暂停编号"),
        "kind": ("类型", "暂停类型"),
        "since": ("起始日期", "开始日期", "起"),
        "until": ("截止日期", "结束日期", "止"),
        "reason": ("原因", "暂停原因"),
    },
    "plans": {
        "id": ("计划号", "计划编号"),
        "signed": ("签订日期", "签署日期"),
        "charges": ("账单号", "涉及账单"),
        "waive_late_fee": ("违约金减免比例", "减免违约金比例"),
        "written": ("书面", "是否书面"),
        "instalments": ("分期明细", "各期"),
    },
    "settles": {"charge": ("账单号",), "part": ("部分",), "amount": ("金额",)},
    "instalments": {"due": ("应缴日期",), "amount": ("金额",)},
    "proceedings": {
        "id": ("程序号", "程序编号"),
        "kind": ("类型", "程序类型"),
        "on": ("日期", "立案日期"),
        "charges": ("账单号", "涉及账单"),
        "ref": ("案号", "文号"),
    },
    "approvals": {
        "id": ("审批号", "审批编号"),
        "of": ("审批事项", "事项"),
        "decision": ("决定", "审批结果"),
        "by": ("审批人",),
        "role": ("审批人角色", "角色"),
        "prepared_by": ("提交人", "经办人"),
        "at": ("时间", "审批时间"),
    },
    "consents": {
        "party": ("对象", "同意人"),
        "kind": ("类型", "同意事项"),
        "since": ("起始日期", "开始日期", "起"),
        "until": ("截止日期", "结束日期", "止"),
    },
}

# The words of the closed sets.
WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Use": {
        "residential": ("住宅",),
        "commercial": ("商业", "商铺", "商业用房"),
        "office": ("办公", "写字楼"),
        "parking": ("车位", "车库"),
        "other": ("其他",),
    },
    "Occupancy": {
        "occupied": ("已入住", "入住"),
        "vacant": ("空置",),
        "unsold": ("未售",),
        "undelivered": ("未交付",),
    },
    "DebtorKind": {
        "person": ("个人", "自然人"),
        "sole_trader": ("个体工商户", "个体户"),
        "company": ("企业", "公司", "单位"),
        "government": ("机关", "政府机关", "机关事业单位"),
        "developer": ("开发商", "建设单位"),
    },
    "DebtorRole": {
        "owner": ("业主", "产权人"),
        "joint_owner": ("共有人", "共有产权人"),
        "tenant": ("租户", "承租人"),
        "occupant": ("使用人", "实际使用人"),
        "developer": ("开发商", "建设单位"),
        "heir": ("继承人",),
        "guarantor": ("保证人", "担保人"),
    },
    "ContractKind": {
        "preliminary": ("前期物业合同", "前期物业服务合同", "前期"),
        "committee": ("业委会合同", "业委会"),
        "individual": ("单独合同", "单独签订"),
        "indefinite": ("不定期合同", "不定期"),
        "holdover": ("到期续管", "续管"),
    },
    "Cycle": {
        "month": ("月", "按月", "月度"),
        "quarter": ("季", "按季", "季度"),
        "half_year": ("半年", "按半年", "半年度"),
        "year": ("年", "按年", "年度"),
    },
    "Item": {
        "property_fee": ("物业费", "物业管理费", "物业服务费"),
        "parking": ("停车费", "车位费", "车位管理费"),
        "heating": ("采暖费", "供暖费", "取暖费"),
        "rent": ("租金", "房租"),
        "shared_utility": ("公摊费", "公摊水电费", "公摊能耗费"),
        "utility": ("代收水电费", "水电费", "水费", "电费"),
        "repair": ("维修费",),
        "deposit": ("押金", "保证金"),
        "costs": ("追索费用", "诉讼费", "催收费用"),
        "other": ("其他",),
    },
    "AdjustmentKind": {
        "credit_note": ("冲减", "红冲", "账单更正"),
        "relief": ("减免", "本金减免"),
        "late_fee_waiver": ("减免违约金", "违约金减免"),
        "write_off": ("核销", "坏账核销"),
        "refund": ("退款",),
    },
    "Channel": {
        "sms": ("短信",),
        "wechat": ("微信",),
        "app": ("应用推送",),
        "phone": ("电话",),
        "ai_voice": ("智能语音", "AI语音"),
        "visit": ("上门",),
        "letter": ("信函", "书面通知"),
        "ems": ("邮政特快",),
        "email": ("电子邮件", "邮件"),
        "notice": ("公告", "张贴"),
    },
    "Outcome": {
        "sent": ("已发送",),
        "delivered": ("已送达",),
        "undeliverable": ("无法送达",),
        "no_answer": ("未接听", "无人接听", "未接"),
        "reached": ("已联系上", "已接通"),
        "willing": ("愿意缴纳", "愿缴"),
        "promised": ("已承诺", "承诺缴纳"),
        "away": ("在外地", "外出"),
        "refused": ("拒缴", "拒绝"),
        "disputed": ("有异议",),
        "paid": ("已缴纳", "已缴"),
    },
    "ContactReason": {
        "hardship": ("经济困难",),
        "service_quality": ("服务质量", "服务不满"),
        "price": ("价格", "收费标准"),
        "not_used": ("未使用", "空置"),
        "forgot": ("忘记",),
        "away": ("在外地", "外出"),
        "contract": ("合同",),
        "other": ("其他",),
    },
    "Proof": {"A": ("签收",), "B": ("回执",), "C": ("仅发送",), "D": ("无凭证",)},
    "DisputeKind": {
        "service_quality": ("服务质量", "服务不满"),
        "price": ("价格", "收费标准"),
        "hardship": ("经济困难",),
        "not_used": ("未使用", "空置"),
        "contract": ("合同",),
        "policy": ("政策",),
        "billing_error": ("账单有误",),
        "not_debtor": ("非欠费人",),
        "already_paid": ("已缴纳", "已缴"),
        "invoice": ("发票",),
    },
    "HoldKind": {
        "contact": ("暂停联系",),
        "accrual": ("暂停计违约金", "暂停计收"),
        "both": ("全部暂停",),
    },
    "ProceedingKind": {
        "mediation": ("调解",),
        "mediation_agreement": ("调解协议",),
        "judicial_confirmation": ("司法确认",),
        "payment_order": ("支付令",),
        "small_claims": ("小额诉讼",),
        "suit": ("起诉", "诉讼"),
        "arbitration": ("仲裁",),
        "judgment": ("判决",),
        "enforcement": ("强制执行",),
        "withdrawn": ("撤诉", "撤回"),
    },
    "ConsentKind": {
        "commercial_messages": ("商业信息",),
        "automated_calls": ("自动外呼",),
        "e_delivery": ("电子送达",),
        "public_commendation": ("公开表扬",),
        "sharing": ("信息共享",),
    },
    "Decision": {"approved": ("批准", "同意", "通过"), "refused": ("驳回", "不同意", "不批准")},
    "Part": {"principal": ("本金",), "late_fee": ("违约金",)},
}

TRUE = ("是", "true", "有", "1", "yes", "y", "√")
FALSE = ("否", "false", "无", "0", "no", "n", "×")

LATE_FEE_WORDS = frozenset({"late_fee", "late_fees", "latefee", "penalty", "违约金", "滞纳金", "逾期违约金"})

# What ERP exports have and the records have no field for, on purpose.
PERSONAL = frozenset(
    {"姓名", "业主姓名", "客户姓名", "欠费人姓名", "名字", "电话", "手机", "手机号", "手机号码", "联系电话", "身份证",
     "身份证号", "证件号", "证件号码", "住址", "家庭住址", "name", "owner_name", "phone", "mobile", "tel", "id_card"}
)  # fmt: skip

_UNIT = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]$")


class Column(NamedTuple):
    """A column a list can have: its field (`debtor.id`), its type, and its Chinese names, ours first."""

    field: str
    hint: Any
    labels: tuple[str, ...]


def record_of(name: str) -> type:
    """The record of a list: `charges` -> Charge, `accounts` -> Account."""
    if name == "accounts":
        return Account
    record = get_args(hints(Account)[name])[0]
    assert isinstance(record, type)
    return record


@cache
def columns(name: str) -> tuple[Column, ...]:
    """The columns of a list's file or sheet, in the order we write them; the account's key comes first."""
    key = tuple(Column(field, str, FIELDS["accounts"][of]) for field, of in (("company", "company"), ("account", "id")))
    own = tuple(_columns(name, record_of(name)))
    return own if name == "accounts" else key + own


def _columns(name: str, record: type) -> Iterator[Column]:
    for field, hint in hints(record).items():
        inner = without_none(hint)
        labels = FIELDS[name].get(field, ())
        if name == "accounts" and (field in LISTS or field == "attributes"):
            if field == "contracts":  # the short form: the one contract in the account's own row
                yield from _nested("contract", FIELDS["accounts"]["contract"], _columns("contracts", model.Contract))
        elif field == "debtor":
            yield from _nested(field, labels, _columns("parties", inner))
        elif field in ("opening", "promise"):
            yield from _nested(field, labels, _columns(field, inner))
        elif field == "period":
            days = (Column(end, get_args(inner)[0], FIELDS["period"][end]) for end in ("since", "until"))
            yield from _nested(field, labels, days)
        elif (name, field) == ("contacts", "account"):
            # In a row of the list, `account` is the account the row belongs to.
            yield Column("other_account", hint, labels)
        else:
            yield Column(field, hint, labels)


def _nested(field: str, names: tuple[str, ...], inner: Iterator[Column]) -> Iterator[Column]:
    """欠费人 + 编号 -> 欠费人编号; 合同号 stays, for it says 合同 already."""
    for column in inner:
        labels = [label if label.startswith(name) else name + label for label in column.labels for name in names]
        yield Column(f"{field}.{column.field}", column.hint, tuple(dict.fromkeys(labels)))


def plain(head: str) -> str:
    """A head without blanks and without the unit behind it: `建筑面积 (㎡)` -> `建筑面积`."""
    return _UNIT.sub("", "".join(head.split()).lstrip("\ufeff")).rstrip("*＊")


@cache
def by_head(name: str) -> Mapping[str, Column]:
    """Each head a list's file may carry, field name or Chinese, and its column."""
    found: dict[str, Column] = {}
    for column in columns(name):
        for head in (column.field, *column.labels):
            found.setdefault(head.lower(), column)
    return found


@cache
def list_named(name: str) -> str | None:
    """The list a file or sheet of that name holds, in either language; None if it names none."""
    wanted = plain(name).lower()
    return next((field for field, labels in LISTS.items() if wanted == field or wanted in labels), None)


@cache
def words(hint: Any) -> dict[str, str]:
    """Chinese word -> value, of a closed set."""
    name = next((name for name in WORDS if getattr(model, name) == hint), None)
    if name is None:
        return {}
    return {label.lower(): value for value, labels in WORDS[name].items() for label in (*labels, value)}


def label(name: str, field: str) -> Text:
    """What a field of a list is called: 金额 and `amount`."""
    labels = FIELDS.get(name, {}).get(field) or LISTS.get(field)
    return Text(labels[0] if labels else field, field)


def is_closed(hint: Any) -> bool:
    return get_origin(hint) is Literal
