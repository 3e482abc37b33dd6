"""May we do this? The verdict on an action, on a day at a place: the articles, the reason, and what is still needed.

Law forbids by effect, so another name for an action opens no door; forbid overrides permit, whatever the order and
layer. ERPs call `may` in front of the button that cuts the water, the ladder calls `rule_on` for every step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from itertools import product
from typing import Literal, NamedTuple

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.facts import Facts
from dunning.engine.known.logic import Read, Truth, conjunction, missing, negation, truth
from dunning.engine.known.material import Material
from dunning.engine.law import law_facts
from dunning.engine.law.law_facts import LAW_FACTS
from dunning.engine.law.verdict import WORDS, Needed, Verdict, Word
from dunning.engine.owed.ledger import ChargeState
from dunning.engine.steps.ready import ready
from dunning.model.action import ACTIONS, CLAIMS, Action, Effect
from dunning.model.condition import ALWAYS, All, Any, Check, Condition, Contains, Not, OneOf, Unknown, Value, facts_of
from dunning.model.law import BillRule, Gate, LegalLimit, Limited, Permit, Prohibition, Ruling
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import Law, Statutes
from dunning.model.steps import Step


def find_action(name: str, book: RuleBook) -> Action:
    """An action by its name or Chinese title. One of the vocabulary keeps its effects, whatever a book says of it."""
    titles = {known.title.zh: known.id for known in (*book.actions.values(), *ACTIONS.values())}
    if name not in ACTIONS and name not in book.actions:
        name = titles.get(name, name)  # ours before the book's: a title opens no door either
    ours, own = ACTIONS.get(name), book.actions.get(name)
    if ours is None and own is None:
        known = [*ACTIONS, *book.actions, *titles]
        guess = get_close_matches(name, known, 1)
        own_one = Text("; 自己的动作写到动作表 (actions) 里", "; an action of your own goes under `actions`")
        hint = Text(f"; 是想写 {guess[0]} 吗?", f"; did you mean `{guess[0]}`?") if guess else own_one
        raise UsageError(Text(f"没有“{name}”这个动作{hint.zh}", f"there is no action `{name}`{hint.en}"))
    if ours is None or own is None:
        return ours or own  # type: ignore[return-value]  # one of them is there
    return replace(own, effects=tuple(dict.fromkeys((*ours.effects, *own.effects))), receiver=ours.receiver)


@lru_cache(maxsize=64)
def law_of(book: RuleBook) -> Law:
    """The law a book stands on."""
    return Law(book.laws)


def law_today(of: Material) -> Statutes:
    """The law in force on the day of an account's facts at its place; a part of them."""
    return law_of(of.book).on(of.on, of.account.place)


@lru_cache(maxsize=1024)
def unreviewed_at(book: RuleBook, place: str | None) -> tuple[str, ...]:
    """The titles of the law files no lawyer has reviewed that hold of a book at a place; those that say nothing not."""
    packs = Law(law_of(book).at(place)).unreviewed
    return tuple(pack.title or pack.name for pack in packs if not pack.unresearched)


def rule_on(
    action: Action,
    book: RuleBook,
    *,
    on: date,
    place: str | None = None,
    facts: Facts | None = None,
    step: Step | None = None,
) -> Verdict:
    """The verdict on an action, for an account's facts or for the book at large; `step`: as that step does it."""
    if step is not None:
        action = as_done(action, step)
    asked = Asked(action, book, facts, step)
    if place is None and asked.places is not None and len(asked.places) == 1:
        place = asked.places[0]
    statutes = law_of(book).on(on, place)
    said = Verdict(action=action, verdict="allowed", on=on, statutes=statutes, place_known=place is not None)
    if not statutes.articles:
        return replace(said, verdict="review")  # a book without law: nobody can say that it may be done
    rules = rules_for(statutes, action)
    struck, exceptions = _hits(rules.prohibitions, asked)
    hits: tuple[Prohibition | BillRule, ...] = struck
    charges = None
    if facts is not None:
        against = barred(facts, statutes)
        charges = [state for state in facts.overdue if state.charge.id not in against]
        if against and not charges and claims(action):
            hits = (*hits, *dict.fromkeys(rule for several in against.values() for rule in several))
    needed, passed, charges = _gates(rules.gates, asked, charges)
    needed = (*exceptions, *needed)
    least: Word = "conditional" if needed else "allowed"
    words: list[Word] = [least, *map(_word, hits)]
    verdict = max(words, key=WORDS.index)
    void = [
        permit for permit in rules.permits if any(_contradicts(permit, rule, action) for rule in rules.prohibitions)
    ]
    return replace(
        said,
        verdict=verdict,
        hits=tuple(sorted(hits, key=lambda hit: -WORDS.index(_word(hit)))),
        needed=needed,
        passed=passed,
        basis=tuple(permit for permit in rules.permits if permit not in void),
        conflicts=tuple(void) if hits or exceptions else (),
        limits=rules.limits,
        charges=None if charges is None else tuple(state.charge.id for state in charges),
    )


def as_done(action: Action, step: Step) -> Action:
    """An action as a step does it: `to` says who receives it, and the committee and the developer are third parties.

    A machine that speaks is an automated call, whatever the action is called.
    """
    more: list[Effect] = ["contact_third_party"] if step.to in ("committee", "developer") else []
    if step.channels is not None and "ai_voice" in step.channels.channels:
        more.append("automated_call")
    receiver = action.receiver if step.to == "debtor" else action.receiver or step.to
    if not more and receiver == action.receiver:
        return action
    return replace(action, effects=tuple(dict.fromkeys((*action.effects, *more))), receiver=receiver)


def claims(action: Action) -> bool:
    """Whether an action claims a charge as owed, in a formal demand or before a court."""
    return action.id in CLAIMS or "court_filing" in action.effects


# What the law says of an action


class Rules(NamedTuple):
    """The rules of a place and day that speak of an action."""

    prohibitions: tuple[Prohibition, ...]
    gates: tuple[Gate, ...]
    permits: tuple[Permit, ...]
    bills: tuple[BillRule, ...]
    limits: tuple[LegalLimit, ...]


@lru_cache(maxsize=4096)
def rules_for(statutes: Statutes, action: Action) -> Rules:
    """Those that may bear on it, whoever the debtor is. What its name and receiver decide is decided here, once."""
    read = _of_action(action)
    return Rules(
        tuple(
            rule for rule in statutes.prohibitions
            if speaks_of(rule, action) and hit(rule, lambda condition: truth(condition, read)) is not False
        ),
        tuple(
            gate for gate in statutes.gates
            if (speaks_of(gate, action) or _by_another_name(gate, action)) and truth(gate.for_, read) is not False
        ),
        tuple(permit for permit in statutes.permits if speaks_of(permit, action)),
        statutes.bills,
        tuple(limit for limit in statutes.limits if _bears_on(limit.of, action)),
    )  # fmt: skip


def speaks_of(rule: Prohibition | Gate | Permit, action: Action) -> bool:
    """Whether a rule names the action or one of its effects."""
    return action.id in rule.actions or any(effect in action.effects for effect in rule.effects)


def _by_another_name(gate: Gate, action: Action) -> bool:
    """A book's own way to court stands under what the law asks for before a suit."""
    return "sue" in gate.actions and "court_filing" in action.effects and action.id not in ACTIONS


def hit(rule: Prohibition, holds: Callable[[Condition], Truth]) -> Truth:
    """Whether a prohibition strikes: it is for such a case, and no exception lifts it."""
    excepted = False if rule.unless is None else holds(rule.unless)
    return conjunction((holds(rule.for_), negation(excepted)))


def _of_action(action: Action) -> Read:
    """What is known of an action with no account in sight. Nobody named: it is the debtor who receives it."""
    known: Mapping[str, Value] = {"action": action.id, "receiver": action.receiver or "debtor"}
    return lambda fact: known.get(fact, Unknown((fact,)))


_ON_PAPER = frozenset({"deliver_letter", "formal_demand", "serve_on_family"})  # no hours for paper
_ABOUT: Mapping[Limited, frozenset[str]] = {
    "calls": frozenset({"call", "ai_call"}),
    "visits": frozenset({"visit", "visit_with_committee"}),
    "messages": frozenset({"send_message", "send_notice", "send_receipt"}),
    "reasonable_period": frozenset({"formal_demand"}),
    "prepayment": frozenset({"offer_prepayment"}),
    "late_fee_rate": frozenset({"charge_late_fee"}),
    "late_fee_cap": frozenset({"charge_late_fee"}),
    "deposit": frozenset({"require_deposit"}),
    "answer": frozenset({"resolve_complaint"}),
}


def _bears_on(limited: Limited, action: Action) -> bool:
    """Whether a limit of hours, numbers, lengths or shares is about the action."""
    if limited in ("contact_hours", "contacts"):
        return "contact_debtor" in action.effects and action.id not in _ON_PAPER
    return action.id in _ABOUT[limited]


def _word(rule: Prohibition | BillRule) -> Ruling:
    return rule.verdict if isinstance(rule, Prohibition) else "prohibited"


def _contradicts(permit: Permit, rule: Prohibition, action: Action) -> bool:
    """Whether a permission allows just what a prohibition forbids of the action."""
    both = set(permit.effects) & set(rule.effects) & set(action.effects)
    return bool(both) or (action.id in permit.actions and action.id in rule.actions)


# What is known of the case


class Asked:
    """The case put to the law: an action, a book, and an account's facts if there are any.

    Without an account, what `applies` and the step's `when` say of every account is known, and nothing else.
    """

    __slots__ = ("_of_account", "_pins", "_read", "_rules", "action", "book", "facts")

    def __init__(self, action: Action, book: RuleBook, facts: Facts | None, step: Step | None = None) -> None:
        self.action = action
        self.book = book
        self.facts = facts
        self._read = _of_action(action)
        self._rules = approval_rules(book, action.id, step)
        self._pins = _pins(book, step) if facts is None else {}
        self._of_account: dict[str, Value | Unknown] = {}

    @property
    def places(self) -> tuple[str, ...] | None:
        """The places the book is for, if it names them; None: it may be for any."""
        return tuple(str(place) for place in self._pins["place"]) if "place" in self._pins else None

    def value(self, fact: str) -> Value | Unknown:
        """A fact of the action or of the account."""
        known = LAW_FACTS.get(fact)
        if known is not None and known.of == "action":
            return self._read(fact)
        facts = self.facts
        if facts is None:
            return Unknown((fact,))
        if known is None:
            return facts.value(fact)
        if fact not in self._of_account:
            self._of_account[fact] = law_facts.of_account(
                fact, facts.account, facts.on, self.book.calendar, self._rules
            )
        return self._of_account[fact]

    def of_charge(self, state: ChargeState) -> Read:
        """The facts of one charge, and of the account."""
        assert self.facts is not None
        known = reading(self.facts, state)

        def read(fact: str) -> Value | Unknown:
            if fact in LAW_FACTS and fact not in OF_CHARGE:
                return self.value(fact)
            return known(fact)

        return read

    def truth(self, condition: Condition) -> Truth:
        """Whether a condition holds; without an account, whether it does for all accounts of the book."""
        pinned = [fact for fact in facts_of(condition) if fact in self._pins]
        if not pinned:
            return truth(condition, self.value)
        answers = set()
        for values in product(*(self._pins[fact] for fact in pinned)):
            answers.add(truth(condition, self._supposing(dict(zip(pinned, values, strict=True)))))
        return answers.pop() if len(answers) == 1 else None

    def _supposing(self, said: Mapping[str, Value]) -> Read:
        return lambda fact: said[fact] if fact in said else self.value(fact)

    def for_some_charge(self, condition: Condition) -> Truth:
        """Whether it holds for one overdue charge at least; of the account, where it reads no charge."""
        if not of_charges(condition) or self.facts is None:
            return self.truth(condition)
        return negation(conjunction(negation(truth(condition, self.of_charge(s))) for s in self.facts.overdue))

    def for_all_charges(self, condition: Condition) -> Truth:
        """Whether it holds for every overdue charge."""
        if not of_charges(condition) or self.facts is None:
            return self.truth(condition)
        overdue = self.facts.overdue
        return conjunction(truth(condition, self.of_charge(state)) for state in overdue) if overdue else False


def barred(facts: Facts, statutes: Statutes) -> Mapping[str, tuple[BillRule, ...]]:
    """The overdue charges that may not be asked for, by id, with what says so; worked out once for all steps."""
    return facts.part(_barring(statutes))


@lru_cache(maxsize=256)
def _barring(statutes: Statutes) -> Callable[[Material], Mapping[str, tuple[BillRule, ...]]]:
    rules = [(rule, ready(rule.never), _of_account_alone(rule.never)) for rule in statutes.bills]

    def made(facts: Material) -> Mapping[str, tuple[BillRule, ...]]:
        assert isinstance(facts, Facts)
        # What hangs on the account alone is asked once for all its charges.
        possible = [(rule, never) for rule, never, once in rules if not once or never(facts.value) is True]
        found = {}
        for state in facts.overdue if possible else ():
            read = reading(facts, state)
            against = tuple([rule for rule, never in possible if never(read) is True])
            if against:
                found[state.charge.id] = against
        return found

    return made


def _of_account_alone(condition: Condition) -> bool:
    return not any(fact in LAW_FACTS or fact in OF_CHARGE for fact in facts_of(condition))


def reading(facts: Facts, state: ChargeState) -> Read:
    """The facts of a charge, those only law reads among them."""

    def read(fact: str) -> Value | Unknown:
        if fact in LAW_FACTS:
            return law_facts.of_charge(fact, facts, state)
        return facts.charge_value(fact, state)

    return read


def of_overdue(facts: Facts, fact: str) -> tuple[Value | Unknown, ...]:
    """A fact of every overdue charge, one that only law reads or any other."""
    if fact in LAW_FACTS:
        return tuple([law_facts.of_charge(fact, facts, state) for state in facts.overdue])
    return tuple(facts.of_each(fact, facts.overdue))


def of_charges(condition: Condition) -> bool:
    """Whether it reads what each charge has of its own."""
    return any(fact in OF_CHARGE for fact in facts_of(condition))


OF_CHARGE = frozenset(
    [fact.id for fact in CATALOGUE.values() if fact.of == "charge"]
    + [fact.id for fact in LAW_FACTS.values() if fact.of == "charge"]
)


@lru_cache(maxsize=1024)
def approval_rules(book: RuleBook, action: str, step: Step | None) -> law_facts.Rules:
    """The steps whose approvals count: the one asked about, else all that do this action; and the action's own name."""
    steps = [step] if step is not None else [one for one in all_steps(book) if one.action == action]
    old = {one.id: tuple(retired.name for retired in book.retired if retired.now == one.id) for one in steps}
    rules: law_facts.Rules = {one.id: (one.approval, (one.id, *old[one.id])) for one in steps}
    return rules if step is not None else {action: (None, (action,)), **rules}


def all_steps(book: RuleBook) -> tuple[Step, ...]:
    return (*book.reminders, *book.ladder.steps)


@lru_cache(maxsize=1024)
def _pins(book: RuleBook, step: Step | None) -> Mapping[str, tuple[Value, ...]]:
    """What is so of every account a book, or a step of it, is for: the values its conditions leave to a fact."""
    return pins(*([] if book.applies is None else [book.applies]), *([step.when] if step else []))


def pins(*conditions: Condition) -> Mapping[str, tuple[Value, ...]]:
    """The values that conditions which all hold leave to choices and words."""
    found: dict[str, tuple[Value, ...]] = {}
    for condition in conditions:
        for part in condition.parts if isinstance(condition, All) else (condition,):
            # A place is in all it lies in, so of places a test asks for one of a set.
            if isinstance(part, Check) and isinstance(part.test, OneOf | Contains) and not part.test.negated:
                before = found.get(part.fact, part.test.values)
                found[part.fact] = tuple(value for value in part.test.values if value in before)
    return found


# Prohibitions and gates


def _hits(rules: Iterable[Prohibition], asked: Asked) -> tuple[tuple[Prohibition, ...], tuple[Needed, ...]]:
    """The prohibitions that strike, and what would lift those of which nobody can tell."""
    hits, needed = [], []
    for rule in rules:
        concerned = asked.for_some_charge(rule.for_)
        excepted = False if rule.unless is None else asked.for_all_charges(rule.unless)
        struck = conjunction((concerned, negation(excepted)))
        if struck:
            hits.append(rule)
        elif struck is None and rule.unless is not None and excepted is None:
            needed.append(_needed("exception", rule.unless, rule.articles, asked))
        elif struck is None:
            needed.append(_needed("exception", Not(rule.for_), rule.articles, asked))
    return tuple(hits), tuple(needed)


def _gates(
    gates: Iterable[Gate], asked: Asked, charges: list[ChargeState] | None
) -> tuple[tuple[Needed, ...], tuple[Gate, ...], list[ChargeState] | None]:
    """What is still needed, the gates passed, and the charges that pass all that are of charges."""
    needed, passed, left = [], [], charges
    for gate in gates:
        condition = gate.requires if gate.for_ == ALWAYS else Any((Not(gate.for_), gate.requires))
        if charges is not None and left is not None and of_charges(condition):
            passing = [state for state in charges if truth(condition, asked.of_charge(state)) is True]
            both = [state for state in left if state in passing]
            open_ = not passing or (not both and bool(left))
            left = both
        else:
            open_ = asked.truth(condition) is not True
        if open_:
            kind: Literal["gate", "approval"] = "approval" if "approvals" in facts_of(gate.requires) else "gate"
            needed.append(_needed(kind, gate.requires, gate.articles, asked))
        if gate.says.zh and asked.truth(gate.for_) is not False:
            needed.append(Needed("words", gate.articles, words=gate.says, gate=gate))
        elif not open_:
            passed.append(gate)
    return tuple(needed), tuple(passed), left


def _needed(
    kind: Literal["gate", "approval", "exception"], condition: Condition, articles: tuple[str, ...], asked: Asked
) -> Needed:
    """What is not so yet; parts that are need no mention."""
    if isinstance(condition, All):
        still = tuple(part for part in condition.parts if of_charges(part) or asked.truth(part) is not True)
        condition = still[0] if len(still) == 1 else All(still)
    lacking = () if asked.facts is None or of_charges(condition) else missing(condition, asked.value)
    return Needed(kind, articles, condition, missing=lacking)
