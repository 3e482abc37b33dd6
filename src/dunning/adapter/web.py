"""An ERP's HTTP server: asked in JSON, its numbers read as they are written, and when it said so by its own clock.

Needs `dunning[web]` (httpx). Every failure is an AdapterError that names the address and never what it was opened with.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx

from dunning.adapter.errors import AdapterError
from dunning.basis.finding import Text

__all__ = ["Site", "json_of", "pages"]

Row = TypeVar("Row", bound=Mapping[str, Any])


class Site:
    """One server. Nothing is sent before the first call; it is closed when nobody has it any longer."""

    def __init__(self, url: str, *, timeout: float, headers: Mapping[str, str] | None = None) -> None:
        self.url = url.rstrip("/")
        self.now: datetime | None = None
        self.http = httpx.Client(timeout=timeout, headers=headers)
        weakref.finalize(self, self.http.close)  # an adapter has no end that anybody tells it

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request, by httpx's arguments; AdapterError if the server cannot be reached."""
        try:
            return self.http.request(method, self.url + path, **more)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self.said(f"连不上 ({error})", f"cannot be reached ({error})") from error

    def read(self, what: str, answer: httpx.Response, *, hook: Callable[[dict[str, Any]], Any] | None = None) -> Any:
        """The JSON of an answer, numbers with a point as Decimals, and its time for `asked`.

        AdapterError if it is none, or has no `Date`: without a clock nobody can tell how old its data are.
        """
        try:
            told = json.loads(answer.content, object_hook=hook, parse_float=Decimal)
            self.now = parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)
        except KeyError as error:
            raise self.said(
                f"{what} 的回答看不懂: 没有时间 (Date)", f"the answer to {what} cannot be read: it has no Date header"
            ) from error
        except (ValueError, TypeError) as error:
            raise self.unreadable(what) from error
        return told

    def asked(self) -> datetime:
        """The server's time of its last answer."""
        assert self.now is not None
        return self.now

    def said(self, zh: str, en: str) -> AdapterError:
        """What went wrong, after the address."""
        return AdapterError(Text(f"{self.url}: {zh}", f"{self.url}: {en}"))

    def refused(self, what: str, why: str) -> AdapterError:
        """The server's refusal, in its own words: the first line of them."""
        first = next(iter(why.strip().splitlines()), "?")
        return self.said(f"{what} 被拒绝: {first}", f"{what} was refused: {first}")

    def unreadable(self, what: str) -> AdapterError:
        """An answer of a shape that nobody has described."""
        return self.said(f"{what} 的回答看不懂", f"the answer to {what} cannot be read")


def json_of(answer: httpx.Response) -> Any:
    """The JSON of an answer; None if it is none."""
    try:
        return json.loads(answer.content, parse_float=Decimal)
    except ValueError:
        return None


def pages(ask: Callable[[Any], tuple[list[Row], bool]], key: str, first: object) -> Iterator[list[Row]]:
    """Rows in pages, each from where the last one ended: none is left out or given twice, whatever is added meanwhile.

    `ask` gives the rows after a key, in its order, and whether there may be more; `first` is before all of them.
    """
    last, more = first, True
    while more:
        page, more = ask(last)
        if not page:
            return
        yield page
        last = page[-1][key]
