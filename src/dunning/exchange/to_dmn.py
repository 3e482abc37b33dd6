"""Decision tables as DMN 1.3, to be opened in a modeller: one decision a table, one rule a row, with a diagram.

What DMN cannot carry is said, by the id of the element it concerns; nothing is left out in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from xml.etree import ElementTree as ET

from dunning.basis.finding import Finding, Text
from dunning.exchange.boxes import TooManyError, boxes, plain_cells
from dunning.exchange.cells import NONE, WORKDAYS, answer_feel, box_cells, test_text, value_text
from dunning.exchange.diagram import draw
from dunning.exchange.feel import quoted
from dunning.exchange.names import MODELS, OURS, POLICIES, TYPES, Known, in_line, known_in, variable
from dunning.lang.readers.read_answers import type_of
from dunning.model.anchor import Duration
from dunning.model.condition import Anything, Check, checks, facts_of
from dunning.model.rulebook import Answer, Row, RuleBook, Table

_DIAGRAMS = {
    "xmlns:dmndi": "https://www.omg.org/spec/DMN/20191111/DMNDI/",
    "xmlns:dc": "http://www.omg.org/spec/DMN/20180521/DC/",
    "xmlns:di": "http://www.omg.org/spec/DMN/20180521/DI/",
}
_NUMBERS = ("integer", "percent", "money")
_ROLE_OF_TYPE = {(True, False): "answer", (True, True): "answers", (False, False): "values", (False, True): "values"}


@dataclass(frozen=True, slots=True)
class Written:
    """The file, and what it could not carry."""

    text: str
    findings: tuple[Finding, ...]


def to_dmn(book: RuleBook, tables: Iterable[str], *, on: date) -> Written:
    """These tables of a book, and those they read, as a DMN file. Answers that change by date are those of `on`."""
    writer = _Writer(book, on)
    wanted = _with_read(book, tables)
    return Written(writer.document([book.tables[name] for name in book.tables if name in wanted]), writer.told())


def _with_read(book: RuleBook, tables: Iterable[str]) -> set[str]:
    """The tables with those they read, and so on; what `worst` speaks of comes in as data."""
    wanted: set[str] = set()
    waiting = list(tables)
    while waiting:
        name = waiting.pop()
        if name in book.tables and name not in wanted:
            wanted.add(name)
            waiting += [fact for row in book.tables[name].rows for fact in facts_of(row.when)]
    return wanted


@dataclass(slots=True)
class _Line:
    """One rule: a row of a table, or one part of it."""

    row: Row
    cells: Mapping[str, str]
    id: str
    part: bool = False


@dataclass(slots=True)
class _Writer:
    """Writes one file."""

    book: RuleBook
    on: date
    findings: list[Finding] = field(default_factory=list)
    kinds: dict[str, ET.Element] = field(default_factory=dict)  # item definitions
    known: dict[str, Known] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = known_in(self.book)

    def report(self, code: str, of: Table | Row | None, element: str, /, **args: object) -> None:
        self.findings.append(Finding(code, of.at if of else None, {"element": element, **args}))

    def told(self) -> tuple[Finding, ...]:
        return tuple(self.findings)

    def document(self, tables: list[Table]) -> str:
        attributes = {"xmlns": MODELS[0], **_DIAGRAMS, "xmlns:dunning": OURS, "exporter": "dunning"}
        root = ET.Element(
            "definitions",
            attributes
            | {"id": _ncname("rulebook", self.book.name), "name": self.book.name, "label": self.book.title}
            | {"namespace": f"urn:dunning:rulebook:{self.book.name}"},
        )
        decisions = [(table, self.decision(table)) for table in tables]
        carried = [(table, decision) for table, decision in decisions if decision is not None]
        names = {table.id for table, _ in carried}
        facts = dict.fromkeys(fact for table, _ in carried for fact in _columns(table) if fact not in names)
        inputs = [self.input_data(self.known[fact]) for fact in facts]
        sources = _sources(table for table, _ in carried)
        for table, decision in carried:
            self.require(table, decision, names, sources)
        root.extend([*self.kinds.values(), *inputs])
        root.extend(_element("knowledgeSource", id=element, name=source) for source, element in sources.items())
        root.extend(decision for _, decision in carried)
        root.append(draw([*inputs, *(decision for _, decision in carried)]))
        if carried:
            self.report("X104", None, root.get("id") or "")
        ET.indent(root)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"

    # Types and data

    def type_name(self, known: Known) -> str:
        """What the type of a fact or table is called in the file, defined where FEEL has not got it."""
        type_ = known.type
        name = TYPES[type_.kind]
        if type_.kind in ("choice", "set") and type_.values:
            name = f"{variable(known.id)}_{_ROLE_OF_TYPE[known.is_table, type_.kind == 'set']}"
            words = [word for word in type_.values if not (known.is_table and word == NONE)]
            self.define(name, "string", [quoted(word) for word in words], several=type_.kind == "set")
        elif type_.kind == "set":
            name = "words"
            self.define(name, "string", several=True)
        elif name not in ("number", "date", "boolean", "string"):
            self.define(name, "number")
        return name

    def define(self, name: str, base: str, allowed: Iterable[str] = (), *, several: bool = False) -> None:
        if name in self.kinds:
            return
        item = self.kinds[name] = _element("itemDefinition", id=_ncname("type", name), name=name)
        if several:
            item.set("isCollection", "true")
        _with_text(item, "typeRef", base)
        values = ", ".join(allowed)
        if values:
            _texted(ET.SubElement(item, "allowedValues"), values)

    def input_data(self, known: Known) -> ET.Element:
        name = variable(known.id)
        element = _element("inputData", id=_ncname("input", name), name=name, label=known.title.zh)
        if known.own is not None:
            self.own_fact(element, known)
        if name != known.id:
            element.set("dunning:fact", known.id)
            self.report("X105", None, element.get("id") or "", name=known.id)
        if known.type.kind == "months":
            self.report("X102", None, element.get("id") or "", name=known.id, title=known.title)
        typed = self.type_name(known)
        ET.SubElement(element, "variable", {"id": _ncname("data", name), "name": name, "typeRef": typed})
        return element

    def own_fact(self, element: ET.Element, known: Known) -> None:
        """A book's own fact takes along where it comes from."""
        own = known.own
        if own is None:
            return
        element.set("dunning:attribute", own.key)
        _titles(element, own.type.values or {})
        if own.has_default:
            value = own.default
            said = None if isinstance(value, frozenset) else value
            element.set("dunning:default", value_text(said, known.type, is_table=False))

    # Decisions

    def decision(self, table: Table) -> ET.Element | None:
        element = _element("decision", id=_ncname("decision", table.id), name=table.id, label=table.title.zh)
        if table.title.en not in ("", table.title.zh):
            element.set("dunning:title_en", table.title.en)
        if table.of == "charge":
            element.set("dunning:of", "charge")
        if table.covers:
            element.set("dunning:covers", ", ".join(table.covers))
        lines = self.lines(table)
        if lines is None:
            return None
        known = self.known[table.id]
        typed = self.answer_type(table, known)
        whole = self.type_name(known) if table.hit == "collect" else typed
        ET.SubElement(element, "variable", {"id": _ncname("variable", table.id), "name": table.id, "typeRef": whole})
        element.append(self.table(table, lines, typed))
        return element

    def answer_type(self, table: Table, known: Known) -> str:
        """The type of one answer."""
        output = table.output
        if output.kind in ("choice", "role"):
            return self.type_name(replace(known, type=type_of(output, "unique")))
        if output.kind in _NUMBERS:
            return "Any" if set(output.words) - {NONE} else self.type_name(known)
        if output.kind == "duration":
            units = {answer.unit for row in table.rows for _, answer in row.then.steps if isinstance(answer, Duration)}
            if units and units <= {"d", "h"}:
                return "days and time duration"
            return "years and months duration" if units and units <= {"mo", "y"} else "Any"
        return "boolean" if output.kind == "boolean" else "string"

    def table(self, table: Table, lines: list[_Line], typed: str) -> ET.Element:
        policy, aggregation = POLICIES[table.hit]
        element = _element("decisionTable", id=_ncname("table", table.id), hitPolicy=policy)
        if aggregation:
            element.set("aggregation", aggregation)
        element.set("outputLabel", table.title.zh)
        columns = _columns(table)
        for fact in columns:
            element.append(self.column(table, self.known[fact]))
        element.append(self.output(table, typed))
        element.append(_element("annotation", name="说明"))
        for line in lines:
            element.append(self.rule(table, line, columns))
        return element

    def column(self, table: Table, known: Known) -> ET.Element:
        name = variable(known.id)
        clause = _element("input", id=_ncname("column", table.id, name), label=known.title.zh)
        typed = self.type_name(known)
        inner = ET.SubElement(clause, "inputExpression", {"id": _ncname("read", table.id, name), "typeRef": typed})
        _texted(inner, name)
        return clause

    def output(self, table: Table, typed: str) -> ET.Element:
        clause = _element("output", id=_ncname("answer", table.id), label=table.title.zh, name=table.id, typeRef=typed)
        clause.set("dunning:kind", table.output.kind)
        _titles(clause, table.output.words)
        if table.output.words:
            listed = ", ".join("null" if word == NONE else quoted(word) for word in table.output.words)
            if table.output.kind == "choice":
                _texted(_child(clause, "outputValues", id=_ncname("values", table.id)), listed)
        rest = next((row for row in table.rows if row.otherwise), None)
        if rest is not None or table.hit == "sum":
            default = _child(clause, "defaultOutputEntry", id=_ncname("default", table.id))
            if rest is not None:
                default.set("label", rest.id)
                _described(default, rest.title)
            _texted(default, "0" if rest is None else self.answer(table, rest, default.get("id") or ""))
            default.set("dunning:rest", "none" if rest is None else "row")
        return clause

    def rule(self, table: Table, line: _Line, columns: Iterable[str]) -> ET.Element:
        rule = _element("rule", id=line.id, label=line.row.id)
        if line.part:
            rule.set("dunning:row", str(line.row.number))
        _described(rule, line.row.title)
        for number, fact in enumerate(columns, 1):
            entry = _child(rule, "inputEntry", id=f"{line.id}_in{number}")
            _texted(entry, line.cells.get(fact, "-"))
        output = _child(rule, "outputEntry", id=f"{line.id}_out")
        _texted(output, self.answer(table, line.row, line.id))
        _texted(ET.SubElement(rule, "annotationEntry"), line.row.title)
        return rule

    # Rows

    def lines(self, table: Table) -> list[_Line] | None:
        """The rules of a table; None if a row would be cut into too many, or there is nothing to write."""
        found: list[_Line] = []
        for row in table.rows:
            if row.otherwise:
                continue
            element = _ncname("rule", table.id, str(row.number))
            try:
                found += self.parts(table, row, element)
            except TooManyError:
                self.report("X107", row, _ncname("decision", table.id), number=row.number, table=table.title)
                return None
        if not found and not any(row.otherwise for row in table.rows):
            self.report("X111", table, _ncname("decision", table.id), table=table.title)
            return None
        self.check_answers(table, found)
        return found

    def parts(self, table: Table, row: Row, element: str) -> list[_Line]:
        cells = plain_cells(row.when)
        if cells is not None:
            texts = {check.fact: self.test(check.fact, check) for check in cells}
            return [_Line(row, texts, element)]
        apart = table.hit in ("unique", "collect", "sum")
        found = boxes(row.when, lambda fact: self.known[fact].type, apart=apart)
        types = {fact: known.type for fact, known in self.known.items()}
        tables = [fact for fact, known in self.known.items() if known.is_table]
        if len(found) == 1:
            return [_Line(row, box_cells(found[0], types, tables), element, part=True)]
        ids = [f"{element}_{number}" for number in range(1, len(found) + 1)]
        code = "X103" if found else "X110"
        self.report(code, row, ids[0] if ids else element, number=row.number, table=table.title, rows=len(found))
        rows = (row, *(replace(row, id="") for _ in found[1:]))  # an id names one rule
        parts = zip(rows, found, ids, strict=False)
        return [_Line(one, box_cells(box, types, tables), id_, part=True) for one, box, id_ in parts]

    def test(self, fact: str, check: Check) -> str:
        known = self.known[fact]
        return test_text(check, known.type, is_table=known.is_table)

    def answer(self, table: Table, row: Row, element: str) -> str:
        """The answer in force on the day, with what is lost of it."""
        answer = row.then.on(self.on)
        if len(row.then.steps) > 1 or answer is None:
            self.report("X101", row, element, number=row.number, table=table.title, on=self.on.isoformat())
        if answer is None:
            return "null"
        if isinstance(answer, Duration) and answer.unit == WORKDAYS:
            self.report("X106", row, element, text=f"{answer.count}{answer.unit}")
        return answer_feel(answer, table.output.kind)

    def check_answers(self, table: Table, lines: list[_Line]) -> None:
        """What an aggregation makes of answers it cannot add or compare, or gives twice."""
        element = _ncname("table", table.id)
        answers = [(line.row, line.row.then.on(self.on)) for line in lines]
        if table.hit in ("sum", "min", "max") and any(isinstance(answer, str) for _, answer in answers):
            self.report("X108", table, element, table=table.title, hit=table.hit)
        said: dict[Answer, int] = {}
        for row, answer in answers:
            if answer is not None and said.setdefault(answer, row.number) != row.number and table.hit == "collect":
                self.report("X109", table, element, table=table.title, answer=str(answer))
                break

    def require(self, table: Table, decision: ET.Element, names: set[str], sources: Mapping[str, str]) -> None:
        """What the decision stands on: data, other tables, and where it is written."""
        place = 1  # after the variable
        for number, fact in enumerate(_columns(table), 1):
            need = _element("informationRequirement", id=_ncname("need", table.id, str(number)))
            if fact in names:
                ET.SubElement(need, "requiredDecision", {"href": f"#{_ncname('decision', fact)}"})
            else:
                ET.SubElement(need, "requiredInput", {"href": f"#{_ncname('input', variable(fact))}"})
            decision.insert(place, need)
            place += 1
        if table.source:
            need = _element("authorityRequirement", id=_ncname("authority", table.id))
            ET.SubElement(need, "requiredAuthority", {"href": f"#{sources[table.source]}"})
            decision.insert(place, need)


def _columns(table: Table) -> list[str]:
    """The facts a table reads, in the order written; what is only ever 任意 is no column."""
    rows = (row.when for row in table.rows if not row.otherwise)
    return in_line([check.fact for check in checks(when) if not isinstance(check.test, Anything)] for when in rows)


def _sources(tables: Iterable[Table]) -> dict[str, str]:
    """Each source with the id of its element."""
    texts = dict.fromkeys(table.source for table in tables if table.source)
    return {source: f"source_{number}" for number, source in enumerate(texts, 1)}


def _titles(element: ET.Element, words: Mapping[str, Text]) -> None:
    """The titles of words, which DMN has no place for."""
    if not words:
        return
    ours = ET.SubElement(element, "extensionElements")
    for word, title in words.items():
        said = {"word": word, "title": title.zh}
        ET.SubElement(ours, "dunning:word", said if title.en in ("", title.zh) else said | {"title_en": title.en})


def _element(tag: str, /, **attributes: str) -> ET.Element:
    return ET.Element(tag, {name: value for name, value in attributes.items() if value})


def _child(parent: ET.Element, tag: str, /, **attributes: str) -> ET.Element:
    element = _element(tag, **attributes)
    parent.append(element)
    return element


def _texted(parent: ET.Element, text: str) -> None:
    _with_text(parent, "text", text)


def _with_text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text


def _described(parent: ET.Element, text: str) -> None:
    if text:
        _with_text(parent, "description", text)


def _ncname(*parts: str) -> str:
    """An id an XML file may have: letters, digits, `_`, `-`, `.`."""
    return re.sub(r"[^\w.-]", "_", "_".join(parts))
