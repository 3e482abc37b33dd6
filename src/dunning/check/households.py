"""Real accounts that have certain facts, so that an example is a household the engine has really run.

Accounts are drawn up (see `drafts`) and put through ledger and facts; the first that comes out with the facts wished
for is assessed. Facts may be wished that no draft brings about: then there is no example, and the finding says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from dunning.check.drafts import SINGLED_OUT, drafts
from dunning.check.wishes import Wish, Wishes
from dunning.engine.assess import assess
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.facts import Facts
from dunning.engine.owed.ledger import ChargeState, replay
from dunning.engine.result import Assessment
from dunning.model.account import Account
from dunning.model.condition import ALWAYS, Unknown, Value
from dunning.model.rulebook import RuleBook

DAYS = 5
"""Days tried, from the one asked for: on some a due date would fall on a day of rest."""
_DRAFTS = 40
"""Drafts tried for each day: some ten milliseconds."""


class Household(NamedTuple):
    """An account with its assessment, and its facts; `charge` is the one that facts of a charge are about."""

    account: Account
    on: date
    result: Assessment
    facts: Facts
    charge: ChargeState | None

    def fact(self, name: str) -> Value | Unknown:
        """A fact of the account, or of the charge."""
        return _fact(name, self.facts, self.charge)


def household(wishes: Mapping[str, Wish], book: RuleBook, on: date, *, days: int = DAYS) -> Household | None:
    """A household of the book that has the facts, on that day or one of the next; None if none was found."""
    rules = for_anyone(book)
    for day in (on + timedelta(days=more) for more in range(days)):
        for account in islice(drafts(Wishes(wishes), rules, day), _DRAFTS):
            facts = Facts(account, replay(account, rules, day), rules)
            charge = next((state for state in facts.ledger.charges if state.charge.id == SINGLED_OUT), None)
            if all(wish.admits(_fact(name, facts, charge)) for name, wish in wishes.items()):
                result = assess(account, rules, on=day)
                if result.status == "assessed":
                    return Household(account, day, result, facts, charge)
    return None


def _fact(name: str, facts: Facts, charge: ChargeState | None) -> Value | Unknown:
    if name in CATALOGUE and CATALOGUE[name].of == "charge":
        return Unknown() if charge is None else facts.charge_value(name, charge)
    return facts.value(name)


@lru_cache(maxsize=16)
def for_anyone(book: RuleBook) -> RuleBook:
    """A base is for nobody by itself; what its tables answer can be tried all the same."""
    return replace(book, applies=ALWAYS, track=None) if book.applies is None else book
