"""The cases of reviewers under both rules: what comes true, what no longer does, and what none of them notices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dunning.basis.errors import UsageError
from dunning.basis.finding import Finding, Text
from dunning.check.cases import Case, CaseFile, Load, cases_of, plain_node, read_cases
from dunning.check.expected import Difference as Unlike
from dunning.check.noticed import Tried, missed_in, unnoticed_in
from dunning.engine.assess import Rules
from dunning.model.rulebook import RuleBook
from dunning.output.record.batch import books_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """One case: what comes out otherwise than it expects, under the new book and the old (None: no such book)."""

    name: str
    book: str
    at: str
    new: tuple[Unlike, ...]
    old: tuple[Unlike, ...] | None
    fresh: bool = False

    @property
    def passed(self) -> bool:
        return not self.new

    @property
    def shows(self) -> bool:
        """Whether it tells the new rules from the old: it comes true now and did not before."""
        return self.passed and bool(self.old)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Every case about the books; `gone` are the names of old cases no longer there, `findings` what is wrong in files.

    `missed` are rows and steps of changed clauses that no case comes to, `unnoticed` limits in them that may be moved
    by one unit and no case notices.
    """

    worked: tuple[Worked, ...] = ()
    gone: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    missed: tuple[Finding, ...] = ()
    unnoticed: tuple[Finding, ...] = ()


def tried(old: str, new: str, before: Rules, after: Rules, clauses: Iterable[str], *, on: date) -> Cases:
    """The cases beside the new rules, or those beside the old where the new have none, under both.

    `clauses`: names of those that changed; only limits in them are moved.
    """
    files, were = _files(new), _files(old)
    known = {_key(case) for file in were for case in _read(file, before, on).cases}
    own = files or were
    read = [_read(file, after, on) for file in own]
    under = [_read(file, before, on) for file in own]
    worked = [
        each for now, then in zip(read, under, strict=True)
        for each in _both(now, then, lambda case: bool(files) and _key(case) not in known)
    ]  # fmt: skip
    names = {(each.book, each.name) for each in worked}
    gone = [name for book, name in _names(were, before, on) if (book, name) not in names and _has(after, book)]
    pairs: list[Tried] = [(each.book, each.cases) for each in read if each.book is not None]
    wanted = frozenset(clauses)
    return Cases(
        worked=tuple(worked),
        gone=tuple(gone),
        findings=tuple(found for each in read for found in each.findings if found.code != "N209"),
        missed=tuple(missed_in(pairs, wanted)),
        unnoticed=tuple(unnoticed_in(pairs, wanted)),
    )


def _files(name: str) -> list[Path]:
    """The files of cases beside rules; none is no fault here."""
    try:
        return cases_of(name)
    except UsageError:
        return []


def _read(file: Path, rules: Rules, on: date) -> CaseFile:
    return read_cases(file, load_book=_from(rules, on))


def _from(rules: Rules, on: date) -> Load:
    """The book of that name among rules: of several versions the one in force on the day, else the last."""

    def load(named: Path | str) -> RuleBook:
        found = [book for book in books_of(rules) if book.name == Path(named).stem]
        if not found:
            raise UsageError(Text(f"没有规则书“{named}”", f"there is no rule book `{named}`"))
        running = [book for book in found if (book.since or on) <= on <= (book.until or on)]
        return (running or found)[-1]

    return load


def _has(rules: Rules, name: str) -> bool:
    return any(book.name == name for book in books_of(rules))


def _names(files: Iterable[Path], rules: Rules, on: date) -> Iterator[tuple[str, str]]:
    for file in files:
        read = _read(file, rules, on)
        if read.book is not None:
            yield from ((read.book.name, case.name) for case in read.cases)


def _key(case: Case) -> tuple[str, date, str, str]:
    """What a case says: the same for one that only stands elsewhere."""
    return case.name, case.on, repr(case.account), repr(plain_node(case.expect))


def _both(now: CaseFile, then: CaseFile, fresh: Callable[[Case], bool]) -> Iterator[Worked]:
    """The cases of one file, read beside the new book and beside the old."""
    if now.book is None:
        return
    for place, case in enumerate(now.cases):
        old = None if then.book is None else tuple(then.cases[place].differences(then.book))
        new = tuple(case.differences(now.book))
        yield Worked(name=case.name, book=now.book.name, at=str(case.at), new=new, old=old, fresh=fresh(case))
