"""A book's own facts: what an ERP's attribute becomes, and what is said where it does not fit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dunning.basis.finding import Text
from dunning.model.condition import Type, Unknown
from dunning.model.rulebook import OwnFact
from households import BOOK, day, fact, facts, household


def own(type_: Type, **more: object) -> OwnFact:
    return OwnFact(id="mine", type=type_, title=Text("自有", "mine"), key="k", **more)


WORDS = {"good": Text("良好", "good"), "poor": Text("较差", "poor")}


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("money", "1592.25", 159_225),
        ("money", 5000, 500_000),
        ("integer", 82, 82),
        ("integer", "82", 82),
        ("integer", "82.0", 82),
        ("days", "-3", -3),
        ("months", 3, 6),
        ("percent", "85.5%", 855_000),
        ("percent", "5‰", 5_000),
        ("number", "90.5", 9050),
        ("date", "2026-01-15", day("2026-01-15").toordinal()),
        ("boolean", True, True),
        ("boolean", "否", False),
        ("choice", "good", "good"),
        ("choice", "较差", "poor"),
        ("set", "a、b, c", frozenset({"a", "b", "c"})),
        ("text", "any", "any"),
    ],
)
def test_an_attribute_becomes_the_books_own_fact(kind: str, raw: object, value: object) -> None:
    book = replace(BOOK, facts={"mine": own(Type(kind, WORDS if kind == "choice" else None))})
    known = facts(household(attributes={"k": raw}), "2026-05-01", book=book)
    assert known.value("mine") == value
    assert known.findings == []


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("money", "1000O"),
        ("money", True),
        ("integer", "82.5"),
        ("integer", "about 80"),
        ("integer", False),
        ("days", "10-20"),
        ("percent", "85"),  # or 8500%?
        ("percent", 85),
        ("number", "90.505"),
        ("date", "2026-02-30"),
        ("boolean", "maybe"),
        ("choice", "fair"),
        ("text", True),
    ],
)
def test_an_attribute_that_does_not_fit_is_unknown_and_told(kind: str, raw: object) -> None:
    book = replace(BOOK, facts={"mine": own(Type(kind, WORDS if kind == "choice" else None))})
    known = facts(household(attributes={"k": raw}), "2026-05-01", book=book)
    assert known.value("mine") == Unknown(("attributes.k",))
    (finding,) = known.findings
    assert (finding.code, str(finding.at)) == ("A601", "main/A1 attributes[k]")
    assert str(raw) in finding.message("zh")
    assert str(raw) in finding.message("en")
    assert known.value("mine") == Unknown(("attributes.k",))
    assert len(known.findings) == 1  # told once, however often it is read


UNTITLED = Type("set", {"a": Text("", ""), "b": Text("乙", "b")})


@pytest.mark.parametrize(("raw", "value"), [("a; 乙", {"a", "b"}), ("a|", {"a"}), ("a,c", None)])
def test_the_words_of_a_closed_set(raw: str, value: set[str] | None) -> None:
    known = facts(household(attributes={"k": raw}), "2026-05-01", book=replace(BOOK, facts={"mine": own(UNTITLED)}))
    assert known.value("mine") == (frozenset(value) if value else Unknown(("attributes.k",)))
    assert len(known.findings) == (0 if value else 1)


def test_a_word_that_is_none_of_a_choice_is_told_with_those_that_are() -> None:
    choice = Type("choice", {"a": Text("", ""), "b": Text("乙", "b")})
    known = facts(household(attributes={"k": "c"}), "2026-05-01", book=replace(BOOK, facts={"mine": own(choice)}))
    known.value("mine")
    assert "a、乙" in known.findings[0].message("zh")
    assert "a, b" in known.findings[0].message("en")


@pytest.mark.parametrize("attributes", [{}, {"k": None}, {"k": ""}])
def test_an_attribute_not_there_is_unknown_or_the_default(attributes: dict[str, str | None]) -> None:
    account = household(attributes=attributes)
    for fact_, value in (
        (own(Type("integer")), Unknown(("attributes.k",))),
        (own(Type("integer"), has_default=True, default=60), 60),
        (own(Type("integer"), has_default=True, default=None), None),
    ):
        assert fact("mine", account, "2026-05-01", book=replace(BOOK, facts={"mine": fact_})) == value


def test_an_attribute_declared_unknown_is_so_whatever_stands_there() -> None:
    book = replace(BOOK, facts={"mine": own(Type("integer"))})
    for unknown in ("attributes", "attributes.k"):
        account = household(attributes={"k": 3}, unknown=[unknown])
        assert fact("mine", account, "2026-05-01", book=book) == Unknown(("attributes.k",))
