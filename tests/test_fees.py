"""The late fee: the worked examples of the definition, each boundary to the fen, and what other systems got wrong."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from dunning.basis.calendar import Calendar, Year
from dunning.basis.money import rounded
from dunning.engine.owed.fees import Clause, FeeState, Schedule, exact_sum, merged, owes, stretches
from dunning.engine.owed.ledger import ChargeState, Ledger, replay
from dunning.model.account import Adjustment, Contract, Hold
from dunning.model.rulebook import Cap, Dated, LateFee, RuleBook
from households import charge, credit_note, day, household, opening, paid

HALF_PER_MILLE = Fraction(1, 2000)
FIVE_PERCENT = Dated.always(Cap(Fraction(1, 20)))
AGREED = Contract(id="K1", late_fee_clause=True)
YEARS = Calendar({2025: Year(), 2026: Year(), 2027: Year()})


def changing(**steps: Any) -> Dated[Any]:
    """Values by the day they begin: `changing(d2026_03_01=...)`."""
    return Dated(tuple((day(since[1:].replace("_", "-")), value) for since, value in steps.items()))


def terms(**said: Any) -> LateFee:
    """0.5‰ a day, at most 5% of the charge, unless said otherwise; plain values hold always."""
    for name in ("rate", "cap", "grace", "rounding"):
        if name in said and not isinstance(said[name], Dated):
            said[name] = Dated.always(said[name])
    return LateFee(**{"items": ("property_fee",), "rate": Dated.always(HALF_PER_MILLE), "cap": FIVE_PERCENT, **said})


def book(**said: Any) -> RuleBook:
    return RuleBook(name="test", title="试验", version="1", calendar=YEARS, late_fees=(terms(**said),))


def ledger(
    on: str, *charges: Any, contract: Contract | None = AGREED, under: RuleBook | None = None, **more: Any
) -> Ledger:
    return replay(household(*charges, contract=contract, **more), under or book(), day(on))


def the_charge(on: str, amount: str = "1592.25", due: str = "2026-01-15", **more: Any) -> ChargeState:
    """One charge on a day: the one of the worked examples, unless said otherwise."""
    (state,) = ledger(on, charge(due, amount, name="Q1"), **more).charges
    return state


def the_fee(on: str, amount: str = "1592.25", due: str = "2026-01-15", **more: Any) -> FeeState:
    return the_charge(on, amount, due, **more).fee


def days_of(fee: FeeState) -> int:
    return sum(segment.days for segment in fee.segments)


def adjusted(on: str, kind: Any, amount: str, of: str = "Q1") -> Adjustment:
    return Adjustment(id=f"A{on}", on=day(on), kind=kind, amount=paid(on, amount).amount, charge=of)


# The worked examples of docs/design/fee-math.md, row by row: P 1592.25, due 2026-01-15, 0.5‰, 5% of the charge.

HOLD = Hold(id="H1", kind="accrual", since=day("2026-02-01"), until=day("2026-02-28"))
CHEAPER_IN_MARCH = changing(d2021_01_01=HALF_PER_MILLE, d2026_03_01=Fraction(3, 10_000))
NOT_COUNTED = {"under": book(payment_day="not_counted")}
GRACE = {"under": book(grace=3)}
GRACE_THEN_FROM_ITS_END = {"under": book(grace=3, after_grace="from_grace_end")}

WORKED = [
    ("on the due date", "2026-01-15", {}, 0, "0", 0),
    ("one day late", "2026-01-16", {}, 1, "79.6125", 80),
    ("45 days", "2026-03-01", {}, 45, "3582.5625", 3583),
    ("day 99", "2026-04-24", {}, 99, "7881.6375", 7882),
    ("day 100: the cap", "2026-04-25", {}, 100, "7961.25", 7961),
    ("day 101", "2026-04-26", {}, 101, "8040.8625", 7961),
    ("800.00 paid 2026-03-01, counted", "2026-03-31", {"payments": [paid("2026-03-01", "800")]}, 75, "4770.9375", 4771),
    (
        "the same, not counted",
        "2026-03-31",
        {"payments": [paid("2026-03-01", "800")], **NOT_COUNTED},
        75,
        "4730.9375",
        4731,
    ),
    ("all paid on day 1, counted", "2026-06-30", {"payments": [paid("2026-01-16", "1592.25")]}, 1, "79.6125", 80),
    (
        "all paid on day 1, not counted",
        "2026-06-30",
        {"payments": [paid("2026-01-16", "1592.25")], **NOT_COUNTED},
        0,
        "0",
        0,
    ),
    ("grace 3, paid on D+3", "2026-06-30", {"payments": [paid("2026-01-18", "1592.25")], **GRACE}, 0, "0", 0),
    (
        "grace 3, paid on D+4, from_due",
        "2026-06-30",
        {"payments": [paid("2026-01-19", "1592.25")], **GRACE},
        4,
        "318.45",
        318,
    ),
    (
        "grace 3, paid on D+4, from_grace_end",
        "2026-06-30",
        {"payments": [paid("2026-01-19", "1592.25")], **GRACE_THEN_FROM_ITS_END},
        1,
        "79.6125",
        80,
    ),
    ("hold 2026-02-01 .. 02-28", "2026-03-31", {"holds": [HOLD]}, 47, "3741.7875", 3742),
    ("rate 0.3‰ from 2026-03-01", "2026-03-31", {"under": book(rate=CHEAPER_IN_MARCH)}, 75, "4983.7425", 4984),
    (
        "relief of 20% on 2026-02-15",
        "2026-03-31",
        {"adjustments": [adjusted("2026-02-15", "relief", "318.45")]},
        75,
        "5270.3475",
        5270,
    ),
    ("P = 10.00, one day: half_up", "2026-01-16", {"amount": "10.00"}, 1, "0.5", 1),
    ("P = 10.00, one day: floor", "2026-01-16", {"amount": "10.00", "under": book(rounding="floor")}, 1, "0.5", 0),
    ("P = 1592.30, day 100", "2026-04-25", {"amount": "1592.30"}, 100, "7961.5", 7961),
]


@pytest.mark.parametrize(("case", "on", "given", "days", "exact", "fee"), WORKED, ids=[row[0] for row in WORKED])
def test_worked_examples(case: str, on: str, given: dict[str, Any], days: int, exact: str, fee: int) -> None:
    state = the_fee(on, **given)
    assert (days_of(state), state.exact, state.assessed) == (days, Fraction(exact), fee), case


# Days and caps


def test_a_fee_that_has_reached_its_cap_says_so_from_that_day_on() -> None:
    assert [the_fee(on).capped for on in ("2026-04-24", "2026-04-25", "2026-04-26")] == [False, True, True]


def test_a_cap_stays_where_it_is_when_the_principal_is_paid_and_when_another_year_begins() -> None:
    part = [paid("2026-05-01", "1592.24")]
    assert the_fee("2027-05-01", payments=part).assessed == 7961


def test_the_assessed_fee_is_the_lower_of_two_roundings_not_the_rounding_of_the_lower() -> None:
    assert the_fee("2026-04-25", "1592.30").assessed == 7961  # 79.615 is both sum and cap, and would round to 79.62


def test_without_a_cap_the_fee_grows_on() -> None:
    fee = the_fee("2027-01-15", under=book(cap=None))
    assert (fee.assessed, fee.capped) == (29059, False)  # 365 days x 0.796125 = 290.585625


def test_a_cap_of_what_was_overdue_leaves_out_what_was_paid_by_the_due_date() -> None:
    overdue = book(cap=Cap(Fraction(1, 20), "overdue"))
    early = [paid("2026-01-15", "1000", "Q1")]
    late = [paid("2026-01-16", "1000", "Q1")]
    assert the_fee("2026-12-31", payments=early, under=overdue).assessed == 2961  # 5% of 592.25
    assert the_fee("2026-12-31", payments=late, under=overdue).assessed == 7961


def test_relief_changes_no_cap_even_before_the_due_date() -> None:
    overdue = book(cap=Cap(Fraction(1, 20), "overdue"))
    relieved = [adjusted("2026-01-10", "relief", "1000")]
    assert the_fee("2027-12-31", adjustments=relieved, under=overdue).assessed == 7961


def test_a_credit_note_lowers_the_charge_from_its_first_day_and_its_cap() -> None:
    state = the_charge("2026-11-22", adjustments=[credit_note("2026-03-02", "92.25", "Q1")])
    assert (state.principal, state.fee.assessed, state.fee.exact) == (150_000, 7500, Fraction(311 * 75))


def test_segments_tell_the_days_the_fee_is_made_of() -> None:
    fee = the_fee("2026-11-22", "1500.00", payments=[paid("2026-03-01", "800")])
    first, second = fee.segments
    assert (first.since, first.until, first.days) == (day("2026-01-16"), day("2026-03-01"), 45)
    assert (first.principal, first.rate, first.exact) == (150_000, HALF_PER_MILLE, 3375)
    assert (second.since, second.until, second.days) == (day("2026-03-02"), day("2026-11-22"), 266)
    assert (second.principal, second.rate, second.exact) == (70_000, HALF_PER_MILLE, 9310)
    assert (fee.assessed, fee.capped, fee.to_book) == (7500, True, 7500)


def test_the_due_date_rolls_over_days_of_rest_unless_it_stands_as_written() -> None:
    saturday = "2026-01-17"
    assert the_charge("2026-01-20", due=saturday).due == day("2026-01-19")
    assert days_of(the_fee("2026-01-20", due=saturday)) == 1
    assert days_of(the_fee("2026-01-20", due=saturday, under=book(rest_day_due="as_written"))) == 3


def test_grace_gives_nothing_until_it_is_over_and_then_everything_since_the_due_date() -> None:
    assert [the_fee(on, **GRACE).assessed for on in ("2026-01-16", "2026-01-18", "2026-01-19")] == [0, 0, 318]
    assert [the_fee(on, **GRACE).why for on in ("2026-01-15", "2026-01-16", "2026-01-18", "2026-01-19")] == [
        "not_due",
        "grace",
        "grace",
        "",
    ]


def test_what_is_settled_by_the_last_day_of_grace_bears_nothing_one_fen_short_bears_all() -> None:
    assert the_fee("2026-06-30", payments=[paid("2026-01-18", "1592.25")], **GRACE).why == "grace"
    assert the_fee("2026-06-30", payments=[paid("2026-01-15", "1592.25")], **GRACE).why == ""
    short = [paid("2026-01-18", "1592.24"), paid("2026-01-19", "0.01")]
    assert days_of(the_fee("2026-06-30", payments=short, **GRACE)) == 4


def test_relief_on_the_last_day_of_grace_settles_as_a_payment_does() -> None:
    assert the_fee("2026-06-30", adjustments=[adjusted("2026-01-18", "relief", "1592.25")], **GRACE).assessed == 0
    assert the_fee("2026-06-30", adjustments=[adjusted("2026-01-19", "relief", "1592.25")], **GRACE).assessed == 318


def test_relief_counts_from_the_next_day_under_either_reading_of_the_payment_day() -> None:
    relieved = [adjusted("2026-01-20", "relief", "1592.25")]
    assert days_of(the_fee("2026-06-30", adjustments=relieved)) == 5
    assert days_of(the_fee("2026-06-30", adjustments=relieved, **NOT_COUNTED)) == 5


def test_holds_of_accrual_rest_both_their_ends_and_holds_of_contact_none() -> None:
    def held(kind: Any, since: str, until: str | None) -> FeeState:
        hold = Hold(id="H", kind=kind, since=day(since), until=day(until) if until else None)
        return the_fee("2026-01-25", holds=[hold])

    assert days_of(held("contact", "2026-01-20", "2026-01-21")) == 10
    assert days_of(held("both", "2026-01-20", "2026-01-20")) == 9
    assert days_of(held("accrual", "2026-01-10", "2026-01-16")) == 9
    assert days_of(held("accrual", "2026-01-25", None)) == 9
    assert days_of(held("accrual", "2026-01-16", None)) == 0


def test_a_hold_in_the_middle_cuts_the_segments() -> None:
    fee = the_fee("2026-01-25", holds=[Hold(id="H", kind="both", since=day("2026-01-20"), until=day("2026-01-21"))])
    assert [(each.since.day, each.until.day) for each in fee.segments] == [(16, 19), (22, 25)]


def test_overlapping_holds_rest_a_day_once() -> None:
    holds = [
        Hold(id="H1", kind="accrual", since=day("2026-01-18"), until=day("2026-01-22")),
        Hold(id="H2", kind="both", since=day("2026-01-20"), until=day("2026-01-24")),
    ]
    assert days_of(the_fee("2026-01-25", holds=holds)) == 3


def test_a_hold_that_begins_after_the_day_asked_about_is_not_known() -> None:
    late = Hold(id="H", kind="accrual", since=day("2026-01-26"))
    assert the_fee("2026-01-25", holds=[late]) == the_fee("2026-01-25")


# Terms by date and by contract


def test_a_rate_dated_by_the_day_changes_on_its_day_and_cuts_a_segment() -> None:
    segments = the_fee("2026-03-31", under=book(rate=CHEAPER_IN_MARCH)).segments
    assert [(each.since, each.until, each.rate) for each in segments] == [
        (day("2026-01-16"), day("2026-02-28"), HALF_PER_MILLE),
        (day("2026-03-01"), day("2026-03-31"), Fraction(3, 10_000)),
    ]


def test_a_rate_dated_by_the_due_date_never_changes() -> None:
    by_due = book(rate=CHEAPER_IN_MARCH, dated_by="due")
    assert the_fee("2026-03-31", under=by_due).exact == 75 * Fraction("79.6125")
    assert the_fee("2026-03-31", due="2026-03-02", under=by_due).exact == 29 * Fraction("47.7675")


def test_cap_grace_and_rounding_are_those_of_the_due_date_as_written() -> None:
    lower = changing(d2021_01_01=Cap(Fraction(1, 20)), d2026_01_18=Cap(Fraction(1, 100)))
    assert the_fee("2026-12-31", due="2026-01-17", under=book(cap=lower)).assessed == 7961
    assert the_fee("2026-12-31", due="2026-01-18", under=book(cap=lower)).assessed == 1592
    floor = changing(d2021_01_01="half_up", d2026_01_16="floor")
    assert the_fee("2026-01-16", "10.00", under=book(rounding=floor)).assessed == 1
    assert the_fee("2026-01-19", "10.00", due="2026-01-16", under=book(rounding=floor)).exact == Fraction(3, 2)
    assert the_fee("2026-01-19", "10.00", due="2026-01-16", under=book(rounding=floor)).assessed == 1
    grace = changing(d2021_01_01=0, d2026_01_16=10)
    assert the_fee("2026-01-20", under=book(grace=grace)).why == ""
    assert the_fee("2026-01-20", due="2026-01-16", under=book(grace=grace)).why == "grace"


@pytest.mark.parametrize(
    "late",
    [
        {"rate": changing(d2026_01_17=HALF_PER_MILLE)},
        {"rate": changing(d2026_01_16=HALF_PER_MILLE), "dated_by": "due"},
        {"cap": changing(d2026_01_16=None)},
        {"grace": changing(d2026_01_16=0)},
        {"rounding": changing(d2026_01_16="half_up")},
    ],
    ids=["rate of the day", "rate of the due date", "cap", "grace", "rounding"],
)
def test_before_the_first_terms_the_fee_is_undetermined_as_soon_as_a_day_would_accrue(late: dict[str, Any]) -> None:
    assert the_fee("2026-01-15", under=book(**late)).why == "not_due"
    fee = the_fee("2026-01-16", under=book(**late))
    assert (fee.assessed, fee.outstanding, fee.to_book, fee.why) == (None, None, None, "no_rate_before")
    assert the_fee("2026-06-30", payments=[paid("2026-01-15", "1592.25")], under=book(**late)).assessed == 0
    resting = [Hold(id="H", kind="both", since=day("2026-01-16"))]
    assert the_fee("2026-06-30", holds=resting, under=book(**late)).assessed == 0


def test_terms_that_begin_on_the_due_date_or_the_first_day_of_accrual_are_in_time() -> None:
    assert the_fee("2026-01-16", under=book(rate=changing(d2026_01_16=HALF_PER_MILLE))).assessed == 80
    assert the_fee("2026-01-16", under=book(cap=changing(d2026_01_15=None))).assessed == 80
    by_due = book(rate=changing(d2026_01_15=HALF_PER_MILLE), dated_by="due")
    assert the_fee("2026-01-16", under=by_due).assessed == 80


def test_days_before_the_first_rate_do_not_matter_when_nothing_accrues_on_them() -> None:
    from_march = book(rate=changing(d2026_03_01=HALF_PER_MILLE))
    until_then = [Hold(id="H", kind="accrual", since=day("2026-01-16"), until=day("2026-02-28"))]
    assert days_of(the_fee("2026-03-31", holds=until_then, under=from_march)) == 31
    one_day_open = [Hold(id="H", kind="accrual", since=day("2026-01-16"), until=day("2026-02-27"))]
    assert the_fee("2026-03-31", holds=one_day_open, under=from_march).assessed is None


@pytest.mark.parametrize(
    ("clause", "assessed", "why"), [(True, 80, ""), (False, 0, "no_clause"), (None, None, "clause_unknown")]
)
def test_the_contract_must_have_the_clause(clause: bool | None, assessed: int | None, why: str) -> None:
    fee = the_fee("2026-01-16", contract=Contract(id="K1", late_fee_clause=clause))
    assert (fee.assessed, fee.outstanding, fee.why) == (assessed, assessed, why)


def test_without_a_contract_the_fee_is_undetermined_only_where_there_would_be_one() -> None:
    assert the_fee("2026-01-16", contract=None).why == "clause_unknown"
    assert the_fee("2026-01-15", contract=None) == the_fee("2026-01-15")
    in_time = the_fee("2026-06-30", contract=None, payments=[paid("2026-01-15", "1592.25")])
    assert (in_time.assessed, in_time.why) == (0, "")


def test_the_contract_in_force_on_the_due_date_as_written_decides() -> None:
    until_16th = Contract(id="K1", since=day("2026-01-01"), until=day("2026-01-16"), late_fee_clause=True)
    from_17th = Contract(id="K2", since=day("2026-01-17"), late_fee_clause=False)
    account = household(
        charge("2026-01-16", name="a"), charge("2026-01-17", name="b"), charge("2025-12-31", name="c"), contract=None
    )
    account = type(account)(id="A", charges=account.charges, contracts=(until_16th, from_17th))
    found = {state.charge.id: state.contract for state in replay(account, book(), day("2026-03-01")).charges}
    assert found == {"a": until_16th, "b": from_17th, "c": None}


def test_the_lower_of_book_and_contract_holds_for_rate_and_cap() -> None:
    def agreed(rate: Fraction | None, cap: Fraction | None) -> Contract:
        return Contract(id="K1", late_fee_clause=True, late_fee_rate=rate, late_fee_cap=cap)

    lower = agreed(Fraction(1, 10_000), Fraction(1, 100))
    assert the_fee("2026-01-16", contract=lower).exact == Fraction("15.9225")
    assert the_fee("2027-12-31", contract=lower).assessed == 1592
    higher = agreed(Fraction(1, 1000), Fraction(1, 10))
    assert the_fee("2026-01-16", contract=higher).exact == Fraction("79.6125")
    assert the_fee("2027-12-31", contract=higher).assessed == 7961
    assert the_fee("2027-12-31", contract=agreed(None, Fraction(1, 100)), under=book(cap=None)).assessed == 1592
    overdue = book(cap=Cap(Fraction(1, 20), "overdue"))
    half_paid = [paid("2026-01-15", "800", "Q1")]
    narrowed = the_fee("2027-12-31", contract=lower, payments=half_paid, under=overdue)
    assert narrowed.assessed == 792  # 1% of 792.25


def test_a_contract_rate_narrows_each_step_of_a_dated_rate() -> None:
    contract = Contract(id="K1", late_fee_clause=True, late_fee_rate=Fraction(4, 10_000))
    rates = [each.rate for each in the_fee("2026-03-31", contract=contract, under=book(rate=CHEAPER_IN_MARCH)).segments]
    assert rates == [Fraction(4, 10_000), Fraction(3, 10_000)]
    contract = Contract(id="K1", late_fee_clause=True, late_fee_rate=Fraction(1, 10_000))
    (only,) = the_fee("2026-03-31", contract=contract, under=book(rate=CHEAPER_IN_MARCH)).segments
    assert (only.rate, only.days) == (Fraction(1, 10_000), 75)


def test_items_the_rules_do_not_list_bear_no_fee_nor_do_opening_balances_go_on_accruing() -> None:
    parking, old = ledger("2026-06-30", charge("2026-01-15", item="parking"), opening("2026-01-01")).charges[::-1]
    assert (parking.fee.assessed, parking.fee.why, parking.terms) == (0, "item_bears_none", None)
    assert (old.fee.assessed, old.fee.why, old.due) == (0, "opening", None)


# The arithmetic alone


def schedule(*steps: tuple[int, int], bottom: int = 100, **said: Any) -> Schedule:
    plain = {"grace": 0, "first": 1, "half_up": True, "cap_top": 0, "cap_bottom": 0, "cap_of_overdue": False}
    return Schedule(steps=steps, bottom=bottom, **{**plain, **said})


@pytest.mark.parametrize(
    ("runs", "first", "last", "total"),
    [
        (((0, 50),), 11, 20, 500),
        (((0, 50),), 11, 11, 50),
        (((0, 50),), 11, 10, 0),
        (((0, 50), (15, 30)), 11, 20, 4 * 50 + 6 * 30),
        (((0, 50), (11, 30)), 11, 20, 300),
        (((0, 50), (5, 30)), 11, 20, 300),
        (((0, 50), (20, 30)), 11, 20, 9 * 50 + 30),
        (((0, 50), (21, 30)), 11, 20, 500),
        (((0, 50), (14, 30), (16, 0)), 11, 20, 3 * 50 + 2 * 30),
        (((0, 50), (5, 40), (8, 30), (15, 10)), 11, 20, 4 * 30 + 6 * 10),
    ],
)
def test_exact_sum_is_fen_days_times_the_rate(runs: Any, first: int, last: int, total: int) -> None:
    assert exact_sum(runs, schedule((1, 3)), (), first, last) == total * 3
    # The general way round gives the same: a second step far off, a rest far off.
    assert exact_sum(runs, schedule((1, 3), (900, 5)), (), first, last) == total * 3
    assert exact_sum(runs, schedule((1, 3)), ((900, 901),), first, last) == total * 3


def test_exact_sum_knows_no_rate_before_the_first() -> None:
    late = schedule((13, 3))
    assert exact_sum(((0, 50),), late, (), 11, 20) is None
    assert exact_sum(((0, 50),), late, (), 12, 12) is None
    assert exact_sum(((0, 50),), late, (), 13, 20) == 8 * 50 * 3
    assert exact_sum(((0, 0), (13, 50)), late, (), 11, 20) == 8 * 50 * 3
    assert exact_sum(((0, 50),), late, ((11, 12),), 11, 20) == 8 * 50 * 3
    assert exact_sum(((0, 50),), late, ((11, 11),), 11, 20) is None
    assert exact_sum(((0, 50), (12, 0)), late, ((11, 11),), 11, 20) == 0


def test_stretches_are_cut_where_balance_rate_or_rest_cuts_them() -> None:
    runs = ((0, 50), (15, 30), (19, 0))
    steps = ((1, 3), (17, 5))
    assert list(stretches(runs, steps, ((12, 13),), 11, 20)) == [
        (11, 11, 50, 3),
        (14, 14, 50, 3),
        (15, 16, 30, 3),
        (17, 18, 30, 5),
    ]
    assert list(stretches(runs, steps, ((1, 11), (16, 17), (30, 40)), 11, 20)) == [
        (12, 14, 50, 3),
        (15, 15, 30, 3),
        (18, 18, 30, 5),
    ]
    assert list(stretches(runs, steps, ((1, 40),), 11, 20)) == []
    assert list(stretches(((0, 9),), ((1, 3), (12, 5), (14, 7)), (), 11, 15)) == [
        (11, 11, 9, 3),
        (12, 13, 9, 5),
        (14, 15, 9, 7),
    ]
    assert list(stretches(((0, 9),), ((16, 3),), (), 11, 15)) == []


def test_owes_asks_for_a_day_with_a_balance_that_does_not_rest() -> None:
    assert owes(((0, 5),), (), 11, 11)
    assert not owes(((0, 5),), (), 11, 10)
    assert not owes(((0, 5), (11, 0)), (), 11, 20)
    assert not owes(((0, 5),), ((11, 20),), 11, 20)
    assert owes(((0, 5),), ((12, 20),), 11, 20)
    assert owes(((0, 5),), ((11, 19),), 11, 20)


def test_merged_joins_what_touches_and_drops_what_is_empty() -> None:
    assert merged([]) == ()
    assert merged([(5, 4)]) == ()
    assert merged([(5, 5), (5, 4)]) == ((5, 5),)
    assert merged([(8, 9), (1, 3)]) == ((1, 3), (8, 9))
    assert merged([(1, 3), (4, 5)]) == ((1, 5),)
    assert merged([(1, 3), (5, 6)]) == ((1, 3), (5, 6))
    assert merged([(1, 9), (2, 3)]) == ((1, 9),)
    assert merged([(1, 3), (2, 9)]) == ((1, 9),)


def test_a_schedule_rounds_once_and_takes_the_floor_of_its_cap() -> None:
    half_up, floor = schedule((1, 1)), schedule((1, 1), half_up=False)
    assert [half_up.rounded(total) for total in (0, 49, 50, 149, 150)] == [0, 0, 1, 1, 2]
    assert [floor.rounded(total) for total in (0, 99, 100, 199)] == [0, 0, 1, 1]
    odd = schedule((1, 1), bottom=3)
    assert [odd.rounded(total) for total in (1, 2, 4, 5)] == [0, 1, 1, 2]
    assert schedule((1, 1)).limit(999) is None
    assert schedule((1, 1), cap_top=1, cap_bottom=20).limit(39) == 1
    assert schedule((1, 1), cap_top=1, cap_bottom=20).limit(40) == 2


def test_the_rate_of_a_day_is_that_of_the_last_step_begun() -> None:
    stepped = schedule((10, 3), (20, 5))
    assert [stepped.rate_on(number) for number in (9, 10, 19, 20, 99)] == [None, 3, 3, 5, 5]


def test_rates_of_different_bottoms_come_over_one() -> None:
    clause = Clause(
        terms(rate=changing(d2026_01_01=Fraction(1, 6), d2026_02_01=Fraction(1, 4), d2026_03_01=Fraction(2, 8)))
    )
    made = clause.on(day("2026-01-15").toordinal(), None)
    assert made is not None
    assert (made.bottom, [top for _, top in made.steps]) == (12, [2, 3])


def test_a_clause_makes_a_schedule_once_for_terms_that_are_the_same() -> None:
    clause = Clause(terms(rate=CHEAPER_IN_MARCH))
    january, february, march = (day(f"2026-0{month}-15").toordinal() for month in (1, 2, 3))
    assert clause.on(january, None) is clause.on(february, AGREED)
    assert clause.on(january, None) is not clause.on(march, None)
    cheap = Contract(id="K2", late_fee_clause=True, late_fee_rate=Fraction(1, 10_000))
    capped = Contract(id="K3", late_fee_clause=True, late_fee_cap=Fraction(1, 10_000))
    assert len({id(clause.on(january, each)) for each in (AGREED, cheap, capped)}) == 3


# What peers got wrong (docs/design peers, section 4)


def test_tryton_an_owner_owing_1200_who_paid_900_owes_5_percent_of_300() -> None:
    overdue = book(cap=Cap(Fraction(1, 20), "overdue"))
    state = the_charge("2026-12-31", "1200.00", payments=[paid("2026-01-10", "900", "Q1")], under=overdue)
    assert (state.unpaid, state.fee.assessed) == (30_000, 1500)


def test_microcommunity_24_unpaid_months_at_3_per_mille_stop_at_the_cap() -> None:
    dues = [f"{year}-{month:02d}-15" for year in (2025, 2026) for month in range(1, 13)]
    states = ledger("2027-01-01", *(charge(due, "100.00") for due in dues), under=book(rate=Fraction(3, 1000))).charges
    old, new = states[:-1], states[-1]
    assert {(state.fee.assessed, state.fee.capped) for state in old} == {(500, True)}
    assert (days_of(new.fee), new.fee.assessed) == (17, 500)  # 5.10 by then, capped at 5.00
    assert sum(state.fee.assessed or 0 for state in states) == 12_000


@pytest.mark.parametrize(("policy", "waived", "outstanding"), [("keep", 0, 80), ("waive", 80, 0)])
def test_erpnext_58220_a_fee_left_after_the_principal_is_kept_or_waived_as_the_rules_say(
    policy: str, waived: int, outstanding: int
) -> None:
    fee = the_fee("2026-06-30", payments=[paid("2026-01-16", "1592.25")], under=book(after_principal=policy))
    assert (fee.assessed, fee.waived, fee.outstanding, fee.to_book) == (80, waived, outstanding, 80 - waived)


def test_oca_330_after_a_part_payment_only_the_residual_accrues() -> None:
    fee = the_fee("2026-01-26", "1000.00", payments=[paid("2026-01-16", "999.99")])
    assert [(each.principal, each.days) for each in fee.segments] == [(100_000, 1), (1, 10)]


def test_buildium_due_on_the_first_with_three_days_of_grace_is_late_on_the_fifth() -> None:
    as_written = book(grace=3, rest_day_due="as_written", after_grace="from_grace_end")
    first = {"due": "2026-02-01", "under": as_written}
    assert [days_of(the_fee(f"2026-02-0{number}", **first)) for number in (4, 5, 6)] == [0, 1, 2]


# What is false, and so not claimed


def test_a_fee_of_zero_does_not_mean_never_late() -> None:
    fee = the_fee("2026-06-30", "0.01", payments=[paid("2026-06-01", "0.01")])
    assert (fee.assessed, days_of(fee)) == (0, 137)


def test_half_up_may_add_a_fen_when_a_charge_is_split_and_floor_never_does() -> None:
    halves = (charge("2026-01-15", "10.00", name="a"), charge("2026-01-15", "10.00", name="b"))
    assert [state.fee.assessed for state in ledger("2026-01-16", *halves).charges] == [1, 1]
    assert the_fee("2026-01-16", "20.00").assessed == 1
    assert [state.fee.assessed for state in ledger("2026-01-16", *halves, under=book(rounding="floor")).charges] == [
        0,
        0,
    ]


def test_rounding_each_segment_would_add_a_fen_where_rounding_once_does_not() -> None:
    fee = the_fee("2026-03-22", "0.31", due="2026-01-15", under=book(cap=None))
    assert (days_of(fee), fee.exact, fee.assessed) == (66, Fraction("1.023"), 1)
    at_33 = 33 * 31 * HALF_PER_MILLE
    assert rounded(at_33, "half_up") + rounded(at_33, "half_up") == 2  # 0.5115 fen twice


def test_leap_days_count() -> None:
    leap = the_fee("2028-03-01", due="2028-02-28", under=book(rest_day_due="as_written"))
    assert days_of(leap) == 2
