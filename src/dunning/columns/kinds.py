"""Kinds: households whose numbers are the same, numbered from 0, with one of each to look at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dunning.columns.known import Codes, Ints

_FEW = 1 << 16
"""Kinds numbered up to here are counted, others sorted."""


def told_apart(numbers: Ints) -> tuple[Codes, Ints]:
    """Numbers the different values from 0: the number of each, and for every one the first place where it stands.

    The kinds are in the order of their values.
    """
    if not len(numbers):
        return np.zeros(0, np.int32), np.zeros(0, np.int64)
    if numbers.min() < 0 or numbers.max() >= _FEW:
        _, samples, codes = np.unique(numbers, return_index=True, return_inverse=True)
        return codes.astype(np.int32), samples
    at = np.full(int(numbers.max()) + 1, -1, np.int64)
    at[numbers[::-1]] = np.arange(len(numbers) - 1, -1, -1)
    there = np.flatnonzero(at >= 0)
    number = np.zeros(len(at), np.int32)
    number[there] = np.arange(len(there))
    return number[numbers], at[there]


def alike(columns: Sequence[Ints]) -> tuple[Codes, Ints]:
    """The same of several numbers each: alike are those of which all are the same."""
    kinds = np.zeros(len(columns[0]), np.int64)
    kinds_so_far = 1
    for column in columns:
        codes, samples = told_apart(column)
        if kinds_so_far * len(samples) > _MOST:
            kinds = told_apart(kinds)[0].astype(np.int64)
            kinds_so_far = int(kinds.max(initial=0)) + 1
        kinds = kinds * len(samples) + codes
        kinds_so_far *= len(samples)
    return told_apart(kinds)


_MOST = 2**62
