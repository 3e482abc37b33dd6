"""One household of a portfolio or of an ERP, by its id: for the commands that speak of a single one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dunning.basis.errors import AccountError, UsageError
from dunning.basis.finding import Text
from dunning.cli.parquet import is_ours, needs_pyarrow, portfolio_at, run_in
from dunning.model.account import Account

if TYPE_CHECKING:
    from dunning.adapter.protocol import Adapter
    from dunning.intake.groups import Group, Portfolio

ADAPTER = "adapter:"
_MAIN = "main"  # the company where a source names none


def account_of(path: str, name: str | None, *, company: str | None = None, option: str = "--account") -> Account:
    """The account of that id (and company); the only one of a file needs no id.

    AccountError: its data is wrong. UsageError: there is none, or several and no id; `option` is where an id is given.
    """
    group = group_with(path, name, company=company, option=option)
    for rejected in group.rejected:
        if name is not None and rejected.id == name and company in (None, rejected.company):
            raise AccountError(rejected.findings)
    return next(one for one in group.accounts if name is None or (one.id == name and company in (None, one.company)))


def group_with(path: str, name: str | None, *, company: str | None = None, option: str = "--account") -> Group:
    """The debtor's accounts that the one of that id is among, read or rejected; that of the only one needs no id.

    `path` may be an adapter: of an ERP only this debtor is read, if the company is told or there is but one. UsageError
    with the nearest id if there is none, or if there are several and no id.
    """
    if path.startswith(ADAPTER):
        from dunning.adapter.lookup import open_adapter

        adapter = open_adapter(path)
        found = None if name is None else _reread(adapter, name, company or _MAIN)
        return found or _searched(_all_of(adapter), path.partition("?")[0], name, company, option)

    folder = Path(path)
    run = run_in(folder)
    if run is not None:
        folder = run.records
    if name is not None and is_ours(folder):
        needs_pyarrow()
        from dunning.columns.portfolio import group_called
        from dunning.columns.store import open_store

        group = group_called(open_store(folder), name, company)
        if group is not None:
            return group
    with portfolio_at(folder) as portfolio:
        return _searched(iter(portfolio), path, name, company, option)


@contextmanager
def opened(path: str) -> Iterator[Portfolio]:
    """Any portfolio: files, Parquet, or what an adapter reads."""
    if path.startswith(ADAPTER):
        from dunning.adapter.lookup import open_adapter
        from dunning.adapter.supply import AdapterPortfolio

        with AdapterPortfolio(open_adapter(path)) as portfolio:
            yield portfolio
    else:
        with portfolio_at(Path(path)) as portfolio:
            yield portfolio


def _reread(adapter: Adapter, name: str, company: str) -> Group | None:
    """The debtor's accounts as the adapter reads them again; None if there is no such account."""
    from dunning.adapter.protocol import Gone, Mark
    from dunning.adapter.supply import supplied
    from dunning.intake.groups import group_of

    capabilities, items = adapter.capabilities(), list(adapter.reread([(company, name)]))
    found = [supplied(item, capabilities) for item in items if not isinstance(item, Gone | Mark)]
    group = group_of(found) if found else None
    return group if group is not None and _has(group, name, company) else None


def _all_of(adapter: Adapter) -> Iterator[Group]:
    from dunning.adapter.supply import AdapterPortfolio

    return iter(AdapterPortfolio(adapter))


def _has(group: Group, name: str | None, company: str | None) -> bool:
    return any(name in (None, id_) and company in (None, of) for of, id_ in _ids(group))


def _ids(group: Group) -> list[tuple[str, str]]:
    """(company, id) of all its accounts, read or rejected."""
    read = [(one.company, one.id) for one in group.accounts]
    return read + [(one.company, one.id) for one in group.rejected]


def _searched(groups: Iterator[Group], path: str, name: str | None, company: str | None, option: str) -> Group:
    from dunning.lang.text.names import did_you_mean, nearest

    seen: list[str] = []
    found: Group | None = None
    for group in groups:
        seen += [id_ for _, id_ in _ids(group)]
        if found is None and (_has(group, name, company) if name is not None else group.accounts):
            found = group
            if name is not None:
                return found
    if name is None and len(seen) > 1:
        raise UsageError(
            Text(
                f"{path} 里有 {len(seen)} 户; 用 {option} 写明一户",
                f"{path} has {len(seen)} accounts; name one with {option}",
            )
        )
    if found is None:
        missing = Text(f"{path} 里没有户“{name}”", f"there is no account `{name}` in {path}")
        hint = did_you_mean(nearest(name or "", seen))
        raise UsageError(missing.joined(hint if hint.zh or not seen else _like(seen)))
    return found


def _like(seen: list[str]) -> Text:
    """What ids look like, where none is near."""
    some = list(dict.fromkeys(seen))[:3]
    return Text(f"; 那里的户号如 {'、'.join(some)}", f"; ids there are like {', '.join(some)}")
