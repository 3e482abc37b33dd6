"""Any value of a rule book in words, in both languages at once: 每7天一次, 最多8次; 法务、项目经理, 30天内有效.

One place for what is said of a field, whoever asks: the difference of two books, and whoever lists a clause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from dunning.basis.finding import Lang, Text
from dunning.basis.money import decimal_text, yuan
from dunning.engine.known.titles import titles_of, words_of
from dunning.lang.text.keys import ALIAS
from dunning.lang.words import words
from dunning.lang.words.meaning import said as meant
from dunning.model import steps
from dunning.model.action import ACTIONS, EFFECTS, RECEIVERS, ROLES
from dunning.model.anchor import Anchor, AnchorWindow, CalendarWindow, ClockRange, CountRange, Duration, ShareRange
from dunning.model.condition import ALWAYS, All, Check, Condition, Not, Type
from dunning.model.condition import Any as AnyOf
from dunning.model.law import LegalLimit
from dunning.model.prose import prose
from dunning.model.rulebook import Cap, Dated, OwnFact, RuleBook
from dunning.model.shown import shown
from dunning.output import said

BOTH: tuple[Lang, Lang] = ("zh", "en")
NOTHING = Text("", "")
NONE = Text("没有", "none")
AND = Text("、", ", ")

_KEY = {
    "window": "at", "late_fees": "late_fee", "chased": "items", "for_": "for", "from_": "from", "while_": "while",
    "is_": "is", "in_force": "in_force", "track": "applies", "retired": "dropped", "references": "references",
}  # fmt: skip
"""Fields by the key they are written under, where the two differ."""

_WORDS: Mapping[str, Mapping[Any, Text]] = {
    "action": {name: action.title for name, action in ACTIONS.items()},
    "actions": {name: action.title for name, action in ACTIONS.items()},
    "at_end": {name: action.title for name, action in ACTIONS.items()},
    "items": words.ITEMS, "chased": words.ITEMS, "dated_by": words.DATED_BY, "payment_day": words.PAYMENT_DAY,
    "after_grace": words.AFTER_GRACE, "after_principal": words.AFTER_PRINCIPAL, "rounding": words.ROUNDING,
    "rest_day_due": words.REST_DAY_DUE, "across_charges": words.ACROSS_CHARGES, "within_charge": words.PARTS,
    "source_split": words.SOURCE_SPLIT, "hit": words.HITS, "of": words.OF, "channels": words.CHANNELS,
    "tone": words.TONES, "language": words.LANGUAGES, "record": words.RECORDED, "needs": words.NEEDS,
    "to": RECEIVERS, "receiver": RECEIVERS, "role": ROLES, "roles": ROLES, "proof": words.PROOFS, "late": words.LATE,
    "once_per": words.OCCASIONS, "catch_up": words.CATCH_UP, "from_": words.GIVEN_FROM, "until": words.UNTIL,
    "kind": {**words.OFFERS, **words.KINDS, **words.FACT_TYPES}, "accrual": words.ACCRUAL, "on_break": words.ON_BREAK,
    "stacking": words.STACKING, "measure": words.MEASURES, "effects": EFFECTS, "layer": words.LAYERS,
    "verdict": words.VERDICTS, "clock": words.CLOCKS, "restarts": words.RESTARTS, "before": words.BEFORE,
    "is_": words.OWERS, "lacks": words.LACKS, "fields": words.FILLED_IN, "text": words.SOURCES,
    "in_force": words.SOURCES,
}  # fmt: skip
"""The titles of words, by the field they stand in."""


def label(field: str) -> Text:
    """A field as a rule file writes it, in both spellings: 最小间隔, min_gap."""
    key = _KEY.get(field, field)
    return Text(ALIAS.get(key, key), key.replace("_", " "))


def joined(parts: Iterable[Text], link: Text = AND) -> Text:
    told = [part for part in parts if part != NOTHING]
    return Text(*(link.to(lang).join(part.to(lang) for part in told) for lang in BOTH))


def percent(share: Fraction) -> str:
    return f"{decimal_text(share * 100)}%"


def per_mille(rate: Fraction) -> str:
    return f"{decimal_text(rate * 1000)}‰"


def plain(text: object) -> Text:
    """The same in both languages."""
    return Text(str(text), str(text))


class Phrases:
    """Says what a book says; without one, what law says. `with_ids`: steps are called by title and id."""

    def __init__(self, book: RuleBook | None = None, *, with_ids: bool = False) -> None:
        self.book = book
        self.with_ids = with_ids
        self.titles = {} if book is None else titles_of(book)
        self.words = {} if book is None else words_of(book)
        self._by_type: Mapping[type, Callable[[Any], Text]] = {
            Text: lambda text: text,
            bool: lambda truth: Text("是", "yes") if truth else Text("否", "no"),
            date: plain,
            Duration: said.length,
            Anchor: lambda anchor: said.anchor(anchor, self.step),
            AnchorWindow: lambda window: said.window(window, self.step),
            CalendarWindow: lambda window: said.window(window, self.step),
            ClockRange: lambda hours: plain(said.hours(hours)),
            CountRange: _range,
            ShareRange: _share_range,
            Fraction: lambda share: plain(percent(share)),
            Check: self.condition, All: self.condition, AnyOf: self.condition, Not: self.condition,
            Cap: _cap,
            steps.By: lambda by: self._by(by.table),
            steps.Channels: self._channels,
            steps.Repeat: self._repeat,
            steps.ApprovalRule: self._approval,
            steps.Gives: _gives,
            steps.Stop: self._stop,
            steps.Authority: self._authority,
            Type: self._type,
        }  # fmt: skip

    # By field

    def say(self, field: str, value: Any) -> Text:
        """The value of a field in words; what is not there is said to be."""
        if value is None or value == () or value == "":
            return NONE
        if isinstance(value, tuple | frozenset) and not isinstance(value, Text):
            return joined(self.say(field, each) for each in value)
        if isinstance(value, str):
            return self._word(field, value)
        if isinstance(value, int) and not isinstance(value, bool):
            return _number(field, value)
        if isinstance(value, Dated):
            return self._dated(field, value)
        if field in ("rate", "values") and isinstance(value, Fraction):
            return Text(f"每日 {per_mille(value)}", f"{per_mille(value)} a day")
        if isinstance(value, steps.Limit):
            return self._limit(value, said.at_least if field == "quotas" else said.at_most)
        saying = self._by_type.get(type(value))
        return saying(value) if saying else self.record(value)

    def record(self, record: Any) -> Text:
        """A whole record, field by field as it is written."""
        if not hasattr(record, "__dataclass_fields__"):
            return plain(record)
        parts = [self.field(record, name) for name in meant(record)]
        return joined(parts, Text("; ", "; "))

    def field(self, record: Any, name: str) -> Text:
        """One field of a record with its key."""
        key, value = label(name), self.value(record, name)
        return Text(f"{key.zh} {value.zh}", f"{key.en} {value.en}")

    def value(self, record: Any, name: str) -> Text:
        """One field of a record in words; some mean other things in other records."""
        value = getattr(record, name)
        match record:
            case LegalLimit() if name == "of":
                return words.LIMITS.get(value, plain(value))
            case OwnFact() if name == "default":
                return self._default(record)
            case steps.Template() if name == "text":
                return plain(value.strip())
        return self.say(name, value)

    # Words

    def _word(self, field: str, word: str) -> Text:
        if field in ("action", "at_end", "actions") and self.book is not None and word in self.book.actions:
            return self.book.actions[word].title
        if field == "template":
            return self._template(word)
        return _WORDS.get(field, {}).get(word) or plain(word)

    def _template(self, name: str) -> Text:
        template = self.book.templates.get(name) if self.book else None
        return Text(f"“{template.title}”" if template and template.title else name, name)

    def step(self, name: str) -> Text:
        """What people call a step."""
        step = self.book.step(name) if self.book else None
        if step is None or step.title.zh in ("", name):
            return plain(name)
        if self.with_ids:
            english = name if step.title.en in ("", step.title.zh) else f"{step.title.en} ({name})"
            return Text(f"{step.title.zh} ({name})", english)
        return Text(f"“{step.title.zh}”", step.title.en if step.title.en not in ("", step.title.zh) else name)

    def condition(self, condition: Condition) -> Text:
        """A condition in prose."""
        return Text(*(prose(condition, self.titles, lang, self.words) for lang in BOTH))

    # Values

    def _dated(self, field: str, values: Dated[Any]) -> Text:
        told = []
        for since, value in values.steps:
            text = self.say(field, value)
            from_day = since != date.min
            told.append(Text(f"{since}起 {text.zh}", f"from {since} {text.en}") if from_day else text)
        return joined(told, Text("; ", "; "))

    def _by(self, table: str) -> Text:
        title = self.titles.get(table, plain(table))
        return Text(f"按表“{title.zh}”", f"by table {table}")

    def _channels(self, channels: steps.Channels) -> Text:
        among = self.say("channels", channels.channels)
        if channels.mode == "first_of":
            return Text(f"依次试 {among.zh}", f"first of {among.en}")
        return Text(f"同时用 {among.zh}", f"all of {among.en}")

    def _repeat(self, repeat: steps.Repeat) -> Text:
        every = said.length(repeat.every)
        zh, en = f"每{every.zh}一次", f"every {every.en}"
        if repeat.times:
            zh, en = f"{zh}, 最多{repeat.times}次", f"{en}, at most {repeat.times} times"
        if repeat.until is not None:
            until = self.condition(repeat.until)
            zh, en = f"{zh}, 直到{until.zh}", f"{en}, until {until.en}"
        return Text(zh, en)

    def _approval(self, rule: steps.ApprovalRule) -> Text:
        roles, valid = self.say("roles", rule.roles), said.length(rule.valid)
        return Text(f"{roles.zh}, {valid.zh}内有效", f"{roles.en}, valid for {valid.en}")

    def _limit(self, limit: steps.Limit, say: Callable[[steps.Limit], Text]) -> Text:
        told = say(limit)
        if limit.when == ALWAYS:
            return told
        whom = self.condition(limit.when)
        return Text(f"{told.zh}, 仅对{whom.zh}", f"{told.en}, only where {whom.en}")

    def _stop(self, stop: steps.Stop) -> Text:
        if stop.what == "tone":
            tone = words.TONES.get(stop.name, plain(stop.name))
            return Text(f"口径为{tone.zh}的步骤", f"steps in a {tone.en} tone")
        return self.step(stop.name) if stop.what == "step" else words.STOPS.get(stop.what, plain(stop.what))

    def _authority(self, one: steps.Authority) -> Text:
        roles = self.say("roles", one.roles)
        if one.up_to is not None:
            share = percent(one.up_to)
            return Text(f"不超过{share}由{roles.zh}批", f"up to {share} granted by {roles.en}")
        if one.above is not None:
            share = percent(one.above)
            return Text(f"超过{share}由{roles.zh}批", f"above {share} granted by {roles.en}")
        return Text(f"由{roles.zh}批", f"granted by {roles.en}")

    def _type(self, type_: Type) -> Text:
        kind = words.FACT_TYPES.get(type_.kind) or {"choice": Text("选项", "choice"), "set": Text("多选", "set")}.get(
            type_.kind, plain(type_.kind)
        )
        if not type_.values:
            return kind
        named = joined(Text(f"{word} {title.zh}".strip(), word) for word, title in type_.values.items())
        return Text(f"{kind.zh} ({named.zh})", f"{kind.en} ({named.en})")

    def _default(self, fact: OwnFact) -> Text:
        if not fact.has_default:
            return Text("没有: 缺了就是未知", "none: unknown where it is missing")
        return Text(*(shown(fact.default, fact.type, lang) for lang in BOTH))


def _number(field: str, value: int) -> Text:
    if field == "chase_from":
        return Text(f"{yuan(value)}元", f"{yuan(value)} yuan")
    if field == "grace":
        return said.length(Duration(value, "d"))
    return plain(value)


def _range(of: CountRange) -> Text:
    return plain(of.least if of.least == of.most else f"{of.least}-{of.most}")


def _share_range(share: ShareRange) -> Text:
    least, most = percent(share.least), percent(share.most)
    told = most if least == most else f"{least}-{most}"
    of = words.SHARE_OF.get(share.of, plain(share.of))
    return Text(f"{of.zh} {told}", f"{told} of the {of.en}")


def _cap(cap: Cap) -> Text:
    share = percent(cap.share)
    if cap.of == "charge":
        return Text(f"应缴本金的 {share}", f"{share} of the charge")
    return Text(f"到期时未缴本金的 {share}", f"{share} of what was overdue")


def _gives(gives: steps.Gives) -> Text:
    time, since = said.length(gives.deadline), words.GIVEN_FROM[gives.from_]
    least = said.length(gives.at_least) if gives.at_least else None
    zh = f"自{since.zh}次日起{time.zh}" + (f", 至少{least.zh}" if least else "")
    return Text(zh, f"{time.en} from the day after it is {since.en}" + (f", at least {least.en}" if least else ""))
