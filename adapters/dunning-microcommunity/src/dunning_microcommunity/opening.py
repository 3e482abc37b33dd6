"""The adapter `microcommunity`: the mapping of its schema, and the options that say what the schema does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files

from dunning.adapter import Capabilities
from dunning.adapter.fields import fields_of
from dunning.adapter.options import OfAll, whole
from dunning_microcommunity.accounts import LISTS, Lists
from dunning_microcommunity.due import DuePolicy
from dunning_sql import SqlAdapter, SqlMapping, Store, read_mapping
from dunning_sql.database import open_engine
from dunning_sql.mapping import Value
from dunning_sql.store import LISTS as STORED

NAME = "microcommunity"
PAGE = 50_000
"""Accounts looked at together: who owes is found out anew for every page."""

TRUTHS = {"": "", "yes": "true", "no": "false"}

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
    place: str = "",
    late_fee_clause: str = "",
    none: str = "",
    page: str = "",
) -> SqlAdapter:
    """The adapter `microcommunity`, to be read only.

    `due`: the contract's terms, `prepaid:start+15,postpaid:end+30`; without them it refuses, for the schema keeps no
    due dates. `url`: the database, else the variable DUNNING_SQL_URL. `store`: our own, as of the adapter `sql`.
    `community`: one community_id, several with commas between, or all. `company`: the creditor's name, where these
    communities have one; else each community_id is its own. `stale`: hours after which the snapshot of arrears counts
    as old. Of all accounts: `place`, where the rooms are (`CN-3301`); `late_fee_clause`, whether the contracts have one
    (`yes`, `no`); `none`, of what there is nothing anywhere (`disputes,plans`); what is not said is unknown. UsageError
    for an option that cannot be read.
    """
    policy = DuePolicy.read(due)
    hours, size = whole("stale", stale or "24", least=2), whole("page", page or str(PAGE), least=2)
    supplied = LISTS | frozenset(STORED) if store else LISTS
    of_all = OfAll.read(supplied, place=place, late_fee_clause=late_fee_clause, none=none)
    constants = {"company": company, "place": place, "contract.late_fee_clause": TRUTHS[late_fee_clause]}
    return SqlAdapter(
        _mapping(community, {name: said for name, said in constants.items() if said}),
        open_engine(url),
        store=Store(store) if store else None,
        name=NAME,
        page=size,
        more=Lists(policy, timedelta(hours=hours)),
        supplies=LISTS | of_all.lists,
    )


def _mapping(community: str, constants: Mapping[str, str]) -> SqlMapping:
    """The mapping of its schema; what is said of all accounts goes before what stands in it."""
    text = (files("dunning_microcommunity") / "accounts.yaml").read_bytes()
    mapping, findings = read_mapping(text, "accounts.yaml", needs=("accounts",))
    assert mapping is not None, findings
    accounts, fields = mapping.accounts, fields_of("accounts")
    kept = [each for each in accounts.values if each.name not in constants]
    said = [Value(field=fields[name], at=accounts.values[0].at, constant=word) for name, word in constants.items()]
    sections = {**mapping.sections, "accounts": replace(accounts, values=(*kept, *said), once=True)}
    return replace(mapping, sections=sections, parameters={"community": community})
