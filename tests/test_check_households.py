"""Examples: likely values of wishes, and accounts that come out with the facts that were wished for."""

from __future__ import annotations

from datetime import date

import pytest

from dunning.basis.finding import Text
from dunning.check.asked import Subject
from dunning.check.chart import Chart
from dunning.check.households import Household, household
from dunning.check.wishes import Wish, Wishes
from dunning.engine.assess import assess
from dunning.intake.records import read_account
from dunning.lang.folder import load
from dunning.model.condition import Type, Unknown
from dunning.model.rulebook import OwnFact, RuleBook
from dunning.model.scales import OTHER, Interval
from dunning.testing.making import CALENDAR

ON = date(2026, 6, 30)
COMMON = load("common")


def number(low: int | None, high: int | None = None) -> Wish:
    return Wish((Interval(low, high),))


def exactly(value: int) -> Wish:
    return number(value, value)


def words(*classes: str | bool | None) -> Wish:
    return Wish(classes)


TRUE, FALSE = words(*[True]), words(*[False])
EITHER = Wish((*TRUE.classes, *FALSE.classes))


def having(*words: str, lacks: tuple[str, ...] = ()) -> Wish:
    return Wish(has=frozenset(words), lacks=frozenset(lacks), named=frozenset((*words, *lacks)))


def found(book: RuleBook = COMMON, **wishes: Wish) -> Household:
    made = household(wishes, book, ON)
    assert made is not None
    return made


# Wishes


@pytest.mark.parametrize(
    ("wish", "likely"),
    [(number(1_000_001), 1_200_000), (number(181), 200), (number(4), 4), (number(31, 90), 40), (number(31, 33), 31)],
)
def test_the_likeliest_number_is_small_or_round(wish: Wish, likely: int) -> None:
    assert wish.numbers()[0] == likely


def test_numbers_near_a_guess_come_first_and_the_ends_are_among_them() -> None:
    assert number(10, 1000).numbers(55, 5000)[0] == 55
    assert {10, 1000} <= set(number(10, 1000).numbers())


def test_what_a_wish_admits() -> None:
    assert Wish((Interval(None, 5), None)).admits(None)
    assert not number(0).admits(*TRUE.classes)
    assert not number(0).admits(Unknown())
    assert Wish((OTHER,)).admits("another")
    assert having("vip", lacks=("old",)).admits(frozenset({"vip", "new"}))
    assert not having("vip", lacks=("old",)).admits(frozenset({"vip", "old"}))


def test_wishes_tell_what_must_be() -> None:
    wishes = Wishes({"arrears": number(1), "refused": TRUE, "away": EITHER, "credit": number(0)})

    assert [wishes.least(fact) for fact in ("arrears", "credit", "overdue_days")] == [1, 0, 0]
    assert [wishes.must(fact) for fact in ("refused", "away", "willing")] == [True, False, False]
    assert wishes.word("use") is None


# Households


def test_a_household_is_an_account_that_was_assessed() -> None:
    made = found(
        arrears=number(1_000_001), overdue_periods=number(None, 3), consecutive_overdue_periods=number(None, 1)
    )

    again = assess(made.account, made.result.book, on=made.on)
    assert made.fact("arrears") == again.facts["arrears"] == 1_200_000
    assert made.fact("overdue_periods") == 3
    assert made.fact("consecutive_overdue_periods") == 1


def test_facts_that_cannot_be_have_no_household() -> None:
    assert household({"arrears": exactly(0), "overdue_days": number(1)}, COMMON, ON) is None


@pytest.mark.parametrize(
    "wishes",
    [
        {"overdue_days": exactly(30), "late_payments_12m": exactly(4)},
        {"late_payments_12m": exactly(2), "overdue_days": exactly(0), "days_since_payment": number(181)},
        {"first_arrears": TRUE, "overdue_periods": exactly(3)},
        {"days_since_payment": words(None), "arrears": exactly(0)},
        {"months_owed": exactly(6), "monthly_fee": exactly(50_000)},
        {"months_owed": exactly(7), "area": exactly(9_000)},
        {"broken_promises": exactly(3), "promise_open": TRUE, "contacts_30d": exactly(0)},
        {"refused": TRUE, "away": TRUE, "contacts_7d": exactly(2), "contacts_30d": exactly(5)},
        {"unreachable_streak": exactly(4), "contacts_7d": exactly(1), "last_contact_on": Wish((Interval(1, None),))},
        {"demand_delivered": TRUE, "demand_expired": FALSE},
        {"demand_expired": TRUE, "overdue_days": exactly(100)},
        {"open_dispute_kinds": having("price", lacks=("hardship",)), "open_disputes": exactly(3)},
        {"hardship": TRUE, "tags": having(lacks=("困难",))},
        {"disputed_amount": exactly(20_000), "arrears": exactly(50_000)},
        {"plan_state": words("broken"), "arrears": number(1)},
        {"plan_state": words("kept")},
        {"credit": exactly(12_345), "arrears": exactly(0)},
        {"balance": exactly(-700)},
        {"paid_ahead": exactly(6), "covers_months": exactly(12)},
        {"on_time_ratio_12m": number(700_000, 800_000), "late_payments_12m": exactly(2)},
        {"payment_habit": words("month_end")},
        {"late_fee": exactly(0), "arrears": number(100)},
        {"late_fee_capped": TRUE},
        {"principal_not_due": exactly(300_000)},
        {"handover_days": exactly(-5), "occupancy": words("vacant"), "use": words("residential")},
        {"place": having("CN", "CN-33", "CN-3301"), "community": words("c1"), "debtor_role": words("tenant")},
    ],
    ids=lambda wishes: " ".join(wishes),
)
def test_a_household_comes_out_as_wished(wishes: dict[str, Wish]) -> None:
    made = found(**wishes)

    for fact, wish in wishes.items():
        assert wish.admits(made.fact(fact))


def test_facts_of_a_charge_are_those_of_the_charge_singled_out() -> None:
    made = found(charge_age=exactly(6), charge_unpaid=exactly(12_000_000), overdue_days=number(100, 200))

    assert made.charge is not None
    assert made.fact("charge_unpaid") == 12_000_000
    (graded,) = (each.grades["provision_rate"] for each in made.result.charges if each.id == made.charge.charge.id)
    assert graded.value == "individual"


def own(name: str, kind: str, **more: object) -> dict[str, OwnFact]:
    return {name: OwnFact(id=name, type=Type(kind), title=Text(name, name), key=name, **more)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "wish"),
    [
        ("integer", exactly(60)), ("money", exactly(1050)), ("months", exactly(6)), ("percent", exactly(855_000)),
        ("number", exactly(9050)), ("boolean", FALSE), ("text", words("p")), ("set", having("x", "y")),
        ("date", exactly(739_000)), ("days", exactly(-3)),
    ],
)  # fmt: skip
def test_a_books_own_facts_are_written_as_attributes(kind: str, wish: Wish) -> None:
    book = RuleBook(name="own", title="", version="1", calendar=CALENDAR, facts=own("f", kind))

    assert wish.admits(found(book, f=wish).fact("f"))


def test_an_own_fact_without_a_value_is_left_out() -> None:
    book = RuleBook(name="own", title="", version="1", calendar=CALENDAR, facts=own("f", "integer", has_default=True))

    assert found(book, f=words(None)).fact("f") is None


def test_half_a_month_is_no_attribute() -> None:
    book = RuleBook(name="own", title="", version="1", calendar=CALENDAR, facts=own("f", "months"))

    assert household({"f": exactly(7)}, book, ON) is None


def test_every_answer_of_the_shipped_tables_has_a_household() -> None:
    """And the engine gives it by the row that was said to decide."""
    for name in ("residential", "commercial", "parking", "handover", "common"):
        book = load(name)
        for table in book.tables.values():
            view = Chart(Subject(book, (table.id,)), on=ON).views[0]
            for decision in view.decisions(table.id):
                point = view.chart.space.find(decision.region)
                if point is None:
                    continue
                points = view.chart.space.boxes(decision.region)
                made = next(filter(None, (household(view.wishes(each), book, ON) for each in points)))
                of_charge = next((each.grades for each in made.result.charges if made.charge and each.id == "C1"), {})
                graded = {**made.result.grades, **of_charge}[table.id]
                assert graded.fact == decision.answer or decision.answer in graded.fact, (name, table.id)  # type: ignore[operator]
                assert not decision.rows or graded.rows == tuple(row.number for row in decision.rows)


def test_an_example_could_have_come_from_an_erp() -> None:
    """What is shown can be written down as a case: it is an account as records describe it."""
    made = found(arrears=number(500_000), overdue_periods=exactly(2), refused=TRUE)
    charge = made.account.charges[0]

    read = read_account(
        {"id": "x", "charges": [{"id": charge.id, "amount": f"{charge.amount / 100:.2f}", "due": str(charge.due)}]}
    )
    assert read.charges[0].due == charge.due
