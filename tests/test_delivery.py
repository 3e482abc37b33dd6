"""An action on its way: as data and back, what becomes of it, and the one contact it leaves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from dunning.adapter import Delivery, Receipt, ReceiptState, contacts_of, deliveries, moved_on, retold
from dunning.adapter.delivery import FURTHER, deliveries_jsonl
from dunning.basis.errors import UsageError
from dunning.engine.assess import assess
from dunning.engine.result import Action, Carried
from dunning.engine.steps.candidates import Ask
from dunning.model.account import SHANGHAI
from dunning.model.anchor import Duration
from escalation import book, step
from households import charge, day, household

NINE = datetime(2026, 6, 25, 9, tzinfo=SHANGHAI)
CALL = Action(
    key="b1f0" * 8,
    step="second_reminder",
    charge=None,
    action="call",
    to=("O-77", "O-78"),
    channels={"first_of": ("phone", "wechat")},
    role="customer_service",
    tone="legal",
    template="legal",
    not_before=NINE,
    not_after=NINE + timedelta(hours=3),
    needs=("written",),
    record=("reason", "outcome"),
    ask=Ask(70_000, 7_500, NINE.date()),
    bundle="O-77/2026-06-25",
    charges=("2026Q1", "2026Q2"),
    pay_by=day("2026-07-10"),
    approved_by=("u-12",),
    void_if=("paid", "dispute"),
    carries=(Carried("A2", "first_reminder", "2025Q4", "c2" * 16), Carried("A1", "due_notice", None, "c3" * 16)),
)
WHOLE = Delivery(
    company="wy-01", account="A1", debtor="O-77", on=NINE.date(), action=CALL, not_again_before=day("2026-06-28")
)
BARE = Delivery(
    company="main",
    account="A1",
    debtor="A1",
    on=NINE.date(),
    action=replace(
        CALL, to=(), channels={}, role=None, template=None, not_after=None, ask=None, pay_by=None, carries=(),
    ),
)  # fmt: skip


@pytest.mark.parametrize("delivery", [WHOLE, BARE, replace(BARE, action=replace(CALL, ask=Ask(1, None, NINE.date())))])
def test_a_delivery_is_read_as_it_was_written(delivery: Delivery) -> None:
    assert Delivery.from_dict(delivery.to_dict()) == delivery
    assert Delivery.from_dict(json.loads(delivery.to_json())) == delivery


def test_amounts_travel_as_text() -> None:
    """In JSON a number with a point is a float to most who read it."""
    assert WHOLE.to_dict()["action"]["ask"] == {
        "principal": "700.00", "late_fee": "75.00", "total": "775.00", "as_of": "2026-06-25",
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [{}, {**WHOLE.to_dict(), "on": "2026-02-30"}, {**WHOLE.to_dict(), "action": {"key": "x"}}, {"action": None}],
)
def test_what_is_no_delivery_is_said(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="no delivery"):
        Delivery.from_dict(wrong)


def test_what_an_assessment_wants_delivered() -> None:
    rules = book(step("call_first", 10), min_gap=Duration(3, "d"))
    result = assess(household(charge("2026-06-01")), rules, on=NINE.date())
    (delivery,) = deliveries(result)
    assert (delivery.key, delivery.account, delivery.debtor) == (result.actions[0].key, "A1", "O1")
    assert delivery.not_again_before == day("2026-06-28")
    lines = deliveries_jsonl([result, result]).splitlines()
    # `because` is for people, and stays behind
    assert Delivery.from_dict(json.loads(lines[1])).action == replace(delivery.action, because=())


def test_a_reminder_has_no_gap_of_the_ladder() -> None:
    rules = book(reminders=(step("reminder", 10),), min_gap=Duration(3, "d"))
    (delivery,) = deliveries(assess(household(charge("2026-06-15")), rules, on=NINE.date()))
    assert (delivery.action.step, delivery.not_again_before) == ("reminder", None)


# Receipts


def receipt(state: ReceiptState, minutes: int = 0) -> Receipt:
    return Receipt(CALL.key, state, NINE + timedelta(minutes=minutes))


def test_the_order_of_states_names_each_once() -> None:
    assert sorted(FURTHER) == sorted(get_args(ReceiptState))


@pytest.mark.parametrize(
    ("before", "now", "holds"),
    [
        (None, "accepted", "accepted"),
        ("accepted", "sent", "sent"),
        ("sent", "accepted", "sent"),  # a receipt that came late
        ("sent", "delivered", "delivered"),
        ("delivered", "undeliverable", "delivered"),
        ("undeliverable", "delivered", "delivered"),  # a letter that came back and was handed over after all
        ("cancelled", "sent", "sent"),  # what has left has left
        ("failed", "sent", "sent"),
        ("sent", "cancelled", "sent"),
        ("too_late", "sent", "too_late"),
    ],
)
def test_a_receipt_goes_forward_only(before: ReceiptState | None, now: ReceiptState, holds: ReceiptState) -> None:
    assert moved_on(None if before is None else receipt(before), receipt(now, 5)).state == holds


def test_the_same_receipt_twice_is_the_first() -> None:
    assert moved_on(receipt("sent"), receipt("sent", 5)) == receipt("sent")


# Contacts


def test_a_message_that_left_is_a_contact() -> None:
    (account, contact), *_ = contacts_of(WHOLE, receipt("sent"))
    assert account == "A1"
    assert (contact.id, contact.key, contact.step, contact.party) == (CALL.key, CALL.key, "second_reminder", "O-77")
    assert (contact.outcome, contact.proof, contact.charges) == ("sent", "C", ("2026Q1", "2026Q2"))


def test_a_later_receipt_changes_the_outcome_and_adds_none() -> None:
    sent, delivered = (list(contacts_of(WHOLE, receipt(state))) for state in ("sent", "delivered"))
    assert [contact.id for _, contact in sent] == [contact.id for _, contact in delivered]
    assert {contact.outcome for _, contact in delivered} == {"delivered"}


def test_a_receipt_changes_what_an_earlier_one_said_and_nothing_that_people_wrote() -> None:
    said = {"id": "k", "at": "2026-06-25T10:00:00+08:00", "outcome": "sent", "proof": "C", "party": "O-77"}
    told = {"id": "k", "at": "2026-06-25T11:00:00+08:00", "outcome": "delivered", "proof": "B", "party": "O-78"}
    assert retold({}, said) == said
    assert retold(said, told, said) == told
    assert retold(said | {"reason": "away"}, told, said) == told | {"reason": "away"}
    spoken = said | {"outcome": "promised", "promise": {"on": "2026-07-01"}}
    assert retold(spoken, told, said) == spoken | {"proof": "B", "party": "O-78"}
    assert retold(spoken, told | {"outcome": "undeliverable"}, said) == spoken
    assert retold(spoken, said) == spoken


def test_what_it_carries_is_done_with_it_and_is_one_contact() -> None:
    found = list(contacts_of(WHOLE, receipt("sent")))
    assert [(account, contact.step, contact.charges) for account, contact in found[1:]] == [
        ("A2", "first_reminder", ("2025Q4",)),
        ("A1", "due_notice", None),
    ]
    assert len({contact.id for _, contact in found}) == 3
    assert {contact.key for _, contact in found} == {CALL.key}


@pytest.mark.parametrize("state", ["accepted", "refused", "failed", "cancelled"])
def test_what_never_left_is_no_contact(state: ReceiptState) -> None:
    assert list(contacts_of(WHOLE, receipt(state))) == []


def test_too_late_to_cancel_is_a_contact() -> None:
    assert [contact.outcome for _, contact in contacts_of(BARE, receipt("too_late"))] == ["sent"]


def test_the_receipt_knows_better_who_it_reached_and_by_what() -> None:
    told = receipt("delivered")._replace(party="O-78", channel="ems", proof="A")
    (_, contact) = next(contacts_of(WHOLE, told))
    assert (contact.party, contact.channel, contact.proof) == ("O-78", "ems", "A")


def test_a_receipt_that_names_no_channel_is_of_the_first_it_was_to_go_by() -> None:
    told = receipt("sent")._replace(channel=None)
    assert {contact.channel for _, contact in contacts_of(WHOLE, told)} == {WHOLE.action.channels["first_of"][0]}


def test_times_are_chinas() -> None:
    told = Receipt(CALL.key, "sent", datetime(2026, 6, 25, 23, 30, tzinfo=UTC))
    (_, contact) = next(contacts_of(BARE, told))
    assert contact.at.isoformat() == "2026-06-26T07:30:00+08:00"
