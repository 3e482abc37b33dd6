"""`dunning may`: whether an action may be done, asked before the button is pressed."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated

import typer

from dunning.basis.errors import AccountError, UsageError
from dunning.basis.finding import Finding, Text
from dunning.cli.household import account_of
from dunning.cli.options import LangOption, On, day_of
from dunning.cli.speech import chosen, says
from dunning.engine.law.verdict import Verdict
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook

PACK = "residential"
"""The book asked where neither a book nor an account is given."""


def may(
    action: Annotated[
        str,
        typer.Argument(
            metavar="ACTION",
            help=says("动作或步骤的名字, 如 cut_water、停水", "an action or a step by name, like cut_water"),
            show_default=False,
        ),
    ],
    rules: Annotated[
        str | None,
        typer.Option(
            help=says(
                "规则书; 不写则用住宅规则, 或这一户适用的那一本",
                "a rule book; by default the residential one, or the one that applies to the account",
            ),
            show_default=False,
        ),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option(metavar="PLACE", help=says("地区, 如 CN-3301", "the place, like CN-3301"), show_default=False),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|adapter:NAME?...",
            help=says(
                "CSV 文件夹、.xlsx 或 .jsonl, 或一个适配器",
                "a folder of CSV files, an .xlsx or a .jsonl file, or an adapter",
            ),
            show_default=False,
        ),
    ] = None,
    id_: Annotated[
        str | None, typer.Option("--id", metavar="ID", help=says("户号", "the account's id"), show_default=False)
    ] = None,
    on: On = None,
    shape: Annotated[str, typer.Option("--format", metavar="text|json", help=says("格式", "format"))] = "text",
    lang: LangOption = None,
) -> None:
    """Whether an action may be done, by which articles, and what is still needed."""
    from dunning.engine.may import may as ruled
    from dunning.output.verdicts import verdict_dict, verdict_text

    spoken = chosen(lang)
    day = day_of(on)
    if shape not in ("text", "json"):
        raise UsageError(f"--format {shape}: text | json")
    known = None if account is None else account_of(account, id_, option="--id")
    verdict = ruled(action, _book(rules, known, day), on=day, account=known, place=place)
    if shape == "json":
        typer.echo(json.dumps(verdict_dict(verdict, lang=spoken), ensure_ascii=False, indent=2))
    else:
        typer.echo(verdict_text(verdict, spoken))
    raise typer.Exit(_code(verdict))


PROHIBITED = 3


def _code(verdict: Verdict) -> int:
    """0: go ahead; 1: not now, for something is still needed, a lawyer has to decide, or the step rests; 3: prohibited.

    A script that asks before it acts goes on at 0 only.
    """
    if verdict.prohibited:
        return PROHIBITED
    return 0 if verdict.verdict == "allowed" and not verdict.rests else 1


def _book(rules: str | None, account: Account | None, day: date) -> RuleBook:
    """The book asked for, else the one that applies to the account, else the residential one."""
    from dunning.output.record.batch import read_rules

    asked = read_rules(PACK if rules is None and account is None else rules)
    if isinstance(asked, RuleBook):
        return asked
    if account is None:
        raise UsageError(Text("是一个文件夹; 用 --rules 写明一本规则书", "a folder; name one rule book with --rules"))
    found = asked.book_for(account, day)
    if isinstance(found, Finding):
        raise AccountError([found])
    if found is None:
        zh, en = f"没有规则书适用于户“{account.id}”", f"no rule book applies to the account `{account.id}`"
        raise UsageError(Text(zh, en))
    return found
