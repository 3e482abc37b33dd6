"""Where a step stands for one account: its time, whether it was done, and everything that keeps it back today.

Reminders and ladder ask the same questions of each step; what they differ in (which time counts, what supersedes what)
is theirs. Every answer that keeps a step back is kept, so that "why was this household not contacted?" has one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Literal, cast

from dunning.basis.calendar import add_months
from dunning.basis.money import Fen
from dunning.engine.known import clocks, material
from dunning.engine.known.clocks import fell_due
from dunning.engine.known.contacts import FAILED, Talk
from dunning.engine.known.facts import Facts
from dunning.engine.known.logic import Read, Truth, missing
from dunning.engine.known.tables import NONE, Graded
from dunning.engine.ladder import pauses
from dunning.engine.ladder.drafts import ChargeReading, Draft, Progress, Reading
from dunning.engine.ladder.lawful import FREE, Lawful
from dunning.engine.owed.ledger import ChargeState
from dunning.engine.steps import approvals
from dunning.engine.steps.anchors import (
    NO_DUE_DATE,
    Anchors,
    Occurrence,
    anchor_charge,
    completes,
    dated_charge,
    day_before,
    moved,
    open_charges,
    rests_until,
    shifted,
    unrecorded,
)
from dunning.engine.steps.candidates import Code, Reason
from dunning.engine.steps.channels import Tries, tries
from dunning.engine.steps.ready import Days, Ready, Rung
from dunning.model.account import Channel, Party
from dunning.model.action import ROLES, Role
from dunning.model.anchor import Anchor, CalendarWindow
from dunning.model.condition import Unknown
from dunning.model.steps import ApprovalRule, By, Occasion, Step, Tone

TONES: frozenset[Tone] = frozenset({"friendly", "service_value", "firm", "legal"})
MONTHS: Mapping[Occasion, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


class Household:
    """One account on one day, with what all its steps ask about worked out once.

    `since` is the day the present anchor charge fell due: what was done before it was done about an older debt.
    """

    def __init__(self, facts: Facts, ready: Ready, reading: Reading) -> None:
        self.facts = facts
        self.ready = ready
        self.on = facts.on
        self.account = facts.account
        self.calendar = ready.calendar
        self.reading = reading
        self.read: Read = reading.__getitem__
        self.anchors = Anchors(facts, ready.steps)
        self.anchor = anchor_charge(facts)
        self.dated = self.anchor if self.anchor is None or self.anchor.due is not None else dated_charge(facts)
        self.since = fell_due(self.anchor) if self.anchor is not None else facts.on
        clean = not facts.account.contacts and not facts.account.unknown
        self.untouched = untouched(ready, facts.account.debtor.reachable) if clean else None
        self.contested = pauses.contested(facts) if facts.account.disputes else {}
        self.law = Lawful(facts)
        self._charge_readings: dict[int, ChargeReading] = {}
        self._rests: tuple[pauses.Rest, ...] | None = None
        self._open: list[tuple[ChargeState, tuple[Days | None, ...]]] | None = None
        self._owed: tuple[ChargeState, ...] | None = None

    def anchor_of(self, rung: Rung) -> ChargeState | None:
        """The charge a step of the account is counted from; a due date that is known comes before one that is not."""
        return self.dated if rung.dated else self.anchor

    @property
    def rests(self) -> tuple[pauses.Rest, ...]:
        """All that lets steps rest today."""
        if self._rests is None:
            self._rests = pauses.rests(self.facts, self.ready.pauses, self.read)
        return self._rests

    def charge_reading(self, state: ChargeState) -> ChargeReading:
        found = self._charge_readings.get(id(state))
        if found is None:
            found = self._charge_readings[id(state)] = ChargeReading(self.reading, state, self.ready)
        return found

    # One step

    def bare(self, rung: Rung, charge: ChargeState | None = None) -> Draft:
        """A step that is not up today: how it would go is not asked."""
        return Draft(rung, None, charge, self.read)

    @property
    def open(self) -> list[tuple[ChargeState, tuple[Days | None, ...]]]:
        """The chased charges of which enough is unpaid, due or not, each with the windows its due date opens."""
        if self._open is None:
            self._open = [(state, self.ready.days(state)) for state in open_charges(self.facts)]
        return self._open

    def unknown(self, rung: Rung, charge: ChargeState | None, lacking: Sequence[str]) -> Draft:
        """A step whose day nobody can tell, because the source lacks these records."""
        draft = self.bare(rung, charge)
        for source in lacking:
            draft.add("unknown", Reason("unknown", "record", source))
        return draft

    def undated(self, rung: Rung, charge: ChargeState | None) -> Draft:
        """A step tied to a due date nobody knows: that of an opening balance."""
        return self.unknown(rung, charge, (NO_DUE_DATE,))

    def occurrences(
        self, rung: Rung, charge: ChargeState | None, since: date = date.min
    ) -> tuple[list[Occurrence], tuple[str, ...], tuple[str, ...]]:
        """Each time a window opens, earliest first; what the source lacks to tell, and contacts of weak evidence.

        `since`: the present debt fell due that day, and calendar days before it are about no debt.
        """
        window = rung.step.window
        assert window is not None
        if isinstance(window, CalendarWindow):
            days = rung.season(window, self.on).days
            if rung.ladder:
                days = [each for each in days if each.last is None or each.last > since]
            return days, (), ()
        found, moments = self.anchors.occurrences(window, charge, since)
        if len(found) > 1:
            found.sort(key=lambda each: (each.first, each.record))
        return found, moments.lacking, moments.weak

    def draft(self, rung: Rung, occurrence: Occurrence, charge: ChargeState | None) -> Draft:
        """A step of which nothing is known yet but its occurrence, and whether anybody can tell how it goes."""
        read = self.read if charge is None else self.charge_reading(charge).__getitem__
        draft = Draft(rung, occurrence, charge, read)
        for table in rung.tables:
            graded = self._graded(draft, table)
            if isinstance(graded.value, Unknown):
                draft.add("unknown", Reason("unknown", "fact", table, graded.value, graded.at))
        return draft

    def judge(self, draft: Draft) -> Draft:
        """Adds everything that keeps a step back, but its time and what other steps do to it."""
        rung, step, progress = draft.rung, draft.rung.step, draft.progress
        self._ruled(draft)
        if progress.tried or progress.lacking:
            self._done(draft)
        if rung.when is not None:
            self._condition(draft, rung.when(draft.read))
        if self.contested and step.action == clocks.DEMAND:
            self.undisputed(draft)
        if step.after:
            self._after(draft)
        for rest in self.rests:
            if rest.stops(rung, self.tone(draft), draft.charge):
                draft.add(rest.code, rest.because, rest.until)
        if step.approval is not None:
            self._approval(draft, step.approval)
        if progress.tries is not None and not progress.tries.channels:
            draft.codes.append("unreachable")
            draft.reasons += [Reason("unreachable", "channel", channel) for channel in progress.tries.wanted]
        return draft

    def _ruled(self, draft: Draft) -> None:
        ruled = draft.ruled = self.law.ruled(draft.rung, draft.progress.tries)
        if ruled is FREE:
            return
        draft.codes += ruled.codes
        draft.reasons += ruled.reasons
        if "gate" in ruled.codes:
            self._evidence_of_demand(draft)
        elif ruled.charges is not None and draft.rung.asks and not ruled.codes and self.facts.overdue:
            about = {state.charge.id for state in self.facts.overdue if draft.charge in (None, state)}
            if about and about.isdisjoint(ruled.charges):
                draft.codes.append("gate")
                draft.reasons += [Reason("gate", "record", f"charges/{charge}") for charge in sorted(about)]

    def _evidence_of_demand(self, draft: Draft) -> None:
        """Whether a gate asks for a demand that was made, but with less evidence than it needs."""
        asks = any(reason.kind == "fact" and "demand" in reason.name for reason in draft.ruled.reasons)
        if not asks or not self.account.contacts:
            return
        for step in self.ready.demands:
            weak = self.anchors.moments(Anchor("delivered", step), draft.charge, self.since).weak
            if weak:
                draft.codes.append("evidence")
                draft.reasons += [Reason("evidence", "record", f"contacts/{talk}", step) for talk in weak]

    def _done(self, draft: Draft) -> None:
        progress = draft.progress
        if progress.lacking:
            draft.codes.append("unknown")
            draft.reasons += [Reason("unknown", "record", name) for name in progress.lacking]
        if progress.over:
            draft.add("done", None, progress.until)
        draft.reasons += progress.reasons

    def _condition(self, draft: Draft, holds: Truth) -> None:
        if holds is not True:
            draft.unmet = True
            draft.codes.append("condition" if holds is False else "unknown")

    def undisputed(self, draft: Draft) -> None:
        """A formal demand speaks only of what nobody contests."""
        states = self.spoken(draft)
        if states and self.kept_out(states) < sum(state.unpaid for state in states):
            return
        about = None if draft.charge is None else draft.charge.charge.id
        for charge in self.contested:
            if about is None or charge in (None, about):
                draft.add("dispute", Reason("dispute", "record", f"charges/{charge}" if charge else "disputes"))

    def _after(self, draft: Draft) -> None:
        """What must have happened before, in the ladder since the debt it is about fell due."""
        since = self.since if draft.rung.ladder else date.min
        for anchor in draft.rung.step.after:
            moments = self.anchors.moments(anchor, draft.charge, since)
            days = [moved(moment, anchor.offset, self.calendar)[0] for moment in moments.known]
            if any(day <= self.on for day in days):
                continue
            name = f"{anchor.event}({anchor.of})" if anchor.of else anchor.event
            if moments.weak:
                draft.codes.append("evidence")
                draft.reasons += [Reason("evidence", "record", f"contacts/{talk}", name) for talk in moments.weak]
            elif moments.lacking:
                draft.codes.append("unknown")
                draft.reasons += [Reason("unknown", "record", source, name) for source in moments.lacking]
            else:
                last = day_before(min(days)) if days else None
                draft.add("after", Reason("after", "step", name, last), last)

    def _approval(self, draft: Draft, rule: ApprovalRule) -> None:
        if self.account.unknown and self.facts.lacks("approvals"):
            draft.add("unknown", Reason("unknown", "record", "approvals"))
            return
        found = draft.agreed = approvals.agreed(rule, self.account.approvals, draft.rung.names, self.on, self.calendar)
        if not found.granted:
            draft.codes.append("approval")
            draft.reasons += [
                Reason("approval", "record", f"approvals/{each.id}", each.decision) for each in found.refused
            ]
            draft.reasons += [Reason("approval", "role", role) for role in found.missing]

    # How it goes

    def word(self, draft: Draft, said: str | By | None) -> str | None:
        """What a step says of itself, or has a table say; None for nothing, and where nobody can tell."""
        if not isinstance(said, By):
            return said
        value = self._graded(draft, said.table).value
        return None if value == NONE or isinstance(value, Unknown) else str(value)

    def role(self, draft: Draft) -> Role | None:
        """Who does it."""
        role = self.word(draft, draft.rung.step.role)
        return cast(Role, role) if role in ROLES else None

    def tone(self, draft: Draft) -> Tone:
        """The tone of the step, else that in the head of its template; friendly where neither is known."""
        step = draft.rung.step
        if draft.rung.legal:
            return "legal"
        if step.tone is None:
            template = self.ready.book.templates.get(self.word(draft, step.template) or "")
            return "friendly" if template is None else template.tone
        tone = self.word(draft, step.tone)
        return tone if tone in TONES else "friendly"

    def undetermined(self, table: str) -> bool:
        """Whether nobody can tell what a table of the account answers."""
        return isinstance(self.reading.grades[table].value, Unknown)

    def _graded(self, draft: Draft, table: str) -> Graded:
        charge = draft.charge
        if charge is not None and self.ready.book.tables[table].of == "charge":
            return self.charge_reading(charge).grade(table)
        return self.reading.grades[table]

    # What it speaks of

    @property
    def owed(self) -> tuple[ChargeState, ...]:
        """The charges that count as arrears, and those of which a late fee is left."""
        if self._owed is None:
            overdue = set(map(id, self.facts.overdue))
            charges = self.facts.ledger.charges
            self._owed = tuple([state for state in charges if id(state) in overdue or _only_fee_left(state)])
        return self._owed

    def spoken(self, draft: Draft) -> tuple[ChargeState, ...]:
        """The charges a step speaks of: its own, or all that is owed; only those that pass the gates of the law."""
        rung = draft.rung
        if not rung.asks:
            return ()
        if draft.charge is not None:
            states: tuple[ChargeState, ...] = (draft.charge,)
        elif self.facts.overdue:
            states = self.owed
        else:
            states = (self.anchor,) if self.anchor is not None and rung.on_due else ()
        allowed = draft.ruled.charges
        if allowed is not None:
            court = "court_filing" in rung.action.effects
            due = {state.charge.id for state in self.facts.overdue}
            states = tuple(s for s in states if s.charge.id in allowed or not (court or s.charge.id in due))
        if self.contested and rung.step.action == clocks.DEMAND:
            states = tuple(state for state in states if self._demandable(state))
        return states

    def _demandable(self, state: ChargeState) -> bool:
        """Whether something of a charge is left that nobody contests."""
        everything, part = self.contested.get(None, 0), self.contested.get(state.charge.id, 0)
        return everything is not None and part is not None and (part < state.unpaid or not part)

    def kept_out(self, states: Sequence[ChargeState]) -> Fen:
        """The fen contested of these charges, where only a part is."""
        parts = [self.contested.get(state.charge.id) or 0 for state in states]
        at_large = self.contested.get(None) or 0
        return min(sum(state.unpaid for state in states), sum(parts) + at_large)

    # What was done

    def settled(self, rung: Rung, tried: Sequence[Talk], day: date) -> bool:
        """Whether one of these attempts completed the step, or the result of one is still awaited on that day."""
        channels = tries(rung, tried, self.account.debtor)
        if any(completes(talk, rung.step) and not (channels and channels.falls_back(talk)) for talk in tried):
            return True
        last = _to_record(tried)
        return last is not None and day <= rests_until(self.calendar, last, rung.step)

    def tried(self, rung: Rung, charge: ChargeState | None, start: date) -> list[Talk]:
        """The attempts that count for a step from a day on; one that names charges counts for those, whenever made."""
        if not self.account.contacts:
            return []
        if charge is None:
            return [talk for talk in self.anchors.talks_of(rung.step.id) if talk.day >= start]
        return [
            talk
            for talk in self.anchors.talks_of(rung.step.id)
            if (talk.day >= start if talk.contact.charges is None else charge.charge.id in talk.contact.charges)
        ]

    def progress(self, draft: Draft, start: date, *, overtaken: bool = False) -> Progress:
        """What was done under a step from the day `start` on; `overtaken`: since then a higher step was done."""
        rung = draft.rung
        if self.untouched is not None:
            return self.untouched[rung.rank]
        tried = self.tried(rung, draft.charge, start)
        if rung.step.once_per is None:
            return self.progress_of(draft, tried, overtaken=overtaken)
        begins, ends = self._occasion(rung.step.once_per, start)
        number = len(tried)
        tried = self.tried(rung, draft.charge, begins)
        return self.progress_of(draft, tried, ends=ends, overtaken=overtaken)._replace(number=max(number, len(tried)))

    def progress_of(
        self, draft: Draft, tried: Sequence[Talk], *, ends: date | None = None, overtaken: bool = False
    ) -> Progress:
        """The same of given attempts, oldest first. `ends`: the last day of what they count for."""
        rung, step = draft.rung, draft.rung.step
        if not tried:
            nothing = untouched(self.ready, self.account.debtor.reachable)[rung.rank]
            if not self.account.unknown:
                return nothing
            return nothing._replace(lacking=self.anchors.lacking("contacts.at", "contacts.step"))
        channels = tries(rung, tried, self.account.debtor)
        done = [talk for talk in tried if completes(talk, step) and not (channels and channels.falls_back(talk))]
        if not done:
            return self._incomplete(rung, tried, channels)
        found = Progress(tuple(tried), tuple(done), len(tried), over=True, until=ends, tries=channels)
        return found if step.repeat is None else self._again(draft, found, overtaken=overtaken)

    def _incomplete(self, rung: Rung, tried: Sequence[Talk], channels: Tries | None) -> Progress:
        """It was tried, and not completed: undeliverable, unanswered, or not recorded as the step wants it."""
        last = _to_record(tried)
        found = Progress(tuple(tried), (), len(tried), tries=channels)
        if last is not None:
            found = self._awaiting(rung, found, last)
        fields = unrecorded(last or tried[-1], rung.step)
        if last is None:
            found = found._replace(reasons=_still_to_record(tried[-1], rung.step, ""))
        return found._replace(lacking=self.anchors.lacking(*(f"contacts.{name}" for name in fields)))

    def _awaiting(self, rung: Rung, found: Progress, last: Talk) -> Progress:
        """The step rests while what came of its last contact may still be written down; then it is open again."""
        until = rests_until(self.calendar, last, rung.step)
        if self.on <= until:
            return found._replace(over=True, until=until, reasons=_still_to_record(last, rung.step, "done"))
        return found._replace(over=False, reasons=_still_to_record(last, rung.step, ""))

    def _again(self, draft: Draft, done: Progress, *, overtaken: bool) -> Progress:
        """Whether a step that repeats is open again: its time is over, turns are left, and nothing ends it."""
        rung, repeat = draft.rung, draft.rung.step.repeat
        assert repeat is not None
        if overtaken or (repeat.times is not None and len(done.done) >= repeat.times):
            return done
        stopped = rung.until is not None and rung.until(draft.read)
        if stopped:
            return done
        next_on = shifted(done.done[-1].day, repeat.every, self.calendar)[0]
        if self.on < next_on:
            return done._replace(until=day_before(next_on))
        last = _to_record(done.tried[done.tried.index(done.done[-1]) + 1 :])
        if last is not None:
            done = self._awaiting(rung, done, last)
            if done.over:
                return done
        lacking = missing(repeat.until, draft.read) if stopped is None and repeat.until is not None else ()
        return done._replace(over=False, lacking=lacking)

    def _occasion(self, occasion: Occasion, start: date) -> tuple[date, date | None]:
        """The first day that counts for `once_per`, and the last day of its stretch of the calendar."""
        if occasion == "episode":
            return self.facts.part(material.episode) or start, None
        if occasion == "charge":
            return self.since, None
        months = MONTHS[occasion]
        first = date(self.on.year, (self.on.month - 1) // months * months + 1, 1)
        return first, day_before(add_months(first, months))


def _to_record(tried: Sequence[Talk]) -> Talk | None:
    """The last of some attempts that did not complete their step, and did not fail: something is to be recorded."""
    return next((talk for talk in reversed(tried) if talk.contact.outcome not in FAILED), None)


def _still_to_record(talk: Talk, step: Step, code: Code | Literal[""]) -> tuple[Reason, ...]:
    return tuple([Reason(code, "record", f"contacts/{talk.id}", name) for name in unrecorded(talk, step)])


def _only_fee_left(state: ChargeState) -> bool:
    return bool(state.fee.outstanding) and state.chased and not state.unpaid


@lru_cache(maxsize=1024)
def untouched(ready: Ready, reachable: tuple[Channel, ...] | None) -> tuple[Progress, ...]:
    """What there is to say of steps nobody has tried, by rank; `reachable`: how the debtor can be sought."""
    debtor = Party(id="", reachable=reachable)
    return tuple([Progress(tries=tries(rung, (), debtor)) for rung in ready.rungs])
