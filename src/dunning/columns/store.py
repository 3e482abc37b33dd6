"""A portfolio as a folder of Parquet files: `charges/part-00007.parquet` and so on, a debtor whole in one part.

Each part is sorted by debtor and cut into stretches of some thousand accounts, a row group a list, so that a stretch is
read without anything beside it. `portfolio.json` says what there is; it is written last, and without it there is none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path as File
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dunning.basis.errors import UsageError
from dunning.basis.finding import Finding, Text
from dunning.basis.span import Cell, Entry, Place, Pointer, Source, Span
from dunning.columns.arrow import batch_of, owners_of, read_column, schema_of
from dunning.columns.disk import write_safely
from dunning.columns.fields import LISTED, fields_of
from dunning.columns.looked import looked_through
from dunning.columns.rows import Batch, Ints
from dunning.columns.spool import hashes, together
from dunning.intake.contradictions import Path
from dunning.intake.records import Rejected

MANIFEST = "portfolio.json"
FORMAT = 1
STRETCH = 20_000
"""Accounts read at a time: what is worked out of them fits a processor's cache."""

PART = 100_000
"""Accounts of a part, about: what is done again if a run is killed."""

BUCKETS = 1024
"""The most parts there can be."""

REJECTED = pa.schema([(name, pa.string()) for name in ("company", "id", "debtor", "where", "findings")])
_CUTS = "dunning.rows"
_COMPRESSION = "zstd"


def bucket_of(company: pa.Array, debtor: pa.Array) -> Ints:
    """The bucket of each debtor, by a hash of the company and the debtor's id; part p of n has those of p modulo n."""
    return (together(hashes(company), hashes(debtor)) % np.uint64(BUCKETS)).astype(np.int64)


def parts_for(accounts: int) -> int:
    """How many parts: a power of two, so that buckets are never split; two as soon as two cores are worth it."""
    wanted = max(-(-accounts // PART), 2 if accounts > STRETCH else 1)
    return min(1 << (wanted - 1).bit_length(), BUCKETS)


# Writing


def write_part(folder: File, part: int, tables: Mapping[str, pa.Table], rejected: pa.Table | None) -> dict[str, int]:
    """Writes a part: `tables` has its accounts and the rows of their lists, in any order; how many rows it wrote."""
    accounts = tables.get("accounts")
    written: dict[str, int] = {}
    if accounts is not None and len(accounts):
        accounts = by_debtor(accounts)
        cuts = _cuts(accounts)
        written["accounts"] = _write(folder, "accounts", part, accounts, cuts)
        columns = {
            field.name: read_column(field, accounts.column(field.name).combine_chunks())
            for field in fields_of("accounts")
            if field.name in ("company", "id")
        }
        for name in LISTED:
            table = tables.get(name)
            if table is not None and len(table):
                owners = owners_of(table, columns)
                order = np.argsort(owners, kind="stable")
                table = table.take(pa.array(order)).combine_chunks()
                written[name] = _write(folder, name, part, table, np.searchsorted(owners[order], cuts))
    if rejected is not None and len(rejected):
        written["rejected"] = _write(folder, "rejected", part, rejected, np.array([0, len(rejected)]))
    return written


def by_debtor(accounts: pa.Table) -> pa.Table:
    """The accounts in the order of company and debtor; those of one debtor as they came."""
    keys = pa.table(
        {
            "company": accounts.column("company").cast(pa.string()),
            "debtor": accounts.column("debtor.id"),
            "place": np.arange(len(accounts)),  # within a debtor, as they came
        }
    )
    order = pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in keys.column_names])
    return accounts.take(order).combine_chunks()


def _cuts(accounts: pa.Table) -> Ints:
    """Where stretches begin, and the end: no debtor is cut in two."""
    debtor, company = accounts.column("debtor.id"), accounts.column("company").cast(pa.string())
    same = pc.and_(pc.equal(debtor[1:], debtor[:-1]), pc.equal(company[1:], company[:-1]))
    turns = np.flatnonzero(~same.to_numpy()) + 1 if len(accounts) > 1 else np.zeros(0, np.int64)
    wanted = np.arange(STRETCH, len(accounts), STRETCH)
    at = np.searchsorted(turns, wanted)
    found = np.unique(turns[at[at < len(turns)]])
    return np.concatenate(([0], found, [len(accounts)])).astype(np.int64)


def _write(folder: File, name: str, part: int, table: pa.Table, cuts: Ints) -> int:
    path = part_file(folder, name, part)
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = table.schema
    with pq.ParquetWriter(path, schema, compression=_COMPRESSION) as writer:
        for first, end in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
            if first < end:
                writer.write_table(table.slice(first, end - first), row_group_size=end - first)
        writer.add_key_value_metadata({_CUTS: json.dumps(np.diff(cuts).tolist())})
    return len(table)


def part_file(folder: File, name: str, part: int) -> File:
    return folder / name / f"part-{part:05}.parquet"


def write_manifest(
    folder: File,
    parts: int,
    rows: Mapping[str, int],
    *,
    drawn: datetime | None = None,
    known: Mapping[str, Sequence[Any]] | None = None,
) -> None:
    """Says that the folder is whole: its parts, its rows, and the digest of every file.

    `drawn`: when the source of all its accounts said that there is no news of them, where that was later than they were
    drawn. `known`: sizes and digests of files that are surely as they were.
    """
    files = {str(file.relative_to(folder)): file for file in sorted(folder.glob("*/part-*.parquet"))}
    said = {
        "dunning": "portfolio",
        "format": FORMAT,
        "parts": parts,
        "rows": dict(rows),
        "drawn": drawn and drawn.isoformat(),
        "files": {
            name: (known or {}).get(name) or [file.stat().st_size, _digest(file)] for name, file in files.items()
        },
    }
    write_safely(folder / MANIFEST, json.dumps(said, indent=1) + "\n")


def _digest(file: File) -> str:
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


# Reading


def is_store(path: File) -> bool:
    """Whether a folder is a portfolio written here."""
    return (path / MANIFEST).is_file()


@dataclass(frozen=True, slots=True)
class Store:
    """A portfolio that lies in a folder. `digest` is that of everything in it; `rows` are those of each list; `drawn`:
    no account counts as drawn before that; `files`: size and digest of each.
    """

    folder: File
    parts: int
    rows: Mapping[str, int]
    digest: str
    drawn: datetime | None
    files: Mapping[str, Sequence[Any]]

    @property
    def accounts(self) -> int:
        """How many accounts there are, those rejected included."""
        return self.rows.get("accounts", 0) + self.rows.get("rejected", 0)

    def batches(self, part: int) -> Iterator[Batch]:
        """The accounts of a part, a stretch at a time, looked through for what the reader has to say."""
        lists = self._lists(part)
        if "accounts" in lists:
            for stretch in range(len(lists["accounts"].rows)):
                yield _batch(lists, stretch, self.drawn)

    def batch(self, part: int, stretch: int) -> Batch:
        """One stretch of a part."""
        return _batch(self._lists(part), stretch, self.drawn)

    def ids(self, part: int) -> Iterator[pa.Table]:
        """Company and id of the accounts of a part, a stretch at a time."""
        opened = _opened(self.folder, "accounts", part)
        for group in range(len(opened.rows)) if opened else ():
            assert opened is not None
            yield opened.file.read_row_group(group, columns=["company", "id"], use_threads=False)

    def _lists(self, part: int) -> dict[str, _List]:
        return {name: opened for name in ("accounts", *LISTED) if (opened := _opened(self.folder, name, part))}

    def rejected(self, part: int) -> list[Rejected]:
        """The rows that could not be read as accounts."""
        path = part_file(self.folder, "rejected", part)
        if not path.exists():
            return []
        return [rejected_of(row) for row in pq.read_table(path, use_threads=False).to_pylist()]


def open_store(folder: File) -> Store:
    """The portfolio in a folder. UsageError: there is none, or its files are not those that were written."""
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
        said = json.loads(text)
        if said["dunning"] != "portfolio" or said["format"] != FORMAT:
            raise KeyError
        files: Mapping[str, Sequence[Any]] = said["files"]
        changed = [name for name, (size, _) in files.items() if _size(folder / name) != size]
        drawn = said.get("drawn") and datetime.fromisoformat(said["drawn"])
        digest = sha256(text.encode()).hexdigest()
        store = Store(folder, said["parts"], said["rows"], digest, drawn, files)
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(
            Text(
                f"“{folder}”不是 dunning convert 写出的户数据",
                f"`{folder}` is no portfolio as dunning convert writes it",
            )
        ) from None
    if changed:
        raise UsageError(
            Text(
                f"“{folder / changed[0]}”和写出时不一样; 请重新 dunning convert",
                f"`{folder / changed[0]}` is not as it was written; run dunning convert again",
            )
        )
    return store


def _size(file: File) -> int:
    return file.stat().st_size if file.exists() else -1


@dataclass(frozen=True, slots=True)
class _List:
    """An open file: `rows` of each stretch, and the row group and first row of it."""

    path: File
    file: pq.ParquetFile
    rows: tuple[int, ...]

    def first(self, stretch: int) -> int:
        return sum(self.rows[:stretch])

    def read(self, stretch: int) -> pa.Table | None:
        if stretch >= len(self.rows) or not self.rows[stretch]:
            return None
        group = sum(1 for rows in self.rows[:stretch] if rows)
        return self.file.read_row_group(group, use_threads=False)


def _opened(folder: File, name: str, part: int) -> _List | None:
    path = part_file(folder, name, part)
    if not path.exists():
        return None
    file = pq.ParquetFile(path)
    cuts = (file.metadata.metadata or {})[_CUTS.encode()]
    return _List(path, file, tuple(json.loads(cuts)))


def _batch(lists: Mapping[str, _List], stretch: int, drawn: datetime | None) -> Batch:
    tables = {name: table for name, each in lists.items() if (table := each.read(stretch)) is not None}
    if drawn is not None:
        tables["accounts"] = _drawn(tables["accounts"], drawn)
    batch = batch_of(tables)

    def locate(row: int, path: Path) -> Cell:
        name, *rest = path or ("",)
        if name in lists and name in batch.lists and rest and isinstance(rest[0], int):
            number = int(batch.lists[str(name)].start[row]) + rest[0]
            column = ".".join(str(part) for part in rest[1:] if not isinstance(part, int))
        else:
            name, number = "accounts", row
            column = ".".join(str(part) for part in path if not isinstance(part, int))
        return Cell(str(lists[str(name)].path), lists[str(name)].first(stretch) + number + 1, column)

    return looked_through(batch, locate)


def _drawn(accounts: pa.Table, at: datetime) -> pa.Table:
    """The accounts, of which the source still said the same at that moment; who does not say when, stays as he is."""
    place = accounts.column_names.index("data_as_of")
    own = accounts.column(place)
    moment = pa.scalar(at, own.type)
    return accounts.set_column(place, accounts.schema.field(place), pc.if_else(pc.less(own, moment), moment, own))


# Rejected accounts, which have no columns


def rejected_table(found: Iterable[Rejected]) -> pa.Table:
    """Accounts that could not be read, with every reason."""
    rows = [
        {
            "company": each.company,
            "id": each.id,
            "debtor": each.debtor,
            "where": json.dumps(_place(each.where)),
            "findings": json.dumps([_finding(finding) for finding in each.findings], ensure_ascii=False),
        }
        for each in found
    ]
    return pa.Table.from_pylist(rows, REJECTED)


def rejected_of(row: Mapping[str, Any]) -> Rejected:
    findings = tuple(
        Finding(code, _place_of(at), {name: _arg_of(arg) for name, arg in args.items()}, fix)
        for code, at, args, fix in json.loads(row["findings"])
    )
    return Rejected(row["company"], row["id"], row["debtor"], findings, _place_of(json.loads(row["where"])))


def _finding(finding: Finding) -> list[Any]:
    return [finding.code, _place(finding.at), {name: _arg(arg) for name, arg in finding.args.items()}, finding.fix]


def _arg(value: object) -> Any:
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    return value if isinstance(value, int) else str(value)


def _arg_of(value: Any) -> object:
    return Text(**value) if isinstance(value, dict) else value


_PLACES: Mapping[str, type[Any]] = {each.__name__: each for each in (Span, Cell, Entry, Source, Pointer)}


def _place(place: Place | None) -> list[Any] | None:
    return None if place is None else [type(place).__name__, *astuple(place)]


def _place_of(said: Sequence[Any] | None) -> Place | None:
    if said is None:
        return None
    kind, *values = said
    if kind == "Pointer":
        values = [tuple(values[0])]
    place: Place = _PLACES[kind](*values)
    return place


def empty(name: str) -> pa.Table:
    """A list without a row."""
    return schema_of(name).empty_table()
