"""An ERPNext site: Frappe's REST, v2 where it is, else v1; both give the same rows here.

Frappe answers with twenty rows unless it is told otherwise, so every list is asked for page by page. Numbers are read
as they are written, whether as numbers or as text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from dunning.adapter import AdapterError
from dunning.adapter.documents import Text
from dunning.adapter.web import Site, json_of, pages

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
        self.site = Site(url, timeout=timeout, headers={"Authorization": f"token {key}:{secret}"})
        self.api = api
        self.page = page

    def pages(self, doctype: str, filters: Filters, fields: Sequence[str]) -> Iterator[list[Row]]:
        """The documents that pass, in the order of their names, a page at a time. Fields of child tables are only in
        `document`.
        """
        asked = {"fields": json.dumps(list(dict.fromkeys(["name", *fields]))), "order_by": "name asc"}

        def after(last: object) -> tuple[list[Row], bool]:
            here = json.dumps([*filters, *([["name", ">", last]] if last else [])])
            told = self._call("GET", doctype, params={**asked, "filters": here, "limit": self.page})
            page = told.get("data")
            if not isinstance(page, list):
                raise self.site.unreadable(doctype)
            return page, bool(told.get("has_next_page", len(page) >= self.page))

        return pages(after, "name", "")

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

    def _call(self, method: str, doctype: str, name: str = "", **more: Any) -> Row:
        if self.api == "auto":
            answer = self._send(method, "v2", doctype, name, more)
            self.api = "v1" if answer.status_code == 404 and not any(_error(answer)) else "v2"
            if self.api == "v2":
                return self._told(doctype, answer)
        return self._told(doctype, self._send(method, self.api, doctype, name, more))

    def _send(self, method: str, api: str, doctype: str, name: str, more: Mapping[str, Any]) -> httpx.Response:
        where = f"{PATHS[api]}/{quote(doctype)}" + (f"/{quote(name, safe='')}" if name else "")
        if "params" in more:
            params = {LIMITS[api] if key == "limit" else key: value for key, value in more["params"].items()}
            more = {**more, "params": params}
        return self.site.send(method, where, **more)

    def _told(self, doctype: str, answer: httpx.Response) -> Row:
        if answer.status_code == 200:
            told = self.site.read(doctype, answer)
            if isinstance(told, dict):
                return told
            raise self.site.unreadable(doctype)
        if answer.status_code == 202:
            raise self.site.said(
                f"{doctype}: 对方只排了队 (202), 还没有做", f"{doctype}: the site has put it off (202); it is not done"
            )
        if answer.status_code == 401:
            raise self.site.said("api_key 或 api_secret 不对", "the API key or its secret is wrong")
        kind, why = _error(answer)
        if kind == CHANGED:
            url = self.site.url
            raise ChangedError(Text(f"{url}: {doctype} 已被别人改过", f"{url}: {doctype} was changed meanwhile"))
        raise self.site.refused(doctype, why or f"HTTP {answer.status_code} {answer.reason_phrase}")

    def _document(self, doctype: str, told: Row) -> Row:
        found = told.get("data")
        if not isinstance(found, dict):
            raise self.site.unreadable(doctype)
        return found


def _error(answer: httpx.Response) -> tuple[str, str]:
    """What Frappe says went wrong, kind and words: v2 in a list, v1 with the type of its exception. Else nothing."""
    told = json_of(answer)
    if isinstance(told, dict) and isinstance(told.get("errors"), list):
        first = next((one for one in told["errors"] if isinstance(one, dict)), {})
        return str(first.get("type", "")), str(first.get("message", ""))
    if isinstance(told, dict) and told.get("exc_type"):
        return str(told["exc_type"]), str(told.get("exception") or told["exc_type"])
    return "", ""
