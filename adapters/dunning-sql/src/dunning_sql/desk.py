"""What is noted while a mapping is read: opening nodes with their known keys, and findings with a line to copy."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dunning.adapter import documents as yaml
from dunning.adapter.documents import Finding, Node, Scalar, Span, Text, did_you_mean, nearest

Entries = dict[str, tuple[Scalar, Node]]

MAPPING = Text("若干行“键: 值”", "lines of `key: value`")
TEXT = Text("一个值", "a single value")
COLUMN = Text("列名, 或 {column: 列名, ...}", "a column, or {column: NAME, ...}")

_AS_IT_MIGHT_BE = {
    "mapping": "mapping: old-erp",
    "accounts": "accounts: {table: TABLE, key: COLUMN, fields: {id: COLUMN, debtor.id: COLUMN}}",
    "charges": "charges: {table: TABLE, account: COLUMN, fields: {id: COLUMN, amount: COLUMN, due: COLUMN}}",
    "fields": "fields: {id: COLUMN}",
    "table": "table: TABLE",
}
"""What is not simply a column."""


@dataclass(slots=True)
class Desk:
    """One mapping file on the table: its lines, and the findings so far."""

    file: str
    lines: Sequence[str]
    findings: list[Finding] = field(default_factory=list)

    def report(self, code: str, at: Span, /, *, fix: str = "", **args: object) -> None:
        self.findings.append(Finding(code, at, args, fix=fix))

    def results(self) -> list[Finding]:
        """All findings, each with the line it stands on."""
        return [with_line(found, self.lines) for found in self.findings]

    def mended(self, at: Span, word: str) -> str:
        """The line with what stands at `at` replaced: a line to copy."""
        return mended(self.lines, at, word)

    # Nodes

    def open(self, node: Node, known: Sequence[str], what: Text, required: Collection[str] = ()) -> Entries:
        """A mapping's entries by their keys; unknown keys and missing ones are noted."""
        entries: Entries = {}
        meant: set[str | None] = set() if isinstance(node, yaml.Mapping) else set(required)
        for key, value in self.entries(node, what):
            if key.text in known:
                entries[key.text] = (key, value)
            else:
                near = nearest(key.text, known)
                meant.add(near)
                listed = "、".join(known)
                hint = did_you_mean(near) if near else Text(f"; 可以写: {listed}", f"; it may have: {listed}")
                fix = self.mended(key.span, near) if near else ""
                self.report("P101", key.span, fix=fix, key=key.text, what=what, hint=hint)
        for name in required:
            if name not in meant and (name not in entries or nothing(entries[name][1])):
                self.lacks(node.span, what, name)
        return entries

    def lacks(self, at: Span, what: Text, key: str) -> None:
        """Something that must be there is not; with a line as it might be."""
        self.report("P102", at, fix=_AS_IT_MIGHT_BE.get(key, f"{key}: COLUMN"), what=what, key=key)

    def entries(self, node: Node, what: Text) -> list[tuple[Scalar, Node]]:
        """The entries of a mapping from names to anything; something else is noted."""
        if isinstance(node, yaml.Mapping):
            return node.entries
        self.report("P103", node.span, what=what, wanted=MAPPING)
        return []

    def text(self, entries: Entries, key: str, default: str = "") -> str:
        """The single value of a key."""
        if key not in entries or nothing(entries[key][1]):
            return default
        return self.single(entries[key][1], named(key)) or default

    def single(self, node: Node, what: Text) -> str:
        if isinstance(node, Scalar):
            return node.text.strip()
        self.report("P103", node.span, what=what, wanted=TEXT)
        return ""

    def texts(self, entries: Entries, key: str) -> tuple[str, ...]:
        """A value or a list of values."""
        if key not in entries or nothing(entries[key][1]):
            return ()
        node = entries[key][1]
        nodes = node.items if isinstance(node, yaml.Sequence) else [node]
        return tuple(text for each in nodes if (text := self.single(each, named(key))))

    def word(self, entries: Entries, key: str, known: Sequence[str], default: str) -> str:
        """One of a closed set."""
        text = self.text(entries, key, default)
        if text in known:
            return text
        self.not_in_set(text, entries[key][1].span, named(key), known)
        return default

    def not_in_set(self, text: str, at: Span, what: Text, known: Collection[str]) -> None:
        near = nearest(text, known)
        fix = self.mended(at, near) if near else ""
        self.report("P104", at, fix=fix, text=text, what=what, hint=did_you_mean(near), known=", ".join(known))


def named(key: str) -> Text:
    return Text(f"“{key}”", f"`{key}`")


def nothing(node: Node) -> bool:
    """Nothing written, or null."""
    return isinstance(node, Scalar) and node.is_null


def with_line(found: Finding, lines: Sequence[str]) -> Finding:
    """A finding with the line it stands on, for the excerpt."""
    at = found.at
    return replace(found, line=lines[at.line - 1]) if isinstance(at, Span) and 0 < at.line <= len(lines) else found


def mended(lines: Sequence[str], at: Span, word: str) -> str:
    """A line with what stands at `at` replaced by a word; empty if the place is not known to its end."""
    if not (0 < at.line <= len(lines)) or at.end <= at.column:
        return ""
    line = lines[at.line - 1]
    return (line[: at.column - 1] + word + line[at.end - 1 :]).strip()


def places(entries: Mapping[str, tuple[Scalar, Node]]) -> dict[str, Span]:
    """Where each value stands."""
    return {key: value.span for key, (_, value) in entries.items()}
