"""Deadlines of many households at once: told as the engine tells them, and who is left to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from columns_deadlines import deadlines_in, differences
from dunning.columns.deadlines import KINDS, LIMITATION, REASONS
from dunning.columns.packing import pack
from dunning.columns.schema import shape_of
from dunning.model.account import Account, Party, Plan, Proceeding
from escalation import pack as book
from households import charge, day, demand, dispute, household, opening, paid, promised, said

DUE = "2024-01-15"
TODAY = day("2026-06-24")


def households(*accounts: Account) -> list[Account]:
    """Each a household of its own."""
    return [
        replace(each, id=f"A{number}", debtor=replace(each.debtor, id=f"O{number}"))
        for number, each in enumerate(accounts)
    ]


def rows(*accounts: Account, on: date = TODAY) -> list[dict[str, Any]]:
    """What the table says of these accounts, which is what the engine says."""
    named = households(*accounts)
    found, _ = differences(named, book(), on)
    assert found == []
    batch = pack(named)
    made = deadlines_in(batch, book(), on)
    done = np.flatnonzero(made.exact)
    table: list[dict[str, Any]] = made.table(shape_of([book()]).schemas["deadlines"], batch, done, done).to_pylist()
    return table


def test_two_payments_of_one_day_are_told_apart() -> None:
    """What was paid for a charge by name starts its limitation afresh, not what else was paid that day."""
    account = household(
        charge(DUE),
        charge("2024-04-15"),
        payments=[paid("2025-05-06", "100.00", name="P1"), paid("2025-05-06", "100.00", "2024-04-15", name="P2")],
    )
    assert [(row["charge"], row["on"], row["record"]) for row in rows(account)] == [
        (DUE, day("2028-05-06"), "payments/P1"),
        ("2024-04-15", day("2028-05-06"), "payments/P2"),
    ]


def test_money_that_lay_as_credit_counts_on_the_day_it_was_paid() -> None:
    """Settling a later charge by credit is no act of the debtor's (of 30 yuan too much nothing starts afresh)."""
    account = household(
        charge(DUE, "10.00"), charge("2025-01-15"), payments=[paid("2024-01-10", "40.00"), paid("2025-02-01", "5.00")]
    )
    (row,) = rows(account)
    assert (row["charge"], row["record"]) == ("2025-01-15", "payments/P2025-02-01")
    (row,) = rows(replace(account, payments=account.payments[:1]))
    assert (row["on"], row["record"]) == (day("2028-01-15"), "charges/2025-01-15")


def test_of_one_day_the_contact_is_told_before_the_payment_whatever_their_ids() -> None:
    account = household(
        charge(DUE),
        payments=[paid("2025-05-06", "100.00", name="A")],
        contacts=[promised("2025-05-06", "2025-06-01", proof="A", id="Z")],
    )
    assert [row["record"] for row in rows(account)] == ["contacts/Z"]


def test_what_is_barred_is_revived_by_a_promise_and_not_by_money_or_demands() -> None:
    old = charge("2021-01-15")
    barred, demanded, revived = (
        household(old, payments=[paid("2025-03-03", "100.00")]),
        household(old, contacts=[demand("2025-03-03")]),
        household(old, contacts=[demand("2025-03-03"), promised("2025-04-01", "2025-04-10", proof="B")]),
    )
    named = households(barred, demanded, revived)
    found = [(row["account"], row["on"]) for row in rows(*named) if row["kind"] == "limitation"]
    assert found == [("A0", day("2024-01-15")), ("A1", day("2024-01-15")), ("A2", day("2028-04-01"))]
    assert deadlines_in(pack(named), book(), TODAY).barred.tolist() == [True, True, False]


def test_a_claim_is_barred_the_day_after_its_last() -> None:
    batch = pack(households(household(charge(DUE))))
    last, after = (deadlines_in(batch, book(), day(each)).barred.tolist() for each in ("2027-01-15", "2027-01-16"))
    assert (last, after) == ([False], [True])


def test_a_due_date_nobody_can_be_sure_of_makes_its_limitation_provisional_until_something_else_does() -> None:
    account = household(charge("2034-01-15"))
    (row,) = rows(account, on=day("2035-01-01"))
    assert row["provisional"]
    (row,) = rows(replace(account, payments=(paid("2034-05-06", "1.00"),)), on=day("2035-01-01"))
    assert not row["provisional"]


def test_a_demand_is_asked_after_up_to_the_last_day_and_once() -> None:
    def follow_ups(on: str, *contacts: Any) -> list[date]:
        account = household(charge(DUE), contacts=[demand("2026-06-01", proof="A"), *contacts])
        return [row["on"] for row in rows(account, on=day(on)) if row["kind"] == "demand_follow_up"]

    (last,) = follow_ups("2026-06-02")
    assert follow_ups(last.isoformat()) == [last]
    assert follow_ups((last + timedelta(days=1)).isoformat()) == []
    assert follow_ups("2026-06-08", said("2026-06-08", "reached", step="demand_follow_up")) == []
    assert follow_ups("2026-06-08", said("2026-05-08", "reached", step="demand_follow_up")) == [last]


def test_what_falls_on_one_day_stands_in_the_order_of_its_records() -> None:
    account = household(charge(DUE), disputes=[dispute("2026-06-01", id="D2"), dispute("2026-06-01", id="D1")])
    told = [row["record"] for row in rows(household(), account) if row["kind"] == "answer"]
    assert told == ["disputes/D1", "disputes/D2"]


def test_a_household_with_everything_has_its_deadlines_in_order() -> None:
    account = household(
        charge(DUE),
        charge("2024-04-15"),
        charge("2026-04-15", period="2026-04-01..2026-06-30"),
        opening("2023-01-01"),
        contacts=[
            demand("2026-06-10T09:00", proof="A"),
            demand("2026-06-10T10:00", proof="A", charges=(DUE,)),
            promised("2026-06-20", "2026-07-01", charges=("2024-04-15",)),
            said("2026-06-21", "refused"),
        ],
        disputes=[dispute("2026-06-01"), dispute("2026-06-01", "service_quality", charge=DUE, id="D0")],
        payments=[paid("2025-05-06", "100.00")],
    )
    told = [row["kind"] for row in rows(account)]
    assert set(told) == set(KINDS)


def test_who_has_a_plan_or_a_proceeding_is_left_to_the_engine() -> None:
    """And no more than they are: one that is still to come changes nothing today."""
    owing = household(charge(DUE))
    plan = Plan(id="PL", signed=TODAY)
    filed = Proceeding(id="S", kind="suit", on=TODAY)
    later = day("2026-06-25")
    named = households(
        owing,
        replace(owing, plans=(plan,)),
        replace(owing, proceedings=(filed,)),
        replace(owing, plans=(replace(plan, signed=later),), proceedings=(replace(filed, on=later),)),
        household(charge(DUE), disputes=[dispute("2026-06-01", charge="gone")]),
        household(charge(DUE), contacts=[demand("2026-06-01", charges=("gone",))]),
        household(charge(DUE), contacts=[promised("2026-06-20", "2026-07-01", "9.00", charges=("gone",))]),
    )
    made = deadlines_in(pack(named), book(), TODAY)
    assert [REASONS[reason] for reason in made.reason] == ["", "plans", "proceedings", "", "charge", "", "charge"]
    assert made.exact.tolist() == [True, False, False, True, False, True, False]
    assert made.account[made.kind == LIMITATION].tolist() == [0, 3, 5]


def test_some_of_a_batch_are_laid_out_in_the_rows_of_a_larger_one() -> None:
    named = households(*[household(charge(DUE), debtor=Party(id="")) for _ in range(5)])
    whole, part = pack(named), pack(named[2:])
    made = deadlines_in(part, book(), TODAY)
    schema = shape_of([book()]).schemas["deadlines"]
    table = made.table(schema, whole, np.array([0, 2]), np.array([2, 4]))
    column = table.column("account").chunk(0)
    assert isinstance(column, pa.DictionaryArray)
    assert column.indices.to_pylist() == [2, 4]
    assert column.to_pylist() == ["A2", "A4"]
    assert table.column("record").to_pylist() == [f"charges/{DUE}"] * 2
