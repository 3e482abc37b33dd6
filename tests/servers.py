"""Real database servers for tests: started from this machine's binaries on a free port of 127.0.0.1, stopped by pid.

What holds on one database need not hold on another, so adapters are tested on the ones people run. In a conftest:

    from servers import mariadb, postgres  # fixtures, one server of each for the whole run

    def test_it(postgres: Server) -> None:
        url = postgres.new_database("postgresql+psycopg")

A missing server fails the test with the line that installs it; where nothing may be installed, DUNNING_NO_SERVERS=1
leaves these tests out (never under CI).
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

APT = {
    "PostgreSQL": "apt-get install -y --no-install-recommends postgresql",
    "MariaDB": "apt-get install -y --no-install-recommends mariadb-server",
}
PLACES = (*sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True), "/usr/sbin", "/usr/libexec")
SECONDS = 30  # a machine with all its cores busy


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: `user` may do everything and has no password. New databases are empty, in UTF-8."""

    kind: str
    port: int
    user: str
    log: Path
    create: Sequence[str]  # the command that makes a database, its name to be put last
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    host = "127.0.0.1"

    def url(self, driver: str, database: str) -> str:
        """`postgresql+psycopg://...`: the address of a database for a driver of SQLAlchemy."""
        return f"{driver}://{self.user}@{self.host}:{self.port}/{database}"

    def new_database(self, driver: str) -> str:
        """A new, empty database, by its address."""
        name = f"test_{next(self.numbers)}"
        command = [*self.create[:-1], self.create[-1].format(name)]
        subprocess.run(command, check=True, capture_output=True, text=True)
        return self.url(driver, name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """PostgreSQL, for the whole run."""
    home = _home("PostgreSQL", "postgres", "postgres", "initdb", "createdb")
    port = _free_port()
    initdb = [_binary("initdb"), "-D", f"{home}/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "-N"]
    _run([*initdb, "--locale=C.UTF-8"], home)
    fast = [f"-c{name}=off" for name in ("fsync", "synchronous_commit", "full_page_writes")]
    command = [_binary("postgres"), "-D", f"{home}/data", "-p", str(port), f"-cunix_socket_directories={home}", *fast]
    create = [_binary("createdb"), "-h", Server.host, "-p", str(port), "-U", "postgres", "{}"]
    server = Server("PostgreSQL", port, "postgres", home / "log", create)
    yield from _running(server, [*command, f"-clisten_addresses={Server.host}"], home)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """MariaDB, for the whole run."""
    home = _home("MariaDB", "mysql", "mariadbd", "mariadb-install-db", "mariadb")
    port = _free_port()
    install = [_binary("mariadb-install-db"), "--no-defaults", f"--datadir={home}/data", "--skip-test-db"]
    install += [f"--tmpdir={home}"]  # a server that starts clears the common one, of other servers' tables too
    _run([*install, "--auth-root-authentication-method=normal"], home)
    command = [_binary("mariadbd"), "--no-defaults", f"--datadir={home}/data", f"--socket={home}/s", f"--port={port}"]
    command += [f"--tmpdir={home}"]
    command += ["--character-set-server=utf8mb4", f"--bind-address={Server.host}", "--innodb-flush-method=nosync"]
    command += ["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0"]
    client = [_binary("mariadb"), "--no-defaults", "-h", Server.host, "-P", str(port), "-u", "root", "-e"]
    server = Server("MariaDB", port, "root", home / "log", [*client, "CREATE DATABASE {} CHARACTER SET utf8mb4"])
    yield from _running(server, command, home)


def _home(kind: str, owner: str, *binaries: str) -> Path:
    """A folder for a server, owned by the user it runs as (these servers refuse to be root); it must be installed."""
    missing = [name for name in binaries if shutil.which(name, path=_path()) is None]
    if missing and os.environ.get("DUNNING_NO_SERVERS") == "1" and not os.environ.get("CI"):
        pytest.skip(f"DUNNING_NO_SERVERS=1 and no {kind}")
    if missing:
        pytest.fail(f"{kind} is not installed ({', '.join(missing)}); run: {APT[kind]}", pytrace=False)
    home = Path(tempfile.mkdtemp(prefix=f"dunning-{kind.lower()}-"))
    if os.geteuid() == 0:
        shutil.chown(home, owner, owner)
    return home


def _path() -> str:
    return os.pathsep.join((*PLACES, os.environ.get("PATH", os.defpath)))


def _binary(name: str) -> str:
    found = shutil.which(name, path=_path())
    assert found is not None
    return found


def _run(command: Sequence[str], home: Path) -> None:
    done = subprocess.run(command, cwd=home, user=home.owner(), group=home.group(), capture_output=True, text=True)
    if done.returncode:
        pytest.fail(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}", pytrace=False)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((Server.host, 0))
        return int(probe.getsockname()[1])


def _running(server: Server, command: Sequence[str], home: Path) -> Iterator[Server]:
    """The server, from when it answers until the tests are done; then it is stopped and its folder removed."""
    with server.log.open("wb") as log:
        process = subprocess.Popen(command, cwd=home, user=home.owner(), group=home.group(), stdout=log, stderr=log)
    try:
        _wait_for(server, process)
        yield server
    finally:
        process.send_signal(signal.SIGQUIT if server.kind == "PostgreSQL" else signal.SIGKILL)
        process.wait(SECONDS)  # at once: what it has not written down yet nobody wants
        shutil.rmtree(home, ignore_errors=True)


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Until the server makes a database when asked to."""
    until = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            server.new_database("")
        except subprocess.CalledProcessError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"{server.kind} does not start:\n{server.log.read_text(errors='replace')[-4000:]}", pytrace=False)
