"""How fast 100,000 rooms are read out of MicroCommunity's tables, and in how much memory.

    python adapters/dunning-microcommunity/benchmarks/reading.py [--rooms 100000] [--months 6]

MariaDB is started from this machine's binaries, as the tests do, with the tables of tests/schema.sql. What reads is a
process of its own, so that its peak of memory is that of reading alone.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from dunning import Read
from dunning_microcommunity import open_microcommunity
from dunning_sql.database import open_engine

HERE = Path(__file__).resolve().parent
DUE = "prepaid:start+15,postpaid:end+30"
PAID = 4  # months of each room that are paid

Row = dict[str, object]


def fill(url: str, rooms: int, months: int) -> None:
    """One owner for two rooms, a property fee each, some months paid, the rest in the snapshot of arrears."""
    engine = open_engine(url, read_only=False)
    with engine.begin() as db:
        for statement in (HERE.parent / "tests" / "schema.sql").read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                db.exec_driver_sql(statement)
        db.exec_driver_sql("INSERT INTO s_community (community_id) VALUES ('7')")
        db.exec_driver_sql(
            "INSERT INTO pay_fee_config (config_id, community_id, fee_type_cd, fee_flag, payment_cycle, payment_cd)"
            " VALUES ('K', '7', '888800010001', '1003006', '1', '1200')"
        )
        for start in range(0, rooms, 5000):
            lines: dict[str, list[Row]] = {}
            for room in range(start, min(start + 5000, rooms)):
                for table, row in rows(room, months):
                    lines.setdefault(table, []).append(row)
            for table, of_it in lines.items():
                names = list(of_it[0])
                marks = ", ".join(["%s"] * len(names))
                sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
                db.exec_driver_sql(sql, [tuple(row.values()) for row in of_it])


def rows(room: int, months: int) -> Iterator[tuple[str, Row]]:
    """All rows of one room."""
    id_, owner, fee = f"R{room:08d}", f"M{room // 2 * 7919 % 1_000_003:08d}", f"E{room:08d}"
    yield "building_room", {"room_id": id_, "room_num": str(room), "community_id": "7", "room_type": "1010301"}
    if room % 2 == 0:
        yield "building_owner", {"member_id": owner, "owner_id": owner, "owner_type_cd": "1001", "community_id": "7"}
    bond = {"owner_id": owner, "room_id": id_, "state": "2002", "start_time": "2020-01-01"}
    yield "building_owner_room_rel", {"rel_id": f"L{room:08d}", **bond}
    of_fee = {"payer_obj_id": id_, "payer_obj_type": "3333", "config_id": "K", "start_time": "2026-01-01"}
    yield "pay_fee", {"fee_id": fee, "community_id": "7", **of_fee, "state": "2008001"}
    for month in range(1, months + 1):
        paid, day = month <= PAID, f"2026-{month:02d}-01"
        detail = f"D{room:08d}{month:02d}" if paid else None
        sums = {"receivable_amount": "530.7500", "received_amount": "530.75" if paid else 0, "discount_amount": 0}
        place = {"cur_month_time": day, "obj_id": id_, "owner_id": owner, "fee_type_cd": "888800010001"}
        state = {"community_id": "7", "fee_id": fee, "detail_id": detail, "state": "C" if paid else "W"}
        yield "pay_fee_detail_month", {"month_id": f"Y{room:08d}{month:02d}", **state, **sums, **place}
        if paid:
            span = {"start_time": day, "end_time": f"2026-{month + 1:02d}-01", "create_time": f"{day} 09:30:00"}
            sums = {"received_amount": "530.75", "state": "1400"}
            yield "pay_fee_detail", {"detail_id": detail, "fee_id": fee, **sums, **span}
    owed = f"{530.75 * (months - PAID):.2f}"
    row = {"amount_owed": owed, "deadline_time": f"2026-{months + 1:02d}-01", "update_time": "2026-11-22"}
    yield "report_owe_fee", {"owe_id": f"W{room:08d}", "fee_id": fee, **row}


def measure(url: str) -> None:
    """Read everything, and say how long it took and how much memory."""
    began = time.perf_counter()
    accounts = records = 0
    for item in open_microcommunity(due=DUE, url=url).accounts(None):
        if isinstance(item, Read):
            accounts += 1
            records += 1 + len(item.account.charges) + len(item.account.payments)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    speed = f"{seconds:.1f} s, {records / seconds:,.0f} rows/s, peak {peak:.0f} MB"
    print(f"{accounts:,} accounts, {records:,} rows of accounts, months and payments: {speed}")
    began = time.perf_counter()
    again = list(open_microcommunity(due=DUE, url=url).reread([("7", "R00000100/" + f"M{50 * 7919:08d}")]))
    print(f"one account again: {(time.perf_counter() - began) * 1000:.0f} ms, {len(again)} accounts of its owner")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rooms", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=6)
    parser.add_argument("--measure", metavar="URL", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        measure(asked.measure)
        return
    sys.path.insert(0, str(HERE.parents[2] / "tests"))
    import servers

    running = servers.mariadb.__wrapped__()  # the fixture as the generator it is
    url = next(running).new_database("mysql+pymysql")
    began = time.perf_counter()
    fill(url, asked.rooms, asked.months)
    print(f"filled in {time.perf_counter() - began:.0f} s")
    subprocess.run([sys.executable, __file__, "--measure", url], check=True)
    next(running, None)


if __name__ == "__main__":
    main()
