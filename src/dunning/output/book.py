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
from dunning.engine.known.catalogue import ITEMS
from dunning.engine.known.titles import titles_of, words_of
from dunning.lang.words import words
from dunning.model.action import ACTIONS, ROLES
from dunning.model.anchor import ClockRange, CountRange
from dunning.model.condition import ALWAYS, Condition
from dunning.model.prose import prose
from dunning.model.rulebook import Cap, Dated, LateFee, RuleBook, Table
from dunning.model.shown import answer_shown
from dunning.model.steps import (
    Authority,
    By,
    Gives,
    Incentive,
    Offer,
    Pause,
    Repeat,
    Step,
    Stop,
    Target,
)
from dunning.output import said
from dunning.output.exchange import place_in_pack

T = TypeVar("T")


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

    def _placed(self, title: Text, entries: Iterable[tuple[Span | None, str]]) -> Iterator[str]:
        """A section of which every line has a place of its own."""
        lines = [told + (f"  [{place_in_pack(at)}]" if at else "") for at, told in entries]
        yield from self._section(title, None, lines)

    def _joined(self, parts: Iterable[str]) -> str:
        return self.say("; ", "; ").join(part for part in parts if part)

    def _when(self, condition: Condition) -> str:
        return prose(condition, self.titles, self.lang, self.words)

    def _titles(self, known: Mapping[Any, Text], names: Iterable[str]) -> str:
        return self.say("、", ", ").join(self._title(known, name) for name in names)

    def _source(self, source: str) -> str:
        return self.say(f"来源: {source}", f"source: {source}") if source else ""

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
        payments = self.book.payments
        yield self._word(words.ACROSS_CHARGES, payments.across_charges, Text("几张账单之间", "across charges"))
        parts = self.say("、", ", ").join(self._title(words.PARTS, part) for part in payments.within_charge)
        yield self.say(f"一张账单之内先后: {parts}", f"within a charge: {parts}")
        yield self.say(f"起催金额: {yuan(payments.chase_from)}元", f"chased from {yuan(payments.chase_from)} yuan")
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
        action = self.book.actions.get(step.action) or ACTIONS.get(step.action)
        told = action.title.to(self.lang) if action else step.action
        yield self.say(f"动作: {told}", f"action: {told}")
        if step.window is not None:
            yield self.say("何时: ", "when: ") + said.window(step.window, self._step_name).to(self.lang)
        if step.when != ALWAYS:
            yield self.say("条件: ", "condition: ") + self._when(step.when)
        if step.after:
            after = (said.anchor(one, self._step_name).to(self.lang) for one in step.after)
            yield self.say("不早于: ", "not before: ") + self.say("、", ", ").join(after)
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
            yield self._gives(step.gives)
        if step.repeat:
            yield self._repeat(step.repeat)
        if step.source:
            yield self.say(f"来源: {step.source}", f"source: {step.source}")

    def _by(self, value: object) -> str:
        if isinstance(value, By):
            return self.say(f"按表 {value.table}", f"by table {value.table}")
        return ROLES[str(value)].to(self.lang) if str(value) in ROLES else str(value)

    def _gives(self, gives: Gives) -> str:
        time = said.length(gives.deadline)
        least = said.length(gives.at_least) if gives.at_least else None
        since = words.GIVEN_FROM[gives.from_]
        zh = f"给的期限: 自{since.zh}次日起{time.zh}" + (f", 至少{least.zh}" if least else "")
        en = f"gives {time.en} from the day after it is {since.en}" + (f", at least {least.en}" if least else "")
        return self.say(zh, en)

    def _repeat(self, repeat: Repeat) -> str:
        every = said.length(repeat.every)
        zh, en = f"重复: 每{every.zh}一次", f"repeated every {every.en}"
        if repeat.times:
            zh, en = f"{zh}, 最多{repeat.times}次", f"{en}, at most {repeat.times} times"
        if repeat.until is not None:
            zh, en = f"{zh}, 直到{self._when(repeat.until)}", f"{en}, until {self._when(repeat.until)}"
        return self.say(zh, en)

    def _step_name(self, name: str) -> Text:
        step = self.book.step(name)
        if step is None or step.title.zh == name:
            return Text(name, name)
        return Text(
            f"{step.title.zh} ({name})", name if step.title.en == step.title.zh else f"{step.title.en} ({name})"
        )

    # Contacts

    def _contact(self) -> Iterator[str]:
        contact = self.book.contact
        for kind, days in contact.windows.items():
            title = words.CLASSES[kind].to(self.lang) if kind in words.CLASSES else kind
            told = self.say(", ", ", ").join(
                f"{words.DAYS[day].to(self.lang)} {self._hours(stretches)}" for day, stretches in days.items()
            )
            yield self.say(f"{title}的时段: {told}", f"hours of {title}: {told}")
        for limits, say in ((contact.caps, said.at_most), (contact.quotas, said.at_least)):
            for limit in limits:
                whom = self.say("仅对", "for those of whom: ") + self._when(limit.when) if limit.when != ALWAYS else ""
                told = self._joined([say(limit).to(self.lang), whom, limit.title, self._source(limit.source)])
                yield told + (f"  [{place_in_pack(limit.at)}]" if limit.at else "")
        if contact.fresh_data:
            fresh = said.length(contact.fresh_data)
            yield self.say(f"数据不得旧于{fresh.zh}", f"data may be at most {fresh.en} old")

    def _hours(self, stretches: tuple[ClockRange, ...]) -> str:
        return self.say("、", ", ").join(map(said.hours, stretches)) or self.say("不联系", "none")

    # What rests, and what may be offered

    def _pause(self, pause: Pause) -> str:
        stops = self.say("、", ", ").join(self._stop(stop) for stop in pause.stops)
        until = words.UNTIL[pause.until].to(self.lang) if pause.until else ""
        within = said.length(pause.answer_within) if pause.answer_within else None
        when = self._when(pause.while_)
        return self._joined([
            self.say(f"{when}期间, 停下{stops}", f"while {when}: {stops} rest"),
            self.say(f"直到{until}", f"until {until}") if until else "",
            self.say(f"{within.zh}内答复", f"to be answered within {within.en}") if within else "",
            self._source(pause.source),
        ])  # fmt: skip

    def _stop(self, stop: Stop) -> str:
        if stop.what == "tone":
            tone = self._title(words.TONES, stop.name)
            return self.say(f"口径为{tone}的步骤", f"steps in a {tone} tone")
        return self._step_name(stop.name).to(self.lang) if stop.what == "step" else self._title(words.STOPS, stop.what)

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
        kind = words.OFFERS[offer.kind].to(self.lang)
        parts = [f"{offer.title or offer.id}: {kind}"]
        if offer.when != ALWAYS:
            parts.append(self.say("条件: ", "condition: ") + self._when(offer.when))
        if offer.count:
            parts.append(self.say(f"{_range(offer.count)}期", f"{_range(offer.count)} instalments"))
        if offer.every:
            every = said.length(offer.every)
            parts.append(self.say(f"每{every.zh}一期", f"one every {every.en}"))
        if offer.months:
            parts.append(self.say(f"{_range(offer.months)}个月", f"{_range(offer.months)} months"))
        if offer.waive:
            least, most = _percent(offer.waive.least), _percent(offer.waive.most)
            share = most if least == most else f"{least}-{most}"
            of = self._title(words.SHARE_OF, offer.waive.of)
            parts.append(self.say(f"免{of} {share}", f"waives {share} of the {of}"))
        if offer.kind in ("instalments", "deferral"):
            accrual, broken = words.ACCRUAL[offer.accrual], words.ON_BREAK[offer.on_break]
            parts.append(self.say(f"期间违约金{accrual.zh}", f"late fee meanwhile: {accrual.en}"))
            parts.append(self.say(f"违约时{broken.zh}", f"when broken: {broken.en}"))
        if offer.tolerance.count:
            late = said.length(offer.tolerance)
            parts.append(self.say(f"迟{late.zh}以内不算违约", f"{late.en} late is not broken"))
        if offer.needs:
            needs = self._titles(words.NEEDS, offer.needs)
            parts.append(self.say(f"须备 {needs}", f"needs {needs}"))
        parts += [self._authority(one) for one in offer.authority]
        return self._joined([*parts, self._source(offer.source)])

    def _authority(self, one: Authority) -> str:
        roles = self._titles(ROLES, one.roles)
        if one.up_to is not None:
            share = _percent(one.up_to)
            return self.say(f"不超过{share}由{roles}批", f"up to {share} granted by {roles}")
        if one.above is not None:
            share = _percent(one.above)
            return self.say(f"超过{share}由{roles}批", f"above {share} granted by {roles}")
        return self.say(f"由{roles}批", f"granted by {roles}")

    def _incentives_title(self) -> Text:
        stacking = words.STACKING[self.book.incentives.stacking]
        return Text(f"优惠 ({stacking.zh})", f"Incentives ({stacking.en})")

    def _incentive(self, row: Incentive) -> str:
        share = _percent(row.discount) if row.discount is not None else ""
        given = self.say(f"减 {share}", f"{share} off") if share else ""
        return self._joined([
            f"{row.title}: {self._when(row.when)} → {self._joined([given, row.benefit])}", self._source(row.source)
        ])  # fmt: skip

    def _target(self, target: Target) -> str:
        measure = self._title(words.MEASURES, target.measure)
        share = _percent(target.at_least)
        by = said.until(target.by, self._step_name).to(self.lang) if target.by else ""
        return self._joined([
            target.title if target.title != measure else "",
            self.say(f"{measure}至少 {share}", f"{measure} at least {share}"),
            self.say(f"{by}为止", f"by {by}") if by else "",
            self._source(target.source),
        ])  # fmt: skip


def _range(of: CountRange) -> str:
    return str(of.least) if of.least == of.most else f"{of.least}-{of.most}"


def _percent(share: Fraction) -> str:
    return f"{decimal_text(share * 100)}%"


def _per_mille(rate: Fraction) -> str:
    return f"{decimal_text(rate * 1000)}‰"
