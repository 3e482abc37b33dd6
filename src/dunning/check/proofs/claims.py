"""What is claimed of a book, what came of asking, and the household that shows a claim to be false."""

from __future__ import annotations

from datetime import date
from typing import Literal, NamedTuple

from dunning.basis.finding import Text
from dunning.model.account import Account

Answer = Literal["proved", "false", "not_claimed", "open"]
"""`not_claimed`: a sentence that sounds right and is not, by the definition of the fee; nobody is to rely on it.
`open`: the solver did not get there, or there is nothing to ask of.
"""

NOTHING = Text("", "")


class Shown(NamedTuple):
    """A household that was really run on that day, and what came out."""

    account: Account
    on: date
    told: Text


class Claim(NamedTuple):
    """One claim and whether it holds.

    `of` is what it is claimed of (terms, a step, a table), `reach` for which numbers and households it is proved, or
    why it is false or open; `shown` a household for which it is false.
    """

    name: str
    title: Text
    answer: Answer
    of: Text = NOTHING
    reach: Text = NOTHING
    shown: Shown | None = None
