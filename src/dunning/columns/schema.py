"""The five tables that come out, column by column: the contract of everyone who reads them.

Names are those of the assessment (docs/reference/assessment.md), flattened with `_`: `balance_total`,
`late_fee_assessed`, `facts_arrears`, `grades_account_grade`. Amounts are int64 fen, days date32, words that repeat are
dictionary-encoded; `unit` in a field's metadata says what its whole numbers are. What led to a step or a deadline is
not in the tables: `explain` finds it again for any household.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from dunning.engine.assess import wanted_by
from dunning.engine.known.catalogue import CATALOGUE
from dunning.model.condition import Type
from dunning.model.rulebook import RuleBook, Table

WORD = pa.dictionary(pa.int32(), pa.string())
FEN = pa.int64()
DAY = pa.date32()
MOMENT = pa.timestamp("us", "Asia/Shanghai")
WORDS = pa.list_(pa.string())
FINDING = pa.struct(
    [
        ("code", pa.string()),
        ("severity", pa.string()),
        ("at", pa.string()),
        ("message", pa.string()),
        ("message_en", pa.string()),
    ]
)
SHORTFALL = pa.struct(
    [
        ("of", pa.string()),
        ("at_least", pa.int32()),
        ("per", pa.string()),
        ("times", pa.int32()),
        ("lacking", WORDS),
        ("title", pa.string()),
    ]
)
CARRIED = pa.struct([("account", pa.string()), ("step", pa.string()), ("charge", pa.string()), ("key", pa.string())])
HOURS = pa.struct([("since", MOMENT), ("until", MOMENT)])

TABLES = ("assessments", "charges", "actions", "withheld", "deadlines")
"""The tables, each with the rows of an account side by side, in the order of the accounts."""

JOIN = ";"
"""Between several words in one: `codes`, `articles`, `rows_TABLE`, what is missing come by the million, and alike."""

_KEY = [("company", WORD), ("account", WORD)]
_UNITS = {"money": "fen", "percent": "ppm", "number": "hundredths", "months": "half months", "days": "days"}
FACT_TYPES: Mapping[str, pa.DataType] = {
    "money": FEN, "integer": pa.int64(), "days": pa.int64(), "months": pa.int64(), "percent": pa.int64(),
    "number": pa.int64(), "date": DAY, "boolean": pa.bool_(), "choice": WORD, "set": WORD, "text": WORD,
}  # fmt: skip


class Tables(NamedTuple):
    """What comes out for many accounts."""

    assessments: pa.Table
    charges: pa.Table
    actions: pa.Table
    withheld: pa.Table
    deadlines: pa.Table


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns that hang on the rules: facts and tables, of the accounts and of the open charges, all books' in one.

    A fact of one's own that has another type in another book is a text.
    """

    facts: Mapping[str, Type]
    charge_facts: Mapping[str, Type]
    tables: tuple[str, ...]
    charge_tables: tuple[str, ...]
    schemas: Mapping[str, pa.Schema]


def shape_of(books: Iterable[RuleBook]) -> Shape:
    """The shape of what comes out under these books."""
    books = list(books)
    facts: dict[str, Type] = {}
    charge_facts: dict[str, Type] = {}
    tables: dict[str, Table] = {}
    for book in books:
        wanted = wanted_by(book)
        for name in wanted.reads:
            _add(facts, name, fact_type(name, book))
        for _, name in wanted.charge_own:
            _add(charge_facts, name, fact_type(name, book))
        for table in book.tables.values():
            tables.setdefault(f"{table.of}.{table.id}", table)
    of_account = tuple(dict.fromkeys(table.id for table in tables.values() if table.of == "account"))
    of_charge = tuple(dict.fromkeys(table.id for table in tables.values() if table.of == "charge"))
    return Shape(facts, charge_facts, of_account, of_charge, _schemas(facts, charge_facts, of_account, of_charge))


def fact_type(name: str, book: RuleBook | None) -> Type:
    """The type of a fact under a book: its own facts, else the catalogue's."""
    return book.facts[name].type if book is not None and name in book.facts else CATALOGUE[name].type


def _add(facts: dict[str, Type], name: str, type_: Type) -> None:
    known = facts.setdefault(name, type_)
    if known.kind != type_.kind:
        facts[name] = Type("text")


def _schemas(
    facts: Mapping[str, Type], charge_facts: Mapping[str, Type], tables: Iterable[str], charge_tables: Iterable[str]
) -> dict[str, pa.Schema]:
    return {
        "assessments": _schema(
            [
                *_KEY,
                ("debtor", WORD),
                ("unit", pa.string()),
                ("community", WORD),
                ("place", WORD),
                ("on", DAY),
                ("status", WORD),
                ("rulebook_name", WORD),
                ("rulebook_version", WORD),
                ("rulebook_digest", WORD),
                ("law_digest", WORD),
                *((f"balance_{name}", FEN) for name in BALANCE),
                *_fact_fields(facts),
                *_grade_fields(tables),
                ("shortfalls", pa.list_(SHORTFALL)),
                ("ended", WORD),
                ("next_review", DAY),
                ("provisional", pa.bool_()),
                ("findings", pa.list_(FINDING)),
            ],
            facts,
        ),
        "charges": _schema(
            [
                *_KEY,
                ("charge", pa.string()),
                ("item", WORD),
                ("due", DAY),
                ("overdue_days", pa.int32()),
                ("amount", FEN),
                ("paid", FEN),
                ("principal", FEN),
                ("settled_on", DAY),
                ("other_debtor", pa.bool_()),
                ("chased", pa.bool_()),
                *((f"late_fee_{name}", FEN) for name in LATE_FEE),
                ("late_fee_capped", pa.bool_()),
                ("late_fee_why", WORD),
                *_fact_fields(charge_facts),
                *_grade_fields(charge_tables),
            ],
            charge_facts,
        ),
        "actions": _schema(
            [
                *_KEY,
                ("key", pa.string()),
                ("step", WORD),
                ("charge", pa.string()),
                ("action", WORD),
                ("to", WORDS),
                ("channels_mode", WORD),
                ("channels", WORDS),
                ("role", WORD),
                ("tone", WORD),
                ("template", WORD),
                ("not_before", MOMENT),
                ("not_after", MOMENT),
                ("hours", pa.list_(HOURS)),
                ("needs", WORDS),
                ("record", WORDS),
                *((f"ask_{name}", FEN) for name in ("principal", "late_fee", "total")),
                ("ask_as_of", DAY),
                ("bundle", pa.string()),
                ("charges", WORDS),
                ("pay_by", DAY),
                ("approved_by", WORDS),
                ("void_if", WORDS),
                ("carries", pa.list_(CARRIED)),
            ]
        ),
        "withheld": _schema(
            [*_KEY, ("step", WORD), ("charge", pa.string()), ("code", WORD), ("codes", WORD), ("until", DAY)]
        ),
        "deadlines": _schema(
            [
                *_KEY,
                ("kind", WORD),
                ("charge", pa.string()),
                ("on", DAY),
                ("days_left", pa.int32()),
                ("provisional", pa.bool_()),
                ("articles", WORD),
                ("alert", pa.int32()),
                ("record", pa.string()),
            ]
        ),
    }


BALANCE = ("principal_due", "principal_not_due", "late_fee", "credit", "disputed", "other_debtor", "total")
LATE_FEE = ("assessed", "paid", "waived", "contingent", "outstanding", "booked", "to_book")


def _fact_fields(facts: Mapping[str, Type]) -> Iterator[tuple[str, pa.DataType]]:
    """A fact and, where it is unknown, what is missing for it. Both null: it is known to have no value."""
    for name, type_ in facts.items():
        yield f"facts_{name}", FACT_TYPES[type_.kind]
        yield f"unknown_{name}", WORD


def _grade_fields(tables: Iterable[str]) -> Iterator[tuple[str, pa.DataType]]:
    """A table's answer as text; the rows that decided; where it is undetermined, the cause and what is missing."""
    for name in tables:
        yield f"grades_{name}", WORD
        yield f"rows_{name}", WORD
        yield f"cause_{name}", WORD
        yield f"missing_{name}", WORD


def _schema(columns: Iterable[tuple[str, Any]], facts: Mapping[str, Type] | None = None) -> pa.Schema:
    return pa.schema([pa.field(name, type_, metadata=_unit(name, type_, facts or {})) for name, type_ in columns])


def _unit(name: str, type_: pa.DataType, facts: Mapping[str, Type]) -> dict[str, str] | None:
    if type_ == pa.int64():
        of = facts.get(name.removeprefix("facts_")) if name.startswith("facts_") else None
        unit = "fen" if of is None else _UNITS.get(of.kind, "")
        return {"unit": unit} if unit else None
    return None
