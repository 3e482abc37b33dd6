"""How fast deliveries go through the outbox: handed over in batches of 500, then claimed, sent and reported one by one.

python adapters/dunning-sql/benchmarks/sending.py [sqlite | postgres] [--deliveries 5000]
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from reading import database

from dunning import assess, load, read_account
from dunning.adapter import Delivery, Receipt, deliveries
from dunning_sql import Outbox, Store, work

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=timezone(timedelta(hours=8)))
BATCH = 500


class Nowhere:
    """A gateway that takes no time."""

    once = True

    def send(self, delivery: Delivery, key: str) -> Receipt:
        return Receipt(key, "sent", NOW, "sms", delivery.debtor)

    def known(self, key: str) -> Receipt | None:
        del key


def many(count: int) -> Iterator[Delivery]:
    """One reminder, to so many households."""
    household = {
        "id": "1", "use": "residential", "contract": {"kind": "committee"}, "data_as_of": NOW.isoformat(),
        "charges": [{"id": "Q1", "amount": "1000.00", "due": "2026-10-15"}],
    }  # fmt: skip
    one = next(deliveries(assess(read_account(household), load("residential"), on=date(2026, 11, 23))))
    for n in range(count):
        key = hashlib.sha256(str(n).encode()).hexdigest()[:32]
        yield replace(one, account=f"A-{n}", debtor=f"O-{n}", action=replace(one.action, key=key))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kind", nargs="?", default="sqlite", choices=["sqlite", "postgres"])
    parser.add_argument("--deliveries", type=int, default=5_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database(asked.kind, Path(folder)) as url:
        outbox, waiting = Outbox(Store(url)), list(many(asked.deliveries))
        began = time.perf_counter()
        for start in range(0, len(waiting), BATCH):
            outbox.accept(waiting[start : start + BATCH], NOW)
        accepted = time.perf_counter()
        sent = len(work(outbox, Nowhere(), worker="w", now=lambda: NOW, limit=len(waiting) + 1))
        done = time.perf_counter()
    print(f"{asked.kind}: {sent:,} deliveries: taken {sent / (accepted - began):,.0f}/s, ", end="")
    print(f"claimed, sent and reported {sent / (done - accepted):,.0f}/s")


if __name__ == "__main__":
    main()
