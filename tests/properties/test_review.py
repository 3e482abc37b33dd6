"""The next review, by brute force: every day before it looks like today, and the day itself does not.

Households with everything a record can say, under the shipped book, the book of the escalation tests, and one that
reads the facts that move by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.basis.finding import Text
from dunning.engine import timeline as played
from dunning.engine.assess import Rules, assess, assess_group
from dunning.engine.result import Assessment
from dunning.engine.review import Shape, fresh, next_reviews, shape
from dunning.lang.folder import load
from dunning.model.account import (
    SHANGHAI,
    Account,
    Adjustment,
    Approval,
    Charge,
    Consent,
    Contact,
    Contract,
    Dispute,
    Hold,
    Instalment,
    Opening,
    Party,
    Payment,
    Plan,
    Proceeding,
    Promise,
)
from dunning.model.anchor import AnchorWindow, CalendarWindow, Duration
from dunning.model.condition import Bound, Check, Condition, Range
from dunning.model.rulebook import Cap, Dated, LateFee, Output, Row, RuleBook, Table
from dunning.model.steps import Ladder, Repeat
from escalation import after, pack, step

TODAY = date(2026, 3, 16)
SIGHT = 420
"""So many days are gone through where no review is in sight."""

OUTCOMES = ("delivered", "reached", "willing", "away", "refused", "no_answer", "undeliverable", "promised")
CONTRACT = Contract(
    id="K1", since=date(2021, 7, 1), kind="committee", tariff=550, cycle="quarter", late_fee_clause=True
)

RESIDENTIAL = load("residential")


# A book that reads what moves by itself


def bound(value: int, *, included: bool = True) -> Bound:
    return Bound(value, included, str(value))


def at_least(fact: str, value: int) -> Condition:
    return Check(fact, Range(bound(value), None), str(value))


def between(fact: str, low: int, high: int) -> Condition:
    return Check(fact, Range(bound(low), bound(high, included=False)), f"{low}..{high}")


def table(name: str, *whens: Condition, of: Any = "account") -> Table:
    rows = [Row(number=number, when=when, then=Dated.always(f"r{number}")) for number, when in enumerate(whens, 1)]
    words = {f"r{number}": Text(f"r{number}", f"r{number}") for number in range(1, len(whens) + 1)}
    return Table(
        id=name, title=Text(name, name), output=Output(kind="choice", words=words), rows=tuple(rows), hit="first", of=of
    )


def moving_book() -> RuleBook:
    """Late fees, averages, counts of days and contacts, windows of the calendar."""
    tables = (
        table("fee", between("late_fee", 1_00, 5_00), at_least("late_fee", 50_00)),
        table("owed", between("balance", 500_00, 1010_00), at_least("balance", 2005_00)),
        table("lateness", between("average_days_late", 10, 45), at_least("average_days_late", 100)),
        table("past", at_least("late_payments_12m", 2), at_least("paid_12m", 500_00)),
        table("sought", at_least("contacts_7d", 2), at_least("contacts_30d", 1)),
        table("quiet", between("days_since_payment", 20, 200)),
        table("settled_in", between("handover_days", -5, 400)),
        table("age", between("charge_age", 0, 4), at_least("charge_age", 7), of="charge"),
        table("days", between("charge_overdue_days", 3, 17), of="charge"),
    )
    steps = (
        step("first", window=AnchorWindow(after(2, "wd"))),
        step("again", when=at_least("late_fee", 2_00), repeat=Repeat(Duration(4, "d"), 3)),
        step("far", window=AnchorWindow(after(2, "mo"))),
    )
    send = "send_message"
    reminders = (
        step("quarterly", action=send, window=CalendarWindow("quarter", -16, -1), once_per="quarter"),
        step("monthly", action=send, window=CalendarWindow("month", 10, 15), of="charge"),
    )
    fee = LateFee(items=("property_fee",), rate=Dated.always(Fraction(1, 2000)), cap=Dated.always(Cap(Fraction(1, 20))))
    return replace(
        pack(),
        name="moving",
        tables={each.id: each for each in tables},
        ladder=Ladder(steps=steps, catch_up="lowest_first", min_gap=Duration(36, "h")),
        reminders=reminders,
        pauses=(),
        late_fees=(fee,),
    )


BOOKS = (RESIDENTIAL, pack(), moving_book())


# Households


class Maker:
    """Makes a household by a dice."""

    def __init__(self, random: Random, book: RuleBook) -> None:
        self.random = random
        self.steps = [step.id for step in (*book.reminders, *book.ladder.steps)]
        self.approved = [step for step in book.ladder.steps if step.approval is not None]
        self.number = 0

    def name(self, letter: str) -> str:
        self.number += 1
        return f"{letter}{self.number}"

    def some(self, most: int) -> range:
        """None as a rule, now and then several."""
        return range(max(0, self.random.randint(-most, most)))

    def day(self, low: int = -500, high: int = 60) -> date:
        return TODAY + timedelta(days=self.random.randint(low, high))

    def account(self, number: int) -> Account:
        random = self.random
        charges = tuple(self.charge() for _ in range(random.randint(1, 4)))
        names = tuple(charge.id for charge in charges)
        return Account(
            id=f"A{number}",
            use="residential",
            place=random.choice((None, "CN-3301")),
            area=Fraction(90),
            handed_over=random.choice((None, date(2021, 6, 30), self.day())),
            debtor=Party(
                id="O1", kind="person", role="owner", tags=random.choice(((), (), ("vip",))),
                reachable=random.choice((None, None, ("phone", "ems", "sms"), ("visit",))),
            ),
            contracts=(CONTRACT,),
            charges=charges,
            payments=tuple(self.payment(names) for _ in self.some(3)),
            adjustments=tuple(self.adjustment(names) for _ in self.some(1)),
            contacts=tuple(self.contact(names) for _ in self.some(6)),
            disputes=tuple(self.dispute(names) for _ in self.some(1)),
            holds=tuple(self.hold() for _ in self.some(1)),
            plans=tuple(self.plan(names) for _ in self.some(1)),
            proceedings=tuple(self.proceeding(names) for _ in self.some(2)),
            approvals=tuple(self.approval() for _ in self.some(3)) if self.approved else (),
            consents=tuple(self.consent() for _ in self.some(1)),
        )  # fmt: skip

    def consent(self) -> Consent:
        until = self.random.choice((None, self.day(-10, 90)))
        kind = self.random.choice(("commercial_messages", "automated_calls"))
        return Consent(party="O1", kind=kind, since=self.day(-200, 10), until=until)

    def charge(self) -> Charge:
        amount = self.random.choice((50, 100_00, 1592_25, 6000_00))
        if self.random.random() < 0.06:
            return Charge(id=self.name("O"), amount=amount, opening=Opening(on=self.day(-300, 30)))
        due = self.day(-1130, 120)
        period = (due, due + timedelta(days=89)) if self.random.random() < 0.7 else None
        return Charge(
            id=self.name("Q"),
            amount=amount,
            due=due,
            period=period,
            item=self.random.choice(("property_fee", "property_fee", "parking")),
        )

    def payment(self, names: Sequence[str]) -> Payment:
        on = self.day(-400, 40)
        return Payment(
            id=self.name("P"), on=on, amount=self.random.choice((1_00, 100_00, 1592_25, 9000_00)),
            for_=(self.random.choice(names),) if self.random.random() < 0.4 else (),
            reversed_on=on + timedelta(days=self.random.randint(1, 60)) if self.random.random() < 0.15 else None,
        )  # fmt: skip

    def adjustment(self, names: Sequence[str]) -> Adjustment:
        kind = self.random.choice(("credit_note", "relief", "late_fee_waiver", "write_off"))
        return Adjustment(
            id=self.name("J"),
            on=self.day(-100, 30),
            kind=kind,
            amount=self.random.choice((1_00, 99_00)),
            charge=self.random.choice(names),
        )

    def contact(self, names: Sequence[str]) -> Contact:
        random = self.random
        day = self.day(-14, 3) if random.random() < 0.7 else self.day(-60, 15)
        promise = (
            Promise(on=day + timedelta(days=random.randint(0, 40)), amount=random.choice((None, 100_00)))
            if random.random() < 0.3
            else None
        )
        return Contact(
            id=self.name("C"),
            at=datetime.combine(day, time(random.randint(0, 23), random.choice((0, 30))), SHANGHAI),
            step=random.choice((None, "formal_demand", *self.steps)),
            channel=random.choice(("phone", "sms", "wechat", "visit", "ems", None)),
            outcome=random.choice(OUTCOMES),
            reason=random.choice((None, "forgot", "hardship")),
            promise=promise,
            charges=random.choice((None, None, (random.choice(names),))),
            proof=random.choice((None, "A", "B", "C")),
            key=random.choice((None, None, None, "K1")),
            inbound=random.random() < 0.1,
        )  # fmt: skip

    def dispute(self, names: Sequence[str]) -> Dispute:
        opened = self.day(-40, 10)
        kind = self.random.choice(("service_quality", "price", "not_debtor", "contract", "billing_error", "hardship"))
        answered, closed = (
            opened + timedelta(days=self.random.randint(0, 40)) if self.random.random() < 0.5 else None
            for _ in range(2)
        )
        return Dispute(
            id=self.name("D"), kind=kind, opened=opened, answered=answered, closed=closed,
            charge=self.random.choice((None, *names)), amount=self.random.choice((None, 10_00)),
        )  # fmt: skip

    def hold(self) -> Hold:
        since = self.day(-60, 30)
        until = since + timedelta(days=self.random.randint(0, 90)) if self.random.random() < 0.7 else None
        return Hold(
            id=self.name("H"), kind=self.random.choice(("contact", "accrual", "both")), since=since, until=until
        )

    def plan(self, names: Sequence[str]) -> Plan:
        signed = self.day(-100, 20)
        dues = [signed + timedelta(days=30 * number) for number in range(1, self.random.randint(2, 5))]
        amount = self.random.choice((10_00, 500_00))
        return Plan(
            id=self.name("L"), signed=signed, charges=self.random.choice(((), (names[0],))),
            instalments=tuple(Instalment(due=due, amount=amount) for due in dues),
        )  # fmt: skip

    def proceeding(self, names: Sequence[str]) -> Proceeding:
        kind = self.random.choice(
            ("mediation", "mediation_agreement", "payment_order", "suit", "judgment", "enforcement", "withdrawn")
        )
        return Proceeding(
            id=self.name("S"), kind=kind, on=self.day(-800, 30), charges=self.random.choice(((), (names[0],)))
        )

    def approval(self) -> Approval:
        step = self.random.choice(self.approved)
        assert step.approval is not None
        return Approval(
            id=self.name("AP"), of=step.id, decision=self.random.choice(("approved", "approved", "refused")),
            by=self.name("u"), role=self.random.choice(step.approval.roles),
            at=datetime.combine(self.day(-40, 10), time(9), SHANGHAI),
        )  # fmt: skip


# By brute force


def looks(accounts: Sequence[Account], book: RuleBook, day: date) -> list[Shape]:
    return [shape(result) for result in assess_group([fresh(each, day) for each in accounts], book, on=day)]


def wrong(accounts: Sequence[Account], book: RuleBook, on: date) -> list[str]:
    """What is wrong with the next reviews of a debtor's accounts."""
    told = next_reviews(accounts, book, on=on)
    today = looks(accounts, book, on)
    found = []
    seen: set[int] = set()
    for ahead in range(1, SIGHT):
        day = on + timedelta(days=ahead)
        for place, now in enumerate(looks(accounts, book, day)):
            if place in seen:
                continue
            if now != today[place]:
                seen.add(place)
                if told[place] != day:
                    found.append(
                        f"{accounts[place].id}: {told[place]}, but {day} looks different: {now ^ today[place]}"
                    )
            elif told[place] == day:
                seen.add(place)
                found.append(f"{accounts[place].id}: {day} looks the same")
        if len(seen) == len(accounts):
            break
    return found


def case(seed: int, which: int) -> list[str]:
    random = Random(seed)
    book = BOOKS[which]
    maker = Maker(random, book)
    accounts = [maker.account(number) for number in range(random.choice((1, 1, 1, 2)))]
    return wrong(accounts, book, TODAY + timedelta(days=random.randint(-30, 30)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, len(BOOKS) - 1))
def test_every_day_before_the_next_review_looks_like_today_and_the_day_itself_does_not(seed: int, which: int) -> None:
    assert case(seed, which) == []


# A household played forward


def stepped(seen: Assessment, rules: Rules, *, until: date) -> Assessment | None:
    """The same as `next_look`, day by day, and with nothing remembered of the contacts."""
    for ahead in range(1, (until - seen.on).days + 1):
        day = seen.on + timedelta(days=ahead)
        account = replace(seen.account, contacts=(*seen.account.contacts,))
        found = assess(fresh(account, day), rules, on=day)
        if shape(found) != shape(seen):
            return found
    return None


@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 2**32),
    st.integers(0, len(BOOKS) - 1),
    st.sampled_from(("silent", "promises_and_breaks", "pays_on:2026-05-01")),
)
def test_a_timeline_is_what_looking_every_day_would_make_it(seed: int, which: int, scenario: str) -> None:
    random = Random(seed)
    account = Maker(random, BOOKS[which]).account(0)
    since = TODAY + timedelta(days=random.randint(-30, 30))
    until = since + timedelta(days=70)
    told = played.timeline(account, BOOKS[which], since=since, until=until, scenario=scenario)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(played, "next_look", stepped)
        again = played.timeline(account, BOOKS[which], since=since, until=until, scenario=scenario)

    assert (told.events, told.reviews) == (again.events, again.reviews)
    assert replace(told.last, read=again.last.read) == again.last
