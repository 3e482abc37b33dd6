"""The adapter `microcommunity`: the mapping of its schema, and the options that say what the schema does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib.resources import files

from dunning import UsageError
from dunning.adapter import Capabilities
from dunning.adapter.documents import Text
from dunning.adapter.fields import fields_of
from dunning_microcommunity.accounts import LISTS, Lists
from dunning_microcommunity.due import DuePolicy
from dunning_sql import SqlAdapter, SqlMapping, Store, read_mapping
from dunning_sql.database import open_engine
from dunning_sql.mapping import Value
from dunning_sql.store import LISTS as STORED

NAME = "microcommunity"
PAGE = 50_000
"""Accounts looked at together: who owes is found out anew for every page."""

CAPABILITIES = Capabilities(
    name=NAME,
    lists=LISTS | frozenset(STORED) | {"contracts"},
    late_fees_by="source",
    delivers=True,
    resolves=True,
    forgets=True,
)
"""What it can do at most: with a store, and with the contracts' clause said."""


def open_microcommunity(
    *,
    due: str = "",
    url: str = "",
    store: str = "",
    community: str = "",
    company: str = "",
    stale: str = "24",
    late_fee_clause: str = "",
    page: str = "",
) -> SqlAdapter:
    """The adapter `microcommunity`, to be read only.

    `due`: the contract's terms, `prepaid:start+15,postpaid:end+30`; without them it refuses, for the schema keeps no
    due dates. `url`: the database, else the variable DUNNING_SQL_URL. `store`: our own, as of the adapter `sql`.
    `community`: one community_id, several with commas between, or all. `company`: the creditor's name, where these
    communities have one; else each community_id is its own. `stale`: hours after which the snapshot of arrears counts
    as old. `late_fee_clause`: whether the contracts have one, `yes` or `no`; else it is unknown. UsageError for an
    option that cannot be read.
    """
    policy = DuePolicy.read(due)
    hours, size = _whole("stale", stale, 24), _whole("page", page, PAGE)
    return SqlAdapter(
        _mapping(community, company, late_fee_clause),
        open_engine(url),
        store=Store(store) if store else None,
        name=NAME,
        page=size,
        more=Lists(policy, timedelta(hours=hours)),
        supplies=LISTS,
    )


def _mapping(community: str, company: str, clause: str) -> SqlMapping:
    text = (files("dunning_microcommunity") / "accounts.yaml").read_bytes()
    mapping, findings = read_mapping(text, "accounts.yaml", needs=("accounts",))
    assert mapping is not None, findings
    accounts, fields = mapping.accounts, fields_of("accounts")
    values = list(accounts.values)
    if company:
        values = [replace(each, columns=(), constant=company) if each.name == "company" else each for each in values]
    if clause not in ("", "yes", "no"):
        told = Text(
            f"late_fee_clause 只能是 yes 或 no, 不能是“{clause}”", f"`late_fee_clause` is yes or no, not `{clause}`"
        )
        raise UsageError(told)
    if clause:
        said = "true" if clause == "yes" else "false"
        values.append(Value(field=fields["contract.late_fee_clause"], at=values[0].at, constant=said))
    sections = {**mapping.sections, "accounts": replace(accounts, values=tuple(values), once=True)}
    return replace(mapping, sections=sections, parameters={"community": community})


def _whole(name: str, text: str, default: int) -> int:
    if not text:
        return default
    if not text.isdecimal() or int(text) < 2:
        raise UsageError(
            Text(f"{name} 要写大于 1 的整数, 不能是“{text}”", f"`{name}` is a whole number above 1, not `{text}`")
        )
    return int(text)
