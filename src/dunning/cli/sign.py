"""`dunning sign`: a person's name under a rule file, after all there is to see before giving it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer

from dunning.basis.errors import UsageError
from dunning.basis.finding import Lang, Text
from dunning.cli.options import LangOption, day_of
from dunning.cli.speech import chosen, says
from dunning.lang.signatures import Signed
from dunning.model.action import ROLES


def sign(
    pack: Annotated[
        str,
        typer.Argument(
            metavar="PACK",
            help=says(
                "规则书或法律文件: 路径, 或本处 rules 里的名字 (residential、law/cn/hangzhou)",
                "a rule book or law file: a path, or its name in `rules` here (residential, law/cn/hangzhou)",
            ),
            show_default=False,
        ),
    ],
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help=says("签字人姓名", "the signer's name"), show_default=False)
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help=says("签字日期; 不写则今天 (北京时间)", "the day of signing; by default today in China"),
            show_default=False,
        ),
    ] = None,
    section: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SECTION",
            help=says("只会签这一段, 可写几次: late_fee", "sign this section only, may be repeated: late_fee"),
            show_default=False,
        ),
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(
            metavar="ROLE",
            help=says("以哪个岗位会签: finance、legal", "the role of a section's signer: finance, legal"),
            show_default=False,
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help=says("不再问一遍", "do not ask"))] = False,
    history: Annotated[
        bool, typer.Option("--history", help=says("只列出历次签字", "only list the signatures given so far"))
    ] = False,
    lang: LangOption = None,
) -> None:
    """Sign a rule book or a law file."""
    from dunning.check import signing
    from dunning.cli.terminal import console, print_cases, print_findings
    from dunning.output.signing import draft_text, history_text

    spoken = chosen(lang)
    draft = signing.prepare(signing.file_to_sign(pack))
    screen = console()
    if history:
        screen.print(history_text(draft, spoken), markup=False)
        return
    if by is None:
        raise UsageError(Text("谁签? 用 --by 写明姓名", "who signs? name them with --by"))
    day = day_of(on)
    _say_if_ahead(day, spoken)
    given = signing.signatures(draft, by=by, on=day, sections=section or (), role=role)
    screen.print(draft_text(draft, given, spoken), markup=False)
    if draft.findings:
        print_findings(draft.findings, spoken)
    if draft.cases is not None and not draft.cases.passed:
        print_cases(draft.cases, spoken)
    signing.refuse_unfit(draft, given)
    if not yes and not typer.confirm(_question(given).to(spoken)):
        typer.echo(Text("没有签", "not signed").to(spoken))
        raise typer.Exit(1)
    signing.sign(draft, given)
    typer.echo(Text(f"已签, 写进 {draft.page.file}", f"signed: written into {draft.page.file}").to(spoken))
    for lack in signing.left_to_sign(draft):
        who = ROLES[lack.role]
        left = Text(f"还缺: {lack.section} 由{who.zh}会签", f"still to sign: {lack.section} by {who.en}")
        typer.echo(left.to(spoken))


def _say_if_ahead(day: date, lang: Lang) -> None:
    """That the day of signing lies ahead: a signature says that somebody has read the file."""
    if day > (today := day_of(None)):
        zh = f"注意: 签字日期 {day} 还没有到, 今天是 {today}"
        en = f"note: {day}, the day of signing, lies ahead; today is {today}"
        typer.echo(Text(zh, en).to(lang), err=True)


def _question(given: Sequence[Signed]) -> Text:
    """Whether this person really signs this."""
    by, sections = given[0].by, [signed.section for signed in given if signed.section]
    zh, en = "、".join(sections) or "全书", ", ".join(sections) or "the whole"
    return Text(f"{by} 签{zh}?", f"{by} signs {en}?")
