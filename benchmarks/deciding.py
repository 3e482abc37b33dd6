"""The 12-row decision table: ours beside zen-engine, durable-rules and rule-engine; what each does with bad data."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Sequence
from typing import Any

import tables
from measuring import Section, Sizes, rate, times

import dunning

PEERS = ("zen-engine", "durable-rules", "rule-engine")
OWES = {
    "vip": False, "hardship": False, "arrears": 2_000_000, "overdue_periods": 6, "overdue_days": 400,
    "consecutive_overdue_periods": 3,
}  # fmt: skip
"""A household of grade S."""
TRAPS = {
    "the amount is missing": {name: value for name, value in OWES.items() if name != "arrears"},
    "the amount is a text": {**OWES, "arrears": "2000000"},
    "the column is misspelt": {("arears" if name == "arrears" else name): v for name, v in OWES.items()},
}
RECORDS: Sequence[dict[str, Any]] = (
    {"id": "1", "due": "2025-10-15"},
    {"id": "1", "due": "2025-10-15", "amount": "20000.00"},
    {"id": "1", "due": "2025-10-15", "ammount": "20000.00"},
)
"""The same for us, as records: columns of a record are checked where it is read, before a table sees it."""


def section(sizes: Sizes) -> Section:
    page = Section("The decision table")
    with contextlib.redirect_stderr(io.StringIO()):  # durable-rules tells its own warnings there
        found = tables.compared(tables.households(sizes.rows), sizes.peers, sizes.rounds)
        traps = _traps()
    page.say(
        f"12 rows, 6 facts, first row wins: {sizes.rows:,} households, for a peer {sizes.peers:,} of them. Each is "
        "asked as it is meant to be: `columns` has arrays, the others a dict a household, all of them there before; "
        "rules are compiled before. Ratios are of processor time to the first line.",
    )
    first = found[0]
    page.table(
        ("", "ratio", "households /s", "us each", "us, wall", "graded otherwise"),
        [
            [
                each.name,
                times(first.processor / each.processor),
                rate(each.processor),
                f"{each.processor * 1e6:.2f}",
                f"{each.wall * 1e6:.2f}",
                f"{each.wrong:,} of {each.graded:,}",
            ]
            for each in found
        ],
    )
    page.different += sum(each.wrong for each in found if each.name.startswith("dunning"))
    for peer in PEERS:
        theirs = [each for each in found if each.name.startswith(peer)]
        if theirs:
            best = min(theirs, key=lambda each: each.processor)
            compiled = found[1]
            page.short.append(
                (
                    f"decision table: columns, and compiled `assess`, against {peer}",
                    f"{times(best.processor / first.processor)} and {times(best.processor / compiled.processor)} times",
                    "ahead",
                )
            )
    page.say("What each says of a household of grade S whose data is bad, asked one at a time, as in the lines above:")
    page.table(("", *TRAPS), [[name, *said] for name, said in traps])
    return page


def _traps() -> list[tuple[str, list[str]]]:
    found = [(name, [_said(grader, dict(bad)) for bad in TRAPS.values()]) for name, grader in tables.peers().items()]
    return [("dunning, a record as it is read", [_read(each) for each in RECORDS]), *found]


def _read(charge: dict[str, Any]) -> str:
    try:
        account = dunning.read_account({"id": "H1", "debtor": {"id": "O1"}, "charges": [charge]})
    except dunning.DunningError as error:
        return f"refused: {', '.join(sorted({finding.code for finding in error.findings}))}"
    return f"read as {account.charges[0].amount / 100:,.2f} yuan"


def _said(grader: Callable[[Sequence[Any]], Sequence[str]], household: dict[str, Any]) -> str:
    try:
        said = list(grader([household]))
    except Exception as error:  # noqa: BLE001 - whatever a peer raises is what it says
        return type(error).__name__
    return f"graded {said[0]}" if said else "no answer"
