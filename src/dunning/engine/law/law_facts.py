"""What only law reads: who receives an action, who approved it, which consents and proceedings there are.

Beside the fact catalogue, because a company's own rules have no use for them and may not read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal, get_args

from dunning.basis.calendar import Calendar
from dunning.basis.finding import Text
from dunning.engine.known.history import contract_on
from dunning.engine.known.material import Material, covers
from dunning.engine.owed.ledger import ChargeState
from dunning.engine.steps.approvals import agreed, role_of
from dunning.model.account import Account, Item
from dunning.model.action import ACTIONS, RECEIVERS, Role
from dunning.model.condition import Type, Unknown, Value
from dunning.model.steps import ApprovalRule

Answer = Value | Unknown


@dataclass(frozen=True, slots=True)
class LawFact:
    """A fact only law may read. `of` action: known without an account."""

    id: str
    type: Type
    title: Text
    of: Literal["action", "account", "charge"]


CONSENTS = MappingProxyType({
    "commercial_messages": Text("商业信息", "commercial messages"),
    "automated_calls": Text("自动电话", "automated calls"),
    "e_delivery": Text("电子送达", "electronic delivery"),
    "public_commendation": Text("公开表彰", "public commendation"),
    "sharing": Text("向他人提供", "sharing"),
})  # fmt: skip
PROCEEDINGS = MappingProxyType({
    "mediation": Text("调解", "mediation"),
    "mediation_agreement": Text("调解协议", "a mediation agreement"),
    "judicial_confirmation": Text("司法确认", "judicial confirmation"),
    "payment_order": Text("支付令", "a payment order"),
    "small_claims": Text("小额诉讼", "small claims"),
    "suit": Text("诉讼", "a suit"),
    "arbitration": Text("仲裁", "arbitration"),
    "judgment": Text("生效判决", "an effective judgment"),
    "enforcement": Text("强制执行", "enforcement"),
    "withdrawn": Text("已撤回", "withdrawn"),
})  # fmt: skip
_TITLES = MappingProxyType({name: action.title for name, action in ACTIONS.items()})
_TRUTH = Type("boolean")

LAW_FACTS: Mapping[str, LawFact] = MappingProxyType({
    fact.id: fact
    for fact in (
        LawFact("action", Type("choice", _TITLES), Text("动作", "the action"), "action"),
        LawFact("receiver", Type("choice", RECEIVERS), Text("接收方", "the receiver"), "action"),
        LawFact("approvals", Type("integer"), Text("有效审批数", "valid approvals"), "account"),
        LawFact("consents", Type("set", CONSENTS), Text("本人同意", "consents"), "account"),
        LawFact("late_fee_clause", _TRUTH, Text("合同有违约金条款", "a late-fee clause"), "account"),
        LawFact("clause_shown", _TRUTH, Text("条款已显著提示", "the clause was shown"), "account"),
        LawFact("proceedings", Type("set", PROCEEDINGS), Text("已有程序", "proceedings"), "charge"),
        LawFact("charge_duplicated", _TRUTH, Text("重复收费", "charged twice"), "charge"),
    )
})  # fmt: skip
"""Each with its type and title, for conditions in law files."""


Rules = Mapping[str, tuple[ApprovalRule | None, tuple[str, ...]]]
"""By step: what it asks of approvals, if anything, and the names its decisions may stand under."""


def of_account(fact: str, account: Account, on: date, calendar: Calendar, rules: Rules) -> Answer:
    """A law fact of the account. `rules`: the steps whose approvals count."""
    match fact:
        case "approvals" if not account.approvals and not account.unknown:
            return 0
        case "approvals":
            counts = (_approvals(account, rule, names, on, calendar) for rule, names in rules.values())
            return _unless_lacking(account, "approvals", max(counts, default=0))
        case "consents":
            return _unless_lacking(account, "consents", _consents(account, on))
    contract = contract_on(account, on)
    told = None if contract is None else getattr(contract, fact)
    return Unknown((f"contracts.{fact}",)) if told is None else told


def of_charge(fact: str, of: Material, state: ChargeState) -> Answer:
    """A law fact of one charge."""
    if fact == "proceedings":
        if not of.account.proceedings and not of.account.unknown:
            return _NOTHING_BEGUN
        return _unless_lacking(of.account, "proceedings", _proceedings(of.account, state.charge.id, of.on))
    return state.charge.id in of.part(_charged_before)


_NOTHING_BEGUN: frozenset[str] = frozenset()


def _charged_before(of: Material) -> frozenset[str]:
    """The charges whose item and period another one, of which anything was to be paid, had already.

    Of several the first stands; which one is wrong nobody can tell from here.
    """
    charges = [state for state in of.ledger.charges if state.charge.period is not None]
    first: dict[tuple[tuple[date, date] | None, Item], str] = {}
    for state in charges:
        if state.principal:
            first.setdefault((state.charge.period, state.charge.item), state.charge.id)
    if len(first) == len(charges):
        return frozenset()
    each = [state.charge for state in charges]
    return frozenset([one.id for one in each if first.get((one.period, one.item), one.id) != one.id])


def _approvals(
    account: Account, rule: ApprovalRule | None, names: tuple[str, ...], on: date, calendar: Calendar
) -> int:
    """How many people's approvals of a step stand; none while a role that is asked refuses.

    Where the step asks for no role, every role's last decision counts.
    """
    decided = [approval for approval in account.approvals if approval.of in names]
    if not decided:
        return 0
    if rule is None:
        roles = {role_of(approval) for approval in decided}
        rule = ApprovalRule(tuple(role for role in get_args(Role) if role in roles))
    found = agreed(rule, decided, names, on, calendar)
    return 0 if found.refused else len(found.given)


def _consents(account: Account, on: date) -> frozenset[str]:
    """What the debtor agreed to, as of the day; what others agreed to counts for them alone."""
    return frozenset(
        consent.kind
        for consent in account.consents
        if consent.party == account.debtor.id
        and (consent.since is None or consent.since <= on)
        and (consent.until is None or on <= consent.until)
    )


def _proceedings(account: Account, charge: str, on: date) -> frozenset[str]:
    """What has been begun about a charge by the day; naming no charge, a proceeding is about all of them."""
    return frozenset(
        each.kind for each in account.proceedings if each.on <= on and (not each.charges or charge in each.charges)
    )


def _unless_lacking(account: Account, source: str, value: Value) -> Answer:
    """A record of which the source cannot supply one field is not known well enough to build on."""
    if not account.unknown:
        return value
    lacking = tuple(name for name in account.unknown if covers(name, source) or covers(source, name))
    return Unknown(lacking) if lacking else value
