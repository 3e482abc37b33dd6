"""What a live Tryton 8.2 does not show: the paths of 7.0, and answers that are none. The server here is made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from dunning.adapter import AdapterError, open_adapter

DATE = {"Date": "Sun, 22 Nov 2026 12:00:00 GMT"}


def opened(answer: Callable[[httpx.Request], httpx.Response]) -> Any:
    """The adapter on a server that answers so."""
    adapter: Any = open_adapter("tryton", url="http://tryton.test/", database="wy", user="u", password="p")
    adapter.server.site.http = httpx.Client(transport=httpx.MockTransport(answer))
    return adapter


def ok(result: object) -> httpx.Response:
    return httpx.Response(200, json={"id": 1, "result": result}, headers=DATE)


def seven(request: httpx.Request) -> httpx.Response:
    """Tryton 7.0: it listens at /DB/, refuses other paths, and its session has no third part."""
    if request.url.path != "/wy/":
        return httpx.Response(405)
    method = json.loads(request.content)["method"]
    if method == "common.db.login":
        return ok([1, "token"])
    assert request.headers["Authorization"] == "Session dToxOnRva2Vu"
    return ok({"company": 1} if method.endswith("get_preferences") else [])


def test_tryton_7_is_spoken_to_where_it_listens() -> None:
    adapter = opened(seven)
    assert [type(item).__name__ for item in adapter.accounts(None)] == ["Mark"]
    assert adapter.server.path == "/"


def after_login(answer: httpx.Response) -> Callable[[httpx.Request], httpx.Response]:
    def speak(request: httpx.Request) -> httpx.Response:
        method = json.loads(request.content)["method"]
        if method == "common.db.login":
            return ok([1, "token", None])
        return ok({}) if method.endswith("get_preferences") else answer

    return speak


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (httpx.Response(500), "was answered with HTTP 500"),
        (httpx.Response(401), "was answered with HTTP 401"),
        (httpx.Response(429), "was answered with HTTP 429"),
        (httpx.Response(200, text="<html>", headers=DATE), "cannot be read"),
        (httpx.Response(200, json=[], headers=DATE), "cannot be read"),
        (httpx.Response(200, json={"id": 1}, headers=DATE), "cannot be read"),
        (httpx.Response(200, json={"id": 1, "result": []}), "cannot be read"),  # without a clock nothing is fresh
        (httpx.Response(200, json={"id": 1, "error": ["UserError", ["Sold out", ""]]}, headers=DATE), ": Sold out"),
        (httpx.Response(200, json={"id": 1, "error": []}, headers=DATE), "was refused: ?"),
    ],
)
def test_an_answer_that_is_none_is_told(answer: httpx.Response, told: str) -> None:
    with pytest.raises(AdapterError) as error:
        list(opened(after_login(answer)).accounts(None))
    assert told in error.value.told("en")
    assert "http://tryton.test/wy: model.company.company.search_read" in error.value.told("zh")
