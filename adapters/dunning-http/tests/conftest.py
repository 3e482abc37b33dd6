"""What the tests of the service share: an application on a copy of the rules, and a household to ask about."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import settings

from dunning_http import Settings, create_app

ROOT = Path(__file__).resolve().parents[3]

settings.register_profile("home", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "home")

Open = Callable[..., TestClient]


@pytest.fixture
def household() -> dict[str, Any]:
    return {
        "company": "wy-01",
        "id": "XH-1-0502/O-77",
        "use": "residential",
        "place": "CN-3301",
        "debtor": {"id": "O-77", "kind": "person"},
        "contract": {"kind": "committee", "late_fee_clause": True},
        "charges": [{"id": "2026Q1", "amount": "1592.25", "due": "2026-01-15"}],
        "payments": [{"id": "P1", "on": "2026-03-01", "amount": "800.00", "for": ["2026Q1"]}],
        "data_as_of": "2026-03-31T08:00:00+08:00",
    }


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A rules folder to spoil."""
    return shutil.copytree(ROOT / "rules", tmp_path / "rules")


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens the service in this process with the settings given; its files are looked at only when asked."""
    clients: list[TestClient] = []

    def open_(**chosen: Any) -> TestClient:
        client = TestClient(create_app(Settings(**{"watch_seconds": 0, **chosen})))
        client.__enter__()
        clients.append(client)
        return client

    yield open_
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def service(opened: Open) -> TestClient:
    """The service on the shipped rules, without keys."""
    return opened()
