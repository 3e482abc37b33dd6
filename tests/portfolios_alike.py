"""Portfolios at random: households alike but for ids, amounts and names, and households contacted under their book.

What was worked out for one is told to another, and would show if it were not the other's; and what was said to somebody
fits the steps of his book, on the days on which they look.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from contacts_alike import make_talks
from contacts_of_steps import contacted
from dunning.engine.assess import applies
from dunning.model.account import SHANGHAI, Account, BookedLateFee, Consent, Hold, Party, Payment
from dunning.model.rulebook import RuleBook
from dunning.testing.making import FIRST, Pick, make_history

DAY = timedelta(days=1)
AFTER = (0, 1, 2, 3, 5, 7, 10, 16, 30, 40, 100, 200, 370, 800)
"""Days after a due date at which something tends to happen."""
USES: tuple[Any, ...] = ("residential", "commercial", "parking", "office")
CHANNELS: tuple[Any, ...] = ("sms", "phone", "wechat", "ems", "visit", "letter")


def make_portfolio(pick: Pick, *books: RuleBook) -> tuple[list[Account], date]:
    """Some debtors with their accounts under these books, and a day on which something may be due."""
    steps = [step.id for book in books for step in (*book.reminders, *book.ladder.steps)] or ["none"]
    seeds = [make_household(pick, steps) for _ in range(pick.number(1, 4))]
    begins = seeds[0].charges[0].due or FIRST
    on = begins + timedelta(days=pick.one((pick.one(AFTER), pick.number(-40, 120))))
    seeds = [_talked_to(pick, each, pick.one(books), on, steps) for each in seeds]
    drawn = pick.one((None, on, on, on - timedelta(days=1), on - timedelta(days=3), on + timedelta(days=1)))
    moment = None if drawn is None else datetime.combine(drawn, time(pick.number(0, 23), 30), SHANGHAI)
    drawn_at = [replace(each, data_as_of=moment) for each in _contacted(pick, _debtors(pick, seeds), on, steps)]
    return [_but_for_one(pick, each, on) if pick.chance(40) else each for each in drawn_at], on


def make_household(pick: Pick, steps: Sequence[str]) -> Account:
    """Mostly one of whom there is no record but what it owes and paid."""
    account = make_history(pick, steps=steps)
    if pick.chance(80):
        account = replace(account, contacts=(), disputes=(), plans=(), proceedings=(), approvals=())
    if pick.chance(80):
        account = replace(account, adjustments=(), late_fees=())
    if pick.chance(60):
        account = replace(account, contracts=tuple(replace(each, clause_shown=None) for each in account.contracts))
    debtor = replace(
        account.debtor,
        kind=pick.one((None, "person", "company")),
        role=pick.one((None, "owner", "tenant", "developer")),
        reachable=pick.one((None, None, pick.some(CHANNELS), pick.some(CHANNELS))),
    )
    return replace(
        account,
        debtor=debtor,
        parties=_parties(pick) if pick.chance(25) else (),
        consents=_consents(pick) if pick.chance(25) else (),
        handed_over=pick.one((None, FIRST, pick.day())),
        unknown=pick.one(((), (), (), (), ("contacts",), ("payments",), ("contacts.proof", "approvals"), ("holds",))),
        attributes=pick.one(({}, {}, {"satisfaction": 80}, {"satisfaction": 40}, {"conduct": "good"}, {"conduct": 7})),
    )


def _talked_to(pick: Pick, account: Account, book: RuleBook, on: date, steps: Sequence[str]) -> Account:
    """One the book is for: contacted under its steps, with any other contacts, or with none."""
    account = _of_book(pick, account, book, on)
    if pick.chance(55):
        return contacted(pick, account, book, on)
    return make_talks(pick, [account], on, steps)[0] if account.contacts and pick.chance(50) else account


def _of_book(pick: Pick, account: Account, book: RuleBook, on: date) -> Account:
    """Mostly one the book is for."""
    account = replace(account, place=pick.one((None, "CN-330106", "CN-410105")))
    fitting = [use for use in USES if applies(book, replace(account, use=use), on)]
    return replace(account, use=pick.one(fitting)) if fitting and pick.chance(90) else account


def _but_for_one(pick: Pick, account: Account, on: date) -> Account:
    """The same but for one thing: what tells it from the others has to be seen."""
    charges, debtor = account.charges, account.debtor
    one = pick.one(charges)
    days = timedelta(days=pick.one((-30, -7, -1, 1, 2, 30)))
    changes: tuple[Any, ...] = (
        {"debtor": replace(debtor, reachable=pick.some(CHANNELS))},
        {"debtor": replace(debtor, role=pick.one((None, "owner", "developer")), until=pick.one((None, on, on - DAY)))},
        {"holds": (Hold(id="H", kind="contact", since=on - DAY, until=pick.one((None, on, on + DAY))),)},
        {"consents": _consents(pick)},
        {"parties": tuple(replace(each, liable=not each.liable) for each in account.parties)},
        {"parties": _parties(pick)},
        {"payments": tuple(replace(each, on=each.on + days) for each in account.payments)},
        {"payments": account.payments[1:]},
        {"payments": (*account.payments, Payment(id="Z", on=on - pick.one((DAY, DAY * 2, 0 * DAY)), amount=1))},
        {"payments": (*account.payments, Payment(id="Z", on=on + days, amount=10**7))},
        {"charges": tuple(replace(each, due=each.due and each.due + days) for each in charges)},
        {"charges": tuple(replace(each, period=None) for each in charges)},
        {"charges": (*charges, replace(one, id=pick.one(("0", "z"))))},
        {"charges": tuple(replace(each, item=pick.one(("property_fee", "heating", "deposit"))) for each in charges)},
        {"contracts": tuple(replace(each, late_fee_clause=None) for each in account.contracts)},
        {"late_fees": (BookedLateFee(id="L", charge=one.id, on=on, amount=1),)},
        {"handed_over": on + days},
        {"unknown": pick.one(((), ("contacts",), ("payments",), ("approvals",), ("disputes", "plans")))},
        {"data_as_of": account.data_as_of and account.data_as_of + days},
        {"data_as_of": datetime.combine(on, time(pick.number(0, 23), 5), SHANGHAI)},
        {"place": pick.one((None, "CN-33", "CN-330106", "CN-410105"))},
        {"attributes": {"satisfaction": pick.number(0, 100)}},
        {"occupancy": pick.one((None, "vacant", "unsold"))},
    )
    return replace(account, **pick.one(changes))


def _parties(pick: Pick) -> tuple[Party, ...]:
    roles: tuple[Any, ...] = ("joint_owner", "developer", "guarantor")
    return tuple(
        Party(
            id=pick.one((f"P-{number}", f"P-{number}", "P-0", "O-1")),
            role=pick.one(roles),
            liable=pick.one((None, True, False)),
            since=pick.one((None, pick.day())),
            until=pick.one((None, None, pick.day())),
        )
        for number in range(pick.number(1, 2))
    )


def _consents(pick: Pick) -> tuple[Consent, ...]:
    kinds: tuple[Any, ...] = ("automated_calls", "e_delivery", "public_commendation")
    return tuple(
        Consent(party=pick.one(("O-1", "O-1", "P-0")), kind=kind, since=pick.one((None, pick.day())))
        for kind in pick.some(kinds)
    )


def _debtors(pick: Pick, seeds: Sequence[Account]) -> Iterator[Account]:
    """Each of them several times over, now and then two or three accounts of one debtor."""
    number = 0
    for seed in seeds:
        for _ in range(pick.number(1, 3)):
            number += 1
            debtor = f"O-{number}"
            yield like(pick, seed, f"A-{number}", debtor)
            for name in (f"A-{number}-2", f"0-{number}")[: pick.one((0, 0, 0, 1, 2))]:
                yield like(pick, pick.one((seed, pick.one(seeds))), name, debtor)


def _contacted(pick: Pick, accounts: Iterator[Account], on: date, steps: Sequence[str]) -> Iterator[Account]:
    """Some debtors with contacts of which several of their accounts tell."""
    for _, group in groupby(accounts, key=lambda each: each.debtor.id):
        theirs = tuple(group)
        yield from make_talks(pick, theirs, on, steps) if pick.chance(10) else theirs


def like(pick: Pick, account: Account, id_: str, debtor: str) -> Account:
    """The same household by other names, owing perhaps other amounts."""
    talks = pick.one(("", f"-{id_}", f"-{id_}")) if id_ != "A-1" else ""
    names = {charge.id: pick.one((charge.id, f"{charge.id}{number}")) for number, charge in enumerate(account.charges)}
    times = pick.one((1, 1, 2, 3))

    def named(charges: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(names.get(each, each) for each in charges)

    return replace(
        account,
        id=id_,
        unit=pick.one(("", "1-101")),
        debtor=replace(account.debtor, id=debtor),
        parties=tuple(replace(each, id=debtor if each.id == "O-1" else each.id) for each in account.parties),
        consents=tuple(replace(each, party=debtor if each.party == "O-1" else each.party) for each in account.consents),
        charges=tuple(replace(each, id=names[each.id], amount=times * each.amount) for each in account.charges),
        payments=tuple(
            replace(
                each,
                id=f"{each.id}{pick.one(('', '-b'))}",
                amount=times * each.amount,
                for_=named(each.for_),
                settles=None
                if each.settles is None
                else tuple(replace(one, charge=names.get(one.charge, one.charge)) for one in each.settles),
            )
            for each in account.payments
        ),
        adjustments=tuple(
            replace(each, charge=None if each.charge is None else names.get(each.charge, each.charge), payment=None)
            if each.kind != "refund"
            else each
            for each in account.adjustments
        ),
        late_fees=tuple(replace(each, charge=names.get(each.charge, each.charge)) for each in account.late_fees),
        contacts=tuple(
            replace(
                each,
                id=each.id + talks,
                key=each.key and each.key + talks,
                charges=None if each.charges is None else named(each.charges),
            )
            for each in account.contacts
        ),
        disputes=tuple(
            replace(each, charge=None if each.charge is None else names.get(each.charge, each.charge))
            for each in account.disputes
        ),
        plans=tuple(replace(each, charges=named(each.charges)) for each in account.plans),
    )
