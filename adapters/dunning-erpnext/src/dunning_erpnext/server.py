"""An ERPNext site: Frappe's REST, v2 where it is, else v1; both give the same rows here.

Frappe answers with twenty rows unless it is told otherwise, so every list is asked for page by page. Numbers are read
as they are written, whether as numbers or as text.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import httpx

from dunning.adapter import AdapterError
from dunning.adapter.documents import Text

Row = dict[str, Any]
Filters = Sequence[Sequence[Any]]

APIS = ("auto", "v1", "v2")
PATHS = {"v1": "/api/resource", "v2": "/api/v2/document"}
LIMITS = {"v1": "limit_page_length", "v2": "limit"}
CHANGED = "TimestampMismatchError"


class ChangedError(AdapterError):
    """A document was changed by somebody else since it was read; nothing was written."""


class Server:
    """One site, as the owner of one key. Nothing is sent before the first call; a call is a transaction of its own."""

    def __init__(self, url: str, key: str, secret: str, *, api: str, page: int, timeout: float) -> None:
        self.url = url.rstrip("/")
        self.api = api
        self.page = page
        self.now: datetime | None = None
        self.http = httpx.Client(timeout=timeout, headers={"Authorization": f"token {key}:{secret}"})
        weakref.finalize(self, self.http.close)  # an adapter has no end that anybody tells it

    def pages(self, doctype: str, filters: Filters, fields: Sequence[str]) -> Iterator[list[Row]]:
        """The documents that pass, by their names, a page at a time from where the last one ended: none is left out or
        given twice, whatever is added meanwhile. Fields of child tables are only in `document`.
        """
        last = ""
        while True:
            here = [*filters, *([["name", ">", last]] if last else [])]
            told = self._call("GET", doctype, params={
                "fields": json.dumps(list(dict.fromkeys(["name", *fields]))), "filters": json.dumps(here),
                "order_by": "name asc", "limit": self.page,
            })  # fmt: skip
            page = told.get("data")
            if not isinstance(page, list):
                raise self._unreadable(doctype)
            if page:
                yield page
                last = page[-1]["name"]
            if not told.get("has_next_page", len(page) >= self.page):
                return

    def read(self, doctype: str, filters: Filters, fields: Sequence[str] = ()) -> list[Row]:
        return [row for page in self.pages(doctype, filters, fields) for row in page]

    def document(self, doctype: str, name: str) -> Row:
        """A whole document, with the rows of its child tables."""
        return self._document(doctype, self._call("GET", doctype, name))

    def create(self, doctype: str, values: Row) -> Row:
        return self._document(doctype, self._call("POST", doctype, json=values))

    def update(self, doctype: str, row: Row, values: Row) -> Row:
        """Change a document as it was read; ChangedError if somebody else has changed it since."""
        values = {**values, "modified": row["modified"]}
        return self._document(doctype, self._call("PUT", doctype, row["name"], json=values))

    def asked(self) -> datetime:
        """The server's time of its last answer."""
        assert self.now is not None
        return self.now

    def _call(self, method: str, doctype: str, name: str = "", **more: Any) -> Row:
        if self.api == "auto":
            answer = self._send(method, "v2", doctype, name, more)
            self.api = "v1" if answer.status_code == 404 and not _errors(answer) else "v2"
            if self.api == "v2":
                return self._told(doctype, answer)
        return self._told(doctype, self._send(method, self.api, doctype, name, more))

    def _send(self, method: str, api: str, doctype: str, name: str, more: Mapping[str, Any]) -> httpx.Response:
        where = f"{self.url}{PATHS[api]}/{quote(doctype)}" + (f"/{quote(name, safe='')}" if name else "")
        if "params" in more:
            params = {LIMITS[api] if key == "limit" else key: value for key, value in more["params"].items()}
            more = {**more, "params": params}
        try:
            answer = self.http.request(method, where, **more)
        except httpx.HTTPError as error:
            raise self._said(f"连不上 ({error})", f"cannot be reached ({error})") from error
        try:
            self.now = parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)
        except (KeyError, ValueError) as error:
            raise self._said("回答里没有时间 (Date)", "the answer has no time (its Date header)") from error
        return answer

    def _told(self, doctype: str, answer: httpx.Response) -> Row:
        kind, why = next(iter(_errors(answer)), ("", f"HTTP {answer.status_code} {answer.reason_phrase}"))
        if answer.status_code == 200:
            told = _read(answer)
            if isinstance(told, dict):
                return told
            raise self._unreadable(doctype)
        if answer.status_code == 202:
            raise self._said(
                f"{doctype}: 对方只排了队 (202), 还没有做", f"{doctype}: the site has put it off (202); it is not done"
            )
        if answer.status_code == 401:
            raise self._said("api_key 或 api_secret 不对", "the API key or its secret is wrong")
        if kind == CHANGED:
            raise ChangedError(
                Text(f"{self.url}: {doctype} 已被别人改过", f"{self.url}: {doctype} was changed meanwhile")
            )
        raise self._said(f"{doctype} 被拒绝: {why}", f"{doctype} was refused: {why}")

    def _document(self, doctype: str, told: Row) -> Row:
        found = told.get("data")
        if not isinstance(found, dict):
            raise self._unreadable(doctype)
        return found

    def _said(self, zh: str, en: str) -> AdapterError:
        return AdapterError(Text(f"{self.url}: {zh}", f"{self.url}: {en}"))

    def _unreadable(self, doctype: str) -> AdapterError:
        return self._said(f"{doctype} 的回答看不懂", f"the answer about {doctype} cannot be read")


def _read(answer: httpx.Response) -> Any:
    try:
        return json.loads(answer.content, parse_float=Decimal)
    except ValueError:
        return None


def _errors(answer: httpx.Response) -> list[tuple[str, str]]:
    """What Frappe says went wrong: v2 in a list, v1 with the type of its exception."""
    told = _read(answer) if answer.status_code >= 400 else None
    if not isinstance(told, dict):
        return []
    if isinstance(told.get("errors"), list):
        return [
            (str(one.get("type", "")), str(one.get("message", "?"))) for one in told["errors"] if isinstance(one, dict)
        ]
    kind = str(told.get("exc_type") or "")
    why = str(told.get("exception") or kind).strip().splitlines()
    return [(kind, why[0])] if kind and why else []
