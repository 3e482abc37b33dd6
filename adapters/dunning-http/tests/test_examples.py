"""The examples in other languages, run against a service of their own. CI has all of them installed; a desk may not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dunning_http.keys import Keyring
from dunning_http.shelf import today

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "http"
COMMANDS = {"curl": ["sh", "assess.sh"], "java": ["java", "Assess.java"], "php": ["php", "assess.php"]}
HERE = [program for program in COMMANDS if os.environ.get("CI") or shutil.which(program)]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A service with keys, as the environment the examples read."""
    keys = tmp_path_factory.mktemp("keys") / "keys.json"
    key = Keyring(keys).add("examples", ["assess", "may"], on=today())
    command = [str(Path(sys.executable).parent / "dunning"), "serve", "--port", "0", "--keys", str(keys)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout
    yield os.environ | {"DUNNING_URL": process.stdout.readline().strip(), "DUNNING_KEY": key}
    process.terminate()
    process.communicate(timeout=30)


def run(program: str, service: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        COMMANDS[program], cwd=EXAMPLES, env=service, capture_output=True, text=True, timeout=120, encoding="utf-8"
    )


@pytest.mark.parametrize("program", HERE)
def test_an_example_asks_and_is_answered(program: str, service: dict[str, str]) -> None:
    done = run(program, service)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "839.96" in done.stdout  # 792.25 of the charge and 47.71 of late fee
    assert "47.71" in done.stdout
    assert "prohibited" in done.stdout
    assert program == "curl" or "the button stays away" in done.stdout


@pytest.mark.parametrize("program", HERE)
def test_an_example_shows_what_was_refused(program: str, service: dict[str, str]) -> None:
    done = run(program, service | {"DUNNING_KEY": "nobody"})
    assert done.returncode != 0
    assert "Authorization: Bearer KEY" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("action", "changed", "code", "words"),
    [
        ("cut_water", {}, 1, "no: 停水: 法律禁止"),
        ("send_notice", {}, 0, "allowed: "),
        ("cut_watr", {}, 1, "cut_water"),
        ("send_notice", {"DUNNING_KEY": "nobody"}, 1, "no: 请在 Authorization 里写 Bearer"),
        ("send_notice", {"DUNNING_URL": "http://127.0.0.1:1"}, 1, "no: no answer"),
    ],
)
def test_the_guard_over_http(
    action: str, changed: dict[str, str], code: int, words: str, service: dict[str, str]
) -> None:
    done = guard(action, service | changed)
    assert done.returncode == code, done.stderr
    assert words in done.stdout


def guard(action: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, EXAMPLES.parent / "embedding" / "over_http.py", action, EXAMPLES / "household.json"],
        env=environment | {"PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        encoding="utf-8",
    )
