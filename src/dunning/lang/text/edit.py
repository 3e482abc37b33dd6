"""Changing a rule file at given places and nowhere else: every other byte, comment and line end stays as it was.

A file is never written out anew from what was read of it, for what a person wrote around the rules is theirs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n|\n|\r")
_PLAIN = re.compile(r"[^\W\d_][\w.·]*(?: [\w.·]+)*")
_NO_TEXT = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_MARK = "\ufeff"


class Edit(NamedTuple):
    """`text` in the place of the characters from `column` up to `end` of a line (1-based, as in a Span)."""

    line: int
    column: int
    end: int
    text: str


def lines_after(line: int, written: str, lines: Iterable[str]) -> Edit:
    """Whole lines put in after a line that reads `written`."""
    end = len(written) + 1
    return Edit(line, end, end, "".join(f"\n{each}" for each in lines))


def edited(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The file with its edits. A `\\n` in an edit becomes the line end that the file uses."""
    text = data.decode("utf-8")
    mark = _MARK if text.startswith(_MARK) else ""
    text = text.removeprefix(_MARK)
    ends = [0, *(found.end() for found in _LINE_END.finditer(text))]
    used = _LINE_END.search(text)
    line_end = used.group() if used else "\n"
    for edit in sorted(edits, reverse=True):
        start = ends[edit.line - 1]
        written = edit.text.replace("\n", line_end)
        text = text[: start + edit.column - 1] + written + text[start + edit.end - 1 :]
    return (mark + text).encode("utf-8")


def as_written(text: str) -> str:
    """A text as YAML reads it back: bare where that is safe, else in double quotes."""
    safe = _PLAIN.fullmatch(text) and text.casefold() not in _NO_TEXT
    return text if safe else json.dumps(text, ensure_ascii=False)
