"""Proofs about a book: what the shipped packs are proved to be, and that each claim is seen false of a book made false.

A counterexample is kept as a case and run by what runs every case, so that it shows what it says.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import z3
from typer.testing import CliRunner

import dunning
from dunning.basis.calendar import Rolled
from dunning.basis.finding import Text
from dunning.check.cases import run_cases
from dunning.check.proofs import steps, tables
from dunning.check.proofs.claims import Claim
from dunning.check.proofs.fees import against_law, asked, cap_day, proofs_of_fees, sentences, sets_of_terms
from dunning.check.proofs.prove import prove
from dunning.check.proofs.steps import proofs_of_steps
from dunning.check.proofs.symbols import Way, term_of, ways
from dunning.check.proofs.tables import proofs_of_tables
from dunning.cli.main import app
from dunning.engine.assess import assess
from dunning.engine.ladder.lawful import forms_of
from dunning.engine.owed.fees import Schedule
from dunning.model.law import Article, Checked, LegalLimit, Prohibition
from dunning.model.rulebook import Cap, Dated, Payments, RuleBook
from dunning.model.steps import Channels
from ledgers import rules

PACKS = ("common", "residential", "commercial", "parking", "handover")
SHIPPED = Path(__file__).parent.parent / "rules"


def fee_claims(book: RuleBook) -> dict[str, Claim]:
    return {claim.name: claim for claim in (ask() for ask in proofs_of_fees(book))}


def fee_claim(book: RuleBook, name: str) -> Claim:
    """One claim about the last terms of a book, without asking all others."""
    terms = list(sets_of_terms(book))[-1]
    return next(asked(each, terms) for each in sentences(terms) if each.name == name)


def lawful(book: RuleBook, name: str) -> Claim:
    (terms,) = sets_of_terms(book)
    return next(claim for claim in (ask() for ask in against_law(terms)) if claim.name == name)


def step_claims(book: RuleBook) -> dict[str, Claim]:
    return {claim.name: claim for claim in (ask() for ask in proofs_of_steps(book))}


def with_terms(book: RuleBook, **terms: Any) -> RuleBook:
    return replace(book, late_fees=tuple(replace(each, **terms) for each in book.late_fees))


def with_step(book: RuleBook, name: str, **said: Any) -> RuleBook:
    steps = tuple(replace(step, **said) if step.id == name else step for step in book.ladder.steps)
    return replace(book, ladder=replace(book.ladder, steps=steps))


def with_law(book: RuleBook, **rules_of_law: Any) -> RuleBook:
    """The book under its law and an article more, of which these rules are."""
    article = Article(
        id="X-1", cite="某法第一条", says=Text("", ""), layer="statute", since=date(2026, 3, 1),
        checked=Checked("copy", "copy"),
    )  # fmt: skip
    first, *others = book.laws
    changed = {name: (*getattr(first, name), *more) for name, more in rules_of_law.items()}
    return replace(book, laws=(replace(first, articles=(*first.articles, article), **changed), *others))


# What is proved


@pytest.mark.parametrize("pack", ["residential", "parking"])
def test_every_claim_about_a_shipped_pack_is_proved_but_the_one_nobody_is_to_rely_on(pack: str) -> None:
    claims = list(prove(dunning.load(pack)))

    answers = {claim.name: claim.answer for claim in claims}
    assert answers.pop("late_costs") == "not_claimed"
    assert set(answers.values()) == {"proved"}
    assert len(answers) > 10


def test_a_cap_is_reached_on_day_100_at_half_a_per_mille_and_five_percent() -> None:
    (terms,) = sets_of_terms(dunning.load("residential"))

    assert cap_day(terms) == 100


def test_rates_that_change_reach_the_cap_at_their_lowest() -> None:
    changing = Dated(((date(2021, 1, 1), Fraction(1, 2000)), (date(2026, 3, 1), Fraction(3, 10_000))))
    before, after = sets_of_terms(with_terms(rules(), rate=changing))

    assert (cap_day(before), cap_day(after)) == (167, 167)  # 0.3‰ x 167 = 5.01%
    assert before.told.en == "property_fee charges due 2021-01-01 to 2026-02-28"


@pytest.mark.parametrize(
    "book",
    [
        with_terms(rules(), rate=Dated(((date(2026, 1, 1), Fraction(1, 2000)), (date(2026, 3, 1), Fraction(1, 3000))))),
        rules(cap=Cap(Fraction(1, 20), "overdue"), grace=3, after_grace="from_grace_end"),
        with_terms(rules(), rounding=Dated(((date.min, "half_up"), (date(2026, 7, 1), "floor")))),
        replace(rules(payment_day="not_counted"), payments=Payments(within_charge=("late_fee", "principal"))),
    ],
    ids=["rates", "overdue", "roundings", "fee first"],
)
def test_terms_of_every_kind_are_proved(book: RuleBook) -> None:
    first = next(iter(sets_of_terms(book)))  # of whose due dates most lies ahead
    answers = {each.name: asked(each, first).answer for each in sentences(first) if each.name != "earlier_never_costs"}

    assert set(answers) == {"zero_at_first", "capped", "never_falls", "a_part_never_costs", "cap_day"}
    assert set(answers.values()) == {"proved"}


def test_under_article_560_what_does_not_hold_of_several_charges_is_said_not_to_be_claimed() -> None:
    claims = fee_claims(replace(rules(), payments=Payments(across_charges="statutory")))

    assert claims["early_under_statutory"].answer == claims["total_under_statutory"].answer == "not_claimed"


# Each claim about fees, false


def test_without_a_cap_a_household_owes_more_fee_than_its_charge_and_the_engine_says_so_too() -> None:
    book = with_terms(dunning.load("residential"), cap=Dated.always(None))
    claim = fee_claim(book, "capped")

    assert claim.answer == "false"
    assert claim.shown is not None
    (charge,) = assess(claim.shown.account, book, on=claim.shown.on).charges
    assert charge.late_fee.assessed is not None
    assert charge.late_fee.assessed > charge.amount


def test_a_fault_in_the_code_of_the_fee_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proofs run that code itself: whoever breaks it is told by them."""
    monkeypatch.setattr("dunning.engine.owed.tab.min", lambda fee, _: fee, raising=False)  # it forgets the cap

    assert fee_claim(rules(), "capped").answer == "false"


def test_a_fault_in_the_rounding_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Schedule, "rounded", lambda self, total: total // (2 * self.bottom))

    assert fee_claim(rules(), "cap_day").answer == "false"


@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("zero_at_first", lambda tab, *_: tab.principal),
        ("never_falls", lambda tab, _, last: tab.principal * (tab.due + 50 - last) if last < tab.due + 50 else 0),
        ("a_part_never_costs", lambda tab, _, last: (tab.principal - tab.unpaid) * (last - tab.due) * 9),
        ("earlier_never_costs", lambda tab, _, last: 2000 * (last - tab.runs[-1][0]) if len(tab.runs) > 1 else 0),
    ],
)
def test_a_fault_in_the_sum_is_found(name: str, total: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dunning.engine.owed.tab.Tab.total", total)

    assert fee_claim(rules(), name).answer == "false"


def test_a_fee_above_a_cap_of_the_law_is_found_while_its_article_is_in_force() -> None:
    three_percent = LegalLimit(of="late_fee_cap", articles=("X-1",), at_most=Fraction(3, 100))
    book = with_law(dunning.load("residential"), limits=(three_percent,))
    claim = lawful(book, "lawful_cap")

    assert claim.answer == "false"
    assert claim.shown is not None
    assert claim.shown.on >= date(2026, 3, 1)
    ten = replace(three_percent, at_most=Fraction(1, 10))
    assert lawful(with_law(dunning.load("residential"), limits=(ten,)), "lawful_cap").answer == "proved"


def test_a_rate_above_one_of_the_law_is_found() -> None:
    slow = LegalLimit(of="late_fee_rate", articles=("X-1",), at_most=Fraction(4, 10_000))

    assert lawful(with_law(dunning.load("residential"), limits=(slow,)), "lawful_rate").answer == "false"


# Each claim about steps, false


def test_the_gate_of_the_law_is_enough_where_the_book_forgets_the_demand() -> None:
    book = with_step(dunning.load("residential"), "suit", after=())

    assert step_claims(book)["demand_first.suit"].answer == "proved"


def test_a_suit_that_waits_for_no_demand_is_shown_on_a_household_that_was_never_sent_one() -> None:
    book = replace(with_step(dunning.load("residential"), "suit", after=()), laws=())
    claim = step_claims(book)["demand_first.suit"]

    assert claim.answer == "false"
    assert claim.shown is not None
    offered = assess(claim.shown.account, book, on=claim.shown.on).actions
    assert "suit" in {action.step for action in offered}
    assert not claim.shown.account.contacts


def test_a_suit_after_a_letter_that_is_no_demand_is_found() -> None:
    residential = dunning.load("residential")
    demand = next(step for step in residential.ladder.steps if step.id == "formal_demand")
    letter = with_step(residential, "formal_demand", action="deliver_letter", gives=demand.gives)

    assert step_claims(replace(letter, laws=()))["demand_first.suit"].answer == "false"


def test_a_demand_that_is_over_at_once_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = Rolled(date(2026, 1, 1), provisional=False)
    monkeypatch.setattr("dunning.engine.known.clocks._end", lambda *given: at_once._replace(day=given[2]))

    assert step_claims(dunning.load("residential"))["demand_takes_time"].answer == "false"


def no_messages() -> RuleBook:
    """A book whose calls fall back to messages, under a law that forbids every message."""
    never = Prohibition(verdict="prohibited", articles=("X-1",), actions=("send_message",))
    book = with_law(dunning.load("residential"), prohibitions=(never,))
    return with_step(book, "second_reminder", channels=Channels("first_of", ("phone", "wechat")))


def test_a_message_the_law_forbids_is_offered_nowhere_though_a_call_falls_back_to_it() -> None:
    assert step_claims(no_messages())["nothing_forbidden"].answer == "proved"


def test_a_guard_that_rules_on_the_step_as_it_is_written_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "forms_of", lambda rung, book: forms_of(rung, book)[:1])
    found = step_claims(no_messages())["nothing_forbidden"]

    assert found.answer == "false"
    assert "send" in found.of.en.lower() or "message" in found.of.en.lower()


def test_what_the_guard_holds_back_is_never_offered_even_where_a_book_asks_for_it() -> None:
    cut = with_step(dunning.load("residential"), "home_visit", action="cut_water", channels=None)

    assert step_claims(cut)["nothing_forbidden"].answer == "proved"


def test_an_action_after_the_ladder_that_the_law_forbids_is_found() -> None:
    residential = dunning.load("residential")
    book = replace(residential, ladder=replace(residential.ladder, at_end="cut_water"))

    assert step_claims(book)["nothing_forbidden"].answer == "false"


def test_of_a_book_without_law_nothing_can_be_proved() -> None:
    assert step_claims(replace(dunning.load("residential"), laws=()))["nothing_forbidden"].answer == "open"


# Tables


def table_claims(book: RuleBook) -> dict[str, Claim]:
    return {claim.name: claim for ask in proofs_of_tables(book) for claim in ask()}


def without_row(book: RuleBook, table: str, number: int) -> RuleBook:
    kept = tuple(row for row in book.tables[table].rows if row.number != number)
    return replace(book, tables={**book.tables, table: replace(book.tables[table], rows=kept)})


def test_a_table_with_a_gap_is_shown_with_a_household_in_it() -> None:
    book = without_row(dunning.load("residential"), "tone_by_age", 2)
    claims = table_claims(book)

    assert claims["total.tone_by_age"].answer == "false"
    assert claims["agreed.tone_by_age"].answer == "proved"  # the search finds the gap too
    shown = claims["total.tone_by_age"].shown
    assert shown is not None
    graded = assess(shown.account, book, on=shown.on).grades["tone_by_age"]
    assert (graded.value, graded.rows) == ("none", ())


def test_a_search_that_errs_is_found_by_z3(monkeypatch: pytest.MonkeyPatch) -> None:
    book = without_row(dunning.load("residential"), "tone_by_age", 2)
    blind = tables.Verdicts(gap=False, unmet=frozenset(), hidden=frozenset(), overlaps=frozenset())
    monkeypatch.setattr(tables, "by_search", lambda _: blind)
    claim = table_claims(book)["agreed.tone_by_age"]

    assert claim.answer == "false"
    assert claim.reach.en == "gap: check False, z3 True"


# Symbols


def test_code_with_symbols_goes_every_way_that_numbers_can_go() -> None:
    x = z3.Int("x")

    def smaller(way: Way) -> Any:
        return term_of(min(way.symbol(x), 5))

    outcomes = list(ways(smaller, [x >= 0]))

    assert len(outcomes) == 2
    assert len(list(ways(smaller, [x >= 9]))) == 1  # there is only one way to go
    for outcome in outcomes:
        solver = z3.Solver()
        solver.add(*outcome.conditions, outcome.result > 5)
        assert solver.check() == z3.unsat


# The command


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["prove", *words])


def test_a_counterexample_is_printed_as_a_case_that_runs_and_shows_it(tmp_path: Path) -> None:
    copytree(SHIPPED, tmp_path / "rules")
    common = tmp_path / "rules" / "packs" / "common.yaml"
    text = common.read_text(encoding="utf-8")
    assert "  cap: 5% of charge\n" in text
    common.write_text(text.replace("  cap: 5% of charge\n", ""), encoding="utf-8")
    pack = common.with_name("residential.yaml")
    found = run(str(pack), "--format", "json", "--lang", "en")

    assert found.exit_code == 1
    (told,) = json.loads(found.output)
    (claim,) = [claim for claim in told["claims"] if claim["answer"] == "false"]
    assert claim["claim"] == "capped"
    case = tmp_path / "rules" / "cases" / "counterexample.yaml"
    case.write_text(claim["case"], encoding="utf-8")
    report = run_cases([case])
    assert report.passed
    assert [result.name for result in report.results] == [f"counterexample: {claim['title']}"]


def test_a_whole_folder_is_proved_book_by_book() -> None:
    found = run(str(SHIPPED), "--tables", "--lang", "en")

    assert found.exit_code == 0, found.output
    for name in PACKS:
        assert f"\n{name}\n" in f"\n{found.output}"
    assert "0 false, 0 open" in found.output


def test_in_chinese_and_english() -> None:
    assert "项已证明" in run("parking", "--tables", "--lang", "zh").output
    assert "proved" in run("parking", "--tables", "--lang", "en").output


def test_without_z3_the_line_to_install_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.startswith(("z3", "dunning.check.proofs"))]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "z3", None)
    with pytest.raises(dunning.UsageError, match=r'pip install "dunning\[prove\]"'):
        CliRunner().invoke(app, ["prove", "parking", "--lang", "en"], catch_exceptions=False, standalone_mode=False)


def test_names_of_claims_are_told_apart() -> None:
    names: Sequence[str] = [claim.name for claim in prove(dunning.load("parking"))]

    assert len(names) == len(set(names))
