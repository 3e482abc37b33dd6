"""Rows to copy into a table, written the way its file is written: as a line of the grid, or as `when` and `then`.

A finding that ends in a line to copy is mended in a minute; one that ends in advice is put off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dunning.basis.finding import Text
from dunning.basis.span import Span
from dunning.check.chart import View
from dunning.engine.known.titles import titles_of
from dunning.lang.text.keys import Keys, english, spelled
from dunning.model.boxes import Point
from dunning.model.condition import All, Check, Condition, OneOf, Test
from dunning.model.prose import prose_test
from dunning.model.rulebook import Row, Table
from dunning.model.shown import answer_text

_REST = "否则"


class Copyist:
    """Writes rows for one table; `lines` are those of its file."""

    def __init__(self, view: View, table: Table, lines: Sequence[str]) -> None:
        self.view = view
        self.table = table
        self.titles = titles_of(view.book)
        self.lines = lines
        self.keys = _language(lines)
        self.heads = self._heads()

    def row(self, point: Point, facts: Sequence[str], then: str) -> str:
        """A row for the households of a point; empty where its facts need more than one test each."""
        tests = self.tests(self.view.told(point, facts))
        if tests is None:
            return ""
        if self.heads:
            return self._in_grid({**{self.titles[fact].zh: test for fact, test in tests.items()}, **tests}, then)
        return f"- {{{self._key('when')}: {self._when(tests)}, {self._key('then')}: {then}}}"

    def rest(self, then: str) -> str:
        """The row for the rest."""
        if self.heads:
            first = next(head for head in self.heads if not head.startswith("=>"))
            return self._in_grid({first: _REST}, then)
        return f"- {{{self._key('else')}: {then}}}"

    def condition(self, condition: Condition) -> str:
        """What stands after `when`, on one line; empty where one fact needs more than one test."""
        tests = self.tests(condition)
        return "" if tests is None else f"{self._key('when')}: {self._when(tests)}"

    def then(self, row: Row) -> str:
        """What a row answers, as it is written."""
        return str(answer_text(row.then.steps[-1][1], self.table.output))

    def tests(self, condition: Condition) -> dict[str, str] | None:
        """The tests of a condition by fact, as people write them; None if it is no plain list of tests."""
        parts = condition.parts if isinstance(condition, All) else (condition,)
        checks = [part for part in parts if isinstance(part, Check)]
        if len(checks) < len(parts) or len({each.fact for each in checks}) < len(checks):
            return None
        return {each.fact: _written(each.test) for each in checks}

    def _when(self, tests: Mapping[str, str]) -> str:
        return "{" + ", ".join(f"{fact}: {test}" for fact, test in tests.items()) + "}"

    def _key(self, key: str) -> str:
        return spelled(key, self.keys)

    def _in_grid(self, cells: Mapping[str, str], then: str) -> str:
        return " | ".join(then if head.startswith("=>") else cells.get(head, "") for head in self.heads).rstrip()

    def _heads(self) -> list[str]:
        """The heads of the table's grid, if it is one: they stand on the line above its first row."""
        first = self.table.rows[0].at if self.table.rows else None
        above = self._line(first.line - 1) if isinstance(first, Span) else ""
        if "=>" not in above or not set(above.strip()) - set("|-: +"):
            return []
        return [head.strip() for head in above.strip().strip("|").split("|")]

    def _line(self, number: int) -> str:
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


def _language(lines: Sequence[str]) -> Keys:
    """The language of the file's keys, by the first of them."""
    for line in lines:
        key, colon, _ = line.partition(":")
        if colon and (found := english(key.strip())[1]) is not None:
            return found
    return "en"


def _written(test: Test) -> str:
    """A test as it stands in a cell."""
    if isinstance(test, OneOf) and not test.negated:
        return "、".join(
            "是" if value is True else "否" if value is False else text
            for value, text in zip(test.values, test.written, strict=True)
        )
    return prose_test(test, "zh")


def text(line: str) -> Text:
    """A line to copy is the same for every reader."""
    return Text(line, line)
