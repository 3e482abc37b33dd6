"""Replay: the recorded input through the rules again, and whether the same bytes come out.

An auditor asks "would you decide the same today, from what you knew then?". The answer is yes, or names what differs:
the engine's version, rules that are no longer to be had, or the places in the result.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from dunning.basis.errors import AccountError, UsageError
from dunning.basis.finding import Finding, Text
from dunning.engine.assess import Rules, assess_group
from dunning.intake.records import read_account
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook
from dunning.output.exchange import to_json
from dunning.output.record.chain import Line, line_at, lines
from dunning.output.record.keyring import place_of
from dunning.output.record.pseudonyms import canonical, told
from dunning.output.record.record import digest_of, digest_of_rules, engine_version

SHOWN = 5
"""Places of a difference that are named."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One decision replayed. `result` is what came out as canonical JSON, None where it could not be replayed."""

    id: str
    result: str | None
    differs: tuple[Text, ...] = ()
    same: bool = False


@dataclass(frozen=True, slots=True)
class _AsRecorded:
    """Gives each account the book it was decided by, whatever would apply to it now."""

    books: Sequence[RuleBook]
    by_account: dict[str, RuleBook]

    def book_for(self, account: Account, on: date) -> RuleBook | Finding | None:  # noqa: ARG002
        return self.by_account[account.id]


def replay(folder: Path, rules: Rules, *, decision: str | None = None) -> Iterator[Replayed]:
    """Every decision of a record, or the one with that id; UsageError where there is none such.

    `rules` are where the books are looked for, by their digests.
    """
    books = [rules] if isinstance(rules, RuleBook) else list(rules.books)
    for line in lines(folder) if decision is None else (_line_of(folder, decision),):
        if line.whole and line.data is not None and line.data.get("kind") == "decision":
            yield from (one for one in _replayed(line.data, rules, books) if decision in (None, one.id))


def _line_of(folder: Path, decision: str) -> Line:
    """The line that holds a decision: by the index, else by reading them all."""
    place = place_of(folder, decision)
    if place is not None:
        return line_at(folder, *place)
    for line in lines(folder):
        if line.data is not None and decision in (one["id"] for one in line.data.get("decisions", ())):
            return line
    raise UsageError(Text(f"{folder} 里没有决定“{decision}”", f"there is no decision `{decision}` in {folder}"))


def _replayed(data: dict[str, Any], rules: Rules, books: Sequence[RuleBook]) -> Iterator[Replayed]:
    decisions = data["decisions"]
    notes: tuple[Text, ...] = ()
    if data["engine"] != engine_version():
        zh, en = f"引擎版本: 记录时 {data['engine']}, 现在 {engine_version()}", "engine version"
        notes = (Text(zh, f"{en}: {data['engine']} when recorded, {engine_version()} now"),)
    fitting = _rules_of(data, rules, books)
    if isinstance(fitting, Text):
        yield from (Replayed(one["id"], None, (*notes, fitting)) for one in decisions)
        return
    try:
        accounts = [read_account(account) for account in data["input"]]
    except AccountError as error:
        why = Text("存下的输入已读不了: ", "the stored input can no longer be read: ").joined(
            Text(str(error), str(error))
        )
        yield from (Replayed(one["id"], None, (*notes, why)) for one in decisions)
        return
    results = assess_group(accounts, fitting, on=date.fromisoformat(data["on"]))
    for one, result in zip(decisions, results, strict=True):
        text = told(result, to_json(result), None)
        if digest_of(text) == one["result_digest"]:
            yield Replayed(one["id"], text, notes, same=True)
            continue
        places = list(differences(one["result"], json.loads(text)))
        if not places:
            places = [Text("结果: 内容相同, 字节不同", "result: the same content in other bytes")]
        yield Replayed(one["id"], text, (*notes, *places[:SHOWN], *_more(len(places) - SHOWN)))


def _more(count: int) -> tuple[Text, ...]:
    return (Text(f"还有 {count} 处", f"and {count} places more"),) if count > 0 else ()


def _rules_of(data: dict[str, Any], rules: Rules, books: Sequence[RuleBook]) -> Rules | Text:
    """The rules as recorded: all of them if nothing changed, else the very books by their digests."""
    if digest_of_rules(books) == data["rules"]:
        return rules
    by_digest = {book.digest: book for book in books}
    by_account = {}
    for account, one in zip(data["input"], data["decisions"], strict=True):
        wanted = one["rulebook"]
        if wanted is None:
            lost = data["rules"]
            return Text(f"找不到当时的规则 (规则集摘要 {lost})", f"rules not found (digest of all: {lost})")
        if wanted not in by_digest:
            name = one["result"]["rulebook"]["name"]
            version = one["result"]["rulebook"]["version"]
            return Text(
                f"找不到规则书 {name} {version} ({wanted}); 用 --rules 指出当时的规则",
                f"rule book {name} {version} ({wanted}) not found; name the rules of that day with --rules",
            )
        by_account[account["id"]] = by_digest[wanted]
    return _AsRecorded(books, by_account)


def differences(recorded: Any, now: Any, path: str = "") -> Iterator[Text]:
    """Where two results differ, innermost places first come first: `balance.late_fee: 75.00 -> 80.00`."""
    if isinstance(recorded, dict) and isinstance(now, dict):
        for key in dict.fromkeys((*recorded, *now)):
            yield from differences(recorded.get(key), now.get(key), f"{path}.{key}".removeprefix("."))
    elif isinstance(recorded, list) and isinstance(now, list) and len(recorded) == len(now):
        for place, (one, other) in enumerate(zip(recorded, now, strict=True)):
            yield from differences(one, other, f"{path}[{place}]")
    elif recorded != now:
        yield Text(*(f"{path}: {_shown(recorded)} -> {_shown(now)}",) * 2)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else canonical(value)
    return text if len(text) <= 60 else text[:57] + "..."
