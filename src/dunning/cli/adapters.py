"""`dunning adapters`: which adapters are installed or known, and what each can do."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from dunning.basis.errors import UsageError
from dunning.cli.options import LangOption
from dunning.cli.speech import chosen, says


def adapters(
    address: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME?KEY=VALUE&...]",
            help=says("打开这一个, 看它到底能做什么", "open this one, and say what it really can do"),
            show_default=False,
        ),
    ] = None,
    shape: Annotated[
        str, typer.Option("--format", metavar="text|json", help=says("格式", "format"), show_default=True)
    ] = "text",
    lang: LangOption = None,
) -> None:
    """The adapters that are installed or known, with what each can do."""
    from dunning.adapter.errors import AdapterError
    from dunning.adapter.lookup import KNOWN, installed, open_adapter
    from dunning.adapter.protocol import Capabilities
    from dunning.basis.finding import Text
    from dunning.cli.adapter_tables import adapters_table
    from dunning.cli.terminal import console

    spoken = chosen(lang)
    if shape not in ("text", "json"):
        raise UsageError(f"--format {shape}: text | json")
    here = installed()
    found: dict[str, Capabilities | Text | None] = {}
    if address is not None:
        opened = open_adapter(address)
        name = address.removeprefix("adapter:").partition("?")[0]
        found = {name: opened.capabilities()}
    else:
        for name in sorted({*here, *KNOWN}):
            try:
                found[name] = here[name].declared() if name in here else None
            except AdapterError as error:
                found[name] = error.message
    if shape == "json":
        typer.echo(json.dumps([_told(name, here.get(name), can) for name, can in found.items()], ensure_ascii=False))
        return
    console().print(adapters_table([(name, here.get(name), can) for name, can in found.items()], spoken))


def _told(name: str, here: Any, can: Any) -> dict[str, Any]:
    """One adapter as data; `capabilities` null: open it to see, or it is not installed."""
    from dunning.adapter.lookup import KNOWN
    from dunning.adapter.protocol import Capabilities

    declared = None
    if isinstance(can, Capabilities):
        declared = {**asdict(can), "lists": sorted(can.lists)}
    distribution = here.distribution if here else KNOWN[name].distribution
    return {
        "name": name,
        "distribution": distribution,
        "version": here.version if here else None,
        "capabilities": declared,
    }
