"""The other side of the fence: durable-rules in a process of its own, one line of JSON in, one line out.

Run as a file, by `fence`: it knows nothing of dunning. The first line is `[names, rules]`, then each is `[room, drop,
say]`: serial numbers of facts to take back, and facts to assert one after the other. A fact is its serial number, 1 if
it stays and 0 if it goes once all rules have seen it, and then ints under those names. The answer is `{"fired": [[rule,
{pattern: serial}], ...]}` or `{"failed": text}`; what durable-rules prints goes to stderr.

The rule set is used without durable-rules' host: that starts threads which run timers by the wall clock and take
actions from under whoever asked.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from durable.engine import MessageNotHandledException, Ruleset

ENDLESS = 1_000  # firings for one fact: a rule that feeds itself never ends

Fired = list[tuple[str, dict[str, int]]]


class Matcher:
    """The rules and their working memory, in rooms (durable-rules' sids)."""

    def __init__(self, names: list[str], rules: dict[str, Any]) -> None:
        self.names = names
        self.fired: Fired = []
        self.failed = ""
        self.firings = 0
        told = {name: {**definition, "run": self.consequence(name)} for name, definition in rules.items()}
        self.ruleset = Ruleset("watches", None, told)

    def consequence(self, rule: str) -> Callable[[Any], None]:
        """What a rule does. durable-rules swallows whatever is raised in here, and goes on."""

        def run(closure: Any) -> None:
            self.firings += 1
            if self.firings > ENDLESS:
                answer({"failed": f"rule {rule} fired more than {ENDLESS} times for one fact. {self.failed}"})
                os._exit(1)  # there is no other way out
            try:
                self.fired.append((rule, {name: int(fact["id"]) for name, fact in closure._m.items()}))
            except Exception:  # noqa: BLE001 - told in the answer
                self.failed = self.failed or traceback.format_exc()

        return run

    def line(self, room: int, drop: list[int], say: list[list[int]]) -> dict[str, Any]:
        self.fired, self.failed = [], ""
        for serial in drop:
            self.ask(self.ruleset.retract_fact, {"sid": room, "id": serial})
        for serial, stays, *values in say:
            fact = {"sid": room, "id": serial, "n": serial}  # patterns can compare `n`, but not `id`
            self.ask(self.ruleset.assert_fact, fact | dict(zip(self.names, values, strict=True)))
            if not stays:
                self.ask(self.ruleset.retract_fact, fact)
        return {"failed": self.failed} if self.failed else {"fired": self.fired}

    def ask(self, how: Callable[[dict[str, int]], Any], fact: dict[str, int]) -> None:
        self.firings = 0
        with suppress(MessageNotHandledException):  # no rule looks at such a fact
            self.ruleset.do_actions(how(fact), self.done)

    def done(self, error: object, _: object) -> None:
        if error is not None:
            self.failed = self.failed or str(error)


OUT = sys.stdout.buffer


def answer(said: dict[str, Any]) -> None:
    OUT.write(json.dumps(said).encode() + b"\n")
    OUT.flush()


def main() -> None:
    global OUT
    OUT = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    matcher = Matcher(*json.loads(sys.stdin.buffer.readline()))
    answer({"fired": []})
    for line in sys.stdin.buffer:
        try:
            said = matcher.line(*json.loads(line))
        except Exception:  # noqa: BLE001 - whatever it is, the other side is told
            said = {"failed": traceback.format_exc()}
        answer(said)


if __name__ == "__main__":
    main()
