"""A rule file laid out as `dunning fmt` leaves it: the same words in the same order, its grids in line.

Nothing is written out anew from what was read: comments, blanks in braces and line ends stay as a person put them. What
changes is what nobody means (blanks at line ends), what the eye needs (columns one under another), and words that other
YAML tools would take for a number or a truth.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from dunning.basis.finding import has_errors
from dunning.basis.span import Span
from dunning.lang.text.keys import Keys, english, spelled
from dunning.lang.text.layout import BLOCK_HEAD, Draft, Line
from dunning.lang.text.positions import Mapping, Node, Scalar, Sequence, compose, mends
from dunning.lang.text.traps import quoted
from dunning.lang.words.grids import aligned

_LINE_END = re.compile(r"(\r\n|\n|\r)")
_MARK = "\ufeff"
_ROUNDS = 5  # a mend shows the next mistake; nobody's file hides more behind one another

_OTHERWISE = re.compile(
    r"""(?ix)
      y | n | yes | no | on | off                  # truths of YAML 1.1
    | [-+]?0[0-9_]+ | [-+]?0[xob][0-9a-f_]+        # 0371 is 249, or 371
    | [-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.\d*)?        # 10:00 is 600
    | [-+]?\d[\d_]*\.?\d*e[-+]?\d+ | [-+]?\.(?:inf|nan)
    | \d+_[\d_]* | = | <<
    | \d{4}-\d\d?-\d\d?(?:t|[ ]+)\d\d?:\d\d.*      # a moment loses its offset
    """
)
"""Plain words that a YAML tool reads as something their text cannot be had back from. Amounts and dates are none."""
_DECIMAL = re.compile(r"\d+\.\d+")
_NAMES = frozenset({"version", "id", "item", "covers"})
"""Keys of names: there 2026.10 is no number, and not 2026.1."""


def formatted(text: str) -> str:
    """The text of a rule file laid out; one that cannot be read as it is comes back as it is.

    Formatting what is formatted changes nothing, and what the file says stays.
    """
    root, findings = compose(text, "")
    if root is None or has_errors(findings):
        return text
    sheet = _Sheet.of(text)
    scalars = list(_scalars(root, ""))
    doubtful = {found.at.line for found in findings if isinstance(found.at, Span)}  # quotes would hide what is told
    misread = (scalar for scalar, key in scalars if scalar.span.line not in doubtful and _is_misread(scalar, key))
    for scalar in _from_the_right(misread):
        sheet.put(scalar, quoted(scalar.text))
    blocks = [(scalar, key) for scalar, key in scalars if scalar.block_line]
    for block, key in blocks:
        if key == "grid":
            sheet.align(block)
    sheet.trim(block for block, _ in blocks)
    return sheet.text()


def mended(text: str) -> str:
    """The text with every line that cannot be read put as its finding says to write it, until there is none left.

    A line that cannot be read then either is left as its author wrote it.
    """
    for _ in range(_ROUNDS):
        after = _mended_beside(text, frozenset())
        if after == text:
            break
        text = after
    return text


def _mended_beside(text: str, left: frozenset[int]) -> str:
    """The text mended but for the lines that are `left`, and those that mending does not help."""
    sheet = _Sheet.of(text)
    written = list(sheet.lines)
    for _ in range(_ROUNDS):
        found = {number: line for number, line in mends(sheet.text()).items() if number not in left}
        if not found:
            break
        for number, line in found.items():
            sheet.lines[number - 1] = line
    after = sheet.text()
    wrong = {at.line for told in compose(after, "")[1] if isinstance(at := told.at, Span) and told.severity == "error"}
    vain = {number for number in wrong | found.keys() if sheet.lines[number - 1] != written[number - 1]}
    return _mended_beside(text, left | vain) if vain else after


def respelled(text: str, taken: Iterable[Scalar], keys: Keys) -> str:
    """The text with the keys that its reader took for such in one spelling; quotes around them stay."""
    sheet = _Sheet.of(text)
    for key in _from_the_right(taken):
        word = spelled(english(key.text)[0], keys)
        if word != key.text:
            sheet.put(key, sheet.written(key).replace(key.text, word))
    return sheet.text()


@dataclass(slots=True)
class _Sheet:
    """The lines of a file with the line end of each, and the byte order mark before them."""

    mark: str
    lines: list[str]
    ends: list[str]

    @classmethod
    def of(cls, text: str) -> _Sheet:
        mark = _MARK if text.startswith(_MARK) else ""
        pieces = _LINE_END.split(text.removeprefix(_MARK))
        return cls(mark, pieces[::2], [*pieces[1::2], ""])

    def text(self) -> str:
        return self.mark + "".join(line + end for line, end in zip(self.lines, self.ends, strict=True))

    def written(self, scalar: Scalar) -> str:
        """A scalar as it stands in the file."""
        at = scalar.span
        return self.lines[at.line - 1][at.column - 1 : at.end - 1]

    def put(self, scalar: Scalar, text: str) -> None:
        """Other text for a scalar."""
        at, line = scalar.span, self.lines[scalar.span.line - 1]
        self.lines[at.line - 1] = line[: at.column - 1] + text + line[at.end - 1 :]

    def align(self, grid: Scalar) -> None:
        """The lines of a grid, each behind the blanks it has as text of a block."""
        text = grid.text.rstrip("\n")
        for number, (was, now) in enumerate(zip(text.split("\n"), aligned(text).split("\n"), strict=True)):
            line = self.lines[grid.block_line - 1 + number]
            if line.endswith(was):  # the text of a folded block (`>`) has other lines than the file
                self.lines[grid.block_line - 1 + number] = line.removesuffix(was) + now if now else ""

    def trim(self, blocks: Iterable[Scalar]) -> None:
        """No blanks at line ends, but in quotes and blocks where they are text; one line end after the last line."""
        draft = Draft("\n".join(self.lines))
        quoting: set[int] = set()
        last: list[Line] = []

        def look(line: Line) -> bool:
            last[:] = [line]
            if not line.closed:
                quoting.add(line.number)
            return False

        draft.code_lines(look)
        for number, line in enumerate(self.lines, 1):
            if number not in quoting and number not in draft.texts:
                self.lines[number - 1] = line.rstrip(" \t")
        for block in blocks:
            self._empty_blanks(block, draft.texts)
        if not any(BLOCK_HEAD.fullmatch(line.value) and "+" in line.value for line in last):
            self._end_once()

    def _empty_blanks(self, block: Scalar, texts: Collection[int]) -> None:
        """Lines of a block that are blank as far as its text is indented."""
        text = block.text.lstrip("\n")
        indent = block.block_indent - (len(text) - len(text.lstrip(" ")))
        number = block.block_line
        while number in texts:
            if len(self.lines[number - 1]) <= indent and not self.lines[number - 1].strip(" "):
                self.lines[number - 1] = ""
            number += 1

    def _end_once(self) -> None:
        while len(self.lines) > 1 and not self.lines[-1] and not self.lines[-2]:
            self.lines.pop()
            self.ends.pop()
        self.ends[-1] = ""
        if self.lines[-1]:
            self.ends[-1] = self.ends[0] or "\n"
            self.lines.append("")
            self.ends.append("")


def _is_misread(scalar: Scalar, key: str) -> bool:
    """Whether other tools read a plain word as something its text cannot be had back from."""
    if scalar.quoted:
        return False
    decimal = key in _NAMES and _DECIMAL.fullmatch(scalar.text)
    return bool(decimal or _OTHERWISE.fullmatch(scalar.text))


def _from_the_right(scalars: Iterable[Scalar]) -> list[Scalar]:
    """Each place once, from the last to the first: what is changed moves nothing that is still to be changed."""
    return sorted(set(scalars), key=lambda scalar: (scalar.span.line, scalar.span.column), reverse=True)


def _scalars(node: Node, key: str) -> Iterator[tuple[Scalar, str]]:
    """Every scalar with the key it stands under (its English name); keys themselves stand under none."""
    match node:
        case Scalar():
            yield node, key
        case Sequence(items):
            for item in items:
                yield from _scalars(item, key)
        case Mapping(entries):
            for name, value in entries:
                yield name, ""
                yield from _scalars(value, english(name.text)[0])
