"""Which read comes next: all accounts, or those with news since the last; and why, in a sentence.

An adapter that does not find every change must be read whole before its data is too old to act on. A day on which
nothing is read whole would miss what falls due by the day alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from dunning.adapter.lookup import SCHEME
from dunning.adapter.protocol import Capabilities, Cursor
from dunning.basis.errors import UsageError
from dunning.basis.finding import Finding, Text
from dunning.model.account import SHANGHAI
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import in_hours


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far an adapter has been read: which, its cursor, when all accounts were last read, the cursor of receipts.

    `source` tells one address from another without saying it, for there may be a password in it.
    """

    source: str
    cursor: Cursor
    full_at: datetime
    receipts: Cursor | None = None

    def to_json(self) -> str:
        data = {
            "source": self.source,
            "cursor": self.cursor,
            "full_at": self.full_at.isoformat(),
            "receipts": self.receipts,
        }
        return json.dumps(data, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Bookmark:
        """What `to_json` wrote; UsageError if it is none."""
        try:
            data: dict[str, Any] = json.loads(text)
            return cls(data["source"], data["cursor"], datetime.fromisoformat(data["full_at"]), data["receipts"])
        except (KeyError, TypeError, ValueError) as error:
            told = Text(
                f"不是读数进度文件 ({error}); 删掉它就从头读",
                f"this is no cursor file ({error}); delete it to begin anew",
            )
            raise UsageError(told) from error


@dataclass(frozen=True, slots=True)
class Sweep:
    """The read to make: since a cursor, or of all accounts (`since` None); `findings` say what that means."""

    since: Cursor | None
    findings: tuple[Finding, ...] = ()

    def bookmark(self, last: Bookmark | None, source: str, cursor: Cursor | None, began: datetime) -> Bookmark | None:
        """What to store once the results are safe; None where the adapter gave no cursor."""
        if cursor is None:
            return None
        full_at = began if self.since is None or last is None else last.full_at
        return Bookmark(source, cursor, full_at, None if last is None else last.receipts)


def source_of(address: str) -> str:
    """An address for a bookmark: the adapter's name, and a digest of how it was opened."""
    name = address.removeprefix(SCHEME).partition("?")[0]
    return f"{name} {sha256(address.encode()).hexdigest()[:16]}"


def fresh_data(books: Iterable[RuleBook]) -> timedelta | None:
    """How old data may be under the strictest of these books; None where none says."""
    hours = [in_hours(book.contact.fresh_data)[0] for book in books if book.contact.fresh_data is not None]
    return timedelta(hours=min(hours)) if hours else None


def next_sweep(
    capabilities: Capabilities,
    last: Bookmark | None,
    *,
    source: str,
    fresh: timedelta | None,
    now: datetime,
    kept_until: datetime | None = None,
) -> Sweep:
    """All accounts, where that is needed; else the news since `last`.

    All are read the first time, where the adapter finds no changes, where it finds only part of them and the last full
    read is as old as `fresh`, and on a new day. UsageError if `last` is another adapter's.

    `kept_until`: the caller keeps the accounts himself, looks each day at those whose day has come, and acts on what he
    has until then. So a new day needs no full read, unless the adapter may have missed something and data is too old
    before then, or no book says when it is.
    """
    if last is not None and last.source != source:
        raise UsageError(
            Text(
                f"读数进度是 {last.source} 的, 不是 {source} 的; 换一个文件, 或删掉它从头读",
                f"the cursor is of {last.source}, not of {source}; use another file, or delete it to begin anew",
            )
        )
    short = _short(capabilities, fresh)
    if capabilities.changes == "none" or last is None:
        return Sweep(None, short)
    partly, age = capabilities.changes == "partial", now - last.full_at
    if partly and fresh is not None and age >= fresh:
        return Sweep(None, (*short, Finding("P403", args={"hours": _hours(age)})))
    if kept_until is not None and (fresh is not None or not partly):
        if partly and fresh is not None and kept_until - last.full_at >= fresh:
            return Sweep(None, (*short, Finding("P407", args={"hours": _hours(age), "fresh": _hours(fresh)})))
        return Sweep(last.cursor, (*short, Finding("P408")))
    if last.full_at.astimezone(SHANGHAI).date() < now.astimezone(SHANGHAI).date():
        return Sweep(None, (*short, Finding("P404")))
    return Sweep(last.cursor, (*short, Finding("P405")))


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):.0f}"


def _short(capabilities: Capabilities, fresh: timedelta | None) -> tuple[Finding, ...]:
    """What is to be said of an adapter that does not find every change."""
    if capabilities.changes == "complete":
        return ()
    if capabilities.changes == "none":
        return (Finding("P401", args={"name": capabilities.name}),)
    often = Text("每天", "every day")
    if fresh is not None:
        often = Text(f"每 {_hours(fresh)} 小时内", f"within {_hours(fresh)} hours")
    return (Finding("P402", args={"name": capabilities.name, "often": often}),)
