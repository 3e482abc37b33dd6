"""Cells as drivers give them, and what becomes of them: never a guess, never a float, and never another day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning_sql import SqlMapping, read_file, read_mapping
from dunning_sql.convert import UnfitError, converter, plain

at = datetime.fromisoformat  # a time without a zone, as most drivers give it


def mapped(field: str, written: str, *, section: str = "accounts", head: str = "") -> tuple[Any, SqlMapping]:
    """The conversion of one field, as a mapping writes it."""
    own = {"accounts": {"id": "id"}, "charges": {"id": "id", "amount": "amount", "due": "due"}}
    own[section][field] = written
    fields = {name: "".join(f"\n    {key}: {value}" for key, value in values.items()) for name, values in own.items()}
    text = f"mapping: test\n{head}accounts:\n  table: t\n  fields:{fields['accounts']}\n"
    text += f"charges:\n  table: c\n  account: id\n  fields:{fields['charges']}\n"
    found, findings = read_mapping(text, "m.yaml")
    assert found is not None, [one.message("en") for one in findings]
    value = found.sections[section].value(field)
    assert value is not None
    return converter(value, found), found


def read(field: str, written: str, *cells: object, section: str = "accounts", head: str = "") -> Any:
    return mapped(field, written, section=section, head=head)[0](cells)


@pytest.mark.parametrize(
    ("written", "cell", "amount"),
    [
        ("a", Decimal("1592.2500"), Decimal("1592.25")),
        ("a", "1,592.25", Decimal("1592.25")),
        ("a", 0.29, Decimal("0.29")),
        ("a", 300, 300),
        ("{column: a, unit: yuan}", 300, 300),
        ("{column: a, unit: fen}", 159225, Decimal("1592.25")),
        ("{column: a, unit: fen}", Decimal("29.0"), Decimal("0.29")),
        ("{column: a, empty: 0}", None, "0"),
    ],
)
def test_amounts(written: str, cell: object, amount: object) -> None:
    assert read("amount", written, cell, section="charges") == amount


@pytest.mark.parametrize("cell", ["see note", "12.5 元", float("nan"), Decimal("Infinity")])
def test_what_is_no_amount_is_told(cell: object) -> None:
    with pytest.raises(UnfitError, match="P302"):
        read("amount", "a", cell, section="charges")


@pytest.mark.parametrize(
    ("written", "cell", "day"),
    [
        ("d", date(2026, 1, 15), date(2026, 1, 15)),
        ("d", at("2026-01-15 23:59:59"), date(2026, 1, 15)),
        ("d", datetime(2026, 1, 14, 16, tzinfo=UTC), date(2026, 1, 15)),
        ("d", "2026-01-15 00:00:00", date(2026, 1, 15)),
        ("{column: d, zone: UTC}", at("2026-01-14 16:00"), date(2026, 1, 15)),
        ('{column: d, format: "%Y%m%d"}', "20260115", date(2026, 1, 15)),
        ('{column: d, format: "%Y%m%d"}', 20260115, date(2026, 1, 15)),
        ("{column: d, unit: seconds}", 1768406400, date(2026, 1, 15)),
        ("{column: d, unit: milliseconds}", 1768406399000, date(2026, 1, 14)),
        ("{column: d, unit: milliseconds}", 0, None),
        ("d", "0000-00-00", None),
        ("d", "0000-00-00 00:00:00", None),
        ("d", date(1000, 1, 1), None),
        ("d", at("1000-01-01"), None),
        ("d", "  ", None),
    ],
)
def test_days(written: str, cell: object, day: date | None) -> None:
    assert read("due", written, cell, section="charges") == day


def test_dates_that_mean_nothing_may_be_named() -> None:
    head = "no_date: [1900-01-01, 9999-12-31]\n"
    assert read("debtor.until", "d", date(9999, 12, 31), head=head) is None
    assert read("debtor.until", "d", date(1000, 1, 1), head=head) == date(1000, 1, 1)


@pytest.mark.parametrize("cell", ["15.01.2026", 20260115, "soon", [date.min]])
def test_what_is_no_day_is_told(cell: object) -> None:
    with pytest.raises(UnfitError, match="P303"):
        read("due", "d", cell, section="charges")


@pytest.mark.parametrize(
    ("written", "cell", "word"),
    [
        ("u", "residential", "residential"),
        ("u", "住宅 ", "residential"),
        ("{column: u, map: {1: 住宅, 2: commercial}}", 1, "residential"),
        ("{column: u, map: {1: residential}, else: other}", 7, "other"),
        ("{column: u, map: {1: residential}, else: null}", 7, None),
        ("{column: u, map: {1: residential}, empty: other}", "", "other"),
        ("{column: u, map: {1: residential}}", Decimal("1.00"), "residential"),
        ("{column: u, map: {1: residential}}", b"\x01", "residential"),
        ("{column: u, map: {1: residential}}", True, "residential"),
        ("{columns: [u, v], join: _, map: {a_1: office}}", ("a", 1), "office"),
        ("{value: 车位}", (), "parking"),
    ],
)
def test_words(written: str, cell: object, word: str | None) -> None:
    cells = cell if isinstance(cell, tuple) else (cell,)
    assert read("use", written, *cells) == word


def test_a_word_nobody_named_is_told_with_the_line_that_would_name_it() -> None:
    with pytest.raises(UnfitError) as caught:
        read("use", "{column: u, map: {1: residential}}", "9")
    assert (caught.value.code, caught.value.fix) == ("P301", 'use: {column: u, map: {"9": ..., 1: residential}}')
    with pytest.raises(UnfitError) as caught:
        read("use", "u", "villa")
    assert caught.value.fix == 'use: {column: u, map: {"villa": ...}}'


@pytest.mark.parametrize(
    ("cell", "truth"),
    [(1, True), (0, False), (b"\x00", False), (True, True), ("Y", True), ("否", False), ("T", True), (None, None)],
)
def test_truths(cell: object, truth: bool | None) -> None:
    assert read("contract.late_fee_clause", "c", cell) is truth


@pytest.mark.parametrize(
    ("written", "cell", "rate"),
    [
        ("r", Decimal("0.0005"), Decimal("0.0005")),
        ("{column: r, unit: permille}", Decimal("0.5"), "0.5‰"),
        ("{column: r, unit: percent}", 0.05, "0.05%"),
        ("{column: r, unit: ten_thousandth}", 5, "万分之5"),
    ],
)
def test_rates(written: str, cell: object, rate: object) -> None:
    assert read("contract.late_fee_rate", written, cell) == rate


@pytest.mark.parametrize(
    ("written", "cell", "tags"),
    [
        ('{column: t, split: ","}', "vip, slow,", ["vip", "slow"]),
        ("t", "vip", ["vip"]),
        ("{value: vip}", None, ["vip"]),
    ],
)
def test_lists_in_one_cell(written: str, cell: object, tags: list[str]) -> None:
    assert read("debtor.tags", written, *([] if cell is None else [cell])) == tags


@pytest.mark.parametrize(
    ("cell", "text"),
    [(9007199254740993, "9007199254740993"), (Decimal("12.0"), "12"), (b"\xff\xfe", "fffe"), (" a ", "a"), (None, "")],
)
def test_ids_as_people_write_them(cell: object, text: str) -> None:
    assert plain(cell) == text


CELLS = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(max_size=20),
    st.binary(max_size=8),
    st.booleans(),
    st.dates(),
    st.datetimes(timezones=st.none() | st.just(UTC)),
    st.timedeltas(),
    st.lists(st.integers()),
)
FIELDS = [
    ("use", "u", "accounts"),
    ("area", "a", "accounts"),
    ("debtor.since", "d", "accounts"),
    ("debtor.tags", '{column: t, split: ","}', "accounts"),
    ("contract.late_fee_clause", "c", "accounts"),
    ("contract.late_fee_rate", "{column: r, unit: permille}", "accounts"),
    ("attributes.score", "s", "accounts"),
    ("data_as_of", "{column: t, unit: milliseconds}", "accounts"),
    ("amount", "{column: a, unit: fen}", "charges"),
    ("due", '{column: d, format: "%Y%m%d"}', "charges"),
]


@pytest.mark.parametrize(("field", "written", "section"), FIELDS)
@given(cell=CELLS)
@settings(max_examples=150)
def test_whatever_a_driver_gives_is_read_or_told(field: str, written: str, section: str, cell: object) -> None:
    try:
        found = read(field, written, cell, section=section)
    except UnfitError:
        return
    assert not isinstance(found, float)


SOUND = (Path(__file__).parent / "wuye.yaml").read_text("utf-8")


@given(st.data())
@settings(max_examples=150)
def test_a_mapping_however_mangled_is_read_or_told(data: st.DataObject) -> None:
    """Cut, copied and overwritten: no mistake ends in anything but findings."""
    text = SOUND
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        until = data.draw(st.integers(at, min(len(text), at + 30)))
        new = data.draw(st.text(alphabet="abc:{}[],'\"#\n -_中0", max_size=8))
        text = text[:at] + new + text[until:]
    found, findings = read_mapping(text, "m.yaml")
    assert (found is None) == any(one.severity == "error" for one in findings)
    for one in findings:
        assert one.message("zh")
        assert one.message("en")


def test_the_mapping_of_these_tests_is_sound() -> None:
    found, findings = read_file(Path(__file__).parent / "wuye.yaml")
    assert found is not None
    assert findings == []
    assert found.lists >= {"charges", "payments", "contracts", "late_fees"}
