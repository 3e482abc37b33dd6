"""A debtor's accounts without personal data, and their answers told by the same pseudonyms.

A record is kept for years and read by people who need not know who the debtor is. Every id (accounts, units, parties,
staff, charges, payments, keys of receipts ...) becomes its place in the order of its kind among the ids of the debtor's
accounts: `charges03` stands for the third. So nothing of an id is left, equal ids stay equal, and what sorts by id
sorts the same way, which is all the engine does with ids: the accounts so written give the same answers, told by
pseudonyms.
Free text (`content`, `ref`, `reason` of a hold) and attributes that no rule reads are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import cache, lru_cache
from json.encoder import encode_basestring as quoted
from operator import attrgetter
from typing import Any, NamedTuple, get_args, get_origin

from dunning.basis.finding import Finding
from dunning.basis.money import decimal_text, yuan
from dunning.basis.span import Entry
from dunning.engine.result import Assessment
from dunning.intake.headers import Amount, Share, hints, is_closed, outside, without_none
from dunning.model.account import (
    Account,
    Adjustment,
    Approval,
    BookedLateFee,
    Charge,
    Consent,
    Contact,
    Contract,
    Dispute,
    Hold,
    Party,
    Payment,
    Plan,
    Proceeding,
    Settled,
)

DROPPED = ""
WORD = "a word"
PARTS = "records with ids of their own"

KEPT_OF: Mapping[type, Mapping[str, str]] = {
    Account: {
        "id": "accounts", "unit": "units", "company": WORD, "community": WORD, "place": WORD, "currency": WORD,
        "attributes": WORD, "unknown": WORD,
    },
    Party: {"id": "parties", "tags": WORD},
    Contract: {"id": "contracts"},
    Charge: {"id": "charges"},
    Settled: {"charge": "charges"},
    Payment: {"id": "payments", "channel": WORD, "ref": DROPPED, "for_": "charges"},
    Adjustment: {"id": "adjustments", "charge": "charges", "payment": "payments", "by": "staff"},
    BookedLateFee: {"id": "late_fees", "charge": "charges", "key": "keys"},
    Contact: {
        "id": "contacts", "step": WORD, "party": "parties", "content": DROPPED, "charges": "charges", "by": "staff",
        "key": "keys", "account": "accounts",
    },
    Dispute: {"id": "disputes", "charge": "charges"},
    Hold: {"id": "holds", "reason": DROPPED},
    Plan: {"id": "plans", "charges": "charges"},
    Proceeding: {"id": "proceedings", "charges": "charges", "ref": DROPPED},
    Approval: {"id": "approvals", "of": WORD, "by": "staff", "role": WORD, "prepared_by": "staff"},
    Consent: {"party": "parties"},
}  # fmt: skip
"""What becomes of every field that holds text: the kind of id it is, a word that is kept, or nothing. All other fields
(amounts, days, closed sets, truths) are kept."""

_LONGEST = 40
_NUMBER_OF_A_PERSON = re.compile(r"[0-9]{11}")
"""Mobile numbers and identity cards have no field; an ERP may put them where a word belongs."""


class Names:
    """The pseudonyms of one debtor's accounts, by the kind of id."""

    __slots__ = ("_kinds",)

    def __init__(self, accounts: Iterable[Account]) -> None:
        found: dict[str, set[str]] = {}
        for account in accounts:
            _collect(account, found)
        self._kinds = {kind: _ranked(kind, ids) for kind, ids in found.items()}

    def of(self, kind: str, id_: str) -> str:
        """The pseudonym of an id; an id that no account has keeps nothing of itself."""
        return self._kinds.get(kind, {}).get(id_, f"{kind}?")

    def knows(self, kind: str) -> bool:
        return kind in self._kinds


def _ranked(kind: str, ids: set[str]) -> dict[str, str]:
    digits = len(str(len(ids)))
    return {id_: f"{kind}{place:0{digits}}" if id_ else "" for place, id_ in enumerate(sorted(ids), 1)}


@lru_cache(4096)
def word(text: str) -> str:
    """A word of the ERP's or the rules' vocabulary; `-` for what is too long for one or holds a person's number."""
    return "-" if len(text) > _LONGEST or _NUMBER_OF_A_PERSON.search(text) else text


# The accounts


def masked(account: Account, names: Names, attributes: Collection[str]) -> str:
    """The account as JSON that `read_account` reads; of its attributes only those named."""
    return _record(account, names, attributes)


Say = Callable[[Any, Names, Collection[str]], str]


class _Field(NamedTuple):
    get: Callable[[Any], Any]
    head: str
    default: Any
    say: Say


def _record(record: Any, names: Names, attributes: Collection[str]) -> str:
    """What equals the default is left out: reading gives it back."""
    told = []
    for get, head, default, say in _fields(record.__class__):
        value = get(record)
        if value is not default and value != default:
            told.append(head + say(value, names, attributes))
    return "{" + ",".join(told) + "}"


@cache
def _fields(record: type) -> tuple[_Field, ...]:
    kept = KEPT_OF.get(record, {})
    found = []
    for field, hint in zip(fields(record), hints(record).values(), strict=True):
        what = kept.get(field.name)
        if what == DROPPED:
            continue
        default = field.default if field.default_factory is MISSING else field.default_factory()
        say = _attributes if field.name == "attributes" else _says(hint, what)
        found.append(_Field(attrgetter(field.name), f'"{outside(field.name)}":', default, say))
    return tuple(found)


def _says(hint: Any, what: str | None) -> Say:
    """How a value of that type is written; text only where `KEPT_OF` says what it is."""
    hint = without_none(hint)
    if get_origin(hint) is tuple:
        item = _says(get_args(hint)[0], what)
        return lambda items, names, keys: "[" + ",".join([item(each, names, keys) for each in items]) + "]"
    if hint is str:
        assert what is not None, "text of which KEPT_OF says nothing"
        return _word if what == WORD else lambda id_, names, keys: f'"{names.of(what, id_)}"'  # noqa: ARG005
    if is_dataclass(hint):
        return _record
    return _PLAIN["closed" if is_closed(hint) else hint]


def _word(text: str, names: Names, keys: Collection[str]) -> str:  # noqa: ARG001
    return quoted(word(text))


def _attributes(given: Mapping[str, Any], names: Names, keys: Collection[str]) -> str:  # noqa: ARG001
    told = {key: word(value) if isinstance(value, str) else value for key, value in given.items() if key in keys}
    return canonical(told)


_yuan = lru_cache(50_000)(lambda fen: f'"{yuan(fen)}"')
_share = lru_cache(1_000)(lambda share: f'"{decimal_text(share)}"')
_day = lru_cache(50_000)(lambda day: f'"{day.isoformat()}"')

_PLAIN: Mapping[Any, Say] = {
    Amount: lambda fen, names, keys: _yuan(fen),  # noqa: ARG005
    Share: lambda share, names, keys: _share(share),  # noqa: ARG005
    Fraction: lambda number, names, keys: _share(number),  # noqa: ARG005
    date: lambda day, names, keys: _day(day),  # noqa: ARG005
    datetime: lambda time, names, keys: f'"{time.isoformat()}"',  # noqa: ARG005
    bool: lambda truth, names, keys: "true" if truth else "false",  # noqa: ARG005
    "closed": lambda value, names, keys: f'"{value}"',  # noqa: ARG005
}


class _Ids(NamedTuple):
    get: Callable[[Any], Any]
    kind: str  # empty: what is found are records with ids of their own
    several: bool


def _collect(record: Any, found: dict[str, set[str]]) -> None:
    """Every id of a record, by its kind."""
    for get, kind, several in _ids(record.__class__):
        value = get(record)
        if not value and value != "":
            continue
        if not kind:
            for each in value if several else (value,):
                _collect(each, found)
        elif several:
            found.setdefault(kind, set()).update(value)
        else:
            found.setdefault(kind, set()).add(value)


@cache
def _ids(record: type) -> tuple[_Ids, ...]:
    kept = KEPT_OF.get(record, {})
    places = []
    for field, hint in zip(fields(record), hints(record).values(), strict=True):
        inner = without_none(hint)
        several = get_origin(inner) is tuple
        inner = get_args(inner)[0] if several else inner
        kind = kept.get(field.name, "")
        if kind not in (DROPPED, WORD):
            places.append(_Ids(attrgetter(field.name), kind, several))
        elif isinstance(inner, type) and is_dataclass(inner) and _ids(inner):
            places.append(_Ids(attrgetter(field.name), "", several))
    return tuple(places)


# The answers

_AS_IT_IS = None
TOLD = (
    "company", "account", "on", "status", "rulebook", "law", "balance", "charges", "facts", "grades", "actions",
    "withheld", "offers", "shortfalls", "ended", "deadlines", "next_review", "provisional", "findings",
)  # fmt: skip
"""The parts of an answer that are kept; a part that is not named here is not kept before somebody looked at it."""

TOLD_OF_ACTION: Mapping[str, str | None] = {
    "step": _AS_IT_IS, "charge": "charges", "charges": "charges", "action": _AS_IT_IS, "to": "parties",
    "channels": _AS_IT_IS, "role": _AS_IT_IS, "tone": _AS_IT_IS, "template": _AS_IT_IS, "not_before": _AS_IT_IS,
    "not_after": _AS_IT_IS, "hours": _AS_IT_IS, "needs": _AS_IT_IS, "record": _AS_IT_IS, "ask": _AS_IT_IS,
    "pay_by": _AS_IT_IS, "approved_by": "staff", "void_if": _AS_IT_IS, "code": _AS_IT_IS, "codes": _AS_IT_IS,
    "until": _AS_IT_IS, "carries": PARTS, "account": "accounts", "kind": _AS_IT_IS, "on": _AS_IT_IS,
    "days_left": _AS_IT_IS, "alert": _AS_IT_IS, "articles": _AS_IT_IS, "provisional": _AS_IT_IS,
}  # fmt: skip
"""What is kept of an action, of a step withheld and of a deadline, and which ids are in it. Left out are `key` and
`bundle`, which an outsider with a list of accounts could compute, and `because`, which quotes records in words."""


def canonical(data: Any) -> str:
    """JSON without spaces, as the answers are written."""
    return _encode(data)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def told(result: Assessment, text: str, names: Names | None, *, apart: int = 0) -> str:
    """What a record keeps of an assessment, as canonical JSON; `text` is the assessment's own JSON.

    `names` gives the pseudonyms, None where it was made from masked accounts. The first `apart` findings, the reader's,
    are left out: they are about the file.
    """
    data = {part: value for part, value in json.loads(text).items() if part in TOLD}
    data["account"] = _of(names, "accounts", result.account.id)
    data["company"] = word(result.account.company)
    for charge in data["charges"]:
        charge["id"] = _of(names, "charges", charge["id"])
    data["facts"] = {name: _fact(value) for name, value in data["facts"].items()}
    for part in ("actions", "withheld", "deadlines"):
        data[part] = [_step(each, names) for each in data[part]]
    data["findings"] = [_finding(each, names) for each in result.findings[apart:]]
    return _encode(data)


def _of(names: Names | None, kind: str, id_: str) -> str:
    return id_ if names is None else names.of(kind, id_)


def _fact(value: Any) -> Any:
    if isinstance(value, str):
        return word(value)
    return sorted(map(word, value)) if isinstance(value, list) and value else value


def _step(given: Mapping[str, Any], names: Names | None) -> dict[str, Any]:
    kept = {}
    for field, value in given.items():
        kind = TOLD_OF_ACTION.get(field, DROPPED)
        if kind is _AS_IT_IS or value is None:
            if field in TOLD_OF_ACTION:
                kept[field] = value
        elif kind == PARTS:
            kept[field] = [_step(each, names) for each in value]
        elif kind:
            kept[field] = _with_ids(value, kind, names)
    return kept


def _with_ids(value: Any, kind: str, names: Names | None) -> Any:
    """An id, or a list of them."""
    return _of(names, kind, value) if isinstance(value, str) else [_of(names, kind, each) for each in value]


def _finding(finding: Finding, names: Names | None) -> dict[str, Any]:
    """Its code and the record it is about: the message quotes what the record says."""
    at = finding.at
    if isinstance(at, Entry):
        id_ = _of(names, at.list, at.id) if at.list in _LISTS and at.id else at.id
        place = f"{_of(names, 'accounts', at.account)} {at.list}[{id_}]" if at.list else None
        return {"code": finding.code, "severity": finding.severity, "at": place}
    return {"code": finding.code, "severity": finding.severity, "at": None}


_LISTS = frozenset(kept["id"] for kept in KEPT_OF.values() if "id" in kept)


def unmasked_text(record: type) -> Sequence[str]:
    """The fields with text of which `KEPT_OF` says nothing; a test asks that there are none."""
    kept = KEPT_OF.get(record, {})
    return [
        field.name
        for field, hint in zip(fields(record), hints(record).values(), strict=True)
        if _is_text(without_none(hint)) and field.name not in kept
    ]


def _is_text(hint: Any) -> bool:
    return hint is str or (get_origin(hint) in (tuple, dict) and str in get_args(hint))
