"""Approvals: distinct people, each role covered, none of them the preparer, none too old; a refusal stands."""

from __future__ import annotations

import pytest

from dunning.engine.steps.approvals import Agreed, agreed
from dunning.model.account import Approval
from dunning.model.anchor import Duration
from dunning.model.steps import ApprovalRule
from escalation import approved, book, codes, one, step
from households import BOOK, charge, day, household

TWO = ApprovalRule(("legal", "property_manager"))
ON = "2026-08-01"


def decided(
    *given: Approval, rule: ApprovalRule = TWO, on: str = ON, names: tuple[str, ...] = ("formal_demand",)
) -> Agreed:
    return agreed(rule, given, names, day(on), BOOK.calendar)


def yes(role: str, by: str, at: str = "2026-07-20", **more: object) -> Approval:
    return approved(at, "formal_demand", role, by, **more)  # type: ignore[arg-type]


def no(role: str, by: str, at: str = "2026-07-20", **more: object) -> Approval:
    return approved(at, "formal_demand", role, by, "refused", **more)  # type: ignore[arg-type]


def test_each_role_has_to_decide() -> None:
    assert decided().missing == ("legal", "property_manager")
    assert decided(yes("legal", "u1")).missing == ("property_manager",)
    both = decided(yes("legal", "u1"), yes("property_manager", "u2"))
    assert both.granted
    assert [each.by for each in both.given] == ["u1", "u2"]


def test_one_person_in_two_roles_is_one_person() -> None:
    assert decided(yes("legal", "u1"), yes("property_manager", "u1")).missing == ("property_manager",)
    third = decided(yes("legal", "u1"), yes("property_manager", "u1"), yes("legal", "u2", "2026-07-10"))
    assert third.granted  # u2 for legal, u1 for the other


def test_two_of_one_role_are_two_people() -> None:
    rule = ApprovalRule(("legal", "legal"))
    assert decided(yes("legal", "u1"), rule=rule).missing == ("legal",)
    assert decided(yes("legal", "u1"), yes("legal", "u2", "2026-07-21"), rule=rule).granted


def test_whoever_prepared_it_does_not_approve_it() -> None:
    own = decided(yes("legal", "u1", prepared_by="u1"), yes("property_manager", "u2"))
    assert own.missing == ("legal",)
    told_elsewhere = decided(yes("legal", "u1"), yes("property_manager", "u2", prepared_by="u1"))
    assert told_elsewhere.missing == ("legal",)
    assert decided(yes("legal", "u1", prepared_by="u9"), yes("property_manager", "u2", prepared_by="u9")).granted


@pytest.mark.parametrize(
    ("on", "granted"), [("2026-07-19", False), ("2026-07-20", True), ("2026-08-19", True), ("2026-08-20", False)]
)
def test_an_approval_holds_from_its_day_for_thirty_days(on: str, granted: bool) -> None:
    found = decided(yes("legal", "u1"), yes("property_manager", "u2"), on=on)
    assert found.granted is granted
    if granted:
        assert found.until == day("2026-08-19")


def test_a_book_may_say_how_long() -> None:
    rule = ApprovalRule(("legal",), Duration(5, "wd"))
    assert decided(yes("legal", "u1"), rule=rule, on="2026-07-27").granted
    assert not decided(yes("legal", "u1"), rule=rule, on="2026-07-28").granted


def test_a_refusal_stands_until_that_role_decides_again_however_old() -> None:
    refused = no("legal", "u1", "2026-03-01")
    found = decided(refused, yes("property_manager", "u2"))
    assert not found.granted
    assert found.refused == (refused,)
    assert decided(refused, yes("legal", "u3"), yes("property_manager", "u2")).granted
    withdrawn = decided(yes("legal", "u1"), no("legal", "u3", "2026-07-25"), yes("property_manager", "u2"))
    assert withdrawn.missing == ("legal",)


def test_decisions_of_other_roles_and_on_other_steps_count_for_nothing() -> None:
    assert decided(no("finance", "u5"), yes("legal", "u1"), yes("property_manager", "u2")).granted
    other = approved("2026-07-20", "suit", "legal", "u1")
    assert decided(other, yes("property_manager", "u2")).missing == ("legal",)


def test_a_role_may_be_written_by_its_title_and_a_step_by_an_older_name() -> None:
    letter = approved("2026-07-20", "letter", "法务", "u1")
    assert decided(letter, yes("property_manager", "u2"), names=("formal_demand", "letter")).granted


def test_a_step_waits_for_its_approvals_and_names_who_gave_them() -> None:
    rules = book(step("formal_demand", 3, action="formal_demand", approval=TWO))
    late = household(charge("2026-01-15", name="Q1"), approvals=[yes("legal", "u1")])
    assert codes(late, ON, rules) == {"formal_demand": ("approval",)}
    waiting = one("formal_demand", late, ON, rules)
    assert [(each.kind, each.name) for each in waiting.because] == [("role", "property_manager")]
    signed = household(charge("2026-01-15", name="Q1"), approvals=[yes("legal", "u1"), yes("property_manager", "u2")])
    assert one("formal_demand", signed, ON, rules).approved_by == ("u1", "u2")


def test_where_the_source_has_no_approvals_nobody_can_tell() -> None:
    rules = book(step("formal_demand", 3, action="formal_demand", approval=TWO))
    unknown = household(charge("2026-01-15", name="Q1"), unknown=("approvals",))
    assert codes(unknown, ON, rules) == {"formal_demand": ("unknown",)}
