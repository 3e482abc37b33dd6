"""The application: its rules and keys, the routes, and what watches the files."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

import dunning
from dunning_http.checking import Checks
from dunning_http.door import LOG, Door, without_words
from dunning_http.keys import Keyring
from dunning_http.openapi import describe
from dunning_http.problems import Problem, from_http, from_library, response_of
from dunning_http.refusals import from_validation
from dunning_http.routes import router
from dunning_http.settings import Settings
from dunning_http.shelf import Shelf
from dunning_http.work import Workroom

CHECKS = 2
"""How many folders are checked at a time, each in a process of its own."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """The ASGI application. RulesError, UsageError where the rules or the keys it is to start with are no good."""
    chosen = settings or Settings()
    app = FastAPI(
        title="dunning",
        version=version("dunning-http"),
        description="物业费催缴: 欠多少, 今天能做什么, 不能做什么, 为什么. Property-fee dunning over HTTP.",
        docs_url=None,  # the pages that show it would be fetched from elsewhere
        redoc_url=None,
        lifespan=_living,
    )
    app.state.settings = chosen
    app.state.shelf = Shelf(chosen.rules)
    app.state.keys = None if chosen.keys is None else Keyring(chosen.keys)
    app.state.room = Workroom(chosen.threads, chosen.max_seconds)
    app.state.checks = Checks(CHECKS, chosen.max_seconds)
    app.include_router(router)
    app.add_middleware(Door, max_body=chosen.max_body)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _refused)
    app.add_exception_handler(dunning.DunningError, _refused)
    _describe_once(app, chosen)
    return app


def from_environment() -> FastAPI:
    """The application of a worker process."""
    return create_app(Settings.from_environment())


async def _refused(request: Request, error: Exception) -> Response:
    match error:
        case Problem():
            return response_of(error, request)
        case RequestValidationError():
            return response_of(from_validation(error), request)
        case HTTPException():
            return response_of(from_http(error), request)
        case dunning.DunningError():
            return response_of(from_library(error), request)
        case _:
            raise error


def _describe_once(app: FastAPI, settings: Settings) -> None:
    """FastAPI's own way to say what the document is: a method of the application's is replaced."""
    made: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not made:
            made.update(describe(app, settings))
        return made

    app.openapi = openapi  # type: ignore[method-assign]


@contextlib.asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    """While the service is up, its files are looked at every few seconds."""
    settings: Settings = app.state.settings
    watch = asyncio.create_task(_watch(app, settings.watch_seconds)) if settings.watch_seconds else None
    try:
        yield
    finally:
        if watch is not None:
            watch.cancel()
        app.state.room.close()


async def _watch(app: FastAPI, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        looks: list[Callable[[], None]] = [app.state.shelf.look]
        if app.state.keys is not None:
            looks.append(app.state.keys.look)
        for look in looks:
            try:
                await asyncio.to_thread(look)
            except Exception as error:  # noqa: BLE001  # what is in use stays in use, and the next look comes
                LOG.error("looking at the files failed: %s", without_words(error))
