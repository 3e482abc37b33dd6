"""XLSX workbooks row by row: the libraries either hold a whole sheet in memory or take four times as long.

Numbers are doubles in the file; they become its shortest decimal, and what Excel has lost already is told, not guessed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple
from xml.parsers import expat

from dunning.intake.files.cells import Fault, Row

_CHUNK = 1 << 16
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})  # built in; 27 on: in China
_NO_DATE = re.compile(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|_.|\*.', re.IGNORECASE)
_LAST_DAY = 2_958_465  # 31 December 9999
_DAY = 86_400
_EXACT = 10**15  # a double keeps every whole number below it, and Excel no digit more


class BadWorkbookError(Exception):
    """Not a workbook that can be read: not XLSX, protected by a password, or damaged."""


class SheetInfo(NamedTuple):
    """A sheet: its name and where in the archive it lies."""

    name: str
    member: str


class Workbook:
    """An open .xlsx; BadWorkbookError if it is none."""

    def __init__(self, path: Path) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
            root = _targets(self._xml("_rels/.rels"), "")
            book = next((target for kind, target in root.values() if kind == "officeDocument"), "xl/workbook.xml")
            folder = str(PurePosixPath(book).parent)
            links = _targets(self._xml(f"{folder}/_rels/{PurePosixPath(book).name}.rels"), folder)
            self.sheets, self._since_1904 = _sheets(self._xml(book), links)
            parts = dict(links.values())
            self._shared = (
                _shared_strings(self._archive.open(parts["sharedStrings"])) if "sharedStrings" in parts else []
            )
            self._dates = _date_styles(self._xml(parts["styles"])) if "styles" in parts else frozenset()
        except (zipfile.BadZipFile, expat.ExpatError, KeyError, ValueError, NotImplementedError, RuntimeError) as error:
            raise BadWorkbookError(str(error)) from error

    def rows(self, sheet: SheetInfo) -> Iterator[Row]:
        """The rows of a sheet that are not empty; a cell that lost its value has a fault."""
        done: list[Row] = []
        parser = _sheet_parser(self._shared, self._dates, self._since_1904, done)
        try:
            with self._archive.open(sheet.member) as file:
                while chunk := file.read(_CHUNK):
                    parser.Parse(chunk)
                    yield from done
                    done.clear()
                parser.Parse(b"", True)  # noqa: FBT003  # the C function takes no keywords
        except (zipfile.BadZipFile, expat.ExpatError, ValueError, IndexError, OverflowError) as error:
            raise BadWorkbookError(f"{sheet.name}: {error}") from error

    def close(self) -> None:
        self._archive.close()

    def _xml(self, member: str) -> list[tuple[str, dict[str, str]]]:
        """The elements of a small part, in order: local name and attributes, the attributes' prefixes dropped."""
        found: list[tuple[str, dict[str, str]]] = []
        parser = _parser()
        parser.StartElementHandler = lambda name, attrs: found.append(
            (_local(name), {_local(key): value for key, value in attrs.items()})
        )
        parser.Parse(self._archive.read(member), True)  # noqa: FBT003  # the same
        return found


def _parser() -> expat.XMLParserType:
    """A parser that refuses document types: entities are how XML is made to grow."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise ValueError("a workbook has no document type")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _local(name: str) -> str:
    """`row` of `x:row`: some programs give every name a prefix."""
    return name.rpartition(":")[2]


# The parts of a workbook


def _targets(elements: list[tuple[str, dict[str, str]]], folder: str) -> dict[str, tuple[str, str]]:
    """Relationship id -> (its kind, the member of the archive it leads to)."""
    found = {}
    for name, attrs in elements:
        if name == "Relationship" and attrs.get("TargetMode") != "External":
            target = attrs["Target"]
            member = target.lstrip("/") if target.startswith("/") or not folder else f"{folder}/{target}"
            found[attrs["Id"]] = (attrs["Type"].rpartition("/")[2], _without_dots(member))
    return found


def _without_dots(member: str) -> str:
    parts: list[str] = []
    for part in member.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in (".", ""):
            parts.append(part)
    return "/".join(parts)


def _sheets(
    elements: list[tuple[str, dict[str, str]]], links: Mapping[str, tuple[str, str]]
) -> tuple[tuple[SheetInfo, ...], bool]:
    sheets, since_1904 = [], False
    for name, attrs in elements:
        if name == "workbookPr":
            since_1904 = attrs.get("date1904") in ("1", "true")
        elif name == "sheet":
            kind, member = links[attrs["id"]]
            if kind == "worksheet":
                sheets.append(SheetInfo(attrs["name"], member))
    return tuple(sheets), since_1904


def _shared_strings(file: IO[bytes]) -> list[str]:
    """The texts that cells refer to; how a word is pronounced (rPh) is no part of it."""
    found: list[str] = []
    text: list[str] = []
    aside = 0
    inside = False

    def start(name: str, _: object) -> None:
        nonlocal aside, inside
        match _local(name):
            case "si":
                text.clear()
            case "rPh":
                aside += 1
            case "t":
                inside = not aside

    def end(name: str) -> None:
        nonlocal aside, inside
        match _local(name):
            case "si":
                found.append("".join(text).strip())
            case "rPh":
                aside -= 1
            case "t":
                inside = False

    parser = _parser()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda data: text.append(data) if inside else None
    with file:
        parser.ParseFile(file)
    return found


def _date_styles(elements: list[tuple[str, dict[str, str]]]) -> frozenset[str]:
    """The cell styles that show a number as a date or time."""
    formats = {
        attrs["numFmtId"]: attrs["formatCode"] for name, attrs in elements if name == "numFmt" and "formatCode" in attrs
    }
    found, index, inside = set(), 0, False
    for name, attrs in elements:
        if name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            inside = name == "cellXfs"
        elif name == "xf" and inside:
            if _is_date(attrs.get("numFmtId", "0"), formats):
                found.add(str(index))
            index += 1
    return frozenset(found)


def _is_date(format_id: str, formats: Mapping[str, str]) -> bool:
    code = formats.get(format_id)
    if code is None:
        return int(format_id) in _DATE_FORMATS
    return bool(re.search("[ymdhs]", _NO_DATE.sub("", code.partition(";")[0]), re.IGNORECASE))


# A sheet


def _sheet_parser(shared: list[str], dates: frozenset[str], since_1904: bool, done: list[Row]) -> expat.XMLParserType:
    """A parser that puts each row it comes to the end of into `done`.

    The handlers are closures: they are called some eight times a cell, and this halves what that costs.
    """
    number, column = 0, -1
    kind = style = ""
    reading = formula = False
    cells: list[str] = []
    faults: list[Fault] = []
    text: list[str] = []
    columns: dict[str, int] = {}
    parser = _parser()

    def start(name: str, attrs: dict[str, str]) -> None:
        nonlocal number, column, kind, style, reading, formula, cells, faults
        if name == "c":
            letters = attrs.get("r", "").rstrip("0123456789")
            column = columns.get(letters, -1) if letters else column + 1
            if column < 0:
                column = columns[letters] = _column(letters)
            kind, style, formula = attrs.get("t", "n"), attrs.get("s", ""), False
            text.clear()
        elif name == "v" or name == "t":
            reading = True
        elif name == "row":
            number = int(attrs.get("r", number + 1))
            cells, faults, column = [], [], -1
        elif name == "f":
            formula = True
        elif name == "rPh":
            parser.CharacterDataHandler = None
        elif ":" in name:
            start(_local(name), attrs)

    def data(chunk: str) -> None:
        if reading:
            text.append(chunk)

    def end(name: str) -> None:
        nonlocal reading
        if name == "v" or name == "t":
            reading = False
        elif name == "c":
            value = text[0].strip() if len(text) == 1 else "".join(text).strip()
            if kind == "s":
                value = shared[int(value)]
            elif kind == "n" or not value or kind in "be":
                value, fault = _value(kind, value, formula, style in dates, since_1904)
                if fault:
                    faults.append(Fault(fault, column, {"value": value}))
            if column > len(cells):
                cells.extend([""] * (column - len(cells)))
            cells.append(value)
        elif name == "row":
            if faults or any(cells):
                done.append(Row(number, cells, tuple(faults)))
        elif name == "rPh":
            parser.CharacterDataHandler = data
        elif ":" in name:
            end(_local(name))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = data
    return parser


def _column(letters: str) -> int:
    """The column of `AB`, from 0."""
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    if not 0 < column <= 16_384:
        raise ValueError(f"there is no column {letters}")
    return column - 1


def _value(kind: str, value: str, formula: bool, is_date: bool, since_1904: bool) -> tuple[str, str]:
    """The text of a cell that is a number, a truth, an error or empty, and the code of what is wrong with it."""
    if kind == "b":
        return ("true" if value == "1" else "false"), ""
    if kind == "e":
        return value, "I207"
    if not value:
        return "", "I208" if formula and kind != "str" else ""
    if kind != "n":
        return value, ""
    if is_date:
        return _date_text(value, since_1904), ""
    if value.isdigit() and len(value) <= 15:
        return value, ""
    number = float(value)
    if abs(number) >= _EXACT:
        return value, "I206"
    if number.is_integer():
        return str(int(number)), ""
    shortest = repr(number)
    return (shortest if "e" not in shortest else format(Decimal(shortest), "f")), ""


def _date_text(text: str, since_1904: bool) -> str:
    """Days since the epoch of Excel, which believes in 29 February 1900, or of the Macintosh."""
    days = float(text)
    if not 0 <= days <= _LAST_DAY:
        return text
    first = date(1904, 1, 1) if since_1904 else date(1899, 12, 31 if days < 60 else 30)
    seconds = round(days * _DAY)
    day = (first + timedelta(days=seconds // _DAY)).isoformat()
    minutes, second = divmod(seconds % _DAY, 60)
    time = f"{minutes // 60:02}:{minutes % 60:02}:{second:02}"
    if days < 1:
        return time
    return f"{day}T{time}" if seconds % _DAY else day
