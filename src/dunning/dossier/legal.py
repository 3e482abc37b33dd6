"""What the law says of the clauses a change touches: the verdict on what they do, and the articles it rests on."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from dunning.compare.difference import Change, Compared, Difference
from dunning.compare.ground import called
from dunning.engine.law.guard import find_action, law_of, rule_on
from dunning.engine.law.verdict import Verdict
from dunning.model.action import ACTIONS, Action
from dunning.model.law import Article, LawPack, ReferenceRate
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import COUNTRY
from dunning.model.steps import Step

_ABOUT: Mapping[str, tuple[str, ...]] = {
    "late_fee": ("charge_late_fee",),
    "contact": ("call", "visit", "send_message"),
    "incentives": ("offer_prepayment",),
    "pauses": ("resolve_complaint",),
}
"""Sections that are no steps, by the actions they bear upon."""


class Local(NamedTuple):
    """What a place says beside national law."""

    place: str
    verdict: Verdict
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A clause that changed and one action it bears upon; `verdict` None: no action, only `articles`, maybe none."""

    change: Change
    action: Action | None = None
    verdict: Verdict | None = None
    articles: tuple[Article, ...] = ()
    local: tuple[Local, ...] = ()

    @property
    def said_of_it(self) -> Hashable:
        """Equal where the law says the same."""
        verdict = self.verdict
        word = None if verdict is None else (verdict.action.title, verdict.verdict, verdict.conditions)
        return word, self.articles, tuple((one.place, one.verdict.verdict, one.articles) for one in self.local)


@dataclass(frozen=True, slots=True, kw_only=True)
class Legal:
    """All of that, and what is not known of the law: files no lawyer has signed, articles nobody has read.

    `references` are published rates that late fees are held against, where a late fee changed.
    """

    touched: tuple[Touched, ...] = ()
    unsigned: tuple[LawPack, ...] = ()
    unresearched: tuple[LawPack, ...] = ()
    unread: tuple[Article, ...] = ()
    references: tuple[ReferenceRate, ...] = ()

    @property
    def articles(self) -> tuple[Article, ...]:
        """Every article named, once."""
        local = (article for each in self.touched for one in each.local for article in one.articles)
        return tuple(dict.fromkeys((*(article for each in self.touched for article in each.articles), *local)))


def legal(difference: Difference) -> Legal:
    """What the law says of a difference, on its day or the first day of a book that begins later."""
    touched = [one for compared, change in once(difference) for one in _of_change(compared, change, difference.on)]
    books = [compared.new for compared in difference.books if compared.new is not None]
    packs = tuple({called(pack): pack for book in books for pack in book.laws}.values())
    fees = any(one.change.clause == "late_fee" for one in touched)
    return Legal(
        touched=tuple(touched),
        unsigned=tuple(pack for pack in packs if not pack.signed and not pack.unresearched),
        unresearched=tuple(pack for pack in packs if pack.unresearched),
        unread=tuple(article for pack in packs for article in pack.articles if not article.read),
        references=tuple(reference for pack in packs for reference in pack.references) if fees else (),
    )


def once(difference: Difference) -> Iterator[tuple[Compared, Change]]:
    """Every change of the books, that of a base and of the books that stand on it once."""
    seen = set()
    for compared in difference.books:
        for change in compared.changes:
            if change.told_once not in seen:
                seen.add(change.told_once)
                yield compared, change


def _of_change(compared: Compared, change: Change, on: date) -> Iterator[Touched]:
    book = compared.old if change.how == "removed" else compared.new
    if book is None:
        return
    day = max(on, book.since or on)
    asked = list(_asked(change, book))
    for action, step in asked:
        verdict = rule_on(action, book, on=day, step=step)
        articles = _behind(verdict)
        yield Touched(
            change=change, action=verdict.action, verdict=verdict, articles=articles,
            local=tuple(_local(action, step, book, day, verdict, articles)),
        )  # fmt: skip
    if not asked:
        yield Touched(change=change, articles=tuple(_named(change, book, day)))


def _asked(change: Change, book: RuleBook) -> Iterator[tuple[Action, Step | None]]:
    if change.section in ("reminders", "ladder") and (step := book.step(change.clause.rpartition(".")[2])) is not None:
        yield find_action(step.action, book), step
    elif change.section == "actions" and (name := change.clause.partition(".")[2]) in book.actions:
        yield find_action(name, book), None
    else:
        yield from ((ACTIONS[name], None) for name in _ABOUT.get(change.section, ()))


def _behind(verdict: Verdict) -> tuple[Article, ...]:
    """The articles of a verdict, and those of the limits to keep to."""
    limits = verdict.statutes.cited([name for limit in verdict.limits for name in limit.articles])
    return tuple(dict.fromkeys((*verdict.articles, *limits)))


def _local(
    action: Action, step: Step | None, book: RuleBook, on: date, national: Verdict, known: Iterable[Article]
) -> Iterator[Local]:
    """Places where more articles speak of it than in the country as a whole."""
    everywhere = set(known)
    for pack in law_of(book).packs:
        if pack.unresearched or COUNTRY in pack.places:
            continue
        verdict = rule_on(action, book, on=on, place=pack.places[0], step=step)
        more = tuple(article for article in _behind(verdict) if article not in everywhere)
        if more or verdict.verdict != national.verdict:
            yield Local(pack.title or pack.name, verdict, more)


def _named(change: Change, book: RuleBook, on: date) -> Iterator[Article]:
    """Articles that speak of a clause which is no action: those it cites, those on the words of a template."""
    known = law_of(book).articles
    if change.section == "declined":
        names = [one.because for one in book.declined]
        yield from (known[name] for name in dict.fromkeys(names) if name in known)
    elif change.section == "templates":
        name = change.clause.partition(".")[2]
        rules = law_of(book).on(on, None).text
        cited = [each for rule in rules if not rule.templates or name in rule.templates for each in rule.articles]
        yield from (known[each] for each in dict.fromkeys(cited) if each in known)
