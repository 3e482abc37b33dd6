"""A rule file as lines: which characters are code, which are quoted, comment or block text; and how lines were mended.

libyaml stops at the first mistake. To find the others too, a line that falls into a known trap is mended here in
memory and reading goes on; places are always those of the line as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from dunning.lang.text.keys import ALIAS

HIDDEN = "\0"  # stands for quoted characters in `Line.code`
_SPECIAL = re.compile(r"[\"'#\[\]{}|>“]")
BLOCK_HEAD = re.compile(r"[|>](?:[+-]?[1-9]?|[1-9][+-])")
_HEAD = re.compile(
    r"(?P<before> *(?:- +)*)"
    r"(?P<key>\"\0*\"\s*|'\0*'\s*|(?:[^\s\"'\[\]{}#&*!|>%@`,?:-]|[?:-](?=\S))[^#:\0]*(?::(?!\s|$)[^#:\0]*)*):(?:\s+|$)"
)
_ITEM = re.compile(r"(?P<before> *(?:- +)+)")


class Line:
    """One line that is not block text. `code` is as long as `text`: quoted characters hidden, comment blanked.

    `flow` and `flow_after` are the brackets open at its start and end; `closed` tells whether its last quote is closed,
    `continued` whether it goes on with a plain value of the line before, `quoted_before` with a quoted one. In block
    style `key` stands on it (or nothing) and `value`, from `start` to `end`; flow style begins at `begin` (or -1).
    """

    __slots__ = (
        "begin", "closed", "code", "continued", "end", "flow", "flow_after", "indent", "key", "key_indent", "number",
        "quoted_before", "start", "text", "value",
    )  # fmt: skip

    def __init__(self, number: int, text: str, code: str, state: _State, after: _State) -> None:
        self.number = number
        self.text = text
        self.code = code
        self.flow = state.flow
        self.flow_after = after.flow
        self.closed = not after.quote
        self.quoted_before = bool(state.quote)
        self.indent = _indent(text)
        self.continued = not state.flow and not state.quote and 0 <= state.plain < self.indent
        self.end = len(code.rstrip())
        self._split()
        self.value = text[self.start : self.end]
        if self.flow:
            self.begin = 0
        elif self.value[:1] in ("{", "[") and code[self.start] in "{[":
            self.begin = self.start
        else:
            self.begin = -1

    def _split(self) -> None:
        """Find the key and where its value begins; a line without either is all value, unless it goes on with one."""
        self.key, self.key_indent, self.start = "", self.indent, self.end
        if self.flow or self.continued or self.quoted_before:
            return
        if head := _HEAD.match(self.code, 0, self.end):
            self.key = self.text[head.start("key") : head.end("key")].rstrip()
            self.key_indent, self.start = head.start("key"), min(head.end(), self.end)
        elif item := _ITEM.match(self.code, 0, self.end):
            self.key_indent = self.start = min(item.end(), self.end)
        else:
            self.start = min(self.indent, self.end)


@dataclass(slots=True)
class _State:
    """What a line leaves open for the next."""

    block: int = -1  # the indent a block's text must exceed; -1 outside
    quote: str = ""
    flow: str = ""
    plain: int = -1  # the indent of a key whose plain value may go on


class Draft:
    """The lines of a file, mended in place, with what is needed to find the original column of a mended one.

    `texts` are the lines that `code_lines` last took for text of a block, and for blank lines around it; `goes_on`
    those that go on with a value begun above them; `guessed` those whose mend is but a guess, to read on by.
    """

    def __init__(self, text: str) -> None:
        self.written = text.split("\n")
        self.lines = list(self.written)
        self.texts: set[int] = set()
        self.goes_on: set[int] = set()
        self.guessed: set[int] = set()
        self._edits: dict[int, list[tuple[int, int, int]]] = {}

    def text(self) -> str:
        return "\n".join(self.lines)

    def line(self, number: int) -> str:
        """The line as it is now; empty if there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def original(self, number: int) -> str:
        """The line as it was written."""
        return self.written[number - 1] if 0 < number <= len(self.written) else ""

    def mend(self, number: int, start: int, end: int, text: str) -> None:
        """Put `text` for the characters start..end (0-based) of a line."""
        line = self.lines[number - 1]
        self.lines[number - 1] = line[:start] + text + line[end:]
        self._edits.setdefault(number, []).append((start, end - start, len(text)))

    def column(self, number: int, offset: int) -> int:
        """The 1-based column in the file as written of a 0-based offset in the line as it is now."""
        for start, was, now in reversed(self._edits.get(number, ())):
            if offset >= start + now:
                offset += was - now
            elif offset > start:
                offset = min(offset, start + was)
        return offset + 1

    def following(self, number: int) -> str:
        """The next line after `number` that is neither blank nor comment; empty at the end."""
        rest = (line for line in self.lines[number:] if line.strip() and not line.lstrip().startswith("#"))
        return next(rest, "")

    def heads_of(self, number: int) -> str:
        """The first line of the grid that line `number` is text of; empty if it is of none."""
        first = number
        while first - 1 in self.texts:
            first -= 1
        head = self.line(first - 1)
        if number not in self.texts or not re.match(rf" *(?:- +)*(?:grid|{ALIAS['grid']})\s*:", head):
            return ""
        return next((line for line in self.lines[first - 1 : number] if line.strip()), "")

    def code_lines(self, visit: Callable[[Line], bool]) -> None:
        """Show `visit` each line that is code, in order; again, as mended, while it answers that it mended it."""
        state = _State()
        self.texts.clear()
        self.goes_on.clear()
        for number in range(1, len(self.lines) + 1):
            text = self.lines[number - 1]
            if state.block >= 0 and (not text.strip() or _indent(text) > state.block):
                self.texts.add(number)
                continue
            block, state.block = state.block, -1
            line, after = _lex(number, text, state)
            if line.code.strip():
                while visit(line):
                    line, after = _lex(number, self.lines[number - 1], state)
                    if 0 <= block < line.indent:  # mended, it is text of the block again
                        self.texts.add(number)
                        state.block = block
                        break
            if number in self.texts:
                continue
            if line.flow or line.quoted_before or line.continued:
                self.goes_on.add(number)
            state = after
            _follow(line, state)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _follow(line: Line, state: _State) -> None:
    """What the line opens for those after it: a block of text, or a plain value that may go on."""
    if not line.end or state.flow or state.quote:
        return
    if not line.flow and BLOCK_HEAD.fullmatch(line.value):
        state.block, state.plain = line.key_indent if line.key else line.indent, -1
    elif not line.continued:
        plain = line.value[:1] not in ("", '"', "'", "[", "{", "|", ">", "&", "*", "!")
        state.plain = (line.key_indent if line.key else line.indent) if plain else -1


def _lex(number: int, text: str, state: _State) -> tuple[Line, _State]:
    """The line with its quoted and commented characters hidden, and what it leaves open."""
    if not state.quote and not state.flow and not _SPECIAL.search(text):
        return Line(number, text, text, state, state), replace(state)
    flow, quote = state.flow, state.quote
    code = list(text)
    fresh = bool(flow) or not 0 <= state.plain < _indent(text)  # quotes count only where a scalar may begin
    place = 0
    while place < len(text):
        char = text[place]
        if quote:
            if (quote == '"' and char == "\\") or (char == quote == "'" and text[place + 1 : place + 2] == "'"):
                code[place : place + 2] = [HIDDEN] * len(code[place : place + 2])
                place += 2
                continue
            if char == quote:
                quote = ""
            else:
                code[place] = HIDDEN
        elif char == "#" and (place == 0 or text[place - 1] in " \t"):
            code[place:] = [" "] * (len(text) - place)
            break
        elif char in "\"'" and fresh:
            quote, fresh = char, False
        elif char in "[{" and (flow or fresh):
            flow, fresh = flow + char, True
        elif char in "]}" and flow:
            flow, fresh = flow[:-1], False
        elif flow and char == ",":
            fresh = True
        elif char in ":-?" and (text[place + 1 : place + 2] in ("", " ", "\t") or (flow and char == ":")):
            fresh = char == ":" or fresh
        elif char not in " \t":
            fresh = False
        place += 1
    after = replace(state, flow=flow, quote=quote)
    return Line(number, text, "".join(code), state, after), after
