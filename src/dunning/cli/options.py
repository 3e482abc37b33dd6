"""The options that several commands share, each written once."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

import typer

from dunning.basis.calendar import parse_date
from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.cli.speech import says

Portfolio: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="PATH|adapter:NAME?KEY=VALUE&...",
        help=says(
            "CSV 文件夹、.xlsx 或 .jsonl, 或一个适配器",
            "a folder of CSV files, an .xlsx or a .jsonl file, or an adapter",
        ),
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


def rules_told(rules: str | None) -> Text:
    """Which rules are in use: those that come with the package, or what was asked for."""
    from dunning.lang.folder import is_shipped_name

    if rules is None:
        return Text("随附规则", "the shipped rules")
    if is_shipped_name(rules):
        return Text(f"随附的 {rules}", f"the shipped pack {rules}")
    return Text(rules, rules)


def rules_passed_by(rules: str | None) -> Text | None:
    """What to say where the shipped rules are used though the folder at hand has others; None where it has none."""
    from dunning.lang.folder import is_shipped_name
    from dunning.lang.library import shipped

    own = Path("rules")
    named = is_shipped_name(rules) if rules is not None else False
    if not (rules is None or named) or not own.is_dir() or _files(own) == _files(shipped()):
        return None
    wanted = own / "packs" / f"{rules}.yaml" if named else own
    if not wanted.exists():
        return None
    path = wanted.as_posix()
    said = path if named else f"--rules {path}"
    told = rules_told(rules)
    return Text(
        f"用的是{told.zh}, 不是这里的 {path}; 要用自己的, 写 {said}",
        f"what is used: {told.en}, not the {path} here; for those write {said}",
    )


def _files(folder: Path) -> dict[str, bytes]:
    """The rule files of a folder with what is in them."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.yaml"))}


def day_of(on: str | None) -> date:
    """The date asked about; without one, today in Asia/Shanghai (only the command line has a clock).

    CalendarError for no date, UsageError for one of a year no record can be of.
    """
    from dunning.intake.schema import YEARS

    if on is None:
        return now_in_china().date()
    day = parse_date(on, name="--on")
    if day.year not in YEARS:
        zh = f"--on {day}: 物业费记录在 {YEARS[0]} 年到 {YEARS[-1]} 年之间, 年份写错了吗?"
        en = f"--on {day}: records of property fees are of the years {YEARS[0]} to {YEARS[-1]}; is the year a slip?"
        raise UsageError(Text(zh, en))
    return day


def now_in_china() -> datetime:
    """The present moment, with its offset."""
    return datetime.now(ZoneInfo("Asia/Shanghai"))


def rules_at_hand(path: str | None) -> str:
    """What to look at where nothing is named: the folder `rules` here, or else the shipped rules."""
    if path is not None:
        return path
    from dunning.lang.library import shipped

    return "rules" if Path("rules").is_dir() else str(shipped())


def with_rules(path: str) -> str:
    """The same path. UsageError for a folder without a rule file: it is no folder in which nothing is wrong."""
    from dunning.lang.library import yaml_files

    where = Path(path)
    # Looked into first: that it may not be looked into is an OSError here, and not as good as empty.
    if where.is_dir() and not (any(where.iterdir()) and yaml_files(where)):
        zh = f"文件夹“{path}”里没有规则文件 (.yaml), 什么也没有查"
        raise UsageError(Text(zh, f"`{path}` has no rule file (.yaml): nothing was looked at"))
    return path
