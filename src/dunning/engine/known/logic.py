"""Conditions in three-valued logic: true, false, or unknown because a fact is missing. The reference.

Written to be read beside docs/design/rule-language.md; `compile` says the same thing fast, and a property test holds
the two together. A truth is a `bool`, or None for unknown: what the source did not give never counts as false.

    fact                   ranges   one of   none of   contains   lacks   无      有值    任意
    missing                unknown  unknown  unknown   unknown    unknown unknown unknown true
    known to be nothing    false    false    false     false      true    true    false   true
    a value                as read  as read  as read   as read    as read false   true    true

"A fact known to have no value matches only 无" (records.md): so 非 S is false of it, as S is. A set known to be nothing
is the empty set: it lacks every word, and 无 is true of both. A number is in no set, a word (`individual` beside
percents) in no range: the test is false, never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

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
    Unknown,
    Value,
)

Truth = bool | None
"""Whether something holds; None when a missing fact leaves it open."""

Read = Callable[[str], Value | Unknown]
"""How a condition gets at facts: by id."""


def holds(test: Test, value: Value | Unknown) -> Truth:
    """Whether one test is true of one value."""
    if isinstance(test, Anything):
        return True
    if isinstance(value, Unknown):
        return None
    match test:
        case Range():
            return _within(test, value)
        case OneOf(values, _, negated):
            if value is None:
                return False
            return any(_same(value, one) for one in values) is not negated
        case Contains(words, negated):
            held = value if isinstance(value, frozenset) else frozenset()
            return any(word in held for word in words) is not negated
        case Nothing(negated):
            return (value is None or value == frozenset()) is not negated


def _within(test: Range, value: Value) -> bool:
    if type(value) is not int:  # nothing, a word, a truth: in no range
        return False
    low, high = test.lowest, test.highest
    return (low is None or value >= low) and (high is None or value <= high)


def _same(value: Value, one: int | str | bool) -> bool:
    """Equal and of one type: to Python, True is 1."""
    return type(value) is type(one) and value == one


def truth(condition: Condition, read: Read) -> Truth:
    """Whether a condition is true (strong Kleene logic). Reads no further than it must."""
    match condition:
        case Check(test=Anything()):
            return True  # an empty cell reads nothing
        case Check(fact, test):
            return holds(test, read(fact))
        case All(parts):
            return conjunction(truth(part, read) for part in parts)
        case Any(parts):
            return negation(conjunction(negation(truth(part, read)) for part in parts))
        case Not(part):
            return negation(truth(part, read))


def conjunction(truths: Iterable[Truth]) -> Truth:
    """False if one is false; else unknown if one is unknown; else true."""
    outcome: Truth = True
    for each in truths:
        if each is False:
            return False
        if each is None:
            outcome = None
    return outcome


def negation(value: Truth) -> Truth:
    return None if value is None else not value


def missing(condition: Condition, read: Read) -> tuple[str, ...]:
    """The facts whose absence leaves it unknown, each once, in the order written; empty if it is true or false."""
    if truth(condition, read) is not None:
        return ()
    match condition:
        case Check(fact):
            return (fact,)
        case All(parts) | Any(parts):
            return tuple(dict.fromkeys(fact for part in parts for fact in missing(part, read)))
        case Not(part):
            return missing(part, read)


def kept_out(condition: Condition, read: Read) -> Condition | None:
    """The first part, in the order written, that keeps it from being true; None if it is true.

    Of a false condition that is the first false test, of an unknown one the first unknown. Where no single test is to
    blame, it is the whole: an `any` none of whose parts holds, a `not` whose part does.
    """
    found = truth(condition, read)
    if found is True:
        return None
    match condition:
        case All(parts):
            return next(kept_out(part, read) for part in parts if truth(part, read) is found)
        case Any((only,)):
            return kept_out(only, read)
        case Any(parts) if found is None:
            return next(kept_out(part, read) for part in parts if truth(part, read) is None)
        case Not(part) if found is None:
            return kept_out(part, read)
    return condition
