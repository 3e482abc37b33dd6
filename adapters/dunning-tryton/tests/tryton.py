"""A real Tryton for tests: its own environment, a seeded database, a server on a free port, and hands that work in it.

Tryton's packages stay in an environment of their own: `DUNNING_TRYTON_VENV`, else `.venv-tryton` in the project, made
from tryton-constraints.txt where it is missing or was made from others.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest

HERE = Path(__file__).parent
PINS = HERE / "tryton-constraints.txt"
CHINA = timezone(timedelta(hours=8))
PASSWORD = "tryton-test"
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Tryton:
    """A running server, and the hands of the company's people: `do("pay", invoice=1, ...)`."""

    url: str
    database: str
    do: Callable[..., Any]
    companies: dict[str, int]
    session: dict[str, Any]

    user = "dunning"
    password = PASSWORD


def environment() -> Path:
    """Where Tryton is installed; it is installed there if need be (10 s), by one process while the others wait."""
    home = Path(os.environ.get("DUNNING_TRYTON_VENV") or HERE.parents[2] / ".venv-tryton")
    made_from = home / "made-from.txt"
    pins = PINS.read_text("utf-8")
    with _one_at_a_time(home):
        if not made_from.exists() or made_from.read_text("utf-8") != pins:
            shutil.rmtree(home, ignore_errors=True)
            _run([sys.executable, "-m", "venv", str(home)])
            _run(
                [
                    f"{home}/bin/python",
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "-r",
                    str(PINS),
                ]
            )
            made_from.write_text(pins, "utf-8")
    return home


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    """What is made there is made by one process of the test run; the others find it."""
    with Path(f"{home}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def on_sqlite(folder: Path) -> Iterator[Tryton]:
    """On a copy of a seeded file; the seed is kept beside the environment, for it takes half a minute to make."""
    home = environment()
    what = (HERE / "seed.py").read_bytes() + PINS.read_bytes() + str(datetime.now(CHINA).year).encode()
    seeded = home / f"seed-{hashlib.sha256(what).hexdigest()[:12]}.sqlite"
    conf = _conf(folder, f"uri = sqlite://\npath = {folder}")
    with _one_at_a_time(home):
        if not seeded.exists():
            (folder / "estate.sqlite").touch()
            _seed(home, conf, folder)
            shutil.copy(folder / "estate.sqlite", f"{seeded}.part")
            os.replace(f"{seeded}.part", seeded)
    shutil.copy(seeded, folder / "estate.sqlite")
    yield from _running(home, conf, folder)


def on_postgresql(folder: Path, address: str) -> Iterator[Tryton]:
    """In an empty database of a running server; `address` is `postgresql://user@host:port/NAME`."""
    home = environment()
    server, _, name = address.rpartition("/")
    conf = _conf(folder, f"uri = {server}/")
    _seed(home, conf, folder, name)
    yield from _running(home, conf, folder, name)


def _conf(folder: Path, database: str) -> Path:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    conf = folder / "trytond.conf"
    conf.write_text(f"[database]\n{database}\n[web]\nlisten = 127.0.0.1:{port}\n", "utf-8")
    return conf


def _seed(home: Path, conf: Path, folder: Path, name: str = "estate") -> None:
    (folder / "password").write_text(PASSWORD, "utf-8")
    admin = [f"{home}/bin/trytond-admin", "-c", str(conf), "-d", name, "--all", "--email", "admin@example.com"]
    _run(admin, TRYTONPASSFILE=str(folder / "password"))
    _run([f"{home}/bin/python", str(HERE / "seed.py"), str(conf), name, PASSWORD], **_database(conf))


def _database(conf: Path) -> dict[str, str]:
    """Which database it is: proteus has to know when it is imported, before it reads the configuration."""
    uri = conf.read_text("utf-8").partition("uri = ")[2].splitlines()[0]
    return {"TRYTOND_CONFIG": str(conf), "TRYTOND_DATABASE_URI": uri}


def _run(command: list[str], **environment: str) -> None:
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)
    if done.returncode:
        pytest.fail(f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}", pytrace=False)


def _running(home: Path, conf: Path, folder: Path, name: str = "estate") -> Iterator[Tryton]:
    """Server and hands, until the tests are done; then both are ended by their own process."""
    url = "http://" + conf.read_text("utf-8").rpartition("listen = ")[2].strip()
    log = folder / "log"
    with log.open("wb") as out:
        server = subprocess.Popen([f"{home}/bin/trytond", "-c", str(conf), "-d", name], stdout=out, stderr=out)
        hands = subprocess.Popen(
            [f"{home}/bin/python", str(HERE / "hands.py"), str(conf), name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out, text=True, env={**os.environ, **_database(conf)},
        )  # fmt: skip
    assert hands.stdin is not None
    assert hands.stdout is not None

    def told() -> Any:
        line = hands.stdout.readline()  # type: ignore[union-attr]
        answer = json.loads(line or '{"error": "the hands are gone"}')
        if "error" in answer:
            raise RuntimeError(answer["error"] + log.read_text(errors="replace")[-2000:])
        return answer["ok"]

    def do(what: str, **order: Any) -> Any:
        print(json.dumps({"do": what, **order}), file=hands.stdin, flush=True)
        return told()

    try:
        told()
        _wait_for(url, server, log)
        yield Tryton(url, name, do, do("companies"), {})
    finally:
        hands.stdin.close()
        hands.stdout.close()
        server.terminate()
        for process in (hands, server):
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + SECONDS
    while server.poll() is None and time.monotonic() < until:
        try:
            httpx.post(f"{url}/rpc/", json={"id": 1, "method": "common.server.version", "params": []})
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"trytond does not start:\n{log.read_text(errors='replace')[-4000:]}", pytrace=False)
