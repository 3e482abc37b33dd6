"""The log tells operators what happened, and nobody who it happened to."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import dunning
from dunning_http.keys import Keyring

PERSONAL = ("XH-1-0502", "O-77", "13800138000", "王五", "secret-unit", "1592.25", "P-9001")


@pytest.fixture
def personal(household: dict[str, Any]) -> dict[str, Any]:
    return {
        **household,
        "unit": "secret-unit",
        "debtor": {"id": "13800138000"},
        "payments": [{"id": "P-9001", "on": "2026-03-01", "amount": "800.00"}],
        "contacts": [
            {"id": "C1", "at": "2026-03-30T10:00:00+08:00", "channel": "phone", "content": "王五 13800138000"}
        ],
    }


def test_what_is_asked_leaves_no_trace_of_whom(
    opened: Any, personal: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    client = opened()
    caplog.set_level(logging.DEBUG)
    spoilt = {**personal, "charges": [{"id": "13800138000", "amount": "王五"}]}
    for path in ("/v1/assess", "/v1/explain"):
        client.post(path, json={"account": personal})
        client.post(path, json={"accounts": [personal, spoilt, personal]})
        client.post(path, json={"account": spoilt})
        client.post(path, json={"acount": personal, "XH-1-0502": 1})
    client.post("/v1/may", json={"action": "王五", "account": personal})
    client.post("/v1/timeline", json={"account": personal, "since": "2026-04-01", "until": "2026-04-02"})
    client.get("/v1/books/王五?debtor=13800138000")
    client.post("/v1/assess", content=b'{"account": "XH-1-0502', headers={"content-type": "application/json"})
    client.request("王五".encode().hex(), "/v1/assess")
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    lines = [record.getMessage() for record in ours]
    assert sum(record.name == "dunning_http" for record in ours) >= 13
    assert [line for line in lines if any(word in line for word in PERSONAL)] == []


def test_a_fault_of_ours_is_told_by_place_and_not_by_words(
    opened: Any, personal: dict[str, Any], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ValueError("cannot assess XH-1-0502 of 王五")

    client = opened()
    monkeypatch.setattr(dunning, "assess_group", fail)
    response = client.post("/v1/assess", json={"account": personal})
    assert response.status_code == 500
    assert response.json()["type"].endswith(":internal")
    assert not any(word in response.text for word in PERSONAL)
    (fault,) = (record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR)
    assert "ValueError at test_logs.py" in fault
    assert response.headers["x-request-id"] in fault
    assert not any(word in caplog.text for word in PERSONAL)
    assert all(record.exc_info is None for record in caplog.records)


def test_a_line_says_what_it_was_and_how_long_it_took(
    opened: Any, household: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ring = Keyring(tmp_path / "keys.json")
    given = ring.add("erp", ["assess"], on=date(2026, 11, 22))
    client = opened(keys=str(ring.path))
    caplog.set_level(logging.INFO, "dunning_http")
    response = client.post(
        "/v1/assess", json={"accounts": [household, household]}, headers={"authorization": f"Bearer {given}"}
    )
    (line,) = (record.getMessage() for record in caplog.records if record.name == "dunning_http")
    assert line.startswith(f"{response.headers['x-request-id']} POST /v1/assess 200 ")
    assert f"out={len(response.content)} accounts=2 key={ring.keys[0].id}" in line
    assert given not in line
