"""The facts of many accounts, and of their open charges: `engine.known.facts` in arrays. Here those of money and time.

A fact whose source is missing is unknown, with what is missing; what each one means is in the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np

from dunning.columns.arrears import NEVER, Arrears
from dunning.columns.known import Known, Ordered, Worded
from dunning.columns.ledgers import PLAN_STATES, Ledgers
from dunning.columns.months import Stretches, age, in_month
from dunning.columns.people import People, people_of
from dunning.columns.rows import Batch, Bools, Ints
from dunning.columns.shares import different
from dunning.columns.spoken import OF_ACCOUNT as SPOKEN_OF_ACCOUNT
from dunning.columns.spoken import OF_CHARGE as SPOKEN_OF_CHARGE
from dunning.columns.spoken import Spoken, missing
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.history import NO_CYCLE, NO_DUE_DATE
from dunning.model.condition import Unknown, Value
from dunning.model.rulebook import RuleBook

_NO_CLAUSE = Unknown(("contracts.late_fee_clause",))
_NO_RATE = Unknown(("late_fee.rate",))
_NO_TARIFF = Unknown(("contracts.tariff",))
_NO_AREA = Unknown(("area",))
_NEITHER = Unknown(("contracts.tariff", "area"))


class Counted(NamedTuple):
    """Facts by account, and facts by open charge; what was `said`, of which some are made."""

    of_accounts: dict[str, Known]
    of_charges: dict[str, Known]
    said: Spoken


def facts_of(
    batch: Batch,
    money: Ledgers,
    book: RuleBook,
    on: date,
    names: Iterable[str],
    charge_names: Iterable[str] = (),
    open_rows: Ints | None = None,
    people: People | None = None,
) -> Counted:
    """These facts of the accounts of a batch, and of the charges `open_rows` (None: all known with something unpaid).

    The names are of OF_ACCOUNT and OF_CHARGE; KeyError for others. `people` are the persons behind these accounts
    (None: all accounts of each are in the batch). Facts of accounts that `money` hands back mean nothing; an account
    whose figures are beyond 64 bits is handed back here (`money.exact`).
    """
    of = Arrears(batch, money, book, on)
    said = Spoken(of, people_of(batch, on) if people is None else people)
    rows = np.flatnonzero(money.charges.known & (money.unpaid > 0)) if open_rows is None else open_rows
    lacking = _Lacking(batch, said.people)
    return Counted(
        {name: lacking.put(name, _of_account(name, said)) for name in names},
        {name: lacking.put(name, _of_charges(name, said, rows), of.owner[rows]) for name in charge_names},
        said,
    )


def _of_account(name: str, said: Spoken) -> Known:
    make = _OF_ACCOUNT.get(name)
    return SPOKEN_OF_ACCOUNT[name](said) if make is None else make(said.owed)


def _of_charges(name: str, said: Spoken, rows: Ints) -> Known:
    make = _OF_CHARGE.get(name)
    return SPOKEN_OF_CHARGE[name](said, rows) if make is None else make(said.owed, rows)


# What the sources lack


class _Lacking:
    """What no source of an account, or of a person, can supply: facts are unknown by it whatever else is on record."""

    def __init__(self, batch: Batch, people: People) -> None:
        self._unknown = batch.coded("unknown")
        self._of_person = people.lacking

    def put(self, fact: str, known: Known, owner: Ints | None = None) -> Known:
        """The fact with that: of accounts, or of charges of the accounts `owner`."""
        unknown = self._of_person if CATALOGUE[fact].person else self._unknown
        because = [() if CATALOGUE[fact].either else missing(fact, word) for word in unknown.words]
        if not any(because):
            return known
        codes = np.array([*(place + 1 if each else 0 for place, each in enumerate(because)), 0])[unknown.codes]
        codes = codes if owner is None else codes[owner]
        words = [Unknown(each) for each in because]
        if isinstance(known, Worded):
            found = np.where(codes > 0, codes - 1 + len(known.words), known.codes).astype(np.int32)
            return Worded(found, (*known.words, *words))
        return unknown_where(known, codes > 0, codes - 1, words)


def unknown_where(known: Ordered, where: Bools, codes: Ints, words: Iterable[Unknown]) -> Ordered:
    """The fact with more places where it is unknown, for the reasons `words[codes]`; those come first."""
    if not where.any():
        return known
    said = known.lacking
    if said is None:
        return Ordered(known.values, where, known.nothing, Worded(np.maximum(codes, 0).astype(np.int32), tuple(words)))
    joined = np.where(where, codes + len(said.words), said.codes).astype(np.int32)
    unknown = where if known.unknown is None else where | known.unknown
    return Ordered(known.values, unknown, known.nothing, Worded(joined, (*said.words, *words)))


def _unknown_if(values: Ints, where: Bools, because: Unknown, nothing: Bools | None = None) -> Ordered:
    return unknown_where(Ordered(values, None, nothing), where, np.zeros(len(values), np.int64), [because])


# What is owed


def _arrears(of: Arrears) -> Known:
    return Ordered(of.arrears)


def _principal_not_due(of: Arrears) -> Known:
    rows = np.flatnonzero(of.own & (of.money.charges.fell > of.on) & (of.money.unpaid > 0))
    return Ordered(of.by_account(rows, of.money.unpaid[rows]))


def _of_fee(of: Arrears, values: Ints) -> Known:
    """Unknown where the late fee is."""
    return unknown_where(Ordered(values), of.fee.unknown, of.fee.unrated.astype(np.int64), [_NO_CLAUSE, _NO_RATE])


def _late_fee(of: Arrears) -> Known:
    return _of_fee(of, of.fee.total)


def _balance(of: Arrears) -> Known:
    return _of_fee(of, of.due_principal + of.fee.total - of.money.credit)


def _credit(of: Arrears) -> Known:
    return Ordered(of.money.credit)


def _disputed_amount(of: Arrears) -> Known:
    disputes, rows = of.batch.lists["disputes"], of.disputes
    amount = disputes.numbers("amount")
    everything = of.due_principal
    contested = np.where(amount.absent[rows], everything[disputes.owner[rows]], amount.values[rows])
    charge = disputes.numbers("charge_row").values[rows]
    named = disputes.texts("charge").values.is_valid().to_numpy(zero_copy_only=False).astype(np.bool_)[rows]
    total = np.zeros(of.size, np.int64)
    np.add.at(total, disputes.owner[rows[~named]], contested[~named])
    due = np.flatnonzero(of.own & (of.money.charges.fell <= of.on))
    by_charge = np.zeros(len(of.owner), np.int64)
    known = named & (charge >= 0)
    np.add.at(by_charge, charge[known], contested[known])
    total += of.by_account(due, np.minimum(by_charge[due], of.money.unpaid[due]))
    return Ordered(np.minimum(everything, total))


def _oldest_due(of: Arrears) -> Known:
    oldest, hidden = of.oldest
    return _unknown_if(oldest, hidden, NO_DUE_DATE, oldest == NEVER)


def _overdue_days(of: Arrears) -> Known:
    oldest, hidden = of.oldest
    return _unknown_if(np.where(oldest == NEVER, 0, of.on - oldest), hidden, NO_DUE_DATE)


def _periods(of: Arrears, number: Ints) -> Known:
    """Unknown where the billing periods of the arrears are."""
    without_cycle = _unknown_if(number, of.owed_periods.unknown, NO_CYCLE)
    return unknown_where(without_cycle, of.oldest[1], np.zeros(of.size, np.int64), [NO_DUE_DATE])


def _overdue_periods(of: Arrears) -> Known:
    return _periods(of, of.owed_periods.owed)


def _consecutive_overdue_periods(of: Arrears) -> Known:
    return _periods(of, of.owed_periods.in_a_row)


def _touched(of: Arrears, rows: Ints, step: int) -> Ordered:
    """The months, or quarters, of the calendar that the periods of some charges touch."""
    first, length = of.periods(rows)
    some = length > 0
    whose, _ = Stretches(of.owner[rows[some]], first[some], (first + length)[some]).each(step)
    aimless = of.marked(rows[~some])
    return _unknown_if(np.bincount(whose, minlength=of.size), aimless, NO_CYCLE)


def _overdue_quarters(of: Arrears) -> Known:
    return unknown_where(_touched(of, of.overdue, 3), of.oldest[1], np.zeros(of.size, np.int64), [NO_DUE_DATE])


def _monthly(of: Arrears, values: Ints, where: Bools | None = None) -> Ordered:
    """Unknown where the monthly fee is."""
    _, no_tariff, no_area = of.monthly_fee
    missing = no_tariff | no_area
    codes = no_tariff + 2 * no_area.astype(np.int64) - 1
    return unknown_where(
        Ordered(values), missing if where is None else missing & where, codes, [_NO_TARIFF, _NO_AREA, _NEITHER]
    )


def _monthly_fee(of: Arrears) -> Known:
    return _monthly(of, of.monthly_fee[0])


def _months_owed(of: Arrears) -> Known:
    fee, no_tariff, no_area = of.monthly_fee
    owing = of.arrears > 0
    by = np.maximum(fee, 1)
    months = 2 * (of.arrears // by) + (of.arrears % by > 0)
    free = owing & ~no_tariff & ~no_area & (fee == 0)
    found = _monthly(of, np.where(owing, months, 0), owing)
    return unknown_where(found, free, np.zeros(of.size, np.int64), [_NEITHER])


def _first_arrears(of: Arrears) -> Known:
    opened, rows = of.money.charges, of.overdue
    oldest, hidden = of.oldest
    one = np.zeros(of.size, np.bool_)
    one[of.owner[rows]] = True
    one[of.owner[rows[opened.due[rows] != oldest[of.owner[rows]]]]] = False  # NEVER is no due date, too
    chased = opened.known & opened.chased & (opened.principal >= of.least)
    others = np.flatnonzero(chased & (opened.due >= 0) & (opened.due < of.on))
    others = others[opened.due[others] != oldest[of.owner[others]]]
    cleared = of.cleared[others]
    missed = of.marked(others[(cleared == NEVER) | (cleared > opened.due[others])])
    carried = of.marked(np.flatnonzero(chased & (opened.due < 0)))
    unsure = one & (hidden | (~missed & carried))
    codes = np.where(unsure, 2, one & ~missed).astype(np.int32)
    return Worded(codes, (False, True, NO_DUE_DATE))


def _late_fee_capped(of: Arrears) -> Known:
    fees, money = of.money.fees, of.money
    looked = of.own & ((money.unpaid > 0) | ((fees.outstanding > 0) & ~fees.undetermined))
    capped = of.marked(np.flatnonzero(looked & fees.capped & ~fees.undetermined))
    unsure = np.flatnonzero(looked & fees.undetermined)
    codes = np.zeros(of.size, np.int32)
    if len(unsure):
        first = of.first_in_order(unsure)
        codes = np.where(first < 0, 0, np.where(of.unrated(first), 3, 2)).astype(np.int32)
    codes[capped] = 1
    return Worded(codes, (False, True, _NO_CLAUSE, _NO_RATE))


# How it was paid


def _last_payment(of: Arrears) -> tuple[Ints, Bools]:
    payments = of.batch.lists["payments"]
    last = np.zeros(of.size, np.int64)
    rows = np.flatnonzero(of.money.standing)
    np.maximum.at(last, payments.owner[rows], payments.numbers("on").values[rows])
    return last, last == 0


def _last_payment_on(of: Arrears) -> Known:
    last, never = _last_payment(of)
    return Ordered(last, None, never)


def _days_since_payment(of: Arrears) -> Known:
    last, never = _last_payment(of)
    return Ordered(of.on - last, None, never)


def _paid_12m(of: Arrears) -> Known:
    payments, adjustments = of.batch.lists["payments"], of.batch.lists["adjustments"]
    paid = np.zeros(len(payments), np.int64)
    paid[of.paid] = payments.numbers("amount").values[of.paid]
    back = adjustments.numbers("payment_row").values
    refunds = np.flatnonzero(
        adjustments.coded("kind").equals("refund") & (back >= 0) & (adjustments.numbers("on").values <= of.on)
    )
    np.subtract.at(paid, back[refunds], adjustments.numbers("amount").values[refunds])
    found = np.zeros(of.size, np.int64)
    np.add.at(found, payments.owner[of.paid], np.maximum(0, paid[of.paid]))
    return Ordered(found)


def _late_payments_12m(of: Arrears) -> Known:
    return Ordered(np.bincount(of.dues.of[of.dues.late > 0], minlength=of.size))


def _of_dues(of: Arrears, total: Ints, scale: int) -> Known:
    number = np.bincount(of.dues.of, minlength=of.size)
    return Ordered(total * scale // np.maximum(number, 1), None, number == 0)


def _on_time_ratio_12m(of: Arrears) -> Known:
    return _of_dues(of, np.bincount(of.dues.of[of.dues.late <= 0], minlength=of.size), 1_000_000)


def _average_days_late(of: Arrears) -> Known:
    total = np.zeros(of.size, np.int64)
    np.add.at(total, of.dues.of, of.dues.late)
    return _of_dues(of, total, 1)


_HABITS = ("month_start", "mid_month", "month_end")


def _payment_habit(of: Arrears) -> Known:
    """In which part of the month payments come, if two thirds of the days they come on lie in it."""
    payments = of.batch.lists["payments"]
    key = payments.owner[of.paid] << 22 | payments.numbers("on").values[of.paid]
    key = different(key)
    owner, day = key >> 22, in_month(key & ((1 << 22) - 1)).day
    number = np.bincount(owner, minlength=of.size)
    parts = (day <= 3, (day >= 10) & (day <= 15), day >= 25)
    counts = np.array([np.bincount(owner[part], minlength=of.size) for part in parts])
    most = counts.argmax(axis=0)
    regular = 3 * counts.max(axis=0) >= 2 * number
    codes = np.where(number < 2, 4, np.where(regular, most, 3)).astype(np.int32)
    return Worded(codes, (*_HABITS, "irregular", None))


def _paid_ahead(of: Arrears) -> Known:
    """From the day the first of them was settled to its due date as written."""
    first = of.first_in_order(of.paid_ahead)
    some = np.flatnonzero(first >= 0)
    found = np.zeros(of.size, np.int64)
    found[some] = np.maximum(0, age(of.money.settled_on[first[some]], of.written[first[some]]))
    return Ordered(found)


def _covers_months(of: Arrears) -> Known:
    return _touched(of, of.paid_ahead, 1)


# What the debtor said


def _open_disputes(of: Arrears) -> Known:
    return Ordered(np.bincount(of.batch.lists["disputes"].owner[of.disputes], minlength=of.size))


def _open_dispute_kinds(of: Arrears) -> Known:
    """As sets: the kinds that some account has stand for a bit each."""
    disputes = of.batch.lists["disputes"]
    kinds = disputes.coded("kind")
    sets = np.zeros(of.size, np.int64)
    np.bitwise_or.at(sets, disputes.owner[of.disputes], np.int64(1) << kinds.codes[of.disputes].astype(np.int64))
    found, codes = np.unique(sets, return_inverse=True)
    words = [frozenset(str(word) for bit, word in enumerate(kinds.words) if each >> bit & 1) for each in found.tolist()]
    return Worded(codes.astype(np.int32), tuple(words))


def _plan_state(of: Arrears) -> Known:
    return Worded(of.money.plan.astype(np.int32) + np.int32(1), (None, *PLAN_STATES))


_OF_ACCOUNT: Mapping[str, Callable[[Arrears], Known]] = {
    "arrears": _arrears,
    "principal_not_due": _principal_not_due,
    "late_fee": _late_fee,
    "balance": _balance,
    "credit": _credit,
    "disputed_amount": _disputed_amount,
    "oldest_due": _oldest_due,
    "overdue_days": _overdue_days,
    "overdue_periods": _overdue_periods,
    "consecutive_overdue_periods": _consecutive_overdue_periods,
    "overdue_quarters": _overdue_quarters,
    "months_owed": _months_owed,
    "first_arrears": _first_arrears,
    "monthly_fee": _monthly_fee,
    "late_fee_capped": _late_fee_capped,
    "last_payment_on": _last_payment_on,
    "days_since_payment": _days_since_payment,
    "paid_12m": _paid_12m,
    "late_payments_12m": _late_payments_12m,
    "on_time_ratio_12m": _on_time_ratio_12m,
    "average_days_late": _average_days_late,
    "payment_habit": _payment_habit,
    "paid_ahead": _paid_ahead,
    "covers_months": _covers_months,
    "plan_state": _plan_state,
    "open_disputes": _open_disputes,
    "open_dispute_kinds": _open_dispute_kinds,
}
OF_ACCOUNT = (*_OF_ACCOUNT, *SPOKEN_OF_ACCOUNT)
"""The facts of an account that are made here."""


# Of one charge


def _charge_age(of: Arrears, rows: Ints) -> Known:
    due = of.money.charges.due[rows]
    return _unknown_if(age(np.maximum(due, 1), of.on), due < 0, NO_DUE_DATE)


def _charge_overdue_days(of: Arrears, rows: Ints) -> Known:
    due, counts = of.money.charges.due[rows], of.counts[rows]
    return _unknown_if(np.where(counts, of.on - due, 0), counts & (due < 0), NO_DUE_DATE)


def _charge_item(of: Arrears, rows: Ints) -> Known:
    items = of.batch.charges.coded("item")
    words: list[Value] = [str(word) for word in items.words]
    return Worded(items.codes[rows], tuple(words))


def _charge_unpaid(of: Arrears, rows: Ints) -> Known:
    return Ordered(of.money.unpaid[rows])


def _charge_fee_capped(of: Arrears, rows: Ints) -> Known:
    fees = of.money.fees
    unsure = np.where(of.unrated(rows), 3, 2)
    codes = np.where(fees.undetermined[rows], unsure, fees.capped[rows])
    return Worded(codes.astype(np.int32), (False, True, _NO_CLAUSE, _NO_RATE))


_OF_CHARGE: Mapping[str, Callable[[Arrears, Ints], Known]] = {
    "charge_age": _charge_age,
    "charge_overdue_days": _charge_overdue_days,
    "charge_item": _charge_item,
    "charge_unpaid": _charge_unpaid,
    "charge_fee_capped": _charge_fee_capped,
}
OF_CHARGE = (*_OF_CHARGE, *SPOKEN_OF_CHARGE)
"""Likewise of one charge."""
