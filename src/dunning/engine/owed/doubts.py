"""What the ledger found doubtful on the way, told as findings: the account is assessed all the same.

Contradictions between records are told when they are read (`intake`); here is what only the arithmetic shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from dunning.basis.finding import Finding
from dunning.basis.money import Rate, decimal_text, yuan
from dunning.basis.span import Entry
from dunning.engine.owed.allocation import Difference
from dunning.engine.owed.tab import ChargeState, Excess
from dunning.model.account import Account, Adjustment, Charge, Contract
from dunning.model.rulebook import LateFee

_EXCESS = {"relief": "A403", "write_off": "A403", "refund": "A404", "late_fee_waiver": "A405"}


def of_adjustments(
    account: Account,
    charges: Iterable[ChargeState],
    credit_notes: Mapping[str, Sequence[Adjustment]],
    excess: Sequence[Excess],
) -> Iterator[Finding]:
    """More credited than billed, forgiven than owed, waived than outstanding, refunded than paid."""
    for charge in sorted((state.charge for state in charges), key=lambda charge: charge.id):
        notes = credit_notes.get(charge.id, ())
        total = sum(note.amount for note in notes)
        if total > charge.amount:
            over = {"excess": yuan(total - charge.amount), "billed": yuan(charge.amount), "charge": charge.id}
            yield _finding(account, "A402", "adjustments", notes[-1].id, amount=yuan(total), **over)
    for adjustment, amount in excess:
        code = _EXCESS[adjustment.kind]
        about = {"charge": adjustment.charge or "", "payment": adjustment.payment or ""}
        told = {"amount": yuan(adjustment.amount), "excess": yuan(amount)}
        yield _finding(account, code, "adjustments", adjustment.id, **told, **about)


def of_payments(account: Account, differences: Sequence[Difference]) -> Iterator[Finding]:
    """Bookings against the payer's word or the book's order."""
    for difference in differences:
        yield _finding(account, "A401", "payments", difference.payment, amount=yuan(difference.amount))


def of_charges(account: Account, charges: Sequence[ChargeState]) -> Iterator[Finding]:
    """Charges that are another's to pay, and late fees booked beyond what is assessed."""
    for state in charges:
        if state.other_debtor:
            yield _another(account, state.charge)
        to_book = state.fee.to_book
        if to_book is not None and to_book < 0:
            told = {"booked": yuan(state.fee.booked), "excess": yuan(-to_book)}
            yield _finding(account, "A504", "charges", state.charge.id, **told)


def says_more(contract: Contract) -> bool:
    """Whether a contract says anything that could go beyond the book: most do not."""
    return contract.clause_shown is False or contract.late_fee_rate is not None or contract.late_fee_cap is not None


def of_contracts(account: Account, charges: Sequence[ChargeState], on: date) -> Iterator[Finding]:
    """What a contract says beyond the book, and clauses nobody was shown: once a contract, for the first charge."""
    told: set[tuple[str, str]] = set()
    for state in charges:
        for finding in _beyond_book(account, state, on):
            key = finding.code, finding.args["id"]
            if key not in told:
                told.add(key)
                yield finding


def _beyond_book(account: Account, state: ChargeState, on: date) -> Iterator[Finding]:
    contract, terms, due = state.contract, state.terms, state.charge.due
    if contract is None or terms is None or due is None or not contract.late_fee_clause:
        return
    if contract.clause_shown is False:
        yield _finding(account, "A503", "contracts", contract.id)
    if contract.late_fee_rate is not None:
        rates = [rate for rate in _rates(terms, due, on) if rate < contract.late_fee_rate]
        if rates:
            told = {"contract": decimal_text(contract.late_fee_rate), "book": decimal_text(min(rates))}
            yield _finding(account, "A501", "contracts", contract.id, **told)
    cap = terms.cap.on(due)
    if contract.late_fee_cap is not None and cap is not None and cap.share < contract.late_fee_cap:
        told = {"contract": decimal_text(contract.late_fee_cap), "book": decimal_text(cap.share)}
        yield _finding(account, "A502", "contracts", contract.id, **told)


def _rates(terms: LateFee, due: date, on: date) -> list[Rate]:
    """The book's rates of a charge: in force on its due date and, where the day decides, at any time until `on`."""
    in_force = terms.rate.on(due)
    found = [in_force] if in_force is not None else []
    if terms.dated_by == "day":
        found += [rate for since, rate in terms.rate.steps if due < since <= on]
    return found


def _another(account: Account, charge: Charge) -> Finding:
    debtor, period = account.debtor, charge.period
    if period is not None and debtor.since is not None and period[0] < debtor.since:
        return _finding(account, "A410", "charges", charge.id, begins=period[0], since=debtor.since)
    if period is not None and debtor.until is not None and period[0] > debtor.until:
        return _finding(account, "A411", "charges", charge.id, begins=period[0], until=debtor.until)
    return _finding(account, "A412", "charges", charge.id)


def _finding(account: Account, code: str, records: str, id_: str, **args: object) -> Finding:
    return Finding(code, Entry(account.company, account.id, records, id_), {"id": id_, **args})
