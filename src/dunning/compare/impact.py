"""What becomes of a portfolio: who moves from which answer to which, the money before and after, steps and refusals.

Made from pairs of what is counted of one account, before and after, one pair at a time: whoever can supply the pairs
(`assess` here, columns elsewhere) gets the same sums, and memory does not grow with the portfolio.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from dunning.basis.money import Fen
from dunning.engine.assess import Rules, assess_group
from dunning.engine.result import Assessment, Status
from dunning.intake.groups import Group

UNDETERMINED = "undetermined"
SHOWN = 5
"""Accounts named for each move, those first met."""


class Standing(NamedTuple):
    """What is counted of one account under one set of rules; amounts in fen.

    `grades` are the answers of the household's tables by their ids, as words; `steps` are due on the day, `withheld`
    are the other steps with the first code that keeps each back. `arrears` None: it cannot be told.
    """

    status: Status
    arrears: Fen | None = 0
    late_fee: Fen = 0
    fee_undetermined: bool = False
    grades: Mapping[str, str] = {}
    steps: tuple[str, ...] = ()
    withheld: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, result: Assessment) -> Standing:
        """What is counted of an assessment."""
        if result.status != "assessed" or result.book is None:
            return cls(result.status)
        arrears = result.facts["arrears"]
        tables = result.book.tables
        return cls(
            status=result.status,
            arrears=arrears if isinstance(arrears, int) else None,
            late_fee=result.balance.late_fee,
            fee_undetermined=any(charge.late_fee.assessed is None for charge in result.charges),
            grades={
                name: UNDETERMINED if graded.cause else str(graded.value)
                for name, graded in result.grades.items()
                if tables[name].output.kind in ("choice", "role") and tables[name].hit != "collect"
            },
            steps=tuple(action.step for action in result.actions),
            withheld=tuple((one.step, one.code) for one in result.withheld),
        )


class Pair(NamedTuple):
    """One account before and after; `account` as people name it (`wy-02/XD-1-1404`)."""

    account: str
    before: Standing
    after: Standing


@dataclass(slots=True)
class Money:
    """So many households, what they owe past its due date, and their late fee, in fen."""

    count: int = 0
    arrears: Fen = 0
    late_fee: Fen = 0

    @classmethod
    def of(cls, standing: Standing) -> Money:
        return cls(1, standing.arrears or 0, standing.late_fee)

    def merge(self, other: Money) -> None:
        self.count += other.count
        self.arrears += other.arrears
        self.late_fee += other.late_fee


@dataclass(slots=True)
class BeforeAfter:
    """The same households under both rules."""

    before: Money = field(default_factory=Money)
    after: Money = field(default_factory=Money)


class Alike(NamedTuple):
    """Accounts that are counted alike but for their money, which is that of all of them together; `pair` is one of
    them, `accounts` are the first of their names.
    """

    pair: Pair
    before: Money
    after: Money
    accounts: tuple[str, ...]


Move = tuple[str, str, str]
"""A table, what it answered, what it answers."""


@dataclass(slots=True)
class Impact:
    """Counts and sums over all accounts that could be read; they add up, so that parts may be made side by side.

    `moved` are the accounts of which any table answers otherwise, `fee_changed` those with another late fee. `moves`
    are counted by table, old and new answer, those that stay included; `who` names some of those that move. `steps`
    are due on the day: by step how many are added, and how many dropped. `reasons` are (step, code) pairs in the same
    way: steps that are withheld for a reason now that they were not withheld for before.
    """

    rejected: int = 0
    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    total: BeforeAfter = field(default_factory=BeforeAfter)
    moved: int = 0
    fee_changed: int = 0
    undetermined: Counter[str] = field(default_factory=Counter)
    moves: Counter[Move] = field(default_factory=Counter)
    who: dict[Move, list[str]] = field(default_factory=dict)
    grades: dict[tuple[str, str], BeforeAfter] = field(default_factory=dict)
    steps_before: Counter[str] = field(default_factory=Counter)
    steps_after: Counter[str] = field(default_factory=Counter)
    steps_added: Counter[str] = field(default_factory=Counter)
    steps_dropped: Counter[str] = field(default_factory=Counter)
    reasons_new: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons_gone: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, pairs: Iterable[Pair | None]) -> Impact:
        """The sums of all pairs; None is an account that was rejected."""
        impact = cls()
        for pair in pairs:
            if pair is None:
                impact.rejected += 1
            else:
                impact.add(pair)
        return impact

    @property
    def households(self) -> int:
        return sum(self.statuses.values())

    def add(self, pair: Pair) -> None:
        """Take in one account."""
        self.add_alike(Alike(pair, Money.of(pair.before), Money.of(pair.after), (pair.account,)))

    def add_alike(self, alike: Alike) -> None:
        """Take in accounts that are counted alike, all of them at once."""
        (_, before, after), times = alike.pair, alike.before.count
        self.statuses[before.status, after.status] += times
        self.total.before.merge(alike.before)
        self.total.after.merge(alike.after)
        changed = (before.late_fee, before.fee_undetermined) != (after.late_fee, after.fee_undetermined)
        self.fee_changed += changed * times
        self.undetermined.update(before=before.fee_undetermined * times, after=after.fee_undetermined * times)
        self._move(alike)
        steps, later = Counter(before.steps), Counter(after.steps)
        for counter, found in (
            (self.steps_before, steps), (self.steps_after, later),
            (self.steps_added, later - steps), (self.steps_dropped, steps - later),
        ):  # fmt: skip
            counter.update({name: number * times for name, number in found.items()})
        reasons = set(before.withheld), set(after.withheld)
        self.reasons_new.update(dict.fromkeys(reasons[1] - reasons[0], times))
        self.reasons_gone.update(dict.fromkeys(reasons[0] - reasons[1], times))

    def _move(self, alike: Alike) -> None:
        (_, before, after), times = alike.pair, alike.before.count
        self.moved += (before.grades != after.grades) * times
        for table in dict.fromkeys((*before.grades, *after.grades)):
            old, new = before.grades.get(table, ""), after.grades.get(table, "")
            self.moves[table, old, new] += times
            if old != new:
                named = self.who.setdefault((table, old, new), [])
                named += alike.accounts[: SHOWN - len(named)]
            self.grades.setdefault((table, old), BeforeAfter()).before.merge(alike.before)
            self.grades.setdefault((table, new), BeforeAfter()).after.merge(alike.after)

    def merge(self, other: Impact) -> None:
        """Take in another part; those named come from the part first taken."""
        self.rejected += other.rejected
        self.moved += other.moved
        self.fee_changed += other.fee_changed
        for name in _COUNTERS:
            getattr(self, name).update(getattr(other, name))
        _merge(self.total, other.total)
        for key, money in other.grades.items():
            _merge(self.grades.setdefault(key, BeforeAfter()), money)
        for move, accounts in other.who.items():
            self.who[move] = [*self.who.get(move, ()), *accounts][:SHOWN]


_COUNTERS = (
    "statuses", "undetermined", "moves", "steps_before", "steps_after", "steps_added", "steps_dropped", "reasons_new",
    "reasons_gone",
)  # fmt: skip


def _merge(mine: BeforeAfter, other: BeforeAfter) -> None:
    mine.before.merge(other.before)
    mine.after.merge(other.after)


def pairs(
    portfolio: Iterable[Group], old: Rules, new: Rules, *, on: date, tick: Callable[[int], None] | None = None
) -> Iterator[Pair | None]:
    """Every account assessed under both; `tick` is told how many are done."""
    for group in portfolio:
        accounts = group.accounts
        results = (assess_group(accounts, rules, on=on) for rules in (old, new))
        for account, before, after in zip(accounts, *results, strict=True):
            name = "/".join(part for part in (account.company, account.id) if part)
            yield Pair(name, Standing.of(before), Standing.of(after))
        for _ in group.rejected:
            yield None
        if tick:
            tick(len(accounts) + len(group.rejected))
