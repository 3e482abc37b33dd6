"""A whole book read aloud: every section in words, in both languages, with its place."""

from __future__ import annotations

import re

import pytest

from dunning.basis.finding import Lang
from dunning.lang.folder import load
from dunning.output.book import book_text
from rule_files import book

MORE = """
applies: {use: 商业}
tables:
  level:
    title: 级别
    hit: first
    output: {A: 重点, none: 不分级}
    rows: [{when: {use: [商业, office]}, then: A}, {when: {}, then: none}]
contact:
  windows: {phone: {workday: [10:00-12:00, 15:00-18:00], rest_day: [], festival: []}}
  caps: [{at_most: 1, of: phone, per: 1d, when: {level: A}}]
  quotas: [{at_least: 2, of: any, per: 7d}]
  fresh_data: 24h
reminders:
  - {step: notice, title: 缴费通知, action: send_notice, at: due - 20d .. due - 16d, channels: {first_of: [sms]}}
  - step: follow
    title: 跟进
    action: call
    at: done(notice) + 3d .. done(notice) + 5d
    channels: {first_of: [phone]}
    repeat: {every: 7d, times: 8, until: {promise_open: 是}}
  - {step: round, title: 走访, action: visit, at: quarter_end - 15d .. quarter_end, channels: {first_of: [visit]}}
pauses:
  - {while: {open_disputes: 1件以上}, stops: [ladder, notice], until: answered, answer_within: 10wd, source: 制度}
relief:
  - {offer: split, title: 分期, kind: instalments, count: 3..12, every: 1mo, accrual: none, on_break: retroactive}
incentives:
  stacking: best
  rows: [{title: 预缴, when: {covers_months: 12以上}, then: {discount: 5%}}]
targets:
  - {measure: collection_rate, at_least: 95%, by: year_end}
  - {measure: notice_coverage, title: 通知覆盖率, at_least: 90%, by: due - 5d}
"""


def told(lang: Lang) -> str:
    return book_text(book(MORE), lang)


@pytest.mark.parametrize(
    "line",
    [
        "1. 用途为 商业、写字楼 → A 重点",
        "2. 其余 → none 不分级",
        "电话的时段: 工作日 10:00-12:00、15:00-18:00, 休息日 不联系, 节日 不联系",
        "1天内电话最多1次, 仅对级别为 重点",
        "7天内各种联系合计至少2次",
        "数据不得旧于24小时",
        "何时: 到期前20天至前16天",
        "何时: 完成 缴费通知 (notice) 后3至5天",
        "重复: 每7天一次, 最多8次, 直到有未到期承诺为是",
        "何时: 每季最后16天",
        "期间, 停下阶梯、缴费通知 (notice); 直到已答复; 10个工作日内答复; 来源: 制度",
        "分期: 分期; 3-12期; 每1个月一期; 期间违约金不计; 违约时追溯计算",
        "优惠 (取最优)",
        "减 5%",
        "收缴率至少 95%; 每年最后1天为止",
        "通知覆盖率至少 90%; 到期前5天为止",
    ],
)
def test_every_section_is_told_in_chinese(line: str) -> None:
    assert line in told("zh")


@pytest.mark.parametrize(
    "line",
    [
        "applies to: use is commercial",
        "1. use is commercial or office → A",
        "2. otherwise → none",
        "at most 1 contact (phone) in 1 day",
        "at least 2 contacts (any) in 7 days",
        "when: 20 to 16 days before the due date",
        "when: 3 to 5 days after notice is done",
        "repeated every 7 days, at most 8 times, until promise open is true",
        "when: the last 16 days of each quarter",
        "ladder, notice rest; until answered; to be answered within 10 working days",
        "3-12 instalments; one every 1 month; late fee meanwhile: none",
        "5% off",
        "collection rate at least 95%; by the last day of each year",
        "notice coverage at least 90%; by 5 days before the due date",
    ],
)
def test_every_section_is_told_in_english(line: str) -> None:
    assert line in told("en")


def test_each_part_has_its_place() -> None:
    text = told("zh")
    for part in ("停下阶梯", "分期: 分期", "预缴:", "收缴率", "1天内电话", "7天内各种"):
        (line,) = [line for line in text.splitlines() if part in line]
        assert re.search(r"\[[^\]]+:\d+:\d+\]$", line), line


@pytest.mark.parametrize("name", ["residential", "commercial", "parking", "handover"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_spelling_of_the_rule_language_is_left_in_a_shipped_book(name: str, lang: Lang) -> None:
    """Anchors, windows and limits are words, not `due - 15d .. due` or `3 phone per 7d`."""
    text = book_text(load(name), lang)
    assert not re.findall(r" \.\. |\b(?:due|promise) [-+] \d|\d+ \w+ per \d|\b\d+(?:wd|mo|d)\b", text)
