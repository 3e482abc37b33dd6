"""Timelines: a household played forward, and how that is told, written as data and drawn."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from dunning.basis.errors import CalendarError, UsageError
from dunning.cli.main import app
from dunning.engine.timeline import Event, Timeline, timeline
from dunning.lang.folder import load
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook
from dunning.output.timeline import timeline_json, timeline_svg, timeline_text
from escalation import book, did, pack, step
from households import charge, day, household, paid

SINCE, UNTIL = "2026-01-05", "2026-12-31"
DUE = "2026-01-15"


@cache
def residential() -> RuleBook:
    return load("residential")


def owing(*charges: str, **more: object) -> Account:
    bills = [charge(due, "3000.00") for due in charges or (DUE, "2026-04-15")]
    return household(*bills, use="residential", place="CN-3301", **more)


@cache
def played(scenario: str = "silent") -> Timeline:
    """Two quarters of 3000 yuan under the book of the escalation tests, for a year."""
    return timeline(owing(), pack(), since=day(SINCE), until=day(UNTIL), scenario=scenario)


def of(name: str, told: Timeline) -> list[Event]:
    return [event for event in told.events if event.name == name]


# A silent debtor


def test_each_step_is_done_on_its_day() -> None:
    (reminder,) = of("second_reminder", played())
    assert (reminder.on, reminder.tone, reminder.channels) == (day("2026-01-18"), "friendly", ("phone",))
    assert (reminder.amount, reminder.times) == (300_450, 1)  # three days at 0.5 per mille


def test_what_comes_round_again_is_one_event_with_its_count() -> None:
    (round_,) = of("routine_round", played())
    assert round_.on == day("2026-01-23")
    assert round_.times == len(round_.days) > 5
    assert all((later - earlier).days >= 5 for earlier, later in zip(round_.days, round_.days[1:], strict=False))


def test_a_demand_is_approved_and_arrives_and_so_says_what_was_assumed() -> None:
    (demand,) = of("formal_demand", played())
    assert demand.on == day("2026-04-16")  # then both quarters are overdue: more than 5000 yuan
    assert demand.assumed == ("approval", "evidence", "freshness")
    assert demand.until == day("2026-05-06")
    assert of("second_reminder", played())[0].assumed == ("freshness",)


def test_the_deadline_a_demand_gave_is_told() -> None:
    (end,) = [event for event in played().events if event.kind == "deadline"]
    assert (end.name, end.on) == ("demand", day("2026-05-06"))


def test_while_the_deadline_runs_the_lower_rungs_are_quiet() -> None:
    days = [each for name in ("routine_round", "home_visit") for event in of(name, played()) for each in event.days]
    assert [each for each in days if day("2026-04-16") < each <= day("2026-05-06")] == []


def test_charges_fall_due() -> None:
    assert [(event.on, event.name) for event in played().events if event.kind == "due"] == [
        (day(DUE), DUE),
        (day("2026-04-15"), "2026-04-15"),
    ]


def test_a_suit_is_filed_once_a_year_has_passed_and_is_on_record() -> None:
    told = timeline(owing(DUE), pack(), since=day("2026-07-01"), until=day("2027-03-31"))
    (suit,) = of("suit", told)
    assert suit.on == day("2027-01-16")
    (limitation,) = [each for each in told.last.deadlines if each.kind == "limitation"]
    assert limitation.on == day("2030-01-16")
    assert limitation.because[0].name.startswith("proceedings/")


def test_events_stand_in_the_order_of_their_days() -> None:
    days = [event.on for event in played().events]
    assert days == sorted(days)
    assert all(day(SINCE) <= each <= day(UNTIL) for each in days)


def test_it_goes_from_review_to_review() -> None:
    reviews = played().reviews
    assert reviews[0] == day(SINCE)
    assert list(reviews) == sorted(set(reviews))
    assert len(reviews) < 120


def test_the_account_itself_is_left_as_it_was() -> None:
    account = owing()
    assert timeline(account, pack(), since=day(SINCE), until=day(UNTIL)).account is account
    assert account.contacts == ()


def test_what_was_done_before_counts() -> None:
    account = owing(DUE, contacts=(did("2026-01-19", "second_reminder"),))
    told = timeline(account, pack(), since=day("2026-01-20"), until=day("2026-01-31"))
    assert of("second_reminder", told) == []


def test_what_a_message_carries_is_done_with_it() -> None:
    notes = [step(name, count, action="send_message") for name, count in (("early", 3), ("late", 3))]
    told = timeline(
        owing(DUE), book(*notes, catch_up="all", applies=pack().applies), since=day(SINCE), until=day("2026-02-28")
    )
    assert [(event.on, event.name) for event in told.events if event.kind == "action"] == [
        (day("2026-01-18"), "early"),
        (day("2026-01-18"), "late"),
    ]
    assert len(told.last.account.contacts) == 2
    assert {contact.id for contact in told.last.account.contacts} == {"timeline-1"}


def test_what_follows_the_last_rung_is_told() -> None:
    told = timeline(
        owing(DUE), book(step("call", 3), at_end="refer_to_management", applies=pack().applies),
        since=day(SINCE), until=day("2026-02-28"),
    )  # fmt: skip
    (ended,) = [event for event in told.events if event.kind == "ended"]
    assert (ended.on, ended.name) == (day("2026-01-18"), "refer_to_management")


# Other debtors


def test_a_debtor_who_pays_on_a_day_is_left_alone_from_then_on() -> None:
    told = played("pays_on:2026-02-10")
    (payment,) = [event for event in told.events if event.kind == "paid"]
    assert (payment.on, payment.amount) == (day("2026-02-10"), 303_900)  # 26 days of late fee
    assert len(of("receipt", told)) == 1
    asked = [event for event in told.events if event.tone and event.charge is None and event.name != "receipt"]
    first, last = day("2026-02-10"), day("2026-04-15")
    assert [each for event in asked for each in event.days if first <= each <= last] == []
    assert told.last.balance.principal_due == 300_000  # the second quarter


def test_steps_of_an_older_debt_and_of_a_newer_one_are_two_events() -> None:
    assert len(of("second_reminder", played("pays_on:2026-02-10"))) == 2


def test_a_debtor_who_promises_is_waited_for_and_then_asked_again() -> None:
    told = played("promises_and_breaks")
    (promise,) = [event for event in told.events if event.kind == "promise"]
    (broken,) = [event for event in told.events if event.kind == "broken"]
    assert promise.on == day("2026-01-18")
    assert (promise.until, broken.on) == (day("2026-01-25"), day("2026-01-26"))
    calls = [each for name in ("second_reminder", "routine_round") for event in of(name, told) for each in event.days]
    assert [each for each in calls if day("2026-01-18") < each <= day("2026-01-25")] == []
    assert of("promise_reminder", told)[0].on == day("2026-01-24")


@pytest.mark.parametrize("scenario", ["loud", "pays_on", "silent:now", ""])
def test_an_unknown_scenario_is_refused_with_those_there_are(scenario: str) -> None:
    with pytest.raises((UsageError, CalendarError)) as caught:
        timeline(owing(), pack(), since=day(SINCE), until=day(UNTIL), scenario=scenario)
    if scenario != "pays_on":
        assert "promises_and_breaks" in str(caught.value)


@pytest.mark.parametrize(("since", "until"), [("2026-02-01", "2026-01-31"), ("2026-01-01", "2050-01-01")])
def test_a_stretch_that_cannot_be_played_is_refused(since: str, until: str) -> None:
    with pytest.raises(UsageError):
        timeline(owing(), pack(), since=day(since), until=day(until))


def test_without_a_book_nothing_happens() -> None:
    told = timeline(household(charge(DUE), use="parking"), pack(), since=day(SINCE), until=day(UNTIL))
    assert (told.book, told.events) == (None, ())
    assert "没有适用的规则书" in timeline_text(told)


def test_the_shipped_book_can_be_played_by_every_debtor() -> None:
    for scenario in ("silent", "pays_on:2026-03-02", "promises_and_breaks"):
        told = timeline(owing(DUE), residential(), since=day(SINCE), until=day("2026-03-31"), scenario=scenario)
        assert of("second_reminder", told)


def test_records_of_days_to_come_are_part_of_the_play() -> None:
    told = timeline(
        owing(DUE, payments=(paid("2026-02-02", "3100.00"),)), pack(), since=day(SINCE), until=day("2026-03-31")
    )
    assert [event.on for event in told.events if event.kind == "paid"] == [day("2026-02-02")]


# Told, as data, drawn


def test_a_line_for_each_event_in_both_languages() -> None:
    text = timeline_text(played())
    assert text.splitlines()[0] == "户 main/A1  2026-01-05 至 2026-12-31  规则书 escalation 2026.1"
    assert "2026-01-18  逾期提醒  电话  友好  3004.50元" in text
    assert "假定的: 审批、送达凭证、数据新鲜" in text
    assert "phone  friendly  3004.50 yuan" in timeline_text(played(), lang="en")


def test_as_data() -> None:
    data = json.loads(timeline_json(played()))
    assert (data["account"], data["scenario"], data["rulebook"]["name"]) == ("A1", "silent", "escalation")
    (event,) = [each for each in data["events"] if each["name"] == "second_reminder"]
    assert event == {
        "on": "2026-01-18", "kind": "action", "name": "second_reminder", "title": "逾期提醒", "charge": None,
        "tone": "friendly", "channels": ["phone"], "amount": "3004.50", "until": None, "times": 1,
        "days": ["2026-01-18"], "assumed": ["freshness"],
    }  # fmt: skip


def test_the_same_play_is_drawn_the_same_way() -> None:
    again = timeline(owing(), pack(), since=day(SINCE), until=day(UNTIL))
    assert timeline_svg(again) == timeline_svg(played())


def drawn(told: Timeline) -> ElementTree.Element:
    return ElementTree.fromstring(timeline_svg(told))


def test_the_drawing_is_one_plain_svg_with_chinese_labels() -> None:
    root = drawn(played("promises_and_breaks"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert {element.tag.partition("}")[2] for element in root.iter()} <= {
        "svg", "title", "rect", "line", "text", "circle", "path", "g",
    }  # fmt: skip
    words = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"账单到期", "逾期提醒", "例行催缴", "承诺", "友好"} <= words
    assert any(word.startswith("×") for word in words if word)


def test_everything_is_drawn_inside_the_picture() -> None:
    for scenario in ("silent", "pays_on:2026-02-10", "promises_and_breaks"):
        root = drawn(played(scenario))
        width, height = float(root.get("width", 0)), float(root.get("height", 0))
        for element in root.iter():
            for name, most in (
                ("x", width),
                ("cx", width),
                ("x2", width),
                ("y", height),
                ("cy", height),
                ("y2", height),
            ):
                assert 0 <= float(element.get(name, 0)) <= most


def test_names_that_look_like_markup_are_only_text() -> None:
    account = household(charge(DUE, name="<b>&"), id="<script>", use="residential")
    told = timeline(account, pack(), since=day(SINCE), until=day("2026-02-28"))
    words = [element.text for element in drawn(told).iter("{http://www.w3.org/2000/svg}text")]
    assert "<b>&" in words


@pytest.mark.parametrize("until", ["2026-01-05", "2026-01-20", "2032-01-01"])
def test_a_day_and_six_years_can_be_drawn(until: str) -> None:
    told = timeline(owing(DUE), book(step("call", 3), applies=pack().applies), since=day(SINCE), until=day(until))
    assert drawn(told) is not None


# On the command line


def test_on_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text(
        json.dumps({
            "id": "A1", "use": "residential", "debtor": {"id": "O1", "kind": "person"},
            "contract": {"kind": "committee", "late_fee_clause": True},
            "charges": [{"id": "Q1", "amount": "1592.25", "due": DUE}],
        })
        + "\n",
        encoding="utf-8",
    )  # fmt: skip
    said = ["timeline", str(file), "--account", "A1", "--since", SINCE, "--until", "2026-02-28", "--lang", "zh"]
    runner = CliRunner()
    text = runner.invoke(app, said)
    assert text.exit_code == 0
    assert "逾期提醒" in text.output
    assert runner.invoke(app, [*said, "--format", "svg"]).output.startswith("<svg ")
    data = runner.invoke(app, [*said, "--format", "json", "--scenario", "pays_on:2026-02-02"])
    assert [each["on"] for each in json.loads(data.output)["events"] if each["kind"] == "paid"] == ["2026-02-02"]
    assert isinstance(runner.invoke(app, [*said, "--format", "png"]).exception, UsageError)
    assert isinstance(runner.invoke(app, [*said, "--scenario", "loud"]).exception, UsageError)
    assert isinstance(runner.invoke(app, [*said, "--account", "A2"]).exception, UsageError)
