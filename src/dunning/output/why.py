"""What is done today and, for every other step of the book, why it is not: in words, with what was read.

"Why was this household not contacted?" always has an answer, and this is where it is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from dunning.basis.finding import Lang, Text
from dunning.basis.money import yuan
from dunning.engine.known.catalogue import CATALOGUE, DISPUTE_KINDS
from dunning.engine.known.logic import kept_out
from dunning.engine.law.guard import as_done, find_action, law_of, rules_for
from dunning.engine.law.law_facts import LAW_FACTS
from dunning.engine.result import Action, Assessment, Deadline, Shortfall, Withheld
from dunning.engine.steps.candidates import Code, Reason
from dunning.lang.words import words
from dunning.model.action import ACTIONS, ROLES
from dunning.model.condition import ALWAYS, Type, Unknown, Value
from dunning.model.prose import prose
from dunning.model.rulebook import RuleBook
from dunning.output import called, said

CODES: Mapping[Code, Text] = {
    "prohibited": Text("法律禁止", "prohibited by law"),
    "gate": Text("法律要求的条件还没有满足", "what the law asks for first is not met"),
    "not_yet": Text("还没有到时候", "not yet"),
    "missed": Text("已经过了时间, 不补", "its time has passed"),
    "done": Text("已经做过", "done"),
    "unknown": Text("资料不全, 判断不了", "cannot be told: data is missing"),
    "condition": Text("条件不符", "its condition does not hold"),
    "after": Text("要等前面的步骤", "waits for what comes before it"),
    "hold": Text("暂停", "on hold"),
    "plan": Text("分期履行中", "a plan is kept"),
    "promise": Text("有承诺, 等到那天", "a promise is open"),
    "dispute": Text("有争议, 先答复", "disputed: answer first"),
    "evidence": Text("做过, 但证据不够", "done before, but with too little evidence"),
    "approval": Text("还缺审批", "approval is missing"),
    "quiet": Text("更高一步给的期限还没有到", "a higher step's deadline runs"),
    "superseded": Text("由别的步骤代替", "superseded"),
    "unreachable": Text("没有能用的联系渠道", "no channel reaches the debtor"),
    "stale_data": Text("数据太旧, 怕已经缴了", "the data is too old: somebody may have paid"),
    "min_gap": Text("离上次联系太近", "too soon after the last contact"),
    "cap": Text("联系次数到上限", "as often as allowed"),
    "window": Text("今天没有可联系的钟点", "no hours for it today"),
    "grouped": Text("并入当天另一条消息", "goes with another message of the day"),
}
"""The codes a step is withheld with, in words."""

_AWAITED = Text("已经联系, 等登记结果", "contacted, its result awaited")
"""`done` of a step whose contact is not recorded in full."""

_OF_PROGRESS: frozenset[str] = frozenset({"", "done", "missed"})
"""The codes of reasons that tell what is still to be recorded of a contact."""

DEADLINES: Mapping[str, Text] = {
    "limitation": Text("诉讼时效届满", "limitation ends"),
    "demand": Text("催告期限", "time given by the demand"),
    "demand_follow_up": Text("催告后跟进", "follow-up of the demand"),
    "promise": Text("承诺日", "promised day"),
    "instalment": Text("分期款到期", "instalment due"),
}
"""Kinds of deadlines that are no clock of the law; those are called as `lang.words` has it."""

_ACTION = Text("今天要做的", "To do today")
_NONE = Text("今天没有要做的", "nothing to do today")
_WITHHELD = Text("今天不做的, 为什么", "Not done today, and why")
_EVENTS: Mapping[str, Text] = {
    "due": Text("到期", "due"),
    "overdue": Text("到期", "due"),
    "period_start": Text("账期开始", "the period begins"),
    "period_end": Text("账期结束", "the period ends"),
    "handover": Text("交付", "handover"),
    "promise": Text("承诺日", "promised day"),
    "plan": Text("分期到期", "instalment due"),
    "dispute": Text("提出异议", "disputed"),
    "paid": Text("缴费", "paid"),
    "settled": Text("结清", "settled"),
    "judgment": Text("判决", "judgment"),
    "performance_end": Text("履行期满", "end of performance"),
    "contact": Text("联系", "contact"),
    "done": Text("完成", "done"),
    "delivered": Text("送达", "delivered"),
    "failed": Text("未送达", "failed"),
    "expired": Text("期满", "expired"),
    "month": Text("每月的日子", "day of the month"),
    "quarter": Text("每季的日子", "day of the quarter"),
    "half_year": Text("每半年的日子", "day of the half year"),
    "year": Text("每年的日子", "day of the year"),
    "next": Text("最早", "next"),
}
_DECISIONS: Mapping[str, Text] = {"approved": Text("同意", "approved"), "refused": Text("不同意", "refused")}
_ANY = Type("text")
_FEW = 3
Named = Mapping[str, Mapping[str, Text]]
"""The titles of the values of facts and tables."""

_NEXT = re.compile(r"next (\d\d:\d\d-\d\d:\d\d)", re.ASCII)
_NAMED = re.compile(r"(?P<event>\w+)(?:\((?P<of>.*)\))?", re.ASCII)


def _alike(withheld: Iterable[Withheld]) -> Iterable[list[Withheld]]:
    """What is withheld, those of one step with the same codes together: old charges all miss the same notices."""
    found: dict[tuple[str, tuple[Code, ...]], list[Withheld]] = {}
    for one in withheld:
        found.setdefault((one.step, one.codes), []).append(one)
    return found.values()


def told(
    result: Assessment, lang: Lang, titles: Mapping[str, Text], named: Mapping[str, Mapping[str, Text]]
) -> Iterator[str]:
    """Actions, what is withheld, quotas not met, deadlines; nothing for a book without steps.

    `titles` are those of facts and tables, `named` those of their values.
    """
    book = result.book
    if book is None:
        return
    teller = _Teller(result, book, lang, titles, named)
    if result.actions or result.withheld:
        yield from teller.steps()
    for shortfall in result.shortfalls:
        yield teller.shortfall(shortfall)
    if result.ended is not None:
        action = ACTIONS.get(result.ended) or book.actions.get(result.ended)
        title = (action.title if action else Text(result.ended, result.ended)).to(lang)
        yield teller.say(f"阶梯已走完, 接下来: {title}", f"the ladder has ended; next: {title}")
    yield from teller.deadlines()
    if result.next_review is not None:
        yield ""
        yield teller.say(
            f"没有新记录的话, 下次 {result.next_review} 再看",
            f"without news, to be looked at again on {result.next_review}",
        )


def hours_of(action: Action) -> list[str]:
    """When on its day an action may go out, as 10:00-12:00; empty for what has no hours."""
    return [f"{since:%H:%M}-{until:%H:%M}" for since, until in action.hours]


class Worklist:
    """How the lines of a worklist are told for one book, in one language: its words, and why a step is due."""

    def __init__(self, book: RuleBook, lang: Lang, titles: Mapping[str, Text], named: Named) -> None:
        self.book = book
        self.lang = lang
        self._titles = titles
        self._named = named

    def line(self, result: Assessment, action: Action) -> tuple[str, str, str, str, str, str]:
        """Step, action, channels, role, tone and reasons of an action, for people."""
        teller = _Teller(result, self.book, self.lang, self._titles, self._named)
        done = ACTIONS.get(action.action) or self.book.actions.get(action.action)
        return (
            teller._name(action.step, action.charge),
            done.title.to(self.lang) if done else action.action,
            teller._channels(action),
            teller._title(ROLES, action.role) if action.role else "",
            teller._title(words.TONES, action.tone),
            "; ".join([*teller._conditions(action), *teller._reasons(action.because)]),
        )


class _Teller:
    def __init__(
        self,
        result: Assessment,
        book: RuleBook,
        lang: Lang,
        titles: Mapping[str, Text],
        named: Mapping[str, Mapping[str, Text]],
    ) -> None:
        self.result = result
        self.book = book
        self.lang = lang
        self.titles = titles
        self.named = named
        self.joint = Text("、", ", ").to(lang)

    def say(self, zh: str, en: str) -> str:
        return Text(zh, en).to(self.lang)

    def steps(self) -> Iterator[str]:
        result = self.result
        yield ""
        yield _ACTION.to(self.lang)
        for action in result.actions:
            yield from self._action(action)
        if not result.actions:
            yield f"  {_NONE.to(self.lang)}"
        if result.withheld:
            yield ""
            yield _WITHHELD.to(self.lang)
        for alike in _alike(result.withheld):
            yield f"  {self._names(alike)}: {self._why(alike)}"

    # Due

    def _action(self, action: Action) -> Iterator[str]:
        done = ACTIONS.get(action.action) or self.book.actions.get(action.action)
        role = self._title(ROLES, action.role) if action.role else ""
        template = self.say("模板 ", "template ") + action.template if action.template else ""
        parts = [
            done.title.to(self.lang) if done else action.action,
            self.joint.join(hours_of(action)) if action.channels else "",
            self._channels(action),
            role,
            self._title(words.TONES, action.tone),
            template,
        ]
        yield f"  {self._name(action.step, action.charge)}: {'; '.join(part for part in parts if part)}"
        if action.ask is not None:
            fee = self.say("违约金未定", "late fee undetermined")
            if action.ask.late_fee is not None:
                fee = self.say("违约金 ", "late fee ") + yuan(action.ask.late_fee)
            total, principal = yuan(action.ask.total), yuan(action.ask.principal)
            about = f" ({called.charges(action.charges, self.lang)})" if action.charges else ""
            yield self.say(
                f"    请缴 {total}元 = 本金 {principal} + {fee}{about}",
                f"    asks {total} yuan = principal {principal} + {fee}{about}",
            )
        told = [*self._conditions(action), *self._reasons(action.because)]
        if told:
            yield f"    {'; '.join(told)}"

    def _conditions(self, action: Action) -> Iterator[str]:
        if action.needs:
            yield self.say("须 ", "needs ") + self.joint.join(self._title(words.NEEDS, each) for each in action.needs)
        for told in self._by_law(action):
            yield self.say("须 ", "needs ") + told.to(self.lang)
        if action.record:
            fields = self.joint.join(self._title(words.RECORDED, each) for each in action.record)
            yield self.say(f"须登记 {fields}", f"to be recorded: {fields}")
        if action.pay_by is not None:
            yield self.say(f"限 {action.pay_by} 前缴", f"to be paid by {action.pay_by}")
        if action.approved_by:
            yield self.say("已审批 ", "approved by ") + self.joint.join(action.approved_by)
        if action.carries:
            names = self.joint.join(dict.fromkeys(self._name(one.step, one.charge) for one in action.carries))
            yield self.say(f"一并说 {names}", f"carries {names}")

    def _by_law(self, action: Action) -> Iterator[Text]:
        """What the law asks of whoever does it, where the closed list has no word for it."""
        step = self.book.step(action.step)
        if step is None or not self.book.laws:
            return
        statutes = law_of(self.book).on(self.result.on, self.result.account.place)
        for gate in rules_for(statutes, as_done(find_action(action.action, self.book), step)).gates:
            if gate.says.zh and not gate.needs and gate.for_ == ALWAYS:
                yield gate.says

    def _channels(self, action: Action) -> str:
        told = []
        for mode, channels in action.channels.items():
            between = " + " if mode == "all_of" else " → "
            told.append(between.join(self._title(words.CHANNELS, channel) for channel in channels))
        return "; ".join(told)

    # Withheld

    def _names(self, alike: Sequence[Withheld]) -> str:
        """A step with its charge, or with the number of its charges."""
        ids = [one.charge for one in alike if one.charge is not None]
        name = self._step_name(alike[0].step)
        return f"{name} [{called.charges(ids, self.lang)}]" if ids else name

    def _why(self, alike: Sequence[Withheld]) -> str:
        """Every code with its reasons; the first says until when. `alike` are of one step, with the same codes."""
        by_code: dict[str, list[Reason]] = {}
        for reason in dict.fromkeys(reason for one in alike for reason in one.because):
            by_code.setdefault(reason.code, []).append(reason)
        return "; ".join(self._coded(alike, code, by_code.get(code, [])) for code in alike[0].codes)

    def _coded(self, alike: Sequence[Withheld], code: Code, reasons: Sequence[Reason]) -> str:
        awaited = code == "done" and any(reason.value in words.RECORDED for reason in reasons)
        text = (_AWAITED if awaited else CODES[code]).to(self.lang)
        ends = {one.until for one in alike} if code == alike[0].code else set()
        known = sorted(end for end in ends if end is not None)
        if code == "not_yet" and known:
            opens = date.fromordinal(known[0].toordinal() + 1)
            return self.say(f"{text}, {opens} 起", f"{text}, from {opens}")
        if known and None not in ends:
            last = self._stretch(known)
            text += self.say(f", 到 {last} 为止", f", until {last}")
        if code == "missed":
            latest = sorted(reason.value for reason in reasons if isinstance(reason.value, date))
            day = self._stretch(latest)
            text = self.say(f"{text}, 最晚 {day}", f"{text}, last on {day}") if latest else text
            reasons = [reason for reason in reasons if reason.kind == "record"]
        whys = [*self._condition(alike[0], reasons)] if code in ("condition", "unknown") else [*self._reasons(reasons)]
        return f"{text} ({self._some(dict.fromkeys(whys), len(alike))})" if whys else text

    def _stretch(self, days: Sequence[date]) -> str:
        """A day, or of several the first and the last."""
        if len(set(days)) < 2:
            return "".join(str(day) for day in days[:1])
        return self.say(f"{days[0]} 至 {days[-1]}", f"{days[0]} to {days[-1]}")

    def _some(self, whys: Iterable[str], steps: int) -> str:
        """The reasons; of many steps in one line no more than a few."""
        told = [*whys]
        return "; ".join(told if steps == 1 or len(told) <= _FEW else [*told[:_FEW], "…"])

    def _condition(self, one: Withheld, reasons: Sequence[Reason]) -> Iterator[str]:
        """The part of the step's `when` that failed, with what it read; or else the reasons."""
        step = self.book.step(one.step)
        values = {reason.name: reason.value for reason in reasons if reason.kind == "fact"}
        if step is None or not reasons or step.of == "charge" or any(reason.kind != "fact" for reason in reasons):
            yield from self._reasons(reasons)
            return

        def read(fact: str) -> Value | Unknown:
            value = values.get(fact, self._value(fact))
            return None if isinstance(value, date) else value

        part = kept_out(step.when, read)
        if part is not None:
            wanted = prose(part, self.titles, self.lang, self.named)
            yield self.say(f"要{wanted}", f"it wants {wanted}")
        yield from self._reasons(reasons)

    def _value(self, fact: str) -> Value | Unknown:
        graded = self.result.grades.get(fact)
        if graded is not None:
            return graded.fact
        return self.result.value(fact) if fact in CATALOGUE or fact in self.book.facts else Unknown((fact,))

    # Reasons

    def _reasons(self, reasons: Iterable[Reason]) -> Iterator[str]:
        reasons = tuple(reasons)
        for reason in reasons:
            match reason.kind:
                case "record" if reason.value in words.RECORDED and reason.code in _OF_PROGRESS:
                    still = [each for each in reasons if each.name == reason.name and each.kind == "record"]
                    if reason is still[0]:
                        yield self._to_record(reason.name, [str(each.value) for each in still])
                case "fact":
                    yield self._fact(reason)
                case "article":
                    article = law_of(self.book).articles.get(reason.name)
                    yield article.cite if article is not None else reason.name
                case "role":
                    yield ROLES[reason.name].to(self.lang) if reason.name in ROLES else reason.name
                case "channel":
                    yield self._title(words.CHANNELS, reason.name)
                case "step":
                    yield self._event(reason.name)
                case "day":
                    yield self._day(reason)
                case "limit":
                    told = said.limited(reason.name).to(self.lang)
                    until = self.say(f", 到 {reason.value} 为止", f", until {reason.value}")
                    yield told if reason.value is None else told + until
                case "record":
                    name = called.record(reason.name).to(self.lang)
                    if reason.code == "unknown":
                        name = self.say(f"缺 {name}", f"{name} is missing")
                    yield name if reason.value is None else f"{name} {self._of_record(reason)}"

    def _to_record(self, contact: str, fields: Iterable[str]) -> str:
        """A contact that was made, and what of it nobody has written down yet."""
        name = called.record(contact).to(self.lang)
        lacking = self.joint.join(self._title(words.RECORDED, each) for each in fields)
        return self.say(f"{name} 已发出, 还缺: {lacking}", f"{name} was made; still to be recorded: {lacking}")

    def _of_record(self, reason: Reason) -> str:
        """What was read of a record: the kind of a dispute, a decision, the step a contact was about."""
        value = reason.value
        if not isinstance(value, str):
            return self._plain(value)
        for known in (DISPUTE_KINDS, _DECISIONS):
            if value in known:
                return known[value].to(self.lang)
        return self._event(value) if self._is_of_step(value) else self._plain(value)

    def _is_of_step(self, name: str) -> bool:
        found = _NAMED.fullmatch(name)
        return found is not None and self.book.step(found["of"] or name) is not None

    def _day(self, reason: Reason) -> str:
        """A day by what it is: an event, a kind of day, or the next one with hours."""
        name, value = reason.name, "" if reason.value is None else self._plain(reason.value)
        if name in words.DAYS:
            title = words.DAYS[name].to(self.lang)
            return self.say(f"{value} 是{title}", f"{value} is a {title}") if value else title
        if hours := _NEXT.fullmatch(name):
            return self.say(f"最早 {value} {hours[1]}", f"at the earliest on {value}, {hours[1]}")
        return f"{self._event(name)} {value}".rstrip()

    def _event(self, name: str) -> str:
        """`expired(formal_demand)` as 书面催告 (formal_demand) 期满; a step by its title."""
        found = _NAMED.fullmatch(name)
        if found is None or found["event"] not in _EVENTS:
            return self._step_name(name)
        title, of = _EVENTS[found["event"]].to(self.lang), found["of"]
        if of is None:
            return title
        about = words.OUTCOMES[of].to(self.lang) if of in words.OUTCOMES else self._step_name(of)
        return f"{about} {title}"

    def _fact(self, reason: Reason) -> str:
        name, value = reason.name, reason.value
        law_fact = LAW_FACTS.get(name)
        title = self.titles.get(name) or (law_fact.title if law_fact else Text(name, name))
        if value is None and reason.code in ("gate", "approval"):
            return title.to(self.lang)  # what is asked for, not what was read
        if value is None and reason.code == "unknown":
            value = Unknown()
        own = self.book.facts.get(name)
        if isinstance(value, date):
            return f"{title.to(self.lang)}={value}"
        if own is not None or name in CATALOGUE:
            type_ = own.type if own else CATALOGUE[name].type
            return f"{title.to(self.lang)}={called.value(value, type_, self.titles.get, self.lang)}"
        word = self.named.get(name, {}).get(value) if isinstance(value, str) else None
        told = f"{value} {word.to(self.lang)}" if word and word.to(self.lang) != value else self._plain(value)
        return title.to(self.lang) if value is None else f"{title.to(self.lang)}={told}"

    def _plain(self, value: Value | Unknown | date) -> str:
        if isinstance(value, Unknown):
            return called.value(value, _ANY, self.titles.get, self.lang)
        if isinstance(value, frozenset):
            return self.joint.join(sorted(value))
        for known in (words.OUTCOMES, words.RECORDED):
            if isinstance(value, str) and value in known:
                return known[value].to(self.lang)
        return str(value)

    # Names

    def _name(self, step: str, charge: str | None) -> str:
        return f"{self._step_name(step)} [{charge}]" if charge else self._step_name(step)

    def _step_name(self, step: str) -> str:
        known = self.book.step(step)
        if known is None:
            return step
        title = known.title.to(self.lang)
        return title if title == step else f"{title} ({step})"

    def _title(self, titles: Mapping[str, Text], word: str) -> str:
        return titles[word].to(self.lang) if word in titles else word

    # Quotas and deadlines

    def shortfall(self, one: Shortfall) -> str:
        wanted = said.wanted(one.at_least, one.of, one.per).to(self.lang)
        if one.lacking:
            lacking = called.missing(one.lacking, self.titles.get, self.lang)
            return self.say(
                f"  {wanted}: 不知道做到没有 (缺 {lacking})",
                f"  {wanted}: whether they were made is unknown ({lacking} is missing)",
            )
        return self.say(f"  {wanted}, 只有 {one.times} 次", f"  {wanted} are wanted, {one.times} made")

    def deadlines(self) -> Iterator[str]:
        if not self.result.deadlines:
            return
        yield ""
        yield self.say("期限", "Deadlines")
        yield from (f"  {self._deadline(one)}" for one in self.result.deadlines)

    def _deadline(self, one: Deadline) -> str:
        title = DEADLINES.get(one.kind) or words.CLOCKS.get(one.kind) or Text(one.kind, one.kind)
        about = f" {one.charge}" if one.charge else ""
        left = (
            self.say(f"已过 {-one.days_left} 天", f"{-one.days_left} days ago")
            if one.days_left < 0
            else self.say(f"还有 {one.days_left} 天", f"{one.days_left} days left")
        )
        articles = (law_of(self.book).articles.get(name) for name in one.articles)
        cites = self.joint.join(article.cite for article in articles if article is not None)
        doubtful = self.say(", 暂定", ", provisional") if one.provisional else ""
        # 民法典第192、193条: what is barred may be asked for and accepted; nobody can be made to pay it.
        barred = one.kind == "limitation" and one.passed
        asked = (
            self.say(", 可以请对方缴, 不能说可以强制", ", may be asked for, never called enforceable") if barred else ""
        )
        return f"{one.on} {title.to(self.lang)}{about}, {left}{doubtful}{asked}" + (f" ({cites})" if cites else "")
