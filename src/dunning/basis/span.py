"""Where something stands: a stretch of a rule file, a cell of a table, a record of an account, a row of an ERP.

Every finding and every answer points at one of these, so that a reviewer can go and look.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text: 1-based line and column (in characters), `end` the column after the last one.

    `end` of 0 means unknown; a span never crosses a line.
    """

    file: str
    line: int
    column: int
    end: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of tabular data: 1-based `row` as an editor or spreadsheet counts it, `column` its head."""

    file: str
    row: int
    column: str = ""
    sheet: str = ""

    def __str__(self) -> str:
        sheet = f"[{self.sheet}]" if self.sheet else ""
        column = f":{self.column}" if self.column else ""
        return f"{self.file}{sheet}:{self.row}{column}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A record of an account: `list` and `id` as in the contract (`payments`, `P1`); both empty = the account."""

    company: str
    account: str
    list: str = ""
    id: str = ""

    def __str__(self) -> str:
        place = f"{self.company}/{self.account}"
        return f"{place} {self.list}[{self.id}]" if self.list else place


@dataclass(frozen=True, slots=True)
class Source:
    """A value where an ERP keeps it: table (or document type), key of the row, and the ERP's own column name."""

    table: str
    key: str
    column: str = ""

    def __str__(self) -> str:
        return f"{self.table}[{self.key}].{self.column}" if self.column else f"{self.table}[{self.key}]"


@dataclass(frozen=True, slots=True)
class Pointer:
    """A value in a JSON document, by the keys and indexes that lead to it; as text a JSON Pointer (RFC 6901)."""

    path: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in self.path)


Place = Span | Cell | Entry | Source | Pointer
