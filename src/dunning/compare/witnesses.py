"""Households that show a difference: drawn up, assessed under both books, and shown only if the answers really differ.

Days a book is in force count for nothing here, or a version for next year could not be tried on a household of today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from dunning.basis.finding import Text
from dunning.basis.money import Fen, yuan
from dunning.check.households import Household, household
from dunning.check.wishes import Wish
from dunning.compare.difference import Move, Witness
from dunning.engine.assess import assess
from dunning.engine.known.catalogue import CATALOGUE, ITEMS
from dunning.engine.known.tables import NONE, Graded
from dunning.engine.result import Assessment, ChargeResult
from dunning.lang.readers.read_answers import type_of
from dunning.model.account import Account, Charge, Contract, Item, Payment, Use
from dunning.model.action import ROLES
from dunning.model.condition import ALWAYS, Unknown, Value
from dunning.model.rulebook import RuleBook, Table
from dunning.model.shown import answer_shown, shown
from dunning.output.phrases import BOTH, NOTHING, Phrases, joined, per_mille, plain

_COMMA = Text(", ", ", ")


class Trial(NamedTuple):
    """Both books as they can be tried on any household on any day, and the day."""

    old: RuleBook
    new: RuleBook
    on: date

    @classmethod
    def of(cls, old: RuleBook, new: RuleBook, on: date) -> Trial:
        return cls(_on_trial(old), _on_trial(new), on)

    def assessed(self, account: Account, on: date) -> tuple[Assessment, Assessment] | None:
        """The account under both books; None where either is not for it."""
        before, after = assess(account, self.old, on=on), assess(account, self.new, on=on)
        return (before, after) if before.status == after.status == "assessed" else None

    @property
    def use(self) -> Use:
        """A use of a unit that both books are for; residential where there is none."""
        fits = (use for use in _USES if self.assessed(Account(id="H1", use=use), self.on) is not None)
        return next(fits, "residential")


def _on_trial(book: RuleBook) -> RuleBook:
    applies = ALWAYS if book.applies is None else book.applies
    return replace(book, since=None, until=None, track=None, applies=applies)


Tell = Callable[[Assessment, str | None], Text | None]
"""What an assessment says of the matter, of the charge singled out if it is about one; None: nothing of use."""


def witness(trial: Trial, wishes: Mapping[str, Wish], facts: Sequence[str], tell: tuple[Tell, Tell]) -> Witness | None:
    """A household with the facts wished for, told by some of them; None if none is found that both books tell of."""
    found = household(wishes, trial.new, trial.on)
    both = None if found is None else trial.assessed(found.account, found.on)
    if found is None or both is None:
        return None
    charge = None if found.charge is None else found.charge.charge.id
    old, new = (say(result, charge) for say, result in zip(tell, both, strict=True))
    if old is None or new is None:
        return None
    phrases = Phrases(trial.new)
    like = joined((_like(phrases, trial, name, found, both, charge) for name in facts), _COMMA)
    return Witness(found.account, found.on, like, old, new)


def _like(
    phrases: Phrases,
    trial: Trial,
    name: str,
    found: Household,
    both: tuple[Assessment, Assessment],
    charge: str | None,
) -> Text:
    """A fact with its value; a table with what each book answers."""
    if name in CATALOGUE or name in trial.new.facts:
        return _fact(phrases, trial, name, found.fact(name))
    told = []
    for book, result in zip((trial.old, trial.new), both, strict=True):
        graded = grade_of(result, name, charge)
        if name in book.tables and graded is not None:
            told.append(answered(book.tables[name], graded.fact))
    if not told:
        return NOTHING
    title = phrases.titles.get(name) or plain(name)
    once = told if told[0] != told[-1] else told[:1]
    return Text(*(f"{title.to(lang)} {' → '.join(each.to(lang) for each in once)}" for lang in BOTH))


def grade_of(result: Assessment, table: str, charge: str | None) -> Graded | None:
    """What a table answered, that of a charge for the charge singled out."""
    if table in result.grades:
        return result.grades[table]
    return next((each.grades.get(table) for each in result.charges if each.id == charge), None)


def answered(table: Table, said: Value | Unknown, word: str | None = None) -> Text:
    """An answer as conditions see it, for a reader; with a `word`, whether a table that collects has it."""
    if isinstance(said, Unknown):
        return Text("无法确定", "undetermined")
    if word is not None:
        title = answered(table, word)
        return Text(f"含 {title.zh}", title.en) if said else Text(f"不含 {title.zh}", f"no {title.en}")
    if said == NONE and NONE not in table.output.words:
        return NO_ROW
    if table.output.kind == "role" and said in ROLES:
        return ROLES[str(said)]
    if isinstance(said, str):
        return Text(*(answer_shown(said, table.output, lang) for lang in BOTH))
    return Text(*(shown(said, type_of(table.output, table.hit), lang) for lang in BOTH))


NO_ROW = Text("一行也不中", "no row is true")


def _fact(phrases: Phrases, trial: Trial, name: str, value: object) -> Text:
    own = trial.new.facts.get(name)
    type_, title = CATALOGUE[name].type if own is None else own.type, phrases.titles[name]
    return Text(*(f"{title.to(lang)} {shown(value, type_, lang)}" for lang in BOTH))  # type: ignore[arg-type]  # a fact


# Money

_PRINCIPAL: Fen = 100_000
"""A thousand yuan: anybody can follow what comes of it."""
_DAYS = (30, 90, 180, 365, 10, 3, 730, 2000, 1)
_SHOWN = 3


class _Case(NamedTuple):
    """One charge overdue for so many days, perhaps half of it paid so many days after it was due."""

    item: Item
    days: int
    principal: Fen = _PRINCIPAL
    paid_after: int | None = None


def of_money(trial: Trial, items: Sequence[Item]) -> list[Move]:
    """Charges of which another late fee, or another debt, comes out: some of few and of many days, in yuan."""
    found: list[Move] = []
    for case in _cases(trial, items):
        if len(found) < _SHOWN and (move := _of_case(trial, case)) is not None:
            found.append(move)
    return sorted(found, key=lambda move: 0 if move.witness is None else _overdue(move.witness))


def _overdue(shown_by: Witness) -> int:
    due = shown_by.account.charges[0].due
    return 0 if due is None else (shown_by.on - due).days


def _cases(trial: Trial, items: Sequence[Item]) -> Iterator[_Case]:
    for item in items:
        yield from (_Case(item, days) for days in _DAYS)
        for days in _DAYS[:3]:
            yield from (_Case(item, days, paid_after=after) for after in (20, 1))
        for chased in {trial.old.payments.chase_from - 1, trial.new.payments.chase_from - 1} - {0}:
            yield _Case(item, 30, principal=chased)
        yield from (_Case(item, days) for days in range(31, 41))  # one of them due on a day of rest


def _of_case(trial: Trial, case: _Case) -> Move | None:
    account = _account(trial, case)
    both = trial.assessed(account, trial.on)
    if both is None:
        return None
    old, new = (_owed(result) for result in both)
    if old == new:
        return None
    paid = Text("", "")
    if case.paid_after is not None:
        on = account.payments[0].on
        paid = Text(f", {on} 付过一半", f", half of it paid on {on}")
    due = account.charges[0].due
    overdue = both[0].charges[0].overdue_days
    where = Text(
        f"{ITEMS[case.item].zh} {yuan(case.principal)}元, 逾期 {overdue} 天",
        f"{ITEMS[case.item].en} of {yuan(case.principal)} yuan, {overdue} days overdue",
    ).joined(paid)
    like = Text(f"{due} 到期", f"due {due}")
    told = [_money(result, owed) for result, owed in zip(both, (old, new), strict=True)]
    amounts = [
        Text(f"违约金 {yuan(each.late_fee)}元", f"late fee {yuan(each.late_fee)} yuan")
        if old.late_fee != new.late_fee
        else _principal(each)
        for each in (old, new)
    ]
    return Move(where, amounts[0], amounts[1], Witness(account, trial.on, like, told[0], told[1]))


def _account(trial: Trial, case: _Case) -> Account:
    due = trial.on - timedelta(days=case.days)
    contract = Contract(id="K1", kind="committee", late_fee_clause=True, clause_shown=True)
    charge = Charge(id="C1", item=case.item, amount=case.principal, due=due)
    payments: tuple[Payment, ...] = ()
    if case.paid_after is not None:
        paid_on = due + timedelta(days=case.paid_after)
        payments = (Payment(id="P1", on=paid_on, amount=case.principal // 2),)
    return Account(id="H1", use=trial.use, contracts=(contract,), charges=(charge,), payments=payments)


_USES: tuple[Use, ...] = ("residential", "commercial", "office", "parking")


class _Owed(NamedTuple):
    late_fee: Fen
    principal: Fen
    arrears: object
    undetermined: bool


def _owed(result: Assessment) -> _Owed:
    unknown = any(charge.late_fee.assessed is None for charge in result.charges)
    return _Owed(result.balance.late_fee, result.balance.principal_due, result.facts["arrears"], unknown)


def _principal(owed: _Owed) -> Text:
    arrears = owed.arrears if isinstance(owed.arrears, int) else 0
    return Text(
        f"未缴本金 {yuan(owed.principal)}元, 欠费 {yuan(arrears)}元",
        f"principal {yuan(owed.principal)} yuan, arrears {yuan(arrears)} yuan",
    )


def _money(result: Assessment, owed: _Owed) -> Text:
    """What is owed, and how the late fee comes to its sum."""
    if owed.undetermined:
        return Text("违约金无法确定", "late fee undetermined")
    fee = joined((_fee(charge) for charge in result.charges), _COMMA)
    told = Text(f"违约金 {yuan(owed.late_fee)}元", f"late fee {yuan(owed.late_fee)} yuan")
    if fee != NOTHING:
        told = told.joined(Text(f" ({fee.zh})", f" ({fee.en})"))
    return joined((told, _principal(owed)), Text("; ", "; "))


def _fee(charge: ChargeResult) -> Text:
    steps = " + ".join(
        f"{yuan(each.principal)} × {per_mille(each.rate)} × {each.days}" for each in charge.late_fee.segments
    )
    capped = Text(", 到上限", ", at the cap") if charge.late_fee.capped else Text("", "")
    return Text(f"{steps}天", f"{steps} days").joined(capped) if steps else Text("", "")
