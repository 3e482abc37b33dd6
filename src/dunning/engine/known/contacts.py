"""What was said to a debtor and by them: the contacts known on a day, those of one account and those of the person.

Caps and the last word are a person's, promises and demands an account's; which contacts count is decided here once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from dunning.basis.calendar import days_between
from dunning.model.account import SHANGHAI, Account, Contact
from dunning.model.steps import CLASS_OF, ContactClass, Step

FAILED = frozenset({"no_answer", "undeliverable"})
ATTITUDES = frozenset({"willing", "promised", "away", "refused", "disputed", "paid"})
SPOKE = ATTITUDES | {"reached"}
"""Outcomes of a contact that reached the person."""

IN_PERSON: frozenset[ContactClass] = frozenset({"phone", "visit"})
"""Ways to speak to somebody; by all others something is sent."""


class Talk(NamedTuple):
    """One contact, at its time and on its day in China."""

    at: datetime
    id: str
    contact: Contact

    @property
    def day(self) -> date:
        return self.at.date()


def _local(at: datetime) -> datetime:
    """The time in China; a time without an offset is one."""
    if at.tzinfo is None:
        return at
    return (at if at.tzinfo is SHANGHAI else at.astimezone(SHANGHAI)).replace(tzinfo=None)


def known(contacts: Iterable[Contact], on: date) -> list[Talk]:
    """The contacts of that day and before, oldest first."""
    talks = []
    for contact in contacts:
        at = _local(contact.at)
        if at.date() <= on:
            talks.append(Talk(at, contact.id, contact))
    if len(talks) > 1:
        talks.sort(key=lambda talk: talk[:2])
    return talks


class Told:
    """The contacts about one account known on a day, oldest first: all records of them, and each contact once.

    Nothing is to be added to these lists: whoever asks again for the same contacts gets the same.
    """

    __slots__ = ("_by_step", "_of_steps", "_once", "records")

    def __init__(self, records: list[Talk]) -> None:
        self.records = records
        self._by_step: tuple[Mapping[str, Step], dict[str, list[Talk]]] | None = None
        self._once: list[Talk] | None = None
        self._of_steps: list[Talk] | None = None

    @property
    def once(self) -> list[Talk]:
        """Each contact once."""
        if self._once is None:
            self._once = once(self.records) if len(self.records) > 1 else self.records
        return self._once

    @property
    def of_steps(self) -> list[Talk]:
        """The same as steps: a contact that did for several stands for each of them."""
        if self._of_steps is None:
            alone = len(self.once) == len(self.records)
            self._of_steps = self.once if alone else once_a_step(self.records)
        return self._of_steps

    def by_step(self, steps: Mapping[str, Step]) -> dict[str, list[Talk]]:
        """What we did under each step by its id; `steps` by every name they have or had."""
        if self._by_step is None or self._by_step[0] is not steps:
            found: dict[str, list[Talk]] = {}
            for talk in self.of_steps:
                known = steps.get(talk.contact.step or "")
                if known is not None and not talk.contact.inbound:
                    found.setdefault(known.id, []).append(talk)
            self._by_step = steps, found
        return self._by_step[1]


_NOTHING = Told([])
_REMEMBERED = 64
_told: dict[tuple[int, str | None], tuple[Sequence[Contact], date, Told]] = {}
"""What was made of some contacts by their identity, and from which day on: a household that is played forward is looked
at a thousand times with the same contacts, all of them known. They are kept beside it, so that their identity is not
given to others."""


def of_account(account: Account, on: date) -> Told:
    """The known records of contacts about this account; those made on another account of the debtor are left out."""
    contacts = account.contacts
    if not contacts:
        return _NOTHING
    return _made(contacts, account.id, on, lambda day: _about(account, day))


def _about(account: Account, on: date) -> list[Talk]:
    return known([each for each in account.contacts if each.account is None or each.account == account.id], on)


def _made(contacts: Sequence[Contact], of: str | None, on: date, make: Callable[[date], list[Talk]]) -> Told:
    """What `make` finds of these contacts up to a day, for the account `of` (None: for the person).

    It is made once where none of them is still to come.
    """
    found = _told.get((id(contacts), of))
    if found is not None and found[0] is contacts and found[1] <= on:
        return found[2]
    every = make(date.max)
    last = every[-1].day if every else date.min
    if last > on:
        return Told(make(on))
    if len(_told) >= _REMEMBERED:
        _told.clear()
    told = Told(every)
    _told[id(contacts), of] = contacts, last, told
    return told


def once(talks: Sequence[Talk]) -> list[Talk]:
    """Contacts with the same id or the same key are one; the earliest stands for them."""
    kept: list[Talk] = []
    places: dict[tuple[str, str], int] = {}
    for talk in talks:
        if _place(talk, places, len(kept)) == len(kept):
            kept.append(talk)
    return kept


def once_a_step(talks: Sequence[Talk]) -> list[Talk]:
    """One contact may do for several steps, told in a record each: one for each contact and step.

    What the records of one step say of charges is put together: a message may remind of several.
    """
    kept: list[Talk] = []
    of_step: dict[str | None, dict[tuple[str, str], int]] = {}
    for talk in talks:
        place = _place(talk, of_step.setdefault(talk.contact.step, {}), len(kept))
        if place == len(kept):
            kept.append(talk)
        else:
            kept[place] = _of_both(kept[place], talk)
    return kept


def _place(talk: Talk, places: dict[tuple[str, str], int], otherwise: int) -> int:
    """Where the contact of this id or key stands already; noted under both."""
    key = talk.contact.key
    names = [("id", talk.id)] if key is None else [("id", talk.id), ("key", key)]
    place = next((places[name] for name in names if name in places), otherwise)
    for name in names:
        places.setdefault(name, place)
    return place


def _of_both(one: Talk, other: Talk) -> Talk:
    """A contact about the charges of both; all that was overdue that day takes in no others."""
    some, more = one.contact.charges, other.contact.charges
    if some is None or more is None or set(more) <= set(some):
        return one
    return one._replace(contact=replace(one.contact, charges=tuple(dict.fromkeys((*some, *more)))))


class Person:
    """One debtor of one company on one day: the contacts over all their accounts, read once for all of them."""

    __slots__ = ("_talks", "accounts", "on", "unknown")

    def __init__(self, accounts: Sequence[Account], on: date) -> None:
        self.accounts = accounts
        self.on = on
        lacking = [account.unknown for account in accounts if account.unknown]
        self.unknown = tuple(sorted({name for names in lacking for name in names})) if lacking else ()
        self._talks: list[Talk] | None = None

    @property
    def talks(self) -> list[Talk]:
        """The known contacts, oldest first, each once."""
        if self._talks is None:
            everywhere = [account.contacts for account in self.accounts if account.contacts]
            if len(everywhere) == 1:
                (alone,) = everywhere
                self._talks = _made(alone, None, self.on, lambda day: _ordered_once(alone, day)).records
            else:
                self._talks = _ordered_once([each for contacts in everywhere for each in contacts], self.on)
        return self._talks


def _ordered_once(contacts: Sequence[Contact], on: date) -> list[Talk]:
    """Where two accounts tell of one contact, what counts for it goes first: then no order of accounts matters."""

    def rank(talk: Talk) -> tuple[datetime, str, bool, str, str]:
        contact = talk.contact
        return talk.at, talk.id, not attempted(contact), contact.outcome or "", contact.channel or ""

    return once(sorted(known(contacts, on), key=rank))


def attempted(contact: Contact) -> bool:
    """We sought the person, and it was not undeliverable."""
    return not contact.inbound and contact.outcome != "undeliverable"


def last_attempt(talks: Sequence[Talk]) -> date | None:
    """The day of the last contact by us; None where there was none."""
    return next((talk.day for talk in reversed(talks) if attempted(talk.contact)), None)


def attempts(talks: Sequence[Talk], on: date, days: int) -> int:
    """How often we sought the person on `on` and the days before it, `days` in all: phone, visit and message.

    Letters and notices have a class of their own and do not count; a contact that names no channel does.
    """
    count = 0
    for talk in reversed(talks):
        if days_between(talk.day, on) >= days:
            break
        contact = talk.contact
        if attempted(contact) and (contact.channel is None or CLASS_OF[contact.channel] != "post"):
            count += 1
    return count


def unreached(talks: Sequence[Talk]) -> int:
    """How many of the last contacts failed, back to the one that reached the person or came from them."""
    count = 0
    for talk in reversed(talks):
        contact = talk.contact
        if contact.inbound or contact.outcome in SPOKE:
            break
        if contact.outcome in FAILED:
            count += 1
    return count


def last_stance(talks: Sequence[Talk]) -> Talk | None:
    """The last contact that shows how the debtor stands; None where there is none."""
    for talk in reversed(talks):
        contact = talk.contact
        if contact.outcome in ATTITUDES or contact.reason == "away":
            return talk
    return None
