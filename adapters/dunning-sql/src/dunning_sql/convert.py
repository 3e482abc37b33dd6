"""Rows to records: what stands in a column, as the mapping says it is to be read, and a reason where it cannot be.

Drivers give what they like (text, Decimal, datetime, bytes of a BIT column, a float); here it becomes what the records
know, and never by a guess: what a map does not name costs the row, with the line that would name it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple, cast

from dunning.adapter import Source
from dunning.adapter.documents import Finding, Text
from dunning_sql.mapping import PERIOD, SHANGHAI, Section, SqlMapping, Value
from dunning_sql.periods import Days, around, period_of

Raw = Any
"""What a driver gives for a cell."""

Path = tuple[str | int, ...]

_TRUE = frozenset({"1", "y", "yes", "t", "true", "是"})
_FALSE = frozenset({"0", "n", "no", "f", "false", "否"})
_RATES = {"percent": "{}%", "permille": "{}‰", "ten_thousandth": "万分之{}"}


class UnfitError(Exception):
    """A cell that cannot be read: the finding's code, what it says, and a line to copy."""

    def __init__(self, code: str, fix: str = "", **args: object) -> None:
        super().__init__(code)
        self.code, self.fix, self.args_ = code, fix, args


class Unfit(NamedTuple):
    """An UnfitError where it happened: the field and its column."""

    value: Value
    error: UnfitError

    def finding(self, table: str, key: str) -> Finding:
        """The finding, at the ERP's own cell."""
        column = "+".join(self.value.columns)
        named = Text(f"“{self.value.name}”", f"`{self.value.name}`")
        args = {"field": named, "column": column, **self.error.args_}
        return Finding(self.error.code, Source(table, key, column), args, fix=self.error.fix)


def plain(raw: Raw) -> str:
    """A cell as text: as people would write it into a map, a key or an id. Nothing is the empty text."""
    if raw is None:
        return ""
    if isinstance(raw, str):
        return raw.strip()
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, bytes):  # a BIT column, or text kept as bytes
        return str(raw[0]) if len(raw) == 1 and raw[0] < 2 else _text_of(raw)
    if isinstance(raw, float):
        raw = Decimal(repr(raw))
    if isinstance(raw, Decimal) and raw.is_finite():
        whole = raw == raw.to_integral_value()
        return str(int(raw)) if whole else format(raw.normalize(), "f")
    return raw.isoformat(" ") if isinstance(raw, datetime) else str(raw)


def _text_of(raw: bytes) -> str:
    try:
        return raw.decode("utf-8").strip()
    except UnicodeDecodeError:
        return raw.hex()


Convert = Callable[[Sequence[Raw]], object]


def converter(value: Value, mapping: SqlMapping) -> Convert:
    """What turns the cells of a value's columns into the value of its field; None where there is nothing."""
    if not value.columns:
        constant = _constant(value)
        return lambda _: _period(constant) if value.field == PERIOD else constant
    read = _reader(value, mapping)

    def convert(cells: Sequence[Raw]) -> object:
        raw = cells[0] if len(cells) == 1 else value.join.join(map(plain, cells))
        if raw is None or raw == "" or (isinstance(raw, str) and not raw.strip()):
            return value.empty == "true" if value.empty and value.field.kind == "truth" else value.empty
        if value.map is not None:
            return _mapped(value, raw, mapping)
        if value.field.many:
            return [read(part) for part in _parts(raw, value.split)]
        return read(raw)

    return (lambda cells: _period(convert(cells))) if value.field == PERIOD else convert


def _constant(value: Value) -> object:
    text = value.constant
    if text is None:
        return None
    if value.field.kind == "truth":
        return text == "true"
    return [part.strip() for part in text.split(value.split or ",")] if value.field.many else text


def _parts(raw: Raw, split: str) -> list[Raw]:
    return [part.strip() for part in plain(raw).split(split) if part.strip()] if split else [raw]


def _mapped(value: Value, raw: Raw, mapping: SqlMapping) -> object:
    assert value.map is not None
    text = plain(raw)
    if text in value.map:
        told = value.map[text]
    elif isinstance(raw, bool) and str(int(raw)) in value.map:  # a TINYINT(1), as some drivers give it
        told = value.map[str(int(raw))]
    elif value.has_other:
        told = value.other
    else:
        raise UnfitError("P301", fix=_naming(value, text, mapping), value=text)
    if told is not None and value.field.kind == "truth":
        return told == "true"
    return [told] if value.field.many and told is not None else told


def _reader(value: Value, mapping: SqlMapping) -> Callable[[Raw], object]:
    field = value.field
    if field.name.startswith("attributes."):
        return _attribute
    if field == PERIOD:
        day_of = _day_of(value, mapping)
        return _remembered(lambda raw: _days(raw, value, day_of))
    match field.kind:
        case "word":
            return lambda raw: _word(value, plain(raw), mapping)
        case "truth":
            return lambda raw: _truth(value, plain(raw), mapping)
        case "money" | "number":
            hundredth = value.unit == "fen"
            return lambda raw: _amount(raw, hundredth=hundredth)
        case "rate":
            pattern = _RATES.get(value.unit)
            return (lambda raw: pattern.format(plain(raw))) if pattern else _decimal
        case "day":
            return _remembered(lambda raw: _day(raw, value, mapping))
        case "time":
            return lambda raw: _moment(raw, value, mapping)
        case _:
            return plain


def _remembered(read: Callable[[Raw], object]) -> Callable[[Raw], object]:
    """The same days come again and again."""
    known = lru_cache(1 << 12)(read)
    return lambda raw: known(raw) if type(raw) in (date, datetime, str) else read(raw)


def _attribute(raw: Raw) -> object:
    """Attributes are text, whole numbers or truths."""
    if isinstance(raw, Decimal) and raw.is_finite() and raw == raw.to_integral_value():
        return int(raw)
    return raw if isinstance(raw, bool | int) else plain(raw)


def _naming(value: Value, text: str, mapping: SqlMapping) -> str:
    """The line of the mapping that would say what a value means: to be copied, and filled in."""
    at = value.at.line - 1
    line = mapping.lines[at].strip() if 0 <= at < len(mapping.lines) else ""
    quoted, column = f'"{text}": ...', "+".join(value.columns)
    if "map: {" in line:
        return line.replace("map: {", f"map: {{{quoted}, ", 1)
    return f"{value.name}: {{column: {column}, map: {{{quoted}}}}}" if value.map is None else quoted


def _word(value: Value, text: str, mapping: SqlMapping) -> str:
    """A member of a closed set: by its id, or the Chinese word for it."""
    if text in value.field.words:
        return text
    for word, titles in value.field.words.items():
        if text in titles:
            return word
    raise UnfitError("P301", fix=_naming(value, text, mapping), value=text)


def _truth(value: Value, text: str, mapping: SqlMapping) -> bool:
    if text.casefold() not in _TRUE | _FALSE:
        raise UnfitError("P301", fix=_naming(value, text, mapping), value=text)
    return text.casefold() in _TRUE


def _decimal(raw: Raw) -> Decimal:
    """A number without loss; a double is read as the shortest decimal of it, as a spreadsheet shows it."""
    try:
        return Decimal(repr(raw)) if isinstance(raw, float) else Decimal(plain(raw).replace(",", ""))
    except InvalidOperation:
        raise UnfitError("P302", value=plain(raw)) from None


def _amount(raw: Raw, *, hundredth: bool) -> Decimal:
    amount = _decimal(raw)
    if not amount.is_finite():
        raise UnfitError("P302", value=plain(raw))
    return amount.scaleb(-2) if hundredth else amount


# Days and times


def _day(raw: Raw, value: Value, mapping: SqlMapping) -> date | None:
    """The day in China: a time with a clock is first brought there."""
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return None if raw.isoformat() in mapping.no_dates else raw
    moment = _moment(raw, value, mapping)
    return None if moment is None else moment.date()


def _moment(raw: Raw, value: Value, mapping: SqlMapping) -> datetime | None:
    zone = value.zone or mapping.zone
    if isinstance(raw, str):
        if raw.strip()[:10] in mapping.no_dates:
            return None
        raw = _parsed(raw.strip(), value.format)
    elif value.unit and not isinstance(raw, date):
        return _since_epoch(raw, value.unit)
    elif isinstance(raw, int | Decimal) and value.format:  # 20260115 in a column of numbers
        raw = _parsed(plain(raw), value.format)
    elif isinstance(raw, date) and not isinstance(raw, datetime):
        raw = datetime(raw.year, raw.month, raw.day)  # noqa: DTZ001  # its zone is put on below
    if not isinstance(raw, datetime):
        raise UnfitError("P303", value=plain(raw))
    if raw.date().isoformat() in mapping.no_dates:
        return None
    try:
        return in_china(raw, zone)
    except OverflowError:  # the first or the last day there is
        raise UnfitError("P303", value=plain(raw)) from None


def in_china(moment: datetime, zone: tzinfo) -> datetime:
    """A time in Shanghai's zone; without a zone of its own it is one of `zone`."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(SHANGHAI)


def _parsed(text: str, pattern: str) -> datetime:
    try:
        return datetime.strptime(text, pattern) if pattern else datetime.fromisoformat(text)  # noqa: DTZ007
    except ValueError:
        raise UnfitError("P303", fix="" if pattern else "format: ...", value=text) from None


def _since_epoch(raw: Raw, unit: str) -> datetime | None:
    try:
        count = int(_decimal(raw))
        span = timedelta(seconds=count) if unit == "seconds" else timedelta(milliseconds=count)
        return (datetime(1970, 1, 1, tzinfo=UTC) + span).astimezone(SHANGHAI) if count else None
    except (OverflowError, ValueError):
        raise UnfitError("P303", value=plain(raw)) from None


def _days(raw: Raw, value: Value, day_of: Callable[[Raw], date | None]) -> Days | None:
    """The period a cell tells: by itself, or by a day in it, where it is said how long such a period is."""
    text = "" if value.format or isinstance(raw, date) else plain(raw)
    said = period_of(text) if isinstance(raw, str) or text.isdecimal() else None  # 2026.10 as a number is 2026.1
    if said is not None:
        return said
    length = value.unit or ("month" if value.format else "")
    if not length:
        raise UnfitError("P306", fix="unit: month" if isinstance(raw, date) else "", value=plain(raw))
    day = day_of(raw)
    return None if day is None else around(day, length)


def _day_of(value: Value, mapping: SqlMapping) -> Callable[[Raw], date | None]:
    """The unit of a period is no unit of its days."""
    plainly = replace(value, unit="")
    return lambda raw: _day(raw, plainly, mapping)


def _period(found: object) -> list[date] | None:
    """A period as a record has it; of a map it comes as it is written there."""
    days = period_of(found) if isinstance(found, str) else found
    return None if days is None else list(cast(Days, days))


# Whole rows


_PAIR = {"since": 0, "until": 1}


@dataclass(frozen=True, slots=True)
class Step:
    """One field of a record: where its cells stand in the row, how they are turned, where the value goes."""

    value: Value
    at: tuple[int, ...]
    convert: Convert
    path: tuple[str, ...]


class Shape:
    """How the rows of a section become records: made once, used for every row."""

    def __init__(self, section: Section, mapping: SqlMapping) -> None:
        self.section = section
        self.columns = section.columns()
        place = {name: index for index, name in enumerate(self.columns)}
        self.key_at = tuple(place[name] for name in section.key)
        self.steps = [
            Step(value, tuple(place[name] for name in value.columns), converter(value, mapping), _path_of(value))
            for value in section.values
        ]
        gone = section.gone
        self.gone = None if gone is None else (converter(gone, mapping), tuple(place[name] for name in gone.columns))
        self.into_at = place.get(section.into, -1)
        self.required = [step for step in self.steps if step.value.field.required]
        self.due = section.value("due") if section.name == "charges" else None
        self.by_path = {value.name: value for value in section.values}

    def key(self, row: Sequence[Raw]) -> tuple[str, ...]:
        return tuple(plain(row[index]) for index in self.key_at)

    def record(self, row: Sequence[Raw]) -> tuple[dict[str, Any], list[Unfit]]:
        """The record of a row without what is nothing, and every cell of it that cannot be read."""
        record: dict[str, Any] = {}
        unfit: list[Unfit] = []
        for step in self.steps:
            try:
                found = step.convert([row[index] for index in step.at])
            except UnfitError as error:
                unfit.append(Unfit(step.value, error))
                continue
            if found is not None:
                _put(record, step.path, found)
        self._complete(record, unfit)
        return record, unfit

    def _complete(self, record: dict[str, Any], unfit: list[Unfit]) -> None:
        """What a record must have and the row has not: told with the column where it is missing."""
        told = {each.value.name for each in unfit}
        lacking = [step.value for step in self.required if step.path[0] not in record]
        if self.due is not None and "due" not in record and "opening" not in record:
            lacking.append(self.due)
        unfit += [Unfit(value, UnfitError("P304")) for value in lacking if value.name not in told]

    def gone_because(self, row: Sequence[Raw]) -> object:
        """Why the account of a row is no more; None if it is there."""
        if self.gone is None:
            return None
        convert, at = self.gone
        return convert([row[index] for index in at])

    def column(self, path: Iterable[str | int]) -> str:
        """The column that a path inside a record came from; empty if none did."""
        names = ["other_account" if part == "account" else part for part in path if isinstance(part, str)]
        ends = [part for part in path if isinstance(part, int)]
        if names[:1] == ["period"] and ends:
            names.append("since" if ends[0] == 0 else "until")
        for cut in range(len(names), 0, -1):
            value = self.by_path.get(".".join(names[:cut]))
            if value is not None:
                return "+".join(value.columns)
        return ""


def _path_of(value: Value) -> tuple[str, ...]:
    name = "account" if value.name == "other_account" else value.name
    return ("attributes", name.partition(".")[2]) if name.startswith("attributes.") else tuple(name.split("."))


def _put(record: dict[str, Any], path: tuple[str, ...], found: object) -> None:
    if len(path) == 1:
        record[path[0]] = found
    elif path[0] == "period":
        record.setdefault("period", [None, None])[_PAIR[path[1]]] = found
    else:
        record.setdefault(path[0], {})[path[1]] = found
