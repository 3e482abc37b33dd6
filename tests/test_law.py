"""The law of one day at one place: which articles, the strictest of all layers, and what the shipped packs hold."""

from __future__ import annotations

import re
from datetime import time
from fractions import Fraction

import pytest

import dunning
from dunning.basis.finding import Text
from dunning.engine.law.guard import law_of
from dunning.model.anchor import ClockRange, Duration
from dunning.model.law import Clock, Gate, LegalLimit, Penalty, Prohibition
from dunning.model.statutes import Bounds, Law, is_place, lineage
from laws import article, day, is_, law, pack

TODAY = day("2026-11-22")


@pytest.fixture(scope="module")
def shipped() -> Law:
    return law_of(dunning.load("residential"))


# Places


@pytest.mark.parametrize(
    ("place", "within"),
    [
        (None, ("CN",)),
        ("CN", ("CN",)),
        ("CN-33", ("CN", "CN-33")),
        ("CN-330106", ("CN", "CN-33", "CN-3301", "CN-330106")),
        ("Hangzhou", ("CN",)),
        ("CN-330", ("CN",)),
    ],
)
def test_a_place_lies_under_each_of_its_prefixes(place: str | None, within: tuple[str, ...]) -> None:
    assert lineage(place) == within


def test_local_law_holds_in_its_place_and_below_it_alone() -> None:
    here = pack(article("L-1"), place="CN-3301", layer="local")
    known = law(pack(article("A-1")), here)

    assert [list(known.on(TODAY, place).articles) for place in (None, "CN-33", "CN-3301", "CN-330106", "CN-3302")] == [
        ["A-1"], ["A-1"], ["A-1", "L-1"], ["A-1", "L-1"], ["A-1"],
    ]  # fmt: skip


# Days


def test_until_is_the_last_day_and_the_next_article_takes_over() -> None:
    known = law(pack(article("P-42", "2013-01-01", "2025-12-31"), article("P-50", "2026-01-01", replaces="P-42")))

    assert list(known.on(day("2025-12-31")).articles) == ["P-42"]
    assert list(known.on(day("2026-01-01")).articles) == ["P-50"]


def test_an_article_without_an_end_goes_when_its_replacement_comes() -> None:
    known = law(pack(article("P-42", "2013-01-01"), article("P-50", "2026-01-01", replaces="P-42")))

    assert list(known.on(day("2025-12-31")).articles) == ["P-42"]
    assert list(known.on(day("2026-01-01")).articles) == ["P-50"]


def test_a_rule_cites_only_what_is_in_force_and_goes_with_the_last_of_it() -> None:
    rule = Prohibition(verdict="prohibited", articles=("P-42", "P-50"), effects=("threat",))
    known = law(pack(article("P-42", "2013-01-01", "2025-12-31"), article("P-50", "2026-01-01", "2027-12-31"),
                     prohibitions=[rule]))  # fmt: skip

    def cited(on: str) -> list[tuple[str, ...]]:
        return [each.articles for each in known.on(day(on)).prohibitions]

    assert [cited(on) for on in ("2025-12-31", "2026-01-01", "2028-01-01")] == [[("P-42",)], [("P-50",)], []]


def test_what_is_forbidden_only_later_is_for_a_lawyer_until_then() -> None:
    rule = Prohibition(
        verdict="prohibited", articles=("A-1",), effects=("threat",), penalty=Penalty(Text("罚", "fine"))
    )
    known = law(pack(article("B-1", "1998-01-01"), article("A-1", "2021-01-01"), prohibitions=[rule]))
    before = known.on(day("2020-12-31")).prohibitions

    assert [(each.verdict, each.articles, each.penalty) for each in before] == [("review", (), None)]


# Sources


@pytest.mark.parametrize(("text", "verdict"), [("copy", "prohibited"), ("secondary", "review"), ("memory", "review")])
def test_only_a_text_that_was_read_forbids(text: str, verdict: str) -> None:
    rule = Prohibition(verdict="prohibited", articles=("A-1",), effects=("threat",))
    known = law(pack(article("A-1", text=text), prohibitions=[rule]))  # type: ignore[arg-type]

    assert [each.verdict for each in known.on(TODAY).prohibitions] == [verdict]


def test_one_text_that_was_read_is_enough() -> None:
    rule = Prohibition(verdict="prohibited", articles=("A-1", "A-2"), effects=("threat",))
    known = law(pack(article("A-1", text="memory"), article("A-2"), prohibitions=[rule]))

    assert [each.verdict for each in known.on(TODAY).prohibitions] == ["prohibited"]
    assert [one.id for one in known.unread] == ["A-1"]


def test_a_penalty_needs_the_article_that_sets_it() -> None:
    fine = Penalty(Text("罚款", "a fine"), ("A-2",))
    rule = Prohibition(verdict="prohibited", articles=("A-1",), effects=("threat",), penalty=fine)
    known = law(pack(article("A-1"), article("A-2", "2022-01-01"), prohibitions=[rule]))

    assert [each.penalty for each in known.on(day("2021-06-01")).prohibitions] == [None]
    assert [each.penalty for each in known.on(day("2022-01-01")).prohibitions] == [fine]


# Layers


def most(of: str, length: object, **more: object) -> LegalLimit:
    return LegalLimit(of=of, articles=("A-1",), at_most=length, **more)  # type: ignore[arg-type]


def test_caps_take_the_least_and_waiting_periods_the_most() -> None:
    year, months, days = Duration(1, "y"), Duration(6, "mo"), Duration(400, "d")
    bounds = Bounds.of([most("prepayment", year), most("prepayment", months), most("prepayment", days)])
    assert bounds.at_most is not None
    assert bounds.at_most.at_most == months

    least = [
        LegalLimit(of="reasonable_period", articles=("A-1",), at_least=Duration(n, unit))  # type: ignore[arg-type]
        for n, unit in ((7, "d"), (10, "wd"), (15, "d"))
    ]
    bounds = Bounds.of(least)
    assert bounds.at_least is not None
    assert bounds.at_least.at_least == Duration(15, "d")


def test_shares_take_the_least_and_hours_what_all_allow() -> None:
    shares = Bounds.of([most("late_fee_cap", Fraction(1, 20)), most("late_fee_cap", Fraction(1, 50))])
    assert shares.at_most is not None
    assert shares.at_most.at_most == Fraction(1, 50)

    def hours(*stretches: tuple[int, int | None]) -> ClockRange | None:
        given = [ClockRange(time(a), None if b is None else time(b)) for a, b in stretches]
        return Bounds.of(LegalLimit(of="contact_hours", articles=("A-1",), between=one) for one in given).between

    assert hours((8, 22), (9, None)) == ClockRange(time(9), time(22))
    assert hours((8, None)) == ClockRange(time(8), None)
    assert hours((8, 12), (14, 18)) == ClockRange(time(14), time(14))
    assert hours() is None


def test_limits_of_all_layers_bind_together() -> None:
    known = law(
        pack(article("A-1"), limits=[most("prepayment", Duration(24, "mo"))]),
        pack(article("L-1"), place="CN-3301", layer="local", limits=[LegalLimit(
            of="prepayment", articles=("L-1",), at_most=Duration(12, "mo"))]),
    )  # fmt: skip

    def months(place: str) -> object:
        found = known.on(TODAY, place).bounds("prepayment").at_most
        return found and found.at_most

    assert (months("CN-3301"), months("CN-3302")) == (Duration(12, "mo"), Duration(24, "mo"))


def test_how_long_a_period_lasts_is_for_the_highest_layer() -> None:
    """民法典第197条."""

    def clock(years: int, name: str) -> Clock:
        return Clock(clock="limitation", lasts=Duration(years, "y"), from_="due", articles=(name,))

    local = pack(article("L-1"), place="CN-3301", layer="local", clocks=[clock(2, "L-1")])
    known = law(local, pack(article("A-1"), clocks=[clock(3, "A-1")]))

    assert known.on(TODAY, "CN-3301").clocks["limitation"].lasts == Duration(3, "y")


def test_the_packs_of_a_place_are_the_same_in_whatever_order_files_come() -> None:
    gate = Gate(articles=("L-1",), actions=("visit",), says=Text("两人", "two"))
    packs = [
        pack(article("A-1"), article("A-2"), prohibitions=[
            Prohibition(verdict="prohibited", articles=("A-2",), effects=("threat",)),
            Prohibition(verdict="prohibited", articles=("A-1",), effects=("threat",), for_=is_("use", "residential")),
        ]),
        pack(article("L-1"), place="CN-33", layer="local", gates=[gate]),
        pack(article("P-1"), layer="policy"),
    ]  # fmt: skip
    one, other = law(*packs).on(TODAY, "CN-33"), law(*reversed(packs)).on(TODAY, "CN-33")

    assert (one.prohibitions, one.gates, list(one.articles)) == (other.prohibitions, other.gates, list(other.articles))


def test_the_law_of_a_day_is_worked_out_once_until_something_changes() -> None:
    known = law(pack(article("A-1"), article("A-2", "2026-01-01")))

    assert known.on(day("2026-01-01")) is known.on(TODAY)
    assert known.on(day("2025-12-31")) is not known.on(TODAY)


# What is shipped


def test_every_article_says_what_and_how_it_was_checked(shipped: Law) -> None:
    for one in shipped.articles.values():
        assert one.cite, one.id
        assert re.search(r"[\u4e00-\u9fff]", one.says.zh), one.id
        assert re.search(r"[a-z]", one.says.en), one.id
        assert one.since is not None, one.id
        assert one.checked.by is None, one.id
        assert "滞纳金" not in one.says.zh or one.id == "POLICY-WORDING"


def test_every_pack_is_named_until_a_lawyer_has_reviewed_it(shipped: Law) -> None:
    assert shipped.unreviewed == shipped.packs


def test_the_articles_known_second_hand_or_from_memory_are_named(shipped: Law) -> None:
    assert {one.id for one in shipped.unread} == {
        "FEE-2003-15", "FEE-2003-16", "PRICE-2004", "PSAL-42", "SMS-2015", "SMS-2026", "TAX-INVOICE", "CPL-103",
    }  # fmt: skip


def test_every_province_has_law_or_says_that_nobody_looked(shipped: Law) -> None:
    provinces = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82"
    places = {place for pack in shipped.packs for place in pack.places}

    assert all(map(is_place, places))
    assert {f"CN-{code}" for code in provinces.split()} <= places


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("CN-11", {"BJ-72"}), ("CN-31", {"SH-79", "SHC-14"}), ("CN-3301", {"HZ-55", "HZ-86.2"}),
        ("CN-4101", {"ZZ-42", "ZZ-67", "HEN-88"}), ("CN-3707", {"WF-55", "SD-64"}), ("CN-3716", {"BZ-47.5", "BZ-49"}),
        ("CN-3310", {"TZ-39"}), ("CN-3306", {"SX-33"}), ("CN-3311", {"LS-35"}), ("CN-3303", {"WZ-40"}),
        ("CN-41", {"HEN-88"}), ("CN-3715", {"LC-41"}), ("CN-3711", {"RZ-85"}), ("CN-3717", {"HEZ-25"}),
        ("CN-3703", {"ZB-56"}), ("CN-3702", {"QD-63"}), ("CN-37", {"SD-62"}), ("CN-4403", {"SZC-65"}),
    ],
)  # fmt: skip
def test_the_instruments_that_were_verified_hold_in_their_places(shipped: Law, place: str, names: set[str]) -> None:
    assert names <= set(shipped.on(TODAY, place).articles)


def test_no_text_read_caps_the_late_fee(shipped: Law) -> None:
    assert not [limit for pack in shipped.packs for limit in pack.limits if limit.of.startswith("late_fee")]


def test_the_floor_of_contact_hours_is_policy_and_says_so(shipped: Law) -> None:
    statutes = shipped.on(TODAY)
    limit = statutes.bounds("contact_hours").limits[0]

    assert limit.between == ClockRange(time(8), time(22))
    assert statutes.layer(limit.articles) == "policy"
    assert "政策" in statutes.articles[limit.articles[0]].cite


def test_prepayment_is_capped_where_the_city_caps_it(shipped: Law) -> None:
    capped = {place: shipped.on(TODAY, place).bounds("prepayment").at_most for place in ("CN-3301", "CN-4101", "CN-11")}
    assert {place: limit and limit.at_most for place, limit in capped.items()} == {
        "CN-3301": Duration(12, "mo"), "CN-4101": Duration(12, "mo"), "CN-11": None,
    }  # fmt: skip


def test_the_sixth_article_of_2009_is_gone_since_2021(shipped: Law) -> None:
    assert "SPC-PM-old6" in shipped.on(day("2020-12-31")).articles
    assert "SPC-PM-old6" not in shipped.on(day("2021-01-01")).articles


def test_periods_of_procedure_are_those_of_the_code(shipped: Law) -> None:
    clocks = shipped.on(TODAY).clocks

    assert {name: (clock.lasts, clock.from_) for name, clock in clocks.items()} == {
        "limitation": (Duration(3, "y"), "due"),
        "enforcement": (Duration(2, "y"), "performance_end"),
        "mediation_confirmation": (Duration(30, "d"), "agreed"),
        "payment_order_notice": (Duration(5, "d"), "filed"),
        "payment_order_issue": (Duration(15, "d"), "accepted"),
        "payment_order_objection": (Duration(15, "d"), "served"),
        "payment_order_service": (Duration(30, "d"), "issued"),
        "answer": (Duration(10, "wd"), "dispute"),
    }  # fmt: skip
