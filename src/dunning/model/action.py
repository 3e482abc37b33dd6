"""What may be done to a debtor, and what it does: the closed vocabularies of effects, actions, roles and receivers.

Law forbids by effect, not by name: an action a book makes up has to say what it does, so a new name opens no door. The
unlawful practices are named here as well, so that they can be refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from dunning.basis.finding import Text
from dunning.basis.span import Span

Effect = Literal[
    "contact_debtor", "contact_third_party", "personal_data_published", "personal_data_shared",
    "public_space_data_used", "water_supply", "power_supply", "heat_supply", "gas_supply", "telecom", "home_access",
    "lift_access", "vehicle_access", "facility_access", "biometric_only", "dwelling_entered", "filmed_indoors",
    "document_refused", "tied_service", "service_reduced", "money_charged", "deposit_required", "fund_withheld",
    "credit_record", "threat", "court_filing", "rights_waived", "automated_call",
]  # fmt: skip
Receiver = Literal[
    "debtor", "committee", "processor", "co_resident_adult", "court", "developer", "business_contact", "headquarters",
    "other",
]  # fmt: skip
Role = Literal[
    "customer_service", "steward", "cashier", "collector", "customer_relations", "account_manager",
    "property_manager", "finance", "legal", "general_manager",
]  # fmt: skip

EFFECTS: Mapping[str, Text] = MappingProxyType({
    "contact_debtor": Text("联系债务人", "contacts the debtor"),
    "contact_third_party": Text("联系第三人", "contacts a third party"),
    "personal_data_published": Text("公开个人信息", "publishes personal data"),
    "personal_data_shared": Text("提供个人信息给他人", "shares personal data"),
    "public_space_data_used": Text("使用公共场所采集的信息", "uses data from public spaces"),
    "water_supply": Text("停水限水", "cuts or limits water"),
    "power_supply": Text("停电限电", "cuts or limits power"),
    "heat_supply": Text("停暖限暖", "cuts or limits heat"),
    "gas_supply": Text("停气限气", "cuts or limits gas"),
    "telecom": Text("停通信", "cuts telecommunication"),
    "home_access": Text("限制进小区或入户", "limits access to the home"),
    "lift_access": Text("限制乘电梯", "limits use of the lift"),
    "vehicle_access": Text("限制车辆进出", "limits access by vehicle"),
    "facility_access": Text("限制使用公共设施", "limits use of common facilities"),
    "biometric_only": Text("只认人脸等生物特征", "admits by biometrics only"),
    "dwelling_entered": Text("进入住宅", "enters the dwelling"),
    "filmed_indoors": Text("在室内拍摄", "films indoors"),
    "document_refused": Text("拒绝出具证明或办手续", "refuses a document or procedure"),
    "tied_service": Text("捆绑其他服务", "ties another service to payment"),
    "service_reduced": Text("降低或停止服务", "reduces or stops services"),
    "money_charged": Text("另外收钱", "charges money"),
    "deposit_required": Text("收押金或保证金", "requires a deposit"),
    "fund_withheld": Text("扣住维修资金", "withholds the maintenance fund"),
    "credit_record": Text("影响信用记录", "touches a credit record"),
    "threat": Text("威胁恐吓", "threatens"),
    "court_filing": Text("向法院或仲裁机构提出", "files with a court or tribunal"),
    "rights_waived": Text("要求放弃权利", "asks to waive rights"),
    "automated_call": Text("自动拨打电话", "calls automatically"),
})  # fmt: skip
"""The closed list of what an action can do to somebody."""

RECEIVERS: Mapping[str, Text] = MappingProxyType({
    "debtor": Text("债务人", "the debtor"),
    "committee": Text("业主委员会", "the owners' committee"),
    "processor": Text("受托处理者", "a processor under contract"),
    "co_resident_adult": Text("同住成年家属", "an adult of the same household"),
    "court": Text("法院", "a court"),
    "developer": Text("建设单位", "the developer"),
    "business_contact": Text("企业联系人", "the business contact"),
    "headquarters": Text("企业总部", "the headquarters"),
    "other": Text("其他人", "somebody else"),
})  # fmt: skip

ROLES: Mapping[str, Text] = MappingProxyType({
    "customer_service": Text("客服", "customer service"),
    "steward": Text("管家", "steward"),
    "cashier": Text("收银", "cashier"),
    "collector": Text("催收专员", "collector"),
    "customer_relations": Text("客户关系", "customer relations"),
    "account_manager": Text("客户经理", "account manager"),
    "property_manager": Text("项目经理", "property manager"),
    "finance": Text("财务", "finance"),
    "legal": Text("法务", "legal"),
    "general_manager": Text("总经理", "general manager"),
})  # fmt: skip
"""Who in the company does or approves something, from the counter up."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action by name, with what it does. `receiver` None: whoever the step addresses. `at` only in a book's own."""

    id: str
    title: Text
    effects: tuple[Effect, ...]
    receiver: Receiver | None = None
    at: Span | None = None


Entry = tuple[str, str, str, tuple[Effect, ...]] | tuple[str, str, str, tuple[Effect, ...], Receiver]


def _actions(*entries: Entry) -> Mapping[str, Action]:
    actions = (
        Action(entry[0], Text(entry[1], entry[2]), entry[3], entry[4] if len(entry) == 5 else None)
        for entry in entries
    )  # fmt: skip
    return MappingProxyType({action.id: action for action in actions})


_DEBTOR: tuple[Effect, ...] = ("contact_debtor",)
_COURT: tuple[Effect, ...] = ("court_filing",)

LAWFUL: Mapping[str, Action] = _actions(
    ("send_notice", "发送通知", "send a notice", _DEBTOR),
    ("send_message", "发送消息", "send a message", _DEBTOR),
    ("send_receipt", "发送收据", "send a receipt", _DEBTOR),
    ("call", "电话联系", "call", _DEBTOR),
    ("visit", "上门走访", "visit", _DEBTOR),
    ("deliver_letter", "送交书面通知", "deliver a letter", _DEBTOR),
    ("formal_demand", "书面催告", "make a formal demand", _DEBTOR),
    ("negotiate", "协商", "negotiate", _DEBTOR),
    ("survey", "回访调查", "survey", _DEBTOR),
    ("ai_call", "智能语音电话", "call by machine", ("contact_debtor", "automated_call")),
    ("committee_urge", "请业委会督促", "have the committee urge payment", ("contact_third_party",), "committee"),
    (
        "visit_with_committee",
        "业委会成员陪同走访",
        "visit together with the committee",
        ("contact_debtor", "contact_third_party"),
        "committee",
    ),
    (
        "serve_on_family",
        "交同住成年家属签收",
        "serve a letter on an adult of the household",
        ("contact_third_party",),
        "co_resident_adult",
    ),
    (
        "use_collector",
        "委托催收",
        "have a collector ask for payment",
        ("contact_debtor", "personal_data_shared"),
        "processor",
    ),
    ("negotiate_centrally", "总对总协商", "negotiate with the debtor's headquarters", _DEBTOR, "headquarters"),
    ("inform_of_consequences", "告知法律后果", "tell the legal consequences", _DEBTOR),
    ("thank", "感谢问候", "thank", _DEBTOR),
    ("mediate", "调解", "mediate", ()),
    ("resolve_complaint", "解决服务问题", "resolve a complaint", ()),
    ("counter_service", "现场收费服务", "serve at the counter", ()),
    ("post_notice", "张贴公告", "post a notice", ()),
    ("charge_late_fee", "收取违约金", "charge a late fee", ()),
    ("waive_late_fee", "减免违约金", "waive a late fee", ()),
    ("grant_relief", "减免物业费", "reduce the fee", ()),
    ("grant_aid", "公益金补贴", "pay out of the aid fund", ()),
    ("agree_plan", "签订分期或缓交协议", "agree on instalments or a deferral", ()),
    ("direct_debit", "银行代扣", "collect by direct debit", ()),
    ("offer_prepayment", "预缴优惠", "offer a discount for paying ahead", ()),
    ("grant_common_use", "给予公共资源优先使用", "grant priority in common facilities", ()),
    ("reward_points", "按时缴费积分奖励", "reward punctual payment with points", ()),
    ("commend_payers", "公开表彰按时缴费的业主", "commend punctual payers in public", ("personal_data_published",)),
    ("publish_aggregate", "公布不点名的缴费率", "publish collection rates without names", ()),
    ("keep_internal_list", "内部欠费台账", "keep an internal list of debtors", ()),
    ("collect_details", "采集业主资料", "collect details of the owner", ()),
    ("check_identity", "核对身份证、房产证", "check identity and title", ()),
    ("check_registries", "查询登记的财产状况", "look up registered assets", ()),
    ("refer_to_legal", "移交法务", "refer to legal", ()),
    ("refer_to_management", "报管理层决定", "refer to management", ()),
    ("sue", "起诉", "sue", _COURT),
    ("arbitrate", "申请仲裁", "apply for arbitration", _COURT),
    ("apply_payment_order", "申请支付令", "apply for a payment order", _COURT),
    ("apply_preservation", "申请财产保全", "apply for preservation", _COURT),
    ("apply_enforcement", "申请强制执行", "apply for enforcement", _COURT),
    ("apply_dishonest_list", "申请列入失信名单", "apply for the list of dishonest debtors", _COURT),
)
"""What a company may do, subject to gates, caps, approvals and the hour."""

SANCTIONS: Mapping[str, Action] = _actions(
    ("cut_water", "停水", "cut the water", ("water_supply",)),
    ("cut_power", "停电", "cut the power", ("power_supply",)),
    ("cut_heat", "停暖", "cut the heat", ("heat_supply",)),
    ("cut_gas", "停气", "cut the gas", ("gas_supply",)),
    ("refuse_water_card", "不补办水卡", "refuse a water card", ("water_supply",)),
    ("refuse_access_card", "不补办门禁卡", "refuse an access card", ("home_access",)),
    ("restrict_lift", "限制电梯卡", "restrict the lift card", ("lift_access",)),
    ("restrict_gate", "限制门禁", "restrict the gate", ("home_access",)),
    ("restrict_vehicle", "限制车辆进出", "restrict the vehicle", ("vehicle_access",)),
    ("stop_parking_contract", "停办停车包月", "stop the parking contract", ("vehicle_access", "tied_service")),
    ("refuse_certificate", "拒开证明", "refuse a certificate", ("document_refused",)),
    ("refuse_renovation", "停办装修手续", "refuse renovation paperwork", ("document_refused",)),
    ("restrict_facilities", "限制使用公共设施", "restrict common facilities", ("facility_access",)),
    ("publish_named_list", "公布欠费名单", "publish a list of names", ("personal_data_published",)),
    ("post_on_door", "在门上张贴欠费公告", "post on the door", ("personal_data_published",)),
    ("post_in_group_chat", "在业主群点名催缴", "post in a group chat", ("personal_data_published",)),
    (
        "contact_employer",
        "联系工作单位",
        "contact the employer",
        ("contact_third_party", "personal_data_shared"),
        "other",
    ),
    (
        "contact_relatives",
        "联系亲属邻居",
        "contact relatives or neighbours",
        ("contact_third_party", "personal_data_shared"),
        "other",
    ),
    ("share_blacklist", "共享黑名单", "share a blacklist", ("personal_data_shared",), "other"),
    (
        "report_credit_bureau",
        "上报征信",
        "report to a credit bureau",
        ("credit_record", "personal_data_shared"),
        "other",
    ),
    ("require_deposit", "收取押金", "require a deposit", ("deposit_required",)),
    ("charge_dunning_fee", "收催缴费", "charge for dunning", ("money_charged",)),
    ("withhold_maintenance_fund", "扣住维修资金", "withhold the maintenance fund", ("fund_withheld",)),
    ("reduce_service", "降低服务", "reduce services", ("service_reduced",)),
    ("threaten", "威胁恐吓", "threaten", ("threat",)),
    ("warn_of_credit_record", "声称将影响个人信用记录", "say that a credit record will suffer", _DEBTOR),
    ("pursue_daily", "每天上门打电话直到答应", "visit and call every day until they give in", _DEBTOR),
    (
        "call_around_the_clock",
        "昼夜不停自动拨打",
        "call by machine day and night",
        ("contact_debtor", "automated_call"),
    ),
    ("gate_triggered_push", "进门乘梯触发推送", "push when a gate or lift is used", ("public_space_data_used",)),
    ("face_only_gate", "只认刷脸进门", "admit by face only", ("biometric_only",)),
    ("restrict_by_rating", "按信用评级限制服务", "limit services by rating", ("tied_service",)),
    ("refuse_invoice", "拒开发票或收据", "refuse an invoice or receipt", ()),
    ("put_on_chain", "把个人账单写上区块链", "put personal bills on a blockchain", ()),
)
"""Known sanctions: in the vocabulary so that they can be refused by name, with the article."""

ACTIONS: Mapping[str, Action] = MappingProxyType({**LAWFUL, **SANCTIONS})
"""Every action a step may name without the book having to say what it does."""

CLAIMS = frozenset({"formal_demand", "charge_late_fee"})
"""Actions that claim a charge as owed, beside those with the effect court_filing."""

TELLING: Mapping[str, Effect] = MappingProxyType({
    "停水": "water_supply", "断水": "water_supply", "限水": "water_supply", "水卡": "water_supply",
    "停电": "power_supply", "断电": "power_supply", "限电": "power_supply",
    "停暖": "heat_supply", "停气": "gas_supply", "断网": "telecom",
    "门禁": "home_access", "禁止进入小区": "home_access", "电梯卡": "lift_access", "停用电梯": "lift_access",
    "锁车": "vehicle_access", "限制车辆": "vehicle_access",
    "曝光": "personal_data_published", "公示名单": "personal_data_published", "欠费榜": "personal_data_published",
    "黑名单": "personal_data_shared", "征信": "credit_record", "押金": "deposit_required", "保证金": "deposit_required",
    "恐吓": "threat", "威胁": "threat",
})  # fmt: skip
"""Words of a title that tell what an action does, whatever its effects say."""
DENIALS = ("不会", "不得", "不", "禁止", "严禁", "未", "无")
"""Before such a word they tell the opposite: 不得停水."""
