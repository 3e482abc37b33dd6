"""`dunning timeline`: one household played forward, to see what a rule book would do and when."""

from __future__ import annotations

from typing import Annotated

import typer

from dunning.basis.calendar import parse_date
from dunning.basis.errors import UsageError
from dunning.cli.household import account_of
from dunning.cli.options import AccountId, LangOption, Portfolio, Rules
from dunning.cli.speech import chosen, says


def timeline(
    path: Portfolio,
    account: AccountId,
    since: Annotated[str, typer.Option(metavar="DATE", help=says("从哪一天", "the first day"), show_default=False)],
    until: Annotated[str, typer.Option(metavar="DATE", help=says("到哪一天", "the last day"), show_default=False)],
    scenario: Annotated[
        str,
        typer.Option(
            metavar="silent|pays_on:DATE|promises_and_breaks",
            help=says("一直不缴、某天缴清、承诺而不兑现", "never pays, pays on a day, promises and never does"),
        ),
    ] = "silent",
    rules: Rules = None,
    shape: Annotated[str, typer.Option("--format", metavar="text|json|svg", help=says("格式", "format"))] = "text",
    company: Annotated[str | None, typer.Option(help=says("公司 (户号重复时)", "the company, if ids repeat"))] = None,
    lang: LangOption = None,
) -> None:
    """One household played forward from review to review."""
    from dunning.engine.timeline import timeline as played
    from dunning.output.record.batch import read_rules
    from dunning.output.timeline import timeline_json, timeline_svg, timeline_text

    spoken = chosen(lang)
    if shape not in ("text", "json", "svg"):
        raise UsageError(f"--format {shape}: text | json | svg")
    first, last = parse_date(since, name="--since"), parse_date(until, name="--until")
    found = account_of(path, account, company=company)
    told = played(found, read_rules(rules, draft=True), since=first, until=last, scenario=scenario)
    match shape:
        case "json":
            text = timeline_json(told)
        case "svg":
            text = timeline_svg(told, lang=spoken)
        case _:
            text = timeline_text(told, lang=spoken) + "\n"
    typer.echo(text, nl=False)
