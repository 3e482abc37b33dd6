"""Values and tests of rules as FEEL: amounts in yuan, percents as fractions, days as numbers, words in quotes.

Both ways in one place, so that what is written out is what is read in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction

from dunning.basis.money import decimal_text
from dunning.exchange.boxes import Axis, Region
from dunning.exchange.feel import Literal, Months, Plain, Seconds, quoted
from dunning.model.anchor import Duration
from dunning.model.condition import Anything, Check, Contains, FactKind, Nothing, OneOf, Range, Type
from dunning.model.rulebook import Answer

NONE = "none"

ONE: Mapping[FactKind, int] = {
    "money": 100, "percent": 1_000_000, "number": 100, "integer": 1, "days": 1, "months": 2,
}  # fmt: skip
"""How many canonical units are one of FEEL's: 100 fen a yuan. Three months and something more are 3.5 (see `Type`)."""


def number_text(value: Fraction) -> str:
    return decimal_text(value)


def value_text(value: int | str | bool | None, type_: Type, *, is_table: bool) -> str:
    """A canonical value as a FEEL literal. A table that answers `none` answers null there."""
    if value is None or (is_table and value == NONE):
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if type_.kind == "date":
        return f'date("{date.fromordinal(value).isoformat()}")'
    return decimal_text(Fraction(value, ONE.get(type_.kind, 1)))


def canonical(literal: Plain, type_: Type, *, is_table: bool) -> int | str | bool | None:
    """The canonical value of a FEEL literal; ValueError if it is none of the type."""
    if literal is None:
        return NONE if is_table else None
    if isinstance(literal, bool) and type_.kind == "boolean":
        return literal
    if isinstance(literal, Months) and type_.kind == "months":
        return literal.count * 2
    if isinstance(literal, Seconds) and type_.kind == "days":
        return _whole(literal.count / 86_400)
    if type(literal) is date and type_.kind == "date":
        return literal.toordinal()
    if isinstance(literal, str) and (type_.kind in ("choice", "set", "text") or literal in (type_.values or ())):
        if type_.values and literal not in type_.values:
            raise ValueError(literal)
        return literal
    if isinstance(literal, Fraction) and type_.kind in ONE:
        return _whole(literal * ONE[type_.kind])
    raise ValueError(str(literal))


def _whole(value: Fraction) -> int:
    if value.denominator != 1:
        raise ValueError(decimal_text(value))
    return int(value)


# --- tests out ----------------------------------------------------------------------------------------------------


def test_text(check: Check, type_: Type, *, is_table: bool) -> str:
    """One test as the text of a cell."""
    match check.test:
        case Range() as test:
            return _range_text(test, type_, is_table)
        case OneOf(values, _, negated):
            said = [value_text(value, type_, is_table=is_table) for value in values]
            if not negated:
                return ", ".join(said)
            # A fact known to have no value is not 非 S either; to FEEL null is not "S".
            return f"not({', '.join(said if is_table else [*said, 'null'])})"
        case Contains(values, negated):
            said = [f"list contains(?, {quoted(word)})" for word in values]
            return f"not({', '.join(said)})" if negated else ", ".join(said)
        case Nothing(negated) if type_.kind == "set":
            return "count(?) > 0" if negated else "count(?) = 0"
        case Nothing(negated):
            return "not(null)" if negated else "null"
        case Anything():
            return "-"


def _range_text(test: Range, type_: Type, is_table: bool) -> str:
    low = "" if test.low is None else value_text(test.low.value, type_, is_table=is_table)
    high = "" if test.high is None else value_text(test.high.value, type_, is_table=is_table)
    if test.low and test.high:
        return f"{'[' if test.low.included else '('}{low}..{high}{']' if test.high.included else ')'}"
    if test.low:
        return f"{'>=' if test.low.included else '>'} {low}"
    if test.high:
        return f"{'<=' if test.high.included else '<'} {high}"
    return "not(null)"


def region_text(region: Region, type_: Type, *, is_table: bool) -> str:
    """A region as unary tests: every value in it, and null if nothing is in it too. Empty: never."""
    nothing = region.nothing and not is_table
    if _is_whole(region, type_):
        return "-" if nothing or is_table else "not(null)"
    tests = [_span_text(low, high, type_, is_table) for low, high in region.spans if type_.kind in _NUMERIC]
    words = _words(region, type_)
    if words is None:  # all words but some
        denied = [quoted(word) for word in sorted(region.words)] + ([] if nothing else ["null"])
        return f"not({', '.join(denied)})"
    tests += [value_text(word, type_, is_table=is_table) for word in words]
    if type_.kind == "boolean":
        tests += [value_text(truth, type_, is_table=is_table) for truth in sorted(region.truths, reverse=True)]
    return ", ".join([*tests, "null"] if nothing else tests)


_NUMERIC = frozenset({*ONE, "date"})
_ALL_NUMBERS = ((None, None),)


def _is_whole(region: Region, type_: Type) -> bool:
    """Whether it holds every value of the type."""
    if type_.kind == "boolean":
        return len(region.truths) == 2
    numbers = type_.kind not in _NUMERIC or region.spans == _ALL_NUMBERS
    if type_.values:
        return numbers and _words(region, type_) == list(type_.values)
    return numbers and (type_.kind in _NUMERIC or (region.others and not region.words))


def _words(region: Region, type_: Type) -> list[str] | None:
    """The words of a region by name, as far as the type lists its words; None if they cannot be listed."""
    if type_.values or type_.kind not in ("choice", "text"):
        return [word for word in type_.values or () if (word in region.words) is not region.others]
    return None if region.others else sorted(region.words)


def _span_text(low: int | None, high: int | None, type_: Type, is_table: bool) -> str:
    said = [None if end is None else value_text(end, type_, is_table=is_table) for end in (low, high)]
    match said:
        case [None, None]:
            return "< 0, >= 0"  # any number, of a table that may answer words
        case [str() as least, None]:
            return f">= {least}"
        case [None, str() as most]:
            return f"<= {most}"
    return str(said[0]) if low == high else f"[{said[0]}..{said[1]}]"


def box_cells(box: Mapping[Axis, Region], types: Mapping[str, Type], tables: Iterable[str]) -> dict[str, str]:
    """A row of cells, by fact. The words of one set stand in one cell."""
    ours = frozenset(tables)
    cells: dict[str, str] = {}
    sets: dict[str, list[str]] = {}
    for (fact, word), region in box.items():
        if word is None:
            text = region_text(region, types[fact], is_table=fact in ours)
            if text != "-":
                cells[fact] = text
        elif len(region.truths) == 1:
            sets.setdefault(fact, []).append(_member_text(word, true=True in region.truths))
    return cells | {fact: " and ".join(parts) for fact, parts in sets.items()}


def _member_text(word: str, *, true: bool) -> str:
    if not word:
        return "count(?) = 0" if true else "count(?) > 0"
    contains = f"list contains(?, {quoted(word)})"
    return contains if true else f"not({contains})"


# --- answers ------------------------------------------------------------------------------------------------------

_LENGTHS = {"d": "P{}D", "h": "PT{}H", "mo": "P{}M", "y": "P{}Y"}
WORKDAYS = "wd"


def answer_feel(answer: Answer, kind: str) -> str:
    """What a row answers as a FEEL literal; working days, which FEEL has not, as text."""
    if answer == NONE:
        return "null"
    if isinstance(answer, bool):
        return "true" if answer else "false"
    if isinstance(answer, str):
        return quoted(answer)
    if isinstance(answer, Duration):
        pattern = _LENGTHS.get(answer.unit)
        return f'duration("{pattern.format(answer.count)}")' if pattern else quoted(f"{answer.count}{answer.unit}")
    if kind == "money":
        return decimal_text(Fraction(answer, 100))
    return decimal_text(Fraction(answer))


def answer_of(literal: Literal, kind: str) -> Answer:
    """The answer a FEEL literal stands for in a table of that kind; ValueError if it is none."""
    value = literal.value
    if value is None:
        return NONE
    if isinstance(value, str):
        return value
    match kind:
        case "boolean" if isinstance(value, bool):
            return value
        case "money" if isinstance(value, Fraction):
            return _whole(value * 100)
        case "integer" if isinstance(value, Fraction):
            return _whole(value)
        case "percent" if isinstance(value, Fraction) and 0 <= value <= 1:
            return value
        case "duration" if isinstance(value, Months | Seconds):
            return _duration(value, literal.written)
    raise ValueError(str(value))


def _duration(value: Months | Seconds, written: str) -> Duration:
    if isinstance(value, Months):
        years, rest = divmod(value.count, 12)
        return Duration(years, "y") if written.endswith("Y") and not rest else Duration(value.count, "mo")
    days = value.count / 86_400
    return (
        Duration(_whole(days), "d")
        if days.denominator == 1 and "T" not in written
        else Duration(_whole(value.count / 3_600), "h")
    )
