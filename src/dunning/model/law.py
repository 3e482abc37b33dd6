"""What the law packs say: articles with their days, what they forbid, ask for first, limit and time.

Typed so that no rule file can reword the law: the guard reads these records by effect, day and place. How
the layers of a place combine on a day is in `statutes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from dunning.basis.finding import Text
from dunning.basis.money import Rate
from dunning.basis.span import Span
from dunning.model.account import Proof
from dunning.model.action import Effect
from dunning.model.anchor import ClockRange, Duration, Event
from dunning.model.condition import ALWAYS, Condition
from dunning.model.signature import Reviewed
from dunning.model.steps import Need

Layer = Literal["statute", "regulation", "interpretation", "local", "rule", "contract", "standard", "policy"]
LAYERS: tuple[Layer, ...] = (
    "statute", "regulation", "interpretation", "local", "rule", "contract", "standard", "policy",
)  # fmt: skip
"""Highest first: none may relax one before it."""

Source = Literal["copy", "secondary", "memory"]
Ruling = Literal["conditional", "review", "prohibited_by_analogy", "prohibited"]
"""What a prohibition says, mildest first. `review`: a lawyer decides."""
HARD: tuple[Ruling, ...] = ("prohibited_by_analogy", "prohibited")
NOTHING = Text("", "")
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
ClockStart = Event | Literal["filed", "accepted", "issued", "served", "agreed"]


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
    says: Text
    layer: Layer
    since: date | None = None
    until: date | None = None
    replaces: str | None = None
    checked: Checked = Checked()
    at: Span | None = None

    def in_force(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    @property
    def read(self) -> bool:
        """Whether a copy of its text was read. What is second-hand or remembered never rules by itself."""
        return self.checked.text == "copy"


@dataclass(frozen=True, slots=True)
class Penalty:
    """What the breach costs, in words, and the article that says so."""

    says: Text
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prohibition:
    """Effects no action may have, and actions by name, for those `for_` holds of, unless `unless` does."""

    verdict: Ruling
    articles: tuple[str, ...]
    effects: tuple[Effect, ...] = ()
    actions: tuple[str, ...] = ()
    for_: Condition = ALWAYS
    unless: Condition | None = None
    penalty: Penalty | None = None
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What must be so before any of these actions, or any with these effects: `requires`, and what `says` asks for.

    `says` is what no record shows (两人同行): it stays a condition however the facts are. `needs` is the same in words
    of the closed list: whoever does the action gets them with it.
    """

    articles: tuple[str, ...]
    actions: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    requires: Condition = ALWAYS
    says: Text = NOTHING
    needs: tuple[Need, ...] = ()
    for_: Condition = ALWAYS
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalLimit:
    """The most, the least, or the hours of something: a length of time, a share, or a count `per` stretch of days."""

    of: Limited
    articles: tuple[str, ...]
    at_most: Duration | Fraction | int | None = None
    per: Duration | None = None
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
    """What a text allows. It never lifts a prohibition; where a higher layer forbids, that is shown as a conflict."""

    articles: tuple[str, ...]
    effects: tuple[Effect, ...] = ()
    actions: tuple[str, ...] = ()
    says: Text = NOTHING
    conflicts_with: tuple[str, ...] = ()
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRule:
    """Charges that may not be dunned while the condition holds (a wrongful stay, double billing)."""

    never: Condition
    articles: tuple[str, ...]
    says: Text = NOTHING
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorRule:
    """Who owes, where the law says so: an undelivered unit is the developer's."""

    when: Condition
    is_: Literal["owner", "tenant", "developer", "occupant"]
    articles: tuple[str, ...]
    says: Text = NOTHING
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacancy:
    """What an empty unit pays at most, as a share of the fee, once it has stood empty for `after`."""

    at_most: Fraction
    articles: tuple[str, ...]
    after: Duration | None = None
    when: Condition = ALWAYS
    says: Text = NOTHING
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRate:
    """A published rate that courts compare late fees with; it rules nothing by itself.

    `values` are fractions a day, each from its day on, ascending; after `known_until` nobody here has looked.
    """

    rate: str
    title: Text
    values: tuple[tuple[date, Rate], ...]
    known_until: date
    articles: tuple[str, ...]
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
    references: tuple[ReferenceRate, ...] = ()
    file: str = ""
    digest: str = ""

    @property
    def signed(self) -> bool:
        """Whether a lawyer has signed what the file says now."""
        return self.reviewed is not None and self.reviewed.digest == self.digest
