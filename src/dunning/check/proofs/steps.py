"""Proofs about the steps of a book: no court without a demand whose time is over, nothing that the law forbids.

For every household, place and day of law at once: what a step asks for (`when`, `after`, the gates of the law) is put
to the solver as formulas. What the facts about demands mean is code, so that is gone through case by case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import islice, product
from typing import Any, NamedTuple, get_args

import z3

from dunning.basis.finding import Text
from dunning.check.asked import Asked, Subject
from dunning.check.chart import Chart
from dunning.check.coverage import trial_day
from dunning.check.households import for_anyone, household
from dunning.check.legality import COURTS
from dunning.check.proofs.claims import NOTHING, Claim, Shown
from dunning.check.proofs.formulas import Formula, Household
from dunning.check.proofs.standing import account_of
from dunning.engine.assess import assess
from dunning.engine.known.clocks import DEMAND, deadline, demand_steps
from dunning.engine.known.contacts import FAILED
from dunning.engine.known.facts import Facts
from dunning.engine.known.logic import holds
from dunning.engine.ladder.lawful import forms_of
from dunning.engine.law.guard import Asked as Case
from dunning.engine.law.guard import all_steps, as_done, find_action, law_of, rules_for
from dunning.engine.law.refusal import limits_of
from dunning.engine.owed.ledger import replay
from dunning.engine.steps.channels import as_it_goes
from dunning.engine.steps.ready import USUAL_CHANNELS, made_ready
from dunning.model.account import SHANGHAI, Account, Approval, Charge, Contact, Outcome, Proof
from dunning.model.action import ACTIONS, Action
from dunning.model.anchor import Anchor, Duration
from dunning.model.condition import ALWAYS, All, Bound, Check, Condition, Not, Range
from dunning.model.condition import Any as AnyOf
from dunning.model.law import HARD, Prohibition
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import Statutes, in_hours
from dunning.model.steps import Channels, Step

PATIENCE = 20_000
"""Milliseconds for one question."""
_POINTS = 20
"""Points of a condition at which a household is tried to be drawn up."""


def proofs_of_steps(book: RuleBook) -> Iterator[Callable[[], Claim]]:
    """What is claimed of the steps of a book, one claim at a time, each asked when called."""
    courts = [step for step in all_steps(book) if _to_court(step, book)]
    if courts:
        yield partial(_demand_takes_time, book)
    for step in courts:
        yield partial(_demand_first, book, step)
    yield partial(_nothing_forbidden, book)


def _to_court(step: Step, book: RuleBook) -> bool:
    """Whether a step goes to a court, under our name or the book's own."""
    action = find_action(step.action, book)
    return action.id in COURTS or ("court_filing" in action.effects and action.id not in ACTIONS)


# The law of every day and place


class Reign(NamedTuple):
    """Law that holds on some days of the book at some place."""

    since: date
    statutes: Statutes


def reigns(book: RuleBook) -> list[Reign]:
    """The law of every stretch of days of the book, at every place that a law file speaks of and the book is for."""
    law = law_of(book)
    first, last = book.since or trial_day(book), book.until or date.max
    days = [first, *(day for day in law.turns if first < day <= last)]
    pinned = Case(ACTIONS["send_notice"], book, None).places
    places = pinned if pinned is not None else (None, *(place for pack in law.packs for place in pack.places))
    found = {id(statutes): Reign(day, statutes) for day in days for place in places
             if (statutes := law.on(day, place)).articles}  # fmt: skip
    return list(found.values())


def _reach(several: Sequence[Reign]) -> Text:
    places = {reign.statutes.places for reign in several}
    days = {reign.since for reign in several}
    return Text(
        f"任何户、任何事实; {len(places)} 处的法规, {len(days)} 个时段",
        f"any household and any facts; the law of {len(places)} places in {len(days)} stretches of days",
    )


# No court before the demand


def _demand_first(book: RuleBook, step: Step) -> Claim:
    """Whether any household could be taken to court under a step without a demand whose time is over."""
    name, of = f"demand_first.{step.id}", Text(f"“{step.title.zh}”", f"`{step.title.en}`")
    law = reigns(book)
    lost = False
    # Most places and days have the same gates.
    for gates in dict.fromkeys(_gates(as_done(find_action(step.action, book), step), reign) for reign in law) or [()]:
        found = _without_demand(book, step, gates)
        lost = lost or found == z3.unknown
        if found == z3.sat:
            shown = _shown(book, step, _skips_the_demand)
            return Claim(name, _DEMAND_FIRST, "false", of, NOTHING if shown else _NOT_SHOWN, shown)
    reach = _reach(law) if law else _NO_LAW
    return Claim(name, _DEMAND_FIRST, "open" if lost else "proved", of, _LOST if lost else reach)


_DEMAND_FIRST = Text("催告期满之前做不到", "it cannot be taken before a demand's time is over")
_NO_LAW = Text("规则书自己的条件就够; 没有写依据的法律", "by the book's own conditions; it names no law")
_LOST = Text("求解器没有在时限内给出答案", "the solver found no answer in time")
_NOT_SHOWN = Text("没有造出这样的户", "no such household could be drawn up")


def _without_demand(book: RuleBook, step: Step, gates: Sequence[Condition]) -> Any:
    """Whether the step is open to a household none of whose demands has run out, as far as conditions go."""
    home = _home(book, [step.when, *gates])
    demanded = z3.Bool("a demand has run out")
    anchors = [_happened(book, anchor, demanded) for anchor in step.after]
    facts = [z3.Implies(z3.Bool(fact), demanded) for fact in ("charge_demand_expired", "demand_expired")]
    given = [home.truth(condition).true for condition in (step.when, *gates)]
    return _checked(home, [*given, *anchors, *facts, z3.Not(demanded)])


def _happened(book: RuleBook, anchor: Anchor, demanded: Formula) -> Formula:
    """That an event lies behind the household: the deadline of a demand, or anything else."""
    of = book.step(anchor.of)
    return demanded if anchor.event == "expired" and of is not None and of.action == DEMAND else z3.And([])


def _gates(action: Action, reign: Reign) -> tuple[Condition, ...]:
    """What the law asks for before an action."""
    gates = rules_for(reign.statutes, action).gates
    return tuple(_of_action(AnyOf((Not(gate.for_), gate.requires)), action) for gate in gates)


def _of_action(condition: Condition, action: Action) -> Condition:
    """The condition with what the action decides of it decided."""
    known = {"action": action.id, "receiver": action.receiver or "debtor"}
    match condition:
        case Check(fact, test) if fact in known:
            return ALWAYS if holds(test, known[fact]) else _NEVER
        case All(parts):
            return All(tuple(_of_action(part, action) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_of_action(part, action) for part in parts))
        case Not(part):
            return Not(_of_action(part, action))
    return condition


def _home(book: RuleBook, conditions: Iterable[Condition]) -> Household:
    return Household(book, Asked(Subject(book, (), tuple(conditions))), on=trial_day(book))


def _checked(home: Household, formulas: Sequence[Formula]) -> Any:
    solver = z3.Solver()
    solver.set("timeout", PATIENCE)
    solver.add(*home.exists(), *formulas)
    return solver.check()


def _skips_the_demand(account: Account, book: RuleBook) -> bool:
    demands = demand_steps(book)
    return not any(contact.step in demands for contact in account.contacts)


# What a demand is


def _demand_takes_time(book: RuleBook) -> Claim:
    """Every kind of contact there is, looked at on the days around its deadline: which is a demand that is over.

    The law's own gate reads `charge_demand_expired`, so this is what that gate rests on.
    """
    of = Text("书面催告", "the written demand")
    on = trial_day(book)
    charge = Charge(id="Q1", amount=100_000, item=book.chased[0], due=on - timedelta(days=500))
    account = account_of(book, on, charges=(charge,))
    if account is None:
        return Claim("demand_takes_time", _TAKES_TIME, "open", of, _NOT_SHOWN)
    least = max((in_hours(limit.at_least)[0] // 24 for limit, _ in limits_of(book, "reasonable_period")
                 if isinstance(limit.at_least, Duration)), default=0)  # fmt: skip
    names = dict.fromkeys([*demand_steps(book), *(step.id for step in all_steps(book))])
    kinds = list(product(names, (None, *get_args(Outcome)), (None, *get_args(Proof)), (False, True)))
    for name, outcome, proof, inbound in kinds:
        day = on - timedelta(days=60)
        at = datetime.combine(day, time(10), SHANGHAI)
        contact = Contact(id="K1", at=at, step=name, channel="ems", outcome=outcome, proof=proof, inbound=inbound)
        tried = replace(account, contacts=(contact,))
        gives = demand_steps(book).get(name)
        until = day if gives is None else deadline(book.calendar, gives, day).day
        for today in (day, until, until + timedelta(days=1), on):
            real = gives is not None and outcome not in FAILED and not inbound and today > until
            if _is_over(tried, book, today) and not (real and (until - day).days >= least):
                told = Text(
                    f"{name} {outcome} {proof}: 到 {today} 算期满", f"{name} {outcome} {proof}: over on {today}"
                )
                return Claim("demand_takes_time", _TAKES_TIME, "false", of, told)
    told = Text(
        f"{len(kinds)} 种联系, 各看送达日、期末和次日; 法规文件要求至少 {least} 天",
        f"{len(kinds)} kinds of contact, each on the day, at its deadline and after; law files ask for {least} days",
    )
    return Claim("demand_takes_time", _TAKES_TIME, "proved", of, told)


_TAKES_TIME = Text(
    "只有送达的书面催告过了给的期限才算期满", "only a demand that arrived is over, once the time it gave has run"
)


def _is_over(account: Account, book: RuleBook, on: date) -> bool:
    """Whether a charge counts as demanded and its time as over."""
    rules = for_anyone(book)
    facts = Facts(account, replay(account, rules, on), rules)
    return any(facts.charge_value("charge_demand_expired", state) is True for state in facts.ledger.charges)


# Nothing forbidden


def _nothing_forbidden(book: RuleBook) -> Claim:
    """Whether a step could go out, in any way it may go, to a household for which the law forbids just that."""
    law = reigns(book)
    if not law:
        return Claim("nothing_forbidden", _LAWFUL, "open", NOTHING, _NO_LAW_AT_ALL)
    lost, ways = False, 0
    for step in all_steps(book):
        for put, action in _goes(step, book):
            ways += 1
            for given, against in dict.fromkeys(_weighed(step, put, action, reign) for reign in law):
                found = _both(book, given, against)
                lost = lost or found == z3.unknown
                if found == z3.sat:
                    of = Text(f"“{step.title.zh}” ({action.title.zh})", f"`{step.title.en}` ({action.title.en})")
                    shown = _shown(book, step, lambda *_: True, action.id)
                    return Claim("nothing_forbidden", _LAWFUL, "false", of, NOTHING if shown else _NOT_SHOWN, shown)
    if book.ladder.at_end and any(_forbidden_for_some(book, book.ladder.at_end, reign) for reign in law):
        action = find_action(book.ladder.at_end, book)
        of = Text(f"阶梯之后: {action.title.zh}", f"after the ladder: {action.title.en}")
        return Claim("nothing_forbidden", _LAWFUL, "false", of, _AFTER_THE_LADDER)
    of = Text(f"{ways} 种做法", f"{ways} ways to act")
    return Claim("nothing_forbidden", _LAWFUL, "open" if lost else "proved", of, _LOST if lost else _reach(law))


_LAWFUL = Text("不会给出法律禁止的动作", "nothing the law forbids is ever offered")
_NO_LAW_AT_ALL = Text("规则书没有写依据的法律 (law)", "the book names no law (`law`)")
_AFTER_THE_LADDER = Text("法律对一些户禁止它", "the law forbids it for some households")


def _goes(step: Step, book: RuleBook) -> list[tuple[Action, Action]]:
    """What a step may come to by the channels left to it, each once: as it is put to the guard, and as it goes."""
    rung = next(rung for rung in made_ready(book).rungs if rung.step is step)
    put = {form.action.id: as_done(*form) for form in forms_of(rung, book)}
    written = put[step.action]
    if rung.channels is None or rung.channels.mode == "all_of":
        return [(written, written)]
    found = {}
    for channel in rung.channels.channels:
        alone = Channels("first_of", (channel,))
        goes = as_done(as_it_goes(rung.action, alone), replace(step, channels=alone))
        found[goes.id, goes.effects] = put.get(goes.id, written), goes
    return list(found.values())


Conditions = tuple[Condition, ...]


def _weighed(step: Step, put: Action, goes: Action, reign: Reign) -> tuple[Conditions, Conditions]:
    """What has to be so for the step to be open, and what would make the law forbid what it comes to."""
    open_ = [Not(_forbids(rule, put)) for rule in rules_for(reign.statutes, put).prohibitions]
    hard = (rule for rule in rules_for(reign.statutes, goes).prohibitions if rule.verdict in HARD)
    return (step.when, *open_, *_gates(put, reign)), tuple(_forbids(rule, goes) for rule in hard)


def _forbids(rule: Prohibition, action: Action) -> Condition:
    """The households for which a rule forbids an action."""
    return _of_action(All((rule.for_, Not(rule.unless or _NEVER))), action)


_NEVER = Not(ALWAYS)


def _both(book: RuleBook, given: Conditions, against: Conditions) -> Any:
    """Whether there is a household of which all is true that is given, and any of what is against it."""
    if not against:
        return z3.unsat
    home = _home(book, [*given, *against])
    struck = z3.Or([home.truth(condition).true for condition in against])
    return _checked(home, [*(home.truth(condition).true for condition in given), struck])


def _forbidden_for_some(book: RuleBook, name: str, reign: Reign) -> bool:
    """Whether an action that no guard looks at again is forbidden for some household."""
    action = find_action(name, book)
    rules = rules_for(reign.statutes, action).prohibitions
    return bool(_both(book, (), tuple(_forbids(rule, action) for rule in rules)) == z3.sat)


# A household that shows it


def _shown(
    book: RuleBook, step: Step, fits: Callable[[Account, RuleBook], bool], action: str | None = None
) -> Shown | None:
    """A real account to which the step is offered on a day, with all approvals it wants and whatever it comes after."""
    for condition in (All((step.when, _LONG_OVERDUE)), step.when):
        view = Chart(Subject(book, (), (condition,)), on=trial_day(book)).views[0]
        for point in islice(view.chart.space.boxes(view.region(condition)), _POINTS):
            found = household(view.wishes(point), book, view.chart.on)
            for account in () if found is None else _ready(found.account, step, found.on):
                if found is not None and fits(account, book) and _offered(account, book, step, found.on, action):
                    told = Text(f"{found.on} 给出“{step.title.zh}”", f"`{step.title.en}` is offered on {found.on}")
                    return Shown(account, found.on, told)
    return None


_LONG_OVERDUE = Check("overdue_days", Range(Bound(400, included=True, written="400天"), None), "")


def _ready(account: Account, step: Step, on: date) -> Iterator[Account]:
    """The account with the step's approvals, and what it has to come after done; then after calls nobody answered."""
    now = datetime.combine(on, time(8), SHANGHAI)
    roles = step.approval.roles if step.approval is not None else ("legal",)
    approvals = tuple(
        Approval(id=f"AP{n}", of=step.id, decision="approved", by=f"u{n}", role=role, at=now - timedelta(days=1))
        for n, role in enumerate(roles)
    )
    before = tuple(
        Contact(id=f"B{n}", at=now - timedelta(days=90), step=anchor.of, channel="letter", outcome="delivered",
                proof="B")
        for n, anchor in enumerate(step.after) if anchor.of
    )  # fmt: skip
    ready = replace(account, approvals=approvals, contacts=(*account.contacts, *before))
    yield ready
    channels = step.channels or USUAL_CHANNELS.get(step.action)
    for number in range(1, 0 if channels is None else len(channels.channels)):
        assert channels is not None
        tried = tuple(
            Contact(id=f"T{n}", at=now - timedelta(days=30 - n), step=step.id, channel=channel, outcome="no_answer")
            for n, channel in enumerate(channels.channels[:number])
        )
        yield replace(ready, contacts=(*ready.contacts, *tried))


def _offered(account: Account, book: RuleBook, step: Step, on: date, action: str | None) -> bool:
    """Whether an assessment offers the step, as this action if one is named."""
    due = assess(account, for_anyone(book), on=on).actions
    if action is None:
        return step.id in {name for each in due for name in (each.step, *(carried.step for carried in each.carries))}
    return any((each.step, each.action) == (step.id, action) for each in due)
