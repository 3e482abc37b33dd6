"""`dunning convert`: a portfolio into a Parquet folder, for many households and for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dunning.basis.finding import Text
from dunning.cli.options import LangOption
from dunning.cli.speech import InterruptedRunError, chosen, says


def convert(
    source: Annotated[
        str,
        typer.Argument(
            metavar="PATH|adapter:NAME?KEY=VALUE&...",
            help=says(
                "CSV 或 Parquet 文件夹、.xlsx 或 .jsonl, 或一个适配器",
                "a folder of CSV or Parquet files, an .xlsx or a .jsonl file, or an adapter",
            ),
            show_default=False,
        ),
    ],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help=says("写到哪个文件夹", "the folder to write"), show_default=False)
    ],
    lang: LangOption = None,
) -> None:
    """Write a portfolio as a Parquet folder, partitioned by debtor."""
    from dunning.cli.converted import convert_to, told

    spoken = chosen(lang)
    try:
        done = convert_to(source, out, spoken)
    except KeyboardInterrupt:
        zh = f"中断了, {out} 没有写成; 再运行一次, 接着做"
        en = f"interrupted, and {out} is not finished; run it again, and it goes on"
        raise InterruptedRunError(Text(zh, en)) from None
    typer.echo(told(done, out).to(spoken))
    if done.rejected:
        count = f"{done.rejected:,}"
        typer.echo(Text(f"拒收 {count} 户, 评估时说明", f"{count} rejected; assess tells why").to(spoken))
    raise typer.Exit(1 if done.rejected else 0)
