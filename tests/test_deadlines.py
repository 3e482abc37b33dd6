"""Deadlines: when each charge is barred and what starts it afresh, and every other day on which a period runs out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dunning.engine.deadlines import alert_of, deadlines, time_barred
from dunning.engine.result import Deadline
from dunning.model.account import Account, Instalment, Party, Plan, Proceeding
from escalation import did, pack
from households import BOOK, charge, day, demand, dispute, facts, household, opening, paid, promised, said

DUE = "2024-01-15"
TODAY = "2026-06-24"  # a Wednesday of a year whose days off are known


def told(account: Account, on: str = TODAY, **more: Any) -> list[Deadline]:
    return list(deadlines(facts(account, on, book=pack(), **more)))


def of_kind(kind: str, account: Account, on: str = TODAY) -> list[Deadline]:
    return [each for each in told(account, on) if each.kind == kind]


def one(kind: str, account: Account, on: str = TODAY) -> Deadline:
    (found,) = of_kind(kind, account, on)
    return found


def limitation(account: Account, on: str = TODAY, of: str = DUE) -> Deadline:
    """The limitation of one charge."""
    (found,) = [each for each in of_kind("limitation", account, on) if each.charge == of]
    return found


def owing(*charges: Any, **more: Any) -> Account:
    return household(*(charges or (charge(DUE),)), **more)


def filed(kind: str, on: str, *charges: str, **more: Any) -> Proceeding:
    return Proceeding(id=f"{kind}@{on}", kind=kind, on=day(on), charges=charges, **more)  # type: ignore[arg-type]


def plan(signed: str, *dues: str, charges: tuple[str, ...] = (DUE,), amount: int = 100_00, **more: Any) -> Plan:
    instalments = tuple(Instalment(due=day(due), amount=amount) for due in dues)
    return Plan(id=f"PL{signed}", signed=day(signed), charges=charges, instalments=instalments, **more)


# Limitation


def test_limitation_runs_three_years_from_the_due_date() -> None:
    found = limitation(owing())
    assert found.on == day("2027-01-15")
    assert found.days_left == 205
    assert "CC-188" in found.articles
    assert [reason.name for reason in found.because] == [f"charges/{DUE}"]


def test_limitation_runs_from_the_due_date_that_was_rolled_but_its_own_last_day_is_never_rolled() -> None:
    saturday = charge("2024-06-15")
    assert limitation(owing(saturday), of="2024-06-15").on == day("2027-06-17")
    # 15 June 2025 is a Sunday, and stays the last day.
    assert limitation(owing(charge("2022-06-15")), "2025-06-10", of="2022-06-15").on == day("2025-06-15")


def test_a_leap_day_ends_on_28_february() -> None:
    assert limitation(owing(charge("2024-02-29")), of="2024-02-29").on == day("2027-02-28")


@pytest.mark.parametrize("proof", ["A", "B"])
def test_a_demand_that_demonstrably_arrived_starts_it_afresh(proof: str) -> None:
    found = limitation(owing(contacts=[demand("2025-03-03", proof=proof)]))
    assert found.on == day("2028-03-03")
    assert found.because[0].name == "contacts/C2025-03-03"
    assert "CC-195" in found.articles


@pytest.mark.parametrize("proof", ["C", "D", None])
def test_a_demand_without_proof_of_arrival_does_not(proof: str | None) -> None:
    assert limitation(owing(contacts=[demand("2025-03-03", proof=proof)])).on == day("2027-01-15")


def test_a_reminder_is_no_demand() -> None:
    assert limitation(owing(contacts=[did("2025-03-03", "second_reminder", proof="A")])).on == day("2027-01-15")


def test_a_demand_restarts_the_charges_it_names_and_no_others() -> None:
    account = owing(charge(DUE), charge("2024-04-15"), contacts=[demand("2025-03-03", charges=(DUE,))])
    assert limitation(account).on == day("2028-03-03")
    assert limitation(account, of="2024-04-15").on == day("2027-04-15")


def test_a_demand_that_names_none_is_about_what_was_overdue_that_day() -> None:
    account = owing(charge(DUE), charge("2025-06-16"), contacts=[demand("2025-03-03")])
    assert limitation(account).on == day("2028-03-03")
    assert limitation(account, of="2025-06-16").on == day("2028-06-16")


def test_part_payment_restarts_the_charge_it_was_allocated_to() -> None:
    account = owing(charge(DUE), charge("2024-04-15"), payments=[paid("2026-03-02", "400")])
    found = limitation(account)
    assert found.on == day("2029-03-02")
    assert found.because[0].name == "payments/P2026-03-02"
    assert "SPC-LIM-14" in found.articles
    assert limitation(account, of="2024-04-15").on == day("2027-04-15")


def test_the_example_of_the_records() -> None:
    account = owing(charge("2026-01-15", "1592.25"), payments=[paid("2026-03-01", "800.00")])
    found = limitation(account, "2026-11-22", of="2026-01-15")
    assert (found.on, found.days_left, found.provisional) == (day("2029-03-01"), 830, False)


def test_credit_that_settles_a_later_charge_is_no_act_of_the_debtor() -> None:
    account = owing(charge("2024-01-15", "100"), charge("2024-04-15"), payments=[paid("2024-03-01", "300")])
    assert limitation(account, of="2024-04-15").on == day("2027-04-15")


@pytest.mark.parametrize(("proof", "until"), [("A", "2028-05-05"), ("B", "2028-05-05"), ("D", "2027-01-15")])
def test_a_promise_restarts_with_evidence_of_it(proof: str, until: str) -> None:
    account = owing(contacts=[promised("2025-05-05", "2025-05-20", proof=proof)])
    assert limitation(account).on == day(until)


def test_a_promise_for_one_charge_restarts_that_one() -> None:
    account = owing(
        charge(DUE), charge("2024-04-15"), contacts=[promised("2025-05-05", "2025-05-20", proof="A", charges=(DUE,))]
    )
    assert limitation(account).on == day("2028-05-05")
    assert limitation(account, of="2024-04-15").on == day("2027-04-15")


def test_while_a_plan_is_kept_it_runs_from_the_last_instalment() -> None:
    found = limitation(owing(plans=[plan("2026-06-01", "2026-07-01", "2026-12-01", amount=500_00)]))
    assert found.on == day("2029-12-01")
    assert "CC-189" in found.articles


def test_once_the_plan_is_broken_it_runs_from_the_signature() -> None:
    account = owing(plans=[plan("2026-01-05", "2026-02-02", "2026-12-01", amount=500_00)])
    assert limitation(account).on == day("2029-01-05")


def test_a_plan_that_was_never_written_down_restarts_nothing() -> None:
    account = owing(plans=[plan("2026-01-05", "2026-12-01", written=False)])
    assert limitation(account).on == day("2027-01-15")


@pytest.mark.parametrize(
    ("kind", "article"),
    [
        ("mediation", "SPC-LIM-12"),
        ("mediation_agreement", "SPC-LIM-12"),
        ("payment_order", "SPC-LIM-11"),
        ("suit", "CC-195"),
        ("small_claims", "CC-195"),
        ("arbitration", "CC-195"),
    ],
)
def test_proceedings_restart_it(kind: str, article: str) -> None:
    found = limitation(owing(proceedings=[filed(kind, "2026-02-03", DUE)]))
    assert found.on == day("2029-02-03")
    assert article in found.articles


def test_a_suit_that_was_withdrawn_is_not_built_on() -> None:
    account = owing(proceedings=[filed("suit", "2026-02-03", DUE), filed("withdrawn", "2026-03-03", DUE)])
    assert limitation(account).on == day("2027-01-15")


def test_a_suit_about_another_charge_restarts_nothing() -> None:
    account = owing(charge(DUE), charge("2024-04-15"), proceedings=[filed("suit", "2026-02-03", "2024-04-15")])
    assert limitation(account).on == day("2027-01-15")


def test_records_of_later_days_change_nothing() -> None:
    account = owing(
        contacts=[demand("2026-07-01")],
        plans=[plan("2026-07-01", "2026-08-03")],
        proceedings=[filed("suit", "2026-07-01", DUE)],
    )
    assert limitation(account).on == day("2027-01-15")


def test_what_is_paid_not_yet_due_another_debtors_or_carried_over_has_no_limitation() -> None:
    account = owing(charge("2024-01-15", "100"), charge("2026-07-15"), opening("2024-01-01"))
    assert [
        each.charge for each in of_kind("limitation", replace(account, payments=(paid("2024-02-01", "1100"),)))
    ] == []
    earlier = charge("2024-01-15", period="2024-01-01..2024-03-31")
    sold = owing(earlier, debtor=Party(id="O1", kind="person", role="owner", since=day("2025-01-01")))
    assert of_kind("limitation", sold) == []


def test_the_claim_for_an_item_that_is_not_chased_is_barred_all_the_same() -> None:
    assert limitation(owing(charge(DUE, item="utility"))).on == day("2027-01-15")


# Alerts, and after the last day


@pytest.mark.parametrize(
    ("on", "alert"),
    [
        ("2026-07-18", None),
        ("2026-07-19", 180),
        ("2026-10-16", 180),
        ("2026-10-17", 90),
        ("2026-12-15", 90),
        ("2026-12-16", 30),
        ("2027-01-15", 30),
        ("2027-01-16", 0),
    ],
)
def test_alerts_come_180_90_and_30_days_before(on: str, alert: int | None) -> None:
    assert limitation(owing(), on).alert == alert


def test_a_day_without_alerts_is_told_once_it_has_passed() -> None:
    assert [alert_of(left, ()) for left in (10, 0, -1)] == [None, None, 0]


def test_a_barred_charge_stays_told_as_passed() -> None:
    account = owing(charge(DUE), charge("2024-04-15"))
    assert time_barred(told(account, "2027-01-15")) == frozenset()
    assert time_barred(told(account, "2027-01-16")) == {DUE}
    assert limitation(account, "2027-01-20").days_left == -5


@pytest.mark.parametrize(
    "records",
    [
        {"contacts": [demand("2027-02-01")]},
        {"proceedings": [filed("suit", "2027-02-01", DUE)]},
        {"payments": [paid("2027-02-01", "100")]},
    ],
)
def test_what_is_barred_is_not_revived_by_asking_suing_or_a_part_payment(records: dict[str, Any]) -> None:
    assert time_barred(told(owing(**records), "2027-03-01")) == {DUE}


@pytest.mark.parametrize(
    "records",
    [
        {"contacts": [promised("2027-02-01", "2027-02-20", proof="A")]},
        {"plans": [plan("2027-02-01", "2027-12-01")]},
    ],
)
def test_what_is_barred_is_revived_by_the_debtors_agreement(records: dict[str, Any]) -> None:
    assert time_barred(told(owing(**records), "2027-03-01")) == frozenset()


# Demands and promises


def test_a_demand_gives_its_time_and_is_asked_after() -> None:
    account = owing(charge("2026-01-15"), contacts=[demand("2026-06-22")])
    found = one("demand", account)
    assert (found.on, found.articles, found.alert) == (day("2026-07-07"), ("CC-944.2",), None)
    assert found.because[0].name == "contacts/C2026-06-22"
    assert one("demand_follow_up", account).on == day("2026-07-06")
    assert one("demand", account, "2026-07-08").alert == 0


def test_a_follow_up_that_was_made_is_no_deadline_any_more() -> None:
    account = owing(charge("2026-01-15"), contacts=[demand("2026-06-15"), did("2026-06-23", "demand_follow_up")])
    assert of_kind("demand_follow_up", account) == []


@pytest.mark.parametrize("change", [{"proof": "C"}, {"proof": None}, {"outcome": "undeliverable"}])
def test_a_demand_that_cannot_be_shown_to_have_arrived_gives_no_time(change: dict[str, Any]) -> None:
    assert of_kind("demand", owing(charge("2026-01-15"), contacts=[demand("2026-06-22", **change)])) == []


def test_a_demand_about_what_was_paid_since_is_over() -> None:
    account = owing(charge("2026-01-15"), contacts=[demand("2026-06-22")], payments=[paid("2026-06-23", "1000")])
    assert of_kind("demand", account) == []


def test_of_two_demands_the_later_deadline_counts() -> None:
    account = owing(charge("2026-01-15"), contacts=[demand("2026-05-06"), demand("2026-06-22")])
    assert one("demand", account).because[0].name == "contacts/C2026-06-22"


def test_a_deadline_beyond_the_known_calendar_is_provisional() -> None:
    account = owing(charge("2026-01-15"), contacts=[demand("2026-12-28")])
    assert one("demand", account, "2026-12-29").provisional


def test_a_promise_is_a_deadline_until_its_day() -> None:
    account = owing(charge("2026-01-15"), contacts=[promised("2026-06-20", "2026-06-26", charges=("2026-01-15",))])
    found = one("promise", account)
    assert (found.on, found.charge, found.days_left) == (day("2026-06-26"), "2026-01-15", 2)
    assert of_kind("promise", account, "2026-06-27") == []


# Plans and disputes


def test_the_instalments_not_yet_reached_are_deadlines() -> None:
    account = owing(
        plans=[plan("2026-06-01", "2026-06-15", "2026-07-15", "2026-08-17")],
        payments=[paid("2026-06-10", "150", DUE)],
    )
    assert [(each.on, each.because[0].name) for each in of_kind("instalment", account)] == [
        (day("2026-07-15"), "plans/PL2026-06-01/2"),
        (day("2026-08-17"), "plans/PL2026-06-01/3"),
    ]


def test_a_broken_plan_has_no_instalments_left() -> None:
    assert of_kind("instalment", owing(plans=[plan("2026-05-04", "2026-06-01", "2026-07-15")])) == []


def test_a_dispute_wants_an_answer_and_says_since_when_it_lacks_one() -> None:
    account = owing(disputes=[dispute("2026-06-22", "service_quality", charge=DUE)])
    found = one("answer", account)
    assert (found.on, found.charge, found.articles) == (day("2026-06-24"), DUE, ("POLICY-ANSWER",))
    assert one("answer", account, "2026-06-26").days_left == -2


def test_an_answered_dispute_wants_none() -> None:
    answered = replace(dispute("2026-06-08"), answered=day("2026-06-10"))
    assert of_kind("answer", owing(disputes=[answered])) == []


# Mediators and courts


def test_an_agreement_can_be_confirmed_for_thirty_days() -> None:
    account = owing(proceedings=[filed("mediation_agreement", "2026-06-05", DUE)])
    found = one("mediation_confirmation", account)
    assert (found.on, found.alert, found.articles) == (day("2026-07-06"), None, ("CPL-205", "MED-33"))  # 5 July rests
    assert one("mediation_confirmation", account, "2026-06-30").alert == 7
    assert of_kind("mediation_confirmation", account, "2026-07-07") == []


def test_a_confirmed_agreement_needs_no_confirmation_and_can_be_enforced() -> None:
    account = owing(
        proceedings=[
            filed("mediation_agreement", "2026-06-05", DUE), filed("judicial_confirmation", "2026-06-15", DUE)
        ]
    )  # fmt: skip
    assert [each.kind for each in told(account)] == ["enforcement"]


def test_a_payment_order_has_four_periods_each_at_its_longest() -> None:
    account = owing(proceedings=[filed("payment_order", "2026-06-22", DUE)])
    found = [each for each in told(account) if each.kind.startswith("payment_order")]
    assert [(each.kind, str(each.on)) for each in found] == [
        ("payment_order_notice", "2026-06-29"),  # 27 June is a Saturday
        ("payment_order_issue", "2026-07-14"),
        ("payment_order_service", "2026-08-13"),
        ("payment_order_objection", "2026-08-28"),
    ]
    assert [reason.name for reason in found[1].because] == [
        "proceedings/payment_order@2026-06-22",
        "payment_order_notice",
    ]


def test_a_later_step_ends_the_periods_of_a_payment_order() -> None:
    account = owing(proceedings=[filed("payment_order", "2026-06-22", DUE), filed("suit", "2026-06-23", DUE)])
    assert [each for each in told(account) if each.kind.startswith("payment_order")] == []


def test_after_a_judgment_the_time_to_enforce_runs_and_limitation_does_not() -> None:
    account = owing(proceedings=[filed("suit", "2025-05-06", DUE), filed("judgment", "2026-05-06", DUE)])
    (found,) = told(account)
    assert (found.kind, found.on, found.articles) == ("enforcement", day("2028-05-06"), ("CPL-250",))
    assert one("enforcement", account, "2028-04-20").alert == 30


@pytest.mark.parametrize(
    "more",
    [
        {"proceedings": [filed("judgment", "2026-05-06", DUE), filed("enforcement", "2026-06-01", DUE)]},
        {"proceedings": [filed("judgment", "2026-05-06", DUE)], "payments": [paid("2026-06-01", "1050")]},
    ],
)
def test_what_is_being_enforced_or_paid_has_no_time_to_enforce(more: dict[str, Any]) -> None:
    assert of_kind("enforcement", owing(**more)) == []


# All together


def test_the_earliest_goes_first() -> None:
    account = owing(
        charge(DUE),
        charge("2024-04-15"),
        disputes=[dispute("2026-06-22")],
        contacts=[promised("2026-06-20", "2026-06-26")],
    )
    days = [each.on for each in told(account)]
    assert days == sorted(days)
    assert len(days) == 4


def test_a_household_that_owes_nothing_has_no_deadlines() -> None:
    account = owing(payments=[paid("2024-01-10", "1000")], contacts=[said("2026-06-20", "reached")])
    assert told(account) == []


def test_a_book_that_stands_on_no_law_knows_no_limitation() -> None:
    assert deadlines(facts(owing(), TODAY, book=BOOK)) == ()
