"""The late fee of one charge, over all balances, rates, rests and days."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dunning.engine.owed.fees import Clause, Rests, Runs, Schedule, exact_sum, merged, owes, stretches
from dunning.model.rulebook import LateFee
from dunning.testing.strategies import FIRST, terms

DAYS = st.integers(0, 60)
SPANS = st.lists(st.tuples(DAYS, st.integers(-1, 12)).map(lambda span: (span[0], span[0] + span[1])), max_size=4)


@st.composite
def balances(draw: st.DrawFn) -> Runs:
    """A balance that only falls, as principal does."""
    days = sorted(draw(st.sets(st.integers(1, 60), max_size=4)))
    fen = sorted(draw(st.lists(st.integers(0, 500), min_size=len(days) + 1, max_size=len(days) + 1)), reverse=True)
    return tuple(zip((0, *days), fen, strict=True))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    days = sorted(draw(st.sets(DAYS, min_size=1, max_size=3)))
    return Schedule(
        steps=tuple((day, draw(st.integers(0, 40))) for day in days),
        bottom=draw(st.integers(1, 50)),
        grace=0,
        first=1,
        half_up=draw(st.booleans()),
        cap_top=draw(st.integers(0, 20)),
        cap_bottom=draw(st.integers(0, 20)),
        cap_of_overdue=False,
    )


def balance_on(runs: Runs, day: int) -> int:
    return [fen for since, fen in runs if since <= day][-1]


def by_day(runs: Runs, schedule: Schedule, rests: Rests, first: int, last: int) -> int | None:
    """The exact sum once more, a day at a time."""
    total = 0
    for day in range(first, last + 1):
        fen = balance_on(runs, day)
        if not fen or any(since <= day <= until for since, until in rests):
            continue
        rates = [top for since, top in schedule.steps if since <= day]
        if not rates:
            return None
        total += fen * rates[-1]
    return total


@given(balances(), schedules(), SPANS.map(merged), DAYS, DAYS)
def test_the_closed_form_is_the_sum_over_days(
    runs: Runs, schedule: Schedule, rests: Rests, first: int, last: int
) -> None:
    """Fen-days times the rate come to what adding up day by day comes to."""
    assert exact_sum(runs, schedule, rests, first, last) == by_day(runs, schedule, rests, first, last)
    assert owes(runs, rests, first, last) == any(
        balance_on(runs, day) and not any(since <= day <= until for since, until in rests)
        for day in range(first, last + 1)
    )


@given(balances(), schedules(), SPANS.map(merged), st.tuples(DAYS, DAYS, DAYS).map(sorted))
def test_the_sums_over_two_stretches_add_up_to_the_sum_over_both(
    runs: Runs, schedule: Schedule, rests: Rests, days: list[int]
) -> None:
    """The exact sum over [a, b) and over [b, c) adds up to that over [a, c)."""
    a, b, c = days
    before, after = (exact_sum(runs, schedule, rests, *part) for part in ((a, b - 1), (b, c - 1)))
    both = exact_sum(runs, schedule, rests, a, c - 1)
    assert both == (None if before is None or after is None else before + after)


@given(balances(), schedules(), SPANS.map(merged), DAYS, DAYS)
def test_stretches_lie_apart_and_each_is_one_balance_at_one_rate(
    runs: Runs, schedule: Schedule, rests: Rests, first: int, last: int
) -> None:
    """No day is counted twice, none that rests is counted at all."""
    days: list[int] = []
    for since, until, fen, top in stretches(runs, schedule.steps, rests, first, last):
        assert first <= since <= until <= last
        for day in range(since, until + 1):
            assert fen == balance_on(runs, day) > 0
            assert schedule.rate_on(day) == top
            assert not any(begin <= day <= end for begin, end in rests)
            days.append(day)
    assert days == sorted(set(days))


@given(SPANS)
def test_merged_stretches_hold_the_same_days_and_lie_apart(spans: list[tuple[int, int]]) -> None:
    """Days that do not count are counted as such once, however many holds and plans they lie in."""
    joined = merged(spans)
    assert {day for a, b in joined for day in range(a, b + 1)} == {day for a, b in spans for day in range(a, b + 1)}
    assert all(a <= b for a, b in joined)
    assert all(one[1] + 1 < two[0] for one, two in pairwise(joined))


@given(schedules(), st.integers(0, 10**6), st.integers(0, 10**6))
def test_rounding_once_is_within_half_a_fen_and_never_turns_an_order_round(
    schedule: Schedule, one: int, two: int
) -> None:
    """Half-up is off by at most half a fen, floor by less than one downwards, and a larger sum never rounds lower."""
    off = schedule.rounded(one) - Fraction(one, schedule.bottom)
    assert -Fraction(1, 2) < off <= Fraction(1, 2) if schedule.half_up else -1 < off <= 0
    assert (schedule.rounded(one) <= schedule.rounded(two)) or one > two


@given(schedules(), st.integers(0, 10**6))
def test_a_cap_is_the_floor_of_its_share(schedule: Schedule, base: int) -> None:
    """floor(C) is at most C, and less than a fen below it."""
    limit = schedule.limit(base)
    if schedule.cap_bottom:
        assert limit is not None
        assert 0 <= Fraction(base * schedule.cap_top, schedule.cap_bottom) - limit < 1
    else:
        assert limit is None


@given(terms(), st.integers(0, 90))
def test_a_schedule_is_the_terms_of_its_due_date_in_whole_numbers(said: LateFee, number: int) -> None:
    """Rates, cap, grace and rounding come out as they went in, or not at all where one begins only later."""
    due = FIRST.fromordinal(FIRST.toordinal() + number)
    made = Clause(said).on(due.toordinal(), None)
    fixed = (said.cap, said.grace, said.rounding) + ((said.rate,) if said.dated_by == "due" else ())
    if any(due < values.steps[0][0] for values in fixed):
        assert made is None
        return
    assert made is not None
    cap = said.cap.on(due)
    assert (made.grace, made.half_up) == (said.grace.on(due), said.rounding.on(due) == "half_up")
    assert made.limit(10**9) == (None if cap is None else cap.share * 10**9 // 1)
    for day in (due, *(day for day, _ in said.rate.steps)):
        rate = said.rate.on(due if said.dated_by == "due" else day)
        top = made.rate_on(day.toordinal())
        assert rate == (None if top is None else Fraction(top, made.bottom))
