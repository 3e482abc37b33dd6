"""What a session tells, day by day and news by news."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from live import BEGIN, BOOK, account, contact, day, paid, promised, session

import dunning
from dunning_durable import WATCHES, Change, Seen, Session, Watch

News = dict[str, Any]
FIRST_DAYS = [("01-16", "A", "grade_changed", "account_grade none>B"), ("01-16", "A", "episode_began")]
SETTLED = [
    ("grade_changed", "account_grade B>none"),
    ("grade_changed", "provision_rate 0>"),
    ("episode_ended",),
]


@dataclass(frozen=True)
class Scenario:
    """Days to tick to and news to bring, and what is told of them from the day the account is overdue."""

    says: str
    happens: list[str | News]
    told: list[tuple[str, ...]]

    def __str__(self) -> str:
        return self.says


def on(date: str, *changes: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [(date, "A", *change) for change in changes]


SCENARIOS = [
    Scenario("before the due date nothing is told", ["01-15"], []),
    Scenario("a day told twice tells nothing", ["01-15", "01-15"], []),
    Scenario("arrears begin on the day after the due date", ["01-16"], FIRST_DAYS),
    Scenario(
        "steps fall due on their days, whatever days are ticked to",
        ["02-01"],
        [
            *FIRST_DAYS,
            *on("01-18", ("step_due", "reminder")),
            *on("01-30", ("step_over", "reminder"), ("step_due", "call")),
        ],
    ),
    Scenario(
        "a step that is done is over",
        ["01-18", {"contacts": contact("C", "01-18", "reminder", "delivered")}],
        [*FIRST_DAYS, *on("01-18", ("step_due", "reminder"), ("step_over", "reminder"))],
    ),
    Scenario(
        "payment of all ends the episode",
        ["01-17", {"payments": paid("P", "01-17", "1592.25")}],
        [*FIRST_DAYS, *on("01-17", *SETTLED)],
    ),
    Scenario(
        "part payment that changes no answer is no change",
        ["01-17", {"payments": paid("P", "01-17", "100.00")}],
        FIRST_DAYS,
    ),
    Scenario(
        "a payment known ahead counts on its day",
        ["01-16", {"payments": paid("P", "01-17", "1592.25")}, "01-17"],
        [*FIRST_DAYS, *on("01-17", *SETTLED)],
    ),
    Scenario(
        "a new charge may raise the grade once it is overdue",
        ["01-16", {"charges": {"id": "Q2", "amount": "800.00", "due": "2026-01-20"}}, "01-23"],
        [
            *FIRST_DAYS,
            *on("01-16", ("grade_changed", "provision_rate >0")),
            *on("01-18", ("step_due", "reminder")),
            *on("01-21", ("grade_changed", "account_grade B>A")),
        ],
    ),
    Scenario(
        "a promise kept",
        ["01-16", {"contacts": promised("C", "01-16", "01-25")}, "01-20", {"payments": paid("P", "01-20", "1592.25")}],
        [*FIRST_DAYS, *on("01-20", *SETTLED, ("promise_kept", "2026-01-25"))],
    ),
    Scenario(
        "a promise broken, on the day after it; the ladder goes on",
        ["01-16", {"contacts": promised("C", "01-16", "01-25")}, "01-31"],
        [
            *FIRST_DAYS,
            *on("01-26", ("step_due", "reminder"), ("promise_broken", "2026-01-25")),
            *on("01-30", ("step_over", "reminder"), ("step_due", "call")),
        ],
    ),
    Scenario(
        "a payment booked late keeps the promise after all",
        [
            "01-16", {"contacts": promised("C", "01-16", "01-20", "500.00")},
            "01-21", {"payments": paid("P", "01-20", "500.00")},
        ],
        [*FIRST_DAYS, *on("01-21", ("step_due", "reminder"), ("promise_broken", "2026-01-20"), ("promise_kept",))],
    ),
    Scenario(
        "a payment taken back breaks it",
        [
            "01-16", {"contacts": promised("C", "01-16", "01-20", "500.00")},
            "01-17", {"payments": paid("P", "01-17", "500.00")},
            "01-22", {"payments": paid("P", "01-17", "500.00", reversed_on="2026-01-17")},
        ],
        [
            *FIRST_DAYS,
            *on("01-17", ("promise_kept", "2026-01-20")),
            *on("01-18", ("step_due", "reminder")),
            *on("01-22", ("promise_broken",)),
        ],
    ),
    Scenario(
        "a promise taken out of the records is neither",
        [
            "01-16", {"contacts": promised("C", "01-16", "01-25")},
            "01-20", {"contacts": contact("C", "01-16", None, "no_answer")},
        ],
        [*FIRST_DAYS, *on("01-20", ("step_due", "reminder"))],
    ),
    Scenario(
        "a hold ends by itself",
        ["01-16", {"holds": {"id": "H", "kind": "contact", "since": "2026-01-16", "until": "2026-01-20"}}, "01-21"],
        [*FIRST_DAYS, *on("01-21", ("step_due", "reminder"))],
    ),
    Scenario(
        "a field given anew",
        ["01-16", {"use": "commercial"}],
        [
            *FIRST_DAYS,
            *on("01-16", ("grade_changed", "account_grade B>"), ("grade_changed", "provision_rate 0>")),
        ],
    ),
    Scenario(
        "the same news twice is told once",
        ["01-17", {"payments": paid("P", "01-17", "1592.25")}, {"payments": paid("P", "01-17", "1592.25")}],
        [*FIRST_DAYS, *on("01-17", *SETTLED)],
    ),
]  # fmt: skip


@pytest.mark.parametrize("live", [1, 512])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_what_is_told(scenario: Scenario, live: int) -> None:
    """With room for one debtor another that has all the same news takes turns with it."""
    with session(live=live) as (held, recorder):
        names = ["A", "B"] if live == 1 else ["A"]
        for name in names:
            held.open(account(name))
        for what in scenario.happens:
            if isinstance(what, str):
                held.tick(day(what))
            else:
                for name in names:
                    held.event(name, **what)
    for name in names:
        told = [(date, "A", *rest) for date, whose, *rest in recorder.told() if whose == name]
        assert told == scenario.told
    assert recorder.troubles == []


def test_a_change_carries_the_assessments_either_side() -> None:
    with session() as (held, recorder):
        held.open(account())
        held.tick(day("01-17"))
        now = held.event("A", payments=paid("P", "01-17", "1592.25"))
        assert held.answer("A") == now
    began, ended = (change for change in recorder.changes if change.kind.startswith("episode"))
    assert (began.before.on, began.after.on) == (day("01-15"), day("01-16"))
    assert began.before.value("arrears") == 0
    assert (began.after.balance.total, ended.before.balance.total, ended.after.balance.total) == (159305, 159305, 159)
    assert ended.after == now
    assert ended.account == ("main", "A")


def test_the_answer_is_what_assess_says_of_all_records() -> None:
    with session() as (held, _):
        held.open(account())
        held.tick(day("01-20"))
        held.event("A", contacts=[contact("C", "01-18", "reminder", "sent")], attributes={"satisfaction": 60})
        answer = held.event("A", payments=paid("P", "01-19", "500.00"))
    whole = account(
        contacts=[contact("C", "01-18", "reminder", "sent")],
        attributes={"satisfaction": 60},
        payments=[paid("P", "01-19", "500.00")],
        data_as_of="2026-01-20T23:59:59+08:00",
    )
    assert answer == dunning.assess(dunning.read_account(whole), BOOK, on=day("01-20"))


# --- several accounts ------------------------------------------------------------------------------------------------


def test_news_of_one_account_is_told_of_the_debtors_others() -> None:
    """The day's one message was for both; once it is recorded for the first alone, the second has one of its own."""
    with session() as (held, recorder):
        held.open(account("A", owner="O"))
        held.open(account("B", owner="O"))
        held.tick(day("01-18"))
        assert recorder.told("step_due") == [("01-18", "A", "step_due", "reminder")]
        recorder.changes.clear()
        held.event("A", contacts=contact("C", "01-18", "reminder", "delivered"))
    assert recorder.told() == [("01-18", "A", "step_over", "reminder"), ("01-18", "B", "step_due", "reminder")]


def test_accounts_of_one_id_in_two_companies_are_two() -> None:
    with session() as (held, recorder):
        held.open(account("A"))
        held.open(account("A", company="wy-02"))
        held.tick(day("01-17"))
        held.event(("wy-02", "A"), payments=paid("P", "01-17", "1592.25"))
    ended = [change.account for change in recorder.changes if change.kind == "episode_ended"]
    assert ended == [("wy-02", "A")]


def test_an_account_that_is_gone_is_told_of_no_more() -> None:
    with session() as (held, recorder):
        held.open(account("A", owner="O"))
        held.open(account("B", owner="O"))
        held.open(account("C"))
        held.tick(day("01-16"))
        held.gone("A")
        held.gone("C")
        held.tick(day("01-18"))
        assert {whose for _, whose, *_ in recorder.told("step_due")} == {"B"}
        with pytest.raises(ValueError, match="not open"):
            held.event("A", occupancy="vacant")
        held.open(account("C"))


# --- patterns over time ----------------------------------------------------------------------------------------------

PAID_AFTER_ALL = Watch("paid_after_all", Seen("promise", now="broken"), then=Seen("payments"), within=5)
LEFT_ALONE = Watch("left_alone", Seen("promise", now="broken"), unless=Seen("contacts"), within=3)
CALLED_TWICE = Watch("called_twice", Seen("contacts", name="call"), then=Seen("contacts", name="call"), within=2)
BROKEN = ["01-16", {"contacts": promised("C", "01-16", "01-20")}, "01-21"]


@pytest.mark.parametrize("live", [1, 512])
@pytest.mark.parametrize(
    ("happens", "told"),
    [
        ([*BROKEN, {"payments": paid("P", "01-21", "1.00")}], [("01-21", "paid_after_all", "promise", "payments")]),
        (
            [*BROKEN, "01-26", {"payments": paid("P", "01-26", "1.00")}],
            [("01-25", "left_alone", "promise", "day"), ("01-26", "paid_after_all", "promise", "payments")],
        ),
        ([*BROKEN, "01-27", {"payments": paid("P", "01-27", "1.00")}], [("01-25", "left_alone", "promise", "day")]),
        ([*BROKEN, "01-24", {"contacts": contact("D", "01-24", "call", "reached")}, "02-20"], []),
        ([*BROKEN, "03-20"], [("01-25", "left_alone", "promise", "day")]),
        (
            [
                "01-16", {"contacts": contact("C", "01-16", "call", "reached")},
                {"contacts": contact("D", "01-16", "call", "reached")},
                "01-18", {"contacts": contact("E", "01-18", "call", "reached")},
                "01-19", {"contacts": contact("F", "01-19", "reminder", "reached")},
            ],
            [
                ("01-16", "called_twice", "contacts", "contacts"),
                ("01-18", "called_twice", "contacts", "contacts"),
                ("01-18", "called_twice", "contacts", "contacts"),
            ],
        ),
    ],
)  # fmt: skip
def test_patterns(happens: list[str | News], told: list[tuple[str, ...]], live: int) -> None:
    with session(watches=(PAID_AFTER_ALL, LEFT_ALONE, CALLED_TWICE), live=live) as (held, recorder):
        for name in ("A", "B"):
            held.open(account(name))
        for what in happens:
            if isinstance(what, str):
                held.tick(day(what))
            else:
                for name in ("A", "B"):
                    held.event(name, **what)
    for name in ("A", "B"):
        assert [(date, *rest) for date, whose, *rest in recorder.told() if whose == name] == told
    assert recorder.troubles == []


def test_a_pattern_is_of_one_account() -> None:
    with session(watches=[CALLED_TWICE]) as (held, recorder):
        for name in ("A", "B"):
            held.open(account(name, owner="O"))
            held.event(name, contacts=contact(f"C{name}", "01-10", "call", "reached"))
        assert recorder.told() == []
        held.event("B", contacts=contact("D", "01-10", "call", "reached"))
    assert recorder.told() == [("01-10", "B", "called_twice", "contacts", "contacts")]


def test_a_watch_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="within"):
        Watch("late", Seen("payments"), then=Seen("payments"))
    with pytest.raises(ValueError, match="within"):
        Watch("late", Seen("payments"), within=3)
    with pytest.raises(ValueError, match="either"):
        Watch("late", Seen("payments"), then=Seen("payments"), unless=Seen("payments"), within=3)


# --- calls -----------------------------------------------------------------------------------------------------------


def test_what_a_call_raises_comes_out_once_all_are_told() -> None:
    told: list[str] = []

    def changed(change: Change) -> None:
        told.append(change.kind)
        if change.kind == "grade_changed":
            raise RuntimeError("no line to the ERP")

    with Session(BOOK, on=BEGIN, changed=changed) as held:
        held.open(account())
        with pytest.raises(RuntimeError, match="no line to the ERP"):
            held.tick(day("01-18"))
        assert told == ["grade_changed", "episode_began", "step_due"]
        assert held.on == day("01-18")
        with pytest.raises(ExceptionGroup) as both:
            held.event("A", payments=paid("P", "01-18", "1592.25"))
        assert len(both.value.exceptions) == 2
        assert held.answer("A").balance.principal_due == 0


def test_a_call_may_bring_news_itself() -> None:
    """The ERP sends what is due and records it at once; it is told after what it is part of."""
    told: list[tuple[str, str]] = []

    def changed(change: Change) -> None:
        told.append((f"{change.after.on:%m-%d}", change.kind))
        if change.kind == "step_due":
            sent = contact(f"C-{change.because[0].on}", f"{change.after.on:%m-%d}", change.because[0].name, "delivered")
            held.event(change.account, contacts=sent)

    with Session(BOOK, on=BEGIN, changed=changed) as held:
        held.open(account())
        held.tick(day("01-31"))
    assert told[2:] == [("01-18", "step_due"), ("01-18", "step_over"), ("01-30", "step_due"), ("01-30", "step_over")]


def test_news_from_a_call_about_one_whose_day_is_still_to_come() -> None:
    """On the day both are looked at; the first one's call brings news of the second before its turn."""
    told: list[tuple[str, str]] = []

    def changed(change: Change) -> None:
        told.append((change.account[1], change.kind))
        if change.account[1] == "A" and change.kind == "left_alone":
            held.event("B", contacts=contact("D", "01-25", "call", "reached"))

    with Session(BOOK, on=BEGIN, changed=changed, watches=[LEFT_ALONE]) as held:
        for name in ("A", "B"):
            held.open(account(name))
        held.tick(day("01-16"))
        for name in ("A", "B"):
            held.event(name, contacts=promised("C", "01-16", "01-20"))
        held.tick(day("02-10"))
    assert told == [("A", "left_alone"), ("B", "left_alone")]


def test_days_do_not_go_by_within_a_call() -> None:
    def changed(_: Change) -> None:
        held.tick(day("03-01"))

    with Session(BOOK, on=BEGIN, changed=changed) as held:
        held.open(account())
        with pytest.raises(ExceptionGroup, match="several calls failed"):
            held.tick(day("01-16"))
        assert held.on == day("01-16")


# --- what cannot be --------------------------------------------------------------------------------------------------


def test_news_that_cannot_be_read_changes_nothing() -> None:
    with session() as (held, recorder):
        held.open(account())
        before = held.answer("A")
        with pytest.raises(dunning.AccountError, match="A"):
            held.event("A", payments=paid("P", "01-10", "-5.00"))
        with pytest.raises(dunning.AccountError):
            held.event("A", paymets=paid("P", "01-10", "5.00"))
        assert held.answer("A") == before
        held.event("A", payments=paid("P", "01-10", "5.00"))
        assert held.answer("A").balance.credit == 500
    assert recorder.changes == []


def test_records_given_are_kept_as_they_were() -> None:
    records = account()
    with session() as (held, _):
        held.open(records)
        records["charges"][0]["amount"] = "1.00"
        assert held.event("A", occupancy="vacant").balance.principal_not_due == 159225


@pytest.mark.parametrize(
    ("news", "says"),
    [({"id": "B"}, "another id"), ({"company": "x"}, "another company"), ({"debtor": {"id": "O-2"}}, "another debtor")],
)
def test_another_debtor_is_another_account(news: News, says: str) -> None:
    with session() as (held, _):
        held.open(account())
        with pytest.raises(ValueError, match=says):
            held.event("A", **news)
        held.event("A", debtor={"id": "O-A", "tags": ["vip"]})


def test_calls_that_cannot_be() -> None:
    with session() as (held, _):
        held.open(account())
        with pytest.raises(ValueError, match="open already"):
            held.open(account())
        with pytest.raises(ValueError, match="not open"):
            held.answer("X")
        with pytest.raises(ValueError, match="goes forward"):
            held.tick(day("01-09"))
        with pytest.raises(ValueError, match="by dates"):
            held.tick("2026-01-11")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="closed"):
        held.event("A", occupancy="vacant")
    held.close()


@pytest.mark.parametrize("live", [0, 1001])
def test_there_is_room_for_one_to_a_thousand(live: int) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        Session(BOOK, on=BEGIN, changed=print, live=live)


def test_every_kind_of_change_has_one_watch() -> None:
    kinds = [watch.kind for watch in WATCHES]
    assert len(kinds) == len(set(kinds)) == 7
