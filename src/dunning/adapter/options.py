"""What the options of an address say, read: lists, choices, whole numbers, what the ERP's codes are for.

An option that makes no sense is told with what it may be, before the ERP is asked for anything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NoReturn

from dunning.adapter.fields import RECORD_LISTS, fields_of
from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.intake.records import Rejected, read
from dunning.lang.text.names import did_you_mean, nearest

__all__ = ["LATE_FEE", "Items", "OfAll", "choice", "day", "flags", "listed", "numbers", "whole", "wrong"]

LATE_FEE = "late_fee"
"""The item of a code by which late fees are billed: never principal."""


def wrong(name: str, value: str, may: Text | None = None) -> NoReturn:
    """Refuse an option by a UsageError; `may` says what it may be."""
    told = Text(f"选项 {name} 不能是“{value}”", f"the option {name} cannot be `{value}`")
    raise UsageError(told if may is None else told.joined(Text(f"; {may.zh}", f"; {may.en}")))


def listed(text: str) -> list[str]:
    """What stands between commas, without the blanks around it."""
    return [one.strip() for one in text.split(",") if one.strip()]


def choice(name: str, value: str, known: Collection[str]) -> str:
    """One of some words."""
    if value not in known:
        words = ", ".join(one or "''" for one in known)
        wrong(name, value, Text(f"只能是: {words}", f"it is one of: {words}"))
    return value


def whole(name: str, value: str, *, least: int = 1) -> int:
    """A whole number, `least` or more."""
    if not value.isdecimal() or int(value) < least:
        wrong(name, value, Text(f"要写整数, 至少 {least}", f"it is a whole number, {least} or more"))
    return int(value)


def numbers(name: str, text: str) -> frozenset[int]:
    """Ids with commas between: `1,3`."""
    for one in listed(text):
        if not one.isdecimal():
            wrong(name, one, Text("要写编号: 1,3", "it is ids, as in 1,3"))
    return frozenset(map(int, listed(text)))


def day(name: str, text: str) -> str:
    """A day as 2026-01-31, or nothing where nothing is said."""
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        wrong(name, text, Text("要写成 2026-01-31", "it is written 2026-01-31"))


def flags(name: str, text: str, tables: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Fields of some of the ERP's tables that are ticked or not, `Customer.custom_hold,Sales Invoice.on_hold`, each as
    (table, field).
    """
    found = []
    for one in listed(text):
        table, _, column = one.rpartition(".")
        if table not in tables or not column:
            words = ", ".join(f"{each}.FIELD" for each in tables)
            wrong(name, one, Text(f"要写: {words}", f"it is written {words}"))
        found.append((table, column))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Items:
    """What an ERP's codes (of products, accounts, groups) are for: by code, and by `*` for all others."""

    by_code: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, name: str, text: str) -> Items:
        """`PM:property_fee,W:水费,LF:late_fee,*:other`: our word or a Chinese one for each; UsageError for others."""
        known = fields_of("charges")["item"].words
        ours = {said: word for word, titles in known.items() for said in (word, *titles)}
        ours |= {LATE_FEE: LATE_FEE, "违约金": LATE_FEE}
        found = {}
        for one in listed(text):
            code, _, said = map(str.strip, one.rpartition(":"))
            if not code or said not in ours:
                words = ", ".join([*known, LATE_FEE])
                may = Text(f"要写 代码:费项, 费项是 {words}", f"it is CODE:ITEM, where ITEM is one of {words}")
                wrong(name, one, may.joined(did_you_mean(nearest(said, ours))))
            found[code] = ours[said]
        return cls(found)

    def of(self, *codes: object) -> str:
        """What the first of these codes that is known is for; a property fee unless told otherwise."""
        named = (self.by_code[str(code)] for code in codes if str(code) in self.by_code)
        return next(named, self.by_code.get("*", "property_fee"))


@dataclass(frozen=True, slots=True)
class OfAll:
    """What an ERP has no field for, said of all its accounts by whoever opens it; what is not said is unknown.

    `fields` of every account, under the names of the record; `lists`: those that are known by what was said.
    """

    fields: Mapping[str, object] = field(default_factory=dict)
    lists: frozenset[str] = frozenset()

    @classmethod
    def read(
        cls, supplied: Collection[str], *, use: str = "", place: str = "", late_fee_clause: str = "", none: str = ""
    ) -> OfAll:
        """The options `use` (`residential`), `place` (`CN-3301`), `late_fee_clause` (whether every contract has one:
        `yes`, `no`) and `none` (lists of which there is nothing anywhere, `disputes,plans`; not those `supplied`).
        """
        found: dict[str, object] = {}
        if use:
            found["use"] = choice("use", use, fields_of("accounts")["use"].words)
        if place:
            if isinstance(read({"id": "1", "place": place}), Rejected):
                wrong("place", place, Text("要写行政区划: CN-3301", "it is a division of China: CN-3301"))
            found["place"] = place
        lists = {choice("none", one, [each for each in RECORD_LISTS if each not in supplied]) for one in listed(none)}
        if choice("late_fee_clause", late_fee_clause, ("", "yes", "no")):
            found["contracts"] = [{"id": "all", "late_fee_clause": late_fee_clause == "yes"}]
            lists.add("contracts")
        return cls(found, frozenset(lists))
