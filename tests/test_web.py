"""An ERP's HTTP server: numbers as written, its own clock, and failures that name the address but not the key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from dunning.adapter import AdapterError
from dunning.adapter.web import Site, json_of, pages

DATE = {"Date": "Sun, 22 Nov 2026 12:00:00 GMT"}


def site(answer: Callable[[httpx.Request], httpx.Response]) -> Site:
    made = Site("http://erp.test/", timeout=1, headers={"Authorization": "secret"})
    made.http = httpx.Client(transport=httpx.MockTransport(answer))
    return made


def test_numbers_are_read_as_written_and_the_time_is_the_servers() -> None:
    here = site(lambda _: httpx.Response(200, text='{"amount": 1592.250000000000227}', headers=DATE))
    assert here.read("bills", here.send("GET", "/bills")) == {"amount": Decimal("1592.250000000000227")}
    assert here.asked() == datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(200, text="<html>", headers=DATE), "the answer to bills cannot be read"),
        (httpx.Response(200, json={}), "it has no Date header"),
        (httpx.Response(200, json={}, headers={"Date": "noon"}), "the answer to bills cannot be read"),
    ],
)
def test_an_answer_that_is_none_is_told(answer: httpx.Response, said: str) -> None:
    here = site(lambda _: answer)
    with pytest.raises(AdapterError) as error:
        here.read("bills", here.send("GET", "/"))
    assert said in error.value.told("en")
    assert error.value.told("zh").startswith("http://erp.test: ")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "erp.example.com", "http://", "http://[::1"])
def test_who_cannot_be_reached_is_named(url: str) -> None:
    with pytest.raises(AdapterError) as error:
        Site(url, timeout=1, headers={"Authorization": "secret"}).send("GET", "/")
    assert f"{url.rstrip('/')}: " in error.value.told("en")
    assert "cannot be reached" in error.value.told("en")
    assert "secret" not in error.value.told("en")


def test_a_refusal_is_the_first_line_of_the_servers_words() -> None:
    here = Site("http://erp.test", timeout=1)
    assert (
        here.refused("Customer", "No permission\nTraceback").told("en").endswith("Customer was refused: No permission")
    )
    assert here.refused("Customer", " ").told("zh").endswith("Customer 被拒绝: ?")
    assert json_of(httpx.Response(500, text="oops")) is None


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_pages_leave_nobody_out_though_somebody_is_added_meanwhile(size: int) -> None:
    rows = [{"id": number} for number in range(1, 8)]

    def ask(last: object) -> tuple[list[dict[str, int]], bool]:
        assert isinstance(last, int)
        found = [row for row in rows if row["id"] > last][:size]
        if len(rows) == 7:
            rows.append({"id": 8})
        return found, len(found) == size

    got = [row["id"] for page in pages(ask, "id", 0) for row in page]
    assert got[:7] == [1, 2, 3, 4, 5, 6, 7]
    assert all(page for page in pages(ask, "id", 0))
