"""How wide a text stands in a terminal or an editor, so that carets and columns meet what they are under."""

from __future__ import annotations

import unicodedata


def width(text: str) -> int:
    """The columns a text takes: two for Chinese characters and full-width signs, none for accents."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
