"""What was due in the morning is looked at again before it goes: only what still is, and why the rest is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

import dunning
from contacting import stretches
from dunning.adapter import (
    AdapterError,
    Delivery,
    Dropped,
    Gone,
    Handed,
    Heard,
    Mark,
    Pending,
    Receipt,
    ReceiptState,
    RefusedError,
    catch_up,
    deliveries,
    pending_of,
    send,
    withdraw,
)
from dunning.engine.assess import assess_group
from dunning.model.account import Account, Hold, Party
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Channels, Contact
from escalation import book, step
from households import charge, day, household, paid
from shelf import NOON, Shelf

TODAY = NOON.date()
RULES = book(step("call_first", 10, action="call"), step("call_again", 60, action="call"))


def owner(name: str = "A1", *, due: str = "2026-06-01", debtor: str = "", **more: object) -> Account:
    """A household whose first call is due today, or with an earlier due date the second."""
    return household(charge(due), id=name, debtor=Party(id=debtor or f"O-{name}", kind="person"), **more)


def planned(*accounts: Account, rules: RuleBook = RULES) -> list[Delivery]:
    """What a read in the morning found due, debtor by debtor."""
    groups: dict[str, list[Account]] = {}
    for account in accounts:
        groups.setdefault(account.debtor.id, []).append(account)
    results = [result for group in groups.values() for result in assess_group(group, rules, on=TODAY)]
    return [one for result in results for one in deliveries(result)]


def sent(shelf: Shelf, due: list[Delivery], rules: RuleBook = RULES) -> list[Handed | Dropped]:
    return list(send(shelf, due, rules, now=NOON))


def test_what_is_still_due_is_handed_over() -> None:
    due = planned(owner("A1"), owner("A2"))
    shelf = Shelf(owner("A1"), owner("A2"))
    done = sent(shelf, due)
    assert [one.receipt.state for one in done if isinstance(one, Handed)] == ["accepted", "accepted"]
    assert [one.key for one in shelf.delivered] == [one.key for one in due]


def test_somebody_paid_in_the_meantime() -> None:
    due = planned(owner("A1"), owner("A2"))
    shelf = Shelf(owner("A1", payments=[paid("2026-06-25", "1000.00")]), owner("A2"))
    dropped, handed = sent(shelf, due)
    assert isinstance(dropped, Dropped)
    assert (dropped.why.zh, dropped.why.en) == ("本金已经缴清", "the principal is paid")
    assert isinstance(handed, Handed)
    assert [one.account for one in shelf.delivered] == ["A2"]


def test_paid_is_paid_though_another_charge_is_still_to_fall_due() -> None:
    bills = (charge("2026-06-01"), charge("2026-09-01"))
    before = household(*bills, id="A1")
    shelf = Shelf(household(*bills, id="A1", payments=[paid("2026-06-25", "1000.00")]))
    [dropped] = sent(shelf, planned(before))

    assert isinstance(dropped, Dropped)
    assert dropped.why.en == "the principal is paid"


def test_part_of_it_was_paid_and_the_message_says_the_rest() -> None:
    due = planned(owner())
    shelf = Shelf(owner(payments=[paid("2026-06-25", "400.00")]))
    sent(shelf, due)
    before, now = due[0].action.ask, shelf.delivered[0].action.ask
    assert before is not None
    assert now is not None
    assert (before.principal, now.principal) == (100_000, 60_000)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"holds": [Hold(id="H1", kind="contact", since=TODAY)]}, "on hold"),
        ({"unknown": ("contacts",)}, "cannot be told: data is missing"),
        ({"due": "2026-06-20"}, "not yet"),
    ],
)
def test_something_came_in_between(change: dict[str, object], why: str) -> None:
    (dropped,) = sent(Shelf(owner(**change)), planned(owner()))  # type: ignore[arg-type]
    assert isinstance(dropped, Dropped)
    assert dropped.why.en == why


def test_a_later_step_is_another_key() -> None:
    """The due date was corrected: another step is due now, and it waits for the next read."""
    shelf = Shelf(owner(due="2026-03-01"))
    (dropped,) = sent(shelf, planned(owner()))
    assert isinstance(dropped, Dropped)
    assert shelf.delivered == []


@pytest.mark.parametrize(
    ("because", "why"),
    [("closed", "closed"), ("merged", "merged"), ("erased", "erased"), ("deleted", "no longer there")],
)
def test_the_account_is_gone(because: str, why: str) -> None:
    shelf = Shelf()
    shelf.items["main", "A1"] = Gone("main", "A1", because)  # type: ignore[arg-type]
    (dropped,) = sent(shelf, planned(owner()))
    assert isinstance(dropped, Dropped)
    assert why in dropped.why.en


def test_the_account_can_no_longer_be_read() -> None:
    rejected = dunning.read({"id": "A1", "charges": [{"id": "Q1", "amount": "12O.00", "due": "2026-06-01"}]})
    assert isinstance(rejected, dunning.Rejected)
    shelf = Shelf()
    shelf.items["main", "A1"] = rejected
    (dropped,) = sent(shelf, planned(owner()))
    assert isinstance(dropped, Dropped)
    assert "12O.00" in dropped.why.en


def test_the_adapter_says_nothing_of_an_account() -> None:
    class Silent(Shelf):
        def reread(self, ids: object) -> object:  # type: ignore[override]
            assert ids
            return iter(())

    (dropped,) = sent(Silent(), planned(owner()))
    assert isinstance(dropped, Dropped)
    assert "did not come" in dropped.why.en


def test_its_hours_are_over() -> None:
    mornings = {"phone": {"workday": stretches("10:00-12:00")}}
    phone = step("call_first", 10, channels=Channels("first_of", ("phone",)))
    rules = replace(book(phone), contact=Contact(windows=mornings))  # type: ignore[arg-type]
    due = planned(owner(), rules=rules)
    assert due[0].action.not_after == NOON
    (dropped,) = sent(Shelf(owner()), due, rules)
    assert isinstance(dropped, Dropped)
    assert "over for today" in dropped.why.en


def test_the_afternoon_is_left_where_the_day_has_two_stretches() -> None:
    days = {"phone": {"workday": stretches("10:00-12:00 15:00-18:00")}}
    phone = step("call_first", 10, channels=Channels("first_of", ("phone",)))
    rules = replace(book(phone), contact=Contact(windows=days))  # type: ignore[arg-type]
    due = planned(owner(), rules=rules)
    assert due[0].action.not_after == NOON
    assert (due[0].leaves(NOON), due[0].ends) == (NOON + timedelta(hours=3), NOON + timedelta(hours=6))
    assert due[0].leaves(NOON + timedelta(hours=6)) is None
    (handed,) = sent(Shelf(owner()), due, rules)
    assert isinstance(handed, Handed)


def test_all_a_debtor_has_is_looked_at_together() -> None:
    """A call about the other flat since the morning counts against today's cap, whichever flat it was about."""
    due = planned(owner("A1", debtor="O-7"), owner("A2", debtor="O-7"))
    assert len({one.debtor for one in due}) == 1
    asked: list[list[tuple[str, str]]] = []

    class Watched(Shelf):
        def reread(self, ids: object) -> object:  # type: ignore[override]
            asked.append(list(ids))  # type: ignore[call-overload]
            return super().reread(asked[-1])

    done = sent(Watched(owner("A1", debtor="O-7"), owner("A2", debtor="O-7")), due)
    assert len(done) == len(due)
    assert len(asked) == 1


def test_many_debtors_are_looked_at_a_few_at_a_time() -> None:
    accounts = [owner(f"A{n}") for n in range(120)]
    shelf = Shelf(*accounts)
    batches: list[int] = []
    one_by_one = send(shelf, planned(*accounts), RULES, now=NOON)
    for done in one_by_one:
        assert isinstance(done, Handed)
        batches.append(len(shelf.delivered))
    assert batches[0] < 120
    assert batches[-1] == 120


def test_an_adapter_that_does_not_deliver_is_not_asked_to() -> None:
    shelf = Shelf(owner(), delivers=False)
    with pytest.raises(RefusedError, match="deliver"):
        sent(shelf, planned(owner()))


def test_receipts_for_something_else_are_not_believed() -> None:
    class Confused(Shelf):
        def deliver(self, deliveries: object) -> list[Receipt]:
            assert deliveries
            return [Receipt("0" * 32, "accepted", NOON)]

    with pytest.raises(AdapterError, match="receipts for other"):
        sent(Confused(owner()), planned(owner()))


# What waits from before


WAITING = [Pending(key, "main", account, "call_first") for key, account in (("k1", "A1"), ("k2", "A2"), ("k3", "A3"))]


def test_what_waits_and_is_no_longer_due_is_taken_back() -> None:
    due = planned(owner("A1"), owner("A2"))
    shelf = Shelf(owner("A1"), owner("A2", holds=[Hold(id="H1", kind="contact", since=TODAY)]))
    waiting = [Pending(one.key, one.company, one.account, one.action.step, one.action.charge) for one in due]
    (back,) = withdraw(shelf, waiting, RULES, now=NOON)
    assert (back.pending.account, back.why.en, back.receipt.detail) == ("A2", "on hold", "on hold")
    assert json.loads(back.to_json())["state"] == "too_late"  # this one had left after all


def test_what_has_become_of_what_waited() -> None:
    class Told(Shelf):
        def receipts(self, since: str | None) -> Iterator[Receipt | Mark]:
            assert since == "c1"
            states: tuple[tuple[str, ReceiptState], ...] = (
                ("k1", "sent"), ("k1", "delivered"), ("k2", "cancelled"), ("k2", "accepted"), ("other", "sent"),
            )  # fmt: skip
            yield from (Receipt(key, state, NOON) for key, state in states)
            yield Mark("c2")

    heard, cursor = catch_up(Told(), WAITING, "c1")
    assert [(one.pending.account, one.receipt.state) for one in heard] == [("A1", "delivered")]
    assert cursor == "c2"
    assert json.loads(heard[0].to_json())["account"] == "A1"


def test_the_last_line_on_a_key_counts() -> None:
    lines = [
        Heard(pending, Receipt(pending.key, state, NOON)).to_json()
        for pending, state in zip(
            (*WAITING, *WAITING[:2], WAITING[0]),
            ("accepted", "accepted", "accepted", "cancelled", "sent", "accepted"),
            strict=True,
        )
    ]
    assert pending_of(lines) == [WAITING[0], WAITING[2]]  # the first was taken up again, the second has left
    assert pending_of([]) == []


def test_lines_for_files() -> None:
    due = planned(owner("A1"), owner("A2"))
    shelf = Shelf(owner("A1"), owner("A2", holds=[Hold(id="H1", kind="contact", since=TODAY - timedelta(days=1))]))
    handed, dropped = sent(shelf, due)
    one, other = json.loads(handed.to_json()), json.loads(dropped.to_json())
    assert (one["account"], one["step"], one["state"], one["at"]) == (
        "A1", "call_first", "accepted", "2026-06-25T12:00:00+08:00",
    )  # fmt: skip
    assert (other["account"], other["why"], other["why_en"]) == ("A2", "暂停", "on hold")
    assert other["key"] == due[1].key
    assert day("2026-06-25") == TODAY
