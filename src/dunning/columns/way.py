"""The way through columns: books, ledgers, facts, tables and steps of all households of a batch at once.

What it leaves for the engine it leaves with the reason, debtor by debtor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa

from dunning.columns.answer import Done
from dunning.columns.arrays import by_account
from dunning.columns.books import choose
from dunning.columns.doubts import findings_of
from dunning.columns.facts import OF_ACCOUNT, facts_of
from dunning.columns.known import Bools, Codes, Ints
from dunning.columns.layout import Found, Layout
from dunning.columns.ledgers import Ledgers, ledgers
from dunning.columns.opened import REASONS
from dunning.columns.people import people_of
from dunning.columns.persons import RECORDS, Part, Persons, Told
from dunning.columns.quiet import Quiet
from dunning.columns.readings import Owed, Readings, reads
from dunning.columns.rows import Batch, Coded
from dunning.columns.schema import Shape, Tables
from dunning.columns.selecting import Selected, select
from dunning.columns.tables import grades
from dunning.engine.assess import Rules, wanted_by
from dunning.engine.known.compile import worst_of
from dunning.model.condition import Check
from dunning.model.rulebook import RuleBook

LEFT = ("book", "finding", "alone", *RECORDS, *[f"ledger: {reason}" for reason in REASONS])
"""Why an account is left to the engine: no book, or none that columns can tell; something to be said of its ledger or
an attribute; something that stands for it alone; records of its own; what the ledger cannot do in columns."""


class InColumns:
    """A way through columns, for batch after batch of one day under the same rules: it remembers what others got."""

    def __init__(self) -> None:
        self._persons: Persons | None = None

    def __call__(self, batch: Batch, rules: Rules, shape: Shape, *, on: date) -> Done:
        """Does the households of a batch."""
        persons = self._persons
        if persons is None or not persons.serves(rules, on, shape):
            persons = self._persons = Persons(rules, on, shape)
        return _Way(batch, rules, shape, on, persons).done()


class _Way:
    def __init__(self, batch: Batch, rules: Rules, shape: Shape, on: date, persons: Persons) -> None:
        self.batch = batch
        self.rules = rules
        self.shape = shape
        self.on = on
        self.persons = persons
        self.people = people_of(batch, on)
        self.findings = dict(batch.doubts)
        self.left = np.full(len(batch), -1, np.int32)  # a place in LEFT

    def done(self) -> Done:
        for name in RECORDS:
            self._leave(self.batch.lists[name].counts > 0, name)
        chosen = choose(self.batch, self.rules, self.on)
        self._leave(chosen.numbers < 0, "book")
        parts = [
            self._part(book, np.flatnonzero((chosen.numbers == number) & ~self.batch.as_objects))
            for number, book in enumerate(chosen.books)
            if (chosen.numbers == number).any()
        ]
        told = self._told(parts)
        tables = [self._laid_out(part, told) for part in parts]
        done = Tables(
            by_account([self.shape.schemas["assessments"].empty_table(), *(accounts for accounts, _ in tables)]),
            by_account([self.shape.schemas["charges"].empty_table(), *(charges for _, charges in tables)]),
            told.actions,
            told.withheld,
            told.deadlines,
        )
        return Done(done, Coded(self._reasons(told.of), LEFT))

    def _told(self, parts: Sequence[Part]) -> Told:
        """What those are told who can be done here, and all others of the same person."""
        batch = self.batch
        left = np.zeros(len(batch.groups) - 1, np.bool_)
        left[batch.debtor[(self.left >= 0) | batch.as_objects]] = True
        told = self.persons.tell(batch, parts, ~left[batch.debtor])
        for row, finding in told.findings:
            self.findings[row] = (*self.findings.get(row, ()), finding)
        return told

    def _leave(self, accounts: Bools, reason: str) -> None:
        self.left[accounts & (self.left < 0)] = LEFT.index(reason)

    def _reasons(self, done: Ints) -> Codes:
        """Why each account is left that is; those of a debtor for the first reason there is."""
        left = np.ones(len(self.batch), np.bool_)
        left[done] = False
        self._leave(left, "alone")
        first = np.full(len(self.batch.groups) - 1, len(LEFT), np.int32)
        np.minimum.at(first, self.batch.debtor, np.where(self.left < 0, len(LEFT), self.left))
        return np.where(left, first[self.batch.debtor], -1).astype(np.int32)

    # One book

    def _part(self, book: RuleBook, accounts: Ints) -> Part:
        whole = len(accounts) == len(self.batch)
        selected = Selected(self.batch, np.arange(len(self.batch.charges))) if whole else select(self.batch, accounts)
        batch = selected.batch
        money = ledgers(batch, book, self.on)
        open_rows = np.flatnonzero(money.charges.known & (money.unpaid > 0))
        owner = batch.charges.owner[open_rows]
        quiet, asked, read = Quiet(batch, book, self.on), wanted_by(book), reads(book)
        names = dict.fromkeys((*asked.reads, *_named(read.of_account, book), "disputed_amount"))
        charge_names = dict.fromkeys((*asked.charge_reads, *_named(read.of_charge, book)))
        facts = {name: quiet.fact(name) for name in names if name not in OF_ACCOUNT}
        counted = facts_of(
            batch, money, book, self.on, [name for name in names if name not in facts], charge_names, open_rows,
            self.people.take(accounts),
        )  # fmt: skip
        facts |= counted.of_accounts
        charge_facts = counted.of_charges
        graded = grades(book, self.on, facts, len(batch), charge_facts, owner)
        found = Found(batch, book, self.on, money, facts, charge_facts, graded, open_rows, facts["disputed_amount"])
        self._leave_some(accounts, ~money.exact, money.reason)
        left = money.unsaid | quiet.odd
        doubtful = np.zeros(len(self.batch), np.bool_)
        doubtful[accounts[left]] = True
        self._leave(doubtful, "finding")
        readings = Readings(
            batch, book, self.on, self.persons.numbering, owed(money, book), facts | graded.facts,
            charge_facts | {table: column.fact for table, column in graded.charges.items()}, open_rows,
        )  # fmt: skip
        for row, findings in findings_of(batch, money, book).items():
            place = int(accounts[row])
            self.findings[place] = (*self.findings.get(place, ()), *findings)
        shown = {name: facts[name] for name in asked.reads}
        own = {name: charge_facts[name] for _, name in asked.charge_own}
        found = replace(found, facts=shown, charge_facts=own)
        return Part(accounts, selected.charges, found, readings, counted.said)

    def _leave_some(self, accounts: Ints, left: Bools, reasons: Ints) -> None:
        rows = accounts[left & (self.left[accounts] < 0)]
        why = reasons[left & (self.left[accounts] < 0)]
        self.left[rows] = LEFT.index(f"ledger: {REASONS[0]}") + why

    # All books together

    def _laid_out(self, part: Part, told: Told) -> tuple[pa.Table, pa.Table]:
        """The assessments and charges of the accounts of a part that were told something."""
        done = np.flatnonzero(np.isin(part.accounts, told.of, assume_unique=True))
        at = part.accounts[done]
        among = np.searchsorted(told.of, at)
        layout = Layout(self.batch, self.shape, part.found, done, at)
        taken = pa.array(among)
        accounts = layout.assessments(
            told.ended.take(taken), told.provisional[among], told.shortfalls.take(taken), self.findings
        )
        return accounts, layout.charges()


def _named(checks: Sequence[Check], book: RuleBook) -> list[str]:
    """The facts that tests read, tables apart."""
    return [each.fact for each in checks if each.fact not in book.tables and worst_of(each.fact) is None]


def _fees(money: Ledgers) -> Ints:
    """What is left of each late fee; -1 where nobody can tell."""
    return np.where(money.fees.undetermined, -1, money.fees.outstanding)


def owed(money: Ledgers, book: RuleBook) -> Owed:
    """What the steps ask about each charge."""
    opened = money.charges
    enough = money.unpaid >= max(1, book.payments.chase_from)
    counts = opened.known & opened.chased & enough & (opened.fell < money.on)
    return Owed(
        opened.known, opened.due, opened.fell, opened.provisional, money.unpaid, _fees(money), opened.chased,
        opened.other_debtor, counts, money.paid, money.settled_on,
    )  # fmt: skip
