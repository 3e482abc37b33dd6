"""Steps that are due, many at once: their keys, how they go out, and the charges they speak of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from both_ways import actions
from dunning.basis.finding import Text
from dunning.engine.ladder.offered import key_of
from dunning.model.account import Account, Contact
from dunning.model.anchor import AnchorWindow, CalendarWindow, Duration, Event
from dunning.model.rulebook import Dated, Output, Row, RuleBook, Table
from dunning.model.steps import By, Channels, Gives, Repeat, Retired, Step
from escalation import after, book, did, step
from households import charge, day, dispute, household, paid, promised, said
from test_ladder import at_least

Q1 = charge("2026-01-15", name="Q1")
Q2 = charge("2026-02-16", name="Q2")
CALL = step("call", 3)
AGAIN = step("call", 3, repeat=Repeat(Duration(3, "d")))


def late(*contacts: Contact, **more: object) -> Account:
    return household(Q1, contacts=list(contacts) or [said("2026-01-10")], **more)


def only(on: str, rules: RuleBook, account: Account) -> dict[str, object]:
    (row,) = actions(on, rules, account)
    return row


def noted(event: Event, of: str = "", first: int = 0) -> RuleBook:
    window = AnchorWindow(after(first, event=event, of=of), after(first + 2, event=event, of=of))
    return book(reminders=(step("note", action="send_message", window=window, late="drop"),))


# Keys


def test_a_key_is_made_of_what_the_step_is_about_and_how_often_it_was_tried() -> None:
    first, second = (only("2026-02-10", AGAIN_BOOK, late(*made)) for made in ([], [did("2026-02-02", "call")]))
    assert first["key"] == key_of("main", "A1", "call", None, "due", "Q1", 0)
    assert second["key"] == key_of("main", "A1", "call", None, "due", "Q1", 1)


AGAIN_BOOK = book(AGAIN)


def test_a_new_name_makes_no_new_key() -> None:
    rules = book(CALL, retired=(Retired("ring", now="call"), Retired("dial", now="ring")))
    assert only("2026-02-10", rules, late())["key"] == key_of("main", "A1", "dial", None, "due", "Q1", 0)


def test_a_step_of_a_charge_has_the_charge_in_its_key() -> None:
    found = actions("2026-02-25", book(step("call", 3, of="charge")), replace(late(), charges=(Q1, Q2)))
    assert [row["key"] for row in found] == [
        key_of("main", "A1", "call", name, "due", name, 0) for name in ("Q1", "Q2")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("on", "event", "of", "record", "more"),
    [
        ("2026-02-10", "paid", "", "P2026-02-09", {"payments": [paid("2026-02-09", "1.00")]}),
        ("2026-02-10", "settled", "", "Q1", {"payments": [paid("2026-02-09", "2000.00")]}),
        ("2026-02-10", "handover", "", "2026-02-09", {"handed_over": day("2026-02-09")}),
        ("2026-02-10", "contact", "away", "C2026-02-09", {"contacts": [said("2026-02-09", "away")]}),
        ("2026-02-10", "promise", "", "C2026-02-01", {"contacts": [promised("2026-02-01", "2026-02-09")]}),
    ],
)
def test_a_key_names_the_record_the_step_hangs_on(
    on: str, event: Event, of: str, record: str, more: dict[str, object]
) -> None:
    account = household(Q1, **({"contacts": [said("2026-01-10")]} | more))
    assert only(on, noted(event, of), account)["key"] == key_of("main", "A1", "note", None, event, record, 0)


def test_a_key_of_calendar_days_names_the_stretch() -> None:
    hint = step("hint", action="send_message", window=CalendarWindow("month", 10, 12), late="drop")
    keys = [only(on, book(reminders=(hint,)), late())["key"] for on in ("2026-02-10", "2026-02-12", "2026-03-10")]
    assert keys[0] == keys[1] != keys[2]


# How it goes out


def test_of_whom_the_ways_differ_the_actions_differ() -> None:
    rules = book(step("call", 3, channels=Channels("first_of", ("phone", "wechat"))))
    reached, rang = late(), replace(late(did("2026-02-02", "call", "no_answer")), id="A2")
    others = [reached, replace(rang, debtor=replace(rang.debtor, id="O2"))]
    assert [(row["action"], row["channels"]) for row in actions("2026-02-03", rules, *others)] == [
        ("call", ["phone", "wechat"]), ("send_message", ["wechat"])
    ]  # fmt: skip


def table(name: str, of: str, *words: str) -> Table:
    output = Output(kind="role") if of == "role" else Output(kind="choice", words={w: Text(w, w) for w in words})
    rows = (
        Row(number=1, when=at_least("overdue_days", 30), then=Dated.always(words[0])),
        Row(number=2, when=at_least("overdue_days", 0), then=Dated.always(words[1])),
    )
    return Table(id=name, title=Text(name, name), output=output, hit="first", rows=rows)


def test_tables_say_of_each_who_does_it_and_in_which_tone() -> None:
    tables = {"who": table("who", "role", "legal", "collector"), "how": table("how", "text", "firm", "friendly")}
    rules = book(step("call", 3, role=By("who"), tone=By("how"), template=By("how")), tables=tables)
    old, new = late(), replace(late(), id="A2", charges=(Q2,), debtor=replace(late().debtor, id="O2"))
    assert [(row["role"], row["tone"], row["template"]) for row in actions("2026-02-25", rules, old, new)] == [
        ("legal", "firm", "firm"), ("collector", "friendly", "friendly")
    ]  # fmt: skip


def test_a_table_of_charges_says_how_a_step_of_each_goes() -> None:
    firmly, kindly = (Text(word, word) for word in ("firm", "friendly"))
    rows = (
        Row(number=1, when=at_least("charge_overdue_days", 30), then=Dated.always("firm")),
        Row(number=2, when=at_least("charge_overdue_days", 0), then=Dated.always("friendly")),
    )
    how = Table(
        id="how", title=firmly, output=Output(kind="choice", words={"firm": firmly, "friendly": kindly}), hit="first",
        rows=rows, of="charge",
    )  # fmt: skip
    rules = book(step("call", 3, of="charge", tone=By("how")), tables={"how": how})
    found = actions("2026-02-25", rules, replace(late(), charges=(Q1, Q2)))
    assert [(row["charge"], row["tone"]) for row in found] == [("Q1", "firm"), ("Q2", "friendly")]


def test_the_day_to_pay_by_is_told() -> None:
    letter = step("letter", 3, action="deliver_letter", gives=Gives(Duration(10, "d"), from_="sent"))
    assert str(only("2026-02-25", book(letter), late())["pay_by"]) == "2026-03-09"
    assert only("2026-02-25", book(CALL), late())["pay_by"] is None


def test_what_is_to_be_recorded_is_told_as_it_goes() -> None:
    rules = book(step("call", 3, channels=Channels("first_of", ("phone", "wechat")), record=("outcome", "reason")))
    assert only("2026-02-03", rules, late())["record"] == ["outcome", "reason"]
    assert only("2026-02-03", rules, late(did("2026-02-02", "call", "no_answer")))["record"] != ["outcome", "reason"]


def test_a_window_that_ends_says_when_only_where_late_is_lost() -> None:
    window = AnchorWindow(after(3), after(30))
    for late_ in ("keep", "drop"):
        rules = book(step("call", window=window, late=late_))
        assert only("2026-02-03", rules, late())["step"] == "call"


# What it speaks of


def test_a_step_of_the_account_speaks_of_all_that_is_owed() -> None:
    both = replace(late(), charges=(Q2, Q1))
    assert only("2026-02-25", book(CALL), both)["charges"] == ["Q1", "Q2"]
    assert only("2026-02-16", book(CALL), both)["charges"] == ["Q1"]


def test_before_anything_is_overdue_it_speaks_of_the_oldest() -> None:
    early: Step = step("early", window=AnchorWindow(after(-10)))
    both = replace(late(), charges=(charge("2026-02-20", name="Q3"), Q2))
    row = only("2026-02-10", book(early), both)
    assert (row["charges"], row["ask_principal"]) == (["Q2"], 100000)


def test_what_asks_for_nothing_speaks_of_nothing() -> None:
    row = only("2026-02-10", noted("paid"), late(payments=[paid("2026-02-09", "1.00")]))
    assert (row["charges"], row["ask_total"], row["ask_as_of"]) == ([], None, None)


@pytest.mark.parametrize(
    ("amount", "wanted"), [("999.99", ["Q1", "Q2"]), ("1000.00", ["Q2"]), ("1000.01", ["Q2"]), ("", ["Q2"])]
)
def test_a_demand_leaves_out_a_charge_of_which_all_is_contested(amount: str, wanted: list[str]) -> None:
    rules = book(step("demand", 3, action="formal_demand"))
    contested = dispute("2026-02-20", "billing_error", amount=amount, charge="Q1", answered=day("2026-02-21"))
    row = only("2026-02-25", rules, replace(late(), charges=(Q1, Q2), disputes=(contested,)))
    assert row["charges"] == wanted


def test_each_speaks_of_its_own_charges_and_sums() -> None:
    rules = book(CALL, step("visit", 8, action="visit", of="charge"), catch_up="all")
    some = replace(late(), charges=(Q1, Q2))
    more = [replace(some, id=f"A{n}", debtor=replace(some.debtor, id=f"O{n}")) for n in (2, 3)]
    found = actions("2026-03-10", rules, replace(some, charges=(Q1,)), *more)
    assert [(row["step"], row["charges"]) for row in found] == [
        ("call", ["Q1"]), ("visit", ["Q1"]), *2 * [("call", ["Q1", "Q2"]), ("visit", ["Q1"]), ("visit", ["Q2"])]
    ]  # fmt: skip
