"""The ladder of many homes: which rung is due, and what rungs do to each other. `engine.ladder.ladder` in arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dunning.columns.attempts import NEVER
from dunning.columns.drafts import BIT, Drafts
from dunning.columns.homes import Homes
from dunning.columns.known import Bools, Ints
from dunning.columns.rungs import Rungs

_DONE_WITH = BIT["not_yet"] | BIT["missed"] | BIT["done"]
"""What is not open cannot be superseded."""


class Steps(NamedTuple):
    """Every step of the book, by rank, as it stands for the homes; and what follows the last rung: who is there."""

    drafts: list[Drafts]
    ended: Bools


def steps_of(home: Homes, rungs: Rungs) -> Steps:
    """Where every reminder and every rung of the ladder stands."""
    reminders = [rungs.reminded(rung) for rung in home.ready.reminders]
    ladder, ended = _climbed(home, rungs)
    return Steps([*reminders, *ladder], ended)


def _climbed(home: Homes, rungs: Rungs) -> tuple[list[Drafts], Bools]:
    """From the top down: a rung that was done supersedes those below it, and its deadline quiets them."""
    found: list[Drafts] = []
    done = np.full(home.size, NEVER, np.int64)
    quiet = np.zeros(home.size, np.int64)
    ended = np.zeros(home.size, np.bool_)
    for rung in reversed(home.ready.ladder):
        drafts = rungs.stands(rung, done >= 0)
        homes = drafts.asked.homes
        hushed = quiet[homes]
        open_ = drafts.judged & ~drafts.has(_DONE_WITH)
        drafts.add("quiet", open_ & (hushed > 0), hushed)
        runs = np.zeros(home.size, np.int64)
        np.maximum.at(runs, homes[drafts.judged], drafts.runs[drafts.judged])
        if not found:
            ended = _ended(home, drafts, runs)
        above = np.zeros(home.size, np.bool_)
        above[homes[drafts.done]] = True
        done = np.where((done < 0) & above, rung.rank, done)
        quiet = np.maximum(quiet, runs)
        found.append(drafts)
    found.reverse()
    _choose(home, found, done)
    return found, ended


def _ended(home: Homes, last: Drafts, runs: Ints) -> Bools:
    """Whose last rung is done, with nothing of it left to run."""
    homes = last.asked.homes
    over = last.done & last.over
    some, left = np.zeros(home.size, np.bool_), np.zeros(home.size, np.bool_)
    some[homes[last.judged]] = True
    left[homes[last.judged & ~over]] = True
    return np.asarray(some & ~left & (runs == 0) & home.overdue)


def _choose(home: Homes, ladder: list[Drafts], done: Ints) -> None:
    """Of the rungs that are open and not blocked those that `catch_up` takes; the others are superseded."""
    ranks = [rung.rank for rung in home.ready.ladder]
    free = [
        drafts.judged & ((drafts.codes == 0) | ((drafts.codes == BIT["done"]) & drafts.awaited)) for drafts in ladder
    ]
    match home.ready.book.ladder.catch_up:
        case "lowest_first":
            lowest = np.full(home.size, NEVER, np.int64)
            for rank, drafts, open_ in reversed(list(zip(ranks, ladder, free, strict=True))):
                lowest[drafts.asked.homes[open_]] = rank
            for rank, drafts, open_ in zip(ranks, ladder, free, strict=True):
                drafts.add("superseded", open_ & (drafts.codes == 0) & (lowest[drafts.asked.homes] != rank))
        case "only_highest":
            top = done.copy()
            for rank, drafts, open_ in zip(ranks, ladder, free, strict=True):
                homes = drafts.asked.homes[open_]
                top[homes] = np.maximum(top[homes], rank)
            for rank, drafts in zip(ranks, ladder, strict=True):
                below = drafts.judged & (rank < top[drafts.asked.homes])
                drafts.add("superseded", below & ~drafts.has(_DONE_WITH))
        case "all":
            pass  # the worklist makes one message of them
