"""What `assess` answers, from arrays: as many households as can be are done in columns, and the others as objects.

What a household came to does not tell which way it went; the counts of the ways do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa

from dunning.columns.packing import unpack_all
from dunning.columns.rows import Batch, Bools, Coded, Ints
from dunning.columns.schema import Shape, Tables, shape_of
from dunning.columns.written import Result, Written, with_findings, write
from dunning.engine.assess import Rules, assess_group
from dunning.engine.review import reviewed
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook

IN_COLUMNS = "columns"
"""The way of a household that was done in columns; every other way is the reason why it was not."""
AS_OBJECTS = "objects"  # that was asked for
UNPACKED = "kept"  # no array holds the account, or one of its debtor's
REJECTED = "rejected"  # the row is no account
AT_A_TIME = 250
"""Debtors whose accounts are made into objects together."""


class Done(NamedTuple):
    """What a way through columns did: the tables of the households it could do, in the batch's order; and for all why
    not: the code -1 where it did.

    The column `account` of each table is a dictionary over all the accounts of the batch, so that its indices are their
    rows. A debtor's accounts are done together or not at all.
    """

    tables: Tables
    reasons: Coded


class Way(Protocol):
    """A way through columns; it never guesses: what it cannot do exactly it leaves, with the reason."""

    def __call__(self, batch: Batch, rules: Rules, shape: Shape, *, on: date) -> Done:
        """Does the households of a batch; those of `batch.as_objects` are never among them."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """The five tables for all accounts of a batch, in its order, and how many accounts went which way."""

    tables: Tables
    paths: Counter[str]


def columns(
    batch: Batch,
    rules: Rules,
    *,
    on: date,
    way: Way | None = None,
    shape: Shape | None = None,
    review: bool = False,
) -> Answer:
    """The answers for all accounts of a batch on `on`: what `assess_group` gives for each debtor, as tables.

    `way` None: every household as an object. `shape`: that of the tables, if it is known already. `review`: whether
    each household's next review is found as well, which takes far longer.
    """
    shape = shape or shape_of(books_of(rules))
    if way is None or review:
        done, reasons = None, Coded(np.zeros(len(batch), np.int32), (AS_OBJECTS,))
    else:
        done = way(batch, rules, shape, on=on)
        reasons = done.reasons
    reasons = _with_objects(batch, reasons)
    wanted = reasons.codes >= 0
    written = write(_as_objects(batch, rules, wanted, on=on, review=review), shape, on)
    tables = written.tables if done is None else _merged(done.tables, written, np.flatnonzero(wanted))
    return Answer(tables, _counted(reasons))


def books_of(rules: Rules) -> Sequence[RuleBook]:
    """Every book in use."""
    return [rules] if isinstance(rules, RuleBook) else rules.books


def _with_objects(batch: Batch, reasons: Coded) -> Coded:
    """The reasons, and those of the accounts that no array holds, whatever the way said of them."""
    codes = reasons.codes.copy()
    if batch.as_objects.any():
        codes[batch.as_objects] = len(reasons.words)
        codes[np.isin(batch.debtor, batch.debtor[list(batch.rejected)])] = len(reasons.words) + 1
    return Coded(codes, (*reasons.words, UNPACKED, REJECTED))


def _counted(reasons: Coded) -> Counter[str]:
    counts = np.bincount(reasons.codes + 1, minlength=len(reasons.words) + 1).tolist()
    ways = (IN_COLUMNS, *map(str, reasons.words))
    return Counter({way: count for way, count in zip(ways, counts, strict=True) if count})


def _as_objects(batch: Batch, rules: Rules, wanted: Bools, *, on: date, review: bool) -> Iterator[Result]:
    """The answers for the debtors wanted, each of their accounts in the batch's order."""
    for rows, accounts in _unpacked(batch, wanted):
        found: dict[int, Result] = {row: batch.rejected[row] for row in rows if row in batch.rejected}
        read = [row for row in rows if row not in found]
        results = assess_group(accounts, rules, on=on)
        told = [with_findings(each, batch.doubts.get(row, ())) for row, each in zip(read, results, strict=True)]
        found.update(zip(read, reviewed(told, rules) if review else told, strict=True))
        yield from (found[row] for row in rows)


def _unpacked(batch: Batch, wanted: Bools) -> Iterator[tuple[range, list[Account]]]:
    """The rows of each debtor wanted, and the accounts that stand in them, those rejected left out.

    Some hundred are made at a time: that is far cheaper than one by one, and few enough that the collector of garbage,
    which walks whatever is alive, has little to walk.
    """
    starts = batch.groups
    groups = np.flatnonzero(wanted[starts[:-1]])
    for first in range(0, len(groups), AT_A_TIME):
        some = [range(int(starts[group]), int(starts[group + 1])) for group in groups[first : first + AT_A_TIME]]
        read = [[row for row in rows if row not in batch.rejected] for rows in some]
        accounts = iter(unpack_all(batch, np.array([row for rows in read for row in rows], np.int64)))
        for rows, theirs in zip(some, read, strict=True):
            yield rows, list(islice(accounts, len(theirs)))


def _merged(done: Tables, written: Written, rows: Ints) -> Tables:
    """Both ways' tables in one, in the batch's order; `rows` are those of the results written."""
    return Tables(*map(_in_order, done, written.tables, [rows[place] for place in written.places]))


def _in_order(done: pa.Table, written: pa.Table, rows: Ints) -> pa.Table:
    if not len(written):
        return done
    if not len(done):
        return written
    own = done.column("account").combine_chunks().indices.to_numpy()
    order = np.argsort(np.concatenate((own, rows)), kind="stable")
    return pa.concat_tables([done, written]).unify_dictionaries().take(pa.array(order))
