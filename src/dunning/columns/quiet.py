"""Facts that hang on no money, of households of whom there is no contact, dispute, plan or court case on record.

What such a fact is hangs on a few fields that are the same for many. So the engine is asked once for each different
combination, about an account that has nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np

from dunning.columns.fields import ATTRIBUTE
from dunning.columns.kinds import alike
from dunning.columns.known import Known, Worded
from dunning.columns.opened import in_force
from dunning.columns.packing import coded
from dunning.columns.rows import Batch, Coded, Ints, Numbers
from dunning.engine.known.contacts import Person
from dunning.engine.known.facts import Facts
from dunning.engine.owed.ledger import Ledger
from dunning.model.account import Account, Contract, Party
from dunning.model.rulebook import RuleBook

_NOTHING = ()
FIELDS: Mapping[str, tuple[str, ...]] = {
    "use": ("use",),
    "occupancy": ("occupancy",),
    "area": ("area",),
    "community": ("community",),
    "place": ("place",),
    "debtor_kind": ("debtor.kind",),
    "debtor_role": ("debtor.role",),
    "tags": ("debtor.tags",),
    "handover_days": ("handed_over",),
    "contract_kind": ("contract.kind",),
    "hardship": ("debtor.tags",),
    **dict.fromkeys(
        (
            "disputed_amount", "plan_state", "broken_promises", "promise_open", "promise_on", "open_disputes",
            "open_dispute_kinds", "refused", "willing", "away", "last_contact_on", "contacts_7d", "contacts_30d",
            "unreachable_streak", "demand_delivered", "demand_expired",
        ),
        _NOTHING,
    ),
}  # fmt: skip
"""The facts that can be told here, each with the fields it hangs on, beside what the sources lack."""
OF_CHARGE = ("charge_demand_delivered", "charge_demand_expired")
"""Likewise of a charge."""


class Quiet:
    """Reads such facts off a batch. `odd`: accounts with an attribute that does not fit its type."""

    def __init__(self, batch: Batch, book: RuleBook, on: date, of_person: Coded) -> None:
        """`of_person`: what the sources of all accounts of the debtor lack, by account (see `lacked_of_person`)."""
        self.batch = batch
        self.book = book
        self.on = on
        self.odd = np.zeros(len(batch), np.bool_)
        self._unknown = batch.coded("unknown")
        self._of_person = of_person
        self._nobody = Ledger(on, (), 0, 0, (), (), ())

    def knows(self, fact: str) -> bool:
        """Whether the fact can be told here."""
        return fact in FIELDS or fact in self.book.facts

    def fact(self, fact: str) -> Known:
        """The fact by account. KeyError for one that `knows` denies."""
        own = self.book.facts.get(fact)
        fields = FIELDS[fact] if own is None else (ATTRIBUTE + own.key,)
        columns = [self._column(field) for field in fields]
        codes, samples = alike([each.codes.astype(np.int64) for each in (self._unknown, self._of_person, *columns)])
        words, told = [], np.zeros(len(samples), np.bool_)
        for number, sample in enumerate(samples.tolist()):
            facts = self._facts(sample, dict(zip(fields, columns, strict=True)))
            words.append(facts.value(fact))
            told[number] = bool(facts.findings)
        self.odd |= told[codes]
        return Worded(codes, tuple(words))

    def of_charges(self, fact: str, owner: Ints) -> Known:
        """A fact of charges, which stand under the accounts `owner`."""
        assert fact in OF_CHARGE
        return self.fact(fact.removeprefix("charge_")).take(owner)

    def _facts(self, row: int, columns: Mapping[str, Coded]) -> Facts:
        """The facts of an account that has these fields as the one in that row, and nothing else."""
        values: dict[str, Any] = {}
        debtor: dict[str, Any] = {}
        for field, column in columns.items():
            code = int(column.codes[row])
            value = column.words[code] if code >= 0 else None
            if field.startswith(ATTRIBUTE):
                values["attributes"] = {} if code < 0 else {field.removeprefix(ATTRIBUTE): value}
            elif field == "contract.kind":
                values["contracts"] = () if code < 0 else (Contract(kind=None if value == "" else value),)  # type: ignore[arg-type]
            elif field.startswith("debtor."):
                debtor[field.removeprefix("debtor.")] = value
            else:
                values[field] = value
        unknown = self._unknown.words[int(self._unknown.codes[row])]
        account = Account(id="", debtor=Party(id="", **debtor), unknown=unknown, **values)  # type: ignore[arg-type]
        person = Person((account,), self.on)
        person.unknown = self._of_person.words[int(self._of_person.codes[row])]  # type: ignore[assignment]
        return Facts(account, self._nobody, self.book, person=person)

    def _column(self, field: str) -> Coded:
        if field == "contract.kind":
            return self._contract_kinds()
        column = self.batch.accounts.get(field)
        if column is None:  # an attribute nobody has
            return Coded(np.full(len(self.batch), -1, np.int32), ())
        if isinstance(column, Numbers):
            days = column.filled(0)
            worded = coded([date.fromordinal(day) if day else None for day in np.unique(days).tolist()])
            return Coded(worded.codes[np.searchsorted(np.unique(days), days)], worded.words)
        assert isinstance(column, Coded)
        return column

    def _contract_kinds(self) -> Coded:
        """The kind of the contract in force, "" if it names none; -1 where there is no contract."""
        size = len(self.batch)
        rows = in_force(self.batch, np.arange(size), np.full(size, self.on.toordinal()), self.on.toordinal())
        kinds = self.batch.lists["contracts"].coded("kind")
        codes = np.where(rows < 0, -1, np.append(np.where(kinds.codes < 0, len(kinds.words), kinds.codes), -1)[rows])
        return Coded(codes.astype(np.int32), (*kinds.words, ""))


def lacked_of_person(batch: Batch) -> Coded:
    """What the sources of all of a debtor's accounts lack, by account; all of them have to be in the batch."""
    unknown = batch.coded("unknown")
    if len(unknown.words) < 2:
        return unknown
    starts = batch.groups
    sets = [
        tuple(sorted({name for code in set(codes) for name in unknown.words[code]}))  # type: ignore[attr-defined]
        for codes in _each(unknown.codes, starts)
    ]
    found = coded(sets)
    return Coded(found.codes[batch.debtor], found.words)


def _each(codes: Any, starts: Ints) -> Iterable[list[int]]:
    plain = codes.tolist()
    bounds = starts.tolist()
    return (plain[begin:end] for begin, end in pairwise(bounds))
