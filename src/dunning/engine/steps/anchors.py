"""The days steps are tied to: when an anchor comes up for an account, and the window it opens each time.

An anchor may come up often (each charge, each promise, each quarter), and a step counts as done once for each time. So
every occurrence carries the record it hangs on, which also makes the key a sink knows the action by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from dunning.basis.calendar import CYCLE_MONTHS, Calendar, add_months
from dunning.engine.known import clocks, contacts, material
from dunning.engine.known.clocks import fell_due
from dunning.engine.known.contacts import FAILED, IN_PERSON, SPOKE, Talk
from dunning.engine.known.material import Material
from dunning.engine.owed.ledger import ChargeState
from dunning.model.account import Channel, Contact, Proof
from dunning.model.anchor import Anchor, AnchorWindow, CalendarWindow, Duration, Event, Window
from dunning.model.steps import CLASS_OF, Gives, Recorded, Step

ARRIVED = SPOKE | {"delivered"}
"""Outcomes that show a contact arrived, with or without a receipt."""

_DAY = timedelta(days=1)

NO_DUE_DATE = "charges.due"
"""What is missing of an opening balance: nobody knows when it fell due, nor how old it is."""


class Moment(NamedTuple):
    """A day an event happened, or will. `record` is what it hangs on; `charge` for events of a charge.

    `written` is the due date as the bill says it, for `due`: the time before it is counted from there.
    """

    day: date
    record: str
    charge: ChargeState | None = None
    provisional: bool = False
    written: date | None = None


class Moments(NamedTuple):
    """All days of an event, earliest first. `lacking`: what the source does not supply, where others may be missing.

    `weak`: contacts that would be among them, but for evidence that is less than the step asks for.
    """

    known: tuple[Moment, ...] = ()
    lacking: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()


_NONE = Moments()
_OF_CONTACTS: frozenset[Event] = frozenset({"promise", "contact", "done", "failed", "delivered", "expired"})


class Occurrence(NamedTuple):
    """One time an anchor comes up: the days `first`..`last` of the window, both counted (`last` None: no end).

    `kind` and `record` identify it; `event` is the day of the anchor itself, before any offset.
    """

    kind: str
    record: str
    event: date
    first: date
    last: date | None = None
    charge: ChargeState | None = None
    provisional: bool = False


# Days


def day_before(day: date) -> date:
    return date.fromordinal(max(1, day.toordinal() - 1))


def shifted(day: date, offset: Duration, calendar: Calendar) -> tuple[date, bool]:
    """A day so much later (or earlier), and whether the calendar had to guess.

    Months end with the month (31 January + 1mo = 28 February); 0wd is the day itself, rolled to a working day.
    """
    match offset.unit:
        case "d":
            return day + timedelta(days=offset.count), False
        case "wd":
            rolled = calendar.add_working_days(day, offset.count)
            return rolled.day, rolled.provisional
        case "mo":
            return add_months(day, offset.count), False
        case "y":
            return add_months(day, 12 * offset.count), False
        case "h":
            return day + timedelta(days=offset.count // 24), False


def moved(moment: Moment, offset: Duration, calendar: Calendar) -> tuple[date, bool]:
    """The anchored day. `due - n` counts back from the written due date, all else from the one that was rolled."""
    start = moment.written if offset.count < 0 and moment.written is not None else moment.day
    if not offset.count and offset.unit != "wd":
        return start, moment.provisional
    day, guessed = shifted(start, offset, calendar)
    return day, guessed or (moment.provisional and start is moment.day)


# Events


def anchor_charge(of: Material) -> ChargeState | None:
    """The oldest chased charge of which enough is unpaid, due or not: what `due` speaks of for an account."""
    if of.overdue:
        return of.overdue[0]
    return next((state for state in of.ledger.charges if _owed(of, state)), None)


def dated_charge(of: Material) -> ChargeState | None:
    """The same for steps tied to a due date: the oldest that has one, of what is overdue before what is not.

    Where there is none, an opening balance: no due date is invented for it, and the step says that it is missing.
    """
    oldest = anchor_charge(of)
    if oldest is None or oldest.due is not None:
        return oldest
    return next((state for state in (*of.overdue, *open_charges(of)) if state.due is not None), oldest)


def open_charges(of: Material) -> list[ChargeState]:
    """The chased charges of which enough is unpaid, due or not."""
    return [state for state in of.ledger.charges if _owed(of, state)]


def _owed(of: Material, state: ChargeState) -> bool:
    """An opening balance of a later day is no charge yet, and not in the ledger."""
    return state.unpaid >= of.chase_from and state.chased and not state.other_debtor


class Anchors:
    """When the anchors of a book's steps come up for one account. `steps` by every name they have or had."""

    def __init__(self, of: Material, steps: Mapping[str, Step]) -> None:
        self.of = of
        self.steps = steps
        self.calendar = of.book.calendar
        self._by_step: dict[str, list[Talk]] | None = None

    # Contacts by step

    def talks_of(self, step: str) -> list[Talk]:
        """What we did under a step, under whatever name, oldest first; failed attempts included."""
        if not self.of.account.contacts:
            return []
        if self._by_step is None:
            self._by_step = contacts.of_account(self.of.account, self.of.on).by_step(self.steps)
        return self._by_step.get(step, [])

    def lacking(self, *sources: str) -> tuple[str, ...]:
        """Which of these records and fields the source cannot supply."""
        if not self.of.account.unknown:
            return ()
        return tuple(source for source in sources if self.of.lacks(source))

    # The days of an event

    def moments(self, anchor: Anchor, charge: ChargeState | None = None, since: date = date.min) -> Moments:
        """Every day the event of an anchor comes up; with a `charge`, those that are about it.

        `since`: contacts before that day are left out, for they were about an older debt.
        """
        if anchor.event in _OF_CONTACTS and not self.of.account.contacts and not self.of.account.unknown:
            return _NONE
        match anchor.event:
            case "due" | "period_start" | "period_end":
                return self._of_charge(anchor.event, charge or dated_charge(self.of))
            case "settled":
                return self._settled(charge)
            case "paid":
                return self._paid(charge)
            case "handover":
                handed_over = self.of.account.handed_over
                if handed_over is None:
                    return Moments(lacking=("handed_over",))
                return Moments((Moment(handed_over, handed_over.isoformat()),))
            case "promise":
                return self._promised(charge)
            case "plan":
                return self._instalments(charge)
            case "dispute":
                return self._disputed(charge)
            case "judgment":
                return self._judged(charge)
            case "performance_end":
                # The records name no last day of the performance period, and none is invented.
                return Moments(lacking=("proceedings.performance_end",)) if self._judged(charge).known else Moments()
            case "contact":
                return self._contacted(anchor.of, charge, since)
            case "done" | "failed" | "delivered" | "expired":
                return self._of_step(anchor, charge, since)

    def _of_charge(self, event: str, state: ChargeState | None) -> Moments:
        if state is None:
            return Moments()
        record = state.charge.id
        if event == "due":
            if state.due is None:
                return Moments(lacking=(NO_DUE_DATE,))
            return Moments((Moment(state.due, record, state, state.provisional, state.charge.due),))
        period = state.charge.period
        if period is None:
            return Moments(lacking=("charges.period",))
        return Moments((Moment(period[0] if event == "period_start" else period[1], record, state),))

    def _settled(self, charge: ChargeState | None) -> Moments:
        """The day a charge was paid off; of the account, the day the last of what was due went."""
        ledger = self.of.ledger
        if charge is None and self.of.overdue and not self.of.account.unknown:
            return _NONE
        states = [charge] if charge is not None else [state for state in ledger.charges if state.chased]
        due = [state for state in states if state.paid and fell_due(state) <= ledger.on]
        found = [Moment(state.settled_on, state.charge.id, state) for state in due if state.settled_on is not None]
        if charge is None:
            if self.of.overdue or not found:
                return Moments(lacking=() if found else self.lacking("payments"))
            found = [max(found, key=lambda moment: (moment.day, moment.record))]
        return Moments(tuple(found), self.lacking("payments") if not found else ())

    def _paid(self, charge: ChargeState | None) -> Moments:
        settling = None if charge is None else {entry.payment for entry in charge.applied}
        found = [
            Moment(payment.on, payment.id, charge)
            for payment in self.of.ledger.payments
            if settling is None or payment.id in settling
        ]
        return Moments(tuple(found), self.lacking("payments") if not found else ())

    def _promised(self, charge: ChargeState | None) -> Moments:
        """The promised days; of promises kept there is nothing left to say. Several for one day are one."""
        states = [promise for promise in self.of.part(material.promises) if promise.state != "kept"]
        if not states:
            return Moments(lacking=self.lacking("contacts.promise"))
        made = {
            talk.contact.promise.on: talk.id
            for talk in self.of.part(material.talks)
            if talk.contact.promise is not None and _about(talk, charge)
        }
        found = [Moment(state.on, made[state.on], charge) for state in states if state.on in made]
        return Moments(tuple(sorted(found, key=_by_day)))

    def _instalments(self, charge: ChargeState | None) -> Moments:
        """The instalments of plans that run, each by its number: `PL1/2`."""
        found = [
            Moment(instalment.due, f"{state.plan.id}/{number}", charge)
            for state in self.of.ledger.plans
            if state.state == "kept" and _names(state.plan.charges, charge)
            for number, instalment in enumerate(sorted(state.plan.instalments, key=lambda each: each.due), start=1)
        ]
        return Moments(tuple(sorted(found, key=_by_day)), self.lacking("plans") if not found else ())

    def _disputed(self, charge: ChargeState | None) -> Moments:
        """The open disputes, by the day they were raised."""
        found = [
            Moment(dispute.opened, dispute.id, charge)
            for dispute in self.of.part(material.disputes)
            if charge is None or dispute.charge in (None, charge.charge.id)
        ]
        return Moments(tuple(sorted(found, key=_by_day)), self.lacking("disputes") if not found else ())

    def _judged(self, charge: ChargeState | None) -> Moments:
        found = [
            Moment(each.on, each.id, charge)
            for each in self.of.account.proceedings
            if each.kind == "judgment" and each.on <= self.of.on and _names(each.charges, charge)
        ]
        return Moments(tuple(sorted(found, key=_by_day)), self.lacking("proceedings") if not found else ())

    def _contacted(self, outcome: str, charge: ChargeState | None, since: date) -> Moments:
        talks = self.of.part(material.talks) if self.of.account.contacts else ()
        found = [
            Moment(talk.day, talk.id, charge)
            for talk in talks
            if talk.contact.outcome == outcome and talk.day >= since and _about(talk, charge)
        ]
        return Moments(tuple(found), self.lacking("contacts.outcome") if not found else ())

    def _of_step(self, anchor: Anchor, charge: ChargeState | None, since: date) -> Moments:
        """What became of another step: done, failed, delivered, or its deadline gone by."""
        step = self.steps.get(anchor.of)
        if step is None:
            return Moments()
        talks = [talk for talk in self.talks_of(step.id) if talk.day >= since and _about(talk, charge)]
        match anchor.event:
            case "done":
                found = [Moment(talk.day, talk.id, charge) for talk in talks if completes(talk, step)]
            case "failed":
                found = [Moment(talk.day, talk.id, charge) for talk in talks if talk.contact.outcome in FAILED]
            case _:
                return self._arrived(step, talks, charge, expired=anchor.event == "expired")
        return Moments(tuple(found), self.lacking("contacts.step") if not found else ())

    def _arrived(self, step: Step, talks: Iterable[Talk], charge: ChargeState | None, *, expired: bool) -> Moments:
        """The days a step's contact arrived, or those after its deadline; told apart from those without evidence."""
        gives = clocks.demand_steps(self.of.book).get(step.id) or step.gives
        from_sending = expired and gives is not None and gives.from_ == "sent"
        found, weak, lacking = [], [], self.lacking("contacts.step")
        for talk in talks:
            if talk.contact.outcome in FAILED:
                continue
            arrived = True if from_sending else arrival(talk, step)
            if arrived is None:
                lacking = ("contacts.proof",)
            elif not arrived:
                weak += [talk.id] if evidence_wanted(step) else []
            elif not expired:
                found.append(Moment(talk.day, talk.id, charge))
            elif gives is not None:
                until = clocks.deadline(self.calendar, gives, talk.day)
                found.append(Moment(until.day + _DAY, talk.id, charge, until.provisional))
        return Moments(tuple(found), () if found else lacking, () if found else tuple(weak))

    # Windows

    def occurrences(
        self, window: Window, charge: ChargeState | None = None, since: date = date.min
    ) -> tuple[list[Occurrence], Moments]:
        """Each time a window opens, earliest first, and the moments of its anchor (what is lacking stands there).

        Of calendar days those of the period before, this one and the next.
        """
        if isinstance(window, CalendarWindow):
            return list(calendar_occurrences(window, self.of.on, self.calendar)), Moments()
        if window.first.event == "paid" and window.last is not None and charge is None:
            found, moments = self._latest(window), Moments(lacking=self.lacking("payments"))
        else:
            moments = self.moments(window.first, charge, since)
            found = [self._window(window, moment) for moment in moments.known]
        if found and window.last is not None and window.last.event == "due" and window.first.event != "due":
            ends = self.moments(window.last, charge)
            if ends.lacking:
                return [], ends  # nobody knows whether a window is open that has no known end
        return found, moments

    def _latest(self, window: AnchorWindow) -> list[Occurrence]:
        """Of many payments the windows still open, and the last that has closed: the others closed before it."""
        found: list[Occurrence] = []
        for payment in reversed(self.of.ledger.payments):
            found.append(self._window(window, Moment(payment.on, payment.id)))
            last = found[-1].last
            if last is not None and last < self.of.on:
                break
        return found[::-1]

    def _window(self, window: AnchorWindow, moment: Moment) -> Occurrence:
        first, guessed = moved(moment, window.first.offset, self.calendar)
        last: date | None = None
        if window.last is not None:
            same = (window.last.event, window.last.of) == (window.first.event, window.first.of)
            ends = (moment,) if same else self.moments(window.last, moment.charge).known
            days = (moved(end, window.last.offset, self.calendar) for end in ends)
            last, guessed_end = min((found for found in days if found[0] >= first), default=(None, False))
            guessed = guessed or guessed_end
        return Occurrence(window.first.event, moment.record, moment.day, first, last, moment.charge, guessed)


def _by_day(moment: Moment) -> tuple[date, str]:
    return moment.day, moment.record


def _names(charges: tuple[str, ...], charge: ChargeState | None) -> bool:
    """Whether a record is about a charge; one that names none is about all."""
    return charge is None or not charges or charge.charge.id in charges


def _about(talk: Talk, charge: ChargeState | None) -> bool:
    """Whether a contact was about a charge; naming none, it was about all that was overdue that day."""
    if charge is None:
        return True
    named = talk.contact.charges
    return charge.charge.id in named if named is not None else fell_due(charge) < talk.day


# What a contact came to


def completes(talk: Talk, step: Step) -> bool:
    """Whether a contact completes a step: not undeliverable, and with what the step wants recorded."""
    return talk.contact.outcome != "undeliverable" and not unrecorded(talk, step)


def unrecorded(talk: Talk, step: Step) -> tuple[str, ...]:
    """The fields a step wants recorded that the contact has not got.

    Of a call or a visit `sent` is no outcome: it says that it was made, and not what came of it.
    """
    if not step.record:
        return ()
    made = talk.contact.outcome == "sent" and _in_person(talk.contact, step)
    return tuple(
        field for field in recorded(step, talk.contact.channel)
        if getattr(talk.contact, field) in (None, "") or (made and field == "outcome")
    )  # fmt: skip


def recorded(step: Step, channel: Channel | None) -> tuple[Recorded, ...]:
    """What a step wants recorded of a contact by a channel.

    A call or a visit that has come down to a message or a letter wants what such a one can have: what somebody says is
    not among it. One by a channel that the step has not got is no such thing, and all is wanted of it.
    """
    ways = step.channels
    if ways is None or ways.mode == "all_of" or step.action not in SPOKEN or channel not in ways.channels:
        return step.record
    if CLASS_OF[channel] in IN_PERSON:
        return step.record
    return tuple(field for field in step.record if field not in SAID)


def _in_person(contact: Contact, step: Step) -> bool:
    """Whether somebody was to be spoken to; where no channel is recorded, as the step goes first."""
    channel = contact.channel or (step.channels.channels[0] if step.channels is not None else None)
    return step.action in SPOKEN if channel is None else CLASS_OF[channel] in IN_PERSON


SPOKEN = frozenset({"call", "ai_call", "visit"})
"""Actions that speak to somebody."""

SAID: frozenset[Recorded] = frozenset({"reason", "content", "promise"})
"""What there is to record only where somebody was spoken to."""

RECORDED_WITHIN = Duration(2, "wd")
"""How long a contact may wait for its result: whoever made it writes it down that day, or once back at work, or is
asked for it the day after. After that nobody will, and the step is to be done again.
"""


def rests_until(calendar: Calendar, talk: Talk, step: Step) -> date:
    """The last day a step rests after a contact of which something is still to be recorded.

    No less than after one that is whole: a missing record brings nobody the next contact sooner.
    """
    last = shifted(talk.day, RECORDED_WITHIN, calendar)[0]
    if step.repeat is None:
        return last
    return max(last, day_before(shifted(talk.day, step.repeat.every, calendar)[0]))


def arrival(talk: Talk, step: Step) -> bool | None:
    """Whether a contact that did not fail has arrived, by the evidence the step asks for; None: it is not told.

    A formal demand needs at least a delivery receipt (B), whatever the book says.
    """
    proof = talk.contact.proof
    wanted: Proof | None = step.proof or ("B" if step.action == clocks.DEMAND else None)
    if wanted is None:
        return talk.contact.outcome in ARRIVED or proof in ("A", "B")
    return None if proof is None else proof <= wanted


def evidence_wanted(step: Step) -> bool:
    return step.proof is not None or step.action == clocks.DEMAND


def running_until(calendar: Calendar, gives: Gives, talk: Talk, step: Step) -> tuple[date, bool] | None:
    """The last day of the time a contact of this step gives, and whether the calendar guessed; None: it gives none."""
    if talk.contact.outcome in FAILED or (gives.from_ == "delivered" and not arrival(talk, step)):
        return None
    until = clocks.deadline(calendar, gives, talk.day)
    return until.day, until.provisional


# Calendar days


def calendar_occurrences(window: CalendarWindow, on: date, calendar: Calendar) -> Iterator[Occurrence]:
    """The window in the period before, in this one and in the next."""
    months = CYCLE_MONTHS[window.period]
    this = (on.year * 12 + on.month - 1) // months * months
    for month in (this - months, this, this + months):
        if 12 <= month < 12 * date.max.year:
            yield _calendar_window(window, month, calendar)


@lru_cache(maxsize=1024)
def _calendar_window(window: CalendarWindow, month: int, calendar: Calendar) -> Occurrence:
    """The window in the period that begins with a month (year * 12 + month - 1)."""
    start = date(month // 12, month % 12 + 1, 1)
    end = add_months(start, CYCLE_MONTHS[window.period]) - _DAY
    first, last = (_day_of(start, end, number) for number in (window.first, window.last))
    guessed = False
    if window.offset.count:
        first, guessed = shifted(first, window.offset, calendar)
        last, _ = shifted(last, window.offset, calendar)
    return Occurrence(window.period, first.isoformat(), first, first, last, None, guessed)


def _day_of(start: date, end: date, number: int) -> date:
    """The so-manyth day of a period, its last one where it is shorter; -1 is its last, -2 the one before."""
    return end + timedelta(days=number + 1) if number < 0 else min(start + timedelta(days=number - 1), end)
