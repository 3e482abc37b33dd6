"""The calendar file: by year the days off, the make-up working days and the festivals, with the notice's number.

Days are data that a notice changes every November, so a newer file can be passed without a new release.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from dunning.basis.calendar import Calendar, Year
from dunning.basis.finding import Finding, Text
from dunning.lang.readers.read import Page
from dunning.lang.text import positions as yaml
from dunning.lang.text.positions import Node
from dunning.lang.words.desk import Desk, Fields

CALENDAR = ("calendar", "title", "years")
YEAR = ("notice", "festivals", "rest", "work")
_SPAN = re.compile(r"(?P<first>\d\d-\d\d)(?:\s*(?:\.\.|至)\s*(?P<last>\d\d-\d\d))?", re.ASCII)
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)


def read_calendar_page(page: Page) -> tuple[Calendar, tuple[Finding, ...]]:
    """The calendar of a file, with what is wrong in it; years that cannot be read are left out."""
    desk = page.desk()
    years: dict[int, Year] = {}
    if page.node is not None:
        fields = desk.open(page.node, CALENDAR, Text("日历", "a calendar"), ("calendar", "years"))
        node = fields.node("years")
        for key, value in node.entries if isinstance(node, yaml.Mapping) else ():
            if not _YEAR.fullmatch(key.text):
                desk.report("R104", key.span, name=key.text, what=Text("年份", "a year"), known="2026")
            elif (year := _read_year(desk, value, int(key.text))) is not None:
                years[int(key.text)] = year
    return Calendar(years=years), tuple(desk.results())


def _read_year(desk: Desk, node: Node, number: int) -> Year | None:
    what = Text(f"{number}年", f"the year {number}")
    fields = desk.open(node, YEAR, what, ("rest", "work", "festivals"))
    festivals = fields.node("festivals")
    named = [value for _, value in festivals.entries] if isinstance(festivals, yaml.Mapping) else []
    year = Year(
        rest=_days(fields, fields.items("rest"), number),
        work=_days(fields, fields.items("work"), number),
        festivals=_days(fields, named, number),
        notice=fields.text("notice"),
    )
    both = sorted(year.rest & year.work)
    if both:
        desk.report("R112", fields.at("work"), what=what, day=f"{both[0]:%m-%d}")
        return None
    return year


def _days(fields: Fields, nodes: list[Node], year: int) -> frozenset[date]:
    """`01-01`, `02-15..02-23`: both ends included."""
    days: set[date] = set()
    for node in nodes:
        text = fields.desk.text(node, fields.what)
        found = _SPAN.fullmatch(text) if text else None
        try:
            first = date.fromisoformat(f"{year}-{found['first']}") if found else None
            last = date.fromisoformat(f"{year}-{found['last'] or found['first']}") if found else None
        except ValueError:
            first = last = None
        if first is None or last is None or last < first:
            fields.desk.report("R113", node.span, text=text or "")
            continue
        days.update(first + timedelta(count) for count in range((last - first).days + 1))
    return frozenset(days)
