"""The document read and signed before a change of rules: all of the difference stands in it, and nobody's name."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from typer.testing import CliRunner

from dunning.basis.errors import UsageError
from dunning.basis.finding import Lang
from dunning.cli.main import app
from dunning.compare.impact import Standing
from dunning.dossier.blocks import Block, Bullets, Cell, Grid, Heading, Paragraph
from dunning.dossier.document import HEADINGS, document, outline
from dunning.dossier.dossier import Dossier, gather
from dunning.dossier.households import called
from dunning.dossier.played import lanes
from dunning.dossier.word import word
from dunning.engine.assess import assess_group
from dunning.intake.files.tables import open_portfolio
from dunning.output.record.batch import read_rules
from rule_files import write

ON = date(2026, 6, 30)
BOOK = """\
rulebook: shop
title: 商铺规则
version: "1"
applies: {use: commercial}
law: cn
reviewed: null
late_fee: {rate: 0.5‰ per day, cap: 5% of charge, items: [property_fee], source: 合同}
tables:
  grade:
    title: 分级
    output: {A: 重点, B: 常规, none: 不分级}
    hit: first
    source: 制度
    rows:
      - {when: {arrears: 超过1万元}, then: A, title: 大额}
      - {when: {arrears: 超过0元}, then: B, title: 其余欠费}
      - {else: none}
  tone_table:
    title: 备注
    output: {yes: 有, no: 无}
    hit: first
    source: 制度
    rows: [{when: {overdue_days: 90天以上}, then: yes}, {else: no}]
reminders:
  - step: call_them
    title: 电话提醒
    at: due + 3d
    when: {grade: A}
    repeat: {every: 7d}
    action: call
    channels: {first_of: [phone]}
    role: collector
    source: 制度
ladder:
  steps:
    - step: demand
      title: 书面催告
      at: due + 30d
      action: formal_demand
      channels: {all_of: [ems]}
      approval: [legal]
      gives: {deadline: 15d, from: delivered}
      source: 制度
contact:
  windows: {phone: {workday: [10:00-12:00], rest_day: [10:00-12:00], festival: []}}
  # dunning: 放过 Q511 因为 上限先于一切
  caps: [{at_most: 3, of: phone, per: 7d}]
"""
CASES = """\
rulebook: shop
accounts:
  shop:
    use: commercial
    contract: {kind: individual, late_fee_clause: true}
    charges: [{id: c, amount: 9000.00, due: 2026-05-29}]
cases:
  - case: 九千元
    date: 2026-06-30
    like: shop
    expect: {late_fee: 144.00, grades: {grade: B}}
"""
SETTINGS = "sign_by: {late_fee: [finance, legal], tables: [manager_of_none]}\n".replace(
    ", tables: [manager_of_none]", ""
)
SWAPS = (
    ("0.5‰", "0.4‰"),
    ("超过1万元", "超过8000元"),
    ("title: 大额", "title: 大额户"),
    ('version: "1"', 'version: "2"'),
)
SECRETS = ("王五", "13800000000", "ZZ-9", "赵家花园", "door 7")


def shop(number: int, amount: str, due: str = "2026-05-29", **more: Any) -> str:
    account = {
        "id": f"ZZ-9{number}",
        "unit": f"door 7{number}",
        "community": "赵家花园",
        "place": "CN-330106",
        "use": "commercial",
        "debtor": {"id": f"王五{number}", "reachable": ["phone", "ems"]},
        "contract": {"kind": "individual", "late_fee_clause": True},
        "data_as_of": "2026-06-30T08:00:00+08:00",
        "charges": [{"id": f"ZZ-9-{number}", "amount": amount, "due": due}],
        **more,
    }
    return json.dumps(account, ensure_ascii=False)


ACCOUNTS = [
    shop(1, "9000.00"),
    shop(2, "12000.00"),
    shop(3, "100.00"),
    shop(4, "9500.00", payments=[{"id": "13800000000", "on": "2026-06-10", "amount": "500.00", "ref": "王五"}]),
    shop(5, "9000.00", due="2026-13-01"),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders of rules and some households."""
    root = tmp_path_factory.mktemp("dossier")
    new = BOOK
    for before, after in SWAPS:
        assert before in new
        new = new.replace(before, after)
    for name, book in (("old", BOOK), ("new", new)):
        write(root / name, {"packs/shop.yaml": book, "cases/shop.yaml": CASES, "folder.yaml": SETTINGS})
    (root / "accounts.jsonl").write_text("\n".join(ACCOUNTS), encoding="utf-8")
    return root


def gathered(old: Path, new: Path, accounts: Path, lang: Lang = "zh") -> Dossier:
    with open_portfolio(accounts) as portfolio:
        return gather(str(old), str(new), portfolio, on=ON, lang=lang)


@pytest.fixture(scope="module")
def dossier(folder: Path) -> Dossier:
    return gathered(folder / "old", folder / "new", folder / "accounts.jsonl")


@pytest.fixture(scope="module")
def read_back(dossier: Dossier) -> Document:
    data = word(document(dossier, data="accounts.jsonl"), title="变更说明", lang="zh")
    return docx.Document(io.BytesIO(data))


def everything(of: Document) -> str:
    """All the words of a Word file, header and footer too."""
    lines = [line.text for line in of.paragraphs]
    lines += [cell.text for table in of.tables for row in table.rows for cell in row.cells]
    section = of.sections[0]
    return "\n".join([*lines, *(line.text for part in (section.header, section.footer) for line in part.paragraphs)])


def words(blocks: Iterator[Block] | tuple[Block, ...]) -> str:
    told: list[str] = []
    for block in blocks:
        match block:
            case Heading(text) | Paragraph(text):
                told.append(text)
            case Bullets(items):
                told += items
            case Grid():
                told += [block.title, block.note, *block.heads, *(cell.text for row in block.rows for cell in row)]
    return "\n".join(told)


def part(dossier: Dossier, number: int, lang: Lang = "zh") -> str:
    """The words under one of the eight headings; 9 is the page of signatures."""
    blocks = document(dossier, lang=lang)
    starts = [place for place, block in enumerate(blocks) if isinstance(block, Heading) and block.level == 1]
    return words(blocks[starts[number - 1] : (*starts, None)[number]])


# What stands in it


def test_the_eight_headings_stand_in_their_order(read_back: Document) -> None:
    heads = [line.text for line in read_back.paragraphs if line.style is not None and line.style.name == "Heading 1"]
    assert heads == [*(f"{number} {heading.zh}" for number, heading in enumerate(HEADINGS, 1)), "签字"]


def test_everything_that_diff_says_stands_in_it(dossier: Dossier, read_back: Document) -> None:
    told = everything(read_back)
    assert dossier.difference
    for change in dossier.difference.changes:
        assert change.title.zh in told
        for each in change.parts:
            assert each.what.zh in told
            assert change.how == "follows" or (each.old.zh in told and each.new.zh in told)
        for move in change.moves:
            assert move.where.zh in told
            assert move.witness is not None
            assert all(each.zh in told for each in (move.old, move.new, move.witness.old, move.witness.new))


def test_the_sums_of_the_households_stand_in_it(dossier: Dossier, read_back: Document) -> None:
    """Late fees by hand: 32 days; of the one who paid 500 in part, 12 with the day of payment, and 20 on the rest."""
    told = everything(read_back)
    before = [9000 * 5 * 32, 12000 * 5 * 32, 100 * 5 * 32, 9500 * 5 * 12 + 9000 * 5 * 20]
    yuan_before, yuan_after = (f"{sum(before) * rate // 5 / 10000:,.2f}" for rate in (5, 4))
    total = dossier.households.impact.total
    assert (f"{total.before.late_fee / 100:,.2f}", f"{total.after.late_fee / 100:,.2f}") == (yuan_before, yuan_after)
    assert yuan_before in told
    assert yuan_after in told
    assert "分级: 2 户变了" in told
    assert "B 常规 → A 重点  2: 第1户、第4户" in told


def test_a_household_is_called_by_its_place_in_the_results(dossier: Dossier, folder: Path) -> None:
    """The one that moved is the one in that row of what `assess` writes."""
    out = folder / "out"
    CliRunner().invoke(
        app,
        ["assess", str(folder / "accounts.jsonl"), "--rules", str(folder / "new"), "--on", f"{ON}", "--out", str(out)],
    )
    rows = (out / "assessments.jsonl").read_text(encoding="utf-8").splitlines()
    for sample in dossier.households.samples:
        row = json.loads(rows[sample.number - 1])
        assert row["grades"]["grade"]["value"] == sample.new.grades["grade"].value
        assert row["balance"]["late_fee"] == f"{sample.new.balance.late_fee / 100:.2f}"


def test_samples_without_names_say_what_the_households_say(dossier: Dossier, folder: Path) -> None:
    rules = [read_rules(str(folder / name), draft=True) for name in ("old", "new")]
    with open_portfolio(folder / "accounts.jsonl") as portfolio:
        groups = [group for group in portfolio if group.accounts]
    for sample in dossier.households.samples:
        group = groups[sample.number - 1]
        for result, book in zip((sample.old, sample.new), rules, strict=True):
            (real,) = assess_group(group.accounts, book, on=ON)
            assert Standing.of(result) == Standing.of(real)
    assert [sample.alike for sample in dossier.households.samples] == [2, 2]


def test_both_explanations_of_a_household_stand_side_by_side(dossier: Dossier) -> None:
    told = part(dossier, 3)
    assert f"{called(1).zh}: 分级 B 常规 → A 重点; 违约金 -28.80元; 增加 电话提醒" in told
    assert "9000.00 × 0.5‰ × 32天" in told
    assert "9000.00 × 0.4‰ × 32天" in told
    assert "第1行命中" in told


def test_contacts_are_counted_by_post(dossier: Dossier) -> None:
    (grid,) = [
        block for block in document(dossier) if isinstance(block, Grid) and block.title == "当天要联系的次数, 按岗位"
    ]
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in grid.rows}
    assert rows["催收专员"] == ["1", "3", "+2"]


def test_nobody_is_named_anywhere(dossier: Dossier) -> None:
    """Not in the words, and not in any part of the file."""
    data = word(document(dossier), title="变更说明", lang="zh")
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for name in parts.namelist():
            text = parts.read(name).decode("utf-8", "replace")
            assert [secret for secret in SECRETS if secret in text] == [], name


def test_never_the_old_word_for_a_late_fee(read_back: Document) -> None:
    told = everything(read_back)
    assert "违约金" in told
    assert "滞纳金" not in told


def test_articles_are_quoted_with_their_citation(dossier: Dossier) -> None:
    told = part(dossier, 4)
    (fee,) = [each for each in dossier.legal.touched if each.change.clause == "late_fee"]
    assert fee.articles
    for article in dossier.legal.articles:
        assert article.cite in told
        assert article.says.zh in told
    assert "没有律师审签的法律文件" in told
    assert "一年期LPR" in told
    assert "法律文件没有直接说到的改动: 表“分级” (grade)" in told


def test_local_law_that_says_more_is_told(folder: Path, tmp_path: Path) -> None:
    visit = BOOK.replace("action: call\n", "action: visit\n").replace("first_of: [phone]", "first_of: [visit]")
    write(tmp_path, {"old/packs/shop.yaml": BOOK, "new/packs/shop.yaml": visit})
    found = gathered(tmp_path / "old", tmp_path / "new", folder / "accounts.jsonl")
    told = part(found, 4)
    assert "上门" in told
    assert "其中 河南省" in told


def test_cases_are_told_under_both_rules(dossier: Dossier) -> None:
    (case,) = dossier.cases.worked
    assert (case.passed, case.old, case.fresh) == (False, (), False)
    told = part(dossier, 5)
    assert "新规则: 0 例通过, 1 例不符. 旧规则: 同样的用例 1 例通过." in told
    assert "违约金: 期望 144.00, 得到 115.20" in told


def test_what_no_case_notices_is_told_of_what_changed_and_of_nothing_else(dossier: Dossier) -> None:
    told = part(dossier, 5)
    assert "把“超过8000元”的界限" in told
    assert "90天以上" not in told
    lines = {found.message("zh") for found in dossier.cases.missed}
    assert lines == {"“分级”的“其余欠费”这一行, 1 个用例没有一个用到", "“分级”的“3”这一行, 1 个用例没有一个用到"} | {
        line for line in lines if "步骤" in line
    }


def test_new_and_changed_cases_are_named_and_those_that_are_gone(folder: Path, tmp_path: Path) -> None:
    new = (folder / "new" / "packs" / "shop.yaml").read_text(encoding="utf-8")
    cases = CASES.replace("case: 九千元", "case: 九千元归重点").replace(
        "144.00, grades: {grade: B}", "115.20, grades: {grade: A}"
    )
    write(tmp_path, {"packs/shop.yaml": new, "cases/shop.yaml": cases})
    found = gathered(folder / "old", tmp_path, folder / "accounts.jsonl").cases
    assert [(case.name, case.passed, case.fresh, case.shows) for case in found.worked] == [
        ("九千元归重点", True, True, True)
    ]
    assert found.gone == ("九千元",)


def test_a_file_without_cases_is_tried_with_those_of_the_old_rules(folder: Path, tmp_path: Path) -> None:
    alone = tmp_path / "shop-2.yaml"
    alone.write_text((folder / "new" / "packs" / "shop.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    found = gathered(folder / "old" / "packs" / "shop.yaml", alone, folder / "accounts.jsonl")
    assert [case.passed for case in found.cases.worked] == [False]


def test_what_was_let_stand_is_told_with_its_reason(folder: Path, tmp_path: Path) -> None:
    allowed = BOOK.replace("late_fee: {", "# dunning: 放过 L502 因为 合同写明\nlate_fee: {", 1)
    write(tmp_path, {"packs/shop.yaml": allowed})
    told = part(gathered(folder / "old", tmp_path, folder / "accounts.jsonl"), 6)
    assert "L502" in told
    assert "合同写明" in told


def test_open_questions_are_listed(dossier: Dossier) -> None:
    told = part(dossier, 6)
    assert "1 户数据有错, 没有算." in told
    assert "1 个用例不符: 改规则还是改用例?" in told


def test_a_household_is_played_forward_under_both(dossier: Dossier) -> None:
    assert [each.scenario for each in dossier.played] == ["silent", "pays_on:2026-08-14", "promises_and_breaks"]
    told = part(dossier, 7)
    assert "第1户, 从 2026-06-30 演到 2026-12-30" in told
    silent = {lane.title.zh: lane for lane in lanes(dossier.played[0])}
    assert silent["电话提醒"].old == ()
    assert silent["电话提醒"].new


def test_what_is_not_changed_has_one_digest(dossier: Dossier) -> None:
    told = part(dossier, 8)
    (compared,) = dossier.difference.books
    assert str(len(compared.same)) in told
    assert "备注" in told
    assert re.search(r"sha256:[0-9a-f]{64}", told)


def test_signers_sections_and_digests_are_on_the_last_page(dossier: Dossier) -> None:
    told = part(dossier, 9)
    assert [(each.section, each.role) for each in dossier.to_sign] == [
        ("", None),
        ("late_fee", "finance"),
        ("late_fee", "legal"),
    ]
    for each in dossier.to_sign:
        assert each.digest in told
    assert "--section late_fee --role finance --by 姓名 --on 日期" in told
    assert "合规审阅" in told


def test_what_is_signed_is_what_the_page_says(dossier: Dossier, folder: Path) -> None:
    """The digests of the document are those `dunning sign` shows and writes down."""
    runner = CliRunner()
    pack = str(folder / "new" / "packs" / "shop.yaml")
    shown = runner.invoke(app, ["sign", pack, "--by", "张三", "--on", "2026-06-30", "--lang", "zh"], input="n\n").output
    assert dossier.to_sign[0].digest in shown
    second = [
        "sign",
        pack,
        "--section",
        "late_fee",
        "--role",
        "legal",
        "--by",
        "李四",
        "--on",
        "2026-06-30",
        "--lang",
        "zh",
    ]
    assert dossier.to_sign[2].digest in runner.invoke(app, second, input="n\n").output


def test_a_law_file_that_changed_is_signed_by_a_lawyer(folder: Path, tmp_path: Path) -> None:
    law = """\
law: cn
title: 全国
layer: statute
places: [CN]
articles:
  CC-944.3:
    cite: 民法典第九百四十四条第三款
    says: 不得停水
    in_force: {since: 2021-01-01}
    checked: {text: copy, in_force: copy}
prohibitions: [{effects: [water_supply], verdict: prohibited, articles: [CC-944.3]}]
"""
    more = law.replace("[water_supply]", "[water_supply, power_supply]")
    for name, text in (("old", law), ("new", more)):
        write(tmp_path / name, {"packs/shop.yaml": BOOK, "law/cn/national.yaml": text})
    found = gathered(tmp_path / "old", tmp_path / "new", folder / "accounts.jsonl")
    told = part(found, 9)
    assert "法律文件 全国" in told
    assert "律师" in told
    assert found.to_sign[-1].digest in told


# The same, and nothing


def test_no_change_says_so(folder: Path) -> None:
    found = gathered(folder / "old", folder / "old", folder / "accounts.jsonl")
    assert "意思没有不同" in part(found, 1)
    assert "没有哪一户的结果、金额或步骤改变." in part(found, 3)
    assert "原来的签字仍然有效, 不用再签" in part(found, 9)
    assert found.to_sign == ()
    assert found.played == ()


def test_a_reformatted_file_is_no_change(folder: Path, tmp_path: Path) -> None:
    write(
        tmp_path, {"packs/shop.yaml": "# 换个写法\n" + BOOK.replace("超过1万元", '"> 10000"'), "cases/shop.yaml": CASES}
    )
    found = gathered(folder / "old", tmp_path, folder / "accounts.jsonl")
    assert "意思没有不同" in part(found, 1)
    assert found.to_sign == ()


def test_the_same_rules_and_households_give_the_same_bytes(dossier: Dossier, folder: Path) -> None:
    again = gathered(folder / "old", folder / "new", folder / "accounts.jsonl")
    once, twice = (word(document(each), title="变更说明", lang="zh") for each in (dossier, again))
    assert once == twice


def test_english_says_the_same(folder: Path) -> None:
    found = gathered(folder / "old", folder / "new", folder / "accounts.jsonl", "en")
    blocks = document(found, lang="en")
    told = words(tuple(block for block in blocks if not isinstance(block, Heading) or block.level))
    assert "household 1" in told
    assert "9000.00 × 0.4‰ × 32 days" in told
    assert len(list(outline(found, "en"))) == len(HEADINGS)
    untold = ("条款", "户变", "新规则", "签字", "旧", "没有")
    assert [word_ for word_ in untold if word_ in told] == []


# The file


def test_heads_of_tables_stand_on_every_page_and_rows_stay_whole(read_back: Document) -> None:
    for table in read_back.tables:
        first, *rest = (row._tr for row in table.rows)
        assert first.trPr is not None
        assert first.trPr.find(qn("w:tblHeader")) is not None
        assert all(row.trPr is not None and row.trPr.find(qn("w:cantSplit")) is not None for row in (first, *rest))


def test_the_signatures_have_a_page_of_their_own(read_back: Document) -> None:
    apart = [line.text for line in read_back.paragraphs if line.paragraph_format.page_break_before]
    assert apart == ["签字"]


def test_pages_are_numbered_and_fonts_are_chinese(read_back: Document) -> None:
    footer = read_back.sections[0].footer.paragraphs[0]._p.xml
    assert "PAGE" in footer
    assert "NUMPAGES" in footer
    normal = read_back.styles["Normal"].element.rPr
    assert normal.rFonts.get(qn("w:eastAsia")) == "宋体"


def test_columns_fill_the_page_as_they_were_asked_to() -> None:
    grid = Grid(("a", "b"), ((Cell("1"), Cell("2\n3")),), (25, 75))
    made = docx.Document(io.BytesIO(word([grid], title="x", lang="zh")))
    (table,) = made.tables
    widths = [column.width for column in table.columns]
    assert widths[0] is not None
    assert widths[1] is not None
    assert 2.9 < widths[1] / widths[0] < 3.1
    assert table.rows[1].cells[1].text == "2\n3"


@pytest.mark.parametrize(("rows", "whole"), [(3, True), (40, False)])
def test_a_small_table_is_not_parted_by_the_end_of_a_page(rows: int, whole: bool) -> None:
    grid = Grid(("a",), tuple((Cell(f"{number}"),) for number in range(rows)))
    (table,) = docx.Document(io.BytesIO(word([grid], title="x", lang="zh"))).tables
    kept = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in table.rows]
    assert kept == [True if whole else None] * rows + [None]


# The command


def test_the_command_writes_the_file_and_tells_its_headings(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "change.docx"
    rules = [str(folder / "old"), str(folder / "new")]
    accounts = ["--accounts", str(folder / "accounts.jsonl"), "--on", f"{ON}", "--lang", "zh"]
    done = CliRunner().invoke(app, ["review", *rules, *accounts, "--out", str(out)])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0] == "1 改了的条款: 3 处意思不同 (商铺规则 1 → 2)"
    assert lines[2].startswith("3 对实际住户的影响: 4 户中 2 户换了结果; 违约金 ")
    assert lines[-1] == f"写在 {out}"
    assert "商铺规则: 变更说明" in everything(docx.Document(str(out)))


@pytest.mark.parametrize(
    ("out", "told"), [("change.pdf", "--out 要写 .docx 文件"), ("nowhere/change.docx", "没有文件夹")]
)
def test_what_cannot_be_written_is_told_before_the_work(folder: Path, tmp_path: Path, out: str, told: str) -> None:
    rules = [str(folder / "old"), str(folder / "new")]
    accounts = ["--accounts", str(folder / "accounts.jsonl"), "--lang", "zh"]
    done = CliRunner().invoke(app, ["review", *rules, *accounts, "--out", str(tmp_path / out)])
    assert isinstance(done.exception, UsageError)
    assert told in done.exception.told("zh")


def test_without_the_library_the_line_to_copy_is_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dunning.cli.review.find_spec", lambda _: None)
    rules = [str(folder / "old"), str(folder / "new")]
    done = CliRunner().invoke(
        app, ["review", *rules, "--accounts", str(folder / "accounts.jsonl"), "--out", str(tmp_path / "a.docx")]
    )
    assert "pip install 'dunning[docx]'" in str(done.exception)
