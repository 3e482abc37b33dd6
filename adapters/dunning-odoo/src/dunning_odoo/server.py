"""An Odoo server: JSON-2 (19 and later) or JSON-RPC (14 to 21), whichever answers; both give the same rows here.

Numbers with a point are read as they are written, never as floats. Odoo's False for "no value" is None here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx

from dunning.adapter.web import Site, json_of, pages

Row = dict[str, Any]
Domain = Sequence[Any]

APIS = ("auto", "json2", "jsonrpc")
SINCE_JSON2 = 19
"""The first version that has JSON-2."""


class Server:
    """One database, as one user. Nothing is sent before the first call, and each call is a transaction of its own."""

    def __init__(self, url: str, database: str, user: str, key: str, *, api: str, page: int, timeout: float) -> None:
        self.site = Site(url, timeout=timeout)
        self.database = database
        self.user = user
        self.key = key
        self.api = api
        self.page = page
        self.uid: int | None = None
        self.version = SINCE_JSON2
        self.context: Mapping[str, object] = {"active_test": False, "lang": "en_US"}

    def call(self, model: str, method: str, ids: Sequence[int] = (), **arguments: Any) -> Any:
        """What a method of a model returns; `context` among the arguments adds to what every call has."""
        context = {**self.context, **arguments.pop("context", {})}
        if self.api != "jsonrpc":
            of = {"ids": list(ids)} if ids else {}
            answer = self._json2(model, method, {**of, **arguments, "context": context})
            if self.api == "json2" or answer is not _NO_JSON2:
                self.api = "json2"
                return answer
            self.api = "jsonrpc"
        if self.uid is None:
            self._log_in()
        who = [self.database, self.uid, self.key]
        what = [model, method, [list(ids)] if ids else [], {**arguments, "context": context}]
        return self._jsonrpc(f"{model}.{method}", "object", "execute_kw", [*who, *what])

    def pages(self, model: str, domain: Domain, fields: Sequence[str], **more: object) -> Iterator[list[Row]]:
        """The records of a domain in the order of their ids, a page at a time, those out of use too."""
        asked: Row = {"fields": list(fields), "limit": self.page, "order": "id", **more}

        def after(last: object) -> tuple[list[Row], bool]:
            page = self.call(model, "search_read", domain=[["id", ">", last], *domain], **asked)
            return list(map(_with_none, page)), len(page) == self.page

        return pages(after, "id", 0)

    def read(self, model: str, domain: Domain, fields: Sequence[str], **more: object) -> list[Row]:
        """All records of a domain, as `pages` gives them."""
        return [row for page in self.pages(model, domain, fields, **more) for row in page]

    # the two ways of asking

    def _json2(self, model: str, method: str, arguments: Mapping[str, object]) -> Any:
        what, path = f"{model}.{method}", f"/json/2/{model}/{method}"
        headers = {"Authorization": f"bearer {self.key}", "X-Odoo-Database": self.database}
        answer = self.site.send("POST", path, json=arguments, headers=headers)
        if answer.status_code == 200 and _is_json(answer):
            return self.site.read(what, answer)
        if answer.status_code == 401:
            raise self.site.said(
                "API 密钥不对或已过期 (Odoo 的密钥最多用三个月)",
                "the API key is wrong or has run out (Odoo's keys live three months at most)",
            )
        told = json_of(answer)
        if answer.status_code == 404 and not isinstance(told, dict):
            if self.api == "auto":
                return _NO_JSON2
            raise self.site.said("这里没有 JSON-2 (Odoo 19 起才有)", "there is no JSON-2 here (Odoo has it since 19)")
        why = told.get("message") if isinstance(told, dict) else None
        raise self.site.refused(what, why or f"HTTP {answer.status_code} {answer.reason_phrase}")

    def _jsonrpc(self, what: str, service: str, method: str, args: Sequence[object]) -> Any:
        params = {"service": service, "method": method, "args": args}
        body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        answer = self.site.send("POST", "/jsonrpc", json=body)
        if answer.status_code == 404:
            raise self.site.said(
                "JSON-2 和 /jsonrpc 都没有: 这里不是 Odoo, 或版本在支持之外",
                "neither JSON-2 nor /jsonrpc is here: this is no Odoo, or none of the supported versions",
            )
        if answer.status_code != 200:
            raise self.site.refused(what, f"HTTP {answer.status_code} {answer.reason_phrase}")
        told = self.site.read(what, answer)
        if not isinstance(told, dict) or not ("result" in told or "error" in told):
            raise self.site.unreadable(what)
        if "error" in told:  # with HTTP 200
            error = told["error"] if isinstance(told["error"], dict) else {}
            data = error.get("data") if isinstance(error.get("data"), dict) else {}
            raise self.site.refused(what, str((data or {}).get("message") or error.get("message") or ""))
        return told["result"]

    def _log_in(self) -> None:
        if not self.user:
            raise self.site.said(
                "这个 Odoo 没有 JSON-2, 走 /jsonrpc 要写登录名: user=...",
                "this Odoo has no JSON-2; for /jsonrpc give the login too: user=...",
            )
        told = self._jsonrpc("common.version", "common", "version", [])
        info = told.get("server_version_info") if isinstance(told, dict) else None
        if not isinstance(info, list) or not info:
            raise self.site.unreadable("common.version")
        self.version = int(str(info[0]).rpartition("~")[2])  # hosted ones say `saas~18`
        uid = self._jsonrpc("common.authenticate", "common", "authenticate", [self.database, self.user, self.key, {}])
        if not isinstance(uid, int) or isinstance(uid, bool):
            raise self.site.said("数据库、登录名或密钥不对", "the database, the login or the key is wrong")
        self.uid = uid


_NO_JSON2 = object()


def _is_json(answer: httpx.Response) -> bool:
    kind: str = answer.headers.get("Content-Type", "")
    return kind.startswith("application/json")


def _with_none(row: Row) -> Row:
    """Odoo writes False for every empty field but a truth, and a link as [id, name]: here None, and the id alone."""
    found = {}
    for name, value in row.items():
        if isinstance(value, list) and len(value) == 2 and isinstance(value[1], str):
            found[name] = value[0]
        else:
            found[name] = None if value is False else value
    return found
