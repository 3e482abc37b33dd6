"""Chinese numerals as people write them in rules: 三, 十二, 五千, 一万二千.

Read strictly: what would be said differently in careful Chinese (一二, 万二, 一百百) is not a number here, because a
guess at an amount is worse than a question.
"""

from __future__ import annotations

_DIGITS = "零一二三四五六七八九"
_VALUE = {char: value for value, char in enumerate(_DIGITS)}
_UNITS = {"十": 10, "百": 100, "千": 1000}
NUMERALS = "".join([*_VALUE, *_UNITS, "万亿两〇"])


def chinese_number(text: str) -> int | None:
    """三 -> 3, 五千 -> 5000, 一万二千 -> 12000, 两 -> 2; None if it is not plainly a number below 10^12."""
    plain = text.replace("〇", "零")
    total = section = digit = 0
    for char in plain.replace("两", "二"):
        if char in _VALUE:
            digit = _VALUE[char]
        elif char in _UNITS:
            section += (digit or 1) * _UNITS[char]
            digit = 0
        elif char == "万":
            total += (section + digit) * 10**4
            section = digit = 0
        elif char == "亿":
            total = (total + section + digit) * 10**8
            section = digit = 0
        else:
            return None
    value = total + section + digit
    return value if plain.replace("两", "二") in _ways(value) else None


def _ways(value: int) -> tuple[str, ...]:
    """The careful spellings: 十二 and 一十二; 一百零五."""
    if value >= 10**12:
        return ()
    said = in_chinese(value)
    return (said, said.removeprefix("一")) if said.startswith("一十") else (said,)


def in_chinese(value: int) -> str:
    """12000 -> 一万二千; `value` from 0 up to 10^12."""
    for name, size in (("亿", 10**8), ("万", 10**4)):
        if value >= size:
            head, rest = divmod(value, size)
            gap = "零" if 0 < rest < size // 10 else ""
            return in_chinese(head) + name + (gap + in_chinese(rest) if rest else "")
    said, gap = "", ""
    for name, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit = value // size % 10
        if digit:
            said += gap + _DIGITS[digit] + name
            gap = ""
        elif said:
            gap = "零"
    return said or "零"
