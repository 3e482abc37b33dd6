"""Tables over generated rows and households: the generated source says what the reference says, and both are sound."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.engine.known.compile import is_charge_fact
from dunning.engine.known.logic import kept_out, missing, truth
from dunning.engine.known.tables import Graded, grade, program, trace, why_not, worst
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
    facts_of,
)
from dunning.model.rulebook import Answer, Output, Row, RuleBook, Table
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


@settings(max_examples=200)
@given(tables(), facts_among(ACCOUNT_FACTS), st.sampled_from(DAYS))
def test_source_and_reference_agree(table: Table, facts: Facts, on: date) -> None:
    compiled = program(book_of(table))
    assert compiled.grade("grade", facts.__getitem__, on) == grade(table, facts.__getitem__, on)


@settings(max_examples=60)
@given(tables(), st.lists(facts_among(ACCOUNT_FACTS), max_size=8), st.sampled_from(DAYS))
def test_one_account_does_not_colour_the_next(table: Table, accounts: list[Facts], on: date) -> None:
    compiled = program(book_of(table))
    got = [compiled.grade("grade", facts.__getitem__, on) for facts in accounts]
    assert got == [program(book_of(table)).grade("grade", facts.__getitem__, on) for facts in accounts]


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


def one_after_another(book: RuleBook, account: Facts, charges: list[Facts], on: date) -> object:
    """What `Program.run` does, by the reference."""
    answers: dict[str, Graded] = {}
    of_charges: list[dict[str, Graded]] = [{} for _ in charges]
    worsts: dict[str, Value | Unknown] = {}
    for each in book.tables.values():
        known = {**account, **{t: graded.fact for t, graded in answers.items()}, **worsts}
        if each.of == "account":
            answers[each.id] = grade(each, known.__getitem__, on)
            continue
        for charge, graded in zip(charges, of_charges, strict=True):
            seen = {**known, **charge, **{t: earlier.fact for t, earlier in graded.items()}}
            graded[each.id] = grade(each, seen.__getitem__, on)
        worsts[f"worst({each.id})"] = worst(each, [graded[each.id] for graded in of_charges])
    return answers, of_charges


@settings(max_examples=60)
@given(books(), facts_among(ACCOUNT_FACTS), st.lists(facts_among(CHARGE_FACTS), max_size=3), st.sampled_from(DAYS))
def test_a_whole_book_agrees_with_its_tables_one_after_another(
    book: RuleBook, account: Facts, charges: list[Facts], on: date
) -> None:
    compiled = program(book)
    grades = compiled.run(
        [account[fact] for fact in compiled.reads],
        [[charge[fact] for fact in compiled.charge_reads] for charge in charges],
        on,
    )
    assert tuple(grades) == one_after_another(book, account, charges, on)
    assert all(is_charge_fact(fact, book) for fact in compiled.charge_reads)


# --- the logic is sound ---------------------------------------------------------------------------------------------


@st.composite
def completions(draw: st.DrawFn) -> tuple[Facts, Facts]:
    """A household with facts missing, and the same with all of them found."""
    partial = draw(facts_among(ACCOUNT_FACTS))
    whole = {
        fact: draw(VALUES[fact] | st.none()) if isinstance(value, Unknown) else value for fact, value in partial.items()
    }
    return partial, whole


@given(conditions(ACCOUNT_CHECKS), completions())
def test_what_is_true_or_false_stays_so_when_missing_facts_are_found(
    condition: Condition, household: tuple[Facts, Facts]
) -> None:
    partial, whole = household
    assert truth(condition, whole.__getitem__) is not None
    assert truth(condition, partial.__getitem__) in (None, truth(condition, whole.__getitem__))


@given(tables(), completions(), st.sampled_from(DAYS))
def test_a_determined_answer_stays_when_missing_facts_are_found(
    table: Table, household: tuple[Facts, Facts], on: date
) -> None:
    partial, whole = household
    before, after = grade(table, partial.__getitem__, on), grade(table, whole.__getitem__, on)
    assert after.cause != "missing"
    if before.cause == "":
        # Rows of `unique` exclude each other and rows of `any` agree; where they do not, that may come to light.
        assert before.value == after.value or (table.hit in ("unique", "any") and after.cause == "overlap")


@given(tables(), facts_among(ACCOUNT_FACTS), st.sampled_from(DAYS))
def test_an_undetermined_answer_names_facts_that_are_missing(table: Table, facts: Facts, on: date) -> None:
    graded = grade(table, facts.__getitem__, on)
    assert (graded.cause == "missing") is bool(graded.because)
    assert all(facts[fact] == GONE for fact in graded.because)
    assert (graded.cause == "") is not isinstance(graded.value, Unknown)


@given(conditions(ACCOUNT_CHECKS), facts_among(ACCOUNT_FACTS))
def test_the_part_that_keeps_it_out_is_no_truer_than_the_whole(condition: Condition, facts: Facts) -> None:
    part = kept_out(condition, facts.__getitem__)
    whole = truth(condition, facts.__getitem__)
    if part is None:
        assert whole is True
    else:
        assert truth(part, facts.__getitem__) is whole is not True
        assert set(facts_of(part)) <= set(facts_of(condition))
    assert bool(missing(condition, facts.__getitem__)) is (whole is None)


@given(tables(), facts_among(ACCOUNT_FACTS))
def test_a_trace_tells_of_every_row(table: Table, facts: Facts) -> None:
    def as_told(row: Row) -> bool | None:
        return next(each.truth for each in trace(table, facts.__getitem__) if each.row is row)

    for row in table.rows:
        if row.otherwise:
            others = [as_told(other) for other in table.rows if not other.otherwise]
            assert as_told(row) is (False if True in others else None if None in others else True)
        else:
            assert as_told(row) is truth(row.when, facts.__getitem__)
            assert (why_not(table, row.number, facts.__getitem__) is None) is (as_told(row) is True)
