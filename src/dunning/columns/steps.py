"""What the steps and deadlines of households come to: worked out once for each kind, and told to all of that kind.

A kind is all debtors whose accounts stand alike (see `standing`). One of them goes through the engine; what it is told
of its charges is kept by their places, and put into words again for each of the others: their ids, amounts and keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.columns.actions import Key, Saying, Sayings, Stood
from dunning.columns.arrays import days, keys
from dunning.columns.kinds import told_apart
from dunning.columns.lines import Lines
from dunning.columns.numbering import MOST, Numbering
from dunning.columns.packing import unpack_all
from dunning.columns.rows import Batch, Bools, Ints
from dunning.columns.schema import JOIN, Shape
from dunning.columns.written import action_row, record_of, shortfall_row
from dunning.engine.assess import Rules, Worked, worked_out
from dunning.engine.steps.candidates import Candidate
from dunning.engine.steps.ready import names_of
from dunning.engine.worklist import Due

NONE = -1
_BY_PAYMENT = 2**20


class Told(NamedTuple):
    """What the accounts that are told something (`of`, ascending rows of the batch) are told."""

    of: Ints
    actions: pa.Table
    withheld: pa.Table
    deadlines: pa.Table
    ended: pa.Array
    provisional: Bools
    shortfalls: pa.Array


class Kinds:
    """The kinds of debtors met so far under some rules on one day, and what each was told.

    One object serves batch after batch. It forgets everything when it has met too many.
    """

    def __init__(self, rules: Rules, shape: Shape, on: date) -> None:
        self.rules = rules
        self.shape = shape
        self.on = on
        self._forget()

    def _forget(self) -> None:
        self.numbering = Numbering()
        self._kinds: dict[int, int] = {}  # by the number of how a debtor stands: the kind of its first account, or -1
        self._words = Numbering()
        self._withheld = Lines(5)
        self._deadlines = Lines(7)
        self._actions = Lines(1)
        self._sayings = Sayings(self.shape.schemas["actions"])
        self._ended: list[str | None] = []
        self._guessed: list[bool] = []
        self._shortfalls: list[list[dict[str, Any]]] = []

    def make_room(self) -> None:
        """To be called before a batch: forgets, where too much is remembered."""
        if len(self.numbering) > MOST:
            self._forget()

    # Finding the kinds

    def of(self, batch: Batch, stood: Stood) -> Ints:
        """The kind of each account; -1 where its debtor goes through the engine."""
        starts = batch.groups
        if len(batch) == 0:
            return np.zeros(0, np.int64)
        alone = np.minimum.reduceat(stood.numbers, starts[:-1]) < 0
        people = self.numbering.of_lists("people", batch.lists["parties"].start, _same_people(batch, starts))
        members = self.numbering.of("member", [stood.numbers, _order_of_ids(batch, starts), people])
        numbers = self.numbering.of_lists("debtor", starts, members)
        groups = np.flatnonzero(~alone)
        codes, samples = told_apart(numbers[groups])
        first = np.full(len(alone), NONE, np.int64)
        met = groups[samples]
        new = [group for group in met.tolist() if int(numbers[group]) not in self._kinds]
        self._learn_all(batch, stood, numbers, sorted(new))
        first[groups] = np.array([self._kinds[number] for number in numbers[met].tolist()], np.int64)[codes]
        of_account = first[batch.debtor]
        within = np.arange(len(batch), dtype=np.int64) - starts[:-1][batch.debtor]
        return np.where(of_account < 0, NONE, of_account + within)

    def _learn_all(self, batch: Batch, stood: Stood, numbers: Ints, groups: Sequence[int]) -> None:
        """Has one debtor of each new kind worked out by the engine; `groups` ascending."""
        rows = [range(int(batch.groups[group]), int(batch.groups[group + 1])) for group in groups]
        accounts = iter(unpack_all(batch, np.array([row for each in rows for row in each], np.int64)))
        for number, each in zip(numbers[list(groups)].tolist(), rows, strict=True):
            worked = worked_out([next(accounts) for _ in each], self.rules, on=self.on)
            self._kinds[number] = self._learn(batch, stood, each, worked)

    def _learn(self, batch: Batch, stood: Stood, rows: range, worked: Sequence[Worked]) -> int:
        """Notes what the accounts of a debtor are told; -1 where that cannot be said of others."""
        try:
            told = [_Place(batch, stood, row, each).told() for row, each in zip(rows, worked, strict=True)]
        except KeyError:  # it speaks of something that has no place
            return NONE
        kind = len(self._withheld)
        for each, one in zip(worked, told, strict=True):
            self._note(each, *one)
        return kind

    def _note(
        self, worked: Worked, withheld: Sequence[int], deadlines: Sequence[int], sayings: Sequence[Saying]
    ) -> None:
        word, result = self._words.of_word, worked.assessment
        self._withheld.add(
            [
                (word(each.step), word(each.code), word(JOIN.join(each.codes)), _day(each.until), place)
                for each, place in zip(result.withheld, withheld, strict=True)
            ]
        )
        self._deadlines.add(
            [
                (
                    word(each.kind),
                    _day(each.on),
                    each.days_left,
                    each.provisional,
                    word(JOIN.join(each.articles)) if each.articles else NONE,
                    NONE if each.alert is None else each.alert,
                    place,
                )
                for each, place in zip(result.deadlines, deadlines, strict=True)
            ]
        )
        first = len(self._sayings)
        self._actions.add([(first + number,) for number in range(len(result.actions))])
        self._sayings.add([action_row(action) for action in result.actions], sayings)
        guessed = worked.steps is not None and worked.steps.provisional
        self._ended.append(result.ended)
        self._guessed.append(guessed or any(each.provisional for each in result.deadlines))
        self._shortfalls.append([shortfall_row(each) for each in result.shortfalls])

    # Telling

    def tell(self, batch: Batch, stood: Stood, kinds: Ints) -> Told:
        """What the accounts are told that are of a kind."""
        of = np.flatnonzero(kinds >= 0).astype(np.int64)
        told = kinds[of]
        schemas = self.shape.schemas
        table = _Table(batch, stood, self._words)
        lines, whose = self._actions.of(told)
        ended = pa.array([self._ended[kind] for kind in told.tolist()], schemas["assessments"].field("ended").type)
        shortfalls = schemas["assessments"].field("shortfalls").type
        return Told(
            of,
            self._sayings.tell(batch, stood, self.on, lines[:, 0], of[whose]),
            table.withheld(schemas["withheld"], of, *self._withheld.of(told)),
            table.deadlines(schemas["deadlines"], of, *self._deadlines.of(told)),
            ended,
            np.array(self._guessed, np.bool_)[told],
            pa.array([self._shortfalls[kind] for kind in told.tolist()], shortfalls),
        )


# What is kept of one household


class _Place:
    """The places of what a household was told of: its charges and parties by their ids."""

    def __init__(self, batch: Batch, stood: Stood, row: int, worked: Worked) -> None:
        self.worked = worked
        charges = batch.charges.texts("id")
        rows = stood.rows[stood.start[row] : stood.start[row + 1]].tolist()
        self.stood, self.rows = stood, rows
        self.charges = {charges.text(each): place for place, each in enumerate(rows)}
        self.payment, self.settled = int(stood.payment[row]), int(stood.settled[row])
        self.payments = batch.lists["payments"].texts("id")
        self.charge_ids = charges
        account = worked.assessment.account
        self.people = {account.debtor.id: 0} | {party.id: place for place, party in enumerate(account.parties, 1)}

    def told(self) -> tuple[list[int], list[int], list[Saying]]:
        """The places of the charges of what is withheld, of the deadlines, and what the actions say. KeyError: none."""
        result, outcome = self.worked.assessment, self.worked.outcome
        withheld = [self._of(each.charge) for each in result.withheld]
        deadlines = [self._deadline(each.charge, record_of(each)) for each in result.deadlines]
        return withheld, deadlines, [self._saying(due) for due in outcome.due] if outcome is not None else []

    def _of(self, charge: str | None) -> int:
        return NONE if charge is None else self.charges[charge]

    def _deadline(self, charge: str | None, record: str | None) -> int:
        """A place, and beyond all places that of a charge whose payment is the record."""
        place = self._of(charge)
        if place < 0 or record is None:
            raise KeyError(record)
        by = int(self.stood.part_by[self.rows[place]])
        if by >= 0 and record == f"payments/{self.payments.text(by)}":
            return _BY_PAYMENT + place
        if record != f"charges/{charge}":
            raise KeyError(record)
        return place

    def _saying(self, due: Due) -> Saying:
        each = due.candidate
        carries = tuple(self._carried(account, one) for account, one in due.carries)
        charges = tuple(self._of(state.charge.id) for state in each.charges)
        return Saying(self._key(each), tuple(self.people[one] for one in each.to), charges, carries)

    def _carried(self, account: str, one: Candidate) -> tuple[str, int, Key]:
        if account != self.worked.assessment.account.id:
            raise KeyError(account)
        return one.step.id, self._of(one.charge_id), self._key(one)

    def _key(self, each: Candidate) -> Key:
        book = self.worked.assessment.book
        assert book is not None
        oldest = names_of(each.step.id, book)[-1]
        return Key(oldest, self._of(each.charge_id), each.anchor_kind, self._record(each), each.occurrence)

    def _record(self, each: Candidate) -> str | int:
        record = each.anchor_record
        match each.anchor_kind:
            case "due" | "period_start" | "period_end":
                return self.charges[record]
            case "paid" if self.payment >= 0 and self.payments.text(self.payment) == record:
                return NONE
            case "settled" if self.settled >= 0 and self.charge_ids.text(self.settled) == record:
                return NONE
            case "paid" | "settled":
                raise KeyError(record)
        return record


# Tables


class _Table:
    """Lays out rows that are told to many."""

    def __init__(self, batch: Batch, stood: Stood, words: Numbering) -> None:
        self.batch = batch
        self.stood = stood
        self.vocabulary = pa.array(words.texts(), pa.string())

    def withheld(self, schema: pa.Schema, of: Ints, rows: Ints, whose: Ints) -> pa.Table:
        step, code, codes, until, place = rows.T
        accounts = of[whose]
        return pa.table(
            [
                *keys(self.batch, accounts).values(),
                self._word(step),
                self._charge(accounts, place),
                self._word(code),
                self._word(codes),
                days(until),
            ],
            schema=schema,
        )

    def deadlines(self, schema: pa.Schema, of: Ints, rows: Ints, whose: Ints) -> pa.Table:
        kind, on, left, provisional, articles, alert, place = rows.T
        accounts = of[whose]
        paid = place >= _BY_PAYMENT
        charge = self._charge(accounts, np.where(paid, place - _BY_PAYMENT, place))
        return pa.table(
            [
                *keys(self.batch, accounts).values(),
                self._word(kind),
                charge,
                days(on),
                pa.array(left.astype(np.int32)),
                pa.array(provisional.astype(np.bool_)),
                self._word(articles),
                pa.array(alert.astype(np.int32), mask=alert < 0),
                self._records(charge, accounts, place, paid),
            ],
            schema=schema,
        )

    def _records(self, charge: pa.Array, accounts: Ints, place: Ints, paid: Bools) -> pa.Array:
        """The record each deadline runs from: its charge, or the payment that settled some of it."""
        told = pc.binary_join_element_wise("charges", charge, "/")
        if not paid.any():
            return told
        rows = self.stood.rows[self.stood.start[accounts[paid]] + place[paid] - _BY_PAYMENT]
        ids = self.batch.lists["payments"].texts("id").values.take(pa.array(self.stood.part_by[rows]))
        return pc.replace_with_mask(told, pa.array(paid), pc.binary_join_element_wise("payments", ids, "/"))

    def _word(self, codes: Ints) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=codes < 0), self.vocabulary)

    def _charge(self, accounts: Ints, place: Ints) -> pa.Array:
        rows = np.where(place >= 0, self.stood.start[accounts] + place, 0)
        some = self.stood.rows[rows] if len(self.stood.rows) else rows
        return self.batch.charges.texts("id").values.take(pa.array(some, mask=place < 0))


def _day(day: date | None) -> int:
    return NONE if day is None else day.toordinal()


# Debtors of several accounts


def _order_of_ids(batch: Batch, starts: Ints) -> Ints:
    """The place of each account among its debtor's by id: that decides between steps that yield to each other."""
    found = np.arange(len(batch), dtype=np.int64) - starts[:-1][batch.debtor]
    ids = batch.texts("id")
    for group in np.flatnonzero(np.diff(starts) > 1).tolist():
        begin, end = int(starts[group]), int(starts[group + 1])
        theirs = [ids.text(row) or "" for row in range(begin, end)]
        for order, place in enumerate(sorted(range(end - begin), key=theirs.__getitem__)):
            found[begin + place] = order
    return found


def _same_people(batch: Batch, starts: Ints) -> Ints:
    """Numbers of the parties of debtors with several accounts: the same person gets one message a day."""
    parties = batch.lists["parties"]
    found = np.zeros(len(parties), np.int64)
    beside = np.zeros(len(starts) - 1, np.int64)
    np.add.at(beside, batch.debtor, parties.counts)
    ids = parties.texts("id")
    for group in np.flatnonzero((np.diff(starts) > 1) & (beside > 0)).tolist():
        rows = range(int(parties.start[starts[group]]), int(parties.start[starts[group + 1]]))
        numbers: dict[str | None, int] = {}
        for row in rows:
            found[row] = numbers.setdefault(ids.text(row), len(numbers) + 1)
    return found
