"""Night after night the same portfolio: only debtors with news are assessed again, or those whose day has come.

Of each debtor a state keeps a digest of his records, the day of his last assessment, his next review, and his answers;
everybody else's last answers stand. A next review may be told too early, never too late: where it would take too long
to find for all, some are simply looked at again the next night.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.columns.answer import Answer
from dunning.columns.arrow import owners_of
from dunning.columns.digests import Keys, digests, keys_of
from dunning.columns.disk import sync_folder, to_disk, write_safely
from dunning.columns.packing import EPOCH, MICROSECOND, unpack_all
from dunning.columns.rows import Batch, Bools, Coded, Ints, Texts
from dunning.columns.schema import TABLES, Shape, Tables
from dunning.columns.selecting import select
from dunning.columns.store import Store
from dunning.engine.ahead import horizon
from dunning.engine.assess import Rules
from dunning.engine.review import next_reviews
from dunning.model.account import SHANGHAI
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import in_hours

STATE = "state.json"
"""What a state is of: its last night, its rules, its parts."""

RECORDS = "records"
"""Where a state keeps the records, if they are not in a Parquet folder of ours anyway."""

_OWN = frozenset({RECORDS, f"{RECORDS}.part", f"{STATE}.tmp"})

STANDS = "stands"
"""The way of an account that was not assessed again."""

REVIEWS = 20_000
"""Debtors of a part whose next review is looked for in one night; it takes as long as some assessments."""

_DEBTORS = pa.schema(
    [
        ("key", pa.uint64()), ("digest", pa.uint64()), ("assessed", pa.date32()), ("next_review", pa.date32()),
        ("company", pa.string()), ("debtor", pa.string()),
    ]
)  # fmt: skip
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_A_DAY = 24 * 60

Assess = Callable[[Batch], Answer]


@dataclass(frozen=True, slots=True)
class State:
    """What is known from earlier nights; `night` is the folder of the last one, None before the first."""

    folder: Path
    night: Path | None
    parts: int
    on: date | None
    rules: Sequence[Any]
    of: Mapping[str, Any]
    number: int

    @property
    def tonight(self) -> Path:
        return self.folder / f"night-{self.number + 1:05}"

    def has(self, part: int) -> bool:
        """Whether something is known of a part from tonight."""
        return _file(self.tonight, "debtors", part).exists()


def open_state(folder: Path) -> State:
    """The state in a folder, a new one if there is none. UsageError if something else lies there."""
    path = folder / STATE
    if not path.exists():
        if folder.exists() and any(each.name[:6] != "night-" and each.name not in _OWN for each in folder.iterdir()):
            told = Text(f"“{folder}”里有别的文件, 不是状态文件夹", f"`{folder}` has other files and is no state")
            raise UsageError(told)
        return State(folder, None, 0, None, (), {}, 0)
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        on, number = date.fromisoformat(said["on"]), int(said["night"])
        return State(folder, folder / f"night-{number:05}", said["parts"], on, said["rules"], said["of"], number)
    except (ValueError, KeyError, TypeError):
        told = Text(f"“{path}”读不懂; 换一个文件夹重新开始", f"`{path}` cannot be read; begin anew in another folder")
        raise UsageError(told) from None


def refuse_earlier(state: State, on: date) -> None:
    """UsageError: a later night has been already."""
    if state.on is not None and on < state.on:
        zh, en = f"状态已经到 {state.on}, 不能再算 {on}", f"the state is of {state.on} already, so not {on} any more"
        raise UsageError(Text(zh, en))


def begin(state: State, of: Mapping[str, Any], on: date) -> None:
    """Makes the folder of the night, or goes on with it. UsageError: a later night has been already."""
    refuse_earlier(state, on)
    mark = state.tonight / STATE
    said = json.dumps(of, sort_keys=True)
    if mark.exists() and mark.read_text(encoding="utf-8") == said:
        return
    shutil.rmtree(state.tonight, ignore_errors=True)
    for name in ("debtors", *TABLES):
        (state.tonight / name).mkdir(parents=True)
    write_safely(mark, said)


def end(state: State, parts: int, of: Mapping[str, Any], on: date) -> None:
    """The night is over: from here on it is the last one; earlier ones go."""
    said = {"night": state.number + 1, "on": on.isoformat(), "parts": parts, "rules": of["rules"], "of": of}
    write_safely(state.folder / STATE, json.dumps(said, ensure_ascii=False) + "\n")
    for old in state.folder.glob("night-*"):
        if old != state.tonight:
            shutil.rmtree(old, ignore_errors=True)


def gone(state: State, parts: int) -> Iterator[tuple[str, str]]:
    """Company and id of the debtors of the last night who are no longer there tonight, in so many parts."""
    if state.night is None:
        return
    tonight = [table for part in range(parts) if (table := _read(state.tonight, "debtors", part)) is not None]
    there = pa.concat_tables([table.select(["key"]) for table in tonight] or [_empty()]).column("key").to_numpy()
    for part in range(state.parts):
        table = _read(state.night, "debtors", part)
        if table is not None:
            left = table.filter(pa.array(~np.isin(table.column("key").to_numpy(), there)))
            yield from zip(left.column("company").to_pylist(), left.column("debtor").to_pylist(), strict=True)


class _Known(NamedTuple):
    """What the last night left of the debtors of a part, in the order of their keys."""

    keys: Keys
    digests: Keys
    assessed: Ints
    next_review: Ints


class _Answers(NamedTuple):
    """The last answers of a part; `owners`: the row among the assessments that each row of each table belongs to."""

    tables: Tables
    owners: tuple[Ints, ...]


class Night:
    """One night's work on the parts of a portfolio."""

    def __init__(self, state: State, store: Store, rules: Rules, shape: Shape, of: Mapping[str, Any], on: date) -> None:
        self.state = state
        self.store = store
        self.rules = rules
        self.shape = shape
        self.on = on
        books = [rules] if isinstance(rules, RuleBook) else rules.books
        self.same_rules = list(state.rules) == list(of["rules"])
        self.fresh_from = _fresh_from(books, on)

    def answers(self, part: int, assess: Assess, *, whole: bool = False, all_reviews: bool = False) -> Iterator[Answer]:
        """The answers of those who are due in a part, stretch by stretch; `whole`: of everybody; `all_reviews`: each
        with his next review, however long that takes.

        What the next night has to know is on disk when this ends.
        """
        known, last = self._known(part), self._answers(part)
        drafts = {name: _file(self.state.tonight, name, part) for name in ("debtors", *TABLES)}
        left = sys.maxsize if all_reviews else REVIEWS
        with ExitStack() as files:
            schemas = {"debtors": _DEBTORS, **self.shape.schemas}
            writers = {
                name: files.enter_context(pq.ParquetWriter(path, schemas[name], compression="zstd"))
                for name, path in drafts.items()
            }
            for batch in self.store.batches(part):
                keys, found = keys_of(batch), digests(batch)
                at = np.minimum(np.searchsorted(known.keys, keys), max(len(known.keys) - 1, 0))
                there = known.keys[at] == keys if len(known.keys) else np.zeros(len(keys), np.bool_)
                due = self._due(batch, known, at, there, found)
                rows = np.flatnonzero(due[batch.debtor])
                on, review, days = self._reviews(batch, due, known, at, left)
                left -= int(due.sum())
                answer = _with_reviews(assess(taken(batch, rows)), days[rows])
                writers["debtors"].write_table(_debtors(batch, keys, found, on, review))
                tables = _together(last, answer.tables, batch, rows, self.shape)
                for name, table in zip(TABLES, tables, strict=True):
                    if len(table):
                        writers[name].write_table(table)
                paths = answer.paths + Counter({STANDS: len(batch) - len(rows)})
                yield Answer(tables if whole else answer.tables, paths)
        for path in drafts.values():
            to_disk(path)
            sync_folder(path.parent)

    # What is known

    def _parts(self, part: int) -> list[int]:
        """The parts of the last night that this one's debtors were in: a portfolio that grows has more of them."""
        fewer = min(self.store.parts, max(self.state.parts, 1))
        return [each for each in range(self.state.parts) if each % fewer == part % fewer]

    def _known(self, part: int) -> _Known:
        tables = [] if self.state.night is None else [_read(self.state.night, "debtors", p) for p in self._parts(part)]
        table = pa.concat_tables([each for each in tables if each is not None] or [_empty()]).sort_by("key")

        def days(name: str) -> Ints:
            return np.asarray(table.column(name).cast(pa.int32()).to_numpy(), np.int64) + _EPOCH_DAY

        keys, found = (table.column(name).to_numpy() for name in ("key", "digest"))
        return _Known(keys, found, days("assessed"), days("next_review"))

    def _answers(self, part: int) -> _Answers | None:
        if self.state.night is None or not self.same_rules:
            return None  # everybody is assessed again, perhaps with other columns
        parts = self._parts(part)
        found = Tables(*[self._table(name, parts) for name in TABLES])
        names = _names(found.assessments)
        owners = [np.arange(len(found.assessments), dtype=np.int64)]
        owners += [owners_of(table, names) if len(table) else np.zeros(0, np.int64) for table in found[1:]]
        return _Answers(found, tuple(owners))

    def _table(self, name: str, parts: Sequence[int]) -> pa.Table:
        assert self.state.night is not None
        tables = [table for part in parts if (table := _read(self.state.night, name, part)) is not None]
        return pa.concat_tables(tables or [self.shape.schemas[name].empty_table()]).unify_dictionaries()

    # Who is due

    def _due(self, batch: Batch, known: _Known, at: Ints, there: Bools, found: Keys) -> Bools:
        """The debtors to be assessed: new, with news, with data too old to be sure of, or whose day has come."""
        if not self.same_rules or not len(known.keys):
            return np.ones(len(there), np.bool_)
        today = self.on.toordinal()
        come = (known.next_review[at] <= today) & (known.assessed[at] < today)
        stale = np.zeros(len(there), np.bool_)
        stale[batch.debtor[self._stale(batch)]] = True
        return np.asarray(~there | (known.digests[at] != found) | come | stale)

    def _stale(self, batch: Batch) -> Bools:
        """The accounts whose data may get too old to act on in the course of the day: no review foresees that."""
        drawn = batch.numbers("data_as_of")
        if self.fresh_from is None:
            return np.zeros(len(batch), np.bool_)
        return drawn.absent | (drawn.values < self.fresh_from)

    def _reviews(self, batch: Batch, due: Bools, known: _Known, at: Ints, left: int) -> tuple[Ints, Ints, Ints]:
        """The day of each debtor's last assessment, and of the next: his review, or tomorrow where it is not found; and
        by account, the review that was found tonight, -1 where none was.
        """
        today = self.on.toordinal()
        assessed = np.full(len(due), today, np.int64)
        review = np.full(len(due), today + 1, np.int64)
        if len(known.keys):
            assessed = np.where(due, assessed, known.assessed[at])
            review = np.where(due, review, known.next_review[at])
        of_account = np.full(len(batch), -1, np.int64)
        looked = np.flatnonzero(due)[: max(left, 0)]
        starts = batch.groups
        for first in range(0, len(looked), _SOME):
            some = looked[first : first + _SOME].tolist()
            spans = [range(int(starts[debtor]), int(starts[debtor + 1])) for debtor in some]
            groups = [[row for row in span if row not in batch.rejected] for span in spans]
            accounts = iter(unpack_all(batch, np.array([row for group in groups for row in group], np.int64)))
            for debtor, group in zip(some, groups, strict=True):
                days = next_reviews([next(accounts) for _ in group], self.rules, on=self.on) if group else ()
                known_days = [day for day in days if day is not None]
                review[debtor] = min(known_days, default=horizon(self.on)).toordinal()
                of_account[group] = [-1 if day is None else day.toordinal() for day in days]
        return assessed, review, of_account


_SOME = 500
"""Debtors made into records at a time."""


def taken(batch: Batch, rows: Ints) -> Batch:
    """Some accounts of a batch, ascending, whole debtors; with what no array holds."""
    if len(rows) == len(batch):
        return batch
    places = {row: place for place, row in enumerate(rows.tolist())}
    some = select(batch, rows).batch
    return replace(
        some,
        kept={places[row]: account for row, account in batch.kept.items() if row in places},
        rejected={places[row]: rejected for row, rejected in batch.rejected.items() if row in places},
        doubts={places[row]: found for row, found in batch.doubts.items() if row in places},
    )


def acted_until(books: Sequence[RuleBook], on: date) -> datetime:
    """When all hours of contact of a day are over, by the latest of these books."""
    ends = [
        _A_DAY if hours.until is None else hours.until.hour * 60 + hours.until.minute
        for book in books
        for by_day in book.contact.windows.values()
        for several in by_day.values()
        for hours in several
    ]
    return datetime.combine(on, time(), SHANGHAI) + timedelta(minutes=max(ends, default=_A_DAY))


def _fresh_from(books: Sequence[RuleBook], on: date) -> int | None:
    """The moment from which data has to be drawn to be fresh through all hours of contact of a day, in microseconds;
    None where no book asks how old it is.
    """
    lasts = [in_hours(book.contact.fresh_data)[0] for book in books if book.contact.fresh_data is not None]
    if not lasts:
        return None
    return (acted_until(books, on) - timedelta(hours=min(lasts)) - EPOCH) // MICROSECOND


def _debtors(batch: Batch, keys: Keys, found: Keys, on: Ints, review: Ints) -> pa.Table:
    first = batch.groups[:-1]
    company = batch.coded("company")
    words = pa.array([str(word) for word in company.words], pa.string())
    codes = pa.array(company.codes[first], mask=company.codes[first] < 0)
    return pa.table(
        [
            pa.array(keys), pa.array(found), pa.array((on - _EPOCH_DAY).astype(np.int32)).cast(pa.date32()),
            pa.array((review - _EPOCH_DAY).astype(np.int32)).cast(pa.date32()), words.take(codes),
            batch.texts("debtor.id").values.take(pa.array(first)),
        ],
        schema=_DEBTORS,
    )  # fmt: skip


def _with_reviews(answer: Answer, days: Ints) -> Answer:
    """The answers with the next review of each account, -1 none."""
    told = answer.tables.assessments
    place = told.column_names.index("next_review")
    column = pa.array((days - _EPOCH_DAY).astype(np.int32), pa.int32(), mask=days < 0).cast(pa.date32())
    told = told.set_column(place, told.schema.field(place), column)
    return Answer(answer.tables._replace(assessments=told), answer.paths)


def _together(last: _Answers | None, news: Tables, batch: Batch, rows: Ints, shape: Shape) -> Tables:
    """The answers of all accounts of a batch: those of `rows` are news, the others stand; in the batch's order."""
    if last is None:
        return news
    names = {"company": batch.accounts["company"], "id": batch.accounts["id"]}
    again = np.zeros(len(batch) + 1, np.bool_)
    again[rows] = True
    of_last = owners_of(last.tables.assessments, names) if len(last.tables.assessments) else np.zeros(0, np.int64)
    of_last = np.where(again[of_last], -1, of_last)
    found = []
    for name, table, old, owners in zip(TABLES, news, last.tables, last.owners, strict=True):
        of_old = np.append(of_last, -1)[owners]
        stands = np.flatnonzero(of_old >= 0)
        of_new = owners_of(table, names) if len(table) else np.zeros(0, np.int64)
        order = np.argsort(np.concatenate((of_old[stands], of_new)), kind="stable")
        whole = pa.concat_tables([old.take(pa.array(stands)), table.cast(shape.schemas[name])]).unify_dictionaries()
        found.append(whole.combine_chunks().take(pa.array(order)))
    return Tables(*found)


def _names(assessments: pa.Table) -> dict[str, Coded | Texts]:
    company = assessments.column("company").unify_dictionaries().combine_chunks()
    codes = company.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    ids = assessments.column("account").cast(pa.string()).combine_chunks()
    return {"company": Coded(codes, tuple(company.dictionary.to_pylist())), "id": Texts(ids)}


def _read(night: Path, name: str, part: int) -> pa.Table | None:
    path = _file(night, name, part)
    return pq.read_table(path, use_threads=False) if path.exists() else None


def _file(night: Path, name: str, part: int) -> Path:
    return night / name / f"part-{part:05}.parquet"


def _empty() -> pa.Table:
    return _DEBTORS.empty_table()
