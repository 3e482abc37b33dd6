"""Opening a portfolio: a folder of CSV files, one XLSX, one JSONL; whatever it is, groups of accounts come out.

What is not known by its name is refused rather than left out: a file that is skipped is somebody's payments.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from dunning.basis.errors import AccountError, UsageError, told_by_system
from dunning.basis.finding import Finding, Text
from dunning.basis.span import Cell
from dunning.intake.files.cells import Row
from dunning.intake.files.csvs import csv_rows
from dunning.intake.files.jsonl import JsonLines
from dunning.intake.files.tabular import Source, Tables
from dunning.intake.files.xlsx import BadWorkbookError, SheetInfo, Workbook
from dunning.intake.groups import Group, Portfolio, RawGroup
from dunning.intake.headers import LISTS, list_named, plain
from dunning.intake.records import Read, Rejected
from dunning.lang.text.names import did_you_mean, nearest

__all__ = ["Group", "Portfolio", "RawGroup", "Read", "Rejected", "open_portfolio"]

WHAT = Text(
    "; 要读的是一个 CSV 文件夹 (账户.csv、账单.csv ……)、各表都在里面的 .xlsx, 或一行一户的 .jsonl",
    "; a portfolio is a folder of CSV files (accounts.csv, charges.csv ...), an .xlsx with these sheets, or a .jsonl",
)


def open_portfolio(path: str | os.PathLike[str]) -> Portfolio:
    """The portfolio at `path`; use it in a `with`, and iterate over its groups.

    A folder of CSV files, an .xlsx or a .jsonl; UsageError for anything else. A file whose heads do not fit, which
    would spoil every account, raises AccountError with all findings; a wrong row costs only its own account.
    """
    path = Path(path)
    try:
        return _opened(path)
    except OSError as error:
        why = told_by_system(error)
        raise UsageError(Text(f"“{path}”打不开: {why.zh}", f"`{path}` cannot be opened: {why.en}")) from None


def _opened(path: Path) -> Portfolio:
    if path.is_dir():
        return _folder(path)
    if not path.exists():
        raise UsageError(Text(f"没有“{path}”", f"there is no `{path}`").joined(_like(path)).joined(WHAT))
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        return JsonLines(path)
    if suffix in (".xlsx", ".xlsm"):
        return _workbook(path)
    what = _OTHERS.get(suffix, Text("读不了", "cannot be read").joined(WHAT))
    raise UsageError(Text(f"“{path}”", f"`{path}` ").joined(what))


_OTHERS = {
    ".csv": Text("只是其中一张表, 请写它所在的文件夹", "is one list of a portfolio; name the folder it lies in"),
    ".xls": Text("是旧格式的工作簿, 请另存为 .xlsx", "is a workbook of the old format; save it as .xlsx"),
    ".json": Text("请写成一行一户的 .jsonl", "should have one account a line and be called .jsonl"),
}


def _like(path: Path) -> Text:
    """Did you mean: a neighbour with almost that name."""
    folder = path.parent
    found = nearest(path.name, (entry.name for entry in folder.iterdir())) if folder.is_dir() else None
    return did_you_mean(found and str(folder / found))


def _folder(path: Path) -> Tables:
    files = sorted(file for file in path.iterdir() if file.suffix.lower() == ".csv" and file.is_file())
    if not files:
        raise UsageError(Text(f"文件夹“{path}”里没有 CSV 文件", f"the folder `{path}` has no CSV file").joined(WHAT))
    named = [(file.stem, str(file), "", partial(csv_rows, file)) for file in files]
    return Tables(_sources(named, str(path), Text("accounts.csv 或 账户.csv", "accounts.csv")))


def _workbook(path: Path) -> Tables:
    try:
        book = Workbook(path)
    except BadWorkbookError as error:
        raise AccountError([_unreadable(path, error)]) from None
    try:
        named = [(sheet.name, str(path), sheet.name, partial(_sheet_rows, path, book, sheet)) for sheet in book.sheets]
        named = [each for each in named if _known(each[0]) or next(each[3](), None)]  # an empty sheet says nothing
        return Tables(_sources(named, str(path), Text("accounts 或 账户", "accounts")), close=book.close)
    except BaseException:
        book.close()
        raise


def _sheet_rows(path: Path, book: Workbook, sheet: SheetInfo) -> Iterator[Row]:
    try:
        yield from book.rows(sheet)
    except BadWorkbookError as error:
        raise AccountError([_unreadable(path, error)]) from None


def _unreadable(path: Path, error: Exception) -> Finding:
    why = Text("不是 XLSX, 有密码, 或已损坏", f"not XLSX, protected, or damaged ({error})")
    return Finding("I112", Cell(str(path), 1), {"why": why})


def _known(name: str) -> bool:
    return list_named(name) is not None


def _sources(
    named: Iterable[tuple[str, str, str, Callable[[], Iterator[Row]]]], where: str, wanted: Text
) -> list[Source]:
    """The lists among files or sheets, by name; what has another name is refused, unless it begins with `_`."""
    sources: dict[str, Source] = {}
    wrong: list[Finding] = []
    known = {label: name for name, labels in LISTS.items() for label in (name, *labels)}
    for title, file, sheet, rows in named:
        if title.startswith("_"):
            continue
        name, at = list_named(title), Cell(file, 1, "", sheet)
        if name is None:
            near = nearest(plain(title), known)
            guess = Text(did_you_mean(near).zh, did_you_mean(near and known[near]).en)
            lists = Text("、".join(labels[0] for labels in LISTS.values()), ", ".join(LISTS))
            wrong.append(Finding("I107", at, {"name": title, "near": guess, "known": lists}))
        elif name in sources:
            first = sources[name]
            args = {"list": Text(LISTS[name][0], name), "first": first.sheet or first.file, "second": sheet or file}
            wrong.append(Finding("I109", at, args))
        else:
            sources[name] = Source(name, file, sheet, rows)
    if "accounts" not in sources:
        wrong.append(Finding("I108", Cell(where, 1), {"wanted": wanted}))
    if wrong:
        raise AccountError(wrong)
    return list(sources.values())
