"""`dunning sql-map`: mappings of databases, which are the business of dunning-sql and looked up when asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dunning.basis.finding import Text
from dunning.cli.options import LangOption
from dunning.cli.serve import service
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
    from dunning.adapter.lookup import KNOWN

    return service("sql-map", Text("数据库的映射 (dunning-sql) ", "dunning-sql"), KNOWN["sql"].pip)
