"""Whether the facts made of arrays are those the engine finds, one household and one charge after another.

So are the promises and demands that they are made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from dunning.columns.arrears import NEVER, Arrears
from dunning.columns.demands import demands_of
from dunning.columns.facts import OF_ACCOUNT, OF_CHARGE, facts_of
from dunning.columns.ledgers import Ledgers, ledgers
from dunning.columns.packing import pack, unpack
from dunning.columns.people import people_of
from dunning.columns.promises import counting, promises_of
from dunning.columns.rows import Batch
from dunning.columns.selecting import select
from dunning.columns.talks import talks_of
from dunning.engine.known import material
from dunning.engine.known.contacts import Person
from dunning.engine.known.facts import Facts
from dunning.engine.ladder.pauses import counting_promises
from dunning.engine.owed.ledger import replay
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook

_STATES = ("kept", "open", "broken")


def differences(accounts: Sequence[Account], book: RuleBook, on: date, *, every: int = 1) -> list[str]:
    """Every fact that is not the same, of all accounts that are not handed back.

    `every` 2: only every other account is under this book, the others under none.
    """
    whole = pack(accounts)
    places = np.arange(0, len(whole), every)
    batch = whole if every == 1 else select(whole, places).batch
    money = ledgers(batch, book, on)
    found: list[str] = []
    people = None if every == 1 else people_of(whole, on).take(places)
    made = facts_of(batch, money, book, on, OF_ACCOUNT, OF_CHARGE, people=people)
    said = _Said(batch, money, book, on)
    rows = [row for row in range(len(batch.charges)) if money.charges.known[row] and money.unpaid[row]]
    for place in range(len(batch)):
        if not money.exact[place] or whole.as_objects[places[place]]:
            continue
        account = unpack(batch, place)
        debtor = whole.debtor[places[place]]
        person = Person([unpack(whole, each) for each in range(*whole.groups[debtor : debtor + 2].tolist())], on)
        facts = Facts(account, replay(account, book, on), book, person=person)
        found += said.differences(place, facts)
        for name, known in made.of_accounts.items():
            wanted, got = facts.value(name), known.at(place)
            if (wanted, type(wanted)) != (got, type(got)):
                found.append(f"{place} {name}: engine {wanted}, columns {got}")
        first = int(batch.charges.start[place])
        states = {state.charge.id: state for state in facts.ledger.charges}
        for at, row in enumerate(rows):
            if money.charges.owner[row] != place:
                continue
            state = states[account.charges[row - first].id]
            for name, known in made.of_charges.items():
                wanted, got = facts.charge_value(name, state), known.at(at)
                if (wanted, type(wanted)) != (got, type(got)):
                    found.append(f"{place} {state.charge.id} {name}: engine {wanted}, columns {got}")
    return found


class _Said:
    """What facts of what was said are made from: episodes, promises, demands."""

    def __init__(self, batch: Batch, money: Ledgers, book: RuleBook, on: date) -> None:
        self.batch = batch
        self.of = Arrears(batch, money, book, on)
        self.talks = talks_of(batch, on)
        self.promises = promises_of(self.of, self.talks)
        self.counts = counting(self.of, self.promises)
        self.demands = demands_of(self.of, self.talks)

    def differences(self, place: int, facts: Facts) -> list[str]:
        since = facts.part(material.episode)
        wanted = [since and since.toordinal(), *self._promises_of(facts), *self._demands_of(facts)]
        since = int(self.of.episode[place])
        got = [None if since == NEVER else since, *self._promises(place), *self._demands(place)]
        return [] if wanted == got else [f"{place}: engine {wanted}, columns {got}"]

    def _promises_of(self, facts: Facts) -> list[object]:
        promises = facts.part(material.promises)
        counts = counting_promises(promises, facts.book.promises, facts.part(material.episode), facts.book.calendar)
        talks = facts.part(material.talks)
        firsts = [
            next(talk.id for talk in talks if talk.contact.promise and talk.contact.promise.on == promise.on)
            for promise in promises
        ]
        return [(each, first, each in counts) for each, first in zip(promises, firsts, strict=True)]

    def _promises(self, place: int) -> list[object]:
        these, ids = self.promises, self.talks.contacts.texts("id")
        found = []
        for at in range(*these.start[place : place + 2].tolist()):
            made, on = (date.fromordinal(int(column[at])) for column in (these.made, these.on))
            assert these.made[at] == self.talks.day[these.talk[at]]
            state = (made, on, _STATES[these.state[at]])
            found.append((state, ids.text(int(these.first[at])), bool(self.counts[at])))
        return list(found)

    def _demands_of(self, facts: Facts) -> list[object]:
        demands = facts.part(material.demands)
        unpaid = [state for state in facts.ledger.charges if state.unpaid]
        return [
            (
                each.day, each.until, bool(each.proven), each.contact,
                {state.charge.id for state in unpaid if each.covers(state, facts.chase_from)},
            )
            for each in demands
        ]  # fmt: skip

    def _demands(self, place: int) -> list[object]:
        these, texts = self.demands, self.talks.contacts.texts("id")
        money, ids = self.of.money, self.batch.charges.texts("id")
        covered = these.covered(np.flatnonzero(money.charges.known & (money.unpaid > 0)))
        return [
            (
                date.fromordinal(int(these.day[at])),
                (date.fromordinal(int(these.until[at])), bool(these.provisional[at])),
                bool(these.proven[at]), texts.text(int(these.talk[at])),
                {ids.text(int(row)) for row in covered.row[covered.demand == at]},
            )
            for at in range(*these.start[place : place + 2].tolist())
        ]  # fmt: skip
