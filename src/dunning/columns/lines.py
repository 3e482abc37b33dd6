"""Rows that are told to many: kept once for each kind, and laid out for all households of that kind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dunning.columns.rows import Ints


class Lines:
    """Rows of whole numbers, some for each kind; a kind is known by the order it was added in."""

    __slots__ = ("_ends", "_rows", "_used", "width")

    def __init__(self, width: int) -> None:
        self.width = width
        self._rows = np.zeros((1024, width), np.int64)
        self._used = 0
        self._ends = [0]

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, rows: Sequence[Sequence[int]]) -> None:
        """The rows of the next kind."""
        end = self._used + len(rows)
        if end > len(self._rows):
            more = np.zeros((max(end, 2 * len(self._rows)), self.width), np.int64)
            more[: self._used] = self._rows[: self._used]
            self._rows = more
        if rows:
            self._rows[self._used : end] = rows
        self._used = end
        self._ends.append(end)

    def of(self, kinds: Ints) -> tuple[Ints, Ints]:
        """The rows told to households of these kinds, one after another, and whose each is: a place in `kinds`."""
        ends = np.array(self._ends, np.int64)
        counts = ends[kinds + 1] - ends[kinds]
        whose = np.repeat(np.arange(len(kinds), dtype=np.int64), counts)
        within = np.arange(len(whose), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
        return self._rows[ends[kinds][whose] + within], whose
