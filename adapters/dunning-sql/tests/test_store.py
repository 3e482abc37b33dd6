"""What an ERP has no table for: kept by id, merged into the accounts, erased when a person asks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from deliveries import TEN, Gateway, delivery
from schemas import MAPPING, accounts, adapter, run

from dunning import AccountError, UsageError
from dunning.adapter import AdapterError
from dunning_sql import Outbox, Store, work
from dunning_sql.store import VERSION

AT = ("main", "1-101")


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "sqlite":
        return Store(tmp_path / "dunning.db")
    store = Store(request.getfixturevalue("on_postgres"))
    with store.writing() as db:
        for table in ("records", "deliveries", "covers", "receipts"):
            db.exec_driver_sql(f"DELETE FROM dunning_{table}")
    return store


def test_what_is_kept_is_merged_into_the_account(store: Store, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/erp.db"
    run(url, "CREATE TABLE room (room_id INTEGER, room_no VARCHAR(20), owner_id VARCHAR(20))")
    run(url, "CREATE TABLE fee (fee_id INTEGER, room_id INTEGER, amount DECIMAL(10, 2), due_date DATE)")
    run(url, "INSERT INTO room VALUES (1, '1-101', 'O-7')", "INSERT INTO fee VALUES (1, 1, 10, '2026-01-15')")
    approval = {"of": "formal_demand", "decision": "approved", "by": "u-12", "role": "legal", "at": TEN.isoformat()}
    store.put("approvals", *AT, {"id": "AP1", **approval})
    store.put("holds", *AT, {"id": "H1", "kind": "both", "since": date(2026, 11, 1), "reason": "flood"})
    store.promise(*AT, id="C1", at=TEN, on=date(2026, 12, 1), amount="8.50", party="O-7", by="cs-07")
    found = adapter(url, MAPPING)
    found.store = store
    account = accounts(found.accounts(None))["1-101"]
    assert [approval.by for approval in account.approvals] == ["u-12"]
    assert [(hold.kind, hold.since) for hold in account.holds] == [("both", date(2026, 11, 1))]
    (contact,) = account.contacts
    assert contact.promise is not None
    assert (contact.promise.on, contact.promise.amount, contact.by) == (date(2026, 12, 1), 850, "cs-07")


def test_a_record_is_changed_by_its_id_and_dropped(store: Store) -> None:
    for until in ("2026-12-01", "2026-12-31"):
        store.put("holds", *AT, {"id": "H1", "kind": "contact", "since": "2026-11-01", "until": until})
    assert [hold["until"] for hold in store.records([AT])[AT]["holds"]] == ["2026-12-31"]
    store.drop("holds", *AT, "H1")
    store.drop("holds", *AT, "H1")
    assert store.records([AT]) == {}


def test_of_a_contact_what_is_not_named_stays_and_none_takes_away(store: Store) -> None:
    store.promise(*AT, id="C1", at=TEN, on=date(2026, 12, 1), party="O-7", by="cs-07")
    store.put("contacts", *AT, {"id": "C1", "reason": "forgot", "by": None})
    (contact,) = store.records([AT])[AT]["contacts"]
    assert (contact["reason"], contact["promise"], contact["party"]) == ("forgot", {"on": "2026-12-01"}, "O-7")
    assert "by" not in contact


def test_a_store_of_the_first_version_is_brought_here(store: Store) -> None:
    store.promise(*AT, id="C1", at=TEN, on=date(2026, 12, 1))
    store.promise(*AT, id="C2", at=TEN, on=date(2026, 12, 1))
    with store.writing() as db:
        db.exec_driver_sql("UPDATE dunning_records SET written = true WHERE id = 'C1'")
        db.exec_driver_sql("ALTER TABLE dunning_records DROP COLUMN wrote")
        db.exec_driver_sql("UPDATE dunning_state SET version = 1")
    opened = Store(store.engine.url.render_as_string(hide_password=False))
    (waiting,) = opened.unwritten(9)
    assert (waiting.id, waiting.wrote) == ("C2", None)
    with opened.reading() as db:
        found = db.exec_driver_sql("SELECT wrote = data FROM dunning_records WHERE id = 'C1'").scalar()
    assert found


def test_what_could_not_be_read_again_is_not_kept(store: Store) -> None:
    with pytest.raises(AccountError):
        store.put("holds", *AT, {"id": "H1", "kind": "forever", "since": "2026-11-01"})
    with pytest.raises(UsageError, match="no payments are kept here"):
        store.put("payments", *AT, {"id": "P1", "on": "2026-11-01", "amount": "1"})
    assert store.records([AT]) == {}


def test_one_store_serves_several_companies(store: Store) -> None:
    for company in ("wy-01", "wy-02"):
        store.put("holds", company, "1-101", {"id": "H1", "kind": "contact", "since": "2026-11-01", "reason": company})
    found = store.records([("wy-02", "1-101")])
    assert found.keys() == {("wy-02", "1-101")}
    assert found["wy-02", "1-101"]["holds"][0]["reason"] == "wy-02"


def test_a_person_is_forgotten_and_what_was_sent_is_not_sent_again(store: Store, tmp_path: Path) -> None:
    outbox, gateway = Outbox(store), Gateway(tmp_path / "gateway.db")
    outbox.accept([delivery("1-101"), delivery("2-202")], TEN)
    work(outbox, gateway, worker="w", now=lambda: TEN)
    outbox.accept([delivery("1-101", nth=2)], TEN)
    store.promise("wy-01", "1-101", id="C9", at=TEN, on=date(2026, 12, 1), party="O-1-101")
    store.forget("O-1-101")
    with store.reading() as db:
        tables = ("dunning_records", "dunning_deliveries", "dunning_covers", "dunning_receipts")
        told = str([db.exec_driver_sql(f"SELECT * FROM {table}").fetchall() for table in tables])
    assert "O-1-101" not in told
    assert "O-2-202" in told
    outbox.accept([delivery("1-101"), delivery("1-101", nth=2)], TEN)
    work(outbox, gateway, worker="w", now=lambda: TEN)
    assert gateway.left() == [delivery("1-101").key, delivery("2-202").key]


def test_a_store_of_a_newer_version_is_left_alone(store: Store) -> None:
    address = store.engine.url.render_as_string(hide_password=False)
    with store.writing() as db:
        db.exec_driver_sql(f"UPDATE dunning_state SET version = {VERSION + 1}")
    try:
        with pytest.raises(AdapterError, match="newer version"):
            Store(address)
    finally:
        with store.writing() as db:
            db.exec_driver_sql(f"UPDATE dunning_state SET version = {VERSION}")


def test_the_store_is_not_kept_in_the_erps_mysql(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="SQLite or PostgreSQL"):
        Store("mysql+pymysql://root@127.0.0.1:9/erp")
    assert list(tmp_path.iterdir()) == []
