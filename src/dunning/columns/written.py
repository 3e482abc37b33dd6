"""Assessments as the five tables: what is compared with, and what becomes of households that go through `assess`.

Facts and answers of tables are written by `fact_arrays` and `grade_arrays` whoever found them, so that both ways say
the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from dunning.basis.finding import Finding
from dunning.columns.rows import Ints
from dunning.columns.schema import BALANCE, FACT_TYPES, JOIN, LATE_FEE, WORD, Shape, Tables, fact_type
from dunning.engine.known.tables import Graded
from dunning.engine.result import Action, Assessment, Balance, ChargeResult, Deadline, Shortfall
from dunning.engine.steps.candidates import Withheld
from dunning.intake.records import Rejected
from dunning.model.condition import Type, Unknown, Value
from dunning.model.rulebook import RuleBook, Table
from dunning.model.shown import answer_text, plain

Result = Assessment | Rejected
Entry = tuple[Any, ...]


class Written(NamedTuple):
    """The tables of some results, and of each row of each table the place of its result among them."""

    tables: Tables
    places: tuple[Ints, ...]


def tables_of(results: Iterable[Result], shape: Shape, on: date) -> Tables:
    """The tables of these results, in their order. A rejected account has its key, its status and its findings."""
    return write(results, shape, on).tables


def write(results: Iterable[Result], shape: Shape, on: date) -> Written:
    """The same with the places of the results."""
    rows: tuple[list[Entry], ...] = ([], [], [], [], [])
    counts: list[list[int]] = []
    for result in results:
        if isinstance(result, Rejected):
            found: tuple[list[Entry], ...] = ([_rejected(result, shape, on)], [], [], [], [])
        else:
            found = tuple(_rows(result, shape))
        counts.append(list(map(len, found)))
        for into, more in zip(rows, found, strict=True):
            into.extend(more)
    times = np.array(counts, np.int64).reshape(-1, len(rows))
    places = tuple(np.repeat(np.arange(len(counts)), times[:, number]) for number in range(len(rows)))
    tables = (table_of(each, shape.schemas[name]) for name, each in zip(Tables._fields, rows, strict=True))
    return Written(Tables(*tables), places)


def _rows(result: Assessment, shape: Shape) -> Iterator[list[Entry]]:
    """What an assessment puts into each table."""
    key = (result.account.company, result.account.id)
    yield [_assessment(result, shape)]
    yield [key + _charge(each, result.book, shape) for each in result.charges]
    yield [key + action_row(each) for each in result.actions]
    yield [key + _withheld(each) for each in result.withheld]
    yield [key + _deadline(each) for each in result.deadlines]


def table_of(rows: Sequence[Entry], schema: pa.Schema) -> pa.Table:
    """Rows as a table of that schema."""
    if not rows:
        return schema.empty_table()
    columns = zip(*rows, strict=True)
    return pa.table(
        [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema
    )


def with_findings(result: Assessment, doubts: Sequence[Finding]) -> Assessment:
    """What the reader had to say stands before what the assessment found."""
    return replace(result, findings=(*doubts, *result.findings)) if doubts else result


# The account


def _rejected(rejected: Rejected, shape: Shape, on: date) -> Entry:
    schema = shape.schemas["assessments"]
    found: dict[str, Any] = dict.fromkeys(schema.names)
    found |= {
        "company": rejected.company,
        "account": rejected.id,
        "debtor": rejected.debtor,
        "on": on,
        "status": "rejected",
        "provisional": False,
        "findings": [finding.as_data() for finding in rejected.findings],
    }
    return tuple(found.values())


def _assessment(result: Assessment, shape: Shape) -> Entry:
    account, book = result.account, result.book
    return (
        account.company,
        account.id,
        account.debtor.id,
        account.unit,
        account.community,
        account.place,
        result.on,
        result.status,
        *(_book(book)),
        *(_balance(result.balance) if book is not None else [None] * len(BALANCE)),
        *_facts(result.facts, shape.facts, book),
        *_grades(result.grades, shape.tables, book),
        [shortfall_row(each) for each in result.shortfalls],
        result.ended,
        result.next_review,
        result.provisional,
        [finding.as_data() for finding in result.findings],
    )


def _book(book: RuleBook | None) -> tuple[str | None, ...]:
    return (None,) * 4 if book is None else (book.name, book.version, book.digest, book.law_digest)


def _balance(balance: Balance) -> Iterable[int]:
    return (getattr(balance, name) for name in BALANCE)


def shortfall_row(one: Shortfall) -> dict[str, Any]:
    """A quota not met, as its column holds it."""
    return {
        "of": one.of,
        "at_least": one.at_least,
        "per": one.per,
        "times": one.times,
        "lacking": list(one.lacking),
        "title": one.title or None,
    }


def _charge(charge: ChargeResult, book: RuleBook | None, shape: Shape) -> Entry:
    fee = charge.late_fee
    return (
        charge.id,
        charge.item,
        charge.due,
        charge.overdue_days,
        charge.amount,
        charge.paid,
        charge.principal,
        charge.settled_on,
        charge.other_debtor,
        charge.chased,
        *(getattr(fee, name) for name in LATE_FEE),
        fee.capped,
        fee.why or None,
        *_facts(charge.facts, shape.charge_facts, book),
        *_grades(charge.grades, shape.charge_tables, book),
    )


# Facts and grades


def _facts(facts: Mapping[str, Value | Unknown], shown: Mapping[str, Type], book: RuleBook | None) -> Iterable[Any]:
    for name, type_ in shown.items():
        value = facts.get(name)
        own = type_ if type_.kind != "text" or value is None or isinstance(value, str) else fact_type(name, book)
        yield fact_value(value, type_, own)
        yield JOIN.join(value.because) if isinstance(value, Unknown) else None


def fact_value(value: Value | Unknown, type_: Type, own: Type) -> Any:
    """A fact as its column holds it: canonical ints, dates, words; a set as its words in order. `own`: its type in its
    book, where the column is a text because books differ.
    """
    if value is None or isinstance(value, Unknown):
        return None
    if isinstance(value, frozenset):
        return JOIN.join(sorted(value))
    if type_.kind == "date" and isinstance(value, int):
        return date.fromordinal(value)
    if type_.kind == "text" and not isinstance(value, str):
        return str(plain(value, own))
    return value


def fact_arrays(values: Sequence[Value | Unknown], type_: Type, own: Type) -> tuple[pa.Array, pa.Array]:
    """The two columns of a fact, for so many households, or for each of its words."""
    missing = [JOIN.join(value.because) if isinstance(value, Unknown) else None for value in values]
    return pa.array([fact_value(value, type_, own) for value in values], FACT_TYPES[type_.kind]), pa.array(
        missing, WORD
    )


def _grades(grades: Mapping[str, Graded], names: Iterable[str], book: RuleBook | None) -> Iterable[Any]:
    for name in names:
        graded = grades.get(name)
        yield from (None,) * 4 if graded is None or book is None else grade_values(graded, book.tables[name])


def grade_values(graded: Graded, table: Table) -> tuple[str | None, str | None, str | None, str | None]:
    """Answer, rows, cause and what is missing, as their columns hold them."""
    rows = JOIN.join(map(str, graded.rows)) or None
    if isinstance(graded.value, Unknown):
        return None, rows, graded.cause, JOIN.join(graded.because) or None
    answer = answer_text(graded.value, table.output)
    if isinstance(answer, list):
        return JOIN.join(answer), rows, None, None
    return str(answer).lower() if isinstance(answer, bool) else str(answer), rows, None, None


# Steps


def action_row(action: Action) -> Entry:
    """An action without the key of its account, as its columns hold it."""
    mode, channels = next(iter(action.channels.items()), (None, ()))
    ask = action.ask
    return (
        action.key,
        action.step,
        action.charge,
        action.action,
        list(action.to),
        mode,
        list(channels),
        action.role,
        action.tone,
        action.template,
        action.not_before,
        action.not_after,
        [{"since": since, "until": until} for since, until in action.hours],
        list(action.needs),
        list(action.record),
        *((None,) * 4 if ask is None else (ask.principal, ask.late_fee, ask.total, ask.as_of)),
        action.bundle,
        list(action.charges),
        action.pay_by,
        list(action.approved_by),
        list(action.void_if),
        [one._asdict() for one in action.carries],
    )


def _withheld(one: Withheld) -> Entry:
    return one.step, one.charge, one.code, JOIN.join(one.codes), one.until


def _deadline(one: Deadline) -> Entry:
    return (
        one.kind,
        one.charge,
        one.on,
        one.days_left,
        one.provisional,
        JOIN.join(one.articles) or None,
        one.alert,
        record_of(one),
    )


def record_of(deadline: Deadline) -> str | None:
    """The record a deadline runs from, `contacts/C1`."""
    return next((each.name for each in deadline.because if each.kind == "record"), None)
