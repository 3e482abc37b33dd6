"""`dunning selfcheck`: on a user's own portfolio and rules, whether everybody who can work it out agrees."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from dunning.basis.finding import Text
from dunning.cli.options import LangOption, On, Portfolio, Rules, day_of
from dunning.cli.speech import chosen, says


def selfcheck(
    path: Portfolio,
    rules: Rules = None,
    on: On = None,
    sample: Annotated[
        int, typer.Option(min=0, metavar="N", help=says("抽查大约几户; 0 为全部", "about so many accounts; 0 = all"))
    ] = 500,
    seed: Annotated[int, typer.Option(help=says("抽哪些户; 同一个数抽同一批", "which ones: the same again"))] = 1,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help=says("有不一致时, 报告写到哪里", "where differences are reported"))
    ] = Path("selfcheck"),
    jobs: Annotated[int, typer.Option(min=0, help=says("几个进程; 0 为全部核", "processes; 0 = all cores"))] = 0,
    lang: LangOption = None,
) -> None:
    """A sample through assess, columns, a loop over days and durable-rules; what differs, as a report without names."""
    from dunning.cli.converted import counting
    from dunning.cli.household import opened
    from dunning.output.record.batch import read_rules
    from dunning.output.record.record import engine_version
    from dunning.selfcheck.run import selfcheck as checked_by_all
    from dunning.selfcheck.sampled import ALL, sampled
    from dunning.selfcheck.told import LETTER, Setting, told, write_report

    spoken, day = chosen(lang), day_of(on)
    book = read_rules(rules)
    cores = jobs or os.cpu_count() or 1
    with opened(path) as portfolio:
        total = portfolio.count if sample == ALL or portfolio.count is None else min(sample, portfolio.count)
        groups = sampled(portfolio, sample, seed=seed)
        with counting(spoken, Path(path.partition("?")[0]).name, total) as tick:
            checked = checked_by_all(groups, partial(read_rules, rules), on=day, jobs=cores, tick=tick)
    typer.echo(told(checked, day).to(spoken))
    if not checked:
        write_report(checked, Setting(engine_version(), book, rules, day), out, spoken)
        where = out / LETTER
        zh, en = (
            f"不一致的户 (没有姓名) 和发给谁: {where}",
            f"what differs, without names, and where to send it: {where}",
        )
        typer.echo(Text(zh, en).to(spoken))
    raise typer.Exit(0 if checked else 1)
