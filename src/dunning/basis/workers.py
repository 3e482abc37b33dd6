"""Processes that share out a task: Ctrl-C, a kill or a crash of any of them ends all of them, at once and in order.

Ctrl-C is for the process that shares out, whenever it comes. A process takes over from its maker which signals wait; so
it is made while Ctrl-C waits, and there is no moment in which one half begun is interrupted. And no process outlives
the one that made it: it would go on writing where the next run writes.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import ParamSpec, TypeVar

from dunning.basis.errors import DunningError
from dunning.basis.finding import Lang, Text

P = ParamSpec("P")
R = TypeVar("R")


class WorkerLostError(DunningError):
    """A process ended before its time, as the system ends one that takes too much memory."""

    message = Text(
        "有一个进程提前结束了 (多半是内存不够); 用小一些的 --jobs 再运行一次",
        "a process ended before its time, most likely for lack of memory; run it again with a smaller --jobs",
    )

    def __init__(self) -> None:
        super().__init__(self.message.en)

    def told(self, lang: Lang) -> str:
        return self.message.to(lang)


class Workers:
    """So many processes, each begun by `start(*args)`; use it in a `with`.

    `fork`: they begin with what there is in this one, which is faster, and safe only where no library has threads of
    its own. Left by an exception, they end at once. WorkerLostError where one of them was lost.
    """

    def __init__(self, jobs: int, start: Callable[..., object], *args: object, fork: bool = False) -> None:
        context = multiprocessing.get_context(None if fork else "spawn")
        told, self._tell = context.Pipe(duplex=False)
        self._pool = ProcessPoolExecutor(jobs, context, partial(_begin, told, start, *args))

    def __enter__(self) -> Workers:
        return self

    def submit(self, task: Callable[P, R], *args: P.args, **named: P.kwargs) -> Future[R]:
        """A task for the next process that is free."""
        with _ctrl_c_waits():
            return self._pool.submit(task, *args, **named)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None:
            self._tell.send_bytes(b"end")
        self._pool.shutdown(cancel_futures=True)
        if isinstance(error, BrokenProcessPool):
            raise WorkerLostError from error


@contextmanager
def _ctrl_c_waits() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):  # Windows, where a process takes over nothing of the kind
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(told: Connection, start: Callable[..., object], *args: object) -> None:
    """In the new process: Ctrl-C is nothing to it, and it ends when it is told to, or its maker is there no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    maker = multiprocessing.parent_process()
    assert maker is not None
    threading.Thread(target=_ends, args=(told, maker.sentinel), daemon=True).start()
    start(*args)


def _ends(told: Connection, maker: int) -> None:
    wait([told, maker])
    os._exit(1)
