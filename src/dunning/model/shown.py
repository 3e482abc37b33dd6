"""Canonical values as people and other programs read them: 70000 fen as `700.00元`, 2m+e = 21 as `10个月多`.

Inside, every value is an int, a word or a set (see `condition`); here is the one way out, for text and for JSON.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from dunning.basis.finding import Lang, Text
from dunning.basis.money import decimal_text, yuan
from dunning.model.anchor import Duration
from dunning.model.condition import Type, Unknown, Value
from dunning.model.rulebook import Answer, Output

Plain = str | int | bool | list[str] | None
"""A value in JSON."""

_NOTHING = Text("无", "none")
_UNKNOWN = Text("未知", "unknown")
_TRUTHS = {True: Text("是", "yes"), False: Text("否", "no")}
_BETWEEN = Text("、", ", ")
_UNITS = {
    "d": Text("天", "days"),
    "wd": Text("个工作日", "working days"),
    "mo": Text("个月", "months"),
    "y": Text("年", "years"),
    "h": Text("小时", "hours"),
}


def shown(value: Value | Unknown, type_: Type, lang: Lang) -> str:
    """The value for a reader, with its unit or its title: `700.00元`, `311天`, `B 常规`, `无`, `未知 (contacts)`."""
    if isinstance(value, Unknown):
        missing = f" ({_BETWEEN.to(lang).join(value.because)})" if value.because else ""
        return _UNKNOWN.to(lang) + missing
    if value is None or value == frozenset():
        return _NOTHING.to(lang)
    if isinstance(value, bool):
        return _TRUTHS[value].to(lang)
    if isinstance(value, frozenset):
        return _BETWEEN.to(lang).join(_titled(word, type_, lang) for word in _in_order(value, type_))
    if isinstance(value, str):
        return _titled(value, type_, lang)
    return _number_shown(value, type_, lang)


def _number_shown(value: int, type_: Type, lang: Lang) -> str:
    match type_.kind:
        case "date":
            return date.fromordinal(value).isoformat()
        case "months":
            return _months_shown(value, lang)
        case "percent":
            return _percent(Fraction(value, 1_000_000))
        case "money":
            return _with_unit(yuan(value), type_.unit.to(lang), lang)
        case "number":
            return _with_unit(_hundredths(value), type_.unit.to(lang), lang)
        case _:
            return _counted(value, type_.unit, lang)


def _months_shown(value: int, lang: Lang) -> str:
    """2m+e: whole months and whether there is something more; before its first day, what is still to go."""
    months, more = divmod(abs(value), 2)
    unit = "month" if months == 1 and not more else "months"
    if not more:
        size = Text(f"{months}个月", f"{months} {unit}")
    elif months:
        size = Text(f"{months}个月多", f"over {months} {'month' if months == 1 else unit}")
    else:
        size = Text("不到1个月", "less than 1 month")
    if value < 0:
        size = Text(f"还差{size.zh}", f"{size.en} to go")
    return size.to(lang)


def _titled(word: str, type_: Type, lang: Lang) -> str:
    title = type_.values.get(word) if type_.values else None
    return title.to(lang) if title else word


def _in_order(words: frozenset[str], type_: Type) -> list[str]:
    """As the type lists them; in an open set, by the alphabet."""
    rank = {word: place for place, word in enumerate(type_.values or ())}
    return sorted(words, key=lambda word: (rank.get(word, len(rank)), word))


def _with_unit(number: str, unit: str, lang: Lang) -> str:
    return f"{number}{' ' if lang == 'en' and unit else ''}{unit}"


def _counted(value: int, unit: Text, lang: Lang) -> str:
    word = unit.to(lang)
    return _with_unit(str(value), word.removesuffix("s") if lang == "en" and abs(value) == 1 else word, lang)


def _percent(share: Fraction) -> str:
    return f"{decimal_text(share * 100)}%"


def _hundredths(value: int) -> str:
    return decimal_text(Fraction(value, 100))


def plain(value: Value, type_: Type) -> Plain:
    """The value for JSON, the same in every language.

    Money, percents and numbers are decimal text (`"700.00"`, `"85.7%"`, `"96.5"`), dates ISO text, counts and days
    ints, months `"10mo"`, or `"10mo+"` where a day or more has passed since (`"-1mo+"`: within the month before), sets
    sorted lists.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, frozenset):
        return sorted(value)
    match type_.kind:
        case "money":
            return yuan(value)
        case "date":
            return date.fromordinal(value).isoformat()
        case "percent":
            return _percent(Fraction(value, 1_000_000))
        case "number":
            return _hundredths(value)
        case "months":
            return f"{value >> 1}mo{'+' if value & 1 else ''}"
        case _:
            return value


def answer_text(answer: Answer | Iterable[Answer], output: Output) -> Plain:
    """What a table answered, for JSON: a word, an int, `"700.00"`, `"30%"`, `"10wd"`; a list of them for `collect`."""
    if not isinstance(answer, str | int | Fraction | Duration):
        return [str(answer_text(one, output)) for one in answer]
    if isinstance(answer, Fraction):
        return _percent(answer)
    if isinstance(answer, Duration):
        return f"{answer.count}{answer.unit}"
    if output.kind == "money" and isinstance(answer, int):
        return yuan(answer)
    return answer


def answer_shown(answer: Answer | Iterable[Answer], output: Output, lang: Lang) -> str:
    """What a table answered, for a reader: a word with its title (`B 常规`), never a bare letter where it has one."""
    if not isinstance(answer, str | int | Fraction | Duration):
        return _BETWEEN.to(lang).join(answer_shown(one, output, lang) for one in answer) or _NOTHING.to(lang)
    if isinstance(answer, bool):
        return _TRUTHS[answer].to(lang)
    if isinstance(answer, str):
        return _word_shown(answer, output, lang)
    if isinstance(answer, Duration):
        return _counted(answer.count, _UNITS[answer.unit], lang)
    if output.kind == "money" and isinstance(answer, int):
        return _with_unit(yuan(answer), Text("元", "yuan").to(lang), lang)
    return str(answer_text(answer, output))


def _word_shown(word: str, output: Output, lang: Lang) -> str:
    """The title after the word; alone where the word is our own `none`."""
    title = output.words.get(word)
    told = title.to(lang) if title else ""
    if word == "none":
        return told or _NOTHING.to(lang)
    return f"{word} {told}" if told not in ("", word) else word
