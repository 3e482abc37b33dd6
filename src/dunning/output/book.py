"""A whole rule book in prose, as a reviewer reads it aloud: every clause with the file and line it was written in.

What a pack takes from its base is told with the rest, so that nobody has to read two files to know what holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, TypeVar

from dunning.basis.finding import Lang, Text
from dunning.basis.span import Span
from dunning.lang.words import words
from dunning.model.action import ROLES
from dunning.model.condition import ALWAYS, Condition
from dunning.model.rulebook import Dated, LateFee, RuleBook, Table
from dunning.model.shown import answer_shown
from dunning.model.steps import Incentive, Offer, Pause, Step, Target
from dunning.output import said
from dunning.output.exchange import place_in_pack
from dunning.output.phrases import Phrases, percent

T = TypeVar("T")


def book_text(book: RuleBook, lang: Lang = "zh") -> str:
    """The book as text, section by section; empty sections are left out."""
    return "\n".join(_Reader(book, lang).lines())


class _Reader:
    """Reads one book aloud in one language."""

    def __init__(self, book: RuleBook, lang: Lang) -> None:
        self.book = book
        self.lang = lang
        self.phrases = Phrases(book, with_ids=True)

    def say(self, zh: str, en: str) -> str:
        return Text(zh, en).to(self.lang)

    def of(self, field: str, value: Any) -> str:
        """What a field says, in words."""
        return self.phrases.say(field, value).to(self.lang)

    def lines(self) -> Iterator[str]:
        yield from self._head()
        for terms in self.book.late_fees:
            yield from self._section(Text("违约金", "Late fee"), terms.at, self._late_fee(terms))
        yield from self._section(Text("收款冲抵", "Payments"), None, self._payments())
        facts = (f"{fact.title.to(self.lang)} ({fact.id}) ← attributes.{fact.key}" for fact in self.book.facts.values())
        yield from self._section(Text("本规则书自己的事实", "Facts of this book's own"), None, facts)
        for table in self.book.tables.values():
            yield from self._section(self._table_title(table), table.at, self._table(table), table.source)
        yield from self._section(Text("联系", "Contacts"), self.book.contact.at, self._contact())
        for step in self.book.reminders:
            yield from self._section(Text(f"提醒: {step.title.zh}", f"Reminder: {step.id}"), step.at, self._step(step))
        for number, step in enumerate(self.book.ladder.steps, 1):
            title = Text(f"阶梯第{number}级: {step.title.zh}", f"Ladder, rung {number}: {step.id}")
            yield from self._section(title, step.at, self._step(step))
        yield from self._placed(Text("暂停", "Pauses"), ((pause.at, self._pause(pause)) for pause in self.book.pauses))
        yield from self._section(Text("承诺", "Promises"), None, self._promises())
        offers = ((offer.at, self._offer(offer)) for offer in self.book.relief)
        yield from self._placed(Text("减免和分期", "Relief"), offers)
        rows = self.book.incentives.rows
        yield from self._placed(self._incentives_title(), ((row.at, self._incentive(row)) for row in rows))
        yield from self._placed(Text("目标", "Targets"), ((each.at, self._target(each)) for each in self.book.targets))
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
            told.append(self.say("适用于", "applies to: ") + self._when(book.applies))
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

    def _placed(self, title: Text, entries: Iterable[tuple[Span | None, str]]) -> Iterator[str]:
        """A section of which every line has a place of its own."""
        lines = [told + (f"  [{place_in_pack(at)}]" if at else "") for at, told in entries]
        yield from self._section(title, None, lines)

    def _joined(self, parts: Iterable[str]) -> str:
        return self.say("; ", "; ").join(part for part in parts if part)

    def _when(self, condition: Condition) -> str:
        return self.phrases.condition(condition).to(self.lang)

    def _source(self, source: str) -> str:
        return self.say(f"来源: {source}", f"source: {source}") if source else ""

    # Money

    def _late_fee(self, terms: LateFee) -> Iterator[str]:
        items = self.of("items", terms.items)
        yield self.say(f"计违约金的费项: {items}", f"items that bear it: {items}")
        for since, rate in self._dated(terms.rate):
            yield since + self.of("rate", rate)
        for since, cap in self._dated(terms.cap):
            most = self.of("cap", cap)
            no_cap = self.say("没有上限", "no cap")
            yield since + (no_cap if cap is None else self.say(f"上限为{most}", f"at most {most}"))
        yield self.say("付款当天: ", "payment day: ") + self.of("payment_day", terms.payment_day)
        for since, grace in self._dated(terms.grace):
            days = self.of("grace", grace)
            yield since + self.say(f"宽限{days}", f"{days} of grace")
        for since, rounding in self._dated(terms.rounding):
            yield since + self.say("最后舍入一次: ", "rounded once: ") + self.of("rounding", rounding)
        yield self.say("到期日是休息日: ", "due on a rest day: ") + self.of("rest_day_due", terms.rest_day_due)
        if terms.source:
            yield self.say(f"来源: {terms.source}", f"source: {terms.source}")

    def _dated(self, values: Dated[T]) -> Iterator[tuple[str, T]]:
        for since, value in values.steps:
            yield ("" if since == date.min else self.say(f"自 {since} 起", f"from {since}: ")), value

    def _payments(self) -> Iterator[str]:
        payments = self.book.payments
        yield self.say("几张账单之间: ", "across charges: ") + self.of("across_charges", payments.across_charges)
        parts = self.of("within_charge", payments.within_charge)
        yield self.say(f"一张账单之内先后: {parts}", f"within a charge: {parts}")
        yield self.say("起催金额: ", "chased from ") + self.of("chase_from", payments.chase_from)
        items = self.of("chased", self.book.chased)
        yield self.say(f"要催的费项: {items}", f"items chased: {items}")

    # Tables

    def _table_title(self, table: Table) -> Text:
        of = Text(", 每张账单", ", per charge") if table.of == "charge" else Text("", "")
        hit = words.HITS[table.hit]
        return Text(f"表: {table.title.zh} ({table.id}{of.zh}, {hit.zh})", f"Table: {table.id} ({table.hit}{of.en})")

    def _table(self, table: Table) -> Iterator[str]:
        for row in table.rows:
            rest = row.otherwise or (row.when == ALWAYS and table.hit == "first")  # what is left after the rows before
            when = self.say("其余", "otherwise") if rest else self._when(row.when)
            for since, answer in self._dated(row.then):
                told = answer_shown(answer, table.output, self.lang)
                if answer == "none" and told != "none":
                    told = f"none {told}"  # as it is written in the file, and what it means
                if table.output.kind == "role" and answer in ROLES:
                    told = ROLES[str(answer)].to(self.lang)
                title = f"  ({row.title})" if row.title else ""
                yield f"{row.number}. {since}{when} → {told}{title}"

    # Steps

    def _step(self, step: Step) -> Iterator[str]:
        yield self.say("动作: ", "action: ") + self.of("action", step.action)
        if step.window is not None:
            yield self.say("何时: ", "when: ") + self.of("window", step.window)
        if step.when != ALWAYS:
            yield self.say("条件: ", "condition: ") + self._when(step.when)
        if step.after:
            yield self.say("不早于: ", "not before: ") + self.of("after", step.after)
        if step.channels:
            yield self.say("渠道: ", "channels: ") + self.of("channels", step.channels)
        if step.role:
            yield self.say("岗位: ", "role: ") + self.of("role", step.role)
        if step.approval:
            yield self.say("审批: ", "approval: ") + self.of("approval", step.approval)
        if step.needs:
            yield self.say("须 ", "needs ") + self.of("needs", step.needs)
        if step.record:
            yield self.say("须登记: ", "to be recorded: ") + self.of("record", step.record)
        if step.gives:
            yield self.say("给的期限: ", "gives ") + self.of("gives", step.gives)
        if step.repeat:
            yield self.say("重复: ", "repeated ") + self.of("repeat", step.repeat)
        if step.source:
            yield self.say(f"来源: {step.source}", f"source: {step.source}")

    # Contacts

    def _contact(self) -> Iterator[str]:
        contact, none = self.book.contact, self.say("不联系", "none")
        for kind, days in contact.windows.items():
            title = words.CLASSES[kind].to(self.lang) if kind in words.CLASSES else kind
            told = self.say(", ", ", ").join(
                f"{words.DAYS[day].to(self.lang)} {self.of('hours', stretches) if stretches else none}"
                for day, stretches in days.items()
            )
            yield self.say(f"{title}的时段: {told}", f"hours of {title}: {told}")
        for field, limits in (("caps", contact.caps), ("quotas", contact.quotas)):
            for limit in limits:
                told = self._joined([self.of(field, limit), limit.title, self._source(limit.source)])
                yield told + (f"  [{place_in_pack(limit.at)}]" if limit.at else "")
        if contact.fresh_data:
            fresh = said.length(contact.fresh_data)
            yield self.say(f"数据不得旧于{fresh.zh}", f"data may be at most {fresh.en} old")

    # What rests, and what may be offered

    def _pause(self, pause: Pause) -> str:
        stops = self.of("stops", pause.stops)
        until = self.of("until", pause.until)
        within = said.length(pause.answer_within) if pause.answer_within else None
        when = self._when(pause.while_)
        return self._joined([
            self.say(f"{when}期间, 停下{stops}", f"while {when}: {stops} rest"),
            self.say(f"直到{until}", f"until {until}") if pause.until else "",
            self.say(f"{within.zh}内答复", f"to be answered within {within.en}") if within else "",
            self._source(pause.source),
        ])  # fmt: skip

    def _promises(self) -> Iterator[str]:
        promises = self.book.promises
        longest = said.length(promises.longest)
        if self.book.ladder.steps:
            yield self.say(
                f"承诺付款最远{longest.zh}, 连续最多{promises.in_a_row}次, 期间阶梯停下",
                f"a promise rests the ladder if it is at most {longest.en} off, "
                f"and at most {promises.in_a_row} times in a row",
            )

    def _offer(self, offer: Offer) -> str:
        parts = [f"{offer.title or offer.id}: {self.of('kind', offer.kind)}"]
        if offer.when != ALWAYS:
            parts.append(self.say("条件: ", "condition: ") + self._when(offer.when))
        if offer.count:
            parts.append(self.of("count", offer.count) + self.say("期", " instalments"))
        if offer.every:
            every = said.length(offer.every)
            parts.append(self.say(f"每{every.zh}一期", f"one every {every.en}"))
        if offer.months:
            parts.append(self.of("months", offer.months) + self.say("个月", " months"))
        if offer.waive:
            parts.append(self.say("免", "waives ") + self.of("waive", offer.waive))
        if offer.kind in ("instalments", "deferral"):
            parts.append(self.say("期间违约金", "late fee meanwhile: ") + self.of("accrual", offer.accrual))
            parts.append(self.say("违约时", "when broken: ") + self.of("on_break", offer.on_break))
        if offer.tolerance.count:
            late = said.length(offer.tolerance)
            parts.append(self.say(f"迟{late.zh}以内不算违约", f"{late.en} late is not broken"))
        if offer.needs:
            parts.append(self.say("须备 ", "needs ") + self.of("needs", offer.needs))
        parts += [self.of("authority", one) for one in offer.authority]
        return self._joined([*parts, self._source(offer.source)])

    def _incentives_title(self) -> Text:
        stacking = words.STACKING[self.book.incentives.stacking]
        return Text(f"优惠 ({stacking.zh})", f"Incentives ({stacking.en})")

    def _incentive(self, row: Incentive) -> str:
        share = percent(row.discount) if row.discount is not None else ""
        given = self.say(f"减 {share}", f"{share} off") if share else ""
        return self._joined([
            f"{row.title}: {self._when(row.when)} → {self._joined([given, row.benefit])}", self._source(row.source)
        ])  # fmt: skip

    def _target(self, target: Target) -> str:
        measure, share = self.of("measure", target.measure), self.of("at_least", target.at_least)
        by = said.until(target.by, self.phrases.step).to(self.lang) if target.by else ""
        return self._joined([
            target.title if target.title != measure else "",
            self.say(f"{measure}至少 {share}", f"{measure} at least {share}"),
            self.say(f"{by}为止", f"by {by}") if by else "",
            self._source(target.source),
        ])  # fmt: skip
