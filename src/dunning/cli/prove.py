"""`dunning prove`: what holds of a book for every amount, day and household, or the household of which it does not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from dunning.basis.errors import UsageError
from dunning.basis.finding import Lang, Text
from dunning.cli.check import RulesPath
from dunning.cli.options import LangOption, rules_at_hand
from dunning.cli.speech import chosen, says

if TYPE_CHECKING:
    from dunning.check.proofs.claims import Claim
    from dunning.model.rulebook import RuleBook


def prove(
    path: RulesPath = None,
    tables: Annotated[
        bool,
        typer.Option(
            "--tables",
            help=says(
                "只看表: 没有漏的户, 与 check 查出的一样", "only the tables: no gap, and z3 finds what check finds"
            ),
        ),
    ] = False,
    shape: Annotated[Literal["text", "json"], typer.Option("--format", help=says("格式", "format"))] = "text",
    lang: LangOption = None,
) -> None:
    """Prove what holds of every late fee, step and table; a claim that is false prints its household as a case."""
    from dunning.cli.terminal import print_claim, proving
    from dunning.output.record.batch import books_of, read_rules

    try:
        from dunning.check.proofs.prove import questions
    except ModuleNotFoundError as error:
        if error.name != "z3":
            raise
        pip = 'pip install "dunning[prove]"'
        raise UsageError(Text(f"证明要用 z3; 运行: {pip}", f"proofs need z3; run: {pip}")) from error
    spoken = chosen(lang)
    books = books_of(read_rules(rules_at_hand(path), draft=True))
    asked = [(book, questions(book, tables_only=tables)) for book in books]
    found: list[tuple[RuleBook, list[Claim]]] = []
    with proving(spoken, sum(len(each) for _, each in asked)) as tick:
        for book, several in asked:
            claims: list[Claim] = []
            found.append((book, claims))
            if shape == "text" and len(asked) > 1:
                typer.echo(f"{book.title} ({book.name})" if spoken == "zh" else book.name)
            for ask in several:
                for claim in ask():
                    if shape == "text":
                        print_claim(claim, spoken, after=claims[-1] if claims else None)
                        typer.echo(_case(claim, book, spoken), nl=False)
                    claims.append(claim)
                tick()
    if shape == "json":
        typer.echo(json.dumps([_told(*each, spoken) for each in found], ensure_ascii=False, indent=2))
    else:
        _sum_up([claim for _, claims in found for claim in claims], spoken)
    raise typer.Exit(0 if all(claim.answer in _FINE for _, claims in found for claim in claims) else 1)


_FINE = ("proved", "not_claimed")


def _case(claim: Claim, book: RuleBook, lang: Lang) -> str:
    """The household that shows it, as a file of cases; nothing where there is none, or the book is for nobody."""
    from dunning.output.record.case_file import case_text

    if claim.shown is None or claim.answer != "false" or book.applies is None:
        return ""
    name = Text("反例: ", "counterexample: ").joined(claim.title)
    return case_text(claim.shown.account, book, on=claim.shown.on, lang=lang, name=name)


def _told(book: RuleBook, claims: Iterable[Claim], lang: Lang) -> dict[str, Any]:
    return {
        "rulebook": book.name,
        "file": book.file,
        "claims": [
            {
                "claim": claim.name,
                "title": claim.title.to(lang),
                "of": claim.of.to(lang),
                "answer": claim.answer,
                "reach": claim.reach.to(lang),
                "shown": None if claim.shown is None else claim.shown.told.to(lang),
                "case": _case(claim, book, lang) or None,
            }
            for claim in claims
        ],
    }


def _sum_up(claims: Iterable[Claim], lang: Lang) -> None:
    """How many of each answer, in one line."""
    answers = [claim.answer for claim in claims]
    proved, false, open_ = (answers.count(each) for each in ("proved", "false", "open"))
    zh = f"{proved} 项已证明, {false} 项有反例, {open_} 项未证出"
    if false:
        zh += "; 反例存成 cases/ 里的文件, dunning test 就会跑它"
    en = f"{proved} proved, {false} false, {open_} open"
    if false:
        en += "; saved in `cases/`, a counterexample is run by `dunning test`"
    typer.echo(Text(zh, en).to(lang))
