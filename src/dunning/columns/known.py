"""Facts of many households, or of many charges, as arrays: numbers, and words by their number in a list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dunning.model.condition import Unknown, Value

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ordered:
    """A fact that is a canonical int (fen, days, ordinals, ppm), one for each household.

    `unknown`: where the source did not give it; `nothing`: where it is known to have no value; None = nowhere. What
    `values` holds in those places does not matter. `lacking`: what is missing where it is unknown (an Unknown among its
    words), if that was asked for.
    """

    values: Ints
    unknown: Bools | None = None
    nothing: Bools | None = None
    lacking: Worded | None = None

    def at(self, place: int) -> Value | Unknown:
        """The fact of one of them, as the engine has it."""
        if self.unknown is not None and self.unknown[place]:
            return Unknown() if self.lacking is None else self.lacking.at(place)
        if self.nothing is not None and self.nothing[place]:
            return None
        return int(self.values[place])

    def take(self, places: Ints) -> Ordered:
        """The same for those at `places`, in that order."""
        lacking = None if self.lacking is None else self.lacking.take(places)
        return Ordered(self.values[places], _taken(self.unknown, places), _taken(self.nothing, places), lacking)


@dataclass(frozen=True, slots=True)
class Worded:
    """A fact of few different values, whatever they are: `words[codes]`, one for each household.

    A word may be any Value, Unknown too; truths, choices, sets and the answers of tables are such facts.
    """

    codes: Codes
    words: tuple[Value | Unknown, ...]

    def at(self, place: int) -> Value | Unknown:
        """The fact of one of them."""
        return self.words[int(self.codes[place])]

    def take(self, places: Ints) -> Worded:
        """The same for those at `places`, in that order."""
        return Worded(self.codes[places], self.words)


Known = Ordered | Worded


def truths(values: Bools, unknown: Bools | None = None, *, because: tuple[str, ...] = ()) -> Worded:
    """A fact that is true or false, and `because` of some missing field unknown in places."""
    codes = values.astype(np.int32)
    if unknown is not None:
        codes[unknown] = 2
    return Worded(codes, (False, True, Unknown(because)))


def _taken(mask: Bools | None, places: Ints) -> Bools | None:
    return None if mask is None else mask[places]
