"""DataFrames of accounts, however they come, as one: a row an account with its lists nested in it.

Nothing is computed here; plans are made, from the schemas alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import NamedTuple

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import ArrayType, StructType

import dunning
from dunning.adapter.tables import TIMES, Heads, heads_of, heads_of_tables
from dunning_spark.worker import COMPANY, DEBTOR, OWN

MAIN = "main"
"""The company of accounts that name none."""

_ACCOUNT = "_account"


class Nested(NamedTuple):
    """A row an account: `COMPANY`, `DEBTOR`, `TIMES`, its own columns in the record `OWN` (for names with a dot in them
    are no columns to `mapInArrow`), and its lists; and what they all are.
    """

    frame: DataFrame
    heads: Heads


def nested(source: DataFrame | Mapping[str, DataFrame]) -> Nested:
    """AccountError: a column nobody knows. UsageError: no accounts, or a company in some lists and not in others."""
    return _of_lists(source) if isinstance(source, Mapping) else _of_rows(source)


def _columns(schema: StructType, *, outer: tuple[str, ...] = ()) -> Iterator[tuple[str, Column]]:
    """The columns by their heads, those within records among them: `debtor` with an `id` is `debtor.id`."""
    for field in schema:
        path = (*outer, field.name)
        if isinstance(field.dataType, StructType):
            yield from _columns(field.dataType, outer=path)
        else:
            yield ".".join(path), _quoted(*path)


def _quoted(*path: str) -> Column:
    """A column by its name, whatever is in it."""
    return F.col(".".join(f"`{part.replace('`', '``')}`" for part in path))


# One DataFrame


def _of_rows(frame: DataFrame) -> Nested:
    """The DataFrame itself. Ids that are there twice are counted beside it, which reads nothing but the ids."""
    lists: dict[str, list[str]] = {}
    own = []
    for field in frame.schema:
        if isinstance(field.dataType, ArrayType) and isinstance(field.dataType.elementType, StructType):
            lists[field.name] = [head for head, _ in _columns(field.dataType.elementType)]
        else:
            own.append(field)
    columns = dict(_columns(StructType(own)))
    heads = heads_of(list(columns), lists)
    of_field = {field: columns[head] for head, field in heads.accounts.items()}
    keyed = frame.select(
        _company(of_field).alias(COMPANY),
        _debtor(of_field).alias(DEBTOR),
        of_field["id"].cast("string").alias(_ACCOUNT),
        F.struct(*[_quoted(field.name) for field in own]).alias(OWN),
        *[_quoted(column).alias(name) for name, column in heads.columns.items()],
    )
    again = keyed.groupBy(COMPANY, _ACCOUNT).agg(F.count("*").alias(TIMES)).where(F.col(TIMES) > 1)
    counted = keyed.join(F.broadcast(again), [COMPANY, _ACCOUNT], "left").drop(_ACCOUNT)
    return Nested(counted.withColumn(TIMES, F.coalesce(TIMES, F.lit(1))), _renamed(heads))


def _renamed(heads: Heads) -> Heads:
    """Each list under its own name."""
    return Heads(heads.accounts, heads.lists, {name: name for name in heads.lists})


def _company(of_field: Mapping[str, Column]) -> Column:
    """The company as the reader of records takes it: without blanks around it, `main` if there is none."""
    if "company" not in of_field:
        return F.lit(MAIN)
    text = F.regexp_replace(of_field["company"].cast("string"), r"(?U)^\s+|\s+$", "")
    return F.coalesce(F.nullif(text, F.lit("")), F.lit(MAIN))


def _debtor(of_field: Mapping[str, Column]) -> Column:
    own = of_field["id"].cast("string")
    return F.coalesce(of_field["debtor.id"].cast("string"), own) if "debtor.id" in of_field else own


# One a list


def _of_lists(source: Mapping[str, DataFrame]) -> Nested:
    """All rows by the account they name, at once: so a row of an account nobody has is found, and one that is there
    twice, and rows travel once, however many lists there are.
    """
    columns = {given: dict(_columns(frame.schema)) for given, frame in source.items()}
    heads, keys = heads_of_tables({given: list(each) for given, each in columns.items()})
    _same_companies(keys)
    given = {**heads.columns, "accounts": next(each for each in source if each not in heads.columns.values())}
    fields = {**heads.lists, "accounts": heads.accounts}
    parts = [_keyed(source[given[name]], name, columns[given[name]], keys[name], fields[name]) for name in given]
    stacked = reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), parts)
    grouped = stacked.groupBy(COMPANY, _ACCOUNT).agg(
        *[F.array_sort(F.collect_list(name)).alias(name) for name in given]
    )
    return Nested(_opened(grouped, heads, keys["accounts"]), _renamed(heads))


def _same_companies(keys: Mapping[str, Mapping[str, str]]) -> None:
    having = [name for name, each in keys.items() if "company" in each]
    lacking = [name for name in keys if name not in having]
    if having and lacking:
        raise dunning.UsageError(
            dunning.Text(
                f"{'、'.join(having)} 有公司一列, {'、'.join(lacking)} 没有; 每张表都要有, 或都没有",
                f"{', '.join(having)} have a column `company`, {', '.join(lacking)} do not; all need one, or none",
            )
        )


def _keyed(
    frame: DataFrame, name: str, columns: Mapping[str, Column], keys: Mapping[str, str], fields: Mapping[str, str]
) -> DataFrame:
    """Key and record of each row. A record begins with its id: by that the records of a list are put in order."""
    of_field = {field: columns[head] for field, head in keys.items()}
    heads = sorted(fields, key=lambda head: fields[head] != "id")
    return frame.select(
        _company(of_field).alias(COMPANY),
        of_field["id" if name == "accounts" else "account"].cast("string").alias(_ACCOUNT),
        F.struct(*[columns[head].alias(head) for head in heads]).alias(name),
    )


def _opened(grouped: DataFrame, heads: Heads, keys: Mapping[str, str]) -> DataFrame:
    """A row an account, its own columns out of their record; one that no row is of has its key and nothing else."""
    first = F.get("accounts", F.lit(0))
    own = {head: first.getField(head) for head in heads.accounts}
    own[keys["id"]] = F.col(_ACCOUNT)
    if "company" in keys:
        own[keys["company"]] = F.col(COMPANY)
    of_field = {field: own[head] for head, field in heads.accounts.items()}
    return grouped.select(
        F.col(COMPANY),
        _debtor(of_field).alias(DEBTOR),
        F.size("accounts").cast("long").alias(TIMES),
        F.struct(*[column.alias(head) for head, column in own.items()]).alias(OWN),
        *[F.col(name) for name in heads.lists],
    )
