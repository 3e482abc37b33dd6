"""Canonical JSON: the keys of the record in their order, exact decimals, the same bytes for the same inputs."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date
from fractions import Fraction

import dunning
from dunning.lang.library import shipped
from dunning.model.rulebook import Dated
from dunning.output.exchange import to_dict, to_json
from test_assess import BOOK, HOME, assessed

KEYS = [
    "company", "account", "on", "status", "rulebook", "law", "balance", "charges", "facts", "grades", "actions",
    "withheld", "offers", "shortfalls", "ended", "deadlines", "next_review", "provisional", "findings",
]  # fmt: skip


def test_keys_stand_in_the_order_of_the_record() -> None:
    line = to_json(assessed())
    assert line.endswith("}\n")
    assert list(json.loads(line)) == KEYS
    assert line == json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":")) + "\n"


def test_amounts_are_decimal_text_and_sums_exact() -> None:
    data = to_dict(assessed())
    assert data["balance"] == {
        "principal_due": "700.00", "principal_not_due": "0.00", "late_fee": "75.00", "credit": "0.00",
        "disputed": "0.00", "other_debtor": "0.00", "total": "775.00",
    }  # fmt: skip
    fee = data["charges"][0]["late_fee"]
    assert (fee["assessed"], fee["to_book"], fee["capped"], fee["why"]) == ("75.00", "75.00", True, None)
    assert [list(segment.values()) for segment in fee["segments"]] == [
        ["2026-01-16", "2026-03-01", "1500.00", "0.0005", 45, "33.75"],
        ["2026-03-02", "2026-11-22", "700.00", "0.0005", 266, "93.1"],
    ]
    assert list(fee["segments"][0]) == ["since", "until", "principal", "rate", "days", "exact"]
    assert data["charges"][0]["grades"]["provision_rate"]["value"] == "30%"


def test_a_grade_names_its_title_row_and_place() -> None:
    grade = to_dict(assessed())["grades"]["account_grade"]
    assert (grade["value"], grade["title"], grade["row"]) == ("B", "常规", 8)
    pack, line, column = grade["at"].split(":")
    text = (shipped() / "packs" / "residential.yaml").read_text(encoding="utf-8").splitlines()
    assert pack == "residential"
    assert int(column) >= 1
    assert "首次欠费或不足5000元" in text[int(line) - 1]


def test_an_undetermined_table_says_what_is_missing() -> None:
    grade = to_dict(assessed(unknown=["debtor.tags"]))["grades"]["account_grade"]
    assert (grade["value"], grade["undetermined"]) == (None, "missing")
    assert grade["because"]


def test_an_undetermined_fee_is_null_and_not_zero() -> None:
    fee = to_dict(assessed(contract={"kind": "committee"}))["charges"][0]["late_fee"]
    assert (fee["assessed"], fee["outstanding"], fee["to_book"], fee["why"]) == (None, None, None, "clause_unknown")


def test_without_a_book_there_is_only_the_status() -> None:
    data = to_dict(assessed(use="commercial"))
    assert (data["status"], data["rulebook"], data["charges"], data["grades"]) == ("not_applicable", None, [], {})


def test_text_of_people_is_escaped() -> None:
    name = 'a"b\\c\n户'
    data = to_dict(dunning.assess(dunning.read_account({**HOME, "id": name}), BOOK, on=date(2026, 11, 22)))
    assert data["account"] == name


def test_the_order_of_records_changes_no_byte() -> None:
    extra = {
        "charges": [{"id": f"Q{n}", "amount": f"{n}00.00", "due": f"2026-0{n}-15"} for n in range(1, 8)],
        "payments": [{"id": f"P{n}", "on": f"2026-0{n}-20", "amount": "150.00"} for n in range(1, 6)],
        "adjustments": [],
    }
    line = to_json(assessed(**extra))
    shuffled = {name: random.Random(3).sample(records, len(records)) for name, records in extra.items()}
    assert to_json(assessed(**shuffled)) == line


def test_the_law_is_that_of_the_place_and_all_it_lies_in() -> None:
    assert to_dict(assessed(place="CN-330106"))["law"]["places"] == ["CN", "CN-33", "CN-3301", "CN-330106"]
    assert to_dict(assessed(place=None))["law"]["places"] == ["CN"]


def test_an_exact_sum_whose_decimals_do_not_end_is_a_fraction_in_lowest_terms() -> None:
    """3.9% a year is 39/365000 a day."""
    terms = replace(BOOK.late_fees[0], rate=Dated.always(Fraction(39, 365_000)))
    book = replace(BOOK, late_fees=(terms,))
    data = to_dict(dunning.assess(dunning.read_account(HOME), book, on=date(2026, 1, 17)))
    (segment,) = data["charges"][0]["late_fee"]["segments"]
    assert (segment["rate"], segment["exact"]) == ("39/365000", "248391/730000")
