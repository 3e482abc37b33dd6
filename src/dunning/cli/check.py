"""`dunning check` and `dunning test`: is the rule file right, and does it say what its author meant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import typer

from dunning.basis.finding import Finding
from dunning.cli.options import LangOption, On, Portfolio, Rules, day_of, rules_at_hand, with_rules
from dunning.cli.speech import chosen, says
from dunning.model.account import Account

TOLD = 20
"""Rejected accounts shown one by one."""

RulesPath = Annotated[
    str | None,
    typer.Argument(
        metavar="[PATH]",
        help=says(
            "规则书的名字、文件或文件夹; 不写则本文件夹的 rules, 没有则随附的规则",
            "a pack's name, a rule file or a folder; by default `rules` here, or else the shipped rules",
        ),
        show_default=False,
    ),
]


def check(
    path: RulesPath = None,
    shape: Annotated[Literal["text", "json", "github"], typer.Option("--format", help=says("格式", "format"))] = "text",
    source: Annotated[
        str | None,
        typer.Option(
            metavar="adapter:NAME?...",
            help=says("数据从哪里来: 它没有的记录, 用到了就提醒", "where the data comes from: what it lacks is told"),
            show_default=False,
        ),
    ] = None,
    accounts: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help=says(
                "有一批户时: 数一数有多少户正做到不见了的步骤, 读不出来的户也说明",
                "a portfolio: how many of its households stand on steps that are gone, and which cannot be read",
            ),
            show_default=False,
        ),
    ] = None,
    on: On = None,
    lang: LangOption = None,
) -> None:
    """Find what is wrong with rule files."""
    from dunning.adapter.lookup import open_adapter
    from dunning.basis.finding import Text, has_errors
    from dunning.check.run import check as run
    from dunning.cli.terminal import print_findings
    from dunning.output.screens import findings_json, workflow_commands

    spoken = chosen(lang)
    supplies = None if source is None else open_adapter(source).capabilities().lists
    rejected: list[tuple[Finding, ...]] = []
    households = None if accounts is None else _accounts(accounts, rejected)
    found = run(with_rules(rules_at_hand(path)), supplies=supplies, accounts=households, on=day_of(on))
    shown = rejected[:TOLD] if shape == "text" else rejected
    found += [finding for findings in shown for finding in findings]
    if shape == "json":
        typer.echo(json.dumps(findings_json(found, spoken), ensure_ascii=False, indent=2))
    elif shape == "github":
        typer.echo(workflow_commands(found, spoken), nl=False)
    else:
        print_findings(found, spoken)
        if more := len(rejected) - len(shown):
            zh, en = (
                f"还有 {more} 户被拒收, dunning assess 逐户说明",
                f"{more} more accounts are rejected: dunning assess tells why",
            )
            typer.echo(Text(zh, en).to(spoken))
        if slips := sum(each.code.startswith("Y") and bool(each.fix) and has_errors([each]) for each in found):
            zh, en = f"其中 {slips} 处笔误, dunning fmt --fix 可以一次改完", f"dunning fmt --fix mends {slips} of them"
            typer.echo(Text(zh, en).to(spoken))
    raise typer.Exit(1 if has_errors(found) else 0)


def _accounts(path: Path, rejected: list[tuple[Finding, ...]]) -> Iterator[Account]:
    """The accounts of a portfolio that can be read, one after another; why others cannot be is put into `rejected`."""
    from dunning.intake.files.tables import open_portfolio

    for group in open_portfolio(path):
        rejected += [each.findings for each in group.rejected]
        yield from group.accounts


def run_cases(
    path: RulesPath = None,
    coverage: Annotated[
        bool,
        typer.Option("--coverage", help=says("列出没有用例用到的行和步骤", "list rows and steps no case comes to")),
    ] = False,
    mutate: Annotated[
        bool,
        typer.Option(
            "--mutate",
            help=says("把每个界限挪一个单位, 列出没有用例发现的", "move each limit by one; list what no case notices"),
        ),
    ] = False,
    junit: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=says("另写一份 JUnit XML", "write JUnit XML as well"), show_default=False),
    ] = None,
    lang: LangOption = None,
) -> None:
    """Run the cases reviewers wrote."""
    from dunning.check import cases, noticed
    from dunning.cli.terminal import print_cases, print_findings, print_reached, trying
    from dunning.output.junit import junit_xml

    spoken = chosen(lang)
    files = cases.cases_of(rules_at_hand(path))
    report = cases.run_cases(files)
    print_cases(report, spoken)
    if junit is not None:
        junit.write_text(junit_xml(report, spoken), encoding="utf-8")
    found = []
    if not report.findings:
        reached = noticed.reached(files)
        print_reached(reached, spoken)
        found += reached.missed if coverage else []
    if mutate:
        with trying(spoken, noticed.count(files)) as tick:
            found += noticed.unnoticed(files, tick=tick)
    if found:
        print_findings(found, spoken)
    raise typer.Exit(0 if report.passed else 1)


def case(
    path: Portfolio,
    account: Annotated[
        str | None, typer.Option("--account", metavar="ID", help=says("户号", "the account's id"), show_default=False)
    ] = None,
    rules: Rules = None,
    on: On = None,
    lang: LangOption = None,
) -> None:
    """A household of a portfolio as a case, without names."""
    from dunning.cli.household import account_of
    from dunning.output.record.batch import read_rules
    from dunning.output.record.case_file import case_text

    typer.echo(case_text(account_of(path, account), read_rules(rules), on=day_of(on), lang=chosen(lang)), nl=False)
