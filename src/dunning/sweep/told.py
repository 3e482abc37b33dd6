"""A sweep as tables in text, and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dunning.basis.finding import Finding, Lang, Text
from dunning.basis.money import yuan
from dunning.compare.impact_told import Cell, Sheet, grid, money, number
from dunning.lang.text.keys import english, spelled
from dunning.model.rulebook import RuleBook
from dunning.output.screens import findings_json
from dunning.sweep.counted import Count
from dunning.sweep.params import Param
from dunning.sweep.swept import Sweep
from dunning.sweep.variants import TODAY


class Told:
    """The tables of a sweep in one language."""

    def __init__(self, swept: Sweep, lang: Lang) -> None:
        self.swept = swept
        self.lang: Lang = lang
        self.places = swept.in_order()

    def say(self, zh: str, en: str) -> str:
        return Text(zh, en).to(self.lang)

    def title(self) -> str:
        names = self.say("、", ", ").join(self.param_name(each) for each in self.swept.params)
        return self.say(f"改动 {names} 会怎样", f"what comes of changing {names}")

    def param_name(self, param: Param) -> str:
        """Its path, with the keys in the reader's language."""
        return ".".join(spelled(english(each)[0], self.lang) for each in param.path)

    def setting(self) -> str:
        swept = self.swept
        return self.say(
            f"{swept.households:,} 户, 按 {swept.on} 计算; “现在”是规则里现在的值",
            f"{swept.households:,} households, on {swept.on}; `now` is the value the rules have",
        )

    def sheets(self) -> Iterator[Sheet]:
        yield self.summary()
        swept = self.swept
        for book, table in swept.tables():
            if swept.moves(book, table):
                yield self.grades(book, table)
        if swept.steps():
            yield self.steps()

    def name(self, place: int) -> str:
        """What a variant is called: its values, today's marked."""
        values = " · ".join(self.swept.variants[place].values)
        return f"{values} {self.say('(现在)', '(now)')}" if place == TODAY else values

    def flagged(self, place: int) -> str:
        variant = self.swept.variants[place]
        found = variant.against_law or variant.findings
        codes = "、".join(dict.fromkeys(each.code for each in found))
        return f"✗ {codes}" if variant.against_law else codes

    def summary(self) -> Sheet:
        swept = self.swept
        heads = ["", self.say("逾期欠费(元)", "arrears (yuan)"), self.say("违约金(元)", "late fee (yuan)")]
        heads += [self.say("欠费户", "in arrears")]
        if swept.actions != "none":
            heads.append(self.due())
        heads.append(self.say("检查", "check"))
        rows = [tuple(self._summed(place)) for place in self.places]
        marked = frozenset((row, 0) for row, place in enumerate(self.places) if place == TODAY)
        return Sheet(self.say("总数", "as a whole"), tuple(heads), tuple(rows), marked, self._unsure())

    def due(self) -> str:
        if self.swept.actions == "week":
            return self.say("一周内要做", "actions of a week")
        return self.say("当天要做", "actions that day")

    def _summed(self, place: int) -> Iterator[Cell]:
        count = self.swept.counts[place]
        yield Cell(self.name(place))
        yield number(money(count.arrears))
        yield number(money(count.late_fee))
        yield number(f"{count.in_arrears:,}")
        if self.swept.actions != "none":
            yield number(f"{count.actions_in_all or 0:,}")
        yield Cell(self.flagged(place))

    def _unsure(self) -> str:
        count = self.swept.today
        if not (count.arrears_unknown or count.fee_undetermined):
            return ""
        return self.say(
            f"不在内: 欠费说不清的 {count.arrears_unknown:,} 户, 违约金说不清的 {count.fee_undetermined:,} 户",
            f"left out: {count.arrears_unknown:,} whose arrears, {count.fee_undetermined:,} whose fee nobody knows",
        )

    def grades(self, book: RuleBook, table: str) -> Sheet:
        swept = self.swept
        answers = swept.answers(book, table)
        heads = ("", *(swept.answer_title(book, table, word, self.lang) for word in answers))
        rows = []
        for place in self.places:
            counts = [swept.of(swept.counts[place], book, table, word) for word in answers]
            rows.append((Cell(self.name(place)), *(number(f"{each:,}") for each in counts)))
        marked = frozenset((row, 0) for row, place in enumerate(self.places) if place == TODAY)
        return Sheet(self.table_title(book, table), heads, tuple(rows), marked)

    def table_title(self, book: RuleBook, table: str) -> str:
        title = book.tables[table].title.to(self.lang)
        return f"{title} ({book.title})" if len(self.swept.books) > 1 else title

    def steps(self) -> Sheet:
        swept = self.swept
        rows = [
            (
                Cell(swept.step_title(name).to(self.lang)),
                *(number(f"{swept.counts[place].due(name):,}") for place in self.places),
            )
            for name in swept.steps()
        ]
        heads = ("", *(self.name(place) for place in self.places))
        return Sheet(self.say("按步骤", "by step"), heads, tuple(rows))

    def unmoved(self) -> str:
        """The tables that grade everybody as they do today."""
        swept = self.swept
        same = [self.table_title(*each) for each in swept.tables() if not swept.moves(*each)]
        names = self.say("、", ", ").join(dict.fromkeys(same))
        return self.say(f"没有户变动的表: {names}", f"tables in which nobody moves: {names}") if same else ""

    def still(self) -> str:
        """The sums that are the same under all variants."""
        counts = self.swept.counts
        sums = {
            self.say("逾期欠费", "arrears"): {each.arrears for each in counts},
            self.say("违约金", "late fee"): {each.late_fee for each in counts},
            self.say("欠费户", "households in arrears"): {each.in_arrears for each in counts},
        }
        if self.swept.actions != "none":
            sums[self.due()] = {each.actions_in_all or 0 for each in counts}
        same = [name for name, values in sums.items() if len(values) == 1]
        return self.say("没有变的: ", "the same throughout: ") + self.say("、", ", ").join(same) if same else ""

    def doubts(self) -> Iterator[tuple[str, Finding]]:
        """What `check` says of a variant and not of the rules as they are; what is against the law first."""
        for law in (True, False):
            for place in self.places:
                variant = self.swept.variants[place]
                for finding in variant.against_law if law else variant.findings:
                    yield self.name(place), finding


def sweep_text(swept: Sweep, *, lang: Lang = "zh") -> str:
    """The sweep as tables."""
    told = Told(swept, lang)
    lines = [told.title(), told.setting()]
    for sheet in told.sheets():
        lines += ["", sheet.title, *(f"  {line}" for line in grid(sheet))]
        if sheet.note:
            lines.append(f"  {sheet.note}")
    if unmoved := told.unmoved():
        lines += ["", unmoved]
    doubts = [f"  {name}: {each.code} {each.message(lang)}; {each.why(lang)}" for name, each in told.doubts()]
    if doubts:
        lines += ["", told.say("检查说", "what check says"), *doubts]
    return "\n".join(lines) + "\n"


def sweep_dict(swept: Sweep, *, lang: Lang = "zh") -> dict[str, Any]:
    """The same as plain data with stable keys; amounts in yuan as text."""
    return {
        "on": swept.on.isoformat(),
        "households": swept.households,
        "params": [{"path": each.name, "book": each.book or None} for each in swept.params],
        "actions": swept.actions,
        "variants": [
            {
                "values": list(variant.values),
                "now": place == TODAY,
                **_counted(count),
                "against_law": findings_json(variant.against_law, lang),
                "findings": findings_json(variant.findings, lang),
            }
            for place, (variant, count) in enumerate(zip(swept.variants, swept.counts, strict=True))
        ],
    }


def _counted(count: Count) -> dict[str, Any]:
    grades: dict[str, dict[str, dict[str, int]]] = {}
    for (book, table, word), households in sorted(count.grades.items()):
        grades.setdefault(book, {}).setdefault(table, {})[word] = households
    return {
        "in_arrears": count.in_arrears,
        "arrears": yuan(count.arrears),
        "arrears_unknown": count.arrears_unknown,
        "late_fee": yuan(count.late_fee),
        "fee_undetermined": count.fee_undetermined,
        "grades": grades,
        "steps": None if count.actions is None else dict(sorted(count.actions.items())),
        "paths": dict(sorted(count.paths.items())),
    }
