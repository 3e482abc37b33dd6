"""Decision tables of two books: of which households the answer changes, told in prose, each with one that shows it.

A table that is written as before may answer otherwise, because it reads one that changed; it is told so.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import islice
from typing import Literal

from dunning.basis.finding import Text
from dunning.check.asked import Asked, Subject
from dunning.check.chart import Chart
from dunning.check.coverage import read_by as tables_read_by
from dunning.check.wishes import Wish
from dunning.compare.difference import Change, Move, Part, Witness
from dunning.compare.parts import Sides, flipped, meaning
from dunning.compare.regions import Said, Shift, shifts_of_table
from dunning.compare.speaker import Speaker
from dunning.compare.witnesses import NO_ROW, Trial, answered, grade_of, witness
from dunning.engine.known.compile import read_by, worst_of
from dunning.engine.result import Assessment
from dunning.model.action import ROLES
from dunning.model.boxes import Piece, Point, UndecidedError
from dunning.model.condition import Unknown
from dunning.model.rulebook import Row, RuleBook, Table
from dunning.model.shown import answer_shown
from dunning.output.phrases import BOTH, NOTHING, Phrases, joined, label

WITNESSES = 8
"""Households looked for in one clause: of further regions only the prose is told."""
_ROWS = 3


class Tables:
    """The differences of all tables; `moved` are those whose answers differ, for whatever reads them."""

    def __init__(self, trial: Trial, sides: Sides, names: Mapping[str, str]) -> None:
        self.trial = trial
        self.sides = sides
        self.new_names = names
        self.moved: list[str] = []
        self.asked = [Asked(Subject(book, tuple(book.tables))) for book in (trial.old, trial.new)]

    def compared(self) -> Iterator[tuple[Change, bool]]:
        """Each table that differs, and whether it does in meaning; as the books have them, those that are gone last."""
        old_names = {self.new_names.get(name, name): name for name in self.trial.old.tables}
        for name, table in self.trial.new.tables.items():
            before = old_names.get(name)
            if before is None:
                yield _alone(table, self.sides.new, "added"), True
            else:
                yield from self._pair(self.trial.old.tables[before], table)
        for name, table in self.trial.old.tables.items():
            if self.new_names.get(name, name) not in self.trial.new.tables:
                yield _alone(table, self.sides.old, "removed"), True

    def _pair(self, old: Table, new: Table) -> Iterator[tuple[Change, bool]]:
        same = self.asked[0].meaning(old.id) == self.asked[1].meaning(new.id)
        meant, read = _written(old, new, self.sides)
        if same and not meant and not read:
            return
        moves: list[Move] = []
        undecided = False
        if not same:
            try:
                moves = self._moves(old, new)
            except UndecidedError:
                undecided = True
        because = () if meant or _rows_meant(old) != _rows_meant(new) else tuple(self._because(new))
        differs = bool(moves or undecided or meant)
        if moves or undecided:
            self.moved.append(new.id)
        if differs or read:
            yield Change(
                clause=f"tables.{new.id}", title=table_title(new), how="follows" if differs and because else "changed",
                parts=(*meant, *read), moves=tuple(moves), because=because, undecided=undecided,
                old_at=old.at, new_at=new.at,
            ), differs  # fmt: skip

    def _because(self, table: Table) -> Iterator[Text]:
        """The tables it reads that answer otherwise."""
        for name in dict.fromkeys(worst_of(fact) or fact for fact in read_by(table)):
            if name in self.moved:
                yield table_called(self.trial.new.tables[name])

    # Of whom the answer changes

    def _moves(self, old: Table, new: Table) -> list[Move]:
        by_day: list[tuple[date, list[Move]]] = []
        for day in self._days(old, new):
            moves = list(_Moves(self.trial._replace(on=day), old, new).told())
            if not by_day or _shown(moves) != _shown(by_day[-1][1]):
                by_day.append((day, moves))
        if len(by_day) == 1:
            return by_day[0][1]
        return [move._replace(since=day) for day, moves in by_day for move in moves]

    def _days(self, old: Table, new: Table) -> list[date]:
        """The day asked about, and each on which an answer changes in either book."""
        rows = (
            row
            for book, table in ((self.trial.old, old), (self.trial.new, new))
            for name in tables_read_by(table, book)
            for row in book.tables[name].rows
        )
        days = {since for row in rows for since, _ in row.then.steps if since != date.min}
        return sorted({self.trial.on, *days})


def _shown(moves: Iterable[Move]) -> list[tuple[Text, Text, Text]]:
    return [(move.where, move.old, move.new) for move in moves]


class _Moves:
    """The households of which one table answers otherwise on one day."""

    def __init__(self, trial: Trial, old: Table, new: Table) -> None:
        self.trial = trial
        self.tables = (old, new)
        self.chart = Chart(Subject(trial.old, (old.id,)), Subject(trial.new, (new.id,)), on=trial.on)
        self.shifts = shifts_of_table(self.chart, old.id, new.id)
        self.speaker = Speaker(self.chart)
        self.facts = (read_by(old), read_by(new))

    def told(self) -> Iterator[Move]:
        looked = 0
        for shift in self.shifts:
            old, new = (
                answered(table, said, shift.word)
                for table, said in zip(self.tables, (shift.old, shift.new), strict=True)
            )
            for place, box in enumerate(shift.boxes):
                where = self.speaker.where(box, *self.facts)
                shows = None
                if looked < WITNESSES:
                    looked += 1
                    shows = self._witness(box, shift)
                last = place == len(shift.boxes) - 1
                yield Move(where, old, new, shows, more=last and not shift.whole)

    def _witness(self, box: Point, shift: Shift) -> Witness | None:
        """The first household found at one of some points of the box that both books answer as it is said."""
        facts = tuple(dict.fromkeys(fact for read in self.facts for fact in read))
        tell = (_Answers(self.trial.old, self.tables[0], shift.old, shift.word),
                _Answers(self.trial.new, self.tables[1], shift.new, shift.word))  # fmt: skip
        for wishes in wishes_at(self.chart, box):
            if found := witness(self.trial, wishes, facts, tell):
                return found
        return None


_POINTS = 2


def wishes_at(chart: Chart, box: Point) -> Iterator[dict[str, Wish]]:
    """What households of a box may be like, some of them."""
    space = chart.space
    for point in islice(space.boxes((Piece(space.named(box)),)), _POINTS):
        yield {**chart.views[0].wishes(point), **chart.views[1].wishes(point)}


@dataclass(frozen=True, slots=True)
class _Answers:
    """Tells what a table answers a household, and why; nothing where that is not what was expected."""

    book: RuleBook
    table: Table
    expected: Said
    word: str | None

    def __call__(self, result: Assessment, charge: str | None) -> Text | None:
        graded = grade_of(result, self.table.id, charge)
        if graded is None or not self._is(graded.fact):
            return None
        told = answered(self.table, graded.fact) if graded.rows or self.table.hit in ("sum", "collect") else NO_ROW
        why = joined((self._row(row) for row in self.table.rows if row.number in graded.rows[:_ROWS]), Text("; ", "; "))
        return told if why == NOTHING else Text(f"{told.zh} ({why.zh})", f"{told.en} ({why.en})")

    def _is(self, fact: Said) -> bool:
        if self.word is not None and isinstance(fact, frozenset):
            return (self.word in fact) is self.expected
        if isinstance(fact, Unknown) or isinstance(self.expected, Unknown):
            return isinstance(fact, Unknown) and isinstance(self.expected, Unknown)
        return fact == self.expected

    def _row(self, row: Row) -> Text:
        name = row_name(row)
        when = _when(row, Phrases(self.book))
        return Text(f"{name.zh}: {when.zh}", f"{name.en}: {when.en}")


# In words


def row_name(row: Row) -> Text:
    """第3行“大额高危”, row 3 `large`."""
    title = row.title or row.id
    zh, en = f"第{row.number}行", f"row {row.number}"
    return Text(f"{zh}“{title}”", f"{en} `{title}`") if title else Text(zh, en)


def _when(row: Row, phrases: Phrases) -> Text:
    return Text("否则", "otherwise") if row.otherwise else phrases.condition(row.when)


def _said(row: Row, table: Table, phrases: Phrases) -> Text:
    """A row as it is written: 欠费金额超过1万元 → A 重点."""
    when, answers = _when(row, phrases), []
    for since, answer in row.then.steps:
        told = Text(*(answer_shown(answer, table.output, lang) for lang in BOTH))
        if table.output.kind == "role" and answer in ROLES:
            told = ROLES[str(answer)]
        from_day = since != date.min
        answers.append(Text(f"{since}起 {told.zh}", f"{told.en} from {since}") if from_day else told)
    then = joined(answers, Text("; ", "; "))
    return Text(f"{when.zh} → {then.zh}", f"{when.en} → {then.en}")


def table_called(table: Table) -> Text:
    """A table in a sentence."""
    return Text(f"“{table.title.zh}”", table.id)


def table_title(table: Table) -> Text:
    return Text(f"表“{table.title.zh}” ({table.id})", f"table {table.id}")


def _alone(table: Table, phrases: Phrases, how: Literal["added", "removed"]) -> Change:
    told = [Part(row_name(row), NOTHING, _said(row, table, phrases)) for row in table.rows]
    parts = told if how == "added" else flipped(told)
    at = (None, table.at) if how == "added" else (table.at, None)
    return Change(
        clause=f"tables.{table.id}", title=table_title(table), how=how, parts=tuple(parts), old_at=at[0], new_at=at[1]
    )


# As it is written


def _rows_meant(table: Table) -> list[Hashable]:
    return [_row_meant(row) for row in table.rows]


def _row_meant(row: Row) -> Hashable:
    return meaning([row.when, row.then.steps, row.otherwise])


def _written(old: Table, new: Table, sides: Sides) -> tuple[list[Part], list[Part]]:
    """What of a table itself means something else, and what only reads otherwise.

    Rows are neither by themselves: whether they mean something else is for the answers to say.
    """
    collects = (old.hit == "collect") is not (new.hit == "collect")
    meant = _fields(("of", "hit") if collects else ("of",), old, new, sides)
    kinds = old.output.kind, new.output.kind
    if kinds[0] != kinds[1]:
        meant.append(Part(label("output"), sides.old.say("kind", kinds[0]), sides.new.say("kind", kinds[1])))
    read = _fields(("title", "source", "covers") if collects else ("title", "hit", "source", "covers"), old, new, sides)
    words = _words(old), _words(new)
    if words[0] != words[1]:
        read.append(Part(label("output"), *words))
    return meant, [*read, *_rows(old, new, sides)]


def _fields(names: Iterable[str], old: Table, new: Table, sides: Sides) -> list[Part]:
    return [
        Part(label(name), sides.old.value(old, name), sides.new.value(new, name))
        for name in names
        if getattr(old, name) != getattr(new, name)
    ]


def _words(table: Table) -> Text:
    return joined(Text(*(answer_shown(word, table.output, lang) for lang in BOTH)) for word in table.output.words)


def _rows(old: Table, new: Table, sides: Sides) -> Iterator[Part]:
    """Rows that are new, gone, moved, or written otherwise, in the order of the new table."""
    before, after = _rows_meant(old), _rows_meant(new)
    gone: list[Row] = []
    fresh: list[Row] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            for one, other in zip(old.rows[i:j], new.rows[k:m], strict=True):
                if (one.title, one.id) != (other.title, other.id):
                    name, renamed = row_name(one), row_name(other)
                    yield Part(label("rows"), name, renamed)
        else:
            gone += old.rows[i:j]
            fresh += new.rows[k:m]
    for row in list(fresh):
        moved = next((one for one in gone if _row_meant(one) == _row_meant(row)), None)
        if moved is not None:
            gone.remove(moved)
            fresh.remove(row)
            yield Part(row_name(row), row_name(moved), Text(f"移到第{row.number}行", f"moved to row {row.number}"))
    for row in fresh:
        same = next((one for one in gone if _alike(one, row)), None)
        if same is not None:
            gone.remove(same)
        yield Part(row_name(row), NOTHING if same is None else _said(same, old, sides.old), _said(row, new, sides.new))
    for row in gone:
        yield Part(row_name(row), _said(row, old, sides.old), NOTHING)


def _alike(one: Row, other: Row) -> bool:
    """Whether a row is taken to be another's later form: its title, or its condition, is the same."""
    if one.title and one.title == other.title:
        return True
    if meaning(one.when) == meaning(other.when) and not one.otherwise and not other.otherwise:
        return True
    return one.otherwise and other.otherwise
