"""Deliveries on their way: kept until they have left, claimed by one worker at a time, and never sent twice.

A delivery waits (`accepted`) until a worker claims it for a while. When the worker reports what became of it, the
receipt and the contact it leaves are kept in one transaction. A worker that dies leaves a claim that runs out; the next
one is told so (`again`), for what was on its way when it died may have left. `worker.work` does all this right.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from dunning.adapter import Cursor, Delivery, Mark, Receipt, contacts_of, moved_on, retold
from dunning_sql.mapping import SHANGHAI
from dunning_sql.store import COVERS, DELIVERIES, RECEIPTS, Store, keep, kept, next_change

LEASE = timedelta(minutes=5)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
MOST_ATTEMPTS = 10
LEFT = ("sent", "delivered", "undeliverable", "too_late")
NEVER_LEFT = ("cancelled", "failed", "refused")
"""Whether a contact was made, or tried, by the state a delivery is in; `accepted` is still on its way."""


class Claim(NamedTuple):
    """A delivery that is this worker's to send, until the lease runs out.

    `again`: an earlier claim ran out, so it may have left already. `attempt` counts claims from 1 and tells this one
    from earlier ones.
    """

    delivery: Delivery
    worker: str
    attempt: int
    again: bool
    until: datetime

    @property
    def key(self) -> str:
        return self.delivery.key


class Outbox:
    """The deliveries of a store. Every method takes the time: nothing here asks a clock. Times need an offset."""

    def __init__(self, store: Store) -> None:
        self.store = store

    # Handed over, and called off

    def accept(self, deliveries: Sequence[Delivery], now: datetime) -> list[Receipt]:
        """Take deliveries to be sent; a receipt each, in order. A key that is known is not taken twice.

        What is still waiting takes the later day's words and hours; what never left may be due again another day.
        """
        with self.store.writing() as connection:
            return [self._accept(connection, delivery, now) for delivery in deliveries]

    def _accept(self, connection: Connection, delivery: Delivery, now: datetime) -> Receipt:
        key, row = delivery.key, _row(connection, delivery.key)
        if row is not None and not _renews(delivery, row):
            return _receipt(row)
        if row is None:
            begun = _fresh(now) | {"accepted": next_change(connection)}
            connection.execute(DELIVERIES.insert().values(_values(delivery) | begun))
        else:
            connection.execute(COVERS.delete().where(COVERS.c.key == key))
            renewed = _values(delivery) if row.state == "accepted" else _values(delivery) | _fresh(now)
            connection.execute(_of(key).values(renewed))
        connection.execute(COVERS.insert(), _covers(delivery))
        if row is not None and row.state == "accepted":
            return _receipt(row)
        receipt = Receipt(key, "accepted", now)
        _note(connection, receipt)
        return receipt

    def cancel(self, keys: Sequence[str], because: str, now: datetime) -> list[Receipt]:
        """Take back what has not left; a receipt each. What is being sent just now is cancelled if that fails."""
        with self.store.writing() as connection:
            return [self._cancel(connection, key, because, now) for key in keys]

    def _cancel(self, connection: Connection, key: str, because: str, now: datetime) -> Receipt:
        row = _row(connection, key)
        if row is None:
            return Receipt(key, "refused", now, detail="unknown key")
        if row.state in LEFT:
            return _receipt(row)._replace(state="too_late")
        if row.state != "accepted":
            return _receipt(row)
        if row.worker:
            connection.execute(_of(key).values(cancel=because))
            return _receipt(row)
        return self._settle(connection, row, Receipt(key, "cancelled", now, detail=because))

    # For workers

    def claim(self, worker: str, limit: int, now: datetime, *, lease: timedelta = LEASE) -> list[Claim]:
        """Up to `limit` deliveries that may leave now, for this worker alone until the lease runs out.

        What was claimed and never reported comes first. What is past its hours is cancelled on the way; a step that
        went out to the account within its gap is held back, whatever its key.
        """
        with self.store.writing() as connection:
            self._expire(connection, now)
            claims: list[Claim] = []
            while len(claims) < limit and (
                row := connection.execute(_died(now)).first() or self._ready(connection, now)
            ):
                until, attempt = now + lease, row.attempts + 1
                connection.execute(_of(row.key).values(worker=worker, leased=_stamp(until), attempts=attempt))
                claims.append(Claim(_delivery(row), worker, attempt, bool(row.worker), until))
            return claims

    def _ready(self, connection: Connection, now: datetime) -> Row[Any] | None:
        """The next that may leave. One whose step went out too lately is put off until the quiet is over, one between
        two of its hours until the next.
        """
        d = DELIVERIES.c
        free = sa.select(DELIVERIES).where(d.state == "accepted", d.worker.is_(None), d.ready <= _stamp(now))
        while (row := connection.execute(free.order_by(d.ready, d.accepted).limit(1)).first()) is not None:
            later = self._quiet(connection, row.key, now) or _later(row, now)
            if later is None:
                return row
            connection.execute(_of(row.key).values(ready=later))
        return None

    def _expire(self, connection: Connection, now: datetime) -> None:
        """Cancels what has waited too long; not what is or was being sent, for that may have left."""
        d = DELIVERIES.c
        late = sa.select(DELIVERIES).where(d.state == "accepted", d.worker.is_(None), d.not_after < _stamp(now))
        for row in connection.execute(late).fetchall():
            self._settle(connection, row, Receipt(row.key, "cancelled", now, detail="not_after"))

    def _quiet(self, connection: Connection, key: str, now: datetime) -> str | None:
        """Until when a step of this delivery rests because it went out, or is going out, by another one."""
        mine, theirs, d = COVERS.alias(), COVERS.alias(), DELIVERIES.c
        same = [mine.c[name] == theirs.c[name] for name in ("company", "account", "step")]
        joined = mine.join(theirs, sa.and_(*same, mine.c.key != theirs.c.key)).join(DELIVERIES, d.key == theirs.c.key)
        out = sa.or_(d.state.in_(LEFT), sa.and_(d.state == "accepted", d.worker.is_not(None)))
        today = now.astimezone(SHANGHAI).date().isoformat()
        asked = sa.select(DELIVERIES).select_from(joined).where(mine.c.key == key, out, d.quiet_until > today)
        other = connection.execute(asked.order_by(d.quiet_until.desc()).limit(1)).first()
        if other is None:
            return None
        end = datetime.combine(date.fromisoformat(other.quiet_until), time.min, SHANGHAI)
        return max(_stamp(end if other.state in LEFT else now + LEASE), _stamp(now + timedelta(seconds=1)))

    def report(self, receipt: Receipt) -> Receipt:
        """What became of a delivery, by its worker or later by the gateway; gives the receipt that holds now.

        Receipts go forward only: one that comes late or twice changes nothing. With the first that says it has left,
        the contact is kept; with a later one its outcome changes. An unknown key is refused.
        """
        with self.store.writing() as connection:
            row = _row(connection, receipt.key)
            if row is None:
                return receipt._replace(state="refused", detail="unknown key")
            before = _receipt(row)
            if moved_on(before, receipt) is before:
                return before
            if row.cancel is not None and receipt.state == "failed":
                receipt = receipt._replace(state="cancelled", detail=row.cancel)
            return self._settle(connection, row, receipt)

    def retry(self, claim: Claim, because: str, now: datetime, *, at: datetime | None = None) -> Receipt:
        """It could not be sent and surely has not left: try again later, after twice the time each time; not before
        `at`.

        After MOST_ATTEMPTS it has failed for good; if it was to be cancelled meanwhile, it is.
        """
        with self.store.writing() as connection:
            row = _row(connection, claim.key)
            if row is None or row.state != "accepted" or row.attempts != claim.attempt:
                return Receipt(claim.key, "refused", now) if row is None else _receipt(row)
            if row.cancel is not None:
                return self._settle(connection, row, Receipt(claim.key, "cancelled", now, detail=row.cancel))
            if claim.attempt >= MOST_ATTEMPTS:
                return self._settle(connection, row, Receipt(claim.key, "failed", now, detail=because))
            wait = min(FIRST_WAIT * 2 ** (claim.attempt - 1), LONGEST_WAIT)
            ready = max(row.ready, _stamp(now + wait), _stamp(at or now))
            freed = {"worker": None, "leased": None, "ready": ready, "detail": because}
            connection.execute(_of(claim.key).values(freed))
            return _receipt(row)

    def call_off(self, claim: Claim, because: str, now: datetime) -> Receipt:
        """It is due no more and has not left: the money came, there is a dispute. By the worker that has claimed it."""
        with self.store.writing() as connection:
            row = _row(connection, claim.key)
            if row is None or row.state != "accepted" or row.attempts != claim.attempt:
                return Receipt(claim.key, "refused", now) if row is None else _receipt(row)
            return self._settle(connection, row, Receipt(claim.key, "cancelled", now, detail=because))

    # What has become of them

    def receipts(self, since: Cursor | None) -> Iterator[Receipt | Mark]:
        """What has become of deliveries since the cursor, oldest first, and a Mark."""
        after = int(since or 0)
        with self.store.reading() as connection:
            asked = sa.select(RECEIPTS).where(RECEIPTS.c.change > after).order_by(RECEIPTS.c.change)
            rows = connection.execute(asked).fetchall()
        for row in rows:
            yield _receipt(row)
        yield Mark(str(rows[-1].change if rows else after))

    def waiting(self) -> list[Delivery]:
        """What has been accepted and has not left, in the order in which it may."""
        with self.store.reading() as connection:
            asked = (
                sa.select(DELIVERIES)
                .where(DELIVERIES.c.state == "accepted")
                .order_by(DELIVERIES.c.ready, DELIVERIES.c.accepted)
            )
            return [_delivery(row) for row in connection.execute(asked)]

    def _settle(self, connection: Connection, row: Row[Any], receipt: Receipt) -> Receipt:
        """The delivery is there now: its state, its receipt and its contact, all or nothing."""
        told = {"state": receipt.state, "at": _stamp(receipt.at), "channel": receipt.channel, "party": receipt.party}
        told |= {"proof": receipt.proof, "detail": receipt.detail, "worker": None, "leased": None, "cancel": None}
        if receipt.state in LEFT and row.data:
            delivery = _delivery(row)
            receipt = receipt._replace(channel=receipt.channel or row.channel, party=receipt.party or row.party)
            told |= {"channel": receipt.channel, "party": receipt.party}
            _tell(connection, delivery, _receipt(row), receipt)
        connection.execute(_of(row.key).values(told))
        _note(connection, receipt)
        return receipt


def _tell(connection: Connection, delivery: Delivery, before: Receipt, now: Receipt) -> None:
    """Its contacts as they are by now. One that somebody has dropped since the receipt before stays away."""
    said = {(account, contact.id): _plain(contact) for account, contact in contacts_of(delivery, before)}
    for account, contact in contacts_of(delivery, now):
        at, known = (delivery.company, account), said.get((account, contact.id))
        found = kept(connection, "contacts", at, contact.id)
        if found is not None or known is None:
            keep(connection, "contacts", at, contact.id, retold(found or {}, _plain(contact), known))


def _later(row: Row[Any], now: datetime) -> str | None:
    """From when a delivery may leave that may not now, being between two of its hours; None: it may."""
    at = _delivery(row).leaves(now)
    return None if at is None or at <= now else _stamp(at)


def _died(now: datetime) -> sa.Select[Any]:
    """The first of what was being sent when its worker died."""
    d = DELIVERIES.c
    asked = sa.select(DELIVERIES).where(d.state == "accepted", d.worker.is_not(None), d.leased < _stamp(now))
    return asked.order_by(d.leased, d.accepted).limit(1)


def _renews(delivery: Delivery, row: Row[Any]) -> bool:
    """Whether a delivery handed over again, on a later day, takes the place of what has not left."""
    waits = row.state == "accepted" and not row.worker
    return bool((waits or row.state in NEVER_LEFT) and row.day < delivery.on.isoformat())


def _of(key: str) -> sa.Update:
    return DELIVERIES.update().where(DELIVERIES.c.key == key)


def _row(connection: Connection, key: str) -> Row[Any] | None:
    return connection.execute(sa.select(DELIVERIES).where(DELIVERIES.c.key == key)).first()


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery.from_dict(json.loads(row.data))


def _values(delivery: Delivery) -> dict[str, object]:
    """What of a delivery it is found by."""
    quiet = delivery.not_again_before
    return {
        "key": delivery.key,
        "company": delivery.company,
        "account": delivery.account,
        "debtor": delivery.debtor,
        "data": delivery.to_json(),
        "day": delivery.on.isoformat(),
        "ready": _stamp(delivery.hours[0][0]),
        "not_after": None if delivery.ends is None else _stamp(delivery.ends),
        "quiet_until": None if quiet is None else quiet.isoformat(),
    }


def _fresh(now: datetime) -> dict[str, object]:
    """What a delivery begins with."""
    nothing: Mapping[str, object] = dict.fromkeys(("channel", "party", "proof", "worker", "leased", "cancel"))
    return {**nothing, "state": "accepted", "at": _stamp(now), "detail": "", "attempts": 0}


def _covers(delivery: Delivery) -> list[dict[str, str]]:
    """The steps it does, each once."""
    action = delivery.action
    done = [(delivery.account, action.step), *((each.account, each.step) for each in action.carries)]
    whose = {"key": delivery.key, "company": delivery.company}
    return [{**whose, "account": account, "step": step} for account, step in dict.fromkeys(done)]


def _receipt(row: Row[Any]) -> Receipt:
    at = datetime.fromisoformat(row.at).astimezone(SHANGHAI)
    return Receipt(row.key, row.state, at, row.channel, row.party, row.proof, row.detail)


def _note(connection: Connection, receipt: Receipt) -> None:
    told = receipt._asdict() | {"at": _stamp(receipt.at), "change": next_change(connection)}
    connection.execute(RECEIPTS.insert().values(told))


def _plain(record: Any) -> dict[str, Any]:
    """A record of the model as data, as JSON would give it back, without what is not said."""
    told = {field.name: getattr(record, field.name) for field in fields(record)}
    said = {name: value for name, value in told.items() if value is not None and value is not False}
    return {
        name: value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
        for name, value in said.items()
    }


def _stamp(moment: datetime) -> str:
    """A time as text that sorts as times do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
