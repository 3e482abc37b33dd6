"""The ledger once more, day by day over exact fractions: what `dunning.engine.owed.ledger` must agree with to the fen.

Written from docs/design/fee-math.md alone. It reads Account and RuleBook and shares no arithmetic with the engine: no
closed form, no ordinals, no caches; every figure is added up again whenever it is asked for. Slow on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from dunning.model.account import Account, Adjustment, Charge, Contract, Payment, Plan
from dunning.model.anchor import Duration
from dunning.model.rulebook import Cap, LateFee, RuleBook

DAY = timedelta(days=1)


@dataclass(eq=False)
class Debt:
    """A charge and everything that has happened to it so far."""

    charge: Charge
    principal: int
    due: date
    terms: LateFee | None
    contract: Contract | None
    another: bool
    noted: date | None  # the last credit note
    known: date = date.min  # an opening balance is there from its day on
    paid: list[tuple[str, date, str, int]] = field(default_factory=list)  # payment, day, part, fen
    forgiven: list[tuple[date, str, int]] = field(default_factory=list)
    waived: list[int] = field(default_factory=list)
    waived_by_rule: list[int] = field(default_factory=list)

    @property
    def unpaid(self) -> int:
        return self.principal - self.paid_to("principal") - sum(fen for _, _, fen in self.forgiven)

    def paid_to(self, part: str) -> int:
        return sum(fen for _, _, to, fen in self.paid if to == part)

    def settled(self) -> date | None:
        """The day the last of the principal went; where there never was any, the day it would have been due."""
        if self.unpaid:
            return None
        days = [on for _, on, part, _ in self.paid if part == "principal"] + [on for on, _, _ in self.forgiven]
        return max(days, default=max(self.due, self.known))


@dataclass
class Money:
    """Money that settles nothing yet."""

    payment: str
    came: date
    fen: int
    only: frozenset[str]


@dataclass
class PlanStory:
    plan: Plan
    covered: list[Debt]
    broken_on: date | None = None
    completed_on: date | None = None


class Story:
    """One account as known at `on`, told from its first day. `taken`: fen each refund took back from its payment."""

    def __init__(self, account: Account, book: RuleBook, on: date, taken: dict[str, int]) -> None:
        self.account, self.book, self.on, self.taken = account, book, on, taken
        self.debts = [debt for charge in account.charges if (debt := self.debt(charge)) is not None]
        self.debts.sort(key=lambda debt: (debt.charge.due is not None, debt.due, debt.charge.id))
        self.payments = sorted(
            (each for each in account.payments if each.on <= on and not (each.reversed_on and each.reversed_on <= on)),
            key=lambda each: (each.on, each.id),
        )
        self.adjustments = sorted((each for each in account.adjustments if each.on <= on), key=lambda each: each.id)
        self.credit: list[Money] = []
        self.later: list[tuple[date, Money]] = []
        self.differs: list[tuple[str, int]] = []
        self.over: list[tuple[str, str, int]] = []
        self.short: list[tuple[Adjustment, int]] = []
        self.plans = [self.plan_story(plan) for plan in sorted(account.plans, key=lambda each: (each.signed, each.id))]
        self.plans = [story for story in self.plans if story.plan.signed <= on]
        self.tell()

    # what is said

    def debt(self, charge: Charge) -> Debt | None:
        account, book = self.account, self.book
        if charge.opening and charge.opening.on > self.on:
            return None
        notes = [
            a for a in account.adjustments if a.kind == "credit_note" and a.charge == charge.id and a.on <= self.on
        ]
        terms = next((terms for terms in book.late_fees if charge.item in terms.items), None)
        due = charge.due
        if due is None:
            assert charge.opening is not None
            due = charge.opening.on
        elif terms is None or terms.rest_day_due == "roll_forward":
            while book.calendar.kind(due) != "workday":
                due += DAY
        contract = None
        if charge.due is not None:
            valid = [
                each
                for each in account.contracts
                if (each.since is None or (each.since <= charge.due and each.since <= self.on))
                and (each.until is None or each.until >= charge.due)
            ]
            contract = max(valid, key=lambda each: (each.since or date.min, each.id), default=None)
        debtor = account.debtor
        another = debtor.kind == "person" and account.occupancy in ("unsold", "undelivered")
        if charge.period:
            another |= debtor.since is not None and charge.period[0] < debtor.since
            another |= debtor.until is not None and charge.period[0] > debtor.until
        principal = max(0, charge.amount - sum(note.amount for note in notes))
        noted = max((note.on for note in notes), default=None)
        known = charge.opening.on if charge.opening else date.min
        return Debt(charge, principal, due, terms, contract, another, noted, known)

    def worth(self, payment: Payment) -> int:
        """What a payment counts for: less what refunds took back of it."""
        return payment.amount - sum(
            self.taken.get(each.id, 0) for each in self.account.adjustments if each.payment == payment.id
        )

    # plans

    def plan_story(self, plan: Plan) -> PlanStory:
        if plan.charges:
            covered = [debt for debt in self.debts if debt.charge.id in plan.charges]
        else:
            covered = [debt for debt in self.debts if debt.due <= plan.signed]
        story = PlanStory(plan, covered)
        ids = {debt.charge.id for debt in covered}
        items = {debt.charge.item for debt in covered}

        def paid_by(day: date) -> int:
            return sum(
                self.worth(payment)
                for payment in self.payments
                if plan.signed <= payment.on <= day
                and (not payment.for_ or ids & set(payment.for_))
                and (not payment.only or items & set(payment.only))
            )

        whole = sum(each.amount for each in plan.instalments)
        day = plan.signed
        while day <= self.on:
            for each in plan.instalments:
                asked = sum(other.amount for other in plan.instalments if other.due <= each.due)
                if self.deadline(each.due) < day and paid_by(self.deadline(each.due)) < asked:
                    story.broken_on = day
                    return story
            if story.completed_on is None and plan.instalments and paid_by(day) >= whole:
                story.completed_on = day
            day += DAY
        return story

    def deadline(self, due: date) -> date:
        offers = [offer for offer in self.book.relief if offer.kind == "instalments"]
        return max((self.later_by(due, offer.tolerance) for offer in offers), default=due)

    def later_by(self, day: date, length: Duration) -> date:
        left = length.count
        while left:
            day += DAY
            if length.unit == "d" or self.book.calendar.kind(day) == "workday":
                left -= 1
        return day

    def kept(self, story: PlanStory, day: date, asked: date) -> bool:
        """Whether that day counts as one on which the plan was kept, as known at the end of the day `asked`."""
        if day <= story.plan.signed:
            return False
        if story.broken_on is None or asked < story.broken_on:
            return True
        offers = [offer for offer in self.book.relief if offer.kind == "instalments"]
        retroactive = bool(offers) and all(offer.on_break == "retroactive" for offer in offers)
        return not retroactive and day < story.broken_on

    # the late fee

    def bears(self, debt: Debt) -> str:
        if debt.charge.opening:
            return "opening"
        if debt.terms is None:
            return "item_bears_none"
        clause = debt.contract.late_fee_clause if debt.contract else None
        return {None: "clause_unknown", False: "no_clause", True: ""}[clause]

    def balance(self, debt: Debt, day: date) -> int:
        assert debt.terms is not None
        counted = debt.terms.payment_day == "counted"
        paid = [
            fen for _, on, part, fen in debt.paid if part == "principal" and (on < day or (on == day and not counted))
        ]
        return debt.principal - sum(paid) - sum(fen for on, _, fen in debt.forgiven if on < day)

    def resting(self, debt: Debt, day: date, asked: date) -> bool:
        for hold in self.account.holds:
            known = hold.kind in ("accrual", "both") and hold.since <= self.on
            if known and hold.since <= day and (hold.until is None or day <= hold.until):
                return True
        return any(debt in story.covered and self.kept(story, day, asked) for story in self.plans)

    def rate(self, debt: Debt, day: date) -> Fraction | None:
        assert debt.terms is not None
        assert debt.charge.due is not None
        in_force = debt.terms.rate.on(day if debt.terms.dated_by == "day" else debt.charge.due)
        if in_force is None or self.grace(debt) is None:
            return None
        agreed = debt.contract.late_fee_rate if debt.contract else None
        return in_force if agreed is None else min(in_force, agreed)

    def grace(self, debt: Debt) -> int | None:
        """The days of grace; None where any of the terms that are fixed on the due date begins only later."""
        assert debt.terms is not None
        assert debt.charge.due is not None
        for fixed in (debt.terms.cap, debt.terms.grace, debt.terms.rounding):
            if debt.charge.due < fixed.steps[0][0]:
                return None
        if debt.terms.dated_by == "due" and debt.terms.rate.on(debt.charge.due) is None:
            return None
        return debt.terms.grace.on(debt.charge.due)

    def accrual(self, debt: Debt, asked: date, last: date) -> list[tuple[date, int, Fraction | None]]:
        """The accrual days up to `last`, with balance and rate."""
        assert debt.terms is not None
        grace = self.grace(debt) or 0
        end_of_grace = debt.due + grace * DAY
        settled = debt.settled()
        if asked <= end_of_grace or (settled is not None and settled <= end_of_grace):
            return []
        days = []
        day = debt.due + DAY
        if debt.terms.after_grace == "from_grace_end":
            day = end_of_grace + DAY
        while day <= last:
            if not self.resting(debt, day, asked):
                balance = self.balance(debt, day)
                if balance:
                    days.append((day, balance, self.rate(debt, day)))
            day += DAY
        return days

    def cap(self, debt: Debt) -> Fraction | None:
        assert debt.terms is not None
        assert debt.charge.due is not None
        book: Cap | None = debt.terms.cap.on(debt.charge.due)
        agreed = debt.contract.late_fee_cap if debt.contract else None
        if book is None and agreed is None:
            return None
        share = min(each for each in (book.share if book else None, agreed) if each is not None)
        base = debt.principal
        if book is not None and book.of == "overdue":
            base -= sum(fen for _, on, part, fen in debt.paid if part == "principal" and on <= debt.due)
        return share * base

    def exact(self, debt: Debt, asked: date, last: date) -> Fraction | None:
        days = self.accrual(debt, asked, last)
        if days and self.bears(debt) == "clause_unknown":
            return None
        total = Fraction(0)
        for _, balance, rate in days:
            if rate is None:
                return None
            total += balance * rate
        return total

    def assessed(self, debt: Debt, asked: date, last: date) -> int | None:
        why = self.bears(debt)
        if why == "opening":
            assert debt.charge.opening is not None
            return debt.charge.opening.late_fee
        if why in ("item_bears_none", "no_clause"):
            return 0
        exact = self.exact(debt, asked, last)
        if not exact:
            return 0 if exact is not None else None
        assert debt.terms is not None
        assert debt.charge.due is not None
        half = Fraction(1, 2) if debt.terms.rounding.on(debt.charge.due) == "half_up" else Fraction(0)
        fee = (exact + half).__floor__()
        cap = self.cap(debt)
        return fee if cap is None else min(fee, cap.__floor__())

    def lapsed(self, debt: Debt, day: date) -> bool:
        """Whether what was left of the fee is gone by the beginning of that day."""
        settled = debt.settled()
        waives = debt.terms is not None and debt.terms.after_principal == "waive"
        return waives and settled is not None and settled < day

    def met(self, debt: Debt, day: date) -> int:
        """The fee that a payment of that day meets."""
        if self.lapsed(debt, day):
            return 0
        counted = debt.terms is None or debt.terms.payment_day == "counted"
        fee = self.assessed(debt, day, day if counted else day - DAY) or 0
        return max(0, fee - debt.paid_to("late_fee") - sum(debt.waived) - sum(debt.waived_by_rule))

    def outstanding(self, debt: Debt, day: date) -> int:
        if self.lapsed(debt, day) or day < debt.known:
            return 0
        fee = self.assessed(debt, day, day) or 0
        return max(0, fee - debt.paid_to("late_fee") - sum(debt.waived) - sum(debt.waived_by_rule))

    def accruing(self, debt: Debt, day: date) -> bool:
        if self.bears(debt) or not debt.unpaid or self.grace(debt) is None:
            return False
        grace = self.grace(debt)
        assert grace is not None
        if day <= debt.due + grace * DAY or self.resting(debt, day, day) or not self.rate(debt, day):
            return False
        assert debt.terms is not None
        counted = debt.terms.payment_day == "counted"
        fee, cap = self.assessed(debt, day, day if counted else day - DAY), self.cap(debt)
        return fee is not None and (cap is None or fee < cap.__floor__())

    # allocation

    def parts(self) -> tuple[str, ...]:
        return self.book.payments.within_charge

    def pay(self, debt: Debt, day: date, purse: list[Money], limit: int | None = None, part: str = "") -> int:
        """Settle one charge from a purse, at most `limit` fen; returns the fen used."""
        used = 0
        for each in [part] if part else self.parts():
            owed = debt.unpaid if each == "principal" else self.met(debt, day)
            for money in purse:
                left = owed if limit is None else min(owed, limit - used)
                fen = min(money.fen, left)
                if fen > 0:
                    money.fen -= fen
                    debt.paid.append((money.payment, day, each, fen))
                    owed -= fen
                    used += fen
        return used

    def pay_due(self, day: date, purse: list[Money], only: frozenset[str]) -> None:
        due = [
            debt
            for debt in self.debts
            if debt.due <= day and debt.known <= day and not debt.another and (not only or debt.charge.item in only)
        ]
        due.sort(key=lambda debt: debt.charge.item != "costs")
        if self.book.payments.across_charges == "earliest_due":
            for debt in due:
                self.pay(debt, day, purse)
            return
        ranks = {debt: self.rank(debt, day) for debt in due}
        for rank in sorted(set(ranks.values())):
            self.pay_pro_rata([debt for debt in due if ranks[debt] == rank], day, purse)

    def rank(self, debt: Debt, day: date) -> tuple[int, int, int, date]:
        costs, opening = debt.charge.item == "costs", debt.charge.due is None
        return (0 if costs else 1, 0 if opening else 1, 0 if self.accruing(debt, day) else 1, debt.due)

    def pay_pro_rata(self, debts: list[Debt], day: date, purse: list[Money]) -> None:
        weights = {debt: debt.unpaid for debt in debts}
        while weights:
            money = sum(each.fen for each in purse)
            whole = sum(weights.values())
            if not money or not whole:
                break
            ideal = {debt: Fraction(money * weight, whole) for debt, weight in weights.items()}
            shares = {debt: share.__floor__() for debt, share in ideal.items()}
            by_remainder = sorted(weights, key=lambda debt: (shares[debt] - ideal[debt], debts.index(debt)))
            for debt in by_remainder[: money - sum(shares.values())]:
                shares[debt] += 1
            small = [debt for debt in weights if shares[debt] > debt.unpaid + self.met(debt, day)]
            for debt in small or list(weights):
                self.pay(debt, day, purse, shares[debt])
                del weights[debt]
            if not small:
                return
        for debt in weights:
            self.pay(debt, day, purse)

    def pay_named(self, payment: Payment, day: date, purse: list[Money]) -> None:
        for name in payment.for_:
            for debt in self.debts:
                free = not payment.only or debt.charge.item in payment.only
                if debt.charge.id == name and debt.known <= day and free:
                    self.pay(debt, day, purse)

    def booked(self, payment: Payment, day: date, purse: list[Money]) -> None:
        """Follow the source's split."""
        before = {debt: list(debt.paid) for debt in self.debts}
        trial = [Money(each.payment, each.came, each.fen, each.only) for each in purse]
        self.pay_named(payment, day, trial)
        self.pay_due(day, trial, frozenset(payment.only))
        ours: dict[tuple[str, str], int] = {}
        for debt in self.debts:
            for _, _, part, fen in debt.paid[len(before[debt]) :]:
                ours[debt.charge.id, part] = ours.get((debt.charge.id, part), 0) + fen
            debt.paid = before[debt]
        self.compare([payment], ours)
        for line in payment.settles or ():
            named = next((each for each in self.debts if each.charge.id == line.charge), None)
            if named is None or named.known > day or (payment.only and named.charge.item not in payment.only):
                continue
            wanted = min(line.amount, purse[0].fen)
            over = wanted - self.pay(named, day, purse, wanted, line.part)
            if line.part == "late_fee" and over and named.noted and named.noted > day:
                purse[0].fen -= over
                self.later.append((named.noted, Money(payment.id, day, over, frozenset(payment.only))))

    def compare(self, payments: list[Payment], ours: dict[tuple[str, str], int]) -> None:
        for payment in payments:
            elsewhere = 0
            for line in payment.settles or ():
                place = (line.charge, line.part)
                for _ in range(line.amount):
                    if ours.get(place, 0) > 0:
                        ours[place] -= 1
                    else:
                        elsewhere += 1
            if elsewhere:
                self.differs.append((payment.id, elsewhere))

    # the days

    def tell(self) -> None:
        days = [each.on for each in self.payments] + [each.on for each in self.adjustments]
        days += [debt.due for debt in self.debts] + [self.on]
        days += [story.plan.signed for story in self.plans]
        day = min(days)
        while day <= self.on:
            self.live(day)
            day += DAY

    def live(self, day: date) -> None:
        self.credit += [money for on, money in self.later if on == day]
        self.use_credit(day)
        self.receive(day)
        today = [each for each in self.adjustments if each.on == day]
        by_id = {debt.charge.id: debt for debt in self.debts}
        for each in today:
            if each.kind == "refund":
                self.refund(each)
        for each in today:
            debt = by_id.get(each.charge or "")
            if each.kind in ("relief", "write_off") and debt:
                fen = min(each.amount, debt.unpaid) if debt.known <= day else 0
                if fen:
                    debt.forgiven.append((day, each.kind, fen))
                if fen < each.amount:
                    self.over.append(("A403", each.id, each.amount - fen))
        for each in today:
            debt = by_id.get(each.charge or "")
            if each.kind == "late_fee_waiver" and debt:
                fen = min(each.amount, self.outstanding(debt, day))
                debt.waived.append(fen)
                if fen < each.amount:
                    self.over.append(("A405", each.id, each.amount - fen))
        for story in self.plans:
            if story.completed_on == day:
                for debt in story.covered:
                    debt.waived_by_rule.append(min(self.promised(story, debt), self.outstanding(debt, day)))

    def promised(self, story: PlanStory, debt: Debt) -> int:
        share = story.plan.waive_late_fee or Fraction(0)
        signed = story.plan.signed
        return (share * (self.assessed(debt, signed, signed) or 0) + Fraction(1, 2)).__floor__()

    def use_credit(self, day: date) -> None:
        kinds = sorted({tuple(sorted(money.only)) for money in self.credit}, key=lambda only: (only == (), only))
        for only in kinds:
            self.pay_due(day, [money for money in self.credit if tuple(sorted(money.only)) == only], frozenset(only))
        self.credit = [money for money in self.credit if money.fen]

    def receive(self, day: date) -> None:
        follow = self.book.payments.source_split == "follow"
        groups: dict[object, list[Payment]] = {}
        for payment in self.payments:
            if payment.on == day and self.worth(payment):
                key: object = (payment.for_, frozenset(payment.only))
                if follow and payment.settles:
                    key = payment.id
                groups.setdefault(key, []).append(payment)

        def turn(group: list[Payment]) -> tuple[int, str]:
            first = group[0]
            designated = bool(first.for_ or (follow and first.settles))
            return (0 if designated else 1 if first.only else 2, first.id)

        ordered = sorted(groups.values(), key=turn)
        purses = [[Money(each.id, day, self.worth(each), frozenset(each.only)) for each in group] for group in ordered]
        before = [{debt: len(debt.paid) for debt in self.debts} for _ in ordered]
        ours: list[dict[tuple[str, str], int]] = [{} for _ in ordered]

        def note(index: int) -> None:
            for debt in self.debts:
                for _, _, part, fen in debt.paid[before[index][debt] :]:
                    place = (debt.charge.id, part)
                    ours[index][place] = ours[index].get(place, 0) + fen

        for index, group in enumerate(ordered):
            before[index] = {debt: len(debt.paid) for debt in self.debts}
            if follow and group[0].settles:
                self.booked(group[0], day, purses[index])
            self.pay_named(group[0], day, purses[index])
            note(index)
        for index, group in enumerate(ordered):
            before[index] = {debt: len(debt.paid) for debt in self.debts}
            self.pay_due(day, purses[index], frozenset(group[0].only))
            note(index)
            if not follow:
                self.compare(group, ours[index])
        for purse in purses:
            self.credit += [money for money in purse if money.fen]

    def refund(self, refund: Adjustment) -> None:
        wanted = refund.amount - self.taken.get(refund.id, 0)
        for money in sorted(self.credit, key=lambda each: (each.payment != refund.payment, each.came, each.payment)):
            fen = min(money.fen, wanted)
            money.fen -= fen
            wanted -= fen
        self.credit = [money for money in self.credit if money.fen]
        if wanted:
            self.short.append((refund, wanted))


def tell(account: Account, book: RuleBook, on: date) -> Story:
    """The whole story; payments are made smaller, fen by fen as needed, until every refund finds its money."""
    taken: dict[str, int] = {}
    while True:
        story = Story(account, book, on, taken)
        short = {refund.id: missing for refund, missing in story.short}
        refunds = sorted((a for a in story.adjustments if a.kind == "refund"), key=lambda each: (each.on, each.id))
        for place, refund in enumerate(refunds):
            payment = next((p for p in story.payments if p.id == refund.payment and p.on <= refund.on), None)
            earlier = sum(a.amount - short.get(a.id, 0) for a in refunds[:place] if a.payment == refund.payment)
            room = payment.amount - earlier - taken.get(refund.id, 0) if payment else 0
            if refund.id in short and room > 0:
                taken = {**taken, refund.id: taken.get(refund.id, 0) + min(room, short[refund.id])}
                break
        else:
            return story
