"""Numbers for whatever is the same: of rows, of words and of rows in a row, and the same from batch to batch.

So that what was once worked out for a kind of household is known for every later one.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from dunning.columns.kinds import alike
from dunning.columns.rows import Bools, Coded, Ints

MOST = 2_000_000
"""Kinds remembered; whoever holds the numbering starts afresh after that."""


class Numbering:
    """Hands out numbers from 0; the same always gets the same one."""

    __slots__ = ("_numbers",)

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def of(self, what: str, columns: Sequence[Ints]) -> Ints:
        """Numbers of rows: those are the same whose columns are; `what` they are rows of tells them from others."""
        codes, samples = alike(columns)
        rows = zip(*[column[samples].tolist() for column in columns], strict=True)
        numbers = self._numbers
        found = [numbers.setdefault((what, *row), len(numbers)) for row in rows]
        return np.array(found, np.int64)[codes]

    def of_word(self, word: Hashable) -> int:
        """The number of anything that can be told apart from others: True and 1 are two."""
        return self._numbers.setdefault((word.__class__, word), len(self._numbers))

    def texts(self) -> list[str]:
        """The texts that were numbered, in the order of the numbers."""
        return [text for _, text in self._numbers]  # type: ignore[misc, has-type]

    def of_words(self, column: Coded) -> Ints:
        """Numbers of words; -1 where there is none."""
        found = [self.of_word(word) for word in column.words]
        return np.array([*found, -1], np.int64)[column.codes]

    def of_lists(self, what: str, start: Ints, rows: Ints) -> Ints:
        """Numbers of lists of rows that have numbers themselves: parent i has `rows[start[i]:start[i + 1]]`."""
        counts = np.diff(start)
        found = np.zeros(len(counts), np.int64)
        parents = np.flatnonzero(counts)
        place = 0
        while len(parents):
            found[parents] = self.of(what, [found[parents], rows[start[parents] + place]]) + 1
            place += 1
            parents = parents[counts[parents] > place]
        return found


def starts_of(owner: Ints, parents: int) -> Ints:
    """Where the rows of each parent begin, of rows that stand in the order of their parents."""
    return np.searchsorted(owner, np.arange(parents + 1, dtype=np.int64)).astype(np.int64)


def chosen(start: Ints, wanted: Bools) -> tuple[Ints, Ints]:
    """The rows that are wanted, and where those of each parent begin among them."""
    before = np.concatenate(([0], np.cumsum(wanted, dtype=np.int64)))
    return np.flatnonzero(wanted).astype(np.int64), before[start]
