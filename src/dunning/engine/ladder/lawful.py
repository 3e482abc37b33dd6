"""What the law says of a step for one account, in the ladder's codes.

Most steps of most books meet no rule that hangs on the account: that is found out once for a book, a place and a day,
and costs nothing afterwards. Only what does hang on it is put to the guard, in the form in which it would go out: a
call that has come down to messages is a message before the law, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from dunning.engine.known.facts import Facts
from dunning.engine.law import guard, law_facts
from dunning.engine.law.law_facts import LAW_FACTS
from dunning.engine.law.verdict import Needed, Verdict
from dunning.engine.steps.candidates import Code, Reason
from dunning.engine.steps.channels import Tries, as_it_goes
from dunning.engine.steps.ready import Rung, made_ready
from dunning.model.account import Channel
from dunning.model.action import Action
from dunning.model.condition import ALWAYS, Condition, Unknown, Value, facts_of
from dunning.model.law import Gate
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import Statutes
from dunning.model.steps import Channels, Need, Step


class Ruled(NamedTuple):
    """What keeps a step from being lawful today, and the overdue charges (by id) it may be about; None: all."""

    codes: tuple[Code, ...] = ()
    reasons: tuple[Reason, ...] = ()
    charges: frozenset[str] | None = None


FREE = Ruled()


class Lawful:
    """The law over one account on a day. A book that names no law is held to none."""

    __slots__ = ("_cases", "_others", "facts", "statutes")

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        book = facts.book
        self.statutes = facts.part(guard.law_today) if book.laws else None
        self._cases = _cases(self.statutes, book) if self.statutes is not None else ()
        self._others: Ruled | None = None

    def ruled(self, rung: Rung, tries: Tries | None = None) -> Ruled:
        """What the law says of a step as it would go out by the channels left to it."""
        if not self._cases:
            return self.others
        forms = self._cases[rung.rank]
        left = tries.offered() if forms.others and tries is not None and tries.channels else None
        return self._of_form(rung, forms, left)

    def open_ways(self, rung: Rung, channels: Channels) -> Channels:
        """The channels of a step that may go, without those by which it would be something the law does not leave open.

        What fails by the first of them goes on by the next with nobody asking again.
        """
        forms = self._cases[rung.rank] if self._cases else _FREE_FORMS
        if not forms.others or channels.mode == "all_of":
            return channels
        first, *later = channels.channels
        now = self._leaves(self._of_form(rung, forms, _alone(first)))
        like = [each for each in later if self._leaves(self._of_form(rung, forms, _alone(each))) == now]
        return Channels("first_of", (first, *like))

    def _leaves(self, ruled: Ruled) -> tuple[object, ...]:
        """What is in the way of a step, and the overdue charges it may be about."""
        every = ruled.charges is None
        return ruled.codes, frozenset(state.charge.id for state in self.facts.overdue) if every else ruled.charges

    def _of_form(self, rung: Rung, forms: _Forms, left: Channels | None) -> Ruled:
        case = forms.others.get(as_it_goes(rung.action, left).id, forms.written)
        return self.others if case is None else self._put(case)

    @property
    def others(self) -> Ruled:
        """What it says of steps on which no rule bears: some charges may be asked for by none."""
        if self._others is None:
            self._others = FREE if self.statutes is None else _but_barred(self.facts, self.statutes)
        return self._others

    def needs(self, rung: Rung, action: Action, channels: Channels | None) -> tuple[Need, ...]:
        """What a step asks of whoever does it, and what the law does, where no record shows whether it is so."""
        if self.statutes is None:
            return rung.step.needs
        asking = _asking(self.statutes, self.facts.book, rung, action.id, channels)
        if asking.of_all is not None:
            return asking.of_all
        told = [each.needs for each in asking.gates if each.for_ is None or self._concerned(each, each.for_)]
        return _once(rung.step.needs, *told)

    def _concerned(self, asks: _Asks, for_: Condition) -> bool:
        return guard.Asked(asks.action, self.facts.book, self.facts, asks.step).truth(for_) is not False

    def _put(self, case: _Case) -> Ruled:
        """The guard's answer; accounts of which the law reads the same are told the same."""
        facts, overdue = self.facts, self.facts.overdue
        against = guard.barred(facts, case.statutes) if self.others is not FREE else {}
        key = (
            len(overdue),
            *[self._value(fact, case) for fact in case.reads],
            *[guard.of_overdue(facts, fact) for fact in case.charge_reads],
            tuple([state.charge.id in against for state in overdue]) if against else None,
        )
        told = case.told.get(key)
        if told is None:
            if len(case.told) >= MOST_REMEMBERED:
                case.told.clear()
            place = facts.account.place
            verdict = guard.rule_on(case.action, facts.book, on=facts.on, place=place, facts=facts, step=case.step)
            told = case.told[key] = _told(verdict), _places(verdict, facts)
        ruled, places = told
        return Ruled(ruled.codes, ruled.reasons, frozenset([overdue[place].charge.id for place in places]))

    def readings_without_records(self) -> tuple[object, ...]:
        """All that the law reads of an account of which there is no contact, approval or proceeding.

        Where it is the same, every step is ruled alike.
        """
        facts = self.facts
        found: list[object] = [self.statutes, len(facts.overdue)]
        for case in (case for forms in self._cases for case in (forms.written, *forms.others.values())):
            if case is not None and case.varies:
                found += [self._value(fact, case) for fact in case.reads if fact not in OF_RECORDS]
                found += [guard.of_overdue(facts, fact) for fact in case.charge_reads if fact not in OF_RECORDS]
        return tuple(found)

    def _value(self, fact: str, case: _Case) -> Value | Unknown:
        facts = self.facts
        if fact in LAW_FACTS:
            return law_facts.of_account(fact, facts.account, facts.on, facts.book.calendar, case.approvals)
        return facts.value(fact)


def _but_barred(facts: Facts, statutes: Statutes) -> Ruled:
    """Charges the law lets nobody ask for (a double bill) are left out of every step."""
    against = guard.barred(facts, statutes) if statutes.bills and facts.overdue else {}
    if not against:
        return FREE
    return Ruled(charges=frozenset([state.charge.id for state in facts.overdue if state.charge.id not in against]))


OF_RECORDS = frozenset({
    "approvals", "proceedings", "demand_delivered", "demand_expired", "charge_demand_delivered",
    "charge_demand_expired",
})  # fmt: skip
"""Facts that are the same wherever there is no contact, approval or proceeding on record."""

MOST_REMEMBERED = 10_000
"""Answers of the guard kept for one step, place and day of law."""


class _Case(NamedTuple):
    """A step on which rules of law bear: what they read of the account and of each charge, and what was answered.

    `varies`: they read more than what hangs on records alone.
    """

    step: Step
    action: Action
    statutes: Statutes
    approvals: law_facts.Rules
    reads: tuple[str, ...]
    charge_reads: tuple[str, ...]
    varies: bool
    told: dict[object, tuple[Ruled, tuple[int, ...]]]


class _Forms(NamedTuple):
    """A step as it is written and, by the action it comes to, as it goes by its other channels; None: no rule bears.

    There are no `others` where no rule bears on the step in any form.
    """

    written: _Case | None
    others: Mapping[str, _Case | None]


_FREE_FORMS = _Forms(None, {})


class _Asks(NamedTuple):
    """What a gate asks of whoever does a step; `for_`: for which debtors (None: all)."""

    needs: tuple[Need, ...]
    for_: Condition | None
    action: Action
    step: Step


class _Asking(NamedTuple):
    """What may be asked of whoever does a step; `of_all`: the same whoever the debtor is, None where it is not."""

    gates: tuple[_Asks, ...]
    of_all: tuple[Need, ...] | None


@lru_cache(maxsize=8192)
def _asking(statutes: Statutes, book: RuleBook, rung: Rung, action: str, channels: Channels | None) -> _Asking:
    """What the law may ask of whoever does a step by an action and by the channels left to it."""
    step = rung.step if channels is None else replace(rung.step, channels=channels)
    done = guard.as_done(guard.find_action(action, book), step)
    gates = tuple(
        [
            _Asks(gate.needs, None if gate.for_ == ALWAYS else gate.for_, done, step)
            for gate in guard.rules_for(statutes, done).gates
            if gate.needs
        ]
    )
    certain = all(each.for_ is None for each in gates)
    return _Asking(gates, _once(step.needs, *[each.needs for each in gates]) if certain else None)


def _once(*needs: tuple[Need, ...]) -> tuple[Need, ...]:
    return tuple(dict.fromkeys([need for several in needs for need in several]))


@lru_cache(maxsize=1024)
def _cases(statutes: Statutes, book: RuleBook) -> tuple[_Forms, ...]:
    """What bears on each step of a book in each of its forms, by rank."""
    return tuple([_forms(statutes, rung, book) for rung in made_ready(book).rungs])


def _forms(statutes: Statutes, rung: Rung, book: RuleBook) -> _Forms:
    written, *others = [(form.action, _case(statutes, form, book)) for form in forms_of(rung, book)]
    bear = written[1] is not None or any(case is not None for _, case in others)
    return _Forms(written[1], {action.id: case for action, case in others} if bear else {})


class Form(NamedTuple):
    """An action, and the step with the channels by which it comes to that."""

    action: Action
    step: Step


@lru_cache(maxsize=8192)
def forms_of(rung: Rung, book: RuleBook) -> tuple[Form, ...]:
    """What a step may come to: as it is written, and then by each of its channels as another action."""
    written = guard.find_action(rung.step.action, book)
    found = [Form(written, rung.step)]
    if rung.channels is None or rung.channels.mode == "all_of":
        return tuple(found)
    ways: dict[str, list[Channel]] = {}
    for channel in rung.channels.channels:
        ways.setdefault(as_it_goes(written, _alone(channel)).id, []).append(channel)
    ways.pop(written.id, None)
    for name, channels in ways.items():
        step = replace(rung.step, channels=Channels("first_of", tuple(channels)))
        found.append(Form(guard.find_action(name, book), step))
    return tuple(found)


def _alone(channel: Channel) -> Channels:
    return Channels("first_of", (channel,))


def _case(statutes: Statutes, form: Form, book: RuleBook) -> _Case | None:
    """What bears on a step in one form; None where no prohibition and no gate does, whoever the debtor is."""
    action, step = form
    rules = guard.rules_for(statutes, guard.as_done(action, step))
    free = not rules.prohibitions and not any(_asks(gate) for gate in rules.gates)
    if free and statutes.articles and not (rules.bills and guard.claims(action)):
        return None
    conditions = [rule.for_ for rule in rules.prohibitions] + [gate.for_ for gate in rules.gates]
    conditions += [rule.unless for rule in rules.prohibitions if rule.unless is not None]
    conditions += [gate.requires for gate in rules.gates]
    named = tuple(dict.fromkeys(fact for condition in conditions for fact in facts_of(condition)))
    of_action = [fact for fact in named if fact in LAW_FACTS and LAW_FACTS[fact].of == "action"]  # the step says
    of_charges = tuple([fact for fact in named if fact in guard.OF_CHARGE])
    reads = tuple([fact for fact in named if fact not in of_charges and fact not in of_action])
    approvals = guard.approval_rules(book, action.id, step)
    varies = not OF_RECORDS.issuperset((*reads, *of_charges))
    return _Case(step, action, statutes, approvals, reads, of_charges, varies, {})


def _places(verdict: Verdict, facts: Facts) -> tuple[int, ...]:
    """The overdue charges that may be asked for, by their place among them."""
    passing = frozenset(verdict.charges or ())
    return tuple(place for place, state in enumerate(facts.overdue) if state.charge.id in passing)


def _asks(gate: Gate) -> bool:
    """Whether a gate reads any record; what it only says in words stays with the step whatever the facts are."""
    return bool(facts_of(gate.requires))


def _told(verdict: Verdict) -> Ruled:
    codes: list[Code] = []
    reasons: list[Reason] = []
    if verdict.prohibited or verdict.verdict == "review":
        # What a lawyer has to decide waits for the lawyer.
        code: Code = "prohibited" if verdict.prohibited else "gate"
        codes.append(code)
        reasons += [Reason(code, "article", article.id) for article in verdict.articles]
    for need in verdict.needed:
        if need.kind != "words":
            codes += _codes_of(need)
            reasons += _reasons_of(need)
    return Ruled(tuple(codes), tuple(reasons))


def _codes_of(need: Needed) -> tuple[Code, ...]:
    code: Code = "approval" if need.kind == "approval" else "gate"
    return (code, "unknown") if need.missing else (code,)


def _reasons_of(need: Needed) -> list[Reason]:
    code: Code = "approval" if need.kind == "approval" else "gate"
    told = [Reason(code, "article", article) for article in need.articles]
    told += [Reason(code, "fact", fact) for fact in facts_of(need.condition)]
    return told + [Reason("unknown", "fact", fact) for fact in need.missing]
