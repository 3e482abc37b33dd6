"""The late fee of one charge, the formula alone: principal and days in, fen out; ours beside OpenFisca-Core and zen.

Nothing was paid, the rate never changed: min(round(principal x 0.5 per mille x days), floor(5% of principal)), rounded
once. That much a formula engine can do. Every answer is held to exact whole numbers, and what is off by a fen counted.
"""

from __future__ import annotations

import importlib.util
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from measuring import Section, Sizes, rate, times
from numpy.typing import NDArray

import dunning
from dunning.columns.ledgers import ledgers
from dunning.columns.packing import pack
from dunning.engine.owed.fees import Clause, exact_sum
from dunning.engine.owed.ledger import replay
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook

Ints = NDArray[np.int64]

ON = date(2026, 11, 22)
RULES = Path(__file__).parent.parent / "rules"
CHUNK = 20_000
ONE_IN = 100
"""One charge in so many is a company's, of up to two million yuan."""


class Charges(NamedTuple):
    """Principals in fen, and days since the due date, all of them late."""

    principal: Ints
    days: Ints

    def first(self, number: int) -> Charges:
        return Charges(self.principal[:number], self.days[:number])


def charges(number: int) -> Charges:
    dice = np.random.default_rng(1)
    small, large = dice.integers(5_000, 300_000, number), dice.integers(1_000_000, 200_000_000, number)
    return Charges(np.where(dice.integers(0, ONE_IN, number) == 0, large, small), dice.integers(1, 400, number))


def exact(some: Charges) -> Ints:
    """The definition, in whole numbers that no int64 here comes near."""
    return np.minimum((some.principal * some.days + 1_000) // 2_000, some.principal // 20)


Work = Callable[[], object]
"""One round."""
Told = Callable[[object], Ints]
"""What a round came to, in fen."""


class Formula(NamedTuple):
    name: str
    number: int
    work: Work
    told: Told = lambda found: np.asarray(found, np.int64)


# Ours


def book() -> RuleBook:
    return next(book for book in dunning.load_folder(RULES).books if book.name == "residential")


def accounts(some: Charges) -> list[Account]:
    """A household with that one charge each, due on that day and no other by the calendar."""
    found = []
    for number, (principal, days) in enumerate(zip(some.principal.tolist(), some.days.tolist(), strict=True)):
        due = date.fromordinal(ON.toordinal() - days).isoformat()
        charge = {"id": "1", "amount": f"{principal // 100}.{principal % 100:02}", "due": due}
        contract = {"kind": "committee", "late_fee_clause": True, "clause_shown": True}
        found.append(
            dunning.read_account(
                {"id": f"H{number}", "debtor": {"id": f"O{number}"}, "contract": contract, "charges": [charge]}
            )
        )
    return found


def as_written(rules: RuleBook) -> RuleBook:
    """The book with due dates as they are written, on rest days too: a formula knows no calendar."""
    return replace(rules, late_fees=tuple(replace(each, rest_day_due="as_written") for each in rules.late_fees))


def ours(some: Charges) -> list[Formula]:
    rules, today = as_written(book()), ON.toordinal()
    clause = Clause(rules.late_fees[0])
    pairs = list(zip(some.principal.tolist(), some.days.tolist(), strict=True))
    chunk = some.first(CHUNK)
    objects = accounts(chunk)
    batch = pack(objects)
    few = objects[: CHUNK // 10]

    def closed() -> list[int]:
        found = []
        for principal, days in pairs:
            due = today - days
            schedule = clause.on(due, None)
            assert schedule is not None
            total = exact_sum(((due, principal),), schedule, (), due + 1, today)
            limit = schedule.limit(principal)
            assert total is not None
            assert limit is not None
            found.append(min(schedule.rounded(total), limit))
        return found

    return [
        Formula(
            "dunning, columns: the whole ledger",
            len(objects),
            lambda: ledgers(batch, rules, ON),
            lambda found: found.fees.assessed,  # type: ignore[attr-defined]
        ),
        Formula("dunning, one charge after another: its closed form", len(pairs), closed),
        Formula(
            "dunning, one household after another: replay, the whole ledger",
            len(few),
            lambda: [replay(account, rules, ON) for account in few],
            lambda found: np.array([each.charges[0].fee.assessed for each in found]),  # type: ignore[attr-defined]
        ),
    ]


# Peers


def openfisca(some: Charges, *, fen: bool) -> Formula:
    """A variable with a formula over arrays; its numbers are float32, its whole numbers int32."""
    from openfisca_core.entities import build_entity
    from openfisca_core.periods import DateUnit
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    entity = build_entity(key="charge", plural="charges", label="A charge", is_person=True)
    plain = {"entity": entity, "definition_period": DateUnit.DAY}
    amount = int if fen else float

    def in_yuan(of, period):  # type: ignore[no-untyped-def]
        principal, days = of("principal", period), of("days", period)
        accrued = np.floor(principal * days * 0.0005 * 100 + 0.5) / 100
        return np.minimum(accrued, np.floor(principal * 0.05 * 100) / 100)

    def in_fen(of, period):  # type: ignore[no-untyped-def]
        principal, days = of("principal", period), of("days", period)
        return np.minimum((principal * days + 1_000) // 2_000, principal // 20)

    system = TaxBenefitSystem([entity])
    for name, fields in (
        ("principal", {"value_type": amount}),
        ("days", {"value_type": int}),
        ("late_fee", {"value_type": amount, "formula": in_fen if fen else in_yuan}),
    ):
        system.add_variable(type(name, (Variable,), {**plain, **fields}))
    day = ON.isoformat()

    def work() -> object:
        simulation = SimulationBuilder().build_default_simulation(system, count=len(some.days))
        simulation.set_input("principal", day, some.principal if fen else some.principal / 100)
        simulation.set_input("days", day, some.days)
        return simulation.calculate("late_fee", day)

    def told(found: object) -> Ints:
        values = np.asarray(found, np.float64)
        return np.rint(values if fen else values * 100).astype(np.int64)

    unit = "int, fen (int32)" if fen else "float, yuan (float32), as its users write amounts"
    return Formula(f"OpenFisca-Core: {unit}", len(some.days), work, told)


EXPRESSION = "min([round(principal * 0.0005 * days), floor(principal * 0.05)])"


def zen(some: Charges) -> list[Formula]:
    """A compiled expression, and an expression node in its batch call; decimals, so that it can be exact."""
    import zen

    given = [
        {"principal": principal, "days": days}
        for principal, days in zip(some.principal.tolist(), some.days.tolist(), strict=True)
    ]
    compiled = zen.compile_expression(EXPRESSION)
    place = {"x": 0, "y": 0}
    content = {"expressions": [{"id": "1", "key": "fee", "value": EXPRESSION}]}
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": place},
            {"id": "fee", "type": "expressionNode", "name": "fee", "position": place, "content": content},
            {"id": "out", "type": "outputNode", "name": "out", "position": place},
        ],
        "edges": [
            {"id": "1", "type": "edge", "sourceId": "in", "targetId": "fee"},
            {"id": "2", "type": "edge", "sourceId": "fee", "targetId": "out"},
        ],
    }
    decision = zen.ZenDecisionContent(json.dumps(graph))
    engine = zen.ZenEngine({"loader": lambda _: decision})

    def in_a_batch() -> list[float]:
        answers = engine.evaluate_batch([{"key": "fee", "context": each} for each in given])
        return [answer["data"]["result"]["fee"] for answer in answers]

    return [
        Formula("zen-engine: compiled expression, charge by charge", len(given), partial(_each, compiled, given)),
        Formula("zen-engine: evaluate_batch, one call for all", len(given), in_a_batch),
    ]


def _each(compiled: object, given: Sequence[object]) -> list[float]:
    return [compiled.evaluate(each) for each in given]  # type: ignore[attr-defined]


# The page


def section(sizes: Sizes) -> Section:
    page = Section("The late fee alone")
    some = charges(sizes.charges)
    formulas = ours(some)
    if importlib.util.find_spec("openfisca_core"):
        formulas += [openfisca(some, fen=False), openfisca(some, fen=True)]
    if importlib.util.find_spec("zen"):
        formulas += zen(some.first(sizes.peers * 5))
    right = exact(some)
    page.say(
        "One unpaid charge each: principal and days in, fen out, `min(round(P * 0.0005 * days), floor(P * 0.05))`. "
        f"One charge in {ONE_IN} is a company's, of up to two million yuan. `columns` and `replay` work out the whole "
        "ledger (payments, holds, adjustments, dated rates, contracts) to say the same; the peers are given the number "
        "of days, and their arrays or dicts are there before. Ratios are of processor time to the first line.",
    )
    rows, first = [], 0.0
    for each in formulas:
        found = each.told(each.work())
        off = found - right[: each.number]
        taken = []
        for _ in range(sizes.rounds):
            began = time.process_time()
            each.work()
            taken.append((time.process_time() - began) / each.number)
        seconds = statistics.median(taken)
        first = first or seconds
        wrong = int(np.count_nonzero(off))
        if each.name.startswith("dunning"):
            page.different += wrong
        rows.append(
            [
                each.name,
                times(first / seconds),
                rate(seconds),
                f"{each.number:,}",
                f"{wrong:,} ({wrong / each.number:.2%})" if wrong else "0",
                f"{np.abs(off).max() / 100:,.2f}" if wrong else "0",
            ]
        )
        if each.name.startswith("OpenFisca-Core: float"):
            name = "OpenFisca-Core (float)"
            page.short += [
                (f"{name}: late fees off by a fen or more", f"{wrong / each.number:.1%}", ""),
                (
                    f"{name}, the formula alone, against the whole ledger in columns",
                    f"{times(first / seconds)} times as fast",
                    "behind us",
                ),
            ]
    page.table(("", "ratio", "charges /s", "charges", "wrong by a fen or more", "worst, yuan"), rows)
    return page
