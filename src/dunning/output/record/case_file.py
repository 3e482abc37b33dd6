"""A household as a case: its account without names, and what comes out for it today as what is expected from now on.

A reviewer who finds a household that is right, or that was wrong once, keeps it as a test of the rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
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
from dunning.model.statutes import lineage
from dunning.output.record.pseudonyms import Names, masked

_STYLE: Any = {"allow_unicode": True, "sort_keys": False, "width": 120, "default_flow_style": None}
"""A record a line, as people write cases."""

_NOT_IN_A_CASE = ("company", "id", "unit", "data_as_of")


def case_text(account: Account, rules: Rules, *, on: date, lang: Lang = "zh", name: Text | None = None) -> str:
    """A file of cases with this one household on a date, for `rules/cases/`; it passes under the rules as they are.

    Ids become numbers and free text is left out, as in the decision record; of what could still tell whose household it
    is (community, area, days of handover and ownership, place ...) only what the outcome needs stays, and the first
    lines say what that is. One with a `name` is nobody's and stays whole. Its data counts as fresh, as in every case.
    UsageError where no book applies to it.
    """
    book = assess(account, rules, on=on).book
    if book is None:
        told = Text("这一户不适用任何规则书, 写不成用例", "no rule book applies to the account, so it makes no case")
        raise UsageError(told)
    title = (name or Text(f"{on} 的一户", f"a household on {on}")).to(lang)

    def outcome(data: dict[str, Any]) -> dict[str, Any]:
        return _expect(assess(read_account({"id": title, **fresh(on), **data}), book, on=on), book)

    whole = _without_names(account, book)
    expected = outcome(whole)
    data, kept = (whole, []) if name else _least(whole, lambda tried: outcome(tried) == expected)
    case = {"case": title, "date": on.isoformat(), "account": data, "expect": expected}
    text: str = yaml.safe_dump({"rulebook": book.name, "cases": [case]}, **_STYLE)
    return text if name else "".join(f"# {line}\n" for line in _told(kept).to(lang).split("\n")) + text


def _without_names(account: Account, book: RuleBook) -> dict[str, Any]:
    attributes = {fact.key for fact in book.facts.values()}
    data: dict[str, Any] = json.loads(masked(account, Names([account]), attributes))
    return {key: value for key, value in data.items() if key not in _NOT_IN_A_CASE}


_TELLING: Mapping[str, Text] = {
    "community": Text("小区", "community"),
    "area": Text("面积", "area"),
    "occupancy": Text("入住情况", "occupancy"),
    "handed_over": Text("交付日期", "handover date"),
    "attributes": Text("自定义字段", "attributes"),
    "parties": Text("其他当事人", "other parties"),
    "debtor.since": Text("欠费人的起始日", "the debtor's first day"),
    "debtor.tags": Text("欠费人的标签", "the debtor's tags"),
}
"""What is no name, and yet tells whose household it is where somebody knows the community."""


def _least(data: dict[str, Any], same: Callable[[dict[str, Any]], bool]) -> tuple[dict[str, Any], list[Text]]:
    """The data without what the outcome stays the same without, the place as coarse as it can be; and what is left."""
    kept = []
    for path, title in _TELLING.items():
        without = _dropped(data, path)
        if without is None:
            continue
        if same(without):
            data = without
        else:
            kept.append(title)
    place = data.get("place")
    if place is not None:
        coarser = (None, *lineage(place)[:-1])
        tries = ({**data, "place": each} if each else _dropped(data, "place") or data for each in coarser)
        data = next(filter(same, tries), data)
        if "place" in data:
            kept.append(Text(f"地区 {data['place']}", f"place {data['place']}"))
    return data, kept


def _dropped(data: dict[str, Any], path: str) -> dict[str, Any] | None:
    """The data without a field; None if it has none."""
    head, _, field = path.partition(".")
    if head not in data or (field and field not in data[head]):
        return None
    rest = {key: value for key, value in data.items() if key != head}
    if not field:
        return rest
    inner = {key: value for key, value in data[head].items() if key != field}
    return {key: inner if key == head else value for key, value in data.items()}


def _told(kept: Sequence[Text]) -> Text:
    """What was taken out, and what stays."""
    zh, en = "、".join(each.zh for each in kept), ", ".join(each.en for each in kept)
    left = Text(f"; 结果要用而留下的: {zh}", f"; kept, for the outcome needs it: {en}") if kept else Text("", "")
    out = Text("姓名、编号、正文和与结果无关的都去掉了", "without names, ids, texts and what the outcome does not need")
    dates = Text(
        "\n日期和金额没有改: 给别人之前看一遍",
        "\ndates and amounts are as they are: look it over before you pass it on",
    )
    return out.joined(left).joined(dates)


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
