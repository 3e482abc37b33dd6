"""`dunning.check`: everything that is wrong or doubtful in a rule file or a folder of them, as a list.

Loading stops at errors and shows them; this shows the same and every warning, of all files at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from dunning.basis.errors import UsageError
from dunning.basis.finding import Finding, Text, has_errors, in_order
from dunning.check.allowed import with_allowances
from dunning.check.burden import burden
from dunning.check.cases import findings_of
from dunning.check.citations import citations
from dunning.check.coverage import coverage
from dunning.check.dates import dates
from dunning.check.legality import legality
from dunning.check.lost import Stood, lost, stood_on
from dunning.check.never import never
from dunning.check.plausible import plausible
from dunning.check.timing import timing, unsupplied
from dunning.check.wording import wording
from dunning.lang.folder import RuleFolder, load, read_folder, resolve
from dunning.lang.library import Library, calendar_of, kind_of, shown_path, yaml_files
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook

Check = Callable[[RuleBook], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (dates, citations, plausible, wording, legality, timing, never, burden)
"""What is looked for in every book that can be read: one plain function each."""


def check(
    path: str | Path,
    *,
    supplies: Collection[str] | None = None,
    accounts: Iterable[Account] | None = None,
    on: date | None = None,
) -> list[Finding]:
    """All findings of a rule file, of a folder, or of a shipped pack by name, by place; empty if there are none.

    `supplies`: the lists of records that the source of the accounts has (an adapter's `capabilities().lists`); facts
    that need others are told. `accounts`: households; those that stand `on` that day on a step the book no longer has
    are counted. Never raises for what stands in the files; UsageError if nothing of that name exists, or for accounts
    without a day.
    """
    where = resolve(path)
    library = Library.around(where)
    books, found = _of_folder(library, where) if where.is_dir() else _of_file(library, where)
    lines = {page.file: page.lines for page in library.pages.values()}
    checks: tuple[Check, ...] = (*CHECKS, partial(coverage, lines=lines))
    if supplies is not None:
        checks += (partial(unsupplied, lists=supplies),)
    found += library.with_lines(finding for book in books for each in checks for finding in each(book))
    found += lost(_and_versions(library, where, books), _stood(books, where, accounts, on))
    looked_at = lines.keys() if where.is_dir() else {library.page(where).file}
    judged = with_allowances(_once(found), lines, looked_at)
    return in_order(library.with_lines(judged))


def _and_versions(library: Library, path: Path, books: Sequence[RuleBook]) -> list[RuleBook]:
    """The books, and of a single one the version before it that lies beside it."""
    if path.is_dir() or not books:
        return list(books)
    (book,) = books
    beside = (other for other in yaml_files(path.parent, deep=False) if other != path)
    same = (library.book(other).book for other in beside if library.page(other).scalar("rulebook") == book.name)
    before = [each for each in same if each is not None and (each.since or date.min) < (book.since or date.min)]
    return [*sorted(before, key=lambda each: each.since or date.min)[-1:], book]


def _stood(books: Sequence[RuleBook], path: Path, accounts: Iterable[Account] | None, on: date | None) -> Stood | None:
    if accounts is None:
        return None
    if on is None:
        raise UsageError(Text("看各户做到哪一步, 要说明是哪一天", "accounts are looked at on a day: say `on`"))
    return stood_on(accounts, RuleFolder(tuple(books), path), on) if books else None


def _of_folder(library: Library, path: Path) -> tuple[list[RuleBook], list[Finding]]:
    """Its books, its law files whether or not a book stands on them, its calendar, its settings, and its cases."""
    books, findings = read_folder(library, path)
    library.settings(path)
    cases = sorted((path / "cases").glob("*.yaml"))
    # What keeps a book from loading is told where it stands; that its cases cannot be run then adds nothing.
    here = {book.file: book for book in books if not has_errors(book.findings)}

    def load_book(name: Path | str) -> RuleBook:
        """A book of the folder as it was read, if it was."""
        read = here.get(shown_path(name)) if isinstance(name, Path) else None
        return read or load(name, draft=True)

    of_cases = [found for file in cases for found in findings_of(file, load_book) if found.code != "M105"]
    return books, [*findings, *library.all_law(), *of_cases]


def _of_file(library: Library, path: Path) -> tuple[list[RuleBook], list[Finding]]:
    """By what the file is. Of a file of cases what is wrong in it; whether they come true is for `dunning test`."""
    page = library.page(path)
    match kind_of(page):
        case "law":
            return [], library.law_file(path)
        case "calendar":
            return [], list(calendar_of(path)[1])
        case "settings":
            library.settings_in(path)
            return [], library.findings_of_ground()
        case "cases":
            return [], findings_of(path)
        case _:
            reading = library.book(path)
            books = [reading.book] if reading.book and not has_errors(reading.findings) else []
            return books, [*reading.findings, *library.findings_of_ground()]


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
