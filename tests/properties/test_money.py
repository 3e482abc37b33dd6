"""Money, over all amounts: every round trip closes, every rounding is the nearest, only MoneyError is raised."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.basis.errors import MoneyError
from dunning.basis.money import LIMIT, capital, decimal_text, parse_rate, parse_yuan, read_capital, rounded, yuan

T = TypeVar("T")


def read(parse: Callable[[str], T], text: str) -> T | MoneyError:
    """What the text reads to, or how it is refused."""
    try:
        return parse(text)
    except MoneyError as refused:
        return refused


# Amounts that bring noughts and group borders together far oftener than chance would.
patterned = st.lists(st.sampled_from("000001359"), min_size=1, max_size=18).map(lambda digits: int("".join(digits)))
fen_amounts = st.integers(1 - LIMIT, LIMIT - 1) | patterned | patterned.map(lambda fen: -fen)
fractions = st.fractions(max_denominator=10**7)
PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
amount_like = st.text("0123456789.,-+eEO元¥ ，．０", max_size=24)


@given(fen_amounts)
def test_writing_and_reading_an_amount_gives_it_back(fen: int) -> None:
    text = yuan(fen)
    assert re.fullmatch(r"-?[0-9]+\.[0-9]{2}", text)
    assert parse_yuan(text) == parse_yuan(Decimal(text)) == parse_yuan(text + "00") == fen


@given(st.integers(-(10**15), 10**15))
def test_an_int_a_text_and_a_decimal_of_yuan_are_the_same_money(amount: int) -> None:
    assert parse_yuan(amount) == parse_yuan(str(amount)) == parse_yuan(Decimal(amount)) == amount * 100


@given(amount_like | st.text(max_size=12))
def test_any_text_is_its_exact_amount_or_is_refused_with_a_reason_in_both_languages(text: str) -> None:
    fen = read(parse_yuan, text)
    if isinstance(fen, MoneyError):
        assert fen.text == text
        assert fen.why.zh
        assert fen.why.en
        assert not fen.fix or PLAIN.fullmatch(fen.fix)
    else:
        assert PLAIN.fullmatch(text.strip())
        assert Fraction(text.strip()) * 100 == fen


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_any_decimal_is_its_exact_amount_or_is_refused(value: Decimal) -> None:
    try:
        fen = parse_yuan(value)
    except MoneyError:
        return
    assert Fraction(value) * 100 == fen


@given(st.floats())
def test_no_float_ever_gets_in(value: float) -> None:
    with pytest.raises(MoneyError, match="is a float"):
        parse_yuan(value)  # type: ignore[arg-type]


# Fractions


@given(fractions)
def test_the_text_of_a_fraction_is_exact_and_shortest(number: Fraction) -> None:
    text = decimal_text(number)
    assert Fraction(text) == number
    assert ("/" in text) == bool(re.sub(r"2|5", "", "".join(map(str, _primes(number.denominator)))))
    assert not re.search(r"\.[0-9]*0$|^-?0[0-9]", text)


def _primes(number: int) -> list[int]:
    found, divisor = [], 2
    while divisor * divisor <= number:
        if number % divisor:
            divisor += 1
        else:
            found.append(divisor)
            number //= divisor
    return [*found, number] if number > 1 else found


@given(fractions)
def test_half_up_is_nearest_and_symmetric_and_floor_is_below(number: Fraction) -> None:
    near, below = rounded(number, "half_up"), rounded(number, "floor")
    assert abs(near - number) <= Fraction(1, 2)
    assert rounded(-number, "half_up") == -near
    assert below <= number < below + 1
    assert near - below in (0, 1)


@given(st.decimals(-(10**9), 10**9, places=3))
def test_rounding_agrees_with_decimal(value: Decimal) -> None:
    with localcontext(prec=40):
        assert rounded(Fraction(value), "half_up") == int(value.to_integral_value(ROUND_HALF_UP))
        assert rounded(Fraction(value), "floor") == int(value.to_integral_value(ROUND_FLOOR))


@given(st.fractions(0, 1, max_denominator=10**6))
def test_a_rate_is_read_back_from_how_it_is_written(rate: Fraction) -> None:
    assert parse_rate(decimal_text(rate)) == rate
    assert parse_rate(f"{decimal_text(rate)} per year") == rate / 365


@given(st.decimals(0, 1000, places=4), st.sampled_from([("%", 100), ("‰", 1000), ("万分之", 10000), ("百分之", 100)]))
def test_a_unit_divides(number: Decimal, unit: tuple[str, int]) -> None:
    word, parts = unit
    text = f"{word}{number:f}" if "之" in word else f"{number:f}{word}"
    assert parse_rate(text) == Fraction(number) / parts


@given(st.text("0123456789./%‰万千百分之零一五十点年月日每按利率per dayO", max_size=16) | st.text(max_size=10))
def test_any_text_is_a_rate_from_nought_or_is_refused_with_a_reason(text: str) -> None:
    rate = read(parse_rate, text)
    if isinstance(rate, MoneyError):
        assert rate.why.zh
        assert rate.why.en
    else:
        assert rate >= 0


# Capitals


@given(fen_amounts)
def test_capitals_round_trip(fen: int) -> None:
    words = capital(fen)
    assert read_capital(words) == fen
    assert read_capital(words.removeprefix("人民币").replace("元", "圆").replace("整", "正")) == fen


@given(fen_amounts)
def test_capitals_never_double_a_nought_nor_end_in_one(fen: int) -> None:
    words = capital(fen)
    assert "零零" not in words
    assert not re.search(r"零[拾佰仟万亿角分整]", words)
    assert not re.search(r"零元", words) or fen == 0
    assert words.endswith("整") == (fen % 100 == 0)


@given(st.integers(0, 10**14 - 1) | patterned.map(lambda fen: fen % 10**14))
def test_capitals_agree_with_writing_every_place_and_striking_the_noughts(fen: int) -> None:
    assert capital(fen) == "人民币" + _by_striking(fen)


def _by_striking(fen: int) -> str:
    """Below 10^12 yuan: every digit with its place, then the school rules by which noughts are struck."""
    whole, cents = divmod(fen, 100)
    places = ["", "拾", "佰", "仟", "万", "拾", "佰", "仟", "亿", "拾", "佰", "仟"]
    text = "".join(
        ("零壹贰叁肆伍陆柒捌玖"[int(digit)] + place)
        for digit, place in zip(f"{whole:012d}", reversed(places), strict=True)
    )
    text = re.sub(r"零[拾佰仟]", "零", text)
    text = re.sub(r"零+", "零", text)
    text = re.sub(r"零([万亿])", r"\1", text)  # a round group has no nought of its own
    text = re.sub(r"亿万", "亿零", text)  # but a group struck whole leaves one
    text = re.sub(r"零+", "零", text).lstrip("零万亿").rstrip("零")
    jiao, cent = divmod(cents, 10)
    text = f"{text}元" if whole else ""
    if not cents:
        return f"{text or '零元'}整"
    nought = "零" if whole and (whole % 10 == 0 or not jiao) else ""
    spoken = "壹贰叁肆伍陆柒捌玖"
    return text + nought + (spoken[jiao - 1] + "角" if jiao else "") + (spoken[cent - 1] + "分" if cent else "")


@given(st.text("人民币负零壹贰伍玖拾佰仟万亿元圆角分整正", max_size=16))
def test_what_is_read_as_capitals_is_one_of_the_forms_of_its_amount(text: str) -> None:
    fen = read(read_capital, text)
    if isinstance(fen, MoneyError):
        assert fen.why.zh
        assert not fen.fix or read_capital(fen.fix) is not None
    else:
        bare = re.sub(r"零|整|人民币", "", text.replace("圆", "元").replace("正", "整"))
        assert bare == re.sub(r"零|整|人民币", "", capital(fen))
