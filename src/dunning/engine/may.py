"""May we do this to this debtor today: what the law says, and what of the account lets the step rest.

For the button in an ERP. The verdict is the law's alone: a promise, a hold, a plan or an open dispute changes no law,
but whoever presses the button has to see it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.engine.known.catalogue import CATALOGUE, DISPUTE_KINDS
from dunning.engine.known.clocks import DEMAND
from dunning.engine.known.facts import Facts
from dunning.engine.known.tables import program
from dunning.engine.ladder.ladder import household
from dunning.engine.ladder.pauses import RESOLVE, Rest
from dunning.engine.ladder.standing import Household
from dunning.engine.law.guard import find_action, rule_on
from dunning.engine.law.verdict import Rested, Verdict
from dunning.engine.owed.ledger import replay
from dunning.engine.steps.candidates import Reason
from dunning.engine.steps.ready import Rung
from dunning.model.account import Account
from dunning.model.action import ACTIONS, Action
from dunning.model.rulebook import RuleBook
from dunning.model.shown import shown
from dunning.model.statutes import is_place
from dunning.model.steps import Step


def may(action: str, book: RuleBook, *, on: date, account: Account | None = None, place: str | None = None) -> Verdict:
    """Whether an action may be done to a debtor under a book's law, on a day, for an account or at a place.

    `action` is a name of the vocabulary (`cut_water`, 停水), of the book's own actions, or of one of its steps. Without
    an account, what depends on one is reported as a condition; with one, `rests` are the holds, plans, promises,
    disputes and pauses of the book that rest the step (or any step with that action) today. A place is CN- and 2, 4 or
    6 digits of GB/T 2260; left out, it is the account's, else the whole country. UsageError: there is no such action,
    or no such place.
    """
    step = None if action in ACTIONS or action in book.actions else book.step(action)
    known = find_action(step.action if step else action, book)
    if place is not None and not is_place(place):
        zh = f"“{place}”不是地区; 写 CN, 或 CN- 加 2、4 或 6 位行政区划代码, 如 CN-3301"
        en = f"`{place}` is no place; write CN, or CN- and 2, 4 or 6 digits of the division code, like CN-3301"
        raise UsageError(Text(zh, en))
    facts = None if account is None else Facts(account, replay(account, book, on), book)
    where = place or (account.place if account else None)
    verdict = rule_on(known, book, on=on, place=where, facts=facts, step=step)
    if facts is None or verdict.prohibited:
        return verdict
    return replace(verdict, rests=_rests(known, step, facts))


def _rests(action: Action, step: Step | None, facts: Facts) -> tuple[Rested, ...]:
    """What rests the step today; of an action, what rests any step with it."""
    home = _household(facts)
    asked = [
        rung for rung in home.ready.rungs if (rung.step == step if step is not None else rung.step.action == action.id)
    ]
    found: dict[tuple[str, str], Rest] = {}
    for rest in home.rests:
        if any(_stops(rest, rung, home) for rung in asked) or (not asked and _stops_action(rest, action)):
            cause = rest.code, rest.because.name
            found[cause] = _longer(found[cause], rest) if cause in found else rest
    told = [_told(rest, facts.book) for rest in found.values()]
    for rung in asked:
        if rung.step.action == DEMAND and home.contested:
            told += _contested(rung, home)
    return tuple(dict.fromkeys(told))


def _longer(one: Rest, other: Rest) -> Rest:
    """Of two rests for one cause the one that ends later, or nobody knows when."""
    if one.until is None or other.until is None:
        return one if one.until is None else other
    return one if one.until >= other.until else other


def _household(facts: Facts) -> Household:
    compiled = program(facts.book)
    open_charges = [state for state in facts.ledger.charges if state.unpaid]
    of_charges = [facts.charge_values(compiled.charge_reads, state) for state in open_charges]
    grades, charge_grades = compiled.run(facts.values(compiled.reads), of_charges, facts.on)
    return household(facts, grades, list(zip(open_charges, charge_grades, strict=True)))


def _stops(rest: Rest, rung: Rung, home: Household) -> bool:
    return rest.stops(rung, home.tone(home.bare(rung)), None)


_REACHES = frozenset({"contact_debtor", "contact_third_party", "court_filing"})
_PRESSES = frozenset({"call", "ai_call", "visit", "visit_with_committee", "committee_urge", "deliver_letter"})
"""Actions that are a rung of any ladder; messages and talks may be about anything."""


def _stops_action(rest: Rest, action: Action) -> bool:
    """The same of an action no step of the book does, as a rung with it would be stopped."""
    if action.id == RESOLVE or _REACHES.isdisjoint(action.effects):
        return False
    legal = action.id == DEMAND or "court_filing" in action.effects
    match rest.stop.what:
        case "all":
            return True
        case "ladder":
            return legal or action.id in _PRESSES
        case "tone":
            return legal and rest.stop.name == "legal"
        case _:
            return False


def _contested(rung: Rung, home: Household) -> Iterator[Rested]:
    """A formal demand speaks of nothing that is disputed: is everything, there is none."""
    draft = home.bare(rung)
    home.undisputed(draft)
    for reason in draft.reasons:
        if reason.code == "dispute":
            charge = reason.name.partition("/")[2]
            of = Text(f"账单 {charge} ", f"all of charge {charge} ") if charge else Text("所欠", "all that is owed ")
            says = Text(f"{of.zh}全部有争议, 不写进书面催告", f"{of.en}is disputed, and so in no formal demand")
            yield Rested("dispute", says, reason.name, None, (charge,) if charge else None)


# In words


def _told(rest: Rest, book: RuleBook) -> Rested:
    """What rests it, and until when."""
    reason, until = rest.because, rest.until
    says = _pause(reason, book) if reason.kind == "fact" else _record(reason)
    if until is not None and until != reason.value:
        says = Text(f"{says.zh}, 到 {until} 为止", f"{says.en}, until {until}")
    return Rested(rest.code, says, reason.name, until, rest.charges)


def _record(reason: Reason) -> Text:
    id_, value = reason.name.partition("/")[2], reason.value
    match reason.code:
        case "hold":
            why = Text(f": {value}", f": {value}") if value else Text("", "")
            return Text(f"暂停 {id_}{why.zh}", f"hold {id_}{why.en}")
        case "plan":
            return Text(f"分期计划 {id_} 履行中", f"plan {id_} is kept")
        case "promise":
            return Text(f"已承诺 {value} 缴费 (联系记录 {id_})", f"a promise to pay on {value} (contact {id_})")
    kind = DISPUTE_KINDS.get(str(value), Text(str(value), str(value)))
    return Text(f"异议 {id_} ({kind.zh}) 没有了结", f"dispute {id_} ({kind.en}) is not settled")


def _pause(reason: Reason, book: RuleBook) -> Text:
    """A pause of the book by the fact it reads; of an unknown one nobody can tell."""
    known = CATALOGUE.get(reason.name) or book.facts.get(reason.name)
    table = book.tables.get(reason.name)
    title = known.title if known else table.title if table else Text(reason.name, reason.name)
    if reason.code == "unknown":
        return Text(f"不知道{title.zh}, 规则书要先停", f"{title.en} is unknown: by the rule book it rests")
    value = Text("", "")
    if known is not None and reason.value is not True and not isinstance(reason.value, date):
        value = Text(*(f" ({shown(reason.value, known.type, lang)})" for lang in ("zh", "en")))
    return Text(f"规则书要先停: {title.zh}{value.zh}", f"rests by the rule book: {title.en}{value.en}")
