"""Which items of the acceptance list the packs take up or decline."""

from __future__ import annotations

import re
from pathlib import Path

import dunning
from dunning.output.coverage import FAMILIES, coverage, coverage_text

PACKS = Path(__file__).parents[1] / "rules" / "packs"


def test_the_shipped_packs_take_up_what_they_were_asked_for() -> None:
    told = coverage(dunning.load_folder().books)
    asked = {"C.1", "C.2", "C.4", "C.5", "C.6", "C.9", "B.8", "D.1", "D.9"}
    rhythm = {f"B.{number}" for number in range(1, 25) if number not in (12, 16, 23, 24)}
    assert asked | rhythm | {"E.1", "E.2", "E.3", "E.4", "H.1", "H.2", "H.3", "H.4"} <= told.covered.keys()
    assert {"B.12", "B.16", "C.6", "F.2", "F.15", "I.3"} <= told.declined.keys()
    assert "CC-944.3" in told.declined["B.12"]


def test_nothing_is_forgotten() -> None:
    """Every item of the families is taken up, declined, or listed as open."""
    told = coverage(dunning.load_folder().books)
    every = {f"{letter}.{number}" for letter, (count, _) in FAMILIES.items() for number in range(1, count + 1)}
    assert every <= told.covered.keys() | told.declined.keys() | set(told.open)
    text = coverage_text(dunning.load_folder().books, "zh")
    assert "B.12: 不采用: 连续欠费三个月停水停电 (CC-944.3)" in text
    assert "没有提到: " in text


def test_every_contradiction_of_the_sources_is_resolved_where_a_comment_says_how_and_why() -> None:
    books = dunning.load_folder().books
    told = coverage(books)
    items = [f"N.{number}" for number in range(1, 19)]
    assert [item for item in items if item not in told.covered and item not in told.declined] == []

    comments = "".join(
        line.partition("#")[2] + " " for pack in PACKS.glob("*.yaml") for line in pack.read_text("utf-8").splitlines()
    )
    commented = set(re.findall(r"\bN\.\d+", comments))
    assert set(told.covered) & set(items) <= commented
    text = coverage_text(books, "zh")
    assert "N.10: commercial.formal_demand, common.formal_demand" in text
    assert "N.15: 不采用: 称条例第六章规定了交费义务 (PMR-7)" in text
