"""The options that several commands share, each written once."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

import typer

from dunning.basis.calendar import parse_date
from dunning.cli.speech import says

Portfolio: TypeAlias = Annotated[
    Path,
    typer.Argument(
        metavar="PATH",
        help=says("CSV 文件夹、.xlsx 或 .jsonl", "a folder of CSV files, an .xlsx or a .jsonl file"),
        show_default=False,
    ),
]
Rules: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help=says(
            "规则书的名字、文件或文件夹; 不写则用随附的规则, 每户用它适用的那一本",
            "a pack's name, a rule file or a folder; by default the shipped packs, each account the one that applies",
        ),
        show_default=False,
    ),
]
On: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help=says(
            "按哪一天计算, 如 2026-11-22; 不写则今天 (北京时间)", "the date asked about; by default today in China"
        ),
        show_default=False,
    ),
]
LangOption: TypeAlias = Annotated[
    str | None, typer.Option("--lang", metavar="zh|en", help=says("语言", "language"), show_default=False)
]
AccountId: TypeAlias = Annotated[
    str, typer.Option(metavar="ID", help=says("户号", "the account's id"), show_default=False)
]


def day_of(on: str | None) -> date:
    """The date asked about; without one, today in Asia/Shanghai (only the command line has a clock)."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date() if on is None else parse_date(on, name="--on")
