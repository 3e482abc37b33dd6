"""What has changed since a cursor: rows deleted by a flag, accounts that ended, wrong clocks, and our own store."""

from __future__ import annotations

from pathlib import Path

import pytest
from schemas import accounts, adapter, run

from dunning.adapter import AdapterError, Gone, Mark
from dunning_sql import SqlAdapter

WATCHED = """\
    mapping: test
    changes: partial
    accounts:
      table: room
      key: room_id
      where: state <> 'X'
      updated_at: updated
      gone: {column: state, map: {C: closed, M: merged}}
      into: merged_into
      fields: {id: room_no, debtor.id: owner_id}
    charges:
      table: fee
      account: room_id
      where: del_flag = 0
      updated_at: {column: updated, unit: seconds}
      fields: {id: fee_id, amount: {column: amount, unit: yuan}, due: due_date}
    """
ROOM = "room_id INTEGER, room_no VARCHAR(9), owner_id VARCHAR(9), state CHAR(1), merged_into VARCHAR(9)"
FEE = "fee_id INTEGER, room_id INTEGER, amount INTEGER, due_date DATE, del_flag INTEGER, updated INTEGER"
ROOMS = [("a", "O-7", 10), ("b", "O-8", 10), ("c", "O-7", 10), ("last", "O-9", 12)]
NOON = 1793505600  # 12:00 of the first of November in Shanghai


@pytest.fixture(params=["on_sqlite", "on_postgres", "on_mariadb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Two rooms of one owner, one of another; the newest change is that of the room `last`, at noon."""
    where = f"sqlite:///{tmp_path}/erp.db"
    address: str = where if request.param == "on_sqlite" else request.getfixturevalue(request.param)
    time = "DATETIME" if "mysql" in address else "TIMESTAMP"
    run(address, f"CREATE TABLE room ({ROOM}, updated {time})", f"CREATE TABLE fee ({FEE})")
    for n, (name, owner, hour) in enumerate(ROOMS, 1):
        run(
            address,
            f"INSERT INTO room VALUES ({n}, '{name}', '{owner}', '0', NULL, '2026-11-01 {hour}:00:00')",
            f"INSERT INTO fee VALUES ({n}, {n}, 10, '2026-01-15', 0, {NOON + (hour - 12) * 3600})",
        )
    return address


def news(found: SqlAdapter, cursor: str) -> set[str]:
    """Accounts with news, but the one within the overlap."""
    return accounts(found.accounts(cursor)).keys() - {"last"}


def cursor_of(found: SqlAdapter, since: str | None = None) -> str:
    *_, last = found.accounts(since)
    assert isinstance(last, Mark)
    return last.cursor


def test_without_a_change_nothing_comes_but_what_the_overlap_covers(url: str) -> None:
    found = adapter(url, WATCHED)
    assert accounts(found.accounts(cursor_of(found))).keys() == {"last"}


def test_a_row_that_is_deleted_by_its_flag_is_news_and_is_not_read(url: str) -> None:
    found = adapter(url, WATCHED)
    cursor = cursor_of(found)
    run(url, f"UPDATE fee SET del_flag = 1, updated = {NOON + 60} WHERE fee_id = 1")
    assert news(found, cursor) == {"a", "c"}, "the debtor's other account comes with it"
    assert accounts(found.accounts(cursor))["a"].charges == ()


def test_what_was_written_before_the_cursor_and_committed_after_it_is_found(url: str) -> None:
    """A long transaction of the ERP: its rows bear the time of their writing, not of their commit."""
    found = adapter(url, WATCHED)
    cursor = cursor_of(found)
    run(url, f"UPDATE fee SET amount = 20, updated = {NOON - 600} WHERE fee_id = 2")
    assert news(found, cursor) == {"b"}


@pytest.mark.parametrize(("state", "because"), [("X", "deleted"), ("C", "closed"), ("M", "merged")])
def test_an_account_that_ends_is_gone_in_the_news(url: str, state: str, because: str) -> None:
    found = adapter(url, WATCHED)
    cursor = cursor_of(found)
    ends = f"SET state = '{state}', merged_into = 'b', updated = '2026-11-02 10:00:00'"
    run(url, f"UPDATE room {ends} WHERE room_id = 3")
    gone = [(item.id, item.because) for item in found.accounts(cursor) if isinstance(item, Gone)]
    assert gone == [("c", because)]
    assert news(found, cursor) <= {"a"}


def test_a_row_from_a_wrong_clock_neither_moves_the_cursor_nor_is_lost(url: str) -> None:
    run(url, "INSERT INTO fee VALUES (9, 2, 5, '2026-01-15', 0, 2147483000)")
    found = adapter(url, WATCHED)
    cursor = cursor_of(found)
    run(url, f"UPDATE fee SET updated = {NOON + 60} WHERE fee_id = 1")
    assert news(found, cursor) == {"a", "b", "c"}


def test_what_our_store_keeps_and_drops_is_news_too(url: str, tmp_path: Path) -> None:
    found = adapter(url, WATCHED, store=tmp_path / "dunning.db")
    assert found.store is not None
    cursor = cursor_of(found)
    found.store.put("holds", "main", "b", {"id": "H1", "kind": "contact", "since": "2026-11-20"})
    assert [hold.id for hold in accounts(found.accounts(cursor))["b"].holds] == ["H1"]
    cursor = cursor_of(found, cursor)
    assert news(found, cursor) == set()
    found.store.drop("holds", "main", "b", "H1")
    assert accounts(found.accounts(cursor))["b"].holds == ()


def test_a_cursor_of_somebody_else_is_refused(url: str) -> None:
    for cursor in ("0", "nonsense", "{}"):
        with pytest.raises(AdapterError):
            list(adapter(url, WATCHED).accounts(cursor))
