"""Whether the deadlines made of arrays are those the engine tells, in every column and in its order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from dunning.columns.arrears import Arrears
from dunning.columns.deadlines import REASONS, Deadlines, deadlines_of
from dunning.columns.ledgers import ledgers
from dunning.columns.packing import pack, unpack
from dunning.columns.people import people_of
from dunning.columns.rows import Batch
from dunning.columns.schema import shape_of
from dunning.columns.spoken import Spoken
from dunning.columns.written import tables_of
from dunning.engine.assess import assess
from dunning.engine.deadlines import time_barred
from dunning.model.account import Account
from dunning.model.condition import ALWAYS
from dunning.model.rulebook import RuleBook


def deadlines_in(batch: Batch, book: RuleBook, on: date) -> Deadlines:
    """The deadlines of a batch, with all that they are made from."""
    return deadlines_of(Spoken(Arrears(batch, ledgers(batch, book, on), book, on), people_of(batch, on)))


def differences(accounts: Sequence[Account], book: RuleBook, on: date) -> tuple[list[str], Counter[str]]:
    """Every row that is not the same, and how many deadlines of each kind there were, and accounts handed back."""
    book = replace(book, applies=ALWAYS, since=None, until=None, track=None)
    batch, shape = pack(accounts), shape_of([book])
    made = deadlines_in(batch, book, on)
    done = np.flatnonzero(made.exact)
    results = [assess(unpack(batch, place), book, on=on) for place in done.tolist()]
    table = made.table(shape.schemas["deadlines"], batch, done, done)
    wanted, got = tables_of(results, shape, on).deadlines.to_pylist(), table.to_pylist()
    found = [f"engine {one}, columns {other}" for one, other in zip(wanted, got, strict=False) if one != other]
    found += [f"engine {len(wanted)} rows, columns {len(got)}"] if len(wanted) != len(got) else []
    start, ids = batch.charges.start, batch.charges.texts("id")
    for place, result in zip(done.tolist(), results, strict=True):
        if made.guessed[place] != any(each.provisional for each in result.deadlines):
            found.append(f"{place}: provisional: columns {made.guessed[place]}")
        rows = start[place] + np.flatnonzero(made.barred[start[place] : start[place + 1]])
        if {ids.text(row) for row in rows.tolist()} != time_barred(result.deadlines):
            found.append(f"{place}: barred: {time_barred(result.deadlines)}, columns {rows}")
    kinds = Counter(f"{each['kind']} {each['record'].partition('/')[0]}" for each in wanted)
    return found, kinds + Counter(f"left: {REASONS[reason]}" for reason in made.reason[~made.exact].tolist())
