"""The public face: a sorted list of names that mean what they say. What is not in it may change freely."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import dunning

ROOT = Path(__file__).resolve().parent.parent
PUBLIC_MODULES = (
    "dunning.adapter",
    "dunning.adapter.documents",
    "dunning.adapter.fields",
    "dunning.adapter.folios",
    "dunning.adapter.notes",
    "dunning.adapter.options",
    "dunning.adapter.tables",
    "dunning.adapter.web",
    "dunning.testing.strategies",
    "dunning.testing.conformance",
    "dunning.testing.probes",
)


def test_the_list_is_sorted_and_names_nothing_twice() -> None:
    assert list(dunning.__all__) == sorted(set(dunning.__all__))


@pytest.mark.parametrize("name", dunning.__all__)
def test_a_public_name_can_be_had_and_says_what_it_is(name: str) -> None:
    public = getattr(dunning, name)
    assert not name.startswith("_")
    if inspect.isclass(public) or inspect.isroutine(public):
        # A dataclass without words of its own gets its signature as a docstring: that is no description.
        words = inspect.getdoc(public) or ""
        assert words
        assert not words.startswith(f"{name}(")


@pytest.mark.parametrize("name", dunning.__all__)
def test_a_public_function_is_typed_all_over(name: str) -> None:
    public = getattr(dunning, name)
    if inspect.isfunction(public):
        signature = inspect.signature(public)
        assert signature.return_annotation is not inspect.Signature.empty
        for parameter in signature.parameters.values():
            assert parameter.annotation is not inspect.Parameter.empty, parameter.name


@pytest.mark.parametrize("name", dunning.__all__)
def test_arguments_with_defaults_are_given_by_name(name: str) -> None:
    public = getattr(dunning, name)
    if inspect.isfunction(public):
        positional = [
            parameter.name
            for parameter in list(inspect.signature(public).parameters.values())[1:]  # the first is what it is about
            if parameter.default is not inspect.Parameter.empty and parameter.kind is not inspect.Parameter.KEYWORD_ONLY
        ]
        # `explain(result, "zh")` reads as it is said; the language is no option but the second half of the question.
        assert positional == (["lang"] if name == "explain" else [])


def test_nothing_private_leaks() -> None:
    """`dir(dunning)` shows the list and the folders: no helper, no import left lying (`__dir__` can see to that)."""
    folders = {path.name for path in (ROOT / "src" / "dunning").iterdir() if path.is_dir()}
    leaked = {
        name
        for name in dir(dunning)
        if name not in dunning.__all__
        and not name.startswith("_")
        and not (name in folders and isinstance(getattr(dunning, name), ModuleType))
    }
    assert leaked == set()


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="asess"):
        _ = dunning.asess  # type: ignore[attr-defined]


def test_star_import_gives_exactly_the_list() -> None:
    names: dict[str, object] = {}
    exec("from dunning import *", names)
    assert names.keys() - {"__builtins__"} == set(dunning.__all__)


def test_a_public_function_is_not_hidden_by_the_folder_of_its_name() -> None:
    """Importing `dunning.check.run` first must not make `dunning.check` a folder."""
    code = "import dunning.check.run, dunning; print(callable(dunning.check))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "True\n"


def test_the_core_needs_no_extra_and_no_command_line() -> None:
    """Having every public name at hand loads nothing that only an extra brings, and no terminal library."""
    others = ["typer", "rich", "openpyxl", "python_calamine", "numpy", "pyarrow", "httpx", "hypothesis", "pytest", "z3"]
    code = f"import sys; from dunning import *; print(*sorted(set({others}) & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == []


def test_examples_and_adapters_use_public_names_only() -> None:
    """What we show others must work for others."""
    shown = [path for folder in ("examples", "adapters") for path in sorted((ROOT / folder).rglob("*.py"))]
    private = {f"{path.relative_to(ROOT)}: {name}" for path in shown for name in private_names(path.read_text("utf-8"))}
    assert private == set()


def test_a_private_name_in_an_example_is_caught() -> None:
    code = (
        "import dunning.adapter\nfrom dunning import load\nfrom dunning.engine.owed.ledger import replay\nimport json"
    )
    assert list(private_names(code)) == ["dunning.engine.owed.ledger.replay"]


def private_names(code: str) -> Iterator[str]:
    """What a piece of code imports from us that is not ours to give."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names if _is_ours(alias.name) and not _is_public(alias.name))
            case ast.ImportFrom(module=str() as module, names=names, level=0) if _is_ours(module):
                if module not in PUBLIC_MODULES:
                    full = [f"{module}.{alias.name}" for alias in names]
                    yield from (name for name in full if not _is_public(name))


def _is_ours(name: str) -> bool:
    return name.split(".")[0] == "dunning"


def _is_public(name: str) -> bool:
    return name == "dunning" or name.removeprefix("dunning.") in dunning.__all__ or name in PUBLIC_MODULES
