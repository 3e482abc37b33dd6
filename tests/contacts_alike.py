"""Contacts at random that come in each other's way: of one id or key, at one time, told on several accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, get_args

from dunning.model.account import SHANGHAI, Account, Contact, Outcome, Promise
from dunning.testing.making import STEPS, Pick

DAY = timedelta(days=1)
TIMES = (time(12), time(0), time(23, 59, 59, 999_999), time(9, 30))
CHANNELS: tuple[Any, ...] = (None, "sms", "phone", "visit", "ems", "letter", "notice", "wechat")


def make_talks(pick: Pick, accounts: Sequence[Account], on: date, steps: Sequence[str] = STEPS) -> tuple[Account, ...]:
    """The accounts of one debtor with contacts: of a few days near `on` or a due date, some of them after `on`."""
    dues = [charge.due or on for account in accounts for charge in account.charges] or [on]
    days = [on - DAY * pick.one((1, 0, 6, 7, 29, 30, pick.number(-3, 60))) for _ in range(3)]
    days += [pick.one(dues) + DAY * pick.one((1, 0, -1, pick.number(-20, 20))) for _ in range(3)]
    every = [_one(pick, pick.one(accounts), pick.one(days), dues, steps) for _ in range(pick.number(0, 8))]
    found = []
    for account in accounts:
        told = [each for each in every if pick.chance(50)]
        again = [_again(pick, each, steps) for each in told if pick.chance(20)]
        named = [_about(pick, each, accounts) for each in (*told, *again)]
        found.append(replace(account, contacts=tuple(sorted(named, key=lambda _: pick.number(0, 9)))))
    return tuple(found)


def _one(pick: Pick, account: Account, day: date, dues: Sequence[date], steps: Sequence[str]) -> Contact:
    at = datetime.combine(day, pick.one(TIMES), SHANGHAI)
    outcome: Any = pick.one((None, *get_args(Outcome)))
    promise = None
    if pick.chance(60):
        for_ = pick.one((day, day + DAY, day + 5 * DAY, day + DAY * pick.number(-20, 40), pick.one(dues)))
        promise = Promise(on=for_, amount=pick.one((None, None, 1, pick.fen())))
    return Contact(
        id=pick.one(("C1", "C10", "C2", "C3", "k")),
        at=at,
        step=pick.one((None, *steps)),
        channel=pick.one(CHANNELS),
        outcome=outcome,
        reason=pick.one((None, None, "hardship", "away", "forgot")),
        promise=promise,
        charges=_charges(pick, account),
        proof=pick.one((None, "A", "B", "C", "D")),
        key=pick.one((None, None, None, "k", "l", "C1")),
        inbound=pick.chance(20),
    )


def _charges(pick: Pick, account: Account) -> tuple[str, ...] | None:
    names = [charge.id for charge in account.charges]
    return pick.one((None, None, pick.some([*names, "missing"]), 2 * pick.some(names)))


def _again(pick: Pick, contact: Contact, steps: Sequence[str]) -> Contact:
    """The same contact told again, a little differently."""
    outcome: Any = pick.one((None, *get_args(Outcome)))
    changes: tuple[dict[str, Any], ...] = (
        {"step": pick.one((None, *steps))},
        {"charges": pick.one((None, (), ("a",), ("a", "b"), ("c",)))},
        {"outcome": outcome},
        {"outcome": outcome, "channel": pick.one(CHANNELS)},
        {"at": contact.at + pick.one((DAY, -DAY, timedelta(microseconds=1)))},
        {"id": "C9", "key": contact.key or "k"},
        {"key": pick.one((None, "k", "m"))},
        {"inbound": not contact.inbound},
        {"promise": contact.promise and replace(contact.promise, amount=pick.fen())},
    )
    return replace(contact, **pick.one(changes))


def _about(pick: Pick, contact: Contact, accounts: Sequence[Account]) -> Contact:
    """On record under one account, it may be about another; a time of another zone is no less a time."""
    contact = replace(contact, account=pick.one((None, None, None, pick.one(accounts).id, "A-99")))
    if pick.chance(1):
        return replace(contact, at=pick.one((contact.at.astimezone(UTC), contact.at.replace(tzinfo=None))))
    return contact
