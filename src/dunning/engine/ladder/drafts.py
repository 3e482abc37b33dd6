"""A step on its way to being due or withheld: what its conditions read, what was done, and the codes it has gathered.

Every answer that keeps a step back is kept, so that "why was this household not contacted?" has one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from dunning.engine.known.compile import is_charge_fact, worst_of
from dunning.engine.known.contacts import Talk
from dunning.engine.known.facts import Facts
from dunning.engine.known.logic import Read, kept_out, truth
from dunning.engine.known.tables import Graded, worst
from dunning.engine.ladder import lawful
from dunning.engine.ladder.lawful import Ruled
from dunning.engine.owed.ledger import ChargeState
from dunning.engine.steps.anchors import Occurrence
from dunning.engine.steps.approvals import Agreed
from dunning.engine.steps.candidates import Code, Reason
from dunning.engine.steps.channels import Tries
from dunning.engine.steps.ready import Ready, Rung
from dunning.model.condition import Check, Unknown, Value, facts_of

Answer = Value | Unknown
Grades = Mapping[str, Graded]
ChargeGrades = Sequence[tuple[ChargeState, Grades]]


# What conditions read


class Reading(dict[str, Answer]):
    """The facts of an account by id, tables' answers among them, each found when first read."""

    def __init__(self, facts: Facts, grades: Grades, charge_grades: ChargeGrades, known: Mapping[str, Answer]) -> None:
        super().__init__(known)
        self.facts = facts
        self.grades = grades
        self.charge_grades = charge_grades

    def __missing__(self, fact: str) -> Answer:
        found = self[fact] = self._found(fact)
        return found

    def _found(self, fact: str) -> Answer:
        if fact in self.grades:
            return self.grades[fact].fact
        table = worst_of(fact)
        if table is not None:
            answers = (grades[table] for _, grades in self.charge_grades)
            return worst(self.facts.book.tables[table], answers)
        return self.facts.value(fact)


class ChargeReading(dict[str, Answer]):
    """The same for one charge: its own facts and grades, and the account's."""

    def __init__(self, account: Reading, state: ChargeState, ready: Ready) -> None:
        super().__init__()
        self.account = account
        self.state = state
        self.ready = ready
        found = [grades for graded, grades in account.charge_grades if graded is state]
        self.grades: Grades | None = found[0] if found else None

    def __missing__(self, fact: str) -> Answer:
        found = self[fact] = self._found(fact)
        return found

    def _found(self, fact: str) -> Answer:
        book = self.ready.book
        table = book.tables.get(fact)
        if table is not None and table.of == "charge":
            return self.grade(fact).fact
        if is_charge_fact(fact, book):
            return self.account.facts.charge_value(fact, self.state)
        return self.account[fact]

    def grade(self, table: str) -> Graded:
        if self.grades is not None:
            return self.grades[table]
        return self.ready.program.grade(table, self.__getitem__, self.account.facts.on)


# What was done


class Progress(NamedTuple):
    """What has been done under a step for one occurrence.

    `tried`: every attempt that counts now, failed ones included; `done`: those that completed it. `number`: how many
    there were for the same anchor. `over`: nothing more is to be done now; `until` the last day of that, where known.
    `reasons` name what is still to be recorded of an attempt.
    """

    tried: tuple[Talk, ...] = ()
    done: tuple[Talk, ...] = ()
    number: int = 0
    over: bool = False
    until: date | None = None
    tries: Tries | None = None
    reasons: tuple[Reason, ...] = ()
    lacking: tuple[str, ...] = ()


class Draft:
    """A step on its way to being due or withheld.

    `ends`: the last day of a code, where known. `unmet`: its condition was asked, and is not true.
    """

    progress: Progress = Progress()
    agreed: Agreed | None = None
    ruled: Ruled = lawful.FREE
    unmet: bool = False

    def __init__(self, rung: Rung, occurrence: Occurrence | None, charge: ChargeState | None, read: Read) -> None:
        self.rung = rung
        self.occurrence = occurrence
        self.charge = charge
        self.read = read
        self.codes: list[Code] = []
        self.reasons: list[Reason] = []
        self.ends: dict[Code, date | None] = {}

    def add(self, code: Code, reason: Reason | None = None, until: date | None = None) -> None:
        self.codes.append(code)
        if reason is not None:
            self.reasons.append(reason)
        # Of several causes the one that lasts longest counts; of one without a known end nobody knows.
        before = self.ends.get(code, date.min)
        self.ends[code] = None if until is None or before is None else max(before, until)

    @property
    def awaited(self) -> bool:
        """Whether it is open, but that the result of a contact made is still to be recorded."""
        return self.codes == ["done"] and bool(self.progress.reasons)

    def why(self) -> tuple[Reason, ...]:
        """What of its condition is not so."""
        return unmet(self.rung, self.read)


def unmet(rung: Rung, read: Read) -> tuple[Reason, ...]:
    """The tests of a step's condition that failed, or that nobody can tell."""
    part = kept_out(rung.step.when, read)
    if part is None:
        return ()
    told = [(fact, read(fact)) for fact in facts_of(part)]
    code: Code = "unknown" if truth(part, read) is None else "condition"
    at = part.at if isinstance(part, Check) else None
    return tuple(Reason(code, "fact", fact, value, at) for fact, value in told)
