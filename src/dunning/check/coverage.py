"""Coverage: what each table leaves out, contradicts or never gets to, with a household that shows it.

The verdicts are exact (see `tables`); here they are told: where, which rows, what is missing in the rules' own words,
an example that was run, and what to write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Place
from dunning.check.asked import Subject
from dunning.check.chart import Chart
from dunning.check.copying import Copyist
from dunning.check.examples import Teller
from dunning.check.tables import Examined, Gap, Hidden, Order, Overlap, Unmet
from dunning.engine.known.compile import tested_by, worst_of
from dunning.engine.known.tables import NONE, Graded
from dunning.model.boxes import Piece, Point, Region, UndecidedError
from dunning.model.condition import All, Check, checks, facts_of
from dunning.model.rulebook import Row, RuleBook, Table

Lines = Mapping[str, Sequence[str]]
"""The lines of each file by its name, for what is to be copied in the style of the file."""


def coverage(book: RuleBook, lines: Lines | None = None) -> Iterator[Finding]:
    """The findings of every table that the book's file writes, or changes the meaning of."""
    for table in book.tables.values():
        if table.at is not None and _is_own(table, book):
            try:
                reports = [list(_Report(book, table, day, lines or {}).findings()) for day in editions(book, table)]
            except UndecidedError:
                yield Finding("C309", table.at, {"table": table.title})
            else:
                yield from _of_all_days(reports)


def _is_own(table: Table, book: RuleBook) -> bool:
    """Whether its rows stand in the book's own file, or read a table that does: what a base has is told there."""
    places = (book.tables[name].at for name in read_by(table, book))
    return any(at is not None and at.file == book.file for at in places)


def read_by(table: Table, book: RuleBook) -> list[str]:
    """The table and all tables it reads, by id, itself first."""
    found = [table.id]
    for name in found:
        facts = (fact for row in book.tables[name].rows for fact in facts_of(row.when))
        tables = dict.fromkeys(worst_of(fact) or fact for fact in facts)
        found += [each for each in tables if each in book.tables and each not in found]
    return found


def trial_day(book: RuleBook) -> date:
    """The day examples are run on: midsummer of the last year the calendar knows, or when the book is in force."""
    day = date(max(book.calendar.years, default=2026), 6, 30)
    return max(book.since or day, min(book.until or day, day))


def editions(book: RuleBook, table: Table) -> list[date]:
    """The trial day, and each day from which a table that is read answers otherwise."""
    rows = (row for name in read_by(table, book)[1:] for row in book.tables[name].rows)
    days = {since for row in rows for since, _ in row.then.steps if since > (book.since or date.min)}
    return [trial_day(book), *sorted(day for day in days if day <= (book.until or date.max))]


_SAME: Mapping[str, frozenset[str]] = {
    "C303": frozenset({"C303", "C304"}),
    "C304": frozenset({"C303", "C304"}),
    "C305": frozenset({"C303", "C304", "C305"}),
    "C306": frozenset({"C306"}),
    "C308": frozenset({"C308"}),
}
"""What has to be so on every day to be told at all, and what of other days counts as the same."""


def _of_all_days(reports: Sequence[Sequence[Finding]]) -> Iterator[Finding]:
    """A gap, an overlap of any day; a row or column that is idle, only if it is on every day."""
    told: set[tuple[str, Place | None]] = set()
    for finding in (finding for report in reports for finding in report):
        same = _SAME.get(finding.code)
        if (finding.code, finding.at) in told or (
            same and not all(any(each.at == finding.at and each.code in same for each in report) for report in reports)
        ):
            continue
        told.add((finding.code, finding.at))
        yield finding


class _Report:
    """Tells what is wrong with one table, as it is on one day."""

    def __init__(self, book: RuleBook, table: Table, day: date, lines: Lines) -> None:
        self.table = table
        self.view = Chart(Subject(book, (table.id,)), on=day).views[0]
        self.examined = Examined(self.view, table)
        self.flaws = self.examined.flaws()
        self.teller = Teller(self.view, table)
        self.copyist = Copyist(self.view, table, lines.get(table.at.file, ()) if table.at else ())

    def findings(self) -> Iterator[Finding]:
        flaws = self.flaws
        if flaws.gaps:
            yield self._gap(flaws.gaps)
        for row in self.table.rows:
            yield from (self._overlap(each) for each in flaws.overlaps if each.row is row)
            yield from (self._unmet(each) for each in flaws.unmet if each.row is row)
            yield from (self._hidden(each) for each in flaws.hidden if each.row is row)
        yield from (self._finding("C305", row) for row in flaws.idle_rows)
        yield from (self._idle_fact(fact) for fact in flaws.idle_facts if self._is_tested(fact))
        if flaws.idle_rest is not None:
            yield self._finding("C308", flaws.idle_rest)
        if flaws.order is not None:
            yield self._order(flaws.order)

    def _finding(self, code: str, row: Row | None, *related: Row, **more: object) -> Finding:
        """At a row, or at the table; with the places of other rows."""
        at = row.at if row is not None and row.at is not None else self.table.at
        places = tuple((other.at, _name(other)) for other in related[:_MOST_NAMED] if other.at is not None)
        told = {} if row is None else {"row": _name(row)}
        return Finding(code, at, {"table": self.table.title, **told, **more}, related=places)

    # One kind each

    def _gap(self, gaps: Sequence[Gap]) -> Finding:
        facts = self.examined.facts
        told = [self.teller.region(gap.region, facts) for gap in gaps]
        where: Region = (Piece(self.view.chart.space.named(gaps[0].region), self.examined.every),)
        return self._finding(
            "C301",
            None,
            sample=self.teller.example(where, facts, lambda graded: graded.value == NONE and not graded.rows),
            region=Text("\n".join(each.zh for each in told), "\n".join(each.en for each in told)),
            add=self._row_to_add(gaps[0]),
            rest=self._rest_to_add(),
        )

    def _row_to_add(self, gap: Gap) -> Text:
        """A row for what is missing, with the answer of the row that comes nearest to it."""
        near = self._nearest(gap.region)
        copied = self.copyist.row(gap.region, self.examined.facts, self.copyist.then(near)) if near else ""
        if near is None or not copied:
            return Text("", "")
        like = _name(near)
        zh = f"加一行  {copied}    (结果照最接近的{like.zh})\n或"
        return Text(zh, f"add  {copied}    (the answer as in {like.en}, which comes nearest)\nor ")

    def _rest_to_add(self) -> Text:
        line = self.copyist.rest(NONE)
        return Text(f"末行加  {line}", f"end with  {line}")

    def _nearest(self, gap: Point) -> Row | None:
        """The row that fits the gap but for the fewest facts, and is the nearest in these; the last of several."""
        best: tuple[tuple[int, int], Row] | None = None
        for row in self.examined.rows:
            for box in row.true:
                apart = [_apart(spanned, gap[axis]) for axis, spanned in box.items() if not spanned & gap[axis]]
                if best is None or (len(apart), sum(apart)) <= best[0]:
                    best = ((len(apart), sum(apart)), row.row)
        return best[1] if best else None

    def _overlap(self, overlap: Overlap) -> Finding:
        row, others = overlap.row, overlap.others
        return self._finding(
            "C302",
            row,
            *others,
            others=_names(others),
            rule=_RULES[self.table.hit],
            sample=self._example(overlap.point, (others[0], row), lambda graded: graded.cause == "overlap"),
            how=self._apart(row, others),
        )

    def _apart(self, row: Row, others: Sequence[Row]) -> Text:
        """The row's condition without the others' households, if that is one line."""
        space = self.view.chart.space
        boxes = {each.row.number: each for each in self.examined.rows}
        without = space.bits_of(box for other in others for box in boxes[other.number].true)
        point = space.find(space.inside(boxes[row.number].true, without))
        if point is None or len(boxes[row.number].true) != 1:
            return Text("", "")
        axes = [axis.number for axis in self.examined.axes]
        within = boxes[row.number].true[0]
        left = space.grown(point, axes, without, within)
        if space.has(space.inside([within], without | space.bit({axis: left[axis] for axis in axes}))):
            return Text("", "")
        line = self.copyist.condition(self.view.told(left, self.examined.facts))
        name = _name(row)
        return Text(f"{name.zh}改成  {line}\n或者", f"make {name.en}  {line}\nor ") if line else Text("", "")

    def _unmet(self, unmet: Unmet) -> Finding:
        """With the one test that nobody meets, or the fewest that nobody meets together."""
        alone = self._met_by_nobody(unmet.row)
        if alone is not None and self._is_table(alone.fact):
            title = self.teller.titles[alone.fact]
            reason = Text(f"“{title.zh}”从不给出这个结果", f"`{title.en}` never gives that answer")
        else:
            reason = _WHY_NOBODY[unmet.who]
        told = self.teller.box(unmet.box, self.examined.facts) if alone is None else self.teller.condition(alone)
        return self._finding("C303", unmet.row, tests=told or _CONTRARY, reason=reason)

    def _met_by_nobody(self, row: Row) -> Check | None:
        parts = row.when.parts if isinstance(row.when, All) else (row.when,)
        tests = (part for part in parts if isinstance(part, Check))
        return next((test for test in tests if not self.view.chart.space.has(self.view.region(test))), None)

    def _is_table(self, fact: str) -> bool:
        return (worst_of(fact) or fact) in self.view.book.tables

    def _hidden(self, hidden: Hidden) -> Finding:
        number = hidden.row.number
        sample = self._example(hidden.point, (*hidden.by, hidden.row), lambda graded: number not in graded.rows)
        return self._finding(
            "C304", hidden.row, *hidden.by, others=_names(hidden.by), sample=sample, how=self._way_out(hidden)
        )

    def _way_out(self, hidden: Hidden) -> Text:
        """Take the row out where it says the same, or where the order is not by rows; else move it up."""
        row, first = _name(hidden.row), _name(hidden.by[0])
        if all(other.then == hidden.row.then for other in hidden.by):
            return Text("结果也相同, 删去这一行", "its answer is the same as theirs: take it out")
        if self.table.hit != "first":
            return Text(
                "它们的结果总在前面; 改条件或结果, 或者删去这一行", "their answers always win: change it or take it out"
            )
        return Text(f"把{row.zh}移到{first.zh}前面, 或者删去", f"move {row.en} before {first.en}, or take it out")

    def _is_tested(self, fact: str) -> bool:
        """Whether a row tests it that is not told of already."""
        flaws = self.flaws
        told = [*(each.row for each in flaws.unmet), *(each.row for each in flaws.hidden), *flaws.idle_rows]
        return any(row not in told and fact in tested_by(row) for row in self.table.rows)

    def _idle_fact(self, fact: str) -> Finding:
        tests = (check for row in self.table.rows for check in checks(row.when) if check.fact == fact)
        at = next((check.at for check in tests if check.at is not None), self.table.at)
        return Finding("C306", at, {"table": self.table.title, "fact": self.teller.titles[fact]})

    def _order(self, order: Order) -> Finding:
        sample = self._example(order.point, (order.row, order.other), lambda graded: bool(graded.rows))
        return self._finding("C307", order.row, order.other, other=_name(order.other), sample=sample)

    def _example(self, point: Point, rows: Iterable[Row], confirms: Callable[[Graded], bool]) -> Text:
        """A household at a point, with the facts that these rows test."""
        facts = dict.fromkeys(fact for row in rows for fact in tested_by(row))
        where: Region = (Piece(self.view.chart.space.named(point)),)
        return self.teller.example(where, tuple(facts), confirms)


def _apart(one: int, other: int) -> int:
    """How many segments lie between the nearest of two sets, and one."""
    if one > other:
        one, other = other, one
    return max(1, (other & -other).bit_length() - one.bit_length())


_MOST_NAMED = 6
"""Rows named in one finding; of more only the number is told."""

_RULES: Mapping[str, Text] = {
    "unique": Text("每户只能中一行", "one row at most may be"),
    "any": Text("几行都中时结果要相同", "rows that are have to agree"),
}
_WHY_NOBODY: Mapping[str, Text] = {
    "applies": Text("本规则书不用于这样的户 (见“适用”)", "the book is not for such households (see `applies`)"),
    "impossible": Text("规则书写着没有这样的户 (见“不可能”)", "the book says there are none (see `impossible`)"),
    "records": Text("没有这样的户", "there is no such household"),
}
_CONTRARY = Text("条件自相矛盾", "its conditions contradict each other")


def _name(row: Row) -> Text:
    """第3行“大额高危”; the number is as people count, the title if it has one."""
    title = row.title or row.id
    zh, en = f"第{row.number}行", f"row {row.number}"
    return Text(f"{zh}“{title}”", f"{en} `{title}`") if title else Text(zh, en)


def _names(rows: Sequence[Row]) -> Text:
    told = [_name(row) for row in rows[:_MOST_NAMED]]
    more = len(rows) - len(told)
    zh = "、".join(each.zh for each in told) + (f"等 {len(rows)} 行" if more else "")
    en = ", ".join(each.en for each in told) + (f" and {more} more" if more else "")
    return Text(zh, en)
