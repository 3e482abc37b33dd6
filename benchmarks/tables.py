"""The 12-row grade table in our evaluators, zen-engine, durable-rules and rule-engine, in the same run; ratios first.

Also what the tables of a whole residential book cost an account. The peers are no dependencies but the extra `bench`;
one that is not installed is left out and named.

    python benchmarks/tables.py [--households 20000] [--rounds 5]

All evaluators grade the same generated households and must give the same grades, or the run ends with exit code 1.
Rounds are interleaved, and the median of processor time is told: on a shared machine trust the ratios.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from typing import NamedTuple

import numpy as np

from dunning.basis.calendar import Calendar
from dunning.basis.finding import Text
from dunning.columns.known import Known, Ordered, truths
from dunning.columns.tables import grades
from dunning.engine.known.tables import grade, program
from dunning.model.condition import All, Bound, Check, Contains, OneOf, Range, Unknown, Value
from dunning.model.rulebook import Answer, Dated, Hit, Output, Row, RuleBook, Table

ON = date(2026, 11, 22)
Household = dict[str, Value]
Grader = Callable[[Sequence[Household]], list[str]]
Cell = tuple[int | None, int | None] | bool
"""What a row says of a fact: a range with both ends in it, or a truth."""

# C.2, its gaps closed, amounts in fen.
GRADE: list[tuple[dict[str, Cell], str]] = [
    ({"vip": True, "hardship": True}, "C"),
    ({"vip": True, "overdue_days": (None, 30)}, "C"),
    ({"arrears": (1_000_001, None), "overdue_periods": (4, None)}, "S"),
    ({"arrears": (1_000_001, None), "overdue_days": (366, None)}, "S"),
    ({"arrears": (1_000_001, None)}, "A"),
    ({"arrears": (500_000, 1_000_000)}, "A"),
    ({"consecutive_overdue_periods": (2, None)}, "A"),
    ({"overdue_periods": (3, None)}, "A"),
    ({"arrears": (1, None), "overdue_days": (181, None)}, "A"),
    ({"arrears": (1, None), "hardship": True}, "C"),
    ({"arrears": (1, None)}, "B"),
    ({}, "none"),
]
FACTS = ["vip", "hardship", "arrears", "overdue_periods", "overdue_days", "consecutive_overdue_periods"]


def households(count: int, seed: int = 1) -> list[Household]:
    """A portfolio with some at every row."""
    dice = random.Random(seed)

    def one() -> Household:
        owes = dice.random() < 0.6
        periods = dice.randrange(1, 7) if owes else 0
        return {
            "vip": dice.random() < 0.1,
            "hardship": dice.random() < 0.1,
            "arrears": dice.choice([90_000, 300_000, 500_000, 1_000_000, 1_000_001, 2_000_000]) if owes else 0,
            "overdue_periods": periods,
            "overdue_days": dice.randrange(1, 500) if owes else 0,
            "consecutive_overdue_periods": min(periods, dice.randrange(1, 4)) if owes else 0,
        }

    return [one() for _ in range(count)]


# --- ours -----------------------------------------------------------------------------------------------------------


def test_of(cell: Cell) -> Range | OneOf:
    if isinstance(cell, bool):
        return OneOf((cell,), ("",))
    low, high = (None if end is None else Bound(end, included=True, written="") for end in cell)
    return Range(low, high)


def rows(lines: Sequence[tuple[dict[str, Cell], Answer]]) -> tuple[Row, ...]:
    return tuple(
        Row(
            number=number,
            when=All(tuple(Check(fact, test_of(cell), "") for fact, cell in cells.items())),
            then=Dated.always(answer),
        )
        for number, (cells, answer) in enumerate(lines, 1)
    )


def table(name: str, words: str, lines: tuple[Row, ...], hit: Hit = "first") -> Table:
    output = Output(kind="choice" if words else "integer", words={word: Text(word, word) for word in words.split()})
    return Table(id=name, title=Text("", ""), output=output, rows=lines, hit=hit)


def book(*tables: Table) -> RuleBook:
    return RuleBook(name="", title="", version="", calendar=Calendar(years={}), tables={t.id: t for t in tables})


def ours() -> dict[str, Grader]:
    graded = table("grade", "S A B C none", rows(GRADE))
    compiled = program(book(graded))
    reads = compiled.reads

    def whole_run(portfolio: Sequence[Household]) -> list[str]:
        return [
            str(compiled.run([household[fact] for fact in reads], (), ON).account["grade"].value)
            for household in portfolio
        ]

    def one_table(portfolio: Sequence[Household]) -> list[str]:
        return [str(compiled.grade("grade", household.__getitem__, ON).value) for household in portfolio]

    def reference(portfolio: Sequence[Household]) -> list[str]:
        return [str(grade(graded, household.__getitem__, ON).value) for household in portfolio]

    return {
        "dunning, generated source: Program.run": whole_run,
        "dunning, generated source: Program.grade": one_table,
        "dunning, reference interpreter": reference,
    }


# --- the peers --------------------------------------------------------------------------------------------------------


def zen_graders() -> dict[str, Grader]:
    """GoRules' engine (Rust): a decision table of unary tests, one call a household, and its batch call."""
    import zen

    def cell(cells: dict[str, Cell], fact: str) -> str:
        match cells.get(fact):
            case None:
                return ""
            case bool(truth):
                return "true" if truth else "false"
            case (low, None):
                return f">= {low}"
            case (None, high):
                return f"<= {high}"
            case (low, high):
                return f"[{low}..{high}]"

    content = {
        "inputs": [{"id": fact, "name": fact, "type": "expression", "field": fact} for fact in FACTS],
        "outputs": [{"id": "out", "name": "grade", "type": "expression", "field": "grade"}],
        "hitPolicy": "first",
        "rules": [
            {"_id": str(number), **{fact: cell(cells, fact) for fact in FACTS}, "out": json.dumps(answer)}
            for number, (cells, answer) in enumerate(GRADE)
        ],
    }
    place = {"x": 0, "y": 0}
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": place},
            {"id": "table", "type": "decisionTableNode", "name": "table", "position": place, "content": content},
            {"id": "out", "type": "outputNode", "name": "out", "position": place},
        ],
        "edges": [
            {"id": "1", "type": "edge", "sourceId": "in", "targetId": "table"},
            {"id": "2", "type": "edge", "sourceId": "table", "targetId": "out"},
        ],
    }
    compiled = zen.ZenDecisionContent(json.dumps(graph))
    engine = zen.ZenEngine({"loader": lambda _: compiled})
    decision = engine.get_decision("grade")

    def one_by_one(portfolio: Sequence[Household]) -> list[str]:
        return [decision.evaluate(household)["result"]["grade"] for household in portfolio]

    def in_a_batch(portfolio: Sequence[Household]) -> list[str]:
        answers = engine.evaluate_batch([{"key": "grade", "context": household} for household in portfolio])
        return [answer["data"]["result"]["grade"] for answer in answers]

    return {
        "zen-engine: evaluate, one call a household": one_by_one,
        "zen-engine: evaluate_batch, one call for all": in_a_batch,
    }


def durable_graders() -> dict[str, Grader]:
    """durable-rules (Rete in C): a rule a row, the earlier row first; the household is an event that one rule takes."""
    from durable.lang import m, post, pri, ruleset, when_all

    answers: list[str] = []

    def answer_with(answer: str) -> Callable[[object], None]:
        return lambda _: answers.append(answer)

    with ruleset("grade"):
        for number, (cells, answer) in enumerate(GRADE):
            condition = +m.arrears
            for fact, cell in cells.items():
                asked = getattr(m, fact)
                if isinstance(cell, bool):
                    condition = condition & (asked == cell)
                    continue
                low, high = cell
                condition = condition if low is None else condition & (asked >= low)
                condition = condition if high is None else condition & (asked <= high)
            when_all(pri(number), condition)(answer_with(answer))

    def one_by_one(portfolio: Sequence[Household]) -> list[str]:
        answers.clear()
        for household in portfolio:
            post("grade", household)
        return list(answers)

    return {"durable-rules: post, one event a household": one_by_one}


def expression_graders() -> dict[str, Grader]:
    """rule-engine (Python): a typed expression a row, compiled once; the first that matches. `filter` is for many."""
    import rule_engine

    kinds = dict.fromkeys(FACTS, rule_engine.DataType.FLOAT)  # its only number; a Decimal inside
    kinds |= dict.fromkeys(("vip", "hardship"), rule_engine.DataType.BOOLEAN)
    context = rule_engine.Context(type_resolver=rule_engine.type_resolver_from_dict(kinds))

    def written(fact: str, cell: Cell) -> str:
        if isinstance(cell, bool):
            return fact if cell else f"not {fact}"
        low, high = cell
        ends = [f"{fact} >= {low}" if low is not None else "", f"{fact} <= {high}" if high is not None else ""]
        return " and ".join(end for end in ends if end)

    lines = [
        (rule_engine.Rule(" and ".join(written(*each) for each in cells.items()) or "true", context=context), answer)
        for cells, answer in GRADE
    ]

    def one_by_one(portfolio: Sequence[Household]) -> list[str]:
        return [next(answer for rule, answer in lines if rule.matches(household)) for household in portfolio]

    def row_by_row(portfolio: Sequence[Household]) -> list[str]:
        answers: dict[int, str] = {}
        left = list(portfolio)
        for rule, answer in lines:
            hit = {id(household) for household in rule.filter(left)}
            answers |= dict.fromkeys(hit, answer)
            left = [household for household in left if id(household) not in hit]
        return [answers[id(household)] for household in portfolio]

    return {
        "rule-engine: matches, household by household": one_by_one,
        "rule-engine: filter, row by row": row_by_row,
    }


def peers() -> dict[str, Grader]:
    found: dict[str, Grader] = {}
    for package, module, graders in (
        ("zen-engine", "zen", zen_graders),
        ("durable-rules", "durable", durable_graders),
        ("rule-engine", "rule_engine", expression_graders),
    ):
        if importlib.util.find_spec(module) is None:
            print(f"left out: {package} is not installed (pip install {package})")
        else:
            found |= graders()
    return found


def in_columns(portfolio: Sequence[Household]) -> Callable[[], Sequence[str]]:
    """`columns` on arrays of these households, which are there before: as they are where a portfolio is read."""
    graded = book(table("grade", "S A B C none", rows(GRADE)))
    facts: dict[str, Known] = {}
    for fact in FACTS:
        values = np.array([household[fact] for household in portfolio])
        facts[fact] = truths(values) if values.dtype == np.bool_ else Ordered(values)

    def work() -> Sequence[str]:
        column = grades(graded, ON, facts, len(portfolio), {}, np.zeros(0, np.int64)).account["grade"]
        words = np.array([str(answer.value) for answer in column.answers], object)
        found: Sequence[str] = words[column.codes]
        return found

    return work


# --- measuring ----------------------------------------------------------------------------------------------------


class Compared(NamedTuple):
    """An evaluator, seconds a household (median of the rounds), and how many it graded otherwise, of how many."""

    name: str
    wall: float
    processor: float
    wrong: int
    graded: int


def compared(portfolio: list[Household], few: int, rounds: int) -> list[Compared]:
    """All evaluators in interleaved rounds; `few`: households for a peer, so that a round is not all theirs."""
    works: dict[str, tuple[int, Callable[[], Sequence[str]]]] = {
        "dunning, columns: grades": (len(portfolio), in_columns(portfolio))
    }
    for name, grader in ours().items():
        works[name] = len(portfolio), partial(grader, portfolio)
    for name, grader in peers().items():
        works[name] = min(few, len(portfolio)), partial(grader, portfolio[:few])
    expected = ours()["dunning, reference interpreter"](portfolio)
    wrong = {
        name: sum(one != other for one, other in zip(work(), expected[:number], strict=True))
        for name, (number, work) in works.items()
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, (number, work) in works.items():
            wall, processor = time.perf_counter(), time.process_time()
            work()
            taken[name].append(((time.perf_counter() - wall) / number, (time.process_time() - processor) / number))
    return [
        Compared(name, *(statistics.median(each) for each in zip(*taken[name], strict=True)), wrong[name], number)
        for name, (number, _) in works.items()
    ]


def compare(portfolio: list[Household], rounds: int) -> bool:
    """Prints the comparison; False if two evaluators grade a household differently."""
    few = max(1, len(portfolio) // 20)
    found = compared(portfolio, few, rounds)
    first = found[0]
    print(f"12 rows, 6 facts, {len(portfolio):,} households ({few:,} for the peers), median of {rounds} rounds")
    print(f"{'ratio':>9} {'rows/s':>11} {'us':>8}")
    for each in found:
        off = f"  DIFFERENT: {each.wrong} of {each.graded}" if each.wrong else ""
        ratio, rate = first.processor / each.processor, 1 / each.processor
        print(f"{ratio:9.5f} {rate:11,.0f} {each.processor * 1e6:8.2f}  {each.name}{off}")
    return not any(each.wrong for each in found)


def residential() -> RuleBook:
    """Ten tables like those of the residential pack: grades, a scorecard and its bands, sets, roles, one of charges."""

    def bands(fact: str, *steps: tuple[int | None, int | None, Answer]) -> tuple[Row, ...]:
        return rows([({fact: (low, high)}, answer) for low, high, answer in steps])

    disputes = ["service_quality", "price", "hardship", "not_used", "contract", "policy", "billing_error"]
    objections = tuple(
        Row(number=n, when=All((Check("open_dispute_kinds", Contains((kind,)), ""),)), then=Dated.always(kind))
        for n, kind in enumerate(disputes, 1)
    )
    handlers = tuple(
        Row(number=n, when=All((Check(fact, OneOf((word,), ("",)), ""),)), then=Dated.always(role))
        for n, (fact, word, role) in enumerate(
            [
                ("grade", "C", "cr"),
                ("grade", "S", "pm"),
                ("type", "D", "pm"),
                ("grade", "A", "col"),
                ("type", "C", "col"),
            ],
            1,
        )
    )
    tables = [
        table("grade", "S A B C none", rows(GRADE)),
        table(
            "type",
            "A B C D",
            rows(
                [
                    ({"refused": True, "overdue_days": (181, None)}, "D"),
                    ({"late_payments_12m": (3, None)}, "C"),
                    ({"late_payments_12m": (1, 2)}, "B"),
                    ({}, "A"),
                ]
            ),
        ),
        table(
            "attitude",
            "model forgetful opinionated chronic",
            rows(
                [
                    ({"open_disputes": (1, None)}, "opinionated"),
                    ({"overdue_days": (91, None)}, "chronic"),
                    ({"late_payments_12m": (1, None)}, "forgetful"),
                    ({}, "model"),
                ]
            ),
        ),
        table("tone", "a b c", bands("overdue_days", (None, 30, "a"), (31, 90, "b"), (91, None, "c")), "unique"),
        table(
            "points",
            "",
            rows(
                [
                    ({"late_payments_12m": (3, None)}, 30),
                    ({"open_disputes": (1, None)}, 20),
                    ({"broken_promises": (1, None)}, 25),
                    ({"days_since_payment": (181, None)}, 10),
                ]
            ),
            "sum",
        ),
        table(
            "band", "low mid high", bands("points", (None, 29, "low"), (30, 59, "mid"), (60, None, "high")), "unique"
        ),
        table("rating", "A B C", bands("late_payments_12m", (None, 0, "A"), (1, 3, "B"), (4, None, "C"))),
        table("handler", "cr pm col cs", handlers),
        table("objection", " ".join(disputes), objections, "collect"),
        Table(
            id="provision",
            title=Text("", ""),
            of="charge",
            output=Output(kind="percent"),
            rows=bands(
                "charge_age",
                (None, 5, Fraction(0)),
                (6, 11, Fraction(15, 100)),
                (12, 23, Fraction(30, 100)),
                (24, 47, Fraction(50, 100)),
                (48, None, Fraction(80, 100)),
            ),
        ),
    ]
    return book(*tables)


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def whole_book(portfolio: list[Household], rounds: int) -> None:
    """Prints what all tables of a book take for an account with six or seven open charges."""
    compiled = program(residential())
    dice = random.Random(2)
    more: dict[str, Callable[[], Value | Unknown]] = {
        "refused": lambda: False,
        "late_payments_12m": lambda: dice.randrange(5),
        "open_disputes": lambda: dice.randrange(2),
        "broken_promises": lambda: 0,
        "days_since_payment": lambda: dice.randrange(400),
        "open_dispute_kinds": lambda: frozenset(dice.sample(["price", "contract"], dice.randrange(2))),
    }
    charges = [[[dice.randrange(60)] for _ in range(6 + number % 2)] for number in range(len(portfolio))]

    def accounts(instead: dict[str, Value | Unknown]) -> list[list[Value | Unknown]]:
        full = [{**household, **{fact: make() for fact, make in more.items()}, **instead} for household in portfolio]
        return [[facts[fact] for fact in compiled.reads] for facts in full]

    kinds = {
        "all facts known": accounts({}),
        "never paid (days_since_payment is 无)": accounts({"days_since_payment": None}),
        "no contacts, no disputes given (3 facts missing)": accounts(
            {"refused": Unknown(), "open_disputes": Unknown(), "open_dispute_kinds": Unknown()}
        ),
    }
    print(f"\nten tables, {len(compiled.reads)} facts, one of the tables once for each of 6.5 charges: Program.run")
    for name, lists in kinds.items():

        def all_accounts(lists: list[list[Value | Unknown]] = lists) -> None:
            for facts, ages in zip(lists, charges, strict=True):
                compiled.run(facts, ages, ON)  # not kept, as in a stream: many live objects make the collector dominate

        taken = [seconds(all_accounts) / len(lists) for _ in range(rounds)]
        print(f"{statistics.median(taken) * 1e6:9.2f} us an account  {name}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--households", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    portfolio = households(arguments.households)
    with contextlib.redirect_stderr(io.StringIO()):  # durable-rules tells its own warnings there
        agree = compare(portfolio, arguments.rounds)
    whole_book(portfolio, arguments.rounds)
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
