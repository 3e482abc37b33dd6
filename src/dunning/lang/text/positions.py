"""YAML with places: a tree of texts, each with its line and column, and a finding for every trap on the way.

Reviewers need the place of a mistake and their own spelling kept (`0.0005`, `no`, `10:00`), which no YAML loader gives;
so libyaml only splits the text into events here, and everything above them is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from dunning.basis.encoding import is_utf16
from dunning.basis.finding import Finding, Text, in_order
from dunning.basis.span import Span
from dunning.lang.text.layout import Draft, Line
from dunning.lang.text.recover import blamed, children, escaped, stopped_at, told
from dunning.lang.text.traps import Trap, first_trap, quoted, wide_bar

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
_MOST_FINDINGS = 200
_MOST_WORK = 100_000  # lines read again for mends: a hundred mistakes in a pack of a thousand lines
_LONGEST_LINE = 2000  # longer lines are not looked at for traps: nobody wrote them by hand

_ONCE_A_LINE = frozenset({"Y107", "Y108"})  # one copy mends them all
_NO_COPY = frozenset({"Y100", "Y110", "Y121", "Y124", "Y125", "Y130"})  # not mended, so there is nothing to copy

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
# What no editor shows and YAML does not allow, and what YAML takes for the end of a line and editors do not.
_CONTROL = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word, number or text, exactly as written: nothing is turned into a number, a date or a truth.

    `quoted` is true between quotes and in blocks (`|`, `>`). Of a block, line i of `text` (from 0) stands at line
    `block_line + i` of the file, after `block_indent` blanks.
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
    """The tree of a YAML file and what is wrong with it, by line. Never raises.

    None if nothing can be read. With findings of severity error the tree is what could be saved, so that the rest of
    the file can be looked at as well; it must not be used for anything else.
    """
    if len(text) > MAX_BYTES:
        return None, [Finding("Y122", Span(file, 1, 1), {"size": len(text)})]
    decoded, findings = _decoded(text, file)
    if decoded is None:
        return None, findings
    reader = _Reader(decoded, file, findings)
    root = reader.read()
    return root, in_order(reader.findings)


def mends(text: str) -> dict[int, str]:
    """What each line that cannot be read as it is should be, by its number: the line to copy of its findings.

    A mistake that another one hides shows when that one is mended, so whoever writes the lines down asks again. Text
    lost to a comment is left: the line can be read, and whether a comment was meant only its author knows.
    """
    if len(text) > MAX_BYTES:
        return {}
    decoded, _ = _decoded(text, "")
    reader = _Reader(decoded or "", "", [])
    reader.read()
    return reader.mends()


def _decoded(text: str | bytes, file: str) -> tuple[str | None, list[Finding]]:
    """Plain text with line ends as \\n, characters YAML cannot hold taken out."""
    if isinstance(text, bytes):
        data = text
        if is_utf16(data):
            guess = Text("是 UTF-16 (Windows 叫 Unicode)", "it is UTF-16 (which Windows calls Unicode)")
            return None, [Finding("Y120", Span(file, 1, 1), {"guess": guess})]
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            return None, [_not_utf8(data, error.start, file)]
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    findings: list[Finding] = []
    if _CONTROL.search(text):
        for number, line in enumerate(text.split("\n"), 1):
            if (found := _CONTROL.search(line)) and len(findings) < _MOST_FINDINGS:
                shown = _CONTROL.sub("□", line)
                at = Span(file, number, found.start() + 1, found.start() + 2)
                said = {"point": f"U+{ord(found.group()):04X}", "shown": shown.strip()[:60]}
                findings.append(Finding("Y121", at, said, line=shown))
        text = _CONTROL.sub(" ", text)
    return text, findings


def _not_utf8(data: bytes, place: int, file: str) -> Finding:
    """Where the first byte that is not UTF-8 stands, and what the file may be in instead."""
    try:
        data.decode("gb18030")
        guess = Text("看来是 GB18030 (GBK)", "it seems to be GB18030 (GBK)")
    except UnicodeDecodeError:
        guess = Text("也不是 GB18030", "it is not GB18030 either")
    before = data[:place].decode("utf-8", "replace").split("\n")
    return Finding("Y120", Span(file, len(before), len(before[-1]) + 1), {"guess": guess})


class _Reader:
    """Reads, and where libyaml stops, mends the line and reads again."""

    def __init__(self, text: str, file: str, findings: list[Finding]) -> None:
        self.file = file
        self.draft = Draft(text)
        self.findings = findings
        self.given_up: dict[int, int] = {}
        self.copies: dict[int, str] = {}
        self.left_out: dict[int, str] = {}  # lines that could not be read, as they were until then
        self.whole: dict[int, str] = {}  # lines to copy that reading goes on without

    def read(self) -> Node | None:
        """The tree, with the findings on the way; a trap's line to copy is the line with all its traps mended."""
        root = self._read()
        self.findings = [self._with_copy(finding) for finding in self.findings]
        return root

    def mends(self) -> dict[int, str]:
        """The lines that are not as they were written, without what was only left out of reading or guessed at."""
        lines = dict(enumerate(self.draft.lines, 1)) | self.left_out | self.whole
        changed = {number: line for number, line in lines.items() if line != self.draft.original(number)}
        return {number: line for number, line in changed.items() if number not in self.draft.guessed}

    def _with_copy(self, finding: Finding) -> Finding:
        copy = self.copies.get(finding.at.line, "") if isinstance(finding.at, Span) else ""
        if finding.fix or not copy or finding.code in _NO_COPY or copy == finding.line.rstrip():
            return finding
        return replace(finding, fix=copy if finding.code in ("Y114", "Y115") else copy.strip())

    def _read(self) -> Node | None:
        tries = max(5, _MOST_WORK // len(self.draft.lines))
        while len(self.findings) < _MOST_FINDINGS and tries:
            tries -= 1
            self.draft.code_lines(self._look)
            self._look_at_grids()
            composer = _Composer(self.draft, self.file)
            try:
                root = composer.document()
            except _LimitError as limit:
                self.findings.append(limit.finding)
                return None
            except yaml.MarkedYAMLError as error:
                if not self._recover(error):
                    self.findings += composer.findings
                    return None
                continue
            except (yaml.YAMLError, ValueError) as error:
                self._note("Y100", Span(self.file, 1, 1), {"problem": told(str(error))})
                return None
            self.findings += composer.findings
            self.whole |= composer.whole
            return root
        return None

    def _look(self, line: Line) -> bool:
        """Mend the first trap on the line, if there is one."""
        if len(line.text) > _LONGEST_LINE or len(self.findings) >= _MOST_FINDINGS:
            return False
        trap = first_trap(line, self.draft)
        if trap is None or line.text[trap.start : trap.end] == trap.mend:
            return False
        self._take(trap, line.number)
        return True

    def _look_at_grids(self) -> None:
        for number in sorted(self.draft.texts):
            if "｜" in self.draft.line(number) and (trap := wide_bar(number, self.draft)) is not None:
                self._take(trap, number)

    def _take(self, trap: Trap, number: int) -> None:
        """Write the trap down and mend its line."""
        start, end = trap.caret or (trap.start, trap.end)
        column = self.draft.column(number, start)
        at = Span(self.file, number, column, max(self.draft.column(number, end), column + 1))
        self._mend(number, trap)
        if trap.sure:
            self.copies[number] = self.draft.line(number).rstrip()
        if trap.code:
            self._note(trap.code, at, trap.said)

    def _mend(self, number: int, trap: Trap) -> None:
        """Mend a line to read on by."""
        if not trap.sure:
            self.draft.guessed.add(number)
        self.draft.mend(number, trap.start, trap.end, trap.mend)

    def _note(self, code: str, at: Span, said: dict[str, Any], fix: str = "") -> None:
        told_before = any(found.code == code and _line_of(found) == at.line for found in self.findings)
        if not (code in _ONCE_A_LINE and told_before):
            self.findings.append(Finding(code, at, said, fix=fix, line=self.draft.original(at.line)))

    def _recover(self, error: yaml.MarkedYAMLError) -> bool:
        """Mend or drop the line libyaml stopped at. False if there is nothing left to try."""
        mark = error.problem_mark or error.context_mark
        problem = str(error.problem or "")
        number = mark.line + 1 if mark else 1
        if "could not find expected ':'" in problem and error.context_mark:
            number = error.context_mark.line + 1
        while number > 1 and not self.draft.line(number).strip():
            number -= 1
        column = mark.column if mark and mark.line + 1 == number else 0
        number, problem = blamed(self.draft, number, problem)
        trap = stopped_at(self.draft, number, problem, column) if number not in self.given_up else None
        if trap is None:
            return self._drop(number, problem, column)
        self.given_up[number] = 1
        self._take(trap, number)
        if trap.code == "Y115":
            for child in children(self.draft, number, trap.end, len(trap.mend)):
                line = self.draft.line(child)
                blanks = len(line) - len(line.lstrip(" "))
                self._mend(child, Trap("", 0, blanks, " " * (blanks + len(trap.mend) - trap.end), sure=trap.sure))
        return True

    def _drop(self, number: int, problem: str, column: int) -> bool:
        """Leave out what cannot be read: its value first, then the line, with all that hangs on it."""
        line = self.draft.line(number)
        times = self.given_up.get(number, 0)
        if not line.strip() or times > 2:
            if not any(_line_of(found) == number for found in self.findings):
                self._note("Y100", Span(self.file, number, 1), {"problem": told(problem)})
            return False
        self.given_up[number] = times + 2
        if not any(_line_of(found) == number for found in self.findings):
            at = Span(self.file, number, self.draft.column(number, min(column, len(line))))
            if re.search(r"(?:^|[{,-])\s*:\s", line):
                self._note("Y129", at, {})
            else:
                copy = escaped(line, problem)
                self._note("Y100", at, {"problem": told(problem)}, copy.strip())
                if copy:
                    self.whole[number] = copy
        indent = len(line) - len(line.lstrip(" "))
        key = re.match(r" *(?:- +)*[^\s\"'\[\]{}#:,&*!|>%@`-][^#:]*:(?=\s|$)", line) if not times else None
        self.left_out.setdefault(number, line)
        self.draft.mend(number, key.end() if key else 0, len(line), "")
        for child in range(number + 1, len(self.draft.lines) + 1):
            below = self.draft.line(child)
            if below.strip() and len(below) - len(below.lstrip(" ")) <= indent:
                break
            self.left_out.setdefault(child, below)
            self.draft.mend(child, 0, len(below), "")
        return True


def _line_of(finding: Finding) -> int:
    return finding.at.line if isinstance(finding.at, Span) else 0


class _LimitError(Exception):
    """The file is beyond what a rule file may be."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding


@dataclass(slots=True)
class _Composer:
    """Events to a tree, with the traps that only the tree shows. Never deeper than MAX_DEPTH.

    `whole`: lines with a cut condition as they should be, by number; of two on a line, the last.
    """

    draft: Draft
    file: str
    findings: list[Finding] = field(default_factory=list)
    whole: dict[int, str] = field(default_factory=dict)

    def document(self) -> Node | None:
        events = yaml.parse(self.draft.text(), Loader=yaml.CSafeLoader)
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                self._note("Y126", self._span(event), {})
                self._skim(events)
                break
            if isinstance(event, yaml.NodeEvent):
                root = self._node(event, events, 1)
        if root is None or (isinstance(root, Scalar) and root.is_null):
            self._note("Y127", Span(self.file, 1, 1), {})
            return None
        return root

    def _skim(self, events: Iterator[Any]) -> None:
        """The rest of the file, for the mistakes in it only."""
        depth = 0
        for event in events:
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise self._too_deep(self._span(event))

    def _too_deep(self, at: Span) -> _LimitError:
        return _LimitError(Finding("Y123", at, {"most": MAX_DEPTH}, line=self.draft.original(at.line)))

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        here = self._span(event)
        if depth > MAX_DEPTH:
            raise self._too_deep(here)
        if isinstance(event, yaml.AliasEvent):
            self._note("Y124", here, {"name": event.anchor, "sign": "*"})
            return Scalar("", here)
        if event.anchor is not None:
            self._note("Y124", here, {"name": event.anchor, "sign": "&"})
        if event.tag is not None:
            self._note("Y125", here, {"tag": event.tag})
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, here)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(inner := next(events), yaml.SequenceEndEvent):
                items.append(self._node(inner, events, depth + 1))
            return Sequence(items, here, flow=bool(event.flow_style))
        return self._mapping(event, events, here, depth)

    def _mapping(self, event: Any, events: Iterator[Any], here: Span, depth: int) -> Mapping:
        flow = bool(event.flow_style)
        entries: list[tuple[Scalar, Node]] = []
        seen: dict[str, tuple[Scalar, Node]] = {}
        cut: list[tuple[Scalar, Any]] = []
        while not isinstance(inner := next(events), yaml.MappingEndEvent):
            key = self._node(inner, events, depth + 1)
            after = next(events)
            value = self._node(after, events, depth + 1)
            if flow and isinstance(key, Scalar) and isinstance(value, Scalar) and not value.quoted and not value.text:
                if entries and not self._has_colon(after):
                    cut.append((key, inner))
                else:
                    self._note("Y130", key.span, {"key": key.text})
                continue
            self._mend_cut(entries, cut)
            if not isinstance(key, Scalar):
                self._note("Y128", key.span, {})
            elif key.is_null:
                self._note("Y129", key.span, {})
            elif (first := seen.setdefault(key.text, (key, value)))[0] is not key:
                self._twice((key, value), first)
            else:
                entries.append((key, value))
        self._mend_cut(entries, cut)
        return Mapping(entries, here, flow)

    def _has_colon(self, after: Any) -> bool:
        """Whether the colon of an empty value is there: `{a: }`, not `{a}`."""
        mark = after.start_mark
        return self.draft.line(mark.line + 1)[: mark.column].rstrip().endswith(":")

    def _mend_cut(self, entries: list[tuple[Scalar, Node]], cut: list[tuple[Scalar, Any]]) -> None:
        """A comma in braces that cut a condition in two: what follows it goes back to the value before."""
        if not cut:
            return
        name, value = entries[-1]
        pieces = [piece for piece in (value, *(key for key, _ in cut)) if isinstance(piece, Scalar)]
        last, event = cut[-1]
        texts = [piece.text for piece in pieces]
        bare = [text.strip() for text in re.sub(r"^(?:not|in)?\s*[(\[]|[)\]]$", "", ",".join(texts)).split(",")]
        bare[0] = bare[0].removeprefix("非").strip()
        denied = texts[0].startswith(("not", "非"))
        meant = f"非 {'、'.join(bare)}" if denied else f"[{', '.join(bare)}]"
        at, fix = value.span, f"{name.text}: {meant}"
        line = self.draft.line(event.start_mark.line + 1)
        start = line.rfind(texts[0], 0, event.start_mark.column)
        if event.end_mark.line == event.start_mark.line == at.line - 1 and start >= 0:
            at = Span(self.file, at.line, at.column, last.span.end)
            whole = line[:start] + meant + line[event.end_mark.column :]
            fix = whole.strip()
            if not (isinstance(value, Scalar) and value.quoted):
                self.whole[at.line] = whole
        self._note("Y104", at, {"key": name.text, "first": texts[0], "rest": "、".join(texts[1:])}, fix)
        words: list[Node] = [Scalar(word, piece.span) for word, piece in zip(bare, pieces, strict=False)]
        entries[-1] = (name, Scalar(meant, at, quoted=True) if denied else Sequence(words, at, flow=True))
        cut.clear()

    def _scalar(self, event: Any, here: Span) -> Scalar:
        start, end = event.start_mark, event.end_mark
        if event.style in ("|", ">"):
            line, indent = self._block(start.line + 1, end.line + (end.column > 0))
            return Scalar(event.value, here, quoted=True, block_line=line, block_indent=indent)
        if event.style in ("'", '"'):
            return Scalar(event.value, here, quoted=True)
        self._lost_comment(event, here)
        return Scalar(event.value, here)

    def _block(self, head: int, last: int) -> tuple[int, int]:
        """Where the text of a block begins: the line after its head, and its blanks."""
        for number in range(head + 1, last + 1):
            line = self.draft.line(number)
            if line.strip(" "):
                return head + 1, len(line) - len(line.lstrip(" "))
        return head + 1, 0

    def _lost_comment(self, event: Any, here: Span) -> None:
        """`制度#2.3 #附件`: what follows ` #` is a comment. One that begins with a blank was meant as one."""
        end = event.end_mark
        if end.line != event.start_mark.line:
            return
        line = self.draft.line(end.line + 1)
        found = re.compile(r"\s+(#[^\s#>].*)").match(line, end.column)
        if found is None or not (event.value or line[: end.column].rstrip().endswith(":")):
            return
        at = Span(self.file, here.line, self.draft.column(here.line, found.start(1)), len(line.rstrip()) + 1)
        start = event.start_mark.column
        whole = line[start:].strip()
        self._note("Y106", at, {"lost": found[1].strip()}, f"{line[:start].strip()} {quoted(whole)}".strip())

    def _twice(self, again: tuple[Scalar, Node], first: tuple[Scalar, Node]) -> None:
        key, place = again[0], first[0].span
        was, now = (value.text if isinstance(value, Scalar) else "" for _, value in (first, again))
        word = Text("", "")
        if was and now:
            same = Text("两处相同", "both say the same")
            word = same if was == now else Text(f"两处不同: {was} | {now}", f"they differ: {was} | {now}")
        self._note("Y110", key.span, {"key": key.text, "line": place.line}, related=((place, word),))

    def _span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        number = min(start.line + 1, len(self.draft.lines))
        last = len(self.draft.original(number).rstrip()) + 1
        column = min(self.draft.column(number, start.column), len(self.draft.original(number)) + 1)
        if end.line == start.line and end.column > start.column:
            return Span(self.file, number, column, max(self.draft.column(number, end.column), column))
        return Span(self.file, number, column, max(last, column))

    def _note(
        self, code: str, at: Span, said: dict[str, Any], fix: str = "", related: tuple[tuple[Span, Text], ...] = ()
    ) -> None:
        if len(self.findings) < _MOST_FINDINGS:
            line = self.draft.original(at.line)
            self.findings.append(Finding(code, at, said, fix=fix, related=related, line=line))
