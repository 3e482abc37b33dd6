"""What a source does not supply, and the circles steps make; the screens of all of it are in tests/findings."""

from __future__ import annotations

from dunning.basis.finding import Finding
from dunning.check.run import check
from dunning.intake.headers import LISTS

EVERYTHING = LISTS.keys() - {"accounts"}


def lacking(found: list[Finding]) -> dict[str, str]:
    return {finding.args["title"].en: finding.args["lists"] for finding in found if finding.code == "Q506"}


def test_a_source_that_has_every_list_leaves_nothing_unknown() -> None:
    assert lacking(check("residential", supplies=EVERYTHING)) == {}


def test_facts_that_hang_on_a_list_the_source_has_not_are_told_once_each() -> None:
    told = lacking(check("residential", supplies=EVERYTHING - {"disputes"}))

    assert told["open disputes"] == "disputes"
    assert set(told.values()) == {"disputes"}


def test_without_a_source_nothing_is_said_of_it() -> None:
    assert lacking(check("residential")) == {}
