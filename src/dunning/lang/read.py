"""A rule book: the text of one file, on its base and its law, to a RuleBook or to all that is wrong with it.

Sections are read by their own modules, in an order that lets names be known before they are used; here they are put
together, and what the base brings is joined in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from dunning.basis.calendar import Calendar
from dunning.basis.finding import Finding, Text, has_errors
from dunning.lang import positions as yaml
from dunning.lang.desk import Desk, Fields
from dunning.lang.keys import english
from dunning.lang.positions import Node, Scalar
from dunning.lang.read_fees import read_chased, read_late_fees, read_payments
from dunning.lang.read_tables import add_table, in_evaluation_order, read_facts, read_heads, read_rows
from dunning.lang.read_when import APPLIES, Name, Names, read_when
from dunning.model.condition import Condition
from dunning.model.law import LawPack
from dunning.model.rulebook import Payments, RuleBook

BOOK = (
    "rulebook",
    "title",
    "language",
    "version",
    "in_force",
    "applies",
    "then",
    "based_on",
    "law",
    "owner",
    "reviewed",
    "late_fee",
    "payments",
    "items",
    "facts",
    "impossible",
    "tables",
    "contact",
    "reminders",
    "promises",
    "pauses",
    "ladder",
    "relief",
    "incentives",
    "targets",
    "actions",
    "declined",
    "dropped",
    "renamed",
)
IN_FORCE = ("since", "until")
LANGUAGE = "1"

_BOOK = Text("规则书", "a rule book")


@dataclass(frozen=True, slots=True)
class Page:
    """One file, taken apart but not yet read: what it is by its first key, and what stands in it."""

    file: str
    node: yaml.Mapping | None
    lines: Sequence[str]
    findings: tuple[Finding, ...] = ()

    def scalar(self, key: str) -> str:
        """A top-level text by its English key; empty if absent."""
        node = self.get(key)
        return node.text.strip() if isinstance(node, Scalar) and not node.is_null else ""

    def get(self, key: str) -> Node | None:
        entries = self.node.entries if self.node else []
        return next((value for name, value in entries if english(name.text)[0] == key), None)

    def desk(self) -> Desk:
        """A fresh desk for this file, with the findings of its YAML."""
        return Desk(self.file, self.lines, list(self.findings))


def open_page(text: str | bytes, file: str) -> Page:
    """The file as YAML with places. Never raises."""
    node, findings = yaml.compose(text, file)
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    lines = shown.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Page(file, node if isinstance(node, yaml.Mapping) else None, lines, tuple(findings))


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a book gave: the book unless there were errors, and every finding."""

    book: RuleBook | None
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class Ground:
    """What a book stands on: its base, its law and its calendar."""

    calendar: Calendar
    base: RuleBook | None = None
    laws: tuple[LawPack, ...] = ()
    books: Sequence[str] = field(default_factory=tuple)  # names that `then` may speak of


def read_book(page: Page, ground: Ground) -> Reading:
    """The book of a page, or its findings; never raises for what stands in the file."""
    desk = page.desk()
    if page.node is None:
        return Reading(None, tuple(desk.results()))
    fields = desk.open(page.node, BOOK, _BOOK, ("rulebook",))
    book = _assemble(desk, fields, page, ground)
    findings = tuple(desk.results())
    return Reading(None if has_errors(findings) else book, findings)


def _assemble(desk: Desk, fields: Fields, page: Page, ground: Ground) -> RuleBook:
    base = ground.base
    names = Names()
    name = fields.text("rulebook")
    if base is not None:
        for own in base.facts.values():
            names.add(Name(own.id, own.type, own.title, kind="own"))
        for table in base.tables.values():
            add_table(names, table)
    facts = {**(base.facts if base else {}), **read_facts(desk, fields.node("facts"), names)}
    heads = read_heads(desk, fields.node("tables"), names, name)
    own_tables = read_rows(desk, heads, names)
    tables = in_evaluation_order(desk, {**(base.tables if base else {}), **own_tables})
    since, until = _in_force(desk, fields)
    late_fees = read_late_fees(desk, fields.node("late_fee"))
    payments = read_payments(desk, fields.node("payments"))
    chased = read_chased(desk, fields.node("items"))
    return RuleBook(
        name=name,
        title=fields.text("title", name),
        version=fields.text("version"),
        calendar=ground.calendar,
        file=page.file,
        since=since,
        until=until,
        applies=_applies(desk, fields, names),
        based_on=fields.text("based_on"),
        law=fields.text("law"),
        laws=ground.laws,
        owner=fields.text("owner"),
        late_fees=late_fees or (base.late_fees if base else ()),
        payments=payments or (base.payments if base else Payments()),
        chased=chased or (base.chased if base else ("property_fee",)),
        facts=facts,
        tables=tables,
    )


def _in_force(desk: Desk, fields: Fields) -> tuple[date | None, date | None]:
    node = fields.node("in_force")
    if node is None:
        return None, None
    inner = desk.open(node, IN_FORCE, fields.named("in_force"))
    since, until = inner.day("since"), inner.day("until")
    if since and until and until < since:
        desk.report("R401", inner.at("until"), since=since, until=until)
    return since, until


def _applies(desk: Desk, fields: Fields, names: Names) -> Condition | None:
    node = fields.node("applies")
    return None if node is None else read_when(desk, node, names, APPLIES)
