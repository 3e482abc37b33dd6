"""A sample of a portfolio put before everybody who can be asked; what differs is made small and nameless.

So a user can see on his own data and rules that the answers hold, and report it without sending data where they do not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import NamedTuple

from dunning.basis.workers import Workers
from dunning.engine.assess import Rules
from dunning.intake.groups import RawGroup
from dunning.intake.records import read_account
from dunning.model.rulebook import RuleBook
from dunning.output.record.pseudonyms import Names, masked
from dunning.selfcheck.opinions import BROKE_OFF, VOICES, Debtor, Heard, Opinion, ask
from dunning.selfcheck.smaller import smallest

CHUNK = 40
"""Debtors asked about at once."""

SHOWN = 3
"""Debtors made small for each of those asked: the first ones."""

Load = Callable[[], Rules]


class Apart(NamedTuple):
    """A debtor of whom one of those asked says something else, as small as it can be made; `what` differs, by line.

    `nameless`: ids are numbers and texts are left out. Where the difference hangs on them it is gone without them.
    """

    by: str
    debtor: Debtor
    what: tuple[str, ...]
    nameless: bool


@dataclass(slots=True)
class Checked:
    """What everybody said; None: could not be asked. `differing` counts debtors by who said something else."""

    debtors: int = 0
    accounts: int = 0
    rejected: int = 0
    heard: dict[str, Heard | None] = field(default_factory=dict)
    differing: dict[str, int] = field(default_factory=dict)
    apart: list[Apart] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether all agree."""
        return not any(self.differing.values())


class _Part(NamedTuple):
    """What was said of some debtors, and those of whom something differs, by who says so."""

    debtors: tuple[Debtor, ...]
    rejected: int
    heard: dict[str, Heard]


def selfcheck(
    groups: Iterable[RawGroup],
    load: Load,
    *,
    on: date,
    jobs: int = 1,
    tick: Callable[[int], None] = lambda _: None,
) -> Checked:
    """Asks everybody about these groups; `load` makes the rules, in every process anew. `tick` is told accounts."""
    checked = Checked(heard={name: Heard() if voice.can_be_asked else None for name, voice in VOICES.items()})
    rules = load()
    first: dict[str, list[Debtor]] = {name: [] for name in VOICES}
    for part in _parts(groups, load, on, jobs):
        accounts = sum(map(len, part.debtors))
        checked.debtors += len(part.debtors)
        checked.accounts += accounts
        checked.rejected += part.rejected
        for name, one in part.heard.items():
            _add(checked, name, one)
            first[name] += [part.debtors[place] for place in one.differs][: SHOWN - len(first[name])]
        tick(accounts + part.rejected)
    for name, debtors in first.items():
        checked.apart += [made_small(name, debtor, rules, on) for debtor in debtors]
    return checked


def _add(checked: Checked, name: str, one: Heard) -> None:
    total = checked.heard[name]
    assert total is not None
    total.compared += one.compared
    checked.differing[name] = checked.differing.get(name, 0) + len(one.differs)
    for why, count in one.besides.items():
        total.besides[why] = total.besides.get(why, 0) + count


def made_small(name: str, debtor: Debtor, rules: Rules, on: date) -> Apart:
    """A debtor of whom somebody says something else: without names, if it shows then, and with the least of records."""
    opinion = VOICES[name].opinion
    breaks_off = _error(_what(opinion, debtor, rules, on))

    def differs(one: Debtor) -> bool:
        what = _what(opinion, one, rules, on)
        return bool(what) and _error(what) == breaks_off  # another mistake is another report

    plain = nameless(debtor, rules)
    shown = differs(plain)
    small = smallest(plain if shown else debtor, differs)
    return Apart(name, small if shown else nameless(small, rules), _what(opinion, small, rules, on), shown)


def _what(opinion: Opinion, debtor: Debtor, rules: Rules, on: date) -> tuple[str, ...]:
    return ask(opinion, [debtor], rules, on).differs.get(0, ())


def _error(what: tuple[str, ...]) -> str:
    """The kind of error by which an opinion broke off; empty if it did not."""
    return what[0].partition(BROKE_OFF)[0] if what and BROKE_OFF in what[0] else ""


def nameless(debtor: Debtor, rules: Rules) -> Debtor:
    """The debtor's accounts as they stand in a decision record: numbers for ids, no free text, only attributes read."""
    books = [rules] if isinstance(rules, RuleBook) else rules.books
    attributes = {fact.key for book in books for fact in book.facts.values()}
    names = Names(debtor)
    return tuple(read_account(json.loads(masked(account, names, attributes))) for account in debtor)


# In one process or several


def _parts(groups: Iterable[RawGroup], load: Load, on: date, jobs: int) -> Iterator[_Part]:
    chunks = _chunks(groups)
    if jobs <= 1:
        rules = load()
        yield from (_asked(chunk, rules, on) for chunk in chunks)
        return
    with Workers(jobs, _start, load, on) as pool:
        for part in [pool.submit(_in_worker, chunk) for chunk in chunks]:
            yield part.result()


def _chunks(groups: Iterable[RawGroup]) -> Iterator[list[RawGroup]]:
    several = iter(groups)
    while chunk := list(islice(several, CHUNK)):
        yield chunk


def _asked(chunk: Iterable[RawGroup], rules: Rules, on: date) -> _Part:
    groups = [raw.read() for raw in chunk]
    debtors = tuple(group.accounts for group in groups if group.accounts)
    heard = {name: ask(voice.opinion, debtors, rules, on) for name, voice in VOICES.items() if voice.can_be_asked}
    return _Part(debtors, sum(len(group.rejected) for group in groups), heard)


_worker: tuple[Rules, date] | None = None
"""The rules and the day of a process of the pool."""


def _start(load: Load, on: date) -> None:
    global _worker  # a pool's processes have no other way to keep what they start with
    _worker = (load(), on)


def _in_worker(chunk: list[RawGroup]) -> _Part:
    assert _worker is not None
    return _asked(chunk, *_worker)
