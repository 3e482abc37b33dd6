"""The benchmarks still run, and what they compare agrees; their figures are nobody's business here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_a_quick_run_writes_the_whole_page(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    script = ROOT / "benchmarks" / "run.py"
    paths = os.pathsep.join(path for path in (str(ROOT / "src"), os.environ.get("PYTHONPATH", "")) if path)
    done = subprocess.run(
        [sys.executable, script, "--date", "2026-11-22", "--quick", "--out", page],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = page.read_text(encoding="utf-8")
    assert "on 2026-11-22" in told
    assert "Every answer of ours that is compared below was as it must be." in told
    assert [line for line in told.splitlines() if line.startswith("## ")] == [
        "## In short",
        "## `columns` against `assess`",
        "## The decision table",
        "## The late fee alone",
        "## Growth",
    ]
