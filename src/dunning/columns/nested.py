"""Accounts with their lists nested in them, a row an account, as clusters and other programs hand them over.

Unlike the rows of files they have no line that could be named: findings name the account and the record. Nor have they
an order: of accounts that are there twice none is the first, so none is taken.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.basis.errors import AccountError
from dunning.basis.finding import Finding, Text
from dunning.basis.span import Cell, Entry
from dunning.columns.arrow import ATTRIBUTES, KEY, batch_of, tables_of
from dunning.columns.fields import LISTED
from dunning.columns.looked import looked_through
from dunning.columns.packing import pack
from dunning.columns.rows import Batch, Ints
from dunning.columns.store import by_debtor
from dunning.columns.typed import as_it_was, typed
from dunning.intake.files.cells import Row
from dunning.intake.files.layout import read_heads
from dunning.intake.headers import FIELDS, LISTS, list_named
from dunning.intake.records import Rejected, read
from dunning.model.account import Account

TIMES = "_times"
"""A column that says how often an account is there, from who could count: 0 for one that only rows of lists name."""

Columns = Mapping[str, pa.Array]
"""The columns of a list by the field they hold, in one piece each."""

_SHORT = "contract."
_PERIOD = ("period", *FIELDS["charges"]["period"])


@dataclass(frozen=True, slots=True)
class Heads:
    """Which column is what: `accounts` has the field of each of the account's own heads (`debtor.id`, `业主.编号`),
    `lists` those of the heads within each list, `columns` the column that holds the list.
    """

    accounts: Mapping[str, str]
    lists: Mapping[str, Mapping[str, str]]
    columns: Mapping[str, str]


class Keyed(NamedTuple):
    """What the columns of tables of their own are: `keys` has the heads of `company` and `account` in each list, and of
    `company` and `id` in the accounts.
    """

    heads: Heads
    keys: Mapping[str, Mapping[str, str]]


def heads_of(accounts: Sequence[str], lists: Mapping[str, Sequence[str]]) -> Heads:
    """`accounts`: the heads of what is no list; `lists`: those within each list, by the column that holds it.

    AccountError: a column that is no list, two that are the same one, and every head that is none.
    """
    wrong: list[Finding] = []
    columns = _called(lists, wrong)
    own = _heads("accounts", "accounts", [head for head in accounts if head != TIMES], wrong)
    found = {name: _heads_within(name, column, lists[column], wrong) for name, column in columns.items()}
    if wrong:
        raise AccountError(wrong)
    return Heads(own, found, columns)


def heads_of_tables(tables: Mapping[str, Sequence[str]]) -> Keyed:
    """The same for a table a list, `accounts` among them: `tables` has the heads of each, by the name it is given."""
    wrong: list[Finding] = []
    columns = _called(tables, wrong, accounts=True)
    if "accounts" not in columns:
        wrong.append(Finding("I108", Cell("accounts", 1), {"wanted": Text("账户 或 accounts", "accounts")}))
    found = {name: _heads(name, given, tables[given], wrong) for name, given in columns.items()}
    if wrong:
        raise AccountError(wrong)
    keys = {
        name: {
            field: head for head, field in each.items() if field in (("company", "id") if name == "accounts" else KEY)
        }
        for name, each in found.items()
    }
    own = found.pop("accounts")
    del columns["accounts"]
    lists = {name: {head: field for head, field in each.items() if field not in KEY} for name, each in found.items()}
    return Keyed(Heads(own, lists, columns), keys)


def _called(given: Iterable[str], wrong: list[Finding], *, accounts: bool = False) -> dict[str, str]:
    """The lists by their names: what each is called here."""
    found: dict[str, str] = {}
    for column in given:
        name = list_named(column)
        if name is None or (name == "accounts" and not accounts):
            lists = LISTS if accounts else LISTED
            known = Text("、".join(LISTS[each][0] for each in lists), ", ".join(lists))
            wrong.append(Finding("I107", Cell(column, 1), {"name": column, "near": Text("", ""), "known": known}))
        elif name in found:
            wrong.append(Finding("I105", Cell(column, 1), {"name": column, "other": found[name], "field": name}))
        else:
            found[name] = column
    return found


def _heads_within(name: str, column: str, heads: Sequence[str], wrong: list[Finding]) -> Mapping[str, str]:
    """The heads of records that lie in their account: it is said whose they are."""
    asked = [head for head in heads if head not in KEY]
    found = {
        head: field for head, field in _heads(name, column, ["account", *asked], wrong).items() if field not in KEY
    }
    return found | ({"account": "other_account"} if name == "contacts" and "account" in heads else {})


def _heads(name: str, file: str, heads: Sequence[str], wrong: list[Finding]) -> dict[str, str]:
    """The heads that say anything, and the field of each."""
    own = {head: ATTRIBUTES for head in heads if head == ATTRIBUTES}
    own |= {head: "period" for head in heads if name == "charges" and head in _PERIOD}
    layout, found = read_heads(name, file, "", Row(1, [head for head in heads if head not in own]))
    wrong.extend(found)
    said = {} if layout is None else dict(zip(layout.heads, layout.fields, strict=True))
    return own | {head: field for head, field in said.items() if field}


class Taken(NamedTuple):
    """What became of rows: the accounts that can be assessed, and those that cannot."""

    batch: Batch
    rejected: Sequence[Rejected]


def take(rows: pa.Table, heads: Heads) -> Taken:
    """The accounts of these rows; those of a debtor stand side by side, and all of them are here.

    Values are read as those of other programs' Parquet files: amounts int64 fen or decimal yuan, days, words in either
    language. An account with a value that nobody can read is rejected with every reason.
    """
    return _Rows(rows, heads).taken()


class _Rows:
    def __init__(self, rows: pa.Table, heads: Heads) -> None:
        self.size = len(rows)
        own = _flat(rows.drop_columns(list(heads.columns.values())))
        given = _fields(own, heads.accounts)
        self.times = _whole(own, TIMES).to_numpy() if TIMES in own.column_names else np.ones(self.size, np.int64)
        self.columns: dict[str, Columns] = {
            "accounts": {field: each for field, each in given.items() if not field.startswith(_SHORT)}
        }
        self.owners: dict[str, Ints] = {}
        for name, column in heads.columns.items():
            self._list(name, _whole(rows, column), heads.lists[name])
        self.short = {field.removeprefix(_SHORT): each for field, each in given.items() if field.startswith(_SHORT)}
        self.odd = np.zeros(self.size, np.bool_)
        if self.short:
            self._short_form()

    def _list(self, name: str, values: pa.Array, heads: Mapping[str, str]) -> None:
        """The records of a list, one below the other, and the account of each."""
        counts = pc.list_value_length(values).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        if not counts.any():
            return
        columns = _fields(_flat(pa.Table.from_struct_array(values.flatten())), heads)
        owners = np.repeat(np.arange(self.size), counts)
        if "period" in columns:
            columns["period.since"], columns["period.until"] = _ends(columns.pop("period"))
        if "other_account" in columns:  # its own id is no other's
            other = columns["other_account"].cast(pa.string())
            own = self.columns["accounts"]["id"].cast(pa.string()).take(pa.array(owners))
            columns["other_account"] = pc.if_else(pc.equal(other, own), pa.scalar(None, pa.string()), other)
        self.owners[name], self.columns[name] = owners, columns

    def _short_form(self) -> None:
        """The one contract in the account's own row. Where there is a list too, the door has to say what it thinks."""
        said = np.zeros(self.size, np.bool_)
        for each in self.short.values():
            said |= each.is_valid().to_numpy(zero_copy_only=False)
        if "contracts" in self.owners:
            self.odd |= said
        else:
            self.owners["contracts"] = np.flatnonzero(said)
            self.columns["contracts"] = {name: each.filter(pa.array(said)) for name, each in self.short.items()}
            self.short = {}

    def taken(self) -> Taken:
        """The accounts as a batch, in the order of their debtors."""
        found = typed("accounts", self.columns["accounts"], self.size)
        lists = {name: self._typed(name, found.table) for name in self.owners}
        self.odd |= found.bad
        rejected = dict(self._unclear(found.table))
        again: list[Account] = []
        for row in np.flatnonzero(self.odd).tolist():
            if row not in rejected:
                told = read(self._record(row))
                if isinstance(told, Rejected):
                    rejected[row] = told
                else:
                    again.append(told.account)
        out = self.odd.copy()
        out[list(rejected)] = True
        tables = {"accounts": found.table.filter(pa.array(~out))}
        tables |= {name: table.filter(pa.array(~out[self.owners[name]])) for name, table in lists.items()}
        for name, table in tables_of(pack(again)).items():
            if len(table):
                tables[name] = _joined([tables[name], table]) if name in tables else table
        tables["accounts"] = by_debtor(tables["accounts"])
        return Taken(looked_through(batch_of(tables)), [rejected[row] for row in sorted(rejected)])

    def _typed(self, name: str, accounts: pa.Table) -> pa.Table:
        """The rows of a list as ours; whose they are is known."""
        owners = self.owners[name]
        stand_in = pa.array(["?"], pa.string()).take(pa.array(np.zeros(len(owners), np.int64)))
        found = typed(name, {**self.columns[name], "account": stand_in}, len(owners))
        self.odd[owners[found.bad]] = True
        ids = _whole(accounts, "id").fill_null("")
        company = _whole(accounts, "company").take(pa.array(owners))
        account = pa.DictionaryArray.from_arrays(pa.array(owners, pa.int32()), ids)
        table = found.table.set_column(found.table.column_names.index("company"), "company", company)
        return table.set_column(table.column_names.index("account"), "account", account)

    def _unclear(self, accounts: pa.Table) -> Iterator[tuple[int, Rejected]]:
        """Accounts that are there more than once, or only in the rows of lists."""
        company, ids = _whole(accounts, "company"), _whole(accounts, "id")
        keys = pc.binary_join_element_wise(company.cast(pa.string()), ids.fill_null(""), "\0").dictionary_encode()
        codes = keys.indices.to_numpy()
        here = np.bincount(codes)[codes] if self.size else codes
        times = np.where(self.times == 0, 0, np.maximum(self.times, here))
        for row in np.flatnonzero((times != 1) & ids.is_valid().to_numpy(zero_copy_only=False)).tolist():
            place = Entry(company[row].as_py(), ids[row].as_py())
            if times[row]:
                finding = Finding("A211", place, {"id": place.account, "count": int(times[row])})
            else:
                counts = {name: int((of == row).sum()) for name, of in self.owners.items()}
                own = [name for name, count in counts.items() if count]
                named = Text("、".join(LISTS[each][0] for each in own), ", ".join(own))
                finding = Finding("I204", place, {"id": place.account, "count": sum(counts.values()), "lists": named})
            debtor = accounts.column("debtor.id")[row].as_py() if times[row] else ""
            yield row, Rejected(place.company, place.account, debtor or "", (finding,), place)

    def _record(self, row: int) -> dict[str, Any]:
        """An account as a record for the door."""
        data: dict[str, Any] = json.loads(as_it_was("accounts", self.columns["accounts"], row))
        for name, owners in self.owners.items():
            places = np.flatnonzero(owners == row).tolist()
            if places:
                data[name] = [json.loads(as_it_was(name, self.columns[name], place)) for place in places]
        if self.short:
            contract = json.loads(as_it_was("contracts", self.short, row))
            data |= {"contract": contract} if contract else {}
        return data


def _fields(table: pa.Table, heads: Mapping[str, str]) -> dict[str, pa.Array]:
    """The columns by the fields they hold."""
    return {field: _whole(table, head) for head, field in heads.items() if head in table.column_names}


def _flat(table: pa.Table) -> pa.Table:
    """Records within records as columns: `debtor` with an `id` is `debtor.id`."""
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table


def _whole(table: pa.Table, name: str) -> pa.Array:
    """A column in one piece."""
    column = table.column(name)
    if column.num_chunks == 1:
        return column.chunk(0)
    return (column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column).combine_chunks()


def _ends(periods: pa.Array) -> tuple[pa.Array, pa.Array]:
    """First and last days of periods given as lists of two. Of any other list the last day is left out, and missed."""
    counts = pc.list_value_length(periods).fill_null(0).to_numpy(zero_copy_only=False)
    first = np.cumsum(counts) - counts
    days = periods.flatten()
    return (
        days.take(pa.array(first, mask=counts == 0)),
        days.take(pa.array(first + 1, mask=counts != 2)),
    )


def _joined(tables: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()
