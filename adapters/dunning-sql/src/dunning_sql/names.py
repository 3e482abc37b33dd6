"""What tables and columns of property-fee systems are called: in Chinese, in English, in pinyin and its initials.

The Chinese names are those our own importer reads, and beside them what other systems say; pinyin is made of them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from pypinyin import Style, lazy_pinyin

from dunning.adapter.fields import RECORD_LISTS, fields_of, list_titles

_SAID = tomllib.loads(files("dunning_sql").joinpath("names.toml").read_text("utf-8"))

SECTIONS = ("charges", "payments", *(name for name in RECORD_LISTS if name not in ("charges", "payments")))
"""The lists a draft tries, the ones nothing goes without first."""

_SUFFIXES = ("信息表", "明细表", "资料表", "记录表", "主表", "表", "档案", "信息", "资料", "台账", "明细")
_HAN = re.compile(r"[\u3400-\u9fff]")
_HEAD = re.compile(r"[\s,，:：;；(（\[【/、]")
LIKE = 45
"""From here on a likeness is one; below it is chance."""


class Named(NamedTuple):
    """Something that has a name and perhaps a comment beside it: a table or a column."""

    name: str
    comment: str = ""

    @property
    def chinese(self) -> list[str]:
        """What it is called in Chinese: by its name, then by the head of its comment."""
        head = _HEAD.split(self.comment.strip())[0]
        return [text for text in (self.name.strip(), head) if _HAN.search(text)]

    @property
    def latin(self) -> list[str]:
        """Its name without capitals and underscores, whole and without what stands before its first underscore."""
        words = [word for word in re.split(r"[^0-9a-z]+", _snaked(self.name)) if word and word not in ("fen", "yuan")]
        whole = "".join(words)
        short = "".join(words[1:]) if len(words) > 1 and len(words[0]) <= 2 else ""
        return [text for text in (whole, short) if text and not _HAN.search(self.name)]


def _snaked(name: str) -> str:
    """`payTime` is `pay_time`; `YSJE` stays one word."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


class Names(NamedTuple):
    """The names of one thing, the likelier ones first."""

    chinese: tuple[str, ...]
    english: tuple[str, ...]
    pinyin: Mapping[str, int]
    initials: Mapping[str, int]

    def likeness(self, named: Named) -> int:
        """How much a name is one of these, from 0 to 100; exact names first, then pinyin, then what contains one."""
        found = [self._chinese(text, nth) for nth, text in enumerate(named.chinese)]
        for nth, text in enumerate(named.latin):
            if text in self.english:
                found.append(95 - min(self.english.index(text), 25) - nth)
            elif text in self.pinyin:
                found.append(92 - min(self.pinyin[text], 20) - nth)
            elif text in self.initials:
                found.append((85 if len(text) > 2 else 55) - min(self.initials[text], 9) - nth)
        return max(found, default=0)

    def _chinese(self, text: str, nth: int) -> int:
        text = text.upper()
        if text in self.chinese:
            return 100 - min(self.chinese.index(text), 25) - nth
        inside = [title for title in self.chinese if len(title) > 2 and title in text and len(text) <= len(title) + 5]
        if inside:
            return 58 + min(max(map(len, inside)), 8)
        return 0


@cache
def names(text: str, *more: str) -> Names:
    """Names with blanks between; Chinese ones also as pinyin and as its initials. `more` come first."""
    every = [*more, *text.split()]
    chinese = tuple(dict.fromkeys(word.upper() for word in every if _HAN.search(word)))
    english = tuple(dict.fromkeys(word.replace("_", "") for word in every if not _HAN.search(word)))
    whole: dict[str, int] = {}
    initials: dict[str, int] = {}
    for rank, title in enumerate(chinese):
        whole.setdefault("".join(lazy_pinyin(title)).lower(), rank)
        initials.setdefault(initials_of(title), rank)
    return Names(chinese, english, whole, initials)


def initials_of(title: str) -> str:
    """应收金额 -> ysje."""
    return "".join(lazy_pinyin(title, style=Style.FIRST_LETTER)).lower()


@cache
def field_names(section: str) -> Mapping[str, Names]:
    """The names of each field of a list, those of the importer first."""
    known = {} if section == "people" else fields_of(section)
    wanted = _SAID["columns"].get(section, {})
    found = {}
    for name in dict.fromkeys((*wanted, *known)):
        titles = known[name].titles if name in known else ()
        found[name] = names(wanted.get(name, ""), *titles)
    return found


@cache
def common_names(what: str) -> Names:
    """The names of what stands in many tables (`rows` of names.toml): `updated_at`, `deleted`, `account` ..."""
    return names(_SAID["rows"][what])


@cache
def _table_names(section: str) -> Names:
    return names(_SAID["tables"][section], *(list_titles(section) if section in (*RECORD_LISTS, "accounts") else ()))


def table_likeness(section: str, table: Named) -> int:
    """How much a table is called like a list, from 0 to 100."""
    list_ = _table_names(section)
    found = list_.likeness(table)
    for text in table.chinese:
        short = bare(text)
        found = max(found, list_.likeness(Named(short)) - 1)
        found = max(found, *(50 + len(one) for one in list_.chinese if len(one) > 1 and one in short), 0)
    words = [word for word in re.split(r"[^0-9a-z]+", _snaked(table.name)) if word]
    for word in (*words, *(word.removesuffix("s") for word in words)):
        if word in list_.english or word in list_.pinyin or (len(word) > 2 and word in list_.initials):
            found = max(found, 60)
    return found


def bare(text: str) -> str:
    """A table's name without its number or letters in front, and without 表 and the like behind."""
    text = re.sub(r"^[0-9A-Za-z_]+", "", text)
    for suffix in _SUFFIXES:
        if text.endswith(suffix) and len(text) > len(suffix) + 1:
            return text.removesuffix(suffix)
    return text


def best(column_names: Iterable[Named], wanted: Names) -> Iterator[tuple[int, Named]]:
    """The columns that are called like something, the likeliest first."""
    scored = [(wanted.likeness(one), one) for one in column_names]
    yield from sorted((one for one in scored if one[0] >= LIKE), key=lambda one: -one[0])
