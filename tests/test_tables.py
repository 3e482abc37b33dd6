"""Decision tables: what each hit policy answers, in the reference and in the generated source alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction

import pytest

from dunning.basis.finding import Text
from dunning.basis.span import Span
from dunning.engine.known.tables import Graded, grade, program, trace, why_not, worst
from dunning.model.condition import All, Any, Bound, Check, Condition, Not, Range, Type, Unknown, Value
from dunning.model.rulebook import Answer, Duration, Output, OwnFact, Row, Table
from tables_by_hand import (
    DAY,
    NOTHING,
    SOMETHING,
    TRUE,
    above,
    all_of,
    below,
    book_of,
    check,
    contains,
    one_of,
    table,
    titled,
    within,
)

GONE = Unknown()
JULY = date(2026, 7, 1)
Facts = dict[str, Value | Unknown]
Grader = Callable[..., Graded]


def by_reference(table: Table, facts: Facts, *, on: date = DAY) -> Graded:
    return grade(table, facts.__getitem__, on)


def by_source(table: Table, facts: Facts, *, on: date = DAY) -> Graded:
    return program(book_of(table)).grade(table.id, facts.__getitem__, on)


@pytest.fixture(params=[by_reference, by_source], ids=["reference", "source"])
def graded(request: pytest.FixtureRequest) -> Grader:
    """Both ways to grade; every test that takes it holds for both."""
    grader: Grader = request.param
    return grader


# C.2: 分级催收, gaps closed. Amounts are fen.
C2 = table(
    [
        (all_of(tags=contains("vip"), hardship=TRUE), "C"),
        (all_of(arrears=above(1_000_000), overdue_periods=above(3)), "S"),
        (all_of(arrears=above(1_000_000)), "A"),
        (all_of(arrears=within(500_000, 1_000_000)), "A"),
        (all_of(consecutive_overdue_periods=within(2)), "A"),
        (all_of(arrears=above(0)), "B"),
        (None, "none"),
    ],
    "S A B C none",
    id="account_grade",
    hit="first",
)
PLAIN: Facts = {
    "tags": frozenset(),
    "hardship": False,
    "arrears": 0,
    "overdue_periods": 0,
    "consecutive_overdue_periods": 0,
}


@pytest.mark.parametrize(
    ("facts", "value", "row"),
    [
        ({}, "none", 7),
        ({"arrears": 1}, "B", 6),
        ({"arrears": 499_999, "consecutive_overdue_periods": 1}, "B", 6),
        ({"arrears": 499_999, "consecutive_overdue_periods": 2}, "A", 5),
        ({"arrears": 500_000}, "A", 4),
        ({"arrears": 1_000_000, "overdue_periods": 9}, "A", 4),
        ({"arrears": 1_000_001, "overdue_periods": 3}, "A", 3),
        ({"arrears": 1_000_001, "overdue_periods": 4}, "S", 2),
        ({"arrears": 1_000_001, "overdue_periods": 4, "tags": frozenset({"vip"})}, "S", 2),
        ({"arrears": 1_000_001, "overdue_periods": 4, "tags": frozenset({"vip"}), "hardship": True}, "C", 1),
    ],
)
def test_first_the_earliest_true_row_decides(graded: Grader, facts: Facts, value: str, row: int) -> None:
    assert graded(C2, PLAIN | facts) == Graded(value, value, (row,), Span("pack.yaml", row, 1))


def test_first_an_unknown_row_before_any_true_one_leaves_it_open(graded: Grader) -> None:
    result = graded(C2, PLAIN | {"arrears": 1_200_000, "overdue_periods": GONE})
    assert (result.cause, result.because, result.rows) == ("missing", ("overdue_periods",), (2,))
    assert result.fact == result.value == Unknown(("overdue_periods",))
    assert result.at == Span("pack.yaml", 2, 1)


def test_first_what_is_missing_behind_the_deciding_row_does_not_matter(graded: Grader) -> None:
    assert graded(C2, PLAIN | {"arrears": 600_000, "consecutive_overdue_periods": GONE}).value == "A"
    assert graded(C2, PLAIN | {"arrears": 600_000, "hardship": GONE}).value == "A"


def test_first_blames_only_the_missing_facts_of_the_open_row(graded: Grader) -> None:
    result = graded(C2, dict.fromkeys(PLAIN, GONE))
    assert (result.because, result.rows) == (("tags", "hardship"), (1,))


BANDS = table(
    [(all_of(points=below(30)), "low"), (all_of(points=within(30, 59)), "medium"), (all_of(points=within(60)), "high")],
    "low medium high",
    id="band",
)


@pytest.mark.parametrize(("points", "value"), [(29, "low"), (30, "medium"), (59, "medium"), (60, "high")])
def test_unique_one_row_is_true(graded: Grader, points: int, value: str) -> None:
    assert graded(BANDS, {"points": points}).value == value


def test_unique_without_a_row_answers_none(graded: Grader) -> None:
    assert graded(BANDS, {"points": None}) == Graded("none", "none", (), Span("pack.yaml", 99, 1))


def test_unique_open_rows_without_a_true_one_leave_it_open(graded: Grader) -> None:
    result = graded(BANDS, {"points": GONE})
    assert (result.cause, result.because, result.rows) == ("missing", ("points",), (1, 2, 3))


TWO_RULES = [(all_of(arrears=above(100)), "x"), (all_of(refused=TRUE), "y")]


def test_unique_one_true_row_settles_it_whatever_is_missing(graded: Grader) -> None:
    assert graded(table(TWO_RULES, "x y"), {"arrears": 101, "refused": GONE}).value == "x"


def test_unique_two_true_rows_are_an_overlap_not_a_guess(graded: Grader) -> None:
    result = graded(table(TWO_RULES, "x y"), {"arrears": 101, "refused": True})
    assert (result.cause, result.rows, result.because) == ("overlap", (1, 2), ())
    assert result.fact == Unknown()


def test_any_rows_may_overlap_if_they_agree(graded: Grader) -> None:
    agreeing = table([*TWO_RULES, (all_of(refused=SOMETHING), "y")], "x y", hit="any")
    assert graded(agreeing, {"arrears": 0, "refused": True}) == Graded("y", "y", (2, 3), Span("pack.yaml", 2, 1))
    assert graded(agreeing, {"arrears": 101, "refused": True}).cause == "overlap"
    assert graded(agreeing, {"arrears": 101, "refused": GONE}).value == "x"
    assert graded(agreeing, {"arrears": 0, "refused": GONE}).because == ("refused",)


KINDS = table(
    [
        (all_of(late=within(4)), "habitual"),
        (all_of(disputes=within(1)), "dissatisfied"),
        (all_of(late=within(9)), "habitual"),
        (all_of(hardship=TRUE), "hardship"),
    ],
    "hardship dissatisfied habitual",
    hit="collect",
)


def test_collect_every_word_once_in_output_order(graded: Grader) -> None:
    result = graded(KINDS, {"late": 9, "disputes": 0, "hardship": True})
    assert (result.value, result.rows) == (("hardship", "habitual"), (1, 3, 4))
    assert result.fact == frozenset({"hardship", "habitual"})


def test_collect_nothing_is_the_empty_set(graded: Grader) -> None:
    assert graded(KINDS, {"late": 0, "disputes": 0, "hardship": None}) == Graded(
        (), frozenset(), (), Span("pack.yaml", 99, 1)
    )


def test_collect_with_an_open_row_is_open(graded: Grader) -> None:
    result = graded(KINDS, {"late": 9, "disputes": GONE, "hardship": GONE})
    assert (result.because, result.rows) == (("disputes", "hardship"), (2, 4))


POINTS = table(
    [(all_of(late=within(3)), 30), (all_of(disputes=within(1)), 20), (all_of(satisfaction=below(60)), 15)],
    hit="sum",
    id="points",
)


@pytest.mark.parametrize(
    ("late", "disputes", "satisfaction", "value", "rows"),
    [(3, 1, 59, 65, (1, 2, 3)), (3, 0, 60, 30, (1,)), (0, 0, None, 0, ()), (2, 1, 10, 35, (2, 3))],
)
def test_sum_adds_the_true_rows(
    graded: Grader, late: int, disputes: int, satisfaction: int | None, value: int, rows: tuple[int, ...]
) -> None:
    result = graded(POINTS, {"late": late, "disputes": disputes, "satisfaction": satisfaction})
    assert (result.value, result.fact, result.rows) == (value, value, rows)


def test_sum_with_an_open_row_is_open(graded: Grader) -> None:
    assert graded(POINTS, {"late": 3, "disputes": 1, "satisfaction": GONE}).because == ("satisfaction",)


def test_sum_of_percents_stays_exact_and_a_word_cannot_be_added(graded: Grader) -> None:
    rates = table(
        [
            (all_of(age=within(1)), Fraction(15, 100)),
            (all_of(age=within(2)), Fraction(1, 3)),
            (all_of(age=within(3)), "individual"),
        ],
        output=Output(kind="percent", words=titled("individual")),
        hit="sum",
    )
    assert graded(rates, {"age": 0}).value == Fraction(0)
    assert graded(rates, {"age": 2}).value == Fraction(29, 60)
    assert graded(rates, {"age": 2}).fact == 483_333  # ppm
    assert graded(rates, {"age": 3}).cause == "overlap"


RANKED = [
    (all_of(arrears=above(1)), "yellow"),
    (all_of(refused=TRUE), "red"),
    (all_of(arrears=above(2)), "orange"),
]


@pytest.mark.parametrize(
    ("hit", "arrears", "refused", "value", "row"),
    [
        ("max", 3, False, "orange", 3),
        ("max", 3, True, "red", 2),
        ("max", 3, GONE, GONE, 2),
        ("min", 3, True, "yellow", 1),
        ("min", 3, GONE, "yellow", 1),
        ("priority", 3, True, "yellow", 1),
        ("priority", 0, True, "red", 2),
        ("priority", 0, GONE, GONE, 2),
    ],
)
def test_the_best_of_the_true_rows_in_output_order(
    graded: Grader, hit: str, arrears: int, refused: bool | Unknown, value: str | Unknown, row: int
) -> None:
    result = graded(table(RANKED, "none yellow orange red", hit=hit), {"arrears": arrears, "refused": refused})
    assert result.rows == (row,)
    assert result.value == (value if isinstance(value, str) else Unknown(("refused",)))


def test_an_open_row_that_could_only_say_the_same_does_not_matter(graded: Grader) -> None:
    rows = [(all_of(refused=TRUE), 5), (all_of(arrears=above(0)), 5)]
    assert graded(table(rows, hit="max"), {"arrears": 1, "refused": GONE}).rows == (2,)


def test_numbers_and_lengths_of_time_are_ordered_by_size(graded: Grader) -> None:
    def largest(*answers: Answer) -> Answer | tuple[Answer, ...] | Unknown:
        rows = [(all_of(arrears=above(0)), answer) for answer in answers]
        return graded(table(rows, output=Output(kind="duration"), hit="max"), {"arrears": 1}).value

    assert largest(3, 20, 5) == 20
    assert largest(Fraction(1, 3), Fraction(3, 10)) == Fraction(1, 3)
    assert largest(Duration(15, "d"), Duration(11, "wd"), Duration(48, "h")) == Duration(11, "wd")
    assert largest(Duration(11, "mo"), Duration(1, "y")) == Duration(1, "y")


def test_none_ranks_below_everything_wherever_it_is_listed(graded: Grader) -> None:
    rows = [(all_of(arrears=above(0)), "none"), (all_of(arrears=above(0)), "B")]
    assert graded(table(rows, "B A none", hit="max"), {"arrears": 1}).value == "B"
    assert graded(table(rows, "B A none", hit="min"), {"arrears": 1}).value == "none"


@pytest.mark.parametrize("hit", ["first", "unique", "any", "min", "max", "priority", "sum", "collect"])
def test_the_row_for_the_rest_wants_all_others_false(graded: Grader, hit: str) -> None:
    rest = table([(None, 7), (all_of(arrears=above(0)), 1), (all_of(refused=TRUE), 2)], hit=hit)
    value = graded(rest, {"arrears": 0, "refused": False}).value
    assert value == ((7,) if hit == "collect" else 7)
    assert graded(rest, {"arrears": 0, "refused": False}).rows == (1,)
    assert graded(rest, {"arrears": 0, "refused": GONE}).because == ("refused",)


def test_a_dated_answer_is_the_one_in_force_on_the_day(graded: Grader) -> None:
    dated = table([(all_of(arrears=above(0)), {date(2026, 1, 1): "A", JULY: "B"})], "A B", hit="first")
    assert graded(dated, {"arrears": 1}, on=date(2026, 6, 30)).value == "A"
    assert graded(dated, {"arrears": 1}, on=JULY).value == "B"
    early = graded(dated, {"arrears": 1}, on=date(2025, 12, 31))
    assert (early.cause, early.rows, early.because) == ("undated", (1,), ())
    assert graded(dated, {"arrears": 0}, on=date(2025, 12, 31)).value == "none"


@pytest.mark.parametrize("hit", ["unique", "any", "sum", "collect", "max"])
def test_a_row_that_says_nothing_yet_leaves_it_open(graded: Grader, hit: str) -> None:
    dated = table([(all_of(arrears=above(0)), {JULY: 5})], hit=hit)
    assert graded(dated, {"arrears": 1}, on=date(2026, 6, 30)).cause == "undated"


def test_an_open_row_that_says_nothing_yet_might_say_the_best(graded: Grader) -> None:
    rows = [(all_of(arrears=above(0)), 5), (all_of(refused=TRUE), {JULY: 1})]
    facts: Facts = {"arrears": 1, "refused": GONE}
    assert graded(table(rows, hit="max"), facts, on=date(2026, 6, 30)).because == ("refused",)
    assert graded(table(rows, hit="max"), facts, on=JULY).value == 5


def test_nested_conditions_blame_only_what_matters(graded: Grader) -> None:
    either = Any((check("refused", TRUE), check("away", TRUE)))
    nested = table([(All((either, Not(check("vip", TRUE)))), "d"), (None, "b")], "d b", hit="first")
    assert graded(nested, {"refused": GONE, "away": True, "vip": GONE}).because == ("vip",)
    assert graded(nested, {"refused": GONE, "away": False, "vip": False}).because == ("refused",)
    assert graded(nested, {"refused": GONE, "away": GONE, "vip": True}).value == "b"
    assert graded(nested, {"refused": False, "away": True, "vip": None}).value == "d"


def test_a_household_that_never_paid_is_neither_late_nor_early(graded: Grader) -> None:
    paid = table(
        [
            (all_of(last_payment_on=NOTHING), "never"),
            (all_of(last_payment_on=below(100)), "long_ago"),
            (all_of(last_payment_on=within(100)), "lately"),
        ],
        "never long_ago lately",
    )
    assert [graded(paid, {"last_payment_on": day}).value for day in (None, 99, 100)] == ["never", "long_ago", "lately"]


def test_a_table_without_rows_answers_none(graded: Grader) -> None:
    assert graded(table([], "A"), {}).value == "none"
    assert graded(table([(None, "A")], "A"), {}).value == "A"


def test_an_always_true_row_reads_nothing(graded: Grader) -> None:
    assert graded(table([(All(), "A")], "A"), {}).value == "A"


# --- whole books -------------------------------------------------------------------------------------------------

RATE = table(
    [
        (all_of(charge_age=below(6)), Fraction(0)),
        (all_of(charge_age=within(6, 11)), Fraction(15, 100)),
        (all_of(charge_age=within(12)), Fraction(30, 100)),
        (all_of(charge_age=NOTHING), "individual"),
    ],
    id="rate",
    of="charge",
    output=Output(kind="percent", words=titled("individual")),
)
LETTER = table(
    [(all_of(account_grade=one_of("S", "A"), rate=within(150_000)), "letter"), (None, "call")],
    "call letter",
    id="letter",
    of="charge",
    hit="first",
)
ALARM = table(
    [(Check("worst(rate)", within(300_000), "30%以上"), "red"), (Check("worst(rate)", one_of("none"), ""), "idle")],
    "idle red",
    id="alarm",
)
BOOK = book_of(POINTS, BANDS, C2, RATE, LETTER, ALARM)
GIVEN: Facts = PLAIN | {"late": 3, "disputes": 0, "satisfaction": 10, "arrears": 600_000}


def run(facts: Facts, *ages: Value | Unknown) -> tuple[dict[str, object], list[dict[str, object]]]:
    compiled = program(BOOK)
    grades = compiled.run([facts[fact] for fact in compiled.reads], [[age] for age in ages], DAY)
    return {t: g.fact for t, g in grades.account.items()}, [{t: g.fact for t, g in c.items()} for c in grades.charges]


def test_a_program_names_the_facts_it_wants_and_no_others() -> None:
    bands_of_points = book_of(POINTS, table([(all_of(points=below(30)), "low")], "low", id="band"), RATE)
    assert program(bands_of_points).reads == ("late", "disputes", "satisfaction")
    assert program(bands_of_points).charge_reads == ("charge_age",)


def test_a_book_is_compiled_once() -> None:
    assert program(BOOK) is program(BOOK)


def test_tables_read_the_answers_of_tables_before_them() -> None:
    account, charges = run(GIVEN, 5, 12)
    assert account == {"points": 45, "band": "medium", "account_grade": "A", "alarm": "red"}
    assert charges == [{"rate": 0, "letter": "call"}, {"rate": 300_000, "letter": "letter"}]


def test_an_undetermined_table_leaves_open_what_reads_it() -> None:
    compiled = program(BOOK)
    facts = GIVEN | {"disputes": GONE}
    grades = compiled.run([facts[fact] for fact in compiled.reads], [], DAY)
    assert grades.account["points"].because == ("disputes",)
    assert grades.account["band"].because == ("points",)
    assert grades.account["account_grade"].value == "A"


def test_worst_looks_at_all_charges_and_is_none_without_any() -> None:
    assert run(GIVEN)[0]["alarm"] == "idle"
    assert run(GIVEN, 0, 6)[0]["alarm"] == "none"
    assert run(GIVEN, 0, 12, 6)[0]["alarm"] == "red"
    assert run(GIVEN, 0, GONE)[0]["alarm"] == Unknown(("worst(rate)",))


def test_worst_is_the_highest_in_output_order() -> None:
    levels = table([], "none yellow orange red")

    def of(*values: str | Unknown) -> Value | Unknown:
        return worst(levels, [Graded(value, value) for value in values])

    assert of("yellow", "none", "orange") == "orange"
    assert of("none") == of() == "none"
    assert of("yellow", GONE) == Unknown(("grade",))
    assert of("red", GONE) == "red"  # nothing is worse, whatever the other turns out to be


def test_worst_of_typed_answers_puts_words_above_numbers() -> None:
    fifteen = Graded(Fraction(15, 100), 150_000)
    assert worst(RATE, [fifteen, Graded(Fraction(0), 0)]) == 150_000
    assert worst(RATE, [fifteen, Graded("individual", "individual")]) == "individual"
    assert (
        worst(KINDS, [Graded(("hardship", "habitual"), frozenset({"hardship", "habitual"})), Graded((), frozenset())])
        == "habitual"
    )


def test_a_charge_table_may_read_the_worst_of_all_charges() -> None:
    share = table(
        [(Check("worst(rate)", within(300_000), ""), "x"), (None, "y")], "x y", id="share", of="charge", hit="first"
    )
    compiled = program(book_of(RATE, share))
    grades = compiled.run([], [[0], [12]], DAY)
    assert [charge["share"].value for charge in grades.charges] == ["x", "x"]


def test_a_books_own_fact_is_the_accounts_even_if_it_is_called_charge() -> None:
    own = OwnFact(id="charge_code", type=Type("integer"), title=Text("", ""), key="code")
    compiled = program(
        book_of(table([(all_of(charge_code=one_of(1)), "x")], "x", of="charge"), facts={"charge_code": own})
    )
    assert (compiled.reads, compiled.charge_reads) == (("charge_code",), ())


# --- the generated source ----------------------------------------------------------------------------------------


def test_no_word_of_a_rule_file_gets_into_the_source() -> None:
    evil = "'''\n__import__('os')#"
    rows = [(All((check(evil, one_of(evil, evil + "2")), check("x" + evil, contains(evil)))), evil)]
    compiled = program(book_of(table(rows, id=evil, output=Output(kind="choice", words=titled("A")), hit="first")))
    assert "import" not in compiled.source
    assert "#" not in compiled.source
    assert compiled.grade(evil, {evil: evil, "x" + evil: frozenset({evil})}.__getitem__, DAY).value == evil


@pytest.mark.parametrize("value", ["1); evil(", 1.5, True])
def test_only_whole_numbers_are_written_into_the_source(value: object) -> None:
    bound = Bound(value, included=True, written="")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="is not a canonical int"):
        program(book_of(table([(all_of(arrears=Range(bound, None)), "A")], "A")))


def test_a_long_table_of_deep_conditions_compiles(graded: Grader) -> None:
    deep: Condition = check("arrears", one_of(3))
    for _ in range(20):  # as deep as a rule file may go
        deep = Any((All((Not(Not(deep)), check("arrears", SOMETHING))), check("arrears", one_of(4))))
    rows = [(all_of(arrears=one_of(1000 + n)), "A") for n in range(300)]
    long = table([*rows, (deep, "B")], "A B")
    assert [graded(long, {"arrears": fen}).rows for fen in (3, 4, 5, 1000, 1299)] == [(301,), (301,), (), (1,), (300,)]
    assert graded(long, {"arrears": GONE}).because == ("arrears",)


def test_a_scorecard_of_many_rows_answers_past_what_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dunning.engine.known.tables._MOST_REMEMBERED", 3)
    bits = table([(all_of(**{f"b{n}": TRUE}), 1 << n) for n in range(4)], hit="sum")
    compiled = program(book_of(bits))
    for total in [*range(16), *range(16)]:
        facts = {f"b{n}": bool(total >> n & 1) for n in range(4)}
        assert compiled.grade("grade", facts.__getitem__, DAY).value == total


# --- why ---------------------------------------------------------------------------------------------------------


def test_why_not_names_the_first_cell_that_kept_a_row_out() -> None:
    facts = PLAIN | {"arrears": 600_000, "overdue_periods": 2}
    assert why_not(C2, 1, facts.__getitem__) == check("tags", contains("vip"))
    assert why_not(C2, 2, facts.__getitem__) == check("arrears", above(1_000_000))
    assert why_not(C2, 4, facts.__getitem__) is None
    assert why_not(C2, 7, facts.__getitem__) is None
    with pytest.raises(ValueError, match="account_grade has no row 8"):
        why_not(C2, 8, facts.__getitem__)


def test_a_trace_shows_every_row_with_the_value_that_decided_it() -> None:
    facts = PLAIN | {"arrears": 1_200_000, "overdue_periods": GONE}
    seen = [(each.row.number, each.truth, each.values) for each in trace(C2, facts.__getitem__)]
    assert seen == [
        (1, False, (("tags", frozenset()),)),
        (2, None, (("overdue_periods", GONE),)),
        (3, True, (("arrears", 1_200_000),)),
        (4, False, (("arrears", 1_200_000),)),
        (5, False, (("consecutive_overdue_periods", 0),)),
        (6, True, (("arrears", 1_200_000),)),
        (7, False, ()),
    ]


def test_the_row_for_the_rest_is_true_or_open_with_the_others() -> None:
    def rest(**facts: Value | Unknown) -> tuple[Row, bool | None]:
        last = trace(C2, (PLAIN | facts).__getitem__)[-1]
        return last.row, last.truth

    assert rest() == (C2.rows[-1], True)
    assert rest(hardship=GONE, tags=frozenset({"vip"})) == (C2.rows[-1], None)
