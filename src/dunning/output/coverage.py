"""Which items of the acceptance list a rule book takes up, and which it declines.

The items are the practices and figures of the source documents (`B.9`: the formal demand); packs name them under
`covers` and `declined`, so that nobody has to remember what was left out and why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dunning.basis.finding import Lang, Text
from dunning.model.rulebook import RuleBook

FAMILIES: dict[str, tuple[int, Text]] = {
    "A": (5, Text("流程", "flows")),
    "B": (24, Text("通知节奏", "notice rhythm")),
    "C": (10, Text("分类分级", "segmentation")),
    "D": (17, Text("金额规则", "money rules")),
    "E": (11, Text("法律途径", "legal track")),
    "F": (15, Text("沟通内容", "communication")),
    "G": (9, Text("困难与例外", "hardship and exceptions")),
    "H": (4, Text("新项目交付", "handover")),
    "I": (3, Text("旧区、公建、维修资金", "old estates, public buildings, funds")),
    "N": (18, Text("矛盾与缺口", "contradictions and gaps")),
}
"""Letter, how many items, and what they are about. The letters between, and P, are staff, reports and systems."""

_ID = re.compile(r"([A-Z])\.(\d+)")


class Coverage(NamedTuple):
    """What takes up each item (tables, steps, offers ...), and what is declined with its reason."""

    covered: dict[str, list[str]]
    declined: dict[str, str]

    @property
    def open(self) -> list[str]:
        """The items of the families that nobody took up or declined."""
        every = (f"{letter}.{number}" for letter, (count, _) in FAMILIES.items() for number in range(1, count + 1))
        return [item for item in every if item not in self.covered and item not in self.declined]


def coverage(books: Iterable[RuleBook]) -> Coverage:
    """What some books take up and decline, by item in the order of the list."""
    covered: dict[str, list[str]] = {}
    declined: dict[str, str] = {}
    for book in books:
        for name, items in _said(book):
            for item in items:
                covered.setdefault(item, []).append(f"{book.name}.{name}")
        declined |= {one.item: f"{one.says} ({one.because})" for one in book.declined}
    return Coverage(dict(sorted(covered.items(), key=_order)), dict(sorted(declined.items(), key=_order)))


def _said(book: RuleBook) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from (("late_fee", terms.covers) for terms in book.late_fees)
    yield "contact", book.contact.covers
    yield from ((table.id, table.covers) for table in book.tables.values())
    yield from ((step.id, step.covers) for step in (*book.reminders, *book.ladder.steps))
    yield from ((offer.id, offer.covers) for offer in book.relief)
    yield from ((row.title, row.covers) for row in book.incentives.rows)
    yield from ((target.title or target.measure, target.covers) for target in book.targets)


def _order(entry: tuple[str, object]) -> tuple[str, int]:
    found = _ID.fullmatch(entry[0])
    return (found[1], int(found[2])) if found else (entry[0], 0)


def coverage_text(books: Iterable[RuleBook], lang: Lang = "zh") -> str:
    """The coverage as text, family by family."""
    told = coverage(books)
    lines = []
    for letter, (_, title) in FAMILIES.items():
        lines.append(f"{letter}  {title.to(lang)}")
        lines.extend(f"  {item}: {', '.join(by)}" for item, by in told.covered.items() if item.startswith(f"{letter}."))
        refused = Text("不采用", "declined").to(lang)
        lines.extend(
            f"  {item}: {refused}: {why}" for item, why in told.declined.items() if item.startswith(f"{letter}.")
        )
        rest = [item for item in told.open if item.startswith(f"{letter}.")]
        if rest:
            lines.append(Text("  没有提到: ", "  not taken up: ").to(lang) + ", ".join(rest))
    return "\n".join(lines)
