"""Whatever stands in a rule file, checking it ends in findings, never in a traceback; and layout is no meaning."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.basis.finding import has_errors
from dunning.lang.folder import read_calendar
from dunning.lang.library import kind_of
from dunning.lang.readers.read import Ground, open_page, read_book
from dunning.lang.readers.read_law import read_law_page
from dunning.lang.text.keys import ALIAS
from dunning.output.screens import findings_json, render

SAMPLE = (Path(__file__).parents[1] / "books" / "whole.yaml").read_text(encoding="utf-8")
LAW = (Path(__file__).parents[1] / "books" / "law.yaml").read_text(encoding="utf-8")
CALENDAR = read_calendar()

SCRAPS = [
    "", " ", "\n", "  ", "- ", ": ", "{", "}", "[", "]", ",", "，", "：", "“", "#", "|", "&a", "*a", "!!int", "null",
    "~", "0", "-1", "1e9", "9" * 30, "超过", "5000元", "any", "not", "else", "否则", "use", "worst(", "2026-02-30",
    "\t", "\u00a0", "\x00", "due - 15d", "{}", "[]", "条件", "规则书", "account_grade", "arrears",
]  # fmt: skip
scraps = st.sampled_from(SCRAPS)


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """The text with a few stretches cut out, doubled, swapped for scraps, or moved."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        piece = draw(st.one_of(scraps, st.just(text[start:end] * 2), st.text(max_size=4)))
        text = text[:start] + piece + text[end:]
    return text


@st.composite
def relined(draw: st.DrawFn, text: str) -> str:
    """The text with whole lines dropped, doubled, or indented otherwise."""
    lines = text.split("\n")
    for _ in range(draw(st.integers(1, 5))):
        number = draw(st.integers(0, len(lines) - 1))
        line = lines[number]
        lines[number : number + 1] = draw(
            st.sampled_from([[], [line, line], [" " + line], [line.strip()], [line[:-3]]])
        )
        lines = lines or [""]
    return "\n".join(lines)


def check_text(text: str | bytes) -> bool:
    """Reads a text as whatever it says it is; whether it is free of errors."""
    page = open_page(text, "file.yaml")
    if kind_of(page) == "law":
        _, _, desk = read_law_page(page)
        findings = desk.results()
    else:
        reading = read_book(page, Ground(calendar=CALENDAR))
        findings = list(reading.findings)
        assert (reading.book is None) == (has_errors(findings) or page.node is None)
    for lang in ("zh", "en"):
        assert render(findings, lang)
        findings_json(findings, lang)
    return not has_errors(findings)


@settings(max_examples=120)
@given(mutated(SAMPLE))
def test_a_book_with_scraps_in_it_gives_findings(text: str) -> None:
    check_text(text)


@settings(max_examples=100)
@given(relined(SAMPLE))
def test_a_book_with_lines_moved_gives_findings(text: str) -> None:
    check_text(text)


@settings(max_examples=100)
@given(st.one_of(mutated(LAW), relined(LAW)))
def test_a_law_file_with_scraps_in_it_gives_findings(text: str) -> None:
    check_text(text)


@settings(max_examples=100)
@given(st.one_of(st.text(max_size=200), st.binary(max_size=200)))
def test_any_text_or_bytes_give_findings(text: str | bytes) -> None:
    check_text(text)


values = st.sampled_from(
    [
        "",
        "null",
        "5",
        "超过5000元",
        "[]",
        "{}",
        "[a, b]",
        "{a: b}",
        "是",
        "due - 3d",
        "50%",
        "2026-01-01",
        "- x",
        "|\n  a | b",
    ]
)


@settings(max_examples=120)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(ALIAS)), values), min_size=1, max_size=6, unique_by=lambda pair: pair[0])
)
def test_every_section_takes_any_value_without_a_traceback(entries: list[tuple[str, str]]) -> None:
    head = "" if any(key == "rulebook" for key, _ in entries) else "rulebook: sample\n"
    check_text(head + "".join(f"{key}: {value}\n" for key, value in entries))
