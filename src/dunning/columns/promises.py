"""Promises to pay and what became of them: `clocks.promises` and `pauses.counting_promises` in arrays."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np

from dunning.columns.arrears import Arrears
from dunning.columns.rows import Bools, Ints
from dunning.columns.shares import DAYS, expanded, starts, turns
from dunning.columns.talks import Said, Talks
from dunning.columns.terms import places_of
from dunning.engine.steps.anchors import shifted

KEPT, OPEN, BROKEN = range(3)


class Promises(NamedTuple):
    """Promises, those of account i from `start[i]` up to `start[i + 1]`, in the order made; several of an account for
    one day are one, kept if any of them is, and made when the last of them was.

    `owner` is the account, `talk` the contact row of the last of them, `first` that of the first; `made` and `on` are
    days, `state` KEPT, OPEN or BROKEN.
    """

    start: Ints
    owner: Ints
    talk: Ints
    first: Ints
    made: Ints
    on: Ints
    state: Ints


def promises_of(of: Arrears, talks: Talks) -> Promises:
    """The promises in the contacts about each account, judged by its payments."""
    contacts = talks.contacts
    promised = contacts.numbers("promise.on")
    said = talks.once.only(~promised.absent[talks.once.rows])
    made, on = talks.day[said.rows], promised.values[said.rows]
    last = np.minimum(on, of.on)
    paid = np.maximum(0, of.received.before(said.owner, last + 1) - of.received.before(said.owner, made))
    amount = contacts.numbers("promise.amount")
    wanted = np.where(amount.absent[said.rows], _overdue(of, talks, said, last), amount.values[said.rows])
    kept = paid >= wanted

    order = np.argsort(said.owner << DAYS | on, kind="stable")
    begins = turns((said.owner << DAYS | on)[order])
    group = np.cumsum(begins) - 1
    any_kept = np.bincount(group, kept[order], minlength=int(begins.sum())) > 0
    ends = np.append(begins[1:], np.ones(min(1, len(begins)), np.bool_))
    lasting, first = order[ends], order[begins]
    by_last = np.argsort(lasting)
    lasting, first = lasting[by_last], first[by_last]
    owner, on = said.owner[lasting], on[lasting]
    state = np.where(any_kept[by_last], KEPT, np.where(on >= of.on, OPEN, BROKEN))
    start = starts(owner, of.size)
    return Promises(start, owner, said.rows[lasting], said.rows[first], made[lasting], on, state)


def _overdue(of: Arrears, talks: Talks, said: Said, last: Ints) -> Ints:
    """What a promise without an amount has to bring: the principal overdue when it was made, of the charges it names
    or of all; where nothing was yet, what is overdue on its date.
    """
    opened, charges = of.money.charges, of.batch.charges
    made = talks.day[said.rows]
    named = talks.charges(said)
    naming = np.diff(named.start) > 0
    every = np.flatnonzero(~naming)
    accounts = said.owner[every]
    rows, whose = expanded(charges.start[accounts], charges.counts[accounts])
    theirs = opened.chased[rows]
    of_named = np.repeat(np.arange(len(said.rows)), np.diff(named.start))
    pairs = np.concatenate((every[whose[theirs]] * len(opened.owner) + rows[theirs], _pairs(of_named, named.rows, of)))
    promise, row = np.divmod(pairs, max(1, len(opened.owner)))
    some = opened.known[row] & (opened.fell[row] < np.maximum(made, last)[promise])
    promise, row = promise[some], row[some]
    unpaid = of.unpaid_before(row, made[promise])
    unpaid *= unpaid >= of.least
    then, later = (np.zeros(len(said.rows), np.int64) for _ in range(2))
    np.add.at(then, promise, unpaid * (opened.fell[row] < made[promise]))
    np.add.at(later, promise, unpaid)
    return np.where(then > 0, then, later)


def _pairs(promise: Ints, row: Ints, of: Arrears) -> Ints:
    """A promise and a charge it names as a number, each once."""
    some = row >= 0
    return np.unique(promise[some] * len(of.owner) + row[some])


def counting(of: Arrears, promises: Promises) -> Bools:
    """The open ones that let the ladder rest: not too far off, and not one too many in a row.

    In a row are the promises before it that were not kept, back to one that was or to the start of the episode.
    """
    rules, calendar = of.book.promises, of.book.calendar
    days, at = places_of(promises.made)
    latest = np.array(
        [shifted(date.fromordinal(day), rules.longest, calendar)[0].toordinal() for day in days.tolist()], np.int64
    )
    kept = promises.state == KEPT
    fails = ~kept & (promises.made >= of.episode[promises.owner])  # NEVER is before all days
    before = np.cumsum(fails) - fails
    resets = np.flatnonzero(kept | turns(promises.owner))
    place = np.searchsorted(resets, np.arange(len(kept)), side="right") - 1
    in_a_row = before - before[resets[place]]
    return np.asarray((promises.state == OPEN) & (promises.on <= latest[at]) & (in_a_row < rules.in_a_row))
