"""The five tables say what the assessments say, whichever way a household went."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from dunning.basis.finding import Finding
from dunning.basis.money import yuan
from dunning.columns.answer import Done, columns
from dunning.columns.packing import pack
from dunning.columns.rows import Batch, Coded
from dunning.columns.schema import Shape, Tables, shape_of
from dunning.columns.written import tables_of
from dunning.engine.assess import Rules, assess_group
from dunning.intake.records import Read, Rejected, read
from dunning.intake.samples.sample import make_portfolio
from dunning.lang.folder import load_folder
from dunning.model.account import Account
from dunning.output.exchange import to_dict

ON = date(2026, 11, 22)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_folder()


@pytest.fixture(scope="module")
def accounts() -> list[Account]:
    found = (read(record) for record in make_portfolio(150, seed=5))
    return [one.account for one in found if isinstance(one, Read)]


@pytest.fixture(scope="module")
def batch(accounts: list[Account]) -> Batch:
    return pack(accounts)


def results(rules: Rules, accounts: list[Account]) -> list[Any]:
    """The assessments in the batch's order."""
    groups: dict[tuple[str, str], list[Account]] = {}
    for account in accounts:
        groups.setdefault((account.company, account.debtor.id), []).append(account)
    return [one for group in groups.values() for one in assess_group(group, rules, on=ON)]


def rows_of(table: pa.Table, result: Any) -> list[dict[str, Any]]:
    key = (result.account.company, result.account.id)
    return [row for row in table.to_pylist() if (row["company"], row["account"]) == key]


def test_every_field_of_the_json_stands_in_the_tables(batch: Batch, rules: Rules, accounts: list[Account]) -> None:
    """But what is found again by `explain`: segments, reasons, places in the book."""
    tables = columns(batch, rules, on=ON).tables
    for result in results(rules, accounts)[::5]:
        data = to_dict(result)
        (row,) = rows_of(tables.assessments, result)
        assert row["on"].isoformat() == data["on"]
        assert row["status"] == data["status"]
        if result.book is None:
            continue
        assert {name: yuan(row[f"balance_{name}"]) for name in data["balance"]} == data["balance"]
        assert row["rulebook_digest"] == data["rulebook"]["digest"]
        _assert_grades(row, data["grades"])
        _assert_facts(row, data["facts"])
        assert (row["ended"], row["provisional"]) == (data["ended"], data["provisional"])
        assert [each["code"] for each in row["findings"]] == [each["code"] for each in data["findings"]]
        for charge, told in zip(rows_of(tables.charges, result), data["charges"], strict=True):
            assert (charge["charge"], yuan(charge["principal"])) == (told["id"], told["principal"])
            fee = {name: charge[f"late_fee_{name}"] for name in told["late_fee"] if name != "segments"}
            assert {
                name: value if isinstance(value, bool | str | None) else yuan(value) for name, value in fee.items()
            } == {name: value for name, value in told["late_fee"].items() if name != "segments"}
            _assert_grades(charge, told["grades"])
            _assert_facts(charge, told["facts"])
        for withheld, told in zip(rows_of(tables.withheld, result), data["withheld"], strict=True):
            assert withheld["codes"].split(";") == told["codes"]
            assert _day(withheld["until"]) == told["until"]
        for action, told in zip(rows_of(tables.actions, result), data["actions"], strict=True):
            assert (action["key"], action["to"], action["void_if"]) == (told["key"], told["to"], told["void_if"])
            assert action["not_before"].isoformat() == told["not_before"]
            assert {action["channels_mode"]: action["channels"]} == (told["channels"] or {None: []})
        for deadline, told in zip(rows_of(tables.deadlines, result), data["deadlines"], strict=True):
            assert (deadline["kind"], deadline["days_left"]) == (told["kind"], told["days_left"])


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _assert_grades(row: dict[str, Any], grades: dict[str, Any]) -> None:
    for name, told in grades.items():
        value = told["value"]
        assert row[f"grades_{name}"] == (
            None if value is None else ";".join(value) if isinstance(value, list) else str(value)
        )
        rows = told["row"] if isinstance(told["row"], list) else [] if told["row"] is None else [told["row"]]
        assert (row[f"rows_{name}"] or "") == ";".join(map(str, rows))
        assert row[f"cause_{name}"] == told.get("undetermined")
        assert row[f"missing_{name}"] == (";".join(told.get("because", ())) or None)


def _assert_facts(row: dict[str, Any], facts: dict[str, Any]) -> None:
    for name, told in facts.items():
        if isinstance(told, dict):
            assert row[f"unknown_{name}"].split(";") == told["unknown"]
        else:
            assert row[f"unknown_{name}"] is None
            assert (row[f"facts_{name}"] is None) == (told is None)
            if isinstance(told, int):
                assert row[f"facts_{name}"] == told


def test_without_a_way_everybody_goes_as_an_object_and_is_counted(batch: Batch, rules: Rules) -> None:
    assert columns(batch, rules, on=ON).paths == Counter({"objects": len(batch)})


class Halfway:
    """A way that does every other debtor, and says why not of the others."""

    def __init__(self, accounts: list[Account]) -> None:
        self.accounts = accounts

    def __call__(self, batch: Batch, rules: Rules, shape: Shape, *, on: date) -> Done:
        left = (batch.debtor % 2 == 1) | batch.as_objects
        tables = []
        for table in tables_of(results(rules, self.accounts), shape, on):
            ids = batch.texts("id").values
            codes = pc.index_in(table.column("account").cast(pa.string()), value_set=ids).combine_chunks()
            column = pa.DictionaryArray.from_arrays(codes, ids)
            table = table.set_column(1, "account", column)
            tables.append(table.filter(pa.array(~left[codes.to_numpy()])))
        return Done(Tables(*tables), Coded(np.where(left, 0, -1).astype(np.int32), ("odd",)))


def test_both_ways_together_stand_in_the_order_of_the_batch(
    batch: Batch, rules: Rules, accounts: list[Account]
) -> None:
    whole = columns(batch, rules, on=ON)
    mixed = columns(batch, rules, on=ON, way=Halfway(accounts))
    assert [plain(table) for table in mixed.tables] == [plain(table) for table in whole.tables]
    assert mixed.paths["odd"] == sum(batch.debtor % 2 == 1)
    assert mixed.paths["columns"] + mixed.paths["odd"] == len(batch)


def plain(table: pa.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def test_a_rejected_row_is_told_and_takes_nobody_with_it(rules: Rules, accounts: list[Account]) -> None:
    two = [
        replace(account, debtor=accounts[0].debtor, company="main", id=f"A-{n}")
        for n, account in enumerate(accounts[:2])
    ]
    rejected = Rejected("main", "A-1", two[0].debtor.id, (Finding("A205", args={"field": "x"}),))
    batch = replace(
        pack(two), rejected={1: rejected}, doubts={0: (Finding("A304", args={"field": "", "value": "", "what": ""}),)}
    )
    answer = columns(batch, rules, on=ON, way=Halfway(two[:1]))
    told = answer.tables.assessments.to_pylist()
    assert [row["status"] for row in told] == ["assessed", "rejected"]
    assert [each["code"] for each in told[1]["findings"]] == ["A205"]
    assert told[0]["findings"][0]["code"] == "A304"
    assert answer.paths == Counter({"rejected": 2})


def test_amounts_say_their_unit_and_the_schema_does_not_hang_on_the_rows(batch: Batch, rules: Rules) -> None:
    shape = shape_of(rules.books)  # type: ignore[union-attr]
    for table, empty in zip(columns(batch, rules, on=ON).tables, columns(pack([]), rules, on=ON).tables, strict=True):
        assert table.schema == empty.schema
    assert shape.schemas["charges"].field("amount").metadata == {b"unit": b"fen"}
    assert shape.schemas["assessments"].field("facts_arrears").metadata == {b"unit": b"fen"}


def test_the_next_review_is_there_when_it_is_asked_for(rules: Rules, accounts: list[Account]) -> None:
    few = pack(accounts[:3])
    assert columns(few, rules, on=ON).tables.assessments["next_review"].null_count == 3
    assert columns(few, rules, on=ON, review=True).tables.assessments["next_review"].null_count < 3
