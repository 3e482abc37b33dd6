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
from dunning.engine.steps.anchors import Occurrence, day_before, open_charges
from dunning.engine.steps.candidates import Reason, Withheld
from dunning.engine.steps.ready import Rung, Season
from dunning.model.anchor import CalendarWindow


def reminders(home: Household) -> Iterator[Draft | Withheld]:
    """Every reminder of the book: one for each time it is up or, where it is not, one that says why."""
    open_now: list[ChargeState] | None = None
    account = home.account
    for rung in home.ready.reminders:
        if rung.source and not account.unknown and not getattr(account, rung.source):
            yield rung.never
        elif not rung.per_charge:
            yield from _of_account(home, rung)
        elif rung.source == "payments":
            yield from _after_payment(home, rung)
        else:
            if open_now is None:
                open_now = open_charges(home.facts)
            found = [each for state in open_now for each in _of_charge(home, rung, state)]
            yield from (rung.never,) if all(map(_unseen, found)) else found


def _unseen(each: Draft | Withheld) -> bool:
    """Whether nothing it hangs on has come about; what no charge has seen is told once."""
    return isinstance(each, Withheld) and each.codes == ("not_yet",) and each.until is None


def _of_charge(home: Household, rung: Rung, state: ChargeState) -> Iterator[Draft | Withheld]:
    """A reminder of one open charge; tied to its due date alone, its window is known beforehand."""
    if not rung.fixed:
        yield from _of_account(home, rung, state)
        return
    yield _of_due(home, rung, state, state)


def _of_due(home: Household, rung: Rung, state: ChargeState, charge: ChargeState | None) -> Draft | Withheld:
    if rung.dated and state.due is None:
        return home.undated(rung, charge)
    days, on = rung.days(state), home.on
    if on < days.first:
        return days.ahead.of(charge)
    past = days.last is not None and days.last < on and rung.step.late == "drop"
    if past and not home.anchors.talks_of(rung.step.id):
        return days.behind.of(charge)
    occurrence = Occurrence("due", state.charge.id, clocks.fell_due(state), days.first, days.last, charge, days.guessed)
    return _past(home, rung, occurrence, charge) if past else _in_time(home, rung, occurrence, charge, None)


def _of_account(home: Household, rung: Rung, charge: ChargeState | None = None) -> Iterator[Draft | Withheld]:
    if rung.fixed and charge is None:
        anchor = home.anchor_of(rung)
        yield rung.never if anchor is None else _of_due(home, rung, anchor, None)
        return
    window = rung.step.window
    if isinstance(window, CalendarWindow) and charge is None and rung.step.late == "drop":
        yield from _of_season(home, rung, rung.season(window, home.on))
        return
    occurrences, lacking, _ = home.occurrences(rung, charge)
    if not occurrences:
        yield home.unknown(rung, charge, lacking) if lacking else rung.never.of(charge)
        return
    live = _live(rung, occurrences, home.on)
    if live:
        for occurrence, tried in _shared_out(home, rung, occurrences, live, charge):
            yield _in_time(home, rung, occurrence, charge, tried)
        return
    ahead = [each.first for each in occurrences if each.first > home.on]
    yield rung.not_yet(day_before(min(ahead))).of(charge) if ahead else _past(home, rung, occurrences[-1], charge)


def _of_season(home: Household, rung: Rung, season: Season) -> Iterator[Draft | Withheld]:
    """A reminder on calendar days: today's, or the next."""
    for occurrence in season.live:
        yield _in_time(home, rung, occurrence, None, None)
    if not season.live:
        yield season.waiting


def _after_payment(home: Household, rung: Rung) -> Iterator[Draft | Withheld]:
    """Charges paid long ago are not gone through one by one: those just paid, or else nothing."""
    found = False
    for state in home.facts.ledger.charges:
        if not state.applied or not state.chased:
            continue
        occurrences, _, _ = home.occurrences(rung, state)
        live = _live(rung, occurrences, home.on)
        for occurrence, tried in _shared_out(home, rung, occurrences, live, state):
            found = True
            yield _in_time(home, rung, occurrence, state, tried)
    if not found:
        yield rung.never


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
    return draft


def _shared_out(
    home: Household,
    rung: Rung,
    occurrences: Sequence[Occurrence],
    live: Sequence[Occurrence],
    charge: ChargeState | None,
) -> Iterator[tuple[Occurrence, Sequence[Talk] | None]]:
    """The contacts of a step among windows that are open at once: the first not yet done takes the next contact."""
    if len(live) < 2 or rung.step.once_per is not None:
        yield from ((each, None) for each in live)
        return
    shares: dict[Occurrence, list[Talk]] = {each: [] for each in occurrences}
    for talk in home.tried(rung, charge, min(each.first for each in occurrences)):
        fitting = [each for each in occurrences if each.first <= talk.day]
        waiting = [
            each for each in fitting
            if (each.last is None or talk.day <= each.last) and not home.completed(rung, shares[each])
        ]  # fmt: skip
        if fitting:
            shares[waiting[0] if waiting else fitting[-1]].append(talk)
    yield from ((each, shares[each]) for each in live)
