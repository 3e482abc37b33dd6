"""A book's own facts: typed, with a Chinese name, read from the attributes an ERP hands over."""

from __future__ import annotations

from dataclasses import replace

from dunning.basis.finding import Text
from dunning.engine.known.catalogue import CATALOGUE
from dunning.lang.readers.read_answers import read_words
from dunning.lang.readers.read_when import Name, Names
from dunning.lang.text.positions import Node, Scalar
from dunning.lang.words import words
from dunning.lang.words.desk import Desk, Fields, says_nothing
from dunning.lang.words.grammar import read_literal
from dunning.model.condition import Type
from dunning.model.rulebook import OwnFact

FACT = ("type", "title", "from", "default")


def read_facts(desk: Desk, node: Node | None, names: Names) -> dict[str, OwnFact]:
    """`facts:` of this book's own; each becomes a name for conditions."""
    facts: dict[str, OwnFact] = {}
    if node is None:
        return facts
    for key, value in desk.named(node, Text("“事实”一段", "`facts`")):
        if key.text in CATALOGUE:
            desk.report("R201", key.span, name=key.text, title=CATALOGUE[key.text].title)
            continue
        fact = _read_fact(desk, key, value)
        if fact is not None:
            facts[fact.id] = fact
            names.add(Name(fact.id, fact.type, fact.title, kind="own"))
    return facts


def _read_fact(desk: Desk, key: Scalar, node: Node) -> OwnFact | None:
    what = Text(f"事实“{key.text}”", f"the fact `{key.text}`")
    fields = desk.open(node, FACT, what, ("type", "from"))
    kind = _fact_type(desk, fields)
    source = fields.text("from")
    if source and not (source.startswith("attributes.") and source.removeprefix("attributes.")):
        desk.report("R202", fields.at("from"), text=source, fix=f"attributes.{source.rpartition('.')[2]}")
    if kind is None:
        return None
    title = fields.title(default=key.text)
    fact = OwnFact(id=key.text, type=kind, title=title, key=source.removeprefix("attributes."), at=key.span)
    if "default" not in fields:
        return fact
    default = fields.entries["default"][1]
    if says_nothing(default) or not isinstance(default, Scalar):
        return replace(fact, has_default=True)
    value, findings = read_literal(default.text, kind, default.span, fact.id, title)
    desk.add(findings)
    return replace(fact, has_default=True, default=value)


def _fact_type(desk: Desk, fields: Fields) -> Type | None:
    node = fields.node("type")
    if node is None:
        return None
    if isinstance(node, Scalar):
        kind = desk.word(node, words.FACT_TYPES, Text("事实的类型", "the type of a fact"))
        return None if kind is None else Type(kind, unit=Text("元", "yuan") if kind == "money" else Text("", ""))
    values = read_words(desk, node, Text("事实的取值", "the values of a fact"))
    return Type("choice", values) if values else None
