"""Options of an address: what they may be is said with what they cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dunning import UsageError
from dunning.adapter.options import LATE_FEE, Items, OfAll, choice, day, flags, listed, numbers, whole


def test_lists_and_numbers() -> None:
    assert listed(" a, ,b ,") == ["a", "b"]
    assert numbers("companies", "1, 3") == {1, 3}
    assert numbers("companies", "") == frozenset()
    assert whole("page", "7") == 7
    assert choice("api", "v1", ("auto", "v1")) == "v1"
    assert (day("begin", "2026-01-31"), day("begin", "")) == ("2026-01-31", "")


def test_flags_are_fields_of_tables_that_are_known() -> None:
    found = flags("holds", "Customer.rest, Sales Invoice.on_hold", ("Customer", "Sales Invoice"))
    assert found == (("Customer", "rest"), ("Sales Invoice", "on_hold"))


def test_items_by_code_in_either_language() -> None:
    items = Items.read("items", "PM:property_fee, W:水费, LF:违约金, 4:01:parking, *:other")
    assert [items.of(code) for code in ("PM", "W", "LF", "4:01", "X")] == [
        "property_fee", "utility", LATE_FEE, "parking", "other",
    ]  # fmt: skip
    assert items.of(None, "", "W") == "utility"
    assert Items().of("X") == "property_fee"


def test_what_the_erp_has_no_field_for_is_said_of_all() -> None:
    said = OfAll.read({"charges"}, use="residential", place="CN-3301", late_fee_clause="no", none="disputes, plans")
    assert said.fields == {
        "use": "residential",
        "place": "CN-3301",
        "contracts": [{"id": "all", "late_fee_clause": False}],
    }
    assert said.lists == {"contracts", "disputes", "plans"}
    assert OfAll.read({"charges"}) == OfAll()


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (lambda: choice("api", "v3", ("auto", "v1")), "the option api cannot be `v3`; it is one of: auto, v1"),
        (lambda: whole("page", "0"), "the option page cannot be `0`; it is a whole number, 1 or more"),
        (lambda: whole("page", "-1"), "the option page cannot be `-1`"),
        (lambda: numbers("companies", "1,b"), "the option companies cannot be `b`; it is ids, as in 1,3"),
        (lambda: day("begin", "2026"), "the option begin cannot be `2026`; it is written 2026-01-31"),
        (lambda: flags("holds", "rest", ("Customer",)), "it is written Customer.FIELD"),
        (lambda: flags("holds", "Dunning.rest", ("Customer",)), "the option holds cannot be `Dunning.rest`"),
        (lambda: Items.read("items", "PM"), "it is CODE:ITEM"),
        (lambda: Items.read("items", "PM:proprty_fee"), "did you mean `property_fee`"),
        (lambda: OfAll.read(set(), use="flat"), "it is one of: residential, commercial"),
        (lambda: OfAll.read(set(), place="Hangzhou"), "it is a division of China: CN-3301"),
        (lambda: OfAll.read(set(), late_fee_clause="maybe"), "it is one of: '', yes, no"),
        (lambda: OfAll.read({"holds"}, none="holds"), "the option none cannot be `holds`; it is one of: parties"),
        (lambda: Items.read("items", ":parking"), "the option items cannot be `:parking`"),
    ],
)
def test_what_cannot_be_is_told_with_what_may(read: Callable[[], Any], said: str) -> None:
    with pytest.raises(UsageError) as error:
        read()
    assert said in error.value.told("en")
    assert "选项" in error.value.told("zh")
