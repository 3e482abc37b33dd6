"""Adapters by name: found through entry points, imported when used.

`adapter:sql?mapping=mapping.yaml` names an adapter and what to open it with. Three things can be wrong with a name, and
each has an error of its own, for each has its own way out.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import NamedTuple
from urllib.parse import unquote

from dunning.adapter.errors import AdapterError, AdapterMisspeltError, AdapterUnknownError, DependencyMissingError
from dunning.adapter.protocol import Adapter, Capabilities
from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.lang.text.names import did_you_mean, nearest

GROUP = "dunning.adapters"
SERVICES = "dunning.services"
"""What packages of their own bring besides: `http`, `sql-map`, and `store`, which opens one at an address."""

SCHEME = "adapter:"


class Known(NamedTuple):
    """An adapter of ours: its distribution, what it connects, and those of ours that it stands on."""

    distribution: str
    connects: Text
    needs: tuple[str, ...] = ()

    @property
    def pip(self) -> str:
        """The line that installs it in a copy of the project, which is where they are."""
        return "pip install " + " ".join(f"./adapters/{one}" for one in (*self.needs, self.distribution))


KNOWN: Mapping[str, Known] = {
    "erpnext": Known("dunning-erpnext", Text("ERPNext (REST v1、v2)", "ERPNext (REST v1, v2)")),
    "microcommunity": Known(
        "dunning-microcommunity", Text("MicroCommunity (MySQL)", "MicroCommunity (MySQL)"), ("dunning-sql",)
    ),
    "odoo": Known("dunning-odoo", Text("Odoo 14 以上 (JSON-2、JSON-RPC)", "Odoo 14 and later (JSON-2, JSON-RPC)")),
    "sql": Known("dunning-sql", Text("任何关系数据库, 写一个映射文件", "any relational database, by one mapping file")),
    "tryton": Known("dunning-tryton", Text("Tryton 7、8 (JSON-RPC)", "Tryton 7 and 8 (JSON-RPC)")),
}
"""Our adapters by name."""


class Installed(NamedTuple):
    """An adapter that is installed: its name, its distribution with version, and what opens it (lazily)."""

    name: str
    distribution: str
    version: str
    entry: EntryPoint

    def declared(self) -> Capabilities | None:
        """What it can do at most, where its module says so unopened: `CAPABILITIES` beside what opens it.

        AdapterError if it cannot be imported: DependencyMissingError for a package that is not there.
        """
        module = sys.modules.get(opener_of(self.name).__module__)
        found = getattr(module, "CAPABILITIES", None)
        return found if isinstance(found, Capabilities) else None


def installed() -> dict[str, Installed]:
    """The adapters installed here by name; none of them is imported."""
    found = {}
    for entry in sorted(entry_points(group=GROUP)):
        dist = entry.dist
        found[entry.name] = Installed(entry.name, dist.name if dist else "", dist.version if dist else "", entry)
    return found


def open_adapter(address: str, **options: str) -> Adapter:
    """The adapter `NAME`, `NAME?key=value&...` or `adapter:NAME?...`, opened with those options and `options`.

    AdapterUnknownError, AdapterMisspeltError or DependencyMissingError for the name; UsageError for an option the
    adapter does not have, or one it needs; AdapterError as the adapter itself raises when its ERP is not there.
    """
    name, _, query = address.removeprefix(SCHEME).partition("?")
    opener = opener_of(name)
    given = {**_options(query), **options}
    _fitting(name, opener, given)
    try:
        adapter = opener(**given)
    except ModuleNotFoundError as error:  # an adapter may import its driver only when it knows which
        raise _missing(name, error) from error
    if not isinstance(adapter, Adapter):
        told = Text(f"{name} 打开的不是适配器", f"what {name} opened is no adapter (dunning.adapter.Adapter)")
        raise AdapterError(told)
    return adapter


def opener_of(name: str) -> Callable[..., object]:
    """What opens the adapter of that name; the three errors of a name as `open_adapter` raises them."""
    here = installed()
    if name not in here:
        raise _unknown(name, list(here))
    try:
        opener: Callable[..., object] = here[name].entry.load()
    except ModuleNotFoundError as error:
        raise _missing(name, error) from error
    except (ImportError, AttributeError) as error:  # written for another version of dunning, or of its own packages
        pip = f"pip install -U {here[name].distribution}"
        raise AdapterError(
            Text(
                f"适配器 {name} 和这里的 dunning 对不上 ({error}); 运行: {pip}",
                f"the adapter {name} does not go with this dunning ({error}); run: {pip}",
            )
        ) from error
    return opener


def _options(query: str) -> dict[str, str]:
    """`key=value&...`, %-escapes undone. A plus stays a plus, for it stands in the addresses of databases."""
    options: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        key, is_, value = map(unquote, part.partition("="))
        if not is_ or key in options:
            raise UsageError(  # without the value: it may be a password
                Text(
                    "? 后面写 名字=值, 用 & 隔开, 每个名字一次; 值里的 & 写成 %26",
                    "after `?` write name=value, with `&` between, each name once; for & in a value write %26",
                )
            )
        options[key] = value
    return options


def _unknown(name: str, here: list[str]) -> AdapterError:
    if name in KNOWN:
        pip = KNOWN[name].pip
        return AdapterUnknownError(
            Text(
                f"适配器 {name} 没有安装; 在 dunning 的源码目录里运行: {pip}",
                f"the adapter {name} is not installed; in a copy of dunning's source, run: {pip}",
            )
        )
    near = nearest(name, [*here, *KNOWN])
    if near:
        question = did_you_mean(near)
        return AdapterMisspeltError(Text(f"没有适配器 {name}", f"there is no adapter `{name}`").joined(question))
    known = ", ".join(sorted({*here, *KNOWN}))
    return AdapterUnknownError(
        Text(f"没有适配器 {name}; 有这些: {known}", f"there is no adapter `{name}`; there are: {known}")
    )


def _missing(name: str, error: ModuleNotFoundError) -> DependencyMissingError:
    pip = KNOWN[name].pip if name in KNOWN else f"pip install {installed()[name].distribution}"
    return DependencyMissingError.of(name, error.name or str(error), pip)


def _fitting(name: str, opener: Callable[..., object], given: Mapping[str, str]) -> None:
    """The options an opener has are its keyword-only parameters."""
    has = {
        key: parameter
        for key, parameter in inspect.signature(opener).parameters.items()
        if parameter.kind in (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    }
    for key in given:
        if key not in has:
            question = did_you_mean(nearest(key, has))
            raise UsageError(
                Text(f"适配器 {name} 没有选项 {key}", f"the adapter {name} has no option `{key}`").joined(question)
            )
    lacking = [key for key, one in has.items() if one.default is inspect.Parameter.empty and key not in given]
    if lacking:
        told = "&".join(f"{key}=..." for key in lacking)
        raise UsageError(Text(f"还要写 {SCHEME}{name}?{told}", f"it needs more: {SCHEME}{name}?{told}"))
