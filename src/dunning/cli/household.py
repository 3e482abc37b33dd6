"""One household of a portfolio, by its id: for the commands that speak of a single one."""

from __future__ import annotations

from pathlib import Path

from dunning.basis.errors import AccountError, UsageError
from dunning.basis.finding import Text
from dunning.model.account import Account


def account_of(path: Path, name: str | None, *, company: str | None = None) -> Account:
    """The account of that id (and company); the only one of a file needs no id.

    AccountError: its data is wrong. UsageError: there is none, or several and no id.
    """
    from dunning.intake.files.tables import open_portfolio
    from dunning.lang.text.names import did_you_mean, nearest

    seen: list[str] = []
    found: Account | None = None
    with open_portfolio(path) as portfolio:
        for group in portfolio:
            for rejected in group.rejected:
                if rejected.id == name and company in (None, rejected.company):
                    raise AccountError(rejected.findings)
            for each in group.accounts:
                seen.append(each.id)
                if (each.id == name and company in (None, each.company)) or (name is None and found is None):
                    found = each
    if name is None and len(seen) > 1:
        raise UsageError(
            Text(
                f"{path} 里有 {len(seen)} 户; 用 --id 写明一户", f"{path} has {len(seen)} accounts; name one with --id"
            )
        )
    if found is None:
        missing = Text(f"{path} 里没有户“{name}”", f"there is no account `{name}` in {path}")
        raise UsageError(missing.joined(did_you_mean(nearest(name or "", seen))))
    return found
