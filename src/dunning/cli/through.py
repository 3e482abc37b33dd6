"""An ERP as `dunning assess` reads and serves it: which read to make, what to keep after it, what to hand over.

The order is what makes a crash harmless: results on disk, then deliveries with their receipts, then the cursor.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from dunning.adapter.delivery import Delivery
from dunning.adapter.errors import RefusedError
from dunning.adapter.lookup import open_adapter
from dunning.adapter.protocol import Gone
from dunning.adapter.sending import Dropped, Handed, Heard, Withdrawn, catch_up, pending_of, send, withdraw
from dunning.adapter.supply import AdapterPortfolio, lacking
from dunning.adapter.sweeps import Bookmark, fresh_data, next_sweep, source_of
from dunning.basis.finding import Finding
from dunning.engine.assess import Rules
from dunning.output.record.batch import books_of

DELIVERIES = "deliveries.jsonl"
RECEIPTS = "receipts.jsonl"
DROPPED = "dropped.jsonl"
GONE = "gone.jsonl"


class Through:
    """One run through an adapter: its `portfolio` to assess, its `findings` to print.

    `bookmark` is the file of the cursor (None: none is kept, and all is read). RefusedError at once, before anything is
    read, if it is to `deliver` through an adapter that does not.
    """

    def __init__(self, address: str, rules: Rules, *, bookmark: Path | None, deliver: bool, now: datetime) -> None:
        self.adapter = open_adapter(address)
        self.rules = rules
        self.now = now
        self.bookmark = bookmark
        self.source = source_of(address)
        can = self.adapter.capabilities()
        if deliver and not can.delivers:
            raise RefusedError.to(can.name, "deliver")
        self.last = None
        if bookmark is not None and bookmark.exists():
            self.last = Bookmark.from_json(bookmark.read_text(encoding="utf-8"))
        self.heard_to = None if self.last is None else self.last.receipts
        fresh = fresh_data(books_of(rules))
        self.sweep = next_sweep(can, self.last, source=self.source, fresh=fresh, now=now)
        self.findings: tuple[Finding, ...] = (*lacking(can), *(self.sweep.findings if bookmark else ()))
        self.portfolio = AdapterPortfolio(self.adapter, since=self.sweep.since)

    @staticmethod
    def files(*, deliver: bool) -> tuple[str, ...]:
        """The files that `assessed` and `deliver` write beside the results."""
        return (GONE, DROPPED) if deliver else (GONE,)

    def assessed(self, out: Path) -> list[Gone]:
        """After the pass: the results are made safe, those gone listed beside them."""
        lines = [json.dumps(gone._asdict(), ensure_ascii=False) + "\n" for gone in self.portfolio.gone]
        (out / GONE).write_text("".join(lines), encoding="utf-8")
        for path in out.iterdir():
            if path.is_file():
                _to_disk(path)
        return self.portfolio.gone

    def planned(self, out: Path) -> Iterator[Delivery]:
        """What the pass found due."""
        with (out / DELIVERIES).open(encoding="utf-8") as lines:
            for line in lines:
                yield Delivery.from_dict(json.loads(line))

    def deliver(self, out: Path, *, now: datetime) -> Iterator[Heard | Withdrawn | Dropped | Handed]:
        """Hear what has become of earlier deliveries, take back those that wait and are no longer due, then hand over
        what the pass found due and still is `now`.

        Receipts are added to their file as they come; what is in it from before says what waits.
        """
        receipts = out / RECEIPTS
        waiting = pending_of(receipts.read_text(encoding="utf-8").splitlines()) if receipts.exists() else []
        heard, self.heard_to = catch_up(self.adapter, waiting, self.heard_to) if waiting else ([], self.heard_to)
        gone = {one.pending.key for one in heard}
        idle = withdraw(self.adapter, [one for one in waiting if one.key not in gone], self.rules, now=now)
        due = send(self.adapter, self.planned(out), self.rules, now=now)
        with receipts.open("a", encoding="utf-8") as kept, (out / DROPPED).open("w", encoding="utf-8") as not_:
            for one in chain(heard, idle, due):
                file = not_ if isinstance(one, Dropped) else kept
                file.write(one.to_json())
                file.flush()
                yield one

    def done(self) -> None:
        """Everything is safe: the cursor is kept, whole or not at all."""
        if self.bookmark is not None:
            mark = self.sweep.bookmark(self.last, self.source, self.portfolio.cursor, self.now)
            if mark is not None:
                part = self.bookmark.with_name(self.bookmark.name + ".part")
                part.write_text(replace(mark, receipts=self.heard_to).to_json(), encoding="utf-8")
                _to_disk(part)
                part.replace(self.bookmark)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
