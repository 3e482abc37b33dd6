"""What an account's own records say against each other: contradictions, which reject it, and doubts, which do not.

A contradiction is what every reading would answer with a guess; the list is closed, so that nobody's account is turned
away for being unusual. One pass over an account that has been read; paths lead to the value in the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

from dunning.basis.finding import Text
from dunning.intake.headers import FIELDS, label, outside
from dunning.lang.text.names import did_you_mean, nearest
from dunning.model.account import Account, Contact, Party

Path = tuple[str | int, ...]


class Doubt(NamedTuple):
    """A finding to be: its code, where in the account, what its wording needs; `lacks` is the field not filled in."""

    code: str
    path: Path
    args: Mapping[str, Any]
    lacks: str = ""

    @property
    def place(self) -> Path:
        """Where to go and look: the field that is empty, if it is that."""
        return (*self.path, self.lacks) if self.lacks else self.path


PLACE = re.compile(r"CN(-[0-9]{2}([0-9]{2}([0-9]{2})?)?)?")
_MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
_CARD = re.compile(r"(?<![0-9])[1-9][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]")
_LISTS = tuple(field.name for field in fields(Account) if str(field.type).startswith("tuple"))
_WITH_ID = tuple(name for name in _LISTS if name not in ("consents", "unknown"))
KNOWABLE = (
    *(field.name for field in fields(Account) if field.name not in ("id", "company", "currency", "unknown")),
    *(f"debtor.{outside(field.name)}" for field in fields(Party) if field.name != "id"),
    *(f"contracts.{name}" for name in FIELDS["contracts"]),
)
"""What `unknown` may name, beside attributes."""


# Contradictions


def contradictions(account: Account) -> list[Doubt]:
    """Why no answer about this account would be safe; empty nearly always."""
    found: list[Doubt] = []
    if account.currency != "CNY":
        found.append(Doubt("A203", ("currency",), {"value": account.currency}))
    if account.place is not None and not PLACE.fullmatch(account.place):
        found.append(Doubt("A207", ("place",), {"value": account.place}))
    for name in _WITH_ID:
        records = getattr(account, name)
        if len(records) > 1 and len({record.id for record in records}) < len(records):
            found.extend(_twice(name, records))
    for index, charge in enumerate(account.charges):
        if charge.period is not None and charge.period[1] < charge.period[0]:
            found.append(_backwards(("charges", index, "period"), *charge.period))
        if charge.due is None and charge.opening is None:
            found.append(Doubt("A205", ("charges", index), {}, "due"))
    found.extend(_backward_spans(account))
    for index, adjustment in enumerate(account.adjustments):
        wanted = "payment" if adjustment.kind == "refund" else "charge"
        if getattr(adjustment, wanted) is None:
            found.append(Doubt("A206", ("adjustments", index), {"wanted": label("adjustments", wanted)}, wanted))
    for index, name in enumerate(account.unknown):
        if name not in KNOWABLE and not name.startswith("attributes."):
            found.append(
                Doubt("A209", ("unknown", index), {"value": name, "near": did_you_mean(nearest(name, KNOWABLE))})
            )
    return found


def _twice(name: str, records: Sequence[Any]) -> Iterator[Doubt]:
    seen: dict[str, Any] = {}
    for index, record in enumerate(records):
        id_ = record.id
        if id_ in seen and id_ and not _one_contact(seen[id_], record):  # a contract may go without an id
            yield Doubt("A202", (name, index, "id"), {"list": label("", name), "id": id_})
        seen.setdefault(id_, record)


def _one_contact(one: object, other: object) -> bool:
    """A contact that did for several steps: a record for each, that differ in `step` and `charges` alone."""
    if not isinstance(one, Contact) or not isinstance(other, Contact) or one == other:
        return False
    return replace(one, step=None, charges=None) == replace(other, step=None, charges=None)


def _backwards(path: Path, since: date, until: date) -> Doubt:
    return Doubt("A201", path, {"since": since, "until": until})


def _backward_spans(account: Account) -> Iterator[Doubt]:
    """Records with a first and a last day, the debtor among them."""
    debtor = account.debtor
    if debtor.until is not None and debtor.since is not None and debtor.until < debtor.since:
        yield _backwards(("debtor",), debtor.since, debtor.until)
    for name in ("contracts", "parties", "holds", "consents"):
        for index, record in enumerate(getattr(account, name)):
            if record.until is not None and record.since is not None and record.until < record.since:
                yield _backwards((name, index), record.since, record.until)
    for index, dispute in enumerate(account.disputes):
        if dispute.closed is not None and dispute.closed < dispute.opened:
            yield _backwards(("disputes", index), dispute.opened, dispute.closed)


# Doubts


def doubts(account: Account) -> list[Doubt]:
    """What is odd about an account that is assessed all the same."""
    found: list[Doubt] = []
    charges = {charge.id for charge in account.charges}
    for index, payment in enumerate(account.payments):
        if payment.for_ and not charges.issuperset(payment.for_):
            found.extend(_no_charges("A301", ("payments", index, "for"), payment.for_, charges))
        if payment.settles:
            settled = [line.charge for line in payment.settles]
            found.extend(_no_charges("A301", ("payments", index, "settles"), settled, charges))
        if payment.reversed_on is not None and payment.reversed_on < payment.on:
            path = ("payments", index, "reversed_on")
            args = {"value": payment.reversed_on, "other": label("payments", "on"), "since": payment.on}
            found.append(Doubt("A308", path, args))
    found.extend(_other_doubts(account, charges))
    found.extend(_personal(account))
    found.extend(_contracts_overlap(account))
    return found


def _no_charges(code: str, path: Path, named: Iterable[str], charges: set[str]) -> Iterator[Doubt]:
    return (Doubt(code, path, {"value": id_}) for id_ in dict.fromkeys(named) if id_ not in charges)


def _other_doubts(account: Account, charges: set[str]) -> Iterator[Doubt]:
    """References of the rarer lists, and lists given although said to be unknown."""
    if account.adjustments:
        payments = {payment.id for payment in account.payments}
        for index, adjustment in enumerate(account.adjustments):
            if adjustment.charge is not None and adjustment.charge not in charges:
                yield Doubt("A302", ("adjustments", index, "charge"), {"value": adjustment.charge})
            if adjustment.payment is not None and adjustment.payment not in payments:
                yield Doubt("A303", ("adjustments", index, "payment"), {"value": adjustment.payment})
    for name in ("late_fees", "disputes"):
        for index, record in enumerate(getattr(account, name)):
            if record.charge is not None and record.charge not in charges:
                yield Doubt("A302", (name, index, "charge"), {"value": record.charge})
    for name in ("plans", "proceedings", "contacts"):
        for index, record in enumerate(getattr(account, name)):
            # A contact noted from another account of the debtor may be about that account's charges.
            if record.charges and not (name == "contacts" and record.account):
                yield from _no_charges("A302", (name, index, "charges"), record.charges, charges)
    for index, dispute in enumerate(account.disputes):
        if dispute.answered is not None and dispute.answered < dispute.opened:
            args = {"value": dispute.answered, "other": label("disputes", "opened"), "since": dispute.opened}
            yield Doubt("A308", ("disputes", index, "answered"), args)
    if account.contacts or account.consents:
        people = {account.debtor.id, *(party.id for party in account.parties)}
        for name in ("contacts", "consents"):
            for index, record in enumerate(getattr(account, name)):
                if record.party is not None and record.party not in people:
                    yield Doubt("A307", (name, index, "party"), {"value": record.party})
    for index, name in enumerate(account.unknown):
        if name in _LISTS and getattr(account, name):
            yield Doubt("A305", ("unknown", index), {"value": name, "count": len(getattr(account, name))})


def _personal(account: Account) -> Iterator[Doubt]:
    """An id that is somebody's number, shown with its middle hidden: the finding must not spread it."""
    for index, party in enumerate((account.debtor, *account.parties)):
        id_ = party.id
        if len(id_) < 11:
            continue
        if _CARD.search(id_):
            what = Text("身份证号", "an identity card number")
        elif _MOBILE.search(id_):
            what = Text("手机号", "a mobile number")
        else:
            continue
        path: Path = ("parties", index - 1, "id") if index else ("debtor", "id")
        field = (
            Text(f"第{index}个相关人的编号", f"the id of party {index}") if index else Text("欠费人编号", "debtor.id")
        )
        yield Doubt("A304", path, {"field": field, "value": f"{id_[:3]}***{id_[-2:]}", "what": what})


def _contracts_overlap(account: Account) -> Iterator[Doubt]:
    if len(account.contracts) < 2:
        return
    dated = sorted((c for c in account.contracts if c.since is not None), key=lambda c: (c.since or date.min, c.id))
    for earlier, later in pairwise(dated):
        assert later.since is not None
        if earlier.until is None or earlier.until >= later.since:
            index = account.contracts.index(earlier)
            args = {"first": earlier.id, "second": later.id, "on": later.since}
            yield Doubt("A306", ("contracts", index), args)
