"""What a self-check came to, for the screen; and what differs as a folder that can be sent: no names are in it.

The folder has a letter, each household as records that `dunning selfcheck` takes again, and as a case of the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from dunning.basis.errors import DunningError
from dunning.basis.finding import Lang, Text
from dunning.engine.assess import Rules
from dunning.model.rulebook import RuleBook
from dunning.output.record.case_file import case_text
from dunning.output.record.pseudonyms import Names, masked
from dunning.selfcheck.opinions import VOICES, Heard
from dunning.selfcheck.run import Apart, Checked

LETTER = "report.md"


class Setting(NamedTuple):
    """What was checked with: the engine's version, the rules and how they were named, the day."""

    version: str
    rules: Rules
    named: str | None
    on: date

    @property
    def books(self) -> list[RuleBook]:
        return [self.rules] if isinstance(self.rules, RuleBook) else list(self.rules.books)


def told(checked: Checked, on: date) -> Text:
    """The counts, a line each: how many were looked at, what each of those asked compared, and whether they agree."""
    whole = Text(
        f"抽查 {checked.accounts:,} 户 ({checked.debtors:,} 个债务人), 按 {on}",
        f"{checked.accounts:,} accounts of {checked.debtors:,} debtors, on {on}",
    )
    if checked.rejected:
        whole = whole.joined(Text(f", 另有 {checked.rejected:,} 户读不了", f"; {checked.rejected:,} more rejected"))
    for name, heard in checked.heard.items():
        whole = whole.joined(Text("\n", "\n")).joined(_line(name, heard, checked.differing.get(name, 0)))
    return whole


def _line(name: str, heard: Heard | None, differing: int) -> Text:
    voice = VOICES[name]
    if heard is None:
        return Text(
            f"  -  {voice.title.zh}: 没有问, 要装 {voice.install}",
            f"  -  {voice.title.en}: not asked; {voice.install}",
        )
    sign = "✗" if differing else "✓"
    counted = Text(f": 比了 {heard.compared:,} 个", f": {heard.compared:,} compared")
    if differing:
        end = Text(f", {differing:,} 个债务人不一致", f", {differing:,} debtors differ")
    else:
        end = Text(", 全部一致", ", all agree")
    beside = sum(heard.besides.values())
    left = Text(f"; {beside:,} 户不按列算", f"; {beside:,} do not go in columns") if beside else Text("", "")
    return Text(f"  {sign}  ", f"  {sign}  ").joined(voice.title).joined(counted).joined(end).joined(left)


def write_report(checked: Checked, setting: Setting, folder: Path, lang: Lang) -> list[Path]:
    """Writes the letter and what goes with it into a folder of its own; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, apart in enumerate(checked.apart, 1):
        for name, text in _files(number, apart, setting, lang):
            path = folder / name
            path.write_text(text, encoding="utf-8")
            written.append(path)
    letter = folder / LETTER
    letter.write_text(_letter(checked, setting, lang), encoding="utf-8")
    return [letter, *written]


def _files(number: int, apart: Apart, setting: Setting, lang: Lang) -> Iterator[tuple[str, str]]:
    attributes = {fact.key for book in setting.books for fact in book.facts.values()}
    names = Names(apart.debtor)
    lines = [masked(account, names, attributes) for account in apart.debtor]
    yield _records(number), "".join(f"{line}\n" for line in lines)
    for place, account in enumerate(apart.debtor, 1):
        title = Text(f"自查 {number}", f"self-check {number}")
        try:
            text = case_text(account, setting.rules, on=setting.on, lang=lang, name=title)
        except DunningError:  # no book applies to it: the records are all there is
            continue
        suffix = f"-{place}" if len(apart.debtor) > 1 else ""
        yield f"case-{number}{suffix}.yaml", text


def _records(number: int) -> str:
    return f"household-{number}.jsonl"


def _letter(checked: Checked, setting: Setting, lang: Lang) -> str:
    def say(zh: str, en: str) -> str:
        return zh if lang == "zh" else en

    lines = [
        say("# dunning 自查: 结果不一致", "# dunning selfcheck: answers differ"),
        "",
        say(f"- 版本 {setting.version}, 按 {setting.on}", f"- version {setting.version}, on {setting.on}"),
        *(f"- {book.name} {book.version}, {book.digest}, {book.law_digest}" for book in setting.books),
        "",
        *("    " + line for line in told(checked, setting.on).to(lang).splitlines()),
    ]
    for number, apart in enumerate(checked.apart, 1):
        records = _records(number)
        again = f"dunning selfcheck {records} --sample 0 --on {setting.on}"
        again += f" --rules {setting.named}" if setting.named else ""
        lines += ["", f"## {number}. {VOICES[apart.by].title.to(lang)}", ""]
        lines += [say(f"再现: `{again}`", f"again: `{again}`"), ""]
        if apart.nameless:
            lines += [f"- {line}" for line in apart.what]
        else:
            zh = f"去掉编号和文字后就一致了, 所以 {records} 不能再现; 原来的户请自己留着, 我们会来问"
            en = f"without its ids and texts they agree, so {records} does not show it; keep the household, we will ask"
            lines.append(say(zh, en))
    lines += ["", say("## 发给谁, 发什么", "## What to send, and where"), ""]
    lines += [
        say(
            "把这个文件夹整个发到 dunning 的问题列表 (issues), 一处不一致一条; 里面没有姓名、编号和文字内容, "
            "金额和日期还在. 规则是自己的, 就把规则文件一起发来 (或写明随附规则的名字).",
            "Send this whole folder to the issue tracker of dunning, an issue for each difference. No names, ids or "
            "texts are in it; amounts and dates are. If the rules are your own, send the rule file along.",
        ),
        say(
            "在这之前: `assess` 逐户算的结果和逐日算一致时可以照用 (`--engine objects`); 不一致的户先别收违约金.",
            "Until then: where the day-by-day story agrees, the answers of `--engine objects` stand; claim no late "
            "fee of households that differ.",
        ),
    ]
    return "\n".join(lines) + "\n"
