"""One household played forward under both rules, in three ways: what would be done to it, month by month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from dunning.basis.finding import Text
from dunning.engine.assess import Rules
from dunning.engine.timeline import Event, Timeline, timeline
from dunning.model.account import Account

LASTS = timedelta(days=183)
PAYS_AFTER = timedelta(days=45)


class Played(NamedTuple):
    """A scenario under both rules; `same`: everything comes on the same days."""

    scenario: str
    old: Timeline
    new: Timeline

    @property
    def same(self) -> bool:
        return all(lane.old == lane.new for lane in lanes(self))


class Lane(NamedTuple):
    """One step or kind of event: on which days it comes under the old rules, and under the new."""

    title: Text
    old: tuple[date, ...]
    new: tuple[date, ...]


def played(account: Account, old: Rules, new: Rules, *, on: date) -> tuple[Played, ...]:
    """The account from `on` for half a year: silent, paying all after six weeks, promising and breaking it."""
    scenarios = ("silent", f"pays_on:{on + PAYS_AFTER}", "promises_and_breaks")
    return tuple(
        Played(
            scenario, *(timeline(account, rules, since=on, until=on + LASTS, scenario=scenario) for rules in (old, new))
        )
        for scenario in scenarios
    )


def lanes(of: Played) -> Iterator[Lane]:
    """Every line of the drawing, in the order in which it first comes; charges falling due left out."""
    days = [_days(each.events) for each in (of.old, of.new)]
    first = {name: min(each for side in days for each in side.get(name, ())) for name in {**days[0], **days[1]}}
    for name in sorted(first, key=lambda each: (first[each], each.zh)):
        yield Lane(name, *(tuple(sorted(side.get(name, Counter()).elements())) for side in days))


def _days(events: Iterable[Event]) -> Mapping[Text, Counter[date]]:
    found: dict[Text, Counter[date]] = {}
    for event in events:
        if event.kind != "due":
            found.setdefault(event.title, Counter()).update(event.days or (event.on,))
    return found
