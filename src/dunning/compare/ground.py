"""What books stand on: law file by law file, the calendar year by year; told once, however many books there are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from dunning.basis.calendar import Calendar, Year
from dunning.basis.finding import Text
from dunning.compare.clauses import Found
from dunning.compare.difference import Change, Part
from dunning.compare.parts import Sides, meaning, of_list, paired, parts
from dunning.model.law import LawPack
from dunning.model.rulebook import RuleBook
from dunning.output.phrases import NOTHING, Phrases, joined, label

_LISTS: Mapping[str, tuple[Callable[[Any], Hashable], ...]] = {
    "prohibitions": (lambda one: (one.effects, one.actions), lambda one: one.articles),
    "gates": (lambda one: (one.actions, one.effects), lambda one: one.articles),
    "limits": (lambda one: (one.of, meaning(one.for_)), lambda one: (one.of, one.articles)),
    "clocks": (lambda one: one.clock,),
    "text": (lambda one: (one.articles, one.before), lambda one: one.articles),
    "permits": (lambda one: (one.effects, one.actions), lambda one: one.articles),
    "bills": (lambda one: one.articles,),
    "debtor": (lambda one: (one.is_, one.articles),),
    "vacancy": (lambda one: one.articles,),
    "references": (lambda one: one.rate,),
}
"""What a law file lists without names, and how one of them is known again."""


def compare_ground(old: Iterable[RuleBook], new: Iterable[RuleBook]) -> Iterator[Found]:
    """The law files and the calendar that books stand on."""
    before, after = list(old), list(new)
    laws = [{called(pack): pack for book in books for pack in book.laws} for books in (before, after)]
    for name in dict.fromkeys([*laws[1], *laws[0]]):
        yield from _law(name, laws[0].get(name), laws[1].get(name))
    calendars = [next((book.calendar for book in books), None) for books in (before, after)]
    if calendars[0] is not None and calendars[1] is not None:
        yield from _calendar(calendars[0], calendars[1])


def called(pack: LawPack) -> str:
    """A law file as `dunning sign law/...` names it: `policy`, `cn/hangzhou`; all files of one law share its name."""
    stem = Path(pack.file).stem
    return pack.name if stem in ("", pack.name) else f"{pack.name}/{stem}"


def _law(name: str, old: LawPack | None, new: LawPack | None) -> Iterator[Found]:
    sides = Sides(Phrases(), Phrases())
    pack = new or old
    assert pack is not None  # named by one of them
    title = Text(f"法规“{pack.title}” ({name})", f"law {name}")
    if old is None or new is None:
        cites = joined(Text(each.cite, each.cite) for each in pack.articles)
        part = Part(label("articles"), cites if new is None else NOTHING, cites if old is None else NOTHING)
        yield Change(clause=f"law.{name}", title=title, how="added" if old is None else "removed", parts=(part,)), True
        return
    meant, read = parts(old, new, sides, leave=("name", "articles", *_LISTS))
    for one, other in paired(old.articles, new.articles, lambda article: article.id):
        more = _article(one, other, sides)
        meant += more[0]
        read += more[1]
    for field, keys in _LISTS.items():
        more = of_list(label(field), field, getattr(old, field), getattr(new, field), sides, *keys)
        meant += more[0]
        read += more[1]
    if meant or read:
        yield Change(clause=f"law.{name}", title=title, how="changed", parts=(*meant, *read)), bool(meant)


def _article(old: Any, new: Any, sides: Sides) -> tuple[list[Part], list[Part]]:
    article = new or old
    name = Text(article.cite, article.cite)
    if old is None or new is None:
        said = article.says
        return [Part(name, said if new is None else NOTHING, said if old is None else NOTHING)], []
    meant, read = parts(old, new, sides)
    return [_under(name, part) for part in meant], [_under(name, part) for part in read]


def _under(name: Text, part: Part) -> Part:
    return part._replace(what=Text(f"{name.zh} {part.what.zh}", f"{name.en}: {part.what.en}"))


# The calendar

_DAYS = {
    "rest": Text("放假", "rest days"),
    "work": Text("调休上班", "make-up working days"),
    "festivals": Text("法定节日", "festivals"),
}


def _calendar(old: Calendar, new: Calendar) -> Iterator[Found]:
    meant: list[Part] = []
    read: list[Part] = []
    for year in sorted({*old.years, *new.years}):
        one, other = old.years.get(year), new.years.get(year)
        if one is None or other is None:
            known = Text("已知", "known"), Text("不知, 按周末推算", "not known: weekends only")
            meant.append(Part(Text(f"{year}年", str(year)), known[one is None], known[other is None]))
            continue
        meant += _days(year, one, other)
        if one.notice != other.notice:
            read.append(
                Part(
                    Text(f"{year}年 文号", f"notice of {year}"),
                    Text(one.notice, one.notice),
                    Text(other.notice, other.notice),
                )
            )
    if meant or read:
        yield (
            Change(clause="calendar", title=Text("工作日历", "calendar"), how="changed", parts=(*meant, *read)),
            bool(meant),
        )


def _days(year: int, old: Year, new: Year) -> Iterator[Part]:
    for name, title in _DAYS.items():
        one: frozenset[date] = getattr(old, name)
        other: frozenset[date] = getattr(new, name)
        if one != other:
            what = Text(f"{year}年{title.zh}", f"{title.en} of {year}")
            yield Part(
                what, *(joined(Text(str(day), str(day)) for day in sorted(days)) for days in (one - other, other - one))
            )
