"""What a wrong call raises. Everything here is the caller's fault; a wrong *file* is a Finding, a lawful "no" a Verdict.

    DunningError
    |-- RulesError       a rule file does not load; `.findings` has all of them, not the first
    |-- AccountError     an account cannot be assessed; `.findings` says why
    |-- MoneyError       an amount or rate that is no exact number (also a ValueError)
    |-- CalendarError    a date or period that cannot be (also a ValueError)
    `-- UsageError       an argument that names nothing: a pack, a step, a file that does not exist
"""

from __future__ import annotations

from collections.abc import Sequence

from dunning.basis.finding import Finding


class DunningError(Exception):
    """The base of all: `except DunningError` catches whatever this library raises on purpose."""


class _WithFindings(DunningError):
    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(f"{f.at}: [{f.code}] {f.message('en')}" for f in self.findings))


class RulesError(_WithFindings):
    """A rule file, or the folder it stands in, has errors and does not load."""


class AccountError(_WithFindings):
    """An account contradicts itself so that no answer would be safe."""


class MoneyError(DunningError, ValueError):
    """Not an exact amount or rate: a float, three decimals of a yuan, a letter among digits."""


class CalendarError(DunningError, ValueError):
    """Not a date, or a period that ends before it begins."""


class UsageError(DunningError):
    """A name that stands for nothing here; the message says what would."""
