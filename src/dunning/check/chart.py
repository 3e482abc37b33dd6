"""A chart of households: each fact an axis, each condition a region, each table the regions of its answers.

For whoever asks what rules say of all households at once: coverage, and the differences of two books. What is asked is
charted first, so that each axis is cut just where something written cuts it. Then regions can be met, taken from one
another, searched for a household (`chart.space`), and told in the words of the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cmp_to_key, reduce
from operator import or_
from typing import NamedTuple

from dunning.check.asked import (
    Asked,
    Subject,
    guarantees,
    out_of_step,
    scale_of,
    surely_more,
    told_apart,
)
from dunning.check.axes import Axis, Charted, pairs, wish_of_words, words_told
from dunning.check.wishes import Wish
from dunning.engine.known.compile import worst_of
from dunning.engine.known.impossible import AGES, NO_MORE, not_for
from dunning.engine.known.tables import NONE, decide
from dunning.model.boxes import EVERYTHING, Box, Piece, Point, Region, Space, UndecidedError, bits
from dunning.model.condition import (
    All,
    Any,
    Anything,
    Check,
    Condition,
    Contains,
    Not,
    Nothing,
    Test,
    Unknown,
    Value,
    checks,
    facts_of,
)
from dunning.model.rulebook import Answer, Dated, Row, Table
from dunning.model.scales import Scale

_MOST_BOXES = 64
"""A part of a condition that would multiply to more boxes than this becomes an axis of its own."""

_MOST_TOTALS = 4096
"""A scorecard with more different totals than this is left undecided."""

_TRUTHS = Scale.of((), words=(False, True))

Total = Answer | Unknown | None
"""What some rows of a `sum` come to; None before any of them is true."""
_UNKNOWN = Unknown()


class RowBoxes(NamedTuple):
    """Where a row is true; and where it is true or nobody can tell, as a table it reads is undetermined there."""

    row: Row
    true: tuple[Box, ...]
    perhaps: tuple[Box, ...]


class Decision(NamedTuple):
    """Where a table gives one answer (as conditions see it) by these rows; Unknown where it is undetermined."""

    answer: Value | Unknown
    rows: tuple[Row, ...]
    region: Region


class Chart:
    """The households of some books on one day; `views` see them through the book of each subject, in their order.

    Households that cannot exist are left out: what the records rule out, whom any of the books is not for (`not_for`
    are the bits of these boxes), and what any declares impossible (`declared`).
    """

    def __init__(self, *subjects: Subject, on: date, space: Space | None = None) -> None:
        self.on = on
        self.space = space or Space()
        asked = [Asked(subject) for subject in subjects]
        ruled_out = guarantees(asked)
        self._axes = dict(self._cut(asked, ruled_out))
        self._shared: dict[Hashable, tuple[Charted, ...]] = {}
        self._as_one: dict[tuple[frozenset[tuple[int, int]], ...], int] = {}
        self.views = tuple(View(self, each) for each in asked)
        for condition in ruled_out:
            self._never(self.views[0].boxes(condition))
        self._compare()
        aside = (box for view in self.views for each in not_for(view.book) for box in view.boxes(each))
        self.not_for = self._never(aside)
        declared = (box for view in self.views for each in view.book.impossible for box in view.boxes(each))
        self.declared = self._never(declared)

    def axes(self, key: Hashable) -> tuple[Axis, ...]:
        """The axes of a fact that is no table."""
        return self._axes[key]

    @property
    def base(self) -> tuple[int, ...]:
        """The numbers of the axes of facts that are no tables."""
        return tuple(axis.number for axes in self._axes.values() for axis in axes)

    def shared(self, meaning: Hashable, chart: Callable[[], Iterable[Charted]]) -> tuple[Charted, ...]:
        """What is charted of a table; once for all books that mean the same by it."""
        if meaning not in self._shared:
            self._shared[meaning] = tuple(chart())
        return self._shared[meaning]

    def as_one(self, boxes: Sequence[Box]) -> Box:
        """Several boxes as one, on an axis of their own."""
        key = tuple(frozenset(box.items()) for box in boxes)
        if key not in self._as_one:
            self._as_one[key] = self.space.first_of(boxes)
        return {self._as_one[key]: (1 << len(boxes)) - 1}

    def possible(self, axis: Axis) -> int:
        """The classes that some household may be in, as far as one fact alone tells."""
        return axis.touched(self.space.possible(axis.number))

    def _cut(
        self, asked: Sequence[Asked], ruled_out: Sequence[Condition]
    ) -> Iterator[tuple[Hashable, tuple[Axis, ...]]]:
        """The facts' axes, cut by all tests on them."""
        tests: dict[Hashable, list[Test]] = {}
        first: dict[Hashable, tuple[Asked, str]] = {}
        for each in asked:
            for name in each.base:
                key = each.key(name)
                tests.setdefault(key, []).extend(each.tests[name])
                first.setdefault(key, (each, name))
        for condition in ruled_out:
            for check in checks(condition):
                tests[check.fact].append(check.test)
        for key, (each, name) in first.items():
            type_ = each.type(name)
            if type_.kind == "set":
                words = told_apart(tests[key], type_)
                yield key, tuple(Axis(self.space.axis(2), name, _TRUTHS, (1, 2), word=word) for word in words)
            else:
                scale = scale_of(type_, tests[key], nothing=each.may_be_nothing(name))
                count = len(scale.classes)
                yield key, (Axis(self.space.axis(count), name, scale, tuple(1 << n for n in range(count))),)

    def _never(self, boxes: Iterable[Box]) -> int:
        """Rules out some boxes; their bits."""
        ruled_out = list(boxes)
        for box in ruled_out:
            self.space.never(box)
        return self.space.bits_of(ruled_out)

    def _compare(self) -> None:
        """What compares two facts: an age in days with one in months, and what is never more than another."""
        for rule in NO_MORE:
            if {rule.less, rule.more, *facts_of(rule.given)} <= self._axes.keys():
                apart = pairs(self._axes[rule.less][0], self._axes[rule.more][0], surely_more)
                self._never({**box, **given} for box in apart for given in self.views[0].boxes(rule.given))
        for days, months in AGES:
            if {days, months} <= self._axes.keys():
                self._never(pairs(self._axes[days][0], self._axes[months][0], out_of_step))


class View:
    """Households as one book sees them: its own facts and tables beside the catalogue's."""

    def __init__(self, chart: Chart, asked: Asked) -> None:
        self.chart = chart
        self.book = asked.book
        self._asked = asked
        self._rows: dict[str, tuple[RowBoxes, ...]] = {}
        self._of_tables: dict[str, tuple[Axis, ...]] = {}

    @property
    def names(self) -> frozenset[str]:
        """Every fact and table that is asked for."""
        return frozenset(self._asked.tests)

    # Conditions

    def region(self, condition: Condition) -> Region:
        """Where a condition is true."""
        return self.chart.space.inside(self.boxes(condition))

    def boxes(self, condition: Condition, *, perhaps: bool = False, wanted: bool = True) -> list[Box]:
        """Where a condition is true (or, not `wanted`, false) as boxes; `perhaps`: or cannot be told."""
        match condition:
            case Check():
                return self._check(condition, perhaps, wanted)
            case Not(part):
                return self.boxes(part, perhaps=perhaps, wanted=not wanted)
            case All(parts) | Any(parts):
                each = [self.boxes(part, perhaps=perhaps, wanted=wanted) for part in parts]
                if isinstance(condition, All) is wanted:
                    return self.together(each)
                return list(_distinct(box for boxes in each for box in boxes))

    def axes(self, fact: str) -> tuple[Axis, ...]:
        """The axes of a fact or table of this book, by its id."""
        if not self._asked.is_table(fact):
            return self.chart.axes(self._asked.key(fact))
        if fact not in self._of_tables:
            self._of_tables[fact] = self._table_axes(fact)
        return self._of_tables[fact]

    def collected(self, table: str, word: str) -> Axis:
        """Whether a table that collects has a word, though none of its rows may ever give it."""
        charted = self.chart.shared(
            (self._asked.meaning(table), (word,)), lambda: [self._collecting(self.book.tables[table], word)]
        )
        return self._of_values(table, charted[0])

    def _check(self, check: Check, perhaps: bool, wanted: bool) -> list[Box]:
        if isinstance(check.test, Anything):
            return [EVERYTHING] if wanted else []
        if self._asked.is_set(check.fact):
            return self._of_set(check, perhaps, wanted)
        (axis,) = self.axes(check.fact)
        return self._spanning(axis, axis.scale.true(check.test), perhaps, wanted)

    def _spanning(self, axis: Axis, classes: int, perhaps: bool, wanted: bool) -> list[Box]:
        whole = self.chart.space.whole(axis.number)
        true = axis.segments(classes)
        segments = true if wanted else whole & ~true & ~axis.undetermined
        if perhaps:
            segments |= axis.undetermined
        return [EVERYTHING] if segments == whole else [{axis.number: segments}] if segments else []

    def _of_set(self, check: Check, perhaps: bool, wanted: bool) -> list[Box]:
        """A set has one of some words, or none of them: each word is a truth of its own."""
        axes = self.axes(check.fact)
        test = check.test
        if isinstance(test, Contains):
            axes = tuple(axis for axis in axes if axis.word in test.values)
            has_one = test.negated is not wanted
        else:
            has_one = (isinstance(test, Nothing) and test.negated) is wanted
        each = [self._spanning(axis, 0b10 if has_one else 0b01, perhaps, wanted=True) for axis in axes]
        return list(_distinct(box for boxes in each for box in boxes)) if has_one else self.together(each)

    def together(self, parts: Iterable[list[Box]]) -> list[Box]:
        """What lies in a box of each part, as boxes."""
        space = self.chart.space
        together: list[Box] = [EVERYTHING]
        for boxes in sorted(parts, key=len):
            if len(together) * len(boxes) > _MOST_BOXES:
                together, boxes = ([self.chart.as_one(each)] if len(each) > 1 else each for each in (together, boxes))
            met = (space.meet(one, other) for one in together for other in boxes)
            together = list(_distinct(box for box in met if box is not None))
        return together

    # Tables

    def rows(self, table_id: str) -> tuple[RowBoxes, ...]:
        """Where each row but the one for the rest is true."""
        found = self._rows.get(table_id)
        if found is None:
            found = tuple(self._row(row) for row in self.book.tables[table_id].rows if not row.otherwise)
            self._rows[table_id] = found
        return found

    def _row(self, row: Row) -> RowBoxes:
        true = tuple(self.boxes(row.when))
        tables = (fact for fact in facts_of(row.when) if self._asked.is_table(fact))
        if any(axis.undetermined for table in tables for axis in self.axes(table)):
            return RowBoxes(row, true, tuple(self.boxes(row.when, perhaps=True)))
        return RowBoxes(row, true, true)

    def decisions(self, table_id: str) -> tuple[Decision, ...]:
        """What a table answers where: by rows in the order they decide, what is undetermined among them, then the rest.

        Of `sum` by totals; of `collect` a decision for each word, whose regions may overlap.
        """
        table = self.book.tables[table_id]
        if table.hit in ("sum", "collect"):
            return tuple(decision for axis in self.axes(table_id) for decision in _by_segment(axis))
        space = self.chart.space
        before = 0
        decided = []
        for each in self._deciders(table):
            decided.append(each._replace(region=tuple(piece._replace(without=before) for piece in each.region)))
            before |= space.bits_of(piece.box for piece in each.region)
        rest = self._answer(table, *(row for row in table.rows if row.otherwise))
        return (*decided, rest._replace(region=(Piece(EVERYTHING, before),)))

    def in_order(self, table_id: str) -> tuple[RowBoxes, ...]:
        """The rows in the order they go before one another: as they stand, or the one with the winning answer first."""
        table, rows = self.book.tables[table_id], self.rows(table_id)
        return self._by_worth(table, rows) if table.hit in ("min", "max", "priority") else rows

    def _deciders(self, table: Table) -> Iterator[Decision]:
        """What decides unless something before it does."""
        rows = self.in_order(table.id)
        inside = self.chart.space.inside
        if table.hit in ("unique", "any"):
            for one, other in self._beside(rows):
                both = self._answer(table, one.row, other.row)
                if isinstance(both.answer, Unknown):
                    yield both._replace(region=self._overlap(one, other))
            yield from (self._answer(table, row)._replace(region=inside(true)) for row, true, _ in rows)
            open_ones = [box for _, true, perhaps in rows if perhaps is not true for box in perhaps]
            yield Decision(_UNKNOWN, (), inside(open_ones))
            return
        for row, true, perhaps in rows:
            yield self._answer(table, row)._replace(region=inside(true))
            if perhaps is not true:
                yield Decision(_UNKNOWN, (row,), inside(perhaps))

    def _beside(self, rows: Sequence[RowBoxes]) -> Iterator[tuple[RowBoxes, RowBoxes]]:
        """The pairs of rows of which some boxes touch."""
        space = self.chart.space
        mine = [space.bits_of(row.true) for row in rows]
        for place, row in enumerate(rows):
            touching = reduce(or_, map(space.touching, row.true), 0)
            yield from ((rows[other], row) for other in range(place) if mine[other] & touching)

    def _overlap(self, one: RowBoxes, other: RowBoxes) -> Region:
        space = self.chart.space
        both = space.both(space.inside(one.true), space.inside(other.true))
        return tuple(piece for piece in both if space.find((piece,)))

    def _answer(self, table: Table, *rows: Row) -> Decision:
        """What the table answers where just these rows are true, as a decision without a region."""
        few = replace(table, rows=rows)
        truths = [True for row in rows if not row.otherwise]
        return Decision(decide(few, truths, lambda _: (), self.chart.on).fact, rows, ())

    def answer(self, table: Table, *rows: Row) -> Value | Unknown:
        """What the table answers where just these rows (or the one for the rest) are true, as conditions see it."""
        return self._answer(table, *rows).answer

    def _by_worth(self, table: Table, rows: Sequence[RowBoxes]) -> tuple[RowBoxes, ...]:
        """For `min`, `max` and `priority`: the row that would win over all others first; undated ones before them."""
        places = {each.row.number: place for place, each in enumerate(rows)}

        def which(one: RowBoxes, other: RowBoxes) -> int:
            first, second = sorted((one.row, other.row), key=lambda row: places[row.number])
            graded = decide(replace(table, rows=(first, second)), [True, True], lambda _: (), self.chart.on)
            return -1 if graded.rows[0] == one.row.number else 1

        undated = [each for each in rows if each.row.then.on(self.chart.on) is None]
        dated = [each for each in rows if each.row.then.on(self.chart.on) is not None]
        return (*undated, *sorted(dated, key=cmp_to_key(which)))

    def _table_axes(self, name: str) -> tuple[Axis, ...]:
        words = tuple(self._words(self.book.tables[name])) if self._asked.is_set(name) else ()
        charted = self.chart.shared((self._asked.meaning(name), words), lambda: self._charted(name, words))
        return tuple(self._of_values(name, each) for each in charted)

    def _charted(self, name: str, words: Sequence[str]) -> Iterator[Charted]:
        worst = worst_of(name)
        if worst is not None:
            yield self._worst_charted(self.book.tables[worst])
            return
        table = self.book.tables[name]
        match table.hit:
            case "collect":
                yield from (self._collecting(table, word) for word in words)
            case "sum":
                yield self._added_up(table, self.rows(name))
            case _:
                first = list(self._deciders(table))
                number = self.chart.space.first_of([piece.box for each in first for piece in each.region])
                values = [each.answer for each in first for _ in each.region]
                rest = self._answer(table, *(row for row in table.rows if row.otherwise))
                yield Charted(number, (*values, rest.answer))

    def _of_values(self, name: str, charted: Charted) -> Axis:
        """The axis of a table, cut by what this book asks of its answers."""
        number, values, word = charted
        known = [value for value in values if not isinstance(value, Unknown)]
        words = dict.fromkeys(value for value in known if isinstance(value, str | bool))
        numbers = any(type(value) is int for value in known)
        scale = _TRUTHS if word else Scale.of(self._asked.tests.get(name, ()), numbers=numbers, words=words)
        places = [0] * len(scale.classes)
        undetermined = 0
        for segment, value in enumerate(values):
            if isinstance(value, Unknown):
                undetermined |= 1 << segment
            else:
                places[scale.place(value)] |= 1 << segment
        return Axis(number, name, scale, tuple(places), undetermined, word, values)

    def _worst_charted(self, table: Table) -> Charted:
        """The worst answer over a household's charges: any that the table may give, or none without a charge."""
        every = (value for axis in self.axes(table.id) for value in axis.values)
        values = list(dict.fromkeys(value for value in (*every, NONE) if not isinstance(value, Unknown)))
        return Charted(self.chart.space.axis(len(values)), tuple(values))

    def _words(self, table: Table) -> list[str]:
        """The words that a table which collects may collect, or is asked for."""
        collected = (self.answer(table, row) for row in table.rows)
        words = [word for found in collected if isinstance(found, frozenset) for word in found]
        tests = self._asked.tests.get(table.id, ())
        words += [word for test in tests if isinstance(test, Contains) for word in test.values]
        return list(dict.fromkeys(words))

    def _collecting(self, table: Table, word: str) -> Charted:
        """Whether one word is collected: nobody can tell while any row is open."""
        rows = self.rows(table.id)
        listed: list[tuple[Box, Value | Unknown]] = [(box, _UNKNOWN) for row in rows for box in self._open(row)]
        undated = (row for row in rows if row.row.then.on(self.chart.on) is None)
        listed += [(box, _UNKNOWN) for row in undated for box in row.true]
        with_it = [row for row in rows if self.answer(table, row.row) == frozenset((word,))]
        listed += [(box, True) for row in with_it for box in row.true]
        rest = self.answer(table, *(row for row in table.rows if row.otherwise))
        if rest != frozenset():  # the row for the rest counts where no other row is true
            listed += [(box, False) for row in rows for box in row.true]
        last = rest if isinstance(rest, Unknown) else rest == frozenset((word,))
        number = self.chart.space.first_of([box for box, _ in listed])
        return Charted(number, (*(value for _, value in listed), last), word)

    def _open(self, row: RowBoxes) -> list[Box]:
        """Where nobody can tell whether a row is true."""
        if row.perhaps is row.true:
            return []
        not_true = self.boxes(row.row.when, perhaps=True, wanted=False)
        return self.together([list(row.perhaps), not_true])

    def added_up(self, table: Table, rows: Sequence[RowBoxes]) -> Axis:
        """What a `sum` answers, on an axis of its own, where its rows are true as these boxes say."""
        return self._of_values(table.id, self._added_up(table, rows))

    def _added_up(self, table: Table, rows: Sequence[RowBoxes]) -> Charted:
        number, totals = self._totals(rows)
        return Charted(number, tuple(self._total(table, total) for total in totals))

    def _totals(self, rows: Sequence[RowBoxes]) -> tuple[int, list[Total]]:
        """An axis of what rows add up to, and the total of each of its segments.

        Row after row: each has an axis for whether it is true, and each total so far one that follows from the two.
        """
        space = self.chart.space
        total = space.axis(1, follows=True)
        totals: list[Total] = [None]
        for row in rows:
            open_ones = self._open(row)
            truth = space.first_of([*open_ones, *row.true])
            end = len(open_ones) + len(row.true)
            said = row.row.then.on(self.chart.on)
            told = [
                ((1 << len(open_ones)) - 1, _UNKNOWN),
                ((1 << end) - (1 << len(open_ones)), _UNKNOWN if said is None else said),
                (1 << end, None),
            ]
            steps = [
                (number, segments, _added(so_far, more))
                for number, so_far in enumerate(totals)
                for segments, more in told
                if segments
            ]
            after = list(dict.fromkeys(sum_ for _, _, sum_ in steps))
            if len(after) > _MOST_TOTALS:
                raise UndecidedError
            following = space.axis(len(after), follows=True)
            for number, segments, sum_ in steps:
                others = space.whole(following) & ~(1 << after.index(sum_))
                if others:
                    space.never({total: 1 << number, truth: segments, following: others})
            total, totals = following, after
        return total, totals

    def _total(self, table: Table, sum_: Total) -> Value | Unknown:
        """A total as conditions see it; without any row, what the rest says."""
        if isinstance(sum_, Unknown):
            return sum_
        rest = tuple(row for row in table.rows if row.otherwise)
        rows = rest if sum_ is None else (replace(table.rows[0], then=Dated.always(sum_), otherwise=False),)
        return self.answer(table, *rows)

    # Households

    def wishes(self, point: Point) -> dict[str, Wish]:
        """What a household at a point may be like: for each fact that is asked for and is no table, its values."""
        found = {}
        for fact in self._asked.base:
            axes = self.axes(fact)
            if self._asked.is_set(fact):
                found[fact] = wish_of_words({axis.word or "": axis.touched(point[axis.number]) for axis in axes})
            else:
                (axis,) = axes
                found[fact] = Wish(tuple(axis.scale.classes[n] for n in bits(axis.touched(point[axis.number]))))
        return found

    # In words

    def told(self, point: Point, facts: Iterable[str]) -> Condition:
        """What a point says of some facts, as a condition in the words of the tests; ALWAYS if it leaves them open."""
        parts = tuple(part for fact in facts if (part := self._told(point, fact)) is not None)
        return parts[0] if len(parts) == 1 else All(parts)

    def _told(self, point: Point, fact: str) -> Condition | None:
        axes = self.axes(fact)
        if self._asked.is_set(fact):
            return words_told(fact, {axis.word or "": axis.classes(point[axis.number]) for axis in axes})
        (axis,) = axes
        segments = point[axis.number]
        classes, possible = axis.classes(segments) or axis.touched(segments), self.chart.possible(axis)
        tests = axis.scale.tests(classes, possible if classes & possible else None)
        told = tuple(Check(fact, test, "") for test in tests)
        if not tests or isinstance(tests[0], Anything):
            return None
        return told[0] if len(told) == 1 else Any(told)


def _by_segment(axis: Axis) -> Iterator[Decision]:
    """What a table answers, from its axis."""
    by_value: dict[Value | Unknown, int] = {}
    for segment, value in enumerate(axis.values):
        answer = axis.word if value is True and axis.word is not None else value
        by_value[answer] = by_value.get(answer, 0) | 1 << segment
    for answer, segments in by_value.items():
        if answer is not False:
            yield Decision(answer, (), (Piece({axis.number: segments}),))


def _added(so_far: Total, more: Total) -> Total:
    """A total and the answer of one more row (None: it is not true); a word beside anything else is no number."""
    if more is None or so_far is None:
        return so_far if more is None else more
    if isinstance(so_far, int | Fraction) and isinstance(more, int | Fraction):
        return so_far + more
    return _UNKNOWN


def _distinct(boxes: Iterable[Box]) -> Iterator[Box]:
    return iter({frozenset(box.items()): box for box in boxes}.values())


# Two facts compared
