"""Mutation testing of what turns days into money: change one token at a time, and see that a test notices.

mutmut makes the changes and runs the tests; this says what counts. At least 95% of the mutants must be killed, and
each survivor is listed with its reason in tests/mutants-survivors.toml: an unlisted survivor, a listed one that is
gone, and a function that mutmut cannot change (a decorated one) without an entry all fail. mutmut leaves alone what
stands outside functions.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MUTANTS = ROOT / "mutants"
SURVIVORS = ROOT / "tests" / "mutants-survivors.toml"
LEAST_KILLED = 95  # percent
MUTMUT = Path(sys.executable).parent / "mutmut"

# Exit codes of the tests on a mutant: one failed (1), they could not even run (2, 3), or never ended (the rest).
KILLED = {1, 2, 3, -9, 24, -24, 36, 152, 255}
MUTABLE = {"staticmethod", "classmethod"}  # the decorators that mutmut can work under


@dataclass(frozen=True, order=True)
class Mutant:
    """A mutant that lived: in which function, the line as it was, the line as it became."""

    function: str
    was: str
    now: str

    def as_toml(self) -> str:
        """An entry to copy, its reason left to write."""
        lines = (f"{name} = {_quoted(getattr(self, name))}" for name in ("function", "was", "now"))
        return "\n".join(["[[survivor]]", *lines, 'reason = ""'])


def mutated_files(root: Path) -> list[Path]:
    tool = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
    return [root / name for name in tool["only_mutate"]]


def results(files: Iterable[Path]) -> dict[str, int]:
    """Each mutant's name and the exit code of the tests run on it."""
    found: dict[str, int] = {}
    for file in files:
        meta = MUTANTS / file.relative_to(ROOT).with_suffix(".py.meta")
        found |= json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def survivor(name: str) -> Mutant:
    shown = subprocess.run([MUTMUT, "show", name], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return from_diff(name, shown)


def from_diff(name: str, diff: str) -> Mutant:
    """The mutant that `mutmut show` prints: names are stable only as long as the function does not change."""
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    was, now = ("\n".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return Mutant(readable(name), was, now)


def readable(name: str) -> str:
    """`dunning.basis.money.x_yuan__mutmut_3` is a mutant of `dunning.basis.money.yuan`."""
    module, _, mangled = re.sub(r"__mutmut_\d+$", "", name).rpartition(".")
    plain = mangled.removeprefix("x_") if mangled.startswith("x_") else mangled.removeprefix("xǁ").replace("ǁ", ".")
    return f"{module}.{plain}"


def unmutated(file: Path, module: str) -> Iterator[str]:
    """The functions of a module that mutmut leaves alone: those under a decorator."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    classes = [(f"{each.name}.", each.body) for each in tree.body if isinstance(each, ast.ClassDef)]
    for owner, body in [("", tree.body), *classes]:
        for each in body:
            if isinstance(each, ast.FunctionDef) and {ast.unparse(name) for name in each.decorator_list} - MUTABLE:
                yield f"{module}.{owner}{each.name}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if "\n" in text or "'" in text else f"'{text}'"


def judge(
    codes: Iterable[int], lived: set[Mutant], blind: set[str], listed: dict[str, list[dict[str, Any]]]
) -> list[str]:
    """What is wrong with the run; empty if nothing is. A survivor listed as `slow` may also run into the time limit."""
    counted = Counter(code in KILLED for code in codes)
    faults = []
    share = 100 * counted[True] / max(counted.total(), 1)
    if share < LEAST_KILLED:
        faults.append(f"only {share:.1f}% of {counted.total()} mutants were killed; {LEAST_KILLED}% is the least")
    known = {Mutant(each["function"], each["was"], each["now"]): each["reason"] for each in listed.get("survivor", [])}
    told = {each["function"]: each["reason"] for each in listed.get("unmutated", [])}
    faults += [f"not listed:\n{each.as_toml()}" for each in sorted(lived - known.keys())]
    slow = {
        Mutant(each["function"], each["was"], each["now"]) for each in listed.get("survivor", []) if each.get("slow")
    }
    stale = sorted(known.keys() - lived - slow)
    faults += [f"listed, but killed or gone: {each.function}: {each.now}" for each in stale]
    faults += [
        f"mutmut cannot change {each}: take its decorator off, or list it as [[unmutated]]"
        for each in sorted(blind - told.keys())
    ]
    faults += [f"listed as unmutated, but mutated or gone: {each}" for each in sorted(told.keys() - blind)]
    faults += [f"no reason for {each}" for each, reason in [*known.items(), *told.items()] if not reason.strip()]
    return faults


def main() -> int:
    shutil.rmtree(MUTANTS, ignore_errors=True)  # mutmut would keep verdicts from before the tests were changed
    # With CI set, Hypothesis draws the same examples for every mutant.
    done = subprocess.run(
        [MUTMUT, "run", "--max-children", str(os.cpu_count())], cwd=ROOT, env=os.environ | {"CI": "1"}
    )
    if done.returncode:
        return done.returncode
    files = mutated_files(ROOT)
    codes = results(files)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        lived = set(pool.map(survivor, [name for name, code in codes.items() if code not in KILLED]))
    modules = {file: ".".join(file.relative_to(ROOT / "src").with_suffix("").parts) for file in files}
    blind = {name for file, module in modules.items() for name in unmutated(file, module)}
    listed = tomllib.loads(SURVIVORS.read_text(encoding="utf-8"))
    for file, module in modules.items():
        own = [code for name, code in codes.items() if name.startswith(f"{module}.")]
        print(f"{file.relative_to(ROOT)}: {sum(code in KILLED for code in own)} of {len(own)} mutants killed")
    faults = judge(codes.values(), lived, blind, listed)
    print(*faults, sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
