"""A cell of FEEL as a condition on one fact, in the fact's own units.

Everything a cell says is carried or refused; what DMN takes to hold of null and we do not is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dunning.basis.finding import Text
from dunning.exchange.boxes import Region, region_of
from dunning.exchange.cells import ONE, canonical
from dunning.exchange.feel import (
    Binary,
    Call,
    FeelError,
    Interval,
    Listing,
    Literal,
    Minus,
    Node,
    Side,
    Subject,
    Within,
    unary_tests,
)
from dunning.exchange.names import Known
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
)

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


class WrongValueError(Exception):
    """A literal that is no value of the fact."""

    def __init__(self, written: str) -> None:
        self.written = written
        super().__init__(written)


@dataclass(slots=True)
class Cell:
    """What a cell says of a fact; `loose`: DMN takes it to hold of null too."""

    condition: Condition
    loose: bool = False


def cell_of(text: str, known: Known, names: Iterable[str] = ()) -> Cell:
    """The condition of a cell. Raises FeelError for what is not carried, WrongValueError for a wrong value."""
    tests = unary_tests(text, names)
    if not tests.tests:
        return Cell(ALWAYS)
    reader = _Cell(known)
    condition = reader.denied(tests.tests) if tests.negated else reader.one_of(tests.tests)
    return Cell(condition, reader.loose)


@dataclass(slots=True)
class _Cell:
    """Reads the tests of one cell."""

    known: Known
    loose: bool = field(default=False)

    def check(self, test: Test) -> Check:
        return Check(self.known.id, test, "")

    def one_of(self, nodes: Iterable[Node]) -> Condition:
        return self.either([self.one(node) for node in nodes])

    def either(self, parts: list[Condition]) -> Condition:
        """Any of these; words beside words make one test."""
        tests = [part.test for part in parts if isinstance(part, Check)]
        same = len(tests) == len(parts) and len(parts) > 1
        if self.known.is_table and self.known.type.kind in ONE:
            same = same and not any(isinstance(test, OneOf) and isinstance(test.values[0], str) for test in tests)
        values = [test.values for test in tests if isinstance(test, OneOf) and not test.negated]
        if same and len(values) == len(tests):
            return self.equal(tuple(value for each in values for value in each))
        held = [test.values for test in tests if isinstance(test, Contains) and not test.negated]
        if same and len(held) == len(tests):
            return self.check(Contains(tuple(word for each in held for word in each)))
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def equal(self, values: tuple[int | str | bool, ...], *, negated: bool = False) -> Condition:
        """Equal to one of these, or to none. What no single test says is put together from tests that are."""
        values = tuple(dict.fromkeys(values))
        if self.known.type.kind in ONE and any(isinstance(value, str) or self.is_between(value) for value in values):
            single = [self.between(value) if self.is_between(value) else OneOf((value,), ("",)) for value in values]
            parts: list[Condition] = [self.check(test) for test in single]
            either = parts[0] if len(parts) == 1 else Any(tuple(parts))
            return Not(either) if negated else either
        return self.check(OneOf(values, tuple(map(str, values)), negated))

    def is_between(self, value: int | str | bool) -> bool:
        """3.5 months: three and some days more, which no literal of the language says."""
        return self.known.type.kind == "months" and type(value) is int and value % 2 == 1

    def between(self, value: int | str | bool) -> Range:
        odd = int(value)
        return Range(Bound(odd - 1, included=False, written=""), Bound(odd + 1, included=False, written=""))

    # One test

    def one(self, node: Node) -> Condition:
        match node:
            case Side(operator, bound):
                return self.compared(operator, bound)
            case Interval(low, high, low_included, high_included):
                return self.ranged(
                    Bound(self.number(low), low_included, ""), Bound(self.number(high), high_included, "")
                )
            case Literal() | Minus():
                return self.compared("=", node)
            case Listing(items) if self.known.type.kind != "set":
                return self.one_of(items)
            case Binary("and", left, right):
                return All((self.one(left), self.one(right)))
            case Binary("or", left, right):
                return self.either([self.one(left), self.one(right)])
            case Binary(operator, Call("count", (Subject(),)), bound):
                return self.counted(operator, bound)
            case Binary(operator, Subject(), bound) if operator in _MIRRORED:
                return self.compared(operator, bound)
            case Binary(operator, bound, Subject()) if operator in _MIRRORED:
                return self.compared(_MIRRORED[operator], bound)
            case Call("list contains", (Subject(), word)) if self.known.type.kind == "set":
                return self.check(Contains((str(self.value(word)),)))
            case Call("not", nodes):
                return self.denied(nodes)
            case Within(Subject(), tests):
                return self.one_of(tests.tests)
        raise FeelError(Text("这种写法在一格里没有对应的条件", "no condition on one fact says this"))

    def value(self, node: Node) -> int | str | bool | None:
        if not isinstance(node, Literal):
            raise FeelError(Text("这里只能写一个固定的值", "only a fixed value can stand here"))
        try:
            return canonical(node.value, self.known.type, is_table=self.known.is_table)
        except ValueError as wrong:
            raise WrongValueError(str(wrong)) from None

    def number(self, node: Node) -> int:
        value = self.value(node)
        if type(value) is not int:
            raise WrongValueError(str(value))
        return value

    def compared(self, operator: str, bound: Node) -> Condition:
        if operator in ("=", "!="):
            value = self.value(bound)
            if self.known.type.kind == "set" and value is not None:
                raise FeelError(Text("集合要写 list contains(?, …)", "a set is tested by `list contains(?, ...)`"))
            if value is None:
                return self.check(Nothing(operator == "!="))
            return self.equal((value,)) if operator == "=" else self.denied((bound,))
        end = Bound(self.number(bound), operator in ("<=", ">="), "")
        return self.ranged(end, None) if operator in (">", ">=") else self.ranged(None, end)

    def ranged(self, low: Bound | None, high: Bound | None) -> Condition:
        test = Range(low, high)
        if test.lowest is not None and test.highest is not None and test.lowest > test.highest:
            raise FeelError(Text("范围是空的", "the range is empty"))
        return self.check(test)

    def counted(self, operator: str, bound: Node) -> Condition:
        """`count(?) = 0` and its like: whether a set is empty."""
        if self.known.type.kind == "set" and isinstance(bound, Literal):
            match operator, bound.value:
                case (("=" | "<="), 0):
                    return self.check(Nothing())
                case ((">" | "!="), 0):
                    return self.check(Nothing(negated=True))
                case "<", 1:
                    return self.check(Nothing())
                case ">=", 1:
                    return self.check(Nothing(negated=True))
        raise FeelError(Text("只能问集合是不是空的", "only whether a set is empty can be asked"))

    # not(...)

    def denied(self, nodes: Iterable[Node]) -> Condition:
        """None of these. To FEEL null equals nothing but null, so `not("S")` holds of it; `not(> 5)` does not."""
        parts = [self.one(node) for node in nodes]
        tests = [part.test for part in parts if isinstance(part, Check)]
        if len(tests) < len(parts):
            self.loose = self.loose or self.known.type.kind != "set"
            return Not(parts[0] if len(parts) == 1 else Any(tuple(parts)))
        held = [test.values for test in tests if isinstance(test, Contains) and not test.negated]
        if len(held) == len(tests):
            return self.check(Contains(tuple(word for each in held for word in each), negated=True))
        if self.known.type.kind == "set":
            return Not(Any(tuple(parts)) if len(parts) > 1 else parts[0])
        if all(isinstance(test, OneOf | Nothing) and not test.negated for test in tests):
            return self.unequal(
                [test for test in tests if isinstance(test, OneOf)], any(isinstance(t, Nothing) for t in tests)
            )
        return self.outside(tests)

    def unequal(self, tests: list[OneOf], nothing: bool) -> Condition:
        values = tuple(value for test in tests for value in test.values)
        if not values:
            return self.check(Nothing(negated=True))
        self.loose = self.loose or not (nothing or self.known.is_table)
        truths = [truth for truth in (True, False) if truth not in values]
        if self.known.type.kind == "boolean" and truths:
            return self.check(OneOf(tuple(truths), ("",)))
        return self.equal(values, negated=True)

    def outside(self, tests: list[Test]) -> Condition:
        """Numbers in none of these ranges."""
        inside = Region()
        for test in tests:
            inside = inside.join(region_of(test))
        spans = inside.complement().spans
        if not spans:
            raise FeelError(Text("永远不会成立", "it never holds"))
        return self.either([self.check(Range(_end(low), _end(high))) for low, high in spans])


def _end(value: int | None) -> Bound | None:
    return None if value is None else Bound(value, included=True, written="")
