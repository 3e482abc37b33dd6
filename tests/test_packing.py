"""What arrays cannot hold, and the small questions they are asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

import numpy as np

from dunning.columns.packing import pack, unpack
from dunning.columns.rows import Coded
from dunning.model.account import (
    SHANGHAI,
    Account,
    Charge,
    Contact,
    Opening,
    Party,
    Payment,
    Plan,
    Promise,
    Settled,
)

PLAIN = Account(id="A-1", debtor=Party(id="O-1"), charges=(Charge(id="a", amount=100, due=date(2026, 1, 15)),))


def test_the_accounts_of_a_debtor_are_put_side_by_side() -> None:
    other = replace(PLAIN, id="B-1", debtor=Party(id="O-2"))
    second = replace(PLAIN, id="A-2")
    elsewhere = replace(PLAIN, id="C-1", company="wy-02")
    batch = pack([PLAIN, other, second, elsewhere])
    assert [unpack(batch, row).id for row in range(4)] == ["A-1", "A-2", "B-1", "C-1"]
    assert batch.debtor.tolist() == [0, 0, 1, 2]
    assert batch.groups.tolist() == [0, 2, 3, 4]


def test_what_no_array_holds_is_kept_as_it_is() -> None:
    huge = replace(PLAIN, charges=(Charge(id="a", amount=2**62, due=date(2026, 1, 15)),))
    abroad = replace(PLAIN, id="A-2", contacts=(Contact(id="c", at=datetime(2026, 1, 1, tzinfo=UTC)),))
    broken = replace(PLAIN, id="\ud800", debtor=Party(id="O-3"))
    sound = replace(PLAIN, id="A-4", debtor=Party(id="O-4"))
    batch = pack([huge, abroad, broken, sound])
    assert set(batch.kept) == {0, 1, 2}
    assert [unpack(batch, row) for row in range(4)] == [huge, abroad, broken, sound]
    assert batch.as_objects.tolist() == [True, True, True, False]


def test_a_whole_debtor_goes_with_the_one_account_that_must() -> None:
    huge = replace(PLAIN, id="A-2", charges=(Charge(id="a", amount=2**62, due=date(2026, 1, 15)),))
    assert pack([PLAIN, huge]).as_objects.tolist() == [True, True]


def test_nothing_and_not_said_are_two_things() -> None:
    account = replace(
        PLAIN,
        payments=(
            Payment(id="p", on=date(2026, 2, 1), amount=5),
            Payment(id="q", on=date(2026, 2, 1), amount=5, settles=()),
            Payment(id="r", on=date(2026, 2, 1), amount=5, settles=(Settled(charge="a", amount=5, part="late_fee"),)),
        ),
        debtor=Party(id="O-1", reachable=()),
    )
    other = replace(PLAIN, id="A-2", debtor=Party(id="O-2", reachable=None))
    batch = pack([account, other])
    settles = batch.lists["payments.settles"]
    assert settles.absent is not None
    assert settles.absent.tolist() == [True, False, False]
    assert [unpack(batch, row) for row in range(2)] == [account, other]


def test_openings_promises_rates_and_areas_come_back() -> None:
    account = replace(
        PLAIN,
        area=Fraction("96.5"),
        charges=(Charge(id="OPEN", amount=3, opening=Opening(on=date(2024, 1, 1), late_fee=2)),),
        contacts=(
            Contact(id="c", at=datetime(2026, 1, 1, 9, 5, 0, 7, SHANGHAI), promise=Promise(on=date(2026, 2, 1))),
        ),
        plans=(Plan(id="p", signed=date(2026, 2, 1), waive_late_fee=Fraction(1, 2)),),
        unknown=("contacts", "debtor.tags"),
    )
    assert unpack(pack([account]), 0) == account


def test_no_accounts_at_all() -> None:
    batch = pack([])
    assert len(batch) == 0
    assert batch.groups.tolist() == [0]
    assert len(batch.charges) == 0


def test_words_are_asked_by_value_and_type() -> None:
    column = Coded(np.array([0, 1, -1, 2], np.int32), (True, 1, "x"))
    assert column.equals(1).tolist() == [False, True, False, False]
    assert column.equals("y").tolist() == [False] * 4
    assert column.among({"x"}).tolist() == [False, False, False, True]
