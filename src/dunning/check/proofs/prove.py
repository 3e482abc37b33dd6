"""All that is claimed of a book, asked one by one: its late fees, its steps, its tables; needs the extra `prove`.

A reviewer reads sentences that hold of every household, and of one that does not, a household to try it on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dunning.check.proofs.claims import Claim
from dunning.check.proofs.fees import proofs_of_fees
from dunning.check.proofs.steps import proofs_of_steps
from dunning.check.proofs.tables import proofs_of_tables
from dunning.model.rulebook import RuleBook

Question = Callable[[], Sequence[Claim]]


def questions(book: RuleBook, *, tables_only: bool = False) -> list[Question]:
    """What there is to ask of a book, each answered with one claim or two when it is called."""
    singles = [] if tables_only else [*proofs_of_fees(book), *proofs_of_steps(book)]
    return [*map(_alone, singles), *proofs_of_tables(book)]


def _alone(ask: Callable[[], Claim]) -> Question:
    return lambda: (ask(),)


def prove(book: RuleBook, *, tables_only: bool = False) -> Iterator[Claim]:
    """Every claim about a book with its answer, one at a time."""
    for ask in questions(book, tables_only=tables_only):
        yield from ask()
