"""A sweep: what was tried, and what a portfolio came to under each, with the names that people read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from dunning.basis.finding import Lang, Text
from dunning.engine.assess import Rules
from dunning.model.action import ROLES
from dunning.model.rulebook import RuleBook
from dunning.model.shown import answer_shown
from dunning.output.phrases import plain
from dunning.sweep.counted import UNDETERMINED, Actions, Count
from dunning.sweep.params import Param, amount
from dunning.sweep.variants import TODAY, Variant

Grade = tuple[str, str, str]
"""Book, table, answer."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """`counts` are those of `variants`, in their order: the rules of today first. `rules` are those of today."""

    rules: Rules
    params: tuple[Param, ...]
    variants: tuple[Variant, ...]
    counts: tuple[Count, ...]
    on: date
    actions: Actions
    households: int

    @property
    def today(self) -> Count:
        return self.counts[TODAY]

    @property
    def books(self) -> Sequence[RuleBook]:
        return [self.rules] if isinstance(self.rules, RuleBook) else self.rules.books

    def tables(self) -> list[tuple[RuleBook, str]]:
        """The tables that any household is graded by, in the order of the books."""
        graded = {(book, table) for count in self.counts for book, table, _ in count.grades}
        return [(book, table) for book in self.books for table in book.tables if (book.name, table) in graded]

    def answers(self, book: RuleBook, table: str) -> list[str]:
        """The answers of a table that any household gets, as the table lists them."""
        there = {word for count in self.counts for of, name, word in count.grades if (of, name) == (book.name, table)}
        listed = [word for word in book.tables[table].output.words if word in there]
        return [*listed, *sorted(there - set(listed))]

    def moves(self, book: RuleBook, table: str) -> bool:
        """Whether the households of a table's answers are not the same under all variants."""
        return any(
            self.of(count, book, table, word) != self.of(self.today, book, table, word)
            for count in self.counts
            for word in self.answers(book, table)
        )

    def of(self, count: Count, book: RuleBook, table: str, word: str) -> int:
        """The households that get an answer."""
        return count.grades[book.name, table, word]

    def in_order(self) -> list[int]:
        """The places of the variants, those of today among the others where they can be put in order."""
        places = list(range(len(self.variants)))
        sizes = [size(self.variants[place].values[0]) for place in places]
        if len(self.params) > 1 or None in sizes:
            return places
        return sorted(places, key=lambda place: (sizes[place], place != TODAY))

    def steps(self) -> list[str]:
        """The steps of which anything is due under some variant."""
        seen: Counter[str] = Counter()
        for count in self.counts:
            seen.update(count.actions or {})
        return [name for name, _ in seen.most_common()]

    def step_title(self, name: str) -> Text:
        steps = (step for book in self.books for step in (*book.reminders, *book.ladder.steps))
        return next((step.title for step in steps if step.id == name), plain(name))

    def answer_title(self, book: RuleBook, table: str, word: str, lang: Lang) -> str:
        if word == UNDETERMINED:
            return Text("无法确定", "undetermined").to(lang)
        if word in ROLES and book.tables[table].output.kind == "role":
            return ROLES[word].to(lang)
        if word not in book.tables[table].output.words:
            return Text("一行也不中", "no row is true").to(lang) if word == "none" else word
        return answer_shown(word, book.tables[table].output, lang)


def size(value: str) -> Fraction | None:
    """A value as a number that can be put in order; None for one that is none."""
    number, unit = amount(value)
    if not number or ":" in number:
        return None
    return Fraction(number) * {"万元": 10_000, "亿元": 10**8}.get(unit, 1)
