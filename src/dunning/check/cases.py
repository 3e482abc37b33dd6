"""Cases: worked accounts with the answers a reviewer expects, run by `dunning test`.

A case is data like a rule: read with places, its accounts through the same door as any ERP's. A difference says what
was expected, what came out, and because of which row and value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from dunning.basis.errors import AccountError, MoneyError, RulesError, UsageError
from dunning.basis.finding import Finding, Text, has_errors
from dunning.basis.money import Fen, parse_yuan, yuan
from dunning.basis.span import Span
from dunning.check.rulings import Rulings
from dunning.engine.assess import assess
from dunning.engine.known.catalogue import CATALOGUE, meant_by
from dunning.engine.known.logic import holds
from dunning.engine.known.tables import Graded
from dunning.engine.result import Assessment, ChargeResult
from dunning.intake.records import read_account
from dunning.lang.folder import load, resolve, shipped_packs
from dunning.lang.library import shipped, shown_path
from dunning.lang.text.names import did_you_mean, nearest
from dunning.lang.text.positions import Mapping as Map
from dunning.lang.text.positions import Node, Scalar, Sequence, compose
from dunning.lang.words.desk import Desk, Fields
from dunning.lang.words.grammar import read_test
from dunning.model.condition import Type, Unknown
from dunning.model.rulebook import RuleBook, Table
from dunning.model.shown import answer_shown, answer_text, shown
from dunning.model.statutes import is_place

CASE = Text("用例", "a case")
FILE = Text("用例文件", "a file of cases")
EXPECT = Text("期望", "what is expected")


_NO_REASON = Text("", "")


@dataclass(frozen=True, slots=True)
class Difference:
    """One expectation that did not come true. `because` is empty where the figure speaks for itself."""

    what: Text
    expected: str
    got: Text
    because: Text = _NO_REASON
    at: Span | None = None


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
    elif path.is_file() and path.parent.name == "packs":  # a book is named: its cases are meant
        path = path.parent.parent / "cases" / path.name
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


def run_cases(files: Iterable[Path]) -> CaseReport:
    """Run files of cases, each against the book it names."""
    report = CaseReport()
    for file in files:
        _run_file(file, report)
    return report


def findings_of(file: Path) -> list[Finding]:
    """What is wrong in a file of cases, whatever comes out of them."""
    return run_cases([file]).findings


def _run_file(file: Path, report: CaseReport) -> None:
    text = file.read_bytes()
    name = shown_path(file)
    root, findings = compose(text, name)
    desk = Desk(name, text.decode("utf-8", "replace").splitlines())
    desk.add(findings)
    if root is not None and not has_errors(findings):
        report.results.extend(_Cases(desk, root, file).run())
    report.findings.extend(desk.results())


class _Cases:
    """The cases of one file."""

    def __init__(self, desk: Desk, root: Node, file: Path) -> None:
        self.desk = desk
        self.file = file
        self.fields = desk.open(root, ("rulebook", "accounts", "cases"), FILE, required=("rulebook", "cases"))
        self.like: dict[str, dict[str, Any]] = {}

    def run(self) -> Iterator[CaseResult]:
        book = self._book()
        if book is None:
            return
        accounts = self.fields.entries.get("accounts")
        if accounts and isinstance(accounts[1], Map):
            self.like = {name.text: {"id": name.text, **plain_map(node)} for name, node in accounts[1].entries}
        cases = self.fields.entries.get("cases")
        for node in self.desk.items(cases[1], FILE) if cases else []:
            result = self._case(node, book)
            if result:
                yield result

    def _book(self) -> RuleBook | None:
        entry = self.fields.entries.get("rulebook")
        name = self.desk.text(entry[1], FILE) if entry else None
        if not entry or not name:
            return None
        beside = self.file.parent.parent / "packs" / f"{name}.yaml"
        try:
            return load(beside if beside.exists() else name, draft=True)
        except RulesError:
            self.desk.report("M105", entry[1].span, name=name)
        except UsageError:
            known = [path.stem for path in beside.parent.glob("*.yaml")] + shipped_packs()
            self.desk.report("N209", entry[1].span, name=name, hint=_hint(name, known))
        return None

    def _case(self, node: Node, book: RuleBook) -> CaseResult | None:
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
        rulings = Rulings(self.desk, book, on, account if described else None, self._place(fields))
        result = assess(account, book, on=on)
        checked = _Expected(self.desk, book, result, rulings)
        return CaseResult(name, node.span, tuple(checked.differences(expect[1])))

    def _place(self, fields: Fields) -> str | None:
        """Where the guard is asked; without it, where the account lies, or the whole country."""
        place = fields.text("place")
        if place and not is_place(place):
            self.desk.report("L103", fields.at("place"), place=place)
            return None
        return place or None

    def _data(self, entries: Mapping[str, tuple[Scalar, Node]], on: date) -> dict[str, Any] | None:
        """The account: `like` another, `but` with these lists and fields in the place of its own."""
        data: dict[str, Any] = {"data_as_of": f"{on}T23:59:59+08:00"}
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


class _Expected:
    """What one case expects, held against what came out."""

    def __init__(self, desk: Desk, book: RuleBook, result: Assessment, rulings: Rulings) -> None:
        self.desk = desk
        self.book = book
        self.result = result
        self.rulings = rulings

    def differences(self, expect: Node) -> Iterator[Difference]:
        balance = self.result.balance
        amounts: dict[str, Fen] = {
            "late_fee": balance.late_fee,
            "principal": balance.principal_due,
            "not_due": balance.principal_not_due,
            "credit": balance.credit,
            "disputed": balance.disputed,
            "other_debtor": balance.other_debtor,
            "total": balance.total,
        }
        known = (*amounts, "status", "facts", "grades", "charges", "may", "refused", "findings")
        for key, (_, node) in self.desk.open(expect, known, EXPECT).entries.items():
            if key in amounts:
                yield from self._amount(_AMOUNTS[key], node, amounts[key])
            elif key == "status":
                yield from self._word(Text("状态", "status"), node, self.result.status)
            elif key == "findings":
                got = sorted({finding.code for finding in self.result.findings})
                yield from self._words(Text("数据问题", "findings"), node, got)
            elif key in ("may", "refused"):
                misses = self.rulings.may(node) if key == "may" else self.rulings.refused(node)
                yield from (Difference(*miss) for miss in misses)
            elif key == "facts":
                yield from self._facts(node)
            elif key == "grades":
                yield from self._grades(node, self.result.grades, "account")
            else:
                yield from self._charges(node)

    def _amount(self, what: Text, node: Node, got: Fen | None) -> Iterator[Difference]:
        text = self.desk.text(node, what) or ""
        try:
            wanted = parse_yuan(text, name=what.zh)
        except MoneyError as wrong:
            yield Difference(what, text, Text(str(wrong), str(wrong)), at=node.span)
            return
        if wanted != got:
            shown_ = Text("无法确定", "undetermined") if got is None else Text(yuan(got), yuan(got))
            yield Difference(what, yuan(wanted), shown_, at=node.span)

    def _word(self, what: Text, node: Node, got: str) -> Iterator[Difference]:
        text = self.desk.text(node, what) or ""
        if text != got:
            yield Difference(what, text, Text(got, got), at=node.span)

    def _words(self, what: Text, node: Node, got: list[str]) -> Iterator[Difference]:
        wanted = sorted(_texts(node))
        if wanted != got:
            told = ", ".join(got) or "-"
            yield Difference(what, ", ".join(wanted), Text(told, told), at=node.span)

    def _facts(self, node: Node) -> Iterator[Difference]:
        """A fact is expected by a test on it, as in a rule: `0天`, `超过30天`."""
        for name, wanted in _entries(node):
            fact = self._fact(name.text)
            if fact is None:
                self._unknown_fact(name)
                continue
            id_, type_, title = fact
            texts = _texts(wanted)
            test, findings = read_test(texts[0] if len(texts) == 1 else texts, type_, wanted.span, id_, title)
            self.desk.add(findings)
            value = self.result.value(id_)
            if test is not None and holds(test, value) is not True:
                got = Text(shown(value, type_, "zh"), shown(value, type_, "en"))
                yield Difference(title, "、".join(texts), got, at=wanted.span)

    def _unknown_fact(self, name: Scalar) -> None:
        what = Text("事实目录", "the fact catalogue")
        misnamed = meant_by(name.text)
        if misnamed is not None:
            hint = did_you_mean(misnamed.id, misnamed.title)
            self.desk.report("M103", name.span, name=name.text, what=what, hint=hint)
            return
        names = [word for definition in CATALOGUE.values() for word in (definition.id, definition.title.zh)]
        self._unknown_name(name, what, [*names, *self.book.facts])

    def _fact(self, word: str) -> tuple[str, Type, Text] | None:
        """The fact of that id or Chinese title, the book's own first."""
        own = [(name, fact.type, fact.title) for name, fact in self.book.facts.items()]
        known = [(fact.id, fact.type, fact.title) for fact in CATALOGUE.values() if fact.of == "account"]
        return next((fact for fact in (*own, *known) if word in (fact[0], fact[2].zh)), None)

    def _grades(self, node: Node, grades: Mapping[str, Graded], of: str) -> Iterator[Difference]:
        for name, wanted in _entries(node):
            tables = [table for table in self.book.tables.values() if table.of == of]
            table = next((table for table in tables if name.text in (table.id, table.title.zh)), None)
            if table is None:
                names = [name for table in tables for name in (table.id, table.title.zh) if name]
                self._unknown_name(name, Text(f"规则书 {self.book.name} ", f"the book {self.book.name}"), names)
                continue
            yield from self._grade(table, grades.get(table.id), wanted)

    def _grade(self, table: Table, graded: Graded | None, wanted: Node) -> Iterator[Difference]:
        if graded is None:
            yield Difference(table.title, "、".join(_texts(wanted)), Text("没有评", "not graded"), at=wanted.span)
            return
        value, row = wanted, None
        if isinstance(wanted, Map):
            fields = self.desk.open(wanted, ("is", "row"), EXPECT, required=("is",)).entries
            if "is" not in fields:
                return
            value, row = fields["is"][1], fields.get("row")
        texts = _texts(value)
        if texts != _said(graded, table):
            got = Text(_told(graded, table, "zh"), _told(graded, table, "en"))
            yield Difference(table.title, "、".join(texts), got, _because(graded, table), value.span)
        elif row is not None:
            yield from self._row(table, graded, row[1])

    def _row(self, table: Table, graded: Graded, node: Node) -> Iterator[Difference]:
        """Rows are named by title or id, not by number, so that a row put in before does no harm."""
        text = self.desk.text(node, EXPECT) or ""
        titles = {name for row in table.rows for name in (row.title, row.id) if name}
        if text not in titles:
            at = Scalar(text, node.span)
            self._unknown_name(at, Text(f"{table.title.zh} ", f"the table {table.id}"), titles)
        elif text not in {name for row in _rows(graded, table) for name in (row.title, row.id)}:
            got = "、".join(row.title or row.id or str(row.number) for row in _rows(graded, table)) or "-"
            yield Difference(table.title, text, Text(got, got), _because(graded, table), node.span)

    def _charges(self, node: Node) -> Iterator[Difference]:
        charges = {charge.id: charge for charge in self.result.charges}
        for name, wanted in _entries(node):
            charge = charges.get(name.text)
            if charge is None:
                self._unknown_name(name, Text("这一户", "the account"), charges)
                continue
            yield from self._charge(charge, wanted)

    def _charge(self, charge: ChargeResult, expect: Node) -> Iterator[Difference]:
        amounts = {"principal": charge.principal, "late_fee": charge.late_fee.assessed}
        for key, (_, node) in self.desk.open(expect, (*amounts, "grades"), EXPECT).entries.items():
            if key in amounts:
                what = _AMOUNTS[key]
                yield from self._amount(Text(f"{charge.id} {what.zh}", f"{charge.id} {what.en}"), node, amounts[key])
            else:
                yield from self._grades(node, charge.grades, "charge")

    def _unknown_name(self, name: Scalar, what: Text, known: Any) -> None:
        self.desk.report("M103", name.span, name=name.text, what=what, hint=_hint(name.text, known))


_AMOUNTS: Mapping[str, Text] = {
    "late_fee": Text("违约金", "late fee"),
    "principal": Text("到期本金", "principal due"),
    "not_due": Text("未到期本金", "principal not due"),
    "credit": Text("预存", "credit"),
    "disputed": Text("争议金额", "disputed"),
    "other_debtor": Text("应由他人缴纳", "another debtor's"),
    "total": Text("合计", "total"),
}


def _said(graded: Graded, table: Table) -> list[str]:
    """The answer as a case writes it."""
    if isinstance(graded.value, Unknown):
        return ["undetermined"]
    text = answer_text(graded.value, table.output)
    return [str(word) for word in text] if isinstance(text, list) else [_truth(text)]


def _truth(text: Any) -> str:
    return str(text).lower() if isinstance(text, bool) else str(text)


def _told(graded: Graded, table: Table, lang: Any) -> str:
    if isinstance(graded.value, Unknown):
        return Text("无法确定", "undetermined").to(lang)
    return answer_shown(graded.value, table.output, lang)


def _because(graded: Graded, table: Table) -> Text:
    """The rows that decided, by line and title; or the facts that are missing."""
    if graded.because:
        names = "、".join(graded.because)
        return Text(f"因为不知道 {names}", f"because {names} is unknown")
    rows = _rows(graded, table)
    if not rows:
        return Text("因为没有一行命中", "because no row matches")
    zh = "、".join(f"{row.at.line if row.at else row.number}行“{row.title or row.number}”" for row in rows)
    en = ", ".join(f"line {row.at.line if row.at else row.number} `{row.title or row.number}`" for row in rows)
    return Text(f"因为{zh}", f"because of {en}")


def _rows(graded: Graded, table: Table) -> list[Any]:
    return [row for row in table.rows if row.number in graded.rows]


def _hint(name: str, known: Any) -> Text:
    return did_you_mean(nearest(name, list(known)))


def _entries(node: Node) -> list[tuple[Scalar, Node]]:
    return node.entries if isinstance(node, Map) else []


def _texts(node: Node) -> list[str]:
    if isinstance(node, Sequence):
        return [text for item in node.items for text in _texts(item)]
    return [node.text] if isinstance(node, Scalar) else []


def plain_map(node: Node) -> dict[str, Any]:
    """A mapping of a rule file as an ERP would send it: nulls and truths as such, everything else text."""
    return {name.text: plain_node(value) for name, value in _entries(node)}


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
