"""What lets steps rest: holds, plans that are kept, promises that count, open disputes, and the book's own pauses.

The law sets the floor: who may not owe at all is left alone until answered, and nobody is threatened with a court over
a complaint nobody has answered. A book can ask for more rest, never for less; and no pause runs for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from dunning.basis.calendar import Calendar
from dunning.basis.finding import Finding
from dunning.basis.money import Fen
from dunning.basis.span import Entry
from dunning.engine.known import material
from dunning.engine.known.catalogue import DISPUTE_KINDS
from dunning.engine.known.clocks import PromiseState
from dunning.engine.known.logic import Read, missing
from dunning.engine.known.material import Material
from dunning.engine.owed.ledger import ChargeState
from dunning.engine.steps.anchors import shifted
from dunning.engine.steps.candidates import Code, Reason
from dunning.engine.steps.ready import Resting, Rung
from dunning.model.account import Dispute, DisputeKind
from dunning.model.anchor import Duration
from dunning.model.condition import Contains, Unknown, Value, checks
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Pause, Promises, Stop, Tone

RESOLVE = "resolve_complaint"
"""What is owed to the debtor; nothing lets it rest."""

NOT_THEIRS: frozenset[DisputeKind] = frozenset({"not_debtor", "already_paid"})
COMPLAINTS: frozenset[DisputeKind] = frozenset({"service_quality", "billing_error"})
EXPLAINED: frozenset[DisputeKind] = frozenset({"price", "not_used"})
LONGEST = Duration(10, "wd")
"""How long any other dispute may hold up the ladder, and the time to answer where nothing shorter is said."""
COMPLAINT_ANSWERED = Duration(48, "h")

_LADDER = Stop("ladder")
_ALL = Stop("all")
_LEGAL = Stop("tone", "legal")
_PROMISE = frozenset({"promise_open", "promise_on"})
_DISPUTE = frozenset({"open_disputes", "open_dispute_kinds", "disputed_amount"})


class Rest(NamedTuple):
    """Some steps rest, for a reason. `until`: the last day, where known. `charges`: only about these (None: all)."""

    code: Code
    stop: Stop
    because: Reason
    until: date | None = None
    charges: tuple[str, ...] | None = None

    def stops(self, rung: Rung, tone: Tone | None, charge: ChargeState | None) -> bool:
        """Whether a step rests; one about a single charge does not where the reason is about others."""
        if rung.step.action == RESOLVE:
            return False
        if charge is not None and self.charges is not None and charge.charge.id not in self.charges:
            return False
        match self.stop.what:
            case "all":
                return True
            case "ladder":
                return rung.ladder
            case "reminders":
                return not rung.ladder
            case "tone":
                return tone == self.stop.name
            case "step":
                return self.stop.name in rung.names


def rests(of: Material, pauses: Iterable[Resting], read: Read) -> tuple[Rest, ...]:
    """All that lets steps of an account rest on the day; most accounts have nothing."""
    account = of.account
    found: list[Rest] = []
    if account.holds:
        found += _holds(of)
    if of.ledger.plans:
        found += _plans(of)
    counted = _counting(of) if account.contacts else []
    found += [_promise(of, promise) for promise in counted]
    for dispute in _disputes(of):
        found += floor(dispute, of.book, of.on)
    for resting in pauses:
        if not _PROMISE.isdisjoint(resting.reads) and account.contacts:
            found += _paused(of, resting, _counting_only(read, counted), counted)
        elif resting.holds(read) is not False:
            found += _paused(of, resting, read, counted)
    return tuple(found)


# Holds and plans


def _holds(of: Material) -> Iterator[Rest]:
    for hold in sorted(of.account.holds, key=lambda each: (each.since, each.id)):
        if hold.kind != "accrual" and hold.since <= of.on and (hold.until is None or of.on <= hold.until):
            yield Rest("hold", _ALL, Reason("hold", "record", f"holds/{hold.id}", hold.reason), hold.until)


def _plans(of: Material) -> Iterator[Rest]:
    """While a plan is kept there is no ladder; for a charge alone, while the plan is about it."""
    for state in of.ledger.plans:
        if state.state == "kept":
            yield Rest(
                "plan", _LADDER, Reason("plan", "record", f"plans/{state.plan.id}"), None, state.plan.charges or None
            )


# Promises


def counting_promises(
    promises: Sequence[PromiseState], rules: Promises, since: date | None, calendar: Calendar
) -> list[PromiseState]:
    """The open promises that let the ladder rest: not too far off, and not one too many in a row.

    In a row are the promises before it that were not kept, back to one that was or to the start of the episode.
    """
    counted = []
    in_a_row = 0
    for promise in promises:
        if promise.state == "kept":
            in_a_row = 0
            continue
        near = promise.on <= shifted(promise.made, rules.longest, calendar)[0]
        if promise.state == "open" and near and in_a_row < rules.in_a_row:
            counted.append(promise)
        if since is None or promise.made >= since:
            in_a_row += 1
    return counted


def _counting(of: Material) -> list[PromiseState]:
    promises = of.part(material.promises)
    if not any(promise.state == "open" for promise in promises):
        return []
    return counting_promises(promises, of.book.promises, of.part(material.episode), of.book.calendar)


def _promise(of: Material, promise: PromiseState) -> Rest:
    contact = next(
        talk.id
        for talk in of.part(material.talks)
        if talk.contact.promise is not None and talk.contact.promise.on == promise.on
    )
    return Rest("promise", _LADDER, Reason("promise", "record", f"contacts/{contact}", promise.on), promise.on)


# Disputes


def _disputes(of: Material) -> list[Dispute]:
    """The open ones, by the day they were raised; most accounts have none."""
    if not of.account.disputes:
        return []
    return sorted(of.part(material.disputes), key=lambda each: (each.opened, each.id))


def _unanswered(dispute: Dispute, on: date) -> bool:
    return dispute.answered is None or dispute.answered > on


def _reason(dispute: Dispute) -> Reason:
    return Reason("dispute", "record", f"disputes/{dispute.id}", dispute.kind)


def floor(dispute: Dispute, book: RuleBook, on: date) -> Iterator[Rest]:
    """What the law asks for while an open dispute is not answered, whatever the book says."""
    if not _unanswered(dispute, on):
        return
    because, about = _reason(dispute), _about(dispute)
    if dispute.kind in NOT_THEIRS:
        yield Rest("dispute", _ALL, because, None, about)
    elif dispute.kind not in EXPLAINED:
        yield Rest("dispute", _LEGAL, because, None, about)
        until = last_rest(dispute, book.calendar)
        if dispute.kind not in COMPLAINTS and on <= until:
            yield Rest("dispute", _LADDER, because, until, about)
    elif on > answer_due(dispute, book.pauses, book.calendar):
        yield Rest("dispute", _LEGAL, because, None, about)


def _about(dispute: Dispute) -> tuple[str, ...] | None:
    return None if dispute.charge is None else (dispute.charge,)


def last_rest(dispute: Dispute, calendar: Calendar) -> date:
    """The last day a dispute may hold up the ladder."""
    return shifted(dispute.opened, LONGEST, calendar)[0]


def answer_due(dispute: Dispute, pauses: Iterable[Pause], calendar: Calendar) -> date:
    """The last day to answer a dispute: what the book's pauses give it, at most what is usual for its kind."""
    within = [COMPLAINT_ANSWERED] if dispute.kind in COMPLAINTS else [LONGEST]
    within += [
        pause.answer_within
        for pause in pauses
        if pause.answer_within is not None and dispute.kind in (kinds_of(pause) or ())
    ]
    return min(shifted(dispute.opened, length, calendar)[0] for length in within)


def unanswered(of: Material) -> Iterator[Finding]:
    """A finding for every dispute whose answer is overdue: whoever is in charge has to answer before all else."""
    for dispute in _disputes(of):
        yield from overdue_answer(dispute, of.book, of.on, of.account.company, of.account.id)


def overdue_answer(dispute: Dispute, book: RuleBook, on: date, company: str, account: str) -> Iterator[Finding]:
    """The same of one open dispute."""
    due = answer_due(dispute, book.pauses, book.calendar)
    if on > due and _unanswered(dispute, on):
        args = {"id": dispute.id, "kind": DISPUTE_KINDS[dispute.kind], "due": due, "opened": dispute.opened}
        yield Finding("A801", Entry(company, account, "disputes", dispute.id), args)


def contested(of: Material) -> dict[str | None, Fen | None]:
    """What stays out of a formal demand: by charge (None: the whole account) the fen contested, None for all of it.

    Every open dispute counts, answered or not, but those that are explained rather than looked into.
    """
    return contested_by(_disputes(of))


def contested_by(disputes: Iterable[Dispute]) -> dict[str | None, Fen | None]:
    """The same by these disputes."""
    found: dict[str | None, Fen | None] = {}
    for dispute in disputes:
        if dispute.kind in EXPLAINED:
            continue
        before = found.get(dispute.charge, 0)
        amount = dispute.amount
        found[dispute.charge] = None if amount is None or before is None else before + amount
    return found


# The book's own pauses


def kinds_of(pause: Pause) -> tuple[str, ...] | None:
    """The kinds of dispute a pause names; None where it names none."""
    named = [
        word
        for check in checks(pause.while_)
        if check.fact == "open_dispute_kinds" and isinstance(check.test, Contains) and not check.test.negated
        for word in check.test.values
    ]
    return tuple(named) or None


def _counting_only(read: Read, counted: Sequence[PromiseState]) -> Read:
    """The facts as a pause sees them: a promise that does not count opens none."""

    def read_counted(fact: str) -> Value | Unknown:
        value = read(fact)
        if fact == "promise_open":
            return value and bool(counted) if isinstance(value, bool) else value
        if fact == "promise_on":
            return max((each.on.toordinal() for each in counted), default=None) if isinstance(value, int) else value
        return value

    return read_counted


def _paused(of: Material, resting: Resting, read: Read, counted: Sequence[PromiseState]) -> Iterator[Rest]:
    """What a pause stops, while its condition holds or nobody can tell."""
    pause, holds, facts = resting
    found = holds(read)
    if found is False:
        return
    if found is None:
        lacking = missing(pause.while_, read)
        because = Reason("unknown", "fact", lacking[0] if lacking else "", None, pause.at)
        for stop in pause.stops:
            yield Rest("unknown", stop, because)
        return
    if not _DISPUTE.isdisjoint(facts):
        for dispute in _disputes(of):
            yield from paused_by(dispute, pause, of.book, of.on)
        return
    code: Code = "promise" if not _PROMISE.isdisjoint(facts) else "plan" if "plan_state" in facts else "hold"
    until = max((each.on for each in counted), default=None) if code == "promise" else None
    for stop in pause.stops:
        fact = facts[0] if facts else ""
        yield Rest(code, stop, Reason(code, "fact", fact, read(fact) if fact else None, pause.at), until)


def paused_by(dispute: Dispute, pause: Pause, book: RuleBook, on: date) -> Iterator[Rest]:
    """What a pause stops while a dispute it is about is open (or, if it says so, not answered)."""
    kinds = kinds_of(pause)
    if kinds is not None and dispute.kind not in kinds:
        return
    if pause.until == "answered" and not _unanswered(dispute, on):
        return
    for stop in pause.stops:
        limited = dispute.kind not in NOT_THEIRS | COMPLAINTS and stop != _LEGAL
        until = last_rest(dispute, book.calendar) if limited else None
        if until is None or on <= until:
            yield Rest("dispute", stop, _reason(dispute)._replace(at=pause.at), until, _about(dispute))
