"""Lists side by side in one array, and what each member of them gets of the money that runs through its list."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dunning.columns.rows import Bools, Ints

DAYS = 22
"""Bits that hold any day."""


def expanded(start: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Stretches as lists: the places of all of them, one after another, and which stretch each is of."""
    ends = np.cumsum(counts)
    of = np.repeat(np.arange(len(counts)), counts)
    return np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(start - (ends - counts), counts), of


def either(where: Bools, these: Ints | int, others: Ints) -> Ints:
    """Some numbers where something holds, others where not.

    `np.where` does it one by one, and is ten times as slow where nobody can guess what comes next.
    """
    return others + (these - others) * where


def ascending(keys: Ints) -> Ints:
    """Keys in their order."""
    return keys if (keys[1:] >= keys[:-1]).all() else np.sort(keys)


def different(keys: Ints) -> Ints:
    """The different ones among some keys, ascending."""
    keys = ascending(keys)
    return keys[turns(keys)]


def turns(keys: Ints) -> Bools:
    """Where another key begins, in ascending ones."""
    found = np.ones(len(keys), np.bool_)
    found[1:] = keys[1:] != keys[:-1]
    return found


def starts(owner: Ints, number: int) -> Ints:
    """Where the rows of each of so many owners begin (`owner` ascending), and the end."""
    return np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=number))))


def within(amounts: Ints, of: Ints, number: int) -> tuple[Ints, Ints]:
    """What stands before each amount in its list, and the sum of each of so many lists (`of` ascending)."""
    running = np.cumsum(amounts)
    counts = np.bincount(of, minlength=number)
    ends = np.cumsum(counts)
    upto = np.concatenate(([0], running))[ends]
    began = np.concatenate(([0], upto[:-1]))
    return running - amounts - began[of], upto - began


class Shares(NamedTuple):
    """The charges that money reaches, whose they are, what principal and fee of each get, and what of both is left."""

    rows: Ints
    of: Ints
    principal: Ints
    fee: Ints
    left: Ints


class Wanted:
    """What charges can take: principal `unpaid` and fee `owed`, in the order of the book's parts."""

    def __init__(self, unpaid: Ints, owed: Ints, *, principal_first: bool) -> None:
        self.unpaid, self.owed, self.all = unpaid, owed, unpaid + owed
        self.principal_first = principal_first

    def shared(self, rows: Ints, of: Ints, take: Ints) -> Shares:
        """Each takes so much, at most what it wants."""
        first = np.minimum(take, self.unpaid if self.principal_first else self.owed)
        rest = take - first
        principal, fee = (first, rest) if self.principal_first else (rest, first)
        return Shares(rows, of, principal, fee, self.all - take)
