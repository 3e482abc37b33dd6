"""`dunning assess` in columns: records into Parquet if they are not yet, then part by part, resumable."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.cli.converted import convert_to, counting, told
from dunning.cli.household import ADAPTER
from dunning.cli.options import now_in_china
from dunning.cli.parquet import in_parquet, is_ours, needs_pyarrow
from dunning.engine.assess import Rules
from dunning.output.record.batch import REJECTED, Job, books_of, read_rules, whole_or_none
from dunning.output.record.leftovers import RUN, SUMMARY, leftovers
from dunning.output.report import AGES, Summary, summary_of

if TYPE_CHECKING:
    from dunning.columns.run import Task, Tick

LARGE = 500_000_000
"""Bytes of files from which a portfolio goes through columns by itself."""

RECORDS = "records"
"""Where a portfolio that is no Parquet folder of ours is kept, in the folder of the state or of the results."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line said of engine and format; None: nothing."""

    engine: str | None
    shape: str | None

    def columns(self, path: Path) -> bool:
        """Whether it goes in columns: asked for, or Parquet, or large, and no other format asked for.

        UsageError for an engine there is not, and for columns in a format that they do not write.
        """
        if self.engine not in (None, "columns", "objects"):
            raise UsageError(f"--engine {self.engine}: columns | objects")
        if self.engine == "columns" and self.shape not in (None, "parquet"):
            told = Text("列式引擎只写 Parquet: 不写 --format", "the columns write Parquet: leave out --format")
            raise UsageError(told)
        if self.shape == "parquet" or self.engine == "columns":
            return True
        if self.shape is not None or self.engine == "objects":
            return self.engine == "objects" and self.shape is None and in_parquet(path)
        return in_parquet(path) or _size(path) >= LARGE


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(file.stat().st_size for file in path.glob("*.csv"))
    return path.stat().st_size if path.is_file() else 0


def assess_in_columns(
    source: str, job: Job, out: Path, *, objects: bool, jobs: int, state: Path | None = None, whole: bool = False
) -> tuple[Summary, int]:
    """Assesses a portfolio into the folder `out`, or goes on with it; with `summary.json` and `rejected.jsonl`.

    The sums, and how many accounts stand as they were and are not among them unless `whole`.

    `state`: the folder of what is known from earlier nights; `whole` as for a `Task`. `source` may be an adapter where
    there is a state.
    """
    needs_pyarrow()
    from dunning.columns.disk import alone_in
    from dunning.columns.run import GONE, Task, asked_of, refuse_others

    rules = read_rules(job.rules)  # before anything is written: they may be wrong
    refuse_others(out, asked_of(rules, job.on, review=job.review))
    if state is not None:
        _is_state(state, job.on)
    old = leftovers(out, {RUN, REJECTED, *(() if state is None else (GONE,))})
    limits = tuple(days for days, _ in AGES if days is not None)
    load = partial(read_rules, job.rules)
    with alone_in(out), nullcontext() if state is None else alone_in(state):
        task = Task(
            _records(source, rules, job, out, state), out, load, job.on, limits,
            objects=objects, review=job.review, named=job.rules, state=state, whole=whole,
        )  # fmt: skip
        with counting(job.lang, _name(source), _accounts(task.folder)) as tick:
            summary, paths = _ran(task, rules, jobs, tick)
        old.remove()
    typer.echo(_ways(paths).to(job.lang))
    if removed := old.told():
        typer.echo(removed.to(job.lang))
    return summary, paths.get("stands", 0)


def _ran(task: Task, rules: Rules, jobs: int, tick: Tick) -> tuple[Summary, dict[str, int]]:
    """The run itself, and its sums beside the tables; how many accounts went which way."""
    from dunning.columns.run import rejected_rows, run

    sums, out = run(task, jobs=jobs, tick=tick), task.out
    summary = summary_of(sums, books_of(rules))
    with whole_or_none(out / REJECTED) as file:
        for row in rejected_rows(out):
            file.write(json.dumps({**row, "where": row["findings"][0]["at"]}, ensure_ascii=False) + "\n")
    paths: dict[str, int] = sums.get("paths", {})
    said = {"on": task.on.isoformat(), **summary.to_dict(), "paths": paths}
    with whole_or_none(out / SUMMARY) as file:
        file.write(json.dumps(said, ensure_ascii=False, indent=2) + "\n")
    return summary, paths


def _name(source: str) -> str:
    """What a portfolio is called while it is counted."""
    return Path(source.partition("?")[0].removeprefix(ADAPTER)).name


def _ways(paths: dict[str, int]) -> Text:
    """How many went in columns, and why the others did not."""
    done, stand = paths.get("columns", 0), paths.get("stands", 0)
    others = {way: count for way, count in sorted(paths.items()) if way not in ("columns", "stands")}
    if stand:
        again = Text(f"照旧 {stand:,} 户; ", f"{stand:,} accounts stand as they were; ")
        return again.joined(_ways({"columns": done, **others}))
    if not others:
        return Text(f"全部按列算: {done:,} 户", f"all in columns: {done:,} accounts")
    why = ", ".join(f"{way} {count:,}" for way, count in others.items())
    return Text(f"按列算 {done:,} 户, 逐户算: {why}", f"in columns {done:,} accounts, one by one: {why}")


def _accounts(folder: Path) -> int:
    from dunning.columns.store import open_store

    return open_store(folder).accounts


def _records(source: str, rules: Rules, job: Job, out: Path, state: Path | None) -> Path:
    """The portfolio as a folder of ours: itself, or kept in the state, or beside the results."""
    if source.startswith(ADAPTER):
        assert state is not None
        return _out_of_erp(source, rules, job, out, state)
    if is_ours(Path(source)):
        return Path(source)
    records = (out if state is None else state) / RECORDS
    typer.echo(told(convert_to(source, records, job.lang), records).to(job.lang))
    return records


def _out_of_erp(address: str, rules: Rules, job: Job, out: Path, state: Path) -> Path:
    """The records of an ERP as the state keeps them, brought up to date unless results of them are under way."""
    from dunning.adapter.lookup import open_adapter
    from dunning.cli.nightly import FromErp
    from dunning.cli.terminal import print_findings

    erp = FromErp(open_adapter(address), address, state / RECORDS, now_in_china())
    if not erp.is_under_way(out, job.on):
        findings, gone = erp.bring_up_to_date(rules, job.on, job.lang)
        print_findings(findings, job.lang)
        if gone:
            typer.echo(Text(f"已经不在的户: {gone:,}", f"accounts gone: {gone:,}").to(job.lang))
    return erp.records


def _is_state(folder: Path, on: date) -> None:
    """UsageError, before anything is written into it, if a folder is something else, or a later night has been."""
    from dunning.columns.nights import open_state, refuse_earlier

    refuse_earlier(open_state(folder), on)
