"""How many events a session takes in a second, and where the time goes.

python tests/bench.py [debtors] [events]
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from random import Random
from typing import Any

from live import BEGIN, account, contact, day, paid, session

import dunning
from dunning_durable import WATCHES, Seen, Watch
from dunning_durable.fence import NAMES, Fence

PATTERNS = (
    Watch("paid_after_all", Seen("promise", now="broken"), then=Seen("payments"), within=10),
    Watch("left_alone", Seen("promise", now="broken"), unless=Seen("contacts"), within=5),
)


def main(debtors: int = 500, events: int = 3_000) -> None:
    dice = Random(1)
    book = dunning.load("residential")
    with session(rules=book, on=day("02-01"), watches=(*WATCHES, *PATTERNS)) as (held, recorder):
        began = time.perf_counter()
        for number in range(debtors):
            held.open(account(f"H{number}"))
        rate("accounts opened", debtors, began)
        began = time.perf_counter()
        for number in range(events):
            held.event(f"H{dice.randrange(debtors)}", **news(dice, f"N{number}"))
        rate("events", events, began)
        began = time.perf_counter()
        for number in range(debtors):
            held.answer(f"H{number}")
        rate("of their accounts assessed, nothing else,", debtors, began)
        began = time.perf_counter()
        held.tick(day("03-01"))
        rate("debtor days by ticks", debtors * 28, began)
        print(f"{len(recorder.changes):,} changes told, {len(recorder.troubles)} troubles")
    fence = Fence({"w0": {"all": [{"last": {"what": 1}}]}})
    fence.start()
    began = time.perf_counter()
    for number in range(5_000):
        fence.tell(number % 500, [], [[number, 0, 1, *[0] * (len(NAMES) - 1)]])
    rate("facts over the fence and back", 5_000, began)
    fence.close()


def news(dice: Random, id_: str) -> dict[str, Any]:
    on = str(BEGIN + timedelta(days=dice.randrange(22)))
    match dice.randrange(3):
        case 0:
            return {"payments": paid(id_, on, f"{dice.randrange(1, 200)}.00")}
        case 1:
            return {"contacts": contact(id_, on, "second_reminder", "reached")}
    return {"disputes": {"id": id_, "kind": "price", "opened": on}}


def rate(what: str, number: int, began: float) -> None:
    print(f"{number / (time.perf_counter() - began):>9,.0f} {what} a second")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
