"""Findings as screens of text (the place, one sentence, the line underlined, why, what to write), and as JSON.

The shape is the one reviewers know from every other message, so that they read the first line and copy the last.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from dunning.basis.finding import Finding, Lang, Severity, Text, in_order
from dunning.basis.span import Cell, Place, Span
from dunning.basis.width import width

_WIDTH = 110  # columns of an excerpt, which fits a terminal of 120

_WHY = Text("为什么", "why")
_WRITE = Text("改成", "write")
_HOW = Text("怎么改", "how")
_SAMPLE = Text("例", "for example")
_MISSING = Text("缺的范围", "missing")
_OTHER = Text("另见", "see also")
_COUNTS: Mapping[Severity, tuple[Text, Text]] = {
    "error": (Text("错误", "error"), Text("错误", "errors")),
    "warning": (Text("提醒", "warning"), Text("提醒", "warnings")),
    "note": (Text("说明", "note"), Text("说明", "notes")),
}
_NONE = Text("没有发现问题", "nothing found")


def render(
    findings: Iterable[Finding], lang: Lang = "zh", sources: Mapping[str, str] | None = None, *, standing: str = ""
) -> str:
    """All findings by place, and a last line that counts them; `standing` says after it what stays in force.

    `sources` are the texts of the files by name, for the lines of findings that do not carry theirs.
    """
    ordered = in_order(findings)
    lines = {name: text.split("\n") for name, text in (sources or {}).items()}
    screens = [_screen(finding, lang, lines) for finding in ordered]
    return "\n\n".join([*screens, _count(ordered, lang, standing)]) + "\n"


def findings_json(findings: Iterable[Finding], lang: Lang = "zh") -> list[dict[str, Any]]:
    """The same as plain records, by place: code, severity, file, line, column, message, help, related."""
    return [
        {
            "code": finding.code,
            "severity": finding.severity,
            **_where(finding.at),
            "message": finding.message(lang),
            "help": finding.help(lang),
            "related": [{**_where(place), "message": word.to(lang)} for place, word in finding.related],
        }
        for finding in in_order(findings)
    ]


_LEVELS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def workflow_commands(findings: Iterable[Finding], lang: Lang = "zh") -> str:
    """The same as workflow commands, a line each, which a code host shows beside the lines of a change."""
    told = []
    for finding in in_order(findings):
        where = _where(finding.at)
        place = f"file={_escaped(where['file'] or '')}"
        place += f",line={where['line']}" if where["line"] else ""
        place += f",col={where['column']}" if isinstance(where["column"], int) else ""  # a table's column has a name
        help_ = finding.help(lang)
        message = finding.message(lang) + (f"\n{_WRITE.to(lang)}: {help_}" if help_ else "")
        told.append(f"::{_LEVELS[finding.severity]} {place},title={finding.code}::{_escaped(message)}\n")
    return "".join(told)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _where(at: Place | None) -> dict[str, Any]:
    """File, line and column; what is no place in a rule file is told in `file` as people write it."""
    if isinstance(at, Span):
        return {"file": at.file, "line": at.line, "column": at.column}
    if isinstance(at, Cell):
        return {"file": at.file, "line": at.row, "column": at.column}
    return {"file": str(at or ""), "line": None, "column": None}


def _screen(finding: Finding, lang: Lang, lines: Mapping[str, list[str]]) -> str:
    place = f"{finding.at} " if finding.at else ""
    told = [f"{place}[{finding.code}] {finding.message(lang)}"]
    if isinstance(finding.at, Span):
        told += _excerpt(finding.at, finding.line or _line(finding.at, lines))
    if isinstance(sample := finding.args.get("sample"), Text):
        told.append(_labelled(_SAMPLE, sample.to(lang), lang))
    if isinstance(region := finding.args.get("region"), Text):
        told.append(_labelled(_MISSING, region.to(lang), lang))
    if why := finding.why(lang):
        told.append(_labelled(_WHY, why, lang))
    for other, word in finding.related:
        told.append(_labelled(_OTHER, f"{other}  {word.to(lang)}", lang))
        if isinstance(other, Span):
            told += _excerpt(other, _line(other, lines))
    if help_ := finding.help(lang):
        told.append(_labelled(_WRITE if finding.fix else _HOW, help_, lang))
    return "\n".join(told)


def _labelled(label: Text, text: str, lang: Lang) -> str:
    head = f"{label.to(lang)}:  "
    return head + text.replace("\n", "\n" + " " * width(head))


def _line(at: Span, lines: Mapping[str, list[str]]) -> str:
    text = lines.get(at.file, [])
    return text[at.line - 1] if 0 < at.line <= len(text) else ""


def _excerpt(at: Span, line: str) -> list[str]:
    """The line with its number, and carets under what the span covers."""
    if not line.strip():
        return []
    shown = "".join(_visible(char) for char in line.rstrip("\r\n"))
    start = min(max(at.column - 1, 0), len(shown))
    end = max(min(at.end - 1 if at.end else start + 1, len(shown.rstrip())), start + 1)
    shown, start, end = _window(shown, start, end)
    margin = f"{at.line:>4} | "
    carets = " " * width(shown[:start]) + "^" * max(width(shown[start:end]), 1)
    return [margin + shown.rstrip(), " " * (len(margin) - 2) + "| " + carets]


def _visible(char: str) -> str:
    """Blanks nobody can tell from a plain one, and control characters, as a box."""
    if char in " \t":
        return " " if char == " " else "→"
    return "□" if unicodedata.category(char)[0] in "CZ" else char


def _window(text: str, start: int, end: int) -> tuple[str, int, int]:
    """The part of a long line around start..end, with … where it was cut."""
    if width(text) <= _WIDTH:
        return text, start, end
    first = max(0, start - 30)
    last = first
    room = _WIDTH
    while last < len(text) and room > 0:
        room -= width(text[last])
        last += 1
    head, tail = "…" if first else "", "…" if last < len(text) else ""
    shift = len(head) - first
    return head + text[first:last] + tail, start + shift, min(end, last) + shift


def _count(findings: list[Finding], lang: Lang, standing: str) -> str:
    """共 5 处: 3 错误 2 提醒; ..."""
    if not findings:
        return _NONE.to(lang)
    numbers = {severity: sum(found.severity == severity for found in findings) for severity in _COUNTS}
    parts = [f"{n} {_COUNTS[severity][n != 1].to(lang)}" for severity, n in numbers.items() if n]
    tail = f"; {standing}" if standing else ""
    if lang == "zh":
        return f"共 {len(findings)} 处: {' '.join(parts)}{tail}"
    return f"{len(findings)} in all: {', '.join(parts)}{tail}"
