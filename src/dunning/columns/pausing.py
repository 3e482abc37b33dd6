"""What lets steps of many homes rest: holds, promises that count, disputes, and the book's own pauses.

`engine.ladder.pauses` in arrays; disputes are few, and each is asked of that itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from dunning.basis.finding import Finding
from dunning.columns.attempts import NEVER
from dunning.columns.homes import Homes, Open
from dunning.columns.known import Bools, Ints, Ordered, Worded
from dunning.columns.logic import Logic
from dunning.engine.ladder import pauses
from dunning.engine.steps.candidates import Code
from dunning.engine.steps.ready import Resting
from dunning.model.steps import Stop

_PROMISE = frozenset({"promise_open", "promise_on"})
_DISPUTE = frozenset({"open_disputes", "open_dispute_kinds", "disputed_amount"})
_FAR = 2**40


class Rest(NamedTuple):
    """Some steps rest, by home; `until` -1: nobody knows until when. `charge`: only about this one (-1: all)."""

    code: Code
    stop: Stop
    where: Bools
    until: Ints
    charge: Ints | None = None


def unanswered(home: Homes) -> Iterator[tuple[int, Finding]]:
    """A finding for every dispute whose answer is overdue; by row of the accounts."""
    company, ids = home.batch.coded("company"), home.batch.texts("id")
    for each in home.disputes:
        row = int(home.accounts[each.home])
        name = str(company.words[int(company.codes[row])])
        for finding in pauses.overdue_answer(each.dispute, home.book, home.on, name, ids.text(row) or ""):
            yield row, finding


def rests_of(home: Homes) -> tuple[Rest, ...]:
    """All that lets steps rest today."""
    counted = np.zeros(home.size, np.int64)
    promises = home.promises
    at = home.place[promises.owner]
    some = (at >= 0) & home.counting
    np.maximum.at(counted, at[some], promises.on[some])
    found = [*_holds(home), Rest("promise", Stop("ladder"), counted > 0, counted)]
    found += _disputed(home, ((each, rest) for each in home.disputes for rest in _floor(home, each)))
    for resting in home.ready.pauses:
        found += _paused(home, resting, counted)
    return tuple([each for each in found if each.where.any()])


def _holds(home: Homes) -> Iterator[Rest]:
    holds = home.batch.lists["holds"]
    if not len(holds):
        return
    since, until = holds.numbers("since"), holds.numbers("until")
    now = (since.filled(0) <= home.today) & (until.absent | (until.values >= home.today))
    rows = np.flatnonzero(now & ~holds.coded("kind").equals("accrual") & (home.place[holds.owner] >= 0))
    where, ends = np.zeros(home.size, np.bool_), np.zeros(home.size, np.int64)
    at = home.place[holds.owner[rows]]
    where[at] = True
    np.maximum.at(ends, at, until.filled(_FAR)[rows])
    yield Rest("hold", Stop("all"), where, np.where(ends == _FAR, NEVER, ends))


# Disputes


def _floor(home: Homes, each: Open) -> Iterator[pauses.Rest]:
    return pauses.floor(each.dispute, home.book, home.on)


def _disputed(home: Homes, found: Iterator[tuple[Open, pauses.Rest]]) -> list[Rest]:
    """What disputes let rest; of those of one home each in its turn."""
    rests: dict[tuple[Code, Stop, int], Rest] = {}
    turns: dict[tuple[Code, Stop, int], int] = {}
    for each, rest in found:
        turn = turns.get((rest.code, rest.stop, each.home), 0)
        turns[rest.code, rest.stop, each.home] = turn + 1
        one = rests.setdefault((rest.code, rest.stop, turn), _empty(home, rest.code, rest.stop))
        one.where[each.home] = True
        one.until[each.home] = NEVER if rest.until is None else rest.until.toordinal()
        assert one.charge is not None
        one.charge[each.home] = each.charge
    return list(rests.values())


def _empty(home: Homes, code: Code, stop: Stop) -> Rest:
    nobody = np.zeros(home.size, np.bool_)
    return Rest(code, stop, nobody, np.zeros(home.size, np.int64), np.full(home.size, NEVER, np.int64))


# The book's own pauses


def _paused(home: Homes, resting: Resting, counted: Ints) -> list[Rest]:
    """What a pause stops, while its condition holds or nobody can tell."""
    pause, _, reads = resting
    facts = dict(home.facts)
    if not _PROMISE.isdisjoint(reads):
        facts |= _counting_only(home, counted)
    truth = Logic(facts, len(home.batch)).truth(pause.while_)
    surely = truth.surely[home.accounts]
    unknown = truth.possibly[home.accounts] & ~surely
    never = np.full(home.size, NEVER, np.int64)
    found = [Rest("unknown", stop, unknown, never) for stop in pause.stops]
    if not _DISPUTE.isdisjoint(reads):
        by_dispute = (
            (each, rest)
            for each in home.disputes
            if surely[each.home]
            for rest in pauses.paused_by(each.dispute, pause, home.book, home.on)
        )
        return [*found, *_disputed(home, by_dispute)]
    code: Code = "promise" if not _PROMISE.isdisjoint(reads) else "plan" if "plan_state" in reads else "hold"
    until = np.where(counted > 0, counted, NEVER) if code == "promise" else never
    return [*found, *[Rest(code, stop, surely, until) for stop in pause.stops]]


def _counting_only(home: Homes, counted: Ints) -> dict[str, Ordered | Worded]:
    """The facts as a pause sees them: a promise that does not count opens none."""
    last = np.zeros(len(home.batch), np.int64)
    last[home.accounts] = counted
    found: dict[str, Ordered | Worded] = {}
    opened = home.facts.get("promise_open")
    if isinstance(opened, Worded):
        true = np.array([word is True for word in opened.words], np.bool_)[opened.codes]
        codes = np.where(true & (last == 0), len(opened.words), opened.codes)
        found["promise_open"] = Worded(codes.astype(np.int32), (*opened.words, False))
    on = home.facts.get("promise_on")
    if isinstance(on, Ordered):
        nothing = np.zeros(len(last), np.bool_) if on.nothing is None else on.nothing
        found["promise_on"] = Ordered(last, on.unknown, nothing | (last == 0))
    return found
