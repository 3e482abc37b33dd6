"""Who may ask what: keys are hashed at rest, each reaches its scopes, and one taken away is gone without a restart."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import dunning
from dunning_http.keys import SCOPES, Keyring
from dunning_http.problems import Problem

DAY = date(2026, 11, 22)


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "keys.json")


def test_a_key_is_kept_as_a_hash_and_for_its_owner_only(ring: Keyring) -> None:
    given = ring.add("erp", ["assess"], on=DAY)
    text = ring.path.read_text(encoding="utf-8")
    assert given not in text
    assert given.split("_", 2)[2] not in text
    assert ring.path.stat().st_mode & 0o777 == 0o600
    assert len(given) > 50
    found = Keyring(ring.path).find(given)
    assert found is not None
    assert (found.name, found.scopes, found.created) == ("erp", ("assess",), "2026-11-22")


def test_a_key_is_compared_in_constant_time(ring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return one == other

    monkeypatch.setattr("dunning_http.keys.hmac.compare_digest", compare)
    given = ring.add("erp", ["assess"], on=DAY)
    for each in (given, given[:-1] + "!", "dun_00000000_x", "", "nothing"):
        ring.find(each)
    assert len(compared) == 5  # whether or not there is a key of that id
    assert all(len(one) == len(other) == 64 for one, other in compared)


@pytest.mark.parametrize("spoilt", ["", "x", "{}", "dun_", "Bearer", "dun__", "dun_é_é"])
def test_what_is_no_key_is_no_key(ring: Keyring, spoilt: str) -> None:
    given = ring.add("erp", ["assess"], on=DAY)
    assert ring.find(spoilt) is None
    assert ring.find(given + spoilt) is None or not spoilt
    assert ring.find(given.upper()) is None


def test_a_key_reaches_its_scopes_and_admin_all_of_them(ring: Keyring) -> None:
    erp, boss = ring.add("erp", ["assess", "may"], on=DAY), ring.add("boss", ["admin"], on=DAY)
    for scope in SCOPES:
        assert ring.admit(f"Bearer {boss}", scope).name == "boss"
        if scope in ("assess", "may"):
            assert ring.admit(f"bearer  {erp}", scope).name == "erp"
        else:
            with pytest.raises(Problem) as refused:
                ring.admit(f"Bearer {erp}", scope)
            assert refused.value.status_code == 403


@pytest.mark.parametrize(("name", "scopes"), [("erp", ["assess"]), ("other", []), ("other", ["everything"])])
def test_a_key_that_cannot_be_made_is_refused(ring: Keyring, name: str, scopes: list[str]) -> None:
    ring.add("erp", ["assess"], on=DAY)
    with pytest.raises(dunning.UsageError):
        ring.add(name, scopes, on=DAY)


def test_a_file_that_is_no_keys_file_is_refused_and_takes_nobodys_key(ring: Keyring) -> None:
    given = ring.add("erp", ["assess"], on=DAY)
    ring.path.write_text('{"keys": [{"id": 1}]}', encoding="utf-8")
    with pytest.raises(dunning.UsageError):
        ring.look()
    assert ring.find(given)
    with pytest.raises(dunning.UsageError):
        Keyring(ring.path)


def test_there_is_no_key_to_take_away(ring: Keyring) -> None:
    with pytest.raises(dunning.UsageError):
        ring.remove("nobody")


# Through the service


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def test_each_route_asks_for_its_scope(ring: Keyring, opened: Any, household: dict[str, Any]) -> None:
    keys = {scope: ring.add(scope, [scope], on=DAY) for scope in SCOPES}
    client = opened(keys=str(ring.path))
    calls: dict[str, tuple[str, str, dict[str, Any] | None]] = {
        "assess": ("POST", "/v1/assess", {"account": household}),
        "explain": ("POST", "/v1/explain", {"account": household}),
        "timeline": ("POST", "/v1/timeline", {"account": household, "since": "2026-04-01", "until": "2026-04-02"}),
        "may": ("POST", "/v1/may", {"action": "cut_water"}),
        "check": ("POST", "/v1/check", {}),
        "books": ("GET", "/v1/facts", None),
        "admin": ("POST", "/v1/reload", None),
    }
    assert calls.keys() == SCOPES.keys()
    for scope, (method, path, body) in calls.items():
        for holder in ("assess", "may", scope):
            response = client.request(method, path, json=body, headers=bearer(keys[holder]))
            assert response.status_code == (200 if holder == scope else 403), (path, holder, response.text)
            if holder != scope:
                assert 'error="insufficient_scope"' in response.headers["www-authenticate"]
                assert response.json()["type"].endswith(":scope")
        if scope != "admin":
            assert client.request(method, path, json=body, headers=bearer(keys["admin"])).status_code == 200


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", "Basic eDp5", "Bearer dun_12345678_abc"])
def test_without_a_key_nothing_is_answered_and_the_body_is_not_even_read(
    ring: Keyring, opened: Any, header: str | None
) -> None:
    ring.add("erp", ["assess"], on=DAY)
    client = opened(keys=str(ring.path))
    headers = {"content-type": "application/json"} | ({} if header is None else {"authorization": header})
    response = client.post("/v1/assess", content=b"this is no json", headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.json()["type"].endswith(":key")


def test_health_and_the_document_are_for_everybody(ring: Keyring, opened: Any) -> None:
    ring.add("erp", ["assess"], on=DAY)
    client = opened(keys=str(ring.path))
    assert client.get("/healthz").status_code == 200
    document = client.get("/openapi.json").json()
    assert document["components"]["securitySchemes"] == {"key": {"type": "http", "scheme": "bearer"}}
    wanted = {
        path: [operation.get("security") for operation in each.values()] for path, each in document["paths"].items()
    }
    assert wanted["/v1/may"] == [[{"key": ["may"]}]]
    assert wanted["/healthz"] == [None]


def test_a_key_taken_away_is_gone_without_a_restart(ring: Keyring, opened: Any) -> None:
    given = ring.add("erp", ["books"], on=DAY)
    client = opened(keys=str(ring.path))
    assert client.get("/v1/books", headers=bearer(given)).status_code == 200
    Keyring(ring.path).remove("erp")
    client.app.state.keys.look()
    assert client.get("/v1/books", headers=bearer(given)).status_code == 401
    later = Keyring(ring.path).add("later", ["books"], on=DAY)
    client.app.state.keys.look()
    assert client.get("/v1/books", headers=bearer(later)).status_code == 200


def test_the_file_is_json_anybody_can_look_at(ring: Keyring) -> None:
    ring.add("erp", ["assess", "may"], on=DAY)
    (row,) = json.loads(ring.path.read_text(encoding="utf-8"))["keys"]
    assert sorted(row) == ["created", "id", "name", "scopes", "sha256"]
