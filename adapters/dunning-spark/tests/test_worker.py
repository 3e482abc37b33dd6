"""How the rows of a partition are taken and given back, without a Spark."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pyarrow as pa
import pytest

import dunning
from dunning_spark.worker import COMPANY, DEBTOR, OWN, Job, nested, stretches, work_of

DEBTORS = [1, 3, 1, 1, 7, 2, 1, 4, 4, 1]


def batches(size: int) -> Iterator[pa.RecordBatch]:
    """Accounts of debtors that have so many, in batches of a size; every third debtor is of another company."""
    rows = [
        (f"wy-{number % 3}", f"O-{number // 3}", place)
        for number, count in enumerate(DEBTORS)
        for place in range(count)
    ]
    rows.sort()
    table = pa.table(
        {
            COMPANY: [company for company, _, _ in rows],
            DEBTOR: [debtor for _, debtor, _ in rows],
            OWN: [{"id": f"{company}/{debtor}/{place}", "debtor": {"id": debtor}} for company, debtor, place in rows],
            "charges": [[{"id": "Q1"}] * place for _, _, place in rows],
        }
    )
    yield from table.to_batches(size)


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_a_debtor_is_never_cut_in_two(size: int) -> None:
    found = [
        [id_.rpartition("/")[0] for id_ in table.column("id").to_pylist()] for table in stretches(batches(size), 4)
    ]
    assert sum(map(len, found)) == sum(DEBTORS)
    assert all(earlier[-1] != later[0] for earlier, later in pairwise(found))
    assert max(map(len, found)) <= max(DEBTORS) + 4 + size


def test_rows_of_lists_stay_with_their_account() -> None:
    for table in stretches(batches(3), 4):
        assert table.column_names == ["id", "debtor", "charges"]
        places = [int(id_.rpartition("/")[2]) for id_ in table.column("id").to_pylist()]
        assert [len(charges) for charges in table.column("charges").to_pylist()] == places


def test_answers_of_an_account_lie_in_its_row() -> None:
    def keys(*accounts: str) -> dict[str, list[str]]:
        return {"company": ["main"] * len(accounts), "account": [*accounts]}

    found = nested(
        {
            "assessments": pa.table({**keys("A", "B", "C"), "status": ["assessed", "assessed", "rejected"]}),
            "charges": pa.table({**keys("A", "A", "B"), "charge": ["Q1", "Q2", "Q1"]}),
            "actions": pa.table({**keys("B"), "key": ["k"]}),
        },
        ["assessments", "charges", "actions"],
    )
    assert [
        (row["account"], [each["charge"] for each in row["charges"]], row["actions"]) for row in found.to_pylist()
    ] == [
        ("A", ["Q1", "Q2"], []),
        ("B", ["Q1"], [{"key": "k"}]),
        ("C", [], []),
    ]
    assert found.column("assessments").to_pylist()[2] == {"status": "rejected"}


def test_another_version_on_an_executor_is_refused() -> None:
    with pytest.raises(dunning.DunningError, match=r"the driver has dunning 0\.0\.1"):
        next(iter(work_of(Job("0.0.1", b"", ("charges",)))(batches(3))))
