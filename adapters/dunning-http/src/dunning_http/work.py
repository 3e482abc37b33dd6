"""Where the reckoning is done: a few threads beside the event loop, each answer within its time.

A thread cannot be stopped from outside, so long work asks between two debtors whether its time is up; a request that
waited too long is answered at once, and what waits behind it is taken off the list.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from dunning import Text
from dunning_http.problems import Problem

T = TypeVar("T")


class Clock:
    """The time one answer may take."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._until = time.monotonic() + seconds

    def check(self) -> None:
        """Raises the problem once the time is up."""
        if time.monotonic() > self._until:
            raise self.problem()

    def problem(self) -> Problem:
        told = Text(
            f"{self.seconds:g} 秒内没有算完; 一次少给几户, 或把时间段缩短",
            f"not done within {self.seconds:g} seconds; send fewer accounts at a time, or a shorter stretch",
        )
        return Problem("too-slow", told, headers={"Retry-After": "5"})


class Workroom:
    """`threads` tasks at a time; the others wait. It opens with the first of them, and after a close with the next."""

    def __init__(self, threads: int, seconds: float) -> None:
        self._threads = threads
        self._seconds = seconds
        self._pool: ThreadPoolExecutor | None = None

    async def run(self, task: Callable[[Clock], T]) -> T:
        """What the task gives; Problem 503 when it takes too long, waiting included."""
        clock = Clock(self._seconds)
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._threads, "dunning")
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.get_running_loop().run_in_executor(self._pool, task, clock)
        except TimeoutError:
            raise clock.problem() from None

    def close(self) -> None:
        """Sends away who waits; what is under way may end."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
