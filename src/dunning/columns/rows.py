"""Many accounts as arrays: a column a field, a row a record, the rows of one parent side by side.

Whoever works on columns reads these four shapes and nothing else of how they came about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dunning.basis.finding import Finding
from dunning.intake.records import Rejected
from dunning.model.account import Account

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whole numbers: fen; days as `date.toordinal()`; moments in microseconds since the epoch, UTC; 0 and 1 for truths;
    the row of another record, -1 for none. `values` are 0 where `missing`; `missing` None: nothing is.
    """

    values: Ints
    missing: Bools | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def absent(self) -> Bools:
        """Where there is no value, as an array in any case."""
        return np.zeros(len(self.values), np.bool_) if self.missing is None else self.missing

    def filled(self, instead: int) -> Ints:
        """The values, with `instead` where there is none."""
        return self.values if self.missing is None else np.where(self.missing, np.int64(instead), self.values)


@dataclass(frozen=True, slots=True)
class Coded:
    """Values that repeat: words of a closed set, labels, fractions, tuples of words. Code -1: no value; the code of a
    value is its place in `words`, each of which is there once. A null among attributes is a word: None.
    """

    codes: NDArray[np.int32]
    words: tuple[object, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def code(self, word: object) -> int:
        """The code of a word; -2, which no row has, if there is none."""
        found = (place for place, each in enumerate(self.words) if each == word and type(each) is type(word))
        return next(found, -2)

    def equals(self, word: object) -> Bools:
        return np.asarray(self.codes == self.code(word))

    def among(self, wanted: frozenset[object] | set[object] | tuple[object, ...]) -> Bools:
        """Where the value is one of those wanted."""
        return self.where([word in wanted for word in self.words])

    def where(self, holds: list[bool]) -> Bools:
        """Where what is said of each word holds; nothing holds where there is no value."""
        return np.array([*holds, False], np.bool_)[self.codes]


@dataclass(frozen=True)
class Texts:
    """Texts that hardly repeat, ids above all; null where there is none."""

    values: pa.StringArray

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def codes(self) -> Ints:
        """Numbers that are equal where the texts of this column are, in no order of theirs; -1 for none."""
        found = self.values.dictionary_encode().indices
        return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)

    def text(self, row: int) -> str | None:
        found: str | None = self.values[row].as_py()
        return found


Column = Numbers | Coded | Texts


@dataclass(frozen=True)
class Rows:
    """The records of one list: those of parent i are the rows `start[i]` up to `start[i + 1]`.

    Parents are the batch's accounts, or the rows of another list (`payments.settles`). `absent`: parents of whom it is
    not said what they have, as against those that have nothing; None where the records make no such difference.
    """

    start: Ints
    columns: Mapping[str, Column]
    absent: Bools | None = None

    def __len__(self) -> int:
        return int(self.start[-1])

    @cached_property
    def owner(self) -> Ints:
        """The parent of each row."""
        return np.repeat(np.arange(len(self.start) - 1, dtype=np.int64), np.diff(self.start))

    @property
    def counts(self) -> Ints:
        """How many rows each parent has."""
        return np.diff(self.start)

    def numbers(self, name: str) -> Numbers:
        """A column that is known to hold numbers; likewise `coded` and `texts`."""
        found = self.columns[name]
        assert isinstance(found, Numbers)
        return found

    def coded(self, name: str) -> Coded:
        found = self.columns[name]
        assert isinstance(found, Coded)
        return found

    def texts(self, name: str) -> Texts:
        found = self.columns[name]
        assert isinstance(found, Texts)
        return found


@dataclass(frozen=True)
class Batch:
    """Some thousand accounts, all those of a debtor among them and side by side.

    `accounts` has one row an account: the fields of the record by their names outside, `debtor.id` and the like for
    those of the debtor, and `attributes.NAME`. `lists` has the records of each list, and under `payments.for`,
    `payments.settles`, `contacts.charges`, `plans.charges`, `plans.instalments`, `proceedings.charges` the rows whose
    parents are theirs. Where a record names a charge, the column `charge_row` has its row in `lists["charges"]`, -1 if
    the account has no such charge; `payment_row` of the adjustments likewise.

    `debtor`: the number of each account's debtor, from 0, ascending. Beside the arrays stand what they cannot hold:
    `kept`, accounts to be taken as objects; `rejected`, rows that are no account at all; `doubts`, what the reader
    found doubtful about an account. The rows of those kept and rejected mean nothing.
    """

    accounts: Mapping[str, Column]
    lists: Mapping[str, Rows]
    debtor: Ints
    kept: Mapping[int, Account] = field(default_factory=dict)
    rejected: Mapping[int, Rejected] = field(default_factory=dict)
    doubts: Mapping[int, tuple[Finding, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.debtor)

    @property
    def charges(self) -> Rows:
        return self.lists["charges"]

    @cached_property
    def groups(self) -> Ints:
        """Where each debtor's accounts begin, and the end: those of debtor g are `groups[g]` up to `groups[g + 1]`."""
        turns = np.flatnonzero(np.diff(self.debtor)) + 1
        return np.concatenate(([0], turns, [len(self.debtor)])) if len(self.debtor) else np.zeros(1, np.int64)

    @cached_property
    def as_objects(self) -> Bools:
        """Accounts that no array holds rightly, and the other accounts of the same debtors."""
        found = np.zeros(len(self), np.bool_)
        odd = [*self.kept, *self.rejected]
        if odd:
            found = np.isin(self.debtor, self.debtor[odd])
        return found

    def numbers(self, name: str) -> Numbers:
        """A column of the accounts that is known to hold numbers; likewise `coded` and `texts`."""
        found = self.accounts[name]
        assert isinstance(found, Numbers)
        return found

    def coded(self, name: str) -> Coded:
        found = self.accounts[name]
        assert isinstance(found, Coded)
        return found

    def texts(self, name: str) -> Texts:
        found = self.accounts[name]
        assert isinstance(found, Texts)
        return found
