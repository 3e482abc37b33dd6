"""A book clause by clause: what the checks go through, so that each of them sees all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dunning.basis.finding import Text
from dunning.basis.span import Span
from dunning.model.condition import Check, Condition, checks
from dunning.model.rulebook import RuleBook


class Clause(NamedTuple):
    """One thing a book lays down: its title, where it says it has it from, the conditions it stands under."""

    title: Text
    source: str
    at: Span | None
    conditions: tuple[Condition, ...] = ()


def clauses(book: RuleBook) -> Iterator[Clause]:
    """Late-fee terms, tables, steps and offers, in that order. What a base brought is its own and comes there."""
    for terms in book.late_fees:
        yield Clause(Text("违约金", "late fee"), terms.source, terms.at)
    for table in book.tables.values():
        yield Clause(table.title, table.source, table.at, tuple(row.when for row in table.rows))
    for step in (*book.reminders, *book.ladder.steps):
        until = (step.repeat.until,) if step.repeat and step.repeat.until is not None else ()
        yield Clause(step.title, step.source, step.at, (step.when, *until))
    for offer in book.relief:
        yield Clause(Text(offer.title or offer.id, offer.title or offer.id), offer.source, offer.at, (offer.when,))


def own_clauses(book: RuleBook) -> Iterator[Clause]:
    """The clauses written in the book's own file, not in the one it is based on."""
    return (clause for clause in clauses(book) if clause.at is not None and clause.at.file == book.file)


def tests_of(book: RuleBook) -> Iterator[Check]:
    """Every single test of the book's own clauses, in the order written."""
    for clause in own_clauses(book):
        for condition in clause.conditions:
            yield from checks(condition)
