"""What other dunning systems got wrong, or decided for their users, as fixtures named after the issues.

Ours must do better, and each fixture says how. (Late fees that peers got wrong stand with the late fees.)
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from dunning.engine.steps.candidates import CODES
from dunning.model.account import Account
from dunning.model.rulebook import Payments
from dunning.model.steps import Retired
from escalation import book, codes, did, due, name_of, one, step, steps
from households import charge, day, household, paid

WARNING, RESTRICT, FINAL = (
    step("warning", 10),
    step("restrict", 20, action="visit"),
    step("final", 30, action="deliver_letter"),
)
OVERDUE = book(WARNING, RESTRICT, FINAL)
A, B = charge("2026-01-15", name="A"), charge("2026-03-16", name="B")


def killbill_2297() -> Account:
    """Two unpaid invoices. The first went up the ladder and was then paid: what about the second?"""
    done = [did("2026-01-26", "warning"), did("2026-02-05", "restrict", channel="visit")]
    return household(A, B, contacts=done, payments=[paid("2026-03-28", "1000.00", "A")])


def test_killbill_2297_no_step_is_skipped_because_the_oldest_invoice_was_paid() -> None:
    account = killbill_2297()
    assert codes(account, "2026-03-27", OVERDUE) == {"warning": ("done",), "restrict": ("done",), "final": ()}
    # Paid: the second invoice is twelve days overdue, and what was done about the first is not done about it.
    assert codes(account, "2026-03-28", OVERDUE) == {"warning": (), "restrict": ("not_yet",), "final": ("not_yet",)}
    warned = replace(account, contacts=(*account.contacts, did("2026-03-28", "warning")))
    assert due(warned, "2026-04-04", OVERDUE) == []
    assert due(warned, "2026-04-05", OVERDUE) == ["restrict"]


def test_killbill_2297_what_was_done_since_the_newer_invoice_fell_due_is_not_done_again() -> None:
    account = killbill_2297()
    both = replace(account, contacts=(*account.contacts, did("2026-03-20", "final", "sent", "letter")))
    expected = {"warning": ("superseded",), "restrict": ("not_yet",), "final": ("done",)}
    assert codes(both, "2026-03-30", OVERDUE) == expected


def test_killbill_renaming_a_state_while_accounts_sit_on_it_asks_for_the_new_name() -> None:
    """Kill Bill strands accounts whose state is gone from the configuration. Ours says which step it was."""
    stands = household(A, contacts=[did("2026-01-26", "warning")])
    renamed = book(replace(WARNING, id="first_warning"), RESTRICT)
    (found,) = steps(stands, "2026-02-01", renamed).findings
    assert (found.code, found.args["step"]) == ("A802", "warning")
    mapped = replace(renamed, retired=(Retired("warning", now="first_warning"),))
    assert steps(stands, "2026-02-01", mapped).findings == ()
    assert codes(stands, "2026-02-01", mapped) == {"first_warning": ("done",), "restrict": ("not_yet",)}
    dropped = replace(book(RESTRICT), retired=(Retired("warning", reason="合并到下一步"),))
    assert steps(stands, "2026-02-01", dropped).findings == ()


def test_erpnext_41752_a_case_with_one_of_two_items_paid_stays_open() -> None:
    """ERPNext closed the dunning when the last item was paid, though the first was not."""
    account = household(A, B, payments=[paid("2026-04-01", "1000.00", "B")])
    found = one("final", account, "2026-04-10", OVERDUE)
    assert found.codes == ()
    assert [state.charge.id for state in found.charges if state.unpaid] == ["A"]
    assert found.ask is not None
    assert found.ask.principal == 100000


def test_erpnext_58220_late_fee_stays_claimable_beside_principal_that_is_paid() -> None:
    account = household(A, B, payments=[paid("2026-02-14", "1000.00", "A")])
    found = one("warning", account, "2026-03-26", OVERDUE)
    assert [(state.charge.id, state.fee.outstanding) for state in found.charges] == [("A", 1500), ("B", 500)]
    alone = household(A, payments=[paid("2026-02-14", "1000.00", "A")])
    assert due(alone, "2026-03-26", OVERDUE) == []  # a fee alone is no arrears: nobody is dunned for it


def test_oca_330_after_part_payment_only_the_rest_is_asked_for() -> None:
    account = household(A, payments=[paid("2026-01-20", "700.00", "A")])
    found = one("warning", account, "2026-01-26", OVERDUE)
    assert found.codes == ()
    assert found.ask is not None
    assert found.ask.principal == 30000


@pytest.mark.parametrize(("amount", "expected"), [("999.00", ["warning"]), ("999.01", [])])
def test_oca_tolerance_below_the_threshold_nobody_is_contacted(amount: str, expected: list[str]) -> None:
    rules = replace(OVERDUE, payments=Payments(chase_from=100))
    account = household(A, payments=[paid("2026-01-16", amount, "A")])
    assert due(account, "2026-01-26", rules) == expected


def test_oca_460_and_tryton_8835_every_step_that_is_not_due_says_why() -> None:
    for account in (killbill_2297(), household(), household(A, B)):
        for on in ("2026-01-20", "2026-03-01", "2026-05-01"):
            found = steps(account, on, OVERDUE).candidates
            assert [name_of(each) for each in found] == ["warning", "restrict", "final"]
            assert all(code in CODES for each in found for code in each.codes)


def test_tryton_a_run_that_repeats_gives_the_same_key_and_so_delivers_once() -> None:
    account = household(A)
    keys = {one("warning", account, on, OVERDUE).key for on in ("2026-01-25", "2026-01-26", "2026-01-27")}
    assert len(keys) == 1
    delivered = replace(account, contacts=(did("2026-01-27", "warning", key=keys.pop()),))
    assert due(delivered, "2026-01-28", OVERDUE) == []


@pytest.mark.parametrize(
    ("catch_up", "expected"),
    [("only_highest", ["final"]), ("lowest_first", ["warning"]), ("all", ["warning", "restrict", "final"])],
)
def test_tryton_and_oca_35_and_432_a_line_that_enters_at_sixty_days_catches_up_as_the_book_says(
    catch_up: str, expected: list[str]
) -> None:
    """Each of the peers built one of the three in, and their users asked for another."""
    rules = book(WARNING, RESTRICT, FINAL, catch_up=catch_up)
    assert due(household(A), "2026-03-16", rules) == expected


def test_oca_35_one_step_at_a_time_reaches_the_top_and_stays_there() -> None:
    rules = book(WARNING, RESTRICT, FINAL, catch_up="lowest_first")
    account, order = household(A), []
    for on in ("2026-03-16", "2026-03-17", "2026-03-18", "2026-03-19"):
        found = due(account, on, rules)
        order += found
        account = replace(account, contacts=(*account.contacts, *(did(on, name, channel=None) for name in found)))
    assert order == ["warning", "restrict", "final"]


def test_a_debtor_who_pays_and_owes_again_starts_at_the_bottom() -> None:
    """A chronic debtor is neither left alone for what was done long ago nor met with the last step at once."""
    once = household(A, B, contacts=[did("2026-01-26", "warning"), did("2026-02-05", "restrict", channel="visit")],
                     payments=[paid("2026-02-10", "1000.00", "A")])  # fmt: skip
    assert due(once, "2026-02-11", OVERDUE) == []
    assert due(once, "2026-03-26", OVERDUE) == ["warning"]
    assert one("warning", once, "2026-03-26", OVERDUE).since == day("2026-03-26")
