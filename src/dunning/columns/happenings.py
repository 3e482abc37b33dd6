"""What happens to each account, day by day: payments, those that name charges apart, and adjustments.

Sorted once, so that the replay can play the next day of every account at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dunning.columns.order import by_key
from dunning.columns.rows import Batch, Bools, Ints, Texts
from dunning.columns.shares import DAYS, different, starts, turns

KINDS = ("refund", "relief", "write_off", "late_fee_waiver")
"""Adjustments that the replay plays; relief and write-off stand on one step. Credit notes are there from the start."""

_STEP = {"refund": 0, "relief": 1, "write_off": 1, "late_fee_waiver": 2}


@dataclass(frozen=True, slots=True)
class Group:
    """Payments of one day with one designation, a row each. `payment`: the first of them, whose list holds for all."""

    payment: Ints
    money: Ints
    followed: Bools  # settled as the source booked it


@dataclass(frozen=True, slots=True)
class Happenings:
    """The days on which anything happens, one row an account and day, ascending; those of account i are `start[i]` on.

    `plain`: fen of a day without designation. The groups of day d are `groups_from[d]` on, its adjustments
    `adjusted_from[d]` on: rows of the batch's adjustments, in the order they count.
    """

    start: Ints
    day: Ints
    plain: Ints
    groups_from: Ints
    groups: Group
    adjusted_from: Ints
    adjusted: Ints
    standing: Bools  # by payment: known and not reversed


def happenings(batch: Batch, on: int, *, follow: bool) -> Happenings:
    """All that is known at the end of the day `on`. `follow`: what the source booked is settled as it was."""
    payments, adjustments = batch.lists["payments"], batch.lists["adjustments"]
    day, back = payments.numbers("on").values, payments.numbers("reversed_on")
    standing = (day <= on) & (back.absent | (back.values > on))
    paid = np.flatnonzero(standing)
    keys = payments.owner[paid] << DAYS | day[paid]
    if len(keys) and not (keys[1:] >= keys[:-1]).all():
        order = np.argsort(keys, kind="stable")
        paid, keys = paid[order], keys[order]
    corrected = np.flatnonzero(adjustments.numbers("on").values <= on)
    adjusted_keys = adjustments.owner[corrected] << DAYS | adjustments.numbers("on").values[corrected]

    begins = turns(keys)
    days, at = keys.compress(begins), np.cumsum(begins) - 1
    if len(corrected):  # few: their days are put between those of the payments
        more = different(adjusted_keys)
        before = np.searchsorted(days, more)
        there = np.append(days, -1)[before] == more
        more, before = more.compress(~there), before.compress(~there)
        at += np.cumsum(np.bincount(before, minlength=len(days) + 1))[at]
        days = np.insert(days, before, more)

    named = batch.lists["payments.for"].counts[paid] > 0
    followed = (batch.lists["payments.settles"].counts[paid] > 0) if follow else np.zeros(len(paid), np.bool_)
    apart = (named | followed) & (payments.numbers("amount").values[paid] > 0)
    plain = np.zeros(len(days), np.int64)
    amount = payments.numbers("amount").values
    np.add.at(plain, at[~apart], amount[paid[~apart]])
    groups, group_days = _groups(batch, paid[apart], at[apart], followed[apart])
    adjusted, adjusted_days = _adjusted(batch, corrected, np.searchsorted(days, adjusted_keys))
    return Happenings(
        start=starts(days >> DAYS, len(batch)),
        day=days & ((1 << DAYS) - 1),
        plain=plain,
        groups_from=starts(group_days, len(days)),
        groups=groups,
        adjusted_from=starts(adjusted_days, len(days)),
        adjusted=adjusted,
        standing=standing,
    )


def _groups(batch: Batch, paid: Ints, at: Ints, followed: Bools) -> tuple[Group, Ints]:
    """Payments apart as groups, by day and by the id of the first; and the day of each."""
    amount = batch.lists["payments"].numbers("amount").values[paid]
    crowded = np.flatnonzero(at[1:] == at[:-1])
    if len(crowded):
        paid, at, followed, amount = _joined(batch, paid, at, followed, np.unique(at[crowded]))
    return Group(paid, amount, followed), at


def _joined(batch: Batch, paid: Ints, at: Ints, followed: Bools, days: Ints) -> tuple[Ints, Ints, Bools, Ints]:
    """The same, with the few days on which there are several: by id, those with one designation as one."""
    payments = batch.lists["payments"]
    ids, amounts, lists = payments.texts("id"), payments.numbers("amount").values, batch.lists["payments.for"]
    several = np.isin(at, days)
    rest = list(zip(at[~several].tolist(), paid[~several].tolist(), followed[~several].tolist(), strict=True))
    found = [(day, row, booked, int(amounts[row])) for day, row, booked in rest]
    places: dict[object, int] = {}
    texts = lists.texts("charge").values
    some = zip(at[several].tolist(), paid[several].tolist(), followed[several].tolist(), strict=True)
    for day, row, booked in sorted(some, key=lambda each: (each[0], ids.text(each[1]) or "")):
        first, end = int(lists.start[row]), int(lists.start[row + 1])
        key = row if booked else (day, *texts.slice(first, end - first).to_pylist())
        if key in places:
            day, first_row, booked, money = found[places[key]]
            found[places[key]] = (day, first_row, booked, money + int(amounts[row]))
        else:
            places[key] = len(found)
            found.append((day, row, booked, int(amounts[row])))
    found.sort(key=lambda each: each[0])
    columns = [np.array(column, np.int64) for column in zip(*found, strict=True)]
    return columns[1], columns[0], columns[2].astype(np.bool_), columns[3]


def _adjusted(batch: Batch, rows: Ints, at: Ints) -> tuple[Ints, Ints]:
    """The adjustments by day, refunds first, then relief and write-offs, then waivers, each by id; and their days."""
    adjustments = batch.lists["adjustments"]
    kind = adjustments.coded("kind")
    step = np.array([*(_STEP.get(str(word), -1) for word in kind.words), -1], np.int64)[kind.codes[rows]]
    some = np.flatnonzero(step >= 0)
    rows, at, step = rows[some], at[some], step[some]
    order = by_key(at * 3 + step, Texts(adjustments.texts("id").values.take(rows)))
    return rows[order], at[order]
