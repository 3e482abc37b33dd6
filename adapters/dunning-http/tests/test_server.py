"""The service as it is started: `dunning serve`, one process or several, and what it refuses to start with."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

BIN = Path(sys.executable).parent
DAY = "2026-03-31"


@contextmanager
def running(*command: str | Path) -> Iterator[str]:
    """A service of its own process, by its address; it is asked to stop, and has to."""
    env = os.environ | {"PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
        assert "Traceback" not in errors, errors


def post(address: str, path: str, body: Any, key: str = "") -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    request = urllib.request.Request(address + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def test_dunning_serve_answers_with_the_rules_of_a_folder(rules: Path, household: dict[str, Any]) -> None:
    with running(BIN / "dunning", "serve", "--rules", rules, "--port", "0") as address:
        assert address.startswith("http://127.0.0.1:")
        told = post(address, "/v1/assess", {"on": DAY, "account": household})
        assert told["balance"]["late_fee"] == "47.71"
        verdict = post(address, "/v1/may", {"action": "cut_water", "on": DAY, "account": household})
        assert verdict["verdict"]["verdict"] == "prohibited"


def test_several_processes_answer_the_same(rules: Path, tmp_path: Path, household: dict[str, Any]) -> None:
    keys = tmp_path / "keys.json"
    made = subprocess.run(
        [BIN / "dunning-http", "keys", "add", "erp", "--scope", "assess", "--keys", keys],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    command = ("serve", "--rules", rules, "--port", "0", "--keys", keys, "--workers", "2", "--max-accounts", "2")
    with running(BIN / "dunning-http", *command) as address:
        answers = {json.dumps(post(address, "/v1/assess", {"on": DAY, "account": household}, made)) for _ in range(20)}
        assert len(answers) == 1
        with pytest.raises(urllib.error.HTTPError) as refused:
            post(address, "/v1/assess", {"on": DAY, "account": household})
        assert refused.value.code == 401
        refused.value.close()


def refused(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_it_does_not_listen_to_others_without_keys(rules: Path, tmp_path: Path) -> None:
    told = refused(BIN / "dunning", "serve", "--rules", rules, "--host", "0.0.0.0", "--port", "0")
    assert "dunning-http keys add" in told
    missing = tmp_path / "missing.json"
    assert "keys add" in refused(BIN / "dunning", "serve", "--rules", rules, "--keys", missing, "--port", "0")


def test_it_says_so_where_it_cannot_listen(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"127.0.0.1:{port}" in refused(BIN / "dunning", "serve", "--port", port)
    (tmp_path / "keys.json").write_text('{"keys": []}', encoding="utf-8")
    elsewhere = ("--host", "nowhere.invalid", "--keys", tmp_path / "keys.json")
    assert "nowhere.invalid" in refused(BIN / "dunning-http", "serve", *elsewhere)


def test_it_does_not_start_with_rules_that_are_wrong(rules: Path) -> None:
    pack = rules / "packs" / "residential.yaml"
    pack.write_text(pack.read_text(encoding="utf-8").replace("applies", "aplies", 1), encoding="utf-8")
    assert "residential.yaml:" in refused(BIN / "dunning", "serve", "--rules", rules, "--port", "0")
    assert "residential.yaml:" in refused(BIN / "dunning-http", "serve", "--rules", rules, "--port", "0")
    assert "nowhere" in refused(BIN / "dunning-http", "serve", "--rules", "nowhere", "--port", "0")


def test_keys_are_made_listed_and_taken_away(tmp_path: Path) -> None:
    def keys(*command: str) -> str:
        told = subprocess.run(
            [BIN / "dunning-http", "keys", *command], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return told.stdout

    made = keys("add", "erp", "--scope", "assess", "--scope", "may").strip()
    listed = keys("list")
    assert "erp" in listed
    assert "assess,may" in listed
    assert made not in listed
    keys("remove", "erp")
    assert keys("list") == ""
