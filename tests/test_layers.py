"""The floors of the house: who may import whom, third parties included. A new module is added to FLOORS, here.

Folders import only from folders above them in the table, modules only from modules named before them in their folder.
Imports under TYPE_CHECKING and inside functions count: a cycle is a cycle, however late it closes.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "dunning"

Floors = Mapping[str, Mapping[str, frozenset[str]]]  # folder -> its modules in order -> third parties each may import


def floors(plan: str) -> Floors:
    """`folder: module module(third, party) ...`, a line a folder; what stands lower may import what stands higher."""
    return {
        folder: {
            name: frozenset(third.replace(",", " ").split())
            for name, third in re.findall(r"(\w+)(?:\(([^)]*)\))?", names)
        }
        for folder, names in re.findall(r"^([\w/]+):((?:.|\n )*)", plan, re.MULTILINE)
    }


FLOORS = floors("""
basis: span finding errors numerals money calendar width encoding workers
model: account action boxes condition scales anchor prose steps signature law rulebook shown statutes
engine/owed: fees plans tab terms allocation doubts ledger
engine/known: logic compile contacts clocks history attributes catalogue titles material facts impossible tables
engine/steps: anchors candidates tracks approvals ready channels
engine/law: law_facts verdict guard refusal
engine/contact: hours caps governor
engine/ladder: lawful pauses drafts pending standing offered reminders alike ladder
engine: may result worklist limitation deadlines assess ahead review timeline
lang/text: keys layout indents traps recover positions(yaml) names edit
lang/words: literals grammar(lark) terms words desk grids meaning fingerprints
lang/readers: read_when read_head read_answers read_facts read_tables read_fees read_steps read_contact read_offers
    read read_calendar read_community read_law read_template
lang/shapes: shape_parts(pydantic) shape_book(pydantic) shape_law(pydantic) shape(pydantic)
lang: law_layers signatures library folder signing write
intake: headers account_schema contradictions schema(pydantic_core) records(pydantic_core) groups
intake/files: text jsonl(pydantic_core) cells layout csvs xlsx(openpyxl) tabular writers(openpyxl)
    tables
intake/samples: histories sample
columns: rows(numpy, pyarrow) fields links(numpy, pyarrow) selecting(numpy, pyarrow) packing(numpy, pyarrow)
    terms(numpy) opened(numpy) shares(numpy) order(numpy, pyarrow) fees(numpy) pro_rata(numpy)
    waterfall(numpy, pyarrow) happenings(numpy)
    replayed(numpy) ledgers(numpy) lots(numpy) doubts(numpy) months(numpy) arrears(numpy)
    talks(numpy, pyarrow) known(numpy) people(numpy) promises(numpy) kinds(numpy)
    demands(numpy) limitation(numpy, pyarrow) spoken(numpy) facts(numpy) logic(numpy) tables(numpy)
    arrow(numpy, pyarrow) looked(numpy, pyarrow) typed(numpy, pyarrow) disk spool(numpy, pyarrow)
    store(numpy, pyarrow) sink(pyarrow) convert(numpy, pyarrow)
    mended(numpy, pyarrow)
    schema(pyarrow) written(numpy, pyarrow) answer(numpy, pyarrow)
    arrays(numpy, pyarrow) deadlines(numpy, pyarrow) books(numpy) layout(numpy, pyarrow)
    lines(numpy) numbering(numpy) quiet(numpy) readings(numpy, pyarrow)
    homes(numpy) attempts(numpy, pyarrow) occasions(numpy, pyarrow) drafts(numpy) rulings(numpy) pausing(numpy)
    decisions(numpy) sought(numpy) speaking(numpy) rungs(numpy)
    climbing(numpy) offers(numpy, pyarrow) outings(numpy, pyarrow) persons(numpy, pyarrow)
    way(numpy, pyarrow) figures(numpy) summed(numpy, pyarrow) digests(numpy, pyarrow)
    nights(numpy, pyarrow) run(pyarrow) portfolio(pyarrow)
    nested(numpy, pyarrow)
exchange: feel reckon boxes names cells diagram to_dmn xml document evaluate from_cells drawn from_dmn
    to_xlsx(openpyxl) from_xlsx(openpyxl)
check: allowed clauses dates citations plausible wording legality timing rulings expected cases
    noticed wishes asked axes chart tables drafts households examples copying coverage coming never burden lost run tidy
    signing
check/proofs: symbols(z3) claims standing formulas(z3) fees(z3) tables(z3) steps(z3) prove(z3)
output: screens junit report exchange said phrases called sums why explain sheets(openpyxl) book verdicts coverage
    timeline signing schemas
output/record: pseudonyms chain keyring record forgetting leftovers batch replay case_file(yaml)
selfcheck: story agreement rete rete_process(durable) sampled opinions smaller run told
compare: impact difference news names parts regions speaker witnesses occasions tables steps clauses ground diff
    impact_told told page impact_columns(numpy, pyarrow)
dossier: blocks households legal played tried dossier say clauses_told effects_told grounds_told signing_told document
    word(docx)
sweep: params variants counted(numpy, pyarrow) swept told drawn
adapter: errors delivery protocol lookup postings supply keeping sweeps sending documents fields notes options folios
    web(httpx) tables(pyarrow)
testing: making strategies(hypothesis) bench probes reading(pytest) news(pytest) sending(pytest) conformance(pytest)
cli: speech wrong_call options(typer) parquet household terminal(rich) adapter_tables(rich) through
    converted nightly columnar(typer)
    adapters(typer) assess(typer) books(typer) check(typer) diff(typer) dmn(typer) explain(typer) sample(typer)
    may(typer) record(typer) timeline(typer) sign(typer) fmt(typer) prove(typer) serve(typer) convert(typer)
    sql_map(typer) review(typer) selfcheck(typer) sweep(typer) main(typer)
""")

# Only these hand names on; every other folder's __init__ is empty, for re-exporting roots are where cycles come from.
HAND_ON = frozenset({"dunning", "dunning.adapter"})

# The distribution that brings an import, where the two are not called the same.
DISTRIBUTION = {
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "yaml": "PyYAML",
    "pydantic_core": "pydantic",
    "z3": "z3-solver",
    "durable": "durable-rules",
}

# A module that passes about this many lines is split by idea (architecture.md).
LONGEST = 600

CLOCKS = frozenset({"today", "now", "utcnow", "time", "monotonic", "perf_counter", "localtime"})


@dataclass(frozen=True)
class Import:
    """One import as the interpreter would make it: `target` is a dotted module, perhaps with a name in it."""

    target: str
    line: int


def imports(path: Path, package: str) -> Iterator[Import]:
    """Every import in a module, wherever it stands; `package` is what its relative imports start from."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        match node:
            case ast.Import(names):
                yield from (Import(alias.name, node.lineno) for alias in names)
            case ast.ImportFrom(module, names, level):
                origin = ".".join(package.split(".")[: len(package.split(".")) - level + 1]) if level else ""
                base = ".".join(filter(None, [origin, module]))
                yield from (Import(f"{base}.{alias.name}", node.lineno) for alias in names)
            case ast.Call(
                ast.Name("__import__" | "import_module") | ast.Attribute(attr="import_module"),
                [ast.Constant(str() as name)],
            ):
                yield Import(name, node.lineno)


def violations(source: Path, plan: Floors) -> list[str]:
    """What in the package at `source` breaks the floors: one line each, `file:line: what`."""
    found = []
    for path in sorted(source.rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        if parts == ("__init__",):
            continue  # the public face may import anything; nothing may import it, which is checked from below
        where = path.relative_to(source.parent).as_posix()
        if parts[-1] == "__init__":
            if ".".join((source.name, *parts[:-1])) not in HAND_ON and path.read_text(encoding="utf-8").strip():
                found.append(f"{where}:1: the __init__ of a folder is empty; import from its modules by name")
            continue
        folder, module = "/".join(parts[:-1]), parts[-1]
        if module not in plan.get(folder, {}):
            found.append(f"{where}:1: not in FLOORS of tests/test_layers.py; name it there, after what it imports")
            continue
        package = ".".join((source.name, *parts[:-1]))
        for each in imports(path, package):
            fault = _fault(each.target, folder, module, source.name, plan)
            if fault:
                found.append(f"{where}:{each.line}: {fault}")
    return found


def _fault(target: str, folder: str, module: str, root: str, plan: Floors) -> str:
    """Why `module` of `folder` may not import `target`; empty if it may."""
    head, *rest = target.split(".")
    if head == root:
        return _inner_fault(rest, folder, module, plan)
    if head in sys.stdlib_module_names or head in plan[folder][module]:
        return ""
    return f"third party `{head}` is not listed for {folder}.{module}"


def _inner_fault(rest: list[str], folder: str, module: str, plan: Floors) -> str:
    depth = max((cut for cut in range(len(rest) + 1) if "/".join(rest[:cut]) in plan), default=0)
    if not depth:
        return "imports the public face; import from the module that has the name"
    to_folder, below = "/".join(rest[:depth]), rest[depth:]
    order = list(plan)
    if order.index(to_folder) > order.index(folder):
        return f"upward: {folder} may not import {to_folder}"
    if not below or below[0] not in plan[to_folder]:
        return f"`{'.'.join(rest)}` is no module in FLOORS; import from a module by name"
    inside = list(plan[to_folder])
    if to_folder == folder and inside.index(below[0]) >= inside.index(module):
        return f"sideways: {folder}.{module} stands before {folder}.{below[0]} and may not import it"
    return ""


def wall_clocks(source: Path) -> list[str]:
    """Calls that ask the machine what day or time it is. Only `cli` may: every answer is for a date that is given."""
    found = []
    for path in sorted(source.rglob("*.py")):
        if path.is_relative_to(source / "cli"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
            match node:
                case ast.Call(ast.Attribute(ast.Name("date" | "datetime" | "time"), attr)) if attr in CLOCKS:
                    found.append(f"{path.relative_to(source.parent).as_posix()}:{node.lineno}: asks the clock")
    return found


def test_every_import_goes_down() -> None:
    assert violations(SOURCE, FLOORS) == []


def test_every_module_of_the_table_exists() -> None:
    """A floor plan with rooms that were never built, or were pulled down, misleads."""
    missing = [
        f"{folder}/{name}.py"
        for folder, names in FLOORS.items()
        for name in names
        if not (SOURCE / folder / f"{name}.py").is_file()
    ]
    assert missing == []


def test_third_parties_are_declared_in_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = project["dependencies"] + [
        line for name in ("excel", "batch", "docx", "web", "testing", "prove", "selfcheck") for line in extras[name]
    ]
    declared = {line.split(">=")[0] for line in wanted}
    used = {DISTRIBUTION.get(name, name) for names in FLOORS.values() for third in names.values() for name in third}
    assert used <= declared


def test_no_module_outgrows_one_idea() -> None:
    lengths = {path.relative_to(SOURCE).as_posix(): _lines(path) for path in SOURCE.rglob("*.py")}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_nothing_but_the_command_line_asks_the_clock() -> None:
    assert wall_clocks(SOURCE) == []


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


# The guards themselves: each is seen to fail once, on a house of two floors.
HOUSE = {
    "__init__.py": "from house.low.first import one\n",
    "low/__init__.py": "",
    "low/first.py": "import json\nimport yaml\n",
    "low/second.py": "from house.low.first import one\n",
    "high/__init__.py": "",
    "high/roof.py": "from house.low.second import two\nfrom ..low import first\n",
}
PLAN = floors("low: first(yaml) second\nhigh: roof")


def build(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / "house" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "house"


def test_a_sound_house_passes(tmp_path: Path) -> None:
    assert violations(build(tmp_path, HOUSE), PLAN) == []


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("low/first.py", "from house.high.roof import top", "house/low/first.py:1: upward: low may not import high"),
        (
            "low/first.py",
            "def f():\n    import house.high.roof",
            "house/low/first.py:2: upward: low may not import high",
        ),
        (
            "low/first.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..high.roof import top",
            "house/low/first.py:3: upward: low may not import high",
        ),
        (
            "low/first.py",
            "from house.low.second import two",
            "house/low/first.py:1: sideways: low.first stands before low.second and may not import it",
        ),
        ("low/second.py", "import yaml", "house/low/second.py:1: third party `yaml` is not listed for low.second"),
        (
            "low/second.py",
            "from importlib import import_module\nx = import_module('yaml')",
            "house/low/second.py:2: third party `yaml` is not listed for low.second",
        ),
        (
            "high/roof.py",
            "from house import one",
            "house/high/roof.py:1: imports the public face; import from the module that has the name",
        ),
        (
            "high/roof.py",
            "from house.low import one",
            "house/high/roof.py:1: `low.one` is no module in FLOORS; import from a module by name",
        ),
        (
            "high/attic.py",
            "",
            "house/high/attic.py:1: not in FLOORS of tests/test_layers.py; name it there, after what it imports",
        ),
        (
            "low/__init__.py",
            "from house.low.first import one",
            "house/low/__init__.py:1: the __init__ of a folder is empty; import from its modules by name",
        ),
    ],
)
def test_a_house_with_one_fault_is_caught(tmp_path: Path, file: str, text: str, complaint: str) -> None:
    assert violations(build(tmp_path, {**HOUSE, file: text}), PLAN) == [complaint]


def test_a_clock_in_the_core_is_caught(tmp_path: Path) -> None:
    house = build(tmp_path, {**HOUSE, "low/first.py": "from datetime import date\nTODAY = date.today()\n"})
    assert wall_clocks(house) == ["house/low/first.py:2: asks the clock"]


def test_the_command_line_may_ask_the_clock(tmp_path: Path) -> None:
    house = build(tmp_path, {**HOUSE, "cli/main.py": "from datetime import date\nTODAY = date.today()\n"})
    assert wall_clocks(house) == []
