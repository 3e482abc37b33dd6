"""Conditions as sentences: 欠费金额超过1万元, 且欠费期数超过3期; arrears more than 10,000 yuan and ...

Made from the written form, never from the canonical sets, which would say "不少于10,000.01元" of what the reviewer
wrote as 超过1万元. A test's Chinese prose can be pasted back into a rule file and reads to the same test.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from dunning.basis.finding import Lang, Text
from dunning.basis.numerals import NUMERALS, chinese_number
from dunning.model.condition import (
    All,
    Any,
    Anything,
    Bound,
    Check,
    Condition,
    Contains,
    Not,
    Nothing,
    OneOf,
    Range,
    Test,
)

Words = Mapping[str, Mapping[str, Text]]
"""By fact, the titles of its values: `{"account_grade": {"S": Text("大额高危", "large")}}`."""

_ALWAYS = Text("任何情况", "always")
_NEVER = Text("从不", "never")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CHINESE_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日?", re.ASCII)


def prose(condition: Condition, titles: Mapping[str, Text], lang: Lang, words: Words | None = None) -> str:
    """The condition in one sentence. A fact without a title is called by its id, a value without one by itself."""
    return _Speaker(titles, lang, words or {}).condition(condition, nested=False)


def prose_test(test: Test, lang: Lang, words: Mapping[str, Text] | None = None) -> str:
    """One test without its fact: 超过1万元; `more than 10,000 yuan`."""
    return _chinese(test, words or {}) if lang == "zh" else _english(test, words or {})


class _Speaker:
    """Names of facts and values, in one language."""

    def __init__(self, titles: Mapping[str, Text], lang: Lang, words: Words) -> None:
        self.titles = titles
        self.lang: Lang = lang
        self.words = words

    def condition(self, condition: Condition, *, nested: bool) -> str:
        match condition:
            case Check():
                return self.check(condition)
            case All(parts):
                return self.joined(parts, Text(", 且", " and "), _ALWAYS, nested=nested)
            case Any(parts):
                return self.joined(parts, Text(", 或", " or "), _NEVER, nested=nested)
            case Not(part):
                return self.denied(part)

    def joined(self, parts: tuple[Condition, ...], link: Text, none: Text, *, nested: bool) -> str:
        if not parts:
            return none.to(self.lang)
        if link.en == " and ":  # 任意 beside other tests says nothing
            parts = tuple(part for part in parts if not _says_nothing(part)) or parts[:1]
        if len(parts) == 1:
            return self.condition(parts[0], nested=nested)
        told = link.to(self.lang).join(self.condition(part, nested=True) for part in parts)
        return _bracketed(told) if nested else told

    def denied(self, part: Condition) -> str:
        inner = self.condition(part, nested=False)
        return f"{'并非' if self.lang == 'zh' else 'not '}{_bracketed(inner)}"

    def check(self, check: Check) -> str:
        title = self.titles.get(check.fact, Text(check.fact, check.fact))
        name = title.to(self.lang) or check.fact
        test = prose_test(check.test, self.lang, self.words.get(check.fact))
        if self.lang == "zh":
            return f"{name} {test}" if _touches(name, test) else f"{name}{test}"
        return f"{name} {test}"


def _says_nothing(part: Condition) -> bool:
    return isinstance(part, Check) and isinstance(part.test, Anything)


def _bracketed(text: str) -> str:
    return f"({text})"


def _touches(name: str, test: str) -> bool:
    """Whether two words would run together: an id, or a digit before a digit."""
    return name[-1:].isascii() and (test[:1].isascii() or test[:1] in "满至")


# Chinese


def _chinese(test: Test, words: Mapping[str, Text]) -> str:
    match test:
        case Range():
            return _chinese_range(test)
        case OneOf(values, written, negated):
            verb = "不是" if negated else "为"
            if all(isinstance(value, bool) for value in values):
                return f"{verb}{'、'.join('是' if value else '否' for value in values)}"
            if any(isinstance(value, int) for value in values):
                return f"{'不等于' if negated else '等于'}{'、'.join(_chinese_literal(each) for each in written)}"
            return f"{verb} {'、'.join(_word(each, words, 'zh') for each in written)}"
        case Contains(values, negated):
            return f"{'不含' if negated else '含'} {'、'.join(_word(value, words, 'zh') for value in values)}"
        case Nothing(negated):
            return "不为无" if negated else "为无"
        case _:
            return "任意"


def _chinese_range(test: Range) -> str:
    low, high = test.low, test.high
    if low and high:
        if low.included and high.included:
            return f"{_chinese_literal(low.written)}至{_chinese_literal(high.written)}"
        joint = "且" if _is_date(low.written) else ""
        return _chinese_low(low) + joint + _chinese_high(high)
    if low:
        return _chinese_low(low)
    return _chinese_high(high) if high else "任意"


def _chinese_low(bound: Bound) -> str:
    literal = _chinese_literal(bound.written)
    if _is_date(bound.written):
        return f"不早于{literal}" if bound.included else f"晚于{literal}"
    if not bound.included:
        return f"超过{literal}"
    return f"满{literal}" if re.search(r"(?:天|个月|年)$", literal) else f"{literal}以上"


def _chinese_high(bound: Bound) -> str:
    literal = _chinese_literal(bound.written)
    if _is_date(bound.written):
        return f"不晚于{literal}" if bound.included else f"早于{literal}"
    return f"不超过{literal}" if bound.included else f"不满{literal}"


_TO_CHINESE = {
    "d": "天", "day": "天", "days": "天", "mo": "个月", "month": "个月", "months": "个月", "y": "年", "year": "年",
    "years": "年", "yuan": "元", "cny": "元", "rmb": "元",
}  # fmt: skip


def _chinese_literal(written: str) -> str:
    """As written, with an English unit in Chinese: 90d -> 90天."""
    found = re.fullmatch(r"([-+]?[0-9.]+)\s*([A-Za-z]+)", written)
    if found and found[2].lower() in _TO_CHINESE:
        return found[1] + _TO_CHINESE[found[2].lower()]
    return written


def _is_date(written: str) -> bool:
    return bool(_ISO.fullmatch(written) or _CHINESE_DATE.fullmatch(written))


def _word(word: str, words: Mapping[str, Text], lang: Lang) -> str:
    """The title of a value, or the value itself."""
    title = words[word].to(lang) if word in words else ""
    return title or word


# English


def _english(test: Test, words: Mapping[str, Text]) -> str:
    match test:
        case Range():
            return _english_range(test)
        case OneOf(values, written, negated):
            told = [
                ("true" if value else "false") if isinstance(value, bool)
                else _english_literal(each) if isinstance(value, int)
                else _word(value if value in words else each, words, "en")
                for value, each in zip(values, written, strict=True)
            ]  # fmt: skip
            return f"{'is not' if negated else 'is'} {_or(told)}"
        case Contains(values, negated):
            told = [_word(value, words, "en") for value in values]
            return f"{'does not contain' if negated else 'contains'} {_or(told)}"
        case Nothing(negated):
            return "has a value" if negated else "has no value"
        case _:
            return "is anything"


def _or(told: list[str]) -> str:
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} or {told[-1]}"


def _english_range(test: Range) -> str:
    low, high = test.low, test.high
    if low and high and low.included and high.included:
        return f"from {_english_literal(low.written)} to {_english_literal(high.written)}"
    ends = [_english_low(low)] if low else []
    ends += [_english_high(high)] if high else []
    return " and ".join(ends) or "is anything"


def _english_low(bound: Bound) -> str:
    if _is_date(bound.written):
        return f"{'on or after' if bound.included else 'after'} {_english_literal(bound.written)}"
    return f"{'at least' if bound.included else 'more than'} {_english_literal(bound.written)}"


def _english_high(bound: Bound) -> str:
    if _is_date(bound.written):
        return f"{'on or before' if bound.included else 'before'} {_english_literal(bound.written)}"
    return f"{'at most' if bound.included else 'less than'} {_english_literal(bound.written)}"


_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_TO_ENGLISH = {
    "元": "yuan", "块": "yuan", "块钱": "yuan", "圆": "yuan", "元人民币": "yuan", "cny": "yuan", "rmb": "yuan",
    "天": "days", "日": "days", "d": "days", "day": "days",
    "个月": "months", "月": "months", "mo": "months", "month": "months",
    "年": "years", "y": "years", "year": "years", "个季度": "quarters", "季度": "quarters", "季": "quarters",
    "平方米": "m²", "平米": "m²", "㎡": "m²", "平": "m²", "sqm": "m²", "m2": "m²", "分": "points", "户": "households",
}  # fmt: skip
_COUNTERS = frozenset("个次期人笔份项件条套张间轮级处")
_LITERAL = re.compile(
    rf"(?P<sign>[-+]?)(?P<digits>[0-9]+(?:\.[0-9]+)?|[{NUMERALS}]+)(?P<scale>[十百千]?万|[十百千亿]?)\s*(?P<unit>.*)"
)
_PARTS = re.compile(r"(百分之|千分之|万分之)(.+)")


def _english_literal(written: str) -> str:
    """1万元 -> 10,000 yuan, 3期 -> 3, 三个月 -> 3 months; what is already plain stays as it is."""
    if chinese_date := _CHINESE_DATE.fullmatch(written):
        return date(*(int(part) for part in chinese_date.groups())).isoformat()
    if _ISO.fullmatch(written):
        return written
    if parts := _PARTS.fullmatch(written):
        return _english_literal(parts[2] + {"百分之": "%", "千分之": "‰", "万分之": "‱"}[parts[1]])
    found = _LITERAL.fullmatch(written)
    if found is None:
        return written
    digits = found["digits"]
    number = Fraction(digits) if digits[0].isascii() else chinese_number(digits)
    if number is None:
        return written
    told = found["sign"].strip("+") + _grouped(number * _SCALES.get(found["scale"], 1))
    unit = found["unit"].lower()
    if unit in ("%", "‰", "‱", "ppm"):
        return told + unit
    unit = "" if unit in _COUNTERS else _TO_ENGLISH.get(unit, unit)
    if told == "1" and unit in ("days", "months", "years", "quarters", "points", "households"):
        unit = unit.removesuffix("s")
    return f"{told} {unit}".strip()


def _grouped(number: Fraction | int) -> str:
    """10000 -> 10,000; decimals that end stay decimals."""
    whole = int(number)
    rest = Fraction(number) - whole
    if not rest:
        return f"{whole:,}"
    places = next(n for n in range(1, 40) if (rest * 10**n).denominator == 1)
    return f"{whole:,}." + str(int(rest * 10**places)).rjust(places, "0")
