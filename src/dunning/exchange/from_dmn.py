"""Decision tables of a DMN file as tables of the rule language, with a finding for everything that does not come over.

Inputs are facts by id, Chinese or English title; what our own export added is used where a modeller kept it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Literal

from dunning.basis.finding import Finding, Text, in_order
from dunning.basis.span import Span
from dunning.engine.known.catalogue import meant_by
from dunning.exchange import document as dmn
from dunning.exchange import feel
from dunning.exchange.cells import NONE, answer_of, canonical
from dunning.exchange.document import Document, Entry, document_of
from dunning.exchange.drawn import Imported, UnsayableError, book_text
from dunning.exchange.feel import FeelError
from dunning.exchange.from_cells import WrongValueError, cell_of
from dunning.exchange.names import POLICIES, TYPES, Known, known_by, variable
from dunning.lang.text.names import did_you_mean, nearest
from dunning.lang.words import words
from dunning.lang.words.literals import KIND_NAMES
from dunning.lang.words.terms import read_duration
from dunning.model.condition import ALWAYS, All, Any, Condition, Type, Value, facts_of
from dunning.model.rulebook import Answer, Dated, Hit, Output, OwnFact, Row, Table

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_HITS: Mapping[tuple[str, str], Hit] = {said: hit for hit, said in POLICIES.items()}
OutputKind = Literal["integer", "percent", "money", "duration", "role", "boolean"]

_ORDERS = {
    "RULE ORDER": Text(
        "这里按输出的次序列, 不按行的次序", "answers are listed in output order here, not in that of rules"
    ),
    "OUTPUT ORDER": Text("这里排在后面的词算高, 列在后面", "here the word listed last is the highest and comes last"),
}
_JOINED = frozenset({"unique", "first", "any", "min", "max", "priority", "collect"})
"""Policies under which rules that were one row may be one row again: adding up is not among them."""


def import_dmn(path: Path) -> Imported:
    """The decision tables of a file. RulesError (X201) if it is no DMN; all else is a finding."""
    return imported(document_of(path.read_bytes(), path.as_posix()))


def imported(document: Document) -> Imported:
    """The same of a file that was read."""
    return _Import(document).done()


@dataclass(slots=True)
class _Part:
    """One output of one decision: what becomes a table."""

    decision: dmn.Decision
    table: dmn.DecisionTable
    place: int  # of the output
    head: Table


@dataclass(slots=True)
class _Import:
    """Reads one file: heads first, so that a table may test one further down."""

    document: Document
    findings: list[Finding] = field(default_factory=list)
    facts: dict[str, OwnFact] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)

    def report(self, code: str, at: Span, element: str, /, *, fix: str = "", **args: object) -> None:
        self.findings.append(Finding(code, at, {"element": element, **args}, fix=fix))

    def done(self) -> Imported:
        for entry in self.document.strange:
            self.report("X205", entry.at, entry.id, what=f"{entry.text} {entry.title}".strip())
        self.facts = {fact.id: fact for data in self.document.inputs if (fact := self.own_fact(data)) is not None}
        parts = [part for decision in self.document.decisions for part in self.parts(decision)]
        self.known = known_by(self.facts, {part.head.id: part.head for part in parts})
        tables = [table for part in parts if (table := self.whole(part)) is not None]
        name = self.document.name if _ID.fullmatch(self.document.name) else "imported"
        text = self.written(name, tables)
        return Imported(name, tuple(tables), tuple(self.facts.values()), text, tuple(in_order(self.findings)))

    def written(self, name: str, tables: list[Table]) -> str:
        """The rule file; a test no text says is noted and its table left out."""
        while True:
            try:
                return book_text(name, self.document.title, self.facts.values(), tables, self.known)
            except UnsayableError as wrong:
                broken = next(table for table in tables if _tests(table, wrong.fact))
                at = broken.at or Span(self.document.file, 1, 1)
                why = Text("规则语言里写不出这个条件", "the rule language has no text for this test")
                self.report("X203", at, broken.id, text=wrong.fact, why=why)
                tables.remove(broken)

    # Facts of the book's own

    def own_fact(self, data: dmn.InputData) -> OwnFact | None:
        if not data.attribute:
            return None
        item = self.document.base_of(data.type)
        kind = next((kind for kind, said in TYPES.items() if said == data.type), None)
        values = self.words(item.allowed, data.id, data.at)
        if values:
            type_ = Type("choice", data.words or {word: Text(word, word) for word in values})
        else:
            type_ = Type(kind or "text", unit=Text("元", "yuan") if kind == "money" else Text("", ""))
        fact = OwnFact(
            id=data.name, type=type_, title=Text(data.title or data.name, data.title or data.name), key=data.attribute
        )
        if data.default is None:
            return fact
        return replace(fact, has_default=True, default=self.default(data, type_))

    def default(self, data: dmn.InputData, type_: Type) -> Value:
        try:
            node = feel.expression(data.default or "")
            value = canonical(node.value, type_, is_table=False) if isinstance(node, feel.Literal) else None
        except (FeelError, ValueError):
            self.report("X204", data.at, data.id, text=data.default, title=data.title or data.name)
            return None
        return value

    def words(self, allowed: str, element: str, at: Span) -> list[str]:
        """The texts among the values allowed, in their order."""
        if not allowed:
            return []
        try:
            tests = feel.unary_tests(allowed).tests
        except FeelError as wrong:
            self.report("X203", at, element, text=allowed, why=wrong.why)
            return []
        return [test.value for test in tests if isinstance(test, feel.Literal) and isinstance(test.value, str)]

    # Heads

    def parts(self, decision: dmn.Decision) -> Iterable[_Part]:
        """The tables a decision makes: one for each of its outputs."""
        table = decision.table
        if table is None or decision.other:
            what = decision.other or ("literalExpression" if decision.text else decision.name)
            self.report("X205", decision.at, decision.id, what=what)
            return
        several = len(table.answers) > 1
        hit = self.hit(table)
        if hit is None or (several and hit == "priority"):
            self.report("X207", table.at, table.id, policy=f"{table.policy} {table.aggregation}".strip())
            return
        if several:
            self.report("X212", table.at, table.id, count=len(table.answers))
        for place, answer in enumerate(table.answers):
            name = self.name(decision, answer.name if several else "")
            output = self.output(table, place, name) if name else None
            if output is None:
                continue
            if hit == "collect" and output.kind not in ("choice", "role"):
                self.report("X207", table.at, table.id, policy="COLLECT")
                continue
            head = Table(
                id=name,
                title=decision.title if not several or not answer.title else Text(answer.title, answer.title),
                output=output,
                rows=(),
                hit=hit,
                of="charge" if decision.of == "charge" else "account",
                source=decision.source,
                covers=decision.covers,
                at=table.at,
            )
            yield _Part(decision, table, place, head)

    def hit(self, table: dmn.DecisionTable) -> Hit | None:
        if table.policy in _ORDERS:
            hit = words.HITS["collect"]
            self.report("X206", table.at, table.id, policy=table.policy, hit=hit, why=_ORDERS[table.policy])
            return "collect"
        return _HITS.get((table.policy, table.aggregation if table.policy == "COLLECT" else ""))

    def name(self, decision: dmn.Decision, output: str) -> str:
        """The id of the table: the decision's name if it can be one, else its id."""
        for name in (decision.name, decision.id):
            whole = f"{name}_{output}" if output else name
            if _ID.fullmatch(whole):
                return whole
        self.report("X211", decision.at, decision.id, name=decision.name)
        return ""

    def output(self, table: dmn.DecisionTable, place: int, name: str) -> Output | None:
        """What the table may answer, by what is written about it or else by what its rules answer."""
        answer = table.answers[place]
        item = self.document.base_of(answer.type)
        values = self.words(answer.allowed or item.allowed, answer.id, answer.at)
        entries = [rule.outputs[place] for rule in table.rules if place < len(rule.outputs)]
        said = [self.literal(entry) for entry in [*entries, *([answer.default] if answer.default else [])]]
        literals = [each.value for each in said if each is not None and each.value is not None]
        texts = list(dict.fromkeys(value for value in literals if isinstance(value, str)))
        titled = answer.words or {}
        kind: OutputKind | None = next((kind for kind in words.KINDS if kind == answer.kind), None)
        if kind is not None:
            return Output(kind=kind, words=titled)
        if titled or values or (texts and all(isinstance(value, str) for value in literals)):
            listed = [*titled, *(word for word in [*values, *([] if values else texts)] if word not in titled)]
            return Output(kind="choice", words={word: titled.get(word, Text(word, word)) for word in listed})
        if literals and all(isinstance(value, bool) for value in literals):
            return Output(kind="boolean")
        if literals and all(isinstance(value, feel.Months | feel.Seconds) for value in literals):
            return Output(kind="duration")
        return self.number_output(answer, literals, name)

    def number_output(self, answer: dmn.Answer, literals: Sequence[feel.Plain], name: str) -> Output:
        """Integer, money or percent: the name of the type says, else the numbers."""
        match answer.type:
            case "money" | "percent" | "integer" as kind:
                return Output(kind=kind)
        whole = all(not isinstance(value, Fraction) or value.denominator == 1 for value in literals)
        if not whole or answer.type != "number":
            self.report("X209", answer.at, answer.id, table=name, kind=KIND_NAMES["integer" if whole else "money"])
        return Output(kind="integer" if whole else "money")

    def literal(self, entry: Entry) -> feel.Literal | None:
        """The literal of an output; None, noted once by `answer`, if it is something else."""
        try:
            node = feel.expression(entry.text) if entry.text not in ("", "-") else feel.Literal(None)
        except FeelError:
            return None
        return node if isinstance(node, feel.Literal) else None

    # Rows

    def whole(self, part: _Part) -> Table | None:
        """The table with its rows; one that reads a charge's facts is one of charges. None where no rule is written."""
        columns = [self.column(column) for column in part.table.columns]
        head = part.head
        if any(known is not None and known.of == "charge" for known in columns):
            head = replace(head, of="charge")
            self.known |= known_by({}, {head.id: head})
        rows: list[Row] = []
        for row_id, group in groupby(part.table.rules, key=lambda rule: rule.row or rule.id):
            rules = list(group)
            made = [made for rule in rules if (made := self.row(rule, columns, part)) is not None]
            same = len({row.then for row in made}) == 1
            if row_id and len(made) > 1 and same and part.head.hit in _JOINED:
                made = [replace(made[0], when=Any(tuple(row.when for row in made)))]
            rows += made
        rest = self.rest(part)
        numbered = [replace(row, number=number) for number, row in enumerate([*rows, *([rest] if rest else [])], 1)]
        if not part.table.rules and not numbered:
            self.report("X213", part.table.at, part.table.id, table=head.title)
            return None
        return replace(head, rows=tuple(numbered))

    def column(self, column: dmn.Column) -> Known | None:
        """The fact or table a column reads."""
        text = " ".join(column.read.text.split())
        data = next((each for each in self.document.inputs if text in (each.name, each.title)), None)
        for word in (data.fact if data else "", text, data.title if data else ""):
            found = self.called(word)
            if found is not None:
                return found
        try:
            node = feel.expression(column.read.text, self.document.names())
        except FeelError as wrong:
            self.report("X203", column.read.at, column.read.id, text=text, why=wrong.why)
            return None
        if not isinstance(node, feel.Name):
            why = Text("一列只能读一个事实, 不能算", "a column reads one fact and reckons nothing")
            self.report("X203", column.read.at, column.read.id, text=text, why=why)
            return None
        guess = self.guess(text)
        hint = did_you_mean(guess.id, guess.title) if guess else Text("", "")
        self.report("X202", column.read.at, column.read.id, name=text, hint=hint, fix=guess.id if guess else "")
        return None

    def called(self, word: str) -> Known | None:
        """What a word names: an id, its spelling in FEEL, or a title that only one has."""
        if not word:
            return None
        if word in self.known:
            return self.known[word]
        meant = [each for each in self.known.values() if word in (variable(each.id), each.title.zh, each.title.en)]
        return meant[0] if len(meant) == 1 else None

    def guess(self, word: str) -> Known | None:
        misnamed = meant_by(word)
        if misnamed is not None:
            return self.known[misnamed.id]
        titles = {title: each for each in self.known.values() for title in (each.id, each.title.zh, each.title.en)}
        found = nearest(word, titles)
        return titles[found] if found else None

    def row(self, rule: dmn.Rule, columns: list[Known | None], part: _Part) -> Row | None:
        parts: list[Condition] = []
        for entry, known in zip(rule.inputs, columns, strict=False):
            if known is None:  # noted at its head; a cell that says anything would be lost with it
                if entry.text.strip() not in ("", "-"):
                    return None
                continue
            found = self.cell(entry, known)
            if found is None:
                return None
            if found != ALWAYS:
                parts.append(found)
        then = self.answer(rule.outputs[part.place], part) if part.place < len(rule.outputs) else None
        if then is None:
            return None
        when = parts[0] if len(parts) == 1 else All(tuple(parts))
        return Row(number=0, when=when, then=Dated.always(then), id=rule.label, title=rule.title, at=rule.at)

    def cell(self, entry: Entry, known: Known) -> Condition | None:
        try:
            cell = cell_of(entry.text, known)
        except FeelError as wrong:
            self.report("X203", entry.at, entry.id, text=entry.text, why=wrong.why)
            return None
        except WrongValueError as wrong:
            self.report("X204", entry.at, entry.id, text=wrong.written, title=known.title)
            return None
        if cell.loose:
            self.report("X208", entry.at, entry.id, text=entry.text)
        return cell.condition

    def answer(self, entry: Entry, part: _Part) -> Answer | None:
        output = part.head.output
        literal = self.literal(entry)
        try:
            answer = None if literal is None else answer_of(literal, output.kind)
        except ValueError:
            answer = None
        if isinstance(answer, str) and answer != NONE and answer not in output.words:
            answer = self.other_word(answer, entry, output)
        if answer is None:
            kind = words.KINDS.get(output.kind, Text("表里的词", "a word of the table"))
            self.report("X210", entry.at, entry.id, text=entry.text, kind=kind)
        return answer

    def other_word(self, word: str, entry: Entry, output: Output) -> Answer | None:
        """A role, or working days, which FEEL has only as text."""
        if output.kind == "role":
            return word if word in words.ROLES else None
        return read_duration(word, entry.at)[0] if output.kind == "duration" else None

    def rest(self, part: _Part) -> Row | None:
        """The default output is the row for the rest; null, or what our policy gives anyhow, is none."""
        answer = part.table.answers[part.place]
        if answer.default is None or answer.rest == "none":
            return None
        then = self.answer(answer.default, part)
        if then is None or (then == NONE and answer.rest != "row"):
            return None
        return Row(
            number=0,
            when=ALWAYS,
            then=Dated.always(then),
            id=answer.default.label,
            title=answer.default.title,
            at=answer.default.at,
            otherwise=True,
        )


def _tests(table: Table, fact: str) -> bool:
    return any(fact in facts_of(row.when) for row in table.rows)
