"""A Tryton server over JSON-RPC: log in, call a method, page through records, ask what time it has.

Money and days come as tagged objects and stay exact. Tryton is GPL, so it is spoken to and never imported.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from dunning.adapter.web import Site, pages

Row = dict[str, Any]
Domain = list[Any]

PATHS = ("/rpc/", "/")
"""Where a database is spoken to: `/DB/rpc/` since Tryton 7.4, `/DB/` before."""


class Server:
    """One database of one server, as one user. Nothing is sent before the first call; a lost session is begun anew."""

    def __init__(self, url: str, database: str, user: str, password: str, timeout: float) -> None:
        self.site = Site(f"{url.rstrip('/')}/{database}", timeout=timeout)
        self.user = user
        self.password = password
        self.path: str | None = None
        self.context: Mapping[str, Any] = {}

    def call(self, method: str, *params: object, **context: object) -> Any:
        """The result of `model.NAME.METHOD`; `context` is added to the user's own."""
        if self.path is None:
            self._log_in()
        answer = self._post(method, [*params, {**self.context, **context}])
        if answer.status_code in (401, 403):  # the session has run out; nothing was done
            self._log_in()
            answer = self._post(method, [*params, {**self.context, **context}])
        return self._result(method, answer)

    def read(self, model: str, domain: Domain, fields: Sequence[str], **context: object) -> list[Row]:
        """All records of a domain, in the order of their ids, those out of use too."""
        return self._search(model, domain, None, fields, **context)

    def pages(self, model: str, domain: Domain, fields: Sequence[str], size: int) -> Iterator[list[Row]]:
        """The records of a domain in the order of their ids, `size` at a time."""

        def after(last: object) -> tuple[list[Row], bool]:
            page = self._search(model, [domain, ["id", ">", last]], size, fields)
            return page, len(page) == size

        return pages(after, "id", -1)

    def _search(
        self, model: str, domain: Domain, limit: int | None, fields: Sequence[str], **context: object
    ) -> list[Row]:
        asked = (domain, 0, limit, [["id", "ASC"]], list(fields))
        found: list[Row] = self.call(f"model.{model}.search_read", *asked, **{"active_test": False, **context})
        return found

    def _log_in(self) -> None:
        """Try where this server listens, then log in; a session is a token that goes with every call."""
        self.context = {}
        self.site.http.headers.pop("Authorization", None)
        params = [self.user, {"password": self.password}, "en"]
        for path in PATHS if self.path is None else (self.path,):
            self.path = path
            answer = self._post("common.db.login", params)
            if answer.status_code not in (404, 405):
                break
        if answer.status_code == 401:
            self.path = None
            raise self.site.said("用户名或密码不对", "the user or the password is wrong")
        if answer.status_code in (404, 405):
            self.path = None
            raise self.site.said("这里没有 Tryton 的这个数据库", "there is no such database of Tryton here")
        uid, token, *_ = self._result("common.db.login", answer)
        session = base64.b64encode(f"{self.user}:{uid}:{token}".encode()).decode()
        self.site.http.headers["Authorization"] = f"Session {session}"
        method = "model.res.user.get_preferences"
        self.context = self._result(method, self._post(method, [True, {}]))

    def _post(self, method: str, params: Sequence[object]) -> httpx.Response:
        body = json.dumps({"id": 1, "method": method, "params": params}, default=_tagged)
        return self.site.send("POST", self.path or "/", content=body, headers={"Content-Type": "application/json"})

    def _result(self, method: str, answer: httpx.Response) -> Any:
        if answer.status_code != 200:
            told = f"HTTP {answer.status_code} {answer.reason_phrase}"
            raise self.site.said(f"{method} 得到 {told}", f"{method} was answered with {told}")
        told = self.site.read(method, answer, hook=_untagged)
        if not isinstance(told, dict) or ("result" not in told and "error" not in told):
            raise self.site.unreadable(method)
        if "error" in told:
            raise self.site.refused(method, _sentence(told["error"]))
        return told["result"]


def _sentence(error: object) -> str:
    """Tryton's own: `["UserError", ["Line can be used only once", ...]]`, or the text of an exception."""
    while isinstance(error, list) and error:
        error = error[1] if error[0] in ("UserError", "UserWarning") and len(error) > 1 else error[0]
    return str(error) if error else ""


def _untagged(found: dict[str, Any]) -> Any:
    match found.get("__class__"):
        case "Decimal":
            return Decimal(found["decimal"])
        case "date":
            return date(found["year"], found["month"], found["day"])
        case "datetime":  # Tryton keeps its times in UTC
            clock = (found["hour"], found["minute"], found["second"], found["microsecond"])
            return datetime(found["year"], found["month"], found["day"], *clock, tzinfo=UTC)
        case "timedelta":
            return timedelta(seconds=float(found["seconds"]))
        case _:
            return found


def _tagged(value: object) -> Row:
    """What of ours goes to the server: times, in UTC."""
    if not isinstance(value, datetime):
        raise TypeError(type(value).__name__)
    at = value.astimezone(UTC)
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime", **{part: getattr(at, part) for part in parts}}
