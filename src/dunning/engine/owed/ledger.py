"""What was owed on each day: the replay of an account's records, from the first day to the day asked about.

A pure function of the records dated on or before that day, so that records dated later never change its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from dunning.basis.errors import AccountError
from dunning.basis.finding import Finding
from dunning.basis.money import Fen, rounded
from dunning.basis.span import Entry
from dunning.engine.owed import doubts
from dunning.engine.owed.allocation import Till
from dunning.engine.owed.fees import merged
from dunning.engine.owed.plans import PlanState, judge
from dunning.engine.owed.tab import Applied, ChargeState, Excess, Forgiven, Tab
from dunning.engine.owed.terms import Desk, desk
from dunning.model.account import Account, Adjustment, Charge, Contract, Payment, Plan
from dunning.model.rulebook import RuleBook

__all__ = ["Applied", "ChargeState", "Forgiven", "Ledger", "PlanState", "replay"]

FOREVER = date.max.toordinal()


class Ledger(NamedTuple):
    """What an account owes on a day, and how it came to that.

    `charges` by (due date, id), opening balances without a due date first. `credit`: fen that settle nothing yet.
    `payments`: those known and not reversed, by (on, id). `refunded`: fen given back, as far as there was any to give.
    What payments settled and `credit` come to `payments` less `refunded`, always.
    """

    on: date
    charges: tuple[ChargeState, ...]
    credit: Fen
    refunded: Fen
    payments: tuple[Payment, ...]
    plans: tuple[PlanState, ...]
    findings: tuple[Finding, ...]


def replay(account: Account, book: RuleBook, on: date) -> Ledger:
    """The ledger of `account` under `book` at the end of the day `on`.

    A day goes: credit settles what is due, then the payments, refunds, relief and write-offs, waivers, and plans that
    are completed; records of a kind by id. A charge has no date of its own and is always known; an opening balance is
    known from its day on, a contract from its first. AccountError where a charge that is no opening balance has no due
    date.
    """
    return _Replay(account, desk(book), on).ledger()


class _Replay:
    """One account's records known on one day; `_run` plays them through, as often as refunds make it necessary."""

    def __init__(self, account: Account, desk: Desk, on: date) -> None:
        self.account = account
        self.desk = desk
        self.on = on
        self.last = on.toordinal()
        self.payments = [
            payment
            for payment in account.payments
            if payment.on <= on and (payment.reversed_on is None or payment.reversed_on > on)
        ]
        if len(self.payments) > 1:
            self.payments.sort(key=_by_day)
        self.events: dict[int, list[Adjustment]] = {}
        self.credit_notes: dict[str, list[Adjustment]] = {}
        self.refunds: list[Adjustment] = []
        if account.adjustments:
            self._sort_adjustments()
        self.tabs: list[Tab] = []
        self.till: Till
        self.plans: list[tuple[PlanState, list[Tab]]] = []
        self.excess: list[Excess] = []
        self._run({})
        if self.refunds:
            self._take_back()

    def _sort_adjustments(self) -> None:
        for each in sorted((each for each in self.account.adjustments if each.on <= self.on), key=_by_day):
            self.events.setdefault(each.on.toordinal(), []).append(each)
            if each.kind == "credit_note" and each.charge is not None:
                self.credit_notes.setdefault(each.charge, []).append(each)
            elif each.kind == "refund":
                self.refunds.append(each)

    def _open(self) -> list[Tab]:
        """The charges as they stand before any payment; opening balances of a later day are not known yet."""
        account, on, notes = self.account, self.on, self.credit_notes
        debtor = account.debtor
        since, until = debtor.since, debtor.until
        # A person owes nothing for a unit not yet sold or delivered: that is the developer's (物业管理条例41).
        unsold = debtor.kind == "person" and account.occupancy in ("unsold", "undelivered")
        tabs = []
        for charge in account.charges:
            if charge.opening is not None and charge.opening.on > on:
                continue
            principal = charge.amount
            if charge.id in notes:
                principal = max(0, principal - sum(note.amount for note in notes[charge.id]))
            tab = self.desk.tab(charge, principal, self._contract(charge.due))
            if tab is None:
                raise AccountError([_no_due_date(account, charge)])
            if charge.id in notes:
                tab.released = notes[charge.id][-1].on.toordinal()
            begins = charge.period[0] if charge.period is not None else None
            if unsold or (
                begins is not None
                and ((since is not None and begins < since) or (until is not None and begins > until))
            ):
                tab.other_debtor = True
            tabs.append(tab)
        if len(tabs) > 1:
            tabs.sort(key=_by_due)
        return tabs

    def _contract(self, due: date | None) -> Contract | None:
        """The contract in force on the due date; of several the one that began last."""
        found: Contract | None = None
        for each in self.account.contracts:
            since = each.since or date.min
            if due is None or since > due or since > self.on or (each.until is not None and each.until < due):
                continue
            if found is None or (found.since or date.min, found.id) < (since, each.id):
                found = each
        return found

    # The replay

    def _run(self, back: Mapping[str, Fen]) -> None:
        """Play all days. `back`: fen each refund takes back from its payment, as if they had never been paid."""
        self.tabs = self._open()
        self.till = till = Till(self.tabs, self.desk.payments)
        self.excess = []
        days = self._received(back)
        for day in self.events:
            days.setdefault(day, [])
        completed: dict[int, list[tuple[Plan, list[Tab]]]] = {}
        if self.account.holds or self.account.plans:
            self._rest(back)
            for state, covered in self.plans:
                if state.completed_on is not None:
                    completed.setdefault(state.completed_on.toordinal(), []).append((state.plan, covered))
                if state.broken_on is not None:  # where breaking is retroactive, a fee falls due on that day
                    days.setdefault(state.broken_on.toordinal(), [])
        past = 0
        for day in sorted(days):
            if till.credit:
                till.advance(past, day - 1)
            if till.credit or till.later:
                till.settle(day)
            payments = days[day]
            if payments:
                till.receive(day, payments[0][0].on, payments)
            if self.events:
                self._adjust(day, back)
            for plan, covered in completed.get(day, ()):
                for tab in covered:
                    tab.ruled += min(_waived_by(plan, tab), tab.outstanding(day))
            past = day
        if till.credit:
            till.advance(past, self.last)

    def _received(self, back: Mapping[str, Fen]) -> dict[int, list[tuple[Payment, Fen]]]:
        """The payments by day, by id within it, each with the fen it counts for."""
        days: dict[int, list[tuple[Payment, Fen]]] = {}
        for payment in self.payments:
            amount = payment.amount - (self._taken(payment, back) if back else 0)
            days.setdefault(payment.on.toordinal(), []).append((payment, amount))
        return days

    def _taken(self, payment: Payment, back: Mapping[str, Fen]) -> Fen:
        return sum(back.get(refund.id, 0) for refund in self.refunds if refund.payment == payment.id)

    def _rest(self, back: Mapping[str, Fen]) -> None:
        """Step 5: the days on which nothing accrues, by holds for every charge and by plans for those they cover."""
        holds = [
            (hold.since.toordinal(), hold.until.toordinal() if hold.until is not None else FOREVER)
            for hold in self.account.holds
            if hold.kind != "contact" and hold.since <= self.on
        ]
        rests = {tab: list(holds) for tab in self.tabs}
        self.plans = []
        for plan in sorted((plan for plan in self.account.plans if plan.signed <= self.on), key=_by_signing):
            signed = plan.signed.toordinal()
            # A plan that lists no charges is about what was due when it was signed.
            covered = [tab for tab in self.tabs if (tab.id in plan.charges if plan.charges else tab.due <= signed)]
            state = judge(plan, self._paid_for(plan, covered, back), self.desk.plans, self.on)
            self.plans.append((state, covered))
            until = state.broken_on.toordinal() if state.broken_on is not None else FOREVER
            for tab in covered:
                if state.broken_on is not None and self.desk.plans.retroactive:
                    tab.fragile += ((signed + 1, until),)
                else:
                    rests[tab].append((signed + 1, until - 1))
        for tab, days in rests.items():
            tab.rests = merged(days)

    def _paid_for(self, plan: Plan, covered: list[Tab], back: Mapping[str, Fen]) -> list[tuple[date, Fen]]:
        """The payments from signing on that count for a plan: for its charges or undesignated, and free to pay them."""
        ids, items = {tab.id for tab in covered}, {tab.item for tab in covered}
        return [
            (payment.on, payment.amount - self._taken(payment, back))
            for payment in self.payments
            if payment.on >= plan.signed
            and (not payment.for_ or not ids.isdisjoint(payment.for_))
            and (not payment.only or not items.isdisjoint(payment.only))
        ]

    def _adjust(self, day: int, back: Mapping[str, Fen]) -> None:
        """The adjustments of a day, at its end: refunds, then relief and write-offs, then waivers, each by id."""
        today = self.events.get(day, ())
        for each in today:
            if each.kind == "refund":
                wanted = each.amount - back.get(each.id, 0)
                self._exceeds(each, wanted - self.till.give_back(each.payment, wanted))
        for each in today:
            if each.kind in ("relief", "write_off"):
                self._forgive(each, day)
        for each in today:
            tab = self.till.by_id.get(each.charge)
            if each.kind == "late_fee_waiver" and tab is not None:
                amount = min(each.amount, tab.outstanding(day))
                tab.waived += amount
                self._exceeds(each, each.amount - amount)

    def _forgive(self, adjustment: Adjustment, day: int) -> None:
        """At most the principal unpaid at the end of the day; for the balance it counts from the next day on."""
        tab = self.till.by_id.get(adjustment.charge)
        if tab is None:
            return
        amount = min(adjustment.amount, tab.unpaid) if tab.known <= day else 0
        if amount:
            tab.unpaid -= amount
            tab.forgiven += (Forgiven(adjustment.id, adjustment.on, adjustment.kind, amount),)
            tab.reduce(day, forgiven=True)
        self._exceeds(adjustment, adjustment.amount - amount)

    def _exceeds(self, adjustment: Adjustment, amount: Fen) -> None:
        if amount:
            self.excess.append(Excess(adjustment, amount))

    # Refunds that credit does not cover

    def _take_back(self) -> None:
        """What credit does not cover comes back from the refund's payment, as if that part had never been paid.

        A payment that was smaller changes the credit there was, too: so it is the least part with which the credit of
        the refund's day covers the rest. Refunds in order, each up to what earlier ones left of the payment; a later
        one may leave an earlier one short again.
        """
        back: dict[str, Fen] = {}
        while True:
            short = {each.adjustment.id: each.amount for each in self.excess if each.adjustment.kind == "refund"}
            for refund in self.refunds:
                taken = back.get(refund.id, 0)
                most = min(refund.amount, self._room(refund, short))
                if refund.id in short and most > taken:
                    back[refund.id] = _least(self._missing(refund, back), taken, most)
                    self._run(back)
                    break
            else:
                return

    def _room(self, refund: Adjustment, short: Mapping[str, Fen]) -> Fen:
        """What earlier refunds left of its payment, one made by then and not reversed."""
        paid = [each.amount for each in self.payments if each.id == refund.payment and each.on <= refund.on]
        earlier = [each for each in self.refunds if each.payment == refund.payment and _by_day(each) < _by_day(refund)]
        return sum(paid) - sum(each.amount - short.get(each.id, 0) for each in earlier)

    def _missing(self, refund: Adjustment, back: Mapping[str, Fen]) -> Callable[[Fen], Fen]:
        def missing(taken: Fen) -> Fen:
            self._run({**back, refund.id: taken})
            return sum(each.amount for each in self.excess if each.adjustment is refund)

        return missing

    # The answer

    def ledger(self) -> Ledger:
        booked: dict[str, Fen] = {}
        for row in self.account.late_fees:
            if row.on <= self.on:
                booked[row.charge] = booked.get(row.charge, 0) + row.amount
        promised: dict[str, Fen] = {}
        for state, covered in self.plans:
            for tab in covered if state.state == "kept" else ():
                promised[tab.id] = promised.get(tab.id, 0) + _waived_by(state.plan, tab)
        chased, last = self.desk.chased, self.last
        charges = tuple([tab.state(chased, last, booked.get(tab.id, 0), promised.get(tab.id, 0)) for tab in self.tabs])
        given = sum(refund.amount for refund in self.refunds)
        short = sum(each.amount for each in self.excess if each.adjustment.kind == "refund")
        return Ledger(
            self.on,
            charges,
            self.till.left,
            given - short,
            tuple(self.payments),
            tuple([state for state, _ in self.plans]),
            tuple(self._doubts(charges)),
        )

    def _doubts(self, charges: tuple[ChargeState, ...]) -> Iterator[Finding]:
        """By code of the finding's family, then by record."""
        account = self.account
        if self.till.differences:
            yield from doubts.of_payments(account, self.till.differences)
        if self.events:
            yield from doubts.of_adjustments(account, charges, self.credit_notes, self.excess)
        yield from doubts.of_charges(account, charges)
        if any(doubts.says_more(contract) for contract in account.contracts):
            yield from doubts.of_contracts(account, charges, self.on)


def _no_due_date(account: Account, charge: Charge) -> Finding:
    """Readers reject such an account; this is for one that came another way."""
    return Finding("A205", Entry(account.company, account.id, "charges", charge.id), {"field": charge.id})


def _waived_by(plan: Plan, tab: Tab) -> Fen:
    """The plan's share of the fee assessed at signing, in fen, half up."""
    if plan.waive_late_fee is None:
        return 0
    signed = plan.signed.toordinal()
    return rounded(plan.waive_late_fee * (tab.assessed(signed, signed) or 0), "half_up")


def _least(missing: Callable[[Fen], Fen], low: Fen, high: Fen) -> Fen:
    """The least fen from `low` up with which nothing is missing, else `high`.

    More taken back never makes more credit, so what is missing at one step must be taken at the least; where a later
    credit fills each fen's gap that would creep, and halving ends it.
    """
    for _ in range(4):
        if low >= high:
            return high
        gap = missing(low)
        if not gap:
            return low
        low += gap
    while low < high:
        middle = (low + high) // 2
        if missing(middle):
            low = middle + 1
        else:
            high = middle
    return high


def _by_day(record: Payment | Adjustment) -> tuple[date, str]:
    return record.on, record.id


def _by_signing(plan: Plan) -> tuple[date, str]:
    return plan.signed, plan.id


def _by_due(tab: Tab) -> tuple[bool, int, str]:
    return tab.rolled is not None, tab.due, tab.id
