"""The outermost layer: an id for every request, a bound for every body, one log line, and no traceback for anybody.

The log says what was asked for, how long it took and how much it was: never a path as it was typed, a body, an account
or an address, for each of them can name a person.
"""

from __future__ import annotations

import logging
import secrets
import time
import traceback

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dunning import Text
from dunning_http.problems import Problem, response_of

LOG = logging.getLogger("dunning_http")

_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"vary", b"Accept-Language"),
]


class Door:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, *, max_body: int) -> None:
        self._app = app
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = _Visit(scope, receive, send, self._max_body)
        try:
            visit.refuse_length()
            await self._app(scope, visit.receive, visit.send)
        except Problem as problem:
            await visit.answer(problem)
        except Exception as error:  # noqa: BLE001  # told to the log without its words, which may quote a record
            LOG.error("%s failed: %s", visit.id, without_words(error))
            await visit.answer(
                Problem("internal", Text("请把请求编号告诉维护人员", "tell the operators the request's id"))
            )
        finally:
            visit.log()


class _Visit:
    """One request on its way through."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, max_body: int) -> None:
        self.id = secrets.token_hex(8)
        self.scope = scope
        scope.setdefault("state", {})["request_id"] = self.id
        self._receive, self._send = receive, send
        self._max_body = max_body
        self._began = time.perf_counter()
        self._came = self._went = self._status = 0

    def refuse_length(self) -> None:
        """A body that says it is too long is not read at all."""
        for name, value in self.scope["headers"]:
            if name == b"content-length" and int(value) > self._max_body:
                raise self._too_large()

    async def receive(self) -> Message:
        message = await self._receive()
        self._came += len(message.get("body", b""))
        if self._came > self._max_body:
            raise self._too_large()
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", self.id.encode()), *_HEADERS]
        self._went += len(message.get("body", b""))
        await self._send(message)

    async def answer(self, problem: Problem) -> None:
        if not self._status:  # else half an answer is out already, and the connection ends there
            await response_of(problem, Request(self.scope))(self.scope, self.receive, self.send)

    def log(self) -> None:
        route = self.scope.get("route")
        state = self.scope["state"]
        LOG.info(
            "%s %s %s %d %.1fms in=%d out=%d accounts=%s key=%s",
            self.id,
            self.scope["method"] if route is not None else "-",
            getattr(route, "path", "-"),
            self._status,
            (time.perf_counter() - self._began) * 1000,
            self._came,
            self._went,
            state.get("accounts", "-"),
            state.get("key", "-"),
        )

    def _too_large(self) -> Problem:
        size = f"{self._max_body:,}"
        return Problem("too-large", Text(f"最多 {size} 字节", f"{size} bytes at most"))


def without_words(error: BaseException) -> str:
    """What kind of error it was and where, without its message or any value."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in reversed(frames)
    )
    return f"{type(error).__name__} at {places}"
