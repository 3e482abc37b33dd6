"""Proofs about the late fee: what the shipped terms are proved to be, and the household that shows a claim false."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

import dunning
from dunning.check.claims import Claim, household
from dunning.check.prove import cap_day, prove
from dunning.engine.assess import assess
from dunning.engine.owed.fees import Clause
from ledgers import rules

PACKS = ("common", "residential", "commercial", "parking", "handover")


def false(claims: list[Claim]) -> list[str]:
    return [claim.title.en for claim in claims if claim.answer == "false"]


@pytest.mark.parametrize("pack", PACKS)
def test_every_claim_about_a_shipped_pack_is_proved(pack: str) -> None:
    claims = list(prove(dunning.load(pack)))

    assert {claim.answer for claim in claims} == {"proved"}
    assert len(claims) >= 1


def test_without_a_cap_a_household_owes_more_fee_than_its_charge_and_the_engine_says_so_too() -> None:
    book = rules(cap=None)
    (claim,) = [claim for claim in prove(book) if claim.answer == "false"]
    found = household(claim)

    assert claim.title.en.startswith("never above the cap")
    assert found is not None
    account, on = found
    (charge,) = assess(account, book, on=on).charges
    assert charge.late_fee.assessed is not None
    assert charge.late_fee.assessed > charge.amount


def test_the_cap_is_reached_on_day_100_at_half_a_per_mille_and_five_percent() -> None:
    (terms,) = dunning.load("residential").late_fees
    schedule = Clause(terms).on(date(2026, 1, 15).toordinal(), None)

    assert schedule is not None
    assert cap_day(schedule) == 100


def test_rates_that_change_are_claimed_of_at_their_highest() -> None:
    (terms,) = rules(rate=Fraction(3, 10_000)).late_fees

    assert cap_day(Clause(terms).on(date(2026, 1, 15).toordinal(), None)) == 167  # 0.3‰ x 167 = 5.01%
