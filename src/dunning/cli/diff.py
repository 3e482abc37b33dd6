"""`dunning diff`: what changed in meaning from one version of the rules to another, and what becomes of a portfolio."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dunning.cli.options import LangOption, On, day_of
from dunning.cli.parquet import is_ours
from dunning.cli.speech import chosen, says

if TYPE_CHECKING:
    from dunning.basis.finding import Lang
    from dunning.compare.difference import Difference
    from dunning.compare.impact import Impact
    from dunning.compare.impact_columns import Load
    from dunning.engine.assess import Rules

Shape = Literal["text", "json", "html"]


def diff(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD",
            help=says("原来的规则: 名字、文件或文件夹", "the rules as they were: a name, a file or a folder"),
            show_default=False,
        ),
    ],
    new: Annotated[
        str,
        typer.Argument(metavar="NEW", help=says("现在的规则", "the rules as they are"), show_default=False),
    ],
    portfolio: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help=says(
                "另算这批户: 各从哪个结果变到哪个结果, 钱差多少",
                "assess this portfolio too: who moves, and how much money",
            ),
            show_default=False,
        ),
    ] = None,
    steps: Annotated[
        bool,
        typer.Option(
            "--steps/--no-steps",
            help=says(
                "也比要做的步骤和不做的原因; 不比则快得多 (Parquet)",
                "compare steps and reasons, too; without them far faster (Parquet)",
            ),
        ),
    ] = True,
    jobs: Annotated[
        int, typer.Option(min=0, help=says("Parquet 用几个进程; 0 为全部核", "processes for Parquet; 0 = all"))
    ] = 0,
    on: On = None,
    shape: Annotated[Shape, typer.Option("--format", help=says("格式", "format"))] = "text",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=says("写到这个文件", "write it to this file"), show_default=False),
    ] = None,
    exit_code: Annotated[
        bool,
        typer.Option("--exit-code", help=says("意思有不同时, 以 1 结束", "end with 1 if anything differs in meaning")),
    ] = False,
    lang: LangOption = None,
) -> None:
    """What changed in meaning, of whom, and by how much."""
    from dunning.check.run import check
    from dunning.compare.diff import diff as compare
    from dunning.compare.news import news
    from dunning.output.record.batch import read_rules

    spoken, day = chosen(lang), day_of(on)
    before, after = read_rules(old, draft=True), read_rules(new, draft=True)
    found = compare(before, after, on=day)
    fresh, gone = news(check(old), check(new))
    found = replace(found, new_findings=fresh, gone_findings=gone)
    if portfolio is not None:
        if is_ours(portfolio):
            loads = partial(read_rules, old, draft=True), partial(read_rules, new, draft=True)
            cores = jobs or os.cpu_count() or 1
            counted = _in_columns(portfolio, loads, day, spoken, steps=steps, jobs=cores)
        else:
            counted = _impact(portfolio, before, after, day, spoken)
        found = replace(found, impact=counted)
    _told(found, shape, out, spoken)
    raise typer.Exit(1 if exit_code and found else 0)


def _impact(portfolio: Path, old: Rules, new: Rules, on: date, lang: Lang) -> Impact:
    """The whole portfolio under both, with a bar meanwhile."""
    from dunning.cli.parquet import portfolio_at
    from dunning.cli.terminal import progress
    from dunning.compare.impact import Impact, pairs

    with portfolio_at(portfolio) as groups, progress(lang) as bar:
        task = bar.add_task(portfolio.name, total=groups.count, rate="")
        return Impact.of(pairs(groups, old, new, on=on, tick=lambda count: bar.advance(task, count)))


def _in_columns(folder: Path, rules: tuple[Load, Load], on: date, lang: Lang, *, steps: bool, jobs: int) -> Impact:
    """The same of a Parquet folder, in columns."""
    from dunning.cli.converted import counting
    from dunning.cli.parquet import needs_pyarrow

    needs_pyarrow()
    from dunning.columns.store import open_store
    from dunning.compare.impact_columns import Asked, impact

    with counting(lang, folder.name, open_store(folder).accounts) as tick:
        return impact(Asked(folder, *rules, on, steps), jobs=jobs, tick=tick)


def _told(found: Difference, shape: Shape, out: Path | None, lang: Lang) -> None:
    from dunning.cli.terminal import print_difference
    from dunning.compare.page import difference_html
    from dunning.compare.told import difference_dict, difference_text

    if shape == "text" and out is None:
        print_difference(found, lang)
        return
    if shape == "json":
        text = json.dumps(difference_dict(found, lang=lang), ensure_ascii=False, indent=2) + "\n"
    elif shape == "html":
        text = difference_html(found, lang=lang)
    else:
        text = difference_text(found, lang=lang)
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
