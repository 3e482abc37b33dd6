"""One open step on its way out: the ways it may go, whom it goes to, and from when to when.

Fresh data and the ladder's gap hang on the hour it would go out at, and the hour hangs on the way; so they are settled
together, for one way at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache

from dunning.engine.contact.governor import Governor, Refusal
from dunning.engine.contact.hours import WHOLE_DAY, Hours, Ways, timed
from dunning.engine.known.clocks import DEMAND
from dunning.engine.known.contacts import IN_PERSON
from dunning.engine.steps.anchors import shifted
from dunning.engine.steps.candidates import CODES, Candidate, Kind, Reason, Withheld, in_order
from dunning.engine.steps.ready import USUAL_CHANNELS
from dunning.model.account import SHANGHAI, Account, Channel
from dunning.model.condition import Unknown
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import in_hours
from dunning.model.steps import CLASS_OF, ContactClass, Tone

_DAY = timedelta(days=1)
YIELDS: Mapping[Kind, int] = {"ladder": 0, "promise": 1, "reminder": 2}
TONES: Mapping[Tone, int] = {"friendly": 0, "service_value": 1, "firm": 2, "legal": 3}
_CONTACTS = frozenset({"contact_debtor", "contact_third_party"})
_LONG_AGO = datetime(1, 1, 1)  # noqa: DTZ001 - on the clocks of China, as all times here
_NO_DAY = Unknown(("data_as_of",))
_UNNAMED: Ways = frozenset({None})
MESSAGES: Ways = frozenset(channel for channel, kind in CLASS_OF.items() if kind == "message")


class Pending:
    """A step that is due as far as its own account goes.

    `options` are the ways to go, one to be taken (empty: it contacts nobody); `to` whom it reaches. `refusals`, set by
    `attempt`, say why it does not go today. Data is of `drawn`, and fresh until `fresh_until` (None: for ever).
    """

    __slots__ = (
        "account", "book", "candidate", "drawn", "exhausted", "fresh_until", "option", "options", "refusals", "settled",
        "slot", "to",
    )  # fmt: skip

    def __init__(self, candidate: Candidate, account: Account, book: RuleBook) -> None:
        self.candidate = candidate
        self.account = account
        self.book = book
        self.options = _options(candidate)
        self.option = 0
        self.exhausted = False
        self.to = frozenset(candidate.to or (f"the {candidate.receiver}",))
        self.drawn = None if account.data_as_of is None else in_shanghai(account.data_as_of)
        self.fresh_until = _fresh_until(self.drawn, book)
        self.refusals: list[Refusal] = []
        self.slot = (0, 0)
        self.settled = False

    def turn(self) -> tuple[object, ...]:
        """Who goes first where caps bind: a lower `priority` before a higher before none; then ladder, promise
        reminders, other reminders; then the graver tone, what has been due longer, what was tried less often."""
        step, each = self.candidate.step, self.candidate
        return (
            step.priority is None, step.priority or 0, YIELDS[each.kind], -TONES[each.tone], each.since or date.max,
            each.occurrence, self.account.id, each.rank, each.charge_id or "", each.anchor_record,
        )  # fmt: skip

    @property
    def ways(self) -> Ways:
        """The way it goes, or would go, today."""
        return self.options[self.option] if self.options else frozenset()

    @property
    def message(self) -> bool:
        """Whether it is nothing but a message, and so part of the one message of the day."""
        return bool(self.options) and self.ways <= MESSAGES and self.candidate.step.action != DEMAND

    def reset(self) -> None:
        self.settled = False
        self.refusals = []

    def attempt(self, governor: Governor) -> bool:
        """Whether it may go today as things are planned so far; where not, `refusals` say why, in order."""
        on = governor.on
        refusals = governor.refusals(self.ways) if self.options else []
        gap_over = self._gap_over()
        slot = self._slot(self._hours(governor, on), gap_over, on)
        if gap_over is not None and slot is None:
            last = self._last_in_gap(governor, gap_over)
            if last >= on:
                refusals.append(self._too_soon(last))
        self.slot = slot or (0, 0)
        if self.fresh_until is not None and _over(self.fresh_until, on, self.slot[0]):
            refusals.append(self._stale())
        if len(refusals) > 1:
            refusals.sort(key=lambda refusal: CODES.index(refusal.code))
        self.refusals = refusals
        return not refusals

    def _hours(self, governor: Governor, day: date) -> Hours:
        return governor.hours(self.ways, day) if self.options else WHOLE_DAY

    def _slot(self, hours: Hours, gap_over: datetime | None, on: date) -> tuple[int, int] | None:
        """The first hours left once the gap is over; rather such as were not over when the data was drawn."""
        left = hours if gap_over is None else _after(hours, gap_over, on)
        if self.drawn is None or not left:
            return left[0] if left else None
        drawn = _minute(self.drawn, on)
        return next((stretch for stretch in left if stretch[1] > drawn), left[0])

    def _gap_over(self) -> datetime | None:
        """When the ladder may go on after its last contact; None where no gap applies."""
        gap, since = self.book.ladder.min_gap, self.candidate.gap_since
        if since is None or not gap.count:
            return None
        since = in_shanghai(since)
        if gap.unit == "h":
            return since + timedelta(hours=gap.count)
        return _at(shifted(since.date(), gap, self.book.calendar)[0], 0)

    def _last_in_gap(self, governor: Governor, over: datetime) -> date:
        """The last day of the gap: the day it ends on, if that day's hours are over by then."""
        day = over.date()
        hours = self._hours(governor, day)
        return day if hours and self._slot(hours, over, day) is None else day - _DAY

    def _too_soon(self, last: date) -> Refusal:
        ladder = self.book.ladder
        gap = f"{ladder.min_gap.count}{ladder.min_gap.unit}"
        return Refusal("min_gap", last, (Reason("min_gap", "limit", f"min_gap {gap}", last, ladder.at),))

    def _stale(self) -> Refusal:
        value = _NO_DAY if self.drawn is None else self.drawn.date()
        reason = Reason("stale_data", "fact", "data_as_of", value, self.book.contact.at)
        return Refusal("stale_data", None, (reason,))

    # What comes of it

    def not_before(self, on: date) -> datetime:
        """The time it may go out from, in Asia/Shanghai."""
        return _told(on, self.slot[0])

    def not_after(self, on: date) -> datetime | None:
        """The end of its hours, or of fresh data before that; None for what has no hours."""
        if not timed(self.ways):
            return None
        end, fresh = self.slot[1], self.fresh_until
        if fresh is not None and fresh < _at(on, end):
            return fresh.replace(tzinfo=SHANGHAI)
        return _told(on, end)

    def goes_with(self, ways: Ways) -> bool:
        """Whether a message by these channels does for it; what was to be a call or a visit goes by its own alone."""
        wanted = self.candidate.step.channels or USUAL_CHANNELS.get(self.candidate.step.action)
        return wanted is None or CLASS_OF[wanted.channels[0]] not in IN_PERSON or ways <= set(wanted.channels)

    def hours(self, governor: Governor) -> tuple[tuple[datetime, datetime], ...]:
        """All hours of the day in which it may go out, the first first; none for what has no hours."""
        if not timed(self.ways):
            return ()
        on, fresh = governor.on, self.fresh_until
        found = []
        for since, until in _after(self._hours(governor, on), self._gap_over(), on):
            if since >= self.slot[0] and (fresh is None or _at(on, since) < fresh):
                end = _told(on, until) if fresh is None or _at(on, until) <= fresh else fresh.replace(tzinfo=SHANGHAI)
                found.append((_told(on, since), end))
        return tuple(found)

    def must_turn(self, governor: Governor) -> bool:
        """Whether there is another way to go, and hours or caps close this one for longer than the step can wait."""
        last = self.candidate.last
        if last is None or self.exhausted or len(self.options) < 2:
            return False
        if any(refusal.code not in ("cap", "window") for refusal in self.refusals):
            return False
        day = governor.next_day(self.ways)
        return day is None or day > last

    def turn_to_next(self) -> None:
        """Takes the next way to go; after the last the first again, and then no more.

        A call or a visit stays one: that it fails lets it go on as a message, that the day is full does not.
        """
        stays = _classes(self.options[0])
        stays = stays if stays & IN_PERSON else frozenset()
        later = range(self.option + 1, len(self.options))
        self.option = next((place for place in later if not stays or _classes(self.options[place]) == stays), 0)
        self.exhausted = self.option == 0

    def withheld(self, governor: Governor) -> Withheld:
        """The step with the codes that keep it back, the last day of the first, and the next time it may go."""
        first = self.refusals[0]
        reasons = [reason for refusal in self.refusals for reason in refusal.reasons]
        later = self._later(governor)
        if later is not None:
            reasons.append(later)
        codes = in_order([refusal.code for refusal in self.refusals])
        candidate = self.candidate
        return Withheld(candidate.step.id, candidate.charge_id, codes, first.last, (*candidate.because, *reasons))

    def _later(self, governor: Governor) -> Reason | None:
        """The next day and hours on which gap, caps and hours allow it, as things stand."""
        ends = [refusal.last for refusal in self.refusals if refusal.code != "stale_data"]
        if not ends or None in ends:
            return None
        since = max(end for end in ends if end is not None) + _DAY
        day = governor.next_day(self.ways, since) if self.options else since
        if day is None:
            return None
        slot = self._slot(self._hours(governor, day), self._gap_over(), day)
        assert slot is not None  # the gap is over by then, and the day has hours
        return Reason(self.refusals[0].code, "day", f"next {_clock(slot[0])}-{_clock(slot[1])}", day)


def _options(candidate: Candidate) -> tuple[Ways, ...]:
    """One way for channels used together, several for channels tried one after another."""
    channels = candidate.channels
    if channels is None:
        contacts = candidate.action is not None and not _CONTACTS.isdisjoint(candidate.action.effects)
        return (_UNNAMED,) if contacts else ()
    return _together(channels.channels) if channels.mode == "all_of" else _one_by_one(channels.channels)


@lru_cache(maxsize=1024)
def _together(channels: tuple[Channel, ...]) -> tuple[Ways, ...]:
    return (frozenset(channels),)


@lru_cache(maxsize=1024)
def _one_by_one(channels: tuple[Channel, ...]) -> tuple[Ways, ...]:
    return tuple([frozenset((channel,)) for channel in channels])


def _after(hours: Hours, gap_over: datetime | None, on: date) -> list[tuple[int, int]]:
    """The hours of a day left once the gap is over."""
    earliest = 0 if gap_over is None else _minute(gap_over, on)
    return [(max(since, earliest), until) for since, until in hours if until > earliest]


def _classes(ways: Ways) -> frozenset[ContactClass]:
    return frozenset(CLASS_OF[way] for way in ways if way is not None)


def in_shanghai(moment: datetime) -> datetime:
    """A moment on the clocks of China, its zone left out; one that has no zone is taken to be read off them."""
    return moment if moment.tzinfo is None else moment.astimezone(SHANGHAI).replace(tzinfo=None)


def _fresh_until(drawn: datetime | None, book: RuleBook) -> datetime | None:
    """Until when data may be acted on; data of no known day never may."""
    lasts = book.contact.fresh_data
    if lasts is None:
        return None
    return _LONG_AGO if drawn is None else drawn + timedelta(hours=in_hours(lasts)[0])


def _told(day: date, minute: int) -> datetime:
    """A minute of a day, as it is told to others; hours end before midnight."""
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=SHANGHAI)


def _at(day: date, minute: int) -> datetime:
    """A minute of a day; the last one's end is the next day's beginning."""
    start = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - on the clocks of China
    return start + timedelta(minutes=minute) if minute else start


def _over(moment: datetime, on: date, minute: int) -> bool:
    """Whether a moment lies before a minute of a day."""
    day = moment.date()
    return day < on or (day == on and moment < _at(on, minute))


def _minute(moment: datetime, on: date) -> int:
    """How far into a day a moment lies: 0 if before it, the whole day if after it."""
    if moment.date() != on:
        return 0 if moment.date() < on else 24 * 60
    return moment.hour * 60 + moment.minute + (moment.second > 0 or moment.microsecond > 0)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
