"""What differs between two books: clause by clause, each with what was and what is, and households that show it.

What changes an answer is a change; what only reads otherwise (a title, a source, rows that say the same in another
order) is kept apart, so that a reviewer reads the one and skips the other.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Span
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook

if TYPE_CHECKING:
    from dunning.compare.impact import Impact

How = Literal["added", "removed", "changed", "moved", "follows"]


class Part(NamedTuple):
    """One thing a clause says: `what` as a rule file calls it, and what it was and is; empty where it is not there."""

    what: Text
    old: Text
    new: Text


class Witness(NamedTuple):
    """A household that was assessed under both books on that day: what it is like, and what each says, and why."""

    account: Account
    on: date
    like: Text
    old: Text
    new: Text


class Move(NamedTuple):
    """Households (`where` says which) of whom something else is said now: `old` becomes `new`.

    `since`: from that day on; None: on the day the books were compared on. `more`: there are others of whom the same
    is true. `witness` None: no household like that could be drawn up.
    """

    where: Text
    old: Text
    new: Text
    witness: Witness | None = None
    since: date | None = None
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One clause that differs. `clause` is its name as everywhere (`tables.account_grade`, `ladder.steps.home_visit`).

    `how` is `follows` where the clause is written as before and says something else because it reads tables that
    changed (`because`, their titles). `undecided`: the table is too large to be looked through; `moves` may be wanting.
    """

    clause: str
    title: Text
    how: How
    parts: tuple[Part, ...] = ()
    moves: tuple[Move, ...] = ()
    because: tuple[Text, ...] = ()
    undecided: bool = False
    old_at: Span | None = None
    new_at: Span | None = None

    @property
    def section(self) -> str:
        """The part of the book it stands in: `late_fee`, `tables`, `ladder`."""
        return self.clause.partition(".")[0]

    @property
    def told_once(self) -> Hashable:
        """Equal for the same change in a base and in a book that stands on it."""
        regions = tuple((move.where, move.old, move.new, move.since) for move in self.moves)
        return self.clause, self.how, self.parts, regions, self.old_at, self.new_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two versions of one book; one of them is None where the book is new or gone.

    `wording` are the clauses that only read otherwise; `same` names those that are as they were.
    """

    name: str
    title: Text
    old: RuleBook | None
    new: RuleBook | None
    changes: tuple[Change, ...] = ()
    wording: tuple[Change, ...] = ()
    same: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything differs in meaning."""
        return bool(self.changes) or self.old is None or self.new is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The whole difference, true if anything differs in meaning.

    `ground` is what the books stand on (law, calendar), told once. `new_findings` and `gone_findings` are those of
    `check`, `impact` what becomes of a portfolio; both only where they were asked for (None).
    """

    on: date
    books: tuple[Compared, ...]
    ground: tuple[Change, ...] = ()
    ground_wording: tuple[Change, ...] = ()
    new_findings: tuple[Finding, ...] | None = None
    gone_findings: tuple[Finding, ...] | None = None
    impact: Impact | None = None

    def __bool__(self) -> bool:
        return bool(self.ground) or any(self.books)

    @property
    def changes(self) -> Iterator[Change]:
        """Every change of meaning, of all books and of what they stand on."""
        for book in self.books:
            yield from book.changes
        yield from self.ground
