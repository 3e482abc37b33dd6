"""Write the reference pages from the code they describe: `make reference`. tests/test_docs.py fails when one is stale.

What a reviewer looks up (facts, findings, column heads, commands) changes with the code; nobody copies it by hand.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any, get_args, get_origin

ROOT = Path(__file__).resolve().parent.parent
MADE = "<!-- Written by `make reference`; change the code it describes, not this page. -->\n"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def facts() -> str:
    """docs/reference/facts.md: every fact a rule may test."""
    from dunning.engine.known.catalogue import CATALOGUE

    parts = [
        "# Facts · 事实\n",
        MADE,
        "What a rule may test: the name is written in `when`, or its Chinese title. What the source cannot tell is",
        "unknown: never false, never zero.\n",
    ]
    for of, title in (("account", "Of a household · 每户"), ("charge", "Of one charge · 每笔费用")):
        parts.append(f"## {title}\n")
        parts += [_fact(fact) for fact in CATALOGUE.values() if fact.of == of]
    return "\n".join(parts)


def _fact(fact: Any) -> str:
    words = fact.type.values or {}
    lines = [
        f"### `{fact.id}` {fact.title.zh} · {fact.title.en}\n",
        f"{fact.definition.zh}\n",
        f"{fact.definition.en}\n",
    ]
    unit = f", {fact.type.unit.zh} · {fact.type.unit.en}" if fact.type.unit.zh else ""
    lines.append(f"- type: {fact.type.kind}{unit}")
    if words:
        lines.append("- words: " + ", ".join(f"`{word}` {title.zh} · {title.en}" for word, title in words.items()))
    if fact.reads:
        lines.append(f"- made from: {_listed(fact.reads)}")
    if fact.person:
        lines.append("- counted over all the accounts of one person in the company")
    return "\n".join(lines) + "\n"


FAMILIES = {
    "A": "Account records · 户数据",
    "C": "Coverage · 规则覆盖",
    "D": "Dates, citations, doubtful numbers · 日期、引用和可疑的数",
    "E": "Escalation · 催收升级",
    "H": "HTTP service · HTTP 服务",
    "I": "Intake files · 导入文件",
    "L": "Law · 法律",
    "M": "Mutation · 阈值变异",
    "N": "Names · 名称",
    "P": "Adapters · 接口",
    "Q": "Timing · 时间与频次",
    "R": "Structure of a rule book · 规则书结构",
    "S": "Signing · 审签",
    "T": "Typed values · 条件与数值",
    "X": "Exchange with DMN and spreadsheets · 与 DMN 和表格软件交换",
    "Y": "YAML · 文件格式",
}


def findings() -> str:
    """docs/reference/findings.md: every code, what it says and what helps."""
    from dunning.basis.finding import catalogue

    parts = [
        "# Findings · 问题代码\n",
        MADE,
        "What can be wrong in a rule or data file. An error stops the file from being used, a warning or a note does",
        "not. `…` stands for what was written.\n",
    ]
    for letter, entries in groupby(catalogue(), key=lambda entry: entry.code[0]):
        parts.append(f"## {letter} {FAMILIES[letter]}\n")
        parts += [_finding(entry) for entry in entries]
    return "\n".join(parts)


def _finding(entry: Any) -> str:
    from dunning.basis.finding import Kind

    def open_blanks(text: Any) -> Any:
        """The text with its blanks left open, as titles have them."""
        return Kind("", "note", text, text, text).title

    lines = [f"### `{entry.code}` {entry.severity}\n", f"{entry.title.zh}\n", f"{entry.title.en}\n"]
    for head, text in (("why", open_blanks(entry.why)), ("help", open_blanks(entry.help))):
        if text.zh:
            lines += [f"- {head}: {text.zh}", f"- {head}: {text.en}"]
    return "\n".join(lines).rstrip("\n") + "\n"


def commands() -> str:
    """docs/reference/commands.md: every command with its options, in English.

    Help is fixed in the locale's language when the program starts, so a program of its own is asked.
    """
    code = "import reference; print(reference.commands_here(), end='')"
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent,
        env=os.environ | {"LC_ALL": "en_US.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout


EXIT_CODES = """\
| exit code | of most commands | of `may` |
|---|---|---|
| 0 | all well | the action may be done now |
| 1 | some accounts rejected, something found wrong, a case failed | not now: something is still needed, a lawyer \
has to decide, or the step rests |
| 2 | nothing was done: the rules or the call are wrong, a file cannot be read or written | the same |
| 3 | - | prohibited, by law or by analogy |
| 130 | interrupted | the same |
"""


def commands_here() -> str:
    """The page of commands in the language of this process."""
    import typer.main

    from dunning.cli.main import app

    group: Any = typer.main.get_command(app)
    parts = [
        "# Commands\n",
        MADE,
        EXIT_CODES,
    ]
    for name, command in _flat(group.commands):
        arguments = [each for each in command.params if each.param_type_name == "argument"]
        options = [each for each in command.params if each.param_type_name == "option"]
        usage = " ".join(["dunning", name, *map(_name, arguments)])
        parts += [f"## `{usage}`\n", f"{command.help}\n"]
        if command.params:
            parts += ["\n".join(_parameter(each) for each in [*arguments, *options]) + "\n"]
    return "\n".join(parts)


def _flat(commands: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Commands by what is typed, those of a group under their own names: `sql-map init`."""
    for name, command in commands.items():
        inner = getattr(command, "commands", None)
        yield from ((f"{name} {each}", one) for each, one in _flat(inner)) if inner else [(name, command)]


def _name(each: Any) -> str:
    """A parameter as it is typed: `PATH`, `--on DATE`."""
    if each.param_type_name == "argument":
        return str(each.metavar or each.name.upper())
    return " ".join(filter(None, [", ".join(each.opts), each.metavar]))


def _parameter(each: Any) -> str:
    default = "" if each.required or each.default in (None, False) else f" (default `{each.default}`)"
    return f"- `{_name(each)}`: {each.help or ''}{default}"


def headers() -> str:
    """docs/reference/headers.md: what the files, columns and words of accounts may be called."""
    from dunning.intake import headers as table

    parts = [
        "# Files and columns · 文件与列\n",
        MADE,
        "What accounts are read from: a folder of CSV files, the sheets of an XLSX file, or JSONL. A file or sheet",
        "and its columns may carry any of the names given, Chinese or English; a unit in brackets is dropped.",
        "How several values stand in a cell is in [records.md](records.md#files). In the list of accounts, a column",
        "`attributes.x` (属性.x) holds the attribute x.\n",
    ]
    for name, titles in table.LISTS.items():
        parts.append(f"## `{name}` {' · '.join(titles)}\n")
        parts.append("| column | 列名 | what it holds |\n|---|---|---|")
        parts += [_column(table, *column) for column in table.columns(name)]
        parts.append("")
    parts.append(f"Yes is {_listed(table.TRUE)}; no is {_listed(table.FALSE)}.\n")
    return "\n".join(parts)


def _column(table: Any, field: str, hint: Any, labels: tuple[str, ...]) -> str:
    return f"| `{field}` | {'、'.join(labels)} | {_holds(table, table.without_none(hint))} |"


def _holds(table: Any, hint: Any) -> str:
    """What a cell of that type holds, with an example, or all its words."""
    from dunning.model.account import Instalment, Settled

    if get_origin(hint) is tuple:
        return f"several, separated by `;`: {_holds(table, get_args(hint)[0])}"
    if table.is_closed(hint):
        chinese: dict[str, list[str]] = {}
        for word, value in table.words(hint).items():
            chinese.setdefault(value, []).extend([word] if word != value else [])
        return "; ".join(f"`{value}` {'、'.join(chinese.get(value, []))}".strip() for value in get_args(hint))
    return {
        table.Amount: "yuan: `1592.25`",
        table.Share: "a rate or share: `0.5‰`, `5%`",
        date: "a date: `2026-01-31`",
        datetime: "a time: `2026-01-31T10:15:00+08:00`",
        bool: "yes or no",
        Fraction: "a number: `96.5`",
        Settled: "`charge:part:amount`",
        Instalment: "`date:amount`",
    }.get(hint, "text")


def assessment() -> str:
    """docs/reference/assessment.md: all that comes out, from worked examples run through the code."""
    import worked

    return worked.page(MADE)


def schema() -> str:
    """rules/schema.json: completion and hover for whoever edits rule files."""
    from dunning.lang.shapes.shape import schema_text

    return schema_text()


def timeline() -> str:
    """docs/pictures/timeline.svg: the household of the README played forward."""
    import dunning

    with dunning.open_portfolio(ROOT / "examples" / "portfolio") as portfolio:
        account = next(one for group in portfolio for one in group.accounts if one.id == "XD-1-1404/O-215")
    days = {"since": date(2026, 6, 1), "until": date(2027, 9, 30)}
    return dunning.timeline_svg(dunning.timeline(account, dunning.load_folder(), **days), lang="zh")


def templates() -> str:
    """docs/reference/templates.md: what a template's head says, and what it may want filled in."""
    from dunning.lang.library import shipped, templates_in
    from dunning.lang.words import words

    known, _ = templates_in(shipped() / "templates")
    parts = [
        "# Templates · 模板\n",
        MADE,
        "A template is `templates/NAME.md` in the rules folder: a YAML head between two lines of `---`, then the text.",
        "A step names it (`template: NAME`); the ERP fills it in and sends it.\n",
        "模板是规则文件夹里的 `templates/名字.md`: 两行 `---` 之间是开头, 后面是正文. 步骤里写它的名字;",
        "填写和发送由业务系统做.\n",
        "```text\n---\ntitle: 到期前提醒\ntone: friendly\nchannels: [sms, app]\n---",
        "{{ name }}您好: {{ unit }}待缴 {{ total }}元, {{ due }} 到期。\n```\n",
        "| head · 开头 | what it is |\n|---|---|",
        "| `title` 标题 | what people call it |",
        f"| `tone` 口径 | {_listed(words.TONES)}: the tone of a step that says none |",
        "| `channels` 渠道 | those it is written for |",
        f"| `language` 语言版本 | {_listed(words.LANGUAGES)}; `zh` where it is left out |",
        "| `fields` 填写项 | further fields that your own system fills in |\n",
        "What is filled in is written `{{ total }}`, one name in the braces, nothing else:\n",
        "| field · 填写项 | 中文 |\n|---|---|",
        *(f"| `{name}` | {title.zh} |" for name, title in words.FILLED_IN.items()),
        "\nThose that come with the shipped rules · 随附的模板:\n",
        "| template | 标题 | tone | channels |\n|---|---|---|---|",
        *(
            f"| `{each.id}` | {each.title} | {each.tone} | {', '.join(each.channels)} |"
            for each in sorted(known.values(), key=lambda each: each.id)
        ),
    ]
    return "\n".join(parts) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "docs/pictures/timeline.svg": timeline,
    "docs/reference/assessment.md": assessment,
    "docs/reference/commands.md": commands,
    "docs/reference/facts.md": facts,
    "docs/reference/findings.md": findings,
    "docs/reference/headers.md": headers,
    "docs/reference/templates.md": templates,
    "rules/schema.json": schema,
}


def write(paths: Iterable[str]) -> None:
    for path in paths:
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(PAGES[path](), encoding="utf-8")
        print(path)


if __name__ == "__main__":
    write(sys.argv[1:] or PAGES)
