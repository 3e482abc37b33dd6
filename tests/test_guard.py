"""May we do this: verdicts with their articles, what is still needed, and that no other name opens a door."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import dunning
from dunning import Verdict, may
from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.engine.law.guard import rule_on
from dunning.lang.text.positions import Mapping, Scalar, Sequence, compose
from dunning.model.account import Account, Approval, Consent, Party, Proceeding
from dunning.model.action import ACTIONS
from dunning.model.condition import All, Not
from dunning.model.law import Gate, Penalty, Permit, Prohibition
from dunning.model.rulebook import RuleBook
from dunning.model.steps import ApprovalRule, Channels, Ladder, Step
from dunning.output.verdicts import verdict_dict, verdict_text
from households import charge, demand, household
from laws import article, book, day, has, is_, own, pack

TODAY = day("2026-11-22")
RULES = Path(__file__).parent.parent / "rules"


@pytest.fixture(scope="module")
def residential() -> RuleBook:
    return dunning.load("residential")


def ask(action: str, rules: RuleBook, account: Account | None = None, place: str | None = None) -> Verdict:
    return may(action, rules, on=TODAY, account=account, place=place)


def needs(verdict: Verdict) -> list[tuple[str, tuple[str, ...]]]:
    return [(need.kind, need.articles) for need in verdict.needed]


OWNER = Party(id="O1", kind="person", role="owner")
DUE = household(charge("2026-01-15"), use="residential", place="CN-3301")


def approval(of: str, **more: Any) -> Approval:
    said = {"id": "A1", "decision": "approved", "by": "u-1", "role": "legal", "prepared_by": "u-9", **more}
    return Approval(of=of, at=demand("2026-11-10").at, **said)


# Forbidden by the letter, by analogy, for a lawyer


@pytest.mark.parametrize("action", ["cut_water", "cut_power", "cut_heat", "cut_gas", "refuse_water_card", "停水"])
def test_supplies_are_never_cut(residential: RuleBook, action: str) -> None:
    verdict = ask(action, residential)

    assert (verdict.verdict, verdict.article_ids) == ("prohibited", ("CC-944.3",))
    assert "民法典第九百四十四条第三款" in verdict.reason.zh
    assert "prohibited by law" in verdict.reason.en
    assert verdict.conditions == ()


def test_a_place_adds_its_own_article_and_fine(residential: RuleBook) -> None:
    verdict = ask("cut_water", residential, place="CN-3301")

    assert verdict.article_ids == ("CC-944.3", "HZ-55", "HZ-86.2")
    assert "一万元以上五万元以下罚款 (杭州市物业管理条例第八十六条第二款)" in verdict.reason.zh


def test_what_is_analogy_elsewhere_is_the_letter_of_the_law_where_the_city_says_it(residential: RuleBook) -> None:
    assert ask("restrict_lift", residential).verdict == "prohibited_by_analogy"
    assert ask("restrict_lift", residential, place="CN-11").verdict == "prohibited_by_analogy"
    assert ask("restrict_lift", residential, place="CN-410102").verdict == "prohibited"


def test_a_remembered_article_asks_for_a_lawyer(residential: RuleBook) -> None:
    verdict = ask("refuse_invoice", residential)

    assert (verdict.verdict, verdict.article_ids) == ("review", ("TAX-INVOICE",))
    assert "没有核对过原文" in verdict.reason.zh


def test_a_day_before_the_law_was_written_down_asks_for_a_lawyer(residential: RuleBook) -> None:
    verdict = may("cut_water", residential, on=day("2020-12-31"))

    assert (verdict.verdict, verdict.article_ids) == ("review", ())
    assert "当时的法律没有收录" in verdict.reason.zh


def test_threats_are_cited_by_the_law_of_their_day(residential: RuleBook) -> None:
    before, after = (may("threaten", residential, on=day(on)) for on in ("2025-12-31", "2026-01-01"))

    assert (before.verdict, before.article_ids) == ("prohibited", ("CC-1024", "PSAL-42"))
    assert (after.verdict, after.article_ids) == ("prohibited", ("CC-1024", "PSAL-50"))


def test_a_local_permission_does_not_lift_what_a_statute_forbids(residential: RuleBook) -> None:
    here, elsewhere = (ask("publish_named_list", residential, place=place) for place in ("CN-3716", "CN-3701"))

    assert (here.verdict, elsewhere.verdict) == ("prohibited", "prohibited")
    assert [permit.articles for permit in here.conflicts] == [("BZ-49",)]
    assert elsewhere.conflicts == ()
    assert "滨州市物业管理条例第四十九条写有许可, 与上位法抵触: 结论不变" in here.reason.zh
    assert "BZ-49" not in here.article_ids


# Names


@pytest.mark.parametrize("name", ["flow_care", "thank_you", "emergency_pause"])
def test_another_name_opens_no_door(residential: RuleBook, name: str) -> None:
    rules = replace(residential, actions={name: own(name, "contact_debtor", "water_supply")})
    verdict = ask(name, rules)

    assert (verdict.verdict, verdict.article_ids) == ("prohibited", ("CC-944.3",))


def test_a_known_action_keeps_its_effects_whatever_a_book_says_of_it(residential: RuleBook) -> None:
    rules = replace(residential, actions={"cut_water": own("cut_water", "contact_debtor")})

    assert ask("cut_water", rules).verdict == "prohibited"


@pytest.mark.parametrize("title", ["cut_water", "停水"])
def test_a_title_opens_no_door_either(residential: RuleBook, title: str) -> None:
    rules = replace(residential, actions={"care": replace(own("care", "contact_debtor"), title=Text(title, title))})

    assert ask(title, rules).verdict == "prohibited"


def test_an_action_is_found_by_its_own_title(residential: RuleBook) -> None:
    rules = replace(residential, actions={"care": replace(own("care", "threat"), title=Text("关怀", "care"))})

    assert ask("关怀", rules).action.id == "care"


def test_a_receiver_the_book_gives_a_known_action_is_not_believed(residential: RuleBook) -> None:
    rules = replace(residential, actions={"contact_relatives": own("contact_relatives", receiver="committee")})

    assert ask("contact_relatives", rules).verdict == "prohibited"


def test_a_step_is_asked_about_by_its_name() -> None:
    steps = (Step(id="home_visit", title=Text("上门", "visit"), action="visit"),)
    rules = book(pack(article("A-1"), gates=[Gate(articles=("A-1",), actions=("visit",), says=Text("两人", "two"))]),
                 ladder=Ladder(steps=steps))  # fmt: skip

    assert ask("home_visit", rules).action.id == "visit"
    assert ask("home_visit", rules).conditions == (Text("两人", "two"),)


def test_a_name_that_is_none_says_which_may_be_meant(residential: RuleBook) -> None:
    with pytest.raises(UsageError, match="no action `cut_watr`; did you mean `cut_water`"):
        ask("cut_watr", residential)
    with pytest.raises(UsageError, match="CN-3301"):
        ask("cut_water", residential, place="hangzhou")


def test_a_book_without_law_gets_no_leave(residential: RuleBook) -> None:
    verdict = ask("visit", replace(residential, laws=()))

    assert verdict.verdict == "review"
    assert "没有可依据的法律文件" in verdict.reason.zh


# Receivers


def test_the_committee_may_be_asked_to_urge_and_an_employer_may_not(residential: RuleBook) -> None:
    assert ask("committee_urge", residential).verdict == "conditional"
    assert "PMR-64" in ask("committee_urge", residential).article_ids
    assert ask("contact_employer", residential).verdict == "prohibited"


def test_whom_a_step_addresses_is_a_third_party_though_the_action_is_not(residential: RuleBook) -> None:
    step = Step(id="tell", title=Text("通报", "tell"), action="send_message", to="developer")
    person = household(charge("2026-01-15"), debtor=OWNER)
    builder = household(charge("2026-01-15"), debtor=Party(id="D1", kind="developer", role="developer"))

    def to_the_developer(account: Account | None) -> str:
        return ask("tell", replace(residential, reminders=(step,)), account).verdict

    assert to_the_developer(person) == "prohibited"
    assert to_the_developer(builder) == "allowed"
    assert to_the_developer(None) == "conditional"


# Gates


def test_without_an_account_gates_are_conditions(residential: RuleBook) -> None:
    verdict = ask("sue", residential)

    assert (verdict.verdict, verdict.charges) == ("conditional", None)
    assert needs(verdict) == [("gate", ("CC-944.2",)), ("approval", ("PIPL-24",))]
    assert verdict.conditions[0] == Text("该笔催告已期满", "charge demand expired")


def test_a_suit_is_for_the_charges_whose_demand_has_run_out(residential: RuleBook) -> None:
    account = household(
        charge("2026-01-15"), charge("2026-10-15"),
        contacts=[demand("2026-06-01", proof="A")], approvals=[approval("sue")],
    )  # fmt: skip
    verdict = ask("sue", residential, account)

    assert (verdict.verdict, verdict.charges) == ("allowed", ("2026-01-15",))
    assert verdict.article_ids == ("CC-944.2", "PIPL-24")


def test_a_suit_waits_for_demand_and_approval(residential: RuleBook) -> None:
    late = household(charge("2026-01-15"), contacts=[demand("2026-11-20", proof="A")], approvals=[approval("sue")])
    alone = household(charge("2026-01-15"), contacts=[demand("2026-06-01", proof="A")])

    assert needs(ask("sue", residential, late)) == [("gate", ("CC-944.2",))]
    assert ask("sue", residential, late).charges == ()
    assert needs(ask("sue", residential, alone)) == [("approval", ("PIPL-24",))]
    assert needs(ask("sue", residential, household())) == [("gate", ("CC-944.2",)), ("approval", ("PIPL-24",))]


def test_going_to_court_by_another_name_stands_under_the_same_gates(residential: RuleBook) -> None:
    rules = replace(residential, actions={"file_claim": own("file_claim", "court_filing")})

    assert needs(ask("file_claim", rules)) == needs(ask("sue", rules))


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ((approval("formal_demand"),), "allowed"),
        ((), "conditional"),
        ((approval("formal_demand", by="u-9"),), "conditional"),  # who prepared it
        ((approval("formal_demand", decision="refused"),), "conditional"),
        ((approval("suit"),), "conditional"),
        ((approval("formal_demand", role="cook"),), "conditional"),
    ],
)
def test_a_formal_demand_needs_a_person_who_approves(
    residential: RuleBook, given: tuple[Approval, ...], verdict: str
) -> None:
    rules = replace(residential, reminders=(), ladder=Ladder())

    assert ask("formal_demand", rules, replace(DUE, approvals=given)).verdict == verdict


def test_approvals_are_those_of_the_step_by_the_roles_it_asks(residential: RuleBook) -> None:
    step = Step(
        id="letter", title=Text("催告函", "letter"), action="formal_demand", approval=ApprovalRule(("finance",))
    )
    rules = replace(residential, reminders=(), ladder=Ladder(steps=(step,)))

    def verdict(**more: str) -> str:
        return ask("letter", rules, replace(DUE, approvals=(approval("letter", **more),))).verdict

    assert verdict(role="legal") == "conditional"
    assert verdict(role="finance") == "allowed"


def test_enforcement_waits_for_a_judgment(residential: RuleBook) -> None:
    judged = replace(DUE, proceedings=(Proceeding(id="S1", kind="judgment", on=day("2026-09-01")),))
    other = replace(DUE, proceedings=(Proceeding(id="S1", kind="judgment", on=day("2026-09-01"), charges=("X",)),))
    later = replace(DUE, proceedings=(Proceeding(id="S1", kind="judgment", on=day("2026-12-01")),))

    assert [ask("apply_enforcement", residential, one).verdict for one in (DUE, judged, other, later)] == [
        "conditional", "allowed", "conditional", "conditional",
    ]  # fmt: skip


def test_a_late_fee_needs_its_clause(residential: RuleBook) -> None:
    def clause(**said: bool | None) -> Verdict:
        contract = replace(DUE.contracts[0], **said)
        return ask("charge_late_fee", residential, replace(DUE, contracts=(contract,)))

    assert clause(late_fee_clause=True, clause_shown=True).verdict == "allowed"
    assert clause(late_fee_clause=True, clause_shown=False).verdict == "conditional"
    unknown = clause(late_fee_clause=True, clause_shown=None)
    assert unknown.needed[0].missing == ("clause_shown",)
    assert "现在不知道: 条款已显著提示" in unknown.conditions[0].zh


def test_what_no_record_shows_stays_a_condition(residential: RuleBook) -> None:
    verdict = ask("visit", residential, DUE)

    assert verdict.verdict == "conditional"
    assert [need.kind for need in verdict.needed] == ["words"]
    assert verdict.needs == ("two_persons", "badge", "recorder_notice", "no_entry_or_filming", "within_limits")
    assert ask("cut_water", residential, DUE).needs == ()
    assert any("08:00-22:00 (公司政策)" in condition.zh for condition in verdict.conditions)


# For whom, and unless


def test_a_deposit_is_forbidden_for_homes_alone(residential: RuleBook) -> None:
    shop = replace(DUE, use="commercial")

    assert ask("require_deposit", residential).verdict == "prohibited"  # the book is for homes
    assert ask("require_deposit", residential, shop).verdict == "conditional"
    anybody = replace(residential, applies=All())
    assert ask("require_deposit", anybody).verdict == "conditional"
    assert "不得用于用途为 住宅的户" in ask("require_deposit", anybody).reason.zh
    assert ask("require_deposit", anybody, DUE).verdict == "prohibited"
    assert ask("require_deposit", anybody, replace(DUE, use=None)).verdict == "conditional"


def test_a_book_for_several_uses_is_judged_for_all_of_them() -> None:
    rule = Prohibition(
        verdict="prohibited", articles=("A-1",), effects=("deposit_required",), for_=is_("use", "a", "b")
    )
    rules = pack(article("A-1"), prohibitions=[rule])

    def verdict(*uses: str) -> str:
        return ask("require_deposit", book(rules, applies=is_("use", *uses))).verdict

    assert [verdict("a"), verdict("a", "b"), verdict("c"), verdict("a", "c")] == [
        "prohibited", "prohibited", "allowed", "conditional",
    ]  # fmt: skip


def test_commending_payers_needs_their_own_consent(residential: RuleBook) -> None:
    def consented(**more: Any) -> Account:
        return replace(DUE, consents=(Consent(**{"party": "O1", "kind": "public_commendation", **more}),))

    assert ask("commend_payers", residential).verdict == "conditional"
    assert ask("commend_payers", residential, DUE).verdict == "prohibited"
    assert ask("commend_payers", residential, consented()).verdict == "conditional"  # each of their own will
    assert ask("commend_payers", residential, consented(party="O2")).verdict == "prohibited"
    assert ask("commend_payers", residential, consented(until=day("2026-11-21"))).verdict == "prohibited"
    assert ask("publish_named_list", residential, consented()).verdict == "prohibited"
    assert ask("commend_payers", residential, replace(DUE, unknown=("consents",))).verdict == "conditional"


def test_speaking_of_credit_records_waits_for_a_judgment(residential: RuleBook) -> None:
    judged = replace(DUE, proceedings=(Proceeding(id="S1", kind="judgment", on=day("2026-09-01")),))

    assert ask("warn_of_credit_record", residential, DUE).verdict == "prohibited_by_analogy"
    assert ask("warn_of_credit_record", residential, judged).verdict == "allowed"


def test_the_strictest_of_several_prohibitions_is_the_verdict() -> None:
    rules = pack(
        article("A-1"), article("A-2"), article("A-3", text="memory"),
        prohibitions=[
            Prohibition(verdict="prohibited_by_analogy", articles=("A-1",), effects=("threat",)),
            Prohibition(verdict="prohibited", articles=("A-2",), effects=("contact_debtor",)),
            Prohibition(verdict="prohibited", articles=("A-3",), effects=("threat",)),
        ],
    )  # fmt: skip
    verdict = ask("shout", book(rules, actions=(own("shout", "threat", "contact_debtor"),)))

    assert verdict.verdict == "prohibited"
    assert [hit.verdict for hit in verdict.hits] == ["prohibited", "prohibited_by_analogy", "review"]


def test_house_policy_forbids_by_its_own_name() -> None:
    rule = Prohibition(verdict="prohibited", articles=("P-1",), effects=("automated_call",))
    verdict = ask("ai_call", book(pack(article("P-1"), layer="policy", prohibitions=[rule])))

    assert "公司政策不许 (不是法律)" in verdict.reason.zh


def test_a_machine_that_speaks_is_an_automated_call_whatever_its_step_is_called() -> None:
    never = Prohibition(verdict="prohibited", articles=("A-1",), effects=("automated_call",))
    steps = [
        Step(id=name, title=Text(name, name), action="call", channels=Channels("first_of", channels))
        for name, channels in (("by_hand", ("phone", "sms")), ("by_machine", ("phone", "ai_voice")))
    ]
    rules = book(pack(article("A-1"), prohibitions=[never]), reminders=tuple(steps))

    assert ask("by_hand", rules).verdict == "allowed"
    assert ask("by_machine", rules).verdict == "prohibited"


def test_a_permission_of_the_same_text_does_not_override_its_prohibition() -> None:
    never = Prohibition(verdict="prohibited", articles=("A-1",), actions=("visit",))
    rules = pack(article("A-1"), prohibitions=[never], permits=[Permit(articles=("A-1",), actions=("visit",))])

    assert ask("visit", book(rules)).verdict == "prohibited"


# Bills


def test_a_charge_billed_twice_is_not_asked_for(residential: RuleBook) -> None:
    quarter = "2026-01-01..2026-03-31"
    twice = household(
        charge("2026-01-15", period=quarter, name="Q1"), charge("2026-01-20", period=quarter, name="Q1-again"),
        charge("2026-01-20", period=quarter, name="P1", item="parking"),
        contacts=[demand("2026-06-01", proof="A")], approvals=[approval("sue")],
    )  # fmt: skip

    assert ask("sue", residential, twice).charges == ("Q1", "P1")
    assert ask("visit", residential, twice).charges == ("Q1", "P1")


def test_where_no_charge_may_be_asked_for_none_is_claimed(residential: RuleBook) -> None:
    stayed = household(charge("2026-01-15"), debtor=replace(OWNER, tags=("handover_refused",)))
    verdict = ask("formal_demand", residential, stayed)

    assert (verdict.verdict, verdict.article_ids) == ("prohibited", ("CC-949.2",))
    assert "拒不交接期间的物业费" in verdict.reason.zh
    assert ask("send_receipt", residential, stayed).verdict == "allowed"


# Places


def test_the_place_is_asked_for_the_accounts_or_the_books(residential: RuleBook) -> None:
    pinned = replace(residential, applies=All((is_("use", "residential"), is_("place", "CN-4101"))))

    assert ask("cut_water", residential, DUE).statutes.places[-1] == "CN-3301"
    assert ask("cut_water", residential, DUE, "CN-4101").statutes.places[-1] == "CN-4101"
    assert ask("cut_water", pinned).statutes.places[-1] == "CN-4101"
    nowhere = ask("cut_water", residential)
    assert nowhere.statutes.places == ("CN",)
    assert "没有写地区" in nowhere.reason.zh


def test_a_place_nobody_has_looked_at_says_so(residential: RuleBook) -> None:
    verdict = ask("visit", residential, place="CN-440106")

    assert verdict.unresearched == ("CN-44",)
    assert "CN-44 的地方规定没有研究过" in verdict.reason.zh
    assert ask("visit", residential, place="CN-4101").unresearched == ()
    assert ask("visit", residential).unresearched == ()


def test_a_place_no_file_speaks_of_says_so_too(residential: RuleBook) -> None:
    verdict = ask("visit", residential, place="CN-9999")

    assert verdict.unresearched == ("CN-9999",)
    assert "CN-9999 的地方规定没有研究过, 只按全国的法律" in verdict.reason.zh
    assert "no local rules researched for CN-9999; national law only" in verdict.reason.en
    assert "national law only" not in ask("visit", residential, place="CN-3301").reason.en  # CN-33 is not, Hangzhou is


@pytest.mark.parametrize(
    "place", ["CN-9", "CN-330", "CN-33010", "CN-3301060", "cn-3301", "3301", "CN-33O1", "US-33", ""]
)
def test_what_is_no_division_code_is_no_place(residential: RuleBook, place: str) -> None:
    with pytest.raises(UsageError, match="no place"):
        ask("visit", residential, place=place)


# What is shown


def test_what_the_law_asks_of_a_contact_in_words_is_in_the_closed_list_too(residential: RuleBook) -> None:
    reach = {"contact_debtor", "contact_third_party", "court_filing", "automated_call"}
    told = [
        gate
        for law in residential.laws
        for gate in law.gates
        if gate.says.zh
        and reach.intersection([*gate.effects, *(e for name in gate.actions for e in ACTIONS[name].effects)])
    ]
    assert len(told) > 5
    assert [gate.says.en for gate in told if not gate.needs] == []


def test_the_verdict_as_data(residential: RuleBook) -> None:
    told = verdict_dict(ask("cut_water", residential, DUE), lang="en")

    assert told["verdict"] == "prohibited"
    assert told["articles"][0] == {
        "id": "CC-944.3",
        "cite": "民法典第九百四十四条第三款",
        "says": "payment may not be pressed for by cutting power, water, heat, gas and the like",
    }
    assert (told["places"], told["conditions"]) == (["CN", "CN-33", "CN-3301"], [])
    assert told["reason"].startswith("cut the water: prohibited by law")
    assert told["unreviewed"] == ["全国", "杭州市", "公司政策 (不是法律)"]


def test_the_verdict_as_text_names_the_packs_no_lawyer_has_reviewed(residential: RuleBook) -> None:
    shown = verdict_text(ask("sue", residential, DUE), "zh")

    assert shown.splitlines()[0] == "起诉 (sue): 有条件地可以  [CN-3301 2026-11-22]"
    assert "还须:\n  该笔催告已期满\n  有效审批数1以上" in shown
    assert "未经律师审签:\n  全国、杭州市、公司政策 (不是法律)" in shown


def test_exceptions_are_told_as_what_is_missing() -> None:
    rule = Prohibition(
        verdict="prohibited", articles=("A-1",), effects=("personal_data_published",),
        unless=All((is_("action", "commend_payers"), has("consents", "public_commendation"))),
        penalty=Penalty(Text("罚款", "a fine")),
    )  # fmt: skip
    verdict = ask("commend_payers", book(pack(article("A-1"), prohibitions=[rule])))

    assert verdict.conditions == (Text("本人同意含 公开表彰", "consents contains public commendation"),)


def test_a_gate_for_others_does_not_bind() -> None:
    gate = Gate(articles=("A-1",), actions=("visit",), requires=is_("refused", True), for_=is_("use", "commercial"),
                says=Text("两人", "two"))  # fmt: skip
    rules = book(pack(article("A-1"), gates=[gate]))

    assert ask("visit", rules, DUE).verdict == "allowed"
    assert [need.kind for need in ask("visit", rules, replace(DUE, use="commercial")).needed] == ["gate", "words"]
    assert ask("visit", rules).verdict == "conditional"


def test_a_condition_denied_is_told_as_denied() -> None:
    gate = Gate(articles=("A-1",), actions=("visit",), requires=Not(is_("refused", True)))

    assert ask("visit", book(pack(article("A-1"), gates=[gate]))).conditions[0].zh == "并非(拒绝缴费为是)"


def test_the_ladder_asks_for_steps_with_facts_at_hand(residential: RuleBook) -> None:
    step = Step(id="s", title=Text("s", "s"), action="committee_urge", to="committee")
    verdict = rule_on(ACTIONS["committee_urge"], residential, on=TODAY, place="CN-11", step=step)

    assert verdict.verdict == "conditional"
    assert "BJ-72" in verdict.article_ids


# The practices


def practices() -> list[tuple[int, str]]:
    """Every verdict expected in rules/cases/practices.yaml, with the number of its practice."""
    text = (RULES / "cases" / "practices.yaml").read_text(encoding="utf-8")
    root, findings = compose(text, "practices.yaml")
    assert findings == []
    assert isinstance(root, Mapping)
    cases = next(node for key, node in root.entries if key.text == "cases")
    assert isinstance(cases, Sequence)
    names = [
        value.text for case in cases.items if isinstance(case, Mapping)
        for key, value in case.entries if key.text == "case" and isinstance(value, Scalar)
    ]  # fmt: skip
    return [(int(re.match(r"\d\d", name)[0]), name) for name in names]  # type: ignore[index]


def test_all_52_practices_are_cases() -> None:
    assert sorted({number for number, _ in practices()}) == list(range(1, 53))


def test_every_sanction_is_refused_by_name(residential: RuleBook) -> None:
    """All unlawful practices the vocabulary knows, but those a lawyer or a court decides."""
    from dunning.model.action import SANCTIONS

    verdicts = {name: ask(name, residential, DUE).verdict for name in SANCTIONS}
    refused = {name for name, verdict in verdicts.items() if verdict in ("prohibited", "prohibited_by_analogy")}

    assert set(SANCTIONS) - refused == {"refuse_invoice"}
