"""Accounts as they stand in a request: read, held to the published schema, put together by debtor, and assessed.

A bad account costs only itself. Caps and "one message a day" are a person's, so all accounts of a debtor in a company
are assessed together, wherever they stand in the request.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import jsonschema_rs

import dunning
from dunning import Account, Assessment, Finding, Pointer, Read, Rejected, RuleBook, RuleFolder, Text
from dunning_http.findings import told
from dunning_http.problems import Problem
from dunning_http.work import Clock

SCHEMA = dunning.json_schema("account")
_SHAPE = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)

Answer = Callable[[Assessment | Rejected], str]
"""How an answer is written: a JSON object as text."""


def read(data: Any, at: Pointer) -> Read | Rejected:
    """The account that stands at a place of the body, or why there is none. Only what fits the schema is taken."""
    found = dunning.read(data, where=at)
    if isinstance(found, Rejected) or _SHAPE.is_valid(data):
        return found
    account = found.account
    findings = tuple(_otherwise(fault, at) for whole in _SHAPE.iter_errors(data) for fault in _leaves(whole))
    return Rejected(account.company, account.id, account.debtor.id, findings, at)


def _leaves(fault: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    """What is wrong at the bottom of it: every choice in the schema is between a value and null."""
    if isinstance(fault.kind, jsonschema_rs.ValidationErrorKind.AnyOf):
        for inner in fault.kind.context[0]:
            yield from _leaves(inner)
    else:
        yield fault


def _otherwise(fault: jsonschema_rs.ValidationError, at: Pointer) -> Finding:
    """What the library could read and the schema does not have: a number for an amount, most of all."""
    path = list(fault.instance_path)
    shown = json.dumps(fault.instance, ensure_ascii=False)[:80]
    args = {"field": ".".join(map(str, path)), "value": shown, "sample": json.dumps(_sample(fault), ensure_ascii=False)}
    return Finding("H105", Pointer((*at.path, *path)), args)


def _sample(fault: jsonschema_rs.ValidationError) -> str:
    """An example from the part of the schema that does not fit."""
    shape: Any = SCHEMA
    for part in fault.schema_path[:-1]:
        shape = shape[part]
    return str(shape.get("examples", [""])[0])


def one(data: Any) -> Read:
    """The account of a request that has just one. Problem 422 if it cannot be read, 409 if it contradicts itself."""
    found = read(data, Pointer(("account",)))
    if isinstance(found, Read):
        return found
    if _reads(found.findings) and _SHAPE.is_valid(data):
        words = Text("这一户的记录自相矛盾, 怎么算都不稳妥", "its records contradict each other")
        raise Problem("contradiction", words, findings=found.findings)
    words = Text(f"有 {len(found.findings)} 处读不出来", f"{len(found.findings)} places cannot be read")
    raise Problem("account", words, findings=found.findings)


def _reads(findings: Sequence[Finding]) -> bool:
    """Whether every value could be read: the findings of those that cannot are A1xx."""
    return not any(finding.code.startswith("A1") for finding in findings)


def many(data: Sequence[Any]) -> list[Read | Rejected]:
    """Those of a request that has several, in their order; the second of one id is rejected."""
    found: list[Read | Rejected] = []
    first: dict[tuple[str, str], Pointer] = {}
    for index, each in enumerate(data):
        at = Pointer(("accounts", index))
        account = read(each, at)
        key = _key(account)
        if key in first and key[1]:
            again = Finding("A210", at, {"id": key[1], "first": first[key]})
            others = account.findings if isinstance(account, Rejected) else ()
            account = Rejected(*key, _debtor(account), (again, *others), at)
        first.setdefault(key, at)
        found.append(account)
    return found


def _key(found: Read | Rejected) -> tuple[str, str]:
    who = found.account if isinstance(found, Read) else found
    return who.company, who.id


def _debtor(found: Read | Rejected) -> str:
    return found.account.debtor.id if isinstance(found, Read) else found.debtor


def assessed(
    reads: Sequence[Read], rules: RuleFolder | RuleBook, on: date, *, review: bool = False
) -> list[Assessment]:
    """The answers for all accounts of one debtor, each with what the reader had to say about its account."""
    accounts = [each.account for each in reads]
    results = list(dunning.assess_group(accounts, rules, on=on))
    if review:
        days = dunning.next_reviews(accounts, rules, on=on)
        results = [replace(result, next_review=day) for result, day in zip(results, days, strict=True)]
    return [
        replace(result, findings=(*each.findings, *result.findings)) if each.findings else result
        for each, result in zip(reads, results, strict=True)
    ]


def answers(
    found: Sequence[Read | Rejected],
    rules: RuleFolder | RuleBook,
    on: date,
    written: Answer,
    clock: Clock,
    *,
    review: bool = False,
) -> str:
    """The answer to a request that has several: one for each account, in the order they were given."""
    lines: list[str] = [""] * len(found)
    for places in _by_debtor(found):
        clock.check()
        reads = [each for place in places if isinstance(each := found[place], Read)]
        for place, result in zip(places, assessed(reads, rules, on, review=review), strict=True):
            lines[place] = written(result)
    for place, each in enumerate(found):
        if isinstance(each, Rejected):
            lines[place] = written(each)
    rejected = sum(isinstance(each, Rejected) for each in found)
    counts = f'"assessed":{len(found) - rejected},"rejected":{rejected}'
    return f'{{"on":"{on}",{counts},"results":[{",".join(lines)}]}}'


def _by_debtor(found: Sequence[Read | Rejected]) -> list[list[int]]:
    """The places of the accounts that could be read, those of one person together."""
    groups: dict[tuple[str, str], list[int]] = {}
    for place, each in enumerate(found):
        if isinstance(each, Read):
            account: Account = each.account
            groups.setdefault((account.company, account.debtor.id), []).append(place)
    return list(groups.values())


def in_full(result: Assessment | Rejected) -> str:
    """The assessment as canonical JSON; of a rejected account every reason, and what to write instead."""
    if isinstance(result, Rejected):
        return dumped({**dunning.to_dict(result), "findings": told(result.findings)})
    return dunning.to_json(result).rstrip("\n")


def dumped(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
