"""What was said: whose contacts count, for which account, from which day, and what the last word was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contacting import CALENDAR, governor, length
from contacting import book as governed
from dunning.engine.contact.caps import Numbered
from dunning.engine.known import material
from dunning.model.account import Account, Contact, Party
from dunning.model.condition import Unknown
from dunning.model.steps import Repeat
from escalation import book, codes, step
from households import charge, day, dispute, fact, facts, household, paid, said

ON = "2026-06-30"
Q1 = charge("2026-01-15")


def asked(name: str, *contacts: Contact, on: str = ON) -> object:
    """A fact of a household that owes a quarter."""
    return fact(name, household(Q1, contacts=list(contacts)), on)


@pytest.mark.parametrize("days", [("2026-06-30", "2026-05-01", "2026-06-30"), ("2026-05-01", "2026-06-30")])
def test_the_same_contacts_asked_about_on_several_days_are_those_of_each_day(days: tuple[str, ...]) -> None:
    contacts = [said("2026-04-20", "promised"), said("2026-05-20", "refused"), said("2026-06-29", "no_answer")]
    home = household(Q1, contacts=contacts)
    counted = {"2026-05-01": (1, day("2026-04-20").toordinal(), 0), "2026-06-30": (1, day("2026-06-29").toordinal(), 1)}

    for on in days:
        names = ("contacts_30d", "last_contact_on", "unreachable_streak")
        assert tuple(fact(name, home, on) for name in names) == counted[on]
        of_other = household(Q1, contacts=contacts, id="another")
        assert fact("last_contact_on", of_other, on) == counted[on][1]


def test_what_is_remembered_of_contacts_is_of_one_account() -> None:
    contacts = (replace(said("2026-06-29", "refused"), account="B"),)
    one, other = (replace(household(Q1, contacts=[], id=name), contacts=contacts) for name in ("A", "B"))

    assert [fact("refused", home, ON) for home in (one, other, one)] == [False, True, False]


# Whose contacts, and when


@pytest.mark.parametrize(
    ("at", "counted"),
    [
        ("2026-06-30T23:59:00", True),
        ("2026-07-01T00:00:00", False),
        ("2026-06-30T15:59:00+00:00", True),  # one minute to midnight in China
        ("2026-06-30T16:00:00+00:00", False),
        ("2026-06-24T00:00:00", True),  # six days before
        ("2026-06-23T23:59:00", False),
        ("2026-06-23T16:00:00+00:00", True),
    ],
)
def test_seven_days_are_today_and_the_six_before_in_chinese_time(at: str, counted: bool) -> None:
    assert asked("contacts_7d", said(at, "reached")) == counted


def test_thirty_days_are_today_and_the_29_before() -> None:
    contacts = [said("2026-06-01", "sent"), said("2026-05-31", "sent"), said("2026-06-30", "sent")]
    assert asked("contacts_30d", *contacts) == 2
    assert asked("contacts_30d", *contacts, on="2026-06-29") == 2


@pytest.mark.parametrize(
    ("contact", "counted", "last"),
    [
        (said(ON, "no_answer"), 1, ON),
        (said(ON, None), 1, ON),
        (said(ON, "sent", "sms"), 1, ON),
        (said(ON, "reached", None), 1, ON),  # by which channel, nobody wrote down
        (said(ON, "reached", "visit"), 1, ON),
        (said(ON, "delivered", "ems"), 0, ON),  # post has no share in `any`
        (said(ON, "sent", "notice"), 0, ON),
        (said(ON, "undeliverable", "sms"), 0, None),
        (said(ON, "reached", inbound=True), 0, None),
    ],
)
def test_which_contacts_count(contact: Contact, counted: int, last: str | None) -> None:
    expected = day(last).toordinal() if last else None
    assert (asked("contacts_7d", contact), asked("last_contact_on", contact)) == (counted, expected)


def two_flats(first: list[Contact], second: list[Contact]) -> tuple[Account, Account]:
    return household(Q1, contacts=first), replace(household(Q1, contacts=second), id="A2")


def test_contacts_are_counted_over_all_accounts_of_the_person() -> None:
    group = two_flats([said("2026-06-29", "reached")], [said("2026-06-30", "sent", "sms")])
    for account in group:
        known = facts(account, ON, group=group)
        assert known.values(("contacts_7d", "last_contact_on")) == [2, day(ON).toordinal()]
    assert fact("contacts_7d", group[0], ON) == 1


def test_one_id_or_one_key_is_one_contact() -> None:
    same_id = two_flats([said("2026-06-30T09:00:00", "sent", id="C1")], [said("2026-06-30T09:05:00", "sent", id="C1")])
    assert fact("contacts_7d", same_id[0], ON, group=same_id) == 1
    same_key = two_flats([said(ON, "sent", id="C1", key="k")], [said(ON, "sent", id="C2", key="k")])
    assert fact("contacts_7d", same_key[0], ON, group=same_key) == 1
    other = two_flats([said(ON, "sent", id="C1", key="k")], [said(ON, "sent", id="C2", key="l")])
    assert fact("contacts_7d", other[0], ON, group=other) == 2


def test_a_contact_that_did_for_two_steps_is_one_that_completes_both() -> None:
    at = "2026-06-20"
    for second in ({"id": "C1"}, {"id": "C2", "key": "k"}):
        told = [said(at, "sent", "sms", id="C1", key="k", step="note"), said(at, "sent", "sms", step="call", **second)]
        account = household(Q1, contacts=told)
        assert fact("contacts_30d", account, ON) == 1
        assert [talk.contact.step for talk in facts(account, ON).part(material.talks)] == ["note"]
        assert [talk.contact.step for talk in facts(account, ON).part(material.taken)] == ["note", "call"]
        rules = book(step("note", 3, action="send_message"), step("call", 8))
        assert codes(account, ON, rules) == {"note": ("done",), "call": ("done",)}
        sought = governor(ON, governed("9 any per 30d"), *told).tally
        assert sought.used(Numbered(9, "any", length("30d"), CALENDAR)) == 1


def test_of_one_step_and_contact_the_charges_are_put_together() -> None:
    of_q1, of_q2 = (said("2026-06-20", "sent", "sms", id="C1", step="note", charges=(name,)) for name in ("Q1", "Q2"))
    account = household(charge("2026-01-15", name="Q1"), charge("2026-04-15", name="Q2"), contacts=[of_q1, of_q2])
    (talk,) = facts(account, ON).part(material.taken)
    assert talk.contact.charges == ("Q1", "Q2")
    rules = book(step("note", 3, action="send_message", of="charge", repeat=Repeat(length("5d"), 2)))
    assert codes(account, "2026-06-21", rules) == {"note/Q1": ("done",), "note/Q2": ("done",)}
    # All that was overdue takes in no others.
    at_large = replace(of_q2, charges=None)
    assert facts(household(contacts=[at_large, of_q1]), ON).part(material.taken)[0].contact.charges is None


@pytest.mark.parametrize(
    ("one", "other", "counted"),
    [
        (said(ON, "undeliverable", id="C1"), said(ON, "sent", id="C1"), 1),
        (said(ON, "sent", inbound=True, id="C1"), said(ON, "sent", id="C1"), 1),
        (said(ON, "reached", "ems", id="C1"), said(ON, "reached", "sms", id="C1"), 0),
        (said(ON, "sent", "ems", id="C1"), said(ON, "reached", "sms", id="C1"), 1),
    ],
)
def test_where_two_accounts_tell_of_one_contact_their_order_does_not_matter(
    one: Contact, other: Contact, counted: int
) -> None:
    group = two_flats([one], [other])
    assert [fact("contacts_7d", group[0], ON, group=each) for each in (group, group[::-1])] == [counted, counted]


def test_a_contact_of_another_account_counts_for_the_person_but_says_nothing_here() -> None:
    elsewhere = said(ON, "refused", account="A9")
    assert asked("contacts_7d", elsewhere) == 1
    assert asked("refused", elsewhere) is False
    assert asked("refused", replace(elsewhere, account="A1")) is True


def test_contacts_unknown_on_one_account_are_unknown_for_the_person() -> None:
    group = two_flats([said(ON, "reached")], [])
    group = group[0], replace(group[1], unknown=("contacts",))
    assert fact("contacts_7d", group[0], ON, group=group) == Unknown(("contacts",))
    assert fact("willing", group[0], ON, group=group) is False
    assert fact("willing", group[1], ON, group=group) == Unknown(("contacts",))


@pytest.mark.parametrize(
    ("outcomes", "streak"),
    [
        ([], 0),
        (["no_answer", "undeliverable", "no_answer"], 3),
        (["no_answer", "reached", "no_answer"], 1),
        (["no_answer", "sent", "no_answer", "delivered"], 2),
        (["no_answer", "willing"], 0),
        (["no_answer", None, "no_answer"], 2),
    ],
)
def test_unreachable_in_a_row(outcomes: list[str | None], streak: int) -> None:
    contacts = [said(f"2026-06-{number:02}", outcome) for number, outcome in enumerate(outcomes, 1)]
    assert asked("unreachable_streak", *reversed(contacts)) == streak


def test_a_call_from_the_debtor_ends_the_streak() -> None:
    contacts = [
        said("2026-06-01", "no_answer"),
        said("2026-06-02", None, inbound=True),
        said("2026-06-03", "no_answer"),
    ]
    assert asked("unreachable_streak", *contacts) == 1


# The last word

STANCES = ("refused", "willing", "away")


@pytest.mark.parametrize(
    ("contacts", "stance"),
    [
        ([], None),
        ([said("2026-02-01", "refused")], "refused"),
        ([said("2026-02-01", "willing")], "willing"),
        ([said("2026-02-01", "promised")], "willing"),
        ([said("2026-02-01", "away")], "away"),
        ([said("2026-02-01", "reached", reason="away")], "away"),
        ([said("2026-02-01", "refused"), said("2026-02-02", "willing")], "willing"),
        ([said("2026-02-01", "refused"), said("2026-02-02", "disputed")], None),
        ([said("2026-02-01", "refused"), said("2026-02-02", "paid")], None),
        ([said("2026-02-01", "refused"), said("2026-02-02", "no_answer"), said("2026-02-03", "reached")], "refused"),
        ([said("2026-02-01", "refused", inbound=True)], "refused"),
        ([said("2026-01-15", "refused")], None),  # the episode began the day after the due date
        ([said("2026-01-16", "refused")], "refused"),
        ([said("2026-07-01", "refused")], None),
    ],
)
def test_the_last_contact_that_shows_an_attitude_decides(contacts: list[Contact], stance: str | None) -> None:
    known = facts(household(Q1, contacts=contacts), ON)
    assert known.values(STANCES) == [stance == name for name in STANCES]


def test_what_was_said_of_an_older_debt_is_forgotten_when_it_is_paid() -> None:
    account = household(
        Q1,
        charge("2026-04-15"),
        contacts=[said("2026-02-01", "refused")],
        payments=[paid("2026-03-01", "1000.00")],
    )
    assert fact("refused", account, "2026-02-28") is True
    assert fact("refused", account, "2026-03-01") is False  # nothing is overdue
    assert fact("refused", account, "2026-05-01") is False  # a new episode


def test_an_episode_goes_on_while_a_newer_charge_falls_due_before_the_older_is_paid() -> None:
    account = household(
        Q1,
        charge("2026-04-15"),
        contacts=[said("2026-02-01", "refused")],
        payments=[paid("2026-04-16", "1000.00")],
    )
    assert fact("refused", account, "2026-05-01") is True
    a_day_before = replace(account, payments=(paid("2026-04-15", "1000.00"),))
    assert fact("refused", a_day_before, "2026-05-01") is False


# Hardship


def test_hardship_is_a_tag_a_dispute_or_a_reason() -> None:
    tagged = household(debtor=Party(id="O1", tags=("困难",)))
    disputed = household(disputes=[dispute("2026-02-01", "hardship", closed="2026-06-01")])
    told = household(Q1, contacts=[said("2026-02-01", "refused", reason="hardship")])
    assert fact("hardship", tagged, ON) is True
    assert [fact("hardship", disputed, on) for on in ("2026-01-31", "2026-02-01", "2026-06-01")] == [False, True, False]
    assert [fact("hardship", told, on) for on in ("2026-01-31", "2026-02-01")] == [False, True]


def test_a_reason_told_in_an_earlier_episode_is_no_hardship_now() -> None:
    told = household(
        Q1,
        contacts=[said("2026-02-01", "refused", reason="hardship")],
        payments=[paid("2026-03-01", "1000.00")],
    )
    assert fact("hardship", told, ON) is False


def test_a_reason_told_counts_from_the_first_day_of_the_episode() -> None:
    for told_on, hardship in (("2026-01-15", False), ("2026-01-16", True)):
        contacts = [said(told_on, "reached", reason="hardship"), said("2026-02-01", "reached", reason="forgot")]
        assert asked("hardship", *contacts) is hardship


def test_hardship_is_unknown_where_no_source_says_so_and_one_is_missing() -> None:
    assert fact("hardship", household(Q1, unknown=["contacts"]), ON) == Unknown(("contacts",))
    assert fact("hardship", household(Q1, unknown=["debtor.tags", "disputes"]), ON) == Unknown(
        ("debtor.tags", "disputes")
    )
    sure = household(Q1, unknown=["contacts"], debtor=Party(id="O1", tags=("hardship",)))
    assert fact("hardship", sure, ON) is True


# Disputes


def test_open_disputes_and_their_kinds() -> None:
    account = household(
        Q1,
        disputes=[
            dispute("2026-02-01", "price"),
            dispute("2026-03-01", "price", answered=day("2026-03-05")),  # answered, and not closed
            dispute("2026-04-01", "invoice", closed="2026-06-01"),
        ],
    )
    seen = {
        "2026-01-31": [0, frozenset()],
        "2026-05-31": [3, frozenset({"price", "invoice"})],
        "2026-06-01": [2, frozenset({"price"})],
    }
    assert {on: facts(account, on).values(("open_disputes", "open_dispute_kinds")) for on in seen} == seen
