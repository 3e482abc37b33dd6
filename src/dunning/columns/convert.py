"""Any portfolio into a folder of Parquet files: other programs' Parquet, or whatever the readers of files can read.

Rows go over the disk once or twice, sorted into buckets, so that memory does not grow with them. A row that cannot be
read costs its own account, which is told with the file, the row and the column, as everywhere.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path as File
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dunning.basis.errors import AccountError, UsageError
from dunning.basis.finding import Finding, Text
from dunning.basis.span import Cell
from dunning.columns.arrow import ATTRIBUTES, KEY, WORD, batch_of, owners_of, read_column, tables_of
from dunning.columns.fields import LISTED, fields_of
from dunning.columns.packing import pack, unpack
from dunning.columns.rows import Coded, Ints, Texts
from dunning.columns.spool import Spool, hashes
from dunning.columns.store import (
    BUCKETS,
    PART,
    bucket_of,
    is_store,
    parts_for,
    rejected_table,
    write_manifest,
    write_part,
)
from dunning.columns.typed import as_it_was, typed
from dunning.intake.contradictions import Path
from dunning.intake.files.cells import Row
from dunning.intake.files.layout import Layout, read_heads
from dunning.intake.files.writers import as_record
from dunning.intake.groups import Group, Portfolio, group_of
from dunning.intake.headers import LISTS, list_named
from dunning.intake.records import Read, Rejected, read
from dunning.model.account import Account

Tick = Callable[[int], None]
"""Told how many accounts have been read."""

ROWS = 100_000
"""Rows of another program's file that are read at a time."""

_FILE, _ROW, _RAW = "_file", "_row", "_raw"
_OWN = [pa.field(_FILE, WORD), pa.field(_ROW, pa.int64()), pa.field(_RAW, pa.string())]


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of a portfolio."""

    accounts: int
    rejected: int
    parts: int


class _Sink:
    """Takes whole accounts in any order and makes the folder of them."""

    def __init__(self, out: File, tick: Tick | None) -> None:
        self.out = out
        self.draft = out.with_name(out.name + ".part")
        shutil.rmtree(self.draft, ignore_errors=True)
        self.draft.mkdir(parents=True)
        self.spool = Spool(self.draft / "_spool", BUCKETS)
        self.tick = tick

    def add(self, tables: Mapping[str, pa.Table], rejected: Sequence[Rejected]) -> None:
        """Whole accounts with their lists, and those that could not be read."""
        accounts = tables["accounts"]
        buckets = bucket_of(_one(accounts, "company"), _one(accounts, "debtor.id"))
        keys = {"company": _key(accounts, "company"), "id": _key(accounts, "id")}
        for name, table in tables.items():
            of = buckets if name == "accounts" else buckets[owners_of(table, keys)]
            self.spool.add(name, _plain(table), of)
        if rejected:
            table = rejected_table(rejected)
            self.spool.add("rejected", table, bucket_of(_one(table, "company"), _one(table, "debtor")))
        if self.tick:
            self.tick(len(accounts) + len(rejected))

    def finish(self) -> Converted:
        """Writes the parts and gives the folder its name."""
        self.spool.close()
        count = self.spool.count
        parts = parts_for(count.get("accounts", 0))
        rows: dict[str, int] = {}
        for part in range(parts):
            buckets = range(part, BUCKETS, parts)
            tables = {
                name: taken for name in self.spool.names() if (taken := self.spool.take(name, buckets)) is not None
            }
            rejected = tables.pop("rejected", None)
            coded = {name: _coded(table) for name, table in tables.items()}
            for name, written in write_part(self.draft, part, coded, rejected).items():
                rows[name] = rows.get(name, 0) + written
        shutil.rmtree(self.draft / "_spool")
        write_manifest(self.draft, parts, rows)
        if self.out.exists():
            self.out.rmdir() if not any(self.out.iterdir()) else shutil.rmtree(self.out)
        self.draft.rename(self.out)
        return Converted(rows.get("accounts", 0), rows.get("rejected", 0), parts)


def _key(accounts: pa.Table, name: str) -> Coded | Texts:
    field = next(field for field in fields_of("accounts") if field.name == name)
    found = read_column(field, _one(accounts, name))
    assert isinstance(found, Coded | Texts)
    return found


_LONG = ("account", ATTRIBUTES)
"""Dictionaries as long as the table: they would travel with every stretch of it."""


def _plain(table: pa.Table) -> pa.Table:
    for name in _LONG:
        if name in table.column_names:
            table = table.set_column(table.column_names.index(name), name, table.column(name).cast(pa.string()))
    return table


def _coded(table: pa.Table) -> pa.Table:
    for name in _LONG:
        if name in table.column_names:
            words = _one(table, name).dictionary_encode().cast(WORD)
            table = table.set_column(table.column_names.index(name), name, words)
    return table


def _one(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    if column.num_chunks == 1:
        return column.chunk(0)
    return (column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column).combine_chunks()


def refuse_to_overwrite(out: File) -> None:
    """A folder that is there already is only replaced if it is one of ours, or empty."""
    if out.exists() and not is_store(out) and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(Text(f"“{out}”已经有了, 换一个名字", f"`{out}` is there already; choose another name"))


# From the readers of files and from adapters


def convert_portfolio(portfolio: Portfolio, out: File, *, tick: Tick | None = None) -> Converted:
    """Whatever gives groups of accounts, into the folder `out`."""
    refuse_to_overwrite(out)
    sink = _Sink(out, tick)
    groups = portfolio.groups()
    while some := list(islice(groups, 2000)):
        _add_groups(sink, some)
    return sink.finish()


def convert_records(records: Iterable[Mapping[str, Any]], out: File, *, tick: Tick | None = None) -> Converted:
    """Accounts as mappings (docs/reference/records.md), in any order, into the folder `out`."""
    refuse_to_overwrite(out)
    sink = _Sink(out, tick)
    records = iter(records)
    while some := list(islice(records, 2000)):
        _add_groups(sink, [group_of([read(record)]) for record in some])
    return sink.finish()


def _add_groups(sink: _Sink, groups: Sequence[Group]) -> None:
    batch = pack(account for group in groups for account in group.accounts)
    assert not batch.kept  # the door lets nothing in that no array holds
    sink.add(tables_of(batch), [each for group in groups for each in group.rejected])


# From Parquet files of other programs


def parquet_lists(folder: File) -> dict[str, list[File]]:
    """The Parquet files of a folder by the list they hold: `charges.parquet`, `账单.parquet`, `charges/*.parquet`.

    AccountError for a name that is no list, as with other files; a name that begins with `_` or `.` is left out.
    """
    found: dict[str, list[File]] = {}
    wrong: list[Finding] = []
    for entry in sorted(folder.iterdir()):
        files = sorted(entry.rglob("*.parquet")) if entry.is_dir() else [entry] if entry.suffix == ".parquet" else []
        if not files or entry.name[0] in "._":
            continue
        name = list_named(entry.name.removesuffix(".parquet"))
        if name is None:
            lists = Text("、".join(labels[0] for labels in LISTS.values()), ", ".join(LISTS))
            args = {"name": entry.name, "near": Text("", ""), "known": lists}
            wrong.append(Finding("I107", Cell(str(entry), 1), args))
        else:
            found.setdefault(name, []).extend(files)
    if not found:
        raise UsageError(Text(f"“{folder}”里没有 Parquet 文件", f"`{folder}` has no Parquet file"))
    if "accounts" not in found:
        wanted = Text("accounts.parquet 或 账户.parquet", "accounts.parquet")
        wrong.append(Finding("I108", Cell(str(folder), 1), {"wanted": wanted}))
    if wrong:
        raise AccountError(wrong)
    return found


def convert_parquet(folder: File, out: File, *, tick: Tick | None = None) -> Converted:
    """A folder of another program's Parquet files, one a list or several, in any order, into the folder `out`."""
    refuse_to_overwrite(out)
    lists = parquet_lists(folder)
    layouts = {file: _layout(name, file) for name, files in lists.items() for file in files}
    accounts = sum(pq.ParquetFile(file).metadata.num_rows for file in lists["accounts"])
    sink = _Sink(out, tick)
    by_account = Spool(sink.draft / "_accounts", min(1 << max(accounts // (PART // 2), 1).bit_length(), BUCKETS))
    for name, files in lists.items():
        for file in files:
            for table, ids in _read_file(name, file, layouts[file]):
                by_account.add(name, table, (hashes(ids) % np.uint64(by_account.buckets)).astype(np.int64))
    by_account.close()
    for bucket in range(by_account.buckets):
        one = range(bucket, bucket + 1)
        tables = {name: taken for name in by_account.names() if (taken := by_account.take(name, one)) is not None}
        if tables:
            sink.add(*_Bucket(tables).settled())
    shutil.rmtree(sink.draft / "_accounts")
    return sink.finish()


def _layout(name: str, file: File) -> Layout:
    """Which column is which field; AccountError for heads that are none."""
    heads = [head for head in _flat(pq.ParquetFile(file).schema_arrow.empty_table()).column_names if head != ATTRIBUTES]
    layout, wrong = read_heads(name, str(file), "", Row(1, heads))
    if layout is None:
        raise AccountError(wrong)
    return layout


def _flat(table: pa.Table) -> pa.Table:
    """Records within records as columns: `debtor` with an `id` is `debtor.id`."""
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table


def _read_file(name: str, file: File, layout: Layout) -> Iterator[tuple[pa.Table, pa.Array]]:
    """The rows of a file as ours, with where they stood and, of those that cannot be read, as they were."""
    row = 1
    fields = dict(zip(layout.heads, layout.fields, strict=True))
    for batch in pq.ParquetFile(file).iter_batches(ROWS, use_threads=False):
        table = _flat(pa.Table.from_batches([batch])).combine_chunks()
        columns = {fields.get(head, head): _one(table, head) for head in table.column_names if fields.get(head, head)}
        found = typed(name, columns, len(table))
        raw = [as_it_was(name, columns, place) if odd else None for place, odd in enumerate(found.bad.tolist())]
        where = [
            pa.array([str(file)] * len(table), WORD),
            pa.array(np.arange(row, row + len(table))),
            pa.array(raw, pa.string()),
        ]
        ours = _plain(found.table)
        for field, values in zip(_OWN, where, strict=True):
            ours = ours.append_column(field, values)
        row += len(table)
        yield ours, _one(ours, "id" if name == "accounts" else "account")


class _Bucket:
    """The accounts whose ids fall into one bucket, and all rows that name one of them."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self.tables = {name: _coded(table) for name, table in tables.items()}
        self.rejected: list[Rejected] = []
        self.lost: dict[tuple[str, str], list[tuple[str, int]]] = {}

    def settled(self) -> tuple[dict[str, pa.Table], list[Rejected]]:
        """The accounts that can be read, with their lists, and those that cannot."""
        if "accounts" not in self.tables:
            for name, table in self.tables.items():
                self._orphans(name, table, np.arange(len(table)))
            self._tell_orphans()
            return tables_of(pack(())), self.rejected
        self._once()
        accounts = self.tables["accounts"]
        keys = {"company": _key(accounts, "company"), "id": _key(accounts, "id")}
        owners: dict[str, Ints] = {}
        for name in [name for name in self.tables if name != "accounts"]:
            table = self.tables[name] = _with_company(self.tables[name], accounts)
            owners[name] = owners_of(table, keys)
            self._orphans(name, table, np.flatnonzero(owners[name] < 0))
        self._tell_orphans()
        odd = _raw(accounts)
        for name, of in owners.items():
            odd[of[_raw(self.tables[name]) & (of >= 0)]] = True
        sound = {"accounts": accounts.filter(pa.array(~odd))}
        for name, of in owners.items():
            sound[name] = self.tables[name].filter(pa.array((of >= 0) & ~odd[of]))
        again = [self._read_again(row, owners) for row in np.flatnonzero(odd).tolist()]
        tables = {name: _bare(table) for name, table in sound.items()}
        for name, table in tables_of(pack(again_ for again_ in again if again_ is not None)).items():
            tables[name] = pa.concat_tables([tables[name], table]) if name in tables else table
        return {name: _joined(table) for name, table in tables.items()}, self.rejected

    def _once(self) -> None:
        """An account that is there already is rejected, and its rows are the first one's."""
        accounts = self.tables["accounts"]
        seen: dict[tuple[str, str], int] = {}
        again: list[int] = []
        company, ids = accounts.column("company").to_pylist(), accounts.column("id").to_pylist()
        if len(set(ids)) == len(ids):
            return
        for row, key in enumerate(zip(company, ids, strict=True)):
            if seen.setdefault(key, row) != row and key[1]:
                again.append(row)
        for row in again:
            first, here = self._cell("accounts", seen[company[row], ids[row]]), self._cell("accounts", row)
            debtor = accounts.column("debtor.id")[row].as_py() or ""
            finding = Finding("A210", here, {"id": ids[row], "first": first})
            self.rejected.append(Rejected(company[row], ids[row], debtor, (finding,), here))
        mask = np.ones(len(accounts), np.bool_)
        mask[again] = False
        self.tables["accounts"] = accounts.filter(pa.array(mask)).combine_chunks()

    def _cell(self, name: str, row: int, column: str = "") -> Cell:
        table = self.tables[name]
        return Cell(table.column(_FILE)[row].as_py(), table.column(_ROW)[row].as_py(), column)

    def _orphans(self, name: str, table: pa.Table, rows: Ints) -> None:
        """Rows of accounts that the list of accounts does not have."""
        for row in rows.tolist():
            key = (table.column("company")[row].as_py() or "main", table.column("account")[row].as_py() or "")
            self.lost.setdefault(key, []).append((name, row))

    def _tell_orphans(self) -> None:
        for (company, id_), rows in self.lost.items():
            where = self._cell(*rows[0], "account")
            names = list(dict.fromkeys(name for name, _ in rows))
            lists = Text("、".join(LISTS[each][0] for each in names), ", ".join(names))
            finding = Finding("I204", where, {"id": id_, "count": len(rows), "lists": lists})
            self.rejected.append(Rejected(company, id_, "", (finding,), where))

    def _read_again(self, row: int, owners: Mapping[str, Ints]) -> Account | None:
        """An account with a row that cannot be read, through the door, which says why; None: it is rejected."""
        accounts = self.tables["accounts"]
        own = {name: np.flatnonzero(of == row) for name, of in owners.items()}
        readable = {name: self.tables[name].take(pa.array(rows)) for name, rows in own.items()}
        readable = {name: table.filter(pa.array(~_raw(table))) for name, table in readable.items()}
        raw = accounts.column(_RAW)[row].as_py()
        if raw is None:
            one = batch_of({"accounts": _bare(accounts.slice(row, 1)), **{n: _bare(t) for n, t in readable.items()}})
            data = as_record(unpack(one, 0))
        else:
            stand_in = batch_of({"accounts": _stand_in(accounts, row), **{n: _bare(t) for n, t in readable.items()}})
            lists = {name: said for name, said in as_record(unpack(stand_in, 0)).items() if name in LISTED}
            data = {**json.loads(raw), **lists}
        rows: dict[str, list[int]] = {}
        for name, places in own.items():
            said = self._records(name, places, data.get(name, ()))
            if len(places):
                data[name] = said
                rows[name] = places.tolist()

        def where(path: Path) -> Cell:
            head, *rest = path or ("",)
            if head in rows and rest and isinstance(rest[0], int):
                column = ".".join(str(part) for part in rest[1:] if not isinstance(part, int))
                return self._cell(str(head), rows[str(head)][rest[0]], column)
            return self._cell("accounts", row, ".".join(str(part) for part in path if not isinstance(part, int)))

        found = read(data, where=where)
        if isinstance(found, Read):
            return found.account
        self.rejected.append(found)
        return None

    def _records(self, name: str, places: Ints, readable: Iterable[Any]) -> list[Any]:
        """The records of a list in the order of its rows, those that cannot be read as they were."""
        raw, good = self.tables[name].column(_RAW), iter(readable)
        return [
            json.loads(said) if (said := raw[place].as_py()) is not None else next(good) for place in places.tolist()
        ]


def _stand_in(accounts: pa.Table, row: int) -> pa.Table:
    """The row of an account that cannot be read itself, to hang its lists on."""
    bare = _bare(accounts.slice(row, 1))
    plain = {"currency": "CNY"}
    columns = []
    for field in bare.schema:
        if field.name in ("company", "id", "unit", "debtor.id", *plain):
            value = bare.column(field.name)[0].as_py() or plain.get(field.name, "?")
            columns.append(pa.array([value], field.type))
        else:
            columns.append(pa.nulls(1, field.type))
    return pa.table(columns, schema=bare.schema)


def _with_company(table: pa.Table, accounts: pa.Table) -> pa.Table:
    """The rows of a list without a company, with that of their account: the only one, or each that has the id."""
    company = _one(table, "company")
    if not company.null_count:
        return table
    ids, companies = _one(accounts, "id"), _one(accounts, "company").cast(pa.string())
    if len(set(ids.to_pylist())) < len(ids):
        return _for_each_company(table, accounts)
    known = companies.take(pc.index_in(_one(table, "account").cast(pa.string()), value_set=ids))
    filled = pc.coalesce(company.cast(pa.string()), known).dictionary_encode().cast(WORD)
    return table.set_column(table.column_names.index("company"), "company", filled)


def _for_each_company(table: pa.Table, accounts: pa.Table) -> pa.Table:
    of: dict[str, list[str]] = {}
    for company, id_ in zip(accounts.column("company").to_pylist(), accounts.column("id").to_pylist(), strict=True):
        of.setdefault(id_, []).append(company)
    rows, companies = [], []
    for row, (company, id_) in enumerate(zip(*(table.column(key).to_pylist() for key in KEY), strict=True)):
        for each in [company] if company is not None else of.get(id_, [None]):
            rows.append(row)
            companies.append(each)
    found = table.take(pa.array(rows, pa.int64()))
    return found.set_column(found.column_names.index("company"), "company", pa.array(companies, WORD)).combine_chunks()


def _raw(table: pa.Table) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.array(table.column(_RAW).is_valid().to_numpy(), np.bool_)


def _bare(table: pa.Table) -> pa.Table:
    return table.select([name for name in table.column_names if not name.startswith("_")])


def _joined(table: pa.Table) -> pa.Table:
    return table.unify_dictionaries().combine_chunks()
