"""Nights out of an ERP: the news alone is read, and all households stand as a whole run would find them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dunning.adapter import AdapterError, Gone, Item, Mark
from dunning.cli.nightly import FromErp
from dunning.columns import mended, store
from dunning.columns.nights import STANDS
from dunning.columns.run import GONE, Task, run
from dunning.columns.store import open_store
from dunning.engine.assess import Rules
from dunning.engine.review import next_reviews
from dunning.intake.records import Rejected
from dunning.lang.folder import load
from dunning.model.account import SHANGHAI, Account, Charge, Payment
from dunning.output.record.batch import read_rules
from shelf import Shelf
from test_nights import BEGIN, happened, kept, laid_down, other_rules, portfolio, shapes
from test_sink import told

__all__ = ["other_rules"]  # a fixture of theirs


class Ledger(Shelf):
    """An ERP that numbers its changes: the cursor is the last of them. `given`: the accounts of the last read."""

    def __init__(self, *accounts: Account, **declared: Any) -> None:
        super().__init__(**declared)
        self.changes: dict[tuple[str, str], int] = {}
        self.drawn = datetime.combine(BEGIN - timedelta(days=1), time(23), SHANGHAI)
        self.given: list[str] = []
        self.dies_after: int | None = None
        for account in accounts:
            self.put(account)

    def put(self, item: Account | Gone | Rejected) -> None:
        self.items[item.company, item.id] = item
        self.changes[item.company, item.id] = max(self.changes.values(), default=0) + 1

    def there(self) -> list[Account]:
        return [replace(one, data_as_of=self.drawn) for one in self.items.values() if isinstance(one, Account)]

    def accounts(self, since: str | None) -> Iterator[Item]:
        self.reads.append(since)
        self.given = []
        news = {at for at, number in self.changes.items() if since is None or number > int(since)}
        debtors = {(a.company, a.debtor.id) for a in self.there() if (a.company, a.id) in news}
        for account in sorted(self.there(), key=lambda each: (each.company, each.debtor.id)):
            if (account.company, account.debtor.id) in debtors:
                self.given.append(account.id)
                yield account
                if len(self.given) == self.dies_after:
                    raise AdapterError("the line is dead")
        yield from (one for at, one in self.items.items() if isinstance(one, Gone | Rejected) and at in news)
        yield Mark(str(max(self.changes.values())))


def read_in(erp: Ledger, state: Path, rules: Rules, on: date) -> Path:
    """The records of a state, the evening before; what is there in the end is what the ERP has."""
    source = FromErp(erp, "adapter:ledger?at=here", state / "records", erp.drawn)
    source.bring_up_to_date(rules, on, "en")
    return source.records


def sold(account: Account) -> Account:
    """Under the same number, somebody else's, of whom nothing is known yet."""
    new = replace(account.debtor, id=f"new {account.debtor.id}")
    charges = tuple(Charge(id=each.id, item=each.item, amount=each.amount, due=each.due) for each in account.charges)
    return Account(id=account.id, company=account.company, unit=account.unit, debtor=new, charges=charges)


def test_a_year_of_nights_out_of_an_erp_is_a_year_of_whole_runs(tmp_path: Path, other_rules: str) -> None:
    """Money comes, households go, come and change hands, the rules change; each debtor is read when there is news."""
    lot, before, after = Random(5), read_rules(None), read_rules(other_rules)
    accounts = portfolio(14, seed=11)
    erp, on, read, seen, again = Ledger(*accounts), BEGIN, 0, 0, 0
    for night in range(24):
        erp.drawn = datetime.combine(on - timedelta(days=1), time(23), SHANGHAI)
        rules = after if night > 16 else before
        folder = read_in(erp, tmp_path / "state", rules, on)
        there = erp.there()
        assert {one.id for one in told(folder)} == {one.id for one in there}, night
        out, whole = tmp_path / f"out-{night}", tmp_path / f"whole-{night}"
        sums = run(Task(folder, out, partial(kept, rules), on, state=tmp_path / "state", whole=True))
        run(Task(laid_down(there, on, tmp_path / "all", 1), whole, partial(kept, rules), on))
        assert shapes(out) == shapes(whole), (night, on)
        seen, read = seen + len(there), read + len(erp.given)
        again += sum(sums["paths"].values()) - sums["paths"].get(STANDS, 0)
        on += timedelta(days=lot.choice((1, 1, 1, 2, 7, 30)))
        for account in lot.sample(there, 2):
            erp.put(happened(account, on, lot))
        if night % 5 == 3:
            left, moved, paid = lot.sample(there, 3)
            erp.put(Gone(left.company, left.id, "closed"))
            erp.put(sold(moved))
            erp.put(replace(paid, payments=(*paid.payments, Payment(id=f"P{night}", on=on, amount=10_000_000))))
    assert on > BEGIN + timedelta(days=100)
    assert erp.reads[0] is None
    assert None not in erp.reads[1:]
    assert read < seen * 0.4
    assert again < seen * 0.8


@pytest.fixture
def erp() -> Ledger:
    return Ledger(*portfolio(12, seed=3))


def later(erp: Ledger, days: int = 1) -> date:
    erp.drawn += timedelta(days=days)
    return erp.drawn.date() + timedelta(days=1)


def test_who_is_gone_leaves_the_state_and_is_named(erp: Ledger, tmp_path: Path) -> None:
    rules, state = load("residential"), tmp_path / "state"
    task = Task(read_in(erp, state, rules, BEGIN), tmp_path / "one", partial(kept, rules), BEGIN, state=state)
    run(task)
    first = erp.there()[0]
    erp.put(Gone(first.company, first.id, "erased"))
    on = later(erp)
    read_in(erp, state, rules, on)
    assert erp.given == []
    run(replace(task, out=tmp_path / "two", on=on))
    assert first.debtor.id in (tmp_path / "two" / GONE).read_text(encoding="utf-8")
    for path in state.glob("**/*.parquet"):
        assert not any(first.id in map(str, row.values()) for row in pq.read_table(path).to_pylist()), path


def test_what_is_rejected_takes_the_place_of_the_account_and_gives_it_back(erp: Ledger, tmp_path: Path) -> None:
    rules, state = load("residential"), tmp_path / "state"
    folder = read_in(erp, state, rules, BEGIN)
    first = erp.there()[0]
    erp.put(Rejected(first.company, first.id, "", ()))
    read_in(erp, state, rules, later(erp))
    assert open_store(folder).rows["rejected"] == 1
    assert first.id not in [one.id for one in told(folder) if isinstance(one, Account)]
    erp.put(first)
    read_in(erp, state, rules, later(erp))
    assert open_store(folder).rows.get("rejected", 0) == 0
    assert sorted(one.id for one in told(folder)) == sorted(one.id for one in erp.there())


@pytest.mark.parametrize("point", ["read", "write_part", "write_manifest", "settle"])
def test_killed_while_the_news_comes_in_it_is_read_again(
    point: str, erp: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either all of the news and the cursor after it, or nothing of both."""
    rules, state = load("residential"), tmp_path / "state"
    folder = read_in(erp, state, rules, BEGIN)
    before, news = told(folder), erp.there()[3:5]
    for one in news:
        erp.put(replace(one, payments=(*one.payments, Payment(id="P-new", on=BEGIN, amount=100))))
    on = later(erp)
    with monkeypatch.context() as patch:
        if point == "read":
            erp.dies_after = 1
        else:
            patch.setattr(mended, point, dies)
        with pytest.raises((AdapterError, SystemExit)):
            read_in(erp, state, rules, on)
    erp.dies_after = None
    assert told(folder) == before
    read_in(erp, state, rules, on)
    assert erp.given == ([] if point == "settle" else sorted(one.id for one in news))
    paid = {one.id for one in told(folder) if any(each.id == "P-new" for each in one.payments)}
    assert paid == {one.id for one in news}


def dies(*_: Any, **__: Any) -> None:
    raise SystemExit


def test_parts_without_news_are_taken_over_as_they_are(
    erp: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PART", 4)
    rules, state = load("residential"), tmp_path / "state"
    folder = read_in(erp, state, rules, BEGIN)
    files = {path: path.stat().st_ino for path in folder.glob("accounts/*.parquet")}
    assert len(files) == 4
    erp.put(erp.there()[0])
    read_in(erp, state, rules, later(erp))
    same = [path for path, number in files.items() if path.stat().st_ino == number]
    assert len(same) == len(files) - 1
    for each in portfolio(30, seed=9):
        erp.put(replace(each, id=f"n {each.id}", debtor=replace(each.debtor, id=f"n {each.debtor.id}")))
    read_in(erp, state, rules, later(erp))
    assert open_store(folder).parts == 16
    assert sorted(one.id for one in told(folder)) == sorted(one.id for one in erp.there())


def test_who_has_no_news_counts_as_drawn_when_the_erp_said_so(erp: Ledger, tmp_path: Path) -> None:
    rules, state = load("residential"), tmp_path / "state"
    folder = read_in(erp, state, rules, BEGIN)
    read_in(erp, state, rules, later(erp, 5))
    assert {one.data_as_of for one in told(folder)} == {erp.drawn}


@pytest.mark.parametrize("changes", ["partial", "none"])
def test_what_may_have_been_missed_is_read_whole_before_it_is_too_old(changes: str, tmp_path: Path) -> None:
    erp = Ledger(*portfolio(12, seed=3), changes=changes)
    rules, state = load("residential"), tmp_path / "state"
    folder = read_in(erp, state, rules, BEGIN)
    drawn, erp.drawn = erp.drawn, erp.drawn + timedelta(hours=1)
    read_in(erp, state, rules, BEGIN)
    assert erp.reads == ([None, None] if changes == "none" else [None, erp.reads[1]])
    if changes == "partial":
        assert {one.data_as_of for one in told(folder)} == {drawn}
    read_in(erp, state, rules, later(erp))
    assert erp.reads[-1] is None


def test_results_of_the_records_there_are_gone_on_with_unread(erp: Ledger, tmp_path: Path) -> None:
    rules, state, out = load("residential"), tmp_path / "state", tmp_path / "out"
    folder = read_in(erp, state, rules, BEGIN)
    source = FromErp(erp, "adapter:ledger?at=here", folder, erp.drawn)
    assert not source.is_under_way(out, BEGIN)
    run(Task(folder, out, partial(kept, rules), BEGIN, state=state))
    assert source.is_under_way(out, BEGIN)
    assert not source.is_under_way(out, BEGIN + timedelta(days=1))
    erp.put(erp.there()[0])
    read_in(erp, state, rules, later(erp))
    assert not source.is_under_way(out, BEGIN)


def test_the_next_review_stands_in_the_assessments(erp: Ledger, tmp_path: Path) -> None:
    rules, state = load("residential"), tmp_path / "state"
    folder = read_in(erp, state, rules, BEGIN)
    run(Task(folder, tmp_path / "out", partial(kept, rules), BEGIN, state=state))
    tables = [pq.read_table(each) for each in (tmp_path / "out" / "assessments").glob("*.parquet")]
    found = {row["account"]: row["next_review"] for row in pa.concat_tables(tables).to_pylist()}
    groups: dict[str, list[Account]] = {}
    for account in told(folder):
        groups.setdefault(account.debtor.id, []).append(account)
    for theirs in groups.values():
        days = next_reviews(theirs, rules, on=BEGIN)
        assert [found[one.id] for one in theirs] == list(days)
