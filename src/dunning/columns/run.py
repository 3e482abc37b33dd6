"""A whole Parquet folder through `columns`, part by part, on several cores; killed at any moment, it goes on later.

A part's results get their names when they are whole and on disk, and then the part is entered as done. What is entered
is not done again, and what is not is done from its beginning: nothing twice, nothing lost, the same bytes in the end.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.basis.workers import Workers
from dunning.columns.answer import Answer, books_of, columns
from dunning.columns.disk import sync_folder, to_disk, write_safely
from dunning.columns.nights import Night, State, begin, end, gone, open_state
from dunning.columns.rows import Batch
from dunning.columns.schema import TABLES, Tables, shape_of
from dunning.columns.store import Store, open_store
from dunning.columns.summed import Sums, added, sums_of
from dunning.columns.way import InColumns
from dunning.columns.written import tables_of
from dunning.engine.assess import Rules

RUN = "run.json"
"""What a run is of: its input, its rules, its day. A folder holds the results of one."""

DONE = "parts"
"""The folder where each part that is done has its sums."""

Tick = Callable[[int], None]
"""Told how many accounts are done."""


@dataclass(frozen=True, slots=True)
class Task:
    """What every worker needs to know. `rules` loads them, in the worker; `ages` are the buckets of the summary.

    `objects`: every household through `assess`; `review`: whether next reviews are looked for; `named`: what the rules
    are called where they are asked for. `state`: where it is kept what is known from earlier nights, so that only those
    who are due are assessed; `whole`: the answers of all are written all the same.
    """

    folder: Path
    out: Path
    rules: Callable[[], Rules]
    on: date
    ages: tuple[int, ...] = ()
    objects: bool = False
    review: bool = False
    named: str | None = None
    state: Path | None = None
    whole: bool = False


GONE = "gone.jsonl"
"""The debtors who were there the night before and are not any more."""


def run(task: Task, *, jobs: int = 1, tick: Tick | None = None) -> Sums:
    """Assesses a folder into the folder `out`, or goes on with it; the sums of all parts.

    UsageError: the results that are there are of other records, other rules or another day.
    """
    store = open_store(task.folder)
    _begin(task, store)
    state, of = None if task.state is None else open_state(task.state), _identity(task, store)
    left = [part for part in range(store.parts) if not _entry(task.out, part).exists()]
    if state is not None and (left or state.of != of):
        begin(state, of, task.on)
        left = [part for part in range(store.parts) if part in left or not state.has(part)]
    if tick:
        tick(sum(_accounts(_sums(task.out, part)) for part in range(store.parts) if part not in set(left)))
    if jobs <= 1:
        worker = Worker(task, tick or (lambda _: None))
        for part in left:
            worker.assess(part)
    elif left:
        _shared_out(task, left, jobs, tick)
    if state is not None and (left or state.of != of):
        _end_of_night(task, store, state, of)
    total: Sums = {}
    for part in range(store.parts):
        total = added(total, _sums(task.out, part))
    return total


def _end_of_night(task: Task, store: Store, state: State, of: Mapping[str, Any]) -> None:
    lines = [
        json.dumps({"company": company, "debtor": debtor}, ensure_ascii=False) + "\n"
        for company, debtor in gone(state, store.parts)
    ]
    write_safely(task.out / GONE, "".join(lines))
    end(state, store.parts, of, task.on)


def _accounts(sums: Mapping[str, Any]) -> int:
    found: int = sum(sums["statuses"].values())
    return found


def _sums(out: Path, part: int) -> Sums:
    found: Sums = json.loads(_entry(out, part).read_text(encoding="utf-8"))
    return found


def _entry(out: Path, part: int) -> Path:
    return out / DONE / f"part-{part:05}.json"


def _begin(task: Task, store: Store) -> None:
    """Says what the results are of, before the first of them; or sees that those there are of the same."""
    said = _identity(task, store)
    path = task.out / RUN
    if path.exists():
        refuse_others(task.out, said)
        for left_over in task.out.glob("*/*.tmp"):
            left_over.unlink()
        return
    for name in (*TABLES, DONE):
        (task.out / name).mkdir(parents=True, exist_ok=True)
    asked = {"dunning": "run", "of": said, "from": str(task.folder.resolve()), "rules": task.named}
    write_safely(path, json.dumps(asked, ensure_ascii=False, indent=1) + "\n")


def refuse_others(out: Path, asked: Mapping[str, Any]) -> None:
    """UsageError if the results in a folder are of something else than what is asked, as far as that is said."""
    path = out / RUN
    of = json.loads(path.read_text(encoding="utf-8"))["of"] if path.exists() else asked
    if any(of[name] != value for name, value in asked.items()):
        raise UsageError(
            Text(
                f"“{out}”里是别的数据、别的规则或别的日期的结果; 换一个文件夹, 或先删掉它",
                f"`{out}` has results of other records, rules or day; name another folder or delete it",
            )
        )


def asked_of(rules: Rules, on: date, *, review: bool) -> dict[str, Any]:
    """What results hang on, the records apart."""
    books = sorted([book.name, book.version, book.digest] for book in books_of(rules))
    return {"rules": books, "on": on.isoformat(), "next_review": review}


def _identity(task: Task, store: Store) -> dict[str, Any]:
    return {"records": store.digest, **asked_of(task.rules(), task.on, review=task.review)}


def _shared_out(task: Task, left: list[int], jobs: int, tick: Tick | None) -> None:
    """Parts in several processes; how far they are is counted in memory they share."""
    counter = multiprocessing.get_context("spawn").Value("q", 0)
    told = 0
    with Workers(jobs, _start, task, counter) as pool:  # a fork would take pyarrow's threads half with it
        under_way: set[Future[None]] = {pool.submit(_assess, part) for part in left}
        while under_way:
            done, under_way = wait(under_way, timeout=0.25, return_when=FIRST_COMPLETED)
            for each in done:
                each.result()
            if tick and counter.value > told:
                tick(counter.value - told)
                told = counter.value


class Worker:
    """Assesses parts, one after another."""

    def __init__(self, task: Task, tick: Tick) -> None:
        self.task = task
        self.tick = tick
        self.store = open_store(task.folder)
        self.rules = task.rules()
        self.books = books_of(self.rules)
        self.shape = shape_of(self.books)
        self.way = InColumns()
        self.night: Night | None = None
        if task.state is not None:
            of = _identity(task, self.store)
            self.night = Night(open_state(task.state), self.store, self.rules, self.shape, of, task.on)

    def assess(self, part: int) -> None:
        """One part: its results under names of their own, on disk, renamed, entered."""
        sums: Sums = {}
        _entry(self.task.out, part).unlink(missing_ok=True)
        drafts = {name: self.task.out / name / f"part-{part:05}.parquet.tmp" for name in TABLES}
        with ExitStack() as files:
            writers = {
                name: files.enter_context(pq.ParquetWriter(path, self.shape.schemas[name], compression="zstd"))
                for name, path in drafts.items()
            }
            for answer in self._answers(part):
                for name, table in zip(TABLES, answer.tables, strict=True):
                    if len(table):
                        writers[name].write_table(table)
                sums = added(sums, sums_of(answer.tables, self.books, self.task.ages))
                sums = added(sums, {"paths": dict(answer.paths)})
                self.tick(len(answer.tables.assessments))
        for path in drafts.values():
            to_disk(path)
            path.replace(path.with_suffix(""))
            sync_folder(path.parent)
        sums.setdefault("statuses", {})
        write_safely(_entry(self.task.out, part), json.dumps(sums, ensure_ascii=False) + "\n")

    def _answers(self, part: int) -> Iterator[Answer]:
        if self.night is None:
            yield from map(self._assessed, self.store.batches(part))
        else:
            task = self.task
            yield from self.night.answers(part, self._assessed, whole=task.whole, all_reviews=task.review)
        rejected = self.store.rejected(part)
        if rejected:
            yield _told(tables_of(rejected, self.shape, self.task.on), len(rejected))

    def _assessed(self, batch: Batch) -> Answer:
        task, way = self.task, None if self.task.objects else self.way
        review = task.review and self.night is None  # the night finds them itself
        return columns(batch, self.rules, on=task.on, shape=self.shape, review=review, way=way)


def _told(tables: Tables, count: int) -> Answer:
    return Answer(tables, Counter(rejected=count))


_worker: Worker | None = None
"""The worker of a process of the pool."""


def _start(task: Task, counter: Any) -> None:
    global _worker  # a pool's processes have no other way to keep what they start with

    def tick(count: int) -> None:
        with counter.get_lock():
            counter.value += count

    pa.set_cpu_count(1)  # there is a process a core
    _worker = Worker(task, tick)
    gc.freeze()  # rules and modules stay; or the collector would walk them again for every few hundred households


def _assess(part: int) -> None:
    assert _worker is not None
    _worker.assess(part)


def rejected_rows(out: Path) -> Iterator[dict[str, Any]]:
    """The rejected accounts of a run that is done, as its table of assessments tells them."""
    for path in sorted((out / "assessments").glob("part-*.parquet")):
        file = pq.ParquetFile(path)
        for group in range(file.metadata.num_row_groups):
            table = file.read_row_group(group, columns=["company", "account", "debtor", "status"], use_threads=False)
            hit = pc.equal(table.column("status").cast(pa.string()), "rejected")
            if pc.any(hit).as_py():
                rows = file.read_row_group(group, use_threads=False).filter(hit)
                yield from rows.select(["company", "account", "debtor", "status", "findings"]).to_pylist()
