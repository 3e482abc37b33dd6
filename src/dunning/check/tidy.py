"""A rule file tidied: laid out, mended where that was asked for, its keys in the language wanted; or why it was left.

Nothing is written here: what a file would become is shown before it is, and a program may only want to know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dunning.basis.finding import Finding, has_errors
from dunning.check.cases import read_cases
from dunning.lang.library import Library, kind_of, shown_path
from dunning.lang.readers.read import open_page
from dunning.lang.readers.read_calendar import read_calendar_page
from dunning.lang.text.keys import Keys
from dunning.lang.text.positions import Scalar, compose
from dunning.lang.write import formatted, mended, respelled


@dataclass(frozen=True, slots=True)
class Tidied:
    """What a file says, the same with its traps mended, and tidied; and the errors that kept it as it is, if any.

    All three texts have the line ends of the file; they are equal where nothing is to be done.
    """

    path: Path
    before: str
    mended: str
    after: str
    findings: tuple[Finding, ...] = ()

    @property
    def changed(self) -> bool:
        return self.after != self.before

    def mends(self) -> Iterator[tuple[int, str, str]]:
        """Each mended line: its number, how it was written, how it should be."""
        lines = zip(_lines(self.before), _lines(self.mended), strict=True)
        yield from ((number, was, now) for number, (was, now) in enumerate(lines, 1) if was != now)


def tidied(path: Path, *, fix: bool = False, keys: Keys | None = None) -> Tidied:
    """A rule file as `dunning fmt` would leave it.

    A file that cannot be read as it is stays, but for the lines that `fix` mends; so does one whose keys are to be
    turned and that has any error, for what its reader does not know is not known to be a key. What `fix` leaves wrong
    is told, slip of the keyboard or not: a file that was mended is taken to be right.
    """
    file, data = shown_path(path), path.read_bytes()
    findings = _errors(compose(data, file)[1])
    try:
        before = data.decode("utf-8")
    except UnicodeDecodeError:
        return Tidied(path, "", "", "", findings)
    text = before
    if fix:
        text = mended(before)
        findings = _errors(compose(text, file)[1])
    if findings:
        return Tidied(path, before, text, text, findings)
    after = formatted(text)
    if fix or keys is not None:
        taken, findings = _keys_taken(path, after)
        if keys is not None and not findings:
            after = respelled(after, taken, keys)
    return Tidied(path, before, text, after, findings)


def _lines(text: str) -> list[str]:
    return re.split(r"\r\n|\n|\r", text)


def _keys_taken(path: Path, text: str) -> tuple[list[Scalar], tuple[Finding, ...]]:
    """The scalars that the readers would take for keys if the file said `text`, and what errors it would have."""
    page = open_page(text, shown_path(path))
    library = Library.around(path)
    library.pages[path] = page
    match kind_of(page):
        case "cases":
            cases = read_cases(path, text.encode())
            for case in cases.cases:
                if cases.book is not None:
                    case.run(cases.book)  # what it expects is read as it is compared
            return cases.desk.taken, _errors(cases.findings)
        case "law":
            found = library.law_file(path)
        case "calendar":
            found = list(read_calendar_page(page)[1])
        case "settings":
            library.settings_in(path)
            found = library.findings_of_ground()
        case _:
            found = list(library.book(path).findings)
    return page.taken, _errors(found)


def _errors(findings: list[Finding]) -> tuple[Finding, ...]:
    """Those that keep a file from being read."""
    return tuple(found for found in findings if has_errors([found]))
