"""An action on its way to a debtor, and what became of it: deliveries, their receipts, and the contact they leave.

A receipt only ever goes forward, and a delivery leaves one contact however many receipts it has: a cap counts people's
peace, not our messages about messages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.basis.money import parse_yuan
from dunning.engine.result import Action, Assessment, Carried
from dunning.engine.steps.anchors import shifted
from dunning.engine.steps.candidates import Ask
from dunning.model.account import SHANGHAI, Channel, Contact, Outcome, Proof
from dunning.output.exchange import action_dict

ReceiptState = Literal["accepted", "sent", "delivered", "undeliverable", "failed", "cancelled", "too_late", "refused"]
"""`accepted` for delivery; `sent`, perhaps `delivered` or `undeliverable` later; `failed` for good; `cancelled` before
it was sent; `too_late`: it was sent before the cancel came; `refused`: this adapter or ERP does not do that.
"""

FURTHER: tuple[ReceiptState, ...] = (
    "accepted", "refused", "failed", "cancelled", "sent", "too_late", "undeliverable", "delivered",
)  # fmt: skip
"""The states from the first to the furthest: what has left has left, whatever was said before, and a letter that came
back may be handed over after all.
"""


NEVER_LEFT: frozenset[ReceiptState] = frozenset({"refused", "failed", "cancelled"})
"""The states of what did not leave, and may be taken up again on another day."""


class Receipt(NamedTuple):
    """What became of the delivery with this key, at a time with its offset. `channel` and `party` once it is sent."""

    key: str
    state: ReceiptState
    at: datetime
    channel: Channel | None = None
    party: str | None = None
    proof: Proof | None = None
    detail: str = ""


def moved_on(before: Receipt | None, now: Receipt) -> Receipt:
    """The receipt that holds once `now` has come in: `now` where it is further along, else `before` (late or twice).

    In whatever order receipts come in, the furthest holds at the end.
    """
    return now if before is None or FURTHER.index(now.state) > FURTHER.index(before.state) else before


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An action of one account as it is handed to an adapter.

    `not_again_before`: until that day no other delivery of this step to this account goes out, whatever its key (the
    ladder's `min_gap`); None where the book sets none.
    """

    company: str
    account: str
    debtor: str
    on: date
    action: Action
    not_again_before: date | None = None

    @property
    def key(self) -> str:
        return self.action.key

    @property
    def hours(self) -> tuple[tuple[datetime, datetime | None], ...]:
        """The stretches of time in which it may leave, in order; the last may have no end."""
        action = self.action
        return action.hours or ((action.not_before, action.not_after),)

    @property
    def ends(self) -> datetime | None:
        """After which it may leave no more; None where nothing says so."""
        return self.hours[-1][1]

    def leaves(self, now: datetime) -> datetime | None:
        """The first time from `now` on at which it may leave; None: its hours are over."""
        return next((max(since, now) for since, until in self.hours if until is None or now < until), None)

    def to_dict(self) -> dict[str, Any]:
        """As data for an outbox or a program in another language; `action` as in docs/reference/assessment.md."""
        gap = self.not_again_before
        return {
            "company": self.company,
            "account": self.account,
            "debtor": self.debtor,
            "on": self.on.isoformat(),
            "not_again_before": None if gap is None else gap.isoformat(),
            "action": action_dict(self.action),
        }

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Delivery:
        """What `to_dict` gave, read again, without `because`, which is for people; UsageError if it is none."""
        try:
            gap = data["not_again_before"]
            return cls(
                company=data["company"],
                account=data["account"],
                debtor=data["debtor"],
                on=date.fromisoformat(data["on"]),
                action=_action(data["action"]),
                not_again_before=None if gap is None else date.fromisoformat(gap),
            )
        except (KeyError, TypeError, ValueError) as error:
            told = Text(f"不是一份送达任务 ({error})", f"this is no delivery ({error})")
            raise UsageError(told) from error


def _action(data: Mapping[str, Any]) -> Action:
    ask, end, pay_by = data["ask"], data["not_after"], data["pay_by"]
    return Action(
        key=data["key"],
        step=data["step"],
        charge=data["charge"],
        action=data["action"],
        to=tuple(data["to"]),
        channels={mode: tuple(channels) for mode, channels in data["channels"].items()},
        role=data["role"],
        tone=data["tone"],
        template=data["template"],
        not_before=datetime.fromisoformat(data["not_before"]),
        not_after=None if end is None else datetime.fromisoformat(end),
        hours=tuple((datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in data["hours"]),
        needs=tuple(data["needs"]),
        record=tuple(data["record"]),
        ask=None if ask is None else _ask(ask),
        bundle=data["bundle"],
        charges=tuple(data["charges"]),
        pay_by=None if pay_by is None else date.fromisoformat(pay_by),
        approved_by=tuple(data["approved_by"]),
        void_if=tuple(data["void_if"]),
        carries=tuple(Carried(one["account"], one["step"], one["charge"], one["key"]) for one in data["carries"]),
    )


def _ask(data: Mapping[str, Any]) -> Ask:
    fee = data["late_fee"]
    return Ask(
        parse_yuan(data["principal"]), None if fee is None else parse_yuan(fee), date.fromisoformat(data["as_of"])
    )


def deliveries(result: Assessment) -> Iterator[Delivery]:
    """What an assessment wants delivered, in its order."""
    book = result.book
    gap = None
    if book is not None and book.ladder.min_gap.count:
        gap = shifted(result.on, book.ladder.min_gap, book.calendar)[0]
    rungs = frozenset() if book is None else {step.id for step in book.ladder.steps}
    for action in result.actions:
        yield Delivery(
            company=result.account.company,
            account=result.account.id,
            debtor=result.account.debtor.id,
            on=result.on,
            action=action,
            not_again_before=gap if action.step in rungs else None,
        )


def deliveries_jsonl(results: Sequence[Assessment]) -> str:
    """What these assessments want delivered, a line each."""
    return "".join(f"{one.to_json()}\n" for result in results for one in deliveries(result))


_LEAVES: Mapping[ReceiptState, tuple[Outcome, Proof]] = {
    "sent": ("sent", "C"),
    "delivered": ("delivered", "B"),
    "undeliverable": ("undeliverable", "B"),
    "too_late": ("sent", "C"),
}


def contacts_of(delivery: Delivery, receipt: Receipt) -> Iterator[tuple[str, Contact]]:
    """The contact a receipt leaves, as (account id, contact): one for the step, and one for each step it carries.

    Sent (proof C), delivered (proof B unless the receipt says more) and undeliverable leave one with the delivery's
    key, so that a later receipt changes the outcome and adds none (`retold`, where contacts are kept); other states
    leave none. The ids are the keys the steps' own actions would have; one key on all of them says that it was one
    contact. A receipt that names no channel is of the first the action was to go by.
    """
    if receipt.state not in _LEAVES:
        return
    outcome, proof = _LEAVES[receipt.state]
    action = delivery.action
    way = next((channels[0] for channels in action.channels.values()), None)
    lead = Carried(delivery.account, action.step, action.charge, receipt.key)
    for each in (lead, *action.carries):
        contact = Contact(
            id=each.key,
            at=receipt.at.astimezone(SHANGHAI),
            step=each.step,
            channel=receipt.channel or way,
            party=receipt.party or delivery.debtor,
            outcome=outcome,
            charges=_about(each, action),
            proof=receipt.proof or proof,
            key=receipt.key,
        )
        yield each.account, contact


def retold(
    kept: Mapping[str, object], told: Mapping[str, object], said: Mapping[str, object] | None = None
) -> dict[str, object]:
    """The record of a contact once a receipt has `told` of it; `said` is what the receipt before it said, if any.

    All three as in docs/reference/records.md. A receipt changes what an earlier one said, and nothing that people wrote
    meanwhile. Where they wrote what came of it, its time stays as well, and the receipt adds no more than its proof.
    """
    before = said or {}
    found = dict(kept)
    theirs = kept.get("outcome") != before.get("outcome")
    for name, value in told.items():
        untouched = kept.get(name) == before.get(name)
        if untouched and not (theirs and name in kept and (name == "at" or told.get("outcome") == "undeliverable")):
            found[name] = value
    return found


def _about(each: Carried, action: Action) -> tuple[str, ...] | None:
    """The charges a step was about; None: all that was overdue."""
    if each.charge is not None:
        return (each.charge,)
    return (action.charges or None) if each.key == action.key else None
