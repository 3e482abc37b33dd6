"""Which charges steps speak of: their own, or all that is owed, as far as law lets them and nobody contests it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np

from dunning.columns.drafts import Drafts
from dunning.columns.homes import Homes
from dunning.columns.kinds import alike
from dunning.columns.known import Bools, Ints
from dunning.columns.rulings import Rulings
from dunning.columns.shares import expanded
from dunning.engine.known.clocks import DEMAND
from dunning.engine.ladder.pauses import contested_by
from dunning.engine.steps.ready import Rung

Contested = Mapping[int, int | None]
"""The fen contested by charge (a row; -1: the account as a whole), None for all of it."""


def spoken(home: Homes, rulings: Rulings, rung: Rung, drafts: Drafts) -> tuple[Ints, Ints]:
    """The charges each speaks of: its own, or all that is owed; only those that pass the gates of the law."""
    asked, size = drafts.asked, len(drafts)
    if not rung.asks:
        return np.zeros(size + 1, np.int64), np.zeros(0, np.int64)
    own = asked.charges.copy()
    every = (own < 0) & home.overdue[asked.homes]
    if rung.on_due:
        own = np.where((own < 0) & ~every, home.anchor[asked.homes], own)
    rows, begins = home.owed_rows
    counts = np.where(every, begins[asked.homes + 1] - begins[asked.homes], 0)
    places, of = expanded(begins[asked.homes], counts)
    some = np.flatnonzero(own >= 0)
    charges, whose = np.concatenate((rows[places], own[some])), np.concatenate((of, some))
    order = np.argsort(whose, kind="stable")
    charges, whose = charges[order], whose[order]
    kept = _allowed(home, rulings, rung, drafts.ruled[whose], charges)
    if home.disputes and rung.step.action == DEMAND:
        kept &= _demandable(home, asked.homes[whose], charges)
    charges, whose = charges[kept], whose[kept]
    return np.searchsorted(whose, np.arange(size + 1)), charges


def _allowed(home: Homes, rulings: Rulings, rung: Rung, answers: Ints, charges: Ints) -> Bools:
    place = home.overdue_places[0][charges]
    codes, samples = alike([answers, place])
    court = "court_filing" in rung.action.effects
    found = []
    for each in samples.tolist():
        allowed, at = rulings.answers[int(answers[each])].charges, int(place[each])
        found.append(allowed is None or (at in allowed if at >= 0 else not court))
    return np.array(found, np.bool_)[codes]


# What is contested


def contested_of(home: Homes) -> dict[int, Contested]:
    """What stays out of a formal demand, by home; only homes of which something does."""
    found: dict[int, Contested] = {}
    for place, some in groupby(home.disputes, key=lambda each: each.home):
        listed = list(some)
        rows = {each.dispute.charge: each.charge for each in listed}
        by = contested_by([each.dispute for each in listed])
        if by:
            found[place] = {rows[charge]: amount for charge, amount in by.items()}
    return found


def _demandable(home: Homes, homes: Ints, charges: Ints) -> Bools:
    """Whether something of each charge is left that nobody contests."""
    found = np.ones(len(charges), np.bool_)
    contested = contested_of(home)
    for place in np.flatnonzero(np.isin(homes, list(contested))).tolist():
        by, charge = contested[int(homes[place])], int(charges[place])
        everything, part = by.get(-1, 0), by.get(charge, 0)
        known = everything is not None and part is not None
        found[place] = known and (part < int(home.owed.unpaid[charge]) or not part)  # type: ignore[operator]
    return found


def kept_out(by: Contested, charges: Sequence[int], unpaid: Ints) -> int:
    """The fen contested of these charges, where only a part is."""
    parts = sum(by.get(charge) or 0 for charge in charges)
    return min(sum(int(unpaid[charge]) for charge in charges), parts + (by.get(-1) or 0))
