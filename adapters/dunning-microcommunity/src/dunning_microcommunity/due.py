"""When a month's fee falls due: MicroCommunity does not say, so whoever opens it must, and nothing is guessed.

What it calls `deadline_time` is the end of a period. The contract's terms are written as a policy, by its two ways of
paying: `prepaid:start+15,postpaid:end+30` is 15 days after the beginning of the paid period for what is paid ahead
(预付), and 30 days after its end for what is paid afterwards (后付).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from dunning import UsageError
from dunning.adapter.documents import Text

PAYMENT_CD = {"1200": "prepaid", "2100": "postpaid"}
"""pay_fee_config.payment_cd: 预付, 后付."""

_TERM = re.compile(r"(prepaid|postpaid):(start|end)\+(\d{1,3})")


class Term(NamedTuple):
    """Due so many days after the first or the last day of the period that is paid at once."""

    anchor: Literal["start", "end"]
    days: int


class Period(NamedTuple):
    """The first and the last day."""

    since: date
    until: date


@dataclass(frozen=True, slots=True)
class DuePolicy:
    """The contract's terms by way of paying (`prepaid`, `postpaid`); a way that is not there has none."""

    terms: Mapping[str, Term]

    @classmethod
    def read(cls, text: str) -> DuePolicy:
        """`prepaid:start+15,postpaid:end+30`, one or both. UsageError for anything else, and for nothing."""
        parts = [part.strip() for part in text.split(",") if part.strip()]
        found = [_TERM.fullmatch(part) for part in parts]
        terms = {match[1]: Term("start" if match[2] == "start" else "end", int(match[3])) for match in found if match}
        if not parts or len(terms) != len(parts):
            raise UsageError(_not_a_policy(text))
        return cls(terms)

    def due(self, payment_cd: str, paid_at_once: Period) -> date | None:
        """The due date of what lies in a period that is paid at once; None where no term is stated."""
        term = self.terms.get(PAYMENT_CD.get(payment_cd, ""))
        if term is None:
            return None
        return (paid_at_once.since if term.anchor == "start" else paid_at_once.until) + timedelta(days=term.days)


def _not_a_policy(text: str) -> Text:
    zh = "MicroCommunity 不存到期日 (deadline_time 只是账期止), 要照合同写明 due=prepaid:start+15,postpaid:end+30"
    en = "MicroCommunity keeps no due dates (deadline_time is the end of a period); say what the contract says:"
    meant = Text(
        f"{zh} (预付: 账期起后 15 天; 后付: 账期止后 30 天)",
        f"{en} due=prepaid:start+15,postpaid:end+30 (paid ahead: 15 days after the period begins; paid afterwards: 30"
        " days after it ends)",
    )
    return Text(f"due 不能是“{text}”. ", f"`due` cannot be `{text}`. ").joined(meant) if text else meant


def cycle_of(month: Period, built: date | None, months: int | None) -> Period:
    """The period that is paid at once and that a month lies in: from the day the fee was set up, so many months each.

    A quarter paid afterwards is due when the quarter is over, though its first month stands in a row of its own.
    Without a cycle (a one-off fee), or before the fee was set up, it is the row's own period.
    """
    if built is None or months is None or month.since < built:
        return month
    passed = (month.since.year - built.year) * 12 + month.since.month - built.month
    passed -= later(built, passed) > month.since
    begin = passed // months * months
    return Period(later(built, begin), max(month.until, later(built, begin + months) - timedelta(days=1)))


def later(day: date, months: int) -> date:
    """So many months after a day; the last day of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def end_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
