"""Tables as rule-language text: a grid where every row is a line of cells, else rows with `when` and `then`.

Written so that a reviewer would have written it: Chinese tests with their units, titles for heads; every test is read
back before it is handed out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from dunning.basis.finding import Finding, Text
from dunning.basis.money import decimal_text
from dunning.basis.span import Span
from dunning.basis.width import width
from dunning.exchange.boxes import plain_cells
from dunning.exchange.names import Known, in_line
from dunning.lang.words.grammar import read_test
from dunning.lang.words.meaning import canonical
from dunning.model.anchor import Duration
from dunning.model.condition import (
    All,
    Any,
    Anything,
    Bound,
    Check,
    Condition,
    Contains,
    Not,
    Nothing,
    OneOf,
    Range,
    Test,
    Type,
    Value,
)
from dunning.model.prose import prose_test
from dunning.model.rulebook import Answer, Dated, Output, OwnFact, Row, Table

Names = Mapping[str, Known]

_NOWHERE = Span("", 1, 1)
_NO_GRID = frozenset({"说明", "标题", "title", "note", "编号", "id"})


@dataclass(frozen=True, slots=True)
class UnsayableError(Exception):
    """A test no text of the language says."""

    fact: str


@dataclass(frozen=True, slots=True)
class Imported:
    """The tables read, their facts, the rule file they make, and what was not carried over."""

    name: str
    tables: tuple[Table, ...]
    facts: tuple[OwnFact, ...]
    text: str
    findings: tuple[Finding, ...]


# --- a book -------------------------------------------------------------------------------------------------------


def book_text(
    name: str,
    title: str,
    facts: Iterable[OwnFact],
    tables: Iterable[Table],
    known: Names,
    *,
    like_written: bool = False,
) -> str:
    """A rule file with these facts and tables. `like_written`: tests as their author wrote them."""
    lines = [f"rulebook: {scalar(name)}", f"title: {scalar(title or name)}", "language: 1", 'version: "1"']
    own = list(facts)
    if own:
        lines += ["", "facts:", *(f"  {fact.id}: {{{_fact(fact, known)}}}" for fact in own)]
    lines += ["", "tables:"]
    for number, table in enumerate(tables):
        lines += ([""] if number else []) + list(_table(table, Writer(known, like_written=like_written)))
    return "\n".join(lines) + "\n"


def _fact(fact: OwnFact, known: Names) -> str:
    type_ = words_text(fact.type.values) if fact.type.kind == "choice" and fact.type.values else fact.type.kind
    entries = [f"type: {type_}", f"title: {titles_text(fact.title)}", f"from: {scalar(f'attributes.{fact.key}')}"]
    if fact.has_default:
        entries.append(f"default: {value_said(fact.default, known[fact.id].type)}")
    return ", ".join(entries)


def value_said(value: Value, type_: Type) -> str:
    """A value of a fact as YAML."""
    if value is None or isinstance(value, frozenset):
        return "null"
    return scalar(literal(value, type_))


def _table(table: Table, writer: Writer) -> Iterator[str]:
    yield f"  {table.id}:"
    for key, text in head(table):
        yield f"    {key}: {text}"
    grid = writer.grid(table)
    if grid is not None:
        yield "    grid: |"
        yield from (f"      {line}".rstrip() for line in aligned(grid))
        return
    yield "    rows:"
    for row in table.rows:
        yield f"      - {{{', '.join(f'{key}: {text}' for key, text in writer.row(row, table.output))}}}"


def head(table: Table) -> Iterator[tuple[str, str]]:
    """The keys of a table before its rows, as YAML."""
    yield "title", titles_text(table.title)
    if table.of == "charge":
        yield "of", "charge"
    yield "output", output_text(table.output)
    if table.hit != "unique":
        yield "hit", table.hit
    if table.source:
        yield "source", scalar(table.source)
    if table.covers:
        yield "covers", f"[{', '.join(map(scalar, table.covers))}]"


def titles_text(title: Text) -> str:
    if title.zh == title.en:
        return scalar(title.zh)
    return f"{{zh: {scalar(title.zh)}, en: {scalar(title.en)}}}"


def output_text(output: Output) -> str:
    """A type, words, or a type with words beside it."""
    if output.kind == "choice":
        return words_text(output.words)
    if not output.words:
        return output.kind
    return f"{{type: {output.kind}, or: {words_text(output.words)}}}"


def words_text(titles: Mapping[str, Text]) -> str:
    if all(title.zh == word for word, title in titles.items()):
        return f"[{', '.join(map(scalar, titles))}]"
    return f"{{{', '.join(f'{scalar(word)}: {scalar(title.zh)}' for word, title in titles.items())}}}"


_PLAIN = re.compile(r"[^\W_][\w.%‰‱、/+-]*(?: [\w.%‰‱、/+()-]+)*")
_LIKE_NOTHING = frozenset({"null", "~", "true", "false", "yes", "no", "on", "off"})


def scalar(text: str) -> str:
    """A text as a YAML scalar that reads as itself anywhere, in braces too."""
    if _PLAIN.fullmatch(text) and text.lower() not in _LIKE_NOTHING:
        return text
    return json.dumps(text, ensure_ascii=False)


# --- rows and tests -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes rows in the words of some facts."""

    known: Names
    like_written: bool = False

    def grid(self, table: Table) -> list[list[str]] | None:
        """Heads and rows of cells; None if some row is more than a line of cells."""
        facts = columns(table)
        rests = [row for row in table.rows if row.otherwise]
        if not facts or any(len(row.then.steps) > 1 for row in table.rows):
            return None
        titled, named = any(row.title for row in table.rows), any(row.id for row in table.rows)
        extra = [*(["编号"] if named else []), *(["说明"] if titled else [])]
        found = [[*map(self.head, facts), f"=> {_in_grid(table.title.zh)}", *extra]]
        for row in table.rows:
            cells = {} if row in rests else self.cells(row.when)
            answer = answer_said(row.then.steps[0][1], table.output)
            if cells is None or any("|" in text or "\n" in text for text in (answer, row.id, row.title)):
                return None
            first = ["否则", *[""] * (len(facts) - 1)] if row.otherwise else [cells.get(fact, "") for fact in facts]
            found.append([*first, answer, *([row.id] if named else []), *([row.title] if titled else [])])
        return found

    def head(self, fact: str) -> str:
        """The title of a fact, where it means this one only; else its id."""
        title = self.known[fact].title.zh
        alike = [each for each in self.known.values() if each.title.zh == title]
        plain = title and len(alike) == 1 and title not in self.known and title not in _NO_GRID and "|" not in title
        return title if plain and not fact.startswith("worst(") else fact

    def cells(self, condition: Condition) -> dict[str, str] | None:
        """One text a fact; None if the condition is more than that."""
        checks = plain_cells(condition)
        if checks is None:
            return None
        found: dict[str, str] = {}
        for check in checks:
            text = self.test(check)
            if not isinstance(text, str) or "|" in text or text in ("否则", "其余", "else"):
                return None
            found[check.fact] = text
        return found

    def row(self, row: Row, output: Output) -> Iterator[tuple[str, str]]:
        """The keys of one row, as YAML."""
        if row.id:
            yield "id", scalar(row.id)
        if not row.otherwise:
            yield "when", self.when(row.when)
        yield "else" if row.otherwise else "then", dated_said(row.then, output)
        if row.title:
            yield "title", scalar(row.title)

    def when(self, condition: Condition) -> str:
        """A condition as a YAML map in braces."""
        entries: dict[str, str] = {}
        options: tuple[Condition, ...] = ()
        left: list[Condition] = []
        for part in _parts(condition):
            match part:
                case Check(fact) if fact not in entries:
                    entries[fact] = self.said(part)
                case Not(inner) if "not" not in entries:
                    entries["not"] = self.when(inner)
                case Any(parts) if not options:
                    options = parts
                case _:
                    left.append(part)
        if left:  # a second test on a fact, a second `any`: within each of what may hold
            options = tuple(All((option, *left)) for option in options) or (All(tuple(left)),)
        if options:
            entries["any"] = f"[{', '.join(self.when(option) for option in options)}]"
        return f"{{{', '.join(f'{scalar(key)}: {text}' for key, text in entries.items())}}}"

    def said(self, check: Check) -> str:
        text = self.test(check)
        return scalar(text) if isinstance(text, str) else f"[{', '.join(map(scalar, text))}]"

    def test(self, check: Check) -> str | list[str]:
        """A test in the language, read back; a list of words where only a list says it."""
        known = self.known[check.fact]
        tries: list[str | list[str]] = [check.text] if self.like_written else []
        tries.append(test_said(check.test, known.type))
        match check.test:
            case OneOf(values, _, False) if all(isinstance(value, str) for value in values):
                tries.append([str(value) for value in values])
        for text in tries:
            test, findings = read_test(text, known.type, _NOWHERE, known.id, known.title)
            if test is not None and not findings and _same(test, check.test, check.fact):
                return text
        raise UnsayableError(check.fact)


def _same(one: Test, two: Test, fact: str) -> bool:
    return bool(canonical(Check(fact, one, "")) == canonical(Check(fact, two, "")))


def _parts(condition: Condition) -> Iterator[Condition]:
    """What must all hold, brackets opened; tests of 任意 say nothing."""
    match condition:
        case All(parts):
            for part in parts:
                yield from _parts(part)
        case Any((only,)):
            yield from _parts(only)
        case Check(test=Anything()):
            return
        case _:
            yield condition


def columns(table: Table) -> list[str]:
    """The facts that the rows test which are lines of cells."""
    rows = (plain_cells(row.when) or () for row in table.rows if not row.otherwise)
    return in_line([check.fact for check in row] for row in rows)


def _in_grid(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")


def aligned(grid: list[list[str]]) -> Iterator[str]:
    """The lines of a grid, its bars below each other where a Chinese character is two columns wide."""
    widths = [max(width(row[place]) for row in grid) for place in range(len(grid[0]))]
    for row in grid:
        cells = (cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=True))
        yield " | ".join(cells).rstrip()


def test_said(test: Test, type_: Type) -> str:
    """A test in Chinese words, its numbers with their units."""
    match test:
        case Range(low, high):
            return prose_test(Range(_bound(low, type_, is_low=True), _bound(high, type_, is_low=False)), "zh")
        case OneOf(values, _, negated):
            said = "、".join(literal(value, type_) for value in values)
            alone = said.startswith('"') and len(values) == 1  # quotes around the whole are taken off
            return f"非 {said}" if negated else f"为 {said}" if alone else said
        case Contains(values, negated):
            return f"{'不含' if negated else '含'} {'、'.join(_quoted(word) for word in values)}"
        case Nothing(negated):
            return "非无" if negated else "无"
        case Anything():
            return "任意"


def _bound(bound: Bound | None, type_: Type, *, is_low: bool) -> Bound | None:
    """The bound as it is written: some days more than three months is 超过3个月, never a number of its own."""
    if bound is None:
        return None
    value, included = bound.value, bound.included
    if type_.kind == "months" and value % 2:
        down, up = (value - 1, not is_low), (value + 1, is_low)
        value, included = down if included is is_low else up
    return Bound(value, included, literal(value, type_))


def literal(value: int | str | bool, type_: Type) -> str:
    """A canonical value as people write it: 1592.25元, 1万元, 3期, 30天, 3个月, 5%, 2026-01-01."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        return _quoted(value)
    match type_.kind:
        case "money":
            many, rest = divmod(value, 10**6)
            return f"{many}万元" if many > 0 and not rest else f"{decimal_text(Fraction(value, 100))}元"
        case "days":
            return f"{value}天"
        case "months":
            return f"{value // 2}个月"
        case "percent":
            return f"{decimal_text(Fraction(value, 10_000))}%"
        case "number":
            return decimal_text(Fraction(value, 100))
        case "date":
            return date.fromordinal(value).isoformat()
    return f"{value}{type_.unit.zh}"


def _quoted(word: str) -> str:
    return word if re.fullmatch(r"[^\W_][\w-]*", word) and not re.match(r"[非不是为含属没]", word) else f'"{word}"'


# --- answers ------------------------------------------------------------------------------------------------------


def dated_said(dated: Dated[Answer], output: Output) -> str:
    """An answer as YAML, by the day it holds from where it changes."""
    if len(dated.steps) == 1 and dated.steps[0][0].year == 1:
        return scalar(answer_said(dated.steps[0][1], output))
    steps = (f"{since.isoformat()}: {scalar(answer_said(answer, output))}" for since, answer in dated.steps)
    return f"{{{', '.join(steps)}}}"


def answer_said(answer: Answer, output: Output) -> str:
    """What a row answers as people write it."""
    if isinstance(answer, bool):
        return "是" if answer else "否"
    if isinstance(answer, str):
        return answer
    if isinstance(answer, Duration):
        return f"{answer.count}{answer.unit}"
    if output.kind == "money":
        return f"{decimal_text(Fraction(answer, 100))}元"
    return f"{decimal_text(answer * 100)}%" if isinstance(answer, Fraction) else str(answer)
