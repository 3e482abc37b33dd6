"""Assess a portfolio on a cluster: `spark-submit assess.py RECORDS OUT --on 2026-11-22 [--rules FOLDER] [--table]`.

RECORDS is a folder with a folder of Parquet files a list, as `dunning convert` writes it, anywhere Spark can read, or
with `--table` the name of a table that has a row an account. OUT gets the five tables, partitioned by company.
"""

from __future__ import annotations

import argparse
from datetime import date

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession

import dunning
from dunning_spark import LISTS, assess_frame


def lists_in(spark: SparkSession, folder: str) -> dict[str, DataFrame]:
    """The lists that the folder has."""
    found = {}
    for name in LISTS:
        try:
            found[name] = spark.read.parquet(f"{folder}/{name}")
        except AnalysisException as error:
            if error.getErrorClass() != "PATH_NOT_FOUND":
                raise
    return found


def left_out(spark: SparkSession, folder: str) -> int:
    """How many accounts could not be read when the folder was written: they are none of its accounts."""
    try:
        return spark.read.parquet(f"{folder}/rejected").count()
    except AnalysisException:
        return 0


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("records")
    asked.add_argument("out")
    asked.add_argument("--on", type=date.fromisoformat, required=True)
    asked.add_argument("--rules", help="a folder of rules on the driver; without it, those that come with dunning")
    asked.add_argument("--table", action="store_true", help="RECORDS is a table")
    asked.add_argument("--partitions", type=int)
    given = asked.parse_args()

    spark = SparkSession.builder.appName("dunning").getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "Asia/Shanghai")
    records = spark.table(given.records) if given.table else lists_in(spark, given.records)
    rules = dunning.load_folder(given.rules) if given.rules else dunning.load_folder()
    with assess_frame(records, rules, given.on, partitions=given.partitions) as assessed:
        for name, frame in assessed.items():
            frame.write.mode("overwrite").partitionBy("company").parquet(f"{given.out}/{name}")
        for row in assessed["assessments"].groupBy("status").count().orderBy("status").collect():
            print(f"{row['status']}: {row['count']:,}")
    if not given.table and (count := left_out(spark, given.records)):
        print(f"left out, for they could not be read when the folder was written: {count:,} (see rejected)")
    spark.stop()


if __name__ == "__main__":
    main()
