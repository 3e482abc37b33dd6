"""Money as whole fen, rates as exact fractions; one door for numbers, and it refuses floats.

A fen that appears or vanishes between two systems costs a lawsuit more than it is worth, so nothing is approximate
here: text, int (yuan) and Decimal come in, int fen and Fraction go on, and each refusal says which character is wrong.
"""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from dunning.basis.errors import MoneyError
from dunning.basis.finding import Text

Fen = int
Rate = Fraction
Rounding = Literal["half_up", "floor"]

LIMIT = 10**18  # fen; amounts stay below it, so that they fit 64 bits and can be written in capitals
DAYS_OF_A_YEAR = 365  # 3.9% per year is 3.9%/365 a day, in leap years too: the usual reading of 年利率 in contracts

_AMOUNT = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
_LOOKS_LIKE = {"O": "0", "o": "0", "l": "1", "I": "1", "Z": "2", "S": "5", "B": "8"}
_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF10, 0xFF1A)} | {"．": ".", "－": "-"}


# Amounts


def parse_yuan(value: str | int | Decimal, *, name: str = "") -> Fen:
    """The fen of an amount in yuan: text (`1592.25`, `-3`, `530.7500`), an int of yuan, or a Decimal.

    Blanks around the text are ignored; separators, units, exponents, full-width digits, a third significant decimal, a
    float, a bool and amounts from 10^16 yuan on raise MoneyError, which says what is wrong. `name` is the field's name.
    """
    if isinstance(value, str):
        # 1592.25, nearly always: two decimals, so the digits without the point are the fen.
        if value[-3:-2] == ".":
            digits = value[:-3] + value[-2:]
            if 2 < len(digits) <= 18 and digits.isascii() and digits.isdigit():
                return int(digits)
        return _fen_of_text(value, name)
    return _fen_of_number(value, name)


def _fen_of_text(text: str, name: str) -> Fen:
    written = text.strip()
    found = _AMOUNT.fullmatch(written)
    if found is None:
        raise _no_amount(text, name, *_what_is_wrong(written))
    sign, whole, decimals = found.group(1), found.group(2).lstrip("0"), (found.group(3) or "").rstrip("0")
    if len(decimals) > 2:
        raise _no_amount(text, name, _TOO_FINE)
    if len(whole) > 16:
        raise _no_amount(text, name, _TOO_MUCH)
    fen = int(whole + decimals.ljust(2, "0"))
    return -fen if sign else fen


def _fen_of_number(value: Any, name: str) -> Fen:
    _refuse_float(value, name)
    if isinstance(value, int):
        if abs(value) >= LIMIT // 100:
            raise _no_amount("int", name, _TOO_MUCH)
        return value * 100
    if not isinstance(value, Decimal) or not value.is_finite():
        raise _no_amount(str(value), name, _NO_NUMBER)
    if abs(value) >= LIMIT:  # before 1e999999 is written out
        raise _no_amount(str(value), name, _TOO_MUCH)
    if value and value.adjusted() < -2:
        raise _no_amount(str(value), name, _TOO_FINE)
    return _fen_of_text(format(value, "f"), name)


def _refuse_float(value: object, name: str) -> None:
    """Floats, and booleans, which Python takes for 0 and 1."""
    shown = f"{name}={value!r}" if name else repr(value)
    if isinstance(value, float):
        exact = f"{value:.2f}" if math.isfinite(value) and float(f"{value:.2f}") == value else "0.10"
        why = Text(f'是浮点数; 请传 "{exact}" 或 Decimal', f'is a float; pass "{exact}" or Decimal')
        raise MoneyError(f"`{shown}` {why.en}", text=repr(value), why=why, fix=exact)
    if isinstance(value, bool):
        why = Text("是布尔值, 不是数", "is a boolean, not a number")
        raise MoneyError(f"`{shown}` {why.en}", text=repr(value), why=why)


_NO_NUMBER = Text("不是数", "not a number")
_EMPTY = Text("没有写", "it is empty")
_TOO_FINE = Text("小数多于两位, 金额到分为止", "more than two decimals, and amounts end at the fen")
_TOO_MUCH = Text("大于一亿亿元, 不会是一笔物业费", "ten quadrillion yuan or more")


def _no_amount(text: str, name: str, why: Text, fix: str = "") -> MoneyError:
    return _error("an amount", text, name, why, fix)


def _error(what: str, text: str, name: str, why: Text, fix: str = "") -> MoneyError:
    cut = text if len(text) <= 40 else text[:40] + "…"
    shown = f"{name}={cut}" if name else cut
    advice = f"; write {fix}" if fix else ""
    return MoneyError(f"`{shown}` is not {what}: {why.en}{advice}", text=text, why=why, fix=fix)


def _what_is_wrong(written: str) -> tuple[Text, str]:
    """The first character that keeps text from being an amount, and the amount meant where that is beyond doubt."""
    if not written:
        return _EMPTY, ""
    if re.fullmatch(r"-?[0-9.]+[eE][-+]?[0-9]+", written):
        return Text("是科学计数法, 金额要写全", "it has an exponent, and an amount is written out"), ""
    points = 0
    for place, char in enumerate(written, 1):
        if char == ".":
            points += 1
            if points == 2:
                return _at(place, "是第二个小数点", "is a second point"), ""
        elif not (char.isascii() and char.isdigit()) and not (char == "-" and place == 1):
            return _character(place, char), _meant(written)
    if points == 0:
        return Text("没有数字", "there is no digit"), ""
    side = ("前", "before") if not written.lstrip("-")[0].isdigit() else ("后", "after")
    return Text(f"小数点{side[0]}没有数字", f"no digit {side[1]} the point"), ""


def _at(place: int, zh: str, en: str) -> Text:
    return Text(f"第{place}个字符{zh}", f"character {place} {en}")


def _character(place: int, char: str) -> Text:
    if char in _LOOKS_LIKE:
        digit = _LOOKS_LIKE[char]
        return _at(place, f"是字母 {char}, 不是数字 {digit}", f"is the letter {char}, not the digit {digit}")
    if char in _FULL_WIDTH:
        half = _FULL_WIDTH[char]
        return _at(place, f"是全角的 {char}, 要写半角的 {half}", f"is the full-width {char}, not {half}")
    if char in ",，":
        return _at(place, "是千分位逗号, 金额里不写", "is a thousands separator, which amounts go without")
    if char in "元圆¥￥":
        return _at(place, f"是 {char}, 金额只写数字, 单位就是元", f"is {char}; an amount is digits only, in yuan")
    if char.isprintable() and not char.isspace():
        return _at(place, f"是 {char}, 不是数字", f"is {char}, not a digit")
    known = unicodedata.name(char, "")
    told = f"U+{ord(char):04X} {known}".rstrip()
    return _at(place, f"是看不见的字符 {told}", f"is the invisible character {told}")


def _meant(written: str) -> str:
    """The amount when only separators, width and the unit are in the way; empty when in doubt."""
    plain = "".join(_FULL_WIDTH.get(char, char) for char in written).strip("元圆¥￥ ")
    if re.fullmatch(r"-?[0-9]{1,3}([,，][0-9]{3})+(\.[0-9]+)?", plain):
        plain = plain.replace(",", "").replace("，", "")
    return plain if _AMOUNT.fullmatch(plain) else ""


def yuan(fen: Fen) -> str:
    """Fen as yuan with two decimals: 159225 -> `1592.25`, -5 -> `-0.05`."""
    if fen < 0:
        return "-" + yuan(-fen)
    return f"{fen // 100}.{fen % 100:02d}"


# Rates and fractions


_UNITS = {"%": 100, "％": 100, "‰": 1000, "‱": 10000}
_PARTS = {"百分之": 100, "千分之": 1000, "万分之": 10000}
_A_DAY = ("per day", "/day", "每日", "每天", "按日", "/日", "/天", "日")
_A_YEAR = ("per year", "/year", "每年", "/年", "年利率", "年")
_A_MONTH = ("per month", "/month", "每月", "/月", "月利率", "月")
_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_RATIO = re.compile(r"([0-9]+)\s*/\s*([0-9]+)")


def parse_rate(text: str | int | Decimal, *, name: str = "") -> Rate:
    """The exact fraction of `0.5‰`, `5%`, `0.0005`, `1/2000`, `万分之五`, `千分之零点五`, `3.9% per year`.

    A rate by the day (`per day`, `/day`, 每日, 每天, 日) is itself, one by the year (`per year`, `/year`, 每年, 年利率,
    年) the 365th part of it; words go before or after. A month has no fixed length and is refused, as are a negative
    number, a number above 1 without a unit (5 what?), a float and a bool, with MoneyError.
    """
    if not isinstance(text, str):
        _refuse_float(text, name)
        text = str(text)
    written = text.strip()
    bare, days = _without_period(written)
    if len(written) > 60:
        raise _no_rate(text, name, _UNREADABLE)
    if not days:
        raise _no_rate(text, name, _MONTHLY)
    rate = _fraction(bare)
    if rate is None:
        raise _no_rate(text, name, _what_is_no_rate(written))
    if rate > 1 and not _has_unit(bare):
        raise _no_rate(text, name, _NO_UNIT)
    return rate / days


_UNREADABLE = Text(
    "读不出; 可写 0.5‰、5%、0.0005、1/2000、万分之五、3.9% per year",
    "write it like 0.5‰, 5%, 0.0005, 1/2000, 万分之五, 3.9% per year",
)
_MONTHLY = Text("月有长短, 请按日或按年写", "months differ in length; write it by the day or by the year")
_NO_UNIT = Text("没有单位: 是 % 还是 ‰?", "the unit is missing: % or ‰?")
_NEGATIVE = Text("是负数", "it is negative")
_BY_ZERO = Text("分母是零", "it divides by zero")


def _what_is_no_rate(written: str) -> Text:
    if not written:
        return _EMPTY
    if written[0] == "-":
        return _NEGATIVE
    if _RATIO.fullmatch(written):
        return _BY_ZERO
    for place, char in enumerate(written, 1):
        if char in _LOOKS_LIKE or char in _FULL_WIDTH:
            return _character(place, char)
    return _UNREADABLE


def _no_rate(text: str, name: str, why: Text, fix: str = "") -> MoneyError:
    return _error("a rate", text, name, why, fix)


def _without_period(written: str) -> tuple[str, int]:
    """The rate without its `per day`, and the days it is for; 0 for a month."""
    for words, days in ((_A_DAY, 1), (_A_YEAR, DAYS_OF_A_YEAR), (_A_MONTH, 0)):
        for word in words:
            if written.endswith(word):
                return written[: -len(word)].rstrip(), days
            if written.startswith(word):
                return written[len(word) :].lstrip(), days
    return written, 1


def _fraction(bare: str) -> Fraction | None:
    if bare[-1:] in _UNITS and _DECIMAL.fullmatch(number := bare[:-1].rstrip()):
        return Fraction(number) / _UNITS[bare[-1]]
    if bare[:3] in _PARTS:
        share = _small_number(bare[3:])
        return None if share is None else share / _PARTS[bare[:3]]
    if ratio := _RATIO.fullmatch(bare):
        return Fraction(int(ratio[1]), int(ratio[2])) if int(ratio[2]) else None
    return Fraction(bare) if _DECIMAL.fullmatch(bare) else None


def _has_unit(bare: str) -> bool:
    return bare[-1] in _UNITS or bare[:3] in _PARTS


def _small_number(text: str) -> Fraction | None:
    """`5`, `0.5`, 五, 零点五, 十五, 二十: what may follow 万分之."""
    if _DECIMAL.fullmatch(text):
        return Fraction(text)
    found = _CHINESE.fullmatch(text)
    if found is None:
        return None
    tens, ten, ones, decimals = found.groups()
    whole = (_VALUE[tens] if tens else 1) * 10 if ten else 0
    whole += _VALUE[ones] if ones else 0
    return Fraction(f"{whole}.{''.join(str(_VALUE[digit]) for digit in decimals or '零')}")


_SPELLINGS = ("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_VALUE = {char: value for value, chars in enumerate(_SPELLINGS) for char in chars}
_NUMERAL = "[" + "".join(_VALUE) + "]"
_CHINESE = re.compile(rf"(?!$|点)(?:({_NUMERAL})?(十|拾))?({_NUMERAL})?(?:点({_NUMERAL}+))?")


def decimal_text(number: Fraction) -> str:
    """A fraction as its decimal when that ends (`0.0005`), else in lowest terms (`13/121667`)."""
    top, bottom = number.numerator, number.denominator
    twos = fives = 0
    rest = bottom
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{top}/{bottom}"
    places = max(twos, fives)
    digits = str(abs(top) * 10**places // bottom).rjust(places + 1, "0")
    whole = ("-" if top < 0 else "") + digits[: len(digits) - places]
    return f"{whole}.{digits[-places:]}" if places else whole


def rounded(number: Fraction, rounding: Rounding) -> int:
    """To a whole number: `half_up` (四舍五入) takes a half away from zero, `floor` drops to the next lower whole."""
    top, bottom = number.numerator, number.denominator
    if rounding == "floor":
        return top // bottom
    if rounding == "half_up":
        # Only a correction is ever negative; it must undo exactly what the same positive amount did.
        return (2 * top + bottom) // (2 * bottom) if top >= 0 else -((bottom - 2 * top) // (2 * bottom))
    raise MoneyError(f"`{rounding}` is not a rounding; `half_up` and `floor` are")


# Capital numerals (大写金额)


_CAPITALS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("仟", "佰", "拾", "")


def capital(fen: Fen) -> str:
    """The amount in capital numerals, 159225 -> 人民币壹仟伍佰玖拾贰元贰角伍分.

    By 支付结算办法 annex 1: 整 after 元, none after 角 or 分. Where it allows two forms (107000.53, 1680.32)
    this is the one it gives first: 零 between 元 and 角 after a round yuan, none after a round 万. A correction reads
    人民币负…. MoneyError from 10^16 yuan on.
    """
    if abs(fen) >= LIMIT:
        raise _no_amount(yuan(fen), "", _TOO_MUCH)
    sign = "负" if fen < 0 else ""
    return "人民币" + sign + _spelled(abs(fen), "", "零", "")


def _spelled(fen: Fen, zero_of_section: str, zero_of_jiao: str, whole_of_jiao: str) -> str:
    """The annex's rules once, for writing and for recognising; the last three stand where it leaves a choice.

    `zero_of_section`: after a round 万 or 亿, before a 仟; `zero_of_jiao`: between a round 元 and 角;
    `whole_of_jiao`: after 角.
    """
    whole, cents = divmod(fen, 100)
    jiao, cent = divmod(cents, 10)
    text = _whole(whole, zero_of_section) + "元" if whole or not cents else ""
    if not cents:
        return text + "整"
    if whole and not jiao:
        text += "零"  # annex 1, 4(4): 16409.02 -> 零贰分
    elif whole and whole % 10 == 0:
        text += zero_of_jiao  # 4(3)
    if jiao:
        text += _CAPITALS[jiao] + "角"
    return text + (_CAPITALS[cent] + "分" if cent else whole_of_jiao)


def _whole(number: int, zero_of_section: str) -> str:
    """Whole yuan below 10^16; what counts the 亿 is spelled by the same rules as what follows it."""
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        if number >= size:
            above, below = divmod(number, size)
            text = _whole(above, zero_of_section) + unit
            if not below:
                return text
            if below < size // 10:
                text += "零"  # 4(1), 4(2): a nought, or a row of them: 800005000 -> 捌亿零伍仟
            elif above % 10 == 0:
                text += zero_of_section  # 4(3)
            return text + _whole(below, zero_of_section)
    return _section(number) or "零"


def _section(number: int) -> str:
    text, nought = "", False
    for place, digit in zip(_PLACES, f"{number:04d}", strict=True):
        if digit == "0":
            nought = bool(text)
            continue
        text += ("零" if nought else "") + _CAPITALS[int(digit)] + place
        nought = False
    return text


def read_capital(text: str) -> Fen:
    """The fen of an amount in capital numerals, in any form 支付结算办法 annex 1 allows, with or without 人民币.

    圆 and 正 are read as 元 and 整. What says a number but is not written by the rules (拾元整, 壹仟伍元整) raises
    MoneyError with the right form: a 零 left out is how amounts are altered.
    """
    found = _IN_CAPITALS.fullmatch(text.strip())
    if found is None:
        raise _error("an amount in capitals", text, "", _not_capital(text.strip()))
    sign, whole, jiao, cent = found.groups()
    fen = _value_of_whole(whole or "") * 100 + _VALUE[jiao or "零"] * 10 + _VALUE[cent or "零"]
    written = _spelled(fen, "零?", "零?", "整?").replace("元", "[元圆]").replace("整", "[整正]")
    if not re.fullmatch(f"(?:人民币)?负?{written}", text.strip()) or (sign and not fen):
        why = Text("不合大写金额的写法", "not written as capitals must be")
        raise _error("an amount in capitals", text, "", why, capital(fen))
    return -fen if sign else fen


_DIGIT = f"[{_CAPITALS[1:]}]"
_IN_CAPITALS = re.compile(
    rf"(?:人民币)?(负)?(?:([{_CAPITALS}拾佰仟万亿]+)[元圆])?零*(?:({_DIGIT})角)?零*(?:({_DIGIT})分)?[整正]?"
)
_SECTION = re.compile(rf"零*(?:({_DIGIT})仟)?零*(?:({_DIGIT})佰)?零*(?:({_DIGIT})?(拾))?零*({_DIGIT})?零*")


def _value_of_whole(whole: str) -> int:
    """What the words come to, read generously; whether they are written by the rules is told by spelling it again."""
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        above, found, below = whole.rpartition(unit)
        if found:
            return _value_of_whole(above) * size + _value_of_whole(below)
    section = _SECTION.fullmatch(whole)
    if section is None:
        return 0
    thousands, hundreds, tens, ten, ones = section.groups()
    value = _VALUE[thousands or "零"] * 1000 + _VALUE[hundreds or "零"] * 100 + _VALUE[ones or "零"]
    return value + (_VALUE[tens or "壹"] * 10 if ten else 0)


def _not_capital(written: str) -> Text:
    for place, char in enumerate(written, 1):
        if char not in _CAPITALS + "拾佰仟万亿元圆角分整正负人民币":
            return _at(place, f"是 {char}, 不是大写数字", f"is {char}, no capital numeral")
    return Text("读不出", "it cannot be read")
