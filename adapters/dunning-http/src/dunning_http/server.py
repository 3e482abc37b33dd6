"""Starts the service: one socket, one or more worker processes, the address told on the first line."""

from __future__ import annotations

import ipaddress
import logging
import logging.config
import socket
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
    with _listening(host, port, config.backlog) as listener:
        shown, port = listener.getsockname()[:2]
        print(f"http://{f'[{shown}]' if ':' in shown else shown}:{port}", flush=True)
        if workers > 1:
            Multiprocess(config, sockets=[listener]).run()
        else:
            uvicorn.Server(config).run(sockets=[listener])


def _listening(host: str, port: int, backlog: int) -> socket.socket:
    """The socket for all processes; who comes before the first of them is ready waits.

    It says by name that it speaks TCP, for only then asyncio sends an answer at once instead of waiting 40 ms for more.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(Text(f"不能监听 {host}:{port}: {why}", f"cannot listen on {host}:{port}: {why}")) from error
    listener.listen(backlog)
    listener.set_inheritable(True)
    return listener


def _is_here(host: str) -> bool:
    """Whether only programs on this machine reach it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
