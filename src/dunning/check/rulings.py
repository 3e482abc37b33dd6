"""What a case expects of the guard: `may: {visit: conditional}`, `refused: {cut_water: CC-944.3}`.

A verdict is expected with the articles it must rest on; more articles (local ones) are no difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.basis.span import Span
from dunning.engine.law.verdict import TITLES, Verdict
from dunning.engine.may import may
from dunning.lang.text.names import did_you_mean, nearest
from dunning.lang.text.positions import Mapping as Map
from dunning.lang.text.positions import Node, Scalar, Sequence
from dunning.lang.words.desk import Desk
from dunning.model.account import Account
from dunning.model.action import ACTIONS
from dunning.model.rulebook import RuleBook

EXPECT = Text("期望", "what is expected")


class Miss(NamedTuple):
    """One expectation that did not come true."""

    what: Text
    expected: str
    got: Text
    because: Text
    at: Span


@dataclass(frozen=True, slots=True)
class Rulings:
    """What the guard says in one case: of an account, or without one of everybody at a place."""

    desk: Desk
    book: RuleBook
    on: date
    account: Account | None
    place: str | None

    def may(self, node: Node) -> Iterator[Miss]:
        """Each action with its verdict: a word, or `{is: .., articles: [..]}`."""
        for name, wanted in _entries(node):
            verdict = self._verdict(name)
            if verdict is None:
                continue
            word: Node = wanted
            articles: tuple[str, ...] = ()
            if isinstance(wanted, Map):
                fields = self.desk.open(wanted, ("is", "articles"), EXPECT, required=("is",))
                word, articles = fields.node("is") or wanted, fields.texts("articles")
            expected = self.desk.word(word, TITLES, EXPECT)
            if expected is not None and (verdict.verdict != expected or not _rests_on(verdict, articles)):
                yield _miss(verdict, expected, articles, wanted.span)

    def refused(self, node: Node) -> Iterator[Miss]:
        """Each action that may not be done, by the letter or by analogy, with an article or several."""
        for name, wanted in _entries(node):
            verdict = self._verdict(name)
            articles = tuple(_texts(wanted))
            if verdict is not None and not (verdict.prohibited and _rests_on(verdict, articles)):
                yield _miss(verdict, "prohibited", articles, wanted.span)

    def _verdict(self, name: Scalar) -> Verdict | None:
        try:
            return may(name.text, self.book, on=self.on, account=self.account, place=self.place)
        except UsageError:
            known = [*ACTIONS, *self.book.actions]
            what = Text("动作词表", "the vocabulary of actions")
            hint = did_you_mean(nearest(name.text, known))
            self.desk.report("M103", name.span, name=name.text, what=what, hint=hint)
            return None


def _rests_on(verdict: Verdict, articles: tuple[str, ...]) -> bool:
    return set(articles) <= set(verdict.article_ids)


def _miss(verdict: Verdict, expected: str, articles: tuple[str, ...], at: Span) -> Miss:
    got = " ".join([verdict.verdict, *verdict.article_ids])
    return Miss(verdict.action.title, " ".join([expected, *articles]), Text(got, got), verdict.reason, at)


def _entries(node: Node) -> list[tuple[Scalar, Node]]:
    return node.entries if isinstance(node, Map) else []


def _texts(node: Node) -> list[str]:
    nodes = node.items if isinstance(node, Sequence) else [node]
    return [item.text.strip() for item in nodes if isinstance(item, Scalar)]
