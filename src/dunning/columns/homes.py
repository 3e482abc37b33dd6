"""Households that are looked at one by one, in arrays: `engine.ladder.standing` of many at once.

Whoever was contacted has days of his own, so no other household stands as he does; but what a step asks of him is
little, and is gathered here for all of them: their charges in the order of the ledger, what was done under each step,
how each condition comes out, and what each due date opens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple, cast

import numpy as np

from dunning.columns.kinds import alike, told_apart
from dunning.columns.known import Known, Ordered, Worded
from dunning.columns.logic import Logic, Truths
from dunning.columns.order import in_order
from dunning.columns.packing import micros, moment
from dunning.columns.promises import Promises
from dunning.columns.readings import Owed
from dunning.columns.rows import Batch, Bools, Ints
from dunning.columns.shares import expanded
from dunning.columns.tables import GradeColumn, Grades
from dunning.columns.talks import Named, Talks
from dunning.engine.known.compile import is_charge_fact, worst_of
from dunning.engine.known.material import covers
from dunning.engine.known.tables import NONE
from dunning.engine.owed.ledger import ChargeState
from dunning.engine.steps.anchors import shifted
from dunning.engine.steps.ready import Ready, Rung, made_ready
from dunning.model.account import SHANGHAI, Approval, Dispute
from dunning.model.condition import Condition, Unknown, facts_of
from dunning.model.rulebook import RuleBook
from dunning.model.steps import By

NO_ONE = np.int64(-1)
_AN_HOUR = 3_600_000_000
EPOCH_DAY = date(1970, 1, 1).toordinal()


class Opens(NamedTuple):
    """The windows that due dates open, by rank: first and last day (`last` -1: no end), and whether it was guessed."""

    first: Ints
    last: Ints
    guessed: Bools


class Pairs(NamedTuple):
    """What was done under a step, beside those it is asked of: places in the talks, and of whom (ascending)."""

    talk: Ints
    of: Ints


class Open(NamedTuple):
    """An open dispute: of which home, and about which charge (a row; -1: the whole account); its own `row`."""

    home: int
    charge: int
    row: int
    dispute: Dispute


class Homes:
    """Some accounts of a batch under one book, looked at on a day. `accounts` are their rows, ascending.

    Everything else speaks of them by their place among these. Charges are rows of the batch: `rows` in the order of the
    ledger, those of place i from `start[i]` on; `open_at` and `open_rows` are those still open, of whom and which.
    """

    def __init__(
        self,
        batch: Batch,
        book: RuleBook,
        on: date,
        accounts: Ints,
        owed: Owed,
        facts: Mapping[str, Known],
        charge_facts: Mapping[str, Known],
        grades: Grades,
        graded_rows: Ints,
        talks: Talks,
        promises: Promises,
        counting: Bools,
        paid: Bools,
    ) -> None:
        self.batch, self.book, self.on, self.accounts = batch, book, on, accounts
        self.today = on.toordinal()
        self.ready: Ready = made_ready(book)
        self.calendar = self.ready.calendar
        self.size = len(accounts)
        self.owed = owed
        self.facts = dict(facts)
        self.grades = grades
        self.talks = talks
        self.promises = promises
        self.counting = counting
        self.paid = paid
        self.alone = np.zeros(self.size, np.bool_)
        self.place = np.full(len(batch), NO_ONE)
        self.place[accounts] = np.arange(self.size)
        self._charge_facts = charge_facts
        self._graded_at = np.full(len(batch.charges) + 1, NO_ONE)
        self._graded_at[graded_rows] = np.arange(len(graded_rows))
        self._graded_rows = graded_rows
        self._logic = Logic(self.facts, len(batch))
        self._days: dict[tuple[str, object], dict[int, int]] = {}

    # Charges

    @cached_property
    def ledger(self) -> tuple[Ints, Ints]:
        """The chased charges of which something is left, principal or late fee, in order; and of whom each is."""
        owed, charges = self.owed, self.batch.charges
        wanted = owed.known & owed.chased & ((owed.unpaid > 0) | (owed.fee > 0)) & (self.place[charges.owner] >= 0)
        rows = in_order(self.batch, np.flatnonzero(wanted), owed.due, owed.fell)
        return rows, self.place[charges.owner[rows]]

    @property
    def least(self) -> int:
        """From so many fen unpaid on a charge is chased."""
        return max(1, self.book.payments.chase_from)

    @cached_property
    def open_rows(self) -> Ints:
        rows = self.ledger[0]
        return rows[self.owed.unpaid[rows] >= self.least]

    @cached_property
    def open_at(self) -> Ints:
        return self.place[self.batch.charges.owner[self.open_rows]]

    @cached_property
    def overdue(self) -> Bools:
        """Whether something is overdue."""
        found = np.zeros(self.size, np.bool_)
        found[self.open_at[self.owed.counts[self.open_rows]]] = True
        return found

    @cached_property
    def anchor(self) -> Ints:
        """The oldest charge that is overdue or, where none is, open; -1 where there is none."""
        found = np.full(self.size, NO_ONE)
        found[self.open_at[::-1]] = self.open_rows[::-1]
        due = self.owed.counts[self.open_rows]
        found[self.open_at[due][::-1]] = self.open_rows[due][::-1]
        return found

    @cached_property
    def dated(self) -> Ints:
        """The same for steps tied to a due date: the oldest that has one, of what is overdue before what is not.

        Where there is none, an opening balance.
        """
        known = self.owed.due[self.open_rows] >= 0
        if known.all():
            return self.anchor
        found = self.anchor.copy()
        undated = (found >= 0) & (self.owed.due[found] < 0)
        due = self.owed.counts[self.open_rows]
        for which in (known, known & due):  # the last word is that of the overdue ones, and of these of the oldest
            some = which & undated[self.open_at]
            found[self.open_at[some][::-1]] = self.open_rows[some][::-1]
        return found

    def anchor_of(self, rung: Rung) -> Ints:
        """The charge a step of the account is counted from; a due date that is known comes before one that is not."""
        return self.dated if rung.dated else self.anchor

    def undated(self, rung: Rung, charges: Ints) -> Bools:
        """Where a step is tied to a due date nobody knows: that of an opening balance."""
        return np.asarray((self.owed.due[charges] < 0) & rung.dated)

    # What the sources cannot supply

    @cached_property
    def lacking(self) -> Bools:
        """Whether its source lacks anything."""
        unknown = self.batch.coded("unknown")
        return unknown.where([bool(word) for word in unknown.words])[self.accounts]

    def lacks(self, *sources: str) -> Bools:
        """Whether the source of each lacks one of these records or fields."""
        unknown = self.batch.coded("unknown")
        held = [any(covers(name, each) for name in word for each in sources) for word in unknown.words]  # type: ignore[attr-defined]
        return unknown.where(held)[self.accounts]

    @cached_property
    def overdue_places(self) -> tuple[Ints, Ints]:
        """The place of each charge among the overdue ones of its home (by row of the batch; -1: it is none of them).

        And how many each home has.
        """
        due = self.owed.counts[self.open_rows]
        rows, at = self.open_rows[due], self.open_at[due]
        counts = np.bincount(at, minlength=self.size)
        found = np.full(len(self.batch.charges) + 1, NO_ONE)
        found[rows] = np.arange(len(rows)) - (np.cumsum(counts) - counts)[at]
        return found, counts

    @cached_property
    def since(self) -> Ints:
        """The day the present anchor fell due; today where there is none."""
        return np.where(self.anchor >= 0, self.owed.fell[self.anchor], self.today)

    @cached_property
    def owed_rows(self) -> tuple[Ints, Ints]:
        """All that is owed: overdue charges, and those of which a late fee alone is left; where those of each begin."""
        rows, at = self.ledger
        owed = self.owed
        kept = owed.counts[rows] | ((owed.unpaid[rows] == 0) & (owed.fee[rows] > 0))
        return rows[kept], np.searchsorted(at[kept], np.arange(self.size + 1))

    @cached_property
    def disputes(self) -> tuple[Open, ...]:
        """The open disputes, home by home, by the day they were raised; one that names no charge on record is left."""
        disputes = self.batch.lists["disputes"]
        opened, closed = disputes.numbers("opened").values, disputes.numbers("closed")
        at = self.place[disputes.owner]
        rows = np.flatnonzero((at >= 0) & (opened <= self.today) & (closed.absent | (closed.values > self.today)))
        if not len(rows):
            return ()
        ids, named = disputes.texts("id"), disputes.texts("charge")
        kind, answered, amount = disputes.coded("kind"), disputes.numbers("answered"), disputes.numbers("amount")
        charge = disputes.numbers("charge_row").values
        found = []
        for row in rows.tolist():
            place, about = int(at[row]), int(charge[row])
            name = named.text(row)
            if name is not None and about < 0:
                self.alone[place] = True
            dispute = Dispute(
                id=ids.text(row) or "",
                kind=kind.words[int(kind.codes[row])],  # type: ignore[arg-type]
                opened=date.fromordinal(int(opened[row])),
                answered=None if answered.absent[row] else date.fromordinal(int(answered.values[row])),
                charge=name,
                amount=None if amount.absent[row] else int(amount.values[row]),
            )
            found.append(Open(place, about, row, dispute))
        return tuple(sorted(found, key=lambda each: (each.home, each.dispute.opened, each.dispute.id)))

    # Decisions

    @cached_property
    def approvals(self) -> dict[int, tuple[Approval, ...]]:
        """The decisions on steps, by home; only homes that have any."""
        rows = self.batch.lists["approvals"]
        at = self.place[rows.owner]
        found: dict[int, list[Approval]] = {}
        if not len(rows):
            return {}
        words = {name: rows.coded(name) for name in ("of", "decision", "by", "role", "prepared_by")}
        ids, times = rows.texts("id"), rows.numbers("at").values
        for row in np.flatnonzero(at >= 0).tolist():
            told: dict[str, Any] = {
                name: None if column.codes[row] < 0 else column.words[int(column.codes[row])]
                for name, column in words.items()
            }
            approval = Approval(id=ids.text(row) or "", at=moment(int(times[row])), **told)
            found.setdefault(int(at[row]), []).append(approval)
        return {place: tuple(each) for place, each in found.items()}

    # Windows of due dates

    @cached_property
    def _due_kinds(self) -> tuple[Ints, Opens]:
        """A number for each open charge (by row of the batch), and what due dates of that number open, by rank."""
        rows = self.open_rows
        owed = self.owed
        written = self.batch.charges.numbers("due").filled(-1)
        provisional = owed.provisional[rows].astype(np.int64)
        codes, samples = alike([owed.due[rows], owed.fell[rows], written[rows], provisional])
        number = np.full(len(self.batch.charges) + 1, NO_ONE)
        number[rows] = codes
        shape = (len(samples), len(self.ready.rungs))
        first, last, guessed = np.zeros(shape, np.int64), np.full(shape, NO_ONE), np.zeros(shape, np.bool_)
        for place, row in enumerate(rows[samples].tolist()):
            state = _state(
                int(owed.due[row]), int(owed.fell[row]), int(written[row]), provisional=bool(owed.provisional[row])
            )
            for rank, days in enumerate(self.ready.days(state)):
                if days is not None:
                    first[place, rank] = days.first.toordinal()
                    last[place, rank] = NO_ONE if days.last is None else days.last.toordinal()
                    guessed[place, rank] = days.guessed
        return number, Opens(first, last, guessed)

    def opened(self, rung: Rung, charges: Ints) -> Opens:
        """The window each of these charges opens for a step tied to its due date."""
        number, opens = self._due_kinds
        at = number[charges]
        return Opens(opens.first[at, rung.rank], opens.last[at, rung.rank], opens.guessed[at, rung.rank])

    def by_day(self, name: str, key: object, days: Ints, find: Callable[[date], int]) -> Ints:
        """What `find` says of each day (an ordinal), asked once for each different one."""
        known = self._days.setdefault((name, key), {})
        codes, samples = told_apart(days)
        found = []
        for day in days[samples].tolist():
            if day not in known:
                known[day] = find(date.fromordinal(day))
            found.append(known[day])
        return np.array(found, np.int64)[codes]

    # What was done

    @cached_property
    def _done(self) -> dict[str, tuple[Ints, Ints]]:
        """By step: the places (in `talks.of_steps`) of what was done under it, and where those of each home begin."""
        said, contacts = self.talks.of_steps, self.batch.lists["contacts"]
        steps = contacts.coded("step")
        ids = dict.fromkeys(rung.step.id for rung in self.ready.rungs)
        number = {name: place for place, name in enumerate(ids)}
        of_word = [number[step.id] if (step := self.ready.steps.get(str(word))) else NO_ONE for word in steps.words]
        of = np.array([*of_word, NO_ONE], np.int64)[steps.codes[said.rows]]
        of[self.talks.inbound[said.rows]] = NO_ONE
        home = self.place[said.owner]
        of[home < 0] = NO_ONE
        found = {}
        for name, place in number.items():
            talks = np.flatnonzero(of == place)
            found[name] = talks, np.searchsorted(home[talks], np.arange(self.size + 1))
        return found

    def tried(self, step: str) -> Bools:
        """Whether anything was ever done under a step, by home."""
        _, start = self._done[step]
        return start[1:] > start[:-1]

    def pairs(self, step: str, homes: Ints) -> Pairs:
        """What was done under a step by each of these homes, oldest first."""
        talks, start = self._done[step]
        if not len(talks):
            return Pairs(talks, talks)
        places, of = expanded(start[homes], start[homes + 1] - start[homes])
        return Pairs(talks[places], of)

    def names(self, talks: Ints, charges: Ints, named: Named | None = None) -> tuple[Bools, Bools]:
        """Whether contacts (places in `talks.of_steps`) name charges at all, and whether they name these.

        `named`: what other contacts name, if those are meant.
        """
        named = self.talks.charges_of_steps if named is None else named
        said = ~named.absent[talks]
        if not said.any():
            return said, said
        width = np.int64(len(self.batch.charges) + 1)
        pairs = np.repeat(np.arange(len(named.absent)), np.diff(named.start)) * width + named.rows
        return said, np.isin(talks * width + charges, pairs)

    @cached_property
    def contact_day(self) -> Ints:
        """The day of each contact in `talks.of_steps`."""
        return self.talks.day[self.talks.of_steps.rows]

    def of_contact(self, mark: Bools) -> Bools:
        """A mark by row of the contacts, for those in `talks.of_steps`."""
        return np.asarray(mark[self.talks.of_steps.rows])

    # The ladder's gap

    @cached_property
    def _last_of_ladder(self) -> Ints:
        """When the ladder last made a contact, in microseconds; 0 where it never did. One that failed gives no rest."""
        found = np.zeros(self.size, np.int64)
        at = self.talks.contacts.numbers("at").values
        for rung in self.ready.ladder:
            talks, start = self._done[rung.step.id]
            rows = self.talks.of_steps.rows[talks]
            of = np.repeat(np.arange(self.size), np.diff(start))
            made = ~self.talks.failed[rows]
            np.maximum.at(found, of[made], at[rows[made]])
        return found

    def gap_since(self, home: int) -> datetime | None:
        """From when on the ladder's gap counts; None where no gap applies."""
        last = int(self._last_of_ladder[home])
        return moment(last) if last and self.book.ladder.min_gap.count else None

    @cached_property
    def gap(self) -> Ints:
        """What of the gap is to come today or later: when it began, to the hour where it is told in hours; else 0."""
        gap, last = self.book.ladder.min_gap, self._last_of_ladder
        if not gap.count:
            return np.zeros(self.size, np.int64)
        if gap.unit == "h":
            begins = micros(datetime(self.on.year, self.on.month, self.on.day, tzinfo=SHANGHAI))
            return np.where(last + gap.count * _AN_HOUR > begins, last, 0)
        days = np.where(last > 0, (last + 8 * _AN_HOUR) // (24 * _AN_HOUR) + EPOCH_DAY, 1)
        over = self.by_day("gap", gap, days, lambda day: shifted(day, gap, self.calendar)[0].toordinal())
        return np.where((last > 0) & (over > self.today), over, 0)

    # Conditions and tables

    def truth(self, condition: Condition, homes: Ints, charges: Ints) -> Truths:
        """How a condition comes out for each home, or for the charge of each (-1: none)."""
        if not len(homes):
            nobody = np.zeros(0, np.bool_)
            return Truths(nobody, nobody)
        if charges[0] >= 0 and any(self._of_charge(fact) for fact in facts_of(condition)):
            found = self._charge_logic.truth(condition)
            at = self._graded_at[charges]
        else:
            found, at = self._logic.truth(condition), self.accounts[homes]
        surely = found.surely[at]
        return Truths(surely, surely) if found.settled else Truths(surely, found.possibly[at])

    def _of_charge(self, fact: str) -> bool:
        table = self.book.tables.get(fact)
        return table.of == "charge" if table is not None else worst_of(fact) is None and is_charge_fact(fact, self.book)

    @cached_property
    def _charge_logic(self) -> Logic:
        owner = self.batch.charges.owner[self._graded_rows]
        return Logic(_Both(self._charge_facts, self.facts, owner), len(owner))

    def column(self, table: str, homes: Ints, charges: Ints) -> tuple[GradeColumn, Ints]:
        """A table's answers and where they stand for each home, or for the charge of each."""
        if table in self.grades.account:
            return self.grades.account[table], self.accounts[homes]
        return self.grades.charges[table], self._graded_at[charges]

    def undetermined(self, table: str, homes: Ints, charges: Ints) -> Bools:
        """Where nobody can tell what a table answers."""
        column, at = self.column(table, homes, charges)
        return np.array([isinstance(graded.value, Unknown) for graded in column.answers], np.bool_)[column.codes[at]]

    def word(self, said: str | By | None, homes: Ints, charges: Ints) -> Worded:
        """What a step says of itself, or has a table say: a word each; None for nothing, and where nobody can tell."""
        if not isinstance(said, By):
            return Worded(np.zeros(len(homes), np.int32), (said,))
        column, at = self.column(said.table, homes, charges)
        words = [
            None if isinstance(each.value, Unknown) or each.value == NONE else str(each.value)
            for each in column.answers
        ]
        return Worded(column.codes[at], tuple(words))


class _Both(dict[str, Known]):
    """The facts of charges, and those of their accounts where a charge has none of its own."""

    def __init__(self, own: Mapping[str, Known], of_accounts: Mapping[str, Known], owner: Ints) -> None:
        super().__init__(own)
        self.of_accounts, self.owner = of_accounts, owner

    def __missing__(self, fact: str) -> Known:
        found = self[fact] = self.of_accounts[fact].take(self.owner)
        return found


class _Due(NamedTuple):
    """What the windows of a due date ask of a charge."""

    due: date | None
    charge: Any
    provisional: bool


class _Written(NamedTuple):
    id: str
    due: date | None
    opening: _Opening | None


class _Opening(NamedTuple):
    on: date


def _state(due: int, fell: int, written: int, *, provisional: bool) -> ChargeState:
    on = None if written < 0 else date.fromordinal(written)
    opening = _Opening(date.fromordinal(fell)) if due < 0 else None
    day = None if due < 0 else date.fromordinal(due)
    return cast(ChargeState, _Due(day, _Written("", on, opening), provisional))


def as_numbers(known: Known, homes: Ints) -> Ints:
    """A fact as whole numbers for each; what it is where it is unknown or nothing does not matter."""
    if isinstance(known, Ordered):
        return known.values[homes]
    return known.codes[homes].astype(np.int64)
