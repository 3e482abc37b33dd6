"""How fast money and facts are worked out by columns: `python benchmarks/columns.py [ACCOUNTS]`, one core, in one run.

The same households three ways: with payments that name their charges (as in `assess.py`: 6.5 charges, 2.5 payments),
with payments that name none and so run through all that is due, and a realistic portfolio (`dunning sample`: holds,
bookings of the source, credit notes, prepaid years; a few in a hundred with plans and refunds go through `replay`).
First `replay` on accounts already read, then `ledgers` on the same packed into a batch, then the ledgers and the facts
of money and time that the residential pack reads, and all of them. Every figure of the first thousand is compared.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from assess import households

import dunning
from dunning.columns.facts import OF_ACCOUNT, OF_CHARGE, facts_of
from dunning.columns.ledgers import ledgers
from dunning.columns.packing import pack, unpack_all
from dunning.engine.assess import wanted_by
from dunning.engine.known.facts import Facts
from dunning.engine.owed.ledger import replay
from dunning.intake.samples.sample import make_portfolio
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook

ON = date(2026, 11, 22)
CHUNK = 20_000
ROUNDS = 7
FEW = 2_000
"""Households that go through the engine one by one."""


def named(number: int) -> Iterator[Account]:
    return map(dunning.read_account, households(number))


def unnamed(number: int) -> Iterator[Account]:
    for account in named(number):
        yield replace(account, payments=tuple(replace(payment, for_=()) for payment in account.payments))


def realistic(number: int) -> Iterator[Account]:
    for record in make_portfolio(number, seed=1):
        try:
            yield dunning.read_account(record)
        except dunning.DunningError:
            continue


def best(work: Callable[[], object]) -> float:
    """Seconds of processor time, the least of a few rounds."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def measured(title: str, accounts: list[Account], book: RuleBook) -> None:
    batch = pack(accounts)
    gc.collect()
    gc.freeze()  # or the collector walks all the accounts as objects, which nobody has who works in columns
    wanted = wanted_by(book)
    names = [name for name in wanted.reads if name in OF_ACCOUNT]
    of_charge = [name for name in wanted.charge_reads if name in OF_CHARGE]
    few = accounts[:FEW]
    money = ledgers(batch, book, ON)

    def one_by_one() -> None:
        for account in few:
            facts = Facts(account, replay(account, book, ON), book)
            facts.values(names)
            facts.values_of_each(of_charge, [state for state in facts.ledger.charges if state.unpaid])

    seconds = {
        "replay": best(lambda: [replay(account, book, ON) for account in few]) / len(few),
        "replay and facts": best(one_by_one) / len(few),
        "columns: ledgers": best(lambda: ledgers(batch, book, ON)) / len(batch),
        "columns: ledgers, facts of the pack": best(
            lambda: facts_of(batch, ledgers(batch, book, ON), book, ON, names, of_charge)
        ) / len(batch),
        "columns: ledgers, all facts": best(
            lambda: facts_of(batch, ledgers(batch, book, ON), book, ON, OF_ACCOUNT, OF_CHARGE)
        ) / len(batch),
    }  # fmt: skip
    per = len(batch.charges) / len(batch), len(batch.lists["payments"]) / len(batch)
    done = 100 * (1 - len(money.replayed) / len(batch) - (~money.exact).mean())
    print(
        f"\n{title}: {len(batch):,} households, {per[0]:.1f} charges and {per[1]:.1f} payments each, "
        f"{done:.1f}% in columns"
    )
    for way, each in seconds.items():
        base = "replay and facts" if "facts" in way else "replay"
        print(f"  {way:38} {1 / each:>12,.0f}/s  {seconds[base] / each:>6.1f} x {base}")
    differing(accounts[:1000], book)


def differing(accounts: list[Account], book: RuleBook) -> None:
    batch = pack(accounts)
    money = ledgers(batch, book, ON)
    off = 0
    for place, account in enumerate(unpack_all(batch, np.arange(len(batch)))):
        rows = range(int(batch.charges.start[place]), int(batch.charges.start[place + 1]))
        fees = {state.charge.id: state for state in replay(account, book, ON).charges}
        for row, charge in zip(rows, account.charges, strict=True):
            state = fees.get(charge.id)
            if state is None:
                continue
            fee = None if money.fees.undetermined[row] else int(money.fees.assessed[row])
            off += (state.unpaid, state.fee.assessed) != (int(money.unpaid[row]), fee)
    print(f"  compared with replay, charge by charge: {off} differences in {len(batch.charges):,} charges")


def main(number: int) -> None:
    rules = dunning.load_folder(Path(__file__).parent.parent / "rules")
    book = next(book for book in rules.books if book.name == "residential")
    size = min(number, CHUNK)
    for title, make in (("named", named), ("unnamed", unnamed), ("realistic", realistic)):
        measured(title, list(make(size)), book)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CHUNK)
