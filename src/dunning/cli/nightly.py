"""The records of a night out of an ERP: all of them the first time, then the news, put into the folder of the state.

The cursor lies in that folder and changes with it. What was read and not yet assessed is found by what differs from the
last night, so that a crash between the two loses nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from dunning.adapter.lookup import SCHEME
from dunning.adapter.protocol import Adapter
from dunning.adapter.supply import AdapterPortfolio, lacking
from dunning.adapter.sweeps import Bookmark, fresh_data, next_sweep, source_of
from dunning.basis.finding import Finding, Lang
from dunning.cli.converted import counting, made_by
from dunning.cli.parquet import is_ours, run_in
from dunning.engine.assess import Rules
from dunning.output.record.batch import books_of

_BOOKMARK = "bookmark"


@dataclass(frozen=True, slots=True)
class FromErp:
    """An ERP behind an adapter at `address`, `now`, whose accounts are kept in the Parquet folder `records`."""

    adapter: Adapter
    address: str
    records: Path
    now: datetime

    def bring_up_to_date(self, rules: Rules, on: date, lang: Lang) -> tuple[tuple[Finding, ...], int]:
        """Reads what is new, or everything where that is needed; what is to be said of it, and how many accounts are
        gone.

        AdapterError as the adapter raises; then the folder is as it was.
        """
        from dunning.columns.convert import convert_portfolio
        from dunning.columns.mended import News, mended
        from dunning.columns.nights import acted_until
        from dunning.columns.store import open_store

        can, books = self.adapter.capabilities(), books_of(rules)
        last = self._last()
        sweep = next_sweep(
            can, last, source=self._source, fresh=fresh_data(books), now=self.now, kept_until=acted_until(books, on)
        )
        portfolio = AdapterPortfolio(self.adapter, since=sweep.since)

        def about() -> dict[str, Any]:
            mark = sweep.bookmark(last, self._source, portfolio.cursor, self.now)
            return {} if mark is None else {_BOOKMARK: json.loads(mark.to_json())}

        def news() -> News:
            gone = [(each.company, each.id) for each in portfolio.gone]
            return News(gone, self.now if can.changes == "complete" else None, about())

        of = {**made_by(), "adapter": self._source, "on": self.now.date().isoformat()}
        with counting(lang, self.address.partition("?")[0].removeprefix(SCHEME), None) as tick:
            if sweep.since is None:
                convert_portfolio(portfolio, self.records, of=of, steady=False, about=about, tick=tick)
            else:
                mended(open_store(self.records), portfolio.groups(), news, of=of, tick=tick)
        return (*lacking(can), *sweep.findings), len(portfolio.gone)

    def is_under_way(self, out: Path, on: date) -> bool:
        """Whether the results in `out` are of the very records that are there: a night that goes on, or is over."""
        from dunning.columns.sink import settle
        from dunning.columns.store import open_store

        settle(self.records)
        found = run_in(out)
        if found is None or not is_ours(self.records):
            return False
        return found.day == on.isoformat() and found.digest == open_store(self.records).digest

    @property
    def _source(self) -> str:
        return source_of(self.address)

    def _last(self) -> Bookmark | None:
        from dunning.columns.sink import about, settle

        settle(self.records)
        said = about(self.records).get(_BOOKMARK) if is_ours(self.records) else None
        return None if said is None else Bookmark.from_json(json.dumps(said))
