"""What a portfolio is read as: groups, all accounts of one debtor in one company, wherever they stand in the file.

Caps and "one message a day" hold per debtor, so nobody downstream may see half of one. A group travels raw and is read
where it is needed, in this process or another one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType

from dunning.intake.records import Read, Rejected
from dunning.model.account import Account


@dataclass(frozen=True, slots=True)
class Group:
    """The accounts of one debtor in the order of the file: those read, with their doubts, and those rejected."""

    company: str
    debtor: str
    reads: tuple[Read, ...] = ()
    rejected: tuple[Rejected, ...] = ()

    @property
    def accounts(self) -> tuple[Account, ...]:
        return tuple(read.account for read in self.reads)


class RawGroup(ABC):
    """A group not yet read: small, and can be sent to another process."""

    @abstractmethod
    def read(self) -> Group:
        """The accounts, each read or rejected with every reason; never raises for what stands in the file."""


class Portfolio(ABC):
    """An open portfolio; close it, or use it in a `with`. Iterating twice gives the same groups twice.

    `count`: how many accounts it has, those to be rejected included; None if that is not known beforehand. Groups
    come in the order of each debtor's first account.
    """

    count: int | None

    @abstractmethod
    def raw(self) -> Iterator[RawGroup]:
        """The groups unread, for handing them to other processes."""

    def groups(self) -> Iterator[Group]:
        """The groups, each read when its turn comes."""
        for raw in self.raw():
            yield raw.read()

    def __iter__(self) -> Iterator[Group]:
        return self.groups()

    def close(self) -> None:  # noqa: B027  # a portfolio that holds nothing open has nothing to give back
        """Give back files and temporary data."""

    def __enter__(self) -> Portfolio:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def group_of(found: Iterable[Read | Rejected]) -> Group:
    """The group of accounts that share a debtor."""
    reads: list[Read] = []
    rejected: list[Rejected] = []
    for one in found:
        reads.append(one) if isinstance(one, Read) else rejected.append(one)
    if reads:
        return Group(reads[0].account.company, reads[0].account.debtor.id, tuple(reads), tuple(rejected))
    return Group(rejected[0].company, rejected[0].debtor, (), tuple(rejected))
