"""What holds of every account: the properties of docs/design/fee-math.md, each in a sentence.

The oracle decides what is right; these say in which ways it is. What is false and so not claimed stands at the end.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Literal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dunning.engine.owed.ledger import Ledger, replay
from dunning.model.account import Account, Charge, Contract, Hold, Payment, Plan
from dunning.model.rulebook import Cap, Dated, LateFee, Payments, RuleBook
from dunning.selfcheck.agreement import differences
from dunning.testing.making import CALENDAR, from_random, make_account, make_book
from dunning.testing.strategies import FIRST, FULL, LAST, PLAIN, Shape, accounts, books, days

ACCOUNTS = 1500  # through the oracle in an ordinary run; `make oracle` takes 100,000

EARLIEST_DUE = {"across_charges": "earliest_due"}
UNCORRECTED = replace(FULL, adjustments=("relief", "write_off"), plans=False, reversals=False)
BY_ORDER = replace(PLAIN, holds=True, openings=True, contracts=True, several_items=True, only=True)
"""Money that goes by the book's order alone, under anything that only sets terms."""


def determined(*ledgers: Ledger) -> bool:
    return all(state.fee.assessed is not None for ledger in ledgers for state in ledger.charges)


def fees(ledger: Ledger) -> list[int]:
    return [state.fee.assessed or 0 for state in ledger.charges]


def owed(ledger: Ledger) -> int:
    """The total: principal, due or not, and late fee, less credit."""
    principal = sum(state.unpaid for state in ledger.charges)
    return principal + sum(state.fee.outstanding or 0 for state in ledger.charges) - ledger.credit


def money(ledger: Ledger) -> list[object]:
    """All amounts of a ledger, but not in whose name each was settled."""
    charges = [(each.unpaid, each.paid, each.settled_on, each.fee, each.forgiven) for each in ledger.charges]
    return [charges, ledger.credit, ledger.refunded, ledger.plans]


def later(on: date, number: int) -> date:
    return on + timedelta(days=number)


# The two implementations


def test_generated_accounts_agree_with_the_oracle_in_every_figure() -> None:
    """The closed form is the day loop over exact fractions."""
    for seed in range(ACCOUNTS):
        pick = from_random(Random(seed))
        book, account, on = make_book(pick), make_account(pick), pick.day(0, LAST + 10)
        assert differences(account, book, on, replay(account, book, on)) == [], f"seed {seed}"


def test_accounts_with_many_refunds_agree_with_the_oracle() -> None:
    """What credit does not cover is taken back fen by fen in the oracle, by halving in the engine."""
    shape = Shape(adjustments=("refund", "refund", "credit_note"))
    for seed in range(300):
        pick = from_random(Random(seed))
        book, account, on = make_book(pick), make_account(pick, shape), pick.day(30, LAST + 10)
        assert differences(account, book, on, replay(account, book, on)) == [], f"seed {seed}"


@settings(max_examples=100)
@given(accounts(), books(), days(0, LAST + 10))
def test_the_engine_and_the_oracle_agree(account: Account, book: RuleBook, on: date) -> None:
    """The same, for accounts that Hypothesis makes as simple as it can when they do not."""
    assert differences(account, book, on, replay(account, book, on)) == []


# Always


@settings(max_examples=100)
@given(accounts(), books(), days(0, LAST + 10))
def test_nothing_is_ever_negative_and_everything_adds_up(account: Account, book: RuleBook, on: date) -> None:
    """Amounts are never below zero; what was settled and credit come to what was paid, less refunds; fee paid is at
    most the fee assessed, and that at most its cap."""
    ledger = replay(account, book, on)
    settled = 0
    for state in ledger.charges:
        fee = state.fee
        assert state.unpaid + state.paid + state.relief + state.written_off == state.principal
        assert min(state.unpaid, state.paid, state.relief, state.written_off, fee.paid, fee.waived, fee.contingent) >= 0
        assert (state.settled_on is None) == (state.unpaid > 0)
        settled += state.paid + fee.paid
        assert sum(each.amount for each in state.applied) == state.paid + fee.paid
        assert state.unpaid_on(on) == state.unpaid
        if fee.assessed is None or fee.outstanding is None:
            continue
        assert fee.assessed >= fee.paid
        assert fee.outstanding == max(0, fee.assessed - fee.paid - fee.waived)
        assert fee.contingent <= fee.outstanding
        if fee.accrual is not None:
            assert fee.assessed <= fee.accrual.schedule.rounded(int(fee.exact * fee.accrual.schedule.bottom))
            limit = fee.accrual.schedule.limit(state.principal)
            assert limit is None or fee.assessed <= limit
    received = sum(payment.amount for payment in ledger.payments)
    assert settled + ledger.credit == received - ledger.refunded
    assert min(ledger.credit, ledger.refunded) >= 0


@settings(max_examples=100)
@given(accounts(), books(), days(0, LAST + 10), st.randoms(use_true_random=False))
def test_the_order_of_records_in_a_file_changes_nothing(
    account: Account, book: RuleBook, on: date, source: Random
) -> None:
    """Charges, payments, adjustments and all the others may stand in any order."""

    def shuffled(name: str) -> tuple[object, ...]:
        records = list(getattr(account, name))
        source.shuffle(records)
        return tuple(records)

    lists = ("contracts", "charges", "payments", "adjustments", "late_fees", "holds", "plans")
    other = replace(account, **{name: shuffled(name) for name in lists})
    assert replay(other, book, on) == replay(account, book, on)


@settings(max_examples=100)
@given(accounts(replace(FULL, settles=False)), books(), days(10, LAST + 10), st.data())
def test_a_payment_may_be_split_in_two_of_that_day_with_its_designation(
    account: Account, book: RuleBook, on: date, data: st.DataObject
) -> None:
    """Payments of one day with one designation are one payment, so that splitting or joining them changes no amount."""
    assume(account.payments)
    assume(not any(each.kind == "refund" for each in account.adjustments))
    place = data.draw(st.integers(0, len(account.payments) - 1))
    whole = account.payments[place]
    assume(whole.amount > 1)
    part = data.draw(st.integers(1, whole.amount - 1))
    halves = (replace(whole, amount=part), replace(whole, id=f"{whole.id}-2", amount=whole.amount - part))
    split = replace(account, payments=(*account.payments[:place], *halves, *account.payments[place + 1 :]))
    assert money(replay(split, book, on)) == money(replay(account, book, on))


def known(account: Account, on: date) -> Account:
    """The account without the records dated after that day."""
    return replace(
        account,
        contracts=tuple(each for each in account.contracts if each.since is None or each.since <= on),
        charges=tuple(each for each in account.charges if each.opening is None or each.opening.on <= on),
        payments=tuple(
            replace(each, reversed_on=each.reversed_on if each.reversed_on and each.reversed_on <= on else None)
            for each in account.payments
            if each.on <= on
        ),
        adjustments=tuple(each for each in account.adjustments if each.on <= on),
        late_fees=tuple(each for each in account.late_fees if each.on <= on),
        holds=tuple(each for each in account.holds if each.since <= on),
        plans=tuple(each for each in account.plans if each.signed <= on),
    )


@settings(max_examples=100)
@given(accounts(), books(), days(0, LAST))
def test_records_dated_after_a_day_change_nothing_on_it(account: Account, book: RuleBook, on: date) -> None:
    """The answer at T depends on the records dated at T or before and on nothing else."""
    full, cut = replay(account, book, on), replay(known(account, on), book, on)
    assert full._replace(payments=()) == cut._replace(payments=())
    assert [payment.id for payment in full.payments] == [payment.id for payment in cut.payments]


@settings(max_examples=100)
@given(accounts(replace(PLAIN, charges=1)), books(within_charge=("principal", "late_fee")), days(20), days(), st.data())
def test_days_of_a_hold_or_a_kept_plan_add_nothing(
    account: Account, book: RuleBook, on: date, since: date, data: st.DataObject
) -> None:
    """A hold takes from the exact sum what its days would have added; so does a plan, from the day after signing."""
    (free,) = replay(account, book, on).charges
    assume(free.fee.assessed is not None)
    until = later(since, data.draw(st.integers(0, 30)))
    hold = Hold(id="H", kind=data.draw(st.sampled_from(["accrual", "both"])), since=since, until=until)
    signed = Plan(id="PL", signed=since, charges=(free.charge.id,))
    for account_with, first, last in (
        (replace(account, holds=(hold,)), since, until),
        (replace(account, plans=(signed,)), later(since, 1), date.max),
    ):
        (resting,) = replay(account_with, book, on).charges
        if since > on:
            assert resting == free
            continue
        saved = sum(
            each.principal * each.rate * max(0, (min(each.until, last) - max(each.since, first)).days + 1)
            for each in free.fee.segments
        )
        assert resting.fee.exact == free.fee.exact - saved


# As time goes on


@settings(max_examples=100)
@given(accounts(UNCORRECTED), books(), days(0, LAST), st.integers(1, 25))
def test_a_fee_never_falls_as_time_goes_on(account: Account, book: RuleBook, on: date, number: int) -> None:
    """Without credit note, reversal, waiver, refund or plan a fee once assessed only grows."""
    before = {state.charge.id: state.fee.assessed for state in replay(account, book, on).charges}
    for state in replay(account, book, later(on, number)).charges:
        earlier = before.get(state.charge.id)
        if earlier is not None and state.fee.assessed is not None:
            assert state.fee.assessed >= earlier


@settings(max_examples=100)
@given(accounts(UNCORRECTED), books(), days(0, LAST), st.integers(1, 25))
def test_what_was_settled_stays_settled(account: Account, book: RuleBook, on: date, number: int) -> None:
    """Without corrections a day's allocation is final: later days only add to it."""
    after = {state.charge.id: state.applied for state in replay(account, book, later(on, number)).charges}
    for state in replay(account, book, on).charges:
        assert after[state.charge.id][: len(state.applied)] == state.applied


# Paying helps: under earliest_due, without plans


def compared(account: Account, book: RuleBook, on: date, other: Account) -> tuple[Ledger, Ledger]:
    ledger, changed = replay(account, book, on), replay(other, book, on)
    assume(determined(ledger, changed))
    return ledger, changed


@settings(max_examples=100)
@given(accounts(BY_ORDER), books(**EARLIEST_DUE), days(20, LAST + 10), st.data())
def test_paying_earlier_or_more_or_once_more_never_raises_a_fee_or_the_total(
    account: Account, book: RuleBook, on: date, data: st.DataObject
) -> None:
    """Nobody is ever worse off for having paid sooner, or more."""
    assume(account.payments)
    place = data.draw(st.integers(0, len(account.payments) - 1))
    payment = account.payments[place]
    kind = data.draw(st.sampled_from(["earlier", "more", "once more"]))
    if kind == "earlier":
        changed = (replace(payment, on=later(payment.on, -data.draw(st.integers(1, 30)))),)
    elif kind == "more":
        changed = (replace(payment, amount=payment.amount + data.draw(st.integers(1, 600))),)
    else:
        changed = (payment, Payment(id="P0", on=data.draw(days()), amount=data.draw(st.integers(1, 600))))
    other = replace(account, payments=(*account.payments[:place], *changed, *account.payments[place + 1 :]))
    ledger, better = compared(account, book, on, other)
    assert all(new <= old for old, new in zip(fees(ledger), fees(better), strict=True))
    assert owed(better) <= owed(ledger)


@settings(max_examples=100)
@given(accounts(BY_ORDER), books(**EARLIEST_DUE), days(20, LAST + 10), st.data())
def test_reversing_a_payment_never_lowers_a_fee(
    account: Account, book: RuleBook, on: date, data: st.DataObject
) -> None:
    """A bounced payment leaves every fee at least where it was."""
    assume(account.payments)
    place = data.draw(st.integers(0, len(account.payments) - 1))
    bounced = replace(account.payments[place], reversed_on=on)
    other = replace(account, payments=(*account.payments[:place], bounced, *account.payments[place + 1 :]))
    ledger, worse = compared(account, book, on, other)
    assert all(new >= old for old, new in zip(fees(ledger), fees(worse), strict=True))
    assert owed(worse) >= owed(ledger)


@settings(max_examples=100)
@given(accounts(replace(FULL, adjustments=(), plans=False, settles=False)), books(), days(20, LAST + 10))
def test_fee_first_never_beats_principal_first_for_the_debtor(account: Account, book: RuleBook, on: date) -> None:
    """Under the same order of charges, settling the fee first leaves no lower fee and no lower total."""

    def under(*parts: str) -> RuleBook:
        return replace(book, payments=Payments(within_charge=parts, across_charges=book.payments.across_charges))  # type: ignore[arg-type]

    principal_first = replay(account, under("principal", "late_fee"), on)
    fee_first = replay(account, under("late_fee", "principal"), on)
    assume(determined(principal_first, fee_first))
    assert sum(fees(fee_first)) >= sum(fees(principal_first))
    assert owed(fee_first) >= owed(principal_first)


@settings(max_examples=100)
@given(
    accounts(replace(PLAIN, charges=1, adjustments=("credit_note", "relief", "write_off"))),
    books(within_charge=("principal", "late_fee")),
    days(20, LAST + 10),
    st.integers(2, 1000),
)
def test_scaling_all_amounts_scales_the_exact_sum(account: Account, book: RuleBook, on: date, factor: int) -> None:
    """k times the charge, the payments and the adjustments give k times the exact sum (of a charge by itself: what
    others leave over depends on fees already rounded)."""
    larger = replace(
        account,
        charges=tuple(replace(each, amount=each.amount * factor) for each in account.charges),
        payments=tuple(replace(each, amount=each.amount * factor) for each in account.payments),
        adjustments=tuple(replace(each, amount=each.amount * factor) for each in account.adjustments),
    )
    (one,), (many,) = replay(account, book, on).charges, replay(larger, book, on).charges
    assert many.fee.exact == one.fee.exact * factor


# False, and so not claimed: each with the case that shows it. Days count from 1 January 2026.


def on_day_60(
    across: Literal["earliest_due", "statutory"],
    rate: str,
    cap: str | None,
    charges: dict[str, tuple[int, int]],
    *payments: tuple[int, int] | tuple[int, int, str],
) -> Ledger:
    """Charges as (day due, fen), payments as (day, fen) and perhaps the charges they are for."""
    share = None if cap is None else Cap(Fraction(cap))
    terms = LateFee(items=("property_fee",), rate=Dated.always(Fraction(rate)), cap=Dated.always(share))
    book = RuleBook(
        name="", title="", version="", calendar=CALENDAR, payments=Payments(across_charges=across),
        late_fees=(replace(terms, rest_day_due="as_written"),),
    )  # fmt: skip
    account = Account(
        id="A",
        contracts=(Contract(id="K", late_fee_clause=True),),
        charges=tuple(Charge(id=name, due=later(FIRST, due), amount=fen) for name, (due, fen) in charges.items()),
        payments=tuple(
            Payment(id=f"P{place}", on=later(FIRST, paid[0]), amount=paid[1], for_=tuple("".join(map(str, paid[2:]))))
            for place, paid in enumerate(payments)
        ),
    )
    return replay(account, book, later(FIRST, 60))


def test_false_that_paying_earlier_never_raises_the_total_under_the_statutory_order() -> None:
    """0.12 on day 28, before b is settled, is shared another way than on day 42; all is paid, the fee a fen more."""
    charges = {"a": (2, 60), "b": (22, 3)}
    late = on_day_60("statutory", "0.02", None, charges, (42, 12), (29, 80))
    early = on_day_60("statutory", "0.02", None, charges, (28, 12), (29, 80))
    assert (owed(late), owed(early)) == (4, 5)


def test_false_that_paying_once_more_never_raises_a_fee_under_the_statutory_order() -> None:
    """0.33 more on day 2 settles half of b early, so that on day 24 money goes where less accrues."""
    charges = {"a": (22, 35), "b": (16, 62)}
    once = on_day_60("statutory", "0.02", "0.1", charges, (24, 50))
    twice = on_day_60("statutory", "0.02", "0.1", charges, (24, 50), (2, 33))
    assert (sum(fees(once)), sum(fees(twice))) == (7, 8)
    assert owed(twice) < owed(once)


def test_false_that_paying_earlier_never_raises_a_fee_when_the_payer_names_the_charges() -> None:
    """0.05 for b and a, paid before another payment for all, leaves that one to settle c later: the payer chose."""
    charges = {"a": (15, 99), "b": (7, 10), "c": (11, 96)}
    late = on_day_60("earliest_due", "0.01", None, charges, (18, 5, "ba"), (9, 67))
    early = on_day_60("earliest_due", "0.01", None, charges, (0, 5, "ba"), (9, 67))
    assert (sum(fees(late)), sum(fees(early))) == (61, 62)


def test_false_that_scaling_scales_the_exact_sums_of_several_charges() -> None:
    """A fee of 0.5 fen takes a whole fen from what is left for the next charge; ten times as much takes 5, not 10."""

    def second(factor: int) -> Fraction:
        charges = dict.fromkeys("ab", (10, 50 * factor))
        return on_day_60("earliest_due", "0.01", None, charges, (11, 60 * factor)).charges[1].fee.exact

    assert (second(1), second(10)) == (Fraction("20.59"), Fraction("203.45"))
