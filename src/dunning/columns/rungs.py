"""Where each rung stands for many homes: its time, whether it was done, and everything that keeps it back today.

`engine.ladder.standing` and `engine.ladder.reminders` in arrays. What is dear and rare is left to the engine, home by
home (`Homes.alone`) or book by book (`understood`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from dunning.columns.attempts import NEVER, Asked, Progress, in_time, progress, progress_of
from dunning.columns.decisions import Decisions
from dunning.columns.drafts import BIT, Drafts, blank, joined, said, taken
from dunning.columns.homes import Homes
from dunning.columns.known import Bools, Ints, Worded
from dunning.columns.occasions import KNOWN, OF_CONTACTS, OF_STEPS, SOURCES, Occasions, event_days, moved, occasions
from dunning.columns.pausing import Rest, rests_of
from dunning.columns.rulings import Rulings
from dunning.columns.speaking import contested_of, kept_out, spoken
from dunning.engine.known.clocks import DEMAND
from dunning.engine.known.compile import is_charge_fact
from dunning.engine.ladder.pauses import RESOLVE
from dunning.engine.ladder.standing import TONES
from dunning.engine.steps.ready import Ready, Rung, made_ready
from dunning.model.anchor import Anchor, AnchorWindow, CalendarWindow
from dunning.model.condition import ALWAYS, facts_of
from dunning.model.rulebook import RuleBook

_FAR = 2**40


@lru_cache(maxsize=64)
def understood(book: RuleBook) -> bool:
    """Whether all steps of a book are of the kinds that are done here."""
    ready = made_ready(book)
    return all(_known(rung, ready) for rung in ready.rungs)


def _known(rung: Rung, ready: Ready) -> bool:
    step, window = rung.step, rung.step.window
    if any(anchor.event not in OF_CONTACTS - {"promise"} for anchor in step.after) or step.once_per == "episode":
        return False
    until = ALWAYS if step.repeat is None or step.repeat.until is None else step.repeat.until
    if any(is_charge_fact(fact, ready.book) or fact in ready.book.tables for fact in facts_of(until)):
        return False
    if rung.fixed:
        return True
    if isinstance(window, CalendarWindow):
        return not rung.ladder and not rung.per_charge and step.late == "drop"
    if not isinstance(window, AnchorWindow):
        return False
    if rung.source in ("proceedings", "plans") and not (rung.ladder and rung.per_charge):
        return True  # whoever has such records is left to the engine, and nobody else ever comes to it
    if rung.ladder or window.first.event not in KNOWN:
        return False
    same = window.last is None or (window.last.event, window.last.of) == (window.first.event, window.first.of)
    return same and (not rung.per_charge or window.first.event in OF_STEPS)


class Rungs:
    """The rungs of a book for some homes."""

    def __init__(self, home: Homes, rulings: Rulings) -> None:
        self.home = home
        self.rulings = rulings
        self.everyone = Asked(np.arange(home.size), np.full(home.size, NEVER, np.int64))
        self.rests = rests_of(home)
        self.decisions = Decisions(home)

    # Reminders

    def reminded(self, rung: Rung) -> Drafts:
        """A reminder: each time it is up or, where it is not, one row that says why."""
        home = self.home
        if rung.source:
            some = (home.batch.lists[rung.source].counts[home.accounts] > 0) | home.lacking
            if not some.all():
                rest = said(self.everyone.only(~some), "not_yet")
                return self._in_order([rest, self._reminded(rung, self.everyone.only(some))])
        return self._reminded(rung, self.everyone)

    def _reminded(self, rung: Rung, asked: Asked) -> Drafts:
        if rung.source in ("proceedings", "plans"):
            return self._recordless(rung, asked)
        if rung.per_charge:
            return self._of_charges(rung, asked)
        if rung.fixed:
            anchor = self.home.anchor_of(rung)[asked.homes]
            none = said(asked.only(anchor < 0), "not_yet")
            some = asked.only(anchor >= 0)
            return self._in_order([none, self._of_due(rung, some, anchor[anchor >= 0])])
        if isinstance(rung.step.window, CalendarWindow):
            return self._of_calendar(rung, rung.step.window, asked)
        return self._of_window(rung, asked)

    def _of_charges(self, rung: Rung, asked: Asked) -> Drafts:
        """A reminder of each open charge; what no charge has seen is told once."""
        home = self.home
        wanted = np.zeros(home.size, np.bool_)
        wanted[asked.homes] = True
        some = wanted[home.open_at]
        charges = Asked(home.open_at[some], home.open_rows[some])
        found = self._of_due(rung, charges, charges.charges) if rung.fixed else self._of_window(rung, charges)
        seen = (found.codes != BIT["not_yet"]) | (found.until() != NEVER)
        some_seen = np.zeros(home.size, np.bool_)
        some_seen[found.asked.homes[seen]] = True
        never = said(asked.only(~some_seen[asked.homes]), "not_yet")
        return self._in_order([never, taken(found, some_seen[found.asked.homes])])

    def _of_due(self, rung: Rung, asked: Asked, charges: Ints) -> Drafts:
        """A reminder tied to a due date alone: its window is known beforehand."""
        home, today = self.home, self.home.today
        first, last, guessed = home.opened(rung, charges)
        undated = home.undated(rung, charges)
        ahead = (today < first) & ~undated
        past = (last >= 0) & (last < today) & (rung.step.late == "drop") & ~undated
        done = home.tried(rung.step.id)[asked.homes]
        behind, passed = past & ~ahead & ~done, past & ~ahead & done
        live = ~ahead & ~past & ~undated
        waiting = said(asked.only(ahead), "not_yet", first[ahead] - 1)
        missed = said(asked.only(behind), "missed")
        late = self._past(rung, asked.only(passed), first[passed], last[passed])
        up = self._live(rung, asked.only(live), first[live], last[live], charges[live], guessed[live])
        order = np.concatenate([np.flatnonzero(each) for each in (ahead, behind, passed, live, undated)])
        return joined([waiting, missed, late, up, said(asked.only(undated), "unknown")], order)

    def _live(self, rung: Rung, asked: Asked, first: Ints, last: Ints, record: Ints, guessed: Bools) -> Drafts:
        drafts = self._draft(rung, asked, first, last, record, guessed)
        return self._judged(rung, drafts, progress(self.home, rung, asked, first))

    def _past(self, rung: Rung, asked: Asked, first: Ints, last: Ints) -> Drafts:
        """A window that has closed: what was to be done in it was done, or missed."""
        found = blank(asked, judged=True)
        done = progress_of(self.home, rung, asked, in_time(self.home, rung, asked, first, last)).done
        found.add("done", done)
        found.add("missed", ~done)
        return found

    def _of_calendar(self, rung: Rung, window: CalendarWindow, asked: Asked) -> Drafts:
        """A reminder on days of the calendar."""
        season = rung.season(window, self.home.on)
        size = len(asked)
        if not season.live:
            waiting = season.waiting
            return said(asked, "not_yet", None if waiting.until is None else np.full(size, waiting.until.toordinal()))
        parts = []
        for place, each in enumerate(season.live):
            first, last = (
                np.full(size, day.toordinal()) if day else np.full(size, NEVER) for day in (each.first, each.last)
            )
            record = np.full(size, place, np.int64)
            parts.append(self._live(rung, asked, first, last, record, np.full(size, each.provisional)))
        return joined(parts, np.concatenate([np.arange(size) for _ in parts]))

    def _of_window(self, rung: Rung, asked: Asked) -> Drafts:
        """A reminder for the time its window is open, or one that says why it is not."""
        home, today = self.home, self.home.today
        found = occasions(home, rung, asked)
        size, of = len(asked), found.of
        some = np.bincount(of, minlength=size) > 0
        open_ = (found.first <= today) & (found.last >= 0) & (today <= found.last)
        up = np.bincount(of[open_], minlength=size)
        home.alone[asked.homes[up > 1]] = True  # which of them a contact was for is told one by one
        kept = (found.first <= today) & ((found.last < 0) | (rung.step.late == "keep")) & ~(up > 0)[of]
        place = np.arange(len(of))
        live = np.full(size, NEVER, np.int64)
        live[of[kept]] = place[kept]
        live[of[open_]] = place[open_]
        coming = (found.first > today) & (live < 0)[of]
        ahead = np.zeros(size, np.int64)
        later = np.flatnonzero(coming)[::-1]
        ahead[of[later]] = found.first[later]
        final = np.full(size, NEVER, np.int64)
        final[of] = place
        is_live, is_ahead = live >= 0, (live < 0) & (ahead > 0)
        lacking = ~some & found.lacking
        never = ~some & ~found.lacking
        passed = some & ~is_live & ~is_ahead
        tried = home.tried(rung.step.id)[asked.homes]
        at = live[is_live]
        self._leave_twins(found, at, asked)
        unknown = said(asked.only(lacking), "unknown")
        parts = [
            unknown,
            said(asked.only(never), "not_yet"),
            said(asked.only(is_ahead), "not_yet", ahead[is_ahead] - 1),
            said(asked.only(passed & ~tried), "missed"),
            self._past(rung, asked.only(passed & tried), *self._final(found, final[passed & tried], asked)),
            self._live(
                rung,
                asked.only(is_live),
                found.first[at],
                found.last[at],
                found.record[at],
                np.zeros(len(at), np.bool_),
            ),
        ]
        order = [lacking, never, is_ahead, passed & ~tried, passed & tried, is_live]
        return joined(parts, np.concatenate([np.flatnonzero(each) for each in order]))

    def _final(self, found: Occasions, at: Ints, asked: Asked) -> tuple[Ints, Ints]:
        """The last of some windows, all of them over."""
        self._leave_twins(found, at, asked)
        return found.first[at], found.last[at]

    def _leave_twins(self, found: Occasions, at: Ints, asked: Asked) -> None:
        """Of several windows that opened on one day the ids decide which is the last: the engine looks at them."""
        before = np.maximum(at - 1, 0)
        twin = (at > 0) & (found.of[before] == found.of[at]) & (found.first[before] == found.first[at])
        self.home.alone[asked.homes[found.of[at[twin]]]] = True

    def _recordless(self, rung: Rung, asked: Asked) -> Drafts:
        """A step that hangs on records nobody here has, as far as their sources could tell."""
        window = rung.step.window
        assert isinstance(window, AnchorWindow)
        event = window.first.event
        lacks = self.home.lacks(SOURCES[event])[asked.homes] if event in SOURCES else np.zeros(len(asked), np.bool_)
        return self._in_order([said(asked.only(~lacks), "not_yet"), said(asked.only(lacks), "unknown")])

    # The ladder

    def stands(self, rung: Rung, overtaken: Bools) -> Drafts:
        """Where a rung of the ladder stands: once for the account, or for each charge it is about."""
        home = self.home
        anchor = home.anchor_of(rung)
        up = home.overdue | ((anchor >= 0) & rung.early)
        if not rung.fixed:
            idle = said(self.everyone.only(~up), "not_yet")
            return self._in_order([idle, self._recordless(rung, self.everyone.only(up))])
        never = ~up & ((anchor < 0) | home.undated(rung, anchor))
        waiting = ~up & ~never
        first = home.opened(rung, anchor[waiting]).first
        idle = said(self.everyone.only(waiting), "not_yet", first - 1)
        none = said(self.everyone.only(never), "not_yet")
        if rung.per_charge:
            wanted = up[home.open_at] & (rung.early | home.owed.counts[home.open_rows])
            asked = Asked(home.open_at[wanted], home.open_rows[wanted])
            found = self._of_anchor(rung, asked, asked.charges, overtaken)
        else:
            unknown = up & rung.dated & (not rung.early) & (home.owed.fell[anchor] >= home.today)
            none = self._in_order([none, said(self.everyone.only(unknown), "unknown")])
            up = up & ~unknown  # something is overdue, and nobody knows since when
            found = self._of_anchor(rung, self.everyone.only(up), anchor[up], overtaken)
        return self._in_order([idle, none, found])

    def _of_anchor(self, rung: Rung, asked: Asked, anchor: Ints, overtaken: Bools) -> Drafts:
        """A rung for the account's anchor charge, or for a charge of its own."""
        home, today = self.home, self.home.today
        undated = home.undated(rung, anchor)
        if undated.any():
            known = self._of_anchor(rung, asked.only(~undated), anchor[~undated], overtaken)
            order = np.concatenate((np.flatnonzero(undated), np.flatnonzero(~undated)))
            return joined([said(asked.only(undated), "unknown"), known], order)
        first, last, guessed = home.opened(rung, anchor)
        fell = home.owed.fell[anchor]
        ahead = first > today
        early = self._done_before(rung, asked.only(ahead), fell[ahead], first[ahead])
        now = ~ahead
        some = asked.only(now)
        start = np.minimum(fell, first)[now] if rung.on_due else np.maximum(fell, first)[now]
        drafts = self._draft(rung, some, first[now], last[now], anchor[now], guessed[now])
        done = progress(home, rung, some, start, overtaken[some.homes])
        missed = (last[now] >= 0) & (last[now] < today) & (rung.step.late == "drop")
        late = taken(drafts, missed)
        late.progressed(_rows(done, missed))
        late.add("missed", np.ones(len(late), np.bool_))
        up = self._judged(rung, taken(drafts, ~missed), _rows(done, ~missed))
        places = [np.flatnonzero(ahead), np.flatnonzero(now)[missed], np.flatnonzero(now)[~missed]]
        return joined([early, late, up], np.concatenate(places))

    def _done_before(self, rung: Rung, asked: Asked, fell: Ints, first: Ints) -> Drafts:
        """A rung not yet reached; perhaps done since the debt fell due all the same, for an older one that is paid."""
        found = blank(asked, judged=False)
        before = progress(self.home, rung, asked, fell)
        done = before.done
        found.add("done", done & before.over)
        found.add("not_yet", done & ~before.over)
        found.add("not_yet", ~done, np.where(done, 0, first - 1))
        found.judged = done.copy()
        found.done, found.over = done, before.over
        found.runs = np.where(done, before.runs, 0)
        return found

    # Judging

    def _draft(self, rung: Rung, asked: Asked, first: Ints, last: Ints, record: Ints, guessed: Bools) -> Drafts:
        drafts = blank(asked, judged=True)
        drafts.first, drafts.last, drafts.record, drafts.guessed = first, last, record, guessed
        for table in rung.tables:
            drafts.add("unknown", self.home.undetermined(table, asked.homes, asked.charges))
        return drafts

    def _judged(self, rung: Rung, drafts: Drafts, done: Progress) -> Drafts:
        """Everything that keeps a step back, but its time and what other steps do to it."""
        home, step, asked = self.home, rung.step, drafts.asked
        drafts.progressed(done)
        ruled = self.rulings.ruled(rung, asked, done.ways, done.tries)
        drafts.ruled = ruled.answer
        drafts.codes |= ruled.codes
        if ruled.demand.any():
            for demand in home.ready.demands:
                weak = event_days(home, Anchor("delivered", demand), asked, home.since[asked.homes]).weak
                drafts.add("evidence", ruled.demand & weak)
        drafts.add("unknown", done.lacking)
        drafts.add("done", done.over, np.where(done.until > 0, done.until, NEVER))
        if rung.when is not None:
            truth = home.truth(step.when, asked.homes, asked.charges)
            drafts.add("condition", ~truth.possibly)
            drafts.add("unknown", truth.possibly & ~truth.surely)
        if home.disputes and step.action == DEMAND:
            self._undisputed(rung, drafts)
        for anchor in step.after:
            self._after(rung, drafts, anchor)
        for rest in self.rests:
            self._rest(rung, drafts, rest)
        if step.approval is not None:
            untold = home.lacks("approvals")[asked.homes]
            drafts.add("unknown", untold)
            granted, _ = self.decisions.agreed(rung, asked.homes)
            drafts.add("approval", ~untold & ~granted)
        if rung.channels is not None:
            none_left = np.array([tries is not None and not tries.channels for tries in done.tries], np.bool_)
            drafts.add("unreachable", none_left[done.ways])
        return drafts

    def _undisputed(self, rung: Rung, drafts: Drafts) -> None:
        """A formal demand speaks only of what nobody contests."""
        home, asked = self.home, drafts.asked
        contested = contested_of(home)
        rows = np.flatnonzero(np.isin(asked.homes, list(contested)))
        start, charges = spoken(home, self.rulings, rung, taken(drafts, rows))
        unpaid = home.owed.unpaid
        for place, row in enumerate(rows.tolist()):
            states = charges[start[place] : start[place + 1]].tolist()
            by, about = contested[int(asked.homes[row])], int(asked.charges[row])
            if states and kept_out(by, states, unpaid) < sum(int(unpaid[each]) for each in states):
                continue
            if any(about < 0 or charge in (-1, about) for charge in by):
                drafts.codes[row] |= BIT["dispute"]

    def _after(self, rung: Rung, drafts: Drafts, anchor: Anchor) -> None:
        """What must have happened before, in the ladder since the debt it is about fell due."""
        home, asked = self.home, drafts.asked
        found = event_days(home, anchor, asked, home.since[asked.homes] if rung.ladder else None)
        days = moved(home, found.day, anchor.offset)
        earliest = np.full(len(asked), _FAR)
        np.minimum.at(earliest, found.of, days)
        open_ = earliest > home.today
        drafts.add("evidence", open_ & found.weak)
        drafts.add("unknown", open_ & found.lacking & ~found.weak)
        rest = open_ & ~found.weak & ~found.lacking
        drafts.add("after", rest, np.where(earliest == _FAR, NEVER, earliest - 1))

    def _rest(self, rung: Rung, drafts: Drafts, rest: Rest) -> None:
        home, homes = self.home, drafts.asked.homes
        if rung.step.action == RESOLVE:
            return
        where = rest.where[homes]
        if rest.charge is not None:
            about, of = rest.charge[homes], drafts.asked.charges
            where = where & ((about < 0) | (of < 0) | (about == of))
        match rest.stop.what:
            case "ladder" if not rung.ladder:
                return
            case "reminders" if rung.ladder:
                return
            case "step" if rest.stop.name not in rung.names:
                return
            case "tone":
                tone = tone_of(home, rung, drafts.asked)
                where = where & np.array([word == rest.stop.name for word in tone.words], np.bool_)[tone.codes]
        drafts.add(rest.code, where, rest.until[homes])

    def _in_order(self, parts: Sequence[Drafts]) -> Drafts:
        """Rows of several parts, home by home; those of one home all come from one part."""
        parts = [each for each in parts if len(each)] or list(parts[:1])
        if len(parts) == 1:
            return parts[0]
        return joined(parts, np.concatenate([each.asked.homes for each in parts]))


def _rows(done: Progress, which: Bools) -> Progress:
    """Some of the rows."""
    return Progress(*[each[which] if isinstance(each, np.ndarray) else each for each in done])  # type: ignore[arg-type]


def tone_of(home: Homes, rung: Rung, asked: Asked) -> Worded:
    """The tone of the step, else that in the head of its template; friendly where neither is known."""
    step = rung.step
    if rung.legal:
        return Worded(np.zeros(len(asked), np.int32), ("legal",))
    if step.tone is None:
        templates = home.book.templates
        said = home.word(step.template, asked.homes, asked.charges)
        tones = [templates[str(word)].tone if word in templates else "friendly" for word in said.words]
        return Worded(said.codes, tuple(tones))
    told = home.word(step.tone, asked.homes, asked.charges)
    return Worded(told.codes, tuple([word if word in TONES else "friendly" for word in told.words]))
