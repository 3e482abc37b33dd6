"""Accounts with their lists nested in them say what the same accounts say as records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from dunning.adapter.tables import TABLES, TIMES, Assessor, heads_of, heads_of_tables, schemas
from dunning.basis.errors import AccountError
from dunning.columns.fields import LISTED
from dunning.columns.nested import Heads, take
from dunning.columns.packing import unpack
from dunning.columns.schema import shape_of
from dunning.columns.written import tables_of, with_findings
from dunning.engine.assess import assess_group
from dunning.intake.records import Read, Rejected, read
from dunning.intake.samples.sample import make_portfolio
from dunning.lang.folder import RuleFolder, load_folder

ON = date(2026, 11, 22)


@pytest.fixture(scope="module")
def rules() -> RuleFolder:
    return load_folder()


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    return list(make_portfolio(400, seed=11))


def arrow(records: Sequence[Mapping[str, Any]]) -> tuple[pa.Table, Heads]:
    """Records as rows, and what their columns are; attributes, of any type, as JSON, and every value a text."""
    rows = [
        _texts({**each, "attributes": json.dumps(each["attributes"])} if "attributes" in each else each)
        for each in records
    ]
    table = pa.Table.from_pylist(rows, pa.unify_schemas([pa.Table.from_pylist([row]).schema for row in rows]))
    return table, heads_in(table.schema)


def _texts(value: Any) -> Any:
    match value:
        case dict():
            return {key: _texts(each) for key, each in value.items()}
        case list():
            return [_texts(each) for each in value]
        case float() | int() if not isinstance(value, bool):
            return str(value)
    return value


def heads_in(schema: pa.Schema) -> Heads:
    lists = {field.name: list(_flat(field.type.value_type)) for field in schema if field.name in LISTED}
    own = pa.struct([field for field in schema if field.name not in LISTED])
    return heads_of(list(_flat(own)), lists)


def _flat(type_: pa.StructType) -> Iterator[str]:
    for field in type_:
        if pa.types.is_struct(field.type):
            yield from (f"{field.name}.{inner}" for inner in _flat(field.type))
        else:
            yield field.name


def sorted_rows(table: pa.Table) -> list[str]:
    return sorted(json.dumps(row, default=str, ensure_ascii=False) for row in table.to_pylist())


def expected(records: Sequence[Mapping[str, Any]], rules: RuleFolder) -> dict[str, list[str]]:
    groups: dict[tuple[str, str], list[Read]] = {}
    results: list[Any] = []
    for found in map(read, records):
        if isinstance(found, Rejected):
            results.append(found)
        else:
            groups.setdefault((found.account.company, found.account.debtor.id), []).append(found)
    for group in groups.values():
        told = assess_group([each.account for each in group], rules, on=ON)
        results.extend(with_findings(one, each.findings) for each, one in zip(group, told, strict=True))
    tables = tables_of(results, shape_of(rules.books), ON)
    return {name: sorted_rows(table) for name, table in zip(TABLES, tables, strict=True)}


def test_rows_say_what_records_say(records: list[dict[str, Any]], rules: RuleFolder) -> None:
    rows, heads = arrow(records)
    found = Assessor(rules, heads, on=ON).assess(rows)
    wanted = expected([*map(_texts, records)], rules)
    statuses = set(found["assessments"].column("status").to_pylist())
    assert statuses == {"assessed", "not_applicable", "rejected"}
    for name in TABLES:
        assert found[name].schema == schemas(rules)[name]
        assert sorted_rows(found[name]) == wanted[name]


# Row by row

CHARGE = {"id": "Q1", "amount": "100.00", "due": "2026-01-15"}


def taken(*records: Mapping[str, Any]) -> dict[str, Any]:
    """By account: the record as it was read, or the codes of what is wrong with it."""
    batch, rejected = take(*arrow([*records]))
    found: dict[str, Any] = {
        unpack(batch, row).id: unpack(batch, row) for row in range(len(batch)) if row not in batch.rejected
    }
    for each in (*batch.rejected.values(), *rejected):
        found.setdefault(each.id, []).extend(finding.code for finding in each.findings)
    return found


def test_an_account_that_is_there_twice_is_taken_from_nobody() -> None:
    one = {"id": "A", "debtor": {"id": "O-1"}, "charges": [CHARGE]}
    other = {"id": "A", "debtor": {"id": "O-2"}, "charges": [CHARGE, {**CHARGE, "id": "Q2"}]}
    batch, rejected = take(*arrow([one, other, {"id": "B", "charges": [CHARGE]}, {**one, "company": "wy-02"}]))
    assert [(each.id, [finding.code for finding in each.findings]) for each in rejected] == [("A", ["A211"])] * 2
    assert rejected[0].findings[0].message("en") == "the account `A` is there 2 times, and nothing says which is right"
    assert batch.texts("id").values.to_pylist() == ["B", "A"]


def test_whoever_counted_is_believed() -> None:
    rows, heads = arrow([{"id": "A", "charges": [CHARGE]}, {"id": "B", "charges": [CHARGE]}, {"id": "C"}])
    batch, rejected = take(rows.append_column(TIMES, pa.array([0, 3, 1])), heads)
    assert [each.findings[0].message("en") for each in rejected] == [
        "there is no account `A` in the list of accounts, but 1 rows of it in charges",
        "the account `B` is there 3 times, and nothing says which is right",
    ]
    assert batch.texts("id").values.to_pylist() == ["C"]


def test_the_one_contract_may_stand_in_the_row_itself() -> None:
    short = {"id": "A", "contract": {"kind": "committee", "late_fee_clause": "true"}}
    found = taken(short, {"id": "B", "contract": {"kind": "nonsense"}}, {"id": "C"})
    assert [contract.kind for contract in found["A"].contracts] == ["committee"]
    assert found["B"] == ["A104"]
    assert found["C"].contracts == ()


def test_it_is_refused_beside_a_list_of_them() -> None:
    both = {"id": "A", "contract": {"kind": "committee"}, "contracts": [{"id": "K1"}]}
    found = taken(both, {"id": "B", "contract": {"kind": "committee"}}, {"id": "C", "contracts": [{"id": "K2"}]})
    assert found["A"] == ["A208"]
    assert [[contract.kind for contract in found[id_].contracts] for id_ in "BC"] == [["committee"], [None]]


def test_a_period_is_two_days_and_nothing_else() -> None:
    def account(id_: str, *days: str) -> dict[str, Any]:
        return {"id": id_, "charges": [{**CHARGE, "period": [*days]}]}

    found = taken(
        account("A", "2026-01-01", "2026-03-31"), account("B", "2026-01-01"), account("C", *["2026-01-01"] * 3)
    )
    assert found["A"].charges[0].period == (date(2026, 1, 1), date(2026, 3, 31))
    assert found["B"] == ["A103"]
    assert found["C"] == ["A103"]


def test_a_contact_made_from_its_own_account_is_made_from_no_other() -> None:
    def contact(account: str) -> dict[str, Any]:
        return {
            "id": "C1",
            "at": "2026-03-01T10:00:00+08:00",
            "channel": "phone",
            "outcome": "reached",
            "account": account,
        }

    found = taken({"id": "A", "contacts": [contact("A")]}, {"id": "B", "contacts": [contact("A")]})
    assert (found["A"].contacts[0].account, found["B"].contacts[0].account) == (None, "A")


def test_amounts_are_fen_or_yuan_and_words_of_either_language() -> None:
    charges = pa.array([[{"账单号": "Q1", "金额": Decimal("12.50"), "应缴日期": date(2026, 1, 15)}]])
    payments = pa.array([[{"id": "P1", "on": date(2026, 2, 1), "amount": 1000}]])
    rows = pa.table({"户号": ["A"], "用途": ["住宅"], "账单": charges, "payments": payments})
    heads = heads_of(["户号", "用途"], {"账单": ["账单号", "金额", "应缴日期"], "payments": ["id", "on", "amount"]})
    account = unpack(take(rows, heads).batch, 0)
    assert (account.use, account.charges[0].amount, account.payments[0].amount) == ("residential", 1250, 1000)


def test_no_row_is_no_account(rules: RuleFolder) -> None:
    rows, heads = arrow([{"id": "A", "charges": [CHARGE]}])
    assert [len(table) for table in Assessor(rules, heads, on=ON).assess(rows.slice(0, 0)).values()] == [0] * 5


def test_columns_that_nobody_knows_are_refused_before_any_row_is_read() -> None:
    with pytest.raises(AccountError) as refused:
        heads_of(["id", "colour"], {"charges": ["id", "amonut"], "账单": ["id"], "stamps": ["id"]})
    assert [(finding.code, str(finding.at)) for finding in refused.value.findings] == [
        ("I105", "账单:1"),
        ("I107", "stamps:1"),
        ("I103", "accounts:1:colour"),
        ("I103", "charges:1:amonut"),
    ]


def test_tables_of_their_own_say_whose_their_rows_are() -> None:
    heads, keys = heads_of_tables({"账户": ["户号", "公司", "用途"], "charges": ["company", "户号", "id"]})
    assert keys == {
        "accounts": {"company": "公司", "id": "户号"},
        "charges": {"company": "company", "account": "户号"},
    }
    assert (heads.lists, heads.columns) == ({"charges": {"id": "id"}}, {"charges": "charges"})
    with pytest.raises(AccountError) as refused:
        heads_of_tables({"charges": ["id"], "payments": ["account", "id"]})
    assert [finding.code for finding in refused.value.findings] == ["I108", "I106"]
