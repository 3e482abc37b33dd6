"""`dunning review`: the document people read and sign before a change of rules."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.cli.options import LangOption, On, day_of
from dunning.cli.speech import chosen, says


def review(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD",
            help=says("原来的规则: 名字、文件或文件夹", "the rules as they were: a name, a file or a folder"),
            show_default=False,
        ),
    ],
    new: Annotated[
        str,
        typer.Argument(metavar="NEW", help=says("要签的规则", "the rules to be signed"), show_default=False),
    ],
    accounts: Annotated[
        Path,
        typer.Option(
            metavar="PATH",
            help=says(
                "按这批户算影响; 文件里不出现户号", "the households it is held against; no ids stand in the document"
            ),
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE.docx", help=says("写到这个 Word 文件", "the Word file to write"), show_default=False
        ),
    ],
    on: On = None,
    lang: LangOption = None,
) -> None:
    """Write the document that is read and signed before a change of rules."""
    spoken, day = chosen(lang), day_of(on)
    _writable(out)
    from dunning.cli.parquet import portfolio_at
    from dunning.cli.terminal import console, progress
    from dunning.dossier.document import document, outline, title_of
    from dunning.dossier.dossier import gather
    from dunning.dossier.word import word

    with portfolio_at(accounts) as groups, progress(spoken) as bar:
        task = bar.add_task(accounts.name, total=groups.count, rate="")
        dossier = gather(old, new, groups, on=day, lang=spoken, tick=lambda count: bar.advance(task, count))
    blocks = document(dossier, lang=spoken, data=accounts.name)
    out.write_bytes(word(blocks, title=title_of(dossier, spoken), lang=spoken))
    screen = console()
    for line in outline(dossier, spoken):
        screen.print(line, markup=False)
    screen.print(Text(f"写在 {out}", f"written to {out}").to(spoken), markup=False)


def _writable(out: Path) -> None:
    """UsageError before anything is worked out: another kind of file, no such folder, or no library to write it."""
    if out.suffix.lower() != ".docx":
        raise UsageError(Text(f"--out 要写 .docx 文件, 不是“{out}”", f"--out is a .docx file, not `{out}`"))
    if not out.absolute().parent.is_dir():
        raise UsageError(Text(f"没有文件夹“{out.parent}”", f"there is no folder `{out.parent}`"))
    if find_spec("docx") is None:
        how = "pip install 'dunning[docx]'"
        raise UsageError(Text(f"写 Word 要装 python-docx: {how}", f"writing Word needs python-docx: {how}"))
