"""Write rules/calendars/cn.yaml anew from the package chinesecalendar, or compare the two.

The file is the source at run time and people edit it when the next notice comes out; this is the second opinion on it.
Notice numbers, and years the package does not know, are kept as they stand in the file.

    python scripts/calendar_from_chinesecalendar.py            compare; 1 and the difference if there is one
    python scripts/calendar_from_chinesecalendar.py --write    write the file
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from chinese_calendar import get_solar_terms
from chinese_calendar.constants import holidays, workdays

FILE = Path(__file__).resolve().parent.parent / "rules" / "calendars" / "cn.yaml"
DAY = timedelta(days=1)

# The days that follow the moon: 正月初一, 五月初五, 八月十五.
LUNAR = {
    2004: ("01-22", "06-22", "09-28"),
    2005: ("02-09", "06-11", "09-18"),
    2006: ("01-29", "05-31", "10-06"),
    2007: ("02-18", "06-19", "09-25"),
    2008: ("02-07", "06-08", "09-14"),
    2009: ("01-26", "05-28", "10-03"),
    2010: ("02-14", "06-16", "09-22"),
    2011: ("02-03", "06-06", "09-12"),
    2012: ("01-23", "06-23", "09-30"),
    2013: ("02-10", "06-12", "09-19"),
    2014: ("01-31", "06-02", "09-08"),
    2015: ("02-19", "06-20", "09-27"),
    2016: ("02-08", "06-09", "09-15"),
    2017: ("01-28", "05-30", "10-04"),
    2018: ("02-16", "06-18", "09-24"),
    2019: ("02-05", "06-07", "09-13"),
    2020: ("01-25", "06-25", "10-01"),
    2021: ("02-12", "06-14", "09-21"),
    2022: ("02-01", "06-03", "09-10"),
    2023: ("01-22", "06-22", "09-29"),
    2024: ("02-10", "06-10", "09-17"),
    2025: ("01-29", "05-31", "10-06"),
    2026: ("02-17", "06-19", "09-25"),
    2027: ("02-06", "06-09", "09-15"),
    2028: ("01-26", "05-28", "10-03"),
    2029: ("02-13", "06-16", "09-22"),
    2030: ("02-03", "06-05", "09-12"),
}

# 国办发明电〔2005〕35号 on New Year 2006: 12月31日(星期六)上班; the package leaves it out.
CORRECTED_WORK = {date(2005, 12, 31)}
ONCE = {2015: {"抗战胜利70周年纪念日": [date(2015, 9, 3)]}}  # 国发明电〔2015〕1号

HEAD = """\
# 中国的工作日: 哪些天放假, 哪些周末要上班。一年一段, 手工可改; 每年国务院办公厅的通知发出后, 照样子加一段。
#
#   notice     通知的文号; 没有核实的写 null
#   festivals  法定节日当天 (全国年节及纪念日放假办法), 按节名; 不含调休
#   rest       放假的全部日子, 含调休和夹在中间的周末; 其余周末不用写, 本来就休
#   work       调休上班的周末
#
# 日子写 月-日; 一段写 01-01..01-03, 两头都算。年末为次年元旦调休的日子写在它自己的年份里 (2007年12月29日写在2007下)。
# 没有写的年份只按周末和固定节日推算, 用到它的日期标为"暂定"。
#
# Shape: years: {YYYY: {notice: text or null, festivals: {name: span}, rest: [span], work: [span]}}
#        span: MM-DD or MM-DD..MM-DD, both ends included, of that year. All four keys are there for every year.
# Second opinion: scripts/calendar_from_chinesecalendar.py compares this file with the package chinesecalendar.
calendar: cn
years:
"""
REMARKS = {
    2005: "12月31日(星期六)上班: 国办发明电〔2005〕35号为2006年元旦所调。chinesecalendar 1.11.0 漏了这一天。",
    2015: "9月3日放假、9月6日上班: 国发明电〔2015〕1号。",
    2019: "五一: 国办发明电〔2019〕3号改为放4天。",
    2020: "春节: 国办发明电〔2020〕1号延长到2月2日, 原定2月1日的上班取消。",
}


def festivals(year: int) -> dict[str, list[date]]:
    """The statutory festival days of a year, under the 放假办法 in force in it (1999, 2007, 2013 and 2024 editions)."""
    if year not in LUNAR:
        sys.exit(f"add the lunar dates of {year} to LUNAR")
    spring, boat, moon = (date.fromisoformat(f"{year}-{day}") for day in LUNAR[year])
    eve = spring - DAY
    found = {"元旦": _days(date(year, 1, 1), 1)}
    if year < 2008:
        return found | {
            "春节": _days(spring, 3),
            "劳动节": _days(date(year, 5, 1), 3),
            "国庆节": _days(date(year, 10, 1), 3),
        }
    if year < 2014:
        found["春节"] = _days(eve, 3)
    elif year < 2025:
        found["春节"] = _days(spring, 3)
    else:
        found["春节"] = _days(eve, 4)
    terms = get_solar_terms(date(year, 4, 1), date(year, 4, 30))
    found["清明节"] = [day for day, term in terms if term == "清明"]
    found["劳动节"] = _days(date(year, 5, 1), 1 if year < 2025 else 2)
    found["端午节"] = [boat]
    found |= ONCE.get(year, {})
    found["中秋节"] = [moon]
    found["国庆节"] = _days(date(year, 10, 1), 3)
    return found


def _days(first: date, count: int) -> list[date]:
    return [first + index * DAY for index in range(count)]


def spans(days: Iterable[date]) -> list[str]:
    """Days as spans; a weekend between two days off belongs to them."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and _only_weekend_between(found[-1][1], day):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return [f"{first:%m-%d}" if first == last else f"{first:%m-%d}..{last:%m-%d}" for first, last in found]


def _only_weekend_between(earlier: date, later: date) -> bool:
    between = [date.fromordinal(number) for number in range(earlier.toordinal() + 1, later.toordinal())]
    return all(day.weekday() >= 5 and day not in workdays for day in between)


def entry(year: int, notice: str | None) -> dict[str, Any]:
    work = {day for day in set(workdays) | CORRECTED_WORK if day.year == year}
    return {
        "notice": notice,
        "festivals": {name: spans(days)[0] for name, days in festivals(year).items()},
        "rest": spans(day for day in holidays if day.year == year),
        "work": [f"{day:%m-%d}" for day in sorted(work)],
    }


def rendered(entries: dict[int, dict[str, Any]]) -> str:
    lines = [HEAD]
    for year, known in sorted(entries.items()):
        if year in REMARKS:
            lines.append(f"  # {REMARKS[year]}\n")
        named = ", ".join(f"{name}: {span}" for name, span in known["festivals"].items())
        lines.append(f"  {year}:\n    notice: {known['notice'] or 'null'}\n    festivals: {{{named}}}\n")
        lines.extend(f"    {key}: [{', '.join(known[key])}]\n" for key in ("rest", "work"))
    return "".join(lines)


def main() -> int:
    present = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    entries = dict((yaml.safe_load(present) or {}).get("years", {}))
    for year in sorted({day.year for day in holidays}):
        entries[year] = entry(year, entries.get(year, {}).get("notice"))
    text = rendered(entries)
    if "--write" in sys.argv[1:]:
        FILE.write_text(text, encoding="utf-8")
        return 0
    difference = list(difflib.unified_diff(present.splitlines(), text.splitlines(), FILE.name, "chinesecalendar", n=1))
    print("\n".join(difference) or f"{FILE.name} agrees with chinesecalendar")
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
