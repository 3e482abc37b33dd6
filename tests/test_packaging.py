"""What is published works by itself: the wheel alone in a new environment, away from the checkout, with its own rules.

Every other test runs beside the sources, where a file left out of the wheel is never missed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
PORTFOLIO = ROOT / "examples" / "portfolio"
DAY = "2026-11-22"


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel and what it asks for, and a folder far from the checkout to work in."""

    bin: Path
    folder: Path
    wheel: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.bin / program, *arguments], cwd=self.folder, env=_environment(), capture_output=True, text=True
        )


def _environment() -> dict[str, str]:
    """Ours, without what would let the checkout show through."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return ours | {"PYTHONUTF8": "1", "NO_COLOR": "1"}


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, cwd=ROOT, env=_environment(), capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel made from the sdist (so that the sdist is whole), installed with its dependencies and no extra."""
    dist = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", dist)
    (wheel,) = dist.glob("*.whl")
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    _run(python, "-m", "pip", "install", "--quiet", "--constraint", CONSTRAINTS, wheel)
    folder = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(PORTFOLIO, folder / "portfolio")
    return Installed(bin=home / "bin", folder=folder, wheel=wheel)


def test_the_wheel_has_all_the_package_and_nothing_else(installed: Installed) -> None:
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    sources = ROOT / "src" / "dunning"
    ours = [path for path in sources.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    rules = [path for path in (ROOT / "rules").rglob("*") if path.is_file()]
    wanted = {f"dunning/{path.relative_to(sources).as_posix()}" for path in ours}
    wanted |= {f"dunning/rules/{path.relative_to(ROOT / 'rules').as_posix()}" for path in rules}
    assert {name for name in names if ".dist-info/" not in name} == wanted
    assert {name.split("/", 1)[1] for name in names if ".dist-info/licenses/" in name} == {"licenses/LICENSE"}


def test_the_core_has_few_dependencies(installed: Installed) -> None:
    """Nothing that only an extra brings, and nothing at all that pyproject.toml does not ask for by itself."""
    listed = json.loads(installed.run("python", "-m", "pip", "list", "--format", "json").stdout)
    names = {package["name"].lower() for package in listed}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {line.split(">=")[0].lower() for line in project["dependencies"]}
    extras = {
        line.split(">=")[0].lower()
        for name in ("excel", "batch", "testing", "prove")
        for line in project["optional-dependencies"][name]
    }
    assert asked <= names
    assert not extras & names


def test_the_shipped_rules_are_the_ones_in_the_wheel(installed: Installed) -> None:
    code = "import dunning; print(dunning.load('residential').file)"
    found = installed.run("python", "-c", code)
    assert found.returncode == 0, found.stderr
    assert str(ROOT) not in found.stdout


def test_check_passes_on_the_shipped_rules(installed: Installed) -> None:
    checked = installed.run("dunning", "check", "residential")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_assess_gives_the_checkouts_answers_to_the_byte(installed: Installed) -> None:
    arguments = ["assess", "portfolio", "--on", DAY, "--lang", "en"]
    there = installed.run("dunning", *arguments, "--out", "there")
    here = subprocess.run(
        [Path(sys.executable).parent / "dunning", *arguments, "--out", "here"],
        cwd=installed.folder,
        env=_environment(),
        capture_output=True,
        text=True,
    )
    assert there.returncode in {0, 1}, there.stdout + there.stderr  # 1: a few of its households are rejected
    assert there.returncode == here.returncode, here.stdout + here.stderr
    for name in ("assessments.jsonl", "rejected.jsonl"):
        assert (installed.folder / "there" / name).read_bytes() == (installed.folder / "here" / name).read_bytes()
    assert (installed.folder / "there" / "assessments.jsonl").stat().st_size > 0


def test_a_missing_extra_is_asked_for_by_name(installed: Installed) -> None:
    refused = installed.run("dunning", "assess", "portfolio", "--on", DAY, "--format", "xlsx", "--out", "sheets")
    assert refused.returncode == 2
    assert "pip install 'dunning[excel]'" in refused.stderr
    assert "Traceback" not in refused.stderr
