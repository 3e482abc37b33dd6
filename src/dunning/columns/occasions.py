"""The times a step's anchor comes up for many homes: `engine.steps.anchors` in arrays, for what is not a due date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from dunning.columns.attempts import Asked, arrived, completed
from dunning.columns.homes import Homes
from dunning.columns.known import Bools, Ints
from dunning.columns.order import by_key
from dunning.columns.promises import KEPT
from dunning.columns.rows import Texts
from dunning.columns.shares import DAYS, expanded
from dunning.engine.known import clocks
from dunning.engine.steps.anchors import evidence_wanted, shifted
from dunning.engine.steps.ready import Rung
from dunning.model.anchor import Anchor, AnchorWindow, Duration, Event
from dunning.model.steps import Step

OF_STEPS: frozenset[Event] = frozenset({"done", "failed", "delivered", "expired"})
OF_CONTACTS: frozenset[Event] = OF_STEPS | {"contact", "promise"}
KNOWN: frozenset[Event] = OF_CONTACTS | {"paid", "settled", "handover", "dispute"}
"""The events whose days are found here."""


class Days(NamedTuple):
    """The days of an event: of whom (a place among those asked), the day, and the row of the record it hangs on.

    `weak`: those of whom it would be, but for evidence; `lacking`: those of whom nobody can tell.
    """

    of: Ints
    day: Ints
    record: Ints
    weak: Bools
    lacking: Bools


class Occasions(NamedTuple):
    """The windows an event opens, by whom and first day; `last` -1: no end. `lacking`: who cannot be told any."""

    of: Ints
    first: Ints
    last: Ints
    record: Ints
    lacking: Bools


def occasions(home: Homes, rung: Rung, asked: Asked) -> Occasions:
    """Each time a step's window opens, for a step that hangs on records."""
    window = rung.step.window
    assert isinstance(window, AnchorWindow)
    found = event_days(home, window.first, asked, None)
    _leave_guessed(home, found, asked, window)
    first = moved(home, found.day, window.first.offset)
    last = np.full(len(first), -1, np.int64)
    if window.last is not None:
        last = moved(home, found.day, window.last.offset)
        last = np.where(last >= first, last, -1)
    order = np.lexsort((first, found.of))
    return Occasions(found.of[order], first[order], last[order], found.record[order], found.lacking)


def _leave_guessed(home: Homes, found: Days, asked: Asked, window: AnchorWindow) -> None:
    """Windows that hang on working days of a year the calendar does not know are left to the engine."""
    for anchor in (window.first, window.last):
        if anchor is not None and anchor.offset.unit == "wd":
            find = partial(_guesses, home, anchor.offset)
            guessed = home.by_day("guessed", anchor.offset, found.day, find)
            home.alone[asked.homes[found.of[guessed > 0]]] = True


def _guesses(home: Homes, offset: Duration, day: date) -> int:
    return int(shifted(day, offset, home.calendar)[1])


def moved(home: Homes, days: Ints, offset: Duration) -> Ints:
    """Days so much later."""
    if not offset.count and offset.unit != "wd":
        return days
    return home.by_day("moved", offset, days, lambda day: shifted(day, offset, home.calendar)[0].toordinal())


SOURCES: Mapping[Event, str] = {
    "promise": "contacts.promise", "contact": "contacts.outcome", "done": "contacts.step", "failed": "contacts.step",
    "delivered": "contacts.step", "expired": "contacts.step", "paid": "payments", "settled": "payments",
    "dispute": "disputes", "plan": "plans", "judgment": "proceedings",
}  # fmt: skip
"""What has to be known where an event never came up."""


def event_days(home: Homes, anchor: Anchor, asked: Asked, since: Ints | None) -> Days:
    """Every day an event comes up for each; `since`: contacts before that day were about an older debt."""
    found = _event_days(home, anchor, asked, since)
    if not home.lacking.any() or anchor.event not in SOURCES or (anchor.event in OF_STEPS and _unnamed(home, anchor)):
        return found
    none = np.ones(len(asked), np.bool_)
    none[found.of] = False
    if anchor.event == "promise":
        none[np.isin(asked.homes, home.place[home.promises.owner[home.promises.state != KEPT]])] = False
    if anchor.event == "settled":
        none &= ~_ever_settled(home)[asked.homes]
    return found._replace(lacking=found.lacking | (none & home.lacks(SOURCES[anchor.event])[asked.homes]))


def _unnamed(home: Homes, anchor: Anchor) -> bool:
    return home.ready.steps.get(anchor.of) is None


def _event_days(home: Homes, anchor: Anchor, asked: Asked, since: Ints | None) -> Days:
    match anchor.event:
        case "promise":
            return _promised(home, asked)
        case "contact":
            return _contacted(home, anchor.of, asked, since)
        case "dispute":
            return _disputed(home, asked)
        case "paid":
            return _paid(home, asked)
        case "settled":
            return _settled(home, asked)
        case "handover":
            handed_over = home.batch.numbers("handed_over")
            there = ~handed_over.absent[home.accounts[asked.homes]]
            of = np.flatnonzero(there)
            return _days(asked, of, handed_over.values[home.accounts[asked.homes[of]]], of, lacking=~there)
    step = home.ready.steps.get(anchor.of)
    if step is None:
        none = np.zeros(0, np.int64)
        return _days(asked, none, none, none)
    return _of_step(home, anchor, step, asked, since)


def _days(
    asked: Asked, of: Ints, day: Ints, record: Ints, weak: Bools | None = None, lacking: Bools | None = None
) -> Days:
    none = np.zeros(len(asked), np.bool_)
    return Days(of, day, record, none if weak is None else weak, none if lacking is None else lacking)


def _promised(home: Homes, asked: Asked) -> Days:
    """The promised days; of promises kept there is nothing left to say."""
    promises = home.promises
    place = home.place[promises.owner]
    some = np.flatnonzero((place >= 0) & (promises.state != KEPT))
    at = np.full(home.size, -1, np.int64)
    at[asked.homes] = np.arange(len(asked))
    of = at[place[some]]
    some, of = some[of >= 0], of[of >= 0]
    return _days(asked, of, promises.on[some], promises.talk[some])


def _contacted(home: Homes, outcome: str, asked: Asked, since: Ints | None) -> Days:
    """The contacts of an outcome; of a charge, those that named it or, naming none, came after it fell due."""
    said, contacts = home.talks.once, home.talks.contacts
    marked = contacts.coded("outcome").equals(outcome)[said.rows] & (home.place[said.owner] >= 0)
    talks = np.flatnonzero(marked)
    start = np.searchsorted(home.place[said.owner[talks]], np.arange(home.size + 1))
    places, of = expanded(start[asked.homes], start[asked.homes + 1] - start[asked.homes])
    talks = talks[places]
    day = home.talks.day[said.rows[talks]]
    kept = np.ones(len(talks), np.bool_) if since is None else day >= since[of]
    charge = asked.charges[of]
    if (charge >= 0).any():
        named, names = home.names(talks, charge, home.talks.charges(said))
        kept &= (charge < 0) | np.where(named, names, home.owed.fell[charge] < day)
    talks, of, day = talks[kept], of[kept], day[kept]
    return _days(asked, of, day, said.rows[talks])


def _of_step(home: Homes, anchor: Anchor, step: Step, asked: Asked, since: Ints | None) -> Days:
    """What became of another step: done, failed, delivered, or its deadline gone by."""
    talk, of = home.pairs(step.id, asked.homes)
    day = home.contact_day[talk]
    kept = np.ones(len(talk), np.bool_) if since is None else day >= since[of]
    charge = asked.charges[of]
    if len(talk) and (charge >= 0).any():
        named, names = home.names(talk, charge)
        kept &= (charge < 0) | np.where(named, names, home.owed.fell[charge] < day)
    talk, of, day = talk[kept], of[kept], day[kept]
    record = home.talks.of_steps.rows[talk]
    failed = home.of_contact(home.talks.failed)[talk]
    match anchor.event:
        case "done":
            found = completed(home, step, talk)
        case "failed":
            found = failed
        case _:
            return _arrived(home, step, asked, talk, of, ~failed, expired=anchor.event == "expired")
    return _days(asked, of[found], day[found], record[found])


def _arrived(home: Homes, step: Step, asked: Asked, talk: Ints, of: Ints, some: Bools, *, expired: bool) -> Days:
    """The days a step's contact arrived, or those after its deadline; told apart from those without evidence."""
    gives = clocks.demand_steps(home.book).get(step.id) or step.gives
    talk, of = talk[some], of[some]
    there, untold = arrived(home, step, talk)
    if expired and gives is not None and gives.from_ == "sent":
        there, untold = np.ones(len(talk), np.bool_), np.zeros(len(talk), np.bool_)
    weak, lacking = np.zeros(len(asked), np.bool_), np.zeros(len(asked), np.bool_)
    lacking[of[untold]] = True
    if evidence_wanted(step):
        weak[of[~there & ~untold]] = True
    day, record = home.contact_day[talk[there]], home.talks.of_steps.rows[talk[there]]
    of = of[there]
    if expired:
        if gives is None:
            of, day, record = of[:0], day[:0], record[:0]
        else:
            limit = gives
            guessed = home.by_day(
                "guessed", gives, day, lambda each: int(clocks.deadline(home.calendar, limit, each).provisional)
            )
            home.alone[asked.homes[of[guessed > 0]]] = True
            day = home.by_day(
                "expires", gives, day, lambda each: clocks.deadline(home.calendar, limit, each).day.toordinal() + 1
            )
    known = np.zeros(len(asked), np.bool_)
    known[of] = True
    return _days(asked, of, day, record, weak & ~known, lacking & ~known)


def _disputed(home: Homes, asked: Asked) -> Days:
    """The open disputes, by the day they were raised."""
    at = np.full(home.size, -1, np.int64)
    at[asked.homes] = np.arange(len(asked))
    found = [(int(at[each.home]), each) for each in home.disputes if at[each.home] >= 0]
    return _days(
        asked,
        np.array([of for of, _ in found], np.int64),
        np.array([each.dispute.opened.toordinal() for _, each in found], np.int64),
        np.array([each.row for _, each in found], np.int64),
    )


def _paid(home: Homes, asked: Asked) -> Days:
    """The days of payments that stand, of the account."""
    payments, money = home.batch.lists["payments"], home.paid
    place = home.place[payments.owner]
    rows = np.flatnonzero(money & (place >= 0))
    at = np.full(home.size, -1, np.int64)
    at[asked.homes] = np.arange(len(asked))
    of = at[place[rows]]
    rows, of = rows[of >= 0], of[of >= 0]
    return _days(asked, of, payments.numbers("on").values[rows], rows)


def _paid_off(home: Homes) -> Ints:
    """The charges whose principal is gone, of what was due."""
    owed, place = home.owed, home.place[home.batch.charges.owner]
    due = owed.known & owed.chased & (owed.paid > 0) & (owed.fell <= home.today)
    return np.flatnonzero(due & (place >= 0) & (owed.settled >= 0))


def _ever_settled(home: Homes) -> Bools:
    found = np.zeros(home.size, np.bool_)
    found[home.place[home.batch.charges.owner[_paid_off(home)]]] = True
    return found


def _settled(home: Homes, asked: Asked) -> Days:
    """The day the last of what was due was paid off; of who owes something overdue there is none."""
    owed, charges = home.owed, home.batch.charges
    place = home.place[charges.owner]
    rows = _paid_off(home)
    rows = rows[~home.overdue[place[rows]]]  # while something is overdue nothing is settled
    ids = Texts(charges.texts("id").values.take(pa.array(rows)))
    rows = rows[by_key(place[rows] << DAYS | owed.settled[rows], ids)]
    rows = rows[np.append(place[rows][1:] != place[rows][:-1], np.ones(min(1, len(rows)), np.bool_))]
    at = np.full(home.size, -1, np.int64)
    at[asked.homes] = np.arange(len(asked))
    of = at[place[rows]]
    rows, of = rows[of >= 0], of[of >= 0]
    return _days(asked, of, owed.settled[rows], rows)
