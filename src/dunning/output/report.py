"""What a portfolio adds up to: households, arrears by grade and by age, late fee, rejected.

Summaries add: one a worker, merged at the end, the same whatever the number of workers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dunning.basis.finding import Text
from dunning.basis.money import Fen, yuan
from dunning.engine.law.guard import unreviewed_at
from dunning.engine.result import Assessment, ChargeResult
from dunning.model.action import ROLES
from dunning.model.condition import Unknown
from dunning.model.rulebook import RuleBook, Table

AGES: tuple[tuple[int | None, Text], ...] = (
    (30, Text("逾期1至30天", "1-30 days overdue")),
    (90, Text("31至90天", "31-90 days")),
    (180, Text("91至180天", "91-180 days")),
    (365, Text("181至365天", "181-365 days")),
    (None, Text("超过365天", "over 365 days")),
)
UNDETERMINED = "undetermined"
NO_AGE = Text("没有到期日 (期初余额)", "no due date (opening balance)")


@dataclass(slots=True)
class Bucket:
    """So many households (or charges) and what they owe, in fen."""

    count: int = 0
    arrears: Fen = 0

    def add(self, arrears: Fen, count: int = 1) -> None:
        self.count += count
        self.arrears += arrears

    def to_dict(self) -> dict[str, Any]:
        return {"count": self.count, "arrears": yuan(self.arrears)}


@dataclass(slots=True)
class Grading:
    """One table's answers over the portfolio; `titles` are those of its words, in the order of the table."""

    title: str
    titles: dict[str, str]
    answers: dict[str, Bucket] = field(default_factory=dict)

    def in_order(self) -> list[tuple[str, Bucket]]:
        """As the table lists its words; other answers after them, undetermined last."""
        rank = {word: place for place, word in enumerate(self.titles)}
        last = len(rank)
        return sorted(
            self.answers.items(),
            key=lambda entry: (entry[0] == UNDETERMINED, rank.get(entry[0], last), entry[0]),
        )


@dataclass(slots=True)
class Summary:
    """Counts and sums over assessments. Amounts are fen; `arrears` is chased principal past its due date.

    `steps` due and the first codes of those `withheld` are counted by book; law files no lawyer has reviewed
    (`unreviewed`), and books nobody has signed (`unsigned`), with the households they were applied to.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    principal_due: Fen = 0
    principal_not_due: Fen = 0
    arrears: Fen = 0
    late_fee: Fen = 0
    credit: Fen = 0
    in_arrears: int = 0
    arrears_unknown: int = 0  # households whose source lacks what arrears are made of: never counted as owing nothing
    fee_undetermined: int = 0
    provisional: int = 0
    ages: dict[str, Bucket] = field(default_factory=dict)
    gradings: dict[tuple[str, str], Grading] = field(default_factory=dict)
    steps: Counter[tuple[str, str]] = field(default_factory=Counter)
    withheld: Counter[tuple[str, str]] = field(default_factory=Counter)
    unreviewed: Counter[str] = field(default_factory=Counter)
    unsigned: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)

    @property
    def households(self) -> int:
        return sum(self.statuses.values())

    def reject(self, codes: tuple[str, ...]) -> None:
        """A row that no answer could be given for, with the codes of its findings."""
        self.statuses["rejected"] += 1
        self.rejected.update(codes[:1])

    def add(self, result: Assessment) -> None:
        self.statuses[result.status] += 1
        self.findings.update(finding.code for finding in result.findings)
        if result.status != "assessed":
            return
        balance = result.balance
        self.principal_due += balance.principal_due
        self.principal_not_due += balance.principal_not_due
        self.late_fee += balance.late_fee
        self.credit += balance.credit
        self.provisional += result.provisional
        arrears = result.facts["arrears"]
        owed = arrears if isinstance(arrears, int) else 0
        self.arrears += owed
        self.in_arrears += owed > 0
        self.arrears_unknown += isinstance(arrears, Unknown)
        self.fee_undetermined += any(charge.late_fee.assessed is None for charge in result.charges)
        # What is below the amount chased from is no arrears, so that the ages add up to them.
        chased_from = max(1, result.book.payments.chase_from) if result.book else 1
        for charge in result.charges:
            if charge.chased and charge.principal >= chased_from and (charge.overdue_days or charge.due is None):
                self.ages.setdefault(_age(charge), Bucket()).add(charge.principal)
        self._grade(result, owed)
        if result.book is not None:
            book = result.book.name
            self.steps.update((book, action.step) for action in result.actions)
            self.withheld.update((book, one.code) for one in result.withheld)
            self.unreviewed.update(unreviewed_at(result.book, result.account.place))
            if not result.book.signed:
                self.unsigned[book] += 1

    def _grade(self, result: Assessment, owed: Fen) -> None:
        book = result.book
        if book is None:
            return
        for table_id, graded in result.grades.items():
            table = book.tables[table_id]
            if table.output.kind not in ("choice", "role") or table.hit == "collect":
                continue
            grading = self.gradings.get((book.name, table_id))
            if grading is None:
                grading = self.gradings[book.name, table_id] = _grading(table)
            answer = UNDETERMINED if graded.cause else str(graded.value)
            bucket = grading.answers.get(answer)
            if bucket is None:
                bucket = grading.answers[answer] = Bucket()
            bucket.add(owed)

    def merge(self, other: Summary) -> None:
        """Take in another worker's part."""
        for counter, more in ((self.statuses, other.statuses), (self.findings, other.findings)):
            counter.update(more)
        self.rejected.update(other.rejected)
        self.steps.update(other.steps)
        self.withheld.update(other.withheld)
        self.unreviewed.update(other.unreviewed)
        self.unsigned.update(other.unsigned)
        for name in ("principal_due", "principal_not_due", "arrears", "late_fee", "credit"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("in_arrears", "arrears_unknown", "fee_undetermined", "provisional"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for age, bucket in other.ages.items():
            self.ages.setdefault(age, Bucket()).add(bucket.arrears, bucket.count)
        for key, grading in other.gradings.items():
            mine = self.gradings.setdefault(key, Grading(grading.title, grading.titles))
            for answer, bucket in grading.answers.items():
                mine.answers.setdefault(answer, Bucket()).add(bucket.arrears, bucket.count)

    def to_dict(self) -> dict[str, Any]:
        """The content of `summary.json`: stable keys, amounts as decimal yuan."""
        return {
            "households": self.households,
            "status": {name: self.statuses[name] for name in ("assessed", "not_applicable", "rejected")},
            "principal_due": yuan(self.principal_due),
            "principal_not_due": yuan(self.principal_not_due),
            "arrears": yuan(self.arrears),
            "in_arrears": self.in_arrears,
            "arrears_unknown": self.arrears_unknown,
            "late_fee": yuan(self.late_fee),
            "credit": yuan(self.credit),
            "late_fee_undetermined": self.fee_undetermined,
            "provisional": self.provisional,
            "ages": {name: self.ages[name].to_dict() for name in age_names() if name in self.ages},
            "grades": {
                f"{book}.{table}": {answer: bucket.to_dict() for answer, bucket in grading.in_order()}
                for (book, table), grading in sorted(self.gradings.items())
            },
            "actions": {f"{book}.{step}": count for (book, step), count in sorted(self.steps.items())},
            "withheld": {f"{book}.{code}": count for (book, code), count in sorted(self.withheld.items())},
            "unsigned": dict(sorted(self.unsigned.items())),
            "unreviewed": dict(sorted(self.unreviewed.items())),
            "findings": dict(sorted(self.findings.items())),
            "rejected": dict(sorted(self.rejected.items())),
        }


def summary_of(sums: Mapping[str, Any], books: Sequence[RuleBook]) -> Summary:
    """The summary of sums that were added up from tables (columns.summed), under these books."""
    known = {book.name: book for book in books}
    summary = Summary(statuses=Counter(sums.get("statuses", {})))
    for name in ("principal_due", "principal_not_due", "late_fee", "credit", "arrears", "in_arrears",
                 "arrears_unknown", "fee_undetermined", "provisional"):  # fmt: skip
        setattr(summary, name, sums.get(name, 0))
    limits = [days for days, _ in AGES]
    for place, (count, arrears) in sums.get("ages", {}).items():
        name = "no_due_date" if place == "-1" else _name(limits[int(place)])
        summary.ages[name] = Bucket(count, arrears)
    for key, (count, arrears) in sums.get("grades", {}).items():
        book, table, answer = key.split("\t")
        grading = summary.gradings.get((book, table))
        if grading is None:
            grading = summary.gradings[book, table] = _grading(known[book].tables[table])
        grading.answers[answer or UNDETERMINED] = Bucket(count, arrears)
    for key, count in sums.get("steps", {}).items():
        book, step = key.split("\t")
        summary.steps[book, step] = count
    for key, count in sums.get("withheld", {}).items():
        book, code = key.split("\t")
        summary.withheld[book, code] = count
    for key, count in sums.get("places", {}).items():
        book, place = key.split("\t")
        for title in unreviewed_at(known[book], place or None):
            summary.unreviewed[title] += count
        if not known[book].signed:
            summary.unsigned[book] += count
    summary.findings.update(sums.get("findings", {}))
    summary.rejected.update(sums.get("rejected", {}))
    return summary


def _grading(table: Table) -> Grading:
    words = ROLES if table.output.kind == "role" else table.output.words
    return Grading(table.title.zh, {str(word): title.zh for word, title in words.items()})


def age_names() -> list[str]:
    """The keys of the age buckets, youngest first."""
    return [_name(days) for days, _ in AGES] + ["no_due_date"]


def age_titles() -> Mapping[str, Text]:
    return dict(zip(age_names(), [title for _, title in AGES] + [NO_AGE], strict=True))


def _name(days: int | None) -> str:
    return "over_365" if days is None else f"to_{days}"


def _age(charge: ChargeResult) -> str:
    if charge.due is None:
        return "no_due_date"
    return _name(next(days for days, _ in AGES if days is None or charge.overdue_days <= days))
