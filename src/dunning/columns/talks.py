"""What was said to the debtors of a batch and by them: `engine.known.contacts` in arrays.

Which contacts count is decided once: those of an account, the same as steps, and those of the person behind accounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.columns.order import by_key
from dunning.columns.rows import Batch, Bools, Coded, Ints, Rows, Texts
from dunning.columns.shares import expanded, starts, turns
from dunning.engine.known.contacts import ATTITUDES, FAILED, SPOKE

_DAY = 86_400_000_000
_SHANGHAI = 8 * 3_600_000_000
_EPOCH = date(1970, 1, 1).toordinal()


class Said(NamedTuple):
    """Contacts of many, oldest first: those of one are the rows `rows[start[i]:start[i + 1]]` of the contacts.

    `owner`: whose each is, ascending; an account, or the number of a debtor.
    """

    start: Ints
    rows: Ints
    owner: Ints

    def only(self, which: Bools) -> Said:
        """Those of them that are marked."""
        owner = self.owner[which]
        return Said(starts(owner, len(self.start) - 1), self.rows[which], owner)

    def last(self, which: Bools) -> Ints:
        """The place (in `rows`) of the last of each that is marked; -1 where none is."""
        found = np.full(len(self.start) - 1, -1, np.int64)
        places = np.flatnonzero(which)
        found[self.owner[places]] = places  # the last one is written last
        return found


class Named(NamedTuple):
    """The charges that contacts name: those of place i are `rows[start[i]:start[i + 1]]`, -1 for one that is not there.

    `absent`: it names none, and speaks of all that was overdue that day.
    """

    start: Ints
    rows: Ints
    absent: Bools


class Talks:
    """The contacts of a batch known on a day. By row of `contacts` are: `day` (an ordinal, in China), `attempted` (we
    sought the person, and it was not undeliverable), `failed`, `spoke` (it reached the person), `stance` (it shows how
    the debtor stands), `inbound`, and all columns of `contacts`.

    Lists of rows: `records`, all records about an account; `once`, each contact once; `of_steps`, each contact and step
    once; `of_person`, by the batch's `debtor` numbers, each contact over all accounts of the debtor once, those on
    record under one account about another among them. All accounts of a debtor have to be in the batch for that.
    """

    def __init__(self, batch: Batch, on: date) -> None:
        self.batch = batch
        self.on = on.toordinal()
        self.contacts: Rows = batch.lists["contacts"]
        self._at: Ints = self.contacts.numbers("at").values
        self.day: Ints = (self._at + _SHANGHAI) // _DAY + _EPOCH

    # Which count

    @cached_property
    def records(self) -> Said:
        known = np.flatnonzero((self.day <= self.on) & self._about)
        owner = self.contacts.owner[known]
        rows = self._ordered(owner, known)
        return Said(starts(owner, len(self.batch)), rows, owner)

    @cached_property
    def once(self) -> Said:
        return self._once(self.records)

    @cached_property
    def of_steps(self) -> Said:
        records = self.records
        return records.only(self._stands_under == np.arange(len(records.rows)))

    @cached_property
    def of_person(self) -> Said:
        return self._once(self.records_of_person)

    @cached_property
    def records_of_person(self) -> Said:
        """The same with every record of each contact."""
        debtor = self.batch.debtor
        known = np.flatnonzero(self.day <= self.on)
        ranks = (~self.attempted, _ranks(self.contacts.coded("outcome")), _ranks(self.contacts.coded("channel")))
        owner = debtor[self.contacts.owner[known]]
        rows = self._ordered(owner, known, ranks)
        return Said(starts(owner, len(self.batch.groups) - 1), rows, owner)

    def charges(self, said: Said) -> Named:
        """The charges that each of these contacts names itself."""
        names = self.batch.lists["contacts.charges"]
        start, absent = names.start, names.absent
        places, of = expanded(start[said.rows], np.diff(start)[said.rows])
        none = np.zeros(len(said.rows), np.bool_) if absent is None else absent[said.rows]
        return Named(starts(of, len(said.rows)), names.numbers("charge_row").values[places], none)

    @cached_property
    def charges_of_steps(self) -> Named:
        """The charges named by each of `of_steps`: what the records of one contact and step say is put together."""
        records, under = self.records, self._stands_under
        own = self.charges(records)
        alone = under == np.arange(len(under))
        if alone.all():
            return own
        counted = ~own.absent & ~own.absent[under]  # one that names none, and one put to it, says nothing more
        place = np.cumsum(alone) - 1
        of = np.repeat(np.arange(len(under)), np.diff(own.start))
        some = counted[of]
        whose, rows = place[under[of[some]]], own.rows[some]
        order = np.argsort(whose, kind="stable")
        return Named(starts(whose, int(alone.sum())), rows[order], own.absent[alone])

    # Of each record

    @cached_property
    def inbound(self) -> Bools:
        return np.asarray(self.contacts.numbers("inbound").values != 0)

    @cached_property
    def attempted(self) -> Bools:
        return np.asarray(~self.inbound & ~self.contacts.coded("outcome").equals("undeliverable"))

    @cached_property
    def failed(self) -> Bools:
        return self.contacts.coded("outcome").among(FAILED)

    @cached_property
    def spoke(self) -> Bools:
        return self.contacts.coded("outcome").among(SPOKE)

    @cached_property
    def stance(self) -> Bools:
        said = self.contacts.coded("outcome").among(ATTITUDES)
        return np.asarray(said | self.contacts.coded("reason").equals("away"))

    # How they are found

    @cached_property
    def _about(self) -> Bools:
        """Whether a contact is about the account it stands under."""
        told = self.contacts.texts("account").values
        if told.null_count == len(told):
            return np.ones(len(told), np.bool_)
        own = self.batch.texts("id").values.take(pa.array(self.contacts.owner))
        others = pc.not_equal(told, own).fill_null(pa.scalar(value=False))
        return ~np.asarray(others.to_numpy(zero_copy_only=False), np.bool_)

    def _ordered(self, owner: Ints, rows: Ints, then: tuple[Ints | Bools, ...] = ()) -> Ints:
        """Rows by owner (ascending here), time and id; and by what comes then."""
        keys = [rank[rows] for rank in reversed(then)]
        order = np.lexsort((*keys, self._at[rows], owner))
        at, whose = self._at[rows[order]], owner[order]
        key = np.cumsum(turns(whose) | turns(at), dtype=np.int64)
        placed = rows[order]
        ids = Texts(self.contacts.texts("id").values.take(pa.array(placed)))
        return np.asarray(placed[by_key(key, ids)])

    def _once(self, said: Said) -> Said:
        places = np.arange(len(said.rows))
        first = self.earlier(said.owner, said.rows)
        return said if (first == places).all() else said.only(first == places)

    def earlier(self, of: Ints, rows: Ints) -> Ints:
        """The place of the first of the same whose contact has the same id, or else the same key; of none, its own."""
        same_id = _firsts(of, self.contacts.texts("id").codes[rows])
        same_key = _firsts(of, self.contacts.texts("key").codes[rows])
        return np.where(same_id != np.arange(len(rows)), same_id, same_key)

    @cached_property
    def _stands_under(self) -> Ints:
        """The record that stands for each as a step: its own place in `records`, or that of an earlier one."""
        records = self.records
        step = self.contacts.coded("step")
        of = records.owner * (len(step.words) + 1) + step.codes[records.rows] + 1
        under = self.earlier(of, records.rows)
        while True:
            further = under[under]
            if (further == under).all():
                return under
            under = further


def talks_of(batch: Batch, on: date) -> Talks:
    """The contacts of all accounts of a batch known at the end of the day `on`."""
    return Talks(batch, on)


def _firsts(of: Ints, codes: Ints) -> Ints:
    """The first place with the same owner and code; its own where there is no code (-1)."""
    places = np.arange(len(codes))
    some = np.flatnonzero(codes >= 0)
    key = of[some] * (int(codes.max(initial=0)) + 1) + codes[some]
    order = np.argsort(key, kind="stable")
    begins = turns(key[order])
    places[some[order]] = some[order[begins]][np.cumsum(begins) - 1]
    return places


def _ranks(column: Coded) -> Ints:
    """Numbers in the order of the words; 0 where there is none."""
    words: Mapping[object, int] = {word: place for place, word in enumerate(sorted(map(str, column.words)), start=1)}
    return np.array([*(words[word] for word in column.words), 0], np.int64)[column.codes]
