"""Findings of `check` that are new, and those that are gone: a place that has moved is neither."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable

from dunning.basis.finding import Finding
from dunning.basis.span import Span


def news(old: Iterable[Finding], new: Iterable[Finding]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What is found in the new rules and was not in the old, and the other way about."""
    before, after = list(old), list(new)
    return _not_in(after, before), _not_in(before, after)


def _not_in(findings: list[Finding], others: list[Finding]) -> tuple[Finding, ...]:
    left = Counter(map(_key, others))
    found = []
    for finding in findings:
        key = _key(finding)
        if left[key]:
            left[key] -= 1
        else:
            found.append(finding)
    return tuple(found)


def _key(finding: Finding) -> Hashable:
    """What it says and of which file, wherever the folder lies and whatever line it is on."""
    file = finding.at.file.rpartition("/")[2] if isinstance(finding.at, Span) else ""
    return finding.code, finding.message("en"), file
