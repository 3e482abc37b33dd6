"""A nightly job over an ERP's own database, and the worker that sends by day what the night found due.

    python nightly_sql.py night --mapping mapping.yaml --url mysql+pymysql://reader@db/erp --store dunning.db
    python nightly_sql.py send  --mapping mapping.yaml --url mysql+pymysql://reader@db/erp --store dunning.db

`night` reads what is new (or everything, where that is needed), assesses it and puts what is due into the outbox; cron
runs it once a night. `send` sends what may leave at this minute; cron runs it every few minutes, on as many machines as
you like. Either may be killed at any moment and run again: nothing is lost, and nothing leaves twice.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path

import dunning
from dunning.adapter import AdapterPortfolio, Bookmark, Delivery, Receipt, deliveries, fresh_data, next_sweep
from dunning_sql import SqlAdapter, looking_again, open_sql, work

CHINA = timezone(timedelta(hours=8))
BATCH = 500  # deliveries that are handed over together


def night(erp: SqlAdapter, rules: dunning.RuleFolder, *, bookmark: Path, now: datetime) -> tuple[int, int]:
    """Read, assess, hand over; how many deliveries, and how many accounts could not be read.

    The bookmark is written last: if the job dies before, the next one reads the same again, and what was handed over
    already is known by its key.
    """
    source = erp.engine.url.render_as_string()  # without the password
    last = Bookmark.from_json(bookmark.read_text("utf-8")) if bookmark.exists() else None
    sweep = next_sweep(erp.capabilities(), last, source=source, fresh=fresh_data(rules.books), now=now)
    portfolio = AdapterPortfolio(erp, since=sweep.since)
    rejected: list[dunning.Rejected] = []
    due = _due(portfolio, rules, now, rejected)
    handed = 0
    while batch := list(islice(due, BATCH)):
        handed += len(erp.outbox.accept(batch, now))
    for one in rejected:  # somebody has to look at these: they are not chased, and not forgotten
        print(f"{one.company} {one.id}: {one.findings[0].message('zh')} ({one.findings[0].at})", file=sys.stderr)
    read_to = sweep.bookmark(last, source, portfolio.cursor, now)
    if read_to is not None:
        _replace(bookmark, read_to.to_json())
    return handed, len(rejected)


def _due(
    portfolio: AdapterPortfolio, rules: dunning.RuleFolder, now: datetime, rejected: list[dunning.Rejected]
) -> Iterator[Delivery]:
    """What is due, one person after another: all accounts of a debtor are assessed together."""
    for group in portfolio:
        rejected += group.rejected
        for result in dunning.assess_group(group.accounts, rules, on=now.date()):
            yield from deliveries(result)


def _replace(file: Path, text: str) -> None:
    """The file is the old one or the new one, never half of it."""
    new = file.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)


class Folder:
    """A gateway for trying things out: each message is a file named by its key. A file is made once, so `once` holds.

    For a real one hand `key` on as the request id (most SMS gateways take one and answer it once), and look up what
    became of it in `known`.
    """

    once = True

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self.folder, self.now = folder, now
        folder.mkdir(parents=True, exist_ok=True)

    def send(self, delivery: Delivery, key: str) -> Receipt:
        action = delivery.action
        told = {"to": action.to, "channels": dict(action.channels), "template": action.template, "tone": action.tone}
        told["ask"] = delivery.to_dict()["action"]["ask"]
        new = self.folder / f".{key}.{os.getpid()}"
        new.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        new.replace(self.folder / f"{key}.json")
        return Receipt(key, "sent", self.now(), next((way for ways in action.channels.values() for way in ways), None))

    def known(self, key: str) -> Receipt | None:
        return Receipt(key, "sent", self.now()) if (self.folder / f"{key}.json").exists() else None


def send(erp: SqlAdapter, rules: dunning.RuleFolder, gateway: Folder, *, now: Callable[[], datetime]) -> list[Receipt]:
    """Send what may leave now. Each is looked at again first: whoever has paid by now is left in peace."""
    receipts = work(erp.outbox, gateway, worker=f"send-{os.getpid()}", now=now, still=looking_again(erp, rules))
    if "contacts" in erp.mapping.writes:
        erp.write_contacts()
    return receipts


def clock() -> datetime:
    return datetime.now(CHINA)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("job", choices=["night", "send"])
    parser.add_argument("--mapping", required=True)
    parser.add_argument("--url", default="")
    parser.add_argument("--store", required=True)
    parser.add_argument("--rules", help="a folder of rules; the shipped ones by default")
    parser.add_argument("--bookmark", type=Path, default=Path("dunning-bookmark.json"))
    parser.add_argument("--out", type=Path, default=Path("messages"))
    asked = parser.parse_args()
    erp = open_sql(mapping=asked.mapping, url=asked.url, store=asked.store)
    rules = dunning.load_folder(asked.rules)
    if asked.job == "night":
        handed, rejected = night(erp, rules, bookmark=asked.bookmark, now=clock())
        print(f"{handed} deliveries handed over, {rejected} accounts rejected")
    else:
        for receipt in send(
            erp, rules, Folder(asked.out, lambda: datetime.now(CHINA)), now=lambda: datetime.now(CHINA)
        ):
            print(receipt.key, receipt.state, receipt.detail)


if __name__ == "__main__":
    main()
