"""FEEL worked out: exact numbers, three-valued logic, and null where a comparison makes no sense.

Apart from reading, because import only reads: it never runs what stands in a foreign file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from fractions import Fraction
from typing import Any

from dunning.exchange.feel import (
    Binary,
    Call,
    Interval,
    Listing,
    Literal,
    Minus,
    Months,
    Name,
    Node,
    Seconds,
    Side,
    Subject,
    Tests,
    Within,
)

Value = Any
"""A number (Fraction), text, truth, date, time, duration, None, or a list or context (dict) of these."""

Scope = Mapping[str, Value]


def value_of(node: Node, scope: Scope, subject: Value = None) -> Value:
    """What an expression comes to; a name that stands for nothing is null, as FEEL has it."""
    match node:
        case Literal(value):
            return value
        case Subject():
            return subject
        case Name(path):
            return _at(path, scope)
        case Binary(operator, left, right):
            return _binary(operator, value_of(left, scope, subject), value_of(right, scope, subject))
        case Minus(operand):
            value = value_of(operand, scope, subject)
            return -value if isinstance(value, Fraction) else None
        case Call("not", arguments):
            return _not(_any(_truth(value_of(argument, scope, subject)) for argument in arguments))
        case Call(function, arguments):
            return _FUNCTIONS[function]([value_of(argument, scope, subject) for argument in arguments])
        case Listing(items):
            return [value_of(item, scope, subject) for item in items]
        case Within(value, tests):
            return satisfies(tests, value_of(value, scope, subject), scope)
        case Tests() | Side() | Interval():
            return satisfies(node if isinstance(node, Tests) else Tests((node,)), subject, scope)


def satisfies(tests: Tests, subject: Value, scope: Scope) -> bool | None:
    """Whether a value passes unary tests; None where FEEL says null."""
    if not tests.tests:
        return True
    found = _any(holds(test, subject, scope, subject) for test in tests.tests)
    return _not(found) if tests.negated else found


def holds(test: Node, tested: Value, scope: Scope, subject: Value) -> bool | None:
    """Whether one unary test is true of a value: a side, a range, an expression on `?`, or something to equal."""
    match test:
        case Side(operator, bound):
            return _truth(_binary(operator, tested, value_of(bound, scope, subject)))
        case Interval():
            return _in_interval(test, tested, scope, subject)
        case Tests():
            return satisfies(test, tested, scope)
    found = value_of(test, scope, subject)
    if speaks_of_subject(test):
        return _truth(found)
    if isinstance(found, list) and not isinstance(tested, list):
        return _any(_truth(equal(tested, one)) for one in found)
    return _truth(equal(tested, found))


def speaks_of_subject(node: Node) -> bool:
    """Whether `?` stands anywhere in it: then it is a condition, not a value to equal."""
    match node:
        case Subject():
            return True
        case Binary(_, left, right):
            return speaks_of_subject(left) or speaks_of_subject(right)
        case Minus(operand):
            return speaks_of_subject(operand)
        case Call(_, parts) | Listing(parts) | Tests(parts):
            return any(speaks_of_subject(part) for part in parts)
        case Within(value, tests):
            return speaks_of_subject(value) or speaks_of_subject(tests)
    return False


def _in_interval(test: Interval, tested: Value, scope: Scope, subject: Value) -> bool | None:
    low = _binary(">=" if test.low_included else ">", tested, value_of(test.low, scope, subject))
    high = _binary("<=" if test.high_included else "<", tested, value_of(test.high, scope, subject))
    return _truth(_and(low, high))


def _at(path: Sequence[str], scope: Scope) -> Value:
    value: Value = scope.get(path[0])
    for step in path[1:]:
        value = value.get(step) if isinstance(value, dict) else None
    return value


# --- operators ----------------------------------------------------------------------------------------------------


def _truth(value: Value) -> bool | None:
    return value if isinstance(value, bool) else None


def _not(value: Value) -> bool | None:
    return not value if isinstance(value, bool) else None


def _and(one: Value, two: Value) -> bool | None:
    if one is False or two is False:
        return False
    return True if one is True and two is True else None


def _any(truths: Any) -> bool | None:
    found: bool | None = False
    for each in truths:
        if each is True:
            return True
        if each is None:
            found = None
    return found


_ORDERED = (Fraction, str, date, datetime, time, Months, Seconds)


def equal(one: Value, two: Value) -> bool | None:
    """Equality within a type; null equals null only; two types are not comparable: null."""
    if one is None or two is None:
        return one is two
    return one == two if type(one) is type(two) else None


def less(one: Value, two: Value) -> bool | None:
    """Order within a type; None where there is none."""
    if type(one) is not type(two) or not isinstance(one, _ORDERED):
        return None
    if isinstance(one, Months | Seconds):
        return bool(one.count < two.count)
    try:
        return bool(one < two)
    except TypeError:  # one with an offset, one without
        return None


def _binary(operator: str, one: Value, two: Value) -> Value:
    match operator:
        case "and":
            return _and(one, two)
        case "or":
            return _not(_and(_not(one), _not(two)))
        case "=":
            return equal(one, two)
        case "!=":
            return _not(equal(one, two))
        case "<":
            return less(one, two)
        case ">":
            return less(two, one)
        case "<=":
            return _not(less(two, one))
        case ">=":
            return _not(less(one, two))
    return _arithmetic(operator, one, two)


def _arithmetic(operator: str, one: Value, two: Value) -> Value:
    if isinstance(one, str) and isinstance(two, str) and operator == "+":
        return one + two
    if not (isinstance(one, Fraction) and isinstance(two, Fraction)):
        return None
    match operator:
        case "+":
            return one + two
        case "-":
            return one - two
        case "*":
            return one * two
    return one / two if two else None


def _items(arguments: list[Value]) -> list[Value]:
    return arguments[0] if len(arguments) == 1 and isinstance(arguments[0], list) else arguments


def _sum(arguments: list[Value]) -> Value:
    return total(_items(arguments))


def total(items: list[Value]) -> Value:
    """The sum of numbers or durations; null of none, or of what cannot be added."""
    if not items or any(type(item) is not type(items[0]) for item in items):
        return None
    first = items[0]
    if isinstance(first, Fraction):
        return sum(items, Fraction())
    if isinstance(first, Months):
        return Months(sum(item.count for item in items))
    return Seconds(sum((item.count for item in items), Fraction())) if isinstance(first, Seconds) else None


def lowest(items: list[Value]) -> Value:
    """The smallest; null of none, or of what has no order."""
    return _extreme(items, lambda best, item: less(item, best))


def highest(items: list[Value]) -> Value:
    return _extreme(items, lambda best, item: less(best, item))


def _extreme(items: list[Value], better: Callable[[Value, Value], bool | None]) -> Value:
    if not items or not isinstance(items[0], _ORDERED):
        return None
    best = items[0]
    for item in items[1:]:
        found = better(best, item)
        if found is None:
            return None
        best = item if found else best
    return best


def _count(arguments: list[Value]) -> Value:
    return Fraction(len(arguments[0])) if len(arguments) == 1 and isinstance(arguments[0], list) else None


def _list_contains(arguments: list[Value]) -> Value:
    if len(arguments) != 2 or not isinstance(arguments[0], list):
        return None
    return any(equal(item, arguments[1]) is True for item in arguments[0])


_FUNCTIONS: Mapping[str, Callable[[list[Value]], Value]] = {
    "count": _count,
    "list contains": _list_contains,
    "sum": _sum,
    "min": lambda arguments: lowest(_items(arguments)),
    "max": lambda arguments: highest(_items(arguments)),
}
