"""The difference of two books: what changed in meaning, of which households, and nothing that did not."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import jsonschema_rs
import pytest
from typer.testing import CliRunner

import dunning
from dunning.basis.errors import UsageError
from dunning.basis.finding import Finding, Lang, Text
from dunning.basis.span import Span
from dunning.cli.main import app
from dunning.compare.difference import Change, Difference, Part
from dunning.compare.impact import Impact, Pair, Standing
from dunning.compare.impact_told import impact_dict
from dunning.compare.news import news
from dunning.compare.page import difference_html
from dunning.lang.library import shipped
from dunning.model.rulebook import RuleBook
from dunning.output.report import Summary
from rule_files import book

ON = date(2026, 6, 30)
GRADES = """
    version: "1"
    applies: {use: residential}
    late_fee: {rate: 0.5‰ per day, cap: 5% of charge, items: [property_fee], source: 合同}
    tables:
      grade:
        title: 分级
        output: {A: 重点, B: 常规, none: 不分级}
        hit: first
        source: 制度
        rows:
          - {when: {arrears: 超过1万元}, then: A, title: 大额}
          - {when: {arrears: 超过0元}, then: B, title: 其余欠费}
          - {else: none}
    contact:
      windows: {phone: {workday: [10:00-12:00], rest_day: [], festival: []}}
      caps: [{at_most: 3, of: phone, per: 7d}]
      quotas: [{at_least: 1, of: any, per: 7d, when: {grade: A}}]
    ladder:
      min_gap: 3d
      steps:
        - step: call_them
          title: 电话提醒
          at: due + 3d .. due + 5d
          when: {grade: A}
          action: call
          channels: {first_of: [phone]}
          source: 制度
        - step: demand
          title: 书面催告
          at: due + 30d
          action: formal_demand
          channels: {all_of: [ems]}
          approval: [legal]
          gives: {deadline: 15d, from: delivered}
          source: 制度
"""


def changed(*swaps: tuple[str, str], old: str = GRADES) -> Difference:
    """The difference of a book and what becomes of it when some of its text is replaced."""
    new = old
    for before, after in swaps:
        assert before in new
        new = new.replace(before, after)
    return dunning.diff(book(old), book(new), on=ON)


def only(difference: Difference) -> Change:
    (change,) = difference.changes
    return change


def zh(part: Part) -> tuple[str, str, str]:
    return part.what.zh, part.old.zh, part.new.zh


# Tables


def test_a_threshold_moves_the_households_between_the_old_one_and_the_new() -> None:
    change = next(each for each in changed(("超过1万元", "超过8000元")).changes if each.clause == "tables.grade")
    (move,) = change.moves
    assert (move.where.zh, move.old.zh, move.new.zh) == ("欠费金额超过8000元不超过1万元", "B 常规", "A 重点")
    assert move.where.en == "arrears more than 8,000 yuan and at most 10,000 yuan"
    assert move.witness is not None
    assert move.witness.old.zh == "B 常规 (第2行“其余欠费”: 欠费金额超过0元)"
    assert move.witness.new.zh == "A 重点 (第1行“大额”: 欠费金额超过8000元)"
    assert [zh(part) for part in change.parts] == [
        ("第1行“大额”", "欠费金额超过1万元 → A 重点", "欠费金额超过8000元 → A 重点")
    ]


def test_the_household_shown_is_one_the_engine_answers_so() -> None:
    old, new = book(GRADES), book(GRADES.replace("超过1万元", "超过8000元"))
    found = dunning.diff(old, new, on=ON)
    shows = next(move.witness for change in found.changes for move in change.moves if move.witness)
    for rules, answer in ((old, "B"), (new, "A")):
        assert dunning.assess(shows.account, rules, on=shows.on).grades["grade"].value == answer


def test_what_reads_a_table_that_changed_changes_with_it() -> None:
    change = next(each for each in changed(("超过1万元", "超过8000元")).changes if each.section == "ladder")
    assert (change.clause, change.how) == ("ladder.steps.call_them", "follows")
    assert change.because == (Text("“分级”", "grade"),)
    (move,) = change.moves
    assert move.where.zh == "分级(旧)不是 重点, 且分级(新)为 重点"
    assert (move.old.zh, move.new.zh) == ("不符合条件", "符合条件")


def test_answers_with_a_day_are_compared_from_that_day_on() -> None:
    found = changed(("then: B, title: 其余欠费", "then: {2021-01-01: B, 2027-01-01: A}, title: 其余欠费"))
    moves = next(each for each in found.changes if each.clause == "tables.grade").moves
    assert [(move.since, move.old.zh, move.new.zh) for move in moves] == [(date(2027, 1, 1), "B 常规", "A 重点")]


def test_a_table_that_is_new_or_gone_is_told_row_by_row() -> None:
    points = """
      points:
        title: 分
        output: integer
        hit: sum
        source: 制度
        rows: [{when: {refused: 是}, then: 20}]
"""
    more = GRADES.replace("    contact:\n", points.lstrip("\n") + "    contact:\n")
    added, removed = (
        only(dunning.diff(book(one), book(other), on=ON)) for one, other in ((GRADES, more), (more, GRADES))
    )
    assert (added.how, removed.how) == ("added", "removed")
    assert [zh(part) for part in added.parts] == [("第1行", "", "拒绝缴费为是 → 20")]
    assert [zh(part) for part in removed.parts] == [("第1行", "拒绝缴费为是 → 20", "")]


# Money and limits


def test_a_rate_is_shown_in_yuan() -> None:
    change = only(changed(("0.5‰", "0.3‰")))
    assert [zh(part) for part in change.parts] == [("费率", "每日 0.5‰", "每日 0.3‰")]
    shown = {move.where.zh: (move.old.zh, move.new.zh) for move in change.moves}
    assert shown["物业费 1000.00元, 逾期 90 天"] == ("违约金 45.00元", "违约金 27.00元")


def test_a_dated_rate_is_told_from_its_day() -> None:
    change = only(changed(("rate: 0.5‰ per day", "rate: {2020-01-01: 0.5‰ per day, 2026-06-01: 0.4‰ per day}")))
    assert [zh(part) for part in change.parts] == [
        ("费率", "每日 0.5‰", ""),
        ("费率 (自 2026-06-01 起)", "每日 0.5‰", "每日 0.4‰"),
    ]


@pytest.mark.parametrize(
    ("swap", "clause", "part"),
    [
        (("at_most: 3", "at_most: 2"), "contact", ("次数上限", "7天内电话最多3次", "7天内电话最多2次")),
        (("at_least: 1", "at_least: 2"), "contact",
         ("次数下限", "7天内各种联系合计至少1次, 仅对分级为 重点", "7天内各种联系合计至少2次, 仅对分级为 重点")),
        (("workday: [10:00-12:00]", "workday: [10:00-11:00]"), "contact",
         ("电话时段 (工作日)", "10:00-12:00", "10:00-11:00")),
        (("min_gap: 3d", "min_gap: 4d"), "ladder", ("最小间隔", "3天", "4天")),
        (("due + 30d", "due + 20d"), "ladder.steps.demand", ("何时", "到期后30天起", "到期后20天起")),
        (("approval: [legal]", "approval: [legal, finance]"), "ladder.steps.demand",
         ("审批", "法务, 30天内有效", "法务、财务, 30天内有效")),
        (("deadline: 15d", "deadline: 10d"), "ladder.steps.demand", ("给予", "自送达次日起15天", "自送达次日起10天")),
        (("first_of: [phone]", "first_of: [phone, sms]"), "ladder.steps.call_them",
         ("渠道", "依次试 电话", "依次试 电话、短信")),
    ],
)  # fmt: skip
def test_a_clause_says_what_it_said_and_what_it_says(
    swap: tuple[str, str], clause: str, part: tuple[str, str, str]
) -> None:
    change = only(changed(swap))
    assert (change.clause, [zh(each) for each in change.parts]) == (clause, [part])


def test_a_condition_of_a_step_is_told_by_the_households_it_takes_in() -> None:
    change = only(changed(("when: {grade: A}\n          action", "when: {grade: [A, B]}\n          action")))
    (move,) = change.moves
    assert (move.where.zh, move.old.zh, move.new.zh) == ("分级为 常规", "不符合条件", "符合条件")


def test_steps_gone_and_in_another_order() -> None:
    demand = "        - step: demand" + GRADES.split("        - step: demand")[1]
    gone = only(dunning.diff(book(GRADES), book(GRADES.replace(demand, "")), on=ON))
    assert (gone.clause, gone.how) == ("ladder.steps.demand", "removed")
    call = GRADES.split("      steps:\n")[1].removesuffix(demand)
    moved = only(dunning.diff(book(GRADES), book(GRADES.replace(call + demand, demand + call)), on=ON))
    assert (moved.clause, moved.how) == ("ladder.steps", "moved")


@pytest.mark.parametrize(
    ("swap", "old", "new"),
    [
        (("due + 3d .. due + 5d", "due + 2d .. due + 5d"), "“电话提醒” 不做: 还没有到时候", "“电话提醒” 当天要做"),
        (("workday: [10:00-12:00]", "workday: [10:00-11:00]"), "“电话提醒” 当天要做 (依次试 电话, 10:00-12:00)",
         "“电话提醒” 当天要做 (依次试 电话, 10:00-11:00)"),
        (("at_most: 3", "at_most: 1"), "“电话提醒” 当天要做", "“电话提醒” 不做: 联系次数到上限"),
    ],
)  # fmt: skip
def test_a_clause_is_shown_on_a_household_of_a_working_day(swap: tuple[str, str], old: str, new: str) -> None:
    before = GRADES.replace("when: {grade: A}\n          action", "repeat: {every: 1d}\n          action")
    change = only(changed(swap, old=before.replace("min_gap: 3d", "min_gap: 0d")))
    (move,) = change.moves
    assert (move.old.zh, move.new.zh) == (old, new)
    assert move.witness is not None
    assert move.witness.on >= ON


# What is no difference


@pytest.mark.parametrize(
    "swap",
    [
        ("超过1万元", "10000.01元以上"),
        ("hit: first\n        source: 制度", "hit: first\n        source: 另一份制度"),
        ("title: 大额", "title: 金额大"),
        ("at_most: 3, of: phone", "at_most: 3, of: phone, source: 制度"),
        ("title: 电话提醒", "title: 打电话"),
        ("rows:\n", "rows:  # 一条注释\n"),
        ('version: "1"', 'version: "2"'),
        ("{when: {arrears: 超过0元}, then: B", "{when: {arrears: 超过0元, overdue_days: 任意}, then: B"),
    ],
)
def test_what_only_reads_otherwise_is_no_difference(swap: tuple[str, str]) -> None:
    found = changed(swap)
    assert not found, [change.clause for change in found.changes]


def test_rows_in_an_order_that_decides_nothing_are_no_difference() -> None:
    unique = GRADES.replace("超过0元", "超过0元不超过1万元").replace("hit: first", "hit: unique")
    rows = [line for line in unique.splitlines(keepends=True) if "- {when" in line]
    found = dunning.diff(book(unique), book(unique.replace("".join(rows), "".join(rows[::-1]))), on=ON)
    assert not found
    (wording,) = found.books[0].wording
    assert wording.clause == "tables.grade"


# Folders, and law


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    shutil.copytree(shipped(), folder)
    return folder


def swap(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_shipped_folder_does_not_differ_from_itself(copied: Path) -> None:
    assert not dunning.diff(dunning.load_folder(), dunning.load_folder(copied), on=ON)


def test_a_base_is_told_in_each_book_that_stands_on_it(copied: Path) -> None:
    swap(copied / "packs" / "common.yaml", "0.5‰", "0.4‰")
    found = dunning.diff(dunning.load_folder(), dunning.load_folder(copied), on=ON)
    assert "residential" in [compared.name for compared in found.books if compared.changes]


def test_a_book_that_is_gone_is_told(copied: Path) -> None:
    (copied / "packs" / "parking.yaml").unlink()
    found = dunning.diff(dunning.load_folder(), dunning.load_folder(copied), on=ON)
    assert [compared.name for compared in found.books if compared.new is None] == ["parking"]
    assert found


def test_law_is_told_once(copied: Path) -> None:
    swap(copied / "law" / "policy.yaml", "08:00-22:00", "08:00-21:00")
    found = dunning.diff(dunning.load_folder(), dunning.load_folder(copied), on=ON)
    assert [change.clause for change in found.ground] == ["law.policy"]
    assert not any(compared.changes for compared in found.books)


def test_every_file_of_one_law_is_looked_at(copied: Path) -> None:
    """All files of `law/cn/` are called `cn`: none may hide another."""
    swap(copied / "law" / "cn" / "national.yaml", "诉讼时效的期间、计算方法以及", "诉讼时效的期间和计算方法以及")
    swap(copied / "law" / "cn" / "hangzhou.yaml", "in_force: {since: ", "in_force: {since: 2001-01-01, until: null} #")
    found = dunning.diff(dunning.load_folder(), dunning.load_folder(copied), on=ON)
    assert [change.clause for change in found.ground] == ["law.cn/hangzhou", "law.cn/national"]
    (said,) = found.ground[1].parts
    assert said.new.zh.startswith("诉讼时效的期间和计算方法以及")
    assert "limitation" not in said.new.zh


def test_what_is_no_rule_book_is_told() -> None:
    rules: RuleBook = book(GRADES)
    with pytest.raises(UsageError):
        dunning.diff(rules, "residential", on=ON)  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        dunning.diff(rules, rules, on="2026-06-30")  # type: ignore[arg-type]


# A portfolio


PORTFOLIO = Path(__file__).resolve().parent.parent / "examples" / "portfolio"


@pytest.fixture(scope="module")
def harsher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped rules with a lower rate, a higher threshold and fewer calls."""
    folder = tmp_path_factory.mktemp("harsher") / "rules"
    shutil.copytree(shipped(), folder)
    swap(folder / "packs" / "common.yaml", "0.5‰", "0.4‰")
    swap(folder / "packs" / "residential.yaml", "| 超过3期  |", "| 超过2期  |")
    return folder


@pytest.fixture(scope="module")
def moved(harsher: Path) -> Difference:
    with dunning.open_portfolio(PORTFOLIO) as portfolio:
        return dunning.diff(
            dunning.load_folder(), dunning.load_folder(harsher), on=date(2026, 11, 22), portfolio=portfolio
        )


def test_the_sums_are_those_of_two_assessments(moved: Difference, harsher: Path) -> None:
    impact = moved.impact
    assert impact is not None
    with dunning.open_portfolio(PORTFOLIO) as portfolio:
        groups = list(portfolio)
    assert impact.rejected == sum(len(group.rejected) for group in groups) == 4
    for rules, money in (
        (dunning.load_folder(), impact.total.before),
        (dunning.load_folder(harsher), impact.total.after),
    ):
        results = [
            each for group in groups for each in dunning.assess_group(group.accounts, rules, on=date(2026, 11, 22))
        ]
        summary = Summary()
        for result in results:
            summary.add(result)
        assert (money.count, money.arrears, money.late_fee) == (len(results), summary.arrears, summary.late_fee)


def test_everybody_is_in_the_matrix_once_a_table(moved: Difference) -> None:
    impact = moved.impact
    assert impact is not None
    counts = {old: n for (table, old, _), n in impact.moves.items() if table == "account_grade"}
    money = {answer: both for (table, answer), both in impact.grades.items() if table == "account_grade"}
    assert sum(n for (table, _, _), n in impact.moves.items() if table == "account_grade") == sum(
        both.before.count for both in money.values()
    )
    assert set(counts) <= set(money)
    assert impact.moves["account_grade", "A", "S"] == len(impact.who["account_grade", "A", "S"]) == impact.moved


def test_parts_of_a_portfolio_add_up() -> None:
    def pair(number: int) -> Pair:
        before = Standing("assessed", arrears=number, late_fee=number, grades={"t": "A"}, steps=("call",))
        return Pair(str(number), before, Standing("assessed", arrears=number, grades={"t": "AB"[number % 2]}))

    rows = [pair(number) for number in range(8)]
    whole, first, rest = Impact.of([*rows, None]), Impact.of(rows[:3]), Impact.of([*rows[3:], None])
    first.merge(rest)
    assert impact_dict(first) == impact_dict(whole)
    assert whole.moves["t", "A", "B"] == 4
    assert whole.who["t", "A", "B"] == ["1", "3", "5", "7"]
    assert whole.steps_dropped == {"call": 8}
    assert (whole.rejected, whole.fee_changed, whole.total.before.late_fee) == (1, 7, 28)


# As text, as data, as a page


def test_the_data_has_what_the_screen_has(moved: Difference) -> None:
    told = dunning.difference_dict(
        replace(moved, new_findings=(), gone_findings=tuple(dunning.check("residential"))), lang="en"
    )
    jsonschema_rs.validator_for(dunning.json_schema("difference")).validate(told)
    assert json.loads(json.dumps(told)) == told
    assert told["differs"] is True
    residential = next(each for each in told["books"] if each["name"] == "residential")
    grade = next(each for each in residential["changes"] if each["clause"] == "tables.account_grade")
    assert {move["new"] for move in grade["moves"]} == {"S 大额高危"}
    assert all(move["witness"]["new"].startswith("S 大额高危 (row 3") for move in grade["moves"])
    assert told["impact"]["total"]["before"]["count"] == 296


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_needs_nothing_from_elsewhere(moved: Difference, lang: Lang) -> None:
    page = difference_html(moved, lang=lang)
    assert not re.search(r"<script|<link|<img|url\(|@import|https?://", page)
    tree = Checked()
    tree.feed(page)
    assert tree.open == []
    assert len(tree.ids) == len(set(tree.ids))
    assert tree.targets <= set(tree.ids)


class Checked(HTMLParser):
    """Every tag that is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.targets |= {value[1:] for name, value in attrs if name == "href" and value}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_what_people_wrote_is_text_on_the_page_and_no_tags() -> None:
    found = changed(("title: 大额", "title: <b>大额</b>"), ("超过1万元", "超过8000元"))
    assert "<b>大额" not in difference_html(found)
    assert "&lt;b&gt;大额" in difference_html(found)


@pytest.mark.parametrize("shape", ["text", "json", "html"])
def test_the_command(shape: str, harsher: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    packs = [str(folder / "packs" / "residential.yaml") for folder in (shipped(), harsher)]
    words = ["--on", "2026-06-30", "--format", shape, "--lang", "zh", "--out", str(out), "--exit-code"]
    result = CliRunner().invoke(app, ["diff", *packs, *words])
    assert (result.exit_code, result.output) == (1, "")
    assert "分级催收" in out.read_text(encoding="utf-8")


def test_a_difference_is_no_failure_unless_asked_for(harsher: Path) -> None:
    packs = [str(folder / "packs" / "commercial.yaml") for folder in (shipped(), harsher)]
    result = CliRunner().invoke(app, ["diff", *packs, "--on", "2026-06-30", "--lang", "zh"])
    assert (result.exit_code, "每日 0.4‰" in result.output) == (0, True)
    same = CliRunner().invoke(app, ["diff", "parking", "parking", "--exit-code", "--lang", "zh"])
    assert (same.exit_code, same.output) == (0, "意思没有不同\n")


def test_findings_that_come_and_go() -> None:
    old, new, other = (
        Finding("C308", Span(file, line, 1, 2), {"table": name})
        for file, line, name in (("a/x.yaml", 3, "t"), ("b/x.yaml", 9, "t"), ("b/x.yaml", 5, "u"))
    )
    assert news([old], [new]) == ((), ())
    assert news([old], [new, other]) == ((other,), ())
    assert news([old, other], [new]) == ((), (other,))
