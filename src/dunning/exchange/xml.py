"""XML with the place of every element, from the standard library's expat; anything that could be an attack is refused.

A document type is where entities come from, and entities are what blows a small file up or reads another: a DMN file
has no use for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from dunning.basis.finding import Text

LARGEST = 20_000_000
DEEPEST = 100


class XmlError(Exception):
    """A text that is no XML, or none that is read here; `line` and `column` count from 1."""

    def __init__(self, why: Text, line: int = 1, column: int = 1) -> None:
        self.why, self.line, self.column = why, line, column
        super().__init__(why.en)


@dataclass(slots=True)
class Element:
    """One element: namespace and name apart, attributes by `name` or `{namespace}name`, its own text joined."""

    space: str
    name: str
    attributes: dict[str, str]
    line: int
    column: int
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def all(self, *names: str) -> Iterator[Element]:
        """The children of these names, in their order."""
        return (child for child in self.children if child.name in names)

    def first(self, name: str) -> Element | None:
        return next(self.all(name), None)

    def said(self, name: str) -> str:
        """The text of a child; empty if there is none."""
        child = self.first(name)
        return child.text.strip() if child else ""


def parse(data: bytes) -> Element:
    """The root element. Raises XmlError."""
    if len(data) > LARGEST:
        raise XmlError(Text("文件太大", "it is too large"))
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)  # noqa: FBT003  # the C function takes no keywords
    except expat.ExpatError as wrong:
        message = expat.ErrorString(wrong.code)
        raise XmlError(Text(f"XML 写得不对: {message}", message), wrong.lineno, wrong.offset + 1) from None
    if reader.root is None:
        raise XmlError(Text("里面什么都没有", "there is nothing in it"))
    return reader.root


class _Reader:
    """Builds the tree as expat calls."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.root: Element | None = None
        self.open: list[Element] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition(" ")
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        said = {_braced(key): value for key, value in attributes.items()}
        element = Element(space, name, said, line, column)
        if len(self.open) >= DEEPEST:
            raise XmlError(Text("套得太深", "it is nested too deep"), line, column)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, _tag: str) -> None:
        self.open.pop()

    def characters(self, text: str) -> None:
        if self.open:
            self.open[-1].text += text

    def refuse(self, *_declared: object) -> None:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        raise XmlError(
            Text("有 DOCTYPE 声明, 不读 (实体可以撑爆内存或读别的文件)", "it declares a DOCTYPE, which is refused"),
            line,
            column,
        )


def _braced(key: str) -> str:
    space, _, name = key.rpartition(" ")
    return f"{{{space}}}{name}" if space else name
