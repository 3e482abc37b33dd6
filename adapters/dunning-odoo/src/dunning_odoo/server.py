"""An Odoo server: JSON-2 (19 and later) or JSON-RPC (14 to 21), whichever answers; both give the same rows here.

Numbers with a point are read as they are written, never as floats. Odoo's False for "no value" is None here.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from dunning.adapter import AdapterError
from dunning.adapter.documents import Text

Row = dict[str, Any]
Domain = Sequence[Any]

APIS = ("auto", "json2", "jsonrpc")
SINCE_JSON2 = 19
"""The first version that has JSON-2."""


class Server:
    """One database, as one user. Nothing is sent before the first call, and each call is a transaction of its own."""

    def __init__(self, url: str, database: str, user: str, key: str, *, api: str, page: int, timeout: float) -> None:
        self.url = url.rstrip("/")
        self.database = database
        self.user = user
        self.key = key
        self.api = api
        self.page = page
        self.uid: int | None = None
        self.version = SINCE_JSON2
        self.context: Mapping[str, object] = {"active_test": False, "lang": "en_US"}
        self.now: datetime | None = None
        self.http = httpx.Client(timeout=timeout)
        weakref.finalize(self, self.http.close)  # an adapter has no end that anybody tells it

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
        """The records of a domain by their ids, a page at a time from where the last one ended: none is left out or
        given twice, whatever is added meanwhile.
        """
        last = 0
        while True:
            here = [["id", ">", last], *domain]
            asked: Row = {"domain": here, "fields": list(fields), "limit": self.page, "order": "id", **more}
            page = [_with_none(row) for row in self.call(model, "search_read", **asked)]
            if page:
                yield page
                last = page[-1]["id"]
            if len(page) < self.page:
                return

    def read(self, model: str, domain: Domain, fields: Sequence[str], **more: object) -> list[Row]:
        """All records of a domain, in the order of their ids, those out of use too."""
        return [row for page in self.pages(model, domain, fields, **more) for row in page]

    def asked(self) -> datetime:
        """The server's time of its last answer."""
        assert self.now is not None
        return self.now

    # the two ways of asking

    def _json2(self, model: str, method: str, arguments: Mapping[str, object]) -> Any:
        what = f"{model}.{method}"
        headers = {"Authorization": f"bearer {self.key}", "X-Odoo-Database": self.database}
        answer = self._post(f"/json/2/{model}/{method}", arguments, headers)
        told = self._read(what, answer) if _is_json(answer) else None
        if answer.status_code == 200 and _is_json(answer):
            return told
        if answer.status_code == 401:
            raise self._said(
                "API 密钥不对或已过期 (Odoo 的密钥最多用三个月)",
                "the API key is wrong or has run out (Odoo's keys live three months at most)",
            )
        if answer.status_code == 404 and not isinstance(told, dict):
            if self.api == "auto":
                return _NO_JSON2
            raise self._said("这里没有 JSON-2 (Odoo 19 起才有)", "there is no JSON-2 here (Odoo has it since 19)")
        why = told.get("message") if isinstance(told, dict) else None
        raise self._refused(what, why or f"HTTP {answer.status_code} {answer.reason_phrase}")

    def _jsonrpc(self, what: str, service: str, method: str, args: Sequence[object]) -> Any:
        params = {"service": service, "method": method, "args": args}
        answer = self._post("/jsonrpc", {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}, {})
        if answer.status_code == 404:
            raise self._said(
                "JSON-2 和 /jsonrpc 都没有: 这里不是 Odoo, 或版本在支持之外",
                "neither JSON-2 nor /jsonrpc is here: this is no Odoo, or none of the supported versions",
            )
        if answer.status_code != 200:
            raise self._refused(what, f"HTTP {answer.status_code} {answer.reason_phrase}")
        told = self._read(what, answer)
        if not isinstance(told, dict) or not ("result" in told or "error" in told):
            raise self._unreadable(what)
        if "error" in told:  # with HTTP 200
            error = told["error"] if isinstance(told["error"], dict) else {}
            data = error.get("data") if isinstance(error.get("data"), dict) else {}
            raise self._refused(what, str((data or {}).get("message") or error.get("message") or "?"))
        return told["result"]

    def _log_in(self) -> None:
        if not self.user:
            raise self._said(
                "这个 Odoo 没有 JSON-2, 走 /jsonrpc 要写登录名: user=...",
                "this Odoo has no JSON-2; for /jsonrpc give the login too: user=...",
            )
        told = self._jsonrpc("common.version", "common", "version", [])
        info = told.get("server_version_info") if isinstance(told, dict) else None
        if not isinstance(info, list) or not info:
            raise self._unreadable("common.version")
        self.version = int(str(info[0]).rpartition("~")[2])  # hosted ones say `saas~18`
        uid = self._jsonrpc("common.authenticate", "common", "authenticate", [self.database, self.user, self.key, {}])
        if not isinstance(uid, int) or isinstance(uid, bool):
            raise self._said("数据库、登录名或密钥不对", "the database, the login or the key is wrong")
        self.uid = uid

    def _post(self, path: str, body: Mapping[str, object], headers: Mapping[str, str]) -> httpx.Response:
        content = json.dumps(body)
        try:
            answer = self.http.post(
                self.url + path, content=content, headers={"Content-Type": "application/json", **headers}
            )
        except httpx.HTTPError as error:
            raise self._said(f"连不上 ({error})", f"cannot be reached ({error})") from error
        try:
            self.now = parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)
        except (KeyError, ValueError) as error:
            raise self._said("回答里没有时间 (Date)", "the answer has no time (its Date header)") from error
        return answer

    def _read(self, what: str, answer: httpx.Response) -> Any:
        try:
            return json.loads(answer.content, parse_float=Decimal)
        except ValueError as error:
            raise self._unreadable(what) from error

    # what goes wrong

    def _said(self, zh: str, en: str) -> AdapterError:
        return AdapterError(Text(f"{self.url}: {zh}", f"{self.url}: {en}"))

    def _refused(self, what: str, why: str) -> AdapterError:
        first = why.strip().splitlines()[0] if why.strip() else "?"
        return self._said(f"{what} 被拒绝: {first}", f"{what} was refused: {first}")

    def _unreadable(self, what: str) -> AdapterError:
        return self._said(f"{what} 的回答看不懂", f"the answer to {what} cannot be read")


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
