"""The law of one day at one place: all layers together, the strictest of each, whatever the order of files.

Permitted = intersection, cap = minimum, waiting period = maximum. What is allowed below is never a reason to allow what
is forbidden above: combining only ever adds prohibitions, gates and limits.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from dunning.model.anchor import ClockRange, Duration
from dunning.model.law import (
    HARD,
    LAYERS,
    Article,
    BillRule,
    Clock,
    ClockName,
    DebtorRule,
    Gate,
    LawPack,
    Layer,
    LegalLimit,
    Limited,
    Permit,
    Prohibition,
    TextRule,
    Vacancy,
)

# Places


_PLACE = re.compile(r"CN(?:-\d{2}(?:\d{2}(?:\d{2})?)?)?", re.ASCII)
COUNTRY = "CN"


def is_place(text: str) -> bool:
    """CN, or CN- and 2, 4 or 6 digits of GB/T 2260."""
    return bool(_PLACE.fullmatch(text))


@lru_cache(maxsize=4096)
def lineage(place: str | None) -> tuple[str, ...]:
    """A place and all it lies in, widest first: CN-3301 lies in CN-33 lies in CN. What is no place lies in CN."""
    if place is None or not is_place(place):
        return (COUNTRY,)
    return (COUNTRY, *(place[:end] for end in range(5, len(place) + 1, 2)))


# The law of a day at a place


def rank(layer: Layer) -> int:
    """0 is the highest layer."""
    return LAYERS.index(layer)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Several limits of one thing together: the least of the mosts, the most of the leasts, hours all of them allow."""

    at_most: LegalLimit | None = None
    at_least: LegalLimit | None = None
    between: ClockRange | None = None
    counts: tuple[LegalLimit, ...] = ()
    limits: tuple[LegalLimit, ...] = ()

    @classmethod
    def of(cls, limits: Iterable[LegalLimit]) -> Bounds:
        given = tuple(limits)
        most = [limit for limit in given if isinstance(limit.at_most, Duration | Fraction)]
        least = [limit for limit in given if limit.at_least is not None]
        return cls(
            min(most, key=lambda limit: _size(limit.at_most), default=None),
            max(least, key=lambda limit: _size(limit.at_least), default=None),
            _in_all([limit.between for limit in given if limit.between is not None]),
            tuple(limit for limit in given if isinstance(limit.at_most, int)),
            given,
        )


def in_hours(length: Duration) -> tuple[int, int]:
    """The fewest and the most hours a length may come to: working days skip rest days, months differ."""
    n = abs(length.count)
    match length.unit:
        case "h":
            return n, n
        case "d":
            return 24 * n, 24 * n
        case "wd":
            return 24 * n, 24 * (3 * n + 10)  # the longest holidays are under ten days
        case "mo":
            return 24 * 28 * n, 24 * 31 * n
        case "y":
            return 24 * 365 * n, 24 * 366 * n


def _size(length: Duration | Fraction | int | None) -> tuple[Fraction, Fraction]:
    if isinstance(length, Duration):
        fewest, most = in_hours(length)
        return Fraction(fewest), Fraction(most)
    size = Fraction(length or 0)
    return size, size


def _in_all(ranges: list[ClockRange]) -> ClockRange | None:
    """The hours that lie in all of them. Where none do, an empty stretch: from its end to its end."""
    if not ranges:
        return None
    since = max(hours.since for hours in ranges)
    ends = [hours.until for hours in ranges if hours.until is not None]
    until = min(ends) if ends else None
    return ClockRange(since, since if until is not None and until < since else until)


def within(hours: ClockRange, limit: ClockRange) -> bool:
    """Whether hours lie wholly inside others."""
    last = time.max
    return limit.since <= hours.since and (hours.until or last) <= (limit.until or last)


Rule = TypeVar("Rule", Prohibition, Gate, LegalLimit, Clock, TextRule, Permit, BillRule, DebtorRule, Vacancy)


@dataclass(frozen=True, eq=False, kw_only=True)
class Statutes:
    """The law in force on one day at one place. Rules name only those of their articles that are in force.

    A prohibition that rests on second-hand or remembered text alone says `review`; so does one whose articles come into
    force only later, without articles: what held before them is in no pack.
    """

    places: tuple[str, ...]
    packs: tuple[LawPack, ...]
    articles: Mapping[str, Article]
    prohibitions: tuple[Prohibition, ...]
    gates: tuple[Gate, ...]
    limits: tuple[LegalLimit, ...]
    clocks: Mapping[ClockName, Clock]
    text: tuple[TextRule, ...]
    permits: tuple[Permit, ...]
    bills: tuple[BillRule, ...]
    debtor: tuple[DebtorRule, ...]
    vacancy: tuple[Vacancy, ...]

    def layer(self, articles: Iterable[str]) -> Layer:
        """The highest layer among articles in force."""
        return min((self.articles[article].layer for article in articles), key=rank, default="policy")

    def cited(self, articles: Iterable[str]) -> tuple[Article, ...]:
        """Articles by id, each once, the highest layer first."""
        found = [self.articles[article] for article in dict.fromkeys(articles) if article in self.articles]
        return tuple(sorted(found, key=lambda article: (rank(article.layer), _natural(article.id))))

    def bounds(self, of: Limited) -> Bounds:
        """What the layers together allow of one thing, limits for only some accounts included."""
        return Bounds.of(limit for limit in self.limits if limit.of == of)

    @cached_property
    def unresearched(self) -> tuple[LawPack, ...]:
        """The packs that say nobody has looked at this place yet."""
        return tuple(pack for pack in self.packs if pack.unresearched)


class Law:
    """All law packs a book stands on, and the house policy beside them. The order they are given in changes nothing."""

    __slots__ = ("_seen", "_turns", "articles", "packs")

    def __init__(self, packs: Iterable[LawPack]) -> None:
        self.packs = tuple(sorted(packs, key=_order_of_pack))
        self.articles: Mapping[str, Article] = {
            article.id: article for pack in self.packs for article in sorted(pack.articles, key=lambda one: one.id)
        }
        days = {article.since for article in self.articles.values() if article.since}
        days |= {
            article.until + _DAY for article in self.articles.values() if article.until and article.until < date.max
        }
        self._turns = sorted(days)
        self._seen: dict[tuple[int, tuple[str, ...]], Statutes] = {}

    def on(self, day: date, place: str | None = None) -> Statutes:
        """The law in force on that day at that place, the strictest of all layers; without a place, the country's."""
        key = (bisect_right(self._turns, day), lineage(place))
        found = self._seen.get(key)
        if found is None:
            found = self._seen[key] = self._combined(day, key[1])
        return found

    def at(self, place: str | None) -> tuple[LawPack, ...]:
        """The packs that hold at a place, the highest layer first."""
        places = lineage(place)
        return tuple(pack for pack in self.packs if any(one in places for one in pack.places))

    @property
    def turns(self) -> tuple[date, ...]:
        """The days on which some article comes into force or has just ended, in order."""
        return tuple(self._turns)

    @property
    def unreviewed(self) -> tuple[LawPack, ...]:
        """The packs no lawyer has signed as they are now."""
        return tuple(pack for pack in self.packs if not pack.signed)

    @property
    def unread(self) -> tuple[Article, ...]:
        """The articles known second-hand or from memory: they warn or ask for review, and never rule."""
        return tuple(article for article in self.articles.values() if not article.read)

    def _combined(self, day: date, places: tuple[str, ...]) -> Statutes:
        packs = self.at(places[-1])
        articles = _in_force([article for pack in packs for article in pack.articles], day)

        def held(rules: Iterable[Rule]) -> tuple[Rule, ...]:
            """Rules with an article in force, in an order that does not hang on files."""
            narrowed = (_narrowed(rule, articles) for rule in rules)
            return tuple(sorted((rule for rule in narrowed if rule is not None), key=_order_of_rule))

        forbidden = [rule for pack in packs for rule in pack.prohibitions]
        clocks = held(clock for pack in packs for clock in pack.clocks)
        standing = Statutes(
            places=places,
            packs=packs,
            articles=articles,
            prohibitions=(),
            gates=held(gate for pack in packs for gate in pack.gates),
            limits=held(limit for pack in packs for limit in pack.limits),
            clocks={},
            text=held(rule for pack in packs for rule in pack.text),
            permits=held(permit for pack in packs for permit in pack.permits),
            bills=held(rule for pack in packs for rule in pack.bills),
            debtor=held(rule for pack in packs for rule in pack.debtor),
            vacancy=held(rule for pack in packs for rule in pack.vacancy),
        )
        # 民法典第197条: how long a period lasts is for the highest layer that speaks of it to say.
        lowest_first = sorted(clocks, key=lambda clock: rank(standing.layer(clock.articles)), reverse=True)
        return replace(
            standing,
            prohibitions=(*(_graded(rule, articles) for rule in held(forbidden)), *_yet_to_come(forbidden, self, day)),
            clocks={clock.clock: clock for clock in lowest_first},
        )


_DAY = timedelta(days=1)


def _order_of_pack(pack: LawPack) -> tuple[Any, ...]:
    return rank(pack.layer), pack.places, pack.name, pack.title, pack.digest


_SPAN = re.compile(r"Span\([^)]*\)")


def _order_of_rule(rule: Any) -> tuple[Any, ...]:
    return tuple(map(_natural, rule.articles)), _SPAN.sub("", repr(rule))


def _natural(article: str) -> tuple[tuple[int, int | str], ...]:
    """CC-944.3 before CC-1033: numbers go by their size."""
    parts = re.findall(r"\d+|\D+", article)
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in parts)


def _in_force(articles: Iterable[Article], day: date) -> Mapping[str, Article]:
    """Those whose days these are, less those another one in force takes the place of."""
    known = {article.id: article for article in articles if article.in_force(day)}
    replaced = {article.replaces for article in known.values()}
    return {name: known[name] for name in sorted(known, key=_natural) if name not in replaced}


def _narrowed(rule: Rule, articles: Mapping[str, Article]) -> Rule | None:
    """The rule with those of its articles that are in force; None without any."""
    cited = tuple(sorted((article for article in rule.articles if article in articles), key=_natural))
    if not cited:
        return None
    return rule if cited == rule.articles else replace(rule, articles=cited)


def _graded(rule: Prohibition, articles: Mapping[str, Article]) -> Prohibition:
    """A prohibition as hard as its sources bear; its penalty only while the article that sets it is in force."""
    if rule.penalty is not None and rule.penalty.articles:
        kept = tuple(article for article in rule.penalty.articles if article in articles)
        rule = replace(rule, penalty=replace(rule.penalty, articles=kept) if kept else None)
    if rule.verdict in HARD and not any(articles[article].read for article in rule.articles):
        return replace(rule, verdict="review")
    return rule


def _yet_to_come(rules: Iterable[Prohibition], law: Law, day: date) -> list[Prohibition]:
    """Prohibitions whose articles all lie ahead: what held on that day nobody has written down, so a lawyer looks."""
    found = []
    for rule in rules:
        days = [law.articles[article].since for article in rule.articles if article in law.articles]
        if days and all(since is not None and since > day for since in days):
            found.append(replace(rule, verdict="review", articles=(), penalty=None))
    return sorted(found, key=_order_of_rule)
