"""Persons, all their accounts at once: their steps, their day, and the tables of both.

Each is looked at as an array of homes under its book (`homes`, `rungs`, `climbing`), and then as a person (`outings`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from dunning.basis.finding import Finding
from dunning.basis.span import Entry
from dunning.columns.arrays import by_account, days, keys
from dunning.columns.climbing import Steps, steps_of
from dunning.columns.deadlines import Deadlines, deadlines_of
from dunning.columns.decisions import Decisions
from dunning.columns.homes import Homes
from dunning.columns.kinds import told_apart
from dunning.columns.known import Codes
from dunning.columns.layout import Found
from dunning.columns.numbering import MOST, Numbering
from dunning.columns.offers import Offers, offers_of
from dunning.columns.outings import Looked, Outings
from dunning.columns.pausing import unanswered
from dunning.columns.promises import counting
from dunning.columns.readings import Readings
from dunning.columns.rows import Batch, Bools, Ints
from dunning.columns.rulings import Known, Rulings
from dunning.columns.rungs import Rungs, understood
from dunning.columns.schema import JOIN, Shape
from dunning.columns.spoken import Spoken
from dunning.engine.assess import Rules
from dunning.engine.steps.candidates import CODES
from dunning.model.rulebook import RuleBook

RECORDS = ("plans", "proceedings")
"""Lists whose records are left to the engine."""


class Part(NamedTuple):
    """The accounts under one book: their rows in the whole batch and those of their charges, and what was found."""

    accounts: Ints
    charges: Ints
    found: Found
    readings: Readings
    said: Spoken


class Told(NamedTuple):
    """What the accounts that are told something (`of`, ascending rows of the batch) are told; findings by row."""

    of: Ints
    actions: pa.Table
    withheld: pa.Table
    deadlines: pa.Table
    ended: pa.Array
    provisional: Bools
    shortfalls: pa.Array
    findings: list[tuple[int, Finding]]


class Persons:
    """Looks at persons of batch after batch, under some rules on one day; it remembers what it was told of the law."""

    def __init__(self, rules: Rules, on: date, shape: Shape) -> None:
        self.rules = rules
        self.on = on
        self.shape = shape
        self.numbering = Numbering()
        self.outings = Outings(on, shape, self.numbering)
        self._law: dict[RuleBook, Known] = {}

    def serves(self, rules: Rules, on: date, shape: Shape) -> bool:
        """Whether it is for this day and these rules, and has not met too many kinds."""
        return self.rules is rules and self.on == on and self.shape is shape and len(self.numbering) <= MOST

    def tell(self, batch: Batch, parts: Sequence[Part], wanted: Bools) -> Told:
        """What the wanted accounts are told, as far as they and all others of the same person can be done in arrays.

        `wanted` are whole persons.
        """
        fits = [_fit(part, wanted) for part in parts]
        views = [_View(self, batch, part, fit) for part, fit in zip(parts, fits, strict=True) if len(fit)]
        done = np.zeros(len(batch), np.bool_)
        for view in views:
            done[view.rows[~view.home.alone]] = True
        whole = np.ones(len(batch.groups) - 1, np.bool_)
        whole[batch.debtor[~done]] = False
        views = [view for view in views if view.keep(whole[batch.debtor])]
        if not views:
            return _nothing(self.shape)
        told = self.outings.tell(batch, [view.looked for view in views])
        of = np.concatenate([view.looked.rows for view in views])
        order = np.argsort(of)
        schemas = self.shape.schemas
        of_accounts = schemas["assessments"]
        return Told(
            of[order],
            told.actions,
            _withheld(batch, schemas["withheld"], views, told.codes, told.until),
            by_account([view.deadlines(schemas["deadlines"]) for view in views]),
            _words(np.concatenate([view.ended for view in views])[order], of_accounts.field("ended").type),
            np.concatenate([view.guessed for view in views])[order],
            told.shortfalls,
            [each for view in views for each in view.findings()],
        )

    def law(self, book: RuleBook) -> Known:
        """What the law was found to say under a book."""
        return self._law.setdefault(book, Known(book, self.on))


class _View:
    """Some accounts of a part, looked at."""

    looked: Looked

    def __init__(self, persons: Persons, batch: Batch, part: Part, accounts: Ints) -> None:
        self.batch = batch
        self.part = part
        found, readings, said = part.found, part.readings, part.said
        book = found.book
        self.rows = part.accounts[accounts]
        promises = said.promises
        self.home = home = Homes(
            found.batch, book, persons.on, accounts, readings.owed, readings.facts, readings.charge_facts,
            found.grades, found.open_rows, said.talks, promises, counting(said.owed, promises),
            found.ledgers.standing,
        )  # fmt: skip
        law = readings.read_by_law(accounts, Decisions(home).by_law(persons.numbering))
        self.people = readings.people[accounts]  # asked for here, for it finds more that are odd
        self.running: Deadlines = deadlines_of(said)
        home.alone |= readings.odd[accounts] | ~self.running.exact[accounts]
        guessed = said.demands.owner[said.demands.provisional]
        home.alone[home.place[guessed[home.place[guessed] >= 0]]] = True
        self.standing = persons.numbering.of("day", [readings.of_today(accounts), home.gap])
        rulings = Rulings(home, law, batch, self.rows, persons.law(book))
        self.steps: Steps = steps_of(home, Rungs(home, rulings))
        self.offers: Offers = offers_of(home, rulings, self.steps)

    def keep(self, wanted: Bools) -> bool:
        """Keeps those that are done here; whether there are any."""
        self.kept = np.flatnonzero(wanted[self.rows])
        place = np.full(self.home.size, -1, np.int64)
        place[self.kept] = np.arange(len(self.kept))
        self.place = place
        self.looked = Looked(
            self.home, self.offers.of(place), self.kept, self.rows[self.kept], self.part.charges,
            self.standing[self.kept], self.people[self.kept],
        )  # fmt: skip
        return bool(len(self.kept))

    @property
    def ended(self) -> Any:
        """What follows the last rung of each."""
        at_end = self.home.book.ladder.at_end
        return np.array([at_end if ended else None for ended in self.steps.ended[self.kept].tolist()], np.object_)

    @property
    def guessed(self) -> Bools:
        """Whether something of each hangs on a year the calendar does not know."""
        found = self.running.guessed[self.home.accounts[self.kept]].copy()
        offers = self.looked.offers
        found[offers.homes[offers.guessed]] = True
        return found

    def findings(self) -> Iterator[tuple[int, Finding]]:
        """What is to be said of their steps; by row of the whole batch."""
        for row, finding in unanswered(self.home):
            if self.place[self.home.place[row]] >= 0:
                yield int(self.part.accounts[row]), finding
        yield from self._strangers()

    def _strangers(self) -> Iterator[tuple[int, Finding]]:
        """Steps done for the present debt that the book has under no name; by row of the whole batch."""
        home, talks, book = self.home, self.home.talks, self.home.book
        steps = talks.contacts.coded("step")
        known = home.ready.steps
        dropped = {retired.name for retired in book.retired}
        strange = steps.where([bool(known) and word not in known and word not in dropped for word in steps.words])
        said = talks.of_steps
        places = np.flatnonzero(strange[said.rows] & ~talks.inbound[said.rows])
        rows, at = said.rows[places], home.place[said.owner[places]]
        some = (at >= 0) & home.overdue[at] & (talks.day[rows] >= home.since[at]) & (self.place[at] >= 0)
        told: set[tuple[int, int]] = set()
        ids, contacts = self.batch.texts("id"), talks.contacts.texts("id")
        company = self.batch.coded("company")
        for row, place in zip(rows[some].tolist(), at[some].tolist(), strict=True):
            code, whole = int(steps.codes[row]), int(self.rows[place])
            if (place, code) not in told:
                told.add((place, code))
                name, contact = str(company.words[company.codes[whole]]), contacts.text(row) or ""
                entry = Entry(name, ids.text(whole) or "", "contacts", contact)
                yield whole, Finding("A802", entry, {"step": steps.words[code], "id": contact})

    def deadlines(self, schema: pa.Schema) -> pa.Table:
        return self.running.table(schema, self.batch, self.home.accounts[self.kept], self.looked.rows)


def _fit(part: Part, wanted: Bools) -> Ints:
    """The wanted accounts of whom nothing is on record that the engine has to look at."""
    batch = part.found.batch
    if not understood(part.found.book):
        return np.zeros(0, np.int64)
    found = wanted[part.accounts]
    for name in RECORDS:
        found &= batch.lists[name].counts == 0
    return np.flatnonzero(found)


# Tables


def _withheld(
    batch: Batch, schema: pa.Schema, views: Sequence[_View], codes: Sequence[Ints], until: Sequence[Ints]
) -> pa.Table:
    """Every step that does not go out: what its account keeps back, and what the person's day does."""
    steps: list[str] = []
    parts = []
    for view, refused, ends in zip(views, codes, until, strict=True):
        offers = view.looked.offers
        for rung, drafts in zip(view.home.ready.rungs, view.steps.drafts, strict=True):
            mine = offers.ranks == rung.rank
            own = np.flatnonzero((drafts.codes != 0) & (view.place[drafts.asked.homes] >= 0))
            kept = np.flatnonzero(mine & (refused != 0))
            place = np.concatenate((view.place[drafts.asked.homes[own]], offers.homes[kept]))
            charge = np.append(view.part.charges, -1)[np.concatenate((drafts.asked.charges[own], offers.charge[kept]))]
            bits = np.concatenate((drafts.codes[own], refused[kept]))
            last = np.concatenate((drafts.until()[own], ends[kept]))
            step = np.full(len(place), len(steps), np.int64)
            turn = np.concatenate((own, offers.turn[kept]))
            parts.append((view.looked.rows[place], step, turn, charge, bits, last))
            steps.append(rung.step.id)
    if not parts:  # no book has steps
        return schema.empty_table()
    rows, step, turn, charge, bits, last = (np.concatenate(column) for column in zip(*parts, strict=True))
    # One key is sorted three times as fast as three; a batch has far fewer rows than it can tell apart.
    order = np.argsort((rows * len(steps) + step) * (int(turn.max(initial=0)) + 1) + turn, kind="stable")
    rows, step, charge, bits, last = rows[order], step[order], charge[order], bits[order], last[order]
    kinds, samples = told_apart(bits)
    words = [[code for place, code in enumerate(CODES) if int(bits[each]) >> place & 1] for each in samples.tolist()]
    ids = batch.charges.texts("id").values.take(pa.array(np.maximum(charge, 0), mask=charge < 0))
    return pa.table(
        [
            *keys(batch, rows).values(),
            _of_words(step, steps),
            ids,
            _of_words(kinds, [each[0] for each in words]),
            _of_words(kinds, [JOIN.join(each) for each in words]),
            days(last),
        ],
        schema=schema,
    )


def _of_words(places: Ints | Codes, words: Sequence[str]) -> pa.Array:
    """Words by their places; each stands in the dictionary once, though two steps or kinds have the same."""
    unique = {word: place for place, word in enumerate(dict.fromkeys(words))}
    codes = np.array([unique[word] for word in words], np.int32)
    return pa.DictionaryArray.from_arrays(codes[places], pa.array(unique, pa.string()))


def _words(words: Any, type_: pa.DataType) -> pa.Array:
    """Words of which there are few; None is none."""
    known = sorted({word for word in words.tolist() if word is not None})
    codes = np.full(len(words), -1, np.int32)
    for place, word in enumerate(known):
        codes[words == word] = place
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(known, type_.value_type))


def _nothing(shape: Shape) -> Told:
    empty = {name: shape.schemas[name].empty_table() for name in ("actions", "withheld", "deadlines")}
    of_accounts = shape.schemas["assessments"]
    none: list[Any] = []
    return Told(
        np.zeros(0, np.int64), empty["actions"], empty["withheld"], empty["deadlines"],
        pa.array(none, of_accounts.field("ended").type), np.zeros(0, np.bool_),
        pa.array(none, of_accounts.field("shortfalls").type), [],
    )  # fmt: skip
