"""Bodies, batches and answers have an end, and whoever meets it is told which."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

import dunning


def test_a_body_that_says_it_is_too_large_is_not_read(opened: Any) -> None:
    client = opened(max_body=1000)
    response = client.post("/v1/assess", content=b" " * 1001, headers={"content-type": "application/json"})
    assert response.status_code == 413
    assert response.json()["type"].endswith(":too-large")
    assert "1,000" in response.json()["detail"]


def test_a_body_that_does_not_say_is_counted_as_it_comes(opened: Any) -> None:
    came = 0

    def endless() -> Iterator[bytes]:
        nonlocal came
        for _ in range(10_000):
            came += 1
            yield b" " * 100

    client = opened(max_body=1000)
    response = client.post("/v1/assess", content=endless(), headers={"content-type": "application/json"})
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


def test_a_batch_has_an_end(opened: Any) -> None:
    client = opened(max_accounts=2)
    assert client.post("/v1/assess", json={"accounts": [{"id": "A"}, {"id": "B"}]}).status_code == 200
    for path in ("/v1/assess", "/v1/explain"):
        response = client.post(path, json={"accounts": [{"id": "A"}, {"id": "B"}, {"id": "C"}]})
        assert response.status_code == 422
        assert response.json()["type"].endswith(":too-many")
    properties = client.get("/openapi.json").json()["components"]["schemas"]["AssessRequest"]["properties"]
    assert properties["accounts"]["maxItems"] == 2


def test_an_answer_that_takes_too_long_is_given_up(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = opened(max_seconds=0.05)
    done = threading.Event()
    monkeypatch.setattr(dunning, "assess_group", lambda *_, **__: done.wait(10))
    response = client.post("/v1/assess", json={"account": {"id": "A"}})
    done.set()
    assert response.status_code == 503
    assert response.json()["type"].endswith(":too-slow")
    assert response.headers["retry-after"] == "5"


def test_a_long_batch_stops_between_two_debtors_once_its_time_is_up(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = opened(max_seconds=0.05, threads=1)
    assess, seen, go = dunning.assess_group, [], threading.Event()

    def slowly(accounts: Any, *rest: Any, **options: Any) -> Any:
        seen.append(accounts[0].id)
        go.wait(10)
        return assess(accounts, *rest, **options)

    monkeypatch.setattr(dunning, "assess_group", slowly)
    response = client.post("/v1/assess", json={"accounts": [{"id": "A"}, {"id": "B"}, {"id": "C"}]})
    assert response.status_code == 503
    go.set()
    monkeypatch.setattr(dunning, "assess_group", assess)
    assert client.post("/v1/assess", json={"account": {"id": "D"}}).status_code == 200  # the only thread is free again
    assert seen == ["A"]


def test_a_check_that_takes_too_long_is_stopped(opened: Any) -> None:
    client = opened(max_seconds=0.05)
    response = client.post("/v1/check", json={})
    assert response.status_code == 503
    assert response.json()["type"].endswith(":too-slow")
