"""A chart of households: each fact an axis, each condition a region, each table the regions of its answers.

For whoever asks what rules say of all households at once: coverage, and the differences of two books. What is asked is
charted first, so that each axis is cut just where something written cuts it. Then regions can be met, taken from one
another, searched for a household (`chart.space`), and told in the words of the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cmp_to_key
from itertools import combinations
from typing import NamedTuple

from dunning.check.asked import OTHER_WORDS, Asked, Subject, guarantees, scale_of, told_apart
from dunning.check.wishes import Wish
from dunning.engine.known.compile import worst_of
from dunning.engine.known.impossible import AGES, NO_MORE, days_of, not_for
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
from dunning.model.scales import Interval, Scale

_MOST_BOXES = 64
"""A part of a condition that would multiply to more boxes than this becomes an axis of its own."""

_MOST_TOTALS = 4096
"""A scorecard with more different totals than this is left undecided."""

_TRUTHS = Scale.of((), words=(False, True))

Total = Answer | Unknown | None
"""What some rows of a `sum` come to; None before any of them is true."""
_UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True)
class Axis:
    """What the segments of an axis mean: `places` are the segments of each class of the fact's scale.

    Of a set fact there is one axis for each `word`, with the classes False (lacks it) and True. Where the fact is a
    table, `values` are its answers by segment, and some segments may leave it `undetermined`.
    """

    number: int
    fact: str
    scale: Scale
    places: tuple[int, ...]
    undetermined: int = 0
    word: str | None = None
    values: tuple[Value | Unknown, ...] = ()

    def segments(self, classes: int) -> int:
        """All segments of these classes."""
        return sum(self.places[number] for number in bits(classes))

    def classes(self, segments: int) -> int:
        """The classes that lie whole in these segments."""
        return sum(1 << n for n, place in enumerate(self.places) if place and not place & ~segments)

    def touched(self, segments: int) -> int:
        """The classes of which these segments have a part."""
        return sum(1 << n for n, place in enumerate(self.places) if place & segments)


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
                apart = _pairs(self._axes[rule.less][0], self._axes[rule.more][0], _surely_more)
                self._never({**box, **given} for box in apart for given in self.views[0].boxes(rule.given))
        for days, months in AGES:
            if {days, months} <= self._axes.keys():
                self._never(_pairs(self._axes[days][0], self._axes[months][0], _out_of_step))


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
                    return self._together(each)
                return list(_distinct(box for boxes in each for box in boxes))

    def axes(self, fact: str) -> tuple[Axis, ...]:
        """The axes of a fact or table of this book, by its id."""
        if not self._asked.is_table(fact):
            return self.chart.axes(self._asked.key(fact))
        if fact not in self._of_tables:
            self._of_tables[fact] = self._table_axes(fact)
        return self._of_tables[fact]

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
        return list(_distinct(box for boxes in each for box in boxes)) if has_one else self._together(each)

    def _together(self, parts: Iterable[list[Box]]) -> list[Box]:
        """What lies in a box of each part."""
        space = self.chart.space
        together: list[Box] = [EVERYTHING]
        for boxes in sorted(parts, key=len):
            if len(together) * len(boxes) > _MOST_BOXES:
                together, boxes = ([self._as_one(each)] if len(each) > 1 else each for each in (together, boxes))
            met = (space.meet(one, other) for one in together for other in boxes)
            together = list(_distinct(box for box in met if box is not None))
        return together

    def _as_one(self, boxes: Sequence[Box]) -> Box:
        """Several boxes as one, on an axis of their own."""
        axis = self.chart.space.first_of(boxes)
        return {axis: (1 << len(boxes)) - 1}

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
            for one, other in combinations(rows, 2):
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
        worst = worst_of(name)
        if worst is not None:
            return (self._worst_axis(name, self.book.tables[worst]),)
        table = self.book.tables[name]
        match table.hit:
            case "collect":
                return tuple(self._collecting(table, word) for word in self._words(table))
            case "sum":
                return (self.added_up(table, self.rows(name)),)
        first = list(self._deciders(table))
        space = self.chart.space
        number = space.first_of([piece.box for each in first for piece in each.region])
        values = [each.answer for each in first for _ in each.region]
        rest = self._answer(table, *(row for row in table.rows if row.otherwise))
        return (self._of_values(number, name, [*values, rest.answer]),)

    def _of_values(self, number: int, name: str, values: Sequence[Value | Unknown], word: str | None = None) -> Axis:
        """The axis of a table by what it answers in each segment."""
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
        return Axis(number, name, scale, tuple(places), undetermined, word, tuple(values))

    def _worst_axis(self, name: str, table: Table) -> Axis:
        """The worst answer over a household's charges: any that the table may give, or none without a charge."""
        every = (value for axis in self.axes(table.id) for value in axis.values)
        values = list(dict.fromkeys(value for value in (*every, NONE) if not isinstance(value, Unknown)))
        return self._of_values(self.chart.space.axis(len(values)), name, values)

    def _words(self, table: Table) -> list[str]:
        """The words that a table which collects may collect, or is asked for."""
        collected = (self.answer(table, row) for row in table.rows)
        words = [word for found in collected if isinstance(found, frozenset) for word in found]
        tests = self._asked.tests.get(table.id, ())
        words += [word for test in tests if isinstance(test, Contains) for word in test.values]
        return list(dict.fromkeys(words))

    def _collecting(self, table: Table, word: str) -> Axis:
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
        return self._of_values(number, table.id, [*(value for _, value in listed), last], word)

    def _open(self, row: RowBoxes) -> list[Box]:
        """Where nobody can tell whether a row is true."""
        if row.perhaps is row.true:
            return []
        not_true = self.boxes(row.row.when, perhaps=True, wanted=False)
        return self._together([list(row.perhaps), not_true])

    def added_up(self, table: Table, rows: Sequence[RowBoxes]) -> Axis:
        """What a `sum` answers, on an axis of its own, where its rows are true as these boxes say."""
        number, totals = self._totals(rows)
        return self._of_values(number, table.id, [self._total(table, total) for total in totals])

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
                found[fact] = _of_words({axis.word or "": axis.touched(point[axis.number]) for axis in axes})
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
            return _words_told(fact, {axis.word or "": axis.classes(point[axis.number]) for axis in axes})
        (axis,) = axes
        segments = point[axis.number]
        classes, possible = axis.classes(segments) or axis.touched(segments), self.chart.possible(axis)
        tests = axis.scale.tests(classes, possible if classes & possible else None)
        told = tuple(Check(fact, test, "") for test in tests)
        if not tests or isinstance(tests[0], Anything):
            return None
        return told[0] if len(told) == 1 else Any(told)


def _of_words(words: Mapping[str, int]) -> Wish:
    """A set that has (0b10) some words and lacks (0b01) others."""
    held = frozenset(word for word, classes in words.items() if word and classes == 0b10)
    lacked = frozenset(word for word, classes in words.items() if word and classes == 0b01)
    return Wish((), held, lacked, frozenset(words), {0b10: True, 0b01: False}.get(words.get(OTHER_WORDS, 0)))


def _words_told(fact: str, words: Mapping[str, int]) -> Condition | None:
    """Which words a set has (0b10) and which it lacks (0b01), as a condition.

    A word that no test names has no name here either: 无 is said of a set that has none and need not have the others,
    and of one that must have some such word, that it has one and none of the others.
    """
    held = tuple(word for word, classes in words.items() if word and classes == 0b10)
    lacked = tuple(word for word, classes in words.items() if word and classes == 0b01)
    other = words.get(OTHER_WORDS)
    if not held and (other == 0b01 or (other is None and len(lacked) == len(words))):
        return Check(fact, Nothing(), "")
    parts = [Check(fact, Contains((word,)), "") for word in held]
    if other == 0b10 and not held:
        parts.append(Check(fact, Nothing(negated=True), ""))
        lacked = tuple(word for word in words if word)
    if lacked:
        parts.append(Check(fact, Contains(lacked, negated=True), ""))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else All(tuple(parts))


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


def _pairs(one: Axis, other: Axis, apart: Callable[[Interval, Interval], bool]) -> Iterator[Box]:
    """The classes of two facts in numbers that never go together."""
    for number, mine in enumerate(one.scale.classes):
        theirs = sum(
            place
            for its, place in zip(other.scale.classes, other.places, strict=True)
            if isinstance(mine, Interval) and isinstance(its, Interval) and apart(mine, its)
        )
        if theirs:
            yield {one.number: one.places[number], other.number: theirs}


def _surely_more(one: Interval, other: Interval) -> bool:
    return one.low is not None and other.high is not None and one.low > other.high


def _out_of_step(days: Interval, age: Interval) -> bool:
    """Whether so many days overdue are never so many months; no days at all go with any age."""
    if days.low is None or days.low < 1:
        return False
    if age.high is not None and (age.high < 1 or days.low > days_of(age.high)[1]):
        return True
    return age.low is not None and age.low > 0 and days.high is not None and days.high < days_of(age.low)[0]
