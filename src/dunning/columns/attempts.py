"""What was done under a step for many homes at once: `Progress` of `engine.ladder.drafts` in arrays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.basis.calendar import add_months
from dunning.columns.homes import Homes, Pairs
from dunning.columns.kinds import alike
from dunning.columns.known import Bools, Ints
from dunning.engine.known import clocks
from dunning.engine.known.contacts import IN_PERSON
from dunning.engine.ladder.standing import MONTHS
from dunning.engine.steps.anchors import ARRIVED, RECORDED_WITHIN, SPOKEN, day_before, recorded, shifted
from dunning.engine.steps.channels import Tries, left_to_try
from dunning.engine.steps.ready import Rung
from dunning.model.account import Channel
from dunning.model.steps import CLASS_OF, Step

NEVER = -1
"""As an end: nobody knows until when. 0: no end was said."""

_CHANNELS: tuple[Channel, ...] = tuple(CLASS_OF)


class Progress(NamedTuple):
    """What has been done under a step, one row for each home or charge it is asked of.

    `over`: nothing more is to be done now, `until` the last day of that (0: not known). `awaited`: the result of a
    contact is still to be recorded. `lacking`: nobody can tell whether it is over. `ways`: what is left of its
    channels, a place in `tries`. `runs`: the last day of a deadline it gave that still runs, 0 for none.
    """

    tried: Bools
    done: Bools
    over: Bools
    until: Ints
    number: Ints
    awaited: Bools
    lacking: Bools
    ways: Ints
    tries: Sequence[Tries | None]
    runs: Ints


class Asked(NamedTuple):
    """Of whom a step is asked: homes, and the charge of each (a row; -1: the account as a whole)."""

    homes: Ints
    charges: Ints

    def __len__(self) -> int:
        return len(self.homes)

    def only(self, which: Bools | Ints) -> Asked:
        return Asked(self.homes[which], self.charges[which])


def in_time(home: Homes, rung: Rung, asked: Asked, since: Ints, last: Ints | None = None) -> Pairs:
    """The attempts that count from a day on, and up to the day `last`; one that names charges counts for those."""
    pairs = home.pairs(rung.step.id, asked.homes)
    if not len(pairs.talk):
        return pairs
    day = home.contact_day[pairs.talk]
    counts = day >= since[pairs.of]
    named = np.zeros(len(day), np.bool_)
    charge = asked.charges[pairs.of]
    if (charge >= 0).any():
        named, names = home.names(pairs.talk, charge)
        named &= charge >= 0
        counts = np.where(named, names, counts)
    if last is not None:
        ends = last[pairs.of]
        counts &= named | home.names(pairs.talk, charge)[0] | (ends < 0) | (day <= ends)
    return Pairs(pairs.talk[counts], pairs.of[counts])


def progress(home: Homes, rung: Rung, asked: Asked, since: Ints, overtaken: Bools | None = None) -> Progress:
    """What was done from the day `since` on; `overtaken`: since then a higher step was done."""
    pairs = in_time(home, rung, asked, since)
    occasion = rung.step.once_per
    if occasion is None:
        return progress_of(home, rung, asked, pairs, overtaken=overtaken)
    number = np.bincount(pairs.of, minlength=len(asked))
    if occasion == "charge":
        begins, ends = home.since[asked.homes], np.zeros(len(asked), np.int64)
    else:
        months = MONTHS[occasion]
        first = date(home.on.year, (home.on.month - 1) // months * months + 1, 1)
        begins = np.full(len(asked), first.toordinal())
        ends = np.full(len(asked), day_before(add_months(first, months)).toordinal())
    pairs = in_time(home, rung, asked, begins)
    found = progress_of(home, rung, asked, pairs, ends=ends, overtaken=overtaken)
    return found._replace(number=np.maximum(number, found.number))


def progress_of(
    home: Homes, rung: Rung, asked: Asked, pairs: Pairs, *, ends: Ints | None = None, overtaken: Bools | None = None
) -> Progress:
    """The same of given attempts. `ends`: the last day of what they count for."""
    size = len(asked)
    none = np.zeros(size, np.bool_)
    ways, tries = _ways(home, rung, asked, pairs)
    nothing = Progress(
        none,
        none,
        none,
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        none,
        none,
        ways,
        tries,
        none.astype(np.int64),
    )
    untold = home.lacks("contacts.at", "contacts.step")[asked.homes]
    if not len(pairs.talk):
        return nothing._replace(lacking=untold)
    of, place = pairs.of, np.arange(len(pairs.of))
    number = np.bincount(of, minlength=size)
    tried = number > 0
    complete = completed(home, rung.step, pairs.talk) & ~_falls_back(home, rung, pairs, ways, tries)
    last_done = _last(place, of, complete, size)
    last_open = _last(place, of, ~home.of_contact(home.talks.failed)[pairs.talk], size)
    done = last_done >= 0
    over, until = done.copy(), np.zeros(size, np.int64)
    lacking = ~tried & untold
    if ends is not None:
        until[done] = ends[done]
    waiting = tried & ~done & (last_open >= 0)
    repeat = rung.step.repeat
    if repeat is not None and done.any():
        again = done.copy()
        if overtaken is not None:
            again &= ~overtaken
        if repeat.times is not None:
            again &= np.bincount(of[complete], minlength=size) < repeat.times
        if repeat.until is not None:
            stopped = home.truth(repeat.until, asked.homes, asked.charges)
            again &= ~stopped.surely
        rows = np.flatnonzero(again)
        day = home.contact_day[pairs.talk[last_done[rows]]]
        every = repeat.every
        following = home.by_day("every", every, day, lambda each: shifted(each, every, home.calendar)[0].toordinal())
        rests = home.today < following
        until[rows[rests]] = following[rests] - 1
        open_again = rows[~rests]
        waiting[open_again] = last_open[open_again] > last_done[open_again]
        over[open_again] = False
        until[open_again] = 0
        if repeat.until is not None:
            lacking[open_again] = stopped.possibly[open_again]
    rows = np.flatnonzero(waiting)
    if len(rows):
        rests_until = _rests_until(home, rung.step, home.contact_day[pairs.talk[last_open[rows]]])
        over[rows] = home.today <= rests_until
        until[rows] = np.where(over[rows], rests_until, 0)
        lacking = lacking & ~(waiting & over)
    awaited = waiting & over
    if home.lacking.any():
        lacking = lacking | _untold(home, rung.step, asked, pairs, tried & ~done, last_open)
    return Progress(tried, done, over, until, number, awaited, lacking, ways, tries, _runs(home, rung, pairs, size))


def _untold(home: Homes, step: Step, asked: Asked, pairs: Pairs, tried: Bools, last_open: Ints) -> Bools:
    """Of whom nobody can tell what came of the last contact: a source lacks a field that the step wants recorded."""
    found = np.zeros(len(asked), np.bool_)
    last = _last(np.arange(len(pairs.of)), pairs.of, np.ones(len(pairs.of), np.bool_), len(asked))
    rows = np.flatnonzero(tried)
    at = pairs.talk[np.where(last_open[rows] >= 0, last_open[rows], last[rows])]
    for field, missing in unrecorded(home, step, at).items():
        found[rows] |= missing & home.lacks(f"contacts.{field}")[asked.homes[rows]]
    return found


def _last(place: Ints, of: Ints, which: Bools, size: int) -> Ints:
    """The place of the last that is marked, of each; -1 where none is."""
    found = np.full(size, -1, np.int64)
    found[of[which]] = place[which]
    return found


def _rests_until(home: Homes, step: Step, days: Ints) -> Ints:
    """The last day a step rests after a contact of which something is still to be recorded."""

    def found(day: date) -> int:
        last = shifted(day, RECORDED_WITHIN, home.calendar)[0]
        if step.repeat is not None:
            last = max(last, day_before(shifted(day, step.repeat.every, home.calendar)[0]))
        return last.toordinal()

    return home.by_day("rests", step.repeat and step.repeat.every, days, found)


# Channels


def _ways(home: Homes, rung: Rung, asked: Asked, pairs: Pairs) -> tuple[Ints, Sequence[Tries | None]]:
    """What is left of a step's channels after these attempts."""
    size = len(asked)
    if rung.channels is None:
        return np.zeros(size, np.int64), (None,)
    dead, unanswered = np.zeros(size, np.int64), np.zeros(size, np.int64)
    if len(pairs.talk):
        contacts, rows = home.talks.contacts, home.talks.of_steps.rows[pairs.talk]
        channel, outcome = contacts.coded("channel"), contacts.coded("outcome")
        bit_of = [1 << _CHANNELS.index(word) for word in channel.words]
        bits = np.array([*bit_of, 0], np.int64)[channel.codes[rows]]
        gone = outcome.equals("undeliverable")[rows]
        np.bitwise_or.at(dead, pairs.of[gone], bits[gone])
        place = np.arange(len(rows))
        trailing = place > _last(place, pairs.of, ~home.talks.failed[rows], size)[pairs.of]
        np.bitwise_or.at(unanswered, pairs.of[trailing], bits[trailing])
    reachable = home.batch.coded("debtor.reachable")
    codes, samples = alike([reachable.codes[home.accounts[asked.homes]].astype(np.int64), dead, unanswered])
    words = (*reachable.words, None)
    tries = [
        left_to_try(
            rung,
            words[int(reachable.codes[home.accounts[asked.homes[each]]])],
            _of_bits(int(dead[each])),
            _of_bits(int(unanswered[each])),
        )
        for each in samples.tolist()
    ]
    return codes.astype(np.int64), tries


def _of_bits(bits: int) -> frozenset[Channel | None]:
    return frozenset(channel for place, channel in enumerate(_CHANNELS) if bits >> place & 1)


def _falls_back(home: Homes, rung: Rung, pairs: Pairs, ways: Ints, tries: Sequence[Tries | None]) -> Bools:
    """Attempts nobody answered that leave the step open, because another channel is left."""
    if rung.channels is None:
        return np.zeros(len(pairs.talk), np.bool_)
    left = np.array([each is not None and each.mode == "first_of" and bool(each.next) for each in tries], np.bool_)
    contacts, rows = home.talks.contacts, home.talks.of_steps.rows[pairs.talk]
    wanted = contacts.coded("channel").among(rung.channels.channels)[rows]
    unanswered = contacts.coded("outcome").equals("no_answer")[rows]
    return np.asarray(left[ways[pairs.of]] & wanted & unanswered)


# Single contacts


def completed(home: Homes, step: Step, talks: Ints) -> Bools:
    """Whether contacts (places in `talks.of_steps`) complete a step: with what it wants recorded."""
    rows = home.talks.of_steps.rows[talks]
    found = ~home.talks.contacts.coded("outcome").equals("undeliverable")[rows]
    for missing in unrecorded(home, step, talks).values():
        found &= ~missing
    return np.asarray(found)


def unrecorded(home: Homes, step: Step, talks: Ints) -> dict[str, Bools]:
    """By field that a step wants recorded: which contacts have not got it."""
    contacts, rows = home.talks.contacts, home.talks.of_steps.rows[talks]
    outcome, channel = contacts.coded("outcome"), contacts.coded("channel")
    ways: list[Channel | None] = [*channel.words, None]  # type: ignore[list-item]
    wants = [recorded(step, way) for way in ways]
    found: dict[str, Bools] = {}
    for field in step.record:
        wanted = np.array([field in each for each in wants], np.bool_)[channel.codes]
        missing = _missing(home, field)
        if field == "outcome":
            spoken = np.array([_in_person(step, way) for way in ways], np.bool_)[channel.codes]
            missing = missing | (outcome.equals("sent") & spoken)
        found[field] = np.asarray((wanted & missing)[rows])
    return found


def _in_person(step: Step, channel: Channel | None) -> bool:
    """Whether somebody was to be spoken to; where no channel is recorded, as the step goes first."""
    if channel is None and step.channels is not None:
        channel = step.channels.channels[0]
    return step.action in SPOKEN if channel is None else CLASS_OF[channel] in IN_PERSON


def _missing(home: Homes, field: str) -> Bools:
    """Contacts of which a field was not recorded."""
    contacts = home.talks.contacts
    match field:
        case "promise":
            return contacts.numbers("promise.on").absent
        case "party" | "content":
            empty = pc.equal(contacts.texts(field).values, "").fill_null(pa.scalar(value=True))
            return np.asarray(empty.to_numpy(zero_copy_only=False), np.bool_)
        case _:
            column = contacts.coded(field)
            return ~column.where([word not in (None, "") for word in column.words])


def arrived(home: Homes, step: Step, talks: Ints) -> tuple[Bools, Bools]:
    """Whether contacts have arrived, by the evidence a step asks for; and where that is not told."""
    contacts, rows = home.talks.contacts, home.talks.of_steps.rows[talks]
    proof = contacts.coded("proof")
    wanted = step.proof or ("B" if step.action == clocks.DEMAND else None)
    if wanted is None:
        found = contacts.coded("outcome").among(ARRIVED) | proof.among(("A", "B"))
        return found[rows], np.zeros(len(rows), np.bool_)
    enough = proof.where([str(word) <= wanted for word in proof.words])
    return enough[rows], proof.codes[rows] < 0


def _runs(home: Homes, rung: Rung, pairs: Pairs, size: int) -> Ints:
    """The last day of a deadline the step gave to each that still runs, 0 for none."""
    found = np.zeros(size, np.int64)
    gives = rung.step.gives
    if gives is None:
        return found
    some = ~home.of_contact(home.talks.failed)[pairs.talk]
    if gives.from_ == "delivered":
        some &= arrived(home, rung.step, pairs.talk)[0]
    until = home.by_day(
        "gives", gives, home.contact_day[pairs.talk[some]],
        lambda day: clocks.deadline(home.calendar, gives, day).day.toordinal(),
    )  # fmt: skip
    np.maximum.at(found, pairs.of[some], until)
    return np.where(found >= home.today, found, 0)
