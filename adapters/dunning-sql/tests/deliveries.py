"""Deliveries for the tests of the outbox, and a gateway that counts what leaves, whoever sends it."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from dunning import assess, load, read_account
from dunning.adapter import Delivery, Receipt, deliveries

CHINA = timezone(timedelta(hours=8))
TODAY = date(2026, 11, 23)
TEN = datetime(2026, 11, 23, 10, tzinfo=CHINA)


@cache
def _sample() -> Delivery:
    """A delivery as it comes of an assessment."""
    household = {
        "company": "wy-01", "id": "1-101", "use": "residential", "debtor": {"id": "O-1-101", "kind": "person"},
        "contract": {"kind": "committee", "late_fee_clause": True}, "data_as_of": TEN.isoformat(),
        "charges": [{"id": "Q1", "amount": "1000.00", "due": "2026-10-15"}],
    }  # fmt: skip
    found = deliveries(assess(read_account(household), load("residential"), on=TODAY))
    return next(found)


def delivery(
    account: str = "1-101",
    *,
    nth: int = 1,
    step: str = "first_reminder",
    days: int = 0,
    gap: int | None = None,
    until: datetime | None = None,
    hours: tuple[tuple[int, int], ...] = (),
) -> Delivery:
    """A reminder to an account, `days` from today, at any hour, `until` a time or in some `hours` of the day; no other
    of its step within `gap`.
    """
    day = TODAY + timedelta(days=days)
    midnight = datetime(day.year, day.month, day.day, tzinfo=CHINA)
    stretches = tuple((midnight + timedelta(hours=since), midnight + timedelta(hours=end)) for since, end in hours)
    action = replace(
        _sample().action,
        key=hashlib.sha256(f"{account}/{step}/{nth}".encode()).hexdigest()[:32],
        step=step,
        to=(f"O-{account}",),
        bundle=f"O-{account}/{day}",
        not_before=stretches[0][0] if stretches else midnight,
        not_after=stretches[0][1] if stretches else until,
        hours=stretches,
        because=(),
    )
    return Delivery(
        company="wy-01",
        account=account,
        debtor=f"O-{account}",
        on=day,
        action=action,
        not_again_before=None if gap is None else day + timedelta(days=gap),
    )


class Gateway:
    """Where messages leave, kept in a file so that every process sees it. `once`: it takes a key only once."""

    def __init__(self, file: Path | str, *, once: bool = True, now: datetime = TEN) -> None:
        self.file, self.once, self.now = str(file), once, now
        with self._open() as db:
            db.execute("CREATE TABLE IF NOT EXISTS gone (key TEXT)")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.file, timeout=30)) as db, db:
            db.execute("PRAGMA synchronous = OFF")
            yield db

    def send(self, delivery: Delivery, key: str) -> Receipt:
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            if not self.once or not db.execute("SELECT 1 FROM gone WHERE key = ?", (key,)).fetchone():
                db.execute("INSERT INTO gone VALUES (?)", (key,))
        return Receipt(key, "sent", self.now, "sms", delivery.debtor)

    def known(self, key: str) -> Receipt | None:
        return Receipt(key, "sent", self.now, "sms") if key in self.left() else None

    def left(self) -> list[str]:
        """The keys of all that left, each as often as it did."""
        with self._open() as db:
            return [key for (key,) in db.execute("SELECT key FROM gone ORDER BY rowid")]
