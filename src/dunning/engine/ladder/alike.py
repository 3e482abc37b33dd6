"""Households that stand alike: late since the same day, read the same by the rules, and nothing else on record.

With no contact, decision, dispute, hold, plan or proceeding a step comes to the same for all of them. So it is worked
out once, as the guard's answers are; only what speaks of their own charges, or goes out today, is made for each.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, partial
from typing import NamedTuple

from dunning.engine.ladder.drafts import unmet
from dunning.engine.ladder.lawful import FREE
from dunning.engine.ladder.standing import Household
from dunning.engine.steps.candidates import Candidate, Withheld
from dunning.engine.steps.ready import Holds, Ready, Rung

MOST_REMEMBERED = 10_000
"""Kinds of household remembered for one book; then it starts afresh."""

Likeness = tuple[object, ...]
"""All that tells such households apart."""


def likeness(home: Household) -> Likeness | None:
    """What a household's steps hang on, where that is nothing on record of its own; None where it is."""
    account, anchor, book = home.account, home.anchor, _book(home.ready)
    if not book.alike or anchor is None or anchor.due is None or not home.facts.overdue or home.untouched is None:
        return None
    if account.approvals or account.disputes or account.holds or account.plans or account.proceedings:
        return None
    if home.law.others is not FREE or home.rests or any(home.undetermined(table) for table in book.tables):
        return None
    whens = [when(home.read) for when in book.whens]
    return (
        home.on,
        anchor.due,
        anchor.charge.due,
        account.debtor.reachable,
        *home.law.readings_without_records(),
        *whens,
    )


def told(home: Household, likeness: Likeness) -> list[Withheld | None] | None:
    """What each step comes to, by rank; None for a step to be looked at, and where nobody like this was seen yet."""
    known = _book(home.ready).told.get(likeness)
    if known is None:
        return None
    found = list(known.withheld)
    for rung, withheld in known.unmet:
        found[rung.rank] = withheld.because_of(partial(unmet, rung, home.read))
    return found


def remember(home: Household, likeness: Likeness, found: Iterable[Candidate | Withheld]) -> None:
    """Keeps for others what the steps of this household came to, but what goes out and what speaks of one charge."""
    memory = _book(home.ready).told
    if len(memory) >= MOST_REMEMBERED:
        memory.clear()
    came_to: dict[str, list[Candidate | Withheld]] = {}
    for each in found:
        came_to.setdefault(each.step if isinstance(each, Withheld) else each.step.id, []).append(each)
    withheld: list[Withheld | None] = []
    waiting: list[tuple[Rung, Withheld]] = []
    for rung in home.ready.rungs:
        only = _the_same(came_to[rung.step.id]) if rung.alike else None
        if only is not None and only.why_asked:
            only = only.because_of(None)
            waiting.append((rung, only))
        withheld.append(only)
    memory[likeness] = _Told(tuple(withheld), tuple(waiting))


def _the_same(found: list[Candidate | Withheld]) -> Withheld | None:
    match found:
        case [Withheld(charge=None) as withheld]:
            return withheld
    return None


class _Told(NamedTuple):
    """What steps came to, by rank. `unmet`: those whose condition is not so, for which each has its own reasons."""

    withheld: tuple[Withheld | None, ...]
    unmet: tuple[tuple[Rung, Withheld], ...]


class _Book(NamedTuple):
    """What of a book's steps bears on likeness: conditions, tables, and whether every rung stands alike.

    `told`: what is remembered.
    """

    alike: bool
    whens: tuple[Holds, ...]
    tables: tuple[str, ...]
    told: dict[Likeness, _Told]


@lru_cache(maxsize=64)
def _book(ready: Ready) -> _Book:
    rungs = [rung for rung in ready.rungs if rung.alike and not rung.source]  # what hangs on records never comes
    whens = tuple([rung.when for rung in rungs if rung.when is not None])
    tables = tuple(dict.fromkeys(table for rung in rungs for table in rung.tables))
    return _Book(all(rung.alike for rung in ready.ladder), whens, tables, {})
