"""Steps that are due as far as their own accounts go: what `engine.ladder.offered` makes of each, many at once."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from dunning.columns.climbing import Steps
from dunning.columns.decisions import Decisions
from dunning.columns.drafts import Drafts, taken
from dunning.columns.homes import Homes
from dunning.columns.kinds import alike
from dunning.columns.known import Bools, Ints
from dunning.columns.rulings import Rulings
from dunning.columns.rungs import tone_of
from dunning.columns.shares import expanded
from dunning.columns.speaking import contested_of, kept_out, spoken
from dunning.engine.known import clocks
from dunning.engine.ladder.offered import void_if
from dunning.engine.steps.anchors import recorded
from dunning.engine.steps.candidates import VoidIf
from dunning.engine.steps.channels import as_it_goes
from dunning.engine.steps.ready import Rung
from dunning.model.action import ROLES, Action
from dunning.model.anchor import AnchorWindow, CalendarWindow
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Channels, Need, Recorded


class Look(NamedTuple):
    """What a step says of itself to everybody to whom it goes out in this way."""

    book: RuleBook
    rung: Rung
    channels: Channels | None
    action: Action
    needs: tuple[Need, ...]
    record: tuple[Recorded, ...]
    pay_by: date | None
    void_if: tuple[VoidIf, ...]
    tone: str
    role: str | None
    template: str | None
    approved_by: tuple[str, ...]


class Offers(NamedTuple):
    """The steps that are due of the homes of one part, a row each, home by home and in the order of the book.

    `look` is a place in `looks`; `kind` and `record` are what it is anchored on, `number` how often it was tried;
    `last` is -1 where its window has no end. The charges it speaks of are `charges`, in the order of the ledger, those
    of offer i from `start[i]` on. Charges are rows of the part. `turn`: the place of each among the rows of its step;
    `less`: the fen of them that are contested, and not asked for.
    """

    homes: Ints
    ranks: Ints
    charge: Ints
    look: Ints
    looks: list[Look]
    first: Ints
    last: Ints
    number: Ints
    guessed: Bools
    kind: list[str]
    record: list[str]
    start: Ints
    charges: Ints
    turn: Ints
    less: Ints

    def of(self, place: Ints) -> Offers:
        """The offers to some homes, which are numbered anew; `place` -1: left out."""
        rows = np.flatnonzero(place[self.homes] >= 0)
        if len(rows) == len(self.homes):
            return self._replace(homes=place[self.homes])
        places, _ = expanded(self.start[rows], self.start[rows + 1] - self.start[rows])
        counts = np.diff(self.start)[rows]
        listed = rows.tolist()
        return Offers(
            place[self.homes[rows]], self.ranks[rows], self.charge[rows], self.look[rows], self.looks, self.first[rows],
            self.last[rows], self.number[rows], self.guessed[rows], [self.kind[row] for row in listed],
            [self.record[row] for row in listed], np.concatenate(([0], np.cumsum(counts))), self.charges[places],
            self.turn[rows], self.less[rows],
        )  # fmt: skip


def offers_of(home: Homes, rulings: Rulings, steps: Steps) -> Offers:
    """The steps nothing keeps back, of homes that are not left to the engine."""
    looks: dict[Look, int] = {}
    parts = []
    for rung, drafts in zip(home.ready.rungs, steps.drafts, strict=True):
        free = np.flatnonzero((drafts.codes == 0) & ~home.alone[drafts.asked.homes])
        if len(free):
            parts.append(_offered(home, rulings, rung, taken(drafts, free), looks)._replace(turn=free))
    if not parts:
        none = np.zeros(0, np.int64)
        nobody = np.zeros(0, np.bool_)
        return Offers(
            none, none, none, none, [], none, none, none, nobody, [], [], np.zeros(1, np.int64), none, none, none
        )
    homes = np.concatenate([each.homes for each in parts])
    order = np.argsort(homes, kind="stable")

    def put(name: str) -> Ints:
        return np.concatenate([getattr(each, name) for each in parts])[order]

    kind = [word for each in parts for word in each.kind]
    record = [word for each in parts for word in each.record]
    counts = np.concatenate([np.diff(each.start) for each in parts])
    begins = np.concatenate(([0], np.cumsum(counts)))[:-1]
    places, _ = expanded(begins[order], counts[order])
    return Offers(
        homes[order], put("ranks"), put("charge"), put("look"), list(looks), put("first"), put("last"), put("number"),
        put("guessed").astype(np.bool_), [kind[place] for place in order.tolist()],
        [record[place] for place in order.tolist()], np.concatenate(([0], np.cumsum(counts[order]))),
        np.concatenate([each.charges for each in parts])[places], put("turn"), put("less"),
    )  # fmt: skip


def _offered(home: Homes, rulings: Rulings, rung: Rung, drafts: Drafts, looks: dict[Look, int]) -> Offers:
    asked, size = drafts.asked, len(drafts)
    kind, record = _anchored(home, rung, drafts)
    start, charges = spoken(home, rulings, rung, drafts)
    last = drafts.last if rung.step.late == "drop" else np.full(size, -1, np.int64)
    return Offers(
        asked.homes, np.full(size, rung.rank, np.int64), asked.charges, _looks(home, rulings, rung, drafts, looks), [],
        drafts.first, last, drafts.number, drafts.guessed, kind, record, start, charges, np.arange(size),
        _contested(home, rung, asked.homes, start, charges),
    )  # fmt: skip


def _contested(home: Homes, rung: Rung, homes: Ints, start: Ints, charges: Ints) -> Ints:
    """The fen of what each demand speaks of that are contested."""
    found = np.zeros(len(homes), np.int64)
    if home.disputes and rung.step.action == clocks.DEMAND:
        contested = contested_of(home)
        for place in np.flatnonzero(np.isin(homes, list(contested))).tolist():
            rows = charges[start[place] : start[place + 1]].tolist()
            found[place] = kept_out(contested[int(homes[place])], rows, home.owed.unpaid)
    return found


def _looks(home: Homes, rulings: Rulings, rung: Rung, drafts: Drafts, looks: dict[Look, int]) -> Ints:
    """How each goes out: by which channels, as what, in which tone, with which needs."""
    asked, step = drafts.asked, rung.step
    tone = tone_of(home, rung, asked)
    role = home.word(step.role, asked.homes, asked.charges)
    template = home.word(step.template, asked.homes, asked.charges)
    words = [each.codes.astype(np.int64) for each in (tone, role, template)]
    _, approved = Decisions(home).agreed(rung, asked.homes)
    known = {each: number for number, each in enumerate(dict.fromkeys(approved))}
    approvals = np.array([known[each] for each in approved], np.int64)
    codes, samples = alike([drafts.ways, drafts.ruled, approvals, *words])
    pay_by = None if step.gives is None else clocks.deadline(home.calendar, step.gives, home.on).day
    found = []
    for place in samples.tolist():
        lawful = rulings.answers[int(drafts.ruled[place])].lawful
        tries = drafts.tries[int(drafts.ways[place])]
        channels = None if tries is None else lawful.open_ways(rung, tries.offered())
        action = as_it_goes(rung.action, channels)
        said, text = role.words[int(role.codes[place])], template.words[int(template.codes[place])]
        look = Look(
            home.book, rung, channels, action, lawful.needs(rung, action, channels),
            recorded(step, None if channels is None else channels.channels[0]), pay_by, void_if(rung),
            str(tone.words[int(tone.codes[place])]), str(said) if said in ROLES else None,
            None if text is None else str(text), approved[place],
        )  # fmt: skip
        found.append(looks.setdefault(look, len(looks)))
    return np.array(found, np.int64)[codes]


def _anchored(home: Homes, rung: Rung, drafts: Drafts) -> tuple[list[str], list[str]]:
    """What each is anchored on, as its key names it."""
    window, size = rung.step.window, len(drafts)
    if isinstance(window, CalendarWindow):
        live = rung.season(window, home.on).live
        return [window.period] * size, [live[place].record for place in drafts.record.tolist()]
    event = window.first.event if isinstance(window, AnchorWindow) else "due"
    lists = home.batch.lists
    match event:
        case "due" | "settled":
            ids = lists["charges"].texts("id").values
        case "paid":
            ids = lists["payments"].texts("id").values
        case "dispute":
            ids = lists["disputes"].texts("id").values
        case "handover":
            days = home.batch.numbers("handed_over").values[home.accounts[drafts.asked.homes]]
            return [event] * size, [date.fromordinal(day).isoformat() for day in days.tolist()]
        case _:
            ids = lists["contacts"].texts("id").values
    return [event] * size, ids.take(pa.array(drafts.record)).to_pylist()
