"""What appears on screen: the summary of a run, findings, tables; plain where the output is no terminal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path
from typing import cast

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text as Styled

from dunning.basis.errors import UsageError
from dunning.basis.finding import Finding, Lang, Text, kind
from dunning.basis.money import yuan
from dunning.check.cases import CaseReport
from dunning.check.noticed import Reached
from dunning.check.proofs.claims import Claim
from dunning.compare.difference import Difference
from dunning.compare.told import lines
from dunning.engine.known.catalogue import CATALOGUE, FactDef, meant_by
from dunning.engine.steps.candidates import Code
from dunning.lang.text.names import did_you_mean, nearest
from dunning.output.report import UNDETERMINED, Grading, Summary, age_titles
from dunning.output.screens import render
from dunning.output.why import CODES

BAR = 12
REJECTED_SHOWN = 10
REASONS_SHOWN = 5
SEVERITY_STYLE = {"error": "bold red", "warning": "yellow", "note": "cyan"}


def console(*, to_stderr: bool = False) -> Console:
    """A console that does not fold lines when its output is read by a program."""
    return Console(stderr=to_stderr, highlight=False, emoji=False, soft_wrap=True)  # `:100:` is a line, not a picture


_HOUSEHOLDS = Text("户", "households")


def progress(lang: Lang, what: Text = _HOUSEHOLDS) -> Progress:
    """A progress bar on standard error; shows nothing when that is no terminal."""
    screen = Console(stderr=True)
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(what.to(lang)),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=screen,
        disable=not screen.is_terminal,
        transient=True,
    )


def print_findings(findings: Iterable[Finding], lang: Lang, *, to_stderr: bool = False) -> None:
    """Findings as screens, worst and first in colour where there is any."""
    screen = console(to_stderr=to_stderr)
    found = list(findings)
    styles = {f"[{finding.code}]": SEVERITY_STYLE[finding.severity] for finding in found}
    for line in render(found, lang).splitlines():
        styled = Styled(line)
        for code, style in styles.items():
            if code in line:
                styled.stylize(style, 0, line.index(code) + len(code))
        screen.print(styled)


def print_summary(
    summary: Summary, lang: Lang, *, on: date, out: Path, rules: Text, passed_by: Text | None = None
) -> None:
    """Households and money, arrears by age and by grade, and what was rejected.

    `rules` are the ones in use; `passed_by` says that there are others at hand which are not.
    """
    screen = console()
    screen.print(_headline(summary, lang, on, rules))
    print_passed_by(passed_by, lang)
    if summary.ages:
        screen.print(_ages(summary, lang))
    if summary.gradings:
        screen.print(_grades(summary, lang))
    if summary.steps:
        screen.print(_steps(summary, lang))
    if summary.rejected or summary.findings:
        screen.print(_doubts(summary, lang))
    for line in _not_vouched_for(summary, lang):
        screen.print(line)
    for told in _rejected(out, lang):
        screen.print(told, markup=False)
    screen.print(Text(f"结果在 {out}", f"written to {out}").to(lang))


def print_nobody(summary: Summary, path: str, on: date, lang: Lang) -> None:
    """That there was nobody to assess, or nobody the rules are for: figures of nothing look like good news."""
    told = None
    if not summary.households:
        told = Text(f"“{path}”里有 0 户", f"0 households in `{path}`")
    elif summary.statuses["not_applicable"] and not summary.statuses["assessed"]:
        told = Text(f"没有一户有适用于 {on} 的规则", f"no rules apply to any household on {on}")
    if told is not None:
        console().print(Styled(told.to(lang), style="yellow"))


def _rejected(out: Path, lang: Lang) -> Iterator[str]:
    """The first of the rejected accounts, each with its place and its reasons, as many as can be read."""
    with (out / "rejected.jsonl").open(encoding="utf-8") as file:
        for line in islice(file, REJECTED_SHOWN):
            row = json.loads(line)
            first, *others = row["findings"]
            message = "message" if lang == "zh" else "message_en"
            yield Text("拒收 ", "rejected ").to(lang) + f"{row['account']} ({first['at']}): {first[message]}"
            for finding in others[: REASONS_SHOWN - 1]:
                yield f"  {finding['at']}: {finding[message]}"
            if (left := len(row["findings"]) - REASONS_SHOWN) > 0:
                yield "  " + Text(f"还有 {left} 处", f"and {left} more").to(lang)


def print_passed_by(passed_by: Text | None, lang: Lang) -> None:
    """That the rules at hand are not the ones in use, where it is so."""
    if passed_by is not None:
        console().print(Styled(passed_by.to(lang), style="yellow"))


def _table(title: str, heads: Sequence[str], *, numbers_from: int, wraps: int | None = None) -> Table:
    """A table whose cells stay on one line, but for those of the column that `wraps`."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if numbers_from <= place else "left", no_wrap=place != wraps)
    return table


def _headline(summary: Summary, lang: Lang, on: date, rules: Text) -> Table:
    table = _table(Text(f"{on} 物业费催缴概览", f"Property fees on {on}").to(lang), ["", ""], numbers_from=1)
    table.show_header = False
    money = Text("元", "yuan").to(lang)
    rows = [
        (Text("户数", "households"), f"{summary.households:,}"),
        (Text("已评估", "assessed"), f"{summary.statuses['assessed']:,}"),
        (Text("无适用规则", "no rules apply"), f"{summary.statuses['not_applicable']:,}"),
        (Text("拒收 (见 rejected.jsonl)", "rejected (see rejected.jsonl)"), f"{summary.statuses['rejected']:,}"),
        (Text("欠费户", "households in arrears"), f"{summary.in_arrears:,}"),
        (Text("逾期欠费本金", "arrears (principal past due)"), _money(summary.arrears, money)),
        (Text("违约金", "late fee"), _money(summary.late_fee, money)),
        (Text("违约金无法确定的户", "late fee undetermined"), f"{summary.fee_undetermined:,}"),
        (Text("预存", "credit"), _money(summary.credit, money)),
        (Text("规则", "rules"), rules.to(lang)),
    ]
    if summary.arrears_unknown:
        rows.insert(5, (Text("欠费无法确定的户", "arrears unknown"), f"{summary.arrears_unknown:,}"))
    for title, value in rows:
        table.add_row(title.to(lang), value)
    return table


def _money(fen: int, unit: str) -> str:
    return f"{fen // 100:,}.{fen % 100:02d} {unit}" if fen >= 0 else f"{yuan(fen)} {unit}"


def _ages(summary: Summary, lang: Lang) -> Table:
    heads = [
        Text("账龄", "age"),
        Text("账单", "charges"),
        Text("欠费本金(元)", "principal (yuan)"),
        Text("占比", "share"),
    ]
    table = _table(Text("按账龄", "By age").to(lang), [head.to(lang) for head in heads], numbers_from=1)
    table.columns[3].justify = "left"
    whole = sum(bucket.arrears for bucket in summary.ages.values())
    for name, title in age_titles().items():
        if bucket := summary.ages.get(name):
            table.add_row(title.to(lang), f"{bucket.count:,}", _money(bucket.arrears, ""), _bar(bucket.arrears, whole))
    return table


def _grades(summary: Summary, lang: Lang) -> Table:
    heads = [
        Text("分级", "grade"),
        Text("户数", "households"),
        Text("逾期欠费(元)", "arrears (yuan)"),
        Text("占比", "share"),
    ]
    table = _table(Text("按分级", "By grade").to(lang), [head.to(lang) for head in heads], numbers_from=1)
    table.columns[3].justify = "left"
    for (book, name), grading in summary.gradings.items():
        whole = sum(bucket.arrears for bucket in grading.answers.values())
        table.add_row(Styled(f"{grading.title if lang == 'zh' else name} ({book})", style="bold"))
        for answer, bucket in grading.in_order():
            shown = "  " + _answer(answer, grading, lang)
            table.add_row(shown, f"{bucket.count:,}", _money(bucket.arrears, ""), _bar(bucket.arrears, whole))
        table.add_section()
    return table


def _answer(answer: str, grading: Grading, lang: Lang) -> str:
    if answer == UNDETERMINED:
        return Text("无法确定", "undetermined").to(lang)
    title = grading.titles.get(answer, "")
    return f"{answer} {title}".strip() if lang == "zh" else answer


def _steps(summary: Summary, lang: Lang) -> Table:
    """What is due today, by step; then why the rest is not."""
    heads = [Text("今天", "today"), Text("规则书", "book"), Text("次数", "count")]
    table = _table(Text("按步骤", "By step").to(lang), [head.to(lang) for head in heads], numbers_from=2)
    for (book, step), count in sorted(summary.steps.items(), key=_most_first):
        table.add_row(step, book, f"{count:,}")
    table.add_section()
    codes: Counter[str] = Counter()
    for (_, code), count in summary.withheld.items():
        codes[code] += count
    for code, count in codes.most_common():
        title = CODES[cast(Code, code)].to(lang)
        table.add_row(Text(f"不做: {title}", f"not: {title}").to(lang), "", f"{count:,}")
    return table


def _not_vouched_for(summary: Summary, lang: Lang) -> Iterator[Styled]:
    """The books nobody has signed and the law files no lawyer has reviewed, each kind in one line."""
    between = Text("、", ", ").to(lang)
    for names, said in (
        (summary.unsigned, Text("未签的规则书", "unsigned rule books")),
        (summary.unreviewed, Text("未经律师审签的法规文件", "law files reviewed by no lawyer")),
    ):
        if names:
            told = between.join(name for name, _ in names.most_common())
            yield Styled(f"{said.to(lang)} ({len(names)}): {told}", style="yellow")


def _most_first(entry: tuple[tuple[str, str], int]) -> tuple[int, tuple[str, str]]:
    return -entry[1], entry[0]


def _bar(part: int, whole: int) -> str:
    """A bar of eighths and the percent, as wide as `BAR` for the whole."""
    if whole <= 0:
        return ""
    eighths = part * BAR * 8 // whole
    percent = (part * 200 + whole) // (2 * whole)
    return "█" * (eighths // 8) + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[eighths % 8] + f" {percent}%"


def _doubts(summary: Summary, lang: Lang) -> Table:
    heads = [Text("编号", "code"), Text("说明", "what"), Text("次数", "count")]
    title = Text("数据问题", "Doubts in the data").to(lang)
    table = _table(title, [head.to(lang) for head in heads], numbers_from=2, wraps=1)
    both = summary.rejected + summary.findings
    for code, count in sorted(both.items()):
        entry = kind(code)
        mark = Text(" (拒收)", " (rejected)").to(lang) if code in summary.rejected else ""
        table.add_row(code, entry.title.to(lang) + mark, f"{count:,}")
    return table


def print_cases(report: CaseReport, lang: Lang) -> None:
    """Every case that failed with what was expected, what came out and why; then how many passed."""
    screen = console()
    if report.findings:
        print_findings(report.findings, lang)
    for result in report.results:
        if not result.passed:
            screen.print(Styled.assemble((f"{result.at} ", "dim"), (result.name, "bold red")))
            for difference in result.differences:
                screen.print(f"  {difference.told(lang)}", markup=False)
    passed = sum(result.passed for result in report.results)
    failed = len(report.results) - passed
    style = "bold green" if report.passed else "bold red"
    told = Text(f"{passed} 例通过, {failed} 例不符", f"{passed} cases passed, {failed} failed")
    screen.print(Styled(told.to(lang), style=style))


def print_reached(reached: Reached, lang: Lang) -> None:
    """How many rows and steps the cases come to."""
    rows = Text(f"{reached.of_rows} 行中的 {reached.rows} 行", f"{reached.rows} of {reached.of_rows} rows")
    steps = Text(f", {reached.of_steps} 步中的 {reached.steps} 步", f" and {reached.steps} of {reached.of_steps} steps")
    told = Text("用到 ", "they come to ").joined(rows).joined(steps if reached.of_steps else Text("", ""))
    console().print(Styled(told.to(lang), style="dim"))


def print_claim(claim: Claim, lang: Lang, *, after: Claim | None = None) -> None:
    """A claim with its answer and what it is of; below it, for what it is proved or what shows it false.

    What holds of the one printed before as well (`after`) is not said again.
    """
    word, style = _ANSWERS[claim.answer]
    same = after is not None and after.of == claim.of
    of = f"  {claim.of.to(lang)}" if claim.of.zh and not same else ""
    console().print(Styled.assemble((word.to(lang), style), f"  {claim.title.to(lang)}", (of, "dim")))
    below = [] if after is not None and after.reach == claim.reach else [claim.reach]
    below += [] if claim.shown is None else [claim.shown.told]
    for told in (each.to(lang) for each in below if each.zh):
        console().print(Styled(f"          {told}", style="dim"))


_DIFFERENCE = {
    "book": "bold", "added": "bold green", "removed": "bold red", "changed": "bold yellow", "moved": "bold yellow",
    "follows": "bold cyan", "old": "red", "new": "green", "label": "bold", "plain": "", "quiet": "dim",
}  # fmt: skip


def print_difference(difference: Difference, lang: Lang) -> None:
    """The difference of two books, what was in red and what is in green."""
    screen = console()
    for line in lines(difference, lang):
        screen.print(Styled(line.text, style=_DIFFERENCE[line.kind]))


_ANSWERS = {
    "proved": (Text("✓ 已证明", "✓ proved "), "green"),
    "false": (Text("✗ 有反例", "✗ false  "), "bold red"),
    "not_claimed": (Text("- 不主张", "- not so "), "dim"),
    "open": (Text("? 未证出", "? open   "), "yellow"),
}


@contextmanager
def proving(lang: Lang, total: int) -> Iterator[Callable[[], None]]:
    """A bar for the claims that are asked; what it gives is called after each."""
    with progress(lang, Text("项", "claims")) as bar:
        task = bar.add_task("", total=total, rate="")
        yield lambda: bar.advance(task)


@contextmanager
def trying(lang: Lang, total: int) -> Iterator[Callable[[], None]]:
    """A bar for the thresholds that are tried; what it gives is called after each."""
    with progress(lang, Text("处界限", "limits")) as bar:
        task = bar.add_task("", total=total, rate="")
        yield lambda: bar.advance(task)


def facts_table(name: str | None, lang: Lang) -> Table:
    """The fact catalogue, or one fact of it with its definition."""
    heads = [Text("事实", "fact"), Text("名称", "title"), Text("类型", "type"), Text("含义", "meaning")]
    table = Table(header_style="bold", show_lines=name is not None)
    for place, head in enumerate(heads):
        table.add_column(head.to(lang), no_wrap=place == 0, overflow="fold")
    chosen = [fact for fact in CATALOGUE.values() if name in (None, fact.id, fact.title.zh)]
    if not chosen:
        near = _near_fact(name or "")
        hint = did_you_mean(near.id, near.title) if near else did_you_mean(None)
        raise UsageError(Text(f"没有事实“{name}”", f"there is no fact `{name}`").joined(hint))
    for fact in chosen:
        table.add_row(fact.id, fact.title.to(lang), fact.type.kind, fact.definition.to(lang))
    return table


def _near_fact(word: str) -> FactDef | None:
    """The fact a word may have meant: by a common wrong name, else the nearest id or title."""
    titles = {fact.title.zh: fact.id for fact in CATALOGUE.values()}
    guess = nearest(word, CATALOGUE) or nearest(word, titles)
    return meant_by(word) or (CATALOGUE[titles.get(guess, guess)] if guess else None)
