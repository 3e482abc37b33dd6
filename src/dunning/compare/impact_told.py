"""What becomes of a portfolio, as lines and as data: matrices of answers, money to the fen, steps, reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from dunning.basis.finding import Lang, Text
from dunning.basis.money import Fen, yuan
from dunning.basis.width import width
from dunning.compare.impact import BeforeAfter, Impact, Money
from dunning.compare.names import Names


class Cell(NamedTuple):
    """One cell of a table: its text, whether it is a number."""

    text: str
    number: bool = False


class Sheet(NamedTuple):
    """A small table: its title, its heads, its rows; `marked` are the (row, column) where something moves."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    marked: frozenset[tuple[int, int]] = frozenset()
    note: str = ""


HEADLINE = Text("对实际住户的影响", "what becomes of real households")
_REASONS = 40
"""Reasons told, the most frequent ones; in the data are all."""


class Told:
    """The sums of a portfolio in one language."""

    def __init__(self, impact: Impact, names: Names, lang: Lang) -> None:
        self.impact = impact
        self.names = names
        self.lang: Lang = lang

    def say(self, zh: str, en: str) -> str:
        return Text(zh, en).to(self.lang)

    def summary(self) -> Sheet:
        """Households and money as a whole."""
        impact = self.impact
        total, heads = impact.total, ("", *self._before_after(), self.say("相差", "difference"))
        rows = [
            self._row(self.say("逾期欠费(元)", "arrears (yuan)"), total.before.arrears, total.after.arrears),
            self._row(self.say("违约金(元)", "late fee (yuan)"), total.before.late_fee, total.after.late_fee),
        ]
        if impact.undetermined["before"] or impact.undetermined["after"]:
            name = self.say("违约金无法确定(户)", "late fee undetermined")
            rows.append(self._counted(name, impact.undetermined["before"], impact.undetermined["after"]))
        for status in dict.fromkeys(status for pair in impact.statuses for status in pair):
            before, after = (sum(n for pair, n in impact.statuses.items() if pair[k] == status) for k in (0, 1))
            rows.append(self._counted(self._status(status), before, after))
        if impact.rejected:
            rows.append(self._counted(self._status("rejected"), impact.rejected, impact.rejected))
        other = f"{impact.fee_changed:,}"
        note = self.say(f"违约金变了的有 {other} 户", f"{other} households with another late fee")
        title = self.say(f"{impact.households:,} 户", f"{impact.households:,} households")
        return Sheet(title, heads, tuple(rows), note=note)

    def _status(self, status: str) -> str:
        return self.names.status(status).to(self.lang) + self.say("(户)", "")

    def _before_after(self) -> tuple[str, str]:
        return self.say("旧", "before"), self.say("新", "after")

    def _row(self, name: str, before: Fen, after: Fen) -> tuple[Cell, ...]:
        return Cell(name), number(money(before)), number(money(after)), number(signed(after - before))

    def _counted(self, name: str, before: int, after: int) -> tuple[Cell, ...]:
        apart = f"{after - before:+,}" if after != before else ""
        return Cell(name), number(f"{before:,}"), number(f"{after:,}"), number(apart)

    # Answers

    def tables(self) -> list[str]:
        """The tables in which somebody moves."""
        moved = {table for (table, old, new) in self.impact.moves if old != new}
        return [name for name in self.names.tables() if name in moved]

    def matrix(self, table: str) -> Sheet:
        """Who moves from which answer (rows) to which (columns)."""
        counts = {(old, new): n for (name, old, new), n in self.impact.moves.items() if name == table}
        olds, news = (self._ranked(table, (pair[k] for pair in counts)) for k in (0, 1))
        heads = (self.say("旧 ＼ 新", "before \\ after"), *(self._answer(table, new) for new in news))
        rows, marked = [], set()
        for place, old in enumerate(olds):
            cells = [Cell(self._answer(table, old))]
            for column, new in enumerate(news, 1):
                count = counts.get((old, new), 0)
                cells.append(number(f"{count:,}" if count else "·"))
                if count and old != new:
                    marked.add((place, column))
            rows.append(tuple(cells))
        moved = sum(n for (old, new), n in counts.items() if old != new)
        name = self.names.table(table).to(self.lang)
        title = self.say(f"{name}: {moved:,} 户变了", f"{name}: {moved:,} households move")
        return Sheet(title, heads, tuple(rows), frozenset(marked))

    def movers(self, table: str) -> Iterator[str]:
        """Each move with some of its households."""
        moves = [(move, n) for move, n in self.impact.moves.items() if move[0] == table and move[1] != move[2]]
        for (name, old, new), n in sorted(moves, key=lambda each: -each[1]):
            some = self.impact.who[name, old, new]
            more = " …" if n > len(some) else ""
            listed = self.say("、", ", ").join(some)
            yield f"{self._answer(table, old)} → {self._answer(table, new)}  {n:,}: {listed}{more}"

    def grades(self, table: str) -> Sheet:
        """The money of each answer before and after."""
        heads = (
            self.names.table(table).to(self.lang), self.say("户数 旧", "households before"), self.say("新", "after"),
            self.say("逾期欠费(元) 旧", "arrears (yuan) before"), self.say("新", "after"),
            self.say("违约金(元) 旧", "late fee (yuan) before"), self.say("新", "after"),
        )  # fmt: skip
        rows = []
        for answer in self._ranked(table, (answer for name, answer in self.impact.grades if name == table)):
            both = self.impact.grades[table, answer]
            pairs = [(each.count, each.arrears, each.late_fee) for each in (both.before, both.after)]
            told = [number(f"{pairs[0][0]:,}"), number(f"{pairs[1][0]:,}")]
            told += [number(money(pairs[side][kind])) for kind in (1, 2) for side in (0, 1)]
            rows.append((Cell(self._answer(table, answer)), *told))
        return Sheet(self.say("金额", "money"), heads, tuple(rows))

    def _answer(self, table: str, answer: str) -> str:
        return self.names.answer(table, answer).to(self.lang)

    def _ranked(self, table: str, answers: Iterable[str]) -> list[str]:
        return sorted(dict.fromkeys(answers), key=lambda answer: self.names.rank(table, answer))

    # Steps

    def steps(self) -> Sheet | None:
        """Steps due on the day: added and dropped; None where none is."""
        impact = self.impact
        counters = (impact.steps_before, impact.steps_after, impact.steps_added, impact.steps_dropped)
        moved = impact.steps_added + impact.steps_dropped
        if not moved:
            return None
        heads = (
            self.say("步骤", "step"),
            *self._before_after(),
            self.say("增加", "added"),
            self.say("减少", "dropped"),
        )
        rows = [
            (Cell(self.names.step(name).to(self.lang)), *(number(f"{counter[name]:,}") for counter in counters))
            for name, _ in moved.most_common()
        ]
        return Sheet(self.say("当天要做的步骤", "steps due that day"), heads, tuple(rows))

    def reasons(self) -> Sheet | None:
        """Why steps are withheld: for how many households a reason is new, and for how many it is gone."""
        new, gone = self.impact.reasons_new, self.impact.reasons_gone
        if not new and not gone:
            return None
        because = self.say("不做的原因", "withheld because")
        heads = (self.say("步骤", "step"), because, self.say("新有", "new"), self.say("没有了", "gone"))
        rows = [
            (
                Cell(self.names.step(step).to(self.lang)),
                Cell(self.names.code(code).to(self.lang)),
                number(f"{new[step, code]:,}"),
                number(f"{gone[step, code]:,}"),
            )
            for (step, code), _ in (new + gone).most_common(_REASONS)
        ]
        return Sheet(self.say("不做的原因", "reasons for not doing"), heads, tuple(rows))

    def sheets(self) -> Iterator[tuple[Sheet, list[str]]]:
        """Everything in the order it is read, with the lines under each table."""
        yield self.summary(), []
        for table in self.tables():
            yield self.matrix(table), list(self.movers(table))
            yield self.grades(table), []
        for sheet in (self.steps(), self.reasons()):
            if sheet is not None:
                yield sheet, []


def number(text: str) -> Cell:
    return Cell(text, number=True)


def money(fen: Fen) -> str:
    """12,345.67, or -12,345.67."""
    sign, size = "-" if fen < 0 else "", abs(fen)
    return f"{sign}{size // 100:,}.{size % 100:02d}"


def signed(fen: Fen) -> str:
    return f"+{money(fen)}" if fen > 0 else money(fen) if fen else ""


def grid(sheet: Sheet) -> Iterator[str]:
    """A table as text, its columns one under another."""
    numbers = [all(row[place].number for row in sheet.rows) for place, _ in enumerate(sheet.heads)]
    heads = tuple(Cell(head, is_number) for head, is_number in zip(sheet.heads, numbers, strict=True))
    rows = [heads, *sheet.rows]
    widths = [max(width(row[place].text) for row in rows) for place, _ in enumerate(heads)]
    for row in rows:
        yield "  ".join(_padded(cell, size) for cell, size in zip(row, widths, strict=True)).rstrip()


def _padded(cell: Cell, size: int) -> str:
    blanks = " " * (size - width(cell.text))
    return blanks + cell.text if cell.number else cell.text + blanks


# As data


def impact_dict(impact: Impact) -> dict[str, Any]:
    """The same as plain data: amounts as decimal yuan, answers and steps by their ids."""
    moves: dict[str, list[dict[str, Any]]] = {}
    for (table, old, new), count in impact.moves.items():
        moves.setdefault(table, []).append(
            {"old": old, "new": new, "count": count, "accounts": impact.who.get((table, old, new), [])}
        )
    money_of: dict[str, dict[str, Any]] = {}
    for (table, answer), both in impact.grades.items():
        money_of.setdefault(table, {})[answer] = _both(both)
    return {
        "households": impact.households,
        "rejected": impact.rejected,
        "status": [{"old": old, "new": new, "count": count} for (old, new), count in impact.statuses.items()],
        "total": _both(impact.total),
        "moved": impact.moved,
        "late_fee_changed": impact.fee_changed,
        "late_fee_undetermined": {name: impact.undetermined[name] for name in ("before", "after")},
        "moves": moves,
        "money": money_of,
        "steps": {name: _step(impact, name) for name in sorted(impact.steps_before | impact.steps_after)},
        "reasons": [
            {"step": step, "code": code, "new": impact.reasons_new[step, code], "gone": impact.reasons_gone[step, code]}
            for step, code in sorted({*impact.reasons_new, *impact.reasons_gone})
        ],
    }


def _step(impact: Impact, name: str) -> dict[str, int]:
    before, after = impact.steps_before[name], impact.steps_after[name]
    return {"before": before, "after": after, "added": impact.steps_added[name], "dropped": impact.steps_dropped[name]}


def _both(both: BeforeAfter) -> dict[str, Any]:
    return {"before": _money(both.before), "after": _money(both.after)}


def _money(of: Money) -> dict[str, Any]:
    return {"count": of.count, "arrears": yuan(of.arrears), "late_fee": yuan(of.late_fee)}
