"""durable-rules in a process of its own: reads rule sets and messages as JSON, writes which rules fired.

    python -m dunning.selfcheck.rete_process < questions.json > answers.json

A question is `{"rules": {name: definition}, "ask": "post" | "assert", "messages": [...]}`; its answer is a list, for
each message the names of the rules that fired, in the order they did. A message that is posted is an event and goes to
one rule, the one of the lowest `pri`; one that is asserted is a fact, and every rule may have it.

Its own process, for a bad condition can end it or keep it busy for ever, and rule sets are never freed. Its rule sets
are used without its host, whose timer threads would take messages from under us.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from durable.engine import MessageNotHandledException, Ruleset

Message = dict[str, Any]


def answers(number: int, question: dict[str, Any]) -> list[list[str]]:
    fired: list[str] = []
    rules = {name: {**definition, "run": told(fired, name)} for name, definition in question["rules"].items()}
    ruleset = Ruleset(f"question {number}", None, rules)
    ask = ruleset.assert_event if question["ask"] == "post" else ruleset.assert_fact
    found = []
    for message in question["messages"]:
        fired.clear()
        try:
            ruleset.do_actions(ask(message), done)
        except MessageNotHandledException:
            pass  # no rule is true of it
        else:
            if question["ask"] == "assert":
                ruleset.retract_fact(message)
        found.append(list(fired))
    return found


def told(fired: list[str], name: str) -> Callable[[Any], None]:
    def consequence(_: Any) -> None:
        fired.append(name)

    return consequence


def done(error: BaseException | None, _: object) -> None:
    if error is not None:
        raise error


if __name__ == "__main__":
    json.dump([answers(number, question) for number, question in enumerate(json.load(sys.stdin))], sys.stdout)
