"""Coded findings: what is wrong with a file a person wrote, as data, in Chinese and English.

The wording lives in `findings/*.toml`, one file a family, one entry a code; here is the record and its rendering.
Findings are collected, never raised one by one: the first must not hide the second.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from dunning.basis.span import Place, Span

Lang = Literal["zh", "en"]
Severity = Literal["error", "warning", "note"]

_BLANK = re.compile(r"\{[^{}]*\}")


class Text(NamedTuple):
    """The same words twice: for the Chinese reader and the English one."""

    zh: str
    en: str

    def to(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en

    def joined(self, other: Text) -> Text:
        """This and then the other, in each language."""
        return Text(self.zh + other.zh, self.en + other.en)


@dataclass(frozen=True, slots=True)
class Kind:
    """One entry of the catalogue. Texts are `str.format` patterns over the finding's `args`."""

    code: str
    severity: Severity
    message: Text
    why: Text
    help: Text

    @property
    def title(self) -> Text:
        """What the kind is about, for lists of kinds: the message with its blanks left open."""
        return Text(_BLANK.sub("…", self.message.zh), _BLANK.sub("…", self.message.en))


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong or doubtful in a rule or data file.

    `code` names the catalogue entry; `at` the place; `args` fill its patterns (a `Text` is put in the reader's
    language); `fix` is a line to copy, if there is one; `related` are other places with a word on each; `line` is the
    source line under `at`, for the excerpt.
    """

    code: str
    at: Place | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    fix: str = ""
    related: tuple[tuple[Place, Text], ...] = ()
    line: str = ""

    @property
    def severity(self) -> Severity:
        return kind(self.code).severity

    def message(self, lang: Lang = "zh") -> str:
        """One sentence, in the reviewer's words."""
        return _fill(kind(self.code).message, self.args, lang)

    def why(self, lang: Lang = "zh") -> str:
        return _fill(kind(self.code).why, self.args, lang)

    def help(self, lang: Lang = "zh") -> str:
        """What to write instead: the finding's own line to copy, else the catalogue's advice."""
        return self.fix or _fill(kind(self.code).help, self.args, lang)

    def as_data(self) -> dict[str, str | None]:
        """What other programs are told: code, severity, the place as text, and the message in both languages."""
        return {
            "code": self.code,
            "severity": self.severity,
            "at": None if self.at is None else str(self.at),
            "message": self.message("zh"),
            "message_en": self.message("en"),
        }


def _fill(pattern: Text, args: Mapping[str, Any], lang: Lang) -> str:
    told = {name: value.to(lang) if isinstance(value, Text) else value for name, value in args.items()}
    return pattern.to(lang).format_map(told)


@cache
def _family(letter: str) -> dict[str, Kind]:
    """The entries of `findings/<letter>.toml`."""
    path = files("dunning.basis") / "findings" / f"{letter}.toml"
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        code: Kind(
            code,
            entry["severity"],
            Text(entry["zh"], entry["en"]),
            Text(entry.get("why_zh", ""), entry.get("why_en", "")),
            Text(entry.get("help_zh", ""), entry.get("help_en", "")),
        )
        for code, entry in entries.items()
    }


def kind(code: str) -> Kind:
    """The catalogue entry of `code`; an unknown code is a fault of ours and raises KeyError."""
    return _family(code[0])[code]


def catalogue() -> list[Kind]:
    """Every kind of finding there is, by code."""
    folder = files("dunning.basis") / "findings"
    letters = sorted(entry.name[0] for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return [entry for letter in letters for _, entry in sorted(_family(letter).items())]


def has_errors(findings: Iterable[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


_FOLLOWING = frozenset({"R309"})
"""Findings that say no more than that another file has errors: those errors come first."""


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """By file, line and column; what only follows from others after them, findings without a place last."""

    def key(finding: Finding) -> tuple[Any, ...]:
        at = finding.at
        if isinstance(at, Span):
            return (int(finding.code in _FOLLOWING), at.file, at.line, at.column, finding.code)
        return (2, str(at or "~"), 0, 0, finding.code)

    return sorted(findings, key=key)
