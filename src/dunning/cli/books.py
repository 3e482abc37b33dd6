"""`dunning show`, `rules`, `facts`, `schema`: what the rules say, a copy of them, and what they may speak of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.cli.options import LangOption, rules_passed_by
from dunning.cli.speech import chosen, says


def show(
    pack: Annotated[
        str | None,
        typer.Argument(
            metavar="[PACK]", help=says("规则书的名字或文件", "a pack's name or a rule file"), show_default=False
        ),
    ] = None,
    coverage: Annotated[
        bool,
        typer.Option(
            "--coverage", help=says("列出各规则书采用和不采用的条目", "the items that packs take up or decline")
        ),
    ] = False,
    lang: LangOption = None,
) -> None:
    """A whole book in prose, with where each part comes from."""
    from dunning.cli.terminal import console, print_passed_by
    from dunning.output.book import book_text
    from dunning.output.coverage import coverage_text
    from dunning.output.record.batch import books_of, read_rules

    spoken = chosen(lang)
    books = books_of(read_rules(pack, draft=True))
    if coverage:
        console().print(coverage_text(books, spoken), markup=False)
        return
    if len(books) > 1:
        names = ", ".join(sorted({book.name for book in books}))
        raise UsageError(Text(f"要看哪一本? {names}", f"which book? {names}"))
    print_passed_by(rules_passed_by(pack), spoken)
    console().print(book_text(books[0], spoken), markup=False)


def rules(
    out: Annotated[Path, typer.Option(metavar="DIR", help=says("抄到哪个文件夹", "the folder to copy to"))] = Path(
        "rules"
    ),
    lang: LangOption = None,
) -> None:
    """A copy of the shipped rules to change: `dunning check DIR`, `--rules DIR`."""
    from dunning.lang.library import copy_shipped

    spoken = chosen(lang)
    copy_shipped(out)
    told = Text(f"随附规则已抄到 {out}; 用它: --rules {out}", f"the shipped rules are in {out}: --rules {out}")
    typer.echo(told.to(spoken))


def facts(
    name: Annotated[str | None, typer.Argument(metavar="[FACT]", help=says("只看一个", "only this one"))] = None,
    lang: LangOption = None,
) -> None:
    """The facts that rules may test."""
    from dunning.cli.terminal import console, facts_table

    spoken = chosen(lang)
    console().print(facts_table(name, spoken))


def schema(
    of: Annotated[
        str,
        typer.Argument(
            metavar="[rules|account|assessment|...]",
            help=says("哪一种的: 规则文件, 或进出的记录", "of what: rule files, or a record that goes in or comes out"),
        ),
    ] = "rules",
) -> None:
    """The JSON Schema of rule files, for editors; or of a record, for other programs."""
    from dunning.lang.shapes.shape import schema_text
    from dunning.output.schemas import json_schema

    if of == "rules":  # as rules/schema.json has it
        typer.echo(schema_text(), nl=False)
    else:
        typer.echo(json.dumps(json_schema(cast(Any, of)), ensure_ascii=False, indent=2))
