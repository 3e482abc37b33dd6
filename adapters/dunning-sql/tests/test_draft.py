"""Drafts of three invented systems nobody has described: a few marked lines put right, and the sums are right.

tests/erps/ has them: initials of pinyin with codes of 2012, Chinese names with joins, English and pinyin mixed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from dunning import Account, Read, assess, load
from dunning.adapter.fields import RECORD_LISTS, fields_of
from dunning_sql import open_sql, read_file
from dunning_sql.commands import check, init
from dunning_sql.names import LIKE, Named, field_names
from dunning_sql.wording import alive, day_option, meaning, rate_unit

ERPS = Path(__file__).parent / "erps"
TODAY = date(2026, 11, 22)

Draft = Callable[[str], str]


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    """The draft of a system, or of plain SQL."""

    def drafted(name: str) -> str:
        text = name if " " in name else (ERPS / f"{name}.sql").read_text("utf-8")
        with closing(sqlite3.connect(tmp_path / "erp.db")) as db:
            db.executescript(text)
        return init(url(tmp_path), None, "zh")

    return drafted


def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/erp.db"


def corrected(text: str, *lines: str) -> str:
    """A draft with these lines, which it has as comments, taken in."""
    for line in lines:
        assert text.count(f"# {line}") == 1, line
        text = text.replace(f"# {line}", line)
    return text


CLAUSE, CONTACTS, CREDITS, PLANS = "contract.late_fee_clause", "contacts: none", "adjustments: none", "plans: none"


@pytest.mark.parametrize(
    ("name", "lines", "wanted"),
    [
        # 1592.25 less 592.25 paid, and 300 of parking: 9,999 is void, so is the second payment. The fee is of 1,000.00
        # (1,592.25 for 17 days before), at the book's rate; 1-102 paid its fees, and owes 61.20 for power.
        ("pinyin", (CLAUSE, CREDITS, PLANS), {"1-101": 130000, "1-102": 6120}),
        # Late fees among the bills are no principal, void bills are none; 52.00 were waived, a deposit is asked for.
        ("chinese", (CLAUSE, PLANS), {"1-101": 100000, "1-102": 340000, "S-01": 0}),
        ("mixed", (CLAUSE, CREDITS, PLANS, CONTACTS), {"A-101": 130000, "A-102": 0}),
    ],
)
def test_with_a_few_lines_put_right_the_assessment_is_right(
    name: str, lines: tuple[str, ...], wanted: dict[str, int], draft: Draft, tmp_path: Path
) -> None:
    text = corrected(draft(name), *lines)
    (tmp_path / "mapping.yaml").write_text(text, encoding="utf-8")
    told, well = check(tmp_path / "mapping.yaml", url(tmp_path), "zh")
    assert well, told
    found = open_sql(mapping=f"{tmp_path}/mapping.yaml", url=url(tmp_path)).accounts(None)
    book = load("residential")
    accounts = {item.account.id: item.account for item in found if isinstance(item, Read)}
    owed = {id_: assess(account, book, on=TODAY).balance.principal_due for id_, account in accounts.items()}
    assert owed == wanted
    first = next(iter(accounts.values()))
    assert (first.use, first.area, first.charges[0].due) == ("residential", 9650 / 100, date(2026, 7, 15))
    assert_fee_of_first(first)


def assert_fee_of_first(account: Account) -> None:
    """3.9% a year on 1,592.25 until 592.25 were paid, then on 1,000.00: whichever system it comes from."""
    result = assess(account, load("residential"), on=TODAY)
    assert result.balance.late_fee == 7003
    assert [(one.amount, one.on) for one in account.payments] == [(59225, date(2026, 8, 1))]


def test_a_use_that_stands_there_is_read_and_not_made_up(draft: Draft) -> None:
    assert "use: {column: 用途, map: {住宅: 住宅, 别墅: 住宅, 商铺: 商业}}  # 猜测" in draft("chinese")


def test_codes_take_their_meaning_from_the_table_that_has_their_names(draft: Draft) -> None:
    text = draft("pinyin")
    assert 'item: {column: xmbh, map: {"01": 物业费, "02": 停车费, "03": 代收水电费}}' in text
    assert '"01" 物业管理费' in text


def test_dates_in_numbers_and_money_in_fen_are_seen(draft: Draft) -> None:
    assert 'due: {column: yjrq, format: "%Y%m%d"}' in draft("pinyin")
    text = draft("mixed")
    assert "due: {column: deadline, unit: seconds}" in text
    assert "amount: {column: ysje_fen, unit: fen}" in text


@pytest.mark.parametrize(("name", "column"), [("chinese", "账期"), ("pinyin", "zq")])
def test_a_month_in_one_column_is_seen(name: str, column: str, draft: Draft) -> None:
    assert f"    period: {column}  # 猜测" in draft(name)


BILLS = """
CREATE TABLE 房屋 (房号 VARCHAR(20) PRIMARY KEY, 业主编号 VARCHAR(10));
CREATE TABLE 账单 (账单号 INTEGER PRIMARY KEY, 房号 VARCHAR(20), 应收金额 DECIMAL(10,2), 应缴日期 DATE{columns});
INSERT INTO 房屋 VALUES ('1-101', 'O-1');
INSERT INTO 账单 VALUES {rows}
"""


@pytest.mark.parametrize(
    ("columns", "cells", "period"),
    [
        (", 费用月份 DATE", ("'2026-01-01'", "'2026-02-01'"), "period: {column: 费用月份, unit: month}"),
        (", 所属期 DATE", ("'2026-01-01'", "'2026-04-01'"), "period: {column: 所属期, unit: quarter}"),
        (", fee_month INTEGER", ("202601", "202602"), "period: fee_month"),
        (", 账期 VARCHAR(20)", ("'2026年1月'", "'第三期'"), ""),
        (", 账期 VARCHAR(20), 开始日期 DATE, 结束日期 DATE", ("'2026-01','2026-01-01','2026-01-31'",) * 2, ""),
        (", 账期 VARCHAR(20), 开始日期 DATE", ("'2026-01','2026-01-01'",) * 2, "period: 账期"),
    ],
)
def test_which_column_tells_the_period(columns: str, cells: tuple[str, str], period: str, draft: Draft) -> None:
    rows = ", ".join(f"({n}, '1-101', 100, '2026-0{n}-15', {cell})" for n, cell in enumerate(cells, start=1))
    lines = [line.strip() for line in draft(BILLS.format(columns=columns, rows=rows)).splitlines()]
    assert [line.split("  #")[0] for line in lines if line.startswith("period:")] == ([period] if period else [])
    assert any(line.startswith("period.since:") for line in lines) == ("结束日期" in columns)


def test_owners_and_rooms_that_stand_elsewhere_are_joined(draft: Draft) -> None:
    text = draft("chinese")
    assert """LEFT JOIN 房屋业主关系 o ON o.房屋ID = t."ID" AND o.是否现业主 = '是'""" in text
    assert "FROM 收款记录 t JOIN 应收账单 o ON o.账单编号 = t.账单编号" in text


def test_what_was_not_used_is_said(draft: Draft) -> None:
    assert "# 没用到的列 / columns not used: 应收日期, 录入人" in draft("chinese")
    assert "# 没用到的表 / tables not used: sys_log" in draft("pinyin")


def test_every_guess_is_marked_and_the_draft_reads(draft: Draft, tmp_path: Path) -> None:
    for name in ("pinyin", "chinese", "mixed"):
        text = draft(name)
        (tmp_path / "erp.db").unlink()
        marked = [line for line in text.splitlines() if ":" in line and not line.lstrip().startswith("#")]
        plain = ("mapping:", "table:", "fields:", "key:")
        assert all("# 猜测 / guess" in line or line.strip().startswith(plain) for line in marked)
        (tmp_path / "mapping.yaml").write_text(text, encoding="utf-8")
        mapping, findings = read_file(tmp_path / "mapping.yaml")
        assert mapping is not None
        assert findings == []


UNKNOWN = """
CREATE TABLE 房屋 (房号 VARCHAR(20) PRIMARY KEY, 用途 VARCHAR(10));
CREATE TABLE 账单 (账单号 INTEGER PRIMARY KEY, 房号 VARCHAR(20), 收费项目 VARCHAR(10),
    欠费金额 DECIMAL(10,2), 应缴日期 DATE);
INSERT INTO 房屋 VALUES ('1-101', 'Q7');
INSERT INTO 账单 VALUES (1, '1-101', '7', 100, '2026-01-15'), (2, '1-101', '物业费', 50, '2026-01-15')
"""


def test_a_code_nobody_explained_is_left_to_be_said_and_never_passed_over(draft: Draft, tmp_path: Path) -> None:
    text = draft(UNKNOWN)
    assert 'use: {column: 用途, map: {}}  # 猜测 / guess: 还不知道 / to be said: "Q7"' in text
    assert "item: {column: 收费项目, map: {物业费: 物业费}}" in text
    assert '费用项目; 还不知道 / to be said: "7"' in text
    (tmp_path / "mapping.yaml").write_text(text, encoding="utf-8")
    told, _ = check(tmp_path / "mapping.yaml", url(tmp_path), "en")
    assert "`Q7` in 用途 is not in the map" in told
    assert "`7` in 收费项目 is not in the map" in told


def test_bills_that_say_what_is_still_owed_need_no_payments(draft: Draft) -> None:
    text = draft(UNKNOWN)
    assert "ledger: snapshot  # 猜测 / guess" in text
    assert "amount: 欠费金额" in text
    assert "\npayments: none  # 猜测 / guess" in text


@pytest.mark.parametrize("section", ["accounts", *RECORD_LISTS])
def test_every_heading_of_our_own_importer_is_known(section: str) -> None:
    known = field_names(section)
    for name, field in fields_of(section).items():
        for title in field.titles:
            assert known[name].likeness(Named(title)) >= LIKE, (name, title)
            assert known[name].likeness(Named("F1", comment=f"{title}(元)")) >= LIKE


def test_pinyin_and_its_initials_are_known() -> None:
    amount = field_names("charges")["amount"]
    for column in ("ys_je", "YSJE", "yingshou_jine", "F_YSJE", "ysje_fen"):
        assert amount.likeness(Named(column)) >= LIKE, column
    assert amount.likeness(Named("beizhu")) == 0


def test_the_rows_that_count_are_told_by_what_stands_there() -> None:
    text, whole = sa.types.String(), sa.types.Integer()
    assert alive("del_flag", whole, ["0", "1"], "") == "del_flag = 0"
    assert alive("是否删除", text, ["否"], "") == "是否删除 = '否'"
    assert alive("是否有效", text, ["1", "0"], "") == "是否有效 = '1'"
    assert alive("zt", whole, ["1", "2"], "状态:1正常,2作废") == "(zt IS NULL OR zt NOT IN (2))"
    assert alive("状态", text, ["已缴", "未缴"], "") is None
    assert alive("deleted_at", sa.types.DateTime(), [], "") == "deleted_at IS NULL"


def test_codes_that_a_comment_explains_are_read() -> None:
    found = meaning(fields_of("accounts")["use"], ["1", "2", "9"], {}, "用途: 1住宅 2商铺")
    assert found.known == {"1": "residential", "2": "commercial"}
    assert list(found.unknown) == ["9"]


def test_what_is_no_date_is_not_taken_for_one() -> None:
    assert day_option(sa.types.String(), ["202601", "202602"]) is None
    assert day_option(sa.types.String(), ["2026/1/5", "2026/12/31"]) == 'format: "%Y/%m/%d"'
    assert day_option(sa.types.Integer(), [1784044800]) == "unit: seconds"
    assert day_option(sa.types.Integer(), [7]) is None


def test_rates_are_told_by_comment_or_size_or_not_at_all() -> None:
    assert rate_unit("日滞纳金比例(万分之)", [5]) == "ten_thousandth"
    assert rate_unit("", [0.0005]) == "share"
    assert rate_unit("", [5]) is None
