"""How fast households are assessed: `python benchmarks/assess.py [ACCOUNTS]`, one core, everything in one run.

Accounts have 6.5 charges and 2.5 payments on average, and four of the charges are overdue. The figures: `assess` on
accounts already read (results dropped as they come, as in a run), under the residential pack without its steps, and
whole: with every rung of ladder and reminders, guard, worklist and deadlines. Then whole with every reason looked up
(the trace `explain` tells), and on a working day with data of that day, when steps go out; JSONL to JSONL end to end,
and its parts. Ratios are to the first; the last line says what the steps cost.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

import dunning
from dunning.intake.files.tables import open_portfolio
from dunning.model.steps import Contact, Ladder
from dunning.output.record.batch import Job, assess_portfolio

ON = date(2026, 11, 22)
WORKDAY = date(2026, 11, 23)
ROUNDS = 5
WHOLE, WITHOUT_STEPS = "whole assessment", "money, facts, tables"


def households(number: int) -> Iterator[dict[str, Any]]:
    """Quarterly bills, the oldest two or three paid, some late: deterministic."""
    source = random.Random(1)
    for each in range(number):
        amount = f"{source.randrange(50_000, 300_000)}"
        amount = f"{amount[:-2]}.{amount[-2:]}"
        charges = []
        year, month = 2026, 10
        for _ in range(source.choice([5, 6, 7, 8])):
            period = [f"{year}-{month:02d}-01", f"{year}-{month + 2:02d}-28"]
            charges.append(
                {"id": f"{year}Q{month // 3 + 1}", "period": period, "amount": amount, "due": f"{year}-{month:02d}-15"}
            )
            year, month = (year, month - 3) if month > 3 else (year - 1, 10)
        payments = [
            {
                "id": f"P{n}",
                "on": f"{charge['due'][:8]}{source.randrange(10, 29)}",
                "amount": amount,
                "for": [charge["id"]],
            }
            for n, charge in enumerate(charges[-source.choice([2, 3]) :])
        ]
        yield {
            "id": f"H{each}", "use": "residential", "area": "96.50", "place": "CN-3301",
            "debtor": {"id": f"O{each}", "kind": "person", "role": "owner"},
            "contract": {
                "kind": "committee", "tariff": "5.50", "cycle": "quarter",
                "late_fee_clause": True, "clause_shown": True,
            },
            "charges": charges, "payments": payments,
        }  # fmt: skip


def best(work: Callable[[], object]) -> float:
    """Seconds of processor time, the least of a few rounds: what the machine can do when it is not disturbed."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def main(number: int) -> None:
    data = list(households(number))
    accounts = [dunning.read_account(one) for one in data]
    book = dunning.load("residential")
    bare = replace(book, reminders=(), ladder=Ladder(), contact=Contact())
    drawn = datetime.combine(WORKDAY, time_of_day(6))
    fresh = [replace(account, data_as_of=drawn) for account in accounts]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "portfolio.jsonl"
        source.write_text("".join(json.dumps(one) + "\n" for one in data), encoding="utf-8")

        def assess() -> None:
            for account in accounts:
                dunning.assess(account, bare, on=ON)

        def with_steps() -> None:
            for account in accounts:
                dunning.assess(account, book, on=ON)

        def with_reasons() -> None:
            for account in accounts:
                for withheld in dunning.assess(account, book, on=ON).withheld:
                    assert withheld.because or withheld.codes == ("not_yet",)

        def with_actions() -> None:
            for account in fresh:
                dunning.assess(account, book, on=WORKDAY)

        def end_to_end() -> None:
            with open_portfolio(source) as portfolio:
                assess_portfolio(portfolio, Job("residential", ON, "zh", "jsonl"), Path(folder) / "out")

        def read() -> None:
            with open_portfolio(source) as portfolio:
                for _ in portfolio:
                    pass

        def write() -> None:
            for result in results:
                dunning.to_json(result)

        results = [dunning.assess(account, book, on=ON) for account in accounts[:1000]]
        times = {
            WITHOUT_STEPS: best(assess) / number,
            WHOLE: best(with_steps) / number,
            "  every reason": best(with_reasons) / number,
            "  steps going out": best(with_actions) / number,
            "JSONL to JSONL": best(end_to_end) / number,
            "  of it: read": best(read) / number,
            "  of it: write": best(write) / len(results),
        }
    charges = sum(len(one["charges"]) for one in data) / number
    payments = sum(len(one["payments"]) for one in data) / number
    print(f"{number} accounts, {charges:.1f} charges and {payments:.1f} payments each, one core")
    for name, seconds in times.items():
        ratio = times[WITHOUT_STEPS] / seconds
        print(f"{name:20} {1 / seconds:10,.0f} a second  {seconds * 1e6:7.1f} us  {ratio:5.2f}")
    steps = times[WHOLE] - times[WITHOUT_STEPS]
    print(
        f"ladder, guard, worklist: {steps * 1e6:.1f} us, {times[WHOLE] / times[WITHOUT_STEPS]:.2f} times without them"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
