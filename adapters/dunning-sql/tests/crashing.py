"""Workers in processes of their own that are killed, by SIGKILL, at a step of their work: any SQL, commit or send.

Run as a program it waits for jobs on its standard input, a JSON list a line, and forks a process for each job: that
takes a hundredth of the time of starting one. It answers with their exit codes.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import in_a_hurry  # noqa: F401  # listens from now on
import sqlalchemy as sa
from deliveries import TEN, Gateway

from dunning.adapter import Delivery, Receipt
from dunning_sql import Outbox, Store, work

Job = Mapping[str, Any]
"""What a process is to do: the name of a function below as `do`, and its arguments."""


class Dying:
    """Counts steps and kills this process at one of them."""

    def __init__(self, at: int) -> None:
        self.left = at

    def step(self, *_: object) -> None:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)

    def within(self, store: Store) -> None:
        for event in ("before_cursor_execute", "commit"):
            sa.event.listen(store.engine, event, self.step)


class DyingGateway(Gateway):
    """A gateway on the way to which one may die, and on the way back."""

    steps: Dying

    def send(self, delivery: Delivery, key: str) -> Receipt:
        self.steps.step()
        receipt = super().send(delivery, key)
        self.steps.step()
        return receipt


def worker(address: str, gateway: str, *, once: bool, at: int) -> None:
    """Work until nothing is left to do, or until the step `at`."""
    store, dying = Store(address), Dying(at)
    dying.within(store)
    sink = DyingGateway(gateway, once=once)
    sink.steps = dying
    work(Outbox(store), sink, worker="first", now=lambda: TEN)


def hander_over(address: str, told: Sequence[str], *, at: int) -> None:
    """Hand over deliveries, one after another."""
    store, dying = Store(address), Dying(at)
    dying.within(store)
    for one in told:
        Outbox(store).accept([Delivery.from_dict(json.loads(one))], TEN)


def erratic(address: str, gateway: str, *, name: str, seed: int, now: str) -> None:
    """A worker whose clock jumps back and forth by up to two hours, and that dies somewhere in its work."""
    chance, noon = random.Random(seed), datetime.fromisoformat(now)
    store, dying = Store(address), Dying(chance.randrange(1, 400))
    dying.within(store)
    sink = DyingGateway(gateway)
    sink.steps = dying
    for _ in range(30):
        clock = lambda: noon + timedelta(minutes=chance.randrange(-120, 120))  # noqa: E731
        work(Outbox(store), sink, worker=name, now=clock, limit=5)


class Processes:
    """A program that forks; ask it for exit codes. -9 is a process that was killed."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self.program = program

    def begin(self, *jobs: Job) -> None:
        assert self.program.stdin is not None
        self.program.stdin.write(json.dumps(jobs) + "\n")
        self.program.stdin.flush()

    def ended(self) -> list[int]:
        assert self.program.stdout is not None
        codes: list[int] = json.loads(self.program.stdout.readline())
        assert set(codes) <= {0, -signal.SIGKILL}, codes
        return codes

    def run(self, **job: Any) -> int:
        self.begin(job)
        return self.ended()[0]


@contextmanager
def processes() -> Iterator[Processes]:
    paths = os.pathsep.join(filter(None, sys.path))
    with subprocess.Popen(
        [sys.executable, str(Path(__file__))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
    ) as program:
        yield Processes(program)
        assert program.stdin is not None
        program.stdin.close()


def _begun(job: dict[str, Any]) -> int:
    child = os.fork()
    if not child:
        code = 1
        try:
            globals()[job.pop("do")](**job)
            code = 0
        except BaseException:  # noqa: BLE001  # whatever it is, it is told, and the process ends here
            traceback.print_exc()
        finally:
            os._exit(code)
    return child


def main() -> None:
    for line in sys.stdin:
        children = [_begun(job) for job in json.loads(line)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        print(json.dumps(codes), flush=True)


if __name__ == "__main__":
    main()
