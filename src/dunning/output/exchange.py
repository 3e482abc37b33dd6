"""Assessments as other programs read them: canonical JSON, one line an account.

UTF-8, keys in the order of the record, no spaces, amounts as decimal yuan: the same inputs give the same bytes. Written
as text at once, for building a tree of dicts first takes as long as assessing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import Any

from dunning.basis.finding import Finding
from dunning.basis.money import Fen, Rate, decimal_text
from dunning.basis.money import yuan as yuan_text
from dunning.basis.span import Span
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.tables import Graded
from dunning.engine.owed.fees import FeeState, Segment
from dunning.engine.result import (
    Action,
    Assessment,
    Balance,
    Carried,
    ChargeResult,
    Deadline,
    Facts,
    Shortfall,
    Withheld,
)
from dunning.engine.steps.candidates import Ask, Reason
from dunning.intake.records import Rejected
from dunning.model.condition import Type, Unknown, Value
from dunning.model.rulebook import RuleBook, Table
from dunning.model.shown import Plain, answer_text, plain
from dunning.model.statutes import lineage

REMEMBERED = 50_000
"""Answers of tables whose text is kept; they are shared by all accounts that get them."""


def to_json(result: Assessment | Rejected) -> str:
    """One assessment as a line of JSON, its newline included (docs/reference/assessment.md).

    Of a rejected account: which it is, where it stands, and every reason.
    """
    if isinstance(result, Rejected):
        return _rejected(result)
    book = result.book
    return (
        f'{{"company":{quoted(result.account.company)},"account":{quoted(result.account.id)},"on":"{result.on}"'
        f',"status":"{result.status}","rulebook":{_rulebook(book)},"law":{_law(result.account.place, book)}'
        f',"balance":{_balance(result.balance)},"charges":{_list(_charge(one, book) for one in result.charges)}'
        f',"facts":{_facts(result.facts, book)},"grades":{_grades(result.grades, book)}'
        f',"actions":{_list(_action(one, book) for one in result.actions)}'
        f',"withheld":{_list(_withheld(one, book) for one in result.withheld)},"offers":[]'
        f',"shortfalls":{_list(map(_shortfall, result.shortfalls))},"ended":{_text(result.ended)}'
        f',"deadlines":{_list(_deadline(one, book) for one in result.deadlines)}'
        f',"next_review":{_day(result.next_review)},"provisional":{_truth(result.provisional)}'
        f',"findings":{_list(_finding(one) for one in result.findings)}}}\n'
    )


def to_dict(result: Assessment | Rejected) -> dict[str, Any]:
    """The same as plain data."""
    data: dict[str, Any] = json.loads(to_json(result))
    return data


def action_dict(action: Action, book: RuleBook | None = None) -> dict[str, Any]:
    """An action as plain data, as it stands in an assessment."""
    data: dict[str, Any] = json.loads(_action(action, book))
    return data


def _rejected(rejected: Rejected) -> str:
    line = {
        "company": rejected.company,
        "account": rejected.id,
        "debtor": rejected.debtor,
        "status": "rejected",
        "where": None if rejected.where is None else str(rejected.where),
        "findings": [finding.as_data() for finding in rejected.findings],
    }
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def place_in_pack(at: Span) -> str:
    """`residential:71:9`: the pack, the line, the column."""
    return f"{at.file.rpartition('/')[2].removesuffix('.yaml')}:{at.line}:{at.column}"


def _rulebook(book: RuleBook | None) -> str:
    if book is None:
        return "null"
    return f'{{"name":{quoted(book.name)},"version":{quoted(book.version)},"digest":{quoted(book.digest)}}}'


def _law(place: str | None, book: RuleBook | None) -> str:
    told = _list(map(quoted, lineage(place)))
    return f'{{"places":{told},"digest":{_text(None if book is None else book.law_digest)}}}'


def _balance(balance: Balance) -> str:
    return (
        f'{{"principal_due":"{yuan(balance.principal_due)}","principal_not_due":"{yuan(balance.principal_not_due)}"'
        f',"late_fee":"{yuan(balance.late_fee)}","credit":"{yuan(balance.credit)}"'
        f',"disputed":"{yuan(balance.disputed)}","other_debtor":"{yuan(balance.other_debtor)}"'
        f',"total":"{yuan(balance.total)}"}}'
    )


def _charge(charge: ChargeResult, book: RuleBook | None) -> str:
    return (
        f'{{"id":{quoted(charge.id)},"item":"{charge.item}","due":{_day(charge.due)}'
        f',"overdue_days":{charge.overdue_days},"amount":"{yuan(charge.amount)}","paid":"{yuan(charge.paid)}"'
        f',"principal":"{yuan(charge.principal)}","settled_on":{_day(charge.settled_on)}'
        f',"other_debtor":{_truth(charge.other_debtor)},"chased":{_truth(charge.chased)}'
        f',"late_fee":{_late_fee(charge.late_fee)},"facts":{_facts(charge.facts, book)}'
        f',"grades":{_grades(charge.grades, book)}}}'
    )


def _late_fee(fee: FeeState) -> str:
    return (
        f'{{"assessed":{_fen(fee.assessed)},"paid":"{yuan(fee.paid)}","waived":"{yuan(fee.waived)}"'
        f',"contingent":"{yuan(fee.contingent)}","outstanding":{_fen(fee.outstanding)},"booked":"{yuan(fee.booked)}"'
        f',"to_book":{_fen(fee.to_book)},"capped":{_truth(fee.capped)},"why":{_text(fee.why or None)}'
        f',"segments":{_list(map(_segment, fee.segments))}}}'
    )


def _segment(segment: Segment) -> str:
    return (
        f'{{"since":"{segment.since}","until":"{segment.until}","principal":"{yuan(segment.principal)}"'
        f',"rate":"{_rate(segment.rate)}","days":{segment.days},"exact":"{_exact(segment)}"}}'
    )


yuan = lru_cache(maxsize=100_000)(yuan_text)


def _exact(segment: Segment) -> str:
    """The exact sum in yuan. Most rates are decimals, and then the sum is whole numbers with a point put in."""
    ten = _decimal(segment.rate)
    if ten is None:
        return decimal_text(segment.exact / 100)
    digits, places = ten
    text = str(segment.principal * segment.days * digits).rjust(places + 1, "0")
    decimals = text[-places:].rstrip("0")
    return f"{text[:-places]}.{decimals}" if decimals else text[:-places]


@lru_cache(maxsize=256)
def _decimal(rate: Rate) -> tuple[int, int] | None:
    """A rate per fen as digits and places of a yuan: 0.0005 is 5 and 6. None if its decimals do not end."""
    places = next((places for places in range(25) if 10**places % rate.denominator == 0), None)
    return None if places is None else (rate.numerator * 10**places // rate.denominator, places + 2)


@lru_cache(maxsize=256)
def _rate(rate: Rate) -> str:
    return decimal_text(rate)


# Steps


def _action(action: Action, book: RuleBook | None) -> str:
    channels = ",".join(f'"{mode}":{_words(channels)}' for mode, channels in action.channels.items())
    return (
        f'{{"key":"{action.key}","step":{quoted(action.step)},"charge":{_text(action.charge)}'
        f',"action":{quoted(action.action)},"to":{_words(action.to)},"channels":{{{channels}}}'
        f',"role":{_text(action.role)},"tone":"{action.tone}","template":{_text(action.template)}'
        f',"not_before":"{action.not_before.isoformat()}","not_after":{_time(action.not_after)}'
        f',"hours":{_list(_stretch(since, until) for since, until in action.hours)}'
        f',"needs":{_words(action.needs)},"record":{_words(action.record)},"ask":{_ask(action.ask)}'
        f',"bundle":{quoted(action.bundle)},"charges":{_words(action.charges)},"pay_by":{_day(action.pay_by)}'
        f',"approved_by":{_words(action.approved_by)},"void_if":{_words(action.void_if)}'
        f',"carries":{_list(map(_carried, action.carries))}'
        f',"because":{_list(_reason(one, book) for one in action.because)}}}'
    )


def _stretch(since: datetime, until: datetime) -> str:
    return f'["{since.isoformat()}","{until.isoformat()}"]'


def _carried(one: Carried) -> str:
    return (
        f'{{"account":{quoted(one.account)},"step":{quoted(one.step)},"charge":{_text(one.charge)},"key":"{one.key}"}}'
    )


def _ask(ask: Ask | None) -> str:
    if ask is None:
        return "null"
    return (
        f'{{"principal":"{yuan(ask.principal)}","late_fee":{_fen(ask.late_fee)},"total":"{yuan(ask.total)}"'
        f',"as_of":"{ask.as_of}"}}'
    )


def _withheld(one: Withheld, book: RuleBook | None) -> str:
    because = one.because
    if not because:
        return _withheld_so(one.step, one.charge, one.codes, one.until, "[]")
    return _withheld_so(one.step, one.charge, one.codes, one.until, _list(_reason(each, book) for each in because))


@lru_cache(maxsize=REMEMBERED)
def _withheld_so(step: str, charge: str | None, codes: tuple[str, ...], until: date | None, because: str) -> str:
    """Many accounts wait for the same step in the same way."""
    return (
        f'{{"step":{quoted(step)},"charge":{_text(charge)},"code":"{codes[0]}","codes":{_words(codes)}'
        f',"until":{_day(until)},"because":{because}}}'
    )


@lru_cache(maxsize=REMEMBERED)
def _reason(reason: Reason, book: RuleBook | None) -> str:
    """`{"code":"condition","fact":"overdue_days","value":45}`: the code it led to, what it is, what was read of it."""
    code = f'"code":"{reason.code}",' if reason.code else ""
    value = "" if reason.value is None else f',"value":{_reason_value(reason, book)}'
    at = "" if reason.at is None else f',"at":{quoted(place_in_pack(reason.at))}'
    return f'{{{code}"{reason.kind}":{quoted(reason.name)}{value}{at}}}'


def _reason_value(reason: Reason, book: RuleBook | None) -> str:
    value = reason.value
    if isinstance(value, date):
        return f'"{value}"'
    if reason.kind == "fact" and (reason.name in CATALOGUE or (book is not None and reason.name in book.facts)):
        return _fact(value, _type(reason.name, book))
    if isinstance(value, Unknown):
        return f'{{"unknown":{_words(value.because)}}}'
    return _plain(sorted(value) if isinstance(value, frozenset) else value)


def _shortfall(one: Shortfall) -> str:
    return (
        f'{{"of":"{one.of}","at_least":{one.at_least},"per":"{one.per}","times":{one.times}'
        f',"lacking":{_words(one.lacking)},"title":{_text(one.title or None)}'
        f',"at":{_text(None if one.at is None else place_in_pack(one.at))}}}'
    )


def _deadline(one: Deadline, book: RuleBook | None) -> str:
    alert = "null" if one.alert is None else str(one.alert)
    return (
        f'{{"kind":"{one.kind}","charge":{_text(one.charge)},"on":"{one.on}","days_left":{one.days_left}'
        f',"provisional":{_truth(one.provisional)},"articles":{_words(one.articles)},"alert":{alert}'
        f',"because":{_list(_reason(each, book) for each in one.because)}}}'
    )


# Facts and grades


def _facts(facts: Facts, book: RuleBook | None) -> str:
    told = (f'"{name}":{_fact(value, _type(name, book))}' for name, value in facts.items())
    return "{" + ",".join(told) + "}"


def _fact(value: Value | Unknown, type_: Type) -> str:
    if isinstance(value, Unknown):
        return f'{{"unknown":{_list(map(quoted, value.because))}}}'
    return _plain(plain(value, type_))


def _plain(value: Plain) -> str:
    if type(value) is int:
        return str(value)
    if type(value) is str:
        return quoted(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _type(name: str, book: RuleBook | None) -> Type:
    return book.facts[name].type if book and name in book.facts else CATALOGUE[name].type


_remembered: dict[int, tuple[Graded, str]] = {}
"""The text of answers by identity; the answer is kept beside it, so that its identity is not given to another."""


def _grades(grades: Mapping[str, Graded], book: RuleBook | None) -> str:
    if book is None:
        return "{}"
    told = []
    for name, graded in grades.items():
        known = _remembered.get(id(graded))
        if known is None:
            if len(_remembered) >= REMEMBERED:
                _remembered.clear()
            known = _remembered[id(graded)] = (graded, f'"{name}":{_grade(graded, book.tables[name])}')
        told.append(known[1])
    return "{" + ",".join(told) + "}"


def _grade(graded: Graded, table: Table) -> str:
    """`row` is the deciding row, a list where several decided together, null where none did."""
    rows: int | list[int] | None = graded.rows[0] if len(graded.rows) == 1 else list(graded.rows) or None
    at = None if graded.at is None else place_in_pack(graded.at)
    data: dict[str, Any] = {"value": None, "title": None, "row": rows, "at": at}
    if isinstance(graded.value, Unknown):
        data |= {"undetermined": graded.cause, "because": list(graded.because)}
    else:
        value = data["value"] = answer_text(graded.value, table.output)
        title = table.output.words.get(value) if isinstance(value, str) else None
        data["title"] = title.zh if title else None
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _finding(finding: Finding) -> str:
    return json.dumps(finding.as_data(), ensure_ascii=False, separators=(",", ":"))


def _list(items: Iterable[str]) -> str:
    return "[" + ",".join(items) + "]"


def _words(words: Iterable[str]) -> str:
    return "[" + ",".join([quoted(word) for word in words]) + "]"


def _time(at: datetime | None) -> str:
    return "null" if at is None else f'"{at.isoformat()}"'


def _fen(amount: Fen | None) -> str:
    return "null" if amount is None else f'"{yuan(amount)}"'


def _day(day: date | None) -> str:
    return "null" if day is None else f'"{day}"'


def _text(text: str | None) -> str:
    return "null" if text is None else quoted(text)


def _truth(value: bool) -> str:  # a value, not a switch
    return "true" if value else "false"
