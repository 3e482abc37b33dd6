"""How a step reaches somebody: the channels left to try, one after another or together, and who receives it.

A list of ways to reach a party rules out the others; a channel that failed gives way to the next one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from dunning.engine.known.contacts import FAILED, Talk
from dunning.engine.steps.ready import Rung
from dunning.model.account import Account, Channel, Party
from dunning.model.action import ACTIONS, Action
from dunning.model.steps import CLASS_OF, Channels, ContactClass

BY_ADDRESS: frozenset[Channel] = frozenset({"ems"})
"""Channels that need no more than the unit's address, which is always known: a list of ways to reach somebody speaks of
numbers and accounts, and without this a demand by EMS and SMS together would go out by SMS alone.
"""


class Tries(NamedTuple):
    """The channels of a step: `wanted` by the book, `channels` that can still be used, in the order to try them.

    `next` are those not yet tried since somebody was last reached: an unanswered call gives way to them.
    """

    wanted: tuple[Channel, ...]
    channels: tuple[Channel, ...]
    mode: str
    next: tuple[Channel, ...] = ()

    def falls_back(self, talk: Talk) -> bool:
        """Whether an attempt nobody answered leaves the step open, because another channel is left."""
        contact = talk.contact
        one_by_one = self.mode == "first_of" and contact.outcome == "no_answer" and contact.channel in self.wanted
        return one_by_one and bool(self.next)

    def offered(self) -> Channels:
        """The channels as the next attempt is to use them."""
        return Channels("all_of" if self.mode == "all_of" else "first_of", self.next or self.channels)


def tries(rung: Rung, tried: Sequence[Talk], debtor: Party) -> Tries | None:
    """What is left of a step's channels after these attempts; None for what needs no channel."""
    if rung.channels is None:
        return None
    reachable = debtor.reachable if _narrowed(rung) else None
    untried = _untried(rung, reachable)
    if not tried:
        return untried
    dead = frozenset([talk.contact.channel for talk in tried if talk.contact.outcome == "undeliverable"])
    unanswered = set()
    for talk in reversed(tried):
        if talk.contact.outcome not in FAILED:
            break
        unanswered.add(talk.contact.channel)
    return _left(untried, dead, unanswered)


@lru_cache(maxsize=8192)
def left_to_try(
    rung: Rung,
    reachable: tuple[Channel, ...] | None,
    dead: frozenset[Channel | None],
    unanswered: frozenset[Channel | None],
) -> Tries | None:
    """The same, where a debtor is `reachable` so, some channels are dead and some unanswered since one arrived."""
    if rung.channels is None:
        return None
    return _left(_untried(rung, reachable if _narrowed(rung) else None), dead, unanswered)


def _left(untried: Tries, dead: Collection[Channel | None], unanswered: Collection[Channel | None]) -> Tries:
    channels = tuple(channel for channel in untried.channels if channel not in dead)
    left = tuple(channel for channel in channels if channel not in unanswered)
    return Tries(untried.wanted, channels, untried.mode, left)


def _narrowed(rung: Rung) -> bool:
    """Whether a list of ways to reach the debtor bears on a step."""
    return rung.narrowed and rung.step.to == "debtor"


@lru_cache(maxsize=8192)
def _untried(rung: Rung, reachable: tuple[Channel, ...] | None) -> Tries:
    assert rung.channels is not None
    wanted = rung.channels.channels
    usable = wanted
    if reachable is not None:
        usable = tuple(channel for channel in wanted if channel in reachable or channel in BY_ADDRESS)
    return Tries(wanted, usable, rung.channels.mode, usable)


_BY_CLASS: Mapping[ContactClass, str] = {
    "phone": "call", "visit": "visit", "message": "send_message", "post": "deliver_letter",
}  # fmt: skip
_IN_PERSON: Mapping[str, ContactClass] = {"call": "phone", "ai_call": "phone", "visit": "visit"}


def as_it_goes(action: Action, channels: Channels | None) -> Action:
    """What an action comes to by the channels left to it: a call nobody can be reached by goes on as a message.

    So that whoever carries it out is never told to call by WeChat. Other actions go by any channel of their step.
    """
    wanted = _IN_PERSON.get(action.id)
    if wanted is None or channels is None or channels.mode == "all_of":
        return action
    now = CLASS_OF[channels.channels[0]]
    return action if now == wanted else ACTIONS[_BY_CLASS[now]]


def receivers(rung: Rung, account: Account, on: date) -> tuple[str, ...]:
    """Who a step goes to, by party id: the debtor; a demand or a suit to all who are liable beside them.

    A committee, a court or a headquarters is no party of the account: nobody is named.
    """
    match rung.step.to:
        case "debtor" | "business_contact" | "headquarters":
            if not rung.legal:
                return (account.debtor.id,)
            liable = (party.id for party in account.parties if party.liable and _present(party, on))
            return tuple(dict.fromkeys((account.debtor.id, *liable)))
        case "developer":
            developers = (party for party in (account.debtor, *account.parties) if party.role == "developer")
            return tuple(party.id for party in developers if _present(party, on))
    return ()


def _present(party: Party, on: date) -> bool:
    return (party.since is None or party.since <= on) and (party.until is None or on <= party.until)
