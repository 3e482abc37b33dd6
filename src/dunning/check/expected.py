"""What a case expects, held against what came out: each difference says what was expected, what came, and why.

A row is named by its title, a fact by a test on it, a step by whether it is due or what keeps it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dunning.basis.errors import MoneyError
from dunning.basis.finding import Lang, Text
from dunning.basis.money import Fen, decimal_text, parse_yuan, yuan
from dunning.basis.span import Span
from dunning.check.rulings import Rulings
from dunning.engine.known.catalogue import CATALOGUE, meant_by
from dunning.engine.known.logic import holds
from dunning.engine.known.tables import Graded
from dunning.engine.owed.fees import FeeState
from dunning.engine.result import Assessment, ChargeResult
from dunning.engine.steps.candidates import CODES, Code
from dunning.lang.text.names import did_you_mean, nearest
from dunning.lang.text.positions import Mapping as Map
from dunning.lang.text.positions import Node, Scalar, Sequence
from dunning.lang.words.desk import Desk
from dunning.lang.words.grammar import read_test
from dunning.model.condition import Type, Unknown
from dunning.model.rulebook import RuleBook, Table
from dunning.model.shown import answer_shown, answer_text, shown
from dunning.model.steps import Step

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

    def told(self, lang: Lang) -> str:
        """`12: 分级: 期望 B, 得到 A, 因为 41行`: the line of the case, what was expected, what came out and why."""
        what, got, because = (text.to(lang) for text in (self.what, self.got, self.because))
        line = f"{self.at.line}: " if self.at else ""
        told = Text(
            f"{line}{what}: 期望 {self.expected}, 得到 {got}", f"{line}{what}: expected {self.expected}, got {got}"
        )
        return told.to(lang) + (f", {because}" if because else "")


class Expected:
    """What one case expects, held against what came out of one book."""

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
        known = (*amounts, "status", "facts", "grades", "charges", "steps", "may", "refused", "findings")
        for key, (_, node) in self.desk.open(expect, known, EXPECT).entries.items():
            if key in amounts:
                why = _of_fees(self.result.charges) if key == "late_fee" else _NO_REASON
                yield from self._amount(_AMOUNTS[key], node, amounts[key], why)
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
            elif key == "steps":
                yield from self._steps(node)
            else:
                yield from self._charges(node)

    def _amount(self, what: Text, node: Node, got: Fen | None, why: Text = _NO_REASON) -> Iterator[Difference]:
        text = self.desk.text(node, what) or ""
        try:
            wanted = parse_yuan(text, name=what.zh)
        except MoneyError as wrong:
            yield Difference(what, text, Text(str(wrong), str(wrong)), at=node.span)
            return
        if wanted != got:
            shown_ = Text("无法确定", "undetermined") if got is None else Text(yuan(got), yuan(got))
            yield Difference(what, yuan(wanted), shown_, why, node.span)

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

    def _steps(self, node: Node) -> Iterator[Difference]:
        """`now`, or the code that keeps the step back: `{no: CODE}` among others, `{only: CODE}` alone."""
        steps = (*self.book.reminders, *self.book.ladder.steps)
        for name, wanted in _entries(node):
            step = next((step for step in steps if name.text in (step.id, step.title.zh, step.title.en)), None)
            if step is None:
                names = [word for each in steps for word in (each.id, each.title.zh)]
                self._unknown_name(name, Text(f"规则书 {self.book.name} ", f"the book {self.book.name}"), names)
                continue
            yield from self._step(step, wanted)

    def _step(self, step: Step, wanted: Node) -> Iterator[Difference]:
        due, codes = self._standing(step.id)
        kind, node = ("no", wanted) if not isinstance(wanted, Map) else self._kind(wanted)
        if node is None:
            return
        word = self.desk.word(node, _CODES, EXPECT)
        if word is None:
            return
        told = "now" if due else "、".join("、".join(each) for each in dict.fromkeys(codes)) or "-"
        if word == "now":
            met = due
        elif kind == "only":
            met = not due and all(each == (word,) for each in codes) and bool(codes)
        else:
            met = not due and any(word in each for each in codes)
        if not met:
            yield Difference(step.title, word if kind != "only" else f"only {word}", Text(told, told), at=node.span)

    def _kind(self, wanted: Map) -> tuple[str, Node | None]:
        """`{no: CODE}` or `{only: CODE}`."""
        entries = self.desk.open(wanted, ("no", "only"), EXPECT).entries
        key = next(iter(entries), None)
        return (key, entries[key][1]) if key else ("no", None)

    def _standing(self, step: str) -> tuple[bool, list[tuple[Code, ...]]]:
        """Whether a step goes out today, by itself or in another message, and the codes of all that does not."""
        carried = {one.step for action in self.result.actions for one in action.carries}
        due = step in carried or any(action.step == step for action in self.result.actions)
        return due, [each.codes for each in self.result.withheld if each.step == step]

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
                why = _of_fees([charge]) if key == "late_fee" else _NO_REASON
                named = Text(f"{charge.id} {what.zh}", f"{charge.id} {what.en}")
                yield from self._amount(named, node, amounts[key], why)
            else:
                yield from self._grades(node, charge.grades, "charge")

    def _unknown_name(self, name: Scalar, what: Text, known: Any) -> None:
        self.desk.report("M103", name.span, name=name.text, what=what, hint=_hint(name.text, known))


_CODES: Mapping[str, Text] = {code: Text(code, code) for code in ("now", *CODES)}
"""What may be expected of a step: that it is due now, or a code that keeps it back."""

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
        titles = [_title(name) for name in graded.because]
        zh, en = "、".join(each.zh for each in titles), ", ".join(each.en for each in titles)
        return Text(f"因为不知道{zh}", f"because {en} is unknown")
    rows = _rows(graded, table)
    if not rows:
        return Text("因为没有一行命中", "because no row matches")
    zh = "、".join(f"{row.at.line if row.at else row.number}行“{row.title or row.number}”" for row in rows)
    en = ", ".join(f"line {row.at.line if row.at else row.number} `{row.title or row.number}`" for row in rows)
    return Text(f"因为{zh}", f"because of {en}")


def _title(fact: str) -> Text:
    """A fact of the catalogue as people call it, any other by its name."""
    return CATALOGUE[fact].title if fact in CATALOGUE else Text(fact, fact)


_FEES_TOLD = 3


def _of_fees(charges: Iterable[ChargeResult]) -> Text:
    """How late fees come to their sums, stretch by stretch; of many charges the first few."""
    told = [(charge.id, sums) for charge in charges if (sums := _of_fee(charge.late_fee)) != _NO_REASON]
    if not told:
        return _NO_REASON
    more = (
        Text(f" 等{len(told)}张账单", f" and {len(told) - _FEES_TOLD} more") if len(told) > _FEES_TOLD else _NO_REASON
    )
    few = told[:_FEES_TOLD]
    zh = "、".join(f"{name}: {sums.zh}" for name, sums in few)
    en = ", ".join(f"{name}: {sums.en}" for name, sums in few)
    return Text(f"因为 {zh}{more.zh}", f"because of {en}{more.en}")


def _of_fee(fee: FeeState) -> Text:
    """1592.25 × 0.5‰ × 45天, and the cap where it was reached."""
    figures = [(yuan(part.principal), f"{decimal_text(part.rate * 1000)}‰", part.days) for part in fee.segments]
    if not figures:
        return _NO_REASON
    zh = " + ".join(f"{principal} × {rate} × {days}天" for principal, rate, days in figures)
    en = " + ".join(f"{principal} × {rate} × {days} days" for principal, rate, days in figures)
    return Text(f"{zh}, 到了上限", f"{en}, at its cap") if fee.capped else Text(zh, en)


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
