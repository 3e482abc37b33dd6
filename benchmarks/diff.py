"""How long it takes to say of whom the answer changes: two versions of a table of 200 rows over eight facts.

Processor time, for a machine is rarely idle. The tables are those of benchmarks/coverage.py; of the second version some
rows are written anew. Also two versions of the shipped residential book, households drawn up and assessed included.

    python benchmarks/diff.py [--rounds 5]
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from coverage import ON, make_table

from dunning.check.asked import Subject
from dunning.check.chart import Chart
from dunning.compare.diff import diff
from dunning.compare.regions import shifts_of_table
from dunning.lang.folder import load
from dunning.model.rulebook import Hit, RuleBook

ROWS = 200


def worked_on(book: RuleBook, rows: int, seed: int) -> RuleBook:
    """The book with so many rows of its table written anew."""
    source = random.Random(seed)
    table = book.tables["t"]
    others = make_table(ROWS, seed + 1000, table.hit).tables["t"].rows
    chosen = set(source.sample(range(ROWS), rows))
    changed = [
        replace(row, when=others[place].when, then=others[place].then) if place in chosen else row
        for place, row in enumerate(table.rows)
    ]
    return replace(book, tables={"t": replace(table, rows=tuple(changed))})


def compare(hit: Hit, rows: int, rounds: int) -> None:
    taken = []
    told = 0
    for seed in range(rounds):
        old = make_table(ROWS, seed, hit)
        new = worked_on(old, rows, seed)

        def run(old: RuleBook = old, new: RuleBook = new) -> int:
            chart = Chart(Subject(old, ("t",)), Subject(new, ("t",)), on=ON)
            return sum(len(shift.boxes) for shift in shifts_of_table(chart, "t", "t"))

        seconds, count = timed(run)
        taken.append(seconds)
        told += count
    print(
        f"{statistics.median(taken) * 1e3:8.1f} ms  {ROWS} rows, hit {hit}, {rows} of them changed "
        f"({told / rounds:.0f} boxes told)"
    )


def timed(run: Callable[[], int]) -> tuple[float, int]:
    started = time.process_time()
    count = run()
    return time.process_time() - started, count


def residential(rounds: int) -> None:
    """The shipped book against itself with one threshold and the rate changed."""
    old = load("residential")
    table = old.tables["account_grade"]
    terms = old.late_fees[0]
    steps = tuple((since, rate * 4 / 5) for since, rate in terms.rate.steps)
    new = replace(
        old,
        late_fees=(replace(terms, rate=replace(terms.rate, steps=steps)),),
        tables={**old.tables, table.id: replace(table, rows=(table.rows[0], *table.rows[2:]))},
    )
    taken = [timed(lambda: sum(len(change.moves) for change in diff(old, new, on=ON).changes)) for _ in range(rounds)]
    seconds = statistics.median(seconds for seconds, _ in taken)
    print(f"{seconds * 1e3:8.1f} ms  residential, {taken[0][1]} regions with households")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args(arguments).rounds
    hits: tuple[Hit, ...] = ("first", "unique")
    for hit in hits:
        for rows in (0, 1, 3, 10, ROWS):
            compare(hit, rows, rounds)
    residential(rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
