"""JSON Lines, an account a line: indexed by debtor in one pass, then read line by line in the order of the groups.

Numbers are kept as they are written (never a float), and a key written twice is refused: which one counts is a guess.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pydantic_core import from_json

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Cell
from dunning.intake.files.text import BOM, Encoding, encoding_of, undecodable
from dunning.intake.groups import Group, Portfolio, RawGroup, group_of
from dunning.intake.records import Read, Rejected, key_of, read


class Line(NamedTuple):
    """A line as it stands in the file; `first`: the row where its account stands already, 0 if nowhere."""

    row: int
    text: bytes
    first: int = 0


@dataclass(frozen=True, slots=True)
class Lines(RawGroup):
    """The lines of one debtor."""

    file: str
    encoding: str
    lines: tuple[Line, ...]

    def read(self) -> Group:
        return group_of(read_line(line, self.file, self.encoding) for line in self.lines)


def read_line(line: Line, file: str, encoding: str = "utf-8") -> Read | Rejected:
    """The account of one line, or why it has none; never raises."""
    at = Cell(file, line.row)
    data = parsed(line.text, at, encoding)
    if isinstance(data, Finding):
        return Rejected(*_key(line.text, encoding), (data,), at)
    found = read(data, where=at)
    if line.first:
        company, id_, debtor = key_of(data)
        again = Finding("A210", at, {"id": id_, "first": Cell(file, line.first)})
        others = found.findings if isinstance(found, Rejected) else ()
        return Rejected(company, id_, debtor, (again, *others), at)
    return found


def parsed(raw: bytes, at: Cell, encoding: str = "utf-8") -> Any:
    """The JSON of a line, numbers with a point as text; or the finding that says why it is none."""
    wrong = undecodable(raw, encoding, at)
    if wrong is not None:
        return wrong
    text = raw.decode(encoding).lstrip("\ufeff")
    try:
        return _decode(text)
    except json.JSONDecodeError as error:
        why = _WHY.get(error.msg.removesuffix(" at").split(" starting")[0], Text(error.msg, error.msg))
        return Finding("I301", at, {"place": error.pos + 1, "why": why})
    except _TwiceError as error:
        return Finding("A105", at, {"name": error.args[0]})
    except RecursionError:
        return Finding("I302", at)
    except ValueError:  # a whole number of thousands of digits
        return Finding("I301", at, {"place": 1, "why": Text("有一个数太长", "a number is too long")})


class _TwiceError(Exception):
    """A key that an object has twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen = set[str]()
        raise _TwiceError(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return found


_decode: Callable[[str], Any] = json.JSONDecoder(parse_float=str, object_pairs_hook=_once).decode

_WHY = {
    "Expecting value": Text("应有一个值", "a value is missing"),
    "Expecting ',' delimiter": Text("缺少逗号", "a comma is missing"),
    "Expecting ':' delimiter": Text("缺少冒号", "a colon is missing"),
    "Expecting property name enclosed in double quotes": Text(
        "应有带双引号的字段名", "a field name in double quotes is missing"
    ),
    "Illegal trailing comma before end of object": Text("最后一项后面多了逗号", "a comma follows the last entry"),
    "Illegal trailing comma before end of array": Text("最后一项后面多了逗号", "a comma follows the last entry"),
    "Unterminated string": Text("引号没有关上", "the text's closing quote is missing"),
    "Invalid control character": Text("文字里有控制字符", "the text holds a control character"),
    "Invalid \\escape": Text("反斜杠后面的字符不对", "what follows the backslash is no escape"),
    "Invalid \\uXXXX escape": Text("\\u 后面应有四位十六进制数", "\\u needs four hexadecimal digits"),
    "Extra data": Text("对象之后还有别的内容", "there is more after the object"),
}


def _key(raw: bytes, encoding: str = "utf-8") -> tuple[str, str, str]:
    """(company, id, debtor) of a line, as far as it can be read at all."""
    text = raw if encoding == "utf-8" else raw.decode(encoding, "replace").encode()
    try:
        data = from_json(text.removeprefix(BOM), cache_strings="keys")
    except ValueError:
        return "", "", ""
    return key_of(data) if isinstance(data, dict) else ("", "", "")


class JsonLines(Portfolio):
    """A .jsonl file. What is kept of it in memory is where each line stands and whose it is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = str(path)
        self._encoding: Encoding = encoding_of(path)
        self._offsets = array("q")
        self._rows = array("q")
        self._firsts: dict[int, int] = {}  # line -> the row its account stands in already
        self._order: list[int | array[int]] | None = None  # the lines of each group, if any has more than one
        self._index()
        self.count: int = len(self._offsets)

    def _index(self) -> None:
        accounts: dict[str, dict[str, int]] = {}
        debtors: dict[str, dict[str, int]] = {}
        groups: list[int | array[int]] = []
        several = False
        with self._path.open("rb") as file:
            offset = 0
            for row, raw in enumerate(file, 1):
                start, offset = offset, offset + len(raw)
                if raw.isspace() or raw == BOM:
                    continue
                line = len(self._offsets)
                self._offsets.append(start)
                self._rows.append(row)
                company, id_, debtor = _key(raw, self._encoding.name)
                if id_:
                    first = accounts.setdefault(company, {}).setdefault(id_, row)
                    if first != row:
                        self._firsts[line] = first
                known = debtors.setdefault(company, {})
                group = known.get(debtor) if debtor else None
                if group is None:
                    if debtor:
                        known[debtor] = len(groups)
                    groups.append(line)
                    continue
                several = True
                lines = groups[group]
                if isinstance(lines, int):
                    groups[group] = lines = array("q", (lines,))
                lines.append(line)
        if several:
            self._order = groups

    def raw(self) -> Iterator[Lines]:
        encoding = self._encoding.name
        with self._path.open("rb") as file:
            for lines in range(self.count) if self._order is None else self._order:
                own = (lines,) if isinstance(lines, int) else lines
                yield Lines(self._file, encoding, tuple(self._line(file, line) for line in own))

    def _line(self, file: Any, line: int) -> Line:
        if file.tell() != self._offsets[line]:
            file.seek(self._offsets[line])
        return Line(self._rows[line], file.readline(), self._firsts.get(line, 0))
