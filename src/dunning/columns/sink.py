"""A folder of Parquet in the making: whole accounts come in any order, parts go out; killed, the next one goes on.

It is made under a name of its own and gets the right one last, so that half a portfolio is never taken for a whole one.
What was read is saved now and then, a part that is written is entered as done, and neither is done again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path as File
from typing import Any

import pyarrow as pa

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.columns.arrow import ATTRIBUTES, WORD, owners_of, read_column, tables_of
from dunning.columns.disk import to_disk, write_safely
from dunning.columns.fields import LISTED, fields_of
from dunning.columns.packing import pack
from dunning.columns.rows import Coded, Texts
from dunning.columns.spool import Spool
from dunning.columns.store import (
    BUCKETS,
    MANIFEST,
    bucket_of,
    is_store,
    open_store,
    part_file,
    parts_for,
    rejected_table,
    write_manifest,
    write_part,
)
from dunning.intake.groups import Group
from dunning.intake.records import Rejected

Tick = Callable[[int], None]
"""Told how many accounts have been read."""

GROUPS = 2_000
"""Debtors that are read at a time."""

SAVE = 200_000
"""Accounts after which what was read is saved: what has to be read again at most if the program is killed."""

SOURCE = "source.json"
"""What a folder was made of."""

_SPOOL, ACCOUNTS, _DONE = "_spool", "_accounts", "_done"
_WORK = (_SPOOL, ACCOUNTS, _DONE)
"""What is in a folder only while it is made."""

_OWN = {
    *_WORK,
    *(f"{name}{end}" for name in (SOURCE, MANIFEST) for end in ("", ".tmp")),
    "accounts",
    "rejected",
    *LISTED,
}


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of a portfolio. What an earlier run that was stopped had done: `sorted_before` rows of Parquet files,
    `read_before` accounts, `written_before` parts; `stands`: it was there already, made of the very same.
    """

    accounts: int
    rejected: int
    parts: int
    read_before: int = 0
    written_before: int = 0
    sorted_before: int = 0
    stands: bool = False


class Sink:
    """Takes whole accounts in any order and makes the folder `out` of them.

    `of`: what they are made of, as data; an earlier sink of the very same that was killed is gone on with: `done` says
    how far it was in the count of whoever reads, and `whole` that it had read everything. None: never gone on with.
    UsageError if `out` is somebody else's.
    """

    def __init__(self, out: File, of: Mapping[str, Any] | None, tick: Tick | None) -> None:
        refuse_to_overwrite(out)
        self.out = out
        self.draft = draft_of(out)
        self._begin(of)
        self.spool = Spool(self.draft / _SPOOL, BUCKETS)
        self.tick = tick
        self.read_before = self._saved = self._accounts()
        if tick and self._saved:
            tick(self._saved)

    @property
    def done(self) -> int:
        return self.spool.done

    @property
    def whole(self) -> bool:
        return self.spool.whole

    def _accounts(self) -> int:
        return self.spool.count.get("accounts", 0) + self.spool.count.get("rejected", 0)

    def _begin(self, of: Mapping[str, Any] | None) -> None:
        self.of = None if of is None else json.loads(json.dumps(of))
        if of is None or _said(self.draft).get("of") != self.of:
            shutil.rmtree(self.draft, ignore_errors=True)
        if not self.draft.exists():
            self.draft.mkdir(parents=True)
            write_safely(self.draft / SOURCE, said_of(self.of))

    def add(self, tables: Mapping[str, pa.Table], rejected: Sequence[Rejected]) -> None:
        """Whole accounts with their lists, and those that could not be read."""
        accounts = tables["accounts"]
        buckets = bucket_of(one_chunk(accounts, "company"), one_chunk(accounts, "debtor.id"))
        keys = {"company": key_column(accounts, "company"), "id": key_column(accounts, "id")}
        for name, table in tables.items():
            of = buckets if name == "accounts" else buckets[owners_of(table, keys)]
            self.spool.add(name, plain(table), of)
        if rejected:
            table = rejected_table(rejected)
            self.spool.add("rejected", table, bucket_of(one_chunk(table, "company"), one_chunk(table, "debtor")))
        if self.tick:
            self.tick(len(accounts) + len(rejected))

    def add_groups(self, groups: Iterable[Group]) -> Iterator[int]:
        """Debtors with all their accounts, a stretch at a time; after each, how many debtors it was."""
        groups = iter(groups)
        while some := list(islice(groups, GROUPS)):
            batch = pack(account for group in some for account in group.accounts)
            assert not batch.kept  # the door lets nothing in that no array holds
            self.add(tables_of(batch), [each for group in some for each in group.rejected])
            yield len(some)

    def reached(self, done: int) -> None:
        """Whoever reads is so far, and could go on from there."""
        if self.of is not None and self._accounts() - self._saved >= SAVE:
            self.spool.save(done)
            self._saved = self._accounts()

    def read(self, about: Mapping[str, Any] | None = None) -> None:
        """Everything has been read; `about`: what else is to be said of it, kept with the folder."""
        self.spool.save(self.done, whole=True, about=about)
        shutil.rmtree(self.draft / ACCOUNTS, ignore_errors=True)

    def finish(self) -> Converted:
        """Writes the parts and gives the folder its name."""
        parts = parts_for(self.spool.count.get("accounts", 0))
        rows: dict[str, int] = {}
        before = 0
        (self.draft / _DONE).mkdir(exist_ok=True)
        for part in range(parts):
            entry = self.draft / _DONE / f"part-{part:05}.json"
            if entry.exists():
                written, before = json.loads(entry.read_text(encoding="utf-8")), before + 1
            else:
                written = self._write(part, parts)
                write_safely(entry, json.dumps(written))
            for name, count in written.items():
                rows[name] = rows.get(name, 0) + count
        write_safely(self.draft / SOURCE, said_of(self.of, self.spool.about))
        write_manifest(self.draft, parts, rows)
        settle(self.out)
        return Converted(rows.get("accounts", 0), rows.get("rejected", 0), parts, self.read_before, before)

    def _write(self, part: int, parts: int) -> dict[str, int]:
        buckets = range(part, BUCKETS, parts)
        tables = {name: taken for name in self.spool.names() if (taken := self.spool.take(name, buckets)) is not None}
        rejected = tables.pop("rejected", None)
        written = write_part(self.draft, part, {name: coded(table) for name, table in tables.items()}, rejected)
        for name in written:
            to_disk(part_file(self.draft, name, part))
        return written


def refuse_to_overwrite(out: File) -> None:
    """A folder that is there already is only replaced if it is one of ours, or empty."""
    draft = draft_of(out)
    for path, ours in ((out, is_store(out)), (draft, _is_ours(draft))):
        if path.exists() and not ours and (not path.is_dir() or any(path.iterdir())):
            raise UsageError(Text(f"“{path}”已经有了, 换一个名字", f"`{path}` is there already; choose another name"))


def _is_ours(draft: File) -> bool:
    return draft.is_dir() and {each.name for each in draft.iterdir()} <= _OWN


def draft_of(out: File) -> File:
    """Under which name a folder is made."""
    return out.with_name(out.name + ".part")


def settle(out: File) -> None:
    """Gives a folder that is whole its name, where whoever made it was killed before that; else does nothing."""
    draft = draft_of(out)
    if not is_store(draft):
        return
    for name in _WORK:
        shutil.rmtree(draft / name, ignore_errors=True)
    if out.exists():
        (out / MANIFEST).unlink(missing_ok=True)  # without it half a folder is none
        shutil.rmtree(out)
    draft.rename(out)


def already(out: File, of: Mapping[str, Any]) -> Converted | None:
    """The folder `out` if it is there and made of the very same."""
    settle(out)
    if not is_store(out) or _said(out).get("of") != json.loads(json.dumps(of)):
        return None
    try:
        store = open_store(out)
    except UsageError:  # somebody changed it; it is made again
        return None
    if _is_ours(draft_of(out)):  # of another source, that was stopped
        shutil.rmtree(draft_of(out))
    return Converted(store.rows.get("accounts", 0), store.rows.get("rejected", 0), store.parts, stands=True)


def about(out: File) -> Mapping[str, Any]:
    """What whoever read the records of a folder had to say of them; empty where there is nothing."""
    found: Mapping[str, Any] = _said(out).get("about") or {}
    return found


def said_of(of: Mapping[str, Any] | None, about: Mapping[str, Any] | None = None) -> str:
    """What a folder was made of, and what else is kept with it, as its file says it."""
    return json.dumps({"of": of, "about": about or {}}, ensure_ascii=False)


def _said(folder: File) -> dict[str, Any]:
    try:
        said = json.loads((folder / SOURCE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def key_column(accounts: pa.Table, name: str) -> Coded | Texts:
    """The company or the id of accounts."""
    field = next(field for field in fields_of("accounts") if field.name == name)
    found = read_column(field, one_chunk(accounts, name))
    assert isinstance(found, Coded | Texts)
    return found


_LONG = ("account", ATTRIBUTES)
"""Dictionaries as long as the table: they would travel with every stretch of it."""


def plain(table: pa.Table) -> pa.Table:
    """A table whose long dictionaries are plain text."""
    for name in _LONG:
        if name in table.column_names:
            table = table.set_column(table.column_names.index(name), name, table.column(name).cast(pa.string()))
    return table


def coded(table: pa.Table) -> pa.Table:
    """The way back from `plain`."""
    for name in _LONG:
        if name in table.column_names:
            words = one_chunk(table, name).dictionary_encode().cast(WORD)
            table = table.set_column(table.column_names.index(name), name, words)
    return table


def one_chunk(table: pa.Table, name: str) -> pa.Array:
    """A column as one array."""
    column = table.column(name)
    if column.num_chunks == 1:
        return column.chunk(0)
    return (column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column).combine_chunks()
