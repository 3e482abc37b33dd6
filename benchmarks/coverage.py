"""How long it takes to look through a table: our search beside z3 on the same tables, and `dunning check` as a whole.

Processor time, for a machine is rarely idle.

    python benchmarks/coverage.py [--rounds 3]

The tables are rows of intervals and words over eight facts, at random, with a few thresholds each: some rows are hidden
by others, some overlap. Both must find the same.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import z3

from dunning.basis.calendar import Calendar
from dunning.basis.finding import Text
from dunning.check.asked import Subject
from dunning.check.chart import Chart
from dunning.check.coverage import coverage
from dunning.check.run import check
from dunning.check.tables import Examined
from dunning.lang.folder import load, shipped_packs
from dunning.model.boxes import EVERYTHING, Piece
from dunning.model.condition import All, Bound, Check, OneOf, Range, Type
from dunning.model.rulebook import Dated, Hit, Output, OwnFact, Row, RuleBook, Table

ON = date(2026, 6, 30)
WORDS = tuple("abcdef")
NUMBERS = tuple(f"n{n}" for n in range(6))
CHOICES = ("w1", "w2")
CHOICE = Type("choice", {word: Text(word, word) for word in WORDS})
FACTS = {
    name: OwnFact(id=name, type=CHOICE if name in CHOICES else Type("integer"), title=Text(name, name), key=name)
    for name in (*NUMBERS, *CHOICES)
}


def make_table(rows: int, seed: int, hit: Hit) -> RuleBook:
    """Rows of two to five tests. `unique`: the bands of one fact are told apart, so that few rows overlap."""
    source = random.Random(seed)
    made = []
    for number in range(1, rows + 1):
        tests = [
            Check(name, _test(source, name), "") for name in source.sample((*NUMBERS, *CHOICES), source.randint(2, 5))
        ]
        if hit == "unique":
            band = Range(
                Bound(10 * number, included=True, written=""),
                Bound(10 * number + source.choice((9, 9, 12)), included=True, written=""),
            )
            tests = [each for each in tests if each.fact != "n0"] + [Check("n0", band, "")]
        made.append(Row(number=number, when=All(tuple(tests)), then=Dated.always(source.choice("SABC")), title="t"))
    output = Output(kind="choice", words={word: Text(word, word) for word in "SABC"})
    table = Table(id="t", title=Text("t", "t"), output=output, rows=tuple(made), hit=hit)
    return RuleBook(name="b", title="", version="1", calendar=Calendar(years={}), facts=FACTS, tables={"t": table})


def _test(source: random.Random, name: str) -> Range | OneOf:
    if name in CHOICES:
        some = tuple(source.sample(WORDS, source.randint(2, 4)))
        return OneOf(some, some)
    low = source.randrange(0, 300, 5)
    high = low + source.randrange(20, 250, 5)
    low_end = None if source.random() < 0.3 else Bound(low, included=True, written="")
    return Range(
        low_end,
        None
        if low_end is not None and source.random() < 0.4
        else Bound(high, included=source.random() < 0.5, written=""),
    )


# The same questions twice

Verdict = tuple[bool, frozenset[int], frozenset[tuple[int, int]]]
"""Whether there is a gap, the rows never reached, the pairs that overlap."""


def ours(book: RuleBook, taken: dict[str, list[float]]) -> Verdict:
    started = time.process_time()
    table = book.tables["t"]
    examined = Examined(Chart(Subject(book, ("t",)), on=ON).views[0], table)
    space = examined.space
    timed(taken, "chart, and the rows never reached", started)
    dead = frozenset(
        row.row.number for row, point in zip(examined.rows, examined.reached, strict=True) if point is None
    )
    started = time.process_time()
    gap = space.has((Piece(EVERYTHING, examined.every),))
    timed(taken, "gap", started)
    started = time.process_time()
    pairs = frozenset((other.number, each.row.number) for each in examined.flaws().overlaps for other in each.others)
    timed(taken, "everything else (overlaps, hidden by, idle)", started)
    return gap, dead, pairs


def by_solver(book: RuleBook, taken: dict[str, list[float]]) -> Verdict:
    table = book.tables["t"]
    started = time.process_time()
    solver = z3.SolverFor("QF_LIA")
    words = [z3.Int(name) for name in CHOICES]
    solver.add(*[z3.And(each >= 0, each < len(WORDS)) for each in words])
    rows = [z3.And([_term(each) for each in row.when.parts]) for row in table.rows]  # type: ignore[union-attr]
    timed(taken, "z3: terms", started)
    started = time.process_time()
    gap = solver.check(*[z3.Not(row) for row in rows]) == z3.sat
    timed(taken, "z3: gap", started)
    started = time.process_time()
    dead = set()
    solver.push()
    for number, row in enumerate(rows, 1):
        if solver.check(row) != z3.sat:
            dead.add(number)
        if table.hit == "first":
            solver.add(z3.Not(row))
    solver.pop()
    timed(taken, "z3: rows never reached", started)
    started = time.process_time()
    pairs = set()
    for other in range(len(rows)) if table.hit == "unique" else ():
        solver.push()
        solver.add(rows[other])
        pairs |= {(one + 1, other + 1) for one in range(other) if solver.check(rows[one]) == z3.sat}
        solver.pop()
    timed(taken, "z3: overlaps", started)
    return gap, frozenset(dead), frozenset(pairs)


def _term(check: Check) -> z3.BoolRef:
    value = z3.Int(check.fact)
    if isinstance(check.test, OneOf):
        return z3.Or([value == WORDS.index(str(word)) for word in check.test.values])
    assert isinstance(check.test, Range)
    ends = [] if check.test.lowest is None else [value >= check.test.lowest]
    return z3.And([*ends, *([] if check.test.highest is None else [value <= check.test.highest])])


def timed(taken: dict[str, list[float]], what: str, started: float) -> None:
    taken.setdefault(what, []).append(time.process_time() - started)


# Running them


def compare(rows: int, hit: Hit, rounds: int) -> bool:
    taken: dict[str, list[float]] = {}
    agree = True
    for seed in range(rounds):
        book = make_table(rows, seed, hit)
        mine, theirs = ours(book, taken), by_solver(book, taken)
        agree = agree and mine == theirs
    print(
        f"\n{rows} rows, 8 facts, hit {hit}: {'the same verdicts' if agree else 'VERDICTS DIFFER'}, "
        f"gap {mine[0]}, {len(mine[1])} rows never reached, {len(mine[2])} overlaps"
    )
    for what, times in taken.items():
        print(f"{statistics.median(times) * 1e3:9.1f} ms  {what}")
    total = sum(statistics.median(times) for what, times in taken.items() if not what.startswith("z3"))
    print(f"{total * 1e3:9.1f} ms  ours in all")
    return agree


def shipped(rounds: int) -> None:
    """The shipped folder, and how much of it is coverage."""
    rules = Path(__file__).resolve().parents[1] / "rules"
    check(rules)
    books = [load(name) for name in shipped_packs()]
    whole = [seconds(lambda: check(rules)) for _ in range(rounds)]
    part = [seconds(lambda: [list(coverage(book)) for book in books]) for _ in range(rounds)]
    print(f"\n{statistics.median(whole) * 1e3:9.1f} ms  check of the shipped folder, read before")
    print(f"{statistics.median(part) * 1e3:9.1f} ms  of which coverage")


def seconds(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args(arguments).rounds
    agree = [compare(rows, hit, rounds) for rows in (12, 200, 500) for hit in ("first", "unique")]
    shipped(rounds)
    return 0 if all(agree) else 1


if __name__ == "__main__":
    sys.exit(main())
