"""The template adapter and its imaginary ERP, loaded from adapters/TEMPLATE whole, or with a line of it put wrong."""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

TEMPLATE = Path(__file__).resolve().parent.parent / "adapters" / "TEMPLATE"
SOURCE = TEMPLATE / "src" / "dunning_template"
PARTS = ("rows", "__init__")
_numbers = count(1)


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
    """The adapter, with each `(is, is not)` put wrong: what is must stand in it exactly once."""
    texts = {part: (SOURCE / f"{part}.py").read_text(encoding="utf-8") for part in PARTS}
    for is_, is_not in wrong:
        times = sum(text.count(is_) for text in texts.values())
        assert times == 1, f"the template has {times} times: {is_}"
        texts = {part: text.replace(is_, is_not) for part, text in texts.items()}
    name = f"template_{next(_numbers)}"
    module = ModuleType(name)
    for part, text in texts.items():
        module = ModuleType(name if part == "__init__" else f"{name}.{part}")
        module.__path__ = []
        sys.modules[module.__name__] = module
        code = text.replace("from dunning_template.", f"from {name}.")
        exec(compile(code, str(SOURCE / f"{part}.py"), "exec"), module.__dict__)
    return module


def bench(folder: Path, module: ModuleType, **options: Any) -> Any:
    """A new file of the ERP, which `module.open_estate` opens."""
    return estate().EstateBench(folder, module.open_estate, **options)
