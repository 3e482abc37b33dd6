"""What the law says of a step for one account, in the ladder's codes.

Most steps of most books meet no rule that hangs on the account: that is found out once for a book, a place and a day,
and costs nothing afterwards. Only what does hang on it is put to the guard.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from dunning.engine import guard
from dunning.engine.candidates import Code, Reason
from dunning.engine.facts import Facts
from dunning.engine.ready import Rung
from dunning.engine.verdict import Needed, Verdict
from dunning.model.condition import facts_of
from dunning.model.law import Gate
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import Statutes


class Ruled(NamedTuple):
    """What keeps a step from being lawful today, and the overdue charges (by id) it may be about; None: all."""

    codes: tuple[Code, ...] = ()
    reasons: tuple[Reason, ...] = ()
    charges: frozenset[str] | None = None


FREE = Ruled()


class Lawful:
    """The law over one account on a day. A book that names no law is held to none."""

    __slots__ = ("_barred", "facts", "statutes")

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        book = facts.book
        self.statutes = guard.law_of(book).on(facts.on, facts.account.place) if book.laws else None
        self._barred: Ruled | None = None

    def ruled(self, rung: Rung) -> Ruled:
        """What the law says of a step."""
        if self.statutes is None:
            return FREE
        facts = self.facts
        if _free(self.statutes, rung, facts.book):
            return self._but_barred()
        place = facts.account.place
        return _told(guard.rule_on(rung.action, facts.book, on=facts.on, place=place, facts=facts, step=rung.step))

    def _but_barred(self) -> Ruled:
        """Charges the law lets nobody ask for (a double bill) are left out of every step."""
        statutes, facts = self.statutes, self.facts
        if statutes is None or not statutes.bills or not facts.overdue:
            return FREE
        if self._barred is None:
            against = guard.barred(facts, statutes)
            kept = frozenset(state.charge.id for state in facts.overdue if state.charge.id not in against)
            self._barred = Ruled(charges=kept) if against else FREE
        return self._barred


@lru_cache(maxsize=8192)
def _free(statutes: Statutes, rung: Rung, book: RuleBook) -> bool:
    """Whether no prohibition and no gate bears on the step, whoever the debtor is."""
    if not statutes.articles:
        return False
    action = guard.as_done(guard.find_action(rung.step.action, book), rung.step)
    rules = guard.rules_for(statutes, action)
    if rules.bills and guard.claims(action):
        return False
    return not rules.prohibitions and not any(_asks(gate) for gate in rules.gates)


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
    charges = None if verdict.charges is None else frozenset(verdict.charges)
    return Ruled(tuple(codes), tuple(reasons), charges)


def _codes_of(need: Needed) -> tuple[Code, ...]:
    code: Code = "approval" if need.kind == "approval" else "gate"
    return (code, "unknown") if need.missing else (code,)


def _reasons_of(need: Needed) -> list[Reason]:
    code: Code = "approval" if need.kind == "approval" else "gate"
    told = [Reason(code, "article", article) for article in need.articles]
    told += [Reason(code, "fact", fact) for fact in facts_of(need.condition)]
    return told + [Reason("unknown", "fact", fact) for fact in need.missing]
