"""A whole folder through columns: the same as file by file, killed anywhere, on one core or two."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from dunning.basis.errors import UsageError
from dunning.columns import store
from dunning.columns.convert import convert_portfolio
from dunning.columns.run import DONE, Task, rejected_rows, run
from dunning.columns.schema import TABLES
from dunning.columns.store import open_store
from dunning.intake.files.tables import open_portfolio
from dunning.intake.files.writers import write_jsonl
from dunning.intake.samples.sample import make_portfolio
from dunning.lang.folder import load_folder
from dunning.output.record.batch import Job, assess_portfolio
from dunning.output.report import AGES, Summary, summary_of

ON = date(2026, 11, 22)
LIMITS = tuple(days for days, _ in AGES if days is not None)
KILLED = Path(__file__).with_name("killed.py")


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("portfolio") / "p.jsonl"
    write_jsonl(path, make_portfolio(90, seed=4))
    return path


@pytest.fixture(scope="module")
def folder(portfolio: Path) -> Path:
    patch = pytest.MonkeyPatch()
    patch.setattr(store, "PART", 24)
    with open_portfolio(portfolio) as opened:
        convert_portfolio(opened, portfolio.with_name("folder"))
    patch.undo()
    assert open_store(portfolio.with_name("folder")).parts == 4
    return portfolio.with_name("folder")


def task(folder: Path, out: Path, **more: Any) -> Task:
    return Task(folder, out, load_folder, ON, LIMITS, **more)


def rows(out: Path) -> dict[str, list[dict[str, Any]]]:
    """Every table's rows, part by part."""
    return {
        name: [row for path in sorted((out / name).glob("*.parquet")) for row in pq.read_table(path).to_pylist()]
        for name in TABLES
    }


@pytest.fixture(scope="module")
def whole(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The results of a run nobody disturbed."""
    run(task(folder, folder.with_name("whole")))
    return rows(folder.with_name("whole"))


def test_the_summary_is_that_of_the_other_way(portfolio: Path, folder: Path, tmp_path: Path) -> None:
    told: list[int] = []
    sums = run(task(folder, tmp_path / "columns"), tick=told.append)
    with open_portfolio(portfolio) as opened:
        plain: Summary = assess_portfolio(opened, Job(None, ON, "en", "jsonl"), tmp_path / "plain")
    assert summary_of(sums, load_folder().books).to_dict() == plain.to_dict()
    assert sum(told) == 90
    rejected = [json.loads(line) for line in (tmp_path / "plain" / "rejected.jsonl").read_text().splitlines()]
    found = {row["account"]: row["findings"] for row in rejected_rows(tmp_path / "columns")}
    assert found == {row["account"]: row["findings"] for row in rejected}


def test_two_cores_say_what_one_says(folder: Path, tmp_path: Path, whole: dict[str, Any]) -> None:
    told: list[int] = []
    run(task(folder, tmp_path / "two"), jobs=2, tick=told.append)
    assert rows(tmp_path / "two") == whole


def test_objects_say_what_columns_say(folder: Path, tmp_path: Path, whole: dict[str, Any]) -> None:
    run(task(folder, tmp_path / "objects", objects=True))
    assert rows(tmp_path / "objects") == whole


def test_killed_at_any_step_a_second_run_finishes_it(folder: Path, tmp_path: Path, whole: dict[str, Any]) -> None:
    """Nothing is done twice: what was entered as done keeps its very files."""
    steps = [1, 3, 4, 9, 18, 19, 20, 21, 40]
    for step in steps:
        out = tmp_path / str(step)
        ended = subprocess.run([sys.executable, str(KILLED), "run", str(folder), str(out), str(step)], check=False)
        assert ended.returncode == -9
        done = sorted((out / DONE).glob("*.json")) if (out / DONE).exists() else []
        files = [out / name / f"{entry.stem}.parquet" for entry in done for name in TABLES]
        before = {path: path.stat().st_ino for path in (*done, *files)}
        run(task(folder, out))
        assert {path: path.stat().st_ino for path in before} == before
        assert rows(out) == whole
        assert not list(out.glob("**/*.tmp"))


def test_a_folder_holds_the_results_of_one_run(folder: Path, tmp_path: Path) -> None:
    run(task(folder, tmp_path / "out"))
    with pytest.raises(UsageError):
        run(replace(task(folder, tmp_path / "out"), on=date(2026, 11, 23)))
    assert run(task(folder, tmp_path / "out"), tick=lambda _: None)["statuses"]
