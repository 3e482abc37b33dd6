"""Pseudonyms change nothing that is decided: generated households, assessed as they are and as they are recorded."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dunning.engine.assess import assess_group
from dunning.intake.contradictions import contradictions
from dunning.intake.groups import Group
from dunning.intake.records import Read, read_account
from dunning.model.account import Account, Charge, Payment
from dunning.model.rulebook import RuleBook
from dunning.output.exchange import to_json
from dunning.output.record.pseudonyms import told
from dunning.output.record.record import Keep
from dunning.testing.strategies import accounts, books, days

IDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=6)


def renamed(account: Account, charges: dict[str, str], payments: dict[str, str]) -> Account:
    """The same account with other ids, as an ERP might give them."""

    def charge(one: Charge) -> Charge:
        return replace(one, id=charges[one.id])

    def payment(one: Payment) -> Payment:
        settles = one.settles and tuple(
            replace(each, charge=charges.get(each.charge, each.charge)) for each in one.settles
        )
        for_ = tuple(charges.get(each, each) for each in one.for_)
        return replace(one, id=payments[one.id], for_=for_, settles=settles)

    def of(one: Any) -> Any:
        return replace(one, charge=charges.get(one.charge, one.charge)) if one.charge else one

    return replace(
        account,
        charges=tuple(map(charge, account.charges)),
        payments=tuple(map(payment, account.payments)),
        adjustments=tuple(
            replace(of(one), payment=payments.get(one.payment or "", one.payment)) for one in account.adjustments
        ),
        late_fees=tuple(map(of, account.late_fees)),
        plans=tuple(
            replace(one, charges=tuple(charges.get(each, each) for each in one.charges)) for one in account.plans
        ),
    )


@st.composite
def odd_accounts(draw: st.DrawFn) -> Account:
    """Accounts whose ids sort in any order."""
    account = draw(accounts())

    def names(records: Any) -> dict[str, str]:
        ids = list(dict.fromkeys(one.id for one in records))
        return dict(zip(ids, draw(st.lists(IDS, min_size=len(ids), max_size=len(ids), unique=True)), strict=True))

    return renamed(account, names(account.charges), names(account.payments))


@settings(max_examples=150, deadline=None)
@given(account=odd_accounts(), book=books(), on=days())
def test_the_recorded_input_gives_the_recorded_result(account: Account, book: RuleBook, on: date) -> None:
    assume(not contradictions(account))  # what the door turns away is never decided
    other = replace(account, id="A-0", charges=account.charges[:1])
    both = (account, other)
    results = assess_group(both, book, on=on)
    group = Group(account.company, account.debtor.id, tuple(map(Read, both)))
    kept = Keep([book], on).of(group, results, [to_json(result) for result in results])
    again = assess_group([read_account(each) for each in json.loads(kept.input)], book, on=on)
    assert [told(result, to_json(result), None) for result in again] == [one.result for one in kept.decisions]
    assert [one.balance for one in again] == [one.balance for one in results]
