"""What one debtor owes one company for one unit: the records that come in, frozen.

Amounts are int fen, dates are dates, lists are tuples. The door (`intake.records`) reads and checks them; nothing
inside changes them. Field names are the contract with every ERP (docs/reference/records.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Literal

from dunning.basis.money import Fen, Rate

# China has one zone, without summer time in any year that matters here; a fixed offset needs no zone data installed.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

Use = Literal["residential", "commercial", "office", "parking", "other"]
Occupancy = Literal["occupied", "vacant", "unsold", "undelivered"]
DebtorKind = Literal["person", "sole_trader", "company", "government", "developer"]
DebtorRole = Literal["owner", "joint_owner", "tenant", "occupant", "developer", "heir", "guarantor"]
ContractKind = Literal["preliminary", "committee", "individual", "indefinite", "holdover"]
Cycle = Literal["month", "quarter", "half_year", "year"]
Item = Literal[
    "property_fee", "parking", "heating", "rent", "shared_utility", "utility", "repair", "deposit", "costs", "other"
]
AdjustmentKind = Literal["credit_note", "relief", "late_fee_waiver", "write_off", "refund"]
Channel = Literal["sms", "wechat", "app", "phone", "ai_voice", "visit", "letter", "ems", "email", "notice"]
Outcome = Literal[
    "sent", "delivered", "undeliverable", "no_answer", "reached", "willing", "promised", "away", "refused", "disputed",
    "paid",
]  # fmt: skip
ContactReason = Literal["hardship", "service_quality", "price", "not_used", "forgot", "away", "contract", "other"]
Proof = Literal["A", "B", "C", "D"]
DisputeKind = Literal[
    "service_quality", "price", "hardship", "not_used", "contract", "policy", "billing_error", "not_debtor",
    "already_paid", "invoice",
]  # fmt: skip
HoldKind = Literal["contact", "accrual", "both"]
ProceedingKind = Literal[
    "mediation", "mediation_agreement", "judicial_confirmation", "payment_order", "small_claims", "suit",
    "arbitration", "judgment", "enforcement", "withdrawn",
]  # fmt: skip
ConsentKind = Literal["commercial_messages", "automated_calls", "e_delivery", "public_commendation", "sharing"]
Decision = Literal["approved", "refused"]
Part = Literal["principal", "late_fee"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The debtor, or someone liable beside the debtor. `reachable` None = by every channel."""

    id: str
    kind: DebtorKind | None = None
    role: DebtorRole | None = None
    liable: bool | None = None
    since: date | None = None
    until: date | None = None
    tags: tuple[str, ...] = ()
    reachable: tuple[Channel, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A service contract and what it says of late fees. A rate or cap of None: the contract says nothing of it."""

    id: str = ""
    since: date | None = None
    until: date | None = None
    kind: ContractKind | None = None
    tariff: Fen | None = None  # per square metre and month
    cycle: Cycle | None = None
    late_fee_clause: bool | None = None
    clause_shown: bool | None = None
    late_fee_rate: Rate | None = None  # per day
    late_fee_cap: Rate | None = None  # share of the charge


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What was carried over from an older system, as of a day; no further late fee runs on it."""

    on: date
    late_fee: Fen = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One charge, one item. Only an opening balance may lack a due date. `period` is first and last day."""

    id: str
    amount: Fen
    item: Item = "property_fee"
    period: tuple[date, date] | None = None
    due: date | None = None
    opening: Opening | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """One line of how the source booked a payment."""

    charge: str
    amount: Fen
    part: Part = "principal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money that arrived on its value date.

    `for_` is what the payer said it was for (`for` outside), `settles` what the source booked.
    `settles` None = the source booked nothing; `only` = the items it may ever pay (empty: any).
    """

    id: str
    on: date
    amount: Fen
    channel: str | None = None
    ref: str | None = None
    for_: tuple[str, ...] = ()
    settles: tuple[Settled, ...] | None = None
    only: tuple[Item, ...] = ()
    reversed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A correction by the company. `charge` for all but a refund, which names its `payment`."""

    id: str
    on: date
    kind: AdjustmentKind
    amount: Fen
    charge: str | None = None
    payment: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedLateFee:
    """A late fee the ERP booked. Never principal; `key` is ours, where the row came from us."""

    id: str
    charge: str
    on: date
    amount: Fen
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A promise to pay by a day. `amount` None = everything overdue on that day."""

    on: date
    amount: Fen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One contact with a debtor. `charges` None = all that was overdue that day."""

    id: str
    at: datetime
    step: str | None = None
    channel: Channel | None = None
    party: str | None = None
    outcome: Outcome | None = None
    reason: ContactReason | None = None
    content: str | None = None
    promise: Promise | None = None
    charges: tuple[str, ...] | None = None
    proof: Proof | None = None
    by: str | None = None
    key: str | None = None
    account: str | None = None
    inbound: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """What the debtor contests; a null `answered` or `closed` means not yet."""

    id: str
    kind: DisputeKind
    opened: date
    answered: date | None = None
    closed: date | None = None
    charge: str | None = None
    amount: Fen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Days, both ends included, on which contact or accrual (or both) rests."""

    id: str
    kind: HoldKind
    since: date
    until: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    due: date
    amount: Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A signed instalment plan. `waive_late_fee` is the share of the fee assessed at signing, waived on completion."""

    id: str
    signed: date
    charges: tuple[str, ...] = ()
    waive_late_fee: Rate | None = None
    written: bool | None = None
    instalments: tuple[Instalment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proceeding:
    id: str
    kind: ProceedingKind
    on: date
    charges: tuple[str, ...] = ()
    ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's decision on a step (`of`)."""

    id: str
    of: str
    decision: Decision
    by: str
    role: str
    at: datetime
    prepared_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A consent given by a party; absent = not given."""

    party: str
    kind: ConsentKind
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one debtor owes one company for one unit. `(company, id)` is unique; a new owner is a new account.

    An absent list is empty unless `unknown` names it; an absent scalar is unknown.
    """

    id: str
    company: str = "main"
    unit: str = ""
    community: str | None = None
    place: str | None = None  # CN- and 2, 4 or 6 digits of GB/T 2260
    currency: str = "CNY"
    use: Use | None = None
    area: Fraction | None = None  # square metres
    occupancy: Occupancy | None = None
    handed_over: date | None = None
    debtor: Party = Party(id="")
    parties: tuple[Party, ...] = ()
    contracts: tuple[Contract, ...] = ()
    charges: tuple[Charge, ...] = ()
    payments: tuple[Payment, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    late_fees: tuple[BookedLateFee, ...] = ()
    contacts: tuple[Contact, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    holds: tuple[Hold, ...] = ()
    plans: tuple[Plan, ...] = ()
    proceedings: tuple[Proceeding, ...] = ()
    approvals: tuple[Approval, ...] = ()
    consents: tuple[Consent, ...] = ()
    attributes: dict[str, str | int | bool | None] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    data_as_of: datetime | None = None
