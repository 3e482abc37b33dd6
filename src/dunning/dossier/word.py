"""A document as a Word file: A4, Chinese fonts, heads of tables on every page, page numbers.

The same blocks give the same bytes: nothing in the file says when or by whom it was written.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.document import Document as Word
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph as Line
from docx.text.run import Run

from dunning.basis.finding import Lang, Text
from dunning.dossier.blocks import Block, Bullets, Cell, Grid, Heading, Paragraph, Tone

_SERIF, _SANS, _LATIN = "宋体", "黑体", "Times New Roman"
_PAGE, _MARGIN = (Mm(210), Mm(297)), Mm(18)
_ROOM = 210 - 2 * 18  # mm of text across
_INK: dict[Tone, RGBColor] = {
    "quiet": RGBColor(0x5F, 0x66, 0x6E),
    "old": RGBColor(0xA3, 0x1F, 0x17),
    "new": RGBColor(0x14, 0x5C, 0x2C),
}
_SHADE: dict[Tone, str] = {"mark": "FFF3CD"}
_HEAD = "E9ECF1"
_LINE = "B8BEC6"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_BODY, _SMALL, _SMALLEST = Pt(10.5), Pt(9), Pt(8)
_FEW_ROWS, _SMALL_TABLE = 12, 600  # rows, and characters: about a third of a page
_SIZES = {0: Pt(18), 1: Pt(14), 2: Pt(12), 3: Pt(10.5)}


def word(blocks: Iterable[Block], *, title: str, lang: Lang) -> bytes:
    """The blocks as the bytes of a .docx file."""
    made = _Made(title, lang)
    for block in blocks:
        made.add(block)
    return _still(made.word)


class _Made:
    def __init__(self, title: str, lang: Lang) -> None:
        self.lang: Lang = lang
        self.word: Word = Document()
        self._styles()
        self._page(title)
        self._properties(title)

    # The sheet

    def _styles(self) -> None:
        styles = self.word.styles
        _fonts(styles["Normal"], _SERIF, _BODY)
        styles["Normal"].paragraph_format.space_after = Pt(4)
        for level, size in _SIZES.items():
            style = styles["Title" if level == 0 else f"Heading {level}"]
            _fonts(style, _SANS, size)
            style.font.bold = True
            style.font.color.rgb = RGBColor(0x1D, 0x21, 0x26)
            style.paragraph_format.space_before = Pt((0, 18, 12, 8)[level])
            style.paragraph_format.space_after = Pt(4)
            style.paragraph_format.keep_with_next = True
        _fonts(styles["List Bullet"], _SERIF, _BODY)

    def _page(self, title: str) -> None:
        section = self.word.sections[0]
        section.orientation = WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = _PAGE
        section.left_margin = section.right_margin = _MARGIN
        section.top_margin = section.bottom_margin = Mm(20)
        head = section.header.paragraphs[0]
        _run(head, title, size=_SMALL, tone="quiet")
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
        before, between, after = (Text("第 ", "page "), Text(" 页, 共 ", " of "), Text(" 页", ""))
        _run(foot, before.to(self.lang), size=_SMALL)
        _field(foot, "PAGE")
        _run(foot, between.to(self.lang), size=_SMALL)
        _field(foot, "NUMPAGES")
        _run(foot, after.to(self.lang), size=_SMALL)

    def _properties(self, title: str) -> None:
        known = self.word.core_properties
        known.title, known.author, known.last_modified_by, known.comments = title, "dunning", "dunning", ""
        known.created = known.modified = datetime(*_EPOCH, tzinfo=UTC)  # of no moment: the same bytes whenever
        known.language = "zh-CN" if self.lang == "zh" else "en"

    # The blocks

    def add(self, block: Block) -> None:
        match block:
            case Heading(text, level, apart):
                self.word.add_heading(text, level).paragraph_format.page_break_before = apart
            case Paragraph(text, tone):
                line = self.word.add_paragraph()
                _shaded_run(line, text, tone)
            case Bullets(items):
                for item in items:
                    self.word.add_paragraph(item, style="List Bullet").paragraph_format.space_after = Pt(1)
            case Grid():
                self._grid(block)

    def _grid(self, grid: Grid) -> None:
        if grid.title:
            line = self.word.add_paragraph()
            line.paragraph_format.keep_with_next = True
            line.paragraph_format.space_before = Pt(8)
            _run(line, grid.title, tone="strong")
        size = _SMALL if len(grid.heads) <= 5 else _SMALLEST
        table = self.word.add_table(rows=1, cols=len(grid.heads))
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        _borders(table)
        widths = _widths(grid)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        numbers = [
            all(row[place].number for row in grid.rows) and bool(grid.rows) for place, _ in enumerate(grid.heads)
        ]
        heads = [Cell(head, "strong", number) for head, number in zip(grid.heads, numbers, strict=True)]
        _fill(table.rows[0], heads, widths, size, shade=_HEAD)
        _repeated(table.rows[0])
        for row in grid.rows:
            _fill(table.add_row(), row, widths, size)
        if len(grid.rows) <= _FEW_ROWS and sum(len(cell.text) for row in grid.rows for cell in row) < _SMALL_TABLE:
            _together(table)
        if grid.note:
            _run(self.word.add_paragraph(), grid.note, size=_SMALL, tone="quiet")
        else:
            gap = self.word.add_paragraph()
            gap.paragraph_format.space_after = Pt(0)
            gap.paragraph_format.line_spacing = Pt(8)


def _widths(grid: Grid) -> list[int]:
    """The widths of the columns in mm, which fill the page."""
    shares = grid.widths or tuple(1 for _ in grid.heads)
    return [round(_ROOM * share / sum(shares)) for share in shares]


def _fill(row: Any, cells: Sequence[Cell], widths: Sequence[int], size: Pt, *, shade: str = "") -> None:
    _whole(row)
    for cell, said, width in zip(row.cells, cells, widths, strict=True):
        cell.width = Mm(width)
        lines = said.text.split("\n")
        for place, text in enumerate(lines):
            line = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
            line.paragraph_format.space_after = Pt(0)
            line.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT if said.number else WD_ALIGN_PARAGRAPH.LEFT
            _run(line, text, size=size, tone=said.tone)
        if colour := shade or _SHADE.get(said.tone, ""):
            _shade(cell, colour)


def _shaded_run(line: Line, text: str, tone: Tone) -> None:
    run = _run(line, text, tone=tone)
    if tone == "mark":
        shading = OxmlElement("w:shd")
        shading.set(qn("w:val"), "clear")
        shading.set(qn("w:fill"), _SHADE["mark"])
        run._r.get_or_add_rPr().append(shading)


def _run(line: Line, text: str, *, size: Pt | None = None, tone: Tone = "plain") -> Run:
    run = line.add_run(text)
    if size is not None:
        run.font.size = size
    if tone == "strong":
        run.font.bold = True
    if tone in _INK:
        run.font.color.rgb = _INK[tone]
    return run


# What the library has no name for


def _fonts(style: Any, chinese: str, size: Pt) -> None:
    """Latin and Chinese fonts of a style; a style that names but one of them gets the other's from the theme."""
    style.font.name, style.font.size = _LATIN, size
    known = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        known.attrib.pop(qn(name), None)
    known.set(qn("w:eastAsia"), chinese)
    said = OxmlElement("w:lang")
    said.set(qn("w:val"), "en-US")
    said.set(qn("w:eastAsia"), "zh-CN")
    style.element.get_or_add_rPr().append(said)


def _field(line: Line, name: str) -> None:
    """A figure the program that shows the document works out: the page, the number of pages."""
    for kind, text in (("begin", ""), ("", name), ("separate", ""), ("text", "1"), ("end", "")):
        run = line.add_run()
        run.font.size = _SMALL
        if kind == "text":
            run.text = text
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        else:
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = text
            run._r.append(code)


def _repeated(row: Any) -> None:
    """The heads stand again on every page the table goes on."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _whole(row: Any) -> None:
    """A row is not parted by the end of a page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _together(table: Table) -> None:
    """A small table is not parted by the end of a page: each row stays with the next."""
    for row in table.rows[:-1]:
        for cell in row.cells:
            for line in cell.paragraphs:
                line.paragraph_format.keep_with_next = True


def _shade(cell: _Cell, colour: str) -> None:
    shading = OxmlElement("w:shd")
    shading.set(qn("w:val"), "clear")
    shading.set(qn("w:color"), "auto")
    shading.set(qn("w:fill"), colour)
    cell._tc.get_or_add_tcPr().append(shading)


def _borders(table: Table) -> None:
    lines = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", _LINE)):
            line.set(qn(f"w:{name}"), value)
        lines.append(line)
    table._tbl.tblPr.append(lines)


def _still(made: Word) -> bytes:
    """The file with every part dated alike, so that the same content gives the same bytes."""
    written, still = io.BytesIO(), io.BytesIO()
    made.save(written)
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(still, "w", zipfile.ZIP_DEFLATED) as out:
        for part in parts.infolist():
            info = zipfile.ZipInfo(part.filename, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, parts.read(part))
    return still.getvalue()
