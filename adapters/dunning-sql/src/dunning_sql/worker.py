"""Sending what waits in the outbox, so that nothing is lost and nothing leaves twice, whenever the worker dies.

No program can both send a message and write down that it was sent in one step: between the two it may die. So it hangs
on the sink. One that takes a key once (`once = True`) may be handed the same key again, and nothing leaves twice. For
any other, what was on its way when the worker died is not sent again: it counts as a contact of which there is no proof
(D), because peace may have been used up, and it proves nothing to a court; its receipt says so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from dunning import RuleBook, RuleFolder
from dunning.adapter import Adapter, Delivery, Dropped, Receipt, still_due
from dunning_sql.outbox import LEASE, MOST_ATTEMPTS, Claim, Outbox

IN_DOUBT = "in doubt: the worker stopped while it was being sent"

Still = Callable[[Delivery, datetime], Delivery | Dropped]
"""Whether a delivery is still due: as it is due now (sums change), or dropped, and why."""


def looking_again(adapter: Adapter, rules: RuleBook | RuleFolder) -> Still:
    """What reads the debtor's accounts and assesses them once more, right before a delivery leaves.

    Money may have come since it was handed over, or a promise, a complaint, a hold: then it is not due any more.
    """

    def look(delivery: Delivery, now: datetime) -> Delivery | Dropped:
        return next(still_due(adapter, [delivery], rules, now=now))

    return look


class NotSentError(Exception):
    """Raised by a sink that is sure nothing has left: the gateway is not there. The delivery is tried again later."""


class Sink(Protocol):
    """What sends messages.

    `once`: it sends a key once, however often it is handed the key, and answers again as it did then; most gateways do
    if they are given a request id. `send` gives the receipt (`sent`, `delivered`, `undeliverable`, `failed` for good),
    or raises NotSentError. Whatever else it raises leaves it open whether anything has left.
    """

    once: bool

    def send(self, delivery: Delivery, key: str) -> Receipt:
        """Send it; `key` is what it must not be sent twice under."""
        ...

    def known(self, key: str) -> Receipt | None:
        """What became of a key it was handed before, None if it never was. Asked only of a sink with `once`."""
        ...


def work(
    outbox: Outbox,
    sink: Sink,
    *,
    worker: str,
    now: Callable[[], datetime],
    still: Still | None = None,
    limit: int = 100,
    lease: timedelta = LEASE,
) -> list[Receipt]:
    """One turn of a worker: claim, send and report, one after another, up to `limit`. The receipts, in order.

    `worker` is a name of its own among those that run; `now` is asked anew for each delivery. `still` looks once more
    whether it is due before it leaves: give it `looking_again(adapter, rules)`. `lease` must outlast one sending.
    """
    receipts: list[Receipt] = []
    while len(receipts) < limit and (claims := outbox.claim(worker, 1, now(), lease=lease)):
        receipts.append(_done(outbox, sink, claims[0], now, still))
    return receipts


def _done(outbox: Outbox, sink: Sink, claim: Claim, now: Callable[[], datetime], still: Still | None) -> Receipt:
    if claim.again:
        known = _earlier(sink, claim, now())
        if known is not None:
            return outbox.report(known)
    if claim.attempt > MOST_ATTEMPTS:  # whoever tried it died of it
        return outbox.report(Receipt(claim.key, "failed", now(), detail="too many attempts"))
    delivery = claim.delivery
    if still is not None:
        found = still(delivery, now())
        if isinstance(found, Dropped):
            return outbox.call_off(claim, found.why.zh, now())
        delivery = found
    at = now()
    may = delivery.leaves(at)
    if may is None:
        return outbox.call_off(claim, "not_after", at)
    if may > at:  # between two of its hours, which may be others than when it was claimed
        return outbox.retry(claim, "outside its hours", at, at=may)
    if at >= claim.until:  # looking took too long, and it may be another worker's by now
        return outbox.retry(claim, "the lease ran out", at)
    try:
        receipt = sink.send(delivery, claim.key)
    except NotSentError as error:
        return outbox.retry(claim, str(error), now())
    return outbox.report(receipt)


def _earlier(sink: Sink, claim: Claim, at: datetime) -> Receipt | None:
    """What became of an attempt whose worker died; None if it surely never left."""
    if sink.once:
        return sink.known(claim.key)
    return Receipt(claim.key, "sent", at, proof="D", detail=IN_DOUBT)
