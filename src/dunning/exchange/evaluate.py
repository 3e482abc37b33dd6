"""A DMN file run by itself, with its own names: what its decision tables answer to some data.

To hold our tables against other engines, and theirs against ours; what is not understood is an error with its element.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from dunning.basis.errors import RulesError, UsageError
from dunning.basis.finding import Finding, Text
from dunning.basis.money import decimal_text
from dunning.exchange import feel
from dunning.exchange.document import Answer, Column, Decision, DecisionTable, Document, Entry, Rule
from dunning.exchange.feel import FeelError, Months, Seconds, Tests
from dunning.exchange.reckon import Value, equal, highest, lowest, satisfies, total, value_of
from dunning.lang.text.names import did_you_mean, nearest


def evaluate(document: Document, decision: str, data: Mapping[str, Any]) -> Value:
    """What a decision answers: None for no match, a list for COLLECT, a map for several outputs.

    `data` is JSON, its numbers int, Decimal or Fraction. UsageError names what is not there, RulesError (X2xx, X4xx)
    what the file says that cannot be run.
    """
    found = document.decision(decision)
    if found is None:
        names = [each.name for each in document.decisions]
        guess = did_you_mean(nearest(decision, names))
        listed = "、".join(names)
        raise UsageError(
            Text(
                f"没有决策“{decision}”{guess.zh}; 有: {listed}",
                f"no decision `{decision}`{guess.en}; there are: {listed}",
            )
        )
    return _Run(document, _given(document, data)).decide(found)


def plain(value: Value) -> Any:
    """A result for JSON: numbers as int or exact decimal text by `json_text`, dates and lengths of time as ISO text."""
    match value:
        case Months(count):
            years, months = divmod(abs(count), 12)
            size = f"{f'{years}Y' if years else ''}{f'{months}M' if months or not years else ''}"
            return f"{'-' if count < 0 else ''}P{size}"
        case Seconds(count):
            return _clock(count)
        case list():
            return [plain(each) for each in value]
        case dict():
            return {name: plain(each) for name, each in value.items()}
    return value.isoformat() if hasattr(value, "isoformat") else value


def _clock(count: Fraction) -> str:
    rest = abs(count)
    parts = []
    for size in (86_400, 3_600, 60):
        whole, rest = divmod(rest, size)
        parts.append(int(whole))
    days, hours, minutes = parts
    said = [f"{hours}H" if hours else "", f"{minutes}M" if minutes else "", f"{decimal_text(rest)}S" if rest else ""]
    time = "".join(said)
    text = f"P{f'{days}D' if days else ''}{f'T{time}' if time else ''}"
    return f"{'-' if count < 0 else ''}{text if text != 'P' else 'PT0S'}"


def json_text(value: Value) -> str:
    """The result as JSON, with every number exact (a fraction without end as text)."""
    from json import dumps

    made = plain(value)
    match made:
        case Fraction():
            text = decimal_text(made)
            return dumps(text) if "/" in text else text
        case list():
            return f"[{', '.join(json_text(each) for each in made)}]"
        case dict():
            entries = (f"{dumps(name, ensure_ascii=False)}: {json_text(each)}" for name, each in made.items())
            return f"{{{', '.join(entries)}}}"
    return dumps(made, ensure_ascii=False)


# --- data in ------------------------------------------------------------------------------------------------------


def _given(document: Document, data: Mapping[str, Any]) -> dict[str, Value]:
    """The data by name, typed as the file says."""
    declared = {each.name: each for each in document.inputs}
    if declared:
        for name in data:
            if name not in declared and document.decision(name) is None:
                guess = did_you_mean(nearest(name, declared))
                listed = "、".join(declared)
                raise UsageError(
                    Text(
                        f"没有输入“{name}”{guess.zh}; 有: {listed}", f"no input `{name}`{guess.en}; there are: {listed}"
                    )
                )
    scope: dict[str, Value] = {}
    for name, value in data.items():
        into = declared.get(name)
        typed = document.base_of(into.type) if into else None
        scope[name] = _typed(value, typed.base if typed else "")
        if into is None or typed is None or value is None:
            continue
        _check_type(Entry("", into.id, into.at), name, scope[name], typed.base)
        if typed.allowed:
            for one in scope[name] if isinstance(scope[name], list) else [scope[name]]:
                _check_allowed(Entry(typed.allowed, into.id, into.at), name, one)
    return scope


_TEMPORAL = {
    "date": "date", "time": "time", "date and time": "date and time", "dateTime": "date and time",
    "duration": "duration", "dayTimeDuration": "duration", "yearMonthDuration": "duration",
    "days and time duration": "duration", "years and months duration": "duration",
}  # fmt: skip


def _typed(value: Any, type_: str) -> Value:
    """A value of JSON as FEEL's; text is a date or duration where the type says so."""
    if isinstance(value, list):
        return [_typed(each, type_) for each in value]
    if isinstance(value, dict):
        return {name: _typed(each, "") for name, each in value.items()}
    if isinstance(value, float):
        raise UsageError(f"{value!r}: floats are not exact; give a Decimal")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        found = feel.temporal(_TEMPORAL[type_], value) if type_ in _TEMPORAL else None
        return value if found is None else found
    return Fraction(value)


_PYTHON: Mapping[str, tuple[type, ...]] = {"number": (Fraction,), "string": (str,), "boolean": (bool,)}


def _check_type(entry: Entry, name: str, value: Value, type_: str) -> None:
    for one in value if isinstance(value, list) else [value]:
        wrong = isinstance(one, str) if type_ in _TEMPORAL else not isinstance(one, _PYTHON.get(type_, (object,)))
        if one is not None and wrong:
            _refuse("X404", entry, name=name, value=json_text(one), type=type_)


def _check_allowed(entry: Entry, name: str, value: Value) -> None:
    if value is not None and satisfies(_tests(entry, ()), value, {}) is not True:
        _refuse("X403", entry, name=name, value=json_text(value), allowed=entry.text)


def _refuse(code: str, entry: Entry, **args: object) -> None:
    raise RulesError([Finding(code, entry.at, {"element": entry.id, **args})])


def _tests(entry: Entry, names: Sequence[str]) -> Tests:
    try:
        return feel.unary_tests(entry.text, names)
    except FeelError as wrong:
        raise RulesError(
            [Finding("X203", entry.at, {"element": entry.id, "text": entry.text, "why": wrong.why})]
        ) from None


def _expression(entry: Entry, names: Sequence[str]) -> feel.Node:
    try:
        return feel.expression(entry.text, names)
    except FeelError as wrong:
        raise RulesError(
            [Finding("X203", entry.at, {"element": entry.id, "text": entry.text, "why": wrong.why})]
        ) from None


# --- deciding -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Run:
    """One evaluation: decisions are made as they are needed, each once."""

    document: Document
    scope: dict[str, Value]
    under_way: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        named = [*self.scope, *self.document.names()]
        self.names = list(dict.fromkeys(named))

    def decide(self, decision: Decision) -> Value:
        if decision.name in self.scope:
            return self.scope[decision.name]
        here = Entry("", decision.id, decision.at)
        if decision.id in self.under_way:
            _refuse("X405", here, path=" → ".join([*self.under_way, decision.id]))
        self.under_way.append(decision.id)
        for need in decision.needs:
            required = next((each for each in self.document.decisions if each.id == need), None)
            if required is not None:
                self.decide(required)
        self.under_way.pop()
        answer = self.answer(decision)
        self.scope[decision.name] = answer
        return answer

    def answer(self, decision: Decision) -> Value:
        if decision.table is not None:
            return self.run(decision.table)
        if decision.text is not None:
            return self.value(decision.text)
        what = decision.other or decision.name
        return _refuse("X205", Entry("", decision.id, decision.at), what=what)

    def value(self, entry: Entry) -> Value:
        if entry.text in ("", "-"):
            return None
        return value_of(_expression(entry, self.names), self.scope)

    def run(self, table: DecisionTable) -> Value:
        tested = [self.tested(column) for column in table.columns]
        hits = [rule for rule in table.rules if self.holds(rule, tested)]
        if not hits:
            return self.default(table)
        answers = [self.outcome(table, rule) for rule in hits]
        entry = Entry("", table.id, table.at)
        listed = "、".join(rule.id for rule in hits)
        match table.policy, table.aggregation:
            case "UNIQUE", _:
                if len(hits) > 1:
                    _refuse("X401", entry, rules=listed)
                return answers[0]
            case "FIRST", _:
                return answers[0]
            case "ANY", _:
                if any(not _alike(answer, answers[0]) for answer in answers):
                    _refuse("X402", entry, rules=listed)
                return answers[0]
            case "PRIORITY", _:
                return self.by_priority(table, answers)[0]
            case "OUTPUT ORDER", _:
                return self.by_priority(table, answers)
            case "RULE ORDER", _:
                return answers
            case "COLLECT", aggregation if aggregation in _AGGREGATIONS:
                return _AGGREGATIONS[aggregation](answers)
        return _refuse("X207", entry, policy=f"{table.policy} {table.aggregation}".strip())

    def tested(self, column: Column) -> Value:
        """The value under a head; text is a date where the column's type says so."""
        value = _typed_again(self.value(column.read), self.document.base_of(column.type).base)
        if column.allowed:
            _check_allowed(Entry(column.allowed, column.read.id, column.read.at), column.read.text, value)
        return value

    def holds(self, rule: Rule, tested: Sequence[Value]) -> bool:
        pairs = zip(rule.inputs, tested, strict=False)
        return all(satisfies(_tests(entry, self.names), value, self.scope) is True for entry, value in pairs)

    def outcome(self, table: DecisionTable, rule: Rule) -> Value:
        values = [self.value(entry) for entry in rule.outputs]
        if len(table.answers) <= 1:
            return values[0] if values else None
        return {answer.name: value for answer, value in zip(table.answers, values, strict=False)}

    def default(self, table: DecisionTable) -> Value:
        """What holds when no rule does: the defaults, or null; an empty list where a list is answered."""
        listed = table.policy in ("RULE ORDER", "OUTPUT ORDER") or (table.policy == "COLLECT" and not table.aggregation)
        defaults = [None if answer.default is None else self.value(answer.default) for answer in table.answers]
        if all(answer.default is None for answer in table.answers):
            return [] if listed else Fraction() if table.aggregation == "COUNT" else None
        one = (
            defaults[0]
            if len(defaults) == 1
            else {answer.name: value for answer, value in zip(table.answers, defaults, strict=True)}
        )
        return [one] if listed else one

    def by_priority(self, table: DecisionTable, answers: list[Value]) -> list[Value]:
        """In the order of the values allowed: those of the first output before those of the second."""
        ranks = [self.ranks(answer) for answer in table.answers]

        def rank(answer: Value) -> list[int]:
            values = list(answer.values()) if isinstance(answer, dict) else [answer]
            return [
                next(
                    (place for place, test in enumerate(order) if satisfies(test, value, self.scope) is True),
                    len(order),
                )
                for value, order in zip(values, ranks, strict=False)
            ]

        return sorted(answers, key=rank)

    def ranks(self, answer: Answer) -> list[Tests]:
        allowed = answer.allowed or self.document.base_of(answer.type).allowed
        return [Tests((test,)) for test in _tests(Entry(allowed, answer.id, answer.at), self.names).tests]


def _typed_again(value: Value, type_: str) -> Value:
    return _typed(value, type_) if isinstance(value, str) and type_ in _TEMPORAL else value


def _alike(one: Value, two: Value) -> bool:
    if isinstance(one, dict) and isinstance(two, dict):
        return all(equal(one[name], two.get(name)) is True for name in one)
    return equal(one, two) is True


_AGGREGATIONS: Mapping[str, Callable[[list[Value]], Value]] = {
    "": list,
    "SUM": total,
    "MIN": lowest,
    "MAX": highest,
    "COUNT": lambda answers: Fraction(len(answers)),
}
