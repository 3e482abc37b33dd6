"""A DMN file of any modeller as records: its decisions, their tables, the data and types they speak of.

Nothing is judged here but whether it is DMN at all; import and evaluation read the same records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dunning.basis.errors import RulesError
from dunning.basis.finding import Finding, Text
from dunning.basis.span import Span
from dunning.exchange import xml
from dunning.exchange.names import MODELS, OURS
from dunning.exchange.xml import Element


@dataclass(frozen=True, slots=True)
class Entry:
    """A text of FEEL with the element it stands in."""

    text: str
    id: str
    at: Span
    title: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """An input of a table: what is read, its type, and the values allowed."""

    read: Entry
    type: str
    title: str
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An output of a table. `kind` and `words` are what our own export adds to it."""

    name: str
    id: str
    at: Span
    type: str
    title: str
    allowed: str
    default: Entry | None
    kind: str = ""
    words: Mapping[str, Text] | None = None
    rest: str = ""  # what our export says of the default: a "row" for the rest, or "none": our policy gives it anyhow


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    at: Span
    inputs: tuple[Entry, ...]
    outputs: tuple[Entry, ...]
    title: str
    label: str
    row: str = ""


@dataclass(frozen=True, slots=True)
class DecisionTable:
    id: str
    at: Span
    policy: str
    aggregation: str
    columns: tuple[Column, ...]
    answers: tuple[Answer, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision with its table, or with an expression (`text`), or with what is neither (`other`: the element)."""

    id: str
    name: str
    title: Text
    at: Span
    type: str
    needs: tuple[str, ...]  # ids of decisions
    table: DecisionTable | None = None
    text: Entry | None = None
    other: str = ""
    of: str = ""
    covers: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class InputData:
    id: str
    name: str
    title: str
    at: Span
    type: str
    fact: str = ""
    attribute: str = ""
    default: str | None = None
    words: Mapping[str, Text] | None = None


@dataclass(frozen=True, slots=True)
class ItemType:
    """A type defined in the file."""

    name: str
    base: str
    allowed: str
    several: bool
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A whole file. `strange` are the elements that are neither data, types nor decisions."""

    name: str
    title: str
    file: str
    decisions: tuple[Decision, ...]
    inputs: tuple[InputData, ...]
    types: Mapping[str, ItemType]
    strange: tuple[Entry, ...]

    def decision(self, name: str) -> Decision | None:
        """A decision by its name, id or title."""
        wanted = (each for each in self.decisions if name in (each.name, each.id, each.title.zh))
        return next(wanted, None)

    def names(self) -> list[str]:
        """What its expressions may speak of: data and decisions."""
        return [*(each.name for each in self.inputs), *(each.name for each in self.decisions)]

    def base_of(self, type_: str) -> ItemType:
        """What a type comes down to, through types defined on types."""
        found = ItemType(type_, type_, "", several=False)
        allowed, several = "", False
        for _ in range(len(self.types) + 1):
            item = self.types.get(found.base)
            if item is None:
                break
            allowed, several = allowed or item.allowed, several or item.several
            found = item
        return ItemType(type_, found.base, allowed, several, found.fields)


def read_document(path: Path, *, file: str = "") -> Document:
    """The file as records. RulesError (X201) if it is no DMN file; OSError if it cannot be opened."""
    return document_of(path.read_bytes(), file or path.as_posix())


def document_of(data: bytes, file: str) -> Document:
    """The same of the bytes."""
    try:
        root = xml.parse(data)
    except xml.XmlError as wrong:
        raise RulesError([Finding("X201", Span(file, wrong.line, wrong.column), {"why": wrong.why})]) from None
    if root.name != "definitions" or root.space not in MODELS:
        why = Text(
            f"根元素是 {root.name} ({root.space or '没有命名空间'})",
            f"its root is {root.name} ({root.space or 'none'})",
        )
        raise RulesError([Finding("X201", Span(file, root.line, root.column), {"why": why})])
    return _Reader(file, root).document()


_SILENT = frozenset({
    "itemDefinition", "inputData", "decision", "knowledgeSource", "DMNDI", "extensionElements", "description",
    "textAnnotation", "association", "group", "elementCollection", "performanceIndicator", "organizationUnit",
})  # fmt: skip
"""Elements that carry no decision logic of their own, or are read by name."""


class _Reader:
    """Reads one file."""

    def __init__(self, file: str, root: Element) -> None:
        self.file = file
        self.root = root

    def at(self, element: Element) -> Span:
        return Span(self.file, element.line, element.column)

    def entry(self, element: Element) -> Entry:
        return Entry(
            element.said("text"), self.id(element), self.at(element), element.said("description"), element.get("label")
        )

    def id(self, element: Element) -> str:
        """The id, or the place where there is none."""
        return element.get("id") or f"{element.name}:{element.line}"

    def document(self) -> Document:
        types = [self.item(element) for element in self.root.all("itemDefinition")]
        strange = [element for element in self.root.children if element.name not in _SILENT]
        return Document(
            name=self.root.get("name"),
            title=self.root.get("label") or self.root.get("name"),
            file=self.file,
            decisions=tuple(self.decision(element) for element in self.root.all("decision")),
            inputs=tuple(self.data(element) for element in self.root.all("inputData")),
            types={item.name: item for item in types},
            strange=tuple(
                Entry(element.name, self.id(element), self.at(element), element.get("name")) for element in strange
            ),
        )

    def item(self, element: Element) -> ItemType:
        allowed = element.first("allowedValues") or element.first("typeConstraint")
        fields = tuple(child.get("name") for child in element.all("itemComponent"))
        return ItemType(
            name=element.get("name"),
            base=_bare(element.said("typeRef")),
            allowed=allowed.said("text") if allowed else "",
            several=element.get("isCollection") == "true",
            fields=fields,
        )

    def data(self, element: Element) -> InputData:
        variable = element.first("variable")
        return InputData(
            id=self.id(element),
            name=element.get("name"),
            title=element.get("label"),
            at=self.at(element),
            type=_bare(variable.get("typeRef")) if variable else "",
            fact=_ours(element, "fact"),
            attribute=_ours(element, "attribute"),
            default=element.attributes.get(f"{{{OURS}}}default"),
            words=_words(element),
        )

    def decision(self, element: Element) -> Decision:
        variable = element.first("variable")
        table, text = element.first("decisionTable"), element.first("literalExpression")
        plain = {"description", "extensionElements", "question", "allowedAnswers", "variable", "decisionTable"}
        other = [
            child.name
            for child in element.children
            if child.space in MODELS and child.name not in plain and child.name not in _BESIDE
        ]
        needs = [each.get("href") for need in element.all("informationRequirement") for each in need.children]
        title = element.get("label") or element.get("name")
        return Decision(
            id=self.id(element),
            name=element.get("name"),
            title=Text(title, _ours(element, "title_en") or title),
            at=self.at(element),
            type=_bare(variable.get("typeRef")) if variable else "",
            needs=tuple(href.rpartition("#")[2] for href in needs),
            table=self.table(table, element) if table else None,
            text=self.entry(text) if text else None,
            other=other[0] if other else "",
            of=_ours(element, "of"),
            covers=tuple(part.strip() for part in _ours(element, "covers").split(",") if part.strip()),
            source=self.source(element),
        )

    def source(self, element: Element) -> str:
        """The names of the knowledge sources a decision stands on."""
        needed = [each.get("href") for need in element.all("authorityRequirement") for each in need.children]
        names = {self.id(each): each.get("label") or each.get("name") for each in self.root.all("knowledgeSource")}
        found = [names[href.rpartition("#")[2]] for href in needed if href.rpartition("#")[2] in names]
        return "; ".join(found)

    def table(self, element: Element, decision: Element) -> DecisionTable:
        outputs = list(element.all("output"))
        return DecisionTable(
            id=self.id(element),
            at=self.at(element),
            policy=element.get("hitPolicy", "UNIQUE"),
            aggregation=element.get("aggregation"),
            columns=tuple(self.column(each) for each in element.all("input")),
            answers=tuple(self.answer(each, decision, alone=len(outputs) == 1) for each in outputs),
            rules=tuple(self.rule(each) for each in element.all("rule")),
        )

    def column(self, element: Element) -> Column:
        inner, values = element.first("inputExpression"), element.first("inputValues")
        return Column(
            read=self.entry(inner) if inner else Entry("", self.id(element), self.at(element)),
            type=_bare(inner.get("typeRef")) if inner else "",
            title=element.get("label"),
            allowed=values.said("text") if values else "",
        )

    def answer(self, element: Element, decision: Element, *, alone: bool) -> Answer:
        values, default = element.first("outputValues"), element.first("defaultOutputEntry")
        name = element.get("name")
        return Answer(
            name=decision.get("name") if alone else name or self.id(element),
            id=self.id(element),
            at=self.at(element),
            type=_bare(element.get("typeRef")),
            title=element.get("label"),
            allowed=values.said("text") if values else "",
            default=self.entry(default) if default else None,
            kind=_ours(element, "kind"),
            words=_words(element),
            rest=_ours(default, "rest") if default else "",
        )

    def rule(self, element: Element) -> Rule:
        notes = [each.said("text") for each in element.all("annotationEntry")]
        return Rule(
            id=self.id(element),
            at=self.at(element),
            inputs=tuple(self.entry(each) for each in element.all("inputEntry")),
            outputs=tuple(self.entry(each) for each in element.all("outputEntry")),
            title=element.said("description") or "; ".join(note for note in notes if note),
            label=element.get("label"),
            row=_ours(element, "row"),
        )


_BESIDE = frozenset({
    "informationRequirement", "knowledgeRequirement", "authorityRequirement", "literalExpression", "decisionMaker",
    "decisionOwner", "impactedPerformanceIndicator", "supportedObjective", "usingProcess", "usingTask",
})  # fmt: skip


def _bare(name: str) -> str:
    """A type's name without the prefix of FEEL's namespace."""
    return name.strip().removeprefix("feel:")


def _ours(element: Element, name: str) -> str:
    return element.get(f"{{{OURS}}}{name}")


def _words(element: Element) -> dict[str, Text] | None:
    """The words of an output with their titles, as our own export adds them."""
    extension = element.first("extensionElements")
    listed: Iterable[Element] = extension.all("word") if extension else ()
    found = {
        each.get("word"): Text(each.get("title"), each.get("title_en") or each.get("title"))
        for each in listed
        if each.space == OURS
    }
    return found or None
