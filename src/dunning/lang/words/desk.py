"""What the readers of one file share: its findings, its language of keys, and opening a node with a list of known keys.

Every reader says what it expects and takes what is there; what does not fit is noted here with its place, and reading
goes on, so that one mistake never hides the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from dunning.basis.calendar import parse_date
from dunning.basis.errors import CalendarError
from dunning.basis.finding import Finding, Text
from dunning.basis.span import Place, Span
from dunning.lang.text import positions as yaml
from dunning.lang.text.keys import ALIAS, MISNAMED, Keys, english, spelled
from dunning.lang.text.names import NOTHING, did_you_mean, nearest
from dunning.lang.text.positions import Node, Scalar
from dunning.model.rulebook import Dated

T = TypeVar("T")
Word = TypeVar("Word", bound=str)
Term = Callable[[str, Span], tuple[T, list[Finding]]]
"""A reader of `lang.terms`: the text and its place to a typed value or findings."""

_GUESSES = 50_000  # names compared: some seconds' worth, hundreds of mistakes
_TOLD = 40
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_RATHER_NOTHING = frozenset({"", "null", "~", "Null", "NULL", "无", "none"})
_TRUTHS = {"true": True, "是": True, "yes": True, "false": False, "否": False, "no": False}


@dataclass(slots=True)
class Desk:
    """One file on the table. `keys` holds the first place of each language of keys met so far, `taken` all of them."""

    file: str
    lines: Sequence[str] = ()
    findings: list[Finding] = field(default_factory=list)
    keys: dict[Keys, Scalar] = field(default_factory=dict)
    taken: list[Scalar] = field(default_factory=list)
    guesses: int = 0

    def nearest(self, word: str, known: Collection[str]) -> str | None:
        """Did you mean: the nearest known name, until a file has asked more often than any person makes mistakes."""
        self.guesses += len(known)
        return nearest(word, known) if self.guesses <= _GUESSES else None

    def report(
        self, code: str, at: Span, /, *, fix: str = "", related: tuple[tuple[Place, Text], ...] = (), **args: Any
    ) -> None:
        """Notes a finding."""
        self.findings.append(Finding(code, at, args, fix=fix, related=related))

    def add(self, findings: Sequence[Finding]) -> None:
        self.findings.extend(findings)

    def results(self) -> list[Finding]:
        """All findings with the line each stands on, those of mixed key languages included."""
        if len(self.keys) == 2:
            first, other = sorted(self.keys.values(), key=lambda key: (key.span.line, key.span.column))
            language: Keys = english(first.text)[1] or "en"
            wanted = spelled(english(other.text)[0], language)
            there = Text(f"“{first.text}”在第 {first.span.line} 行", f"`{first.text}` is on line {first.span.line}")
            self.report(
                "R105", other.span, key=other.text, first=first.text, fix=wanted, related=((first.span, there),)
            )
        return [self._with_line(found) for found in self.findings]

    def _with_line(self, found: Finding) -> Finding:
        at = found.at
        if found.line or not isinstance(at, Span) or at.file != self.file or not 0 < at.line <= len(self.lines):
            return found
        return replace(found, line=self.lines[at.line - 1])

    # Opening nodes

    def open(self, node: Node, known: Sequence[str], what: Text, required: Sequence[str] = ()) -> Fields:
        """A mapping with its known keys; unknown ones are noted with the nearest, missing ones by name."""
        if not isinstance(node, yaml.Mapping):
            if required or not is_nothing(node):
                self.report("R103", node.span, what=what, wanted=_MAPPING)
            return Fields(self, {}, node.span, what)
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, value in node.entries:
            name = self.key(key, known, what)
            if name is not None:
                entries.setdefault(name, (key, value))
        for name in required:
            entry = entries.get(name)
            if entry is None:
                self.report("R102", node.span, what=what, key=self.spelling(name))
            elif is_nothing(entry[1]):
                self.report("R115", entry[0].span, what=Text(f"“{entry[0].text}”", f"`{entry[0].text}`"))
        return Fields(self, entries, node.span, what)

    def key(self, key: Scalar, known: Sequence[str], what: Text) -> str | None:
        """The known key a scalar stands for; an unknown one is noted."""
        name = english(key.text)[0]
        if name in known:
            self.take(key)
            return name
        self._unknown_key(key, known, what)
        return None

    def take(self, key: Scalar) -> None:
        """A scalar is taken for a key; one that is no word of the language is as it is in either spelling."""
        language = english(key.text)[1]
        if language is not None:
            self.keys.setdefault(language, key)
            self.taken.append(key)

    def _unknown_key(self, key: Scalar, known: Sequence[str], what: Text) -> None:
        spellings = {spelled(name, language): name for name in known for language in ("en", "zh")}
        meant = MISNAMED.get(key.text, "")
        guess = self.spelling(meant) if meant in known else self.nearest(key.text, spellings)
        title = Text(ALIAS[meant], meant) if meant in known else NOTHING
        listed = told(self.spelling(name) for name in known)
        hint = did_you_mean(guess, title) if guess else Text(f"; 可以写: {listed}", f"; it may have: {listed}")
        self.report("R101", key.span, key=key.text, what=what, hint=hint, fix=guess or "")

    def spelling(self, key: str) -> str:
        """A key as this file spells its keys."""
        return spelled(key, "zh" if "zh" in self.keys and "en" not in self.keys else "en")

    def items(self, node: Node, what: Text) -> list[Node]:
        """The items of a list; a single value where a list is expected is noted."""
        if isinstance(node, yaml.Sequence):
            return node.items
        if not is_nothing(node):
            self.report("R103", node.span, what=what, wanted=_LIST)
        return []

    def named(self, node: Node, what: Text) -> Iterator[tuple[Scalar, Node]]:
        """The entries of a mapping from ids to anything: facts, tables, actions. A key that is no id is noted."""
        if not isinstance(node, yaml.Mapping):
            if not is_nothing(node):
                self.report("R103", node.span, what=what, wanted=_MAPPING)
            return
        for key, value in node.entries:
            if self.is_id(key):
                yield key, value

    def is_id(self, scalar: Scalar) -> bool:
        if _ID.fullmatch(scalar.text):
            return True
        self.report("R106", scalar.span, name=scalar.text)
        return False

    # Single values

    def text(self, node: Node, what: Text) -> str | None:
        """A text as written; None and a finding for a list or mapping."""
        if isinstance(node, Scalar):
            return node.text.strip() if not node.is_null else ""
        self.report("R103", node.span, what=what, wanted=_TEXT)
        return None

    def word(self, node: Node, words: Mapping[Word, Text], what: Text, code: str = "R104") -> Word | None:
        """One of a closed set, by id or by Chinese title."""
        text = self.text(node, what)
        if text is None:
            return None
        found = lookup(text, words)
        if found is None:
            self.unknown_word(text, node.span, words, what, code)
        return found

    def unknown_word(self, text: str, at: Span, words: Mapping[Word, Text], what: Text, code: str = "R104") -> None:
        titles = {title.zh: name for name, title in words.items()}
        guess = self.nearest(text, [*words, *titles])
        known = told(f"{name} ({title.zh})" if title.zh else name for name, title in words.items())
        self.report(code, at, name=text, what=what, known=known, fix=titles.get(guess, guess) if guess else "")

    def term(self, node: Node, what: Text, reader: Term[T]) -> T | None:
        """A value of its own grammar (`lang.terms`): an amount, a rate, a length of time, an anchor."""
        text = self.text(node, what)
        if text is None:
            return None
        value, findings = reader(text, node.span)
        self.add(findings)
        return value

    def day(self, node: Node, what: Text) -> date | None:
        """An ISO date; None for nothing written, and with a finding for what is no date."""
        text = self.text(node, what)
        if not text:
            return None
        try:
            return parse_date(text)
        except CalendarError as wrong:
            self.report("R109", node.span, what=what, text=text, why=wrong.why, fix=wrong.fix)
            return None

    def truth(self, node: Node, what: Text) -> bool | None:
        text = self.text(node, what)
        if text is None:
            return None
        if text not in _TRUTHS:
            self.report("R104", node.span, name=text, what=what, known="true (是)、false (否)")
        return _TRUTHS.get(text)

    def dated(self, node: Node, read: Callable[[Node], T | None], what: Text) -> Dated[T] | None:
        """A value, or values by the day they hold from: `{2021-01-01: 0.5‰, 2026-01-01: 0.3‰}`."""
        if not isinstance(node, yaml.Mapping):
            value = read(node)
            return None if value is None else Dated.always(value)
        if not node.entries:
            self.report("R115", node.span, what=what)
        steps: dict[date, T] = {}
        for key, inner in node.entries:
            since = self.day(key, what)
            value = read(inner)
            if since is not None and value is not None:
                steps[since] = value
        return Dated(tuple(sorted(steps.items()))) if steps else None


_MAPPING = Text("若干行“键: 值”", "lines of `key: value`")
_LIST = Text("一个列表 ([甲, 乙] 或若干行“- ”)", "a list ([a, b] or lines of `- `)")
_TEXT = Text("一个值", "a single value")


def told(names: Iterable[str]) -> str:
    """Names in a row; of very many, the first ones."""
    listed = list(names)
    return "、".join(listed[:_TOLD]) + (f" … ({len(listed)})" if len(listed) > _TOLD else "")


def lookup(text: str, words: Mapping[Word, Text]) -> Word | None:
    """The member of a closed set a text names, by id or by title."""
    if text in words:
        return text  # type: ignore[return-value]  # a member of the set
    return next((name for name, title in words.items() if text and text == title.zh), None)


@dataclass(slots=True)
class Fields:
    """A mapping that was opened: its entries by English key. A missing or broken entry gives the default."""

    desk: Desk
    entries: dict[str, tuple[Scalar, Node]]
    span: Span
    what: Text

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def node(self, key: str) -> Node | None:
        """The value of a key; None if it is absent or nothing is written there."""
        entry = self.entries.get(key)
        if entry is None or is_nothing(entry[1]):
            return None
        return entry[1]

    def at(self, key: str) -> Span:
        """The place of a value, else of its key, else of the whole."""
        entry = self.entries.get(key)
        return entry[1].span if entry else self.span

    def key_at(self, key: str) -> Span:
        """The place of the key itself."""
        entry = self.entries.get(key)
        return entry[0].span if entry else self.span

    def named(self, key: str) -> Text:
        """How a finding speaks of this entry: the key in both spellings."""
        return Text(ALIAS.get(key, key), key)

    def read(self, key: str, reader: Callable[[Node, Text], T | None], default: T) -> T:
        """The entry through any reader."""
        node = self.node(key)
        if node is None:
            return default
        value = reader(node, self.named(key))
        return default if value is None else value

    def text(self, key: str, default: str = "") -> str:
        return self.read(key, self.desk.text, default)

    def title(self, key: str = "title", default: str = "") -> Text:
        """A title: one text for all readers, or `{zh: .., en: ..}`."""
        node = self.node(key)
        if isinstance(node, yaml.Mapping):
            both = self.desk.open(node, ("zh", "en"), self.named(key), ("zh",))
            return Text(both.text("zh"), both.text("en") or both.text("zh"))
        title = self.text(key, default)
        return Text(title, title)

    def term(self, key: str, reader: Term[T]) -> T | None:
        """An entry of its own grammar (`lang.terms`); None if absent or not readable."""
        node = self.node(key)
        return None if node is None else self.desk.term(node, self.named(key), reader)

    def dated(self, key: str, reader: Term[T | None]) -> Dated[T] | None:
        """The same, where it may change by date."""
        node = self.node(key)
        what = self.named(key)
        return None if node is None else self.desk.dated(node, lambda value: self.desk.term(value, what, reader), what)

    def word(self, key: str, words: Mapping[Word, Text], default: Word, code: str = "R104") -> Word:
        node = self.node(key)
        if node is None:
            return default
        return self.desk.word(node, words, self.named(key), code) or default

    def maybe_word(self, key: str, words: Mapping[Word, Text], code: str = "R104") -> Word | None:
        node = self.node(key)
        return None if node is None else self.desk.word(node, words, self.named(key), code)

    def words(
        self, key: str, words: Mapping[Word, Text], default: tuple[Word, ...] = (), code: str = "R104"
    ) -> tuple[Word, ...]:
        """A list of words of a closed set, or a single one; a word written twice is told, for it counts once."""
        node = self.node(key)
        if node is None:
            return default
        what = self.named(key)
        nodes = node.items if isinstance(node, yaml.Sequence) else [node]
        read: dict[Word, None] = {}
        for item in nodes:
            word = self.desk.word(item, words, what, code)
            if word in read:
                self.desk.report("R203", item.span, word=words[word], what=what)
            elif word is not None:
                read[word] = None
        return tuple(read)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of free texts, or a single one."""
        node = self.node(key)
        if node is None:
            return ()
        what = self.named(key)
        nodes = node.items if isinstance(node, yaml.Sequence) else [node]
        return tuple(text for item in nodes if (text := self.desk.text(item, what)))

    def items(self, key: str) -> list[Node]:
        node = self.node(key)
        return [] if node is None else self.desk.items(node, self.named(key))

    def day(self, key: str) -> date | None:
        node = self.node(key)
        return None if node is None else self.desk.day(node, self.named(key))

    def truth(self, key: str, default: bool = False) -> bool:
        return self.read(key, self.desk.truth, default)

    def count(self, key: str) -> int | None:
        """A whole number of at least 1."""
        node = self.node(key)
        text = "" if node is None else self.desk.text(node, self.named(key))
        if node is None or text is None:
            return None
        if re.fullmatch(r"[1-9][0-9]{0,5}", text):
            return int(text)
        self.desk.report("R110", node.span, what=self.named(key), text=text)
        return None


def is_nothing(node: Node) -> bool:
    """Nothing written, or `null`."""
    return isinstance(node, Scalar) and node.is_null


def inside(at: Span, text: str, part: str) -> Span:
    """The place of a part of a scalar that stands in the file as it is read; the whole where it cannot be told."""
    start = text.find(part)
    if not part or start < 0 or at.end - at.column != len(text):
        return at
    return Span(at.file, at.line, at.column + start, at.column + start + len(part))


def says_nothing(node: Node) -> bool:
    """`none`, 无, null: written to say that there is none."""
    return isinstance(node, Scalar) and node.text.strip() in _RATHER_NOTHING
