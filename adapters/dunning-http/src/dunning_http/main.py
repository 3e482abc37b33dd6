"""`dunning-http serve` and `dunning-http keys`: `dunning serve` with all its limits, and who may ask."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import dunning
from dunning_http.keys import SCOPES, Keyring
from dunning_http.server import serve as run
from dunning_http.settings import Settings
from dunning_http.shelf import today

DEFAULTS = Settings()
KeysFile = Annotated[Path, typer.Option("--keys", help="密钥文件 · the keys file")]

app = typer.Typer(name="dunning-http", no_args_is_help=True, add_completion=False, rich_markup_mode=None)
keys_app = typer.Typer(no_args_is_help=True, help="密钥: 谁可以问什么 · keys: who may ask what")
app.add_typer(keys_app, name="keys")


@app.command()
def serve(
    rules: Annotated[str | None, typer.Option(help="规则文件夹 · the rules folder; by default the shipped one")] = None,
    host: Annotated[str, typer.Option(help="监听地址 · the address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口, 0 任选 · the port; 0: any")] = 8765,
    keys: Annotated[str | None, typer.Option(help="密钥文件 · the keys file; without one nobody is asked")] = None,
    workers: Annotated[int, typer.Option(min=1, help="几个进程 · processes")] = 1,
    max_body: Annotated[int, typer.Option(help="请求体上限 (字节) · bytes of a body")] = DEFAULTS.max_body,
    max_accounts: Annotated[int, typer.Option(help="一次几户 · accounts in a request")] = DEFAULTS.max_accounts,
    max_seconds: Annotated[float, typer.Option(help="一次几秒 · seconds for one answer")] = DEFAULTS.max_seconds,
    max_timeline_days: Annotated[
        int, typer.Option(help="一次演几天 · days played at once")
    ] = DEFAULTS.max_timeline_days,
    threads: Annotated[int, typer.Option(min=1, help="几个线程 · threads of a process")] = DEFAULTS.threads,
    watch_seconds: Annotated[
        float, typer.Option(help="几秒看一次文件 · seconds between looks")
    ] = DEFAULTS.watch_seconds,
) -> None:
    """提供 HTTP 服务 · serve."""
    run(
        rules,
        host=host,
        port=port,
        keys=keys,
        workers=workers,
        max_body=max_body,
        max_accounts=max_accounts,
        max_seconds=max_seconds,
        max_timeline_days=max_timeline_days,
        threads=threads,
        watch_seconds=watch_seconds,
    )


@keys_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="给谁用 · whose it is, or for what")],
    scope: Annotated[list[str], typer.Option(metavar="|".join(SCOPES), help="权限, 可写几个 · may be repeated")],
    keys: KeysFile = Path("keys.json"),
) -> None:
    """做一把密钥, 只显示这一次 · make a key; it is shown this once."""
    typer.echo(Keyring(keys).add(name, scope, on=today()))


@keys_app.command("list")
def list_(keys: KeysFile = Path("keys.json")) -> None:
    """有哪些密钥 · which keys there are."""
    for key in Keyring(keys).keys:
        typer.echo(f"{key.id}  {key.created}  {key.name}  {','.join(key.scopes)}")


@keys_app.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="名字或编号 · its name or id")], keys: KeysFile = Path("keys.json")
) -> None:
    """作废一把密钥 · take a key away."""
    Keyring(keys).remove(name)


def main() -> None:
    """Run the command line; what is wrong with rules or call is told, with exit code 2."""
    try:
        app()
    except dunning.DunningError as error:
        sys.stderr.write(f"dunning-http: {error.told('zh')}\n{error.told('en')}\n")
        sys.exit(2)
