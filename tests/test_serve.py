"""`dunning serve` finds the service where it is installed, and says how to install it where it is not."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

import dunning
from dunning.cli import serve as module
from dunning.cli.main import app


class Entry:
    """An entry point of a service that is installed."""

    name = "http"

    def __init__(self, serve: Callable[..., None]) -> None:
        self.load = lambda: serve


def test_without_the_service_the_pip_line_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "entry_points", lambda **_: [])
    result = CliRunner().invoke(app, ["serve"])
    assert isinstance(result.exception, dunning.UsageError)
    assert "pip install ./adapters/dunning-http" in result.exception.told("zh")
    assert "pip install ./adapters/dunning-http" in result.exception.told("en")


def test_a_service_without_a_package_it_needs_says_the_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Entry(print)
    monkeypatch.setattr(entry, "load", lambda: importlib.import_module("a_server_nobody_has"))
    monkeypatch.setattr(module, "entry_points", lambda **_: [entry])
    result = CliRunner().invoke(app, ["serve"])
    assert isinstance(result.exception, dunning.UsageError)
    assert "needs a_server_nobody_has" in result.exception.told("en")
    assert result.exception.told("zh").endswith("运行: pip install ./adapters/dunning-http")


def test_the_service_gets_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def serve(rules: str | None, **options: Any) -> None:
        asked.update(options, rules=rules)

    monkeypatch.setattr(module, "entry_points", lambda group: [Entry(serve)] if group == "dunning.services" else [])
    result = CliRunner().invoke(app, ["serve", "--rules", "mine", "--port", "0", "--keys", "keys.json"])
    assert result.exit_code == 0, result.output
    assert asked == {"rules": "mine", "host": "127.0.0.1", "port": 0, "keys": "keys.json", "workers": 1}


def test_the_command_line_starts_without_the_service() -> None:
    code = "import sys, dunning.cli.main; print(*sorted({'dunning_http', 'fastapi', 'uvicorn'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == []
