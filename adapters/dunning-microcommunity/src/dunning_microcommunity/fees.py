"""One fee, month by month: what is owed in whole fen, what was paid and by which payment, and what does not agree.

MicroCommunity keeps amounts of months with four decimals and a job's snapshot of arrears with two, which need not
agree. Nothing is rounded silently, and nothing that it calls paid is asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from dunning import Finding
from dunning.adapter import Source
from dunning.adapter.documents import Text
from dunning_microcommunity.due import DuePolicy, Period, cycle_of, end_of_month
from dunning_microcommunity.rows import Arrears, Detail, Month, day_of

MONTHS, PAYMENTS, DISCOUNTS = "pay_fee_detail_month", "pay_fee_detail", "pay_fee_detail_discount"
UNPAID, PAID, REFUNDED = "W", "C", "R"
RUNNING = "2008001"
FEN = Decimal("0.01")

ITEMS = {
    "888800010001": "property_fee", "888800010006": "deposit", "888800010008": "parking", "888800010009": "utility",
    "888800010011": "heating", "888800010012": "repair", "888800010015": "utility", "888800010016": "utility",
    "888800010017": "shared_utility", "888800010018": "rent",
}  # fmt: skip
"""fee_type_cd; whatever else there is, is `other`."""


@dataclass(slots=True)
class Sheet:
    """What one owner has of some fees: lists of records, reasons why they cannot be read, and doubts."""

    charges: list[dict[str, Any]] = field(default_factory=list)
    payments: list[dict[str, Any]] = field(default_factory=list)
    adjustments: list[dict[str, Any]] = field(default_factory=list)
    late_fees: list[dict[str, Any]] = field(default_factory=list)
    unfit: list[Finding] = field(default_factory=list)
    doubts: list[Finding] = field(default_factory=list)


Sheets = dict[str, Sheet]
"""By owner."""


class Owed(NamedTuple):
    """A month with its period and its sums in fen: still to pay, received, let off, and lacking though called paid.

    `whole` says whether its amounts were whole fen already.
    """

    month: Month
    period: Period
    open: int
    settled: int
    discount: int
    rest: int
    whole: bool

    @property
    def amount(self) -> int:
        return self.open + self.settled + self.discount + self.rest


class Line(NamedTuple):
    """So much of a payment for a month."""

    owed: Owed
    amount: int


def fee_sheets(
    months: Sequence[Month],
    details: Sequence[Detail],
    arrears: Arrears | None,
    *,
    owner_of: Callable[[Month], str],
    policy: DuePolicy,
    as_of: date,
) -> Sheets:
    """What each owner has of one fee, whose rows these are."""
    sheets: Sheets = {}

    def sheet(month: Month) -> Sheet:
        return _sheet(sheets, owner_of(month))

    standing: list[Month] = []
    for month in months:
        superseded = _superseded(month, months)
        wrong = None if superseded else _wrong(month)
        if superseded is not None:
            sheet(month).doubts.append(superseded)
        elif wrong is not None:
            sheet(month).unfit.append(wrong)
        else:
            standing.append(month)
    owed, doubts = _sums(standing, arrears, as_of)
    for each in owed:
        _charge(sheet(each.month), each, policy)
    if standing:
        first = next((each.month for each in owed if each.open), standing[0])
        sheet(first).doubts.extend(doubts)
    _payments(sheets, owed, details, owner_of)
    return sheets


# Which rows count


def _superseded(month: Month, months: Sequence[Month]) -> Finding | None:
    """Why a refunded month is not owed again; None if it is, or was not refunded.

    The money went back, so that it is owed anew: unless another row asks for the same month, or the fee has ended.
    """
    if month.state != REFUNDED:
        return None
    again = next((other for other in months if other.begins == month.begins and other.state != REFUNDED), None)
    if again is None and month.of.state == RUNNING:
        return None
    why = Text("这项费用已经结束", "the fee has ended")
    if again is not None:
        why = Text(f"同一个月另有一行 {again.id}", f"there is another row for that month, {again.id}")
    return Finding("P611", Source(MONTHS, month.id, "state"), {"why": why})


def _wrong(month: Month) -> Finding | None:
    """Why a month cannot be read."""
    if month.receivable is None:
        return _lacks(MONTHS, month.id, "receivable_amount", "amount")
    if month.begins is None:
        return _lacks(MONTHS, month.id, "cur_month_time", "period")
    if month.state not in (UNPAID, PAID, REFUNDED):
        args = {"field": Text("“状态”", "`state`"), "column": "state", "value": month.state}
        return Finding("P301", Source(MONTHS, month.id, "state"), args)
    return None


def _lacks(table: str, key: str, column: str, name: str) -> Finding:
    return Finding("P304", Source(table, key, column), {"field": Text(f"“{name}”", f"`{name}`"), "column": column})


# Sums


def _sums(months: Sequence[Month], arrears: Arrears | None, as_of: date) -> tuple[list[Owed], list[Finding]]:
    """Each month in whole fen, by period; and where it and the snapshot do not agree."""
    ordered = sorted(months, key=lambda month: (_period(month), month.id))
    limit = None if arrears is None else day_of(arrears.until)
    owing = [month for month in ordered if month.state != PAID]
    compared = [month for month in owing if (_period(month).since < limit if limit else _period(month).since <= as_of)]
    rest = [month for month in owing if month not in compared]
    open_fen, doubts = _reconciled(compared, arrears)
    open_fen |= _parted(rest, fen(sum(map(_open, rest), Decimal(0))))
    return [_owed(month, open_fen.get(month.id, 0)) for month in ordered], doubts


def _open(month: Month) -> Decimal:
    """What is still to pay of a month that is not paid, in yuan."""
    assert month.receivable is not None
    if month.state == REFUNDED:
        return month.receivable
    return max(Decimal(0), month.receivable - month.received - month.discount)


def _reconciled(months: Sequence[Month], arrears: Arrears | None) -> tuple[dict[str, int], list[Finding]]:
    """What is open of each month, in fen, so that they add up to the snapshot if only fractions of a fen are between.

    Any other difference is told, and the months stand as they are.
    """
    exact = sum(map(_open, months), Decimal(0))
    theirs = Decimal(0) if arrears is None else arrears.amount
    low = sum((_open(month).quantize(FEN, ROUND_FLOOR) for month in months), Decimal(0))
    high = low + FEN * sum(not _whole(_open(month)) for month in months)
    agreed = low <= theirs <= high and not (exact and arrears is None)
    target = fen(theirs) if agreed else fen(exact)
    doubts = []
    if not agreed:
        told = yuan_text(fen(theirs)) if arrears else Text("没有这一行", "no row")
        where = Source("report_owe_fee", arrears.id if arrears else months[0].fee, "amount_owed")
        fee = months[0].fee if arrears is None else arrears.fee
        doubts.append(Finding("P603", where, {"fee": fee, "ours": yuan_text(target), "theirs": told}))
    fractions = [month for month in months if not _whole(_open(month))]
    if fractions:
        doubts.append(_rounded(fractions, exact, target))
    return _parted(months, target), doubts


def _rounded(months: Sequence[Month], exact: Decimal, whole: int) -> Finding:
    args = {"count": len(months), "exact": f"{exact.normalize():f}", "whole": yuan_text(whole)}
    return Finding("P604", Source(MONTHS, months[0].id, "receivable_amount"), args)


def _parted(months: Sequence[Month], whole: int) -> dict[str, int]:
    parts = shares([_open(month).scaleb(2) for month in months], whole)
    return {month.id: part for month, part in zip(months, parts, strict=True)}


def shares(exact: Sequence[Decimal] | Sequence[Fraction], whole: int) -> list[int]:
    """Whole fen that add up to `whole` and are nearest to these: rounded down, then one more to the largest remainders.

    `whole` lies between their sum rounded down one by one, and rounded up. Of equal remainders the first goes before.
    """
    parts = [int(part) for part in exact]
    order = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in order[: whole - sum(parts)]:
        parts[index] += 1
    return parts


def _owed(month: Month, open_: int) -> Owed:
    assert month.receivable is not None
    period = _period(month)
    whole = _whole(month.receivable) and _whole(month.received) and _whole(month.discount)
    if month.state == REFUNDED:
        return Owed(month, period, open_, 0, 0, 0, whole)
    discount = min(month.discount, month.receivable)
    settled = min(month.received, month.receivable - discount)
    rest = month.receivable - discount - settled
    unexplained = rest if month.state == PAID and rest >= FEN else Decimal(0)
    return Owed(month, period, open_, fen(settled), fen(discount), fen(unexplained), whole)


def _period(month: Month) -> Period:
    assert month.begins is not None
    since = month.begins.date()
    return Period(since, month.ends if month.ends and month.ends >= since else end_of_month(since))


def _whole(amount: Decimal) -> bool:
    return not amount % FEN


def fen(yuan: Decimal) -> int:
    """Yuan in fen, half a fen up."""
    return int((yuan * 100).to_integral_value(ROUND_HALF_UP))


def yuan(amount: int) -> Decimal:
    return Decimal(amount).scaleb(-2)


def yuan_text(amount: int) -> Text:
    return Text(f"{yuan(amount)} 元", f"{yuan(amount)} yuan")


# Records


def _charge(sheet: Sheet, owed: Owed, policy: DuePolicy) -> None:
    """A month as a charge, with what was let off of it."""
    month, period = owed.month, owed.period
    due = _due(sheet, month, period, policy)
    record = {
        "id": month.id,
        "item": ITEMS.get(month.type, "other"),
        "amount": yuan(owed.amount),
        "period": [period.since, period.until],
        "due": due,
    }
    sheet.charges.append(record)
    on = (day_of(month.paid_at) or period.since).isoformat()
    if owed.discount:
        relief = {"id": f"{month.id}/discount", "on": on, "kind": "relief", "charge": month.id}
        sheet.adjustments.append({**relief, "amount": yuan(owed.discount)})
    if owed.rest:
        note = {"id": f"{month.id}/rest", "on": on, "kind": "credit_note", "charge": month.id}
        sheet.adjustments.append({**note, "amount": yuan(owed.rest)})
        args = {"rest": yuan_text(owed.rest)}
        sheet.doubts.append(Finding("P610", Source(MONTHS, month.id, "received_amount"), args))
    if not owed.whole and month.state == PAID and month.receivable is not None:
        sheet.doubts.append(_rounded([month], month.receivable, owed.amount))


def _due(sheet: Sheet, month: Month, period: Period, policy: DuePolicy) -> date | None:
    """The due date by the policy; a reason on the sheet where it cannot be told."""
    months = int(month.of.cycle) if month.of.cycle.isdecimal() and int(month.of.cycle) else None
    if month.of.cycle and months is None:
        at = Source("pay_fee_config", month.of.config, "payment_cycle")
        sheet.unfit.append(Finding("P602", at, {"value": month.of.cycle}))
        return None
    due = policy.due(month.of.payment_cd, cycle_of(period, day_of(month.of.built), months))
    if due is None:
        at = Source("pay_fee_config", month.of.config, "payment_cd")
        told = Text(
            f"“{month.of.payment_cd}”" if month.of.payment_cd else "空",
            f"`{month.of.payment_cd}`" if month.of.payment_cd else "nothing",
        )
        sheet.unfit.append(Finding("P601", at, {"value": told}))
    return due


# Payments


def _payments(
    sheets: Sheets, owed: Sequence[Owed], details: Sequence[Detail], owner_of: Callable[[Month], str]
) -> None:
    """Payments with the months they were booked to, and the late fees charged with them."""
    if not owed:
        return
    dated = []
    for detail in sorted(details, key=lambda detail: (detail.paid_at is None, detail.paid_at, detail.id)):
        lacking = "create_time" if detail.paid_at is None else "received_amount" if detail.received is None else ""
        if lacking:
            sheet = _sheet(sheets, owner_of(owed[0].month))
            sheet.unfit.append(_lacks(PAYMENTS, detail.id, lacking, "on" if detail.paid_at is None else "amount"))
        else:
            dated.append(detail)
    lines, missing = _settled(owed, dated)
    for detail in dated:
        _payment(sheets, detail, lines[detail.id], owed, owner_of)
    for line in missing:
        _unproven(_sheet(sheets, owner_of(line.owed.month)), line)


def _settled(owed: Sequence[Owed], details: Sequence[Detail]) -> tuple[dict[str, list[Line]], list[Line]]:
    """What of each payment went to which month, and what a month has received that no payment accounts for.

    A month names the last payment for it; what is left of others of the fee goes to the months in their period.
    """
    need = {each.month.id: each.settled for each in owed}
    left = {detail.id: max(0, fen(detail.received or Decimal(0)) - _late(detail)) for detail in details}
    lines: dict[str, dict[str, Line]] = {detail.id: {} for detail in details}

    def book(detail: Detail, each: Owed) -> None:
        amount = min(need[each.month.id], left[detail.id])
        if amount > 0:
            need[each.month.id] -= amount
            left[detail.id] -= amount
            before = lines[detail.id].get(each.month.id)
            lines[detail.id][each.month.id] = Line(each, amount + (before.amount if before else 0))

    for linked in (True, False):
        for detail in details:
            for each in owed:
                if each.month.detail == detail.id if linked else _within(detail, each.period):
                    book(detail, each)
    missing = [Line(each, need[each.month.id]) for each in owed if need[each.month.id]]
    return {id_: list(of.values()) for id_, of in lines.items()}, missing


def _within(detail: Detail, period: Period) -> bool:
    """Whether the period of a payment touches that of a month."""
    since, until = day_of(detail.begins), day_of(detail.ends)
    return since is not None and until is not None and since <= period.until and period.since <= until


def _late(detail: Detail) -> int:
    """The late fee in a payment, in fen."""
    return fen(detail.charged or detail.late)


def _payment(
    sheets: Sheets, detail: Detail, lines: Sequence[Line], owed: Sequence[Owed], owner_of: Callable[[Month], str]
) -> None:
    """A payment, on the sheet of each owner whose months it paid. What is over stays with the first of them."""
    assert detail.paid_at is not None
    assert detail.received is not None
    late, total = _late(detail), fen(detail.received)
    touched = [line.owed for line in lines] or [each for each in owed if _within(detail, each.period)]
    first = owner_of((touched or owed)[0].month)
    spare = max(0, total - sum(line.amount for line in lines) - (late if touched else 0))
    if spare and not (touched and _covered(detail, owed)):
        args = {"amount": yuan_text(spare)}
        _sheet(sheets, first).doubts.append(Finding("P612", Source(PAYMENTS, detail.id, "start_time"), args))
        spare = 0
    if detail.charged and detail.late and detail.charged != detail.late:
        args = {"charged": yuan_text(fen(detail.charged)), "late": yuan_text(fen(detail.late))}
        _sheet(sheets, first).doubts.append(Finding("P613", Source(PAYMENTS, detail.id, "late_amount"), args))
    on = detail.paid_at.date().isoformat()
    settled: dict[str, list[dict[str, Any]]] = {first: []} if spare else {}
    for line in lines:
        settled.setdefault(owner_of(line.owed.month), []).append(_settles(line, "principal"))
    for_late = lines or [Line(each, 1) for each in touched[:1]]
    for line in _late_lines(for_late, min(late, total)):
        settled.setdefault(owner_of(line.owed.month), []).append(_settles(line, "late_fee"))
    for line in _late_lines(for_late, late):
        month = line.owed.month
        fee = {"id": f"{detail.id}/{month.id}", "charge": month.id, "on": on, "amount": yuan(line.amount)}
        _sheet(sheets, owner_of(month)).late_fees.append(fee)
    for owner, settles in settled.items():
        amount = sum((each["amount"] for each in settles), yuan(spare if owner == first else 0))
        record = {"id": detail.id, "on": on, "amount": amount, "ref": detail.id}
        _sheet(sheets, owner).payments.append(record | ({"settles": settles} if settles else {}))


def _settles(line: Line, part: str) -> dict[str, Any]:
    return {"charge": line.owed.month.id, "part": part, "amount": yuan(line.amount)}


def _sheet(sheets: Sheets, owner: str) -> Sheet:
    return sheets.setdefault(owner, Sheet())


def _late_lines(lines: Sequence[Line], late: int) -> list[Line]:
    """A late fee, which is charged for a payment as a whole, by the months that were paid, in proportion."""
    paid = sum(line.amount for line in lines)
    if not late or not paid:
        return []
    parts = shares([Fraction(late * line.amount, paid) for line in lines], late)
    return [Line(line.owed, part) for line, part in zip(lines, parts, strict=True) if part]


def _covered(detail: Detail, owed: Iterable[Owed]) -> bool:
    """Whether there are month rows for all that a payment was for. Without a period nobody can tell, and it counts."""
    since, until = day_of(detail.begins), day_of(detail.ends)
    if since is None or until is None:
        return True
    there = {(each.period.since.year, each.period.since.month) for each in owed}
    return all(month in there for month in _months(since, until))


def _months(since: date, until: date) -> Iterator[tuple[int, int]]:
    """The calendar months from a day to the day before another; at least that of the first."""
    month = (since.year, since.month)
    while month == (since.year, since.month) or date(*month, 1) < until:
        yield month
        month = (month[0] + month[1] // 12, month[1] % 12 + 1)


def _unproven(sheet: Sheet, line: Line) -> None:
    """A month counts as paid though no payment is found for it: whoever has paid is not asked again."""
    month, period = line.owed.month, line.owed.period
    settles = [{"charge": month.id, "amount": yuan(line.amount)}]
    on = (day_of(month.paid_at) or period.since).isoformat()
    sheet.payments.append({"id": f"{month.id}/paid", "on": on, "amount": yuan(line.amount), "settles": settles})
    args = {"amount": yuan_text(line.amount)}
    sheet.doubts.append(Finding("P609", Source(MONTHS, month.id, "detail_id"), args))


def by_fee(months: Iterable[Month]) -> Mapping[str, list[Month]]:
    """Months by their fee."""
    found: dict[str, list[Month]] = {}
    for month in months:
        found.setdefault(month.fee, []).append(month)
    return found
