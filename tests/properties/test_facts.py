"""What holds of the facts of every household: types, the past alone, any order of records, and what is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.contacts import Person
from dunning.engine.known.facts import Answer, Facts
from dunning.engine.owed.ledger import replay
from dunning.model.account import Account
from dunning.model.condition import FactKind, Unknown
from dunning.model.rulebook import RuleBook
from dunning.model.shown import plain, shown
from dunning.testing.making import make_book, make_history
from dunning.testing.strategies import picks

OF_ACCOUNT = tuple(fact.id for fact in CATALOGUE.values() if fact.of == "account")
OF_CHARGE = tuple(fact.id for fact in CATALOGUE.values() if fact.of == "charge")
CLASSES: dict[FactKind, type] = {"boolean": bool, "choice": str, "text": str, "set": frozenset}
MAY_BE_NOTHING = {
    *("oldest_due", "last_payment_on", "days_since_payment", "on_time_ratio_12m", "average_days_late"),
    *("payment_habit", "promise_on", "last_contact_on", "plan_state"),
}
SOURCES = sorted({name for fact in CATALOGUE.values() for field in fact.reads for name in (field, field.split(".")[0])})


@st.composite
def cases(draw: st.DrawFn) -> tuple[Account, RuleBook, date]:
    pick = draw(picks())
    chase_from = pick.one((1, 1, 50, 0))
    return make_history(pick), make_book(pick, chase_from=chase_from), pick.day()


def all_facts(account: Account, book: RuleBook, on: date, *others: Account) -> dict[str, Answer]:
    """Every fact of an account, and of each of its charges."""
    facts = Facts(account, replay(account, book, on), book, person=Person((account, *others), on))
    found = dict(zip(OF_ACCOUNT, facts.values(OF_ACCOUNT), strict=True))
    for state in facts.ledger.charges:
        values = facts.charge_values(OF_CHARGE, state)
        found |= {f"{state.charge.id}.{name}": value for name, value in zip(OF_CHARGE, values, strict=True)}
    return found


@given(cases())
def test_every_fact_has_a_value_of_its_type_and_can_be_shown(case: tuple[Account, RuleBook, date]) -> None:
    for name, value in all_facts(*case).items():
        fact = CATALOGUE[name.rpartition(".")[2]]
        for lang in ("zh", "en"):
            assert shown(value, fact.type, lang)
        if isinstance(value, Unknown):
            assert value.because
        elif value is None:
            assert fact.id in MAY_BE_NOTHING
        else:
            assert type(value) is CLASSES.get(fact.type.kind, int)
            assert plain(value, fact.type) is not None
            if fact.type.kind == "choice":
                assert value in (fact.type.values or ())


@given(cases())
def test_asked_one_by_one_the_facts_are_the_same(case: tuple[Account, RuleBook, date]) -> None:
    account, book, on = case
    facts = Facts(account, replay(account, book, on), book)
    together = facts.values(OF_ACCOUNT)
    assert [facts.value(name) for name in OF_ACCOUNT] == together
    assert [Facts(account, facts.ledger, book).value(name) for name in reversed(OF_ACCOUNT)] == together[::-1]


def known_at(account: Account, on: date) -> Account:
    """The account as it was written on that day."""

    def up_to(day: date | None) -> date | None:
        return day if day is not None and day <= on else None

    return replace(
        account,
        payments=tuple(replace(p, reversed_on=up_to(p.reversed_on)) for p in account.payments if p.on <= on),
        adjustments=tuple(each for each in account.adjustments if each.on <= on),
        late_fees=tuple(each for each in account.late_fees if each.on <= on),
        contacts=tuple(each for each in account.contacts if each.at.date() <= on),
        disputes=tuple(replace(d, closed=up_to(d.closed)) for d in account.disputes if d.opened <= on),
        holds=tuple(each for each in account.holds if each.since <= on),
        plans=tuple(each for each in account.plans if each.signed <= on),
    )


@given(cases())
def test_records_of_later_days_change_no_fact(case: tuple[Account, RuleBook, date]) -> None:
    account, book, on = case
    assert all_facts(account, book, on) == all_facts(known_at(account, on), book, on)


LISTS = ("charges", "payments", "adjustments", "late_fees", "contacts", "disputes", "holds", "plans", "contracts")


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_records_and_of_accounts_changes_no_fact(
    case: tuple[Account, RuleBook, date], random: Any
) -> None:
    account, book, on = case
    shuffled = {name: tuple(random.sample(each := getattr(account, name), len(each))) for name in LISTS}
    other = replace(account, id="A-2", contacts=account.contacts[::-1][:2])
    third = replace(other, id="A-3", contacts=tuple(replace(each, key="k") for each in account.contacts))
    assert all_facts(account, book, on, other, third) == all_facts(
        replace(account, **shuffled), book, on, replace(third, contacts=third.contacts[::-1]), other
    )


@given(cases(), st.sampled_from(SOURCES))
def test_what_the_source_cannot_supply_makes_unknown_what_is_made_from_it_and_nothing_else(
    case: tuple[Account, RuleBook, date], source: str
) -> None:
    account, book, on = case
    told = all_facts(account, book, on)
    for name, value in all_facts(replace(account, unknown=(source,)), book, on).items():
        fact = CATALOGUE[name.rpartition(".")[2]]
        touched = any(field == source or field.startswith(f"{source}.") for field in fact.reads)
        if not touched:
            assert value == told[name]
        elif fact.either:
            assert value is True or value == Unknown((source,))
        else:
            assert value == Unknown((source,))


@given(cases())
def test_what_is_owed_hangs_together(case: tuple[Account, RuleBook, date]) -> None:
    account, book, on = case
    facts = all_facts(account, book, on)
    arrears, days, oldest = facts["arrears"], facts["overdue_days"], facts["oldest_due"]
    periods, in_a_row = facts["overdue_periods"], facts["consecutive_overdue_periods"]
    overdue = {key.partition(".")[0]: value for key, value in facts.items() if key.endswith(".charge_overdue_days")}
    assert arrears == sum(facts[f"{charge}.charge_unpaid"] for charge, late in overdue.items() if late != 0)
    assert (arrears == 0) == (days == 0) == (oldest is None)
    if isinstance(oldest, int):
        assert days == on.toordinal() - oldest == max(late for late in overdue.values() if isinstance(late, int))
    if isinstance(periods, int):
        assert isinstance(in_a_row, int)
        assert min(1, arrears) <= in_a_row <= periods
    if facts["first_arrears"] is True:
        assert facts["late_payments_12m"] == 1


@given(cases())
def test_what_was_said_hangs_together(case: tuple[Account, RuleBook, date]) -> None:
    facts = all_facts(*case)
    assert facts["promise_open"] == (facts["promise_on"] is not None)
    assert sum(facts[name] is True for name in ("refused", "willing")) <= 1
    assert facts["contacts_7d"] <= facts["contacts_30d"]
    assert (facts["open_disputes"] == 0) == (facts["open_dispute_kinds"] == frozenset())
    for scope in ("demand", *(f"{charge.id}.charge_demand" for charge in case[0].charges)):
        delivered, expired = facts.get(f"{scope}_delivered"), facts.get(f"{scope}_expired")
        assert delivered is True or expired is not True
        assert delivered is not False or expired is False


@given(cases())
def test_from_day_to_day_nothing_overdue_grows_younger(case: tuple[Account, RuleBook, date]) -> None:
    account, book, on = case
    quiet = replace(known_at(account, on), plans=(), adjustments=(), payments=())
    days = [on + timedelta(days=n) for n in (0, 1, 2, 10, 400)]
    for before, after in pairwise([all_facts(quiet, book, day) for day in days]):
        for name in ("arrears", "overdue_days", "overdue_periods", "consecutive_overdue_periods", "broken_promises"):
            if isinstance(before[name], int) and isinstance(after[name], int):
                assert before[name] <= after[name]
