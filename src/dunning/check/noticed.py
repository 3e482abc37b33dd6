"""What cases notice: rows and steps that none of them reaches, and thresholds that could be moved by one unnoticed.

A case that would pass whatever the rule says proves nothing; a threshold that no case stands on is nobody's promise.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Span
from dunning.check.cases import Case, read_cases
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.result import Assessment
from dunning.model.anchor import AnchorWindow, Duration
from dunning.model.condition import All, Any, Bound, Check, Condition, Not, Range, Type
from dunning.model.rulebook import Row, RuleBook, Table
from dunning.model.shown import shown
from dunning.model.steps import Step


class Moved(NamedTuple):
    """A book with one threshold moved by one unit: where it stands, how it was written, what it is now."""

    book: RuleBook
    at: Span | None
    written: Text
    now: Text
    code: str = "M203"


Tick = Callable[[], None]
"""Told after each threshold that has been tried."""


Tried = tuple[RuleBook, Sequence[Case]]
"""A book with the cases about it."""


# What no case reaches


@dataclass(slots=True)
class Reached:
    """How many rows and steps there are and how many of them cases reach; `missed` are the others, each a finding."""

    rows: int = 0
    of_rows: int = 0
    steps: int = 0
    of_steps: int = 0
    missed: list[Finding] = field(default_factory=list)


def reached(files: Iterable[Path]) -> Reached:
    """The rows that decide in some case, and the steps that are due in one, of the books the cases are of."""
    told = Reached()
    for book, cases in _by_book(files):
        came = _came(book, cases)
        _rows(book, came.rows, len(cases), told)
        for step in _steps(book):
            if _own(book, step.at):
                told.of_steps += 1
                told.steps += step.id in came.steps
                if step.id not in came.steps:
                    told.missed.append(_not_due(step, len(cases)))
    return told


class _Came(NamedTuple):
    """What cases come to: rows by table and number, and steps."""

    rows: set[tuple[str, int]]
    steps: set[str]


def _came(book: RuleBook, cases: Iterable[Case]) -> _Came:
    results = [case.assess(book) for case in cases]
    due = {action.step for result in results for action in result.actions}
    due |= {one.step for result in results for action in result.actions for one in action.carries}
    return _Came({key for result in results for key in _deciding(result)}, due)


def missed_in(tried: Iterable[Tried], clauses: Collection[str]) -> list[Finding]:
    """Rows and steps of these clauses (`tables.grade`, `ladder.steps.visit`), in whatever file they stand, that no case
    about any of the books comes to.
    """
    missed: dict[Span | None, Finding] = {}
    found: set[Span | None] = set()
    for book, cases in tried:
        came = _came(book, cases)
        for table in book.tables.values():
            for row in table.rows if f"tables.{table.id}" in clauses else ():
                if (table.id, row.number) in came.rows:
                    found.add(row.at)
                else:
                    missed.setdefault(row.at, _not_decided(table, row, len(cases)))
        for step in _steps(book):
            if clause_of(book, step) in clauses:
                if step.id in came.steps:
                    found.add(step.at)
                else:
                    missed.setdefault(step.at, _not_due(step, len(cases)))
    return [finding for at, finding in missed.items() if at not in found]


def _rows(book: RuleBook, decided: Container[tuple[str, int]], count: int, told: Reached) -> None:
    for table in book.tables.values():
        for row in table.rows:
            if _own(book, row.at):
                told.of_rows += 1
                told.rows += (table.id, row.number) in decided
                if (table.id, row.number) not in decided:
                    told.missed.append(_not_decided(table, row, count))


def _not_decided(table: Table, row: Row, count: int) -> Finding:
    return Finding("M201", row.at, {"table": table.title, "row": row.title or str(row.number), "count": count})


def _not_due(step: Step, count: int) -> Finding:
    return Finding("M202", step.at, {"step": step.title, "count": count})


def _deciding(result: Assessment) -> Iterator[tuple[str, int]]:
    """The rows that decided something in an assessment, by table."""
    graded = [*result.grades.items(), *(item for charge in result.charges for item in charge.grades.items())]
    return ((name, number) for name, grade in graded for number in grade.rows)


# What no case notices


def unnoticed(files: Iterable[Path], *, tick: Tick = lambda: None) -> Iterator[Finding]:
    """Thresholds of conditions and windows that may be moved by one fen, day or whatever they count, and all cases
    that pass still do. Both ways are tried; each threshold is told once.
    """
    for book, cases in _by_book(files):
        passing = [case for case in cases if not any(case.differences(book))]
        told: set[tuple[Span | None, Text]] = set()
        for moved in thresholds(book):
            key = (moved.at, moved.written)
            if key not in told and not any(_notices(case, moved.book) for case in passing):
                told.add(key)
                args = {"written": moved.written, "now": moved.now, "count": len(passing)}
                yield Finding(moved.code, moved.at, args)
            tick()


def unnoticed_in(tried: Iterable[Tried], clauses: Collection[str]) -> list[Finding]:
    """The same of these clauses only, in whatever file they stand: a limit that a base brought is noticed if a case
    about any of the books that have it notices.
    """
    missed: dict[tuple[Span | None, Text, Text], Finding] = {}
    caught: set[tuple[Span | None, Text, Text]] = set()
    for book, cases in tried:
        passing = [case for case in cases if not any(case.differences(book))]
        for moved in thresholds(book, clauses):
            key = (moved.at, moved.written, moved.now)
            if any(_notices(case, moved.book) for case in passing):
                caught.add(key)
            else:
                args = {"written": moved.written, "now": moved.now, "count": len(passing)}
                missed.setdefault(key, Finding(moved.code, moved.at, args))
    left = {key: finding for key, finding in missed.items() if key not in caught}
    told = {key[:2]: finding for key, finding in reversed(left.items())}
    return list(reversed(told.values()))


def count(files: Iterable[Path]) -> int:
    """How many moved thresholds there are to try."""
    return sum(1 for book, _ in _by_book(files) for _ in thresholds(book))


def _notices(case: Case, book: RuleBook) -> bool:
    return next(iter(case.differences(book)), None) is not None


def thresholds(book: RuleBook, clauses: Collection[str] | None = None) -> Iterator[Moved]:
    """The book once for each threshold of its own file, or of some clauses in any, and each way it can be moved."""
    for table in book.tables.values():
        for place, row in enumerate(table.rows):
            if _own(book, row.at) if clauses is None else f"tables.{table.id}" in clauses:
                for when, test, bound in _variants(row.when):
                    yield _moved(_with_row(book, table, place, replace(row, when=when)), book, test, bound)
    for step in _steps(book):
        if not (_own(book, step.at) if clauses is None else clause_of(book, step) in clauses):
            continue
        for when, test, bound in _variants(step.when):
            yield _moved(_with_step(book, replace(step, when=when)), book, test, bound)
        for window, days in _windows(step):
            now = Text(f"{days:+}天", f"{days:+} day")
            yield Moved(_with_step(book, replace(step, window=window)), step.at, step.title, now, "M204")


def _moved(changed: RuleBook, book: RuleBook, test: Check, bound: Bound) -> Moved:
    type_ = _type(book, test.fact)
    now = Text(*(shown(bound.value, type_, lang) if type_ else str(bound.value) for lang in ("zh", "en")))
    return Moved(changed, test.at, Text(test.text, test.text), now)


def _variants(condition: Condition) -> Iterator[tuple[Condition, Check, Bound]]:
    """A condition once for each end of each range in it, moved up or down by one."""
    match condition:
        case Check(test=Range(low, high)):
            for by in (1, -1):
                if low is not None:
                    moved = replace(low, value=low.value + by)
                    yield replace(condition, test=Range(moved, high)), condition, moved
                if high is not None:
                    moved = replace(high, value=high.value + by)
                    yield replace(condition, test=Range(low, moved)), condition, moved
        case All(parts) | Any(parts):
            for place, part in enumerate(parts):
                for changed, test, bound in _variants(part):
                    yield type(condition)((*parts[:place], changed, *parts[place + 1 :])), test, bound
        case Not(part):
            for changed, test, bound in _variants(part):
                yield Not(changed), test, bound


def _windows(step: Step) -> Iterator[tuple[AnchorWindow, int]]:
    """A step's window with either end a day later or earlier."""
    window = step.window
    if not isinstance(window, AnchorWindow):
        return
    for by in (1, -1):
        first = replace(window.first, offset=_later(window.first.offset, by))
        yield replace(window, first=first), by
        if window.last is not None:
            yield replace(window, last=replace(window.last, offset=_later(window.last.offset, by))), by


def _later(offset: Duration, by: int) -> Duration:
    return replace(offset, count=offset.count + by)


# Books and their parts


def _by_book(files: Iterable[Path]) -> Iterator[tuple[RuleBook, list[Case]]]:
    """The books the files are of, each with all its cases."""
    books: dict[str, RuleBook] = {}
    cases: dict[str, list[Case]] = {}
    for file in files:
        read = read_cases(file)
        if read.book is not None:
            books.setdefault(read.book.file, read.book)
            cases.setdefault(read.book.file, []).extend(read.cases)
    return ((books[file], cases[file]) for file in books)


def _own(book: RuleBook, at: Span | None) -> bool:
    """What a base brought is tried with the base's own cases."""
    return at is not None and at.file == book.file


def clause_of(book: RuleBook, step: Step) -> str:
    """The name of the clause a step is: `reminders.due_notice`, `ladder.steps.home_visit`."""
    return f"reminders.{step.id}" if step in book.reminders else f"ladder.steps.{step.id}"


def _steps(book: RuleBook) -> tuple[Step, ...]:
    return (*book.reminders, *book.ladder.steps)


def _type(book: RuleBook, fact: str) -> Type | None:
    if fact in CATALOGUE:
        return CATALOGUE[fact].type
    return book.facts[fact].type if fact in book.facts else None


def _with_row(book: RuleBook, table: Table, place: int, row: Row) -> RuleBook:
    rows = (*table.rows[:place], row, *table.rows[place + 1 :])
    return replace(book, tables={**book.tables, table.id: replace(table, rows=rows)})


def _with_step(book: RuleBook, step: Step) -> RuleBook:
    def put(steps: tuple[Step, ...]) -> tuple[Step, ...]:
        return tuple(step if each.id == step.id else each for each in steps)

    return replace(book, reminders=put(book.reminders), ladder=replace(book.ladder, steps=put(book.ladder.steps)))
