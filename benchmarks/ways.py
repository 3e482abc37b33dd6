"""`columns` beside `assess` on the same households, one core and two, and beside merely reading the same files.

Households are told by kinds where nothing is on record of them but what they owe and paid; whoever was contacted, or
disputes something, stands for himself. So the two are measured apart, and together as they are drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from measuring import Cores, Prepared, Section, Sizes, Speed, Stopwatch, rate, times

import dunning
from dunning.basis.finding import Finding
from dunning.columns import answer as answering
from dunning.columns import way as wayside
from dunning.columns.answer import books_of, columns
from dunning.columns.books import choose
from dunning.columns.facts import OF_ACCOUNT, facts_of
from dunning.columns.layout import Layout
from dunning.columns.ledgers import ledgers
from dunning.columns.packing import unpack_all
from dunning.columns.quiet import Quiet
from dunning.columns.rows import Batch
from dunning.columns.schema import shape_of
from dunning.columns.selecting import select
from dunning.columns.standing import RECORDS
from dunning.columns.steps import Kinds
from dunning.columns.store import open_store
from dunning.columns.tables import grades
from dunning.columns.way import InColumns
from dunning.engine.assess import Rules, assess_group, wanted_by
from dunning.engine.owed.ledger import replay
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Contact, Ladder

ON = date(2026, 11, 22)
RULES = Path(__file__).parent.parent / "rules"

KINDS = {
    "quiet": "nothing on record but what is owed and paid",
    "busy": "with contacts or disputes",
    "all": "all, as they are drawn",
}
WORKS = {
    "fee": "ledger and late fee",
    "facts": "+ facts and tables, as arrays",
    "bare": "+ facts and tables, as answered tables",
    "whole": "the whole answer",
}
ONLY_ENGINE = {("busy", "bare")}
"""What stands for itself has its answer from the engine, steps or none."""


# Rules and households


@cache
def rules() -> Any:
    return dunning.load_folder(RULES)


@dataclass(frozen=True)
class Bare:
    """The rules without their steps: no reminder, no ladder, no governor."""

    books: Sequence[RuleBook]

    def book_for(self, account: Account, on: date) -> RuleBook | Finding | None:
        found = rules().book_for(account, on)
        return next(b for b in self.books if b.name == found.name) if isinstance(found, RuleBook) else found


@cache
def bare() -> Bare:
    return Bare([replace(book, reminders=(), ladder=Ladder(), contact=Contact()) for book in rules().books])


@cache
def households(folder: Path, kind: str, part: int) -> Batch:
    """The first stretch of a part, or those of its debtors who are of one kind."""
    store = open_store(folder)
    batch = next(store.batches(part % store.parts))
    if kind == "all":
        return batch
    busy = np.zeros(len(batch), np.bool_)
    for name in RECORDS:
        busy |= batch.lists[name].counts > 0
    theirs = np.zeros(len(batch.groups) - 1, np.bool_)
    theirs[batch.debtor[busy]] = True
    return select(batch, np.flatnonzero(theirs[batch.debtor] == (kind == "busy"))).batch


def debtors(batch: Batch, few: int) -> list[tuple[Account, ...]]:
    """The first debtors, as objects."""
    some = int(batch.groups[min(few, len(batch.groups) - 1)])
    accounts = unpack_all(batch, np.arange(some))
    return [tuple(theirs) for _, theirs in groupby(accounts, key=lambda each: (each.company, each.debtor.id))]


def under_books(batch: Batch) -> list[tuple[RuleBook, Batch]]:
    chosen = choose(batch, rules(), ON)
    parts = [(book, np.flatnonzero(chosen.numbers == number)) for number, book in enumerate(chosen.books)]
    return [(book, select(batch, rows).batch) for book, rows in parts if len(rows)]


def facts_and_tables(batch: Batch, book: RuleBook) -> None:
    """Ledger, late fee, every fact the tables and the answer want, and every table; nothing laid out."""
    money = ledgers(batch, book, ON)
    open_rows = np.flatnonzero(money.charges.known & (money.unpaid > 0))
    owner = batch.charges.owner[open_rows]
    quiet, wanted = Quiet(batch, book, ON), wanted_by(book)
    counted = facts_of(
        batch, money, book, ON,
        [name for name in wanted.reads if name in OF_ACCOUNT],
        wanted.charge_reads,
        open_rows,
    )  # fmt: skip
    facts = counted.of_accounts | {name: quiet.fact(name) for name in wanted.reads if name not in OF_ACCOUNT}
    grades(book, ON, facts, len(batch), counted.of_charges, owner)


# What is timed, each in processes of its own


def engine(folder: Path, kind: str, what: str, few: int, part: int) -> Prepared:
    """`replay`, or `assess`; the answers are dropped as they come."""
    groups = debtors(households(folder, kind, part), few)
    number = sum(map(len, groups))
    if what == "fee":
        pairs = [(account, rules().book_for(account, ON)) for group in groups for account in group]
        return Prepared(lambda: [None for account, book in pairs if replay(account, book, ON) is None], number)
    under: Rules = rules() if what == "whole" else bare()
    return Prepared(lambda: [None for group in groups if not assess_group(group, under, on=ON)], number)


def in_columns(folder: Path, kind: str, what: str, part: int) -> Prepared:
    batch = households(folder, kind, part)
    if what in ("fee", "facts"):
        parts = under_books(batch)
        one: Callable[..., object] = facts_and_tables if what == "facts" else partial(ledgers, on=ON)
        return Prepared(lambda: [one(each, book) for book, each in parts], len(batch))
    under: Rules = rules() if what == "whole" else bare()
    way, shape = InColumns(), shape_of(books_of(under))
    paths = columns(batch, under, on=ON, way=way, shape=shape).paths
    return Prepared(lambda: columns(batch, under, on=ON, way=way, shape=shape), len(batch), paths)


def first_sight(folder: Path, kind: str, part: int) -> Prepared:
    """The same before any kind of household was met."""
    batch, shape = households(folder, kind, part), shape_of(books_of(rules()))
    return Prepared(lambda: columns(batch, rules(), on=ON, way=InColumns(), shape=shape), len(batch))


def reading(folder: Path, part: int) -> Prepared:
    """The floor: the files of a part into Arrow tables, all columns, and nothing else."""
    store = open_store(folder)
    files = sorted(folder.glob(f"*/part-{part % store.parts:05}.parquet"))
    number = pq.ParquetFile(folder / "accounts" / files[0].name).metadata.num_rows

    def work() -> None:
        for file in files:
            opened = pq.ParquetFile(file)
            for group in range(opened.metadata.num_row_groups):
                opened.read_row_group(group, use_threads=False)

    return Prepared(work, number)


def batches(folder: Path, part: int) -> Prepared:
    """The same files as batches, looked through for whatever a reader has to say."""
    store = open_store(folder)
    number = sum(len(each) for each in store.batches(part % store.parts))
    return Prepared(lambda: [None for each in store.batches(part % store.parts) if not len(each)], number)


def ledgers_of_all(folder: Path, part: int) -> Prepared:
    """The whole file to ledgers, facts and tables: what stands against the floor of reading it."""
    store = open_store(folder)
    number = sum(len(each) for each in store.batches(part % store.parts))

    def work() -> None:
        for batch in store.batches(part % store.parts):
            for book, theirs in under_books(batch):
                facts_and_tables(theirs, book)

    return Prepared(work, number)


# Where the time goes


PARTS: Sequence[tuple[Any, str, str]] = (
    (wayside, "choose", "which book"),
    (wayside, "select", "accounts of a book"),
    (wayside, "ledgers", "ledger and late fee"),
    (wayside, "facts_of", "facts"),
    (wayside, "grades", "tables"),
    (wayside, "standing", "how households stand"),
    (Kinds, "of", "kinds of debtors"),
    (Kinds, "tell", "what kinds are told, for each"),
    (Layout, "assessments", "tables laid out"),
    (Layout, "charges", "tables laid out"),
    (answering, "unpack_all", "through the engine: made into objects"),
    (answering, "assess_group", "through the engine: assessed"),
    (answering, "write", "through the engine: written"),
    (answering, "_merged", "both ways put together"),
)
REST = "the rest"
ENGINE = "through the engine"


def profile(folder: Path, kind: str) -> dict[str, float]:
    """Shares of processor time by part, once the kinds are known."""
    batch, way, shape = households(folder, kind, 0), InColumns(), shape_of(books_of(rules()))
    columns(batch, rules(), on=ON, way=way, shape=shape)
    watch = Stopwatch()
    with watch.watching(PARTS), watch.part(REST):
        columns(batch, rules(), on=ON, way=way, shape=shape)
    return {part: seconds / len(batch) for part, seconds in watch.seconds.items()}


def differences(folder: Path, kind: str, few: int) -> int:
    """Rows of the five tables that the two ways do not agree on, of the first debtors."""
    batch = households(folder, kind, 0)
    some = select(batch, np.arange(batch.groups[min(few, len(batch.groups) - 1)])).batch
    ours = columns(some, rules(), on=ON, way=InColumns()).tables
    theirs = columns(some, rules(), on=ON, way=None).tables
    off = 0
    for one, other in zip(ours, theirs, strict=True):
        left, right = one.to_pylist(), other.to_pylist()
        off += abs(len(left) - len(right)) + sum(a != b for a, b in zip(left, right, strict=False))
    return off


# The page


def section(folder: Path, sizes: Sizes) -> Section:
    page = Section("`columns` against `assess`")
    page.say(
        "The same households, drawn by `benchmarks/households.py` (6.5 charges and 2.7 payments each, three in ten "
        "overdue), the shipped rules. In memory on both sides: accounts already made for `assess`, a batch already "
        "read for `columns`. `assess` drops its answers as they come, and `columns` has its five Arrow tables in the "
        "end (but for the first two lines, which lay nothing out). Ratios are of processor time on one core.",
    )
    with Cores() as cores:
        _paths(page, _works(page, folder, sizes, cores))
        _floor(page, folder, sizes, cores)
    _profiles(page, folder)
    return page


def _works(page: Section, folder: Path, sizes: Sizes, cores: Cores) -> dict[str, Counter[str]]:
    paths: dict[str, Counter[str]] = {}
    for kind, title in KINDS.items():
        rows = []
        for what, name in WORKS.items():
            if (kind, what) in ONLY_ENGINE:
                continue
            slow, _ = cores.one(partial(engine, folder, kind, what, sizes.few), max(2, sizes.rounds // 2))
            one, beside = cores.one(partial(in_columns, folder, kind, what), sizes.rounds)
            two = cores.two(partial(in_columns, folder, kind, what), sizes.rounds)
            rows.append(_figures(name, one / slow, slow, one, two))
            if what == "whole":
                paths[kind] = beside
            _in_short(page, kind, what, one / slow, two)
        first, _ = cores.one(partial(first_sight, folder, kind), 1)
        rows.append(["of it before any kind was met", times(first / slow), "", "", rate(first.processor), "", ""])
        off = differences(folder, kind, sizes.few)
        page.different += off
        page.say(f"### {title[0].upper()}{title[1:]}")
        page.table(
            ("", "times `assess`", "`assess` /s", "us each", "`columns` /s", "us each", "two cores /s, wall"), rows
        )
        page.say(f"The five tables of {sizes.few:,} debtors compared, row by row: {off} differences.")
    return paths


def _figures(name: str, ratio: float, slow: Speed, one: Speed, two: Speed) -> list[str]:
    return [
        name,
        times(ratio),
        rate(slow.processor),
        f"{slow.processor * 1e6:.0f}",
        rate(one.processor),
        f"{one.processor * 1e6:.1f}",
        rate(two.wall),
    ]


def _in_short(page: Section, kind: str, what: str, ratio: float, two: Speed) -> None:
    if kind == "busy" and what == "whole":
        page.short.append(("`columns` against `assess`, with contacts or disputes", f"{times(ratio)} times", ""))
    if kind == "all" and what == "whole":
        page.short.append(("`columns` against `assess`, as drawn, whole answer", f"{times(ratio)} times", "40 times"))
    if kind == "quiet" and what == "fee":
        page.short.append(("`columns` against `replay`, ledger and late fee", f"{times(ratio)} times", ""))
    if kind == "quiet" and what == "facts":
        page.short.append(
            ("fee, facts and tables on two cores, nothing on record", f"{rate(two.wall)}/s", "1,000,000/s")
        )
    if kind == "quiet" and what == "whole":
        page.short.append(("whole answer, nothing on record", f"{times(ratio)} times `assess`", "40 times"))
        page.short.append(("whole answer on two cores, nothing on record", f"{rate(two.wall)}/s", "300,000/s"))


def _paths(page: Section, paths: dict[str, Counter[str]]) -> None:
    page.say(
        "### Which way they went", "Shares of households in the whole answer, by the reason where it is not columns."
    )
    ways = sorted({way for each in paths.values() for way in each}, key=lambda way: -paths["all"][way])
    page.table(
        ("", *(KINDS[kind] for kind in paths)),
        [[way, *(f"{each[way] / each.total():.1%}" for each in paths.values())] for way in ways],
    )


def _floor(page: Section, folder: Path, sizes: Sizes, cores: Cores) -> None:
    rounds = max(2, sizes.rounds // 2)
    floor, _ = cores.one(partial(reading, folder), rounds)
    looked, _ = cores.one(partial(batches, folder), rounds)
    counted, _ = cores.one(partial(ledgers_of_all, folder), rounds)
    whole, _ = cores.one(partial(in_columns, folder, "all", "whole"), rounds)
    page.say(
        "### Against merely reading the files", "One core, processor time; the floor is pyarrow reading every column."
    )
    rows = [
        ("pyarrow reads the Parquet folder", floor.processor),
        ("batches of it, looked through for what a reader says", looked.processor),
        ("+ ledger, late fee, facts and tables", counted.processor),
        ("+ the whole answer as tables", looked.processor + whole.processor),
    ]
    page.table(
        ("", "times the floor", "households /s", "us each"),
        [[name, times(each / floor.processor), rate(each), f"{each * 1e6:.1f}"] for name, each in rows],
    )
    page.short.append(("read, fee, facts and tables: times merely reading", times(floor / counted), "6"))
    page.short.append(("read and the whole answer: times merely reading", times((rows[3][1]) / floor.processor), "6"))


def _profiles(page: Section, folder: Path) -> None:
    found = {kind: profile(folder, kind) for kind in KINDS}
    page.say(
        "### Where the time goes", "Whole answer, kinds known: microseconds of processor time a household, one core."
    )
    parts = sorted({part for each in found.values() for part in each}, key=lambda part: -found["all"].get(part, 0))
    page.table(
        ("", *(KINDS[kind] for kind in found)),
        [[part, *(f"{each.get(part, 0) * 1e6:.1f}" for each in found.values())] for part in parts],
    )
    drawn, quiet = found["all"], found["quiet"]
    of_engine = sum(seconds for part, seconds in drawn.items() if part.startswith(ENGINE)) / sum(drawn.values())
    dearest = sorted(quiet, key=lambda part: -quiet[part])[:4]
    page.say(
        f"So of a portfolio as drawn {of_engine:.0%} of the time goes through the engine, for those who stand for "
        "themselves: whoever was contacted has facts, steps, clocks and days of his own, and the answer is worked out "
        "for that household alone, by the same code as in `assess`. Of the others, whose steps are worked out once for "
        f"each kind, the dearest parts are: {', '.join(f'{part} ({quiet[part] * 1e6:.1f} us)' for part in dearest)}."
    )
