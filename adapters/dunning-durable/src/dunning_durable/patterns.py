"""Which watches the signs of a debtor complete: asked of durable-rules, and checked against the signs themselves.

Of watches of one sign the answer is known beforehand; there durable-rules is only looked after. Patterns over time are
its part: it holds their first halves, for as many debtors as there is room.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import NamedTuple

from dunning_durable.fence import Fence, Match, MatcherError, distinct, next_serial
from dunning_durable.watches import Sign, Watch

Key = tuple[str, str]
"""A company and the id of one of its accounts, or debtors."""

Told = dict[int, tuple[Key, Sign]]
"""Signs of accounts by the serial number durable-rules knows them by."""


class Trouble(NamedTuple):
    """durable-rules fell over at news of a debtor, or told what is not so.

    `lost`: it fell twice over the same news. Changes are told all the same, but the debtor's patterns begin anew.
    """

    what: str
    debtor: Key
    lost: bool


class Patterns:
    """The watches, and the debtors that durable-rules holds: `live` of them at once, the others come back when asked.

    `parked` is called with a debtor that makes room, `trouble` with what goes wrong.
    """

    def __init__(
        self,
        watches: Sequence[Watch],
        *,
        live: int,
        patience: float,
        parked: Callable[[Key], None],
        trouble: Callable[[Trouble], None],
    ) -> None:
        distinct(map(str, range(live)))
        self._watches = {f"w{place}": watch for place, watch in enumerate(watches)}
        self._horizon = timedelta(days=1 + max((watch.within for watch in watches), default=0))
        self._live, self._parked, self._trouble = live, parked, trouble
        self._numbers: dict[str, int] = {"": 0}
        rules = {name: watch.rule(self._number) for name, watch in self._watches.items()}
        self.fence = Fence(rules, patience=patience)
        self._serial = 0
        self._kept: dict[Key, Told] = {}  # the signs that a later one may complete a pattern with
        self._rooms: OrderedDict[Key, int] = OrderedDict()  # the debtor without news for longest first
        self._free: list[tuple[int, list[int]]] = []  # rooms, with what still lies in them
        self._start()

    def completed(
        self, debtor: Key, happened: Sequence[tuple[Key, Sign]], on: date
    ) -> Iterator[tuple[str, Key, tuple[Sign, ...]]]:
        """The watches that these signs of a debtor's accounts complete: kind, account, and the signs it is made of."""
        kept = self._kept.get(debtor, {})
        old = [serial for serial, (_, sign) in kept.items() if sign.on + self._horizon < on]
        self._kept[debtor] = kept = {serial: kept[serial] for serial in kept if serial not in old}
        fresh: Told = {}
        for sign in happened:
            self._serial = next_serial(self._serial, [*kept, *fresh])
            fresh[self._serial] = sign
        known = kept | fresh
        told = self._told(debtor, old, fresh)
        alone = {
            Match(name, serial)
            for serial, (_, sign) in fresh.items()
            for name, watch in self._watches.items()
            if watch.alone and watch.first.fits(sign)
        }
        over_time = {match for match in (told or set()) - alone if match.last in fresh and self._so(match, known)}
        if told is not None and told != alone | over_time:
            self._trouble(Trouble("durable-rules told what is not so, or not all", debtor, lost=False))
        # Whatever durable-rules dies of it must not be told again.
        self._kept[debtor] = (
            {} if told is None else {each: known[each] for each in known if self._stays(known[each][1])}
        )
        for rule, last, first in sorted(
            alone | over_time, key=lambda match: (match.last, match.rule, match.first or 0)
        ):
            signs = [known[serial][1] for serial in (first, last) if serial is not None]
            yield self._watches[rule].kind, known[last][0], tuple(signs)

    def days_ahead(self, debtor: Key) -> Iterator[date]:
        """The days on which it shows that something has not come."""
        for _, sign in self._kept.get(debtor, {}).values():
            for watch in self._watches.values():
                if watch.unless and watch.first.fits(sign):
                    yield sign.on + timedelta(days=watch.within + 1)

    def forget(self, debtor: Key) -> None:
        if debtor in self._rooms:
            self._park(debtor)
        self._kept.pop(debtor, None)

    def _so(self, match: Match, known: Told) -> bool:
        """Whether the signs themselves say what a match of a pattern says."""
        if match.first not in known:
            return False
        (key, first), (other, last) = known[match.first], known[match.last]
        between = [sign for n, (whose, sign) in known.items() if match.first < n < match.last and whose == key]
        return key == other and self._watches[match.rule].borne_out(first, last, between)

    def _stays(self, sign: Sign) -> bool:
        return any(watch.keeps(sign) for watch in self._watches.values())

    # --- durable-rules ------------------------------------------------------------------------------------------------

    def _told(self, debtor: Key, old: Sequence[int], fresh: Told) -> set[Match] | None:
        """What durable-rules says, if need be after a new start; None if it falls over these signs twice."""
        for lost in (False, True):
            try:
                room = self._room(debtor)
                return self.fence.tell(room, old, self._facts(fresh)) if old or fresh else set()
            except MatcherError as error:
                self._trouble(Trouble(str(error), debtor, lost))
                with suppress(MatcherError):
                    self._start()
        return None

    def _start(self) -> None:
        """A new process, with nobody in it yet: whoever has news next is told to it again."""
        for debtor in list(self._rooms):
            self._park(debtor)
        self._free = [(room, []) for room in range(self._live)]
        self.fence.start()

    def _room(self, debtor: Key) -> int:
        """Where a debtor is held, with all that patterns may need of it."""
        if debtor not in self._rooms:
            if not self._free:
                self._park(next(iter(self._rooms)))
            self._rooms[debtor], stale = self._free.pop()
            kept = self._kept.get(debtor, {})
            if stale or kept:
                self.fence.tell(self._rooms[debtor], stale, self._facts(kept))
        self._rooms.move_to_end(debtor)
        return self._rooms[debtor]

    def _park(self, debtor: Key) -> None:
        self._free.append((self._rooms.pop(debtor), list(self._kept[debtor])))
        self._parked(debtor)

    def _facts(self, told: Told) -> Iterator[list[int]]:
        for serial, ((_, account), sign) in told.items():
            words = map(self._number, (sign.what, sign.name, sign.was, sign.now, account))
            yield [serial, int(self._stays(sign)), *words, sign.on.toordinal()]

    def _number(self, word: str) -> int:
        return self._numbers.setdefault(word, len(self._numbers))
