"""Small rule files for tests: a book from a few lines of YAML, its findings, and a folder of files on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from dunning.basis.finding import Finding
from dunning.lang.folder import read_calendar
from dunning.lang.readers.read import Ground, Reading, open_page, read_book
from dunning.model.rulebook import RuleBook

HEAD = "rulebook: sample\ntitle: 样例\n"


def reading(text: str, base: RuleBook | None = None) -> Reading:
    return read_book(open_page(HEAD + dedent(text), "sample.yaml"), Ground(calendar=read_calendar(), base=base))


def book(text: str, base: RuleBook | None = None) -> RuleBook:
    """The book of a text that has no errors."""
    read = reading(text, base)
    assert read.book is not None, [f"{found.at} {found.code} {found.message('en')}" for found in read.findings]
    return read.book


def base_book(text: str) -> RuleBook:
    """A book to stand on, named `base`."""
    page = open_page("rulebook: base\n" + dedent(text), "base.yaml")
    read = read_book(page, Ground(calendar=read_calendar()))
    assert read.book is not None, [f"{found.at} {found.code} {found.message('en')}" for found in read.findings]
    return read.book


def findings(text: str, base: RuleBook | None = None) -> list[Finding]:
    return list(reading(text, base).findings)


def codes(text: str, base: RuleBook | None = None) -> list[str]:
    return [found.code for found in findings(text, base)]


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Puts files into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return folder
