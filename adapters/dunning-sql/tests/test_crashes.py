"""Processes that are killed at every step of their work: nothing is lost, and nothing leaves twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from crashing import Processes, processes
from deliveries import TEN, Gateway, delivery

from dunning.adapter import Receipt
from dunning_sql import Outbox, Store, work
from dunning_sql.database import open_engine

KILLED = -9
LATER = TEN + timedelta(hours=1)  # when the dead worker's claims have run out
TWO = ("1-101", "2-202")


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/dunning.db"
    url: str = request.getfixturevalue("on_postgres")
    return url


@pytest.fixture(scope="module")
def forks() -> Iterator[Processes]:
    with processes() as program:
        yield program


def steps() -> Iterator[int]:
    """1, 2, 3 ...: as many as a piece of work has."""
    yield from range(1, 500)
    raise AssertionError("the work never ends")


def emptied(address: str) -> Outbox:
    outbox = Outbox(Store(address))
    with open_engine(address, read_only=False).begin() as db:
        for table in ("dunning_records", "dunning_deliveries", "dunning_covers", "dunning_receipts"):
            db.exec_driver_sql(f"DELETE FROM {table}")
    return outbox


def contacts(outbox: Outbox) -> Counter[str]:
    kept = outbox.store.records([("wy-01", name) for name in TWO])
    return Counter(record["key"] for lists in kept.values() for record in lists["contacts"])


def test_a_worker_killed_at_any_step_loses_nothing_and_sends_nothing_twice(
    address: str, forks: Processes, tmp_path: Path
) -> None:
    wanted = {delivery(name).key: 1 for name in TWO}
    for at in steps():
        outbox, gateway = emptied(address), Gateway(tmp_path / f"gateway-{at}.db")
        outbox.accept([delivery(name) for name in TWO], TEN)
        ended = forks.run(do="worker", address=address, gateway=gateway.file, once=True, at=at)
        work(outbox, gateway, worker="second", now=lambda: LATER)
        assert Counter(gateway.left()) == wanted, f"killed at step {at}"
        assert contacts(outbox) == wanted, f"killed at step {at}"
        assert outbox.waiting() == []
        if ended != KILLED:
            assert at > 30, "every step of claim, send and report was tried"
            return


def test_with_a_gateway_that_takes_a_key_twice_what_is_in_doubt_is_told_and_not_repeated(
    address: str, forks: Processes, tmp_path: Path
) -> None:
    in_doubt = 0
    for at in steps():
        outbox, gateway = emptied(address), Gateway(tmp_path / f"gateway-{at}.db", once=False)
        outbox.accept([delivery(name) for name in TWO], TEN)
        ended = forks.run(do="worker", address=address, gateway=gateway.file, once=False, at=at)
        receipts = work(outbox, gateway, worker="second", now=lambda: LATER)
        left = Counter(gateway.left())
        doubtful = {one.key for one in receipts if one.detail.startswith("in doubt")}
        assert set(left.values()) <= {1}, f"killed at step {at}: {left}"
        assert left.keys() | doubtful == {delivery(name).key for name in TWO}, f"killed at step {at}"
        assert {one.proof for one in receipts if one.key in doubtful} <= {"D"}
        assert len(doubtful) <= 1, "a worker has one on its way at a time"
        assert set(contacts(outbox).values()) == {1}, "in doubt counts as a contact, for the sake of peace"
        in_doubt += len(doubtful)
        if ended != KILLED:
            assert in_doubt > 2
            return


def test_handing_over_killed_at_any_step_is_done_by_handing_over_again(
    address: str, forks: Processes, tmp_path: Path
) -> None:
    names = (*TWO, "3-303")
    for at in steps():
        outbox, gateway = emptied(address), Gateway(tmp_path / f"gateway-{at}.db")
        ended = forks.run(do="hander_over", address=address, told=[delivery(name).to_json() for name in names], at=at)
        outbox.accept([delivery(name) for name in names], TEN)
        work(outbox, gateway, worker="w", now=lambda: LATER)
        assert Counter(gateway.left()) == {delivery(name).key: 1 for name in names}, f"killed at step {at}"
        if ended != KILLED:
            return


def test_two_workers_that_die_with_clocks_that_jump_and_everything_handed_over_twice(
    address: str, forks: Processes, tmp_path: Path
) -> None:
    outbox, gateway = emptied(address), Gateway(tmp_path / "gateway.db")
    everything = [delivery(f"{n}-101") for n in range(40)]
    killed = 0
    for turn in range(6):
        now = TEN + timedelta(hours=3 * turn)
        outbox.accept(everything, now)
        both = {"do": "erratic", "address": address, "gateway": gateway.file, "now": now.isoformat()}
        forks.begin({**both, "name": "one", "seed": 2 * turn}, {**both, "name": "other", "seed": 2 * turn + 1})
        outbox.accept(everything[::-1], now)
        killed += forks.ended().count(KILLED)
    assert killed > 3
    work(outbox, gateway, worker="last", now=lambda: TEN + timedelta(days=2))
    assert Counter(gateway.left()) == {one.key: 1 for one in everything}
    told = [one.key for one in outbox.receipts(None) if isinstance(one, Receipt) and one.state == "sent"]
    assert sorted(told) == sorted(one.key for one in everything), "one receipt each, whoever sent it"
