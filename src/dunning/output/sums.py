"""Money in words: how a late fee comes to its sum, which cap and whose terms held, and where each payment went.

Everything a clerk would have to work out with a calculator to believe the figure stands there with its figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from dunning.basis.finding import Lang, Text
from dunning.basis.money import Fen, decimal_text, rounded, yuan
from dunning.engine.owed.fees import FeeState, Segment
from dunning.engine.owed.ledger import ChargeState, Ledger
from dunning.engine.result import Assessment
from dunning.lang.words import words
from dunning.model.account import Part, Payment

FEE_REASONS: Mapping[str, Text] = {
    "not_due": Text("还没有逾期", "not overdue yet"),
    "grace": Text("在宽限期内", "within the days of grace"),
    "no_clause": Text("合同没有违约金条款", "the contract has no late-fee clause"),
    "clause_unknown": Text("不知道合同有没有违约金条款", "whether the contract has a late-fee clause is unknown"),
    "no_rate_before": Text("规则书没有那时的费率", "the rule book has no rate for that time"),
    "item_bears_none": Text("这个费项不计违约金", "this item bears no late fee"),
    "opening": Text("期初余额带来的, 不再增加", "carried over with the opening balance; it does not grow"),
}
_BETWEEN = Text("、", ", ")

# The late fee of a charge


def fee(told: FeeState, state: ChargeState, lang: Lang) -> Iterator[str]:
    """The late fee of a charge: its stretches, their sum, the cap, the contract's own terms, what became of it."""
    why = FEE_REASONS[told.why].to(lang) if told.why else ""
    if told.assessed is None:
        yield Text(f"  违约金无法确定: {why}", f"  late fee undetermined: {why}").to(lang)
        return
    reason = f" ({why})" if why else ""
    assessed = yuan(told.assessed)
    yield Text(f"  违约金 {assessed}元{reason}", f"  late fee {assessed} yuan{reason}").to(lang)
    segments = told.segments
    yield from (f"    {_segment(segment, lang)}" for segment in segments)
    if segments:
        yield f"    {_sum(segments, told.assessed, state, lang)}"
        yield from (f"    {line.to(lang)}" for line in _narrowed(segments, state))
    amounts = (
        (told.paid, Text("已缴", "paid")),
        (told.waived, Text("已免", "waived")),
        (told.contingent, Text("分期履行完毕后可免", "waived once the plan is kept to its end")),
        (told.booked, Text("系统已记", "booked by the ERP")),
    )
    parts = [f"{title.to(lang)} {yuan(amount)}" for amount, title in amounts if amount]
    if parts:
        yield f"    {', '.join(parts)}; {Text('未缴', 'outstanding').to(lang)} {yuan(told.outstanding or 0)}"


def _segment(segment: Segment, lang: Lang) -> str:
    figures = f"{yuan(segment.principal)} × {_per_mille(segment.rate)} × {segment.days}"
    exact = decimal_text(segment.exact / 100)
    return Text(
        f"{segment.since} 至 {segment.until}  {figures}天 = {exact}",
        f"{segment.since} to {segment.until}  {figures} days = {exact}",
    ).to(lang)


def _sum(segments: Sequence[Segment], assessed: Fen, state: ChargeState, lang: Lang) -> str:
    exact = sum((segment.exact for segment in segments), Fraction(0))
    told = decimal_text(exact / 100)
    if not state.fee.capped or rounded(exact, "half_up") <= assessed:
        return Text(f"合计 {told}, 舍入一次", f"{told} in all, rounded once").to(lang)
    cap = _cap(state)
    return Text(f"合计 {told}, 超过上限, 取上限 {cap.zh}", f"{told} in all, more than the cap: the cap {cap.en}").to(
        lang
    )


def _cap(state: ChargeState) -> Text:
    """The cap with its sum: 75.00 = 5% × 本金 1500.00; what is less than a fen is dropped."""
    accrual, due = state.fee.accrual, state.due
    assert accrual is not None  # what has reached its cap has run
    schedule = accrual.schedule
    base, of = state.principal, Text("本金", "principal")
    if schedule.cap_of_overdue and due is not None:
        base, of = state.unpaid_on(due), Text("到期日未缴本金", "principal unpaid on the due date")
    share = Fraction(schedule.cap_top, schedule.cap_bottom)
    limit, exact = schedule.limit(base) or 0, share * base
    rest = "" if exact == limit else f" = {decimal_text(exact / 100)}"
    cut = Text(", 不足一分的舍去", ", cut to the fen") if rest else Text("", "")
    return Text(*(
        f"{yuan(limit)} ({_percent(share)} × {each} {yuan(base)}{rest}{end})"
        for each, end in zip(of, cut, strict=True)
    ))  # fmt: skip


def _narrowed(segments: Sequence[Segment], state: ChargeState) -> Iterator[Text]:
    """The contract's own rate and cap, where they are lower than the rule book's."""
    contract, terms, written = state.contract, state.terms, state.charge.due
    if contract is None or terms is None or written is None:
        return
    days = [segment.since if terms.dated_by == "day" else written for segment in segments]
    books = [(terms.rate.on(day), segment.rate) for day, segment in zip(days, segments, strict=True)]
    above = sorted({book for book, rate in books if book is not None and rate < book})
    if above:
        own, told = _per_mille(segments[0].rate), [_per_mille(each) for each in above]
        yield Text(
            f"日费率 {own} 是合同 {contract.id} 约定的, 低于规则书的 {'、'.join(told)}",
            f"the daily rate of {own} is that of contract {contract.id}, below the rule book's {', '.join(told)}",
        )
    cap, share = terms.cap.on(written), contract.late_fee_cap
    if share is None or (cap is not None and cap.share <= share):
        return
    own = _percent(share)
    book = Text("规则书没有上限", "the rule book has none")
    if cap is not None:
        book = Text(f"低于规则书的 {_percent(cap.share)}", f"below the rule book's {_percent(cap.share)}")
    yield Text(
        f"上限 {own} 是合同 {contract.id} 约定的, {book.zh}",
        f"the cap of {own} is that of contract {contract.id}, {book.en}",
    )


# Payments


class _Spent(NamedTuple):
    """What of a payment settled one part of a charge on a day."""

    charge: str
    part: Part
    on: date
    amount: Fen


LONG_AGO = timedelta(days=366)


def payments(result: Assessment, ledger: Ledger, lang: Lang) -> Iterator[str]:
    """Where each payment went, to the fen; those long ago that settled what is settled are only counted."""
    known = [payment for payment in result.account.payments if payment.on <= result.on]
    if not known:
        return
    yield ""
    yield Text("收款去向", "Where the payments went").to(lang)
    spent = _spent(ledger)
    settled = {state.charge.id for state in ledger.charges if not state.unpaid and state.fee.outstanding == 0}
    old = {
        payment.id
        for payment in ledger.payments
        if payment.on < result.on - LONG_AGO
        and _left(payment, spent) == 0
        and all(part.charge in settled for part in spent[payment.id])
    }
    if old:
        total = yuan(sum(payment.amount for payment in known if payment.id in old))
        yield Text(
            f"  一年以前的 {len(old)} 笔共 {total}元, 都用在已清的账单上",
            f"  {len(old)} payments of more than a year ago, {total} yuan in all, went to settled charges",
        ).to(lang)
    for payment in sorted(known, key=lambda each: (each.on, each.id)):
        if payment.id not in old:
            yield f"  {payment.on} {payment.id} {yuan(payment.amount)}: {_went(payment, spent, ledger, lang)}"


def _went(payment: Payment, spent: Mapping[str, Sequence[_Spent]], ledger: Ledger, lang: Lang) -> str:
    reversed_on = payment.reversed_on
    if reversed_on is not None and reversed_on <= ledger.on:
        return Text(f"{reversed_on} 已冲正, 不算", f"reversed on {reversed_on}: it does not count").to(lang)
    told = []
    for part in spent.get(payment.id, ()):
        later = Text(f" ({part.on} 从预存里付)", f" (on {part.on}, from credit)")
        day = later.to(lang) if part.on != payment.on else ""
        told.append(f"{part.charge} {words.PARTS[part.part].to(lang)} {yuan(part.amount)}{day}")
    left = _left(payment, spent)
    if left:
        kept = Text("预存或已退", "in credit or paid back") if ledger.refunded else Text("预存", "in credit")
        told.append(f"{kept.to(lang)} {yuan(left)}")
    return _BETWEEN.to(lang).join(told)


def _spent(ledger: Ledger) -> Mapping[str, Sequence[_Spent]]:
    """By payment, in the order of the charges."""
    found: dict[str, dict[tuple[str, Part, date], Fen]] = {}
    for state in ledger.charges:
        for entry in state.applied:
            parts, part = found.setdefault(entry.payment, {}), (state.charge.id, entry.part, entry.on)
            parts[part] = parts.get(part, 0) + entry.amount
    return {payment: [_Spent(*part, amount) for part, amount in parts.items()] for payment, parts in found.items()}


def _left(payment: Payment, spent: Mapping[str, Sequence[_Spent]]) -> Fen:
    """What of a payment has settled nothing."""
    return payment.amount - sum(part.amount for part in spent.get(payment.id, ()))


def _percent(share: Fraction) -> str:
    return f"{decimal_text(share * 100)}%"


def _per_mille(rate: Fraction) -> str:
    return f"{decimal_text(rate * 1000)}‰"
