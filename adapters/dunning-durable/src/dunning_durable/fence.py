"""The fence: durable-rules' process as seen from this side, and what may pass to it.

What durable-rules does loudly (it dies, hangs, fails) happens over there and is told as `MatcherError`; what it does
silently (two names of one hash are one, numbers wrap above 2^63) is refused here before it can.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from threading import Timer
from typing import Any, NamedTuple

NAMES = ("what", "name", "was", "now", "of", "day")
"""What a fact says, all of it in ints: a sign, the account it is of, its day."""


class Match(NamedTuple):
    """A rule that fired, and the serial numbers of its facts: the last, and in a pattern the first."""

    rule: str
    last: int
    first: int | None = None


MOST_ROOMS = 1_000  # durable-rules ends with MemoryError above 1,024 sids, and with a fault when one is deleted
LARGEST = 2**53  # far enough from 2^63, where its sums wrap


class MatcherError(RuntimeError):
    """The process ended, failed or did not answer; it is gone, and `start` makes a new one that knows nothing."""


def hashed(name: str) -> int:
    """FNV-1a in 32 bits: all that durable-rules keeps of a name, an id or a sid."""
    found = 0x811C9DC5
    for byte in name.encode():
        found = (found ^ byte) * 0x01000193 & 0xFFFFFFFF
    return found


def distinct(names: Iterable[str]) -> None:
    """ValueError if durable-rules would take two of these names for one."""
    found: dict[int, str] = {}
    for name in names:
        other = found.setdefault(hashed(name), name)
        if other != name:
            raise ValueError(f"durable-rules cannot tell {other!r} from {name!r}: their hash is the same")


def next_serial(after: int, held: Collection[int]) -> int:
    """The next number for a fact that durable-rules can tell from those it holds in the room."""
    taken = {hashed(str(serial)) for serial in held}
    return next(serial for serial in count(after + 1) if hashed(str(serial)) not in taken)


def whole(numbers: Iterable[object]) -> list[int]:
    """The numbers, if they are ints that durable-rules adds without wrapping; else TypeError or OverflowError."""
    passed = []
    for number in numbers:
        if type(number) is not int:
            raise TypeError(f"only ints pass to durable-rules, not {number!r}")
        if abs(number) > LARGEST:
            raise OverflowError(f"{number} is too large for durable-rules")
        passed.append(number)
    return passed


class Fence:
    """A matcher process with these rules. `patience`: seconds without an answer after which it counts as hung."""

    def __init__(self, rules: Mapping[str, Any], *, patience: float = 30.0) -> None:
        patterns = [name for rule in rules.values() for pattern in rule["all"] for name in pattern]
        distinct(["id", "n", "sid", *NAMES, *rules, *patterns])
        self._rules = json.dumps([NAMES, rules]).encode()
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """A new process with empty rooms; MatcherError if it refuses the rules."""
        self.close()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", str(Path(__file__).with_name("matcher.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        self._exchange(self._rules)

    def tell(self, room: int, drop: Iterable[int], say: Iterable[Sequence[int]]) -> set[Match]:
        """Takes facts back in a room and asserts others: serial number, 1 if it stays or 0, then as NAMES."""
        line = [*whole([room]), whole(drop), [whole(fact) for fact in say]]
        # A rule fires once for every branch of an `or` that is true; a match is one.
        return {Match(rule, **found) for rule, found in self._exchange(json.dumps(line).encode())}

    def close(self) -> None:
        """Ends the process and waits for it; closing twice is no error."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _exchange(self, line: bytes) -> list[Any]:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise MatcherError("the matcher is not running")
        watchdog = Timer(self._patience, process.kill)
        watchdog.start()
        try:
            process.stdin.write(line + b"\n")
            process.stdin.flush()
            said = process.stdout.readline()
        except BrokenPipeError:
            said = b""
        finally:
            watchdog.cancel()
        if not said.endswith(b"\n"):
            self._process = None
            process.kill()
            process.communicate()
            raise MatcherError(f"the matcher ended with {process.returncode}")
        answer = json.loads(said)
        if "failed" in answer:
            self.close()
            raise MatcherError(f"the matcher failed: {answer['failed']}")
        fired: list[Any] = answer["fired"]
        return fired
