"""Send many generated accounts through the ledger and through the day-by-day oracle; every figure must agree.

    python tests/run_oracle.py [accounts] [first seed]

Each account is a seed, so that a difference can be looked at again. Exit 1 if there is one.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from os import cpu_count
from random import Random

from dunning.engine.owed.ledger import replay
from dunning.selfcheck.agreement import differences
from dunning.testing.making import FULL, LAST, from_random, make_account, make_book

ACCOUNTS = 100_000
BATCH = 500


def check(seeds: range) -> list[tuple[int, list[str]]]:
    """The seeds whose account is answered differently, each with what differs."""
    found = []
    for seed in seeds:
        pick = from_random(Random(seed))
        book, account, on = make_book(pick), make_account(pick, FULL), pick.day(0, LAST + 10)
        told = differences(account, book, on, replay(account, book, on))
        if told:
            found.append((seed, told))
    return found


def batches(accounts: int, first: int) -> Iterator[range]:
    end = first + accounts
    return (range(seed, min(seed + BATCH, end)) for seed in range(first, end, BATCH))


def main(arguments: list[str]) -> int:
    accounts = int(arguments[0]) if arguments else ACCOUNTS
    first = int(arguments[1]) if len(arguments) > 1 else 0
    done = 0
    wrong: list[tuple[int, list[str]]] = []
    began = time.monotonic()
    work = list(batches(accounts, first))
    with ProcessPoolExecutor(cpu_count()) as pool:
        for seeds, found in zip(work, pool.map(check, work), strict=True):
            done += len(seeds)
            wrong += found
            if done % 10_000 == 0:
                print(f"{done:,} of {accounts:,} accounts, {len(wrong)} differ", flush=True)
    print(f"{done - len(wrong):,} accounts agree in every figure ({time.monotonic() - began:.0f} s)")
    for seed, told in wrong[:20]:
        print(f"seed {seed}:", *told, sep="\n    ")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
