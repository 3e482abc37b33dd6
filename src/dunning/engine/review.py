"""When an account has to be looked at again though nobody adds a record: the next review.

So an ERP re-assesses only the debtors there is news of, or whose day it is. Not part of `assess`: it assesses a few
days ahead, and so takes as long as some assessments.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from dunning.engine.ahead import GROWING, Days, days_ahead, days_of_books, days_of_other_kinds, horizon, marks
from dunning.engine.assess import Rules, assess_group
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.contacts import Person
from dunning.engine.known.facts import Facts
from dunning.engine.owed.ledger import replay
from dunning.engine.result import Assessment
from dunning.engine.steps.candidates import Code
from dunning.model.account import SHANGHAI, Account
from dunning.model.condition import Unknown, Value
from dunning.model.rulebook import RuleBook

Shape = frozenset[tuple[object, ...]]
"""What an account looks like on a day: its steps with the first code of each, its grades, its deadlines in alert."""

WAITING: frozenset[Code] = frozenset({"stale_data", "min_gap", "cap", "window", "grouped"})
"""The codes of the person's day: a step with one of them as its first waits for hours, room or the gap."""

_DAY = timedelta(days=1)


def shape(result: Assessment) -> Shape:
    """Everything of an assessment that calls for another look when it changes; amounts and days left do not."""
    found: set[tuple[object, ...]] = {("status", result.status)}
    found.update(("step", each.step, each.charge, each.key, "due") for each in result.actions)
    found.update(("step", each.step, each.charge, "", each.code) for each in result.withheld)
    found.update(("grade", None, name, graded.value) for name, graded in result.grades.items())
    for charge in result.charges:
        found.update(("grade", charge.id, name, graded.value) for name, graded in charge.grades.items())
    for deadline in result.deadlines:
        if deadline.alert is not None:
            record = deadline.because[0].name if deadline.because else ""
            found.add(("deadline", deadline.kind, deadline.charge, record, deadline.alert))
    return frozenset(found)


def fresh(account: Account, on: date) -> Account:
    """The account as if its data were drawn at the end of a day."""
    return replace(account, data_as_of=datetime.combine(on, time(23, 59, 59), SHANGHAI))


def next_review(account: Account, rules: Rules, *, on: date) -> date | None:
    """The first day after `on` on which an account's shape differs, if no record is added and its data is fresh.

    None: it stays as it is for five years. As if the account were all its debtor has; see `next_reviews`.
    """
    return next_reviews((account,), rules, on=on)[0]


def next_look(seen: Assessment, rules: Rules, *, until: date) -> Assessment | None:
    """How an account looks on the first day after that of `seen` on which it looks different, up to `until`.

    `seen` is its assessment with fresh data, alone. None: it stays as it is. What `next_review` finds, without looking
    twice at the day before and the day after.
    """
    search = _Search((seen.account,), rules)
    day = search.after(seen.on, (seen,), until=min(until, horizon(seen.on)))[0]
    return None if day is None else search.last[0]


def next_reviews(accounts: Sequence[Account], rules: Rules, *, on: date) -> tuple[date | None, ...]:
    """The same for all accounts of one debtor in one company, in the order given: they share caps and messages."""
    search = _Search(tuple(accounts), rules)
    return search.after(on, search.looked(on), until=horizon(on))


def reviewed(results: Sequence[Assessment], rules: Rules) -> tuple[Assessment, ...]:
    """All assessments of one debtor on one day, each with its `next_review`."""
    if not results:
        return ()
    days = next_reviews([result.account for result in results], rules, on=results[0].on)
    return tuple(replace(result, next_review=day) for result, day in zip(results, days, strict=True))


class _Search:
    """Goes through the days ahead of one debtor's accounts until each of them looks different.

    `last`: how they looked on the last of the days it tried.
    """

    def __init__(self, accounts: tuple[Account, ...], rules: Rules) -> None:
        self.accounts = accounts
        self.rules = rules
        self.books = (rules,) if isinstance(rules, RuleBook) else tuple(rules.books)
        self.last: tuple[Assessment, ...] = ()

    def after(self, on: date, results: tuple[Assessment, ...], *, until: date) -> tuple[date | None, ...]:
        at = on
        shapes = [shape(result) for result in results]
        found: dict[int, date] = {}
        while at < until and len(found) < len(shapes):
            waiting = [place for place in range(len(shapes)) if place not in found]
            days = self._ahead(results, waiting, at, until)
            for day in self._one_by_one(results, at, sorted(days.tried | {until})):
                at, results = day, self.looked(day)
                changed = [place for place in waiting if shape(results[place]) != shapes[place]]
                found.update((place, day) for place in changed)
                if changed or day in days.turns:
                    break
        self.last = results
        return tuple(found.get(place) for place in range(len(shapes)))

    def looked(self, day: date) -> tuple[Assessment, ...]:
        return assess_group([fresh(account, day) for account in self.accounts], self.rules, on=day)

    def _ahead(self, results: Sequence[Assessment], waiting: Sequence[int], at: date, until: date) -> Days:
        """The days to try after `at`, whose results are given, for the accounts that still look the same.

        What goes out for one account bears on another only where that one has something to go out, too.
        """
        pending = [_pending(result) for result in results]
        together = any(pending[place] for place in waiting)
        tried: set[date] = set()
        turns: set[date] = set()
        person = Person(self.accounts, at)
        for place in range(len(results)) if together else waiting:
            account, book = self.accounts[place], results[place].book
            turns.update(day for day in days_of_books(self.books, account.handed_over) if at < day <= until)
            turns.update(day for day in _of_contracts(account) if at < day <= until)
            if book is not None:
                facts = Facts(account, replay(account, book, at), book, person=person)
                days = days_ahead(facts, until=until, pending=pending[place])
                tried |= days.tried
                turns |= days.turns
        if together:
            calendars = {result.book.calendar for result in results if result.book is not None}
            for calendar in calendars:
                tried.update(days_of_other_kinds(calendar, at, sorted(tried | turns), until))
        return Days(frozenset(tried | turns), frozenset(turns))

    def _one_by_one(self, results: Sequence[Assessment], at: date, days: Sequence[date]) -> Iterator[date]:
        """The days in order, and between two of them those on which a fact that moves by itself passes a threshold."""
        growing = [
            (self.accounts[place], book)
            for place, result in enumerate(results)
            if (book := result.book) is not None and marks(book).growing
        ]
        for before, day in pairwise((at, *days)):
            between = {each for account, book in growing for each in _passes(account, book, before, day)}
            yield from sorted(between)
            yield day


def _pending(result: Assessment) -> bool:
    """Whether a step of the account is due, or waits for hours, caps, the gap or the day's message."""
    return bool(result.actions) or any(each.code in WAITING for each in result.withheld)


def _of_contracts(account: Account) -> Iterable[date]:
    """Which book applies may hang on the contract in force."""
    for contract in account.contracts:
        if contract.since is not None:
            yield contract.since
        if contract.until is not None and contract.until < date.max:
            yield contract.until + _DAY


def _passes(account: Account, book: RuleBook, before: date, day: date) -> Iterable[date]:
    """Between two days nothing begins or ends, so these facts move one way only: each step is found by halving."""
    last = day - _DAY
    while before < last:
        level = _level(account, book, before)
        if _level(account, book, last) == level:
            return
        low, high = before.toordinal(), last.toordinal()
        while high - low > 1:
            middle = (low + high) // 2
            if _level(account, book, date.fromordinal(middle)) == level:
                low = middle
            else:
                high = middle
        before = date.fromordinal(high)
        yield before


def _level(account: Account, book: RuleBook, day: date) -> tuple[object, ...]:
    """Between which thresholds the facts lie that move by themselves."""
    known = marks(book)
    facts = Facts(account, replay(account, book, day), book)
    found: list[object] = []
    for fact in GROWING:
        if fact not in known.thresholds:
            continue
        if CATALOGUE[fact].of == "charge":
            values = [facts.charge_value(fact, state) for state in facts.ledger.charges if state.unpaid]
        else:
            values = [facts.value(fact)]
        found += [_stage(value, known.thresholds[fact]) for value in values]
    return tuple(found)


def _stage(value: Value | Unknown, thresholds: tuple[int, ...]) -> object:
    return bisect_right(thresholds, value) if isinstance(value, int) and not isinstance(value, bool) else value
