"""Where answers differ, in prose: what the households have in common, in the words of both books."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from dunning.basis.finding import Text
from dunning.check.chart import Chart, View
from dunning.model.boxes import Point
from dunning.model.condition import ALWAYS, All, Any, Check, Condition, Not
from dunning.model.prose import prose
from dunning.model.rulebook import RuleBook
from dunning.output.phrases import BOTH, Phrases

_OLD = Text("(旧)", " (old)")
_NEW = Text("(新)", " (new)")
_EVERYBODY = Text("所有的户", "all households")


class Speaker:
    """Tells points of a chart of two books.

    What both mean the same by has its usual name; a table or fact that they do not is told by what each of them says.
    """

    def __init__(self, chart: Chart) -> None:
        self.old, self.new = chart.views
        phrases = [Phrases(view.book) for view in chart.views]
        self.titles = {**phrases[0].titles, **phrases[1].titles}
        for view in chart.views:
            self.titles |= worsts(view.book)
        self.words = {**phrases[0].words, **phrases[1].words}

    def where(self, point: Point, old_facts: Sequence[str], new_facts: Sequence[str]) -> Text:
        """What a point says of the facts that the one or the other reads."""
        told = [*self._told(self.old, point, old_facts, _OLD), *self._told(self.new, point, new_facts, _NEW)]
        parts = [part for place, part in enumerate(told) if part not in told[:place]]
        if not parts:
            return _EVERYBODY
        whole: Condition = parts[0] if len(parts) == 1 else All(tuple(parts))
        return Text(*(prose(whole, self.titles, lang, self.words) for lang in BOTH))

    def _told(self, view: View, point: Point, facts: Iterable[str], mark: Text) -> Iterator[Condition]:
        for fact in facts:
            part = view.told(point, (fact,))
            if part == ALWAYS:
                continue
            if not self._agreed(fact):
                marked = fact + mark.en
                self.titles[marked] = self.titles[fact].joined(mark)
                self.words[marked] = view.book.tables[fact].output.words if fact in view.book.tables else {}
                part = _renamed(part, marked)
            yield part

    def _agreed(self, fact: str) -> bool:
        """Whether both books mean the same by it, or only one has it."""
        if fact not in self.old.names or fact not in self.new.names:
            return True
        one, other = ([axis.number for axis in view.axes(fact)] for view in (self.old, self.new))
        return one == other


def worsts(book: RuleBook) -> dict[str, Text]:
    """What the worst answers of charge tables are called."""
    return {
        f"worst({table.id})": Text(f"最差的{table.title.zh}", f"worst {table.title.en}")
        for table in book.tables.values()
        if table.of == "charge"
    }


def _renamed(condition: Condition, fact: str) -> Condition:
    match condition:
        case Check():
            return replace(condition, fact=fact)
        case Not(part):
            return Not(_renamed(part, fact))
        case All(parts):
            return All(tuple(_renamed(part, fact) for part in parts))
        case Any(parts):
            return Any(tuple(_renamed(part, fact) for part in parts))
