"""Whole numbers that stand for all whole numbers, so that code which reckons with ints can be asked what it ever does.

Code given symbols runs as it is: sums become terms of the solver, and where it asks which of two numbers is larger it
goes both ways, one run for each. A proof is then about the code, not about a formula copied from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

import z3

T = TypeVar("T")
_GLANCE = 100
"""Milliseconds to see that a way cannot be gone. One of which it is not seen is gone: too many prove no less."""


class Symbol:
    """A whole number the solver knows, on one way through some code."""

    __slots__ = ("term", "way")

    def __init__(self, term: Any, way: Way) -> None:
        self.term = term
        self.way = way

    def _made(self, term: Any) -> Symbol:
        return Symbol(term, self.way)

    def __add__(self, other: Any) -> Symbol:
        return self._made(self.term + term_of(other))

    def __sub__(self, other: Any) -> Symbol:
        return self._made(self.term - term_of(other))

    def __rsub__(self, other: Any) -> Symbol:
        return self._made(term_of(other) - self.term)

    def __mul__(self, other: Any) -> Symbol:
        return self._made(self.term * term_of(other))

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Symbol:
        return self._made(-self.term)

    def __floordiv__(self, other: Any) -> Symbol:
        return self._made(self.term / term_of(other))  # the solver's own rounds down, for divisors above zero

    def __lt__(self, other: Any) -> bool:
        return self.way.goes(self.term < term_of(other))

    def __le__(self, other: Any) -> bool:
        return self.way.goes(self.term <= term_of(other))

    def __gt__(self, other: Any) -> bool:
        return self.way.goes(self.term > term_of(other))

    def __ge__(self, other: Any) -> bool:
        return self.way.goes(self.term >= term_of(other))

    def __eq__(self, other: object) -> bool:
        return self.way.goes(self.term == term_of(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __bool__(self) -> bool:
        return self.way.goes(self.term != 0)

    __hash__ = None  # type: ignore[assignment]


def term_of(value: Any) -> Any:
    """The solver's term for a symbol, or a number as it is."""
    return value.term if isinstance(value, Symbol) else value


class Way:
    """One way through some code: what was asked on it, and what was answered.

    `turns` are the answers of an earlier run that this one follows; after them True is tried first, and what could also
    have been False is kept in `others`.
    """

    def __init__(self, given: list[Any], turns: tuple[bool, ...]) -> None:
        self.turns = list(turns)
        self.others: list[tuple[bool, ...]] = []
        self.solver = z3.Solver()
        self.solver.set("timeout", _GLANCE)
        self.solver.add(*given)
        self.conditions: list[Any] = list(given)
        self._taken = 0

    def symbol(self, term: Any) -> Symbol:
        return Symbol(term, self)

    def goes(self, question: Any) -> bool:
        """The answer to a question of the code on this way."""
        question = z3.simplify(question)
        if z3.is_true(question) or z3.is_false(question):
            return bool(z3.is_true(question))
        if self._taken == len(self.turns):
            so, not_so = self._may_be(question), self._may_be(z3.Not(question))
            if so and not_so:
                self.others.append((*self.turns, False))
            self.turns.append(so)
        answer = self.turns[self._taken]
        self._taken += 1
        condition = question if answer else z3.Not(question)
        self.conditions.append(condition)
        self.solver.add(condition)
        return answer

    def _may_be(self, condition: Any) -> bool:
        return bool(self.solver.check(condition) != z3.unsat)


class Outcome(NamedTuple, Generic[T]):
    """What some code came to on one way, and the conditions under which it goes that way."""

    conditions: list[Any]
    result: T


def ways(run: Callable[[Way], T], given: list[Any]) -> Iterator[Outcome[T]]:
    """Every way through some code, for all numbers of which `given` holds; together they are all there are."""
    waiting: list[tuple[bool, ...]] = [()]
    while waiting:
        way = Way(given, waiting.pop())
        result = run(way)
        waiting += way.others
        yield Outcome(way.conditions, result)
