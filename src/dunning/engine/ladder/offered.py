"""A step as it is handed on: due, with what it asks for and the key a sink knows it by, or withheld with its codes.

The same inputs give the same key, so a sink that keeps keys delivers each action once.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from hashlib import sha256

from dunning.basis.money import Fen
from dunning.engine.known import clocks
from dunning.engine.known.contacts import FAILED
from dunning.engine.ladder.drafts import Draft
from dunning.engine.ladder.standing import Household
from dunning.engine.owed.ledger import ChargeState
from dunning.engine.steps.anchors import recorded
from dunning.engine.steps.candidates import Ask, Candidate, Reason, VoidIf, Withheld, in_order
from dunning.engine.steps.channels import as_it_goes, receivers
from dunning.engine.steps.ready import Rung

_ALWAYS: tuple[VoidIf, ...] = ("paid", "promise", "dispute", "hold")
_OF_REMINDERS: tuple[VoidIf, ...] = ("paid", "dispute", "hold")
_OF_THANKS: tuple[VoidIf, ...] = ("dispute", "hold")


def key_of(company: str, account: str, step: str, charge: str | None, kind: str, record: str, occurrence: int) -> str:
    """32 hex digits of SHA-256 over the canonical JSON of these; `step` by its oldest name."""
    about = "null" if charge is None else _quoted(charge)
    names = f"{_quoted(company)},{_quoted(account)},{_quoted(step)},{about},{_quoted(kind)},{_quoted(record)}"
    return sha256(f"[{names},{occurrence}]".encode()).hexdigest()[:32]


_quoted = json.encoder.encode_basestring


def outcome(home: Household, draft: Draft) -> Candidate | Withheld:
    """The step with everything the worklist wants to know of it, or withheld."""
    return withheld(draft) if draft.codes else due(home, draft)


def withheld(draft: Draft) -> Withheld:
    """The step with the codes that keep it back."""
    charge, codes = draft.charge, draft.codes
    told = in_order(codes) if len(codes) > 1 else tuple(codes)
    return Withheld(
        draft.rung.step.id,
        None if charge is None else charge.charge.id,
        told,
        draft.ends.get(told[0]),
        tuple(draft.reasons),
        draft.why if draft.unmet else None,
    )


def due(home: Household, draft: Draft) -> Candidate:
    """The step as it may be done today: what the worklist weighs, and the way to the rest."""
    rung, step, occurrence, progress = draft.rung, draft.rung.step, draft.occurrence, draft.progress
    assert occurrence is not None  # nothing is due without a day it fell due
    channels = None if progress.tries is None else home.law.open_ways(rung, progress.tries.offered())
    return Candidate(
        step,
        rung.kind,
        rung.rank,
        draft.charge,
        because=_because(draft),
        since=occurrence.first,
        last=occurrence.last if step.late == "drop" else None,
        anchor_kind=occurrence.kind,
        anchor_record=occurrence.record,
        occurrence=progress.number,
        action=as_it_goes(rung.action, channels),
        to=receivers(rung, home.account, home.on),
        receiver=rung.action.receiver or step.to,
        channels=channels,
        tone=home.tone(draft),
        gap_since=last_of_ladder(home) if rung.ladder and home.ready.book.ladder.min_gap.count else None,
        provisional=occurrence.provisional,
        rest=partial(_in_full, home, draft),
    )


def _in_full(home: Household, draft: Draft, each: Candidate) -> Candidate:
    """With its key, and what it says and asks for."""
    rung, step, account = draft.rung, draft.rung.step, home.account
    charges = home.spoken(draft)
    return each._replace(
        rest=None,
        key=key_of(
            account.company, account.id, rung.oldest, each.charge_id, each.anchor_kind, each.anchor_record,
            each.occurrence,
        ),
        charges=charges,
        role=home.role(draft),
        template=home.word(draft, step.template),
        ask=ask(home, draft, charges),
        needs=step.needs if each.action is None else home.law.needs(rung, each.action, each.channels),
        record=recorded(step, None if each.channels is None else each.channels.channels[0]),
        pay_by=None if step.gives is None else clocks.deadline(home.calendar, step.gives, home.on).day,
        approved_by=tuple(each.by for each in draft.agreed.given) if draft.agreed is not None else (),
        void_if=void_if(rung),
    )  # fmt: skip


def void_if(rung: Rung) -> tuple[VoidIf, ...]:
    """What makes a step void before it has gone out."""
    return _ALWAYS if rung.ladder else _OF_REMINDERS if rung.asks else _OF_THANKS


def _because(draft: Draft) -> tuple[Reason, ...]:
    occurrence = draft.occurrence
    assert occurrence is not None
    name = occurrence.kind if draft.rung.step.window is not None else "overdue"
    return (Reason("", "day", f"{name}({occurrence.record})", occurrence.event), *draft.reasons)


# What is asked for


def ask(home: Household, draft: Draft, states: tuple[ChargeState, ...]) -> Ask | None:
    """The principal and late fee of the charges a step speaks of; of an instalment, the instalment."""
    occurrence = draft.occurrence
    if occurrence is not None and occurrence.kind == "plan":
        return Ask(_instalment(home, occurrence.record), 0, home.on)
    if not states:
        return None
    principal = sum([state.unpaid for state in states])
    if home.contested and draft.rung.step.action == clocks.DEMAND:
        principal -= home.kept_out(states)
    fees = [state.fee.outstanding for state in states]
    known = [fee for fee in fees if fee is not None]
    return Ask(principal, sum(known) if len(known) == len(fees) else None, home.on)


def _instalment(home: Household, record: str) -> Fen:
    plan_id, _, number = record.rpartition("/")
    plan = next(state.plan for state in home.facts.ledger.plans if state.plan.id == plan_id)
    return sorted(plan.instalments, key=lambda each: each.due)[int(number) - 1].amount


# The ladder's last contact


def last_of_ladder(home: Household) -> datetime | None:
    """When this ladder last made a contact: from then on `min_gap` counts. One that failed gives no rest."""
    if not home.account.contacts:
        return None
    times = [
        talk.at
        for rung in home.ready.ladder
        for talk in home.anchors.talks_of(rung.step.id)
        if talk.contact.outcome not in FAILED
    ]
    return max(times, default=None)
