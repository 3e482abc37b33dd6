"""The late fee (违约金) of one charge from its balance and its terms: exact, in whole numbers, without a loop over days.

Everything else in the product may be argued about; this may not be wrong by one fen. `docs/design/fee-math.md` defines
each figure, and the numbers in comments are its steps.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from dunning.basis.money import Fen, Rate


class Segment(NamedTuple):
    """A stretch of accrual days with one balance and one rate. `since` and `until` are its first and last day.

    `exact` is principal x rate x days in fen, not rounded: the segments of a charge add up to its exact sum.
    """

    since: date
    until: date
    principal: Fen
    rate: Rate
    days: int
    exact: Fraction


class FeeState(NamedTuple):
    """The late fee of one charge on the day asked about, in fen.

    `assessed` None = undetermined (then `outstanding` and `to_book` are None too); `why` says where it comes from:
    "" accrued, "not_due", "grace" (nothing yet, or all settled within it), "no_clause", "clause_unknown",
    "no_rate_before", "item_bears_none", "opening" (carried over, constant).
    `waived` holds waivers given, plans completed and, under `after_principal: waive`, what was left; `contingent` is
    what a kept plan will waive on completion, still part of `outstanding`. `booked` is what the ERP booked, `to_book`
    what it has to add (negative: overbooked). `capped`: the fee has reached its cap and grows no more.
    """

    assessed: Fen | None = 0
    paid: Fen = 0
    waived: Fen = 0
    contingent: Fen = 0
    outstanding: Fen | None = 0
    booked: Fen = 0
    to_book: Fen | None = 0
    capped: bool = False
    why: str = ""

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The stretches the fee is made of, by day; made on each reading, so that nobody pays for what nobody reads."""
        raise NotImplementedError

    @property
    def exact(self) -> Fraction:
        """The exact sum in fen before rounding and cap."""
        raise NotImplementedError
