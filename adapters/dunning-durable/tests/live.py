"""One book, an account, and a session that remembers what it told: what all tests of sessions share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import dunning
from dunning_durable import Change, Session, Trouble

BOOK = dunning.load(Path(__file__).with_name("book.yaml"))
BEGIN = date(2026, 1, 10)


def day(text: str) -> date:
    """`01-16` of 2026, or a whole date."""
    return date.fromisoformat(text if len(text) > 5 else f"2026-{text}")


def account(id_: str = "A", *, owner: str | None = None, **fields: Any) -> dict[str, Any]:
    """A household of Hangzhou that owes 1,592.25 from 15 January 2026, a Thursday."""
    return {
        "id": id_,
        "use": "residential",
        "place": "CN-3301",
        "occupancy": "occupied",
        "handed_over": "2021-06-30",
        "debtor": {"id": owner or f"O-{id_}", "kind": "person", "role": "owner", "since": "2021-06-30"},
        "contracts": [{"id": "K", "since": "2021-06-30", "kind": "committee", "late_fee_clause": True}],
        "charges": [{"id": "Q1", "period": ["2026-01-01", "2026-03-31"], "amount": "1592.25", "due": "2026-01-15"}],
        **fields,
    }


def paid(id_: str, on: str, amount: str, **fields: Any) -> dict[str, Any]:
    return {"id": id_, "on": day(on).isoformat(), "amount": amount, **fields}


def contact(id_: str, on: str, step: str | None, outcome: str, **fields: Any) -> dict[str, Any]:
    at = f"{day(on)}T10:00:00+08:00"
    return {"id": id_, "at": at, "step": step, "channel": "phone", "outcome": outcome, **fields}


def promised(id_: str, on: str, until: str, amount: str | None = None) -> dict[str, Any]:
    return contact(id_, on, None, "promised", promise={"on": day(until).isoformat(), "amount": amount})


class Recorder:
    """What a session told, and what went wrong beside it."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.troubles: list[Trouble] = []

    def told(self, *kinds: str) -> list[tuple[str, ...]]:
        """Day, account, kind, and what of: of all changes, or of some kinds."""
        return [
            (f"{change.after.on:%m-%d}", change.account[1], change.kind, *of(change))
            for change in self.changes
            if not kinds or change.kind in kinds
        ]


def of(change: Change) -> tuple[str, ...]:
    """`account_grade B>A`, `reminder`, `2026-02-10`; of a pattern what it is made of."""
    if len(change.because) > 1:
        return tuple(sign.what for sign in change.because)
    (sign,) = change.because
    return (f"{sign.name} {sign.was}>{sign.now}",) if sign.what == "grade" else (sign.name,) if sign.name else ()


@contextmanager
def session(**settings: Any) -> Iterator[tuple[Session, Recorder]]:
    recorder = Recorder()
    mine = {"rules": BOOK, "on": BEGIN, "changed": recorder.changes.append, "trouble": recorder.troubles.append}
    with Session(**{**mine, **settings}) as live:
        yield live, recorder
