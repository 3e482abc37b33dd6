"""Law files: articles with their days, what they forbid and ask for, and every mistake with its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from dunning.lang.readers.read import open_page
from dunning.lang.readers.read_law import read_law_page
from dunning.model.anchor import Duration
from dunning.model.condition import Check
from dunning.model.law import LawPack

LAW = (Path(__file__).parent / "books" / "law.yaml").read_text(encoding="utf-8")


def pack(text: str = LAW) -> LawPack:
    read, _, desk = read_law_page(open_page(text, "law.yaml"))
    assert desk.results() == []
    assert read is not None
    return read


def codes(text: str) -> list[str]:
    return [found.code for found in read_law_page(open_page(text, "law.yaml"))[2].results()]


def test_articles_have_their_source_and_their_days() -> None:
    read = pack(LAW.replace("since: 2021-11-01, until: null", "since: 2021-11-01, until: 2030-12-31"))
    article = next(each for each in read.articles if each.id == "PIPL-25")

    assert (article.cite, article.layer) == ("个人信息保护法第二十五条", "statute")
    assert (article.checked.text, article.checked.in_force, article.checked.by) == ("copy", "memory", None)
    assert [article.in_force(day) for day in (date(2021, 10, 31), date(2021, 11, 1), date(2030, 12, 31))] == [
        False,
        True,
        True,
    ]
    assert not article.in_force(date(2031, 1, 1))


def test_prohibitions_have_effects_verdict_and_articles() -> None:
    first = pack().prohibitions[0]

    assert first.effects == ("water_supply", "power_supply", "heat_supply", "gas_supply")
    assert (first.verdict, first.articles) == ("prohibited", ("CC-944.3",))


def test_for_and_unless_are_conditions_and_may_read_the_receiver() -> None:
    deposit, sharing = (pack().prohibitions[index] for index in (2, 4))

    assert isinstance(deposit.for_, Check)
    assert deposit.for_.fact == "use"
    assert isinstance(sharing.unless, Check)
    assert sharing.unless.fact == "receiver"


def test_gates_may_read_facts_of_the_charge_and_approvals() -> None:
    suit, demand = pack().gates

    assert isinstance(suit.requires, Check)
    assert isinstance(demand.requires, Check)
    assert (suit.requires.fact, demand.requires.fact) == ("charge_demand_expired", "approvals")


def test_clocks_and_texts_are_read() -> None:
    read = pack()
    (clock,) = read.clocks

    assert (clock.clock, clock.lasts, clock.from_, clock.proof) == ("limitation", Duration(3, "y"), "due", "B")
    assert clock.alerts == (Duration(180, "d"), Duration(90, "d"), Duration(30, "d"))
    assert read.text[1].before == "judgment"
    assert read.text[2].allow == ("不会停水", "不得停水", "不会停电", "不得停电")


def test_every_entry_needs_its_articles() -> None:
    assert codes(LAW + "permits:\n  - {effects: [personal_data_published]}\n") == ["R102"]


def test_effects_are_a_closed_list() -> None:
    assert codes(LAW.replace("[deposit_required]", "[deposit_requird]")) == ["N208"]


def test_a_local_file_says_its_place() -> None:
    assert pack(LAW.replace("places: [CN]", "places: [CN-3301, CN-41]")).places == ("CN-3301", "CN-41")
