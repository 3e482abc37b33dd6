"""What a book says of contacts and steps: the governor, the reminders, the ladder, pauses, offers and targets.

Read once by `lang.read`, so that the ladder and the governor see typed records and never rule text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from dunning.basis.finding import Text
from dunning.basis.span import Span
from dunning.model.account import Channel, Proof
from dunning.model.action import Receiver, Role
from dunning.model.anchor import Anchor, ClockRange, CountRange, Duration, ShareRange, Window
from dunning.model.condition import ALWAYS, Condition

NO_TIME = Duration(0, "d")
A_MONTH = Duration(30, "d")

ContactClass = Literal["phone", "visit", "message", "post"]
CLASS_OF: Mapping[Channel, ContactClass] = {
    "phone": "phone", "ai_voice": "phone", "visit": "visit", "sms": "message", "wechat": "message", "app": "message",
    "email": "message", "letter": "post", "ems": "post", "notice": "post",
}  # fmt: skip
"""Channels by class; `post` has no hours, and `any` in a cap is phone, visit and message."""

DayKind = Literal["workday", "rest_day", "festival"]
Tone = Literal["friendly", "service_value", "firm", "legal"]
Recorded = Literal["reason", "content", "outcome", "party", "promise", "proof"]
Need = Literal[
    "two_persons", "badge", "recorder_notice", "written", "contract", "proof_of_debt", "dunning_record",
    "service_record", "demand_proof", "ledger", "sealed_envelope", "ai_disclosed", "human_option", "price_posted",
    "consent", "within_limits", "no_entry_or_filming", "least_data", "own_debt_only", "truthful",
    "arbitration_agreement", "certain_sum", "security", "proof_of_means",
]  # fmt: skip
Occasion = Literal["month", "quarter", "half_year", "year", "episode", "charge"]


@dataclass(frozen=True, slots=True)
class By:
    """A value taken from a table: `role: {by: handler}`."""

    table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most (a cap) or at least (a quota) `count` contacts `of` a class, a channel or `any`, in a stretch of days."""

    count: int
    of: str
    per: Duration
    when: Condition = ALWAYS
    title: str = ""
    source: str = ""
    lacks: Literal["report"] = "report"  # what a quota not met leads to
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The governor: hours by class and kind of day, caps, quotas, and how old data may be.

    A class left out of `windows` has no hours of its own.
    """

    windows: Mapping[ContactClass, Mapping[DayKind, tuple[ClockRange, ...]]] = field(default_factory=dict)
    caps: tuple[Limit, ...] = ()
    quotas: tuple[Limit, ...] = ()
    fresh_data: Duration | None = None
    covers: tuple[str, ...] = ()
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class Channels:
    """`first_of`: the next is tried when one fails; `all_of`: together, one contact in `any`."""

    mode: Literal["first_of", "all_of"]
    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """Again after `every`, `times` in all at most (None: no limit), while `until` is not true."""

    every: Duration
    times: int | None = None
    until: Condition | None = None


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """Distinct people, each role covered, none of them the one who prepared it, each decision at most `valid` old."""

    roles: tuple[Role, ...]
    valid: Duration = A_MONTH


@dataclass(frozen=True, slots=True)
class Gives:
    """The time a demand gives: the later of the two, counted from the day after delivery or sending."""

    deadline: Duration
    at_least: Duration | None = None
    from_: Literal["delivered", "sent"] = "delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One reminder or one rung of the ladder. `window` None: as soon as something is overdue.

    `after` names what must have happened before; `tone` None: the tone in the head of the template used.
    """

    id: str
    title: Text
    action: str
    window: Window | None = None
    of: Literal["account", "charge"] = "account"
    when: Condition = ALWAYS
    after: tuple[Anchor, ...] = ()
    repeat: Repeat | None = None
    channels: Channels | None = None
    to: Receiver = "debtor"
    role: Role | By | None = None
    needs: tuple[Need, ...] = ()
    record: tuple[Recorded, ...] = ()
    approval: ApprovalRule | None = None
    gives: Gives | None = None
    proof: Proof | None = None
    template: str | By | None = None
    tone: Tone | By | None = None
    late: Literal["keep", "drop"] = "keep"
    priority: int | None = None
    once_per: Occasion | None = None
    source: str = ""
    covers: tuple[str, ...] = ()
    at: Span | None = None
    action_at: Span | None = None
    pack: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text that is sent or said under a step: the ERP fills in its `fields` and sends it.

    `tone` is that of a step which says none; `channels` are those it is written for (empty: any). `at` is where its
    text begins.
    """

    id: str
    title: str
    tone: Tone
    channels: tuple[Channel, ...] = ()
    language: Literal["zh", "en"] = "zh"
    fields: tuple[str, ...] = ()
    text: str = ""
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The rungs in order, lowest first; `at_end` is the action that follows the last one."""

    steps: tuple[Step, ...] = ()
    catch_up: Literal["only_highest", "lowest_first", "all"] = "only_highest"
    min_gap: Duration = NO_TIME
    at_end: str | None = None
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """What rests: the ladder, the reminders, all steps, every step of one tone, or one step by name."""

    what: Literal["ladder", "reminders", "all", "tone", "step"]
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """While a condition holds these steps rest; `until` asks in addition for an answer or a closed dispute."""

    while_: Condition
    stops: tuple[Stop, ...]
    until: Literal["answered", "closed"] | None = None
    answer_within: Duration | None = None
    source: str = ""
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class Promises:
    """A promise rests the ladder if it is at most `longest` off and fewer than `in_a_row` promises stand before it."""

    longest: Duration = A_MONTH
    in_a_row: int = 2


@dataclass(frozen=True, slots=True)
class Authority:
    """Who may grant an offer: up to a share, above one, or whatever its size (both None)."""

    roles: tuple[Role, ...]
    up_to: Fraction | None = None
    above: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What staff may offer a debtor: limits on plans, deferrals and waivers; it changes no balance."""

    id: str
    kind: Literal["instalments", "deferral", "waiver", "reduction"]
    title: str = ""
    when: Condition = ALWAYS
    count: CountRange | None = None
    every: Duration | None = None
    months: CountRange | None = None
    waive: ShareRange | None = None
    accrual: Literal["none", "normal"] = "normal"
    on_break: Literal["resume", "retroactive"] = "resume"
    tolerance: Duration = NO_TIME
    needs: tuple[Need, ...] = ()
    authority: tuple[Authority, ...] = ()
    source: str = ""
    covers: tuple[str, ...] = ()
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incentive:
    """A discount, or a benefit in words, for those the condition holds of."""

    title: str
    when: Condition
    discount: Fraction | None = None
    benefit: str = ""
    source: str = ""
    covers: tuple[str, ...] = ()
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class Incentives:
    stacking: Literal["best", "sum", "first"] = "best"
    rows: tuple[Incentive, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A share to be reached by a day; reported, never acted on."""

    measure: str
    at_least: Fraction
    by: Window | None = None
    title: str = ""
    source: str = ""
    covers: tuple[str, ...] = ()
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """Something asked for somewhere and refused here: the item, what it says, the article or reason."""

    item: str
    says: str
    because: str
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class Retired:
    """A table or step no longer there: the `reason`, or the name it has `now`."""

    name: str
    reason: str = ""
    now: str = ""
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Between two anchored days a book takes the place of the book named in `then`."""

    since: Anchor | None
    until: Anchor | None
    then: str
    at: Span | None = None
