"""`dunning sample`: a realistic portfolio to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dunning.cli.options import LangOption
from dunning.cli.speech import chosen, says


def sample(
    accounts: Annotated[int, typer.Option(min=1, help=says("户数", "how many accounts"))] = 300,
    seed: Annotated[int, typer.Option(help=says("同一种子写出同样的数据", "the same seed, the same data"))] = 1,
    out: Annotated[Path, typer.Option(help=says("写到哪里", "where to write"))] = Path("portfolio"),
    shape: Annotated[
        str, typer.Option("--format", metavar="csv|xlsx|jsonl|parquet", help=says("格式", "format"))
    ] = "csv",
    lang: LangOption = None,
) -> None:
    """Write a realistic portfolio."""
    from dunning.intake.samples.sample import write_portfolio

    spoken = chosen(lang)
    if shape == "parquet":
        path = _in_parquet(out, accounts, seed)
    else:
        path = write_portfolio(out, accounts=accounts, seed=seed, shape=shape, lang=spoken)
    typer.echo(f"已写出 {accounts} 户: {path}" if spoken == "zh" else f"{accounts} accounts written: {path}")


def _in_parquet(out: Path, accounts: int, seed: int) -> Path:
    from dunning.cli.parquet import needs_pyarrow

    needs_pyarrow()
    from dunning.columns.convert import convert_records
    from dunning.intake.samples.sample import make_portfolio

    convert_records(make_portfolio(accounts, seed), out)
    return out
