"""Writing a signature into a rule file: the one entry, at its place, and not a byte else.

The digest is over the meaning, so the entry does not change what it vouches for; whoever signs checks that it did not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.lang.readers.read import Page
from dunning.lang.signatures import Signed
from dunning.lang.text import positions as yaml
from dunning.lang.text.edit import Edit, as_written, edited, lines_after
from dunning.lang.text.keys import Keys, english, spelled
from dunning.lang.text.positions import Node, Scalar

_HEAD = frozenset({
    "rulebook", "community", "law", "title", "language", "version", "in_force", "applies", "then", "based_on", "owner",
})  # fmt: skip
"""The keys a file begins with; the entry is put after them where it is not there yet."""

_INDENT = "  "


def with_signature(data: bytes, page: Page, signed: Signed) -> bytes:
    """The file with one more signature: in the place of the last one of its kind, or of `null`.

    `page` is the file taken apart. UsageError if the entry was written by hand in a way that cannot be added to.
    """
    return edited(data, _Entry.of(page).edits(signed))


@dataclass(frozen=True, slots=True)
class _Entry:
    """The entry `reviewed` of one file: its key and value, if it is there."""

    page: Page
    root: yaml.Mapping
    keys: Keys
    key: Scalar | None
    value: Node | None

    @classmethod
    def of(cls, page: Page) -> _Entry:
        root = page.node
        if root is None or root.flow:
            raise _by_hand(page)
        languages = [language for key, _ in root.entries if (language := english(key.text)[1])]
        found = next(((key, value) for key, value in root.entries if english(key.text)[0] == "reviewed"), (None, None))
        return cls(page, root, languages[0] if languages else "en", *found)

    def edits(self, signed: Signed) -> list[Edit]:
        value = self.value
        if self.key is None or value is None:
            return [self._new(self._after_head(), [f"{self.name('reviewed')}:", *self._lines(signed)])]
        if isinstance(value, Scalar) and (value.is_null or not value.text):
            cleared = [self._cleared(value)] if value.text else []
            return [*cleared, self._new(self.key.span.line, self._lines(signed))]
        if not isinstance(value, yaml.Mapping) or not value.entries:
            raise _by_hand(self.page)
        said = _said(value)
        if signed.section:
            return self._of_section(value, said.get("sections"), signed)
        return self._with_values(value, self._values(signed))

    # Where, and in which words

    def name(self, key: str) -> str:
        return spelled(key, self.keys)

    def line(self, number: int) -> str:
        return self.page.lines[number - 1]

    def _new(self, after: int, lines: list[str]) -> Edit:
        return lines_after(after, self.line(after), lines)

    def _after_head(self) -> int:
        """The last line of the head: before the first other key, and the comments that stand above that."""
        entries = self.root.entries
        rest = [key for place, (key, _) in enumerate(entries) if place and english(key.text)[0] not in _HEAD]
        number = rest[0].span.line - 1 if rest else len(self.page.lines)
        while number > 1 and (not self.line(number).strip() or self.line(number).startswith("#")):
            number -= 1
        return number

    # What is written

    def _values(self, signed: Signed) -> dict[str, str]:
        """A signature's keys and values as they are written."""
        of_section = {"section": signed.section, "role": signed.role} if signed.section else {}
        law = {} if signed.section or not signed.law_digest else {"law_digest": signed.law_digest}
        who = {"by": as_written(signed.by), "date": signed.on.isoformat(), "digest": signed.digest}
        return {**of_section, **who, **law}

    def _lines(self, signed: Signed) -> list[str]:
        """The lines of an entry that was empty."""
        if not signed.section:
            return [f"{_INDENT}{self.name(key)}: {value}" for key, value in self._values(signed).items()]
        return [f"{_INDENT}{self.name('sections')}:", f"{_INDENT * 2}- {self._in_braces(signed)}"]

    def _in_braces(self, signed: Signed) -> str:
        return "{" + ", ".join(f"{self.name(key)}: {value}" for key, value in self._values(signed).items()) + "}"

    def _cleared(self, value: Scalar) -> Edit:
        """`null` goes, with the blanks before it where nothing follows; a comment stays where it is."""
        line, at = self.line(value.span.line), value.span
        start = at.column if line[at.end - 1 :].strip() else len(line[: at.column - 1].rstrip()) + 1
        return Edit(at.line, start, at.end, "")

    def _with_values(self, mapping: yaml.Mapping, values: dict[str, str]) -> list[Edit]:
        """Each value in the place of the one before; those not there yet in lines of their own, or after the last."""
        said = _said(mapping)
        edits = [self._replaced(said[key], value) for key, value in values.items() if key in said]
        missing = [f"{self.name(key)}: {value}" for key, value in values.items() if key not in said]
        if missing and mapping.flow:
            last = mapping.entries[-1][1].span
            edits.append(Edit(last.line, last.end, last.end, "".join(f", {each}" for each in missing)))
        elif missing:
            first = mapping.entries[0][0].span
            indent = " " * (first.column - 1)
            edits.append(self._new(first.line - 1, [indent + each for each in missing]))
        return edits

    def _replaced(self, old: Node, value: str) -> Edit:
        if not isinstance(old, Scalar) or old.block_line or not (old.text or old.quoted):
            raise _by_hand(self.page)
        at = old.span
        blank = "" if self.line(at.line)[: at.column - 1].endswith(" ") else " "
        return Edit(at.line, at.column, at.end, blank + value)

    def _of_section(self, mapping: yaml.Mapping, sections: Node | None, signed: Signed) -> list[Edit]:
        """A second signer's line: in the place of that role's last one, after the others, or as the first."""
        if sections is None or (isinstance(sections, Scalar) and sections.is_null):
            if mapping.flow or sections is not None:
                raise _by_hand(self.page)
            indent = " " * (mapping.entries[0][0].span.column - 1)
            line = f"{indent}{_INDENT}- {self._in_braces(signed)}"
            return [self._new(_last_line(mapping), [f"{indent}{self.name('sections')}:", line])]
        if not isinstance(sections, yaml.Sequence) or sections.flow or not sections.items:
            raise _by_hand(self.page)
        for item in sections.items:
            if isinstance(item, yaml.Mapping) and _is_for(item, signed):
                return self._with_values(item, self._values(signed))
        last = sections.items[-1]
        before = self.line(last.span.line)[: last.span.column - 1]
        return [self._new(_last_line(last), [before + self._in_braces(signed)])]


def _said(mapping: yaml.Mapping) -> dict[str, Node]:
    return {english(key.text)[0]: value for key, value in mapping.entries}


def _is_for(item: yaml.Mapping, signed: Signed) -> bool:
    said = _said(item)
    texts = [value.text if isinstance(value, Scalar) else "" for value in (said.get("section"), said.get("role"))]
    return texts == [signed.section, signed.role]


def _last_line(node: Node) -> int:
    return max(each.span.line for each in _scalars(node))


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, yaml.Sequence):
        for item in node.items:
            yield from _scalars(item)
    else:
        for key, value in node.entries:
            yield key
            yield from _scalars(value)


def _by_hand(page: Page) -> UsageError:
    return UsageError(
        Text(
            f"{page.file} 里的“审签” (reviewed) 是手写的, 不好接着写; 改成 reviewed: null 再签",
            f"`reviewed` in {page.file} was written by hand and cannot be added to; make it `reviewed: null` and sign",
        )
    )
