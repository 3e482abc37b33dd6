"""What goes wrong between us and an ERP: an adapter nobody has, one that lacks a package, an ERP that is not there.

DunningError
`-- AdapterError             the ERP cannot be reached, or answers what it should not
    |-- RefusedError         asked for what the adapter's capabilities do not declare
    |-- AdapterUnknownError  no adapter has that name; says how to install it, if we know one
    |-- AdapterMisspeltError a name near one that is installed
    `-- DependencyMissingError  the adapter is there and a package it needs is not; says the pip line
"""

from __future__ import annotations

from dunning.basis.errors import DunningError
from dunning.basis.finding import Lang, Text


class AdapterError(DunningError):
    """The ERP cannot be reached, or answers what it should not. `message` says which, and what to do."""

    def __init__(self, message: str | Text) -> None:
        self.message = message if isinstance(message, Text) else Text(message, message)
        super().__init__(self.message.en)

    def told(self, lang: Lang) -> str:
        return self.message.to(lang)


class RefusedError(AdapterError):
    """What was asked for is not among the capabilities the adapter declares."""

    @classmethod
    def to(cls, adapter: str, method: str) -> RefusedError:
        """The refusal of one method by one adapter."""
        return cls(
            Text(
                f"适配器 {adapter} 没有声明能做 {method}; 看 `dunning adapters`",
                f"the adapter {adapter} does not declare `{method}`; see `dunning adapters`",
            )
        )


class AdapterUnknownError(AdapterError):
    """No adapter of that name is installed."""


class AdapterMisspeltError(AdapterError):
    """No adapter of that name, but nearly: one letter off an installed one."""


class DependencyMissingError(AdapterError):
    """The adapter is installed and a package it needs is not."""

    @classmethod
    def of(cls, adapter: str, package: str, pip: str) -> DependencyMissingError:
        """`package` is what could not be imported, `pip` the line that installs it."""
        return cls(
            Text(
                f"适配器 {adapter} 需要 {package}, 这里没有装; 运行: {pip}",
                f"the adapter {adapter} needs {package}, which is not installed; run: {pip}",
            )
        )
