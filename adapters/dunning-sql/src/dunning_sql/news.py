"""What has changed since a cursor: the keys of accounts with a row that was written after it.

A cursor holds, for each list, the newest change seen, as the ERP's own column tells it. No clock of ours is asked: two
clocks never agree, and the difference would be somebody's payment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dunning_sql.convert import Raw, plain
from dunning_sql.database import bound, named, now, query
from dunning_sql.mapping import Section, SqlMapping, Value

Seen = Mapping[str, str]
"""The newest change seen of each list, as its column has it."""

AHEAD = timedelta(days=1)
"""A row stamped this far ahead of now comes from a wrong clock: it does not move the cursor, and is always news."""


def newest(connection: Connection, mapping: SqlMapping) -> dict[str, str]:
    """How far one could have read now: the newest change of each list that tells of changes."""
    latest = now(connection) + AHEAD
    found = {}
    for section, value in _watched(mapping):
        (column,) = named(value.columns[:1])
        whole = query(section, mapping.parameters, filtered=False)
        until = _written(latest, value, mapping)
        asked = whole.with_only_columns(sa.func.max(column, type_=sa.types.NullType())).where(column <= bound(until))
        top = connection.execute(asked).scalar()
        if top is not None:
            found[section.name] = plain(top)
    return found


def changed(connection: Connection, mapping: SqlMapping, seen: Seen) -> Iterator[tuple[Raw, ...]]:
    """The keys of accounts with news, some of them more than once. Rows that are filtered out count: so they are gone.

    A transaction that was still open when the cursor was taken shows up with an earlier time: hence the overlap.
    """
    for section, value in _watched(mapping):
        whole = query(section, mapping.parameters, filtered=False)
        asked = whole.with_only_columns(*named(section.key)).distinct()
        if section.name in seen:
            since = _back(seen[section.name], value, mapping.overlap)
            asked = asked.where(named(value.columns)[0] >= bound(since))
        for row in connection.execute(asked):
            yield tuple(row)


def _watched(mapping: SqlMapping) -> Iterator[tuple[Section, Value]]:
    for section in mapping.sections.values():
        if section.changed_at is not None:
            yield section, section.changed_at


def _written(moment: datetime, value: Value, mapping: SqlMapping) -> object:
    """A time as the column would have it."""
    if value.unit:
        return int(moment.timestamp()) * (1 if value.unit == "seconds" else 1000)
    local = moment.astimezone(value.zone or mapping.zone).replace(tzinfo=None, microsecond=0)
    return local.strftime(value.format) if value.format else local.isoformat(" ")


def _back(text: str, value: Value, by: timedelta) -> object:
    """A column's time, so much earlier."""
    if value.unit:
        return int(text) - int(by.total_seconds()) * (1 if value.unit == "seconds" else 1000)
    moment = datetime.strptime(text, value.format) if value.format else datetime.fromisoformat(text)  # noqa: DTZ007
    earlier = moment - by
    if value.format:
        return earlier.strftime(value.format)
    return earlier.date().isoformat() if len(text) <= len("2026-01-01") else earlier.isoformat(" ")
