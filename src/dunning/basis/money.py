"""Money as whole fen, rates as exact fractions; one door for numbers, and it refuses floats.

A fen that appears or vanishes between two systems costs a lawsuit more than it is worth, so nothing is approximate
here: text, int (yuan) and Decimal come in, int fen and Fraction go on, and each refusal says which character is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from dunning.basis.errors import MoneyError
from dunning.basis.finding import Text

Fen = int
Rate = Fraction
Rounding = Literal["half_up", "floor"]

YUAN_LIMIT = 10**16  # amounts stay below it, so that they fit 64 bits and the words of capital numerals
LIMIT = 100 * YUAN_LIMIT  # fen
DAYS_OF_A_YEAR = 365  # 年利率 by the day, in leap years too: fee-math.md, "3.9% per year is /365"

_USUAL = re.compile(r"([0-9]{1,16})\.([0-9]{2})")
_AMOUNT = re.compile(r"(-?)(?=[0-9])0*([0-9]*)(?:\.([0-9]+?)0*)?")  # less the noughts in front and behind
_EXPONENT = re.compile(r"-?[0-9.]+[eE][-+]?[0-9]+")
_LOOK_ALIKES = {"O": "0", "o": "0", "l": "1", "I": "1", "Z": "2", "S": "5", "B": "8"}
_FULL_WIDTH = dict(zip("０１２３４５６７８９．－", "0123456789.-", strict=True))

_NO_NUMBER = Text("不是数", "not a number")
_EMPTY = Text("没有写", "it is empty")
_TOO_FINE = Text("小数多于两位, 金额到分为止", "more than two decimals, and an amount ends at the fen")
_TOO_MUCH = Text("达到一亿亿元, 超出范围", "ten quadrillion yuan or more")
_SHORTENED = Text(
    "是科学计数法, 可能已丢了位数, 请写全", "it has an exponent and may have lost digits; write all of them"
)
_NO_DIGITS = Text("没有数字", "it has no digits")
_NONE_BEFORE = Text("小数点前没有数字", "no digit stands before the point")
_NONE_AFTER = Text("小数点后没有数字", "no digit stands after the point")


# Amounts


def parse_yuan(value: str | int | Decimal, *, name: str = "") -> Fen:
    """The fen of an amount in yuan: text (`1592.25`, `-3`, `530.7500`), an int of yuan, or a Decimal.

    Blanks around text are ignored. Separators, units, exponents, full-width digits, a third significant decimal, 10^16
    yuan or more, a float, a bool raise MoneyError, whose `why` says what is wrong; `name` is the field's, for the
    message.
    """
    if isinstance(value, str):
        usual = _USUAL.fullmatch(value)  # nearly always, and read by the thousand
        return int(usual[1] + usual[2]) if usual else _fen_of_text(value, name)
    return _fen_of_number(value, name)


def _fen_of_number(value: object, name: str) -> Fen:
    _refuse_float(value, name)
    if isinstance(value, int):
        if abs(value) >= YUAN_LIMIT:
            raise _no_amount(format(Decimal(value), ".3E"), name, _TOO_MUCH)
        return value * 100
    if isinstance(value, Decimal) and value.is_finite():
        if value.adjusted() >= 18:  # before 1e999999 is written out in full
            raise _no_amount(str(value), name, _TOO_MUCH)
        return _fen_of_text(f"{value:f}", name)
    raise _no_amount(str(value), name, _NO_NUMBER)


def _fen_of_text(text: str, name: str) -> Fen:
    written = text.strip()
    found = _AMOUNT.fullmatch(written)
    if found is None:
        raise _no_amount(text, name, _what_is_wrong(written), _meant(written))
    sign, whole, decimals = found.groups("")
    if len(decimals) > 2:
        raise _no_amount(text, name, _TOO_FINE)
    if len(whole) > 16:
        raise _no_amount(text, name, _TOO_MUCH)
    fen = int(whole + decimals.ljust(2, "0"))
    return -fen if sign else fen


def _refuse_float(value: object, name: str) -> None:
    """Floats, and booleans, which Python takes for 0 and 1."""
    shown = f"{name}={value!r}" if name else repr(value)
    if isinstance(value, float):
        two_places = f"{value:.2f}"
        exact = two_places if float(two_places) == value else "0.10"
        why = Text(f'是浮点数; 请写成 "{exact}" 或 Decimal', f'is a float; pass "{exact}" or Decimal')
        raise MoneyError(f"`{shown}` {why.en}", text=repr(value), why=why)
    if isinstance(value, bool):
        why = Text("是布尔值, 不是数", "is a boolean, not a number")
        raise MoneyError(f"`{shown}` {why.en}", text=repr(value), why=why)


def _no_amount(text: str, name: str, why: Text, fix: str = "") -> MoneyError:
    return MoneyError.of(text, "an amount", name=name, why=why, fix=fix)


def _what_is_wrong(written: str) -> Text:
    """The first thing that keeps text from being an amount."""
    if not written:
        return _EMPTY
    if _EXPONENT.fullmatch(written):
        return _SHORTENED
    for place, char in enumerate(written, 1):
        if char not in "0123456789." and (char != "-" or place > 1):
            return _character(place, char)
    whole, *rest = written.removeprefix("-").split(".")
    if len(rest) > 1:
        second = written.index(".", written.index(".") + 1)
        return _at(second + 1, "是第二个小数点", "is a second point")
    if whole:
        return _NONE_AFTER
    return _NONE_BEFORE if rest else _NO_DIGITS


def _at(place: int, zh: str, en: str) -> Text:
    return Text(f"第{place}个字符{zh}", f"character {place} {en}")


def _character(place: int, char: str) -> Text:
    if char in _LOOK_ALIKES:
        digit = _LOOK_ALIKES[char]
        return _at(place, f"是字母 {char}, 不是数字 {digit}", f"is the letter {char}, not the digit {digit}")
    if char in _FULL_WIDTH:
        half = _FULL_WIDTH[char]
        return _at(place, f"是全角的 {char}, 要写半角的 {half}", f"is the full-width {char}, not {half}")
    if char in ",，":
        return _at(place, "是千分位逗号, 金额里不写", "is a thousands separator, which amounts go without")
    if char in "元圆¥￥":
        return _at(place, f"是 {char}, 只写数字, 单位就是元", f"is {char}; write digits only, the unit is the yuan")
    if char.isprintable() and not char.isspace():
        return _at(place, f"是 {char}, 不是数字", f"is {char}, not a digit")
    told = f"U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip()
    return _at(place, f"是空白或看不见的字符 {told}", f"is a blank or invisible: {told}")


_PLAIN = str.maketrans(_LOOK_ALIKES | _FULL_WIDTH | {"，": ","})
_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


def _meant(written: str) -> str:
    """The amount where width, a look-alike letter, separators or the unit are all that is wrong; empty in doubt."""
    if not any(char.isdecimal() for char in written):
        return ""
    plain = written.strip("元圆¥￥").translate(_PLAIN)
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    return plain if _AMOUNT.fullmatch(plain) else ""


def yuan(fen: Fen) -> str:
    """Fen as yuan with two decimals: 159225 -> `1592.25`, -5 -> `-0.05`."""
    if fen < 0:
        return "-" + yuan(-fen)
    return f"{fen // 100}.{fen % 100:02d}"


# Rates and fractions


_UNITS = {"%": 100, "％": 100, "‰": 1000, "百分之": 100, "千分之": 1000, "万分之": 10000}
_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_RATIO = re.compile(r"([0-9]+)\s*/\s*([0-9]+)")
_OVER_ZERO = re.compile(r"/\s*0+(?![0-9.])")
_SHARE = re.compile(r"([0-9.]+)\s*([%％‰])")
_PARTS = re.compile(r"([百千万]分之)\s*(.+)")
_PERIOD = re.compile(
    r"([日年月]利率|[每按]?[日天年月])?\s*(.*?)\s*(per (?:day|year|month)|/(?:day|year|month)|[每/][日天年月])?",
    re.DOTALL,
)

_UNREADABLE = Text(
    "读不出; 可写 0.5‰、5%、0.0005、1/2000、万分之五、3.9% per year",
    "write it like 0.5‰, 5%, 0.0005, 1/2000, 万分之五, 3.9% per year",
)
_BY_MONTH = Text("月有长短, 请按日或按年写", "months differ in length; write it by the day or by the year")
_NO_UNIT = Text("没有单位: 是 % 还是 ‰?", "the unit is missing: % or ‰?")
_NEGATIVE = Text("是负数", "it is negative")
_BY_ZERO = Text("分母是零", "it divides by zero")


def parse_rate(text: str | int | Decimal, *, name: str = "") -> Rate:
    """The exact fraction of `0.5‰`, `5%`, `0.0005`, `1/2000`, `万分之五`, `千分之零点五`, `3.9% per year`.

    By the day (`per day`, `/day`, 每日, 每天, /日; 日, 按日 before it) it is itself, by the year (`per year`, `/year`,
    每年, /年; 年, 按年, 年利率 before it) the 365th part. A Decimal or an int is itself. A month has no fixed length:
    refused; so are a negative number, a number above 1 without a unit (5 what?), a float, a bool: MoneyError.
    """
    if isinstance(text, str):
        return _rate_of_text(text, name)
    return _rate_of_number(text, name)


def _rate_of_number(value: object, name: str) -> Rate:
    _refuse_float(value, name)
    if isinstance(value, int | Decimal):
        return _rate_of_text(f"{Decimal(value):f}", name)
    raise _no_rate(str(value), name, _NO_NUMBER)


def _rate_of_text(text: str, name: str) -> Rate:
    written = text.strip()
    if len(written) > 60:
        raise _no_rate(text, name, _UNREADABLE)
    before, bare, after = _PERIOD.fullmatch(written).groups("")  # type: ignore[union-attr]  # it matches all text
    period = before + after
    if "月" in period or "month" in period:
        raise _no_rate(text, name, _BY_MONTH)
    rate = None if before and after else _fraction(bare)
    if rate is None:
        raise _no_rate(text, name, _what_is_no_rate(written))
    if rate > 1 and not any(unit in bare for unit in _UNITS):
        raise _no_rate(text, name, _NO_UNIT)
    return rate / DAYS_OF_A_YEAR if "年" in period or "year" in period else rate


def _no_rate(text: str, name: str, why: Text) -> MoneyError:
    return MoneyError.of(text, "a rate", name=name, why=why)


def _fraction(bare: str) -> Fraction | None:
    if _DECIMAL.fullmatch(bare):
        return Fraction(bare)
    if share := _SHARE.fullmatch(bare):
        return Fraction(share[1]) / _UNITS[share[2]] if _DECIMAL.fullmatch(share[1]) else None
    if parts := _PARTS.fullmatch(bare):
        number = _number(parts[2])
        return None if number is None else number / _UNITS[parts[1]]
    ratio = _RATIO.fullmatch(bare)
    return Fraction(int(ratio[1]), int(ratio[2])) if ratio and int(ratio[2]) else None


_SPELLINGS = ("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_VALUE = {char: value for value, chars in enumerate(_SPELLINGS) for char in chars}
_NUMERAL = f"[{''.join(_SPELLINGS)}]"
_NUMBER = re.compile(rf"(?:({_NUMERAL})?([十拾]))?({_NUMERAL})?(?:点({_NUMERAL}+))?")


def _number(text: str) -> Fraction | None:
    """What follows 万分之: `5`, `0.5`, 五, 零点五, 十五, 二十."""
    if _DECIMAL.fullmatch(text):
        return Fraction(text)
    found = _NUMBER.fullmatch(text)
    if found is None or text[0] == "点":
        return None
    tens, ten, ones, decimals = found.groups()
    whole = (10 * _VALUE[tens or "一"] if ten else 0) + _VALUE[ones or "零"]
    return Fraction(f"{whole}." + "".join(str(_VALUE[digit]) for digit in decimals or "零"))


def _what_is_no_rate(written: str) -> Text:
    if not written:
        return _EMPTY
    if written[0] == "-":
        return _NEGATIVE
    if _OVER_ZERO.search(written):
        return _BY_ZERO
    for place, char in enumerate(written, 1):
        if char in _LOOK_ALIKES or char in _FULL_WIDTH:
            return _character(place, char)
    return _UNREADABLE


def decimal_text(number: Fraction) -> str:
    """A fraction as its decimal where that ends (`0.0005`), else in lowest terms (`39/365000`)."""
    top, bottom = number.numerator, number.denominator
    twos = fives = 0
    while bottom % 2 == 0:
        bottom, twos = bottom // 2, twos + 1
    while bottom % 5 == 0:
        bottom, fives = bottom // 5, fives + 1
    if bottom != 1:
        return f"{top}/{number.denominator}"
    places = max(twos, fives)
    digits = str(abs(top) * 2 ** (places - twos) * 5 ** (places - fives)).rjust(places + 1, "0")
    sign, whole, decimals = "-" if top < 0 else "", digits[: len(digits) - places], digits[len(digits) - places :]
    return f"{sign}{whole}.{decimals}" if decimals else sign + whole


def rounded(number: Fraction, rounding: Rounding) -> int:
    """To a whole number: `half_up` (四舍五入) takes a half away from zero, `floor` drops to the next lower whole."""
    top, bottom = number.numerator, number.denominator
    if rounding == "floor":
        return top // bottom
    if rounding == "half_up":
        # Only a correction is ever negative; it must undo exactly what the same positive amount did.
        nearest = (2 * abs(top) + bottom) // (2 * bottom)
        return nearest if top > 0 else -nearest
    raise MoneyError(f"`{rounding}` is not a rounding; write half_up or floor")


# Capital numerals (大写金额)


_CAPITALS = "零壹贰叁肆伍陆柒捌玖"
_DIGIT = f"[{_CAPITALS[1:]}]"
_CAPITAL_FORM = re.compile(
    rf"(?:人民币)?(负?)(?:([{_CAPITALS}拾佰仟万亿]{{1,40}})[元圆])?零*(?:({_DIGIT})角)?零*(?:({_DIGIT})分)?[整正]?"
)
_SECTION = re.compile(rf"零*(?:({_DIGIT})仟)?零*(?:({_DIGIT})佰)?零*(?:({_DIGIT}?)(拾))?零*({_DIGIT})?零*")

_NOT_BY_THE_RULES = Text("不合大写金额的写法", "not the way capitals are written")


def capital(fen: Fen) -> str:
    """The amount in capital numerals, 159225 -> 人民币壹仟伍佰玖拾贰元贰角伍分.

    By 支付结算办法 annex 1: 整 after 元, none after 角 or 分. Where it allows two forms (107000.53, 1680.32) this is
    the one it gives first: 零 between a round 元 and 角, none after a round 万. A correction reads 人民币负….
    MoneyError from 10^16 yuan on.
    """
    if abs(fen) >= LIMIT:
        raise MoneyError.of(yuan(fen), "an amount", why=_TOO_MUCH)
    sign = "负" if fen < 0 else ""
    return "人民币" + sign + _spelled(abs(fen), "", "零", "")


def _spelled(fen: Fen, after_round_section: str, after_round_yuan: str, after_jiao: str) -> str:
    """The annex's rules, for writing and for recognising alike; the last three stand where it leaves a choice."""
    whole, cents = divmod(fen, 100)
    jiao, cent = divmod(cents, 10)
    text = _whole(whole, after_round_section) + "元" if whole or not cents else ""
    if not cents:
        return text + "整"
    if whole and not jiao:
        text += "零"  # 4(4): 16409.02 -> 元零贰分
    elif whole and whole % 10 == 0:
        text += after_round_yuan  # 4(3): 1680.32 -> 元零叁角贰分 or 元叁角贰分
    if jiao:
        text += _CAPITALS[jiao] + "角"
    return text + (_CAPITALS[cent] + "分" if cent else after_jiao)


def _whole(number: int, after_round_section: str) -> str:
    """Whole yuan; what counts the 亿 is spelled by the same rules as what follows it."""
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        if number >= size:
            above, below = divmod(number, size)
            text = _whole(above, after_round_section) + unit
            if not below:
                return text
            if 10 * below < size:
                text += "零"  # 4(1), 4(2): a nought, or a row of them: 800005000 -> 捌亿零伍仟
            elif above % 10 == 0:
                text += after_round_section  # 4(3): 107000 -> 壹拾万柒仟 or 壹拾万零柒仟
            return text + _whole(below, after_round_section)
    return _section(number) or "零"


def _section(number: int) -> str:
    """Below 10,000; without a leading 零."""
    text, nought = "", ""
    for size, place in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit = number // size % 10
        if digit:
            text += nought + _CAPITALS[digit] + place
            nought = ""
        else:
            nought = "零" if text else ""
    return text


def read_capital(text: str) -> Fen:
    """The fen of an amount in capital numerals, in any form 支付结算办法 annex 1 allows, with or without 人民币.

    圆 and 正 are read as 元 and 整. What says a number but not by the rules (拾元整, 壹仟伍元整) raises MoneyError with
    the right form in `fix`: a 零 left out is how amounts are altered.
    """
    written = text.strip()
    found = _CAPITAL_FORM.fullmatch(written)
    if found is None or not any(found.groups()[1:]):
        raise _no_capital(text, _not_capital(written))
    sign, whole, jiao, cent = found.groups("")
    yuans = _value_of_whole(whole)
    if yuans is None:
        raise _no_capital(text, _NOT_BY_THE_RULES)
    fen = 100 * yuans + 10 * _VALUE[jiao or "零"] + _VALUE[cent or "零"]
    signed = -fen if sign else fen
    forms = _spelled(fen, "零?", "零?", "整?").replace("元", "[元圆]").replace("整", "[整正]")
    if (sign and not fen) or not re.fullmatch(f"(人民币)?{sign}{forms}", written):
        raise _no_capital(text, _NOT_BY_THE_RULES, capital(signed))
    return signed


def _value_of_whole(words: str) -> int | None:
    """What the words come to, read generously: spelling it again tells whether they are written by the rules."""
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        above, found, below = words.rpartition(unit)
        if found:
            high, low = _value_of_whole(above), _value_of_whole(below)
            if high is None or low is None or not 0 < high < size:
                return None
            return high * size + low
    section = _SECTION.fullmatch(words)
    if section is None:
        return None
    thousands, hundreds, tens, ten, ones = section.groups()
    value = 1000 * _VALUE[thousands or "零"] + 100 * _VALUE[hundreds or "零"] + _VALUE[ones or "零"]
    return value + (10 * _VALUE[tens or "壹"] if ten else 0)


def _no_capital(text: str, why: Text, fix: str = "") -> MoneyError:
    return MoneyError.of(text, "an amount in capitals", why=why, fix=fix)


def _not_capital(written: str) -> Text:
    if not written:
        return _EMPTY
    for place, char in enumerate(written, 1):
        if char not in _CAPITALS + "拾佰仟万亿元圆角分整正人民币负":
            return _at(place, f"是 {char}, 不是大写数字", f"is {char}, no capital numeral")
    return _NOT_BY_THE_RULES
