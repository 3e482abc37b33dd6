"""A conversion killed anywhere: the next one goes on, half a folder is never whole, nothing is done twice."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import killed
from dunning.basis.errors import UsageError
from dunning.columns import sink
from dunning.columns.packing import unpack
from dunning.columns.sink import SOURCE, Sink, already, draft_of
from dunning.columns.store import MANIFEST, is_store, open_store
from dunning.intake.files.writers import write_jsonl
from dunning.intake.samples.sample import make_portfolio
from dunning.output.exchange import to_json
from test_store import foreign, sound

COUNT = 90


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in killed.SMALL:
        monkeypatch.setattr(module, name, value)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A file with accounts to be rejected, and another program's Parquet."""
    folder = tmp_path_factory.mktemp("sources")
    write_jsonl(folder / "p.jsonl", make_portfolio(COUNT, seed=4))
    foreign(folder / "pq", sound(COUNT))
    first = pq.read_table(folder / "pq" / "charges.parquet")
    pq.write_table(first, folder / "pq" / "charges.parquet", row_group_size=50)
    return {"files": folder / "p.jsonl", "parquet": folder / "pq"}


def told(out: Path) -> list[Any]:
    """All of a folder: the accounts as read, the rejected as told."""
    store = open_store(out)
    found: list[Any] = []
    for part in range(store.parts):
        for batch in store.batches(part):
            found += [batch.rejected.get(row) or unpack(batch, row) for row in range(len(batch))]
        found += map(to_json, store.rejected(part))
    return found


def kept(out: Path) -> dict[Path, int]:
    """The files of parts entered as done, by what tells one file from another."""
    done = [entry.stem for entry in (draft_of(out) / "_done").glob("*.json")]
    return {path: path.stat().st_ino for name in done for path in draft_of(out).glob(f"*/{name}.parquet")}


@pytest.mark.parametrize("what", ["files", "parquet"])
def test_killed_at_any_step_the_next_one_goes_on(what: str, sources: dict[str, Path], tmp_path: Path) -> None:
    killed.converted(what, sources[what], tmp_path / "whole")
    whole = told(tmp_path / "whole")
    step, ordered, read, written = 1, set(), set(), set()
    while True:
        out = tmp_path / str(step)
        command = [sys.executable, killed.__file__, what, str(sources[what]), str(out), str(step)]
        if subprocess.run(command, check=False).returncode == 0:
            break
        assert not is_store(out)
        before = kept(out)
        ticks: list[int] = []
        done = killed.converted(what, sources[what], out, ticks.append)
        assert told(out) == whole, step
        assert sum(ticks) == done.accounts + done.rejected
        assert {path.relative_to(out): path.stat().st_ino for path in out.glob("*/*.parquet")}.items() >= {
            path.relative_to(draft_of(out)): number for path, number in before.items()
        }.items()
        assert not draft_of(out).exists()
        assert {each.name for each in out.iterdir() if each.is_file()} == {MANIFEST, SOURCE}
        read.add(done.read_before)
        written.add(done.written_before)
        ordered.add(done.sorted_before)
        step += 23
    assert step > 100
    assert len(read) > 3
    assert max(read) == len(whole)
    assert len(written) > 2
    assert len(ordered) > (2 if what == "parquet" else 0)


def test_a_folder_that_is_whole_only_wants_its_name(sources: dict[str, Path], tmp_path: Path) -> None:
    out, of = tmp_path / "out", {"files": "p.jsonl"}
    killed.converted("files", sources["files"], out)
    (out / "accounts" / "part-99999.parquet").write_bytes(b"")  # of an older portfolio, half taken away
    whole = tmp_path / "other"
    killed.converted("files", sources["files"], whole)
    shutil.move(whole, draft_of(out))
    (draft_of(out) / "_spool").mkdir()
    found = already(out, of)
    assert found is not None
    assert found.stands
    assert not draft_of(out).exists()
    assert not (out / "_spool").exists()
    assert not (out / "accounts" / "part-99999.parquet").exists()


def test_of_the_same_files_nothing_is_done_again_of_others_everything(sources: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    killed.converted("files", sources["files"], out)
    Sink(out, {"files": "q.jsonl"}, None).spool.save(7)
    assert not already(out, {"files": "q.jsonl"})
    assert draft_of(out).exists()
    assert already(out, {"files": "p.jsonl"})
    assert not draft_of(out).exists()
    path = next((out / "charges").glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1])
    assert not already(out, {"files": "p.jsonl"})


def test_what_was_read_for_something_else_is_not_gone_on_with(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for of in ({"files": 1}, {"files": 2}, None, None):
        begun = Sink(out, of, None)
        assert (begun.done, begun.whole) == (0, False)
        begun.spool.save(7, whole=True)
    assert Sink(out, None, None).done == 0
    begun = Sink(out, {"files": 3}, None)
    begun.spool.save(7)
    assert Sink(out, {"files": 3}, None).done == 7


def test_what_was_added_after_the_last_save_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dunning.columns.spool.STRETCH", 2)
    first = Sink(tmp_path / "out", {"a": 1}, None).spool
    rows, where = pa.table({"n": [1, 2, 3]}), [0, 1, 1]
    for _ in range(2):
        first.add("charges", rows, where)
        first.save(1) if not first.done else None
    second = Sink(tmp_path / "out", {"a": 1}, None).spool
    assert second.count == {"charges": 3}
    assert len(list((tmp_path / "out.part" / "_spool").glob("*.arrow"))) == 1
    taken = second.take("charges", range(2))
    assert taken is not None
    assert taken.column("n").to_pylist() == [1, 2, 3]


def test_somebody_elses_folder_of_that_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out.part").mkdir()
    (tmp_path / "out.part" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"out\.part"):
        Sink(tmp_path / "out", None, None)


def test_a_mark_that_cannot_be_read_is_no_mark(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    for text in ("", "[1]", json.dumps({"of": None})):
        (folder / SOURCE).write_text(text)
        assert sink.about(folder) == {}
