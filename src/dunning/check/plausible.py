"""Numbers that can be read and can hardly be meant: yuan written as fen, a grace of a year, a threshold of decades.

Only what nobody would write on purpose: a reviewer who is warned too often stops reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from dunning.basis.finding import Finding, Text
from dunning.basis.money import Fen, decimal_text
from dunning.check.clauses import own_clauses, tests_of
from dunning.engine.known.catalogue import CATALOGUE
from dunning.model.condition import Bound, Check, FactKind, Range, checks
from dunning.model.rulebook import LateFee, RuleBook

LARGE = 100_000_00
"""In fen: a threshold for one household that is looked at twice if it is far above the others."""
TOO_LARGE = 1_000_000_00
"""In fen: one that is looked at twice in any case."""
APART = 50
"""How many times the next smaller threshold of the same fact a large one is."""
LONG: dict[FactKind, int] = {"days": 3650, "months": 2 * 12 * 20}
"""Ten years in days, twenty in months of age (2m+e): no table grades further back."""
LONGEST_GRACE = 180  # days
HIGHEST_CAP = Fraction(3, 10)
"""A cap above which courts tend to cut a late fee down (民法典第585条第二款); hardly anybody writes one on purpose."""
MOST_UNCHASED = 1_000_00  # fen


def plausible(book: RuleBook) -> Iterator[Finding]:
    """Thresholds and lengths of time that look like a slip of the pen."""
    for terms in book.late_fees:
        if terms.at is not None and terms.at.file == book.file:
            yield from _terms(terms)
    if book.payments.chase_from > MOST_UNCHASED:
        yield Finding("D302", book.at, {"amount": _in_yuan(book.payments.chase_from)})
    tests = list(tests_of(book))
    for test in tests:
        yield from _amount(test, tests)
        yield from _length(test)
    yield from _periods(book)


def _terms(terms: LateFee) -> Iterator[Finding]:
    for _, days in terms.grace.steps:
        if days > LONGEST_GRACE:
            yield Finding("D303", terms.at, {"title": Text("宽限期", "a grace period"), "text": f"{days}d"})
    highest = max((cap.share for _, cap in terms.cap.steps if cap is not None), default=Fraction(0))
    if highest > HIGHEST_CAP:
        args = {"cap": f"{decimal_text(highest * 100)}%", "most": f"{decimal_text(HIGHEST_CAP * 100)}%"}
        yield Finding("D305", terms.at, args)


def _in_yuan(amount: Fen) -> str:
    return decimal_text(Fraction(amount, 100))


def _amount(test: Check, tests: list[Check]) -> Iterator[Finding]:
    """An amount so far above the others of the same fact that it was written in fen."""
    if _kind(test) != "money":
        return
    others = sorted({bound.value for one in tests if one.fact == test.fact for bound in _bounds(one)})
    for bound in _bounds(test):
        below = [value for value in others if value < bound.value]
        far = bool(below) and bound.value >= LARGE and bound.value >= APART * max(below)
        if (far or bound.value >= TOO_LARGE) and bound.value % 100_00 == 0:
            meant = _in_yuan(bound.value // 100)
            yield Finding("D301", test.at, {"text": bound.written, "meant": meant})


def _length(test: Check) -> Iterator[Finding]:
    longest = LONG.get(_kind(test) or "text")
    for bound in _bounds(test) if longest is not None else ():
        if longest is not None and bound.value > longest:
            title = CATALOGUE[test.fact].title
            yield Finding("D303", test.at, {"title": title, "text": bound.written})


def _kind(test: Check) -> FactKind | None:
    return CATALOGUE[test.fact].type.kind if test.fact in CATALOGUE else None


def _bounds(test: Check) -> tuple[Bound, ...]:
    if not isinstance(test.test, Range):
        return ()
    return tuple(bound for bound in (test.test.low, test.test.high) if bound is not None)


PERIODS = frozenset({"overdue_periods", "consecutive_overdue_periods"})


def _periods(book: RuleBook) -> Iterator[Finding]:
    """A number of periods asked of households whose periods are months, quarters and years (systems.md N.17)."""
    for clause in own_clauses(book):
        for test in (one for condition in clause.conditions for one in checks(condition)):
            count = max((bound.value for bound in _bounds(test)), default=0)
            if test.fact in PERIODS and count > 1:
                title = CATALOGUE[test.fact].title
                args = {"title": title, "text": test.text, "count": count, "quarters": 3 * count, "years": 12 * count}
                yield Finding("D304", clause.at, args)
                return
