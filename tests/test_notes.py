"""Deliveries kept as notes: what a clerk adds, what is called off and taken up again, and what cannot be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dunning.adapter import Delivery, Source
from dunning.adapter.notes import Note, Notes, end_of, message_of, plain, receipt_of, reply
from dunning.engine.result import Action
from dunning.model.account import SHANGHAI

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
ACTION = Action(
    key="b1f0", step="first_reminder", charge=None, action="send_message", to=("O-1",),
    channels={"first_of": ("sms",)}, role="customer_service", tone="friendly", template="<b>&",
    not_before=AT, not_after=None, bundle="O-1/2026-03-02",
)  # fmt: skip
SENT = Delivery(company="1", account="7/9", debtor="7", on=date(2026, 3, 2), action=ACTION)


def note(text: str, hours: int = 0) -> Note:
    return Note(text, AT + timedelta(hours=hours), Source("ToDo", "T-1"))


def test_what_is_written_is_read_again_also_as_html() -> None:
    written = message_of(SENT)
    assert Notes.of([note(written)]).found["b1f0"].delivery == SENT
    html = "<p>" + written.replace('"', "&quot;").replace("\n", "<br/>") + "</p>"
    assert Notes.of([note(plain(html))]).found["b1f0"].delivery == SENT
    assert not set(written) & set("<>&")


def test_by_what_it_went_is_known_from_an_earlier_note() -> None:
    later = note("#dunning b1f0 已送达", 5)
    notes = Notes.of([note(message_of(SENT)), note("#dunning b1f0 已发出 wechat", 3), later])
    assert (notes.found["b1f0"].receipt.state, notes.found["b1f0"].receipt.channel) == ("delivered", "wechat")


def test_a_clerk_says_what_became_of_it() -> None:
    notes = Notes.of([note(message_of(SENT)), note("#dunning b1f0 已发出 sms 2026-03-02T11:30", 3), note("Hello")])
    receipt = notes.found["b1f0"].receipt
    assert (receipt.state, receipt.channel) == ("sent", "sms")
    assert receipt.at == datetime(2026, 3, 2, 11, 30, tzinfo=SHANGHAI)
    ((place, _, record),) = notes.contacts()
    assert place == ("1", "7/9")
    assert (record["key"], record["outcome"], record["step"]) == ("b1f0", "sent", "first_reminder")


@pytest.mark.parametrize(
    "text",
    [
        "#dunning b1f0 gesendet",
        "#dunning b1f0",
        "#dunning b1f0 sent by hand",
        "#dunning  ",
        "#dunning b1f0 sent sms gestern",
    ],
)
def test_what_cannot_be_read_is_told(text: str) -> None:
    assert receipt_of(note(text)) is None
    assert [one.text for one in Notes.of([note(message_of(SENT)), note(text)]).unread] == [text]


def test_news_of_what_nobody_wrote_is_told() -> None:
    assert len(Notes.of([note(reply("b1f0", "sent"))]).unread) == 1
    assert len(Notes.of([note("#dunning b1f0 accepted\nno delivery")]).unread) == 1


def test_called_off_it_is_taken_up_on_another_day_only() -> None:
    notes = Notes.of([note(message_of(SENT)), note(reply("b1f0", "cancelled", "dispute"), 1)])
    assert notes.taken_back("b1f0", "dispute", AT).state == "cancelled"
    assert notes.taken_back("b1f1", "dispute", AT).state == "refused"
    same = notes.answer(SENT, AT)
    assert same is not None
    assert same.state == "cancelled"
    tomorrow = replace(SENT, on=date(2026, 3, 3))
    assert notes.answer(tomorrow, AT) is None
    notes.add(note(message_of(tomorrow), 24))
    notes.add(note(reply("b1f0", "sent"), 25))
    assert notes.taken_back("b1f0", "paid", AT).state == "too_late"


def test_what_missed_its_day_is_taken_up_on_another() -> None:
    notes = Notes.of([note(message_of(SENT))])
    tomorrow = replace(SENT, on=date(2026, 3, 3))
    assert notes.answer(SENT, AT) is not None
    assert notes.answer(tomorrow, AT) is None
    notes.add(note(message_of(tomorrow), 24))
    assert notes.found["b1f0"].delivery == tomorrow
    assert end_of(SENT) == datetime(2026, 3, 3, tzinfo=SHANGHAI)


def test_the_same_step_waits_for_its_gap() -> None:
    first = replace(SENT, not_again_before=date(2026, 3, 5))
    second = replace(SENT, action=replace(ACTION, key="b1f1"))
    notes = Notes.of([note(message_of(first))])
    refused = notes.answer(second, AT)
    assert refused is not None
    assert refused.state == "refused"
    assert notes.answer(replace(second, on=date(2026, 3, 5)), AT) is None
    assert notes.answer(replace(second, action=replace(second.action, step="visit")), AT) is None
