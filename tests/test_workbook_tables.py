"""Workbooks of tables: what Excel people see, and what a spreadsheet spoils is told by sheet and cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from dunning import diff, load
from dunning.basis.errors import RulesError
from dunning.exchange.drawn import Imported
from dunning.exchange.from_xlsx import import_xlsx
from dunning.exchange.to_xlsx import export_xlsx
from exchanged import meaning, read_text


@pytest.mark.parametrize("pack", ["residential", "commercial", "parking"])
def test_the_shipped_tables_come_back_the_same(pack: str, tmp_path: Path) -> None:
    book = load(pack)
    path = tmp_path / f"{pack}.xlsx"
    export_xlsx(book, book.tables, path)
    read = import_xlsx(path)
    assert read.findings == ()
    assert [table.id for table in read.tables] == list(book.tables)
    again = read_text(read.text)
    for table in read.tables:
        assert meaning(table) == meaning(book.tables[table.id]) == meaning(again[table.id])
    found = diff(book, replace(book, tables=dict(again)), on=date(2026, 11, 22))
    assert not found
    assert found.books[0].wording == ()


def test_a_sheet_reads_like_the_rule_file(tmp_path: Path) -> None:
    book = load("residential")
    path = tmp_path / "r.xlsx"
    export_xlsx(book, ["account_grade"], path)
    sheet = load_workbook(path)["分级催收"]
    lines = [[cell.value for cell in row if cell.value] for row in sheet.iter_rows()]
    assert lines[:7] == [
        ["表", "account_grade"],
        ["标题", "分级催收"],
        ["命中", "首个"],
        ["输出", "词"],
        ["词", "S", "A", "B", "C", "none"],
        ["词的标题", "大额高危", "重点", "常规", "绿色通道", "不分级"],
        ["来源", "001 分级催收"],
    ]
    assert ["标签", "长期支持的业主", "困难", "欠费金额", "欠费期数", "连续欠费期数", "→ 分级催收", "说明"] in lines
    assert ["超过1万元", "超过3期", "S", "大额高危"] in lines
    assert sheet.freeze_panes == "A11"
    assert sheet["A12"].alignment.wrap_text
    assert {cell.number_format for row in sheet.iter_rows() for cell in row if cell.value} == {"@"}


def edited(tmp_path: Path, change: Callable[[Any], None]) -> Imported:
    """The grades of the shipped pack after someone has been at them in Excel."""
    book = load("residential")
    path = tmp_path / "r.xlsx"
    export_xlsx(book, ["account_grade"], path)
    workbook = load_workbook(path)
    change(workbook["分级催收"])
    workbook.save(path)
    return import_xlsx(path)


@pytest.mark.parametrize(
    ("cell", "value", "code"),
    [
        ("D13", "超过1000O元", "T203"),
        ("D13", date(2026, 5, 10), "X302"),
        ("D13", 0.05, "X302"),
        ("D13", "=1+1", "X302"),
        ("D10", "欠费金", "N201"),
        ("G13", "Z", "R214"),
        ("B3", "首先", "R104"),
    ],
)
def test_what_is_wrong_is_told_by_its_cell(tmp_path: Path, cell: str, value: Any, code: str) -> None:
    def change(sheet: Any) -> None:
        sheet[cell] = value

    found = [finding for finding in edited(tmp_path, change).findings if finding.code == code]
    assert found
    places = [str(finding.at) for finding in found]
    assert any(f"r.xlsx[分级催收]:{cell[1:]}:{cell[0]}" in place for place in places) or cell == "D10"


def test_a_row_added_in_excel_comes_along(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet.insert_rows(13)
        sheet["D13"], sheet["G13"] = "超过5万元", "S"

    read = edited(tmp_path, change)
    assert read.findings == ()
    assert "| 超过5万元     |" in read.text


def test_what_is_no_workbook_is_told(tmp_path: Path) -> None:
    path = tmp_path / "no.xlsx"
    path.write_bytes(b"nothing")
    with pytest.raises(RulesError, match="X301"):
        import_xlsx(path)
