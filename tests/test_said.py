"""Days, lengths and numbers of contacts in words, in both languages."""

from __future__ import annotations

import pytest

from dunning.basis.finding import Text
from dunning.basis.span import Span
from dunning.lang.words.terms import read_window
from dunning.output.said import limited, window


@pytest.mark.parametrize(
    ("written", "zh", "en"),
    [
        ("due - 20d .. due - 16d", "到期前20天至前16天", "20 to 16 days before the due date"),
        ("due + 3d .. due + 5d", "到期后3至5天", "3 to 5 days after the due date"),
        ("promise - 1d .. promise", "承诺日前1天至当天", "from 1 day before the promised day to that day"),
        ("due .. due + 1mo", "到期当天至后1个月", "from the due date to 1 month after it"),
        (
            "due - 3d .. due + 1wd",
            "到期前3天至后1个工作日",
            "from 3 days before the due date to 1 working day after it",
        ),
        (
            "period_end .. due - 1d",
            "账期结束当天至到期前1天",
            "from the end of the period to 1 day before the due date",
        ),
        ("due + 90d", "到期后90天起", "from 90 days after the due date on"),
        ("due", "到期当天起", "from the due date on"),
        (
            "done(due_notice) + 3d .. done(due_notice) + 5d",
            "完成 due_notice 后3至5天",
            "3 to 5 days after due_notice is done",
        ),
        ("expired(demand)", "demand 期满当天起", "from the day the time given by demand ends on"),
        ("quarter_end - 15d .. quarter_end", "每季最后16天", "the last 16 days of each quarter"),
        ("month_end", "每月最后1天", "the last day of each month"),
        ("day 1..3 of month", "每月第1至3天", "days 1 to 3 of each month"),
        ("day 15 of month", "每月第15天", "day 15 of each month"),
    ],
)
def test_the_days_of_a_step(written: str, zh: str, en: str) -> None:
    read, findings = read_window(written, Span("a.yaml", 1, 1))
    assert findings == []
    assert read is not None
    assert window(read, lambda step: Text(step, step)) == (zh, en)


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("1 phone per 1d", "1天内电话最多1次", "at most 1 contact (phone) in 1 day"),
        ("3 any per 2wd", "2个工作日内各种联系合计最多3次", "at most 3 contacts (any) in 2 working days"),
        ("min_gap 4d", "两次联系至少隔4天", "at least 4 days between contacts"),
        ("something else", "something else", "something else"),
    ],
)
def test_what_limits_contacts(name: str, zh: str, en: str) -> None:
    assert limited(name) == (zh, en)
