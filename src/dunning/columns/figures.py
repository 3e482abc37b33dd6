"""Money and grades of many households without their steps: what a rule is compared by, many times as fast.

Whoever no array holds, or whose ledger none can tell, goes through `assess`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np

from dunning.columns.answer import IN_COLUMNS, books_of
from dunning.columns.books import choose
from dunning.columns.facts import OF_ACCOUNT, facts_of
from dunning.columns.known import Bools, Codes, Known, Ordered
from dunning.columns.ledgers import ledgers
from dunning.columns.packing import unpack_all
from dunning.columns.people import people_of
from dunning.columns.quiet import Quiet
from dunning.columns.rows import Batch, Coded, Ints
from dunning.columns.selecting import Selected, select
from dunning.columns.tables import GradeColumn, Grades, grades
from dunning.engine.assess import ALWAYS_SHOWN, Rules, book_of, wanted_by
from dunning.engine.known.contacts import Person
from dunning.engine.known.facts import Facts
from dunning.engine.known.tables import Graded
from dunning.engine.owed.ledger import replay
from dunning.model.account import Account
from dunning.model.condition import Unknown
from dunning.model.rulebook import RuleBook, Table

UNDETERMINED = "undetermined"
STATUSES = ("assessed", "not_applicable", "rejected")
LEFT = ("kept", "book", "ledger")
"""Why a household goes through `assess`: no array holds it; no book, or none that columns can tell; what the ledger
cannot do in columns."""


class Figures(NamedTuple):
    """Of each account of a batch what it owes and how it grades; amounts in fen.

    `book` is its name. `arrears` are 0 where `unknown`, the late fee leaves out what is `undetermined`. `grades` are
    the answers of the household's tables that say words, by the table's id; no code where its book has no such table.
    """

    status: Coded
    book: Coded
    arrears: Ints
    unknown: Bools
    late_fee: Ints
    undetermined: Bools
    grades: Mapping[str, Coded]
    paths: Counter[str]


def answers_words(table: Table) -> bool:
    """Whether households can be counted by a table's answers: one word for each."""
    return table.of == "account" and table.output.kind in ("choice", "role") and table.hit != "collect"


def as_word(graded: Graded) -> str:
    return UNDETERMINED if isinstance(graded.value, Unknown) else str(graded.value)


def figures(batch: Batch, rules: Rules, *, on: date, made: dict[int, Account] | None = None) -> Figures:
    """The figures of all accounts of a batch on a day, as `assess_group` gives them for each debtor.

    `made` keeps the accounts that had to be made, by their rows, for the same batch under other rules.
    """
    return _Figuring(batch, rules, on, {} if made is None else made).figures()


class _Figuring:
    def __init__(self, batch: Batch, rules: Rules, on: date, made: dict[int, Account]) -> None:
        size = len(batch)
        self.batch = batch
        self.rules = rules
        self.on = on
        self.made = made
        self.books = tuple(books_of(rules))
        self.people = people_of(batch, on)
        self.left = np.full(size, -1, np.int32)
        self.status = np.zeros(size, np.int32)
        self.book = np.full(size, -1, np.int32)
        self.arrears, self.late_fee = np.zeros(size, np.int64), np.zeros(size, np.int64)
        self.unknown, self.undetermined = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
        tables = dict.fromkeys(t.id for book in self.books for t in book.tables.values() if answers_words(t))
        self.words: dict[str, dict[str, int]] = {table: {} for table in tables}
        self.grades = {table: np.full(size, -1, np.int32) for table in tables}

    def figures(self) -> Figures:
        batch = self.batch
        self._leave(batch.as_objects, "kept")
        chosen = choose(batch, self.rules, self.on)
        self._leave(chosen.numbers < 0, "book")
        for number, book in enumerate(chosen.books):
            accounts = np.flatnonzero((chosen.numbers == number) & ~batch.as_objects)
            if len(accounts):
                self._in_columns(book, number, accounts)
        debtors = np.zeros(len(batch.groups) - 1, np.bool_)
        debtors[batch.debtor[self.left >= 0]] = True
        self._as_objects(np.flatnonzero(debtors))
        grades = {table: Coded(codes, tuple(self.words[table])) for table, codes in self.grades.items()}
        names = tuple(book.name for book in self.books)
        return Figures(
            Coded(self.status, STATUSES), Coded(self.book, names), self.arrears, self.unknown, self.late_fee,
            self.undetermined, grades, self._paths(debtors),
        )  # fmt: skip

    def _leave(self, accounts: Bools, reason: str) -> None:
        self.left[accounts & (self.left < 0)] = LEFT.index(reason)

    def _paths(self, debtors: Bools) -> Counter[str]:
        counts = np.bincount(self.left[self.left >= 0], minlength=len(LEFT)).tolist()
        found = Counter({reason: count for reason, count in zip(LEFT, counts, strict=True) if count})
        together = int(debtors[self.batch.debtor].sum()) - sum(counts)
        found.update({"together": together} if together else {})
        return found + Counter({IN_COLUMNS: len(self.batch) - found.total()})

    # In columns

    def _in_columns(self, book: RuleBook, number: int, accounts: Ints) -> None:
        whole = len(accounts) == len(self.batch)
        batch = (Selected(self.batch, accounts) if whole else select(self.batch, accounts)).batch
        money = ledgers(batch, book, self.on)
        asked = wanted_by(book)
        open_rows = np.flatnonzero(money.charges.known & (money.unpaid > 0))
        owner = batch.charges.owner[open_rows]
        names = dict.fromkeys((*asked.program.reads, *ALWAYS_SHOWN))
        quiet = Quiet(batch, book, self.on)
        facts: dict[str, Known] = {name: quiet.fact(name) for name in names if name not in OF_ACCOUNT}
        counted = facts_of(
            batch, money, book, self.on, [name for name in names if name not in facts], asked.charge_reads, open_rows,
            self.people.take(accounts),
        )  # fmt: skip
        self._leave_some(accounts, ~money.exact, "ledger")
        graded = grades(book, self.on, facts | counted.of_accounts, len(batch), counted.of_charges, owner)
        self._put(book, number, accounts, counted.of_accounts["arrears"], graded)
        known = np.flatnonzero(money.charges.known)
        owners = accounts[batch.charges.owner[known]]
        fees, unknown = money.fees.outstanding[known], money.fees.undetermined[known]
        np.add.at(self.late_fee, owners, np.where(unknown, 0, fees))
        self.undetermined[owners[unknown]] = True

    def _leave_some(self, accounts: Ints, which: Bools, reason: str) -> None:
        left = np.zeros(len(self.batch), np.bool_)
        left[accounts[which]] = True
        self._leave(left, reason)

    def _put(self, book: RuleBook, number: int, accounts: Ints, arrears: Known, graded: Grades) -> None:
        assert isinstance(arrears, Ordered)
        unknown = np.zeros(len(accounts), np.bool_) if arrears.unknown is None else arrears.unknown
        self.book[accounts] = number
        self.arrears[accounts] = np.where(unknown, 0, arrears.values)
        self.unknown[accounts] = unknown
        for name, column in graded.account.items():
            if answers_words(book.tables[name]):
                self.grades[name][accounts] = self._codes(name, column)

    def _codes(self, table: str, column: GradeColumn) -> Codes:
        words = self.words[table]
        places = [words.setdefault(as_word(graded), len(words)) for graded in column.answers]
        return np.array([*places, -1], np.int32)[column.codes]

    # As objects

    def _as_objects(self, debtors: Ints) -> None:
        batch, starts = self.batch, self.batch.groups
        self.status[list(batch.rejected)] = STATUSES.index("rejected")
        groups = [range(int(starts[group]), int(starts[group + 1])) for group in debtors.tolist()]
        rows = [row for group in groups for row in group if row not in batch.rejected and row not in self.made]
        self.made.update(zip(rows, unpack_all(batch, np.array(rows, np.int64)), strict=True))
        for group in groups:
            theirs = [row for row in group if row not in batch.rejected]
            person = Person(tuple(self.made[row] for row in theirs), self.on)
            for row in theirs:
                self._one(row, self.made[row], person)

    def _one(self, row: int, account: Account, person: Person) -> None:
        """What `assess` finds before it comes to steps."""
        for codes in self.grades.values():
            codes[row] = -1
        self.arrears[row] = self.late_fee[row] = 0
        self.unknown[row] = self.undetermined[row] = False
        book = book_of(account, self.rules, self.on)
        if not isinstance(book, RuleBook):
            self.status[row], self.book[row] = STATUSES.index("not_applicable"), -1
            return
        asked, ledger = wanted_by(book), replay(account, book, self.on)
        facts = Facts(account, ledger, book, person=person)
        owed = [state for state in ledger.charges if state.unpaid] if asked.of_charge else []
        graded, _ = asked.program.run(
            facts.values(asked.program.reads), facts.values_of_each(asked.charge_reads, owed), self.on
        )
        self.book[row] = next(place for place, each in enumerate(self.books) if each is book)
        arrears = facts.value("arrears")
        self.unknown[row] = not isinstance(arrears, int)
        self.arrears[row] = arrears if isinstance(arrears, int) else 0
        self.late_fee[row] = sum(state.fee.outstanding or 0 for state in ledger.charges)
        self.undetermined[row] = any(state.fee.assessed is None for state in ledger.charges)
        for name, answer in graded.items():
            if answers_words(book.tables[name]):
                self.grades[name][row] = self.words[name].setdefault(as_word(answer), len(self.words[name]))
