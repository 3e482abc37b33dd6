"""What the law says of the steps of many homes: the guard is asked once for all of whom it reads the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from dunning.columns.attempts import Asked
from dunning.columns.drafts import BIT
from dunning.columns.homes import Homes
from dunning.columns.kinds import alike, told_apart
from dunning.columns.known import Bools, Ints
from dunning.columns.packing import unpack_all
from dunning.columns.rows import Batch
from dunning.engine.known.contacts import Person
from dunning.engine.known.facts import Facts
from dunning.engine.ladder.lawful import Lawful, Ruled
from dunning.engine.owed.ledger import replay
from dunning.engine.steps.channels import Tries
from dunning.engine.steps.ready import Rung
from dunning.model.rulebook import RuleBook


class Answer(NamedTuple):
    """What the law says of a step. `charges`: which of the overdue ones it may be about, by place; None: all."""

    lawful: Lawful
    codes: int
    demand: bool
    charges: frozenset[int] | None


class Given(NamedTuple):
    """The answers about a step, one for each it is asked of: codes as bits, and a place in `Rulings.answers`.

    `demand`: a gate asks for a demand, and it is worth looking for one with less evidence than it needs.
    """

    codes: Ints
    answer: Ints
    demand: Bools


class Known:
    """What the law was found to say so far, by the number of what it reads, for one book and day.

    One object serves batch after batch.
    """

    def __init__(self, book: RuleBook, on: date) -> None:
        self.book = book
        self.on = on
        self.lawful: dict[int, Lawful] = {}
        self.answers: list[Answer] = []
        self._told: dict[tuple[int, int, Tries | None], int] = {}

    def learn(self, whole: Batch, numbers: Mapping[int, int]) -> None:
        """Reads the law for some accounts, by their rows (ascending) in a batch that has all of each debtor."""
        debtors = dict.fromkeys(whole.debtor[list(numbers)].tolist())
        rows = [row for each in debtors for row in range(int(whole.groups[each]), int(whole.groups[each + 1]))]
        accounts = dict(zip(rows, unpack_all(whole, np.array(rows, np.int64)), strict=True))
        for row, number in numbers.items():
            debtor = whole.debtor[row]
            theirs = range(int(whole.groups[debtor]), int(whole.groups[debtor + 1]))
            person = Person(tuple([accounts[each] for each in theirs]), self.on)
            ledger = replay(accounts[row], self.book, self.on)
            self.lawful[number] = Lawful(Facts(accounts[row], ledger, self.book, person=person))

    def ruled(self, number: int, rung: Rung, tries: Tries | None) -> int:
        """The place of the answer about a step as it would go out by the channels left to it."""
        key = number, rung.rank, tries
        place = self._told.get(key)
        if place is None:
            lawful = self.lawful[number]
            place = self._told[key] = len(self.answers)
            self.answers.append(_answer(lawful, lawful.ruled(rung, tries)))
        return place


def _answer(lawful: Lawful, ruled: Ruled) -> Answer:
    codes = 0
    for code in ruled.codes:
        codes |= BIT[code]
    demand = "gate" in ruled.codes and any(each.kind == "fact" and "demand" in each.name for each in ruled.reasons)
    places = None
    if ruled.charges is not None:
        overdue = enumerate(lawful.facts.overdue)
        places = frozenset(place for place, state in overdue if state.charge.id in ruled.charges)
    return Answer(lawful, codes, demand, places)


class Rulings:
    """The law over some homes: `numbers` tell what it reads of each, `rows` where each stands in the `whole` batch."""

    def __init__(self, home: Homes, numbers: Ints, whole: Batch, rows: Ints, known: Known) -> None:
        self.home = home
        self.known = known
        new = [place for place in told_apart(numbers)[1].tolist() if int(numbers[place]) not in known.lawful]
        if new:
            known.learn(whole, {int(rows[place]): int(numbers[place]) for place in sorted(new)})
        self.numbers = numbers

    @property
    def answers(self) -> Sequence[Answer]:
        return self.known.answers

    def ruled(self, rung: Rung, asked: Asked, ways: Ints, tries: Sequence[Tries | None]) -> Given:
        """What the law says of a step for each."""
        numbers = self.numbers[asked.homes]
        codes, samples = alike([numbers, ways])
        found = [self.known.ruled(int(numbers[place]), rung, tries[int(ways[place])]) for place in samples.tolist()]
        answers = [self.answers[place] for place in found]
        answer = np.array(found, np.int64)[codes]
        bits = np.array([each.codes for each in answers], np.int64)[codes]
        demand = np.array([each.demand for each in answers], np.bool_)[codes]
        some = np.array([each.charges is not None and not each.codes for each in answers], np.bool_)
        if rung.asks and some.any():
            rows = np.flatnonzero(some[codes])
            bits[rows[self._barred(asked.only(rows), answer[rows])]] |= BIT["gate"]
        return Given(bits, answer, demand)

    def _barred(self, asked: Asked, answer: Ints) -> Bools:
        """Whether none of the overdue charges a step would be about may be asked for."""
        home = self.home
        place, count = home.overdue_places
        wanted = np.where(asked.charges >= 0, place[asked.charges], -2)
        columns = [answer, wanted, count[asked.homes]]
        codes, samples = alike(columns)
        barred = []
        for each in samples.tolist():
            allowed = self.answers[int(answer[each])].charges
            own = int(wanted[each])
            about = range(int(columns[2][each])) if own == -2 else [own] * (own >= 0)
            barred.append(bool(len(about)) and allowed is not None and allowed.isdisjoint(about))
        return np.array(barred, np.bool_)[codes]
