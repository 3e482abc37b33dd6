"""Processes that share out a task, and how they end: by Ctrl-C at any moment, a kill, a crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest

from dunning.basis.workers import WorkerLostError, Workers

SCRIPT = """
import os, sys, time
from dunning.basis.workers import Workers, WorkerLostError

def start(place):
    open(f"{place}/{os.getpid()}", "w").close()
    time.sleep(float(sys.argv[3]))

def task():
    time.sleep(60)

if __name__ == "__main__":
    place, fork = sys.argv[1], sys.argv[2] == "fork"
    try:
        with Workers(2, start, place, fork=fork) as pool:
            print("begun", flush=True)
            for each in [pool.submit(task) for _ in range(3)]:
                each.result()
    except KeyboardInterrupt:
        sys.exit(130)
    except WorkerLostError as error:
        sys.exit(error.told("en"))
"""


@contextmanager
def begun(tmp_path: Path, how: str, begin: float) -> Iterator[subprocess.Popen[str]]:
    """The script, at the moment when it begins to make processes."""
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "there").mkdir()
    command = [sys.executable, "script.py", "there", how, str(begin)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, start_new_session=True
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "begun\n"
        yield run
        run.stdout.close()


def workers(tmp_path: Path, count: int) -> list[int]:
    """The processes, once there are so many."""
    while len(found := list((tmp_path / "there").iterdir())) < count:
        time.sleep(0.01)
    return [int(each.name) for each in found]


def alive(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("how", ["fork", "spawn"])
@pytest.mark.parametrize("wait", [0.0, 0.02, 0.1, 0.4])
def test_ctrl_c_is_for_the_one_that_shares_out_whenever_it_comes(how: str, wait: float, tmp_path: Path) -> None:
    with begun(tmp_path, how, begin=1) as run:
        time.sleep(wait)
        os.killpg(run.pid, signal.SIGINT)
        assert run.stderr is not None
        assert run.stderr.read() == ""
        assert run.wait(20) == 130


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_no_process_outlives_the_one_that_made_it(how: str, tmp_path: Path) -> None:
    with begun(tmp_path, how, begin=0) as run:
        there = workers(tmp_path, 2)
        run.kill()
        run.wait(20)
    while any(map(alive, there)):  # the time limit of the test run tells if they stay
        time.sleep(0.01)


def test_a_process_that_is_lost_is_said(tmp_path: Path) -> None:
    with begun(tmp_path, "spawn", begin=0) as run:
        os.kill(workers(tmp_path, 2)[0], signal.SIGKILL)
        assert run.stderr is not None
        assert "smaller --jobs" in run.stderr.read()


def test_what_goes_wrong_in_a_task_is_told_and_ends_all() -> None:
    with pytest.raises(ZeroDivisionError), Workers(2, int) as pool:  # noqa: PT012  # the `with` is what is tried
        waits = pool.submit(time.sleep, 60)
        pool.submit(divmod, 1, 0).result()
    with pytest.raises(WorkerLostError):  # it ended before its time
        _told(waits)


def _told(lost: Future[None]) -> None:
    with Workers(1, int):
        lost.result(20)


def test_tasks_are_done() -> None:
    with Workers(2, int, fork=True) as pool:
        assert [each.result() for each in [pool.submit(pow, 2, n) for n in range(5)]] == [1, 2, 4, 8, 16]
