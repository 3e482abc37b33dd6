"""What becomes of a Parquet portfolio under other rules, in columns: accounts counted alike are counted together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from dunning.basis.workers import Workers
from dunning.columns.answer import books_of, columns
from dunning.columns.arrow import owners_of
from dunning.columns.figures import Figures, figures
from dunning.columns.kinds import alike
from dunning.columns.numbering import Numbering, starts_of
from dunning.columns.rows import Batch, Coded, Ints
from dunning.columns.schema import Tables, shape_of
from dunning.columns.store import open_store
from dunning.columns.way import InColumns
from dunning.compare.impact import SHOWN, Alike, Impact, Money, Pair, Standing
from dunning.engine.assess import Rules
from dunning.model.account import Account

Load = Callable[[], Rules]


@dataclass(frozen=True, slots=True)
class Asked:
    """What every worker needs to know; `old` and `new` load the rules, in the worker. `steps`: also what is to be done
    and what is withheld, which takes far longer.
    """

    folder: Path
    old: Load
    new: Load
    on: date
    steps: bool = True


def impact(asked: Asked, *, jobs: int = 1, tick: Callable[[int], None] = lambda _: None) -> Impact:
    """The sums over a folder that `dunning convert` wrote, as `Impact.of` makes them of its accounts."""
    total = Impact()
    for part in _parts(asked, open_store(asked.folder).parts, jobs):
        total.merge(part)
        tick(part.households + part.rejected)
    return total


def _parts(asked: Asked, parts: int, jobs: int) -> Iterator[Impact]:
    if jobs <= 1 or parts <= 1:
        worker = Worker(asked)
        for part in range(parts):
            yield from worker.impacts(part)
        return
    with Workers(jobs, _start, asked) as pool:  # a fork would take pyarrow's threads half with it
        for found in [pool.submit(_impacts, part) for part in range(parts)]:
            yield from found.result()


class Worker:
    """Counts parts, one after another."""

    def __init__(self, asked: Asked) -> None:
        self.store = open_store(asked.folder)
        self.sides = (_Side(asked.old(), asked), _Side(asked.new(), asked))

    def impacts(self, part: int) -> Iterator[Impact]:
        """The sums of a part, stretch by stretch."""
        for batch in self.store.batches(part):
            made: dict[int, Account] = {}
            numbering = Numbering()
            before, after = (side.counted(batch, numbering, made) for side in self.sides)
            yield _impact(batch, before, after)
        yield Impact(rejected=len(self.store.rejected(part)))


class _Listed(NamedTuple):
    """Words of the accounts of a batch: those of account i begin at `start[i]`; `numbers` are equal where all are."""

    words: tuple[object, ...]
    start: Ints
    rows: Ints
    numbers: Ints

    def of(self, row: int) -> tuple[object, ...]:
        return tuple(self.words[code] for code in self.rows[self.start[row] : self.start[row + 1]].tolist())


class _Counted(NamedTuple):
    """Everything that is counted of the accounts of a batch under one set of rules; `told`: alike are equal."""

    figures: Figures
    steps: _Listed | None
    withheld: _Listed | None
    told: list[Ints]


class _Side:
    """One set of rules."""

    def __init__(self, rules: Rules, asked: Asked) -> None:
        self.rules = rules
        self.on = asked.on
        self.shape = shape_of(books_of(rules))
        self.way = InColumns() if asked.steps else None

    def counted(self, batch: Batch, numbering: Numbering, made: dict[int, Account]) -> _Counted:
        found = figures(batch, self.rules, on=self.on, made=made)
        told = [found.status.codes.astype(np.int64), found.undetermined.astype(np.int64)]
        told += [numbering.of_words(column) for _, column in sorted(found.grades.items())]
        if self.way is None:
            return _Counted(found, None, None, told)
        tables = columns(batch, self.rules, on=self.on, way=self.way, shape=self.shape).tables
        steps, withheld = _steps(batch, tables, numbering), _withheld(batch, tables, numbering)
        return _Counted(found, steps, withheld, [*told, steps.numbers, withheld.numbers])


def _steps(batch: Batch, tables: Tables, numbering: Numbering) -> _Listed:
    return _listed(batch, tables.actions, _coded(tables.actions, "step"), numbering)


def _withheld(batch: Batch, tables: Tables, numbering: Numbering) -> _Listed:
    step, code = _coded(tables.withheld, "step"), _coded(tables.withheld, "code")
    pairs, codes = np.unique(step.codes.astype(np.int64) * len(code.words) + code.codes, return_inverse=True)
    words = tuple((step.words[pair // len(code.words)], code.words[pair % len(code.words)]) for pair in pairs.tolist())
    return _listed(batch, tables.withheld, Coded(codes.astype(np.int32), words), numbering)


def _coded(table: pa.Table, name: str) -> Coded:
    values = table.column(name).unify_dictionaries().combine_chunks()
    return Coded(values.indices.to_numpy(zero_copy_only=False).astype(np.int32), tuple(values.dictionary.to_pylist()))


def _listed(batch: Batch, table: pa.Table, column: Coded, numbering: Numbering) -> _Listed:
    names = {"company": batch.accounts["company"], "id": batch.accounts["id"]}
    owners = owners_of(table, names) if len(table) else np.zeros(0, np.int64)
    order = np.argsort(owners, kind="stable")
    start = starts_of(owners[order], len(batch))
    numbers = numbering.of_lists("steps", start, numbering.of_words(column)[order])
    return _Listed(column.words, start, column.codes[order].astype(np.int64), numbers)


def _impact(batch: Batch, before: _Counted, after: _Counted) -> Impact:
    """The sums of a batch: once for each kind of account."""
    changed = before.figures.late_fee != after.figures.late_fee
    kinds, samples = alike([*before.told, *after.told, changed.astype(np.int64)])
    money = [_money(kinds.astype(np.int64), len(samples), side.figures) for side in (before, after)]
    order = np.argsort(kinds, kind="stable")
    starts = np.searchsorted(kinds[order], np.arange(len(samples)))
    found = Impact()
    for kind, sample in enumerate(samples.tolist()):
        standing = _standing(before, sample), _standing(after, sample)
        if standing[0] is None or standing[1] is None:
            found.rejected += money[0][kind].count
            continue
        shown = order[starts[kind] : starts[kind] + min(SHOWN, money[0][kind].count)].tolist()
        names = tuple(_name(batch, row) for row in shown)
        found.add_alike(Alike(Pair(names[0], standing[0], standing[1]), money[0][kind], money[1][kind], names))
    return found


def _money(kinds: Ints, count: int, found: Figures) -> list[Money]:
    arrears, late_fee = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.add.at(arrears, kinds, found.arrears)
    np.add.at(late_fee, kinds, found.late_fee)
    counts = np.bincount(kinds, minlength=count)
    return list(map(Money, counts.tolist(), arrears.tolist(), late_fee.tolist()))


def _standing(found: _Counted, row: int) -> Standing | None:
    """What is counted of an account; None if it was rejected."""
    of = found.figures
    status = of.status.words[int(of.status.codes[row])]
    if status == "rejected":
        return None
    if status == "not_applicable":
        return Standing("not_applicable")
    return Standing(
        "assessed",
        None if of.unknown[row] else int(of.arrears[row]),
        int(of.late_fee[row]),
        bool(of.undetermined[row]),
        _grades(of, row),
        () if found.steps is None else found.steps.of(row),  # type: ignore[arg-type]
        () if found.withheld is None else found.withheld.of(row),  # type: ignore[arg-type]
    )


def _grades(of: Figures, row: int) -> Mapping[str, str]:
    return {
        table: str(column.words[int(column.codes[row])])
        for table, column in of.grades.items()
        if column.codes[row] >= 0
    }


def _name(batch: Batch, row: int) -> str:
    company = batch.coded("company")
    parts = (str(company.words[int(company.codes[row])]), batch.texts("id").text(row))
    return "/".join(part for part in parts if part)


_worker: Worker | None = None
"""The worker of a process of the pool."""


def _start(asked: Asked) -> None:
    global _worker  # a pool's processes have no other way to keep what they start with
    pa.set_cpu_count(1)  # there is a process a core
    _worker = Worker(asked)


def _impacts(part: int) -> list[Impact]:
    assert _worker is not None
    return list(_worker.impacts(part))
