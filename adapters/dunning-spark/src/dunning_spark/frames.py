"""Assessing a DataFrame: the plan that brings every debtor's accounts into one task, and the tables that come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import ArrayType, StructField, StructType
from pyspark.storagelevel import StorageLevel

import dunning
from dunning.adapter.tables import TABLES, Assessor, schemas
from dunning_spark.kinds import schema_of
from dunning_spark.sources import nested
from dunning_spark.worker import COMPANY, DEBTOR, KEY, job_of, work_of


class Assessed(Mapping[str, DataFrame]):
    """The tables asked for, each a DataFrame; nothing is worked out before an action on one of them.

    `frame` has a row an account with all of them: `company`, `account`, the record `assessments`, and the other tables
    as lists of records. Of several tables the first action works all out and keeps them on the executors' disks, so
    that the others need not begin again, until `release`.
    """

    def __init__(self, frame: DataFrame, tables: Sequence[str]) -> None:
        self.frame = frame
        self._tables = tuple(tables)

    def __getitem__(self, table: str) -> DataFrame:
        if table not in self._tables:
            raise KeyError(table)
        if len(self._tables) == 1:
            return self.frame
        if table == "assessments":
            return self.frame.select(*KEY, f"{table}.*")
        return self.frame.select(*KEY, F.explode(table).alias(table)).select(*KEY, f"{table}.*")

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def release(self) -> None:
        """Lets go of what is kept on disk; an action after it works everything out again."""
        self.frame.unpersist()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def assess_frame(
    source: DataFrame | Mapping[str, DataFrame],
    rules: dunning.RuleBook | dunning.RuleFolder | str | Path,
    on: date,
    *,
    tables: Sequence[str] = TABLES,
    partitions: int | None = None,
    review: bool = False,
) -> Assessed:
    """What `dunning.assess_group` says on `on` of every account of `source`, all accounts of a debtor together.

    `source`: a row an account with its lists as arrays of structs, or a DataFrame a list by its name (`accounts`,
    `charges`, ...), with the columns of docs/reference/records.md in either language, in any order. `rules`: a book, or
    a folder of them, loaded here. `tables`: those wanted; of one alone nothing is kept. `partitions`: into how many the
    accounts go; None leaves it to Spark. `review`: find next reviews as well, which takes longer.

    Nothing is read before an action. What is wrong with columns is said here (AccountError, UsageError); an account
    that cannot be read has the status `rejected` and its findings among the assessments.
    """
    wanted = [table for table in TABLES if table in tables]
    if unknown := [table for table in tables if table not in TABLES]:
        known = ", ".join(TABLES)
        told = f"没有表“{unknown[0]}”; 有 {known}", f"there is no table `{unknown[0]}`; there are {known}"
        raise dunning.UsageError(dunning.Text(*told))
    if not wanted:
        raise dunning.UsageError(dunning.Text("一张表也没有要", "no table is asked for"))
    if isinstance(rules, str | Path):
        rules = dunning.load_folder(rules) if Path(rules).is_dir() else dunning.load(rules)
    rows, heads = nested(source)
    keys = [F.col(COMPANY), F.col(DEBTOR)]
    placed = rows.repartition(partitions, *keys) if partitions else rows.repartition(*keys)
    job = job_of(Assessor(rules, heads, on=on, review=review), wanted)
    found = placed.sortWithinPartitions(*keys).mapInArrow(work_of(job), _schema(rules, wanted))
    return Assessed(found.persist(StorageLevel.DISK_ONLY) if len(wanted) > 1 else found, wanted)


def _schema(rules: dunning.RuleBook | dunning.RuleFolder, tables: Sequence[str]) -> StructType:
    """Of one table its own, of several that of `Assessed.frame`."""
    each = {name: schema_of(schema) for name, schema in schemas(rules).items()}
    if len(tables) == 1:
        return each[tables[0]]
    fields = [each["assessments"][name] for name in KEY]
    for name in tables:
        record = StructType([field for field in each[name] if field.name not in KEY])
        fields.append(StructField(name, record if name == "assessments" else ArrayType(record)))
    return StructType(fields)
