"""A whole rule book in prose, as a reviewer reads it aloud: every clause with the file and line it was written in.

What a pack takes from its base is told with the rest, so that nobody has to read two files to know what holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, TypeVar

from dunning.basis.finding import Lang, Text
from dunning.basis.money import decimal_text, yuan
from dunning.basis.span import Span
from dunning.engine.catalogue import ITEMS
from dunning.lang import words
from dunning.model.action import ACTIONS, ROLES
from dunning.model.anchor import Anchor, AnchorWindow, CalendarWindow, Duration, Window
from dunning.model.condition import ALWAYS
from dunning.model.prose import prose
from dunning.model.rulebook import Cap, Dated, LateFee, RuleBook, Table
from dunning.model.shown import answer_shown
from dunning.model.steps import By, Step
from dunning.output.exchange import place_in_pack
from dunning.output.explain import titles_of, words_of

T = TypeVar("T")

_UNITS = {
    "d": Text("天", " days"),
    "wd": Text("个工作日", " working days"),
    "mo": Text("个月", " months"),
    "y": Text("年", " years"),
    "h": Text("小时", " hours"),
}


def book_text(book: RuleBook, lang: Lang = "zh") -> str:
    """The book as text, section by section; empty sections are left out."""
    return "\n".join(_Reader(book, lang).lines())


class _Reader:
    """Reads one book aloud in one language."""

    def __init__(self, book: RuleBook, lang: Lang) -> None:
        self.book = book
        self.lang = lang
        self.titles = titles_of(book)
        self.words = words_of(book)

    def say(self, zh: str, en: str) -> str:
        return Text(zh, en).to(self.lang)

    def lines(self) -> Iterator[str]:
        yield from self._head()
        for terms in self.book.late_fees:
            yield from self._section(Text("违约金", "Late fee"), terms.at, self._late_fee(terms))
        yield from self._section(Text("收款冲抵", "Payments"), None, self._payments())
        facts = (f"{fact.title.to(self.lang)} ({fact.id}) ← attributes.{fact.key}" for fact in self.book.facts.values())
        yield from self._section(Text("本规则书自己的事实", "Facts of this book's own"), None, facts)
        for table in self.book.tables.values():
            yield from self._section(self._table_title(table), table.at, self._table(table), table.source)
        for step in self.book.reminders:
            yield from self._section(Text(f"提醒: {step.title.zh}", f"Reminder: {step.id}"), step.at, self._step(step))
        for number, step in enumerate(self.book.ladder.steps, 1):
            title = Text(f"阶梯第{number}级: {step.title.zh}", f"Ladder, rung {number}: {step.id}")
            yield from self._section(title, step.at, self._step(step))
        refused = (f"{one.item} {one.says}: {one.because}" for one in self.book.declined)
        yield from self._section(Text("不采用的做法", "Declined"), None, refused)

    def _head(self) -> Iterator[str]:
        book = self.book
        yield f"{book.title} ({book.name} {book.version})"
        since = str(book.since) if book.since else "…"
        until = str(book.until) if book.until else "…"
        signed = self.say("已签", "signed") if book.signed else self.say("未签", "unsigned")
        told = [self.say(f"有效 {since} 至 {until}", f"in force {since} to {until}"), signed]
        if book.applies is None:
            told.append(self.say("只作底本, 不直接适用", "a base only: applies to nobody"))
        elif book.applies != ALWAYS:
            told.append(self.say("适用于", "applies to: ") + prose(book.applies, self.titles, self.lang, self.words))
        if book.based_on:
            told.append(self.say(f"以 {book.based_on} 为底本", f"based on {book.based_on}"))
        yield "  " + self.say("; ", "; ").join(told)

    def _section(self, title: Text, at: Span | None, lines: Iterable[str], source: str = "") -> Iterator[str]:
        told = list(lines)
        if not told:
            return
        yield ""
        yield title.to(self.lang) + (f"  [{place_in_pack(at)}]" if at else "")
        yield from (f"  {line}" for line in told)
        if source:
            yield "  " + self.say(f"来源: {source}", f"source: {source}")

    # Money

    def _late_fee(self, terms: LateFee) -> Iterator[str]:
        items = self.say("、", ", ").join(ITEMS[item].to(self.lang) for item in terms.items)
        yield self.say(f"计违约金的费项: {items}", f"items that bear it: {items}")
        for since, rate in self._dated(terms.rate):
            yield self.say(f"{since}每日 {_per_mille(rate)}", f"{since}{_per_mille(rate)} a day")
        for since, cap in self._dated(terms.cap):
            yield since + self._cap(cap)
        yield self._word(words.PAYMENT_DAY, terms.payment_day, Text("付款当天", "payment day"))
        for since, grace in self._dated(terms.grace):
            yield self.say(f"{since}宽限 {grace} 天", f"{since}{grace} days of grace")
        for since, rounding in self._dated(terms.rounding):
            yield since + self._word(words.ROUNDING, rounding, Text("最后舍入一次", "rounded once"))
        yield self._word(words.REST_DAY_DUE, terms.rest_day_due, Text("到期日是休息日", "due on a rest day"))
        if terms.source:
            yield self.say(f"来源: {terms.source}", f"source: {terms.source}")

    def _dated(self, values: Dated[T]) -> Iterator[tuple[str, T]]:
        for since, value in values.steps:
            yield ("" if since == date.min else self.say(f"自 {since} 起", f"from {since}: ")), value

    def _cap(self, cap: Cap | None) -> str:
        if cap is None:
            return self.say("没有上限", "no cap")
        of = Text("应缴本金", "the charge") if cap.of == "charge" else Text("到期时未缴的本金", "what was overdue")
        share = f"{decimal_text(cap.share * 100)}%"
        return self.say(f"上限为{of.zh}的 {share}", f"at most {share} of {of.en}")

    def _payments(self) -> Iterator[str]:
        said = self.book.payments
        yield self._word(words.ACROSS_CHARGES, said.across_charges, Text("几张账单之间", "across charges"))
        parts = self.say("、", ", ").join(self._title(words.PARTS, part) for part in said.within_charge)
        yield self.say(f"一张账单之内先后: {parts}", f"within a charge: {parts}")
        yield self.say(f"起催金额: {yuan(said.chase_from)}元", f"chased from {yuan(said.chase_from)} yuan")
        items = self.say("、", ", ").join(ITEMS[item].to(self.lang) for item in self.book.chased)
        yield self.say(f"要催的费项: {items}", f"items chased: {items}")

    def _word(self, known: Mapping[Any, Text], word: str, what: Text) -> str:
        return f"{what.to(self.lang)}: {self._title(known, word)}"

    def _title(self, known: Mapping[Any, Text], word: str) -> str:
        title = known.get(word)
        return (title.to(self.lang) if title else "") or word

    # Tables

    def _table_title(self, table: Table) -> Text:
        of = Text(", 每张账单", ", per charge") if table.of == "charge" else Text("", "")
        hit = words.HITS[table.hit]
        return Text(f"表: {table.title.zh} ({table.id}{of.zh}, {hit.zh})", f"Table: {table.id} ({table.hit}{of.en})")

    def _table(self, table: Table) -> Iterator[str]:
        for row in table.rows:
            when = (
                self.say("其余", "otherwise") if row.otherwise else prose(row.when, self.titles, self.lang, self.words)
            )
            for since, answer in self._dated(row.then):
                told = answer_shown(answer, table.output, self.lang)
                if table.output.kind == "role" and answer in ROLES:
                    told = ROLES[str(answer)].to(self.lang)
                title = f"  ({row.title})" if row.title else ""
                yield f"{row.number}. {since}{when} → {told}{title}"

    # Steps

    def _step(self, step: Step) -> Iterator[str]:
        action = self.book.actions.get(step.action) or ACTIONS.get(step.action)
        told = action.title.to(self.lang) if action else step.action
        yield self.say(f"动作: {told}", f"action: {told}")
        if step.window is not None:
            yield self.say("何时: ", "when: ") + self._window(step.window)
        if step.when != ALWAYS:
            yield self.say("条件: ", "condition: ") + prose(step.when, self.titles, self.lang, self.words)
        if step.after:
            yield self.say("在此之后: ", "after: ") + ", ".join(_anchor(one) for one in step.after)
        if step.channels:
            among = self.say("、", ", ").join(self._title(words.CHANNELS, one) for one in step.channels.channels)
            how = Text("依次试", "first of") if step.channels.mode == "first_of" else Text("同时用", "all of")
            yield self.say(f"渠道({how.zh}): {among}", f"channels ({how.en}): {among}")
        if step.role:
            yield self.say("岗位: ", "role: ") + self._by(step.role)
        if step.approval:
            roles = self.say("、", ", ").join(ROLES[role].to(self.lang) for role in step.approval.roles)
            yield self.say(f"审批: {roles}", f"approval: {roles}")
        if step.gives:
            yield self.say(
                f"给的期限: {self._length(step.gives.deadline)}", f"gives {self._length(step.gives.deadline)}"
            )
        if step.repeat:
            times = f", {step.repeat.times}" if step.repeat.times else ""
            yield self.say(
                f"重复: 每{self._length(step.repeat.every)}{times}", f"every {self._length(step.repeat.every)}{times}"
            )
        if step.source:
            yield self.say(f"来源: {step.source}", f"source: {step.source}")

    def _by(self, value: object) -> str:
        if isinstance(value, By):
            return self.say(f"按表 {value.table}", f"by table {value.table}")
        return ROLES[str(value)].to(self.lang) if str(value) in ROLES else str(value)

    def _window(self, window: Window) -> str:
        if isinstance(window, AnchorWindow):
            last = f" .. {_anchor(window.last)}" if window.last else ""
            return _anchor(window.first) + last
        return self._calendar(window)

    def _calendar(self, window: CalendarWindow) -> str:
        period = self._title(words.OCCASIONS, window.period)
        first, last = (self.say("最后", "last") if day < 0 else str(day) for day in (window.first, window.last))
        days = first if window.first == window.last else f"{first}..{last}"
        return self.say(f"{period}第{days}天", f"day {days} of each {window.period}")

    def _length(self, length: Duration) -> str:
        return f"{length.count}{_UNITS[length.unit].to(self.lang)}"


def _anchor(anchor: Anchor) -> str:
    """An anchor in the spelling of the rule language, which both languages share."""
    of = f"({anchor.of})" if anchor.of else ""
    count = anchor.offset.count
    offset = f" {'+' if count > 0 else '-'} {abs(count)}{anchor.offset.unit}" if count else ""
    return f"{anchor.event}{of}{offset}"


def _per_mille(rate: Fraction) -> str:
    return f"{decimal_text(rate * 1000)}‰"
