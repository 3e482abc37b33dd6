"""Decision tables to and from other people's tools: DMN modellers and engines, and spreadsheets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dunning.basis.errors import UsageError
from dunning.basis.finding import Finding, Lang, Text, has_errors
from dunning.cli.options import LangOption, On, day_of
from dunning.cli.speech import chosen, says

if TYPE_CHECKING:
    from dunning.exchange.drawn import Imported
    from dunning.model.rulebook import RuleBook

Pack = Annotated[
    str,
    typer.Argument(metavar="PACK", help=says("规则书的名字或文件", "a pack's name or a rule file"), show_default=False),
]
Names = Annotated[
    list[str] | None,
    typer.Option(
        "--table",
        metavar="NAME",
        help=says("只要这张表 (和它依据的表), 可写几次", "only this table (and those it reads), may be repeated"),
        show_default=False,
    ),
]
DmnFile = Annotated[
    Path, typer.Argument(metavar="FILE", help=says("DMN 文件", "a DMN file"), show_default=False, exists=True)
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help=says("写到文件; 不写则印出", "write to a file; by default print"), show_default=False
    ),
]


def export_dmn(pack: Pack, tables: Names = None, out: Out = None, on: On = None, lang: LangOption = None) -> None:
    """Decision tables as DMN 1.3, for modellers."""
    from dunning.exchange.to_dmn import to_dmn

    spoken = chosen(lang)
    book = _book(pack)
    written = to_dmn(book, _wanted(book, tables), on=day_of(on))
    _write(written.text, out)
    _tell(written.findings, spoken)


def import_dmn(path: DmnFile, out: Out = None, lang: LangOption = None) -> None:
    """Decision tables of a DMN file as a rule file."""
    from dunning.exchange.from_dmn import import_dmn as read

    _finish(read(path), out, chosen(lang))


def eval_dmn(
    path: DmnFile,
    decision: Annotated[
        str, typer.Option(metavar="NAME", help=says("哪个决策: 名字、编号或标题", "the decision: name, id or label"))
    ],
    data: Annotated[
        str, typer.Option("--input", metavar="JSON", help=says("输入: JSON, 或 @文件", "the data: JSON, or @FILE"))
    ] = "{}",
    lang: LangOption = None,
) -> None:
    """What a DMN file answers, with its own names: null for no match, a list for COLLECT."""
    from dunning.exchange.document import read_document
    from dunning.exchange.evaluate import evaluate, json_text

    chosen(lang)
    typer.echo(json_text(evaluate(read_document(path), decision, _json(data))))


def export_xlsx(
    pack: Pack,
    out: Annotated[Path, typer.Option(metavar="FILE", help=says("写到哪个文件", "the file to write"))],
    tables: Names = None,
    lang: LangOption = None,
) -> None:
    """Decision tables as a workbook, one sheet a table."""
    from dunning.exchange.to_xlsx import export_xlsx as write

    spoken = chosen(lang)
    book = _book(pack)
    wanted = _wanted(book, tables)
    write(book, wanted, out)
    typer.echo(Text(f"已写出 {len(wanted)} 张表: {out}", f"{len(wanted)} tables written: {out}").to(spoken))


def import_xlsx(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help=says("工作簿", "a workbook"), show_default=False, exists=True)
    ],
    out: Out = None,
    lang: LangOption = None,
) -> None:
    """Decision tables of a workbook as a rule file."""
    from dunning.exchange.from_xlsx import import_xlsx as read

    _finish(read(path), out, chosen(lang))


def _book(pack: str) -> RuleBook:
    from dunning.output.record.batch import books_of, read_rules

    books = books_of(read_rules(pack, draft=True))
    if len(books) != 1:
        names = ", ".join(sorted({book.name for book in books}))
        raise UsageError(Text(f"哪一本? {names}", f"which book? {names}"))
    return books[0]


def _wanted(book: RuleBook, tables: Sequence[str] | None) -> list[str]:
    """The tables asked for, by id or title; all of them where none is named."""
    from dunning.lang.text.names import did_you_mean, nearest

    found = []
    for name in tables or book.tables:
        table = next((table for table in book.tables.values() if name in (table.id, table.title.zh)), None)
        if table is None:
            guess = did_you_mean(nearest(name, book.tables))
            raise UsageError(Text(f"没有表“{name}”{guess.zh}", f"no table `{name}`{guess.en}"))
        found.append(table.id)
    return found


def _json(data: str) -> dict[str, Any]:
    """The data, with decimals exact."""
    text = Path(data[1:]).read_text(encoding="utf-8") if data.startswith("@") else data
    try:
        found = json.loads(text, parse_float=Decimal)
    except ValueError as wrong:
        raise UsageError(Text(f"--input 不是 JSON: {wrong}", f"--input is no JSON: {wrong}")) from None
    if not isinstance(found, dict):
        raise UsageError(Text("--input 要写 {名字: 值}", "--input is an object of names and values"))
    return found


def _write(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


def _tell(findings: Sequence[Finding], lang: Lang) -> None:
    """What was not carried over, on the other stream: the file itself may go into a pipe."""
    from dunning.cli.terminal import print_findings

    if findings:
        print_findings(findings, lang, to_stderr=True)
    if has_errors(findings):
        raise typer.Exit(1)


def _finish(read: Imported, out: Path | None, lang: Lang) -> None:
    if read.tables:
        _write(read.text, out)
    _tell(read.findings, lang)
