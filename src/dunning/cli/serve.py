"""`dunning serve`: the HTTP service, which is a package of its own and is looked up when it is asked for."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Annotated, Any

import typer

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.cli.options import Rules
from dunning.cli.speech import says


def serve(
    rules: Rules = None,
    host: Annotated[str, typer.Option(help=says("监听的地址", "the address to listen on"))] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help=says("端口; 0 为任一个空的", "the port; 0: one that is free"))
    ] = 8765,
    keys: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help=says(
                "密钥文件, 用 dunning-http keys add 建; 不写则只对本机, 不问是谁",
                "the keys file, made by dunning-http keys add; without it: this machine only, and nobody is asked",
            ),
            show_default=False,
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help=says("几个进程", "processes"))] = 1,
) -> None:
    """Answer over HTTP."""
    start = service("http", Text("HTTP 服务", "the HTTP service"), "pip install ./adapters/dunning-http")
    start(rules, host=host, port=port, keys=keys, workers=workers)


def service(name: str, what: Text, pip: str) -> Any:
    """What a package of its own does for a command. UsageError with the pip line where it, or what it needs, is not
    installed.
    """
    from dunning.adapter.lookup import SERVICES

    found = {entry.name: entry for entry in entry_points(group=SERVICES)}
    if name not in found:
        zh = f"{what.zh}没有安装; 在 dunning 的源码目录里运行: {pip}"
        raise UsageError(Text(zh, f"{what.en} is not installed; in a copy of dunning's source, run: {pip}"))
    try:
        return found[name].load()
    except ModuleNotFoundError as error:
        zh = f"{what.zh}需要 {error.name}, 这里没有装; 在 dunning 的源码目录里运行: {pip}"
        en = f"{what.en} needs {error.name}, which is not installed; in a copy of dunning's source, run: {pip}"
        raise UsageError(Text(zh, en)) from error
