"""What holds of receipts in any order, and of deliveries sent through JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import reduce
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from dunning.adapter import Delivery, Receipt, ReceiptState, contacts_of, deliveries, moved_on
from dunning.adapter.delivery import FURTHER
from dunning.engine.assess import assess_group
from dunning.model.account import SHANGHAI, Account
from dunning.testing.strategies import days, debtors
from escalation import pack

START = datetime(2026, 6, 25, 9, tzinfo=SHANGHAI)
RECEIPTS = st.lists(
    st.builds(
        lambda state, minutes: Receipt("k", state, START + timedelta(minutes=minutes)),
        st.sampled_from(FURTHER),
        st.integers(0, 600),
    ),
    min_size=1,
    max_size=8,
)


@given(RECEIPTS, st.randoms(use_true_random=False))
def test_in_any_order_receipts_end_in_the_furthest(receipts: list[Receipt], random: Random) -> None:
    shuffled = list(receipts)
    random.shuffle(shuffled)
    ends = [reduce(moved_on, order, None) for order in (receipts, shuffled)]
    furthest = max((one.state for one in receipts), key=FURTHER.index)
    assert [end and end.state for end in ends] == [furthest, furthest]


@given(RECEIPTS)
def test_a_delivery_that_left_never_counts_as_one_that_did_not(receipts: list[Receipt]) -> None:
    end = reduce(moved_on, receipts, None)
    left = {"sent", "too_late", "undeliverable", "delivered"}
    assert end is not None
    assert (end.state in left) == any(one.state in left for one in receipts)


@given(debtors(), days())
def test_every_delivery_goes_through_json_and_leaves_one_contact_a_step(accounts: Sequence[Account], on: date) -> None:
    morning = datetime.combine(on, time(8), SHANGHAI)
    fresh = [replace(account, use="residential", data_as_of=morning) for account in accounts]
    for result in assess_group(fresh, pack(), on=on):
        for delivery in deliveries(result):
            again = Delivery.from_dict(json.loads(delivery.to_json()))
            assert again == replace(delivery, action=replace(delivery.action, because=()))
            contacts = list(contacts_of(delivery, Receipt(delivery.key, "sent", START)))
            assert len(contacts) == 1 + len(delivery.action.carries)
            assert {contact.key for _, contact in contacts} == {delivery.key}
            assert len({(account, contact.id) for account, contact in contacts}) == len(contacts)


@given(debtors(), days(), st.lists(st.sampled_from(FURTHER), min_size=12, max_size=12))
def test_what_a_receipt_says_makes_nothing_due_again_that_day_but_what_did_not_arrive(
    accounts: Sequence[Account], on: date, states: list[ReceiptState]
) -> None:
    """What comes up again comes up by the key the outbox knows, or the delivery failed."""
    morning = datetime.combine(on, time(8), SHANGHAI)
    people = {each.id: replace(each, use="residential", data_as_of=morning) for each in accounts}
    sent = [one for result in assess_group([*people.values()], pack(), on=on) for one in deliveries(result)]
    failed = set()
    for delivery, state in zip(sent, states, strict=False):
        channel = next(iter(delivery.action.channels.values()), (None,))[0]
        receipt = Receipt(delivery.key, state, delivery.action.not_before, channel)
        failed |= {_about(delivery)} if state == "undeliverable" else set()
        for account, contact in contacts_of(delivery, receipt):
            people[account] = replace(people[account], contacts=(*people[account].contacts, contact))
    known = {_about(one): one.key for one in sent}
    for result in assess_group([*people.values()], pack(), on=on):
        for one in deliveries(result):
            assert known.get(_about(one), one.key) == one.key or _about(one) in failed


def _about(delivery: Delivery) -> tuple[str, str, str | None, str]:
    """The step of an account, and the day it hangs on: two promises are two occasions."""
    action = delivery.action
    return delivery.account, action.step, action.charge, next(one.name for one in action.because if one.kind == "day")
