"""One Spark of two cores on 127.0.0.1 for all tests, and a portfolio of 2,000 accounts as files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

DUNNING = Path(sys.executable).with_name("dunning")
ON = "2026-11-22"


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "1g")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.sql.session.timeZone", "Asia/Shanghai")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.codegen.wholeStage", "false")  # compiling takes longer than so few rows
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """JSON Lines, as `dunning sample` makes them."""
    folder = tmp_path_factory.mktemp("sample")
    call = [DUNNING, "sample", "--accounts", "2050", "--seed", "7", "--format", "jsonl", "--out", folder / "sample"]
    subprocess.run(call, check=True, capture_output=True)
    return folder / "sample" / "portfolio.jsonl"


@pytest.fixture(scope="session")
def folder(portfolio: Path) -> Path:
    """The same as a Parquet folder."""
    out = portfolio.parent / "records"
    subprocess.run([DUNNING, "convert", portfolio, out], check=False, capture_output=True)
    return out


@pytest.fixture(scope="session")
def results(folder: Path) -> Path:
    """What one machine makes of the folder."""
    out = folder.parent / "results"
    call = [DUNNING, "assess", folder, "--on", ON, "--out", out]
    assert subprocess.run(call, check=False, capture_output=True).returncode == 1  # some are rejected
    return out


@pytest.fixture(scope="session")
def lists(spark: SparkSession, folder: Path) -> dict[str, DataFrame]:
    """The folder as DataFrames."""
    found = [each for each in folder.iterdir() if each.is_dir() and each.name != "rejected"]
    return {each.name: spark.read.parquet(str(each)) for each in found}
