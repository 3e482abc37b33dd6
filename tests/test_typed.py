"""Single values of Parquet columns: what is read, what is refused, and what the door is then told."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from dunning.columns.typed import as_it_was, typed


def charges(**columns: pa.Array) -> dict[str, pa.Array]:
    """A list of charges of one account; columns not named are sound."""
    size = len(next(iter(columns.values())))
    plain = {
        "account": pa.array(["A-1"] * size),
        "id": pa.array([str(number) for number in range(size)]),
        "amount": pa.array([100] * size),
        "due": pa.array([date(2026, 1, 15)] * size),
    }
    return {**plain, **{name.replace("__", "."): values for name, values in columns.items()}}


def read(column: str, values: pa.Array) -> tuple[list[Any], list[bool]]:
    found = typed("charges", charges(**{column.replace(".", "__"): values}), len(values))
    return found.table.column(column).to_pylist(), found.bad.tolist()


def test_whole_numbers_are_fen_and_decimals_yuan() -> None:
    assert read("amount", pa.array([1, 2], pa.int32())) == ([1, 2], [False, False])
    assert read("amount", pa.array([Decimal("1.25"), Decimal("2.00")])) == ([125, 200], [False, False])
    assert read("amount", pa.array([Decimal("1.2500")], pa.decimal128(20, 4))) == ([125], [False])


def test_a_float_is_its_shortest_decimal() -> None:
    assert read("amount", pa.array([530.75, 0.1 + 0.2])) == ([53075, None], [False, True])


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("amount", pa.array([-1])),
        ("amount", pa.array([10**18])),
        ("amount", pa.array([Decimal("-0.01")])),
        ("amount", pa.array(["1,000"])),
        ("amount", pa.array([float("nan")])),
        ("amount", pa.array([None], pa.int64())),
        ("due", pa.array([date(1, 1, 1)])),
        ("due", pa.array(["2026-02-30"])),
        ("due", pa.array([1_767_258_000_000_000], pa.timestamp("us"))),
        ("item", pa.array(["late_fee"])),
        ("id", pa.array([""])),
        ("account", pa.array([None], pa.string())),
        ("period.since", pa.array([date(2026, 1, 1)])),
        ("opening.late_fee", pa.array([5])),
    ],
)
def test_what_nobody_can_read_marks_its_row(column: str, values: pa.Array) -> None:
    assert read(column, values)[1] == [True]


def test_what_stands_for_nothing() -> None:
    found = typed("charges", charges(item=pa.array(["", "物业费"]), opening__on=pa.array([None, "2026/1/1"])), 2)
    assert not found.bad.any()
    assert found.table.column("item").to_pylist() == ["property_fee", "property_fee"]
    assert found.table.column("opening.late_fee").to_pylist() == [None, 0]
    accounts = typed("accounts", {"id": pa.array(["A-1"]), "unit": pa.array([""])}, 1)
    assert not accounts.bad.any()
    row = accounts.table.to_pylist()[0]
    assert (row["unit"], row["debtor.id"], row["company"], row["currency"]) == ("A-1", "A-1", "main", "CNY")


def test_attributes_come_as_columns_or_as_json() -> None:
    columns = {
        "id": pa.array(["A-1", "A-2"]),
        "attributes": pa.array(['{"x":null}', "no"]),
        "attributes.y": pa.array([82, None]),
        "attributes.z": pa.array(["是", "abc"]),
    }
    found = typed("accounts", columns, 2)
    assert found.bad.tolist() == [False, True]
    assert json.loads(found.table.column("attributes")[0].as_py()) == {"x": None, "y": 82, "z": True}


def test_a_row_as_it_was_is_what_a_csv_row_says() -> None:
    columns = charges(amount=pa.array([Decimal("-1.50")]), period__since=pa.array([date(2026, 1, 1)]))
    assert json.loads(as_it_was("charges", columns, 0)) == {
        "id": "0",
        "amount": "-1.50",
        "period": ["2026-01-01"],
        "due": "2026-01-15",
    }
