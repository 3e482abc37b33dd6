"""What the law makes of a book as a whole: rates against what courts leave, the order towards a court, prepayment.

Single clauses that break the law keep a book from loading (`engine.law.refusal`); here is what shows only when they are
seen together, or what a lawyer has to decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from dunning.basis.finding import Finding, Text
from dunning.basis.money import Rate, decimal_text
from dunning.basis.span import Place
from dunning.engine.law.guard import Asked, law_of
from dunning.engine.law.refusal import limits_of, pointing_at, reaches
from dunning.engine.law.verdict import limit_says
from dunning.lang.words.fingerprints import section_digest
from dunning.model.action import ACTIONS
from dunning.model.anchor import Duration
from dunning.model.condition import Range, checks
from dunning.model.law import ReferenceRate
from dunning.model.rulebook import LateFee, RuleBook
from dunning.model.steps import Step

A_YEAR = 365  # days: how a day's rate is told by the year
TOO_HIGH = Fraction(1, 1000)
"""A day's rate from which a lawyer has to sign for the late fee: 36.5% a year (law.md, warnings 15)."""
COURTS = frozenset({"sue", "arbitrate", "apply_payment_order"})
"""What may only follow a demand whose time is over (民法典第944条第二款)."""


def legality(book: RuleBook) -> Iterator[Finding]:
    """Late-fee rates, the steps towards a court, and prepayment, for all days and places of the book."""
    for terms in book.late_fees:
        if terms.at is not None and terms.at.file == book.file:
            yield from _rates(book, terms)
    yield from order(book)
    yield from _prepayment(book)
    yield from _vacancy(book)


# Rates


def _rates(book: RuleBook, terms: LateFee) -> Iterator[Finding]:
    """The highest rate that holds on a day of the book, by the year and beside what courts compare it with."""
    rate = max(rate for since, rate in terms.rate.steps if since <= (book.until or date.max))
    daily, yearly = f"{decimal_text(rate * 1000)}‰", f"{decimal_text(rate * A_YEAR * 100)}%"
    if rate >= TOO_HIGH and not _lawyer_signed(book):
        yield Finding("L501", terms.at, {"daily": daily, "yearly": yearly}, related=_articles(book, "CC-585"))
    for reference in _references(book):
        since, published = reference.values[-1]
        if rate > 4 * published:
            args = {
                "daily": daily,
                "yearly": yearly,
                "times": decimal_text(_two_places(rate / published)),
                "reference": reference.title,
                "percent": f"{decimal_text(published * A_YEAR * 100)}%",
                "since": since,
                "known": reference.known_until,
            }
            yield Finding(
                "L502", terms.at, args, related=pointing_at(reference.at, Text("参照在这里", "the reference"))
            )


def _two_places(value: Rate) -> Fraction:
    return Fraction(round(value * 100), 100)


def _lawyer_signed(book: RuleBook) -> bool:
    """Whether somebody from legal has signed for the late fee of this book as it stands."""
    seen = book.reviewed
    digest = section_digest(book, "late_fee")
    return seen is not None and any(
        (each.section, each.role, each.digest) == ("late_fee", "legal", digest) for each in seen.sections
    )


def _references(book: RuleBook) -> Iterator[ReferenceRate]:
    for pack in book.laws:
        yield from pack.references


def _articles(book: RuleBook, *names: str) -> tuple[tuple[Place, Text], ...]:
    known = law_of(book).articles
    found = [known[name] for name in names if name in known]
    return tuple(place for article in found for place in pointing_at(article.at, Text("条文在这里", "the article")))


# The order towards a court


def order(book: RuleBook) -> Iterator[Finding]:
    """A court comes after a written demand that gave time: without one the step waits for ever."""
    demands = [place for place, step in enumerate(book.ladder.steps) if step.action == "formal_demand"]
    for place, step in enumerate(book.ladder.steps):
        if step.action not in COURTS or not _own(book, step):
            continue
        related = _articles(book, "CC-944.2")
        if not demands:
            yield Finding("L521", step.at, {"step": step.title}, related=related)
        elif place < min(demands):
            demand = book.ladder.steps[min(demands)]
            there = pointing_at(demand.at, Text("催告在这里", "the demand"))
            yield Finding("L522", step.at, {"step": step.title, "demand": demand.title}, related=(*there, *related))


def _own(book: RuleBook, step: Step) -> bool:
    return step.at is not None and step.at.file == book.file


# Prepayment


def _prepayment(book: RuleBook) -> Iterator[Finding]:
    """A discount for paying more months ahead than may be taken somewhere in the book's reach."""
    limits = [(limit, article) for limit, article in limits_of(book, "prepayment")]
    for row in book.incentives.rows:
        if row.at is None or row.at.file != book.file:
            continue
        for limit, article in limits:
            asked = _months_asked(row.when)
            if isinstance(limit.at_most, Duration) and limit.at_most.unit == "mo" and asked > limit.at_most.count:
                args = {"title": row.title, "months": asked, "limit": limit_says(limit, article.layer)}
                where = pointing_at(article.at, Text("条文在这里", "the article"))
                yield Finding("L531", row.at, {**args, "cite": article.cite}, related=where)


def _months_asked(when: object) -> int:
    """The fewest months ahead a condition asks for; 0 where it asks for none."""
    lowest = [
        check.test.lowest or 0
        for check in checks(when)  # type: ignore[arg-type]
        if check.fact == "covers_months" and isinstance(check.test, Range)
    ]
    return max(lowest, default=0)


# Empty units


def _vacancy(book: RuleBook) -> Iterator[Finding]:
    """A discount for empty units declined in a book that is also for places whose law grants one."""
    law = law_of(book)
    asked = Asked(ACTIONS["send_notice"], book, None)
    granted = [(rule, pack) for pack in law.packs if reaches(pack, asked) for rule in pack.vacancy]
    for declined in book.declined:
        if "空置" not in declined.says or declined.at is None or declined.at.file != book.file:
            continue
        for rule, pack in granted:
            article = law.articles[rule.articles[0]]
            args = {"says": declined.says, "place": pack.title, "what": rule.says, "cite": article.cite}
            args["most"] = f"{decimal_text(rule.at_most * 100)}%"
            where = pointing_at(article.at, Text("条文在这里", "the article"))
            yield Finding("L541", declined.at, args, related=where)
