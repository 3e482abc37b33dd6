"""Tables, told by z3 and by the search of `dunning check`: that none has a gap, and that the two agree row by row.

Two programs that share nothing but the syntax tree and the list of households there cannot be; where they differ, one
of them is wrong, and nobody should trust either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from typing import Any

import z3

from dunning.basis.finding import Text
from dunning.check.asked import Asked, Subject
from dunning.check.chart import Chart, View
from dunning.check.coverage import editions
from dunning.check.examples import Teller
from dunning.check.households import household
from dunning.check.proofs.claims import NOTHING, Claim, Shown
from dunning.check.proofs.formulas import Household
from dunning.check.tables import EXCLUSIVE, IN_ORDER, Examined
from dunning.engine.known.tables import NONE
from dunning.model.boxes import EVERYTHING, Piece, UndecidedError
from dunning.model.rulebook import Row, RuleBook, Table

PATIENCE = 20_000
"""Milliseconds for one question."""
_POINTS = 5
"""Points of a gap at which a household is tried to be drawn up."""


class UnansweredError(Exception):
    """The solver answered a question neither yes nor no."""


@dataclass(frozen=True)
class Verdicts:
    """What is wrong with a table: rows by number, overlaps as pairs."""

    gap: bool
    unmet: frozenset[int]
    hidden: frozenset[int]
    overlaps: frozenset[tuple[int, int]]


def by_solver(book: RuleBook, table: Table, order: Sequence[Row], *, on: date) -> Verdicts:
    """What z3 finds wrong with a table, its rows in the order they decide. UnansweredError where it gives up."""
    home = Household(book, Asked(Subject(book, (table.id,))), on=on)
    solver = z3.SolverFor("QF_LIA")
    solver.set("timeout", PATIENCE)
    solver.add(*home.exists())
    truths = [home.truth(row.when) for row in order]

    def possible(*parts: Any) -> bool:
        found = solver.check(*parts)
        if found == z3.unknown:
            raise UnansweredError
        return bool(found == z3.sat)

    met = {place for place, each in enumerate(truths) if possible(each.true)}
    before = {place: [each.false for each in truths[:place]] if table.hit in IN_ORDER else [] for place in met}
    reached = {place for place in met if possible(truths[place].true, *before[place])}
    rest = any(row.otherwise for row in table.rows) or table.hit in ("sum", "collect")
    return Verdicts(
        gap=not rest and possible(*[each.false for each in truths]),
        unmet=frozenset(row.number for place, row in enumerate(order) if place not in met),
        hidden=frozenset(order[place].number for place in met - reached),
        overlaps=frozenset(
            (order[one].number, order[other].number)
            for other in range(len(order))
            for one in range(other)
            if table.hit in EXCLUSIVE and not (table.hit == "any" and order[one].then == order[other].then)
            if possible(truths[one].true, truths[other].true)
        ),
    )


def by_search(examined: Examined) -> Verdicts:
    """What the search of `dunning check` finds wrong with it."""
    flaws = examined.flaws()
    return Verdicts(
        gap=bool(flaws.gaps),
        unmet=frozenset(each.row.number for each in flaws.unmet),
        hidden=frozenset(each.row.number for each in flaws.hidden),
        overlaps=frozenset((other.number, each.row.number) for each in flaws.overlaps for other in each.others),
    )


def proofs_of_tables(book: RuleBook) -> Iterator[Callable[[], Sequence[Claim]]]:
    """Of every table that it has an answer for everybody, and that z3 finds what the search finds."""
    for table in book.tables.values():
        yield partial(_of_table, book, table)


_TOTAL = Text("每一户都有结果, 没有漏的", "it has an answer for every household")
_AGREED = Text("z3 查出的与 check 查出的一样", "z3 finds what `check` finds")
_LOST = Text("没有在时限内查完", "it could not be looked through in time")
_GAPLESS = Text(
    "任何可能的户; 事实取任何值, 记录里不可能的除外", "every household there can be: any values the records may have"
)


def _of_table(book: RuleBook, table: Table) -> Sequence[Claim]:
    of = Text(f"表“{table.title.zh}”", f"table `{table.title.en}`")
    days = editions(book, table)
    shown: Shown | None = None
    gap, rows, differing = False, 0, NOTHING
    try:
        for day in days:
            examined = Examined(Chart(Subject(book, (table.id,)), on=day).views[0], table)
            order = [each.row for each in examined.rows]
            ours, theirs = by_search(examined), by_solver(book, table, order, on=day)
            rows = len(order)
            if ours != theirs and not differing.zh:
                differing = _difference(ours, theirs)
            if theirs.gap and not gap:
                gap, shown = True, _in_the_gap(examined.view, table)
    except (UndecidedError, UnansweredError):
        return [Claim(f"{name}.{table.id}", title, "open", of, _LOST) for name, title in _BOTH]
    agreed = Text(
        f"{rows} 行: 空白、到不了的行、重叠逐一相同", f"{rows} rows: the same gaps, rows never reached and overlaps"
    )
    return [
        Claim(f"total.{table.id}", _TOTAL, "false" if gap else "proved", of, NOTHING if gap else _GAPLESS, shown),
        Claim(
            f"agreed.{table.id}",
            _AGREED,
            "false" if differing.zh else "proved",
            of,
            differing if differing.zh else agreed,
        ),
    ]


_BOTH = (("total", _TOTAL), ("agreed", _AGREED))


def _difference(ours: Verdicts, theirs: Verdicts) -> Text:
    names = {"gap": "空白", "unmet": "无人能中的行", "hidden": "到不了的行", "overlaps": "重叠"}
    apart = [name for name in names if getattr(ours, name) != getattr(theirs, name)]
    told = {name: (_listed(getattr(ours, name)), _listed(getattr(theirs, name))) for name in apart}
    zh = "; ".join(f"{names[name]}: check {one}, z3 {other}" for name, (one, other) in told.items())
    return Text(zh, "; ".join(f"{name}: check {one}, z3 {other}" for name, (one, other) in told.items()))


def _listed(found: object) -> str:
    return str(sorted(found)) if isinstance(found, frozenset) else str(found)


def _in_the_gap(view: View, table: Table) -> Shown | None:
    """A household in the gap that the engine has no answer for either."""
    examined = Examined(view, table)
    teller = Teller(view, table)
    region = (Piece(EVERYTHING, examined.every),)
    for point in islice(view.chart.space.boxes(region), _POINTS):
        found = household(view.wishes(point), view.book, view.chart.on)
        if found is None:
            continue
        charges = (charge.grades for charge in found.result.charges if table.of == "charge")
        graded = found.result.grades.get(table.id) or next((each[table.id] for each in charges if each), None)
        if graded is not None and graded.value == NONE and not graded.rows:
            return Shown(found.account, found.on, teller.region(point, examined.facts))
    return None
