"""Who has agreed to a step, and whose decision is still needed.

From the formal demand upward a person decides (个人信息保护法第24条: what weighs on somebody is not left to a machine):
distinct people, each role covered, none of them the one who prepared it, no decision older than it may be, and a
refusal stands until that role decides again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from dunning.basis.calendar import Calendar
from dunning.engine.steps.anchors import shifted
from dunning.model.account import SHANGHAI, Approval
from dunning.model.action import ROLES, Role
from dunning.model.anchor import Duration
from dunning.model.steps import ApprovalRule

_ROLE_OF = {title.zh: role for role, title in ROLES.items()}


class Agreed(NamedTuple):
    """The decisions on one step as they stand on a day.

    `given`: the approvals that cover roles, one a role, distinct people; `missing`: the roles still to decide;
    `refused`: the refusals of wanted roles that stand. `until`: the last day on which all of `given` hold.
    """

    given: tuple[Approval, ...] = ()
    missing: tuple[Role, ...] = ()
    refused: tuple[Approval, ...] = ()
    until: date | None = None

    @property
    def granted(self) -> bool:
        return not self.missing and not self.refused


def agreed(
    rule: ApprovalRule, decisions: Sequence[Approval], names: Collection[str], on: date, calendar: Calendar
) -> Agreed:
    """How the decisions on a step (under any of its names) meet what its rule asks for.

    A role is a word of the closed list or its Chinese title; decisions in another role count for nothing here.
    """
    if not decisions:
        return Agreed((), rule.roles)
    mine = sorted((each for each in decisions if each.of in names and day_of(each) <= on), key=_by_time)
    wanted = set(rule.roles)
    standing: dict[str, list[Approval]] = {}
    refused: dict[str, Approval] = {}
    for each in mine:
        role = role_of(each)
        if role not in wanted:
            continue
        if each.decision == "refused":
            refused[role] = each
            standing.pop(role, None)
        else:
            refused.pop(role, None)
            standing.setdefault(role, []).append(each)
    preparers = {each.prepared_by for each in mine if lasts(each, rule.valid, calendar) >= on}
    able = {
        role: [each for each in given if each.by not in preparers and lasts(each, rule.valid, calendar) >= on]
        for role, given in standing.items()
    }
    given = _cover(rule.roles, able)
    missing = tuple(role for role, approval in zip(rule.roles, given, strict=True) if approval is None)
    found = tuple(approval for approval in given if approval is not None)
    ends = [lasts(approval, rule.valid, calendar) for approval in found]
    return Agreed(found, missing, tuple(refused.values()), min(ends, default=None))


def _cover(roles: Sequence[Role], able: dict[str, list[Approval]]) -> list[Approval | None]:
    """One approval a role, all by different people, as many roles as can be; newer approvals first."""
    best: list[Approval | None] = [None] * len(roles)

    def search(place: int, chosen: list[Approval | None], people: frozenset[str]) -> None:
        nonlocal best
        if place == len(roles):
            if _count(chosen) > _count(best):
                best = chosen
            return
        for approval in reversed(able.get(roles[place], [])):
            if approval.by not in people and _count(best) < len(roles):
                search(place + 1, [*chosen, approval], people | {approval.by})
        if _count(chosen) + len(roles) - place - 1 > _count(best):
            search(place + 1, [*chosen, None], people)

    search(0, [], frozenset())
    return best


def _count(chosen: Sequence[Approval | None]) -> int:
    return sum(approval is not None for approval in chosen)


def role_of(approval: Approval) -> str:
    """The role a decision was taken in, as a word of the closed list; what is neither stays as written."""
    return _ROLE_OF.get(approval.role, approval.role)


def day_of(approval: Approval) -> date:
    """The day of the decision in China."""
    at = approval.at
    return (at.astimezone(SHANGHAI) if at.tzinfo else at).date()


def lasts(approval: Approval, valid: Duration, calendar: Calendar) -> date:
    """The last day an approval holds: thirty days from the day it was given, unless the rule says otherwise."""
    return shifted(day_of(approval), valid, calendar)[0]


def _by_time(approval: Approval) -> tuple[str, str]:
    at = approval.at
    return (at.astimezone(SHANGHAI).replace(tzinfo=None) if at.tzinfo else at).isoformat(), approval.id
