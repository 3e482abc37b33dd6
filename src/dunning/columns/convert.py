"""Any portfolio into a folder of Parquet files: other programs' Parquet, or whatever the readers of files can read.

Rows go over the disk once or twice, sorted into buckets, so that memory does not grow with them. A row that cannot be
read costs its own account, which is told with the file, the row and the column, as everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
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
from dunning.columns.arrow import ATTRIBUTES, KEY, WORD, batch_of, owners_of, tables_of
from dunning.columns.fields import LISTED
from dunning.columns.packing import pack, unpack
from dunning.columns.rows import Ints
from dunning.columns.sink import ACCOUNTS, Converted, Sink, Tick, coded, key_column, one_chunk, plain
from dunning.columns.spool import Spool, hashes
from dunning.columns.store import BUCKETS, PART
from dunning.columns.typed import as_it_was, typed
from dunning.intake.contradictions import Path
from dunning.intake.files.cells import Row
from dunning.intake.files.layout import Layout, read_heads
from dunning.intake.files.writers import as_record
from dunning.intake.groups import Portfolio, group_of
from dunning.intake.headers import LISTS, list_named
from dunning.intake.records import Read, Rejected, read
from dunning.model.account import Account

ROWS = 100_000
"""Rows of another program's file that are read at a time."""

SAVE_ROWS = 2_000_000
"""Rows after which what was sorted is saved."""

_FILE, _ROW, _RAW = "_file", "_row", "_raw"
_OWN = [pa.field(_FILE, WORD), pa.field(_ROW, pa.int64()), pa.field(_RAW, pa.string())]


# From the readers of files and from adapters


def convert_portfolio(
    portfolio: Portfolio,
    out: File,
    *,
    of: Mapping[str, Any] | None = None,
    steady: bool = True,
    about: Callable[[], Mapping[str, Any]] | None = None,
    tick: Tick | None = None,
) -> Converted:
    """Whatever gives groups of accounts, into the folder `out`.

    `of`: what it is made of, as data, so that a conversion of the very same that was killed is gone on with; `steady`:
    it gives the same groups in the same order each time, so that the reading itself goes on where it was. `about`: what
    is to be kept with the folder, asked once all is read.
    """
    sink = Sink(out, of, tick)
    if not sink.whole:
        done = sink.done
        for count in sink.add_groups(raw.read() for raw in islice(portfolio.raw(), done, None)):
            done += count
            if steady:
                sink.reached(done)
        sink.read(about() if about else None)
    return sink.finish()


def convert_records(records: Iterable[Mapping[str, Any]], out: File, *, tick: Tick | None = None) -> Converted:
    """Accounts as mappings (docs/reference/records.md), in any order, into the folder `out`."""
    sink = Sink(out, None, tick)
    for _ in sink.add_groups(group_of([read(record)]) for record in records):
        pass
    sink.read()
    return sink.finish()


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


def convert_parquet(
    folder: File, out: File, *, of: Mapping[str, Any] | None = None, tick: Tick | None = None
) -> Converted:
    """A folder of another program's Parquet files, one a list or several, in any order, into the folder `out`.

    `of` as for `convert_portfolio`.
    """
    lists = parquet_lists(folder)
    files = [(name, file, _layout(name, file)) for name, files in lists.items() for file in files]
    accounts = sum(pq.ParquetFile(file).metadata.num_rows for file in lists["accounts"])
    sink = Sink(out, of, tick)
    sorted_before = 0
    if not sink.whole:
        buckets = min(1 << max(accounts // (PART // 2), 1).bit_length(), BUCKETS)
        by_account = Spool(sink.draft / ACCOUNTS, buckets)
        sorted_before = by_account.done
        if not by_account.whole:
            _sort_by_account(files, by_account)
        for bucket in range(sink.done, buckets):
            one = range(bucket, bucket + 1)
            tables = {name: taken for name in by_account.names() if (taken := by_account.take(name, one)) is not None}
            if tables:
                sink.add(*_Bucket(tables).settled())
            sink.reached(bucket + 1)
        sink.read()
    return replace(sink.finish(), sorted_before=sorted_before)


def _sort_by_account(files: Sequence[tuple[str, File, Layout]], spool: Spool) -> None:
    """All rows into the spool, or those that an earlier run had not saved there: it counts the rows it has done."""
    done = saved = spool.done
    before = 0
    for name, file, layout in files:
        count = pq.ParquetFile(file).metadata.num_rows
        if done < before + count:
            for table, ids in _read_file(name, file, layout, done - before):
                spool.add(name, table, (hashes(ids) % np.uint64(spool.buckets)).astype(np.int64))
                done += len(table)
                if done - saved >= SAVE_ROWS:
                    spool.save(done)
                    saved = done
        before += count
    spool.save(done, whole=True)


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


def _read_file(name: str, file: File, layout: Layout, first: int) -> Iterator[tuple[pa.Table, pa.Array]]:
    """The rows of a file from the `first` on as ours, with where they stood and, of those that cannot be read, as they
    were.
    """
    row = first + 1
    fields = dict(zip(layout.heads, layout.fields, strict=True))
    for batch in _batches(pq.ParquetFile(file), first):
        table = _flat(pa.Table.from_batches([batch])).combine_chunks()
        columns = {
            fields.get(head, head): one_chunk(table, head) for head in table.column_names if fields.get(head, head)
        }
        found = typed(name, columns, len(table))
        raw = [as_it_was(name, columns, place) if odd else None for place, odd in enumerate(found.bad.tolist())]
        where = [
            pa.array([str(file)] * len(table), WORD),
            pa.array(np.arange(row, row + len(table))),
            pa.array(raw, pa.string()),
        ]
        ours = plain(found.table)
        for field, values in zip(_OWN, where, strict=True):
            ours = ours.append_column(field, values)
        row += len(table)
        yield ours, one_chunk(ours, "id" if name == "accounts" else "account")


def _batches(file: pq.ParquetFile, first: int) -> Iterator[pa.RecordBatch]:
    """The rows of a file from the `first` on; groups of rows before it are not read."""
    group = 0
    while first >= file.metadata.row_group(group).num_rows:
        first -= file.metadata.row_group(group).num_rows
        group += 1
    groups = list(range(group, file.metadata.num_row_groups))
    for batch in file.iter_batches(ROWS, row_groups=groups, use_threads=False):
        if first < len(batch):
            yield batch.slice(first)
        first = max(first - len(batch), 0)


class _Bucket:
    """The accounts whose ids fall into one bucket, and all rows that name one of them."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self.tables = {name: coded(table) for name, table in tables.items()}
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
        keys = {"company": key_column(accounts, "company"), "id": key_column(accounts, "id")}
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
    company = one_chunk(table, "company")
    if not company.null_count:
        return table
    ids, companies = one_chunk(accounts, "id"), one_chunk(accounts, "company").cast(pa.string())
    if len(set(ids.to_pylist())) < len(ids):
        return _for_each_company(table, accounts)
    known = companies.take(pc.index_in(one_chunk(table, "account").cast(pa.string()), value_set=ids))
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
