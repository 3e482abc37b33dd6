"""What is done about one person today: of the steps due on all their accounts, those that go out, and when.

Fresh data, the ladder's gap, caps and hours decide here, because caps and the one message a day are a person's, and no
account knows of the others. What does not go out keeps its place, and says why and until when.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from dunning.engine.contact.caps import Attempt, Numbered, quotas_of
from dunning.engine.contact.governor import Governor, Refusal
from dunning.engine.known.clocks import demand_steps, fell_due
from dunning.engine.known.contacts import Person
from dunning.engine.known.logic import Read, Truth, missing
from dunning.engine.ladder.pending import MESSAGES, TONES, Pending
from dunning.engine.owed.ledger import ChargeState
from dunning.engine.steps.candidates import Ask, Candidate, Reason, Withheld
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Channels


class Share(NamedTuple):
    """One of the person's accounts: its book, what its steps came to, and how to read its facts and grades by id."""

    account: Account
    book: RuleBook
    candidates: Sequence[Candidate | Withheld]
    read: Read


class Due(NamedTuple):
    """A step that goes out today, between two times in Asia/Shanghai (`not_after` None: what has no hours).

    These are the first of the day's `hours` in which it may go by the channel used first.
    Of `first_of` channels the first is used now and the next where it fails; all of them together keep the caps.
    `bundle` is the same for everything the person gets that day. A message `carries` what else is due to the same
    receivers (account id, candidate), which is withheld as `grouped`; of its own account it names the charges and
    asks for them too.
    """

    candidate: Candidate
    not_before: datetime
    not_after: datetime | None
    bundle: str
    hours: tuple[tuple[datetime, datetime], ...] = ()
    carries: tuple[tuple[str, Candidate], ...] = ()


class Shortfall(NamedTuple):
    """A quota that is not met, with what is planned for today. `lacking`: what is missing to tell whether it is."""

    quota: Numbered
    times: int
    lacking: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """What comes of one account's steps: each stands once in `due` or, with its codes, in `withheld`."""

    due: tuple[Due, ...]
    withheld: tuple[Withheld, ...]
    shortfalls: tuple[Shortfall, ...] = ()


def worklist(shares: Sequence[Share], person: Person) -> tuple[Outcome, ...]:
    """What goes out to a person today, for each of their accounts in the order given, which changes nothing.

    `person` has the contacts of all their accounts, those no book applies to among them. Steps withheld before are
    handed on as they are.
    """
    open_ = [_open(share) for share in shares]
    pending = [each for one in open_ for each in one.values()]
    quotas = [_quotas(share) for share in shares]
    if not pending and not any(quotas):
        return tuple([Outcome((), _withheld(share.candidates)) for share in shares])
    by_id = sorted(shares, key=lambda share: share.account.id) if len(shares) > 1 else shares
    governor = Governor(person, ((share.book, share.account.place, share.read) for share in by_id))
    day = _Day(sorted(pending, key=Pending.turn), governor, _messages(governor.tally.attempts, by_id, person.on))
    day.settle()
    shortfalls = [_shortfalls(share, quotas[place], governor) for place, share in enumerate(shares)]
    day.fall_backs()
    return tuple([_outcome(*each, day) for each in zip(shares, open_, shortfalls, strict=True)])


def _open(share: Share) -> dict[int, Pending]:
    """What may go out of one account, by its place among the steps."""
    steps, account, book = share.candidates, share.account, share.book
    return {place: Pending(each, account, book) for place, each in enumerate(steps) if each.__class__ is Candidate}


# One message a day


class _Message(NamedTuple):
    """The message of the day to some receivers (None: nobody wrote down to whom), planned or already sent."""

    to: frozenset[str] | None
    planned: Pending | None
    sent: str = ""

    def reaches(self, others: frozenset[str]) -> bool:
        return self.to is None or not self.to.isdisjoint(others)

    def groups(self, on: date) -> Refusal:
        """Why nothing else is sent to them today."""
        if self.planned is None:
            return Refusal("grouped", on, (Reason("grouped", "record", f"contacts/{self.sent}", on),))
        return Refusal("grouped", on, (Reason("grouped", "step", self.planned.candidate.step.id, on),))


def _messages(made: Iterable[Attempt], shares: Sequence[Share], on: date) -> list[_Message]:
    """The messages sent today already. The one that goes with a formal demand is no message of its own."""
    found = []
    for attempt in made:
        if attempt.talks[-1].day != on or not attempt.ways <= MESSAGES:
            continue
        if any(talk.contact.step in demand_steps(share.book) for talk in attempt.talks for share in shares):
            continue
        parties = {talk.contact.party for talk in attempt.talks}
        to = None if None in parties else frozenset(party for party in parties if party is not None)
        found.append(_Message(to, None, attempt.talks[0].id))
    return found


class _Day:
    """The contacts of one person on one day, planned in the order in which they yield to each other."""

    def __init__(self, turns: Sequence[Pending], governor: Governor, sent: Sequence[_Message]) -> None:
        self.turns = turns
        self.governor = governor
        self.on = governor.on
        self.sent = sent
        self.messages: list[_Message] = []
        self.carried: dict[int, list[Pending]] = {}
        self.channels: dict[int, Channels] = {}

    def settle(self) -> None:
        """Plans the day; again, as long as something takes another way because it would be missed if it waited."""
        self._plan()
        while self._turned():
            self._plan()

    def _plan(self) -> None:
        self.governor.tally.clear()
        self.messages = list(self.sent)
        self.carried.clear()
        for each in self.turns:
            each.reset()
        for each in self.turns:
            if each.settled:
                continue
            if each.message:
                self._message_with(each)
            elif each.attempt(self.governor):
                self._goes(each)
            each.settled = True

    def _goes(self, each: Pending) -> None:
        if each.options:
            self.governor.tally.plan(each.ways)

    def _message_with(self, first: Pending) -> None:
        """One message of everything due to the same people, at the highest tone; the rest is grouped with it."""
        rivals = [each for each in self.turns if each.message and not each.settled and not each.to.isdisjoint(first.to)]
        for each in rivals:
            each.settled = not each.attempt(self.governor)
        fit = self._grouped([each for each in rivals if not each.settled], self.messages)
        if fit:
            lead = max(fit, key=lambda each: TONES[each.candidate.tone])
            lead.settled = True
            self._goes(lead)
            self.messages.append(_Message(lead.to, lead))
            self._grouped([each for each in fit if each is not lead], self.messages[-1:])

    def _grouped(self, rivals: Iterable[Pending], messages: Sequence[_Message]) -> list[Pending]:
        """Groups those that somebody already gets a message beside; the others are left."""
        left = []
        for each in rivals:
            message = next((one for one in messages if one.reaches(each.to)), None)
            if message is None:
                left.append(each)
                continue
            each.settled = True
            each.refusals = [message.groups(self.on)]
            if message.planned is not None and message.to == each.to and each.goes_with(message.planned.ways):
                self.carried.setdefault(id(message.planned), []).append(each)
        return left

    def _turned(self) -> bool:
        """Whether something refused today, that cannot wait, has another way to try."""
        turned = [each for each in self.turns if each.refusals and each.must_turn(self.governor)]
        for each in turned:
            each.turn_to_next()
        return bool(turned)

    # Where the first channel fails

    def fall_backs(self) -> None:
        """The channels that may still be used today, one after another, where the first one fails.

        After everything else is planned: what may not be needed takes no room from what is.
        """
        for each in self.turns:
            channels = each.candidate.channels
            if each.refusals or channels is None or channels.mode == "all_of":
                continue
            now = channels.channels[each.option]
            later = [other for other in channels.channels[each.option + 1 :] if self._may_follow(each, other)]
            self.channels[id(each)] = Channels("first_of", (now, *later))

    def _may_follow(self, each: Pending, channel: str) -> bool:
        """Whether it may go by this channel too in the same hours, within the caps and the one message a day."""
        ways = each.options[each.candidate.channels.channels.index(channel)]  # type: ignore[union-attr]
        open_ = any(
            since <= each.slot[0] and each.slot[1] <= until for since, until in self.governor.hours(ways, self.on)
        )
        if not open_ or not self.governor.room(ways):
            return False
        if ways <= MESSAGES and not each.message:
            if any(message.reaches(each.to) for message in self.messages):
                return False
            self.messages.append(_Message(each.to, each))
        self.governor.tally.plan(ways)
        return True


# What comes of it


def _outcome(share: Share, open_: Mapping[int, Pending], shortfalls: tuple[Shortfall, ...], day: _Day) -> Outcome:
    steps = list(share.candidates)
    for place, each in open_.items():
        if each.refusals:
            steps[place] = each.withheld(day.governor)
    due = tuple([_due(each, day) for each in open_.values() if not each.refusals])
    return Outcome(due, _withheld(steps), shortfalls)


def _withheld(steps: Iterable[Candidate | Withheld]) -> tuple[Withheld, ...]:
    return tuple([each for each in steps if isinstance(each, Withheld)])


def _due(each: Pending, day: _Day) -> Due:
    account = each.account
    carried = [(one.account, one.candidate.in_full()) for one in day.carried.get(id(each), ())]
    candidate = _with_charges_of(each.candidate.in_full(), [one for whose, one in carried if whose is account])
    return Due(
        candidate._replace(channels=day.channels.get(id(each), candidate.channels)),
        each.not_before(day.on),
        each.not_after(day.on),
        f"{account.debtor.id}/{day.on}",
        each.hours(day.governor),
        tuple((whose.id, one) for whose, one in carried),
    )


def _with_charges_of(lead: Candidate, others: Iterable[Candidate]) -> Candidate:
    """A message with the charges of those it carries, each asked for once."""
    charges = list(lead.charges)
    ask = lead.ask
    for other in others:
        new = [state for state in other.charges if all(state is not known for known in charges)]
        charges += new
        if other.ask is not None:
            ask = other.ask if ask is None else _and(ask, new)
    if len(charges) == len(lead.charges) and ask is lead.ask:
        return lead
    return lead._replace(charges=tuple(sorted(charges, key=lambda state: (fell_due(state), state.charge.id))), ask=ask)


def _and(ask: Ask, charges: Iterable[ChargeState]) -> Ask:
    principal, late_fee = ask.principal, ask.late_fee
    for state in charges:
        principal += state.unpaid
        outstanding = state.fee.outstanding
        late_fee = None if late_fee is None or outstanding is None else late_fee + outstanding
    return Ask(principal, late_fee, ask.as_of)


# Quotas


def _quotas(share: Share) -> list[tuple[Numbered, Truth]]:
    """The quotas that concern an account, or may."""
    if not share.book.contact.quotas:
        return []
    quotas = [(each, each.concerns is None or each.concerns(share.read)) for each in quotas_of(share.book)]
    return [(quota, concerns) for quota, concerns in quotas if concerns is not False]


def _shortfalls(share: Share, quotas: Iterable[tuple[Numbered, Truth]], governor: Governor) -> tuple[Shortfall, ...]:
    """The quotas that are not met, or of which nobody can tell."""
    found = []
    for quota, concerns in quotas:
        lacking = () if concerns else missing(quota.condition, share.read)
        if governor.blind:
            lacking = (*lacking, "contacts")
        times = governor.tally.used(quota)
        if lacking or times < quota.times:
            found.append(Shortfall(quota, times, lacking))
    return tuple(found)
