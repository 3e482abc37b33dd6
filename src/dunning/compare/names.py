"""What tables, answers, steps and reasons are called in a difference, whichever of the books has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from dunning.basis.finding import Text
from dunning.compare.difference import Difference
from dunning.compare.impact import UNDETERMINED
from dunning.engine.known.tables import NONE
from dunning.engine.steps.candidates import Code
from dunning.model.action import ROLES
from dunning.model.rulebook import Table
from dunning.model.shown import answer_shown
from dunning.output.phrases import BOTH, plain
from dunning.output.why import CODES

_NOT_APPLICABLE = Text("不适用", "does not apply")
_STATUSES = {
    "assessed": Text("已评估", "assessed"),
    "not_applicable": Text("无适用规则", "no rules apply"),
    "rejected": Text("拒收", "rejected"),
}


class Names:
    """Names by the new books first."""

    def __init__(self, difference: Difference) -> None:
        books = [book for compared in difference.books for book in (compared.new, compared.old) if book is not None]
        self.books = tuple(books)

    def tables(self) -> Iterator[str]:
        """The ids of all tables, each once, as the books list them."""
        yield from dict.fromkeys(name for book in self.books for name in book.tables)

    def table(self, name: str) -> Text:
        found = self._table(name)
        return plain(name) if found is None else Text(found.title.zh, name)

    def answer(self, table: str, answer: str) -> Text:
        """An answer as it is counted: a word with its title; empty where the table does not apply."""
        if not answer:
            return _NOT_APPLICABLE
        if answer == UNDETERMINED:
            return Text("无法确定", "undetermined")
        found = self._table(table, answer)
        if found is None:
            return plain(answer)
        if found.output.kind == "role":
            return ROLES.get(answer, plain(answer))
        if answer == NONE and NONE not in found.output.words:
            return Text("没有结果", "no answer")
        return Text(*(answer_shown(answer, found.output, lang) for lang in BOTH))

    def rank(self, table: str, answer: str) -> tuple[int, str]:
        """The place of an answer among the table's: as it lists them, then the rest, undetermined last."""
        found = self._table(table, answer)
        words = list(found.output.words) if found is not None else []
        if found is not None and found.output.kind == "role":
            words = list(ROLES)
        if answer in words:
            return words.index(answer), answer
        return len(words) + (answer == UNDETERMINED) + 2 * (not answer), answer

    def step(self, name: str) -> Text:
        step = next((found for book in self.books if (found := book.step(name)) is not None), None)
        if step is None or step.title.zh in ("", name):
            return plain(name)
        return Text(step.title.zh, name)

    def code(self, code: str) -> Text:
        return CODES.get(cast(Code, code), plain(code))

    def status(self, status: str) -> Text:
        return _STATUSES.get(status, plain(status))

    def _table(self, name: str, answer: str = "") -> Table | None:
        """The table of that id, one that has the answer before one that has not."""
        found = [book.tables[name] for book in self.books if name in book.tables]
        return next((table for table in found if answer in table.output.words), found[0] if found else None)
