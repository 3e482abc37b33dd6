"""Whatever a book calls its actions, nothing with a forbidden effect is allowed; layers only add; order is nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from random import Random
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

import dunning
from dunning.basis.finding import Text
from dunning.engine.assess import assess
from dunning.engine.law.guard import rule_on
from dunning.engine.law.refusal import unlawful
from dunning.engine.law.verdict import WORDS, Verdict
from dunning.engine.may import may
from dunning.model.account import SHANGHAI, Account, Consent, ConsentKind, Contract, Party, Proceeding, ProceedingKind
from dunning.model.action import ACTIONS, Action, Effect, Receiver
from dunning.model.law import Gate, LawPack, Permit, Prohibition
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Ladder, Step
from dunning.output.verdicts import verdict_dict
from households import charge, demand, household
from laws import article, pack

RESIDENTIAL = dunning.load("residential")
SINCE, UNTIL = date(2021, 11, 1), date(2030, 12, 31)
EFFECTS: tuple[Effect, ...] = get_args(Effect)
NEVER: frozenset[Effect] = frozenset({
    "water_supply", "power_supply", "heat_supply", "gas_supply", "telecom", "home_access", "lift_access",
    "vehicle_access", "facility_access", "biometric_only", "dwelling_entered", "filmed_indoors", "document_refused",
    "tied_service", "service_reduced", "money_charged", "fund_withheld", "credit_record", "threat",
    "public_space_data_used", "rights_waived",
})  # fmt: skip
"""Effects that nothing excuses, written out here so that a law file edited by mistake is seen."""
THIRD: frozenset[Effect] = frozenset({"contact_third_party", "personal_data_shared"})
EXCUSED = {"committee", "processor", "co_resident_adult", "developer"}

names = st.one_of(
    st.sampled_from(sorted(ACTIONS)),
    st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12),
    st.sampled_from(["care", "thank_you", "停水", "reminder"]),
)
effects = st.lists(st.sampled_from(EFFECTS), max_size=4, unique=True).map(tuple)
receivers = st.sampled_from((None, *get_args(Receiver)))
days = st.dates(SINCE, UNTIL)
places = st.sampled_from(
    [None, "CN", "CN-33", "CN-3301", "CN-4101", "CN-371602", "CN-4403", "CN-11", "CN-99", "CN-310101"]
)


@st.composite
def own_actions(draw: st.DrawFn) -> Action:
    name = draw(names)
    return Action(name, Text(name, name), draw(effects), draw(receivers))


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """Any account the guard may be asked about: what it knows and does not know of the debtor."""
    some = st.booleans()
    return Account(
        id="A1",
        place=draw(places),
        use=draw(st.sampled_from((None, "residential", "commercial", "parking"))),
        debtor=Party(
            id="O1",
            kind=draw(st.sampled_from((None, "person", "company", "developer"))),
            tags=draw(st.sampled_from(((), ("vip",), ("handover_refused",)))),
        ),
        contracts=(Contract(id="K", late_fee_clause=draw(st.none() | some), clause_shown=draw(st.none() | some)),),
        charges=tuple(charge(f"{year}-01-15") for year in draw(st.lists(st.integers(2021, 2026), unique=True))),
        contacts=(demand(draw(st.sampled_from(("2022-03-01", "2026-06-01"))), proof=draw(st.sampled_from("ABC"))),),
        consents=tuple(
            Consent(party=draw(st.sampled_from(("O1", "O2"))), kind=kind)
            for kind in draw(st.lists(st.sampled_from(get_args(ConsentKind)), unique=True, max_size=2))
        ),
        proceedings=tuple(
            Proceeding(id=kind, kind=kind, on=draw(days))
            for kind in draw(st.lists(st.sampled_from(get_args(ProceedingKind)), unique=True, max_size=2))
        ),
        unknown=draw(st.sampled_from(((), ("contacts",), ("debtor.tags", "consents"), ("proceedings",)))),
    )  # fmt: skip


@st.composite
def books(draw: st.DrawFn) -> RuleBook:
    """The residential book with actions of its own, some under known names, and steps that use them."""
    actions = draw(st.lists(own_actions(), min_size=1, max_size=3, unique_by=lambda action: action.id))
    steps = tuple(
        Step(
            id=f"s{place}",
            title=Text(f"第{place}步", f"step {place}"),
            action=draw(st.sampled_from([action.id for action in actions])),
            to=draw(st.sampled_from(("debtor", "committee", "developer", "business_contact", "headquarters"))),
        )
        for place in range(draw(st.integers(0, 2)))
    )
    return replace(
        RESIDENTIAL, actions={action.id: action for action in actions}, reminders=(), ladder=Ladder(steps=steps)
    )


def told(verdict: Verdict) -> dict[str, Any]:
    return verdict_dict(verdict)


@settings(max_examples=100)
@given(books(), days, places, st.none() | accounts())
def test_nothing_with_a_forbidden_effect_is_ever_allowed(
    book: RuleBook, on: date, place: str | None, account: Account | None
) -> None:
    for name, action in book.actions.items():
        done = {*action.effects, *(ACTIONS[name].effects if name in ACTIONS else ())}
        verdict = may(name, book, on=on, account=account, place=place)
        if done & NEVER:
            assert verdict.prohibited
            assert verdict.articles
        if done & THIRD and (action.receiver if name not in ACTIONS else ACTIONS[name].receiver) not in EXCUSED:
            assert verdict.prohibited
        if "personal_data_published" in done and name != "commend_payers":
            assert verdict.prohibited


def done_by(name: str, book: RuleBook) -> set[Effect]:
    """What an action does, by the book's own word and by ours."""
    ours, own = ACTIONS.get(name), book.actions.get(name)
    return {*(ours.effects if ours else ()), *(own.effects if own else ())}


@settings(max_examples=100)
@given(books(), days, accounts())
def test_no_assessment_ever_contains_an_action_with_a_forbidden_effect(
    book: RuleBook, on: date, account: Account
) -> None:
    """Though the book were never loaded, and so never refused."""
    fresh = datetime.combine(on, time(9), SHANGHAI)
    account = replace(account, use="residential", data_as_of=fresh, unknown=(), contacts=())
    harmless = Step(id="letter", title=Text("信", "a letter"), action="post_notice")
    book = replace(book, ladder=replace(book.ladder, steps=(harmless, *book.ladder.steps), catch_up="all"), pauses=())

    for action in assess(account, book, on=on).actions:
        done = done_by(action.action, book)
        assert not done & NEVER
        assert "personal_data_published" not in done or action.action == "commend_payers"
        step = book.step(action.step)
        assert step is not None
        receiver = getattr(ACTIONS.get(action.action) or book.actions.get(action.action), "receiver", None) or step.to
        assert not done & THIRD or receiver in EXCUSED


def test_what_is_lawful_is_done() -> None:
    """So that the property above is not true of nothing at all."""
    fresh = datetime(2026, 11, 20, 9, tzinfo=SHANGHAI)
    account = household(charge("2026-01-15"), use="residential", place="CN-3301", data_as_of=fresh)
    step = Step(id="care", title=Text("关怀", "care"), action="care")

    def done(*effects: Effect) -> list[str]:
        own = Action("care", Text("关怀", "care"), effects)
        book = replace(RESIDENTIAL, actions={"care": own}, reminders=(), pauses=(), ladder=Ladder(steps=(step,)))
        return [action.action for action in assess(account, book, on=date(2026, 11, 20)).actions]

    assert (done(), done("contact_debtor"), done("lift_access")) == (["care"], ["care"], [])


@settings(max_examples=100)
@given(books())
def test_a_book_with_a_forbidden_effect_never_loads(book: RuleBook) -> None:
    found = {finding.code for finding in unlawful(book)}
    done = {effect for name, action in book.actions.items() for effect in action.effects}
    done |= {effect for name in book.actions if name in ACTIONS for effect in ACTIONS[name].effects}

    if done & NEVER:
        assert found & {"L401", "L402"}


@settings(max_examples=60)
@given(books(), days, accounts())
def test_what_loads_is_never_prohibited_for_anybody_but_by_an_exception_not_met(
    book: RuleBook, on: date, account: Account
) -> None:
    """The guard of a day may still say no to a book that loads, but only where an exception could have said yes."""
    if any(finding.severity == "error" for finding in unlawful(book)):
        return
    account = replace(account, use="residential")
    for step in book.ladder.steps:
        verdict = may(step.id, book, on=on, account=account)
        for hit in verdict.hits:
            assert not isinstance(hit, Prohibition) or hit.unless is not None or hit.verdict == "review"


@settings(max_examples=100)
@given(own_actions(), days, st.none() | accounts(), st.data())
def test_a_local_permission_never_relaxes_a_statute(
    action: Action, on: date, account: Account | None, data: st.DataObject
) -> None:
    allowed = data.draw(st.lists(st.sampled_from(EFFECTS), min_size=1, max_size=28, unique=True))
    permit = Permit(articles=("ZZZ-1",), effects=tuple(allowed), actions=(action.id,))
    local = pack(article("ZZZ-1"), place="CN-330106", layer="local", permits=[permit])
    book = replace(RESIDENTIAL, actions={action.id: action})
    with_permit = replace(book, laws=(*book.laws, local))

    before, after = (may(action.id, one, on=on, account=account, place="CN-330106") for one in (book, with_permit))

    assert (after.verdict, after.conditions) == (before.verdict, before.conditions)
    assert not before.prohibited or after.article_ids == before.article_ids


@settings(max_examples=100)
@given(own_actions(), days, st.none() | accounts(), st.data())
def test_another_layer_only_makes_it_stricter(
    action: Action, on: date, account: Account | None, data: st.DataObject
) -> None:
    rules: dict[str, Any] = {
        "prohibitions": [Prohibition(verdict=data.draw(st.sampled_from(WORDS[1:])), articles=("ZZZ-1",),
                                     effects=data.draw(effects.filter(bool)))],
        "gates": [Gate(articles=("ZZZ-1",), effects=data.draw(effects.filter(bool)), says=Text("须", "needed"))],
    }  # fmt: skip
    local = pack(article("ZZZ-1"), place="CN-330106", layer=data.draw(st.sampled_from(("local", "policy"))), **rules)
    book = replace(RESIDENTIAL, actions={action.id: action})
    stricter = replace(book, laws=(*book.laws, local))

    before, after = (may(action.id, one, on=on, account=account, place="CN-330106") for one in (book, stricter))

    assert WORDS.index(after.verdict) >= WORDS.index(before.verdict)


@settings(max_examples=60)
@given(own_actions(), days, st.none() | accounts(), places, st.integers(0, 2**32))
def test_the_order_of_files_and_of_rules_in_them_changes_nothing(
    action: Action, on: date, account: Account | None, place: str | None, seed: int
) -> None:
    shuffle = Random(seed).shuffle

    def shuffled(one: LawPack) -> LawPack:
        lists: dict[str, Any] = {}
        for name in ("articles", "prohibitions", "gates", "limits", "permits", "bills"):
            lists[name] = list(getattr(one, name))
            shuffle(lists[name])
        return replace(one, **{name: tuple(items) for name, items in lists.items()})

    laws = [shuffled(one) for one in RESIDENTIAL.laws]
    shuffle(laws)
    books = (replace(RESIDENTIAL, actions={action.id: action}, laws=tuple(given)) for given in (RESIDENTIAL.laws, laws))
    one, other = (told(may(action.id, book, on=on, account=account, place=place)) for book in books)

    assert one == other


@settings(max_examples=100)
@given(st.sampled_from(sorted(ACTIONS)), days, places, st.none() | accounts())
def test_every_question_has_an_answer_with_words_in_both_languages(
    action: str, on: date, place: str | None, account: Account | None
) -> None:
    verdict = rule_on(ACTIONS[action], RESIDENTIAL, on=on, place=place)
    asked = may(action, RESIDENTIAL, on=on, place=place, account=account)

    for each in (verdict, asked):
        assert each.reason.zh
        assert each.reason.en
        assert "滞纳金" not in each.reason.zh
        assert each.articles or each.verdict in ("allowed", "review")  # review: what held that day is in no pack
        assert bool(each.needed) <= (each.verdict != "allowed")
