"""The document people read and sign before a change of rules: its eight headings, and the signatures after them."""

from __future__ import annotations

from collections.abc import Iterator

from dunning.basis.finding import Lang, Text
from dunning.compare.impact_told import money, signed
from dunning.compare.told import NO_DIFFERENCE, versions
from dunning.dossier.blocks import Block, Cell, Grid, Heading, Paragraph
from dunning.dossier.clauses_told import Clauses
from dunning.dossier.dossier import Dossier
from dunning.dossier.effects_told import Effects
from dunning.dossier.grounds_told import Grounds
from dunning.dossier.legal import once
from dunning.dossier.say import Say
from dunning.dossier.signing_told import Signing

HEADINGS = (
    Text("改了的条款", "Clauses that changed"),
    Text("结果会变的户", "Households whose answer changes"),
    Text("对实际住户的影响", "What becomes of the households given"),
    Text("法律", "Law"),
    Text("用例", "Cases"),
    Text("冲突和未决的问题", "Conflicts and open questions"),
    Text("同一户演下去", "One household played forward"),
    Text("没有改的", "What is not changed"),
)


def document(dossier: Dossier, *, lang: Lang = "zh", data: str = "") -> tuple[Block, ...]:
    """The whole document; `data` is what the portfolio is called."""
    return tuple(_Document(dossier, Say(lang), data).blocks())


def title_of(dossier: Dossier, lang: Lang) -> str:
    """《住宅物业费催缴规则》变更说明."""
    books = [compared.title for compared in dossier.difference.books if compared] or [
        compared.title for compared in dossier.difference.books
    ]
    about = books[0] if len(books) == 1 else Text("物业费催缴规则", "Rules of fee collection")
    return Text(f"{about.zh}: 变更说明", f"{about.en}: what changes").to(lang)


def outline(dossier: Dossier, lang: Lang) -> Iterator[str]:
    """The eight headings, each with what it comes to."""
    for number, (heading, told) in enumerate(zip(HEADINGS, _Document(dossier, Say(lang), "").sums(), strict=True), 1):
        yield f"{number} {heading.to(lang)}: {told}"


class _Document:
    def __init__(self, dossier: Dossier, say: Say, data: str) -> None:
        self.dossier = dossier
        self.say = say
        self.data = data
        self.clauses = Clauses(dossier.difference, say)
        self.effects = Effects(dossier, say)
        self.grounds = Grounds(dossier, say)

    def blocks(self) -> Iterator[Block]:
        say = self.say
        yield Heading(title_of(self.dossier, say.lang), 0)
        data = say(f"; 数据 {self.data}", f"; data {self.data}") if self.data else ""
        yield Paragraph(say(f"按 {self.dossier.on} 比较{data}. 审阅人、法务、经理读过后在末页签字.",
                            f"Compared on {self.dossier.on}{data}. To be read by the reviewer, legal and the manager,"
                            " who sign on the last page."), "quiet")  # fmt: skip
        rows = tuple(
            (Cell(f"{number} {heading.to(say.lang)}", "strong"), Cell(told))
            for number, (heading, told) in enumerate(zip(HEADINGS, self.sums(), strict=True), 1)
        )
        yield Grid((say("八个标题", "eight headings"), say("要点", "in short")), rows, (32, 68))
        parts = (
            self.clauses.changed, self.clauses.moved, self.effects.households, self.grounds.law, self.grounds.cases,
            self.grounds.conflicts, self.effects.timelines, self.clauses.unchanged,
        )  # fmt: skip
        for number, (heading, part) in enumerate(zip(HEADINGS, parts, strict=True), 1):
            yield Heading(f"{number} {heading.to(say.lang)}")
            yield from part()
        yield from Signing(self.dossier, say).block()

    # Each heading in a line

    def sums(self) -> Iterator[str]:
        dossier, say = self.dossier, self.say
        difference, impact = dossier.difference, dossier.households.impact
        yield self._changes()
        regions = sum(len(change.moves) for _, change in self.clauses.numbered)
        yield (
            say(f"{regions} 片, 各有试算的例子", f"{regions} regions, with samples that were run")
            if regions
            else say("没有", "none")
        )
        before, after = impact.total.before, impact.total.after
        fee = signed(after.late_fee - before.late_fee) or "0.00"
        added, dropped = impact.steps_added.total(), impact.steps_dropped.total()
        fees = f"{money(before.late_fee)} → {money(after.late_fee)}"
        yield say(
            f"{impact.households:,} 户中 {impact.moved:,} 户换了结果; 违约金 {fees} 元 ({fee});"
            f" 当天的步骤增加 {added:,} 减少 {dropped:,}",
            f"{impact.moved:,} of {impact.households:,} households get another answer; late fee {fees} yuan ({fee});"
            f" steps that day {added:,} added, {dropped:,} dropped",
        )
        yield self._law()
        cases = dossier.cases
        failed = sum(not each.passed for each in cases.worked)
        unseen = len(cases.missed) + len(cases.unnoticed)
        yield say(
            f"{len(cases.worked) - failed} 例通过, {failed} 例不符; 改动里没有用例看着的 {unseen} 处",
            f"{len(cases.worked) - failed} pass, {failed} fail; {unseen} places in what changed that no case watches",
        )
        fresh, gone = len(difference.new_findings or ()), len(difference.gone_findings or ())
        open_ = sum(1 for _ in self.grounds.questions())
        yield say(
            f"检查新发现 {fresh} 处, 不再发现 {gone} 处; 未决的问题 {open_} 个",
            f"{fresh} new findings, {gone} gone; {open_} open questions",
        )
        other = sum(not each.same for each in dossier.played)
        yield (
            say(f"三种演法里 {other} 种的日子不同", f"in {other} of three ways the days differ")
            if dossier.played
            else say("没有可演的户", "none to play")
        )
        same = sum(len(compared.same) for compared in difference.books)
        yield say(f"{same} 处条款", f"{same} clauses")

    def _changes(self) -> str:
        difference, say = self.dossier.difference, self.say
        if not difference:
            return say.text(NO_DIFFERENCE)
        own = dict.fromkeys(each.name for each, _ in once(difference))
        which = say.listed(
            f"{say(each.title.zh, each.name)} {versions(each.old, each.new)}"
            for each in difference.books
            if each.name in own and each.old is not None and each.new is not None
        )
        which = which or say("法规和日历, 或整本的增减", "law and calendar, or whole books")
        count = len(self.clauses.numbered)
        return say(f"{count} 处意思不同 ({which})", f"{count} differ in meaning ({which})")

    def _law(self) -> str:
        legal, say = self.dossier.legal, self.say
        words = [each.verdict.verdict for each in legal.touched if each.verdict is not None]
        forbidden = sum(each.startswith("prohibited") for each in words)
        review = words.count("review")
        quoted, unsigned = len(legal.articles), len(legal.unsigned)
        return say(
            f"禁止的 {forbidden} 处, 要律师决定的 {review} 处; 引用条文 {quoted} 条;"
            f" 没有律师审签的法律文件 {unsigned} 份",
            f"{forbidden} prohibited, {review} for a lawyer; {quoted} articles quoted;"
            f" {unsigned} law files signed by no lawyer",
        )
