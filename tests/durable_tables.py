"""Decision tables said to durable-rules (Rete in C), and what its firing rules make of them: a second opinion.

Nothing here asks dunning what a test means: a range becomes comparisons, a negation is carried inward by hand, and the
hit policies are durable-rules' own where it has them (`first`, `min`, `max`, `priority`: the event goes to the rule of
highest priority; the others: every rule has the fact). All values are ints: words and truths by number, a set as a list
of numbers. What has no value (无, the empty set) is left out of the message.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any as Whatever

from dunning.model.condition import (
    All,
    Any,
    Anything,
    Check,
    Condition,
    Contains,
    Not,
    Nothing,
    OneOf,
    Range,
    Value,
)
from dunning.model.rulebook import Answer, Row, Table

Facts = Mapping[str, Value]
Said = dict[str, Whatever]
Told = tuple[Answer | tuple[Answer, ...] | None, tuple[int, ...]]
"""What a table answers (None: rows that cannot both be true are), and the numbers of the rows that decided."""

WORDS = ("a", "b", "c", "d", "none")
ONE_RULE = ("first", "min", "max", "priority")
CASE = "case"  # in every message, so that none is empty and no two are the same
TRUE: Said = {"$ex": {CASE: 1}}
FALSE: Said = {"$nex": {CASE: 1}}
SECONDS = 120


def answered(cases: Iterable[tuple[Table, Sequence[Facts]]]) -> list[list[Told]]:
    """What each table answers for each of its households, by durable-rules; one process for all of them."""
    asked = list(cases)
    questions = [question(table, households) for table, households in asked]
    ran = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("durable_process.py"))],
        input=json.dumps(questions), capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    if ran.returncode:
        raise RuntimeError(f"durable-rules ended with {ran.returncode}: {ran.stderr}")
    return [
        [told(table, [int(name) for name in names]) for names in of_table]
        for (table, _), of_table in zip(asked, json.loads(ran.stdout), strict=True)
    ]


def question(table: Table, households: Sequence[Facts]) -> Said:
    one = table.hit in ONE_RULE
    rules: dict[str, Said] = {
        str(row.number): {"all": [{"m": when(row)}], "pri": place} for place, row in enumerate(in_turn(table), 1)
    }
    messages = [message(case, facts) for case, facts in enumerate(households)]
    return {"rules": rules, "ask": "post" if one else "assert", "messages": messages}


def in_turn(table: Table) -> list[Row]:
    """The rows in the order in which they may take an event; the one for the rest comes last."""
    rows = [row for row in table.rows if not row.otherwise]
    match table.hit:
        case "min":
            rows.sort(key=lambda row: size(answer(row)))
        case "max":
            rows.sort(key=lambda row: size(answer(row)), reverse=True)  # rows that say the same keep their order
        case "priority":
            rows.sort(key=lambda row: WORDS.index(str(answer(row))))
    return rows + [row for row in table.rows if row.otherwise and table.hit in ONE_RULE]


def told(table: Table, fired: list[int]) -> Told:
    """What the rules that fired make the table say."""
    rest = [row.number for row in table.rows if row.otherwise and table.hit not in ONE_RULE]
    numbers = tuple(sorted(set(fired) or rest))  # a rule fires once for each branch of an `or` that is true
    answers = [answer(row) for row in table.rows if row.number in numbers]
    if table.hit == "collect":
        return tuple(sorted(set(answers), key=size)), numbers
    if table.hit == "sum":
        return sum(map(size, answers)), numbers
    clash = len(numbers) > 1 if table.hit == "unique" else len(set(answers)) > 1
    return (None if clash else answers[0] if answers else "none"), numbers


def answer(row: Row) -> str | int:
    ((_, said),) = row.then.steps
    assert isinstance(said, str | int)
    return said


def size(said: str | int) -> int:
    """Numbers by themselves, words as listed; `none` is below them all."""
    return said if isinstance(said, int) else -1 if said == "none" else WORDS.index(said)


# --- conditions ---------------------------------------------------------------------------------------------------


def when(row: Row) -> Said:
    """A row's condition, behind a guard: `-fact` is true of the engine's own messages too, and fires for ever."""
    return all_of([TRUE, TRUE if row.otherwise else said(row.when)])


def said(condition: Condition, *, negated: bool = False) -> Said:
    match condition:
        case All(parts):
            return (any_of if negated else all_of)(said(part, negated=negated) for part in parts)
        case Any(parts):
            return (all_of if negated else any_of)(said(part, negated=negated) for part in parts)
        case Not(part):
            return said(part, negated=not negated)
        case Check():
            return failed(condition) if negated else passed(condition)


def passed(check: Check) -> Said:
    fact = check.fact
    match check.test:
        case Range() as test:
            return (
                all_of({sign: {fact: value}} for sign, value in ends(test)) if test.low or test.high else exists(fact)
            )
        case OneOf(values, _, negated):
            numbers = [number(value) for value in values]
            if negated:
                return all_of({"$neq": {fact: each}} for each in numbers)
            return any_of({fact: each} for each in numbers)
        case Contains(values, negated):
            numbers = [number(value) for value in values]
            if negated:
                none_of_them = all_of({"$neq": {"$i": each}} for each in numbers)
                return any_of([absent(fact), {"$iall": {fact: none_of_them}}])
            return {"$iany": {fact: any_of({"$i": each} for each in numbers)}}
        case Nothing(negated):
            return exists(fact) if negated else absent(fact)
        case Anything():
            return TRUE


def failed(check: Check) -> Said:
    """The opposite. A test other than 无 is false of what has no value, so its opposite is true of it."""
    fact = check.fact
    match check.test:
        case Range() as test:
            beyond = {"$gte": "$lt", "$gt": "$lte", "$lte": "$gt", "$lt": "$gte"}
            return any_of([absent(fact), *({beyond[sign]: {fact: value}} for sign, value in ends(test))])
        case OneOf(values, written, negated):
            return any_of([absent(fact), passed(Check(fact, OneOf(values, written, not negated), ""))])
        case Contains(values, negated):
            return passed(Check(fact, Contains(values, not negated), ""))
        case Nothing(negated):
            return passed(Check(fact, Nothing(not negated), ""))
        case Anything():
            return FALSE


def ends(test: Range) -> Iterable[tuple[str, int]]:
    if test.low is not None:
        yield ("$gte" if test.low.included else "$gt"), test.low.value
    if test.high is not None:
        yield ("$lte" if test.high.included else "$lt"), test.high.value


def exists(fact: str) -> Said:
    return {"$ex": {fact: 1}}


def absent(fact: str) -> Said:
    return {"$nex": {fact: 1}}


def all_of(parts: Iterable[Said]) -> Said:
    return together("$and", parts, TRUE)


def any_of(parts: Iterable[Said]) -> Said:
    return together("$or", parts, FALSE)


def together(sign: str, parts: Iterable[Said], empty: Said) -> Said:
    """Nests of one sign laid flat: durable-rules refuses an expression of many parts (error 113)."""
    flat = [each for part in parts for each in part.get(sign, [part])]
    return flat[0] if len(flat) == 1 else {sign: flat} if flat else empty


# --- values -------------------------------------------------------------------------------------------------------


def message(case: int, facts: Facts) -> Said:
    given = {fact: number(value) for fact, value in facts.items() if value is not None and value != frozenset()}
    return {CASE: case, "id": case, **given}


def number(value: Value) -> int | list[int]:
    match value:
        case frozenset():
            return sorted(WORDS.index(word) for word in value)
        case str():
            return WORDS.index(value)
        case bool() | int():
            return int(value)
    raise TypeError(value)
