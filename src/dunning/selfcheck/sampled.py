"""Which households are looked at: by lot, the same ones each time for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from dunning.intake.groups import Portfolio, RawGroup

ALL = 0


def sampled(portfolio: Portfolio, wanted: int, *, seed: int) -> Iterator[RawGroup]:
    """About `wanted` accounts' worth of debtors, each whole; with ALL everybody.

    Of a portfolio that knows its size every debtor has the same chance and none is read but those drawn; of one that
    does not, exactly that many debtors are drawn.
    """
    lot = Random(seed)
    if wanted == ALL or (portfolio.count is not None and portfolio.count <= wanted):
        yield from portfolio.raw()
    elif portfolio.count is not None:
        share = wanted / portfolio.count
        yield from (raw for raw in portfolio.raw() if lot.random() < share)
    else:
        yield from _drawn(portfolio.raw(), wanted, lot)


def _drawn(groups: Iterator[RawGroup], wanted: int, lot: Random) -> list[RawGroup]:
    """So many of them, each with the same chance, in one pass."""
    held: list[RawGroup] = []
    for place, raw in enumerate(groups):
        if place < wanted:
            held.append(raw)
        elif (instead := lot.randrange(place + 1)) < wanted:
            held[instead] = raw
    return held
