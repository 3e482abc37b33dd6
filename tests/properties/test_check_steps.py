"""What `check` says of steps taken together, held against plays of small books: nobody is sought more often than it
says, and no step comes of which it says that it never does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dunning
from dunning import Account, RuleBook
from dunning.basis.finding import has_errors
from dunning.check.burden import Load, days_of, loads
from dunning.check.coming import parts
from dunning.engine.contact.caps import Numbered, attempts
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.facts import Facts
from dunning.engine.known.logic import Read, truth
from dunning.engine.owed.ledger import replay
from dunning.engine.timeline import Timeline
from dunning.model.account import SHANGHAI, Charge, Contract, Party
from dunning.model.anchor import AnchorWindow
from dunning.model.condition import Unknown, Value
from dunning.model.steps import Contact
from dunning.testing.making import FIRST, Pick, from_random, make_history

DUE = date(2026, 3, 2)
TABLES = """
tables:
  grade:
    title: 等级
    output: [S, A, B]
    hit: first
    rows:
      - {when: {arrears: 超过1万元}, then: S}
      - {when: {arrears: 超过3000元}, then: A}
      - {else: B}
  stage:
    title: 阶段
    output: [early, late]
    hit: unique
    rows:
      - {when: {overdue_days: 20天以内}, then: early}
      - {when: {overdue_days: 超过20天}, then: late}
"""
WHENS = (
    "", "", "grade: S", "grade: [S, A]", "grade: 非 S", "arrears: 超过5000元", "arrears: 5000元以下", "tags: vip",
    "tags: 不含 vip", "overdue_days: 超过15天", "overdue_days: 15天以内", "stage: early", "stage: late",
    "overdue_days: 10天至25天", "any: [{tags: vip}, {overdue_days: 超过30天}]",
)  # fmt: skip
ACTIONS = (
    "call", "call", "visit", "send_message", "send_message", "send_notice", "deliver_letter", "refer_to_legal",
    "formal_demand",
)  # fmt: skip
CHANNELS = ("", "", "{first_of: [sms, phone]}", "{all_of: [sms, wechat]}", "{all_of: [sms, letter]}", "wechat")


seeds = st.integers(0, 2**32)
"""Books at random rather than plain ones first: what is plain breaks nothing here."""


def a_step(pick: Pick, names: list[str], *, rung: bool) -> str:
    """One step as a line of a rule file; it may follow one of these."""
    name = f"s{len(names)}"
    said = {"step": name, "title": name.upper(), "action": pick.one(ACTIONS)}
    first = pick.number(-9 if not rung else 1, 25)
    kind = pick.number(0, 9)
    if kind == 0 and names:
        said["at"] = f"done({pick.one(names)}) + {pick.number(0, 9)}d"
    elif kind == 1 and not rung:
        day = pick.number(1, 20)
        said["at"] = f"day {day}..{day + pick.number(0, 6)} of month"
    elif kind > 2 or not rung:
        said["at"] = f"due {'-' if first < 0 else '+'} {abs(first)}d"
    if said.get("at", "").startswith("due") and pick.chance(50):
        last = first + pick.number(0, 9)
        said["at"] += f" .. due {'-' if last < 0 else '+'} {abs(last)}d"
    if kind == 2 and names:
        said["after"] = f"[{pick.one(('done', 'delivered'))}({pick.one(names)})]"
    if pick.chance(30):
        times = f", times: {pick.number(1, 4)}" if pick.chance(50) else ""
        said["repeat"] = f"{{every: {pick.number(1, 8)}d{times}}}"
    if when := pick.one(WHENS):
        said["when"] = f"{{{when}}}"
    if channels := pick.one(CHANNELS):
        said["channels"] = channels
    if pick.chance(10):
        said["of"] = "charge"
    if pick.chance(10):
        said["late"] = "keep" if not rung else "drop"
    names.append(name)
    return f"{{{', '.join(f'{key}: {value}' for key, value in said.items())}}}"


def a_book(pick: Pick) -> str:
    """A rule file with a few reminders, a short ladder and caps that are soon reached."""
    names: list[str] = []
    lines = ["rulebook: x", "applies: {use: residential}", TABLES, "contact:", "  caps:"]
    lines += [
        f"    - {{at_most: 1, of: {of}, per: {pick.number(1, 14)}d}}" for of in ("any", "phone", "message", "visit")
    ]
    lines += ["reminders:", *(f"  - {a_step(pick, names, rung=False)}" for _ in range(pick.number(1, 4)))]
    lines += ["ladder:", f"  catch_up: {pick.one(('only_highest', 'only_highest', 'lowest_first', 'all'))}"]
    lines += [f"  min_gap: {pick.number(0, 5)}d", "  at_end: refer_to_management", "  steps:"]
    lines += [f"    - {a_step(pick, names, rung=True)}" for _ in range(pick.number(1, 4))]
    return "\n".join(lines)


def a_household(pick: Pick) -> Account:
    """Somebody with one bill, which is not paid."""
    amount = pick.one((1000_00, 4000_00, 8000_00, 20_000_00))
    debtor = Party(id="D", kind="person", tags=("vip",) if pick.chance(50) else ())
    contract = Contract(id="K", kind="committee", late_fee_clause=True, clause_shown=True)
    due = DUE + timedelta(days=pick.number(0, 27))
    charge = Charge(id="C1", amount=amount, due=due)
    return Account(id="A", use="residential", debtor=debtor, contracts=(contract,), charges=(charge,))


def played(book: RuleBook, account: Account) -> Timeline:
    """What is done about a household that says nothing, where no cap and no law holds anything back."""
    due = account.charges[0].due
    assert due is not None
    free = replace(book, contact=Contact(), laws=())
    return dunning.timeline(account, free, since=due - timedelta(days=30), until=due + timedelta(days=75))


def most_sought(account: Account, cap: Numbered, until: date) -> int:
    """The most contacts under a cap in any of its stretches. What went by no channel was no contact."""
    contacts = tuple(contact for contact in account.contacts if contact.channel is not None)
    made = attempts([replace(account, contacts=contacts)], until, 400)
    days = sorted(day for each in made if (day := each.last(cap.counted)))
    return max((sum(first <= day < first + days_of(cap) for day in days) for first in days), default=0)


def highest(book: RuleBook) -> Sequence[Load]:
    found = loads(book)
    return () if found is None else found.highest


def checked(text: str, path: Path) -> tuple[RuleBook | None, list[dunning.Finding]]:
    path.write_text(text, encoding="utf-8")
    found = dunning.check(path)
    return None if has_errors(found) else dunning.load(path), found


def of_steps(found: list[dunning.Finding], book: RuleBook) -> set[str]:
    """The steps of which it is said that they never come."""
    titles = {each.args["step"].en for each in found if each.code in ("Q512", "Q513")}
    return {step.id for step in (*book.reminders, *book.ladder.steps) if step.title.en in titles}


@settings(max_examples=25)
@given(seeds)
def test_nobody_is_sought_more_often_and_nothing_comes_that_never_does(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    pick = from_random(Random(seed))
    book, found = checked(a_book(pick), tmp_path_factory.mktemp("x") / "x.yaml")
    if book is None:
        return
    never = of_steps(found, book)
    for _ in range(3):
        account = a_household(pick)
        play = played(book, account)

        assert never.isdisjoint(event.name for event in play.events if event.kind == "action")
        for load in highest(book):
            assert most_sought(play.last.account, load.cap, play.until) <= load.most, load.cap.name


def test_what_is_told_is_not_far_from_what_happens(tmp_path: Path) -> None:
    """So that the property is not true of a bound nobody gets near, and steps that never come are found."""
    pick = from_random(Random(7))
    told, reached, never = 0, 0, 0
    for _ in range(14):
        book, found = checked(a_book(pick), tmp_path / "x.yaml")
        if book is not None:
            plays = [played(book, a_household(pick)) for _ in range(4)]
            for load in highest(book):
                told += 1
                reached += any(most_sought(play.last.account, load.cap, play.until) == load.most for play in plays)
            never += len(of_steps(found, book))

    assert told > 15
    assert reached > told / 10
    assert never > 2


# When a step may come


def household_of(pick: Pick, book: RuleBook) -> Account:
    """Any household with a history under the steps of a book."""
    account = make_history(pick, steps=[step.id for step in (*book.reminders, *book.ladder.steps)] or ["none"])
    account = replace(account, use=pick.one(("residential", "parking", "commercial")), unknown=())
    return replace(account, handed_over=FIRST + timedelta(days=pick.number(-40, 60)))


def a_day(pick: Pick, book: RuleBook, account: Account) -> date:
    """A day about a due date, mostly the first or the last of a step, when it comes to what holds on that day."""
    begins = account.charges[0].due or FIRST
    ends = [
        anchor.offset.count
        for step in (*book.reminders, *book.ladder.steps)
        if isinstance(step.window, AnchorWindow)
        for anchor in (step.window.first, step.window.last)
        if anchor is not None and anchor.event == "due" and anchor.offset.unit == "d"
    ]
    return begins + timedelta(days=pick.one(ends) if ends and pick.chance(70) else pick.number(-40, 60))


def reading(facts: Facts, result: dunning.Assessment, charge: str | None) -> Read:
    """What conditions read of a household, and of one of its charges."""
    state = next((each for each in facts.ledger.charges if each.charge.id == charge), None)
    graded = {each.id: each.grades for each in result.charges}.get(charge or "", {})

    def read(fact: str) -> Value | Unknown:
        if fact in graded or fact in result.grades:
            return (graded.get(fact) or result.grades[fact]).fact
        if fact.startswith("charge_"):
            return Unknown((fact,)) if state is None else facts.charge_value(fact, state)
        return facts.value(fact) if fact in CATALOGUE or fact in facts.book.facts else Unknown((fact,))

    return read


@settings(max_examples=30)
@given(seeds, st.sampled_from(("residential", "commercial", "parking", "handover", "generated", "generated")))
def test_whatever_is_due_is_as_its_day_and_condition_say(
    tmp_path_factory: pytest.TempPathFactory, seed: int, name: str
) -> None:
    pick = from_random(Random(seed))
    if name == "generated":
        book, _ = checked(a_book(pick), tmp_path_factory.mktemp("x") / "x.yaml")
    else:
        book = dunning.load(name)
    if book is None:
        return
    for _ in range(12):
        account = a_household(pick) if pick.chance(50) else household_of(pick, book)
        on = a_day(pick, book, account)
        account = replace(account, data_as_of=datetime.combine(on, time(23), SHANGHAI))
        result = dunning.assess(account, book, on=on)
        facts = Facts(account, replay(account, book, on), book)
        for action in result.actions:
            step = book.step(action.step)
            assert step is not None
            read = reading(facts, result, action.charge)
            for part in parts(step, book):
                assert truth(part, read) is not False, (step.id, part)
