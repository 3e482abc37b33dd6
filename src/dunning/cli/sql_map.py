"""`dunning sql-map`: mappings of databases, which are the business of dunning-sql and looked up when asked for."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.cli.options import LangOption
from dunning.cli.serve import SERVICES
from dunning.cli.speech import chosen, says

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Url = Annotated[
    str,
    typer.Argument(
        metavar="[URL]",
        help=says(
            "数据库地址, 如 mysql+pymysql://用户:密码@主机/库; 不写则取环境变量 DUNNING_SQL_URL",
            "the database, like mysql+pymysql://USER:PW@HOST/DB; by default the variable DUNNING_SQL_URL",
        ),
        show_default=False,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=says("写到哪个文件; 不写则显示", "the file to write; without it, shown"),
        show_default=False,
    ),
]


@app.command("init", help=says("看数据库, 起草一份映射, 猜的都标出来", "draft a mapping of a database, guesses marked"))
def init(url: Url = "", out: Out = None, lang: LangOption = None) -> None:
    """Draft a mapping."""
    typer.echo(_service().init(url, out, chosen(lang)), nl=False)


@app.command("check", help=says("查映射, 对照数据库, 读头几户", "check a mapping against its database, and read a few"))
def check(
    mapping: Annotated[Path, typer.Argument(metavar="MAPPING", help=says("映射文件", "the mapping file"))],
    url: Url = "",
    lang: LangOption = None,
) -> None:
    """Check a mapping."""
    told, well = _service().check(mapping, url, chosen(lang))
    typer.echo(told, nl=False)
    raise typer.Exit(0 if well else 1)


def _service() -> Any:
    found = {entry.name: entry for entry in entry_points(group=SERVICES)}
    if "sql-map" not in found:
        from dunning.adapter.lookup import KNOWN

        pip = KNOWN["sql"].pip
        zh = f"映射数据库要另外安装 dunning-sql; 在 dunning 的源码目录里运行: {pip}"
        raise UsageError(Text(zh, f"mappings of databases need dunning-sql; in a copy of dunning's source, run: {pip}"))
    return found["sql-map"].load()
