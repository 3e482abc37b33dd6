"""Real households under both rules: the sums, and some of them to look at closely, without their names.

A household is called by its place in the order of reading, which is that of the rows `dunning assess` writes: whoever
has the data finds it, and nobody else can.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from dunning.basis.finding import Lang, Text
from dunning.compare.impact import Impact, Pair, Standing
from dunning.engine.assess import Rules, assess_group
from dunning.engine.result import Assessment
from dunning.intake.groups import Group
from dunning.intake.records import read_account
from dunning.model.account import Account
from dunning.output.record.batch import books_of
from dunning.output.record.pseudonyms import Names, masked

SHOWN = 3
"""Households looked at closely, each of another way to change."""
_WAYS = 1_000
"""Ways to change of which a household is kept; a portfolio in which more are found is told by its sums."""


class Way(NamedTuple):
    """In what way a household changes: its answers (table, old, new), its late fee (-1, 0, 1), its steps that day."""

    answers: tuple[tuple[str, str, str], ...]
    fee: int
    added: tuple[str, ...]
    dropped: tuple[str, ...]

    @classmethod
    def of(cls, before: Standing, after: Standing) -> Way:
        tables = dict.fromkeys((*before.grades, *after.grades))
        answers = [(name, before.grades.get(name, ""), after.grades.get(name, "")) for name in tables]
        steps = Counter(before.steps), Counter(after.steps)
        apart = after.late_fee - before.late_fee
        return cls(
            tuple(each for each in answers if each[1] != each[2]),
            (apart > 0) - (apart < 0),
            tuple(sorted((steps[1] - steps[0]).elements())),
            tuple(sorted((steps[0] - steps[1]).elements())),
        )

    def __bool__(self) -> bool:
        return bool(self.answers or self.fee or self.added or self.dropped)


class Sample(NamedTuple):
    """One household with both answers, under pseudonyms; `alike` change in the same way, this one included."""

    number: int
    alike: int
    way: Way
    account: Account
    old: Assessment
    new: Assessment


@dataclass(slots=True)
class Day:
    """What is to be done on the day under one set of rules: contacts by post, formal demands."""

    contacts: Counter[str] = field(default_factory=Counter)
    demands: int = 0

    def add(self, result: Assessment) -> None:
        self.contacts.update(action.role or "" for action in result.actions if action.channels)
        self.demands += sum(action.action == "formal_demand" for action in result.actions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Households:
    """What becomes of a portfolio; `impact` names households by their places."""

    impact: Impact
    samples: tuple[Sample, ...]
    before: Day
    after: Day


Tick = Callable[[int], None]


def look(
    portfolio: Iterable[Group], old: Rules, new: Rules, *, on: date, lang: Lang, tick: Tick | None = None
) -> Households:
    """Every household assessed under both; `tick` is told how many are done. Memory does not grow with them."""
    impact, days, ways, number = Impact(), (Day(), Day()), _Ways(), 0
    for group in portfolio:
        results = [assess_group(group.accounts, rules, on=on) for rules in (old, new)]
        for place, (before, after) in enumerate(zip(*results, strict=True)):
            number += 1
            pair = Standing.of(before), Standing.of(after)
            impact.add(Pair(called(number).to(lang), *pair))
            ways.add(Way.of(*pair), group, place, number)
            days[0].add(before)
            days[1].add(after)
        impact.rejected += len(group.rejected)
        if tick is not None:
            tick(len(group.accounts) + len(group.rejected))
    return Households(impact=impact, samples=ways.samples(old, new, on), before=days[0], after=days[1])


def called(number: int) -> Text:
    """How a household is called in what people sign: by its place."""
    return Text(f"第{number}户", f"household {number}")


class _Met(NamedTuple):
    """The first household met that changes in some way: its group, its place in that, its number."""

    group: Group
    place: int
    number: int


class _Ways:
    """The ways households change in, how many of each, and the first household of each."""

    def __init__(self) -> None:
        self.counts: Counter[Way] = Counter()
        self.first: dict[Way, _Met] = {}

    def add(self, way: Way, group: Group, place: int, number: int) -> None:
        if way and (way in self.first or len(self.first) < _WAYS):
            self.counts[way] += 1
            self.first.setdefault(way, _Met(group, place, number))

    def samples(self, old: Rules, new: Rules, on: date) -> tuple[Sample, ...]:
        """Those whose answers or steps change before those with another late fee only, the most frequent first."""
        ranked = sorted(
            self.first, key=lambda way: (not way.answers, not (way.added or way.dropped), -self.counts[way])
        )
        attributes = {fact.key for rules in (old, new) for book in books_of(rules) for fact in book.facts.values()}
        return tuple(
            _sample(way, self.counts[way], self.first[way], old, new, on, attributes) for way in ranked[:SHOWN]
        )


def _sample(way: Way, count: int, met: _Met, old: Rules, new: Rules, on: date, attributes: Collection[str]) -> Sample:
    accounts = without_names(met.group, attributes)
    before, after = (assess_group(accounts, rules, on=on)[met.place] for rules in (old, new))
    return Sample(met.number, count, way, accounts[met.place], before, after)


def without_names(group: Group, attributes: Collection[str]) -> tuple[Account, ...]:
    """A debtor's accounts under pseudonyms, as in the decision record: they give the same answers."""
    names = Names(group.accounts)
    return tuple(read_account(json.loads(masked(account, names, attributes))) for account in group.accounts)
