"""What old schemas hold: zero dates, bits, doubles, keys of two kinds, ids that differ in case alone, rows twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from schemas import MAPPING, accounts, adapter, rejected, run

from dunning.adapter import AdapterError, AdapterPortfolio
from dunning_sql.commands import check
from dunning_sql.database import open_engine, snapshot

ROOM = "CREATE TABLE room (room_id INTEGER PRIMARY KEY, room_no VARCHAR(20) NOT NULL, owner_id VARCHAR(20))"
FEE = "CREATE TABLE fee (fee_id INTEGER PRIMARY KEY, room_id INTEGER, amount DECIMAL(10, 2), due_date DATE)"


@pytest.fixture
def on_sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/erp.db"


@pytest.fixture(params=["on_sqlite", "on_postgres", "on_mariadb"])
def url(request: pytest.FixtureRequest) -> str:
    address: str = request.getfixturevalue(request.param)
    return address


# Keys


def test_keys_of_two_kinds_name_the_same_room(url: str) -> None:
    """12 in one table and '12' in the other: PostgreSQL would refuse to compare them, MySQL reads the whole table."""
    fee = "CREATE TABLE fee (fee_id BIGINT PRIMARY KEY, room_id VARCHAR(20), amount DECIMAL(10, 2), due_date DATE)"
    run(url, ROOM.replace("INTEGER", "BIGINT"), fee, "INSERT INTO room VALUES (9007199254740993, '1-101', 'O-7')")
    run(url, "INSERT INTO fee VALUES (9007199254740995, '9007199254740993', 100, '2026-01-15')")
    (charge,) = accounts(adapter(url).accounts(None))["1-101"].charges
    assert charge.id == "9007199254740995"


def test_a_key_of_several_columns_keeps_companies_apart(url: str) -> None:
    room = "CREATE TABLE room (company VARCHAR(9), room_no VARCHAR(20), owner_id VARCHAR(20))"
    fee = (
        "CREATE TABLE fee (fee_id INTEGER, company VARCHAR(9), room VARCHAR(20), amount DECIMAL(10, 2), due_date DATE)"
    )
    mapping = (
        MAPPING.replace("key: room_id", "key: [company, room_no]")
        .replace("{id: room_no", "{company: company, id: room_no")
        .replace("account: room_id", "account: [company, room]")
    )
    run(url, room, fee, "INSERT INTO room VALUES ('A', '1', 'O-7'), ('B', '1', 'O-8'), ('B', '2', NULL)")
    run(url, "INSERT INTO fee VALUES (1, 'A', '1', 10, '2026-01-15'), (2, 'B', '1', 20, '2026-01-15')")
    found = {(item.account.company, item.account.id): item.account for item in _reads(adapter(url, mapping, page=2))}
    assert {at: [charge.amount for charge in one.charges] for at, one in found.items()} == {
        ("A", "1"): [1000],
        ("B", "1"): [2000],
        ("B", "2"): [],
    }
    again = accounts(adapter(url, mapping).reread([("B", "1")]))
    assert again["1"].debtor.id == "O-8"


def test_an_id_of_several_columns_is_found_again_whatever_signs_it_holds(url: str) -> None:
    room = "CREATE TABLE room (building VARCHAR(9), room VARCHAR(9), owner_id VARCHAR(20))"
    mapping = """\
        mapping: test
        accounts:
          table: room
          key: [building, room]
          fields: {id: {columns: [building, room], join: "-"}, debtor.id: owner_id}
        charges:
          table: fee
          account: [building, room]
          fields: {id: fee_id, amount: amount, due: due_date}
        """
    fee = "CREATE TABLE fee (fee_id INTEGER, building VARCHAR(9), room VARCHAR(9), amount INTEGER, due_date DATE)"
    run(url, room, fee, "INSERT INTO room VALUES ('1-2', '301', 'O-7'), ('1', '2-302', 'O-8')")
    found = adapter(url, mapping)
    assert accounts(found.accounts(None)).keys() == {"1-2-301", "1-2-302"}
    assert accounts(found.reread([("main", "1-2-302")])).keys() == {"1-2-302"}


def test_ids_that_differ_in_case_alone_are_two_people_and_one_room(on_mariadb: str) -> None:
    """MySQL takes `a7` and `A7` for the same: as owners they are whom the ERP says, as keys they join."""
    run(on_mariadb, ROOM.replace("INTEGER", "VARCHAR(20)"), FEE.replace("room_id INTEGER", "room_id VARCHAR(20)"))
    rooms = [f"('x{n}', '1-10{n}', '{owner}')" for n, owner in enumerate(("a7", "A7", "a7", "A7", "b1"))]
    run(on_mariadb, f"INSERT INTO room VALUES {', '.join(rooms)}", "INSERT INTO fee VALUES (1, 'X3', 10, '2026-01-15')")
    portfolio = AdapterPortfolio(adapter(on_mariadb, page=2))
    groups = {group.debtor: [one.id for one in group.accounts] for group in portfolio}
    assert groups == {"A7": ["1-101", "1-103"], "a7": ["1-100", "1-102"], "b1": ["1-104"]}
    assert [charge.amount for charge in accounts(adapter(on_mariadb).accounts(None))["1-103"].charges] == [1000]


def test_whoever_has_no_owner_written_down_is_a_debtor_alone(url: str) -> None:
    run(url, ROOM, FEE, "INSERT INTO room VALUES (1, 'a', NULL), (2, 'b', 'O-7'), (3, 'c', NULL), (4, 'd', '')")
    found = [(item.account.id, item.account.debtor.id) for item in _reads(adapter(url, page=2))]
    assert sorted(found) == [("a", "a"), ("b", "O-7"), ("c", "c"), ("d", "d")]


def test_an_account_that_stands_twice_is_rejected_wherever_it_stands(url: str) -> None:
    """A join that brings two owners: both would be chased for the whole."""
    run(url, ROOM.replace(" PRIMARY KEY", ""), FEE, "INSERT INTO fee VALUES (1, 1, 10, '2026-01-15')")
    run(url, "INSERT INTO room VALUES (1, '1-101', 'O-7'), (1, '1-101', 'O-9'), (2, '1-102', 'O-8')")
    for page in (2, 10_000):
        found = list(adapter(url, page=page).accounts(None))
        assert accounts(found).keys() == {"1-102"}
        assert rejected(found) == {"1-101": ["P305 room[1]"]}
    assert rejected(adapter(url).reread([("main", "1-101")])) == {"1-101": ["P305 room[1]"]}


def test_two_accounts_with_one_key_would_both_be_chased_for_its_charges(url: str) -> None:
    """Whoever owned the room and whoever owns it: the ids differ, and the lists know the room alone."""
    run(url, ROOM.replace(" PRIMARY KEY", ""), FEE, "INSERT INTO fee VALUES (1, 1, 10, '2026-01-15')")
    run(url, "INSERT INTO room VALUES (1, 'old', 'O-7'), (1, 'new', 'O-9'), (2, 'other', 'O-8')")
    found = list(adapter(url, page=2).accounts(None))
    assert rejected(found) == {"old": ["P305 room[1]"], "new": ["P305 room[1]"]}
    assert accounts(found).keys() == {"other"}


def test_a_row_without_a_key_is_told(url: str) -> None:
    """No fee can name it: it would be read as somebody who owes nothing."""
    run(url, ROOM.replace(" PRIMARY KEY", ""), FEE, "INSERT INTO fee VALUES (1, 1, 10, '2026-01-15')")
    run(url, "INSERT INTO room VALUES (NULL, 'a', 'O-7'), (1, 'b', 'O-7'), (2, 'c', NULL), (NULL, 'd', NULL)")
    for page in (2, 10_000):
        found = list(adapter(url, page=page).accounts(None))
        assert {id_: len(one.charges) for id_, one in accounts(found).items()} == {"b": 1, "c": 0}
        assert rejected(found) == {"a": ["P304 room[].room_id"], "d": ["P304 room[].room_id"]}
        assert sum(1 for _ in AdapterPortfolio(adapter(url, page=page))) == 4


def _reads(found: object) -> list[object]:
    return [item for item in found.accounts(None) if hasattr(item, "account")]  # type: ignore[attr-defined]


# Values


def test_zero_dates_bits_and_padding_of_mysql(on_mariadb: str) -> None:
    run(
        on_mariadb,
        "SET SESSION sql_mode = ''",
        "CREATE TABLE room (room_id CHAR(10), room_no VARCHAR(20), owner_id CHAR(10), clause BIT(1), moved DATETIME)",
        "CREATE TABLE fee (fee_id INT, room_id CHAR(10), amount DOUBLE, due_date DATETIME, closed DATE)",
        "INSERT INTO room VALUES ('1', '1-101', 'O-7', b'1', '0000-00-00 00:00:00')",
        "INSERT INTO fee VALUES (1, '1', 0.29, '2026-01-15 23:59:59', NULL), (2, '1', 1, '0000-00-00', NULL)",
    )
    mapping = MAPPING.replace(
        "debtor.id: owner_id", "debtor.id: owner_id, contract.late_fee_clause: clause, debtor.since: moved"
    )
    only_first = mapping.replace("account: room_id", "account: room_id\n  where: fee_id = 1")
    account = accounts(adapter(on_mariadb, only_first).accounts(None))["1-101"]
    assert account.contracts[0].late_fee_clause is True
    assert account.debtor.since is None
    assert [(charge.amount, charge.due) for charge in account.charges] == [(29, date(2026, 1, 15))]
    assert rejected(adapter(on_mariadb, mapping).accounts(None)) == {"1-101": ["P304 fee[2].due_date"]}


def test_a_double_is_its_shortest_decimal_and_refused_beyond_the_fen(url: str) -> None:
    kind = "DOUBLE PRECISION"
    run(url, ROOM, FEE.replace("DECIMAL(10, 2)", kind), "INSERT INTO room VALUES (1, 'a', 'O-7'), (2, 'b', 'O-8')")
    run(url, "INSERT INTO fee VALUES (1, 1, 115.35, '2026-01-15'), (2, 2, 0.30000000000000004, '2026-01-15')")
    found = list(adapter(url).accounts(None))
    assert [charge.amount for charge in accounts(found)["a"].charges] == [11535]
    assert rejected(found) == {"b": ["A110 fee[2].amount"]}


def test_times_with_a_zone_are_days_in_china(on_postgres: str) -> None:
    """Midnight in Shanghai is four in the afternoon in UTC, of the day before."""
    run(
        on_postgres,
        ROOM,
        FEE.replace("due_date DATE", "due_date TIMESTAMPTZ"),
        "INSERT INTO room VALUES (1, 'a', 'O-7')",
    )
    run(on_postgres, "INSERT INTO fee VALUES (1, 1, 10, '2026-01-14 16:00:00+00')")
    (charge,) = accounts(adapter(on_postgres).accounts(None))["a"].charges
    assert charge.due == date(2026, 1, 15)


def test_times_without_a_zone_are_in_the_zone_of_the_mapping(on_sqlite: str) -> None:
    run(on_sqlite, ROOM, FEE, "INSERT INTO room VALUES (1, 'a', 'O-7')")
    run(on_sqlite, "INSERT INTO fee VALUES (1, 1, 10, '2026-01-14 16:00:00')")
    by_zone = {
        zone: accounts(adapter(on_sqlite, f"zone: {zone}\n{MAPPING}").accounts(None))["a"].charges[0].due
        for zone in ("Asia/Shanghai", "UTC")
    }
    assert by_zone == {"Asia/Shanghai": date(2026, 1, 14), "UTC": date(2026, 1, 15)}


def test_uuids_and_numbers_with_decimals_are_ids_as_people_write_them(on_postgres: str) -> None:
    run(
        on_postgres, ROOM.replace("room_id INTEGER", "room_id UUID").replace("owner_id VARCHAR(20)", "owner_id NUMERIC")
    )
    run(on_postgres, FEE.replace("room_id INTEGER", "room_id UUID"))
    uuid = "8a6e0804-2bd0-4672-b79d-d97027f9071a"
    run(on_postgres, f"INSERT INTO room VALUES ('{uuid}', 'a', 12.0)")
    run(on_postgres, f"INSERT INTO fee VALUES (1, '{uuid}', 10, '2026-01-15')")
    account = accounts(adapter(on_postgres).accounts(None))["a"]
    assert (account.debtor.id, len(account.charges)) == ("12", 1)


LINES = """\
    mapping: test
    parameters: {least: 5}
    accounts:
      table: room
      key: room_id
      fields: {id: room_no, debtor.id: owner_id}
    charges:
      select: |
        SELECT fee_id, room_id, amount, due_date, '100%' AS note
        FROM fee WHERE amount > :least
      account: room_id
      fields: {id: fee_id, amount: amount, due: due_date}
    payments:
      table: payment
      account: room_id
      fields: {id: pay_id, on: paid_on, amount: amount}
    payments.settles:
      table: line
      record: pay_id
      fields: {charge: fee_id, amount: amount, part: {column: part, map: {P: principal, L: late_fee}}}
    """


def test_a_select_with_parameters_and_lines_inside_payments(url: str) -> None:
    run(
        url, ROOM, FEE, "CREATE TABLE payment (pay_id INTEGER, room_id INTEGER, amount DECIMAL(10, 2), paid_on DATE)",
        "CREATE TABLE line (pay_id INTEGER, fee_id INTEGER, amount DECIMAL(10, 2), part CHAR(1))",
        "INSERT INTO room VALUES (1, 'a', 'O-7')",
        "INSERT INTO fee VALUES (1, 1, 10, '2026-01-15'), (2, 1, 5, '2026-01-15'), (3, 1, 6, '2026-02-15')",
        "INSERT INTO payment VALUES (7, 1, 12, '2026-03-01')",
        "INSERT INTO line VALUES (7, 1, 10, 'P'), (7, 1, 0.5, 'L'), (7, 3, 1.5, 'P')",
    )  # fmt: skip
    account = accounts(adapter(url, LINES).accounts(None))["a"]
    assert [(charge.id, charge.amount) for charge in account.charges] == [("1", 1000), ("3", 600)]
    (payment,) = account.payments
    assert [(line.charge, line.part, line.amount) for line in payment.settles or ()] == [
        ("1", "late_fee", 50),
        ("1", "principal", 1000),
        ("3", "principal", 150),
    ]


# The database left as it is


def test_nothing_can_be_written_while_reading(url: str) -> None:
    run(url, ROOM, FEE, "INSERT INTO room VALUES (1, 'a', 'O-7')")
    with pytest.raises(AdapterError), snapshot(open_engine(url)) as connection:
        connection.exec_driver_sql("UPDATE room SET owner_id = 'O-8'")
    assert accounts(adapter(url).accounts(None))["a"].debtor.id == "O-7"


def test_a_read_sees_the_database_as_it_was_when_it_began(url: str) -> None:
    run(url, ROOM, FEE, *(f"INSERT INTO room VALUES ({n}, 'r{n}', 'O-{n}')" for n in range(6)))
    if "sqlite" in url:
        with sa.create_engine(url, poolclass=sa.pool.NullPool).connect() as db:
            db.exec_driver_sql("PRAGMA journal_mode = WAL")
    reading = adapter(url, page=2).accounts(None)
    first = next(reading)
    run(url, "INSERT INTO fee VALUES (1, 5, 10, '2026-01-15')", "DELETE FROM room WHERE room_id = 4")
    rest = accounts([first, *reading])
    assert rest.keys() == {f"r{n}" for n in range(6)}
    assert rest["r5"].charges == ()


def test_a_database_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    for url in ("postgresql://reader:geheim@127.0.0.1:9/erp", "mysql://reader:geheim@127.0.0.1:9/erp"):
        with pytest.raises(AdapterError) as caught:
            list(adapter(url).accounts(None))
        assert "geheim" not in str(caught.value)
    with pytest.raises(AdapterError):
        list(adapter(f"sqlite:///{tmp_path}/nothing.db").accounts(None))
    assert not (tmp_path / "nothing.db").exists()


def test_a_myisam_table_is_told(on_mariadb: str, tmp_path: Path) -> None:
    run(on_mariadb, f"{ROOM} ENGINE = MyISAM", FEE, "INSERT INTO room VALUES (1, 'a', 'O-7')")
    (tmp_path / "m.yaml").write_text(MAPPING, encoding="utf-8")
    told, _ = check(tmp_path / "m.yaml", on_mariadb, "en")
    assert "[P210] room is a MyISAM table" in told


def test_corrections_below_zero_are_one_row_with_what_they_correct(url: str) -> None:
    mapping = f"""{MAPPING}late_fees:
  table: late
  account: room_id
  fields: {{id: id, charge: fee_id, on: booked, amount: amount, key: source}}
"""
    late = "id INTEGER, room_id INTEGER, fee_id INTEGER, booked DATE, amount DECIMAL(9, 2), source CHAR(2)"
    run(url, ROOM, FEE, f"CREATE TABLE late ({late})", "INSERT INTO room VALUES (1, 'a', 'O-7')")
    run(url, "INSERT INTO fee VALUES (1, 1, 10, '2026-01-15')")
    run(url, "INSERT INTO late VALUES (1, 1, 1, '2026-02-01', 12.34, 'k1'), (2, 1, 1, '2026-03-01', -2.34, NULL)")
    (fee,) = accounts(adapter(url, mapping).accounts(None))["a"].late_fees
    assert (fee.amount, fee.on, fee.key) == (1000, date(2026, 3, 1), "k1")
