"""What comes out for one account on one date: money, grades, what is due and what is withheld, each with its why.

Field names are the contract (docs/reference/assessment.md). Amounts are int fen, rates fractions, dates dates;
`output.exchange` writes the canonical JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal, NamedTuple

from dunning.basis.finding import Finding
from dunning.basis.money import Fen
from dunning.basis.span import Span
from dunning.engine.known.logic import Read
from dunning.engine.known.tables import Graded
from dunning.engine.owed.fees import FeeState
from dunning.engine.steps.candidates import Ask, Reason
from dunning.engine.steps.candidates import Withheld as Withheld  # part of what comes out, made where steps are
from dunning.model.account import Account, Channel, Item
from dunning.model.condition import Unknown, Value
from dunning.model.rulebook import RuleBook

Status = Literal["assessed", "not_applicable", "rejected"]
Facts = Mapping[str, Value | Unknown]


def _nothing_known(fact: str) -> Unknown:
    """How facts are read where no book applies."""
    return Unknown((fact,))


@dataclass(frozen=True, slots=True)
class Balance:
    """The whole ledger in fen: `total = principal_due + late_fee - credit`; `disputed` and `other_debtor` are parts.

    `late_fee` leaves out fees that are undetermined; the charge says so.
    """

    principal_due: Fen = 0
    principal_not_due: Fen = 0
    late_fee: Fen = 0
    credit: Fen = 0
    disputed: Fen = 0
    other_debtor: Fen = 0

    @property
    def total(self) -> Fen:
        return self.principal_due + self.late_fee - self.credit


class ChargeResult(NamedTuple):
    """One charge on that date.

    `due` is the rolled due date, `amount` the principal less credit notes, `principal` what is unpaid of it. Facts and
    grades are those of open charges only. A tuple, for an assessment has one of every charge there ever was.
    """

    id: str
    item: Item
    due: date | None
    amount: Fen
    paid: Fen
    principal: Fen
    overdue_days: int
    late_fee: FeeState
    chased: bool = True
    other_debtor: bool = False
    settled_on: date | None = None
    facts: Facts = MappingProxyType({})
    grades: Mapping[str, Graded] = MappingProxyType({})


class Carried(NamedTuple):
    """A step that goes with a message of the day: of which account, about which charge (None: the account)."""

    account: str
    step: str
    charge: str | None
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A step that is due today, as an adapter delivers it; `key` is the same for the same occasion, whenever asked.

    `to` are party ids; `channels` have the key `first_of` (one after another) or `all_of` (together), or are empty for
    what needs none. `not_before` to `not_after` (None: until the day ends) are the first of the `hours` of that day in
    which it may go out; what has no hours has none of them. `charges`: those it speaks of, by (due date, id).
    `carries`: what else is in the message; done with it, so long as its contact is recorded for each of these steps
    too. `pay_by`: the last day to pay if it arrives today. `void_if`: what ends it before it is done.
    """

    key: str
    step: str
    charge: str | None
    action: str
    to: tuple[str, ...]
    channels: Mapping[str, tuple[Channel, ...]]
    role: str | None
    tone: str
    template: str | None
    not_before: datetime
    not_after: datetime | None
    hours: tuple[tuple[datetime, datetime], ...] = ()
    needs: tuple[str, ...] = ()
    record: tuple[str, ...] = ()
    ask: Ask | None = None
    bundle: str = ""
    charges: tuple[str, ...] = ()
    pay_by: date | None = None
    approved_by: tuple[str, ...] = ()
    void_if: tuple[str, ...] = ()
    carries: tuple[Carried, ...] = ()
    because: tuple[Reason, ...] = ()


class Shortfall(NamedTuple):
    """A quota not met: `at_least` contacts `of` a class in a stretch (`7d`), of which there were `times`.

    `lacking`: what is missing to tell whether it is met.
    """

    of: str
    at_least: int
    per: str
    times: int
    lacking: tuple[str, ...] = ()
    title: str = ""
    at: Span | None = None


class Deadline(NamedTuple):
    """A day on which a right ends or a period runs out.

    `kind` is a clock of the law, or demand, demand_follow_up, promise, instalment; `charge` the one it is about (None:
    several, or the account). `days_left` is below zero once it has passed. `provisional`: it hangs on a year the
    calendar does not know. `articles` are ids in force. `alert`: the last alert that has come, in days before the day;
    0 once it has passed, None before the first. `because` names the record it runs from.
    """

    kind: str
    charge: str | None
    on: date
    days_left: int
    provisional: bool = False
    articles: tuple[str, ...] = ()
    alert: int | None = None
    because: tuple[Reason, ...] = ()

    @property
    def passed(self) -> bool:
        return self.days_left < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The answer for one account on `on`. The same inputs give an equal assessment and byte-identical JSON.

    `facts` are those the book reads, and `value` gives any other. `book` (None: no book applies) and `account` stand
    beside the answer so that `explain` can say why; they are not written out.
    """

    account: Account
    book: RuleBook | None
    on: date
    status: Status
    balance: Balance = Balance()
    charges: tuple[ChargeResult, ...] = ()
    facts: Facts = field(default_factory=dict)
    grades: Mapping[str, Graded] = field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    offers: tuple[str, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    ended: str | None = None
    deadlines: tuple[Deadline, ...] = ()
    next_review: date | None = None
    provisional: bool = False
    findings: tuple[Finding, ...] = ()
    read: Read = field(default=_nothing_known, repr=False, compare=False)

    def value(self, fact: str) -> Value | Unknown:
        """Any fact of the catalogue or the book, read by a table or not; an id that is none raises KeyError."""
        return self.facts[fact] if fact in self.facts else self.read(fact)
