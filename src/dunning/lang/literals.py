"""Amounts, lengths of time, percents and dates as people write them, to the canonical ints of a fact's type.

Apart from the grammar because the same amounts stand in other places than conditions: caps, grace, windows, offers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from dunning.basis.finding import Text
from dunning.model.condition import Type

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}


def narrow(text: str) -> str:
    """Full-width digits, letters and signs as half-width ones, one for one, so that places do not move."""
    return text.translate(_WIDE)


@dataclass(slots=True)
class Misread(Exception):
    """A literal that cannot be taken: the finding's code and args, the part that is wrong and what to write for it."""

    code: str
    args_: dict[str, Any] = field(default_factory=dict)
    part: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A literal read: its canonical value, its written form with the unit spelt out, and the family of its unit."""

    value: int
    written: str
    unit: str = ""


KIND_NAMES = {
    "money": Text("金额", "an amount"),
    "integer": Text("整数", "a whole number"),
    "days": Text("天数", "a number of days"),
    "months": Text("月数", "a number of months"),
    "percent": Text("百分比", "a percentage"),
    "number": Text("数", "a number"),
    "date": Text("日期", "a date"),
}
_EXAMPLES = {
    "money": "5000元",
    "integer": "3",
    "days": "30天",
    "months": "3个月",
    "percent": "5%",
    "number": "90.5",
    "date": "2026-01-01",
}

_SCALES = {"": 1, "十": 10, "百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_NUMBER = re.compile(
    r"(?P<sign>[-+]?)(?P<digits>[0-9]+(?:\.[0-9]+)?|[零〇一二两三四五六七八九十百千万亿]+)(?P<scale>(?:十|百|千)?[万亿]?)(?P<unit>.*)"
)
_LOOKALIKE = {"O": "0", "o": "0", "l": "1", "I": "1", "〇": "0"}
_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_LONGEST = 40

MONEY_UNITS = {"元": 100, "块": 100, "圆": 100, "yuan": 100, "cny": 100, "rmb": 100, "人民币": 100, "角": 10, "毛": 10, "分": 1, "fen": 1}
DURATION_UNITS = {
    "d": "d", "day": "d", "days": "d", "天": "d", "日": "d",
    "wd": "wd", "个工作日": "wd", "工作日": "wd",
    "mo": "mo", "month": "mo", "months": "mo", "个月": "mo",
    "y": "y", "year": "y", "years": "y", "年": "y",
    "h": "h", "hour": "h", "hours": "h", "小时": "h", "个小时": "h",
}  # fmt: skip


def chinese_number(text: str) -> int | None:
    """三 -> 3, 五千 -> 5000, 一万二千 -> 12000; None if it is not plainly a number."""
    total = section = digit = 0
    for char in text:
        if char in _DIGIT:
            if digit:
                return None
            digit = _DIGIT[char]
        elif char in "十百千":
            section += (digit or 1) * _SCALES[char]
            digit = 0
        elif char in "万亿":
            total = (total + section + digit) * _SCALES[char]
            section = digit = 0
        else:
            return None
    value = total + section + digit
    plain = text.replace("两", "二").replace("〇", "零")
    return value if plain in (_in_chinese(value), _in_chinese(value).replace("一十", "十", 1)) else None


def _in_chinese(value: int) -> str:
    if value >= 10**12:
        return ""
    if value >= 10**8:
        head, rest = divmod(value, 10**8)
        return _in_chinese(head) + "亿" + (("零" if 0 < rest < 10**7 else "") + _in_chinese(rest) if rest else "")
    if value >= 10**4:
        head, rest = divmod(value, 10**4)
        return _in_chinese(head) + "万" + (("零" if 0 < rest < 1000 else "") + _in_chinese(rest) if rest else "")
    said, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            said += ("零" if gap and said else "") + "零一二三四五六七八九"[digit] + name
            gap = False
        else:
            gap = True
    return said or "零"


def read_value(text: str, type: Type) -> Read:
    """One literal of an ordered type. Raises Misread with what is wrong and, where it is plain, what to write."""
    plain = narrow(text).strip()
    if type.kind == "date":
        return _read_date(plain)
    number = _number(plain, type)
    match type.kind:
        case "money":
            return _read_money(number)
        case "days":
            return _read_days(number)
        case "months":
            return _read_months(number)
        case "percent":
            return _read_percent(number)
        case "number":
            return _read_hundredths(number, type)
        case _:
            return _read_integer(number, type)


@dataclass(frozen=True, slots=True)
class _Number:
    """A literal taken apart: what was written, its number, and what stands after it."""

    text: str
    value: Fraction
    figures: str
    unit: str


_VAGUE = re.compile(r"大约|约|大概|左右|上下|将近|近|几|多(?=[元天个年期次])|about|around|approximately", re.IGNORECASE)
_SPLIT = re.compile(r"(?P<out>百分之|千分之|万分之)(?P<share>.+)")
_OUT_OF = {"百分之": "%", "千分之": "‰", "万分之": "‱"}


def _number(text: str, type: Type) -> _Number:
    what = KIND_NAMES[type.kind]
    if len(text) > _LONGEST:
        raise Misread("T201", {"what": what, "example": _EXAMPLES[type.kind]}, text)
    if vague := _VAGUE.search(text):
        raise Misread("T202", {"word": vague.group()}, text, _VAGUE.sub("", text))
    if re.search(r"\d,\d{3}(?!\d)", text):
        raise Misread("T215", {}, text, re.sub(r"(?<=\d),(?=\d{3})", "", text))
    body = text
    if share := _SPLIT.fullmatch(text.replace(" ", "")):
        body = share["share"] + _OUT_OF[share["out"]]
    body = re.sub(r"^[¥￥]\s*", "", body)
    found = _NUMBER.fullmatch(re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", body))
    if found is None or not found["digits"]:
        raise _not_a_number(text, type)
    value = _figure(found["digits"], text, type)
    scale = _SCALES.get(found["scale"])
    if scale is None:
        raise _not_a_number(text, type)
    sign = -1 if found["sign"] == "-" else 1
    unit = found["unit"].lower()
    if unit and (odd := _odd_character(text, type)):
        raise odd
    return _Number(text, sign * value * scale, found["sign"] + found["digits"] + found["scale"], unit)


def _figure(digits: str, text: str, type: Type) -> Fraction:
    if digits[0] in "0123456789":
        return Fraction(digits)
    value = chinese_number(digits)
    if value is None:
        raise Misread("T216", {"figures": digits, "example": _EXAMPLES[type.kind]}, text)
    return Fraction(value)


def _odd_character(text: str, type: Type) -> Misread | None:
    """A letter that looks like a digit, among digits: 1000O元."""
    stretch = re.match(r"[-+¥]?[0-9OolI〇.]*", text)
    if stretch is None or not (odd := re.search(r"[OolI〇]", stretch.group())):
        return None
    mended = "".join(_LOOKALIKE.get(char, char) for char in stretch.group()) + text[stretch.end() :]
    try:
        read_value(mended, type)
    except Misread:
        return None
    args = {"what": KIND_NAMES[type.kind], "place": odd.start() + 1, "char": odd.group(), "digit": _LOOKALIKE[odd.group()]}
    return Misread("T203", args, text, mended)


def _not_a_number(text: str, type: Type) -> Misread:
    if odd := _odd_character(text, type):
        return odd
    return Misread("T201", {"what": KIND_NAMES[type.kind], "example": _EXAMPLES[type.kind]}, text)


def _whole(value: Fraction, number: _Number, type_kind: str, digits: int) -> int:
    if value.denominator != 1:
        raise Misread("T204", {"what": KIND_NAMES[type_kind], "digits": digits}, number.text)
    return int(value)


def _misfit(number: _Number, counted: Text, instead: str = "", why: Text = Text("", "")) -> Misread:
    return Misread("T205", {"counted": counted, "because": why}, number.text, instead)


def _read_money(number: _Number) -> Read:
    fen = MONEY_UNITS.get(number.unit or "元")
    if fen is None:
        raise _misfit(number, Text("元", "yuan"), f"{number.figures}元" if number.unit in DURATION_UNITS else "")
    written = number.text if number.unit else f"{number.figures}元"
    return Read(_whole(number.value * fen, number, "money", 2), written, "元")


def _read_days(number: _Number) -> Read:
    unit = DURATION_UNITS.get(number.unit or "d")
    if unit == "d":
        return Read(_whole(number.value, number, "days", 0), number.text if number.unit else f"{number.figures}天", "d")
    whole = number.value.denominator == 1
    if unit in ("mo", "y") and whole:
        days = int(number.value) * (30 if unit == "mo" else 365)
        least, most = (int(number.value) * 28, int(number.value) * 31) if unit == "mo" else (days, days + 1)
        why = Text(f" ({number.text}可能是{least}至{most}天)", f" ({number.text} may be {least} to {most} days)")
        raise _misfit(number, Text("天", "days"), f"{days}天", why)
    raise _misfit(number, Text("天", "days"), f"{number.figures}天" if unit == "wd" else "")


def _read_months(number: _Number) -> Read:
    unit = DURATION_UNITS.get(number.unit, "") if number.unit else ""
    if not number.unit:
        if number.value:
            raise Misread("T209", {"counted": Text("月", "months")}, number.text, f"{number.figures}个月")
        return Read(0, "0个月", "mo")
    if unit in ("mo", "y"):
        months = number.value * (12 if unit == "y" else 1)
        return Read(2 * _whole(months, number, "months", 0), number.text, "mo")
    days = number.value
    instead = f"{int(days) // 30}个月" if unit == "d" and days.denominator == 1 and days % 30 == 0 and days else ""
    if number.unit == "月":
        instead = f"{number.figures}个月"
    raise _misfit(number, Text("月", "months"), instead)


_PPM = {"%": 10_000, "‰": 1_000, "‱": 100, "ppm": 1}


def _read_percent(number: _Number) -> Read:
    ppm = _PPM.get(number.unit)
    if ppm is None and not number.unit:
        if number.value == 0:
            return Read(0, "0%", "%")
        share = number.value * 100 if abs(number.value) < 1 else number.value
        raise Misread("T209", {"counted": Text("百分比", "percent")}, number.text, f"{_decimal(share)}%")
    if ppm is None:
        raise _misfit(number, Text("百分比", "percent"))
    return Read(_whole(number.value * ppm, number, "percent", 4), number.text, "%")


_AREAS = frozenset({"平方米", "平米", "㎡", "m2", "m²", "sqm", "平"})


def _read_hundredths(number: _Number, type: Type) -> Read:
    if number.unit and number.unit not in _own_units(type) | _AREAS:
        raise _misfit(number, _counted(type))
    return Read(_whole(number.value * 100, number, "number", 2), number.text, "")


_COUNTERS = frozenset("个 次 期 户 人 笔 份 项 件 条 套 张 间 分 轮 级 处".split())


def _own_units(type: Type) -> frozenset[str]:
    zh, en = type.unit.zh, type.unit.en.lower()
    bare = zh.removeprefix("个")
    return frozenset({zh, bare, f"个{bare}", en, en + "s", en.removesuffix("s")}) - {""}


def _counted(type: Type) -> Text:
    return type.unit if type.unit.zh else Text("个数", "whole numbers")


def _read_integer(number: _Number, type: Type) -> Read:
    own = _own_units(type)
    times = 1
    if number.unit and number.unit not in own and number.unit != "个":
        kind = DURATION_UNITS.get(number.unit)
        monthly = bool(own & {"月", "个月"})
        if monthly and kind in ("mo", "y"):
            times = 12 if kind == "y" else 1
        elif type.unit.zh or number.unit not in _COUNTERS:
            unit = "" if number.unit in MONEY_UNITS or kind is None else number.figures + type.unit.zh
            raise _misfit(number, _counted(type), unit)
    value = _whole(number.value * times, number, "integer", 0)
    return Read(value, number.text if number.unit else number.figures + type.unit.zh)


_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_LOOSE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


def _read_date(text: str) -> Read:
    inner = re.fullmatch(r"date\(\s*[\"']([^\"']*)[\"']\s*\)", text)
    text = inner[1] if inner else text
    found = _ISO.fullmatch(text) or _LOOSE.fullmatch(text)
    if found is None:
        raise Misread("T201", {"what": KIND_NAMES["date"], "example": _EXAMPLES["date"]}, text)
    year, month, day = (int(part) for part in found.groups())
    try:
        on = date(year, month, day)
    except ValueError:
        raise Misread("T213", {}, text) from None
    if not _ISO.fullmatch(text) and "年" not in text:
        raise Misread("T213", {}, text, on.isoformat())
    return Read(on.toordinal(), text)


def _decimal(value: Fraction) -> str:
    """A decimal that ends, without trailing zeros."""
    places = 0
    while value.denominator != 1 and places < 12:
        value *= 10
        places += 1
    digits = str(abs(int(value))).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return ("-" if value < 0 else "") + text
