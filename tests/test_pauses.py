"""What lets steps rest: holds, plans, promises that count, disputes with the floor of the law, a book's own pauses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dunning.engine.ladder.pauses import answer_due
from dunning.model.account import Account, Contact, Dispute, Hold, Instalment, Party, Plan
from dunning.model.anchor import Duration
from dunning.model.condition import Check, Contains, Not, OneOf
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Pause, Promises, Stop
from escalation import book, codes, did, one, pack, step, steps
from households import BOOK, charge, day, dispute, household, paid, promised
from test_reminders import at

Q1 = charge("2026-01-15", "1000.00", name="Q1")
Q2 = charge("2026-04-15", "1000.00", name="Q2")
CALL = step("call", 3)
DEMAND = step("demand", 4, action="formal_demand")
NOTICE = step("notice", window=at("due + 1d .. due + 200d"), action="send_message", late="drop")
RESOLVE = step("resolve", window=at("due + 1d"), action="resolve_complaint", late="keep")
RULES = book(CALL, DEMAND, reminders=(NOTICE, RESOLVE), catch_up="all")
ALL_DUE = {"notice": (), "resolve": (), "call": (), "demand": ()}


def late(*contacts: Contact, **more: Any) -> Account:
    return household(Q1, contacts=list(contacts), **more)


def stopped(account: Account, on: str, rules: RuleBook = RULES) -> list[str]:
    """The steps that rest."""
    return [name for name, found in codes(account, on, rules).items() if found]


def is_(fact: str, *values: str | bool) -> Check:
    return Check(fact, OneOf(values, tuple(map(str, values))), str(values))


def kinds(*words: str) -> Check:
    return Check("open_dispute_kinds", Contains(words), str(words))


# Holds and plans


def test_a_hold_on_contact_stops_all_but_what_is_owed_to_the_debtor_and_one_on_accrual_nothing() -> None:
    rest = [Hold(id="H", kind="both", since=day("2026-02-01"), until=day("2026-02-28"), reason="disaster")]
    assert codes(late(holds=rest), "2026-01-31", RULES) == ALL_DUE
    assert stopped(late(holds=rest), "2026-02-28") == ["notice", "call", "demand"]
    found = one("call", late(holds=rest), "2026-02-10", RULES)
    assert (found.codes, found.until) == (("hold",), day("2026-02-28"))
    assert [(each.name, each.value) for each in found.because] == [("holds/H", "disaster")]
    assert codes(late(holds=rest), "2026-03-01", RULES) == ALL_DUE
    accrual = [replace(rest[0], kind="accrual")]
    assert codes(late(holds=accrual), "2026-02-10", RULES) == ALL_DUE
    for_ever = [replace(rest[0], until=None)]
    assert one("call", late(holds=for_ever), "2027-02-10", RULES).until is None


def test_of_two_holds_the_one_that_lasts_longest_counts() -> None:
    short = Hold(id="A", kind="contact", since=day("2026-02-01"), until=day("2026-02-10"))
    long = replace(short, id="B", until=day("2026-03-10"))
    assert one("call", late(holds=[long, short]), "2026-02-05", RULES).until == day("2026-03-10")
    open_ended = replace(short, id="C", until=None)
    found = one("call", late(holds=[open_ended, short]), "2026-02-05", RULES)
    assert found.until is None
    assert [each.name for each in found.because] == ["holds/A", "holds/C"]


def test_while_a_plan_is_kept_there_is_no_ladder() -> None:
    plan = Plan(
        id="PL",
        signed=day("2026-02-01"),
        charges=("Q1",),
        instalments=(Instalment(due=day("2026-03-01"), amount=100000),),
    )
    account = late(plans=[plan])
    assert stopped(account, "2026-02-10") == ["call", "demand"]
    assert one("call", account, "2026-02-10", RULES).codes == ("plan",)
    assert stopped(account, "2026-03-02") == []  # broken
    of_charges = book(step("call", 3, of="charge"))
    both = household(Q1, Q2, plans=[replace(plan, instalments=(Instalment(due=day("2026-09-01"), amount=100000),))])
    assert codes(both, "2026-05-01", of_charges) == {"call/Q1": ("plan",), "call/Q2": ()}


# Promises


def test_a_promise_withholds_the_ladder_until_its_date_and_leaves_the_reminders() -> None:
    account = late(promised("2026-02-01", "2026-02-10", id="C"))
    assert stopped(account, "2026-02-10") == ["call", "demand"]
    found = one("call", account, "2026-02-05", RULES)
    assert (found.codes, found.until) == (("promise",), day("2026-02-10"))
    assert [each.name for each in found.because] == ["contacts/C"]
    assert stopped(account, "2026-02-11") == []  # broken: the ladder goes on where age stands


def test_a_promise_kept_withholds_nothing_more() -> None:
    account = household(
        Q1,
        Q2,
        contacts=[promised("2026-02-01", "2026-05-20", "1000.00")],
        payments=[paid("2026-02-05", "1000.00", "Q1")],
    )
    assert codes(account, "2026-04-20", book(CALL, promises=Promises(Duration(400, "d")))) == {"call": ()}


@pytest.mark.parametrize(("on", "rests"), [("2026-03-03", True), ("2026-03-04", False)])
def test_a_promise_too_far_off_does_not_count(on: str, rests: bool) -> None:
    account = late(promised("2026-02-01", on))  # thirty days, or thirty-one
    assert (stopped(account, "2026-02-10") == ["call", "demand"]) is rests


def test_the_third_promise_in_a_row_does_not_count() -> None:
    first = promised("2026-01-20", "2026-01-25")
    second = promised("2026-01-26", "2026-01-30")
    third = promised("2026-01-31", "2026-02-10")
    assert stopped(late(first, second), "2026-01-28") == ["call", "demand"]
    assert stopped(late(first, second, third), "2026-02-05") == []
    # One that was kept ends the row.
    small = promised("2026-01-26", "2026-01-30", "100.00")
    kept = late(first, small, third, payments=[paid("2026-01-29", "100.00")])
    assert stopped(kept, "2026-02-05") == ["call", "demand"]


def test_promises_of_an_older_debt_are_no_row() -> None:
    old = [promised("2026-01-20", "2026-01-25"), promised("2026-01-26", "2026-01-30")]
    new = promised("2026-04-20", "2026-04-30")
    account = household(Q1, Q2, contacts=[*old, new], payments=[paid("2026-02-10", "1000.00", "Q1")])
    assert codes(account, "2026-04-25", book(CALL)) == {"call": ("promise",)}


def test_putting_a_promise_off_again_and_again_is_a_row_too() -> None:
    rolling = [
        promised("2026-01-20", "2026-01-30"),
        promised("2026-01-29", "2026-02-08"),
        promised("2026-02-07", "2026-02-17"),
    ]
    assert stopped(late(*rolling[:2]), "2026-02-05") == ["call", "demand"]
    assert stopped(late(*rolling), "2026-02-10") == []


def test_a_pause_on_promises_sees_only_those_that_count() -> None:
    rules = replace(RULES, pauses=(Pause(while_=is_("promise_open", True), stops=(Stop("all"),)),))
    assert stopped(late(promised("2026-02-01", "2026-02-10")), "2026-02-05", rules) == ["notice", "call", "demand"]
    too_far = late(promised("2026-02-01", "2026-04-10"))
    assert stopped(too_far, "2026-02-05", rules) == []
    nobody_promised = replace(RULES, pauses=(Pause(while_=Not(is_("promise_open", True)), stops=(Stop("reminders"),)),))
    assert stopped(too_far, "2026-02-05", nobody_promised) == ["notice"]


# Disputes: the floor


@pytest.mark.parametrize("kind", ["not_debtor", "already_paid"])
def test_who_may_not_owe_at_all_is_left_alone_until_answered(kind: str) -> None:
    account = late(disputes=[dispute("2026-02-01", kind, id="D")])
    assert stopped(account, "2026-07-01") == ["notice", "call", "demand"]
    assert one("notice", account, "2026-02-05", RULES).codes == ("dispute",)
    answered = late(disputes=[dispute("2026-02-01", kind, charge="Q2", answered=day("2026-02-10"))])
    assert stopped(answered, "2026-02-09") == ["notice", "call", "demand"]
    assert stopped(answered, "2026-02-10") == []


@pytest.mark.parametrize("kind", ["service_quality", "billing_error"])
def test_a_complaint_stops_the_legal_tone_until_answered(kind: str) -> None:
    account = late(disputes=[dispute("2026-02-01", kind, charge="Q2")])
    assert stopped(account, "2026-07-01") == ["demand"]
    answered = late(disputes=[dispute("2026-02-01", kind, charge="Q2", answered=day("2026-02-10"))])
    assert stopped(answered, "2026-02-10") == []


@pytest.mark.parametrize("kind", ["contract", "policy", "hardship", "invoice"])
def test_any_other_dispute_withholds_the_ladder_for_ten_working_days_at_most(kind: str) -> None:
    account = late(disputes=[dispute("2026-03-02", kind, charge="Q2")])
    assert stopped(account, "2026-03-16") == ["call", "demand"]
    assert one("call", account, "2026-03-05", RULES).until == day("2026-03-16")
    assert stopped(account, "2026-03-17") == ["demand"]  # still unanswered: nothing is threatened
    answered = late(disputes=[dispute("2026-03-02", kind, charge="Q2", answered=day("2026-03-05"))])
    assert stopped(answered, "2026-03-05") == []


@pytest.mark.parametrize("kind", ["price", "not_used"])
def test_what_is_explained_withholds_nothing_until_the_answer_is_overdue(kind: str) -> None:
    account = late(disputes=[dispute("2026-03-02", kind)])
    assert stopped(account, "2026-03-16") == []
    assert stopped(account, "2026-03-17") == ["demand"]


def test_a_dispute_about_one_charge_does_not_hold_up_another() -> None:
    rules = book(step("call", 3, of="charge"))
    account = household(Q1, Q2, disputes=[dispute("2026-05-04", "not_debtor", charge="Q1")])
    assert codes(account, "2026-05-05", rules) == {"call/Q1": ("dispute",), "call/Q2": ()}
    assert codes(account, "2026-05-05", book(CALL)) == {"call": ("dispute",)}


def test_an_answer_overdue_is_told() -> None:
    complaint = late(disputes=[dispute("2026-02-02", "service_quality", id="D")])
    assert [each.code for each in steps(complaint, "2026-02-04", RULES).findings] == []
    (found,) = steps(complaint, "2026-02-05", RULES).findings
    assert found.code == "A801"
    assert "服务质量" in found.message("zh")
    assert "2026-02-04" in found.message("zh")
    closed = late(disputes=[dispute("2026-02-02", "service_quality", closed="2026-02-20")])
    assert [each.code for each in steps(closed, "2026-02-21", RULES).findings] == []


def test_a_book_may_ask_for_a_quicker_answer_but_not_give_more_time() -> None:
    quick = Pause(while_=kinds("contract"), stops=(Stop("ladder"),), answer_within=Duration(3, "d"))
    slow = replace(quick, answer_within=Duration(60, "d"))
    contract = dispute("2026-03-02", "contract")
    assert answer_due(contract, [], BOOK.calendar) == day("2026-03-16")
    assert answer_due(contract, [quick], BOOK.calendar) == day("2026-03-05")
    assert answer_due(contract, [slow], BOOK.calendar) == day("2026-03-16")
    assert answer_due(dispute("2026-03-02", "service_quality"), [], BOOK.calendar) == day("2026-03-04")


# What is contested stays out of demands


def asked(*disputes: Dispute, on: str = "2026-05-20") -> tuple[list[str], int] | tuple[str, ...]:
    """The charges a demand speaks of and the principal it asks for; or why there is none."""
    found = one("demand", household(Q1, Q2, disputes=disputes), on, book(DEMAND))
    return found.codes or ([state.charge.id for state in found.charges], found.ask.principal if found.ask else 0)


def open_still(kind: str = "contract", **more: Any) -> Dispute:
    """Answered, and the debtor does not agree."""
    return dispute("2026-05-01", kind, answered=day("2026-05-10"), **more)


def test_the_disputed_part_stays_out_of_a_formal_demand_until_the_dispute_is_closed() -> None:
    assert asked() == (["Q1", "Q2"], 200000)
    assert asked(open_still(charge="Q1")) == (["Q2"], 100000)
    assert asked(open_still(charge="Q1", amount="300.00")) == (["Q1", "Q2"], 170000)
    assert asked(open_still(amount="300.00")) == (["Q1", "Q2"], 170000)
    assert asked(open_still(charge="Q1", closed="2026-05-15")) == (["Q1", "Q2"], 200000)
    assert asked(open_still("price", charge="Q1")) == (["Q1", "Q2"], 200000)


def test_where_everything_is_disputed_there_is_no_demand() -> None:
    assert asked(open_still()) == ("dispute",)
    assert asked(open_still(amount="5000.00")) == ("dispute",)
    assert asked(open_still(charge="Q1"), open_still(charge="Q2", id="D2")) == ("dispute",)
    found = one("demand", household(Q1, disputes=[open_still(charge="Q1")]), "2026-05-20", book(DEMAND))
    assert [each.name for each in found.because] == ["charges/Q1"]


def test_two_disputes_about_one_charge_add_up() -> None:
    parts = [open_still(charge="Q1", amount="300.00", id="A"), open_still(charge="Q1", amount="700.00", id="B")]
    assert asked(*parts) == (["Q2"], 100000)


def test_a_demand_for_each_charge_leaves_the_disputed_one_out() -> None:
    rules = book(step("demand", 4, action="formal_demand", of="charge"))
    wrong = household(Q1, Q2, disputes=[dispute("2026-05-19", "billing_error", charge="Q1")])
    assert codes(wrong, "2026-05-20", rules) == {"demand/Q1": ("dispute",), "demand/Q2": ()}


# The book's own pauses


def test_a_pause_stops_what_it_says_while_its_condition_holds() -> None:
    stops = {
        "ladder": ["call", "demand"],
        "reminders": ["notice"],
        "all": ["notice", "call", "demand"],
    }
    poor = late(debtor=Party(id="O1", tags=("hardship",)))
    for what, rest in stops.items():
        rules = replace(RULES, pauses=(Pause(while_=is_("hardship", True), stops=(Stop(what),)),))  # type: ignore[arg-type]
        assert stopped(poor, "2026-02-10", rules) == rest
        assert stopped(late(), "2026-02-10", rules) == []
    named = replace(
        RULES, pauses=(Pause(while_=is_("hardship", True), stops=(Stop("step", "call"), Stop("tone", "legal"))),)
    )
    assert stopped(poor, "2026-02-10", named) == ["call", "demand"]
    assert one("call", poor, "2026-02-10", named).codes == ("hold",)


def test_a_pause_nobody_can_decide_withholds_as_unknown() -> None:
    rules = replace(RULES, pauses=(Pause(while_=is_("hardship", True), stops=(Stop("tone", "legal"),)),))
    unknown = late(unknown=("debtor.tags",))
    assert one("demand", unknown, "2026-02-10", rules).codes == ("unknown",)
    assert stopped(unknown, "2026-02-10", rules) == ["demand"]


def test_a_pause_on_a_kind_of_dispute_lasts_until_answered_and_for_ten_working_days_at_most() -> None:
    whole = Pause(while_=kinds("price", "service_quality"), stops=(Stop("all"),))
    rules = replace(RULES, pauses=(whole,))
    assert stopped(late(disputes=[dispute("2026-03-02", "price")]), "2026-03-16", rules) == ["notice", "call", "demand"]
    assert stopped(late(disputes=[dispute("2026-03-02", "price")]), "2026-03-17", rules) == ["demand"]
    complaint = dispute("2026-03-02", "service_quality", charge="Q2")
    assert stopped(late(disputes=[complaint]), "2026-06-17", rules) == ["notice", "call", "demand"]
    answered = late(disputes=[replace(complaint, answered=day("2026-03-04"))])
    assert stopped(answered, "2026-03-05", rules) == [
        "notice",
        "call",
        "demand",
    ]  # open, and the pause asks for no answer
    until = replace(RULES, pauses=(replace(whole, until="answered"),))
    assert stopped(answered, "2026-03-05", until) == []


def test_the_whole_book_rests_as_it_says() -> None:
    account = household(
        Q1, use="residential", place="CN-3301", disputes=[dispute("2026-02-01", "service_quality", id="D")]
    )
    found = codes(account, "2026-03-01", pack())
    assert found["routine_round"] == ()
    assert found["resolve_complaint"] == ()
    assert "dispute" in found["formal_demand"]
    poor = household(Q1, use="residential", place="CN-3301", debtor=Party(id="O1", tags=("困难",)))
    assert "hold" in codes(poor, "2026-03-01", pack())["formal_demand"]


def test_a_promise_and_a_dispute_are_both_told() -> None:
    account = late(
        promised("2026-03-02", "2026-03-10"), did("2026-03-01", "other"), disputes=[dispute("2026-03-02", "contract")]
    )
    assert one("call", account, "2026-03-05", RULES).codes == ("promise", "dispute")
