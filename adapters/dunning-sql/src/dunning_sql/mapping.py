"""What a mapping says, once it is read: where each field of each list comes from, and how it is turned.

Frozen and without a database: the same mapping is read once and used by any number of readers.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from typing import Literal

from dunning.adapter.documents import Span
from dunning.adapter.fields import Field, fields_of

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

LateFeesBy = Literal["source", "dunning", "none"]
Ledger = Literal["events", "snapshot"]
Changes = Literal["none", "partial", "complete"]

MONEY_UNITS = ("yuan", "fen")
RATE_UNITS = ("share", "percent", "permille", "ten_thousandth")
TIME_UNITS = ("seconds", "milliseconds")
NO_DATES = ("0000-00-00", "1000-01-01")
"""What MySQL schemas write for a date that is not there."""


PERIOD = Field("period", "text", titles=("账期",))
"""Of a charge, the whole period in one column; `period.since` and `period.until` are its days in two."""


def fields_in(section: str) -> Mapping[str, Field]:
    """The fields a section of a mapping may fill: those of the list, and what a mapping can say besides."""
    known = fields_of(section)
    if section != "charges":
        return known
    halves = {name: field for name, field in known.items() if name.startswith("period.")}
    rest = {name: field for name, field in known.items() if name not in halves}
    return {**rest, PERIOD.name: PERIOD, **halves}


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """Where one field comes from: columns, or a constant where there are none.

    `map` turns what stands in the column; what it does not name is `other` if `has_other`, else the row is rejected.
    `empty` is the value of nothing. `unit` counts money, rates and epoch times, `format` reads dates that are text.
    """

    field: Field
    at: Span
    columns: tuple[str, ...] = ()
    constant: str | None = None
    join: str = "/"
    map: Mapping[str, str | None] | None = None
    map_at: Mapping[str, Span] = dataclasses.field(default_factory=dict)
    other: str | None = None
    has_other: bool = False
    empty: str | None = None
    unit: str = ""
    format: str = ""
    zone: tzinfo | None = None
    split: str = ""

    @property
    def name(self) -> str:
        return self.field.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A list of the records and the table or SELECT it is read from.

    `key`: of accounts, the columns the lists name them by; of a list, its columns that name the account; of a list
    inside records, those that name the record. `once`: a program vouches that its SELECT gives an id and a key in one
    row only, and nobody need count. `where` is SQL; `changed_at` the column that tells when a row changed.
    `gone`: of accounts, the column that tells that one is no more. `places` are the spans of all these by their key.
    """

    name: str
    table: str = ""
    select: str = ""
    key: tuple[str, ...] = ()
    once: bool = False
    where: str = ""
    changed_at: Value | None = None
    gone: Value | None = None
    into: str = ""
    values: tuple[Value, ...] = ()
    places: Mapping[str, Span] = dataclasses.field(default_factory=dict)

    @property
    def title(self) -> str:
        """What findings and Sources call it: the table, or the list a SELECT is for."""
        return self.table or f"({self.name})"

    def value(self, name: str) -> Value | None:
        return next((value for value in self.values if value.name == name), None)

    def columns(self) -> tuple[str, ...]:
        """Every column that is read, each once: the key first."""
        named = [*self.key, *(column for value in self.values for column in value.columns)]
        extra = [column for value in (self.changed_at, self.gone) if value for column in value.columns]
        return tuple(dict.fromkeys([*named, *extra, *filter(None, [self.into])]))

    def spans(self) -> Iterator[tuple[str, Span]]:
        """Each column named, with its place in the file."""
        for name in self.key:
            yield name, self.places["key"]
        for value in (*self.values, *filter(None, (self.changed_at, self.gone))):
            for column in value.columns:
                yield column, value.at
        if self.into:
            yield self.into, self.places["into"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A table of the ERP that is written: what of ours goes into which column, and what else a new row needs.

    `key` is the column that holds our key; the database must keep it unique. `id` names the row in the ERP.
    """

    name: Literal["late_fees", "contacts"]
    table: str
    key: str
    id: str
    values: tuple[Value, ...]
    constants: Mapping[str, str | None]
    places: Mapping[str, Span]


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlMapping:
    """A whole mapping. `sections` by list, `accounts` among them; `empty` are the lists declared to have nothing."""

    name: str
    file: str
    at: Span
    sections: Mapping[str, Section]
    empty: frozenset[str] = frozenset()
    people: Section | None = None
    writes: Mapping[str, Write] = dataclasses.field(default_factory=dict)
    late_fees_by: LateFeesBy = "none"
    ledger: Ledger = "events"
    changes: Changes = "none"
    overlap: timedelta = timedelta(minutes=15)
    zone: tzinfo = SHANGHAI
    no_dates: tuple[str, ...] = NO_DATES
    parameters: Mapping[str, str | int] = dataclasses.field(default_factory=dict)
    lines: tuple[str, ...] = ()

    @property
    def accounts(self) -> Section:
        return self.sections["accounts"]

    @property
    def lists(self) -> frozenset[str]:
        """The lists it supplies, those declared empty included; `contract.*` of accounts supplies `contracts`."""
        named = {name for name in self.sections if "." not in name and name != "accounts"}
        accounts = self.sections.get("accounts")
        if accounts is not None and any(value.name.startswith("contract.") for value in accounts.values):
            named.add("contracts")
        return frozenset(named | self.empty)

    def inner(self, name: str) -> Iterator[Section]:
        """The lists inside the records of a list: `payments.settles` of `payments`."""
        return (section for key, section in self.sections.items() if key.startswith(f"{name}."))


_PARAMETER = re.compile(r"(?<![:\w\\]):(?!:)([A-Za-z_]\w*)")


def parameters_in(sql: str) -> list[str]:
    """The `:names` of a piece of SQL that are to be given a value."""
    return list(dict.fromkeys(_PARAMETER.findall(sql)))
