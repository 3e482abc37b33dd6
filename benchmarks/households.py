"""Millions of realistic households as a Parquet folder: `python benchmarks/households.py OUT [ACCOUNTS] [SEED]`.

`dunning sample` makes each account as a record, with everything that can go wrong; here whole parts are drawn as
arrays, a hundred times as fast, with the sample's shares: 6.5 charges and 2.5 payments each, three in ten overdue, and
contacts, disputes, holds and booked fees for those. The same seed gives the same bytes.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dunning.columns.arrow import EPOCH_DAY, WORD, schema_of
from dunning.columns.store import bucket_of, parts_for, write_manifest, write_part

Ints = NDArray[np.int64]

LAST = 2026 * 4 + 3  # the quarter that began on 2026-10-01
TODAY = date(2026, 11, 21).toordinal() - EPOCH_DAY
COMMUNITY = 900
PLACES = ("CN-330106", "CN-310115", "CN-330110", "CN-410105", "CN-440305", "CN-510107", "CN-110105", "CN-320106")
NAMES = (
    "星河花园",
    "翠湖湾",
    "锦绣江南",
    "阳光新城",
    "水岸名邸",
    "金色家园",
    "和平里",
    "书香苑",
    "东方丽景",
    "碧水云天",
)
KINDS = (0.70, 0.15, 0.10, 0.05)  # on time, one or two behind, often late, refuses
STEPS = (
    ("routine", "wechat", "delivered", "C"), ("routine", "phone", "no_answer", "D"),
    ("routine", "phone", "refused", "D"), ("routine", "phone", "promised", "C"),
    ("second_reminder", "phone", "promised", "C"), ("second_reminder", "phone", "no_answer", "D"),
    ("second_reminder", "phone", "willing", "C"), ("home_visit", "visit", "promised", "C"),
    ("home_visit", "visit", "no_answer", "D"), ("home_visit", "visit", "refused", "C"),
    ("formal_demand", "ems", "delivered", "B"), ("home_visit", "visit", "reached", "C"),
)  # fmt: skip
WEIGHTS = (0.18, 0.08, 0.07, 0.06, 0.1, 0.06, 0.05, 0.09, 0.09, 0.06, 0.09, 0.07)

_QUARTERS = range(LAST - 12, LAST + 1)
_SINCE = np.array([date(q // 4, q % 4 * 3 + 1, 1).toordinal() - EPOCH_DAY for q in (*_QUARTERS, LAST + 1)])
_NAMED = pa.array([f"{q // 4}Q{q % 4 + 1}" for q in _QUARTERS])


def days(values: Ints, missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """Days since 1970."""
    return pa.array(values.astype(np.int32), pa.int32(), mask=missing).view(pa.date32())


def moments(seconds: Ints) -> pa.Array:
    """Seconds since 1970, UTC."""
    return pa.array(seconds * 1_000_000, pa.int64()).view(schema_of("accounts").field("data_as_of").type)


def words(codes: Ints, known: Any) -> pa.Array:
    """Words by their places; -1 is none."""
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=codes < 0), pa.array(known, pa.string()))


def table(name: str, columns: dict[str, Any], size: int) -> pa.Table:
    """A list's table; columns that are not given say nothing."""
    schema = schema_of(name)
    return pa.table([columns.get(field.name, pa.nulls(size, field.type)) for field in schema], schema=schema)


def ids(prefix: str, numbers: Ints, suffix: str = "") -> pa.Array:
    texts = pa.array(numbers).cast(pa.string())
    return pc.binary_join_element_wise(prefix, texts, suffix, "")


def company(numbers: Ints) -> pa.Array:
    """The company of each account: communities take turns."""
    return words((numbers // COMMUNITY) % 3, ("wy-01", "wy-02", "wy-03"))


def debtors(numbers: Ints) -> Ints:
    """The debtor of each account: one in twelve has a second one, the next."""
    return np.where((numbers % 12 == 11) & (numbers % COMMUNITY != 0), numbers - 1, numbers)


class Part:
    """Draws the accounts of a part."""

    def __init__(self, numbers: Ints, seed: int, part: int) -> None:
        self.numbers = numbers
        self.size = len(numbers)
        self.dice = np.random.default_rng([seed, part])
        self.debtor = debtors(numbers)
        self.charged = self.dice.integers(4, 10, self.size)
        self.kind = self.dice.choice(4, self.size, p=KINDS)
        behind = self.dice.integers(1, 3, self.size) + (self.kind == 2)
        self.unpaid = np.where(self.kind == 0, 0, np.where(self.kind == 3, self.charged - 1, behind))
        self.unpaid = np.minimum(self.unpaid, self.charged)
        self.area = self.dice.integers(4500, 16000, self.size)  # hundredths of a square metre
        tariff = 120 + 20 * ((numbers // COMMUNITY) % 9)  # fen
        self.amount = (self.area * tariff * 3 + 50) // 100
        self.first = np.array([len(_NAMED)]) - self.charged  # the first quarter, by its place

    def tables(self) -> dict[str, pa.Table]:
        return {
            "accounts": self._accounts(),
            "contracts": self._contracts(),
            "charges": self._charges(),
            "payments": self._payments(),
            "contacts": self._contacts(),
            **self._rare(),
        }

    def _of(self, rows: Ints) -> dict[str, Any]:
        """Whose a row is."""
        return {
            "company": company(self.numbers[rows]),
            "account": ids("H-", self.numbers[rows]).dictionary_encode().cast(WORD),
        }

    def _people(self, rows: Ints) -> pa.Array:
        return ids("O-", self.debtor[rows])

    def _accounts(self) -> pa.Table:
        n, dice = self.numbers, self.dice
        area = [f"{each // 100}.{each % 100:02}".rstrip("0").rstrip(".") for each in self.area.tolist()]
        moved = _SINCE[0] - dice.integers(30, 2000, self.size)
        reachable = [
            ["sms", "wechat", "phone", "ems", "letter", "visit", "app"],
            ["wechat", "phone", "ems", "letter", "visit"],
        ]
        channels = pa.array(reachable).take(pa.array(dice.integers(0, 2, self.size)))
        use = dice.choice(4, self.size, p=(0.86, 0.06, 0.03, 0.05))
        plain = {
            "id": ids("H-", n), "unit": ids("U-", n), "company": company(n),
            "community": words((n // COMMUNITY) % len(NAMES), NAMES), "place": words((n // COMMUNITY) % 8, PLACES),
            "currency": words(np.zeros(self.size, np.int64), ("CNY",)),
            "use": words(use, ("residential", "commercial", "office", "parking")),
            "area": pa.array(area).dictionary_encode().cast(WORD),
            "occupancy": words((dice.random(self.size) < 0.1).astype(np.int64), ("occupied", "vacant")),
            "handed_over": days(moved), "debtor.id": self._people(np.arange(self.size)), "debtor.since": days(moved),
            "debtor.kind": words(np.isin(use, (1, 2)) * np.int64(1), ("person", "company")),
            "debtor.role": words(np.zeros(self.size, np.int64), ("owner",)), "debtor.reachable": channels,
            "data_as_of": moments(np.full(self.size, TODAY * 86_400 + 15 * 3_600)),
        }  # fmt: skip
        return table("accounts", plain, self.size)

    def _contracts(self) -> pa.Table:
        rows = np.arange(self.size)
        community = self.numbers // COMMUNITY
        clause = (community * 7 % 10 < 7).astype(np.int8)
        columns = {
            **self._of(rows), "id": pa.array(["K1"] * self.size), "since": days(np.full(self.size, _SINCE[0] - 900)),
            "kind": words(np.zeros(self.size, np.int64), ("committee",)),
            "cycle": words(np.zeros(self.size, np.int64), ("quarter",)), "tariff": pa.array(120 + 20 * (community % 9)),
            "late_fee_clause": pa.array(clause.astype(np.bool_)), "clause_shown": pa.array(clause.astype(np.bool_)),
        }  # fmt: skip
        return table("contracts", columns, self.size)

    def _charges(self) -> pa.Table:
        rows = np.repeat(np.arange(self.size), self.charged)
        turn = np.arange(len(rows)) - np.repeat(np.cumsum(self.charged) - self.charged, self.charged)
        quarter = self.first[rows] + turn
        columns = {
            **self._of(rows), "id": _NAMED.take(pa.array(quarter)), "amount": pa.array(self.amount[rows]),
            "item": words(np.zeros(len(rows), np.int64), ("property_fee",)),
            "period.since": days(_SINCE[quarter]), "period.until": days(_SINCE[quarter + 1] - 1),
            "due": days(_SINCE[quarter] + 14),
        }  # fmt: skip
        return table("charges", columns, len(rows))

    def _payments(self) -> pa.Table:
        """Several quarters at a time; who is behind pays late, and a few pay half of the next."""
        dice = self.dice
        step = dice.choice((1, 2, 4), self.size, p=(0.1, 0.35, 0.55))
        paid = self.charged - self.unpaid
        times = -(-paid // step)
        rows = np.repeat(np.arange(self.size), times)
        turn = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
        begins = turn * step[rows]
        covers = np.minimum(step[rows], paid[rows] - begins)
        due = _SINCE[self.first[rows] + begins] + 14
        late = self.kind[rows] > 0
        on = due + np.where(late, dice.integers(5, 90, len(rows)), dice.integers(-12, 3, len(rows)))
        half = np.flatnonzero((self.unpaid > 0) & (dice.random(self.size) < 0.1))
        rows, on = np.concatenate((rows, half)), np.concatenate((on, TODAY - dice.integers(0, 200, len(half))))
        amount = np.concatenate((self.amount[rows[: len(turn)]] * covers, self.amount[half] // 2))
        begins, covers = (np.concatenate((each, np.zeros(len(half), np.int64))) for each in (begins, covers))
        named = np.where(dice.random(self.size)[rows] < 0.4, covers, 0)
        start = np.concatenate(([0], np.cumsum(named)))
        place = np.repeat(self.first[rows] + begins - start[:-1], named) + np.arange(start[-1])
        listed = pa.ListArray.from_arrays(pa.array(start, pa.int32()), _NAMED.take(pa.array(place)))
        numbers = np.arange(len(rows))
        columns = {
            **self._of(rows), "id": ids("P", numbers), "on": days(np.minimum(on, TODAY)), "amount": pa.array(amount),
            "channel": words(dice.integers(0, 3, len(rows)), ("wechat", "bank", "cash")),
            "ref": ids("wx", dice.integers(10**9, 10**10, len(rows))), "for": listed,
        }  # fmt: skip
        return table("payments", columns, len(rows))

    def _overdue(self, share: float) -> Ints:
        """Some of those who are behind."""
        return np.flatnonzero((self.unpaid > 0) & (self.dice.random(self.size) < share))

    def _owed_since(self, rows: Ints) -> Ints:
        return _SINCE[self.first[rows] + self.charged[rows] - self.unpaid[rows]] + 14

    def _contacts(self) -> pa.Table:
        dice = self.dice
        some = self._overdue(0.6)
        times = dice.integers(1, 6, len(some))
        rows = np.repeat(some, times)
        room = np.maximum(TODAY - self._owed_since(rows) - 3, 1)
        day = TODAY - (dice.random(len(rows)) * room).astype(np.int64) - 1
        order = np.lexsort((day, rows))
        day = day[order]
        at = day * 86_400 + dice.integers(1 * 3600, 10 * 3600, len(rows))
        what = dice.choice(len(STEPS), len(rows), p=WEIGHTS)
        promised = np.array([step[2] == "promised" for step in STEPS])[what]
        fields = {
            name: words(what, [step[n] for step in STEPS])
            for n, name in enumerate(("step", "channel", "outcome", "proof"))
        }
        fields = {name: column.cast(pa.string()).dictionary_encode().cast(WORD) for name, column in fields.items()}
        columns = {
            **self._of(rows), "id": ids("C", np.arange(len(rows))), "at": moments(at),
            **fields, "party": self._people(rows), "inbound": pa.array(np.zeros(len(rows), np.bool_)),
            "promise.on": days(day + 5, ~promised),
            "by": words(dice.integers(0, 20, len(rows)), [f"cs-{n:02}" for n in range(20)]),
        }  # fmt: skip
        return table("contacts", columns, len(rows))

    def _rare(self) -> dict[str, pa.Table]:
        dice = self.dice
        agreed = np.flatnonzero(dice.random(self.size) < 0.6)
        consents = {
            **self._of(agreed), "party": self._people(agreed), "since": days(np.full(len(agreed), _SINCE[0])),
            "kind": words(dice.integers(0, 2, len(agreed)), ("e_delivery", "commercial_messages")),
        }  # fmt: skip
        disputed = self._overdue(0.1)
        opened = np.minimum(self._owed_since(disputed) + dice.integers(5, 60, len(disputed)), TODAY)
        charge = _NAMED.take(pa.array(self.first[disputed] + self.charged[disputed] - self.unpaid[disputed]))
        disputes = {
            **self._of(disputed), "id": pa.array(["D1"] * len(disputed)), "opened": days(opened), "charge": charge,
            "kind": words(dice.integers(0, 3, len(disputed)), ("service_quality", "price", "billing_error")),
            "closed": days(opened + 20, dice.random(len(disputed)) < 0.3),
        }  # fmt: skip
        held = self._overdue(0.05)
        since = self._owed_since(held) + 10
        holds = {
            **self._of(held), "id": pa.array(["H1"] * len(held)), "since": days(since), "until": days(since + 60),
            "kind": words(dice.integers(0, 3, len(held)), ("contact", "accrual", "both")),
        }  # fmt: skip
        booked = self._overdue(0.2)
        late_fees = {
            **self._of(booked), "id": pa.array(["L1"] * len(booked)), "on": days(np.full(len(booked), TODAY - 20)),
            "amount": pa.array(self.amount[booked] // 40),
            "charge": _NAMED.take(pa.array(self.first[booked] + self.charged[booked] - self.unpaid[booked])),
        }  # fmt: skip
        found = {"consents": consents, "disputes": disputes, "holds": holds, "late_fees": late_fees}
        return {name: table(name, columns, len(columns["account"])) for name, columns in found.items()}


def _write(out: Path, part: int, numbers: Ints, seed: int) -> dict[str, int]:
    return write_part(out, part, Part(numbers, seed, part).tables(), None)


def main(out: Path, accounts: int, seed: int) -> None:
    """Draws them into the folder `out`."""
    began = time.monotonic()
    parts = parts_for(accounts)
    numbers = np.arange(accounts, dtype=np.int64)
    of = np.concatenate(
        [
            bucket_of(company(some), ids("O-", debtors(some))) % parts
            for some in np.array_split(numbers, max(1, accounts // 500_000))
        ]
    )
    order = np.argsort(of, kind="stable")
    cuts = np.searchsorted(of[order], np.arange(parts + 1))
    rows: dict[str, int] = {}
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        waiting = []
        for part in range(parts):
            waiting.append(pool.submit(_write, out, part, np.sort(order[cuts[part] : cuts[part + 1]]), seed))
            if len(waiting) > 4 or part == parts - 1:
                for each in waiting if part == parts - 1 else [waiting.pop(0)]:
                    for name, count in each.result().items():
                        rows[name] = rows.get(name, 0) + count
    write_manifest(out, parts, rows)
    seconds = time.monotonic() - began
    print(
        f"{accounts:,} accounts in {parts} parts, {seconds:.0f} s; "
        + ", ".join(f"{k} {v / accounts:.2f}" for k, v in rows.items())
    )


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000,
        int(sys.argv[3]) if len(sys.argv) > 3 else 1,
    )
