"""Portfolios in: CSV folders, workbooks and JSON Lines give the same groups; a bad row costs only its own account."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from python_calamine import CalamineWorkbook

from dunning.basis.errors import AccountError, UsageError
from dunning.basis.finding import Finding, catalogue
from dunning.basis.span import Cell
from dunning.intake.files import cells
from dunning.intake.files.tables import Group, open_portfolio
from dunning.intake.files.writers import as_record, write_csv, write_jsonl, write_xlsx
from dunning.intake.files.xlsx import Workbook
from dunning.intake.records import Rejected, read_account
from dunning.model.account import Account, Settled


def accounts_of(path: Path) -> dict[str, Account]:
    with open_portfolio(path) as portfolio:
        return {account.id: account for group in portfolio for account in group.accounts}


def groups_of(path: Path) -> list[Group]:
    with open_portfolio(path) as portfolio:
        groups = list(portfolio)
        assert portfolio.count == sum(len(group.reads) + len(group.rejected) for group in groups)
        return groups


def rejected_of(path: Path) -> dict[str, list[tuple[str, str]]]:
    """What is said of each rejected account: codes and places, these without the folder."""
    rejected = [each for group in groups_of(path) for each in group.rejected]
    return {each.id: [(finding.code, place(finding, path)) for finding in each.findings] for each in rejected}


def place(finding: Finding, path: Path) -> str:
    return str(finding.at).removeprefix(str(path if path.is_dir() else path.parent)).lstrip("/")


def refused(path: Path) -> list[tuple[str, str]]:
    """What is wrong with a portfolio that does not open: codes and English messages."""
    with pytest.raises(AccountError) as raised:
        open_portfolio(path)
    return [(finding.code, finding.message("en")) for finding in raised.value.findings]


def folder(tmp_path: Path, **files: str) -> Path:
    """A CSV folder, file by file."""
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


ACCOUNTS = "id,debtor.id\nA-1,O-1\nA-2,O-2\nA-3,O-1\n"


# The same portfolio in every form


HOUSEHOLDS: list[dict[str, Any]] = [
    {
        "company": "wy-01", "id": "A-1", "unit": "1-502", "community": "星河花园", "place": "CN-3301",
        "use": "residential", "area": "96.5", "occupancy": "occupied", "handed_over": "2021-06-30",
        "debtor": {"id": "O-77", "kind": "person", "role": "owner", "tags": ["vip", "a;b", "c\\d；"],
                   "reachable": ["sms", "ems"]},
        "parties": [{"id": "O-78", "role": "joint_owner", "liable": True, "reachable": []}],
        "contracts": [{"id": "K1", "since": "2021-06-30", "kind": "committee", "tariff": "5.50", "cycle": "quarter",
                       "late_fee_clause": True, "clause_shown": False, "late_fee_rate": "0.5‰", "late_fee_cap": "5%"}],
        "charges": [
            {"id": "2026Q1", "period": ["2026-01-01", "2026-03-31"], "amount": "1592.25", "due": "2026-01-15"},
            {"id": "车位:1;2", "item": "parking", "amount": "300.00", "due": "2026-01-15"},
            {"id": "OPEN", "amount": "3184.50", "opening": {"on": "2024-01-01", "late_fee": "96.00"}},
        ],
        "payments": [
            {"id": "P1", "on": "2026-03-01", "amount": "800.00", "channel": "wechat", "ref": "wx42",
             "for": ["2026Q1", "车位:1;2"], "only": ["property_fee", "parking"], "settles": [
                 {"charge": "车位:1;2", "part": "late_fee", "amount": "1.50"},
                 {"charge": "2026Q1", "amount": "798.50"}]},
            {"id": "P2", "on": "2026-04-01", "amount": "5.00", "reversed_on": "2026-04-03", "settles": []},
        ],
        "adjustments": [{"id": "A1", "on": "2026-03-02", "kind": "refund", "payment": "P1", "amount": "9.25",
                         "by": "财务"}],
        "late_fees": [{"id": "L1", "charge": "2026Q1", "on": "2026-03-01", "amount": "35.83", "key": "k"}],
        "contacts": [{"id": "C1", "at": "2026-02-01T10:15:00+08:00", "step": "second_reminder", "channel": "phone",
                      "party": "O-77", "outcome": "promised", "reason": "forgot", "content": "他说\n“下周”,一定",
                      "promise": {"on": "2026-02-10", "amount": "1592.25"}, "charges": ["2026Q1"], "proof": "B",
                      "by": "cs-07",
                      "account": "A-9", "inbound": True}],
        "disputes": [{"id": "D1", "kind": "service_quality", "opened": "2026-02-03", "charge": "2026Q1",
                      "amount": "300.00"}],
        "holds": [{"id": "H1", "kind": "accrual", "since": "2026-02-01", "until": "2026-04-30", "reason": "disaster"}],
        "plans": [{"id": "PL1", "signed": "2026-05-01", "charges": ["2026Q1"], "waive_late_fee": "50%", "written": True,
                   "instalments": [{"due": "2026-06-01", "amount": "265.38"},
                                   {"due": "2026-07-01", "amount": "265.37"}]}],
        "proceedings": [{"id": "S1", "kind": "suit", "on": "2026-09-01", "charges": ["2026Q1"], "ref": "(2026)1号"}],
        "approvals": [{"id": "AP1", "of": "formal_demand", "decision": "approved", "by": "u-12", "role": "legal",
                       "prepared_by": "cs-07", "at": "2026-07-16T09:00:00+08:00"}],
        "consents": [{"party": "O-77", "kind": "e_delivery", "since": "2024-01-01"}],
        "attributes": {"satisfaction": 82, "long_supporter": True, "conduct": "good"},
        "unknown": ["debtor.tags", "area"],
        "data_as_of": "2026-11-21T23:00:00+08:00",
    },
    {"company": "wy-02", "id": "A-1", "debtor": {"id": "O-77"},
     "charges": [{"id": "1", "amount": "10.00", "due": "2026-01-15"}]},
    {"company": "wy-01", "id": "A-2", "debtor": {"id": "O-80"}},
    {"company": "wy-01", "id": "A-3", "debtor": {"id": "O-77"},
     "charges": [{"id": "1", "amount": "20.00", "due": "2026-01-15"}]},
]  # fmt: skip
READ = [read_account(record) for record in HOUSEHOLDS]
ATTRIBUTES = ("satisfaction", "long_supporter", "conduct")


@pytest.fixture(params=["jsonl", "csv-en", "csv-zh", "xlsx-en", "xlsx-zh"])
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The households in one of the forms."""
    form, _, lang = str(request.param).partition("-")
    path = tmp_path / ("portfolio" if form == "csv" else f"portfolio.{form}")
    if form == "jsonl":
        write_jsonl(path, HOUSEHOLDS)
    elif form == "csv":
        write_csv(path, HOUSEHOLDS, lang="zh" if lang == "zh" else "en", attributes=ATTRIBUTES)
    else:
        write_xlsx(path, HOUSEHOLDS, lang="zh" if lang == "zh" else "en", attributes=ATTRIBUTES)
    return path


def test_every_form_gives_the_same_accounts(written: Path) -> None:
    groups = groups_of(written)

    assert [group.rejected for group in groups] == [()] * 3
    assert [account for group in groups for account in group.accounts] == [READ[0], READ[3], READ[1], READ[2]]


def test_groups_hold_all_of_a_debtor_in_the_order_of_the_file(written: Path) -> None:
    groups = groups_of(written)

    assert [(group.company, group.debtor, len(group.accounts)) for group in groups] == [
        ("wy-01", "O-77", 2), ("wy-02", "O-77", 1), ("wy-01", "O-80", 1),
    ]  # fmt: skip


def test_groups_travel_unread_to_other_processes(written: Path) -> None:
    with open_portfolio(written) as portfolio:
        sent = pickle.loads(pickle.dumps(list(portfolio.raw())))
        assert [raw.read() for raw in sent] == list(portfolio)


def test_a_portfolio_can_be_read_twice(written: Path) -> None:
    with open_portfolio(written) as portfolio:
        assert list(portfolio) == list(portfolio)


def test_a_record_of_an_account_is_the_account() -> None:
    for account in READ:
        assert read_account(as_record(account)) == account
        assert read_account(json.loads(json.dumps(as_record(account)))) == account


# CSV folders


def test_rows_may_stand_in_any_order(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        accounts=ACCOUNTS,
        charges="amount,due,account,id\n3,2026-01-15,A-3,c\n1,2026-01-15,A-1,a\n2,2026-01-15,A-3,b\n",
    )

    assert [charge.id for charge in accounts_of(path)["A-3"].charges] == ["c", "b"]
    assert [charge.amount for charge in accounts_of(path)["A-1"].charges] == [100]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_are_recognised(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "账户.csv").write_text("户号,小区,用途\nA-1,锦绣江南,住宅\n甲-2,星河花园,车位\n", encoding=encoding)

    assert {account.id: (account.community, account.use) for account in accounts_of(tmp_path).values()} == {
        "A-1": ("锦绣江南", "residential"),
        "甲-2": ("星河花园", "parking"),
    }


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_called_by_its_name(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "accounts.csv").write_bytes("id\nA-1\n".encode(encoding))
    assert [code for code, _ in refused(tmp_path)] == ["I113"]
    (tmp_path / "a.jsonl").write_bytes('{"id": "A-1"}\n'.encode(encoding))
    assert [code for code, _ in refused(tmp_path / "a.jsonl")] == ["I113"]


def test_a_row_of_another_encoding_costs_only_its_account(tmp_path: Path) -> None:
    rows = [
        "户号,小区\n".encode(),
        "A-1,锦绣江南\n".encode(),
        "A-2,星河".encode("gb18030"),
        b"\n",
        "A-3,星河花园\n".encode(),
    ]
    (tmp_path / "accounts.csv").write_bytes(b"".join(rows))

    assert rejected_of(tmp_path) == {"A-2": [("I101", "accounts.csv:3:小区")]}
    assert set(accounts_of(tmp_path)) == {"A-1", "A-3"}


def test_heads_may_carry_units_and_blanks(tmp_path: Path) -> None:
    path = folder(tmp_path, accounts="户号, 建筑面积 (㎡),行政区划代码\nA-1,96.50,330106\n")

    assert accounts_of(path)["A-1"].area == Decimal("96.5")
    assert accounts_of(path)["A-1"].place == "CN-330106"


def test_the_contract_may_stand_in_the_account_s_row(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        accounts="户号,合同单价,合同缴费周期,合同违约金上限\nA-1,2.40,按季,五\n",
        账单="户号,账单号,金额,应缴日期\nA-1,1,5,2026-01-15\n",
    )
    assert rejected_of(path) == {"A-1": [("A112", "accounts.csv:2:合同违约金上限")]}

    path = folder(tmp_path, accounts="户号,合同单价,合同缴费周期\nA-1,2.40,按季\n")
    assert accounts_of(path)["A-1"].contracts[0].cycle == "quarter"


def test_excel_s_dates_in_csv_are_read(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        accounts="id,handed_over,data_as_of\nA-1,2021/6/30,2026/11/21 9:05\nA-2,2021年6月30日,\n"
        "A-3,2021-06-30 00:00:00,\n",
    )

    assert {account.handed_over for account in accounts_of(path).values()} == {date(2021, 6, 30)}
    assert accounts_of(path)["A-1"].data_as_of == datetime.fromisoformat("2026-11-21T09:05:00+08:00")


def test_a_time_is_no_date(tmp_path: Path) -> None:
    path = folder(tmp_path, accounts="id,handed_over\nA-1,2021-06-30 10:15:00\n")

    assert rejected_of(path) == {"A-1": [("A120", "accounts.csv:2:handed_over")]}


def test_findings_lead_to_the_cell(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        accounts=ACCOUNTS,
        charges="account,id,amount,due,period.since,period.until\n"
        "A-1,1,1592.2O,2026-01-15,,\nA-2,1,5,2026-02-30,,\nA-3,1,5,2026-01-15,2026-03-31,2026-01-01\n",
        payments="account,id,on,amount,settles\nA-2,P1,2026-01-01,5,2026Q1:本金:x\n",
    )

    assert rejected_of(path) == {
        "A-1": [("A110", "charges.csv:2:amount")],
        "A-2": [("A120", "charges.csv:3:due"), ("A110", "payments.csv:2:settles")],
        "A-3": [("A201", "charges.csv:4:period.since")],
    }


def test_doubts_travel_beside_their_account(tmp_path: Path) -> None:
    path = folder(
        tmp_path, accounts=ACCOUNTS, payments="账户编号,收款号,收款日期,金额,指定账单\nA-2,P1,2026-01-01,5,2026Q9\n"
    )
    reads = {read.account.id: read for group in groups_of(path) for read in group.reads}

    assert [str(finding.at) for finding in reads["A-2"].findings] == [f"{path}/payments.csv:2:指定账单"]
    assert reads["A-1"].findings == ()


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ('A-1,x,"5,2026-01-15', ["I202"]),
        ("A-1,x,5", ["I201"]),
        ("A-1,x,1,592.25,2026-01-15", ["I201"]),
    ],
)
def test_a_broken_row_costs_only_its_account(tmp_path: Path, row: str, codes: list[str]) -> None:
    path = folder(
        tmp_path, accounts=ACCOUNTS, charges=f"account,id,amount,due\nA-2,1,5,2026-01-15\n{row}\nA-3,1,5,2026-01-15\n"
    )

    assert {id_: [code for code, _ in told] for id_, told in rejected_of(path).items()} == {"A-1": codes}
    assert rejected_of(path)["A-1"][0][1] == "charges.csv:3"
    assert [len(account.charges) for account in accounts_of(path).values()] == [1, 1]


def test_a_quote_left_open_swallows_nothing(tmp_path: Path) -> None:
    rows = "".join(f"A-{number},{number},5,2026-01-15\n" for number in (2, 3) for _ in (1,))
    path = folder(tmp_path, accounts=ACCOUNTS, charges=f'account,id,amount,due\nA-1,"x,5,2026-01-15\n{rows}')

    assert set(rejected_of(path)) == {"A-1"}
    assert [len(account.charges) for account in accounts_of(path).values()] == [1, 1]


def test_a_cell_may_hold_lines_and_quotes(tmp_path: Path) -> None:
    contacts = 'account,id,at,content\nA-1,C1,2026-01-01 10:00,"他说""不缴"",\n还挂了"\nA-2,C1,2026-01-01 10:00,\n'
    path = folder(tmp_path, accounts=ACCOUNTS, contacts=contacts)

    assert accounts_of(path)["A-1"].contacts[0].content == '他说"不缴",\n还挂了'
    assert len(accounts_of(path)["A-2"].contacts) == 1


def test_empty_rows_and_columns_say_nothing(tmp_path: Path) -> None:
    path = folder(tmp_path, accounts="id,use,,\nA-1,parking,,\n,,,\n\nA-2,,,\n")

    assert accounts_of(path)["A-1"].use == "parking"
    assert accounts_of(path)["A-2"].use is None


def test_a_column_without_a_head_must_be_empty(tmp_path: Path) -> None:
    path = folder(tmp_path, accounts="id,use,\nA-1,parking,x\nA-2,parking,\n")

    assert rejected_of(path) == {"A-1": [("I111", "accounts.csv:2")]}


def test_rows_of_an_account_that_is_not_there_do_not_disappear(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        accounts=ACCOUNTS,
        charges="account,id,amount,due\nA-9,1,5,2026-01-15\nA-9,2,5,2026-01-15\n,3,5,2026-01-15\n",
        payments="account,id,on,amount\nA-9,1,2026-01-15,5\n",
    )
    told = [each for group in groups_of(path) for each in group.rejected]

    assert [(each.id, [finding.code for finding in each.findings]) for each in told] == [
        ("A-9", ["I204"]),
        ("", ["I203"]),
    ]
    assert told[0].findings[0].message("en") == (
        "there is no account `A-9` in the list of accounts, but 3 rows of it in charges, payments"
    )
    assert rejected_of(path)[""] == [("I203", "charges.csv:4:account")]


def test_the_second_of_two_accounts_with_one_id_is_rejected(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        accounts="id,use\nA-1,parking\nA-2,parking\nA-1,office\n",
        charges="account,id,amount,due\nA-1,1,5,2026-01-15\n",
    )

    assert rejected_of(path) == {"A-1": [("A210", "accounts.csv:4")]}
    assert accounts_of(path)["A-1"].use == "parking"
    assert len(accounts_of(path)["A-1"].charges) == 1
    again = next(each for group in groups_of(path) for each in group.rejected)
    assert "accounts.csv:2" in again.findings[0].message("en")


def test_lists_join_by_company_where_it_is_given(tmp_path: Path) -> None:
    accounts = "company,id\nwy-1,A-1\nwy-2,A-1\nwy-2,A-2\n"
    path = folder(
        tmp_path,
        accounts=accounts,
        charges="company,account,id,amount,due\nwy-2,A-1,1,5,2026-01-15\n,A-2,1,5,2026-01-15\n",
    )
    counts = {(one.company, one.id): len(one.charges) for group in groups_of(path) for one in group.accounts}

    assert counts == {("wy-1", "A-1"): 0, ("wy-2", "A-1"): 1, ("wy-2", "A-2"): 1}


def test_a_row_that_may_be_of_two_companies_makes_both_unsafe(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        accounts="company,id\nwy-1,A-1\nwy-2,A-1\nwy-2,A-2\n",
        charges="account,id,amount,due\nA-1,1,5,2026-01-15\nA-2,1,5,2026-01-15\n",
    )
    told = [(each.company, each.id, each.findings[0].code) for group in groups_of(path) for each in group.rejected]

    assert told == [("wy-1", "A-1", "I205"), ("wy-2", "A-1", "I205")]
    assert set(accounts_of(path)) == {"A-2"}


# Heads and names that do not fit


PERSONAL = "`{}` is personal data; the reckoning does not need it, and there is no such column"


@pytest.mark.parametrize(
    ("heads", "told"),
    [
        ("account,id,ammount,due", [("I103", "charges has no column `ammount`; did you mean `amount`?")]),
        ("户号,账单号,金 额,应缴日", []),
        ("户号,账单号,金额,应缴曰期", [("I103", "charges has no column `应缴曰期`; did you mean `应缴日期`?")]),
        ("户号,姓名,账单号,金额,手机号码", [("I104", PERSONAL.format("姓名")), ("I104", PERSONAL.format("手机号码"))]),
        ("account,id,amount,金额,due", [("I105", "`金额` and `amount` are the same column, amount")]),
        ("id,amount,due", [("I106", "charges lacks the column `account` (户号)")]),
        ("account;id;amount;due", [("I110", "the heads seem to be separated by semicolons; commas are needed")]),
        ("account\tid\tamount", [("I110", "the heads seem to be separated by tabs; commas are needed")]),
        ("", [("I102", "there are no heads: the first row should name the columns")]),
    ],
)  # fmt: skip
def test_heads_are_checked_before_any_account(tmp_path: Path, heads: str, told: list[tuple[str, str]]) -> None:
    path = folder(tmp_path, accounts=ACCOUNTS, charges=heads + "\n")

    if told:
        assert refused(path) == told
    else:
        assert accounts_of(path)["A-1"].charges == ()


def test_all_that_is_wrong_with_the_files_is_told_at_once(tmp_path: Path) -> None:
    path = folder(tmp_path, charges="account,id,amount,bla\n", 收款纪录="户号\n", _notes="whatever\n")

    assert [code for code, _ in refused(path)] == ["I107", "I108"]
    assert refused(path)[0][1] == "`收款纪录` is no list of the records; did you mean `payments`?"
    path = folder(tmp_path, accounts=ACCOUNTS + "", 账单="户号\n", 收款="户号,bla\n")
    (path / "收款纪录.csv").unlink()
    assert [code for code, _ in refused(path)] == ["I109"]
    (path / "账单.csv").unlink()
    assert [code for code, _ in refused(path)] == ["I103", "I103"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nothing.jsonl", "there is no"),
        ("empty", "has no CSV file"),
        ("accounts.csv", "name the folder it lies in"),
        ("old.xls", "save it as .xlsx"),
        ("one.json", ".jsonl"),
        ("a.parquet", "a portfolio is a folder of CSV files"),
    ],
)
def test_what_is_no_portfolio_says_what_would_be(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "empty").mkdir()
    for file in ("accounts.csv", "old.xls", "one.json", "a.parquet"):
        (tmp_path / file).touch()

    with pytest.raises(UsageError, match=says):
        open_portfolio(tmp_path / name)


def test_a_misspelt_path_names_its_neighbour(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "portfolio.jsonl", HOUSEHOLDS)

    with pytest.raises(UsageError, match=r"did you mean `.*portfolio\.jsonl`"):
        open_portfolio(tmp_path / "portfolo.jsonl")


# JSON Lines


def lines(tmp_path: Path, *texts: str | bytes) -> Path:
    path = tmp_path / "p.jsonl"
    path.write_bytes(b"".join((text.encode() if isinstance(text, str) else text) + b"\n" for text in texts))
    return path


def test_numbers_are_kept_as_written(tmp_path: Path) -> None:
    path = lines(
        tmp_path,
        '{"id": "A", "area": 96.50, "charges": [{"id": "1", "amount": 90071992547409.93, "due": "2026-01-15"}]}',
    )

    assert accounts_of(path)["A"].charges[0].amount == 9_007_199_254_740_993
    assert accounts_of(path)["A"].area == Decimal("96.5")


@pytest.mark.parametrize(
    ("line", "code", "place"),
    [
        ('{"id": "A", "charges": [}', "I301", "p.jsonl:2"),
        ("nonsense", "I301", "p.jsonl:2"),
        ('{"id": "A"} {"id": "B"}', "I301", "p.jsonl:2"),
        ('{"id": ' + "1" * 5000 + "}", "I301", "p.jsonl:2"),
        ('{"id": "A", "id": "B"}', "A105", "p.jsonl:2"),
        ('{"id": "A", "debtor": {"kind": "person", "kind": "person"}}', "A105", "p.jsonl:2"),
        ("[" * 100_000, "I302", "p.jsonl:2"),
        (b'{"id": "\xff\xff"}', "I101", "p.jsonl:2"),
        ("[1, 2]", "A103", "p.jsonl:2"),
        ('{"id": "A", "plans": [{"id": "1", "signed": 2}]}', "A120", "p.jsonl:2:plans[0].signed"),
        ('{"id": "A", "adjustments": [{"id": "1", "amount": NaN}]}', "A110", "p.jsonl:2:adjustments[0].amount"),
        ('{"id": "A", "community": "\\ud800"}', "A103", "p.jsonl:2:community"),
    ],
)  # fmt: skip
def test_a_bad_line_costs_only_its_account(tmp_path: Path, line: str | bytes, code: str, place: str) -> None:
    path = lines(tmp_path, '{"id": "X"}', line, '{"id": "Y"}')
    (told,) = rejected_of(path).values()

    assert (code, place) in told
    assert set(accounts_of(path)) == {"X", "Y"}


def test_what_is_wrong_with_json_is_said_in_chinese_too(tmp_path: Path) -> None:
    path = lines(tmp_path, '{"id": "A" "use": 1}')
    finding = groups_of(path)[0].rejected[0].findings[0]

    assert finding.message("zh") == "这一行不是 JSON: 第12个字符处, 缺少逗号"
    assert finding.message("en") == "the line is not JSON: at character 12, a comma is missing"


def test_the_second_line_of_an_account_is_rejected_with_the_first_s_place(tmp_path: Path) -> None:
    path = lines(tmp_path, '{"id": "A"}', "", '{"id": "B"}', '{"id": "A", "use": "villa"}')

    assert rejected_of(path) == {"A": [("A210", "p.jsonl:4"), ("A104", "p.jsonl:4:use")]}
    assert set(accounts_of(path)) == {"A", "B"}
    assert "p.jsonl:1" in groups_of(path)[0].rejected[0].findings[0].message("en")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_lines_may_be_of_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(
        '{"id": "甲-1", "debtor": {"id": "王"}}\n{"id": "乙-2", "debtor": {"id": "王"}}\n', encoding=encoding
    )

    assert [(group.debtor, len(group.accounts)) for group in groups_of(path)] == [("王", 2)]


def test_a_last_line_without_its_end_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text('{"id": "A"}\r\n{"id": "B"}')

    assert set(accounts_of(path)) == {"A", "B"}


def test_an_empty_file_is_an_empty_portfolio(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").touch()

    assert groups_of(tmp_path / "p.jsonl") == []


# Workbooks


def workbook(tmp_path: Path, sheets: Mapping[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = tmp_path / "p.xlsx"
    book.save(path)
    book.close()
    return path


clock = datetime.fromisoformat  # cells have no zone


def charge_sheet(*amounts: object) -> dict[str, list[list[Any]]]:
    heads = ["户号", "账单号", "金额", "应缴日期"]
    rows = [["A-1", number, amount, date(2026, 1, 15)] for number, amount in enumerate(amounts, 1)]
    return {"账户": [["户号"], ["A-1"]], "账单": [heads, *rows]}


def test_numbers_and_dates_of_excel_are_exact(tmp_path: Path) -> None:
    account = accounts_of(workbook(tmp_path, charge_sheet(1592.25, 0.1, 1e-2, 12, "530.7500")))["A-1"]

    assert [charge.amount for charge in account.charges] == [159_225, 10, 1, 1200, 53_075]
    assert {charge.due for charge in account.charges} == {date(2026, 1, 15)}
    assert account.charges[0].id == "1"


def test_a_number_that_excel_only_shows_rounded_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, charge_sheet(530.7499999999999))

    assert rejected_of(path) == {"A-1": [("I209", "p.xlsx[账单]:2:金额")]}


def test_a_number_too_long_for_excel_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"accounts": [["id", "unit"], ["A-1", 330106199001011234]]})

    assert rejected_of(path) == {"A-1": [("I206", "p.xlsx[accounts]:2:unit")]}


def test_errors_and_formulas_without_value_are_refused(tmp_path: Path) -> None:
    sheets = charge_sheet("=1+1")
    path = workbook(tmp_path, sheets)
    assert rejected_of(path) == {"A-1": [("I208", "p.xlsx[账单]:2:金额")]}

    book = openpyxl.load_workbook(path)
    book["账单"]["C2"].value = "#N/A"
    book["账单"]["C2"].data_type = "e"
    book.save(path)
    assert rejected_of(path) == {"A-1": [("I207", "p.xlsx[账单]:2:金额")]}


def test_truths_times_and_words_of_excel(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        {
            "账户": [["户号", "用途"], ["A-1", "住宅"]],
            "合同": [["户号", "合同号", "约定违约金", "条款已提示"], ["A-1", "K1", True, "否"]],
            "联系记录": [["户号", "联系号", "时间", "渠道"], ["A-1", 7, clock("2026-02-01T10:15"), "电话"]],
        },
    )
    account = accounts_of(path)["A-1"]

    assert (account.contracts[0].late_fee_clause, account.contracts[0].clause_shown) == (True, False)
    assert account.contacts[0].at.isoformat() == "2026-02-01T10:15:00+08:00"
    assert (account.contacts[0].id, account.contacts[0].channel) == ("7", "phone")


def test_sheets_of_other_names_are_refused_unless_put_aside(tmp_path: Path) -> None:
    sheets = charge_sheet(5)
    assert set(accounts_of(workbook(tmp_path, sheets | {"_说明": [["本表由系统导出"]], "Sheet1": []}))) == {"A-1"}
    assert [code for code, _ in refused(workbook(tmp_path, sheets | {"收款2": [["户号"]]}))] == ["I107"]


def test_what_is_no_workbook_is_told(tmp_path: Path) -> None:
    path = tmp_path / "p.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0 an old or protected workbook")
    assert [code for code, _ in refused(path)] == ["I112"]

    write_xlsx(path, HOUSEHOLDS)
    path.write_bytes(path.read_bytes()[:-100])
    assert [code for code, _ in refused(path)] == ["I112"]


def patched(path: Path, member: str, old: str, new: str) -> Path:
    """The workbook with one of its parts changed, as other programs would have written it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in parts[member]
    parts[member] = parts[member].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def test_entities_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, charge_sheet(5))
    patched(path, "xl/worksheets/sheet2.xml", "<worksheet", '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet')

    assert [code for code, _ in refused(path)] == ["I112"]


def test_the_macintosh_counts_days_from_1904(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.title = "accounts"
    book.active.append(["id", "handed_over"])
    book.active.append(["A-1", date(2021, 6, 30)])
    book.save(tmp_path / "p.xlsx")

    assert accounts_of(tmp_path / "p.xlsx")["A-1"].handed_over == date(2021, 6, 30)


RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def test_workbooks_may_be_written_in_other_ways(tmp_path: Path) -> None:
    """Prefixed names, absolute targets, shared strings in pieces and with readings, cells without a reference."""
    parts = {
        "_rels/.rels": f"<Relationships xmlns='{RELATIONS}'><Relationship Id='1' Type='{RELATION}/officeDocument'"
        " Target='/book/w.xml'/></Relationships>",
        "book/w.xml": f"<x:workbook xmlns:x='{MAIN}' xmlns:r='{RELATION}'><x:sheets>"
        "<x:sheet name='accounts' sheetId='1' r:id='a'/></x:sheets></x:workbook>",
        "book/_rels/w.xml.rels": f"<Relationships xmlns='{RELATIONS}'>"
        f"<Relationship Id='a' Type='{RELATION}/worksheet' Target='../sheets/./1.xml'/>"
        f"<Relationship Id='b' Type='{RELATION}/sharedStrings' Target='s.xml'/></Relationships>",
        "book/s.xml": f"<sst xmlns='{MAIN}'><si><t>id</t></si><si><t>unit</t></si>"
        "<si><r><t>A</t></r><r><t xml:space='preserve'>-1 </t></r><rPh sb='0' eb='1'><t>ei</t></rPh></si></sst>",
        "sheets/1.xml": f"<x:worksheet xmlns:x='{MAIN}'><x:sheetData><x:row><x:c t='s'><x:v>0</x:v></x:c>"
        "<x:c t='s'><x:v>1</x:v></x:c></x:row><x:row><x:c t='s'><x:v>2</x:v></x:c>"
        "<x:c t='inlineStr'><x:is><x:t>1-</x:t><x:rPh><x:t>yi</x:t></x:rPh><x:t>502</x:t></x:is></x:c></x:row>"
        "</x:sheetData></x:worksheet>",
    }
    with zipfile.ZipFile(tmp_path / "p.xlsx", "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)

    assert accounts_of(tmp_path / "p.xlsx")["A-1"].unit == "1-502"


FORMATS = [
    "yyyy-mm-dd",
    'yyyy"年"m"月"d"日"',
    "[$-804]yyyy/m/d;@",
    "0.00",
    "#,##0.00_ ;[Red]\\-#,##0.00",
    "General",
    "0%",
    "m/d/yy h:mm",
]


def test_cells_are_what_calamine_makes_of_them(tmp_path: Path) -> None:
    values = [
        1001,
        0.1,
        1592.25,
        96.5,
        46024,
        46024.4270833,
        True,
        False,
        " 住宅 ",
        "2026-01-15",
        None,
        "=1",
        1e10,
        7.25,
        60.5,
    ]
    book = openpyxl.Workbook()
    sheet = book.active
    for row, number_format in enumerate(FORMATS, 2):
        for column, value in enumerate(values, 3):
            sheet.cell(row, column, value).number_format = number_format
    book.save(tmp_path / "p.xlsx")
    ours = Workbook(tmp_path / "p.xlsx")
    rows = list(ours.rows(ours.sheets[0]))
    theirs = CalamineWorkbook.from_path(tmp_path / "p.xlsx").get_sheet_by_index(0).to_python(skip_empty_area=False)
    ours.close()

    assert [row.number for row in rows] == list(range(2, 2 + len(FORMATS)))
    assert [row.cells for row in rows] == [[as_text(value) for value in row] for row in theirs[1:]]


def as_text(value: object) -> str:
    """What calamine gives, as the text we make of a cell."""
    match value:
        case bool():
            return str(value).lower()
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime():
            nearest = value + timedelta(microseconds=500_000)  # calamine cuts the second off, Excel rounds it
            return nearest.replace(microsecond=0).isoformat().removesuffix("T00:00:00")
        case date() | time():
            return value.isoformat()
    return str(value).strip()


# The notation of cells


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("a;b", ["a", "b"]),
        ("a； b", ["a", "b"]),
        (";a;;", ["a"]),
        ("a\\;b;c\\\\d", ["a;b", "c\\d"]),
        ("[]", []),
        ("\\[]", ["[]"]),
        ("a\\", ["a\\"]),
    ],
)
def test_items_of_a_cell(cell: str, items: list[str]) -> None:
    assert cells.parts(cell) == items


@pytest.mark.parametrize(
    ("cell", "value"), [("82", 82), ("-7", -7), ("007", "007"), ("8.5", "8.5"), ("是", True), ("false", False)]
)
def test_attributes_are_whole_numbers_truths_or_text(cell: str, value: object) -> None:
    assert cells.attribute(cell) == value
    assert type(cells.attribute(cell)) is type(value)


def test_settles_in_either_language() -> None:
    told = cells.settles("2026Q1:本金:800.00; a:b:late_fee:3")

    assert told == [
        {"charge": "2026Q1", "part": "principal", "amount": "800.00"},
        {"charge": "a:b", "part": "late_fee", "amount": "3"},
    ]
    account = read_account({"id": "A", "payments": [{"id": "P", "on": "2026-01-01", "amount": "5", "settles": told}]})
    assert account.payments[0].settles == (
        Settled(charge="2026Q1", amount=80_000),
        Settled(charge="a:b", amount=300, part="late_fee"),
    )


def test_unknown_lists_may_be_named_in_chinese(tmp_path: Path) -> None:
    path = folder(tmp_path, accounts="户号,未提供\nA-1,联系记录;debtor.tags\n")

    assert accounts_of(path)["A-1"].unknown == ("contacts", "debtor.tags")


# The example, and all together


def test_the_example_portfolio_is_read() -> None:
    path = Path(__file__).parent.parent / "examples" / "portfolio"
    groups = groups_of(path)

    assert sum(len(group.accounts) for group in groups) == 296
    assert {finding.code for group in groups for each in group.rejected for finding in each.findings} == {
        "A111", "A120", "A202", "A204",
    }  # fmt: skip
    assert any(len(group.accounts) > 1 for group in groups)


def test_places_tell_file_sheet_row_and_column(tmp_path: Path) -> None:
    rejected = next(each for group in groups_of(workbook(tmp_path, charge_sheet(-5))) for each in group.rejected)

    assert isinstance(rejected, Rejected)
    assert rejected.where == Cell(str(tmp_path / "p.xlsx"), 2, "", "账户")
    assert rejected.findings[0].at == Cell(str(tmp_path / "p.xlsx"), 2, "金额", "账单")


def test_every_code_of_files_is_seen() -> None:
    codes = {kind.code for kind in catalogue() if kind.code[0] == "I"} | {"A105", "A210"}
    here = Path(__file__).read_text(encoding="utf-8")

    assert [code for code in sorted(codes) if f'"{code}"' not in here.replace('{"A105", "A210"}', "")] == []
