"""Accounts out of a relational schema: the rows of accounts in their order, each with its lists, read.

One snapshot and one connection, whatever the size: the accounts come in pages, and what belongs to a few hundred of
them is fetched by their keys, so that memory holds one page and the ERP's own indexes do the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.engine import Connection

from dunning import Finding, Read, Rejected, read
from dunning.adapter import AdapterError, Gone, Source
from dunning.adapter.documents import Text
from dunning_sql.convert import Path, Raw, Shape, plain
from dunning_sql.database import keyed, named, now, query
from dunning_sql.mapping import Section, SqlMapping
from dunning_sql.rows import PAGE, At, Row, Rows, chunks, loose
from dunning_sql.tables import Tables

Records = Mapping[str, Sequence[Mapping[str, Any]]]
"""Lists of records by their names."""

Kept = Callable[[Sequence[At]], Mapping[At, Records]]
"""What is kept elsewhere about accounts and belongs to them as well: our own store."""

KEPT_IN = "dunning"  # the table findings name for what our own store keeps


@dataclass(slots=True)
class Filled:
    """An account with its lists, on the way to being read.

    `unfit` are the reasons why it cannot be, `doubts` what is to be said of it all the same. `own` counts the records
    of each list the ERP gave. `place` tells where a value of a program's own lists stands, None for all others.
    """

    row: Row
    data: dict[str, Any]
    unfit: list[Finding]
    own: dict[str, int] = field(default_factory=dict)
    doubts: list[Finding] = field(default_factory=list)
    place: Callable[[Path], Source | None] = lambda _: None


More = Callable[[Connection, Sequence[Filled]], None]
"""What a program adds to accounts that a mapping cannot say: records, reasons and doubts, put into each Filled."""


class Inner(NamedTuple):
    """A record inside a record: the field it belongs to, and what of it cannot be read."""

    field: str
    record: dict[str, Any]
    unfit: list[Finding]


class Reader:
    """Reads accounts within one snapshot. `kept` adds what our own store has."""

    def __init__(
        self,
        connection: Connection,
        mapping: SqlMapping,
        *,
        kept: Kept = lambda _: {},
        more: More | None = None,
        page: int = PAGE,
    ) -> None:
        self.connection = connection
        self.mapping = mapping
        self.kept = kept
        self.more = more
        self.tables = Tables(connection)
        self.rows = Rows(connection, mapping, self.tables, asked=now(connection), page=page)
        self.shapes = {name: Shape(section, mapping) for name, section in mapping.sections.items()}

    def everything(self) -> Iterator[Read | Rejected | Gone]:
        """Every account, all of a debtor together."""
        return self._given(self.rows.everything())

    def of(self, ids: Iterable[At]) -> Iterator[Read | Rejected | Gone]:
        """The accounts of these ids and the others of their debtors; Gone for an id that names none."""
        wanted = list(dict.fromkeys(ids))
        rows = self.rows.by_id(wanted)
        yield from self._given(self.rows.of_debtors_of(rows))
        found = {row.at for row in rows}
        missing = [at for at in wanted if at not in found]
        why = {row.at: self.rows.gone(row) for row in self.rows.by_id(missing, filtered=False)}
        for company, id_ in missing:
            yield why.get((company, id_)) or Gone(company, id_, "deleted")

    def of_keys(self, keys: Iterable[tuple[Raw, ...]], ids: Iterable[At] = ()) -> Iterator[Read | Rejected | Gone]:
        """All accounts of every debtor whom one of these keys or ids belongs to; Gone for those filtered out."""
        rows: list[Row] = []
        gone: list[Gone] = []
        for chunk in chunks(keys, self.rows.chunk):
            here = self.rows.by_key(chunk)
            rows += here
            if self.mapping.accounts.where:
                there = {row.at for row in here}
                lost = (row for row in self.rows.by_key(chunk, filtered=False) if row.at not in there)
                gone += [self.rows.gone(row) or Gone(*row.at, "deleted") for row in lost]
        rows += self.rows.by_id(list(ids))
        yield from self._given(self.rows.of_debtors_of(rows))
        yield from gone

    # With their lists

    def _given(self, rows: Iterable[Row]) -> Iterator[Read | Rejected | Gone]:
        """Each account in its turn, read with its lists."""
        for chunk in chunks(rows, self.rows.chunk):
            shared = self.rows.not_alone(chunk)
            gone = [self.rows.gone(row) for row in chunk]
            filled = [Filled(row, dict(row.record), self._unfit(row)) for row in chunk]
            self._fill([each for each, lost in zip(filled, gone, strict=True) if lost is None])
            for each, lost in zip(filled, gone, strict=True):
                if lost is None and each.row.at in shared:
                    columns, value = shared[each.row.at]
                    args = {"columns": columns, "value": value}
                    each.unfit.append(Finding("P305", self._source(each.row), args))
                yield self._read(each) if lost is None else lost

    def _unfit(self, row: Row) -> list[Finding]:
        """What of a row cannot be read. Without a key no list can name it, and nobody knows what it owes."""
        title, key = self.mapping.accounts.title, "/".join(self.rows.shape.key(row.cells))
        found = [unfit.finding(title, key) for unfit in row.unfit]
        for column in self._keyless(row):
            args = {"field": Text("“key”", "`key`"), "column": column}
            found.append(Finding("P304", self._source(row, column), args))
        return found

    def _keyless(self, row: Row) -> list[str]:
        key = zip(self.mapping.accounts.key, self.rows.shape.key_at, strict=True)
        return [column for column, index in key if row.cells[index] is None]

    def _source(self, row: Row, column: str = "") -> Source:
        return Source(self.mapping.accounts.title, "/".join(self.rows.shape.key(row.cells)), column)

    def _fill(self, accounts: Sequence[Filled]) -> None:
        """Puts the lists into the accounts' data, each in the order of its ids, then what our store keeps."""
        by_key = {self.rows.shape.key(each.row.cells): each for each in accounts}
        keys = [tuple(each.row.cells[index] for index in self.rows.shape.key_at) for each in by_key.values()]
        for name, section in self.mapping.sections.items():
            if name != "accounts" and "." not in name:
                self._fill_list(section, keys, by_key)
        kept = self.kept([each.row.at for each in accounts])
        for each in accounts:
            for name, records in kept.get(each.row.at, {}).items():
                mine = each.data.setdefault(name, [])
                each.own[name] = len(mine)
                known = {record[field]: record for field in ("key", "id") for record in mine if record.get(field)}
                for record in records:
                    theirs = known.get(record.get("id"))
                    if theirs is None:
                        mine.append(record)
                    elif name == "contacts":  # the ERP's word counts; what it has no column for is ours
                        theirs.update({field: ours for field, ours in record.items() if theirs.get(field) is None})
        if self.more is not None:
            self.more(self.connection, accounts)

    def _fill_list(
        self, section: Section, keys: Sequence[tuple[Raw, ...]], by_key: Mapping[tuple[str, ...], Filled]
    ) -> None:
        name, shape = section.name, self.shapes[section.name]
        rows = self._rows_of(section, keys)
        inner = self._inner_rows(section, shape, rows) if any(self.mapping.inner(name)) else {}
        owners = {key: by_key[_meant(section, key, by_key)] for key in {shape.key(row) for row in rows}}
        for row in rows:
            key = shape.key(row)
            owner = owners[key]
            record, unfit = shape.record(row)
            id_ = str(record.get("id", ""))
            owner.unfit += [each.finding(section.title, id_ or "/".join(key)) for each in unfit]
            for one in inner.get((id_,), ()):
                record.setdefault(one.field, []).append(one.record)
                owner.unfit += one.unfit
            owner.data.setdefault(name, []).append(record)
        for owner in owners.values():
            owner.data[name].sort(key=_by_id)
            if name == "late_fees":
                owner.data[name] = netted(owner.data[name])

    def _rows_of(self, section: Section, keys: Sequence[tuple[Raw, ...]]) -> Sequence[Sequence[Raw]]:
        fitting = self.tables.fitting(section, section.key, keys)
        if not fitting:
            return ()
        these = keyed(named(section.key), fitting)
        return self.connection.execute(query(section, self.mapping.parameters).where(these)).fetchall()

    def _inner_rows(
        self, section: Section, shape: Shape, rows: Sequence[Sequence[Raw]]
    ) -> Mapping[tuple[str, ...], list[Inner]]:
        """The records inside the records of a list, by the id of the outer one."""
        value = section.value("id")
        assert value is not None
        at = [shape.columns.index(name) for name in value.columns]
        keys = [tuple(row[index] for index in at) for row in rows]
        found: dict[tuple[str, ...], list[Inner]] = {(value.join.join(map(plain, key)),): [] for key in keys}
        for inner in self.mapping.inner(section.name):
            form = self.shapes[inner.name]
            for chunk in chunks(keys, self.rows.chunk):
                for row in sorted(self._rows_of(inner, chunk), key=lambda row: [str(cell) for cell in row]):
                    key = (value.join.join(form.key(row)),)
                    record, unfit = form.record(row)
                    wrong = [each.finding(inner.title, key[0]) for each in unfit]
                    found[_meant(inner, key, found)].append(Inner(inner.name.partition(".")[2], record, wrong))
        return found

    # Read

    def _read(self, each: Filled) -> Read | Rejected:
        found = read(each.data, where=lambda path: each.place(path) or self._locate(each, path))
        if not each.unfit:
            return replace(found, findings=(*found.findings, *each.doubts)) if each.doubts else found
        company, id_ = each.row.at
        debtor = "" if self._keyless(each.row) else each.row.debtor[1]  # which come apart from the debtor's others
        told = {finding.at for finding in each.unfit}
        others = found.findings if isinstance(found, Rejected) else ()
        findings = (*each.unfit, *(other for other in others if other.at not in told))
        return Rejected(company, id_, debtor, findings, self._source(each.row))

    def _locate(self, each: Filled, path: Path) -> Source:
        """The ERP's own table, row and column for a value of the account."""
        name = str(path[0]) if path else ""
        place = path[1] if len(path) > 1 else None
        if name in each.data and isinstance(place, int) and isinstance(each.data[name], list):
            record = each.data[name][place]
            key = str(record.get("id", f"#{place + 1}"))
            if name not in self.shapes or place >= each.own.get(name, place + 1):
                return Source(f"{KEPT_IN}.{name}", key, ".".join(str(part) for part in path[2:]))
            inner = f"{name}.{path[2]}" if len(path) > 3 else ""
            shape = self.shapes.get(inner) or self.shapes[name]
            return Source(shape.section.title, key, shape.column(path[4:] if inner in self.shapes else path[2:]))
        outer = ("contract", *path[2:]) if name == "contracts" else path
        return self._source(each.row, self.rows.shape.column(outer))


def _meant(section: Section, key: tuple[str, ...], known: Mapping[tuple[str, ...], object]) -> tuple[str, ...]:
    """Which of the keys we asked for a row has: the database may find it by rules of its own, like one without case.

    A row that is spelt like none of them must not be lost silently.
    """
    if key in known:
        return key
    for other in known:
        if loose(other) == loose(key):
            return other
    told = "/".join(key)
    raise AdapterError(
        Text(
            f"{section.title}: 数据库按“{told}”找到了行, 字面却对不上; 请统一两边的写法或排序规则 (collation)",
            f"{section.title}: the database finds rows by `{told}`, which is spelt otherwise where it points to; make"
            " the spelling or the collation of both columns the same",
        )
    )


def _by_id(record: Mapping[str, Any]) -> tuple[str, str]:
    return (str(record["id"]), "") if "id" in record else ("", repr(record))


def netted(fees: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Late fees with their corrections, which ERPs book below zero: those of a charge as one row.

    It is their sum, on the day of the last one, with the last of the keys that came from us.
    """
    if all(fee.get("amount", 0) >= 0 for fee in fees):
        return fees
    by_charge: dict[object, list[dict[str, Any]]] = {}
    for fee in sorted(fees, key=lambda fee: (fee.get("on") or date.min, _by_id(fee))):
        by_charge.setdefault(fee.get("charge"), []).append(fee)
    keys = [[fee["key"] for fee in rows if "key" in fee] for rows in by_charge.values()]
    sums = [{**rows[-1], "amount": sum(fee.get("amount", 0) for fee in rows)} for rows in by_charge.values()]
    return [fee | ({"key": known[-1]} if known else {}) for fee, known in zip(sums, keys, strict=True)]
