"""What a document is made of, whatever program writes it: headings, paragraphs, lists and tables of plain text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Tone = Literal["plain", "quiet", "strong", "old", "new", "mark"]
"""How words stand out: `old` was, `new` is, `mark` is where something moves."""


class Cell(NamedTuple):
    """One cell of a table; its lines are parted by line feeds. Numbers stand to the right."""

    text: str
    tone: Tone = "plain"
    number: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 0 is the title of the document, 1 one of the eight parts. `apart`: it begins a page."""

    text: str
    level: int = 1
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. `widths` are the shares of its columns of the page; empty: all alike. Its heads stand on every page."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...] = ()
    title: str = ""
    note: str = ""


Block = Heading | Paragraph | Bullets | Grid
