"""Whether the engine's ledger and the day-by-day story of the oracle agree, in every figure a ledger has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise

from dunning.basis.finding import Finding
from dunning.engine.owed.fees import FeeState
from dunning.engine.owed.ledger import Ledger
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook
from dunning.selfcheck.story import DAY, Debt, Story, tell

Same = Callable[[str, object, object], None]


def differences(account: Account, book: RuleBook, on: date, ledger: Ledger) -> list[str]:
    """Every figure on which the engine's ledger and the day-by-day story do not agree; empty when all do."""
    story = tell(account, book, on)
    found: list[str] = []

    def same(what: str, engine: object, oracle: object) -> None:
        if engine != oracle:
            found.append(f"{what}: engine {engine}, oracle {oracle}")

    same("charges", [each.charge.id for each in ledger.charges], [debt.charge.id for debt in story.debts])
    same("credit", ledger.credit, sum(each.fen for each in story.credit))
    refunds = [each for each in account.adjustments if each.kind == "refund" and each.on <= on]
    same("refunded", ledger.refunded, sum(each.amount for each in refunds) - sum(fen for _, fen in story.short))
    same("payments", [each.id for each in ledger.payments], [each.id for each in story.payments])
    for plan, told in zip(ledger.plans, story.plans, strict=True):
        stands = "broken" if told.broken_on else "completed" if told.completed_on else "kept"
        completed = None if told.broken_on else told.completed_on
        same(f"plan {told.plan.id}", tuple(plan), (told.plan, stands, told.broken_on, completed))
    for state, debt in zip(ledger.charges, story.debts, strict=False):
        name = debt.charge.id
        same(f"{name} due", state.due, debt.due if debt.charge.due else None)
        same(f"{name} contract", state.contract, debt.contract)
        same(f"{name} terms", state.terms, debt.terms)
        same(f"{name} principal", state.principal, debt.principal)
        same(f"{name} unpaid", state.unpaid, debt.unpaid)
        same(f"{name} paid", state.paid, debt.paid_to("principal"))
        same(f"{name} relief", state.relief, sum(fen for _, kind, fen in debt.forgiven if kind == "relief"))
        same(f"{name} written off", state.written_off, sum(f for _, kind, f in debt.forgiven if kind == "write_off"))
        settled = debt.settled() if debt.principal else min(max(debt.due, debt.known), on)
        same(f"{name} settled on", state.settled_on, settled)
        same(f"{name} other debtor", state.other_debtor, debt.another)
        same(f"{name} chased", state.chased, debt.charge.item in book.chased and not debt.another)
        same(f"{name} applied", sorted(state.applied), sorted(debt.paid))
        same_fee(same, story, debt, state.fee)
    same("findings", sorted(_told(ledger.findings)), sorted(_expected(account, story)))
    return found


def same_fee(same: Same, story: Story, debt: Debt, fee: FeeState) -> None:
    name, on, why = debt.charge.id, story.on, story.bears(debt)
    assessed = story.assessed(debt, on, on)
    same(f"{name} assessed", fee.assessed, assessed)
    same(f"{name} fee paid", fee.paid, debt.paid_to("late_fee"))
    booked = sum(row.amount for row in story.account.late_fees if row.charge == name and row.on <= on)
    same(f"{name} booked", fee.booked, booked)
    by_rule = sum(debt.waived_by_rule)
    if assessed is None:
        same(f"{name} outstanding", (fee.outstanding, fee.to_book, fee.contingent), (None, None, 0))
        same(f"{name} why", fee.why, why or "no_rate_before")
        return
    left = max(0, assessed - debt.paid_to("late_fee") - sum(debt.waived) - by_rule)
    if story.lapsed(debt, on + DAY):
        by_rule, left = by_rule + left, 0
    same(f"{name} waived", fee.waived, sum(debt.waived) + by_rule)
    same(f"{name} outstanding", fee.outstanding, left)
    same(f"{name} to book", fee.to_book, assessed - by_rule - booked)
    kept = [each for each in story.plans if debt in each.covered and not each.broken_on and not each.completed_on]
    same(f"{name} contingent", fee.contingent, min(left, sum(story.promised(each, debt) for each in kept)))
    if why in ("opening", "item_bears_none", "no_clause"):
        same(f"{name} why", fee.why, why)
        same(f"{name} segments", fee.segments, ())
        return
    exact = story.exact(debt, on, on)
    assert exact is not None
    same(f"{name} exact", fee.exact, exact)
    cap = story.cap(debt)
    same(f"{name} capped", fee.capped, bool(exact) and cap is not None and assessed >= cap.__floor__())
    days = story.accrual(debt, on, on)
    laid_out = [(each.since + n * DAY, each.principal, each.rate) for each in fee.segments for n in range(each.days)]
    if exact:
        same(f"{name} days", laid_out, days)
        same(
            f"{name} ends", [each.until for each in fee.segments], [e.since + (e.days - 1) * DAY for e in fee.segments]
        )
        for one, two in pairwise(fee.segments):
            if one.until + DAY == two.since:
                alike = (one.principal, one.rate) == (two.principal, two.rate)
                same(f"{name} needless cut at {two.since}", alike, False)  # noqa: FBT003 - a value, not a switch
    settled, grace = debt.settled(), (story.grace(debt) or 0) * DAY
    if exact:
        reason = ""
    elif on <= debt.due:
        reason = "not_due"
    elif not debt.principal:
        reason = ""
    elif (settled is None and on <= debt.due + grace) or (settled and debt.due < settled <= debt.due + grace):
        reason = "grace"
    else:
        reason = ""
    same(f"{name} why", fee.why, reason)


_FEN = {"A401": "amount", "A402": "excess", "A403": "excess", "A404": "excess", "A405": "excess", "A504": "excess"}


def _told(findings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    return [(each.code, each.args["id"], str(each.args[_FEN[each.code]])) for each in findings if each.code in _FEN]


def _expected(account: Account, story: Story) -> list[tuple[str, str, str]]:
    found = [("A401", payment, fen) for payment, fen in story.differs] + list(story.over)
    found += [("A404", refund.id, fen) for refund, fen in story.short]
    for charge in account.charges:
        notes = sorted(
            (a for a in account.adjustments if a.kind == "credit_note" and a.charge == charge.id and a.on <= story.on),
            key=lambda each: (each.on, each.id),
        )
        over = sum(note.amount for note in notes) - charge.amount
        if over > 0:
            found.append(("A402", notes[-1].id, over))
    for debt in story.debts:
        assessed = story.assessed(debt, story.on, story.on)
        if assessed is None:
            continue
        by_rule = sum(debt.waived_by_rule)
        left = max(0, assessed - debt.paid_to("late_fee") - sum(debt.waived) - by_rule)
        if story.lapsed(debt, story.on + DAY):
            by_rule += left
        booked = sum(r.amount for r in account.late_fees if r.charge == debt.charge.id and r.on <= story.on)
        if booked > assessed - by_rule:
            found.append(("A504", debt.charge.id, booked - assessed + by_rule))
    return [(code, record, f"{fen // 100}.{fen % 100:02d}") for code, record, fen in found]
