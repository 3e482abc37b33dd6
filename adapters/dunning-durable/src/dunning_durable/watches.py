"""What can happen to an account, and the patterns of it that are worth a call: signs, watches, and their rules.

A watch says nothing of money and law: what is due and graded `dunning` says, and a watch only reads the signs of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

DAY = "day"  # the sign that a day has come on which the account had to be looked at


class Sign(NamedTuple):
    """One thing that happened to an account on a day of the session.

    `what`: `grade`, `step`, `promise`, `episode` (of its answer), `day`, or the list a new record is in (`payments`).
    `name`: the table, the step, the promised day, the record's kind or step; `charge` where a grade or step is of one.
    `was`, `now`: the answer before and after, "" where there was none; of a record its outcome or decision, in `now`.
    """

    on: date
    what: str
    name: str = ""
    was: str = ""
    now: str = ""
    charge: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """Which signs are meant; None is any."""

    what: str
    name: str | None = None
    was: str | None = None
    now: str | None = None

    def fits(self, sign: Sign) -> bool:
        asked = ((self.what, sign.what), (self.name, sign.name), (self.was, sign.was), (self.now, sign.now))
        return all(word is None or word == said for word, said in asked)

    def pattern(self, number: Callable[[str], int]) -> list[dict[str, Any]]:
        asked = (("what", self.what), ("name", self.name), ("was", self.was), ("now", self.now))
        return [{field: number(word)} for field, word in asked if word is not None]


@dataclass(frozen=True, slots=True)
class Watch:
    """A kind of change: one sign; or `then` another within so many days; or none of `unless` for so many days.

    Days are those of the session. `then` may come on the same day, and on the last of `within`; the call for what did
    not come is made on the day after that.
    """

    kind: str
    first: Seen
    then: Seen | None = None
    unless: Seen | None = None
    within: int = 0

    def __post_init__(self) -> None:
        if self.then and self.unless:
            raise ValueError(f"{self.kind}: either `then` or `unless`; for both write two watches")
        if (self.within > 0) is not (self.then is not None or self.unless is not None):
            raise ValueError(f"{self.kind}: `within` is the days for `then` or `unless`, and at least 1")

    @property
    def alone(self) -> bool:
        return self.then is None and self.unless is None

    def keeps(self, sign: Sign) -> bool:
        """Whether a sign can be part of a match that a later one completes."""
        return not self.alone and (self.first.fits(sign) or (self.unless is not None and self.unless.fits(sign)))

    def rule(self, number: Callable[[str], int]) -> dict[str, Any]:
        """The watch in durable-rules' own words, all of it in ints."""
        first = {"$and": self.first.pattern(number)}
        if self.alone:
            return {"all": [{"last": first}]}
        later = [{"of": {"first": "of"}}, {"$gt": {"n": {"first": "n"}}}]
        if self.then is not None:
            near = {"$lte": {"day": _after(self.within)}}
            return {"all": [{"first": first}, {"last": {"$and": [*self.then.pattern(number), *later, near]}}]}
        assert self.unless is not None
        over = {"$and": [*Seen(DAY).pattern(number), *later, {"day": _after(self.within + 1)}]}
        # What is absent comes last: before another pattern, durable-rules looks for it once and never again.
        absent = {"$and": [*self.unless.pattern(number), *later]}
        return {"all": [{"first": first}, {"last": over}, {"absent$not": absent}]}

    def borne_out(self, first: Sign, last: Sign, between: Iterable[Sign]) -> bool:
        """Whether the signs of a match are the pattern; `between` are those kept from first to last."""
        days = (last.on - first.on).days
        if not self.first.fits(first):
            return False
        if self.then is not None:
            return self.then.fits(last) and days <= self.within
        return (
            last.what == DAY
            and days == self.within + 1
            and not any(self.unless and self.unless.fits(sign) for sign in between)
        )


def _after(days: int) -> Mapping[str, Any]:
    return {"$add": {"$l": {"first": "day"}, "$r": days}}


WATCHES = (
    Watch("grade_changed", Seen("grade")),
    Watch("step_due", Seen("step", now="due")),
    Watch("step_over", Seen("step", was="due")),
    Watch("promise_kept", Seen("promise", now="kept")),
    Watch("promise_broken", Seen("promise", now="broken")),
    Watch("episode_began", Seen("episode", now="running")),
    Watch("episode_ended", Seen("episode", was="running", now="over")),
)
"""A grade changed, a step became due or is due no longer, a promise was kept or broken, arrears began or are gone."""
