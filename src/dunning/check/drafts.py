"""Accounts drawn up to have certain facts: bills owed, bills paid late, calls, promises, disputes, a contract.

Each draft is a guess at what a real household with these facts would look like; whether it has them is for the engine
to say (see `households`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import product
from typing import Any, cast, get_args

from dunning.basis.calendar import CYCLE_MONTHS, Cycle, add_months, period_of
from dunning.basis.money import Fen, decimal_text, yuan
from dunning.check.wishes import Wish, Wishes
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.clocks import demand_steps
from dunning.engine.known.facts import HARDSHIP_TAGS
from dunning.model.account import (
    SHANGHAI,
    Account,
    Charge,
    Contact,
    Contract,
    Dispute,
    DisputeKind,
    Instalment,
    Item,
    Opening,
    Party,
    Payment,
    Plan,
    Promise,
)
from dunning.model.rulebook import OwnFact, RuleBook

SINGLED_OUT = "C1"
"""The charge that facts of a charge are about."""

_BILL: Fen = 159_225
"""A quarter's fee of an ordinary flat."""
_NEVER_PAID: Fen = 100_000_000
"""More than anybody pays, so that a promise of it is not kept."""

_LAYOUTS: tuple[tuple[Cycle, bool], ...] = (
    ("quarter", False), ("month", False), ("quarter", True), ("year", False), ("month", True), ("half_year", False),
)  # fmt: skip
"""The cycle of the bills, and whether several periods were billed at once."""

_OWED = ("arrears", "overdue_days", "overdue_periods", "consecutive_overdue_periods", "overdue_quarters", "months_owed",
         "charge_overdue_days")  # fmt: skip
_OF_THE_OVERDUE = (
    "first_arrears",
    "refused",
    "willing",
    "away",
    "demand_delivered",
    "demand_expired",
    "late_fee_capped",
)
_DEMANDED = ("demand_delivered", "demand_expired", "charge_demand_delivered", "charge_demand_expired")


def drafts(wishes: Wishes, book: RuleBook, on: date) -> Iterator[Account]:
    """Accounts that may have the facts wished for on that day, likelier ones first."""
    if not _owing(wishes):
        drawn = _Draft(wishes, book, on, "quarter").account()
        if drawn is not None:
            yield drawn
        return
    periods = wishes.numbers("overdue_periods", 3, 1)[:3] if "overdue_periods" in wishes else [1, 2, 4]
    runs = wishes.numbers("consecutive_overdue_periods")[:3] or [0]
    for (cycle, together), number, run in product(_LAYOUTS, periods, runs):
        if run <= number:
            likely = (number - 1) * CYCLE_MONTHS[cycle] * 30 + (400 if _capped(wishes) else 40)
            for days in wishes.numbers("overdue_days", likely)[:3]:
                draft = _Draft(wishes, book, on, cycle)
                draft.owe(number, run or number, days, together=together)
                drawn = draft.account()
                if drawn is not None:
                    yield drawn


def _owing(wishes: Wishes) -> bool:
    """Whether something has to be overdue."""
    return (
        not all(wishes.may(fact, 0) for fact in _OWED)
        or not all(wishes.may(fact, False) for fact in _OF_THE_OVERDUE)  # noqa: FBT003  # a value, not a switch
        or wishes.must_be_something("oldest_due")
        or wishes.least("balance") > 0
        or wishes.least("late_fee") > 0
    )


def _capped(wishes: Wishes) -> bool:
    return wishes.must("late_fee_capped") or wishes.must("charge_fee_capped")


class _Draft:
    """One account being drawn up."""

    def __init__(self, wishes: Wishes, book: RuleBook, on: date, cycle: Cycle) -> None:
        self.wishes = wishes
        self.book = book
        self.on = on
        self.cycle = cycle
        self.charges: list[Charge] = []
        self.payments: list[Payment] = []
        self.contacts: list[Contact] = []
        self.disputes: list[Dispute] = []
        self.plans: list[Plan] = []

    # What is owed

    def owe(self, periods: int, run: int, days: int, *, together: bool) -> None:
        """Bills of so many periods, so many of them in a row, the oldest due so many days ago."""
        first = self.on - timedelta(days=days)
        months = CYCLE_MONTHS[self.cycle]
        for number, amount in enumerate(self._amounts(periods)):
            due = first if together else add_months(first, number * months)
            back = number + number // run  # after each run a period that is not owed
            self._bill(
                due if due < self.on else first, amount, period_of(self.cycle, add_months(first, (back - 1) * months))
            )
        if late_fee := self.wishes.least("late_fee"):
            opening = Opening(on=first + timedelta(days=1), late_fee=late_fee)
            oldest = self.charges[0]
            self.charges[0] = Charge(
                id=oldest.id, amount=oldest.amount, item=oldest.item, period=oldest.period, due=first, opening=opening
            )

    def _bill(self, due: date, amount: Fen, period: tuple[date, date], item: Item | None = None) -> Charge:
        """One more bill, of the first item that is chased unless another is asked for."""
        name = f"C{len(self.charges) + 1}"
        self.charges.append(Charge(id=name, amount=amount, item=item or self.book.chased[0], period=period, due=due))
        return self.charges[-1]

    def _amounts(self, periods: int) -> list[Fen]:
        """What is owed, spread over the periods; whole monthly fees where months are counted."""
        least = max(1, self.book.payments.chase_from) * periods
        of = "arrears" if "arrears" in self.wishes or not self.wishes.least("balance") else "balance"
        total = self.wishes.first(of, _BILL * periods, least=least) or least
        if "months_owed" in self.wishes:
            months, more = divmod(self.wishes.first("months_owed"), 2)
            total = max(total // max(months, 1), 1) * max(months, 1)
            if fee := self.wishes.least("monthly_fee"):
                total = fee * months + fee // 2 * more
        share = total // periods
        return [total - share * (periods - 1), *[share] * (periods - 1)]

    def _single_out(self) -> None:
        """The charge that is asked about, where facts of a charge are."""
        wishes = self.wishes
        if not any(fact in wishes for fact, known in CATALOGUE.items() if known.of == "charge"):
            return
        due = self.on - timedelta(days=wishes.least("charge_overdue_days") or (400 if _capped(wishes) else 0))
        if "charge_age" in wishes:
            age = wishes.first("charge_age", 2, least=-240)
            due = add_months(self.on, -(age // 2)) - timedelta(days=age % 2)
        amount = wishes.first("charge_unpaid", _BILL)
        item = cast(Item, wishes.word("charge_item") or self.book.chased[0])
        one = Charge(id=SINGLED_OUT, amount=amount, item=item, period=period_of("quarter", due), due=due)
        self.charges = [one, *self.charges[1:]]

    # What was paid

    def _pay(self, on: date, amount: Fen, *charges: str, **more: Any) -> None:
        self.payments.append(Payment(id=f"P{len(self.payments) + 1}", on=on, amount=amount, for_=charges, **more))

    def _pay_in_time(self, day: date, amount: Fen = _BILL) -> None:
        charge = self._bill(day, amount, period_of("month", day))
        self._pay(day, amount, charge.id)

    def _have_paid(self) -> None:
        """Bills of the last twelve months paid late and in time, and money paid ahead."""
        wishes = self.wishes
        late, in_time = self._how_punctual()
        latest = max(20, wishes.least("days_since_payment") + 8)
        apart = min(30, max(7, (355 - latest) // max(late + in_time, 1)))
        days_late = wishes.least("average_days_late") or 7
        taken = {charge.due for charge in self.charges if charge.due is not None}
        for number in range(late + in_time):
            due = self._working_day(self.on - timedelta(days=latest + number * apart), taken)
            taken.add(due)
            charge = self._bill(due, _BILL, period_of("month", due))
            self._pay(due + timedelta(days=days_late if number < late else 0), charge.amount, charge.id)
        if habit := wishes.word("payment_habit"):
            day = {"month_start": 1, "mid_month": 11, "month_end": 25}.get(habit, 5)
            for months in (2, 3):
                self._pay_in_time(add_months(self.on.replace(day=1), -months) + timedelta(days=day))
        paid = sum(payment.amount for payment in self.payments)
        asked = wishes.must_be_something("days_since_payment") or wishes.must_be_something("last_payment_on")
        if wishes.least("paid_12m") > paid or (asked and not self.payments):
            ago = wishes.first("days_since_payment", 30, least=0)
            self._pay_in_time(self.on - timedelta(days=ago), max(wishes.least("paid_12m") - paid, 0) or _BILL)
        self._have_credit()
        self._have_paid_ahead()

    def _how_punctual(self) -> tuple[int, int]:
        """How many bills of the last twelve months, beside those still unpaid, were paid late and how many in time."""
        year_ago = add_months(self.on, -12)
        unpaid = len({charge.due for charge in self.charges if charge.due and year_ago < charge.due < self.on})
        asked = "late_payments_12m" in self.wishes
        least = 1 if self.wishes.least("average_days_late") and not unpaid else 0
        late = self.wishes.first("late_payments_12m", unpaid, least=unpaid) - unpaid if asked else least
        if not self.wishes.must_be_something("on_time_ratio_12m"):
            return max(late, 0), 0
        for more, in_time in product([late] if asked else range(12), range(25)):
            every = unpaid + more + in_time
            if every and self.wishes.may("on_time_ratio_12m", in_time * 1_000_000 // every):
                return max(more, 0), in_time
        return max(late, 0), 0

    def _working_day(self, day: date, taken: set[date]) -> date:
        """The first working day on or before a day that is not taken."""
        while day in taken or self.book.calendar.kind(day) != "workday":
            day -= timedelta(days=1)
        return day

    def _have_credit(self) -> None:
        """Money that settles nothing: it is for an item that was never billed."""
        wishes = self.wishes
        owed = sum(
            charge.amount for charge in self.charges if charge.id not in {p.for_[0] for p in self.payments if p.for_}
        )
        credit = wishes.least("credit")
        if not credit and "balance" in wishes and not wishes.may("balance", owed):
            credit = owed - next((n for n in wishes.numbers("balance", 0, least=-(10**9)) if n < owed), owed)
        if credit:
            self._pay(
                self.on - timedelta(days=wishes.first("days_since_payment", 10, least=0)), credit, only=("other",)
            )

    def _have_paid_ahead(self) -> None:
        wishes = self.wishes
        age, covers = wishes.least("paid_ahead"), wishes.least("covers_months")
        if age or covers:
            today = self.on - timedelta(days=wishes.first("days_since_payment", 0, least=0))
            due = add_months(today, max(age // 2, 1)) + timedelta(days=age % 2)
            last = add_months(due, max(covers, 1)) - timedelta(days=1)
            charge = self._bill(due, _BILL * max(covers, 1), (due, last))
            self._pay(today, charge.amount, charge.id)
        if later := wishes.least("principal_not_due"):
            due = self.on + timedelta(days=60)
            self._bill(due, later, period_of("quarter", due))

    # What was said

    def _contact(self, days_ago: int, minute: int, **more: Any) -> None:
        """At a minute after eight of a day."""
        at = datetime.combine(self.on - timedelta(days=days_ago), time(8), SHANGHAI) + timedelta(minutes=minute)
        self.contacts.append(Contact(id=f"K{len(self.contacts) + 1}", at=at, **more))

    def _promise(self, days_ago: int, on: date) -> None:
        """Made in a call of theirs, so that it is no contact of ours."""
        self._contact(days_ago, 0, inbound=True, promise=Promise(on=on, amount=_NEVER_PAID))

    def _have_said(self) -> None:
        """Promises and what the debtor thinks, said in calls of theirs; a demand; our own calls."""
        wishes = self.wishes
        for number in range(wishes.least("broken_promises")):
            self._promise(40 + 10 * number, self.on - timedelta(days=35 + 10 * number))
        if wishes.must("promise_open") or wishes.must_be_something("promise_on"):
            day = wishes.first("promise_on", (self.on + timedelta(days=5)).toordinal())
            self._promise(0, date.fromordinal(day))
        stance = next((word for word in ("refused", "willing", "away") if wishes.must(word)), None)
        if stance:
            self._contact(0, 5, inbound=True, outcome=stance, reason="away" if wishes.must("away") else None)
        if any(wishes.must(fact) for fact in _DEMANDED):
            self._have_been_demanded()
        self._have_been_called()

    def _have_been_demanded(self) -> None:
        wishes = self.wishes
        about = [charge.id for charge in self.charges]
        if not (wishes.must("demand_delivered") or wishes.must("demand_expired")):
            about = [SINGLED_OUT]
        elif "charge_demand_delivered" in wishes and not wishes.must("charge_demand_delivered"):
            about.remove(SINGLED_OUT)
        expired = wishes.must("demand_expired") or wishes.must("charge_demand_expired")
        step = next(iter(demand_steps(self.book)))
        said = {"step": step, "channel": "ems", "outcome": "delivered", "proof": "B"}
        self._contact(60 if expired else 1, 120, charges=tuple(about), **said)

    def _have_been_called(self) -> None:
        """Our calls, newest first: as many in a row unanswered as wished."""
        wishes = self.wishes
        week = wishes.least("contacts_7d")
        month = max(week, wishes.least("contacts_30d"))
        unanswered = wishes.least("unreachable_streak")
        asked = int(wishes.must_be_something("last_contact_on"))
        for number in range(max(month, unanswered, asked)):
            ago = 1 if number < week else 10 if number < month else 40
            outcome = "no_answer" if number < unanswered else "reached"
            self._contact(ago, 600 - number, channel="phone", outcome=outcome)

    def _have_disputed(self) -> None:
        kinds = self.wishes.of("open_dispute_kinds")
        others = [kind for kind in get_args(DisputeKind) if kind not in kinds.named and kind != "hardship"]
        free = [kind for kind in get_args(DisputeKind) if kind not in kinds.lacks | kinds.has and kind != "hardship"]
        wanted = [*sorted(kinds.has), *(others[:1] if kinds.other else ())]
        amount = self.wishes.least("disputed_amount") or None
        count = max(len(wanted), self.wishes.least("open_disputes"), 1 if amount else 0)
        for number, kind in enumerate([*wanted, *(wanted or free)[:1] * count][:count]):
            opened = self.on - timedelta(days=5)
            self.disputes.append(Dispute(id=f"D{number}", kind=cast(DisputeKind, kind), opened=opened, amount=amount))

    def _have_planned(self) -> None:
        state = self.wishes.word("plan_state")
        if state is None:
            return
        signed = self.on - timedelta(days=60)
        due = self.on + timedelta(days={"kept": 30, "broken": -40, "completed": -20}[state])
        about = tuple(charge.id for charge in self.charges if charge.due and charge.due < self.on)[:1]
        if state == "completed":
            self._pay(signed + timedelta(days=10), 100, *about)
        self.plans.append(Plan(id="PL1", signed=signed, charges=about, instalments=(Instalment(due=due, amount=100),)))

    # Whose it is

    def account(self) -> Account | None:
        """The whole account; None where a fact of the book's own cannot be written as an attribute."""
        attributes: dict[str, str | int | bool | None] = {}
        for name, fact in self.book.facts.items():
            if name in self.wishes:
                said = _attribute(self.wishes.of(name), fact)
                if said is None:
                    return None
                attributes[fact.key] = said[0]
        self._single_out()
        self._have_paid()
        self._have_said()
        self._have_disputed()
        self._have_planned()
        wishes = self.wishes
        tariff, area = self._tariff_and_area()
        fee = wishes.may("late_fee", 0) and ("late_fee" in wishes or "balance" in wishes)
        handed_over = self.on - timedelta(days=wishes.first("handover_days", 10, least=-10_000))
        return Account(
            id="example",
            use=wishes.word("use"),
            occupancy=wishes.word("occupancy"),
            community=wishes.word("community"),
            place=max(wishes.of("place").set(), key=len, default=None),
            area=area,
            handed_over=handed_over if "handover_days" in wishes else None,
            debtor=Party(id="O1", kind=wishes.word("debtor_kind"), role=wishes.word("debtor_role"), tags=self._tags()),
            contracts=(
                Contract(
                    id="K1",
                    kind=wishes.word("contract_kind"),
                    tariff=tariff,
                    cycle=self.cycle,
                    late_fee_clause=not fee,
                ),
            ),
            charges=tuple(self.charges),
            payments=tuple(self.payments),
            contacts=tuple(self.contacts),
            disputes=tuple(self.disputes),
            plans=tuple(self.plans),
            attributes=attributes,
            data_as_of=datetime.combine(self.on, time(23, 59), SHANGHAI),
        )

    def _tags(self) -> tuple[str, ...]:
        tags = self.wishes.of("tags").set()
        if self.wishes.must("hardship") and not tags & HARDSHIP_TAGS:
            tags |= {next((tag for tag in ("困难", "hardship") if tag not in self.wishes.of("tags").lacks), "困难")}
        return tuple(sorted(tags))

    def _tariff_and_area(self) -> tuple[Fen | None, Fraction | None]:
        """As the monthly fee, the months owed and the area have it; else a yuan a square metre."""
        wishes = self.wishes
        area = Fraction(wishes.first("area", 9_000, least=0), 100) if "area" in wishes else None
        fee = wishes.first("monthly_fee", 50_000, least=0) if "monthly_fee" in wishes else None
        if "months_owed" in wishes and fee is None and self.charges:
            fee = 2 * sum(charge.amount for charge in self.charges) // max(1, wishes.first("months_owed"))
        if fee is None:
            return None, area
        if area is None:
            return 100, Fraction(fee, 100)
        return (round(fee / area), area) if area else (100, area)


def _attribute(wish: Wish, fact: OwnFact) -> tuple[str | int | bool | None] | None:
    """What an ERP would hand over for a fact of the book's own; None if there is no such thing."""
    if wish.nothing and fact.has_default and fact.default is None:
        return (None,)
    value = wish.value()
    if isinstance(value, frozenset):
        return (",".join(sorted(value)),)
    if value is None or isinstance(value, bool | str):
        return None if value is None else (value,)
    match fact.type.kind:
        case "money":
            return (yuan(value),)
        case "months":
            return (value // 2,) if value % 2 == 0 else None
        case "percent":
            return (f"{decimal_text(Fraction(value, 10_000))}%",)
        case "number":
            return (decimal_text(Fraction(value, 100)),)
        case "date":
            return (date.fromordinal(max(1, value)).isoformat(),)
        case _:
            return (value,)
