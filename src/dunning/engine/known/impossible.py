"""Households that cannot exist: what the ledger and the records guarantee of facts taken together.

The analysis of tables leaves them out, so that no reviewer is asked for a row about three overdue periods without a fen
of arrears. Each guarantee is held against generated accounts (tests/properties/test_impossible.py); a book adds its own
under `impossible`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import lru_cache
from itertools import combinations, permutations
from typing import NamedTuple

from dunning.basis.money import yuan
from dunning.engine.known.catalogue import CATALOGUE, DISPUTE_KINDS, ITEMS
from dunning.engine.known.facts import HARDSHIP_TAGS
from dunning.model.condition import ALWAYS, All, Bound, Check, Condition, Contains, Not, Nothing, OneOf, Range
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import lineage

MAY_BE_NOTHING = frozenset({
    "oldest_due", "last_payment_on", "days_since_payment", "on_time_ratio_12m", "average_days_late", "payment_habit",
    "promise_on", "last_contact_on", "plan_state",
})  # fmt: skip
"""The facts that may be known to have no value. All others have one, where they are known; a set then may be empty."""

LEAST: Mapping[str, int] = {
    "arrears": 0, "principal_not_due": 0, "late_fee": 0, "credit": 0, "disputed_amount": 0, "overdue_days": 0,
    "overdue_periods": 0, "consecutive_overdue_periods": 0, "overdue_quarters": 0, "months_owed": 0, "monthly_fee": 0,
    "days_since_payment": 0, "paid_12m": 0, "late_payments_12m": 0, "on_time_ratio_12m": 0, "average_days_late": 0,
    "paid_ahead": 0, "covers_months": 0, "broken_promises": 0, "open_disputes": 0, "contacts_7d": 0, "contacts_30d": 0,
    "unreachable_streak": 0, "area": 0, "charge_overdue_days": 0,
    "charge_unpaid": 1,  # only charges with something unpaid are graded
}  # fmt: skip
"""The least a fact comes to; one that is not here may be negative, or is no number."""

MOST: Mapping[str, int] = {"on_time_ratio_12m": 1_000_000}

# Tests, written as a reviewer would write them


def _written(fact: str, value: int) -> str:
    type_ = CATALOGUE[fact].type
    match type_.kind:
        case "money":
            return f"{yuan(value).removesuffix('.00')}元"
        case "percent":
            return f"{value // 10_000}%"
        case "months":
            return f"{value // 2}个月"
    return f"{value}{type_.unit.zh}"


def _below(fact: str, value: int) -> Check:
    return Check(fact, Range(None, Bound(value, included=False, written=_written(fact, value))), "")


def _above(fact: str, value: int) -> Check:
    return Check(fact, Range(Bound(value, included=False, written=_written(fact, value)), None), "")


def _within(fact: str, low: int, high: int) -> Check:
    ends = (Bound(value, included=True, written=_written(fact, value)) for value in (low, high))
    return Check(fact, Range(*ends), "")


def _zero(fact: str) -> Check:
    return Check(fact, OneOf((0,), (_written(fact, 0),)), "")


def _some(fact: str) -> Check:
    return _above(fact, 0)


def _true(fact: str) -> Check:
    return Check(fact, OneOf((True,), ("是",)), "")


def _false(fact: str) -> Check:
    return Check(fact, OneOf((False,), ("否",)), "")


def _is(fact: str, *words: str) -> Check:
    return Check(fact, OneOf(words, words), "")


def _holds(fact: str, word: str) -> Check:
    return Check(fact, Contains((word,)), "")


def _lacks(fact: str, word: str) -> Check:
    return Check(fact, Contains((word,), negated=True), "")


def _nothing(fact: str) -> Check:
    return Check(fact, Nothing(), "")


def _something(fact: str) -> Check:
    return Check(fact, Nothing(negated=True), "")


# What the records guarantee

_OWED = ("arrears", "overdue_days", "overdue_periods", "consecutive_overdue_periods", "overdue_quarters", "months_owed")
_SIGNS_OF_NONE = (*map(_zero, _OWED), _nothing("oldest_due"))
"""All of these are true, or none is."""

_OF_THE_OVERDUE = ("first_arrears", "refused", "willing", "away", "demand_delivered", "demand_expired")
_SIGNS_OF_ARREARS = (*map(_some, _OWED), _something("oldest_due"), *map(_true, _OF_THE_OVERDUE),
                     _some("charge_overdue_days"))  # fmt: skip
"""Each is true only where something is overdue."""
_WITHOUT_CREDIT = (_zero("credit"), _nothing("last_payment_on"), _nothing("days_since_payment"))


@lru_cache(maxsize=1)
def guaranteed() -> tuple[Condition, ...]:
    """What no household is like, whatever the book."""
    alone: list[Condition] = [_below(fact, least) for fact, least in LEAST.items()]
    alone += [_above(fact, most) for fact, most in MOST.items()]
    return (*alone, *(All(parts) for parts in _apart()))


def _apart() -> Iterator[tuple[Check, ...]]:
    """Tests that are never true together. What follows from two of these is said outright."""
    for sign in _SIGNS_OF_ARREARS:
        for other in _SIGNS_OF_NONE:
            if sign.fact != other.fact:
                yield sign, other
        for none in _WITHOUT_CREDIT:
            yield sign, none, _below("balance", 1)
        yield sign, _is("debtor_kind", "person"), _is("occupancy", "unsold", "undelivered")
    yield _zero("credit"), _below("balance", 0)
    yield _true("refused"), _true("willing")
    yield _true("demand_expired"), _false("demand_delivered")
    yield from _of_punctuality()
    yield from _of_payments()
    yield from _of_words_said()
    yield from _of_charges()


def _of_punctuality() -> Iterator[tuple[Check, ...]]:
    for ratio, average in permutations(("on_time_ratio_12m", "average_days_late"), 2):
        yield _nothing(ratio), _something(average)
    on_time = (_zero("late_payments_12m"), _above("on_time_ratio_12m", 999_999), _nothing("on_time_ratio_12m"),
               _nothing("average_days_late"))  # fmt: skip
    # An oldest due date of less than a year ago is one of those missed in these twelve months.
    late = (_some("late_payments_12m"), _below("on_time_ratio_12m", 1_000_000), _some("average_days_late"),
            _within("overdue_days", 1, 364), _within("charge_overdue_days", 1, 364))  # fmt: skip
    for one in on_time:
        for other in late:
            if one.fact != other.fact:
                yield one, other
    yield _true("first_arrears"), _above("late_payments_12m", 1)


def _of_payments() -> Iterator[tuple[Check, ...]]:
    never_paid = _WITHOUT_CREDIT[1:]
    paid = (_something("last_payment_on"), _something("days_since_payment"), _something("payment_habit"),
            *map(_some, ("paid_12m", "credit", "paid_ahead", "covers_months")), _below("balance", 0))  # fmt: skip
    for none in never_paid:
        for some in paid:
            if none.fact != some.fact:
                yield none, some
    for recent in (_some("paid_12m"), _something("payment_habit")):
        yield recent, _above("days_since_payment", 365)
    yield _some("paid_ahead"), _zero("covers_months")


def _of_words_said() -> Iterator[tuple[Check, ...]]:
    yield _true("promise_open"), _nothing("promise_on")
    yield _false("promise_open"), _something("promise_on")
    for fact in ("contacts_7d", "contacts_30d"):
        yield _some(fact), _nothing("last_contact_on")
    undisputed = (_zero("open_disputes"), _nothing("open_dispute_kinds"))
    disputed = (_some("open_disputes"), _something("open_dispute_kinds"), _some("disputed_amount"))
    for none in undisputed:
        for some in disputed:
            if none.fact != some.fact:
                yield none, some
    for kinds in combinations(DISPUTE_KINDS, 2):
        yield *(_holds("open_dispute_kinds", kind) for kind in kinds), _below("open_disputes", 2)
    yield _holds("open_dispute_kinds", "hardship"), _false("hardship")
    for tag in sorted(HARDSHIP_TAGS):
        yield _holds("tags", tag), _false("hardship")


def _of_charges() -> Iterator[tuple[Check, ...]]:
    yield _true("charge_demand_expired"), _false("charge_demand_delivered")
    for known in ("demand_delivered", "demand_expired"):
        yield _some("charge_overdue_days"), _true(f"charge_{known}"), _false(known)
    yield _some("charge_overdue_days"), _true("charge_demand_expired"), _false("demand_delivered")


class NoMore(NamedTuple):
    """Of households with `given`, the one fact never comes to more than the other."""

    less: str
    more: str
    given: Condition = ALWAYS


NO_MORE = (
    NoMore("consecutive_overdue_periods", "overdue_periods"),
    NoMore("contacts_7d", "contacts_30d"),
    NoMore("charge_overdue_days", "overdue_days"),
    NoMore("charge_unpaid", "arrears", _some("charge_overdue_days")),
    *(NoMore(part, "balance", none) for none in _WITHOUT_CREDIT for part in ("arrears", "late_fee", "disputed_amount")),
)
"""The facts of which one is never more than another."""

AGES = (("charge_overdue_days", "charge_age"),)
"""The same stretch of time in days (0: none) and in months."""


def days_of(age: int) -> tuple[int, int]:
    """The fewest and the most days that have passed at an age in months (2m+e), which is above 0."""
    months, more = divmod(age, 2)
    return _shortest_and_longest(months)[0] + more, _shortest_and_longest(months + more)[1] - more


@lru_cache(maxsize=1024)
def _shortest_and_longest(months: int) -> tuple[int, int]:
    """So many months in a row, in days; February and the leap years decide, and 2100 has none."""
    lengths = []
    for first in range(2092 * 12, 2108 * 12):
        year, month = divmod(first + months, 12)
        begins, ends = date(first // 12, first % 12 + 1, 1), date(year, month + 1, 1)
        lengths.append((ends - begins).days)
    return min(lengths), max(lengths)


def of_places(places: Collection[str]) -> Iterator[Condition]:
    """One place lies in another or it does not: CN-3301 means CN-33 too, and nobody lives in CN-33 and CN-44."""
    for one, other in permutations(sorted(places), 2):
        if other in lineage(one):
            yield All((_holds("place", one), _lacks("place", other)))
        elif one < other and one not in lineage(other):
            yield All((_holds("place", one), _holds("place", other)))
    yield _nothing("place")


# What a book adds


def of_settings(book: RuleBook) -> Iterator[Condition]:
    """What its settings rule out."""
    least = book.payments.chase_from
    if least > 1:
        yield _within("arrears", 1, least - 1)
        yield All((_some("charge_overdue_days"), _below("charge_unpaid", least)))
    others = tuple(item for item in ITEMS if item not in book.chased)
    if others:
        yield All((_is("charge_item", *others), _some("charge_overdue_days")))


def not_for(book: RuleBook) -> Iterator[Condition]:
    """Whom the book is not for."""
    if book.applies is not None:
        yield Not(book.applies)
    track = book.track
    if track is not None:
        since, until = track.since, track.until
        if since is not None and since.offset.unit == "d":
            yield _below("handover_days", since.offset.count)
        if until is not None and until.offset.unit == "d":
            yield _above("handover_days", until.offset.count)
