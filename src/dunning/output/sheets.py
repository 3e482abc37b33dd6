"""Assessments as files for programs and for people with a spreadsheet: JSONL, CSV, XLSX.

Sheets have a row an account and a row a charge; their columns are those of all books in use, so that they do not change
from one account to the next.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, cast, get_args

from dunning.basis.errors import UsageError
from dunning.basis.finding import Lang, Text
from dunning.basis.money import Fen
from dunning.engine.known.tables import Graded
from dunning.engine.known.titles import titles_of, words_of
from dunning.engine.result import Action, Assessment, ChargeResult
from dunning.model.condition import Unknown
from dunning.model.rulebook import RuleBook, Table
from dunning.model.shown import answer_shown
from dunning.output.why import Worklist, hours_of

Format = Literal["jsonl", "csv", "xlsx"]
Cell = str | int | Decimal
Row = list[Cell]

ACCOUNTS = "assessments"
CHARGES = "charges"
WORKLIST = "worklist"

_TITLES = {
    ACCOUNTS: Text("户", "accounts"),
    CHARGES: Text("账单", "charges"),
    WORKLIST: Text("今日待办", "worklist"),
}
_STATUS = {
    "assessed": Text("已评估", "assessed"),
    "not_applicable": Text("无适用规则", "not applicable"),
    "rejected": Text("拒收", "rejected"),
}
_ACCOUNT_HEADS = (
    Text("公司", "company"), Text("户号", "account"), Text("日期", "on"), Text("状态", "status"),
    Text("规则书", "rulebook"), Text("到期本金", "principal_due"), Text("未到期本金", "principal_not_due"),
    Text("违约金", "late_fee"), Text("预存", "credit"), Text("争议金额", "disputed"),
    Text("应由他人缴纳", "other_debtor"), Text("合计", "total"), Text("欠费金额", "arrears"),
    Text("逾期天数", "overdue_days"), Text("欠费期数", "overdue_periods"),
)  # fmt: skip
_CHARGE_HEADS = (
    Text("公司", "company"), Text("户号", "account"), Text("账单号", "charge"), Text("费项", "item"),
    Text("到期日", "due"), Text("逾期天数", "overdue_days"), Text("未缴本金", "principal"),
    Text("违约金", "late_fee"), Text("已缴违约金", "late_fee_paid"), Text("已免违约金", "late_fee_waived"),
    Text("未缴违约金", "late_fee_outstanding"), Text("应补记违约金", "late_fee_to_book"), Text("封顶", "capped"),
)  # fmt: skip
_WORK_HEADS = (
    Text("公司", "company"), Text("户号", "account"), Text("房屋", "unit"), Text("对象", "to"), Text("步骤", "step"),
    Text("动作", "action"), Text("渠道", "channels"), Text("不早于", "not_before"), Text("不晚于", "not_after"),
    Text("时段", "hours"), Text("岗位", "role"), Text("口径", "tone"), Text("模板", "template"),
    Text("应缴本金", "principal"), Text("违约金", "late_fee"), Text("合计", "total"), Text("账单", "charges"),
    Text("说明", "why"), Text("键", "key"),
)  # fmt: skip
_UNDETERMINED = Text("无法确定", "undetermined")
_YES = Text("是", "yes")


class Columns:
    """The heads and rows of the sheets for some books, in one language. The worklist is a sheet whatever the format."""

    def __init__(self, books: Iterable[RuleBook], lang: Lang) -> None:
        self.lang: Lang = lang
        tables: dict[str, dict[str, Table]] = {"account": {}, "charge": {}}
        for book in books:
            for table in book.tables.values():
                tables[table.of].setdefault(table.id, table)
        self._account_tables = tables["account"]
        self._charge_tables = tables["charge"]

        self._worklists: dict[str, Worklist] = {}

    def heads(self, shape: Format) -> dict[str, Row]:
        """The heads of every sheet a format has."""
        worklist: dict[str, Row] = {WORKLIST: [head.to(self.lang) for head in _WORK_HEADS]}
        if shape == "jsonl":
            return worklist
        return {
            ACCOUNTS: self._heads(_ACCOUNT_HEADS, self._account_tables),
            CHARGES: self._heads(_CHARGE_HEADS, self._charge_tables),
            **worklist,
        }

    def title(self, sheet: str) -> str:
        return _TITLES[sheet].to(self.lang)

    def rows(self, results: Sequence[Assessment], shape: Format) -> dict[str, list[Row]]:
        """The rows of some results by sheet."""
        worklist = [self._work(result, action) for result in results for action in result.actions]
        if shape == "jsonl":
            return {WORKLIST: worklist}
        return {
            WORKLIST: worklist,
            ACCOUNTS: [self._account(result) for result in results],
            CHARGES: [self._charge(result, charge) for result in results for charge in result.charges],
        }

    def _heads(self, heads: Iterable[Text], tables: Mapping[str, Table]) -> Row:
        told: Row = [head.to(self.lang) for head in heads]
        return told + [table.title.zh if self.lang == "zh" else table.id for table in tables.values()]

    def _account(self, result: Assessment) -> Row:
        balance, book = result.balance, result.book
        amounts = (
            balance.principal_due, balance.principal_not_due, balance.late_fee, balance.credit, balance.disputed,
            balance.other_debtor, balance.total,
        )  # fmt: skip
        arrears = result.facts.get("arrears", Unknown())
        return [
            result.account.company,
            result.account.id,
            result.on.isoformat(),
            _STATUS[result.status].to(self.lang),
            "" if book is None else book.name,
            *map(_yuan, amounts),
            _yuan(arrears) if isinstance(arrears, int) else "",
            _count(result.facts.get("overdue_days")),
            _count(result.facts.get("overdue_periods")),
            *self._grades(result.grades, book, self._account_tables),
        ]

    def _charge(self, result: Assessment, charge: ChargeResult) -> Row:
        fee = charge.late_fee
        return [
            result.account.company,
            result.account.id,
            charge.id,
            charge.item,
            charge.due.isoformat() if charge.due else "",
            charge.overdue_days,
            _yuan(charge.principal),
            *(self._amount(amount) for amount in (fee.assessed, fee.paid, fee.waived, fee.outstanding, fee.to_book)),
            _YES.to(self.lang) if fee.capped else "",
            *self._grades(charge.grades, result.book, self._charge_tables),
        ]

    def _work(self, result: Assessment, action: Action) -> Row:
        """Who, what, by which channel, from when to when, for which amount, and why."""
        step, done, channels, role, tone, why = self._told(result, action)
        ask = action.ask
        return [
            result.account.company,
            result.account.id,
            result.account.unit,
            ";".join(action.to),
            step,
            done,
            channels,
            f"{action.not_before:%Y-%m-%d %H:%M}",
            f"{action.not_after:%Y-%m-%d %H:%M}" if action.not_after else "",
            ";".join(hours_of(action)),
            role,
            tone,
            action.template or "",
            _yuan(ask.principal) if ask else "",
            self._amount(ask.late_fee) if ask else "",
            _yuan(ask.total) if ask else "",
            ";".join(action.charges),
            why,
            action.key,
        ]

    def _told(self, result: Assessment, action: Action) -> tuple[str, str, str, str, str, str]:
        book = result.book
        if book is None:  # what no book applies to has no actions
            raise ValueError(f"an action without a book: {action.key}")
        teller = self._worklists.get(book.name)
        if teller is None:
            teller = self._worklists[book.name] = Worklist(book, self.lang, titles_of(book), words_of(book))
        return teller.line(result, action)

    def _amount(self, fen: Fen | None) -> Cell:
        return _UNDETERMINED.to(self.lang) if fen is None else _yuan(fen)

    def _grades(self, grades: Mapping[str, Graded], book: RuleBook | None, tables: Iterable[str]) -> Row:
        """Each table's answer; empty where the account's book has no such table."""
        return [self._answer(grades[name], book.tables[name]) if book and name in grades else "" for name in tables]

    def _answer(self, graded: Graded, table: Table) -> str:
        if isinstance(graded.value, Unknown):
            return _UNDETERMINED.to(self.lang)
        return answer_shown(graded.value, table.output, self.lang)


def _count(value: Any) -> Cell:
    return value if isinstance(value, int) else ""


def _yuan(fen: Fen) -> Decimal:
    """Yuan with two decimals: a number to a spreadsheet, exact to a CSV."""
    return Decimal(fen).scaleb(-2)


def format_named(name: str) -> Format:
    """The format of that name; UsageError lists what there is."""
    if name in get_args(Format):
        return cast(Format, name)
    raise UsageError(f"--format {name}: {' | '.join(get_args(Format))}")


def files_of(shape: Format) -> tuple[str, ...]:
    """The files that a run in this format writes."""
    match shape:
        case "jsonl":
            return f"{ACCOUNTS}.jsonl", f"{WORKLIST}.csv"
        case "csv":
            return tuple(f"{sheet}.csv" for sheet in _TITLES)
        case "xlsx":
            return (f"{ACCOUNTS}.xlsx",)


class Writer:
    """Writes the results of a run into a folder, in one format; files get their names when the run is done."""

    def __init__(self, out: Path, shape: Format, columns: Columns) -> None:
        self._out = out
        self._shape = shape
        self._columns = columns
        self._open = ExitStack()
        self._sheets: dict[str, Any] = {}

    def __enter__(self) -> Writer:
        if self._shape == "jsonl":
            self._lines = self._file("assessments.jsonl")
        if self._shape != "xlsx":
            for sheet, heads in self._columns.heads(self._shape).items():
                # The byte order mark tells Excel that the file is UTF-8.
                self._sheets[sheet] = csv.writer(self._file(f"{sheet}.csv", encoding="utf-8-sig"))
                self._sheets[sheet].writerow(heads)
        else:
            self._start_workbook()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()
        if kind is not None:
            return
        if self._shape == "xlsx":
            self._book.save(self._out / "assessments.xlsx.part")
        for name in files_of(self._shape):
            (self._out / f"{name}.part").replace(self._out / name)

    def write(self, text: str, rows: Mapping[str, list[Row]]) -> None:
        """A chunk's results: lines of JSON, or rows by sheet."""
        if self._shape == "jsonl":
            self._lines.write(text)
        if self._shape != "xlsx":
            for sheet, more in rows.items():
                self._sheets[sheet].writerows(more)
        else:
            for sheet, more in rows.items():
                for row in more:
                    self._sheets[sheet].append([self._cell(self._sheets[sheet], cell) for cell in row])

    def _cell(self, sheet: Any, value: Cell) -> Any:
        """A text that begins with = is a text, not a formula."""
        if not isinstance(value, str) or not value.startswith("="):
            return value
        cell = self._plain_cell(sheet, value)
        cell.data_type = "s"
        return cell

    def _file(self, name: str, encoding: str = "utf-8") -> Any:
        path = self._out / f"{name}.part"
        return self._open.enter_context(
            path.open("w", encoding=encoding, newline="" if name.endswith(".csv") else "\n")
        )

    def _start_workbook(self) -> None:
        try:
            from openpyxl import Workbook
            from openpyxl.cell import WriteOnlyCell
        except ImportError:
            raise UsageError(
                Text(
                    "写 xlsx 要装 openpyxl: pip install 'dunning[excel]'",
                    "xlsx needs openpyxl: pip install 'dunning[excel]'",
                )
            ) from None
        self._plain_cell: Any = WriteOnlyCell
        self._book = Workbook(write_only=True)
        for sheet, heads in self._columns.heads(self._shape).items():
            self._sheets[sheet] = self._book.create_sheet(self._columns.title(sheet))
            self._sheets[sheet].append(heads)
