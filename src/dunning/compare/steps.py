"""Steps of two books: those that are new, gone, moved or renamed, and whom their conditions take in now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dunning.basis.finding import Text
from dunning.check.asked import Subject
from dunning.check.chart import Chart
from dunning.compare.difference import Change, Move, Part, Witness
from dunning.compare.occasions import of_step
from dunning.compare.parts import Sides, flipped, meaning, only, parts
from dunning.compare.regions import shifts_of_condition
from dunning.compare.speaker import Speaker
from dunning.compare.tables import WITNESSES, table_called, wishes_at
from dunning.compare.witnesses import Trial, grade_of, witness
from dunning.engine.known.compile import worst_of
from dunning.engine.known.logic import truth
from dunning.engine.result import Assessment
from dunning.model.boxes import UndecidedError
from dunning.model.condition import Unknown, Value, facts_of
from dunning.model.steps import By, Step
from dunning.output.phrases import NOTHING, Phrases, joined, label
from dunning.output.why import CODES

_TAKEN = Text("符合条件", "takes them in")
_LEFT = Text("不符合条件", "leaves them out")


@dataclass(frozen=True, slots=True)
class Steps:
    """One list of steps (`reminders`, `ladder.steps`) in both books; `moved` are tables that answer otherwise."""

    trial: Trial
    sides: Sides
    section: str
    old: Sequence[Step]
    new: Sequence[Step]
    names: Mapping[str, str]
    moved: Sequence[str]

    def compared(self) -> Iterator[tuple[Change, bool]]:
        """Each step that differs, and whether it does in meaning; then those whose order is another."""
        before = {self.names.get(step.id, step.id): step for step in self.old}
        after = {step.id: step for step in self.new}
        for step in self.new:
            if step.id not in before:
                yield self._alone(step, self.sides.new, gone=False), True
            else:
                yield from self._pair(before[step.id], step)
        for name, step in before.items():
            if name not in after:
                yield self._alone(step, self.sides.old, gone=True), True
        both = [[name for name in names if name in before and name in after] for names in (before, after)]
        if both[0] != both[1]:
            orders = (self._order(names, side) for names, side in zip(both, self.sides, strict=True))
            yield (
                Change(clause=self.section, title=SECTIONS[self.section], how="moved", parts=(Part(_ORDER, *orders),)),
                True,
            )

    def _order(self, names: Sequence[str], phrases: Phrases) -> Text:
        back = {new: old for old, new in self.names.items()}
        told = [phrases.step(back.get(name, name) if phrases is self.sides.old else name) for name in names]
        return Text(" → ".join(each.zh for each in told), " → ".join(each.en for each in told))

    def _alone(self, step: Step, phrases: Phrases, *, gone: bool) -> Change:
        said = only(step, phrases)
        clause, title = f"{self.section}.{step.id}", self._title(step)
        if gone:
            return Change(clause=clause, title=title, how="removed", parts=tuple(flipped(said)), old_at=step.at)
        return Change(clause=clause, title=title, how="added", parts=tuple(said), new_at=step.at)

    def _title(self, step: Step) -> Text:
        kind = SECTIONS[self.section]
        return Text(f"{kind.zh}“{step.title.zh}” ({step.id})", f"{kind.en} {step.id}")

    def _pair(self, old: Step, new: Step) -> Iterator[tuple[Change, bool]]:
        meant, read = parts(old, new, self.sides, leave=("when",))
        if old.id != new.id:
            meant = [part for part in meant if part.what != label("id")]
            read = [*read, Part(label("renamed"), Text(old.id, old.id), Text(new.id, new.id))]
        written = meaning(old.when) != meaning(new.when)
        reads = tuple(self._reads(new))
        moves: list[Move] = []
        undecided = False
        if written or reads:
            try:
                moves = list(self._moves(old, new))
            except UndecidedError:
                undecided = True
        if written:
            when = Part(
                label("when"), *(side.value(step, "when") for side, step in zip(self.sides, (old, new), strict=True))
            )
            (meant if moves or undecided else read).append(when)
        if meant and not moves and not undecided:
            moves = of_step(self.trial, old, new)
        taken = [self._taken(new, name) for name in reads if self._takes(new, name)]
        differs = bool(meant or moves or undecided or taken)
        if differs or read:
            follows = differs and not meant
            called = tuple(table_called(self.trial.new.tables[name]) for name in reads if follows)
            yield (
                Change(
                    clause=f"{self.section}.{new.id}",
                    title=self._title(new),
                    how="follows" if follows else "changed",
                    parts=(*meant, *read, *taken),
                    moves=tuple(moves),
                    because=called,
                    undecided=undecided,
                    old_at=old.at,
                    new_at=new.at,
                ),
                differs,
            )

    def _reads(self, step: Step) -> Iterator[str]:
        """The tables a step stands on that answer otherwise now."""
        until = () if step.repeat is None or step.repeat.until is None else facts_of(step.repeat.until)
        named = [worst_of(fact) or fact for fact in (*facts_of(step.when), *until)]
        named += [by.table for by in (step.role, step.template, step.tone) if isinstance(by, By)]
        yield from (name for name in dict.fromkeys(named) if name in self.moved)

    def _takes(self, step: Step, table: str) -> bool:
        """Whether something but its condition is taken from a table."""
        until = () if step.repeat is None or step.repeat.until is None else facts_of(step.repeat.until)
        return table in until or By(table) in (step.role, step.template, step.tone)

    def _taken(self, step: Step, table: str) -> Part:
        """What is taken from a table that answers otherwise."""
        names = {"role": step.role, "template": step.template, "tone": step.tone}
        keys = [label(name) for name, value in names.items() if value == By(table)] or [label("repeat")]
        title = self.sides.new.titles[table]
        changed = Text(f"按表“{title.zh}”, 表的结果变了", f"by table {table}, whose answers changed")
        return Part(joined(keys), NOTHING, changed)

    # Whom the condition takes in

    def _moves(self, old: Step, new: Step) -> Iterator[Move]:
        conditions = (old.when, new.when)
        books = (self.trial.old, self.trial.new)
        chart = Chart(
            *(Subject(book, conditions=(when,)) for book, when in zip(books, conditions, strict=True)), on=self.trial.on
        )
        speaker = Speaker(chart)
        looked = 0
        for shift in shifts_of_condition(chart, *conditions):
            for place, box in enumerate(shift.boxes):
                shows = None
                if looked < WITNESSES:
                    looked += 1
                    shows = self._witness(chart, box, old, new, shift.old is True)
                where = speaker.where(box, facts_of(old.when), facts_of(new.when))
                last = place == len(shift.boxes) - 1
                ends = (_TAKEN, _LEFT) if shift.old is True else (_LEFT, _TAKEN)
                yield Move(where, *ends, shows, more=last and not shift.whole)

    def _witness(self, chart: Chart, box: tuple[int, ...], old: Step, new: Step, was: bool) -> Witness | None:
        tell = (_Stands(old, was), _Stands(new, not was))
        facts = tuple(dict.fromkeys((*facts_of(old.when), *facts_of(new.when))))
        for wishes in wishes_at(chart, box):
            if found := witness(self.trial, wishes, facts, tell):
                return found
        return None


@dataclass(frozen=True, slots=True)
class _Stands:
    """Tells how a household stands with a step; nothing where its condition is not as expected."""

    step: Step
    taken: bool

    def __call__(self, result: Assessment, charge: str | None) -> Text | None:
        if truth(self.step.when, _facts(result, charge)) is not self.taken:
            return None
        verdict = _TAKEN if self.taken else _LEFT
        if any(one.step == self.step.id and one.charge in (None, charge) for one in result.actions):
            return Text(f"{verdict.zh}, 当天要做", f"{verdict.en}; due that day")
        held = [one for one in result.withheld if one.step == self.step.id and one.charge in (None, charge)]
        codes = dict.fromkeys(code for one in held for code in one.codes if code != "condition")
        why = joined(CODES[code] for code in codes)
        if not self.taken or why == NOTHING:
            return verdict
        return Text(f"{verdict.zh}, 当天不做: {why.zh}", f"{verdict.en}; not that day: {why.en}")


def _facts(result: Assessment, charge: str | None) -> Callable[[str], Value | Unknown]:
    """The facts and answers of an account, those of charges for the charge singled out."""
    single = next((each for each in result.charges if each.id == charge), None)

    def read(fact: str) -> Value | Unknown:
        graded = grade_of(result, fact, charge)
        if graded is not None:
            return graded.fact
        if single is not None and fact in single.facts:
            return single.facts[fact]
        try:
            return result.value(fact)
        except KeyError:
            return Unknown((fact,))

    return read


_ORDER = Text("次序", "order")
SECTIONS: Mapping[str, Text] = {
    "reminders": Text("提醒", "reminder"),
    "ladder.steps": Text("阶梯步骤", "rung"),
}
