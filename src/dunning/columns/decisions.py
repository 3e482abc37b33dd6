"""The decisions on steps of some homes: they are few, and each home is asked about its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, cast

import numpy as np

from dunning.columns.homes import Homes
from dunning.columns.known import Bools, Ints
from dunning.columns.numbering import Numbering
from dunning.engine.ladder.lawful import forms_of
from dunning.engine.law import law_facts
from dunning.engine.law.guard import approval_rules
from dunning.engine.steps.approvals import agreed
from dunning.engine.steps.ready import Rung, made_ready
from dunning.model.account import Account, Approval
from dunning.model.rulebook import RuleBook


class _Decided(NamedTuple):
    """An account as far as its decisions are asked about."""

    approvals: tuple[Approval, ...]
    unknown: tuple[str, ...]


class Decisions:
    """What was decided about the steps of each home."""

    def __init__(self, home: Homes) -> None:
        self.home = home
        self.of: Mapping[int, tuple[Approval, ...]] = home.approvals

    def agreed(self, rung: Rung, homes: Ints) -> tuple[Bools, list[tuple[str, ...]]]:
        """Whether what a step asks of approvals is met, and by whom; one for each of these homes."""
        home, rule = self.home, rung.step.approval
        by: list[tuple[str, ...]] = [()] * len(homes)
        if rule is None:
            return np.ones(len(homes), np.bool_), by
        granted = np.full(len(homes), agreed(rule, (), rung.names, home.on, home.calendar).granted)
        for place in np.flatnonzero(np.isin(homes, list(self.of))).tolist():
            found = agreed(rule, self.of[int(homes[place])], rung.names, home.on, home.calendar)
            granted[place] = found.granted
            by[place] = tuple([each.by for each in found.given])
        return granted, by

    def by_law(self, numbering: Numbering) -> Ints:
        """A number of what law is told of each: how many approvals stand, by what it asks about."""
        home = self.home
        found = np.zeros(home.size, np.int64)
        rules = _rules(home.book)
        for place, approvals in self.of.items():
            account = cast(Account, _Decided(approvals, ()))
            told = [law_facts.of_account("approvals", account, home.on, home.calendar, each) for each in rules]
            found[place] = numbering.of_word(("approvals", *told))
        return found


@lru_cache(maxsize=64)
def _rules(book: RuleBook) -> tuple[law_facts.Rules, ...]:
    """The approvals that law may count for a step of a book in any form."""
    return tuple(
        approval_rules(book, form.action.id, form.step)
        for rung in made_ready(book).rungs
        for form in forms_of(rung, book)
    )
