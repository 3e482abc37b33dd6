"""What an adapter is: accounts in from a property ERP, actions out to it, receipts back, late fees posted.

An adapter is any object with these methods; nothing is inherited. What it cannot do its `Capabilities` say, and then it
refuses. `dunning.testing.conformance` holds an adapter to every sentence here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from dunning.adapter.delivery import Delivery, Receipt
from dunning.basis.money import Fen
from dunning.intake.records import Read, Rejected
from dunning.model.account import Account, Channel

Cursor = str
"""How far an adapter has read, in its own words: stored by the caller, never looked into."""

PostingKind = Literal["late_fee", "late_fee_correction", "waiver"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What an adapter can do; what is not declared is refused when asked for.

    `lists`: the lists of an account it can supply (docs/reference/records.md); facts that need another are unknown.
    `ledger`: "events" if charges keep their amounts and payments are records of their own, "snapshot" if only what is
    open today is known. `changes`: whether `accounts(since)` finds "complete"ly every account with news, only in part,
    or not ("none": every read is a full one); short of complete, everything is to be read again within the book's
    `fresh_data`. `late_fees_by`: who books late fees in the ERP. `delivers`, `posts`, `resolves`, `forgets`: whether
    there are `deliver` with its receipts, `post`, `parties` and `forget`.
    """

    name: str
    lists: frozenset[str] = frozenset({"charges"})
    ledger: Literal["events", "snapshot"] = "events"
    changes: Literal["none", "partial", "complete"] = "none"
    late_fees_by: Literal["source", "dunning", "none"] = "none"
    delivers: bool = False
    posts: bool = False
    resolves: bool = False
    forgets: bool = False


class Gone(NamedTuple):
    """An account that is no longer there, and why; `into` is the account it was merged into."""

    company: str
    id: str
    because: Literal["closed", "merged", "erased", "deleted"]
    into: str | None = None


class Mark(NamedTuple):
    """All that came before is whole: once it has been dealt with for good, this cursor may be stored."""

    cursor: Cursor


Item = Account | Read | Rejected | Gone | Mark
"""What `accounts` yields. `dunning.read(mapping, where=...)` gives a Read (an account and what is doubtful about it) or
a Rejected (which costs nobody else's row); whoever builds an Account itself may yield that.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A late fee to book, correct or waive in the ERP, in fen; `amount` is what the assessment calls `to_book`.

    `key` is the same for the same charge and day, and comes back in `late_fees[].key` when the row is read again; until
    then no second posting for that charge is made. A correction or waiver is below zero, which `late_fees` cannot hold:
    an adapter gives a charge's fee rows as one, their sum with the key of the last. `through`: the last day the fee is
    counted for. `because`: the row and article it follows from. `approvals`: the people who agreed.
    """

    key: str
    company: str
    account: str
    charge: str
    kind: PostingKind
    amount: Fen
    through: date
    because: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyCard:
    """Who a party id is, for whoever delivers; the core never sees it. `addresses`: numbers, addresses, open ids."""

    id: str
    name: str = ""
    addresses: Mapping[Channel, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        party: object,
        name: str | None,
        *,
        phone: str | None = None,
        mobile: str | None = None,
        email: str | None = None,
        wechat: str | None = None,
        address: str | None = None,
    ) -> PartyCard:
        """A card by what an ERP knows: a mobile takes calls and texts, an address letters, EMS and visits."""
        ways: dict[Channel, str | None] = {
            "phone": phone or mobile, "sms": mobile, "email": email, "wechat": wechat,
            "letter": address, "ems": address, "visit": address,
        }  # fmt: skip
        found = {way: where.strip() for way, where in ways.items() if where and where.strip()}
        return cls(id=str(party), name=name or "", addresses=found)


@runtime_checkable
class Adapter(Protocol):
    """The contract between `dunning` and one ERP. Every method may raise AdapterError: the ERP is not there."""

    def capabilities(self) -> Capabilities:
        """What this adapter can do. Constant for the life of the object."""
        ...

    def accounts(self, since: Cursor | None) -> Iterator[Item]:
        """Every account (since None), or those of every debtor with news since the cursor, in a stable order.

        All accounts of one debtor of one company come one after another, each with `data_as_of`: when its source was
        asked, without which nothing is sent. A row that cannot be read is a Rejected in its place. What is Gone is told
        among the news. Where `changes` is not "none" the last item is a Mark; a Mark before that says that all before
        it is whole, and from its cursor the rest comes, and what is newer. What changes while a read is under way is
        in it or after its cursor. Where `changes` is "none" a cursor is refused.
        """
        ...

    def reread(self, ids: Iterable[tuple[str, str]]) -> Iterator[Item]:
        """The accounts named by (company, id) and all others of their debtors, as they are now; Gone where none is."""
        ...

    def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Receipt]:
        """Take actions for delivery; one receipt each, in order. A key that was delivered before is answered with its
        present receipt and not done again, whatever else has changed in it. One that never left (cancelled, failed, or
        its hours went by) is taken up again by a delivery of a later day: the step is due again with the same key.

        Nothing leaves outside `Delivery.hours` (whose last end may be None: that of the day), nor a step again before
        `not_again_before`. An adapter may keep to the first of several: `not_before` to `not_after` of the action.
        """
        ...

    def cancel(self, keys: Sequence[str], because: str) -> Sequence[Receipt]:
        """Take back what has not been sent; `cancelled`, or `too_late` for what has. One receipt a key, in order."""
        ...

    def receipts(self, since: Cursor | None) -> Iterator[Receipt | Mark]:
        """What has become of deliveries since the cursor, oldest first."""
        ...

    def post(self, postings: Sequence[Posting]) -> Sequence[str]:
        """Book late fees; the ERP's id of each row. A key that was posted before gives its row and books nothing."""
        ...

    def parties(self, ids: Iterable[str]) -> Iterator[PartyCard]:
        """Names and addresses of parties, for the one who delivers."""
        ...

    def forget(self, party: str) -> None:
        """Erase what this adapter itself keeps about a party (not what the ERP keeps)."""
        ...
