"""When a step may come: its condition, its day and what lets it rest, as one condition on the facts of a household.

So that whether a step ever comes, and which steps may come together, is a question for the boxes. Only what is so of
every household whose step is due is put down; the steps themselves are worked out by `engine.ladder`, which a property
test holds against this.
"""

from __future__ import annotations

from collections.abc import Iterator

from dunning.check.coverage import read_by, trial_day
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.compile import worst_of
from dunning.engine.ladder.pauses import RESOLVE
from dunning.engine.law.guard import as_done, find_action, law_of, rules_for
from dunning.engine.steps.ready import names_of
from dunning.model.anchor import AnchorWindow, Duration
from dunning.model.condition import (
    ALWAYS,
    All,
    Any,
    Bound,
    Check,
    Condition,
    Not,
    Nothing,
    OneOf,
    Range,
    Test,
    facts_of,
)
from dunning.model.rulebook import RuleBook, Table
from dunning.model.statutes import in_hours
from dunning.model.steps import Pause, Step, Stop

CLOCKS = frozenset({"overdue_days", "charge_overdue_days", "handover_days", "days_since_payment"})
"""Facts that are a day more each day."""
DRIFTING = frozenset({
    "charge_age", "late_fee", "late_fee_capped", "charge_fee_capped", "balance", "last_contact_on", "contacts_7d",
    "contacts_30d", "unreachable_streak", "demand_delivered", "demand_expired", "charge_demand_delivered",
    "charge_demand_expired",
})  # fmt: skip
"""Facts that time or our own contacts change, by how much nobody can say."""
OWED = frozenset({
    "arrears", "principal_not_due", "oldest_due", "overdue_periods", "consecutive_overdue_periods", "overdue_quarters",
    "months_owed", "first_arrears", "disputed_amount", "late_payments_12m", "on_time_ratio_12m", "average_days_late",
})  # fmt: skip
"""Facts that are others once a bill is past its due date."""
_SAID = frozenset({"promise_open", "promise_on", "open_disputes", "open_dispute_kinds", "disputed_amount"})
"""Facts of which a pause takes only a part: promises that count, disputes not answered."""


def parts(step: Step, book: RuleBook, days: int = 1) -> tuple[Condition, ...]:
    """What is so of a household if the step is due on one of so many days, the last of which is today.

    All of it, in pieces: the step's own condition, its day, what lets it rest, the gates of the law. Beyond the facts
    that go by the clock the household stays what it is on these days.
    """
    found = [*_written(step), *_of_day(step, book, days - 1)]
    found += [Not(pause.while_) for pause in book.pauses if _surely_stops(pause, step, book)]
    if days == 1:
        return (*found, *_of_moment(step), *_gates(step, book))
    past = _Past(book, days - 1, may_be_owed=not _after_due(step, book))
    return tuple(past.seen(part) for part in found)


def coming(step: Step, book: RuleBook, days: int = 1) -> Condition:
    """The same as one condition."""
    return All(parts(step, book, days))


def _written(step: Step) -> tuple[Condition, ...]:
    """Its condition, in the parts a reader sees."""
    return step.when.parts if isinstance(step.when, All) else (step.when,)


# Its day


def _of_day(step: Step, book: RuleBook, more: int) -> Iterator[Condition]:
    """What the day of a step says of the household, so many days later at the most."""
    if is_rung(step, book) and not _early(step):
        yield _at_least("charge_overdue_days", 1) if step.of == "charge" else _at_least("arrears", 1)
    if not isinstance(step.window, AnchorWindow):
        return
    low, high = span(step)
    match step.window.first.event:
        case "due":
            fact = "charge_overdue_days" if step.of == "charge" else "overdue_days"
            if low >= 1:
                yield _at_least(fact, low)
            if high is not None:
                yield _at_most(fact, max(0, high + more) - more)  # `_Past` adds the days again
        case "handover":
            yield _at_least("handover_days", low)
            if high is not None:
                yield _at_most("handover_days", high)
        case "paid" if step.of == "account":
            yield Check("last_payment_on", Nothing(negated=True), "")
            if high is not None and high >= 0:
                yield _at_most("days_since_payment", high)


def _of_moment(step: Step) -> Iterator[Condition]:
    """What is so on the day itself, and may be otherwise a day later."""
    if not isinstance(step.window, AnchorWindow):
        return
    _, high = span(step)
    match step.window.first.event:
        case "settled" if step.of == "account":
            yield Check("arrears", OneOf((0,), ("0元",)), "")
        case "promise" if high is not None and high <= 0:
            yield Check("promise_open", OneOf((True,), ("是",)), "")
        case "dispute":
            yield _at_least("open_disputes", 1)


def span(step: Step) -> tuple[int, int | None]:
    """The first and the last day of a step after its event, at the outside; None: it may come however late."""
    assert isinstance(step.window, AnchorWindow)
    first, last = step.window.first, step.window.last
    same = last is not None and (last.event, last.of) == (first.event, first.of) and step.late == "drop"
    return _days(first.offset)[0], _days(last.offset)[1] if same and last is not None else None


def _days(offset: Duration) -> tuple[int, int]:
    """The fewest and the most days of an offset; before the event they are negative."""
    fewest, most = (hours // 24 for hours in in_hours(offset))
    if offset.unit == "wd":
        fewest = abs(offset.count)
    return (fewest, most) if offset.count >= 0 else (-most, -fewest)


def _at_least(fact: str, value: int) -> Check:
    return Check(fact, Range(Bound(value, included=True, written=_shown(fact, value)), None), "")


def _at_most(fact: str, value: int) -> Check:
    return Check(fact, Range(None, Bound(value, included=True, written=_shown(fact, value))), "")


def _shown(fact: str, value: int) -> str:
    return f"{value}{CATALOGUE[fact].type.unit.zh}" if fact != "arrears" else "0.01元"


def is_rung(step: Step, book: RuleBook) -> bool:
    """Whether it is a step of the ladder, not a reminder."""
    return any(step is rung for rung in book.ladder.steps)


def _early(step: Step) -> bool:
    """Whether it may come on or before the due date."""
    window = step.window
    return isinstance(window, AnchorWindow) and window.first.event == "due" and window.first.offset.count <= 0


def _after_due(step: Step, book: RuleBook) -> bool:
    """Whether it only comes once something is overdue."""
    if is_rung(step, book):
        return not _early(step)
    window = step.window
    return isinstance(window, AnchorWindow) and window.first.event == "due" and window.first.offset.count > 0


# What lets it rest


def _surely_stops(pause: Pause, step: Step, book: RuleBook) -> bool:
    """Whether a pause stops a step all the while its condition holds."""
    if step.action == RESOLVE or pause.until is not None or not _SAID.isdisjoint(facts_of(pause.while_)):
        return False
    return any(_stops(stop, step, book) for stop in pause.stops)


def _stops(stop: Stop, step: Step, book: RuleBook) -> bool:
    match stop.what:
        case "all":
            return True
        case "ladder":
            return is_rung(step, book)
        case "reminders":
            return not is_rung(step, book)
        case "step":
            return stop.name in names_of(step.id, book)
    return False


def _gates(step: Step, book: RuleBook) -> Iterator[Condition]:
    """What the country's law asks of every household before the step, as far as facts tell."""
    law = law_of(book).on(trial_day(book))
    for gate in rules_for(law, as_done(find_action(step.action, book), step)).gates:
        facts = facts_of(gate.requires)
        if gate.for_ == ALWAYS and facts and all(fact in CATALOGUE for fact in facts):
            yield gate.requires


# Over several days


class _Past:
    """Conditions as they are seen today: whether they were so on a day at most so many days ago.

    Facts that go by the clock have grown since; of those that drift nobody can tell what they were, nor, where the bill
    may have fallen due in the meantime (`may_be_owed`), of those that are about arrears.
    """

    def __init__(self, book: RuleBook, more: int, *, may_be_owed: bool) -> None:
        self.book = book
        self.more = more
        self.may_be_owed = may_be_owed

    def seen(self, condition: Condition, *, wanted: bool = True) -> Condition:
        """What is so today if the condition was, or (not `wanted`) was not."""
        match condition:
            case All(inner) | Any(inner):
                each = tuple(self.seen(part, wanted=wanted) for part in inner)
                return All(each) if isinstance(condition, All) is wanted else Any(each)
            case Not(part):
                return self.seen(part, wanted=not wanted)
            case Check(fact, test):
                table = worst_of(fact) or fact
                if table in self.book.tables:
                    return self._graded(condition, table, wanted)
                if fact in DRIFTING:
                    return ALWAYS
                if fact in CLOCKS:
                    return self._by_the_clock(fact, test, wanted)
                said = condition if wanted else Not(condition)
                return Any((said, _at_most("overdue_days", self.more))) if self.may_be_owed and fact in OWED else said

    def _graded(self, check: Check, table: str, wanted: bool) -> Condition:
        """What a table answered: the same as today if it reads nothing that moves, else what its rows say."""
        read = base_facts(self.book, table)
        moving = CLOCKS | DRIFTING | (OWED if self.may_be_owed else frozenset())
        if read.isdisjoint(moving):
            return check if wanted else Not(check)
        rows = None if table != check.fact else _rows_of(self.book, table, check.test, wanted)
        return ALWAYS if rows is None else self.seen(rows)

    def _by_the_clock(self, fact: str, test: Test, wanted: bool) -> Condition:
        match test:
            case Range():
                return Any(tuple(Check(fact, _later(each, self.more), "") for each in _ranges(test, wanted=wanted)))
            case OneOf(values, _, negated) if negated is not wanted:
                days = (value for value in values if isinstance(value, int))
                return Any(tuple(Check(fact, _later(_only(day), self.more), "") for day in days))
            case Nothing():
                return Check(fact, test, "") if wanted else Not(Check(fact, test, ""))
        return ALWAYS  # all days but one


def _rows_of(book: RuleBook, name: str, test: Test, wanted: bool) -> Condition | None:
    """When a table gives certain words, as a condition on what its rows read; None where that is no matter of rows."""
    table = book.tables[name]
    if table.hit not in ("first", "unique", "any") or not isinstance(test, OneOf):
        return None
    ways: list[Condition] = []
    rows = [row for row in table.rows if not row.otherwise]
    for place, row in enumerate((*rows, *(row for row in table.rows if row.otherwise))):
        answer = row.then.on(trial_day(book))
        if not isinstance(answer, str):
            return None
        if ((answer in test.values) is not test.negated) is wanted:
            before = rows[:place] if table.hit == "first" or row.otherwise else []
            ways.append(All((row.when, *(Not(other.when) for other in before))))
    return Any((*ways, *_none_of(table, test, wanted)))


def _none_of(table: Table, test: OneOf, wanted: bool) -> Iterator[Condition]:
    """Where no row is true, a table without a row for the rest says none."""
    if not any(row.otherwise for row in table.rows) and (("none" in test.values) is not test.negated) is wanted:
        yield All(tuple(Not(row.when) for row in table.rows))


def _ranges(test: Range, *, wanted: bool) -> Iterator[Range]:
    """A range, or what lies outside it."""
    if wanted:
        yield test
        return
    if test.low is not None:
        yield Range(None, Bound(test.low.value, not test.low.included, test.low.written))
    if test.high is not None:
        yield Range(Bound(test.high.value, not test.high.included, test.high.written), None)


def _later(test: Range, more: int) -> Range:
    high = test.high
    return test if high is None else Range(test.low, Bound(high.value + more, high.included, high.written))


def _only(day: int) -> Range:
    return Range(Bound(day, included=True, written=str(day)), Bound(day, included=True, written=str(day)))


def base_facts(book: RuleBook, table: str) -> frozenset[str]:
    """The facts a table reads, those of the tables it reads among them."""
    tables = read_by(book.tables[table], book)
    return frozenset(fact for name in tables for row in book.tables[name].rows for fact in facts_of(row.when))
