"""Properties of laying out: done twice is done once, what a file says and every comment stay, mends come to an end."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.basis.finding import has_errors
from dunning.lang.text.positions import Mapping, Node, Scalar, Sequence, compose
from dunning.lang.words.grids import aligned, read_grid
from dunning.lang.write import formatted, mended

RULES = Path(__file__).parents[2] / "rules"
PACKS = [path.read_text(encoding="utf-8") for path in sorted(RULES.rglob("*.yaml"))]
SCRAPS = [
    *" \t:,[]{}|>&*!%@`'\"#-?\n：，｛｝“”\u00a0\u3000\ufeff",
    "- ", "  ", ": ", "\n  ", "\r\n", " \n", "\t\n", "..", "> 5", "[3mo..6mo)", "a: ", "{b: ", "级", "no", "on: 1",
    "10:00", "0371", "\nversion: 2026.10\n", "\ngrid: |\n  甲|乙\n  1 |2\n", "\ngrid: |\n  甲\t乙\n  1\t2\n", "|+\n",
    "\n\n\n", "\n    ", "# 注\n", " #x", "null", "''",
]  # fmt: skip


@st.composite
def mangled(draw: st.DrawFn) -> str:
    """A piece of a shipped file from a line on, cut and strewn with signs."""
    pack = draw(st.sampled_from(PACKS))
    start = pack.rfind("\n", 0, draw(st.integers(0, len(pack)))) + 1
    text = pack[start : start + draw(st.integers(0, 500))]
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 3))
        text = text[:place] + draw(st.sampled_from(SCRAPS)) + text[place + cut :]
    return text


def said(node: Node | None, key: str = "") -> object:
    """What a tree says: its texts without blanks and line ends around, its grids by their cells."""
    match node:
        case Mapping(entries):
            return [(name.text, said(value, name.text)) for name, value in entries]
        case Sequence(items):
            return [said(item, key) for item in items]
        case Scalar(text):
            grid = read_grid(node) if key in ("grid", "表格") else None
            if grid is None:
                return text.strip("\n"), node.is_null
            return [[cell.text for cell in row] for row in (grid.heads, *grid.rows)]
    return None


def comments(text: str) -> list[str]:
    """Every comment there may be, and what only looks like one, in order; a cell may begin with its sign."""
    return [re.sub(r"[\s|]", "", found) for found in re.findall(r"#[^\r\n]*", text)]


def sound(text: str) -> None:
    before, findings = compose(text, "f")
    after = formatted(text)
    assert formatted(after) == after
    if before is None or has_errors(findings):
        assert after == text
        return
    node, again = compose(after, "f")
    assert said(node) == said(before)
    assert [(found.code, found.severity) for found in again] == [(found.code, found.severity) for found in findings]
    assert comments(after) == comments(text)
    assert _bare(after) == _bare(text)


def _bare(text: str) -> str:
    """The characters of a file without those that laying out may add or take."""
    return re.sub(r"[\s|\"-]", "", text)


@given(mangled())
@settings(max_examples=300)
def test_laying_out_a_mangled_pack_changes_nothing_said(text: str) -> None:
    sound(text)


@given(st.lists(st.sampled_from(SCRAPS), max_size=30).map("".join))
@settings(max_examples=300)
def test_laying_out_scraps_changes_nothing_said(text: str) -> None:
    sound(text)


def test_laying_out_the_shipped_rules_changes_nothing_said() -> None:
    for text in PACKS:
        sound(text)


@given(mangled())
@settings(max_examples=150)
def test_mending_comes_to_an_end_and_loses_no_line(text: str) -> None:
    after = mended(text)

    assert mended(after) == after
    assert after.count("\n") == text.count("\n")
    sound(after)


CELLS = st.text(st.sampled_from("ab级 超过é12:-+=>|"), max_size=6)


@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=5),
    st.sampled_from(["|", "\t"]),
    st.booleans(),
)
@settings(max_examples=300)
def test_a_grid_in_line_has_the_same_cells(rows: list[list[str]], separator: str, framed: bool) -> None:
    lines = [separator.join(row) for row in rows]
    text = "\n".join(f"|{line}|" if framed and separator == "|" else line for line in lines)
    drawn = aligned(text)

    assert aligned(drawn) == drawn
    assert drawn.count("\n") == text.count("\n")
