"""What is done about persons today: caps, hours, one message of several steps; asked once for all who stand alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from both_ways import DUE, actions, codes, in_columns, left
from contacting import CALENDAR, FRIDAY, SATURDAY, WINDOWS, at_most, stretches
from dunning.model.account import Account, Contact, Party
from dunning.model.anchor import Duration
from dunning.model.condition import Bound, Check, Range
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Contact as Governor
from dunning.model.steps import Limit, Step
from escalation import book, did, step
from households import charge, household, said
from test_ladder import is_

Q1 = charge("2026-04-15", name="Q1")
Q2 = charge("2026-05-15", name="Q2")
CALL, VISIT = step("call", 3), step("visit", 8, action="visit")
NOTE = step("note", 4, action="send_message", late="keep")
HOURS = {
    kind: {name: stretches(text) for name, text in days.items()} for kind, days in WINDOWS.items()  # type: ignore[arg-type]
}  # fmt: skip


def late(*contacts: Contact, **more: object) -> Account:
    return household(Q1, contacts=list(contacts) or [said("2026-01-10")], **more)


def rules(*rungs: Step, caps: tuple[str, ...] = (), reminders: tuple[Step, ...] = (), **more: object) -> RuleBook:
    limits = tuple(at_most(each) for each in caps)
    governor = Governor(windows=HOURS, caps=limits, **more)  # type: ignore[arg-type]
    return book(*rungs, reminders=reminders, contact=governor, catch_up="all", calendar=CALENDAR)


def of_person(number: int, *contacts: Contact, account: str = "", **more: object) -> Account:
    return late(*contacts, id=account or f"A{number}", debtor=Party(id=f"O{number}"), **more)


# Caps and hours


@pytest.mark.parametrize(
    ("called", "wanted"),
    [("2026-06-25", "cap"), ("2026-06-20", "cap"), ("2026-06-19", DUE), ("2026-06-18", DUE)],
)
def test_a_cap_counts_the_days_it_reaches_back(called: str, wanted: str) -> None:
    assert codes(FRIDAY, rules(CALL, caps=("1 any per 7d",)), late(said(called, "reached"))) == {"call": wanted}


def test_several_contacts_count_each() -> None:
    made = [said(f"2026-06-2{n}", "reached") for n in (1, 2, 3)]
    assert codes(FRIDAY, rules(CALL, caps=("4 any per 7d",)), late(*made)) == {"call": DUE}
    assert codes(FRIDAY, rules(CALL, caps=("3 any per 7d",)), late(*made)) == {"call": "cap"}


def test_what_could_not_be_delivered_or_came_from_them_counts_towards_no_cap() -> None:
    for contact in (said("2026-06-25", "undeliverable"), said("2026-06-25", "reached", inbound=True)):
        assert codes(FRIDAY, rules(CALL, caps=("1 any per 7d",)), late(contact)) == {"call": DUE}


def test_a_cap_of_a_channel_counts_that_channel() -> None:
    capped = rules(CALL, VISIT, caps=("1 phone per 7d",))
    assert codes(FRIDAY, capped, late(said("2026-06-25", "reached"))) == {"call": "cap", "visit": DUE}
    assert codes(FRIDAY, capped, late(said("2026-06-25", "sent", "sms"))) == {"call": DUE, "visit": DUE}


def test_everybody_has_caps_of_his_own() -> None:
    capped = rules(CALL, caps=("1 any per 7d",))
    rang, free = of_person(1, said("2026-06-25", "reached")), of_person(2, said("2026-06-10", "reached"))
    assert codes(FRIDAY, capped, rang, free) == {"call": "cap"}
    assert codes(FRIDAY, capped, free, rang) == {"call": DUE}


def test_where_there_is_room_for_one_the_others_yield() -> None:
    capped = rules(CALL, VISIT, caps=("1 any per 7d",))
    assert codes(FRIDAY, capped, late()) == {"call": DUE, "visit": "cap"}


def test_hours_of_the_day() -> None:
    (row,) = actions(FRIDAY, rules(CALL), late())
    assert (str(row["not_before"])[11:16], str(row["not_after"])[11:16]) == ("10:00", "12:00")
    assert codes("2026-06-19", rules(CALL), late()) == {"call": "window"}  # a festival
    (row,) = actions(SATURDAY, rules(CALL), late())
    assert str(row["not_before"])[11:16] == "10:30"


def test_data_that_is_too_old_goes_out_to_nobody() -> None:
    fresh = rules(CALL, fresh_data=Duration(24, "h"))
    drawn = said("2026-06-24").at
    assert codes(FRIDAY, fresh, late(data_as_of=drawn)) == {"call": "stale_data"}
    assert codes("2026-06-25", fresh, late(data_as_of=drawn)) == {"call": DUE}


def test_a_quota_not_met_is_reported_of_who_it_is_for() -> None:
    owed = Check("overdue_days", Range(Bound(5, included=True, written="5"), None), ">= 5")
    quota = Limit(count=2, of="any", per=Duration(7, "d"), when=owed)
    wanted = rules(step("call", 3, when=is_("refused", True)), quotas=(quota,))
    made = [said(f"2026-06-2{n}", "reached") for n in (2, 3)]
    short, met = of_person(1, made[0]), of_person(2, *made)
    found = in_columns(FRIDAY, wanted, short, met).assessments.to_pylist()
    assert [len(row["shortfalls"]) for row in found] == [1, 0]


# One message a day


def test_one_message_carries_the_other_steps_and_asks_for_each_charge_once() -> None:
    both = replace(late(), charges=(Q1, Q2))
    (row,) = actions(FRIDAY, rules(reminders=(NOTE, replace(NOTE, id="more", tone="legal"))), both)
    assert (row["step"], [each["step"] for each in row["carries"]]) == ("more", ["note"])  # type: ignore[attr-defined]
    assert (row["charges"], row["ask_principal"]) == (["Q1", "Q2"], 200000)


def test_a_message_of_charges_carries_those_of_the_others_in_the_ledgers_order() -> None:
    each = replace(NOTE, of="charge")
    both = replace(late(), charges=(Q2, Q1))
    (row,) = actions(FRIDAY, rules(reminders=(each,)), both)
    assert row["charges"] == ["Q1", "Q2"]
    assert codes(FRIDAY, rules(reminders=(each,)), both) in (
        {"note/Q1": DUE, "note/Q2": "grouped"}, {"note/Q1": "grouped", "note/Q2": DUE}
    )  # fmt: skip


def test_charges_that_are_not_due_yet_are_carried_in_the_ledgers_order() -> None:
    early = step("early", -40, action="send_message", of="charge", late="keep")
    account = household(  # two due on different days, the later one first by id
        charge("2026-07-10", name="z"), charge("2026-07-20", name="a"), contacts=[said("2026-06-01")]
    )
    (row,) = actions(FRIDAY, rules(reminders=(early,)), account)
    assert row["charges"] == ["z", "a"]


def test_a_message_of_one_account_carries_that_of_another_of_the_person() -> None:
    first, second = of_person(1), replace(of_person(1, said("2026-06-01")), id="A2")
    firm = replace(NOTE, tone="firm")
    found = in_columns(FRIDAY, rules(reminders=(firm,)), first, second)
    (row,) = found.actions.to_pylist()
    assert [each["account"] for each in row["carries"]] == [({"A1", "A2"} - {row["account"]}).pop()]
    assert row["charges"] == ["Q1"]  # of its own account


def test_caps_are_the_persons_over_all_accounts() -> None:
    capped = rules(CALL, caps=("1 any per 7d",))
    rang = of_person(1, said("2026-06-25", "reached"))
    other = replace(of_person(1, said("2026-06-01")), id="A2")
    assert codes(FRIDAY, capped, other, rang) == {"call": "cap"}


def test_of_two_accounts_the_order_of_ids_decides_not_that_of_rows() -> None:
    capped = rules(CALL, caps=("1 phone per 1d",))
    first, second = of_person(1, said("2026-06-01")), replace(of_person(1, said("2026-06-02")), id="A0")
    here = {row["account"] for row in actions(FRIDAY, capped, first, second)}
    assert here == {row["account"] for row in actions(FRIDAY, capped, second, first)}


# Asked once, told to each


def test_who_stands_alike_goes_out_alike_under_his_own_key() -> None:
    people = [of_person(number, said("2026-06-20", "reached", id=f"C{number}")) for number in range(4)]
    found = actions(FRIDAY, rules(CALL, caps=("1 phone per 7d", "5 any per 7d")), *people)
    assert found == []  # the call of the 20th counts
    found = actions(SATURDAY, rules(CALL, caps=("1 phone per 7d",)), *people)
    assert len({row["key"] for row in found}) == 4
    assert [row["bundle"] for row in found] == [f"O{number}/{SATURDAY}" for number in range(4)]


def test_a_demand_goes_to_all_who_are_liable() -> None:
    demand = step("demand", 3, action="formal_demand")
    wife, guest = Party(id="W", liable=True), Party(id="G", liable=False)
    one, two = of_person(1, parties=[wife, guest]), of_person(2, parties=[replace(wife, id="H"), guest])
    assert [row["to"] for row in actions(FRIDAY, rules(demand), one, two)] == [["O1", "W"], ["O2", "H"]]
    assert [row["to"] for row in actions(FRIDAY, rules(CALL), one, two)] == [["O1"], ["O2"]]


def test_a_party_who_is_the_debtor_is_left_to_the_engine_and_nobody_else_is_told_of_it() -> None:
    odd, plain = of_person(1, parties=[Party(id="W"), Party(id="O1")]), of_person(2)
    twice = of_person(3, parties=[Party(id="W", liable=True), Party(id="W")])
    assert left(FRIDAY, rules(CALL), odd, plain, twice) == 2
    assert left(FRIDAY, rules(step("demand", 3, action="formal_demand")), odd, plain, twice) == 2


# Told more than once


def test_who_is_told_of_twice_or_was_sent_something_today_is_done_with_the_others() -> None:
    twice = of_person(1, said("2026-06-20", id="C1"), said("2026-06-21", id="C1"))
    by_key = of_person(2, said("2026-06-20", id="C1", key="k"), said("2026-06-21", id="C2", key="k"))
    today = of_person(3, said(FRIDAY, "sent", "sms"))
    called = of_person(4, said(FRIDAY, "reached"))
    dead = of_person(5, said(FRIDAY, "undeliverable", "sms"))
    everyone = [twice, by_key, today, called, dead, of_person(6, said("2026-06-20"))]
    assert left(FRIDAY, rules(CALL, reminders=(NOTE,)), *everyone) == 0
    assert [codes(FRIDAY, rules(reminders=(NOTE,)), each)["note"] for each in everyone] == [
        DUE, DUE, "grouped", DUE, DUE, DUE
    ]  # fmt: skip


def test_a_contact_on_record_twice_counts_once() -> None:
    twice = of_person(1, said("2026-06-20", id="C1"), said("2026-06-21", id="C1"))
    assert codes(FRIDAY, rules(CALL, caps=("2 any per 7d",)), twice) == {"call": DUE}
    apart = of_person(1, said("2026-06-20", id="C1"), said("2026-06-21", id="C2"))
    assert codes(FRIDAY, rules(CALL, caps=("2 any per 7d",)), apart) == {"call": "cap"}


def test_a_contact_that_two_accounts_tell_of_is_one() -> None:
    both = said("2026-06-20", "reached", id="C1")
    first, second = of_person(1, both), replace(of_person(1, both), id="A2")
    assert codes(FRIDAY, rules(CALL, caps=("2 any per 7d",)), first, second) == {"call": DUE}


def test_what_is_still_to_come_is_not_known() -> None:
    later = of_person(1, did("2026-06-20", "call"), said("2026-06-28", id="call@2026-06-20"))
    assert codes(FRIDAY, rules(CALL), later) == {"call": "done"}
