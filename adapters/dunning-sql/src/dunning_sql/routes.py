"""The ways from each table to the account it is about: by a column of its own, or through another table.

A mapping names an account by one key; a list that names it otherwise, or only the bill, takes a SELECT with a join.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from dunning_sql.guesses import Guess, columns_of
from dunning_sql.links import Link, link
from dunning_sql.looks import Looks, Table
from dunning_sql.names import best, common_names
from dunning_sql.wording import yes

OF_ROOM, OF_DEBTOR = "account_key", "debtor_id"  # what the SELECTs of a draft call the columns they bring


class Route(NamedTuple):
    """The columns that name the account, and, unless the table has them, the SELECT that brings them and why."""

    key: tuple[str, ...]
    select: Sequence[str] = ()
    why: str = ""


class Routes:
    """The ways between the tables that were guessed. `used`: tables taken on the way."""

    def __init__(self, looks: Looks, found: Mapping[str, Guess]) -> None:
        self.looks = looks
        self.found = found
        self.used: set[str] = set()
        self.person: str | None = None

    @cached_property
    def key(self) -> tuple[str, ...]:
        """What the lists name an account by: what the bills do."""
        rooms = self.found["accounts"]
        bills = self._link("charges", "accounts")
        if bills is not None:
            return bills.named_by
        return rooms.table.key or tuple(rooms.columns[name] for name in ("id", "unit") if name in rooms.columns)[:1]

    def account_id(self, columns: Mapping[str, str]) -> str:
        """The column that tells accounts apart: what people call them by if it does, else the key."""
        rooms = self.found["accounts"].table
        for name in ("id", "unit"):
            column = columns.get(name)
            if column is not None and (column in rooms.key or self.looks.unique(rooms.name, column)):
                return column
        return self.key[0] if self.key else next(iter(rooms.columns))

    def of(self, section: str) -> Route | None:
        """The way of a list to its account; None if there is none to be seen."""
        table = self.found[section].table
        direct = self._link(section, "accounts")
        if section == "accounts" or table is self.found["accounts"].table:
            return Route(self.key)
        if direct is not None and direct.named_by == self.key:
            return Route(direct.columns)
        if direct is not None:
            return self._joined(table, self.found["accounts"].table, direct, self.key)
        for by in ("charges", "payments"):
            one, further = self._link(section, by), self._link(by, "accounts")
            if section != by and one is not None and further is not None and further.named_by == self.key:
                return self._joined(table, self.found[by].table, one, further.columns)
        return None

    def _joined(self, table: Table, other: Table, one: Link, wanted: Sequence[str]) -> Route:
        """By way of another table, which has the columns that are wanted."""
        quoted = self.looks.quoted
        names = [OF_ROOM if len(wanted) == 1 else f"{OF_ROOM}_{n}" for n in range(1, len(wanted) + 1)]
        brought = ", ".join(f"o.{quoted(column)} AS {name}" for column, name in zip(wanted, names, strict=True))
        pairs = zip(one.named_by, one.columns, strict=True)
        same = " AND ".join(f"o.{quoted(theirs)} = t.{quoted(ours)}" for theirs, ours in pairs)
        lines = [f"SELECT t.*, {brought}", f"FROM {quoted(table.name)} t JOIN {quoted(other.name)} o ON {same}"]
        return Route(tuple(names), lines, f"{table.name} 经 {other.name} 找到户 / by way of {other.name}")

    def references(self, section: str) -> dict[str, str]:
        """Fields that name records of another list, by what the tables say: the bill of a payment."""
        found: dict[str, str] = {}
        if section == "charges":
            for name in ("payments", "late_fees", "adjustments"):
                one = self._link(name, "charges") if name in self.found else None
                if one is not None and len(one.named_by) == 1:
                    return {"id": one.named_by[0]}
        field = {"payments": "for", "late_fees": "charge", "adjustments": "charge"}.get(section)
        if field and "charges" in self.found:
            bills = self.found["charges"].table
            one = self._link(section, "charges")
            if self.found[section].table is bills:
                found[field] = self.references("charges").get("id") or self.found["charges"].columns.get("id", "")
            elif one is not None and len(one.columns) == 1:
                found[field] = one.columns[0]
        return {name: column for name, column in found.items() if column}

    def _link(self, section: str, other: str) -> Link | None:
        at = (section, other)
        if at not in self._links:
            here, there = self.found.get(section), self.found.get(other)
            self._links[at] = link(self.looks, here.table, there.table) if here and there else None
        return self._links[at]

    @cached_property
    def _links(self) -> dict[tuple[str, str], Link | None]:
        return {}

    # Who owes

    def debtor(self, columns: Mapping[str, str]) -> Route | None:
        """The SELECT that brings the debtor to each account, where its own table does not name one.

        It sets `person`, the column of the people's table by which debtors are known.
        """
        rooms = self.found["accounts"].table
        people = self.found.get("people")
        if people is None:
            return None
        if people.table is rooms:
            self.person = columns.get("debtor.id")
            return None
        known = link(self.looks, rooms, people.table)
        if "debtor.id" in columns or (known is not None and len(known.columns) == 1):
            column = columns.get("debtor.id") or known.columns[0] if known else columns["debtor.id"]
            self.person = known.named_by[0] if known and known.columns == (column,) else self._key(people.table)
            return Route((column,))
        return self._owner(rooms, people.table) or self._related(rooms, people.table)

    def _owner(self, rooms: Table, people: Table) -> Route | None:
        """The people's table names the room."""
        one = link(self.looks, people, rooms)
        self.person = self._key(people)
        if one is None or len(one.columns) != 1 or self.person is None:
            return None
        return self._brought(rooms, people, one, self.person)

    def _related(self, rooms: Table, people: Table) -> Route | None:
        """A table of its own says who owns which room."""
        for other in self.looks.tables:
            if other.name in {guess.table.name for guess in self.found.values()}:
                continue
            of_room, of_person = link(self.looks, other, rooms), link(self.looks, other, people)
            if of_room and of_person and len(of_room.columns) == 1 == len(of_person.columns):
                self.used.add(other.name)
                self.person = of_person.named_by[0]
                return self._brought(rooms, other, of_room, of_person.columns[0])
        return None

    def _brought(self, rooms: Table, other: Table, one: Link, person: str) -> Route:
        quoted = self.looks.quoted
        terms = [f"o.{quoted(one.columns[0])} = t.{quoted(one.named_by[0])}", *self._present(other)]
        lines = [
            f"SELECT t.*, o.{quoted(person)} AS {OF_DEBTOR}",
            f"FROM {quoted(rooms.name)} t LEFT JOIN {quoted(other.name)} o ON {' AND '.join(terms)}",
        ]
        return Route((OF_DEBTOR,), lines, f"欠费人在 {other.name} / who owes is in {other.name}")

    def _present(self, other: Table) -> list[str]:
        """The conditions that leave the present owner: a column that says so, or a day of leaving that is empty."""
        for _, one in best(other.heads, common_names("current")):
            term = yes(f"o.{self.looks.quoted(one.name)}", other.kind(one.name), self.looks.words(other.name, one.name))
            if term is not None:
                return [term]
        left = next(iter(best(other.heads, common_names("left"))), None)
        return [] if left is None else [f"o.{self.looks.quoted(left[1].name)} IS NULL"]

    def _key(self, table: Table) -> str | None:
        return table.key[0] if len(table.key) == 1 else None

    # Tables beside the lists

    def dictionary(self, table: Table, column: str) -> Table | None:
        """The small table that says what the values of a column are called."""
        for other in self.looks.tables:
            if other.name in {guess.table.name for guess in self.found.values()} or other.name == table.name:
                continue
            if self.key_of(table, column, other) is not None:
                self.used.add(other.name)
                return other
        return None

    def key_of(self, table: Table, column: str, other: Table) -> str | None:
        """The column of another table that a column points at."""
        one = link(self.looks, table, other)
        return one.named_by[0] if one is not None and one.columns == (column,) else None

    def settles(self) -> tuple[Table, str, str, str] | None:
        """The table that splits payments over bills: (table, its payment, its bill, its amount)."""
        payments, bills = self.found.get("payments"), self.found.get("charges")
        if payments is None or bills is None:
            return None
        for other in self.looks.tables:
            if other.name in {guess.table.name for guess in self.found.values()}:
                continue
            paid, owed = link(self.looks, other, payments.table), link(self.looks, other, bills.table)
            columns, _ = columns_of(self.looks, "payments.settles", other)
            if paid and owed and len(paid.columns) == 1 == len(owed.columns) and "amount" in columns:
                self.used.add(other.name)
                return other, paid.columns[0], owed.columns[0], columns["amount"]
        return None
