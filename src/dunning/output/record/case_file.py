"""A household as a case: its account without names, and what comes out for it today as what is expected from now on.

A reviewer who finds a household that is right, or that was wrong once, keeps it as a test of the rules.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import yaml

from dunning.basis.errors import UsageError
from dunning.basis.finding import Lang, Text
from dunning.basis.money import yuan
from dunning.check.cases import fresh
from dunning.engine.assess import Rules, assess
from dunning.engine.result import Assessment
from dunning.intake.records import read_account
from dunning.model.account import Account
from dunning.model.condition import Unknown
from dunning.model.rulebook import RuleBook, Table
from dunning.model.shown import answer_text
from dunning.output.record.pseudonyms import Names, masked

_STYLE: Any = {"allow_unicode": True, "sort_keys": False, "width": 120, "default_flow_style": None}
"""A record a line, as people write cases."""

_NOT_IN_A_CASE = ("company", "id", "unit", "data_as_of")


def case_text(account: Account, rules: Rules, *, on: date, lang: Lang = "zh", name: Text | None = None) -> str:
    """A file of cases with this one household on a date, for `rules/cases/`; it passes under the rules as they are.

    Ids become numbers and free text is left out, as in the decision record; attributes are those the book reads. Its
    data counts as fresh, as in every case. UsageError where no book applies to it.
    """
    book = assess(account, rules, on=on).book
    if book is None:
        told = Text("这一户不适用任何规则书, 写不成用例", "no rule book applies to the account, so it makes no case")
        raise UsageError(told)
    title = (name or Text(f"{on} 的一户", f"a household on {on}")).to(lang)
    data = _without_names(account, book)
    result = assess(read_account({"id": title, **fresh(on), **data}), book, on=on)
    case = {"case": title, "date": on.isoformat(), "account": data, "expect": _expect(result, book)}
    text: str = yaml.safe_dump({"rulebook": book.name, "cases": [case]}, **_STYLE)
    return text


def _without_names(account: Account, book: RuleBook) -> dict[str, Any]:
    attributes = {fact.key for fact in book.facts.values()}
    data: dict[str, Any] = json.loads(masked(account, Names([account]), attributes))
    return {key: value for key, value in data.items() if key not in _NOT_IN_A_CASE}


def _expect(result: Assessment, book: RuleBook) -> dict[str, Any]:
    """The money, the grades of the household, and its steps: those due now, and of the others the first code."""
    expect: dict[str, Any] = {
        "principal": yuan(result.balance.principal_due),
        "late_fee": yuan(result.balance.late_fee),
        "total": yuan(result.balance.total),
    }
    grades = {name: _grade(result, book.tables[name]) for name in result.grades}
    steps: dict[str, Any] = {each.step: {"no": each.code} for each in reversed(result.withheld)}
    steps |= {step: "now" for action in result.actions for step in (action.step, *(one.step for one in action.carries))}
    order = [step.id for step in (*book.reminders, *book.ladder.steps) if step.id in steps]
    return {**expect, "grades": grades, "steps": {step: steps[step] for step in order}}


def _grade(result: Assessment, table: Table) -> Any:
    graded = result.grades[table.id]
    return "undetermined" if isinstance(graded.value, Unknown) else answer_text(graded.value, table.output)
