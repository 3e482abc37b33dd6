"""YAML with places: a tree of texts, each with its line and column, and a finding for every trap on the way.

Reviewers need the place of a mistake and their own spelling kept (`0.0005`, `no`, `10:00`), which no YAML loader gives;
so libyaml only splits the text into events here, and everything above them is ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Span

MAX_BYTES = 1_000_000
MAX_DEPTH = 40

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word, number or text, exactly as written: nothing is turned into a number, a date or a truth.

    `quoted` is true between quotes and in blocks (`|`, `>`). Of a block, line i of `text` stands at line `block_line + i`
    of the file, after `block_indent` blanks.
    """

    text: str
    span: Span
    quoted: bool = False
    block_line: int = 0
    block_indent: int = 0

    @property
    def is_null(self) -> bool:
        """Nothing written, `null` or `~`, without quotes."""
        return not self.quoted and self.text in _NULLS


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list; `flow` if written in brackets."""

    items: list[Node]
    span: Span
    flow: bool = False


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their values in the order written, no key twice; `flow` if written in braces."""

    entries: list[tuple[Scalar, Node]]
    span: Span
    flow: bool = False

    def get(self, key: str) -> Node | None:
        """The value of `key`; None if it is not there."""
        return next((value for name, value in self.entries if name.text == key), None)

    def key(self, key: str) -> Scalar | None:
        """The key itself, for its place."""
        return next((name for name, _ in self.entries if name.text == key), None)


Node = Scalar | Sequence | Mapping


def compose(text: str | bytes, file: str) -> tuple[Node | None, list[Finding]]:
    """The tree of a YAML file and what is wrong with it. Never raises.

    None if nothing can be read. With findings of severity error the tree is what could be saved, so that the rest of
    the file can be looked at as well; it must not be used for anything else.
    """
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None, [Finding("Y120", Span(file, 1, 1))]
    source = Source(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), file)
    composer = _Composer(source)
    try:
        return composer.document(), composer.findings
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        at = Span(file, line, column)
        finding = Finding("Y100", at, {"problem": str(getattr(error, "problem", error))}, line=source.line(line))
        return None, [*composer.findings, finding]


class Source:
    """The text of a file by lines, 1-based, for places and excerpts."""

    __slots__ = ("file", "lines", "text")

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.lines = text.split("\n")

    def line(self, number: int) -> str:
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


@dataclass(slots=True)
class _Composer:
    """Events to a tree, without recursion into libyaml."""

    source: Source
    findings: list[Finding] = field(default_factory=list)

    def document(self) -> Node | None:
        events = yaml.parse(self.source.text, Loader=yaml.CSafeLoader)
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.NodeEvent) and root is None:
                root = self._node(event, events, 0)
        return root

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        mark = event.start_mark
        here = Span(self.source.file, mark.line + 1, mark.column + 1)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, here)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            for inner in events:
                if isinstance(inner, yaml.SequenceEndEvent):
                    break
                items.append(self._node(inner, events, depth + 1))
            return Sequence(items, here, bool(event.flow_style))
        entries: list[tuple[Scalar, Node]] = []
        seen: dict[str, Scalar] = {}
        for inner in events:
            if isinstance(inner, yaml.MappingEndEvent):
                break
            key = self._node(inner, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key, Scalar):
                continue
            first = seen.setdefault(key.text, key)
            if first is not key:
                self._twice(key, first)
                continue
            entries.append((key, value))
        return Mapping(entries, here, bool(event.flow_style))

    def _scalar(self, event: Any, here: Span) -> Scalar:
        start, end = event.start_mark, event.end_mark
        stop = end.column + 1 if end.line == start.line else len(self.source.line(here.line)) + 1
        at = Span(here.file, here.line, here.column, stop)
        if event.style in ("|", ">"):
            line, indent = self._block(start.line + 1, end.line)
            return Scalar(event.value, at, True, line, indent)
        return Scalar(event.value, at, event.style in ("'", '"'))

    def _block(self, head: int, last: int) -> tuple[int, int]:
        """Where the text of a block begins: the line after its head, and its blanks."""
        for number in range(head + 1, last + 1):
            line = self.source.line(number)
            if line.strip(" "):
                return head + 1, len(line) - len(line.lstrip(" "))
        return head + 1, 0

    def _twice(self, key: Scalar, first: Scalar) -> None:
        other = Text(f"另一处在第 {first.span.line} 行", f"the other is on line {first.span.line}")
        self.findings.append(
            Finding(
                "Y110",
                key.span,
                {"key": key.text, "line": first.span.line},
                related=((first.span, other),),
                line=self.source.line(key.span.line),
            )
        )
