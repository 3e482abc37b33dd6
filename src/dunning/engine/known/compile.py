"""Tables as generated Python source: every row one comparison of plain ints, no tree walked and nothing looked up.

Safe because nothing a person wrote gets in: the text is made of our own names with positions behind them (`f0`, `R3`)
and canonical ints; words and ids are handed over as constants beside it. What it says is what `logic` says, and a
property test holds the two together.

The generated function of a table takes the values of the facts it reads, in order, and has two bodies. The first runs
when every fact is known and has a value; its tests are bare. The second allows for the rest. It keeps two expressions
for each condition, "surely true" and "possibly true"; a row is unknown where it is possibly but not surely true, which
is exactly Kleene's logic, and `not` swaps the two. There a fact that is missing (`m0`) or has no value is seen as a
blank that no test holds of: not-a-number for numbers, None for words and truths, the empty set for sets.

Names in the text, for a table's function `t3` and its constants `..3`:
    U           the class of unknown values          NAN, EMPTY  blanks
    K0, K1 ...  words and sets of words              T0, T1 ...  ids of tables (keys of what `run` returns)
    G           what `run` returns: the answers of the account, and of each charge
    R3          per row, its answer; last, the answer when no row is true           (hit policy `first`)
    A3          by bit mask of the true rows, the answer                            (every other hit policy)
    B3          by masks of true and unknown rows and which facts are missing, the undetermined answer
    S3          the same worked out from the values, for tables with nested conditions
    W3          the worst of a charge table's answers

`run(F, C)` takes the account's facts in the order of `Listing.reads` and, per charge, those in the order of
`Listing.charge_reads`, and goes through all tables in the book's order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from dunning.model.condition import (
    All,
    Any,
    Anything,
    Check,
    Condition,
    Contains,
    Not,
    Nothing,
    OneOf,
    Range,
    Test,
    checks,
)
from dunning.model.rulebook import Row, RuleBook, Table

View = Literal["int", "str", "bool", "frozenset"]
"""The class of the values a test can be true of."""

Sense = Literal["bare", "surely", "possibly"]

_SEEN_AS: Mapping[View, str] = {"int": "i", "str": "s", "bool": "b", "frozenset": "h"}
_BLANK: Mapping[View, str] = {"int": "NAN", "str": "None", "bool": "None", "frozenset": "EMPTY"}
_SWAPPED: Mapping[Sense, Sense] = {"bare": "bare", "surely": "possibly", "possibly": "surely"}


@dataclass(frozen=True, slots=True)
class Listing:
    """The generated text of a book, the constants it names, and what it wants to be given."""

    text: str
    constants: Mapping[str, str | frozenset[str]]
    reads: tuple[str, ...]
    charge_reads: tuple[str, ...]


@dataclass(slots=True)
class _Words:
    """Words and sets of words, by the name the generated text knows them by."""

    names: dict[str | frozenset[str], str] = field(default_factory=dict)

    def name(self, value: str | frozenset[str]) -> str:
        return self.names.setdefault(value, f"K{len(self.names)}")


def tested_by(row: Row) -> tuple[str, ...]:
    """The facts a row tests, each once, in the order written; a cell that anything fits tests nothing."""
    return tuple(dict.fromkeys(check.fact for check in _tests(row)))


def read_by(table: Table) -> tuple[str, ...]:
    """The facts a table's rows test, each once, in the order written."""
    return tuple(dict.fromkeys(fact for row in table.rows for fact in tested_by(row)))


def is_flat(table: Table) -> bool:
    """Whether every row is a plain list of tests: then the missing facts of an unknown row are all it blames."""
    return all(
        isinstance(part, Check)
        for row in table.rows
        for part in (row.when.parts if isinstance(row.when, All) else (row.when,))
    )


def worst_of(fact: str) -> str | None:
    """`worst(TABLE)`: the table it is about; None if the fact is no such thing."""
    return fact[6:-1] if fact.startswith("worst(") and fact.endswith(")") else None


def is_charge_fact(fact: str, book: RuleBook) -> bool:
    """Facts of one charge are called `charge_...`; a book's own facts are the account's, whatever they are called."""
    return fact.startswith("charge_") and fact not in book.facts


def listing(book: RuleBook) -> Listing:
    """All of a book's tables as source."""
    words = _Words()
    run = _Run(book)
    lines: list[str] = []
    for index, table in enumerate(book.tables.values()):
        lines += _Function(index, table, words).lines()
    lines += run.lines()
    constants: dict[str, str | frozenset[str]] = {f"T{index}": table for index, table in enumerate(book.tables)}
    constants |= {name: value for value, name in words.names.items()}
    return Listing("\n".join([*lines, ""]), constants, tuple(run.facts), tuple(run.charge_facts))


class _Function:
    """Writes one table's function; `places` are the positions of the facts it reads."""

    def __init__(self, index: int, table: Table, words: _Words) -> None:
        self.index = index
        self.table = table
        self.words = words
        self.places = {fact: place for place, fact in enumerate(read_by(table))}
        self.views: dict[str, set[View]] = {fact: set() for fact in self.places}
        for check in (check for row in table.rows for check in _tests(row)):
            self.views[check.fact] |= _views(check.test)
        self.flat = is_flat(table)

    def lines(self) -> Iterable[str]:
        arguments = ", ".join(f"f{place}" for place in self.places.values())
        yield f"def t{self.index}({arguments}):"
        if not self.places:
            yield from _indented(self._body(bare=True))
            return
        if all(len(views) <= 1 for views in self.views.values()):
            yield f"    if {' and '.join(self._known(fact) for fact in self.places)}:"
            yield from _indented(_indented(self._body(bare=True)))
        for fact, place in self.places.items():
            yield f"    m{place} = f{place}.__class__ is U"
            for view in sorted(self.views[fact]):
                yield f"    {_SEEN_AS[view]}{place} = f{place} if f{place}.__class__ is {view} else {_BLANK[view]}"
        yield from _indented(self._body(bare=False))

    def _known(self, fact: str) -> str:
        """The fact is known and has a value of the one class its tests are about."""
        (view,) = self.views[fact] or (None,)
        place = self.places[fact]
        return f"f{place}.__class__ is {view}" if view else f"f{place}.__class__ is not U"

    def _body(self, *, bare: bool) -> Iterable[str]:
        conditions = [row.when for row in self.table.rows if not row.otherwise]
        return self._first(conditions, bare=bare) if self.table.hit == "first" else self._masks(conditions, bare=bare)

    def _first(self, conditions: list[Condition], *, bare: bool) -> Iterable[str]:
        """The first row that is not false decides."""
        for row, condition in enumerate(conditions):
            answer = f"R{self.index}[{row}]"
            if bare:
                yield f"if {self._text(condition, 'bare')}: return {answer}"
            else:
                yield f"if {self._text(condition, 'possibly')}:"
                yield f"    if {self._text(condition, 'surely')}: return {answer}"
                yield f"    return {self._undetermined('0', f'1 << {row}')}"
        yield f"return R{self.index}[-1]"

    def _masks(self, conditions: list[Condition], *, bare: bool) -> Iterable[str]:
        """Which rows are true, which unknown, as bits."""
        yield "true = 0"
        if bare:
            for row, condition in enumerate(conditions):
                yield f"if {self._text(condition, 'bare')}: true |= 1 << {row}"
        else:
            yield "open = 0"
            for row, condition in enumerate(conditions):
                yield f"if {self._text(condition, 'possibly')}:"
                yield f"    if {self._text(condition, 'surely')}: true |= 1 << {row}"
                yield f"    else: open |= 1 << {row}"
            yield f"if open: return {self._undetermined('true', 'open')}"
        yield f"return A{self.index}[true]"

    def _undetermined(self, true: str, unknown: str) -> str:
        if self.flat:
            missing = (f"m{place}" for place in self.places.values())
            return f"B{self.index}[{', '.join([true, unknown, *missing])}]"
        return f"S{self.index}({', '.join(f'f{place}' for place in self.places.values())})"

    def _text(self, condition: Condition, sense: Sense) -> str:
        match condition:
            case Check(fact, test):
                return self._check(fact, test, sense)
            case All(parts):
                return _joined("and", [self._text(part, sense) for part in parts if not _is_anything(part)], "True")
            case Any(parts):
                return _joined("or", [self._text(part, sense) for part in parts], "False")
            case Not(part):
                return f"(not {self._text(part, _SWAPPED[sense])})"

    def _check(self, fact: str, test: Test, sense: Sense) -> str:
        if isinstance(test, Anything):
            return "True"
        place = self.places[fact]
        if sense == "bare":
            return self._bare(test, fact)
        positive, negated = self._positive(test, lambda view: f"{_SEEN_AS[view]}{place}", f"f{place}")
        if isinstance(test, OneOf) and negated:
            text = f"(not m{place} and f{place} is not None and not {positive})"
        elif negated:
            text = f"(not m{place} and not {positive})"
        else:
            text = positive
        return f"(m{place} or {text})" if sense == "possibly" else text

    def _bare(self, test: Test, fact: str) -> str:
        """The test on a fact that is known, and has a value of the class the tests are about if they are about one."""
        place = self.places[fact]
        if isinstance(test, Nothing) and self.views[fact]:
            empty = f"(not f{place})" if "frozenset" in self.views[fact] else "False"
            return f"(not {empty})" if test.negated else empty
        positive, negated = self._positive(test, lambda _: f"f{place}", f"f{place}")
        return f"(not {positive})" if negated else positive

    def _positive(self, test: Test, seen_as: Callable[[View], str], raw: str) -> tuple[str, bool]:
        """The test without its `negated`, and that."""
        match test:
            case Range():
                return _range(test, seen_as("int")), False
            case OneOf(values, _, negated):
                return self._one_of(values, seen_as), negated
            case Contains(words, negated):
                return self._contains(words, seen_as("frozenset")), negated
            case Nothing(negated):
                return f"({raw} is None or {raw} == EMPTY)", negated
            case Anything():
                return "True", False

    def _one_of(self, values: tuple[int | str | bool, ...], seen_as: Callable[[View], str]) -> str:
        numbers = [_int(value) for value in values if type(value) is int]
        words = frozenset(value for value in values if isinstance(value, str))
        truths = {value for value in values if isinstance(value, bool)}
        tests = []
        if numbers:
            tests.append(f"{seen_as('int')} in ({', '.join(numbers)},)")
        if len(words) == 1:
            tests.append(f"{seen_as('str')} == {self.words.name(*words)}")
        elif words:
            tests.append(f"{seen_as('str')} in {self.words.name(words)}")
        tests.extend(f"{seen_as('bool')} is {value}" for value in sorted(truths))
        return _joined("or", tests, "False")

    def _contains(self, words: tuple[str, ...], held: str) -> str:
        if len(words) == 1:
            return f"({self.words.name(words[0])} in {held})"
        return f"(not {held}.isdisjoint({self.words.name(frozenset(words))}))"


class _Run:
    """Writes `run`: the tables in the book's order, those of charges once for each charge."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.indexes = {table: index for index, table in enumerate(book.tables)}
        self.facts: dict[str, str] = {}
        self.charge_facts: dict[str, str] = {}
        self.done: set[str] = set()

    def lines(self) -> Iterable[str]:
        body = list(_indented(self._body()))  # fills in what it reads
        yield "def run(F, C):"
        if self.facts:
            yield f"    {', '.join(self.facts.values())}, = F"
        yield "    H = [{} for _ in C]"
        yield from body
        answers = (f"T{i}: g{i}" for i, table in enumerate(self.book.tables.values()) if table.of == "account")
        yield f"    return G({{{', '.join(answers)}}}, H)"

    def _body(self) -> Iterable[str]:
        loop: list[str] = []  # over the charges, as long as only their own tables follow each other
        for table in self.book.tables.values():
            worsts = list(self._worsts(table))
            if table.of == "account" or worsts:
                yield from loop
                loop = []
            yield from worsts
            index = self.indexes[table.id]
            if table.of == "account":
                yield f"g{index} = {self._call(table)}"
            else:
                loop = loop or ["for c, h in zip(C, H):"]
                loop.append(f"    h[T{index}] = {self._call(table)}")
            self.done.add(table.id)
        yield from loop

    def _worsts(self, table: Table) -> Iterable[str]:
        for fact in read_by(table):
            of = worst_of(fact)
            if of in self.done and fact not in self.done and self.book.tables[of].of == "charge":
                index = self.indexes[of]
                yield f"w{index} = W{index}([h[T{index}] for h in H])"
                self.done.add(fact)

    def _call(self, table: Table) -> str:
        return f"t{self.indexes[table.id]}({', '.join(self._source(fact, table) for fact in read_by(table))})"

    def _source(self, fact: str, table: Table) -> str:
        """Where a table's function gets a fact from: an earlier table, or what `run` was given."""
        if fact in self.done:
            of = worst_of(fact)
            if of is not None:
                return f"w{self.indexes[of]}"
            if self.book.tables[fact].of == "account":
                return f"g{self.indexes[fact]}.fact"
            if table.of == "charge":
                return f"h[T{self.indexes[fact]}].fact"
        if table.of == "charge" and is_charge_fact(fact, self.book):
            return self.charge_facts.setdefault(fact, f"c[{len(self.charge_facts)}]")
        return self.facts.setdefault(fact, f"f{len(self.facts)}")


def _indented(lines: Iterable[str]) -> Iterable[str]:
    return (f"    {line}" for line in lines)


def _tests(row: Row) -> Iterable[Check]:
    if row.otherwise:
        return ()
    return (check for check in checks(row.when) if not isinstance(check.test, Anything))


def _views(test: Test) -> set[View]:
    match test:
        case Range():
            return {"int"}
        case OneOf(values):
            kinds: Mapping[type, View] = {int: "int", str: "str", bool: "bool"}
            return {kinds[type(value)] for value in values} or {"int"}
        case Contains():
            return {"frozenset"}
    return set()


def _is_anything(condition: Condition) -> bool:
    return isinstance(condition, Check) and isinstance(condition.test, Anything)


def _range(test: Range, number: str) -> str:
    low, high = test.lowest, test.highest
    if low is not None and low == high:
        return f"({number} == {_int(low)})"
    left = "" if low is None else f"{_int(low)} <= "
    right = "" if high is None else f" <= {_int(high)}"
    # Open at both ends: true of every number, still false of the blank, which does not equal itself.
    return f"({left}{number}{right})" if left or right else f"({number} == {number})"


def _int(value: int) -> str:
    """The only values of a rule file that are written into source."""
    if type(value) is not int:
        raise TypeError(f"{value!r} is not a canonical int")
    return repr(value)


def _joined(word: str, parts: list[str], empty: str) -> str:
    if not parts:
        return empty
    return parts[0] if len(parts) == 1 else f"({f' {word} '.join(parts)})"
