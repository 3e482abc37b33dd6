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
from datetime import date
from fractions import Fraction
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

ONE_RULE = ("first", "min", "max", "priority")
NO_ROW = "none"
CASE = "case"  # in every message, so that none is empty and no two are the same
TRUE: Said = {"$ex": {CASE: 1}}
FALSE: Said = {"$nex": {CASE: 1}}
SECONDS = 600


def answered(cases: Iterable[tuple[Table, Sequence[Facts]]], on: date) -> list[list[Told]]:
    """What each table answers on a day for each of its households, by durable-rules; one process for all of them.

    Facts that are unknown are nothing it knows: households have none. The tables are those `can_be_said`.
    """
    given = list(cases)
    asked = [_Table(table, on) for table, _ in given]
    questions = [table.question(households) for table, (_, households) in zip(asked, given, strict=True)]
    ran = subprocess.run(
        [sys.executable, "-m", "dunning.selfcheck.rete_process"],
        input=json.dumps(questions), capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    if ran.returncode:
        raise RuntimeError(f"durable-rules ended with {ran.returncode}: {ran.stderr}")
    return [
        [table.told([int(name) for name in names]) for names in of_table]
        for table, of_table in zip(asked, json.loads(ran.stdout), strict=True)
    ]


def can_be_said(table: Table, on: date) -> bool:
    """Whether every row answers something that day, and nothing that takes arithmetic of its own to put in order."""
    answers = [row.then.on(on) for row in table.rows]
    if table.hit == "sum":
        return all(isinstance(each, int | Fraction) for each in answers)
    return all(isinstance(each, str | int | Fraction) for each in answers)


class _Table:
    """A table on a day, with the numbers its words go by."""

    def __init__(self, table: Table, on: date) -> None:
        self.table = table
        self.answers: dict[int, Answer] = {
            row.number: said for row in table.rows if (said := row.then.on(on)) is not None
        }
        self.words = [word for word in table.output.words if word != NO_ROW]
        self.numbers: dict[str, int] = {}
        self.fields: dict[str, int] = {}

    def question(self, households: Sequence[Facts]) -> Said:
        one = self.table.hit in ONE_RULE
        rules: dict[str, Said] = {
            str(row.number): {"all": [{"m": self.when(row)}], "pri": place}
            for place, row in enumerate(self.in_turn(), 1)
        }
        messages = [self.message(case, facts) for case, facts in enumerate(households)]
        return {"rules": rules, "ask": "post" if one else "assert", "messages": messages}

    def in_turn(self) -> list[Row]:
        """The rows in the order in which they may take an event; the one for the rest comes last."""
        table = self.table
        rows = [row for row in table.rows if not row.otherwise]
        match table.hit:
            case "min":
                rows.sort(key=lambda row: self.size(self.answers[row.number]))
            case "max":  # rows that say the same keep their order
                rows.sort(key=lambda row: self.size(self.answers[row.number]), reverse=True)
            case "priority":
                listed = list(table.output.words)
                rows.sort(key=lambda row: listed.index(str(self.answers[row.number])))
        return rows + [row for row in table.rows if row.otherwise and table.hit in ONE_RULE]

    def told(self, fired: list[int]) -> Told:
        """What the rules that fired make the table say."""
        table = self.table
        rest = [row.number for row in table.rows if row.otherwise and table.hit not in ONE_RULE]
        numbers = tuple(sorted(set(fired) or rest))  # a rule fires once for each branch of an `or` that is true
        answers = [self.answers[row.number] for row in table.rows if row.number in numbers]
        if table.hit == "collect":
            return tuple(sorted(set(answers), key=self.size)), numbers
        if table.hit == "sum":
            return sum(each for each in answers if isinstance(each, int | Fraction)), numbers
        clash = len(numbers) > 1 if table.hit == "unique" else len(set(answers)) > 1
        return (None if clash else answers[0] if answers else NO_ROW), numbers

    def size(self, said: Answer) -> tuple[int, int | Fraction]:
        """`none` is below all, then come numbers by themselves, then words as listed."""
        if isinstance(said, int | Fraction):
            return (1, said)
        return (0, 0) if said == NO_ROW else (2, self.words.index(str(said)))

    def when(self, row: Row) -> Said:
        """A row's condition, behind a guard: `-fact` is true of the engine's own messages too, and fires for ever."""
        return all_of([TRUE, TRUE if row.otherwise else self.said(row.when)])

    def said(self, condition: Condition, *, negated: bool = False) -> Said:
        match condition:
            case All(parts):
                return (any_of if negated else all_of)(self.said(part, negated=negated) for part in parts)
            case Any(parts):
                return (all_of if negated else any_of)(self.said(part, negated=negated) for part in parts)
            case Not(part):
                return self.said(part, negated=not negated)
            case Check():
                return self.failed(condition) if negated else self.passed(condition)

    def passed(self, check: Check) -> Said:
        fact = self.field(check.fact)
        match check.test:
            case Range() as test:
                if test.low is None and test.high is None:
                    return exists(fact)
                return all_of({sign: {fact: value}} for sign, value in ends(test))
            case OneOf(values, _, negated):
                numbers = [self.number(value) for value in values]
                if negated:
                    return all_of({"$neq": {fact: each}} for each in numbers)
                return any_of({fact: each} for each in numbers)
            case Contains(values, negated):
                numbers = [self.number(value) for value in values]
                if negated:
                    none_of_them = all_of({"$neq": {"$i": each}} for each in numbers)
                    return any_of([absent(fact), {"$iall": {fact: none_of_them}}])
                return {"$iany": {fact: any_of({"$i": each} for each in numbers)}}
            case Nothing(negated):
                return exists(fact) if negated else absent(fact)
            case Anything():
                return TRUE

    def failed(self, check: Check) -> Said:
        """The opposite. A test other than 无 is false of what has no value, so its opposite is true of it."""
        fact = self.field(check.fact)
        match check.test:
            case Range() as test:
                beyond = {"$gte": "$lt", "$gt": "$lte", "$lte": "$gt", "$lt": "$gte"}
                return any_of([absent(fact), *({beyond[sign]: {fact: value}} for sign, value in ends(test))])
            case OneOf(values, written, negated):
                return any_of([absent(fact), self.passed(Check(check.fact, OneOf(values, written, not negated), ""))])
            case Contains(values, negated):
                return self.passed(Check(check.fact, Contains(values, not negated), ""))
            case Nothing(negated):
                return self.passed(Check(check.fact, Nothing(not negated), ""))
            case Anything():
                return FALSE

    def message(self, case: int, facts: Facts) -> Said:
        given = {fact: value for fact, value in facts.items() if value is not None and value != frozenset()}
        return {CASE: case, "id": case, **{self.field(fact): self.number(value) for fact, value in given.items()}}

    def field(self, fact: str) -> str:
        """What a fact is called in messages: a name may have brackets, `worst(table)`."""
        return f"f{self.fields.setdefault(fact, len(self.fields))}"

    def number(self, value: Value) -> int | list[int]:
        match value:
            case frozenset():
                return sorted(self.numbers.setdefault(word, len(self.numbers)) for word in value)
            case str():
                return self.numbers.setdefault(value, len(self.numbers))
            case bool() | int():
                return int(value)
        raise TypeError(value)


# --- nests of conditions ------------------------------------------------------------------------------------------


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
