"""A cluster says what one machine says, row by row; and when it says it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F  # noqa: N812

import dunning
from dunning.adapter.tables import TABLES
from dunning_spark import assess_frame

ON = date(2026, 11, 22)


@pytest.fixture(scope="module")
def rules() -> dunning.RuleFolder:
    return dunning.load_folder()


def plain(value: Any) -> Any:
    """A value as JSON; moments as seconds since 1970, for Spark hands them out without their zone."""
    match value:
        case Row():
            return {name: plain(each) for name, each in value.asDict().items()}
        case Mapping():
            return {name: plain(each) for name, each in value.items()}
        case list():
            return [plain(each) for each in value]
        case datetime():
            return value.timestamp()
        case date():
            return value.isoformat()
    return value


def lines(rows: Iterable[Any]) -> Counter[str]:
    """Rows in no order. Where a finding is differs: rows of a DataFrame have no file and no number."""
    found = [plain(row) for row in rows]
    for row in found:
        for finding in row.get("findings", ()):
            del finding["at"]
    return Counter(json.dumps(row, ensure_ascii=False) for row in found)


# The same rows


def test_every_row_is_that_of_one_machine(
    lists: dict[str, DataFrame], results: Path, rules: dunning.RuleFolder
) -> None:
    with assess_frame(lists, rules, ON) as assessed:
        assert tuple(assessed) == TABLES
        for name, frame in assessed.items():
            table = pq.read_table(results / name)
            assert frame.columns == table.column_names
            wanted = table.to_pylist()
            if name == "assessments":  # rejected when the folder was written, they are none of its accounts
                wanted = [row for row in wanted if row["status"] != "rejected"]
                assert {row["status"] for row in wanted} == {"assessed", "not_applicable"}
                assert max(Counter((row["company"], row["debtor"]) for row in wanted).values()) > 1
                assert len(wanted) >= 2000
            assert lines(frame.collect()) == lines(wanted)


@pytest.fixture(scope="module")
def rows(spark: SparkSession, portfolio: Path) -> DataFrame:
    """A row an account, every list an array of structs, spread over four partitions."""
    return spark.read.json(str(portfolio)).repartition(4)


def test_every_row_is_that_of_assess_group(rows: DataFrame, rules: dunning.RuleFolder) -> None:
    records = [json.loads(row.record) for row in rows.select(F.to_json(F.struct("*")).alias("record")).collect()]
    wanted = dict(local(records, rules))
    assert len(wanted) >= 2000
    with assess_frame(rows, rules, ON) as assessed:
        found = {(row.company, row.account): row for row in assessed.frame.collect()}
    assert found.keys() == wanted.keys()
    assert {row.assessments.status for row in found.values()} == {"assessed", "not_applicable", "rejected"}
    for key, row in found.items():
        assert told(row) == wanted[key]


def local(records: Iterable[Mapping[str, Any]], rules: dunning.RuleFolder) -> Iterator[tuple[tuple[str, str], Any]]:
    """What the engine itself says of each account."""
    groups: dict[tuple[str, str], list[dunning.Read]] = {}
    for record in records:
        read = dunning.read(record)
        if isinstance(read, dunning.Rejected):
            yield (read.company, read.id), {"status": "rejected", "findings": [each.code for each in read.findings]}
        else:
            groups.setdefault((read.account.company, read.account.debtor.id), []).append(read)
    for group in groups.values():
        for read, result in zip(
            group, dunning.assess_group([each.account for each in group], rules, on=ON), strict=True
        ):
            yield (read.account.company, read.account.id), of_result(result, read.findings)


def of_result(result: dunning.Assessment, doubts: Iterable[dunning.Finding]) -> dict[str, Any]:
    balance, findings = result.balance, [each.code for each in (*doubts, *result.findings)]
    if result.book is None:
        return {"status": result.status, "findings": findings}
    return {
        "status": result.status,
        "findings": findings,
        "balance": (balance.total, balance.principal_due, balance.late_fee, balance.credit),
        "grades": {name: [*map(str, graded.rows)] for name, graded in result.grades.items() if graded.rows},
        "charges": [
            (each.id, each.principal, each.late_fee.assessed, each.late_fee.why or None) for each in result.charges
        ],
        "actions": [(each.key, list(each.charges), each.not_before.timestamp()) for each in result.actions],
        "withheld": [(each.step, each.charge, each.code) for each in result.withheld],
        "deadlines": [(each.kind, each.on, each.days_left) for each in result.deadlines],
    }


def told(row: Row) -> dict[str, Any]:
    one, findings = row.assessments, [each.code for each in row.assessments.findings]
    if one.rulebook_name is None:
        return {"status": one.status, "findings": findings}
    grades = [name.removeprefix("grades_") for name in one.__fields__ if name.startswith("grades_")]
    return {
        "status": one.status,
        "findings": findings,
        "balance": (one.balance_total, one.balance_principal_due, one.balance_late_fee, one.balance_credit),
        "grades": {name: one[f"rows_{name}"].split(";") for name in grades if one[f"rows_{name}"]},
        "charges": [(each.charge, each.principal, each.late_fee_assessed, each.late_fee_why) for each in row.charges],
        "actions": [(each.key, each.charges, each.not_before.timestamp()) for each in row.actions],
        "withheld": [(each.step, each.charge, each.code) for each in row.withheld],
        "deadlines": [(each.kind, each.on, each.days_left) for each in row.deadlines],
    }


# Rows that are no account


def test_what_cannot_be_told_apart_or_belongs_to_nobody_is_rejected(
    spark: SparkSession, rules: dunning.RuleFolder
) -> None:
    debtors = [("A", "O-1"), ("B", "O-1"), ("B", "O-2"), ("C", "O-3")]
    accounts = spark.createDataFrame(debtors, ["户号", "业主编号"])
    due = date(2026, 1, 15)
    rows = [("A", "Q1", 100, due), ("B", "Q1", 100, due), ("C", "Q1", -5, due), ("Z", "Q1", 100, due)]
    charges = spark.createDataFrame(rows, "account string, id string, amount bigint, due date")
    lists = {"账户": accounts, "charges": charges}
    found = assess_frame(lists, rules, ON, tables=["assessments"], partitions=1)["assessments"].collect()
    assert {(row.account, row.status): [each.code for each in row.findings] for row in found} == {
        ("A", "not_applicable"): ["A701"],
        ("B", "rejected"): ["A211"],
        ("C", "rejected"): ["A111"],
        ("Z", "rejected"): ["I204"],
    }


def test_an_id_of_two_debtors_is_found_in_whatever_tasks_they_are(
    spark: SparkSession, rules: dunning.RuleFolder
) -> None:
    rows = spark.sql("""
        SELECT id, named_struct('id', debtor) AS debtor, array(named_struct('id', 'Q1', 'amount', 1.50)) AS charges
        FROM VALUES ('A', 'O-1'), ('A', 'O-2'), ('A', 'O-3'), ('B', 'O-4') AS given(id, debtor)
    """)
    found = assess_frame(rows, rules, ON, tables=["assessments"], partitions=3)["assessments"].collect()
    assert Counter((row.account, *[each.code for each in row.findings]) for row in found) == {
        ("A", "A211"): 3,
        ("B", "A205"): 1,
    }


def test_columns_are_looked_at_before_any_row(spark: SparkSession, rules: dunning.RuleFolder) -> None:
    accounts = spark.range(1).selectExpr("string(id) AS id", "'main' AS company")
    charges = spark.range(1).selectExpr("string(id) AS account", "1 AS colour")
    with pytest.raises(dunning.AccountError, match="colour"):
        assess_frame({"accounts": accounts, "charges": charges}, rules, ON)
    with pytest.raises(dunning.UsageError, match="`company`"):
        assess_frame({"accounts": accounts, "charges": charges.drop("colour")}, rules, ON)
    with pytest.raises(dunning.AccountError, match=r"accounts"):
        assess_frame({"charges": charges.drop("colour")}, rules, ON)
    with pytest.raises(dunning.UsageError, match="no table `fees`"):
        assess_frame(accounts, rules, ON, tables=["fees"])


# When


def marked(frame: DataFrame, folder: Path) -> DataFrame:
    """The frame, leaving a file behind each time a partition of it is read."""

    def read(batches: Iterator[Any]) -> Iterator[Any]:
        (folder / uuid4().hex).touch()
        yield from batches

    return frame.mapInArrow(read, frame.schema)


def test_nothing_is_read_before_an_action_and_nothing_twice(
    lists: dict[str, DataFrame], rules: dunning.RuleFolder, tmp_path: Path
) -> None:
    def reads() -> int:
        return len(list(tmp_path.iterdir()))

    plain = marked(lists["charges"].select("company", "account", "id", "amount", "due"), tmp_path)
    with assess_frame({"accounts": lists["accounts"], "charges": plain}, rules, ON, partitions=2) as assessed:
        frames = dict(assessed)
        assert reads() == 0
        assert frames["assessments"].count() >= 2000
        once = reads()
        assert once > 0
        for frame in frames.values():
            frame.count()
        assert reads() == once
