"""Many accounts at once as Arrow tables, for adapters to engines that hand rows on in batches.

The answers are those of `dunning.assess_group`, worked out in columns where that can be done. It needs the extra
`batch` (numpy and pyarrow).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

import pyarrow as pa

from dunning.columns.answer import books_of, columns
from dunning.columns.nested import TIMES, Heads, Keyed, heads_of, heads_of_tables, take
from dunning.columns.schema import TABLES, shape_of
from dunning.columns.way import InColumns
from dunning.columns.written import tables_of
from dunning.engine.assess import Rules
from dunning.intake.headers import LISTS as _LISTS
from dunning.lang.folder import RuleFolder
from dunning.model.rulebook import RuleBook

LISTS = tuple(_LISTS)
"""The lists that go in, `accounts` first; the names in `TABLES` are those of the tables that come out."""

__all__ = ["LISTS", "TABLES", "TIMES", "Assessor", "Heads", "Keyed", "heads_of", "heads_of_tables", "schemas"]


def schemas(rules: RuleBook | RuleFolder) -> Mapping[str, pa.Schema]:
    """The columns of each table that comes out under these rules, by the names in `TABLES`.

    Words that repeat are dictionaries; `unit` in a field's metadata says what its whole numbers are.
    """
    return shape_of(books_of(rules)).schemas


class Assessor:
    """Assesses batch after batch of one day under the same rules; it remembers kinds of household."""

    def __init__(self, rules: RuleBook | RuleFolder, heads: Heads, *, on: date, review: bool = False) -> None:
        """`heads` says what the columns of the rows are; `review`: find next reviews as well, which takes longer."""
        self.rules: Rules = rules
        self.heads = heads
        self.on = on
        self.review = review
        self._shape = shape_of(books_of(rules))
        self._way = InColumns()

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process gets the rules, and remembers for itself."""
        return partial(Assessor, on=self.on, review=self.review), (self.rules, self.heads)

    def assess(self, rows: pa.Table) -> Mapping[str, pa.Table]:
        """The tables for accounts with their lists nested in them, a row an account, all accounts of each debtor among
        them; in the order of company and debtor, and after them those rejected.
        """
        batch, rejected = take(rows, self.heads)
        answer = columns(batch, self.rules, on=self.on, way=self._way, shape=self._shape, review=self.review)
        found = dict(zip(TABLES, answer.tables, strict=True))
        if rejected:
            told = tables_of(rejected, self._shape, self.on).assessments
            found["assessments"] = pa.concat_tables([found["assessments"], told]).unify_dictionaries()
        return found
