"""Parts 3 and 7: what becomes of the households given, some of them closely; and one of them played forward."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from difflib import SequenceMatcher

from dunning.basis.calendar import add_months
from dunning.basis.finding import Text
from dunning.compare.impact_told import Sheet, Told, signed
from dunning.compare.names import Names
from dunning.dossier.blocks import Block, Bullets, Cell, Grid, Heading, Paragraph
from dunning.dossier.dossier import Dossier
from dunning.dossier.households import Sample, called
from dunning.dossier.played import LASTS, Lane, Played, lanes
from dunning.dossier.say import Say
from dunning.engine.result import Assessment
from dunning.model.action import ROLES
from dunning.output.explain import explain
from dunning.output.timeline import SCENARIOS

_CHARGES = 2
"""So many charges of a household are told in full."""
_FOLDED = 3
"""So many equal lines in a row are told; of more only how many they are."""

_KINDS: Mapping[str, Text] = {
    "accounts": Text("户", "account "), "parties": Text("相关人", "party "), "contracts": Text("合同", "contract "),
    "charges": Text("账单", "charge "), "payments": Text("收款", "payment "),
    "adjustments": Text("调整", "adjustment "),
    "staff": Text("经办", "staff "), "late_fees": Text("已记违约金", "late fee "), "contacts": Text("联系", "contact "),
    "disputes": Text("异议", "dispute "), "holds": Text("暂停", "hold "), "plans": Text("分期", "plan "),
    "proceedings": Text("程序", "proceeding "), "approvals": Text("审批", "approval "), "keys": Text("凭据", "key "),
    "units": Text("房号", "unit "),
}  # fmt: skip
"""What a pseudonym is of."""
_PSEUDONYM = re.compile(rf"\b({'|'.join(_KINDS)})(\d+)\b", re.ASCII)

_TWICE = re.compile(r"(账单|charge) (?=\1)")


class Effects:
    def __init__(self, dossier: Dossier, say: Say) -> None:
        self.dossier = dossier
        self.say = say
        self.names = Names(dossier.difference)

    # Part 3

    def households(self) -> Iterator[Block]:
        """Money, answers, steps and reasons before and after; contacts by post; then some households closely."""
        impact = self.dossier.households.impact
        yield Paragraph(
            self.say(
                f"按 {self.dossier.on} 计算. 户号不写进本文件: “第n户”是读入的次序, 也是 dunning assess 结果里的行次.",
                f"As of {self.dossier.on}. No ids stand here: household n is the nth read, and the nth row that"
                " `dunning assess` writes.",
            ),
            "quiet",
        )
        told = Told(impact, self.names, self.say.lang)
        for sheet, below in told.sheets():
            yield grid_of(sheet)
            if below:
                yield Bullets(tuple(below))
        yield self._posts()
        yield from self._samples()

    def _posts(self) -> Grid:
        """What people have to do that day, by post: contacts, and formal demands."""
        before, after = self.dossier.households.before, self.dossier.households.after
        either = before.contacts | after.contacts
        roles = dict.fromkeys((*(role for role in ROLES if role in either), *sorted(either)))
        rows = [self._counted(self._role(role), before.contacts[role], after.contacts[role]) for role in roles]
        rows.append(self._counted(self.say("合计", "in all"), before.contacts.total(), after.contacts.total()))
        rows.append(self._counted(self.say("其中书面催告函", "of these formal demands"), before.demands, after.demands))
        heads = (
            self.say("岗位", "post"),
            self.say("旧", "before"),
            self.say("新", "after"),
            self.say("相差", "difference"),
        )
        title = self.say("当天要联系的次数, 按岗位", "contacts due that day, by post")
        return Grid(heads, tuple(rows), (40, 20, 20, 20), title)

    def _role(self, role: str) -> str:
        return self.say.text(ROLES[role]) if role in ROLES else role or self.say("没有写岗位", "no post named")

    def _counted(self, name: str, before: int, after: int) -> tuple[Cell, ...]:
        apart = f"{after - before:+,}" if after != before else ""
        change = Cell(apart, "mark" if apart else "plain", number=True)
        return Cell(name), _number(f"{before:,}"), _number(f"{after:,}"), change

    def _samples(self) -> Iterator[Block]:
        samples = self.dossier.households.samples
        yield Heading(self.say("看几户: 结果和理由", "some households: answers and reasons"), 2)
        if not samples:
            yield Paragraph(
                self.say("没有哪一户的结果、金额或步骤改变.", "No household's answers, money or steps change.")
            )
        for sample in samples:
            yield from self._sample(sample)

    def _sample(self, sample: Sample) -> Iterator[Block]:
        like = self.say(f"这样变的共 {sample.alike:,} 户", f"{sample.alike:,} change in this way")
        yield Heading(f"{self.say.text(called(sample.number))}: {self._way(sample)} ({like})", 3)
        old, new = (self._explained(result) for result in (sample.old, sample.new))
        yield Grid((self.say("旧", "before"), self.say("新", "after")), tuple(self._beside(old, new)), (50, 50))

    def _way(self, sample: Sample) -> str:
        """What changes, in a line."""
        told = []
        for table, old, new in sample.way.answers:
            name = self.say.text(self.names.table(table))
            was, is_ = (self.say.text(self.names.answer(table, answer)) for answer in (old, new))
            told.append(f"{name} {was} → {is_}")
        fee = signed(sample.new.balance.late_fee - sample.old.balance.late_fee)
        if fee:
            told.append(self.say(f"违约金 {fee}元", f"late fee {fee} yuan"))
        for steps, word in (
            (sample.way.added, self.say("增加", "added")),
            (sample.way.dropped, self.say("减少", "dropped")),
        ):
            if steps:
                told.append(f"{word} {self.say.listed(self.say.text(self.names.step(each)) for each in steps)}")
        return "; ".join(told)

    def _explained(self, result: Assessment) -> list[str]:
        """The explanation without its first line, which names the account; of many charges the first few."""
        paragraphs = explain(result, self.say.lang).partition("\n")[2].split("\n\n")
        start = self.say("账单 ", "charge ")
        charges = [place for place, text in enumerate(paragraphs) if text.startswith(start)]
        if rest := charges[_CHARGES:]:
            zh = f"…… 另有 {len(rest)} 张账单, 这里不列 (dunning explain 逐张写出)"
            en = f"... {len(rest)} more charges, not told here (`dunning explain` tells each)"
            paragraphs = [self.say(zh, en) if place == rest[0] else text
                          for place, text in enumerate(paragraphs) if place not in rest[1:]]  # fmt: skip
        return [self._unmasked(line) for text in paragraphs for line in text.split("\n")]

    def _unmasked(self, line: str) -> str:
        """Pseudonyms in the reader's words: `charges03` is 账单03, and `账单 charges03` no more than that."""
        told = _PSEUDONYM.sub(lambda found: f"{self.say.text(_KINDS[found[1]])}{found[2]}", line)
        return _TWICE.sub("", told)

    def _beside(self, old: list[str], new: list[str]) -> Iterator[tuple[Cell, ...]]:
        """Both explanations line by line: what differs stands out, long stretches of what is the same are folded."""
        for how, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if how == "equal":
                lines = [line for line in old[i1:i2] if line.strip()]
                if len(lines) > _FOLDED:
                    folded = self.say(f"…… 相同的 {len(lines) - 2} 行", f"... {len(lines) - 2} lines the same")
                    lines = [lines[0], folded, lines[-1]]
                if lines:
                    cell = Cell("\n".join(lines), "quiet")
                    yield cell, cell
            else:
                yield Cell("\n".join(old[i1:i2]).strip("\n"), "old"), Cell("\n".join(new[j1:j2]).strip("\n"), "new")

    # Part 7

    def timelines(self) -> Iterator[Block]:
        """The household month by month, in three ways; a step that comes on other days has two lines."""
        dossier = self.dossier
        if not dossier.played:
            yield Paragraph(
                self.say("没有哪一户的结果改变, 没有可演的户.", "No household changes: there is none to play.")
            )
            return
        who = (
            self.say("为说明改动造出的一户", "A household drawn up to show the change")
            if dossier.player is None
            else self.say.text(called(dossier.player))
        )
        until = dossier.on + LASTS
        yield Paragraph(
            self.say(
                f"{who}, 从 {dossier.on} 演到 {until}. 格子里是哪一日, 一个月里多次的写次数."
                " 审批、送达凭证、数据新鲜是假定的.",
                f"{who}, from {dossier.on} to {until}. Cells name the day, or how often where a month has several."
                " Approvals, evidence of delivery and fresh data are assumed.",
            ),
            "quiet",
        )
        for each in dossier.played:
            name, _, day = each.scenario.partition(":")
            same = self.say(": 新旧相同", ": the same under both") if each.same else ""
            title = self.say.text(SCENARIOS[name]) + (f" ({day})" if day else "") + same
            yield self._calendar(each, title)

    def _calendar(self, of: Played, title: str) -> Grid:
        months = list(_months(of.old.since, of.old.until))
        heads = (self.say("步骤", "step"), "", *(f"{month:%Y-%m}" for month in months))
        rows: list[tuple[Cell, ...]] = []
        for lane in lanes(of):
            rows += self._lane(lane, months)
        if not rows:
            rows.append((Cell(self.say("没有要做的", "nothing is done"), "quiet"), *(Cell("") for _ in heads[1:])))
        width = 66 // len(months)
        return Grid(heads, tuple(rows), (26, 8, *(width for _ in months)), title)

    def _lane(self, lane: Lane, months: list[date]) -> Iterator[tuple[Cell, ...]]:
        title = self.say.text(lane.title)
        if lane.old == lane.new:
            yield (
                Cell(title),
                Cell(self.say("同", "same"), "quiet"),
                *(Cell(self._month(lane.new, month)) for month in months),
            )
            return
        for side, days, head in (("old", lane.old, title), ("new", lane.new, "")):
            word = self.say("旧", "old") if side == "old" else self.say("新", "new")
            tone = "old" if side == "old" else "new"
            yield Cell(head), Cell(word, tone), *(Cell(self._month(days, month), tone) for month in months)  # type: ignore[arg-type]

    def _month(self, days: Iterable[date], month: date) -> str:
        own = [day for day in days if (day.year, day.month) == (month.year, month.month)]
        if len(own) > 2:
            return f"×{len(own)}"
        return self.say("、", ", ").join(self.say(f"{day.day}日", f"{day.day}") for day in own)


def grid_of(sheet: Sheet) -> Grid:
    """A table of sums as a table of the document."""
    rows = tuple(
        tuple(
            Cell(cell.text, "mark" if (place, column) in sheet.marked else "plain", cell.number)
            for column, cell in enumerate(row)
        )
        for place, row in enumerate(sheet.rows)
    )
    first = max(15, 100 - 13 * (len(sheet.heads) - 1)) if len(sheet.heads) > 4 else 34
    rest = (100 - first) // max(1, len(sheet.heads) - 1)
    return Grid(sheet.heads, rows, (first, *(rest for _ in sheet.heads[1:])), sheet.title, sheet.note)


def _months(since: date, until: date) -> Iterator[date]:
    month = since.replace(day=1)
    while month <= until:
        yield month
        month = add_months(month, 1)


def _number(text: str) -> Cell:
    return Cell(text, number=True)
