"""Starts the service: one socket, one or more worker processes, the address told on the first line."""

from __future__ import annotations

import ipaddress
import logging
import logging.config
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from dunning import Text, UsageError
from dunning_http.app import create_app
from dunning_http.settings import Settings

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "dunning_http": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "uvicorn.error": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}


def serve(
    rules: str | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    keys: str | None = None,
    workers: int = 1,
    **limits: Any,
) -> None:
    """Serves until it is interrupted. `limits` are the other fields of Settings.

    RulesError, UsageError: the rules or keys are no good; without keys it listens on this machine only.
    """
    settings = Settings(rules=rules, keys=keys, **limits)
    if keys is None and not _is_here(host):
        zh = f"在 {host} 上提供服务要有密钥: 先 dunning-http keys add NAME --scope assess, 再写 --keys"
        en = f"serving on {host} needs keys: dunning-http keys add NAME --scope assess, then --keys"
        raise UsageError(Text(zh, en))
    if keys is not None and not Path(keys).is_file():
        raise UsageError(
            Text(f"没有密钥文件 {keys}; 用 dunning-http keys add 建", f"no keys file {keys}; `dunning-http keys add`")
        )
    app = create_app(settings)  # before anything listens: the rules may be wrong
    settings.to_environment()
    config = uvicorn.Config(
        app if workers == 1 else "dunning_http.app:from_environment",
        factory=workers > 1,
        host=host,
        port=port,
        workers=workers,
        log_config=LOGGING,
        access_log=False,  # addresses and paths as they were typed
        server_header=False,
        ws="none",
    )
    logging.config.dictConfig(LOGGING)
    socket = config.bind_socket()
    socket.listen(config.backlog)  # who comes before the first process is ready waits for it
    shown = socket.getsockname()
    print(f"http://{f'[{shown[0]}]' if ':' in shown[0] else shown[0]}:{shown[1]}", flush=True)
    if workers > 1:
        Multiprocess(config, sockets=[socket]).run()
    else:
        uvicorn.Server(config).run(sockets=[socket])


def _is_here(host: str) -> bool:
    """Whether only programs on this machine reach it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
