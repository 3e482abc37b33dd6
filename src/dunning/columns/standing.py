"""What the steps of a household hang on, as one number: households of one number are treated alike.

The idea of `engine.ladder.alike`, for arrays: nothing is decided here. What a step asks of a household (its charges'
days and whether they are owed, its conditions, holds, how it can be reached) is gathered, amounts, ids and names apart.
Whoever was ever contacted, disputes, or has a plan, a decision or a court case stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc

from dunning.columns.known import Known
from dunning.columns.logic import Logic
from dunning.columns.numbering import Numbering, chosen
from dunning.columns.order import in_order
from dunning.columns.packing import micros
from dunning.columns.rows import Batch, Bools, Coded, Ints, Numbers, Rows, Texts
from dunning.columns.tables import Grades
from dunning.engine.known.compile import is_charge_fact, worst_of
from dunning.engine.law.guard import law_of
from dunning.engine.law.law_facts import CONSENTS, LAW_FACTS
from dunning.engine.steps.ready import Rung, made_ready
from dunning.model.account import SHANGHAI
from dunning.model.anchor import AnchorWindow, Duration
from dunning.model.condition import Anything, Check, Contains
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import in_hours

RECORDS = ("contacts", "disputes", "plans", "proceedings", "approvals")
"""Lists whose records are about one household alone."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What of each charge the steps ask about; a row a charge of the batch. Days are ordinals, amounts fen.

    `known`: it is in the ledger of the day. `due` is -1 where nobody knows it; `fell` the day it fell due all the same.
    `fee`: what is left of its late fee, -1 where nobody can tell. `counts`: part of the arrears. `paid`: of principal;
    `settled`: the day its principal was gone, -1 if it is not. `part_on`: the day the last payment settled some of it
    after it fell due, 0 if none did, -1 where that cannot be told; `part_by`: the row of that payment.
    """

    known: Bools
    due: Ints
    fell: Ints
    provisional: Bools
    unpaid: Ints
    fee: Ints
    chased: Bools
    others: Bools
    counts: Bools
    paid: Ints
    settled: Ints
    part_on: Ints
    part_by: Ints


class Reads(NamedTuple):
    """The tests that a book's steps, its governor and its law make: of the account, and of a charge.

    `clause`: law asks what the contract says of late fees; `consents`: those it asks for. `tables` of accounts and of
    charges say how a step goes. `law_of_account` and `law_of_charge`: the tests that law makes; `of_the_day`: those
    that caps, quotas and hours make.
    """

    of_account: tuple[Check, ...]
    of_charge: tuple[Check, ...]
    law_of_account: tuple[Check, ...]
    law_of_charge: tuple[Check, ...]
    of_the_day: tuple[Check, ...]
    clause: bool
    consents: frozenset[object]
    tables: tuple[str, ...]
    charge_tables: tuple[str, ...]


@lru_cache(maxsize=64)
def reads(book: RuleBook) -> Reads:
    """What a book's steps read. A test that stands in law of another place or day is among them, and does no harm."""
    found = dict.fromkeys(_checks((book.reminders, book.ladder, book.pauses, book.contact, book.laws)))
    law, day = frozenset(_checks(book.laws)), frozenset(_checks(book.contact))
    tests = [each for each in found if not isinstance(each.test, Anything)]
    of_law = [each for each in tests if each.fact in LAW_FACTS]
    known = [each for each in tests if each.fact not in LAW_FACTS]
    of_charge = tuple(each for each in known if _is_of_charge(each.fact, book))
    of_account = tuple(each for each in known if not _is_of_charge(each.fact, book))
    tables = dict.fromkeys(table for rung in made_ready(book).rungs for table in rung.tables)
    return Reads(
        of_account,
        of_charge,
        tuple(each for each in of_account if each in law),
        tuple(each for each in of_charge if each in law),
        tuple(each for each in of_account if each in law or each in day),
        any(each.fact in ("late_fee_clause", "clause_shown") for each in of_law),
        _consents(of_law),
        tuple(table for table in tables if book.tables[table].of == "account"),
        tuple(table for table in tables if book.tables[table].of == "charge"),
    )


def _consents(tests: Sequence[Check]) -> frozenset[object]:
    """The consents that tests name; all of them, where one asks for none or any."""
    asked = [each.test for each in tests if each.fact == "consents"]
    if all(isinstance(test, Contains) for test in asked):
        return frozenset(word for test in asked if isinstance(test, Contains) for word in test.values)
    return frozenset(CONSENTS)


@lru_cache(maxsize=64)
def channels_of(book: RuleBook) -> frozenset[str]:
    """Every channel a step of the book may go by."""
    rungs = made_ready(book).rungs
    return frozenset(channel for rung in rungs if rung.channels is not None for channel in rung.channels.channels)


def _checks(part: object) -> Iterator[Check]:
    """Every test anywhere within."""
    if isinstance(part, Check):
        yield part
    elif isinstance(part, tuple | list):
        for each in part:
            yield from _checks(each)
    elif isinstance(part, Mapping):
        for each in part.values():
            yield from _checks(each)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _checks(getattr(part, field.name))


def _is_of_charge(fact: str, book: RuleBook) -> bool:
    table = book.tables.get(fact)
    return table.of == "charge" if table is not None else worst_of(fact) is None and is_charge_fact(fact, book)


class Standing(NamedTuple):
    """Of each account of a batch: the number of what its steps hang on, -1 where it stands for itself.

    `rows` are the charges its steps are about, in the order of the ledger; those of account i begin at `start[i]`.
    `payment` is the row of its last payment, `settled` that of the charge settled last, as far as steps are tied to
    them; -1 where there is none.
    """

    numbers: Ints
    start: Ints
    rows: Ints
    payment: Ints
    settled: Ints


class Gathered:
    """What the steps of the accounts of a batch hang on, all of them under one book.

    `facts` are those the book's steps read (see `reads`); `charge_facts` and the grades of charges are about the
    charges `open_rows`, ascending. `alone` are known to stand for themselves; `odd` turn out to be such that arrays do
    not tell their steps.
    """

    def __init__(
        self,
        batch: Batch,
        book: RuleBook,
        on: date,
        numbering: Numbering,
        owed: Owed,
        facts: Mapping[str, Known],
        charge_facts: Mapping[str, Known],
        grades: Grades,
        open_rows: Ints,
        alone: Bools,
    ) -> None:
        self.batch = batch
        self.book = book
        self.today = on.toordinal()
        self.on = on
        self.numbering = numbering
        self.owed = owed
        self.facts = facts
        self.charge_facts = charge_facts
        self.grades = grades
        self.open_rows = open_rows
        self.reads = reads(book)
        self.alone = alone.copy()
        self.odd = np.zeros(len(batch), np.bool_)
        self.payment = np.full(len(batch), -1, np.int64)
        self.settled = np.full(len(batch), -1, np.int64)
        for name in RECORDS:
            self.alone |= batch.lists[name].counts > 0

    def standing(self) -> Standing:
        """How the accounts stand."""
        start, rows = self._charges_in_order()
        columns = [
            np.full(len(self.batch), self.numbering.of_word(_Same(self.book)), np.int64),
            *self._account(),
            self._people,
            self._consents,
            self._holds(),
            self._contracts,
            *self._payments(),
            self._tests(self.reads.of_account, self.facts, len(self.batch)),
            *[self._answers(self.grades, "account", table) for table in self.reads.tables],
            self._charges(start, rows),
        ]
        numbers = self.numbering.of("standing", columns)
        numbers[self.alone | self.odd] = -1
        return Standing(numbers, start, rows, self.payment, self.settled)

    def read_by_law(self, accounts: Ints) -> Ints:
        """The number of all that law reads of these accounts, of whom there is no proceeding and no decision."""
        charges, wanted = self.batch.charges, np.zeros(len(self.batch), np.bool_)
        wanted[accounts] = True
        kept, start = chosen(charges.start, self.owed.counts & wanted[charges.owner])
        rows = in_order(self.batch, kept, self.owed.due, self.owed.fell)
        self._twice_charged(charges.owner[rows])
        places = np.full(len(charges), -1, np.int64)
        places[self.open_rows] = np.arange(len(self.open_rows))
        of_charge = self._tests(self.reads.law_of_charge, self.charge_facts, len(self.open_rows))[places[rows]]
        columns = [
            np.full(len(self.batch), self.numbering.of_word(_Same(self.book)), np.int64),
            self.numbering.of_words(self._law),
            self._consents,
            self._contracts,
            self._tests(self.reads.law_of_account, self.facts, len(self.batch)),
            self.numbering.of_lists("law of charges", start, of_charge),
        ]
        return self.numbering.of("law", [column[accounts] for column in columns])

    def of_today(self, accounts: Ints) -> Ints:
        """The number of what the worklist asks of these accounts beside what is due and what was said."""
        columns = [
            np.full(len(self.batch), self.numbering.of_word(_Same(self.book)), np.int64),
            self.numbering.of_words(self._law),
            self._drawn,
            self._people,
            self._tests(self.reads.of_the_day, self.facts, len(self.batch)),
        ]
        return self.numbering.of("today", [column[accounts] for column in columns])

    # The account

    def _account(self) -> Iterator[Ints]:
        batch, numbering = self.batch, self.numbering
        for name in ("debtor.role", "unknown"):
            yield numbering.of_words(batch.coded(name))
        yield numbering.of_words(self._law)
        yield numbering.of_words(self._reachable())
        yield self._now(batch.numbers("debtor.since"), batch.numbers("debtor.until")).astype(np.int64)
        yield self._drawn
        if any(self._anchored("handover")):
            yield batch.numbers("handed_over").filled(-1)

    @cached_property
    def _law(self) -> Coded:
        """The law packs that hold at the place; which place it is, tests of the fact ask."""
        places, law = self.batch.coded("place"), law_of(self.book)
        packs = [tuple(map(_Same, law.at(None if place is None else str(place)))) for place in (*places.words, None)]
        codes = np.where(places.codes < 0, len(places.words), places.codes).astype(np.int32)
        return Coded(codes, tuple(packs))

    def _reachable(self) -> Coded:
        """By which of the channels the book uses the debtor can be reached; -1 where by all."""
        reachable = self.batch.coded("debtor.reachable")
        used = channels_of(self.book)
        return Coded(reachable.codes, tuple([used.intersection(word) for word in reachable.words]))  # type: ignore[arg-type]

    @cached_property
    def _drawn(self) -> Ints:
        """When its data was drawn: before the day, and fresh all day or too old, is enough to know."""
        drawn = self.batch.numbers("data_as_of")
        begins = micros(datetime(self.on.year, self.on.month, self.on.day, tzinfo=SHANGHAI))
        ends = begins + _A_DAY
        found = drawn.filled(_NEVER)
        lasts = self.book.contact.fresh_data
        before = ~drawn.absent & (drawn.values < begins)
        if lasts is None:
            return np.where(before, _FRESH, found)
        until = drawn.values + in_hours(lasts)[0] * _AN_HOUR
        return np.where(before & (until >= ends), _FRESH, np.where(before & (until < begins), _STALE, found))

    @cached_property
    def _people(self) -> Ints:
        """Those beside the debtor; one told of twice, or with the debtor's own id, is left to the engine."""
        rows, batch = self.batch.lists["parties"], self.batch
        if not len(rows):
            return np.zeros(len(batch), np.int64)
        ids = rows.texts("id")
        same = _same_text(ids, Texts(batch.texts("debtor.id").values.take(rows.owner)))
        pairs = np.stack([rows.owner, ids.codes], axis=1)
        _, times = np.unique(pairs, axis=0, return_inverse=True)
        twice = np.bincount(times.ravel())[times.ravel()] > 1
        self.odd[rows.owner[same | twice]] = True
        present = self._now(rows.numbers("since"), rows.numbers("until"))
        columns = [self.numbering.of_words(rows.coded("role")), rows.numbers("liable").filled(-1)]
        return self._listed("party", rows, [*columns, present.astype(np.int64)])

    @cached_property
    def _consents(self) -> Ints:
        """What the debtor agreed to, as far as law asks."""
        rows = self.batch.lists["consents"]
        if not len(rows):
            return np.zeros(len(self.batch), np.int64)
        own = _same_text(rows.texts("party"), Texts(self.batch.texts("debtor.id").values.take(rows.owner)))
        wanted = own & self._now(rows.numbers("since"), rows.numbers("until"))
        wanted &= rows.coded("kind").among(self.reads.consents)
        return self._listed("consent", rows, [self.numbering.of_words(rows.coded("kind"))], wanted)

    def _holds(self) -> Ints:
        """Those that may rest a contact today."""
        rows = self.batch.lists["holds"]
        if not len(rows):
            return np.zeros(len(self.batch), np.int64)
        kinds, until = rows.coded("kind"), rows.numbers("until")
        columns = [self.numbering.of_words(kinds), until.filled(-1)]
        today = self._now(rows.numbers("since"), until)
        return self._listed("hold", rows, columns, today & ~kinds.equals("accrual"))

    @cached_property
    def _contracts(self) -> Ints:
        """What the contracts say of late fees, where law asks; of two that began on one day the engine knows which."""
        rows = self.batch.lists["contracts"]
        if not self.reads.clause or not len(rows):
            return np.zeros(len(self.batch), np.int64)
        since = rows.numbers("since").filled(-1)
        now = self._now(rows.numbers("since"), rows.numbers("until"))
        kept, start = chosen(rows.start, now)
        owner = rows.owner[kept]
        several = (owner[1:] == owner[:-1]) & (since[kept[1:]] == since[kept[:-1]])
        self.odd[owner[1:][several]] = True
        columns = [since, *[rows.numbers(name).filled(-1) for name in ("late_fee_clause", "clause_shown")]]
        return self.numbering.of_lists("contracts", start, self.numbering.of("contract", [c[kept] for c in columns]))

    def _now(self, since: Numbers, until: Numbers) -> Bools:
        """Whether the day lies between two days, both counted, either of them perhaps open."""
        return np.asarray((since.filled(0) <= self.today) & (until.filled(FAR) >= self.today))

    def _listed(self, what: str, rows: Rows, columns: list[Ints], wanted: Bools | None = None) -> Ints:
        numbers = self.numbering.of(what, columns)
        if wanted is None:
            return self.numbering.of_lists(f"{what} list", rows.start, numbers)
        kept, start = chosen(rows.start, wanted)
        return self.numbering.of_lists(f"{what} list", start, numbers[kept])

    # Payments

    def _payments(self) -> Iterator[Ints]:
        """When money came and debts were settled, as far back as a window may still be open."""
        rungs = [rung for rung in made_ready(self.book).rungs if rung.source == "payments"]
        if not rungs:
            return
        rows = self.batch.lists["payments"]
        yield (rows.counts > 0).astype(np.int64)
        back = self.today - max(map(_reach, rungs))
        day, reversed_ = rows.numbers("on").values, rows.numbers("reversed_on").filled(FAR)
        known = (day <= self.today) & (reversed_ > self.today)
        late = known & (day >= back)
        plain = not any(rung.per_charge for rung in rungs)
        recent = np.zeros(len(self.batch), np.int64)
        np.add.at(recent, rows.owner[late], 1)
        last = np.full(len(self.batch), -1, np.int64)
        np.maximum.at(last, rows.owner[late], day[late])
        self.payment[rows.owner[late]] = np.flatnonzero(late)
        some = np.zeros(len(self.batch), np.bool_)
        some[rows.owner[known]] = True
        self.alone |= recent > (1 if plain else 0)
        yield last
        yield some.astype(np.int64)
        yield self._settled(back)

    def _settled(self, back: int) -> Ints:
        """The day the last of what was due was paid off; two charges of one day are left to the engine."""
        if not any(self._anchored("settled")):
            return np.zeros(len(self.batch), np.int64)
        owed, owner = self.owed, self.batch.charges.owner
        found = owed.known & owed.chased & (owed.paid > 0) & (owed.fell <= self.today) & (owed.settled >= 0)
        last = np.full(len(self.batch), -1, np.int64)
        np.maximum.at(last, owner[found], owed.settled[found])
        at_last = found & (owed.settled == last[owner]) & (last[owner] >= back)
        times = np.zeros(len(self.batch), np.int64)
        np.add.at(times, owner[at_last], 1)
        self.alone |= times > 1
        self.settled[owner[at_last]] = np.flatnonzero(at_last)
        return np.where((last >= 0) & (last < back), 0, last)

    def _anchored(self, event: str) -> Iterator[Rung]:
        """The steps tied to an event."""
        for rung in made_ready(self.book).rungs:
            window = rung.step.window
            anchors = [*rung.step.after]
            if isinstance(window, AnchorWindow):
                anchors += [each for each in (window.first, window.last) if each is not None]
            if any(anchor.event == event for anchor in anchors):
                yield rung

    # Tests and answers

    def _tests(self, checks: tuple[Check, ...], facts: Mapping[str, Known], size: int) -> Ints:
        """How every test comes out."""
        logic = Logic(facts, size)
        columns: list[Ints] = [np.zeros(size, np.int64)]
        for number, check in enumerate(checks):
            truth = logic.truth(check)
            if number % _TO_A_NUMBER == 0:
                columns.append(np.zeros(size, np.int64))
            column = columns[-1]
            column *= 3
            column += truth.surely
            column += truth.possibly
        return self.numbering.of("tests", columns)

    def _answers(self, grades: Grades, of: str, table: str) -> Ints:
        """What a table says of how a step goes."""
        column = (grades.account if of == "account" else grades.charges)[table]
        words = [self.numbering.of_word((table, graded.value, graded.rows, graded.cause)) for graded in column.answers]
        return np.array([*words, -1], np.int64)[column.codes]

    # Charges

    def _charges_in_order(self) -> tuple[Ints, Ints]:
        """The charges that are open, or of which a late fee is left, by due date and id."""
        owed, charges = self.owed, self.batch.charges
        wanted, start = chosen(charges.start, owed.known & ((owed.unpaid > 0) | (owed.fee != 0)))
        return start, in_order(self.batch, wanted, owed.due, owed.fell)

    def _charges(self, start: Ints, rows: Ints) -> Ints:
        owed, charges = self.owed, self.batch.charges
        owner = charges.owner[rows]
        own_open = owed.unpaid[rows] >= max(1, self.book.payments.chase_from)
        fell = owed.fell[rows]
        # What a payment settled in part starts limitation afresh, on the payment's day (诉讼时效规定第14条).
        part = np.where(own_open & (fell < self.today) & ~owed.others[rows], owed.part_on[rows], 0)
        self.alone[owner[part < 0]] = True
        self._twice_charged(owner)
        columns = [
            owed.due[rows],
            charges.numbers("due").filled(-1)[rows],
            fell,
            owed.provisional[rows].astype(np.int64),
            own_open.astype(np.int64),
            (owed.unpaid[rows] > 0).astype(np.int64),
            np.sign(owed.fee[rows]),
            owed.chased[rows].astype(np.int64),
            owed.others[rows].astype(np.int64),
            owed.counts[rows].astype(np.int64),
            part,
            self._order_of_ids(start, rows),
            *self._of_open(rows),
        ]
        if any(self._anchored("period_start")) or any(self._anchored("period_end")):
            columns += [charges.numbers(f"period.{end}").filled(-1)[rows] for end in ("since", "until")]
        return self.numbering.of_lists("charges", start, self.numbering.of("charge", columns))

    def _of_open(self, rows: Ints) -> Iterator[Ints]:
        """What is asked of the charges that are open; of others nothing is."""
        places = np.full(len(self.batch.charges), len(self.open_rows), np.int64)
        places[self.open_rows] = np.arange(len(self.open_rows))
        asked = [self._tests(self.reads.of_charge, self.charge_facts, len(self.open_rows))]
        asked += [self._answers(self.grades, "charge", table) for table in self.reads.charge_tables]
        for column in asked:
            yield np.append(column, -1)[places[rows]]

    def _order_of_ids(self, start: Ints, rows: Ints) -> Ints:
        """The place of each among its household's by id alone: that decides between steps that yield to each other."""
        count = len(rows)
        owner = self.batch.charges.owner[rows]
        found = np.arange(count, dtype=np.int64) - start[owner]
        if count < 2:
            return found
        ids = self.batch.charges.texts("id").values.take(rows)
        rising = pc.less(ids.slice(0, count - 1), ids.slice(1)).to_numpy(zero_copy_only=False)
        for account in np.unique(owner[1:][(owner[1:] == owner[:-1]) & ~rising]).tolist():
            begin, end = int(start[account]), int(start[account + 1])
            theirs = ids.slice(begin, end - begin).to_pylist()
            places = sorted(range(len(theirs)), key=theirs.__getitem__)
            found[begin + np.array(places)] = np.arange(len(theirs))
        return found

    def _twice_charged(self, owner: Ints) -> None:
        """Who has two charges of one item for one period is left to the engine: law may bar the second."""
        charges = self.batch.charges
        since = charges.numbers("period.since").filled(-1)
        asked = np.zeros(len(self.batch), np.bool_)
        asked[owner] = True
        rows = np.flatnonzero(asked[charges.owner] & (since >= 0) & self.owed.known)
        if not len(rows):
            return
        columns = [charges.owner[rows], since[rows], charges.numbers("period.until").filled(-1)[rows]]
        columns.append(charges.coded("item").codes[rows].astype(np.int64))
        order = np.lexsort(columns)
        same = np.ones(len(rows) - 1, np.bool_)
        for column in columns:
            same &= column[order][1:] == column[order][:-1]
        self.odd[columns[0][order][1:][same]] = True


def _same_text(some: Texts, others: Texts) -> Bools:
    """Where both are the same text."""
    found = pc.equal(some.values, others.values).to_numpy(zero_copy_only=False)
    return np.asarray(found == True)  # noqa: E712 - null where there is no text


class _Same:
    """Stands for one object, itself and no other."""

    __slots__ = ("it",)

    def __init__(self, it: object) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.it is other.it


def _reach(rung: Rung) -> int:
    """How many days a payment may lie back while the window it opens is not over, at the most."""
    window = rung.step.window
    if not isinstance(window, AnchorWindow) or window.last is None or rung.step.late != "drop":
        return FAR
    if window.last.event != window.first.event:
        return FAR
    return max(_days(window.first.offset), _days(window.last.offset)) + 1


def _days(length: Duration) -> int:
    """A length of time in days, rather too many: working days among holidays, long months."""
    return {"h": 1, "d": 1, "wd": 3, "mo": 31, "y": 366}[length.unit] * max(0, length.count) + (
        20 if length.unit == "wd" else 0
    )


FAR = date.max.toordinal() + 1
_NEVER, _FRESH, _STALE = -1, -2, -3
_AN_HOUR = timedelta(hours=1) // timedelta(microseconds=1)
_A_DAY = 24 * _AN_HOUR
_TO_A_NUMBER = 38
"""Tests of three outcomes that one 64-bit number tells apart."""
