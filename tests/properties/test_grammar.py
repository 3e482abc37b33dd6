"""Properties of conditions: prose reads back to the same test, both spellings agree, no text makes it fall."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.basis.finding import Text
from dunning.basis.span import Span
from dunning.lang.words import terms
from dunning.lang.words.grammar import read_literal, read_test
from dunning.model.condition import Contains, Nothing, OneOf, Range, Test, Type
from dunning.model.prose import prose_test

GRADES = Type(
    "choice", {word: Text(title, title) for word, title in {"S": "大额高危", "A": "重点", "x": "非常规"}.items()}
)
COUNTED = [
    Type("money"),
    Type("integer", unit=Text("期", "periods")),
    Type("days"),
    Type("months"),
    Type("percent"),
    Type("number", unit=Text("平方米", "m²")),
    Type("date"),
]
TYPES = [*COUNTED, Type("boolean"), GRADES, Type("set", GRADES.values), Type("set"), Type("text")]
AT = Span("f.yaml", 1, 1)
TITLE = Text("题", "title")


def read(text: str | list[str], fact_type: Type) -> Test:
    test, findings = read_test(text, fact_type, AT, "fact", TITLE)
    assert findings == [], (text, [found.message("en") for found in findings])
    assert test is not None
    return test


def meaning(test: Test) -> object:
    """The test without its written form."""
    match test:
        case Range():
            return "range", test.lowest, test.highest
        case OneOf(values, _, negated):
            return "one", frozenset(values), negated
        case Contains(values, negated):
            return "contains", frozenset(values), negated
    return test


@st.composite
def literals(draw: st.DrawFn, fact_type: Type) -> tuple[Fraction, str, str]:
    """A value for ordering, and how it is written in Chinese and for S-FEEL."""
    number = draw(st.integers(-50, 30_000) if fact_type.kind in ("money", "days") else st.integers(0, 2_000))
    match fact_type.kind:
        case "money":
            fen = draw(st.sampled_from(["", ".5", ".05", ".25"]))
            scaled = draw(st.booleans()) and number > 0 and not fen
            amount = Fraction(f"{number}{fen}") * (10_000 if scaled else 1)
            return amount, f"{number}{fen}{'万' if scaled else ''}元", str(float(amount)) if fen else str(amount)
        case "integer":
            return Fraction(number), f"{number}期", str(number)
        case "days":
            return Fraction(number), f"{number}天", draw(st.sampled_from([f"{number}", f"{number}d"]))
        case "months":
            years = draw(st.booleans())
            return (
                Fraction(number * (12 if years else 1)),
                f"{number}{'年' if years else '个月'}",
                f"{number}{'y' if years else 'mo'}",
            )
        case "percent":
            mark = draw(st.sampled_from("%‰"))
            return Fraction(number, 100 if mark == "%" else 1000), f"{number}{mark}", f"{number}{mark}"
        case "number":
            return Fraction(number, 10), f"{number / 10}平方米", f"{number / 10}"
        case _:
            day = date.fromordinal(730_000 + number)
            return Fraction(day.toordinal()), f"{day.year}年{day.month}月{day.day}日", day.isoformat()


@st.composite
def spelt(draw: st.DrawFn) -> tuple[Type, str, str]:
    """A type, and one test on it in Chinese and in S-FEEL."""
    fact_type = draw(st.sampled_from(COUNTED))
    dated = fact_type.kind == "date"
    one, other = sorted([draw(literals(fact_type)), draw(literals(fact_type))])
    shape = draw(st.integers(0, 8 if one[0] + 1 < other[0] else 5))
    if shape < 4:
        chinese = (("晚于{}", "{}起", "早于{}", "不晚于{}") if dated else ("超过{}", "{}以上", "不满{}", "{}以内"))[
            shape
        ]
        return fact_type, chinese.format(one[1]), f"{['>', '>=', '<', '<='][shape]} {one[2]}"
    if shape == 4:
        return fact_type, f"等于{one[1]}", f"= {one[2]}"
    if shape == 5:
        return fact_type, f"非 {one[1]}、{other[1]}", f"not({one[2]}, {other[2]})"
    low, high = (("不早于{}", "早于{}", "不晚于{}") if dated else ("满{}", "不满{}", "不超过{}"))[
        :: 2 if shape == 8 else 1
    ][:2]
    if shape == 6:
        return fact_type, f"{one[1]}至{other[1]}", f"[{one[2]}..{other[2]}]"
    joint = "且" if dated else ""
    closing = ")" if shape == 7 else "]"
    return fact_type, low.format(one[1]) + joint + high.format(other[1]), f"[{one[2]}..{other[2]}{closing}"


@given(spelt())
@settings(max_examples=300)
def test_chinese_and_feel_mean_the_same(case: tuple[Type, str, str]) -> None:
    fact_type, chinese, feel = case

    assert meaning(read(chinese, fact_type)) == meaning(read(feel, fact_type))


@given(spelt())
@settings(max_examples=300)
def test_prose_reads_back_to_the_same_test(case: tuple[Type, str, str]) -> None:
    fact_type, *texts = case
    for text in texts:
        test = read(text, fact_type)
        assert meaning(read(prose_test(test, "zh"), fact_type)) == meaning(test)
        assert prose_test(test, "en")


@given(
    st.sampled_from(TYPES[len(COUNTED) :]),
    st.lists(st.sampled_from(["S", "A", "x", "大额高危", "重点"]), min_size=1, unique=True),
    st.sampled_from(["{}", "非 {}", "任意", "无", "非无"]),
)
def test_words_read_back_to_the_same_test(fact_type: Type, words: list[str], shape: str) -> None:
    if fact_type.kind == "boolean":
        words = ["是"]
    text = shape.format("、".join(words))
    test = read(text, fact_type)

    back = read(prose_test(test, "zh", fact_type.values), fact_type)

    assert meaning(back) == meaning(test)
    assert prose_test(test, "en", fact_type.values)
    if shape == "{}" and fact_type.kind != "boolean":
        assert meaning(read(words, fact_type)) == meaning(test)
    if shape == "非无":
        assert back == Nothing(negated=True)


SCRAPS = [
    "超过",
    "不超过",
    "满",
    "不满",
    "以上",
    "以下",
    "以内",
    "至",
    "到",
    "且",
    "或",
    "、",
    ",",
    "(",
    ")",
    "[",
    "]",
    "..",
    "-",
    ">",
    "<",
    ">=",
    "<=",
    "=",
    "!=",
    "not(",
    "in",
    "非",
    "含",
    "不含",
    "无",
    "任意",
    "是",
    "否",
    "5",
    "10",
    "1000O",
    "0.5",
    "三",
    "五千",
    "十",
    "万",
    "亿",
    "元",
    "天",
    "个月",
    "年",
    "wd",
    "mo",
    "d",
    "%",
    "‰",
    "万分之",
    "2026-01-01",
    "2026-02-30",
    "vip",
    "S",
    "A",
    "大额",
    "大约",
    "1,000",
    "之间",
    "以前",
    "“",
    "”",
    '"',
    "'",
    "：",
    "０",
    "㎡",
    "{",
    "}",
    "*",
    "/",
    "+",
    "null",
    "yes",
    "contains",
    "和",
    "due",
    "done(",
    "of",
    "month",
    "day",
    "per",
    "每日",
]
TEXTS = st.one_of(
    st.text(max_size=30),
    st.lists(st.sampled_from(SCRAPS), max_size=7).map("".join),
    st.lists(st.sampled_from(SCRAPS), max_size=7).map(" ".join),
)


def told(findings: list[Any]) -> None:
    """Every finding can be said in both languages."""
    for found in findings:
        for lang in ("zh", "en"):
            assert found.message(lang)
            assert isinstance(found.why(lang) + found.help(lang), str)


@given(st.one_of(TEXTS, st.lists(TEXTS, max_size=3)), st.sampled_from(TYPES))
@settings(max_examples=300)
def test_any_text_is_a_test_or_a_finding(text: str | list[str], fact_type: Type) -> None:
    test, findings = read_test(text, fact_type, AT, "fact", TITLE)

    assert (test is None) == bool(findings)
    told(findings)
    for found in findings:
        if found.fix and len(found.fix) < 80:
            read(found.fix, fact_type)


@given(TEXTS, st.sampled_from(TYPES))
def test_any_text_is_a_value_or_a_finding(text: str, fact_type: Type) -> None:
    told(read_literal(text, fact_type, AT, "fact", TITLE)[1])


@given(TEXTS)
@settings(max_examples=150)
def test_any_text_is_a_term_or_a_finding(text: str) -> None:
    for name in ("money", "count", "rate", "share", "duration", "date", "anchor", "window", "clock_range", "cap"):
        value, findings = getattr(terms, f"read_{name}")(text, AT)
        assert (value is None) == bool(findings)
        told(findings)
    for name in ("count_range", "share_range"):
        told(getattr(terms, f"read_{name}")(text, AT)[1])
