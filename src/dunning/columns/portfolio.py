"""A Parquet folder as any other portfolio: groups of accounts, for whoever wants them as records, and one by its id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from dunning.columns.packing import unpack
from dunning.columns.rows import Batch
from dunning.columns.store import Store, open_store
from dunning.intake.groups import Group, Portfolio, RawGroup, group_of
from dunning.intake.records import Read, Rejected


@dataclass(frozen=True, slots=True)
class Held(RawGroup):
    """A group that is read already."""

    group: Group

    def read(self) -> Group:
        return self.group


@dataclass(frozen=True, slots=True)
class InBatch(RawGroup):
    """A group of a batch, made into records when it is wanted; what goes to another process is the group alone."""

    batch: Batch
    place: int

    def read(self) -> Group:
        return group_in(self.batch, self.place)

    def __reduce__(self) -> tuple[type[Held], tuple[Group]]:
        return Held, (self.read(),)


class InParquet(Portfolio):
    """The portfolio in a folder that `dunning convert` wrote."""

    def __init__(self, folder: Path) -> None:
        self.store = open_store(folder)
        self.count = self.store.accounts

    def raw(self) -> Iterator[RawGroup]:
        for part in range(self.store.parts):
            for batch in self.store.batches(part):
                for group in range(len(batch.groups) - 1):
                    yield InBatch(batch, group)
            for rejected in self.store.rejected(part):
                yield Held(group_of([rejected]))


def group_in(batch: Batch, group: int) -> Group:
    """The accounts of one debtor of a batch."""
    return group_of(_read(batch, row) for row in range(int(batch.groups[group]), int(batch.groups[group + 1])))


def _read(batch: Batch, row: int) -> Read | Rejected:
    if row in batch.rejected:
        return batch.rejected[row]
    return Read(unpack(batch, row), batch.doubts.get(row, ()))


def group_called(store: Store, id_: str, company: str | None = None) -> Group | None:
    """The accounts of the debtor whom an account belongs to, by the account's id (and company); None if it has none.

    Only the ids are looked through; the rest is read of the one stretch that has it.
    """
    for part in range(store.parts):
        for stretch, ids in enumerate(store.ids(part)):
            hit = pc.equal(ids.column("id"), id_)
            if company is not None:
                hit = pc.and_(hit, pc.equal(ids.column("company").cast(pa.string()), company))
            row = pc.index(hit, value=True).as_py()
            if row >= 0:
                batch = store.batch(part, stretch)
                return group_in(batch, int(batch.debtor[row]))
        for rejected in store.rejected(part):
            if rejected.id == id_ and company in (None, rejected.company):
                return group_of([rejected])
    return None
