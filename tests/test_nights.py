"""A year of nights: who is not assessed again stands as a whole run would find him, whatever the days bring."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dunning.basis.errors import UsageError
from dunning.columns import nights
from dunning.columns.arrow import tables_of as records_of
from dunning.columns.digests import digests
from dunning.columns.packing import pack
from dunning.columns.run import GONE, Task, run
from dunning.columns.schema import TABLES
from dunning.columns.store import bucket_of, write_manifest, write_part
from dunning.engine.assess import Rules
from dunning.intake.records import Read, read
from dunning.intake.samples.sample import make_portfolio
from dunning.lang.folder import load
from dunning.lang.library import shipped
from dunning.model.account import SHANGHAI, Account, Adjustment, Charge, Contact, Dispute, Payment
from dunning.output.record.batch import read_rules

BEGIN = date(2026, 6, 3)


def portfolio(households: int, seed: int) -> list[Account]:
    found = (read(record) for record in make_portfolio(households, seed=seed))
    return [one.account for one in found if isinstance(one, Read)]


def laid_down(accounts: Sequence[Account], on: date, folder: Path, parts: int) -> Path:
    """The portfolio as it was drawn the evening before, as a Parquet folder of so many parts."""
    shutil.rmtree(folder, ignore_errors=True)
    drawn = datetime.combine(on - timedelta(days=1), time(23), SHANGHAI)
    fresh = [replace(account, data_as_of=drawn) for account in accounts]
    keys = [pa.array([key(each) for each in fresh]) for key in (lambda a: a.company, lambda a: a.debtor.id)]
    where = (bucket_of(*keys) % parts).tolist()
    rows: Counter[str] = Counter()
    for part in range(parts):
        theirs = [account for account, place in zip(fresh, where, strict=True) if place == part]
        rows.update(write_part(folder, part, records_of(pack(theirs)), None))
    write_manifest(folder, parts, rows)
    return folder


# What happens


def happened(account: Account, on: date, lot: Random) -> Account:
    """One thing that befalls an account on the day before."""
    day, name = on - timedelta(days=1), f"N{lot.randrange(10**9)}"
    at = datetime.combine(day, time(11), SHANGHAI)
    match lot.randrange(7):
        case 0:
            paid = Payment(id=name, on=day, amount=lot.choice((5_000, 60_000, 200_000)))
            return replace(account, payments=(*account.payments, paid))
        case 1:
            outcome = lot.choice(("reached", "refused", "no_answer", "willing"))
            talk = Contact(
                id=name, at=at, channel=lot.choice(("phone", "sms")), outcome=outcome, party=account.debtor.id
            )
            return replace(account, contacts=(*account.contacts, talk))
        case 2:
            due = on + timedelta(days=lot.randrange(40))
            return replace(
                account, charges=(*account.charges, Charge(id=name, item="property_fee", amount=48_000, due=due))
            )
        case 3 if account.payments:
            *others, last = account.payments
            return replace(account, payments=(*others, replace(last, reversed_on=max(day, last.on))))
        case 4:
            dispute = Dispute(id=name, opened=day, kind="service_quality")
            return replace(account, disputes=(*account.disputes, dispute))
        case 5 if account.disputes:
            closed = tuple(
                replace(each, closed=max(day, each.opened)) if each.closed is None else each
                for each in account.disputes
            )
            return replace(account, disputes=closed)
        case 6 if account.charges:
            note = Adjustment(id=name, on=day, kind="credit_note", amount=100, charge=lot.choice(account.charges).id)
            return replace(account, adjustments=(*account.adjustments, note))
    return account


# What counts


def shapes(out: Path) -> dict[str, set[tuple[Any, ...]]]:
    """What `engine.review.shape` looks at, of every account."""
    whole = {
        name: pa.concat_tables([pq.read_table(each) for each in sorted((out / name).glob("*.parquet"))])
        for name in TABLES
    }
    found: dict[str, set[tuple[Any, ...]]] = {}
    for name, table in whole.items():
        for row in table.to_pylist():
            if told := SHAPE[name](row):
                found.setdefault(row["account"], set()).update(told)
    return found


def grades(row: dict[str, Any], charge: str | None) -> list[tuple[Any, ...]]:
    return [(charge, name, row[name], row[f"cause_{name[7:]}"]) for name in row if name.startswith("grades_")]


SHAPE: dict[str, Callable[[dict[str, Any]], list[tuple[Any, ...]]]] = {
    "assessments": lambda row: [("status", row["status"]), *grades(row, None)],
    "charges": lambda row: grades(row, row["charge"]),
    "actions": lambda row: [(row["step"], row["charge"], row["key"], "due")],
    "withheld": lambda row: [(row["step"], row["charge"], "", row["code"])],
    "deadlines": lambda row: (
        [(row["kind"], row["charge"], row["record"], row["alert"])] if row["alert"] is not None else []
    ),
}


@pytest.fixture(scope="module")
def other_rules(tmp_path_factory: pytest.TempPathFactory) -> str:
    rules = tmp_path_factory.mktemp("rules") / "rules"
    shutil.copytree(shipped(), rules)
    common = rules / "packs/common.yaml"
    common.write_text(common.read_text().replace("5% of charge", "8% of charge"))
    return str(rules)


def test_a_year_of_nights_is_a_year_of_whole_runs(tmp_path: Path, other_rules: str) -> None:
    """Every night all accounts are as a whole run has them; and most nights most of them are not looked at."""
    lot, before, after = Random(7), read_rules(None), read_rules(other_rules)
    accounts, on, again = portfolio(14, seed=11), BEGIN, 0
    seen = 0
    for night in range(28):
        rules = partial(kept, after if night > 20 else before)
        folder = laid_down(accounts, on, tmp_path / "records", 1 if night < 9 else 2)
        out, whole = tmp_path / f"out-{night}", tmp_path / f"whole-{night}"
        sums = run(Task(folder, out, rules, on, state=tmp_path / "state", whole=True))
        run(Task(folder, whole, rules, on))
        assert shapes(out) == shapes(whole), (night, on)
        again += sum(sums["paths"].values()) - sums["paths"].get(nights.STANDS, 0)
        seen += len(accounts)
        if night == 14:
            accounts.pop()
        if night == 16:
            accounts += [
                replace(a, id=f"new {a.id}", debtor=replace(a.debtor, id=f"new {a.debtor.id}")) for a in accounts[:1]
            ]
        on += timedelta(days=lot.choice((1, 1, 1, 2, 7, 30)))
        for place in lot.sample(range(len(accounts)), 2):
            accounts[place] = happened(accounts[place], on, lot)
    assert on > BEGIN + timedelta(days=150)
    assert again < seen * 0.75
    assert len(list((tmp_path / "state").glob("night-*"))) == 1


def kept(rules: Rules) -> Rules:
    return rules


@pytest.fixture
def task(tmp_path: Path) -> Task:
    folder = laid_down(portfolio(12, seed=3), BEGIN, tmp_path / "records", 2)
    return Task(folder, tmp_path / "out", partial(kept, load("residential")), BEGIN, state=tmp_path / "state")


def next_night(task: Task, accounts: Sequence[Account], name: str, **more: Any) -> Task:
    on = task.on + timedelta(days=1)
    folder = laid_down(accounts, on, task.folder, 2)
    return replace(task, folder=folder, out=task.out.with_name(name), on=on, **more)


def test_who_has_news_is_assessed_and_who_is_gone_is_named(task: Task) -> None:
    accounts = portfolio(12, seed=3)
    first = run(task)
    assert nights.STANDS not in first["paths"]
    paid = replace(accounts[0], payments=(*accounts[0].payments, Payment(id="P-new", on=BEGIN, amount=100)))
    later = next_night(task, [paid, *accounts[1:-1]], "second")
    sums = run(later)
    told = pa.concat_tables([pq.read_table(each) for each in (later.out / "assessments").glob("*.parquet")])
    assert accounts[0].id in told.column("account").to_pylist()
    assert sums["paths"][nights.STANDS] == len(accounts) - 1 - len(told) > 0
    assert accounts[-1].debtor.id in (later.out / GONE).read_text(encoding="utf-8")


def test_the_same_night_again_is_nothing_new(task: Task) -> None:
    assert run(task) == run(task)
    elsewhere = replace(task, out=task.out.with_name("elsewhere"))
    assert run(elsewhere)["paths"] == {nights.STANDS: len(portfolio(12, seed=3))}


def test_killed_in_the_night_it_goes_on_and_is_the_same(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    run(replace(task, out=task.out.with_name("other"), state=task.out.with_name("other-state"), whole=True))
    once = shapes(task.out.with_name("other"))
    parts: list[int] = []
    looked = nights.Night.answers

    def dies(self: nights.Night, part: int, *args: Any, **more: Any) -> Any:
        parts.append(part)
        if len(parts) == 2:
            raise KeyboardInterrupt
        return looked(self, part, *args, **more)

    monkeypatch.setattr(nights.Night, "answers", dies)
    with pytest.raises(KeyboardInterrupt):
        run(replace(task, whole=True))
    run(replace(task, whole=True))
    assert parts == [0, 1, 1]
    assert shapes(task.out) == once


def test_where_reviews_are_too_many_some_are_looked_at_tomorrow(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    run(task)
    everybody = run(next_night(task, portfolio(12, seed=3), "second"))["paths"][nights.STANDS]
    monkeypatch.setattr(nights, "REVIEWS", 0)
    again = replace(task, out=task.out.with_name("again"), state=task.out.with_name("state again"))
    laid_down(portfolio(12, seed=3), BEGIN, task.folder, 2)
    run(again)
    assert nights.STANDS not in run(next_night(again, portfolio(12, seed=3), "third"))["paths"]
    assert everybody > 0


def test_data_that_is_too_old_is_looked_at_every_night(task: Task) -> None:
    run(task)
    accounts = portfolio(12, seed=3)
    later = next_night(task, accounts, "later")
    laid_down(accounts, BEGIN, task.folder, 2)
    assert nights.STANDS not in run(later)["paths"]


def test_a_night_before_the_last_one_is_refused(task: Task) -> None:
    run(task)
    with pytest.raises(UsageError):
        run(replace(task, out=task.out.with_name("early"), on=BEGIN - timedelta(days=1)))


def test_a_folder_of_something_else_is_no_state(task: Task) -> None:
    assert task.state is not None
    task.state.mkdir()
    (task.state / "notes.txt").write_text("mine")
    with pytest.raises(UsageError):
        run(task)


# Digests


def test_a_digest_hangs_on_every_record_and_on_nothing_else() -> None:
    lot, accounts = Random(1), portfolio(30, seed=2)
    alone = {account.debtor.id: int(digests(pack([account]))[0]) for account in accounts}
    batch = pack(accounts)
    groups: dict[str, list[Account]] = {}
    for account in accounts:
        groups.setdefault(account.debtor.id, []).append(account)
    for place, number in zip(batch.groups[:-1].tolist(), digests(batch).tolist(), strict=True):
        debtor = batch.texts("debtor.id").text(place)
        assert debtor is not None
        if len(groups[debtor]) == 1:
            assert alone[debtor] == number
    for account in accounts:
        later = replace(account, data_as_of=datetime(2026, 6, 3, tzinfo=SHANGHAI))
        assert digests(pack([later])) == digests(pack([account]))
        changed = happened(account, BEGIN, lot)
        assert (digests(pack([changed])) == digests(pack([account]))) == (changed == account)
        turned = replace(account, charges=account.charges[::-1])
        assert (digests(pack([turned])) == digests(pack([account]))) == (turned == account)
