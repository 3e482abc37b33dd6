"""Accounts, books and histories with everything the engine knows, made from a stream of whole numbers.

One description, two sources: Hypothesis draws the numbers (and shrinks them: the lower a number, the plainer what it
makes), or `random` does, a hundred times as fast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from random import Random
from typing import Any, TypeVar, get_args

from dunning.basis.calendar import Calendar
from dunning.model.account import (
    SHANGHAI,
    Account,
    Adjustment,
    Approval,
    BookedLateFee,
    Charge,
    Contact,
    Contract,
    Dispute,
    DisputeKind,
    Hold,
    Instalment,
    Item,
    Occupancy,
    Opening,
    Outcome,
    Party,
    Payment,
    Plan,
    Promise,
    Settled,
)
from dunning.model.anchor import Duration
from dunning.model.rulebook import Cap, Dated, LateFee, Payments, RuleBook
from dunning.model.steps import Offer

T = TypeVar("T")

FIRST = date(2026, 1, 1)  # a Thursday and a festival; 2 January works, 3 and 4 January are a weekend
LAST = 90  # days after it that anything may be dated
CALENDAR = Calendar(years={})
RATES = (Fraction(1, 2000), Fraction(1, 100), Fraction(3, 1000), Fraction(39, 365_000), Fraction(1, 3), Fraction(0))
SHARES = (Fraction(1, 20), Fraction(7, 100), Fraction(1, 3), Fraction(0), Fraction(1))
ITEMS: tuple[Item, ...] = ("property_fee", "parking", "costs", "deposit")


@dataclass(frozen=True)
class Shape:
    """What may occur. Everything does unless it is left out."""

    charges: int = 4
    payments: int = 4
    adjustments: tuple[str, ...] = ("credit_note", "relief", "write_off", "late_fee_waiver", "refund")
    plans: bool = True
    holds: bool = True
    reversals: bool = True
    designated: bool = True
    settles: bool = True
    only: bool = True
    openings: bool = True
    other_debtors: bool = True
    contracts: bool = True  # more than one that simply has the clause
    several_items: bool = True
    booked: bool = True


FULL = Shape()
PLAIN = Shape(
    adjustments=(), plans=False, holds=False, reversals=False, designated=False, settles=False, only=False,
    openings=False, other_debtors=False, contracts=False, several_items=False, booked=False,
)  # fmt: skip


class Pick:
    """Choices made of whole numbers; the first choice is the plainest."""

    def __init__(self, number: Callable[[int, int], int]) -> None:
        self.number = number

    def one(self, choices: Sequence[T]) -> T:
        return choices[self.number(0, len(choices) - 1)]

    def chance(self, percent: int) -> bool:
        return self.number(0, 99) >= 100 - percent

    def some(self, choices: Sequence[T]) -> tuple[T, ...]:
        """None, one or a few of them, in any order."""
        left = list(choices)
        return tuple(left.pop(self.number(0, len(left) - 1)) for _ in range(self.number(0, min(2, len(left)))))

    def day(self, low: int = 0, high: int = LAST) -> date:
        return FIRST + timedelta(days=self.number(low, high))

    def span(self, begins: tuple[int, int], ends: tuple[int, int]) -> tuple[date | None, date | None]:
        """A first and a last day, in order; either may be left open."""
        since, until = self.one((None, self.day(*begins))), self.one((None, self.day(*ends)))
        return since, until if since is None or until is None else max(since, until)

    def moment(self) -> datetime:
        """An hour of a day, in Shanghai."""
        return datetime.combine(self.day(), time(self.number(0, 23)), SHANGHAI)

    def fen(self, most: int = 600) -> int:
        return self.number(1, self.one((20, most, most)))

    def dated(self, value: Callable[[], T]) -> Dated[T]:
        """Always the same, or from a day on, or changing once or twice."""
        kind = self.number(0, 9)
        if kind < 6:
            return Dated.always(value())
        days = sorted({self.day() for _ in range(kind - 5)})
        first = date.min if kind != 9 else days[0]
        return Dated(((first, value()), *((day, value()) for day in days if day > first)))


def make_terms(pick: Pick, items: tuple[Item, ...] = ("property_fee",), *, dated: bool = True) -> LateFee:
    def changing(value: Callable[[], T]) -> Dated[T]:
        return pick.dated(value) if dated else Dated.always(value())

    return LateFee(
        items=items,
        rate=changing(lambda: pick.one(RATES)),
        cap=changing(lambda: make_cap(pick)),
        dated_by=pick.one(("day", "due")),
        payment_day=pick.one(("counted", "not_counted")),
        grace=changing(lambda: pick.one((0, 0, 1, 3, 10))),
        after_grace=pick.one(("from_due", "from_grace_end")),
        after_principal=pick.one(("keep", "waive")),
        rounding=changing(lambda: pick.one(("half_up", "floor"))),
        rest_day_due=pick.one(("as_written", "roll_forward")),
    )


def make_cap(pick: Pick) -> Cap | None:
    kind = pick.number(0, 2)
    return Cap(pick.one(SHARES), ("charge", "overdue")[kind - 1]) if kind else None


def make_book(pick: Pick, *, terms: tuple[LateFee, ...] | None = None, **payments: Any) -> RuleBook:
    if terms is None:
        terms = (make_terms(pick),)
        if pick.chance(30):
            terms += (make_terms(pick, ("parking",)),)
    said: dict[str, Any] = {
        "across_charges": pick.one(("earliest_due", "statutory")),
        "within_charge": pick.one((("principal", "late_fee"), ("late_fee", "principal"))),
        "source_split": pick.one(("follow", "ignore")),
    }
    offers = tuple(
        Offer(
            id=f"offer{n}", kind="instalments", on_break=pick.one(("resume", "retroactive")),
            tolerance=Duration(pick.number(0, 4), pick.one(("d", "wd"))),
        )
        for n in range(pick.one((0, 1, 1, 2)))
    )  # fmt: skip
    return RuleBook(
        name="generated", title="", version="1", calendar=CALENDAR, late_fees=terms, relief=offers,
        payments=Payments(**{**said, **payments}), chased=pick.one((("property_fee",), ("property_fee", "parking"))),
    )  # fmt: skip


def make_account(pick: Pick, shape: Shape = FULL) -> Account:
    charges = make_charges(pick, shape)
    names = tuple(charge.id for charge in charges)
    payments = make_payments(pick, shape, names)
    adjustments = make_adjustments(pick, shape, names, tuple(payment.id for payment in payments))
    debtor = Party(id="O-1")
    occupancy: Occupancy | None = None
    if shape.other_debtors and pick.chance(15):
        since, until = pick.span((0, 40), (30, LAST))
        debtor = Party(id="O-1", kind="person", since=since, until=until)
        occupancy = pick.one((None, None, "occupied", "unsold", "undelivered"))
    return Account(
        id="A-1",
        debtor=debtor,
        occupancy=occupancy,
        contracts=make_contracts(pick, shape),
        charges=charges,
        payments=payments,
        adjustments=adjustments,
        holds=make_holds(pick) if shape.holds and pick.chance(40) else (),
        plans=make_plans(pick, names) if shape.plans and pick.chance(40) else (),
        late_fees=tuple(
            BookedLateFee(id=f"L{n}", charge=pick.one(names), on=pick.day(), amount=pick.fen(40))
            for n in range(pick.number(0, 2) if shape.booked and names else 0)
        ),
    )


def make_contracts(pick: Pick, shape: Shape) -> tuple[Contract, ...]:
    if not shape.contracts or pick.chance(60):
        return (Contract(id="K1", late_fee_clause=True),)
    spans = [pick.span((0, 60), (20, LAST)) for _ in range(1, pick.number(1, 3))]
    return tuple(
        Contract(
            id=f"K{n}",
            since=since,
            until=until,
            late_fee_clause=pick.one((True, True, True, True, False, None)),
            clause_shown=pick.one((None, True, False)),
            late_fee_rate=pick.one((None, None, *RATES)),
            late_fee_cap=pick.one((None, None, *SHARES)),
        )
        for n, (since, until) in enumerate(spans, start=1)
    )


def make_charges(pick: Pick, shape: Shape) -> tuple[Charge, ...]:
    charges = []
    few = (pick.day(5, 20), pick.day(5, 50))
    for name in "cadb"[: pick.number(1, shape.charges)]:
        item: Item = pick.one(("property_fee", *ITEMS)) if shape.several_items else "property_fee"
        due: date | None = pick.one(few) if pick.chance(30) else pick.day(0, 60)
        opening = None
        if shape.openings and pick.chance(10):
            opening = Opening(on=pick.day(0, 60), late_fee=pick.number(0, 30))
            due = pick.one((None, None, due))
        begins = (due or FIRST) - timedelta(days=pick.number(0, 20))
        period = (begins, begins + timedelta(days=29)) if opening is None else None
        amount = pick.fen() if pick.chance(97) else 0
        charges.append(Charge(id=name, amount=amount, item=item, due=due, opening=opening, period=period))
    return tuple(charges)


def make_payments(pick: Pick, shape: Shape, names: tuple[str, ...]) -> tuple[Payment, ...]:
    known = (*names, "missing")
    few = (pick.day(), pick.day())
    payments = []
    for name in ("P3", "P10", "P1", "P2")[: pick.number(0, shape.payments)]:
        on = pick.one(few) if pick.chance(40) else pick.day()
        amount = pick.fen(900)
        settles: tuple[Settled, ...] | None = None
        if shape.settles and pick.chance(25):
            settles = tuple(
                Settled(charge=pick.one(known), amount=pick.number(1, amount), part=pick.one(("principal", "late_fee")))
                for _ in range(pick.number(0, 3))
            )
        payments.append(
            Payment(
                id=name,
                on=on,
                amount=amount,
                for_=pick.some(known) if shape.designated and pick.chance(40) else (),
                settles=settles,
                only=pick.some(ITEMS) if shape.only and pick.chance(20) else (),
                reversed_on=on + timedelta(days=pick.number(0, 30)) if shape.reversals and pick.chance(12) else None,
            )
        )
    return tuple(payments)


def make_adjustments(
    pick: Pick, shape: Shape, names: tuple[str, ...], payments: tuple[str, ...]
) -> tuple[Adjustment, ...]:
    if not shape.adjustments or pick.chance(40):
        return ()
    made = []
    for name in ("J2", "J1", "J3")[: pick.number(1, 3)]:
        kind: Any = pick.one(shape.adjustments)
        of: dict[str, str] = {"charge": pick.one((*names, *names, "missing"))}
        if kind == "refund":
            of = {"payment": pick.one((*payments, *payments, "missing"))}
        made.append(Adjustment(id=name, on=pick.day(), kind=kind, amount=pick.fen(400), **of))
    return tuple(made)


def make_holds(pick: Pick) -> tuple[Hold, ...]:
    holds = []
    for n in range(pick.number(1, 2)):
        since = pick.day()
        until = None if pick.chance(10) else since + timedelta(days=pick.number(0, 30))
        holds.append(Hold(id=f"H{n}", kind=pick.one(("accrual", "both", "contact")), since=since, until=until))
    return tuple(holds)


def make_plans(pick: Pick, names: tuple[str, ...]) -> tuple[Plan, ...]:
    plans = []
    for n in range(pick.number(1, 2)):
        signed = pick.day(0, 70)
        plans.append(
            Plan(
                id=f"PL{n}",
                signed=signed,
                charges=pick.some(names),
                waive_late_fee=pick.one((None, Fraction(1), Fraction(1, 2), Fraction(1, 3))),
                instalments=tuple(
                    Instalment(due=signed + timedelta(days=pick.number(0, 40)), amount=pick.number(1, 200))
                    for _ in range(pick.number(0, 3))
                ),
            )
        )
    return tuple(plans)


STEPS = ("second_reminder", "formal_demand")
"""The steps that contacts and approvals of a history are about, unless others are named."""


def make_history(pick: Pick, shape: Shape = FULL, steps: Sequence[str] = STEPS) -> Account:
    """An account of `make_account` with what only facts and steps look at: contacts, disputes, approvals."""
    account = make_account(pick, shape)
    names = tuple(charge.id for charge in account.charges)
    return replace(
        account,
        charges=tuple(charge if pick.chance(60) else replace(charge, period=None) for charge in account.charges),
        contracts=tuple(make_agreed(pick, contract) for contract in account.contracts),
        area=pick.one((None, Fraction(0), Fraction("96.505"))),
        use=pick.one((None, "residential")),
        debtor=replace(account.debtor, tags=pick.one(((), ("vip",), ("hardship",)))),
        contacts=make_contacts(pick, names, steps),
        disputes=make_disputes(pick, names),
        approvals=make_approvals(pick, steps),
    )


def make_agreed(pick: Pick, contract: Contract) -> Contract:
    """A contract with what it says beside late fees."""
    cycle: Any = pick.one((None, "month", "quarter", "half_year", "year"))
    kind: Any = pick.one((None, "committee"))
    return replace(contract, cycle=cycle, tariff=pick.one((None, 0, 250, 550)), kind=kind)


def make_contacts(pick: Pick, charges: Sequence[str], steps: Sequence[str] = STEPS) -> tuple[Contact, ...]:
    made = []
    for n in range(pick.number(0, 5)):
        at = pick.moment()
        promise = None
        if pick.chance(30):
            promise = Promise(on=at.date() + timedelta(days=pick.number(0, 40)), amount=pick.one((None, pick.fen())))
        outcome: Any = pick.one((None, *get_args(Outcome)))
        made.append(
            Contact(
                id=f"C{pick.number(0, 1)}{n}",
                at=at,
                step=pick.one((None, *steps)),
                channel=pick.one((None, "sms", "phone", "visit", "ems")),
                outcome=outcome,
                reason=pick.one((None, "hardship", "away", "forgot")),
                promise=promise,
                charges=pick.one((None, pick.some(charges))),
                proof=pick.one((None, "A", "B", "C", "D")),
                key=pick.one((None, None, "k")),
                account=pick.one((None, None, "A-1", "A-9")),
                inbound=pick.chance(15),
            )
        )
    return tuple(made)


def make_disputes(pick: Pick, charges: Sequence[str]) -> tuple[Dispute, ...]:
    return tuple(make_dispute(pick, f"D{n}", charges) for n in range(pick.number(0, 2)))


def make_dispute(pick: Pick, name: str, charges: Sequence[str]) -> Dispute:
    opened = pick.day()
    kind: DisputeKind = pick.one(("price", "hardship", "not_debtor", "contract", "service_quality"))
    return Dispute(
        id=name,
        kind=kind,
        opened=opened,
        answered=pick.one((None, None, max(opened, pick.day()))),
        closed=pick.one((None, max(opened, pick.day()))),
        charge=pick.one((None, *charges, "missing")),
        amount=pick.one((None, pick.fen())),
    )


def make_approvals(pick: Pick, steps: Sequence[str] = STEPS) -> tuple[Approval, ...]:
    return tuple(
        Approval(
            id=f"AP{n}", of=pick.one(steps), decision=pick.one(("approved", "approved", "refused")), by=f"u{n}",
            role="legal", at=pick.moment(),
        )
        for n in range(pick.number(0, 3))
    )  # fmt: skip


def from_random(source: Random) -> Pick:
    """Choices by a random generator: random.randint is slow, so numbers are cut from one float."""
    toss = source.random
    return Pick(lambda low, high: low + int(toss() * (high - low + 1)))
