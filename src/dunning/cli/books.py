"""`dunning show`, `dunning facts`, `dunning schema`: what the rules say and what they may speak of."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from dunning.cli.options import LangOption
from dunning.cli.speech import chosen, says


def show(
    pack: Annotated[
        str, typer.Argument(metavar="PACK", help=says("规则书的名字或文件", "a pack's name or a rule file"))
    ],
    lang: LangOption = None,
) -> None:
    """A whole book in prose, with where each part comes from."""
    from dunning.cli.terminal import console
    from dunning.lang.folder import load
    from dunning.output.book import book_text

    spoken = chosen(lang)
    console().print(book_text(load(pack), spoken), markup=False)


def facts(
    name: Annotated[str | None, typer.Argument(metavar="[FACT]", help=says("只看一个", "only this one"))] = None,
    lang: LangOption = None,
) -> None:
    """The facts that rules may test."""
    from dunning.cli.terminal import console, facts_table

    spoken = chosen(lang)
    console().print(facts_table(name, spoken))


def schema() -> None:
    """The JSON Schema of rule files, for editors."""
    from dunning.lang.shape import schema as made

    typer.echo(json.dumps(made(), ensure_ascii=False, indent=2))
