"""Cases: worked accounts with the answers a reviewer expects, run by `dunning test`.

A case is data like a rule: read with places, its accounts through the same door as any ERP's. It can be asked of the
book it names, and of that book with something changed, to see whether anybody would notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from dunning.basis.errors import AccountError, RulesError, UsageError
from dunning.basis.finding import Finding, Text, has_errors
from dunning.basis.span import Span
from dunning.check.expected import EXPECT as EXPECT
from dunning.check.expected import Difference, Expected
from dunning.check.rulings import Rulings
from dunning.engine.assess import assess
from dunning.engine.result import Assessment
from dunning.intake.records import read_account
from dunning.lang.folder import load, resolve, shipped_packs
from dunning.lang.library import kind_of, shipped, shown_path
from dunning.lang.readers.read import open_page
from dunning.lang.text.names import did_you_mean, nearest
from dunning.lang.text.positions import Mapping as Map
from dunning.lang.text.positions import Node, Scalar, Sequence, compose
from dunning.lang.words.desk import Desk, Fields
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import is_place

CASE = Text("用例", "a case")
FILE = Text("用例文件", "a file of cases")


@dataclass(frozen=True, slots=True)
class CaseResult:
    name: str
    at: Span
    differences: tuple[Difference, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.differences


@dataclass(slots=True)
class CaseReport:
    """Every case of every file, and what is wrong with the files themselves."""

    results: list[CaseResult] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not has_errors(self.findings) and all(result.passed for result in self.results)


def cases_of(name_or_path: str) -> list[Path]:
    """The files of cases meant: one file, a book's, all of a rules folder, or a shipped pack's. UsageError for none."""
    path = Path(name_or_path)
    if not path.exists() and name_or_path != "rules":
        path = shipped() / "cases" / f"{resolve(name_or_path).stem}.yaml"
    elif not path.exists():
        path = shipped()
    elif path.is_file() and _of_rules(path):  # a book is named: its cases are meant
        folder = path.parent.parent if path.parent.name == "packs" else path.parent
        path = folder / "cases" / path.name
    if path.is_dir():
        folder = path / "cases" if (path / "cases").is_dir() else path
        files = sorted(folder.glob("*.yaml"))
    else:
        files = [path] if path.exists() else []
    if not files:
        raise UsageError(
            Text(
                f"“{name_or_path}”没有用例: 要一个用例文件, 或有 cases/ 的规则文件夹",
                f"no cases for `{name_or_path}`: a file of cases, or a rules folder with `cases/`, is wanted",
            )
        )
    return files


def _of_rules(path: Path) -> bool:
    """Whether a file is one of rules; one with cases in it, or of which nobody can say, is taken for cases."""
    return kind_of(open_page(path.read_bytes(), path.name)) not in ("cases", "unknown")


Load = Callable[[Path | str], RuleBook]
"""A book by its path or name; RulesError with what is wrong with it, UsageError if there is none."""


def _for_trying_out(book: Path | str) -> RuleBook:
    return load(book, draft=True)


def run_cases(files: Iterable[Path], load_book: Load = _for_trying_out) -> CaseReport:
    """Run files of cases, each against the book it names."""
    report = CaseReport()
    for file in files:
        cases = read_cases(file, load_book=load_book)
        report.results.extend(case.run(cases.book) for case in cases.cases if cases.book is not None)
        report.findings.extend(cases.findings)
    return report


def findings_of(file: Path, load_book: Load = _for_trying_out) -> list[Finding]:
    """What is wrong in a file of cases, whatever comes out of them."""
    return run_cases([file], load_book).findings


@dataclass(frozen=True, slots=True)
class Case:
    """A case that could be read: an account, a date and what is expected (a mapping of the file)."""

    name: str
    at: Span
    on: date
    account: Account
    expect: Node
    desk: Desk
    described: bool  # whether it has an account of its own, or the guard is asked of everybody
    place: str | None = None

    def assess(self, book: RuleBook) -> Assessment:
        """What the book says of the account."""
        return assess(self.account, book, on=self.on)

    def differences(self, book: RuleBook, result: Assessment | None = None) -> Iterator[Difference]:
        """What comes out otherwise than expected, one at a time."""
        rulings = Rulings(self.desk, book, self.on, self.account if self.described else None, self.place)
        return Expected(self.desk, book, result or self.assess(book), rulings).differences(self.expect)

    def run(self, book: RuleBook) -> CaseResult:
        return CaseResult(self.name, self.at, tuple(self.differences(book)))


@dataclass(slots=True)
class CaseFile:
    """The cases of one file, the book they are of (None: it does not load), and the file's desk."""

    desk: Desk
    book: RuleBook | None = None
    cases: tuple[Case, ...] = ()

    @property
    def findings(self) -> list[Finding]:
        """What is wrong in the file; what an expectation misnames is known once the cases have run."""
        return list(self.desk.results())


def read_cases(file: Path, text: bytes | None = None, load_book: Load = _for_trying_out) -> CaseFile:
    """The cases of a file, with the book they name as it loads for trying out. `text`: as if the file said that."""
    text = file.read_bytes() if text is None else text
    name = shown_path(file)
    root, findings = compose(text, name)
    desk = Desk(name, text.decode("utf-8", "replace").splitlines())
    desk.add(findings)
    if root is None or has_errors(findings):
        return CaseFile(desk)
    reader = _Reader(desk, root, file, load_book)
    book = reader.book()
    return CaseFile(desk, book, tuple(reader.cases()) if book else ())


class _Reader:
    """Reads the cases of one file."""

    def __init__(self, desk: Desk, root: Node, file: Path, load_book: Load) -> None:
        self.desk = desk
        self.load_book = load_book
        self.file = file
        self.fields = desk.open(root, ("rulebook", "accounts", "cases"), FILE, required=("rulebook", "cases"))
        accounts = self.fields.entries.get("accounts")
        entries = accounts[1].entries if accounts and isinstance(accounts[1], Map) else []
        self.like: dict[str, dict[str, Any]] = {
            name.text: {"id": name.text, **plain_map(node)} for name, node in entries
        }

    def cases(self) -> Iterator[Case]:
        """Every case that can be run; what is wrong with the others lies on the desk."""
        cases = self.fields.entries.get("cases")
        for node in self.desk.items(cases[1], FILE) if cases else []:
            case = self._case(node)
            if case:
                yield case

    def book(self) -> RuleBook | None:
        entry = self.fields.entries.get("rulebook")
        name = self.desk.text(entry[1], FILE) if entry else None
        if not entry or not name:
            return None
        beside = self.file.parent.parent / "packs" / f"{name}.yaml"
        try:
            return self.load_book(beside if beside.exists() else name)
        except RulesError:
            self.desk.report("M105", entry[1].span, name=name)
        except UsageError:
            known = [path.stem for path in beside.parent.glob("*.yaml")] + shipped_packs()
            self.desk.report("N209", entry[1].span, name=name, hint=_hint(name, known))
        return None

    def _case(self, node: Node) -> Case | None:
        known = ("case", "date", "place", "like", "but", "account", "expect")
        fields = self.desk.open(node, known, CASE, required=("case", "date"))
        named = fields.entries.get("case")
        dated = fields.entries.get("date")
        on = self.desk.day(dated[1], CASE) if dated else None
        name = self.desk.text(named[1], CASE) if named else None
        if on is None or not name:
            return None
        data = self._data(fields.entries, on)
        expect = fields.entries.get("expect")
        if expect is None or not isinstance(expect[1], Map) or not expect[1].entries:
            self.desk.report("M104", node.span, case=name)
            return None
        if data is None:
            return None
        try:
            account = read_account({"id": name, **data})
        except AccountError as wrong:
            why = Text(*("; ".join(found.message(lang) for found in wrong.findings) for lang in ("zh", "en")))
            self.desk.report("M101", node.span, case=name, why=why)
            return None
        described = any(key in fields for key in ("like", "but", "account"))
        return Case(name, node.span, on, account, expect[1], self.desk, described, self._place(fields))

    def _place(self, fields: Fields) -> str | None:
        """Where the guard is asked; without it, where the account lies, or the whole country."""
        place = fields.text("place")
        if place and not is_place(place):
            self.desk.report("L103", fields.at("place"), place=place)
            return None
        return place or None

    def _data(self, entries: Mapping[str, tuple[Scalar, Node]], on: date) -> dict[str, Any] | None:
        """The account: `like` another, `but` with these lists and fields in the place of its own."""
        data: dict[str, Any] = fresh(on)
        if "like" in entries:
            node = entries["like"][1]
            name = self.desk.text(node, CASE) or ""
            if name not in self.like:
                self.desk.report("M102", node.span, name=name, hint=_hint(name, self.like))
                return None
            data |= self.like[name]
        for key in ("account", "but"):
            if key in entries and isinstance(entries[key][1], Map):
                changes = plain_map(entries[key][1])
                if "contract" in changes:
                    data.pop("contracts", None)
                data |= changes
        return data


def fresh(on: date) -> dict[str, Any]:
    """In a case data is of the end of its day, unless it says otherwise: nobody thinks of it, and nothing is stale."""
    return {"data_as_of": f"{on}T23:59:59+08:00"}


def _hint(name: str, known: Any) -> Text:
    return did_you_mean(nearest(name, list(known)))


def plain_map(node: Node) -> dict[str, Any]:
    """A mapping of a rule file as an ERP would send it: nulls and truths as such, everything else text."""
    return {name.text: plain_node(value) for name, value in node.entries} if isinstance(node, Map) else {}


def plain_node(node: Node) -> Any:
    if isinstance(node, Map):
        return plain_map(node)
    if isinstance(node, Sequence):
        return [plain_node(item) for item in node.items]
    if node.is_null:
        return None
    if not node.quoted and node.text in ("true", "false"):
        return node.text == "true"
    return node.text
