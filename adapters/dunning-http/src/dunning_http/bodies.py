"""The way in: who asks is known first, then the body is read exactly, and what is odd about it is a finding.

A key written twice is refused, for which one counts is a guess; a number with a point stays a float, which no amount
may be. Large bodies are read beside the event loop.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from dunning import Finding, Pointer, Text
from dunning_http.keys import Keyring
from dunning_http.problems import Problem

LARGE = 64 * 1024
"""From so many bytes on a body is read in a thread."""

_WHY = {
    "Expecting value": Text("应有一个值", "a value is missing"),
    "Expecting ',' delimiter": Text("缺少逗号", "a comma is missing"),
    "Expecting ':' delimiter": Text("缺少冒号", "a colon is missing"),
    "Expecting property name enclosed in double quotes": Text("应有带双引号的字段名", "a field name is missing"),
    "Unterminated string starting at": Text("引号没有关上", "a closing quote is missing"),
    "Extra data": Text("对象之后还有别的内容", "there is more after the object"),
}


class _TwiceError(Exception):
    """A key that an object has twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _TwiceError(key)
            seen.add(key)
    return found


def _number(text: str) -> float:
    """A number with a point or an exponent: what is whole is an int, as JSON Schema has it."""
    exact = Decimal(text)
    whole = exact.adjusted() < 20 and exact == exact.to_integral_value()
    return int(exact) if whole else float(text)


def _no_number(name: str) -> float:
    raise ValueError(name)


_decode = json.JSONDecoder(object_pairs_hook=_once, parse_float=_number, parse_constant=_no_number).decode


def decoded(body: bytes) -> Any:
    """The JSON of a body; Problem 400 with the place where it is none."""
    try:
        return _decode(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _not_json(error.start + 1, Text("不是 UTF-8", "it is not UTF-8")) from None
    except json.JSONDecodeError as error:
        raise _not_json(error.pos + 1, _WHY.get(error.msg, Text(error.msg, error.msg))) from None
    except _TwiceError as error:
        raise _unreadable(Finding("A105", Pointer(), {"name": error.args[0]})) from None
    except RecursionError:
        raise _not_json(1, Text("嵌套太深", "it is nested too deeply")) from None
    except ValueError:  # NaN, or a whole number of thousands of digits
        raise _not_json(1, Text("有一个数写不成十进制", "a number is no decimal, or too long")) from None


def _not_json(place: int, why: Text) -> Problem:
    return _unreadable(Finding("H101", Pointer(), {"place": place, "why": why}))


def _unreadable(finding: Finding) -> Problem:
    return Problem("not-json", Text(finding.message("zh"), finding.message("en")), findings=[finding])


class ExactRequest(Request):
    """A request whose body is read by `decoded`."""

    async def json(self) -> Any:
        body = await self.body()
        return decoded(body) if len(body) < LARGE else await asyncio.to_thread(decoded, body)


class GuardedRoute(APIRoute):
    """A route that knows the scope it needs, asks for the key before it reads the body, and takes nothing but JSON."""

    @property
    def scope(self) -> str | None:
        """The scope a key needs here, as the OpenAPI document says it; None: anybody may."""
        wanted = (self.openapi_extra or {}).get("security")
        return str(wanted[0]["key"][0]) if wanted else None

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            keys: Keyring | None = request.app.state.keys
            if keys is not None and self.scope is not None:
                request.state.key = keys.admit(request.headers.get("authorization", ""), self.scope).id
            exact = ExactRequest(request.scope, request.receive)
            if self.body_field is not None:
                await _only_json(exact)
            return await handle(exact)

        return guarded


async def _only_json(request: Request) -> None:
    written = request.headers.get("content-type", "")
    if written.partition(";")[0].strip().lower() != "application/json" and await request.body():
        told = Text("Content-Type 要是 application/json", "the Content-Type has to be application/json")
        raise Problem("media-type", told)
