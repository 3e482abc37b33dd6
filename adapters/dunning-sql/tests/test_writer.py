"""Into the ERP's own tables: only where the mapping says so, each row once, in the ERP's words and units."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from deliveries import TEN, Gateway, delivery
from schemas import MAPPING, adapter, run

from dunning.adapter import AdapterError, Posting, PostingKind, Receipt, RefusedError
from dunning_sql import SqlAdapter, work
from dunning_sql.database import open_engine

WRITING = f"""{MAPPING}write:
  late_fees:
    table: late
    key: our_key
    id: late_id
    fields:
      account: room_no
      charge: fee_id
      amount: {{column: fen, unit: fen}}
      through: counted_to
      kind: {{column: kind, map: {{late_fee: F, late_fee_correction: C, waiver: W}}}}
    set: {{maker: dunning}}
  contacts:
    table: call_log
    key: our_key
    fields:
      account: room_no
      at: called_at
      outcome: {{column: result, map: {{sent: "1", delivered: "2", undeliverable: "9"}}, else: "0"}}
      channel: way
"""
ID = {"sqlite": "INTEGER", "postgresql": "SERIAL", "mysql": "INTEGER AUTO_INCREMENT"}
LATE = "our_key VARCHAR(64), room_no VARCHAR(9), fee_id INTEGER, fen INTEGER, counted_to DATE, kind CHAR(1), maker TEXT"
CALLS = "our_key VARCHAR(64) UNIQUE, room_no VARCHAR(20), called_at VARCHAR(40), result CHAR(1), way VARCHAR(9)"


@pytest.fixture(params=["on_sqlite", "on_postgres", "on_mariadb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    where = f"sqlite:///{tmp_path}/erp.db"
    address: str = where if request.param == "on_sqlite" else request.getfixturevalue(request.param)
    number = ID[address.partition(":")[0].partition("+")[0]]
    run(
        address,
        "CREATE TABLE room (room_id INTEGER, room_no VARCHAR(20), owner_id VARCHAR(20))",
        "CREATE TABLE fee (fee_id INTEGER, room_id INTEGER, amount DECIMAL(10, 2), due_date DATE)",
        f"CREATE TABLE late (late_id {number} PRIMARY KEY, {LATE})",
        "CREATE UNIQUE INDEX late_our_key ON late (our_key)",
        f"CREATE TABLE call_log ({CALLS})",
        "INSERT INTO room VALUES (1, '1-101', 'O-1-101')",
        "INSERT INTO fee VALUES (11, 1, 1000, '2026-01-15')",
    )
    return address


def posting(key: str = "k1", amount: int = 1234, kind: PostingKind = "late_fee") -> Posting:
    through = date(2026, 11, 22)
    return Posting(
        key=key, company="main", account="1-101", charge="11", kind=kind, amount=amount, through=through
    )  # fmt: skip


def rows(url: str, table: str) -> list[tuple[Any, ...]]:
    engine = open_engine(url, read_only=False)
    with engine.connect() as db:
        return [tuple(row) for row in db.exec_driver_sql(f"SELECT * FROM {table}")]


def test_a_late_fee_is_booked_once_in_the_erps_units_and_words(url: str) -> None:
    found = adapter(url, WRITING)
    (first,) = found.post([posting()])
    again = adapter(url, WRITING).post([posting(), posting("k2", -234, "late_fee_correction")])
    assert again[0] == first
    told = [(str(row[0]), *row[1:5], str(row[5]), *row[6:]) for row in rows(url, "late")]
    assert told == [
        (first, "k1", "1-101", 11, 1234, "2026-11-22", "F", "dunning"),
        (again[1], "k2", "1-101", 11, -234, "2026-11-22", "C", "dunning"),
    ]


def test_two_processes_that_book_the_same_fee_make_one_row(url: str) -> None:
    postings = [posting(f"k{n}") for n in range(10)]
    with ThreadPoolExecutor(2) as both:
        one, other = both.map(lambda found: list(found.post(postings)), [adapter(url, WRITING) for _ in range(2)])
    assert one == other
    assert len(rows(url, "late")) == 10


def test_nothing_is_written_where_our_key_may_stand_twice(url: str) -> None:
    run(url, "DROP INDEX late_our_key ON late" if "mysql" in url else "DROP INDEX late_our_key")
    with pytest.raises(AdapterError, match="CREATE UNIQUE INDEX late_our_key ON late"):
        adapter(url, WRITING).post([posting()])
    assert rows(url, "late") == []


def test_nothing_is_written_where_the_mapping_does_not_say_so(url: str, tmp_path: Path) -> None:
    found = adapter(url, MAPPING, store=tmp_path / "dunning.db")
    for call in (lambda: found.post([posting()]), found.write_contacts):
        with pytest.raises(RefusedError):
            call()


def test_a_contact_is_written_into_the_erp_and_changed_with_its_outcome(url: str, tmp_path: Path) -> None:
    found = adapter(url, WRITING, store=tmp_path / "dunning.db")
    one = delivery("1-101")
    found.outbox.accept([one], TEN)
    work(found.outbox, Gateway(tmp_path / "gateway.db"), worker="w", now=lambda: TEN)
    assert (found.write_contacts(), found.write_contacts()) == (1, 0)
    assert [row[:2] + row[3:] for row in rows(url, "call_log")] == [(one.key, "1-101", "1", "sms")]
    found.outbox.report(Receipt(one.key, "delivered", TEN))
    assert found.write_contacts() == 1
    assert [row[:2] + row[3:] for row in rows(url, "call_log")] == [(one.key, "1-101", "2", "sms")]


def test_what_somebody_has_written_in_the_erp_is_not_written_over(url: str, tmp_path: Path) -> None:
    found = adapter(url, WRITING, store=tmp_path / "dunning.db")
    one = delivery("1-101")
    found.outbox.accept([one], TEN)
    work(found.outbox, Gateway(tmp_path / "gateway.db"), worker="w", now=lambda: TEN)
    found.write_contacts()
    (row,) = rows(url, "call_log")
    run(url, "UPDATE call_log SET result = '7', way = 'app'")
    found.outbox.report(Receipt(one.key, "delivered", TEN + timedelta(hours=1)))
    assert found.write_contacts() == 1
    assert rows(url, "call_log") == [(*row[:3], "7", "app")]


def test_what_our_clerks_wrote_goes_into_the_erp(url: str, tmp_path: Path) -> None:
    found = adapter(url, WRITING.replace('else: "0"', 'else: "5"'), store=tmp_path / "dunning.db")
    one = delivery("1-101")
    found.outbox.accept([one], TEN)
    work(found.outbox, Gateway(tmp_path / "gateway.db"), worker="w", now=lambda: TEN)
    found.write_contacts()
    assert found.store is not None
    found.store.put("contacts", "wy-01", "1-101", {"id": one.key, "outcome": "refused", "channel": "phone"})
    found.write_contacts()
    assert [row[3:] for row in rows(url, "call_log")] == [("5", "phone")]


def test_a_row_of_which_it_is_not_known_how_it_was_written_is_brought_up_to_date(url: str, tmp_path: Path) -> None:
    """The writer died between the ERP and its own store."""
    found = adapter(url, WRITING, store=tmp_path / "dunning.db")
    one = delivery("1-101")
    found.outbox.accept([one], TEN)
    work(found.outbox, Gateway(tmp_path / "gateway.db"), worker="w", now=lambda: TEN)
    found.write_contacts()
    assert found.store is not None
    with found.store.writing() as db:
        db.exec_driver_sql("UPDATE dunning_records SET wrote = NULL, written = false")
    found.outbox.report(Receipt(one.key, "delivered", TEN))
    found.write_contacts()
    assert [row[3:] for row in rows(url, "call_log")] == [("2", "sms")]


def test_a_contact_read_back_from_the_erp_is_not_counted_twice(url: str, tmp_path: Path) -> None:
    read_back = f"""{WRITING}contacts:
  select: SELECT c.*, r.room_id FROM call_log c JOIN room r ON r.room_no = c.room_no
  account: room_id
  fields: {{id: our_key, key: our_key, at: called_at, channel: way}}
"""
    found = adapter(url, read_back.replace("company: wy-01", ""), store=tmp_path / "dunning.db")
    run(url, "UPDATE room SET room_no = '1-101'")
    found.outbox.accept([_of_main(found)], TEN)
    work(found.outbox, Gateway(tmp_path / "gateway.db"), worker="w", now=lambda: TEN)
    assert [len(_contacts(found)), found.write_contacts(), len(_contacts(found))] == [1, 1, 1]
    (contact,) = _contacts(found)
    assert contact.step == "first_reminder", "what the ERP has no column for is told by our store"


def _of_main(found: SqlAdapter) -> Any:
    assert found.store is not None
    one = delivery("1-101")
    return type(one)(company="main", account="1-101", debtor="O-1-101", on=one.on, action=one.action)


def _contacts(found: SqlAdapter) -> list[Any]:
    return [contact for item in found.reread([("main", "1-101")]) for contact in item.account.contacts]  # type: ignore[union-attr]
