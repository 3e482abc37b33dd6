"""Late fees for the ERP's books: what is missing there, what is too much, one at a time for each charge."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

from dunning.adapter import Posting, postings
from dunning.engine.assess import assess
from dunning.model.account import BookedLateFee, Instalment, Plan
from dunning.model.rulebook import RuleBook
from households import BOOK, charge, day, household, paid

ON = "2026-03-01"


def booked(amount: int, *, key: str | None = None, of: str = "2026-01-15") -> BookedLateFee:
    return BookedLateFee(id="L1", charge=of, on=day("2026-02-01"), amount=amount, key=key)


def posted(*, on: str = ON, under_way: tuple[str, ...] = (), book: RuleBook = BOOK, **more: Any) -> list[Posting]:
    account = household(charge("2026-01-15"), charge("2026-02-12"), **more)
    return list(postings(assess(account, book, on=day(on)), under_way=under_way, approvals=("u-12",)))


def test_each_charge_gets_what_is_not_booked_yet() -> None:
    first, second = posted(late_fees=[booked(1_000)])
    assert (first.charge, first.kind, first.amount) == ("2026-01-15", "late_fee", 1_250)  # 45 days, less 10.00
    assert (second.charge, second.amount) == ("2026-02-12", 850)  # 17 days
    assert (first.company, first.account, first.through, first.approvals) == ("main", "A1", day(ON), ("u-12",))
    assert first.because[0] == "test 1"


def test_nothing_is_booked_that_is_booked() -> None:
    assert [one.charge for one in posted(late_fees=[booked(2_250)])] == ["2026-02-12"]


def test_what_was_booked_too_high_is_corrected() -> None:
    (correction, _) = posted(late_fees=[booked(3_000)])
    assert (correction.kind, correction.amount) == ("late_fee_correction", -750)


def test_what_the_rules_waive_is_waived_in_the_books_too() -> None:
    """A plan that was kept waives half of the fee of the day it was signed; all of it had been booked."""
    plan = Plan(
        id="PL1",
        signed=day("2026-02-14"),
        charges=("2026-01-15",),
        waive_late_fee=Fraction(1, 2),
        instalments=(Instalment(due=day("2026-02-20"), amount=100_000),),
    )
    account = household(
        charge("2026-01-15"),
        plans=[plan],
        late_fees=[booked(1_500)],
        payments=[paid("2026-02-20", "1000.00")],
    )
    (waiver,) = postings(assess(account, BOOK, on=day(ON)))
    assert (waiver.kind, waiver.amount) == ("waiver", -750)


def test_one_at_a_time() -> None:
    """Until the ERP has given it back, a second posting for the charge might book the same days twice."""
    assert [one.charge for one in posted(under_way=("2026-01-15",))] == ["2026-02-12"]


def test_the_same_day_and_charge_have_the_same_key() -> None:
    first, second = posted()
    assert [one.key for one in posted()] == [first.key, second.key]
    assert first.key != second.key
    assert [len(first.key), len(second.key)] == [32, 32]


def test_another_day_and_another_sum_booked_have_other_keys() -> None:
    keys = {posted()[0].key, posted(on="2026-03-02")[0].key, posted(late_fees=[booked(1_000)])[0].key}
    assert len(keys) == 3


def test_a_fee_that_cannot_be_told_is_not_booked() -> None:
    """The contract does not say whether there is a late fee: nothing is known, and nothing is posted."""
    account = household(charge("2026-01-15"), contract=None, unknown=("contracts.late_fee_clause",))
    result = assess(account, BOOK, on=day(ON))
    assert result.charges[0].late_fee.to_book is None
    assert list(postings(result)) == []


def test_a_household_that_owes_nothing_has_nothing_posted() -> None:
    account = household(charge("2026-01-15"), payments=[paid("2026-01-10", "1000.00")])
    assert list(postings(assess(account, BOOK, on=day("2026-01-15") + timedelta(days=60)))) == []
