"""How fast accounts are read out of a database, and in how much memory: a million rows by default.

    python adapters/dunning-sql/benchmarks/reading.py [sqlite | postgres | mariadb] [--accounts 50000]

Servers are started from this machine's binaries, as the tests do. What reads is a process of its own, so that its peak
of memory is that of reading alone.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from dunning import Read
from dunning_sql import open_sql
from dunning_sql.database import open_engine

CHARGES, PAYMENTS = 12, 7  # with its own row, 20 rows an account

MAPPING = """\
mapping: bench
accounts:
  table: room
  key: room_id
  fields:
    id: room_no
    debtor.id: owner_id
    use: {value: residential}
    area: area
charges:
  table: fee
  account: room_id
  fields: {id: fee_id, amount: amount, due: due_on, period.since: begins, period.until: ends}
payments:
  table: payment
  account: room_id
  fields: {id: payment_id, on: paid_at, amount: amount, for: fee_id}
"""

TABLES = sa.MetaData()
ROOM = sa.Table(
    "room",
    TABLES,
    sa.Column("room_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("room_no", sa.String(30), nullable=False, unique=True),
    sa.Column("owner_id", sa.String(30), nullable=False, index=True),
    sa.Column("area", sa.Numeric(10, 2)),
)
FEE = sa.Table(
    "fee",
    TABLES,
    sa.Column("fee_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("room_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("amount", sa.Numeric(10, 2), nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("begins", sa.Date),
    sa.Column("ends", sa.Date),
)
PAYMENT = sa.Table(
    "payment",
    TABLES,
    sa.Column("payment_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("room_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("fee_id", sa.BigInteger, nullable=False),
    sa.Column("amount", sa.Numeric(10, 2), nullable=False),
    sa.Column("paid_at", sa.DateTime, nullable=False),
)


def fill(url: str, accounts: int) -> None:
    """Owners with one, two or three flats, scattered; a year of monthly charges each, seven of them paid."""
    engine = open_engine(url, read_only=False)
    with engine.begin() as connection:
        TABLES.create_all(connection)
        for start in range(0, accounts, 5000):
            rooms = range(start, min(start + 5000, accounts))
            for table, rows in ((ROOM, _rooms), (FEE, _fees), (PAYMENT, _payments)):
                lines = [row for room in rooms for row in rows(room, accounts)]
                names = ", ".join(table.c.keys())
                marks = ", ".join(["%s" if "sqlite" not in url else "?"] * len(table.c))
                connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", lines)


def _rooms(room: int, accounts: int) -> Iterator[tuple[object, ...]]:
    yield room, f"XH-{room:08d}", f"O-{room * 7919 % (accounts * 2 // 3 + 1):08d}", "96.50"


def _fees(room: int, _: int) -> Iterator[tuple[object, ...]]:
    for month in range(1, CHARGES + 1):
        day = f"2025-{month:02d}"
        yield room * CHARGES + month, room, "530.75", f"{day}-15", f"{day}-01", f"{day}-28"


def _payments(room: int, _: int) -> Iterator[tuple[object, ...]]:
    for month in range(1, PAYMENTS + 1):
        yield room * PAYMENTS + month, room, room * CHARGES + month, "530.75", f"2025-{month:02d}-20 09:30:00"


def measure(url: str, mapping: str) -> None:
    """Read everything, and say how long it took and how much memory."""
    began = time.perf_counter()
    accounts = rows = 0
    for item in open_sql(mapping=mapping, url=url).accounts(None):
        if isinstance(item, Read):
            accounts += 1
            rows += 1 + len(item.account.charges) + len(item.account.payments)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{accounts:,} accounts, {rows:,} rows: {seconds:.1f} s, {rows / seconds:,.0f} rows/s, peak {peak:.0f} MB")


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database of a kind, as long as it is needed."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/erp.db"
        return
    sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tests"))
    import servers

    start: Callable[[], Iterator[servers.Server]] = getattr(servers, kind).__wrapped__
    running = start()
    yield next(running).new_database({"postgres": "postgresql+psycopg", "mariadb": "mysql+pymysql"}[kind])
    next(running, None)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kind", nargs="?", default="sqlite", choices=["sqlite", "postgres", "mariadb"])
    parser.add_argument("--accounts", type=int, default=50_000)
    parser.add_argument("--measure", nargs=2, metavar=("URL", "MAPPING"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        measure(*asked.measure)
        return
    with tempfile.TemporaryDirectory() as name, database(asked.kind, Path(name)) as url:
        mapping = Path(name) / "mapping.yaml"
        mapping.write_text(MAPPING, encoding="utf-8")
        fill(url, asked.accounts)
        print(f"{asked.kind}: ", end="", flush=True)
        subprocess.run([sys.executable, __file__, "--measure", url, str(mapping)], check=True)


if __name__ == "__main__":
    main()
