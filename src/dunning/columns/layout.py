"""The columns of `assessments` and `charges` from what was found of many households; steps are laid out where told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from dunning.basis.finding import Finding
from dunning.columns.arrays import EPOCH, days, keys, places, same, words
from dunning.columns.known import Bools, Ints, Known, Ordered, Worded
from dunning.columns.ledgers import Ledgers
from dunning.columns.opened import WHY
from dunning.columns.order import in_order
from dunning.columns.rows import Batch
from dunning.columns.schema import FACT_TYPES, JOIN, WORD, Shape, fact_type
from dunning.columns.tables import GradeColumn, Grades
from dunning.columns.written import fact_arrays, fact_value, grade_values
from dunning.model.condition import Type
from dunning.model.rulebook import RuleBook


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of the accounts of a batch, all under one book; `open_rows` are the charges that were graded.

    `facts` are those the assessment shows, `charge_facts` those of the open charges; `disputed` is the amount.
    """

    batch: Batch
    book: RuleBook
    on: date
    ledgers: Ledgers
    facts: Mapping[str, Known]
    charge_facts: Mapping[str, Known]
    grades: Grades
    open_rows: Ints
    disputed: Known


class Layout:
    """Lays out the accounts `done` of what was found; `at` are their rows in the whole batch, which has the names.

    Rows come in the order of the batch, an account's charges in that of the ledger.
    """

    def __init__(self, whole: Batch, shape: Shape, found: Found, done: Ints, at: Ints) -> None:
        self.whole = whole
        self.shape = shape
        self.found = found
        self.done = done
        self.at = at

    # Accounts

    def assessments(
        self,
        ended: pa.Array,
        provisional: Bools,
        shortfalls: pa.Array,
        doubts: Mapping[int, Sequence[Finding]],
    ) -> pa.Table:
        """One row an account, with what its steps came to beside it."""
        found, whole, at = self.found, self.whole, self.at
        schema = self.shape.schemas["assessments"]
        book = found.book
        said = {
            "rulebook_name": book.name,
            "rulebook_version": book.version,
            "rulebook_digest": book.digest,
            "law_digest": book.law_digest,
            "status": "assessed",
        }
        columns: dict[str, pa.Array] = {
            **keys(whole, at),
            "debtor": pa.DictionaryArray.from_arrays(at.astype(np.int32), whole.texts("debtor.id").values),
            "unit": whole.texts("unit").values.take(pa.array(at)),
            "on": days(np.full(len(at), found.on.toordinal(), np.int64)),
            **{name: same(word, len(at)) for name, word in said.items()},
            **{name: words(whole.coded(name), at) for name in ("community", "place")},
            **{f"balance_{name}": pa.array(values[self.done]) for name, values in balances(found).items()},
            **dict(self._facts(self.shape.facts, found.facts, self.done, len(at))),
            **dict(self._grades(self.shape.tables, found.grades.account, self.done, len(at))),
            "shortfalls": shortfalls,
            "ended": ended,
            "provisional": pa.array(provisional | self._guessed()),
            "findings": self._findings(doubts, schema.field("findings").type),
        }
        return _table(columns, schema, len(at))

    def _guessed(self) -> Bools:
        """Whether one of the due dates hangs on a year the calendar does not know."""
        charges = self.found.ledgers.charges
        found = np.zeros(len(self.found.batch), np.bool_)
        found[charges.owner[charges.known & charges.provisional]] = True
        return found[self.done]

    def _findings(self, doubts: Mapping[int, Sequence[Finding]], type_: pa.DataType) -> pa.Array:
        """The findings of each; most have none."""
        counts = np.zeros(len(self.whole), np.int32)
        places = list(doubts)
        counts[places] = [len(doubts[place]) for place in places]
        ends = np.cumsum(counts[self.at], dtype=np.int32)
        some = self.at[counts[self.at] > 0].tolist()
        told = [finding.as_data() for place in some for finding in doubts[place]]
        return pa.ListArray.from_arrays(np.concatenate((np.zeros(1, np.int32), ends)), pa.array(told, type_.value_type))

    # Charges

    def charges(self) -> pa.Table:
        """One row a charge the ledger knows."""
        found, ledgers, book = self.found, self.found.ledgers, self.found.book
        opened = ledgers.charges
        schema = self.shape.schemas["charges"]
        done = np.zeros(len(found.batch), np.bool_)
        done[self.done] = True
        rows = in_order(found.batch, np.flatnonzero(opened.known & done[opened.owner]), opened.due, opened.fell)
        place = np.zeros(len(found.batch), np.int64)
        place[self.done] = self.at
        due, unpaid, today = opened.due[rows], ledgers.unpaid[rows], found.on.toordinal()
        chased = frozenset[object](book.chased)
        items = found.batch.charges.coded("item")
        others = opened.other_debtor[rows]
        columns: dict[str, pa.Array] = {
            **keys(self.whole, place[opened.owner[rows]]),
            "charge": found.batch.charges.texts("id").values.take(pa.array(rows)),
            "item": words(items, rows),
            "due": days(due),
            "overdue_days": pa.array(np.where((due >= 0) & (unpaid > 0) & (due < today), today - due, 0), pa.int32()),
            "amount": pa.array(opened.principal[rows]),
            "paid": pa.array(ledgers.paid[rows]),
            "principal": pa.array(unpaid),
            "settled_on": days(ledgers.settled_on[rows]),
            "other_debtor": pa.array(others),
            "chased": pa.array(items.among(chased)[rows] & ~others),
            **self._fees(rows),
        }
        graded = np.full(len(found.batch.charges), -1, np.int64)
        graded[found.open_rows] = np.arange(len(found.open_rows))
        at = graded[rows]
        columns |= dict(self._facts(self.shape.charge_facts, found.charge_facts, at, len(rows)))
        columns |= dict(self._grades(self.shape.charge_tables, found.grades.charges, at, len(rows)))
        return _table(columns, schema, len(rows))

    def _fees(self, rows: Ints) -> dict[str, pa.Array]:
        fees = self.found.ledgers.fees
        open_ = fees.undetermined[rows]
        nobody_knows = ("assessed", "outstanding", "to_book")
        found = {
            f"late_fee_{name}": pa.array(getattr(fees, name)[rows], mask=open_ if name in nobody_knows else None)
            for name in ("assessed", "paid", "waived", "contingent", "outstanding", "booked", "to_book")
        }
        whys = pa.array(WHY, pa.string())
        why = pa.array(fees.why[rows].astype(np.int32), mask=fees.why[rows] == 0)
        return found | {
            "late_fee_capped": pa.array(fees.capped[rows]),
            "late_fee_why": pa.DictionaryArray.from_arrays(why, whys),
        }

    # Facts and grades

    def _facts(
        self, shown: Mapping[str, Type], facts: Mapping[str, Known], at: Ints, size: int
    ) -> Iterator[tuple[str, pa.Array]]:
        """Both columns of each fact; `at` -1: it is not told there."""
        for name, type_ in shown.items():
            known = facts.get(name)
            if known is None:
                values, missing = pa.nulls(size, FACT_TYPES[type_.kind]), pa.nulls(size, WORD)
            elif isinstance(known, Worded):
                told = fact_arrays(known.words, type_, fact_type(name, self.found.book))
                where = places(known.codes, at)
                values, missing = told[0].take(where), told[1].take(where)
            else:
                values, missing = self._numbers(name, known, type_, at)
            yield f"facts_{name}", values
            yield f"unknown_{name}", missing

    def _numbers(self, name: str, fact: Ordered, type_: Type, at: Ints) -> tuple[pa.Array, pa.Array]:
        if not len(fact.values):
            return pa.nulls(len(at), FACT_TYPES[type_.kind]), pa.nulls(len(at), WORD)
        gone = at < 0
        for mask in (fact.unknown, fact.nothing):
            if mask is not None:
                gone = gone | mask[at]
        if type_.kind == "text":  # books differ in what it is
            own = fact_type(name, self.found.book)
            told = [None if row < 0 else fact_value(fact.at(row), type_, own) for row in at.tolist()]
            values = pa.array(told, pa.string())
        elif type_.kind == "date":
            values = pa.array((fact.values[at] - EPOCH).astype(np.int32), mask=gone).cast(pa.date32())
        else:
            values = pa.array(fact.values[at], FACT_TYPES[type_.kind], mask=gone)
        if fact.unknown is None or fact.lacking is None:
            return values, pa.nulls(len(at), WORD)
        because = [JOIN.join(getattr(word, "because", ())) or None for word in fact.lacking.words]
        codes = np.where(fact.unknown, fact.lacking.codes, -1)
        return values, pa.array(because, WORD).take(places(codes, at))

    def _grades(
        self, shown: Sequence[str], grades: Mapping[str, GradeColumn], at: Ints, size: int
    ) -> Iterator[tuple[str, pa.Array]]:
        for name in shown:
            column = grades.get(name)
            names = [f"{what}_{name}" for what in ("grades", "rows", "cause", "missing")]
            if column is None:
                yield from ((each, pa.nulls(size, WORD)) for each in names)
                continue
            told = [grade_values(graded, self.found.book.tables[name]) for graded in column.answers]
            where = places(column.codes, at)
            for number, each in enumerate(names):
                yield each, pa.array([values[number] for values in told], WORD).take(where)


def balances(found: Found) -> dict[str, Ints]:
    """The columns of the balance by account, as `Balance` has them."""
    ledgers, opened = found.ledgers, found.ledgers.charges
    known, owner = opened.known, opened.owner
    due = known & ((opened.due < 0) | (opened.due <= found.on.toordinal()))
    fee = np.where(ledgers.fees.undetermined, 0, ledgers.fees.outstanding)

    def total(values: Ints, of: Bools) -> Ints:
        found_ = np.zeros(len(found.batch), np.int64)
        np.add.at(found_, owner[of], values[of])
        return found_

    principal, late_fee = total(ledgers.unpaid, due), total(fee, known)
    return {
        "principal_due": principal,
        "principal_not_due": total(ledgers.unpaid, known & ~due),
        "late_fee": late_fee,
        "credit": ledgers.credit,
        "disputed": disputed(found),
        "other_debtor": total(ledgers.unpaid, known & opened.other_debtor),
        "total": principal + late_fee - ledgers.credit,
    }


def disputed(found: Found) -> Ints:
    """What is disputed of each; 0 where nobody can tell."""
    known = found.disputed
    assert isinstance(known, Ordered)
    return known.values if known.unknown is None else np.where(known.unknown, 0, known.values)


def _table(columns: Mapping[str, pa.Array], schema: pa.Schema, size: int) -> pa.Table:
    return pa.table(
        [columns.get(name, pa.nulls(size, schema.field(name).type)) for name in schema.names], schema=schema
    )
