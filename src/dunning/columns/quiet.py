"""Facts that hang on fields of the account alone: who and what it is, and what a book makes of its attributes.

What such a fact is hangs on a few fields that are the same for many. So the engine is asked once for each different
combination, about an account that has nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from dunning.columns.fields import ATTRIBUTE
from dunning.columns.kinds import alike
from dunning.columns.known import Known, Worded
from dunning.columns.opened import in_force
from dunning.columns.packing import coded
from dunning.columns.rows import Batch, Coded, Numbers
from dunning.engine.known.facts import Facts
from dunning.engine.owed.ledger import Ledger
from dunning.model.account import Account, Contract, Party
from dunning.model.rulebook import RuleBook

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
}
"""The facts that can be told here, each with the fields it hangs on, beside what the sources lack."""


class Quiet:
    """Reads such facts off a batch. `odd`: accounts with an attribute that does not fit its type."""

    def __init__(self, batch: Batch, book: RuleBook, on: date) -> None:
        self.batch = batch
        self.book = book
        self.on = on
        self.odd = np.zeros(len(batch), np.bool_)
        self._unknown = batch.coded("unknown")
        self._nobody = Ledger(on, (), 0, 0, (), (), ())

    def fact(self, fact: str) -> Known:
        """The fact by account: one of FIELDS, or the book's own. KeyError for others."""
        own = self.book.facts.get(fact)
        fields = FIELDS[fact] if own is None else (ATTRIBUTE + own.key,)
        columns = [self._column(field) for field in fields]
        codes, samples = alike([each.codes.astype(np.int64) for each in (self._unknown, *columns)])
        words, told = [], np.zeros(len(samples), np.bool_)
        for number, sample in enumerate(samples.tolist()):
            facts = self._facts(sample, dict(zip(fields, columns, strict=True)))
            words.append(facts.value(fact))
            told[number] = bool(facts.findings)
        self.odd |= told[codes]
        return Worded(codes, tuple(words))

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
        return Facts(account, self._nobody, self.book)

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
