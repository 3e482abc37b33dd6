"""Households contacted under the steps of their book, and otherwise plain: what was done, when, and what came of it.

A step is picked, and the household is made so that its window opens, closes or is about to today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from dunning.engine.steps.ready import made_ready, names_of
from dunning.model.account import SHANGHAI, Account, Approval, Charge, Contact, Dispute, Payment, Promise
from dunning.model.anchor import Anchor, AnchorWindow, Duration
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Step
from dunning.testing.making import Pick

DAY = timedelta(days=1)
BACK = (1, 1, 2, 3, 4, 5, 6, 7, 8, 10, 15, 29, 30, 31, 60)
"""So many days ago contacts tend to be."""
OUTCOMES: tuple[Any, ...] = (
    "no_answer", "no_answer", "no_answer", "reached", "reached", "sent", "sent", "delivered", "undeliverable",
    "promised", "refused", "away", "willing", "disputed", "paid", None,
)  # fmt: skip
WAYS: tuple[Any, ...] = (None, "sms", "phone", "visit", "ems", "letter", "wechat", "ai_voice", "app")
_DAYS = {"d": 1.0, "wd": 1.4, "mo": 30.4, "y": 365.25, "h": 1 / 24}


def contacted(pick: Pick, account: Account, book: RuleBook, on: date) -> Account:
    """The household with one to six contacts, and hardly anything else that it alone has."""
    account = replace(account, plans=(), proceedings=(), approvals=(), unknown=(), contacts=(), disputes=())
    if pick.chance(80):  # of two of a kind it takes the engine to tell which counts
        others = tuple(each for each in account.parties[:1] if each.id != account.debtor.id)
        account = replace(account, contracts=account.contracts[:1], parties=others)
    steps = [*book.reminders, *book.ladder.steps]
    account = replace(account, charges=_dated(pick, account.charges, steps, on))
    for _ in range(pick.number(0, 2) if steps else 0):
        account = _aimed(pick, account, pick.one(steps), book, on)
    made = list(account.contacts)
    favourite = pick.one(steps) if steps else None
    for _ in range(pick.number(not made, 6 - len(made))):
        step = pick.one((favourite, favourite, pick.one(steps))) if steps else None
        made.append(_contact(pick, account, step, book, _day(pick, account, step, on), on))
    if pick.chance(80):  # else it was sent something today, or was called
        made = [each if each.at.date() != on else replace(each, at=each.at - DAY) for each in made]
    twice = pick.chance(8)
    named = tuple(_named(pick, each, number, twice=twice) for number, each in enumerate(made))
    if pick.chance(15):
        account = replace(account, disputes=_disputes(pick, account, on))
    if pick.chance(15) and steps:
        account = replace(account, approvals=_approvals(pick, steps, book, on))
    if pick.chance(8):
        account = replace(account, unknown=pick.one((("payments",), ("contacts",), ("contacts.proof", "holds"))))
    return replace(account, contacts=named)


# Days


def _dated(pick: Pick, charges: Sequence[Charge], steps: Sequence[Step], on: date) -> tuple[Charge, ...]:
    """Most of them due so that a window of a step begins or ends about today; at times all on one day."""
    offsets = [
        _length(end.offset)
        for step in steps
        if isinstance(window := step.window, AnchorWindow)
        for end in (window.first, window.last)
        if end is not None and end.event == "due"
    ]
    found = []
    for charge in charges:
        due = charge.due
        if due is not None and charge.opening is None and pick.chance(80):
            due = on - DAY * (pick.one((*offsets, 1, 20, 90)) + pick.one((0, 0, -1, 1, pick.number(-3, 30))))
        found.append(replace(charge, due=due, item="property_fee" if pick.chance(70) else charge.item))
    return tuple(found)


def _aimed(pick: Pick, account: Account, step: Step, book: RuleBook, on: date) -> Account:
    """What a step hangs on came about so that it looks at today."""
    window = step.window
    ends = [window.first, window.last] if isinstance(window, AnchorWindow) else []
    anchor = pick.one([*[each for each in ends if each is not None], *step.after] or [None])
    if anchor is None:
        return account
    day = on - DAY * (_length(anchor.offset) + pick.one((0, 0, 1, -1)))
    match anchor.event:
        case "paid" | "settled":
            amount = pick.one((1, 50, sum(charge.amount for charge in account.charges) or 1))
            return replace(account, payments=(*account.payments, Payment(id="PX", on=min(day, on), amount=amount)))
        case "handover":
            return replace(account, handed_over=day)
        case "promise" | "contact" | "done" | "delivered" | "failed" | "expired":
            return replace(account, contacts=(*account.contacts, _come_about(pick, account, anchor, book, day, on)))
    return account


def _come_about(pick: Pick, account: Account, anchor: Anchor, book: RuleBook, day: date, on: date) -> Contact:
    """A contact that an anchor means."""
    step = made_ready(book).steps.get(anchor.of)
    if anchor.event == "promise":
        made = day - DAY * pick.one((0, 1, 5, 30, 31))
        return replace(
            _contact(pick, account, pick.one((step, *book.ladder.steps)), book, min(made, on), on),
            outcome="promised",
            promise=Promise(on=day, amount=pick.one((None, None, 1, 10**6))),
        )
    if anchor.event == "contact":
        outcome: Any = anchor.of
        return replace(_contact(pick, account, None, book, day, on), outcome=outcome)
    if anchor.event == "expired" and step is not None and step.gives is not None:
        day -= DAY * (_length(step.gives.deadline) + 1 + pick.one((0, 0, 1, -1)))
    changes: tuple[dict[str, Any], ...] = ({}, {"proof": "A"}, {"proof": "B"}, {"outcome": "delivered", "proof": "C"})
    if anchor.event == "failed":
        changes = ({"outcome": "no_answer"}, {"outcome": "undeliverable"})
    if anchor.event == "done":
        changes = ({}, {"outcome": "reached", "reason": "forgot", "content": "x", "party": "O-1", "proof": "A"})
    return replace(_contact(pick, account, step, book, day, on), **pick.one(changes))


def _day(pick: Pick, account: Account, step: Step | None, on: date) -> date:
    """Today or some days ago, about when a charge fell due, or when a step is to come again."""
    dues = [charge.due for charge in account.charges if charge.due is not None] or [on]
    days = [on - DAY * pick.one(BACK), on - DAY * pick.one(BACK), pick.one(dues) + DAY * pick.number(-2, 12)]
    if step is not None and step.repeat is not None:
        days += [on - DAY * (_length(step.repeat.every) + pick.one((0, 1, -1)))] * 2
    return pick.one(days)


def _length(offset: Duration) -> int:
    return round(offset.count * _DAYS[offset.unit])


# Contacts


def _contact(pick: Pick, account: Account, step: Step | None, book: RuleBook, day: date, on: date) -> Contact:
    day = day if day <= on or pick.chance(10) else on
    outcome = pick.one(OUTCOMES)
    promise = None
    if outcome == "promised" or pick.chance(10):
        for_ = pick.one((on, on - DAY, on + DAY, on + DAY * pick.number(2, 40), day + DAY * pick.number(0, 9)))
        promise = Promise(on=max(for_, day), amount=pick.one((None, None, 1, 10**6)))
    name = None if step is None else pick.one((step.id, step.id, *names_of(step.id, book)))
    reason: Any = pick.one((None, None, "forgot", "away", "hardship"))
    return Contact(
        id="",
        at=datetime.combine(day, pick.one((time(pick.number(0, 23), 15), time(10), time(0))), SHANGHAI),
        step=pick.one(("given_up", "stranger", None)) if name is None or pick.chance(5) else name,
        channel=_way(pick, step),
        party=pick.one((None, "", "O-1")),
        outcome=outcome,
        reason=reason,
        content=pick.one((None, "", "x")),
        promise=promise,
        charges=_charges(pick, account),
        proof=pick.one((None, None, "A", "B", "C", "D")),
        inbound=pick.chance(8),
    )


def _way(pick: Pick, step: Step | None) -> Any:
    """A channel of the step, the first more often than the next."""
    if step is None or step.channels is None or pick.chance(15):
        return pick.one(WAYS)
    return pick.one((step.channels.channels[0], pick.one(step.channels.channels)))


def _charges(pick: Pick, account: Account) -> tuple[str, ...] | None:
    names = [charge.id for charge in account.charges]
    return pick.one((None, None, None, pick.some(names), pick.some(names), pick.some([*names, "missing"])))


def _named(pick: Pick, contact: Contact, number: int, *, twice: bool) -> Contact:
    """With an id and a key of its own, unless some are told `twice`."""
    names = (f"C{number}", "C0") if twice else (f"C{number}",)
    keys = (None, None, f"k{number}", "k0") if twice else (None, None, f"k{number}")
    return replace(contact, id=pick.one(names), key=pick.one(keys))


# Disputes and decisions


def _disputes(pick: Pick, account: Account, on: date) -> tuple[Dispute, ...]:
    """Open, answered and closed ones, about the account or a charge."""
    kinds: tuple[Any, ...] = ("service_quality", "price", "hardship", "not_debtor", "billing_error", "not_used")
    found = []
    for number in range(pick.number(1, 2)):
        opened = on - DAY * pick.one((0, 1, 2, 3, 10, 40, -1))
        answered = pick.one((None, None, opened, opened + DAY, on))
        closed = pick.one((None, None, answered, on, on + DAY))
        found.append(
            Dispute(
                id=f"D{number}",
                kind=pick.one(kinds),
                opened=opened,
                answered=answered and max(answered, opened),
                closed=closed and max(closed, opened),
                charge=pick.one((None, *[charge.id for charge in account.charges], "missing")),
                amount=pick.one((None, 1, 10**6)),
            )
        )
    return tuple(found)


def _approvals(pick: Pick, steps: Sequence[Step], book: RuleBook, on: date) -> tuple[Approval, ...]:
    """Decisions on steps, of which some stand no more or were made by whoever prepared them."""
    asked = [step for step in steps if step.approval is not None] or steps
    roles: tuple[Any, ...] = ("legal", "property_manager")
    found = []
    for number in range(pick.number(1, 3)):
        day = on - DAY * pick.one((0, 1, 2, 29, 30, 31, -1))
        found.append(
            Approval(
                id=f"AP{number}",
                of=pick.one(names_of(pick.one(asked).id, book)),
                decision=pick.one(("approved", "approved", "refused")),
                by=pick.one(("u0", f"u{number}")),
                role=pick.one(roles),
                at=datetime.combine(day, time(pick.number(0, 23)), SHANGHAI),
                prepared_by=pick.one((None, None, "u0")),
            )
        )
    return tuple(found)
