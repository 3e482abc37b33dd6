"""The days on which a right ends or a period runs out: limitation of each charge, demands, promises, courts' periods.

Worked out from the records each time, so nothing is stored and a record that comes in late still counts. Where the law
leaves room the earlier day is told: a day too soon costs an early letter, a day too late costs the claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache

from dunning.basis.calendar import Calendar, Rolled
from dunning.engine.known import clocks, material
from dunning.engine.known.clocks import Demand, fell_due
from dunning.engine.known.material import Material
from dunning.engine.ladder import pauses
from dunning.engine.law.guard import law_today
from dunning.engine.limitation import concerns, in_days, later, limitation, overlap
from dunning.engine.owed.ledger import ChargeState
from dunning.engine.result import Deadline
from dunning.engine.steps.anchors import shifted
from dunning.engine.steps.candidates import Reason
from dunning.model.account import Proceeding, ProceedingKind
from dunning.model.anchor import AnchorWindow, Duration
from dunning.model.law import Clock, ClockName
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import Statutes
from dunning.model.steps import Gives

_BEHIND: Mapping[str, tuple[str, ...]] = {
    "part_payment": ("SPC-LIM-14",),
    "promise": ("SPC-LIM-14",),
    "plan": ("SPC-LIM-14", "CC-189"),
    "mediation": ("SPC-LIM-12",),
    "payment_order": ("SPC-LIM-11",),
    "demand": ("CC-944.2",),
    "instalment": ("SPC-LIM-14", "CC-189"),
}
"""What bears a restart or a deadline beside the articles of the law's own clock."""

_FINAL: frozenset[ProceedingKind] = frozenset({"judgment", "judicial_confirmation"})
"""What can be enforced: from then on not limitation runs but the time to apply for enforcement."""

_ORDER: tuple[ClockName, ...] = (
    "payment_order_notice", "payment_order_issue", "payment_order_service", "payment_order_objection",
)  # fmt: skip
"""The periods of a payment order, one after the other: acceptance, issue, service, objection."""


def deadlines(of: Material) -> tuple[Deadline, ...]:
    """Every deadline of an account on the day of its facts, the earliest first; most accounts have none.

    Limitation is told of open charges past their due date, other deadlines while they run or matter; one that has
    passed has `days_left` below zero. The articles are those in force that day at the account's place.
    """
    account, ledger = of.account, of.ledger
    states = _open(of)
    if not (states or ledger.plans or account.disputes or account.proceedings or account.contacts):
        return ()
    found: list[Deadline] = []
    law = of.part(law_today)
    if states:
        found += _limitation(of, law, states)
    if account.contacts:
        found += _demands(of, law)
        found += _promises(of, law)
    if ledger.plans:
        found += _instalments(of, law)
    if account.disputes:
        found += _answers(of, law)
    if account.proceedings:
        found += _proceedings(of, law)
    if len(found) > 1:
        found.sort(key=lambda each: (each.on, each.kind, each.charge or "", each.because))
    return tuple(found)


# Articles and alerts


@lru_cache(maxsize=1024)
def articles_of(law: Statutes, clock: ClockName | None, restart: str = "") -> tuple[str, ...]:
    """The articles in force of a clock, and of what started it afresh."""
    known = law.clocks.get(clock) if clock is not None else None
    named = (*(known.articles if known is not None else ()), *_BEHIND.get(restart, ()))
    return tuple(dict.fromkeys(article for article in named if article in law.articles))


@lru_cache(maxsize=1024)
def _alerts(clock: Clock | None) -> tuple[int, ...]:
    """So many days before, the last alert first."""
    lengths = clock.alerts if clock is not None else ()
    return tuple(sorted(in_days(length) for length in lengths))


def alerts_of(law: Statutes, kind: str) -> tuple[int, ...]:
    """How many days before a deadline of a kind the law's clock has it told, the last alert first."""
    return next((_alerts(clock) for name, clock in law.clocks.items() if name == kind), ())


def alert_of(days_left: int, alerts: Iterable[int]) -> int | None:
    """The last alert that has come, in days before the day; 0 once it has passed, None before the first."""
    if days_left < 0:
        return 0
    return min((days for days in alerts if days_left <= days), default=None)


def _deadline(
    of: Material,
    law: Statutes,
    kind: str,
    on: date,
    because: tuple[Reason, ...],
    *,
    clock: ClockName | None = None,
    behind: str = "",
    charge: str | None = None,
    provisional: bool = False,
) -> Deadline:
    left = on.toordinal() - of.on.toordinal()
    alert = alert_of(left, _alerts(law.clocks.get(clock) if clock is not None else None))
    return Deadline(kind, charge, on, left, provisional, articles_of(law, clock, behind), alert, because)


def _record(name: str, day: date) -> tuple[Reason, ...]:
    return (Reason("", "record", name, day),)


# Limitation (民法典第188条, 第195条)


def _limitation(of: Material, law: Statutes, states: Iterable[ChargeState]) -> Iterator[Deadline]:
    clock = law.clocks.get("limitation")
    if clock is None:
        return
    alerts, articles = _of_limitation(law)
    judged, today = _finals(of), of.on.toordinal()
    first_alert = alerts[-1] if alerts else -1
    for state in states:
        due, charge = state.due, state.charge.id
        if due is None or (judged and any(concerns(each, state) for each in judged)):
            continue  # an opening balance: nobody knows when it fell due, so nobody knows when it is barred
        last, by = limitation(of, state, clock)
        left = last.toordinal() - today
        alert = alert_of(left, alerts) if left <= first_alert else None
        if by is None:
            because = (Reason("", "record", f"charges/{charge}", due),)
            yield Deadline("limitation", charge, last, left, state.provisional, articles, alert, because)
        else:
            because = (Reason("", "record", by.record, by.day),)
            cited = articles_of(law, "limitation", by.by)
            yield Deadline("limitation", charge, last, left, articles=cited, alert=alert, because=because)


@lru_cache(maxsize=256)
def _of_limitation(law: Statutes) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The alerts of the clock, and the articles behind it."""
    return _alerts(law.clocks.get("limitation")), articles_of(law, "limitation")


def _open(of: Material) -> list[ChargeState]:
    """The debtor's own charges past their due date of which enough is unpaid, chased by the book or not."""
    on, least = of.on, of.chase_from
    return [
        state for state in of.ledger.charges
        if state.unpaid >= least and not state.other_debtor and fell_due(state) < on
    ]  # fmt: skip


# Demands and promises


def _demands(of: Material, law: Statutes) -> Iterator[Deadline]:
    """Of each charge that is still overdue the last demand that reached the debtor, and when to ask after it."""
    latest: dict[str, Demand] = {}
    known = of.part(material.demands)
    for state in of.overdue if known else ():
        covering = [demand for demand in known if demand.proven and demand.covers(state, of.chase_from)]
        if covering:
            last = max(covering, key=lambda demand: demand.until.day)
            latest[last.contact] = last
    for demand in latest.values():
        because = _record(f"contacts/{demand.contact}", demand.day)
        charge = demand.charges[0] if demand.charges is not None and len(demand.charges) == 1 else None
        until = demand.until
        yield _deadline(
            of, law, "demand", until.day, because, behind="demand", charge=charge, provisional=until.provisional
        )
        for step, offset in follow_ups(of.book):
            day, guessed = shifted(demand.day, offset, of.book.calendar)
            done = any(talk.contact.step == step and talk.day >= demand.day for talk in of.part(material.taken))
            if not done and of.on <= day:
                why = (*because, Reason("", "step", step))
                yield _deadline(
                    of, law, "demand_follow_up", day, why, behind="demand", charge=charge, provisional=guessed
                )


@lru_cache(maxsize=64)
def follow_ups(book: RuleBook) -> tuple[tuple[str, Duration], ...]:
    """The steps that ask after a demand once it has arrived, each with its last day, from the day of arrival."""
    demanding = clocks.demand_steps(book)
    found = []
    for step in (*book.reminders, *book.ladder.steps):
        window = step.window
        if isinstance(window, AnchorWindow) and window.first.event == "delivered" and window.first.of in demanding:
            last = window.last if window.last is not None and window.last.event == "delivered" else window.first
            found.append((step.id, last.offset))
    return tuple(found)


def _promises(of: Material, law: Statutes) -> Iterator[Deadline]:
    """The promised days still ahead."""
    for state in of.part(material.promises):
        if state.state == "open":
            made = next(
                talk for talk in reversed(of.part(material.talks))
                if talk.contact.promise is not None and talk.contact.promise.on == state.on
            )  # fmt: skip
            named = made.contact.charges
            charge = named[0] if named is not None and len(named) == 1 else None
            yield _deadline(
                of, law, "promise", state.on, _record(f"contacts/{made.id}", state.made), behind="promise",
                charge=charge,
            )  # fmt: skip


# Plans and disputes


def _instalments(of: Material, law: Statutes) -> Iterator[Deadline]:
    """The instalments of kept plans that the payments have not reached yet."""
    for known in of.ledger.plans:
        if known.state != "kept":
            continue
        plan = known.plan
        items = {state.charge.item for state in of.ledger.charges if state.charge.id in plan.charges}
        paid = sum(
            payment.amount
            for payment in of.ledger.payments
            if payment.on >= plan.signed
            and (not payment.for_ or overlap(payment.for_, plan.charges))
            and (not payment.only or not items or not items.isdisjoint(payment.only))
        )
        asked = 0
        for number, instalment in enumerate(sorted(plan.instalments, key=lambda each: each.due), start=1):
            asked += instalment.amount
            if paid < asked:
                because = _record(f"plans/{plan.id}/{number}", plan.signed)
                yield _deadline(of, law, "instalment", instalment.due, because, behind="instalment")


def _answers(of: Material, law: Statutes) -> Iterator[Deadline]:
    """The day by which an open dispute has to be answered; while it is not, it stays, days overdue."""
    calendar = of.book.calendar
    for dispute in of.part(material.disputes):
        if dispute.answered is None or dispute.answered > of.on:
            due = pauses.answer_due(dispute, of.book.pauses, calendar)
            yield _deadline(
                of, law, "answer", due, _record(f"disputes/{dispute.id}", dispute.opened), clock="answer",
                charge=dispute.charge, provisional=not calendar.known(due),
            )  # fmt: skip


# Courts and mediators


def _finals(of: Material) -> list[Proceeding]:
    return [each for each in of.account.proceedings if each.kind in _FINAL and each.on <= of.on]


def _proceedings(of: Material, law: Statutes) -> Iterator[Deadline]:
    """Periods of proceedings about what is still open, until the next step in them is on record."""
    states = _open(of)
    known = [each for each in of.account.proceedings if each.on <= of.on]
    for each in known:
        if not any(concerns(each, state) for state in states):
            continue
        after = {
            later.kind for later in known
            if (later.on, later.id) > (each.on, each.id) and overlap(later.charges, each.charges)
        }  # fmt: skip
        match each.kind:
            case "mediation_agreement" if after.isdisjoint({"judicial_confirmation", "withdrawn", "suit", "judgment"}):
                yield from _confirmation(of, law, each)
            case "payment_order" if not after:
                yield from _payment_order(of, law, each)
            case "judgment" | "judicial_confirmation" if "enforcement" not in after:
                yield from _enforcement(of, law, each)


def _of_one(proceeding: Proceeding) -> str | None:
    return proceeding.charges[0] if len(proceeding.charges) == 1 else None


def _end(clock: Clock, calendar: Calendar, since: date) -> Rolled:
    """民法典第201至203条: the first day does not count, a last day that is a rest day moves."""
    return clocks.deadline(calendar, Gives(clock.lasts), since)


def _confirmation(of: Material, law: Statutes, agreement: Proceeding) -> Iterator[Deadline]:
    """Thirty days to ask the court to confirm a mediated agreement (民事诉讼法第205条)."""
    clock = law.clocks.get("mediation_confirmation")
    if clock is None:
        return
    until = _end(clock, of.book.calendar, agreement.on)
    if of.on <= until.day:
        yield _deadline(
            of, law, "mediation_confirmation", until.day, _record(f"proceedings/{agreement.id}", agreement.on),
            clock="mediation_confirmation", charge=_of_one(agreement), provisional=until.provisional,
        )  # fmt: skip


def _payment_order(of: Material, law: Statutes, filed: Proceeding) -> Iterator[Deadline]:
    """The last day of each period, every one before it taken at its longest: the records name only the filing."""
    since, guessed = filed.on, False
    because = _record(f"proceedings/{filed.id}", filed.on)
    for name in _ORDER:
        clock = law.clocks.get(name)
        if clock is None:
            return
        until = _end(clock, of.book.calendar, since)
        guessed = guessed or until.provisional
        if of.on <= until.day:
            yield _deadline(of, law, name, until.day, because, clock=name, charge=_of_one(filed), provisional=guessed)
        if len(because) == 1:
            because = (*because, Reason("", "day", name, until.day))
        else:
            because = (because[0], Reason("", "day", name, until.day))
        since = until.day


def _enforcement(of: Material, law: Statutes, judgment: Proceeding) -> Iterator[Deadline]:
    """Two years to apply for enforcement (民事诉讼法第250条), counted from the day the judgment took effect.

    It runs from the last day of the period to perform, which the records do not name: it ends no earlier than told.
    """
    clock = law.clocks.get("enforcement")
    if clock is None:
        return
    yield _deadline(
        of, law, "enforcement", later(judgment.on, clock.lasts), _record(f"proceedings/{judgment.id}", judgment.on),
        clock="enforcement", charge=_of_one(judgment),
    )  # fmt: skip


# For letters and explanations


def time_barred(found: Iterable[Deadline]) -> frozenset[str]:
    """The charges whose limitation has passed: they may be asked for, never called enforceable (民法典第192条)."""
    return frozenset(each.charge for each in found if each.kind == "limitation" and each.passed and each.charge)
