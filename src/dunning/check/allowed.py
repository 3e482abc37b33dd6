"""`# dunning: allow Q507 because ...`: a finding somebody has looked at and lets stand, with the reason.

Errors are never let stand; what is let stand is listed for all to see; a comment that lets nothing stand is told.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Span

_COMMENT = re.compile(
    r"#\s*dunning:\s*(?:allow|放过)\s+(?P<code>[A-Z]\d{3})(?:\s*(?:because|因为|:|：)\s*(?P<because>\S.*?))?\s*$"
)


@dataclass(frozen=True, slots=True)
class Allowance:
    """One such comment: the code, the reason, where it stands, and the line it speaks of."""

    code: str
    because: str
    at: Span
    line: int


def with_allowances(
    findings: Sequence[Finding], texts: Mapping[str, Sequence[str]], looked_at: Collection[str]
) -> list[Finding]:
    """Findings with those let stand turned into notes that say why; `texts` are the lines of each file by its name.

    Of the files `looked_at` it is told where nothing is to be let stand; of a base only some is ever found.
    """
    by_place = {(one.at.file, one.line, one.code): one for file in texts for one in allowances(file, texts[file])}
    left = dict(by_place)
    told: list[Finding] = []
    for finding in findings:
        key = (finding.at.file, finding.at.line, finding.code) if isinstance(finding.at, Span) else None
        if key is None or key not in by_place:
            told.append(finding)
        else:
            left.pop(key, None)
            told += _judged(finding, by_place[key])
    # What stands in a file with errors was not looked at: what else would be found there nobody knows yet.
    broken = {finding.at.file for finding in told if finding.severity == "error" and isinstance(finding.at, Span)}
    idle = [one for one in left.values() if one.at.file in looked_at and one.at.file not in broken]
    return [*told, *(Finding("D403", one.at, {"code": one.code}) for one in idle)]


def _judged(finding: Finding, allowance: Allowance) -> tuple[Finding, ...]:
    """The finding let stand; or itself, and why the comment does not count."""
    if finding.severity == "error":
        return finding, Finding("D404", allowance.at, {"code": finding.code})
    if not allowance.because:
        return finding, Finding("D402", allowance.at, {"code": finding.code})
    what = Text(finding.message("zh"), finding.message("en"))
    args = {"code": finding.code, "because": allowance.because, "what": what}
    return (Finding("D401", finding.at, args, line=finding.line),)


def allowances(file: str, lines: Sequence[str]) -> Iterator[Allowance]:
    """The comments of a file. One behind a clause speaks of its line, one on a line of its own of the next clause."""
    for number, line in enumerate(lines, 1):
        found = _COMMENT.search(line)
        if found is None:
            continue
        place = Span(file, number, found.start() + 1, found.end() + 1)
        alone = not line[: found.start()].strip()
        yield Allowance(found["code"], found["because"] or "", place, _next(lines, number) if alone else number)


def _next(lines: Sequence[str], number: int) -> int:
    """The first line after this one that says something."""
    for later, line in enumerate(lines[number:], number + 1):
        if line.strip() and not line.lstrip().startswith("#"):
            return later
    return number
