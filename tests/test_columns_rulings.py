"""What the law says of steps: asked once for all it reads the same of, and of charges for each that stands alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from both_ways import DUE, actions, codes, left
from dunning.basis.finding import Text
from dunning.columns.drafts import BIT
from dunning.columns.packing import pack
from dunning.columns.rulings import Known
from dunning.engine.steps.channels import Tries
from dunning.engine.steps.ready import made_ready
from dunning.model.account import Account, Contact
from dunning.model.anchor import AnchorWindow, Duration
from dunning.model.law import Gate, LawPack, Prohibition
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Gives, Step
from escalation import after, book, step
from households import charge, day, demand, household, said
from laws import article
from laws import pack as law_pack
from test_ladder import at_least, is_

Q1 = charge("2026-01-15", name="Q1")
Q2 = charge("2026-02-16", name="Q2")
OLD_DEBTS = Gate(articles=("L-1",), actions=("visit",), requires=at_least("charge_overdue_days", 30))
"""Somebody is visited only about what has been overdue for long."""
VISIT = step("visit", 3, action="visit")


def laws(*gates: Gate, **more: object) -> tuple[LawPack, ...]:
    return (law_pack(article("L-1"), gates=gates, **more),)


def late(*contacts: Contact, **more: object) -> Account:
    return household(Q1, Q2, contacts=list(contacts) or [said("2026-01-10")], **more)


def others(account: Account, count: int) -> list[Account]:
    """Households just like it, of other people."""
    return [
        replace(account, id=f"B{n}", debtor=replace(account.debtor, id=f"P{n}"),
                contacts=tuple(replace(each, id=f"{each.id}-{n}") for each in account.contacts))
        for n in range(count)
    ]  # fmt: skip


# Once for all


def known(rules: RuleBook, *accounts: Account) -> Known:
    found = Known(rules, day("2026-03-01"))
    whole = pack(accounts)
    found.learn(whole, {number: number for number in range(len(accounts))})
    return found


def test_the_law_is_asked_once_about_a_step_that_goes_out_one_way() -> None:
    rules = book(VISIT, laws=laws(OLD_DEBTS))
    found, (rung,) = known(rules, late()), made_ready(rules).rungs
    ways = Tries(("visit",), ("visit",), "first_of", ("visit",))
    assert [found.ruled(0, rung, ways), found.ruled(0, rung, ways), found.ruled(0, rung, None)] == [0, 0, 1]
    assert len(found.answers) == 2


def test_an_answer_names_charges_by_their_place_among_the_overdue() -> None:
    rules = book(VISIT, laws=laws(OLD_DEBTS))
    found, (rung,) = known(rules, late()), made_ready(rules).rungs
    answer = found.answers[found.ruled(0, rung, None)]
    assert (answer.codes, answer.charges) == (0, frozenset({0}))
    free = known(book(VISIT), late())
    assert free.answers[free.ruled(0, rung, None)].charges is None


def test_the_law_is_read_of_the_account_in_its_row() -> None:
    rules = book(VISIT, laws=laws(OLD_DEBTS))
    found, (rung,) = known(rules, late(), replace(late(), id="A2", charges=(Q2,))), made_ready(rules).rungs
    assert [found.answers[found.ruled(number, rung, None)].charges for number in (0, 1)] == [{0}, set()]


def test_a_prohibition_is_a_code() -> None:
    never = Prohibition(articles=("L-1",), actions=("visit",), verdict="prohibited")
    found = known(book(VISIT, laws=laws(prohibitions=[never])), late())
    (rung,) = made_ready(found.book).rungs
    assert found.answers[found.ruled(0, rung, None)].codes == BIT["prohibited"]


# About charges


def test_a_step_speaks_of_the_charges_the_law_lets_it() -> None:
    rules = book(VISIT, laws=laws(OLD_DEBTS))
    found = actions("2026-03-01", rules, late(), *others(late(), 2))
    assert [row["charges"] for row in found] == [["Q1"]] * 3


def test_where_the_law_lets_it_speak_of_none_it_is_barred() -> None:
    rules = book(VISIT, laws=laws(OLD_DEBTS))
    young = replace(late(), charges=(Q2,))
    assert codes("2026-03-01", rules, young) == {"visit": "gate"}
    assert codes("2026-04-01", rules, young) == {"visit": DUE}


def test_a_step_of_charges_is_barred_charge_by_charge() -> None:
    rules = book(step("visit", 3, action="visit", of="charge"), laws=laws(OLD_DEBTS))
    wanted = {"visit/Q1": DUE, "visit/Q2": "gate"}
    assert codes("2026-03-01", rules, late()) == wanted
    assert codes("2026-03-01", rules, *others(late(), 3)) == wanted


def test_what_is_not_overdue_the_law_does_not_count() -> None:
    early = step("early", action="visit", window=AnchorWindow(after(-10)), of="charge")
    rules = book(early, laws=laws(OLD_DEBTS))
    both = replace(late(), charges=(Q1, charge("2026-02-25", name="Q2")))
    assert codes("2026-02-20", rules, both) == {"early/Q1": DUE, "early/Q2": DUE}
    soon = book(replace(early, of="account"), laws=laws(OLD_DEBTS))
    assert codes("2026-02-10", soon, replace(late(), charges=(Q2,))) == {"early": "gate"}  # there is none it lets


def test_what_law_says_of_whoever_is_left_to_the_engine_is_told_to_nobody_else() -> None:
    once = Gate(articles=("L-1",), actions=("call",), requires=is_("charge_duplicated", False))
    rules = book(step("call", 3, of="charge"), laws=laws(once))
    quarter = (day("2026-01-01"), day("2026-03-31"))
    twice = replace(late(), charges=(Q1, replace(Q1, id="Q1-b")))
    twice = replace(twice, charges=tuple(replace(each, period=quarter) for each in twice.charges))
    plain = replace(late(), id="B", charges=(Q1, replace(Q1, id="Q1-b")), debtor=replace(late().debtor, id="P"))
    assert left("2026-03-01", rules, twice) == 1
    assert left("2026-03-01", rules, twice, plain) == 1


# A demand


def suit() -> Step:
    return step("suit", 20, action="sue")


@pytest.mark.parametrize(
    ("contact", "wanted"),
    [
        (said("2026-01-20"), "gate"),
        (demand("2026-01-20", proof="C"), "gate;evidence"),
        (demand("2026-01-20", proof=None), "gate;unknown"),
        (demand("2026-01-20"), DUE),
        (demand("2026-01-10", proof="C"), "gate"),  # about an older debt
    ],
)
def test_a_gate_that_asks_for_a_demand_looks_for_one_with_less_evidence(contact: Contact, wanted: str) -> None:
    gate = Gate(articles=("L-1",), actions=("sue",), requires=is_("demand_delivered", True))
    rung = step("formal_demand", 3, action="formal_demand", gives=Gives(Duration(15, "d")))
    rules = book(rung, suit(), laws=laws(gate))
    assert codes("2026-03-01", rules, late(contact), *others(late(contact), 2))["suit"] == wanted


def test_a_gate_that_asks_for_something_else_looks_for_no_demand() -> None:
    gate = Gate(articles=("L-1",), actions=("sue",), requires=is_("refused", True), says=Text("拒绝", "refused"))
    rung = step("formal_demand", 3, action="formal_demand", gives=Gives(Duration(15, "d")))
    rules = book(rung, suit(), laws=laws(gate))
    assert codes("2026-03-01", rules, late(demand("2026-01-20", proof="C")))["suit"] == "gate"


def test_the_law_of_a_day_is_kept_from_batch_to_batch() -> None:
    rules = book(VISIT, laws=laws(OLD_DEBTS))
    found = known(rules, late())
    before = found.lawful[0]
    (rung,) = made_ready(rules).rungs
    places = np.array([found.ruled(0, rung, None) for _ in range(3)])
    assert not np.diff(places).any()
    assert found.lawful[0] is before
