"""The template adapter and its imaginary ERP, loaded from adapters/TEMPLATE whole, or with a line of it put wrong."""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

TEMPLATE = Path(__file__).resolve().parent.parent / "adapters" / "TEMPLATE"
SOURCE = TEMPLATE / "src" / "dunning_template" / "__init__.py"


@cache
def estate() -> ModuleType:
    """The bench: the ERP as its own people use it."""
    spec = spec_from_file_location("estate", TEMPLATE / "tests" / "estate.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def template(*wrong: tuple[str, str]) -> ModuleType:
    """The adapter, with each `(is, is not)` put wrong: what is must stand there exactly once."""
    code = SOURCE.read_text(encoding="utf-8")
    for is_, is_not in wrong:
        assert code.count(is_) == 1, f"the template has {code.count(is_)} times: {is_}"
        code = code.replace(is_, is_not)
    module = ModuleType("dunning_template_wrong" if wrong else "dunning_template")
    sys.modules[module.__name__] = module
    exec(compile(code, str(SOURCE), "exec"), module.__dict__)
    return module


def bench(folder: Path, module: ModuleType, **options: Any) -> Any:
    """A new file of the ERP, which `module.open_estate` opens."""
    return estate().EstateBench(folder, module.open_estate, **options)
