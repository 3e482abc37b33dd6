"""Money: what is read, what is refused and in which words, rates, rounding, and capital numerals."""

from __future__ import annotations

import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from dunning.basis.errors import DunningError, MoneyError
from dunning.basis.finding import Text
from dunning.basis.money import LIMIT, capital, decimal_text, parse_rate, parse_yuan, read_capital, rounded, yuan

# Amounts in


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("1592.25", 159225),
        ("0.01", 1),
        ("0.00", 0),
        ("0", 0),
        ("7", 700),
        ("1592", 159200),
        ("1592.2", 159220),
        ("530.7500", 53075),
        ("12.000", 1200),
        ("0012.50", 1250),
        ("-5.20", -520),
        ("-3", -300),
        ("-0.00", 0),
        (" 1592.25 ", 159225),
        ("\t80\n", 8000),
        ("9999999999999999.99", LIMIT - 1),
        ("-9999999999999999.99", 1 - LIMIT),
        ("9999999999999999", LIMIT - 100),
        ("00009999999999999999.99", LIMIT - 1),
    ],
)
def test_an_amount_in_text_is_its_fen(written: str, fen: int) -> None:
    assert parse_yuan(written) == fen


@pytest.mark.parametrize(
    ("value", "fen"),
    [
        (0, 0),
        (1592, 159200),
        (-3, -300),
        (10**16 - 1, LIMIT - 100),
        (1 - 10**16, 100 - LIMIT),
        (Decimal("1592.25"), 159225),
        (Decimal("530.7500"), 53075),
        (Decimal("-0.05"), -5),
        (Decimal("1.5E+3"), 150000),
        (Decimal(0), 0),
        (Decimal("9999999999999999.99"), LIMIT - 1),
    ],
)
def test_an_int_is_yuan_and_a_decimal_is_exact(value: int | Decimal, fen: int) -> None:
    assert parse_yuan(value) == fen


EXPONENT = Text(
    "是科学计数法, 可能已丢了位数, 请写全", "it has an exponent and may have lost digits; write all of them"
)
TOO_FINE = Text("小数多于两位, 金额到分为止", "more than two decimals, and an amount ends at the fen")
TOO_MUCH = Text("达到一亿亿元, 超出范围", "ten quadrillion yuan or more")


@pytest.mark.parametrize(
    ("written", "zh", "en", "fix"),
    [
        ("", "没有写", "it is empty", ""),
        ("  ", "没有写", "it is empty", ""),
        ("1000O", "第5个字符是字母 O, 不是数字 0", "character 5 is the letter O, not the digit 0", "10000"),
        ("l592.25", "第1个字符是字母 l, 不是数字 1", "character 1 is the letter l, not the digit 1", "1592.25"),
        ("15B2", "第3个字符是字母 B, 不是数字 8", "character 3 is the letter B, not the digit 8", "1582"),
        ("SOS", "第1个字符是字母 S, 不是数字 5", "character 1 is the letter S, not the digit 5", ""),
        ("1５92", "第2个字符是全角的 ５, 要写半角的 5", "character 2 is the full-width ５, not 5", "1592"),
        ("12．5", "第3个字符是全角的 ．, 要写半角的 .", "character 3 is the full-width ．, not .", "12.5"),
        (
            "1,592.25",
            "第2个字符是千分位逗号, 金额里不写",
            "character 2 is a thousands separator, which amounts go without",
            "1592.25",
        ),
        (
            "12，345，678",
            "第3个字符是千分位逗号, 金额里不写",
            "character 3 is a thousands separator, which amounts go without",
            "12345678",
        ),
        (
            "12,34",
            "第3个字符是千分位逗号, 金额里不写",
            "character 3 is a thousands separator, which amounts go without",
            "",
        ),
        (
            "1592.25元",
            "第8个字符是 元, 只写数字, 单位就是元",
            "character 8 is 元; write digits only, the unit is the yuan",
            "1592.25",
        ),
        (
            "¥-1,592",
            "第1个字符是 ¥, 只写数字, 单位就是元",
            "character 1 is ¥; write digits only, the unit is the yuan",
            "-1592",
        ),
        ("+5", "第1个字符是 +, 不是数字", "character 1 is +, not a digit", ""),
        ("5X", "第2个字符是 X, 不是数字", "character 2 is X, not a digit", ""),
        ("5-", "第2个字符是 -, 不是数字", "character 2 is -, not a digit", ""),
        ("约500", "第1个字符是 约, 不是数字", "character 1 is 约, not a digit", ""),
        ("٣", "第1个字符是 ٣, 不是数字", "character 1 is ٣, not a digit", ""),
        (
            "1 592",
            "第2个字符是空白或看不见的字符 U+0020 SPACE",
            "character 2 is a blank or invisible: U+0020 SPACE",
            "",
        ),
        (
            "15\u200b92",
            "第3个字符是空白或看不见的字符 U+200B ZERO WIDTH SPACE",
            "character 3 is a blank or invisible: U+200B ZERO WIDTH SPACE",
            "",
        ),
        ("5\x01", "第2个字符是空白或看不见的字符 U+0001", "character 2 is a blank or invisible: U+0001", ""),
        ("1.59E+05", *EXPONENT, ""),
        ("-2e3", *EXPONENT, ""),
        ("1.2.3", "第4个字符是第二个小数点", "character 4 is a second point", ""),
        ("1.2.3.4", "第4个字符是第二个小数点", "character 4 is a second point", ""),
        ("..", "第2个字符是第二个小数点", "character 2 is a second point", ""),
        (".25", "小数点前没有数字", "no digit stands before the point", ""),
        ("-.25", "小数点前没有数字", "no digit stands before the point", ""),
        ("5.", "小数点后没有数字", "no digit stands after the point", ""),
        ("-", "没有数字", "it has no digits", ""),
        ("1592.255", *TOO_FINE, ""),
        ("0.001", *TOO_FINE, ""),
        ("10000000000000000", *TOO_MUCH, ""),
        ("10000000000000000.00", *TOO_MUCH, ""),
        ("-10000000000000000.00", *TOO_MUCH, ""),
    ],
)
def test_a_bad_amount_is_refused_with_the_character_and_what_was_meant(
    written: str, zh: str, en: str, fix: str
) -> None:
    with pytest.raises(MoneyError) as refused:
        parse_yuan(written)
    assert refused.value.why == Text(zh, en)
    assert refused.value.fix == fix
    assert refused.value.text == written
    assert str(refused.value) == f"`{written}` is not an amount: {en}" + (f"; write {fix}" if fix else "")


@pytest.mark.parametrize(
    ("value", "text", "why"),
    [
        (10**16, "1.000E+16", TOO_MUCH),
        (-(10**16), "-1.000E+16", TOO_MUCH),
        (Decimal("1E+18"), "1E+18", TOO_MUCH),
        (Decimal("1E+16"), "10000000000000000", TOO_MUCH),
        (Decimal("1E+999999"), "1E+999999", TOO_MUCH),
        (Decimal("0.001"), "0.001", TOO_FINE),
        (Decimal("1." + "0" * 40 + "1"), "1." + "0" * 40 + "1", TOO_FINE),
        (Decimal("NaN"), "NaN", Text("不是数", "not a number")),
        (Decimal("-Infinity"), "-Infinity", Text("不是数", "not a number")),
        (None, "None", Text("不是数", "not a number")),
    ],
)
def test_a_number_that_is_no_amount_is_refused(value: Any, text: str, why: Text) -> None:
    with pytest.raises(MoneyError) as refused:
        parse_yuan(value)
    assert refused.value.why == why
    assert refused.value.text == text


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0.1, '是浮点数; 请写成 "0.10" 或 Decimal', 'is a float; pass "0.10" or Decimal'),
        (1592.25, '是浮点数; 请写成 "1592.25" 或 Decimal', 'is a float; pass "1592.25" or Decimal'),
        (0.125, '是浮点数; 请写成 "0.10" 或 Decimal', 'is a float; pass "0.10" or Decimal'),
        (float("nan"), '是浮点数; 请写成 "0.10" 或 Decimal', 'is a float; pass "0.10" or Decimal'),
        (True, "是布尔值, 不是数", "is a boolean, not a number"),
    ],
)
@pytest.mark.parametrize("parse", [parse_yuan, parse_rate])
def test_a_float_or_a_boolean_is_refused_by_name(parse: Any, value: Any, zh: str, en: str) -> None:
    with pytest.raises(MoneyError) as refused:
        parse(value, name="amount")
    assert str(refused.value) == f"`amount={value!r}` {en}"
    assert refused.value.why == Text(zh, en)
    assert refused.value.text == repr(value)
    with pytest.raises(MoneyError) as unnamed:
        parse(value)
    assert str(unnamed.value) == f"`{value!r}` {en}"


@pytest.mark.parametrize(
    "value", ["x", "1.234", "10000000000000000", 10**16, Decimal("NaN"), Decimal("1E+18"), Decimal("0.001")]
)
def test_the_field_is_named_in_every_refusal(value: Any) -> None:
    with pytest.raises(MoneyError, match=r"^`late_fee="):
        parse_yuan(value, name="late_fee")


def test_a_long_text_is_cut_in_the_message_only() -> None:
    with pytest.raises(MoneyError) as refused:
        parse_yuan("x" * 41)
    assert str(refused.value).startswith(f"`{'x' * 40}…` is not an amount")
    assert refused.value.text == "x" * 41
    with pytest.raises(MoneyError, match=f"^`{'x' * 40}` is"):
        parse_yuan("x" * 40)


def test_a_money_error_is_a_value_error_of_ours_and_survives_pickling() -> None:
    with pytest.raises(ValueError, match="letter O") as refused:
        parse_yuan("1O")
    assert isinstance(refused.value, DunningError)
    again = pickle.loads(pickle.dumps(refused.value))
    assert (str(again), again.text, again.why, again.fix) == (str(refused.value), "1O", refused.value.why, "10")


# Amounts out


@pytest.mark.parametrize(
    ("fen", "text"),
    [(159225, "1592.25"), (0, "0.00"), (1, "0.01"), (10, "0.10"), (100, "1.00"), (-5, "-0.05"), (-159225, "-1592.25")],
)
def test_yuan_always_has_two_decimals(fen: int, text: str) -> None:
    assert yuan(fen) == text


# Rates


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("0.5‰", Fraction(1, 2000)),
        ("5‰", Fraction(1, 200)),
        ("5%", Fraction(1, 20)),
        ("5 ％", Fraction(1, 20)),
        (" 0.0005 ", Fraction(1, 2000)),
        ("1/2000", Fraction(1, 2000)),
        ("1 / 2000", Fraction(1, 2000)),
        ("0/5", Fraction(0)),
        ("0", Fraction(0)),
        ("1", Fraction(1)),
        ("0%", Fraction(0)),
        ("150%", Fraction(3, 2)),
        ("1001‰", Fraction(1001, 1000)),
        ("万分之五", Fraction(1, 2000)),
        ("万分之5", Fraction(1, 2000)),
        ("万分之 0.5", Fraction(1, 20000)),
        ("千分之零点五", Fraction(1, 2000)),
        ("千分之一点二五", Fraction(1, 800)),
        ("百分之五", Fraction(1, 20)),
        ("百分之十", Fraction(1, 10)),
        ("百分之十五", Fraction(3, 20)),
        ("百分之二十", Fraction(1, 5)),
        ("百分之二十四点五", Fraction(49, 200)),
        ("百分之两", Fraction(1, 50)),
        ("千分之叁", Fraction(3, 1000)),
        ("百分之拾", Fraction(1, 10)),
        ("百分之〇", Fraction(0)),
        ("0.5‰ per day", Fraction(1, 2000)),
        ("0.5‰/day", Fraction(1, 2000)),
        ("0.5‰每日", Fraction(1, 2000)),
        ("0.5‰ 每天", Fraction(1, 2000)),
        ("0.5‰/日", Fraction(1, 2000)),
        ("0.5‰/天", Fraction(1, 2000)),
        ("日万分之五", Fraction(1, 2000)),
        ("每日万分之五", Fraction(1, 2000)),
        ("按日万分之五", Fraction(1, 2000)),
        ("日利率0.05%", Fraction(1, 2000)),
        ("3.9% per year", Fraction(39, 365000)),
        ("3.9%/year", Fraction(39, 365000)),
        ("3.9%/年", Fraction(39, 365000)),
        ("年3.9%", Fraction(39, 365000)),
        ("每年 3.9%", Fraction(39, 365000)),
        ("年利率百分之三点九", Fraction(39, 365000)),
        ("1/20 per year", Fraction(1, 7300)),
        ("365% per year", Fraction(1, 100)),
        ("0." + "0" * 57 + "1", Fraction(1, 10**58)),
    ],
)
def test_a_rate_is_its_exact_fraction(written: str, rate: Fraction) -> None:
    assert parse_rate(written) == rate


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        (0, Fraction(0)),
        (1, Fraction(1)),
        (Decimal("0.0005"), Fraction(1, 2000)),
        (Decimal("5E-7"), Fraction(1, 2000000)),
    ],
)
def test_a_rate_may_be_an_int_or_a_decimal(value: int | Decimal, rate: Fraction) -> None:
    assert parse_rate(value) == rate


UNREADABLE = Text(
    "读不出; 可写 0.5‰、5%、0.0005、1/2000、万分之五、3.9% per year",
    "write it like 0.5‰, 5%, 0.0005, 1/2000, 万分之五, 3.9% per year",
)
BY_MONTH = Text("月有长短, 请按日或按年写", "months differ in length; write it by the day or by the year")
NO_UNIT = Text("没有单位: 是 % 还是 ‰?", "the unit is missing: % or ‰?")
BY_ZERO = Text("分母是零", "it divides by zero")


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", Text("没有写", "it is empty")),
        ("  ", Text("没有写", "it is empty")),
        ("-1%", Text("是负数", "it is negative")),
        ("1/0", BY_ZERO),
        ("1 / 00", BY_ZERO),
        ("1/0.5", UNREADABLE),
        ("1/05x", UNREADABLE),
        ("5", NO_UNIT),
        ("1.01", NO_UNIT),
        ("3/2", NO_UNIT),
        ("5 per year", NO_UNIT),
        ("1% per month", BY_MONTH),
        ("1%/month", BY_MONTH),
        ("月利率1%", BY_MONTH),
        ("每月百分之一", BY_MONTH),
        ("O.5‰", Text("第1个字符是字母 O, 不是数字 0", "character 1 is the letter O, not the digit 0")),
        ("0．5‰", Text("第2个字符是全角的 ．, 要写半角的 .", "character 2 is the full-width ．, not .")),
        ("0.5.1%", UNREADABLE),
        (".5%", UNREADABLE),
        ("%", UNREADABLE),
        ("百分之", UNREADABLE),
        ("百分之点五", UNREADABLE),
        ("百分之五点", UNREADABLE),
        ("百分之五五", UNREADABLE),
        ("百分之二百", UNREADABLE),
        ("每日0.5‰ per day", UNREADABLE),
        ("5%%", UNREADABLE),
        ("大约5%", UNREADABLE),
        ("0\n5%", UNREADABLE),
        ("0." + "0" * 58 + "1", UNREADABLE),
    ],
)
def test_a_bad_rate_is_refused_with_the_reason(written: str, why: Text) -> None:
    with pytest.raises(MoneyError) as refused:
        parse_rate(written, name="rate")
    assert refused.value.why == why
    assert refused.value.text == written
    assert refused.value.fix == ""
    cut = written if len(written) <= 40 else written[:40] + "…"
    assert str(refused.value) == f"`rate={cut}` is not a rate: {why.en}"


@pytest.mark.parametrize("value", [None, [1], Decimal("NaN"), Decimal("1E+99"), 5])
def test_a_thing_that_is_no_rate_is_refused(value: Any) -> None:
    with pytest.raises(MoneyError, match=r"^`rate=.*is not a rate"):
        parse_rate(value, name="rate")


@pytest.mark.parametrize("value", [None, [1]])
def test_what_is_neither_text_nor_number_is_no_rate(value: Any) -> None:
    with pytest.raises(MoneyError) as refused:
        parse_rate(value)
    assert refused.value.why == Text("不是数", "not a number")
    assert refused.value.text == str(value)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(1, 2000), "0.0005"),
        (Fraction(135, 4), "33.75"),
        (Fraction(931, 10), "93.1"),
        (Fraction(0), "0"),
        (Fraction(5), "5"),
        (Fraction(10), "10"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(-3), "-3"),
        (Fraction(1, 25), "0.04"),
        (Fraction(1, 40), "0.025"),
        (Fraction(1, 2 * 5**30), "0." + str(2**29).rjust(30, "0")),
        (Fraction(39, 365000), "39/365000"),
        (Fraction(-2, 3), "-2/3"),
        (Fraction(1, 6), "1/6"),
    ],
)
def test_a_fraction_is_written_as_a_decimal_that_ends_or_in_lowest_terms(number: Fraction, text: str) -> None:
    assert decimal_text(number) == text


@pytest.mark.parametrize(
    ("number", "half_up", "floor"),
    [
        (Fraction(1, 2), 1, 0),
        (Fraction(3, 2), 2, 1),
        (Fraction(5, 2), 3, 2),
        (Fraction(49, 100), 0, 0),
        (Fraction(51, 100), 1, 0),
        (Fraction(1, 3), 0, 0),
        (Fraction(2, 3), 1, 0),
        (Fraction(7), 7, 7),
        (Fraction(0), 0, 0),
        (Fraction(-1, 2), -1, -1),
        (Fraction(-49, 100), 0, -1),
        (Fraction(-3, 2), -2, -2),
        (Fraction(-7), -7, -7),
        (Fraction(159225, 20), 7961, 7961),  # 1592.25 at 0.5‰ for 100 days: 79.6125
    ],
)
def test_rounding_to_the_fen(number: Fraction, half_up: int, floor: int) -> None:
    assert rounded(number, "half_up") == half_up
    assert rounded(number, "floor") == floor


def test_an_unknown_rounding_is_refused() -> None:
    with pytest.raises(MoneyError) as refused:
        rounded(Fraction(1, 2), "half_even")  # type: ignore[arg-type]
    assert str(refused.value) == "`half_even` is not a rounding; write half_up or floor"


# Capital numerals. The first eight are the examples of 支付结算办法 annex 1, each in every form it publishes.

PUBLISHED = [
    ("1409.50", ["壹仟肆佰零玖元伍角"]),
    ("6007.14", ["陆仟零柒元壹角肆分"]),
    ("1680.32", ["壹仟陆佰捌拾元零叁角贰分", "壹仟陆佰捌拾元叁角贰分"]),
    ("107000.53", ["壹拾万柒仟元零伍角叁分", "壹拾万零柒仟元伍角叁分"]),
    ("16409.02", ["壹万陆仟肆佰零玖元零贰分"]),
    ("325.04", ["叁佰贰拾伍元零肆分"]),
]


@pytest.mark.parametrize(("amount", "forms"), PUBLISHED)
def test_the_published_examples_are_written_in_their_first_form_and_read_in_all(amount: str, forms: list[str]) -> None:
    assert capital(parse_yuan(amount)) == "人民币" + forms[0]
    for form in forms:
        assert read_capital(form) == read_capital("人民币" + form) == parse_yuan(amount)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1592.25", "壹仟伍佰玖拾贰元贰角伍分"),
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角"),
        ("0.53", "伍角叁分"),
        ("1", "壹元整"),
        ("1.05", "壹元零伍分"),
        ("10", "壹拾元整"),
        ("10.50", "壹拾元零伍角"),
        ("10.05", "壹拾元零伍分"),
        ("15", "壹拾伍元整"),
        ("100", "壹佰元整"),
        ("101", "壹佰零壹元整"),
        ("110", "壹佰壹拾元整"),
        ("1001", "壹仟零壹元整"),
        ("1010", "壹仟零壹拾元整"),
        ("1100", "壹仟壹佰元整"),
        ("9999", "玖仟玖佰玖拾玖元整"),
        ("10000", "壹万元整"),
        ("10001", "壹万零壹元整"),
        ("10999", "壹万零玖佰玖拾玖元整"),
        ("11000", "壹万壹仟元整"),
        ("100000.01", "壹拾万元零壹分"),
        ("100999", "壹拾万零玖佰玖拾玖元整"),
        ("101000", "壹拾万壹仟元整"),
        ("99999999", "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元整"),
        ("100000000", "壹亿元整"),
        ("100000001", "壹亿零壹元整"),
        ("100010000", "壹亿零壹万元整"),
        ("110000000", "壹亿壹仟万元整"),
        ("800005000", "捌亿零伍仟元整"),
        ("1010000000", "壹拾亿壹仟万元整"),
        ("25500003648.76", "贰佰伍拾伍亿零叁仟陆佰肆拾捌元柒角陆分"),
        ("1000000000000", "壹万亿元整"),
        ("1000500000000", "壹万零伍亿元整"),
        ("10700000000000", "壹拾万柒仟亿元整"),
        ("1000000000001", "壹万亿零壹元整"),
        ("9999999999999999.99", "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
        ("-5.20", "负伍元贰角"),
    ],
)
def test_capitals_of_an_amount(amount: str, words: str) -> None:
    assert capital(parse_yuan(amount)) == "人民币" + words
    assert read_capital("人民币" + words) == parse_yuan(amount)


@pytest.mark.parametrize("fen", [LIMIT, -LIMIT])
def test_an_amount_beyond_the_words_has_no_capitals(fen: int) -> None:
    with pytest.raises(MoneyError) as refused:
        capital(fen)
    assert refused.value.text == yuan(fen)
    assert str(refused.value) == f"`{yuan(fen)}` is not an amount: ten quadrillion yuan or more"


@pytest.mark.parametrize(
    ("words", "fen"),
    [
        ("壹佰圆正", 10000),
        (" 人民币伍角整 ", 50),
        ("伍角正", 50),
        ("壹拾亿零壹仟万元整", 101000000000),
        ("壹拾万零柒仟亿元整", 1070000000000000),
    ],
)
def test_usual_variants_are_read(words: str, fen: int) -> None:
    assert read_capital(words) == fen


NOT_CAPITALS = Text("不合大写金额的写法", "not the way capitals are written")


@pytest.mark.parametrize(
    ("words", "fix"),
    [
        ("拾元整", "人民币壹拾元整"),
        ("壹仟伍元整", "人民币壹仟零伍元整"),
        ("壹仟零伍佰元整", "人民币壹仟伍佰元整"),
        ("壹仟零零伍元整", "人民币壹仟零伍元整"),
        ("捌亿伍仟元整", "人民币捌亿零伍仟元整"),
        ("壹拾元零", "人民币壹拾元整"),
        ("壹元伍分", "人民币壹元零伍分"),
        ("伍分整", "人民币伍分"),
        ("零元伍角", "人民币伍角"),
        ("壹佰元", "人民币壹佰元整"),
        ("负零元整", "人民币零元整"),
        ("负壹佰元", "人民币负壹佰元整"),
        ("壹贰元整", ""),
        ("伍拾仟元整", ""),
        ("亿元整", ""),
        ("零万元整", ""),
        ("壹万贰万元整", ""),
        ("壹亿贰亿元整", ""),
        ("壹万万元整", ""),
        ("壹贰万壹元整", ""),
        ("壹万壹贰元整", ""),
        ("人民币", ""),
        ("人民币负", ""),
        ("整", ""),
        ("壹", ""),
        ("元整", ""),
        ("亿" * 41 + "元整", ""),
    ],
)
def test_capitals_that_break_the_rules_are_refused_with_the_right_form(words: str, fix: str) -> None:
    with pytest.raises(MoneyError) as refused:
        read_capital(words)
    assert refused.value.why == NOT_CAPITALS
    assert refused.value.fix == fix
    assert refused.value.text == words
    cut = words if len(words) <= 40 else words[:40] + "…"
    assert str(refused.value).startswith(f"`{cut}` is not an amount in capitals: not the way capitals are written")


def test_a_character_that_is_no_capital_is_named() -> None:
    with pytest.raises(MoneyError) as refused:
        read_capital("人民币五元整")
    assert refused.value.why == Text("第4个字符是 五, 不是大写数字", "character 4 is 五, no capital numeral")
    with pytest.raises(MoneyError, match="character 1 is X, no capital numeral"):
        read_capital("X元整")
    with pytest.raises(MoneyError) as empty:
        read_capital(" ")
    assert empty.value.why == Text("没有写", "it is empty")
