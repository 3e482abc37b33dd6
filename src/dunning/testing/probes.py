"""What the tests of the suite have in common: households to put, messages to send, and what a read of the ERP gave."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from dunning.adapter.delivery import Delivery, Receipt, contacts_of, moved_on
from dunning.adapter.errors import RefusedError
from dunning.adapter.protocol import Gone, Item, Mark, Posting, PostingKind
from dunning.basis.calendar import Calendar
from dunning.basis.money import Fen
from dunning.engine.owed.ledger import replay
from dunning.engine.result import Action
from dunning.engine.steps.candidates import Ask
from dunning.intake.records import Read, Rejected
from dunning.model.account import SHANGHAI, Account, Charge, Contact, Contract, Party, Payment
from dunning.model.rulebook import RuleBook
from dunning.testing.bench import At, Bench, Change, Dispatched, Kept

COMPANY = "wy-01"
HERE: At = (COMPANY, "1-101")
"""Where most tests put their household."""

PLAIN = RuleBook(name="conformance", title="", version="1", calendar=Calendar({}), chased=("property_fee",))
"""A book that only adds up: what is unpaid of each charge, however the source recorded it."""


@dataclass(slots=True)
class Pass:
    """Everything one read gave, in its order: accounts and the rejected, those gone, the marks; `last` of all."""

    items: list[Read | Rejected] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    marks: list[tuple[str, int]] = field(default_factory=list)  # the cursor, and how many items stood before it
    last: Item | None = None

    @classmethod
    def of(cls, items: Iterable[Item]) -> Pass:
        found = cls()
        for item in items:
            found.last = item
            if isinstance(item, Mark):
                found.marks.append((item.cursor, len(found.items)))
            elif isinstance(item, Gone):
                found.gone.append(item)
            else:
                found.items.append(Read(item) if isinstance(item, Account) else item)
        return found

    @property
    def order(self) -> list[At]:
        return [place_of(item) for item in self.items]

    @property
    def accounts(self) -> dict[At, Account]:
        return {place_of(item): item.account for item in self.items if isinstance(item, Read)}

    def rejected(self, at: At) -> list[Rejected]:
        return [item for item in self.items if isinstance(item, Rejected) and place_of(item) == at]

    def mentions(self, at: At) -> bool:
        """Whether there is any word of an account: there, rejected or gone."""
        return at in self.order or any((gone.company, gone.id) == at for gone in self.gone)


def place_of(item: Read | Rejected) -> At:
    return (item.account.company, item.account.id) if isinstance(item, Read) else (item.company, item.id)


# What is put


def household(name: str, *charges: Charge, company: str = COMPANY, debtor: str = "") -> Account:
    """An owner under a committee's contract, with these charges."""
    return Account(
        company=company,
        id=name,
        unit=name,
        use="residential",
        debtor=Party(id=debtor or f"O-{name}", kind="person", role="owner"),
        contracts=(Contract(id="K1", kind="committee", late_fee_clause=True),),
        charges=charges,
    )


def charge(erp: Bench, days: int, amount: Fen = 100_000, *, name: str = "Q1") -> Charge:
    """A property fee that falls due that many days from today; below zero: fell due before."""
    return Charge(id=name, amount=amount, due=day(erp, days))


def payment(erp: Bench, days: int, amount: Fen, *, name: str = "P1", of: str = "Q1") -> Payment:
    return Payment(id=name, on=day(erp, days), amount=amount, for_=(of,))


def day(erp: Bench, days: int) -> date:
    return erp.today + timedelta(days=days)


def hour(erp: Bench, of_the_day: int, *, days: int = 0) -> datetime:
    return datetime.combine(day(erp, days), time(of_the_day), SHANGHAI)


def dispatch(erp: Bench, at: int = 10, *, days: int = 0) -> None:
    """Let whatever sends messages have its turn, at ten in the morning unless told otherwise."""
    erp.do(Dispatched(hour(erp, at, days=days)))


def does(erp: Bench, change: Change) -> bool:
    """Whether this ERP has such a thing; if so, it has happened."""
    try:
        erp.do(change)
    except NotImplementedError:
        return False
    return True


# What is read


def read_all(erp: Bench, since: str | None = None) -> Pass:
    return Pass.of(erp.open().accounts(since))


def reread(erp: Bench, kept: Kept) -> Account:
    found = Pass.of(erp.open().reread([kept.at])).accounts
    assert kept.at in found, f"{kept.at} is not there when it is read again"
    return found[kept.at]


def both_ways(erp: Bench, kept: Kept) -> Iterator[Account]:
    """The account by a full read and by `reread`, for an ERP may be asked by two roads and both must be right."""
    found = read_all(erp).accounts
    assert kept.at in found, f"{kept.at} is not there"
    yield found[kept.at]
    yield reread(erp, kept)


def put(erp: Bench, account: Account) -> tuple[Kept, Account]:
    """Put one account; its names there, and what the adapter gives of it."""
    (kept,) = erp.put([account])
    return kept, reread(erp, kept)


def cursor_of(erp: Bench) -> str:
    """How far a full read got."""
    last = read_all(erp).last
    assert isinstance(last, Mark), f"the last item of a read is a Mark, not {last}"
    return last.cursor


def unpaid(account: Account, on: date) -> dict[str, Fen]:
    """What is still to pay of the principal of each charge, in fen."""
    return {state.charge.id: state.unpaid for state in replay(account, PLAIN, on).charges}


def still_owed(account: Account, erp: Bench) -> Fen:
    """What is still to pay of property fees, in fen."""
    fees = {one.id for one in account.charges if one.item == "property_fee"}
    return sum(fen for name, fen in unpaid(account, erp.today).items() if name in fees)


def refused(method: str, call: Callable[[], object]) -> None:
    """What is not declared must be refused with RefusedError, and not quietly do nothing."""
    try:
        call()
    except RefusedError:
        return
    raise AssertionError(f"`{method}` is not declared and was not refused with RefusedError")


# What is sent and booked


def delivery(
    erp: Bench,
    kept: Kept,
    account: Account,
    *,
    nth: int = 1,
    days: int = 0,
    gap: int = 0,
    until: int | None = None,
    then: tuple[int, int] | None = None,
) -> Delivery:
    """A message about the account's first charge, `days` from today by SMS or telephone, from nine (`until` given) and
    perhaps `then` once more, or at any hour; the `nth` of its step, with a gap of so many days before the next.
    """
    debtor = account.debtor.id
    stretches = () if until is None else tuple(filter(None, [(9, until), then]))
    hours = tuple((hour(erp, since, days=days), hour(erp, end, days=days)) for since, end in stretches)
    action = Action(
        key=key_of(*kept.at, "first_reminder", str(nth)),
        step="first_reminder",
        charge=None,
        action="send_message",
        to=(debtor,),
        channels={"first_of": ("sms", "phone")},
        role="customer_service",
        tone="friendly",
        template=None,
        not_before=hours[0][0] if hours else hour(erp, 0, days=days),
        not_after=hours[0][1] if hours else None,
        hours=hours,
        record=("outcome",),
        ask=Ask(account.charges[0].amount, 0, erp.today),
        bundle=f"{debtor}/{day(erp, days)}",
        charges=(account.charges[0].id,),
        void_if=("paid",),
    )
    return Delivery(
        company=kept.company,
        account=kept.id,
        debtor=debtor,
        on=day(erp, days),
        action=action,
        not_again_before=day(erp, days + gap) if gap else None,
    )


def posting(erp: Bench, kept: Kept, amount: Fen, *, kind: PostingKind = "late_fee") -> Posting:
    """A late fee on the account's first charge, through yesterday."""
    of = next(iter(kept.charges.values()))
    return Posting(
        key=key_of(*kept.at, of, kind),
        company=kept.company,
        account=kept.id,
        charge=of,
        kind=kind,
        amount=amount,
        through=day(erp, -1),
    )


def key_of(*parts: str) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:32]


def state_of(erp: Bench, key: str) -> Receipt:
    """What has become of a delivery, by all its receipts."""
    receipt: Receipt | None = None
    for one in erp.open().receipts(None):
        if isinstance(one, Receipt) and one.key == key:
            receipt = moved_on(receipt, one)
    assert receipt is not None, f"there is no receipt of {key}"
    return receipt


def contact_of(erp: Bench, sent: Delivery) -> Contact:
    """The one contact a delivery has left."""
    contacts = [contact for _, contact in contacts_of(sent, state_of(erp, sent.key))]
    assert len(contacts) == 1, f"one delivery left {len(contacts)} contacts"
    return contacts[0]
