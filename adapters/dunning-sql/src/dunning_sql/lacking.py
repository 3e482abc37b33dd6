"""What follows for the rules where a mapping leaves a list out: the steps that never come due, the line that says none.

Nobody is chased on what is unknown. So a list that is left out costs steps, and it is seen by playing one household
through a year with the shipped residential rules: once with everything, once without that list.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from dunning import load, read_account, timeline
from dunning.adapter.documents import Finding, Text
from dunning.adapter.fields import RECORD_LISTS, list_titles
from dunning_sql.mapping import SqlMapping
from dunning_sql.store import LISTS as KEPT

BOOK = "residential"
_DUE, _SINCE, _UNTIL = date(2026, 1, 15), date(2026, 1, 10), date(2027, 1, 31)
_HOUSEHOLD = {
    "id": "1-101",
    "use": "residential",
    "charges": [{"id": "2026", "amount": "1000.00", "due": _DUE.isoformat()}],
}
_FIX = {  # what cannot be said to be none without a look: somebody may have paid, a contract may have the clause
    "payments": "payments: {table: ..., account: ..., fields: {id: ..., on: ..., amount: ...}}",
    "contracts": "accounts: {fields: {contract.late_fee_clause: {value: true}}}",
}


def lacking(mapping: SqlMapping) -> Iterator[Finding]:
    """A finding for each list that costs steps, and one for all others. P117: only the ERP could have it; P118: our
    own store may keep it; P119: it costs no step. P120: without a use no shipped book applies.
    """
    at = mapping.at
    accounts = mapping.sections.get("accounts")
    if accounts is not None and accounts.value("use") is None:
        yield Finding("P120", accounts.places["section"], fix="use: {value: residential}")
    harmless = []
    for name in RECORD_LISTS:
        if name in mapping.lists or name == "charges":
            continue
        lost = _lost(name)
        if not lost:
            harmless.append(name)
            continue
        every = len(lost) == len(_steps(None))
        zh = "一步也不会到期" if every else f"这些步骤永远不会到期: {'、'.join(title.zh for title in lost)}"
        en = "no step ever comes due" if every else f"these never come due: {', '.join(title.en for title in lost)}"
        args = {"what": titled(name), "lost": Text(zh, en)}
        yield Finding("P118" if name in KEPT else "P117", at, args, fix=_FIX.get(name, f"{name}: none"))
    if harmless:
        told = Text("、".join(list_titles(name)[0] for name in harmless), ", ".join(harmless))
        yield Finding("P119", at, {"lists": told}, fix="\n".join(f"{name}: none" for name in harmless))


def titled(name: str) -> Text:
    """A list by its Chinese name and its own: 账单 (charges)."""
    titles = list_titles(name) if name in RECORD_LISTS else ()
    return Text(f"{titles[0]} ({name})" if titles else f"“{name}”", f"`{name}`")


def _lost(name: str) -> list[Text]:
    """The steps that come due with everything known and no longer without this list, in their order."""
    left = _steps(name)
    return [title for step, title in _steps(None).items() if step not in left]


@cache
def _steps(unknown: str | None) -> dict[str, Text]:
    """The steps that come due for somebody who never answers, where a list is unknown."""
    household = _HOUSEHOLD | ({"unknown": [unknown]} if unknown else {})
    played = timeline(read_account(household), load(BOOK), since=_SINCE, until=_UNTIL)
    return {event.name: Text(event.title.zh, event.name) for event in played.events if event.kind == "action"}
