"""A realistic portfolio through tables: every kind of record it has comes back."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dunning.columns.arrow import batch_of, tables_of
from dunning.columns.packing import pack, unpack
from dunning.intake.records import Read, read
from dunning.intake.samples.sample import make_portfolio


def test_a_sample_comes_back(tmp_path: Path) -> None:
    found = (read(record) for record in make_portfolio(400, seed=3))
    accounts = [one.account for one in found if isinstance(one, Read)]
    packed = pack(accounts)
    tables = {}
    for name, table in tables_of(packed).items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
        tables[name] = pq.read_table(tmp_path / f"{name}.parquet")
        assert isinstance(tables[name], pa.Table)
    batch = batch_of(tables)
    ordered = [unpack(packed, row) for row in range(len(packed))]
    assert sorted(ordered, key=lambda one: (one.company, one.id)) == sorted(
        accounts, key=lambda one: (one.company, one.id)
    )
    assert [unpack(batch, row) for row in range(len(batch))] == ordered
