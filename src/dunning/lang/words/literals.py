"""Amounts, lengths of time, percents and dates as people write them, to the canonical ints of a fact's type.

Apart from the grammar because the same amounts stand in other places than conditions: caps, grace, windows, offers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from dunning.basis.finding import Finding, Text
from dunning.basis.numerals import NUMERALS, chinese_number
from dunning.basis.span import Span
from dunning.model.anchor import Unit
from dunning.model.condition import Type

LIMIT = 10**15  # canonical values stay below it: they fit 64 bits, and ten trillion yuan is no property fee
_LONGEST = 40

# Width. Full-width digits, letters and signs mean the same inside a condition, so they are taken (`fmt` narrows them).
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}


def narrow(text: str) -> str:
    """Full-width digits, letters and signs as half-width ones, one for one, so that places do not move."""
    return text.translate(_WIDE)


@dataclass(slots=True)
class MisreadError(Exception):
    """A literal that cannot be taken: the finding's code and args, the part that is wrong, and what to write for it."""

    code: str
    said: dict[str, Any] = field(default_factory=dict)
    part: str = ""
    instead: str = ""


def misread(wrong: MisreadError, text: str, span: Span, said: Mapping[str, Any]) -> Finding:
    """The finding of it: placed on the wrong part inside the scalar, the line to copy being the whole scalar mended."""
    plain = narrow(text)
    part = wrong.part if wrong.part and wrong.part in plain else plain.strip()
    offset = plain.find(part)
    quotes = span.end - span.column - len(text)
    at = span
    if span.end and part and quotes in (0, 2):
        start = span.column + quotes // 2 + offset
        at = Span(span.file, span.line, start, start + len(part))
    fix = plain.replace(part, wrong.instead, 1).strip() if wrong.instead and part else ""
    return Finding(wrong.code, at, {"text": _short(text), "part": _short(part), **said, **wrong.said}, fix=_short(fix))


def _short(text: str) -> str:
    """Fit for one line of a screen."""
    flat = " ".join(text.split())
    return flat if len(flat) <= 80 else flat[:79] + "…"


@dataclass(frozen=True, slots=True)
class Read:
    """A literal read: its canonical value, and its written form with the unit spelt out."""

    value: int
    written: str


@dataclass(frozen=True, slots=True)
class Number:
    """A literal taken apart: as written, its number, the figures of it, and the unit after them (lower case)."""

    text: str
    value: Fraction
    figures: str
    unit: str


KIND_NAMES = {
    "money": Text("金额", "an amount"),
    "integer": Text("整数", "a whole number"),
    "days": Text("天数", "a number of days"),
    "months": Text("月数", "a number of months"),
    "percent": Text("百分比", "a percentage"),
    "number": Text("数", "a number"),
    "date": Text("日期", "a date"),
}
EXAMPLES = {
    "money": "5000元",
    "integer": "3",
    "days": "30天",
    "months": "3个月",
    "percent": "5%",
    "number": "90.5",
    "date": "2026-01-01",
}
DURATION_UNITS: Mapping[str, Unit] = {
    "d": "d", "day": "d", "days": "d", "天": "d", "日": "d",
    "wd": "wd", "个工作日": "wd", "工作日": "wd",
    "mo": "mo", "month": "mo", "months": "mo", "个月": "mo",
    "y": "y", "year": "y", "years": "y", "年": "y",
    "h": "h", "hour": "h", "hours": "h", "小时": "h", "个小时": "h",
}  # fmt: skip
_FEN_OF = {
    "": 100, "元": 100, "块": 100, "块钱": 100, "圆": 100, "元人民币": 100, "yuan": 100, "cny": 100, "rmb": 100,
    "角": 10, "毛": 10, "分": 1, "fen": 1,
}  # fmt: skip
_PPM_OF = {"%": 10_000, "‰": 1_000, "‱": 100, "ppm": 1}
_AREA_UNITS = frozenset({"平方米", "平米", "㎡", "m2", "m²", "sqm", "平"})
_COUNTERS = frozenset("个次期户人笔份项件条套张间分轮级处")


WEEKS = frozenset({"w", "week", "weeks", "周", "个星期", "星期", "个礼拜", "礼拜"})
_QUARTERS = frozenset({"季", "季度", "个季度", "quarter", "quarters"})
_KNOWN_UNITS = frozenset({
    *DURATION_UNITS, *_FEN_OF, *_PPM_OF, *_AREA_UNITS, *_COUNTERS, *WEEKS, *_QUARTERS, "月", "m", "成", "回",
})  # fmt: skip


def read_value(text: str, fact_type: Type) -> Read:
    """One literal of an ordered type. Raises MisreadError with what is wrong and, where it is plain, what to write."""
    plain = narrow(text).strip()
    read = _read_date(plain) if fact_type.kind == "date" else _read_number(read_number(plain, fact_type), fact_type)
    if abs(read.value) >= LIMIT:
        raise MisreadError("T227", {}, plain)
    return read


def _read_number(number: Number, fact_type: Type) -> Read:
    match fact_type.kind:
        case "money":
            return _read_money(number)
        case "days":
            return _read_days(number)
        case "months":
            return _read_months(number)
        case "percent":
            return _read_percent(number)
        case "number":
            return _read_hundredths(number, fact_type)
        case _:
            return _read_integer(number, fact_type)


# The number itself

_VAGUE = re.compile(
    r"大约|大概|约|左右|上下|将近|差不多|近(?=\d)|几|多(?=[元天个年期次])|about|around|approx\w*", re.IGNORECASE
)
_PARTED = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:(?:,|\s+)[0-9]{3})+(?![0-9])")
_OUT_OF = {"百分之": "%", "千分之": "‰", "万分之": "‱"}
_SCALES = {
    "": 1, "十": 10, "百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8,
}  # fmt: skip
_NUMBER = re.compile(
    r"(?P<sign>[-+]?)"
    rf"(?P<digits>[0-9]+(?:\.[0-9]+)?|[{NUMERALS}]+)"
    r"(?P<scale>[十百千]?万|[十百千亿]?)"
    r"(?P<unit>.*)"
)
_CAPITALS = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟萬圆", "一二三四五六七八九十百千万元")
_LOOKALIKE = {"O": "0", "o": "0", "l": "1", "I": "1", "Z": "2", "S": "5", "B": "8"}


def refuse_vague(text: str) -> None:
    """大约5000元: no limit at all."""
    if vague := _VAGUE.search(text):
        raise MisreadError("T202", {"word": vague.group()}, text, _VAGUE.sub("", text).strip())


def refuse_parted(text: str) -> None:
    """1,000元: the comma would be read as a list; 1 000元 as two numbers."""
    if parted := _PARTED.search(text):
        raise MisreadError("T215", {}, parted.group(), re.sub(r"[,\s]", "", parted.group()))


def read_number(text: str, fact_type: Type) -> Number:
    """A number and its unit. Raises MisreadError on anything else, naming the character that is wrong."""
    if len(text) > _LONGEST:
        raise _not_one(text, fact_type)
    refuse_vague(text)
    refuse_parted(text)
    body = re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", text)  # `10000 元`, not `1 000`
    body = re.sub(r"^[¥￥]", "", body)
    for words, parts in _OUT_OF.items():
        if body.startswith(words):
            body = body.removeprefix(words) + parts
    found = _NUMBER.fullmatch(body)
    if found is None:
        raise _odd_character(text, fact_type) or _not_one(text, fact_type)
    unit = found["unit"].lower()
    if unit and (odd := _odd_character(text, fact_type)):
        raise odd
    if unit and unit not in _KNOWN_UNITS | _own_units(fact_type):
        raise _not_one(text, fact_type)
    value = _figure(found["digits"], text, fact_type) * _SCALES[found["scale"]]
    sign = -1 if found["sign"] == "-" else 1
    return Number(text, sign * value, found["sign"] + found["digits"] + found["scale"], unit)


def _figure(digits: str, text: str, fact_type: Type) -> Fraction:
    if digits[0].isascii():
        return Fraction(digits)
    value = chinese_number(digits)
    if value is None:
        raise MisreadError("T216", {"figures": digits, "example": EXAMPLES[fact_type.kind]}, text)
    return Fraction(value)


def _odd_character(text: str, fact_type: Type) -> MisreadError | None:
    """A letter among digits that looks like a digit, if the rest reads once it is put right: 1000O元."""
    stretch = re.match(r"[-+¥]?[0-9OolIZSB.]*", text)
    odd = re.search(r"[OolIZSB]", stretch.group()) if stretch else None
    if stretch is None or odd is None or not re.search(r"[0-9]", stretch.group()):
        return None
    mended = "".join(_LOOKALIKE.get(char, char) for char in stretch.group()) + text[stretch.end() :]
    try:
        read_value(mended, fact_type)
    except MisreadError:
        return None
    char = odd.group()
    said = {"what": KIND_NAMES[fact_type.kind], "place": odd.start() + 1, "char": char, "digit": _LOOKALIKE[char]}
    return MisreadError("T203", said, text, mended)


def _not_one(text: str, fact_type: Type) -> MisreadError:
    """What was meant by a text that is no number, where that is plain: capitals, half years, 5w."""
    kind = fact_type.kind
    halves = re.fullmatch(rf"(?P<years>[0-9]{{1,3}}|[{NUMERALS}]+)?(?:年半|半年)", text) if kind == "months" else None
    if halves and (halves["years"] is None) == (text[-2:] == "半年"):
        years = halves["years"] or "0"
        whole = int(years) if years.isascii() else chinese_number(years)
        meant = "" if whole is None else f"{whole * 12 + 6}个月"
        return MisreadError("T216", {"figures": text, "example": "6个月"}, text, meant)
    plain = text.translate(_CAPITALS)
    if plain != text and (found := _NUMBER.fullmatch(plain)) and (value := chinese_number(found["digits"])) is not None:
        said = {"figures": text, "example": EXAMPLES[kind]}
        return MisreadError("T216", said, text, f"{value}{found['unit']}")
    return MisreadError("T201", {"what": KIND_NAMES[kind], "example": EXAMPLES[kind]}, text)


def _whole(value: Fraction, number: Number, kind: str, digits: int) -> int:
    if value.denominator != 1:
        raise MisreadError("T204", {"what": KIND_NAMES[kind], "digits": digits}, number.text)
    return int(value)


_NO_REASON = Text("", "")


def _misfit(number: Number, counted: Text, instead: str = "", because: Text = _NO_REASON) -> MisreadError:
    return MisreadError("T205", {"counted": counted, "because": because}, number.text, instead)


# The kinds


def _read_money(number: Number) -> Read:
    fen = _FEN_OF.get(number.unit)
    if fen is None:
        raise _misfit(number, Text("元", "yuan"))
    value = _whole(number.value * fen, number, "money", 2)
    written = number.text if fen == 100 else f"{_decimal(Fraction(value, 100))}元"  # 分 also counts points
    return Read(value, written if number.unit else f"{number.figures}元")


def _read_days(number: Number) -> Read:
    unit = DURATION_UNITS.get(number.unit or "d")
    counted = Text("天", "days")
    if unit == "d":
        return Read(_whole(number.value, number, "days", 0), number.text if number.unit else f"{number.figures}天")
    if unit in ("mo", "y") and number.value.denominator == 1 and 0 < number.value < 1000:
        count = int(number.value)
        days, least, most = _days_in(count, unit)
        because = Text(
            f" ({number.text}可能是{least}至{most}天; 按月计的是“账龄” charge_age)",
            f" ({number.text} may be {least} to {most} days; what counts months is `charge_age`)",
        )
        raise _misfit(number, counted, f"{days}天", because)
    if number.unit in WEEKS:
        raise _misfit(number, counted, f"{_decimal(number.value * 7)}天")
    raise _misfit(number, counted, f"{number.figures}天" if unit == "wd" else "")


def _days_in(count: int, unit: Unit) -> tuple[int, int, int]:
    """So many months or years in days: as usually meant, at least, at most."""
    months = count * 12 if unit == "y" else count
    lengths = [(date(2025 + (s + months) // 12, (s + months) % 12 + 1, 1) - _first(s)).days for s in range(48)]
    return (365 * count if unit == "y" else 30 * count), min(lengths), max(lengths)


def _first(month: int) -> date:
    return date(2025 + month // 12, month % 12 + 1, 1)


def _read_months(number: Number) -> Read:
    counted = Text("月", "months")
    if not number.unit:
        if number.value:
            raise MisreadError("T209", {"counted": counted}, number.text, f"{number.figures}个月")
        return Read(0, "0个月")
    unit = DURATION_UNITS.get(number.unit)
    if unit in ("mo", "y"):
        # 2m+e (see `calendar.month_age`): n months are 2n, a day more is 2n+1. 1y = 12mo.
        return Read(2 * _whole(number.value * (12 if unit == "y" else 1), number, "months", 0), number.text)
    thirties, rest = divmod(number.value, 30)
    if number.unit == "月":
        raise _misfit(number, counted, f"{number.figures}个月")
    raise _misfit(number, counted, f"{thirties}个月" if unit == "d" and thirties and not rest else "")


def _read_percent(number: Number) -> Read:
    ppm = _PPM_OF.get(number.unit)
    if ppm is not None:
        return Read(_whole(number.value * ppm, number, "percent", 4), number.text)
    if number.unit:
        raise _misfit(number, KIND_NAMES["percent"], f"{_decimal(number.value * 10)}%" if number.unit == "成" else "")
    if number.value:  # 0.5: half, or half a percent? 5: five percent?
        share = number.value * 100 if abs(number.value) < 1 else number.value
        raise MisreadError("T209", {"counted": KIND_NAMES["percent"]}, number.text, f"{_decimal(share)}%")
    return Read(0, "0%")


def _read_hundredths(number: Number, fact_type: Type) -> Read:
    if number.unit and number.unit not in _own_units(fact_type) | _AREA_UNITS:
        raise _misfit(number, _counted(fact_type))
    return Read(_whole(number.value * 100, number, "number", 2), number.text)


def _own_units(fact_type: Type) -> frozenset[str]:
    """The unit of the type in its spellings: 个月, 月; quarter, quarters."""
    zh, en = fact_type.unit.zh, fact_type.unit.en.lower()
    bare = zh.removeprefix("个")
    return frozenset({zh, bare, f"个{bare}" if bare else "", en, f"{en}s" if en else "", en.removesuffix("s")}) - {""}


def _counted(fact_type: Type) -> Text:
    return fact_type.unit if fact_type.unit.zh else Text("个数", "whole numbers")


def _read_integer(number: Number, fact_type: Type) -> Read:
    own = _own_units(fact_type)
    times = 1
    if number.unit and number.unit not in own | {"个"}:
        unit = DURATION_UNITS.get(number.unit)
        if "月" in own and unit in ("mo", "y"):
            times = 12 if unit == "y" else 1
        elif own or number.unit not in _COUNTERS:
            raise _misfit(number, _counted(fact_type), number.figures + fact_type.unit.zh if unit is None else "")
    value = _whole(number.value * times, number, "integer", 0)
    return Read(value, number.text if number.unit else number.figures + fact_type.unit.zh)


# Dates

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_LOOSE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_FEEL_DATE = re.compile(r"date\(\s*[\"']([^\"']*)[\"']\s*\)")


def _read_date(text: str) -> Read:
    feel = _FEEL_DATE.fullmatch(text)
    day = date_in(feel[1] if feel else text)
    return Read(day.toordinal(), feel[1] if feel else text)


def date_in(text: str) -> date:
    """`2026-01-01` or 2026年1月1日. Raises MisreadError; other orders are not guessed, a wrong day is not mended."""
    found = (_ISO.fullmatch(text) or _LOOSE.fullmatch(text)) if text.isascii() or "年" in text else None
    if found is None:
        raise MisreadError("T213", {}, text)
    try:
        day = date(*(int(part) for part in found.groups()))
    except ValueError:
        raise MisreadError("T228", {}, text) from None
    if not _ISO.fullmatch(text) and "年" not in text:
        raise MisreadError("T213", {}, text, day.isoformat())
    return day


def _decimal(value: Fraction) -> str:
    """A decimal that ends within 12 places, without trailing zeros."""
    places = next((n for n in range(12) if (value * 10**n).denominator == 1), 12)
    digits = str(abs(int(value * 10**places))).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return ("-" if value < 0 else "") + text
