"""What law and the day's worklist read of households, as numbers: of whom they are the same, both say the same.

Nothing is decided here. How each test comes out is gathered, with consents, contracts, parties and the age of the data;
amounts, ids and names apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

import numpy as np
import pyarrow.compute as pc

from dunning.columns.known import Known
from dunning.columns.logic import Logic
from dunning.columns.numbering import Numbering, chosen
from dunning.columns.order import in_order
from dunning.columns.packing import micros
from dunning.columns.rows import Batch, Bools, Ints, Numbers, Rows, Texts
from dunning.engine.known.compile import is_charge_fact, worst_of
from dunning.engine.ladder.lawful import forms_of
from dunning.engine.law.guard import as_done, law_of, rules_for
from dunning.engine.law.law_facts import CONSENTS, LAW_FACTS
from dunning.engine.steps.ready import made_ready
from dunning.model.account import SHANGHAI
from dunning.model.condition import Anything, Check, Contains
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import Statutes, in_hours


@dataclass(frozen=True, slots=True)
class Owed:
    """What of each charge the steps ask about; a row a charge of the batch. Days are ordinals, amounts fen.

    `known`: it is in the ledger of the day. `due` is -1 where nobody knows it; `fell` the day it fell due all the same.
    `fee`: what is left of its late fee, -1 where nobody can tell. `counts`: part of the arrears. `paid`: of principal;
    `settled`: the day its principal was gone, -1 if it is not.
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


class Reads(NamedTuple):
    """The tests that a book's steps, its governor and its law make: of the account, and of a charge.

    `of_the_day`: those of accounts that caps, quotas and hours make.
    """

    of_account: tuple[Check, ...]
    of_charge: tuple[Check, ...]
    of_the_day: tuple[Check, ...]


class ByLaw(NamedTuple):
    """The tests that law makes of a book's steps in any form: of the account, and of a charge.

    `clause`: it asks what the contract says of late fees; `consents`: those it asks for.
    """

    of_account: tuple[Check, ...]
    of_charge: tuple[Check, ...]
    clause: bool
    consents: frozenset[object]


@lru_cache(maxsize=64)
def reads(book: RuleBook) -> Reads:
    """What a book's steps read. A test that stands in law of another place or day is among them, and does no harm."""
    tests = _tests_of((book.reminders, book.ladder, book.pauses, book.contact, book.laws))
    day = frozenset(_checks((book.contact, [pack.limits for pack in book.laws])))
    of_account = tuple(each for each in tests if not _is_of_charge(each.fact, book))
    return Reads(
        of_account,
        tuple(each for each in tests if _is_of_charge(each.fact, book)),
        tuple(each for each in of_account if each in day),
    )


@lru_cache(maxsize=256)
def read_by_law(book: RuleBook, laws: frozenset[Statutes]) -> ByLaw:
    """What the law of some places reads of whoever a step of a book is about."""
    forms = {as_done(form.action, form.step) for rung in made_ready(book).rungs for form in forms_of(rung, book)}
    rules = tuple(rules_for(law, action) for law in laws for action in forms)
    tests = _tests_of(rules)
    asked = [each for each in dict.fromkeys(_checks(rules)) if each.fact in LAW_FACTS]
    return ByLaw(
        tuple(each for each in tests if not _is_of_charge(each.fact, book)),
        tuple(each for each in tests if _is_of_charge(each.fact, book)),
        any(each.fact in ("late_fee_clause", "clause_shown") for each in asked),
        _consents(asked),
    )


def _tests_of(part: object) -> list[Check]:
    """Every test of a fact anywhere within, each once; of what only law reads there is none."""
    found = dict.fromkeys(_checks(part))
    return [each for each in found if not isinstance(each.test, Anything) and each.fact not in LAW_FACTS]


def _consents(tests: Sequence[Check]) -> frozenset[object]:
    """The consents that tests name; all of them, where one asks for none or any."""
    asked = [each.test for each in tests if each.fact == "consents"]
    if all(isinstance(test, Contains) for test in asked):
        return frozenset(word for test in asked if isinstance(test, Contains) for word in test.values)
    return frozenset(CONSENTS)


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


class Readings:
    """The accounts of a batch, all of them under one book, as law and the worklist read them.

    `facts` are those the book's steps read (see `reads`); `charge_facts` are about the charges `open_rows`, ascending.
    `odd` turn out to be such that arrays do not tell their steps.
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
        open_rows: Ints,
    ) -> None:
        self.batch = batch
        self.book = book
        self.today = on.toordinal()
        self.on = on
        self.numbering = numbering
        self.owed = owed
        self.facts = facts
        self.charge_facts = charge_facts
        self.open_rows = open_rows
        self.reads = reads(book)
        self.odd = np.zeros(len(batch), np.bool_)

    def read_by_law(self, accounts: Ints, decided: Ints) -> Ints:
        """The number of all that law reads of these accounts, of whom there is no proceeding.

        `decided`: the number of what it counts of approvals.
        """
        charges, wanted = self.batch.charges, np.zeros(len(self.batch), np.bool_)
        wanted[accounts] = True
        kept, start = chosen(charges.start, self.owed.counts & wanted[charges.owner])
        rows = in_order(self.batch, kept, self.owed.due, self.owed.fell)
        self._twice_charged(charges.owner[rows])
        places = np.full(len(charges), -1, np.int64)
        places[self.open_rows] = np.arange(len(self.open_rows))
        of_charge = self._tests(self._by_law.of_charge, self.charge_facts, len(self.open_rows))[places[rows]]
        columns = [
            np.full(len(self.batch), self.numbering.of_word(_Same(self.book)), np.int64),
            # Which tests there are hangs on the places of the batch; the same outcomes of others are something else.
            np.full(len(self.batch), self.numbering.of_word(self._by_law), np.int64),
            self._number_of_laws("law"),
            self.numbering.of_words(self.batch.coded("unknown")),
            self._consents,
            self._contracts,
            self._tests(self._by_law.of_account, self.facts, len(self.batch)),
            self.numbering.of_lists("law of charges", start, of_charge),
        ]
        columns.append(self.odd.astype(np.int64))  # what law says of these nobody else is told
        return self.numbering.of("law", [decided, *[column[accounts] for column in columns]])

    def of_today(self, accounts: Ints) -> Ints:
        """The number of what the worklist asks of these accounts beside what is due and what was said."""
        columns = [
            np.full(len(self.batch), self.numbering.of_word(_Same(self.book)), np.int64),
            self._number_of_laws("limits"),
            self.numbering.of_words(self.batch.coded("unknown")),
            self._drawn,
            self._tests(self.reads.of_the_day, self.facts, len(self.batch)),
        ]
        return self.numbering.of("today", [column[accounts] for column in columns])

    # What they read

    @cached_property
    def _laws(self) -> tuple[Ints, tuple[Statutes, ...]]:
        """The law that holds at the place of each account, and all there are; which place it is, tests ask."""
        places, law = self.batch.coded("place"), law_of(self.book)
        found = [law.on(self.on, None if place is None else str(place)) for place in (*places.words, None)]
        return np.arange(len(found))[places.codes], tuple(found)

    @cached_property
    def _by_law(self) -> ByLaw:
        return read_by_law(self.book, frozenset(self._laws[1]))

    def _number_of_laws(self, of: Literal["law", "limits"]) -> Ints:
        """A number of the law at each place; of its limits, or of all of it."""
        codes, laws = self._laws
        if of == "limits":
            words = [self.numbering.of_word(law.limits) for law in laws]
        else:
            law, places = law_of(self.book), (*self.batch.coded("place").words, None)
            packs = [law.at(None if place is None else str(place)) for place in places]
            words = [self.numbering.of_word(tuple(map(_Same, each))) for each in packs]
        return np.array(words, np.int64)[codes]

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
    def people(self) -> Ints:
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
        wanted &= rows.coded("kind").among(self._by_law.consents)
        return self._listed("consent", rows, [self.numbering.of_words(rows.coded("kind"))], wanted)

    @cached_property
    def _contracts(self) -> Ints:
        """What the contracts say of late fees, where law asks; of two that began on one day the engine knows which."""
        rows = self.batch.lists["contracts"]
        if not self._by_law.clause or not len(rows):
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


FAR = date.max.toordinal() + 1
_NEVER, _FRESH, _STALE = -1, -2, -3
_AN_HOUR = timedelta(hours=1) // timedelta(microseconds=1)
_A_DAY = 24 * _AN_HOUR
_TO_A_NUMBER = 38
"""Tests of three outcomes that one 64-bit number tells apart."""
