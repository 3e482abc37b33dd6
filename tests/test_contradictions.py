"""The contradictions of the source documents (systems.md N), written as rule files word for word: each is found.

N.7, N.14 and N.16 are about the documents themselves and no rule could say them: docs/design/contradictions.md.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import dunning
from dunning.basis.finding import has_errors

FILES = Path(__file__).parent / "contradictions"
FOUND: dict[str, tuple[str, set[str]]] = {
    "N.1": ("A to D used three ways: the same letter is named twice in one table", {"Y110"}),
    "N.2": ("three notices ahead of the due date whose days overlap", {"Q509"}),
    "N.3": ("a first follow-up that may come before the due date", {"Q510"}),
    "N.4": ("one household for the collector, the demand and the suit at once", {"C302"}),
    "N.5": ("all of them every five days, and all of them each quarter", {"Q509"}),
    "N.6": ("discounts that nobody says how to add up; two instalment plans of one name", {"R107", "R703"}),
    "N.8": ("a cap of 5% of nobody knows what", {"T233"}),
    "N.9": ("a provision that begins at three months, with ends in two rows", {"C301", "C302"}),
    "N.10": ("cutting water off, which the same documents say is punished", {"L401"}),
    "N.11": ("naming debtors and sharing a blacklist, and obeying the privacy law", {"L401"}),
    "N.12": ("two visits a week at least, one at most", {"L417"}),
    "N.13": ("three sets of hours for one call", {"R607"}),
    "N.15": ("a duty cited from a chapter that has nothing of it", {"D204"}),
    "N.17": ("three periods, whether they are months or years", {"D304"}),
    "N.18": ("no discount for an empty unit, where local law grants one", {"L541"}),
}
"""What each is about, and what catches it."""
REFUSED = {"N.1", "N.4", "N.6", "N.8", "N.9", "N.10", "N.11", "N.12", "N.13"}
"""Those that are errors: such a book is never used. The others are told to whoever has to decide."""


@pytest.mark.parametrize("name", FOUND)
def test_contradiction_is_found(name: str) -> None:
    about, codes = FOUND[name]
    found = dunning.check(FILES / f"{name}.yaml")

    assert codes <= {each.code for each in found}, about
    assert has_errors(found) == (name in REFUSED)


def test_every_file_is_one_of_them() -> None:
    assert {path.stem for path in FILES.iterdir()} == set(FOUND)


def test_the_shipped_rules_have_settled_them() -> None:
    """Whoever decided put it into the packs: of all these kinds, only the counting of periods is told there still."""
    kinds = {code for _, codes in FOUND.values() for code in codes}

    assert {each.code for each in dunning.check("rules")} & kinds <= {"D304"}
