"""What actions say of their households, kept by places and put into words for each of them: ids, amounts, keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.columns.arrays import keys
from dunning.columns.lines import Lines
from dunning.columns.rows import Batch, Ints
from dunning.columns.written import table_of
from dunning.engine.ladder.offered import key_of

NONE = -1


class Stood(NamedTuple):
    """How the accounts of a batch stand, under whichever book each is; charges by their rows in the batch.

    `numbers` -1: for itself. The charges of account i are `rows[start[i]]` and those after it, as many as it has;
    `unpaid` and `fee` are by row of the batch, a fee that nobody can tell -1. `payment`: the row of the last payment,
    `settled`: of the charge that was settled last; `part_by`, by row of the charge, of the payment that settled some of
    it late; -1 where there is none.
    """

    numbers: Ints
    start: Ints
    rows: Ints
    unpaid: Ints
    fee: Ints
    payment: Ints
    settled: Ints
    part_by: Ints


class Key(NamedTuple):
    """What the key of an action is made of. `record` is a text, or the place of the charge it is anchored on.

    Anchored on a payment, or on what was settled, it is the one that stands for the household, and `record` is -1.
    """

    step: str
    charge: int
    kind: str
    record: str | int
    occurrence: int


class Saying(NamedTuple):
    """What an action says of its household: `to` are 0 for the debtor and 1, 2 .. for the parties; `charges` places.

    `carries`: the step, the place of the charge and the key of what goes with it.
    """

    key: Key
    to: tuple[int, ...]
    charges: tuple[int, ...]
    carries: tuple[tuple[str, int, Key], ...]


class Sayings:
    """The actions of all kinds of household met so far, by number."""

    def __init__(self, schema: pa.Schema) -> None:
        self.schema = schema
        self._said = [schema.empty_table().drop_columns(["company", "account"])]
        self._new: list[tuple[Any, ...]] = []  # what the actions since say to everybody
        self._sayings: list[Saying] = []
        self._to, self._charges = Lines(1), Lines(1)

    def __len__(self) -> int:
        return len(self._sayings)

    def add(self, said: Sequence[tuple[Any, ...]], sayings: Sequence[Saying]) -> None:
        """More actions: their rows as they were for one household, and what in them is its own."""
        self._new += said
        self._sayings += sayings
        for saying in sayings:
            self._to.add([(place,) for place in saying.to])
            self._charges.add([(place,) for place in saying.charges])

    def tell(self, batch: Batch, stood: Stood, on: date, actions: Ints, accounts: Ints) -> pa.Table:
        """These actions as these accounts are told them."""
        said = self._table().take(pa.array(actions))
        names = _Names(batch, stood, on, accounts)
        sayings = [self._sayings[action] for action in actions.tolist()]
        charge = np.array([saying.key.charge for saying in sayings], np.int64)
        places, whose = self._charges.of(actions)
        rows = stood.rows[stood.start[accounts[whose]] + places[:, 0]]
        asks = said.column("ask_as_of").is_valid().to_numpy()
        columns: dict[str, pa.Array] = {
            **keys(batch, accounts),
            "key": pa.array(names.keys([saying.key for saying in sayings])),
            "charge": names.charges(charge),
            "to": names.people(*self._to.of(actions)),
            "bundle": pc.binary_join_element_wise(batch.texts("debtor.id").values.take(names.at), str(on), "/"),
            "charges": _lists(batch.charges.texts("id").values.take(pa.array(rows)), whose, len(actions)),
            "carries": pa.array(names.carried(sayings), self.schema.field("carries").type),
            **_asked(stood, rows, whose, asks),
        }
        return pa.table([columns.get(name, _one(said, name)) for name in self.schema.names], schema=self.schema)

    def _table(self) -> pa.Table:
        """What all actions say to everybody."""
        if self._new:
            schema = pa.schema(list(self.schema)[2:])
            self._said = [pa.concat_tables([*self._said, table_of(self._new, schema)]).unify_dictionaries()]
            self._said = [self._said[0].combine_chunks()]
            self._new = []
        return self._said[0]


def _one(table: pa.Table, name: str) -> pa.Array | None:
    return table.column(name).combine_chunks() if name in table.column_names else None


def _lists(values: pa.Array, whose: Ints, size: int) -> pa.Array:
    """Values side by side as the lists of those they belong to."""
    return pa.ListArray.from_arrays(np.searchsorted(whose, np.arange(size + 1)).astype(np.int32), values)


def _asked(stood: Stood, rows: Ints, whose: Ints, asks: np.ndarray[Any, np.dtype[np.bool_]]) -> dict[str, pa.Array]:
    """What is asked for: the sums over the charges an action speaks of, where it asks at all."""
    principal, fee = np.zeros(len(asks), np.int64), np.zeros(len(asks), np.int64)
    np.add.at(principal, whose, stood.unpaid[rows])
    np.add.at(fee, whose, np.maximum(stood.fee[rows], 0))
    unknown = np.zeros(len(asks), np.bool_)
    unknown[whose[stood.fee[rows] == NONE]] = True
    total = principal + np.where(unknown, 0, fee)
    return {
        "ask_principal": pa.array(principal, mask=~asks),
        "ask_late_fee": pa.array(fee, mask=~asks | unknown),
        "ask_total": pa.array(total, mask=~asks),
    }


class _Names:
    """The ids of the records of some accounts, one of them for each action."""

    def __init__(self, batch: Batch, stood: Stood, on: date, accounts: Ints) -> None:
        self.batch = batch
        self.stood = stood
        self.on = on
        self.accounts = accounts
        self.at = pa.array(accounts)
        company = batch.coded("company")
        self._companies = [str(company.words[code]) for code in company.codes[accounts].tolist()]
        self._ids: list[str] = batch.texts("id").values.take(self.at).to_pylist()
        self._payments = _texts(batch.lists["payments"].texts("id").values, stood.payment[accounts])
        self._settled = _texts(batch.charges.texts("id").values, stood.settled[accounts])

    def charges(self, places: Ints) -> pa.Array:
        """The charge at a place of each; null at -1."""
        rows = np.where(places >= 0, self.stood.start[self.accounts] + places, 0)
        some = self.stood.rows[rows] if len(self.stood.rows) else rows
        return self.batch.charges.texts("id").values.take(pa.array(some, mask=places < 0))

    def people(self, places: Ints, whose: Ints) -> pa.Array:
        """Lists of those at these places: the debtor, and the parties."""
        parties = self.batch.lists["parties"]
        accounts = self.accounts[whose]
        rows = np.where(places[:, 0] == 0, accounts, len(self.batch) + parties.start[accounts] + places[:, 0] - 1)
        ids = pa.concat_arrays([self.batch.texts("debtor.id").values, parties.texts("id").values])
        return _lists(ids.take(pa.array(rows)), whose, len(self.accounts))

    def keys(self, parts: Sequence[Key]) -> list[str]:
        """The key of each action."""
        charges = self.charges(np.array([key.charge for key in parts], np.int64)).to_pylist()
        anchors = np.array([key.record if isinstance(key.record, int) else NONE for key in parts], np.int64)
        records = self.charges(anchors).to_pylist()
        return [
            key_of(
                self._companies[place], self._ids[place], key.step, charges[place], key.kind,
                key.record if isinstance(key.record, str) else records[place] or self._anchor(key.kind, place),
                key.occurrence,
            )
            for place, key in enumerate(parts)
        ]  # fmt: skip

    def _anchor(self, kind: str, place: int) -> str:
        return (self._payments if kind == "paid" else self._settled)[place] or ""

    def carried(self, sayings: Sequence[Saying]) -> list[list[dict[str, Any]]]:
        """What each action carries."""
        found: list[list[dict[str, Any]]] = [[] for _ in sayings]
        for place, saying in enumerate(sayings):
            for step, charge, key in saying.carries:
                alone = _Names(self.batch, self.stood, self.on, self.accounts[place : place + 1])
                (told,) = alone.keys([key])
                (about,) = alone.charges(np.array([charge], np.int64)).to_pylist()
                found[place].append({"account": self._ids[place], "step": step, "charge": about, "key": told})
        return found


def _texts(texts: pa.StringArray, rows: Ints) -> list[str | None]:
    found: list[str | None] = texts.take(pa.array(np.maximum(rows, 0), mask=rows < 0)).to_pylist()
    return found
