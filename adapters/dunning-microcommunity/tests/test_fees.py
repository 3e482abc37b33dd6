"""Fen that add up: months parted by the largest remainder, whatever four decimals they have."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from dunning_microcommunity.due import DuePolicy, Period, cycle_of, later
from dunning_microcommunity.fees import Sheet, fee_sheets, shares
from dunning_microcommunity.rows import Arrears, Fee, Month

FEE = Fee("E1", "3333", datetime(2026, 1, 1), "2008001", "K1", "1200", "1")  # noqa: DTZ001  # as its database has it
POLICY = DuePolicy.read("prepaid:start+15")
AMOUNTS = st.integers(1, 9_999_999).map(lambda number: Decimal(number).scaleb(-4))


def month(number: int, amount: Decimal) -> Month:
    begins = datetime.combine(later(date(2026, 1, 1), number), datetime.min.time())
    nothing = Decimal(0)
    return Month(
        f"Y{number:02d}", "E1", "R1", "M1", "", "W", amount, nothing, nothing, begins, None, None, "888800010001", FEE
    )


def sheet_of(amounts: list[Decimal], snapshot: Decimal) -> Sheet:
    arrears = Arrears("W1", "E1", snapshot, datetime(2030, 1, 1), None)  # noqa: DTZ001
    months = [month(number, amount) for number, amount in enumerate(amounts)]
    sheets = fee_sheets(months, [], arrears, owner_of=lambda _: "M1", policy=POLICY, as_of=date(2026, 11, 22))
    return sheets["M1"]


@given(st.lists(AMOUNTS, min_size=1, max_size=12), st.integers(-2, 14))
def test_months_add_up_to_the_snapshot_or_the_difference_is_told(amounts: list[Decimal], above: int) -> None:
    """No month moves by a fen or more, and where the sum is another than the snapshot's, or was rounded, it is said."""
    low = sum((amount.quantize(Decimal("0.01"), "ROUND_FLOOR") for amount in amounts), Decimal(0))
    snapshot = max(Decimal(0), low + Decimal(above).scaleb(-2))
    sheet = sheet_of(amounts, snapshot)
    charged = [charge["amount"] for charge in sheet.charges]
    codes = {found.code for found in sheet.doubts}
    assert all(abs(after - before) < Decimal("0.01") for after, before in zip(charged, amounts, strict=True))
    assert ("P604" in codes) == any(amount % Decimal("0.01") for amount in amounts)
    assert (sum(charged) == snapshot) or "P603" in codes
    if "P603" in codes:
        assert abs(sum(charged) - sum(amounts)) <= Decimal("0.005")


@given(st.lists(st.integers(0, 10**7), max_size=20), st.integers(0, 20))
def test_shares_add_up(parts: list[int], more: int) -> None:
    exact = [Decimal(part).scaleb(-3) for part in parts]
    whole = sum(int(part) for part in exact) + min(more, sum(part % 1 > 0 for part in exact))
    found = shares(exact, whole)
    assert sum(found) == whole
    assert all(abs(one - part) < 1 for one, part in zip(found, exact, strict=True))


@given(st.dates(date(2020, 1, 1), date(2020, 12, 31)), st.integers(0, 60), st.integers(1, 12))
def test_every_month_lies_in_the_period_it_is_paid_with(built: date, passed: int, months: int) -> None:
    since = later(built, passed)
    period = cycle_of(Period(since, since), built, months)
    assert period.since <= since <= period.until
    assert any(later(built, months * number) == period.since for number in range(passed // months + 1))
