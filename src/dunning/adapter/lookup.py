"""Adapters by name: found through entry points, imported when used.

`adapter:sql?mapping=mapping.yaml` names an adapter and what to open it with. Three things can be wrong with a name, and
each has an error of its own, for each has its own way out.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import NamedTuple
from urllib.parse import parse_qsl

from dunning.adapter.errors import AdapterError, AdapterMisspeltError, AdapterUnknownError, DependencyMissingError
from dunning.adapter.protocol import Adapter
from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.lang.text.names import did_you_mean, nearest

GROUP = "dunning.adapters"
SCHEME = "adapter:"

KNOWN: Mapping[str, str] = {
    "erpnext": "dunning-erpnext",
    "microcommunity": "dunning-microcommunity",
    "odoo": "dunning-odoo",
    "sql": "dunning-sql",
    "tryton": "dunning-tryton",
}
"""The adapters we publish, by the distribution that has them."""


class Installed(NamedTuple):
    """An adapter that is installed: its name, its distribution with version, and what opens it (lazily)."""

    name: str
    distribution: str
    version: str
    entry: EntryPoint


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
    given = {**dict(parse_qsl(query, keep_blank_values=True)), **options}
    opener = _opener(name)
    _fitting(name, opener, given)
    try:
        adapter = opener(**given)
    except ModuleNotFoundError as error:  # an adapter may import its driver only when it knows which
        raise _missing(name, error) from error
    if not isinstance(adapter, Adapter):
        told = Text(f"{name} 打开的不是适配器", f"what {name} opened is no adapter (dunning.adapter.Adapter)")
        raise AdapterError(told)
    return adapter


def _opener(name: str) -> Callable[..., object]:
    here = installed()
    if name not in here:
        raise _unknown(name, list(here))
    try:
        opener: Callable[..., object] = here[name].entry.load()
    except ModuleNotFoundError as error:
        raise _missing(name, error) from error
    return opener


def _unknown(name: str, here: list[str]) -> AdapterError:
    if name in KNOWN:
        pip = f"pip install {KNOWN[name]}"
        return AdapterUnknownError(
            Text(f"适配器 {name} 没有安装; 运行: {pip}", f"the adapter {name} is not installed; run: {pip}")
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
    found = installed()[name]
    return DependencyMissingError.of(name, error.name or str(error), f"pip install {found.distribution}")


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
