"""`dunning-microcommunity audit` and `send`: its late-fee settings examined, and deliveries handed over to it."""

from __future__ import annotations

import json
import os
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from dunning import DunningError, UsageError, load_folder
from dunning.adapter import open_adapter
from dunning.adapter.documents import Text, has_errors, render
from dunning_microcommunity.accounts import CHINA
from dunning_microcommunity.audit import audit as examine
from dunning_microcommunity.audit import audit_dict
from dunning_microcommunity.sinks import CallableLog, CsvExport
from dunning_sql import Outbox, Sink, Store, work
from dunning_sql.worker import looking_again

app = typer.Typer(name="dunning-microcommunity", no_args_is_help=True, add_completion=False, rich_markup_mode=None)


class Lang(StrEnum):
    zh = "zh"
    en = "en"


Language = Annotated[Lang, typer.Option("--lang", help="zh / en")]
Url = Annotated[str, typer.Argument(help="数据库地址 · the database; or the variable DUNNING_SQL_URL")]


@app.command()
def audit(
    url: Url = "",
    community: Annotated[str, typer.Option(help="小区编号, 逗号隔开 · community_id, with commas between")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON · as JSON")] = False,
    lang: Language = Lang.zh,
) -> None:
    """检查违约金设置 · examine the late-fee settings. 有错误时退出码为 1 · exits 1 if there are errors."""
    try:
        findings = examine(url, community=community)
    except DunningError as error:
        _refuse(error, lang)
    if as_json:
        typer.echo(json.dumps(audit_dict(findings), ensure_ascii=False, indent=1))
    else:
        typer.echo(render(findings, lang.value), nl=False)
    raise typer.Exit(int(has_errors(findings)))


class Into(StrEnum):
    """The tables that may be written."""

    owe_fee_callable = "owe_fee_callable"


@app.command()
def send(
    store: Annotated[str, typer.Option(help="自带的库 · our store, as in adapter:microcommunity?store=...")],
    url: Url = "",
    write: Annotated[Into | None, typer.Option(help="写进它的催缴记录 · write into its dunning log")] = None,
    out: Annotated[Path | None, typer.Option("--csv", help="写成 CSV, 交给它的接口 · a CSV file for its API")] = None,
    rules: Annotated[
        Path | None,
        typer.Option(help="规则文件夹: 交出去之前再看一遍还该不该做 · look again whether each is still due"),
    ] = None,
    address: Annotated[
        str,
        typer.Option(
            help="再看一遍时用的地址, 与 dunning assess 用的一样 · for that, the address given to `dunning assess`"
        ),
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="最多几条 · at most so many")] = 1000,
    lang: Language = Lang.zh,
) -> None:
    """把到时候的催缴交出去 · hand over what may leave now, to one of the two."""
    if (write is None) == (out is None):
        raise typer.BadParameter("--write owe_fee_callable | --csv FILE")
    if (rules is None) == bool(address):
        raise typer.BadParameter("--rules DIR --address 'adapter:microcommunity?...'")
    if "://" not in store and not Path(store).exists():  # one letter off, and nothing would ever be sent
        told = Text(
            f"没有 {store} 这个库; dunning assess --deliver --yes 会建",
            f"there is no store {store}; `dunning assess --deliver --yes` makes one",
        )
        _refuse(UsageError(told), lang)
    try:
        outbox = Outbox(Store(store))
        sink: Sink = CsvExport(out, url) if out is not None else CallableLog(url)
        if isinstance(sink, CallableLog):
            for receipt in sink.heard():
                outbox.report(receipt)
        still = None
        if rules is not None:
            still = looking_again(open_adapter(address), load_folder(rules))
        worker = f"microcommunity-{os.getpid()}"
        receipts = work(outbox, sink, worker=worker, now=lambda: datetime.now(CHINA), still=still, limit=limit)
    except DunningError as error:
        _refuse(error, lang)
    for receipt in receipts:
        typer.echo(f"{receipt.key} {receipt.state} {receipt.detail}".rstrip())
    now = datetime.now(CHINA)
    waiting = [one.leaves(now) or now for one in outbox.waiting()]
    if waiting:
        first = f"{min(waiting).astimezone(CHINA):%Y-%m-%d %H:%M}"
        told = Text(f"还有 {len(waiting)} 条在等, 最早 {first}", f"{len(waiting)} wait, the first until {first}")
        typer.echo(told.to(lang.value), err=True)


def _refuse(error: DunningError, lang: Lang) -> NoReturn:
    typer.echo(f"{app.info.name}: {error.told(lang.value)}", err=True)
    raise typer.Exit(2)
