"""The typed rule language: one book of rules as a reviewer wrote it, resolved and checked, with its law and calendar.

Built by `lang.read`, read by everything after. A book never changes once loaded; threads may share it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Generic, Literal, TypeVar

from dunning.basis.calendar import Calendar
from dunning.basis.finding import Finding, Text
from dunning.basis.money import Fen, Rate, Rounding
from dunning.basis.span import Span
from dunning.model.account import Item, Part
from dunning.model.action import Action
from dunning.model.anchor import Duration as Duration  # an Answer may be one
from dunning.model.condition import ALWAYS, Condition, Type, Value
from dunning.model.law import LawPack
from dunning.model.signature import Lacking, Reviewed
from dunning.model.steps import (
    Contact,
    Declined,
    Incentives,
    Ladder,
    Offer,
    Pause,
    Promises,
    Retired,
    Step,
    Target,
    Template,
    Track,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """A value that changes on given days; nothing before the first. An undated value holds from `date.min`."""

    steps: tuple[tuple[date, T], ...]  # ascending

    @classmethod
    def always(cls, value: T) -> Dated[T]:
        return cls(((date.min, value),))

    def on(self, day: date) -> T | None:
        """The value in force on that day; None before the first one."""
        found: T | None = None
        for since, value in self.steps:
            if since > day:
                break
            found = value
        return found


_NO_CAP: Dated[Cap | None] = Dated.always(None)
_NO_GRACE = Dated.always(0)
_HALF_UP: Dated[Rounding] = Dated.always("half_up")


@dataclass(frozen=True, slots=True)
class Cap:
    """The most a late fee may come to: a share of the charge, or of what was unpaid at the end of its due date."""

    share: Fraction
    of: Literal["charge", "overdue"] = "charge"


@dataclass(frozen=True, slots=True, kw_only=True)
class LateFee:
    """The terms of 违约金 for some items (see docs/design/fee-math.md). Rates are fractions a day, grace is days."""

    items: tuple[Item, ...]
    rate: Dated[Rate]
    cap: Dated[Cap | None] = _NO_CAP
    dated_by: Literal["day", "due"] = "day"
    payment_day: Literal["counted", "not_counted"] = "counted"
    grace: Dated[int] = _NO_GRACE
    after_grace: Literal["from_due", "from_grace_end"] = "from_due"
    after_principal: Literal["keep", "waive"] = "keep"
    rounding: Dated[Rounding] = _HALF_UP
    rest_day_due: Literal["roll_forward", "as_written"] = "roll_forward"
    source: str = ""
    covers: tuple[str, ...] = ()
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """How money is allocated, and from which unpaid amount (fen) a charge is chased at all."""

    across_charges: Literal["earliest_due", "statutory"] = "earliest_due"
    within_charge: tuple[Part, ...] = ("principal", "late_fee")
    source_split: Literal["follow", "ignore"] = "follow"
    chase_from: Fen = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFact:
    """A fact of this book's own, read from the account's `attributes` by its `key`.

    `has_default` with `default` None is 无; without it an absent attribute is unknown.
    """

    id: str
    type: Type
    title: Text
    key: str
    has_default: bool = False
    default: Value = None
    at: Span | None = None


Hit = Literal["unique", "first", "collect", "sum", "any", "min", "max", "priority"]


Answer = str | int | bool | Fraction | Duration
"""What a row may say: a word, an integer or money (int fen), a truth, a percent (Fraction), a length of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a table may answer: words with titles, in order, or a type, or a type and a few `words` beside it."""

    kind: Literal["choice", "integer", "percent", "money", "duration", "role", "boolean"]
    words: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: where its condition is true, the table answers `then` (dated). `number` counts from 1, as people do."""

    number: int
    when: Condition
    then: Dated[Answer]
    id: str = ""
    title: str = ""
    at: Span | None = None
    otherwise: bool = False  # 否则: decides only when all others are false


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    id: str
    title: Text
    output: Output
    rows: tuple[Row, ...]
    hit: Hit = "unique"
    of: Literal["account", "charge"] = "account"
    source: str = ""
    covers: tuple[str, ...] = ()
    at: Span | None = None
    pack: str = ""  # the book it was written in, where `based_on` brought it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleBook:
    """A whole book, itself and no other (compared and hashed by identity).

    `tables` stand in the order they can be evaluated in: a table after those it reads. `digest` is over the meaning
    with law and calendar, `meaning` over the book's own meaning, `law_digest` over its law: layout, comments and the
    language of keys change none of them. `origins` names the book each section, table and step was written in
    (`tables.account_grade` -> `common`). `findings` are the warnings of loading.
    """

    name: str
    title: str
    version: str
    calendar: Calendar
    digest: str = ""
    meaning: str = ""
    law_digest: str = ""
    file: str = ""
    since: date | None = None
    until: date | None = None  # the last day
    applies: Condition | None = ALWAYS  # None: only a base, applies to nobody
    track: Track | None = None
    based_on: str = ""
    community: str = ""  # a community's own file on top of a pack
    law: str = ""
    laws: tuple[LawPack, ...] = ()
    owner: str = ""
    reviewed: Reviewed | None = None
    lacking: tuple[Lacking, ...] = ()  # second signatures that the folder asks for
    late_fees: tuple[LateFee, ...] = ()
    payments: Payments = Payments()
    chased: tuple[Item, ...] = ("property_fee",)
    facts: Mapping[str, OwnFact] = field(default_factory=dict)
    impossible: tuple[Condition, ...] = ()
    tables: Mapping[str, Table] = field(default_factory=dict)
    contact: Contact = field(default_factory=Contact)
    reminders: tuple[Step, ...] = ()
    ladder: Ladder = field(default_factory=Ladder)
    promises: Promises = field(default_factory=Promises)
    pauses: tuple[Pause, ...] = ()
    relief: tuple[Offer, ...] = ()
    incentives: Incentives = field(default_factory=Incentives)
    targets: tuple[Target, ...] = ()
    actions: Mapping[str, Action] = field(default_factory=dict)
    declined: tuple[Declined, ...] = ()
    retired: tuple[Retired, ...] = ()  # dropped and renamed tables and steps
    templates: Mapping[str, Template] = field(default_factory=dict)  # those its steps name
    origins: Mapping[str, str] = field(default_factory=dict)
    at: Span | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def signed(self) -> bool:
        """Whether every signature asked for is there and still covers what the book means.

        Law that has changed since leaves a signature as it is: a note says so, for the meaning is what was signed.
        """
        return self.reviewed is not None and self.reviewed.digest == self.meaning and not self.lacking

    def late_fee_for(self, item: Item) -> LateFee | None:
        """The terms an item bears a late fee under; None = it bears none."""
        return next((terms for terms in self.late_fees if item in terms.items), None)

    def step(self, name: str) -> Step | None:
        """A reminder or rung by its id."""
        return next((step for step in (*self.reminders, *self.ladder.steps) if step.id == name), None)
