"""`dunning assess`: a portfolio in, an answer for every household out."""

from __future__ import annotations

import os
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.cli.options import LangOption, On, Portfolio, Rules, day_of, rules_passed_by, rules_told
from dunning.cli.speech import chosen, says


def assess(
    path: Portfolio,
    rules: Rules = None,
    on: On = None,
    out: Annotated[Path, typer.Option(help=says("结果写到哪个文件夹", "the folder for the results"))] = Path("out"),
    shape: Annotated[str, typer.Option("--format", metavar="jsonl|csv|xlsx", help=says("格式", "format"))] = "jsonl",
    jobs: Annotated[int, typer.Option(min=0, help=says("几个进程; 0 为全部核", "processes; 0 = all cores"))] = 1,
    record: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help=says("决定记录的文件夹", "record every decision in this folder"), show_default=False
        ),
    ] = None,
    next_review: Annotated[
        bool,
        typer.Option(
            "--next-review",
            help=says("算出每户下次要看的日子 (慢得多)", "find each household's next review (much slower)"),
        ),
    ] = False,
    lang: LangOption = None,
) -> None:
    """Assess every account of a portfolio."""
    from dunning.cli.terminal import print_summary, progress
    from dunning.intake.files.tables import open_portfolio
    from dunning.output.record.batch import Job, assess_portfolio
    from dunning.output.record.record import Recorder
    from dunning.output.sheets import format_named

    spoken = chosen(lang)
    job = Job(rules, day_of(on), spoken, format_named(shape), review=next_review)
    if path.is_dir() and out.resolve() == path.resolve():
        told = Text(f"结果不能写进数据所在的文件夹 {path}", f"results cannot go into the folder of the data, {path}")
        raise UsageError(told)
    began = time.monotonic()
    recorder = None if record is None else Recorder(record)
    with recorder or nullcontext(), open_portfolio(path) as portfolio, progress(spoken) as bar:
        task = bar.add_task(path.name, total=portfolio.count, rate="")

        def tick(count: int) -> None:
            bar.advance(task, count)
            seconds = time.monotonic() - began
            bar.update(task, rate=f"{bar.tasks[0].completed / seconds:,.0f}/s" if seconds else "")

        summary = assess_portfolio(portfolio, job, out, jobs=jobs or os.cpu_count() or 1, tick=tick, recorder=recorder)
    print_summary(summary, spoken, on=job.on, out=out, rules=rules_told(rules), passed_by=rules_passed_by(rules))
    if recorder is not None:
        typer.echo(recorder.told().to(spoken))
    raise typer.Exit(1 if summary.statuses["rejected"] else 0)
