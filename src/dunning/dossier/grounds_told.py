"""Parts 4, 5 and 6: what the law says, what the worked cases say, and what is in conflict or still open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from dunning.basis.finding import Finding, Severity, Text
from dunning.basis.money import decimal_text
from dunning.dossier.blocks import Block, Bullets, Cell, Grid, Paragraph
from dunning.dossier.dossier import Dossier
from dunning.dossier.legal import Touched
from dunning.dossier.say import Say
from dunning.engine.law.verdict import TITLES
from dunning.lang.words import words
from dunning.model.law import Article

_SEVERITIES: Mapping[Severity, Text] = {
    "error": Text("错误", "errors"),
    "warning": Text("提醒", "warnings"),
    "note": Text("说明", "notes"),
}
_LET_STAND = "D401"
_LAW = "L"
_YEAR = 365


class Grounds:
    def __init__(self, dossier: Dossier, say: Say) -> None:
        self.dossier = dossier
        self.say = say

    # Part 4

    def law(self) -> Iterator[Block]:
        """Each clause that changed with the verdict on what it does; the articles quoted; what is not known."""
        legal = self.dossier.legal
        yield from self._verdicts()
        if legal.articles:
            heads = (
                self.say("条文", "article"),
                self.say("说的是", "what it says"),
                self.say("层级", "kind"),
                self.say("文本", "text"),
            )
            rows = tuple(map(self._article, legal.articles))
            yield Grid(heads, rows, (30, 44, 13, 13), self.say("引用的条文", "articles quoted"))
        for reference in legal.references:
            since, rate = reference.values[-1]
            yearly = f"{decimal_text(rate * _YEAR * 100)}%"
            yield Paragraph(
                self.say(
                    f"法院比较违约金的参照: {reference.title.zh}, {since} 起年 {yearly} (查到 {reference.known_until})",
                    f"What courts hold late fees against: {reference.title.en}, {yearly} a year from {since}"
                    f" (known until {reference.known_until})",
                )
            )
        about = [found for found in self.dossier.findings if found.code.startswith(_LAW)]
        if about:
            yield self.say.findings(about, self.say("检查在法律方面的发现", "findings of check about the law"))
        yield Bullets(tuple(self._not_known()))

    def _verdicts(self) -> Iterator[Block]:
        bearing = [each for each in self.dossier.legal.touched if each.verdict is not None or each.articles]
        rest = [each for each in self.dossier.legal.touched if each not in bearing]
        if bearing:
            heads = (
                self.say("改动的条款", "clause"), self.say("做什么, 可不可以", "what it does, and whether it may"),
                self.say("还须", "still needed"), self.say("依据", "by"),
            )  # fmt: skip
            alike: dict[Hashable, list[Touched]] = {}
            for each in bearing:
                alike.setdefault(each.said_of_it, []).append(each)
            rows = tuple(row for several in alike.values() for row in self._touched(several))
            yield Grid(heads, rows, (26, 18, 30, 26))
        if rest:
            named = self.say.listed(dict.fromkeys(self.say.text(each.change.title) for each in rest))
            yield Paragraph(
                self.say(f"法律文件没有直接说到的改动: {named}", f"Changes no law file speaks of directly: {named}"),
                "quiet",
            )
        if not self.dossier.legal.touched:
            yield Paragraph(self.say("没有改动的条款.", "No clause changed."))

    def _touched(self, several: Sequence[Touched]) -> Iterator[tuple[Cell, ...]]:
        """Clauses of which the law says the same, in one row; then the places that say more."""
        each = several[0]
        titles = dict.fromkeys(self.say.text(one.change.title) for one in several)
        title = Cell("\n".join(titles), "strong")
        if each.verdict is None or each.action is None:
            yield title, Cell("—", "quiet"), Cell("—", "quiet"), Cell(self._cites(each.articles))
            return
        verdict = each.verdict
        tone = "old" if verdict.prohibited else "mark" if verdict.verdict == "review" else "plain"
        needed = "\n".join(self.say.text(one) for one in verdict.conditions)
        told = f"{self.say.text(each.action.title)}: {self.say.text(verdict.headline)}"
        yield title, Cell(told, tone), Cell(needed or "—"), Cell(self._cites(each.articles) or "—")  # type: ignore[arg-type]
        for local in each.local:
            said = self.say.text(TITLES[local.verdict.verdict])
            more = [self.say.text(one) for one in local.verdict.conditions if one not in verdict.conditions]
            yield (
                Cell(self.say(f"其中 {local.place}", f"in {local.place}"), "quiet"),
                Cell(said, "old" if local.verdict.prohibited else "plain"),
                Cell("\n".join(more) or "—"),
                Cell(self._cites(local.articles) or "—"),
            )

    def _cites(self, articles: Iterable[Article]) -> str:
        return "\n".join(article.cite for article in articles)

    def _article(self, article: Article) -> tuple[Cell, ...]:
        read = Cell(self.say.text(words.SOURCES[article.checked.text]), "plain" if article.read else "mark")
        return (
            Cell(article.cite, "strong"),
            Cell(self.say.text(article.says)),
            Cell(self.say.text(words.LAYERS[article.layer])),
            read,
        )

    def _not_known(self) -> Iterator[str]:
        legal = self.dossier.legal
        files = self.say.listed(pack.title or pack.name for pack in legal.unsigned)
        if legal.unsigned:
            yield self.say(
                f"没有律师审签的法律文件 {len(legal.unsigned)} 份: {files}",
                f"Law files no lawyer has signed ({len(legal.unsigned)}): {files}",
            )
        else:
            yield self.say("法律文件都有律师审签.", "A lawyer has signed every law file.")
        if legal.unread:
            cites = self.say.listed(article.cite for article in legal.unread)
            yield self.say(
                f"只见过转述或凭记忆的条文 {len(legal.unread)} 条, 只提示不作结论: {cites}",
                f"Articles known second-hand or from memory, which never rule ({len(legal.unread)}): {cites}",
            )
        places = [pack.title or pack.name for pack in legal.unresearched]
        if places:
            yield self.say(
                f"没有研究过地方规定: {self.say.listed(places)}",
                f"Places nobody has researched: {self.say.listed(places)}",
            )

    # Part 5

    def cases(self) -> Iterator[Block]:
        """How many come true under both; those that fail, are new, or tell the rules apart; what none notices."""
        cases = self.dossier.cases
        if not cases.worked and not cases.findings:
            yield Paragraph(
                self.say(
                    "没有用例: 规则旁边没有 cases 文件夹.", "There are no cases: no folder `cases` beside the rules."
                ),
                "mark",
            )
            return
        failed = [each for each in cases.worked if not each.passed]
        passed = len(cases.worked) - len(failed)
        under_old = sum(each.old == () for each in cases.worked)
        yield Paragraph(
            self.say(
                f"新规则: {passed} 例通过, {len(failed)} 例不符. 旧规则: 同样的用例 {under_old} 例通过.",
                f"New rules: {passed} cases pass, {len(failed)} fail. Old rules: of the same cases {under_old} pass.",
            ),
            "old" if failed else "strong",
        )
        for found, title in (
            (failed, self.say("不符的用例", "cases that fail")),
            (
                [each for each in cases.worked if each.shows],
                self.say("分得出新旧的用例 (旧规则下不符)", "cases that tell old from new (they fail under the old)"),
            ),
        ):
            if found:
                heads = (self.say("用例", "case"), self.say("旧规则", "old rules"), self.say("新规则", "new rules"))
                rows = tuple(
                    (Cell(f"{each.name}\n{each.at}"), self._came(each.old), self._came(each.new)) for each in found
                )
                yield Grid(heads, rows, (28, 36, 36), title)
        fresh = [each.name for each in cases.worked if each.fresh]
        for names, zh, en in (
            (fresh, "新写或改过的用例", "Cases new or changed"),
            (cases.gone, "没有了的用例", "Cases no longer there"),
        ):
            told = self.say.listed(names)
            yield Paragraph(self.say(f"{zh}: {told or '没有'}", f"{en}: {told or 'none'}"))
        if cases.findings:
            yield self.say.findings(cases.findings, self.say("用例文件的问题", "what is wrong in files of cases"))
        if cases.missed:
            yield self.say.findings(
                cases.missed, self.say("改动的条款里, 没有用例用到的", "in changed clauses, what no case comes to")
            )
        if cases.unnoticed:
            yield self.say.findings(
                cases.unnoticed,
                self.say(
                    "改动的条款里, 挪一个单位没有用例发现的界限", "in changed clauses, limits that may move unnoticed"
                ),
            )
        elif not cases.missed:
            yield Paragraph(
                self.say(
                    "改动的条款里, 每一行、每一步、每个界限都有用例.",
                    "In changed clauses every row, step and limit has its case.",
                )
            )

    def _came(self, unlike: object) -> Cell:
        if unlike is None:
            return Cell("—", "quiet")
        told = [each.told(self.say.lang) for each in unlike]  # type: ignore[attr-defined]
        return Cell("\n".join(told), "old") if told else Cell(self.say("通过", "passes"), "new")

    # Part 6

    def conflicts(self) -> Iterator[Block]:
        """Findings of check that are new, and gone; those let stand, with the reason; how many others; what is open."""
        difference = self.dossier.difference
        for found, title, none in (
            (
                difference.new_findings or (),
                self.say("检查新发现的", "new findings"),
                self.say("检查没有新的发现.", "Check finds nothing new."),
            ),
            (difference.gone_findings or (), self.say("检查不再发现的", "findings that are gone"), ""),
        ):
            if found:
                yield self.say.findings(found, title)
            elif none:
                yield Paragraph(none)
        stand = [found for found in self.dossier.findings if found.code == _LET_STAND]
        if stand:
            heads = (
                self.say("编号", "code"),
                self.say("位置", "where"),
                self.say("发现", "what"),
                self.say("放过的理由", "let stand because"),
            )
            yield Grid(
                heads,
                tuple(map(self._allowed, stand)),
                (9, 21, 40, 30),
                self.say("有人看过而放过的", "looked at and let stand"),
            )
        others = [found for found in self.dossier.findings if found.code != _LET_STAND]
        yield Paragraph(self._counts(others))
        errors = [found for found in others if found.severity == "error"]
        if errors:
            yield self.say.findings(
                errors, self.say("错误: 改好才能签", "errors: nobody may sign before they are mended")
            )
        yield Paragraph(self.say("还没有答案的问题", "Open questions"), "strong")
        questions = tuple(self.questions())
        yield Bullets(questions) if questions else Paragraph(self.say("没有.", "None."))

    def _allowed(self, found: Finding) -> tuple[Cell, ...]:
        what = found.args["what"]
        told = self.say.text(what) if isinstance(what, Text) else str(what)
        return Cell(str(found.args["code"])), Cell(str(found.at or "")), Cell(told), Cell(str(found.args["because"]))

    def _counts(self, found: list[Finding]) -> str:
        by = Counter(each.severity for each in found)
        told = self.say.listed(
            f"{by[severity]} {self.say.text(word)}" for severity, word in _SEVERITIES.items() if by[severity]
        )
        return self.say(
            f"新规则现有的其他发现: {told or '没有'} (dunning check 逐条列出)",
            f"Other findings of the new rules: {told or 'none'} (`dunning check` lists them)",
        )

    def questions(self) -> Iterator[str]:
        """What nobody can say yet, and who would have to: data, law, rules, cases."""
        dossier, impact = self.dossier, self.dossier.households.impact
        for change in dossier.difference.changes:
            if change.undecided:
                yield self.say(
                    f"{change.title.zh}: 表太大, 哪些户会变没有比完.",
                    f"{change.title.en}: too large to say who changes.",
                )
        if impact.rejected:
            yield self.say(
                f"{impact.rejected:,} 户数据有错, 没有算.",
                f"{impact.rejected:,} households have wrong data and were not assessed.",
            )
        unknown = impact.undetermined["after"]
        if unknown:
            yield self.say(
                f"{unknown:,} 户的违约金无法确定, 不在合计里.",
                f"The late fee of {unknown:,} households is undetermined and in no sum.",
            )
        neither = sum(count for (_, after), count in impact.statuses.items() if after == "not_applicable")
        if neither:
            yield self.say(f"{neither:,} 户没有适用的规则书.", f"No rule book applies to {neither:,} households.")
        for each in dossier.legal.touched:
            if each.verdict is not None and each.verdict.verdict == "review":
                yield self.say(
                    f"{each.change.title.zh}: 可不可以做, 须由律师决定.",
                    f"{each.change.title.en}: a lawyer decides whether it may be done.",
                )
        if dossier.legal.unsigned:
            yield self.say(
                f"{len(dossier.legal.unsigned)} 份法律文件没有律师审签.",
                f"{len(dossier.legal.unsigned)} law files are signed by no lawyer.",
            )
        failed = sum(not each.passed for each in dossier.cases.worked)
        if failed:
            yield self.say(
                f"{failed} 个用例不符: 改规则还是改用例?", f"{failed} cases fail: are the rules wrong, or the cases?"
            )
        unseen = len(dossier.cases.missed) + len(dossier.cases.unnoticed)
        if unseen:
            yield self.say(
                f"改动的条款里有 {unseen} 处没有用例看着.", f"No case watches {unseen} places in changed clauses."
            )
