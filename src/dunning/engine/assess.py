"""The whole answer for one debtor's accounts on one date: ledger, facts, grades, steps, the day's worklist.

`assess` is the group of one: contacts and caps are a person's, so all accounts of a debtor are assessed together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple, Protocol

from dunning.basis.calendar import days_between
from dunning.basis.errors import UsageError
from dunning.basis.finding import Finding, Text
from dunning.basis.money import Fen
from dunning.basis.span import Entry
from dunning.engine import worklist as worklists
from dunning.engine.deadlines import deadlines
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.contacts import Person
from dunning.engine.known.facts import Facts
from dunning.engine.known.logic import Truth, missing
from dunning.engine.known.tables import Graded, Program, program
from dunning.engine.ladder.ladder import Steps, reads, steps_of
from dunning.engine.owed.ledger import ChargeState, Ledger, replay
from dunning.engine.result import Action, Assessment, Balance, Carried, ChargeResult, Shortfall
from dunning.engine.steps.ready import Holds, ready
from dunning.engine.steps.tracks import on_track
from dunning.engine.worklist import Due, Outcome, Share, worklist
from dunning.model.account import Account
from dunning.model.condition import ALWAYS, Unknown, Value
from dunning.model.rulebook import RuleBook

ALWAYS_SHOWN = ("arrears", "overdue_days", "overdue_periods")
"""Facts every assessment carries, whether or not a table reads them."""

Answer = Value | Unknown


class Folder(Protocol):
    """What tells which of several books an account stands under."""

    @property
    def books(self) -> Sequence[RuleBook]:
        """All of them."""
        ...

    def book_for(self, account: Account, on: date) -> RuleBook | Finding | None:
        """The one book that applies; None if none does, the finding if it cannot be told or there are two."""
        ...


Rules = RuleBook | Folder


def assess(account: Account, rules: Rules, *, on: date) -> Assessment:
    """What one account owes on `on` and how it grades, as if it were all its debtor has.

    `rules` is a RuleBook, or a folder of them that gives each account its book. Where none applies the status is
    `not_applicable`. The answer depends on nothing else: no clock, no earlier answer; records dated after `on` change
    nothing.
    """
    return assess_group((account,), rules, on=on)[0]


def assess_group(accounts: Sequence[Account], rules: Rules, *, on: date) -> tuple[Assessment, ...]:
    """The answers for all accounts of one debtor in one company, in the order given.

    UsageError for a date that is no date (text, a time of day), an account not read, rules not loaded.
    """
    _well_called(accounts, rules, on)
    person = Person(tuple(accounts), on)
    found = [_assessed(account, person, rules, on) for account in accounts]
    outcomes = _outcomes(found, person)
    return tuple(_answer(each, next(outcomes)) if isinstance(each, _Known) else each for each in found)


class Worked(NamedTuple):
    """An account's assessment with what it was made from; None where no book applies."""

    assessment: Assessment
    facts: Facts | None = None
    steps: Steps | None = None
    outcome: Outcome | None = None


def worked_out(accounts: Sequence[Account], rules: Rules, *, on: date) -> tuple[Worked, ...]:
    """The same, for whoever tells others what it came to and why."""
    person = Person(tuple(accounts), on)
    found = [_assessed(account, person, rules, on) for account in accounts]
    outcomes = _outcomes(found, person)

    def worked(each: _Known | Assessment) -> Worked:
        if isinstance(each, Assessment):
            return Worked(each)
        outcome = next(outcomes)
        return Worked(_answer(each, outcome), each.facts, each.steps, outcome)

    return tuple(map(worked, found))


def _outcomes(found: Sequence[_Known | Assessment], person: Person) -> Iterator[Outcome]:
    """What goes out on the accounts a book applies to."""
    known = [each for each in found if isinstance(each, _Known)]
    return iter(worklist([each.share for each in known], person) if known else ())


def _well_called(accounts: Sequence[object], rules: object, on: object) -> None:
    """A wrong argument is told by name, before it turns up somewhere as something else."""
    if type(on) is not date:
        raise UsageError(Text(f"on 要是日期 (datetime.date), 不能是 {on!r}", f"`on` is a datetime.date, not {on!r}"))
    if not hasattr(rules, "book_for") and not isinstance(rules, RuleBook):
        wanted = Text("规则要先用 dunning.load 或 load_folder 装入", "load rules first: dunning.load or load_folder")
        raise UsageError(wanted.joined(Text(f": {rules!r:.40}", f": {rules!r:.40}")))
    for account in accounts:
        if not isinstance(account, Account):
            wanted = Text("户要先用 dunning.read_account 读入", "read accounts first, with dunning.read_account")
            raise UsageError(wanted.joined(Text(f": {account!r:.40}", f": {account!r:.40}")))


def applies(book: RuleBook, account: Account, on: date) -> Truth:
    """Whether a book is for this account on that day; None where the account does not say (its use, its community)."""
    if book.applies is None:
        return False
    if (book.since is not None and on < book.since) or (book.until is not None and on > book.until):
        return False
    fits = _fits(book)(_standing(account, book, on).value)
    if fits and book.track is not None:
        return on_track(book.track, account, on, book.calendar)
    return fits


def undecided(book: RuleBook, account: Account, on: date) -> tuple[str, ...]:
    """The facts that are missing where `applies` cannot be told."""
    return () if book.applies is None else missing(book.applies, _standing(account, book, on).value)


def _standing(account: Account, book: RuleBook, on: date) -> Facts:
    """Facts that need no ledger: what the account is, not what it owes."""
    return Facts(account, Ledger(on, (), 0, 0, (), (), ()), book)


@lru_cache(maxsize=256)
def _fits(book: RuleBook) -> Holds:
    """What `applies` asks, made ready once for a book."""
    return ready(ALWAYS if book.applies is None else book.applies)


def book_of(account: Account, rules: Rules, on: date) -> RuleBook | Finding | None:
    if not isinstance(rules, RuleBook):
        return rules.book_for(account, on)
    fits = applies(rules, account, on)
    if fits is None:
        return not_told(account, undecided(rules, account, on))
    return rules if fits else None


def not_told(account: Account, facts: Sequence[str]) -> Finding:
    """The finding that the account does not say what decides which book applies."""
    titles = [CATALOGUE[fact].title if fact in CATALOGUE else Text(fact, fact) for fact in facts]
    told = Text("、".join(title.zh for title in titles), ", ".join(title.en for title in titles))
    return Finding("A701", Entry(account.company, account.id), {"facts": told})


class _Known(NamedTuple):
    """What is known of an account before the person's other accounts are looked at."""

    facts: Facts
    shown: dict[str, Answer]
    grades: dict[str, Graded]
    charges: tuple[ChargeResult, ...]
    steps: Steps

    @property
    def share(self) -> Share:
        return Share(self.facts.account, self.facts.book, self.steps.candidates, self.steps.read)


def _assessed(account: Account, person: Person, rules: Rules, on: date) -> _Known | Assessment:
    book = book_of(account, rules, on)
    if not isinstance(book, RuleBook):
        found = () if book is None else (book,)
        return Assessment(account=account, book=None, on=on, status="not_applicable", findings=found)
    wanted = wanted_by(book)
    ledger = replay(account, book, on)
    facts = Facts(account, ledger, book, person=person)
    open_charges = [state for state in ledger.charges if state.unpaid] if wanted.of_charge else []
    values = facts.values(wanted.reads)
    of_charges = facts.values_of_each(wanted.charge_reads, open_charges)
    grades, charge_grades = wanted.program.run(values[: wanted.of_tables], of_charges, on)
    shown = dict(zip(wanted.reads, values, strict=True))
    steps = steps_of(facts, grades, list(zip(open_charges, charge_grades, strict=True)), shown)
    graded = iter(zip(of_charges, charge_grades, strict=True))
    charges = tuple(
        [
            _charge(state, on, *(next(graded, _SETTLED) if state.unpaid else _SETTLED), wanted.charge_own)
            for state in ledger.charges
        ]
    )
    return _Known(facts, shown, grades, charges, steps)


def _answer(known: _Known, outcome: Outcome) -> Assessment:
    """The answer, once it is settled what goes out to the person today."""
    facts, steps = known.facts, known.steps
    ledger = facts.ledger
    due_days = deadlines(facts)
    return Assessment(
        account=facts.account,
        book=facts.book,
        on=facts.on,
        status="assessed",
        balance=_balance(ledger, facts),
        charges=known.charges,
        facts=known.shown,
        grades=known.grades,
        actions=tuple([_action(due) for due in outcome.due]),
        withheld=outcome.withheld,
        shortfalls=tuple([shortfall(one) for one in outcome.shortfalls]),
        ended=steps.ended,
        deadlines=due_days,
        provisional=facts.provisional
        or steps.provisional
        or any(state.provisional for state in ledger.charges)
        or any(each.provisional for each in due_days),
        findings=(*ledger.findings, *facts.findings, *steps.findings),
        read=facts.value,
    )


def _action(due: Due) -> Action:
    each = due.candidate
    return Action(
        key=each.key,
        step=each.step.id,
        charge=each.charge_id,
        action=each.step.action if each.action is None else each.action.id,
        to=each.to,
        channels={} if each.channels is None else {each.channels.mode: each.channels.channels},
        role=each.role,
        tone=each.tone,
        template=each.template,
        not_before=due.not_before,
        not_after=due.not_after,
        hours=due.hours,
        needs=each.needs,
        record=each.record,
        ask=each.ask,
        bundle=due.bundle,
        charges=tuple([state.charge.id for state in each.charges]),
        pay_by=each.pay_by,
        approved_by=each.approved_by,
        void_if=each.void_if,
        carries=tuple([Carried(account, one.step.id, one.charge_id, one.key) for account, one in due.carries]),
        because=each.because,
    )


def shortfall(one: worklists.Shortfall) -> Shortfall:
    """A quota not met, as an assessment tells it."""
    quota = one.quota
    per = f"{quota.per.count}{quota.per.unit}"
    return Shortfall(quota.of, quota.times, per, one.times, one.lacking, quota.title, quota.at)


_SETTLED: tuple[list[Answer], dict[str, Graded]] = ([], {})
"""What is graded of a charge that is paid: nothing."""


class Wanted(NamedTuple):
    """What a book reads, worked out once for it: facts for its tables first (`of_tables` of them), then its steps'.

    `charge_own`: the facts that are the charge's own.
    """

    program: Program
    reads: tuple[str, ...]
    of_tables: int
    charge_reads: tuple[str, ...]
    charge_own: tuple[tuple[int, str], ...]
    of_charge: bool


@lru_cache(maxsize=64)
def wanted_by(book: RuleBook) -> Wanted:
    """The facts a book reads; those of `reads` are what an assessment shows of the account, in this order."""
    compiled = program(book)
    own = tuple(
        (place, name)
        for place, name in enumerate(compiled.charge_reads)
        if name in CATALOGUE and CATALOGUE[name].of == "charge"
    )
    return Wanted(
        compiled,
        tuple(dict.fromkeys((*compiled.reads, *reads(book), *ALWAYS_SHOWN))),
        len(compiled.reads),
        compiled.charge_reads,
        own,
        any(table.of == "charge" for table in book.tables.values()),
    )


def _charge(
    state: ChargeState, on: date, values: Sequence[Answer], grades: dict[str, Graded], own: tuple[tuple[int, str], ...]
) -> ChargeResult:
    due = state.due
    return ChargeResult(
        state.charge.id,
        state.charge.item,
        due,
        state.principal,
        state.paid,
        state.unpaid,
        days_between(due, on) if due is not None and state.unpaid and due < on else 0,
        state.fee,
        state.chased,
        state.other_debtor,
        state.settled_on,
        {name: values[place] for place, name in own} if values else {},
        grades,
    )


def _balance(ledger: Ledger, facts: Facts) -> Balance:
    due: Fen = 0
    not_due: Fen = 0
    late_fee: Fen = 0
    other: Fen = 0
    on = ledger.on
    for state in ledger.charges:
        if state.due is None or state.due <= on:
            due += state.unpaid
        else:
            not_due += state.unpaid
        late_fee += state.fee.outstanding or 0
        if state.other_debtor:
            other += state.unpaid
    disputed = facts.value("disputed_amount") if facts.account.disputes else 0
    return Balance(due, not_due, late_fee, ledger.credit, disputed if isinstance(disputed, int) else 0, other)
