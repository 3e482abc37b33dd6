"""Deliveries into its dunning log or a file for its API: only where asked for, once, and read back as one contact."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from homes import DUE, Homes, at
from typer.testing import CliRunner

from dunning import assess, load
from dunning.adapter import Adapter, AdapterError, Delivery, deliveries
from dunning_microcommunity import CallableLog, CsvExport, open_microcommunity
from dunning_microcommunity.main import app
from dunning_sql import Outbox, Store, work

BOOK = Path(__file__).parent / "book.yaml"


@pytest.fixture
def homes(url: str) -> Homes:
    """Two months of one fee, overdue since January."""
    homes = Homes(url)
    homes.room("R1", "M1")
    homes.fee()
    homes.month("Y1", "2026-01-01", "100.0000")
    homes.month("Y2", "2026-02-01", "100.0000", received_amount="40.00")
    homes.arrears("160.00")
    return homes


def adapter(homes: Homes, tmp_path: Path) -> Adapter:
    return open_microcommunity(due=DUE, url=homes.url, store=str(tmp_path / "dunning.db"), late_fee_clause="yes")


def due_today(homes: Homes) -> Delivery:
    read = homes.read(late_fee_clause="yes")["R1/M1"]
    (delivery,) = deliveries(assess(read.account, load(BOOK), on=today()))
    return delivery


def today() -> date:
    return datetime.now(at("2026-01-01").tzinfo).date()


def noon() -> datetime:
    return at(f"{today()}T12:00:00")


def log(homes: Homes) -> Sequence[Any]:
    with homes.tables.engine.connect() as db:
        return db.execute(sa.text("SELECT * FROM owe_fee_callable ORDER BY ofc_id")).fetchall()


def test_reading_and_delivering_write_nothing_into_the_erp(homes: Homes, tmp_path: Path) -> None:
    adapter(homes, tmp_path).deliver([due_today(homes)])
    assert log(homes) == []


def test_a_delivery_is_a_waiting_line_of_its_log(homes: Homes) -> None:
    delivery = due_today(homes)
    receipt = CallableLog(homes.url, clock=noon).send(delivery, delivery.key)
    assert (receipt.state, receipt.channel, receipt.party) == ("sent", "sms", "M1")
    (row,) = log(homes)
    assert (row.payer_obj_id, row.owner_id, row.fee_id, row.community_id) == ("R1", "M1", "E1", "7")
    assert (row.amountd_owed, row.callable_way, row.state) == (160, "SMS", "W")
    assert row.remark == f"dunning:{delivery.key}"


def test_the_same_key_is_written_once_by_however_many(homes: Homes) -> None:
    delivery = due_today(homes)
    with ThreadPoolExecutor(4) as workers:
        sinks = [CallableLog(homes.url, clock=noon) for _ in range(4)]
        receipts = list(workers.map(lambda sink: sink.send(delivery, delivery.key), sinks))
    assert {receipt.state for receipt in receipts} == {"sent"}
    assert len(log(homes)) == 1
    known = sinks[0].known(delivery.key)
    assert known is not None
    assert (known.state, known.at, known.channel) == ("sent", noon(), "sms")
    assert sinks[0].known("0" * 32) is None


def test_it_is_read_back_as_one_contact_with_its_key(homes: Homes, tmp_path: Path) -> None:
    delivery = due_today(homes)
    store = tmp_path / "dunning.db"
    outbox = Outbox(Store(store))
    outbox.accept([delivery], noon())
    (receipt,) = work(outbox, CallableLog(homes.url, clock=noon), worker="w", now=noon)
    assert receipt.state == "sent"
    (ours,) = homes.read(store)["R1/M1"].account.contacts
    assert (ours.key, ours.step) == (delivery.key, "reminder"), "our store knows the step"
    (theirs,) = homes.read()["R1/M1"].account.contacts
    assert (theirs.key, theirs.step) == (delivery.key, None), "without it the log alone counts"


def test_what_its_sender_could_not_send_is_heard_of(homes: Homes, tmp_path: Path) -> None:
    delivery, sink = due_today(homes), CallableLog(homes.url, clock=noon)
    outbox = Outbox(Store(tmp_path / "dunning.db"))
    outbox.accept([delivery], noon())
    work(outbox, sink, worker="w", now=noon)
    assert list(sink.heard()) == []
    homes.change("UPDATE owe_fee_callable SET state = 'F'")
    (news,) = sink.heard()
    assert outbox.report(news).state == "undeliverable"


def test_a_channel_it_has_not_fails(homes: Homes, tmp_path: Path) -> None:
    delivery = due_today(homes)
    phoned = replace(delivery, action=replace(delivery.action, channels={"first_of": ("phone", "visit")}))
    assert CallableLog(homes.url).send(phoned, phoned.key).state == "failed"
    assert CsvExport(tmp_path / "out.csv", homes.url).send(phoned, phoned.key).state == "failed"


def test_what_is_paid_meanwhile_is_not_written(homes: Homes) -> None:
    delivery = due_today(homes)
    homes.change("UPDATE pay_fee_detail_month SET state = 'C'")
    assert CallableLog(homes.url).send(delivery, delivery.key).state == "failed"
    assert log(homes) == []


def test_a_column_we_know_nothing_of_is_refused(homes: Homes) -> None:
    delivery = due_today(homes)
    homes.change("ALTER TABLE owe_fee_callable ADD COLUMN batch_no VARCHAR(30) NOT NULL")
    try:
        with pytest.raises(AdapterError, match="also needs batch_no"):
            CallableLog(homes.url).send(delivery, delivery.key)
    finally:
        homes.change("ALTER TABLE owe_fee_callable DROP COLUMN batch_no")


def test_a_file_for_its_api_has_each_key_once(homes: Homes, tmp_path: Path) -> None:
    delivery, path = due_today(homes), tmp_path / "out.csv"
    for _ in range(2):
        receipt = CsvExport(path, homes.url, clock=noon).send(delivery, delivery.key)
        assert (receipt.state, receipt.channel) == ("sent", "sms")
    with path.open(encoding="utf-8-sig", newline="") as file:
        (line,) = csv.DictReader(file)
    assert (line["key"], line["communityId"], line["callableWay"]) == (delivery.key, "7", "SMS")
    assert (line["roomIds"], line["feeIds"], line["ownerId"], line["amount"]) == ("R1", "E1", "M1", "160.00")
    assert log(homes) == []


def test_a_file_for_its_api_says_when_it_may_leave_by_the_hours_of_the_day(homes: Homes, tmp_path: Path) -> None:
    delivery, path, eight = due_today(homes), tmp_path / "out.csv", noon().replace(hour=8)
    stretches = tuple(
        (eight + timedelta(hours=since), eight + timedelta(hours=until)) for since, until in ((1, 4), (6, 10))
    )
    action = replace(delivery.action, not_before=stretches[0][0], not_after=stretches[0][1], hours=stretches)
    for hour, key in ((9, "a" * 32), (13, "b" * 32), (15, "c" * 32)):
        sink = CsvExport(path, homes.url, clock=lambda hour=hour: noon().replace(hour=hour))
        sink.send(replace(delivery, action=replace(action, key=key)), key)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    told = [tuple(one.isoformat() for one in stretch) for stretch in stretches]
    assert [(line["notBefore"], line["notAfter"]) for line in lines] == [told[0], told[1], told[1]]
    assert {line["hours"] for line in lines} == {";".join("/".join(each) for each in told)}


def test_the_worker_on_the_command_line(homes: Homes, tmp_path: Path) -> None:
    delivery, run = due_today(homes), CliRunner()
    store = str(tmp_path / "dunning.db")
    hours = replace(delivery.action, not_before=noon() - timedelta(days=1), not_after=None, hours=())
    Outbox(Store(store)).accept([replace(delivery, action=hours)], noon())
    neither = run.invoke(app, ["send", homes.url, "--store", store])
    assert neither.exit_code == 2
    done = run.invoke(app, ["send", homes.url, "--store", store, "--write", "owe_fee_callable"])
    assert (done.exit_code, done.output) == (0, f"{delivery.key} sent\n"), done.output
    assert len(log(homes)) == 1
    homes.change("UPDATE owe_fee_callable SET state = 'F'")
    again = run.invoke(app, ["send", homes.url, "--store", store, "--csv", str(tmp_path / "out.csv")])
    assert (again.exit_code, again.output) == (0, "")
    assert not (tmp_path / "out.csv").exists()


def test_the_worker_makes_no_store(homes: Homes, tmp_path: Path) -> None:
    store = tmp_path / "duning.db"
    done = CliRunner().invoke(app, ["send", homes.url, "--store", str(store), "--csv", "x.csv", "--lang", "en"])
    assert done.exit_code == 2
    assert f"dunning-microcommunity: there is no store {store}" in done.stderr
    assert not store.exists()


def test_the_worker_says_what_waits_for_its_hour(homes: Homes, tmp_path: Path) -> None:
    delivery, store = due_today(homes), str(tmp_path / "dunning.db")
    tomorrow = noon() + timedelta(days=1)
    until = tomorrow + timedelta(hours=1)
    hours = replace(delivery.action, not_before=tomorrow, not_after=until, hours=((tomorrow, until),))
    Outbox(Store(store)).accept([replace(delivery, action=hours)], noon())
    told = ["send", homes.url, "--store", store, "--csv", str(tmp_path / "out.csv"), "--lang", "en"]
    assert CliRunner().invoke(app, told).stderr == f"1 wait, the first until {tomorrow:%Y-%m-%d %H:%M}\n"


def test_the_worker_says_that_what_rests_at_noon_waits_for_the_afternoon(homes: Homes, tmp_path: Path) -> None:
    delivery, store, now = due_today(homes), str(tmp_path / "dunning.db"), datetime.now(noon().tzinfo)
    hours = tuple((now + timedelta(hours=since), now + timedelta(hours=until)) for since, until in ((-2, -1), (1, 2)))
    action = replace(delivery.action, not_before=hours[0][0], not_after=hours[0][1], hours=hours)
    Outbox(Store(store)).accept([replace(delivery, action=action)], now)
    told = ["send", homes.url, "--store", store, "--csv", str(tmp_path / "out.csv"), "--lang", "en"]
    assert CliRunner().invoke(app, told).stderr == f"1 wait, the first until {hours[1][0]:%Y-%m-%d %H:%M}\n"


def test_the_worker_looks_again_before_it_writes(homes: Homes, tmp_path: Path) -> None:
    delivery, store = due_today(homes), str(tmp_path / "dunning.db")
    hours = replace(delivery.action, not_before=noon() - timedelta(days=1), not_after=None, hours=())
    Outbox(Store(store)).accept([replace(delivery, action=hours)], noon())
    homes.change("UPDATE pay_fee_detail_month SET state = 'C', received_amount = 100")
    address = f"adapter:microcommunity?due={DUE}&store={store}&url={homes.url}"
    told = ["send", homes.url, "--store", store, "--write", "owe_fee_callable", "--rules", str(BOOK)]
    assert CliRunner().invoke(app, told).exit_code == 2, "without the address it would look with other eyes"
    done = CliRunner().invoke(app, [*told, "--address", address])
    assert (done.exit_code, done.output.split()[:2]) == (0, [delivery.key, "cancelled"]), done.output
    assert log(homes) == []


def test_a_contact_is_on_the_day_of_its_log(homes: Homes) -> None:
    delivery = due_today(homes)
    CallableLog(homes.url, clock=noon).send(delivery, delivery.key)
    (contact,) = homes.account().contacts
    assert contact.at == noon()
