"""`dunning sql-map`: a mapping drafted from a schema, and one checked against its database."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from schemas import run
from wuye import MAPPING, WuyeBench

from dunning import UsageError
from dunning.adapter import installed, open_adapter
from dunning_sql import read_file
from dunning_sql.commands import check, init
from servers import Server


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def wuye(request: pytest.FixtureRequest, tmp_path: Path) -> WuyeBench:
    """The ERP in a database where nothing else is; on PostgreSQL with our own store beside it."""
    if request.param == "sqlite":
        return WuyeBench(f"sqlite:///{tmp_path}/wuye.db", f"{tmp_path}/dunning.db")
    server: Server = request.getfixturevalue(request.param)
    if request.param == "mariadb":
        return WuyeBench(server.new_database("mysql+pymysql"), f"{tmp_path}/dunning.db")
    address = server.new_database("postgresql+psycopg")
    return WuyeBench(address, address)


def test_a_draft_of_plain_names_reads_and_fits_its_database(wuye: WuyeBench, tmp_path: Path) -> None:
    out = tmp_path / "drafted.yaml"
    told = init(wuye.url, out, "en")
    assert "guesses" in told
    text = out.read_text("utf-8")
    assert "due: due_date  # 猜测 / guess" in text
    assert "amount: {column: amount_fen, unit: fen}  # 猜测 / guess: 金额" in text
    assert "# contacts: none  # 没找到 / not found: 联系记录" in text
    assert "FROM wy_refund t JOIN wy_payment o ON o.pay_id = t.pay_id" in text
    assert "dunning_" not in text
    screens, _ = check(out, wuye.url, "en")
    assert set(re.findall(r"\[([A-Z]\d+)\]", screens)) == {"P117", "P118", "P119", "P213"}, screens
    out.write_text(text.replace("# contract.late_fee_clause", "contract.late_fee_clause"), encoding="utf-8")
    screens, well = check(out, wuye.url, "en")
    assert well, screens


CHINESE = """
CREATE TABLE fc_fangwu (id BIGINT PRIMARY KEY, fjbh VARCHAR(20) COMMENT '房号', jzmj DECIMAL(10,2) COMMENT '建筑面积',
    yzid VARCHAR(20) COMMENT '业主编号') COMMENT '房屋账户';
CREATE TABLE sf_ysk (ysid BIGINT PRIMARY KEY, fc_fangwu_id BIGINT, ysje DECIMAL(10,2) COMMENT '应收金额',
    yjrq DATE COMMENT '应缴日期', fylx CHAR(2) COMMENT '费用项目', is_deleted TINYINT) COMMENT '应收账单';
CREATE TABLE sf_skd (skid BIGINT PRIMARY KEY, fc_fangwu_id BIGINT, ssje DECIMAL(10,2) COMMENT '实收金额',
    skrq DATETIME COMMENT '收款日期') COMMENT '收款记录';
INSERT INTO sf_ysk VALUES (1, 1, 530.75, '2026-01-15', 'WY', 0)
"""


def test_a_schema_in_pinyin_is_guessed_by_its_comments(mariadb: Server, tmp_path: Path) -> None:
    url = mariadb.new_database("mysql+pymysql")
    run(url, *CHINESE.split(";"))
    out = tmp_path / "drafted.yaml"
    init(url, out, "zh")
    assert 'item: {column: fylx, map: {"WY": 物业费}}  # 猜测 / guess: 费用项目' in out.read_text("utf-8")
    mapping, findings = read_file(out)
    assert mapping is not None, [one.message("en") for one in findings]
    assert mapping.sections["charges"].table == "sf_ysk"
    assert mapping.sections["charges"].where == "is_deleted = 0"
    assert mapping.sections["payments"].table == "sf_skd"
    assert mapping.accounts.table == "fc_fangwu"


MANY = """\
mapping: many
changes: allways
accounts:
  table: wy_acount
  key: account_no
  fields: {id: account_no}
charges:
  table: wy_fee
  account: room
  fields: {id: fee_id, amount: amount, due: dew_date, item: {column: fee_type, map: {WY: nonsense}}}
payments:
  table: wy_payment
  account: account_no
  fields: {id: pay_id, amount: amount_fen}
"""


def test_every_kind_of_error_is_told_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/wuye.db"
    WuyeBench(url, f"{tmp_path}/dunning.db")
    (tmp_path / "mapping.yaml").write_text(MANY, encoding="utf-8")
    told, well = check(tmp_path / "mapping.yaml", url, "en")
    assert not well
    for wanted in (
        "`allways`",
        "`wy_acount`",
        "column `room`",
        "`dew_date`",
        "`nonsense`",
        "lacks `on`",
        "fen",
        "[P117]",
    ):
        assert wanted in told, wanted
    assert "write:  table: wy_account" in told
    assert "write:  on: COLUMN" in told


def test_what_is_lacking_is_told_with_a_line_as_it_might_be(tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").write_text("mapping: bare\n", encoding="utf-8")
    told, well = check(tmp_path / "mapping.yaml", "sqlite://", "en")
    assert not well
    assert "write:  accounts: {table: TABLE, key: COLUMN, fields: {id: COLUMN, debtor.id: COLUMN}}" in told
    assert "charges: {table: TABLE, account: COLUMN, fields: {id: COLUMN, amount: COLUMN, due: COLUMN}}" in told


def test_what_cannot_be_guessed_is_left_to_be_filled_in(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/erp.db"
    run(url, "CREATE TABLE t1 (a INTEGER, b INTEGER)", "CREATE TABLE bill (id INTEGER PRIMARY KEY, amount INTEGER)")
    draft = init(url, None, "en")
    assert "# accounts:" in draft
    assert "t1" in draft


def test_nothing_is_overwritten(wuye: WuyeBench, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError):
        init(wuye.url, tmp_path / "mine.yaml", "en")
    assert (tmp_path / "mine.yaml").read_text("utf-8") == "mine"


def test_the_command_line_has_them(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/wuye.db"
    WuyeBench(url, f"{tmp_path}/dunning.db")
    dunning = Path(sys.executable).with_name("dunning")

    def said(*words: str) -> tuple[int, str]:
        done = subprocess.run([dunning, "sql-map", *words, "--lang", "en"], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    assert said("check", str(MAPPING), url)[0] == 0
    assert said("init", url) == (0, init(url, None, "en"))
    (tmp_path / "bad.yaml").write_text("mapping: bad\n", encoding="utf-8")
    code, told = said("check", str(tmp_path / "bad.yaml"), url)
    assert code == 1
    assert "`the mapping` lacks" in told or "lacks `accounts`" in told
    assert said("check", str(MAPPING), "no-address")[0] == 2


def test_the_adapter_is_found_by_name(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/wuye.db"
    WuyeBench(url, f"{tmp_path}/dunning.db")
    assert "sql" in installed()
    adapter = open_adapter(f"adapter:sql?mapping={MAPPING}", url=url)
    can = adapter.capabilities()
    assert (can.delivers, can.posts, can.changes) == (False, True, "complete")
