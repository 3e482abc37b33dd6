"""A whole portfolio through `assess`: group by group, on one core or several, written as it goes.

Memory does not grow with the portfolio. Files get their names only when the run is done, so that half a result is never
taken for one.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

from dunning.basis.finding import Lang
from dunning.basis.workers import Workers
from dunning.engine.assess import Rules, assess_group
from dunning.engine.result import Assessment
from dunning.engine.review import reviewed
from dunning.intake.groups import Group, Portfolio, RawGroup
from dunning.lang.folder import load, load_folder, resolve
from dunning.lang.library import shipped
from dunning.model.rulebook import RuleBook
from dunning.output.exchange import to_json
from dunning.output.record.leftovers import SUMMARY, leftovers
from dunning.output.record.record import Keep, Kept, Recorder
from dunning.output.report import Summary
from dunning.output.sheets import Columns, Format, Row, Writer, files_of

CHUNK = 200
"""Groups a worker takes at a time: enough to make the hand-over cheap, few enough to keep memory flat."""

REJECTED = "rejected.jsonl"

Tick = Callable[[int], None]
"""Told how many accounts are done."""


class Also(NamedTuple):
    """One more file of results: its name, and what a group's assessments put into it (a function of a module, for it is
    called in the worker's process).
    """

    file: str
    lines: Callable[[Sequence[Assessment]], str]


@dataclass(frozen=True, slots=True)
class Job:
    """What every worker needs to know. `rules`: the name or path, or None for the shipped packs; `record`: whether the
    decisions are recorded; `review`: whether each household's next review is looked for, which takes far longer;
    `beside`: files that the caller writes into the same folder.
    """

    rules: str | None
    on: date
    lang: Lang
    shape: Format
    record: bool = False
    review: bool = False
    also: Also | None = None
    beside: tuple[str, ...] = ()

    @property
    def writes(self) -> frozenset[str]:
        """The files that there are after the run."""
        own = (REJECTED, *files_of(self.shape), *([self.also.file] if self.also else ()))
        return frozenset({*own, *self.beside})


class Done(NamedTuple):
    """What a worker hands back: the text of the results, or their rows for the sheets; the rejected, sums, record."""

    text: str
    rows: dict[str, list[Row]]
    rejected: str
    summary: Summary
    accounts: int
    kept: tuple[Kept, ...]
    also: str = ""


def assess_portfolio(
    portfolio: Portfolio,
    job: Job,
    out: Path,
    *,
    jobs: int = 1,
    tick: Tick | None = None,
    recorder: Recorder | None = None,
) -> Summary:
    """Assess every account and write the results into the folder `out`; the sums are returned and in `summary.json`.

    Results stand in the order of the groups, whatever the number of workers: the same inputs give the same bytes. With
    a `recorder` every decision is recorded, and on disk before the results get their names. What an older run left
    there and this one does not write again goes when the new results are there.
    """
    job = replace(job, record=recorder is not None)
    worker = Worker(job)  # before anything is written: the rules may be wrong
    out.mkdir(parents=True, exist_ok=True)
    old = leftovers(out, job.writes)
    summary = Summary()
    more: AbstractContextManager[IO[str] | None] = whole_or_none(out / job.also.file) if job.also else nullcontext()
    with Writer(out, job.shape, worker.columns) as writer, whole_or_none(out / REJECTED) as rejected, more as also:
        for done in map(worker.assess, _chunks(portfolio)) if jobs <= 1 else _shared_out(portfolio, job, jobs):
            writer.write(done.text, done.rows)
            rejected.write(done.rejected)
            if also:
                also.write(done.also)
            summary.merge(done.summary)
            if recorder:
                recorder.record(done.kept)
            if tick:
                tick(done.accounts)
        if recorder:
            recorder.sync()
    text = json.dumps({"on": job.on.isoformat(), **summary.to_dict()}, ensure_ascii=False, indent=2)
    old.remove()
    (out / SUMMARY).write_text(text + "\n", encoding="utf-8")
    return summary


def read_rules(rules: str | None, *, draft: bool = False) -> Rules:
    """A book by name or file, or a folder of them; None: the shipped packs. RulesError, UsageError as `load` raises.

    `draft` as for `load`: only to look at, so that it need not be signed.
    """
    path = shipped() if rules is None else resolve(rules)
    return load_folder(path, draft=draft) if path.is_dir() else load(path, draft=draft)


def books_of(rules: Rules) -> list[RuleBook]:
    """Every book in use."""
    return [rules] if isinstance(rules, RuleBook) else list(rules.books)


def _shared_out(portfolio: Portfolio, job: Job, jobs: int) -> Iterator[Done]:
    """The chunks' results in the order of the portfolio; at most two chunks a process are under way."""
    with Workers(jobs, _start, job, fork=True) as pool:
        under_way: deque[Future[Done]] = deque()
        for chunk in _chunks(portfolio):
            under_way.append(pool.submit(_assess, chunk))
            if len(under_way) > 2 * jobs:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


def _chunks(portfolio: Portfolio) -> Iterator[list[RawGroup]]:
    groups = portfolio.raw()
    while chunk := list(islice(groups, CHUNK)):
        yield chunk


class Worker:
    """Reads, assesses and renders groups: all but the writing."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.rules = read_rules(job.rules)
        self.columns = Columns(books_of(self.rules), job.lang)
        self.keep = Keep(books_of(self.rules), job.on) if job.record else None

    def assess(self, chunk: list[RawGroup]) -> Done:
        """Each group from its raw lines to its results before the next one: nothing is kept longer than it must."""
        summary = Summary()
        text: list[str] = []
        rows: dict[str, list[Row]] = {}
        rejected: list[str] = []
        kept: list[Kept] = []
        also: list[str] = []
        accounts = 0
        for raw in chunk:
            group = raw.read()
            results = assessed(group, self.rules, self.job.on)
            for result in results:
                summary.add(result)
            lines = list(map(to_json, results)) if self.keep or self.job.shape == "jsonl" else []
            if self.keep:
                kept.append(self.keep.of(group, results, lines))
            if self.job.review:
                results = list(reviewed(results, self.rules))  # no part of the decision, so not of its record
                lines = list(map(to_json, results)) if self.job.shape == "jsonl" else []
            if self.job.shape == "jsonl":
                text.extend(lines)
            if self.job.also:
                also.append(self.job.also.lines(results))
            for sheet, more in self.columns.rows(results, self.job.shape).items():
                rows.setdefault(sheet, []).extend(more)
            for row in group.rejected:
                summary.reject(tuple(finding.code for finding in row.findings))
                rejected.append(to_json(row))
            accounts += len(results) + len(group.rejected)
        return Done("".join(text), rows, "".join(rejected), summary, accounts, tuple(kept), "".join(also))


def assessed(group: Group, rules: Rules, on: date) -> list[Assessment]:
    """A group's assessments, each with what the reader had to say about its account."""
    results = assess_group(group.accounts, rules, on=on)
    return [
        replace(result, findings=(*read.findings, *result.findings)) if read.findings else result
        for read, result in zip(group.reads, results, strict=True)
    ]


_worker: Worker | None = None
"""The worker of a process of the pool."""


def _start(job: Job) -> None:
    global _worker  # a pool's processes have no other way to keep what they start with
    _worker = Worker(job)


def _assess(chunk: list[RawGroup]) -> Done:
    assert _worker is not None
    return _worker.assess(chunk)


@contextmanager
def whole_or_none(path: Path) -> Iterator[IO[str]]:
    """A file of text that gets its name when it is complete."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        yield file
    part.replace(path)
