"""Parquet on the command line: convert, sample, assess by itself or by --engine, explain out of a folder or a run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dunning.cli import columnar
from dunning.cli.columnar import Asked
from dunning.columns.disk import alone_in
from dunning.columns.schema import TABLES
from test_cli import dunning
from test_store import foreign, sound

DAY = ("--on", "2026-11-22", "--lang", "en")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample in JSONL, and converted."""
    folder = tmp_path_factory.mktemp("parquet")
    assert dunning("sample", "--accounts", "120", "--format", "jsonl", "--out", str(folder / "js")).returncode == 0
    done = dunning("convert", str(folder / "js" / "portfolio.jsonl"), str(folder / "pq"), "--lang", "en")
    assert done.returncode == 1  # some are rejected
    assert "118 accounts written in 1 parts" in done.stdout
    return folder


def summary(out: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    found.pop("paths", None)
    return found


def test_parquet_goes_in_columns_by_itself_and_says_the_same(place: Path, tmp_path: Path) -> None:
    done = dunning("assess", str(place / "pq"), "--out", str(tmp_path / "columns"), *DAY)
    assert done.returncode == 1, done.stderr
    assert "households in arrears" in done.stdout
    plain = dunning("assess", str(place / "js" / "portfolio.jsonl"), "--out", str(tmp_path / "plain"), *DAY)
    assert plain.returncode == 1, plain.stderr
    assert summary(tmp_path / "columns") == summary(tmp_path / "plain")
    assert all(len(pq.read_table(tmp_path / "columns" / name)) for name in TABLES if name != "actions")
    again = dunning("assess", str(place / "pq"), "--out", str(tmp_path / "columns"), "--on", "2026-11-23")
    assert again.returncode == 2  # another day's results are not mixed in
    account = pq.read_table(tmp_path / "columns" / "assessments").column("account")[0].as_py()
    told = dunning("explain", str(tmp_path / "columns"), "--account", account, "--lang", "en")
    assert f"{account}  2026-11-22" in told.stdout
    assert dunning("explain", str(place / "pq"), "--account", account, *DAY).stdout == told.stdout
    assert dunning("explain", str(place / "pq"), "--account", "nobody", *DAY).returncode == 2


def test_an_engine_can_be_forced(place: Path, tmp_path: Path) -> None:
    source = str(place / "js" / "portfolio.jsonl")
    done = dunning("assess", source, "--engine", "columns", "--jobs", "2", "--out", str(tmp_path / "a"), *DAY)
    assert done.returncode == 1, done.stderr
    done = dunning("assess", str(place / "pq"), "--format", "jsonl", "--out", str(tmp_path / "b"), *DAY)
    assert done.returncode == 1, done.stderr
    assert len((tmp_path / "b" / "assessments.jsonl").read_text(encoding="utf-8").splitlines()) == 118
    assert summary(tmp_path / "a") == summary(tmp_path / "b")
    done = dunning("assess", source, "--engine", "columns", "--format", "csv", "--out", str(tmp_path / "c"), *DAY)
    assert done.returncode == 2
    assert "--format" in done.stderr


def test_what_goes_in_columns(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet, plain = place / "pq", place / "js" / "portfolio.jsonl"
    assert Asked(None, None).columns(parquet)
    assert not Asked(None, None).columns(plain)
    assert not Asked(None, "jsonl").columns(parquet)
    assert Asked("objects", None).columns(parquet)
    assert not Asked("objects", None).columns(plain)
    assert Asked(None, "parquet").columns(plain)
    monkeypatch.setattr(columnar, "LARGE", 10)
    assert Asked(None, None).columns(plain)


def test_a_sample_in_parquet(tmp_path: Path) -> None:
    assert dunning("sample", "--accounts", "60", "--format", "parquet", "--out", str(tmp_path / "p")).returncode == 0
    assert len(pq.read_table(tmp_path / "p" / "accounts")) == 59  # one contradicts itself, and is kept beside


def test_converted_again_there_is_nothing_to_do_until_the_file_changes(place: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "p.jsonl", str(tmp_path / "out")
    lines = (place / "js" / "portfolio.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    source.write_text("".join(lines[:20]), encoding="utf-8")
    assert "20 accounts written" in dunning("convert", str(source), out, "--lang", "en").stdout
    source.touch()
    assert "nothing to do" in dunning("convert", str(source), out, "--lang", "en").stdout
    assert "不用再写" in dunning("convert", str(source), out, "--lang", "zh").stdout
    source.write_text("".join(lines[:19]), encoding="utf-8")
    assert "19 accounts written" in dunning("convert", str(source), out, "--lang", "en").stdout


def test_a_conversion_that_was_stopped_is_gone_on_with(place: Path, tmp_path: Path) -> None:
    source, out = place / "js" / "portfolio.jsonl", tmp_path / "out"
    stop = "import dunning.columns.sink as s, os; s.write_part = lambda *a: os._exit(9);"
    call = [sys.executable, "-c", f"{stop} from dunning.cli.main import main; main()", "convert", str(source), str(out)]
    assert subprocess.run(call, check=False).returncode == 9
    assert not out.exists()
    told = dunning("convert", str(source), str(out), "--lang", "en").stdout
    assert "went on with a run that was stopped, not doing again: 120 accounts read" in told
    assert not out.with_name("out.part").exists()


def test_what_is_converted_already_is_used_as_it_is(place: Path, tmp_path: Path) -> None:
    done = dunning("convert", str(place / "pq"), str(tmp_path / "more"), "--lang", "en")
    assert done.returncode == 2
    assert "use it as it is" in done.stderr


def test_what_cannot_be_is_told_before_anything_is_converted(place: Path, tmp_path: Path) -> None:
    source, state, out = str(place / "js" / "portfolio.jsonl"), tmp_path / "state", tmp_path / "out"
    call = ("assess", source, "--lang", "en", "--incremental", str(state))
    assert dunning(*call, "--on", "2026-11-22", "--out", str(out)).returncode == 1
    before = sorted(state.rglob("*"))
    for more, said in {
        ("--on", "2026-11-23", "--out", str(out)): "other records, rules or day",
        ("--on", "2026-11-21", "--out", str(tmp_path / "b")): "the state is of 2026-11-22 already",
        ("--on", "2026-11-23", "--format", "csv"): "--format csv does not go with --incremental",
    }.items():
        done = dunning(*call, *more)
        assert done.returncode == 2
        assert said in done.stderr
        assert done.stdout == ""
    assert sorted(state.rglob("*")) == before
    assert not (tmp_path / "b").exists()


def test_parquet_is_not_written_into_the_folder_it_is_read_from(tmp_path: Path) -> None:
    foreign(tmp_path / "in", sound(5))
    done = dunning("convert", str(tmp_path / "in"), str(tmp_path / "in" / "more"), "--lang", "en")
    assert done.returncode == 2
    assert "lies in the folder of the data" in done.stderr


def test_a_state_keeps_what_was_converted_until_the_files_change(place: Path, tmp_path: Path) -> None:
    source, state = tmp_path / "p.jsonl", str(tmp_path / "state")
    lines = (place / "js" / "portfolio.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    source.write_text("".join(lines[:20]), encoding="utf-8")
    call = ("assess", str(source), "--incremental", state, "--lang", "en")
    first = dunning(*call, "--on", "2026-11-22", "--out", str(tmp_path / "a"))
    assert "20 accounts written" in first.stdout, first.stderr
    second = dunning(*call, "--on", "2026-11-22", "--out", str(tmp_path / "b"))
    assert "nothing to do" in second.stdout, second.stderr
    assert "accounts stand as they were" in second.stdout
    source.write_text("".join(lines[:19]), encoding="utf-8")
    third = dunning(*call, "--on", "2026-11-22", "--out", str(tmp_path / "c"))
    assert "19 accounts written" in third.stdout, third.stderr
    assert len((tmp_path / "c" / "gone.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    assert dunning("assess", str(source), "--whole", "--out", str(tmp_path / "d")).returncode == 2
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    done = dunning("assess", str(source), "--incremental", str(mine), "--out", str(tmp_path / "e"), "--lang", "en")
    assert done.returncode == 2
    assert "is no state" in done.stderr
    assert [each.name for each in mine.iterdir()] == ["notes.txt"]


def test_neither_way_leaves_its_results_beside_the_others(place: Path, tmp_path: Path) -> None:
    source, out = str(place / "js" / "portfolio.jsonl"), tmp_path / "out"
    assert dunning("assess", source, "--format", "csv", "--out", str(out), "--on", "2026-11-21").returncode == 1
    (out / "assessments.jsonl.part").write_text("half")
    done = dunning("assess", source, "--engine", "columns", "--out", str(out), *DAY)
    assert done.returncode == 1, done.stderr
    assert "removed, of the run before (2026-11-21): assessments.csv, charges.csv, worklist.csv" in done.stdout
    names = {each.name for each in out.iterdir()}
    assert names == {*TABLES, "parts", "records", "rejected.jsonl", "run.json", "summary.json"}
    done = dunning("assess", source, "--format", "jsonl", "--out", str(out), *DAY)
    assert done.returncode == 2
    assert "has results in columns" in done.stderr


def test_two_runs_do_not_write_in_one_place(place: Path, tmp_path: Path) -> None:
    source, out, state = str(place / "pq"), tmp_path / "out", tmp_path / "state"
    call = ("assess", source, "--out", str(out), "--incremental", str(state), *DAY)
    for busy in (out, state):
        with alone_in(busy):
            done = dunning(*call)
        assert done.returncode == 2
        assert f"another dunning is at work in {busy}" in done.stderr
        assert not busy.exists()
    assert dunning(*call).returncode == 1
