"""The ladder: which rung is due, in the order of docs/design/escalation.md, and every rung that is not with its codes.

Reached, open, not blocked; of the rest `catch_up` takes. A rung that is blocked supersedes nothing, so a demand that
waits weeks for a signature does not silence the reminders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from dunning.basis.finding import Finding
from dunning.basis.span import Entry
from dunning.engine.known import material
from dunning.engine.known.clocks import fell_due
from dunning.engine.known.facts import Facts
from dunning.engine.known.logic import Read
from dunning.engine.ladder import alike, pauses
from dunning.engine.ladder.drafts import Answer, ChargeGrades, Draft, Grades, Reading
from dunning.engine.ladder.offered import outcome
from dunning.engine.ladder.reminders import reminded, reminders
from dunning.engine.ladder.standing import Household
from dunning.engine.owed.ledger import ChargeState
from dunning.engine.steps.anchors import Occurrence, day_before, open_charges, running_until
from dunning.engine.steps.candidates import Candidate, Code, Reason, Withheld
from dunning.engine.steps.ready import Ready, Rung, made_ready
from dunning.model.rulebook import RuleBook


class Steps(NamedTuple):
    """What every configured step of one account comes to, in the order of the book.

    `ended`: what follows once the last rung is done. `provisional`: a day hangs on a year the calendar does not know.
    """

    candidates: list[Candidate | Withheld]
    ended: str | None
    findings: tuple[Finding, ...]
    provisional: bool
    read: Read


def steps_of(
    facts: Facts, grades: Grades, charge_grades: ChargeGrades = (), known: Mapping[str, Answer] | None = None
) -> Steps:
    """What the reminders and the ladder of an account's book come to on the day of its facts.

    `grades` are the account's answers by table, `charge_grades` those of its open charges; `known` are facts that were
    worked out before. What is read of them can be read on by `read`.
    """
    home, account = household(facts, grades, charge_grades, known), facts.account
    likeness = alike.likeness(home)
    told = None if likeness is None else alike.told(home, likeness)
    candidates, ended = _worked_out(home, likeness) if told is None else (_as_others(home, told), None)
    return Steps(
        candidates,
        ended,
        (*pauses.unanswered(facts), *_strangers(home)) if account.disputes or account.contacts else (),
        any(each.provisional for each in candidates if each.__class__ is Candidate),
        home.read,
    )


def _worked_out(home: Household, likeness: alike.Likeness | None) -> tuple[list[Candidate | Withheld], str | None]:
    """Every step of the household looked at, one by one, and what follows the last rung."""
    rungs = climb(home)
    found = [outcome(home, each) if isinstance(each, Draft) else each for each in (*reminders(home), *rungs)]
    if likeness is not None:
        alike.remember(home, likeness, found)
    return found, _ended(home, rungs) if home.facts.overdue else None


def _as_others(home: Household, told: Sequence[Withheld | None]) -> list[Candidate | Withheld]:
    """The same of a household that stands as others do: only steps of which nothing is told yet are looked at.

    Nothing was ever done there, so no rung is overtaken, and no ladder has ended.
    """
    found: list[Candidate | Withheld] = []
    for rung, withheld in zip(home.ready.rungs, told, strict=True):
        if withheld is not None:
            found.append(withheld)
        else:
            asked = _stand(home, rung, overtaken=False) if rung.ladder else reminded(home, rung)
            found += [outcome(home, each) if isinstance(each, Draft) else each for each in asked]
    return found


def household(
    facts: Facts, grades: Grades, charge_grades: ChargeGrades = (), known: Mapping[str, Answer] | None = None
) -> Household:
    """An account on a day, ready for its steps to be asked about."""
    return Household(facts, made_ready(facts.book), Reading(facts, grades, charge_grades, known or {}))


def reads(book: RuleBook) -> tuple[str, ...]:
    """The facts of the account that a book's steps and pauses read, tables apart."""
    return made_ready(book).reads


# Choosing among the rungs


def climb(home: Household) -> list[Draft | Withheld]:
    """The rungs in the order of the book, each with everything that keeps it back.

    Worked out from the top down, for a rung that was done supersedes those below it, and its deadline quiets them.
    """
    anchor, overdue = home.anchor, home.facts.overdue
    if not overdue and not home.ready.early:
        if anchor is None:
            return [*home.ready.idle]
        return [_waiting(home, rung) for rung in home.ready.ladder]
    found: list[Draft | Withheld] = []
    done: Rung | None = None
    quiet: tuple[date, Rung] | None = None
    for rung in reversed(home.ready.ladder):
        stands = _stand(home, rung, overtaken=done is not None)
        found += reversed(stands)
        if not home.account.contacts:
            continue  # nothing was done, and no deadline was given
        drafts = [each for each in stands if isinstance(each, Draft)]
        if quiet is not None:
            _hush(drafts, quiet)
        if done is None and any(draft.progress.done for draft in drafts):
            done = rung
        running = _running(home, rung, drafts)
        if running is not None and (quiet is None or running > quiet[0]):
            quiet = running, rung
    found.reverse()
    _choose(home.ready, [each for each in found if isinstance(each, Draft)], done)
    return found


def _choose(ready: Ready, drafts: Sequence[Draft], done: Rung | None) -> None:
    """Of the rungs that are open and not blocked those that `catch_up` takes; the others are superseded.

    One that was taken and whose result is awaited keeps its place among them: no other goes out in its stead.
    """
    free = [draft for draft in drafts if not draft.codes or draft.awaited]
    match ready.book.ladder.catch_up:
        case "lowest_first" if free:
            lowest = free[0].rung
            _supersede([draft for draft in free if draft.rung is not lowest and not draft.codes], lowest)
        case "only_highest" if free or done is not None:
            top = done if not free or (done is not None and done.rank > free[-1].rung.rank) else free[-1].rung
            assert top is not None
            lower = [draft for draft in drafts if draft.rung.rank < top.rank]
            _supersede([draft for draft in lower if _DONE_WITH.isdisjoint(draft.codes)], top)
        case "all":
            pass  # the worklist makes one message of them


def _supersede(drafts: Sequence[Draft], by: Rung) -> None:
    because = Reason("superseded", "step", by.step.id)
    for draft in drafts:
        draft.add("superseded", because)


_DONE_WITH: frozenset[Code] = frozenset({"not_yet", "missed", "done"})
"""What is not open cannot be superseded."""


def _hush(drafts: Sequence[Draft], quiet: tuple[date, Rung]) -> None:
    """A deadline that runs quiets the rungs below the one that gave it."""
    until, rung = quiet
    for draft in drafts:
        if _DONE_WITH.isdisjoint(draft.codes):
            draft.add("quiet", Reason("quiet", "step", rung.step.id, until), until)


def _running(home: Household, rung: Rung, drafts: Sequence[Draft]) -> date | None:
    """The last day of a deadline this rung gave that still runs."""
    gives = rung.step.gives
    if gives is None:
        return None
    ends = [
        end[0]
        for draft in drafts
        for talk in draft.progress.tried
        if (end := running_until(home.calendar, gives, talk, rung.step)) is not None and end[0] >= home.on
    ]
    return max(ends, default=None)


# One rung


def _stand(home: Household, rung: Rung, *, overtaken: bool) -> list[Draft | Withheld]:
    """Where a rung stands: once for the account, or for each charge it is about.

    While nothing is overdue no rung is reached, but one that begins before the due date.
    """
    anchor, overdue = home.anchor_of(rung), home.facts.overdue
    if anchor is None or not (overdue or rung.early):
        return [_waiting(home, rung)]
    if not rung.per_charge:
        if rung.dated and not rung.early and fell_due(anchor) >= home.on:
            return [home.undated(rung, None)]  # something is overdue, and nobody knows since when
        return [_of_anchor(home, rung, anchor, None, overtaken=overtaken)]
    states = open_charges(home.facts) if rung.early else overdue
    return [_of_anchor(home, rung, state, state, overtaken=overtaken) for state in states]


def _waiting(home: Household, rung: Rung) -> Withheld:
    """A rung while nothing is overdue that it could be about."""
    anchor = home.anchor_of(rung)
    if anchor is None or (rung.dated and anchor.due is None):
        return rung.never
    days = home.ready.days(anchor)[rung.rank]
    return rung.never if days is None else days.ahead


def _of_anchor(
    home: Household, rung: Rung, state: ChargeState, charge: ChargeState | None, *, overtaken: bool
) -> Draft | Withheld:
    """A rung for the account's anchor charge, or for a charge of its own."""
    if rung.dated and state.due is None:
        return home.undated(rung, charge)
    since = fell_due(state)
    days = home.ready.days(state)[rung.rank]
    if days is not None:
        if days.first > home.on:
            return _done_before(home, rung, state, charge) or days.ahead.of(charge)
        occurrence = Occurrence("due", state.charge.id, since, days.first, days.last, state, days.guessed)
    else:
        occurrences, lacking, weak = home.occurrences(rung, charge, since)
        reached = [each for each in occurrences if each.first <= home.on]
        if not reached:
            return _unreached(home, rung, charge, occurrences, lacking, weak)
        occurrence = reached[-1]
    draft = home.draft(rung, occurrence, charge)
    # What comes before the due date counts from its own first day: it is about this debt, though nobody owes yet.
    start = min(since, occurrence.first) if rung.on_due else max(since, occurrence.first)
    draft.progress = home.progress(draft, start, overtaken=overtaken)
    if rung.step.late == "drop" and occurrence.last is not None and occurrence.last < home.on:
        draft.add("missed", Reason("missed", "day", occurrence.kind, occurrence.last))
        return draft
    return home.judge(draft)


def _done_before(home: Household, rung: Rung, state: ChargeState, charge: ChargeState | None) -> Draft | None:
    """A rung not yet reached that was done all the same since the debt fell due: for an older one, which is paid."""
    if not home.account.contacts or not home.anchors.talks_of(rung.step.id):
        return None
    draft = home.bare(rung, charge)
    draft.progress = home.progress(draft, fell_due(state))
    if not draft.progress.done:
        return None
    draft.codes.append("done" if draft.progress.over else "not_yet")
    return draft


def _unreached(
    home: Household,
    rung: Rung,
    charge: ChargeState | None,
    occurrences: Sequence[Occurrence],
    lacking: tuple[str, ...],
    weak: tuple[str, ...],
) -> Draft | Withheld:
    """Its day lies ahead, or never came; or nobody can tell, or the evidence is too weak."""
    if occurrences:
        return rung.not_yet(day_before(min(each.first for each in occurrences))).of(charge)
    if lacking:
        return home.unknown(rung, charge, lacking)
    draft = home.bare(rung, charge)
    draft.codes.append("not_yet")
    for talk in weak:
        draft.add("evidence", Reason("evidence", "record", f"contacts/{talk}"))
    return draft


# After the ladder, and beside it


def _ended(home: Household, found: Sequence[Draft | Withheld]) -> str | None:
    """What the book says follows, once its last rung is done and nothing of it is left to run."""
    last = home.ready.ladder[-1:]
    at_end = home.ready.book.ladder.at_end
    if at_end is None or not last:
        return None
    tops = [each for each in found if isinstance(each, Draft) and each.rung is last[0]]
    over = tops and all(draft.progress.done and draft.progress.over for draft in tops)
    return at_end if over and _running(home, last[0], tops) is None else None


def _strangers(home: Household) -> list[Finding]:
    """Steps done for the present debt that the book has under no name: nobody can say what they stand for."""
    if not home.account.contacts or not home.facts.overdue or not home.ready.steps:
        return []
    dropped = {retired.name for retired in home.ready.book.retired}
    known = home.ready.steps
    found: dict[str, Finding] = {}
    for talk in home.facts.part(material.taken):
        step = talk.contact.step
        if step is None or step in known or step in dropped or talk.contact.inbound or talk.day < home.since:
            continue
        entry = Entry(home.account.company, home.account.id, "contacts", talk.id)
        found.setdefault(step, Finding("A802", entry, {"step": step, "id": talk.id}))
    return list(found.values())
