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

import errno
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


_OF_FILES = {
    errno.ENOENT: Text("没有这个文件或文件夹", "no such file or folder"),
    errno.EACCES: Text("没有权限", "permission denied"),
    errno.EPERM: Text("没有权限", "permission denied"),
    errno.EISDIR: Text("是文件夹, 不是文件", "is a folder, not a file"),
    errno.ENOTDIR: Text("是文件, 不是文件夹", "is a file, not a folder"),
    errno.EEXIST: Text("已经有了", "is there already"),
    errno.ENOSPC: Text("磁盘满了", "the disk is full"),
    errno.EDQUOT: Text("磁盘配额用完了", "the disk quota is used up"),
    errno.EROFS: Text("只能读, 不能写", "cannot be written to"),
    errno.ENAMETOOLONG: Text("名字太长", "the name is too long"),
    errno.EMFILE: Text("打开的文件太多", "too many files are open"),
    errno.EADDRINUSE: Text("地址或端口已被占用", "the address or port is in use"),
    errno.EIO: Text("读写出错", "input or output error"),
}


def told_by_system(error: OSError) -> Text:
    """What the operating system says of a file, in both languages; what is not known here as it says it."""
    said = error.strerror or str(error)
    return _OF_FILES.get(error.errno or 0, Text(said, said))
