"""What a wrong call raises: the caller's fault. A wrong *file* is a Finding, a lawful "no" a Verdict.

The tree, so that a caller can catch as much or as little as it means to:

    DunningError
    |-- RulesError       a rule file does not load; `.findings` has all of them, not the first
    |-- AccountError     an account cannot be assessed; `.findings` says why
    |-- MoneyError       an amount or rate that is no exact number (also a ValueError); `.why` says what is wrong
    |-- CalendarError    a date or period that cannot be (also a ValueError); `.why` the same
    `-- UsageError       an argument that names nothing: a pack, a step, a file that does not exist
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from dunning.basis.finding import Finding, Lang, Text


class DunningError(Exception):
    """The base of all: `except DunningError` catches whatever this library raises on purpose.

    `str()` is English; `told` gives the reader's language where there are two.
    """

    def told(self, lang: Lang) -> str:
        """The message for a reader of that language."""
        del lang
        return str(self)


class _FindingsError(DunningError):
    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(self.told("en"))

    def told(self, lang: Lang) -> str:
        """Every finding, a line each."""
        return "\n".join(f"{found.at}: [{found.code}] {found.message(lang)}" for found in self.findings)


class RulesError(_FindingsError):
    """A rule file, or the folder it stands in, has errors and does not load."""


class AccountError(_FindingsError):
    """An account contradicts itself so that no answer would be safe."""


_NOTHING = Text("", "")


class _UnreadableError(DunningError, ValueError):
    """`text` is what was written, `why` what is wrong with it, `fix` what to write if that is sure."""

    def __init__(self, message: str, *, text: str = "", why: Text = _NOTHING, fix: str = "") -> None:
        self.text = text
        self.why = why
        self.fix = fix
        super().__init__(message)

    def told(self, lang: Lang) -> str:
        if not self.text:
            return str(self)
        advice = Text(f"; 写 {self.fix}", f"; write {self.fix}").to(lang) if self.fix else ""
        return f"{self.text}: {self.why.to(lang)}{advice}"

    @classmethod
    def of(cls, text: str, what: str, *, why: Text, name: str = "", fix: str = "") -> Self:
        """`text` is not `what` (an amount, a date); `name` is the field's, if it is known."""
        cut = text if len(text) <= 40 else text[:40] + "…"
        shown = f"{name}={cut}" if name else cut
        advice = f"; write {fix}" if fix else ""
        return cls(f"`{shown}` is not {what}: {why.en}{advice}", text=text, why=why, fix=fix)


class MoneyError(_UnreadableError):
    """Not an exact amount or rate: a float, three decimals of a yuan, a letter among digits."""


class CalendarError(_UnreadableError):
    """Not a date, or a period that ends before it begins."""


class UsageError(DunningError):
    """A name that stands for nothing here; the message says what would."""

    def __init__(self, message: str | Text) -> None:
        self.message = message if isinstance(message, Text) else Text(message, message)
        super().__init__(self.message.en)

    def told(self, lang: Lang) -> str:
        return self.message.to(lang)
