"""Instalment plans: kept, broken or completed, and the days on which they let no late fee accrue.

Kept is decided from payments alone; allocation plays no part, so that there is no circle (docs/design/fee-math.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from dunning.basis.calendar import Calendar, add_months
from dunning.basis.errors import CalendarError
from dunning.basis.money import Fen
from dunning.model.account import Plan
from dunning.model.anchor import Duration
from dunning.model.rulebook import RuleBook

State = Literal["kept", "broken", "completed"]


class PlanState(NamedTuple):
    """A plan known on that day. `broken_on`: the first day it was no longer kept; `completed_on`: all instalments paid.

    A broken plan stays broken, whatever is paid later; a completed one stays kept.
    """

    plan: Plan
    state: State
    broken_on: date | None
    completed_on: date | None


@dataclass(frozen=True, slots=True)
class PlanRules:
    """What a book says of every plan, taken from its instalment offers: a plan does not name the offer it came from.

    Among several the longest tolerance holds, and breaking is retroactive only if all of them say so.
    """

    tolerances: tuple[Duration, ...]
    retroactive: bool
    calendar: Calendar

    def deadline(self, due: date) -> date:
        """The last day on which an instalment due on `due` can be paid."""
        return max((_later(due, tolerance, self.calendar) for tolerance in self.tolerances), default=due)


def plan_rules(book: RuleBook) -> PlanRules:
    offers = [offer for offer in book.relief if offer.kind == "instalments"]
    return PlanRules(
        tolerances=tuple(offer.tolerance for offer in offers),
        retroactive=bool(offers) and all(offer.on_break == "retroactive" for offer in offers),
        calendar=book.calendar,
    )


def _later(day: date, length: Duration, calendar: Calendar) -> date:
    """So much later; the end of all days where that lies beyond it."""
    try:
        if length.unit == "wd":
            return calendar.add_working_days(day, length.count).day if length.count else day
        if length.unit in ("mo", "y"):
            return add_months(day, length.count * (12 if length.unit == "y" else 1))
        return day + (timedelta(days=length.count) if length.unit == "d" else timedelta(hours=length.count))
    except (CalendarError, OverflowError):
        return date.max


def judge(plan: Plan, paid: Sequence[tuple[date, Fen]], rules: PlanRules, on: date) -> PlanState:
    """The state of a plan on a day. `paid`: dates and fen of the payments that count for it, from its signing on.

    By each instalment's deadline the payments must have reached all instalments up to it; the day after the first
    deadline that was missed is the day it broke. A plan without instalments is kept and never completes.
    """
    asked = 0
    for instalment in sorted(plan.instalments, key=lambda each: each.due):
        asked += instalment.amount
        deadline = rules.deadline(instalment.due)
        if deadline < on and sum(amount for day, amount in paid if day <= deadline) < asked:
            return PlanState(plan, "broken", deadline + timedelta(days=1), None)
    completed = _reached(asked, paid) if plan.instalments else None
    return PlanState(plan, "kept" if completed is None else "completed", None, completed)


def _reached(total: Fen, paid: Sequence[tuple[date, Fen]]) -> date | None:
    """The day on which the payments came to `total`."""
    for day, amount in sorted(paid):
        total -= amount
        if total <= 0:
            return day
    return None
