"""Decision tables over arrays: the rows' truths by household, and the answer once for all whose rows come out alike.

What a table answers hangs on nothing but which of its rows are true and which are unknown, and, where it is
undetermined, on which facts are missing. So households are told apart by that, and one of each kind is graded as
`assess` grades it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from dunning.columns.kinds import alike, told_apart
from dunning.columns.known import Bools, Codes, Ints, Known, Worded
from dunning.columns.logic import Logic, Truths
from dunning.engine.known.compile import read_by
from dunning.engine.known.tables import Graded, program, worst
from dunning.model.condition import checks
from dunning.model.rulebook import RuleBook, Table


@dataclass(frozen=True, slots=True)
class GradeColumn:
    """What a table answers each household, or each charge: `answers[codes]`."""

    codes: Codes
    answers: tuple[Graded, ...]

    def at(self, place: int) -> Graded:
        """The answer to one of them."""
        return self.answers[int(self.codes[place])]

    @property
    def fact(self) -> Worded:
        """The answers as later conditions see them."""
        return Worded(self.codes, tuple([graded.fact for graded in self.answers]))


class Grades(NamedTuple):
    """All answers of a book by table: to the accounts, and to their open charges; `worst` is by account."""

    account: dict[str, GradeColumn]
    charges: dict[str, GradeColumn]
    worst: dict[str, Worded]

    @property
    def facts(self) -> dict[str, Known]:
        """The answers as conditions about accounts read them, by table and `worst(TABLE)`."""
        return {**{table: column.fact for table, column in self.account.items()}, **self.worst}


def grades(
    book: RuleBook,
    on: date,
    facts: Mapping[str, Known],
    accounts: int,
    charge_facts: Mapping[str, Known],
    owner: Ints,
) -> Grades:
    """Every table of a book, in its order, for so many `accounts` and for their open charges.

    `facts` are by account, `charge_facts` by charge; `owner` is the account of each charge, ascending. KeyError for a
    fact that a table reads and that is not given.
    """
    of_accounts, of_charges = {**facts}, {**charge_facts}
    logic = {"account": Logic(of_accounts, accounts), "charge": Logic(of_charges, len(owner))}
    found = Grades({}, {}, {})
    for table in book.tables.values():
        if table.of == "account":
            column = found.account[table.id] = _graded(book, table, logic["account"], on)
            of_accounts[table.id] = column.fact
            continue
        for fact in read_by(table):
            if fact not in of_charges:
                of_charges[fact] = of_accounts[fact].take(owner)
        column = found.charges[table.id] = _graded(book, table, logic["charge"], on)
        of_charges[table.id] = column.fact
        worst_of = f"worst({table.id})"
        of_accounts[worst_of] = found.worst[worst_of] = _worst(table, column, owner, accounts)
    return found


def _graded(book: RuleBook, table: Table, logic: Logic, on: date) -> GradeColumn:
    """Grades one household of each kind."""
    conditions = [row.when for row in table.rows if not row.otherwise]
    rows = [logic.truth(condition) for condition in conditions]
    kinds = _by_first_row(rows, logic.size) if table.hit == "first" else _by_all_rows(rows, logic.size)
    open_ = _open(rows)
    if open_ is not None:
        tests = [logic.truth(check) for condition in conditions for check in checks(condition)]
        kinds = _by_what_is_missing(kinds, tests, np.flatnonzero(open_))
    codes, samples = told_apart(kinds)
    compiled, facts = program(book), logic.facts

    def graded(place: int) -> Graded:
        return compiled.grade(table.id, lambda fact: facts[fact].at(place), on)

    return GradeColumn(codes, tuple(map(graded, samples.tolist())))


def _by_first_row(rows: list[Truths], size: int) -> Ints:
    """Households by the first row that is not false of them."""
    kinds = np.full(size, len(rows), np.int64)
    for number in range(len(rows) - 1, -1, -1):
        np.copyto(kinds, number, where=rows[number].possibly)
    return kinds


def _by_all_rows(rows: list[Truths], size: int) -> Ints:
    """Households by the one row that is true of them, and those of which several are by all of these."""
    kinds = np.full(size, len(rows), np.int64)
    times = np.zeros(size, np.int64)
    for number, row in enumerate(rows):
        np.copyto(kinds, number, where=row.surely)
        times += row.surely
    several = np.flatnonzero(times > 1)
    if len(several):
        kinds[several] = len(rows) + 1 + _folded(kinds[several], rows, several)
    return kinds


def _by_what_is_missing(kinds: Ints, tests: list[Truths], places: Ints) -> Ints:
    """Tells those at `places`, where something is unknown, apart by every single test."""
    kinds[places] = kinds.max(initial=0) + 1 + _folded(kinds[places], tests, places)
    return kinds


def _folded(kinds: Ints, tests: list[Truths], places: Ints) -> Ints:
    """Numbers of the kinds there are once each is told apart by the truths of `tests` as well."""
    truths = [test.surely[places].astype(np.int64) + test.possibly[places] for test in tests]
    return alike([kinds, *truths])[0].astype(np.int64)


def _open(rows: list[Truths]) -> Bools | None:
    """Where a row is neither true nor false; None where there is nothing unknown at all."""
    found: Bools | None = None
    for row in rows:
        if not row.settled:
            unknown = row.possibly & ~row.surely
            found = unknown if found is None else found | unknown
    return found


def _worst(table: Table, column: GradeColumn, owner: Ints, accounts: int) -> Worded:
    """`worst(TABLE)` of each account: once for each set of answers that its charges get."""
    sets: list[Ints] = []
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    for block in range(0, len(column.answers), _BITS):
        bits = np.where(
            (column.codes >= block) & (column.codes < block + _BITS),
            np.int64(1) << np.clip(column.codes - block, 0, _BITS).astype(np.int64),
            0,
        )
        found = np.zeros(accounts, np.int64)
        if len(first):
            found[owner[first]] = np.bitwise_or.reduceat(bits, first)
        sets.append(found)
    codes, samples = alike(sets) if sets else told_apart(np.zeros(accounts, np.int64))
    starts = np.searchsorted(owner, samples)
    ends = np.searchsorted(owner, samples, side="right")
    words = [
        worst(table, [column.at(place) for place in range(start, end)])
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
    return Worded(codes, tuple(words))


_BITS = 62
