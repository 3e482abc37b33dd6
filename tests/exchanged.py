"""Generated books of tables over real facts, and what it means for two tables to say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any as Anything_

from hypothesis import strategies as st

from dunning.basis.finding import Text, has_errors
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.tables import Graded, grade
from dunning.exchange.boxes import plain_cells
from dunning.exchange.cells import ONE
from dunning.lang.library import calendar_of, shipped
from dunning.lang.readers.read import Ground, open_page, read_book
from dunning.lang.words.meaning import canonical
from dunning.model.condition import (
    ALWAYS,
    All,
    Any,
    Bound,
    Check,
    Condition,
    Contains,
    Not,
    Nothing,
    OneOf,
    Range,
    Test,
    Unknown,
    Value,
)
from dunning.model.rulebook import Answer, Dated, Duration, Hit, Output, Row, RuleBook, Table

ON = date(2026, 11, 22)
Facts = Mapping[str, Value | Unknown]

_calendar, _ = calendar_of(shipped() / "calendars" / "cn.yaml")

# --- facts: a few values each, so that rows meet --------------------------------------------------------------------

ORDERED = {
    "arrears": [0, 1, 500_000, 1_000_000, 1_000_001],
    "overdue_days": [-2, 0, 30, 31, 90],
    "overdue_periods": [0, 1, 3],
    "months_owed": [0, 6, 12, 24],  # 2m: what a rule can write
    "on_time_ratio_12m": [0, 500_000, 857_142, 1_000_000],
    "oldest_due": [date(2026, 1, 1).toordinal(), date(2026, 1, 2).toordinal()],
    "area": [0, 9_050, 10_000],
}
WORDS = {"use": ["residential", "office", "parking"], "plan_state": ["kept", "broken"], "community": ["星河 一期", "b"]}
SETS = {"tags": ["vip", "空置"], "open_dispute_kinds": ["price", "invoice"]}
MAY_BE_NOTHING = {"oldest_due", "plan_state", "months_owed"}
FACTS = [*ORDERED, *WORDS, *SETS, "hardship"]


def _range(low: Bound | None, high: Bound | None) -> Range:
    return Range(low, high)


def ranges(values: list[int]) -> st.SearchStrategy[Test]:
    bounds = st.builds(Bound, st.sampled_from(values), st.booleans(), st.just(""))
    sides = st.builds(_range, bounds, st.none()) | st.builds(_range, st.none(), bounds)
    spans = st.builds(_range, bounds, bounds)
    return (sides | spans).filter(_not_empty)


def _not_empty(test: Range) -> bool:
    return test.lowest is None or test.highest is None or test.lowest <= test.highest


def one_of(values: list[Anything_]) -> st.SearchStrategy[Test]:
    several = st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)
    return st.builds(lambda some, negated: OneOf(tuple(some), tuple(map(str, some)), negated), several, st.booleans())


def tests_of(fact: str) -> st.SearchStrategy[Test]:
    if fact in ORDERED:
        found = ranges(ORDERED[fact]) | one_of(ORDERED[fact])
    elif fact in WORDS:
        found = one_of(WORDS[fact])
    elif fact in SETS:
        several = st.lists(st.sampled_from(SETS[fact]), min_size=1, unique=True).map(tuple)
        return st.builds(Contains, several, st.booleans()) | st.builds(Nothing, st.booleans())
    elif fact == "hardship":
        return st.sampled_from([OneOf((True,), ("是",)), OneOf((False,), ("否",))])
    elif fact == "share":  # a table of percents with a word beside them
        return ranges([0, 500_000]) | st.sampled_from([OneOf((word,), (word,)) for word in ("individual", "none")])
    else:
        return one_of(["a", "b", "none"])
    return found | st.builds(Nothing, st.booleans()) if fact in MAY_BE_NOTHING else found


def checks(facts: list[str]) -> st.SearchStrategy[Condition]:
    return st.sampled_from(facts).flatmap(lambda fact: st.builds(Check, st.just(fact), tests_of(fact), st.just("")))


def conditions(facts: list[str]) -> st.SearchStrategy[Condition]:
    """Mostly a line of a grid, sometimes a nest."""
    leaf = checks(facts)
    lines = st.lists(leaf, max_size=3, unique_by=lambda check: check.fact).map(lambda parts: _all(parts))
    nests = st.recursive(
        leaf,
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: All(tuple(parts)))
            | st.lists(inner, min_size=1, max_size=3).map(lambda parts: Any(tuple(parts)))
            | st.builds(Not, inner)
        ),
        max_leaves=5,
    )
    return lines | lines | nests


def _all(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else All(tuple(parts))


# --- tables -----------------------------------------------------------------------------------------------------------

CHOICE = Output(kind="choice", words={"b": Text("乙 级", "乙 级"), "a": Text("a", "a"), "c": Text("丙", "丙")})
WITH_NONE = Output(kind="choice", words={"a": Text("甲", "甲"), "none": Text("不分级", "不分级"), "b": Text("b", "b")})
SHARE = Output(kind="percent", words={"individual": Text("单项评估", "单项评估")})
NUMBERS: list[tuple[Output, list[Answer]]] = [
    (Output(kind="integer"), [-1, 0, 30]),
    (Output(kind="money"), [0, 159_225]),
    (Output(kind="percent"), [Fraction(0), Fraction(1, 8), Fraction(1)]),
]
OTHERS: list[tuple[Output, list[Answer]]] = [
    (CHOICE, ["a", "b", "c"]),
    (WITH_NONE, ["a", "b", "none"]),
    (Output(kind="role"), ["legal", "finance"]),
    (Output(kind="boolean"), [True, False]),
    (Output(kind="duration"), [*map(Duration, (10, 3, 1, 30, 48), ("wd", "mo", "y", "d", "h"))]),
    (SHARE, [Fraction(1, 2), "individual"]),
]  # fmt: skip
_ANYWHERE: list[Hit] = ["unique", "first", "any"]


@st.composite
def tables(draw: st.DrawFn, name: str, facts: list[str], outputs: list[tuple[Output, list[Answer]]]) -> Table:
    output, answers = draw(st.sampled_from(outputs))
    hits = [*_ANYWHERE]
    if (output, answers) in NUMBERS:
        hits += ["sum", "min", "max"]
    if output.kind in ("choice", "role"):
        hits += ["collect", "priority"]
    titles = st.sampled_from(["", "一行", "说: 第1行 # 注", "a|b"])
    rows = [
        Row(number=number, when=when, then=Dated.always(draw(st.sampled_from(answers))), title=draw(titles),
            id=draw(st.sampled_from(["", f"r{number}"])))
        for number, when in enumerate(draw(st.lists(conditions(facts), min_size=1, max_size=4)), 1)
    ]  # fmt: skip
    if draw(st.booleans()):
        rest = Dated.always(draw(st.sampled_from(answers)))
        rows.append(Row(number=len(rows) + 1, when=ALWAYS, then=rest, title=draw(titles), otherwise=True))
    return Table(
        id=name,
        title=draw(st.sampled_from([Text("一张表", "一张表"), Text("表: 甲", "table a")])),
        output=output,
        rows=tuple(rows),
        hit=draw(st.sampled_from(hits)),
        source=draw(st.sampled_from(["", "公司制度 2.3; 第[4]条"])),
        covers=draw(st.sampled_from([(), ("C.1", "N.1")])),
    )


@st.composite
def shelves(draw: st.DrawFn) -> tuple[Table, ...]:
    """Two tables that others read, and one over them."""
    word = draw(tables("grade", FACTS, [OTHERS[0], OTHERS[1]]).filter(lambda table: table.hit != "collect"))
    share = draw(tables("share", FACTS, [OTHERS[5]]))
    last = draw(tables("last", [*FACTS, "grade", "share"], [*NUMBERS, *OTHERS]))
    return word, share, last


def book_of(tables: Iterable[Table]) -> RuleBook:
    """A book of nothing but these tables."""
    named = {table.id: table for table in tables}
    return RuleBook(name="made", title="生成的", version="1", calendar=_calendar, tables=named)


@st.composite
def households(draw: st.DrawFn, *, known: bool) -> Facts:
    """A value for every fact, near what rules test; `known`: none is missing."""
    found: dict[str, Value | Unknown] = {}
    for fact in FACTS:
        if fact in ORDERED:
            steps = ORDERED[fact]
            values: list[Value] = [*steps, *(step + 1 for step in steps), *(step - 1 for step in steps)]
        elif fact in WORDS:
            values = [*WORDS[fact]]
        elif fact in SETS:
            values = [frozenset(), *(frozenset({word}) for word in SETS[fact]), frozenset(SETS[fact])]
        else:
            values = [True, False]
        if fact in MAY_BE_NOTHING:
            values.append(None)
        chosen = st.sampled_from(values)
        found[fact] = draw(chosen if known else chosen | st.just(Unknown((fact,))))
    return found


# --- the same meaning ---------------------------------------------------------------------------------------------


def graded(tables: Iterable[Table], facts: Facts) -> dict[str, Graded]:
    """What each table answers, those further up being facts to those below."""
    seen = dict(facts)
    found: dict[str, Graded] = {}
    for table in tables:
        found[table.id] = grade(table, seen.__getitem__, ON)
        seen[table.id] = found[table.id].fact
    return found


def meaning(table: Table) -> Anything_:
    """The table as plain data: where the row for the rest stands among the others says nothing, nor do brackets."""
    rows = [replace(row, when=All(plain_cells(row.when) or (row.when,))) for row in table.rows]
    return canonical(replace(table, rows=tuple(sorted(rows, key=lambda row: row.otherwise))))


def is_plain(table: Table) -> bool:
    """Whether every row is a line of cells."""
    return all(plain_cells(row.when) is not None for row in table.rows)


def read_text(text: str) -> Mapping[str, Table]:
    """The tables of a rule file's text."""
    reading = read_book(open_page(text, "made.yaml"), Ground(_calendar))
    assert not has_errors(reading.findings), [found.message("en") for found in reading.findings]
    assert reading.book is not None
    return reading.book.tables


def canonical_value(fact: str) -> Callable[[Value], Anything_]:
    """A fact's value as JSON for a DMN file."""
    kind = CATALOGUE[fact].type.kind

    def convert(value: Value) -> Anything_:
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, frozenset):
            return sorted(value)
        return date.fromordinal(value).isoformat() if kind == "date" else Fraction(value, ONE[kind])

    return convert
