"""`dunning prove`: what holds of a book's late fee for every amount and every number of days."""

from __future__ import annotations

from typing import Annotated

import typer

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.cli.options import LangOption
from dunning.cli.speech import chosen, says


def prove(
    pack: Annotated[
        str, typer.Argument(help=says("规则书的名字或文件", "a pack's name or a rule file"), show_default=False)
    ],
    lang: LangOption = None,
) -> None:
    """Prove what is claimed of the late fee; a claim that is false prints its household as a case."""
    from dunning.check.claims import household
    from dunning.cli.terminal import print_claim
    from dunning.lang.folder import load
    from dunning.output.record.case_file import case_text

    try:
        from dunning.check import prove as proofs
    except ModuleNotFoundError as error:
        if error.name != "z3":
            raise
        pip = 'pip install "dunning[prove]"'
        raise UsageError(Text(f"证明要用 z3; 运行: {pip}", f"proofs need z3; run: {pip}")) from error
    spoken = chosen(lang)
    book = load(pack, draft=True)
    answers = set()
    for claim in proofs.prove(book):
        answers.add(claim.answer)
        print_claim(claim, spoken)
        found = household(claim)
        if found is not None and book.applies is not None:
            account, on = found
            typer.echo(case_text(account, book, on=on, lang=spoken), nl=False)
    raise typer.Exit(0 if answers == {"proved"} else 1)
