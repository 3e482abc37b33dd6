"""Deadlines made of arrays are the engine's, every column and their order, under any law and whatever was said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

import dunning
from columns_deadlines import differences
from contacts_alike import make_talks
from dunning.columns.deadlines import REASONS
from dunning.engine.deadlines import follow_ups
from dunning.intake.samples.sample import ON
from dunning.intake.samples.sample import make_portfolio as make_sample
from dunning.lang.library import shipped
from dunning.model.account import SHANGHAI, Account, Contact, Dispute, Proceeding
from dunning.model.anchor import Duration
from dunning.model.law import Article, Clock, ClockName, LawPack, Restart
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Retired, Step
from dunning.testing.making import (
    CALENDAR,
    FULL,
    LAST,
    PLAIN,
    Pick,
    from_random,
    make_account,
    make_disputes,
    make_terms,
)

BOOKS = [dunning.load(path) for path in sorted((shipped() / "packs").glob("*.yaml"))]
RESTARTS: tuple[Restart, ...] = ("formal_demand", "part_payment", "promise", "plan")
NO_PLANS = replace(FULL, plans=False)
MONTH = timedelta(days=30)


def make_laws(pick: Pick, book: RuleBook) -> Iterator[LawPack]:
    """The laws of a book with other clocks, so short that much is barred within a few months; and local ones."""
    for law in book.laws:
        yield replace(law, clocks=())
    for place in ("CN", "CN-3301", "CN-41"):
        clocks = tuple(_clock(pick, name) for name in ("limitation", "answer") if pick.chance(80))  # type: ignore[arg-type]
        says = dunning.Text("", "")
        articles = (Article(id=f"A-{place}", cite=place, says=says, layer="statute" if place == "CN" else "local"),)
        clocks = tuple(replace(clock, articles=(articles[0].id,)) for clock in clocks)
        yield LawPack(name=place, title=place, layer="local", places=(place,), articles=articles, clocks=clocks)


def _clock(pick: Pick, name: ClockName) -> Clock:
    return Clock(
        clock=name,
        lasts=pick.one((Duration(3, "y"), Duration(40, "d"), Duration(1, "mo"), Duration(20, "d"), Duration(240, "h"))),
        from_="due",
        articles=(),
        restarts=pick.one((RESTARTS, RESTARTS, *[tuple(each for each in RESTARTS if each != one) for one in RESTARTS])),
        proof=pick.one((None, "A", "B", "C")),
        alerts=pick.one(((), (Duration(7, "d"),), (Duration(7, "d"), Duration(90, "d"), Duration(72, "h")))),
    )


def make_book(pick: Pick) -> RuleBook:
    """A shipped book with its steps, under a law of its own and other money rules."""
    book = pick.one(BOOKS)
    return replace(
        book,
        calendar=pick.one((book.calendar, book.calendar, CALENDAR)),
        laws=tuple(make_laws(pick, book)),
        payments=replace(
            book.payments,
            across_charges=pick.one(("earliest_due", "statutory")),
            source_split=pick.one(("follow", "ignore")),
            chase_from=pick.one((0, 1, 50)),
        ),
        late_fees=(make_terms(pick),) if pick.chance(50) else book.late_fees,
        chased=pick.one((book.chased, ("property_fee", "parking"))),
        reminders=(*book.reminders, *_asking_again(book)),
        retired=(*book.retired, Retired("final_notice", now="formal_demand")),
    )


def _asking_again(book: RuleBook) -> Iterator[Step]:
    """What asks after a demand, once more on the same days."""
    for step in (*book.reminders, *book.ladder.steps):
        if any(step.id == name for name, _ in follow_ups(book)):
            yield replace(step, id=f"a_{step.id}")


def make_neighbours(pick: Pick, book: RuleBook, on: date) -> Iterator[Account]:
    """Households side by side, most of whom something was said to."""
    steps = [step.id for step in (*book.reminders, *book.ladder.steps)]
    for number in range(pick.number(1, 8)):
        account = make_account(pick, pick.one((NO_PLANS, NO_PLANS, PLAIN, PLAIN, FULL)))
        names = tuple(charge.id for charge in account.charges)
        account = replace(
            account,
            id=f"A-{number}",
            debtor=replace(account.debtor, id=f"O-{number}"),
            place=pick.one((None, "CN-330106", "CN-410105", "CN-330106")),
            disputes=tuple(_answered(pick, each, on) for each in make_disputes(pick, names)) if pick.chance(40) else (),
            proceedings=(Proceeding(id="S", kind="suit", on=pick.day()),) if pick.chance(5) else (),
        )
        account = make_talks(pick, [account], on - pick.one((0, 0, 0, 1, 2)) * MONTH, steps)[0]
        said = [
            one for each in account.contacts for one in (_demands(pick, each, names) if pick.chance(40) else [each])
        ]
        yield replace(account, contacts=tuple(_proved(pick, each) for each in said))


def _demands(pick: Pick, contact: Contact, names: Sequence[str]) -> Iterator[Contact]:
    """The same as a formal demand that arrived; now and then it was two in one."""
    demand = replace(contact, step="formal_demand", outcome="delivered", inbound=False)
    if pick.chance(15):
        yield replace(demand, charges=names[:1])
        yield replace(demand, step="final_notice", charges=names[1:])
    else:
        yield demand


def _proved(pick: Pick, contact: Contact) -> Contact:
    return replace(contact, proof=pick.one((contact.proof, "A", "B")))


def _answered(pick: Pick, dispute: Dispute, on: date) -> Dispute:
    return replace(dispute, answered=max(dispute.opened, on)) if pick.chance(15) else dispute


def _on_the_day(pick: Pick, contact: Contact, account: Account, on: date) -> Contact:
    """Now and then on the day of a payment, a demand to ask after for the last time, a promise for a day on which a
    charge is barred.
    """
    promise, due = contact.promise, pick.one(account.charges).due
    if account.payments and pick.chance(10):
        return replace(contact, at=datetime.combine(pick.one(account.payments).on, time(9), SHANGHAI))
    if contact.step == "formal_demand" and pick.chance(20):
        return replace(contact, at=datetime.combine(on - timedelta(days=10), time(9), SHANGHAI))
    if promise is None or due is None or pick.chance(60):
        return contact
    return replace(contact, promise=replace(promise, on=due + timedelta(days=pick.one((10, 20, 20, 40)))))


def compared(seed: int) -> Counter[str]:
    pick = from_random(Random(seed))
    book, on = make_book(pick), pick.day(20, LAST + 30)
    found, kinds = differences(list(make_neighbours(pick, book, on)), book, on)
    assert found == [], f"seed {seed}"
    return kinds


def test_deadlines_are_those_of_the_engine() -> None:
    kinds: Counter[str] = Counter()
    for seed in range(250):
        kinds += compared(seed)
    of_limitation = {kind: number for kind, number in kinds.items() if kind.startswith("limitation")}
    assert min(of_limitation.values()) > 50, of_limitation
    assert min(kinds[f"{each} contacts"] for each in ("demand", "demand_follow_up", "promise")) > 20, kinds
    assert {kind.removeprefix("left: ") for kind in kinds if kind.startswith("left: ")} >= {*REASONS[1:]}, kinds


def test_and_those_of_a_sample_portfolio() -> None:
    made = (_read(record) for record in make_sample(400, seed=5))
    accounts = [each for each in made if each is not None]
    found, kinds = differences(accounts, next(book for book in BOOKS if book.name == "residential"), ON)
    assert found == []
    assert sum(number for kind, number in kinds.items() if kind.startswith("left")) < 0.1 * len(accounts), kinds


def _read(record: object) -> Account | None:
    try:
        return dunning.read_account(record)
    except dunning.AccountError:
        return None


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_and_of_any_others(seed: int) -> None:
    compared(seed)
