"""Grids: a decision table drawn with `|`, or pasted from a spreadsheet, split to cells with the place of each.

Reviewers compare rows by eye; a finding must point at the very cell, wide characters or not.
"""

from __future__ import annotations

from dataclasses import dataclass

from dunning.basis.span import Span
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
