"""`dunning explain`: why one household's answer is what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dunning.basis.finding import Lang, Text
from dunning.cli.household import group_with
from dunning.cli.options import AccountId, LangOption, On, Portfolio, Rules, day_of, rules_passed_by, rules_told
from dunning.cli.parquet import RunIn, is_ours, run_in
from dunning.cli.speech import chosen, says


def explain(
    path: Portfolio,
    account: AccountId,
    rules: Rules = None,
    on: On = None,
    company: Annotated[str | None, typer.Option(help=says("公司 (户号重复时)", "the company, if ids repeat"))] = None,
    lang: LangOption = None,
) -> None:
    """One household's answer, and the why of every figure."""
    from dunning.cli.terminal import console, print_passed_by
    from dunning.engine.review import reviewed
    from dunning.output.explain import explain as told
    from dunning.output.record.batch import assessed, read_rules

    spoken = chosen(lang)
    run = run_in(Path(path))
    if run is not None:  # as the run had it, unless something else is asked for
        rules, on = rules or run.rules, on or run.day
        _as_it_was(run, spoken)
    day = day_of(on)
    book = read_rules(rules)
    group = group_with(path, account, company=company)
    for rejected in group.rejected:
        if rejected.id == account and company in (None, rejected.company):
            console().print(told(rejected, spoken), markup=False)
            raise typer.Exit(1)
    results = reviewed(assessed(group, book, day), book)
    result = next(one for one in results if one.account.id == account and company in (None, one.account.company))
    print_passed_by(rules_passed_by(rules), spoken)
    console().print(told(result, spoken), markup=False)
    used = rules_told(rules)
    console().print(Text(f"\n规则: {used.zh}", f"\nrules: {used.en}").to(spoken), markup=False)


def _as_it_was(run: RunIn, lang: Lang) -> None:
    """Says so where the records are no longer those that the results are of."""
    if is_ours(run.records):
        from dunning.columns.store import open_store

        if open_store(run.records).digest != run.digest:
            zh = f"注意: {run.records} 里已是新的数据, 下面按新数据算, 可能和当时的结果不同"
            en = f"note: {run.records} has newer records; what follows is of those, and may differ from the results"
            typer.echo(Text(zh, en).to(lang), err=True)
