"""What the steps of one account come to: each a candidate for the worklist, or withheld, with its reasons.

The worklist sees a person's accounts together; so it is told here all it needs of each, and reads no rules again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from dunning.basis.money import Fen
from dunning.basis.span import Span
from dunning.engine.owed.tab import ChargeState
from dunning.model.action import Action, Receiver, Role
from dunning.model.condition import Unknown, Value
from dunning.model.steps import Channels, Need, Recorded, Step, Tone

Code = Literal[
    "prohibited", "gate", "not_yet", "missed", "done", "unknown", "condition", "after", "hold", "plan", "promise",
    "dispute", "evidence", "approval", "quiet", "superseded", "unreachable", "stale_data", "min_gap", "cap", "window",
    "grouped",
]  # fmt: skip
CODES: tuple[Code, ...] = (
    "prohibited", "gate", "not_yet", "missed", "done", "unknown", "condition", "after", "hold", "plan", "promise",
    "dispute", "evidence", "approval", "quiet", "superseded", "unreachable", "stale_data", "min_gap", "cap", "window",
    "grouped",
)  # fmt: skip
"""Why a step is withheld, in the order they are told in; those from `stale_data` on are the worklist's."""

_PLACE: Mapping[str, int] = {code: place for place, code in enumerate(CODES)}

Kind = Literal["ladder", "promise", "reminder"]
"""Who yields when caps bind: the last first, unless a step's `priority` says otherwise."""

VoidIf = Literal["paid", "promise", "dispute", "hold"]


def in_order(codes: Iterable[Code]) -> tuple[Code, ...]:
    """Codes each once, in the order they are told in."""
    return _in_order(tuple(codes))


@lru_cache(maxsize=4096)
def _in_order(codes: tuple[Code, ...]) -> tuple[Code, ...]:
    return tuple(sorted(set(codes), key=_PLACE.__getitem__))


class Reason(NamedTuple):
    """One thing that led to a code, or with `code` "" to the step being due.

    `name` is a fact or table, a record (`contacts/C1`), an article, a step, a role whose decision is missing, a channel
    or a limit; `value` what was read of it, or the last day it holds. `at` is the place of the rule that asks.
    """

    code: Code | Literal[""]
    kind: Literal["fact", "record", "article", "step", "role", "day", "channel", "limit"]
    name: str
    value: Value | Unknown | date = None
    at: Span | None = None


class Ask(NamedTuple):
    """What is asked for, in fen, as it stood at the end of `as_of`. `late_fee` None: it cannot be determined."""

    principal: Fen
    late_fee: Fen | None
    as_of: date

    @property
    def total(self) -> Fen:
        return self.principal + (self.late_fee or 0)


class Withheld:
    """A step that is not due, with all the codes that keep it back; `code` is the first.

    `until`: the last day that code is known to hold. `because` is looked up when first asked for. A plain class, for an
    account has thirty of these and they are most of what an assessment makes; accounts share those that hang on nothing
    of theirs.
    """

    __slots__ = ("_because", "_why", "charge", "codes", "step", "until")

    def __init__(
        self,
        step: str,
        charge: str | None,
        codes: tuple[Code, ...],
        until: date | None = None,
        because: tuple[Reason, ...] = (),
        why: Callable[[], tuple[Reason, ...]] | None = None,
    ) -> None:
        self.step = step
        self.charge = charge
        self.codes = codes
        self.until = until
        self._because = because
        self._why = why

    def of(self, charge: ChargeState | None) -> Withheld:
        """The same of a charge; without one, just this."""
        if charge is None:
            return self
        return Withheld(self.step, charge.charge.id, self.codes, self.until, self._because, self._why)

    def because_of(self, why: Callable[[], tuple[Reason, ...]] | None) -> Withheld:
        """The same of another account, whose own reasons `why` finds; None: of any, without such reasons."""
        return Withheld(self.step, self.charge, self.codes, self.until, self._because, why)

    @property
    def why_asked(self) -> bool:
        """Whether some of its reasons are still to be looked up."""
        return self._why is not None

    @property
    def code(self) -> Code:
        return self.codes[0]

    @property
    def because(self) -> tuple[Reason, ...]:
        """What led to each code, in the order of the codes."""
        if self._why is not None:
            self._because = (*self._because, *self._why())
            self._why = None
        if len(self._because) > 1 and len(self.codes) > 1:
            return tuple(sorted(self._because, key=lambda reason: _PLACE.get(reason.code, 0)))
        return self._because

    def _all(self) -> tuple[object, ...]:
        return self.step, self.charge, self.codes, self.until, self.because

    def __eq__(self, other: object) -> bool:
        return self._all() == other._all() if isinstance(other, Withheld) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.step, self.charge, self.codes, self.until))

    def __repr__(self) -> str:
        return f"Withheld(step={self.step!r}, charge={self.charge!r}, codes={self.codes!r}, until={self.until!r})"

    def __reduce__(self) -> tuple[type[Withheld], tuple[object, ...]]:
        return Withheld, self._all()


class Candidate(NamedTuple):
    """One step for one occurrence of its anchor, due as far as its own account goes: the worklist may let it pass.

    What it says and asks for (its key, charges, role, template, and from `ask` to `void_if`) is worked out once it goes
    out: `in_full`.

    `rank` is the step's place in the book, reminders before the ladder; `charge` the charge of a step `of: charge`,
    `charges` those it speaks of, after the gates. `since`: the day it fell due; `last`: the last day of a reminder's
    window (None: no end). `to` are party ids. `channels` are narrowed to those the party can be reached by and that
    have not failed; None for what needs none. `gap_since`: the last contact of this ladder, from which `min_gap` counts
    (None: it does not apply). `provisional`: its day hangs on a year the calendar does not know.
    """

    step: Step
    kind: Kind
    rank: int
    charge: ChargeState | None = None
    because: tuple[Reason, ...] = ()
    since: date | None = None
    last: date | None = None
    anchor_kind: str = ""
    anchor_record: str = ""
    occurrence: int = 0
    key: str = ""
    action: Action | None = None
    charges: tuple[ChargeState, ...] = ()
    to: tuple[str, ...] = ()
    receiver: Receiver = "debtor"
    channels: Channels | None = None
    role: Role | None = None
    tone: Tone = "friendly"
    template: str | None = None
    ask: Ask | None = None
    needs: tuple[Need, ...] = ()
    record: tuple[Recorded, ...] = ()
    pay_by: date | None = None
    approved_by: tuple[str, ...] = ()
    void_if: tuple[VoidIf, ...] = ()
    gap_since: datetime | None = None
    provisional: bool = False
    rest: Callable[[Candidate], Candidate] | None = None

    def in_full(self) -> Candidate:
        """With everything it says and asks for."""
        return self if self.rest is None else self.rest(self)

    @property
    def codes(self) -> tuple[Code, ...]:
        """Nothing keeps it back."""
        return ()

    @property
    def charge_id(self) -> str | None:
        return None if self.charge is None else self.charge.charge.id
