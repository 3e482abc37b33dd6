"""What a suite needs of an ERP under test: records put in, things that happen, what left the house.

A Bench speaks to the ERP by the ERP's own means and never through the adapter, so that what the adapter says can be
held against what is so. Names are the test's: the bench remembers what its ERP made of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from dunning.adapter.protocol import Adapter
from dunning.basis.money import Fen
from dunning.model.account import Account, BookedLateFee, Charge, Dispute, Hold, Payment

At = tuple[str, str]
"""(company, id) of an account as it was put: the test's names, not the ERP's."""


class Kept(NamedTuple):
    """The names under which the adapter gives an account that was put, and its charges by the test's ids."""

    company: str
    id: str
    charges: Mapping[str, str]

    @classmethod
    def as_put(cls, account: Account) -> Kept:
        """Of an ERP that keeps the names it is given."""
        return cls(account.company, account.id, {charge.id: charge.id for charge in account.charges})

    @property
    def at(self) -> At:
        return self.company, self.id


class Charged(NamedTuple):
    """One more charge on an account."""

    at: At
    charge: Charge


class Invoiced(NamedTuple):
    """One document with several lines: charges of different items and, where there is one, a late-fee line."""

    at: At
    charges: tuple[Charge, ...]
    fee: BookedLateFee | None = None


class Paid(NamedTuple):
    """Money arrives; `payment.for_` names the charges it is for."""

    at: At
    payment: Payment


class Bounced(NamedTuple):
    """A payment comes back on a day: the money was never there."""

    at: At
    payment: str
    on: date


class Refunded(NamedTuple):
    """Money of a payment is given back to the payer."""

    at: At
    payment: str
    amount: Fen
    on: date


class Voided(NamedTuple):
    """A record entered by mistake is deleted the way the ERP's people do it, which is seldom DELETE."""

    at: At
    list: Literal["charges", "payments"]
    id: str


class Disputed(NamedTuple):
    """The debtor contests what is asked for."""

    at: At
    dispute: Dispute


class Held(NamedTuple):
    """Somebody at the company says: leave this one alone for now."""

    at: At
    hold: Hold


class Released(NamedTuple):
    """... and takes that back."""

    at: At
    hold: str


class FeeBooked(NamedTuple):
    """The ERP books a late fee of its own."""

    at: At
    fee: BookedLateFee


class Moved(NamedTuple):
    """The unit changes hands: the account ends on the day before `to.debtor.since`, and `to` begins."""

    at: At
    to: Account


class Closed(NamedTuple):
    """The account is closed in the ERP: nothing is owed, nobody is to be asked."""

    at: At


class Merged(NamedTuple):
    """The account was a duplicate, and is merged into another."""

    at: At
    into: At


class Erased(NamedTuple):
    """The debtor's data are erased at the debtor's request."""

    at: At


class Emptied(NamedTuple):
    """Somebody leaves a field of a charge empty: `due` or `amount`."""

    at: At
    charge: str
    field: Literal["due", "amount"]


class Dispatched(NamedTuple):
    """Whatever sends messages has its turn at this time: a gateway, a worker, a clerk. What may leave leaves."""

    now: datetime


class Arrived(NamedTuple):
    """Later there is news of what was sent: it arrived, or it cannot."""

    key: str
    state: Literal["delivered", "undeliverable"]
    now: datetime


Change = (
    Charged
    | Invoiced
    | Paid
    | Bounced
    | Refunded
    | Voided
    | Disputed
    | Held
    | Released
    | FeeBooked
    | Moved
    | Closed
    | Merged
    | Erased
    | Emptied
    | Dispatched
    | Arrived
)
"""One thing that happens in the ERP, or where it sends its messages. The set is closed."""


class Bench(Protocol):
    """An ERP under test. The fixture `erp` of an AdapterSuite returns a new one for each test.

    Other accounts may lie in the ERP from tests before; those of one bench do not meet those of another.
    """

    @property
    def today(self) -> date:
        """The day the ERP and its adapter take for today; what is put fell due before it."""
        ...

    def open(self) -> Adapter:
        """The adapter as a new process would open it: nothing remembered but what the ERP or its own store keeps."""
        ...

    def put(self, accounts: Sequence[Account]) -> Sequence[Kept]:
        """Write accounts into the ERP as far as it can hold them; what became of their names, in order."""
        ...

    def do(self, change: Change) -> None:
        """Let something happen. NotImplementedError: the ERP has no such thing, and then no capability may claim it."""
        ...

    def column(self, field: str) -> str:
        """What the ERP calls a field of a charge (`due`, `amount`), as its people would look for it."""
        ...

    def sent(self) -> Sequence[str]:
        """The keys of what really left for a debtor, each as often as it left."""
        ...


Point = Literal["before", "between", "after"]
"""Where a process dies in `deliver`: before anything is written, midway, or when all is written, before it answers."""


@runtime_checkable
class Crashing(Protocol):
    """What a bench has besides if it can let the adapter die: the next `deliver` of what it opens is cut short."""

    def crash(self, point: Point) -> Adapter:
        """An adapter whose next `deliver` ends in KeyboardInterrupt at that point, and is never used again."""
        ...
