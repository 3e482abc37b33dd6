"""The search against a solver: z3 finds the same gaps, dead rows and overlaps in every table made at random.

z3 knows nothing of segments or boxes: numbers are its integers, a table is what its hit policy says of its rows. How
many tables: `pytest tests/test_solver.py --tables 100000`.
"""

from __future__ import annotations

from random import Random

import pytest

from dunning.check.asked import Subject
from dunning.check.chart import Chart
from dunning.check.proofs.tables import by_search, by_solver
from dunning.check.tables import Examined
from dunning.testing.making import from_random
from tables_at_random import ON, make_book

SLICES = 8


@pytest.mark.parametrize("part", range(SLICES))
def test_search_and_solver_agree(part: int, request: pytest.FixtureRequest) -> None:
    for seed in range(part, request.config.getoption("--tables"), SLICES):
        book = make_book(from_random(Random(seed)), facts=5, tables=2, rows=6)
        table = list(book.tables.values())[-1]
        examined = Examined(Chart(Subject(book, (table.id,)), on=ON).views[0], table)
        told = by_search(examined)
        assert by_solver(book, table, [each.row for each in examined.rows], on=ON) == told, seed
