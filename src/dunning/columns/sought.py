"""How and when each person was sought, as far as it counts today: for caps and quotas, for the message of the day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np

from dunning.columns.known import Codes, Ints
from dunning.columns.numbering import Numbering
from dunning.columns.rows import Batch, Coded
from dunning.columns.talks import Talks, talks_of
from dunning.engine.contact.caps import Numbered, numbers, quotas_of
from dunning.engine.known.clocks import demand_steps
from dunning.engine.ladder.pending import MESSAGES
from dunning.engine.law.guard import law_of
from dunning.model.rulebook import RuleBook


def sought(batch: Batch, on: date, books: Sequence[RuleBook], numbering: Numbering) -> Ints:
    """The number of how and when each person was sought, by the batch's `debtor` numbers; `books` are those that count.

    Contacts so old that nothing counts them are left out. One contact told in several records is one: so each record
    says how far back the one is that it belongs to.
    """
    talks = talks_of(batch, on)
    records = talks.records_of_person
    channels = batch.lists["contacts"].coded("channel")
    counts = _Counts(batch, on, books, channels)
    mine = talks.attempted[records.rows]
    told = counts.told(talks.day[records.rows], channels.codes[records.rows])
    some = mine & (told != 0)
    rows, owner, told = records.rows[some], records.owner[some], told[some]
    back = np.arange(len(rows)) - talks.earlier(owner, rows)
    # Of what only quotas count, what counts it says the channel; but not of one that is told twice.
    twice = back > 0
    twice[(np.arange(len(rows)) - back)[twice]] = True
    ways = np.where((told < 0) & ~twice, -1, numbering.of_words(channels)[rows])
    start = np.searchsorted(owner, np.arange(len(batch.groups)))
    listed = numbering.of_lists("attempts", start, numbering.of("attempt", [told, ways, back]))
    return numbering.of("sought", [listed, _today(batch, talks, books, numbering)])


def _today(batch: Batch, talks: Talks, books: Sequence[RuleBook], numbering: Numbering) -> Ints:
    """The number of the messages each person got today: to whom, and whether they went with a formal demand."""
    found = np.zeros(len(batch.groups) - 1, np.int64)
    contacts = batch.lists["contacts"]
    channel = contacts.coded("channel").among(tuple(MESSAGES))
    rows = np.flatnonzero((talks.day == talks.on) & talks.attempted & channel)
    demands = {step for book in books for step in demand_steps(book)}
    steps, parties = contacts.coded("step"), contacts.texts("party")
    told: dict[int, list[object]] = {}
    for row in rows.tolist():
        person = int(batch.debtor[contacts.owner[row]])
        step = None if steps.codes[row] < 0 else steps.words[int(steps.codes[row])]
        told.setdefault(person, []).append((step in demands, _who(batch, person, parties.text(row))))
    for person, messages in told.items():
        found[person] = numbering.of_word(("today", *messages))
    return found


def _who(batch: Batch, person: int, party: str | None) -> tuple[int, ...] | None:
    """A party as each account of a person has it: 0 the debtor, 1 and on those beside; -1 nobody. None: unnamed."""
    if party is None:
        return None
    places = []
    beside = batch.lists["parties"]
    for account in range(int(batch.groups[person]), int(batch.groups[person + 1])):
        rows = range(int(beside.start[account]), int(beside.start[account + 1]))
        names = [batch.texts("debtor.id").text(account), *(beside.texts("id").text(row) for row in rows)]
        places.append(names.index(party) if party in names else -1)
    return tuple(places)


class _Counts:
    """How the caps and quotas of a day count contacts, by channel."""

    def __init__(self, batch: Batch, on: date, books: Sequence[RuleBook], channels: Coded) -> None:
        places = [None if place is None else str(place) for place in (*batch.coded("place").words, None)]
        caps = {cap for book in books for place in places for cap in numbers(book, law_of(book).on(on, place)).caps}
        quotas = {quota for book in books for quota in quotas_of(book)}
        ways = (*channels.words, None)
        self.capped = np.array([_earliest(way, caps, on) for way in ways], np.int64)
        stretches = sorted({(quota.first_day(on).toordinal(), quota.counted) for quota in quotas}, key=str)
        self.stretches = [(first, np.array([way in counted for way in ways])) for first, counted in stretches]

    def told(self, days: Ints, codes: Codes) -> Ints:
        """The day of contacts that caps count; below 0, which quotas count others; 0: none does."""
        by_quota = np.zeros(len(days), np.int64)
        for place, (first, counted) in enumerate(self.stretches):
            by_quota -= (counted[codes] & (days >= first)).astype(np.int64) << place
        return np.where(days >= self.capped[codes], days, by_quota)


def _earliest(way: object, caps: Iterable[Numbered], on: date) -> int:
    """The first day on which a contact by a channel counts: for any cap, or as a message of today."""
    today = on.toordinal() if way in MESSAGES else on.toordinal() + 1
    return min((cap.first_day(on).toordinal() for cap in caps if way in cap.counted), default=today)
