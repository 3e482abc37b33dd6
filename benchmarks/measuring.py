"""Time, memory, the machine, and tables of figures: what all parts of `make bench` measure and write with.

Processor time stands beside wall time everywhere: on a machine that is busy elsewhere, only the first means something.
"""

from __future__ import annotations

import gc
import os
import platform
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pyarrow as pa

PEERS = ("zen-engine", "durable-rules", "rule-engine", "openfisca-core")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured. `households`: drawn for columns; `few`: of those, as objects; `rows`: of the decision
    table; `peers`: of those, for a peer; `charges`: of the fee formula; `growth`: households of each whole run."""

    households: int
    few: int
    rows: int
    peers: int
    charges: int
    growth: tuple[int, ...]
    rounds: int


FULL = Sizes(120_000, 1_000, 20_000, 2_000, 200_000, (10_000, 100_000, 1_000_000, 10_000_000), 3)
QUICK = Sizes(1_000, 50, 2_000, 200, 5_000, (500, 2_000), 1)


@dataclass(slots=True)
class Section:
    """Some lines of the page, and what is told of them at its top: a name, a ratio or rate, and what was expected."""

    title: str
    lines: list[str] = field(default_factory=list)
    short: list[tuple[str, str, str]] = field(default_factory=list)
    different: int = 0
    """Answers of ours that were not as they must be."""

    def say(self, *paragraphs: str) -> None:
        for paragraph in paragraphs:
            self.lines += [paragraph, ""]

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table, its first column words and the others figures."""
        self.lines += [_row(heads), _row(["---", *["---:"] * (len(heads) - 1)]), *map(_row, rows), ""]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


# Time


class Speed(NamedTuple):
    """Seconds a household (or row): on the wall clock, and of processors."""

    wall: float
    processor: float

    def __truediv__(self, other: Speed) -> float:  # type: ignore[override]
        """How many times as fast this is, in processor time."""
        return other.processor / self.processor


def rate(seconds: float) -> str:
    """So many a second, to three figures."""
    each = 1 / seconds
    digits = max(0, len(str(int(each))) - 3)
    return f"{round(each, -digits):,.0f}"


def times(ratio: float) -> str:
    if ratio >= 10:
        return f"{ratio:,.0f}"
    return f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2g}"


def speed(work: Callable[[], object], number: int, rounds: int) -> Speed:
    """The median of some rounds of so many households each, after one that is not counted."""
    work()
    taken = []
    for _ in range(rounds):
        wall, processor = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - wall, time.process_time() - processor))
    return Speed(*(statistics.median(each) / number for each in zip(*taken, strict=True)))


def settled() -> None:
    """What is there stays, and the collector of garbage leaves it alone: so it is in the processes of a run, too."""
    gc.collect()
    gc.freeze()


class Prepared(NamedTuple):
    """Work to be timed, of so many households, and whatever it came to beside the time."""

    work: Callable[[], object]
    number: int
    beside: Any = None


Prepare = Callable[[int], Prepared]
"""Makes the work of a process ready, given its number; a function of a module, for it runs in processes of its own."""

_gate: Any = None


def _enter(gate: Any) -> None:
    global _gate  # a pool's processes have no other way to keep what they start with
    _gate = gate
    pa.set_cpu_count(1)  # there is a process a core


def _timed(prepare: Prepare, number: int, rounds: int, *, together: bool = False) -> tuple[Speed, Any]:
    gc.unfreeze()
    prepared = prepare(number)
    settled()
    if together:
        _gate.wait(600)
    return speed(prepared.work, prepared.number, rounds), prepared.beside


class Cores:
    """Processes that time what they prepare themselves: one alone, or two at once, each with its own households."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self._pool = ProcessPoolExecutor(2, context, _enter, (context.Barrier(2),))

    def __enter__(self) -> Cores:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def one(self, prepare: Prepare, rounds: int) -> tuple[Speed, Any]:
        """The speed, and what it came to beside."""
        found: tuple[Speed, Any] = self._pool.submit(_timed, prepare, 0, rounds).result()
        return found

    def ask(self, find: Callable[..., Any], *given: Any) -> Any:
        """What a function of a module finds out, in a process of its own."""
        return self._pool.submit(find, *given).result()

    def two(self, prepare: Prepare, rounds: int) -> Speed:
        """The speed of both together on the wall clock, and of each in processor time."""
        waiting = [self._pool.submit(_timed, prepare, number, rounds, together=True) for number in range(2)]
        speeds = [each.result()[0] for each in waiting]
        wall = 1 / sum(1 / each.wall for each in speeds)
        return Speed(wall, statistics.mean(each.processor for each in speeds))


# Where the time goes


class Stopwatch:
    """Processor seconds by part; a part that is called from within another is counted for itself alone."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._running: list[str] = []
        self._since = 0.0

    def _turn(self) -> None:
        now = time.process_time()
        if self._running:
            part = self._running[-1]
            self.seconds[part] = self.seconds.get(part, 0) + now - self._since
        self._since = now

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        self._turn()
        self._running.append(name)
        try:
            yield
        finally:
            self._turn()
            self._running.pop()

    @contextmanager
    def watching(self, parts: Sequence[tuple[Any, str, str]]) -> Iterator[None]:
        """Counts what these functions take meanwhile: where each is looked up, its name there, the part it is of."""
        before = [(place, name, getattr(place, name)) for place, name, _ in parts]
        try:
            for (place, name, function), (_, _, part) in zip(before, parts, strict=True):
                setattr(place, name, self._watched(function, part))
            yield
        finally:
            for place, name, function in before:
                setattr(place, name, function)

    def _watched(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            with self.part(part):
                return function(*given, **named)

        return watched


# Whole programs


class Run(NamedTuple):
    """What a program took: seconds, and the most memory that all its processes held at once."""

    wall: float
    processor: float
    peak: int


def run(command: Sequence[str], environment: dict[str, str]) -> Run:
    """Runs a program to its end. Memory that processes share is counted once (PSS), where the system can tell."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    started = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    process, peak = psutil.Process(started.pid), 0
    while started.poll() is None:
        peak = max(peak, _held(process))
        time.sleep(0.1)
    wall = time.perf_counter() - began
    said = started.stderr.read().decode() if started.stderr else ""
    if started.returncode not in (0, 1):  # 1: some household is rejected or undecided
        raise SystemExit(f"{' '.join(command)}\n{said}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall, processor, peak)


def _held(process: psutil.Process) -> int:
    found = 0
    try:
        for each in (process, *process.children(recursive=True)):
            try:
                memory = each.memory_full_info()
                found += getattr(memory, "pss", memory.rss)
            except psutil.Error:
                continue
    except psutil.Error:
        return found
    return found


# The machine


def machine() -> list[str]:
    """What it was measured on; no names."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = named[0] if named else model
    memory = psutil.virtual_memory().total / 2**30
    return [
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}",
        f"{platform.python_implementation()} {platform.python_version()}; " + ", ".join(versions()),
    ]


def versions() -> list[str]:
    return [f"{name} {found}" for name in ("dunning", "numpy", "pyarrow", *PEERS) if (found := installed(name))]


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def load() -> str:
    """How many processes wanted a processor in the last minute."""
    return f"{os.getloadavg()[0]:.1f}"
