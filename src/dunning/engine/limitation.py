"""When the claim for a charge is barred, and what starts its limitation afresh (民法典第188条, 第195条).

Where the law leaves room the earlier day is taken: a day too soon costs an early letter, a day too late the claim.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from dunning.basis.calendar import add_months
from dunning.engine.known import material
from dunning.engine.known.clocks import fell_due
from dunning.engine.known.material import Material
from dunning.engine.owed.ledger import ChargeState
from dunning.model.account import Proceeding, ProceedingKind, Proof
from dunning.model.anchor import Duration
from dunning.model.law import Clock, Restart

AGREED = frozenset({"promise", "plan"})
"""What revives a claim that is already barred (诉讼时效规定第19条): the debtor agrees to it; a demand does not."""

_RESTARTS: Mapping[ProceedingKind, Restart] = {
    "mediation": "mediation",
    "mediation_agreement": "mediation",
    "payment_order": "payment_order",
    "small_claims": "suit",
    "suit": "suit",
    "arbitration": "arbitration",
}


class Restarted(NamedTuple):
    """What starts limitation afresh on a day, the record it hangs on, and the day the new period runs from."""

    day: date
    record: str
    by: Restart
    since: date


class Limitation(NamedTuple):
    """The last day of a charge's limitation; `by`: the restart it runs from, None where it still runs from the due
    date."""

    on: date
    by: Restarted | None


def limitation(of: Material, state: ChargeState, clock: Clock) -> Limitation:
    """The last day of the limitation of a charge with a due date. Never rolled to a working day.

    A restart after that day counts only where the debtor agrees to pay, as does none without the evidence it needs.
    """
    assert state.due is not None
    last, by = later(state.due, clock.lasts), None
    if of.account.contacts or of.ledger.plans or of.account.proceedings or state.applied:
        for restart in sorted(_restarts(of, state, clock)):
            if restart.day > last and restart.by not in AGREED:
                continue
            end = later(restart.since, clock.lasts)
            if end > last:
                last, by = end, restart
    return Limitation(last, by)


@lru_cache(maxsize=20_000)
def later(day: date, length: Duration) -> date:
    """So much later; 29 February and three years is 28 February."""
    if length.unit in ("y", "mo"):
        return add_months(day, length.count * (12 if length.unit == "y" else 1))
    return date.fromordinal(day.toordinal() + in_days(length))


def _restarts(of: Material, state: ChargeState, clock: Clock) -> Iterator[Restarted]:
    """Everything known that starts the limitation of a charge afresh, in no order."""
    wanted = clock.restarts
    if "part_payment" in wanted and state.applied:
        days = of.part(_paid_on)
        for entry in state.applied:
            # The debtor's act is paying; that credit settles a charge later on is no act of theirs.
            day = days.get(entry.payment, entry.on)
            if day > fell_due(state):
                yield Restarted(day, f"payments/{entry.payment}", "part_payment", day)
    if of.account.contacts:
        if "formal_demand" in wanted:
            for demand in of.part(material.demands):
                if demand.proven and demand.covers(state, of.chase_from):
                    yield Restarted(demand.day, f"contacts/{demand.contact}", "formal_demand", demand.day)
        if "promise" in wanted:
            yield from _promised(of, state, clock.proof)
    if "plan" in wanted:
        yield from _planned(of, state)
    for each in of.account.proceedings:
        by = _RESTARTS.get(each.kind)
        if by is not None and by in wanted and each.on <= of.on and concerns(each, state) and not _withdrawn(of, each):
            yield Restarted(each.on, f"proceedings/{each.id}", by, each.on)


def _paid_on(of: Material) -> dict[str, date]:
    return {payment.id: payment.on for payment in of.ledger.payments}


def _promised(of: Material, state: ChargeState, proof: Proof | None) -> Iterator[Restarted]:
    """Promises of which there is evidence: for the charges they name, else for all overdue when they were made."""
    for talk in of.part(material.talks):
        contact = talk.contact
        if contact.promise is None or (proof is not None and (contact.proof is None or contact.proof > proof)):
            continue
        named = contact.charges
        if state.charge.id in named if named is not None else _overdue_on(state, talk.day):
            yield Restarted(talk.day, f"contacts/{talk.id}", "promise", talk.day)


def _overdue_on(state: ChargeState, day: date) -> bool:
    return state.chased and fell_due(state) < day and state.unpaid_on(date.fromordinal(day.toordinal() - 1)) > 0


def _planned(of: Material, state: ChargeState) -> Iterator[Restarted]:
    """Signing a plan; while it is kept, limitation runs from its last instalment (民法典第189条)."""
    for known in of.ledger.plans:
        plan = known.plan
        if plan.written is False or not (state.charge.id in plan.charges or _by_then(plan.charges, state, plan.signed)):
            continue
        ends = [instalment.due for instalment in plan.instalments] if known.state == "kept" else []
        yield Restarted(plan.signed, f"plans/{plan.id}", "plan", max((plan.signed, *ends)))


def _by_then(named: Sequence[str], state: ChargeState, day: date) -> bool:
    """Whether a record of a day that names no charges is about this one: about all that were due."""
    return not named and fell_due(state) <= day


def concerns(proceeding: Proceeding, state: ChargeState) -> bool:
    return state.charge.id in proceeding.charges or _by_then(proceeding.charges, state, proceeding.on)


def _withdrawn(of: Material, proceeding: Proceeding) -> bool:
    """Whether it was taken back. Courts differ on whether it restarted anything, so it is not built on."""
    return any(
        each.kind == "withdrawn"
        and proceeding.on <= each.on <= of.on
        and (each.ref == proceeding.ref if each.ref and proceeding.ref else overlap(each.charges, proceeding.charges))
        for each in of.account.proceedings
    )


def overlap(some: Sequence[str], others: Sequence[str]) -> bool:
    return not some or not others or not set(some).isdisjoint(others)


def in_days(length: Duration) -> int:
    """A length of days or hours in days."""
    return length.count // 24 if length.unit == "h" else length.count
