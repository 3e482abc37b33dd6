"""CSV files row by row: one bad row costs only itself.

A quote that is not closed would swallow every row up to the next one, so quotes are read strictly, and after a fault
the reading goes on with the very next line.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from dunning.intake.files.cells import Fault, Row
from dunning.intake.files.text import encoding_of, text_lines


def csv_rows(path: Path) -> Iterator[Row]:
    """The rows that are not empty, the heads first; one not as long as the heads, or with odd quotes, has a fault."""
    encoding = encoding_of(path)
    lines = _Lines(text_lines(path, encoding))
    reader = csv.reader(lines, strict=True)
    width = 0
    while True:
        number = lines.begin()
        try:
            cells = next(reader, None)
        except csv.Error:
            lines.go_back()
            yield Row(number, _roughly(lines.first()), (Fault("I202", -1, {}),))
            continue
        if cells is None:
            return
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        width = width or len(cells)
        if len(cells) != width:
            if lines.taken() > 1:
                lines.go_back()
                cells = _roughly(lines.first())
            yield Row(number, cells, (Fault("I201", -1, {"found": len(cells), "wanted": width}),))
        elif not encoding.clean and (faults := _undecodable(cells, number)):
            yield Row(number, cells, faults)
        else:
            yield Row(number, cells)


class _Lines:
    """Lines for csv.reader that can be taken back: those of the row being read are remembered."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self._row: list[str] = []
        self._number = 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self._row.append(line)
        return line

    def begin(self) -> int:
        """A new row begins; the number of its first line."""
        self._number += len(self._row)
        self._row = []
        return self._number

    def taken(self) -> int:
        return len(self._row)

    def first(self) -> str:
        return self._row[0] if self._row else ""

    def go_back(self) -> None:
        """Only the first line of the row counts as read."""
        self._again.extendleft(reversed(self._row[1:]))
        del self._row[1:]


def _roughly(line: str) -> list[str]:
    """The cells of a row whose quotes cannot be trusted: good enough to tell whose it is."""
    return [cell.strip().strip('"') for cell in line.rstrip("\r\n").split(",")]


def _undecodable(cells: list[str], number: int) -> tuple[Fault, ...]:
    """Bytes that were of no known encoding stand in the text as lone surrogates."""
    for column, cell in enumerate(cells):
        for place, char in enumerate(cell):
            if "\udc80" <= char <= "\udcff":
                byte = len(cell[:place].encode("utf-8", "surrogateescape")) + 1
                return (Fault("I101", column, {"row": number, "byte": byte, "value": f"{ord(char) - 0xDC00:02X}"}),)
    return ()
