"""Whether the ledgers made of arrays are those `replay` makes, in every figure they show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from dunning.basis.finding import Finding
from dunning.columns.doubts import findings_of
from dunning.columns.ledgers import PLAN_STATES, REASONS, Ledgers, ledgers
from dunning.columns.opened import WHY
from dunning.columns.packing import pack, unpack
from dunning.columns.rows import Batch
from dunning.engine.owed.ledger import ChargeState, Ledger, replay
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook

Said = Mapping[int, tuple[Finding, ...]]


def day_of(number: int) -> date | None:
    return None if number < 0 else date.fromordinal(number)


def by_day(amounts: Iterable[tuple[date, int]]) -> list[tuple[date, int]]:
    """Amounts by day: in whose name they came is not for arrays."""
    found: Counter[date] = Counter()
    for day, amount in amounts:
        found[day] += amount
    return sorted(found.items())


def charge_figures(state: ChargeState) -> tuple[object, ...]:
    """What an assessment shows of a charge."""
    fee = state.fee
    return (
        state.charge.id, state.due, state.provisional, state.principal, state.unpaid, state.paid, state.relief,
        state.written_off, state.settled_on, state.other_debtor, state.chased, state.contract,
        (fee.assessed, fee.paid, fee.waived, fee.contingent, fee.outstanding, fee.booked, fee.to_book, fee.capped,
         fee.why),
        by_day((each.on, each.amount) for each in state.applied if each.part == "principal"),
        by_day((each.on, each.amount) for each in state.forgiven),
    )  # fmt: skip


def column_figures(batch: Batch, account: Account, made: Ledgers, row: int, first: int) -> tuple[object, ...]:
    """The same, from the arrays."""
    of, fees, moves = made.charges, made.fees, made.moves
    contract = int(of.contract[row])
    unsaid = bool(fees.undetermined[row])
    here = [place for place in range(len(moves.charge)) if moves.charge[place] == row]
    moved = {
        kind: by_day(
            (date.fromordinal(int(moves.day[place])), int(moves.amount[place]))
            for place in here
            if moves.forgiven[place] == kind
        )
        for kind in (False, True)
    }
    contracts = batch.lists["contracts"].start[of.owner[row]]
    return (
        account.charges[row - first].id, day_of(int(of.due[row])), bool(of.provisional[row]), int(of.principal[row]),
        int(made.unpaid[row]), int(made.paid[row]), int(made.relief[row]), int(made.written_off[row]),
        day_of(int(made.settled_on[row])), bool(of.other_debtor[row]), bool(of.chased[row]),
        account.contracts[contract - contracts] if contract >= 0 else None,
        (None if unsaid else int(fees.assessed[row]), int(fees.paid[row]), int(fees.waived[row]),
         int(fees.contingent[row]), None if unsaid else int(fees.outstanding[row]), int(fees.booked[row]),
         None if unsaid else int(fees.to_book[row]), bool(fees.capped[row]), WHY[int(fees.why[row])]),
        moved[False], moved[True],
    )  # fmt: skip


def differences(accounts: Sequence[Account], book: RuleBook, on: date) -> tuple[list[str], Counter[str]]:
    """Every figure that is not the same, and the reasons of the accounts that were handed back."""
    batch = pack(accounts)
    made = ledgers(batch, book, on)
    said = findings_of(batch, made, book)
    found: list[str] = []
    reasons = Counter(REASONS[code] for code in made.reason.tolist())
    for place in range(len(batch)):
        account = unpack(batch, place)
        if not made.exact[place]:
            continue
        ledger = replay(account, book, on)
        found += [f"{account.id}/{place}: {each}" for each in _differ(batch, account, made, ledger, place, said)]
    return found, reasons


def _differ(batch: Batch, account: Account, made: Ledgers, ledger: Ledger, place: int, said: Said) -> list[str]:
    found: list[str] = []

    def same(what: str, wanted: object, got: object) -> None:
        if wanted != got:
            found.append(f"{what}: replay {wanted}, columns {got}")

    same("credit", ledger.credit, int(made.credit[place]))
    same("refunded", ledger.refunded, int(made.refunded[place]))
    plans = sorted((each.plan.signed, each.plan.id, each.state) for each in ledger.plans)
    same("plan", plans[-1][2] if plans else "", ("", *PLAN_STATES)[made.plan[place] + 1])
    if ledger.findings and not made.told[place]:
        found.append(f"not told: {[each.code for each in ledger.findings]}")
    if not made.unsaid[place]:
        same("findings", ledger.findings, said.get(place, ()))
    payments = batch.lists["payments"].start
    standing = made.standing[payments[place] : payments[place + 1]]
    known = {each.id for each in ledger.payments}
    same("payments", known, {each.id for each, there in zip(account.payments, standing, strict=True) if there})
    first, end = int(batch.charges.start[place]), int(batch.charges.start[place + 1])
    states = {state.charge.id: state for state in ledger.charges}
    for row in range(first, end):
        state = states.pop(account.charges[row - first].id, None)
        same("known", state is not None, bool(made.charges.known[row]))
        if state is None:
            continue
        same(f"charge {state.charge.id}", charge_figures(state), column_figures(batch, account, made, row, first))
    same("charges", {}, states)
    return found
