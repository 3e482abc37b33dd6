"""A household at a point of a chart, told with its facts and with what the engine really answers it.

What cannot be drawn up as a real account is said to be facts only: an invented household would prove nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from dunning.basis.finding import Lang, Text
from dunning.check.chart import View
from dunning.check.households import Household, household
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.compile import worst_of
from dunning.engine.known.tables import Graded, worst
from dunning.engine.known.titles import titles_of, words_of
from dunning.lang.readers.read_answers import type_of
from dunning.model.boxes import Box, Point, Region
from dunning.model.condition import Condition, Type, Unknown, Value
from dunning.model.prose import prose
from dunning.model.rulebook import RuleBook, Table
from dunning.model.shown import answer_shown, shown

_POINTS = 3
"""Points of a region tried before it is said that no household was found."""

_NO_HOUSEHOLD = Text("没有造出有这些事实的户, 只按事实推算", "no household with these facts was found: facts only")
_NO_ROW = Text("一行也不中", "no row is true")
_SEVERAL = Text("几行都中, 定不下来", "several rows are true, so it is undetermined")


class Speech:
    """Tells of households and conditions in the words of the rules."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.book = view.book
        self.titles = {**titles_of(self.book), **_worsts(self.book)}
        self.words = words_of(self.book)

    def condition(self, condition: Condition) -> Text:
        """A condition in prose."""
        return Text(*(prose(condition, self.titles, lang, self.words) for lang in _BOTH))

    def region(self, point: Point, facts: Sequence[str]) -> Text:
        """What a point says of some facts, in prose."""
        return self.condition(self.view.told(point, facts))

    def box(self, box: Box, facts: Sequence[str]) -> Text | None:
        """What a box says of some facts, in prose; None if nothing."""
        space = self.view.chart.space
        point = tuple(box.get(axis, space.whole(axis)) for axis in range(space.axes))
        return self.region(point, facts) if box else None

    def facts(self, found: Household, facts: Iterable[str]) -> Text:
        """What a household has of some facts and tables."""
        return _listed(self._fact(fact, self._value(found, fact)) for fact in facts)

    def grades(self, found: Household) -> dict[str, Graded]:
        """What all tables answered, those of charges for the charge singled out."""
        charges = (charge for charge in found.result.charges if found.charge and charge.id == found.charge.charge.id)
        return {**found.result.grades, **next((charge.grades for charge in charges), {})}

    def _value(self, found: Household, fact: str) -> Value | Unknown:
        if of_charges := worst_of(fact):
            every = [charge.grades[of_charges] for charge in found.result.charges if charge.grades]
            return worst(self.book.tables[of_charges], every)
        grades = self.grades(found)
        return grades[fact].fact if fact in grades else found.fact(fact)

    def facts_only(self, point: Point, facts: Sequence[str]) -> Text:
        """What a point says of them, where no household was found."""
        told = self.region(point, facts)
        return told.joined(Text(f" ({_NO_HOUSEHOLD.zh})", f" ({_NO_HOUSEHOLD.en})"))

    def _fact(self, fact: str, value: Value | Unknown) -> Text:
        title, type_ = self.titles[fact], self._type(fact)
        return Text(f"{title.zh} {shown(value, type_, 'zh')}", f"{title.en} {shown(value, type_, 'en')}")

    def _type(self, fact: str) -> Type:
        table = self.book.tables.get(worst_of(fact) or fact)
        if table is not None:
            return type_of(table.output, table.hit)
        own = self.book.facts.get(fact)
        return CATALOGUE[fact].type if own is None else own.type


class Teller(Speech):
    """Tells of one table as well: an example with what the table answers it."""

    def __init__(self, view: View, table: Table) -> None:
        super().__init__(view)
        self.table = table

    def example(self, region: Region, facts: Sequence[str], confirms: Callable[[Graded], bool]) -> Text:
        """A household of the region with these facts and its answer; facts alone where none that confirms it is found.

        `confirms` says of an answer whether it is the one the finding is about.
        """
        points = list(islice(self.view.chart.space.boxes(region), _POINTS))
        for point in points:
            found = household(self.view.wishes(point), self.book, self.view.chart.on)
            graded = None if found is None else self._graded(found)
            if found is not None and graded is not None and confirms(graded):
                return self._told(found, facts, graded)
        return self.facts_only(points[0], facts)

    def _graded(self, found: Household) -> Graded | None:
        return self.grades(found).get(self.table.id)

    def _told(self, found: Household, facts: Sequence[str], graded: Graded) -> Text:
        told, answer = self.facts(found, facts), self.answer(graded)
        day = found.on.isoformat()
        return told.joined(Text(f" ({day} 试算: {answer.zh})", f" (run on {day}: {answer.en})"))

    def answer(self, graded: Graded) -> Text:
        """What the table said, or why it said nothing."""
        if graded.cause == "overlap":
            return _SEVERAL
        if isinstance(graded.value, Unknown):
            return Text("无法确定", "undetermined")
        if not graded.rows and self.table.hit not in ("sum", "collect"):
            return _NO_ROW
        if self.table.output.kind == "role":  # roles have their titles elsewhere
            return Text(*(shown(graded.fact, self._type(self.table.id), lang) for lang in _BOTH))
        return Text(*(answer_shown(graded.value, self.table.output, lang) for lang in _BOTH))


_BOTH: tuple[Lang, Lang] = ("zh", "en")


def _listed(parts: Iterator[Text]) -> Text:
    told = list(parts)
    return Text(", ".join(part.zh for part in told), ", ".join(part.en for part in told))


def _worsts(book: RuleBook) -> dict[str, Text]:
    return {
        f"worst({table.id})": Text(f"最差的{table.title.zh}", f"worst {table.title.en}")
        for table in book.tables.values()
        if table.of == "charge"
    }
