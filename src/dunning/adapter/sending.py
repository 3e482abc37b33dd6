"""From what was due when the day's read was made to what is handed over now: looked at again, one person at a time.

Between the two somebody may have paid, complained, promised or moved away. What is no longer due is not delivered, and
it is said why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby, islice
from typing import Any, NamedTuple

from dunning.adapter.delivery import NEVER_LEFT, Delivery, Receipt, deliveries, moved_on
from dunning.adapter.errors import AdapterError, RefusedError
from dunning.adapter.protocol import Adapter, Cursor, Gone, Mark
from dunning.adapter.supply import supplied
from dunning.basis.finding import Text
from dunning.engine.assess import Rules, assess_group
from dunning.engine.result import Assessment
from dunning.intake.groups import Group, group_of
from dunning.intake.records import Read, Rejected
from dunning.model.account import SHANGHAI
from dunning.output.why import CODES

DEBTORS_AT_ONCE = 50
"""Debtors read again at a time: few enough that none of the answers is old when it is used."""


_GONE: Mapping[str, Text] = {
    "closed": Text("这一户已经销户", "the account is closed"),
    "merged": Text("这一户已经并入另一户", "the account is merged into another"),
    "erased": Text("这一户的资料已经删除", "the account's data are erased"),
    "deleted": Text("没有这一户了", "the account is no longer there"),
}


class Dropped(NamedTuple):
    """A delivery that was due and is not made, and why."""

    delivery: Delivery
    why: Text

    def to_json(self) -> str:
        """A line for a file: the delivery's key, account and step, and why."""
        return _line(_pending(self.delivery), {"why": self.why.zh, "why_en": self.why.en})


class Handed(NamedTuple):
    """A delivery that was handed over, and the receipt for it."""

    delivery: Delivery
    receipt: Receipt

    def to_json(self) -> str:
        """A line for a file: the delivery's key, account and step, and the receipt."""
        return _line(_pending(self.delivery), _told(self.receipt))


class Pending(NamedTuple):
    """What was handed over earlier and, as far as we know, has not left: enough to take it back."""

    key: str
    company: str
    account: str
    step: str
    charge: str | None = None


class Heard(NamedTuple):
    """What has become, since, of a delivery handed over earlier."""

    pending: Pending
    receipt: Receipt

    def to_json(self) -> str:
        """A line for the file of receipts."""
        return _line(self.pending, _told(self.receipt))


class Withdrawn(NamedTuple):
    """A delivery taken back before it left (or too late), and why."""

    pending: Pending
    receipt: Receipt
    why: Text

    def to_json(self) -> str:
        """A line for the file of receipts."""
        return _line(self.pending, {**_told(self.receipt), "detail": self.why.en})


def _told(receipt: Receipt) -> dict[str, Any]:
    return {
        "state": receipt.state, "at": receipt.at.isoformat(), "channel": receipt.channel, "party": receipt.party,
        "proof": receipt.proof, "detail": receipt.detail,
    }  # fmt: skip


def _line(pending: Pending, told: dict[str, Any]) -> str:
    return json.dumps({**pending._asdict(), **told}, ensure_ascii=False, separators=(",", ":")) + "\n"


def _pending(delivery: Delivery) -> Pending:
    action = delivery.action
    return Pending(delivery.key, delivery.company, delivery.account, action.step, action.charge)


def pending_of(lines: Iterable[str]) -> list[Pending]:
    """What a file of receipts knows as handed over and not yet gone: the last word on each key counts."""
    last = {data["key"]: data for data in map(json.loads, lines)}
    return [Pending(*(data[name] for name in Pending._fields)) for data in last.values() if data["state"] == "accepted"]


def send(adapter: Adapter, planned: Iterable[Delivery], rules: Rules, *, now: datetime) -> Iterator[Handed | Dropped]:
    """Hand over what is still due at `now`; each planned delivery comes back as one or the other, in its place.

    A debtor's deliveries stand together, as they do in a day's results. RefusedError if the adapter delivers nothing,
    AdapterError if it does not answer for each one.
    """
    name = adapter.capabilities().name
    if not adapter.capabilities().delivers:
        raise RefusedError.to(name, "deliver")
    for batch in _by_debtors(planned):
        looked_at = list(still_due(adapter, batch, rules, now=now))
        due = [one for one in looked_at if isinstance(one, Delivery)]
        receipts = adapter.deliver(due) if due else ()
        if [one.key for one in due] != [one.key for one in receipts]:
            told = Text(
                f"适配器 {name} 的回执对不上交给它的任务", f"the adapter {name} gave receipts for other deliveries"
            )
            raise AdapterError(told)
        answers = iter(receipts)
        yield from (Handed(one, next(answers)) if isinstance(one, Delivery) else one for one in looked_at)


def catch_up(adapter: Adapter, pending: Iterable[Pending], since: Cursor | None) -> tuple[list[Heard], Cursor | None]:
    """What receipts since a cursor say of the pending: those that are so no longer, and the new cursor.

    One that was cancelled or failed and accepted after that was taken up again, and is pending.
    """
    waiting = {one.key: one for one in pending}
    last: dict[str, Receipt] = {}
    for receipt in adapter.receipts(since):
        if isinstance(receipt, Mark):
            since = receipt.cursor
        elif receipt.key in waiting:
            before = last.get(receipt.key)
            again = receipt.state == "accepted" and before is not None and before.state in NEVER_LEFT
            last[receipt.key] = receipt if again else moved_on(before, receipt)
    return [Heard(waiting[key], receipt) for key, receipt in last.items() if receipt.state != "accepted"], since


def withdraw(adapter: Adapter, pending: Iterable[Pending], rules: Rules, *, now: datetime) -> Iterator[Withdrawn]:
    """Take back what waits and is no longer due: the money came first, or a complaint, or the day is over."""
    waiting = iter(pending)
    while batch := list(islice(waiting, DEBTORS_AT_ONCE)):
        found = _Again(adapter, batch, rules, now)
        idle = [one for one in batch if one.key not in found.due]
        whys = [found.why_not(one) for one in idle]
        receipts = [adapter.cancel([one.key], why.en)[0] for one, why in zip(idle, whys, strict=True)]
        yield from map(Withdrawn, idle, receipts, whys)


def still_due(
    adapter: Adapter, planned: Sequence[Delivery], rules: Rules, *, now: datetime
) -> Iterator[Delivery | Dropped]:
    """The planned deliveries, each as it is due now, with today's sums and hours, or Dropped."""
    found = _Again(adapter, [_pending(one) for one in planned], rules, now)
    for one in planned:
        fresh = found.due.get(one.key)
        if fresh is None:
            yield Dropped(one, found.why_not(_pending(one)))
        elif fresh.leaves(now) is None:
            yield Dropped(one, Text("今天可以做的时间已经过了", "its hours are over for today"))
        else:
            yield fresh


class _Again:
    """The debtors of some deliveries, read and assessed again."""

    def __init__(self, adapter: Adapter, planned: Sequence[Pending], rules: Rules, now: datetime) -> None:
        self.gone: dict[tuple[str, str], Gone] = {}
        self.rejected: dict[tuple[str, str], Rejected] = {}
        self.results: dict[tuple[str, str], Assessment] = {}
        self.due: dict[str, Delivery] = {}
        on = now.astimezone(SHANGHAI).date()
        for group in self._groups(adapter, dict.fromkeys((one.company, one.account) for one in planned)):
            for result in assess_group(group.accounts, rules, on=on):
                self.results[result.account.company, result.account.id] = result
                self.due.update((one.key, one) for one in deliveries(result))

    def _groups(self, adapter: Adapter, ids: Iterable[tuple[str, str]]) -> Iterator[Group]:
        capabilities = adapter.capabilities()
        together: dict[tuple[str, str], list[Read | Rejected]] = {}
        for item in adapter.reread(ids):
            if isinstance(item, Gone):
                self.gone[item.company, item.id] = item
            elif not isinstance(item, Mark):
                found = supplied(item, capabilities)
                if isinstance(found, Rejected):
                    self.rejected[found.company, found.id] = found
                else:
                    together.setdefault((found.account.company, found.account.debtor.id), []).append(found)
        return map(group_of, together.values())

    def why_not(self, one: Pending) -> Text:
        """Why a delivery that was due is so no longer."""
        at = (one.company, one.account)
        if at in self.gone:
            return _GONE[self.gone[at].because]
        if at in self.rejected:
            finding = self.rejected[at].findings[0]
            return Text(finding.message("zh"), finding.message("en"))
        if at not in self.results:
            return Text("重新读取时没有这一户", "read again, the account did not come")
        if _paid(self.results[at], one):
            return Text("本金已经缴清", "the principal is paid")
        for withheld in self.results[at].withheld:
            if withheld.step == one.step and withheld.charge == one.charge:
                return CODES[withheld.code]
        return Text("今天没有这一步了", "the step is not among today's")


def _paid(result: Assessment, one: Pending) -> bool:
    """Whether what a delivery asked for is paid: its charge, or of a step of the ladder all that is due by now."""
    if one.charge is not None:
        return any(charge.id == one.charge and not charge.principal for charge in result.charges)
    balance = result.balance
    presses = result.book is not None and any(step.id == one.step for step in result.book.ladder.steps)
    return balance.principal_due <= balance.credit and (presses or not balance.principal_not_due)


def _by_debtors(planned: Iterable[Delivery]) -> Iterator[list[Delivery]]:
    """Deliveries in batches of whole debtors."""
    persons = (list(of) for _, of in groupby(planned, lambda one: (one.company, one.debtor)))
    while batch := list(islice(persons, DEBTORS_AT_ONCE)):
        yield [one for of_person in batch for one in of_person]
