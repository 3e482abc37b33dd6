"""A year of contacts under any book: no cap is ever exceeded, nobody is sought at night, no quota is quietly missed.

Each day steps fall due at random and what goes out is done: it fails, is answered, or falls back to the next channel
at once. What may have been done is counted here anew, from the contacts alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contacting import CALENDAR, at_least, book, debtor, lawful_hours, length, moment, plan, policy, share, step
from dunning.engine.assess import assess_group
from dunning.engine.result import Action, Carried
from dunning.engine.steps.candidates import Candidate, Withheld
from dunning.engine.worklist import Due, Outcome
from dunning.model.account import SHANGHAI, Account, Channel, Contact, Party, Promise
from dunning.model.anchor import Anchor, AnchorWindow, Duration
from dunning.model.law import LegalLimit
from dunning.model.rulebook import RuleBook
from dunning.model.steps import CLASS_OF, Gives, Limit, Repeat, Step
from households import charge

START = date(2026, 1, 1)
DAY = timedelta(days=1)

STRETCHES = ("", "10:00-12:00 15:00-18:00", "00:00-24:00", "06:00-09:30", "20:00-23:30", "08:30-20:30", "11:00-11:30")
CAPS = (
    "1 phone per 1d", "3 phone per 7d", "2 phone per 30d", "1 visit per 7d", "5 any per 7d", "2 any per 3d",
    "1 any per 1d", "8 any per 30d", "1 message per 2d", "2 sms per 7d", "1 wechat per 5d", "1 post per 30d",
    "1 ems per 60d", "4 any per 1mo", "0 ai_voice per 1d",
)  # fmt: skip
QUOTAS = ("2 any per 7d", "1 phone per 3d", "4 any per 30d")
CHANNELS = (
    "phone", "phone wechat", "visit", "sms wechat app", "sms+wechat", "ems+sms", "ai_voice sms", "visit phone sms",
    "letter", "sms phone", "email",
)  # fmt: skip


# Books, and a year of one person


def make_book(random: Random, name: str) -> RuleBook:
    windows = {
        of: {kind: random.choice(STRETCHES) for kind in ("workday", "rest_day", "festival")}
        for of in ("phone", "visit", "message")
        if random.random() < 0.7
    }
    limits = [lawful_hours("08:00-22:00")] if random.random() < 0.5 else []
    if random.random() < 0.3:
        limits.append(LegalLimit(of="contacts", articles=("P-1",), at_most=random.randint(1, 4), per=length("7d")))
    return book(
        *random.sample(CAPS, random.randint(0, 5)),
        windows=windows,
        quotas=[at_least(text) for text in random.sample(QUOTAS, random.randint(0, 2))],
        min_gap=random.choice(("0d", "0d", "2d", "3d", "48h")),
        laws=(policy(*limits),) if limits else (),
        name=name,
    )


def make_step(random: Random, on: date, number: int, gap_since: datetime | None) -> Candidate:
    kind = random.choice(("ladder", "promise", "reminder"))
    return step(
        f"s{number}",
        random.choice(CHANNELS),
        kind=kind,
        rank=number,
        tone=random.choice(("friendly", "service_value", "firm", "legal")),
        priority=random.choice((None, None, None, 1, 2)),
        since=on - DAY * random.randint(0, 9),
        last=on + DAY * random.randint(0, 3) if kind != "ladder" else None,
        gap_since=gap_since if kind == "ladder" else None,
    )


@dataclass
class Year:
    """One person with one or two accounts, and what was done about them so far."""

    random: Random
    books: list[RuleBook]
    accounts: list[Account]
    gaps: dict[str, datetime]
    number: int = 0

    @classmethod
    def begun(cls, random: Random) -> Year:
        """With some contacts of the weeks before, made by people who kept no caps."""
        books = [make_book(random, f"b{n}") for n in range(random.choice((1, 1, 2)))]
        accounts = [Account(id=f"A{n}", debtor=Party(id="O1")) for n in range(random.choice((len(books), 2)))]
        year = cls(random, books, accounts, {})
        for _ in range(random.randint(0, 12)):
            at = datetime.combine(START - DAY * random.randint(1, 30), time(random.randint(0, 23)), SHANGHAI)
            year.record(
                random.choice(accounts), at, random.choice(list(CLASS_OF)), random.choice(("sent", "undeliverable"))
            )
        return year

    def book_of(self, place: int) -> RuleBook:
        return self.books[place % len(self.books)]

    def record(self, account: Account, at: datetime, channel: str, outcome: str, key: str | None = None) -> None:
        self.number += 1
        contact = Contact(
            id=f"C{self.number}", at=at, channel=channel, outcome=outcome, key=key, inbound=self.random.random() < 0.05
        )
        place = next(n for n, each in enumerate(self.accounts) if each.id == account.id)
        self.accounts[place] = replace(account, contacts=(*self.accounts[place].contacts, contact))

    def planned(self, on: date) -> tuple[Outcome, ...]:
        shares = []
        for place, account in enumerate(self.accounts):
            gap = self.gaps.get(account.id)
            steps = [make_step(self.random, on, n, gap) for n in range(self.random.choice((0, 0, 1, 1, 2, 4)))]
            shares.append(share(account, self.book_of(place), *steps))
        outcomes = plan(on.isoformat(), *shares)
        for each, outcome in zip(shares, outcomes, strict=True):
            stood = [due.candidate.step.id for due in outcome.due] + [held.step for held in outcome.withheld]
            assert sorted(stood) == sorted(candidate.step.id for candidate in each.candidates)
            assert all(held.codes for held in outcome.withheld)
        return outcomes

    def carry_out(self, account: str, due: Due) -> None:
        """Does it: by all channels together, or by one after another until one succeeds."""
        channels = due.candidate.channels
        assert channels is not None
        at = due.not_before
        for number, channel in enumerate(channels.channels):
            self.number += 1
            outcome = self.random.choice(("sent", "reached", "no_answer", "undeliverable"))
            key = f"{account} {due.candidate.step.id} {at}" + (f" {number}" if channels.mode == "first_of" else "")
            self.record(next(each for each in self.accounts if each.id == account), at, channel, outcome, key)
            if channels.mode == "first_of" and outcome in ("sent", "reached"):
                break
        if due.candidate.kind == "ladder":
            self.gaps[account] = at


# What holds, counted anew


def groups(contacts: Iterable[Contact]) -> dict[str, list[Contact]]:
    """Our attempts, those under one key together; what could not be delivered is left out."""
    found: dict[str, list[Contact]] = {}
    for contact in contacts:
        if not contact.inbound and contact.outcome != "undeliverable":
            found.setdefault(contact.key or contact.id, []).append(contact)
    return found


def matches(channel: Channel | None, of: str) -> bool:
    assert channel is not None
    kind = CLASS_OF[channel]
    return of in (channel, kind) or (of == "any" and kind != "post")


def counted(contacts: Iterable[Contact], of: str, since: date, on: date) -> int:
    return sum(
        any(matches(contact.channel, of) and since <= contact.at.date() <= on for contact in together)
        for together in groups(contacts).values()
    )


def first_day(limit: Limit, on: date) -> date:
    if limit.per.unit == "d":
        return on - DAY * (limit.per.count - 1)
    assert (limit.per.count, limit.per.unit) == (1, "mo")
    month = date(on.year - (on.month == 1), on.month - 1 or 12, 1)
    last = (date(on.year, on.month, 1) - DAY).day
    return month.replace(day=min(on.day, last)) + DAY


def caps(year: Year) -> list[Limit]:
    found = [cap for place in range(len(year.accounts)) for cap in year.book_of(place).contact.caps]
    for place in range(len(year.accounts)):
        for pack in year.book_of(place).laws:
            found += [
                Limit(count=limit.at_most, of="any", per=limit.per)
                for limit in pack.limits
                if isinstance(limit.at_most, int) and limit.per is not None
            ]
    return found


def everything(year: Year) -> list[Contact]:
    return [contact for account in year.accounts for contact in account.contacts]


def assert_caps_kept(year: Year, on: date) -> None:
    contacts = everything(year)
    for cap in caps(year):
        if counted(contacts, cap.of, on, on):  # what people did before the year began may exceed any cap
            assert counted(contacts, cap.of, first_day(cap, on), on) <= cap.count, cap


def assert_in_hours(year: Year, on: date, due: Due) -> None:
    """In the windows of every book, and never from 22:00 to 08:00; what is tried later fits into the first hours."""
    channels = due.candidate.channels
    assert channels is not None
    classes = {CLASS_OF[channel] for channel in channels.channels} - {"post"}
    assert due.not_before.date() == on
    if not classes:
        assert (due.not_after, due.hours) == (None, ())
        return
    assert due.hours[0] == (due.not_before, due.not_after)
    now = classes if channels.mode == "all_of" else {CLASS_OF[channels.channels[0]]}
    for start, end in due.hours:
        since, until = start.time(), end.time()
        assert start.date() == end.date() == on
        assert time(8) <= since < until <= time(22)
        for place in range(len(year.accounts)):
            rules = year.book_of(place)
            for of in (classes if start == due.not_before else now) & set(rules.contact.windows):
                windows = rules.contact.windows[of][CALENDAR.kind(on)]
                assert any(each.since <= since and (each.until is None or until <= each.until) for each in windows)
    assert all(end < later for (_, end), (later, _) in pairwise(due.hours))


def assert_one_message(outcomes: Sequence[Outcome]) -> None:
    """At the highest tone of all that could have gone in it."""
    messages = [
        due
        for outcome in outcomes
        for due in outcome.due
        if due.candidate.step.action != "formal_demand"
        and {CLASS_OF[channel] for channel in due.candidate.channels.channels[:1]} == {"message"}  # type: ignore[union-attr]
    ]
    assert len(messages) <= 1
    tones = ("friendly", "service_value", "firm", "legal")
    for due in messages:
        assert all(tones.index(due.candidate.tone) >= tones.index(other.tone) for _, other in due.carries)


def assert_quotas_met_or_reported(year: Year, on: date, before: Sequence[Contact], outcomes: Sequence[Outcome]) -> None:
    goes = [due.candidate.channels for outcome in outcomes for due in outcome.due]
    for place, outcome in enumerate(outcomes):
        reported = {short.quota.name: short.times for short in outcome.shortfalls}
        for quota in year.book_of(place).contact.quotas:
            count = counted(before, quota.of, first_day(quota, on), on)
            for channels in goes:
                assert channels is not None
                now = channels.channels if channels.mode == "all_of" else channels.channels[:1]
                count += any(matches(each, quota.of) for each in now)
            name = f"{quota.count} {quota.of} per {quota.per.count}{quota.per.unit}"
            assert reported.get(name) == (count if count < quota.count else None)


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_a_year_of_contacts_keeps_every_cap_and_every_hour_and_misses_no_quota_in_silence(seed: int) -> None:
    year = Year.begun(Random(seed))
    for number in range(365):
        on = START + DAY * number
        before = everything(year)
        outcomes = year.planned(on)
        assert_one_message(outcomes)
        assert_quotas_met_or_reported(year, on, before, outcomes)
        for account, outcome in zip([each.id for each in year.accounts], outcomes, strict=True):
            for due in outcome.due:
                assert_in_hours(year, on, due)
                year.carry_out(account, due)
        if any(outcome.due for outcome in outcomes):
            assert_caps_kept(year, on)
        year.accounts = [recent(account, on) for account in year.accounts]


def recent(account: Account, on: date) -> Account:
    """Without what no cap counts any more, so that a year is quickly counted."""
    return replace(account, contacts=tuple(each for each in account.contacts if each.at.date() > on - DAY * 62))


def anchored(event: str, first: int, last: int | None = None) -> AnchorWindow:
    ends = [None if offset is None else Anchor(event, "", Duration(offset, "d")) for offset in (first, last)]
    return AnchorWindow(*ends)


def rung(name: str, action: str, window: AnchorWindow, channels: str, **more: Any) -> Step:
    return replace(
        step(name, channels, action=action).step, window=window, channels=step(name, channels).channels, **more
    )


def make_ladder(random: Random, rules: RuleBook) -> RuleBook:
    """Reminders and a ladder in the manner of docs/design/rule-language.md, on top of a book's governor."""
    every = Duration(random.randint(1, 9), "d")
    reminders = (
        rung(
            "due_notice",
            "send_notice",
            anchored("due", -15, -7),
            random.choice(CHANNELS[3:5]),
            of="charge",
            late="drop",
        ),
        rung("promise_reminder", "call", anchored("promise", -1, 0), "phone sms", late="drop"),
        rung("late_notice", "send_notice", anchored("due", 1), "sms wechat", repeat=Repeat(every)),
    )
    steps = (
        rung("second", "call", anchored("due", 3, 5), random.choice(CHANNELS[:2]), repeat=Repeat(every, 4)),
        rung("home_visit", "visit", anchored("due", 15), "visit", repeat=Repeat(Duration(7, "d"), 8), tone="firm"),
        rung("formal_demand", "formal_demand", anchored("due", 60), "ems+sms", gives=Gives(Duration(10, "wd"))),
    )
    catch_up = random.choice(("only_highest", "lowest_first", "all"))
    contact = replace(rules.contact, fresh_data=Duration(24, "h"))
    ladder = replace(rules.ladder, steps=steps, catch_up=catch_up)
    return replace(rules, reminders=reminders, ladder=ladder, contact=contact, laws=())


def delivered(year: Year, place: int, action: Action) -> None:
    """Does what an assessment says, and records it as an ERP would: what a message carried, under the same key."""
    random, account = year.random, year.accounts[place]
    (mode, channels) = next(iter(action.channels.items()))
    for number, channel in enumerate(channels):
        outcome = random.choice(("delivered", "reached", "promised", "no_answer", "undeliverable"))
        promise = Promise(on=action.not_before.date() + DAY * random.randint(1, 20)) if outcome == "promised" else None
        key = action.key if mode == "all_of" else f"{action.key} {number}"
        year.number += 1
        for told in (Carried(account.id, action.step, action.charge, action.key), *action.carries):
            at = next(n for n, other in enumerate(year.accounts) if other.id == told.account)
            contact = Contact(
                id=f"C{year.number}", at=action.not_before, step=told.step, channel=channel, outcome=outcome, key=key,
                promise=promise, party="O1", proof="B", charges=None if told.charge is None else (told.charge,),
            )  # fmt: skip
            year.accounts[at] = replace(year.accounts[at], contacts=(*year.accounts[at].contacts, contact))
        if mode == "first_of" and outcome not in ("no_answer", "undeliverable"):
            break


@settings(max_examples=10)
@given(st.integers(0, 2**32))
def test_a_year_of_a_whole_ladder_on_two_flats_keeps_every_cap(seed: int) -> None:
    random = Random(seed)
    rules = make_ladder(random, make_book(random, "ladder"))
    bills = [charge(due) for due in ("2026-01-15", "2026-04-15", "2026-07-15")]
    accounts = [debtor(id=f"A{n}", charges=tuple(bills[n:])) for n in range(2)]
    year = Year(random, [rules], accounts, {})
    for number in range(365):
        on = START + DAY * number
        drawn = datetime(on.year, on.month, on.day, 1, tzinfo=SHANGHAI)
        year.accounts = [replace(account, data_as_of=drawn) for account in year.accounts]
        before = len(everything(year))
        for place, result in enumerate(assess_group(year.accounts, rules, on=on)):
            assert {each.step for each in (*result.actions, *result.withheld)} == STEPS
            for action in result.actions:
                assert (
                    time(8)
                    <= action.not_before.time()
                    < (action.not_after or drawn.replace(hour=22)).time()
                    <= time(22)
                )
                delivered(year, place, action)
        if len(everything(year)) > before:
            assert_caps_kept(year, on)


STEPS = {"due_notice", "promise_reminder", "late_notice", "second", "home_visit", "formal_demand"}


@given(st.integers(1, 4), st.integers(0, 3), st.sampled_from((3, 7, 14)))
@settings(max_examples=20)
def test_with_room_for_it_and_something_to_send_a_quota_is_met(quota: int, more: int, days: int) -> None:
    """From the day on from which it can be."""
    quota = min(quota, days)
    rules = book(f"{quota + more} any per {days}d", "1 any per 1d", quotas=[at_least(f"{quota} any per {days}d")])
    account = Account(id="A1", debtor=Party(id="O1"))
    for number in range(60):
        on = START + DAY * number
        (outcome,) = plan(on.isoformat(), share(account, rules, step("notice", "sms")))
        for due in outcome.due:
            contact = Contact(id=f"C{number}", at=due.not_before, channel="sms", outcome="sent")
            account = replace(account, contacts=(*account.contacts, contact))
        assert number < quota - 1 or outcome.shortfalls == ()


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_until_is_the_last_day_of_the_first_code(seed: int) -> None:
    """With no more contacts made in between."""
    random = Random(seed)
    year = Year.begun(random)
    year.accounts = year.accounts[:1]
    on = START + DAY * random.randint(0, 3)
    candidate = step("s", random.choice(CHANNELS), gap_since=random.choice((None, moment("2025-12-31T20:15"))))
    held = alone(year, on, candidate)
    if held is None or held.until is None:
        return
    for ahead in range(1, (held.until - on).days + 1):
        later = alone(year, on + DAY * ahead, candidate)
        assert later is not None
        assert held.codes[0] in later.codes
    after = alone(year, held.until + DAY, candidate)
    assert after is None or held.codes[0] not in after.codes
    (again,) = [reason for reason in held.because if reason.name.startswith("next ")] or [None]
    if again is not None:
        assert isinstance(again.value, date)
        assert alone(year, again.value, candidate) is None
        assert alone(year, again.value - DAY, candidate) is not None


def alone(year: Year, on: date, candidate: Candidate) -> Withheld | None:
    """The candidate as withheld on a day; None where it goes out."""
    (outcome,) = plan(on.isoformat(), share(year.accounts[0], year.book_of(0), candidate))
    return outcome.withheld[0] if outcome.withheld else None
