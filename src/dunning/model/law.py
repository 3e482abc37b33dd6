"""What the law packs say: articles with their days, what they forbid, ask for first, limit and time.

Typed so that no rule file can reword the law: the guard reads these records by effect, day and place. Layers combine by
code (permitted = intersection, cap = minimum, waiting period = maximum), never by the order of files.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from dunning.basis.span import Span
from dunning.model.account import Proof
from dunning.model.action import Effect
from dunning.model.anchor import ClockRange, Duration, Event
from dunning.model.condition import ALWAYS, Condition
from dunning.model.steps import Reviewed

Layer = Literal["statute", "regulation", "interpretation", "local", "rule", "contract", "standard", "policy"]
LAYERS: tuple[Layer, ...] = (
    "statute", "regulation", "interpretation", "local", "rule", "contract", "standard", "policy",
)  # fmt: skip
"""Highest first: none may relax one before it."""

Source = Literal["copy", "secondary", "memory"]
Verdict = Literal["conditional", "review", "prohibited_by_analogy", "prohibited"]
Limited = Literal[
    "prepayment", "deposit", "contact_hours", "reasonable_period", "late_fee_rate", "late_fee_cap", "answer",
    "calls", "visits", "messages", "contacts",
]  # fmt: skip
ClockName = Literal[
    "limitation", "enforcement", "mediation_confirmation", "payment_order_notice", "payment_order_issue",
    "payment_order_objection", "payment_order_service", "answer",
]  # fmt: skip
Restart = Literal[
    "formal_demand", "part_payment", "promise", "plan", "suit", "arbitration", "mediation", "payment_order",
]  # fmt: skip
ClockStart = Event | Literal["filed", "accepted", "served", "agreed"]


@dataclass(frozen=True, slots=True)
class Checked:
    """How sure the text and the days are: a copy read, a secondary source, memory; `by` = the lawyer who signed."""

    text: Source = "memory"
    in_force: Source = "memory"
    by: str | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One provision. `since` and `until` are its first and last day; a None is open."""

    id: str
    cite: str
    says: str
    layer: Layer
    since: date | None = None
    until: date | None = None
    replaces: str | None = None
    checked: Checked = Checked()
    at: Span | None = None

    def in_force(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Penalty:
    """What the breach costs, in words, and the article that says so."""

    says: str
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prohibition:
    """Effects no action may have, for those `for_` holds of, unless `unless` does."""

    effects: tuple[Effect, ...]
    verdict: Verdict
    articles: tuple[str, ...]
    for_: Condition = ALWAYS
    unless: Condition | None = None
    penalty: Penalty | None = None
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What must be true before any of these actions."""

    actions: tuple[str, ...]
    requires: Condition
    articles: tuple[str, ...]
    for_: Condition = ALWAYS
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalLimit:
    """The most, the least, or the hours of something: a length of time, or a share."""

    of: Limited
    articles: tuple[str, ...]
    at_most: Duration | Fraction | None = None
    at_least: Duration | Fraction | None = None
    between: ClockRange | None = None
    for_: Condition = ALWAYS
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A period the law lets run: how long, from what, and what starts it afresh (with evidence of at least `proof`)."""

    clock: ClockName
    lasts: Duration
    from_: ClockStart
    articles: tuple[str, ...]
    restarts: tuple[Restart, ...] = ()
    proof: Proof | None = None
    alerts: tuple[Duration, ...] = ()
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRule:
    """Words never written (but in the phrases of `allow`), or words a template `must` have. `before`: until then."""

    articles: tuple[str, ...]
    never: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    before: Literal["judgment"] | None = None
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """What a text allows. It never lifts a prohibition of a higher layer: that is a conflict, shown as one."""

    effects: tuple[Effect, ...]
    articles: tuple[str, ...]
    says: str = ""
    conflicts_with: tuple[str, ...] = ()
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRule:
    """Charges that may not be dunned while the condition holds (a wrongful stay, double billing)."""

    never: Condition
    articles: tuple[str, ...]
    says: str = ""
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorRule:
    """Who owes, where the law says so: an undelivered unit is the developer's."""

    when: Condition
    is_: Literal["owner", "tenant", "developer", "occupant"]
    articles: tuple[str, ...]
    says: str = ""
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacancy:
    """What an empty unit pays at most, as a share of the fee, once it has stood empty for `after`."""

    at_most: Fraction
    articles: tuple[str, ...]
    after: Duration | None = None
    when: Condition = ALWAYS
    says: str = ""
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LawPack:
    """One law file. `places` are CN or CN- and 2, 4 or 6 digits; a place lies under each of its prefixes.

    `unresearched`: nobody has looked yet, so that the answer there says so. `digest` is over the meaning.
    """

    name: str
    title: str
    layer: Layer
    places: tuple[str, ...]
    reviewed: Reviewed | None = None
    unresearched: bool = False
    articles: tuple[Article, ...] = ()
    prohibitions: tuple[Prohibition, ...] = ()
    gates: tuple[Gate, ...] = ()
    limits: tuple[LegalLimit, ...] = ()
    clocks: tuple[Clock, ...] = ()
    text: tuple[TextRule, ...] = ()
    permits: tuple[Permit, ...] = ()
    bills: tuple[BillRule, ...] = ()
    debtor: tuple[DebtorRule, ...] = ()
    vacancy: tuple[Vacancy, ...] = ()
    file: str = ""
    digest: str = ""
