"""Steps on their way to being due or withheld, many at once: the codes each has gathered, and until when they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from dunning.columns.attempts import NEVER, Asked, Progress
from dunning.columns.known import Bools, Ints
from dunning.engine.steps.candidates import CODES, Code
from dunning.engine.steps.channels import Tries

BIT: dict[str, int] = {code: 1 << place for place, code in enumerate(CODES)}
"""A code as a number; the first to be told is the lowest."""


@dataclass
class Drafts:
    """One rung as it stands for some homes, or for charges of theirs; a row each, in the order they are told in.

    `codes` are bits; `ends` of a code: 0 where no end was said, -1 where nobody knows it. `judged`: other rungs bear on
    it. `done`, `over`, `awaited` and `runs` as in `Progress`. Where it is due, `first` and `last` are its window (-1:
    no end), `record` the row of what it hangs on, `number` how often it was tried, `ways` what is left of its
    channels, `ruled` a place in the law's answers; `guessed`: it hangs on a year the calendar does not know.
    """

    asked: Asked
    codes: Ints
    judged: Bools
    done: Bools
    over: Bools
    awaited: Bools
    runs: Ints
    first: Ints
    last: Ints
    record: Ints
    number: Ints
    ways: Ints
    ruled: Ints
    guessed: Bools
    ends: dict[Code, Ints] = field(default_factory=dict)
    tries: Sequence[Tries | None] = (None,)

    def __len__(self) -> int:
        return len(self.codes)

    def add(self, code: Code, where: Bools, until: Ints | int | None = None) -> None:
        """One more code. Of several ends the last one counts; of one without a known end nobody knows (`until` -1)."""
        if not where.any():
            return
        self.codes[where] |= BIT[code]
        if until is None:
            return
        before = self.ends.setdefault(code, np.zeros(len(self), np.int64))
        ends = np.broadcast_to(until, len(self))
        found = np.where((ends == NEVER) | (before == NEVER), NEVER, np.maximum(before, ends))
        self.ends[code] = np.where(where, found, before)

    def has(self, codes: int) -> Bools:
        return np.asarray(self.codes & codes != 0)

    def until(self) -> Ints:
        """The last day of the first code, -1 where nobody knows it."""
        found = np.zeros(len(self), np.int64)
        first = self.codes & -self.codes
        for code, ends in self.ends.items():
            found = np.where(first == BIT[code], ends, found)
        return np.where(found > 0, found, NEVER)

    def progressed(self, progress: Progress) -> None:
        """Takes on what was done."""
        self.done, self.over, self.awaited = progress.done, progress.over, progress.awaited
        self.runs = progress.runs
        self.number, self.ways, self.tries = progress.number, progress.ways, progress.tries


def blank(asked: Asked, *, judged: bool) -> Drafts:
    """Nothing known yet."""
    size = len(asked)

    def numbers(value: int = 0) -> Ints:
        return np.full(size, value, np.int64)

    def marks(value: bool = False) -> Bools:
        return np.full(size, value, np.bool_)

    return Drafts(
        asked, numbers(), marks(judged), marks(), marks(), marks(), numbers(), numbers(), numbers(NEVER),
        numbers(NEVER), numbers(), numbers(), numbers(NEVER), marks(),
    )  # fmt: skip


def said(asked: Asked, code: Code, until: Ints | None = None) -> Drafts:
    """A step of which there is no more to say than one code; `until` -1: nobody knows until when.

    One that nobody can tell is judged all the same: other rungs bear on it.
    """
    found = blank(asked, judged=code == "unknown")
    found.codes[:] = BIT[code]
    if until is not None:
        found.ends[code] = until
    return found


def joined(parts: Sequence[Drafts], order: Ints | None = None) -> Drafts:
    """Several as one; `order` is where each row comes, by key."""
    parts = [each for each in parts if len(each)] or list(parts[:1])
    if len(parts) == 1 and order is None:
        return parts[0]
    tries: list[Tries | None] = []
    ways = []
    for each in parts:
        ways.append(each.ways + len(tries))
        tries += each.tries
    codes = dict.fromkeys(code for each in parts for code in each.ends)
    ends = {
        code: np.concatenate([each.ends.get(code, np.zeros(len(each), np.int64)) for each in parts]) for code in codes
    }
    plain = {
        name: np.concatenate([getattr(each, name) for each in parts])
        for name in (each.name for each in fields(Drafts))
        if name not in ("asked", "ends", "tries", "ways")
    }
    asked = Asked(
        np.concatenate([each.asked.homes for each in parts]), np.concatenate([each.asked.charges for each in parts])
    )
    found = Drafts(asked, ends=ends, tries=tries, ways=np.concatenate(ways), **plain)
    return found if order is None else taken(found, np.argsort(order, kind="stable"))


def taken(drafts: Drafts, rows: Ints | Bools) -> Drafts:
    """Some of the rows."""
    plain = {
        each.name: getattr(drafts, each.name)[rows]
        for each in fields(Drafts)
        if each.name not in ("asked", "ends", "tries")
    }
    ends = {code: end[rows] for code, end in drafts.ends.items()}
    return replace(drafts, asked=drafts.asked.only(rows), ends=ends, **plain)
