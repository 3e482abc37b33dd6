"""Reminders: contacts of their own, each in its window, once for each time its anchor comes up.

Too late is dropped, unless the step says `late: keep`: a notice before the due date is no use after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from dunning.engine.known import clocks
from dunning.engine.known.contacts import Talk
from dunning.engine.ladder.drafts import Draft
from dunning.engine.ladder.standing import Household
from dunning.engine.owed.ledger import ChargeState
from dunning.engine.steps.anchors import Occurrence, day_before
from dunning.engine.steps.candidates import Reason, Withheld
from dunning.engine.steps.ready import Days, Rung
from dunning.model.anchor import CalendarWindow


def reminders(home: Household) -> list[Draft | Withheld]:
    """Every reminder of the book: one for each time it is up or, where it is not, one that says why."""
    return [each for rung in home.ready.reminders for each in reminded(home, rung)]


def reminded(home: Household, rung: Rung) -> Sequence[Draft | Withheld]:
    """The same of one reminder."""
    account = home.account
    if rung.source and not account.unknown and not getattr(account, rung.source):
        return (rung.never,)
    if not rung.per_charge:
        return _of_account(home, rung)
    return _after_payment(home, rung) if rung.source == "payments" else _of_charges(home, rung)


def _of_charges(home: Household, rung: Rung) -> list[Draft | Withheld]:
    """A reminder of each open charge; what no charge has seen is told once."""
    if rung.fixed:
        found: list[Draft | Withheld] = [
            _of_due(home, rung, state, days[rung.rank], state) for state, days in home.open
        ]
    else:
        found = [each for state, _ in home.open for each in _of_window(home, rung, state)]
    return [rung.never] if all(map(_unseen, found)) else found


def _unseen(each: Draft | Withheld) -> bool:
    """Whether nothing it hangs on has come about."""
    return isinstance(each, Withheld) and each.codes == ("not_yet",) and each.until is None


def _of_account(home: Household, rung: Rung) -> Sequence[Draft | Withheld]:
    """A reminder of the account as a whole: of its oldest due date, of days of the calendar, or of its records."""
    if rung.fixed:
        anchor = home.anchor_of(rung)
        if anchor is None:
            return (rung.never,)
        return (_of_due(home, rung, anchor, home.ready.days(anchor)[rung.rank], None),)
    payments = home.facts.ledger.payments
    if rung.on_payment and rung.step.late == "drop" and payments and home.untouched is not None:
        days = rung.paid(payments[-1].on)  # where the last one is over, all are
        if days.last is not None and days.last < home.on:
            return (days.behind,)
    window = rung.step.window
    if isinstance(window, CalendarWindow) and rung.step.late == "drop":
        season = rung.season(window, home.on)
        return [_in_time(home, rung, each, None, None) for each in season.live] or (season.waiting,)
    return _of_window(home, rung, None)


def _of_due(
    home: Household, rung: Rung, state: ChargeState, days: Days | None, charge: ChargeState | None
) -> Draft | Withheld:
    """A reminder tied to a due date alone: its window is known beforehand."""
    if days is None or (rung.dated and state.due is None):
        return home.undated(rung, charge)
    first, last, guessed, ahead, behind = days
    on = home.on
    if on < first:
        return ahead.of(charge)
    past = last is not None and last < on and rung.step.late == "drop"
    if past and (not home.account.contacts or not home.anchors.talks_of(rung.step.id)):
        return behind.of(charge)
    occurrence = Occurrence("due", state.charge.id, clocks.fell_due(state), first, last, charge, guessed)
    return _past(home, rung, occurrence, charge) if past else _in_time(home, rung, occurrence, charge, None)


def _of_window(home: Household, rung: Rung, charge: ChargeState | None) -> Sequence[Draft | Withheld]:
    """A reminder for each time its window is open, or one that says why it is not."""
    occurrences, lacking, _ = home.occurrences(rung, charge)
    if not occurrences:
        return (home.unknown(rung, charge, lacking) if lacking else rung.never.of(charge),)
    live = _live(rung, occurrences, home.on)
    if live:
        shared = _shared_out(home, rung, occurrences, live, charge)
        return [_in_time(home, rung, occurrence, charge, tried) for occurrence, tried in shared]
    ahead = [each.first for each in occurrences if each.first > home.on]
    if ahead:
        return (rung.not_yet(day_before(min(ahead))).of(charge),)
    return (_past(home, rung, occurrences[-1], charge),)


def _after_payment(home: Household, rung: Rung) -> Sequence[Draft | Withheld]:
    """Charges paid long ago are not gone through one by one: those just paid, or else nothing."""
    found = []
    for state in home.facts.ledger.charges:
        if state.applied and state.chased:
            occurrences, _, _ = home.occurrences(rung, state)
            live = _live(rung, occurrences, home.on)
            shared = _shared_out(home, rung, occurrences, live, state)
            found += [_in_time(home, rung, occurrence, state, tried) for occurrence, tried in shared]
    return found or (rung.never,)


# Windows


def _live(rung: Rung, occurrences: Sequence[Occurrence], on: date) -> list[Occurrence]:
    """Those whose window is open; of windows that never close, and of late ones that are kept, the last one reached."""
    live = [each for each in occurrences if each.first <= on and each.last is not None and on <= each.last]
    if live:
        return live
    reached = [each for each in occurrences if each.first <= on and (each.last is None or rung.step.late == "keep")]
    return reached[-1:]


def _in_time(
    home: Household, rung: Rung, occurrence: Occurrence, charge: ChargeState | None, tried: Sequence[Talk] | None
) -> Draft:
    draft = home.draft(rung, occurrence, charge)
    if tried is None:
        draft.progress = home.progress(draft, occurrence.first)
    else:
        draft.progress = home.progress_of(draft, tried)
    return home.judge(draft)


def _past(home: Household, rung: Rung, occurrence: Occurrence, charge: ChargeState | None) -> Draft | Withheld:
    """A window that has closed: what was to be done in it was done, or missed."""
    if not home.anchors.talks_of(rung.step.id):
        return rung.missed(occurrence.kind, occurrence.last).of(charge)
    draft = home.bare(rung, charge)
    in_time = [
        talk
        for talk in home.tried(rung, charge, occurrence.first)
        if talk.contact.charges is not None or occurrence.last is None or talk.day <= occurrence.last
    ]
    draft.progress = home.progress_of(draft, in_time)
    if draft.progress.done:
        draft.codes.append("done")
    else:
        draft.add("missed", Reason("missed", "day", occurrence.kind, occurrence.last))
        draft.reasons += [reason._replace(code="missed") for reason in draft.progress.reasons]
    return draft


def _shared_out(
    home: Household,
    rung: Rung,
    occurrences: Sequence[Occurrence],
    live: Sequence[Occurrence],
    charge: ChargeState | None,
) -> Iterator[tuple[Occurrence, Sequence[Talk] | None]]:
    """The contacts of a step among windows that are open at once: the first still to be done takes the next contact."""
    if len(live) < 2 or rung.step.once_per is not None:
        yield from ((each, None) for each in live)
        return
    shares: dict[Occurrence, list[Talk]] = {each: [] for each in occurrences}
    for talk in home.tried(rung, charge, min(each.first for each in occurrences)):
        fitting = [each for each in occurrences if each.first <= talk.day]
        waiting = [
            each for each in fitting
            if (each.last is None or talk.day <= each.last) and not home.settled(rung, shares[each], talk.day)
        ]  # fmt: skip
        if fitting:
            shares[waiting[0] if waiting else fitting[-1]].append(talk)
    yield from ((each, shares[each]) for each in live)
