"""A live session: what happens to accounts comes in, and whoever asked is called when an answer changes.

The answers are `dunning.assess`'s, always. A day on which nobody's answer can change costs nothing: who has to be
looked at is known from `dunning.next_reviews` and the days in the records.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from heapq import heappop, heappush
from itertools import chain
from threading import RLock
from typing import Any, NamedTuple

import dunning
from dunning import Account, Assessment, RuleBook, RuleFolder
from dunning_durable.fence import MOST_ROOMS
from dunning_durable.patterns import Key, Patterns, Trouble
from dunning_durable.records import merged, signs_of
from dunning_durable.signs import changes, days_ahead
from dunning_durable.watches import DAY, WATCHES, Sign, Watch

_SHANGHAI = timezone(timedelta(hours=8))
_LOG = logging.getLogger("dunning_durable")


class Change(NamedTuple):
    """An account's answer changed, or a pattern over time is complete.

    `kind` is the watch's; `before` and `after` are the assessments either side of what happened, on their own days;
    `because` the signs that the watch matched, the last of them being of now.
    """

    kind: str
    account: Key
    before: Assessment
    after: Assessment
    because: tuple[Sign, ...]


@dataclass(slots=True)
class _Debtor:
    """All accounts of one debtor in one company: they share caps and messages, so they are assessed together."""

    key: Key
    accounts: dict[Key, Account] = field(default_factory=dict)
    records: dict[Key, dict[str, Any]] = field(default_factory=dict)
    answers: dict[Key, Assessment] = field(default_factory=dict)  # of the last look; empty while it is not live
    looked: date = date.min
    next_look: date | None = None


class Session:
    """Accounts held live on a day; `changed` is called with every Change.

    `rules`: a book, or a folder of them. `on`: the day it begins; only `tick` moves it. `live`: how many debtors
    durable-rules holds at once, at most 1,000; the one without news for longest makes room, and comes back with its
    next news or on its day. `watches` name the changes to call for. `trouble` is told what went wrong with
    durable-rules (else it is logged); `patience`: seconds after which it counts as hung. What `changed` raises comes
    out of `open`, `event`, `gone` or `tick` once everybody has been told. Threads may share a session.
    """

    def __init__(
        self,
        rules: RuleBook | RuleFolder,
        *,
        on: date,
        changed: Callable[[Change], object],
        live: int = 512,
        watches: Sequence[Watch] = WATCHES,
        trouble: Callable[[Trouble], object] | None = None,
        patience: float = 30.0,
    ) -> None:
        if not 1 <= live <= MOST_ROOMS:
            raise ValueError(f"live is 1 to {MOST_ROOMS}, not {live}")
        self.on = on
        self._rules, self._changed, self._trouble = rules, changed, trouble or _logged
        self._debtors: dict[Key, _Debtor] = {}
        self._by_account: dict[Key, _Debtor] = {}
        self._agenda: list[tuple[date, Key]] = []  # a heap; an entry that is not the debtor's `next_look` is void
        self._unplanned: set[Key] = set()
        self._untold: deque[Change | Trouble] = deque()
        self._errors: list[Exception] = []
        self._telling = self._closed = False
        self._lock = RLock()
        self._patterns = Patterns(
            watches, live=live, patience=patience, parked=self._parked, trouble=self._untold.append
        )

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends durable-rules' process; the session is over."""
        with self._lock:
            self._closed = True
            self._patterns.fence.close()

    @property
    def pid(self) -> int | None:
        """The process id of durable-rules."""
        return self._patterns.fence.pid

    # --- what comes in ------------------------------------------------------------------------------------------------

    def open(self, records: Mapping[str, Any]) -> Assessment:
        """Takes an account in, a mapping as for `dunning.read_account`; its answer of today.

        AccountError if it cannot be read, ValueError if it is open already. Of the debtor's other accounts changes are
        told, of this one there is nothing yet to compare with.
        """
        with self._settled():
            account = dunning.read_account(records)
            key = (account.company, account.id)
            if key in self._by_account:
                raise ValueError(f"{key} is open already")
            owner = (account.company, account.debtor.id)
            debtor = self._by_account[key] = self._debtors.setdefault(owner, _Debtor(owner))
            self._catch_up(debtor)
            before = self._answers(debtor)
            debtor.accounts[key], debtor.records[key] = account, deepcopy(dict(records))
            return self._look(debtor, before, {})[key]

    def event(self, account: str | Key, /, **news: Any) -> Assessment:
        """News of an account: `payments={...}`, `contacts=[{...}, {...}]`, `occupancy="vacant"`; its answer of today.

        A record with the id of one there is replaces it; what changes nothing (delivered twice) tells nothing.
        `account` is its id, or company and id. AccountError if the account could not be read with the news: then it
        stays as it was. ValueError if the account is not open, or would be another one.
        """
        with self._settled():
            debtor, key = self._found(account)
            records = merged(debtor.records[key], deepcopy(news))
            if records == debtor.records[key]:
                return self._assessed(debtor, self.on)[key]
            read = dunning.read_account(records)
            self._catch_up(debtor)
            before = self._answers(debtor)
            debtor.accounts[key], debtor.records[key] = read, records
            return self._look(debtor, before, {key: signs_of(news, self.on)})[key]

    def tick(self, on: date) -> None:
        """Days go by until `on`: every account is looked at on each day on which its answer may have changed."""
        with self._settled():
            if type(on) is not date or on < self.on or self._telling:
                raise ValueError(f"tick goes forward from {self.on}, by dates, and not from within a call: {on!r}")
            while (debtor := self._next(on)) is not None:
                self._catch_up(debtor)
                self._tell()
            self.on = on

    def gone(self, account: str | Key, /) -> None:
        """The account is closed, merged or another debtor's now: nothing more is told of it."""
        with self._settled():
            debtor, key = self._found(account)
            self._catch_up(debtor)
            before = self._answers(debtor)
            del debtor.accounts[key], debtor.records[key], self._by_account[key]
            if debtor.accounts:
                self._look(debtor, before, {})
            else:
                self._patterns.forget(debtor.key)
                self._unplanned.discard(debtor.key)
                del self._debtors[debtor.key]

    def answer(self, account: str | Key, /) -> Assessment:
        """The assessment of an account as it stands, of today."""
        with self._lock:
            debtor, key = self._found(account)
            return self._assessed(debtor, self.on)[key]

    def _found(self, account: str | Key) -> tuple[_Debtor, Key]:
        key = ("main", account) if isinstance(account, str) else account
        if key not in self._by_account:
            raise ValueError(f"{key} is not open")
        return self._by_account[key], key

    # --- looking ------------------------------------------------------------------------------------------------------

    def _assessed(self, debtor: _Debtor, on: date) -> dict[Key, Assessment]:
        """The session is where news arrives: its data is of the day it stands on."""
        end = datetime.combine(on, time(23, 59, 59), _SHANGHAI)
        accounts = [replace(account, data_as_of=end) for account in debtor.accounts.values()]
        return dict(zip(debtor.accounts, dunning.assess_group(accounts, self._rules, on=on), strict=True))

    def _answers(self, debtor: _Debtor) -> dict[Key, Assessment]:
        return debtor.answers or self._assessed(debtor, debtor.looked)

    def _catch_up(self, debtor: _Debtor) -> None:
        """Looks at a debtor whose day it is; news from within a call may come before its turn."""
        if debtor.next_look == self.on:
            self._look(debtor, self._answers(debtor), {key: [Sign(self.on, DAY)] for key in debtor.accounts})

    def _look(
        self, debtor: _Debtor, before: Mapping[Key, Assessment], news: Mapping[Key, list[Sign]]
    ) -> dict[Key, Assessment]:
        """Assesses a debtor anew; what differs and what is news goes to the watches."""
        after = self._assessed(debtor, self.on)
        group = list(debtor.accounts.values())
        happened = [
            (key, sign)
            for key in after
            if key in before
            for sign in (*news.get(key, ()), *changes(before[key], after[key], group))
        ]
        for kind, key, because in self._patterns.completed(debtor.key, happened, self.on):
            self._untold.append(Change(kind, key, before[key], after[key], because))
        debtor.looked, debtor.answers, debtor.next_look = self.on, after, None
        self._unplanned.add(debtor.key)
        return after

    def _parked(self, debtor: Key) -> None:
        self._debtors[debtor].answers = {}

    def _next(self, until: date) -> _Debtor | None:
        """The next debtor to look at no later than a day, with the session put on the day of it."""
        for key in self._unplanned:
            debtor = self._debtors[key]
            debtor.next_look = self._planned(debtor)
            if debtor.next_look is not None:
                heappush(self._agenda, (debtor.next_look, key))
        self._unplanned.clear()
        while self._agenda and self._agenda[0][0] <= until:
            day, key = heappop(self._agenda)
            if key in self._debtors and self._debtors[key].next_look == day:
                self.on = day
                return self._debtors[key]
        return None

    def _planned(self, debtor: _Debtor) -> date | None:
        accounts = list(debtor.accounts.values())
        reviews = dunning.next_reviews(accounts, self._rules, on=debtor.looked)
        in_records = days_ahead(accounts, self._answers(debtor).values(), debtor.looked)
        ahead = chain(reviews, in_records, self._patterns.days_ahead(debtor.key))
        return min((day for day in ahead if day is not None and day > debtor.looked), default=None)

    # --- telling ------------------------------------------------------------------------------------------------------

    @contextmanager
    def _settled(self) -> Iterator[None]:
        """Afterwards all is told; a call that itself brings news finds it told after its own."""
        with self._lock:
            if self._closed:
                raise ValueError("the session is closed")
            yield
            if not self._telling:
                self._tell()
                errors, self._errors = self._errors, []
                if len(errors) == 1:
                    raise errors[0]
                if errors:
                    raise ExceptionGroup("several calls failed", errors)

    def _tell(self) -> None:
        self._telling = True
        try:
            while self._untold:
                told = self._untold.popleft()
                try:
                    self._trouble(told) if isinstance(told, Trouble) else self._changed(told)
                except Exception as error:  # noqa: BLE001 - it is raised when all have been told
                    self._errors.append(error)
        finally:
            self._telling = False


def _logged(trouble: Trouble) -> None:
    lost = "; its patterns begin anew" if trouble.lost else ""
    _LOG.warning("%s, at news of debtor %s%s", trouble.what, trouble.debtor, lost)
