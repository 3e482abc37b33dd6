"""Properties of YAML with places: no text or bytes make it fall, places exist, good files come through whole."""

from __future__ import annotations

from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.basis.finding import Finding
from dunning.basis.span import Span
from dunning.lang.text.positions import Mapping, Node, Scalar, Sequence, compose
from dunning.output.screens import findings_json, render

PACKS = [path.read_text(encoding="utf-8") for path in (Path(__file__).parents[2] / "rules" / "packs").glob("*.yaml")]
SCRAPS = [
    *" \t:,[]{}|>&*!%@`'\"#-?\n\\：，｛｝［］“”\u00a0\u3000\x00\x85\u2028\ufeff\ud800",
    "- ", "  ", ": ", "\n  ", "..", "> 5", "[3mo..6mo)", "a: ", "{b: ", "级", "null", "---\n",
]  # fmt: skip


def scalars(node: Node | None) -> list[Scalar]:
    match node:
        case Scalar():
            return [node]
        case Sequence(items):
            return [scalar for item in items for scalar in scalars(item)]
        case Mapping(entries):
            return [scalar for key, value in entries for scalar in (key, *scalars(value))]
    return []


def sound(text: str, node: Node | None, findings: list[Finding]) -> None:
    """Every place is in the text, every finding can be shown, and nothing is given up in silence."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    places = [found.at for found in findings] + [scalar.span for scalar in scalars(node)]
    for at in places:
        assert isinstance(at, Span)
        assert 1 <= at.line <= len(lines)
        assert 1 <= at.column <= len(lines[at.line - 1]) + 1
        assert at.end == 0 or at.end >= at.column
    assert node is not None or findings
    assert render(findings, "zh", {"f": text})
    assert render(findings, "en")
    assert len(findings_json(findings)) == len(findings)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A piece of a shipped pack, cut up and strewn with signs."""
    pack = draw(st.sampled_from(PACKS))
    start = draw(st.integers(0, len(pack)))
    text = pack[start : start + draw(st.integers(0, 600))]
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 5))
        text = text[:place] + draw(st.sampled_from(SCRAPS)) + text[place + cut :]
    return text


@given(mutated())
@settings(max_examples=150)
def test_mutated_packs(text: str) -> None:
    sound(text, *compose(text, "f"))


@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(SCRAPS), max_size=40).map("".join)))
@settings(max_examples=150)
def test_any_text(text: str) -> None:
    sound(text, *compose(text, "f"))


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    node, findings = compose(data, "f")
    assert node is not None or findings


WORDS = st.text(st.sampled_from("abc分级 12.-_()、元"), min_size=1, max_size=8).map(str.strip).filter(bool)
QUOTED = st.text(st.characters(exclude_categories=("C", "Z")), max_size=12)
TREES = st.recursive(
    WORDS | QUOTED,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(QUOTED, inner, max_size=3),
    max_leaves=8,
)


def plain(node: Node) -> object:
    match node:
        case Scalar(text):
            return text
        case Sequence(items):
            return [plain(item) for item in items]
        case Mapping(entries):
            return {key.text: plain(value) for key, value in entries}


@given(st.dictionaries(WORDS, TREES, min_size=1, max_size=4), st.booleans())
@settings(max_examples=150)
def test_what_another_writer_wrote_comes_through_whole(tree: dict[str, object], flow: bool) -> None:
    text = yaml.safe_dump(tree, allow_unicode=True, default_flow_style=flow, default_style='"', width=1000)

    node, findings = compose(text, "f")

    assert findings == []
    assert node is not None
    assert plain(node) == tree


@given(st.lists(st.sampled_from(["甲", "ab", "x y", "0.0005"]), min_size=1, max_size=5), st.integers(0, 6))
def test_span_covers_the_text_written(words: list[str], indent: int) -> None:
    line = " " * indent + "标题: [" + ", ".join(words) + "]"
    node, _ = compose(line, "f")

    assert [line[s.span.column - 1 : s.span.end - 1] for s in scalars(node)] == ["标题", *words]
