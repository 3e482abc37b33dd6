"""What the tables of a book speak of, by id: type, title, and where it comes from; and the words DMN has for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from dunning.basis.finding import Text
from dunning.engine.known.catalogue import CATALOGUE
from dunning.lang.readers.read_answers import type_of
from dunning.model.condition import FactKind, Type
from dunning.model.rulebook import Hit, OwnFact, RuleBook, Table

OURS = "urn:dunning:tables:1"
"""The namespace of the few attributes that DMN has no place for; a modeller keeps them or drops them."""

MODELS = (
    "https://www.omg.org/spec/DMN/20191111/MODEL/",  # 1.3
    "https://www.omg.org/spec/DMN/20211108/MODEL/",  # 1.4
    "https://www.omg.org/spec/DMN/20230324/MODEL/",  # 1.5
    "https://www.omg.org/spec/DMN/20240513/MODEL/",  # 1.6
    "http://www.omg.org/spec/DMN/20180521/MODEL/",  # 1.2
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",  # 1.1
)
"""The namespaces of DMN; the first is what is written."""

POLICIES: Mapping[Hit, tuple[str, str]] = {
    "unique": ("UNIQUE", ""),
    "first": ("FIRST", ""),
    "any": ("ANY", ""),
    "priority": ("PRIORITY", ""),
    "collect": ("COLLECT", ""),
    "sum": ("COLLECT", "SUM"),
    "min": ("COLLECT", "MIN"),
    "max": ("COLLECT", "MAX"),
}
"""Each hit policy as DMN's, with its aggregation."""

TYPES: Mapping[FactKind, str] = {
    "money": "money", "percent": "percent", "integer": "integer", "days": "days", "months": "months",
    "number": "number", "date": "date", "boolean": "boolean", "text": "string", "choice": "string", "set": "string",
}  # fmt: skip
"""The name of a kind in a file; those that FEEL has not are defined there, as numbers."""


@dataclass(frozen=True, slots=True)
class Known:
    """A fact or table as a column of another table."""

    id: str
    type: Type
    title: Text
    is_table: bool = False
    of: Literal["account", "charge"] = "account"
    own: OwnFact | None = None


def known_in(book: RuleBook) -> dict[str, Known]:
    """Every fact and table the book's tables may read, `worst(TABLE)` included."""
    return known_by(book.facts, book.tables)


def known_by(facts: Mapping[str, OwnFact], tables: Mapping[str, Table]) -> dict[str, Known]:
    """The catalogue's facts, a book's own, and its tables."""
    found = {fact.id: Known(fact.id, fact.type, fact.title, of=fact.of) for fact in CATALOGUE.values()}
    found |= {fact.id: Known(fact.id, fact.type, fact.title, own=fact) for fact in facts.values()}
    for table in tables.values():
        seen = Known(table.id, type_of(table.output, table.hit), table.title, is_table=True, of=table.of)
        found[table.id] = seen
        if table.of == "charge":
            title = Text(f"最差的{table.title.zh}", f"worst {table.title.en}")
            found[f"worst({table.id})"] = Known(f"worst({table.id})", seen.type, title, is_table=True)
    return found


def in_line(rows: Iterable[Iterable[str]]) -> list[str]:
    """The facts of all rows as columns, each row's own order kept where rows agree: as the grid was drawn."""
    found: list[str] = []
    for row in rows:
        facts = list(row)
        for place, fact in enumerate(facts):
            if fact not in found:
                after = next((other for other in facts[place + 1 :] if other in found), None)
                found.insert(len(found) if after is None else found.index(after), fact)
    return found


def variable(fact: str) -> str:
    """What a fact is called in FEEL, where brackets are a call: `worst(x)` is `worst_x`."""
    return fact.replace("(", "_").removesuffix(")")
