"""When a debt began and what has run since: episodes of arrears, promises, and the time a formal demand gives.

Each is worked out from the ledger and the contacts known on the day asked about, so nothing needs to be stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, NamedTuple

from dunning.basis.calendar import Calendar, Rolled, add_months
from dunning.basis.money import Fen
from dunning.engine.known.contacts import FAILED, Talk
from dunning.engine.owed.ledger import ChargeState, Ledger
from dunning.model.anchor import Duration
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Gives

_DAY = timedelta(days=1)


# Overdue


def fell_due(state: ChargeState) -> date:
    """The rolled due date; of an opening balance without one, the day it was carried over."""
    if state.due is not None:
        return state.due
    opening = state.charge.opening
    return opening.on if opening is not None else date.max


def overdue(ledger: Ledger, chase_from: Fen) -> list[ChargeState]:
    """The charges that count as arrears, by due date: chased, past it, and at least `chase_from` unpaid."""
    on = ledger.on
    return [
        state
        for state in ledger.charges
        if state.chased and state.unpaid >= chase_from and (state.due or fell_due(state)) < on
    ]


def cleared_on(state: ChargeState, chase_from: Fen) -> date | None:
    """The day less than `chase_from` of the charge was left unpaid; None while as much or more is."""
    if state.unpaid >= chase_from:
        return None
    if chase_from == 1 and state.settled_on is not None:
        return state.settled_on
    rest = state.principal
    steps = [(entry.on, entry.amount) for entry in state.applied if entry.part == "principal"]
    steps += [(entry.on, entry.amount) for entry in state.forgiven]
    for day, amount in sorted(steps):
        rest -= amount
        if rest < chase_from:
            return day
    return date.min  # credit notes left so little that it was never asked for


def episode_since(ledger: Ledger, chase_from: Fen) -> date | None:
    """The first day of the episode of arrears that lasts on the day asked about; None where nothing is overdue.

    It begins the day after a due date that leaves `chase_from` or more unpaid, and while something is overdue later
    charges belong to it. How old an opening balance is nobody knows: with one unpaid it began before all records.
    """
    since: date | None = None
    until: date | None = None
    for state in ledger.charges:
        if not state.chased or state.principal < chase_from:
            continue
        if fell_due(state) >= ledger.on:
            continue
        due = date.min if state.due is None else state.due
        cleared = cleared_on(state, chase_from)
        if since is None or (until is not None and until <= due):
            since, until = (due + _DAY if state.due else due), cleared
        elif until is not None:
            until = None if cleared is None else max(until, cleared)
    return None if until is not None else since


# Promises


class PromiseState(NamedTuple):
    """A promise made on a day to pay by another: still open, kept, or broken."""

    made: date
    on: date
    state: Literal["open", "kept", "broken"]


def promises(talks: Sequence[Talk], ledger: Ledger, chase_from: Fen) -> list[PromiseState]:
    """The promises in these contacts, in the order made; several for one day are one, kept if any of them is.

    Kept: the payments from the day it was made to its date reach its amount. Without an amount that is all principal
    overdue when it was made, or, where nothing was yet, what is overdue on its date.
    """
    found: dict[date, PromiseState] = {}
    said = [(talk, talk.contact.promise) for talk in talks if talk.contact.promise is not None]
    owed = [_Owed.of(state) for state in ledger.charges] if said else []
    for talk, promise in said:
        made, last = talk.day, min(promise.on, ledger.on)
        paid = sum([payment.amount for payment in ledger.payments if made <= payment.on <= last])
        if promise.amount is not None:
            enough = paid >= promise.amount
        else:
            charges = talk.contact.charges
            then = (_overdue_before(owed, made, due_before, charges, chase_from) for due_before in (made, last))
            # Where nothing was paid, that anything was overdue settles it.
            enough = paid >= next(filter(None, map(sum, then)), 0) if paid else not any(map(any, then))
        state: Literal["open", "kept", "broken"] = "kept" if enough else "open" if promise.on >= ledger.on else "broken"
        earlier = found.get(promise.on)
        if earlier is not None and earlier.state == "kept":
            state = "kept"
        found.pop(promise.on, None)  # the one made last stands for them, and last
        found[promise.on] = PromiseState(made, promise.on, state)
    return list(found.values())


class _Owed(NamedTuple):
    """A charge with what is wanted of it for every promise: the day it fell due, the last on which something was taken
    off it, and what was left then.
    """

    state: ChargeState
    due: date
    changed: date
    left: Fen

    @classmethod
    def of(cls, state: ChargeState) -> _Owed:
        changed = max(
            [*(entry.on for entry in state.applied), *(entry.on for entry in state.forgiven)], default=date.min
        )
        return cls(state, fell_due(state), changed, state.unpaid_on(changed))

    def unpaid_before(self, day: date) -> Fen:
        """Principal unpaid at the end of the day before."""
        return self.left if self.changed < day else self.state.unpaid_on(day - _DAY)


def _overdue_before(
    owed: Iterable[_Owed], made: date, due_before: date, charges: tuple[str, ...] | None, least: Fen
) -> Iterator[Fen]:
    """Principal unpaid before the day `made`, of each chased charge (or named one) due before another day."""
    for each in owed:
        if each.due < due_before and (each.state.charge.id in charges if charges else each.state.chased):
            unpaid = each.unpaid_before(made)
            if unpaid >= least:
                yield unpaid


# Formal demands


DEMAND = "formal_demand"
REASONABLE = Gives(Duration(10, "wd"), Duration(15, "d"))
"""What a demand gives where the book does not say: 民法典第944条 asks for a reasonable period and names no number."""


@lru_cache(maxsize=64)
def demand_steps(book: RuleBook) -> Mapping[str, Gives]:
    """The steps that are formal demands, with the time each gives; a renamed step also under its old names."""
    steps = {
        step.id: step.gives or REASONABLE for step in (*book.reminders, *book.ladder.steps) if step.action == DEMAND
    }
    steps.setdefault(DEMAND, REASONABLE)
    old = {retired.name: steps[retired.now] for retired in book.retired if retired.now in steps}
    return MappingProxyType(old | steps)


class Demand(NamedTuple):
    """A formal demand that may have arrived. `charges` None = all overdue that day; `proven` None: proof not given.

    `until` is the last day of the time it gives, `contact` the id of the contact it was.
    """

    day: date
    charges: tuple[str, ...] | None
    proven: bool | None
    until: Rolled
    contact: str = ""

    def covers(self, state: ChargeState, chase_from: Fen) -> bool:
        if self.charges is not None:
            return state.charge.id in self.charges
        return state.chased and fell_due(state) < self.day and state.unpaid_on(self.day - _DAY) >= chase_from


def demands(talks: Iterable[Talk], book: RuleBook) -> list[Demand]:
    """The demands among these contacts, but those that failed or of which there is proof of sending (C) or none (D)."""
    steps = demand_steps(book)
    found = []
    for talk in talks:
        contact = talk.contact
        gives = steps.get(contact.step or "")
        if gives is None or contact.inbound or contact.outcome in FAILED or contact.proof in ("C", "D"):
            continue
        proven = None if contact.proof is None else True
        found.append(Demand(talk.day, contact.charges, proven, deadline(book.calendar, gives, talk.day), talk.id))
    return found


def deadline(calendar: Calendar, gives: Gives, day: date) -> Rolled:
    """The last day to pay: the later of what the demand gives, counted from the day after its delivery on `day`."""
    ends = [_end(calendar, length, day) for length in (gives.deadline, gives.at_least) if length is not None]
    return max(ends, key=lambda end: end.day)


def _end(calendar: Calendar, length: Duration, day: date) -> Rolled:
    """民法典第201至203条: the day itself does not count, and a last day that is a rest day moves to a working day."""
    if length.unit == "wd":
        return calendar.add_working_days(day, length.count)
    if length.unit in ("mo", "y"):
        return calendar.roll_forward(add_months(day, length.count * (12 if length.unit == "y" else 1)))
    days = -(-length.count // 24) if length.unit == "h" else length.count
    return calendar.roll_forward(day + timedelta(days=days))
