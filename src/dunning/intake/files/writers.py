"""Portfolios out: the same JSON, CSV and XLSX that the readers read, for samples, tests and whoever moves data about.

Records are what JSON says; an account's is made by `as_record`. Lists are written as they come, so memory stays flat.
"""

from __future__ import annotations

import csv
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol, get_args, get_origin

from dunning.basis.calendar import parse_date
from dunning.basis.errors import CalendarError, UsageError
from dunning.basis.finding import Lang, Text
from dunning.basis.money import decimal_text, yuan
from dunning.intake.files.cells import joined
from dunning.intake.files.layout import ATTRIBUTES
from dunning.intake.headers import FIELDS, LISTS, Amount, Column, Share, columns, hints, is_closed, without_none, words
from dunning.model.account import Account, Instalment, Part, Settled

Record = Mapping[str, Any]


def as_record(account: Account) -> dict[str, Any]:
    """The account as JSON would have it; `read_account` of it gives the account back."""
    return _record(account)


def _record(model: Any) -> dict[str, Any]:
    """What says nothing is left out: null, and a list that is empty because nobody gave it."""
    found: dict[str, Any] = {}
    kind: type = type(model)
    for field, (name, hint) in zip(fields(model), hints(kind).items(), strict=True):
        value = getattr(model, field.name)
        if value is not None and not (value in ((), {}) and without_none(hint) is hint):
            found[name] = _value(value, without_none(hint))
    return found


def _value(value: Any, hint: Any) -> Any:
    if hint is Amount:
        return yuan(value)
    if hint in (Share, Fraction):
        return decimal_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return _record(value)
    if isinstance(value, tuple):
        inner = get_args(hint)[0]
        return [_value(item, inner) for item in value]
    return value


# JSON Lines


def write_jsonl(path: Path, records: Iterable[Record]) -> None:
    """One account a line, UTF-8."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(encode(record))
            file.write("\n")


# Tables


class _Sink(Protocol):
    """Takes the rows of one list, its heads first."""

    def __call__(self, row: Sequence[str], /) -> object: ...


Say = Callable[[Any], str]  # a value, or a record with it, as the text of its cell


class _Rows(ABC):
    """Accounts taken apart into the rows of their lists. A list gets its file or sheet with its first row."""

    def __init__(self, lang: Lang, attributes: Sequence[str]) -> None:
        self._lang: Lang = lang
        self._attributes = [Column(ATTRIBUTES + name, str, ()) for name in attributes]
        self._cells: dict[str, list[Say]] = {}
        self._sinks: dict[str, _Sink] = {}

    @abstractmethod
    def sink(self, name: str, kinds: Sequence[Any]) -> _Sink:
        """Where the rows of a list go; `kinds` are the types of its columns."""

    def write(self, record: Record) -> None:
        self._row("accounts", record)
        key = {"company": record.get("company"), "account": record.get("id")}
        for name in LISTS:
            for entry in record.get(name, ()):
                if name == "contacts" and "account" in entry:
                    entry = {**entry, "other_account": entry["account"]}
                self._row(name, {**entry, **key})

    def _row(self, name: str, record: Record) -> None:
        if name not in self._sinks:
            self._begin(name)
        self._sinks[name]([say(record) for say in self._cells[name]])

    def _begin(self, name: str) -> None:
        own = [column for column in columns(name) if not column.field.startswith("contract.")]
        if name == "accounts":
            own += self._attributes
        self._cells[name] = [_says_column(column, self._lang) for column in own]
        self._sinks[name] = self.sink(name, [without_none(column.hint) for column in own])
        self._sinks[name]([head(column, self._lang) for column in own])


def head(column: Column, lang: Lang) -> str:
    """What stands above a column."""
    if lang == "en":
        return column.field
    if column.field.startswith(ATTRIBUTES):
        return column.field.replace(ATTRIBUTES, f"{FIELDS['accounts']['attributes'][0]}.", 1)
    return column.labels[0]


def _says_column(column: Column, lang: Lang) -> Say:
    """What the cell of a column says of a record."""
    hint = without_none(column.hint)
    nullable = hint is not column.hint
    says = _says(hint, lang)
    outer, _, inner = column.field.partition(".")

    def say(record: Record) -> str:
        value = record.get(outer)
        if value is not None and inner:
            value = _end(value, inner) if outer == "period" else value.get(inner)
        if value is None or (value == [] and not nullable):  # an empty list says something only where none is another
            return ""
        return says(value)

    return say


def _end(period: Sequence[Any], end: str) -> Any:
    return period[0 if end == "since" else 1] if len(period) == 2 else None


def _says(hint: Any, lang: Lang) -> Say:
    """What a cell says of a value of that type; any other value is written as it stands, for a reader to refuse."""
    if hint is Settled:
        part = _says(Part, lang)
        return lambda line: f"{line['charge']}:{part(line.get('part', 'principal'))}:{line['amount']}"
    if hint is Instalment:
        return lambda instalment: f"{instalment['due']}:{instalment['amount']}"
    if get_origin(hint) is tuple:
        item = _says(get_args(hint)[0], lang)
        return lambda items: joined([item(each) for each in items])
    if hint is bool or hint is str:
        return _chinese_truth if lang == "zh" else _truth
    if is_closed(hint) and lang == "zh":
        spoken = {value: word for word, value in reversed(words(hint).items())}
        return lambda value: spoken.get(value, str(value))
    return str


def _truth(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _chinese_truth(value: object) -> str:
    return ("是" if value else "否") if isinstance(value, bool) else str(value)


class _CsvRows(_Rows):
    def __init__(self, folder: Path, lang: Lang, attributes: Sequence[str], open_files: ExitStack) -> None:
        super().__init__(lang, attributes)
        self._folder, self._open_files = folder, open_files

    def sink(self, name: str, kinds: Sequence[Any]) -> _Sink:  # noqa: ARG002  # CSV has no types
        title = LISTS[name][0] if self._lang == "zh" else name
        # The byte order mark makes Excel read UTF-8 as what it is.
        file = (self._folder / f"{title}.csv").open("w", encoding="utf-8-sig", newline="")
        writer = csv.writer(self._open_files.enter_context(file), lineterminator="\n")
        return writer.writerow


def write_csv(folder: Path, records: Iterable[Record], *, lang: Lang = "en", attributes: Sequence[str] = ()) -> None:
    """A folder with one CSV file a list, heads and words in `lang`; `attributes` are those to have a column."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as open_files:
        rows = _CsvRows(folder, lang, attributes, open_files)
        for record in records:
            rows.write(record)


class _SheetRows(_Rows):
    def __init__(self, book: Any, plain_cell: Callable[..., Any], lang: Lang, attributes: Sequence[str]) -> None:
        super().__init__(lang, attributes)
        self._book, self._plain_cell = book, plain_cell

    def sink(self, name: str, kinds: Sequence[Any]) -> _Sink:
        sheet = self._book.create_sheet(LISTS[name][0] if self._lang == "zh" else name)

        def typed(text: str, kind: Any) -> Any:
            value = _typed(text, kind)
            if not isinstance(value, str) or value[:1] not in ("=", "#"):
                return value
            cell = self._plain_cell(sheet, value)
            cell.data_type = "s"  # a text that begins with = or # is neither a formula nor an error
            return cell

        def write(row: Sequence[str]) -> None:
            sheet.append([typed(cell, kind) for cell, kind in zip(row, kinds, strict=True)])

        return write


_PLAIN_AMOUNT = re.compile(r"-?[0-9]{1,11}(\.[0-9]{1,2})?")


def _typed(cell: str, kind: Any) -> str | Decimal | date | None:
    """Numbers and days as Excel has them; text that is none, stays text."""
    if not cell:
        return None
    if kind is Amount and _PLAIN_AMOUNT.fullmatch(cell):
        return Decimal(cell)
    if kind is date:
        try:
            return parse_date(cell)
        except CalendarError:
            return cell
    return cell


def write_xlsx(path: Path, records: Iterable[Record], *, lang: Lang = "en", attributes: Sequence[str] = ()) -> None:
    """A workbook with one sheet a list; UsageError where openpyxl is not installed."""
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
    except ImportError:
        how = "pip install 'dunning[excel]'"
        raise UsageError(Text(f"写 xlsx 要装 openpyxl: {how}", f"xlsx needs openpyxl: {how}")) from None
    book = Workbook(write_only=True)
    rows = _SheetRows(book, WriteOnlyCell, lang, attributes)
    for record in records:
        rows.write(record)
    book.save(path)
