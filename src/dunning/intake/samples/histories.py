"""What happened on one account of a sample: its charges, how they were paid, and what the company did about it.

Four kinds of payer make the arrears: on time, after a reminder, often late, never. Their shares, by use, are those of
the source documents (systems.md C.1 and K), which no test relies on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any, Literal, NamedTuple

from dunning.basis.calendar import CYCLE_MONTHS, Cycle, add_months, next_period, period_of
from dunning.basis.money import Fen, yuan

ON = date(2026, 11, 21)  # the day the sample's data is of
AS_OF = "2026-11-21T23:00:00+08:00"
Kind = Literal["on_time", "reminded", "often_late", "refuses"]
Record = dict[str, Any]
Owing = dict[str, tuple[Fen, date]]  # charge -> amount, due date

# How many periods have been billed; what is refused is older.
_BACK: dict[Cycle, int] = {"month": 8, "quarter": 7, "half_year": 5, "year": 3}
_REFUSED_BACK: dict[Cycle, int] = {"month": 16, "quarter": 10, "half_year": 6, "year": 4}
_LATE_FEE = (5, 10_000)  # 0.5‰ a day, for what the ERP booked
_BOOKED = date(2026, 10, 31)  # at the end of the month before
_REASONS = ("forgot", "service_quality", "hardship", "away", "price", "not_used", "contract", "other")
_DISPUTES = ("service_quality", "service_quality", "billing_error", "price", "not_used", "already_paid", "not_debtor")
_PAY_CHANNELS = ("wechat", "wechat", "wechat", "alipay", "bank_transfer", "app", "cash", "pos")


class Dice:
    """Chances from a seed: only `Random.random` is used, which gives the same numbers on every version of Python."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def chance(self, share: float) -> bool:
        return self._random() < share

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._random() * (high - low + 1))

    def one(self, of: Sequence[Any]) -> Any:
        return of[int(self._random() * len(of))]

    def by(self, shares: Sequence[tuple[Any, float]]) -> Any:
        """One of the values by their shares, which add up to 1."""
        left = self._random()
        for value, share in shares:
            left -= share
            if left < 0:
                return value
        return shares[-1][0]


@dataclass(slots=True)
class Terms:
    """What an account is billed, and by whom it is paid."""

    cycle: Cycle
    item: str
    amount: Fen  # a month
    since: date
    until: date | None
    kind: Kind
    liable: Sequence[str]  # ids of the debtor and of who is liable beside
    receipts: str  # of one who pays for several accounts at once, on one receipt; else empty
    paying: int  # and pays them on the same days: the seed of those
    clause: bool | None
    booked: bool  # the ERP books late fees
    contacts_known: bool


@dataclass(slots=True)
class History:
    """The lists of an account."""

    charges: list[Record] = field(default_factory=list)
    payments: list[Record] = field(default_factory=list)
    adjustments: list[Record] = field(default_factory=list)
    late_fees: list[Record] = field(default_factory=list)
    contacts: list[Record] = field(default_factory=list)
    disputes: list[Record] = field(default_factory=list)
    holds: list[Record] = field(default_factory=list)
    plans: list[Record] = field(default_factory=list)
    proceedings: list[Record] = field(default_factory=list)
    approvals: list[Record] = field(default_factory=list)

    def lists(self) -> dict[str, list[Record]]:
        """Those that have anything in them."""
        return {name: entries for name in self.__slots__ if (entries := getattr(self, name))}


class Bill(NamedTuple):
    """A period to be billed: id, first day, last day, due date, and what the history needs to reckon with."""

    id: str
    first: date
    due: date
    months: int
    period: tuple[str, str]
    due_text: str


class Open(NamedTuple):
    """A charge not paid by now: what is left of it, and since when it is due."""

    id: str
    left: Fen
    due: date


@cache
def bills(cycle: Cycle, count: int) -> tuple[Bill, ...]:
    """The last periods up to ON, oldest first; due on the 15th of their first month (systems.md B.23)."""
    found: list[Bill] = []
    day = add_months(ON, -CYCLE_MONTHS[cycle] * (count - 1))
    first, last = period_of(cycle, day)
    while first <= ON:
        due = first.replace(day=15)
        name = {
            "month": f"{first:%Y-%m}",
            "quarter": f"{first.year}Q{first.month // 3 + 1}",
            "half_year": f"{first.year}H{first.month // 6 + 1}",
            "year": f"{first.year}",
        }[cycle]
        months = CYCLE_MONTHS[cycle]
        found.append(Bill(name, first, due, months, (first.isoformat(), last.isoformat()), due.isoformat()))
        first, last = next_period(cycle, first)
    return tuple(found)


def history(terms: Terms, dice: Dice) -> History:
    """Everything that happened on an account, up to ON."""
    story = History()
    back = _REFUSED_BACK if terms.kind == "refuses" else _BACK
    owing: Owing = {}
    for bill in bills(terms.cycle, back[terms.cycle]):
        if bill.first < terms.since or (terms.until and bill.first > terms.until):
            continue
        amount = terms.amount * bill.months
        charge = {
            "id": bill.id,
            "item": terms.item,
            "period": list(bill.period),
            "amount": yuan(amount),
            "due": bill.due_text,
        }
        story.charges.append(charge)
        owing[bill.id] = (amount, bill.due)
    if terms.since < date(2024, 1, 1) and dice.chance(0.04):
        _opening(story, terms, dice)
    paid_on = _days_paid(terms, owing, Dice(terms.paying) if terms.receipts else dice)
    open_charges = _payments(story, terms, owing, paid_on, dice)
    if open_charges and open_charges[0].due < ON:
        _arrears(story, terms, open_charges, dice)
    _corrections(story, owing, open_charges, dice)
    return story


def _opening(story: History, terms: Terms, dice: Dice) -> None:
    """A balance carried over from the system before, without a due date."""
    amount = terms.amount * dice.whole(1, 8)
    opening = {"on": "2024-01-01", "late_fee": yuan(amount * dice.whole(0, 5) // 100)}
    story.charges.insert(0, {"id": "OPEN", "item": terms.item, "amount": yuan(amount), "opening": opening})


# Paying


def _days_paid(terms: Terms, owing: Owing, dice: Dice) -> dict[str, date]:
    """The day each charge is paid on; charges paid in one go share it. What is paid after ON is not paid yet."""
    habit = dice.by((("month_start", 0.3), ("mid_month", 0.4), ("any", 0.3)))
    lump: Cycle | None = None  # what is paid in one go: the charges of a year, of half a year, or each for itself
    if terms.kind != "refuses":
        lump = dice.by((("year", 0.65), ("half_year", 0.2), (None, 0.15)))
    found: dict[str, date] = {}
    together: dict[date, date] = {}
    unpaid_from = len(owing)
    if terms.kind == "refuses":
        unpaid_from = dice.by(((0, 0.5), (1, 0.3), (2, 0.2)))
    elif terms.kind == "often_late":
        unpaid_from -= dice.by(((0, 0.25), (1, 0.4), (2, 0.2), (3, 0.1), (4, 0.05)))
    elif terms.kind == "reminded":
        unpaid_from -= dice.by(((0, 0.75), (1, 0.25)))
    for index, (id_, (_, due)) in enumerate(owing.items()):
        if index >= unpaid_from:
            break
        block = due if lump is None else period_of(lump, due)[0]
        if block not in together:
            together[block] = _day_paid(terms.kind, due, habit, dice)
        found[id_] = together[block]
    return found


def _day_paid(kind: Kind, due: date, habit: str, dice: Dice) -> date:
    on_time = due.replace(day=dice.whole(1, 3) if habit == "month_start" else dice.whole(8, 15))
    if habit == "any":
        on_time = due - timedelta(days=dice.whole(0, 35))
    if kind == "on_time" and dice.chance(0.96):
        return on_time
    if kind == "reminded" and dice.chance(0.55):
        return on_time
    days = {"on_time": (1, 6), "reminded": (3, 40), "often_late": (20, 150), "refuses": (90, 400)}[kind]
    return due + timedelta(days=dice.whole(*days))


def _payments(story: History, terms: Terms, owing: Owing, paid_on: dict[str, date], dice: Dice) -> list[Open]:
    """The payments made by ON, and what they leave open."""
    by_day: dict[date, list[str]] = {}
    for id_, day in paid_on.items():
        if day <= ON:
            by_day.setdefault(day, []).append(id_)
    left = {id_: amount for id_, (amount, _) in owing.items()}
    days = sorted(by_day)
    for number, day in enumerate(days, 1):
        ids = by_day[day]
        total = sum(left[id_] for id_ in ids)
        last = number == len(days)
        if last and terms.kind in ("reminded", "often_late") and dice.chance(0.25):
            total = total * dice.whole(2, 8) // 1000 * 100  # a part, in round yuan
        late = (day - owing[ids[0]][1]).days
        if late > 0 and terms.clause and terms.kind != "on_time" and dice.chance(0.15):
            total += total * late * _LATE_FEE[0] // _LATE_FEE[1] // 100 * 100
        if total <= 0:
            continue
        payment: Record = {
            "id": f"P{number}",
            "on": day.isoformat(),
            "amount": yuan(total),
            "channel": dice.one(_PAY_CHANNELS),
        }
        if dice.chance(0.7):
            payment["for"] = ids
        if terms.receipts:
            payment["ref"] = f"{terms.receipts}-{day:%Y%m%d}"
        elif dice.chance(0.3):
            payment["ref"] = f"wx{dice.whole(10**9, 10**10 - 1)}"
        if last and dice.chance(0.02):
            bounced = day + timedelta(days=dice.whole(2, 20))
            payment["reversed_on"] = min(bounced, ON).isoformat()
            story.payments.append(payment)
            if dice.chance(0.6) or bounced >= ON:
                continue
            payment = {**payment, "id": f"P{number}b", "on": bounced.isoformat()}
            del payment["reversed_on"]
        elif "for" in payment and dice.chance(0.12):
            payment["settles"] = _settled(ids, left, total)
        story.payments.append(payment)
        for id_ in ids:
            taken = min(total, left[id_])
            left[id_] -= taken
            total -= taken
    return [Open(id_, amount, owing[id_][1]) for id_, amount in left.items() if amount and owing[id_][1] <= ON]


def _settled(ids: Sequence[str], left: dict[str, Fen], total: Fen) -> list[Record]:
    """How the ERP booked it: charge by charge, what is over to the last one's late fee."""
    lines: list[Record] = []
    for id_ in ids:
        taken = min(total, left[id_])
        if taken:
            lines.append({"charge": id_, "part": "principal", "amount": yuan(taken)})
        total -= taken
    if total:
        lines.append({"charge": ids[-1], "part": "late_fee", "amount": yuan(total)})
    return lines


# Collecting


def _arrears(story: History, terms: Terms, open_charges: Sequence[Open], dice: Dice) -> None:
    """What the company did about arrears, and what came of it."""
    oldest = open_charges[0]
    age = (ON - oldest.due).days
    ids = [charge.id for charge in open_charges]
    owed = sum(charge.left for charge in open_charges)
    if terms.contacts_known and age > 3:
        _contacts(story, terms, oldest, age, owed, dice)
    if dice.chance({"on_time": 0.02, "reminded": 0.08, "often_late": 0.2, "refuses": 0.45}[terms.kind]):
        _dispute(story, oldest, age, dice)
    if terms.booked and terms.clause and terms.item == "property_fee":
        for number, charge in enumerate(open_charges, 1):
            days = min((_BOOKED - charge.due).days, 100)
            fee = charge.left * days * _LATE_FEE[0] // _LATE_FEE[1]
            if fee > 0:
                booked = {"id": f"L{number}", "charge": charge.id, "on": _BOOKED.isoformat(), "amount": yuan(fee)}
                story.late_fees.append(booked)
    if len(open_charges) >= 2 and terms.kind == "often_late" and dice.chance(0.12):
        _plan(story, open_charges, owed, dice)
    elif age > 40 and dice.chance(0.02):
        hold = {
            "id": "H1",
            "kind": dice.one(("contact", "both")),
            "since": _ago(dice.whole(10, 30)),
            "reason": "hardship",
        }
        story.holds.append({**hold, "until": _ago(-dice.whole(5, 60))})
    if terms.kind == "refuses" and age > 365 and terms.contacts_known:
        _legal(story, ids, age, dice)


def _ago(days: int) -> str:
    return (ON - timedelta(days=days)).isoformat()


def _at(day: date, dice: Dice) -> str:
    return f"{day.isoformat()}T{dice.one(('10', '11', '15', '16', '17'))}:{dice.whole(0, 59):02}:00+08:00"


_STEPS = (  # days after the due date, step, channel
    (4, "second_reminder", "phone"),
    (16, "home_visit", "visit"),
    (31, "routine", "wechat"),
    (60, "home_visit", "visit"),
    (95, "routine", "phone"),
    (150, "routine", "phone"),
    (185, "formal_demand", "ems"),
    (260, "routine", "phone"),
)


def _contacts(story: History, terms: Terms, oldest: Open, age: int, owed: Fen, dice: Dice) -> None:
    number = 0
    for after, step, channel in _STEPS:
        if after >= age or len(story.contacts) >= 5:
            break
        if dice.chance(0.45):
            continue
        number += 1
        day = oldest.due + timedelta(days=min(after + dice.whole(0, 4), age - 1))
        contact: Record = {"id": f"C{number}", "at": _at(day, dice), "step": step, "channel": channel}
        contact["party"] = dice.one(terms.liable) if dice.chance(0.2) else terms.liable[0]
        contact["outcome"] = _outcome(terms.kind, channel, dice)
        if contact["outcome"] in ("reached", "promised", "refused", "willing", "disputed", "away"):
            contact["reason"] = dice.one(_REASONS)
        if contact["outcome"] == "promised":
            contact["promise"] = {"on": (day + timedelta(days=dice.whole(2, 25))).isoformat(), "amount": yuan(owed)}
            if dice.chance(0.4):
                del contact["promise"]["amount"]
        contact["proof"] = "B" if channel == "ems" else "A" if dice.chance(0.05) else "D" if channel == "phone" else "C"
        contact["by"] = f"cs-{dice.whole(1, 20):02}"
        if step == "formal_demand":
            contact["charges"] = [charge["id"] for charge in story.charges if charge.get("due", "9") <= day.isoformat()]
        story.contacts.append(contact)
    if terms.kind in ("reminded", "often_late") and dice.chance(0.15):  # a promise not yet due
        day = ON - timedelta(days=dice.whole(1, 9))
        if day > oldest.due:
            promise = {"on": _ago(-dice.whole(1, 20)), "amount": yuan(owed)}
            contact = {"id": f"C{number + 1}", "at": _at(day, dice), "step": "second_reminder", "channel": "phone"}
            contact |= {"party": terms.liable[0], "outcome": "promised", "reason": "forgot", "promise": promise}
            story.contacts.append(contact | {"proof": "D", "by": f"cs-{dice.whole(1, 20):02}"})


def _outcome(kind: Kind, channel: str, dice: Dice) -> str:
    if channel in ("wechat", "ems"):
        return str(dice.by((("delivered", 0.85), ("undeliverable", 0.05), ("sent", 0.1))))
    if kind == "refuses":
        return str(dice.by((("refused", 0.4), ("no_answer", 0.3), ("disputed", 0.2), ("reached", 0.1))))
    return str(
        dice.by(
            (
                ("promised", 0.35),
                ("willing", 0.2),
                ("no_answer", 0.2),
                ("reached", 0.15),
                ("away", 0.06),
                ("refused", 0.04),
            )
        )
    )


def _dispute(story: History, oldest: Open, age: int, dice: Dice) -> None:
    opened = min(dice.whole(1, max(1, age)), 200)
    dispute: Record = {"id": "D1", "kind": dice.one(_DISPUTES), "opened": _ago(opened), "charge": oldest.id}
    if opened > 12 and dice.chance(0.7):
        dispute["answered"] = _ago(opened - dice.whole(1, 10))
        if dice.chance(0.6):
            dispute["closed"] = _ago(opened - dice.whole(10, 12))
    if dice.chance(0.5):
        dispute["amount"] = yuan(oldest.left * dice.whole(1, 10) // 10)
    story.disputes.append(dispute)


def _plan(story: History, open_charges: Sequence[Open], owed: Fen, dice: Dice) -> None:
    """Three to six instalments; two of three debtors keep them."""
    count = dice.whole(3, 6)
    signed = ON - timedelta(days=dice.whole(20, 130))
    covered = [charge.id for charge in open_charges if charge.due <= signed]
    if not covered:
        return
    each = owed // count // 100 * 100
    dues = [add_months(signed, number + 1) for number in range(count)]
    amounts = [each] * (count - 1) + [owed - each * (count - 1)]
    instalments = [{"due": due.isoformat(), "amount": yuan(amount)} for due, amount in zip(dues, amounts, strict=True)]
    plan = {"id": "PL1", "signed": signed.isoformat(), "charges": covered, "waive_late_fee": dice.one(("50%", "100%"))}
    story.plans.append(plan | {"written": True, "instalments": instalments})
    keeps = dice.chance(0.66)
    for number, (due, amount) in enumerate(zip(dues, amounts, strict=True), 1):
        if due > ON or (number > 1 and not keeps):
            break
        story.payments.append(
            {"id": f"PL1-{number}", "on": due.isoformat(), "amount": yuan(amount), "channel": "wechat", "for": covered}
        )


def _legal(story: History, ids: Sequence[str], age: int, dice: Dice) -> None:
    if not dice.chance(0.5):
        return
    decided = ON - timedelta(days=dice.whole(20, 200))
    for number, role in enumerate(("legal", "property_manager"), 1):
        approval = {"id": f"AP{number}", "of": "formal_demand", "decision": "approved", "by": f"u-{dice.whole(10, 30)}"}
        story.approvals.append(approval | {"role": role, "prepared_by": "cs-07", "at": _at(decided, dice)})
    if age > 450 and dice.chance(0.5):
        kind = dice.one(("mediation", "payment_order", "suit"))
        court = {"id": "S1", "kind": kind, "on": _ago(dice.whole(5, 60)), "charges": list(ids)}
        story.proceedings.append(
            court | {"ref": f"(2026)浙0106民初{dice.whole(100, 9999)}号" if kind == "suit" else None}
        )


# Corrections


def _corrections(story: History, owing: Owing, open_charges: Sequence[Open], dice: Dice) -> None:
    """Credit notes for days without service, relief, waivers, refunds, write-offs: one account in twenty-five."""
    if not owing or not dice.chance(0.04):
        return
    id_, (amount, due) = list(owing.items())[dice.whole(0, len(owing) - 1)]
    kind = dice.by(
        (("credit_note", 0.5), ("relief", 0.2), ("late_fee_waiver", 0.15), ("refund", 0.1), ("write_off", 0.05))
    )
    if kind in ("relief", "late_fee_waiver", "write_off"):  # of what is owed
        if open_charges:
            id_, amount, due = open_charges[0]
        else:
            kind = "credit_note"
    on = min(due + timedelta(days=dice.whole(5, 60)), ON).isoformat()
    adjustment: Record = {"id": "A1", "on": on, "kind": kind, "charge": id_, "by": "finance"}
    adjustment["amount"] = yuan(max(1, amount * dice.whole(2, 20) // 100))
    if kind == "refund":
        if not story.payments:
            return
        payment = story.payments[-1]
        adjustment |= {"charge": None, "payment": payment["id"], "on": max(on, payment["on"]), "amount": "50.00"}
    story.adjustments.append(adjustment)
