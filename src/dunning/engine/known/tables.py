"""Decision tables: which row decides, what the table answers, and why an earlier row did not.

`grade` and `decide` are the reference, plain to read; `program` gives the same answers from generated source (see
`compile`), which is what `assess` runs. Both are three-valued: what cannot be known is undetermined, with its cause.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache, partial
from types import CodeType
from typing import Any, Literal, NamedTuple

from dunning.basis.span import Span
from dunning.engine.known.compile import Listing, is_flat, listing, read_by, tested_by
from dunning.engine.known.logic import Read, Truth, conjunction, kept_out, missing, negation, truth
from dunning.model.condition import Condition, Unknown, Value, facts_of
from dunning.model.rulebook import Answer, Output, Row, RuleBook, Table

Blame = Callable[[Row], tuple[str, ...]]
"""Names the facts that leave a row unknown."""

NONE = "none"
"""What a table answers when no row is true and none is for the rest; a word like any other to later tables."""

Cause = Literal["", "missing", "overlap", "undated"]
"""Why a table is undetermined: a fact is missing; rows that exclude each other are both true, or agree on no one value;
the row that decides says nothing yet on that day. Empty: it is determined."""


@dataclass(frozen=True, slots=True)
class Graded:
    """What a table answers for one household or charge, and the rows that decided it.

    `value` is as the rule file says it (a word, int fen, a Fraction, a Duration; for `collect` all of them, in output
    order), Unknown if undetermined. `fact` is the same as later conditions see it: percents in ppm, `collect` a set of
    words. `rows` are the numbers of the rows that decided (none if no row is true), or that leave it undetermined; `at`
    is the place of the first of them, or of the table.
    """

    value: Answer | tuple[Answer, ...] | Unknown
    fact: Value | Unknown
    rows: tuple[int, ...] = ()
    at: Span | None = None
    cause: Cause = ""

    @property
    def because(self) -> tuple[str, ...]:
        """The facts and tables that are missing, by id; empty unless the cause is `missing`."""
        return self.value.because if isinstance(self.value, Unknown) else ()


class Grades(NamedTuple):
    """All answers of a book for one account: its own by table, and those of each charge, in the charges' order."""

    account: dict[str, Graded]
    charges: list[dict[str, Graded]]


# --- the reference -----------------------------------------------------------------------------------------------


def grade(table: Table, read: Read, on: date) -> Graded:
    """What the table answers on that day, row by row; `read` gives the answers of earlier tables too (`fact`)."""
    rows = _conditional(table)
    truths = [truth(row.when, read) for row in rows]
    return decide(table, truths, lambda row: missing(row.when, read), on)


def decide(table: Table, truths: Sequence[Truth], blame: Blame, on: date) -> Graded:
    """Applies the hit policy to the truths of the rows (without those for the rest)."""
    rows = _conditional(table)
    true = [row for row, holds in zip(rows, truths, strict=True) if holds is True]
    unknown = [row for row, holds in zip(rows, truths, strict=True) if holds is None]
    if not true and not unknown:
        return _rest(table, on)
    match table.hit:
        case "first":
            row, holds = next((row, holds) for row, holds in zip(rows, truths, strict=True) if holds is not False)
            return _answered(table, row, on) if holds else _missing(table, [row], blame)
        case "unique" | "any":
            # The rows exclude each other, or agree: one that is true settles it, whatever the unknown ones are.
            return _agreed(table, true, on) if true else _missing(table, unknown, blame)
        case "collect" | "sum":
            return _missing(table, unknown, blame) if unknown else _together(table, true, on)
        case "min" | "max" | "priority":
            return _best(table, true, unknown, blame, on)


def _rest(table: Table, on: date) -> Graded:
    """No row is true: the row for the rest, or the policy's empty answer."""
    rest = next((row for row in table.rows if row.otherwise), None)
    if rest is not None:
        return _together(table, [rest], on) if table.hit == "collect" else _answered(table, rest, on)
    match table.hit:
        case "collect":
            return Graded((), frozenset(), (), table.at)
        case "sum":
            return Graded(Fraction(0) if table.output.kind == "percent" else 0, 0, (), table.at)
    return Graded(NONE, NONE, (), table.at)


def _answered(table: Table, row: Row, on: date) -> Graded:
    answer = row.then.on(on)
    return _undetermined(table, [row], "undated") if answer is None else _determined(table, answer, [row])


def _agreed(table: Table, rows: list[Row], on: date) -> Graded:
    """`unique`: one row is true and no more. `any`: several may be, if they say the same."""
    answers = {row.then.on(on) for row in rows}
    if len(rows if table.hit == "unique" else answers) > 1:
        return _undetermined(table, rows, "overlap")
    graded = _answered(table, rows[0], on)
    return Graded(graded.value, graded.fact, _numbers(rows), graded.at, graded.cause)


def _together(table: Table, rows: list[Row], on: date) -> Graded:
    """`collect`: every answer once, in output order. `sum`: the numbers added up; a word among them cannot be."""
    answers = [row.then.on(on) for row in rows]
    said = [answer for answer in answers if answer is not None]
    if len(said) < len(answers):
        return _undetermined(
            table, [row for row, answer in zip(rows, answers, strict=True) if answer is None], "undated"
        )
    if table.hit == "collect":
        collected = tuple(sorted(dict.fromkeys(said), key=partial(_rank, table.output)))
        words = frozenset(str(_as_fact(answer)) for answer in collected)
        return Graded(collected, words, _numbers(rows), rows[0].at)
    numbers = [answer for answer in said if isinstance(answer, int | Fraction)]
    if len(numbers) == len(said):
        return _determined(table, sum(numbers[1:], numbers[0]), rows)
    return _determined(table, said[0], rows) if len(said) == 1 else _undetermined(table, rows, "overlap")


def _best(table: Table, true: list[Row], unknown: list[Row], blame: Blame, on: date) -> Graded:
    """`min`, `max`, `priority`: the true row with the best answer, unless an unknown row might do better."""
    if not true:
        return _missing(table, unknown, blame)
    undated = [row for row in true if row.then.on(on) is None]
    if undated:
        return _undetermined(table, undated, "undated")

    def worth(row: Row) -> tuple[int, int | Fraction]:
        answer = row.then.on(on)
        if answer is None:  # a row that is unknown and says nothing yet might say anything
            return (9, 0)
        if table.hit == "priority":  # as DMN has it: the word listed first goes first; then the earlier row
            words = list(table.output.words)
            return (1, -words.index(answer)) if isinstance(answer, str) and answer in words else (0, -row.number)
        kind, size = _rank(table.output, answer)
        return (-kind, -size) if table.hit == "min" else (kind, size)

    best = max(true, key=worth)
    rivals = [row for row in unknown if worth(row) > worth(best)]
    return _missing(table, rivals, blame) if rivals else _answered(table, best, on)


def _determined(table: Table, answer: Answer, rows: list[Row]) -> Graded:
    return Graded(answer, _as_fact(answer), _numbers(rows), _place(table, rows))


def _missing(table: Table, rows: list[Row], blame: Blame) -> Graded:
    because = tuple(dict.fromkeys(fact for row in rows for fact in blame(row)))
    return _undetermined(table, rows, "missing", because=because)


def _undetermined(table: Table, rows: list[Row], cause: Cause, *, because: tuple[str, ...] = ()) -> Graded:
    unknown = Unknown(because)
    return Graded(unknown, unknown, _numbers(rows), _place(table, rows), cause)


def _conditional(table: Table) -> list[Row]:
    return [row for row in table.rows if not row.otherwise]


def _numbers(rows: list[Row]) -> tuple[int, ...]:
    return tuple(row.number for row in rows)


def _place(table: Table, rows: list[Row]) -> Span | None:
    return rows[0].at or table.at


def _as_fact(answer: Answer) -> Value:
    """An answer as the tests of later tables see it. A percent finer than a ppm is cut; a length of time is a word."""
    if isinstance(answer, Fraction):
        return int(answer * 1_000_000)
    if isinstance(answer, str | int):
        return answer
    return f"{answer.count}{answer.unit}"


def _rank(output: Output, answer: Answer) -> tuple[int, int | Fraction]:
    """Output order, lowest first: `none`, then numbers by size, then words as listed (so `high` is above `low`)."""
    if answer == NONE:
        return (0, 0)
    if isinstance(answer, str):
        words = list(output.words)
        return (2, words.index(answer) if answer in words else len(words))
    if isinstance(answer, int | Fraction):
        return (1, answer)
    return (1, answer.count * _NOMINAL_FIFTHS_OF_HOURS[answer.unit])


_NOMINAL_FIFTHS_OF_HOURS = {"h": 5, "d": 120, "wd": 168, "mo": 3652, "y": 43_830}
"""Only to order lengths of time of different units: five working days are a week, twelve months 365.25 days."""


def worst(table: Table, answers: Iterable[Graded]) -> Value | Unknown:
    """`worst(TABLE)` over the charges: the highest answer in output order, as a fact; `none` where there is no charge.

    A charge that is undetermined leaves it unknown, unless another has the highest word there is.
    """
    top: Answer = NONE
    unknown = False
    for graded in answers:
        if isinstance(graded.value, Unknown):
            unknown = True
            continue
        said = graded.value if isinstance(graded.value, tuple) else (graded.value,)
        top = max([top, *said], key=lambda answer: _rank(table.output, answer))
    highest = list(table.output.words)[-1:]
    return Unknown((table.id,)) if unknown and [top] != highest else _as_fact(top)


# --- why: for explain, at leisure ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RowTrace:
    """One row of a table for one household: whether it is true, and the cell that says so.

    `part` is what keeps the row from being true (see `logic.kept_out`), None if nothing does; `values` are the facts of
    that part with the values read, or all of the row's if it is true.
    """

    row: Row
    truth: Truth
    part: Condition | None
    values: tuple[tuple[str, Value | Unknown], ...]


def trace(table: Table, read: Read) -> tuple[RowTrace, ...]:
    """Every row of the table, in the order written. A row for the rest is true when all others are false."""
    others = conjunction(negation(truth(row.when, read)) for row in _conditional(table))
    return tuple(RowTrace(row, others, None, ()) if row.otherwise else _traced(row, read) for row in table.rows)


def _traced(row: Row, read: Read) -> RowTrace:
    part = kept_out(row.when, read)
    values = tuple((fact, read(fact)) for fact in facts_of(row.when if part is None else part))
    return RowTrace(row, truth(row.when, read), part, values)


def why_not(table: Table, number: int, read: Read) -> Condition | None:
    """The first cell that kept a row from being true: a Check, or the `any` or `not` that failed as a whole.

    None if nothing did, as for a row for the rest. A `number` the table does not have is a ValueError.
    """
    row = next((row for row in table.rows if row.number == number), None)
    if row is None:
        raise ValueError(f"table {table.id} has no row {number}")
    return None if row.otherwise else kept_out(row.when, read)


# --- the same from generated source -------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def program(book: RuleBook) -> Program:
    """The book's tables, compiled; made once for a book."""
    return Program(book)


class Program:
    """A book's tables as generated source.

    `source` is the text, for whoever wants to look; `reads` are the facts of the account its tables want,
    `charge_reads` those of each charge.
    """

    __slots__ = (
        "_code",
        "_days",
        "_editions",
        "_latest",
        "_listing",
        "_read_by",
        "book",
        "charge_reads",
        "reads",
        "source",
    )

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self._listing: Listing = listing(book)
        self.source = self._listing.text
        self.reads = self._listing.reads
        self.charge_reads = self._listing.charge_reads
        self._code = compile(self.source, "<tables>", "exec")
        rows = (row for table in book.tables.values() for row in table.rows)
        self._days = tuple(sorted({since for row in rows for since, _ in row.then.steps}))
        self._editions: dict[int, Mapping[str, Any]] = {}
        self._latest: tuple[date, Mapping[str, Any]] = (date.min, self._edition(date.min))
        self._read_by = {table.id: (f"t{i}", read_by(table)) for i, table in enumerate(book.tables.values())}

    def run(self, facts: Sequence[Value | Unknown], charges: Sequence[Sequence[Value | Unknown]], on: date) -> Grades:
        """All tables for one account. `facts` in the order of `reads`; per charge, in the order of `charge_reads`."""
        grades: Grades = self._on(on)["run"](facts, charges)
        return grades

    def grade(self, table_id: str, read: Read, on: date) -> Graded:
        """One table; `read` also gives the answers (`Graded.fact`) of the tables it reads, and `worst(TABLE)`."""
        name, facts = self._read_by[table_id]
        graded: Graded = self._on(on)[name](*map(read, facts))
        return graded

    def _on(self, on: date) -> Mapping[str, Any]:
        """The edition of that day; nearly always it is the day asked for last."""
        day, edition = self._latest
        if day != on:
            edition = self._edition(on)
            self._latest = (on, edition)
        return edition

    def _edition(self, on: date) -> Mapping[str, Any]:
        """The compiled functions with the answers in force on that day; all days between two changes share them."""
        number = bisect_right(self._days, on)
        edition = self._editions.get(number)
        if edition is None:
            first_day = self._days[number - 1] if number else date.min
            edition = self._editions[number] = _edition(self._code, self._listing, self.book, first_day)
        return edition


_MOST_REMEMBERED = 10_000
"""Answers of one table kept for reuse; then it starts afresh, lest a scorecard of many rows fill the memory."""


def _edition(code: CodeType, listing: Listing, book: RuleBook, on: date) -> dict[str, Any]:
    """Runs the generated text among its constants. Answers are made once and shared by all accounts that get them."""
    builtins = {"zip": zip, "int": int, "str": str, "bool": bool, "frozenset": frozenset}  # all the text may call
    space: dict[str, Any] = {"__builtins__": builtins, "U": Unknown, "NAN": float("nan"), "EMPTY": frozenset()}
    space |= {"G": Grades, **listing.constants}
    for index, table in enumerate(book.tables.values()):
        if table.hit == "first":
            space[f"R{index}"] = [*(_answered(table, row, on) for row in _conditional(table)), _rest(table, on)]
        else:
            space[f"A{index}"] = _Memo(partial(_of_true, table, on))
        if is_flat(table):
            space[f"B{index}"] = _Memo(partial(_of_masks, table, on))
        else:
            space[f"S{index}"] = partial(_of_values, table, on)
        if table.of == "charge":
            space[f"W{index}"] = _remembered_worst(table)
    exec(code, space)
    return space


def _of_true(table: Table, on: date, true: int) -> Graded:
    return _of_masks(table, on, (true, 0))


def _of_masks(table: Table, on: date, key: tuple[int, ...]) -> Graded:
    """From the bit masks of the true and the unknown rows, and for each fact read whether it is missing."""
    true, unknown, *gone = key
    truths = [None if unknown >> row & 1 else bool(true >> row & 1) for row in range(len(_conditional(table)))]
    lost = {fact for fact, is_gone in zip(read_by(table), gone, strict=False) if is_gone}
    return decide(table, truths, lambda row: tuple(fact for fact in tested_by(row) if fact in lost), on)


def _of_values(table: Table, on: date, *values: Value | Unknown) -> Graded:
    return grade(table, dict(zip(read_by(table), values, strict=True)).__getitem__, on)


def _remembered_worst(table: Table) -> Callable[[list[Graded]], Value | Unknown]:
    """`worst`, worked out once for each set of answers."""
    found: dict[frozenset[Value | Unknown], Value | Unknown] = {}

    def worst_of(answers: list[Graded]) -> Value | Unknown:
        facts = frozenset([graded.fact for graded in answers])
        fact = found.get(facts)
        if fact is None:  # never an answer
            if len(found) >= _MOST_REMEMBERED:
                found.clear()
            fact = found[facts] = worst(table, answers)
        return fact

    return worst_of


class _Memo(dict[Any, Graded]):
    """Answers by key, made when first wanted."""

    def __init__(self, make: Callable[[Any], Graded]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Any) -> Graded:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        graded = self[key] = self._make(key)
        return graded
