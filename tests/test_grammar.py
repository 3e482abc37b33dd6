"""Conditions: both spellings come to one meaning, every number to its canonical int, and every mistake is named."""

from __future__ import annotations

from datetime import date, time
from fractions import Fraction
from typing import Any

import pytest

from dunning.basis.finding import Text
from dunning.basis.span import Span
from dunning.lang.words import terms
from dunning.lang.words.grammar import read_literal, read_test
from dunning.model.anchor import (
    Anchor,
    AnchorWindow,
    CalendarWindow,
    ClockRange,
    CountRange,
    Duration,
    ShareRange,
)
from dunning.model.condition import Anything, Contains, Nothing, OneOf, Range, Test, Type
from dunning.model.rulebook import Cap

TITLE = Text("欠费金额", "arrears")
GRADES = Type(
    "choice",
    {
        "S": Text("大额高危", "high risk"),
        "A": Text("重点", "focus"),
        "B": Text("常规", "usual"),
        "none": Text("不分级", ""),
    },
)
MONEY, INTEGER, DAYS, MONTHS = Type("money"), Type("integer"), Type("days"), Type("months")
PERCENT, NUMBER, DATE, BOOLEAN, SET = Type("percent"), Type("number"), Type("date"), Type("boolean"), Type("set")
PERIODS = Type("integer", unit=Text("期", "periods"))
COVERED = Type("integer", unit=Text("个月", "months"))


def read(text: str | list[str], fact_type: Type) -> Test:
    test, findings = read_test(text, fact_type, Span("f.yaml", 1, 1), "arrears", TITLE)
    assert findings == []
    assert test is not None
    return test


def ends(text: str | list[str], fact_type: Type) -> tuple[int | None, int | None]:
    """The closed ends of a range; both alike for a single value."""
    test = read(text, fact_type)
    if isinstance(test, OneOf):
        assert len(test.values) == 1
        assert not test.negated
        return int(test.values[0]), int(test.values[0])
    assert isinstance(test, Range)
    return test.lowest, test.highest


def refused(text: str | list[str], fact_type: Type) -> tuple[str, str]:
    """The code of what is wrong and the line to copy."""
    test, findings = read_test(text, fact_type, Span("f.yaml", 1, 1), "arrears", TITLE)
    assert test is None
    assert len(findings) == 1
    return findings[0].code, findings[0].fix


# 民法典 1259: 以上, 以下, 以内, 届满 include the number; 不满, 超过, 以外 do not. A meaning, and its spellings.

SPELLINGS = {
    "> 10000": ["超过1万元", "高于10000元", "大于1万", "多于一万元"],
    ">= 10000": [
        "1万元以上",
        "满1万元",
        "至少10000元",
        "大于等于1万元",
        "不少于1万元",
        "不低于1万元",
        "达到1万元",
        "1万元及以上",
        "届满1万元",
    ],
    "< 10000": ["不满1万元", "不足1万元", "未满10000元", "低于1万元", "少于1万元", "小于1万元", "未达到1万元"],
    "<= 10000": ["1万元以下", "1万元以内", "不超过1万元", "至多1万元", "不高于1万元", "最多1万元"],
    "[5000..10000]": [
        "5000元至1万元",
        "五千元至一万元",
        "5千元到1万元",
        "5000元以上1万元以下",
        "不少于5000元且不超过1万元",
    ],
    "[5000..10000)": ["5000元以上不满1万元", "满5000元不满1万元", "不满1万元且满5000元", "[5000..10000["],
    "(5000..10000]": ["超过5000元不超过1万元", "超过5000元但不超过1万元", "]5000..10000]"],
    "(5000..10000)": ["超过5000元不满1万元", "]5000..10000["],
    "5000": ["5000元", "等于5000元", "= 5000", "5000.00元", "5千元", "￥5000", "５０００元", "0.5万元", "50万分"],
    "!= 5000": ["非5000元", "不等于5000元", "not(5000)", "不是 5000元"],
    "5000, 6000": ["5000元、6000元", "5000元或6000元", "in (5000, 6000)"],
    "not(5000, 6000)": ["非5000元、6000元", "不等于5000元、6000元"],
    "not(> 10000)": ["不超过1万元", "非超过1万元"],
    "not(<= 10000)": ["超过1万元"],
}


@pytest.mark.parametrize(
    ("feel", "chinese"), [(feel, each) for feel, spellings in SPELLINGS.items() for each in spellings]
)
def test_both_spellings_mean_the_same(feel: str, chinese: str) -> None:
    if feel.startswith(("5000", "!=", "not(5")):
        one, other = read(feel, MONEY), read(chinese, MONEY)
        assert isinstance(one, OneOf)
        assert isinstance(other, OneOf)
        assert (one.values, one.negated) == (other.values, other.negated)
    else:
        assert ends(feel, MONEY) == ends(chinese, MONEY)


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("> 10000", (1_000_001, None)),
        ("1万元以上", (1_000_000, None)),
        ("< 0.01", (None, 0)),
        ("5000元至1万元", (500_000, 1_000_000)),
        ("1.5亿元以下", (None, 15_000_000_000)),
        ("超过3角", (31, None)),
        ("不满-5元", (None, -501)),
        (["30..90"], (3000, 9000)),  # YAML takes [30..90] for a list of one
    ],
)
def test_money_is_fen(text: str | list[str], closed: tuple[int | None, int | None]) -> None:
    assert ends(text, MONEY) == closed


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("满3个月", (6, None)),  # 2m+e: n months are 2n, a day more is 2n+1
        ("超过3个月", (7, None)),
        ("不满3个月", (None, 5)),
        ("3个月以内", (None, 6)),
        ("< 3mo", (None, 5)),
        ("[3mo..6mo)", (6, 11)),
        ("满3个月不满6个月", (6, 11)),
        ("1年", (24, 24)),
        ("满12个月", (24, None)),
        (">= 1y", (24, None)),
        ("三个月以上", (6, None)),
        ("0", (0, 0)),
    ],
)
def test_months_of_age_are_twice_the_months(text: str, closed: tuple[int | None, int | None]) -> None:
    assert ends(text, MONTHS) == closed


@pytest.mark.parametrize(
    ("text", "fact_type", "closed"),
    [
        ("30天以内", DAYS, (None, 30)),
        ("30天内", DAYS, (None, 30)),
        ("<= 30", DAYS, (None, 30)),
        ("> 90d", DAYS, (91, None)),
        ("超过三十天不超过90日", DAYS, (31, 90)),
        ("-5至5", DAYS, (-5, 5)),
        ("< 0", DAYS, (None, -1)),
        ("超过3期", PERIODS, (4, None)),
        ("3以上", PERIODS, (3, None)),
        ("3个以上", PERIODS, (3, None)),
        ("> 3 periods", PERIODS, (4, None)),
        ("超过3次", INTEGER, (4, None)),
        ("12个月以上", COVERED, (12, None)),
        ("1年以上", COVERED, (12, None)),
        ("12以上", COVERED, (12, None)),
        ("5%", PERCENT, (50_000, 50_000)),
        ("超过0.5‰", PERCENT, (501, None)),
        ("万分之五以上", PERCENT, (500, None)),
        ("百分之五十以下", PERCENT, (None, 500_000)),
        ("不满0", PERCENT, (None, -1)),
        ("90.5平方米以上", NUMBER, (9050, None)),
        ("> 90㎡", NUMBER, (9001, None)),
        ("> 90", NUMBER, (9001, None)),
        ("2026-01-01起", DATE, (date(2026, 1, 1).toordinal(), None)),
        ("早于2026-01-01", DATE, (None, date(2025, 12, 31).toordinal())),
        ("不晚于2026年1月1日", DATE, (None, date(2026, 1, 1).toordinal())),
        ('> date("2026-01-01")', DATE, (date(2026, 1, 2).toordinal(), None)),
        ("[2026-01-01..2026-02-01)", DATE, (date(2026, 1, 1).toordinal(), date(2026, 1, 31).toordinal())),
        ("2026-01-01至2026-01-31", DATE, (date(2026, 1, 1).toordinal(), date(2026, 1, 31).toordinal())),
    ],
)
def test_other_kinds(text: str, fact_type: Type, closed: tuple[int | None, int | None]) -> None:
    assert ends(text, fact_type) == closed


@pytest.mark.parametrize(
    ("text", "values", "negated"),
    [
        ("S", ("S",), False),
        ("大额高危", ("S",), False),
        (["S", "A"], ("S", "A"), False),
        (["大额高危", "A"], ("S", "A"), False),
        ("S、A", ("S", "A"), False),
        ("S, A", ("S", "A"), False),
        ("S 或 A", ("S", "A"), False),
        ("S或重点", ("S", "A"), False),
        ("in (S, A)", ("S", "A"), False),
        ("非 S、A", ("S", "A"), True),
        ("not(S, A)", ("S", "A"), True),
        ("!= S", ("S",), True),
        ("为 S", ("S",), False),
        ("S、S", ("S",), False),
        ("“S”", ("S",), False),
    ],
)
def test_choices(text: str | list[str], values: tuple[str, ...], negated: bool) -> None:
    test = read(text, GRADES)

    assert isinstance(test, OneOf)
    assert (test.values, test.negated) == (values, negated)


def test_titles_that_look_like_grammar_are_known_first() -> None:
    odd = Type(
        "choice", {"x": Text("非住宅", ""), "y": Text("甲或乙", ""), "z": Text("含 税", ""), "n": Text("无", "")}
    )

    assert read("非住宅", odd) == OneOf(("x",), ("非住宅",))
    assert read("非住宅、甲或乙", odd) == OneOf(("x", "y"), ("非住宅", "甲或乙"))
    assert read("非 含 税、x", odd) == OneOf(("z", "x"), ("含 税", "x"), negated=True)
    assert read("无", odd) == OneOf(("n",), ("无",))


@pytest.mark.parametrize(
    ("text", "values", "negated"),
    [
        ("vip", ("vip",), False),
        ("含 vip", ("vip",), False),
        ("含vip、老人", ("vip", "老人"), False),
        ("contains vip", ("vip",), False),
        (["vip", "老人"], ("vip", "老人"), False),
        ("不含 vip", ("vip",), True),
        ("非 vip", ("vip",), True),
        ("not(vip, 老人)", ("vip", "老人"), True),
    ],
)
def test_sets_contain_and_lack(text: str | list[str], values: tuple[str, ...], negated: bool) -> None:
    assert read(text, SET) == Contains(values, negated)


def test_list_of_one_is_a_word_by_itself() -> None:
    assert read(["非业主"], SET) == Contains(("非业主",))
    assert read(["S、A"], GRADES) == read("S、A", GRADES)


@pytest.mark.parametrize("fact_type", [MONEY, DAYS, MONTHS, DATE, BOOLEAN, SET, GRADES, Type("text")])
def test_nothing_and_anything_for_every_type(fact_type: Type) -> None:
    assert read("无", fact_type) == read("null", fact_type) == Nothing()
    assert read("非无", fact_type) == read("not(null)", fact_type) == Nothing(negated=True)
    assert read("任意", fact_type) == read("-", fact_type) == Anything()


@pytest.mark.parametrize(
    ("text", "truth"), [("是", True), ("true", True), ("否", False), ("非是", False), ("not(false)", True)]
)
def test_truths(text: str, truth: bool) -> None:
    test = read(text, BOOLEAN)

    assert isinstance(test, OneOf)
    assert test.values == (truth,)


def test_written_form_is_kept_with_its_unit() -> None:
    test = read("[5000..1万元)", MONEY)

    assert isinstance(test, Range)
    assert test.low is not None
    assert test.high is not None
    assert (test.low.written, test.high.written) == ("5000元", "1万元")


# Refused, with a line to copy where there is a plain one

REFUSED = [
    ("超过1000O元", MONEY, "T203", "超过10000元"),
    ("超过l000元", MONEY, "T203", "超过1000元"),
    ("O5000元", MONEY, "T203", "05000元"),
    ("超过3个月", DAYS, "T205", "超过90天"),
    ("超过1年", DAYS, "T205", "超过365天"),
    ("10wd", DAYS, "T205", "10天"),
    ("超过90天", MONTHS, "T205", "超过3个月"),
    ("超过91天", MONTHS, "T205", ""),
    ("3月", MONTHS, "T205", "3个月"),
    ("超过3天", MONEY, "T205", ""),
    ("超过5%", MONEY, "T205", ""),
    ("3次", PERIODS, "T205", "3期"),
    ("5元", PERCENT, "T205", ""),
    ("< 3", MONTHS, "T209", "< 3个月"),
    ("0.5", PERCENT, "T209", "50%"),
    ("5", PERCENT, "T209", "5%"),
    ("0.005元", MONEY, "T204", ""),
    ("1.5期", PERIODS, "T204", ""),
    ("0.5天", DAYS, "T204", ""),
    ("Q", GRADES, "T206", ""),
    ("大额高", GRADES, "T206", "大额高危"),
    ("s", GRADES, "T206", "S"),
    (["S", "重典"], GRADES, "T206", "S、重点"),
    ("1万元至5000元", MONEY, "T207", ""),
    ("(3..3)", PERIODS, "T207", ""),
    ("超过3不满4", PERIODS, "T207", ""),
    ("10-20天", DAYS, "T208", "10天至20天"),
    ("10天~20天", DAYS, "T208", "10天至20天"),
    ("大约5000元", MONEY, "T202", "5000元"),
    ("5000元左右", MONEY, "T202", "5000元"),
    ("超过几期", PERIODS, "T202", ""),
    ("5至10万元", MONEY, "T211", "5万元至10万元"),
    ("含 S", GRADES, "T212", "S"),
    ("不含 S", GRADES, "T212", "非 S"),
    ("2026/1/5", DATE, "T213", "2026-01-05"),
    ("早于2026-1-5", DATE, "T213", "早于2026-01-05"),
    ("昨天", DATE, "T213", ""),
    ("2026-02-30", DATE, "T228", ""),
    ("not([1..3])", PERIODS, "T214", ""),
    ("< 1, > 3", PERIODS, "T214", ""),
    ([">5", "3"], PERIODS, "T214", ""),
    ("超过10,000元", MONEY, "T215", "超过10000元"),
    ("一二十期", PERIODS, "T216", ""),
    ("半年", MONTHS, "T216", "6个月"),
    ("5000元和1万元之间", MONEY, "T217", "5000元至1万元"),
    ("2026-01-01以前", DATE, "T217", "早于2026-01-01"),
    ("超过5000元以上", MONEY, "T218", ""),
    ("超过3超过5", PERIODS, "T218", ""),
    ("no", BOOLEAN, "T219", "否"),
    ("有", BOOLEAN, "T219", "是"),
    ("也许", BOOLEAN, "T219", ""),
    ("", MONEY, "T220", ""),
    ([], GRADES, "T220", ""),
    ("含 5000元", MONEY, "T222", ""),
    ("> 3 * 5", PERIODS, "T223", ""),
    ("> 月费 + 1", MONEY, "T223", ""),
    ("> S", GRADES, "T224", ""),
    ("至少 A", GRADES, "T224", ""),
    ("vip和老人", SET, "T225", ""),
    ("S、无", GRADES, "T226", ""),
    ("非业主", SET, "T229", "非 业主"),
    ("超过999999亿元", MONEY, "T227", ""),
    ("很多", MONEY, "T201", ""),
    ("$5", MONEY, "T201", ""),
    ("1 000元", MONEY, "T215", "1000元"),
    ("超过5000元。", MONEY, "T200", "超过5000元"),
    ("欠费金额超过5000元", MONEY, "T200", "超过5000元"),
    ("超过", MONEY, "T200", ""),
    ("超过1万元的", MONEY, "T200", "超过1万元"),
    ("5000元(含)以上", MONEY, "T200", "5000元以上"),
    ("5000元以上（含5000元）", MONEY, "T200", "5000元以上"),
    ("超过5000元（含5000元）", MONEY, "T200", ""),
    ("5000元以上(不含5000元)", MONEY, "T200", ""),
    ("从2026-01-01起", DATE, "T200", "2026-01-01起"),
    ("截至2026-01-01", DATE, "T200", "不晚于2026-01-01"),
    ("介于5000元和1万元", MONEY, "T217", "5000元至1万元"),
    ("30天以后", DAYS, "T217", "超过30天"),
    ("超过壹万元", MONEY, "T216", "超过10000元"),
    ("1年半", MONTHS, "T216", "18个月"),
    ("2周", DAYS, "T205", "14天"),
    ("低于九成", PERCENT, "T205", "低于90%"),
    ("5k", MONEY, "T201", ""),
    ("1万5千元", MONEY, "T201", ""),
    ("2026-01", DATE, "T213", ""),
    ("[5000..10000", MONEY, "T200", "[5000..10000]"),
]


@pytest.mark.parametrize(("text", "fact_type", "code", "fix"), REFUSED)
def test_refused_with_a_line_to_copy(text: str | list[str], fact_type: Type, code: str, fix: str) -> None:
    assert refused(text, fact_type) == (code, fix)


@pytest.mark.parametrize(("fact_type", "fix"), [(fact_type, fix) for _, fact_type, _, fix in REFUSED if fix])
def test_every_line_to_copy_reads(fact_type: Type, fix: str) -> None:
    read(fix, fact_type)


def test_finding_stands_on_the_literal_and_names_the_character() -> None:
    text = "超过1000O元"
    for span, column in ((Span("f.yaml", 41, 24, 24 + len(text)), 26), (Span("f.yaml", 41, 24, 26 + len(text)), 27)):
        found = read_test(text, MONEY, span, "arrears", TITLE)[1][0]
        assert found.at == Span("f.yaml", 41, column, column + 6)
        assert found.message("zh") == "“1000O元”不是金额: 第5个字符是“O”, 不是数字 0"
        assert found.message("en") == "`1000O元` is not an amount: character 5 is `O`, not the digit 0"


def test_message_names_the_fact_by_title() -> None:
    found = read_test("3个月", DAYS, Span("f.yaml", 1, 1), "overdue_days", Text("逾期天数", "days overdue"))[1][0]

    assert "“逾期天数”按天计, 不能写“3个月” (3个月可能是89至92天" in found.message("zh")
    assert "`days overdue` is counted in days" in found.message("en")


# Single values


@pytest.mark.parametrize(
    ("text", "fact_type", "value"),
    [
        ("1万元", MONEY, 1_000_000),
        ("15%", PERCENT, 150_000),
        ("重点", GRADES, "A"),
        ("否", BOOLEAN, False),
        ("vip、老人", SET, frozenset({"vip", "老人"})),
        ("无", MONEY, None),
        ("3个月", MONTHS, 6),
    ],
)
def test_literals(text: str, fact_type: Type, value: object) -> None:
    assert read_literal(text, fact_type, Span("f.yaml", 1, 1), "x", TITLE) == (value, [])


def test_literal_refused() -> None:
    value, findings = read_literal("重典", GRADES, Span("f.yaml", 1, 1), "x", TITLE)

    assert (value, [(found.code, found.fix) for found in findings]) == (None, [("T206", "重点")])


# Beside conditions


def due(days: int) -> Anchor:
    return Anchor("due", offset=Duration(days, "d"))


TERMS: list[tuple[str, str, Any]] = [
    ("money", "1元", 100),
    ("money", "1.5万元", 1_500_000),
    ("count", "三", 3),
    ("rate", "0.5‰ per day", Fraction(1, 2000)),
    ("rate", "每日万分之五", Fraction(1, 2000)),
    ("rate", "3.65% per year", Fraction(1, 10_000)),
    ("share", "5%", Fraction(1, 20)),
    ("share", "0", Fraction(0)),
    ("duration", "90d", Duration(90, "d")),
    ("duration", "10个工作日", Duration(10, "wd")),
    ("duration", "10wd", Duration(10, "wd")),
    ("duration", "3mo", Duration(3, "mo")),
    ("duration", "三个月", Duration(3, "mo")),
    ("duration", "1年", Duration(1, "y")),
    ("duration", "24h", Duration(24, "h")),
    ("date", "2026-01-01", date(2026, 1, 1)),
    ("anchor", "expired(formal_demand)", Anchor("expired", "formal_demand")),
    ("anchor", "contact(promised) + 1d", Anchor("contact", "promised", Duration(1, "d"))),
    ("window", "due - 15d .. due - 7d", AnchorWindow(due(-15), due(-7))),
    ("window", "到期前15天至到期前7天", AnchorWindow(due(-15), due(-7))),
    ("window", "到期前15天至前7天", AnchorWindow(due(-15), due(-7))),
    ("window", "到期后3天至5天", AnchorWindow(due(3), due(5))),
    ("window", "due + 15d", AnchorWindow(due(15))),
    ("window", "due+15d", AnchorWindow(due(15))),
    ("window", "promise - 1d .. promise", AnchorWindow(Anchor("promise", offset=Duration(-1, "d")), Anchor("promise"))),
    ("window", "done(due_notice) + 3d", AnchorWindow(Anchor("done", "due_notice", Duration(3, "d")))),
    ("window", "完成(due_notice) + 3d", AnchorWindow(Anchor("done", "due_notice", Duration(3, "d")))),
    ("window", "due + 2wd", AnchorWindow(Anchor("due", offset=Duration(2, "wd")))),
    ("window", "day 15 of quarter", CalendarWindow("quarter", 15, 15)),
    ("window", "day 1..3 of month", CalendarWindow("month", 1, 3)),
    ("window", "每月1日至3日", CalendarWindow("month", 1, 3)),
    ("window", "每季度15日", CalendarWindow("quarter", 15, 15)),
    ("window", "quarter_end", CalendarWindow("quarter", -1, -1)),
    ("window", "quarter_end - 15d .. quarter_end", CalendarWindow("quarter", -16, -1)),
    ("window", "季末", CalendarWindow("quarter", -1, -1)),
    ("window", "month_end - 3d", CalendarWindow("month", -1, -1, Duration(-3, "d"))),
    ("clock_range", "10:00-12:00", ClockRange(time(10), time(12))),
    ("clock_range", "20:00-24:00", ClockRange(time(20), None)),
    ("count_range", "3..12", CountRange(3, 12)),
    ("count_range", "1至3", CountRange(1, 3)),
    ("count_range", "6", CountRange(6, 6)),
    ("share_range", "50%..100% of late_fee", ShareRange(Fraction(1, 2), Fraction(1), "late_fee")),
    ("share_range", "50%", ShareRange(Fraction(1, 2), Fraction(1, 2))),
    ("cap", "5% of charge", Cap(Fraction(1, 20), "charge")),
    ("cap", "5% of overdue", Cap(Fraction(1, 20), "overdue")),
    ("cap", "账单的5%", Cap(Fraction(1, 20), "charge")),
]


@pytest.mark.parametrize(("name", "text", "value"), TERMS)
def test_terms(name: str, text: str, value: object) -> None:
    assert getattr(terms, f"read_{name}")(text, Span("f.yaml", 1, 1)) == (value, [])


@pytest.mark.parametrize(
    ("name", "text", "code", "fix"),
    [
        ("money", "3个月", "T205", ""),
        ("rate", "5", "T231", ""),
        ("rate", "1% 每月", "T231", ""),
        ("share", "150%", "T232", ""),
        ("share", "5% per day", "T232", ""),
        ("share_range", "100%..50%", "T207", ""),
        ("cap", "5%", "T233", "5% of charge"),
        ("cap", "5% of charg", "T233", "5% of charge"),
        ("count_range", "3-12", "T234", "3..12"),
        ("count_range", "12..3", "T207", ""),
        ("duration", "2周", "T235", "14d"),
        ("duration", "3", "T235", "3d"),
        ("duration", "0.5d", "T235", ""),
        ("duration", "-3d", "T235", ""),
        ("duration", "1000000d", "T227", ""),
        ("duration", "101y", "T227", ""),
        ("anchor", "due - 1300mo", "T227", ""),
        ("date", "2026-02-30", "T228", ""),
        ("window", "due + 5d .. due + 3d", "T207", ""),
        ("window", "due + 3d to due + 5d", "T237", "due + 3d .. due + 5d"),
        ("window", "", "T237", ""),
        ("window", "done + 3d", "T238", ""),
        ("window", "due(x) + 3d", "T239", ""),
        ("window", "duu + 3d", "T240", "due + 3d"),
        ("window", "due + 3", "T235", "due + 3d"),
        ("window", "due + 3h", "T236", ""),
        ("window", "day 32 of month", "T241", ""),
        ("window", "day 3..1 of month", "T241", ""),
        ("clock_range", "9:00-10:00", "T242", "09:00-10:00"),
        ("clock_range", "10点-12点", "T242", "10:00-12:00"),
        ("clock_range", "22:00-08:00", "T243", ""),
        ("clock_range", "10:60-12:00", "T243", ""),
    ],
)
def test_terms_refused(name: str, text: str, code: str, fix: str) -> None:
    value, findings = getattr(terms, f"read_{name}")(text, Span("f.yaml", 1, 1))

    assert value is None
    assert [(found.code, found.fix) for found in findings] == [(code, fix)]


def test_units_allowed_here() -> None:
    value, findings = terms.read_duration("10wd", Span("f.yaml", 1, 1), units=("d", "mo"))

    assert (value, findings[0].code) == (None, "T236")
    assert "d (天)、mo (个月)" in findings[0].message("zh")
