"""When a person may be contacted and how often: hours by kind of day, the floor, caps, and the next permitted day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from contacting import (
    CALENDAR,
    FESTIVAL,
    FRIDAY,
    MADE_UP,
    MONDAY,
    SATURDAY,
    SUNDAY,
    at_most,
    book,
    by,
    debtor,
    governor,
    lawful_hours,
    length,
    policy,
    reading,
)
from dunning.basis.calendar import Calendar
from dunning.engine.contact.caps import COUNTED, Numbered, attempts
from dunning.engine.contact.governor import Governor, Refusal
from dunning.engine.contact.hours import Hours
from dunning.engine.known.contacts import Person
from dunning.model.account import Channel, Contact
from dunning.model.condition import Check, Condition, OneOf, Unknown
from dunning.model.law import LegalLimit
from dunning.model.rulebook import RuleBook
from dunning.model.steps import CLASS_OF
from households import day, said

RESIDENTIAL: Condition = Check("use", OneOf(("residential",), ("residential",)), "residential")


def clock(hours: Hours) -> str:
    return " ".join(f"{since // 60:02}:{since % 60:02}-{until // 60:02}:{until % 60:02}" for since, until in hours)


def open_on(on: str, channel: Channel | None, rules: RuleBook, **known: object) -> str:
    """The hours of a channel on a day."""
    return clock(governor(on, rules, **known).hours(by(channel), day(on)))


def refused(on: str, rules: RuleBook, *contacts: Contact, way: Channel = "phone", **known: object) -> Refusal | None:
    """The one thing that keeps a contact from being made, if anything does."""
    found = governor(on, rules, *contacts, **known).refusals(by(way))
    assert len(found) <= 1
    return found[0] if found else None


# Hours


@pytest.mark.parametrize(
    ("on", "channel", "hours"),
    [
        (FRIDAY, "phone", "10:00-12:00 15:00-18:00"),
        (FRIDAY, "ai_voice", "10:00-12:00 15:00-18:00"),
        (FRIDAY, "visit", "15:00-18:00"),
        (FRIDAY, "sms", "08:30-20:30"),
        (FRIDAY, "email", "08:30-20:30"),
        (SATURDAY, "phone", "10:30-12:00 15:00-18:00"),
        (SUNDAY, "wechat", "09:00-20:00"),
        (MADE_UP, "phone", "10:00-12:00 15:00-18:00"),  # a Saturday, and worked
        (MADE_UP, "app", "08:30-20:30"),
        (FESTIVAL, "phone", ""),
        (FESTIVAL, "visit", ""),
        (FESTIVAL, "sms", "09:00-20:00"),
        (FRIDAY, "letter", "00:00-24:00"),  # paper has no hours
        (FESTIVAL, "ems", "00:00-24:00"),
        (FESTIVAL, "notice", "00:00-24:00"),
        (FESTIVAL, None, "08:00-22:00"),  # by whatever means: nothing but the floor
    ],
)
def test_hours_go_by_class_and_kind_of_day(on: str, channel: Channel | None, hours: str) -> None:
    assert open_on(on, channel, book()) == hours


def test_no_pack_widens_the_floor() -> None:
    windows = {"phone": {"workday": "00:00-24:00"}, "visit": {"workday": "06:00-09:00 21:00-23:30"}}
    rules = book(windows=windows)
    assert open_on(FRIDAY, "phone", rules) == "08:00-22:00"
    assert open_on(FRIDAY, "visit", rules) == "08:00-09:00 21:00-22:00"
    assert open_on(FRIDAY, "sms", rules) == "08:00-22:00"  # a class left out has no hours of its own
    assert open_on(FRIDAY, "phone", book(windows=windows, laws=(policy(lawful_hours("05:00-24:00")),))) == "08:00-22:00"


def test_a_kind_of_day_left_out_has_no_hours() -> None:
    assert open_on(SATURDAY, "phone", book(windows={"phone": {"workday": "10:00-12:00"}})) == ""


def test_law_and_policy_narrow_what_a_book_says() -> None:
    rules = book(laws=(policy(lawful_hours("08:00-22:00")), policy(lawful_hours("09:00-17:00"), name="stricter")))
    assert open_on(FRIDAY, "phone", rules) == "10:00-12:00 15:00-17:00"
    assert open_on(FRIDAY, "sms", rules) == "09:00-17:00"
    assert open_on(FRIDAY, "ems", rules) == "00:00-24:00"


@pytest.mark.parametrize(
    ("use", "hours"),
    [("residential", "15:00-17:00"), ("office", "15:00-18:00"), (Unknown(("use",)), "15:00-17:00")],
)
def test_hours_for_some_accounts_hold_unless_it_is_no_such_account(use: object, hours: str) -> None:
    rules = book(laws=(policy(lawful_hours("08:00-17:00", RESIDENTIAL)),))
    assert open_on(FRIDAY, "visit", rules, use=use) == hours


def test_channels_together_go_out_in_the_hours_of_all_of_them() -> None:
    rules = governor(FRIDAY, book())
    assert clock(rules.hours(by("visit", "sms"), day(FRIDAY))) == "15:00-18:00"
    assert clock(rules.hours(by("phone", "visit"), day(SATURDAY))) == "10:30-12:00"
    assert clock(rules.hours(by("ems", "sms"), day(FRIDAY))) == "08:30-20:30"


def test_of_two_books_the_stricter_hours_hold() -> None:
    late = book(windows={"phone": {"workday": "11:00-16:00", "rest_day": "", "festival": "10:00-12:00"}}, name="late")
    both = Governor(Person([debtor()], day(FRIDAY)), [(book(), None, reading({})), (late, None, reading({}))])
    assert clock(both.hours(by("phone"), day(FRIDAY))) == "11:00-12:00 15:00-16:00"
    assert both.hours(by("phone"), day(SATURDAY)) == ()
    assert both.hours(by("phone"), day(FESTIVAL)) == ()
    assert clock(both.hours(by("sms"), day(FRIDAY))) == "08:30-20:30"


def test_a_closed_day_says_which_and_until_when() -> None:
    closed = refused(FESTIVAL, book(), way="phone")
    assert closed is not None
    assert (closed.code, closed.last) == ("window", day(FESTIVAL))
    assert [(reason.kind, reason.name) for reason in closed.reasons] == [("day", "festival"), ("channel", "phone")]
    assert refused(FESTIVAL, book(), way="sms") is None


def test_the_next_permitted_day_passes_over_closed_ones() -> None:
    weekdays = book(windows={"phone": {"workday": "10:00-12:00", "rest_day": "", "festival": ""}})
    assert governor(FRIDAY, weekdays).next_day(by("phone")) == day(MONDAY)
    assert governor("2026-06-18", weekdays).next_day(by("phone")) == day(MADE_UP)
    assert refused(SATURDAY, weekdays).last == day(SUNDAY)


def test_where_no_day_is_ever_open_nobody_says_until_when() -> None:
    never = book(windows={"visit": {"workday": "", "rest_day": "23:00-24:00", "festival": ""}})
    assert governor(FRIDAY, never).next_day(by("visit")) is None
    assert refused(FRIDAY, never, way="visit").last is None


def test_two_books_that_never_agree_are_searched_for_a_year_and_no_longer() -> None:
    morning = book(windows={"phone": {"workday": "09:00-10:00", "rest_day": "", "festival": ""}})
    evening = book(windows={"phone": {"workday": "19:00-20:00", "rest_day": "", "festival": ""}})
    both = Governor(Person([debtor()], day(FRIDAY)), [(morning, None, reading({})), (evening, None, reading({}))])
    assert both.next_day(by("phone")) is None


# Caps


@pytest.mark.parametrize(
    ("cap", "contact", "counts"),
    [
        ("1 any per 1d", said(FRIDAY, "reached"), True),
        ("1 any per 1d", said(FRIDAY, "no_answer"), True),
        ("1 any per 1d", said(FRIDAY, None), True),
        ("1 any per 1d", said(FRIDAY, "undeliverable", "sms"), False),
        ("1 any per 1d", said(FRIDAY, "reached", inbound=True), False),
        ("1 any per 1d", said(FRIDAY, "delivered", "ems"), False),  # paper is no part of `any`
        ("1 any per 1d", said(FRIDAY, "sent", "notice"), False),
        ("1 any per 1d", said(FRIDAY, "sent", "app"), True),
        ("1 any per 1d", said(FRIDAY, "reached", None), True),
        ("1 phone per 1d", said(FRIDAY, "reached", "ai_voice"), True),
        ("1 phone per 1d", said(FRIDAY, "reached", "visit"), False),
        ("1 phone per 1d", said(FRIDAY, "reached", None), True),  # nobody wrote down that it was none
        ("1 ai_voice per 1d", said(FRIDAY, "reached", "phone"), False),
        ("1 message per 1d", said(FRIDAY, "sent", "email"), True),
        ("1 sms per 1d", said(FRIDAY, "sent", "wechat"), False),
        ("1 sms per 1d", said(FRIDAY, "sent", "sms", step=None), True),
        ("1 post per 1d", said(FRIDAY, "delivered", "letter"), True),
        ("1 post per 1d", said(FRIDAY, "reached", None), False),
        ("1 ems per 1d", said(FRIDAY, "delivered", "ems"), True),
    ],
)
def test_what_counts_under_a_cap(cap: str, contact: Contact, counts: bool) -> None:
    channel = {"any": "phone", "message": "sms", "post": "letter"}.get(cap.split()[1], cap.split()[1])
    assert (refused(FRIDAY, book(cap), contact, way=channel) is not None) is counts


def test_a_cap_holds_only_what_it_speaks_of() -> None:
    rules = book("1 phone per 7d")
    called = said("2026-06-25", "reached")
    assert refused(FRIDAY, rules, called, way="phone") is not None
    assert refused(FRIDAY, rules, called, way="sms") is None


@pytest.mark.parametrize(
    ("at", "code", "last"),
    [
        ("2026-06-26T00:00:00", "cap", "2026-07-02"),
        ("2026-06-20T23:59:00", "cap", "2026-06-26"),  # six days before
        ("2026-06-19T23:59:00", None, None),
        ("2026-06-19T16:00:00+00:00", "cap", "2026-06-26"),  # midnight in China
    ],
)
def test_seven_days_are_today_and_the_six_before(at: str, code: str | None, last: str | None) -> None:
    found = refused(FRIDAY, book("1 visit per 7d"), said(at, "reached", "visit"), way="visit")
    assert (found and found.code, found and found.last) == (code, day(last) if last else None)


def test_a_cap_says_which_contacts_used_it_up_and_when_there_is_room() -> None:
    calls = [said(f"2026-06-{each}", "no_answer") for each in (21, 23, 25)]
    found = refused(FRIDAY, book("3 phone per 7d", "2 visit per 7d"), *calls)
    assert found is not None
    assert (found.code, found.last) == ("cap", day("2026-06-27"))  # the call of the 21st counts up to then
    assert [(reason.kind, reason.name) for reason in found.reasons] == [
        ("limit", "3 phone per 7d"),
        ("record", "contacts/C2026-06-21"),
        ("record", "contacts/C2026-06-23"),
        ("record", "contacts/C2026-06-25"),
    ]


def test_of_several_caps_the_last_to_free_decides() -> None:
    rules = governor(FRIDAY, book("1 phone per 1d", "2 any per 7d"), said("2026-06-22", "sent", "sms"), said(FRIDAY))
    (found,) = rules.refusals(by("phone"))
    assert found.last == day("2026-06-28")
    assert rules.next_day(by("phone")) == day(MONDAY)
    assert rules.next_day(by("phone"), day("2026-07-03")) == day("2026-07-03")


def test_a_cap_that_frees_on_a_closed_day_waits_for_an_open_one() -> None:
    windows = {"phone": {"workday": "10:00-12:00", "rest_day": "", "festival": ""}}
    rules = governor(FRIDAY, book("1 phone per 2d", windows=windows), said(FRIDAY))
    assert rules.refusals(by("phone"))[0].last == day(SATURDAY)
    assert rules.next_day(by("phone")) == day(MONDAY)


def test_a_cap_of_nothing_never_frees() -> None:
    found = refused(FRIDAY, book("0 visit per 7d"), way="visit")
    assert found is not None
    assert (found.code, found.last) == ("cap", None)
    assert governor(FRIDAY, book("0 visit per 7d")).next_day(by("visit")) is None


@pytest.mark.parametrize(
    ("per", "on", "first"),
    [
        ("1d", "2026-03-01", "2026-03-01"),
        ("7d", "2026-03-01", "2026-02-23"),
        ("1mo", "2026-03-31", "2026-03-01"),
        ("1mo", "2026-02-28", "2026-01-29"),
        ("1y", "2026-03-01", "2025-03-02"),
        ("24h", "2026-03-01", "2026-02-28"),  # the day they reach back into counts whole
        ("5wd", "2026-06-26", "2026-06-21"),  # the Sunday too: the sixth working day back is the Saturday
        ("5wd", "2026-06-22", "2026-06-16"),  # over the festival and the Saturday worked
    ],
)
def test_the_first_day_that_counts(per: str, on: str, first: str) -> None:
    assert Numbered(1, "any", length(per), CALENDAR).first_day(day(on)) == day(first)


@pytest.mark.parametrize("per", ["1d", "2d", "7d", "30d", "1mo", "3mo", "1y", "36h", "5wd", "10wd"])
def test_a_contact_counts_up_to_the_day_before_it_leaves(per: str) -> None:
    number = Numbered(1, "any", length(per), CALENDAR)
    for offset in range(0, 60, 7):
        counted = date(2026, 1, 25) + timedelta(days=offset)
        leaves = number.leaves(counted, counted)
        assert number.first_day(leaves) > counted >= number.first_day(leaves - timedelta(days=1))


def test_a_cap_for_some_holds_unless_the_account_is_none_of_them() -> None:
    rules = book(at_most("0 phone per 7d", RESIDENTIAL))
    assert refused(FRIDAY, rules, use="residential") is not None
    assert refused(FRIDAY, rules, use=Unknown(("use",))) is not None
    assert refused(FRIDAY, rules, use="office") is None


def test_law_and_policy_set_caps_of_their_own() -> None:
    limit = LegalLimit(of="visits", articles=("P-1",), at_most=1, per=length("7d"))
    found = refused(
        FRIDAY, book("3 visit per 7d", laws=(policy(limit),)), said("2026-06-24", "away", "visit"), way="visit"
    )
    assert found is not None
    assert found.last == day("2026-06-30")
    assert ("article", "P-1") in {(reason.kind, reason.name) for reason in found.reasons}


def test_calls_messages_and_contacts_of_the_law_are_classes() -> None:
    for of, channel in (("calls", "ai_voice"), ("visits", "visit"), ("messages", "app"), ("contacts", "email")):
        limit = LegalLimit(of=of, articles=("P-1",), at_most=0, per=length("1d"))
        assert refused(FRIDAY, book(laws=(policy(limit),)), way=channel) is not None
        assert refused(FRIDAY, book(laws=(policy(limit),)), way="ems") is None


def test_without_the_contacts_no_cap_can_be_kept() -> None:
    account = debtor(unknown=("contacts",))
    blind = Governor(Person([account], day(FRIDAY)), [(book("3 phone per 7d"), None, reading({}))])
    assert [refusal.code for refusal in blind.refusals(by("phone"))] == ["unknown"]
    assert blind.refusals(by("sms")) == []  # no cap speaks of messages


# Attempts


def test_one_contact_told_of_on_two_accounts_is_one() -> None:
    accounts = [debtor(said(FRIDAY, "reached", id="C1")), debtor(said(FRIDAY, "reached", id="C1"), id="A2")]
    assert len(attempts(accounts, day(FRIDAY), 7)) == 1


def test_a_message_by_two_channels_under_one_key_is_one_contact_with_both() -> None:
    contacts = [said(FRIDAY, "sent", "sms", id="C1", key="k"), said(FRIDAY, "sent", "wechat", id="C2", key="k")]
    rules = governor(FRIDAY, book("2 any per 1d", "1 sms per 1d", "1 wechat per 1d", "2 message per 1d"), *contacts)
    assert [rules.tally.used(cap) for cap in rules.caps] == [1, 1, 1, 1]
    assert rules.refusals(by("app")) == []
    assert rules.refusals(by("wechat")) != []


def test_a_contact_known_by_another_ones_key_is_known_by_its_id_too() -> None:
    contacts = [said(FRIDAY, id="C1", key="k"), said(FRIDAY, id="C2", key="k")]
    assert len(attempts([debtor(*contacts), debtor(said(FRIDAY, id="C2"), id="A2")], day(FRIDAY), 7)) == 1


def test_what_could_not_be_delivered_takes_nothing_from_what_could() -> None:
    contacts = [
        said(FRIDAY, "undeliverable", "sms", id="C1", key="k"),
        said(FRIDAY, "sent", "wechat", id="C2", key="k"),
    ]
    rules = governor(FRIDAY, book("1 sms per 1d", "1 wechat per 1d"), *contacts)
    assert [rules.tally.used(cap) for cap in rules.caps] == [0, 1]


def test_contacts_of_later_days_are_not_known_yet() -> None:
    assert attempts([debtor(said(SATURDAY))], day(FRIDAY), 7) == []


def test_every_channel_counts_once_as_paper_or_under_any() -> None:
    assert COUNTED["any"] | COUNTED["post"] == {*CLASS_OF, None}
    assert COUNTED["any"].isdisjoint(COUNTED["post"])


def test_assumed_days_count_where_no_calendar_is_known() -> None:
    rules = book(calendar=Calendar({}))
    assert open_on("2030-10-01", "phone", rules) == ""
    assert open_on("2030-10-06", "phone", rules) == "10:30-12:00 15:00-18:00"
