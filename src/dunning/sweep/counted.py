"""What a portfolio comes to under each variant of the rules: one pass over the records, in columns, on all cores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.basis.workers import Workers
from dunning.columns.answer import books_of, columns
from dunning.columns.figures import UNDETERMINED as UNDETERMINED
from dunning.columns.figures import Figures, figures
from dunning.columns.packing import micros
from dunning.columns.rows import Batch, Numbers
from dunning.columns.schema import shape_of
from dunning.columns.store import open_store
from dunning.columns.way import InColumns
from dunning.engine.assess import Rules
from dunning.model.account import SHANGHAI, Account
from dunning.model.rulebook import RuleBook
from dunning.sweep.variants import load_anyway

Actions = Literal["none", "day", "week"]
WEEK = 7


@dataclass(slots=True)
class Count:
    """The figures of one variant, in fen and households; they add up over parts of a portfolio.

    `grades` are households by (book, table, answer), `actions` what is due by (book, step): on the day, or on any day
    of the week from it, each action once; None: that was not asked for. `paths` are the ways households went.
    """

    accounts: int = 0
    in_arrears: int = 0
    arrears: int = 0
    arrears_unknown: int = 0
    late_fee: int = 0
    fee_undetermined: int = 0
    grades: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    actions: Counter[str] | None = None
    paths: Counter[str] = field(default_factory=Counter)

    @property
    def actions_in_all(self) -> int | None:
        return None if self.actions is None else self.actions.total()

    def due(self, step: str) -> int:
        """How many actions of a step."""
        return 0 if self.actions is None else self.actions[step]

    def add(self, other: Count) -> None:
        for name in ("accounts", "in_arrears", "arrears", "arrears_unknown", "late_fee", "fee_undetermined"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.grades.update(other.grades)
        self.paths.update(other.paths)
        if other.actions is not None:
            self.actions = (self.actions or Counter()) + other.actions


@dataclass(frozen=True, slots=True)
class Asked:
    """What every worker needs to know: the records, the rules of each variant by their path, the day."""

    folder: Path
    rules: tuple[Path, ...]
    on: date
    actions: Actions = "none"


def count(asked: Asked, *, jobs: int = 1, tick: Callable[[int], None] = lambda _: None) -> list[Count]:
    """The figures of each variant, in their order; `tick` is told how many accounts are done, once for each variant."""
    total = [Count() for _ in asked.rules]
    for found in _parts(asked, open_store(asked.folder).parts, jobs):
        for whole, part in zip(total, found, strict=True):
            whole.add(part)
        tick(sum(part.accounts for part in found))
    return total


def _parts(asked: Asked, parts: int, jobs: int) -> Iterator[list[Count]]:
    if jobs <= 1 or parts <= 1:
        worker = Worker(asked)
        yield from (found for part in range(parts) for found in worker.counts(part))
        return
    with Workers(jobs, _start, asked) as pool:  # a fork would take pyarrow's threads half with it
        for several in [pool.submit(_count, part) for part in range(parts)]:
            yield from several.result()


class Worker:
    """Counts parts, one after another, under all variants."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.store = open_store(asked.folder)
        self.variants = [_Variant(load_anyway(path), asked) for path in asked.rules]

    def counts(self, part: int) -> Iterator[list[Count]]:
        """The figures of a part, stretch by stretch."""
        for batch in self.store.batches(part):
            made: dict[int, Account] = {}
            yield [variant.count(batch, made) for variant in self.variants]
        rejected = len(self.store.rejected(part))
        if rejected:
            yield [Count(rejected, paths=Counter(rejected=rejected)) for _ in self.variants]


class _Variant:
    def __init__(self, rules: Rules, asked: Asked) -> None:
        self.rules = rules
        self.on = asked.on
        self.actions = asked.actions
        self.shape = shape_of(books_of(rules))
        days = {"none": 0, "day": 1, "week": WEEK}[asked.actions]
        self.ways = [(asked.on + timedelta(days=ahead), InColumns()) for ahead in range(days)]

    def count(self, batch: Batch, made: dict[int, Account]) -> Count:
        found = count_of(figures(batch, self.rules, on=self.on, made=made), books_of(self.rules))
        if self.ways:
            found.actions = self._due(batch)
        return found

    def _due(self, batch: Batch) -> Counter[str]:
        """The actions due by step, each once though it is due for days."""
        tables = []
        for day, way in self.ways:
            whole = batch if self.actions == "day" else _fresh(batch, day)
            actions = columns(whole, self.rules, on=day, way=way, shape=self.shape).tables.actions
            tables.append(pa.table({"key": actions.column("key"), "step": actions.column("step").cast(pa.string())}))
        once = pa.concat_tables(tables).group_by(["key", "step"]).aggregate([])
        counted = pc.value_counts(once.column("step").combine_chunks())
        return Counter({each["values"]: each["counts"] for each in counted.to_pylist()})


def _fresh(batch: Batch, day: date) -> Batch:
    """As if the data were drawn at the end of a day."""
    drawn = micros(datetime.combine(day, time(23, 59, 59), SHANGHAI))
    return replace(batch, accounts={**batch.accounts, "data_as_of": Numbers(np.full(len(batch), drawn, np.int64))})


def count_of(found: Figures, books: Sequence[RuleBook]) -> Count:
    """The figures of a batch added up."""
    owing = found.arrears > 0
    total = Count(
        len(found.arrears), int(owing.sum()), int(found.arrears.sum()), int(found.unknown.sum()),
        int(found.late_fee.sum()), int(found.undetermined.sum()), paths=found.paths,
    )  # fmt: skip
    for place, book in enumerate(books):
        rows = found.book.codes == place
        for table, column in found.grades.items():
            of = column.codes[rows & (column.codes >= 0)]
            for code, number in enumerate(np.bincount(of, minlength=len(column.words)).tolist()):
                if number:
                    total.grades[book.name, table, str(column.words[code])] += number
    return total


_worker: Worker | None = None
"""The worker of a process of the pool."""


def _start(asked: Asked) -> None:
    global _worker  # a pool's processes have no other way to keep what they start with
    pa.set_cpu_count(1)  # there is a process a core
    _worker = Worker(asked)


def _count(part: int) -> list[list[Count]]:
    assert _worker is not None
    return list(_worker.counts(part))
