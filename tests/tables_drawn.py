"""Facts, conditions, tables and whole books as Hypothesis draws them: every hit policy, nests, words beside numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from hypothesis import strategies as st

from dunning.model.condition import (
    All,
    Any,
    Anything,
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
from dunning.model.rulebook import Answer, Output, RuleBook, Table
from tables_by_hand import book_of, table, titled

Facts = Mapping[str, Value | Unknown]

GONE = Unknown()
DAYS = [date(2025, 1, 1), date(2026, 1, 1), date(2026, 7, 1)]
WORDS = ["a", "b", "c", "none"]
HITS = ["unique", "first", "collect", "sum", "any", "min", "max", "priority"]

# --- facts, tests, conditions -------------------------------------------------------------------------------------

numbers = st.integers(-2, 5)
words = st.sampled_from(WORDS)
word_sets = st.frozensets(st.sampled_from(WORDS[:3]))

VALUES: dict[str, st.SearchStrategy[Value]] = {
    "money": numbers,
    "days": numbers,
    "kind": words,
    "away": st.booleans(),
    "tags": word_sets,
    "rate": numbers | words,  # a table of percents with words beside them
    "charge_age": numbers,
    "charge_item": words,
}


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    def bound() -> Bound | None:
        if draw(st.booleans()):
            return None
        return Bound(draw(numbers), included=draw(st.booleans()), written="")

    return Range(bound(), bound())


def one_of(
    values: st.SearchStrategy[int] | st.SearchStrategy[str] | st.SearchStrategy[bool],
) -> st.SearchStrategy[Test]:
    several = st.lists(values, min_size=1, max_size=3)
    return st.builds(lambda chosen, negated: OneOf(tuple(chosen), (), negated), several, st.booleans())


contains = st.builds(
    lambda chosen, negated: Contains(tuple(chosen), negated), st.lists(words, min_size=1, max_size=3), st.booleans()
)
ordered = ranges() | one_of(numbers)
TESTS: dict[str, st.SearchStrategy[Test]] = {
    "money": ordered,
    "days": ordered,
    "kind": one_of(words),
    "away": one_of(st.booleans()),
    "tags": contains,
    "rate": ordered | one_of(words) | one_of(numbers | words),
    "charge_age": ordered,
    "charge_item": one_of(words),
}


def checks(facts: list[str]) -> st.SearchStrategy[Condition]:
    def on(fact: str) -> st.SearchStrategy[Condition]:
        test = TESTS[fact] | st.builds(Nothing, st.booleans()) | st.just(Anything())
        return st.builds(Check, st.just(fact), test, st.just(""))

    return st.sampled_from(facts).flatmap(on)


def conditions(checks: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    """Mostly a line of a grid, sometimes a nest."""
    lines = st.builds(lambda parts: All(tuple(parts)), st.lists(checks, max_size=4))
    nests = st.recursive(
        checks,
        lambda inner: (
            st.builds(lambda parts: All(tuple(parts)), st.lists(inner, max_size=3))
            | st.builds(lambda parts: Any(tuple(parts)), st.lists(inner, max_size=3))
            | st.builds(Not, inner)
        ),
        max_leaves=6,
    )
    return lines | lines | nests


ACCOUNT_FACTS = ["money", "days", "kind", "away", "tags", "rate"]
CHARGE_FACTS = ["charge_age", "charge_item"]
ACCOUNT_CHECKS = checks(ACCOUNT_FACTS)
CHARGE_CHECKS = checks(ACCOUNT_FACTS + CHARGE_FACTS)


def facts_among(names: list[str]) -> st.SearchStrategy[Facts]:
    return st.fixed_dictionaries({name: VALUES[name] | st.none() | st.just(GONE) for name in names})


# --- tables ---------------------------------------------------------------------------------------------------------


@st.composite
def tables(draw: st.DrawFn, checks: st.SearchStrategy[Condition] = ACCOUNT_CHECKS, **settings: str) -> Table:
    output, answers = draw(
        st.sampled_from(
            [
                (Output(kind="choice", words=titled("a b c none")), words),
                (Output(kind="integer"), numbers),
                (Output(kind="percent", words=titled("a")), numbers.map(lambda n: Fraction(n, 3)) | st.just("a")),
                (Output(kind="boolean"), st.booleans()),
            ]
        )
    )
    hit = draw(st.sampled_from(["unique", "first", "any"] if output.kind == "boolean" else HITS))
    dated: st.SearchStrategy[Answer | Mapping[date, Answer]] = answers | st.dictionaries(
        st.sampled_from(DAYS[1:]), answers, min_size=1
    ).map(lambda steps: dict(sorted(steps.items())))
    rows: list[tuple[Condition | None, Answer | Mapping[date, Answer]]] = draw(
        st.lists(st.tuples(conditions(checks), dated), max_size=6)
    )
    if draw(st.booleans()):
        rows.insert(draw(st.integers(0, len(rows))), (None, draw(dated)))
    return table(rows, output=output, hit=hit, **settings)


@st.composite
def books(draw: st.DrawFn) -> RuleBook:
    """Up to five tables, each of the account or of charges, over facts and the tables before them."""
    made: list[Table] = []
    for index in range(draw(st.integers(1, 5))):
        of = draw(st.sampled_from(["account", "charge"]))
        readable = [t.id if t.of == "account" or of == "charge" else f"worst({t.id})" for t in made]
        readable += [f"worst({t.id})" for t in made if t.of == "charge" and of == "charge"]
        tests = CHARGE_CHECKS if of == "charge" else ACCOUNT_CHECKS
        if readable:
            words_or_sets = ordered | one_of(words) | one_of(st.booleans()) | contains
            tests |= st.builds(Check, st.sampled_from(readable), words_or_sets, st.just(""))
        made.append(draw(tables(tests, id=f"t{index}", of=of)))
    return book_of(*made)
