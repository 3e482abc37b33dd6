"""One account played forward from review to review: what would be done, said and fall due, if the debtor did so.

For people who write rules and want to see them at work, and for a debtor's file. What the records cannot say yet
(approvals, evidence of delivery, fresh data) is assumed, and every event that rests on it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

from dunning.basis.calendar import parse_date
from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.basis.money import Fen
from dunning.engine.assess import Rules, assess
from dunning.engine.known.clocks import DEMAND
from dunning.engine.result import Action, Assessment
from dunning.engine.review import fresh, next_look
from dunning.model.account import (
    SHANGHAI,
    Account,
    Approval,
    Channel,
    Contact,
    Outcome,
    Payment,
    Proceeding,
    ProceedingKind,
    Promise,
)
from dunning.model.action import ACTIONS
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Step

SCENARIOS = ("silent", "pays_on:DATE", "promises_and_breaks")

Kind = Literal["due", "action", "promise", "broken", "paid", "deadline", "ended"]
Assumed = Literal["approval", "evidence", "freshness"]

FAR = timedelta(days=366 * 20)
"""The longest stretch that is played: no claim outlives its limitation by more."""

PROMISED = timedelta(days=7)
"""How far off the promises are that `promises_and_breaks` makes: a usual week, and inside every limit."""

_TALKS: frozenset[Channel] = frozenset({"phone", "ai_voice", "visit"})
_FILED: dict[str, ProceedingKind] = {
    "mediate": "mediation",
    "sue": "suit",
    "arbitrate": "arbitration",
    "apply_payment_order": "payment_order",
    "apply_enforcement": "enforcement",
}
"""What is on record once such a step was done."""

_DAY = timedelta(days=1)
_AT_ONCE = 20
"""No more than so many rounds of steps are done on one day: each step is done once."""


class Event(NamedTuple):
    """Something that happens on a day.

    `name` is the step of an action, the charge that falls due, the kind of deadline that ends; `title` is for people.
    What comes round again is one event with all its `days`, `on` being the first. `amount`: what is asked for that
    day, promised or paid, in fen; `until`: the last day to pay. `assumed`: what had to be taken for granted.
    """

    on: date
    kind: Kind
    name: str
    title: Text
    days: tuple[date, ...] = ()
    charge: str | None = None
    tone: str = ""
    channels: tuple[Channel, ...] = ()
    amount: Fen | None = None
    until: date | None = None
    assumed: tuple[Assumed, ...] = ()

    @property
    def last(self) -> date:
        return self.days[-1] if self.days else self.on

    @property
    def times(self) -> int:
        return len(self.days) or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What happens between two days, both counted. `reviews`: the days on which the account was looked at.

    `last` is the assessment on the last of them, with all that was done by then in its account. `book` None: no book
    applies on any of these days.
    """

    account: Account
    book: RuleBook | None
    since: date
    until: date
    scenario: str
    events: tuple[Event, ...]
    reviews: tuple[date, ...]
    last: Assessment


def timeline(account: Account, rules: Rules, *, since: date, until: date, scenario: str = "silent") -> Timeline:
    """Plays one account forward from `since` to `until`.

    `scenario`: `silent` (nothing is paid; each step that falls due is done that day and arrives), `pays_on:2026-05-01`
    (silent till that day, when all that is owed then is paid), `promises_and_breaks` (on every call and visit a promise
    to pay within a week, never kept). Records of the account dated ahead are part of the play. UsageError: another
    scenario, an `until` before `since`, more than twenty years. CalendarError: a day to pay that is no date.
    """
    if until < since:
        raise UsageError(Text(f"结束日 {until} 早于开始日 {since}", f"until {until} is before since {since}"))
    if until - since > FAR:
        raise UsageError(Text("一次最多演二十年", "at most twenty years at a time"))
    play = _Play(account, rules, scenario)
    return play.played(since, until)


class _Play:
    """An account as it goes through a scenario: what is done is added to its records."""

    def __init__(self, account: Account, rules: Rules, scenario: str) -> None:
        self.given = account
        self.account = account
        self.rules = rules
        self.scenario = scenario
        self.pays_on = _day_of(scenario)
        self.events: list[Event] = []
        self.number = 0

    def played(self, since: date, until: date) -> Timeline:
        if self.pays_on is not None:
            self._pay(self.pays_on)
        reviews, book = [], None
        following: Assessment | None = self._looked(since)
        while following is not None:
            reviews.append(following.on)
            result = self._day(following)
            book = result.book or book
            following = next_look(result, self.rules, until=until)
        self._records(result, since, until)
        told = _once(self.events, self.account.payments, until)
        events = sorted(told, key=lambda each: (each.on, _RANK[each.kind], each.name, each.charge or ""))
        return Timeline(
            account=self.given,
            book=book,
            since=since,
            until=until,
            scenario=self.scenario,
            events=tuple(events),
            reviews=tuple(reviews),
            last=result,
        )

    # One day

    def _day(self, result: Assessment) -> Assessment:
        """Does what is due on the day of a result, each step once, and what that makes due."""
        on, done = result.on, set[tuple[str, str | None]]()
        for _ in range(_AT_ONCE):
            approved = self._approve(result, on)
            if approved:
                result = self._looked(on)
            todo = [action for action in result.actions if (action.step, action.charge) not in done]
            if not todo:
                break
            for action in todo:
                done.add((action.step, action.charge))
                self._do(action, result, on)
            result = self._looked(on)
        if result.ended is not None and not any(each.kind == "ended" for each in self.events):
            known = ACTIONS.get(result.ended)
            title = known.title if known is not None else Text(result.ended, result.ended)
            self.events.append(Event(on, "ended", result.ended, title))
        return result

    def _looked(self, on: date) -> Assessment:
        return assess(fresh(self.account, on), self.rules, on=on)

    def _name(self) -> str:
        self.number += 1
        return f"timeline-{self.number}"

    def _approve(self, result: Assessment, on: date) -> bool:
        """Whoever still has to agree to a step agrees, if nothing else keeps it back."""
        given: list[Approval] = []
        for each in result.withheld:
            if "approval" not in each.codes or not {"approval", "gate"}.issuperset(each.codes):
                continue
            step = result.book.step(each.step) if result.book is not None else None
            if step is None or step.approval is None or any(one.of == step.id for one in given):
                continue
            at = datetime.combine(on, time(0), SHANGHAI)
            given += [
                Approval(id=self._name(), of=step.id, decision="approved", by=f"timeline-{role}", role=role, at=at)
                for role in step.approval.roles
            ]
        self.account = replace(self.account, approvals=(*self.account.approvals, *given))
        return bool(given)

    # What is done

    def _do(self, action: Action, result: Assessment, on: date) -> None:
        step = result.book.step(action.step) if result.book is not None else None
        channels = _used(action)
        promise = self._promised(channels, on)
        outcome: Outcome = (
            "promised" if promise is not None else "reached" if not _TALKS.isdisjoint(channels) else "delivered"
        )
        proof = (step.proof if step is not None else None) or ("B" if action.action == DEMAND else None)
        said = Contact(
            id=self._name(),
            at=action.not_before,
            step=action.step,
            party=action.to[0] if action.to else None,
            outcome=outcome,
            reason="other",
            content="-",
            promise=promise,
            charges=_of(action.charge),
            proof=proof or ("B" if step is not None and "proof" in step.record else None),
            by="timeline",
            key=action.key,
        )
        ways: Sequence[Channel | None] = channels or (None,)
        contacts = [replace(said, id=self._name() if place else said.id, channel=way) for place, way in enumerate(ways)]
        carried = [replace(said, step=one.step, charges=_of(one.charge), channel=ways[0]) for one in action.carries]
        self.account = replace(self.account, contacts=(*self.account.contacts, *contacts, *carried))
        self._file(action, on)
        title = step.title if step is not None else Text(action.step, action.step)
        asked = None if action.ask is None else action.ask.total
        self.events.append(
            Event(
                on, "action", action.step, title, charge=action.charge, tone=action.tone, channels=channels,
                amount=asked, until=action.pay_by, assumed=_assumed(step, proven=proof is not None),
            )
        )  # fmt: skip
        for one in action.carries:
            step = result.book.step(one.step) if result.book is not None else None
            title = step.title if step is not None else Text(one.step, one.step)
            self.events.append(
                Event(
                    on, "action", one.step, title, charge=one.charge, tone=action.tone, channels=channels,
                    assumed=_assumed(step, proven=False),
                )
            )  # fmt: skip
        if promise is not None:
            self.events.append(Event(on, "promise", "promise", _PROMISE, amount=asked, until=promise.on))
            self.events.append(Event(promise.on + _DAY, "broken", "broken", _BROKEN))

    def _promised(self, channels: Iterable[Channel], on: date) -> Promise | None:
        """What the debtor says where they are spoken to, and no promise of theirs is still open."""
        if self.scenario != "promises_and_breaks" or _TALKS.isdisjoint(channels):
            return None
        still_open = any(said.promise is not None and on <= said.promise.on for said in self.account.contacts)
        return None if still_open else Promise(on=on + PROMISED)

    def _file(self, action: Action, on: date) -> None:
        kind = _FILED.get(action.action)
        if kind is not None:
            filed = Proceeding(id=self._name(), kind=kind, on=on, charges=action.charges)
            self.account = replace(self.account, proceedings=(*self.account.proceedings, filed))

    def _pay(self, on: date) -> None:
        """All that is owed on a day by this debtor and due by then, late fee and all, is paid that day."""
        owed = self._looked(on)
        amount = -owed.balance.credit
        for charge in owed.charges:
            if not charge.other_debtor and (charge.due is None or charge.due <= on):
                amount += charge.principal + (charge.late_fee.outstanding or 0)
        if amount > 0:
            payment = Payment(id=self._name(), on=on, amount=amount)
            self.account = replace(self.account, payments=(*self.account.payments, payment))

    # What stands in the records

    def _records(self, result: Assessment, since: date, until: date) -> None:
        """Charges that fall due, payments, and deadlines that end within the stretch."""
        for charge in result.charges:
            if charge.due is not None and since <= charge.due <= until and charge.amount:
                title = Text(f"{charge.id} 到期", f"{charge.id} falls due")
                self.events.append(Event(charge.due, "due", charge.id, title, charge=charge.id, amount=charge.amount))
        for payment in self.account.payments:
            if since <= payment.on <= until:
                self.events.append(Event(payment.on, "paid", payment.id, _PAID, amount=payment.amount))
        for deadline in result.deadlines:
            if deadline.kind in _ENDS and since <= deadline.on <= until:
                self.events.append(
                    Event(deadline.on, "deadline", deadline.kind, _ENDS[deadline.kind], charge=deadline.charge)
                )


_PROMISE = Text("承诺付款", "promises to pay")
_BROKEN = Text("没有兑现", "promise broken")
_PAID = Text("缴费", "pays")
_ENDS = {
    "demand": Text("催告期限届满", "the demand's time is over"),
    "limitation": Text("诉讼时效届满", "limitation ends"),
    "enforcement": Text("申请执行期间届满", "the time to enforce ends"),
    "instalment": Text("分期到期", "an instalment falls due"),
}
_RANK: dict[Kind, int] = {"due": 0, "paid": 1, "broken": 2, "action": 3, "promise": 4, "deadline": 5, "ended": 6}


def _day_of(scenario: str) -> date | None:
    """The day of `pays_on:DATE`; None for the scenarios in which nothing is paid."""
    name, _, day = scenario.partition(":")
    if name == "pays_on":
        return parse_date(day, name="pays_on")
    if scenario not in SCENARIOS:
        zh, en = f"没有“{scenario}”这种演法", f"there is no scenario `{scenario}`"
        known = " | ".join(SCENARIOS)
        raise UsageError(Text(f"{zh}; 可以写 {known}", f"{en}; write {known}"))
    return None


def _of(charge: str | None) -> tuple[str, ...] | None:
    return None if charge is None else (charge,)


def _used(action: Action) -> tuple[Channel, ...]:
    """The channels it goes by: the first of several, or all of them together."""
    if "all_of" in action.channels:
        return action.channels["all_of"]
    return action.channels.get("first_of", ())[:1]


def _assumed(step: Step | None, *, proven: bool) -> tuple[Assumed, ...]:
    found: list[Assumed] = []
    if step is not None and step.approval is not None:
        found.append("approval")
    if proven:
        found.append("evidence")
    found.append("freshness")
    return tuple(found)


def _once(events: Iterable[Event], payments: Sequence[Payment], until: date) -> list[Event]:
    """What comes round again between two payments is told once, with all its days up to the last of the play."""
    found: dict[tuple[object, ...], Event] = {}
    for number, event in enumerate(events):
        if event.on > until:
            continue
        paid = sum(payment.on <= event.on for payment in payments)
        key = (event.name, event.charge, paid) if event.kind in _AGAIN else (number,)
        first = found.get(key)
        found[key] = event._replace(days=(event.on,)) if first is None else first._replace(days=(*first.days, event.on))
    return list(found.values())


_AGAIN: frozenset[Kind] = frozenset({"action", "promise", "broken"})
