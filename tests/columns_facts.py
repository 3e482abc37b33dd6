"""Whether the facts made of arrays are those the engine finds, one household and one charge after another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dunning.columns.facts import OF_ACCOUNT, OF_CHARGE, facts_of
from dunning.columns.ledgers import ledgers
from dunning.columns.packing import pack, unpack
from dunning.engine.known.facts import Facts
from dunning.engine.owed.ledger import replay
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook


def differences(accounts: Sequence[Account], book: RuleBook, on: date) -> list[str]:
    """Every fact that is not the same, of all accounts that are not handed back."""
    batch = pack(accounts)
    money = ledgers(batch, book, on)
    found: list[str] = []
    made = facts_of(batch, money, book, on, OF_ACCOUNT, OF_CHARGE)
    rows = [row for row in range(len(batch.charges)) if money.charges.known[row] and money.unpaid[row]]
    for place in range(len(batch)):
        if not money.exact[place]:
            continue
        account = unpack(batch, place)
        facts = Facts(account, replay(account, book, on), book)
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
