"""`columns` beside `assess` on the same households, one core and two, and beside merely reading the same files.

Whoever was contacted, or disputes something, asks more of the steps than others; so the two are measured apart, and
together as they are drawn. `columns` asks the law and the worklist once for all who stand alike, and remembers what was
said: so it is timed when it has met nobody, when it has met others, and on households that it has met before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measuring import Cores, Prepared, Section, Sizes, Speed, Stopwatch, rate, settled, times

import dunning
from dunning.basis.finding import Finding
from dunning.columns import answer as answering
from dunning.columns import persons as personal
from dunning.columns import rulings as ruling
from dunning.columns import way as wayside
from dunning.columns.answer import books_of, columns
from dunning.columns.books import choose
from dunning.columns.deadlines import Deadlines
from dunning.columns.facts import OF_ACCOUNT, facts_of
from dunning.columns.layout import Layout
from dunning.columns.ledgers import ledgers
from dunning.columns.outings import Outings
from dunning.columns.packing import unpack_all
from dunning.columns.quiet import Quiet
from dunning.columns.readings import Readings
from dunning.columns.rows import Batch
from dunning.columns.rulings import Known
from dunning.columns.schema import TABLES, shape_of
from dunning.columns.selecting import select
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
ON_RECORD = ("contacts", "disputes", "plans", "proceedings", "approvals")
"""Lists of which the quiet have nothing."""


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
    return of_kind(next(store.batches(part % store.parts)), kind)


def of_kind(batch: Batch, kind: str) -> Batch:
    if kind == "all":
        return batch
    busy = np.zeros(len(batch), np.bool_)
    for name in ON_RECORD:
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


def as_they_come(folder: Path, kind: str, rounds: int) -> list[tuple[int, float]]:
    """Stretch after stretch that was never met before: households of each, processor seconds for one of them."""
    store, shape = open_store(folder), shape_of(books_of(rules()))
    stretches = [of_kind(batch, kind) for part in range(store.parts) for batch in store.batches(part)]
    most = max(map(len, stretches))
    stretches = [batch for batch in stretches if len(batch) > most / 2]  # what is left at the end of a part is short
    columns(stretches[0], rules(), on=ON, way=InColumns(), shape=shape)
    settled()
    taken: list[list[float]] = [[] for _ in stretches]
    for _ in range(rounds):
        way = InColumns()
        for batch, seconds in zip(stretches, taken, strict=True):
            began = process_time()
            columns(batch, rules(), on=ON, way=way, shape=shape)
            seconds.append((process_time() - began) / len(batch))
    return [(len(batch), median(seconds)) for batch, seconds in zip(stretches, taken, strict=True)]


def writing(folder: Path, part: int) -> Prepared:
    """The five tables of the whole answer into Parquet, as a run does it, but into memory."""
    batch, shape = households(folder, "all", part), shape_of(books_of(rules()))
    tables = dict(zip(TABLES, columns(batch, rules(), on=ON, way=InColumns(), shape=shape).tables, strict=True))

    def work() -> None:
        for name, table in tables.items():
            with pq.ParquetWriter(pa.BufferOutputStream(), shape.schemas[name], compression="zstd") as file:
                file.write_table(table)

    return Prepared(work, len(batch), {name: len(table) / len(batch) for name, table in tables.items()})


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

MONEY = ("ledger and late fee", "facts", "tables")
STEPS = ("what law reads of them", "steps: who is where", "steps that are due", "the day of each person", "deadlines")
LAID = "laid out"
LAW = "law asked, of who stands as nobody before"
DAY = "worklist asked, of who stands as nobody before"
ENGINE = "through the engine"

PARTS: Sequence[tuple[Any, str, str]] = (
    (wayside, "choose", "which book"),
    (wayside, "select", "accounts of a book"),
    (wayside, "ledgers", MONEY[0]),
    (wayside, "facts_of", MONEY[1]),
    (Quiet, "fact", MONEY[1]),
    (wayside, "grades", MONEY[2]),
    (wayside, "findings_of", "findings of the ledger"),
    (Readings, "read_by_law", STEPS[0]),
    (Known, "learn", LAW),
    (ruling, "_answer", LAW),
    (personal, "steps_of", STEPS[1]),
    (personal, "offers_of", STEPS[2]),
    (personal, "deadlines_of", STEPS[4]),
    (Deadlines, "table", STEPS[4]),
    (Readings, "of_today", STEPS[3]),
    (Outings, "tell", STEPS[3]),
    (Outings, "_learn_all", DAY),
    (Outings, "_actions", f"actions {LAID}"),
    (personal, "_withheld", f"withheld steps {LAID}"),
    (Layout, "assessments", f"assessments and charges {LAID}"),
    (Layout, "charges", f"assessments and charges {LAID}"),
    (wayside, "by_account", "books put together"),
    (personal, "by_account", "books put together"),
    (answering, "unpack_all", f"{ENGINE}: made into objects"),
    (answering, "assess_group", f"{ENGINE}: assessed"),
    (answering, "write", f"{ENGINE}: written"),
    (answering, "_merged", f"{ENGINE}: put where they belong"),
)
REST = "the rest"


def profile(folder: Path, kind: str, rounds: int, *, cold: bool = False) -> dict[str, float]:
    """Processor seconds of a household by part; `cold`: by who has met nobody, else by who has met them before."""
    batch, way, shape = households(folder, kind, 0), InColumns(), shape_of(books_of(rules()))
    columns(batch, rules(), on=ON, way=way, shape=shape)
    watch = Stopwatch()
    settled()
    for _ in range(rounds):
        met = InColumns() if cold else way
        with watch.watching(PARTS), watch.part(REST):
            columns(batch, rules(), on=ON, way=met, shape=shape)
    return {part: seconds / len(batch) / rounds for part, seconds in watch.seconds.items()}


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
        "`columns` asks the law and the worklist once for all who stand alike, and remembers what they said. Where "
        "nothing else is said it has met these households before; the last two lines are of a process that has met "
        "nobody, and of one that has met others and now meets these.",
    )
    with Cores() as cores:
        found = {kind: _measured(folder, kind, sizes, cores) for kind in KINDS}
        for kind, title in KINDS.items():
            _kind(page, title, found[kind], differences(folder, kind, sizes.few), sizes.few)
        _in_short(page, found)
        _paths(page, {kind: each.paths for kind, each in found.items()})
        _floor(page, folder, sizes, cores)
    _profiles(page, folder, sizes, found["all"].works["whole"].slow.processor)
    return page


class Timed(NamedTuple):
    """One work: `assess`, and `columns` on one core and two."""

    slow: Speed
    one: Speed
    two: Speed

    @property
    def times(self) -> str:
        return times(self.one / self.slow)


class Measured(NamedTuple):
    """The works of households of one kind; those met for the first time, and which way each household went."""

    works: dict[str, Timed]
    come: list[tuple[int, float]]
    paths: Counter[str]

    def first(self, place: int) -> str:
        """How many times as fast as `assess` the whole answer of a stretch is that was never met."""
        return times(self.works["whole"].slow.processor / self.come[place][1])


def _measured(folder: Path, kind: str, sizes: Sizes, cores: Cores) -> Measured:
    works, paths = {}, Counter[str]()
    for what in WORKS:
        slow, _ = cores.one(partial(engine, folder, kind, what, sizes.few), max(2, sizes.rounds // 2))
        one, beside = cores.one(partial(in_columns, folder, kind, what), sizes.rounds)
        works[what] = Timed(slow, one, cores.two(partial(in_columns, folder, kind, what), sizes.rounds))
        paths = beside if what == "whole" else paths
    return Measured(works, cores.ask(as_they_come, folder, kind, sizes.rounds), paths)


def _kind(page: Section, title: str, found: Measured, off: int, few: int) -> None:
    rows = [_figures(WORKS[what], timed) for what, timed in found.works.items()]
    come = found.come
    rows.append(_met("of it by a process that has met nobody", found, 0))
    if len(come) > 1:
        before = sum(number for number, _ in come[:-1])
        rows.append(_met(f"of it by one that has met {before:,} others", found, -1))
    page.different += off
    page.say(f"### {title[0].upper()}{title[1:]}", f"{come[0][0]:,} households at a time.")
    page.table(("", "times `assess`", "`assess` /s", "us each", "`columns` /s", "us each", "two cores /s, wall"), rows)
    page.say(f"The five tables of {few:,} debtors compared, row by row: {off} differences.")


def _figures(name: str, timed: Timed) -> list[str]:
    return [
        name,
        timed.times,
        rate(timed.slow.processor),
        f"{timed.slow.processor * 1e6:.0f}",
        rate(timed.one.processor),
        f"{timed.one.processor * 1e6:.1f}",
        rate(timed.two.wall),
    ]


def _met(name: str, found: Measured, place: int) -> list[str]:
    seconds = found.come[place][1]
    return [name, found.first(place), "", "", rate(seconds), f"{seconds * 1e6:.1f}", ""]


def _in_short(page: Section, found: Mapping[str, Measured]) -> None:
    drawn, quiet, busy = found["all"], found["quiet"].works["whole"], found["busy"].works["whole"]
    works = drawn.works
    page.short += [
        ("whole answer, `columns` against `assess`", f"{works['whole'].times} times", "40 times"),
        ("of it nothing on record; with contacts or disputes", f"{quiet.times}; {busy.times} times", ""),
        ("the same, met for the first time: by a new process; later", f"{drawn.first(0)}; {drawn.first(-1)} times", ""),
        ("whole answer on two cores", f"{rate(works['whole'].two.wall)}/s", "300,000/s"),
        ("ledger and late fee, against `replay`", f"{works['fee'].times} times", ""),
        ("fee, facts and tables, against `assess` without steps", f"{works['facts'].times} times", ""),
        ("fee, facts and tables on two cores", f"{rate(works['facts'].two.wall)}/s", "1,000,000/s"),
    ]


def _paths(page: Section, paths: dict[str, Counter[str]]) -> None:
    page.say(
        "### Which way they went", "Shares of households in the whole answer, by the reason where it is not columns."
    )
    ways = sorted({way for each in paths.values() for way in each}, key=lambda way: -paths["all"][way])
    page.table(
        ("", *(KINDS[kind] for kind in paths)),
        [[way, *(f"{each[way] / each.total():.3%}" for each in paths.values())] for way in ways],
    )


def _floor(page: Section, folder: Path, sizes: Sizes, cores: Cores) -> None:
    rounds = max(2, sizes.rounds // 2)
    floor, _ = cores.one(partial(reading, folder), rounds)
    looked, _ = cores.one(partial(batches, folder), rounds)
    counted, _ = cores.one(partial(ledgers_of_all, folder), rounds)
    whole, _ = cores.one(partial(in_columns, folder, "all", "whole"), rounds)
    written, rows_each = cores.one(partial(writing, folder), rounds)
    answered = looked.processor + whole.processor
    page.say(
        "### Against merely reading the files", "One core, processor time; the floor is pyarrow reading every column."
    )
    rows = [
        ("pyarrow reads the Parquet folder", floor.processor),
        ("batches of it, looked through for what a reader says", looked.processor),
        ("+ ledger, late fee, facts and tables", counted.processor),
        ("+ the whole answer as tables", answered),
        ("+ those tables written as Parquet by pyarrow", answered + written.processor),
        ("  pyarrow's writing alone", written.processor),
    ]
    page.table(
        ("", "times the floor", "households /s", "us each"),
        [[name, times(each / floor.processor), rate(each), f"{each * 1e6:.1f}"] for name, each in rows],
    )
    page.say(
        "The answer is larger than what it is made from: for each household "
        + ", ".join(f"{number:.1f} {name}" for name, number in rows_each.items())
        + "."
    )
    page.short.append(("read, fee, facts and tables: times merely reading", times(floor / counted), "6"))
    page.short.append(("read and the whole answer: times merely reading", times(answered / floor.processor), "6"))


def _profiles(page: Section, folder: Path, sizes: Sizes, slow: float) -> None:
    found = {title: profile(folder, kind, sizes.rounds) for kind, title in KINDS.items()}
    drawn = found[KINDS["all"]]
    found["all, met by a process that has met nobody"] = new = profile(folder, "all", sizes.rounds, cold=True)
    page.say("### Where the time goes", "Whole answer: microseconds of processor time a household, one core.")
    parts = sorted({part for each in found.values() for part in each}, key=lambda part: -drawn.get(part, 0))
    rows = [[part, *(f"{each.get(part, 0) * 1e6:.1f}" for each in found.values())] for part in parts]
    rows.append(["all of it", *(f"{sum(each.values()) * 1e6:.1f}" for each in found.values())])
    page.table(("", *found), rows)

    def us(wanted: Callable[[str], bool]) -> str:
        return f"{sum(seconds for part, seconds in drawn.items() if wanted(part)) * 1e6:.1f} us"

    of_engine = sum(seconds for part, seconds in drawn.items() if part.startswith(ENGINE)) / sum(drawn.values())
    asked = sum(new.get(part, 0) for part in (LAW, DAY)) / sum(new.values())
    page.say(
        f"So of a portfolio as drawn {of_engine:.0%} of the time goes through the engine, and to put what it says in "
        f"its place. A process that has met nobody spends {asked:.0%} of its time on asking law and worklist, once "
        "for all who stand alike.",
        f"Forty times `assess` would be {slow / 40 * 1e6:.1f} us a household. Ledger, late fee, facts and tables take "
        f"{us(lambda part: part in MONEY)}, the steps, what law says of them, the day and the deadlines "
        f"{us(lambda part: part in STEPS)}, and to lay out the five tables takes {us(lambda part: LAID in part)}: each "
        "step that does not go out is a row with its reasons.",
    )
