"""dunning over HTTP: one JSON in, one JSON out, for ERPs written in anything.

`create_app(Settings(...))` gives the ASGI application, `serve` runs it; docs/embedder/service.md says what it answers.
Names are imported when first asked for: the process that checks drafts needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dunning_http.app import create_app
    from dunning_http.server import serve
    from dunning_http.settings import Settings

__all__ = ["Settings", "create_app", "serve"]

_HOMES = {"Settings": "settings", "create_app": "app", "serve": "server"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dunning_http' has no attribute {name!r}")
    return getattr(import_module(f"dunning_http.{_HOMES[name]}"), name)
