"""`dunning convert`: a portfolio into a Parquet folder, for many households and for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dunning.basis.finding import Text
from dunning.cli.options import LangOption
from dunning.cli.speech import chosen, says


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
    from dunning.cli.columnar import convert_to

    spoken = chosen(lang)
    accounts, rejected, parts = convert_to(source, out, spoken)
    told = Text(f"已写出 {accounts:,} 户, {parts} 份: {out}", f"{accounts:,} accounts written in {parts} parts: {out}")
    typer.echo(told.to(spoken))
    if rejected:
        typer.echo(Text(f"拒收 {rejected:,} 户, 评估时说明", f"{rejected:,} rejected; assess tells why").to(spoken))
    raise typer.Exit(1 if rejected else 0)
