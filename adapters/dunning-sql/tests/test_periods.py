"""Periods in one column: as systems write them, and never another than is meant."""

from __future__ import annotations

import calendar
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_convert import mapped, read

from dunning_sql import read_mapping
from dunning_sql.convert import Shape, UnfitError
from dunning_sql.periods import period_of

JANUARY = [date(2026, 1, 1), date(2026, 1, 31)]
SPRING = [date(2026, 1, 1), date(2026, 3, 31)]


@pytest.mark.parametrize(
    "text",
    [
        "2026-01", "2026-1", "2026/01", "2026.01", "202601", "2026年1月", "2026年01月份", "２０２６年１月",
        " 2026 年 1 月 ",        "2026-01-01~2026-01-31", "20260101-20260131", "2026年1月1日至2026年1月31日",
    ],
)  # fmt: skip
def test_a_month(text: str) -> None:
    assert read("period", "a", text, section="charges") == JANUARY


@pytest.mark.parametrize(
    "text",
    [
        "2026-Q1", "2026Q1", "2026q1", "2026年1季度", "2026年第一季度", "2026年第1季", "2026-01~2026-03",
        "202601-202603",        "2026年1-3月", "2026年1月-3月", "2026年1月至3月", "2026.01-2026.03",
        "2026-01-2026-03", "2026-01-01 - 2026-03-31",
    ],
)  # fmt: skip
def test_a_quarter(text: str) -> None:
    assert read("period", "a", text, section="charges") == SPRING


def test_half_a_year_and_a_year() -> None:
    assert period_of("2026上半年") == period_of("2026-H1") == (date(2026, 1, 1), date(2026, 6, 30))
    assert period_of("2026年下半年") == period_of("2026H2") == (date(2026, 7, 1), date(2026, 12, 31))
    assert period_of("2026") == period_of("2026年度") == (date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "2026-13", "2026-00", "202613", "26-01", "20261", "2026.1", "2026-Q5", "2026-01-02", "20260115",
        "2026-03~2026-01",        "1月", "-", "2026年1月物业费", "2026-02-30~2026-03-31", "0000-00", "999901",
        "2026-01~2026-02~2026-03",
    ],
)  # fmt: skip
def test_what_tells_no_period_or_might_tell_another(text: str) -> None:
    with pytest.raises(UnfitError, match="P306"):
        read("period", "a", text, section="charges")


def test_numbers_tell_a_month_only_as_whole_ones() -> None:
    assert read("period", "a", 202601, section="charges") == JANUARY
    assert read("period", "a", Decimal("202601.00"), section="charges") == JANUARY
    for cell in (Decimal("2026.10"), 2026.1):
        with pytest.raises(UnfitError, match="P306"):
            read("period", "a", cell, section="charges")


def test_of_a_day_it_is_said_how_long_its_period_is() -> None:
    for cell in (date(2026, 1, 1), datetime(2026, 1, 15, 23, 30), "2026-01-15"):  # noqa: DTZ001  # as drivers give it
        assert read("period", "{column: a, unit: month}", cell, section="charges") == JANUARY
        assert read("period", "{column: a, unit: quarter}", cell, section="charges") == SPRING
    with pytest.raises(UnfitError, match="P306") as told:
        read("period", "a", date(2026, 1, 1), section="charges")
    assert told.value.fix == "unit: month"
    assert read("period", "{column: a, unit: month}", date(1000, 1, 1), section="charges") is None


def test_a_format_and_a_map_and_a_constant() -> None:
    assert read("period", '{column: a, format: "%m/%Y"}', "01/2026", section="charges") == JANUARY
    assert read("period", '{column: a, format: "%m%Y"}', 12026, section="charges") == JANUARY
    assert read("period", '{column: a, map: {"1": 2026-01, "2": 2026-Q1}}', 2, section="charges") == SPRING
    assert read("period", "{value: 2026-Q1}", section="charges") == SPRING
    assert read("period", "{column: a, empty: 2026-01}", None, section="charges") == JANUARY
    assert read("period", "a", None, section="charges") is None


def test_the_column_of_a_period_is_named_for_either_of_its_days() -> None:
    _, mapping = mapped("period", "fee_month", section="charges")
    shape = Shape(mapping.sections["charges"], mapping)
    assert {shape.column(("charges", 0, "period", end)) for end in (0, 1)} <= {"fee_month", ""}
    assert {shape.column(("period", end)) for end in (0, 1)} == {"fee_month"}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("{column: a, unit: week}", "P108"),
        ("{value: soon}", "P104"),
        ("{column: a, map: {x: soon}}", "P104"),
        ("a\n    period.since: b", "P107"),
    ],
)
def test_what_a_mapping_cannot_say_of_a_period(written: str, code: str) -> None:
    text = f"""mapping: test
accounts:
  table: t
  fields: {{id: id}}
charges:
  table: c
  account: id
  fields:
    id: id
    amount: amount
    due: due
    period: {written}
"""
    _, findings = read_mapping(text, "m.yaml")
    assert [one.code for one in findings if one.code != "P120"] == [code]


@given(st.integers(1900, 2199), st.integers(1, 12))
def test_every_month_in_every_spelling_is_its_first_and_its_last_day(year: int, month: int) -> None:
    days = (date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
    for text in (
        f"{year}-{month:02}",
        f"{year}-{month}",
        f"{year}{month:02}",
        f"{year}年{month}月",
        f"{year}.{month:02}",
    ):
        assert period_of(text) == days
    assert period_of(f"{days[0]}~{days[1]}") == days


@given(st.text(alphabet="0129-/.年月Q季度至~ ", max_size=14))
def test_whatever_is_read_begins_with_a_first_and_ends_no_earlier(text: str) -> None:
    found = period_of(text)
    assert found is None or found[0] <= found[1]
