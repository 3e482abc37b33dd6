"""Grids: a decision table drawn with `|`, or pasted from a spreadsheet, split to cells with the place of each.

Reviewers compare rows by eye; a finding must point at the very cell, wide characters or not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from dunning.basis.span import Span
from dunning.basis.width import width
from dunning.lang.text.positions import Scalar


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell without the blanks around it. An empty cell's place is where its text would begin."""

    text: str
    at: Span


@dataclass(frozen=True, slots=True)
class Grid:
    """The heads and the rows below them, each row as long as it was drawn."""

    heads: tuple[GridCell, ...]
    rows: tuple[tuple[GridCell, ...], ...]


def read_grid(block: Scalar) -> Grid | None:
    """The cells of a literal block; None if it is no block (`grid: |`) or has no line.

    Columns are parted by `|`, or by tabs where the head line has no `|` (as pasted from a spreadsheet). A `|` at both
    ends and a line of dashes under the heads, as in Markdown, are decoration. Blank lines are skipped.
    """
    if not block.block_line:
        return None
    lines = []
    for number, text in enumerate(block.text.split("\n"), block.block_line):
        if text.strip():
            lines.append((number, text))
    if not lines:
        return None
    separator = "|" if "|" in lines[0][1] else "\t"
    framed = separator == "|" and lines[0][1].strip().startswith("|")
    rows = [_cells(text, number, block, separator, framed) for number, text in lines if not _is_rule(text, separator)]
    return Grid(rows[0], tuple(rows[1:])) if rows else None


def _is_rule(text: str, separator: str) -> bool:
    """A line of dashes between heads and rows."""
    return separator == "|" and "-" in text and set(text) <= set("|-: +")


def _cells(text: str, number: int, block: Scalar, separator: str, framed: bool) -> tuple[GridCell, ...]:
    cells: list[GridCell] = []
    column = block.block_indent + 1
    for part in text.split(separator):
        inner = part.strip()
        start = column + (len(part) - len(part.lstrip()) if inner else min(1, len(part)) if cells else 0)
        cells.append(GridCell(inner, Span(block.span.file, number, start, start + max(1, len(inner)))))
        column += len(part) + len(separator)
    if framed:
        cells = cells[1:]
        if cells and not cells[-1].text and text.rstrip().endswith(separator):
            cells.pop()
    return tuple(cells)


# Drawing


def aligned(text: str) -> str:
    """The text of a grid with its columns one under another, as wide as they show; pasted tabs become ` | `.

    A `|` at both ends and a line of dashes stay where they are drawn. A grid that would read otherwise (a `|` in a
    cell between tabs) comes back as it is.
    """
    lines = text.split("\n")
    heads = next((line.strip() for line in lines if line.strip()), "")
    separator = "|" if "|" in heads else "\t"
    cut = [_cut(line, separator) for line in lines]
    widths = [max(map(width, column)) for column in zip_longest(*(row.cells for row in cut), fillvalue="")]
    if heads.startswith("|"):
        widths[0] = 0  # before the first bar there is no column
    drawn = "\n".join(row.drawn(widths) for row in cut)
    return drawn if _words(drawn) == _words(text) else text


@dataclass(frozen=True, slots=True)
class _Row:
    """One line, cut at its bars. `bars` are what stands between the cells: of a line of dashes also `+`."""

    cells: Sequence[str]
    bars: Sequence[str] = ()
    tight: bool = False  # a line of dashes without blanks, which fill the room beside the bars too

    def drawn(self, widths: Sequence[int]) -> str:
        if self.bars:
            return self._rule(widths)
        padded = [cell + " " * (wide - width(cell)) for cell, wide in zip(self.cells, widths, strict=False)]
        line = " | ".join(padded).rstrip()
        return line.removeprefix(" ") if widths[0] == 0 else line

    def _rule(self, widths: Sequence[int]) -> str:
        """Dashes as wide as their columns; a colon at either end stays there."""
        last = len(self.cells) - 1
        parts = []
        for place, (cell, wide) in enumerate(zip(self.cells, widths, strict=False)):
            if not cell:
                parts.append("")
                continue
            room = wide + (self.tight and place > 0) + (self.tight and place < last)
            parts.append(cell.replace("-", "-" * (room - len(cell) + 1)))
        gap = "" if self.tight else " "
        line = parts[0] + "".join(f"{gap}{bar}{gap}{part}" for bar, part in zip(self.bars, parts[1:], strict=True))
        return line.strip()


_RULE = re.compile(r"(?::?-+:?)?")


def _cut(line: str, separator: str) -> _Row:
    if _is_rule(line, separator):
        pieces = re.split(r"([|+])", line.strip())
        cells = [piece.strip() for piece in pieces[::2]]
        if all(map(_RULE.fullmatch, cells)):
            shortest = [re.sub("-+", "-", cell) for cell in cells]
            return _Row(shortest, pieces[1::2], " " not in line.strip())
    return _Row([cell.strip() for cell in line.split(separator)])


def _words(text: str) -> list[list[str]]:
    """The cells of a grid by line, without their places."""
    grid = read_grid(Scalar(text, Span("", 1, 1), quoted=True, block_line=1))
    return [[cell.text for cell in row] for row in (grid.heads, *grid.rows)] if grid else []
