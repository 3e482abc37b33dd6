"""`dunning.check`: everything that is wrong or doubtful in a rule file or a folder of them, as a list.

Loading stops at errors and shows them; this shows the same and every warning, of all files at once.
"""

from __future__ import annotations

from pathlib import Path

from dunning.basis.finding import Finding, in_order
from dunning.lang.folder import read_folder, resolve
from dunning.lang.library import Library, calendar_of, kind_of


def check(path: str | Path) -> list[Finding]:
    """All findings of a rule file, of a folder, or of a shipped pack by name, by place; empty if there are none.

    Never raises for what stands in the files; UsageError if nothing of that name exists.
    """
    where = resolve(path)
    library = Library.around(where)
    found = _of_folder(library, where) if where.is_dir() else _of_file(library, where)
    return in_order(_once(found))


def _of_folder(library: Library, path: Path) -> list[Finding]:
    """Its books, its law files whether or not a book stands on them, its calendar and its settings."""
    _, findings = read_folder(library, path)
    library.settings(path)
    return [*findings, *library.all_law()]


def _of_file(library: Library, path: Path) -> list[Finding]:
    """By what the file is. Of a file of cases only the YAML is looked at here; `dunning test` reads it."""
    page = library.page(path)
    match kind_of(page):
        case "law":
            return library.law_file(path)
        case "calendar":
            return list(calendar_of(path)[1])
        case "settings":
            library.settings(path.parent)
            return library.findings_of_ground()
        case "cases":
            return list(page.findings)
        case _:
            return [*library.book(path).findings, *library.findings_of_ground()]


def _once(findings: list[Finding]) -> list[Finding]:
    """Each finding once: law files are read for every book that stands on them."""
    seen: set[tuple[str, str, str]] = set()
    once = []
    for found in findings:
        key = (found.code, str(found.at), found.message("en"))
        if key not in seen:
            seen.add(key)
            once.append(found)
    return once
