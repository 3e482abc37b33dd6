"""Portfolios out: the same JSON, CSV and XLSX that the readers read, for samples, tests and whoever moves data about.

Records are what JSON says; an account's is made by `as_record`. Lists are written as they come, so memory stays flat.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol, get_args, get_origin

from dunning.basis.calendar import parse_date
from dunning.basis.errors import CalendarError, UsageError
from dunning.basis.finding import Lang
from dunning.basis.money import decimal_text, yuan
from dunning.intake.cells import joined
from dunning.intake.headers import FIELDS, LISTS, Amount, Column, Share, columns, hints, is_closed, without_none, words
from dunning.intake.layout import ATTRIBUTES
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


class _Rows:
    """Accounts taken apart into the rows of their lists. A list gets its file or sheet with its first row."""

    def __init__(self, lang: Lang, attributes: Sequence[str]) -> None:
        self._lang: Lang = lang
        self._plans: dict[str, list[tuple[tuple[str, ...], Column]]] = {}
        self._attributes = [Column(ATTRIBUTES + name, str, ()) for name in attributes]
        self._sinks: dict[str, _Sink] = {}

    def sink(self, name: str, kinds: Sequence[Any]) -> _Sink:
        """Where the rows of a list go; `kinds` are the types of its columns."""
        raise NotImplementedError

    def write(self, record: Record) -> None:
        self._row("accounts", record)
        key = {"company": record.get("company"), "account": record.get("id")}
        for name in LISTS:
            for entry in record.get(name, ()):
                self._row(name, {**_renamed(name, entry), **key})

    def _row(self, name: str, record: Record) -> None:
        if name not in self._sinks:
            self._begin(name)
        row = [_cell(record, path, column, self._lang) for path, column in self._plans[name]]
        self._sinks[name](row)

    def _begin(self, name: str) -> None:
        own = [column for column in columns(name) if not column.field.startswith("contract.")]
        if name == "accounts":
            own += self._attributes
        self._plans[name] = [(tuple(column.field.split(".")), column) for column in own]
        self._sinks[name] = self.sink(name, [without_none(column.hint) for column in own])
        self._sinks[name]([head(column, self._lang) for column in own])


def head(column: Column, lang: Lang) -> str:
    """What stands above a column."""
    if lang == "en":
        return column.field
    if column.field.startswith(ATTRIBUTES):
        return column.field.replace(ATTRIBUTES, f"{FIELDS['accounts']['attributes'][0]}.", 1)
    return column.labels[0]


def _renamed(name: str, entry: Record) -> Record:
    """Of a contact, `account` is another account; in its row the word means the account the row belongs to."""
    if name != "contacts" or "account" not in entry:
        return entry
    return {("other_account" if key == "account" else key): value for key, value in entry.items()}


def _cell(record: Record, path: tuple[str, ...], column: Column, lang: Lang) -> str:
    value: Any = record
    for key in path:
        if isinstance(value, list) and path[0] == "period":
            value = value[0 if key == "since" else 1] if len(value) == 2 else None
        else:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is None:
            return ""
    hint = without_none(column.hint)
    if value == [] and hint is column.hint:  # nothing, unless nothing differs from not given
        return ""
    return _text(value, hint, lang)


def _text(value: Any, hint: Any, lang: Lang) -> str:
    if isinstance(value, bool):
        return ("是" if value else "否") if lang == "zh" else str(value).lower()
    if isinstance(value, list | tuple):
        inner = get_args(hint)[0] if get_origin(hint) is tuple else str
        return joined([_item(item, inner, lang) for item in value])
    return _word(str(value), hint, lang)


def _item(item: Any, hint: Any, lang: Lang) -> str:
    if hint is Settled:
        return f"{item['charge']}:{_word(item.get('part', 'principal'), Part, lang)}:{item['amount']}"
    if hint is Instalment:
        return f"{item['due']}:{item['amount']}"
    return _word(str(item), hint, lang)


def _word(value: str, hint: Any, lang: Lang) -> str:
    if lang == "en" or not is_closed(hint):
        return value
    return next((label for label, known in words(hint).items() if known == value), value)


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
    def __init__(self, book: Any, lang: Lang, attributes: Sequence[str]) -> None:
        super().__init__(lang, attributes)
        self._book = book

    def sink(self, name: str, kinds: Sequence[Any]) -> _Sink:
        sheet = self._book.create_sheet(LISTS[name][0] if self._lang == "zh" else name)

        def write(row: Sequence[str]) -> None:
            sheet.append([_typed(cell, kind) for cell, kind in zip(row, kinds, strict=True)])

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
    except ImportError:
        raise UsageError("xlsx needs openpyxl: pip install 'dunning[excel]'") from None
    book = Workbook(write_only=True)
    rows = _SheetRows(book, lang, attributes)
    for record in records:
        rows.write(record)
    book.save(path)
