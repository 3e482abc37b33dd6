"""`dunning sweep`: what becomes of a portfolio when a value of the rules is changed, before anybody changes it."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Annotated, Literal

import typer

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.cli.converted import convert_to, counting
from dunning.cli.options import LangOption, On, day_of
from dunning.cli.parquet import is_ours, needs_pyarrow
from dunning.cli.speech import chosen, says

Shape = Literal["text", "json", "svg", "html"]


def sweep(
    rules: Annotated[
        str,
        typer.Argument(
            metavar="RULES",
            help=says("规则书的名字、文件或文件夹", "a pack's name, a file or a folder"),
            show_default=False,
        ),
    ],
    param: Annotated[
        list[str],
        typer.Option(
            metavar="PATH=FROM..TO|PATH=VALUE,VALUE",
            help=says(
                "改哪个值, 试哪些: late_fee.cap=3%..8%, tables.account_grade.5.欠费金额[1]=3000元,8000元",
                "which value, and what to try: late_fee.cap=3%..8%",
            ),
            show_default=False,
        ),
    ],
    portfolio: Annotated[
        str,
        typer.Option(
            metavar="PATH|adapter:NAME?...",
            help=says(
                "用哪批户算; 户多时先 dunning convert", "the portfolio; Parquet (dunning convert) if it is large"
            ),
            show_default=False,
        ),
    ],
    on: On = None,
    steps: Annotated[
        int | None,
        typer.Option(
            min=2, max=60, metavar="N", help=says("从头到尾试几个值", "values from end to end"), show_default=False
        ),
    ] = None,
    actions: Annotated[
        Literal["none", "day", "week"],
        typer.Option(
            help=says(
                "要做的动作: 不算 (快得多), 当天的, 一周内的 (不再有新记录)",
                "actions: not counted (much faster), those of the day, or of a week without news",
            )
        ),
    ] = "day",
    shape: Annotated[Shape, typer.Option("--format", help=says("格式", "format"))] = "text",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=says("写到这个文件", "write it to this file"), show_default=False),
    ] = None,
    jobs: Annotated[int, typer.Option(min=0, help=says("几个进程; 0 为全部核", "processes; 0 = all cores"))] = 0,
    lang: LangOption = None,
) -> None:
    """Arrears, late fee, households by grade and actions to be done, against a value of the rules."""
    needs_pyarrow()
    from dunning.columns.store import open_store
    from dunning.output.record.batch import read_rules
    from dunning.sweep.counted import Asked, count
    from dunning.sweep.drawn import sweep_html, sweep_svg
    from dunning.sweep.params import param as param_of
    from dunning.sweep.swept import Sweep
    from dunning.sweep.told import sweep_dict, sweep_text
    from dunning.sweep.variants import variants

    spoken, day = chosen(lang), day_of(on)
    if out is not None and not out.parent.is_dir():  # told before the work, not after it
        raise UsageError(Text(f"没有文件夹“{out.parent}”", f"there is no folder `{out.parent}`"))
    params = tuple(param_of(each, steps) for each in param)
    with tempfile.TemporaryDirectory() as at:
        tried = variants(rules, params, on=day, into=Path(at) / "rules")
        folder = Path(portfolio)
        if not is_ours(folder):
            folder = Path(at) / "records"
            convert_to(portfolio, folder, spoken)
        accounts = open_store(folder).accounts
        asked = Asked(folder, tuple(each.path for each in tried), day, actions)
        with counting(spoken, f"{len(tried)} ×", accounts * len(tried)) as tick:
            counts = count(asked, jobs=jobs or os.cpu_count() or 1, tick=lambda done: tick(done * len(tried)))
    swept = Sweep(read_rules(rules, draft=True), params, tuple(tried), tuple(counts), day, actions, accounts)
    match shape:
        case "json":
            text = json.dumps(sweep_dict(swept, lang=spoken), ensure_ascii=False, indent=2) + "\n"
        case "svg":
            text = sweep_svg(swept, lang=spoken)
        case "html":
            text = sweep_html(swept, lang=spoken)
        case _:
            text = sweep_text(swept, lang=spoken)
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
