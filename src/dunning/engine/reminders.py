"""Reminders: contacts of their own, each in its window, once for each time its anchor comes up.

Too late is dropped, unless the step says `late: keep`: a notice before the due date is no use after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from dunning.engine.anchors import Occurrence, day_before, open_charges
from dunning.engine.candidates import Reason
from dunning.engine.contacts import Talk
from dunning.engine.drafts import Draft
from dunning.engine.ledger import ChargeState
from dunning.engine.ready import Rung
from dunning.engine.standing import Household
from dunning.model.anchor import AnchorWindow

_AFTER_PAYMENT = ("paid", "settled")


def reminders(home: Household) -> Iterator[Draft]:
    """Every reminder of the book: one draft for each time it is due or, where it is not, one that says why."""
    open_now: list[ChargeState] | None = None
    for rung in home.ready.reminders:
        if not rung.per_charge:
            yield from _of_account(home, rung)
            continue
        window = rung.step.window
        if isinstance(window, AnchorWindow) and window.first.event in _AFTER_PAYMENT:
            yield from _after_payment(home, rung)
            continue
        if open_now is None:
            open_now = open_charges(home.facts)
        if not open_now:
            yield _never(home, rung)
        for state in open_now:
            yield from _of_account(home, rung, state)


def _never(home: Household, rung: Rung) -> Draft:
    """What it is tied to is not there: no charge is open, nothing was promised."""
    draft = home.bare(rung)
    draft.codes.append("not_yet")
    return draft


def _of_account(home: Household, rung: Rung, charge: ChargeState | None = None) -> Iterator[Draft]:
    occurrences, lacking, _ = home.occurrences(rung, charge)
    if not occurrences:
        draft = _never(home, rung) if not lacking else home.unknown(rung, charge, lacking)
        draft.charge = charge
        yield draft
        return
    live = _live(rung, occurrences, home.on)
    if live:
        for occurrence, tried in _shared_out(home, rung, occurrences, live, charge):
            yield _in_time(home, rung, occurrence, charge, tried)
    else:
        yield _out_of_time(home, rung, occurrences, charge)


def _after_payment(home: Household, rung: Rung) -> Iterator[Draft]:
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
        yield _never(home, rung)


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


def _out_of_time(home: Household, rung: Rung, occurrences: Sequence[Occurrence], charge: ChargeState | None) -> Draft:
    """Not yet, if a window is still to come; else it was done in its time, or missed."""
    ahead = [each for each in occurrences if each.first > home.on]
    draft = home.bare(rung, charge)
    if ahead:
        last = day_before(min(each.first for each in ahead))
        draft.add("not_yet", Reason("not_yet", "day", ahead[0].kind, last), last)
        return draft
    latest = draft.occurrence = occurrences[-1]
    draft.progress = home.progress(draft, latest.first)
    draft.add("done" if draft.progress.done else "missed", Reason("missed", "day", latest.kind, latest.last))
    return draft


def _shared_out(
    home: Household,
    rung: Rung,
    occurrences: Sequence[Occurrence],
    live: Sequence[Occurrence],
    charge: ChargeState | None,
) -> Iterator[tuple[Occurrence, Sequence[Talk] | None]]:
    """The contacts of a step among windows that are open at once: the first not yet done takes the next contact."""
    if len(live) == 1 or rung.step.once_per is not None:
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
