"""Where a household stands on the ladder, told briefly: the book of tests/packs/escalation.yaml, and steps by hand.

`codes` gives for each step why it is withheld, the empty tuple where it is due.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from dunning.basis.finding import Text
from dunning.engine.known.facts import Facts
from dunning.engine.known.tables import program
from dunning.engine.ladder.ladder import Steps, steps_of
from dunning.engine.owed.ledger import replay
from dunning.engine.steps.candidates import Candidate, Withheld
from dunning.lang.folder import load
from dunning.model.account import Account, Approval
from dunning.model.anchor import Anchor, AnchorWindow, Duration, Event, Unit
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Ladder, Step
from households import BOOK, day, said

PACK = Path(__file__).parent / "packs" / "escalation.yaml"


@cache
def pack() -> RuleBook:
    """The whole book, law and calendar included."""
    return load(PACK)


# Steps by hand


def after(count: int, unit: Unit = "d", event: Event = "due", of: str = "") -> Anchor:
    return Anchor(event, of, Duration(count, unit))


def step(name: str, count: int | None = None, *, action: str = "call", **more: Any) -> Step:
    """A step so many days after the due date; None: as soon as something is overdue."""
    if count is not None:
        more.setdefault("window", AnchorWindow(after(count)))
    return Step(id=name, title=Text(name, name), action=action, **more)


def book(*rungs: Step, reminders: tuple[Step, ...] = (), base: RuleBook = BOOK, **more: Any) -> RuleBook:
    """A book with this ladder; `catch_up`, `min_gap`, `at_end` are the ladder's."""
    of_ladder = {name: more.pop(name) for name in ("catch_up", "min_gap", "at_end") if name in more}
    return replace(base, ladder=Ladder(steps=rungs, **of_ladder), reminders=reminders, **more)


# What comes of them


def steps(account: Account, on: str, rules: RuleBook | None = None) -> Steps:
    rules = rules or pack()
    ledger = replay(account, rules, day(on))
    known = Facts(account, ledger, rules)
    compiled = program(rules)
    open_charges = [state for state in ledger.charges if state.unpaid]
    grades, of_charges = compiled.run(
        known.values(compiled.reads),
        [known.charge_values(compiled.charge_reads, state) for state in open_charges],
        day(on),
    )
    return in_full(steps_of(known, grades, list(zip(open_charges, of_charges, strict=True))))


def in_full(found: Steps) -> Steps:
    """With what each step that may go out would say and ask for."""
    each = [one if isinstance(one, Withheld) else one.in_full() for one in found.candidates]
    return found._replace(candidates=each)


def codes(account: Account, on: str, rules: RuleBook | None = None) -> dict[str, tuple[str, ...]]:
    """By step (`step/charge` for a step of a charge) why it is withheld; () where it is due."""
    return {name_of(each): each.codes for each in steps(account, on, rules).candidates}


def due(account: Account, on: str, rules: RuleBook | None = None) -> list[str]:
    """The steps that are due."""
    return [name_of(each) for each in steps(account, on, rules).candidates if not each.codes]


def one(name: str, account: Account, on: str, rules: RuleBook | None = None) -> Any:
    """What the one step of that name came to."""
    (found,) = [each for each in steps(account, on, rules).candidates if name_of(each) == name]
    return found


def name_of(each: Candidate | Withheld) -> str:
    """`call`; `call/Q1` of a step of a charge."""
    step, charge = (each.step, each.charge) if isinstance(each, Withheld) else (each.step.id, each.charge_id)
    return step if charge is None else f"{step}/{charge}"


# Records


def did(at: str, step: str, outcome: str = "reached", channel: str | None = "phone", **more: Any) -> Any:
    """A contact under a step."""
    return said(at, outcome, channel, step=step, id=f"{step}@{at}", **more)


def approved(at: str, of: str, role: str, by: str, decision: str = "approved", **more: Any) -> Approval:
    time = said(at).at
    return Approval(id=f"{role}@{at}", of=of, role=role, by=by, at=time, decision=decision, **more)  # type: ignore[arg-type]
