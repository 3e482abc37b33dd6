"""The days on which a right ends or a period runs out, of many accounts at once: `engine.deadlines` in arrays.

Equal to it in all that the table `deadlines` holds, and in its order. Who has a plan or a proceeding is handed back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.columns.arrays import days, keys
from dunning.columns.kinds import alike
from dunning.columns.limitation import BY, laws_of, limitations
from dunning.columns.order import by_key
from dunning.columns.promises import OPEN
from dunning.columns.rows import Batch, Bools, Coded, Ints, Texts
from dunning.columns.schema import JOIN
from dunning.columns.shares import DAYS, expanded, starts, turns
from dunning.columns.spoken import Spoken
from dunning.columns.talks import Named, Said
from dunning.columns.terms import places_of
from dunning.engine.deadlines import alerts_of, articles_of, follow_ups
from dunning.engine.ladder.pauses import answer_due
from dunning.engine.steps.anchors import shifted
from dunning.model.account import Dispute
from dunning.model.law import ClockName

NONE = -1
REASONS = ("", "ledger", "plans", "proceedings", "charge", "demand")
"""Why an account is handed back: its ledger is, it has a plan or a proceeding, a record names a charge that it lacks,
one contact was two demands.
"""

KINDS = ("answer", "demand", "demand_follow_up", "limitation", "promise")
"""The kinds of deadline, in the order that decides between those of one day."""
ANSWER, DEMAND, FOLLOW_UP, LIMITATION, PROMISE = range(len(KINDS))

_SOURCES = ("charges", "payments", "contacts", "disputes")
"""The lists of the records that deadlines run from."""
CHARGES, PAYMENTS, CONTACTS, DISPUTES = range(len(_SOURCES))

_CITED: tuple[tuple[ClockName | None, str], ...] = (
    ("limitation", ""), *(("limitation", by) for by in BY), ("answer", ""), (None, "demand"), (None, "promise"),
)  # fmt: skip
"""Clocks, and what starts them afresh or bears a deadline without one: what articles stand behind."""
_OF_ANSWER, _OF_DEMAND, _OF_PROMISE = (len(BY) + 1 + place for place in range(3))


class _Told(NamedTuple):
    """Deadlines before they are put in order: `cited` are places in _CITED, `source` in _SOURCES."""

    kind: int
    account: Ints
    charge: Ints
    on: Ints
    provisional: Bools
    cited: Ints
    source: Ints
    record: Ints


@dataclass(frozen=True)
class Deadlines:
    """The deadlines of the accounts of a batch on the day `today`: a row each, by account, in the engine's order.

    `kind` is a place in KINDS, `charge` a row of the charges (-1: none), `on` a day, `alert` days before it (-1: none
    has come), `articles` the words told. The `record` it runs from is a row of the list that `source` says.

    By account: `exact` (False: the engine has to tell, and there are no rows here), `reason` (why: a place in REASONS).
    """

    batch: Batch
    today: int
    exact: Bools
    reason: Ints
    account: Ints
    kind: Ints
    charge: Ints
    on: Ints
    provisional: Bools
    articles: Coded
    alert: Ints
    source: Ints
    record: Ints

    @cached_property
    def guessed(self) -> Bools:
        """The accounts of which a deadline is provisional."""
        found = np.zeros(len(self.batch), np.bool_)
        found[self.account[self.provisional]] = True
        return found

    @cached_property
    def barred(self) -> Bools:
        """The charges whose limitation has passed: they may be asked for, never called enforceable (民法典第192条)."""
        found = np.zeros(len(self.batch.charges), np.bool_)
        found[self.charge[(self.kind == LIMITATION) & (self.on < self.today)]] = True
        return found

    def table(self, schema: pa.Schema, whole: Batch, accounts: Ints, at: Ints) -> pa.Table:
        """The table of some accounts (ascending) that stand in the rows `at` of the whole batch."""
        place = np.full(len(self.batch), NONE, np.int64)
        place[accounts] = at
        rows = np.flatnonzero(place[self.account] >= 0)
        charge = self.batch.charges.texts("id").values.take(
            pa.array(np.maximum(self.charge[rows], 0), mask=self.charge[rows] < 0)
        )
        kind = pa.DictionaryArray.from_arrays(self.kind[rows].astype(np.int32), pa.array(KINDS))
        articles = self.articles.codes[rows]
        return pa.table(
            [
                *keys(whole, place[self.account[rows]]).values(),
                kind,
                charge,
                days(self.on[rows]),
                pa.array((self.on[rows] - self.today).astype(np.int32)),
                pa.array(self.provisional[rows]),
                pa.DictionaryArray.from_arrays(
                    pa.array(articles, mask=articles < 0), pa.array(self.articles.words, pa.string())
                ),
                pa.array(self.alert[rows].astype(np.int32), mask=self.alert[rows] < 0),
                self._records(rows, charge),
            ],
            schema=schema,
        )

    def _records(self, rows: Ints, charge: pa.Array) -> pa.Array:
        """The records as text, `contacts/C1`: most are the charge itself."""
        found = pc.binary_join_element_wise(_SOURCES[CHARGES], charge, "/")
        source = self.source[rows]
        for number, name in enumerate(_SOURCES):
            at = source == number
            if number != CHARGES and at.any():
                ids = self.batch.lists[name].texts("id").values.take(pa.array(self.record[rows[at]]))
                found = pc.replace_with_mask(found, pa.array(at), pc.binary_join_element_wise(name, ids, "/"))
        return found


def deadlines_of(said: Spoken) -> Deadlines:
    """The deadlines of all accounts of a batch under a book, at the end of the day: of what they owe and what was said
    to them. All accounts of a debtor need not be there.
    """
    return _Made(said).deadlines()


class _Made:
    def __init__(self, said: Spoken) -> None:
        self.of = of = said.owed
        self.said = said
        self.today = of.on
        self.laws = laws_of(of.batch, of.book, date.fromordinal(of.on))
        self.reason = self._reasons()

    def deadlines(self) -> Deadlines:
        parts = [*self._limitation(), *self._demanded(), *self._promised(), *self._answers()]
        exact = self.reason == 0
        sizes = [len(part.account) for part in parts]
        kind = np.repeat(np.array([part.kind for part in parts], np.int64), sizes)
        account, charge, on, provisional, cited, source, record = (
            np.concatenate([part[place] for part in parts]) for place in range(1, len(_Told._fields))
        )
        kept = np.flatnonzero(exact[account])
        order = kept[self._order(account[kept], on[kept], kind[kept], charge[kept], source[kept], record[kept])]
        account, kind, on = account[order], kind[order], on[order]
        return Deadlines(
            batch=self.of.batch,
            today=self.today,
            exact=exact,
            reason=self.reason,
            account=account,
            kind=kind,
            charge=charge[order],
            on=on,
            provisional=provisional[order],
            articles=self._articles(account, cited[order]),
            alert=self._alerts(account, kind, on),
            source=source[order],
            record=record[order],
        )

    def _reasons(self) -> Ints:
        found = np.where(self.of.money.exact, 0, REASONS.index("ledger"))
        for name, column in (("plans", "signed"), ("proceedings", "on")):
            rows = self.of.batch.lists[name]
            theirs = rows.owner[rows.numbers(column).values <= self.today]
            found[theirs[found[theirs] == 0]] = REASONS.index(name)
        return found

    def _hand_back(self, accounts: Ints, reason: str) -> None:
        self.reason[accounts[self.reason[accounts] == 0]] = REASONS.index(reason)

    # Their order, articles and alerts

    def _order(self, account: Ints, on: Ints, kind: Ints, charge: Ints, source: Ints, record: Ints) -> Ints:
        """By day, kind, charge and record."""
        key = (account << DAYS | on) << 3 | kind
        ids = self.of.batch.charges.texts("id").values
        named = ids.take(pa.array(np.maximum(charge, 0), mask=charge < 0)).fill_null("")
        order = by_key(key, Texts(named))
        again = turns(key[order]) | turns(charge[order])
        if again.all():
            return order
        texts = [self.of.batch.lists[name].texts("id").values for name in _SOURCES]
        begins = np.cumsum([0, *map(len, texts)])
        records = pa.chunked_array(texts).take(pa.array(begins[source[order]] + record[order])).combine_chunks()
        return order[by_key(np.cumsum(again), Texts(records))]

    def _articles(self, account: Ints, cited: Ints) -> Coded:
        """The articles in force at the place of each account of what is cited."""
        words: dict[str, int] = {}
        codes = []
        for law in self.laws.each:
            told = [JOIN.join(articles_of(law, clock, behind)) for clock, behind in _CITED]
            codes.append([words.setdefault(each, len(words)) if each else NONE for each in told])
        table = np.array(codes, np.int32).reshape(-1, len(_CITED))
        return Coded(table[self.laws.of[account], cited], tuple(words))

    def _alerts(self, account: Ints, kind: Ints, on: Ints) -> Ints:
        """The last alert that has come, in days before; 0 once the day has passed."""
        left = on - self.today
        found = np.full(len(left), NONE, np.int64)
        for of_kind in (ANSWER, LIMITATION):
            said = [alerts_of(law, KINDS[of_kind]) for law in self.laws.each]
            for alerts in dict.fromkeys(said):
                at = np.flatnonzero((kind == of_kind) & self.laws.where([each == alerts for each in said])[account])
                found[at] = np.array([*alerts, NONE], np.int64)[np.searchsorted(alerts, left[at])]
        found[left < 0] = 0
        return found

    # Limitation (民法典第188条, 第195条)

    def _limitation(self) -> Iterator[_Told]:
        """Of the debtor's own charges past their due dates of which enough is unpaid, chased by the book or not."""
        of, opened = self.of, self.of.money.charges
        open_ = of.own & (of.money.unpaid >= of.least) & (opened.fell < self.today) & (opened.due >= 0)
        rows = np.flatnonzero(open_ & (self.reason == 0)[of.owner])
        found = limitations(of, self.laws, rows, self.said.talks, self.said.demands)
        afresh = found.by >= 0
        sources = np.array([CONTACTS, CONTACTS, PAYMENTS, CHARGES])  # of BY, and of none
        yield _Told(
            LIMITATION,
            of.owner[found.charge],
            found.charge,
            found.on,
            opened.provisional[found.charge] & ~afresh,
            found.by + 1,
            sources[found.by],
            np.where(afresh, found.record, found.charge),
        )

    # Demands and promises

    def _demanded(self) -> Iterator[_Told]:
        """Of each charge that is still overdue the last demand that reached the debtor, and when to ask after it."""
        demands = self.said.demands
        if not len(demands.owner):
            return
        found = demands.covered(self.of.overdue)
        proven = demands.proven[found.demand]
        which, row = found.demand[proven], found.row[proven]
        # The last one of each charge: that with the latest day, of several the first.
        order = np.lexsort((which, -demands.until[which], row))
        last = np.zeros(len(demands.owner), np.bool_)
        last[which[order][turns(row[order])]] = True
        told = np.flatnonzero(last)
        codes, samples = alike([demands.owner[told], self.said.talks.contacts.texts("id").codes[demands.talk[told]]])
        self._hand_back(demands.owner[told[samples[codes] != np.arange(len(told))]], "demand")
        yield self._of_demands(DEMAND, told, demands.until[told], demands.provisional[told])
        for step, offset in sorted(follow_ups(self.of.book)):
            each, at = places_of(demands.day[told])
            moved = [shifted(date.fromordinal(day), offset, self.of.book.calendar) for day in each.tolist()]
            day = np.array([until.toordinal() for until, _ in moved], np.int64)[at]
            guessed = np.array([provisional for _, provisional in moved], np.bool_)[at]
            ahead = (self.today <= day) & (self._last_done(step)[demands.owner[told]] < demands.day[told])
            yield self._of_demands(FOLLOW_UP, told[ahead], day[ahead], guessed[ahead])

    def _of_demands(self, kind: int, which: Ints, on: Ints, provisional: Bools) -> _Told:
        demands = self.said.demands
        account = demands.owner[which]
        charge = self._only_one(demands.named, which, account)
        cited, source = np.full(len(which), _OF_DEMAND), np.full(len(which), CONTACTS)
        return _Told(kind, account, charge, on, provisional, cited, source, demands.talk[which])

    def _last_done(self, step: str) -> Ints:
        """The last day on which a step was taken, by account; 0: it never was."""
        said = self.said.talks.of_steps
        done = self.said.talks.contacts.coded("step").equals(step)[said.rows]
        found = np.zeros(self.of.size, np.int64)
        np.maximum.at(found, said.owner[done], self.said.talks.day[said.rows[done]])
        return found

    def _promised(self) -> Iterator[_Told]:
        """The promised days still ahead."""
        promises = self.said.promises
        which = np.flatnonzero(promises.state == OPEN)
        if not len(which):
            return
        account, talk = promises.owner[which], promises.talk[which]
        named = self.said.talks.charges(Said(starts(account, self.of.size), talk, account))
        charge = self._only_one(named, np.arange(len(which)), account)
        cited, source = np.full(len(which), _OF_PROMISE), np.full(len(which), CONTACTS)
        yield _Told(PROMISE, account, charge, promises.on[which], np.zeros(len(which), np.bool_), cited, source, talk)

    def _only_one(self, named: Named, which: Ints, accounts: Ints) -> Ints:
        """The charge that each of some records names, where it names just one; -1 where not.

        Who names one twice, or one that is not there, is handed back.
        """
        counts = np.diff(named.start)[which]
        first = np.append(named.rows, NONE)[np.where(counts > 0, named.start[which], len(named.rows))]
        at, of = expanded(named.start[which], counts)
        others = np.bincount(of, named.rows[at] != first[of], minlength=len(which)) > 0
        self._hand_back(accounts[(counts > 0) & ~others & ((counts > 1) | (first < 0))], "charge")
        return np.asarray(np.where(others, NONE, first))

    # Disputes

    def _answers(self) -> Iterator[_Told]:
        """The day by which an open dispute has to be answered; while it is not, it stays, days overdue."""
        of, disputes = self.of, self.of.batch.lists["disputes"]
        answered, kind = disputes.numbers("answered"), disputes.coded("kind")
        rows = of.disputes[(answered.absent | (answered.values > self.today))[of.disputes]]
        if not len(rows):
            return
        opened = disputes.numbers("opened").values[rows]
        codes, samples = alike([kind.codes[rows].astype(np.int64), opened])
        due = [
            answer_due(_dispute(kind, int(rows[sample]), int(opened[sample])), of.book.pauses, of.book.calendar)
            for sample in samples
        ]
        account, charge = disputes.owner[rows], disputes.numbers("charge_row").values[rows]
        self._hand_back(account[(charge < 0) & (disputes.texts("charge").codes[rows] >= 0)], "charge")
        yield _Told(
            ANSWER,
            account,
            charge,
            np.array([day.toordinal() for day in due], np.int64)[codes],
            np.array([not of.book.calendar.known(day) for day in due], np.bool_)[codes],
            np.full(len(rows), _OF_ANSWER),
            np.full(len(rows), DISPUTES),
            rows,
        )


def _dispute(kind: Coded, row: int, opened: int) -> Dispute:
    """A dispute with what its answer hangs on."""
    return Dispute(id="", kind=kind.words[kind.codes[row]], opened=date.fromordinal(opened))
