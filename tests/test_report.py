"""What a portfolio adds up to, and that it does not matter who adds it."""

from __future__ import annotations

from typing import Any

from dunning.engine.law.guard import unreviewed_at
from dunning.output.report import Summary, age_names, age_titles
from test_assess import HOME, assessed


def summary_of(*results: Any) -> Summary:
    summary = Summary()
    for result in results:
        summary.add(result)
    return summary


def test_households_and_money_add_up() -> None:
    summary = summary_of(assessed(), assessed("2026-01-10"), assessed(use="commercial"))
    summary.reject(("A301", "A302"))
    told = summary.to_dict()
    assert told["households"] == 4
    assert told["status"] == {"assessed": 2, "not_applicable": 1, "rejected": 1}
    assert (told["arrears"], told["late_fee"], told["principal_not_due"]) == ("700.00", "75.00", "1592.25")
    assert told["in_arrears"] == 1
    assert told["rejected"] == {"A301": 1}


def test_arrears_fall_into_their_ages() -> None:
    """The last day of each age and the first of the next."""
    buckets = {
        "2026-02-14": "to_30", "2026-02-15": "to_90", "2026-04-15": "to_90", "2026-04-16": "to_180",
        "2026-07-14": "to_180", "2026-07-15": "to_365", "2027-01-15": "to_365", "2027-01-16": "over_365",
    }  # fmt: skip
    for on, bucket in buckets.items():
        assert list(summary_of(assessed(on)).ages) == [bucket], on
    assert summary_of(assessed("2026-01-15")).ages == {}
    assert list(age_titles()) == age_names()


def test_an_opening_balance_has_no_age() -> None:
    opening = {"id": "OPEN", "amount": "3184.50", "opening": {"on": "2024-01-01", "late_fee": "96.00"}}
    summary = summary_of(assessed(charges=[opening], payments=[], adjustments=[]))
    assert summary.to_dict()["ages"] == {"no_due_date": {"count": 1, "arrears": "3184.50"}}


def test_answers_are_counted_by_table_with_what_is_owed() -> None:
    told = summary_of(assessed(), assessed(unknown=["debtor.tags"])).to_dict()["grades"]["residential.account_grade"]
    assert told["B"] == {"count": 1, "arrears": "700.00"}
    assert told["undetermined"] == {"count": 1, "arrears": "700.00"}


def test_what_nobody_has_vouched_for_is_named_with_the_households_it_was_applied_to() -> None:
    results = [assessed(place="CN-3301"), assessed(place="CN-31"), assessed(use="commercial")]
    told = summary_of(*results).to_dict()
    assert told["unsigned"] == {"residential": 2}
    assert {2, 1} == set(told["unreviewed"].values())
    for result in results[:2]:
        assert result.book is not None
        assert set(unreviewed_at(result.book, result.account.place)) <= set(told["unreviewed"])


def test_parts_merge_to_the_whole() -> None:
    results = [assessed(), assessed("2026-04-30"), assessed(use=None), assessed(contract={"kind": "committee"})]
    whole = summary_of(*results)
    merged = summary_of(*results[:1])
    merged.merge(summary_of(*results[1:]))
    assert merged.to_dict() == whole.to_dict()
    assert whole.fee_undetermined == 1
    assert HOME["use"] == "residential"


def test_the_ages_add_up_to_the_arrears() -> None:
    """A rest below the amount chased from is in neither."""
    rest = {"id": "Q0", "amount": "0.99", "due": "2025-10-15"}
    summary = summary_of(assessed(charges=[*HOME["charges"], rest]))
    assert summary.to_dict()["arrears"] == "700.00"
    assert sum(bucket.arrears for bucket in summary.ages.values()) == 70000


def test_arrears_nobody_can_tell_are_counted_and_are_not_nothing() -> None:
    told = summary_of(assessed(unknown=["adjustments"]), assessed()).to_dict()

    assert (told["in_arrears"], told["arrears_unknown"]) == (1, 1)
