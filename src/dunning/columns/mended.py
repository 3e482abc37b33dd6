"""A Parquet folder with the news put in: only the debtors there is news of are other, only their parts are written.

The parts in which nothing is new are taken over as they are. The folder gets its name last, and what its source said of
how far it was read lies in it: either all of the news is there and the cursor with it, or nothing of both.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path as File
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dunning.columns.arrow import owners_of
from dunning.columns.disk import to_disk
from dunning.columns.fields import LISTED
from dunning.columns.rows import Bools, Ints
from dunning.columns.sink import SOURCE, Converted, Sink, Tick, coded, key_column, one_chunk, said_of, settle
from dunning.columns.spool import Keys, hashes, together
from dunning.columns.store import BUCKETS, Store, bucket_of, part_file, parts_for, write_manifest, write_part
from dunning.intake.groups import Group


class News(NamedTuple):
    """What is to be known once the news has been read: the accounts that are gone, by company and id; when the source
    had no other news (None: it may have missed some); what is kept with the folder.
    """

    gone: Iterable[tuple[str, str]]
    drawn: datetime | None
    about: Mapping[str, Any]


def mended(
    store: Store,
    groups: Iterable[Group],
    told: Callable[[], News],
    *,
    of: Mapping[str, Any],
    tick: Tick | None = None,
) -> Converted:
    """Puts the news into a folder: `groups` are all accounts of each debtor of whom there is some; `told` is asked when
    they have been read. Killed, the folder is as it was, and the news is to be read again.
    """
    sink = Sink(store.folder, None, tick)
    for _ in sink.add_groups(groups):
        pass
    news = told()
    sink.spool.save()
    changed = _changed(sink, news.gone)
    parts = max(store.parts, parts_for(store.rows.get("accounts", 0) + sink.spool.count.get("accounts", 0)))
    known: dict[str, Any] = {}
    rows: dict[str, int] = {}
    for part in range(parts):
        old = _Part(store, part, parts)
        stays = parts == store.parts and old.stays(changed) and not _has(sink, part, parts)
        written = old.taken_over(sink.draft, known) if stays else _written(sink, old, changed)
        for name, count in written.items():
            rows[name] = rows.get(name, 0) + count
    drawn = max((at for at in (store.drawn, news.drawn) if at is not None), default=None)
    (sink.draft / SOURCE).write_text(said_of(of, news.about), encoding="utf-8")
    to_disk(sink.draft / SOURCE)
    write_manifest(sink.draft, parts, rows, drawn=drawn, known=known)
    settle(store.folder)
    return Converted(rows.get("accounts", 0), rows.get("rejected", 0), parts)


class _Changed(NamedTuple):
    """The accounts and the debtors, as numbers, whose rows are no longer what they were."""

    accounts: Keys
    debtors: Keys

    def among(self, table: pa.Table, debtor: str) -> Bools:
        company = hashes(one_chunk(table, "company"))
        own, theirs = (together(company, hashes(one_chunk(table, name))) for name in ("id", debtor))
        return np.isin(own, self.accounts) | np.isin(theirs, self.debtors)


def _changed(sink: Sink, gone: Iterable[tuple[str, str]]) -> _Changed:
    accounts, debtors = [], []
    pairs = list(gone)
    if pairs:
        accounts.append(together(*(hashes(pa.array(each, pa.string())) for each in zip(*pairs, strict=True))))
    for name, debtor in (("accounts", "debtor.id"), ("rejected", "debtor")):
        table = sink.spool.take(name, range(BUCKETS))
        if table is not None:
            company, who = hashes(one_chunk(table, "company")), one_chunk(table, debtor)
            accounts.append(together(company, hashes(one_chunk(table, "id"))))
            named = np.array([bool(each) for each in who.to_pylist()], np.bool_)  # of a rejected one he may be unknown
            debtors.append(together(company, hashes(who))[named])
    none = np.zeros(0, np.uint64)
    return _Changed(np.unique(np.concatenate([none, *accounts])), np.unique(np.concatenate([none, *debtors])))


def _has(sink: Sink, part: int, parts: int) -> bool:
    """Whether there is news of a debtor of a part."""
    return any(sink.spool.take(name, range(part, BUCKETS, parts)) is not None for name in ("accounts", "rejected"))


class _Part:
    """What the folder had so far of the debtors of a part, which may be one of more parts than it had."""

    def __init__(self, store: Store, part: int, parts: int) -> None:
        self.store = store
        self.part = part
        self.parts = parts
        self.file = part % store.parts

    def stays(self, changed: _Changed) -> bool:
        """Whether nothing of it is other."""
        for name, debtor in (("accounts", "debtor.id"), ("rejected", "debtor")):
            table = self._read(name, ["company", "id", debtor])
            if table is not None and changed.among(table, debtor).any():
                return False
        return True

    def taken_over(self, folder: File, known: dict[str, Any]) -> dict[str, int]:
        """Gives its files another name, in another folder as well; how many rows they have."""
        rows = {}
        for name in ("accounts", *LISTED, "rejected"):
            path = part_file(self.store.folder, name, self.part)
            if path.exists():
                rows[name] = pq.read_metadata(path).num_rows
                there = part_file(folder, name, self.part)
                there.parent.mkdir(exist_ok=True)
                try:
                    os.link(path, there)
                except OSError:  # a disk on which a file has one name only
                    shutil.copyfile(path, there)
                at = str(path.relative_to(self.store.folder))
                known[at] = self.store.files[at]
        return rows

    def rest(self, changed: _Changed) -> dict[str, pa.Table]:
        """The rows that stay."""
        found: dict[str, pa.Table] = {}
        rejected = self._read("rejected")
        if rejected is not None:
            found["rejected"] = rejected.filter(
                pa.array(self._own(rejected, "debtor") & ~changed.among(rejected, "debtor"))
            )
        accounts = self._read("accounts")
        if accounts is None:
            return found
        keep = self._own(accounts, "debtor.id") & ~changed.among(accounts, "debtor.id")
        keys = {"company": key_column(accounts, "company"), "id": key_column(accounts, "id")}
        found["accounts"] = accounts.filter(pa.array(keep))
        for name in LISTED:
            table = self._read(name)
            if table is not None:
                found[name] = table.filter(pa.array(keep[owners_of(table, keys)]))
        return found

    def _own(self, table: pa.Table, debtor: str) -> Bools:
        buckets: Ints = bucket_of(one_chunk(table, "company"), one_chunk(table, debtor))
        return np.asarray(buckets % self.parts == self.part)

    def _read(self, name: str, columns: list[str] | None = None) -> pa.Table | None:
        path = part_file(self.store.folder, name, self.file)
        return pq.read_table(path, columns=columns, use_threads=False) if path.exists() else None


def _written(sink: Sink, old: _Part, changed: _Changed) -> dict[str, int]:
    """Writes a part: what stays of it and what is new."""
    buckets = range(old.part, BUCKETS, old.parts)
    tables = old.rest(changed)
    for name in sink.spool.names():
        news = sink.spool.take(name, buckets)
        if news is not None:
            news = news if name == "rejected" else coded(news)
            both = [table.replace_schema_metadata() for table in (tables.get(name), news) if table is not None]
            tables[name] = pa.concat_tables(both).unify_dictionaries().combine_chunks()
    rejected = tables.pop("rejected", None)
    written = write_part(
        sink.draft, old.part, {name: table.combine_chunks() for name, table in tables.items()}, rejected
    )
    for name in written:
        to_disk(part_file(sink.draft, name, old.part))
    return written
