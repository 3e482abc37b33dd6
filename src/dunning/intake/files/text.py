"""The encoding of text files: UTF-8, with or without a byte order mark, or GB18030, as Excel and older ERPs write it.

A wrong guess would change ids without a word, so a file is taken for GB18030 only when it is not UTF-8 and that fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from dunning.basis.encoding import is_utf16
from dunning.basis.errors import AccountError
from dunning.basis.finding import Finding
from dunning.basis.span import Cell

BOM = b"\xef\xbb\xbf"


class Encoding(NamedTuple):
    """`name` for Python; `clean`: every line of the file can be decoded."""

    name: str
    clean: bool


def encoding_of(path: Path) -> Encoding:
    """UTF-8 if every line is; GB18030 if the first line beyond ASCII and more of the others are that and not UTF-8.

    Else it is UTF-8 with bad lines in it: damage can make a line of UTF-8 look like GB18030, but not most of a file.
    AccountError for UTF-16, every line of which would be wrong.
    """
    with path.open("rb") as file:
        if is_utf16(file.read(64)):
            raise AccountError([Finding("I113", Cell(str(path), 1))])
    utf8 = other = broken = 0
    first_is_utf8 = True
    with path.open("rb") as file:
        for line in file:
            if line.isascii():
                continue
            if _decodes(line, "utf-8"):
                utf8 += 1
                continue
            if not utf8:
                first_is_utf8 = False
            if _decodes(line, "gb18030"):
                other += 1
            else:
                broken += 1
    if not other and not broken:
        return Encoding("utf-8", clean=True)
    if other > utf8 and not first_is_utf8:
        return Encoding("gb18030", clean=not broken and not utf8)
    return Encoding("utf-8", clean=False)


def is_blank(path: Path) -> bool:
    """Whether a file has nothing in it: not even heads."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return not any(line.removeprefix(BOM).strip() for line in file)


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def undecodable(raw: bytes, encoding: str, at: Cell) -> Finding | None:
    """The finding for a row that is not of the file's encoding; None if it is."""
    try:
        raw.decode(encoding)
    except UnicodeDecodeError as error:
        args = {"row": at.row, "byte": error.start + 1, "value": f"{raw[error.start]:02X}"}
        return Finding("I101", at, args)
    return None


def text_lines(path: Path, encoding: Encoding) -> Iterator[str]:
    """The lines with their ends, without the byte order mark; bytes that cannot be decoded become lone surrogates."""
    name = "utf-8-sig" if encoding.name == "utf-8" else encoding.name
    with path.open(encoding=name, errors="strict" if encoding.clean else "surrogateescape", newline="") as file:
        yield from file
