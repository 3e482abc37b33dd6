"""What only law reads: who receives an action, who approved it, which consents and proceedings there are.

Beside the fact catalogue, because a company's own rules have no use for them and may not read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal

from dunning.basis.calendar import Calendar, add_months
from dunning.basis.finding import Text
from dunning.engine.history import contract_on
from dunning.engine.ledger import ChargeState, Ledger
from dunning.engine.material import covers
from dunning.model.account import SHANGHAI, Account, Approval
from dunning.model.action import ACTIONS, RECEIVERS
from dunning.model.anchor import Duration
from dunning.model.condition import Type, Unknown, Value
from dunning.model.steps import A_MONTH

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


def of_account(fact: str, account: Account, on: date, calendar: Calendar, valid: Mapping[str, Duration]) -> Answer:
    """A law fact of the account. `valid`: the steps whose approvals count, and how long one of them lasts."""
    match fact:
        case "approvals":
            counts = (approvals(account.approvals, step, on, calendar, lasts) for step, lasts in valid.items())
            return _unless_lacking(account, "approvals", max(counts, default=0))
        case "consents":
            return _unless_lacking(account, "consents", _consents(account, on))
    contract = contract_on(account, on)
    told = None if contract is None else getattr(contract, fact)
    return Unknown((f"contracts.{fact}",)) if told is None else told


def of_charge(fact: str, account: Account, ledger: Ledger, state: ChargeState) -> Answer:
    """A law fact of one charge."""
    if fact == "proceedings":
        return _unless_lacking(account, "proceedings", _proceedings(account, state.charge.id, ledger.on))
    charge = state.charge
    if charge.period is None:
        return False
    # Of several charges for one item and period the first stands; which one is wrong nobody can tell from here.
    twins = (
        other for other in ledger.charges
        if other.principal and (other.charge.period, other.charge.item) == (charge.period, charge.item)
    )  # fmt: skip
    return next(twins, state).charge.id != charge.id


def approvals(given: Iterable[Approval], step: str, on: date, calendar: Calendar, valid: Duration = A_MONTH) -> int:
    """How many people's approvals of a step stand: not theirs who prepared it, and not run out.

    A role's last decision is the one that stands; while one of them is a refusal nothing is approved.
    """
    last: dict[str, Approval] = {}
    for approval in sorted(given, key=lambda each: (each.at, each.id)):
        if approval.of == step and _day(approval) <= on:
            last[approval.role] = approval
    if any(approval.decision == "refused" for approval in last.values()):
        return 0
    standing = [approval for approval in last.values() if on <= _lasts(approval, valid, calendar)]
    return len({approval.by for approval in standing if approval.by != approval.prepared_by})


def _day(approval: Approval) -> date:
    at = approval.at
    return (at.astimezone(SHANGHAI) if at.tzinfo else at).date()


def _lasts(approval: Approval, valid: Duration, calendar: Calendar) -> date:
    """The last day an approval stands."""
    day = _day(approval)
    match valid.unit:
        case "wd":
            return calendar.add_working_days(day, valid.count).day
        case "mo" | "y":
            return add_months(day, valid.count * (12 if valid.unit == "y" else 1))
        case "h":
            return day + timedelta(days=valid.count // 24)
        case "d":
            return day + timedelta(days=valid.count)


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
    lacking = tuple(name for name in account.unknown if covers(name, source) or covers(source, name))
    return Unknown(lacking) if lacking else value
