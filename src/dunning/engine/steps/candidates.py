"""What the steps of one account hand to the worklist: every configured step, due or withheld, with its reasons.

The worklist sees a person's accounts together; so it is told here all it needs of each, and reads no rules again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
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

_PLACE = {code: place for place, code in enumerate(CODES)}

Kind = Literal["ladder", "promise", "reminder"]
"""Who yields when caps bind: the last first, unless a step's `priority` says otherwise."""

VoidIf = Literal["paid", "promise", "dispute", "hold"]


def in_order(codes: Iterable[Code]) -> tuple[Code, ...]:
    """Codes each once, in the order they are told in."""
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


class Candidate(NamedTuple):
    """One step for one occurrence of its anchor. With `codes` it is withheld; without, the worklist may let it pass.

    `rank` is the step's place in the book, reminders before the ladder; `charge` the charge of a step `of: charge`,
    `charges` those it speaks of, after the gates. `key` is empty where the step is withheld. `since`: the day it fell
    due; `last`: the last day of a reminder's window (None: no end). `until`: the last day the first code is known to
    hold. `to` are party ids. `channels` are narrowed to those the party can be reached by and that have not failed;
    None for what needs none. `gap_since`: the last contact of this ladder, from which `min_gap` counts (None: it does
    not apply). `because` are the reasons at hand, `why` finds those that take looking up.
    """

    step: Step
    kind: Kind
    rank: int
    charge: ChargeState | None
    codes: tuple[Code, ...]
    until: date | None = None
    because: tuple[Reason, ...] = ()
    why: Callable[[], tuple[Reason, ...]] | None = None
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

    def reasons(self) -> tuple[Reason, ...]:
        """All reasons, those that take looking up included."""
        return self.because if self.why is None else (*self.because, *self.why())

    @property
    def charge_id(self) -> str | None:
        return None if self.charge is None else self.charge.charge.id
