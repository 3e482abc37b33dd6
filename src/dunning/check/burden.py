"""How often the steps of a book may have a household sought, all that can hold together, against its caps.

Caps are kept whatever the steps say; what they cannot let through waits, or is missed. Which steps hold together is
asked of the boxes, so the most is the most of all households, and the one it happens to is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import inf
from typing import NamedTuple

from dunning.basis.finding import Finding, Text
from dunning.basis.money import decimal_text
from dunning.basis.span import Place, Span
from dunning.check.asked import Subject
from dunning.check.chart import Chart, View
from dunning.check.coming import DRIFTING, base_facts, coming, is_rung, span
from dunning.check.coverage import trial_day
from dunning.check.examples import Speech
from dunning.check.households import household
from dunning.check.never import examined
from dunning.check.timing import OF_STEPS
from dunning.engine.contact.caps import Numbered, numbers
from dunning.engine.known.clocks import DEMAND
from dunning.engine.ladder.pending import MESSAGES
from dunning.engine.law.guard import find_action, law_of
from dunning.engine.law.refusal import pointing_at
from dunning.engine.steps.ready import USUAL_CHANNELS
from dunning.lang.words.words import LIMITED
from dunning.model.anchor import AnchorWindow, CalendarWindow, Duration
from dunning.model.boxes import EVERYTHING, Box, Point, UndecidedError
from dunning.model.condition import facts_of
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import in_hours
from dunning.model.steps import Step

_PERIOD = {"month": 28, "quarter": 90, "half_year": 181, "year": 365}
"""The fewest days from one to the next."""
_PATIENCE = 20_000
"""Ways to put steps together that are tried for one book: a few seconds."""
_OFTEN = 36_500
"""Days in which whatever can come again does."""


Number = int | Fraction
"""So many contacts: whole ones, or what comes of a rate."""


class Share(NamedTuple):
    """A step and how many contacts of the most are its."""

    step: Step
    times: Number


class Load(NamedTuple):
    """The most contacts that count under a cap: by which steps, and for which households (a point of the chart)."""

    cap: Numbered
    most: Number
    shares: tuple[Share, ...]
    point: Point


class Loads(NamedTuple):
    """Of the caps that steps may pass: what they come to for ever, and at the most; told of households of the view."""

    lasting: Sequence[Load]
    highest: Sequence[Load]
    view: View


def burden(book: RuleBook) -> Iterator[Finding]:
    """Caps that repeating steps never keep to, and how far all steps together may come to pass the others."""
    try:
        found = loads(book)
    except UndecidedError:
        yield Finding("Q514", book.at, {})
        return
    if found is None:
        return
    yield from (_told("Q502", book, found.view, load) for load in found.lasting)
    lasting = [load.cap for load in found.lasting]
    high = sorted((load for load in found.highest if load.cap not in lasting), key=_by_length)
    if high:
        yield _told("Q511", book, found.view, high[0], high[1:])


def _by_length(load: Load) -> tuple[int, Fraction]:
    """The cap over most days first, of those the one that is passed by most."""
    return -days_of(load.cap), -Fraction(load.most, load.cap.times)


def loads(book: RuleBook) -> Loads | None:
    """How often the steps that hold together have a household sought, where caps are passed; None where none is.

    A base that is for nobody has no households. UndecidedError where it is too much to look through.
    """
    caps = _caps(book) if book.applies is not None else []
    always = [_Sought(book, cap, 1, _rate) for cap in caps]
    peaks = [_Sought(book, cap, days_of(cap), _times) for cap in caps]
    wanted = [each for each in (*always, *peaks) if each.exceeds]
    if not wanted:
        return None
    where = _Where(book, (entry for each in wanted for entry in each.entries))
    lasting, highest = (
        [load for each in several if (load := each.load(where)) is not None] for several in (always, peaks)
    )
    return Loads(lasting, highest, where.view)


def _caps(book: RuleBook) -> list[Numbered]:
    """The caps that hold for all households of a book, the strictest of each kind, its own before those of the law.

    One of none at all is no cap to be passed: whatever counts under it never comes.
    """
    found: dict[tuple[str, int], Numbered] = {}
    for cap in numbers(book, law_of(book).on(trial_day(book))).caps:
        key = cap.of, days_of(cap)
        if cap.concerns is None and cap.times and (key not in found or cap.times < found[key].times):
            found[key] = cap
    return list(found.values())


def days_of(cap: Numbered) -> int:
    """How many days, the last of them today, count under a cap at the most."""
    most = in_hours(cap.per)[1]
    return -(-most // 24) + (cap.per.unit == "h")


# One cap


@dataclass(frozen=True)
class Entry:
    """A step whose contacts count under a cap: how many there may be in so many days, and what they go with.

    `bundle`: it is part of the day's message to these, at the same time as others that begin on the same day. `open`:
    how long after what it hangs on the last of these days may be.
    """

    step: Step
    days: int
    times: Number
    rung: bool
    bundle: tuple[str, object] | None
    open: tuple[Open, ...]


class _Sought:
    """What counts under one cap in some days; `times` says how many contacts of a step do, if any."""

    def __init__(
        self, book: RuleBook, cap: Numbered, days: int, times: Callable[[Step, RuleBook, int], Number]
    ) -> None:
        self.book = book
        self.cap = cap
        self.days = days_of(cap)
        self.entries = []
        for step in (*book.reminders, *book.ladder.steps):
            counts = counting(step, book, cap) and step.id not in examined(book).dead
            if number := times(step, book, self.days) if counts else 0:
                open_ = _open(step, book, days)
                self.entries.append(Entry(step, days, number, is_rung(step, book), _bundle(step, book), open_))
        self.entries.sort(key=lambda entry: -entry.times)

    @cached_property
    def exceeds(self) -> bool:
        """Whether it would be too much if all steps went together."""
        return self._in_all(self.entries) > self.cap.times

    def _in_all(self, entries: Sequence[Entry]) -> Number:
        return sum(share.times for share in self._shares(entries))

    def _shares(self, entries: Sequence[Entry]) -> list[Share]:
        """Of steps that go together: the gap of the ladder parts its contacts, a message a day carries all messages."""
        left: dict[object, Number] = {"ladder": _of_ladder(self.book, self.days)}
        most: dict[object, Number] = {}
        shares = []
        for entry in entries:
            times = entry.times
            limits: list[object] = ["ladder"] if entry.rung else []
            if entry.bundle is not None:
                limits.append(entry.bundle[0])
                before = most.get(entry.bundle, 0)  # what begins with others goes in their message
                most[entry.bundle] = max(before, times)
                times = max(times - before, 0)
            for limit in limits:
                times = min(times, left.setdefault(limit, self.days))
            for limit in limits:
                left[limit] -= times
            if times:
                shares.append(Share(entry.step, times))
        return shares

    def _of_one_each(self, places: Iterable[int], apart: Sequence[int]) -> Number:
        """The most of these, one of each group in which no two go together."""
        groups: list[tuple[int, Number]] = []
        for place in places:
            for number, (members, most) in enumerate(groups):
                if not members & ~apart[place]:
                    groups[number] = members | 1 << place, max(most, self.entries[place].times)
                    break
            else:
                groups.append((1 << place, self.entries[place].times))
        return sum(most for _, most in groups)

    def load(self, where: _Where) -> Load | None:
        """The most that households are sought, if the cap does not leave it."""
        if not self.exceeds:
            return None
        best: list[Entry] = []
        apart = where.apart(self.entries)

        def search(taken: list[Entry], rest: Sequence[int], inside: Sequence[Box]) -> None:
            """With the first of the rest and all that go with it; then, if that may be more, without it."""
            nonlocal best
            where.take_a_step()
            least = max(self._in_all(best), self.cap.times)
            others = [self.entries[each] for each in rest]
            if (
                self._in_all([*taken, *others]) <= least
                or self._in_all(taken) + self._of_one_each(rest, apart) <= least
            ):
                return
            if not rest:
                best = taken
                return
            first = self.entries[rest[0]]
            if _overlap([*taken, first]) and (narrowed := where.both(inside, first)):
                search([*taken, first], [each for each in rest[1:] if not apart[rest[0]] >> each & 1], narrowed)
            search(taken, rest[1:], inside)

        search([], range(len(self.entries)), [EVERYTHING])
        if not best:
            return None
        return Load(self.cap, self._in_all(best), tuple(self._shares(best)), where.households(best))


class _Where:
    """The households of a book, and of which of them entries hold."""

    def __init__(self, book: RuleBook, entries: Iterable[Entry]) -> None:
        each = {(entry.step.id, entry.days): entry for entry in entries}
        asked = {key: coming(entry.step, book, entry.days) for key, entry in each.items()}
        whens = tuple(entry.step.when for entry in each.values())
        self.view = Chart(Subject(book, (), (*asked.values(), *whens)), on=trial_day(book)).views[0]
        self._patience = _PATIENCE
        self._boxes = {key: self.view.boxes(condition) for key, condition in asked.items()}

    def take_a_step(self) -> None:
        """UndecidedError where there are too many ways to put steps together."""
        self._patience -= 1
        if self._patience < 0:
            raise UndecidedError

    def apart(self, entries: Sequence[Entry]) -> list[int]:
        """For each of these, the places of those that it never goes with, as far as two by themselves tell."""
        found = [0] * len(entries)
        for one, other in combinations(range(len(entries)), 2):
            if not self._may_meet(entries[one], entries[other]):
                found[one] |= 1 << other
                found[other] |= 1 << one
        return found

    def _may_meet(self, one: Entry, other: Entry) -> bool:
        mine, theirs = (self._boxes[each.step.id, each.days] for each in (one, other))
        meet = self.view.chart.space.meet
        return _overlap([one, other]) and any(meet(each, its) is not None for each in mine for its in theirs)

    def both(self, inside: Sequence[Box], entry: Entry) -> list[Box]:
        """What of these boxes an entry holds of; nothing where there is no household."""
        space = self.view.chart.space
        narrowed = self.view.together([list(inside), self._boxes[entry.step.id, entry.days]])
        return narrowed if space.has(space.inside(narrowed)) else []

    def households(self, entries: Sequence[Entry]) -> Point:
        """Those of whom all hold: rather with all conditions met today than on one day or another."""
        space = self.view.chart.space
        inside = self.view.together([self._boxes[entry.step.id, entry.days] for entry in entries])
        today = self.view.together([inside, *(self.view.boxes(entry.step.when) for entry in entries)])
        point = space.find(space.inside(today)) or space.find(space.inside(inside))
        assert point is not None  # they were found to hold together
        return point


def _of_ladder(book: RuleBook, days: int) -> int:
    """How many contacts the ladder makes in some days, at the most: `min_gap` parts them."""
    gap = book.ladder.min_gap
    apart = in_hours(gap)[0] // 24
    return (days - 1) // apart + 1 if apart else _OFTEN


def _overlap(entries: Sequence[Entry]) -> bool:
    """Whether the days of all of them that hang on one event can be days of one stretch."""
    spans: dict[object, list[Open]] = {}
    for entry in entries:
        for each in entry.open:
            spans.setdefault(each.event, []).append(each)
    return all(max(one.low for one in several) <= min(one.high for one in several) for several in spans.values())


# One step


class Open(NamedTuple):
    """An event a step hangs on, and from which to which day after it the last of some days may be."""

    event: object
    low: float
    high: float


def _open(step: Step, book: RuleBook, days: int) -> tuple[Open, ...]:
    """All that is known of when a step goes; what follows a step that goes once hangs on what that hangs on."""
    return tuple(Open(event, low, high + days - 1) for event, low, high in _hangs_on(step, book, frozenset()))


def _hangs_on(step: Step, book: RuleBook, seen: frozenset[str]) -> Iterator[Open]:
    window = step.window
    if isinstance(window, CalendarWindow):
        return
    if step.repeat is None:
        yield Open(step.id, 0, 0)
    if window is None:
        return
    first, last = span(step)
    end = inf if last is None or step.repeat is not None else last
    event = window.first.event
    if event not in OF_STEPS:
        yield Open((event, window.first.of, step.of), first, end)
        return
    other = book.step(window.first.of)
    if other is not None and event != "expired" and other.id not in seen and other.repeat is None:
        for each in _hangs_on(other, book, seen | {step.id}):
            yield Open(each.event, each.low + first, each.high + end)


def counting(step: Step, book: RuleBook, cap: Numbered) -> bool:
    """Whether the contacts of a step count under a cap; of channels one after another the first is thought to do."""
    return not _ways(step, book).isdisjoint(cap.counted)


def _ways(step: Step, book: RuleBook) -> frozenset[str | None]:
    channels = step.channels or USUAL_CHANNELS.get(step.action)
    if channels is None:
        contacts = not {"contact_debtor", "contact_third_party"}.isdisjoint(find_action(step.action, book).effects)
        return frozenset({None} if contacts else ())
    return frozenset(channels.channels if channels.mode == "all_of" else channels.channels[:1])


def _bundle(step: Step, book: RuleBook) -> tuple[str, object] | None:
    """Whom a message goes to, and what begins with it; None for what goes by itself."""
    if step.action == DEMAND or not MESSAGES.issuperset(_ways(step, book)):
        return None
    to = "debtor" if step.to in ("debtor", "business_contact", "headquarters") else step.to
    window, every = step.window, step.repeat.every if step.repeat is not None else None
    begins = window.first if isinstance(window, AnchorWindow) else window
    return to, (begins, every, step.of)


def _times(step: Step, book: RuleBook, days: int) -> int:
    """How many contacts a step may make in so many days, each answered at once: one bill, one promise at a time."""
    return min(_most(step, book, days, frozenset()), days if step.of == "account" else _OFTEN)


def _most(step: Step, book: RuleBook, days: int, seen: frozenset[str]) -> int:
    comes = _occurrences(step, book, days, seen)
    if step.repeat is not None:
        every = max(1, _least(step.repeat.every))
        again = (days - 1) // every + 1
        if (open_days := _width(step)) is not None:
            again = min(again, open_days // every + 1)
        comes *= again if step.repeat.times is None else min(again, step.repeat.times)
    if step.once_per in _PERIOD and days < _OFTEN:
        comes = min(comes, (days - 2) // _PERIOD[step.once_per] + 2 if days > 1 else 1)
    elif step.once_per is not None and step.repeat is None:
        comes = min(comes, 1)
    return comes


def _occurrences(step: Step, book: RuleBook, days: int, seen: frozenset[str]) -> int:
    """How many times its window may be open in so many days."""
    window, width = step.window, _width(step)
    if isinstance(window, CalendarWindow):
        return (days - 1 + (width or 0)) // _PERIOD[window.period] + (1 if step.late == "drop" else 2)
    if window is None:
        return 1
    if window.first.event in OF_STEPS:
        other = book.step(window.first.of)
        if other is None or other.id in seen:
            return 1
        again = _most(other, book, _OFTEN, seen | {step.id}) > 1
        more = 1 if again and width is None else 0
        return _most(other, book, days + (width or 0), seen | {step.id}) + more
    return 1


def _width(step: Step) -> int | None:
    """The days from the first to the last of its window; None where it never closes."""
    window = step.window
    if isinstance(window, CalendarWindow):
        if step.late == "keep":
            return None
        same = (window.first > 0) is (window.last > 0)
        return window.last - window.first if same else _PERIOD[window.period]
    if window is None:
        return None
    first, last = span(step)
    return None if last is None else max(0, last - first)


def _least(length: Duration) -> int:
    return in_hours(length)[0] // 24


def _rate(step: Step, book: RuleBook, days: int) -> Number:
    """How many contacts a step makes in so many days for ever: nothing if it ends, or slows down by itself."""
    read = {fact for when in (step.when,) for fact in facts_of(when)}
    for table in read & book.tables.keys():
        read |= base_facts(book, table)
    if not read.isdisjoint(DRIFTING):
        return 0
    if step.repeat is not None and step.repeat.times is None and _width(step) is None:
        return Fraction(days, max(1, in_hours(step.repeat.every)[1] // 24))
    if isinstance(step.window, CalendarWindow) and step.repeat is None:
        return Fraction(days, _PERIOD[step.window.period])
    return 0


# In words


def _told(code: str, book: RuleBook, view: View, load: Load, others: Sequence[Load] = ()) -> Finding:
    zh = "、".join(f"{share.step.title.zh} {_number(share.times)}" for share in load.shares)
    en = ", ".join(f"{share.step.title.en} {_number(share.times)}" for share in load.shares)
    args = {
        "days": days_of(load.cap),
        "of": _of(load.cap),
        "most": _number(load.most),
        "count": load.cap.times,
        "shares": Text(zh, en),
        "sample": _example(book, view, load),
    }
    related = () if _is_own(book, load.cap.at) else _there(load)
    more = tuple(place for each in others for place in _there(each))
    return Finding(code, load.cap.at if _is_own(book, load.cap.at) else book.at, args, related=(*related, *more))


def _is_own(book: RuleBook, at: Span | None) -> bool:
    return at is not None and at.file == book.file


def _there(load: Load) -> tuple[tuple[Place, Text], ...]:
    days, of, most, count = days_of(load.cap), _of(load.cap), _number(load.most), load.cap.times
    zh = f"近 {days} 天{of.zh}最多 {most} 次, 上限 {count} 次"
    return pointing_at(load.cap.at, Text(zh, f"{of.en}: up to {most} in {days} days, the cap is {count}"))


def _of(cap: Numbered) -> Text:
    return _ALL if cap.of == "any" else LIMITED[cap.of]


_ALL = Text("各种联系", "contacts of all kinds")


def _number(number: Number) -> str:
    return decimal_text(Fraction(round(Fraction(number) * 10), 10))


def _example(book: RuleBook, view: View, load: Load) -> Text:
    """A household of these, run; its facts alone where none was found."""
    speech = Speech(view)
    named = (fact for share in load.shares for fact in facts_of(share.step.when))
    facts = [fact for fact in dict.fromkeys(named) if fact in view.names]
    found = household(view.wishes(load.point), book, view.chart.on, days=1)
    if found is None:
        return speech.facts_only(load.point, facts)
    day = found.on.isoformat()
    said = speech.facts(found, facts) if facts else Text("任何欠费的户", "any household in arrears")
    return said.joined(Text(f" ({day} 试算)", f" (run on {day})"))
