"""Days on which a book says nothing, and values that no day ever uses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Span
from dunning.model.rulebook import Dated, LateFee, RuleBook


def dates(book: RuleBook) -> Iterator[Finding]:
    """Dated values that begin too late, or after the last day of the book."""
    for terms in book.late_fees:
        yield from _begins_late(book, terms)
        for title, value in _dated(terms):
            yield from _after_the_end(book, title, value, terms.at)
    for table in book.tables.values():
        for row in table.rows:
            yield from _after_the_end(book, table.title, row.then, row.at)


def _dated(terms: LateFee) -> tuple[tuple[Text, Dated[Any]], ...]:
    return (
        (Text("违约金费率", "the late-fee rate"), terms.rate),
        (Text("违约金上限", "the cap of the late fee"), terms.cap),
        (Text("宽限期", "the grace period"), terms.grace),
    )


def _begins_late(book: RuleBook, terms: LateFee) -> Iterator[Finding]:
    first = terms.rate.steps[0][0]
    if book.since is not None and first > book.since:
        yield Finding("D101", terms.at, {"since": book.since, "until": first - timedelta(days=1)})


def _after_the_end(book: RuleBook, title: Text, value: Dated[Any], at: Span | None) -> Iterator[Finding]:
    if book.until is None:
        return
    for since, _ in value.steps:
        if since > book.until:
            yield Finding("D102", at, {"title": title, "since": since, "until": book.until})
