"""Portfolios in Parquet folders: written, read back, taken over from other programs, what is wrong told by place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dunning.basis.errors import AccountError, UsageError
from dunning.columns import convert, spool, store
from dunning.columns.arrow import tables_of
from dunning.columns.convert import convert_parquet, convert_portfolio
from dunning.columns.packing import pack, unpack
from dunning.columns.spool import Spool, hashes
from dunning.columns.store import bucket_of, open_store
from dunning.intake.files.tables import open_portfolio
from dunning.intake.files.writers import write_jsonl
from dunning.intake.records import Read, read
from dunning.intake.samples.sample import make_portfolio
from dunning.model.account import Account
from dunning.output.exchange import to_json


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is cut small, so that a few hundred accounts go through every turn."""
    monkeypatch.setattr(spool, "STRETCH", 300)
    monkeypatch.setattr(store, "STRETCH", 40)
    monkeypatch.setattr(store, "PART", 100)
    monkeypatch.setattr(convert, "PART", 100)
    monkeypatch.setattr(convert, "ROWS", 70)


def accounts_of(folder: Path) -> list[Account]:
    opened = open_store(folder)
    return [
        unpack(batch, row)
        for part in range(opened.parts)
        for batch in opened.batches(part)
        for row in range(len(batch))
    ]


def in_order(accounts: list[Account]) -> list[Account]:
    return sorted(accounts, key=lambda one: (one.company, one.id))


def sound(count: int = 500, seed: int = 4) -> list[Account]:
    return [one.account for one in map(read, make_portfolio(count, seed)) if isinstance(one, Read)]


def test_a_portfolio_comes_back_and_its_rejected_stay_told(tmp_path: Path, small: None) -> None:  # noqa: ARG001
    write_jsonl(tmp_path / "p.jsonl", make_portfolio(500, seed=4))
    told = []
    with open_portfolio(tmp_path / "p.jsonl") as portfolio:
        done = convert_portfolio(portfolio, tmp_path / "out", tick=told.append)
        groups = list(portfolio)
    rejected = [one for group in groups for one in group.rejected]
    assert in_order(accounts_of(tmp_path / "out")) == in_order([one for group in groups for one in group.accounts])
    opened = open_store(tmp_path / "out")
    assert (done.accounts, done.rejected) == (500 - len(rejected), len(rejected))
    assert (opened.parts, opened.accounts, sum(told)) == (8, 500, 500)
    told_again = [to_json(one) for part in range(8) for one in opened.rejected(part)]
    assert sorted(told_again) == sorted(map(to_json, rejected))


def test_a_debtor_is_whole_in_one_stretch_of_one_part(tmp_path: Path, small: None) -> None:  # noqa: ARG001
    write_jsonl(tmp_path / "p.jsonl", make_portfolio(500, seed=4))
    with open_portfolio(tmp_path / "p.jsonl") as portfolio:
        convert_portfolio(portfolio, tmp_path / "out")
    opened = open_store(tmp_path / "out")
    seen: dict[tuple[str, str], tuple[int, int]] = {}
    for part in range(opened.parts):
        for number, batch in enumerate(opened.batches(part)):
            assert len(batch) < 60
            for row in range(len(batch)):
                account = unpack(batch, row)
                assert seen.setdefault((account.company, account.debtor.id), (part, number)) == (part, number)
            company = pa.array([batch.coded("company").words[code] for code in batch.coded("company").codes])
            buckets = bucket_of(company, batch.texts("debtor.id").values)
            assert set(buckets % opened.parts) == {part}


def test_the_same_portfolio_gives_the_same_bytes(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "p.jsonl", make_portfolio(60, seed=4))
    for name in ("one", "two"):
        with open_portfolio(tmp_path / "p.jsonl") as portfolio:
            convert_portfolio(portfolio, tmp_path / name)
    assert open_store(tmp_path / "one").digest == open_store(tmp_path / "two").digest


# Other programs' files


def foreign(folder: Path, accounts: list[Account], change: dict[str, Any] | None = None) -> Path:
    """One file a list, its rows in any order, dates as text, amounts as decimals, words as plain text."""
    folder.mkdir()
    for name, table in tables_of(pack(accounts)).items():
        order = np.random.default_rng(7).permutation(len(table))
        if name != "accounts":  # within an account the order says something
            order = _kept_in_order(table, order)
        columns = {
            field.name: _loosely(field, column) for field, column in zip(table.schema, table.columns, strict=True)
        }
        loose = pa.table(columns).take(pa.array(order))
        if change and name in change:
            loose = change[name](loose)
        pq.write_table(loose, folder / f"{name}.parquet")
    return folder


def _kept_in_order(table: pa.Table, order: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Accounts in that order, the rows of each as they were."""
    ids = table.column("account").to_pylist()
    place: dict[str, int] = {}
    for row in order.tolist():
        place.setdefault(ids[row], len(place))
    return np.array(sorted(range(len(ids)), key=lambda row: place[ids[row]]))


def _loosely(field: pa.Field, column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(field.type):
        return column.cast(pa.string())
    if pa.types.is_date(field.type):
        return column.cast(pa.string())
    if field.name == "amount":
        return pa.chunked_array(
            [
                pa.array(
                    [None if each is None else Decimal(each).scaleb(-2) for each in column.to_pylist()],
                    pa.decimal128(18, 2),
                )
            ]
        )
    return column


def test_another_programs_files_in_any_order(tmp_path: Path, small: None) -> None:  # noqa: ARG001
    accounts = sound()
    done = convert_parquet(foreign(tmp_path / "in", accounts), tmp_path / "out")
    assert (done.accounts, done.rejected) == (len(accounts), 0)
    assert in_order(accounts_of(tmp_path / "out")) == in_order(accounts)


def with_value(column: str, value: str, row: int = 3) -> Any:
    def change(table: pa.Table) -> pa.Table:
        place = table.column_names.index(column)
        values = table.column(column).cast(pa.string()).to_pylist()
        values[row] = value
        return table.set_column(place, column, pa.array(values))

    return change


def test_a_bad_value_costs_its_own_account_and_says_where(tmp_path: Path, small: None) -> None:  # noqa: ARG001
    accounts = sound(200)
    folder = foreign(tmp_path / "in", accounts, {"charges": with_value("due", "2026-02-30")})
    hit = pq.read_table(folder / "charges.parquet").column("account")[3].as_py()
    done = convert_parquet(folder, tmp_path / "out")
    assert (done.accounts, done.rejected) == (len(accounts) - 1, 1)
    opened = open_store(tmp_path / "out")
    (rejected,) = (one for part in range(opened.parts) for one in opened.rejected(part))
    (finding,) = rejected.findings
    assert (rejected.id, finding.code) == (hit, "A120")
    assert str(finding.at) == f"{folder / 'charges.parquet'}:4:due"
    assert in_order(accounts_of(tmp_path / "out")) == in_order([one for one in accounts if one.id != hit])


@pytest.mark.parametrize(
    ("name", "column", "value", "code", "told"),
    [
        ("accounts", "use", "castle", "A104", "use"),
        ("accounts", "area", "big", "A113", "area"),
        ("accounts", "debtor.kind", "ghost", "A104", "debtor.kind"),
        ("payments", "amount", "-1", "A111", "amount"),
        ("payments", "id", "", "A101", "id"),
        ("contacts", "at", "yesterday", "A121", "at"),
    ],
)
def test_every_kind_of_bad_value_is_told_as_the_door_tells_it(
    tmp_path: Path, name: str, column: str, value: str, code: str, told: str
) -> None:
    folder = foreign(tmp_path / "in", sound(120), {name: with_value(column, value)})
    done = convert_parquet(folder, tmp_path / "out")
    (rejected,) = open_store(tmp_path / "out").rejected(0)
    assert done.rejected == 1
    assert [finding.code for finding in rejected.findings][:1] == [code]
    assert str(rejected.findings[0].at) == f"{folder / name}.parquet:4:{told}"


def test_rows_of_nobody_and_an_account_twice(tmp_path: Path) -> None:
    accounts = sound(30)

    def twice(table: pa.Table) -> pa.Table:
        return pa.concat_tables([table, table.slice(0, 1)])

    change = {"charges": with_value("account", "NOBODY"), "accounts": twice}
    convert_parquet(foreign(tmp_path / "in", accounts, change), tmp_path / "out")
    rejected = open_store(tmp_path / "out").rejected(0)
    assert sorted(one.findings[0].code for one in rejected) == ["A210", "I204"]
    assert "accounts.parquet" in str(next(one for one in rejected if one.id != "NOBODY").where)


def test_lists_without_a_company_belong_to_the_only_one(tmp_path: Path) -> None:
    accounts = [replace(account, company="wy-01", debtor=replace(account.debtor)) for account in sound(30)]
    drop = {name: lambda table: table.drop_columns(["company"]) for name in ("charges", "payments")}
    convert_parquet(foreign(tmp_path / "in", accounts, drop), tmp_path / "out")
    assert in_order(accounts_of(tmp_path / "out")) == in_order(accounts)


def test_chinese_names_nested_records_and_several_files_a_list(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "charges").mkdir(parents=True)
    people = pa.array([{"id": "O-1", "kind": "个人"}, {"id": "O-2", "kind": "company"}])
    pq.write_table(pa.table({"户号": ["A-1", "A-2"], "用途": ["住宅", ""], "debtor": people}), folder / "账户.parquet")
    for number, account in enumerate(("A-2", "A-1")):
        table = pa.table({"account": [account], "id": ["x"], "金额": [Decimal("1.50")], "due": [date(2026, 1, 5)]})
        pq.write_table(table, folder / "charges" / f"{number}.parquet")
    convert_parquet(folder, tmp_path / "out")
    one, two = in_order(accounts_of(tmp_path / "out"))
    assert (one.use, one.debtor.kind, one.charges[0].amount) == ("residential", "person", 150)
    assert (two.use, two.debtor.kind, two.charges[0].due) == (None, "company", date(2026, 1, 5))


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"accounts": {"id": ["A"]}, "chargers": {"id": ["x"]}}, "I107"),
        ({"charges": {"account": ["A"]}}, "I108"),
        ({"accounts": {"id": ["A"], "colour": ["red"]}}, "I103"),
        ({"accounts": {"id": ["A"], "phone": ["1"]}}, "I104"),
        ({"accounts": {"id": ["A"]}, "charges": {"id": ["x"]}}, "I106"),
    ],
)
def test_what_would_spoil_every_account_is_refused_before_a_row(
    tmp_path: Path, files: dict[str, Any], code: str
) -> None:
    (tmp_path / "in").mkdir()
    for name, columns in files.items():
        pq.write_table(pa.table(columns), tmp_path / "in" / f"{name}.parquet")
    with pytest.raises(AccountError) as caught:
        convert_parquet(tmp_path / "in", tmp_path / "out")
    assert [finding.code for finding in caught.value.findings] == [code]
    assert not (tmp_path / "out").exists()


# The folder itself


def test_a_folder_that_was_changed_is_refused(tmp_path: Path) -> None:
    convert_parquet(foreign(tmp_path / "in", sound(20)), tmp_path / "out")
    file = tmp_path / "out" / "charges" / "part-00000.parquet"
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(UsageError):
        open_store(tmp_path / "out")


def test_a_folder_of_something_else_is_neither_read_nor_overwritten(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("dear all")
    with pytest.raises(UsageError):
        open_store(tmp_path / "out")
    with pytest.raises(UsageError):
        convert_parquet(foreign(tmp_path / "in", sound(5)), tmp_path / "out")
    assert (tmp_path / "out" / "letter.txt").exists()


def test_what_contradicts_itself_is_told_by_the_place_in_our_files(tmp_path: Path) -> None:
    accounts = sound(40)
    place = next(number for number, account in enumerate(accounts) if account.payments)
    odd = accounts[place]
    gone = replace(odd.payments[-1], for_=("NO-SUCH",))
    accounts[place] = replace(odd, payments=(*odd.payments[:-1], gone))
    convert_parquet(foreign(tmp_path / "in", accounts), tmp_path / "out")
    (batch,) = open_store(tmp_path / "out").batches(0)
    told = {finding.code: finding for found in batch.doubts.values() for finding in found}
    at = told["A301"].at
    file, row = str(at).split(":")[0], int(str(at).split(":")[1])
    assert pq.read_table(file).column("id")[row - 1].as_py() == gone.id


def test_buckets_hang_on_the_text_alone() -> None:
    texts = ["", "a", "ab", "b", "物业", "a" * 50]
    plain = hashes(pa.array(texts))
    assert len(set(plain.tolist())) == len(texts)
    assert hashes(pa.array(["x", *texts])[1:]).tolist() == plain.tolist()
    assert hashes(pa.array(texts).dictionary_encode()).tolist() == plain.tolist()
    assert plain.tolist()[1] == 17508005127702757215  # of another year and machine


def test_a_spool_gives_back_what_came_in_its_order(tmp_path: Path, small: None) -> None:  # noqa: ARG001
    spooled = Spool(tmp_path, 4)
    keys = np.random.default_rng(1).integers(0, 4, 1000)
    for first in range(0, 1000, 90):
        table = pa.table(
            {"n": np.arange(first, min(first + 90, 1000)), "w": [str(first)] * len(keys[first : first + 90])}
        )
        spooled.add("x", table, keys[first : first + 90])
    spooled.save()
    for key in range(4):
        taken = spooled.take("x", range(key, key + 1))
        assert taken is not None
        assert taken.column("n").to_pylist() == np.flatnonzero(keys == key).tolist()
    assert spooled.take("y", range(4)) is None
