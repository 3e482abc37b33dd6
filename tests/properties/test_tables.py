"""Tables over generated rows and households: the generated source says what the reference says, and both are sound."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.engine.known.compile import is_charge_fact
from dunning.engine.known.logic import kept_out, missing, truth
from dunning.engine.known.tables import Graded, grade, program, trace, why_not, worst
from dunning.model.condition import (
    Condition,
    Unknown,
    Value,
    facts_of,
)
from dunning.model.rulebook import Row, RuleBook, Table
from tables_by_hand import book_of
from tables_drawn import (
    ACCOUNT_CHECKS,
    ACCOUNT_FACTS,
    CHARGE_FACTS,
    DAYS,
    GONE,
    VALUES,
    Facts,
    books,
    conditions,
    facts_among,
    tables,
)


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
