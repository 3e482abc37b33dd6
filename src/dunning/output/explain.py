"""An assessment in words, Chinese or English: what is owed, since when, which row graded it, what kept others out.

The same content as the JSON, for a person who has to answer for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dunning.basis.finding import Finding, Lang, Text
from dunning.basis.money import yuan
from dunning.engine.known.catalogue import CATALOGUE, ITEMS
from dunning.engine.known.logic import Read
from dunning.engine.known.tables import Graded, RowTrace, trace
from dunning.engine.known.titles import titles_of, words_of
from dunning.engine.law.guard import unreviewed_at
from dunning.engine.owed.ledger import replay
from dunning.engine.result import Assessment, ChargeResult
from dunning.intake.records import Rejected
from dunning.model.action import ROLES
from dunning.model.condition import Condition, Type, Unknown, Value
from dunning.model.prose import prose
from dunning.model.rulebook import RuleBook, Table
from dunning.model.shown import answer_shown
from dunning.output import called, sums, why
from dunning.output.exchange import place_in_pack

_NOT_DUE = Text("还没有到期", "not due yet")


def explain(result: Assessment | Rejected, lang: Lang = "zh") -> str:
    """The whole answer as text, with the why of every figure and grade; of a rejected account every reason.

    `lang` is zh or en.
    """
    if isinstance(result, Rejected):
        return _told_rejected(result, lang)
    return "\n".join(_Teller(result, lang).lines())


def _told_rejected(rejected: Rejected, lang: Lang) -> str:
    head = Text(f"户 {rejected.id} 没有结果: 数据有错", f"no answer for account {rejected.id}: its data is wrong")
    where = f" ({rejected.where})" if rejected.where else ""
    return "\n".join([head.to(lang) + where, *(_finding(finding, lang) for finding in rejected.findings)])


def _finding(finding: Finding, lang: Lang) -> str:
    return f"  [{finding.code}] {finding.at or ''} {finding.message(lang)}"


_ANY = Type("text")


class _Teller:
    """Tells one assessment in one language."""

    def __init__(self, result: Assessment, lang: Lang) -> None:
        self.result = result
        self.lang = lang
        self.titles = titles_of(result.book) if result.book else {}
        self.words = words_of(result.book) if result.book else {}
        self.ledger = None if result.book is None else replay(result.account, result.book, result.on)
        self.states = {} if self.ledger is None else {state.charge.id: state for state in self.ledger.charges}

    def say(self, zh: str, en: str) -> str:
        return Text(zh, en).to(self.lang)

    def lines(self) -> Iterator[str]:
        result = self.result
        yield from self._head()
        if result.book is not None and self.ledger is not None:
            yield from self._balance()
            yield from self._charges()
            yield from sums.payments(result, self.ledger, self.lang)
            yield from self._facts()
            yield from self._grades(result.book, result.grades, result.value, indent="  ")
            yield from why.told(result, self.lang, self.titles, self.words)
        if result.findings:
            yield ""
            yield self.say("数据问题", "Doubts in the data")
            yield from (_finding(finding, self.lang) for finding in result.findings)

    def _head(self) -> Iterator[str]:
        result, book = self.result, self.result.book
        name = f"{result.account.company}/{result.account.id}"
        if book is None:
            yield self.say(
                f"户 {name}  {result.on}  没有适用的规则书", f"account {name}  {result.on}  no rule book applies"
            )
            return
        signed = "" if book.signed else self.say(" (未签)", " (unsigned)")
        yield self.say(
            f"户 {name}  {result.on}  规则书 {book.title} {book.name} {book.version}{signed}",
            f"account {name}  {result.on}  rule book {book.name} {book.version}{signed}",
        )
        if unreviewed := unreviewed_at(book, result.account.place):
            told = self.say("、", ", ").join(unreviewed)
            yield self.say(f"  未经律师审签的法规文件: {told}", f"  law files reviewed by no lawyer: {told}")
        if result.provisional:
            yield self.say(
                "  用到了还没有公布的放假安排, 日期是暂定的", "  provisional: rest days not yet announced were assumed"
            )

    def _balance(self) -> Iterator[str]:
        balance = self.result.balance
        total, due, fee, credit = map(yuan, (balance.total, balance.principal_due, balance.late_fee, balance.credit))
        yield self.say(
            f"应付 {total}元 = 到期本金 {due} + 违约金 {fee} - 预存 {credit}",
            f"to pay {total} yuan = principal due {due} + late fee {fee} - credit {credit}",
        )
        parts = (
            (balance.principal_not_due, Text("还没有到期的本金", "principal not due yet")),
            (balance.disputed, Text("其中有争议的", "of this disputed")),
            (balance.other_debtor, Text("其中应由他人缴纳、不催的", "of this another debtor's, not chased")),
        )
        for amount, title in parts:
            if amount:
                yield f"  {title.to(self.lang)} {yuan(amount)}"

    # Charges

    def _charges(self) -> Iterator[str]:
        settled = []
        for charge in self.result.charges:
            if charge.principal or charge.late_fee.outstanding != 0:
                yield ""
                yield from self._charge(charge)
            else:
                settled.append(charge.id)
        if settled:
            yield ""
            yield self.say(f"已清的账单 {len(settled)} 张: ", f"settled charges ({len(settled)}): ") + ", ".join(
                settled
            )

    def _charge(self, charge: ChargeResult) -> Iterator[str]:
        item = ITEMS[charge.item].to(self.lang)
        yield self.say(
            f"账单 {charge.id} {item}, {self._since(charge)}", f"charge {charge.id} {item}, {self._since(charge)}"
        )
        yield self.say(
            f"  未缴本金 {yuan(charge.principal)}元 (应缴 {yuan(charge.amount)}, 已缴 {yuan(charge.paid)})",
            f"  principal unpaid {yuan(charge.principal)} yuan (of {yuan(charge.amount)}, paid {yuan(charge.paid)})",
        )
        if charge.other_debtor:
            yield self.say("  应由他人缴纳, 不向这一户催", "  another debtor's: not chased here")
        elif not charge.chased:
            yield self.say("  规则书不催这个费项", "  the rule book does not chase this item")
        yield from sums.fee(charge.late_fee, self.states[charge.id], self.lang)
        if self.result.book is not None:
            read = {**self.result.facts, **charge.facts, **_as_facts(charge.grades)}
            yield from self._grades(
                self.result.book, charge.grades, lambda name: read[name] if name in read else self.result.value(name),
                indent="  ",
            )  # fmt: skip

    def _since(self, charge: ChargeResult) -> str:
        if charge.due is None:
            return self.say("没有到期日", "without a due date")
        due, written = str(charge.due), self.states[charge.id].charge.due
        if written != charge.due:
            due = self.say(f"{due} (账单写 {written}, 遇休息日顺延)", f"{due} (the bill says {written}, a rest day)")
        if charge.due >= self.result.on:
            return self.say(f"{due} 到期", f"due {due}")
        days = (self.result.on - charge.due).days
        return self.say(f"{due} 到期, 已过 {days} 天", f"due {due}, {days} days ago")

    # Facts and grades

    def _facts(self) -> Iterator[str]:
        book = self.result.book
        yield ""
        yield self.say("规则读到的事实", "Facts the rules read")
        for name, value in self.result.facts.items():
            own = book.facts.get(name) if book else None
            if own is None and name not in CATALOGUE:
                continue
            type_ = own.type if own else CATALOGUE[name].type
            told = called.value(value, type_, self.titles.get, self.lang)
            yield f"  {self.titles[name].to(self.lang)} ({name}): {told}"

    def _grades(self, book: RuleBook, grades: Mapping[str, Graded], read: Read, *, indent: str) -> Iterator[str]:
        if grades and indent and grades is self.result.grades:
            yield ""
            yield self.say("分级", "Grades")
        known = {**_as_facts(self.result.grades), **_as_facts(grades)}

        def reading(name: str) -> Value | Unknown:
            return known[name] if name in known else read(name)

        for name, graded in grades.items():
            yield from self._grade(book.tables[name], graded, reading, indent)

    def _grade(self, table: Table, graded: Graded, read: Read, indent: str) -> Iterator[str]:
        title = table.title.zh if self.lang == "zh" else f"{table.id}"
        yield f"{indent}{title}: {self._answer(table, graded)}"
        for row in trace(table, read):
            if row.row.number in graded.rows:
                yield f"{indent}  {self._decided(row, graded)}"
            elif row.row.number < min(graded.rows, default=len(table.rows) + 1):
                yield f"{indent}  {self._kept_out(row)}"

    def _answer(self, table: Table, graded: Graded) -> str:
        if not isinstance(graded.value, Unknown):
            if table.output.kind == "role" and graded.value in ROLES:
                return ROLES[str(graded.value)].to(self.lang)
            return answer_shown(graded.value, table.output, self.lang)
        missing = called.missing(graded.because, self.titles.get, self.lang)
        match graded.cause:
            case "overlap":
                return self.say("无法确定: 有几行同时命中", "undetermined: several rows match at once")
            case "undated":
                return self.say("无法确定: 这一行那天还没有值", "undetermined: the row says nothing yet on that day")
        return self.say(f"无法确定: 不知道 {missing}", f"undetermined: {missing} is unknown")

    def _decided(self, row: RowTrace, graded: Graded) -> str:
        at = f" ({place_in_pack(row.row.at)})" if row.row.at else ""
        what = row.row.title or row.row.id or (self.say("其余", "the rest") if row.row.otherwise else "")
        verb = self.say("命中", "matches") if not graded.cause else self.say("定不下来", "is open")
        told = self._values(row)
        return self.say(
            f"第{row.row.number}行{verb}{at} {what}{told}",
            f"row {row.row.number} {verb}{at} {what}{told}",
        )

    def _kept_out(self, row: RowTrace) -> str:
        part = row.part
        cell = self._prose(part) if part is not None else ""
        verb = self.say("不中", "does not match") if row.truth is False else self.say("定不下来", "is open")
        what = f" {row.row.title}" if row.row.title else ""
        return self.say(
            f"第{row.row.number}行{what} {verb}: 要{cell}{self._values(row)}",
            f"row {row.row.number}{what} {verb}: it wants {cell}{self._values(row)}",
        )

    def _prose(self, part: Condition) -> str:
        return prose(part, self.titles, self.lang, self.words)

    def _values(self, row: RowTrace) -> str:
        """What the cells in question read."""
        told = [f"{self.titles[name].to(self.lang)}={self._value(name, value)}" for name, value in row.values]
        return f" [{', '.join(told)}]" if told else ""

    def _value(self, name: str, value: Value | Unknown) -> str:
        book = self.result.book
        own = book.facts.get(name) if book else None
        if isinstance(value, Unknown) or own is not None or name in CATALOGUE:
            type_ = own.type if own else CATALOGUE[name].type if name in CATALOGUE else _ANY
            return called.value(value, type_, self.titles.get, self.lang)
        title = self.words.get(name, {}).get(str(value))
        return f"{value} {title.to(self.lang)}" if title and title.to(self.lang) != value else str(value)


def _as_facts(grades: Mapping[str, Graded]) -> dict[str, Value | Unknown]:
    return {name: graded.fact for name, graded in grades.items()}
