"""Books of a few tables over a few small facts, at random: every hit policy, nests, sets, 无, tables that read tables.

Every threshold lies among few numbers, so that a brute force over `households` meets every household there can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from typing import Any as Whatever

from dunning.basis.calendar import Calendar
from dunning.basis.finding import Text
from dunning.engine.known.logic import truth
from dunning.engine.known.tables import grade
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
    Type,
    Unknown,
    Value,
)
from dunning.model.rulebook import Answer, Dated, Output, OwnFact, Row, RuleBook, Table
from dunning.testing.making import Pick

ON = date(2026, 6, 30)
HIGHEST = 3  # thresholds are 0 to this
NUMBERS: Sequence[Value] = range(-1, HIGHEST + 2)
HITS = ("first", "unique", "first", "any", "collect", "sum", "min", "max", "priority")
Household = Mapping[str, Value | Unknown]


def _titled(*words: str) -> Mapping[str, Text]:
    return {word: Text(word, word) for word in words}


def _own(name: str, type_: Type, **more: Whatever) -> OwnFact:
    return OwnFact(id=name, type=type_, title=Text(name, name), key=name, **more)


FACTS = {
    "n": _own("n", Type("integer")),
    "m": _own("m", Type("days")),
    "gone": _own("gone", Type("integer"), has_default=True, default=None),
    "kind": _own("kind", Type("choice", _titled("a", "b", "c"))),
    "flag": _own("flag", Type("boolean")),
    "tags": _own("tags", Type("set")),
    "closed": _own("closed", Type("set", _titled("x", "y"))),
    "word": _own("word", Type("text"), has_default=True, default=None),
}


def _sets(*words: str) -> list[Value]:
    return [
        frozenset(w for w, is_in in zip(words, chosen, strict=True) if is_in)
        for chosen in product((0, 1), repeat=len(words))
    ]


VALUES: Mapping[str, Sequence[Value]] = {
    "n": NUMBERS,
    "m": NUMBERS,
    "gone": (None, *NUMBERS),
    "kind": ("a", "b", "c"),
    "flag": (False, True),
    "tags": _sets("x", "y", "other"),
    "closed": _sets("x", "y"),
    "word": (None, "p", "q", "other"),
}
"""Of each fact, values of which no test can tell any other value from all."""


def make_book(pick: Pick, *, facts: int = 3, tables: int = 2, rows: int = 4) -> RuleBook:
    """Its last table is the one to look at."""
    names = list(FACTS)
    chosen = [names.pop(pick.number(0, len(names) - 1)) for _ in range(pick.number(1, facts))]
    made: dict[str, Table] = {}
    for number in range(pick.number(1, tables)):
        made[f"t{number}"] = make_table(pick, f"t{number}", chosen, made, rows)
    impossible = tuple(make_condition(pick, chosen, {}) for _ in range(pick.one((0, 0, 1, 2))))
    return RuleBook(
        name="random", title="", version="1", calendar=Calendar(years={}), facts=FACTS, tables=made,
        impossible=tuple(each for each in impossible if each != ALWAYS),
    )  # fmt: skip


def make_table(pick: Pick, name: str, facts: Sequence[str], before: Mapping[str, Table], most: int) -> Table:
    hit: Whatever = pick.one(HITS)
    words = _titled("A", "B", "C")
    output = Output(kind="integer") if hit in ("sum", "min", "max") else Output(kind="choice", words=words)
    count = pick.number(1, most)
    rest = pick.number(1, count) if pick.chance(25) else 0
    rows = tuple(
        Row(
            number=number,
            when=ALWAYS if number == rest else make_condition(pick, facts, before),
            then=make_answer(pick, output),
            title=pick.one(("", "", "why")),
            otherwise=number == rest,
        )
        for number in range(1, count + 1)
    )
    return Table(id=name, title=Text(name, name), output=output, rows=rows, hit=hit)


def make_answer(pick: Pick, output: Output) -> Dated[Answer]:
    def answer() -> Answer:
        return pick.one((0, 1, 2, 5)) if output.kind == "integer" else pick.one(("A", "B", "C", "none"))

    if pick.chance(90):
        return Dated.always(answer())
    return Dated(((pick.one((date(2026, 1, 1), date(2027, 1, 1))), answer()),))


def make_condition(pick: Pick, facts: Sequence[str], tables: Mapping[str, Table], depth: int = 2) -> Condition:
    kind = pick.number(0, 9)
    if kind < 7 or not depth:
        parts = tuple(make_check(pick, facts, tables) for _ in range(pick.one((1, 1, 2, 2, 3))))
        return parts[0] if len(parts) == 1 else All(parts)
    if kind == 9:
        return Not(make_condition(pick, facts, tables, depth - 1))
    parts_ = tuple(make_condition(pick, facts, tables, depth - 1) for _ in range(pick.number(0, 3)))
    return All(parts_) if kind == 8 else Any(parts_)


def make_check(pick: Pick, facts: Sequence[str], tables: Mapping[str, Table]) -> Check:
    name = pick.one((*facts, *facts, *tables))
    return Check(name, make_test(pick, name, tables), "")


def make_test(pick: Pick, name: str, tables: Mapping[str, Table]) -> Test:
    if pick.chance(8):
        return Nothing(negated=pick.chance(50))
    table = tables.get(name)
    kind = FACTS[name].type.kind if table is None else "choice" if table.output.kind == "choice" else "integer"
    if kind == "set" or (table is not None and table.hit == "collect"):
        words = pick.some(("x", "y") if table is None else ("A", "B", "C")) or ("x" if table is None else "A",)
        return Contains(words, negated=pick.chance(40))
    if kind in ("integer", "days") and pick.chance(80):
        return make_range(pick)
    values: Sequence[int | str | bool] = {
        "boolean": (False, True), "choice": ("a", "b", "c"), "text": ("p", "q"),
    }.get(kind, range(HIGHEST + 1))  # fmt: skip
    if table is not None:
        values = ("A", "B", "C", "none") if kind == "choice" else (0, 1, 2, 3, "none")
    chosen = tuple(dict.fromkeys((pick.one(values), pick.one(values))))
    return OneOf(chosen, tuple(map(str, chosen)), negated=pick.chance(30))


def make_range(pick: Pick) -> Range:
    def bound(least: int) -> Bound | None:
        value = pick.number(least, HIGHEST)
        return Bound(value, included=pick.chance(50), written=str(value))

    kind = pick.number(0, 2)
    low = bound(0) if kind else None
    return Range(low, bound(low.value if low else 0) if kind != 1 else None)


# Every household there can be


def households(book: RuleBook) -> Iterator[dict[str, Value | Unknown]]:
    """Those that the book does not rule out, with what each table answers them (the reference's word for it)."""
    for household in product_of(book):
        graded = with_tables(book, household)
        if not any(truth(condition, graded.__getitem__) for condition in book.impossible):
            yield graded


def product_of(book: RuleBook) -> Iterator[dict[str, Value]]:
    names = sorted({name for name in read(book) if name in FACTS})
    for values in product(*(VALUES[name] for name in names)):
        yield dict(zip(names, values, strict=True))


def with_tables(book: RuleBook, household: Mapping[str, Value | Unknown]) -> dict[str, Value | Unknown]:
    known: dict[str, Value | Unknown] = dict(household)
    for table in book.tables.values():
        known[table.id] = grade(table, known.__getitem__, ON).fact
    return known


def read(book: RuleBook) -> set[str]:
    from dunning.model.condition import facts_of

    rows = (row.when for table in book.tables.values() for row in table.rows)
    return {fact for condition in (*rows, *book.impossible) for fact in facts_of(condition)}
