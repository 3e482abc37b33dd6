"""What holds of every ladder and household: nothing is left unsaid or done twice, and nothing hangs on order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from dunning.basis.finding import Text
from dunning.engine.known.contacts import FAILED
from dunning.engine.known.facts import Facts
from dunning.engine.known.logic import truth
from dunning.engine.ladder.ladder import Steps, steps_of
from dunning.engine.law import guard
from dunning.engine.owed.ledger import replay
from dunning.engine.steps.candidates import CODES, Candidate, Withheld
from dunning.engine.steps.channels import as_it_goes
from dunning.engine.steps.ready import ready
from dunning.model.account import SHANGHAI, Account, Channel, Contact, Outcome, Promise
from dunning.model.anchor import Anchor, AnchorWindow, CalendarWindow, Duration, Event, Window
from dunning.model.condition import (
    ALWAYS,
    All,
    Anything,
    Bound,
    Check,
    Condition,
    Contains,
    Not,
    Nothing,
    OneOf,
    Range,
    Test,
    Unknown,
)
from dunning.model.condition import Any as Any_
from dunning.model.law import Prohibition
from dunning.model.rulebook import RuleBook
from dunning.model.steps import ApprovalRule, Channels, Gives, Ladder, Pause, Recorded, Repeat, Step, Stop
from dunning.testing import making
from dunning.testing.making import Pick, make_history
from dunning.testing.strategies import FIRST, days, picks
from escalation import in_full, pack
from laws import article
from laws import pack as law_pack

NAMES = ("r0", "r1", "s0", "s1", "s2", "s3")
_EVENTS: tuple[Event, ...] = ("paid", "promise", "dispute", "settled")


# Books and households


def at_least(fact: str, count: int) -> Check:
    return Check(fact, Range(Bound(count, included=True, written=str(count)), None), f">= {count}")


def is_true(fact: str) -> Check:
    return Check(fact, OneOf((True,), ("true",)), "true")


def make_when(pick: Pick, of: str) -> Condition:
    own = at_least("charge_unpaid", 100) if of == "charge" else at_least("arrears", 300)
    return pick.one((ALWAYS, ALWAYS, ALWAYS, at_least("overdue_days", 20), own, is_true("refused")))


def make_window(pick: Pick, *, ladder: bool) -> Window | None:
    kind = pick.number(0, 9)
    if kind < 6:
        first = Anchor("due", offset=Duration(pick.number(-10, 40), "d"))
        last = Anchor("due", offset=Duration(first.offset.count + pick.number(0, 20), "d")) if pick.chance(60) else None
        return AnchorWindow(first, last)
    if kind == 6:
        return CalendarWindow("month", 10, 15)
    if kind == 7:
        return AnchorWindow(Anchor("done", "s0", Duration(pick.number(0, 5), "d")))
    if ladder:
        return None
    return AnchorWindow(Anchor(pick.one(_EVENTS)), Anchor("paid", offset=Duration(3, "d")) if pick.chance(50) else None)


def make_step(pick: Pick, name: str, *, ladder: bool) -> Step:
    of = pick.one(("account", "account", "account", "charge"))
    return Step(
        id=name,
        title=Text(name, name),
        action=pick.one(("call", "call", "visit", "send_message", "formal_demand", "mediate")),
        window=make_window(pick, ladder=ladder),
        of=of,
        when=make_when(pick, of),
        after=(Anchor("done", "s0"),) if name == "s2" and pick.chance(40) else (),
        repeat=Repeat(Duration(pick.number(1, 9), "d"), pick.one((None, 2, 3))) if pick.chance(30) else None,
        channels=pick.one((None, Channels("first_of", ("phone", "sms")), Channels("all_of", ("sms", "wechat")))),
        record=pick.one(((), (), (), ("outcome",), ("reason", "outcome"), ("promise",))),
        approval=ApprovalRule(("legal",)) if pick.chance(15) else None,
        gives=Gives(Duration(pick.number(5, 20), "d"), from_="sent") if pick.chance(20) else None,
        late=pick.one(("keep", "drop")) if ladder else "drop",
        once_per=pick.one((None, None, None, "month", "episode")),
    )


def make_book(pick: Pick, **ladder: Any) -> RuleBook:
    said = {"catch_up": pick.one(("only_highest", "lowest_first", "all")), **ladder}
    return replace(
        making.make_book(pick, chase_from=pick.one((1, 50))),
        reminders=tuple(make_step(pick, name, ladder=False) for name in NAMES[:2]),
        ladder=Ladder(steps=tuple(make_step(pick, name, ladder=True) for name in NAMES[2:]), **said),
        pauses=(Pause(while_=is_true("promise_open"), stops=(Stop("all"),)),) if pick.chance(30) else (),
    )


def make_account(pick: Pick) -> Account:
    account = make_history(pick, steps=NAMES)
    return replace(
        account, unknown=pick.one(((), (), (), ("contacts",), ("contacts.step",), ("disputes", "approvals")))
    )


def steps(account: Account, book: RuleBook, on: date) -> Steps:
    return in_full(steps_of(Facts(account, replay(account, book, on), book), {}))


def told(each: Candidate | Withheld) -> tuple[object, ...]:
    """All that an assessment shows of a step."""
    if isinstance(each, Withheld):
        return each.step, each.charge, each.codes, each.until, each.because
    charges = tuple(state.charge.id for state in each.charges)
    shown = (each.step.id, each.charge_id, each.codes, None, each.because, each.since, each.last, each.key)
    return (*shown, charges, each.to, each.channels, each.role, each.tone, each.template, each.ask, each.pay_by)


def due(found: Iterable[Candidate | Withheld]) -> list[Candidate]:
    return [each for each in found if isinstance(each, Candidate)]


# What holds


@given(picks(), days())
def test_every_step_is_told_with_its_codes_in_order(pick: Pick, on: date) -> None:
    book, account = make_book(pick), make_account(pick)
    found = steps(account, book, on).candidates
    configured = [step.id for step in (*book.reminders, *book.ladder.steps)]
    assert list(dict.fromkeys(told(each)[0] for each in found)) == configured
    for each in found:
        assert list(each.codes) == [code for code in CODES if code in each.codes]
        assert each.codes[-1:] <= ("unreachable",) or set(each.codes).isdisjoint(CODES[CODES.index("stale_data") :])
        if isinstance(each, Withheld):
            assert each.codes
            assert each.until is None or each.until >= on or "not_yet" not in each.codes
        else:
            assert each.key
            assert each.since is not None
            assert each.since <= on
            assert each.last is None or on <= each.last
    keys = [each.key for each in due(found)]
    assert len(keys) == len(set(keys))


@given(picks(), days())
def test_only_the_highest_or_the_lowest_open_rung_goes(pick: Pick, on: date) -> None:
    book, account = make_book(pick), make_account(pick)
    codes = [(told(each)[0], each.codes) for each in steps(account, book, on).candidates]
    rungs = [(NAMES.index(name), withheld) for name, withheld in codes if name in NAMES[2:]]
    open_ = {rank for rank, withheld in rungs if not withheld}
    if book.ladder.catch_up == "all":
        assert not any("superseded" in withheld for _, withheld in rungs)
        return
    assert len(open_) <= 1
    superseded = [rank for rank, withheld in rungs if "superseded" in withheld]
    if book.ladder.catch_up == "lowest_first":
        assert not superseded or (open_ and min(superseded) > max(open_))
    elif superseded:
        done = [rank for rank, withheld in rungs if "done" in withheld]
        assert max(superseded) < max([*open_, *done, *_done_once(account)])


def _done_once(account: Account) -> list[int]:
    """Rungs that repeat and are open again, were done as well."""
    names = {contact.step for contact in account.contacts}
    return [rank for rank, name in enumerate(NAMES) if name in names]


@given(picks(), days(), st.integers(0, 3))
def test_a_rung_that_waits_for_a_signature_changes_nothing_for_the_others(pick: Pick, on: date, which: int) -> None:
    book, account = make_book(pick), make_account(pick)
    blocked = f"s{which}"
    never_done = replace(
        account,
        contacts=tuple(contact for contact in account.contacts if contact.step != blocked),
        approvals=tuple(each for each in account.approvals if each.of != blocked),
    )
    rungs = tuple(
        replace(rung, approval=ApprovalRule(("finance",))) if rung.id == blocked else rung for rung in book.ladder.steps
    )
    waiting = replace(book, ladder=replace(book.ladder, steps=rungs))
    without = replace(book, ladder=replace(book.ladder, steps=tuple(rung for rung in rungs if rung.id != blocked)))
    if blocked == "s0":
        return  # others wait for it by name
    with_it = [told(each)[:4] for each in steps(never_done, waiting, on).candidates if told(each)[0] != blocked]
    assert with_it == [told(each)[:4] for each in steps(never_done, without, on).candidates]


@given(picks(), days(), st.randoms(use_true_random=False))
def test_the_order_of_records_changes_nothing(pick: Pick, on: date, random: Any) -> None:
    book, account = make_book(pick), make_account(pick)
    shuffled = {
        name: tuple(random.sample(getattr(account, name), len(getattr(account, name))))
        for name in ("charges", "contacts", "approvals", "disputes", "payments", "plans", "holds")
    }
    again = replace(account, **shuffled)
    one, other = steps(account, book, on), steps(again, book, on)
    assert sorted(map(repr, map(told, one.candidates))) == sorted(map(repr, map(told, other.candidates)))
    assert one.ended == other.ended


@given(picks(), days(0, 60))
def test_records_of_later_days_change_nothing(pick: Pick, on: date) -> None:
    book, account = make_book(pick), make_account(pick)
    known = replace(
        account,
        contacts=tuple(each for each in account.contacts if each.at.date() <= on),
        approvals=tuple(each for each in account.approvals if each.at.date() <= on),
        disputes=tuple(
            replace(each, closed=_by(each.closed, on), answered=_by(each.answered, on))
            for each in account.disputes
            if each.opened <= on
        ),
    )
    assert list(map(told, steps(known, book, on).candidates)) == list(map(told, steps(account, book, on).candidates))


def _by(day: date | None, on: date) -> date | None:
    return day if day is not None and day <= on else None


def make_alike(pick: Pick) -> list[Account]:
    """One household with nothing on record but bills and payments, and others that differ from it in one thing."""
    account = make_account(pick)
    bare = replace(account, contacts=(), approvals=(), disputes=(), holds=(), plans=(), unknown=())
    later, more = timedelta(days=pick.number(1, 9)), pick.number(2, 30)
    return [
        bare,
        replace(bare, id="ANOTHER"),
        replace(bare, debtor=replace(bare.debtor, reachable=pick.one((("phone",), ("sms",), ())))),
        replace(bare, charges=tuple(replace(each, amount=each.amount * more) for each in bare.charges)),
        replace(bare, charges=tuple(replace(each, due=each.due and each.due + later) for each in bare.charges)),
        replace(account, payments=()),
    ]


@given(picks(), days())
def test_households_told_alike_are_told_as_each_would_be_alone(pick: Pick, on: date) -> None:
    """A book remembers what it told others; a copy of it has told nobody anything yet."""
    book = replace(make_book(pick), laws=pick.one(((), pack().laws)))
    for account in make_alike(pick):
        for day in (on, on + timedelta(days=pick.number(1, 20))):
            alone = steps(account, replace(book), day)
            assert list(map(told, steps(account, book, day).candidates)) == list(map(told, alone.candidates))
            assert steps(account, book, day)._replace(read=alone.read) == alone


@given(picks())
def test_done_on_its_day_nothing_is_done_twice(pick: Pick) -> None:
    """Played forward for three months: every due step is done at once, and no key ever comes up again."""
    book, account = make_book(pick), make_account(pick)
    book = replace(
        book,
        ladder=replace(book.ladder, steps=tuple(replace(rung, repeat=None, record=()) for rung in book.ladder.steps)),
        reminders=tuple(replace(step, repeat=None, record=(), once_per=None) for step in book.reminders),
    )
    account = replace(account, contacts=(), payments=(), unknown=())
    keys: set[str] = set()
    for number in range(0, 90, 3):
        on = FIRST + timedelta(days=number)
        today = due(steps(account, book, on).candidates)
        assert keys.isdisjoint(each.key for each in today)
        keys |= {each.key for each in today}
        account = replace(account, contacts=(*account.contacts, *(_done(each, on) for each in today)))
        assert keys.isdisjoint(each.key for each in due(steps(account, book, on).candidates))


def _done(each: Candidate, on: date) -> Contact:
    at = datetime.combine(on, datetime.min.time(), SHANGHAI) + timedelta(hours=10)
    charges = None if each.charge_id is None else (each.charge_id,)
    return Contact(id=each.key, at=at, step=each.step.id, outcome="sent", key=each.key, charges=charges)


def make_pressing(pick: Pick) -> tuple[RuleBook, Account]:
    """A book that wants results recorded, and a household that owes and has not been spoken to often."""
    book, account = make_book(pick), make_account(pick)
    steps = tuple(replace(rung, record=pick.one(_RECORDS)) for rung in book.ladder.steps)
    reminders = tuple(replace(step, record=pick.one(_RECORDS)) for step in book.reminders)
    account = replace(account, payments=(), holds=(), unknown=(), contacts=account.contacts[:1])
    return replace(book, ladder=replace(book.ladder, steps=steps), reminders=reminders), account


_RECORDS: tuple[tuple[Recorded, ...], ...] = ((), ("outcome",), ("reason", "outcome"), ("promise",))


@given(picks(), days(30))
def test_what_went_out_today_is_not_due_again_today_unless_it_failed(pick: Pick, on: date) -> None:
    book, account = make_pressing(pick)
    today = due(steps(account, book, on).candidates)
    said = [_came_back(pick, each, on) for each in today]
    told_of = replace(account, contacts=(*account.contacts, *said))
    failed = {_about(each) for each, contact in zip(today, said, strict=True) if contact.outcome in FAILED}
    again = {_about(each) for each in due(steps(told_of, book, on).candidates)}
    assert again & {_about(each) for each in today} <= failed


@given(picks(), days(30))
def test_a_result_is_awaited_by_name_and_for_a_while(pick: Pick, on: date) -> None:
    """A step that rests for what is still to be recorded says what, and until when, and is not done with that day."""
    book, account = make_pressing(pick)
    said = [_came_back(pick, each, on) for each in due(steps(account, book, on).candidates)]
    account = replace(account, contacts=(*account.contacts, *said))
    ids = {f"contacts/{contact.id}" for contact in said}
    for each in steps(account, book, on).candidates:
        lacking = [one.value for one in each.because if one.code == "done" and one.name in ids and one.value]
        if isinstance(each, Withheld) and each.code == "done" and lacking:
            assert each.until is not None
            assert on < each.until
            over = steps(account, book, each.until + timedelta(days=1))
            later = [one for one in over.candidates if told(one)[:2] == (each.step, each.charge)]
            assert all(_awaited_no_more(one, ids) for one in later)


def _awaited_no_more(each: Candidate | Withheld, ids: set[str]) -> bool:
    return not isinstance(each, Withheld) or not any(one.code == "done" and one.name in ids for one in each.because)


def _came_back(pick: Pick, each: Candidate, on: date) -> Contact:
    """A contact of a step as it may be recorded: whole, in part, or by a receipt alone."""
    return replace(
        _done(each, on),
        outcome=pick.one((*get_args(Outcome), None, "sent")),
        reason=pick.one((None, None, "forgot")),
        promise=Promise(on=on + timedelta(days=3)) if pick.chance(20) else None,
        channel=pick.one((None, *(each.channels.channels if each.channels is not None else ()))),
    )


def _about(each: Candidate) -> tuple[str, str | None, str]:
    """The step, and what it comes up for: two promises are two occasions."""
    return each.step.id, each.charge_id, each.anchor_record


# The law, in the form a step goes out in

_FORMS = ("call", "visit", "send_message", "deliver_letter")
_BY: tuple[Channel, ...] = ("phone", "visit", "wechat", "letter")


@given(picks(), days(30))
def test_nothing_goes_out_in_a_form_the_law_forbids(pick: Pick, on: date) -> None:
    """Whatever channels are left, and whichever of those offered is used."""
    book, account = make_pressing(pick)
    rungs = tuple(replace(rung, channels=_any_way(pick)) for rung in book.ladder.steps)
    forbidden = [
        Prohibition(verdict="prohibited", articles=("L-1",), actions=(name,), for_=make_when(pick, "account"))
        for name in _FORMS if pick.chance(40)
    ]  # fmt: skip
    laws = (law_pack(article("L-1"), prohibitions=forbidden),)
    book = replace(book, laws=laws, ladder=replace(book.ladder, steps=rungs))
    account = replace(account, debtor=replace(account.debtor, reachable=pick.one((None, ("wechat",), ("visit",)))))
    facts = Facts(account, replay(account, book, on), book)
    for each in due(steps(account, book, on).candidates):
        channels = each.channels
        alone = [Channels("first_of", (way,)) for way in channels.channels] if channels is not None else []
        ways = alone if channels is not None and channels.mode == "first_of" else [channels]
        for way in ways:
            action = as_it_goes(guard.find_action(each.step.action, book), way)
            step = each.step if way is None else replace(each.step, channels=way)
            assert not guard.rule_on(action, book, on=on, facts=facts, step=step).prohibited


def _any_way(pick: Pick) -> Channels:
    some = [way for way in _BY if pick.chance(60)]
    return Channels("first_of", tuple(some or _BY))


# Conditions made ready

_NUMBERS = st.integers(-2, 4)
_WORDS = st.sampled_from("abc")
_BOUND = st.none() | st.builds(Bound, _NUMBERS, included=st.booleans(), written=st.just(""))
_TESTS: st.SearchStrategy[Test] = st.one_of(
    st.builds(Range, _BOUND, _BOUND),
    st.builds(
        lambda values, negated: OneOf(tuple(values), (), negated),
        st.lists(_NUMBERS | _WORDS | st.booleans()),
        st.booleans(),
    ),
    st.builds(lambda words, negated: Contains(tuple(words), negated), st.lists(_WORDS), st.booleans()),
    st.builds(Nothing, st.booleans()),
    st.just(Anything()),
)
_CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    st.builds(Check, st.sampled_from("pqr"), _TESTS, st.just("")),
    lambda inner: (
        st.builds(lambda parts: All(tuple(parts)), st.lists(inner, max_size=3))
        | st.builds(lambda parts: Any_(tuple(parts)), st.lists(inner, max_size=3))
        | st.builds(Not, inner)
    ),
    max_leaves=6,
)
_VALUES = _NUMBERS | _WORDS | st.booleans() | st.frozensets(_WORDS) | st.none() | st.just(Unknown(("x",)))


@given(_CONDITIONS, st.fixed_dictionaries(dict.fromkeys("pqr", _VALUES)))
def test_a_condition_made_ready_says_what_the_reference_says(condition: Condition, facts: dict[str, Any]) -> None:
    assert ready(condition)(facts.__getitem__) is truth(condition, facts.__getitem__)
