"""The last page: who signs what, on which digests, and what `dunning sign` will write down."""

from __future__ import annotations

from collections.abc import Iterator

from dunning.compare.ground import called
from dunning.dossier.blocks import Block, Bullets, Cell, Grid, Heading, Paragraph
from dunning.dossier.dossier import Dossier, ToSign, changed_sections
from dunning.dossier.say import Say, short
from dunning.model.action import ROLES
from dunning.model.law import LawPack
from dunning.model.rulebook import RuleBook
from dunning.output.phrases import label


class Signing:
    def __init__(self, dossier: Dossier, say: Say) -> None:
        self.dossier = dossier
        self.say = say

    def block(self) -> Iterator[Block]:
        """A line for each signature, room for a hand; the digests in full; what is recorded, and how."""
        yield Heading(self.say("签字", "Signatures"), apart=True)
        yield self._by_hand()
        wanted = self.dossier.to_sign
        if not wanted:
            yield Paragraph(
                self.say(
                    "意思没有改, 原来的签字仍然有效, 不用再签.",
                    "The meaning is as it was: signatures given hold, and none is needed.",
                )
            )
            return
        say = self.say
        heads = (
            say("签什么", "what"), say("谁签", "by"), say("改了", "changed"), say("摘要", "digest"),
            say("姓名", "name"), say("签字", "signature"), say("日期", "date"),
        )  # fmt: skip
        title = say("用 dunning sign 签的", "Signed with `dunning sign`")
        yield Grid(heads, tuple(map(self._line, wanted)), (24, 11, 8, 20, 12, 14, 11), title)
        if not any(each.section for each in wanted):
            yield Paragraph(say("folder.yaml 没有要求哪一段会签.", "folder.yaml asks for no second signer."), "quiet")
        for compared in self.dossier.difference.books:
            sections = changed_sections(compared)
            if sections:
                named = say.listed(
                    f"{say.text(label(name))} ({name})" if say.lang == "zh" else name for name in sections
                )
                title = say.text(compared.title)
                yield Paragraph(
                    say(f"{title}里改了的大节: {named}", f"Sections changed in {compared.name}: {named}"), "quiet"
                )
        yield Paragraph(say("dunning sign 会写下什么", "What `dunning sign` writes down"), "strong")
        yield Bullets((
            say("规则文件的“审签”: 姓名、日期、全书的摘要、所依据法律的摘要; 会签的另写段名、岗位、这一段的摘要.",
                "In the rule file under `reviewed`: name, date, the digest of the whole, that of its law; of a second"
                " signer the section, the role and the section's digest."),
            say("signatures/ 里: 同样的内容, 加上每一条款的摘要, 以后改了哪一条说得出来.",
                "In signatures/: the same and a digest of every clause, so that a later change is told by its clause."),
            say("签之前它再显示一遍版本、摘要、改动、用例和检查; 摘要与下面的不同, 就是本文件之后又改过, 不要签.",
                "Before that it shows version, digests, changes, cases and checks again; if a digest is not the one"
                " below, the rules were changed after this document: do not sign."),
        ))  # fmt: skip
        yield Paragraph(say("要运行的命令", "Commands to run"), "strong")
        yield Bullets(tuple(dict.fromkeys(map(self._command, wanted))))
        yield Grid(
            (say("签什么", "what"), say("完整的摘要", "digest in full")), tuple(self._digests()), (30, 70),
            say("摘要", "Digests"),
        )  # fmt: skip

    def _by_hand(self) -> Grid:
        """Room for those who have read it: agreed or not, and why."""
        say = self.say
        heads = (
            say("读过的人", "read by"),
            say("同意不同意, 意见", "agreed or not, and why"),
            say("签字", "signature"),
            say("日期", "date"),
        )
        posts = (say("合规审阅", "compliance"), say("法务", "legal"), say("经理", "manager"))
        return Grid(
            heads, tuple((Cell(post, "strong"), Cell("\n\n"), Cell(""), Cell("")) for post in posts), (16, 50, 20, 14)
        )

    def _what(self, each: ToSign) -> str:
        of = each.of
        if isinstance(of, LawPack):
            return self.say(f"法律文件 {of.title}", f"law file {called(of)}")
        if each.section:
            return self.say(f"{of.title}: {label(each.section).zh} ({each.section})", f"{of.name}: {each.section}")
        return self.say(f"{of.title}: 全书", f"{of.name}: the whole")

    def _line(self, each: ToSign) -> tuple[Cell, ...]:
        by = self.say("律师", "a lawyer") if isinstance(each.of, LawPack) else self.say("审核人", "the reviewer")
        by = self.say.text(ROLES[each.role]) if each.role else by
        name = Cell(self.say("已签, 仍有效", "signed, and holds"), "quiet") if each.there else Cell("")
        changed = self.say("是", "yes") if each.changed else self.say("否", "no")
        return (
            Cell(self._what(each), "strong"),
            Cell(by),
            Cell(changed),
            Cell(short(each.digest)),
            name,
            Cell("\n"),
            Cell(""),
        )

    def _command(self, each: ToSign) -> str:
        name, day = self.say("姓名", "NAME"), self.say("日期", "DATE")
        part = f" --section {each.section} --role {each.role}" if each.section else ""
        return f"dunning sign {each.of.file}{part} --by {name} --on {day}"

    def _digests(self) -> Iterator[tuple[Cell, ...]]:
        by: dict[str, list[str]] = {}
        for each in self.dossier.to_sign:
            by.setdefault(each.digest, []).append(self._what(each))
        for each in self.dossier.to_sign:
            if isinstance(each.of, RuleBook):
                by.setdefault(each.of.law_digest, []).append(self.say("所依据的法律", "the law it stands on"))
        for digest, what in by.items():
            yield Cell("\n".join(dict.fromkeys(what))), Cell(digest)
