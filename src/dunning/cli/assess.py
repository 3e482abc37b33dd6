"""`dunning assess`: a portfolio in, an answer for every household out."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.cli.household import ADAPTER
from dunning.cli.options import LangOption, On, Rules, day_of, now_in_china, rules_passed_by, rules_told
from dunning.cli.speech import InterruptedRunError, chosen, says

if TYPE_CHECKING:
    from dunning.cli.through import Through
    from dunning.output.record.batch import Also, Job
    from dunning.output.report import Summary


def assess(
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH|adapter:NAME?KEY=VALUE&...",
            help=says(
                "CSV 文件夹、.xlsx 或 .jsonl, 或一个适配器",
                "a folder of CSV files, an .xlsx or a .jsonl file, or an adapter",
            ),
            show_default=False,
        ),
    ],
    rules: Rules = None,
    on: On = None,
    out: Annotated[Path, typer.Option(help=says("结果写到哪个文件夹", "the folder for the results"))] = Path("out"),
    shape: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="jsonl|csv|xlsx|parquet",
            help=says(
                "格式; 不写则 jsonl, 数据是 Parquet 或很大时 parquet",
                "format; by default jsonl, or parquet where the records are Parquet or many",
            ),
            show_default=False,
        ),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="columns|objects",
            help=says(
                "按列算 (写 Parquet, 可中断后接着算) 或逐户算; 不写则看数据",
                "in columns (writes Parquet, goes on where it stopped) or one by one; by default as the records are",
            ),
            show_default=False,
        ),
    ] = None,
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
    cursor: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=says(
                "读到哪里记在这个文件里, 下次只读有变化的户 (适配器)",
                "keep in this file how far was read, and read only the news next time (adapters)",
            ),
            show_default=False,
        ),
    ] = None,
    incremental: Annotated[
        Path | None,
        typer.Option(
            metavar="STATE",
            help=says(
                "已知的记在这个文件夹里, 只算有新记录的、到了日子的户, 其余照旧 (按列算)",
                "keep in this folder what is known; assess only who has news or whose day has come (in columns)",
            ),
            show_default=False,
        ),
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help=says("照旧的户也写出来", "write the answers that stand, too"))
    ] = False,
    deliver: Annotated[
        bool,
        typer.Option(
            "--deliver",
            help=says(
                "列出今天要送达的; 加 --yes 才真的交给适配器",
                "list what is to be delivered today; with --yes hand it to the adapter",
            ),
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help=says("真的送达", "really deliver"))] = False,
    lang: LangOption = None,
) -> None:
    """Assess every account of a portfolio, or of an ERP through its adapter."""
    from dunning.cli.columnar import Asked, assess_in_columns
    from dunning.cli.terminal import print_findings, print_nobody, print_summary
    from dunning.output.record.batch import Job
    from dunning.output.record.leftovers import leftovers
    from dunning.output.sheets import format_named

    spoken = chosen(lang)
    asked = Asked(engine or ("columns" if incremental else None), shape)
    cores = jobs or os.cpu_count() or 1
    only_adapters = {"--cursor": cursor is not None, "--deliver": deliver, "--yes": yes}
    if incremental:
        other = f"--format {shape}" if shape not in (None, "parquet") else ""
        _not_with("--incremental", {**only_adapters, "--record": record is not None, other: bool(other)})
    elif whole:
        raise UsageError(Text("--whole 和 --incremental 一起用", "--whole goes with --incremental"))
    through_adapter, in_columns = path.startswith(ADAPTER), asked.columns(Path(path))
    if incremental or (not through_adapter and record is None and in_columns):
        if not through_adapter:
            _only_files(Path(path), out, adapters_only=only_adapters)
        job = Job(rules, day_of(on), spoken, "jsonl", review=next_review)
        try:
            summary, stand = assess_in_columns(
                path, job, out, objects=engine == "objects", jobs=cores, state=incremental, whole=whole
            )
        except KeyboardInterrupt:
            zh = f"中断了; 做完的部分已经存好, 同一条命令再运行一次, 接着做 ({out} 还不完整)"
            en = f"interrupted; what was done is kept: run the same again, and it goes on ({out} is not complete yet)"
            raise InterruptedRunError(Text(zh, en)) from None
        print_summary(summary, spoken, on=job.on, out=out, rules=rules_told(rules), passed_by=rules_passed_by(rules))
        if not stand:
            print_nobody(summary, path, job.on, spoken)
        elif not summary.households:
            typer.echo(Text("没有人有新记录或到了日子", "nobody has news, and nobody's day has come").to(spoken))
        raise typer.Exit(1 if summary.statuses["rejected"] else 0)
    if engine == "columns" or shape == "parquet":
        raise UsageError(
            Text(
                "列式引擎读文件, 也不写决定记录; 适配器的数据先用 dunning convert 写成 Parquet, 或用 --incremental",
                "the columns read files, and keep no record; from an adapter, first dunning convert, or --incremental",
            )
        )
    job = Job(rules, day_of(on), spoken, format_named(shape or "jsonl"), review=next_review)
    through = None
    if path.startswith(ADAPTER):
        through = _through(path, job, cursor, deliver=deliver)
        print_findings(through.findings, spoken)
        job = replace(job, also=_deliveries() if deliver else None, beside=through.files(deliver=deliver and yes))
    else:
        _only_files(Path(path), out, adapters_only=only_adapters)
    old = leftovers(out, job.writes)
    summary, recorded = _run(path, through, job, out, cores, record)
    print_summary(summary, spoken, on=job.on, out=out, rules=rules_told(rules), passed_by=rules_passed_by(rules))
    print_nobody(summary, path, job.on, spoken)
    if told := old.told():
        typer.echo(told.to(spoken))
    if recorded is not None:
        typer.echo(recorded.to(spoken))
    if through is not None:
        _after(through, out, deliver=deliver, yes=yes)
    raise typer.Exit(1 if summary.statuses["rejected"] else 0)


def _not_with(option: str, given: Mapping[str, bool]) -> None:
    """What cannot go together is told before anything is done."""
    for other in (name for name, there in given.items() if there):
        raise UsageError(Text(f"{other} 不能和 {option} 一起用", f"{other} does not go with {option}"))


def _only_files(path: Path, out: Path, *, adapters_only: Mapping[str, bool]) -> None:
    """What makes no sense where a file or folder is read is told before anything is done."""
    from dunning.intake.files.text import is_blank

    for option, given in adapters_only.items():
        if given:
            raise UsageError(
                Text(f"{option} 只用于适配器: {ADAPTER}NAME?...", f"{option} is for adapters: {ADAPTER}NAME?...")
            )
    if path.is_dir() and out.resolve() == path.resolve():
        told = Text(f"结果不能写进数据所在的文件夹 {path}", f"results cannot go into the folder of the data, {path}")
        raise UsageError(told)
    if is_blank(path):
        raise UsageError(
            Text(f"“{path}”是空的: 0 户, 连表头也没有", f"`{path}` is empty: 0 households, not even heads")
        )


def _through(address: str, job: Job, cursor: Path | None, *, deliver: bool) -> Through:
    from dunning.cli.through import Through
    from dunning.output.record.batch import read_rules

    now = now_in_china()
    if deliver and job.on != now.date():
        raise UsageError(
            Text(
                f"送达只能按今天 ({now.date()}), 不能按 {job.on}",
                f"deliveries are for today, {now.date()}, not {job.on}",
            )
        )
    return Through(address, read_rules(job.rules), bookmark=cursor, deliver=deliver, now=now)


def _deliveries() -> Also:
    from dunning.adapter.delivery import deliveries_jsonl
    from dunning.cli.through import DELIVERIES
    from dunning.output.record.batch import Also

    return Also(DELIVERIES, deliveries_jsonl)


def _run(
    path: str, through: Through | None, job: Job, out: Path, jobs: int, record: Path | None
) -> tuple[Summary, Text | None]:
    """The whole pass, with its progress on screen; the sums, and what is told of the record."""
    from dunning.cli.parquet import portfolio_at
    from dunning.cli.terminal import progress
    from dunning.output.record.batch import assess_portfolio
    from dunning.output.record.record import Recorder

    began = time.monotonic()
    recorder = None if record is None else Recorder(record)
    source = portfolio_at(Path(path)) if through is None else through.portfolio
    with recorder or nullcontext(), source as portfolio, progress(job.lang) as bar:
        task = bar.add_task(Path(path.partition("?")[0]).name, total=portfolio.count, rate="")

        def tick(count: int) -> None:
            bar.advance(task, count)
            seconds = time.monotonic() - began
            bar.update(task, rate=f"{bar.tasks[0].completed / seconds:,.0f}/s" if seconds else "")

        try:
            summary = assess_portfolio(portfolio, job, out, jobs=jobs, tick=tick, recorder=recorder)
        except KeyboardInterrupt:
            raise InterruptedRunError(_stopped(int(bar.tasks[0].completed), out, recorded=record is not None)) from None
    return summary, None if recorder is None else recorder.told()


def _stopped(count: int, out: Path, *, recorded: bool) -> Text:
    """What an interrupted pass leaves: results get their names at the end only."""
    told = Text(
        f"中断了: 算了 {count:,} 户, 结果没有写出, {out} 里还是原来的; 再运行一次, 从头算",
        f"interrupted after {count:,} households: no results were written, {out} is as it was; run it again",
    )
    kept = Text("; 已写进记录的决定都在", "; decisions recorded by then are kept")
    return told.joined(kept) if recorded else told


def _after(through: Through, out: Path, *, deliver: bool, yes: bool) -> None:
    """Results safe, then deliveries, then the cursor: what a crash interrupts is done again, and nothing is lost."""
    from dunning.cli.adapter_tables import print_delivered, print_planned
    from dunning.cli.through import DELIVERIES, RECEIPTS

    spoken = chosen(None)
    gone = through.assessed(out)
    if gone:
        typer.echo(Text(f"已经不在的户: {len(gone):,} (gone.jsonl)", f"gone: {len(gone):,} (gone.jsonl)").to(spoken))
    if deliver and not yes:
        count = print_planned(through.planned(out), spoken)
        told = Text(
            f"{count:,} 条在 {out / DELIVERIES}, 一条也没有送出; 加 --yes 就送",
            f"{count:,} are in {out / DELIVERIES}, and none was delivered; with --yes they are",
        )
        typer.echo(told.to(spoken))
        return
    if deliver:
        try:
            print_delivered(through.deliver(out, now=now_in_china()), spoken)
        except KeyboardInterrupt:
            zh = f"中断了: 已交出的都在 {out / RECEIPTS}; 再运行一次, 只送其余的"
            en = f"interrupted: what was handed over is in {out / RECEIPTS}; run it again for the rest"
            raise InterruptedRunError(Text(zh, en)) from None
    through.done()
