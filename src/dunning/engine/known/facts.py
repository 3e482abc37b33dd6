"""The facts of one account on one day, worked out when asked for, each once: what every condition reads.

What each one means is in `catalogue` and `facts.toml`; here is how it follows from the ledger and the records. A fact
whose source is missing is Unknown, never false or zero; one that is known to have no value is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache, partial
from operator import methodcaller
from types import MappingProxyType

from dunning.basis.calendar import days_between, month_age
from dunning.basis.money import Fen, rounded
from dunning.engine.known import contacts, history, material
from dunning.engine.known.attributes import own_value
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.clocks import Demand, fell_due
from dunning.engine.known.contacts import Person
from dunning.engine.known.history import NO_DUE_DATE
from dunning.engine.known.material import Material, covers
from dunning.engine.owed.ledger import ChargeState, Ledger
from dunning.model.account import Account
from dunning.model.condition import Unknown, Value
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import lineage

Answer = Value | Unknown

HARDSHIP_TAGS = frozenset({"hardship", "困难"})
_NO_TARIFF = Unknown(("contracts.tariff", "area"))
_NO_PROOF = Unknown(("contacts.proof",))
_NO_CONTRACT = Unknown(("contracts",))


class Facts(Material):
    """The facts of an account on the day of its ledger; ask for them by id, or for several at once."""

    __slots__ = ("_lacking", "_values")

    def __init__(self, account: Account, ledger: Ledger, book: RuleBook, *, person: Person | None = None) -> None:
        super().__init__(account, ledger, book, person=person)
        self._values: dict[str, Answer] = {}
        of_person = account.unknown if person is None else person.unknown
        self._lacking = _lacking(account.unknown, of_person) if account.unknown or of_person else None

    def value(self, fact: str) -> Answer:
        """A fact of the account by its id, the catalogue's or the book's own. KeyError: there is no such fact."""
        if fact in self._values:
            return self._values[fact]
        made = self._values[fact] = self._made(fact)
        return made

    def values(self, facts: Iterable[str]) -> list[Answer]:
        """Several facts of the account, in the order asked for."""
        if self._lacking:
            return [self.value(fact) for fact in facts]
        return [make(self) for make in _makers(tuple(facts))]

    def charge_value(self, fact: str, state: ChargeState) -> Answer:
        """A fact of one charge, or one of the account: a charge table reads both."""
        make = _OF_CHARGE.get(fact)
        if make is None:
            return self.value(fact)
        return self._lacking[fact] if self._lacking and fact in self._lacking else make(self, state)

    def values_of_each(self, facts: Iterable[str], states: Sequence[ChargeState]) -> list[list[Answer]]:
        """Several facts of several charges: for each charge all of them, in the order asked for."""
        names = tuple(facts)
        if self._lacking:
            return [self.charge_values(names, state) for state in states]
        makers = _charge_makers(names)
        return [[make(self, state) for make in makers] for state in states]

    def of_each(self, fact: str, states: Sequence[ChargeState]) -> list[Answer]:
        """A fact of several charges, in their order."""
        make = _OF_CHARGE.get(fact)
        if make is None or (self._lacking and fact in self._lacking):
            return [self.value(fact) if make is None else self.charge_value(fact, state) for state in states]
        return [make(self, state) for state in states]

    def charge_values(self, facts: Iterable[str], state: ChargeState) -> list[Answer]:
        """Several facts of one charge, in the order asked for."""
        names = tuple(facts)
        makers = _charge_makers(names)
        lacking = self._lacking
        if not lacking:
            return [make(self, state) for make in makers]
        return [
            lacking[name] if name in lacking else make(self, state) for name, make in zip(names, makers, strict=True)
        ]

    def _made(self, fact: str) -> Answer:
        make = _OF_ACCOUNT.get(fact)
        if make is None:
            value, finding = own_value(self.book.facts[fact], self.account)
            if finding is not None:
                self.findings.append(finding)
            return value
        if self._lacking and fact in self._lacking:
            return self._lacking[fact]
        return make(self)


@lru_cache(maxsize=1024)
def _makers(facts: tuple[str, ...]) -> tuple[Callable[[Facts], Answer], ...]:
    """How each of these facts is made, looked up once for all accounts; a book's own is read once for each."""
    return tuple(_OF_ACCOUNT.get(fact) or methodcaller("value", fact) for fact in facts)


@lru_cache(maxsize=1024)
def _charge_makers(facts: tuple[str, ...]) -> tuple[Callable[[Facts, ChargeState], Answer], ...]:
    return tuple(_OF_CHARGE.get(fact) or partial(_of_account, fact) for fact in facts)


def _of_account(fact: str, facts: Facts, _: ChargeState) -> Answer:
    return facts.value(fact)


@lru_cache(maxsize=4096)
def _lacking(unknown: tuple[str, ...], of_person: tuple[str, ...]) -> Mapping[str, Unknown]:
    """The facts that cannot be known where a source cannot supply these records and fields."""
    found = {}
    for fact in CATALOGUE.values():
        names = of_person if fact.person else unknown
        because = tuple(name for name in names if any(covers(name, source) for source in fact.reads))
        if because and not fact.either:
            found[fact.id] = Unknown(because)
    return MappingProxyType(found)


# What is owed


def _oldest_due(facts: Material) -> Answer:
    oldest = facts.part(material.oldest)
    return oldest.toordinal() if isinstance(oldest, date) else oldest


def _overdue_days(facts: Material) -> Answer:
    oldest = facts.part(material.oldest)
    if isinstance(oldest, Unknown):
        return oldest
    return 0 if oldest is None else days_between(oldest, facts.on)


def _principal_not_due(facts: Material) -> Answer:
    on = facts.on
    return sum(s.unpaid for s in facts.ledger.charges if not s.other_debtor and fell_due(s) > on)


def _balance(facts: Material) -> Answer:
    fee, on = facts.part(material.late_fee), facts.on
    if isinstance(fee, Unknown):
        return fee
    due = sum(s.unpaid for s in facts.ledger.charges if not s.other_debtor and fell_due(s) <= on)
    return due + fee - facts.ledger.credit


def _disputed_amount(facts: Material) -> Answer:
    disputes = facts.part(material.disputes)
    if not disputes:
        return 0
    on = facts.on
    unpaid = {s.charge.id: s.unpaid for s in facts.ledger.charges if not s.other_debtor and fell_due(s) <= on}
    everything = sum(unpaid.values())
    contested: dict[str, Fen] = {}
    at_large = 0
    for dispute in disputes:
        amount = everything if dispute.amount is None else dispute.amount
        if dispute.charge is None:
            at_large += amount
        else:
            contested[dispute.charge] = contested.get(dispute.charge, 0) + amount
    named = sum(min(amount, unpaid.get(charge, 0)) for charge, amount in contested.items())
    return min(everything, named + at_large)


def _overdue_periods(facts: Material) -> Answer:
    periods = facts.part(material.periods)
    return periods if isinstance(periods, Unknown) else periods.owed


def _consecutive_overdue_periods(facts: Material) -> Answer:
    periods = facts.part(material.periods)
    return periods if isinstance(periods, Unknown) else periods.in_a_row


def _months_owed(facts: Material) -> Answer:
    arrears, fee = facts.part(material.arrears), facts.part(material.monthly_fee)
    if not arrears:
        return 0
    if isinstance(fee, Unknown):
        return fee
    if not fee:
        return _NO_TARIFF
    months, rest = divmod(arrears, fee)
    return 2 * months + (1 if rest else 0)


def _first_arrears(facts: Material) -> Answer:
    dues = {state.due for state in facts.overdue}
    if len(dues) != 1:
        return False
    (due,) = dues
    if due is None:
        return NO_DUE_DATE
    if history.ever_late_but(facts.ledger, facts.chase_from, due):
        return False
    return NO_DUE_DATE if history.has_opening(facts.ledger, facts.chase_from) else True


def _late_fee_capped(facts: Material) -> Answer:
    missing: Unknown | None = None
    for state in facts.ledger.charges:
        fee = state.fee
        if state.other_debtor or not (state.unpaid or fee.outstanding):
            continue
        if fee.capped:
            return True
        if fee.assessed is None:
            missing = missing or material.undetermined(state)
    return missing or False


# How it was paid


def _last_payment_on(facts: Material) -> Answer:
    payments = facts.ledger.payments
    return payments[-1].on.toordinal() if payments else None


def _days_since_payment(facts: Material) -> Answer:
    payments = facts.ledger.payments
    return days_between(payments[-1].on, facts.on) if payments else None


def _paid_12m(facts: Material) -> Answer:
    since = history.a_year_before(facts.on)
    paid = {payment.id: payment.amount for payment in facts.ledger.payments if payment.on > since}
    for adjustment in facts.account.adjustments:
        if adjustment.kind == "refund" and adjustment.payment in paid and adjustment.on <= facts.on:
            paid[adjustment.payment] -= adjustment.amount
    return sum(max(0, amount) for amount in paid.values())


def _late_payments_12m(facts: Material) -> Answer:
    return sum(late > 0 for late in facts.part(material.due_dates).values())


def _on_time_ratio_12m(facts: Material) -> Answer:
    dues = facts.part(material.due_dates)
    return sum(late <= 0 for late in dues.values()) * 1_000_000 // len(dues) if dues else None


def _average_days_late(facts: Material) -> Answer:
    dues = facts.part(material.due_dates)
    return sum(dues.values()) // len(dues) if dues else None


def _payment_habit(facts: Material) -> Answer:
    since = history.a_year_before(facts.on)
    return history.habit(payment.on for payment in facts.ledger.payments if payment.on > since)


def _covers_months(facts: Material) -> Answer:
    return history.months_covered(facts.part(material.paid_ahead))


def _plan_state(facts: Material) -> Answer:
    plans = facts.ledger.plans
    return max(plans, key=lambda known: (known.plan.signed, known.plan.id)).state if plans else None


# What the debtor said


def _broken_promises(facts: Material) -> Answer:
    return sum(promise.state == "broken" for promise in facts.part(material.promises))


def _promise_open(facts: Material) -> Answer:
    return any(promise.state == "open" for promise in facts.part(material.promises))


def _promise_on(facts: Material) -> Answer:
    still_open = [promise.on for promise in facts.part(material.promises) if promise.state == "open"]
    return still_open[-1].toordinal() if still_open else None


def _hardship(facts: Material) -> Answer:
    """True where one source says so; unknown where none does and one is missing."""
    lacks = facts.lacks
    if not lacks("debtor.tags") and not HARDSHIP_TAGS.isdisjoint(facts.account.debtor.tags):
        return True
    if not lacks("disputes.kind") and any(dispute.kind == "hardship" for dispute in facts.part(material.disputes)):
        return True
    if not lacks("contacts.reason") and _pleads_hardship(facts):
        return True
    if not facts.account.unknown:
        return False
    sources = CATALOGUE["hardship"].reads
    missing = tuple(name for name in facts.account.unknown if any(covers(name, source) for source in sources))
    return Unknown(missing) if missing else False


def _pleads_hardship(facts: Material) -> bool:
    talks = facts.part(material.talks) if facts.account.contacts else []
    if not any(talk.contact.reason == "hardship" for talk in talks):
        return False
    since = facts.part(material.episode)
    return since is not None and any(talk.contact.reason == "hardship" and talk.day >= since for talk in talks)


def _refused(facts: Material) -> Answer:
    contact = facts.part(material.attitude)
    return contact is not None and contact.outcome == "refused"


def _willing(facts: Material) -> Answer:
    contact = facts.part(material.attitude)
    return contact is not None and contact.outcome in ("willing", "promised")


def _away(facts: Material) -> Answer:
    contact = facts.part(material.attitude)
    return contact is not None and "away" in (contact.outcome, contact.reason)


# How the debtor was contacted


def _last_contact_on(facts: Material) -> Answer:
    last = contacts.last_attempt(facts.person.talks)
    return None if last is None else last.toordinal()


def _demand_delivered(facts: Material) -> Answer:
    return _for_one_overdue(facts, _charge_demand_delivered)


def _demand_expired(facts: Material) -> Answer:
    return _for_one_overdue(facts, _charge_demand_expired)


def _for_one_overdue(facts: Material, of_charge: Callable[[Material, ChargeState], Answer]) -> Answer:
    """True where it is of one overdue charge; else unknown where it is of one; else false."""
    missing: Answer = False
    for state in facts.overdue if facts.part(material.demands) else ():
        answer = of_charge(facts, state)
        if answer is True:
            return True
        missing = answer or missing
    return missing


# Who and what


def _handover_days(facts: Material) -> Answer:
    day = facts.account.handed_over
    return Unknown(("handed_over",)) if day is None else days_between(day, facts.on)


def _area(facts: Material) -> Answer:
    area = facts.account.area
    return Unknown(("area",)) if area is None else rounded(area * 100, "half_up")


def _contract_kind(facts: Material) -> Answer:
    contract = facts.part(material.contract)
    if contract is None:
        return _NO_CONTRACT
    return _given(contract.kind, "contracts.kind")


def _place(value: str | None) -> Answer:
    return Unknown(("place",)) if value is None else frozenset(lineage(value))


def _given(value: str | None, source: str) -> Answer:
    """A scalar the source gave; not given, it is unknown."""
    return Unknown((source,)) if value is None else value


# Of one charge


def _charge_age(facts: Material, state: ChargeState) -> Answer:
    return NO_DUE_DATE if state.due is None else month_age(state.due, facts.on)


def _charge_overdue_days(facts: Material, state: ChargeState) -> Answer:
    if not facts.counts(state):
        return 0
    return NO_DUE_DATE if state.due is None else days_between(state.due, facts.on)


def _charge_fee_capped(_: Material, state: ChargeState) -> Answer:
    return material.undetermined(state) if state.fee.assessed is None else state.fee.capped


def _charge_demand_delivered(facts: Material, state: ChargeState) -> Answer:
    return _proven(facts, state, facts.part(material.demands))


def _charge_demand_expired(facts: Material, state: ChargeState) -> Answer:
    demands = facts.part(material.demands)
    return _proven(facts, state, [demand for demand in demands if demand.until.day < facts.on]) if demands else False


def _proven(facts: Material, state: ChargeState, demands: list[Demand]) -> Answer:
    """Whether one of them reached the debtor for this charge; unknown where its proof is not given."""
    covering = [demand for demand in demands if demand.covers(state, facts.chase_from)]
    if any(demand.proven for demand in covering):
        return True
    return _NO_PROOF if covering else False


_OF_ACCOUNT: Mapping[str, Callable[[Material], Answer]] = {
    "arrears": lambda facts: facts.part(material.arrears),
    "principal_not_due": _principal_not_due,
    "late_fee": lambda facts: facts.part(material.late_fee),
    "balance": _balance,
    "credit": lambda facts: facts.ledger.credit,
    "disputed_amount": _disputed_amount,
    "oldest_due": _oldest_due,
    "overdue_days": _overdue_days,
    "overdue_periods": _overdue_periods,
    "consecutive_overdue_periods": _consecutive_overdue_periods,
    "overdue_quarters": lambda facts: history.quarters(facts.overdue),
    "months_owed": _months_owed,
    "first_arrears": _first_arrears,
    "monthly_fee": lambda facts: facts.part(material.monthly_fee),
    "late_fee_capped": _late_fee_capped,
    "last_payment_on": _last_payment_on,
    "days_since_payment": _days_since_payment,
    "paid_12m": _paid_12m,
    "late_payments_12m": _late_payments_12m,
    "on_time_ratio_12m": _on_time_ratio_12m,
    "average_days_late": _average_days_late,
    "payment_habit": _payment_habit,
    "paid_ahead": lambda facts: history.months_ahead(facts.part(material.paid_ahead)),
    "covers_months": _covers_months,
    "plan_state": _plan_state,
    "broken_promises": _broken_promises,
    "promise_open": _promise_open,
    "promise_on": _promise_on,
    "open_disputes": lambda facts: len(facts.part(material.disputes)),
    "open_dispute_kinds": lambda facts: frozenset([dispute.kind for dispute in facts.part(material.disputes)]),
    "hardship": _hardship,
    "refused": _refused,
    "willing": _willing,
    "away": _away,
    "last_contact_on": _last_contact_on,
    "contacts_7d": lambda facts: contacts.attempts(facts.person.talks, facts.on, 7),
    "contacts_30d": lambda facts: contacts.attempts(facts.person.talks, facts.on, 30),
    "unreachable_streak": lambda facts: contacts.unreached(facts.person.talks),
    "demand_delivered": _demand_delivered,
    "demand_expired": _demand_expired,
    "handover_days": _handover_days,
    "use": lambda facts: _given(facts.account.use, "use"),
    "occupancy": lambda facts: _given(facts.account.occupancy, "occupancy"),
    "area": _area,
    "community": lambda facts: _given(facts.account.community, "community"),
    "place": lambda facts: _place(facts.account.place),
    "debtor_kind": lambda facts: _given(facts.account.debtor.kind, "debtor.kind"),
    "debtor_role": lambda facts: _given(facts.account.debtor.role, "debtor.role"),
    "tags": lambda facts: frozenset(facts.account.debtor.tags),
    "contract_kind": _contract_kind,
}
_OF_CHARGE: Mapping[str, Callable[[Material, ChargeState], Answer]] = {
    "charge_age": _charge_age,
    "charge_overdue_days": _charge_overdue_days,
    "charge_item": lambda _, state: state.charge.item,
    "charge_unpaid": lambda _, state: state.unpaid,
    "charge_fee_capped": _charge_fee_capped,
    "charge_demand_delivered": _charge_demand_delivered,
    "charge_demand_expired": _charge_demand_expired,
}
