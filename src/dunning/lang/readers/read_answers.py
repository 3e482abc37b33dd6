"""What a table may answer, and what a row does answer: words, numbers, lengths of time, roles.

One reading of answers for rows and grids, and one view of them for the conditions of other tables.
"""

from __future__ import annotations

from collections.abc import Mapping

from dunning.basis.finding import Text
from dunning.basis.span import Span
from dunning.lang.text import positions as yaml
from dunning.lang.text.keys import english
from dunning.lang.text.positions import Node, Scalar
from dunning.lang.words import words
from dunning.lang.words.desk import Desk, Fields, lookup, told
from dunning.lang.words.grammar import read_literal
from dunning.lang.words.terms import read_duration, read_share
from dunning.model.condition import Type
from dunning.model.rulebook import Answer, Output

OUTPUT = ("type", "or")
NONE = "none"

_TYPES = {
    "integer": Type("integer"),
    "percent": Type("percent"),
    "money": Type("money", unit=Text("元", "yuan")),
    "boolean": Type("boolean"),
}


def read_words(desk: Desk, node: Node, what: Text) -> dict[str, Text]:
    """`[A, B]`, or `{A: title, B: title}`."""
    found: dict[str, Text] = {}
    if isinstance(node, yaml.Mapping):
        for key, value in node.entries:
            title = desk.text(value, what)
            found[key.text] = Text(title or key.text, title or key.text)
        return found
    for item in desk.items(node, what):
        text = desk.text(item, what)
        if text:
            if text in found:
                desk.report("R203", item.span, word=text, what=what)
            found[text] = Text(text, text)
    return found


def read_output(desk: Desk, fields: Fields) -> Output | None:
    """A type; a list or map of words; `{type: T, or: [words]}`. A map whose keys are `type` and `or` is the latter."""
    node = fields.node("output")
    if node is None:
        return None
    what = Text("表的输出", "the output of a table")
    if isinstance(node, Scalar):
        kind = desk.word(node, words.KINDS, what)
        return None if kind is None else Output(kind=kind)
    if isinstance(node, yaml.Mapping) and any(english(key.text)[0] == "type" for key, _ in node.entries):
        inner = desk.open(node, OUTPUT, what, ("type",))
        kind = inner.maybe_word("type", words.KINDS)
        beside = inner.node("or")
        return None if kind is None else Output(kind=kind, words=read_words(desk, beside, what) if beside else {})
    found = read_words(desk, node, what)
    if not _children(node):
        desk.report("R115", node.span, what=what)
    return Output(kind="choice", words=found) if found else None


def _children(node: yaml.Mapping | yaml.Sequence) -> int:
    return len(node.entries) if isinstance(node, yaml.Mapping) else len(node.items)


def type_of(output: Output, hit: str) -> Type:
    """What conditions see of a table: its words as a choice (a set if it collects), or its numbers."""
    if hit == "collect":
        return Type("set", words.ROLES if output.kind == "role" else output.words)
    titles = {**output.words} if NONE in output.words else {**output.words, NONE: Text("", NONE)}
    if output.kind == "choice":
        return Type("choice", titles)
    if output.kind == "role":
        return Type("choice", {**words.ROLES, NONE: Text("", NONE)})
    if output.kind == "duration":
        return Type("text")  # seen as the word it is written as: 10wd
    plain = _TYPES[output.kind]
    return Type(plain.kind, titles if output.kind != "boolean" else None, plain.unit)


def read_answer(desk: Desk, text: str, at: Span, output: Output) -> Answer | None:
    """What a row answers, by the table's output; None with a finding if it is none of it."""
    word = lookup(text, output.words)
    if word is not None:
        return word
    if text == NONE:
        return NONE
    if output.kind == "choice":
        _unknown_answer(desk, text, at, output.words)
        return None
    if output.kind == "role":
        role = lookup(text, words.ROLES)
        if role is None:
            desk.unknown_word(text, at, words.ROLES, Text("岗位", "a role"), "N205")
        return role
    if output.kind == "duration":
        length, findings = read_duration(text, at)
        desk.add(findings)
        return length
    if output.kind == "percent":
        share, findings = read_share(text, at)
        desk.add(findings)
        return share
    value, findings = read_literal(text, _TYPES[output.kind], at, "then", Text("结果", "the answer"))
    desk.add(findings)
    return None if findings or not isinstance(value, int) else value


def _unknown_answer(desk: Desk, text: str, at: Span, known: Mapping[str, Text]) -> None:
    titles = {title.zh: name for name, title in known.items()}
    guess = desk.nearest(text, [*known, *titles])
    listed = told([*known, *([] if NONE in known else [NONE])])
    desk.report("R214", at, word=text, known=listed, fix=titles.get(guess, guess) if guess else "")
